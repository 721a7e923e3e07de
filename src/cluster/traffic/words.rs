//! The words that settings take, and the lists by server.

use std::sync::Arc;

use crate::cluster::kit::settings::{Takes, words};

words! {
    /// Whom the front picks.
    pub enum Balancing {
        /// Each in turn.
        RoundRobin = "round-robin",
        /// In turn, by weight.
        Weighted = "weighted",
        /// Any.
        Random = "random",
        /// The one with the fewest requests.
        LeastConnections = "least-connections",
        /// The better of two drawn with replacement.
        TwoChoices = "two-choices",
        /// The best of three drawn with replacement.
        ThreeChoices = "three-choices",
        /// By the visitor, modulo the number of servers.
        Hash = "hash",
        /// By the visitor, the server with the greatest hash.
        Rendezvous = "rendezvous",
        /// The one with the least response time and the fewest requests.
        LeastTime = "least-time",
    }
}

words! {
    /// What the front balances.
    pub enum Layer {
        /// Connections.
        Four = "4",
        /// Requests.
        Seven = "7",
    }
}

words! {
    /// What the front does when no server is healthy.
    pub enum AllUnhealthy {
        /// It refuses.
        Fail = "fail",
        /// It sends to all of them.
        RouteToAll = "route-to-all",
    }
}

words! {
    /// Where the sessions of visitors are.
    pub enum Sessions {
        /// Requests need none.
        None = "none",
        /// In the memory of the server that made them.
        Local = "local",
        /// In a store that every server asks.
        Shared = "shared",
    }
}

words! {
    /// Who is asked for a read.
    pub enum Reads {
        /// Leader and replicas in turn.
        All = "all",
        /// The leader alone.
        Leader = "leader",
        /// The replicas in turn, where there are any.
        Replicas = "replicas",
    }
}

words! {
    /// What the answer to a health check takes.
    pub enum CheckAsks {
        /// A process that runs.
        Process = "process",
        /// A turn in the line of requests.
        Queue = "queue",
        /// An answer of the database.
        Database = "database",
    }
}

words! {
    /// What the autoscaler goes by.
    pub enum ScaleBy {
        /// The share of the workers that were busy.
        Busy = "busy",
        /// The requests at work or waiting, for each worker.
        Requests = "requests",
    }
}

words! {
    /// How a new version comes to the servers.
    pub enum DeployHow {
        /// New ones are added first, and old ones leave when these are warm.
        Surge = "surge",
        /// Old ones leave first.
        InPlace = "in-place",
        /// All old ones leave at once.
        AllAtOnce = "all-at-once",
    }
}

/// A number for each server, in their order.
#[derive(Clone, Debug)]
pub struct Numbers(Arc<[u32]>);

impl Numbers {
    /// The most numbers, and the greatest.
    const MOST: usize = 100;

    /// The number of the server in this place; the list begins again at its end.
    pub fn of(&self, at: usize) -> u32 {
        self.0[at % self.0.len()]
    }

    /// The list.
    pub fn all(&self) -> &[u32] {
        &self.0
    }
}

impl Takes for Numbers {
    type Value = Numbers;
    const TAKES: &'static str = "whole numbers from 1 to 100, such as 2 2 1 2";

    fn read(text: &str) -> Result<Numbers, String> {
        let number =
            |word: &str| word.parse().ok().filter(|number| word.starts_with(|c: char| c.is_ascii_digit()) && (1..=100).contains(number));
        let all: Option<Arc<[u32]>> = text.split_whitespace().map(number).collect();
        all.filter(|all| (1..=Numbers::MOST).contains(&all.len())).map(Numbers).ok_or_else(String::new)
    }

    fn write(value: &Numbers) -> String {
        value.0.iter().map(u32::to_string).collect::<Vec<_>>().join(" ")
    }
}
