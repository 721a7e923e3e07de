//! What an operator can do by hand.

use crate::cluster::kit::ask::{Deed, named, verb, verbs};
use crate::cluster::kit::breaking::{Breakable, breaks, mends};
use crate::command::{Arg, Call, Place, VerbDoc};
use crate::sim::id::NodeId;
use crate::sim::kernel::Sim;

use super::auth::Auth;
use super::lane::Phase;
use super::message::Token;
use super::words::Service;
use super::{AUTH, DB, Settings, Shop, gateways, is_gateway, name};

/// Every deed.
pub(super) static DEEDS: [Deed<Shop>; 5] = [
    Deed {
        doc: verb(
            "open-breaker",
            &["open-breaker SERVER"],
            "open-breaker payments",
            "let nothing through to a service; after `breaker-open` trials are made",
        ),
        can: |sim, call| can_turn(sim, call, true),
        perform: |sim, call| turn(sim, call, true),
        offers,
    },
    Deed {
        doc: verb(
            "close-breaker",
            &["close-breaker SERVER"],
            "close-breaker payments",
            "let everything through to a service, and forget how its calls ended",
        ),
        can: |sim, call| can_turn(sim, call, false),
        perform: |sim, call| turn(sim, call, false),
        offers,
    },
    breaks("break orders"),
    mends("mend orders"),
    Deed {
        doc: verb("revoke", &["revoke PLACE"], "revoke c1", "let auth know that the token of a user is good no longer"),
        can: can_revoke,
        perform: |sim, call| {
            if let Ok(token) = token(sim, call) {
                sim.command(AUTH, |_, cx| Auth::revoke(token, cx));
            }
        },
        offers: |sim| (0..sim.clients()).map(|client| vec![Arg::Place(Place::Node(NodeId::client(client)))]).collect(),
    },
];

/// Their words.
pub(super) static VERBS: [VerbDoc; 5] = verbs(&DEEDS);

impl Breakable for Shop {
    const EXAMPLE: &'static str = "orders";

    fn can_break(_: &Sim<Self>, id: NodeId) -> bool {
        id == DB || Service::at(id).is_some()
    }

    fn is_broken(settings: &Settings) -> bool {
        settings.errors >= 1.0
    }

    fn broken(settings: &Settings) -> Settings {
        settings.broken()
    }
}

fn offers(_: &Sim<Shop>) -> Vec<Vec<Arg>> {
    Service::ALL.into_iter().map(|service| vec![Arg::Place(Place::Node(service.node()))]).collect()
}

/// The service that a call names.
fn service(sim: &Sim<Shop>, call: &Call) -> Result<Service, String> {
    let names = Service::ALL.map(Service::name).join(", ");
    named(sim, call).and_then(Service::at).ok_or_else(|| format!("`{call}` names no service; services are {names}"))
}

fn can_turn(sim: &Sim<Shop>, call: &Call, open: bool) -> Result<(), String> {
    let service = service(sim, call)?;
    if !sim.settings().breaker {
        return Err("there are no breakers; `set breaker on` first".into());
    }
    let mut phases = gateways(sim).map(|(_, gateway)| gateway.lanes[service as usize].told).peekable();
    if phases.peek().is_none() {
        return Err("no gateway is up; restart one first".into());
    }
    runs(sim, sim.server_ids().filter(|id| is_gateway(*id)))?;
    let wanted = if open { Phase::Open } else { Phase::Closed };
    if phases.all(|phase| phase == wanted) {
        Err(format!("the breaker before {} is {} already", service.name(), wanted.says()))
    } else {
        Ok(())
    }
}

/// None of these stands still: who does hears nothing.
fn runs(sim: &Sim<Shop>, mut ids: impl Iterator<Item = NodeId>) -> Result<(), String> {
    let stands = ids.find(|id| sim.node(*id).is_paused());
    stands.map_or(Ok(()), |id| Err(format!("{} is paused; resume it first", name(id))))
}

fn turn(sim: &mut Sim<Shop>, call: &Call, open: bool) {
    let Ok(service) = service(sim, call) else { return };
    for id in sim.server_ids().filter(|id| is_gateway(*id)).collect::<Vec<_>>() {
        sim.command(id, |node, cx| {
            if let Shop::Gateway(gateway) = node {
                gateway.turn_breaker(service, open, cx);
            }
        });
    }
}

/// The token of the user that a call names.
fn token(sim: &Sim<Shop>, call: &Call) -> Result<Token, String> {
    let user = match call.get("PLACE").and_then(Arg::place) {
        Some(Place::Node(id)) if id.is_client() && sim.has(*id) => *id,
        _ => return Err(format!("`{call}` names no user such as c1")),
    };
    match sim.node(user).state() {
        Some(Shop::User(user)) => Ok(user.token),
        _ => Err(format!("{user} is down")),
    }
}

fn can_revoke(sim: &Sim<Shop>, call: &Call) -> Result<(), String> {
    let token = token(sim, call)?;
    let auth = sim.node(AUTH);
    if !auth.is_up() {
        return Err(format!("{} is down", name(AUTH)));
    }
    runs(sim, std::iter::once(AUTH))?;
    if auth.store().is_full() {
        return Err(format!("the disk of {} is full: nothing is written to it", name(AUTH)));
    }
    let is_known = auth.store().current().revoked.contains(&(token.owner, token.number));
    if is_known {
        Err(format!("the token of {} is good no longer already; `{} login` gets a new one", token.owner, token.owner))
    } else {
        Ok(())
    }
}
