//! What must hold after every event, whatever was done to the cluster.

use crate::check::operation::Key;
use crate::cluster::live::Upheld;
use crate::command::{DiskFate, Poke};
use crate::persistent::{Change, OrdMap};
use crate::sim::history::Record;
use crate::sim::id::NodeId;
use crate::sim::kernel::Sim;
use crate::sim::trace::Entry;

use super::node::Cache;
use super::note::Note;
use super::request::{Done, Request, Row};
use super::{CACHE, Caching, DATABASE, is_app};

type Held = Result<(), String>;

/// What is remembered to compare with.
#[derive(Clone, Debug, Default)]
pub struct Invariants {
    /// What the database had durably after the event before.
    rows: OrdMap<Key, Row>,
}

impl Upheld<Caching> for Invariants {
    fn begin(&mut self, _: &Sim<Caching>) {}

    fn poked(&mut self, poke: &Poke, sim: &Sim<Caching>) {
        if let Poke::Crash(_, DiskFate::Wiped) = poke {
            self.rows = sim.node(DATABASE).store().durable().rows.clone();
        }
    }

    fn recorded(&mut self, _: &Record<Request, Done>, _: &Sim<Caching>) -> Held {
        Ok(())
    }

    fn traced(&mut self, _: &Entry<Note>, _: &Sim<Caching>) -> Held {
        Ok(())
    }

    fn after(&mut self, touched: Option<NodeId>, sim: &Sim<Caching>) -> Held {
        let is = |id: NodeId| touched.is_none_or(|node| node == id);
        if is(CACHE)
            && let Some(Caching::Cache(cache)) = sim.node(CACHE).state()
        {
            cache_is_sound(cache)?;
        }
        if is(DATABASE) {
            self.rows_grow(sim)?;
        }
        sim.server_ids().filter(|id| is_app(*id) && is(*id)).try_for_each(|id| match sim.node(id).state() {
            Some(Caching::App(app)) => app.shelf.adds_up(),
            _ => Ok(()),
        })
    }
}

impl Invariants {
    /// A row in the database grows only newer.
    fn rows_grow(&mut self, sim: &Sim<Caching>) -> Held {
        let now = sim.node(DATABASE).store().durable().rows.clone();
        if now.ptr_eq(&self.rows) {
            return Ok(());
        }
        let before = std::mem::replace(&mut self.rows, now.clone());
        before.diff(&now).try_for_each(|change| match change {
            Change::Update { old: (key, old), new: (_, new) } if new.version <= old.version => {
                Err(format!("a row grows only newer: {key} went from version {} to {}", old.version, new.version))
            }
            Change::Remove(key, _) => Err(format!("the database forgets nothing: {key} is gone")),
            _ => Ok(()),
        })
    }
}

fn cache_is_sound(cache: &Cache) -> Held {
    cache.shelf.adds_up()?;
    let (shelf, own) = (&cache.shelf.counts, &cache.counts);
    let misses = shelf.lookups - shelf.hits;
    if misses != own.loads + own.joined + own.refused {
        return Err(format!("every miss is loaded, waits, or is refused: {misses} misses, and {own:?}"));
    }
    match cache.shelf.dirty().iter().find(|key| !cache.changes.contains_key(*key)) {
        Some(key) => Err(format!("what is dirty will be written: nothing says when {key} is")),
        None => Ok(()),
    }
}
