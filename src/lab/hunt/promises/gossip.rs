//! What is promised of `gossip`: members that watch each other. What needs a member that stays down, or two faults in a certain order, is
//! in the tests of the cluster.

use super::{ASYNC, Row, promises_of};

promises_of!("gossip");

/// What keeps nobody away or silent for longer than it has time to object. Pings go by timers; heartbeats by the time of day.
const HARMLESS: &str = "duplicate,reorder,full-disk,skew,drift";
const HARMLESS_TO_CLOCKS: &str = "duplicate,reorder,full-disk,drift";

/// Periods and times short enough for a run to see many.
macro_rules! quick {
    ($settings:literal) => {
        concat!("nodes=4; period=300ms; ping-timeout=90ms; round=300ms; sync=1s; ", $settings, "; ops=rumour,members")
    };
}
const SWIM: &str = quick!("suspicion=600ms");
const SWIM_SUDDEN: &str = quick!("suspicion=0s; probes=0");
const HEARTBEAT: &str = quick!("detector=heartbeat; silence=1s; suspicion=0s");
const HEARTBEAT_TWO: &str = quick!("detector=heartbeat; silence=1s; suspicion=0s; witnesses=2; window=2s");
const PHI: &str = quick!("detector=phi; suspicion=0s");
const PAPER: &str = quick!("suspicion=600ms; revive=never");
const MUTE: &str = quick!("suspicion=600ms; talk-to-dead=off");
const FORGETS: &str = quick!("suspicion=200ms; forget=600ms");
const REMEMBERS: &str = quick!("suspicion=300ms; remember=on");
const TOLD: &str = quick!("suspicion=600ms; spreading=push-pull");
const STOPS: &str = quick!("suspicion=600ms; stop=1");
const COIN: &str = quick!("suspicion=600ms; stop=2; losing=coin; feedback=off");

const GHOST: &str = "ghosts >= 1";

/// One break is a bug.
static HOLDS: &[Row] = &[
    row(SWIM, "accurate", HARMLESS, "SWIM, 4.2: pings go by timers, and old news changes nothing"),
    row(HEARTBEAT, "accurate", HARMLESS_TO_CLOCKS, "Chandra and Toueg 1996: a bound on time that holds"),
    row(SWIM, "recovers", ASYNC, "memberlist, serf: whoever hears that it is dead objects, and somebody talks to the dead"),
    row(HEARTBEAT, "recovers", ASYNC, "the same, with heartbeats"),
    row(PHI, "recovers", ASYNC, "the same, with phi"),
    row(SWIM, GHOST, ASYNC, "SWIM, 4.2: who never forgets a death is not told another tale"),
    row(REMEMBERS, GHOST, "crash,wipe,pause,cut,hold,reorder,latency", "the same, with news that are late and true"),
    row(TOLD, "recovers", ASYNC, "Demers 1987, 1.3: told for ever, both ways"),
    row(SWIM, "reaches_all", HARMLESS, "Demers 1987, 1.2: pushed for ever"),
];

/// No break within the budget is a bug too.
static BREAKS: &[Row] = &[
    row(HEARTBEAT, "accurate", "one-way", "one bad ear"),
    row(HEARTBEAT, "accurate", "pause", "late and dead look the same"),
    row(HEARTBEAT, "accurate", "skew", "silence by a clock that is set forward"),
    row(HEARTBEAT, "accurate", "loss", "some heartbeats in a row"),
    row(HEARTBEAT_TWO, "accurate", "pause", "all agree, and are wrong"),
    row(HEARTBEAT_TWO, "accurate", "cut", "a cause that two witnesses share"),
    row(PHI, "accurate", "pause", "as with heartbeats"),
    row(PHI, "accurate", "skew", "the same"),
    row(SWIM_SUDDEN, "accurate", "one-way", "no time to object, and no other way"),
    row(SWIM, "accurate", "pause", "SWIM, 4.2: longer than the time to object"),
    row(PAPER, "recovers", "pause", "SWIM, 4.2: a confirm beats every alive"),
    row(MUTE, "recovers", "cut", "two halves that have buried each other"),
    row(FORGETS, GHOST, "crash,cut", "van Renesse 1998: the clean-up is to be twice the time to fail"),
    row(STOPS, "reaches_all", "none", "Demers 1987, 1.4: residue e^-(k+1)(1-s)"),
    row(COIN, "reaches_all", "none", "the same, blind, by a coin"),
    row(TOLD, "reaches_all", "crash", "the only one that knew"),
];
