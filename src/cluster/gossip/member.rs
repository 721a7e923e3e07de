//! A member: what it believes of the others, how it takes in what they say, and how it speaks for itself.

use crate::persistent::OrdMap;
use crate::sim::id::{NodeId, RequestId};
use crate::sim::time::Span;

use super::accuse::Accused;
use super::belief::{Belief, Claim, State, Update, View};
use super::listen::Ears;
use super::message::{Body, Msg, Op, Ret, Talk};
use super::news::News;
use super::note::Note;
use super::rumour::Rumours;
use super::settings::{Phase, Revive};
use super::swim::Swim;
use super::{Context, Gossip, Timer};

/// A member's process.
#[derive(Clone, Debug)]
pub struct Member {
    pub(super) me: NodeId,
    /// Only the member itself raises it.
    pub(super) incarnation: u32,
    /// The greatest incarnation in which it heard that it is dead, where that cannot be undone.
    buried: Option<u32>,
    pub(super) view: View,
    /// Those that it suspects, and who has observed it.
    pub(super) accused: OrdMap<NodeId, Accused>,
    /// The number of its newest observation.
    pub(super) observations: u64,
    pub(super) news: News,
    pub(super) swim: Swim,
    pub(super) ears: Ears,
    pub(super) rumours: Rumours,
}

impl Member {
    /// Boots with the list of members, all of them alive as far as it knows.
    pub(super) fn boot(cx: &mut Context<'_>) -> Member {
        let me = cx.id();
        let members = cx.server_count() as u16;
        let incarnation = next_incarnation(cx);
        let (view, ears) = (View::new(me, members), Ears::default());
        let first = first_number(cx);
        let (accused, news, swim, rumours) = (OrdMap::new(), News::default(), Swim::from_number(first), Rumours::default());
        let mut member = Member { me, incarnation, buried: None, view, accused, observations: first, news, swim, ears, rumours };
        if incarnation > 0 {
            member.news.add(member.alive());
        }
        member.begin(cx);
        if !cx.is_first_boot() {
            member.join(cx);
        }
        member
    }

    /// Starts what happens again and again.
    fn begin(&mut self, cx: &mut Context<'_>) {
        let (period, round) = (cx.settings().period, cx.settings().round);
        let first = |every: Span, cx: &mut Context<'_>| match cx.settings().phase {
            Phase::Together => every,
            Phase::Spread => every.scaled(cx.rng().unit()),
        };
        let (period, round) = (first(period, cx), first(round, cx));
        cx.set_timer(period, Timer::Period);
        cx.set_timer(round, Timer::Round);
        if let Some(sync) = cx.settings().sync {
            let sync = first(sync, cx);
            cx.set_timer(sync, Timer::Sync);
        }
        self.listen(cx);
    }

    /// A setting was changed: what does not run begins.
    pub(super) fn on_settings(&mut self, cx: &mut Context<'_>) {
        cx.start_timer(cx.settings().period, Timer::Period);
        cx.start_timer(cx.settings().round, Timer::Round);
        match cx.settings().sync {
            Some(sync) => cx.start_timer(sync, Timer::Sync),
            None => cx.cancel_timer(Timer::Sync),
        }
        self.listen(cx);
        self.reconsider(cx);
    }

    /// That it lives.
    fn alive(&self) -> Update {
        Update { about: self.me, incarnation: self.incarnation, claim: Claim::Alive }
    }

    /// Says something to a member, with the news that ride along: first what that member should know of itself.
    pub(super) fn talk(&mut self, to: NodeId, body: Body, cx: &mut Context<'_>) {
        let settings = cx.settings();
        let (most, times) = (settings.piggyback as usize, settings.retransmit * doublings(self.view.members()));
        let own = self.said_of(to);
        let mut news = self.news.ride(most - own.iter().len(), times);
        news.extend(own.filter(|own| !news.contains(own)));
        cx.send(to, Msg::Talk(Talk { incarnation: self.incarnation, news, body }));
    }

    /// What this member holds against another, if anything.
    fn said_of(&self, id: NodeId) -> Option<Update> {
        let Belief { state, incarnation } = self.view.of(id);
        let claim = match state {
            State::Suspect => self.accused.get(&id).and_then(|accused| accused.claims().next()),
            State::Dead => Some(Claim::Dead { by: self.me }),
            State::Alive | State::Forgotten => None,
        };
        claim.map(|claim| Update { about: id, incarnation, claim })
    }

    /// A member says something.
    pub(super) fn on_talk(&mut self, from: NodeId, talk: Talk, cx: &mut Context<'_>) {
        if self.view.of(from).state == State::Dead && !cx.settings().talk_to_dead {
            return;
        }
        self.hear(from, Update { about: from, incarnation: talk.incarnation, claim: Claim::Alive }, cx);
        for update in talk.news {
            self.hear(from, update, cx);
        }
        match talk.body {
            Body::Ping(number) => self.talk(from, Body::Ack(number), cx),
            Body::Ack(number) => self.on_ack(number, cx),
            Body::PingFor { target, number } => self.on_ping_for(from, target, number, cx),
            Body::Heartbeat => self.on_heartbeat(from, cx),
            Body::Sync(all) => self.on_sync(from, &all, cx),
            Body::Synced(all) => self.on_synced(from, &all, cx),
            Body::Push(_) | Body::Pull | Body::Exchange(_) | Body::Answer(_) | Body::Feedback(_) => self.on_rumours(from, talk.body, cx),
        }
    }

    /// A piece of news, brought by this member.
    pub(super) fn hear(&mut self, from: NodeId, update: Update, cx: &mut Context<'_>) {
        if update.about == self.me {
            return self.hear_of_self(from, update, cx);
        }
        let (was, is) = (self.view.of(update.about), update.belief());
        if let Claim::Suspect { by, number } = update.claim
            && was == is
        {
            return self.hear_witness(update, (by, number), cx);
        }
        if !is.beats(was, cx.settings().revive) {
            return;
        }
        self.news.add(update);
        self.view.set(update.about, is);
        cx.note(Note::Believes { about: update.about, was, is, by: Some(from) });
        match update.claim {
            Claim::Alive => self.acquit(update.about, was, cx),
            Claim::Suspect { by, number } => {
                self.accuse(update.about, cx);
                self.hear_witness(update, (by, number), cx);
            }
            Claim::Dead { .. } => self.close(update.about, cx),
            Claim::Unknown => {}
        }
    }

    /// The member lives after all: nothing is held against it, and its silence counts from here on.
    fn acquit(&mut self, id: NodeId, was: Belief, cx: &mut Context<'_>) {
        self.drop_case(id, cx);
        cx.cancel_timer(Timer::Forget(id));
        if !was.is_there() {
            self.listen_to(id, cx);
        }
    }

    /// The member is dead: it is neither suspected nor listened to any more, and perhaps forgotten in a while.
    pub(super) fn close(&mut self, id: NodeId, cx: &mut Context<'_>) {
        self.drop_case(id, cx);
        self.stop_listening(id, cx);
        if let Some(after) = cx.settings().forget {
            cx.set_timer(after, Timer::Forget(id));
        }
    }

    /// The memory of a dead member has become too old.
    pub(super) fn on_forget(&mut self, id: NodeId, cx: &mut Context<'_>) {
        let was = self.view.of(id);
        if was.state == State::Dead {
            let is = Belief { state: State::Forgotten, ..was };
            self.view.set(id, is);
            cx.note(Note::Believes { about: id, was, is, by: None });
        }
    }

    /// What is said of this member itself. It objects to what is not so, above all that was said (SWIM, section 4.2).
    fn hear_of_self(&mut self, from: NodeId, update: Update, cx: &mut Context<'_>) {
        let said = update.incarnation;
        if matches!(update.claim, Claim::Alive | Claim::Unknown) {
            // Of an earlier life: whatever is said now must not be below it.
            self.incarnation = self.incarnation.max(said);
            return;
        }
        if said < self.incarnation || !cx.settings().refute {
            return;
        }
        let dead = matches!(update.claim, Claim::Dead { .. });
        if dead && cx.settings().revive == Revive::Never {
            if self.buried.replace(said) != Some(said) {
                cx.note(Note::Buried { by: from });
            }
            return;
        }
        self.incarnation = said + 1;
        write_incarnation(self.incarnation, cx);
        cx.note(Note::Refutes { incarnation: self.incarnation, answers: said, dead });
        self.news.add(self.alive());
    }

    /// A client asks.
    pub(super) fn on_ask(&mut self, from: NodeId, request: RequestId, op: Op, cx: &mut Context<'_>) {
        let answer = match op {
            Op::Start(word) => self.start_rumour(request.0, word, cx),
            Op::Members => Ok(self.members()),
        };
        cx.send(from, Msg::Told { request, answer });
    }

    /// Whom it believes alive.
    fn members(&self) -> Ret {
        let of = |state: State| {
            let these = self.view.known().iter().filter(move |(_, belief)| belief.state == state);
            these.map(|(id, _)| *id).collect::<Vec<NodeId>>()
        };
        let (suspect, dead) = (of(State::Suspect), of(State::Dead));
        let alive = usize::from(self.view.members()) - suspect.len() - dead.len() - of(State::Forgotten).len();
        Ret::Members { alive, suspect, dead }
    }
}

/// How often a group of one must double to be as large: the logarithm to the base 2, rounded up.
pub(super) fn doublings(members: u16) -> u32 {
    u16::BITS - members.leading_zeros()
}

/// Where a life begins to count its pings and observations: above all that it counted in an earlier life, so that what is still on its way
/// from there is neither an answer to a ping of this one nor newer than what it observes (the time of the start, as in the generations of
/// Cassandra).
fn first_number(cx: &Context<'_>) -> u64 {
    if cx.is_first_boot() { 0 } else { cx.clock().0 }
}

/// The incarnation of a life that begins: the one after the last that was written down, if any was.
fn next_incarnation(cx: &mut Context<'_>) -> u32 {
    if !cx.settings().remember {
        return 0;
    }
    let next = if cx.is_first_boot() { 0 } else { cx.disk().incarnation + 1 };
    write_incarnation(next, cx);
    next
}

/// Writes an incarnation down where it is to be kept. On a full disk the older one stays: then others have to tell it.
fn write_incarnation(incarnation: u32, cx: &mut Context<'_>) {
    if cx.settings().remember && cx.write(|disk| disk.incarnation = incarnation).is_ok() {
        cx.sync();
    }
}

/// The member with this number, if it runs.
pub(super) fn member(sim: &crate::sim::kernel::Sim<Gossip>, id: NodeId) -> Option<&Member> {
    match sim.node(id).state() {
        Some(Gossip::Member(member)) => Some(member),
        _ => None,
    }
}
