//! A client of the chat: hears of news in one of four ways, shows them one after the other, and tells others something.

mod asking;
mod line;
mod messages;

use imbl::Vector;

use crate::algo::wire::sse;
use crate::persistent::OrdMap;
use crate::sim::id::RequestId;
use crate::sim::time::{Span, Time};

use super::frame::{Frame, Message};
use super::http::Http;
use super::settings::{Resume, Settings, Style};
use super::tcp::{Conn, Pipes};
use super::{Context, Timer};

/// The bytes of an acknowledgement or of a number beside a message.
pub(super) const NUMBER: u64 = 8;
/// A line that has done what it was for (RFC 6455, section 7.4.1).
const NORMAL: u16 = 1000;

/// Its state.
#[derive(Clone, Debug)]
pub struct Listener {
    style: Style,
    /// The line of its own, for events or a WebSocket.
    pub line: Line,
    failures: u32,
    /// The last message that it received.
    received: u64,
    /// What it has received and not shown.
    pub queue: Vector<Message>,
    /// The question under way.
    asked: Option<u32>,
    /// Messages that the server has not said to have stored.
    says: OrdMap<u32, (RequestId, Message)>,
    /// What it told by requests.
    posts: OrdMap<u32, RequestId>,
    reader: sse::Reader,
    /// When it asked for a sign of life, for the first time since it heard anything; `None`: it has not asked since.
    asked_for_life: Option<Time>,
    /// When it last heard of the server on its line.
    heard: Time,
}

/// The line of a client.
#[derive(Clone, Debug, PartialEq)]
pub enum Line {
    /// There is none.
    Off,
    /// It is being opened; with which key.
    Opening(Conn, Option<String>),
    /// It stands, as far as this end knows.
    Up(Conn),
}

impl Line {
    /// Its connection.
    pub fn conn(&self) -> Option<Conn> {
        match self {
            Line::Off => None,
            Line::Opening(conn, _) | Line::Up(conn) => Some(*conn),
        }
    }
}

/// What a listener works with: its connections and its requests.
pub(super) struct Tools<'a> {
    pub(super) pipes: &'a mut Pipes,
    pub(super) http: &'a mut Http,
}

impl Listener {
    /// Boots with what it kept, and begins to listen.
    pub(super) fn boot(tools: &mut Tools<'_>, cx: &mut Context<'_>) -> Listener {
        let mut listener = Listener {
            style: cx.settings().style,
            line: Line::Off,
            failures: 0,
            received: cx.disk().received.max(cx.disk().shown),
            queue: Vector::new(),
            asked: None,
            says: OrdMap::new(),
            posts: OrdMap::new(),
            reader: sse::Reader::default(),
            asked_for_life: None,
            heard: Time::ZERO,
        };
        listener.listen(tools, cx);
        listener
    }

    fn listen(&mut self, tools: &mut Tools<'_>, cx: &mut Context<'_>) {
        match self.style {
            Style::Polling | Style::LongPolling => self.poll(tools, cx),
            Style::Sse | Style::WebSocket => self.connect(tools, cx),
        }
    }

    /// Another style: what was under way is given up.
    pub(super) fn on_settings(&mut self, tools: &mut Tools<'_>, cx: &mut Context<'_>) {
        if self.style == cx.settings().style {
            return self.on_other_settings(tools, cx);
        }
        if let (Style::WebSocket, Line::Up(conn)) = (self.style, &self.line) {
            tools.pipes.write(*conn, Frame::close(NORMAL, cx.id()), cx);
        }
        self.style = cx.settings().style;
        if let Some(conn) = self.line.conn() {
            tools.pipes.close(conn, cx);
        }
        if let Some(call) = self.asked.take() {
            tools.http.cancel(call, tools.pipes, cx);
        }
        (self.line, self.asked_for_life) = (Line::Off, None);
        for timer in [Timer::Poll, Timer::Reconnect, Timer::Ping, Timer::Pong, Timer::Answer] {
            cx.cancel_timer(timer);
        }
        self.listen(tools, cx);
    }

    /// A line that is being opened asks for what the settings say now, and one that stands looks for signs of life as they say.
    fn on_other_settings(&mut self, tools: &mut Tools<'_>, cx: &mut Context<'_>) {
        match self.line {
            Line::Off => {}
            Line::Opening(conn, _) => {
                tools.pipes.abort(conn, cx);
                self.connect(tools, cx);
            }
            Line::Up(_) => self.look_for_life(cx),
        }
    }

    /// Begins to look for signs of life, goes on with it as the settings say now, or ends it.
    fn look_for_life(&mut self, cx: &mut Context<'_>) {
        cx.cancel_timer(Timer::Ping);
        cx.cancel_timer(Timer::Pong);
        match (self.style, cx.settings().ping, cx.settings().silence()) {
            (Style::WebSocket, Some(ping), _) => {
                cx.set_timer(ping, Timer::Ping);
                if let Some(asked) = self.asked_for_life {
                    let waited = cx.steady().since(asked);
                    cx.set_timer(Span(cx.settings().pong_timeout.0.saturating_sub(waited.0)), Timer::Pong);
                }
            }
            (_, _, Some(silence)) => cx.set_timer(silence, Timer::Pong),
            _ => self.asked_for_life = None,
        }
    }

    pub(super) fn on_timer(&mut self, timer: Timer, tools: &mut Tools<'_>, cx: &mut Context<'_>) {
        match timer {
            Timer::Poll if self.asked.is_none() && self.style == Style::Polling => self.poll(tools, cx),
            Timer::Poll => cx.set_timer(cx.settings().poll_every, Timer::Poll),
            Timer::Reconnect if self.line == Line::Off && self.asked.is_none() => self.listen(tools, cx),
            Timer::Answer => self.on_no_answer(tools, cx),
            Timer::Ping => self.on_ping(tools, cx),
            Timer::Pong => self.on_no_sign(tools, cx),
            Timer::Show => self.on_shown(cx),
            _ => {}
        }
    }
}

/// The bytes of a message on a WebSocket: with a number where somebody asks after it.
pub(super) fn bytes_of(settings: &Settings) -> u64 {
    let is_numbered = settings.acks || settings.resume != Resume::None;
    u64::from(settings.message) + if is_numbered { NUMBER } else { 0 }
}
