//! Settings that are words, and what an answer says in Cache-Control.

use crate::algo::http::CacheControl;
use crate::check::operation::Key;
use crate::cluster::kit::settings::{Takes, words};

words! {
    /// Which kind of addresses there are.
    pub enum Addresses {
        /// Of 32 bits.
        V4 = "ipv4",
        /// Of 128 bits.
        V6 = "ipv6",
    }
}
words! {
    /// A site that the office blocks.
    pub enum Blocked {
        /// None.
        None = "none",
        /// This one.
        News = "news",
        /// This one.
        Video = "video",
        /// This one.
        Bank = "bank",
    }
}
words! {
    /// What the list of blocked sites is held against.
    pub enum FilterBy {
        /// The name that the client asks for.
        Name = "name",
        /// The name, and the address that it stands for.
        Address = "address",
    }
}
words! {
    /// What happens where something does not work.
    pub enum Down {
        /// Nothing passes.
        Closed = "closed",
        /// Another way is taken.
        Open = "open",
    }
}
words! {
    /// What the proxy of the shop passes requests to.
    pub enum Upstream {
        /// The backends.
        Apps = "apps",
        /// The proxy before it: a circle.
        Edge = "edge",
    }
}
words! {
    /// Which field a site's pages differ by.
    pub enum VaryBy {
        /// By none.
        None = "none",
        /// The language.
        Language = "accept-language",
        /// The cookie.
        Cookie = "cookie",
    }
}
words! {
    /// How a site says for how long a page is fresh.
    pub enum Says {
        /// By a number of seconds.
        MaxAge = "max-age",
        /// By the date of its end.
        Expires = "expires",
    }
}
words! {
    /// The rules of the caches: those of the RFC, or one mistake.
    pub enum CacheRules {
        /// RFC 9111.
        Rfc9111 = "rfc9111",
        /// `Vary` is no part of the key.
        NoVary = "no-vary",
        /// The host is no part of the key.
        NoHost = "no-host",
        /// `private` is kept.
        NoPrivate = "no-private",
        /// What was asked with Authorization is kept.
        NoAuthorization = "no-authorization",
        /// Age is counted from one's own keeping on.
        OwnAge = "own-age",
        /// A 304 makes nothing fresh.
        NoRenew = "no-renew",
        /// An unsafe request that failed throws away what is kept too.
        ErrorInvalidates = "error-invalidates",
        /// No unsafe request throws away what is kept.
        NeverInvalidates = "never-invalidates",
        /// `Expires` is held against one's own clock.
        OwnDate = "own-date",
    }
}
words! {
    /// What a cache does with answers that set cookies.
    pub enum Cookies {
        /// It passes them on and keeps none.
        Pass = "pass",
        /// It keeps them like others.
        Store = "store",
    }
}
words! {
    /// What the forward proxy says of the client.
    pub enum ForwardAdds {
        /// Nothing; what the client wrote stays.
        None = "none",
        /// Nothing, and what the client wrote is taken away.
        Strip = "strip",
        /// Its address in the older field.
        XForwardedFor = "x-forwarded-for",
        /// Its address in the field of RFC 7239.
        Forwarded = "forwarded",
    }
}
words! {
    /// How a proxy of the shop says who connected to it.
    pub enum Adds {
        /// At the end of the list.
        Append = "append",
        /// The outermost throws away what came, the others append.
        Replace = "replace",
        /// Not at all; what came stays.
        None = "none",
    }
}
words! {
    /// The field in which the shop's proxies say it.
    pub enum Header {
        /// The older one.
        XForwardedFor = "x-forwarded-for",
        /// That of RFC 7239.
        Forwarded = "forwarded",
    }
}
words! {
    /// Whose word a backend takes for the client's address.
    pub enum Trusts {
        /// The connection's alone.
        Nobody = "nobody",
        /// The first entry's.
        Leftmost = "leftmost",
        /// That of so many hops from the right.
        Hops = "hops",
    }
}
words! {
    /// Where TLS ends.
    pub enum TlsEnds {
        /// At the proxies of the shop.
        Reverse = "reverse",
        /// At the backends.
        App = "app",
    }
}
words! {
    /// How the shop's proxy talks to the backends.
    pub enum Inner {
        /// So that everybody on the wire can read it.
        Plain = "plain",
        /// By TLS.
        Tls = "tls",
    }
}
words! {
    /// A certificate authority of the office, by which its proxy opens TLS.
    pub enum OwnCa {
        /// There is none.
        None = "none",
        /// Its PCs trust it.
        Trusted = "trusted",
        /// Its PCs do not.
        Untrusted = "untrusted",
    }
}
words! {
    /// Where somebody listens.
    pub enum Listener {
        /// Nowhere.
        None = "none",
        /// Between the PCs and the forward proxy.
        Office = "office",
        /// Between offices, outsiders and sites.
        Internet = "internet",
        /// Between the shop's proxy and its backends.
        Inner = "inner",
    }
}
words! {
    /// Which backend gets the next request.
    pub enum Balance {
        /// Each in turn.
        RoundRobin = "round-robin",
        /// The one with the fewest.
        LeastConnections = "least-connections",
        /// By the address of the client.
        Hash = "hash",
    }
}
words! {
    /// How a backend is replaced.
    pub enum Deploy {
        /// Once it has finished what it has.
        Drain = "drain",
        /// At once.
        Kill = "kill",
    }
}
words! {
    /// What a proxy asks a second time of another backend.
    pub enum Retry {
        /// Nothing.
        Never = "never",
        /// What changes nothing.
        Idempotent = "idempotent",
        /// Everything.
        All = "all",
    }
}
words! {
    /// What sites say to POST.
    pub enum Posts {
        /// It is done.
        Accepted = "accepted",
        /// 403, and nothing is done.
        Refused = "refused",
    }
}
words! {
    /// What a connection costs.
    pub enum Connections {
        /// Nothing.
        Free = "free",
        /// Trips for the first request; it is kept open then.
        Kept = "kept",
        /// Trips for each request.
        Each = "each",
    }
}

/// What an answer says in Cache-Control.
pub enum Control {}

impl Takes for Control {
    type Value = Option<Key>;
    const TAKES: &'static str = "none, or directives such as max-age=60, must-revalidate";

    fn read(text: &str) -> Result<Option<Key>, String> {
        if text == "none" {
            return Ok(None);
        }
        CacheControl::check(text).map_err(|unknown| unknown.to_string())?;
        Ok(Some(text.into()))
    }

    fn write(value: &Option<Key>) -> String {
        value.as_deref().unwrap_or("none").to_string()
    }
}
