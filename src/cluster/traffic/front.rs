//! The front: it picks a server for every request, waits for the answer, tries again where it may, and passes the answer on.

use imbl::OrdMap;

use crate::algo::hash::fnv1a;
use crate::algo::scale::Stabiliser;
use crate::check::operation::Key;
use crate::cluster::kit::tries::Tries;
use crate::sim::id::{NodeId, RequestId};
use crate::sim::protocol::Cx;
use crate::sim::time::Time;

use super::Traffic;
use super::message::{How, Msg, Timer};
use super::pool::{Part, Pool};
use super::settings::{Layer, is_app};

/// A front with its view of the world. All of it is lost with the process.
#[derive(Clone, Debug, Default)]
pub struct Front {
    /// The servers.
    pub pool: Pool,
    /// Requests that it passed on.
    pub(super) tries: Tries<Try>,
    /// How many of them are retries.
    pub(super) retrying: u32,
    /// At layer 4: the server of each connection, and since when.
    connections: OrdMap<Key, (usize, Time)>,
    /// The number of the last round of checks.
    pub(super) round: u32,
    pub(super) stabiliser: Stabiliser,
    /// When the autoscaler looked last.
    pub(super) scaled: Time,
}

/// A request at a server.
#[derive(Clone, Debug)]
pub(super) struct Try {
    user: NodeId,
    request: RequestId,
    pub(super) visitor: Key,
    /// Its place in the pool.
    pub(super) server: usize,
    pub(super) attempt: u32,
    sent: Time,
}

impl Front {
    pub(super) fn boot(cx: &mut Cx<'_, Traffic>) -> Front {
        let mut front = Front::default();
        let (now, settings) = (cx.clock(), cx.settings().clone());
        for id in cx.servers().filter(|id| is_app(*id)) {
            front.pool.add(id, now, now, &settings);
        }
        front.scaled = now;
        Front::start(cx);
        front
    }

    /// Starts the timers that the settings ask for.
    pub(super) fn start(cx: &mut Cx<'_, Traffic>) {
        let settings = cx.settings();
        let news = Some(settings.news).filter(|every| every.0 > 0);
        let scale = settings.autoscale.then_some(settings.scale_every);
        let timers = [(settings.check, Timer::Check), (news, Timer::News), (scale, Timer::Scale)];
        for (every, timer) in timers {
            match every {
                Some(every) => cx.start_timer(every, timer),
                None => cx.cancel_timer(timer),
            }
        }
    }

    pub(super) fn on_ask(&mut self, user: NodeId, request: RequestId, visitor: Key, cx: &mut Cx<'_, Traffic>) {
        let sent = cx.clock();
        self.pass_on(Try { user, request, visitor, server: 0, attempt: 1, sent }, None, cx);
    }

    /// Sends a request to the server that the policy picks, but `not` to this one if there is another. `false`: there is none.
    fn pass_on(&mut self, mut one: Try, not: Option<usize>, cx: &mut Cx<'_, Traffic>) -> bool {
        let Some(server) = self.pick(&one.visitor, not, cx) else {
            tell(&one, How::Nobody, 0, cx);
            return false;
        };
        (one.server, one.sent) = (server, cx.clock());
        self.retrying += u32::from(one.attempt > 1);
        self.pool.count(server, 1, cx.clock(), cx.settings());
        let patience = cx.settings().try_timeout;
        let call = self.tries.begin(one, patience, cx);
        cx.send(self.pool.backends[server].id, Msg::Work { call });
        true
    }

    /// At layer 4 a connection stays where it was put, for as long as its server may be used and it may last.
    fn pick(&mut self, visitor: &Key, not: Option<usize>, cx: &mut Cx<'_, Traffic>) -> Option<usize> {
        let (now, settings) = (cx.clock(), cx.settings());
        let (policy, layer, age) = (settings.policy(), settings.layer, settings.connection_age);
        if layer == Layer::Seven {
            return self.pool.balancer.pick(policy, fnv1a(visitor.as_bytes()), not, &mut cx.rng());
        }
        let kept = self.connections.get(visitor).filter(|(at, since)| {
            let young = age.is_none_or(|age| now.since(*since) < age);
            young && self.pool.balancer.is_usable(*at)
        });
        if let Some((at, _)) = kept {
            return Some(*at);
        }
        let at = self.pool.balancer.pick(policy, fnv1a(visitor.as_bytes()), not, &mut cx.rng())?;
        self.connections.insert(visitor.clone(), (at, now));
        Some(at)
    }

    /// A server answered.
    pub(super) fn on_done(&mut self, call: u32, how: How, bytes: u32, cx: &mut Cx<'_, Traffic>) {
        let Some(one) = self.tries.end(call) else { return };
        self.ended(&one, cx);
        if let Some(target) = self.pool.balancer.target_mut(one.server) {
            target.answered(cx.clock().since(one.sent).0);
        }
        match how {
            How::Served => tell(&one, how, bytes, cx),
            _ => _ = self.try_again(&one, how, cx),
        }
        self.finish_drain(one.server, cx);
    }

    /// The time of some calls is over.
    pub(super) fn on_overdue(&mut self, cx: &mut Cx<'_, Traffic>) {
        for one in self.tries.overdue(cx) {
            self.gave_up(&one, How::Late, cx);
            self.finish_drain(one.server, cx);
        }
    }

    /// A server will not be waited for. What users do not get because it leaves is counted.
    fn gave_up(&mut self, one: &Try, how: How, cx: &mut Cx<'_, Traffic>) {
        self.ended(one, cx);
        let tried = self.try_again(one, how, cx);
        let backend = &mut self.pool.backends[one.server];
        match backend.part {
            Part::Gone => backend.died += u32::from(!tried),
            Part::Drains => backend.late += u32::from(!tried),
            Part::Starts(_) | Part::Serves => {}
        }
    }

    /// A call is over, however: its server has one fewer.
    fn ended(&mut self, one: &Try, cx: &mut Cx<'_, Traffic>) {
        self.retrying -= u32::from(one.attempt > 1);
        self.pool.count(one.server, -1, cx.clock(), cx.settings());
    }

    /// At another server where there is one, as often as the settings and the budget allow; at layer 4 the front cannot. `false`: it is
    /// over, and its user was told.
    fn try_again(&mut self, one: &Try, how: How, cx: &mut Cx<'_, Traffic>) -> bool {
        let settings = cx.settings();
        let affords = settings.budget().is_none_or(|budget| budget.allows(self.retrying, self.tries.len() + 1));
        if settings.layer == Layer::Seven && one.attempt <= settings.retries && affords {
            self.pass_on(Try { attempt: one.attempt + 1, ..one.clone() }, Some(one.server), cx)
        } else {
            tell(one, how, 0, cx);
            false
        }
    }

    /// Gives up what a server had that is there no more.
    pub(super) fn abandon(&mut self, at: usize, cx: &mut Cx<'_, Traffic>) {
        for one in self.tries.drop_if(|one| one.server == at) {
            self.gave_up(&one, How::Error, cx);
        }
    }
}

fn tell(one: &Try, how: How, bytes: u32, cx: &mut Cx<'_, Traffic>) {
    cx.send(one.user, Msg::Told { request: one.request, how, bytes });
}
