//! What a front with its servers can be told.

use std::ops::Deref;
use std::sync::Arc;

use crate::algo::balance::Policy;
use crate::algo::budget::Budget;
use crate::algo::scale::Scaler;
use crate::cluster::kit::settings::shared::{CheckTimeout, Latency, UserTimeout, ZoneLatency};
use crate::cluster::kit::settings::{Attempts, Count, Derives, Length, OrNone, Share, Switch, Takes, Timer, Times, settings};
use crate::cluster::kit::takes::{ByteRate, Factor};
use crate::cluster::live::Captioned;
use crate::sim::dist::Dist;
use crate::sim::id::NodeId;
use crate::sim::station::{self, Discipline, Service, Station};
use crate::sim::time::Span;

use super::derived::Derived;
use super::message::Msg;
use super::roster::{Role, Roster, Settled};
use super::words::{AllUnhealthy, Balancing, CheckAsks, DeployHow, Layer, Numbers, Reads, ScaleBy, Sessions};

/// The most application servers at a time.
pub(super) const SERVERS_MOST: usize = 60;

settings! {
    /// The settings of the `traffic` cluster, as they are declared.
    pub struct Declarations {
        balancing: Balancing = "round-robin", "Whom the front picks for a request: `two-choices` and `three-choices` draw with replacement and take the one with the fewest requests.";
        weights: Numbers = "1", "How much each server can do beside the others, in their order; the list begins again at its end. Policies that count requests divide by it.";
        layer: Layer = "7", "What the front balances: at 7 every request, at 4 only the connection of each visitor, which then stays at its server.";
        connection_age: OrNone<Timer> = "none", "How long a connection at layer 4 may last.";
        news: Length = "0s", "How old what the front knows of its servers' requests may be: it learns all of it anew this often, or always.";
        service: Times = "exp(10ms)", "How long a worker of a server of size 1 takes for one request.";
        workers: Count<1, 1000> = "1", "Workers of each server. They are no part of `cost`.";
        sizes: Numbers = "1", "How many times as fast each server is as the smallest machine, in their order; the list begins again at its end.";
        queue: Count<0, 4000> = "100", "How many requests may wait at a server; one more is refused.";
        errors: Share = "0", "The share of requests that a server answers with an error instead of a page.";
        error_service: Times = "const(1ms)", "How long a worker takes for an error, where every answer is one.";
        contention: Share = "0", "For each request every other server stands still for this share of a service time, as under one lock (the sigma of Gunther's law).";
        crosstalk: Share = "0", "For each request any two servers exchange word, which takes this share of a service time (the kappa of Gunther's law).";
        sessions: Sessions = "none", "Where the sessions of visitors are: nowhere, in the memory of a server, or in a store that every server asks.";
        sticky: Switch = "on", "Whether the front sends a visitor to the server that has its session, while that server may be used.";
        session_service: Times = "exp(500us)", "How long a worker of the store of sessions takes for one look.";
        session_workers: Count<1, 1000> = "4", "Workers of the store of sessions. They are no part of `cost`.";
        database: Switch = "off", "Whether servers ask the database for every page.";
        db_service: Times = "exp(2ms)", "How long a worker of the database, at size 1, takes for one query, and for one write of another copy.";
        db_workers: Count<1, 1000> = "4", "Workers of the database, and of each of its replicas. They are no part of `cost`.";
        db_size: Count<1, 100> = "1", "How many times as fast the machines of the database are as the smallest.";
        db_queue: Count<0, 4000> = "100", "How many queries may wait at the database, at the cache, and at the store of sessions.";
        db_retries: Count<0, 10> = "0", "How often a server asks the database again for one request.";
        queries: Count<1, 100> = "1", "Queries that a page asks at once; it waits for the slowest.";
        shards: Count<1, 9> = "1", "In how many parts the data is, by visitor, each at a leader of its own.";
        scatter: Share = "0", "The share of the views that ask all shards, because they name nothing that says which one.";
        replicas: Count<0, 9> = "0", "Replicas of each shard: each repeats every write, later, and answers reads.";
        reads: Reads = "all", "Who is asked for reads.";
        cache: OrNone<Share> = "none", "The hit rate of a cache before the database, for what it has seen since it started; an order throws out what its visitor had there.";
        cache_service: Times = "exp(500us)", "How long a worker of the cache takes for one look.";
        cache_workers: Count<1, 1000> = "4", "Workers of the cache. They are no part of `cost`.";
        page: Count<0, 10_000_000> = "10000", "Bytes of a page.";
        text: Share = "0", "The share of a page that is text, which compression makes smaller; pictures are compressed already.";
        compression: Count<1, 20> = "1", "How many times smaller compression makes text; 1 is none.";
        compress_service: Times = "const(0s)", "How much longer a worker takes for a page that it compresses, at size 1.";
        link: OrNone<ByteRate> = "none", "Bytes a second that go to the users; 1 Gbit/s is 125MB/s. A link is a queue: each page takes its bytes by the rate.";
        links: Count<1, 16> = "1", "How many such links there are. A page stays on one of them.";
        link_queue: Count<0, 4000> = "50", "How many pages may wait for the link; one more is dropped.";
        edge: OrNone<Share> = "none", "The hit rate of a cache in each zone of users, for what it has seen since it started.";
        window: OrNone<Count<1000, 10_000_000>> = "none", "Bytes that may be on their way to a user who has not acknowledged them; then the sender waits for a round trip.";
        timeout: UserTimeout = "1s";
        user_retries: Attempts = "never", "Whether and when a user tries again who got no page.";
        try_timeout: Timer = "1s", "How long the front waits for a server, and a server for the database, the cache or the store of sessions.";
        retries: Count<0, 10> = "0", "How often the front tries a request again, at another server if there is one; only at layer 7.";
        retry_delay: Times = "const(0s)", "How long the front waits before it tries again.";
        retry_budget: OrNone<Share> = "none", "Retries that the front may have under way, as a share of its requests under way; three are always allowed.";
        check: OrNone<Timer> = "2s", "How often the front checks whether each server lives.";
        check_timeout: CheckTimeout = "500ms";
        check_threshold: Count<1, 100> = "3", "How many checks in a row a server must miss to get nothing more; one answer brings it back.";
        check_asks: CheckAsks = "process", "What answers a check: the process at once, the process when the check has had its turn in the line, or the database.";
        all_unhealthy: AllUnhealthy = "fail", "What the front does when no server is healthy.";
        panic_threshold: Share = "0", "With a smaller share of healthy servers than this, the front does not believe its checks and sends to all.";
        drain_most: OrNone<Timer> = "none", "How long a server that drains may take to finish; what it has then dies with it.";
        deploy_how: DeployHow = "surge", "How `deploy` replaces servers: new ones first, old ones first, or all at once.";
        deploy_batch: Count<1, 60> = "1", "How many servers a deploy replaces at a time.";
        deploy_drain: Switch = "on", "Whether a server that a deploy replaces finishes what it has.";
        autoscale: Switch = "off", "Whether servers are added and removed by how busy they are.";
        scale_by: ScaleBy = "busy", "What the autoscaler goes by: how busy workers are, which ends at 100 %, or how many requests each has, which does not.";
        busy_target: Count<1, 100> = "70", "How busy workers should be for the autoscaler, in percent.";
        scale_every: Timer = "15s", "How often the autoscaler looks.";
        scale_down_after: Length = "5min", "For how long fewer servers must be enough before one is removed.";
        warm_up: Length = "30s", "How long a server that was added takes to be ready.";
        servers_least: Count<1, 60> = "1", "The fewest servers that the autoscaler leaves.";
        servers_most: Count<1, 60> = "20", "The most servers that it makes.";
        dearer: Factor = "2.5", "How many times as much a machine costs that is twice as big.";
        latency: Latency = "const(250us)", "How long a message takes within a zone.";
        zone_latency: ZoneLatency = "const(20ms)", "How long a message takes between zones.";
    }
}

/// The settings of the `traffic` cluster, what follows from them, and the servers that were bought by them.
#[derive(Clone, Debug)]
pub struct Settings {
    declared: Declarations,
    derived: Arc<Derived>,
    roster: Arc<Roster>,
}

impl Default for Settings {
    fn default() -> Self {
        let declared = Declarations::default();
        Settings { derived: Arc::new(Derived::of(&declared)), declared, roster: Arc::default() }
    }
}

impl Deref for Settings {
    type Target = Declarations;

    fn deref(&self) -> &Declarations {
        &self.declared
    }
}

impl Derives for Settings {
    fn declared(&mut self) -> &mut Declarations {
        &mut self.declared
    }

    fn follow(&mut self) {
        self.derived = Arc::new(Derived::of(&self.declared));
    }
}

impl Settings {
    /// Those of a server that answers every request with an error.
    pub fn broken(&self) -> Settings {
        Settings { declared: Declarations { errors: 1.0, ..self.declared.clone() }, ..self.clone() }
    }

    /// The servers.
    pub fn roster(&self) -> &Roster {
        &self.roster
    }

    /// The servers, to be kept.
    pub fn shared_roster(&self) -> Arc<Roster> {
        self.roster.clone()
    }

    /// What a node is called.
    pub fn name(&self, id: NodeId) -> String {
        self.roster.name(id)
    }

    /// Whether this is an application server.
    pub fn is_app(&self, id: NodeId) -> bool {
        self.roster.is_app(id)
    }

    /// Buys and sells the servers beside those that serve pages. `zones` are those of the users, `servers` is how many there have been.
    pub fn settle(&mut self, zones: &[u8], servers: u16) -> Settled {
        let wanted = self.wanted(zones);
        Arc::make_mut(&mut self.roster).settle(&wanted, servers)
    }

    fn wanted(&self, zones: &[u8]) -> Vec<Role> {
        let mut wanted = Vec::new();
        if self.edge.is_some() {
            wanted.extend(zones.iter().map(|zone| Role::Edge { zone: *zone }));
        }
        wanted.extend(self.link.map(|_| Role::Link));
        wanted.extend((self.sessions == Sessions::Shared).then_some(Role::Store));
        if self.database {
            wanted.extend(self.cache.map(|_| Role::Cache));
            wanted.extend((1..self.shards as u8).map(|shard| Role::Db { shard, copy: 0 }));
            let copies = |shard| (1..=self.replicas as u8).map(move |copy| Role::Db { shard, copy });
            wanted.extend((0..self.shards as u8).flat_map(copies));
        }
        wanted
    }

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

    /// Whether the front sends a visitor to the server that has its session.
    pub fn is_sticky(&self) -> bool {
        self.sticky && self.sessions == Sessions::Local
    }

    /// Whether servers hold each other up.
    pub fn talks(&self) -> bool {
        self.contention > 0.0 || self.crosstalk > 0.0
    }

    /// How many times as fast a server is as the smallest machine.
    pub fn size(&self, id: NodeId) -> u32 {
        match self.roster.role(id) {
            Role::App(number) => self.sizes.of(usize::from(number.max(1)) - 1),
            Role::Db { .. } => self.db_size,
            _ => 1,
        }
    }

    /// How long a worker of this application server takes for a request.
    pub fn work(&self, id: NodeId) -> &Arc<Dist> {
        match self.roster.role(id) {
            Role::App(number) => self.derived.work(usize::from(number.max(1)) - 1),
            _ => &self.declared.service,
        }
    }

    /// How long a worker of the database takes for so many writes that come together.
    pub fn replay(&self, many: u32) -> Span {
        self.derived.db_mean.scaled(f64::from(many))
    }

    /// The bytes of a page on its way to a user.
    pub fn wire_page(&self) -> u32 {
        self.derived.wire_page
    }

    /// Workers and the line before them; users and the front need none. What servers do for each other comes before requests.
    pub fn station(&self, id: NodeId) -> Station {
        if id.is_client() {
            return Station::default();
        }
        let (workers, queue, first) = match self.roster.role(id) {
            Role::Db { copy, .. } => (self.db_workers, self.db_queue, copy > 0),
            Role::App(_) => (self.workers, self.queue, self.talks()),
            Role::Store => (self.session_workers, self.db_queue, false),
            Role::Cache => (self.cache_workers, self.db_queue, false),
            Role::Link => (self.links, self.link_queue, false),
            Role::Front | Role::Edge { .. } => return Station::default(),
        };
        let discipline = if first { Discipline::Priority } else { Discipline::FirstCome };
        Station { workers, queue, discipline }
    }

    /// How long a message keeps a worker; checks are answered beside the work.
    pub fn service(&self, msg: &Msg, id: NodeId) -> Service<'_> {
        let drawn = |dist| Service { takes: station::Takes::Drawn(dist), priority: 0 };
        let first = |span| Service { takes: station::Takes::Exactly(span), priority: 1 };
        match msg {
            Msg::Work { .. } if self.errors >= 1.0 => drawn(&self.error_service),
            Msg::Work { .. } => drawn(self.work(id)),
            Msg::Query { .. } => drawn(&self.derived.db_work),
            Msg::Replay { .. } => Service { takes: station::Takes::Drawn(&self.derived.db_work), priority: 1 },
            Msg::Catch(copied) => first(self.replay(copied.many)),
            Msg::Look { .. } => drawn(&self.cache_service),
            Msg::Recall { .. } => drawn(&self.session_service),
            Msg::Stall { takes } => first(*takes),
            Msg::Told(answer) if self.roster.link() == Some(id) => first(self.passage(answer.bytes)),
            Msg::Check { .. } if self.check_asks == CheckAsks::Queue => Service { takes: station::Takes::Exactly(Span::ZERO), priority: 0 },
            _ => Service::ASIDE,
        }
    }

    /// How long so many bytes take on a link.
    fn passage(&self, bytes: u32) -> Span {
        let rate = self.link.unwrap_or(u64::MAX).max(1);
        Span((u128::from(bytes) + u128::from(super::message::HEADER)).saturating_mul(1_000_000_000).div_ceil(u128::from(rate)) as u64)
    }

    /// What a machine costs that is so many times as fast as the smallest.
    pub fn price(&self, size: u32) -> f64 {
        libm::pow(self.dearer, libm::log2(f64::from(size)))
    }
}

impl Captioned for Settings {
    fn caption(&self) -> String {
        let layer = if self.layer == Layer::Four { " at layer 4" } else { "" };
        let mut words = vec![format!("{}{layer}", Balancing::write(&self.balancing).replace('-', " "))];
        words.extend((self.retries > 0).then(|| format!("{} retries", self.retries)));
        words.extend(self.autoscale.then(|| format!("autoscaler at {} %", self.busy_target)));
        words.extend((self.sessions != Sessions::None).then(|| format!("sessions {}", Sessions::write(&self.sessions))));
        words.extend((self.contention > 0.0).then(|| format!("contention {} %", percent(self.contention))));
        words.extend((self.crosstalk > 0.0).then(|| format!("crosstalk {} %", percent(self.crosstalk))));
        words.extend((self.compression > 1).then(|| format!("text compressed {}:1", self.compression)));
        words.join(" · ")
    }
}

/// A share in percent, as it was typed.
fn percent(share: f64) -> f64 {
    libm::round(share * 1e6) / 1e4
}
