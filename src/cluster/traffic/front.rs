//! The front: it picks a server for every request, waits for the answer, tries again where it may, and passes the answer on.

use crate::algo::hash::fnv1a;
use crate::algo::scale::Stabiliser;
use crate::check::operation::Key;
use crate::cluster::kit::tries::Tries;
use crate::persistent::OrdMap;
use crate::sim::dist::Dist;
use crate::sim::id::{NodeId, RequestId};
use crate::sim::protocol::Cx;
use crate::sim::time::{Span, Time};

use super::Traffic;
use super::deploy::Deploy;
use super::message::{Answer, Cookie, How, Msg, Timer};
use super::note::Note;
use super::pool::{Part, Pool};
use super::roster::FRONT;
use super::way::send_part;
use super::words::{Layer, Sessions};

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
    /// Whether the answers to it are still waited for.
    pub(super) awaits: bool,
    pub(super) stabiliser: Stabiliser,
    /// How many servers the autoscaler left there were to be, when it looked last.
    pub(super) left: u32,
    /// How often it checks, learns the numbers of open requests, and scales: what its timers were set to.
    intervals: [Option<Span>; 3],
    /// When the autoscaler looked last.
    pub(super) scaled: Time,
    /// How often the autoscaler added servers, and how often it removed some.
    pub scalings: (u32, u32),
    /// Requests that wait to be tried again, by when they are.
    pub(super) later: OrdMap<(Time, u32), Try>,
    /// The number of the last of them.
    postponed: u32,
    /// The version that servers have which start now.
    pub version: u32,
    /// The deploy that is under way.
    pub(super) deploy: Option<Deploy>,
}

/// A request at a server.
#[derive(Clone, Debug)]
pub(super) struct Try {
    user: NodeId,
    /// Who asked: the user, or a cache before the front.
    back: NodeId,
    pub(super) request: RequestId,
    pub(super) visitor: Key,
    /// Its visitor as a number.
    key: u64,
    order: bool,
    cookie: Cookie,
    /// Its place in the pool.
    pub(super) server: usize,
    pub(super) attempt: u32,
    sent: Time,
    /// How its last attempt ended, where it had one.
    last: How,
    /// The server that left with it, where it was tried at another since.
    left_by: Option<LeftBy>,
}

/// A server that was on its way out, or gone, when it did not answer a request.
#[derive(Clone, Copy, Debug)]
struct LeftBy {
    /// Its place in the pool.
    server: usize,
    /// It drained, and the request was late.
    late: bool,
}

impl Front {
    pub(super) fn boot(cx: &mut Cx<'_, Traffic>) -> Front {
        let mut front = Front { tries: Tries::of_this_life(cx), ..Front::default() };
        let (now, settings) = (cx.steady(), cx.settings().clone());
        for id in cx.servers().filter(|id| settings.is_app(*id)) {
            front.pool.add(id, 0, now, now, &settings);
        }
        front.start(cx);
        front
    }

    /// Starts the timers that the settings ask for. One whose interval is the same goes on.
    pub(super) fn start(&mut self, cx: &mut Cx<'_, Traffic>) {
        let settings = cx.settings();
        let news = Some(settings.news).filter(|every| every.0 > 0);
        let scale = settings.autoscale.then_some(settings.scale_every);
        if scale.is_some() && self.intervals[2].is_none() {
            self.begin_to_scale(cx);
        }
        let settings = cx.settings();
        let intervals = [settings.check, news, scale];
        let before = std::mem::replace(&mut self.intervals, intervals);
        for (i, timer) in [Timer::Check, Timer::News, Timer::Scale].into_iter().enumerate() {
            match intervals[i] {
                Some(every) if before[i] != intervals[i] => cx.set_timer(every, timer),
                Some(_) => {}
                None => cx.cancel_timer(timer),
            }
        }
    }

    /// A request of a user.
    pub(super) fn on_ask(&mut self, msg: Msg, cx: &mut Cx<'_, Traffic>) {
        let Msg::Ask { request, visitor, order, user, back, cookie } = msg else { return };
        let (sent, key) = (cx.steady(), fnv1a(visitor.as_bytes()));
        let one = Try { user, back, request, visitor, key, order, cookie, server: 0, attempt: 1, sent, last: How::Late, left_by: None };
        self.pass_on(one, None, cx);
    }

    /// Sends a request to the server that the policy picks, but `not` to this one if there is another. Where there is none, it is over.
    fn pass_on(&mut self, mut one: Try, not: Option<usize>, cx: &mut Cx<'_, Traffic>) {
        let Some(server) = self.pick(&one, not, cx) else { return self.no_page(&one, How::Nobody, cx) };
        (one.server, one.sent) = (server, cx.steady());
        self.retrying += u32::from(one.attempt > 1);
        self.pool.count(server, 1, cx.steady(), cx.settings());
        let patience = cx.settings().try_timeout;
        let (id, who, order) = (self.pool.backends[server].id, one.key as u32, one.order);
        let call = self.tries.begin(one, patience, cx);
        cx.send(id, Msg::Work { call, who, order });
    }

    /// A visitor goes where its session is, if its first try can. At layer 4 a connection stays where it was put, for as long as its
    /// server may be used and it may last.
    fn pick(&mut self, one: &Try, not: Option<usize>, cx: &mut Cx<'_, Traffic>) -> Option<usize> {
        let (now, settings, visitor) = (cx.steady(), cx.settings(), &one.visitor);
        let home = Some(one.cookie.server).filter(|server| *server != FRONT && not.is_none() && settings.is_sticky());
        if let Some(at) = home.and_then(|id| self.pool.find(id)).filter(|at| self.pool.balancer.is_usable(*at)) {
            return Some(at);
        }
        let (policy, layer, age) = (settings.policy(), settings.layer, settings.connection_age);
        if layer == Layer::Seven {
            return self.pool.balancer.pick(policy, one.key, not, &mut cx.rng());
        }
        let kept = self.connections.get(visitor).filter(|(at, since)| {
            let young = age.is_none_or(|age| now.since(*since) < age);
            young && self.pool.balancer.is_usable(*at)
        });
        if let Some((at, _)) = kept {
            return Some(*at);
        }
        let at = self.pool.balancer.pick(policy, one.key, not, &mut cx.rng())?;
        self.connections.insert(visitor.clone(), (at, now));
        Some(at)
    }

    /// A server answered.
    pub(super) fn on_done(&mut self, msg: &Msg, cx: &mut Cx<'_, Traffic>) {
        let Msg::Done { call, how, bytes, session, version } = *msg else { return };
        let Some(one) = self.tries.end(call) else { return };
        self.ended(&one, cx);
        let took = cx.steady().since(one.sent);
        if let Some(target) = self.pool.balancer.target_mut(one.server) {
            target.answered(took.0);
        }
        let backend = &mut self.pool.backends[one.server];
        (backend.answers, backend.took) = (backend.answers.wrapping_add(1), took);
        match how {
            How::Served => {
                let server = if cx.settings().sessions == Sessions::None { FRONT } else { backend.id };
                let cookie = Cookie { server, session };
                let lost = if session == one.cookie.session { 0 } else { one.cookie.session };
                send(Answer { cookie, lost, version, left: bytes, ..answer(&one, how) }, cx);
            }
            _ => self.try_again(&one, how, cx),
        }
        self.finish_drain(one.server, cx);
    }

    /// The time of some calls is over.
    pub(super) fn on_overdue(&mut self, cx: &mut Cx<'_, Traffic>) {
        for one in self.tries.overdue(cx) {
            let at = one.server;
            self.gave_up(one, How::Late, cx);
            self.finish_drain(at, cx);
        }
    }

    /// A server will not be waited for. What users do not get because it leaves is counted, when it is known that they do not.
    fn gave_up(&mut self, one: Try, how: How, cx: &mut Cx<'_, Traffic>) {
        self.ended(&one, cx);
        let server = one.server;
        let left_by = match self.pool.backends[server].part {
            Part::Gone => Some(LeftBy { server, late: false }),
            Part::Drains => Some(LeftBy { server, late: true }),
            Part::Starts(_) | Part::Serves => one.left_by,
        };
        self.try_again(&Try { left_by, ..one }, how, cx);
    }

    /// There is no page. The server that left with the request has it on its account, also when it has been taken out by now.
    fn no_page(&mut self, one: &Try, how: How, cx: &mut Cx<'_, Traffic>) {
        send(answer(one, how), cx);
        let Some(LeftBy { server, late }) = one.left_by else { return };
        let backend = &mut self.pool.backends[server];
        if backend.taken_out {
            return cx.note(Note::Lost { server: backend.id, late });
        }
        *(if late { &mut backend.late } else { &mut backend.died }) += 1;
    }

    /// A call is over, however: its server has one fewer.
    fn ended(&mut self, one: &Try, cx: &mut Cx<'_, Traffic>) {
        self.retrying -= u32::from(one.attempt > 1);
        self.pool.count(one.server, -1, cx.steady(), cx.settings());
    }

    /// At another server where there is one, as often as the settings and the budget allow; at layer 4 the front cannot. Where it may not
    /// be tried, it is over.
    fn try_again(&mut self, one: &Try, how: How, cx: &mut Cx<'_, Traffic>) {
        let settings = cx.settings();
        if settings.layer != Layer::Seven || one.attempt > settings.retries || !self.affords(cx) {
            return self.no_page(one, how, cx);
        }
        let next = Try { attempt: one.attempt + 1, last: how, ..one.clone() };
        if *settings.retry_delay == Dist::Const(Span::ZERO) {
            return self.pass_on(next, Some(one.server), cx);
        }
        let delay = settings.retry_delay.clone().sample(&mut cx.rng());
        self.postponed = self.postponed.wrapping_add(1);
        self.later.insert((cx.steady() + delay, self.postponed), next);
        self.wait_for_next(cx);
    }

    /// Whether the budget has room for one retry more, those counted that wait.
    fn affords(&self, cx: &Cx<'_, Traffic>) -> bool {
        let waiting = self.later.len() as u32;
        cx.settings().budget().is_none_or(|budget| budget.allows(self.retrying + waiting, self.tries.len() + waiting + 1))
    }

    fn wait_for_next(&self, cx: &mut Cx<'_, Traffic>) {
        if let Some(((due, _), _)) = self.later.get_min() {
            cx.set_timer(due.since(cx.steady()), Timer::Again);
        }
    }

    /// Some requests have waited long enough. What the budget has no room for by now is over.
    pub(super) fn on_again(&mut self, cx: &mut Cx<'_, Traffic>) {
        while let Some(((due, number), one)) = self.later.get_min().map(|(at, one)| (*at, one.clone()))
            && due <= cx.steady()
        {
            self.later.remove(&(due, number));
            if self.affords(cx) {
                let before = one.server;
                self.pass_on(one, Some(before), cx);
            } else {
                self.no_page(&one, one.last, cx);
            }
        }
        self.wait_for_next(cx);
    }

    /// Gives up what a server had that is there no more.
    pub(super) fn abandon(&mut self, at: usize, cx: &mut Cx<'_, Traffic>) {
        for one in self.tries.drop_if(|one| one.server == at) {
            self.gave_up(one, How::Error, cx);
        }
    }
}

fn answer(one: &Try, how: How) -> Answer {
    let Try { request, user, back, key, .. } = *one;
    Answer { request, user, back, how, bytes: 0, left: 0, cookie: Cookie::NONE, lost: 0, version: 0, who: key as u32 }
}

/// By the link, where there is one.
pub(super) fn send(answer: Answer, cx: &mut Cx<'_, Traffic>) {
    let to = cx.settings().roster().link().unwrap_or(answer.back);
    send_part(answer, to, cx);
}
