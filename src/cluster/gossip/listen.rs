//! Listening for heartbeats: silence counts after a fixed time, or by how unlikely it is (`crate::algo::phi`).
//!
//! How long a silence is, the member's clock says, as in the systems that do it: a clock that is set forward makes everybody silent.

use crate::algo::phi::{Gaps, phi_after};
use crate::persistent::OrdMap;
use crate::sim::id::NodeId;
use crate::sim::time::{Span, Time};

use super::belief::{Belief, State};
use super::member::Member;
use super::message::Body;
use super::note::How;
use super::settings::{Detector, Settings};
use super::{Context, Timer};

/// What a member has heard of all others.
#[derive(Clone, Debug, Default)]
pub(super) struct Ears {
    heard: OrdMap<NodeId, Ear>,
    /// When it sent its own heartbeats last, by its clock.
    sent: Time,
    /// Whether it was away before that: what waited meanwhile comes all at once, and its gaps mean nothing either.
    was_away: bool,
}

/// What it has heard of one.
#[derive(Clone, Debug, Default)]
struct Ear {
    /// The last heartbeat, by its clock; before the first, since when it listens.
    last: Time,
    /// Whether `last` was a heartbeat.
    is_heartbeat: bool,
    gaps: Gaps,
}

/// A member that was away for more than so many periods has heard nothing in the meantime, and learns nothing from that.
const AWAY: f64 = 1.5;

impl Ears {
    /// Whether its own heartbeats are so late that it must have been away.
    fn is_late(&self, cx: &Context<'_>) -> bool {
        cx.clock().since(self.sent.min(cx.clock())) > cx.settings().period.scaled(AWAY)
    }

    /// The gaps between the heartbeats of a member.
    pub(super) fn gaps(&self, id: NodeId) -> Option<&Gaps> {
        self.heard.get(&id).map(|ear| &ear.gaps)
    }

    /// For how long nothing was heard of a member, by this clock.
    pub(super) fn silence(&self, id: NodeId, clock: Time) -> Option<Span> {
        self.heard.get(&id).map(|ear| clock.since(ear.last.min(clock)))
    }
}

/// How long a silence may be, in the eyes of a member with these gaps.
pub(super) fn patience(settings: &Settings, gaps: Option<&Gaps>) -> Span {
    if settings.detector != Detector::Phi {
        return settings.silence;
    }
    // Before there are gaps to go by, those that are to be expected (as Akka has it).
    let period = settings.period.as_ms();
    let (mean, sd) = gaps.and_then(Gaps::spread).unwrap_or((period, period / 4.0));
    let after = phi_after(settings.phi.into(), mean, sd.max(settings.phi_deviation.as_ms()));
    Span::from_ns_f64(after.max(0.0) * 1e6)
}

impl Member {
    /// Begins to listen to everybody, or stops.
    pub(super) fn listen(&mut self, cx: &mut Context<'_>) {
        self.ears.sent = cx.clock();
        for id in self.view.others() {
            if !cx.settings().listens() {
                self.stop_listening(id, cx);
            } else if self.view.of(id).is_there() {
                self.listen_to(id, cx);
            }
        }
    }

    /// Begins to listen to a member, as if it had just been heard.
    pub(super) fn listen_to(&mut self, id: NodeId, cx: &mut Context<'_>) {
        if cx.settings().listens() {
            self.ears.heard.insert(id, Ear { last: cx.clock(), ..Ear::default() });
            self.wait_for(id, cx);
        }
    }

    pub(super) fn stop_listening(&mut self, id: NodeId, cx: &mut Context<'_>) {
        if self.ears.heard.remove(&id).is_some() {
            cx.cancel_timer(Timer::Silence(id));
        }
    }

    /// Wakes up when the silence of a member will have become too long.
    fn wait_for(&self, id: NodeId, cx: &mut Context<'_>) {
        let Some(ear) = self.ears.heard.get(&id) else { return };
        let gone = cx.clock().since(ear.last.min(cx.clock()));
        let left = Span(patience(cx.settings(), Some(&ear.gaps)).0.saturating_sub(gone.0));
        cx.set_timer(left.max(Span(1)), Timer::Silence(id));
    }

    pub(super) fn send_heartbeats(&mut self, cx: &mut Context<'_>) {
        self.ears.was_away = self.ears.is_late(cx);
        self.ears.sent = cx.clock();
        let to_dead = cx.settings().talk_to_dead;
        let hears = |belief: Belief| belief.is_there() || (to_dead && belief.state == State::Dead);
        for id in self.view.others() {
            if hears(self.view.of(id)) {
                self.talk(id, Body::Heartbeat, cx);
            }
        }
    }

    pub(super) fn on_heartbeat(&mut self, from: NodeId, cx: &mut Context<'_>) {
        let (now, most) = (cx.clock(), cx.settings().phi_window as usize);
        let was_away = self.ears.was_away || self.ears.is_late(cx);
        let Some(ear) = self.ears.heard.get_mut(&from) else { return };
        if ear.is_heartbeat && !was_away {
            ear.gaps.add(now.since(ear.last.min(now)), most);
        }
        (ear.last, ear.is_heartbeat) = (now, !was_away);
        self.withdraw(from, cx);
        self.wait_for(from, cx);
    }

    /// The silence of a member may have become too long.
    pub(super) fn on_silence(&mut self, id: NodeId, cx: &mut Context<'_>) {
        let Some(ear) = self.ears.heard.get(&id).filter(|_| cx.settings().listens()) else { return };
        let (silent, most) = (cx.clock().since(ear.last.min(cx.clock())), patience(cx.settings(), Some(&ear.gaps)));
        if silent < most {
            return self.wait_for(id, cx);
        }
        // It is observed again if it stays silent: an observation counts for a while only.
        cx.set_timer(most.max(cx.settings().period), Timer::Silence(id));
        self.observe(id, How::Silence(silent.0 / 1_000_000), cx);
    }

    /// The clock was set, or runs at another speed.
    pub(super) fn on_clock(&mut self, cx: &mut Context<'_>) {
        let all: Vec<NodeId> = self.ears.heard.keys().copied().collect();
        for id in all {
            self.on_silence(id, cx);
        }
    }
}
