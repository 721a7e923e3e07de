//! What the facts and the judges remember: what each leader took in, and what clients were told.

use std::sync::Arc;

use crate::algo::version::Dot;
use crate::check::operation::Key;
use crate::cluster::kit::reach::can_talk;
use crate::cluster::kit::register::Register;
use crate::cluster::live::{Seen, Watch as Follows};
use crate::persistent::{OrdMap, OrdSet};
use crate::sim::history::{Kind, Record};
use crate::sim::id::{NodeId, RequestId};
use crate::sim::kernel::Sim;
use crate::sim::time::{Span, Time};
use crate::sim::trace::Trace;

use super::MultiLeader;
use super::change::{Change, Vector};
use super::dots::{Dots, Pairs};
use super::fates::Fates;
use super::look::{disk, servers};
use super::message::Done;
use super::note::Note;
use super::request::Request;
use super::rules::Rules;
use super::sessions::Sessions;
use super::settings::Replaces;

/// How much of a server's log was looked at.
#[derive(Clone, Debug, Default)]
struct Looked {
    entries: usize,
    seen: Vector,
}

/// Remembered beside the state.
#[derive(Clone, Debug, Default)]
pub struct Watch {
    pub(super) register: Register,
    pub(super) sessions: Sessions,
    pub(super) fates: Fates,
    pub(super) rules: Rules,
    /// Every change, by its dot.
    known: Dots<Arc<Change>>,
    /// When each change that is not everywhere yet was taken.
    pub(super) taken_at: OrdMap<Dot<NodeId>, Time>,
    looked: Vec<Looked>,
    open: OrdMap<RequestId, (Arc<Request>, Time)>,
    /// Pairs of writes that did not know of each other.
    pub(super) conflicts: Pairs,
    /// The writes in them.
    pub(super) in_conflict: Dots<()>,
    /// Changes of rows that leaders took.
    pub(super) accepted: usize,
    /// Comments that a leader took in before what they answer.
    pub(super) early_answers: usize,
    /// Changes that waited for what they depend on.
    pub(super) waits: usize,
    /// Rows that hold more than a register does.
    pub(super) mixed: OrdSet<Key>,
    /// Whether anything has happened that can lose an acknowledged write.
    pub(super) risked: bool,
    /// Whether some client can have a change accepted.
    pub(super) serving: bool,
    /// How long each client's last change took.
    pub(super) took: OrdMap<NodeId, Span>,
    /// The key that was changed last.
    pub(super) last: Option<Key>,
}

impl Follows<MultiLeader> for Watch {
    const WAYS: u64 = 160 << 10;

    fn follow(&mut self, seen: &Seen<'_, MultiLeader>) {
        self.register.follow(seen);
        match seen.touched {
            Some(id) if id.is_client() => {}
            Some(id) => self.look_at(id, seen.sim),
            None => {
                servers(seen.sim).for_each(|id| self.look_at(id, seen.sim));
                self.serving = serves(seen.sim);
                self.risked |= !self.known.is_empty() && servers(seen.sim).any(|id| !seen.sim.node(id).is_up());
            }
        }
        for entry in seen.trace {
            if let Trace::Note(_, note) = &entry.what {
                self.note(note);
            }
        }
        for record in seen.records {
            self.record(record, seen.sim);
        }
    }
}

impl Watch {
    /// What a server has taken in since it was looked at.
    fn look_at(&mut self, id: NodeId, sim: &Sim<MultiLeader>) {
        self.looked.resize(self.looked.len().max(sim.servers().into()), Looked::default());
        let disk = disk(sim, id);
        let mut looked = std::mem::take(&mut self.looked[id.index()]);
        if disk.log.len() < looked.entries {
            looked = Looked { entries: disk.log.len(), seen: disk.seen.clone() };
            self.fates.shrunk(id, &disk.seen);
            self.risked = true;
        }
        for change in disk.log.from(looked.entries) {
            self.taken(id, &change, &looked.seen, sim);
            looked.seen.see(change.dot);
        }
        looked.entries = disk.log.len();
        self.looked[id.index()] = looked;
    }

    fn taken(&mut self, id: NodeId, change: &Arc<Change>, had: &Vector, sim: &Sim<MultiLeader>) {
        if id == change.dot.actor {
            if self.known.insert(change.dot, change.clone()).is_some_and(|before| before != *change) {
                self.fates.number_is_reused(change.dot);
            }
            self.taken_at.insert(change.dot, sim.now());
            self.accepted += usize::from(change.request.is_some());
            self.last = Some(change.key.clone());
            let knew = change.request.and_then(|request| self.knew(request, sim));
            self.fates.accepted(change, knew.as_ref());
        } else {
            self.fates.spread(change, sim);
        }
        self.sessions.taken(id, change, had, &self.known);
        if servers(sim).all(|id| disk(sim, id).seen.covers(change.dot)) {
            self.sessions.spread(change);
            self.taken_at.remove(&change.dot);
        }
    }

    /// Of a write whose client did not look at the row, and that is to replace no more than what it has seen: that.
    fn knew(&self, request: RequestId, sim: &Sim<MultiLeader>) -> Option<OrdSet<Dot<NodeId>>> {
        let settings = sim.settings();
        let (ask, _) = self.open.get(&request)?;
        let by_client = settings.keeps_siblings() && settings.replaces == Replaces::Seen && ask.is_blind();
        by_client.then(|| self.sessions.knew(request)).flatten()
    }

    fn note(&mut self, note: &Note) {
        match note {
            Note::Conflict(conflict) => {
                self.risked = true;
                for other in conflict.there.iter() {
                    self.conflicts.insert(conflict.came.dot, other.dot);
                    self.in_conflict.insert(conflict.came.dot, ());
                    self.in_conflict.insert(other.dot, ());
                }
            }
            Note::OwnLost { .. } => self.risked = true,
            Note::EarlyAnswer { .. } => self.early_answers += 1,
            Note::Waits { .. } => self.waits += 1,
            _ => {}
        }
    }

    fn record(&mut self, record: &Record<Request, Done>, sim: &Sim<MultiLeader>) {
        let request = record.request;
        match &record.kind {
            Kind::Invoke(ask) => {
                self.sessions.call(request, record.client, ask);
                self.rules.call(request.0, ask);
                if ask.register().is_none() {
                    self.mixed.insert(ask.key().clone());
                }
                self.open.insert(request, (Arc::new(ask.clone()), record.time));
            }
            Kind::Ok(done) => {
                let Some((ask, called)) = self.open.remove(&request) else { return };
                let own = done.dot.and_then(|dot| self.known.get(dot));
                self.sessions.ok(request, &ask, (done, own.as_ref()), &self.fates);
                if let Some(dot) = done.dot {
                    self.took.insert(record.client, record.time.since(called));
                    self.fates.acked(request, dot, sim);
                }
                self.mixed.extend(own.filter(|own| own.inserted.is_some()).map(|own| own.key.clone()));
                self.rules.ok(request.0, &ask, &done.ret);
            }
            ended => {
                let asked = self.open.remove(&request);
                if let (Kind::Refused(_), Some((ask, _))) = (ended, asked) {
                    self.rules.refused(request.0, &ask);
                }
                self.sessions.end(request, matches!(ended, Kind::Refused(_) | Kind::Failed(_)));
            }
        }
    }
}

/// Whether some client can have a change accepted by its leader.
fn serves(sim: &Sim<MultiLeader>) -> bool {
    let takes = |id: NodeId| sim.node(id).is_up() && !sim.node(id).is_paused() && !sim.node(id).store().is_full();
    sim.ids().filter(|id| id.is_client()).any(|client| match sim.node(client).state() {
        Some(MultiLeader::Client(state)) => takes(state.leader) && can_talk(sim, client, state.leader),
        _ => false,
    })
}
