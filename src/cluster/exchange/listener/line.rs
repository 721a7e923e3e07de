//! Hears of news on a line of its own: a stream of events, or a WebSocket.

use crate::algo::wire::websocket;
use crate::sim::protocol::Reply;
use crate::sim::time::{Span, Time};

use super::super::frame::{Frame, Says, Socket, Told, Want};
use super::super::head;
use super::super::line::Line as Spoken;
use super::super::message::Ret;
use super::super::note::Note;
use super::super::settings::{Http, Settings, Style};
use super::super::tcp::{Conn, Event};
use super::super::{Context, FIRST, Timer};
use super::{Line, Listener, Tools, bytes_of};

/// The stream of the one request on a line of its own.
const ONLY: u32 = 1;
/// Waits grow no further after so many failures: any setting is reached before.
const DOUBLINGS: u32 = 30;

impl Listener {
    pub(super) fn connect(&mut self, tools: &mut Tools<'_>, cx: &mut Context<'_>) {
        let from = cx.settings().from(self.received, cx.disk().shown);
        let key = (self.style == Style::WebSocket).then(|| websocket::key(nonce(cx)));
        let conn = tools.pipes.open(FIRST, cx);
        let want = Want::Listen { from, key: key.clone() };
        let head = Spoken::new(Http::One, cx).weigh(&head::request(&want, cx.settings().request_headers));
        tools.pipes.write(conn, Frame::new(head, 0, Says::Ask { stream: ONLY, want, end: true }), cx);
        self.line = Line::Opening(conn, key);
        self.reader.reconnect();
    }

    /// Something happened on its line; `false`: it was not on its line.
    pub(in crate::cluster::exchange) fn on_event(&mut self, event: &Event, tools: &mut Tools<'_>, cx: &mut Context<'_>) -> bool {
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

    pub(super) fn on_frame(&mut self, conn: Conn, says: Says, tools: &mut Tools<'_>, cx: &mut Context<'_>) {
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

    pub(super) fn on_up(&mut self, conn: Conn, tools: &mut Tools<'_>, cx: &mut Context<'_>) {
        (self.line, self.failures, self.asked_for_life) = (Line::Up(conn), 0, None);
        cx.note(Note::LineUp);
        for (_, message) in self.says.values() {
            let frame = Frame::socket(Socket::Say(message.clone()), bytes_of(cx.settings()), cx.id());
            tools.pipes.write(conn, frame, cx);
        }
        self.look_for_life(cx);
    }

    pub(super) fn on_gone(&mut self, cx: &mut Context<'_>) {
        if matches!(self.line, Line::Up(_)) {
            cx.note(Note::LineDown { silent: cx.steady().since(self.heard) });
        }
        self.is_off(cx);
    }

    pub(super) fn is_off(&mut self, cx: &mut Context<'_>) {
        (self.line, self.asked_for_life) = (Line::Off, None);
        cx.cancel_timer(Timer::Ping);
        cx.cancel_timer(Timer::Pong);
        self.come_back_later(cx);
    }

    /// Twice as long after each failure, and perhaps a random part of it.
    pub(super) fn come_back_later(&mut self, cx: &mut Context<'_>) {
        let Settings { reconnect, reconnect_most, jitter, .. } = *cx.settings();
        let longest = Span(reconnect.0.saturating_mul(1 << self.failures.min(DOUBLINGS))).min(reconnect_most);
        self.failures = self.failures.saturating_add(1);
        let wait = if jitter { longest.scaled(cx.rng().unit()) } else { longest };
        cx.set_timer(wait, Timer::Reconnect);
    }

    pub(super) fn on_ping(&mut self, tools: &mut Tools<'_>, cx: &mut Context<'_>) {
        let (Line::Up(conn), Some(ping)) = (&self.line, cx.settings().ping) else { return };
        let heard = last_heard(*conn, tools);
        // Pings that follow before anything is heard wait for no longer than the first of them.
        if self.asked_for_life.is_none_or(|asked| heard >= asked) {
            self.asked_for_life = Some(cx.steady());
            cx.set_timer(cx.settings().pong_timeout, Timer::Pong);
        }
        tools.pipes.write(*conn, Frame::socket(Socket::Ping, 0, cx.id()), cx);
        cx.set_timer(ping, Timer::Ping);
    }

    /// Nothing came for too long: the line is taken for dead.
    pub(super) fn on_no_sign(&mut self, tools: &mut Tools<'_>, cx: &mut Context<'_>) {
        let Line::Up(conn) = self.line else { return };
        let heard = last_heard(conn, tools);
        let asked = self.asked_for_life.take();
        if self.style == Style::WebSocket && asked.is_none_or(|asked| heard >= asked) {
            return;
        }
        tools.pipes.abort(conn, cx);
        self.heard = heard;
        self.on_gone(cx);
    }
}

/// When anything came on a connection last.
fn last_heard(conn: Conn, tools: &Tools<'_>) -> Time {
    tools.pipes.all.get(&conn).map_or(Time::ZERO, |pipe| pipe.heard)
}

fn nonce(cx: &mut Context<'_>) -> [u8; 16] {
    let mut rng = cx.rng();
    let (high, low) = (rng.bits().to_be_bytes(), rng.bits().to_be_bytes());
    std::array::from_fn(|at| if at < 8 { high[at] } else { low[at - 8] })
}
