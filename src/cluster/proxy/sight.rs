//! What a hop learns from a message that reaches it. Everything here is read off the message itself and its connection.

use std::net::IpAddr;

use crate::algo::http::{forwarded_for, x_forwarded_for};
use crate::check::operation::Key;

use super::message::{Method, Request, Sealed, Step, Url};
use super::settings::{Header, Settings};
use super::shelf::user;

/// What a hop learns.
#[derive(Clone, Debug, PartialEq)]
pub struct Sight {
    /// The address that the connection comes from.
    pub peer: IpAddr,
    /// The host that is asked for.
    pub host: Option<Key>,
    /// What of it; `None`: it cannot read that.
    pub page: Option<(Method, Key)>,
    /// Addresses that the two fields for it name, in their order.
    pub named: Vec<IpAddr>,
    /// Addresses that stand in any other field.
    pub others: Vec<IpAddr>,
    /// Who the header says that it is.
    pub user: Option<Key>,
    /// How long the message is.
    pub bytes: u64,
}

impl Sight {
    /// Of a request that came from this address, to somebody who can open TLS, or cannot.
    pub fn of(sealed: &Sealed<Request>, peer: IpAddr, bytes: u64, opens: bool) -> Sight {
        let request = &sealed.inner;
        match &sealed.tls {
            Some(host) if !opens => {
                Sight { peer, host: Some(host.clone()), page: None, named: Vec::new(), others: Vec::new(), user: None, bytes }
            }
            _ => Sight {
                peer,
                host: Some(request.url.host.clone()),
                page: Some((request.method, request.url.path.clone())),
                named: named(request),
                others: others(request),
                user: user(&request.fields),
                bytes,
            },
        }
    }

    /// Of a step before a request.
    pub fn of_step(step: &Step, peer: IpAddr, bytes: u64) -> Sight {
        let host = match step {
            Step::Tcp => None,
            Step::Connect(host) | Step::Tls(host) => Some(host.clone()),
        };
        Sight { peer, host, page: None, named: Vec::new(), others: Vec::new(), user: None, bytes }
    }

    /// Whether it can read what is asked and answered.
    pub fn reads(&self) -> bool {
        self.page.is_some()
    }

    /// Whether an address is among what it learnt.
    pub fn knows(&self, ip: IpAddr) -> bool {
        self.peer == ip || self.named.contains(&ip) || self.others.contains(&ip)
    }

    /// What is asked, as far as it can see: `GET news/`, `bank, 312 bytes`.
    pub fn asked(&self) -> String {
        match (&self.page, &self.host) {
            (Some((method, path)), Some(host)) => format!("{} {host}{path}", method.word()),
            (_, Some(host)) => format!("{host}:443, {} bytes", self.bytes),
            _ => format!("{} bytes", self.bytes),
        }
    }

    /// Who it is, as far as it can see, beside the address: the user of the cookie, then the addresses that fields name, in their order:
    /// `cookie c1; 10.0.0.1, 198.51.100.1`.
    pub fn who(&self) -> String {
        let named: Vec<String> = self.named.iter().map(IpAddr::to_string).collect();
        let user = self.user.iter().map(|user| format!("cookie {user}"));
        let named = (!named.is_empty()).then(|| named.join(", "));
        user.chain(named).collect::<Vec<_>>().join("; ")
    }
}

/// The addresses that the two fields for it name.
fn named(request: &Request) -> Vec<IpAddr> {
    let entries = [Header::Forwarded, Header::XForwardedFor].into_iter().flat_map(|header| entries(request, header));
    entries.filter_map(|node| node.ip()).collect()
}

/// The addresses in all other fields, such as `X-Real-IP` and `True-Client-IP`: whoever looks for one finds it there too.
fn others(request: &Request) -> Vec<IpAddr> {
    let is_other = |name: &str| !["forwarded", "x-forwarded-for"].iter().any(|known| name.eq_ignore_ascii_case(known));
    request.fields.iter().filter(|(name, _)| is_other(name)).flat_map(|(_, value)| addresses(value)).collect()
}

/// The addresses that stand in a text, with a port or without.
fn addresses(text: &str) -> impl Iterator<Item = IpAddr> {
    let words = text.split(|c: char| !(c.is_ascii_hexdigit() || ".:[]".contains(c)));
    words.filter_map(|word| {
        let bare = || word.trim_matches(['[', ']']).parse().ok();
        bare().or_else(|| word.parse().ok().map(|with_port: std::net::SocketAddr| with_port.ip()))
    })
}

/// What one of the two fields says, first entry first.
pub(super) fn entries(request: &Request, header: Header) -> Vec<crate::algo::http::Node> {
    match header {
        Header::XForwardedFor => request.fields.lines("x-forwarded-for").flat_map(x_forwarded_for).collect(),
        Header::Forwarded => request.fields.lines("forwarded").flat_map(forwarded_for).collect(),
    }
}

/// The address that a backend takes for the client's.
pub(super) fn believed(request: &Request, peer: IpAddr, settings: &Settings) -> IpAddr {
    let entries = entries(request, settings.header);
    let trusted = settings.trusts().and_then(|trust| trust.believed(&entries).and_then(crate::algo::http::Node::ip));
    trusted.unwrap_or(peer)
}

/// What a hop cannot see of a request, in words.
pub(super) fn hidden_from(sight: &Sight, url: &Url, own: &[IpAddr], user: bool) -> Vec<&'static str> {
    let is_known = own.iter().any(|ip| sight.knows(*ip)) || (user && sight.user.is_some());
    let all =
        [(!is_known, "who asks"), (!sight.reads(), "the page"), (sight.host.as_ref().is_none_or(|host| *host != url.host), "the site")];
    all.into_iter().filter(|(is, _)| *is).map(|(_, word)| word).collect()
}
