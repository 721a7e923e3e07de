//! What facts and judge remember: how calls and requests ended, and the first promise of each kind that was broken.

use crate::cluster::kit::judged::moment;
use crate::cluster::kit::recent::{Rate, Recent};
use crate::cluster::kit::served::Served;
use crate::cluster::live::Seen;
use crate::persistent::{OrdMap, OrdSet};
use crate::sim::history::{Cause, Kind, Record};
use crate::sim::id::{NodeId, RequestId};
use crate::sim::kernel::Sim;
use crate::sim::time::{Span, Time};
use crate::sim::trace::{Entry, Leg, Trace};

use super::lane::Phase;
use super::message::{Bad, End, Fail, Op, QUERY, Ret, Token, Way};
use super::node::Gateway;
use super::note::Note;
use super::words::{Path, Service};
use super::{DB, Shop, gateways, is_gateway, name};

/// Retries within the same slice of this length count as at once.
const AT_ONCE: Span = Span::ms(10);

/// Remembered beside the state.
#[derive(Clone, Debug, Default)]
pub struct Watch {
    /// What users asked and got.
    pub served: Served,
    /// What each client asked and got, of late.
    pub clients: OrdMap<NodeId, Asked>,
    /// Response times by path, of the last second.
    pub by_path: [Recent; Path::ALL.len()],
    paths: OrdMap<RequestId, Path>,
    /// Each service, as its gateways see it.
    pub services: [Calls; Service::ALL.len()],
    /// Counts over the run so far.
    pub counts: Counts,
    /// Retries that were sent of late.
    pub retries: Rate,
    /// Retries in the newest slice of 10 ms, its number, and the most in one.
    at_once: (u64, u32),
    /// The most retries within 10 ms.
    pub most_at_once: u32,
    /// Tokens that are good no longer, and since when.
    revoked: OrdMap<(NodeId, u32), Time>,
    /// Up to when requests at a gateway are not held against it: it stood still.
    pub excused: OrdMap<NodeId, Time>,
    standing: OrdSet<NodeId>,
    /// What was promised when it was looked at last.
    #[expect(clippy::option_option, reason = "it was not looked at yet, and nothing was promised, are two things")]
    promised: Option<Option<Span>>,
    /// Requests to gateways that have not ended, each with the token that its user had.
    due: OrdMap<RequestId, Token>,
    /// The first broken promises.
    pub broken: Broken,
}

/// What a client asked and got.
#[derive(Clone, Copy, Debug, Default)]
pub struct Asked {
    /// Requests that it began.
    pub offered: Rate,
    /// Requests that were answered well.
    pub good: Rate,
    /// Requests that were not.
    pub bad: Rate,
}

/// The calls to a service.
#[derive(Clone, Copy, Debug, Default)]
pub struct Calls {
    /// They were made.
    pub made: Rate,
    /// They came to nothing: an error, no answer in time, no room.
    pub failed: Rate,
    /// The breaker let them not through.
    pub refused_breaker: usize,
    /// The bulkhead was full.
    pub refused_bulkhead: usize,
    /// How often the breaker opened.
    pub opened: usize,
}

/// Counts that only grow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Requests that gateways answered, in whatever way.
    pub answered: usize,
    /// Answers that left something out, or had something old.
    pub partial: usize,
    /// Requests that came without a good token.
    pub rejected: usize,
    /// Requests that found no room at the gateway.
    pub full: usize,
    /// Requests whose time was over.
    pub late: usize,
    /// First tries of calls.
    pub first: usize,
    /// Retries that waited.
    pub rested: usize,
    /// Retries that the budget did not allow.
    pub over_budget: usize,
    /// Calls for requests without a good token.
    pub unauthorised: usize,
    /// What came past the gateway and was done.
    pub past: usize,
    /// Questions to `auth`.
    pub checked: usize,
    /// Verdicts of `auth` that were remembered.
    pub believed: usize,
    /// Payments that were known and not made again.
    pub known: usize,
    /// Questions that reached the database.
    pub queries: usize,
    /// The longest time from coming to a gateway to its answer.
    pub slowest: Span,
    /// The most workers that were busy.
    pub busy_most: usize,
    /// The most requests that waited for a worker.
    pub waiting_most: usize,
    /// The most workers that waited for one service.
    pub held_most: u32,
}

/// The first that broke each promise, in a sentence.
#[derive(Clone, Debug, Default)]
pub struct Broken {
    /// Answered late.
    pub on_time: Option<String>,
    /// Called for who has no token.
    pub authorised: Option<String>,
    /// One retry too many.
    pub budget: Option<String>,
    /// One service held all workers.
    pub isolated: Option<String>,
    /// A request failed.
    pub served: Option<String>,
}

impl crate::cluster::live::Watch<Shop> for Watch {
    const WAYS: u64 = 128 << 10;

    fn follow(&mut self, seen: &Seen<'_, Shop>) {
        let now = seen.sim.now();
        self.served.response.pass(now);
        self.by_path.iter_mut().for_each(|recent| recent.pass(now));
        for record in seen.records {
            self.record(record, seen.sim);
        }
        for entry in seen.trace {
            match &entry.what {
                Trace::Note(who, note) => self.note(entry, *who, note, seen.sim),
                Trace::Arrived(Leg { kind: QUERY, to: DB, .. }) => self.counts.queries += 1,
                _ => {}
            }
        }
        if seen.touched.is_none_or(is_gateway) {
            self.look(seen.sim);
        }
    }
}

impl Watch {
    /// How many calls were made.
    pub fn called(&self) -> u64 {
        self.services.iter().map(|calls| calls.made.total()).sum()
    }

    fn record(&mut self, record: &Record<Op, Ret>, sim: &Sim<Shop>) {
        self.serve(record, sim);
        let took = self.served.record(record);
        let client = self.clients.entry(record.client).or_default();
        match &record.kind {
            Kind::Invoke(_) => client.offered.add(record.time),
            Kind::Ok(_) => client.good.add(record.time),
            _ => client.bad.add(record.time),
        }
        if let Kind::Invoke(op) = &record.kind {
            if let Some(path) = op.what.path() {
                self.paths.insert(record.request, path);
            }
            return;
        }
        let path = self.paths.remove(&record.request);
        if let (Some(path), Some(took), Kind::Ok(_)) = (path, took, &record.kind) {
            self.by_path[path as usize].add(record.time, took);
        }
    }

    /// A request that nobody answers is served badly, if its token was good when it began.
    fn serve(&mut self, record: &Record<Op, Ret>, sim: &Sim<Shop>) {
        match &record.kind {
            Kind::Invoke(op) if op.way == Way::Token && op.what.path().is_some() => {
                if let Some(Shop::User(user)) = sim.node(record.client).state()
                    && self.is_good(Some(user.token), record.time)
                {
                    self.due.insert(record.request, user.token);
                }
            }
            Kind::Invoke(_) => {}
            kind => {
                let was_due = self.due.remove(&record.request).is_some();
                if was_due && matches!(kind, Kind::Failed(Cause::NoAnswer) | Kind::Unknown(Cause::NoAnswer)) {
                    let text = || format!("At {} {} had no answer to a request.", moment(record.time), record.client);
                    self.broken.served.get_or_insert_with(text);
                }
            }
        }
    }

    fn note(&mut self, entry: &Entry<Note>, who: NodeId, note: &Note, sim: &Sim<Shop>) {
        let at = entry.at;
        match note {
            Note::Called { service, attempt, came, user, token } => {
                self.services[*service as usize].made.add(at);
                self.attempted(*attempt, at);
                // The time of day at which it came, whatever the gateway's clock says: what it has waited is counted well enough.
                let waited = sim.node(who).clock().steady(at).since(*came);
                let came = Time(at.0.saturating_sub(waited.0));
                self.authorise(*token, came, || format!("{} was called for {user}, which had no good token", service.name()), at);
            }
            Note::Past { user, what, token } => {
                self.counts.past += 1;
                self.authorise(*token, at, || format!("{} did `{what}` for {user}, which came past the gateway", name(who)), at);
            }
            Note::Returned { service, failed: Some(fail) } if *fail != Fail::Missing => self.services[*service as usize].failed.add(at),
            Note::GivenUp { service, late: true } => self.services[*service as usize].failed.add(at),
            Note::Rests { service, retries, calls, .. } => self.rests(*service, (*retries, *calls), at, sim),
            Note::OverBudget { .. } => self.counts.over_budget += 1,
            Note::Turned { service, phase: Phase::Open } => self.services[*service as usize].opened += 1,
            Note::Kept { service, fail } => self.kept(*service, *fail),
            Note::Answered { path, took, token, end } => self.answered((*path, *took, end), (who, *token), at, sim),
            Note::Checks { .. } => self.counts.checked += 1,
            Note::Believes { .. } => self.counts.believed += 1,
            Note::Revoked { token } => _ = self.revoked.insert((token.owner, token.number), at),
            Note::Known { .. } => self.counts.known += 1,
            Note::Returned { .. }
            | Note::GivenUp { .. }
            | Note::Turned { .. }
            | Note::Issued { .. }
            | Note::Paid { .. }
            | Note::AsksAgain { .. } => {}
        }
    }

    fn attempted(&mut self, attempt: u32, at: Time) {
        if attempt == 1 {
            self.counts.first += 1;
            return;
        }
        self.retries.add(at);
        let slice = at.0 / AT_ONCE.0;
        self.at_once = if self.at_once.0 == slice { (slice, self.at_once.1 + 1) } else { (slice, 1) };
        self.most_at_once = self.most_at_once.max(self.at_once.1);
    }

    /// Something is done for a request that came then with this token.
    fn authorise(&mut self, token: Option<Token>, came: Time, what: impl Fn() -> String, at: Time) {
        if self.is_good(token, came) {
            return;
        }
        self.counts.unauthorised += 1;
        self.broken.authorised.get_or_insert_with(|| format!("At {} {}.", moment(at), what()));
    }

    /// Whether a token was good at this time of day.
    fn is_good(&self, token: Option<Token>, then: Time) -> bool {
        let is_revoked = |token: &Token| self.revoked.get(&(token.owner, token.number)).is_some_and(|since| *since < then);
        token.is_some_and(|token| token.lasts(then) && !is_revoked(&token))
    }

    fn rests(&mut self, service: Service, (retries, calls): (u32, u32), at: Time, sim: &Sim<Shop>) {
        self.counts.rested += 1;
        let most = sim.settings().judged_budget().most(calls);
        if retries > most {
            let text = || {
                format!(
                    "At {} {retries} retries to {} wait or are under way beside {calls} calls; {most} are the most.",
                    moment(at),
                    service.name()
                )
            };
            self.broken.budget.get_or_insert_with(text);
        }
    }

    fn kept(&mut self, service: Service, fail: Fail) {
        let calls = &mut self.services[service as usize];
        calls.refused_breaker += usize::from(fail == Fail::Open);
        calls.refused_bulkhead += usize::from(fail == Fail::Bulkhead);
    }

    fn answered(&mut self, (path, took, end): (Path, Span, &End), (who, token): (NodeId, Option<Token>), at: Time, sim: &Sim<Shop>) {
        let was_good = self.is_good(token, Time(at.0.saturating_sub(took.0)));
        let counts = &mut self.counts;
        counts.answered += 1;
        counts.slowest = counts.slowest.max(took);
        match end {
            End::Well(ret) => counts.partial += usize::from(ret.is_partial()),
            End::Badly { bad, .. } => {
                counts.rejected += usize::from(*bad == Bad::NoToken);
                counts.full += usize::from(*bad == Bad::Full);
                counts.late += usize::from(*bad == Bad::Late);
                // What a user asks wrongly is answered as it should be.
                let is_right = matches!(bad, Bad::NoRoute | Bad::Of(_, Fail::Missing)) || (*bad == Bad::NoToken && !was_good);
                if !is_right {
                    let text = || format!("At {} {} failed: {}.", moment(at), path.name(), bad.says());
                    self.broken.served.get_or_insert_with(text);
                }
            }
        }
        let Some(promised) = sim.settings().answered_within() else { return };
        let came = Time(sim.node(who).clock().steady(at).0.saturating_sub(took.0));
        if took > promised && self.excused.get(&who).is_none_or(|until| came > *until) {
            let text = || format!("At {} {} was answered after {took}; {promised} is promised.", moment(at), path.name());
            self.broken.on_time.get_or_insert_with(text);
        }
    }

    /// A gateway has changed, or anything may have.
    fn look(&mut self, sim: &Sim<Shop>) {
        for (id, gateway) in gateways(sim) {
            let busy = gateway.slots.len();
            self.counts.busy_most = self.counts.busy_most.max(busy);
            self.counts.waiting_most = self.counts.waiting_most.max(gateway.line.len());
            for service in Service::ALL {
                let held = gateway.lanes[service as usize].holding();
                self.counts.held_most = self.counts.held_most.max(held);
                let workers = sim.settings().workers;
                if held >= workers && self.broken.isolated.is_none() && holds_all(gateway, service, workers) {
                    let all = if workers == 1 { "the only worker".to_string() } else { format!("all {workers} workers") };
                    self.broken.isolated = Some(format!("At {} {} held {all} of {}.", moment(sim.now()), service.name(), name(id)));
                }
            }
        }
        self.excuse(sim);
    }

    /// Whoever stands still, or has just stood still, is excused for what it has so far.
    fn excuse(&mut self, sim: &Sim<Shop>) {
        let promised = sim.settings().answered_within();
        let is_new = self.promised.replace(promised).is_some_and(|before| before != promised);
        for id in sim.server_ids().filter(|id| is_gateway(*id)) {
            let node = sim.node(id);
            let stands = node.is_paused() || node.slowness() > 1.0;
            let stood = if stands { !self.standing.insert(id) } else { self.standing.remove(&id).is_some() };
            // What has come under another promise is not held to this one.
            if stands || stood || is_new {
                self.excused.insert(id, node.clock().steady(sim.now()));
            }
        }
    }
}

/// Whether every worker of a gateway waits for this service. Of more than there may be now some are of another setting.
/// In a home that is gathered from several, the worker waits for none alone; here each counts.
fn holds_all(gateway: &Gateway, service: Service, workers: u32) -> bool {
    let waits = |number: &u32| {
        let pieces = gateway.jobs.get(number).map_or(&[][..], |job| &job.pieces);
        pieces.iter().any(|piece| piece.service == service && piece.at.is_under_way())
    };
    gateway.slots.len() == workers as usize && gateway.slots.values().all(waits)
}

/// Of each gateway that runs: how long its oldest request has waited that it was not excused for.
pub(super) fn oldest(sim: &Sim<Shop>, excused: &OrdMap<NodeId, Time>) -> Vec<(NodeId, Span)> {
    let waits = |(id, gateway): (NodeId, &super::node::Gateway)| {
        let node = sim.node(id);
        let is_held = |came: Time| excused.get(&id).is_none_or(|until| came > *until);
        let mut open = gateway.jobs.values().filter(|job| !job.told && is_held(job.came));
        let first = open.next().filter(|_| !node.is_paused())?;
        Some((id, node.clock().steady(sim.now()).since(first.came)))
    };
    gateways(sim).filter_map(waits).collect()
}
