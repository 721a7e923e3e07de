//! What clients can ask, in the words of the command language.

use crate::check::operation::{Key, Value};
use crate::cluster::kit::ask::{Ask, call, calls};
use crate::command::{Arg, Call, CallDoc};

use super::message::Op;
use super::record::Part;

/// The forms of `send`: without a key, and past the partitioner.
const SEND: &[&str] = &["CLIENT send KEY VALUE", "CLIENT send KEY VALUE into PARTITION", "CLIENT send VALUE"];
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
pub(super) static ASKS: [Ask<Op>; 2] = [
    Ask {
        doc: CallDoc {
            key: Some('s'),
            weight: 95,
            ..call("send", SEND, "c1 send anna paid", "append a record: its key chooses the partition; without a key partitions take turns")
        },
        read: |call| {
            let key = call.get("KEY").and_then(Arg::key);
            Ok(Op { key, value: call.get("VALUE").and_then(Arg::value).cloned(), part: part(call)? })
        },
        drawn: Some(|key: Key, request| Op { key: Some(key), value: Some(Value::Int(i64::from(request.0) + 1)), part: None }),
    },
    Ask {
        doc: CallDoc {
            weight: 5,
            ..call("delete", DELETE, "c1 delete anna", "append a tombstone: a cleaner takes out what the key had before, and later this too")
        },
        read: |call| Ok(Op { key: call.get("KEY").and_then(Arg::key), value: None, part: None }),
        drawn: Some(|key: Key, _| Op { key: Some(key), value: None, part: None }),
    },
];

/// Their words.
pub(super) static CALLS: [CallDoc; 2] = calls(&ASKS);

/// An operation as it is typed.
pub(super) fn asked(op: &Op) -> Call {
    let key = op.key.iter().map(Arg::from);
    match (&op.value, op.part) {
        (None, _) => Call { verb: &CALLS[1].verb, form: 0, args: key.collect() },
        (Some(value), part) => {
            let form = if op.key.is_none() { 2 } else { u8::from(part.is_some()) };
            let part = part.map(|part| Arg::from(Value::from(part.to_string().as_str())));
            Call { verb: &CALLS[0].verb, form, args: key.chain([Arg::from(value.clone())]).chain(part).collect() }
        }
    }
}
