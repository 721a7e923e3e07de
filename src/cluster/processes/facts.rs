//! The facts of a run of programs.

use crate::cluster::facts::{FactKind, FactValue, Keys};
use crate::cluster::kit::facts::{self, Fact, fact, int};
use crate::cluster::live::Live;
use crate::sim::id::NodeId;

use super::program::Program;
use super::watch::programs;
use super::{Processes, heard};

/// All tables, in the order of the documentation.
pub(super) static TABLES: &[&[Fact<Processes>]] = &[PROGRAMS, &WIRES];

static WIRES: [Fact<Processes>; 5] = facts::wires();

static PROGRAMS: &[Fact<Processes>] = &[
    facts::nodes_up(),
    int("ready", "Programs that run and have answered `init`.", |live| {
        FactValue::int(running(live).filter(|(_, program)| program.is_ready()).count())
    }),
    fact(
        "lines_in",
        FactKind::Named(Keys::Nodes),
        "For each program that runs: how many lines it was given to read in this life.",
        |live| named(live, Program::given),
    ),
    fact("lines_out", FactKind::Named(Keys::Nodes), "For each program that runs: how many lines it has written in this life.", |live| {
        named(live, |program| program.written)
    }),
    int("odd_lines", "Lines that programs wrote and that are none of the protocol, or answer nothing.", |live| {
        FactValue::int(live.watched().odd_lines)
    }),
    int("services", "Services that programs have used.", |live| {
        FactValue::int(live.sim().server_ids().filter(|id| heard::service(live.sim(), *id).is_some()).count())
    }),
];

fn running(live: &Live<Processes>) -> impl Iterator<Item = (NodeId, &Program)> {
    programs(live.sim()).filter_map(|id| Some((id, live.sim().node(id).state()?.program()?)))
}

fn named(live: &Live<Processes>, number: impl Fn(&Program) -> u64) -> FactValue {
    FactValue::Named(running(live).map(|(id, program)| (id.to_string(), number(program) as f64)).collect())
}
