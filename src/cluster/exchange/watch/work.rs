//! What became of calls: how they ended, who worked on them, and for how long after nobody wanted them.

use imbl::Vector;

use crate::cluster::exchange::note::{End, Note};
use crate::cluster::live::Spread;
use crate::persistent::{OrdMap, OrdSet};
use crate::sim::id::NodeId;
use crate::sim::time::{Span, Time};

/// A call by its caller and its number there.
type Click = (NodeId, u32);

/// What is remembered.
#[derive(Clone, Debug, Default)]
pub struct Works {
    /// Calls that were made.
    pub made: usize,
    /// How they ended.
    pub done: usize,
    /// Their time was over.
    pub late: usize,
    /// Otherwise.
    pub failed: usize,
    /// Those that stood behind others.
    pub stood: usize,
    /// Further tries.
    pub retries: usize,
    /// Effects that are on the disk.
    pub charges: usize,
    /// Effects of each call that had one.
    charged: OrdMap<Click, usize>,
    /// Calls with more than one.
    pub charged_twice: usize,
    /// Calls that have not ended at their callers: since when, and until when they may last.
    pub open: OrdMap<Click, (Time, Time)>,
    /// Calls that have ended after that.
    pub overdue: usize,
    /// Calls that were made while another of the same caller was open.
    pub beside: usize,
    /// Calls that were tried again.
    tried_again: OrdSet<Click>,
    /// Where each call is on its way, as far as its deadline goes.
    ways: OrdMap<Click, Way>,
    /// Work that goes on, by server and number.
    jobs: OrdMap<(NodeId, u32), Job>,
    /// Work so far.
    pub worked: OrdMap<NodeId, Span>,
    /// Of it, for nobody.
    pub wasted: OrdMap<NodeId, Span>,
    /// Work that was stopped because nobody wanted it.
    pub stopped: usize,
    /// From the call to its first byte, and to its last, of those that were answered.
    pub firsts: Spread,
    /// To the last.
    pub lasts: Spread,
    /// The longest.
    pub longest: Span,
    /// The last.
    pub last: Option<Span>,
}

/// A call without a deadline that waits for longer waits for ever, as far as a user can tell.
const FOR_EVER: Span = Span::s(10);
/// Timers and the clock of a simulation may differ by a rounding of nanoseconds.
pub(in crate::cluster::exchange) const ROUNDING: Span = Span(1_000);

/// How far a call is.
#[derive(Clone, Copy, Debug)]
struct Way {
    /// When it was sent to where it goes now.
    sent: Time,
    /// When its caller stops waiting, and the time that it took to get here, which nobody can take back.
    wanted: Option<Time>,
    /// At its caller.
    until: Option<Time>,
}

#[derive(Clone, Copy, Debug)]
struct Job {
    click: Click,
    since: Time,
    wanted: Option<Time>,
}

/// What a node does for calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Working {
    /// Which node.
    pub node: NodeId,
    /// Whether somebody wants at least one of its jobs.
    pub wanted: bool,
}

impl Job {
    /// How much of it was for nobody by then.
    fn wasted(&self, at: Time) -> Span {
        self.wanted.map_or(Span::ZERO, |wanted| at.since(wanted.max(self.since)))
    }
}

impl Works {
    pub(super) fn note(&mut self, at: Time, who: NodeId, note: &Note) {
        match note {
            Note::Called { click, deadline } => {
                self.made += 1;
                self.beside += usize::from(self.open.keys().any(|other| other.0 == click.0));
                let until = deadline.map(|deadline| at + deadline);
                self.open.insert(*click, (at, at + deadline.unwrap_or(FOR_EVER)));
                self.ways.insert(*click, Way { sent: at, wanted: until, until });
            }
            Note::Retry { click } => {
                self.retries += 1;
                self.tried_again.insert(*click);
                if let Some(way) = self.ways.get_mut(click) {
                    (way.sent, way.wanted) = (at, way.until);
                }
            }
            Note::Passes { click } => {
                if let Some(way) = self.ways.get_mut(click) {
                    way.sent = at;
                }
            }
            Note::Works { job, click } => self.works(at, (who, *job), *click),
            Note::Rests { job, stopped, .. } => {
                self.stopped += usize::from(*stopped);
                self.rests(at, (who, *job));
            }
            Note::Ended { click, end, first, last, stood } => self.ended(at, *click, *end, (*first, *last), *stood),
            _ => {}
        }
    }

    fn works(&mut self, at: Time, job: (NodeId, u32), click: Click) {
        let way = self.ways.get_mut(&click).map(|way| {
            way.wanted = way.wanted.map(|wanted| wanted + at.since(way.sent));
            *way
        });
        // A server that was started again numbers its jobs anew: what it had is over.
        self.rests(at, job);
        self.jobs.insert(job, Job { click, since: at, wanted: way.and_then(|way| way.wanted) });
    }

    fn rests(&mut self, at: Time, job: (NodeId, u32)) {
        let Some(known) = self.jobs.remove(&job) else { return };
        add(&mut self.worked, job.0, at.since(known.since));
        add(&mut self.wasted, job.0, known.wasted(at));
        if !self.open.contains_key(&known.click) && !self.jobs.values().any(|other| other.click == known.click) {
            self.ways.remove(&known.click);
        }
    }

    fn ended(&mut self, at: Time, click: Click, end: End, (first, last): (Span, Span), stood: bool) {
        let until = self.open.remove(&click).map(|(_, until)| until);
        self.overdue += usize::from(until.is_some_and(|until| at > until + ROUNDING));
        match end {
            End::Done => self.done += 1,
            End::Deadline => self.late += 1,
            End::Failed => self.failed += 1,
        }
        self.stood += usize::from(stood);
        if end == End::Done {
            self.firsts.add(first);
            self.lasts.add(last);
            self.longest = self.longest.max(last);
        }
        self.last = Some(last);
    }

    /// What is on the disk of the last service: a loss of power takes back what was not synced.
    pub(super) fn effects(&mut self, effects: &Vector<Click>) {
        if effects.len() < self.charges {
            (self.charges, self.charged_twice, self.charged) = (0, 0, OrdMap::new());
        }
        for click in effects.iter().skip(self.charges) {
            let times = self.charged.entry(*click).or_default();
            *times += 1;
            self.charged_twice += usize::from(*times == 2);
        }
        self.charges = effects.len();
    }

    /// A server has died, and what it worked on with it.
    pub fn died(&mut self, at: Time, node: NodeId) {
        let jobs: Vec<(NodeId, u32)> = self.jobs.keys().filter(|(of, _)| *of == node).copied().collect();
        for job in jobs {
            self.rests(at, job);
        }
    }

    /// Calls that have waited for longer than they may, by then.
    pub fn too_long(&self, at: Time) -> usize {
        self.overdue + self.open.values().filter(|(_, until)| at > *until + ROUNDING).count()
    }

    /// Whether a call that was charged for was tried again.
    pub fn tries_charged(&self) -> bool {
        self.tried_again.iter().any(|click| self.charged.contains_key(click))
    }

    /// How many calls servers have.
    pub fn at_work(&self) -> usize {
        self.jobs.len()
    }

    /// Work for nobody by then, of each server, what goes on included.
    pub fn wasted_by(&self, at: Time) -> OrdMap<NodeId, Span> {
        let mut all = self.wasted.clone();
        for ((node, _), job) in &self.jobs {
            add(&mut all, *node, job.wasted(at));
        }
        all
    }

    /// Servers that work on something.
    pub fn doing(&self, at: Time) -> Vec<Working> {
        let mut all: Vec<Working> = Vec::new();
        for ((node, _), job) in &self.jobs {
            let wanted = job.wanted.is_none_or(|wanted| at < wanted);
            match all.iter_mut().find(|known| known.node == *node) {
                Some(known) => known.wanted |= wanted,
                None => all.push(Working { node: *node, wanted }),
            }
        }
        all
    }
}

fn add(all: &mut OrdMap<NodeId, Span>, node: NodeId, more: Span) {
    let sum = all.entry(node).or_default();
    *sum = *sum + more;
}
