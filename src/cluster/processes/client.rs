//! A client: asks its node, and understands what it is told.

use serde_json::{Value as Json, json};

use crate::check::operation::{self, Key, Value};
use crate::persistent::OrdMap;
use crate::sim::history::Cause;
use crate::sim::id::{NodeId, RequestId};
use crate::sim::protocol::Reply;

use super::Context;
use super::body::{self, Object};
use super::message::{Kind, Msg};
use super::note::{self, Note};
use super::op::{Op, Polled, Ret};
use super::program::programs;

/// A client.
#[derive(Clone, Debug, Default)]
pub struct Client {
    /// How many messages it has sent.
    sent: i64,
    /// What it waits for, by the numbers of its messages.
    waiting: OrdMap<i64, Waiting>,
    /// Where it is in each log: the next offset that it has not seen.
    positions: OrdMap<Key, i64>,
}

/// What an answer is waited for.
#[derive(Clone, Debug)]
struct Waiting {
    request: RequestId,
    op: Op,
    /// Messages that were polled, whose offsets are being committed.
    polled: Option<Progress>,
}

/// What was polled, and where the client will be once it is committed.
#[derive(Clone, Debug)]
struct Progress {
    told: Ret,
    positions: OrdMap<Key, i64>,
}

/// The logs that clients use.
const LOGS: [&str; 4] = ["0", "1", "2", "3"];

/// The node that a client asks by itself.
pub(super) fn home(client: NodeId, programs: u32) -> NodeId {
    NodeId::server((client.index() as u32 % programs.max(1)) as u16)
}

impl Client {
    pub(super) fn on_request(&mut self, request: RequestId, op: &Op, server: Option<NodeId>, cx: &mut Context<'_>) {
        let server = server.unwrap_or_else(|| home(cx.id(), cx.settings().programs));
        if programs(cx.settings().programs).all(|id| id != server) {
            return cx.reply(request, Reply::Failed(format!("{server} runs no program of yours").into()));
        }
        let waiting = Waiting { request, op: op.clone(), polled: None };
        self.ask(server, self.question(op), waiting, cx);
    }

    /// Sends a body with a number of its own.
    fn ask(&mut self, server: NodeId, mut question: Object, waiting: Waiting, cx: &mut Context<'_>) {
        self.sent += 1;
        question.insert("msg_id".to_string(), json!(self.sent));
        let label = body::label(&question).into();
        let msg = Msg { src: cx.id().to_string().into(), body: Json::Object(question).to_string().into(), label, kind: Kind::Request };
        let request = waiting.request;
        self.waiting.insert(self.sent, waiting);
        cx.ask(request, server, msg);
    }

    fn question(&self, op: &Op) -> Object {
        let question = match op {
            Op::Echo(value) => json!({"type": "echo", "echo": body::of_value(value)}),
            Op::Generate => json!({"type": "generate"}),
            Op::Broadcast(value) => json!({"type": "broadcast", "message": body::of_value(value)}),
            Op::Messages | Op::Total => json!({"type": "read"}),
            Op::Add(delta) => json!({"type": "add", "delta": delta}),
            Op::Register(operation::Op::Read { key }) => json!({"type": "read", "key": body::of_key(key)}),
            Op::Register(operation::Op::Write { key, value } | operation::Op::Append { key, value }) => {
                json!({"type": "write", "key": body::of_key(key), "value": body::of_value(value)})
            }
            Op::Register(operation::Op::Cas { key, expected, value }) => {
                let from = expected.as_ref().map_or(Json::Null, body::of_value);
                json!({"type": "cas", "key": body::of_key(key), "from": from, "to": body::of_value(value)})
            }
            Op::Send(key, value) => json!({"type": "send", "key": &**key, "msg": body::of_value(value)}),
            Op::Poll { all } => {
                let from = |log: &str| if *all { 0 } else { self.positions.get(log).copied().unwrap_or(0) };
                let offsets: Object = LOGS.iter().map(|log| ((*log).to_string(), json!(from(log)))).collect();
                json!({"type": "poll", "offsets": offsets})
            }
            Op::Assign => json!({"type": "list_committed_offsets", "keys": LOGS}),
        };
        if let Json::Object(question) = question { question } else { Object::new() }
    }

    /// Nobody answered in time.
    pub(super) fn forget(&mut self, request: RequestId) {
        let number = self.waiting.iter().find(|(_, waiting)| waiting.request == request).map(|(number, _)| *number);
        number.and_then(|number| self.waiting.remove(&number));
    }

    pub(super) fn on_message(&mut self, from: NodeId, msg: &Msg, cx: &mut Context<'_>) {
        let me = cx.id();
        let read = serde_json::from_str::<Json>(&msg.body).ok();
        let Some(Json::Object(answer)) = read else { return };
        let line = note::told(&msg.body);
        let number = match body::number(&answer, "in_reply_to") {
            None => return remark(cx, format!("{me} was sent a message by {from} that answers nothing (it has no `in_reply_to`): {line}")),
            Some(number) if !(1..=self.sent).contains(&number) => {
                return remark(cx, format!("{from} answers message {number} of {me}, which it never sent: {line}"));
            }
            Some(number) => number,
        };
        // Who waits no more has given up, or has an answer already.
        let Some(waiting) = self.waiting.remove(&number) else { return };
        match self.understand(&waiting, &answer) {
            Ok(Heard::Told(reply)) => cx.reply(waiting.request, reply),
            Ok(Heard::Commit(offsets, progress)) => {
                let question = json!({"type": "commit_offsets", "offsets": offsets});
                let Json::Object(question) = question else { return };
                self.ask(from, question, Waiting { polled: Some(progress), ..waiting }, cx);
            }
            Err(wrong) => {
                remark(cx, format!("{from} answers `{}` of {me} with a message {wrong}: {line}", said(&waiting)));
                let why: Cause = "the answer cannot be read".into();
                cx.reply(waiting.request, if waiting.op.changes() { Reply::Unknown(why) } else { Reply::Failed(why) });
            }
        }
    }

    /// What an answer means. The error is the end of a sentence.
    fn understand(&mut self, waiting: &Waiting, answer: &Object) -> Result<Heard, String> {
        let (kind, wanted) = (body::text(answer, "type"), said(waiting));
        if kind == "error" {
            return refusal(waiting, answer).map(Heard::Told);
        }
        if kind != format!("{wanted}_ok") {
            return Err(format!("of type `{}`; right is `{wanted}_ok`", note::told(kind)));
        }
        if let Some(progress) = &waiting.polled {
            self.positions = progress.positions.clone();
            return Ok(Heard::Told(Reply::Ok(progress.told.clone())));
        }
        let whole = |key: &str| body::number(answer, key).ok_or_else(|| format!("whose `{key}` is no whole number"));
        let there = |key: &str| answer.get(key).ok_or_else(|| format!("which has no `{key}`"));
        let ret = match &waiting.op {
            Op::Echo(_) => Ret::Echoed(body::value(there("echo")?).unwrap_or_else(|| "null".into())),
            Op::Generate => Ret::Id(body::value(there("id")?).ok_or("whose `id` is null")?),
            Op::Messages => Ret::Messages(list(there("messages")?)?.into()),
            Op::Total => Ret::Total(whole("value")?),
            Op::Register(operation::Op::Read { .. }) => Ret::Value(body::value(there("value")?)),
            Op::Broadcast(_) | Op::Add(_) | Op::Register(_) => Ret::Done,
            Op::Send(..) => Ret::Offset(whole("offset")?),
            Op::Poll { all } => return self.polled(*all, there("msgs")?),
            Op::Assign => {
                let committed = there("offsets")?.as_object().ok_or("whose `offsets` is no object")?;
                let next = |log: &&str| (Key::from(*log), body::number(committed, log).map_or(0, |last| last.saturating_add(1)));
                self.positions = LOGS.iter().map(next).collect();
                Ret::Done
            }
        };
        Ok(Heard::Told(Reply::Ok(ret)))
    }

    /// Messages of logs. Where there are any, the client commits how far it is, and goes on behind them.
    fn polled(&self, all: bool, logs: &Json) -> Result<Heard, String> {
        let logs = logs.as_object().ok_or("whose `msgs` is no object")?;
        let mut messages = Vec::new();
        let (mut offsets, mut positions) = (Object::new(), self.positions.clone());
        for (log, pairs) in logs {
            let key: Key = log.as_str().into();
            for pair in pairs.as_array().ok_or("whose `msgs` are no lists")? {
                let Some([offset, message]) = pair.as_array().map(Vec::as_slice) else {
                    return Err("whose `msgs` are no pairs of an offset and a message".to_string());
                };
                let offset = offset.as_i64().ok_or("in which an offset is no whole number")?;
                messages.push(Polled { key: key.clone(), offset, value: body::value(message).unwrap_or_else(|| "null".into()) });
            }
            let last = messages.iter().filter(|m| m.key == key).map(|m| m.offset).max();
            if let Some(last) = last {
                let next = positions.get(&key).copied().unwrap_or(0);
                positions.insert(key, next.max(last.saturating_add(1)));
                offsets.insert(log.clone(), json!(last));
            }
        }
        let ret = Ret::Polled { messages: messages.into() };
        // Who looks at everything once more has not worked through it.
        if offsets.is_empty() || all {
            return Ok(Heard::Told(Reply::Ok(ret)));
        }
        Ok(Heard::Commit(offsets, Progress { told: ret, positions }))
    }
}

/// What an answer leads to.
enum Heard {
    Told(Reply<Ret>),
    Commit(Object, Progress),
}

/// The type of the message that is answered.
fn said(waiting: &Waiting) -> &'static str {
    match &waiting.op {
        _ if waiting.polled.is_some() => "commit_offsets",
        Op::Echo(_) => "echo",
        Op::Generate => "generate",
        Op::Broadcast(_) => "broadcast",
        Op::Messages | Op::Total | Op::Register(operation::Op::Read { .. }) => "read",
        Op::Add(_) => "add",
        Op::Register(operation::Op::Cas { .. }) => "cas",
        Op::Register(_) => "write",
        Op::Send(..) => "send",
        Op::Poll { .. } => "poll",
        Op::Assign => "list_committed_offsets",
    }
}

/// What an error says. That a key does not exist is what a read has seen.
fn refusal(waiting: &Waiting, answer: &Object) -> Result<Reply<Ret>, String> {
    const NO_KEY: i64 = 20;
    let code = body::number(answer, "code").ok_or("of an error whose `code` is no whole number")?;
    let why: Cause = match body::text(answer, "text") {
        "" => body::error(code).into(),
        text => format!("{}: {}", body::error(code), note::told(text)).into(),
    };
    Ok(match &waiting.op {
        Op::Register(operation::Op::Read { .. }) if code == NO_KEY => Reply::Ok(Ret::Value(None)),
        _ if body::is_definite(code) => Reply::Refused(why),
        op if op.changes() => Reply::Unknown(why),
        _ => Reply::Failed(why),
    })
}

fn list(json: &Json) -> Result<Vec<Value>, String> {
    let all = json.as_array().ok_or("whose `messages` is no list")?;
    Ok(all.iter().map(|one| body::value(one).unwrap_or_else(|| "null".into())).collect())
}

fn remark(cx: &mut Context<'_>, what: String) {
    cx.note(Note::Senseless(what.into()));
}
