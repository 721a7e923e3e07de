//! What is promised of `work-queue`: a queue that each message is handed out of to one worker at a time.

use super::{ASYNC, Row, promises_of};

promises_of!("work-queue");

/// Everything but the loss of a disk, and every message sent once.
const SINGLE: &str = "crash,pause,full-disk,cut,one-way,loss,reorder,latency,slow,hold,power-loss,skew,drift,timers";
/// Everything but the loss of what is on a disk, synced or not.
const KEPT: &str = "crash,pause,full-disk,cut,one-way,loss,duplicate,reorder,latency,slow,hold,skew,drift,timers";

/// Work and leases short enough for a run to see many.
macro_rules! quick {
    ($settings:literal) => {
        concat!($settings, "; work=uniform(50ms, 400ms); visibility=2s; poll=200ms; ops=send")
    };
}
const NONE: &str = quick!("acknowledge=none");
const NONE_LAZY: &str = quick!("acknowledge=none; durable=lazy");
const NONE_RESENT: &str = quick!("acknowledge=none; resend=4 attempts");
const BEFORE: &str = quick!("acknowledge=before");
const CONFIRMED: &str = quick!("acknowledge=confirmed");
const CONFIRMED_RESENT: &str = quick!("acknowledge=confirmed; resend=4 attempts");
const AFTER: &str = quick!("acknowledge=after; resend=4 attempts");
const BLIND: &str = quick!("acknowledge=after; confirms=off");
const LONG_WORK: &str = "acknowledge=after; work=const(900ms); visibility=600ms; poll=200ms; ops=send";
const PREFETCHED: &str = "acknowledge=after; prefetch=10; work=const(300ms); visibility=600ms; poll=200ms; ops=send";
const LAZY: &str = quick!("durable=lazy; resend=4 attempts");
const MEMORY: &str = quick!("durable=off; resend=4 attempts");
const ONCE: &str = quick!("idempotent=transaction; resend=4 attempts");
const FORGETS: &str = quick!("idempotent=transaction; remember=1s");
const BY_WORKER: &str = quick!("idempotent=memory");
const BY_DELIVERY: &str = quick!("idempotent=delivery");
const APART: &str = quick!("idempotent=apart");
const LIMITED: &str = quick!("attempts=3; failing=0.3; resend=4 attempts");
const LIMITED_TO_ONE: &str = quick!("attempts=1");
const IN_TWO_STEPS: &str = quick!("attempts=2; failing=0.4; dead-letters=two-steps");
const ONE_WORKER: &str = quick!("order=fifo; nodes=3");
const COMPETING: &str = quick!("order=fifo; nodes=5");
const GROUPS: &str = quick!("order=group; nodes=5");
const GROUPS_FENCED: &str = quick!("order=group; fencing=on; nodes=5");
const GROUPS_ONCE: &str = quick!("order=group; idempotent=transaction; resend=4 attempts; nodes=5");
const GROUPS_LIMITED: &str = quick!("order=group; attempts=2; failing=0.3; nodes=5");

/// One break is a bug.
static HOLDS: &[Row] = &[
    row(NONE, "at_most_once", SINGLE, "RabbitMQ, consumer acknowledgements: automatic mode"),
    row(CONFIRMED, "at_most_once", ASYNC, "whoever begins knows that nobody else will"),
    row(AFTER, "at_least_once", ASYNC, "SQS developer guide, visibility timeout; RabbitMQ, confirms"),
    row(AFTER, "recovers", ASYNC, "liveness"),
    row(LAZY, "at_least_once", KEPT, "only a loss of power forgets"),
    row(LIMITED, "at_least_once", ASYNC, "SQS developer guide, dead-letter queues: the move is one step"),
    row(ONCE, "at_least_once", ASYNC, "the key refuses a second effect, not the first"),
    row(ONCE, "effect_once", ASYNC, "Hohpe and Woolf 2003, Idempotent Receiver; Helland 2012"),
    row(ONE_WORKER, "in_order", "none", "RabbitMQ, queues: message ordering"),
    row(GROUPS_ONCE, "in_group_order", ASYNC, "SQS developer guide, FIFO queues, with effects that cannot come again"),
    row(GROUPS_FENCED, "in_group_order", ASYNC, "Kleppmann 2017, chapter 8: fencing tokens"),
];

/// No break within the budget is a bug too.
static BREAKS: &[Row] = &[
    row(NONE, "at_least_once", "crash", "forgotten as it was handed out"),
    row(NONE, "at_least_once", "loss", "the hand-out is lost"),
    row(NONE, "at_most_once", "duplicate", "a wire that doubles messages is no connection"),
    row(NONE_LAZY, "at_most_once", "power-loss", "that it was handed out was not synced"),
    row(NONE_RESENT, "at_most_once", "one-way,loss", "the confirmation is lost, and the producer sends again"),
    row(BEFORE, "at_most_once", "cut,one-way,loss", "the acknowledgement is lost, and the lease ends"),
    row(BEFORE, "at_least_once", "crash", "forgotten, and not done"),
    row(CONFIRMED, "at_least_once", "crash", "forgotten, and not begun"),
    row(CONFIRMED_RESENT, "at_most_once", "one-way,loss", "two messages of one key"),
    row(AFTER, "at_most_once", "crash", "between the work and its acknowledgement"),
    row(AFTER, "at_most_once", "one-way,loss", "the acknowledgement is lost"),
    row(AFTER, "at_most_once", "pause", "SQS developer guide: the timeout ends while the work goes on"),
    row(AFTER, "at_most_once", "timers", "a lease ends too early"),
    row(LONG_WORK, "at_most_once", "none", "the work takes longer than the lease"),
    row(PREFETCHED, "at_most_once", "none", "the wait in a worker's buffer is longer than the lease"),
    row(BLIND, "at_least_once", "loss", "nobody knows that the send was lost"),
    row(LAZY, "at_least_once", "power-loss", "confirmed before it was synced"),
    row(MEMORY, "at_least_once", "crash", "RabbitMQ: a queue that is not durable"),
    row(AFTER, "effect_once", "pause,loss", "done twice is charged twice"),
    row(BY_WORKER, "effect_once", "pause", "the other worker never heard of it"),
    row(BY_DELIVERY, "effect_once", "pause", "each hand-out has a number of its own"),
    row(APART, "effect_once", "power-loss,crash", "between the effect and its key"),
    row(FORGETS, "effect_once", "pause,one-way", "the key is forgotten before the last hand-out"),
    row(IN_TWO_STEPS, "at_least_once", "power-loss,crash", "RabbitMQ, dead lettering: at most once unless asked otherwise"),
    row(LIMITED_TO_ONE, "dead >= 1", "loss,pause", "SQS developer guide: a receive that failed counts"),
    row(COMPETING, "in_order", "none", "Hohpe and Woolf 2003, Competing Consumers"),
    row(GROUPS, "in_group_order", "pause", "an overtaken worker writes after its successor"),
    row(GROUPS_LIMITED, "in_group_order", "none", "SQS developer guide: a dead letter leaves a gap"),
];
