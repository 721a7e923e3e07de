//! What a Redis promises whatever is done to it, looked at after every event. Where a promise rests on a setting, or on a disk, it
//! counts as long as nobody took that away.

use crate::cluster::kit::terms::Terms;
use crate::cluster::live::Upheld;
use crate::command::{DiskFate, Poke};
use crate::sim::history::{Kind, Record};
use crate::sim::id::NodeId;
use crate::sim::kernel::Sim;
use crate::sim::trace::{Entry, Trace};

use super::Redis;
use super::facts::{server, servers};
use super::message::{Op, Ret};
use super::node::Node;
use super::note::Note;
use super::settings::{Aof, OnReplica, ReplId, Ttl};

type Held = Result<(), String>;

/// What may excuse a break.
#[derive(Clone, Copy, Debug)]
enum Excuse {
    /// A disk was wiped.
    Wiped,
    /// The log was not always synced before an answer.
    NotAlways,
    /// A replica deleted keys by itself.
    Itself,
    /// A replica counts lengths of time anew.
    Relative,
    /// A master took the id of another history for its own.
    ReplId,
}

impl From<Excuse> for u8 {
    fn from(excuse: Excuse) -> u8 {
        excuse as u8
    }
}

/// Only so small a server is compared as a whole after every event.
const SMALL: usize = 40;

/// What is remembered to compare with.
#[derive(Clone, Debug, Default)]
pub struct Invariants {
    terms: Terms<Excuse>,
}

impl Upheld<Redis> for Invariants {
    fn begin(&mut self, sim: &Sim<Redis>) {
        self.note_terms(sim);
    }

    fn poked(&mut self, poke: &Poke, sim: &Sim<Redis>) {
        match poke {
            Poke::Crash(_, DiskFate::Wiped) => self.terms.note(Excuse::Wiped, true),
            Poke::Set(..) => self.note_terms(sim),
            _ => {}
        }
    }

    fn recorded(&mut self, record: &Record<Op, Ret>, sim: &Sim<Redis>) -> Held {
        match &record.kind {
            Kind::Ok(ret) if ret.changed => self.reply_is_after_log(record, ret, sim),
            _ => Ok(()),
        }
    }

    fn traced(&mut self, entry: &Entry<Note>, sim: &Sim<Redis>) -> Held {
        let Trace::Note(who, Note::Waited { offset, replid, having, .. }) = &entry.what else { return Ok(()) };
        let lacks = |id: &&NodeId| server(sim, **id).is_some_and(|node| node.replid == *replid && node.offset < *offset);
        match having.iter().find(lacks) {
            Some(id) => Err(format!("WAIT counts who has the write: {who} counts {id}, which is not at {offset}")),
            None => Ok(()),
        }
    }

    fn after(&mut self, touched: Option<NodeId>, sim: &Sim<Redis>) -> Held {
        self.slots_are_disjoint(touched, sim)?;
        servers(sim).filter(|(id, _)| touched.is_none_or(|node| node == *id)).try_for_each(|(id, node)| {
            self.log_is_memory(id, node, sim)?;
            self.replica_is_prefix(id, node, sim)
        })
    }
}

impl Invariants {
    fn note_terms(&mut self, sim: &Sim<Redis>) {
        let settings = sim.settings();
        self.terms.note(Excuse::NotAlways, settings.aof != Aof::Always);
        self.terms.note(Excuse::Itself, settings.replica_expiry == OnReplica::Itself);
        self.terms.note(Excuse::Relative, settings.ttl_logged == Ttl::Relative);
        self.terms.note(Excuse::ReplId, settings.replid == ReplId::Kept);
    }

    /// No two primaries have a slot under the same epoch: of two that claim it, everybody knows whose it is.
    fn slots_are_disjoint(&self, touched: Option<NodeId>, sim: &Sim<Redis>) -> Held {
        let Some((id, bus)) = touched.and_then(|id| Some((id, server(sim, id)?))).and_then(|(id, node)| Some((id, node.bus.as_ref()?)))
        else {
            return Ok(());
        };
        if !self.terms.free_of(&[Excuse::Wiped]) {
            return Ok(());
        }
        let mine = bus.conf.slots.of(id);
        for (other, node) in servers(sim).filter(|(other, node)| *other != id && node.is_master()) {
            let Some(theirs) = &node.bus else { continue };
            let both = || mine.iter().any(|range| theirs.conf.slots.within(*range).iter().any(|(.., whose)| *whose == Some(other)));
            if theirs.conf.epoch(other) == bus.conf.epoch(id) && both() {
                return Err(format!("no two primaries have a slot under one epoch: {id} and {other} have in {}", bus.conf.epoch(id)));
            }
        }
        Ok(())
    }

    /// Under `always` what was told is on the disk, as long as the server has not begun anew with other keys.
    fn reply_is_after_log(&self, record: &Record<Op, Ret>, ret: &Ret, sim: &Sim<Redis>) -> Held {
        let (id, life) = ret.by;
        let same = server(sim, id).is_some_and(|node| node.life == life);
        if !same || !self.terms.free_of(&[Excuse::Wiped, Excuse::NotAlways]) {
            return Ok(());
        }
        let kept = sim.node(id).store().durable().log.as_ref().is_some_and(|log| log.done.contains(record.request));
        if kept {
            Ok(())
        } else {
            Err(format!("under `always` an answer comes after the sync: {id} told request {} before", record.request.0))
        }
    }

    /// A server that did all of its log again would have what it has in memory.
    fn log_is_memory(&self, id: NodeId, node: &Node, sim: &Sim<Redis>) -> Held {
        let store = sim.node(id).store();
        let is_quiet = node.turn.is_none() && node.fresh.is_empty() && node.files.put_off.is_none() && !store.is_full();
        let Some(log) = &store.current().log else { return Ok(()) };
        let is_small = log.tail.len() <= SMALL && node.server.keys.stored() <= SMALL;
        if !is_quiet || !is_small || !self.terms.free_of(&[Excuse::Relative, Excuse::Itself]) {
            return Ok(());
        }
        let again = log.replayed(0);
        if again.keys.same_data(&node.server.keys) {
            return Ok(());
        }
        Err(format!("a log that is done again gives what is in memory: that of {id} does not"))
    }

    /// A replica has what its master had at the same place of the same history.
    fn replica_is_prefix(&self, id: NodeId, node: &Node, sim: &Sim<Redis>) -> Held {
        let Some((whom, master)) = node.follows.and_then(|whom| Some((whom, server(sim, whom)?))) else { return Ok(()) };
        let same = master.is_master() && master.replid == node.replid && node.linked;
        let excused = !self.terms.free_of(&[Excuse::Itself, Excuse::Relative, Excuse::ReplId]);
        if !same || excused {
            return Ok(());
        }
        if node.offset > master.offset {
            return Err(format!("a replica is never ahead: {id} is at {}, and {whom} at {}", node.offset, master.offset));
        }
        let is_small = node.server.keys.stored() <= SMALL && master.server.keys.stored() <= SMALL;
        if node.offset == master.offset && is_small && !node.server.keys.same_data(&master.server.keys) {
            return Err(format!("a replica at the place of its master has the same: {id} and {whom} differ at {}", node.offset));
        }
        Ok(())
    }
}
