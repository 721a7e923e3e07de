//! What is promised of `gateway`: answers within their time, payments once, retries within their budget, no service that takes all
//! workers, nothing behind it for who has no token.
//!
//! That workers and requests add up, that bulkheads and breakers keep to their numbers, that nothing is called for a request whose time is
//! over and no call more often than it may, are invariants, asserted after every event of each of these runs.
//! Gateways and services speak over connections: a copy of a message counts once while both live.

use super::{Row, promises_of, safe};

promises_of!("gateway");

/// Everything but the loss of a disk and a clock of another speed.
const ALL: &str = concat!(safe!(), ",power-loss,skew,timers");
/// What breaks no connection.
const NET: &str = "cut,one-way,loss,duplicate,reorder,latency,hold,pause,slow,full-disk,timers";
/// What breaks one, and makes no copies.
const CRASHES: &str = "crash,pause,full-disk,cut,one-way,loss,latency,slow,hold,power-loss";
/// What lets a gateway do what is due: while it stands still, it can end no trial.
const UNPAUSED: &str = "crash,full-disk,cut,one-way,loss,duplicate,reorder,latency,hold,power-loss,skew,timers";
/// What sets no clock.
const UNSKEWED: &str = "crash,pause,cut,one-way,loss,duplicate,reorder,latency,slow,hold,timers";

/// A few workers, and services that are asked for everything.
macro_rules! asked {
    ($settings:literal) => {
        concat!("workers=8; queue=20; user-timeout=2s; ops=home; do=workload c1 15/s home:orders:pay 1:1:1; ", $settings)
    };
}
/// The same, where a call has its time and is tried again.
macro_rules! tried {
    ($settings:literal) => {
        concat!(
            "workers=8; queue=20; user-timeout=2s; ops=home; do=workload c1 15/s home:orders:pay 1:1:1; timeout=1s; try-timeout=100ms; retries=2; ",
            $settings
        )
    };
}
const BOUNDED: &str = asked!("timeout=500ms");
const BOUNDED_PARTIAL: &str = asked!("timeout=500ms; fallback=partial; try-timeout=200ms; retries=2; aggregation=serial");
const SAFE: &str = tried!("pay-retries=safe");
const KEYED: &str = tried!("pay-retries=always; idempotency=transaction; user-retries=3 attempts after 100ms");
const BUDGETED: &str = tried!("errors=0.3; budget=0.2");
const BROKEN_OFF: &str = tried!("breaker=on; breaker-least=4; breaker-window=2s; breaker-open=300ms");
const BULKHEADS: &str = tried!("bulkhead=3");
const SIGNED: &str = tried!("token-life=1s");
const ASKED_AUTH: &str = tried!("token-life=1s; auth=introspection");

const BY_TRY: &str = asked!("timeout=none; try-timeout=300ms; retries=2; promised=500ms");
const SERIAL: &str = asked!("timeout=none; try-timeout=400ms; promised=500ms; aggregation=serial");
const UNKEYED: &str = tried!("pay-retries=always");
const IN_MEMORY: &str = tried!("pay-retries=always; idempotency=memory; user-retries=3 attempts after 100ms");
const FORGETS: &str = tried!("pay-retries=always; idempotency=transaction; remember=20ms");
const CHECKS_FIRST: &str = tried!("pay-retries=always; idempotency=check-first; payments-time=exp(80ms)");
const KEY_PER_TRY: &str = tried!("pay-retries=always; idempotency=transaction; pay-key=attempt");
const UNBUDGETED: &str = tried!("errors=0.7; retries=5; backoff=300ms");
const BUDGET_BLIND: &str = tried!("errors=0.7; retries=5; backoff=300ms; budget=0.2; budget-counts=active");
const ENDLESS_TRIAL: &str = asked!("timeout=none; breaker=on; breaker-least=3; breaker-open=300ms; errors=0.5");
const NO_BULKHEAD: &str = asked!("timeout=2s");
const SHARED_LINE: &str = asked!("timeout=2s; bulkhead=2; bulkhead-wait=1s");
const UNTRIED: &str = asked!("errors=0.02");
const REMEMBERS: &str = tried!("token-life=1s; auth=introspection; auth-cache=5s");
const PAST: &str = "services-trust=network; ops=orders";
const ONLY_THE_USER: &str = asked!("timeout=300ms; frees=user");

/// One break is a bug.
static HOLDS: &[Row] = &[
    row(BOUNDED, "on_time", ALL, "Envoy: route timeout"),
    row(BOUNDED_PARTIAL, "on_time", ALL, "the same, whatever is tried again and done without"),
    row(SAFE, "paid_once", NET, "RFC 9110, section 9.2.2: a proxy does not try again what is not idempotent"),
    row(SAFE, "paid_once", CRASHES, "the same"),
    row(KEYED, "paid_once", ALL, "Helland 2012: the key is stored with the effect"),
    row(BUDGETED, "within_budget", ALL, "Envoy: retry_budget, retries that wait included"),
    row(BROKEN_OFF, "breakers_stuck >= 1", UNPAUSED, "Hystrix: every trial ends, and tells"),
    row(SAFE, "recovers", ALL, "a gateway that is back serves again"),
    row(BULKHEADS, "isolated", ALL, "Nygard 2018: bulkheads"),
    row(BULKHEADS, "waits_for_most > 3", ALL, "the same"),
    row(SIGNED, "authorised", UNSKEWED, "RFC 7519: exp, by a clock that is right"),
    row(ASKED_AUTH, "authorised", UNSKEWED, "RFC 7662"),
];

/// No break within the budget is a bug too.
static BREAKS: &[Row] = &[
    row(BY_TRY, "on_time", "pause,cut", "a limit to each try: tries times the limit"),
    row(SERIAL, "on_time", "pause,cut,slow", "one after the other: the sum"),
    row(UNKEYED, "paid_once", "one-way,loss,pause", "an answer is lost, and the payment is tried again"),
    row(IN_MEMORY, "paid_once", "crash,one-way,loss", "the keys are gone with the process"),
    row(FORGETS, "paid_once", "one-way,loss,pause", "a key that is dropped too early"),
    row(CHECKS_FIRST, "paid_once", "none", "two tries at once: check, then act"),
    row(KEY_PER_TRY, "paid_once", "one-way,loss,pause", "a new key for each try"),
    row(UNBUDGETED, "within_budget", "none", "no budget"),
    row(BUDGET_BLIND, "within_budget", "none", "retries that wait are not counted"),
    row(ENDLESS_TRIAL, "breakers_stuck >= 1", "one-way,loss,crash", "resilience4j: maxWaitDurationInHalfOpenState is 0"),
    row(NO_BULKHEAD, "isolated", "pause,cut,slow", "Nygard 2018: integration points without bulkheads"),
    row(SHARED_LINE, "isolated", "pause,cut,slow", "a line before the bulkhead that holds workers"),
    row(UNTRIED, "all_served", "none", "rare errors, and nothing is tried again"),
    row(SIGNED, "authorised", "skew", "the clock of the gateway is behind"),
    row(SIGNED, "authorised", "revoke", "a signature knows no revocation"),
    row(REMEMBERS, "authorised", "none", "a verdict that outlives its token"),
    row(PAST, "authorised", "none", "services that trust the network"),
    row(ONLY_THE_USER, "lost_workers >= 1", "pause,cut", "a timeout that frees the user and not the worker"),
];
