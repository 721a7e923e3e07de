//! What is promised of `proxy`: who is believed, who is hidden, what a shared cache may give, and what clients notice of a deploy.
//!
//! That each hop reads only what it can, that the last entry of the shop's list is the real peer, that a request passes each proxy once
//! and fields of a connection pass none, that an answer goes to who asked for it, and that caches keep to their size, are invariants,
//! asserted after every event of each of these runs.

use super::{Row, promises_of, safe};

promises_of!("proxy");

/// Everything but the loss of a disk and a clock of another speed.
const ALL: &str = concat!(safe!(), ",power-loss,skew,timers");

/// Short waits, so that a run sees many requests end.
macro_rules! short {
    ($settings:literal) => {
        concat!("request-timeout=1s; proxy-timeout=400ms; try-timeout=150ms; fail-timeout=300ms; start-time=50ms; ", $settings)
    };
}
/// Somebody outside writes the address of a PC into the header, again and again.
macro_rules! forged {
    ($settings:literal) => {
        concat!(
            "request-timeout=1s; try-timeout=150ms; fail-timeout=300ms; do=workload c4 5/s get keys admin; ",
            "do=c4 get http://shop/admin with x-forwarded-for 10.0.0.1; ",
            $settings
        )
    };
}
/// Two that ask for pages about themselves.
macro_rules! personal {
    ($settings:literal) => {
        concat!(
            "request-timeout=1s; proxy-timeout=400ms; try-timeout=150ms; do=workload c1 5/s get keys cart; do=workload c2 5/s get keys cart; ",
            "do=c1 get http://bank/account; do=workload c3 5/s get keys bank; ",
            $settings
        )
    };
}
/// Many that read, and one that writes, at the shop.
macro_rules! shop {
    ($settings:literal) => {
        concat!(
            "request-timeout=2s; proxy-timeout=1s; try-timeout=300ms; start-time=100ms; fail-timeout=300ms; work=const(20ms); forward-cache=off; ",
            "do=workload c4 20/s get keys shop; do=workload c3 5/s post keys shop; ops=get; ",
            $settings
        )
    };
}

const APPENDS: &str = forged!("adds=append");
const REPLACES: &str = forged!("adds=replace; trust=leftmost");
const TWO_HOPS: &str = forged!("edge=on; hops=2");
const LEFTMOST: &str = forged!("trust=leftmost");
const ONE_MORE: &str = forged!("edge=on; hops=1");
const PAST: &str = "backends=open; do=c4 get http://app1/admin with x-forwarded-for 10.0.0.1";
const STRIPS: &str = short!("forward-adds=strip; firewall=on; do=workload c1 5/s get keys shop");
const TELLS: &str = short!("forward-adds=forwarded; firewall=on");
const WAYS: &str = short!("forward-adds=strip; do=c1 get http://news/ direct");
const TUNNEL: &str = short!("do=c1 get https://bank/account; do=c2 get https://news/; do=c3 get https://shop/cart");
const OWN_CA: &str = short!("own-ca=trusted; do=c1 get https://bank/account");
const CLOSED: &str = short!("blocked=news; firewall=on; do=workload c1 5/s get keys news; do=workload c2 5/s get keys shop");
const BY_ADDRESS: &str = short!("blocked=news; firewall=on; do=c1 get http://192.0.2.20/");
const FAILS_OPEN: &str = short!("blocked=news; proxy-down=open; ops=post; do=workload c1 5/s get keys news");
const LEAVES: &str = short!("blocked=news; do=c1 get http://news/ direct");
const KEEPS: &str = personal!("edge=on; hops=2; reverse-cache=on");
const CARELESS: &str = personal!("cart-control=max-age=60");
const BY_COOKIE: &str = personal!("cart-control=max-age=60; vary=cookie; edge=on; hops=2; reverse-cache=on");
const NO_VARY: &str = personal!("cart-control=max-age=60; vary=cookie; cache-rules=no-vary");
const NO_PRIVATE: &str = personal!("cart-control=private, max-age=60; cache-rules=no-private");
const NO_AUTHORIZATION: &str = "cache-rules=no-authorization; do=c1 get http://bank/account; do=workload c2 5/s get keys bank";
const COOKIES: &str = "set-cookie=on; cookie-answers=store; do=workload c1 5/s get keys shop; do=workload c2 5/s get keys shop";
const FRESH: &str = short!("news-control=max-age=1; do=workload c1 8/s get keys news");
const FRESH_TWICE: &str =
    short!("shop-control=max-age=1; edge=on; hops=2; reverse-cache=on; do=workload c1 8/s get keys shop; do=workload c4 8/s get keys shop");
const STALE: &str = short!("news-control=max-age=1; serve-stale=on; do=workload c1 8/s get keys news");
const STRICT: &str = short!("news-control=max-age=1, must-revalidate; serve-stale=on; do=workload c1 8/s get keys news");
const BY_DATE: &str = short!("news-control=max-age=1; lifetime=expires; do=workload c1 8/s get keys news");
const OWN_DATE: &str = short!("news-control=max-age=1; lifetime=expires; cache-rules=own-date; do=workload c1 8/s get keys news");
const DRAINS: &str = shop!("deploy=drain");
const KILLS: &str = shop!("deploy=kill");
const ONCE: &str = shop!("retry=idempotent");
const AGAIN: &str = shop!("retry=all");
const INNER_TLS: &str = short!("inner=tls; listener=inner; do=c1 get https://shop/cart; do=c4 get https://shop/cart");
const INNER_PLAIN: &str = short!("inner=plain; listener=inner; do=c1 get https://shop/cart; do=c4 get https://shop/cart");
const LANGUAGES: &str =
    short!("vary=accept-language; compression=on; do=workload c2 5/s get keys shop; do=c1 get http://news/ with accept-language fr");

/// One break is a bug.
static HOLDS: &[Row] = &[
    row(APPENDS, "client_address", ALL, "RFC 7239, section 8.1: from the right, as many as are one's own"),
    row(REPLACES, "client_address", ALL, "NGINX, realip: what came is thrown away"),
    row(TWO_HOPS, "client_address", ALL, "RFC 7239, section 8.1"),
    row(STRIPS, "hidden", ALL, "RFC 7239, section 8.3"),
    row(TUNNEL, "tunnel", ALL, "RFC 9110, section 9.3.6"),
    row(CLOSED, "filter", ALL, "a list, and no other way out"),
    row(KEEPS, "private", ALL, "RFC 9111, sections 3.5 and 5.2.2.7"),
    row(BY_COOKIE, "private", ALL, "RFC 9111, section 4.1"),
    row(FRESH, "fresh", ALL, "RFC 9111, section 4.2"),
    row(FRESH_TWICE, "fresh", ALL, "RFC 9111, section 4.2.3: Age is passed on"),
    row(STRICT, "fresh", ALL, "RFC 9111, section 5.2.2.2"),
    row(BY_DATE, "fresh", ALL, "RFC 9111, section 4.2.1: both dates are of one clock"),
    row(LANGUAGES, "understood", ALL, "RFC 9111, section 4.1"),
    row(DRAINS, "unnoticed", "deploy", "NGINX, upstream: drain"),
    row(ONCE, "once", ALL, "RFC 9110, section 9.2.2"),
    row(INNER_TLS, "confidential", ALL, "RFC 8446"),
    row(APPENDS, "recovers", ALL, "liveness: backends that were left out are taken in"),
];

/// No break within the budget is a bug too.
static BREAKS: &[Row] = &[
    row(LEFTMOST, "client_address", "none", "the client wrote the first entry"),
    row(ONE_MORE, "client_address", "none", "a hop was added, and nobody counted it"),
    row(PAST, "client_address", "none", "a backend that is reached past its proxy"),
    row(TELLS, "hidden", "none", "RFC 7239, section 8.3: the proxy tells"),
    row(WAYS, "hidden", "none", "a way of one's own"),
    row(OWN_CA, "tunnel", "none", "TLS is opened by a certificate that the PC trusts"),
    row(BY_ADDRESS, "filter", "none", "a list of names does not know addresses"),
    row(FAILS_OPEN, "filter", "crash,cut", "the proxy is down, and the PCs go past it"),
    row(LEAVES, "filter", "none", "another way out"),
    row(CARELESS, "private", "none", "the shop forgot `private`"),
    row(NO_VARY, "private", "none", "RFC 9111, section 4.1"),
    row(NO_PRIVATE, "private", "none", "RFC 9111, section 5.2.2.7"),
    row(NO_AUTHORIZATION, "private", "none", "RFC 9111, section 3.5"),
    row(COOKIES, "private", "none", "RFC 9111, section 7.3: Set-Cookie stops no cache"),
    row(STALE, "fresh", "cut,crash", "RFC 9111, section 4.2.4"),
    row(OWN_DATE, "fresh", "skew", "RFC 9111, section 4.2.1"),
    row(KILLS, "unnoticed", "deploy", "what a backend has dies with it"),
    row(ONCE, "unnoticed", "crash", "a POST in flight is not asked again"),
    row(AGAIN, "once", "crash,deploy,pause,latency", "RFC 9110, section 9.2.2"),
    row(INNER_PLAIN, "confidential", "none", "TLS ends at the proxy"),
];
