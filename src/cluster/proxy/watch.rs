//! What facts and judges remember: what each hop saw, where answers came from, and the first break of each promise.

use std::net::IpAddr;
use std::sync::Arc;

use imbl::Vector;

use crate::cluster::kit::recent::Rate;
use crate::cluster::live::{Seen, Spread};
use crate::persistent::{OrdMap, OrdSet};
use crate::sim::id::NodeId;
use crate::sim::time::{Span, Time};
use crate::sim::trace::{Entry, Trace};

use super::Proxied;
use super::judge::Promise;
use super::message::{Request, Response, Ticket};
use super::newest::Newest;
use super::note::Note;
use super::places::{BANK, FORWARD, address, blocked, inside, is_app, is_origin, is_proxy, name, outside};
use super::settings::{Listener, Settings};
use super::sight::Sight;

/// Age counts whole seconds: what another cache had before may be so much older than it says.
const WHOLE: Span = Span::s(1);

/// Remembered beside the state.
#[derive(Clone, Debug, Default)]
pub struct Watch {
    /// Counts over the run so far.
    pub counts: Counts,
    /// What each hop saw last.
    pub sights: OrdMap<NodeId, Last>,
    /// Of each hop: how many requests it could read, and how many it only passed on.
    pub hops: OrdMap<NodeId, (usize, usize)>,
    /// The addresses that reached each site or backend.
    pub peers: OrdMap<NodeId, OrdSet<IpAddr>>,
    /// The address that a backend believed last.
    pub believed: Option<IpAddr>,
    /// All that were believed.
    pub all_believed: OrdSet<IpAddr>,
    /// The newest request, and who could read it.
    pub newest: Option<(Ticket, Vector<NodeId>)>,
    /// How long answers took, with the last.
    pub took: (Spread, Option<Span>),
    /// Hits of late.
    pub hitting: Rate,
    /// Answers of late.
    pub answering: Rate,
    /// What the office blocks, and since when; `None`: from the start.
    blocks: Option<(Option<NodeId>, Option<Time>)>,
    /// When requests were asked that have no answer yet.
    asked: Newest<(NodeId, u32), Time>,
    /// When origins made answers, and for how long these are fresh.
    made: Newest<(NodeId, u32), (Time, Span)>,
    /// Requests that had an effect.
    effects: Newest<(NodeId, u32), ()>,
    /// What was promised and tested.
    pub tested: OrdSet<Promise>,
    /// The first that broke each promise, in a sentence.
    pub broken: OrdMap<Promise, String>,
}

/// What a hop saw last, and of which request.
#[derive(Clone, Debug)]
pub struct Last {
    /// When.
    pub at: Time,
    /// What it saw.
    pub sight: Sight,
    /// Of what; `None`: of a step before a request.
    pub request: Option<Arc<Request>>,
}

/// Counts that only grow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Requests that clients sent.
    pub asked: usize,
    /// Answers that clients got.
    pub answered: usize,
    /// Of these, from a cache.
    pub from_caches: usize,
    /// From a site or backend.
    pub from_origins: usize,
    /// Made by a proxy.
    pub from_proxies: usize,
    /// Requests that got none.
    pub unanswered: usize,
    /// Answers that caches kept, and that they might not.
    pub kept: usize,
    /// Answers that caches might not keep.
    pub not_kept: usize,
    /// Kept answers that an origin said are good.
    pub checked: usize,
    /// Stale answers that a cache gave.
    pub stale: usize,
    /// Kept answers that an unsafe request threw away.
    pub thrown_away: usize,
    /// Bytes of bodies that clients got.
    pub bytes_to_clients: u64,
    /// Bytes of bodies that origins sent.
    pub bytes_from_origins: u64,
    /// Requests that the forward proxy refused because of the list.
    pub blocked: usize,
    /// Requests of the office that reached the blocked site.
    pub reached: usize,
    /// Requests that went past a forward proxy that did not answer.
    pub went_past: usize,
    /// Personal pages that somebody else was given.
    pub leaks: usize,
    /// Requests of which a backend took a wrong address for the client's.
    pub wrong_addresses: usize,
    /// Of these, an address that somebody wrote into the header.
    pub forged: usize,
    /// Admin pages that outsiders were given.
    pub intruders: usize,
    /// Requests to the shop that ended with 502, 503 or 504, or not at all.
    pub errors: usize,
    /// POSTs that had an effect.
    pub effects: usize,
    /// Effects of a POST that had had one.
    pub doubled: usize,
    /// Answers that their client cannot read, or not in this language.
    pub unreadable: usize,
    /// Requests that were found to go in a circle.
    pub loops: usize,
    /// Requests that the reverse proxy sent to another backend.
    pub retried: usize,
    /// Requests by TLS that somebody on the wire could read.
    pub overheard: usize,
}

impl crate::cluster::live::Watch<Proxied> for Watch {
    const WAYS: u64 = 192 << 10;

    fn follow(&mut self, seen: &Seen<'_, Proxied>) {
        let settings = seen.sim.settings();
        if self.blocks.is_none_or(|(site, _)| site != blocked(settings)) {
            self.blocks = Some((blocked(settings), self.blocks.map(|_| seen.sim.now())));
        }
        for entry in seen.trace {
            if let Trace::Note(who, note) = &entry.what {
                self.note(entry, *who, note, settings);
            }
        }
    }
}

impl Watch {
    fn note(&mut self, entry: &Entry<Note>, who: NodeId, note: &Note, settings: &Settings) {
        let (at, counts) = (entry.at, &mut self.counts);
        match note {
            Note::Asks { ticket, .. } => self.asks(at, ticket),
            Note::GoesPast { .. } => counts.went_past += 1,
            Note::Got { request, response, shop } => self.got(at, request, response, *shop),
            Note::Unanswered { shop } => {
                counts.unanswered += 1;
                self.fails(at, *shop, "no answer");
            }
            Note::Saw { from, sight, request, plain } => self.saw(at, (*from, who), sight, request.as_ref(), *plain, settings),
            Note::Blocked { .. } => {
                counts.blocked += 1;
                self.test(Promise::Filter);
            }
            Note::Hit { request, made, aged, stale } => {
                counts.stale += usize::from(*stale);
                self.hitting.add(at);
                self.hit(at, who, request, *made, *aged);
            }
            Note::Kept { .. } => counts.kept += 1,
            Note::NotKept { .. } => counts.not_kept += 1,
            Note::Checked { .. } => counts.checked += 1,
            Note::ThrownAway { .. } => counts.thrown_away += 1,
            Note::Loops { .. } => counts.loops += 1,
            Note::Retries { .. } => counts.retried += 1,
            Note::Believes { address, request } => self.believes(at, who, *address, request, settings),
            Note::Effect { request } => self.effect(at, who, &request.ticket),
            Note::Made { number, fresh_for, bytes } => {
                counts.bytes_from_origins += bytes;
                self.made.put((who, *number), (at, *fresh_for));
            }
            _ => {}
        }
    }

    fn test(&mut self, promise: Promise) {
        self.tested.insert(promise);
    }

    fn breaks(&mut self, promise: Promise, at: Time, what: &str) {
        self.test(promise);
        if !self.broken.contains_key(&promise) {
            self.broken.insert(promise, format!("At {:.3} s {what}.", at.as_secs()));
        }
    }

    fn asks(&mut self, at: Time, ticket: &Ticket) {
        self.counts.asked += 1;
        self.asked.put((ticket.client, ticket.call), at);
        self.newest = Some((ticket.clone(), Vector::new()));
    }

    /// A request that a client was answered, as it sent it.
    fn got(&mut self, at: Time, request: &Request, response: &Response, shop: bool) {
        let Ticket { client, call, poses, in_office, .. } = request.ticket;
        let counts = &mut self.counts;
        counts.answered += 1;
        counts.bytes_to_clients += response.page.bytes;
        self.answering.add(at);
        match response.made {
            None => counts.from_proxies += 1,
            Some(_) if response.is_hit() => counts.from_caches += 1,
            Some(_) => counts.from_origins += 1,
        }
        counts.intruders += usize::from(*response.page.what == *"admin page" && !in_office);
        if let Some(asked) = self.asked.known.get(&(client, call)) {
            let took = at.since(*asked);
            self.took.0.add(took);
            self.took.1 = Some(took);
        }
        if [502, 503, 504].contains(&response.status) {
            self.fails(at, shop, &format!("{}, {}", response.status, response.page.what));
        } else if shop {
            self.test(Promise::Unnoticed);
        }
        let session = response.fields.get("set-cookie").and_then(|cookie| cookie.strip_prefix("session=").map(str::to_string));
        let owner = response.page.owner.as_deref().map(str::to_string);
        for owner in [owner, session].into_iter().flatten().filter(|_| !poses) {
            self.personal(at, client, &owner, &response.page.what);
        }
        if response.status == 200 {
            self.readable(at, request, response);
        }
    }

    fn fails(&mut self, at: Time, shop: bool, why: &str) {
        if shop {
            self.counts.errors += 1;
            self.breaks(Promise::Unnoticed, at, &format!("a request to the shop ended with {why}"));
        }
    }

    /// A client was given what is one person's alone: a page, or the cookie by which the shop knows that person.
    fn personal(&mut self, at: Time, client: NodeId, owner: &str, what: &str) {
        self.test(Promise::Private);
        if owner != name(client) {
            self.counts.leaks += 1;
            self.breaks(Promise::Private, at, &format!("{client} was given {what} that is for {owner}"));
        }
    }

    fn readable(&mut self, at: Time, request: &Request, response: &Response) {
        self.test(Promise::Understood);
        let takes = |coding: &str| request.fields.list("accept-encoding").iter().any(|known| known.eq_ignore_ascii_case(coding));
        let wanted = request.fields.list("accept-language").into_iter().next();
        let foreign =
            response.page.language.as_deref().is_some_and(|language| wanted.is_some_and(|wanted| !wanted.eq_ignore_ascii_case(language)));
        if foreign || (response.fields.get("content-encoding").is_some_and(|coding| !takes(&coding))) {
            self.counts.unreadable += 1;
            let what = if foreign { "in another language" } else { "compressed, which it cannot read" };
            self.breaks(Promise::Understood, at, &format!("{} was given {} {what}", request.ticket.client, response.page.what));
        }
    }

    fn saw(&mut self, at: Time, way: (NodeId, NodeId), sight: &Sight, request: Option<&Arc<Request>>, plain: bool, settings: &Settings) {
        let (from, who) = way;
        self.sights.insert(who, Last { at, sight: sight.clone(), request: request.cloned() });
        let Some(request) = request else { return };
        let ticket = &request.ticket;
        let counts = self.hops.entry(who).or_default();
        if sight.reads() {
            counts.0 += 1;
        } else {
            counts.1 += 1;
        }
        if let Some((newest, readers)) = &mut self.newest
            && newest == ticket
            && sight.reads()
            && !readers.contains(&who)
        {
            readers.push_back(who);
        }
        if who == FORWARD && ticket.https {
            self.test(Promise::Tunnel);
            if sight.reads() {
                self.breaks(Promise::Tunnel, at, &format!("forward read what {} asked by TLS of {}", ticket.client, request.url.host));
            }
        }
        if is_origin(who) {
            self.peers.entry(who).or_default().insert(sight.peer);
            self.origin_saw(at, who, sight, request, settings);
        }
        if ticket.https {
            self.test(Promise::Confidential);
            if plain && hears(settings.listener, from, who) {
                self.counts.overheard += 1;
                let host = &request.url.host;
                self.breaks(
                    Promise::Confidential,
                    at,
                    &format!("between {} and {} somebody read what {} asked by TLS of {host}", name(from), name(who), ticket.client),
                );
            }
        }
    }

    fn origin_saw(&mut self, at: Time, who: NodeId, sight: &Sight, request: &Arc<Request>, settings: &Settings) {
        let ticket = &request.ticket;
        if !ticket.in_office {
            return;
        }
        self.test(Promise::Hidden);
        let known = [inside(ticket.client, settings), outside(ticket.client, settings)].into_iter().find(|ip| sight.knows(*ip));
        if let Some(ip) = known {
            self.breaks(Promise::Hidden, at, &format!("{} saw {ip}, which is {}", name(who), ticket.client));
        }
        let (site, since) = self.blocks.unwrap_or_default();
        if site.is_none() {
            return;
        }
        self.test(Promise::Filter);
        // What was on its way when the list changed was let through by the list of before.
        let asked = self.asked.known.get(&(ticket.client, ticket.call)).copied();
        let is_old = since.is_some_and(|since| asked.is_some_and(|asked| asked < since));
        if site == Some(who) && !is_old {
            self.counts.reached += 1;
            self.breaks(Promise::Filter, at, &format!("a request of {} reached {}", ticket.client, name(who)));
        }
    }

    /// A cache gives what it keeps without asking.
    fn hit(&mut self, at: Time, who: NodeId, request: &Request, made: Option<(NodeId, u32)>, aged: bool) {
        let takes_stale = request.fields.get("cache-control").is_some_and(|text| text.contains("max-stale"));
        let Some((when, fresh_for)) = made.and_then(|made| self.made.known.get(&made)).copied().filter(|_| !takes_stale) else { return };
        self.test(Promise::Fresh);
        let age = at.since(when);
        if age > fresh_for + if aged { WHOLE } else { Span::ZERO } {
            let what = format!("{} gave {} of {age} ago, which was fresh for {fresh_for}", name(who), request.url);
            self.breaks(Promise::Fresh, at, &what);
        }
    }

    fn believes(&mut self, at: Time, who: NodeId, ip: IpAddr, request: &Request, settings: &Settings) {
        let ticket = &request.ticket;
        self.believed = Some(ip);
        self.all_believed.insert(ip);
        self.test(Promise::ClientAddress);
        let own = own_addresses(ticket, settings);
        if own.contains(&ip) {
            return;
        }
        let is_proxy = [super::places::REVERSE, super::places::EDGE].iter().any(|proxy| address(*proxy, settings) == ip);
        self.counts.wrong_addresses += 1;
        self.counts.forged += usize::from(!is_proxy);
        self.breaks(Promise::ClientAddress, at, &format!("{} took {} for {ip}", name(who), ticket.client));
    }

    fn effect(&mut self, at: Time, who: NodeId, ticket: &Ticket) {
        self.counts.effects += 1;
        self.test(Promise::Once);
        if !self.effects.put((ticket.client, ticket.call), ()) {
            self.counts.doubled += 1;
            self.breaks(
                Promise::Once,
                at,
                &format!("{} carried out a POST of {} that had been carried out before", name(who), ticket.client),
            );
        }
    }
}

/// The addresses that may be taken for a client's: that by which it came, and where it came by the forward proxy that of the office.
fn own_addresses(ticket: &Ticket, settings: &Settings) -> Vec<IpAddr> {
    if ticket.direct { vec![outside(ticket.client, settings)] } else { vec![inside(ticket.client, settings), address(FORWARD, settings)] }
}

/// Whether somebody who listens there hears a wire.
fn hears(listener: Listener, from: NodeId, to: NodeId) -> bool {
    let office = from.is_client() && to == FORWARD;
    let inner = is_app(to) && is_proxy(from) && from != FORWARD;
    match listener {
        Listener::None => false,
        Listener::Office => office,
        Listener::Inner => inner,
        Listener::Internet => !office && !inner,
    }
}

/// The sites, in the order of their numbers.
pub(super) const SITES: [NodeId; 3] = [super::places::NEWS, super::places::VIDEO, BANK];
