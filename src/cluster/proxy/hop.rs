//! A proxy: the office's forward proxy, the shop's reverse proxy, or the one before that. What differs is whom it stands for: where it
//! passes requests to, what it says of the client, and what it blocks.

use std::net::IpAddr;
use std::sync::Arc;

use crate::algo::hash::fnv1a;
use crate::algo::http::{CacheControl, Framing, Use, Via, body_of_request};
use crate::check::operation::Key;
use crate::persistent::OrdMap;
use crate::sim::id::NodeId;

use super::lines::{Errand, Lines, Stepped};
use super::message::{Method, Msg, Request, Sealed, Step};
use super::note::Note;
use super::places::{EDGE, FORWARD, REVERSE, blocked, ends_tls, is_address, is_app, name, resolve};
use super::pool::Pool;
use super::settings::{FilterBy, Inner, Upstream};
use super::shelf::{Entry, Shelf};
use super::sight::Sight;
use super::{Context, Timer};

/// The longest header that a proxy takes, in bytes. Above all it ends a circle that nobody looks for.
const HEADER_MOST: u64 = 2048;

/// Its process.
#[derive(Clone, Debug)]
pub struct Proxy {
    /// Requests that it passed on.
    pub lines: Lines<Job>,
    /// What it keeps.
    pub shelf: Shelf,
    /// The backends behind it.
    pub pool: Pool,
    /// Answers that slow clients are taking, by their number.
    pub(super) giving: OrdMap<u32, (NodeId, Msg)>,
    pub(super) given: u32,
}

/// What is to be done with an answer.
#[derive(Clone, Debug)]
pub struct Job {
    /// Who asked, and its number there.
    pub(super) back: (NodeId, u32),
    /// What for.
    pub(super) what: What,
    /// How often it was tried before.
    pub(super) tried: usize,
    /// When it was sent, by the monotonic clock.
    pub(super) asked: crate::sim::time::Time,
}

/// What an answer is for.
#[derive(Clone, Debug)]
pub(super) enum What {
    /// A step of somebody's connection, with so many left there.
    Step(usize),
    /// A message that only its two ends can read.
    Relay,
    /// A request that the proxy reads.
    Fetch(Fetch),
}

/// A request that the proxy reads.
#[derive(Clone, Debug)]
pub(super) struct Fetch {
    /// As it came.
    pub(super) request: Arc<Request>,
    /// By which TLS it came.
    pub(super) tls: Option<Key>,
    /// From which address.
    pub(super) peer: IpAddr,
    /// What is kept of it, and may not be given yet.
    pub(super) kept: Option<(Entry, Use)>,
}

impl Proxy {
    pub(super) fn boot(cx: &mut Context<'_>) -> Proxy {
        let pool = if cx.id() == REVERSE { Pool::boot(cx) } else { Pool::default() };
        let lines = Lines::boot(cx);
        Proxy { lines, shelf: Shelf::default(), pool, giving: OrdMap::new(), given: 0 }
    }

    /// Somebody opens a connection to it, or through it.
    pub(super) fn on_open(&mut self, from: NodeId, (call, left): (u32, usize), peer: IpAddr, step: Step, cx: &mut Context<'_>) {
        let back = (from, call);
        if step != Step::Tcp {
            cx.note(Note::Saw { from, sight: Sight::of_step(&step, peer, 60), request: None, plain: matches!(step, Step::Connect(_)) });
        }
        match step {
            Step::Tcp => opened(back, left, None, cx),
            Step::Connect(host) => self.connect(back, left, &host, cx),
            Step::Tls(_) if ends_tls(cx.id(), cx.settings()) => opened(back, left, None, cx),
            Step::Tls(host) => match self.next(&host, 0, None, cx) {
                Ok(to) => self.open(to, vec![Step::Tls(host)], back, left, cx),
                Err((status, why)) => opened(back, left, Some((status, why.into())), cx),
            },
        }
    }

    /// A client of the forward proxy wants a tunnel (RFC 9110, section 9.3.6).
    fn connect(&mut self, back: (NodeId, u32), left: usize, host: &Key, cx: &mut Context<'_>) {
        if cx.id() != FORWARD {
            return opened(back, left, Some((405, format!("{} is no forward proxy", name(cx.id())).into())), cx);
        }
        if is_blocked(host, cx) {
            cx.note(Note::Blocked { host: host.clone(), client: back.0 });
            return opened(back, left, Some((403, format!("forward blocks {host}").into())), cx);
        }
        match self.next(host, 0, None, cx) {
            Err((status, why)) => opened(back, left, Some((status, why.into())), cx),
            Ok(_) if ends_tls(FORWARD, cx.settings()) => opened(back, left, None, cx),
            Ok(to) => {
                let steps = self.lines.steps(to, None, None, cx);
                if steps.is_empty() { opened(back, left, None, cx) } else { self.open(to, steps, back, left, cx) }
            }
        }
    }

    fn open(&mut self, to: NodeId, steps: Vec<Step>, back: (NodeId, u32), left: usize, cx: &mut Context<'_>) {
        let job = Job { back, what: What::Step(left), tried: 0, asked: cx.steady() };
        self.begin(Errand { to, steps, load: None, back: job }, cx);
    }

    pub(super) fn begin(&mut self, errand: Errand<Job>, cx: &mut Context<'_>) {
        self.pool.begins(errand.to);
        let patience = cx.settings().try_timeout;
        self.lines.begin(errand, patience, None, cx);
    }

    pub(super) fn on_opened(&mut self, call: u32, left: usize, refused: Option<(u16, Key)>, cx: &mut Context<'_>) {
        match self.lines.on_opened(call, left, refused, cx) {
            Stepped::GoesOn => {}
            Stepped::Done(errand) => {
                self.pool.ends(errand.to, cx);
                if let What::Step(left) = errand.back.what {
                    opened(errand.back.back, left, None, cx);
                }
            }
            Stepped::Refused(errand, status, why) => self.gives_up(errand, (status, why), cx),
        }
    }

    /// A request that the proxy can read, or passes on as it is.
    pub(super) fn on_request(
        &mut self,
        (from, call): (NodeId, u32),
        peer: IpAddr,
        sealed: Sealed<Request>,
        bytes: u64,
        cx: &mut Context<'_>,
    ) {
        let opens = ends_tls(cx.id(), cx.settings());
        let sight = Sight::of(&sealed, peer, bytes, opens);
        let (reads, request, plain) = (sight.reads(), Arc::clone(&sealed.inner), sealed.tls.is_none());
        cx.note(Note::Saw { from, sight, request: Some(Arc::clone(&request)), plain });
        if reads {
            let fetch = Fetch { request, tls: sealed.tls, peer, kept: None };
            return self.read((from, call), fetch, cx);
        }
        let host = sealed.tls.clone().unwrap_or_default();
        match self.next(&host, key_of(peer), None, cx) {
            Ok(to) => {
                let job = Job { back: (from, call), what: What::Relay, tried: 0, asked: cx.steady() };
                self.begin(Errand { to, steps: Vec::new(), load: Some(sealed), back: job }, cx);
            }
            Err(_) => cx.send(from, Msg::Reset { call }),
        }
    }

    fn read(&mut self, back: (NodeId, u32), mut fetch: Fetch, cx: &mut Context<'_>) {
        if let Some((status, why)) = refuses(&fetch.request, cx) {
            if status == 403 {
                cx.note(Note::Blocked { host: fetch.request.url.host.clone(), client: back.0 });
            }
            return self.say(back, &fetch, status, &why, cx);
        }
        let request = Arc::clone(&fetch.request);
        if request.method == Method::Get && Proxy::keeps(cx) {
            match self.shelf.find(&request, cx) {
                Some((entry, Use::Fresh)) => return self.hit(back, &fetch, &entry, false, cx),
                found => fetch.kept = found,
            }
            let only = request.fields.get("cache-control").is_some_and(|text| CacheControl::read(&text).only_if_cached);
            if only {
                return self.say(back, &fetch, 504, "nothing is kept", cx);
            }
        }
        self.fetch(back, fetch, 0, None, cx);
    }

    /// Passes a request on, but not to `not` if there is another.
    pub(super) fn fetch(&mut self, back: (NodeId, u32), fetch: Fetch, tried: usize, not: Option<NodeId>, cx: &mut Context<'_>) {
        let to = match self.next(&fetch.request.url.host, key_of(fetch.peer), not, cx) {
            Ok(to) => to,
            Err((status, why)) => return self.say(back, &fetch, status, &why, cx),
        };
        let host = &fetch.request.url.host;
        let by_tls = if is_app(to) { cx.settings().inner == Inner::Tls } else { fetch.request.url.https };
        let tls = by_tls.then(|| host.clone());
        let request = super::pass::outgoing(&fetch, cx);
        let steps = self.lines.steps(to, None, tls.as_ref(), cx);
        let job = Job { back, what: What::Fetch(fetch), tried, asked: cx.steady() };
        self.begin(Errand { to, steps, load: Some(super::lines::sealed(tls.as_ref(), request)), back: job }, cx);
    }

    /// Where a request goes from here; the error is what is said instead.
    fn next(&mut self, host: &Key, key: u64, not: Option<NodeId>, cx: &mut Context<'_>) -> Result<NodeId, (u16, String)> {
        match cx.id() {
            FORWARD => {
                let servers = cx.servers().last().map_or(0, |id| id.index() + 1);
                resolve(host, servers, cx.settings()).ok_or_else(|| (502, format!("{host} leads nowhere")))
            }
            REVERSE if cx.settings().upstream == Upstream::Edge => Ok(EDGE),
            REVERSE => self.pool.pick(key, not, cx).ok_or_else(|| (503, "no backend".to_string())),
            _ => Ok(REVERSE),
        }
    }

    /// Whether it is a cache.
    pub(super) fn keeps(cx: &Context<'_>) -> bool {
        match cx.id() {
            FORWARD => cx.settings().forward_cache,
            REVERSE => cx.settings().reverse_cache,
            _ => true,
        }
    }

    pub(super) fn on_timer(&mut self, timer: Timer, cx: &mut Context<'_>) {
        match timer {
            Timer::Look => self.pool.look(cx),
            Timer::Give(number) => {
                if let Some((to, msg)) = self.giving.remove(&number) {
                    cx.send(to, msg);
                }
            }
            Timer::Due => {
                for errand in self.lines.tries.overdue(cx) {
                    let why = format!("{} did not answer", name(errand.to));
                    self.fails(errand, 504, why.into(), cx);
                }
            }
            Timer::Work(_) | Timer::Started => {}
        }
    }

    pub(super) fn on_reset(&mut self, call: u32, cx: &mut Context<'_>) {
        if let Some(errand) = self.lines.tries.end(call) {
            let why = format!("{} closed the connection", name(errand.to));
            self.fails(errand, 502, why.into(), cx);
        }
    }
}

pub(super) fn opened((to, call): (NodeId, u32), left: usize, refused: Option<(u16, Key)>, cx: &mut Context<'_>) {
    cx.send(to, Msg::Opened { call, left, refused });
}

fn key_of(peer: IpAddr) -> u64 {
    fnv1a(peer.to_string().as_bytes())
}

/// Why a proxy passes a request on to nobody, with the status of its answer.
fn refuses(request: &Request, cx: &mut Context<'_>) -> Option<(u16, String)> {
    let me = name(cx.id());
    let passed = request.fields.lines("via").any(|via| Via::passed(via, &me));
    if body_of_request(&request.fields) == Framing::Bad {
        return Some((400, "two lengths of one body".into()));
    }
    if passed && cx.settings().loop_check {
        cx.note(Note::Loops { url: request.url.clone() });
        return Some((508, format!("it has passed {me} before")));
    }
    if request.fields.bytes() > HEADER_MOST {
        return Some((431, "the header is too long".into()));
    }
    is_blocked(&request.url.host, cx).then(|| (403, format!("forward blocks {}", request.url.host)))
}

/// Whether the office blocks a host.
fn is_blocked(host: &str, cx: &Context<'_>) -> bool {
    let Some(site) = blocked(cx.settings()).filter(|_| cx.id() == FORWARD) else { return false };
    let by_address = cx.settings().filter_by == FilterBy::Address && is_address(host);
    host == name(site) || (by_address && resolve(host, super::places::FIRST_APP, cx.settings()) == Some(site))
}
