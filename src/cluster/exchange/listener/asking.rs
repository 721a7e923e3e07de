//! Hears of news by asking for them: again and again, or with a question that the server keeps.

use crate::sim::history::Cause;
use crate::sim::protocol::Reply;
use crate::sim::time::Span;

use super::super::frame::{Message, Told, Want};
use super::super::http::Heard;
use super::super::message::Ret;
use super::super::note::Note;
use super::super::settings::Style;
use super::super::{Context, Timer};
use super::{Listener, Tools};

impl Listener {
    pub(super) fn poll(&mut self, tools: &mut Tools<'_>, cx: &mut Context<'_>) {
        let hold = self.style == Style::LongPolling;
        let from = cx.settings().from(self.received, cx.disk().shown);
        self.asked = Some(tools.http.ask(Want::Poll { from, hold }, 0, tools.pipes, cx));
        let patience = cx.settings().request_timeout + if hold { cx.settings().hold } else { Span::ZERO };
        cx.set_timer(patience, Timer::Answer);
        if !hold {
            cx.set_timer(cx.settings().poll_every, Timer::Poll);
        }
    }

    pub(super) fn on_no_answer(&mut self, tools: &mut Tools<'_>, cx: &mut Context<'_>) {
        let Some(call) = self.asked.take() else { return };
        tools.http.cancel(call, tools.pipes, cx);
        self.asked_in_vain(cx);
    }

    pub(super) fn asked_in_vain(&mut self, cx: &mut Context<'_>) {
        if self.style == Style::LongPolling {
            self.come_back_later(cx);
        }
    }

    pub(super) fn on_news(&mut self, news: Vec<Message>, tools: &mut Tools<'_>, cx: &mut Context<'_>) {
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
    pub(in crate::cluster::exchange) fn on_heard(&mut self, heard: Heard, tools: &mut Tools<'_>, cx: &mut Context<'_>) {
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
