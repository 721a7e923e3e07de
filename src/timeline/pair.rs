//! Two runs side by side: the same scenario, seed and pokes, and settings that differ in something named.
//!
//! Both are always at the same time. A poke is done to both; a side that refuses it
//! goes on without it, and the refusal is part of the record.

use std::cmp::Ordering;

use super::told_apart::Told;
use super::{Brake, RUN_BUDGET, Timeline};
use crate::cluster::{BadScenario, Happening, NoteMark, Refused, Scenario, Stop, What};
use crate::command::Poke;
use crate::sim::time::{Span, Time};

/// Two timelines under the same pokes.
#[derive(Clone, Debug)]
pub struct Pair {
    a: Timeline,
    b: Timeline,
    difference: Vec<Differing>,
    script: Vec<PairPoke>,
    /// How many pokes of the script are behind the position.
    done: usize,
    /// Up to this time both were compared and are the same.
    agreed: Time,
    found: Option<Divergence>,
    told: Told,
}

/// A setting in which the two differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Differing {
    /// Its name.
    pub setting: String,
    /// Its value on the first side, at the start.
    pub a: String,
    /// Its value on the second side, at the start.
    pub b: String,
}

impl std::fmt::Display for Differing {
    /// `fencing: off | on`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {} | {}", self.setting, self.a, self.b)
    }
}

/// Something done to both sides.
#[derive(Clone, Debug, PartialEq)]
pub struct PairPoke {
    /// When.
    pub at: Time,
    /// What.
    pub poke: Poke,
    /// Why the first side refused it; `None` when it took it.
    pub refused_a: Option<Refused>,
    /// Why the second side refused it; `None` when it took it.
    pub refused_b: Option<Refused>,
}

impl PairPoke {
    /// Why each side refused it; `None` where it was done.
    pub fn refusals(&self) -> [Option<&Refused>; 2] {
        [self.refused_a.as_ref(), self.refused_b.as_ref()]
    }

    fn refused_by_both(&self) -> bool {
        self.refused_a.is_some() && self.refused_b.is_some()
    }
}

/// The first thing that a client was told or that a node's role came to on one side, and not, or not so, on the other.
#[derive(Clone, Debug, PartialEq)]
pub struct Divergence {
    /// When.
    pub at: Time,
    /// What happened on the first side; `None`: nothing more so far.
    pub a: Option<Happening>,
    /// What happened on the second side; `None`: nothing more so far.
    pub b: Option<Happening>,
}

impl Pair {
    /// Starts a scenario twice; `changes` are the settings of the second side that differ. All mistakes at once.
    pub fn new(scenario: &Scenario, changes: &[(String, String)]) -> Result<Pair, Vec<BadScenario>> {
        let (a, b) = (Timeline::new(scenario.clone()), Timeline::new(changed(scenario, changes)));
        match (a, b) {
            (Ok(a), Ok(b)) => Ok(Pair::of(a, b)),
            (a, b) => {
                let mut mistakes = a.err().unwrap_or_default();
                let more = b.err().unwrap_or_default().into_iter().filter(|m| !mistakes.contains(m)).collect::<Vec<_>>();
                mistakes.extend(more);
                Err(mistakes)
            }
        }
    }

    /// A timeline as it was played up to its position, beside the same with changed settings.
    pub fn beside(timeline: &Timeline, changes: &[(String, String)]) -> Result<Pair, Vec<BadScenario>> {
        Ok(Pair::with(timeline, Timeline::new(changed(timeline.scenario(), changes))?))
    }

    /// A timeline as it was played up to its position, and another at its start that is to catch up.
    pub(super) fn with(timeline: &Timeline, mut b: Timeline) -> Pair {
        let (mut a, mut script) = (timeline.fork(), Vec::new());
        a.leave_future();
        for p in timeline.pokes().into_iter().take(timeline.pokes_done()) {
            if b.at() < p.at {
                b.run_to(p.at);
            }
            let refused_b = b.poke(&p.poke).err();
            script.push(PairPoke { at: p.at, poke: p.poke, refused_a: None, refused_b });
        }
        let mut pair = Pair { script, ..Pair::of(a, b) };
        pair.seek(timeline.at());
        pair
    }

    /// Of two timelines that were started and prepared alike. When one is behind, it catches up with the other.
    pub fn of(mut a: Timeline, mut b: Timeline) -> Pair {
        // Two kinds of cluster may mean something else by the same name.
        let is_one_kind = a.scenario().model == b.scenario().model;
        let values = a.start().settings().into_iter().zip(b.start().settings()).filter(|(a, b)| is_one_kind && a != b);
        let difference = values.map(|(a, b)| Differing { setting: a.0.to_string(), a: a.1, b: b.1 }).collect();
        match a.at().cmp(&b.at()) {
            Ordering::Less => a.run_to(b.at()),
            Ordering::Greater => b.run_to(a.at()),
            Ordering::Equal => Stop::Reached,
        };
        Pair { a, b, difference, script: Vec::new(), done: 0, agreed: Time::ZERO, found: None, told: Told::default() }
    }

    /// Looks for differences from this moment on: what came before is not what is compared.
    pub fn compare_from(&mut self, t: Time) {
        (self.agreed, self.found, self.told) = (t, None, Told::from(t));
        self.compare();
    }

    /// Puts both sides under another brake.
    pub fn set_brake(&mut self, brake: &Brake) {
        self.a.set_brake(brake);
        self.b.set_brake(brake);
    }

    /// The first side: the scenario as it is.
    pub fn a(&self) -> &Timeline {
        &self.a
    }

    /// The second side: with the changed settings.
    pub fn b(&self) -> &Timeline {
        &self.b
    }

    /// In which settings they differ from the start; none where they are two kinds of cluster.
    pub fn difference(&self) -> &[Differing] {
        &self.difference
    }

    /// What was done, in order, with what was refused; pokes ahead of the position included.
    pub fn pokes(&self) -> &[PairPoke] {
        &self.script
    }

    /// How many of [`Pair::pokes`] are behind the position.
    pub fn pokes_done(&self) -> usize {
        self.done
    }

    /// The time of both.
    pub fn at(&self) -> Time {
        self.a.at().min(self.b.at())
    }

    /// The furthest time seen on either side.
    pub fn end(&self) -> Time {
        self.a.end().max(self.b.end())
    }

    /// When something happens next on either side, a poke included.
    pub fn next_at(&self) -> Option<Time> {
        [self.a.next_at(), self.b.next_at()].into_iter().flatten().min()
    }

    /// Goes to time `t` on both sides. When one side cannot go on, both stop where it does.
    pub fn seek(&mut self, t: Time) -> Stop {
        let stops = [self.a.seek(t), self.b.seek(t)];
        let stop = stops.into_iter().find(|stop| *stop != Stop::Reached).unwrap_or(Stop::Reached);
        if self.a.at() != self.b.at() {
            let level = self.at();
            self.a.seek(level);
            self.b.seek(level);
        }
        self.done = self.script.partition_point(|p| p.at <= self.at());
        self.compare();
        stop
    }

    /// Plays on up to and including `t`; nothing when that is in the past.
    pub fn run_to(&mut self, t: Time) -> Stop {
        if t < self.at() { Stop::Reached } else { self.seek(t) }
    }

    /// Plays on for this much virtual time.
    pub fn advance(&mut self, by: Span) -> Stop {
        self.run_to(self.at() + by)
    }

    /// Goes to the next time at which something happens on either side. False when nothing ever will.
    pub fn step(&mut self) -> bool {
        self.try_step().is_ok()
    }

    /// The same; the error says what stops it, and is nothing where nothing is left to happen.
    pub fn try_step(&mut self) -> Result<(), Option<String>> {
        let next = self.next_at().ok_or(None)?;
        match self.seek(next) {
            Stop::Reached => Ok(()),
            Stop::Budget => Err(Some(format!("more than {RUN_BUDGET} events happen at one time"))),
            Stop::Limit(why) => Err(Some(why)),
        }
    }

    /// Goes to the time before this at which something happened last on either side. False at the start.
    pub fn step_back(&mut self) -> bool {
        let at = self.at();
        let before = before(&mut self.a, at).max(before(&mut self.b, at));
        self.seek(before.unwrap_or(at));
        before.is_some()
    }

    /// Goes to the next time at which something noteworthy happens on either side. False, and no move, when nothing does soon.
    pub fn next_noteworthy(&mut self) -> bool {
        let next = |side: &Timeline| side.fork().next_noteworthy().map(|fired| fired.at);
        let soonest = [next(&self.a), next(&self.b)].into_iter().flatten().min();
        soonest.is_some_and(|t| self.seek(t) == Stop::Reached)
    }

    /// Goes to the time before this at which something noteworthy happened last on either side. False, and no move, when nothing did.
    pub fn previous_noteworthy(&mut self) -> bool {
        let at = self.at();
        let last = noteworthy_before(&self.a, at).max(noteworthy_before(&self.b, at));
        last.is_some_and(|t| self.seek(t) == Stop::Reached)
    }

    /// Does something to both. What each side said: nothing changes when both refuse.
    pub fn poke(&mut self, poke: &Poke) -> PairPoke {
        let at = self.at();
        let known = self.script.get(self.done).filter(|p| p.at == at && p.poke == *poke).cloned();
        let (said_a, said_b) = (self.a.poke(poke), self.b.poke(poke));
        let done = PairPoke { at, poke: poke.clone(), refused_a: said_a.err(), refused_b: said_b.err() };
        if done.refused_by_both() {
            return done;
        }
        if known.is_none() {
            self.open_branch(done.clone());
        }
        self.done += 1;
        self.compare();
        done
    }

    /// Lets both sides remember what they would if they had been played to here, as [`Timeline::recollect`] does.
    pub fn recollect(&mut self) {
        self.a.recollect();
        self.b.recollect();
    }

    /// Takes the pokes ahead of the position back, on both sides alike.
    pub fn leave_future(&mut self) {
        self.script.truncate(self.done);
        let at = self.at();
        self.agreed = self.agreed.min(at);
        self.found.take_if(|found| found.at > at);
        self.told.anew();
        self.a.leave_future();
        self.b.leave_future();
    }

    /// Forgets what was done after the position, on both sides alike.
    fn open_branch(&mut self, done: PairPoke) {
        self.script.truncate(self.done);
        self.agreed = self.agreed.min(done.at);
        self.found.take_if(|found| found.at >= done.at);
        self.told.anew();
        self.script.push(done);
        self.a.leave_future();
        self.b.leave_future();
    }

    /// Goes to the moment just before the last poke behind the position, and says which it was.
    pub fn undo(&mut self) -> Option<Poke> {
        let last = self.script.get(self.done.checked_sub(1)?)?.clone();
        take_back(&mut self.a, last.at, last.refused_a.is_some());
        take_back(&mut self.b, last.at, last.refused_b.is_some());
        self.done -= 1;
        Some(last.poke)
    }

    /// Goes to time `t`, or to the moment just before the first poke of [`Pair::pokes`] when that is at `t` or before: everything done to
    /// both is then ahead.
    pub fn rewind(&mut self, t: Time) -> Stop {
        while self.undo().is_some() {}
        if self.at() > t { self.seek(t) } else { Stop::Reached }
    }

    /// The first thing in which they differ for a client or a role, as far as they were played under these pokes. Messages do not
    /// count: that two designs send others is no news. What counts is who is told what, who leads, and when.
    pub fn divergence(&self) -> Option<&Divergence> {
        self.found.as_ref()
    }

    /// Where the first difference is only that one side was answered sooner: the first request to which the clients of the two were told
    /// different things, as far as the position.
    pub fn told_apart(&self) -> Option<&Divergence> {
        let apart = self.told.found().filter(|told| told.at <= self.at());
        apart.filter(|_| self.found.as_ref().is_some_and(|found| found.answered().is_some()))
    }

    /// When the other side was told what one side was told at the first difference, as far as the position; `None`: not yet.
    pub fn told_the_same(&self) -> Option<Time> {
        self.told.echoed().filter(|later| *later <= self.at())
    }

    fn compare(&mut self) {
        self.find_first();
        let Some(found) = &self.found else { return };
        if self.told.found().is_none() {
            let first = found.answered();
            self.told.follow(0, &self.a, first);
            self.told.follow(1, &self.b, first);
        }
    }

    fn find_first(&mut self) {
        if self.found.is_some() || self.at() < self.agreed {
            return;
        }
        let seen = |side: &Timeline| side.happenings(self.agreed).filter(|h| is_seen(&h.what));
        let (mut a, mut b) = (seen(&self.a), seen(&self.b));
        let is_same = |a: &Happening, b: &Happening| a.at == b.at && a.what == b.what;
        let (a, b) = loop {
            match (a.next(), b.next()) {
                (Some(a), Some(b)) if is_same(&a, &b) => {}
                differ => break differ,
            }
        };
        match [&a, &b].into_iter().flatten().map(|h| h.at).min() {
            Some(at) => self.found = Some(Divergence { at, a, b }),
            None => self.agreed = self.at(),
        }
    }
}

fn changed(scenario: &Scenario, changes: &[(String, String)]) -> Scenario {
    let mut scenario = scenario.clone();
    scenario.settings.retain(|(name, _)| !changes.iter().any(|(changed, _)| changed == name));
    scenario.settings.extend_from_slice(changes);
    scenario
}

/// The time of the last event before `at`; the timeline is left anywhere.
fn before(timeline: &mut Timeline, at: Time) -> Option<Time> {
    timeline.seek_event(timeline.events());
    while timeline.at() >= at {
        if !timeline.step_back() {
            return None;
        }
    }
    Some(timeline.at())
}

/// The time before `at` of the last noteworthy event.
fn noteworthy_before(timeline: &Timeline, at: Time) -> Option<Time> {
    let mut back = timeline.fork();
    while back.at() >= at {
        if !back.previous_noteworthy() {
            return None;
        }
    }
    Some(back.at())
}

/// Goes to just before the last poke, which was at `at`, or to the same moment where it was refused.
fn take_back(timeline: &mut Timeline, at: Time, refused: bool) {
    if !refused {
        timeline.undo();
    } else if timeline.at() > at {
        timeline.seek(at);
    }
}

/// Whether a client is told something by it, or a node has another role after it.
pub(super) fn is_seen(what: &What) -> bool {
    matches!(what, What::Returned(..) | What::Note { mark: NoteMark::Leads | NoteMark::Follows, .. })
}
