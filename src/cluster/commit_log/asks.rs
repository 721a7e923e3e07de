//! What clients can ask, in the words of the command language.

use crate::check::operation::{Key, Value};
use crate::cluster::kit::ask::{Ask, call, calls};
use crate::command::{Arg, Call, CallDoc};

use super::message::Op;
use super::record::Part;

/// The forms of `send`: by the partitioner, and past it.
const SEND: &[&str] = &["CLIENT send KEY VALUE", "CLIENT send KEY VALUE into PARTITION"];
const APPEND: &[&str] = &["CLIENT append VALUE"];
const DELETE: &[&str] = &["CLIENT delete KEY"];

/// The text of a place in a call.
fn text(call: &Call, slot: &str) -> Option<String> {
    call.get(slot).and_then(Arg::value).map(Value::to_string)
}

/// The partition that a call names.
pub(super) fn part(call: &Call) -> Result<Option<Part>, String> {
    text(call, "PARTITION").map(|text| text.parse()).transpose()
}

/// What clients ask.
pub(super) static ASKS: [Ask<Op>; 3] = [
    Ask {
        doc: CallDoc {
            key: Some('s'),
            weight: 90,
            ..call("send", SEND, "c1 send anna paid", "append a record: its key chooses the partition")
        },
        read: |call| {
            let key = call.get("KEY").and_then(Arg::key);
            Ok(Op { key, value: call.get("VALUE").and_then(Arg::value).cloned(), part: part(call)? })
        },
        drawn: Some(|key: Key, request| Op { key: Some(key), value: Some(Value::Int(i64::from(request.0) + 1)), part: None }),
    },
    Ask {
        doc: CallDoc { weight: 5, ..call("append", APPEND, "c1 append paid", "append a record without a key: partitions take turns") },
        read: |call| Ok(Op { key: None, value: call.get("VALUE").and_then(Arg::value).cloned(), part: None }),
        drawn: None,
    },
    Ask {
        doc: CallDoc {
            weight: 5,
            ..call(
                "delete",
                DELETE,
                "c1 delete anna",
                "append a tombstone: a cleaner takes out what the key had before, and later this too",
            )
        },
        read: |call| Ok(Op { key: call.get("KEY").and_then(Arg::key), value: None, part: None }),
        drawn: Some(|key: Key, _| Op { key: Some(key), value: None, part: None }),
    },
];

/// Their words.
pub(super) static CALLS: [CallDoc; 3] = calls(&ASKS);

/// An operation as it is typed.
pub(super) fn asked(op: &Op) -> Call {
    let [send, append, delete] = &CALLS;
    let args = op.key.iter().map(Arg::from).chain(op.value.iter().cloned().map(Arg::from));
    match (&op.key, &op.value, op.part) {
        (_, None, _) => Call::new(&delete.verb, args.collect()),
        (None, Some(_), _) => Call::new(&append.verb, args.collect()),
        (Some(_), Some(_), part) => {
            let named = part.map(|part| Arg::from(Value::from(part.to_string().as_str())));
            Call { verb: &send.verb, form: u8::from(part.is_some()), args: args.chain(named).collect() }
        }
    }
}
