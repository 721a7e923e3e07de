//! What users can ask of the application.

use crate::check::operation::{Key, Value};
use crate::cluster::kit::ask::{Ask, call, calls};
use crate::command::{Arg, Call, CallDoc};

use super::message::Op;
use super::shop::CUSTOMERS;

/// The most that is moved at once.
const MOST: i64 = 1_000_000;
const CLERKS: &[(&str, &str)] = &[("tom", "a clerk"), ("uma", "a clerk")];
const NAMES: &[(&str, &str)] = &[("anna", "100 at the start"), ("bob", "50 at the start"), ("carl", "nothing at the start")];
const THINGS: &[(&str, &str)] = &[("book", "Dune"), ("pen", "Pen"), ("mug", "Mug")];

/// Every call.
pub(super) static ASKS: [Ask<Op>; 8] = [
    Ask {
        doc: CallDoc {
            key: Some('t'),
            weight: 40,
            offers: ("FROM", NAMES),
            also: &["c1 transfer 10 from bob to anna"],
            ..call(
                "transfer",
                &["CLIENT transfer COUNT from FROM to TO"],
                "c1 transfer 10 from anna to bob",
                "move money from one customer to another: two changes",
            )
        },
        read: |call| Ok(Op::Transfer { amount: amount(call)?, from: key(call, "FROM"), to: key(call, "TO") }),
        drawn: Some(|key, _| Op::Transfer { amount: 1, to: other(&key), from: key }),
    },
    Ask {
        doc: CallDoc {
            key: Some('o'),
            weight: 20,
            offers: ("ITEM", THINGS),
            ..call("order", &["CLIENT order ITEM for CUSTOMER"], "c1 order book for anna", "sell one of an item to a customer")
        },
        read: |call| Ok(Op::Order { item: key(call, "ITEM"), customer: key(call, "CUSTOMER") }),
        drawn: Some(|key, _| Op::Order { item: key, customer: CUSTOMERS[0].into() }),
    },
    Ask {
        doc: CallDoc {
            key: Some('s'),
            changes: false,
            weight: 10,
            offers: ("ORDER", &[("anna-1", "the first order")]),
            ..call("page", &["CLIENT page ORDER"], "c1 page anna-1", "show an order with its customer and items")
        },
        read: |call| Ok(Op::Page { order: key(call, "ORDER") }),
        drawn: Some(|order, _| Op::Page { order }),
    },
    Ask {
        doc: CallDoc {
            key: Some('r'),
            weight: 5,
            offers: ("ITEM", THINGS),
            probe: true,
            ..call("rename", &["CLIENT rename ITEM to TITLE"], "c1 rename book to Emma", "give an item another title, everywhere")
        },
        read: |call| Ok(Op::Rename { item: key(call, "ITEM"), title: key(call, "TITLE") }),
        drawn: Some(|item, request| Op::Rename { item, title: format!("Title{}", request.0).into() }),
    },
    Ask {
        doc: CallDoc {
            key: Some('v'),
            changes: false,
            weight: 5,
            offers: ("ITEM", THINGS),
            ..call("count", &["CLIENT count ITEM"], "c1 count book", "count how often an item was sold, over all orders")
        },
        read: |call| Ok(Op::Count { item: key(call, "ITEM") }),
        drawn: Some(|item, _| Op::Count { item }),
    },
    Ask {
        doc: CallDoc {
            key: Some('a'),
            changes: false,
            weight: 15,
            ..call(
                "audit",
                &["CLIENT audit", "CLIENT audit slowly"],
                "c2 audit slowly",
                "add up all balances, by one statement for each server or, slowly, for each customer",
            )
        },
        read: |call| Ok(Op::Audit { slowly: call.form == 1 }),
        drawn: Some(|_, _| Op::Audit { slowly: false }),
    },
    Ask {
        doc: CallDoc {
            key: Some('l'),
            weight: 3,
            offers: ("CLERK", CLERKS),
            also: &["c1 leave uma"],
            ..call("leave", &["CLIENT leave CLERK"], "c1 leave tom", "take a clerk off duty, if another one stays: reads both, changes one")
        },
        read: |call| Ok(Op::Leave { clerk: key(call, "CLERK") }),
        drawn: Some(|clerk, _| Op::Leave { clerk }),
    },
    Ask {
        doc: CallDoc {
            weight: 2,
            ..call("migrate", &["CLIENT migrate"], "c1 migrate", "bring all items to a new schema: prices in cents")
        },
        read: |_| Ok(Op::Migrate {}),
        drawn: None,
    },
];

/// Their words.
pub(super) static CALLS: [CallDoc; 8] = calls(&ASKS);

fn key(call: &Call, slot: &str) -> Key {
    call.get(slot).and_then(Arg::key).unwrap_or_default()
}

fn amount(call: &Call) -> Result<u32, String> {
    match call.get("COUNT").and_then(Arg::value) {
        Some(Value::Int(amount)) if (1..=MOST).contains(amount) => Ok(*amount as u32),
        _ => Err(format!("`{call}` moves a whole number from 1 to {MOST}")),
    }
}

/// Whom a workload lets somebody give to.
fn other(from: &Key) -> Key {
    let at = usize::from(&**from == CUSTOMERS[0]);
    CUSTOMERS[at].into()
}

/// An operation as it is typed.
pub(super) fn asked(op: &Op) -> Call {
    let text = |key: &Key| Arg::Value(Value::from(&**key));
    let (at, form, args) = match op {
        Op::Transfer { amount, from, to } => (0, 0, vec![Arg::Value(Value::Int(i64::from(*amount))), text(from), text(to)]),
        Op::Order { item, customer } => (1, 0, vec![text(item), text(customer)]),
        Op::Page { order } => (2, 0, vec![text(order)]),
        Op::Rename { item, title } => (3, 0, vec![text(item), text(title)]),
        Op::Count { item } => (4, 0, vec![text(item)]),
        Op::Audit { slowly } => (5, u8::from(*slowly), Vec::new()),
        Op::Leave { clerk } => (6, 0, vec![text(clerk)]),
        Op::Migrate {} => (7, 0, Vec::new()),
    };
    Call { verb: &CALLS[at].verb, form, args }
}
