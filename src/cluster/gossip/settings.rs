//! What a group of members can be told.

use crate::cluster::kit::settings::shared::{Handling, Latency, ZoneLatency};
use crate::cluster::kit::settings::{Count, Length, OrNone, Switch, Takes as _, Timer, settings, words};
use crate::cluster::live::Captioned;

words! {
    /// How a member finds out that another does not answer.
    pub enum Detector {
        /// It does not look.
        None = "none",
        /// Everybody tells everybody that it is alive, and silence counts.
        Heartbeat = "heartbeat",
        /// Each pings one other in each period, and asks others to try too (SWIM).
        Swim = "swim",
        /// Heartbeats, and silence counts by how unlikely it is (phi accrual).
        Phi = "phi",
    }
}
words! {
    /// Whom a member pings next.
    pub enum Order {
        /// Everybody once in each pass, in an order drawn for each.
        RoundRobin = "round-robin",
        /// Anybody, drawn anew each time.
        Random = "random",
    }
}
words! {
    /// What brings a member back that was declared dead.
    pub enum Revive {
        /// Its own word with a greater incarnation.
        Newer = "newer",
        /// Nothing: it would have to come under a new name.
        Never = "never",
    }
}
words! {
    /// Which way a rumour goes in a call.
    pub enum Spreading {
        /// From the caller to the called.
        Push = "push",
        /// From the called to the caller.
        Pull = "pull",
        /// Both ways.
        PushPull = "push-pull",
    }
}
words! {
    /// How a member loses interest in a rumour.
    pub enum Losing {
        /// After k rounds that were of no use.
        Counter = "counter",
        /// With probability 1 / k after each.
        Coin = "coin",
    }
}
words! {
    /// When members begin their periods and rounds.
    pub enum Phase {
        /// Each at a moment of its own.
        Spread = "spread",
        /// All at the same moment.
        Together = "together",
    }
}

settings! {
    /// The settings of a group.
    pub struct Settings {
        detector: Detector = "swim", "How members find out who is dead: each pings one other in each period (`swim`), everybody tells everybody that it is alive (`heartbeat`), the same judged by how unlikely the silence is (`phi`), or not at all (`none`).";
        period: Timer = "1s", "How often a member pings another, or sends its heartbeats.";
        ping_timeout: Timer = "200ms", "Under `swim`: how long a member waits for the answer to its ping before it asks others to try.";
        probes: Count<0, 16> = "3", "Under `swim`: how many others it asks; 0 is nobody.";
        order: Order = "round-robin", "Under `swim`: whom it pings next: everybody once in each pass, or anybody.";
        silence: Timer = "4s", "Under `heartbeat`: how long nothing may be heard of a member.";
        phi: Count<1, 30> = "8", "Under `phi`: at which suspicion it counts; 8 is a silence of which one in 10^8 is as long.";
        phi_window: Count<2, 1000> = "100", "Under `phi`: how many of the newest gaps between heartbeats are kept.";
        phi_deviation: Length = "100ms", "Under `phi`: the least deviation of the gaps that is reckoned with.";
        witnesses: Count<1, 9> = "1", "How many members must have found out by themselves before one is declared dead.";
        window: Timer = "20s", "How long a member's own observation counts; those of all witnesses must lie within it.";
        suspicion: Length = "3s", "How long a member is suspected before it is declared dead, so that it can object; 0s: at once.";
        refute: Switch = "on", "Whether a member that hears that it is suspected or dead objects, with a greater incarnation.";
        revive: Revive = "newer", "What brings a member back that was declared dead: its word with a greater incarnation, or nothing.";
        talk_to_dead: Switch = "on", "Whether members held for dead are still answered, and chosen for the exchange of all that is known.";
        forget: OrNone<Timer> = "none", "How long a member remembers whom it holds for dead; then it knows nothing of it any more.";
        remember: Switch = "off", "Whether a member keeps its incarnation on its disk, and comes back with the next one.";
        piggyback: Count<1, 100> = "8", "How many news about members a message carries at most.";
        retransmit: Count<1, 20> = "3", "How often a member passes each of them on, times the logarithm to the base 2 of the number of members.";
        sync: OrNone<Timer> = "10s", "How often a member exchanges all that it knows of members with another one, drawn at random.";
        spreading: Spreading = "push", "Which way rumours go when one member calls another.";
        round: Timer = "1s", "How often a member calls others to spread rumours.";
        fan_out: Count<1, 16> = "1", "How many others it calls in each round.";
        stop: OrNone<Count<1, 20>> = "none", "The k after which a member loses interest in a rumour; none: never.";
        losing: Losing = "counter", "How it loses interest: after k rounds that were of no use, or with probability 1 / k after each.";
        feedback: Switch = "on", "Whether only rounds are of no use in which everybody called knew the rumour; off: every round is.";
        phase: Phase = "spread", "When members begin: each at a moment of its own, or all at the same.";
        request_timeout: Timer = "1s", "How long a client waits for an answer.";
        latency: Latency = "uniform(5ms, 15ms)", "How long a message takes between members of one zone.";
        zone_latency: ZoneLatency = "const(75ms)", "How long it takes between zones.";
        handling: Handling = "1ms", "How long a member takes for one message.";
    }
}

/// With heartbeats from everybody to everybody there are as many messages as pairs.
const HEARTBEATS_MAX: u16 = 64;

impl Settings {
    /// Whether so many members can go by them; else the name of a setting, and what would be right.
    pub(super) fn fits(&self, members: u16) -> Result<(), (&'static str, String)> {
        if self.listens() && members > HEARTBEATS_MAX {
            let name = Detector::write(&self.detector);
            let why = format!(
                "with `{name}` everybody tells everybody, which {HEARTBEATS_MAX} members at most can do here, not {members}; `swim` takes any number"
            );
            return Err(("detector", why));
        }
        if self.detector == Detector::Swim && self.ping_timeout >= self.period {
            let why = format!("a ping must time out within its period of {}, not after {}", self.period, self.ping_timeout);
            return Err(("ping-timeout", why));
        }
        Ok(())
    }

    /// Whether members listen for heartbeats.
    pub(super) fn listens(&self) -> bool {
        matches!(self.detector, Detector::Heartbeat | Detector::Phi)
    }
}

impl Captioned for Settings {
    fn caption(&self) -> String {
        let detector = match self.detector {
            Detector::None => "nobody looks who is alive".to_string(),
            Detector::Heartbeat => format!("heartbeats, silence of {}", self.silence),
            Detector::Swim => format!("SWIM, {} asked", self.probes),
            Detector::Phi => format!("phi {}", self.phi),
        };
        let witnesses = if self.witnesses == 1 { "1 witness".to_string() } else { format!("{} witnesses", self.witnesses) };
        format!("{detector} · {witnesses} · rumours by {}", Spreading::write(&self.spreading))
    }
}
