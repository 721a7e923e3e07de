//! Who passed a request on: `Forwarded` (RFC 7239) and the older `X-Forwarded-For`.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use super::fields::{is_token, members, parts, quoted, unquoted};

/// Where a message came from: an address or a name that hides it, and perhaps a port (RFC 7239, section 6). Two are equal when they are
/// the same address, however it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// Who.
    pub name: Name,
    /// From which port.
    pub port: Option<Port>,
}

/// Who a node is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Name {
    /// An address.
    Ip(IpAddr),
    /// `unknown`: the proxy cannot say.
    Unknown,
    /// `_gazonk`: the proxy does not want to say.
    Hidden(Arc<str>),
}

/// The port of a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Port {
    /// Its number.
    Number(u16),
    /// `_a`: a name that hides it.
    Hidden(Arc<str>),
}

/// One proxy's word: what it writes into `Forwarded`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Element {
    /// `for`: who connected to the proxy.
    pub from: Option<Node>,
    /// `by`: where the proxy was connected to.
    pub by: Option<Node>,
    /// `host`: what the `Host` field said.
    pub host: Option<String>,
    /// `proto`: `http` or `https`.
    pub proto: Option<String>,
}

/// A `Forwarded` field that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no part of Forwarded; right is `for=192.0.2.60;proto=http` or `for=\"[2001:db8::17]:4711\"`")]
pub struct BadForwarded(pub String);

/// Whose word is taken for the address of the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trust {
    /// The first entry, whoever wrote it.
    Leftmost,
    /// The entry that the outermost of so many proxies of one's own wrote, counted from the right (RFC 7239, section 8.1). Of a list that
    /// is shorter the first.
    Hops(u32),
}

impl Trust {
    /// The entry that is believed; `None` where there are none.
    pub fn believed(self, entries: &[Node]) -> Option<&Node> {
        match self {
            Trust::Leftmost => entries.first(),
            Trust::Hops(hops) => entries.get(entries.len().saturating_sub(hops as usize)).or_else(|| entries.last()),
        }
    }
}

impl Node {
    /// An address.
    pub fn of(ip: IpAddr) -> Node {
        Node { name: Name::Ip(ip), port: None }
    }

    /// Nobody can say.
    fn unknown() -> Node {
        Node { name: Name::Unknown, port: None }
    }

    /// Reads what stands in `for=` or in `X-Forwarded-For`; `None`: it is no node. An IPv6 address stands in brackets; alone it may do
    /// without them, as `X-Forwarded-For` has it.
    pub fn read(text: &str) -> Option<Node> {
        if let Ok(ip) = text.parse::<Ipv6Addr>() {
            return Some(Node::of(ip.into()));
        }
        let (name, port) = if let Some(rest) = text.strip_prefix('[') {
            let (ip, port) = rest.split_once(']')?;
            (Name::Ip(ip.parse::<Ipv6Addr>().ok()?.into()), port)
        } else {
            let end = text.find(':').unwrap_or(text.len());
            (Name::read(&text[..end])?, &text[end..])
        };
        let port = if port.is_empty() { None } else { Some(Port::read(port.strip_prefix(':')?)?) };
        Some(Node { name, port })
    }

    /// Its address, where it tells.
    pub fn ip(&self) -> Option<IpAddr> {
        if let Name::Ip(ip) = self.name { Some(ip) } else { None }
    }
}

impl Name {
    fn read(text: &str) -> Option<Name> {
        if text.eq_ignore_ascii_case("unknown") {
            return Some(Name::Unknown);
        }
        text.parse::<Ipv4Addr>().map(|ip| Name::Ip(ip.into())).ok().or_else(|| hidden(text).map(Name::Hidden))
    }
}

impl Port {
    fn read(text: &str) -> Option<Port> {
        let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        if is_number { text.parse().ok().map(Port::Number) } else { hidden(text).map(Port::Hidden) }
    }
}

/// `_` and what may follow it.
fn hidden(text: &str) -> Option<Arc<str>> {
    let rest = text.strip_prefix('_')?;
    let fits = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    (!rest.is_empty() && rest.chars().all(fits)).then(|| text.into())
}

impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.name {
            Name::Ip(IpAddr::V6(ip)) => write!(f, "[{ip}]")?,
            Name::Ip(IpAddr::V4(ip)) => write!(f, "{ip}")?,
            Name::Unknown => f.write_str("unknown")?,
            Name::Hidden(name) => f.write_str(name)?,
        }
        match &self.port {
            Some(Port::Number(port)) => write!(f, ":{port}"),
            Some(Port::Hidden(port)) => write!(f, ":{port}"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Element {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let node = |node: &Option<Node>| node.as_ref().map(Node::to_string);
        let pairs = [("for", node(&self.from)), ("by", node(&self.by)), ("host", self.host.clone()), ("proto", self.proto.clone())];
        let written: Vec<String> = pairs.into_iter().filter_map(|(name, value)| Some(format!("{name}={}", quoted(&value?)))).collect();
        f.write_str(&written.join(";"))
    }
}

/// Reads `Forwarded`, the first proxy's element first. Parameters that nobody knows are passed over.
pub fn forwarded(text: &str) -> Result<Vec<Element>, BadForwarded> {
    members(text).map(element).collect()
}

fn element(text: &str) -> Result<Element, BadForwarded> {
    let mut element = Element::default();
    for pair in parts(text, ';').map(str::trim).filter(|pair| !pair.is_empty()) {
        let bad = || BadForwarded(pair.to_string());
        let (name, value) = pair.split_once('=').filter(|(name, _)| is_token(name)).ok_or_else(bad)?;
        // Without quotes an address with a port is no token, and is written so all the same.
        let value = unquoted(value).or_else(|| Node::read(value).map(|_| value.to_string())).ok_or_else(bad)?;
        match name.to_ascii_lowercase().as_str() {
            "for" => element.from = Some(Node::read(&value).ok_or_else(bad)?),
            "by" => element.by = Some(Node::read(&value).ok_or_else(bad)?),
            "host" => element.host = Some(value),
            "proto" => element.proto = Some(value),
            _ => {}
        }
    }
    Ok(element)
}

/// From whom each element of `Forwarded` has its message, the first proxy's first. An element that cannot be read, or that does not say,
/// is taken for `unknown`: it keeps its place, so that those of one's own proxies can be counted from the right (section 8.1).
pub fn forwarded_for(text: &str) -> impl Iterator<Item = Node> {
    members(text).map(|part| element(part).ok().and_then(|element| element.from).unwrap_or_else(Node::unknown))
}

/// Reads `X-Forwarded-For`, the first proxy's entry first. What is no address is taken for `unknown`: it keeps its place. Quotes mean
/// nothing in this field: each comma parts.
pub fn x_forwarded_for(text: &str) -> Vec<Node> {
    let unknown = Node::unknown();
    text.split(',')
        .map(str::trim)
        .filter(|entry| !entry.is_empty())
        .map(|entry| unquoted(entry).as_deref().and_then(Node::read).or_else(|| Node::read(entry)).unwrap_or_else(|| unknown.clone()))
        .collect()
}
