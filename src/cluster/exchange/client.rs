//! A client: its connections, and what it does with them.

use crate::sim::history::Cause;
use crate::sim::id::{NodeId, RequestId};
use crate::sim::protocol::Reply;
use crate::sim::time::Span;

use super::calls::Calls;
use super::http::{Heard, Http};
use super::listener::{Listener, Tools};
use super::loads::Loads;
use super::message::{Op, Ret, Segment};
use super::settings::{Does, Settings};
use super::tcp::{Conn, Event, Pipes};
use super::{Context, FIRST, Timer};

/// Its process.
#[derive(Clone, Debug)]
pub struct Client {
    /// Its connections.
    pub pipes: Pipes,
    /// Its requests.
    pub http: Http,
    /// What it does.
    pub doing: Doing,
}

/// What a client does.
#[derive(Clone, Debug)]
pub enum Doing {
    /// It chats.
    Chat(Box<Listener>),
    /// It loads pages.
    Page(Loads),
    /// It makes calls.
    Calls(Calls),
}

impl Client {
    /// Boots with what it kept.
    pub fn boot(cx: &mut Context<'_>) -> Client {
        let (mut pipes, mut http) = (Pipes::boot(cx), Http::new(FIRST));
        if cx.settings().preconnect && cx.settings().does != Does::Chat {
            http.warm(&mut pipes, cx);
        }
        let doing = match cx.settings().does {
            Does::Chat => Doing::Chat(Box::new(Listener::boot(&mut Tools { pipes: &mut pipes, http: &mut http }, cx))),
            Does::Page => Doing::Page(Loads::default()),
            Does::Calls => Doing::Calls(Calls::default()),
        };
        Client { pipes, http, doing }
    }

    /// How it listens, where it does.
    pub fn listener(&self) -> Option<&Listener> {
        if let Doing::Chat(listener) = &self.doing { Some(listener) } else { None }
    }

    fn parts(&mut self) -> (Tools<'_>, &mut Doing) {
        (Tools { pipes: &mut self.pipes, http: &mut self.http }, &mut self.doing)
    }

    pub(super) fn on_segment(&mut self, from: NodeId, segment: Segment, cx: &mut Context<'_>) {
        let events = self.pipes.on_segment(from, segment, cx);
        self.on_events(events, cx);
    }

    fn on_events(&mut self, events: Vec<Event>, cx: &mut Context<'_>) {
        for event in events {
            let (mut tools, doing) = self.parts();
            if let Doing::Chat(listener) = doing
                && listener.on_event(&event, &mut tools, cx)
            {
                continue;
            }
            for heard in tools.http.on_event(event, tools.pipes, cx) {
                on_heard(doing, heard, &mut tools, cx);
            }
        }
    }

    pub(super) fn on_timer(&mut self, timer: Timer, cx: &mut Context<'_>) {
        if timer == Timer::Tcp {
            let events = self.pipes.on_timer(cx);
            return self.on_events(events, cx);
        }
        let (mut tools, doing) = self.parts();
        match doing {
            Doing::Chat(listener) => listener.on_timer(timer, &mut tools, cx),
            Doing::Calls(calls) if timer == Timer::Due => calls.on_due(&mut tools, cx),
            _ => {}
        }
    }

    pub(super) fn on_request(&mut self, request: RequestId, op: &Op, cx: &mut Context<'_>) {
        if *op == Op::Reload {
            self.reload(cx);
            return cx.reply(request, Reply::Ok(Ret::Done));
        }
        let does = cx.settings().does;
        if !op.fits(does) {
            let why = match does {
                Does::Chat => "this run is a chat: say, typing",
                Does::Page => "this run is about a page: load, rename",
                Does::Calls => "this run is about calls: get, burst, buy, upload, download, talk",
            };
            return cx.reply(request, Reply::Refused(Cause::from(why)));
        }
        let (mut tools, doing) = self.parts();
        match doing {
            Doing::Chat(listener) => listener.on_request(request, op, &mut tools, cx),
            Doing::Page(loads) => loads.on_request(request, op, &mut tools, cx),
            Doing::Calls(calls) => calls.on_request(request, op, &mut tools, cx),
        }
    }

    /// What is in memory only is gone. The operating system closes the connections of the program, and so tells the servers; what was asked
    /// before is never answered.
    fn reload(&mut self, cx: &mut Context<'_>) {
        const ALL: [Timer; 8] =
            [Timer::Tcp, Timer::Due, Timer::Poll, Timer::Reconnect, Timer::Answer, Timer::Ping, Timer::Pong, Timer::Show];
        let open: Vec<Conn> = self.pipes.all.keys().copied().collect();
        for conn in open {
            self.pipes.abort(conn, cx);
        }
        for timer in ALL {
            cx.cancel_timer(timer);
        }
        *self = Client::boot(cx);
    }

    pub(super) fn on_give_up(&mut self, request: RequestId, cx: &mut Context<'_>) {
        let (mut tools, doing) = self.parts();
        match doing {
            Doing::Chat(listener) => listener.on_give_up(request),
            Doing::Page(loads) => loads.on_give_up(request, &mut tools, cx),
            Doing::Calls(calls) => calls.on_give_up(request, &mut tools, cx),
        }
    }

    pub(super) fn on_settings(&mut self, cx: &mut Context<'_>) {
        let (mut tools, doing) = self.parts();
        tools.http.on_settings(tools.pipes, cx);
        if let Doing::Chat(listener) = doing {
            listener.on_settings(&mut tools, cx);
        }
    }
}

fn on_heard(doing: &mut Doing, heard: Heard, tools: &mut Tools<'_>, cx: &mut Context<'_>) {
    match doing {
        Doing::Chat(listener) => listener.on_heard(heard, tools, cx),
        Doing::Page(loads) => loads.on_heard(heard, tools, cx),
        Doing::Calls(calls) => calls.on_heard(heard, tools, cx),
    }
}

/// How long a client waits for what it asked. A call has the deadline that it was given, and else none: there is no default.
pub(super) fn patience(settings: &Settings, op: &Op) -> Option<Span> {
    // The client itself ends a call at its deadline; the kernel only what that cannot end.
    let of_call = || settings.deadline.map(|deadline| deadline + settings.request_timeout);
    if op.is_of() == Does::Calls { of_call() } else { Some(settings.request_timeout) }
}

impl Op {
    /// What a run is about where this can be asked.
    pub fn is_of(&self) -> Does {
        match self {
            Op::Say(_) | Op::Typing => Does::Chat,
            Op::Load | Op::Rename => Does::Page,
            _ => Does::Calls,
        }
    }

    /// Whether a run that is about this takes it.
    pub fn fits(&self, does: Does) -> bool {
        *self == Op::Reload || self.is_of() == does
    }
}
