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
use super::settings::Http;
use super::tcp::{Conn, Pipe, Pipes};

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
            one_at_a_time(id, client.http.lines.values().map(|kept| (&kept.line, kept.busy.len())))?;
            windows_add_up(id, sim, &client.pipes, client.http.lines.iter().map(|(conn, kept)| (*conn, &kept.line)))
        }
        Some(Exchange::Server(server)) => {
            add_up(id, &server.pipes)?;
            let asked = server.http.iter().flat_map(|http| http.lines.values().map(|kept| (&kept.line, kept.busy.len())));
            one_at_a_time(id, asked)?;
            let asked = server.http.iter().flat_map(|http| http.lines.iter().map(|(conn, kept)| (*conn, &kept.line)));
            let told = server.desk.lines.iter().map(|(conn, served)| (*conn, &served.line));
            windows_add_up(id, sim, &server.pipes, asked.chain(told))
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

/// HTTP/1.1 has one request on a connection.
fn one_at_a_time<'a>(id: NodeId, mut lines: impl Iterator<Item = (&'a Line, usize)>) -> Result<(), String> {
    match lines.find(|(line, busy)| line.version == Http::One && *busy > 1) {
        None => Ok(()),
        Some((_, busy)) => Err(format!("HTTP/1.1 carries one request at a time on a connection: {id} has {busy}")),
    }
}

/// Where nothing is under way on a connection of HTTP/2, what one end may send and what the other has not given back are the window
/// (RFC 9113, section 6.9): nothing is ever lost of it, and nothing given twice.
fn windows_add_up<'a>(id: NodeId, sim: &Sim<Exchange>, pipes: &Pipes, lines: impl Iterator<Item = (Conn, &'a Line)>) -> Result<(), String> {
    for (conn, line) in lines.filter(|(_, line)| line.version == Http::Two) {
        let Some(pipe) = pipes.all.get(&conn).filter(|pipe| !pipe.is_waiting()) else { continue };
        let Some((there, other)) = line_at(sim, pipe.peer, conn).filter(|(there, _)| !there.is_waiting()) else { continue };
        // One that has not heard the preface knows of no windows.
        if there.next() == 0 || pipe.next() == 0 {
            continue;
        }
        let (may, kept, window) = (line.send.value(), other.kept(), i64::from(other.mine.connection));
        if may + kept as i64 != window {
            let peer = pipe.peer;
            return Err(format!(
                "a window is what may be sent and what is not given back: {id} may send {may}, {peer} has {kept}, of {window}"
            ));
        }
    }
    Ok(())
}

/// The end of a connection at this node, where it is known as one of HTTP/2.
fn line_at(sim: &Sim<Exchange>, node: NodeId, conn: Conn) -> Option<(&Pipe, &Line)> {
    let (pipes, line) = match sim.node(node).state()? {
        Exchange::Client(client) => (&client.pipes, &client.http.lines.get(&conn)?.line),
        Exchange::Server(server) => {
            let asked = server.http.iter().find_map(|http| Some(&http.lines.get(&conn)?.line));
            (&server.pipes, asked.or_else(|| Some(&server.desk.lines.get(&conn)?.line))?)
        }
        Exchange::Db(_) => return None,
    };
    (line.version == Http::Two).then_some((pipes.all.get(&conn)?, line))
}
