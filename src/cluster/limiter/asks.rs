//! What clients can ask.

use crate::check::operation::{Key, Value};
use crate::cluster::kit::ask::{Ask, call, calls};
use crate::command::{Arg, Call, CallDoc};
use crate::sim::time::Span;

use super::message::Op;

/// The forms of a single request, in the order of [`form`].
const ASK: &[&str] = &["CLIENT ask", "CLIENT ask as KEY", "CLIENT ask after SPAN", "CLIENT ask after SPAN as KEY"];
/// The same for several; then those that are spread.
const BURST: &[&str] = &[
    "CLIENT burst COUNT",
    "CLIENT burst COUNT as KEY",
    "CLIENT burst COUNT after SPAN",
    "CLIENT burst COUNT after SPAN as KEY",
    "CLIENT burst COUNT over SPAN",
    "CLIENT burst COUNT over SPAN as KEY",
];
/// The first form of a burst that is spread.
const OVER: u8 = 4;
/// The most requests of a burst.
const MOST: i64 = 10_000;

/// Every call.
pub(super) static ASKS: [Ask<Op>; 2] = [
    Ask {
        doc: CallDoc {
            key: Some('a'),
            weight: 70,
            ..call(
                "ask",
                ASK,
                "c1 ask after 200ms as anna",
                "send a request, as a user (without one: as the client itself), now or after a while",
            )
        },
        read: |call| Ok(Op { after: when(call), ..Op::one(user(call)) }),
        drawn: Some(|user, _| Op::one(Some(user))),
    },
    Ask {
        doc: CallDoc {
            key: Some('s'),
            weight: 30,
            ..call("burst", BURST, "c1 burst 10 after 950ms as anna", "send so many requests, all at once or spread evenly over a while")
        },
        read: |call| {
            let span = when(call);
            let (after, over) = if call.form < OVER { (span, Span::ZERO) } else { (Span::ZERO, span) };
            Ok(Op { burst: Some(count(call)?), after, over, ..Op::one(user(call)) })
        },
        drawn: None,
    },
];

/// Their words.
pub(super) static CALLS: [CallDoc; 2] = calls(&ASKS);

fn user(call: &Call) -> Option<Key> {
    call.get("KEY").and_then(Arg::key)
}

fn when(call: &Call) -> Span {
    match call.get("SPAN") {
        Some(Arg::Span(span)) => *span,
        _ => Span::ZERO,
    }
}

fn count(call: &Call) -> Result<u32, String> {
    match call.get("COUNT").and_then(Arg::value) {
        Some(Value::Int(count)) if (1..=MOST).contains(count) => Ok(*count as u32),
        _ => Err(format!("`{call}` takes a number from 1 to {MOST}")),
    }
}

/// An operation as it is typed.
pub(super) fn asked(op: &Op) -> Call {
    let is_spread = op.over > Span::ZERO;
    let span = if is_spread { op.over } else { op.after };
    let has_span = is_spread || span > Span::ZERO;
    let count = op.burst.map(|count| Arg::Value(Value::Int(i64::from(count))));
    let args = count.into_iter().chain(has_span.then_some(Arg::Span(span))).chain(op.user.iter().map(Arg::from));
    let form = u8::from(op.user.is_some()) + if is_spread { OVER } else { 2 * u8::from(has_span) };
    Call { verb: &CALLS[usize::from(op.burst.is_some())].verb, form, args: args.collect() }
}
