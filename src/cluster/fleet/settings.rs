//! What the shop can be told.

use std::ops::Deref;
use std::sync::Arc;

use crate::cluster::kit::settings::shared::{CheckTimeout, Disk, Latency, UserTimeout, ZoneLatency};
use crate::cluster::kit::settings::{Attempts, Count, Derives, Length, OrNone, Share, Switch, Timer, Times, settings, words};
use crate::cluster::live::Captioned;
use crate::sim::failures::Failures;
use crate::sim::faults::Crash;
use crate::sim::id::NodeId;
use crate::sim::station::{self, QUEUE_MAX, Service, Station};

use super::inventory::{Inventory, OUTSIDE, RACKS, Tier};
use super::message::Msg;

words! {
    /// Which servers fail by themselves.
    pub enum Fails {
        /// Every server.
        All = "all",
        /// The fronts.
        Front = "front",
        /// The application servers.
        App = "app",
        /// The databases.
        Db = "db",
    }
}

words! {
    /// How users get from one front to another.
    pub enum Address {
        /// Somebody sends them.
        ByHand = "by-hand",
        /// They know all fronts, and try the next when one does not answer.
        Dns = "dns",
        /// The fronts share an address; one takes it over that hears nothing from those before it.
        Shared = "shared",
    }
}

words! {
    /// Where carts are.
    pub enum Carts {
        /// In the memory of the application server.
        Memory = "memory",
        /// In a database, which copies them to the others afterwards.
        Async = "async",
        /// In several databases before the user is told.
        Sync = "sync",
    }
}

words! {
    /// What a failure does to the disk of a server.
    pub enum Loses {
        /// Nothing: only the process dies.
        Nothing = "nothing",
        /// What was not synced is gone.
        Unsynced = "unsynced",
        /// All is gone.
        Disk = "disk",
    }
}

settings! {
    /// The settings of the `fleet` cluster, as they are declared.
    pub struct Declarations {
        front: Count<1, 5> = "1", "How many fronts there are. More are bought, or the newest sold, at once.";
        app: Count<1, 5> = "2", "How many application servers there are.";
        db: Count<1, 5> = "1", "How many databases there are.";
        racks: Count<1, 3> = "2", "In how many racks the servers of a tier stand, by turns.";
        mttf: OrNone<Times> = "none", "How long a server works until it fails by itself; `none`: no server does.";
        mttr: Times = "exp(1h)", "How long a repair takes once a crew is there. A crew comes for what you crash too.";
        fails: Fails = "all", "Which servers fail by themselves.";
        crews: OrNone<Count<1, 100>> = "none", "How many servers can be repaired at the same time; `none`: each has a crew of its own.";
        rack_mttf: OrNone<Times> = "none", "How long a rack works until everything in it fails together.";
        rack_mttr: Times = "const(4h)", "How long a rack that failed stays dark; then what it stopped starts again.";
        loses: Loses = "nothing", "What a server that fails by itself loses of its disk.";
        needed: Count<1, 5> = "1", "How many application servers must work: with fewer the service counts as down, and a front that knows it refuses everything.";
        check: OrNone<Timer> = "10s", "How often each server checks those that it sends requests to; `none`: all are believed to live.";
        check_timeout: CheckTimeout = "500ms";
        check_threshold: Count<1, 100> = "2", "How many checks in a row a server must miss to get nothing more; one answer brings it back.";
        retries: Switch = "on", "Whether a request that gets no answer from one server is tried at the next of its tier.";
        try_timeout: Timer = "300ms", "How long a front waits for an application server.";
        db_timeout: Timer = "50ms", "How long an application server waits for a database. All that it tries must fit into `try-timeout`.";
        address: Address = "by-hand", "How users get to another front: `by-hand` as you send them, `dns` by trying the next, `shared` because a front takes the address over.";
        timeout: UserTimeout = "2s";
        user_retries: Attempts = "never", "Whether and when a user tries again who got none.";
        work: Times = "const(5ms)", "How long an application server works on one request.";
        workers: Count<1, 1000> = "4", "Requests that an application server works on at the same time.";
        shed: Switch = "off", "Whether an application server refuses what it has no room for; else everything waits.";
        queue: Count<0, 4000> = "20", "How many requests may wait at an application server that sheds.";
        carts: Carts = "async", "Where carts are: in the memory of the application server, in one database that copies them afterwards, or in several before the user is told.";
        copies: Count<0, 4> = "1", "With `sync`: on how many databases beside the first an addition must be before the user is told.";
        copy_delay: Length = "50ms", "With `async`: how long a database gathers additions before it copies them.";
        rows: Count<1, 1000> = "20", "How many products the shop has.";
        rot: OrNone<Times> = "none", "The time from one row that rots on a database to the next; `none`: disks are perfect.";
        compare: OrNone<Timer> = "none", "How often a database asks another for what it missed; `none`: only when it starts.";
        checksums: Switch = "off", "Whether a database notices that a row is not as it was written. A good copy then mends it.";
        validation: Switch = "off", "Whether garbled requests are refused.";
        auth: Switch = "off", "Whether the front refuses who has no valid token.";
        target: Share = "0.999", "The availability that is promised, over 30 days.";
        disk: Disk = "const(1ms)";
        latency: Latency = "const(500us)", "How long a message takes within a rack.";
        zone_latency: ZoneLatency = "const(1ms)", "How long a message takes between racks, and to users.";
    }
}

/// The settings of the `fleet` cluster, and the servers that were bought by them.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    declared: Declarations,
    inventory: Arc<Inventory>,
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

    /// Before the start nothing is bought: see [`Settings::lay_out`].
    fn follow(&mut self) {
        if !self.inventory.is_empty() {
            self.lay_out();
        }
    }
}

impl Settings {
    /// Buys and sells as these settings say. The number of servers that were ever bought is returned.
    pub fn lay_out(&mut self) -> u16 {
        let wanted = [self.front, self.app, self.db];
        Arc::make_mut(&mut self.inventory).settle(wanted);
        self.inventory.len()
    }

    /// The servers.
    pub fn inventory(&self) -> &Inventory {
        &self.inventory
    }

    /// On how many databases beside the first an addition must be, as far as there are so many.
    pub fn copies(&self) -> usize {
        self.declared.copies.min(self.db - 1) as usize
    }

    /// Of how many databases a cart must be read, so that one of them is among those that were written.
    pub fn readers(&self) -> usize {
        if self.carts == Carts::Sync { self.db as usize - self.copies() } else { 1 }
    }

    /// How many servers of a tier a request is tried at, one after the other, while somebody waits for it.
    pub fn tries(&self, tier: Tier) -> usize {
        let (all, each) = match tier {
            Tier::Front => return 1,
            Tier::App => (self.timeout, self.try_timeout),
            Tier::Db => (self.try_timeout, self.db_timeout),
        };
        if self.retries { all.0.div_ceil(each.0) as usize } else { 1 }
    }

    /// The zones, with their servers; users stand in the first, beside the racks.
    pub fn zones(&self) -> Vec<(String, Vec<NodeId>)> {
        let rack = |(at, name): (usize, &&str)| {
            let here = self.inventory.all().filter(|id| self.inventory.rack(*id, self.racks) == at);
            ((*name).to_string(), here.collect())
        };
        let outside = (OUTSIDE.to_string(), Vec::new());
        std::iter::once(outside).chain(RACKS.iter().enumerate().map(rack)).collect()
    }

    /// How servers fail and are repaired.
    pub fn failures(&self) -> Failures {
        let disk = match self.loses {
            Loses::Nothing => Crash::KeepDisk,
            Loses::Unsynced => Crash::LoseUnsynced,
            Loses::Disk => Crash::WipeDisk,
        };
        Failures {
            lasts: self.mttf.as_deref().cloned(),
            spared: self.inventory.all().filter(|id| !self.fails_alone(*id)).collect(),
            zone_lasts: self.rack_mttf.as_deref().cloned(),
            zone_repair: Some((*self.rack_mttr).clone()),
            repair: (*self.mttr).clone(),
            crews: self.crews,
            by_hand: true,
            disk,
        }
    }

    /// Whether a server fails by itself, where servers do.
    pub fn fails_alone(&self, id: NodeId) -> bool {
        let tier = match self.fails {
            Fails::All => return true,
            Fails::Front => Tier::Front,
            Fails::App => Tier::App,
            Fails::Db => Tier::Db,
        };
        self.inventory.tier(id) == Some(tier)
    }

    /// Workers and the line before them; only application servers have any.
    pub fn station(&self, id: NodeId) -> Station {
        let is_app = !id.is_client() && self.inventory.tier(id) == Some(Tier::App);
        let queue = if self.shed { self.queue } else { QUEUE_MAX };
        if is_app { Station { workers: self.workers, queue, ..Station::default() } } else { Station::default() }
    }

    /// How long a message keeps a worker: only requests at application servers do. Checks are answered beside the work.
    pub fn service(&self, msg: &Msg, id: NodeId) -> Service<'_> {
        match msg {
            Msg::Work { .. } => {}
            Msg::Ask { .. } if self.inventory.tier(id) == Some(Tier::App) => {}
            _ => return Service::ASIDE,
        }
        Service { takes: station::Takes::Drawn(&self.work), priority: 0 }
    }
}

impl Captioned for Settings {
    fn caption(&self) -> String {
        let mut words = vec![format!("{} front, {} app, {} db", self.front, self.app, self.db)];
        words.extend(self.mttf.as_ref().map(|mttf| format!("MTTF {mttf}, MTTR {}", self.mttr)));
        words.push(match self.carts {
            Carts::Memory => "carts in memory".into(),
            Carts::Async => "carts copied later".into(),
            Carts::Sync => format!("carts on {} first", self.copies() + 1),
        });
        let named = [("checksums", self.checksums), ("validation", self.validation), ("auth", self.auth), ("shedding", self.shed)];
        words.extend(named.into_iter().filter(|(_, is_on)| *is_on).map(|(name, _)| name.to_string()));
        words.join(" · ")
    }
}
