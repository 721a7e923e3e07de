//! A server: its connections, and what it does with what is asked on them.

use crate::sim::id::NodeId;

use super::desk::{Asked, Desk, To};
use super::frame::{Frame, Want};
use super::handlers::{self, Handlers};
use super::http::Http;
use super::kitchen::Kitchen;
use super::message::Segment;
use super::note::Note;
use super::room::{self, Room};
use super::settings::Does;
use super::tcp::{Conn, Event, Pipes};
use super::{Context, Timer};

/// An end that goes away (RFC 6455, section 7.4.1).
const GOING_AWAY: u16 = 1001;

/// Its process.
#[derive(Clone, Debug)]
pub struct Server {
    /// Its connections.
    pub pipes: Pipes,
    /// What is asked on them.
    pub desk: Desk,
    /// Requests to the next server, where there is one.
    pub http: Option<Http>,
    /// What it does.
    pub doing: Doing,
}

/// What a server does.
#[derive(Clone, Debug)]
pub enum Doing {
    /// It stores messages and tells of them.
    Chat(Room),
    /// It answers with pages.
    Page(Kitchen),
    /// It works on calls.
    Calls(Handlers),
}

impl Server {
    /// Boots with what it kept.
    pub fn boot(cx: &mut Context<'_>) -> Server {
        let mut pipes = Pipes::boot(cx);
        let next = NodeId::server(cx.id().index() as u16 + 1);
        let is_chained = cx.settings().does == Does::Calls && next.index() < cx.server_count();
        let mut http = is_chained.then(|| Http::new(next));
        if let Some(http) = http.as_mut().filter(|_| cx.settings().preconnect) {
            http.warm(&mut pipes, cx);
        }
        let doing = match cx.settings().does {
            Does::Chat => Doing::Chat(Room::boot(cx)),
            Does::Page => Doing::Page(Kitchen::boot(cx)),
            Does::Calls => Doing::Calls(Handlers::default()),
        };
        Server { pipes, desk: Desk::default(), http, doing }
    }

    /// The chat, where it keeps one.
    pub fn room(&self) -> Option<&Room> {
        if let Doing::Chat(room) = &self.doing { Some(room) } else { None }
    }

    pub(super) fn on_segment(&mut self, from: NodeId, segment: Segment, cx: &mut Context<'_>) {
        let events = self.pipes.on_segment(from, segment, cx);
        self.on_events(events, cx);
        self.desk.sweep(&mut self.pipes, cx);
    }

    fn on_events(&mut self, events: Vec<Event>, cx: &mut Context<'_>) {
        for event in events {
            if let Some(http) = &mut self.http
                && let Event::Opened(conn) | Event::Came(conn, _) | Event::Gone(conn) = &event
                && http.has(*conn)
            {
                for heard in http.on_event(event, &mut self.pipes, cx) {
                    if let (Doing::Calls(handlers), mut tools) = (&mut self.doing, calls(&mut self.pipes, &mut self.desk, &mut self.http)) {
                        handlers.on_heard(heard, &mut tools, cx);
                    }
                }
                continue;
            }
            match event {
                Event::Opened(_) => {}
                Event::Gone(conn) => self.on_gone(conn, cx),
                Event::Came(conn, frame) => {
                    let asked = self.desk.on_frame(conn, frame, &mut self.pipes, cx);
                    if let Some(asked) = asked {
                        self.on_asked(asked, cx);
                    }
                }
            }
        }
    }

    fn on_asked(&mut self, asked: Asked, cx: &mut Context<'_>) {
        let Server { pipes, desk, http, doing } = self;
        match doing {
            Doing::Chat(room) => on_chat(room, asked, &mut room::Tools { pipes, desk }, cx),
            Doing::Page(kitchen) => {
                if let Asked::Asks(to, want, _) = asked {
                    kitchen.on_asked(to, want, &mut room::Tools { pipes, desk }, cx);
                }
            }
            Doing::Calls(handlers) => on_call(handlers, asked, &mut calls(pipes, desk, http), cx),
        }
    }

    /// A connection is gone, and with it whatever was asked on it.
    fn on_gone(&mut self, conn: Conn, cx: &mut Context<'_>) {
        let Server { pipes, desk, http, doing } = self;
        let streams: Vec<To> = desk.gone(conn);
        match doing {
            Doing::Chat(room) => room.on_gone(conn),
            Doing::Page(_) => {}
            Doing::Calls(handlers) => {
                for to in streams {
                    handlers.on_cancels(to, &mut calls(pipes, desk, http), cx);
                }
            }
        }
    }

    pub(super) fn on_timer(&mut self, timer: Timer, cx: &mut Context<'_>) {
        self.on_time(timer, cx);
        self.desk.sweep(&mut self.pipes, cx);
    }

    fn on_time(&mut self, timer: Timer, cx: &mut Context<'_>) {
        if timer == Timer::Tcp {
            let events = self.pipes.on_timer(cx);
            return self.on_events(events, cx);
        }
        let Server { pipes, desk, http, doing } = self;
        match (doing, timer) {
            (Doing::Chat(room), Timer::Hold) => room.on_hold(&mut room::Tools { pipes, desk }, cx),
            (Doing::Chat(room), Timer::Ping) => room.on_ping(&mut room::Tools { pipes, desk }, cx),
            (Doing::Page(kitchen), Timer::Due) => kitchen.on_overdue(cx),
            (Doing::Calls(handlers), Timer::Due) => handlers.on_due(&mut calls(pipes, desk, http), cx),
            (Doing::Calls(handlers), Timer::Work(job)) => handlers.on_worked(job, &mut calls(pipes, desk, http), cx),
            _ => {}
        }
    }

    pub(super) fn on_rows(&mut self, number: u32, cx: &mut Context<'_>) {
        let Server { pipes, desk, doing, .. } = self;
        if let Doing::Page(kitchen) = doing {
            kitchen.on_rows(number, &mut room::Tools { pipes, desk }, cx);
            desk.sweep(pipes, cx);
        }
    }

    pub(super) fn on_synced(&mut self, cx: &mut Context<'_>) {
        let Server { pipes, desk, http, doing } = self;
        match doing {
            Doing::Chat(room) => room.on_synced(&mut room::Tools { pipes, desk }, cx),
            Doing::Calls(handlers) => handlers.on_synced(&mut calls(pipes, desk, http), cx),
            Doing::Page(_) => {}
        }
        self.desk.sweep(&mut self.pipes, cx);
    }

    pub(super) fn on_settings(&mut self, cx: &mut Context<'_>) {
        let Server { pipes, desk, http, doing } = self;
        desk.on_settings(pipes, cx);
        if let Some(http) = http {
            http.on_settings(pipes, cx);
        }
        if let Doing::Chat(room) = doing {
            room.on_settings(&mut room::Tools { pipes, desk }, cx);
        }
    }

    /// Its program is closed and opened again, as when a new version is put in or its configuration is read again: the new one takes what
    /// comes from now on, the old one ends what it has begun with and tells everybody who is connected to it. What it had in memory is gone.
    pub(super) fn reload(&mut self, cx: &mut Context<'_>) {
        cx.note(Note::Reloads);
        let Server { pipes, desk, http, doing } = self;
        match doing {
            Doing::Chat(room) => room.reload(GOING_AWAY, &mut room::Tools { pipes, desk }, cx),
            Doing::Page(_) => {}
            Doing::Calls(handlers) => handlers.forget(),
        }
        desk.close(pipes, cx);
        if let Some(http) = http {
            http.renew(pipes, cx);
        }
    }

    /// Takes no new streams on the connections there are.
    pub(super) fn go_away(&mut self, cx: &mut Context<'_>) {
        cx.note(Note::GoesAway);
        let Server { pipes, doing, .. } = self;
        if let Doing::Chat(room) = doing {
            let conns: Vec<Conn> = pipes.all.keys().copied().collect();
            for conn in conns {
                // A WebSocket is closed by a frame that says so, and its connection when the other end has answered (RFC 6455, section 7.1).
                if room.has_socket(conn) {
                    room.on_gone(conn);
                    pipes.write(conn, Frame::close(GOING_AWAY, cx.id()), cx);
                } else {
                    pipes.close(conn, cx);
                }
            }
            return;
        }
        self.desk.go_away(&mut self.pipes, cx);
    }
}

fn calls<'a>(pipes: &'a mut Pipes, desk: &'a mut Desk, http: &'a mut Option<Http>) -> handlers::Tools<'a> {
    handlers::Tools { pipes, desk, http: http.as_mut() }
}

fn on_chat(room: &mut Room, asked: Asked, tools: &mut room::Tools<'_>, cx: &mut Context<'_>) {
    match asked {
        Asked::Asks(to, want, _) => room.on_asked(to, want, tools, cx),
        Asked::Other(conn, says) => room.on_other(conn, says, tools, cx),
        Asked::Piece(..) | Asked::Cancels(_) => {}
    }
}

fn on_call(handlers: &mut Handlers, asked: Asked, tools: &mut handlers::Tools<'_>, cx: &mut Context<'_>) {
    match asked {
        Asked::Asks(to, Want::Call(work), end) => handlers.on_asked(to, work, end, tools, cx),
        Asked::Piece(to, bytes, end) => handlers.on_piece(to, (bytes, end), tools, cx),
        Asked::Cancels(to) => handlers.on_cancels(to, tools, cx),
        Asked::Asks(..) | Asked::Other(..) => {}
    }
}
