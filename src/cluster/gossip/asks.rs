//! What clients can ask, in the words of the command language.

use crate::cluster::kit::ask::{Ask, call, calls};
use crate::command::{Arg, Call, CallDoc};

use super::message::Op;

/// Every call.
pub(super) static ASKS: [Ask<Op>; 2] = [
    Ask {
        doc: CallDoc {
            key: Some('r'),
            weight: 30,
            ..call(
                "rumour",
                &["CLIENT rumour KEY", "CLIENT rumour KEY to SERVER"],
                "c1 rumour x to n2",
                "tell a member something that is to reach all of them",
            )
        },
        read: |call| call.get("KEY").and_then(Arg::key).map(Op::Start).ok_or_else(|| format!("`{call}` says no word")),
        drawn: Some(|key, _| Op::Start(key)),
    },
    Ask {
        doc: CallDoc {
            key: Some('l'),
            changes: false,
            weight: 70,
            ..call(
                "members",
                &["CLIENT members", "CLIENT members from SERVER"],
                "c1 members from n2",
                "ask a member whom it believes alive, and whom it suspects or holds for dead",
            )
        },
        read: |_| Ok(Op::Members),
        drawn: Some(|_, _| Op::Members),
    },
];

/// Their words.
pub(super) static CALLS: [CallDoc; 2] = calls(&ASKS);

/// An operation as it is typed.
pub(super) fn asked(op: &Op) -> Call {
    match op {
        Op::Start(word) => Call::new(&CALLS[0].verb, vec![Arg::from(word)]),
        Op::Members => Call::new(&CALLS[1].verb, Vec::new()),
    }
}
