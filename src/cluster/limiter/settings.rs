//! What limiters can be told.

use crate::algo::limit::{Estimate, Flow, Meter, Quota, Rules};
use crate::cluster::kit::settings::shared::{Disk, Handling, WireLatency, WireZoneLatency};
use crate::cluster::kit::settings::{Count, Length, OrNone, Switch, Timer, Times, settings, words};
use crate::cluster::live::Captioned;
use crate::sim::time::Span;

words! {
    /// How a limiter measures what comes.
    pub enum Algorithm {
        /// A count for each window.
        FixedWindow = "fixed-window",
        /// The times of the last window.
        SlidingLog = "sliding-log",
        /// Two counts, weighed.
        SlidingCounter = "sliding-counter",
        /// Tokens.
        TokenBucket = "token-bucket",
        /// The leaky bucket as a meter.
        Gcra = "gcra",
        /// The leaky bucket as a queue.
        LeakyQueue = "leaky-queue",
    }
}
words! {
    /// When one more fits into the estimate of the sliding counter.
    pub enum Fits {
        /// While the estimate is below the limit.
        Below = "below",
        /// While the estimate and one more are at most the limit.
        Fits = "fits",
    }
}
words! {
    /// Whose requests are counted together.
    pub enum By {
        /// Those of a user.
        User = "user",
        /// Those from an address.
        Address = "address",
        /// All.
        All = "all",
    }
}
words! {
    /// Where it is counted.
    pub enum Counters {
        /// At each limiter, up to the limit.
        Local = "local",
        /// At each limiter, up to its part of the limit.
        Split = "split",
        /// In a store that every limiter asks.
        Shared = "shared",
    }
}
words! {
    /// How a limiter counts in the store.
    pub enum Step {
        /// The store counts and decides in one step.
        Atomic = "atomic",
        /// The limiter reads, decides, and writes back.
        TwoSteps = "two-steps",
    }
}
words! {
    /// What a limiter does that cannot count.
    pub enum Down {
        /// It lets nothing pass.
        Closed = "closed",
        /// It lets everything pass.
        Open = "open",
    }
}
words! {
    /// Where counts are kept.
    pub enum Kept {
        /// In memory.
        Memory = "memory",
        /// On the disk, synced within a second.
        Lazy = "lazy",
        /// On the disk, synced before what was counted passes.
        Synced = "synced",
    }
}
words! {
    /// Which clock a limiter goes by.
    pub enum Clock {
        /// One that is never set.
        Monotonic = "monotonic",
        /// The time of day.
        Wall = "wall",
    }
}
words! {
    /// What a caller does that was refused.
    pub enum Again {
        /// It gives up.
        Never = "never",
        /// It comes back when it was told to.
        Heed = "heed",
        /// It comes back when it was told to and a random while later.
        Jitter = "jitter",
        /// It comes back after a wait of its own.
        Blind = "blind",
    }
}
words! {
    /// Which limiter a caller goes to.
    pub enum Spread {
        /// Each in turn.
        InTurn = "in-turn",
        /// Always the same.
        One = "one",
    }
}

settings! {
    /// The settings of the `limiter` cluster. The defaults: 10 a second for each user, by fixed windows, in the memory of each limiter.
    pub struct Settings {
        algorithm: Algorithm = "fixed-window", "How requests are measured: a count for each window, the times of the last window, two counts weighed, tokens, the leaky bucket as a meter, or the leaky bucket as a queue.";
        limit: Count<1, 100_000> = "10", "How many requests may pass in each window.";
        window: Timer = "1s", "The length of a window. Windows begin at whole multiples of it by the clock; buckets and queues let one pass each window/limit.";
        burst: OrNone<Count<1, 100_000>> = "none", "How many may pass at once after a calm: the size of a bucket; or how many a leaky queue has places for. `none`: as many as the limit.";
        estimate: Fits = "below", "When the sliding counter lets one more pass: while its estimate is below the limit, or while the estimate and one more are at most the limit.";
        count_refused: Switch = "off", "Whether windows, log and counter count refused requests like those that pass: who keeps asking is kept out.";
        by: By = "user", "Whose requests are counted together: those of a user, those from an address (each client is one), or all.";
        counters: Counters = "local", "Where it is counted: at each limiter up to the limit, at each up to its part of the limit, or in a store that all ask.";
        step: Step = "atomic", "How a limiter counts in the shared store: the store counts and decides in one step, or the limiter reads, decides, writes back, and lets pass what it hears is written.";
        store_timeout: Timer = "50ms", "How long a limiter waits for the shared store.";
        store_retries: Count<0, 5> = "0", "How often a limiter that hears nothing asks the store again; what was counted and not answered is counted twice.";
        store_down: Down = "closed", "What a limiter does that cannot count, because the store does not answer or its disk is full: let nothing pass, or everything.";
        kept: Kept = "memory", "Where counts are kept: in memory, on the disk and synced within a second, or synced before what was counted passes.";
        clock: Clock = "monotonic", "Which clock a limiter and the store go by: one that is never set, or the time of day.";
        spread: Spread = "in-turn", "Which limiter a client goes to: each in turn, or always the same (c1 to the first, c2 to the second, ...).";
        retry: Again = "never", "What a caller does that was refused: give up, come back when it was told to, come back then and a random while later, or after a wait of its own.";
        tries: Count<1, 100> = "3", "How often a caller asks at most, the first time included.";
        jitter: Length = "1s", "The longest random while of `retry jitter`.";
        blind_wait: Timer = "100ms", "The wait of `retry blind`.";
        service_time: Times = "const(10ms)", "How long the service works on a request.";
        service_room: OrNone<Count<1, 10_000>> = "none", "How many requests the service works on at the same time; it refuses more.";
        watch: OrNone<Timer> = "none", "How long the windows are that the facts of the worst window look at; `none`: as long as `window`.";
        latency: WireLatency = "const(1ms)";
        zone_latency: WireZoneLatency = "const(40ms)";
        handling: Handling = "0s";
        disk: Disk = "const(1ms)";
        request_timeout: Timer = "10s", "How long a caller waits for its answer, times of waiting after a refusal not counted.";
    }
}

/// What counts are made by: whoever finds another starts anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Basis {
    algorithm: Algorithm,
    rules: Rules,
    by: By,
    counters: Counters,
    clock: Clock,
}

impl Settings {
    /// The limit for one of so many limiters, by its number from 0; or that of the store.
    pub fn rules(&self, number: usize, of: usize) -> Rules {
        let part = |all: u32| match self.counters {
            Counters::Split => share(all, number, of),
            Counters::Local | Counters::Shared => all,
        };
        let estimate = match self.estimate {
            Fits::Below => Estimate::Below,
            Fits::Fits => Estimate::Fits,
        };
        let quota = Quota { counts_refused: self.count_refused, ..Quota::new(part(self.limit), self.window.0) };
        Rules { meter: self.meter(), quota, burst: part(self.most_at_once()), estimate }
    }

    /// The limit as a whole.
    pub fn whole(&self) -> Rules {
        self.rules(0, 1)
    }

    /// How many may pass at once after a calm.
    pub fn most_at_once(&self) -> u32 {
        self.burst.unwrap_or(self.limit)
    }

    /// What the service is promised of each key: `limit` a window in the long run, and a burst.
    pub fn flow(&self) -> Flow {
        Flow::of(Quota::new(self.limit, self.window.0), self.most_at_once())
    }

    /// Whether requests wait instead of being refused at once.
    pub fn queues(&self) -> bool {
        self.algorithm == Algorithm::LeakyQueue
    }

    /// Whether time is cut into windows, with edges between them.
    pub fn has_windows(&self) -> bool {
        matches!(self.algorithm, Algorithm::FixedWindow | Algorithm::SlidingCounter)
    }

    /// How requests are measured where they do not wait.
    fn meter(&self) -> Meter {
        match self.algorithm {
            Algorithm::FixedWindow => Meter::Fixed,
            Algorithm::SlidingLog => Meter::Log,
            Algorithm::SlidingCounter => Meter::Counter,
            Algorithm::TokenBucket => Meter::Bucket,
            Algorithm::Gcra | Algorithm::LeakyQueue => Meter::Gcra,
        }
    }

    /// What counts are made by.
    pub fn basis(&self) -> Basis {
        Basis { algorithm: self.algorithm, rules: self.whole(), by: self.by, counters: self.counters, clock: self.clock }
    }

    /// How long the windows are that the facts look at.
    pub fn watched(&self) -> Span {
        self.watch.unwrap_or(self.window)
    }

    /// Whether they fit together and so many limiters.
    pub fn fits(&self, limiters: usize) -> Result<(), (&'static str, String)> {
        let least = u32::try_from(limiters).unwrap_or(u32::MAX);
        match self.counters {
            Counters::Shared if self.queues() => {
                Err(("counters", "a leaky queue holds the requests themselves, so it is at each limiter: local or split".into()))
            }
            Counters::Split if self.limit.min(self.most_at_once()) < least => {
                let what = if self.limit < least { "limit" } else { "burst" };
                Err((what, format!("each of {limiters} limiters needs at least 1 of it to split; it cannot be less than {limiters}")))
            }
            _ => Ok(()),
        }
    }
}

impl Captioned for Settings {
    fn caption(&self) -> String {
        let design = match self.algorithm {
            Algorithm::FixedWindow => "fixed windows",
            Algorithm::SlidingLog => "sliding log",
            Algorithm::SlidingCounter => "sliding counter",
            Algorithm::TokenBucket => "token bucket",
            Algorithm::Gcra => "leaky bucket as a meter",
            Algorithm::LeakyQueue => "leaky bucket as a queue",
        };
        let burst = match self.algorithm {
            Algorithm::TokenBucket | Algorithm::Gcra => format!(", burst {}", self.most_at_once()),
            Algorithm::LeakyQueue => format!(", {} places", self.most_at_once()),
            _ => String::new(),
        };
        let by = match self.by {
            By::User => "per user",
            By::Address => "per address",
            By::All => "for all together",
        };
        let counters = match self.counters {
            Counters::Local => "counted at each limiter",
            Counters::Split => "split between limiters",
            Counters::Shared => "counted in a shared store",
        };
        format!("{design} · {} per {} {by}{burst} · {counters}", self.limit, self.window)
    }
}

/// One of `of` parts that are as equal as can be and add up.
fn share(all: u32, number: usize, of: usize) -> u32 {
    let of = u32::try_from(of).unwrap_or(u32::MAX).max(1);
    all / of + u32::from((number as u32) < all % of)
}
