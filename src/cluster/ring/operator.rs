//! What an operator can do by hand: each makes a new map, which gets around by itself. The number of the map is one that nobody has given
//! before, as a store with consensus would give it.

use std::sync::Arc;

use crate::check::operation::{Key, Value};
use crate::cluster::kit::ask::{Deed, server_of, verb, verbs};
use crate::command::{Arg, Call, Place, VerbDoc};
use crate::sim::id::NodeId;
use crate::sim::kernel::Sim;

use super::Ring;
use super::keys::{Named, read};
use super::look::{disk, is_settled, keys, newest};
use super::map::{Change, Shared};
use super::model::MODEL;
use super::settings::Scheme;

type Can = Result<(), String>;

/// The whole circle in degrees.
const DEGREES: i64 = 360;
/// The most tokens of a node, and the most parts of a counter.
const TOKENS_MAX: i64 = 1000;
const PARTS_MAX: i64 = 64;

/// Every deed.
pub(super) static DEEDS: [Deed<Ring>; 10] = [
    Deed {
        doc: verb("add", &["add NEW"], "add n5", "let a node join, a new one or one that left: it takes its share of the keys over"),
        can: |sim, call| joining(sim, call).map(|_| ()),
        perform: |sim, call| {
            if let Ok(new) = joining(sim, call) {
                join(sim, &[new]);
            }
        },
        offers: |sim| first_out(sim).into_iter().map(|id| vec![Arg::Place(Place::Node(id))]).collect(),
    },
    Deed {
        doc: verb("grow", &["grow COUNT"], "grow 4", "let so many new nodes join in one change"),
        can: |sim, call| growing(sim, call).map(|_| ()),
        perform: |sim, call| {
            if let Ok(new) = growing(sim, call) {
                join(sim, &new);
            }
        },
        offers: |_| Vec::new(),
    },
    Deed {
        doc: verb("remove", &["remove SERVER"], "remove n2", "let a node hand over all its keys and keep none"),
        can: can_remove,
        perform: |sim, call| with_server(sim, call, Change::Leave),
        offers: members,
    },
    Deed {
        doc: verb(
            "fail-over",
            &["fail-over SERVER"],
            "fail-over n2",
            "take a node for dead: the next on each key's list takes its place, with the copies that there are",
        ),
        can: can_fail_over,
        perform: |sim, call| {
            let down = sim.server_ids().filter(|id| !sim.node(*id).is_up()).collect();
            with_server(sim, call, |id| Change::GiveUp(id, down));
        },
        offers: members,
    },
    Deed {
        doc: verb("split", &["split KEY"], "split k20", "cut the range that holds a key before it; nothing moves"),
        can: can_split,
        perform: |sim, call| {
            if let Ok(key) = key_of(call) {
                change(sim, &Change::Split(key));
            }
        },
        offers: |_| Vec::new(),
    },
    Deed {
        doc: verb(
            "move",
            &["move KEY onto SERVER"],
            "move k7 onto n3",
            "give the range, or the arc of the ring, that holds a key to another node",
        ),
        can: |sim, call| moved(sim, call).map(|_| ()),
        perform: |sim, call| {
            if let Ok((key, node)) = moved(sim, call) {
                change(sim, &Change::Move(key, node));
            }
        },
        offers: |_| Vec::new(),
    },
    Deed {
        doc: verb("place", &["place SERVER DEGREES"], "place n1 40", "give a node one token on the ring, at so many of 360 degrees"),
        can: |sim, call| number(sim, call, 0..=DEGREES - 1).map(|_| ()),
        perform: |sim, call| {
            if let Ok((node, degrees)) = number(sim, call, 0..=DEGREES - 1) {
                let at = (u128::from(u64::MAX) * degrees as u128 / DEGREES as u128) as u64;
                change(sim, &Change::Place(node, at));
            }
        },
        offers: |_| Vec::new(),
    },
    Deed {
        doc: verb(
            "tokens",
            &["tokens SERVER COUNT"],
            "tokens n4 8",
            "give a node so many tokens on the ring, such as more to a bigger one",
        ),
        can: |sim, call| number(sim, call, 1..=TOKENS_MAX).map(|_| ()),
        perform: |sim, call| {
            if let Ok((node, count)) = number(sim, call, 1..=TOKENS_MAX) {
                change(sim, &Change::Tokens(node, count as u32));
            }
        },
        offers: |_| Vec::new(),
    },
    Deed {
        doc: verb(
            "salt",
            &["salt KEY COUNT"],
            "salt hot 16",
            "let a counter lie in so many parts, which go round the nodes: who adds picks one, who counts reads all",
        ),
        can: |sim, call| salted(sim, call).map(|_| ()),
        perform: |sim, call| {
            if let Ok((key, parts)) = salted(sim, call) {
                change(sim, &Change::Salt(key, parts));
            }
        },
        offers: |_| Vec::new(),
    },
    Deed {
        doc: verb("refresh", &["refresh PLACE"], "refresh c1", "let a client ask a node for the newest map"),
        can: |sim, call| asking(sim, call).map(|_| ()),
        perform: |sim, call| {
            if let Ok(id) = asking(sim, call) {
                sim.command(id, |state, cx| {
                    if let Ring::Client(client) = state {
                        client.refresh(cx);
                    }
                });
            }
        },
        offers: |_| Vec::new(),
    },
];

/// Their words.
pub(super) static VERBS: [VerbDoc; 10] = verbs(&DEEDS);

fn map(sim: &Sim<Ring>) -> Result<Shared, String> {
    newest(sim).ok_or_else(|| "no server has a map".to_string())
}

/// Whether a new map can be made: somebody who has the newest must be able to tell of it.
fn can_change(sim: &Sim<Ring>) -> Result<Shared, String> {
    let map = map(sim)?;
    if teller(sim, map.version).is_none() { Err("no server that has the newest map is up".to_string()) } else { Ok(map) }
}

/// A server that is up and has the newest map.
fn teller(sim: &Sim<Ring>, version: u32) -> Option<NodeId> {
    sim.server_ids().find(|id| sim.node(*id).is_up() && disk(sim, *id).version() == version && !sim.node(*id).store().is_full())
}

/// Makes a new map, and has it told to everybody but the clients.
pub(super) fn change(sim: &mut Sim<Ring>, what: &Change) {
    let Some(old) = newest(sim) else { return };
    let map = Arc::new(old.after(what, &keys(sim)));
    let tell = |sim: &mut Sim<Ring>, id: NodeId, maps: &[Shared]| {
        sim.command(id, |state, cx| {
            if let Ring::Node(node) = state {
                node.tells = true;
                node.learn(maps, cx);
                node.spread(cx);
            }
        });
    };
    let Some(first) = teller(sim, old.version) else { return };
    let history: Vec<Shared> = disk(sim, first).maps.iter().cloned().chain([map]).collect();
    if let Change::Join(new) = what {
        for id in new {
            tell(sim, *id, &history);
        }
    }
    tell(sim, first, &history);
}

fn with_server(sim: &mut Sim<Ring>, call: &Call, what: impl FnOnce(NodeId) -> Change) {
    if let Ok(id) = server_of(sim, call) {
        change(sim, &what(id));
    }
}

fn members(sim: &Sim<Ring>) -> Vec<Vec<Arg>> {
    let members = newest(sim).map(|map| map.members().collect::<Vec<_>>()).unwrap_or_default();
    members.into_iter().map(|id| vec![Arg::Place(Place::Node(id))]).collect()
}

/// The next server that can join: one that left, else a new one.
fn first_out(sim: &Sim<Ring>) -> Option<NodeId> {
    let map = newest(sim)?;
    let left = sim.server_ids().find(|id| !map.has(*id) && sim.node(*id).is_up());
    left.or_else(|| sim.next_server().filter(|id| id.index() < MODEL.nodes.1.into()))
}

/// The node that joins.
fn joining(sim: &Sim<Ring>, call: &Call) -> Result<NodeId, String> {
    let map = can_change(sim)?;
    let Some(Place::Node(id)) = call.get("NEW").and_then(Arg::place) else { return Err(format!("`{call}` names no server")) };
    let next = sim.next_server().filter(|next| next.index() < MODEL.nodes.1.into());
    match *id {
        id if map.has(id) => Err(format!("{id} is a member already")),
        id if sim.has(id) && !sim.node(id).is_up() => Err(format!("{id} is down; restart it first")),
        id if sim.has(id) || Some(id) == next => Ok(id),
        _ => Err(next.map_or_else(
            || format!("{} servers are the most here", MODEL.nodes.1),
            |next| format!("the next new server is called {next}"),
        )),
    }
}

/// So many new nodes.
fn growing(sim: &Sim<Ring>, call: &Call) -> Result<Vec<NodeId>, String> {
    can_change(sim)?;
    let room = i64::from(MODEL.nodes.1) - i64::from(sim.servers());
    let takes = || match room {
        ..=0 => format!("{} servers are the most here", MODEL.nodes.1),
        1 => format!("`{call}` takes 1 new node here"),
        _ => format!("`{call}` takes 1 to {room} new nodes here"),
    };
    let count = count(call).filter(|count| (1..=room).contains(count)).ok_or_else(takes)?;
    Ok((0..count as u16).map(|more| NodeId::server(sim.servers() + more)).collect())
}

fn join(sim: &mut Sim<Ring>, new: &[NodeId]) {
    let zones = sim.network().map().names.len().max(1) as u16;
    for id in new.iter().filter(|id| !sim.has(**id)).copied().collect::<Vec<_>>() {
        sim.add_server((id.index() as u16 % zones) as u8);
    }
    change(sim, &Change::Join(new.to_vec()));
}

/// A member that is not the last.
fn member(sim: &Sim<Ring>, call: &Call) -> Result<NodeId, String> {
    let (map, id) = (can_change(sim)?, server_of(sim, call)?);
    match id {
        id if !map.has(id) && !is_settled(sim, id, map.version) => {
            Err(format!("{id} has left and still has keys to hand over: it has to run until it has, or `fail-over {id}` gives it up"))
        }
        id if !map.has(id) => Err(format!("{id} is no member")),
        _ if map.table.nodes().len() == 1 => Err(format!("{id} is the last one")),
        id => Ok(id),
    }
}

fn can_remove(sim: &Sim<Ring>, call: &Call) -> Can {
    let id = member(sim, call)?;
    if sim.node(id).is_up() { Ok(()) } else { Err(format!("{id} is down and can hand nothing over; `fail-over {id}` takes it for dead")) }
}

/// Also one that has left and owes the others keys.
fn can_fail_over(sim: &Sim<Ring>, call: &Call) -> Can {
    let (map, id) = (can_change(sim)?, server_of(sim, call)?);
    if map.has(id) || is_settled(sim, id, map.version) {
        member(sim, call)?;
    }
    let others = sim.server_ids().any(|other| other != id && sim.node(other).is_up() && disk(sim, other).version() > 0);
    if others { Ok(()) } else { Err(format!("no other server than {id} is up")) }
}

fn key_of(call: &Call) -> Result<Key, String> {
    crate::cluster::kit::register::key(call)
}

fn can_split(sim: &Sim<Ring>, call: &Call) -> Can {
    let (map, key) = (can_change(sim)?, key_of(call)?);
    match map.table.rule() {
        crate::algo::partition::table::Rule::Range(ranges) if ranges.clone().split(&key) => Ok(()),
        crate::algo::partition::table::Rule::Range(_) => Err(format!("a range begins at {key} already")),
        _ => Err("only ranges can be cut; here the hash decides".to_string()),
    }
}

fn moved(sim: &Sim<Ring>, call: &Call) -> Result<(Key, NodeId), String> {
    let (map, key) = (can_change(sim)?, key_of(call)?);
    let Some(Place::Node(node)) = call.get("SERVER").and_then(Arg::place).cloned() else { return Err(format!("`{call}` names no server")) };
    if !matches!(map.plan.scheme, Scheme::Range | Scheme::Ring) {
        return Err("no part can be moved by itself: the formula says who has which key".to_string());
    }
    match node {
        node if !map.has(node) => Err(format!("{node} is no member")),
        node if map.primary(&key) == node => Err(format!("{node} has {key} already")),
        node => match map.holds_with_its_last_token(&key) {
            Some(last) => Err(format!("it is the last token of {last}: give it more, as in `tokens {last} 2`, or `remove {last}`")),
            None => Ok((key, node)),
        },
    }
}

fn count(call: &Call) -> Option<i64> {
    match call.get("COUNT").or_else(|| call.get("DEGREES")).and_then(Arg::value) {
        Some(Value::Int(n)) => Some(*n),
        _ => None,
    }
}

/// A server of a ring, and a number.
fn number(sim: &Sim<Ring>, call: &Call, within: std::ops::RangeInclusive<i64>) -> Result<(NodeId, i64), String> {
    let (map, id) = (can_change(sim)?, server_of(sim, call)?);
    if map.plan.scheme != Scheme::Ring {
        return Err("only a ring has tokens; `set scheme ring`".to_string());
    }
    if !map.has(id) {
        return Err(format!("{id} is no member"));
    }
    let n = count(call).filter(|n| within.contains(n));
    n.map(|n| (id, n)).ok_or_else(|| format!("`{call}` takes {} to {}", within.start(), within.end()))
}

fn salted(sim: &Sim<Ring>, call: &Call) -> Result<(Key, u32), String> {
    let (map, key) = (can_change(sim)?, key_of(call)?);
    if read(&key) != Named::Plain(&key) {
        return Err(format!("a counter is not called `{key}`"));
    }
    let least = i64::from(map.parts(&key));
    match count(call) {
        Some(n) if n <= least => Err(format!("{key} lies in {least} already; parts cannot be put together again")),
        Some(n) if n <= PARTS_MAX => Ok((key, n as u32)),
        _ => Err(format!("`{call}` takes 2 to {PARTS_MAX} parts")),
    }
}

fn asking(sim: &Sim<Ring>, call: &Call) -> Result<NodeId, String> {
    match call.get("PLACE").and_then(Arg::place) {
        Some(Place::Node(id)) if id.is_client() && sim.has(*id) => Ok(*id),
        _ => Err(format!("`{call}` names no client; clients are c1, c2, ...")),
    }
}
