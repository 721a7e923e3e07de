//! The streams of changes between leaders. A sender goes through its log and skips what the receiver has; what is not confirmed in time
//! is sent again. A receiver takes the changes of each leader in their order, whoever brings them, and those of one stream in the order
//! of its sender. Its position is how far it is with each leader, so it stays right when the topology is changed.

use std::sync::Arc;

use crate::algo::version::Dot;
use crate::cluster::kit::fsync::{counts, durably};
use crate::persistent::OrdMap;
use crate::sim::id::NodeId;
use crate::sim::time::Span;

use super::change::{Batch, Change, Vector};
use super::disk::Changes;
use super::message::Msg;
use super::note::Note;
use super::settings::Topology;
use super::{Context, Timer};

/// What a leader knows of one that it sends to. Lost with a restart: then it begins anew, and the first confirmation says how far.
#[derive(Clone, Debug, Default)]
pub struct Stream {
    /// What the receiver has on its disk, as it said.
    pub confirmed: Vector,
    /// All of the log before here is confirmed, or not for this receiver.
    done: usize,
    /// All of the log before here is sent.
    next: usize,
}

/// A change that waits for its turn.
#[derive(Clone, Debug)]
pub struct Waiting {
    /// The change.
    change: Arc<Change>,
    /// What its stream brought before it.
    after: Option<Dot<NodeId>>,
}

/// The streams of one leader.
#[derive(Clone, Debug, Default)]
pub struct Streams {
    to: OrdMap<NodeId, Stream>,
    /// Changes that came before what has to come before them.
    pub waiting: OrdMap<Dot<NodeId>, Waiting>,
}

/// Whether a change is for a receiver that has not confirmed it.
fn is_due(change: &Change, way: (NodeId, NodeId), topology: Topology, confirmed: &Vector) -> bool {
    topology.carries(way.0, way.1, change.dot.actor) && !confirmed.covers(change.dot)
}

/// The last change of a stream before a place of the log.
fn previous(log: &Changes, at: usize, way: (NodeId, NodeId), topology: Topology) -> Option<Dot<NodeId>> {
    log.before(at).find(|change| topology.carries(way.0, way.1, change.dot.actor)).map(|change| change.dot)
}

impl Stream {
    /// Passes over what is confirmed.
    fn advance(&mut self, log: &Changes, way: (NodeId, NodeId), topology: Topology) {
        let confirmed = &self.confirmed;
        let passed = log.from(self.done).take_while(|change| !is_due(change, way, topology, confirmed)).count();
        self.done += passed;
        self.next = self.next.max(self.done);
    }

    /// What is to be sent now: as much as the window allows.
    fn batch(&mut self, log: &Changes, way: (NodeId, NodeId), topology: Topology, window: usize) -> Vec<Arc<Change>> {
        let confirmed = &self.confirmed;
        let is_due = |change: &Arc<Change>| is_due(change, way, topology, confirmed);
        let sent = self.next.saturating_sub(self.done);
        let mut room = window.saturating_sub(log.from(self.done).take(sent).filter(is_due).count());
        let mut batch = Vec::new();
        for change in log.from(self.next) {
            if is_due(&change) {
                if room == 0 {
                    break;
                }
                room -= 1;
                batch.push(change);
            }
            self.next += 1;
        }
        batch
    }
}

impl Streams {
    /// The stream to a leader, where there is one.
    pub fn to(&self, peer: NodeId) -> Option<&Stream> {
        self.to.get(&peer)
    }

    /// Something may be new on the disk: it is sent now, or in a while together with what follows.
    pub fn ship(&mut self, cx: &mut Context<'_>) {
        let (every, end) = (cx.settings().ship_every, counts(cx).log.len());
        if every == Span::ZERO {
            self.ship_now(cx);
        } else if downstream(cx).iter().any(|peer| self.to.get(peer).is_none_or(|stream| stream.next < end)) && end > 0 {
            cx.start_timer(every, Timer::Ship);
        }
    }

    /// Sends whatever is new on the disk to everybody that it is for.
    pub fn ship_now(&mut self, cx: &mut Context<'_>) {
        for peer in downstream(cx) {
            self.ship_to(peer, cx);
        }
    }

    fn ship_to(&mut self, peer: NodeId, cx: &mut Context<'_>) {
        let (way, topology, window) = ((cx.id(), peer), cx.settings().topology, cx.settings().window as usize);
        let stream = self.to.entry(peer).or_default();
        let log = &counts(cx).log;
        if stream.next >= log.len() {
            return;
        }
        stream.advance(log, way, topology);
        let first = stream.next;
        let batch = stream.batch(log, way, topology, window);
        if !batch.is_empty() {
            // Only now: where a leader has no changes of its own, the whole log would be gone through in vain.
            let after = previous(log, first, way, topology);
            let with_past = cx.settings().dependencies;
            cx.send(peer, Msg::Changes { changes: batch.into(), after, with_past });
            cx.start_timer(cx.settings().resend, Timer::Resend(peer));
        }
    }

    /// A receiver says how far it is. One that was further before has lost its disk: what it lacks is sent again.
    pub fn on_have(&mut self, from: NodeId, seen: &Vector, cx: &mut Context<'_>) {
        let (way, topology) = ((cx.id(), from), cx.settings().topology);
        let stream = self.to.entry(from).or_default();
        if stream.confirmed.iter().any(|(leader, known)| seen.counter(leader) < known) {
            *stream = Stream::default();
        }
        let before = stream.done;
        stream.confirmed.join(seen);
        stream.advance(&counts(cx).log, way, topology);
        if stream.done >= stream.next {
            cx.cancel_timer(Timer::Resend(from));
        } else if stream.done > before {
            cx.set_timer(cx.settings().resend, Timer::Resend(from));
        }
    }

    /// A receiver did not confirm in time: what it has not confirmed is sent again.
    pub fn resend(&mut self, peer: NodeId, cx: &mut Context<'_>) {
        if let Some(stream) = self.to.get_mut(&peer) {
            stream.next = stream.done;
        }
        if downstream(cx).contains(&peer) {
            self.ship_to(peer, cx);
        }
    }

    /// Takes in what came, as far as its turn has come, and says how far it is.
    pub fn on_changes(&mut self, from: NodeId, changes: &Batch, mut after: Option<Dot<NodeId>>, cx: &mut Context<'_>) {
        for change in changes.iter() {
            if !cx.disk().seen.covers(change.dot) {
                self.waiting.insert(change.dot, Waiting { change: change.clone(), after });
            }
            after = Some(change.dot);
        }
        self.take_what_can_be(cx);
        for change in changes.iter().filter(|change| self.waiting.contains_key(&change.dot)) {
            if cx.disk().is_next(change.dot) {
                cx.note(Note::Waits { change: change.clone() });
            }
        }
        durably(from, Msg::Have { seen: cx.disk().seen.clone() }, cx);
    }

    fn take_what_can_be(&mut self, cx: &mut Context<'_>) {
        let dependencies = cx.settings().dependencies;
        loop {
            let next = self.waiting.values().find(|waiting| waiting.can_be_taken(dependencies, cx)).cloned();
            let Some(Waiting { change, .. }) = next else { break };
            if super::leader::take(&change, cx).is_err() {
                // A full disk: it comes again.
                self.waiting.clear();
                return;
            }
            self.waiting.remove(&change.dot);
        }
        let seen = &cx.disk().seen;
        let over: Vec<Dot<NodeId>> = self.waiting.keys().filter(|dot| seen.covers(**dot)).copied().collect();
        for dot in over {
            self.waiting.remove(&dot);
        }
    }
}

impl Waiting {
    /// Whether the changes before it are there: those of its leader and of its stream, and where dependencies are sent all that its
    /// leader had.
    fn can_be_taken(&self, dependencies: bool, cx: &Context<'_>) -> bool {
        let seen = &cx.disk().seen;
        let has_past = || self.change.past.iter().all(|(leader, upto)| seen.counter(leader) >= upto);
        let in_turn = cx.disk().is_next(self.change.dot) && self.after.is_none_or(|before| seen.covers(before));
        in_turn && (!dependencies || has_past())
    }
}

fn downstream(cx: &Context<'_>) -> Vec<NodeId> {
    cx.settings().topology.downstream(cx.id(), cx.server_count())
}

/// Tells everybody who sends to this leader how far it is: after a restart nobody else knows.
pub(super) fn report(cx: &mut Context<'_>) {
    for peer in cx.settings().topology.upstream(cx.id(), cx.server_count()) {
        cx.send(peer, Msg::Have { seen: cx.disk().seen.clone() });
    }
}
