//! What clients can ask and operators can do.

use crate::check::operation::Value;
use crate::cluster::kit::ask::{Ask, Deed, call, calls, verb, verbs};
use crate::command::{Arg, Call, CallDoc, Place, VerbDoc};
use crate::sim::id::NodeId;
use crate::sim::kernel::Sim;

use super::calls::BURST_MOST;
use super::message::Op;
use super::server::Server;
use super::settings::{Does, Http};
use super::{Exchange, FIRST};

/// The most messages of a stream.
const STREAM_MOST: i64 = 10_000;
/// The largest answer in bytes.
const SIZE_MOST: i64 = 100_000_000;

/// The forms of `get`, in the order of [`form`].
const GET: &[&str] = &[
    "CLIENT get KEY",
    "CLIENT get KEY taking SPAN",
    "CLIENT get KEY sized COUNT",
    "CLIENT get KEY taking SPAN sized COUNT",
    "CLIENT get KEY sized COUNT unread",
];

/// A call that a run about this takes.
const fn within(does: &'static str, doc: CallDoc) -> CallDoc {
    CallDoc { within: Some(("does", does)), ..doc }
}

const fn of_chat(name: &'static str, forms: &'static [&'static str], example: &'static str, about: &'static str) -> CallDoc {
    within("chat", call(name, forms, example, about))
}

const fn of_page(name: &'static str, forms: &'static [&'static str], example: &'static str, about: &'static str) -> CallDoc {
    within("page", call(name, forms, example, about))
}

const fn of_calls(name: &'static str, forms: &'static [&'static str], example: &'static str, about: &'static str) -> CallDoc {
    within("calls", call(name, forms, example, about))
}

/// Every call.
pub(super) static ASKS: [Ask<Op>; 11] = [
    Ask {
        doc: CallDoc {
            key: Some('s'),
            weight: 60,
            ..of_chat("say", &["CLIENT say KEY"], "c2 say hello", "chat: tell all others something")
        },
        read: |call| Ok(Op::Say(key(call))),
        drawn: Some(|key, _| Op::Say(key)),
    },
    Ask {
        doc: CallDoc { weight: 5, ..of_chat("typing", &["CLIENT typing"], "c1 typing", "chat: tell the others that somebody types") },
        read: |_| Ok(Op::Typing),
        drawn: Some(|_, _| Op::Typing),
    },
    Ask {
        doc: CallDoc {
            key: Some('l'),
            weight: 30,
            ..of_page("load", &["CLIENT load"], "c1 load", "page: get what the setting `query` says")
        },
        read: |_| Ok(Op::Load),
        drawn: Some(|_, _| Op::Load),
    },
    Ask {
        doc: CallDoc { weight: 5, ..of_page("rename", &["CLIENT rename"], "c2 rename", "page: give customer 1 another name") },
        read: |_| Ok(Op::Rename),
        drawn: Some(|_, _| Op::Rename),
    },
    Ask {
        doc: CallDoc {
            key: Some('a'),
            weight: 30,
            ..of_calls(
                "get",
                GET,
                "c1 get a taking 80ms",
                "calls: ask the first server; `sized` are the bytes of the answer, which may be left unread",
            )
        },
        read: get,
        drawn: Some(|name, _| Op::Get { name, takes: None, sized: None, unread: false }),
    },
    Ask {
        doc: of_calls("burst", &["CLIENT burst COUNT"], "c1 burst 12", "calls: so many `get` at once"),
        read: |call| Ok(Op::Burst(count(call, i64::from(BURST_MOST))?)),
        drawn: None,
    },
    Ask {
        doc: CallDoc {
            key: Some('o'),
            weight: 30,
            ..of_calls("buy", &["CLIENT buy"], "c1 buy", "calls: through all servers; the last makes a charge")
        },
        read: |_| Ok(Op::Buy),
        drawn: Some(|_, _| Op::Buy),
    },
    Ask {
        doc: of_calls("upload", &["CLIENT upload COUNT"], "c1 upload 100", "calls: one call with so many messages up and one answer"),
        read: |call| Ok(Op::Upload(count(call, STREAM_MOST)?)),
        drawn: None,
    },
    Ask {
        doc: of_calls("download", &["CLIENT download COUNT"], "c1 download 100", "calls: one call with so many messages down"),
        read: |call| Ok(Op::Download(count(call, STREAM_MOST)?)),
        drawn: None,
    },
    Ask {
        doc: of_calls("talk", &["CLIENT talk COUNT"], "c1 talk 100", "calls: one call with so many messages both ways"),
        read: |call| Ok(Op::Talk(count(call, STREAM_MOST)?)),
        drawn: None,
    },
    Ask {
        doc: CallDoc {
            weight: 2,
            ..call("reload", &["CLIENT reload"], "c1 reload", "close the program of a client and open it again: only its disk is kept")
        },
        read: |_| Ok(Op::Reload),
        drawn: Some(|_, _| Op::Reload),
    },
];

/// Their words.
pub(super) static CALLS: [CallDoc; 11] = calls(&ASKS);

/// What operators can do.
pub(super) static DEEDS: [Deed<Exchange>; 2] = [
    Deed {
        doc: verb(
            "go-away",
            &["go-away SERVER"],
            "go-away gateway",
            "let a server take no new streams on the connections there are (HTTP/2); one of a chat closes them all",
        ),
        can: |sim, call| {
            let id = up(sim, call)?;
            match (sim.settings().does, sim.settings().http) {
                (Does::Page | Does::Calls, Http::One) => {
                    Err(format!("HTTP/1.1 has no word for it; set http 2, or deploy {}", super::name(id, sim.settings().does)))
                }
                _ => Ok(()),
            }
        },
        perform: |sim, call| command(sim, call, Server::go_away),
        offers,
    },
    Deed {
        doc: verb(
            "deploy",
            &["deploy SERVER"],
            "deploy server",
            "close the program of a server and open the new one: it ends what it has begun, and tells all that are connected",
        ),
        can: |sim, call| up(sim, call).map(|_| ()),
        perform: |sim, call| command(sim, call, Server::reload),
        offers,
    },
];

/// The server that a call names, if it runs.
fn up(sim: &Sim<Exchange>, call: &Call) -> Result<NodeId, String> {
    let id = server_of(sim, call)?;
    if sim.node(id).is_up() { Ok(id) } else { Err(format!("{} is down", super::name(id, sim.settings().does))) }
}

fn command(sim: &mut Sim<Exchange>, call: &Call, what: fn(&mut Server, &mut super::Context<'_>)) {
    if let Ok(id) = server_of(sim, call) {
        sim.command(id, |state, cx| {
            if let Exchange::Server(server) = state {
                what(server, cx);
            }
        });
    }
}

/// Their words.
pub(super) static VERBS: [VerbDoc; 2] = verbs(&DEEDS);

fn offers(sim: &Sim<Exchange>) -> Vec<Vec<Arg>> {
    vec![vec![Arg::Place(Place::Named(super::name(FIRST, sim.settings().does)))]]
}

/// The server of a name or a number, if it serves.
fn server_of(sim: &Sim<Exchange>, call: &Call) -> Result<NodeId, String> {
    let does = sim.settings().does;
    let serves = |id: &NodeId| !(does == Does::Page && *id == super::DB);
    let found = match call.get("SERVER").and_then(Arg::place) {
        Some(Place::Node(id)) => sim.server_ids().find(|known| known == id),
        Some(Place::Named(text)) => sim.server_ids().find(|id| super::name(*id, does) == *text),
        None => None,
    };
    found.filter(serves).ok_or_else(|| {
        let names: Vec<String> = sim.server_ids().filter(serves).map(|id| super::name(id, does)).collect();
        format!("`{call}` names no server here; there are {}", names.join(", "))
    })
}

fn key(call: &Call) -> crate::check::operation::Key {
    call.get("KEY").and_then(Arg::key).unwrap_or_else(|| "hello".into())
}

fn count(call: &Call, most: i64) -> Result<u32, String> {
    match call.get("COUNT").and_then(Arg::value) {
        Some(Value::Int(count)) if (1..=most).contains(count) => Ok(*count as u32),
        _ => Err(format!("`{call}` takes a number from 1 to {most}")),
    }
}

fn get(call: &Call) -> Result<Op, String> {
    let takes = match call.get("SPAN") {
        Some(Arg::Span(span)) => Some(*span),
        _ => None,
    };
    let sized = if call.get("COUNT").is_some() { Some(count(call, SIZE_MOST)?) } else { None };
    Ok(Op::Get { name: key(call), takes, sized, unread: call.form == 4 })
}

/// An operation as it is typed.
pub(super) fn asked(op: &Op) -> Call {
    let number = |count: &u32| Arg::Value(Value::Int(i64::from(*count)));
    let (verb, form, args) = match op {
        Op::Say(text) => (0, 0, vec![Arg::from(text)]),
        Op::Typing => (1, 0, Vec::new()),
        Op::Load => (2, 0, Vec::new()),
        Op::Rename => (3, 0, Vec::new()),
        Op::Get { name, takes, sized, unread } => {
            let form = if *unread { 4 } else { u8::from(takes.is_some()) + 2 * u8::from(sized.is_some()) };
            let all = [Some(Arg::from(name)), takes.map(Arg::Span), sized.as_ref().map(number)];
            (4, form, all.into_iter().flatten().collect())
        }
        Op::Burst(count) => (5, 0, vec![number(count)]),
        Op::Buy => (6, 0, Vec::new()),
        Op::Upload(count) => (7, 0, vec![number(count)]),
        Op::Download(count) => (8, 0, vec![number(count)]),
        Op::Talk(count) => (9, 0, vec![number(count)]),
        Op::Reload => (10, 0, Vec::new()),
    };
    Call { verb: &CALLS[verb].verb, form, args }
}
