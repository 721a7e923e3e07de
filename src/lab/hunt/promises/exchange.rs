//! What is promised of `exchange`: by a chat with each style, by pages, and by calls.
//!
//! That connections read what was written in order, that HTTP/1.1 has one request on a connection, and that no window grows beyond what it
//! was, are invariants, asserted after every event of each of these runs. The model speaks TCP: copies on the wire are no copies here.

use super::{Row, promises_of, safe};

promises_of!("exchange");

/// Everything but the loss of a disk and a clock of another speed.
const ALL: &str = concat!(safe!(), ",power-loss,skew,timers");
/// What happens to messages, and to clocks that are set.
const NET: &str = "cut,one-way,loss,duplicate,reorder,latency,hold,skew";

/// Signs of life and waits short enough for a run to see many.
macro_rules! chat {
    ($settings:literal) => {
        chat!($settings, "10")
    };
    ($settings:literal, $rate:literal) => {
        concat!(
            "ping=300ms; pong-timeout=200ms; reconnect=50ms; reconnect-most=200ms; connect-timeout=300ms; request-timeout=1s; poll-every=200ms; ",
            "hold=1s; latency=const(5ms); ops=say,reload; do=workload c2 ",
            $rate,
            "/s say; ",
            $settings
        )
    };
}
macro_rules! calls {
    ($settings:literal) => {
        concat!("does=calls; latency=const(5ms); connect-timeout=300ms; ops=get,buy; ", $settings)
    };
    ($settings:literal, $rate:literal) => {
        concat!(calls!($settings), "; do=workload c1 ", $rate, "/s get")
    };
}
macro_rules! page {
    ($settings:literal) => {
        concat!("does=page; api=graphql; latency=const(5ms); ops=load,rename; ", $settings)
    };
}
const SOCKET: &str = chat!("resume=shown; dedup=on; acks=on");
const SOCKET_PLAIN: &str = chat!("style=websocket");
const SOCKET_NO_DEDUP: &str = chat!("resume=shown; acks=on");
const EVENTS: &str = chat!("style=sse; resume=shown; dedup=on");
const EVENTS_PLAIN: &str = chat!("style=sse");
const SINCE: &str = chat!("style=polling; resume=shown; dedup=on");
const NEWEST: &str = chat!("style=polling");
const HELD: &str = chat!("style=long-polling; resume=shown; dedup=on");
const HELD_PLAIN: &str = chat!("style=long-polling", "40");
const TEN: &str = chat!("resume=last-10");
const SHORT: &str = chat!("resume=shown; dedup=on; history=1");
const MEMORY: &str = chat!("resume=shown; dedup=on; kept=memory");
const RECEIVED: &str = chat!("resume=received; dedup=on; show=100ms");
const SHOWN: &str = chat!("resume=shown; dedup=on; show=20ms");

const MANY: &str = calls!("http=2; stream-limit=1000; deadline=500ms");
const SIX: &str = calls!("http=1; connections=6; deadline=500ms");
const ONE: &str = calls!("http=1; connections=1; deadline=500ms", "50");
const BUSY: &str = calls!("http=2; deadline=500ms", "100");
const NEVER: &str = calls!("http=2");
const LEFT: &str = calls!("http=2; deadline=60ms; stock-work=exp(50ms)");
const NOT_TOLD: &str = calls!("http=2; deadline=60ms; stock-work=exp(50ms); pass-on=off");
const ANEW: &str = calls!("http=2; deadline=60ms; stock-work=exp(50ms); pass-on=anew");
const NOBODY_LOOKS: &str = calls!("http=2; deadline=60ms; stock-work=exp(50ms); checks=off");
const NO_KEY: &str = calls!("http=2; deadline=3s; tries=5");
const KEY: &str = calls!("http=2; deadline=3s; tries=5; idempotency=disk");
const KEY_IN_MEMORY: &str = calls!("http=2; deadline=3s; tries=5; idempotency=memory");

const BATCHED: &str = page!("loader=request");
const EACH: &str = page!("loader=off");
const SHARED: &str = page!("loader=shared");
const WIDE: &str = page!(
    "loader=request; depth-limit=4; query={ a: orders(first: 60) { book { reviews(first: 100) { stars } } } b: orders(first: 60) { book { reviews(first: 100) { stars } } } }"
);

/// One break is a bug.
static HOLDS: &[Row] = &[
    row(SOCKET, "complete", ALL, "a log that is kept, resumed after what was shown"),
    row(SOCKET, "once", ALL, "what is known is dropped"),
    row(SOCKET, "ordered", ALL, "RFC 6455 on RFC 9293"),
    row(SOCKET_PLAIN, "ordered", ALL, "the same"),
    row(SHOWN, "complete", "none", "resumed after what was shown"),
    row(EVENTS, "complete", ALL, "HTML Standard, section 9.2: Last-Event-ID"),
    row(SINCE, "complete", ALL, "asks for what came after"),
    row(HELD, "complete", ALL, "the same; RFC 6202"),
    row(MANY, "slow_alone", "slow,pause,latency", "RFC 9113, section 5"),
    row(SIX, "loss_alone", "loss,hold,latency", "RFC 9112, section 9.3"),
    row(MANY, "in_time", ALL, "gRPC, deadlines: the caller has a timer of its own"),
    row(LEFT, "no_waste", NET, "gRPC, deadlines: the time that is left travels"),
    row(KEY, "effect_once", ALL, "a key that is kept with the effect"),
    row(BATCHED, "batched", ALL, "DataLoader"),
    row(BATCHED, "fresh", ALL, "a batch lives as long as its request"),
];

/// No break within the budget is a bug too.
static BREAKS: &[Row] = &[
    row(NEWEST, "complete", "none", "two messages between two questions"),
    row(HELD_PLAIN, "complete", "none", "a message between an answer and the next question"),
    row(EVENTS_PLAIN, "complete", "cut,crash", "nothing is resumed"),
    row(SOCKET_PLAIN, "complete", "cut,crash", "the same"),
    row(SOCKET_PLAIN, "sent_kept", "cut,crash", "send has returned, and nothing arrives"),
    row(SOCKET_NO_DEDUP, "stored_twice >= 1", "cut,one-way,crash", "what was not acknowledged is sent again"),
    row(TEN, "once", "cut,crash", "some of the last ten were there"),
    row(SHORT, "complete", "cut,crash", "a history shorter than the outage"),
    row(MEMORY, "complete", "crash", "a history that a crash empties"),
    row(RECEIVED, "complete", "none", "a place that is kept before the message is shown"),
    row(ONE, "slow_alone", "none", "RFC 9112, section 9.3: one answer after the other"),
    row(BUSY, "loss_alone", "loss", "RFC 9114, section 1.1: one lost segment, all streams"),
    row(NEVER, "in_time", "crash,cut", "gRPC, deadlines: there is no default"),
    row(NOT_TOLD, "no_waste", "cut,one-way,hold", "a cancellation that does not arrive"),
    row(ANEW, "no_waste", "cut,one-way,hold", "the same"),
    row(NOBODY_LOOKS, "no_waste", "none", "told, and nobody looks"),
    row(NO_KEY, "effect_once", "crash,cut,hold", "the answer is lost after the effect"),
    row(KEY_IN_MEMORY, "effect_once", "crash,cut,hold", "a key that a crash forgets"),
    row(EACH, "batched", "none", "1 + N"),
    row(SHARED, "fresh", "none", "a batch that outlives its request"),
    row(WIDE, "bounded", "none", "depth is bounded, width is not"),
];
