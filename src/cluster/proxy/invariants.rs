//! What holds whatever is done to the proxies, looked at after every event.

use std::net::IpAddr;

use crate::algo::http::Via;
use crate::cluster::live::Upheld;
use crate::command::Poke;
use crate::persistent::{OrdMap, OrdSet};
use crate::sim::history::Record;
use crate::sim::id::NodeId;
use crate::sim::kernel::Sim;
use crate::sim::trace::{Entry, Trace};

use super::Proxied;
use super::message::{Method, Op, Request, Response, Ret};
use super::note::Note;
use super::places::{EDGE, REVERSE, ends_tls, is_app, is_proxy, name, resolve};
use super::settings::{Adds, CacheRules, Settings};
use super::shelf::ROOM;
use super::sight::{Sight, entries};

/// So many ways of requests are remembered.
const KNOWN: usize = 2000;

/// A request: its client, its number there, and whether it went past the forward proxy.
type Ask = (NodeId, u32, bool);

/// What is remembered to compare with. A change of settings is a change of the rules: what was on its way then is not looked at.
#[derive(Clone, Debug, Default)]
pub struct Invariants {
    /// From which address each proxy was asked.
    peers: OrdMap<(NodeId, Ask), IpAddr>,
    /// Which ways between proxies each request took.
    ways: OrdSet<(NodeId, NodeId, Ask)>,
}

impl Upheld<Proxied> for Invariants {
    fn begin(&mut self, _: &Sim<Proxied>) {}

    fn poked(&mut self, poke: &Poke, _: &Sim<Proxied>) {
        if matches!(poke, Poke::Set(..)) {
            *self = Invariants::default();
        }
    }

    fn recorded(&mut self, _: &Record<Op, Ret>, _: &Sim<Proxied>) -> Result<(), String> {
        Ok(())
    }

    fn traced(&mut self, entry: &Entry<Note>, sim: &Sim<Proxied>) -> Result<(), String> {
        match &entry.what {
            Trace::Note(who, Note::Saw { from, sight, request: Some(request), plain }) => {
                reads_what_it_can(*who, sight, *plain, sim.settings())?;
                self.passes(*from, *who, sight, request, sim.settings())
            }
            Trace::Note(who, Note::Got { request, response, .. }) => belongs(*who, request, response, sim),
            _ => Ok(()),
        }
    }

    fn after(&mut self, touched: Option<NodeId>, sim: &Sim<Proxied>) -> Result<(), String> {
        let proxies = sim.server_ids().filter(|id| is_proxy(*id) && touched.is_none_or(|node| node == *id));
        for id in proxies {
            if let Some(Proxied::Proxy(proxy)) = sim.node(id).state()
                && proxy.shelf.len() > ROOM
            {
                return Err(format!("a cache keeps at most {ROOM} answers: {} has {}", name(id), proxy.shelf.len()));
            }
        }
        Ok(())
    }
}

impl Invariants {
    fn passes(&mut self, from: NodeId, who: NodeId, sight: &Sight, request: &Request, settings: &Settings) -> Result<(), String> {
        let ask = (request.ticket.client, request.ticket.call, request.ticket.direct);
        if self.peers.len() > KNOWN {
            *self = Invariants::default();
        }
        let was_read = request.fields.lines("via").last().and_then(|via| Via::read(via).pop()).is_some_and(|via| via.by == name(from));
        if is_proxy(from) && was_read {
            ends_with_its_connection(from, request)?;
            self.tells_its_peer(from, request, ask, settings)?;
        }
        if is_proxy(who) {
            self.peers.insert((who, ask), sight.peer);
            if is_proxy(from) && settings.loop_check && !self.ways.insert((from, who, ask)) {
                return Err(format!("a request passes each proxy once: {} sent one of {} to {} twice", name(from), ask.0, name(who)));
            }
        }
        Ok(())
    }

    /// The last entry of the list is the address that connected to the proxy which wrote it.
    fn tells_its_peer(&self, from: NodeId, request: &Request, ask: Ask, settings: &Settings) -> Result<(), String> {
        let Some(peer) = self.peers.get(&(from, ask)).filter(|_| [REVERSE, EDGE].contains(&from) && settings.adds != Adds::None) else {
            return Ok(());
        };
        let entries = entries(request, settings.header);
        match entries.last().map(crate::algo::http::Node::ip) {
            // A list that cannot be read cannot be told from one that was forged so.
            None => Ok(()),
            Some(ip) if ip == Some(*peer) => Ok(()),
            Some(ip) => Err(format!("the last entry is the real peer: {} was asked by {peer} and says {ip:?}", name(from))),
        }
    }
}

/// Only those read who can: by TLS, the two that speak it.
fn reads_what_it_can(who: NodeId, sight: &Sight, plain: bool, settings: &Settings) -> Result<(), String> {
    if sight.reads() && !plain && !ends_tls(who, settings) {
        return Err(format!("what is sealed is read by its two ends: {} read it", name(who)));
    }
    Ok(())
}

/// Fields of a connection do not pass a proxy.
fn ends_with_its_connection(from: NodeId, request: &Request) -> Result<(), String> {
    let hop = ["connection", "keep-alive", "te", "transfer-encoding", "upgrade", "proxy-authorization"];
    // A field that the proxy itself writes may have the name of one that was taken away.
    let own = ["via", "x-forwarded-for", "forwarded", "if-none-match"];
    let named = request.ticket.named.iter().map(|name| name.to_ascii_lowercase());
    let passed = hop.map(String::from).into_iter().chain(named).find(|name| !own.contains(&name.as_str()) && request.fields.has(name));
    passed.map_or(Ok(()), |field| Err(format!("what `Connection` names ends there: {} passed {field} on", name(from))))
}

/// An answer that shows a page was made by who was asked for it.
fn belongs(who: NodeId, request: &Request, response: &Response, sim: &Sim<Proxied>) -> Result<(), String> {
    let settings = sim.settings();
    let is_page = response.status == 200 && request.method == Method::Get && settings.cache_rules != CacheRules::NoHost;
    let Some((maker, _)) = response.made.filter(|_| is_page) else { return Ok(()) };
    let asked = resolve(&request.url.host, usize::from(sim.servers()), settings);
    let is_right = asked.is_none_or(|asked| asked == maker || (is_proxy(asked) && is_app(maker)));
    if is_right {
        Ok(())
    } else {
        Err(format!("an answer goes to who asked for it: {who} asked for {} and got one of {}", request.url, name(maker)))
    }
}
