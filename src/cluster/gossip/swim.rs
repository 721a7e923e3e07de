//! Pinging, and asking others to ping (Das, Gupta and Motivala, SWIM, DSN 2002, sections 3.1 and 4.3).

use crate::algo::turn::Turns;
use crate::sim::id::NodeId;

use super::belief::Belief;
use super::member::Member;
use super::message::Body;
use super::note::How;
use super::settings::{Detector, Order};
use super::{Context, Timer};

/// What a member is at with its pings.
#[derive(Clone, Debug, Default)]
pub(super) struct Swim {
    turns: Turns,
    /// The number of the newest ping, of its own or for another.
    number: u64,
    /// The ping of this period.
    pub probe: Option<Probe>,
    /// Pings for others whose answers are still worth something.
    for_others: Vec<ForOther>,
    /// How many periods it has pinged in.
    pub probes: u64,
    /// In how many of them nobody answered.
    pub unanswered: u64,
}

/// The ping of one period.
#[derive(Clone, Copy, Debug)]
pub(super) struct Probe {
    /// Its number, which the answer must have.
    pub number: u64,
    /// Who is pinged.
    pub target: NodeId,
    /// The number of the answer that came.
    pub answered: Option<u64>,
    /// How many others were asked to ping too.
    pub asked: u32,
}

/// A ping for another member.
#[derive(Clone, Copy, Debug)]
struct ForOther {
    number: u64,
    asker: NodeId,
    /// The number that the asker knows it by.
    theirs: u64,
    /// Whether a period has begun since.
    is_old: bool,
}

impl Swim {
    /// None is out, and the numbers of its pings are above this one.
    pub(super) fn from_number(number: u64) -> Swim {
        Swim { number, ..Swim::default() }
    }
}

impl Member {
    /// A period begins: the last ping is judged, and the next one goes out.
    pub(super) fn on_period(&mut self, cx: &mut Context<'_>) {
        cx.set_timer(cx.settings().period, Timer::Period);
        self.swim.for_others.retain(|one| !one.is_old);
        self.swim.for_others.iter_mut().for_each(|one| one.is_old = true);
        self.judge_probe(cx);
        match cx.settings().detector {
            Detector::Swim => self.ping(cx),
            Detector::Heartbeat | Detector::Phi => self.send_heartbeats(cx),
            Detector::None => {}
        }
    }

    fn judge_probe(&mut self, cx: &mut Context<'_>) {
        if let Some(probe) = self.swim.probe.take().filter(|probe| probe.answered.is_none()) {
            self.swim.unanswered += 1;
            self.observe(probe.target, How::NoAnswer(probe.asked), cx);
        }
    }

    fn ping(&mut self, cx: &mut Context<'_>) {
        let Some(target) = self.next_target(cx) else { return };
        self.swim.number += 1;
        self.swim.probes += 1;
        let number = self.swim.number;
        self.swim.probe = Some(Probe { number, target, answered: None, asked: 0 });
        cx.set_timer(cx.settings().ping_timeout, Timer::NoAck);
        self.talk(target, Body::Ping(number), cx);
    }

    /// Whom to ping next: never itself, nobody who is dead, and each equally often.
    fn next_target(&mut self, cx: &mut Context<'_>) -> Option<NodeId> {
        if cx.settings().order == Order::Random {
            return self.view.draw(&mut cx.rng(), |_, belief| belief.is_there());
        }
        let all = self.view.other_count();
        // One pass may have begun, so everybody comes within two.
        (0..2 * all).find_map(|_| {
            let place = self.swim.turns.next(all, || cx.rng().bits())?;
            Some(self.view.other(place)).filter(|id| self.view.of(*id).is_there())
        })
    }

    /// No answer came in time: others are asked to try.
    pub(super) fn on_no_ack(&mut self, cx: &mut Context<'_>) {
        let Some(probe) = self.swim.probe.filter(|probe| probe.answered.is_none()) else { return };
        let helpers = self.drawn(cx.settings().probes, |id, belief| id != probe.target && belief.is_there(), cx);
        if let Some(own) = &mut self.swim.probe {
            own.asked = helpers.len() as u32;
        }
        for helper in helpers {
            self.talk(helper, Body::PingFor { target: probe.target, number: probe.number }, cx);
        }
    }

    /// So many different others that fit, or fewer where there are not as many.
    pub(super) fn drawn(&self, most: u32, fits: impl Fn(NodeId, Belief) -> bool, cx: &mut Context<'_>) -> Vec<NodeId> {
        let mut drawn: Vec<NodeId> = Vec::new();
        for _ in 0..most {
            let Some(next) = self.view.draw(&mut cx.rng(), |id, belief| fits(id, belief) && !drawn.contains(&id)) else { break };
            drawn.push(next);
        }
        drawn
    }

    /// Another member asks this one to ping a third.
    pub(super) fn on_ping_for(&mut self, asker: NodeId, target: NodeId, theirs: u64, cx: &mut Context<'_>) {
        if target == self.me {
            return self.talk(asker, Body::Ack(theirs), cx);
        }
        self.swim.number += 1;
        let number = self.swim.number;
        self.swim.for_others.push(ForOther { number, asker, theirs, is_old: false });
        self.talk(target, Body::Ping(number), cx);
    }

    /// An answer: it counts for the ping of its number and for no other.
    pub(super) fn on_ack(&mut self, number: u64, cx: &mut Context<'_>) {
        if let Some(at) = self.swim.for_others.iter().position(|one| one.number == number) {
            let one = self.swim.for_others.swap_remove(at);
            return self.talk(one.asker, Body::Ack(one.theirs), cx);
        }
        let Some(probe) = self.swim.probe.as_mut().filter(|probe| probe.number == number) else { return };
        probe.answered = Some(number);
        let target = probe.target;
        cx.cancel_timer(Timer::NoAck);
        self.withdraw(target, cx);
    }
}
