//! Registers: what clients of a key-value store ask, what became of it, and how it is judged. For every cluster that stores keys.

mod facts;
mod fresh;
mod seen;

use crate::check::operation::{Key, Op, Operation, Outcome, Replicas, Ret, Value};
use crate::check::verdict::Verdicts;
use crate::cluster::live::{Live, Staged};
use crate::command::{Arg, Call, CallDoc};
use crate::harmless::line;
use crate::sim::history::{Kind, Record};
use crate::sim::id::{NodeId, RequestId};

use super::ask::{Ask, call, calls};

pub use facts::{latencies, operations as outcomes, staleness};
pub use seen::{Acked, Newest, Register};

/// A cluster whose clients use registers.
pub trait Registers: Staged {
    /// What a client asks, as the checkers know it; `None` for what is no operation of a register.
    fn op(op: &Self::Op) -> Option<&Op>;
    /// What a client was told.
    fn answer(ret: &Self::Ret) -> Answer<'_>;
    /// What is remembered of the clients.
    fn register(watch: &Self::Watch) -> &Register;
    /// The client that stands for the user to whom a client belongs: promises to a session are judged for users.
    fn user(settings: &Self::Settings, client: NodeId) -> NodeId {
        let _ = settings;
        client
    }
    /// What such a user is called.
    fn user_name(settings: &Self::Settings, user: NodeId) -> String {
        let _ = settings;
        user.to_string()
    }
    /// What the replicas hold.
    fn replicas(live: &Live<Self>) -> Replicas;
}

/// What a client was told of a register.
pub struct Answer<'a> {
    /// The result.
    pub ret: &'a Ret,
    /// The request whose write a read saw; `None` where it saw nothing.
    pub wrote: Option<RequestId>,
    /// The requests whose values stand beside it, where several are kept.
    pub beside: &'a [RequestId],
}

/// The words of a deletion, where that is a write.
pub const DELETE: CallDoc = CallDoc {
    weight: 5,
    ..call(
        "delete",
        &["CLIENT delete KEY", "CLIENT delete KEY to SERVER"],
        "c1 delete x",
        "let a client delete a key: a tombstone takes its place",
    )
};

/// What clients ask.
pub static ASKS: [Ask<Op>; 4] = asks();

/// What clients ask, as operations of a cluster whose clients can ask more than this.
pub const fn asks<O: From<Op>>() -> [Ask<O>; 4] {
    [
        Ask {
            doc: CallDoc {
                key: Some('w'),
                weight: 40,
                ..call("write", &["CLIENT write KEY VALUE", "CLIENT write KEY VALUE to SERVER"], "c1 write x 1", "let a client set a key")
            },
            read: |call| Ok(Op::Write { key: key(call)?, value: value(call)? }.into()),
            drawn: Some(|key, request| Op::Write { key, value: Value::Int(i64::from(request.0) + 1) }.into()),
        },
        Ask {
            doc: CallDoc {
                key: Some('r'),
                changes: false,
                weight: 45,
                ..call("read", &["CLIENT read KEY", "CLIENT read KEY from SERVER"], "c1 read x from n2", "let a client read a key")
            },
            read: |call| Ok(Op::Read { key: key(call)? }.into()),
            drawn: Some(|key, _| Op::Read { key }.into()),
        },
        Ask {
            doc: CallDoc {
                weight: 15,
                ..call(
                    "cas",
                    &["CLIENT cas KEY EXPECTED VALUE", "CLIENT cas KEY EXPECTED VALUE to SERVER"],
                    "c2 cas x 1 2",
                    "let a client set a key only if it has the expected value (`nil`: none)",
                )
            },
            read: |call| {
                let expected = call.get("EXPECTED").and_then(Arg::value).cloned();
                Ok(Op::Cas { key: key(call)?, expected, value: value(call)? }.into())
            },
            drawn: None,
        },
        Ask {
            doc: CallDoc {
                weight: 10,
                apart: true,
                ..call(
                    "append",
                    &["CLIENT append KEY VALUE", "CLIENT append KEY VALUE to SERVER"],
                    "c1 append x a",
                    "let a client append to a key",
                )
            },
            read: |call| Ok(Op::Append { key: key(call)?, value: value(call)? }.into()),
            drawn: None,
        },
    ]
}

/// The words of what clients ask.
pub static CALLS: [CallDoc; 4] = calls(&ASKS);

/// The key that a call names.
pub fn key(call: &Call) -> Result<Key, String> {
    call.get("KEY").and_then(Arg::key).ok_or_else(|| format!("`{call}` names no key"))
}

/// The value that a call names.
pub fn value(call: &Call) -> Result<Value, String> {
    call.get("VALUE").and_then(Arg::value).cloned().ok_or_else(|| format!("`{call}` names no value"))
}

/// The value that is none, for the checkers too: a delete writes it.
pub fn nothing() -> Value {
    Value::Text("".into())
}

/// An operation in the words of the command language.
pub fn asked(op: &Op) -> Call {
    let [write, read, cas, append] = &CALLS;
    let (doc, args) = match op {
        Op::Write { key, value } => (write, vec![key.into(), value.clone().into()]),
        Op::Read { key } => (read, vec![key.into()]),
        Op::Cas { key, expected, value } => (cas, vec![key.into(), expected.clone().map_or(Arg::Nil, Arg::Value), value.clone().into()]),
        Op::Append { key, value } => (append, vec![key.into(), value.clone().into()]),
    };
    Call::new(&doc.verb, args)
}

/// An operation as a message says it: `x=7`, `read x`.
pub fn label(op: &Op) -> String {
    let text = match op {
        Op::Read { key } => format!("read {key}"),
        Op::Write { key, value } => format!("{key}={value}"),
        Op::Cas { key, expected, value } => {
            let expected = expected.as_ref().map_or_else(|| "nil".to_string(), Value::to_string);
            format!("{key}:{expected}→{value}")
        }
        Op::Append { key, value } => format!("{key}+={value}"),
    };
    line(&text).into_owned()
}

/// What a client was told, in a word or two: `ok`, `7`, `nil`.
pub fn told(ret: &Ret) -> String {
    match ret {
        Ret::Value(Some(value)) => line(&value.to_string()).into_owned(),
        Ret::Value(None) => "nil".to_string(),
        Ret::Done | Ret::Swapped => "ok".to_string(),
        Ret::NotSwapped => "no: another value".to_string(),
    }
}

/// What an operation answers, and the value that it leaves where it changes something.
pub fn evaluate(op: &Op, now: Option<&Value>) -> (Ret, Option<Value>) {
    match op {
        Op::Read { .. } => (Ret::Value(now.cloned()), None),
        Op::Write { value, .. } => (Ret::Done, Some(value.clone())),
        Op::Cas { expected, value, .. } if now == expected.as_ref() => (Ret::Swapped, Some(value.clone())),
        Op::Cas { .. } => (Ret::NotSwapped, None),
        Op::Append { value, .. } => {
            let before = now.map(Value::to_string).unwrap_or_default();
            (Ret::Done, Some(Value::from(format!("{before}{value}").as_str())))
        }
    }
}

/// Judges every guarantee of a store of registers.
pub fn judge<P: Registers>(live: &Live<P>) -> Verdicts {
    judge_these(live, &operations(live))
}

/// The same of some of its operations.
pub fn judge_these<P: Registers>(live: &Live<P>, operations: &[Operation]) -> Verdicts {
    let names = |session: u32| P::user_name(live.sim().settings(), NodeId::client(session as u16));
    crate::check::check_all(operations, Some(&P::replicas(live)), &names, crate::check::BUDGET)
}

/// The history as the checkers read it, in the order of the calls.
pub fn operations<P: Registers>(live: &Live<P>) -> Vec<Operation> {
    let (sim, history) = (live.sim(), live.sim().history());
    // Each call has two lines, or one where it has not returned.
    let open: usize = sim.ids().filter(|id| id.is_client()).map(|client| sim.open_requests(client)).sum();
    let mut all: Vec<Operation> = Vec::with_capacity(usize::midpoint(history.len(), open) + 1);
    for record in history.iter() {
        match &record.kind {
            Kind::Invoke(op) => {
                let user = P::user(live.sim().settings(), record.client);
                all.extend(P::op(op).map(|op| begun(&record, user, op)));
            }
            kind => {
                if let Ok(at) = all.binary_search_by_key(&record.request.0, |operation| operation.id) {
                    end::<P>(&mut all[at], kind, record.event);
                }
            }
        }
    }
    all
}

/// A call and a return of one event are concurrent: calls are even, returns odd.
fn begun<Asked, Ret>(record: &Record<Asked, Ret>, user: NodeId, op: &Op) -> Operation {
    Operation {
        id: record.request.0,
        session: user.index() as u32,
        op: op.clone(),
        call: record.event * 2,
        ret: None,
        outcome: Outcome::Unknown,
    }
}

fn end<P: Registers>(operation: &mut Operation, kind: &Kind<P::Op, P::Ret>, event: u64) {
    match kind {
        Kind::Ok(ret) => {
            operation.ret = Some(event * 2 + 1);
            operation.outcome = Outcome::Ok(P::answer(ret).ret.clone());
        }
        Kind::Refused(_) | Kind::Failed(_) => {
            operation.ret = Some(event * 2 + 1);
            operation.outcome = Outcome::Failed;
        }
        Kind::Unknown(_) | Kind::Invoke(_) => {}
    }
}
