//! Two designs on the stage: where play stops, and whether what the step says of them is about the run that was made.

use crate::cluster::Refused;
use crate::command::Poke;
use crate::lesson::schema::{Compare, Lesson, Side};
use crate::lesson::source::Mistake;
use crate::lesson::story::{self, SideBySide};
use crate::sim::id::NodeId;
use crate::sim::time::Time;
use crate::timeline::pair::Pair;
use crate::timeline::{Brake, Poked, Timeline};

use super::clock::{Halt, stuck};

/// Two designs and the script that both get.
#[derive(Clone)]
pub(super) struct Duo {
    pub(super) pair: Pair,
    /// When the script starts.
    start: Time,
    /// When it ends.
    end: Time,
    /// How many pokes it has.
    script: usize,
    /// Where play stops before the end, in order of time.
    stops: Vec<(Time, Halt)>,
    /// Whether both designs end as the step says.
    as_said: bool,
    /// The run of the script, kept while the learner is on another.
    story: Option<Box<Pair>>,
    /// Whether they are two branches of one run, with nothing that is done to both.
    branches: bool,
}

impl Duo {
    /// Both designs with the script ahead.
    pub(super) fn open(lesson: &Lesson, compare: &Compare, brake: &Brake) -> Result<Duo, Mistake> {
        let SideBySide { mut pair, start, end } = story::side_by_side(lesson, compare, brake)?;
        let script = pair.pokes().len();
        let as_said = is_as_said(&compare.a, pair.a()) && is_as_said(&compare.b, pair.b());
        let stops = stops(&pair, end);
        pair.rewind(start);
        Ok(Duo { pair, start, end, script, stops, as_said, story: None, branches: false })
    }

    /// Two branches of one run that part at this time, at the later of their ends.
    pub(super) fn of_branches(a: Timeline, b: Timeline, parted: Time) -> Duo {
        let mut pair = Pair::of(a, b);
        pair.compare_from(parted);
        let end = pair.at();
        let stops = stops(&pair, end);
        Duo { pair, start: parted, end, script: 0, stops, as_said: true, story: None, branches: true }
    }

    /// When the two branches parted, where they are branches of one run.
    pub(super) fn parted(&self) -> Option<Time> {
        self.branches.then_some(self.start)
    }

    /// Whether the learner poked before the script was over.
    pub(super) fn is_off(&self) -> bool {
        self.story.is_some()
    }

    /// Whether the script was played to its end.
    pub(super) fn is_played(&self) -> bool {
        !self.branches && !self.is_off() && self.pair.at() >= self.end
    }

    /// Whether what the step says of both is so in the run that was made.
    pub(super) fn is_as_said(&self) -> bool {
        self.as_said && !self.is_off()
    }

    /// Whether the script of another does the same to the same two designs.
    pub(super) fn is_same_run(&self, other: &Duo) -> bool {
        let (is, was) = (&self.pair, other.story.as_deref().unwrap_or(&other.pair));
        let same = |is: &Timeline, was: &Timeline| {
            let (is_done, was_done) = (is.pokes(), was.pokes());
            is.scenario() == was.scenario() && was_done.get(..is_done.len()) == Some(&is_done)
        };
        let script = (self.start, self.end, self.script) == (other.start, other.end, other.script);
        script && same(is.a(), was.a()) && same(is.b(), was.b()) && was.pokes().get(..self.script) == Some(is.pokes())
    }

    /// Goes on where another is, which is the same run.
    pub(super) fn stay_on(&mut self, other: &Duo) {
        self.pair = other.pair.clone();
        self.story.clone_from(&other.story);
    }

    /// How many pokes behind the position are the learner's own.
    pub(super) fn own_pokes(&self) -> usize {
        let given = self.story.as_ref().map_or(self.script, |story| {
            let common = self.pair.pokes().iter().zip(story.pokes()).take_while(|(done, given)| done == given);
            common.count().min(self.script)
        });
        self.pair.pokes_done().saturating_sub(given)
    }

    /// Does something to both. A poke before the end leaves the script, unless it is what comes next there.
    pub(super) fn poke(&mut self, poke: &Poke) -> Result<Poked, Refused> {
        if self.branches {
            return Err(Refused(TWO_BRANCHES.to_string()));
        }
        let before = (self.story.is_none() && self.pair.at() < self.end).then(|| Box::new(self.pair.clone()));
        let done = self.pair.poke(poke);
        if let (Some(refused), Some(_)) = (done.refused_a, done.refused_b) {
            return Err(refused);
        }
        self.story = self.story.take().or(before.filter(|story| self.pair.pokes() != story.pokes()));
        Ok(Poked::Recorded)
    }

    /// Takes back the learner's last poke. With the last of them gone, the script lies ahead as before.
    pub(super) fn undo(&mut self) -> Option<Poke> {
        let own = self.own_pokes();
        let undone = (own > 0).then(|| self.pair.undo()).flatten()?;
        match self.story.take_if(|_| own == 1) {
            Some(story) => {
                let at = self.pair.at();
                self.pair = *story;
                self.pair.seek(at);
            }
            None => self.pair.leave_future(),
        }
        Some(undone)
    }

    /// Plays to a time or to the first stop before it.
    pub(super) fn play_to(&mut self, t: Time) -> Option<Halt> {
        let now = self.pair.at();
        let ahead = |at: Time| !self.is_off() && at > now && at <= t;
        let first = self.stops.iter().find(|(at, _)| ahead(*at)).cloned();
        let stop = first.or_else(|| ahead(self.end).then_some((self.end, Halt::End)));
        let stopped = self.pair.run_to(stop.as_ref().map_or(t, |(at, _)| *at));
        stuck(stopped).or(stop.map(|(_, halt)| halt))
    }

    /// The last stop before the position, or the start; `None` at the start.
    pub(super) fn stop_before(&self) -> Option<(Time, Option<Halt>)> {
        let now = self.pair.at();
        let stop = self.stops.iter().rev().filter(|_| !self.is_off()).find(|(at, _)| *at < now);
        let start = (self.start < now).then_some((self.start, None));
        stop.map(|(at, halt)| (*at, Some(halt.clone()))).or(start)
    }
}

/// What is told to somebody who pokes two branches.
const TWO_BRANCHES: &str = "two branches are side by side: go back to one of them to do something";

fn is_as_said(side: &Side, run: &Timeline) -> bool {
    side.holds.as_ref().is_none_or(|holds| holds.test.holds_in(run.cluster()).unwrap_or(false))
}

/// The first difference, and every answer to what the script asks, on either side.
fn stops(pair: &Pair, end: Time) -> Vec<(Time, Halt)> {
    let asked: Vec<(NodeId, Time)> = pair.pokes().iter().filter_map(|p| Some((asked_by(&p.poke)?, p.at))).collect();
    let answers = [pair.a(), pair.b()].into_iter().flat_map(|run| answers(run, &asked)).map(|at| (at, Halt::Told));
    let difference = pair.divergence().map(|first| (first.at, Halt::Differs));
    let mut stops: Vec<(Time, Halt)> = difference.into_iter().chain(answers).filter(|(at, _)| *at < end).collect();
    // The sort is stable: the difference stays before an answer at the same time.
    stops.sort_by_key(|(at, _)| *at);
    stops.dedup_by_key(|(at, _)| *at);
    stops
}

/// The client that is made to ask.
pub(super) fn asked_by(poke: &Poke) -> Option<NodeId> {
    if let Poke::Ask { client, .. } = poke { Some(*client) } else { None }
}

/// When these calls were answered.
fn answers(run: &Timeline, asked: &[(NodeId, Time)]) -> Vec<Time> {
    let exchanges = run.cluster().exchanges().into_iter();
    exchanges.filter(|e| asked.contains(&(e.client, e.called.at))).filter_map(|e| e.ended.map(|end| end.at)).collect()
}
