//! Where phones can reach this machine.

use std::cmp::Reverse;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};

/// Where to listen, and what to tell the phones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Places {
    /// To be listened at.
    pub(super) listen: Vec<IpAddr>,
    /// What is shown, the likeliest first; each reaches one of `listen`, from the same network at least.
    pub(super) show: Vec<IpAddr>,
}

/// An address of this machine, and the name of the network card.
#[derive(Clone, Debug)]
struct Own {
    card: String,
    ip: IpAddr,
}

/// Why there is no place.
#[derive(Debug, thiserror::Error)]
pub enum NoPlace {
    /// The system does not say which addresses there are.
    #[error("the addresses of this machine cannot be read ({0}): say with --vote-address which one phones shall use")]
    Unreadable(io::Error),
    /// All of its addresses can be reached from everywhere.
    #[error("this machine is in no local network: it has {}. If phones shall use that, in the open internet, say so: --vote-address {}", list(.0), .0[0])]
    OnlyPublic(Vec<IpAddr>),
    /// It has no address but its own loopback.
    #[error(
        "this machine is in no network, so no phone reaches it. Join the wireless network of the room, or open a hotspot; to try it \
         on this machine alone: --vote-address 127.0.0.1"
    )]
    Offline,
}

fn list(addresses: &[IpAddr]) -> String {
    addresses.iter().map(IpAddr::to_string).collect::<Vec<_>>().join(", ")
}

impl Places {
    /// The places of this machine; `asked` is the address that phones shall use.
    pub(super) fn find(asked: Option<IpAddr>) -> Result<Places, NoPlace> {
        let own = if_addrs::get_if_addrs().map(|all| all.into_iter().map(|one| Own { ip: one.ip(), card: one.name }).collect::<Vec<_>>());
        match (own, asked) {
            (Ok(own), asked) => Places::among(&own, asked, way_out()),
            (Err(_), Some(asked)) => Ok(Places { listen: vec![asked], show: vec![asked] }),
            (Err(error), None) => Err(NoPlace::Unreadable(error)),
        }
    }

    /// `way_out` is the address that this machine uses towards everything that is far away.
    fn among(own: &[Own], asked: Option<IpAddr>, way_out: Option<IpAddr>) -> Result<Places, NoPlace> {
        let locals = locals(own, way_out);
        match asked {
            Some(asked) if asked.is_unspecified() => {
                let all: Vec<IpAddr> = own.iter().map(|own| own.ip).filter(|ip| ip.is_ipv4() && !ip.is_loopback()).collect();
                let show = if locals.is_empty() { all } else { locals };
                Ok(Places { listen: vec![asked], show: if show.is_empty() { vec![Ipv4Addr::LOCALHOST.into()] } else { show } })
            }
            Some(asked) if asked.is_loopback() || own.iter().any(|own| own.ip == asked) => {
                Ok(Places { listen: vec![asked], show: vec![asked] })
            }
            // An address of something before this machine, which passes on: a virtual machine's host, or the end of a tunnel.
            Some(asked) => Ok(Places { listen: with_loopback(locals), show: vec![asked] }),
            None if !locals.is_empty() => Ok(Places { listen: locals.clone(), show: locals }),
            None => {
                let public: Vec<IpAddr> =
                    own.iter().map(|own| own.ip).filter(|ip| ip.is_ipv4() && !ip.is_loopback() && !is_local(*ip)).collect();
                Err(if public.is_empty() { NoPlace::Offline } else { NoPlace::OnlyPublic(public) })
            }
        }
    }
}

fn with_loopback(mut locals: Vec<IpAddr>) -> Vec<IpAddr> {
    locals.push(Ipv4Addr::LOCALHOST.into());
    locals
}

/// The local addresses, the likeliest first: that of the way out, then in the order of the system. Bridges to what runs inside this
/// machine lead no phone here; they count where there is nothing else.
fn locals(own: &[Own], way_out: Option<IpAddr>) -> Vec<IpAddr> {
    let mut locals: Vec<&Own> = own.iter().filter(|own| own.ip.is_ipv4() && !own.ip.is_loopback() && is_local(own.ip)).collect();
    if locals.iter().any(|own| !is_inner(&own.card)) {
        locals.retain(|own| !is_inner(&own.card));
    }
    locals.sort_by_key(|own| Reverse(Some(own.ip) == way_out));
    let mut addresses: Vec<IpAddr> = Vec::new();
    for own in locals {
        if !addresses.contains(&own.ip) {
            addresses.push(own.ip);
        }
    }
    addresses
}

/// Whether a card is a bridge to containers or virtual machines inside this machine.
fn is_inner(card: &str) -> bool {
    ["docker", "br-", "veth", "virbr", "vmnet", "vboxnet", "podman", "cni", "lxc"].iter().any(|start| card.starts_with(start))
}

/// Whether an address is one of a local network: RFC 1918 and 4193, link-local ones, and those that a provider shares (RFC 6598),
/// which private overlay networks use.
fn is_local(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => ip.is_private() || ip.is_link_local() || (ip.octets()[0] == 100 && ip.octets()[1] & 0xc0 == 64),
        IpAddr::V6(ip) => ip.is_unique_local() || ip.is_unicast_link_local(),
    }
}

/// The address of the way out. To connect a UDP socket sends nothing: the system only looks up the way (the address is one of
/// RFC 5737, for documentation, behind which nobody is).
fn way_out() -> Option<IpAddr> {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).ok()?;
    socket.connect((Ipv4Addr::new(192, 0, 2, 1), 9)).ok()?;
    socket.local_addr().ok().map(|address: SocketAddr| address.ip()).filter(|ip| !ip.is_unspecified())
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::{Own, Places, is_local};

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn own(cards: &[(&str, &str)]) -> Vec<Own> {
        cards.iter().map(|(card, address)| Own { card: (*card).to_string(), ip: ip(address) }).collect()
    }

    fn found(cards: &[(&str, &str)], asked: Option<&str>, way_out: Option<&str>) -> Result<(String, String), String> {
        let shown = |all: &[IpAddr]| all.iter().map(IpAddr::to_string).collect::<Vec<_>>().join(" ");
        let places = Places::among(&own(cards), asked.map(ip), way_out.map(ip));
        places.map(|places| (shown(&places.listen), shown(&places.show))).map_err(|error| error.to_string())
    }

    const LAPTOP: [(&str, &str); 7] = [
        ("lo", "127.0.0.1"),
        ("lo", "::1"),
        ("docker0", "172.17.0.1"),
        ("eth0", "10.1.2.3"),
        ("wlan0", "192.168.1.20"),
        ("wlan0", "fe80::1"),
        ("ppp0", "203.0.113.9"),
    ];

    #[test]
    fn every_local_address_is_listened_at_and_the_way_out_comes_first() {
        let all = |order: &str| Ok((order.to_string(), order.to_string()));
        assert_eq!(found(&LAPTOP, None, Some("192.168.1.20")), all("192.168.1.20 10.1.2.3"));
        assert_eq!(found(&LAPTOP, None, Some("203.0.113.9")), all("10.1.2.3 192.168.1.20"));
        assert_eq!(found(&LAPTOP[..3], None, None), all("172.17.0.1"), "a bridge, where there is nothing else");
    }

    #[test]
    fn what_is_asked_for_is_shown() {
        let pair = |listen: &str, show: &str| Ok((listen.to_string(), show.to_string()));
        assert_eq!(found(&LAPTOP, Some("10.1.2.3"), None), pair("10.1.2.3", "10.1.2.3"));
        assert_eq!(found(&LAPTOP, Some("203.0.113.9"), None), pair("203.0.113.9", "203.0.113.9"), "a public one, because it is asked for");
        assert_eq!(found(&LAPTOP, Some("127.0.0.1"), None), pair("127.0.0.1", "127.0.0.1"));
        assert_eq!(found(&LAPTOP, Some("0.0.0.0"), None), pair("0.0.0.0", "10.1.2.3 192.168.1.20"));
        let passed_on = pair("10.1.2.3 192.168.1.20 127.0.0.1", "198.51.100.7");
        assert_eq!(
            found(&LAPTOP, Some("198.51.100.7"), None),
            passed_on,
            "of something before this machine: only local ones are listened at"
        );
    }

    #[test]
    fn where_no_phone_comes_it_says_what_to_do() {
        let offline = found(&LAPTOP[..2], None, None).unwrap_err();
        assert!(offline.contains("in no network") && offline.contains("--vote-address 127.0.0.1"), "{offline}");
        let public = found(&[LAPTOP[0], LAPTOP[6]], None, Some("203.0.113.9")).unwrap_err();
        assert!(public.contains("it has 203.0.113.9") && public.contains("--vote-address 203.0.113.9"), "{public}");
    }

    #[test]
    fn local_networks_are_those_of_the_registries() {
        for local in [
            "10.255.0.1",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.0.1",
            "169.254.3.4",
            "100.64.0.1",
            "100.127.255.255",
            "fd00::1",
            "fe80::1",
        ] {
            assert!(is_local(ip(local)), "{local}");
        }
        for public in ["11.0.0.1", "172.15.0.1", "172.32.0.1", "192.169.0.1", "100.63.0.1", "100.128.0.1", "8.8.8.8", "2001:db8::1"] {
            assert!(!is_local(ip(public)), "{public}");
        }
    }

    #[test]
    fn this_machine_can_be_asked() {
        // Whatever network it is in, the answer is an address or a sentence.
        match Places::find(None) {
            Ok(places) => assert!(!places.show.is_empty() && places.listen.iter().all(|&ip| is_local(ip))),
            Err(error) => assert!(error.to_string().contains("--vote-address")),
        }
    }
}
