//! What clients can ask.

use std::sync::Arc;

use crate::check::operation::{Key, Op, Value};
use crate::cluster::kit::ask::{Ask, call, calls};
use crate::cluster::kit::register::{self, nothing, value};
use crate::command::{Arg, Call, CallDoc};
use crate::sim::id::RequestId;

use super::client::write;
use super::keys::{Named, TODAY, of_customer, order, read};
use super::request::{Query, Request};

/// Every call.
pub(super) static ASKS: [Ask<Request>; 9] = [
    Ask {
        doc: CallDoc {
            key: Some('w'),
            weight: 45,
            ..call("put", &["CLIENT put KEY VALUE", "CLIENT put KEY VALUE to SERVER"], "c1 put x 1", "let a client set a key")
        },
        read: |call| Ok(write(key(call)?, Some(value(call)?))),
        drawn: Some(|key, request: RequestId| write(key, Some(Value::Int(i64::from(request.0) + 1)))),
    },
    Ask {
        doc: CallDoc {
            key: Some('r'),
            changes: false,
            weight: 45,
            ..call(
                "get",
                &["CLIENT get KEY", "CLIENT get KEY from SERVER"],
                "c1 get k7",
                "let a client read a key, where its map says, or at a server",
            )
        },
        read: |call| Ok(Request::Key(Op::Read { key: key(call)? })),
        drawn: Some(|key, _| Request::Key(Op::Read { key })),
    },
    Ask {
        doc: CallDoc { weight: 5, ..call("delete", &["CLIENT delete KEY"], "c1 delete x", "let a client delete a key") },
        read: |call| Ok(write(key(call)?, None)),
        drawn: Some(|key, _| write(key, None)),
    },
    Ask {
        doc: CallDoc {
            ..call(
                "hit",
                &["CLIENT hit KEY"],
                "c1 hit page",
                "let a client count a counter up by one; counters are no keys that can be put",
            )
        },
        read: |call| Ok(Request::Add(key(call)?)),
        drawn: Some(|key, _| Request::Add(key)),
    },
    Ask {
        doc: CallDoc {
            changes: false,
            ..call("hits", &["CLIENT hits KEY"], "c1 hits page", "let a client read a counter, all its parts together")
        },
        read: |call| Ok(Request::Count(key(call)?)),
        drawn: Some(|key, _| Request::Count(key)),
    },
    Ask {
        doc: CallDoc {
            key: Some('s'),
            changes: false,
            weight: 3,
            ..call(
                "scan",
                &["CLIENT scan KEY", "CLIENT scan KEY UPTO"],
                "c1 scan k1",
                "let a client read all keys that begin so, or from one up to another",
            )
        },
        read: |call| Ok(Request::Query(Query::Scan(key(call)?, upto(call)))),
        drawn: Some(|key, _| Request::Query(Query::Scan(key, None))),
    },
    Ask {
        doc: CallDoc {
            key: Some('f'),
            changes: false,
            weight: 3,
            ..call(
                "find",
                &["CLIENT find VALUE"],
                "c1 find anna",
                "let a client ask for all keys that have a value: by another field than the key",
            )
        },
        read: |call| Ok(Request::Query(Query::Find(value(call)?))),
        drawn: Some(|key, _| Request::Query(Query::Find(Value::Text(key)))),
    },
    Ask {
        doc: CallDoc {
            weight: 0,
            ..call(
                "order",
                &["CLIENT order CUSTOMER COUNT"],
                "c1 order anna 7",
                "let a client place an order of today, under a key in order of time: 11-24:0007",
            )
        },
        read: |call| {
            let (customer, number) = ordered(call)?;
            Ok(write(order(TODAY, number), Some(Value::Text(customer))))
        },
        drawn: Some(|customer, request: RequestId| write(order(TODAY, request.0 + 1), Some(Value::Text(customer)))),
    },
    Ask {
        doc: CallDoc {
            weight: 0,
            ..call(
                "buy",
                &["CLIENT buy CUSTOMER COUNT"],
                "c1 buy anna 7",
                "the same under a key that begins with the customer: anna:11-24:0007",
            )
        },
        read: |call| {
            let (customer, number) = ordered(call)?;
            Ok(write(of_customer(&customer, TODAY, number), Some(Value::Text("new".into()))))
        },
        drawn: Some(|customer, request: RequestId| write(of_customer(&customer, TODAY, request.0 + 1), Some(Value::Text("new".into())))),
    },
];

/// The words of every call.
pub(super) static CALLS: [CallDoc; 9] = calls(&ASKS);

/// The key of a call. Rows of counters and of the index have names of their own, which no key may have.
fn key(call: &Call) -> Result<Key, String> {
    let key = register::key(call)?;
    match read(&key) {
        Named::Plain(_) => Ok(key),
        Named::Part(name, part) => Err(format!("`{key}` is the name of part {part} of the counter {name}, not of a key")),
        Named::Entry(_) => Err(format!("`{key}` begins with `=`, as the entries of the index do")),
    }
}

/// The key that ends a scan, exclusive.
fn upto(call: &Call) -> Option<Key> {
    call.get("UPTO").and_then(Arg::key)
}

/// Who orders, and the number of the order.
fn ordered(call: &Call) -> Result<(Arc<str>, u32), String> {
    let customer = call.get("CUSTOMER").and_then(Arg::key).ok_or_else(|| format!("`{call}` names no customer"))?;
    if read(&customer) != Named::Plain(&customer) {
        return Err(format!("a customer is not called `{customer}`"));
    }
    match call.get("COUNT").and_then(Arg::value) {
        Some(Value::Int(number)) if (1..=9999).contains(number) => Ok((customer, *number as u32)),
        _ => Err(format!("`{call}` takes a number from 1 to 9999")),
    }
}

/// A request in the words of the command language.
pub(super) fn asked(request: &Request) -> Call {
    let [put, get, delete, add, count, scan, find, ..] = &CALLS;
    let key = |key: &Key| Arg::from(key);
    match request {
        Request::Key(Op::Read { key: of }) => Call::new(&get.verb, vec![key(of)]),
        Request::Key(Op::Write { key: of, value }) if *value == nothing() => Call::new(&delete.verb, vec![key(of)]),
        Request::Key(Op::Write { key: of, value } | Op::Cas { key: of, value, .. } | Op::Append { key: of, value }) => {
            Call::new(&put.verb, vec![key(of), value.clone().into()])
        }
        Request::Add(of) => Call::new(&add.verb, vec![key(of)]),
        Request::Count(of) => Call::new(&count.verb, vec![key(of)]),
        Request::Query(Query::Scan(from, None)) => Call::new(&scan.verb, vec![key(from)]),
        Request::Query(Query::Scan(from, Some(upto))) => Call { form: 1, ..Call::new(&scan.verb, vec![key(from), key(upto)]) },
        Request::Query(Query::Find(value)) => Call::new(&find.verb, vec![value.clone().into()]),
    }
}
