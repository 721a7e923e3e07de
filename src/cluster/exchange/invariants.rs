//! What connections promise whatever is done to them, looked at after every event.

use crate::cluster::live::Upheld;
use crate::command::Poke;
use crate::sim::history::Record;
use crate::sim::id::NodeId;
use crate::sim::kernel::Sim;
use crate::sim::trace::Entry;

use super::Exchange;
use super::line::Line;
use super::message::{Op, Ret};
use super::note::Note;
use super::settings::{Credit, Http};
use super::tcp::Pipes;

/// What is remembered to compare with.
#[derive(Clone, Debug, Default)]
pub struct Invariants;

impl Upheld<Exchange> for Invariants {
    fn begin(&mut self, _: &Sim<Exchange>) {}

    fn poked(&mut self, _: &Poke, _: &Sim<Exchange>) {}

    fn recorded(&mut self, _: &Record<Op, Ret>, _: &Sim<Exchange>) -> Result<(), String> {
        Ok(())
    }

    fn traced(&mut self, _: &Entry<Note>, _: &Sim<Exchange>) -> Result<(), String> {
        Ok(())
    }

    fn after(&mut self, touched: Option<NodeId>, sim: &Sim<Exchange>) -> Result<(), String> {
        sim.ids().filter(|id| touched.is_none_or(|node| node == *id)).try_for_each(|id| holds_at(id, sim))
    }
}

fn holds_at(id: NodeId, sim: &Sim<Exchange>) -> Result<(), String> {
    match sim.node(id).state() {
        Some(Exchange::Client(client)) => {
            add_up(id, &client.pipes)?;
            one_at_a_time(id, sim, client.http.lines.values().map(|kept| (&kept.line, kept.busy.len())))
        }
        Some(Exchange::Server(server)) => {
            add_up(id, &server.pipes)?;
            let asked = server.http.iter().flat_map(|http| http.lines.values().map(|kept| (&kept.line, kept.busy.len())));
            one_at_a_time(id, sim, asked)?;
            one_at_a_time(id, sim, server.desk.lines.values().map(|served| (&served.line, 0)))
        }
        _ => Ok(()),
    }
}

/// What came first was read, in order, or is held; what was written is acknowledged or out.
fn add_up(id: NodeId, pipes: &Pipes) -> Result<(), String> {
    match pipes.all.iter().find(|(_, pipe)| !pipe.adds_up()) {
        None => Ok(()),
        Some((conn, pipe)) => Err(format!("a connection reads what was written, in order: {id} has {:?} on {conn:?}", pipe.tally)),
    }
}

/// HTTP/1.1 has one request on a connection, and no window of HTTP/2 is larger than it was at the start.
fn one_at_a_time<'a>(id: NodeId, sim: &Sim<Exchange>, lines: impl Iterator<Item = (&'a Line, usize)>) -> Result<(), String> {
    let settings = sim.settings();
    for (line, busy) in lines {
        if line.version == Http::One && busy > 1 {
            return Err(format!("HTTP/1.1 carries one request at a time on a connection: {id} has {busy}"));
        }
        let most = i64::from(settings.connection_window.max(line.windows.connection));
        if line.send.value() > most && settings.credit != Credit::OnArrival {
            return Err(format!("what may be sent is never more than the window: {id} has {} of {most}", line.send.value()));
        }
    }
    Ok(())
}
