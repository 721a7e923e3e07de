//! Which of two versions is newer: by a stamp, which orders all of them, or by what each had seen, which leaves some unordered.

use std::cmp::Ordering;
use std::collections::BTreeSet;

/// A time stamp for last-write-wins: the greater tick is newer, and the writer and its number break ties, so that no two writes are
/// equal and every replica picks the same one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stamp<A> {
    /// What the writer's clock showed, or its counter.
    pub tick: u64,
    /// Who wrote.
    pub writer: A,
    /// Which of its writes: no writer gives a number twice.
    pub number: u32,
}

/// One event of one actor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Dot<A> {
    /// Whose.
    pub actor: A,
    /// Which of its events, from 1.
    pub counter: u64,
}

/// What has been seen: of each actor, all events up to a number (Parker et al. 1983).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct VersionVector<A> {
    /// In the order of the actors; none with 0.
    entries: Vec<(A, u64)>,
}

impl<A> Default for VersionVector<A> {
    fn default() -> Self {
        VersionVector { entries: Vec::new() }
    }
}

impl<A: Ord + Copy> VersionVector<A> {
    /// How many events of an actor it has seen.
    pub fn counter(&self, actor: A) -> u64 {
        self.entries.binary_search_by_key(&actor, |(a, _)| *a).map_or(0, |at| self.entries[at].1)
    }

    /// Whether it has seen an event.
    pub fn covers(&self, dot: Dot<A>) -> bool {
        self.counter(dot.actor) >= dot.counter
    }

    /// Sees an event, and all earlier ones of its actor.
    pub fn see(&mut self, dot: Dot<A>) {
        match self.entries.binary_search_by_key(&dot.actor, |(a, _)| *a) {
            Ok(at) => self.entries[at].1 = self.entries[at].1.max(dot.counter),
            Err(at) if dot.counter > 0 => self.entries.insert(at, (dot.actor, dot.counter)),
            Err(_) => {}
        }
    }

    /// Sees all that another has seen.
    pub fn join(&mut self, other: &VersionVector<A>) {
        for (actor, counter) in other.iter() {
            self.see(Dot { actor, counter });
        }
    }

    /// Every actor and how many of its events were seen, in the order of the actors.
    pub fn iter(&self) -> impl Iterator<Item = (A, u64)> + use<'_, A> {
        self.entries.iter().copied()
    }

    /// Whether one has seen more than the other; `None` when each has seen something that the other has not.
    pub fn compare(&self, other: &VersionVector<A>) -> Option<Ordering> {
        let within = |less: &Self, more: &Self| less.iter().all(|(actor, counter)| more.counter(actor) >= counter);
        match (within(self, other), within(other, self)) {
            (true, true) => Some(Ordering::Equal),
            (true, false) => Some(Ordering::Less),
            (false, true) => Some(Ordering::Greater),
            (false, false) => None,
        }
    }
}

impl<A: Ord + Copy> FromIterator<Dot<A>> for VersionVector<A> {
    fn from_iter<I: IntoIterator<Item = Dot<A>>>(dots: I) -> Self {
        let mut vector = VersionVector::default();
        dots.into_iter().for_each(|dot| vector.see(dot));
        vector
    }
}

/// What has been seen of one thing: all up to a vector, but for a few (Malkhi and Terry 2005, *Concise version vectors in `WinFS`*),
/// and a few beyond it (the dot cloud of Almeida, Baquero et al. 2014, *Scalable and accurate causality tracking*). Who writes without
/// looking knows its own write and nothing that stands beside it, which no vector alone can say.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Context<A> {
    upto: VersionVector<A>,
    /// Not seen, though the vector covers them.
    but: BTreeSet<Dot<A>>,
    /// Seen, though the vector does not cover them.
    beyond: BTreeSet<Dot<A>>,
}

impl<A> Default for Context<A> {
    fn default() -> Self {
        Context { upto: VersionVector::default(), but: BTreeSet::new(), beyond: BTreeSet::new() }
    }
}

impl<A> From<VersionVector<A>> for Context<A> {
    fn from(upto: VersionVector<A>) -> Self {
        Context { upto, ..Context::default() }
    }
}

impl<A: Ord + Copy> Context<A> {
    /// Its vector: of each actor, all up to a number but for what is [`Context::unseen`].
    pub fn upto(&self) -> &VersionVector<A> {
        &self.upto
    }

    /// What has been seen beyond the vector.
    pub fn beyond(&self) -> impl Iterator<Item = Dot<A>> + use<'_, A> {
        self.beyond.iter().copied()
    }

    /// What has not been seen, though the vector covers it.
    pub fn unseen(&self) -> impl Iterator<Item = Dot<A>> + use<'_, A> {
        self.but.iter().copied()
    }

    /// Whether an event has been seen.
    pub fn covers(&self, dot: Dot<A>) -> bool {
        (self.upto.covers(dot) && !self.but.contains(&dot)) || self.beyond.contains(&dot)
    }

    /// Sees an event, and all earlier ones of its actor that are not known to be unseen.
    pub fn see(&mut self, dot: Dot<A>) {
        self.upto.see(dot);
        self.but.remove(&dot);
        self.close_up();
    }

    /// Sees an event, and no other.
    pub fn see_alone(&mut self, dot: Dot<A>) {
        self.but.remove(&dot);
        if !self.upto.covers(dot) {
            self.beyond.insert(dot);
            self.close_up();
        }
    }

    /// What the vector has reached stands in it alone.
    fn close_up(&mut self) {
        let Context { upto, beyond, .. } = self;
        // In the order of the counters, so that one that follows on the vector takes the next with it.
        beyond.retain(|dot| {
            if dot.counter == upto.counter(dot.actor) + 1 {
                upto.see(*dot);
            }
            !upto.covers(*dot)
        });
    }

    /// Sees all that another has seen.
    pub fn join(&mut self, other: &Context<A>) {
        let unseen = self.but.union(&other.but).filter(|dot| !self.covers(**dot) && !other.covers(**dot)).copied().collect();
        self.upto.join(&other.upto);
        self.but = unseen;
        self.beyond.extend(&other.beyond);
        self.close_up();
    }

    /// The same but for these, which are not seen.
    #[must_use]
    pub fn but(mut self, unseen: impl IntoIterator<Item = Dot<A>>) -> Context<A> {
        for dot in unseen {
            self.beyond.remove(&dot);
            if self.upto.covers(dot) {
                self.but.insert(dot);
            }
        }
        self
    }
}

/// A value with the event that wrote it and what its writer had seen: a dotted version vector (Preguiça et al., PODC 2012). The dot
/// stands apart from the context, so that two writes through one actor from one context are told apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version<A, T> {
    /// The write.
    pub dot: Dot<A>,
    /// What its writer had seen; never the dot itself.
    pub context: Context<A>,
    /// What it wrote.
    pub value: T,
}

impl<A: Ord + Copy, T> Version<A, T> {
    /// Whether its writer had seen that write, so that it takes its place.
    pub fn replaces(&self, older: Dot<A>) -> bool {
        self.context.covers(older)
    }
}

/// The versions of one key of which none replaces another: its siblings, in the order of their dots.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Siblings<A, T> {
    versions: Vec<Version<A, T>>,
}

impl<A, T> Default for Siblings<A, T> {
    fn default() -> Self {
        Siblings { versions: Vec::new() }
    }
}

impl<A: Ord + Copy, T: Clone> Siblings<A, T> {
    /// Takes a version in, unless one that is there replaces it; it takes the place of those that it replaces. `true` when it is new.
    pub fn add(&mut self, version: Version<A, T>) -> bool {
        if self.versions.iter().any(|other| other.dot == version.dot || other.replaces(version.dot)) {
            return false;
        }
        self.versions.retain(|other| !version.replaces(other.dot));
        let at = self.versions.partition_point(|other| other.dot < version.dot);
        self.versions.insert(at, version);
        true
    }

    /// Takes in all of another replica's versions. `true` when any was new.
    pub fn join(&mut self, other: &Siblings<A, T>) -> bool {
        let mut changed = false;
        for version in &other.versions {
            changed |= self.add(version.clone());
        }
        changed
    }

    /// What a reader of these has seen, and hands in with its next write.
    pub fn context(&self) -> Context<A> {
        let mut seen = Context::default();
        for version in &self.versions {
            seen.join(&version.context);
            seen.see(version.dot);
        }
        seen
    }

    /// The versions, in the order of their dots.
    pub fn iter(&self) -> impl Iterator<Item = &Version<A, T>> {
        self.versions.iter()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.versions.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.versions.is_empty()
    }
}

#[cfg(test)]
#[path = "version_tests.rs"]
mod tests;
