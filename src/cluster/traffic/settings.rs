//! What a front with its servers can be told.

use std::sync::Arc;

use crate::algo::balance::Policy;
use crate::algo::budget::Budget;
use crate::algo::scale::Scaler;
use crate::cluster::kit::settings::{Attempts, Count, Length, OrNone, Share, Switch, Takes, Timer, Times, settings, words};
use crate::sim::dist::Dist;
use crate::sim::id::NodeId;
use crate::sim::station::{self, Service, Station};

use super::message::Msg;

/// The front.
pub(super) const FRONT: NodeId = NodeId::server(0);
/// The database. It is there always, and nobody asks it while `database` is off.
pub(super) const DATABASE: NodeId = NodeId::server(1);
/// How many servers are no application servers.
pub(super) const OTHERS: usize = 2;

/// The most application servers at a time.
pub(super) const SERVERS_MOST: usize = 60;

/// Whether this server is an application server.
pub(super) fn is_app(id: NodeId) -> bool {
    !id.is_client() && id.index() >= OTHERS
}

/// What a server is called.
pub(super) fn name(id: NodeId) -> String {
    match id {
        _ if id.is_client() => id.to_string(),
        FRONT => "lb".into(),
        DATABASE => "db".into(),
        _ => format!("app{}", id.index() + 1 - OTHERS),
    }
}

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

/// Weights of servers, in their order.
#[derive(Clone, Debug)]
pub struct Weights(Arc<[u32]>);

impl Weights {
    /// The most weights, and the greatest.
    const MOST: usize = 100;

    /// The weight of the server in this place; the list begins again at its end.
    pub fn of(&self, at: usize) -> u32 {
        self.0[at % self.0.len()]
    }
}

impl Takes for Weights {
    type Value = Weights;
    const TAKES: &'static str = "whole numbers from 1 to 100, such as 2 2 1 2";

    fn read(text: &str) -> Result<Weights, String> {
        let weight =
            |word: &str| word.parse().ok().filter(|weight| word.starts_with(|c: char| c.is_ascii_digit()) && (1..=100).contains(weight));
        let all: Option<Arc<[u32]>> = text.split_whitespace().map(weight).collect();
        all.filter(|all| (1..=Weights::MOST).contains(&all.len())).map(Weights).ok_or_else(String::new)
    }

    fn write(value: &Weights) -> String {
        value.0.iter().map(u32::to_string).collect::<Vec<_>>().join(" ")
    }
}

settings! {
    /// The settings of the `traffic` cluster.
    pub struct Settings {
        balancing: Balancing = "round-robin", "Whom the front picks for a request: `two-choices` and `three-choices` draw with replacement and take the one with the fewest requests.";
        weights: Weights = "1", "How much each server can do beside the others, in their order; the list begins again at its end. Policies that count requests divide by it.";
        layer: Layer = "7", "What the front balances: at 7 every request, at 4 only the connection of each visitor, which then stays at its server.";
        connection_age: OrNone<Timer> = "none", "How long a connection at layer 4 may last.";
        news: Length = "0s", "How old what the front knows of its servers' requests may be: it learns all of it anew this often, or always.";
        service: Times = "exp(10ms)", "How long a worker of a server takes for one request.";
        workers: Count<1, 1000> = "1", "Workers of each server.";
        queue: Count<0, 4000> = "100", "How many requests may wait at a server; one more is refused.";
        errors: Share = "0", "The share of requests that a server answers with an error instead of a page.";
        error_service: Times = "const(1ms)", "How long a worker takes for an error, where every answer is one.";
        database: Switch = "off", "Whether servers ask the database for every page.";
        db_service: Times = "exp(2ms)", "How long a worker of the database takes for one query.";
        db_workers: Count<1, 1000> = "4", "Workers of the database.";
        db_queue: Count<0, 4000> = "100", "How many queries may wait at the database.";
        db_retries: Count<0, 10> = "0", "How often a server asks the database again for one request.";
        page: Count<0, 10_000_000> = "10000", "Bytes of a page.";
        timeout: Timer = "1s", "How long a user waits for an answer.";
        user_retries: Attempts = "never", "Whether and when a user tries again who got no page.";
        try_timeout: Timer = "1s", "How long the front waits for a server, and a server for the database.";
        retries: Count<0, 10> = "0", "How often the front tries a request again, at another server if there is one; only at layer 7.";
        retry_budget: OrNone<Share> = "none", "Retries that the front may have under way, as a share of its requests under way; three are always allowed.";
        check: OrNone<Timer> = "2s", "How often the front checks whether each server lives.";
        check_timeout: Timer = "500ms", "How long it waits for the answer to a check.";
        check_threshold: Count<1, 100> = "3", "How many checks in a row a server must miss to get nothing more; one answer brings it back.";
        all_unhealthy: AllUnhealthy = "fail", "What the front does when no server is healthy.";
        drain_most: OrNone<Timer> = "none", "How long a server that drains may take to finish; what it has then dies with it.";
        autoscale: Switch = "off", "Whether servers are added and removed by how busy they are.";
        busy_target: Count<1, 100> = "70", "How busy workers should be for the autoscaler, in percent.";
        scale_every: Timer = "15s", "How often the autoscaler looks.";
        scale_down_after: Length = "5min", "For how long fewer servers must be enough before one is removed.";
        warm_up: Length = "30s", "How long a server that was added takes to be ready.";
        servers_least: Count<1, 60> = "1", "The fewest servers that the autoscaler leaves.";
        servers_most: Count<1, 60> = "20", "The most servers that it makes.";
        latency: Times = "const(250us)", "How long a message takes within a zone.";
        zone_latency: Times = "const(20ms)", "How long a message takes between zones.";
    }
}

impl Settings {
    /// The rule for picking.
    pub fn policy(&self) -> Policy {
        match self.balancing {
            Balancing::RoundRobin => Policy::RoundRobin,
            Balancing::Weighted => Policy::Weighted,
            Balancing::Random => Policy::Random,
            Balancing::LeastConnections => Policy::LeastConnections,
            Balancing::TwoChoices => Policy::Choices(2),
            Balancing::ThreeChoices => Policy::Choices(3),
            Balancing::Hash => Policy::Hash,
            Balancing::Rendezvous => Policy::Rendezvous,
            Balancing::LeastTime => Policy::LeastTime,
        }
    }

    /// The retry budget of the front, where it has one.
    pub fn budget(&self) -> Option<Budget> {
        self.retry_budget.map(|share| Budget { share, least: 3 })
    }

    /// The rule of the autoscaler, where it is on.
    pub fn scaler(&self) -> Option<Scaler> {
        let target = f64::from(self.busy_target) / 100.0;
        let scaler = Scaler { target, tolerance: 0.1, least: self.servers_least, most: self.servers_most };
        self.autoscale.then_some(scaler)
    }

    /// Workers and the line before them; users and the front need none.
    pub fn station(&self, id: NodeId) -> Station {
        match id {
            DATABASE => Station { workers: self.db_workers, queue: self.db_queue, ..Station::default() },
            _ if is_app(id) => Station { workers: self.workers, queue: self.queue, ..Station::default() },
            _ => Station::default(),
        }
    }

    /// How long a message keeps a worker; checks are answered beside the work.
    pub fn service(&self, msg: &Msg) -> Service<'_> {
        let dist: &Dist = match msg {
            Msg::Work { .. } if self.errors >= 1.0 => &self.error_service,
            Msg::Work { .. } => &self.service,
            Msg::Query { .. } => &self.db_service,
            _ => return Service::ASIDE,
        };
        Service { takes: station::Takes::Drawn(dist), priority: 0 }
    }

    /// The settings in a few words.
    pub fn caption(&self) -> String {
        let layer = if self.layer == Layer::Four { " at layer 4" } else { "" };
        let mut words = vec![format!("{}{layer}", Balancing::write(&self.balancing).replace('-', " "))];
        if self.retries > 0 {
            words.push(format!("{} retries", self.retries));
        }
        if self.autoscale {
            words.push(format!("autoscaler at {} %", self.busy_target));
        }
        words.join(" · ")
    }
}
