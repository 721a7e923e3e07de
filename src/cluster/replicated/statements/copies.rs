//! What is remembered of tables: which rows differ, what was sent, which keys were given.

use crate::algo::sql::{Cell, Name, Row, Tables};
use crate::cluster::live::Seen;
use crate::persistent::{OrdMap, OrdSet};
use crate::sim::history::Kind;
use crate::sim::id::{NodeId, RequestId};
use crate::sim::kernel::Sim;
use crate::sim::trace::Trace;

use super::super::Replicated;
use super::super::facts::{ids, leaders, server};
use super::super::message;
use super::told::Note;

/// A row of a table, by its name.
pub(crate) type RowName = (Name, Cell);

/// The tables of all servers, as far as the facts need them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Copies {
    /// Bytes that leaders put into their logs for statements.
    pub bytes: u64,
    /// Rows that leaders changed by them.
    pub rows: u64,
    /// Transactions in the logs of leaders.
    pub committed: usize,
    /// Statements that a follower could not run.
    pub cannot_run: usize,
    /// Keys that were given to two rows, both told ok.
    pub given_twice: usize,
    given: OrdMap<(Name, i64), RequestId>,
    servers: Vec<Compared>,
}

/// A server beside its leader.
#[derive(Clone, Debug, Default)]
struct Compared {
    /// What was compared last: the leader, its version of the tables, and the server's.
    with: Option<(NodeId, u64, u64)>,
    /// The rows that differed then.
    differing: OrdSet<RowName>,
}

impl Copies {
    pub(in super::super) fn follow(&mut self, seen: &Seen<'_, Replicated>) {
        for entry in seen.trace {
            if let Trace::Note(_, message::Note::Statement(note)) = &entry.what {
                self.note(note);
            }
        }
        for record in seen.records {
            if let Kind::Ok(done) = &record.kind
                && let Some(told) = &done.table
            {
                told.keys.iter().for_each(|key| self.give(key, record.request));
            }
        }
        if seen.touched.is_none_or(|id| !id.is_client()) {
            self.compare(seen.sim);
        }
    }

    fn note(&mut self, note: &Note) {
        match note {
            Note::Committed { bytes, rows, .. } => {
                self.bytes += bytes;
                self.rows += rows;
                self.committed += 1;
            }
            Note::CannotRun { .. } => self.cannot_run += 1,
            Note::RanAgain { .. } => {}
        }
    }

    fn give(&mut self, key: &(Name, i64), request: RequestId) {
        let before = self.given.insert(key.clone(), request);
        self.given_twice += usize::from(before.is_some_and(|other| other != request));
    }

    /// Compares every server that has applied as much as the newest leader, and only where something changed: what is late is not different.
    fn compare(&mut self, sim: &Sim<Replicated>) {
        self.servers.resize_with(sim.servers().into(), Compared::default);
        let Some(leader) = leaders(sim).last().copied() else { return };
        let Some(first) = server(sim, leader) else { return };
        for (id, compared) in ids(sim).zip(&mut self.servers) {
            let Some(own) = server(sim, id).filter(|own| own.applied == first.applied) else { continue };
            let now = (leader, first.sql.version(), own.sql.version());
            if compared.with != Some(now) {
                // All servers start with the same rows, of which there may be many.
                let is_start = (now.1, now.2) == (0, 0);
                let differing = if is_start { OrdSet::new() } else { differing(first.sql.tables(), own.sql.tables()) };
                *compared = Compared { with: Some(now), differing };
            }
        }
    }

    /// Every row that is not the same on a server as on its leader, each once.
    pub(crate) fn differing(&self) -> OrdSet<RowName> {
        self.servers.iter().flat_map(|server| &server.differing).cloned().collect()
    }

    /// How many rows of a server are not as on its leader.
    pub(crate) fn differing_on(&self, id: NodeId) -> usize {
        self.servers.get(id.index()).map_or(0, |server| server.differing.len())
    }
}

/// The rows that are not the same in both.
fn differing(a: &Tables, b: &Tables) -> OrdSet<RowName> {
    let names: OrdSet<&Name> = a.keys().chain(b.keys()).collect();
    let mut found = OrdSet::new();
    for name in names {
        let rows = |tables: &Tables| -> OrdMap<Cell, Row> {
            tables.get(name).into_iter().flat_map(|table| table.named()).map(|(key, row)| (key, row.clone())).collect()
        };
        let (a, b) = (rows(a), rows(b));
        let keys = a.keys().chain(b.keys().filter(|key| !a.contains_key(*key)));
        found.extend(keys.filter(|key| a.get(*key) != b.get(*key)).map(|key| (name.clone(), key.clone())));
    }
    found
}
