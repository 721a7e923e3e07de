//! What clients can ask, in the words of the command language.

use crate::check::operation::{Key, Op, Value};
use crate::cluster::kit::ask::{Ask, call, calls};
use crate::cluster::kit::register::{self, DELETE, key, nothing, value};
use crate::command::{Arg, Call, CallDoc};
use crate::sim::id::RequestId;

use super::request::Request;

/// Every call.
pub(super) static ASKS: [Ask<Request>; 12] = [
    Ask {
        doc: register::CALLS[0],
        read: |call| (register::ASKS[0].read)(call).map(Request::Plain),
        drawn: Some(|key, request: RequestId| Request::Plain(Op::Write { key, value: Value::Int(i64::from(request.0) + 1) })),
    },
    Ask {
        doc: register::CALLS[1],
        read: |call| (register::ASKS[1].read)(call).map(Request::Plain),
        drawn: Some(|key, _| Request::Plain(Op::Read { key })),
    },
    Ask { doc: register::CALLS[2], read: |call| (register::ASKS[2].read)(call).map(Request::Plain), drawn: None },
    Ask { doc: register::CALLS[3], read: |call| (register::ASKS[3].read)(call).map(Request::Plain), drawn: None },
    Ask { doc: DELETE, read: |call| Ok(Request::Plain(Op::Write { key: key(call)?, value: nothing() })), drawn: None },
    Ask {
        doc: CallDoc {
            key: Some('i'),
            weight: 8,
            ..call(
                "insert",
                &["CLIENT insert KEY VALUE", "CLIENT insert KEY VALUE to SERVER"],
                "c1 insert orders book",
                "let a client add a row to a table, under the next automatic key of its leader",
            )
        },
        read: |call| Ok(Request::Insert { table: key(call)?, value: value(call)? }),
        drawn: Some(|table, request: RequestId| Request::Insert { table, value: Value::Int(i64::from(request.0) + 1) }),
    },
    Ask {
        doc: CallDoc {
            key: Some('o'),
            weight: 8,
            ..call(
                "book",
                &["CLIENT book KEY VALUE", "CLIENT book KEY VALUE to SERVER"],
                "c1 book room5 anna",
                "let a client book a room for a guest, if its leader knows of no other booking",
            )
        },
        read: |call| Ok(Request::Book(Op::Cas { key: key(call)?, expected: None, value: value(call)? })),
        drawn: None,
    },
    Ask {
        doc: CallDoc {
            key: Some('t'),
            weight: 8,
            ..call(
                "comment",
                &["CLIENT comment KEY VALUE", "CLIENT comment KEY VALUE on TARGET"],
                "c2 comment a1 yes on q1",
                "let a client write a comment, or one that answers another which its leader has",
            )
        },
        read: |call| Ok(Request::Comment(Op::Write { key: key(call)?, value: value(call)? }, call.get("TARGET").and_then(Arg::key))),
        drawn: None,
    },
    Ask {
        doc: CallDoc {
            key: Some('y'),
            weight: 8,
            ..call(
                "buy",
                &["CLIENT buy KEY", "CLIENT buy KEY to SERVER"],
                "c1 buy book",
                "let a client take one from a stock, if its leader has any",
            )
        },
        read: |call| Ok(Request::Buy(key(call)?)),
        drawn: Some(|key, _| Request::Buy(key)),
    },
    Ask {
        doc: CallDoc {
            key: Some('a'),
            weight: 10,
            ..call("add", &["CLIENT add KEY COUNT", "CLIENT add KEY COUNT to SERVER"], "c1 add likes 1", "let a client add to a number")
        },
        read: |call| Ok(Request::Add(key(call)?, amount(call)?)),
        drawn: Some(|key, _| Request::Add(key, 1)),
    },
    Ask {
        doc: CallDoc {
            weight: 8,
            ..call(
                "include",
                &["CLIENT include KEY VALUE", "CLIENT include KEY VALUE to SERVER"],
                "c1 include cart book",
                "let a client put an item into a set",
            )
        },
        read: |call| Ok(Request::Include(key(call)?, value(call)?)),
        drawn: Some(|key: Key, request: RequestId| Request::Include(key, Value::Int(i64::from(request.0) + 1))),
    },
    Ask {
        doc: CallDoc {
            weight: 4,
            ..call(
                "exclude",
                &["CLIENT exclude KEY VALUE", "CLIENT exclude KEY VALUE to SERVER"],
                "c1 exclude cart book",
                "let a client take an item out of a set",
            )
        },
        read: |call| Ok(Request::Exclude(key(call)?, value(call)?)),
        drawn: None,
    },
];

/// The words of every call.
pub(super) static CALLS: [CallDoc; 12] = calls(&ASKS);

fn amount(call: &Call) -> Result<i64, String> {
    match call.get("COUNT").and_then(Arg::value) {
        Some(Value::Int(amount)) => Ok(*amount),
        _ => Err(format!("`{call}` does not say how much")),
    }
}

/// A request in the words of the command language.
pub(super) fn asked(request: &Request) -> Call {
    let [.., delete, insert, book, comment, buy, add, include, exclude] = &CALLS;
    let key = Arg::from(request.key());
    match request {
        _ if request.deletes() => Call::new(&delete.verb, vec![key]),
        Request::Plain(op) => register::asked(op),
        Request::Book(op) => Call::new(&book.verb, [key].into_iter().chain(written(op)).collect()),
        Request::Comment(op, None) => Call::new(&comment.verb, [key].into_iter().chain(written(op)).collect()),
        Request::Comment(op, Some(on)) => {
            let args = [key].into_iter().chain(written(op)).chain([Arg::from(on)]).collect();
            Call { form: 1, ..Call::new(&comment.verb, args) }
        }
        Request::Insert { value, .. } => Call::new(&insert.verb, vec![key, value.clone().into()]),
        Request::Buy(_) => Call::new(&buy.verb, vec![key]),
        Request::Add(_, amount) => Call::new(&add.verb, vec![key, Value::Int(*amount).into()]),
        Request::Include(_, item) => Call::new(&include.verb, vec![key, item.clone().into()]),
        Request::Exclude(_, item) => Call::new(&exclude.verb, vec![key, item.clone().into()]),
    }
}

fn written(op: &Op) -> Option<Arg> {
    match op {
        Op::Write { value, .. } | Op::Cas { value, .. } => Some(value.clone().into()),
        _ => None,
    }
}
