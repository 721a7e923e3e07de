//! What users ask, in the words of the command language.

use crate::check::operation::Key;
use crate::cluster::kit::ask::{Ask, call, calls};
use crate::command::{Arg, Call, CallDoc};

use super::message::Op;

/// What is looked at where nothing else is said.
const BOOK: &str = "book";

fn item(call: &Call) -> Key {
    call.get("KEY").and_then(Arg::key).unwrap_or_else(|| BOOK.into())
}

/// What users ask.
pub(super) static ASKS: [Ask<Op>; 6] = [
    Ask {
        doc: CallDoc {
            key: Some('v'),
            changes: false,
            weight: 60,
            ..call(
                "view",
                &["CLIENT view KEY", "CLIENT view", "CLIENT view KEY from SERVER"],
                "c1 view book",
                "look at the page of a product, with its price",
            )
        },
        read: |call| Ok(Op::View { item: item(call) }),
        drawn: Some(|item, _| Op::View { item }),
    },
    Ask {
        doc: CallDoc {
            key: Some('a'),
            weight: 25,
            ..call("add", &["CLIENT add KEY", "CLIENT add"], "c1 add book", "put a product into the cart")
        },
        read: |call| Ok(Op::Add { item: item(call) }),
        drawn: Some(|item, _| Op::Add { item }),
    },
    Ask {
        doc: CallDoc { weight: 10, ..call("checkout", &["CLIENT checkout"], "c1 checkout", "buy what is in the cart; a new cart begins") },
        read: |_| Ok(Op::Checkout),
        drawn: Some(|_, _| Op::Checkout),
    },
    Ask {
        doc: CallDoc {
            weight: 2,
            ..call(
                "garble",
                &["CLIENT garble"],
                "c1 garble",
                "send a request that makes no sense; accepted, it puts nonsense into the cart",
            )
        },
        read: |_| Ok(Op::Garbled),
        drawn: Some(|_, _| Op::Garbled),
    },
    Ask {
        doc: CallDoc {
            changes: false,
            weight: 3,
            ..call(
                "intrude",
                &["CLIENT intrude", "CLIENT intrude to SERVER"],
                "c1 intrude",
                "ask for a page with a token that ended an hour ago",
            )
        },
        read: |_| Ok(Op::Intrude),
        drawn: Some(|_, _| Op::Intrude),
    },
    Ask {
        doc: CallDoc {
            changes: false,
            weight: 0,
            ..call("poison", &["CLIENT poison"], "c1 poison", "send a request that crashes the program which works on it")
        },
        read: |_| Ok(Op::Poison),
        drawn: None,
    },
];

/// Their words.
pub(super) static CALLS: [CallDoc; 6] = calls(&ASKS);

/// An operation as it is typed.
pub(super) fn asked(op: &Op) -> Call {
    let (at, args) = match op {
        Op::View { item } => (0, vec![item.into()]),
        Op::Add { item } => (1, vec![item.into()]),
        Op::Checkout => (2, Vec::new()),
        Op::Garbled => (3, Vec::new()),
        Op::Intrude => (4, Vec::new()),
        Op::Poison => (5, Vec::new()),
    };
    Call::new(&CALLS[at].verb, args)
}
