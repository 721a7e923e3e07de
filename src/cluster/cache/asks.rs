//! What clients can ask and operators can do, in the words of the command language.

use crate::check::operation::{Key, Op, Value};
use crate::cluster::kit::ask::{Ask, Deed, call, calls, verb, verbs};
use crate::cluster::kit::register::{key, value};
use crate::command::{Arg, Call, CallDoc, VerbDoc};
use crate::sim::kernel::Sim;

use super::node::Cache;
use super::request::{Request, Row, TAPES, tape_of};
use super::{CACHE, Caching, Context, judge, watch};

/// The most reads of one play.
const PLAY_MOST: i64 = 1_000_000;

/// The traces, for completion.
const OFFERS: &[(&str, &str)] = &{
    let mut offers = [("", ""); TAPES.len()];
    let mut at = 0;
    while at < offers.len() {
        offers[at] = (TAPES[at].1, TAPES[at].2);
        at += 1;
    }
    offers
};

/// What clients ask.
pub(super) static ASKS: [Ask<Request>; 5] = [
    Ask {
        doc: CallDoc {
            key: Some('w'),
            weight: 30,
            ..call(
                "put",
                &["CLIENT put KEY VALUE", "CLIENT put KEY VALUE to SERVER"],
                "c1 put price 12",
                "let a client set a key, as the pattern has it",
            )
        },
        read: |call| Ok(Request::Key(Op::Write { key: key(call)?, value: value(call)? })),
        drawn: Some(|key, request| Request::Key(Op::Write { key, value: Value::Int(i64::from(request.0) + 1) })),
    },
    Ask {
        doc: CallDoc {
            key: Some('r'),
            changes: false,
            weight: 60,
            ..call("get", &["CLIENT get KEY", "CLIENT get KEY from SERVER"], "c1 get price", "let a client read a key")
        },
        read: |call| Ok(Request::Key(Op::Read { key: key(call)? })),
        drawn: Some(|key, _| Request::Key(Op::Read { key })),
    },
    Ask {
        doc: CallDoc {
            weight: 0,
            ..call(
                "import",
                &["CLIENT import KEY VALUE"],
                "c2 import price 13",
                "let a client write into the database past every cache, as a nightly import does",
            )
        },
        read: |call| Ok(Request::Import(Op::Write { key: key(call)?, value: value(call)? })),
        drawn: Some(|key, request| Request::Import(Op::Write { key, value: Value::Int(i64::from(request.0) + 1) })),
    },
    Ask {
        doc: CallDoc {
            weight: 5,
            ..call("invalidate", &["CLIENT invalidate KEY"], "c1 invalidate price", "let a client take a key out of the cache")
        },
        read: |call| Ok(Request::Invalidate(key(call)?)),
        drawn: Some(|key, _| Request::Invalidate(key)),
    },
    Ask {
        doc: CallDoc {
            changes: false,
            weight: 0,
            offers: ("TRACE", OFFERS),
            ..call(
                "play",
                &["CLIENT play TRACE COUNT"],
                "c1 play loop 200",
                "let a client read so many keys of a trace, one after the other, from where it last left it",
            )
        },
        read: |call| played(call),
        drawn: None,
    },
];

/// Their words.
pub(super) static CALLS: [CallDoc; 5] = calls(&ASKS);

fn played(call: &Call) -> Result<Request, String> {
    let word = call.get("TRACE").and_then(Arg::value).map(Value::to_string).unwrap_or_default();
    let count = match call.get("COUNT").and_then(Arg::value) {
        Some(Value::Int(count)) if (1..=PLAY_MOST).contains(count) => *count as u32,
        _ => return Err(format!("`{call}` takes a number from 1 to {PLAY_MOST}")),
    };
    let unknown = || {
        let words: Vec<&str> = TAPES.iter().map(|(_, word, _)| *word).collect();
        format!("there is no trace `{word}`; traces are {}", words.join(", "))
    };
    let tape = TAPES.iter().position(|(_, known, _)| *known == word).ok_or_else(unknown)?;
    Ok(Request::Play { tape: tape as u32, count })
}

/// A request in the words of the command language.
pub(super) fn asked(request: &Request) -> Call {
    let [put, get, import, invalidate, play] = &CALLS;
    match request {
        Request::Key(Op::Read { key }) => Call::new(&get.verb, vec![key.into()]),
        Request::Key(Op::Write { key, value } | Op::Cas { key, value, .. } | Op::Append { key, value }) => {
            Call::new(&put.verb, vec![key.into(), value.clone().into()])
        }
        Request::Import(Op::Write { key, value } | Op::Cas { key, value, .. } | Op::Append { key, value }) => {
            Call::new(&import.verb, vec![key.into(), value.clone().into()])
        }
        Request::Import(Op::Read { key }) | Request::Invalidate(key) => Call::new(&invalidate.verb, vec![key.into()]),
        Request::Play { tape, count } => {
            let word = Value::from(tape_of(*tape).1);
            Call::new(&play.verb, vec![word.into(), Value::Int(i64::from(*count)).into()])
        }
    }
}

/// What operators do.
pub(super) static DEEDS: [Deed<Caching>; 3] = [
    Deed {
        doc: verb("empty", &["empty"], "empty", "throw away all that the shared cache holds, dirty entries too"),
        can: |sim, _| match running(sim)?.shelf.entries.len() {
            0 => Err("the cache is empty".into()),
            _ => Ok(()),
        },
        perform: |sim, _| command(sim, Cache::empty),
        offers: |_| vec![Vec::new()],
    },
    Deed {
        doc: verb("warm", &["warm COUNT"], "warm 100", "fill the shared cache with the titles k0, k1, ... from the database, all at once"),
        can: |sim, call| running(sim).and_then(|_| number(call).map(|_| ())),
        perform: |sim, call| {
            let titles = number(call).unwrap_or_default();
            let title = |number: u32| Key::from(format!("k{number}").as_str());
            let rows: Vec<(Key, Row)> = (0..titles).map(title).map(|key| (key.clone(), judge::row(sim, &key))).collect();
            command(sim, |cache, cx| cache.warm(rows, cx));
        },
        offers: |_| Vec::new(),
    },
    Deed {
        doc: verb("flush", &["flush"], "flush", "have a write-back cache write every dirty entry to the database now"),
        can: |sim, _| if running(sim)?.shelf.dirty().is_empty() { Err("no entry is dirty".into()) } else { Ok(()) },
        perform: |sim, _| command(sim, Cache::flush_all),
        offers: |_| vec![Vec::new()],
    },
];

/// Their words.
pub(super) static VERBS: [VerbDoc; 3] = verbs(&DEEDS);

/// How many titles a call names.
fn number(call: &Call) -> Result<u32, String> {
    match call.get("COUNT").and_then(Arg::value) {
        Some(Value::Int(count)) if (1..=10_000).contains(count) => Ok(*count as u32),
        _ => Err(format!("`{call}` takes a number from 1 to 10000")),
    }
}

/// The cache, if it can be told anything.
fn running(sim: &Sim<Caching>) -> Result<&Cache, String> {
    match watch::cache(sim) {
        _ if !sim.settings().has_shared() => Err("there is no shared cache".into()),
        _ if sim.node(CACHE).is_paused() => Err("the cache is paused; resume it first".into()),
        cache => cache.ok_or_else(|| "the cache is down; restart it first".into()),
    }
}

fn command(sim: &mut Sim<Caching>, deed: impl FnOnce(&mut Cache, &mut Context<'_>)) {
    sim.command(CACHE, |state, cx| {
        if let Caching::Cache(cache) = state {
            deed(cache, cx);
        }
    });
}
