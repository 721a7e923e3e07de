//! What the reads of one session must have seen: each need is an edge of the order of writes, or cannot be met.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

use super::views::Story;
use super::world::{Chosen, World};
use crate::check::verdict::Guarantee;

/// Why a read had to see a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Because {
    /// Its own session wrote it before.
    Own,
    /// The text that the view read has it before the next one.
    Told,
    /// An earlier read of the session (a view) saw it.
    Seen(u32),
    /// A view of the session saw a later write that may not be seen without it.
    Behind {
        /// The view.
        view: u32,
        /// The later write.
        through: u32,
    },
}

/// A view that saw, or had to see, a write, which therefore comes before another.
#[derive(Clone, Copy, Debug)]
pub(super) struct Need {
    /// The view.
    pub(super) view: u32,
    /// The write.
    pub(super) write: u32,
    /// The write after it: the first of the view's story, as a rule; `None` when the story leaves no room for any other write.
    pub(super) first: Option<u32>,
    /// Why.
    pub(super) because: Because,
}

/// Which views of every session each view knows of, directly or through what it read: for every view a row with a number for
/// each session, the count of its views by return.
pub(super) struct Knowledge {
    rows: Vec<u32>,
    sessions: usize,
}

/// The table of [`Knowledge`] may have this many places.
const TABLE: usize = 16_000_000;

impl Knowledge {
    /// Computes the rows; `None` when there are too many sessions and reads.
    pub(super) fn new(world: &World, chosen: &Chosen) -> Option<Knowledge> {
        let sessions = world.sessions.len();
        if sessions * world.views.len() > TABLE {
            return None;
        }
        let mut known = Knowledge { rows: vec![0; sessions * world.views.len()], sessions };
        let mut by_end: Vec<(u64, u32, u32, u32)> = Vec::with_capacity(world.views.len());
        for (s, session) in world.sessions.iter().enumerate() {
            let place = |(n, v): (usize, &u32)| (world.reader(*v).end, s as u32, n as u32, *v);
            by_end.extend(session.views.iter().enumerate().map(place));
        }
        by_end.sort_unstable();
        let mut row = vec![0; sessions];
        for (_, s, n, view) in by_end {
            row.fill(0);
            if n > 0 {
                known.join(&mut row, world.sessions[s as usize].views[n as usize - 1]);
            }
            row[s as usize] = n + 1;
            for write in chosen[view as usize].iter().flat_map(|story| &story.chain) {
                if let Some(last) = last_view_before(world, *write) {
                    known.join(&mut row, last);
                }
            }
            known.row_mut(view).copy_from_slice(&row);
        }
        Some(known)
    }

    fn row(&self, view: u32) -> &[u32] {
        &self.rows[view as usize * self.sessions..][..self.sessions]
    }

    fn row_mut(&mut self, view: u32) -> &mut [u32] {
        &mut self.rows[view as usize * self.sessions..][..self.sessions]
    }

    fn join(&self, row: &mut [u32], view: u32) {
        row.iter_mut().zip(self.row(view)).for_each(|(mine, other)| *mine = (*mine).max(*other));
    }
}

/// The last view that the writer of a write had before it.
fn last_view_before(world: &World, write: u32) -> Option<u32> {
    let session = world.session_of[write as usize];
    let count = world.viewed_before(session, world.item(write).start);
    world.sessions[session as usize].views[..count].last().copied()
}

/// What the rules of a guarantee add to the base order.
pub(super) struct Rules<'w> {
    /// The history.
    pub(super) world: &'w World<'w>,
    /// Which guarantee.
    pub(super) guarantee: Guarantee,
    /// The stories assumed.
    pub(super) chosen: Chosen<'w>,
    /// For [`Guarantee::WRITES_FOLLOW_READS`] when a need can reach across keys.
    pub(super) knowledge: Option<Knowledge>,
    /// What was spent on needs since this was last taken, in steps of a search.
    pub(super) spent: Cell<u64>,
}

/// What looking at a read or a need costs, in steps of a search.
const LOOK: u64 = 8;

impl<'w> Rules<'w> {
    /// Assumes another story of a view, or none.
    pub(super) fn set(&mut self, view: u32, story: Option<&'w Story>) {
        self.chosen[view as usize] = story;
    }

    /// The needs of one session's reads.
    pub(super) fn needs(&self, session: u32) -> Vec<Need> {
        let needs = match self.guarantee {
            Guarantee::READ_YOUR_WRITES => self.own(session),
            _ => Walk::new(self, session).needs(),
        };
        self.spend(LOOK * (self.world.sessions[session as usize].views.len() + needs.len() + 1) as u64);
        needs
    }

    fn spend(&self, steps: u64) {
        self.spent.set(self.spent.get().saturating_add(steps));
    }

    /// A text says in which order its pieces were appended.
    fn told(&self, view: u32) -> impl Iterator<Item = Need> {
        let chain = self.chosen[view as usize].map_or(&[][..], |s| &s.chain);
        chain.windows(2).map(move |w| Need { view, write: w[0], first: Some(w[1]), because: Because::Told })
    }

    /// Read your writes: of the session's writes of the key that had returned, the last ones. Those before are ordered before them.
    fn own(&self, session: u32) -> Vec<Need> {
        let world = self.world;
        let mut needs = Vec::new();
        for &view in &world.sessions[session as usize].views {
            let Some(story) = self.chosen[view as usize] else { continue };
            needs.extend(self.told(view));
            let reader = world.reader(view);
            let Some(writes) = world.sessions[session as usize].keyed.get(&reader.key) else { continue };
            let done = writes.partition_point(|w| world.item(*w).end < reader.start);
            let first = story.chain.first().copied().filter(|_| !story.exact);
            let mut latest = 0;
            for &write in writes[..done].iter().rev() {
                let item = world.item(write);
                if item.end < latest {
                    break;
                }
                let told = story.chain.contains(&write);
                if !told {
                    needs.push(Need { view, write, first, because: Because::Own });
                }
                if !told || first == Some(write) {
                    latest = latest.max(item.start);
                }
            }
        }
        needs
    }

    /// The writes that may not be unseen by whoever sees `write`, added to `found`: of each session those from its mark on in
    /// `marks`, which move forward.
    fn behind(&self, write: u32, marks: &mut Marks, mut found: impl FnMut(u32)) {
        let world = self.world;
        match (self.guarantee, &self.knowledge) {
            (Guarantee::MONOTONIC_WRITES, _) => {
                let session = world.session_of[write as usize];
                let upto = world.done_before(session, world.item(write).start);
                let from = forward(marks, session, upto);
                world.sessions[session as usize].done[from..upto.max(from)].iter().for_each(|w| found(*w));
            }
            (Guarantee::WRITES_FOLLOW_READS, Some(knowledge)) => {
                let Some(last) = last_view_before(world, write) else { return };
                self.spend(knowledge.sessions as u64);
                for (session, upto) in knowledge.row(last).iter().enumerate().filter(|(_, upto)| **upto > 0) {
                    let upto = *upto as usize;
                    let from = forward(marks, session as u32, upto);
                    let views = &world.sessions[session].views[from..upto.max(from)];
                    views.iter().filter_map(|v| self.chosen[*v as usize]).flat_map(|s| &s.chain).for_each(|w| found(*w));
                }
            }
            _ => {}
        }
    }
}

/// How much of each session was looked at; nothing where it has no mark.
type Marks = BTreeMap<u32, u32>;

/// Moves the mark of a session forward and says where it was.
fn forward(marks: &mut Marks, session: u32, to: usize) -> usize {
    let mark = marks.entry(session).or_default();
    std::mem::replace(mark, (*mark).max(to as u32)) as usize
}

/// A write that the session saw, and how.
type Sight = (u32, Because);

/// A walk through one session's reads in time.
struct Walk<'r> {
    rules: &'r Rules<'r>,
    session: u32,
    /// What the reads that returned saw, by key, in order.
    seen: BTreeMap<u32, Vec<Sight>>,
    known: BTreeSet<u32>,
    marks: Marks,
    /// For each key the read that covers most of `seen` so far: all of it up to that length comes before what the read returned.
    covers: BTreeMap<u32, (usize, u32)>,
    needs: Vec<Need>,
}

impl<'r> Walk<'r> {
    fn new(rules: &'r Rules<'r>, session: u32) -> Walk<'r> {
        Walk {
            rules,
            session,
            seen: BTreeMap::new(),
            known: BTreeSet::new(),
            marks: Marks::new(),
            covers: BTreeMap::new(),
            needs: Vec::new(),
        }
    }

    fn needs(mut self) -> Vec<Need> {
        let world = self.rules.world;
        let views = &world.sessions[self.session as usize].views;
        let mut events: Vec<(u64, bool, usize)> = Vec::with_capacity(views.len() * 2);
        for (n, view) in views.iter().enumerate().filter(|(_, v)| self.rules.chosen[**v as usize].is_some()) {
            events.push((world.reader(*view).start, false, n));
            events.push((world.reader(*view).end, true, n));
        }
        events.sort_unstable();
        let mut lengths = vec![0; views.len()];
        for (_, returned, n) in events {
            let view = views[n];
            let key = world.reader(view).key;
            if returned {
                if self.covers.get(&key).is_none_or(|(covered, _)| *covered <= lengths[n]) {
                    self.covers.insert(key, (lengths[n], view));
                }
                self.see(view);
            } else {
                lengths[n] = self.seen.get(&key).map_or(0, Vec::len);
                self.look(view);
            }
        }
        self.needs
    }

    /// At the call of a read: what it must see.
    fn look(&mut self, view: u32) {
        let Some(story) = self.rules.chosen[view as usize] else { return };
        let key = self.rules.world.reader(view).key;
        let first = story.chain.first().copied().filter(|_| !story.exact);
        let mut must: Vec<Sight> = Vec::new();
        let (covered, by) = self.covers.get(&key).map_or((0, None), |(n, by)| (*n, Some(*by)));
        if let Some(by) = by {
            let chain = self.rules.chosen[by as usize].iter().flat_map(|s| &s.chain);
            must.extend(chain.map(|w| (*w, Because::Seen(by))));
        }
        must.extend(self.seen.get(&key).into_iter().flat_map(|seen| &seen[covered..]));
        if story.chain.len() > 1 || (story.exact && !story.chain.is_empty()) {
            let mut marks = self.marks.clone();
            for &through in &story.chain {
                self.rules.behind(through, &mut marks, |w| must.push((w, Because::Behind { view, through })));
            }
        }
        let world = self.rules.world;
        self.needs.extend(self.rules.told(view));
        let missing = must.into_iter().filter(|(w, _)| world.item(*w).key == key && !story.chain.contains(w));
        self.needs.extend(missing.map(|(write, because)| Need { view, write, first, because }));
    }

    /// At the return of a read: what it saw, and what comes with it.
    fn see(&mut self, view: u32) {
        let Some(story) = self.rules.chosen[view as usize] else { return };
        let (known, seen, world) = (&mut self.known, &mut self.seen, self.rules.world);
        let mut add = |write: u32, because| {
            if known.insert(write) {
                seen.entry(world.item(write).key).or_default().push((write, because));
            }
        };
        for &write in &story.chain {
            add(write, Because::Seen(view));
            self.rules.behind(write, &mut self.marks, |w| add(w, Because::Behind { view, through: write }));
        }
    }
}
