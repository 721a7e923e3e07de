//! Servers that an operator lets answer everything with an error, and mends again. A broken server goes by settings of its own.

use crate::cluster::live::Staged;
use crate::command::{Arg, Call, Place};
use crate::sim::id::NodeId;
use crate::sim::kernel::Sim;

use super::ask::{Deed, named, verb};

/// A cluster whose servers can be broken.
pub trait Breakable: Staged {
    /// An example of what can be.
    const EXAMPLE: &'static str;
    /// Whether this server can be broken.
    fn can_break(sim: &Sim<Self>, id: NodeId) -> bool;
    /// Whether every answer by these settings is an error.
    fn is_broken(settings: &Self::Settings) -> bool;
    /// The settings of a broken server.
    fn broken(settings: &Self::Settings) -> Self::Settings;
}

/// Breaks a server.
pub const fn breaks<P: Breakable>(example: &'static str) -> Deed<P> {
    Deed {
        doc: verb("break", &["break SERVER"], example, "let a server answer every request with an error"),
        can: |sim, call| can_turn(sim, call, true),
        perform: |sim, call| turn(sim, call, true),
        offers,
    }
}

/// Mends it.
pub const fn mends<P: Breakable>(example: &'static str) -> Deed<P> {
    Deed {
        doc: verb("mend", &["mend SERVER"], example, "let a server that was broken serve again"),
        can: |sim, call| can_turn(sim, call, false),
        perform: |sim, call| turn(sim, call, false),
        offers,
    }
}

/// A setting was changed: who is broken stays so.
pub fn keep<P: Breakable>(sim: &mut Sim<P>) {
    let stays = |id: &NodeId| P::is_broken(sim.settings_of(*id)) && !P::is_broken(sim.settings());
    for id in sim.server_ids().filter(stays).collect::<Vec<_>>() {
        let own = P::broken(sim.settings());
        sim.change_settings_of(id, Some(own));
    }
}

/// Every server that can be broken, as a verb names it.
pub fn offers<P: Breakable>(sim: &Sim<P>) -> Vec<Vec<Arg>> {
    sim.ids().filter(|id| P::can_break(sim, *id)).map(|id| vec![Arg::Place(Place::Node(id))]).collect()
}

/// The server that a call names, where it is there and can be broken.
pub fn there<P: Breakable>(sim: &Sim<P>, call: &Call) -> Result<NodeId, String> {
    let id = named(sim, call).filter(|id| P::can_break(sim, *id));
    let id = id.ok_or_else(|| format!("`{call}` names no server such as {}", P::EXAMPLE))?;
    if sim.has(id) { Ok(id) } else { Err(format!("{} is no server here", P::name(sim, id))) }
}

fn can_turn<P: Breakable>(sim: &Sim<P>, call: &Call, broken: bool) -> Result<(), String> {
    let id = there(sim, call)?;
    if P::is_broken(sim.settings_of(id)) != broken {
        return Ok(());
    }
    Err(format!("{} is {} already", P::name(sim, id), if broken { "broken" } else { "whole" }))
}

fn turn<P: Breakable>(sim: &mut Sim<P>, call: &Call, broken: bool) {
    let Ok(id) = there(sim, call) else { return };
    let own = broken.then(|| P::broken(sim.settings()));
    sim.change_settings_of(id, own);
}
