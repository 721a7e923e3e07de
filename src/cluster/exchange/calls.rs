//! A client of services: makes calls, waits as long as it wants to, and tries again what failed.

use crate::algo::wire::grpc::PREFIX;
use crate::cluster::kit::tries::Tries;
use crate::persistent::OrdMap;
use crate::sim::history::Cause;
use crate::sim::id::{NodeId, RequestId};
use crate::sim::protocol::Reply;
use crate::sim::time::{Span, Time};

use super::Context;
use super::frame::{Code, Kind, Left, Told, Want, Work};
use super::http::Heard;
use super::listener::Tools;
use super::message::{Op, Ret};
use super::note::{End, Note};
use super::settings::{Idempotency, PassOn};

/// The bytes of a question, and of an answer that says nothing in particular.
const SMALL: u32 = 20;
/// The bytes of a message of a stream.
const STREAMED: u32 = 1_000;
/// The most calls at once: their numbers are told apart by this.
pub(super) const BURST_MOST: u32 = 1_000;
/// How often a call is sent again that a server has refused before it began with it: once, and then it counts as a try. Only what has never
/// left the client may be sent again and again (gRFC A6, transparent retries).
const UNTOUCHED_MOST: u32 = 1;

/// Its state.
#[derive(Clone, Debug, Default)]
pub struct Calls {
    /// What was asked: what is left of it.
    groups: OrdMap<RequestId, Group>,
    /// Calls that have not ended, by their numbers.
    open: OrdMap<u32, Open>,
    /// The call that each request over HTTP is for.
    requests: OrdMap<u32, u32>,
    /// Ends of deadlines, and moments to try again.
    waits: Tries<Wait>,
}

#[derive(Clone, Debug)]
struct Group {
    left: u32,
    of: u32,
    since: Time,
    bad: Option<Code>,
    failed: u32,
}

#[derive(Clone, Debug)]
struct Open {
    request: RequestId,
    work: Work,
    since: Time,
    until: Option<Time>,
    tries: u32,
    untouched: u32,
    at: Option<u32>,
    /// Whether an answer to this try has begun: then there is no further (gRFC A6: the call is committed).
    is_committed: bool,
    first: Option<Span>,
    stood: bool,
    /// Messages of the stream that are yet to be written.
    unwritten: u32,
    /// Whether the caller reads the answer.
    reads: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Wait {
    Deadline(u32),
    Again(u32),
    Write(u32),
}

impl Calls {
    pub(super) fn on_request(&mut self, request: RequestId, op: &Op, tools: &mut Tools<'_>, cx: &mut Context<'_>) {
        let of = if let Op::Burst(count) = op { *count } else { 1 };
        self.groups.insert(request, Group { left: of, of, since: cx.steady(), bad: None, failed: 0 });
        for n in 0..of {
            let number = request.0.wrapping_mul(BURST_MOST).wrapping_add(n);
            self.begin(number, request, op, tools, cx);
        }
    }

    fn begin(&mut self, number: u32, request: RequestId, op: &Op, tools: &mut Tools<'_>, cx: &mut Context<'_>) {
        let click = (cx.id(), number);
        let until = cx.settings().deadline.map(|deadline| cx.steady() + deadline);
        let work = Work { key: (cx.settings().idempotency != Idempotency::None).then_some(click), ..work(op, click) };
        let reads = !matches!(op, Op::Get { unread: true, .. });
        let (since, at, first) = (cx.steady(), None, None);
        let open =
            Open { request, work, since, until, tries: 0, untouched: 0, at, is_committed: false, first, stood: false, unwritten: 0, reads };
        self.open.insert(number, open);
        if let Some(deadline) = cx.settings().deadline {
            self.waits.begin(Wait::Deadline(number), deadline, cx);
        }
        cx.note(Note::Called { click, deadline: cx.settings().deadline });
        self.send(number, tools, cx);
    }

    /// Sends a call, the first time or again.
    fn send(&mut self, number: u32, tools: &mut Tools<'_>, cx: &mut Context<'_>) {
        let Some(open) = self.open.get_mut(&number) else { return };
        open.tries += 1;
        let left = open.until.map(|until| until.since(cx.steady()));
        open.work.left = match cx.settings().pass_on {
            PassOn::Off => None,
            PassOn::Absolute => left.map(|left| Left::Until(cx.clock() + left)),
            PassOn::Anew => cx.settings().deadline.map(Left::Span),
            PassOn::Remaining => left.map(Left::Span),
        };
        // Each try sends all of it, from the first message on (gRFC A6).
        open.unwritten = if open.work.kind.streams_up() { open.work.count } else { 0 };
        let is_stream = open.unwritten > 0;
        let (want, reads) = (Want::Call(open.work.clone()), open.reads);
        let body = if is_stream { 0 } else { PREFIX + u64::from(SMALL) };
        let call = tools.http.ask_more(want, (body, is_stream), reads, tools.pipes, cx);
        self.requests.insert(call, number);
        let Some(open) = self.open.get_mut(&number) else { return };
        open.at = Some(call);
        open.stood |= tools.http.calls.get(&call).is_some_and(|call| call.stood);
        if is_stream {
            self.write(number, tools, cx);
        }
    }

    /// Writes the next message of a stream.
    fn write(&mut self, number: u32, tools: &mut Tools<'_>, cx: &mut Context<'_>) {
        let Some(open) = self.open.get_mut(&number).filter(|open| open.unwritten > 0) else { return };
        let Some(call) = open.at else { return };
        open.unwritten -= 1;
        let end = open.unwritten == 0;
        tools.http.more(call, (PREFIX as u32 + open.work.size, end), tools.pipes, cx);
        if end {
            return;
        }
        let every = cx.settings().message_every;
        if every > Span::ZERO {
            self.waits.begin(Wait::Write(number), every, cx);
        } else {
            self.write(number, tools, cx);
        }
    }

    pub(super) fn on_due(&mut self, tools: &mut Tools<'_>, cx: &mut Context<'_>) {
        for wait in self.waits.overdue(cx) {
            match wait {
                Wait::Deadline(number) => self.end(number, Err(Code::DeadlineExceeded), tools, cx),
                Wait::Again(number) => {
                    cx.note(Note::Retry { click: (cx.id(), number) });
                    self.send(number, tools, cx);
                }
                Wait::Write(number) => self.write(number, tools, cx),
            }
        }
    }

    /// Something about one of its requests.
    pub(super) fn on_heard(&mut self, heard: Heard, tools: &mut Tools<'_>, cx: &mut Context<'_>) {
        let (Heard::Done(call, ..) | Heard::Head(call) | Heard::Piece(call) | Heard::Untouched(call) | Heard::Broken(call)) = heard;
        let Some(number) = self.requests.get(&call).copied() else { return };
        let Some(open) = self.open.get_mut(&number) else { return };
        if open.first.is_none() && matches!(heard, Heard::Done(..) | Heard::Piece(_)) {
            open.first = Some(cx.steady().since(open.since));
        }
        if matches!(heard, Heard::Head(_) | Heard::Piece(_)) {
            open.is_committed = true;
            return;
        }
        self.requests.remove(&call);
        open.at = None;
        // What is left of a stream goes nowhere.
        self.waits.drop_if(|wait| *wait == Wait::Write(number));
        match heard {
            Heard::Done(_, Told::Not(Code::Unavailable), _) | Heard::Broken(_) => self.failed(number, tools, cx),
            Heard::Done(_, Told::Not(code), _) => self.end(number, Err(code), tools, cx),
            Heard::Untouched(_) if open.untouched < UNTOUCHED_MOST => {
                // It never began, so this is no retry.
                (open.untouched, open.tries) = (open.untouched + 1, open.tries.saturating_sub(1));
                self.send(number, tools, cx);
            }
            Heard::Untouched(_) => self.failed(number, tools, cx),
            _ => self.end(number, Ok(()), tools, cx),
        }
    }

    /// Whether an effect took place is not known: a further try may make it a second time.
    fn failed(&mut self, number: u32, tools: &mut Tools<'_>, cx: &mut Context<'_>) {
        let Some(open) = self.open.get(&number) else { return };
        if open.is_committed || open.tries >= cx.settings().tries {
            return self.end(number, Err(Code::Unavailable), tools, cx);
        }
        let wait = cx.settings().retry_after;
        self.waits.begin(Wait::Again(number), wait, cx);
    }

    fn end(&mut self, number: u32, how: Result<(), Code>, tools: &mut Tools<'_>, cx: &mut Context<'_>) {
        let Some(open) = self.open.remove(&number) else { return };
        self.waits.drop_if(|wait| matches!(wait, Wait::Deadline(n) | Wait::Again(n) | Wait::Write(n) if *n == number));
        if let Some(call) = open.at {
            self.requests.remove(&call);
            tools.http.cancel(call, tools.pipes, cx);
        }
        let end = match &how {
            Ok(()) => End::Done,
            Err(Code::DeadlineExceeded) => End::Deadline,
            Err(_) => End::Failed,
        };
        let last = cx.steady().since(open.since);
        cx.note(Note::Ended { click: (cx.id(), number), end, first: open.first.unwrap_or(last), last, stood: open.stood });
        self.settle(open.request, how, cx);
    }

    fn settle(&mut self, request: RequestId, how: Result<(), Code>, cx: &mut Context<'_>) {
        let Some(group) = self.groups.get_mut(&request) else { return };
        group.left -= 1;
        group.failed += u32::from(how.is_err());
        if let Err(code) = how {
            group.bad = Some(code);
        }
        let Some(group) = self.groups.get(&request).filter(|group| group.left == 0).cloned() else { return };
        self.groups.remove(&request);
        let done = group.of - group.failed;
        // Who gave up knows that it has no answer; what only looks has changed nothing, whatever the server still does.
        let only_looks = cx.open(request).is_some_and(|open| matches!(open.op, Op::Get { .. } | Op::Download(_)));
        cx.reply(
            request,
            match group.bad {
                Some(Code::DeadlineExceeded) if done == 0 && only_looks => Reply::Failed(Cause::from(Code::DeadlineExceeded.to_string())),
                Some(code) if done == 0 => Reply::Unknown(Cause::from(code.to_string())),
                _ => Reply::Ok(Ret::Calls { done, of: group.of, took: cx.steady().since(group.since) }),
            },
        );
    }

    /// Nobody waits any more.
    pub(super) fn on_give_up(&mut self, request: RequestId, tools: &mut Tools<'_>, cx: &mut Context<'_>) {
        let over: Vec<u32> = self.open.iter().filter(|(_, open)| open.request == request).map(|(number, _)| *number).collect();
        self.groups.remove(&request);
        for number in over {
            self.end(number, Err(Code::DeadlineExceeded), tools, cx);
        }
    }
}

/// What is wanted of the first server.
fn work(op: &Op, click: (NodeId, u32)) -> Work {
    let (kind, count) = match op {
        Op::Buy => (Kind::Buy, 1),
        Op::Upload(count) => (Kind::Upload, *count),
        Op::Download(count) => (Kind::Download, *count),
        Op::Talk(count) => (Kind::Talk, *count),
        _ => (Kind::Get, 1),
    };
    let (name, takes, size) = match op {
        Op::Get { name, takes, sized, .. } => (name.clone(), *takes, sized.unwrap_or(SMALL)),
        _ if kind == Kind::Get || kind == Kind::Buy => (kind.name().into(), None, SMALL),
        _ => (kind.name().into(), None, STREAMED),
    };
    Work { name, kind, takes, size, count, left: None, key: None, click }
}
