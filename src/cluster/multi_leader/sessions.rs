//! What each client may rely on, and what depends on what: judged as it happens, by what leaders had when they answered and when they
//! took changes in. Values would not do, as one answer may show several of them.

use std::sync::Arc;

use crate::algo::version::Dot;
use crate::check::operation::{Key, Op};
use crate::check::verdict::{Guarantee, GuaranteeDoc, Holds, Verdict};
use crate::persistent::{OrdMap, OrdSet};
use crate::sim::id::{NodeId, RequestId};

use super::change::{Change, Vector};
use super::dots::Dots;
use super::fates::Fates;
use super::message::Done;
use super::request::Request;

/// Causes come before their effects, at every leader.
pub(super) const CAUSAL: Guarantee = Guarantee::new(&GuaranteeDoc {
    id: "causal",
    about: "No leader has a change without all that its leader had before it.",
    of_state: true,
});

/// What was found about one guarantee.
#[derive(Clone, Debug, Default)]
pub(super) struct Found {
    /// Whether something could have broken it.
    tested: bool,
    /// How it was broken first, and by which requests.
    broken: Option<(Arc<str>, Vec<u32>)>,
}

impl Found {
    /// It was put to the test once more.
    fn test(&mut self, broken: Option<(String, Vec<u32>)>) {
        self.tested = true;
        if self.broken.is_none() {
            self.broken = broken.map(|(why, witness)| (why.into(), witness));
        }
    }

    /// The verdict.
    pub(super) fn verdict(&self, guarantee: Guarantee) -> Verdict {
        let (holds, why, witness) = match &self.broken {
            Some((why, witness)) => (Holds::No, why.to_string(), witness.clone()),
            None if self.tested => (Holds::Yes, String::new(), Vec::new()),
            None => (Holds::Untested, "nothing to judge yet".to_string(), Vec::new()),
        };
        Verdict { guarantee, holds, why, witness }
    }
}

/// What one client did and saw of one row.
#[derive(Clone, Debug, Default)]
struct Seen {
    /// Its own changes that were acknowledged.
    wrote: Vector,
    /// The last of them that wrote the row whole.
    last: Option<Arc<Change>>,
    /// The writes that its last answer showed.
    shown: Arc<[Arc<Change>]>,
    /// Of its own acknowledged writes, and of all that any answer showed, those whose place nothing had taken when it was answered last.
    known: OrdSet<Dot<NodeId>>,
}

/// One client.
#[derive(Clone, Debug, Default)]
struct Session {
    rows: OrdMap<Key, Seen>,
    /// All its changes, and all writes that it was shown.
    wrote: Vector,
    saw: Vector,
}

/// What a client had done and seen when it asked.
#[derive(Clone, Debug)]
struct Before {
    client: NodeId,
    row: Seen,
    wrote: Vector,
    saw: Vector,
}

/// All clients, and what was found.
#[derive(Clone, Debug, Default)]
pub(super) struct Sessions {
    clients: OrdMap<NodeId, Session>,
    open: OrdMap<RequestId, Arc<Before>>,
    /// Of changes that are not everywhere yet: what their clients had done and seen.
    spreading: OrdMap<RequestId, Arc<Before>>,
    pub read_your_writes: Found,
    pub monotonic_reads: Found,
    pub monotonic_writes: Found,
    pub writes_follow_reads: Found,
    pub causal: Found,
}

/// The first change of a vector that another one does not have, as its leader and number.
fn missing(wanted: &Vector, has: &Vector) -> Option<(NodeId, u64)> {
    wanted.iter().find(|(leader, upto)| has.counter(*leader) < *upto)
}

fn numbers<'a>(changes: impl IntoIterator<Item = &'a Arc<Change>>) -> Vec<u32> {
    let mut all: Vec<u32> = changes.into_iter().filter_map(|change| change.number()).collect();
    all.sort_unstable();
    all.dedup();
    all
}

impl Sessions {
    /// A client asks.
    pub(super) fn call(&mut self, request: RequestId, client: NodeId, ask: &Request) {
        let session = self.clients.entry(client).or_default();
        let row = session.rows.get(ask.key()).cloned().unwrap_or_default();
        let before = Arc::new(Before { client, row, wrote: session.wrote.clone(), saw: session.saw.clone() });
        if ask.changes() {
            self.spreading.insert(request, before.clone());
        }
        self.open.insert(request, before);
    }

    /// It was answered. `own`: the change that it made.
    pub(super) fn ok(&mut self, request: RequestId, ask: &Request, (done, own): (&Done, Option<&Arc<Change>>), fates: &Fates) {
        let Some(before) = self.open.remove(&request) else { return };
        if done.dot.is_none() {
            // It was to change something, and changed nothing.
            self.spreading.remove(&request);
        }
        if matches!(ask, Request::Plain(Op::Read { .. })) {
            self.judge_read(request, &before, done);
        }
        let session = self.clients.entry(before.client).or_default();
        let key = own.map_or(ask.key(), |own| &own.key);
        let row = session.rows.entry(key.clone()).or_default();
        if let Some(own) = own {
            row.wrote.see(own.dot);
            session.wrote.see(own.dot);
            if own.is_write() {
                row.last = Some(own.clone());
                row.known.insert(own.dot);
            }
        } else {
            done.shows.iter().for_each(|change| session.saw.see(change.dot));
            row.shown = done.shows.clone();
            row.known.extend(done.shows.iter().map(|change| change.dot));
        }
        row.known = row.known.iter().filter(|dot| fates.stands(key, **dot)).copied().collect();
    }

    /// What the client of a request had written and seen of the row when it asked, as far as anything can take its place.
    pub(super) fn knew(&self, request: RequestId) -> Option<OrdSet<Dot<NodeId>>> {
        self.open.get(&request).map(|before| before.row.known.clone())
    }

    /// It ended otherwise. `never`: nothing has come of it, and nothing will.
    pub(super) fn end(&mut self, request: RequestId, never: bool) {
        self.open.remove(&request);
        if never {
            self.spreading.remove(&request);
        }
    }

    fn judge_read(&mut self, request: RequestId, before: &Before, done: &Done) {
        let (client, row) = (before.client, &before.row);
        if row.wrote.iter().next().is_some() {
            let broken = own_is_missing(row, done).map(|why| {
                let witness = numbers(row.last.iter()).into_iter().chain([request.0]).collect();
                (format!("{client} {why}"), witness)
            });
            self.read_your_writes.test(broken);
        }
        if !row.shown.is_empty() {
            let broken = row.shown.iter().find(|earlier| goes_back(earlier, done)).map(|earlier| {
                let why = format!("{client} had been shown {}, and then something older", earlier.label());
                (why, numbers([earlier]).into_iter().chain([request.0]).collect())
            });
            self.monotonic_reads.test(broken);
        }
    }

    /// A leader that had `had` takes a change in.
    pub(super) fn taken(&mut self, leader: NodeId, change: &Arc<Change>, had: &Vector, known: &Dots<Arc<Change>>) {
        let lacking = |wanted: &Vector| {
            let (of, upto) = missing(wanted, had)?;
            let first = known.first_from(Dot { actor: of, counter: had.counter(of) + 1 });
            let what = first.filter(|first| first.dot.counter <= upto);
            let name = what.as_ref().map_or_else(|| format!("what {of} had changed"), |what| what.label());
            let witness = numbers(what.iter().chain([change]));
            Some((format!("{leader} has {}, and not {name}, which came before it", change.label()), witness))
        };
        if leader != change.dot.actor && change.past.iter().any(|(origin, _)| origin != change.dot.actor) {
            self.causal.test(lacking(&change.past));
        }
        let Some(before) = change.request.and_then(|request| self.spreading.get(&request)) else { return };
        if before.wrote.iter().next().is_some() {
            self.monotonic_writes.test(lacking(&before.wrote));
        }
        if before.saw.iter().next().is_some() {
            self.writes_follow_reads.test(lacking(&before.saw));
        }
    }

    /// A change is everywhere.
    pub(super) fn spread(&mut self, change: &Change) {
        if let Some(request) = change.request {
            self.spreading.remove(&request);
        }
    }
}

/// Why an answer does not show what its client wrote, or what took its place.
fn own_is_missing(row: &Seen, done: &Done) -> Option<String> {
    let last = row.last.as_ref();
    let name = || last.map_or_else(|| "what it had changed".to_string(), |last| last.label());
    if missing(&row.wrote, &done.applied).is_some() {
        return Some(format!("did not see its own {}: this leader did not have it", name()));
    }
    let last = last?;
    let is_older = !done.shows.is_empty() && done.shows.iter().all(|shown| last.past.covers(shown.dot));
    is_older.then(|| format!("did not see its own {}, but what was there before it", name()))
}

/// Whether an answer shows less than an earlier one did.
fn goes_back(earlier: &Change, done: &Done) -> bool {
    let is_older = !done.shows.is_empty() && done.shows.iter().all(|shown| earlier.past.covers(shown.dot));
    !done.applied.covers(earlier.dot) || is_older
}
