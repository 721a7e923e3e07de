//! Eviction: which key a full cache gives up for a new one. Keys are of one size, and a key that was missed always comes in (demand paging).
//!
//! Definitions, so that hits can be compared to the last one: they are those of libCacheSim (commit aa0fc40), and of the papers named at
//! each rule. Whatever hangs on the future or on chance is handed in with the request.

mod arc;
mod belady;
mod clock;
mod fifo;
mod lfu;
mod line;
mod lru;
mod one_line;
mod random;
mod ranked;
mod s3_fifo;
mod sieve;
#[cfg(test)]
mod tests;
mod two_q;

use arc::Arc;
use belady::Belady;
use clock::Clock;
use fifo::Fifo;
use lfu::Lfu;
use lru::Lru;
use random::Random;
use s3_fifo::S3Fifo;
use sieve::Sieve;
use two_q::TwoQ;

/// A request, as far as a rule may look at it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Asked {
    /// A number drawn evenly from 0 to 1, for chance.
    pub draw: f64,
    /// The number of the next request for the same key; `None`: never again, or nobody knows.
    pub again: Option<u64>,
}

/// What a rule does. A cache holds at most `capacity` keys, which is at least 1.
trait Evicts<K>: Clone {
    /// An empty cache of so many slots.
    fn new(capacity: usize) -> Self;
    /// How many keys it holds.
    fn len(&self) -> usize;
    /// Whether it holds a key.
    fn contains(&self, key: &K) -> bool;
    /// A key that it holds was asked for.
    fn hit(&mut self, key: &K, asked: Asked);
    /// Takes in a key that it does not hold, and says which one went for it.
    fn admit(&mut self, key: K, asked: Asked) -> Option<K>;
    /// Forgets a key that was deleted or has expired. It was not evicted: no ghost of it is kept.
    fn remove(&mut self, key: &K);
    /// Makes room for a key that was never seen, where there is none: which one goes.
    fn make_room(&mut self, draw: f64) -> Option<K>;
    /// The keys, those first that would go first as things are.
    fn queues(&self) -> Vec<Queue<K>>;
    /// Why this one goes next.
    fn why(&self, key: &K) -> String;
}

/// A part of a cache in the order in which its keys would go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Queue<K> {
    /// What its rule calls it; empty where it has only one.
    pub name: &'static str,
    /// The keys, each with what its rule has counted of it: uses, or a bit.
    pub keys: Vec<(K, u64)>,
    /// Whether only the names are kept: their values are gone.
    pub ghosts: bool,
}

impl<K> Queue<K> {
    fn new(name: &'static str, keys: Vec<(K, u64)>) -> Queue<K> {
        Queue { name, keys, ghosts: false }
    }

    fn ghosts(name: &'static str, keys: Vec<(K, u64)>) -> Queue<K> {
        Queue { name, keys, ghosts: true }
    }
}

/// Declares the rules: each with its word, and the enum that is any of them.
macro_rules! rules {
    ($($(#[$doc:meta])* $name:ident = $word:literal),+ $(,)?) => {
        /// A rule by its name.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Rule { $($(#[$doc])* $name),+ }

        impl Rule {
            /// Every rule.
            pub const ALL: &'static [Rule] = &[$(Rule::$name),+];

            /// Its word.
            pub const fn word(self) -> &'static str {
                match self { $(Rule::$name => $word),+ }
            }
        }

        /// The keys of a cache under some rule. Cheap to clone.
        #[derive(Clone, Debug)]
        enum Any<K: Ord + Clone> { $($name($name<K>)),+ }

        impl<K: Ord + Clone> Any<K> {
            fn new(rule: Rule, capacity: usize) -> Any<K> {
                match rule { $(Rule::$name => Any::$name(Evicts::new(capacity))),+ }
            }
        }

        /// Does the same with whichever rule it is.
        macro_rules! any {
            ($any:expr, $one:ident => $does:expr) => {
                match $any { $(Any::$name($one) => $does),+ }
            };
        }
    };
}

rules! {
    /// The least recently used goes.
    Lru = "lru",
    /// The one that came first goes.
    Fifo = "fifo",
    /// The least frequently used goes; counts are forgotten with their keys.
    Lfu = "lfu",
    /// Any goes.
    Random = "random",
    /// Who came first goes, unless it was asked for since the hand passed.
    Clock = "clock",
    /// A first queue for what is new, and LRU for what was asked for again after it had left that queue.
    TwoQ = "2q",
    /// Recency and frequency, balanced by the ghosts of either.
    Arc = "arc",
    /// As the clock, but what is kept stays in its place.
    Sieve = "sieve",
    /// A small queue on probation, a main one, and ghosts.
    S3Fifo = "s3-fifo",
    /// The one that is asked for again last goes: the optimum, which knows the future.
    Belady = "belady",
}

/// The keys that a cache of limited size holds, and which goes next. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Eviction<K: Ord + Clone> {
    rule: Rule,
    capacity: usize,
    any: Any<K>,
}

impl<K: Ord + Clone> Eviction<K> {
    /// An empty cache of so many slots, at least one.
    pub fn new(rule: Rule, capacity: usize) -> Eviction<K> {
        let capacity = capacity.max(1);
        Eviction { rule, capacity, any: Any::new(rule, capacity) }
    }

    /// Its rule.
    pub fn rule(&self) -> Rule {
        self.rule
    }

    /// How many keys it holds at most.
    pub fn capacity(&self) -> usize {
        self.capacity
    }

    /// How many keys it holds.
    pub fn len(&self) -> usize {
        any!(&self.any, one => one.len())
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether it holds a key. Looking changes nothing.
    pub fn contains(&self, key: &K) -> bool {
        any!(&self.any, one => one.contains(key))
    }

    /// A key was asked for: whether it was there. Only then does it count.
    pub fn hit(&mut self, key: &K, asked: Asked) -> bool {
        let there = self.contains(key);
        if there {
            any!(&mut self.any, one => one.hit(key, asked));
        }
        there
    }

    /// Takes a key in, and says which one went for it. One that is there stays, and nothing goes.
    pub fn admit(&mut self, key: K, asked: Asked) -> Option<K> {
        if self.contains(&key) {
            return None;
        }
        any!(&mut self.any, one => one.admit(key, asked))
    }

    /// Forgets a key that was deleted or has expired: whether it was there.
    pub fn remove(&mut self, key: &K) -> bool {
        let there = self.contains(key);
        if there {
            any!(&mut self.any, one => one.remove(key));
        }
        there
    }

    /// One request as a cache serves it: a hit, or the key comes in. Whether it hit.
    pub fn ask(&mut self, key: &K, asked: Asked) -> bool {
        let there = self.hit(key, asked);
        if !there {
            self.admit(key.clone(), asked);
        }
        there
    }

    /// Which key goes for one that was never seen, and why. `None` where there is room, and where chance decides.
    pub fn next(&self) -> Option<(K, String)> {
        if self.len() < self.capacity || self.rule == Rule::Random {
            return None;
        }
        let key = any!(&self.any, one => one.clone().make_room(0.0))?;
        let why = any!(&self.any, one => one.why(&key));
        Some((key, why))
    }

    /// Its parts, each in the order in which its keys would go.
    pub fn queues(&self) -> Vec<Queue<K>> {
        any!(&self.any, one => one.queues())
    }

    /// Every key that it holds.
    pub fn keys(&self) -> impl Iterator<Item = K> + use<K> {
        self.queues().into_iter().filter(|queue| !queue.ghosts).flat_map(|queue| queue.keys).map(|(key, _)| key)
    }
}

/// For each request of a trace the number of the next one for the same key.
pub fn again<K: Ord + Clone>(trace: &[K]) -> Vec<Option<u64>> {
    let mut later = std::collections::BTreeMap::new();
    let mut again: Vec<Option<u64>> = trace.iter().enumerate().rev().map(|(at, key)| later.insert(key.clone(), at as u64)).collect();
    again.reverse();
    again
}
