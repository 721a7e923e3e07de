//! Who is who: names, addresses, and where a name or an address leads.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::sim::id::NodeId;

use super::settings::{Addresses, Blocked, OwnCa, Settings, TlsEnds};

/// The office's proxy.
pub(super) const FORWARD: NodeId = NodeId::server(0);
/// The shop's proxy.
pub(super) const REVERSE: NodeId = NodeId::server(1);
/// The shop's proxy before that one. Its node is there always; it is asked, and has an address, under `edge on`.
pub(super) const EDGE: NodeId = NodeId::server(2);
/// A site.
pub(super) const NEWS: NodeId = NodeId::server(3);
/// A site.
pub(super) const VIDEO: NodeId = NodeId::server(4);
/// A site.
pub(super) const BANK: NodeId = NodeId::server(5);
/// The index of the first backend; all others are backends too.
pub(super) const FIRST_APP: usize = 6;
/// The name of the shop.
pub(super) const SHOP: &str = "shop";

const NAMES: [&str; FIRST_APP] = ["forward", "reverse", "edge", "news", "video", "bank"];

/// What a node is called.
pub(super) fn name(id: NodeId) -> String {
    match NAMES.get(id.index()) {
        _ if id.is_client() => id.to_string(),
        Some(name) => (*name).to_string(),
        None => format!("app{}", id.index() + 1 - FIRST_APP),
    }
}

/// Whether it is a backend of the shop.
pub(super) fn is_app(id: NodeId) -> bool {
    !id.is_client() && id.index() >= FIRST_APP
}

/// Whether it is a proxy.
pub(super) fn is_proxy(id: NodeId) -> bool {
    [FORWARD, REVERSE, EDGE].contains(&id)
}

/// Whether it makes pages.
pub(super) fn is_origin(id: NodeId) -> bool {
    is_app(id) || [NEWS, VIDEO, BANK].contains(&id)
}

/// The blocked site.
pub(super) fn blocked(settings: &Settings) -> Option<NodeId> {
    match settings.blocked {
        Blocked::None => None,
        Blocked::News => Some(NEWS),
        Blocked::Video => Some(VIDEO),
        Blocked::Bank => Some(BANK),
    }
}

/// Where a name or an address leads, among so many servers; `None`: nowhere.
pub(super) fn resolve(host: &str, servers: usize, settings: &Settings) -> Option<NodeId> {
    if host == SHOP {
        return Some(if settings.edge { EDGE } else { REVERSE });
    }
    let all = (0..servers as u16).map(NodeId::server).filter(|id| is_origin(*id));
    let by_name = all.clone().find(|id| name(*id) == host);
    let bare = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(host);
    by_name.or_else(|| {
        let ip: IpAddr = bare.parse().ok()?;
        all.chain([REVERSE]).chain(settings.edge.then_some(EDGE)).find(|id| address(*id, settings) == ip)
    })
}

/// Whether a host names a site by its address.
pub(super) fn is_address(host: &str) -> bool {
    host.starts_with('[') || host.parse::<IpAddr>().is_ok()
}

/// Whether a client is in the office, of so many clients.
pub(super) fn is_in_office(client: NodeId, clients: usize, settings: &Settings) -> bool {
    client.is_client() && client.index() + (settings.outside as usize) < clients
}

/// The address by which others see a server.
pub(super) fn address(id: NodeId, settings: &Settings) -> IpAddr {
    let number = id.index() as u8;
    match id {
        FORWARD => pick(settings, [203, 0, 113, 1], 0xb, 1),
        REVERSE => pick(settings, [192, 0, 2, 1], 0xe, 1),
        EDGE => pick(settings, [192, 0, 2, 9], 0xe, 9),
        _ if is_app(id) => pick(settings, [10, 1, 0, number + 1 - FIRST_APP as u8], 0xd, number + 1 - FIRST_APP as u8),
        _ => pick(settings, [192, 0, 2, 20 + number - NEWS.index() as u8], 0xf, 20 + number - NEWS.index() as u8),
    }
}

/// The address of a client in the office.
pub(super) fn inside(client: NodeId, settings: &Settings) -> IpAddr {
    let number = client.index() as u8 + 1;
    pick(settings, [10, 0, 0, number], 0xa, number)
}

/// The address of a client where it goes to the internet by itself.
pub(super) fn outside(client: NodeId, settings: &Settings) -> IpAddr {
    let number = client.index() as u8 + 1;
    pick(settings, [198, 51, 100, number], 0xc, number)
}

/// Addresses that are meant for documentation (RFC 5737, RFC 3849), and private ones.
fn pick(settings: &Settings, v4: [u8; 4], net: u16, host: u8) -> IpAddr {
    match settings.addresses {
        Addresses::V4 => Ipv4Addr::from(v4).into(),
        Addresses::V6 => Ipv6Addr::new(0x2001, 0xdb8, net, 0, 0, 0, 0, host.into()).into(),
    }
}

/// Whether the shop takes an address for one of its own office: a private one of its range, or that of the office's proxy.
pub(super) fn is_of_office(ip: IpAddr, settings: &Settings) -> bool {
    let private = match ip {
        IpAddr::V4(ip) => ip.octets()[..3] == [10, 0, 0],
        IpAddr::V6(ip) => ip.segments()[..3] == [0x2001, 0xdb8, 0xa],
    };
    private || ip == address(FORWARD, settings)
}

/// Whether a server ends TLS for a host, and so can read what comes by it.
pub(super) fn ends_tls(id: NodeId, settings: &Settings) -> bool {
    match id {
        FORWARD => settings.own_ca != OwnCa::None,
        REVERSE | EDGE => settings.tls_ends == TlsEnds::Reverse,
        _ => true,
    }
}
