//! What users can ask.

use crate::check::operation::Key;
use crate::cluster::kit::ask::{Ask, call, calls};
use crate::command::{Arg, Call, CallDoc};

use super::message::{Op, Way, What};

/// The form without a token, and the one past the gateway.
const BARE: u8 = 1;
const DIRECT: u8 = 2;

const HOME: &[&str] = &["CLIENT home", "CLIENT home without token"];
const ORDERS: &[&str] = &["CLIENT orders KEY", "CLIENT orders KEY without token", "CLIENT orders KEY directly"];
const PAY: &[&str] = &["CLIENT pay KEY", "CLIENT pay KEY without token", "CLIENT pay KEY directly"];
const LOGIN: &[&str] = &["CLIENT login"];

/// Every call.
pub(super) static ASKS: [Ask<Op>; 4] = [
    Ask {
        doc: CallDoc {
            key: Some('o'),
            weight: 30,
            changes: false,
            ..call("home", HOME, "c1 home", "ask the gateway for the page that it gathers from several services: GET /home")
        },
        read: |call| Ok(Op { what: What::Home, way: way(call) }),
        drawn: Some(|_, _| Op { what: What::Home, way: Way::Token }),
    },
    Ask {
        doc: CallDoc {
            key: Some('r'),
            weight: 40,
            changes: false,
            ..call("orders", ORDERS, "c1 orders 7", "ask the gateway, or the service itself, for an order: GET /orders/7")
        },
        read: |call| Ok(Op { what: What::Order(key(call)?), way: way(call) }),
        drawn: Some(|key, _| Op { what: What::Order(key), way: Way::Token }),
    },
    Ask {
        doc: CallDoc {
            key: Some('y'),
            weight: 30,
            ..call("pay", PAY, "c1 pay 7", "make payment 7: POST /pay; the same key of the same user is the same payment")
        },
        read: |call| Ok(Op { what: What::Pay(key(call)?), way: way(call) }),
        // Each request of a workload is a payment of its own.
        drawn: Some(|key, request| Op { what: What::Pay(format!("{key}.{}", request.0).into()), way: Way::Token }),
    },
    Ask {
        doc: CallDoc { changes: false, weight: 0, ..call("login", LOGIN, "c1 login", "get a new token from auth") },
        read: |_| Ok(Op { what: What::Login, way: Way::Bare }),
        drawn: None,
    },
];

/// Their words.
pub(super) static CALLS: [CallDoc; 4] = calls(&ASKS);

fn key(call: &Call) -> Result<Key, String> {
    call.get("KEY").and_then(Arg::key).ok_or_else(|| format!("`{call}` says not which one"))
}

fn way(call: &Call) -> Way {
    match call.form {
        BARE => Way::Bare,
        DIRECT => Way::Direct,
        _ => Way::Token,
    }
}

/// An operation as it is typed.
pub(super) fn asked(op: &Op) -> Call {
    let form = match op.way {
        Way::Token => 0,
        Way::Bare => BARE,
        Way::Direct => DIRECT,
    };
    let (at, key) = match &op.what {
        What::Home => (0, None),
        What::Order(key) => (1, Some(key)),
        What::Pay(key) => (2, Some(key)),
        What::Login => return Call { verb: &CALLS[3].verb, form: 0, args: Vec::new() },
    };
    Call { verb: &CALLS[at].verb, form, args: key.into_iter().map(Arg::from).collect() }
}
