//! The words that settings take.

use std::fmt;

use crate::sim::id::NodeId;

/// Declares an enum whose values are words of the setting.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name { $($(#[$vdoc])* $variant),+ }

        impl $name {
            /// Every word it takes.
            pub const WORDS: &'static [&'static str] = &[$($word),+];

            pub(super) fn parse(text: &str) -> Option<Self> {
                match text { $($word => Some(Self::$variant),)+ _ => None }
            }

            /// The word.
            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }
    };
}

words! {
    /// When a write is acknowledged.
    Replication {
        /// Once the leader has it.
        Async = "async",
        /// Once the leader and one follower have it; if that follower is silent too long, the next takes its place.
        SemiSync = "semi-sync",
        /// Once the leader and every synchronous follower have it.
        Sync = "sync",
        /// Once a majority of all servers has it; only then can it be read.
        Majority = "majority",
    }
}
words! {
    /// Who decides that the leader is dead.
    Failover {
        /// The followers, by timeout.
        Automatic = "automatic",
        /// An operator, with `promote`.
        Manual = "manual",
    }
}
words! {
    /// Which of those who answered becomes leader.
    Candidate {
        /// The one with the most up-to-date log.
        LogPosition = "log-position",
        /// Any.
        Random = "random",
    }
}
words! {
    /// How many must agree to a new leader.
    Election {
        /// A majority of all servers.
        Majority = "majority",
        /// Nobody else: each side of a cut may have its own leader.
        Alone = "alone",
    }
}
words! {
    /// What keeps an old leader from doing harm.
    Fencing {
        /// Nothing: followers obey whoever speaks to them.
        Off = "off",
        /// Messages of an older epoch are refused, and their sender steps down when it is told.
        Epochs = "epochs",
        /// Epochs, and a leader stops by itself when it has not heard from a majority for the length of its lease.
        Lease = "lease",
    }
}
words! {
    /// What a rejoining node does with entries that its new leader never had.
    Rejoin {
        /// It throws them away.
        Discard = "discard",
        /// It stops until an operator decides.
        Refuse = "refuse",
        /// It hands them over to be merged.
        Merge = "merge",
    }
}
words! {
    /// How two writes of one key are merged.
    MergePolicy {
        /// The one with the later time stamp (of its leader's clock) stays.
        LastWriteWins = "last-write-wins",
        /// Both stay, side by side.
        KeepBoth = "keep-both",
    }
}
words! {
    /// Where clients read.
    Reads {
        /// From the leader.
        Leader = "leader",
        /// From any follower, another at random each time.
        Any = "any",
        /// From the nearest server.
        Nearest = "nearest",
        /// From always the same server, chosen by the client's number.
        Sticky = "sticky",
        /// Keys that begin with the client's own name (`c1.bio`) from the leader, others from any follower.
        OwnFromLeader = "own-from-leader",
        /// From any follower that has applied the log up to what the client last wrote or saw.
        WaitForPosition = "wait-for-position",
    }
}
words! {
    /// Whether followers answer reads.
    FollowerReads {
        /// They do, with what they have.
        Serve = "serve",
        /// They do not.
        Refuse = "refuse",
    }
}
words! {
    /// When what was written is synced to the disk.
    Fsync {
        /// Before it is acknowledged.
        Always = "always",
        /// The operating system does it within a second.
        Lazy = "lazy",
    }
}

/// Which followers are synchronous.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SyncFollowers {
    /// Every follower.
    All,
    /// So many, whichever answer first (at least 1; more than there are is all of them), as `PostgreSQL`'s `ANY 2 (...)`.
    Any(usize),
    /// These. Where one of them leads, another follower stands in for it, whichever answers first.
    Named(Vec<NodeId>),
}

impl SyncFollowers {
    pub(super) fn parse(text: &str) -> Option<SyncFollowers> {
        let words: Vec<&str> = text.split_whitespace().collect();
        match words[..] {
            ["all"] => Some(SyncFollowers::All),
            ["any", count] => count.parse().ok().filter(|count| *count > 0).map(SyncFollowers::Any),
            _ => {
                let named: Option<Vec<NodeId>> = words.iter().map(|word| word.parse().ok()).collect();
                named.filter(|list| !list.is_empty() && list.iter().all(|id| !id.is_client())).map(SyncFollowers::Named)
            }
        }
    }

    /// The follower to start with where only one is synchronous.
    pub fn first(&self) -> Option<NodeId> {
        if let SyncFollowers::Named(list) = self { list.first().copied() } else { None }
    }

    /// The index up to which the synchronous followers have the log, of what each follower has; `None` where no follower is synchronous.
    pub fn reach(&self, followers: impl Iterator<Item = (NodeId, u64)>) -> Option<u64> {
        match self {
            SyncFollowers::All => followers.map(|(_, index)| index).min(),
            SyncFollowers::Any(count) => nth(followers.map(|(_, index)| index).collect(), *count),
            SyncFollowers::Named(list) => {
                let (named, others): (Vec<_>, Vec<_>) = followers.partition(|(id, _)| list.contains(id));
                let stand_ins = nth(others.into_iter().map(|(_, index)| index).collect(), list.len() - named.len());
                named.into_iter().map(|(_, index)| index).chain(stand_ins).min()
            }
        }
    }
}

/// The index that so many of the followers have reached, of fewer all of them; `None` where none is asked for, or there is none.
fn nth(mut reached: Vec<u64>, count: usize) -> Option<u64> {
    reached.sort_unstable_by(|a, b| b.cmp(a));
    reached.get(count.checked_sub(1)?).or(reached.last()).copied()
}

impl fmt::Display for SyncFollowers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SyncFollowers::All => f.write_str("all"),
            SyncFollowers::Any(count) => write!(f, "any {count}"),
            SyncFollowers::Named(list) => {
                let names: Vec<String> = list.iter().map(NodeId::to_string).collect();
                f.write_str(&names.join(" "))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn synchronous_followers_reach_as_far_as_the_slowest_that_counts() {
        let followers = [(1, 5), (2, 9), (3, 7)].map(|(n, index)| (NodeId::server(n), index));
        let reach = |text: &str| SyncFollowers::parse(text).and_then(|which| which.reach(followers.into_iter()));
        assert_eq!([reach("all"), reach("any 1"), reach("any 2"), reach("any 3"), reach("any 9")], [5, 9, 7, 5, 5].map(Some));
        assert_eq!([reach("n3"), reach("n3 n4"), reach("n2 n3 n4")], [9, 7, 5].map(Some));
        // n1 leads: another stands in for it, the quickest.
        assert_eq!([reach("n1"), reach("n1 n2"), reach("n1 n3"), reach("n1 n2 n3 n4")], [9, 5, 7, 5].map(Some));
        for wrong in ["", "any", "any 0", "any x", "all n2", "c1", "2"] {
            assert_eq!(SyncFollowers::parse(wrong), None, "{wrong}");
        }
    }
}
