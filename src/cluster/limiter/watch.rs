//! What facts and judge remember: when what passed, by true time, and what became of each request.
//!
//! A request passes when it is counted: at a limiter, or at the shared store. What latency does to it after that is seen at the service.

use imbl::Vector;

use crate::check::operation::Key;
use crate::cluster::kit::judged::moment;
use crate::cluster::kit::recent::Rate;
use crate::cluster::live::{self, Seen, Spread};
use crate::persistent::{OrdMap, OrdSet};
use crate::sim::id::NodeId;
use crate::sim::time::{Span, Time};
use crate::sim::trace::{Entry, Leg, Trace};

use super::message::{ASK, Ticket};
use super::node::{address, key_of};
use super::note::Note;
use super::settings::{Basis, Counters, Settings};
use super::stream::{Measure, Stream, Worst};
use super::{RateLimiter, STORE, name};

/// The most marks that are kept for the picture.
const MARKS: usize = 2_000;
/// The most requests that are remembered as counted and not out.
const COUNTED: usize = 1_000;
/// The most keys that the picture shows.
pub(super) const SHOWN: usize = 3;
/// What counts as at once.
const AT_ONCE: Span = Span::ms(10);

/// Remembered beside the state.
#[derive(Clone, Debug, Default)]
pub struct Watch {
    /// Counts over the run so far.
    pub counts: Counts,
    /// What passed, by what it is counted for.
    pub by_key: OrdMap<Key, Stream>,
    /// The same by user.
    pub by_user: OrdMap<Key, Stream>,
    /// By address.
    pub by_address: OrdMap<Key, Stream>,
    /// All together.
    pub together: Stream,
    /// What reached the service, by what it is counted for.
    pub at_service: OrdMap<Key, Stream>,
    /// The most that reached the service within 10 ms.
    pub burst_at_service: Stream,
    /// The most that reached the limiters within 10 ms.
    pub burst_asked: Stream,
    /// By key: the number of the newest aligned window, and what passed in it.
    aligned: OrdMap<Key, (u64, usize)>,
    /// The most that passed in an aligned window.
    pub most_aligned: usize,
    /// What was counted and has not left yet, in order of time. The oldest are given up: their answers are lost.
    counted: Vector<Counted>,
    /// Of each user: passed and refused.
    pub users: OrdMap<Key, (usize, usize)>,
    /// Users that were refused below their own limit.
    pub innocent: OrdSet<Key>,
    /// How long requests waited in leaky queues.
    pub waits: Spread,
    /// The longest of these.
    pub longest_wait: Span,
    /// What the last refusal said.
    pub retry_after: Option<Span>,
    /// What passed of late.
    pub passing: Rate,
    /// What was refused of late.
    pub refusing: Rate,
    /// What came of late.
    pub asking: Rate,
    /// The first broken promises.
    pub broken: Broken,
    /// The keys that asked first, each with the node that counts it, for the picture.
    pub shown: Vector<Key>,
    /// What came of late, for the picture.
    pub marks: Vector<Mark>,
    /// Where a request was counted last, and for which key.
    pub last: Option<(NodeId, Key)>,
    /// What was counted by, and how long the watched windows were.
    basis: Option<(Basis, Span)>,
}

/// A request that passed or was refused.
#[derive(Clone, Debug)]
pub struct Mark {
    /// When.
    pub at: Time,
    /// By which limiter.
    pub limiter: NodeId,
    /// For which key.
    pub key: Key,
    /// Whether it passed.
    pub passed: bool,
}

/// A request that was counted before it leaves.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Counted {
    at: Time,
    limiter: NodeId,
    ticket: Ticket,
    /// Whether its limiter has decided, by this count or without it.
    settled: bool,
}

/// Counts that only grow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Requests that reached a limiter.
    pub asked: usize,
    /// They passed.
    pub passed: usize,
    /// They were refused, for whatever reason.
    pub refused: usize,
    /// Of these, below the limit of their own user.
    pub refused_innocent: usize,
    /// They waited in a leaky queue.
    pub waited: usize,
    /// They passed without being counted.
    pub fail_open: usize,
    /// They were refused because they could not be counted.
    pub fail_closed: usize,
    /// Questions to the store that were asked again.
    pub asked_again: usize,
    /// Requests that the store counted once more.
    pub counted_twice: usize,
    /// The service had no room.
    pub overloaded: usize,
    /// A caller came back after a refusal.
    pub came_back: usize,
}

/// The first that broke each promise, in a sentence.
#[derive(Clone, Debug, Default)]
pub struct Broken {
    /// More than the limit in a window.
    pub limit: Option<String>,
    /// More than burst and flow allow.
    pub rate: Option<String>,
    /// Too close to the one before.
    pub spaced: Option<String>,
    /// Refused below the own limit.
    pub fair: Option<String>,
    /// Refused.
    pub served: Option<String>,
    /// More than the limit in a window at the service.
    pub at_service: Option<String>,
}

/// What everything of now is held against.
fn measure(settings: &Settings) -> Measure {
    Measure { window: settings.window, watch: settings.watched(), flow: settings.flow() }
}

impl live::Watch<RateLimiter> for Watch {
    fn follow(&mut self, seen: &Seen<'_, RateLimiter>) {
        let settings = seen.sim.settings();
        self.start_anew(settings);
        for entry in seen.trace {
            match &entry.what {
                Trace::Note(who, note) => self.note(entry, *who, note, settings),
                Trace::Arrived(Leg { kind: ASK, from, .. }) if from.is_client() => self.asked(entry.at),
                _ => {}
            }
        }
    }
}

impl Watch {
    fn asked(&mut self, at: Time) {
        self.counts.asked += 1;
        self.asking.add(at);
        self.burst_asked.add(at, &AT_ONCE_ONLY);
    }

    /// Another limit is another question: what passed before it answers nothing. What was promised and broken stays so.
    fn start_anew(&mut self, settings: &Settings) {
        let (basis, watched) = (settings.basis(), settings.watched());
        let Some((before, watched_before)) = self.basis.replace((basis, watched)) else { return };
        if before == basis && watched_before != watched {
            self.watch_anew();
        }
        if before != basis {
            self.by_key = OrdMap::new();
            self.by_user = OrdMap::new();
            self.by_address = OrdMap::new();
            self.together = Stream::default();
            self.at_service = OrdMap::new();
            self.aligned = OrdMap::new();
            self.most_aligned = 0;
            self.shown = Vector::new();
            self.marks = Vector::new();
        }
    }

    /// Windows of another length are watched from now on.
    fn watch_anew(&mut self) {
        let anew = |streams: &OrdMap<Key, Stream>| streams.iter().map(|(key, stream)| (key.clone(), stream.watched_anew())).collect();
        self.by_key = anew(&self.by_key);
        self.by_user = anew(&self.by_user);
        self.by_address = anew(&self.by_address);
        self.at_service = anew(&self.at_service);
        self.together = self.together.watched_anew();
    }

    fn note(&mut self, entry: &Entry<Note>, who: NodeId, note: &Note, settings: &Settings) {
        let at = entry.at;
        match note {
            Note::Counted { limiter, ticket } => {
                self.last = Some((counter(who, settings), key_of(ticket, settings.by)));
                self.counted(*limiter, ticket, at);
            }
            Note::Passed { ticket, key, waited, blind } => {
                if !blind {
                    self.last = Some((counter(who, settings), key.clone()));
                }
                self.counts.fail_open += usize::from(*blind);
                self.waited(*waited);
                self.mark(at, who, key, true);
                // A request that nobody counted passes when it leaves.
                let counted = self.leaves(who, ticket).filter(|_| !blind);
                self.passed(counted.unwrap_or(at), ticket, key, settings);
                self.passing.add(at);
            }
            Note::Waits { key, .. } => {
                self.last = Some((who, key.clone()));
                self.counts.waited += 1;
            }
            Note::Refused { ticket, key, after } => {
                self.last = Some((counter(who, settings), key.clone()));
                self.retry_after = Some(*after);
                self.refused(at, who, ticket, key, settings);
            }
            Note::Closed { ticket, key } => {
                self.counts.fail_closed += 1;
                self.refused(at, who, ticket, key, settings);
            }
            Note::AskedAgain { .. } => self.counts.asked_again += 1,
            Note::Reached { ticket } => self.reached(at, ticket, settings),
            Note::Overloaded { .. } => self.counts.overloaded += 1,
            Note::ComesBack { .. } => self.counts.came_back += 1,
            Note::Forgot => {}
        }
    }

    fn counted(&mut self, limiter: NodeId, ticket: &Ticket, at: Time) {
        self.counts.counted_twice += usize::from(self.place_of(limiter, ticket).is_some());
        if self.counted.len() >= COUNTED {
            self.counted.pop_front();
        }
        self.counted.push_back(Counted { at, limiter, ticket: ticket.clone(), settled: false });
    }

    fn place_of(&self, limiter: NodeId, ticket: &Ticket) -> Option<usize> {
        self.counted.iter().position(|counted| counted.limiter == limiter && counted.ticket == *ticket)
    }

    /// When a request that leaves was counted, where that was before.
    fn leaves(&mut self, limiter: NodeId, ticket: &Ticket) -> Option<Time> {
        let at = self.place_of(limiter, ticket).map(|place| self.counted.remove(place).at);
        self.settle(limiter, ticket);
        at
    }

    /// A request is decided: what the store counted for it beside that lets nothing pass.
    fn settle(&mut self, limiter: NodeId, ticket: &Ticket) {
        let is_of = |counted: &&mut Counted| counted.limiter == limiter && counted.ticket == *ticket;
        self.counted.iter_mut().filter(is_of).for_each(|counted| counted.settled = true);
    }

    fn waited(&mut self, waited: Span) {
        self.longest_wait = self.longest_wait.max(waited);
        if waited > Span::ZERO {
            self.waits.add(waited);
        }
    }

    fn passed(&mut self, at: Time, ticket: &Ticket, key: &Key, settings: &Settings) {
        let measure = measure(settings);
        self.counts.passed += 1;
        self.users.entry(ticket.user.clone()).or_default().0 += 1;
        self.by_user.entry(ticket.user.clone()).or_default().add(at, &measure);
        self.by_address.entry(address(ticket.caller)).or_default().add(at, &measure);
        self.together.add(at, &measure);
        let stream = self.by_key.entry(key.clone()).or_default();
        stream.add(at, &measure);
        let (worst, early, close) = (stream.worst, stream.too_early, stream.too_close);
        self.judge_limit(key, worst, settings);
        if let (None, Some(early)) = (&self.broken.rate, early) {
            self.broken.rate = Some(format!("At {} one of {key} passed too early for its burst and rate.", moment(early)));
        }
        if let (None, Some(close)) = (&self.broken.spaced, close) {
            self.broken.spaced = Some(format!("At {} one of {key} passed too soon after the one before.", moment(close)));
        }
        self.align(at, key, settings);
    }

    fn judge_limit(&mut self, key: &Key, worst: Worst, settings: &Settings) {
        // The worst window is the witness: a worse one takes the place of the first.
        if worst.count > settings.limit as usize {
            self.broken.limit = Some(over(key, worst, settings, "passed"));
        }
    }

    /// Counts it in the window, from one multiple of its length to the next, that true time is in.
    fn align(&mut self, at: Time, key: &Key, settings: &Settings) {
        let number = at.0 / settings.window.0.max(1);
        let aligned = self.aligned.entry(key.clone()).or_insert((number, 0));
        if aligned.0 < number {
            *aligned = (number, 0);
        }
        // One that comes late, into a window before, counts for that one, which is over.
        aligned.1 += usize::from(aligned.0 == number);
        self.most_aligned = self.most_aligned.max(aligned.1);
    }

    fn refused(&mut self, at: Time, who: NodeId, ticket: &Ticket, key: &Key, settings: &Settings) {
        self.counts.refused += 1;
        self.refusing.add(at);
        self.mark(at, who, key, false);
        self.settle(who, ticket);
        self.users.entry(ticket.user.clone()).or_default().1 += 1;
        let of_user = self.by_user.get(&ticket.user).map_or(0, |stream| stream.count_to(at, settings.window));
        let is_leaving =
            |counted: &&Counted| !counted.settled && counted.ticket.user == ticket.user && at.since(counted.at) < settings.window;
        let leaving = self.counted.iter().filter(is_leaving).count();
        if self.broken.served.is_none() {
            self.broken.served = Some(format!("At {} {} refused a request of {}.", moment(at), name(who), ticket.user));
        }
        if of_user + leaving >= settings.limit as usize {
            return;
        }
        self.counts.refused_innocent += 1;
        self.innocent.insert(ticket.user.clone());
        if self.broken.fair.is_none() {
            let (user, window) = (&ticket.user, settings.window);
            let text = format!("At {} {user} was refused, though only {of_user} of its own had passed in the last {window}.", moment(at));
            self.broken.fair = Some(text);
        }
    }

    fn reached(&mut self, at: Time, ticket: &Ticket, settings: &Settings) {
        let key = key_of(ticket, settings.by);
        let stream = self.at_service.entry(key.clone()).or_default();
        stream.add(at, &measure(settings));
        if stream.worst.count > settings.limit as usize {
            self.broken.at_service = Some(over(&key, stream.worst, settings, "reached the service"));
        }
        self.burst_at_service.add(at, &AT_ONCE_ONLY);
    }

    fn mark(&mut self, at: Time, limiter: NodeId, key: &Key, passed: bool) {
        if self.shown.len() < SHOWN && !self.shown.contains(key) {
            self.shown.push_back(key.clone());
        }
        if !self.shown.contains(key) {
            return;
        }
        if self.marks.len() >= MARKS {
            self.marks.pop_front();
        }
        self.marks.push_back(Mark { at, limiter, key: key.clone(), passed });
    }

    /// Of these streams the one with the fullest watched window.
    pub fn worst(streams: &OrdMap<Key, Stream>) -> Option<(&Key, Worst)> {
        let mut worst: Option<(&Key, Worst)> = None;
        for (key, stream) in streams {
            if worst.is_none_or(|(_, known)| stream.watched.count > known.count) {
                worst = Some((key, stream.watched));
            }
        }
        worst
    }
}

/// The node that counts what this one decides.
fn counter(who: NodeId, settings: &Settings) -> NodeId {
    if settings.counters == Counters::Shared { STORE } else { who }
}

/// Only how many come within ten milliseconds.
const AT_ONCE_ONLY: Measure =
    Measure { window: AT_ONCE, watch: AT_ONCE, flow: crate::algo::limit::Flow { per_tick: 1, cost: 1, tolerance: u128::MAX >> 1 } };

fn over(key: &Key, worst: Worst, settings: &Settings, did: &str) -> String {
    let Worst { count, from, to } = worst;
    let (limit, window) = (settings.limit, settings.window);
    format!("{count} of {key} {did} from {} to {}, within {window}; the limit is {limit}.", moment(from), moment(to))
}
