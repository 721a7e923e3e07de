//! Loads of the shared cache, and turns to load: how many read one key from the database at the same time, and who waits for whom.

use imbl::Vector;

use crate::algo::eviction::Asked;
use crate::check::operation::Key;
use crate::sim::id::NodeId;

use super::message::{Msg, Token};
use super::node::{Cache, Job};
use super::note::Note;
use super::request::{Row, Source};
use super::settings::SingleFlight;
use super::{Context, DATABASE};

/// Who asked, and the number of its call.
pub(super) type Asker = (NodeId, u32);

/// A load of the cache's own.
#[derive(Clone, Debug)]
pub(super) struct Load {
    /// Of which key.
    pub key: Key,
    /// Who waits for it.
    pub waiting: Vector<Asker>,
    /// Whether a write came in between: whoever waits may have the row, and no slot may.
    pub forgotten: bool,
    /// What is known of the future.
    pub asked: Asked,
}

/// Whose turn it is to load a key, and who waits for that.
#[derive(Clone, Debug)]
pub(super) struct Turn {
    /// The call that ends with the turn.
    pub call: u32,
    /// The right that it goes with.
    pub token: Token,
    /// Who waits.
    pub waiting: Vector<Asker>,
}

impl Cache {
    /// Loads a key for somebody who missed it, or for nobody: to make an entry young again.
    pub(super) fn load(&mut self, key: &Key, whose: Option<Asker>, asked: Asked, cx: &mut Context<'_>) {
        // Where writes go through the cache too it orders loads of a key, one after the other.
        let one = cx.settings().single_flight != SingleFlight::Off || cx.settings().works().cache_writes();
        if one
            && let Some(call) = self.joinable.get(key).copied()
            && let Some(Job::Load(load)) = self.calls.get_mut(call)
        {
            load.waiting.extend(whose);
            self.counts.joined += u64::from(whose.is_some());
            return;
        }
        let under_way: u32 = self.loading.values().sum();
        if cx.settings().load_limit.is_some_and(|limit| under_way >= limit) {
            return self.refuse_load(key, whose, cx);
        }
        self.counts.own_loads += 1;
        self.counts.loads += u64::from(whose.is_some());
        let load = Load { key: key.clone(), waiting: whose.into_iter().collect(), forgotten: false, asked };
        let call = self.calls.begin(Job::Load(load), cx.settings().db_timeout, cx);
        self.joinable.insert(key.clone(), call);
        self.last_load = Some(key.clone());
        *self.loading.entry(key.clone()).or_default() += 1;
        cx.send(DATABASE, Msg::Read { call, key: key.clone() });
    }

    fn refuse_load(&mut self, key: &Key, whose: Option<Asker>, cx: &mut Context<'_>) {
        self.shelf.not_renewed(key);
        if let Some((app, call)) = whose {
            self.counts.refused += 1;
            cx.send(app, Msg::Refused { call, why: "too many loads are under way" });
        }
    }

    /// The database has answered a load.
    pub(super) fn on_row(&mut self, call: u32, row: &Row, cx: &mut Context<'_>) {
        let Some(Job::Load(load)) = self.calls.get(call).cloned() else { return };
        self.end_load(call, &load.key);
        // While a write is under way nobody knows whether a row is from before it.
        if load.forgotten || self.puts.contains_key(&load.key) {
            cx.note(Note::Overtaken { key: load.key.clone() });
        } else if self.is_newest(&load.key, row, cx) {
            self.keep(&load.key, row.clone(), load.asked, cx);
        }
        for (app, call) in &load.waiting {
            let (key, row) = (load.key.clone(), row.clone());
            cx.send(*app, Msg::Found { call: *call, key, row, source: Source::Miss, fill: None });
        }
    }

    fn end_load(&mut self, call: u32, key: &Key) {
        self.calls.end(call);
        self.load_over(key);
        if self.joinable.get(key) == Some(&call) {
            self.joinable.remove(key);
        }
    }

    fn load_over(&mut self, key: &Key) {
        match self.loading.get_mut(key) {
            Some(count) if *count > 1 => *count -= 1,
            _ => drop(self.loading.remove(key)),
        }
    }

    /// The database does not answer, or refuses.
    pub(super) fn not_loaded(&mut self, load: Load, why: &'static str, cx: &mut Context<'_>) {
        self.load_over(&load.key);
        if self.joinable.get(&load.key).is_some_and(|call| self.calls.get(*call).is_none()) {
            self.joinable.remove(&load.key);
        }
        self.shelf.not_renewed(&load.key);
        for (app, call) in load.waiting {
            cx.send(app, Msg::Refused { call, why });
        }
    }

    /// The database refuses a query.
    pub(super) fn on_failed(&mut self, call: u32, why: &'static str, cx: &mut Context<'_>) {
        match self.calls.end(call) {
            Some(Job::Load(load)) => self.not_loaded(load, why, cx),
            Some(Job::Write(key)) => self.write_refused(&key, why, cx),
            Some(Job::Flush(key, _)) => self.flush_later(&key, cx),
            Some(Job::Turn(_) | Job::Join) | None => {}
        }
    }

    /// A write came in between: no load that is under way may fill a slot, and nobody who comes waits for one.
    pub(super) fn forget_loads(&mut self, key: &Key) {
        self.joinable.remove(key);
        let under_way = self.loading.get(key).copied().unwrap_or_default();
        if under_way > 0 {
            self.calls.change_all(|job| {
                if let Job::Load(load) = job
                    && load.key == *key
                {
                    load.forgotten = true;
                }
            });
        }
    }

    /// The first to miss a key has the turn to load it; others wait.
    pub(super) fn take_turn(&mut self, asker: Asker, key: &Key, cx: &mut Context<'_>) {
        if let Some(turn) = self.turns.get_mut(key) {
            self.counts.joined += 1;
            turn.waiting.push_back(asker);
            return;
        }
        self.counts.loads += 1;
        self.give_turn(asker, key, Vector::new(), cx);
    }

    fn give_turn(&mut self, (app, asked): Asker, key: &Key, waiting: Vector<Asker>, cx: &mut Context<'_>) {
        let token = self.token(key, cx);
        let call = self.calls.begin(Job::Turn(key.clone()), cx.settings().db_timeout, cx);
        self.turns.insert(key.clone(), Turn { call, token, waiting });
        cx.send(app, Msg::Missed { call: asked, key: key.clone(), fill: token });
    }

    /// Whoever has the turn will not fill the key: the next has it.
    pub(super) fn pass_turn(&mut self, key: &Key, cx: &mut Context<'_>) {
        let Some(mut turn) = self.turns.remove(key) else { return };
        self.calls.end(turn.call);
        if let Some(next) = turn.waiting.pop_front() {
            // The right of whoever had the turn is over.
            self.leases.remove(key);
            self.give_turn(next, key, turn.waiting, cx);
        }
    }

    /// The fill is here: all who wait for it have the row.
    pub(super) fn end_turn(&mut self, key: &Key, token: Token, row: &Row, cx: &mut Context<'_>) {
        if self.turns.get(key).is_none_or(|turn| turn.token != token) {
            return;
        }
        let Some(turn) = self.turns.remove(key) else { return };
        self.calls.end(turn.call);
        for (app, call) in turn.waiting {
            cx.send(app, Msg::Found { call, key: key.clone(), row: row.clone(), source: Source::Miss, fill: None });
        }
    }

    /// Whoever had the turn, or was to make an entry young again, could not.
    pub(super) fn on_unfilled(&mut self, key: &Key, token: Token, cx: &mut Context<'_>) {
        self.shelf.not_renewed(key);
        if self.turns.get(key).is_some_and(|turn| turn.token == token) {
            self.pass_turn(key, cx);
        }
    }
}
