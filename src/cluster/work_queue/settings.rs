//! What the queue can be told.

use crate::cluster::kit::settings::shared::{Disk, Handling, WireLatency, WireZoneLatency};
use crate::cluster::kit::settings::{Attempts, Count, Length, OrNone, Share, Switch, Timer, Times, settings, words};
use crate::cluster::live::Captioned;

words! {
    /// When a worker says that the queue may forget a message.
    pub enum Acknowledge {
        /// Never: the queue forgets it as it hands it out.
        None = "none",
        /// Before it begins the work.
        Before = "before",
        /// Before it begins the work, and it begins once the queue says that it has forgotten.
        Confirmed = "confirmed",
        /// After the work.
        After = "after",
    }
}
words! {
    /// In which order messages are handed out.
    pub enum Order {
        /// Any.
        None = "none",
        /// The oldest first.
        Fifo = "fifo",
        /// The oldest first, and of a group only one at a time.
        Group = "group",
    }
}
words! {
    /// Where the queue is kept.
    pub enum Durable {
        /// In memory.
        Off = "off",
        /// On the disk, synced within a second.
        Lazy = "lazy",
        /// On the disk, synced before anything that hangs on it is said.
        Synced = "synced",
    }
}
words! {
    /// How a result that is there already is recognised.
    pub enum Idempotent {
        /// It is not.
        Off = "off",
        /// Each worker remembers the keys that it did.
        Memory = "memory",
        /// By the number of the delivery.
        Delivery = "delivery",
        /// By the business key, written after the effect.
        Apart = "apart",
        /// By the business key, written with the effect in one transaction.
        Transaction = "transaction",
    }
}
words! {
    /// How a message gets to the dead letters.
    pub enum Move {
        /// In one step.
        OneStep = "one-step",
        /// First out of the queue, then in.
        TwoSteps = "two-steps",
    }
}
words! {
    /// What a worker does when its work on a message fails.
    pub enum Failure {
        /// It gives the message back.
        Refuse = "refuse",
        /// It dies with all it has, and is started again.
        Crash = "crash",
    }
}

settings! {
    /// The settings of the `work-queue` cluster. The defaults: acknowledge after the work, on a synced disk, and nothing against doubles.
    pub struct Settings {
        acknowledge: Acknowledge = "after", "When a worker says that the queue may forget a message: never (the queue forgets it as it hands it out), before the work, before the work but beginning only once that is confirmed, or after the work.";
        visibility: Timer = "30s", "How long the queue hides a message that it has handed out; then others get it. By the broker's clock.";
        renew: OrNone<Timer> = "none", "How often a worker asks for more time for what it has; each time the lease lasts `visibility` from then on.";
        prefetch: Count<1, 1000> = "1", "How many messages a worker has at most, the one it is at included.";
        attempts: OrNone<Count<1, 1000>> = "none", "How often a message is handed out at most; then it becomes a dead letter.";
        dead_letters: Move = "one-step", "How a message gets to the dead letters: in one step on the disk, or first out of the queue and then in.";
        order: Order = "fifo", "Which ready message is handed out: any, the oldest, or the oldest whose group has none in a worker's hands.";
        priority: Switch = "off", "Whether urgent messages are handed out before the others.";
        durable: Durable = "synced", "Where the queue is kept: in memory, on the disk and synced within a second, or synced before anything that hangs on it is said.";
        confirms: Switch = "on", "Whether the broker tells producers that the queue has a message; without, a send is over when it has gone out.";
        resend: Attempts = "never", "Whether a producer that is not told in time sends the message again, under the same key.";
        dedup: OrNone<Timer> = "none", "How long the broker knows the key of a message, counted from its first send, and drops another of the same key.";
        limit: OrNone<Count<1, 1_000_000>> = "none", "How many messages the queue holds at most, those in flight included; more are refused.";
        delay: Length = "0s", "How long a new message is hidden.";
        retry_delay: Length = "0s", "How long a message is hidden that was given back or whose lease ended.";
        idempotent: Idempotent = "off", "How a result that came before is recognised: not, by a worker that did it itself, by the number of the delivery, by the key written after the effect, or by the key written with it in one transaction.";
        remember: OrNone<Timer> = "none", "How long the database remembers what it recognises results by; `none`: for ever.";
        fencing: Switch = "off", "Whether the database refuses a result whose receipt is older than the newest of its group, or of its message where that has no group.";
        work: Times = "const(2s)", "How long the work on a message takes.";
        failing: Share = "0", "The share of tries that fail by chance; a message whose key begins with `poison` fails every time.";
        failure: Failure = "refuse", "What a worker does when its work fails: it gives the message back, or dies with all it has and is started again.";
        restart: Length = "1s", "How long it takes until a worker that died of its work runs again.";
        poll: Timer = "1s", "How often an idle worker says again that it has room.";
        latency: WireLatency = "uniform(8ms, 12ms)";
        zone_latency: WireZoneLatency = "const(40ms)";
        handling: Handling = "0s";
        disk: Disk = "const(1ms)";
        request_timeout: Timer = "500ms", "How long a producer waits for its confirmation, and a worker for the database.";
    }
}

impl Captioned for Settings {
    fn caption(&self) -> String {
        let acknowledge = match self.acknowledge {
            Acknowledge::None => "no acknowledgement",
            Acknowledge::Before => "acknowledged before the work",
            Acknowledge::Confirmed => "acknowledged and confirmed before the work",
            Acknowledge::After => "acknowledged after the work",
        };
        let order = match self.order {
            Order::None => "no order",
            Order::Fifo => "first in, first out",
            Order::Group => "in order per group",
        };
        let kept = match self.durable {
            Durable::Off => " · in memory",
            Durable::Lazy => " · synced late",
            Durable::Synced => "",
        };
        let once = match self.idempotent {
            Idempotent::Off => "",
            Idempotent::Memory => " · keys in workers' memory",
            Idempotent::Delivery => " · results by delivery",
            Idempotent::Apart => " · keys after results",
            Idempotent::Transaction => " · keys with results",
        };
        format!("{acknowledge} · lease {} · {order}{kept}{once}", self.visibility)
    }
}
