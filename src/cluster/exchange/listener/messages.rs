//! Shows messages one after the other, and tells others something.

use crate::sim::history::Cause;
use crate::sim::id::RequestId;
use crate::sim::protocol::Reply;
use crate::sim::time::{Span, Time};

use super::super::frame::{Frame, Message, Socket, Want};
use super::super::message::{Op, Ret};
use super::super::note::Note;
use super::super::settings::{Resume, Style};
use super::super::{Context, Timer};
use super::{Line, Listener, Tools, bytes_of};

/// The bytes of a typing sign.
const TYPING: u64 = 1;

impl Listener {
    pub(super) fn take(&mut self, message: Message, cx: &mut Context<'_>) {
        if cx.settings().dedup && message.id <= self.received {
            return cx.note(Note::Dropped { id: message.id, of: (message.from, message.key) });
        }
        self.received = self.received.max(message.id);
        if cx.settings().resume == Resume::Received {
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

    pub(super) fn show_next(&mut self, cx: &mut Context<'_>) {
        while !self.queue.is_empty() {
            let takes = cx.settings().show;
            if takes > Span::ZERO {
                return cx.set_timer(takes, Timer::Show);
            }
            self.show_one(cx);
        }
    }

    pub(super) fn show_one(&mut self, cx: &mut Context<'_>) {
        let Some(message) = self.queue.pop_front() else { return };
        _ = cx.write(|disk| disk.shown = disk.shown.max(message.id));
        cx.sync();
        cx.note(Note::Shown { id: message.id, of: (message.from, message.key) });
    }

    pub(super) fn on_shown(&mut self, cx: &mut Context<'_>) {
        self.show_one(cx);
        self.show_next(cx);
    }

    pub(in crate::cluster::exchange) fn on_request(&mut self, request: RequestId, op: &Op, tools: &mut Tools<'_>, cx: &mut Context<'_>) {
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

    pub(super) fn say_on_line(&mut self, request: RequestId, message: Option<Message>, tools: &mut Tools<'_>, cx: &mut Context<'_>) {
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

    pub(in crate::cluster::exchange) fn on_give_up(&mut self, request: RequestId) {
        self.says.remove(&request.0);
        self.posts = self.posts.iter().filter(|(_, open)| **open != request).map(|(call, open)| (*call, *open)).collect();
    }
}
