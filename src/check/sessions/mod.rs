//! The session guarantees of Terry et al. (1994), judged from outside, by what clients were told.
//!
//! A *session* is one client. One of its operations comes before another when it returned before the other was called; what
//! overlaps is in no order. Each session is judged by itself. It keeps a guarantee when there are, for each of its reads, a set of
//! *visible* writes, and one order of all writes, such that every read returns what its visible writes of the key make in that
//! order (for a register: the last one's value) and
//!
//! - *read your writes*: a read sees every write of its own session before it;
//! - *monotonic reads*: a read sees what any earlier read of the session saw;
//! - *monotonic writes*: the same, and whoever sees a write sees the earlier writes of its writer's session, of any key; the
//!   order keeps each session's order of writes;
//! - *writes follow reads*: monotonic reads, and whoever sees a write sees what its writer's session had read before it, of any key;
//!   the order puts a write after those.
//!
//! Under the first two the order keeps each session's order of writes to one key, so that "my second write came after my first"
//! holds. Under all four a compare-and-set comes after what it replaced, where only one write can be meant, called before it.
//! A write that was acknowledged happened; one of unknown outcome may be visible or not.
//!
//! Every sequentially consistent history keeps all four, so real time between sessions plays no part: "c3 read 9, then 7" is no
//! fault of c3's session if nobody can tell that c1's 7 came before c2's 9 by anything but a wall clock. It does break linearizability.
//!
//! A session whose reads are not monotonic is not judged for the last two, so that one fault is not blamed twice. A read that no
//! write called before its return explains is left out: it breaks linearizability instead.
//!
//! Where each value is written once, each read has one story and the judgement is a search for a cycle, in time nearly
//! linear in the history. Where values repeat, stories are tried one after the other. All of it is within a budget.

mod graph;
mod needs;
mod tell;
mod views;
mod world;

use std::cell::{Cell, OnceCell};

use super::ground::Ground;
use super::operation::Operation;
use super::verdict::Guarantee;
use super::words::Words;
use super::{Names, Watch};
use graph::Base;
use needs::{Knowledge, Need, Rules};
use tell::Teller;
use views::View;
use world::{Chosen, World};

/// What was found about one guarantee.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Judged {
    /// Every session kept it.
    Kept,
    /// A session did not.
    Broken {
        /// One sentence.
        why: String,
        /// The operations that show it, by id, in the order of their calls.
        witness: Vec<u32>,
    },
    /// It could not be decided, and why.
    Open(String),
}

/// Judges read your writes, monotonic reads, monotonic writes and writes follow reads, in this order, with at most `budget`
/// steps for each.
pub fn sessions(ops: &[Operation], names: Names, budget: u64) -> [Judged; 4] {
    check(&Ground::new(ops), names, budget, &|_, _, _| {}).judged
}

/// What was found about the sessions of a history.
pub(crate) struct Sessions {
    /// Read your writes, monotonic reads, monotonic writes and writes follow reads.
    pub(crate) judged: [Judged; 4],
    /// The sessions that were not judged for the last two, because their reads are not monotonic.
    pub(crate) unsteady: Vec<u32>,
}

/// The same on a prepared history.
pub(crate) fn check(ground: &Ground, names: Names, budget: u64, watch: Watch) -> Sessions {
    let world = World::new(ground);
    let unsteady = vec![Steady::Yes; world.sessions.len()];
    let is_unclear = world.views.iter().any(View::is_unclear);
    let mut judge = Judge { world: &world, names, budget, watch, unsteady, is_unclear, latest: OnceCell::new() };
    let own = judge.all(Guarantee::READ_YOUR_WRITES);
    let reads = judge.all(Guarantee::MONOTONIC_READS);
    let writes = judge.all(Guarantee::MONOTONIC_WRITES);
    let follow = judge.all(Guarantee::WRITES_FOLLOW_READS);
    let is_unsteady = |index: &usize| judge.unsteady[world.session_of[*index] as usize] == Steady::No;
    let mut unsteady: Vec<u32> = (0..ground.items.len()).filter(is_unsteady).map(|index| ground.items[index].session).collect();
    unsteady.sort_unstable();
    unsteady.dedup();
    Sessions { judged: [own, reads, writes, follow], unsteady }
}

/// How many reads, the reading halves of compare-and-sets among them, a write called before their return (or the empty start)
/// explains.
#[cfg(test)]
pub(super) fn explained(ground: &Ground) -> usize {
    views::views(ground).len()
}

/// Whether a session's reads are monotonic.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Steady {
    Yes,
    No,
    Perhaps,
}

struct Judge<'a> {
    world: &'a World<'a>,
    names: Names<'a>,
    budget: u64,
    watch: Watch<'a>,
    unsteady: Vec<Steady>,
    /// Whether any read has several stories.
    is_unclear: bool,
    /// Writes follow reads with the latest story of each read, once somebody asked; `None` where there is too much to follow.
    latest: OnceCell<Option<(Rules<'a>, Base)>>,
}

/// What was found about one session.
enum Found {
    Kept,
    Broken(String, Vec<u32>),
    Open(String),
}

impl<'a> Judge<'a> {
    /// Judges every session, and remembers which have monotonic reads.
    fn all(&mut self, guarantee: Guarantee) -> Judged {
        let world = self.world;
        let chosen = world.certain();
        let Ok(mut rules) = rules(world, guarantee, chosen) else {
            return Judged::Open("too many sessions and reads to follow what depends on what".into());
        };
        let base = world.base(guarantee, &rules.chosen);
        let suspects = suspects(&rules, &base);
        let mut left = self.budget.saturating_sub(rules.spent.take());
        let mut worst = Judged::Kept;
        for session in (0..world.sessions.len() as u32).filter(|s| suspects[*s as usize]) {
            (self.watch)(guarantee, u64::from(session), world.sessions.len() as u64);
            let is_told = matches!(worst, Judged::Broken { .. });
            if is_told && guarantee != Guarantee::MONOTONIC_READS {
                break;
            }
            if is_later(guarantee) && self.unsteady[session as usize] == Steady::No {
                continue;
            }
            let found = self.session(session, &mut rules, &base, &mut left, is_told);
            worst = worse(worst, self.weigh(session, guarantee, found));
        }
        worst
    }

    /// What a session's result means for the whole, given whether its reads are monotonic.
    fn weigh(&mut self, session: u32, guarantee: Guarantee, found: Found) -> Judged {
        let steady = &mut self.unsteady[session as usize];
        match (guarantee, &found) {
            (Guarantee::MONOTONIC_READS, Found::Broken(..)) => *steady = Steady::No,
            (Guarantee::MONOTONIC_READS, Found::Open(_)) => *steady = Steady::Perhaps,
            (later, Found::Broken(..)) if is_later(later) && *steady == Steady::Perhaps => {
                return Judged::Open("it hangs on whether reads are monotonic, which could not be decided".into());
            }
            _ => {}
        }
        match found {
            Found::Kept => Judged::Kept,
            Found::Broken(why, witness) => Judged::Broken { why, witness },
            Found::Open(reason) => Judged::Open(reason),
        }
    }

    /// Judges one session. Where a break was told already, another one gets no sentence.
    fn session(&self, session: u32, rules: &mut Rules<'a>, base: &Base, left: &mut u64, is_told: bool) -> Found {
        let teller = Teller { world: self.world, words: Words { ground: self.world.ground, names: self.names } };
        match fits(session, rules, base, left) {
            Some(true) => {}
            Some(false) if is_told => return Found::Broken(String::new(), Vec::new()),
            Some(false) => {
                let (why, witness) = teller.tell(session, rules, base);
                return Found::Broken(why, witness);
            }
            None => return self.out_of_budget(),
        }
        let unclear = self.unclear(session);
        match self.try_stories(session, rules, base, &unclear, left) {
            Tried::Fits if rules.guarantee != Guarantee::WRITES_FOLLOW_READS => Found::Kept,
            Tried::Fits if !self.is_unclear || self.fits_with_latest(session, left) => Found::Kept,
            Tried::Nothing(view) => {
                let (why, witness) = teller.no_story(view);
                Found::Broken(why, witness)
            }
            Tried::Fits | Tried::GaveUp => gave_up(),
        }
    }

    /// Writes follow reads hangs on what everybody read before writing: if it holds with the latest story of each read it holds.
    fn fits_with_latest(&self, session: u32, left: &mut u64) -> bool {
        let latest = self.latest.get_or_init(|| {
            let chosen: Chosen = self.world.views.iter().map(|v| v.stories.first()).collect();
            let base = self.world.base(Guarantee::WRITES_FOLLOW_READS, &chosen);
            Some((rules(self.world, Guarantee::WRITES_FOLLOW_READS, chosen).ok()?, base))
        });
        latest.as_ref().is_some_and(|(rules, base)| fits(session, rules, base, left) == Some(true))
    }

    fn out_of_budget(&self) -> Found {
        Found::Open(format!("not decided within {} steps", self.budget))
    }

    /// The views of a session with several stories, by return.
    fn unclear(&self, session: u32) -> Vec<u32> {
        let views = self.world.sessions[session as usize].views.iter().copied();
        views.filter(|v| self.world.views[*v as usize].is_unclear()).collect()
    }

    /// Tries the stories of unclear views, one view after the other, going back where none fits.
    fn try_stories(&self, session: u32, rules: &mut Rules<'a>, base: &Base, unclear: &[u32], left: &mut u64) -> Tried {
        let world: &'a World<'a> = self.world;
        let mut next = vec![0usize; unclear.len() + 1];
        let (mut depth, mut deepest, mut cut) = (0, 0, false);
        // What is chosen is taken back before leaving, for the next session.
        let found = loop {
            if depth == unclear.len() {
                break Tried::Fits;
            }
            let view = unclear[depth];
            let Some(story) = world.views[view as usize].stories.get(next[depth]) else {
                cut |= world.views[view as usize].more;
                rules.set(view, None);
                next[depth] = 0;
                if depth == 0 {
                    break if cut { Tried::GaveUp } else { Tried::Nothing(unclear[deepest]) };
                }
                depth -= 1;
                continue;
            };
            next[depth] += 1;
            rules.set(view, Some(story));
            deepest = deepest.max(depth);
            match fits(session, rules, base, left) {
                Some(true) => depth += 1,
                Some(false) => {}
                None => break Tried::GaveUp,
            }
        };
        for view in unclear {
            rules.set(*view, None);
        }
        found
    }
}

/// Whether only sessions with monotonic reads are judged for a guarantee.
fn is_later(guarantee: Guarantee) -> bool {
    matches!(guarantee, Guarantee::MONOTONIC_WRITES | Guarantee::WRITES_FOLLOW_READS)
}

/// What trying stories came to.
enum Tried {
    Fits,
    /// No story of this view fits, whatever those before it are.
    Nothing(u32),
    GaveUp,
}

fn gave_up() -> Found {
    Found::Open("values repeat, and not every story behind the reads could be tried".into())
}

fn worse(a: Judged, b: Judged) -> Judged {
    match (&a, &b) {
        (Judged::Broken { .. }, _) | (_, Judged::Kept) | (Judged::Open(_), Judged::Open(_)) => a,
        _ => b,
    }
}

/// The rules of a guarantee, or an error when there is too much to follow.
fn rules<'w>(world: &'w World<'w>, guarantee: Guarantee, chosen: Chosen<'w>) -> Result<Rules<'w>, ()> {
    let mut knowledge = None;
    if guarantee == Guarantee::WRITES_FOLLOW_READS && (world.ground.keys.len() > 1 || !world.plain) {
        knowledge = Some(Knowledge::new(world, &chosen).ok_or(())?);
    }
    Ok(Rules { world, guarantee, chosen, knowledge, spent: Cell::new(0) })
}

/// Which sessions need a closer look: with unclear reads, or part of a contradiction when all needs are taken together.
fn suspects(rules: &Rules, base: &Base) -> Vec<bool> {
    let world = rules.world;
    let mut suspects = vec![false; world.sessions.len()];
    for view in world.views.iter().filter(|v| v.is_unclear()) {
        suspects[world.session_of[view.item as usize] as usize] = true;
    }
    let needs: Vec<Vec<Need>> = (0..world.sessions.len() as u32).map(|s| rules.needs(s)).collect();
    let knotted = base.knotted(&needs.iter().flat_map(|n| edges(n)).collect::<Vec<_>>());
    let bad = |need: &Need| need.first.is_none_or(|first| knotted[first as usize] && knotted[need.write as usize]);
    for (suspect, needs) in suspects.iter_mut().zip(&needs) {
        *suspect |= needs.iter().any(bad);
    }
    // Writes follow reads: unclear reads of one session bear on every other.
    if rules.guarantee == Guarantee::WRITES_FOLLOW_READS && suspects.iter().any(|s| *s) {
        suspects.fill(true);
    }
    suspects
}

/// The needs as edges.
fn edges(needs: &[Need]) -> impl Iterator<Item = (u32, u32)> + Clone {
    needs.iter().filter_map(|n| Some((n.write, n.first?)))
}

/// Whether an order of the writes meets all needs of a session. `None` when that takes more than `left` steps, from which what was
/// used is taken.
fn fits(session: u32, rules: &Rules, base: &Base, left: &mut u64) -> Option<bool> {
    let needs = rules.needs(session);
    *left = left.saturating_sub(rules.spent.take());
    if *left == 0 { None } else { met(base, &needs, left) }
}

/// Whether an order of the writes meets all needs.
fn met(base: &Base, needs: &[Need], left: &mut u64) -> Option<bool> {
    if needs.iter().any(|n| n.first.is_none()) {
        return Some(false);
    }
    base.has_cycle(&edges(needs).collect::<Vec<_>>(), left).map(|has_cycle| !has_cycle)
}
