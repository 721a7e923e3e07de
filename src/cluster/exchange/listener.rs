//! A client of the chat: hears of news in one of four ways, shows them one after the other, and tells others something.

use imbl::Vector;

use crate::algo::wire::{sse, websocket};
use crate::persistent::OrdMap;
use crate::sim::history::Cause;
use crate::sim::id::RequestId;
use crate::sim::protocol::Reply;
use crate::sim::time::{Span, Time};

use super::frame::{Frame, Message, Says, Socket, Told, Want};
use super::head;
use super::http::{Heard, Http};
use super::line::Line as Spoken;
use super::message::{Op, Ret};
use super::note::Note;
use super::settings::{Settings, Style};
use super::tcp::{Conn, Event, Pipes};
use super::{Context, FIRST, Timer};

/// The stream of the one request on a line of its own.
const ONLY: u32 = 1;
/// The bytes of a typing sign.
const TYPING: u64 = 1;
/// The bytes of an acknowledgement or of a number beside a message.
pub(super) const NUMBER: u64 = 8;
/// A line that has done what it was for (RFC 6455, section 7.4.1).
const NORMAL: u16 = 1000;
/// Waits grow no further after so many failures: any setting is reached before.
const DOUBLINGS: u32 = 30;

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
    /// When it last asked for a sign of life.
    pinged: Time,
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
            pinged: Time::ZERO,
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
        self.line = Line::Off;
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

    /// Begins to look for signs of life, or ends it.
    fn look_for_life(&self, cx: &mut Context<'_>) {
        cx.cancel_timer(Timer::Ping);
        cx.cancel_timer(Timer::Pong);
        match (self.style, cx.settings().ping, cx.settings().silence()) {
            (Style::WebSocket, Some(ping), _) => cx.set_timer(ping, Timer::Ping),
            (_, _, Some(silence)) => cx.set_timer(silence, Timer::Pong),
            _ => {}
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

/// By asking.
impl Listener {
    fn poll(&mut self, tools: &mut Tools<'_>, cx: &mut Context<'_>) {
        let hold = self.style == Style::LongPolling;
        let from = cx.settings().from(self.received, cx.disk().shown);
        self.asked = Some(tools.http.ask(Want::Poll { from, hold }, 0, tools.pipes, cx));
        let patience = cx.settings().request_timeout + if hold { cx.settings().hold } else { Span::ZERO };
        cx.set_timer(patience, Timer::Answer);
        if !hold {
            cx.set_timer(cx.settings().poll_every, Timer::Poll);
        }
    }

    fn on_no_answer(&mut self, tools: &mut Tools<'_>, cx: &mut Context<'_>) {
        let Some(call) = self.asked.take() else { return };
        tools.http.cancel(call, tools.pipes, cx);
        self.asked_in_vain(cx);
    }

    fn asked_in_vain(&mut self, cx: &mut Context<'_>) {
        if self.style == Style::LongPolling {
            self.come_back_later(cx);
        }
    }

    fn on_news(&mut self, news: Vec<Message>, tools: &mut Tools<'_>, cx: &mut Context<'_>) {
        self.asked = None;
        self.failures = 0;
        cx.cancel_timer(Timer::Answer);
        if news.is_empty() {
            cx.note(Note::Empty);
        }
        for message in news {
            // Who sees only the newest knows it when it sees it again.
            if self.style != Style::Polling || message.id != self.received {
                self.take(message, cx);
            } else {
                cx.note(Note::Dropped { id: message.id, of: (message.from, message.key) });
            }
        }
        if self.style == Style::LongPolling {
            self.poll(tools, cx);
        }
    }

    /// Something about one of its requests.
    pub(super) fn on_heard(&mut self, heard: Heard, tools: &mut Tools<'_>, cx: &mut Context<'_>) {
        match heard {
            Heard::Done(call, Told::News(news), _) if self.asked == Some(call) => self.on_news(news, tools, cx),
            Heard::Done(call, told, _) => {
                let Some(request) = self.posts.remove(&call) else { return };
                cx.reply(
                    request,
                    match told {
                        Told::Stored(id) => Reply::Ok(Ret::Stored(id)),
                        Told::Not(code) => Reply::Refused(Cause::from(code.to_string())),
                        _ => Reply::Ok(Ret::Done),
                    },
                );
            }
            Heard::Untouched(call) | Heard::Broken(call) if self.asked == Some(call) => {
                self.asked = None;
                self.asked_in_vain(cx);
            }
            Heard::Untouched(call) | Heard::Broken(call) => {
                if let Some(request) = self.posts.remove(&call) {
                    cx.reply(request, Reply::Unknown(Cause::from("the connection broke before the answer")));
                }
            }
            Heard::Head(_) | Heard::Piece(_) => {}
        }
    }
}

/// By a line of its own.
impl Listener {
    fn connect(&mut self, tools: &mut Tools<'_>, cx: &mut Context<'_>) {
        let from = cx.settings().from(self.received, cx.disk().shown);
        let key = (self.style == Style::WebSocket).then(|| websocket::key(nonce(cx)));
        let conn = tools.pipes.open(FIRST, cx);
        let want = Want::Listen { from, key: key.clone() };
        let head = Spoken::new(super::settings::Http::One, cx).weigh(&head::request(&want, cx.settings().request_headers));
        tools.pipes.write(conn, Frame::new(head, 0, Says::Ask { stream: ONLY, want, end: true }), cx);
        self.line = Line::Opening(conn, key);
        self.reader.reconnect();
    }

    /// Something happened on its line; `false`: it was not on its line.
    pub(super) fn on_event(&mut self, event: &Event, tools: &mut Tools<'_>, cx: &mut Context<'_>) -> bool {
        let (Event::Opened(conn) | Event::Came(conn, _) | Event::Gone(conn)) = event;
        if self.line.conn() != Some(*conn) {
            return false;
        }
        match event {
            Event::Opened(_) => self.heard = cx.steady(),
            Event::Came(_, frame) => self.on_frame(*conn, frame.says.clone(), tools, cx),
            Event::Gone(_) => self.on_gone(cx),
        }
        true
    }

    fn on_frame(&mut self, conn: Conn, says: Says, tools: &mut Tools<'_>, cx: &mut Context<'_>) {
        self.heard = cx.steady();
        if self.style == Style::Sse
            && let Some(silence) = cx.settings().silence()
        {
            cx.set_timer(silence, Timer::Pong);
        }
        match (says, &self.line) {
            (Says::Tell { told: Told::Welcome(accept), .. }, Line::Opening(_, key)) => {
                // A server that did not read the key is no WebSocket server (RFC 6455, section 4.1).
                let is_meant = accept == key.as_deref().map(websocket::accept);
                if is_meant { self.on_up(conn, tools, cx) } else { tools.pipes.abort(conn, cx) }
            }
            (Says::Event(text, message), _) => {
                let whole = !self.reader.feed(&text).is_empty();
                if let Some(message) = message.filter(|_| whole) {
                    self.take(message, cx);
                }
            }
            (Says::Socket(Socket::News(message)), _) => self.take(message, cx),
            (Says::Socket(Socket::Close(code)), Line::Up(_)) => {
                tools.pipes.write(conn, Frame::close(code, cx.id()), cx);
                cx.note(Note::LineClosed { code });
                self.is_off(cx);
            }
            (Says::Socket(Socket::Stored(key, id)), _) => {
                if let Some((request, _)) = self.says.remove(&key) {
                    cx.reply(request, Reply::Ok(Ret::Stored(id)));
                }
            }
            _ => {}
        }
    }

    fn on_up(&mut self, conn: Conn, tools: &mut Tools<'_>, cx: &mut Context<'_>) {
        (self.line, self.failures) = (Line::Up(conn), 0);
        cx.note(Note::LineUp);
        for (_, message) in self.says.values() {
            let frame = Frame::socket(Socket::Say(message.clone()), bytes_of(cx.settings()), cx.id());
            tools.pipes.write(conn, frame, cx);
        }
        self.look_for_life(cx);
    }

    fn on_gone(&mut self, cx: &mut Context<'_>) {
        if matches!(self.line, Line::Up(_)) {
            cx.note(Note::LineDown { silent: cx.steady().since(self.heard) });
        }
        self.is_off(cx);
    }

    fn is_off(&mut self, cx: &mut Context<'_>) {
        self.line = Line::Off;
        cx.cancel_timer(Timer::Ping);
        cx.cancel_timer(Timer::Pong);
        self.come_back_later(cx);
    }

    /// Twice as long after each failure, and perhaps a random part of it.
    fn come_back_later(&mut self, cx: &mut Context<'_>) {
        let Settings { reconnect, reconnect_most, jitter, .. } = *cx.settings();
        let longest = Span(reconnect.0.saturating_mul(1 << self.failures.min(DOUBLINGS))).min(reconnect_most);
        self.failures = self.failures.saturating_add(1);
        let wait = if jitter { longest.scaled(cx.rng().unit()) } else { longest };
        cx.set_timer(wait, Timer::Reconnect);
    }

    fn on_ping(&mut self, tools: &mut Tools<'_>, cx: &mut Context<'_>) {
        let (Line::Up(conn), Some(ping)) = (&self.line, cx.settings().ping) else { return };
        self.pinged = cx.steady();
        tools.pipes.write(*conn, Frame::socket(Socket::Ping, 0, cx.id()), cx);
        cx.set_timer(cx.settings().pong_timeout, Timer::Pong);
        cx.set_timer(ping, Timer::Ping);
    }

    /// Nothing came for too long: the line is taken for dead.
    fn on_no_sign(&mut self, tools: &mut Tools<'_>, cx: &mut Context<'_>) {
        let Line::Up(conn) = self.line else { return };
        let heard = tools.pipes.all.get(&conn).map_or(Time::ZERO, |pipe| pipe.heard);
        if self.style == Style::WebSocket && heard >= self.pinged {
            return;
        }
        tools.pipes.abort(conn, cx);
        self.heard = heard;
        self.on_gone(cx);
    }
}

/// With messages.
impl Listener {
    fn take(&mut self, message: Message, cx: &mut Context<'_>) {
        if cx.settings().dedup && message.id <= self.received {
            return cx.note(Note::Dropped { id: message.id, of: (message.from, message.key) });
        }
        self.received = self.received.max(message.id);
        if cx.settings().resume == super::settings::Resume::Received {
            let received = self.received;
            // A full disk keeps an older place: more comes again, and nothing is missed.
            _ = cx.write(|disk| disk.received = received);
            cx.sync();
        }
        self.queue.push_back(message);
        if self.queue.len() == 1 {
            self.show_next(cx);
        }
    }

    fn show_next(&mut self, cx: &mut Context<'_>) {
        while !self.queue.is_empty() {
            let takes = cx.settings().show;
            if takes > Span::ZERO {
                return cx.set_timer(takes, Timer::Show);
            }
            self.show_one(cx);
        }
    }

    fn show_one(&mut self, cx: &mut Context<'_>) {
        let Some(message) = self.queue.pop_front() else { return };
        _ = cx.write(|disk| disk.shown = disk.shown.max(message.id));
        cx.sync();
        cx.note(Note::Shown { id: message.id, of: (message.from, message.key) });
    }

    fn on_shown(&mut self, cx: &mut Context<'_>) {
        self.show_one(cx);
        self.show_next(cx);
    }

    pub(super) fn on_request(&mut self, request: RequestId, op: &Op, tools: &mut Tools<'_>, cx: &mut Context<'_>) {
        let message = match op {
            Op::Say(text) => Some(Message { id: 0, from: cx.id(), key: request.0, text: text.clone(), at: Time::ZERO }),
            _ => None,
        };
        if self.style == Style::WebSocket {
            return self.say_on_line(request, message, tools, cx);
        }
        let (want, body) = message.map_or((Want::Typing, TYPING), |message| (Want::Say(message), u64::from(cx.settings().message)));
        let call = tools.http.ask(want, body, tools.pipes, cx);
        self.posts.insert(call, request);
    }

    fn say_on_line(&mut self, request: RequestId, message: Option<Message>, tools: &mut Tools<'_>, cx: &mut Context<'_>) {
        let conn = self.line.conn();
        let waits = cx.settings().acks && message.is_some();
        let (socket, bytes) = match message {
            Some(message) if waits => {
                self.says.insert(request.0, (request, message.clone()));
                (Socket::Say(message), bytes_of(cx.settings()))
            }
            Some(message) => (Socket::Say(message), bytes_of(cx.settings())),
            None => (Socket::Typing, TYPING),
        };
        let is_up = matches!(self.line, Line::Up(_));
        match conn {
            Some(conn) if is_up => tools.pipes.write(conn, Frame::socket(socket.clone(), bytes, cx.id()), cx),
            _ if waits => return,
            _ => return cx.reply(request, Reply::Failed(Cause::from("there is no line"))),
        }
        if !waits {
            if let Socket::Say(_) = socket {
                cx.note(Note::Handed { of: (cx.id(), request.0) });
            }
            cx.reply(request, Reply::Ok(Ret::HandedOver));
        }
    }

    pub(super) fn on_give_up(&mut self, request: RequestId) {
        self.says.remove(&request.0);
        self.posts = self.posts.iter().filter(|(_, open)| **open != request).map(|(call, open)| (*call, *open)).collect();
    }
}

/// The bytes of a message on a WebSocket: with a number where somebody asks after it.
pub(super) fn bytes_of(settings: &Settings) -> u64 {
    let is_numbered = settings.acks || settings.resume != super::settings::Resume::None;
    u64::from(settings.message) + if is_numbered { NUMBER } else { 0 }
}

fn nonce(cx: &mut Context<'_>) -> [u8; 16] {
    let mut rng = cx.rng();
    let (high, low) = (rng.bits().to_be_bytes(), rng.bits().to_be_bytes());
    std::array::from_fn(|at| if at < 8 { high[at] } else { low[at - 8] })
}
