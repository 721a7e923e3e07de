//! What must hold after every event, whatever was done to the leaders. A break is a fault of this program, never of the learner's
//! design, so each invariant says under which terms it is promised.

use std::sync::Arc;

use crate::algo::version::Dot;
use crate::check::operation::Key;
use crate::cluster::kit::fsync::Fsync;
use crate::cluster::live::Upheld;
use crate::command::{DiskFate, Poke};
use crate::persistent::OrdMap;
use crate::sim::history::{Kind, Record};
use crate::sim::id::NodeId;
use crate::sim::kernel::Sim;
use crate::sim::trace::{Entry, Trace};

use super::MultiLeader;
use super::change::{Change, Vector, What};
use super::dots::Dots;
use super::look::{disk, servers};
use super::message::Done;
use super::note::Note;
use super::request::Request;
use super::row::Row;
use super::settings::{Offset, Settings};

/// What is remembered to see that the invariants hold.
#[derive(Clone, Debug, Default)]
pub struct Invariants {
    /// How much of each server's durable log was looked at, and what it has seen of each leader up to there.
    looked: Vec<(usize, Vector)>,
    /// What each dot names.
    named: Dots<Arc<Change>>,
    /// The rows that automatic keys were given to.
    keys: OrdMap<(Key, u64), Dot<NodeId>>,
    /// Whether a disk was lost, or answers were given from memory: a leader may have forgotten what it said.
    forgetful: bool,
    /// Whether automatic keys were counted otherwise before.
    recounted: bool,
    /// Whether another rule held before: rows hold what it left.
    reruled: bool,
}

type Held = Result<(), String>;

impl Upheld<MultiLeader> for Invariants {
    fn begin(&mut self, sim: &Sim<MultiLeader>) {
        self.looked = vec![(0, Vector::default()); sim.servers().into()];
        self.forgetful = sim.settings().fsync == Fsync::Lazy;
    }

    fn poked(&mut self, poke: &Poke, sim: &Sim<MultiLeader>) {
        match poke {
            Poke::Crash(_, DiskFate::Wiped) => self.forgetful = true,
            Poke::Set(name, _) => {
                self.forgetful |= sim.settings().fsync == Fsync::Lazy;
                self.recounted |= name.starts_with("auto-increment");
                self.reruled |= ["policy", "ties", "merge"].contains(&name.as_str());
            }
            _ => {}
        }
    }

    fn recorded(&mut self, record: &Record<Request, Done>, sim: &Sim<MultiLeader>) -> Held {
        let Kind::Ok(done) = &record.kind else { return Ok(()) };
        match done.dot {
            Some(dot) if !self.forgetful && !sim.node(dot.actor).store().durable().seen.covers(dot) => {
                Err(format!("an ok is on the disk of its leader: change {} of {} is not", dot.counter, dot.actor))
            }
            _ => Ok(()),
        }
    }

    fn traced(&mut self, entry: &Entry<Note>, _: &Sim<MultiLeader>) -> Held {
        match &entry.what {
            Trace::Note(_, Note::Conflict(conflict)) if conflict.there.iter().any(|other| !other.is_beside(&conflict.came)) => {
                Err(format!("only writes that do not know of each other are in conflict: {}", conflict.came.label()))
            }
            _ => Ok(()),
        }
    }

    fn after(&mut self, touched: Option<NodeId>, sim: &Sim<MultiLeader>) -> Held {
        match touched {
            Some(id) if id.is_client() => Ok(()),
            Some(id) => self.look_at(id, sim),
            None => servers(sim).try_for_each(|id| self.look_at(id, sim)),
        }
    }
}

impl Invariants {
    /// What a server has taken in for good since the event before.
    fn look_at(&mut self, id: NodeId, sim: &Sim<MultiLeader>) -> Held {
        let durable = sim.node(id).store().durable();
        let (entries, mut seen) = self.looked[id.index()].clone();
        if durable.log.len() < entries {
            self.looked[id.index()] = (durable.log.len(), durable.seen.clone());
            return if self.forgetful {
                Ok(())
            } else {
                Err(format!("what is on a disk stays: {id} has lost {} changes", entries - durable.log.len()))
            };
        }
        for change in durable.log.from(entries) {
            once_and_in_order(id, &change, &seen)?;
            seen.see(change.dot);
            if !self.forgetful {
                self.dot_once(&change)?;
                sequence_is_durable(&change, sim)?;
                self.key_once(&change, sim)?;
            }
            context_is_past(&change)?;
            if !self.forgetful && !self.reruled {
                join_laws(&change, id, sim)?;
            }
        }
        if durable.seen != seen {
            return Err(format!("a position says what is in the log: {id} has another"));
        }
        self.looked[id.index()] = (durable.log.len(), seen);
        Ok(())
    }

    /// A dot names one change for ever, and a change stays the same to the letter, its stamp too, whoever passes it on.
    fn dot_once(&mut self, change: &Arc<Change>) -> Held {
        match self.named.get(change.dot) {
            Some(known) if known != *change => {
                Err(format!("a dot names one change: {} of {} names two", change.dot.counter, change.dot.actor))
            }
            Some(_) => Ok(()),
            None => {
                self.named.insert(change.dot, change.clone());
                Ok(())
            }
        }
    }

    /// With an offset for each leader and a step for all of them, no two rows of a table get the same key.
    fn key_once(&mut self, change: &Change, sim: &Sim<MultiLeader>) -> Held {
        let Some((table, number)) = change.inserted.clone().filter(|_| self.promises_keys(sim.settings(), sim.servers())) else {
            return Ok(());
        };
        let first = *self.keys.entry((table.clone(), number)).or_insert(change.dot);
        if first == change.dot {
            return Ok(());
        }
        Err(format!("offset and step keep keys apart: {table} {number} was given by {} and {}", first.actor, change.dot.actor))
    }

    fn promises_keys(&self, settings: &Settings, servers: u16) -> bool {
        !self.recounted && settings.auto_increment_offset == Offset::Leader && settings.auto_increment_step >= servers.into()
    }
}

/// A change is taken in once, and each leader's in their order.
fn once_and_in_order(id: NodeId, change: &Change, seen: &Vector) -> Held {
    if seen.counter(change.dot.actor) + 1 == change.dot.counter {
        return Ok(());
    }
    Err(format!(
        "each change is taken in once, in order: {id} took {} of {} after {}",
        change.dot.counter,
        change.dot.actor,
        seen.counter(change.dot.actor)
    ))
}

/// What others have of a leader is on its own disk, so that it never gives the number again.
fn sequence_is_durable(change: &Change, sim: &Sim<MultiLeader>) -> Held {
    let own = &sim.node(change.dot.actor).store().durable().seen;
    if own.covers(change.dot) {
        return Ok(());
    }
    Err(format!("a change is durable before it is sent: {} of {} is not", change.dot.counter, change.dot.actor))
}

/// A write takes the place of what its leader or its client had seen, never of itself or of what came later.
fn context_is_past(change: &Change) -> Held {
    match &change.what {
        What::Write { context, .. } if context.covers(change.dot) => Err(format!("a write does not replace itself: {}", change.label())),
        _ => Ok(()),
    }
}

/// Rows of two leaders come together to the same, whichever hears of the other, and again to the same when they hear it twice.
fn join_laws(change: &Change, id: NodeId, sim: &Sim<MultiLeader>) -> Held {
    let rule = sim.settings().rule();
    if sim.settings().depends_on_order() {
        return Ok(());
    }
    let mine = disk(sim, id).row(&change.key);
    let joined = |a: &Row, b: &Row| {
        let mut all = a.clone();
        all.join(b, rule);
        all
    };
    for other in servers(sim).filter(|other| *other != id) {
        let theirs = disk(sim, other).row(&change.key);
        let both = joined(&mine, &theirs);
        if both != joined(&theirs, &mine) || both != joined(&both, &theirs) || joined(&mine, &mine) != *mine {
            return Err(format!("copies come together to the same: {} at {id} and {other} do not", change.key));
        }
    }
    Ok(())
}
