//! What clients, proxies and sites can be told.

use crate::algo::balance::Policy;
use crate::algo::http::{Invalidates, Rules, Trust};
use crate::cluster::kit::settings::shared::{Disk, Handling, WireLatency, WireZoneLatency};
use crate::cluster::kit::settings::{Count, OrNone, Switch, Takes as _, Timer, Times, settings};
use crate::cluster::kit::takes::ByteRate;
use crate::cluster::live::Captioned;
use crate::sim::time::Span;

pub(super) use super::words::{
    Addresses, Adds, Balance, Blocked, CacheRules, Connections, Control, Cookies, Deploy, Down, FilterBy, ForwardAdds, Header, Inner,
    Listener, OwnCa, Posts, Retry, Says, TlsEnds, Trusts, Upstream, VaryBy,
};

settings! {
    /// The settings of the `proxy` cluster. The defaults: a forward proxy with a cache that hides who asks, and a reverse proxy that ends TLS,
    /// writes down who connected, and drains backends before they are replaced.
    pub struct Settings {
        outside: Count<0, 8> = "1", "How many clients, from the last on, are outside the office.";
        addresses: Addresses = "ipv4", "Which kind of addresses all have.";
        blocked: Blocked = "none", "The site that the forward proxy blocks.";
        filter_by: FilterBy = "name", "What the list of blocked sites is held against: the name that is asked for, or the address behind it too.";
        firewall: Switch = "off", "Whether nothing leaves the office but through the forward proxy.";
        proxy_down: Down = "closed", "What the PCs do when the forward proxy does not answer: nothing, or go straight to the sites.";
        proxy_timeout: Timer = "1s", "How long the PCs wait for the forward proxy.";
        forward_cache: Switch = "on", "Whether the forward proxy keeps answers.";
        reverse_cache: Switch = "off", "Whether the reverse proxy keeps answers.";
        edge: Switch = "off", "Whether the shop has one proxy more, with a cache, before the reverse proxy.";
        upstream: Upstream = "apps", "Where the reverse proxy passes requests to: the backends, or by mistake the proxy before it (under `edge on`).";
        loop_check: Switch = "on", "Whether a proxy refuses a request that it finds itself in, in Via.";
        news_control: Control = "max-age=60", "What news and video say in Cache-Control.";
        shop_control: Control = "max-age=60", "What the shop says in Cache-Control of its front page.";
        cart_control: Control = "private", "What the shop says in Cache-Control of a cart.";
        bank_control: Control = "max-age=60", "What the bank says in Cache-Control of an account.";
        vary: VaryBy = "none", "What sites name in Vary: nothing, the language, or the cookie.";
        lifetime: Says = "max-age", "How sites say for how long a page is fresh: by max-age, or by Expires with Date in place of it.";
        set_cookie: Switch = "off", "Whether the shop gives a session to visitors without one; off: every client has one of its own from the start.";
        cache_rules: CacheRules = "rfc9111", "The rules of the caches: RFC 9111, or one mistake.";
        cookie_answers: Cookies = "pass", "What caches do with answers that set cookies: pass them on only, or keep them, as RFC 9111 section 7.3 allows.";
        serve_stale: Switch = "off", "Whether a cache gives what is stale when the origin does not answer, where the answer does not forbid it.";
        forward_adds: ForwardAdds = "none", "What the forward proxy says of the client: nothing, nothing and strip what it wrote, or its address in one of two fields.";
        adds: Adds = "append", "How the shop's proxies say who connected: at the end of the list, in place of what came (the outermost; others append), or not at all.";
        header: Header = "x-forwarded-for", "The field in which they say it, and in which backends look.";
        trust: Trusts = "hops", "Whose word backends take for the client's address: nobody's, the first entry, or the entry so many hops from the right.";
        hops: Count<1, 4> = "1", "How many hops from the right: as many as the shop has proxies.";
        backends: Down = "closed", "Whether backends can be reached past the shop's proxy: closed or open to whoever asks for `http://app1/`.";
        tls_ends: TlsEnds = "reverse", "Where TLS of the shop ends: at its proxies, or at its backends.";
        inner: Inner = "plain", "How the reverse proxy talks to the backends where TLS ends at it.";
        own_ca: OwnCa = "none", "Whether the forward proxy opens TLS by a certificate authority of the office, and whether the PCs trust that.";
        listener: Listener = "none", "Where somebody listens on the wires: nowhere, in the office, in the internet, or between the reverse proxy and its backends.";
        compression: Switch = "off", "Whether the reverse proxy compresses what it passes to clients that take it, to 30 %.";
        page_bytes: Count<100, 100_000_000> = "100000", "How long the body of a page is, in bytes.";
        balance: Balance = "round-robin", "Which backend gets the next request: each in turn, the one with the fewest, or by the address of the client.";
        deploy: Deploy = "drain", "How `deploy` replaces a backend: when it has finished what it has, or at once.";
        retry: Retry = "idempotent", "What the reverse proxy asks again of another backend after a failure: nothing, what changes nothing, or everything.";
        try_timeout: Timer = "500ms", "How long a proxy waits for the next hop.";
        fail_timeout: Timer = "1s", "How long the reverse proxy leaves a backend out that failed.";
        start_time: Timer = "200ms", "How long a backend takes to start.";
        work: Times = "const(10ms)", "How long a site or backend works on a request.";
        workers: OrNone<Count<1, 1000>> = "none", "How many requests a backend works on at the same time; `none`: all.";
        buffering: Switch = "on", "Whether the reverse proxy takes an answer at once and gives it to a slow client itself; off: the backend's worker is held as long.";
        client_rate: OrNone<ByteRate> = "none", "How fast clients take an answer of the shop; `none`: at once.";
        address_limit: OrNone<Count<1, 100_000>> = "none", "How many requests a minute a site takes from one address.";
        posts: Posts = "accepted", "What sites and backends say to POST.";
        connections: Connections = "free", "What opening a connection costs: nothing, a trip for TCP and one for TLS 1.3 the first time, or each time.";
        latency: WireLatency = "const(10ms)";
        zone_latency: WireZoneLatency = "const(40ms)";
        handling: Handling = "0s";
        disk: Disk = "const(1ms)";
        request_timeout: Timer = "5s", "How long a client waits for its answer.";
    }
}

impl Settings {
    /// The rules of the caches.
    pub fn rules(&self) -> Rules {
        let rules = Rules { cookies: self.cookie_answers == Cookies::Store, ..Rules::RFC };
        match self.cache_rules {
            CacheRules::Rfc9111 | CacheRules::NoHost => rules,
            CacheRules::NoVary => Rules { vary: false, ..rules },
            CacheRules::NoPrivate => Rules { private: false, ..rules },
            CacheRules::NoAuthorization => Rules { authorization: false, ..rules },
            CacheRules::OwnAge => Rules { age_before: false, ..rules },
            CacheRules::NoRenew => Rules { renews: false, ..rules },
            CacheRules::ErrorInvalidates => Rules { invalidates: Invalidates::Always, ..rules },
            CacheRules::NeverInvalidates => Rules { invalidates: Invalidates::Never, ..rules },
            CacheRules::OwnDate => Rules { date: false, ..rules },
        }
    }

    /// Whose word a backend takes; `None`: the connection's.
    pub fn trusts(&self) -> Option<Trust> {
        match self.trust {
            Trusts::Nobody => None,
            Trusts::Leftmost => Some(Trust::Leftmost),
            Trusts::Hops => Some(Trust::Hops(self.hops)),
        }
    }

    /// The rule of balancing.
    pub fn policy(&self) -> Policy {
        match self.balance {
            Balance::RoundRobin => Policy::RoundRobin,
            Balance::LeastConnections => Policy::LeastConnections,
            Balance::Hash => Policy::Hash,
        }
    }

    /// How long a slow client takes for so many bytes.
    pub fn transfer(&self, bytes: u64) -> Span {
        let rate = self.client_rate.unwrap_or(u64::MAX);
        let ns = u128::from(bytes) * u128::from(Span::s(1).0) / u128::from(rate.max(1));
        Span(u64::try_from(ns).unwrap_or(u64::MAX))
    }

    /// Whether they fit together.
    pub fn fits(&self) -> Result<(), (&'static str, String)> {
        if self.upstream == Upstream::Edge && !self.edge {
            return Err(("upstream", "there is no `edge` to pass requests to; `set edge on` first".into()));
        }
        if self.transfer(self.page_bytes.into()) > Span::s(3600) {
            return Err(("client-rate", "a page takes a client more than an hour; it should be faster, or the page shorter".into()));
        }
        Ok(())
    }
}

impl Captioned for Settings {
    fn caption(&self) -> String {
        let blocks = format!("blocks {}", Blocked::write(&self.blocked));
        let forward = match (self.forward_cache, self.blocked) {
            (true, Blocked::None) => "forward caches".to_string(),
            (true, _) => format!("forward caches, {blocks}"),
            (false, Blocked::None) => "forward passes on".to_string(),
            (false, _) => format!("forward {blocks}"),
        };
        let tls = match self.tls_ends {
            TlsEnds::Reverse => "TLS ends at reverse",
            TlsEnds::App => "TLS ends at the app",
        };
        let trust = match self.trust {
            Trusts::Nobody => "trusts no header".to_string(),
            Trusts::Leftmost => "trusts the left".to_string(),
            Trusts::Hops => format!("trusts {} from the right", self.hops),
        };
        let mistake =
            if self.cache_rules == CacheRules::Rfc9111 { String::new() } else { format!(" · {}", CacheRules::write(&self.cache_rules)) };
        format!("{forward} · {tls} · app {trust}{mistake}")
    }
}
