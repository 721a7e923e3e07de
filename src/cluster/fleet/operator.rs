//! What an operator can do by hand.

use crate::check::operation::{Key, Value};
use crate::cluster::kit::ask::{Deed, verb, verbs};
use crate::command::{Arg, Call, Place, VerbDoc};
use crate::sim::id::NodeId;
use crate::sim::kernel::Sim;

use super::db::{self, Db};
use super::inventory::Tier;
use super::message::euros;
use super::reach::works;
use super::settings::Address;
use super::{Fleet, shelf};

/// Every deed.
pub(super) static DEEDS: [Deed<Fleet>; 3] = [
    Deed {
        doc: verb("send-users", &["send-users SERVER"], "send-users front2", "let all users ask this front"),
        can: |sim, call| {
            let front = named(sim, call, Tier::Front)?;
            match sim.settings().address {
                Address::Shared => Err("the fronts share an address; users ask the one that has it".into()),
                _ if users(sim).all(|user| asks(sim, user) == Some(front)) => Err(format!("they ask {} already", name(sim, front))),
                _ => Ok(()),
            }
        },
        perform: send_users,
        offers: |sim| servers(sim, Tier::Front),
    },
    Deed {
        doc: VerbDoc {
            key: Some('r'),
            ..verb(
                "rot",
                &["rot SERVER", "rot SERVER KEY"],
                "rot db1 book",
                "let a bit rot on a database: in any row, or in that of a product",
            )
        },
        can: |sim, call| {
            let id = named(sim, call, Tier::Db)?;
            match sim.node(id) {
                node if !node.is_up() => Err(format!("{} is down", name(sim, id))),
                node if node.store().current().rows.is_empty() => Err(format!("there is nothing on {} yet", name(sim, id))),
                node if node.store().is_full() => Err(format!("the disk of {} is full: nothing is written to it", name(sim, id))),
                _ => Ok(()),
            }
        },
        perform: rot,
        offers: |sim| servers(sim, Tier::Db),
    },
    Deed {
        doc: verb(
            "reprice",
            &["reprice KEY VALUE"],
            "reprice book 9.99",
            "let the shop set a price on the first database that works; that one tells the others, once",
        ),
        can: |sim, call| {
            item_and_price(call)?;
            let id = first_database(sim).ok_or("no database works")?;
            if sim.node(id).store().is_full() { Err(format!("the disk of {} is full", name(sim, id))) } else { Ok(()) }
        },
        perform: reprice,
        offers: |_| vec![vec![Arg::from(&Key::from("book")), Value::from("9.99").into()]],
    },
];

/// Their words.
pub(super) static VERBS: [VerbDoc; 3] = verbs(&DEEDS);

fn name(sim: &Sim<Fleet>, id: NodeId) -> String {
    sim.settings().inventory().name(id)
}

fn servers(sim: &Sim<Fleet>, tier: Tier) -> Vec<Vec<Arg>> {
    sim.settings().inventory().of(tier).map(|id| vec![Arg::Place(Place::Node(id))]).collect()
}

/// The server of this tier that a call names, by its number or as it is called.
fn named(sim: &Sim<Fleet>, call: &Call, tier: Tier) -> Result<NodeId, String> {
    let all = sim.settings().inventory();
    let found = match call.get("SERVER").and_then(Arg::place) {
        Some(Place::Node(id)) => all.of(tier).find(|there| there == id),
        Some(Place::Named(text)) => all.of(tier).find(|there| all.name(*there) == *text),
        None => None,
    };
    let known = || all.of(tier).map(|id| all.name(id)).collect::<Vec<_>>().join(", ");
    found.ok_or_else(|| format!("`{call}` names none of {}", known()))
}

/// The product that a call names, and its price in cents.
fn item_and_price(call: &Call) -> Result<(Key, u32), String> {
    let item = call.get("KEY").and_then(Arg::key).ok_or_else(|| format!("`{call}` names no product"))?;
    let text = call.get("VALUE").and_then(Arg::value).map(ToString::to_string).unwrap_or_default();
    match shelf::cents(&text) {
        Some(price) => Ok((item, price)),
        None => Err(format!("`{text}` is no price; a price is 0.01 to {}, such as 9.99", euros(shelf::MOST))),
    }
}

/// The first database that works: there the shop sets its prices.
fn first_database(sim: &Sim<Fleet>) -> Option<NodeId> {
    sim.settings().inventory().of(Tier::Db).find(|id| works(sim, *id))
}

fn reprice(sim: &mut Sim<Fleet>, call: &Call) {
    let (Ok((item, price)), Some(id)) = (item_and_price(call), first_database(sim)) else { return };
    let row = shelf::row_of(&item, sim.settings().rows);
    sim.command(id, |_, cx| Db::reprice(row, price, cx));
}

fn users(sim: &Sim<Fleet>) -> impl Iterator<Item = NodeId> + use<> {
    sim.ids().filter(|id| id.is_client())
}

/// The front that users ask.
pub(super) fn asks(sim: &Sim<Fleet>, user: NodeId) -> Option<NodeId> {
    match sim.node(user).state() {
        Some(Fleet::Users(users)) => Some(users.front),
        _ => None,
    }
}

fn send_users(sim: &mut Sim<Fleet>, call: &Call) {
    let Ok(front) = named(sim, call, Tier::Front) else { return };
    for user in users(sim) {
        sim.command(user, |state, _| {
            if let Fleet::Users(users) = state {
                users.go_to(front);
            }
        });
    }
}

fn rot(sim: &mut Sim<Fleet>, call: &Call) {
    let Ok(id) = named(sim, call, Tier::Db) else { return };
    let row = call.get("KEY").and_then(Arg::key).map(|item| shelf::row_of(&item, sim.settings().rows));
    sim.command(id, |_, cx| db::rot(row, cx));
}
