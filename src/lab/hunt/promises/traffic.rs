//! What is promised of `traffic`: users, a front that balances, and servers with queues.
//!
//! That every request ends once at its user, that retries stay within their budget, that queues have a limit and that no worker is idle
//! while something waits are invariants, asserted after every event of each of these runs.

use super::{Row, promises_of};

promises_of!("traffic");

/// Everything that a server without a disk can feel.
const ALL: &str = "crash,pause,cut,one-way,loss,duplicate,reorder,latency,slow,hold,skew,drift,timers";
/// The same, and every message sent once.
const SINGLE: &str = "crash,pause,cut,one-way,loss,reorder,latency,slow,hold,skew,drift,timers";
/// What stops a server, or all that reaches it.
const STOPS: &str = "crash,pause,cut,one-way,loss,latency,slow";

/// Checks, starts and timeouts short enough for a run to see many.
macro_rules! quick {
    ($load:literal, $settings:literal) => {
        concat!(
            "check=300ms; check-timeout=100ms; check-threshold=2; warm-up=500ms; timeout=800ms; try-timeout=400ms; do=workload c1 ",
            $load,
            "; ",
            $settings
        )
    };
}
const DEFAULT: &str = quick!("40/s keys uniform(50)", "queue=20");
const BLIND: &str = quick!("40/s keys uniform(50)", "all-unhealthy=route-to-all; nodes=3");
const UNCHECKED: &str = quick!("40/s", "check-threshold=100");
const BUSY: &str = quick!("60/s", "service=exp(40ms)");
const BUSY_LIMITED: &str = quick!("60/s", "service=exp(40ms); drain-most=30ms");
const SCALED_IN: &str = quick!("30/s", "autoscale=on; servers-least=1; scale-every=500ms; scale-down-after=0s; service=exp(40ms)");
const SCALED: &str =
    quick!("100/s", "autoscale=on; servers-least=2; servers-most=6; scale-every=500ms; scale-down-after=1s; service=exp(40ms); queue=10");
const TWICE_MORE: &str = quick!("40/s", "retries=2; service=exp(20ms)");
const TURNS: &str = quick!("60/s", "check=none; balancing=round-robin; service=const(30ms); queue=400; timeout=10s; try-timeout=10s");
const TURNS_CHECKED: &str = quick!("60/s", "balancing=round-robin; service=const(30ms); queue=400");
const LEAST: &str = quick!("60/s", "balancing=least-connections; service=const(30ms); queue=400; timeout=10s; try-timeout=10s");
const SHORT: &str = quick!("60/s", "queue=5; service=exp(40ms)");
const LONG: &str = quick!("60/s", "queue=4000; service=exp(40ms); timeout=10s; try-timeout=10s");
const HASHED: &str = quick!("40/s keys uniform(50)", "balancing=hash; check=none");
const HASHED_CHECKED: &str = quick!("40/s keys uniform(50)", "balancing=hash");
const RENDEZVOUS: &str = quick!("40/s keys uniform(50)", "balancing=rendezvous");
const CONNECTED: &str = quick!("40/s keys uniform(50)", "layer=4; check=none");
const CONNECTED_AGED: &str = quick!("40/s keys uniform(5)", "layer=4; connection-age=500ms");

const LOCAL: &str = quick!("40/s keys uniform(30)", "sessions=local; service=exp(5ms)");
const LOCAL_LOOSE: &str = quick!("40/s keys uniform(30)", "sessions=local; sticky=off; check=none");
const SHARED: &str = quick!("40/s keys uniform(30)", "sessions=shared; service=exp(5ms)");
const COPIED: &str = quick!("60/s view:order 1:1 keys uniform(20)", "database=on; replicas=2; reads=replicas; service=exp(5ms)");
const LED: &str = quick!("60/s view:order 1:1 keys uniform(20)", "database=on; replicas=2; reads=leader; service=exp(5ms)");
const CACHED: &str = quick!("60/s view:order 4:1 keys uniform(20)", "database=on; cache=0.9; service=exp(5ms)");
const SHALLOW: &str = quick!("40/s keys uniform(50)", "database=on; check-asks=process; service=exp(5ms)");
const DEEP: &str = quick!("40/s keys uniform(50)", "database=on; check-asks=database; db-retries=0; service=exp(5ms)");
const PANIC: &str = quick!("40/s keys uniform(50)", "panic-threshold=0.9; nodes=4");
const THIN: &str = quick!("40/s", "link=1MB/s; link-queue=5; service=exp(1ms)");
const ROLLED: &str = quick!("60/s", "service=exp(40ms); deploy-how=surge");
const ROLLED_HARD: &str = quick!("60/s", "service=exp(40ms); deploy-how=surge; deploy-drain=off");
const AT_ONCE: &str = quick!("60/s", "deploy-how=all-at-once");
const HELD_UP: &str = quick!("40/s", "contention=0.1; crosstalk=0.02; service=exp(5ms)");
const POSTPONED: &str = quick!("40/s", "retries=2; retry-delay=uniform(0s, 100ms); service=exp(20ms)");

/// In turn, nobody gets two more than another.
const UNEVEN: &str = "given_total.exists(a, given_total.exists(b, given_total[a] - given_total[b] > 1))";
/// Healthy servers are thrown out.
const OUT: &str = "servers_usable < servers && nodes_up == servers + 2 && offered > 0";

/// One break is a bug.
static HOLDS: &[Row] = &[
    row(DEFAULT, "recovers", ALL, "liveness"),
    row(SCALED, "recovers", STOPS, "liveness: what was added is used"),
    row(DEFAULT, "given_dead >= 1", "crash,pause,cut,one-way", "AWS, ALB target health checks: threshold times interval, and a timeout"),
    row(BUSY, "none_dropped", "drain,add-server,duplicate,reorder", "AWS, ALB deregistration: what is under way is finished"),
    row(SCALED_IN, "none_dropped", "add-server,duplicate", "scale-in drains too"),
    row(DEFAULT, "attempts_per_request > 1", SINGLE, "no retries, no more load"),
    row(TWICE_MORE, "attempts_per_request > 3", SINGLE, "SRE book, chapter 22: (1 + r) times the load, and no more"),
    row(TURNS, UNEVEN, "pause,slow", "round robin, equal servers"),
    row(SHORT, "queue_max > 6", ALL, "a queue with a limit, and one more while its worker stands still"),
    row(SCALED, "servers < 2 || servers_usable + servers_starting > 6", STOPS, "Kubernetes, HPA: minReplicas and maxReplicas"),
    row(HASHED, "moved >= 1", "crash,pause,cut,loss,latency,slow,duplicate", "Karger 1997: while nobody joins or leaves"),
    row(CONNECTED, "moved >= 1", "pause,cut,loss,latency,slow,duplicate", "a connection stays where it was put"),
    row(LOCAL, "sessions_lost >= 1", "latency,slow,reorder,add-server", "DDIA, chapter 1: while its server may be used"),
    row(SHARED, "sessions_lost >= 1", "drain,remove-server,add-server,deploy,slow,latency", "Twelve-Factor App, VI: no server has any"),
    row(LED, "stale_reads >= 1", ALL, "one copy: what was acknowledged is there"),
    row(SHALLOW, "servers_out >= 1", "break", "a check of the process: only who is dead is out"),
    row(THIN, "link_queue > 6", ALL, "a queue with a limit, and one more while the link stands still"),
    row(ROLLED, "none_dropped", "deploy,duplicate,reorder", "Kubernetes, rolling update: what leaves is drained"),
    row(ROLLED, "servers_usable < 4", "deploy", "Kubernetes, maxUnavailable 0"),
    row(HELD_UP, "recovers", STOPS, "liveness: who stood still goes on"),
    row(POSTPONED, "attempts_per_request > 3", SINGLE, "a retry that waited is still one of r"),
    row(COPIED, "recovers", STOPS, "liveness: a replica catches up"),
];

/// No break within the budget is a bug too.
static BREAKS: &[Row] = &[
    row(BLIND, "given_dead >= 1", "crash,pause", "AWS, ALB: with no healthy target, all get requests"),
    row(UNCHECKED, "failed_late >= 3", "crash,pause", "sooner than the threshold, the dead get their share"),
    row(DEFAULT, OUT, "loss,one-way", "Envoy, health checking: only the way of the checks is bad"),
    row(DEFAULT, "failed_error >= 5 && servers_usable == servers", "break", "it answers checks and fails requests"),
    row(BUSY, "none_dropped", "remove-server", "not drained"),
    row(BUSY, "none_dropped", "drain,crash", "it dies while it drains"),
    row(BUSY_LIMITED, "none_dropped", "drain", "AWS, ALB deregistration delay: shorter than the longest request"),
    row(TWICE_MORE, "attempts_per_request > 1.5", "slow,pause", "SRE book, chapter 22: retries multiply the load"),
    row(DEFAULT, "attempts_per_request > 1", "duplicate", "a raw wire doubles requests; a connection would not"),
    row(TURNS, "queue_max >= 20", "slow", "a server whose share is more than it can do"),
    row(TURNS_CHECKED, UNEVEN, "crash", "whoever was out has had fewer"),
    row(LEAST, UNEVEN, "slow", "a slow server gets less"),
    row(LONG, "queue_max >= 50", "slow", "no limit: the line is as long as the trouble lasts"),
    row(SCALED, "refused_full >= 1", "none", "Kubernetes, HPA: until it has looked, and what it adds is warm"),
    row(SCALED, "servers_usable + servers_starting > 6", "add-server", "by hand beyond the most"),
    row(HASHED_CHECKED, "moved >= 1", "crash", "Karger 1997: modulo n, nearly everybody moves"),
    row(HASHED, "moved >= 1", "drain", "the same, on purpose"),
    row(RENDEZVOUS, "moved >= 1", "add-server", "Thaler and Ravishankar 1998: one in n + 1 moves"),
    row(CONNECTED, "moved >= 1", "crash", "the table of connections dies with the front"),
    row(CONNECTED_AGED, "moved >= 1", "none", "connections that end are put anew"),
    row(LOCAL, "sessions_lost >= 1", "crash", "DDIA, chapter 1: its server dies"),
    row(LOCAL, "sessions_lost >= 1", "drain", "its server leaves, however gently"),
    row(LOCAL, "sessions_lost >= 1", "deploy", "every server leaves"),
    row(LOCAL_LOOSE, "sessions_lost >= 1", "none", "elsewhere nobody knows it"),
    row(SHARED, "sessions_lost >= 1", "crash", "the store dies with what it remembers"),
    row(COPIED, "stale_reads >= 1", "latency,slow,one-way", "DDIA, chapter 5: reading your own writes"),
    row(CACHED, "stale_reads >= 1", "loss,latency,one-way", "Nishtala et al. 2013, section 3.2.1: the word to forget is lost, or late"),
    row(DEEP, "servers_out >= 4", "crash,pause,slow", "one shared thing behind every check"),
    row(PANIC, "given_dead >= 1", "crash,pause", "Envoy, panic threshold"),
    row(THIN, "link_dropped >= 1", "none", "more pages than it carries"),
    row(ROLLED_HARD, "none_dropped", "deploy", "not drained"),
    row(AT_ONCE, "refused_nobody >= 1", "deploy", "Kubernetes, recreate: nobody until the new ones are warm"),
];
