//! Which operations show that a session guarantee is broken, and a sentence about them.

use std::collections::{BTreeMap, BTreeSet};

use super::graph::Base;
use super::needs::{Because, Need, Rules};
use super::world::World;
use super::{edges, met};
use crate::check::ground::Act;
use crate::check::verdict::Guarantee;
use crate::check::words::Words;

/// What sentences need.
pub(super) struct Teller<'a> {
    /// The history.
    pub(super) world: &'a World<'a>,
    /// Its operations in words.
    pub(super) words: Words<'a>,
}

impl Teller<'_> {
    /// The sentence and witness for a session whose certain stories contradict each other.
    pub(super) fn tell(&self, session: u32, rules: &mut Rules, base: &Base) -> (String, Vec<u32>) {
        let (culprit, needs) = self.first_wrong(session, rules, base);
        let all: Vec<(u32, u32)> = edges(&needs).collect();
        let of_culprit = || needs.iter().filter(|n| n.view == culprit);
        let ways = base.ways(&all);
        let way_of = |n: &Need| ways.way(n.first?, n.write);
        let cannot = of_culprit().find(|n| n.first.is_none()).map(|n| (n, Vec::new()));
        let shortest = || of_culprit().filter_map(|n| Some((n, way_of(n)?))).min_by_key(|(_, way)| way.len());
        let found = cannot.or_else(shortest);
        let Some((need, way)) = found else { return (String::new(), self.ids(&BTreeSet::from([self.world.views[culprit as usize].item]))) };
        let witness = self.witness(need, &way, &needs, rules);
        (self.sentence(need, rules), self.ids(&witness))
    }

    /// The sentence and witness for a read none of whose stories fits.
    pub(super) fn no_story(&self, view: u32) -> (String, Vec<u32>) {
        let stories = self.world.views[view as usize].stories.iter();
        let mut items: BTreeSet<u32> = stories.flat_map(|s| s.chain.iter().copied()).collect();
        items.insert(self.world.views[view as usize].item);
        let why = format!("{}, and none of the writes of that value fits what the session had seen", self.read(view));
        (why, self.ids(&items))
    }

    /// The first of the session's reads, by return, up to which its needs cannot be met, and the needs up to it.
    fn first_wrong<'w>(&self, session: u32, rules: &mut Rules<'w>, base: &Base) -> (u32, Vec<Need>) {
        let views = &self.world.sessions[session as usize].views;
        let all = rules.chosen.clone();
        let upto = |rules: &mut Rules<'w>, n: usize| {
            views.iter().enumerate().for_each(|(at, v)| rules.set(*v, all[*v as usize].filter(|_| at < n)));
            let needs = rules.needs(session);
            // One guarantee is told once: this is not what the budget is for.
            (met(base, &needs, &mut { u64::MAX }) == Some(true), needs)
        };
        let (mut good, mut bad) = (0, views.len());
        while good + 1 < bad {
            let middle = usize::midpoint(good, bad);
            if upto(rules, middle).0 { good = middle } else { bad = middle }
        }
        let needs = upto(rules, bad).1;
        rules.chosen = all;
        (views[bad - 1], needs)
    }

    fn witness(&self, need: &Need, way: &[u32], needs: &[Need], rules: &Rules) -> BTreeSet<u32> {
        let mut items: BTreeSet<u32> = way.iter().copied().filter(|n| (*n as usize) < self.world.ground.items.len()).collect();
        let steps = way.windows(2).filter_map(|w| needs.iter().find(|n| n.write == w[0] && n.first == Some(w[1])));
        for need in steps.chain([need]) {
            items.extend([self.world.views[need.view as usize].item, need.write]);
            items.extend(need.first);
            match need.because {
                Because::Own | Because::Told => {}
                Because::Seen(view) => items.extend([self.world.views[view as usize].item]),
                Because::Behind { view, through } => {
                    items.extend([self.world.views[view as usize].item, through]);
                    items.extend(self.trail(need.write, through, rules));
                }
            }
        }
        let writes: Vec<u32> = way.iter().copied().filter(|n| (*n as usize) < self.world.ground.items.len()).collect();
        items.extend(writes.windows(2).flat_map(|w| self.trail(w[0], w[1], rules)));
        items
    }

    /// Under writes follow reads: how the writer of `through` knew of `write`, as the reads and writes between them.
    fn trail(&self, write: u32, through: u32, rules: &Rules) -> Vec<u32> {
        if rules.guarantee != Guarantee::WRITES_FOLLOW_READS {
            return Vec::new();
        }
        let mut came: BTreeMap<u32, (u32, u32)> = BTreeMap::new();
        let mut queue = std::collections::VecDeque::from([through]);
        while let Some(later) = queue.pop_front().filter(|_| !came.contains_key(&write)) {
            let session = self.world.session_of[later as usize];
            let before = self.world.viewed_before(session, self.world.item(later).start);
            for view in self.world.sessions[session as usize].views[..before].iter().rev() {
                for earlier in rules.chosen[*view as usize].iter().flat_map(|s| &s.chain) {
                    if !came.contains_key(earlier) {
                        came.insert(*earlier, (later, self.world.views[*view as usize].item));
                        queue.push_back(*earlier);
                    }
                }
            }
        }
        let step = |(later, view): &(u32, u32)| (*later, *view);
        let mut trail = Vec::new();
        let mut at = write;
        while let Some((later, view)) = came.get(&at).map(step).filter(|_| at != through) {
            trail.extend([view, later]);
            at = later;
        }
        trail
    }

    fn sentence(&self, need: &Need, rules: &Rules) -> String {
        let read = self.read(need.view);
        let write = self.value(need.write);
        match need.because {
            Because::Own => format!("{read} after {} itself", self.doing(need.write)),
            Because::Told => format!("{read}, in which {write} comes before what was written first"),
            Because::Seen(view) if rules.guarantee == Guarantee::MONOTONIC_READS => {
                format!("{read} after it had read {}", self.words.saw(self.world.reader(view)))
            }
            Because::Seen(_) => format!("{read} after it had seen {write}, against the order in which they were written"),
            Because::Behind { through, .. } => {
                let writer = self.words.who(self.world.item(through));
                let (later, how) = (self.value(through), self.how(need.write, through, rules));
                format!("{read} without {write}, though it had seen {later}, which {writer} wrote {how}")
            }
        }
    }

    /// How one write depends on another: `after 8`, `after reading 8`.
    fn how(&self, write: u32, through: u32, rules: &Rules) -> String {
        let value = self.value(write);
        if rules.guarantee == Guarantee::MONOTONIC_WRITES {
            format!("after {value}")
        } else if self.trail(write, through, rules).len() == 2 {
            format!("after reading {value}")
        } else {
            format!("knowing of {value}")
        }
    }

    /// `c2 read 7`.
    fn read(&self, view: u32) -> String {
        let item = self.world.reader(view);
        format!("{} read {}", self.words.who(item), self.words.saw(item))
    }

    fn value(&self, write: u32) -> String {
        self.words.made(self.world.item(write))
    }

    fn doing(&self, write: u32) -> String {
        let value = self.value(write);
        match self.world.item(write).act {
            Act::Append(_) => format!("appending {value}"),
            Act::Swap(..) => format!("changing it to {value}"),
            _ => format!("writing {value}"),
        }
    }

    fn ids(&self, items: &BTreeSet<u32>) -> Vec<u32> {
        self.world.ground.ids(items.iter().map(|i| self.world.item(*i)))
    }
}
