//! Moving through time and poking. A step that waits for a prediction lets neither happen.

use crate::cluster::{Cluster, Refused, Stop};
use crate::command::{Command, Drive, Poke};
use crate::sim::time::{Span, Time};
use crate::timeline::{NOTHING_LEFT, PokeAt, Poked};

use crate::lesson::ask::Asked;
use crate::lesson::perform::{Position, UNTIL_LIMIT, has_waited, waited};
use crate::lesson::schema::StepKind;

use super::Walk;
use super::part::Part;

/// Why play stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Halt {
    /// The author set a mark here; its index in the step's marks.
    Mark(usize),
    /// The step has done all that it does. Playing on lets the cluster live on.
    End,
    /// The goal was reached.
    Goal,
    /// It came near and missed; the index of the miss, which has something to say.
    Miss(usize),
    /// A command of the shown solution was carried out; its index.
    Command(usize),
    /// The two designs differ from here on, for a client or a role.
    Differs,
    /// A client was told something, on one of two designs.
    Told,
    /// Nothing but heartbeats came for a while, and nothing else is about to come.
    Quiet,
    /// A prediction has to be made first.
    Locked,
    /// Nothing is left to happen, or it cannot go on: why.
    Stuck(String),
}

/// What a move did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moved {
    /// Whether the position changed.
    pub moved: bool,
    /// Why play stopped before it was asked to; `None`: it may play on.
    pub halt: Option<Halt>,
}

impl Moved {
    fn locked() -> Moved {
        Moved { moved: false, halt: Some(Halt::Locked) }
    }
}

/// What is told to somebody who pokes before predicting.
const PREDICT_FIRST: &str = "choose an answer first; then it happens";

impl Walk {
    /// Plays for this much virtual time, or to the next stop: a mark, the end of the step, the goal, a miss, silence.
    pub fn advance(&mut self, by: Span) -> Moved {
        let watched = self.watched;
        self.moving(|walk| {
            walk.watched = watched;
            let halt = walk.play_to(walk.stage().at() + by).or_else(|| walk.is_quiet().then_some(Halt::Quiet));
            if halt.is_some() {
                walk.watch_anew();
            }
            halt
        })
    }

    /// Goes back to the last stop before the position: a mark, an answer, a poke of the learner, or the start of the step. `None` at the
    /// start.
    pub fn back_to_stop(&mut self) -> Option<Moved> {
        let before = self.part.stop_before()?;
        Some(self.moving(|walk| {
            walk.part.go_back_to(&before);
            before.halt
        }))
    }

    /// One event on (of two clusters: to the next time at which something happens).
    pub fn step_on(&mut self) -> Moved {
        self.moving(|walk| {
            let goal = walk.goal_is_open();
            let stepped = match &mut walk.part {
                Part::One(solo) => solo.timeline.try_step().map(|_| ()),
                Part::Two(duo) => duo.pair.try_step().map_err(|why| why.unwrap_or_else(|| NOTHING_LEFT.to_string())),
            };
            match stepped {
                Ok(()) if goal && walk.check_goal() => Some(Halt::Goal),
                Ok(()) => None,
                Err(why) => Some(Halt::Stuck(why)),
            }
        })
    }

    /// One event back.
    pub fn step_back(&mut self) -> Moved {
        self.moving(|walk| {
            match &mut walk.part {
                Part::One(solo) => solo.timeline.step_back(),
                Part::Two(duo) => duo.pair.step_back(),
            };
            None
        })
    }

    /// To the next event worth seeing.
    pub fn next_noteworthy(&mut self) -> Moved {
        self.moving(|walk| {
            let found = match &mut walk.part {
                Part::One(solo) => solo.timeline.next_noteworthy().is_some(),
                Part::Two(duo) => duo.pair.next_noteworthy(),
            };
            match found {
                true if walk.check_goal() => Some(Halt::Goal),
                true => None,
                false => Some(Halt::Stuck(
                    walk.timeline().why_not_further().unwrap_or_else(|| "nothing more worth seeing comes soon".to_string()),
                )),
            }
        })
    }

    /// To the last event worth seeing before this.
    pub fn previous_noteworthy(&mut self) -> Moved {
        self.moving(|walk| {
            match &mut walk.part {
                Part::One(solo) => solo.timeline.previous_noteworthy(),
                Part::Two(duo) => duo.pair.previous_noteworthy(),
            };
            None
        })
    }

    /// To any time. Beyond what was seen, it plays there and stops where play stops.
    pub fn seek(&mut self, t: Time) -> Moved {
        self.moving(|walk| {
            let end = match &walk.part {
                Part::One(solo) => solo.timeline.end(),
                Part::Two(duo) => duo.pair.end(),
            };
            if t > end {
                return walk.play_to(t);
            }
            let stop = match &mut walk.part {
                Part::One(solo) => solo.timeline.seek(t),
                Part::Two(duo) => duo.pair.seek(t),
            };
            stuck(stop)
        })
    }

    /// To the moment of an event. Two clusters count their own events, so there it goes nowhere.
    pub fn seek_event(&mut self, event: u64) -> Moved {
        self.moving(|walk| walk.part.solo_mut().and_then(|solo| stuck(solo.timeline.seek_event(event))))
    }

    /// Does something to the cluster, or to both.
    pub fn poke(&mut self, poke: &Poke) -> Result<Poked, Refused> {
        if self.is_locked() {
            return Err(Refused(PREDICT_FIRST.to_string()));
        }
        let poked = match &mut self.part {
            Part::One(solo) => solo.timeline.poke(poke)?,
            Part::Two(duo) => duo.poke(poke)?,
        };
        self.watch_anew();
        self.poked();
        if !self.check_goal() {
            self.check_misses();
        }
        self.note_progress();
        Ok(poked)
    }

    /// Takes in what was done to a run that somebody else drives, and goes as far as that has come: see [`Timeline::take_in`].
    ///
    /// [`Timeline::take_in`]: crate::timeline::Timeline::take_in
    pub fn take_in(&mut self, pokes: &[PokeAt], until: Time) -> Result<(), String> {
        self.watch_anew();
        self.part.solo_mut().map_or(Ok(()), |solo| solo.timeline.take_in(pokes, until))
    }

    /// Takes back the learner's last poke, and goes to the moment before it. What the step itself does is not taken back.
    pub fn undo(&mut self) -> Option<Poke> {
        if self.is_locked() {
            return None;
        }
        let undone = match &mut self.part {
            Part::One(solo) => solo.undo(),
            Part::Two(duo) => duo.undo(),
        };
        self.watch_anew();
        undone
    }

    /// Carries out a typed command. The error says why not, in a learner's words; the walk is then somewhere on the way, so that
    /// whoever wants to go back keeps a clone.
    pub fn command(&mut self, command: &Command, until: Option<&crate::cluster::condition::Condition>) -> Result<Moved, String> {
        match command {
            Command::Poke(poke) => {
                self.poke(poke).map_err(|refused| refused.0)?;
                Ok(Moved { moved: true, halt: None })
            }
            Command::Drive(Drive::Run(span)) => Ok(self.advance(*span)),
            Command::Drive(Drive::Step(count)) => Ok(self.steps(*count)),
            Command::Drive(Drive::Until(text)) => {
                let condition = until.ok_or_else(|| format!("`{text}` was not read"))?;
                self.until(condition)
            }
            Command::Drive(Drive::Seed(_)) => Err("a lesson has its own seed; change it in the lab".to_string()),
        }
    }

    fn steps(&mut self, count: u64) -> Moved {
        let mut moved = Moved { moved: false, halt: None };
        for _ in 0..count {
            let one = self.step_on();
            moved = Moved { moved: moved.moved || one.moved, halt: one.halt };
            if moved.halt.is_some() {
                break;
            }
        }
        moved
    }

    /// Plays until a condition holds (on the first of two clusters).
    fn until(&mut self, condition: &crate::cluster::condition::Condition) -> Result<Moved, String> {
        if self.is_locked() {
            return Ok(Moved::locked());
        }
        let before = self.now();
        let came = match &mut self.part {
            Part::One(solo) => {
                let mut asked = Asked::new(condition);
                let (began, mut came) = (Position::of(&solo.timeline), false);
                solo.timeline.until_with(UNTIL_LIMIT, |cluster| {
                    came = asked.holds(cluster)?;
                    Ok(came || has_waited(began, cluster))
                })?;
                came
            }
            Part::Two(duo) => crate::lesson::perform::pair_until(&mut duo.pair, condition)?,
        };
        if !came {
            let now = condition.explain(&condition.look(self.cluster()));
            return Err(format!("it did not come true within {}: {now}", waited(self.now().at.since(before.at))));
        }
        self.check_goal();
        self.note_progress();
        Ok(Moved { moved: self.now() != before, halt: None })
    }

    /// Moves unless the step is locked, and notes what was reached by it.
    pub(super) fn moving(&mut self, how: impl FnOnce(&mut Walk) -> Option<Halt>) -> Moved {
        if self.is_locked() {
            return Moved::locked();
        }
        let before = self.now();
        self.watch_anew();
        let halt = how(self);
        self.note_progress();
        Moved { moved: self.now() != before, halt }
    }

    fn now(&self) -> Position {
        Position { at: self.stage().at(), events: self.timeline().events() }
    }

    /// Plays to a time or to the first stop before it.
    fn play_to(&mut self, t: Time) -> Option<Halt> {
        if self.goal_is_open() {
            return self.play_for_goal(t);
        }
        let commands = self.is_showing();
        match &mut self.part {
            Part::One(solo) => match solo.next_stop(t, commands) {
                Some((stop, halt)) => {
                    solo.go_to_stop(stop);
                    Some(halt)
                }
                None => stuck(solo.timeline.run_to(t)),
            },
            Part::Two(duo) => duo.play_to(t),
        }
    }

    /// Plays to a time or to the end of a shown solution, looking after every event whether the goal is reached.
    fn play_for_goal(&mut self, t: Time) -> Option<Halt> {
        let lesson = std::sync::Arc::clone(&self.lesson);
        let StepKind::Try(step) = &lesson.steps[self.index].kind else { return None };
        let solo = self.part.solo_mut()?;
        let shown = solo.next_stop(t, false);
        let by = shown.as_ref().map_or(t, |(end, _)| end.at).since(solo.timeline.at());
        let told = &self.trail[self.index].goal.missed;
        let mut goal = Asked::new(&step.goal.whole.test);
        let open = step.misses.iter().enumerate().filter(|(i, _)| !told.contains(i)).filter_map(|(_, miss)| miss.told.as_ref());
        let mut misses: Vec<Asked<'_>> = open.map(|told| Asked::new(&told.when.test)).collect();
        // What stood at the start of this stretch is nothing that the learner has just come to.
        misses.retain_mut(|miss| !miss.holds(solo.timeline.cluster()).unwrap_or(true));
        let look = |cluster: &dyn Cluster| {
            let mut stops = goal.holds(cluster)?;
            for miss in &mut misses {
                stops = stops || miss.holds(cluster)?;
            }
            Ok(stops)
        };
        match solo.timeline.until_with(by, look) {
            Ok(true) if self.check_goal() => Some(Halt::Goal),
            Ok(true) => self.check_misses().map(Halt::Miss),
            Ok(false) => shown.map(|_| Halt::End),
            Err(why) => Some(Halt::Stuck(why)),
        }
    }

    /// Notes when the step is done: what it does was played to the end.
    pub(super) fn note_progress(&mut self) {
        if !matches!(self.step().kind, StepKind::Try(_)) && self.part.is_played() {
            self.trail[self.index].done = true;
        }
        self.note_shown();
    }

    /// Whether the learner has left what the step does by poking; [`Walk::restart`] returns to it.
    pub fn is_off_the_story(&self) -> bool {
        match &self.part {
            Part::One(solo) => solo.is_off(),
            Part::Two(duo) => duo.is_off(),
        }
    }
}

pub(super) fn stuck(stop: Stop) -> Option<Halt> {
    match stop {
        Stop::Reached => None,
        Stop::Budget => Some(Halt::Stuck("too many events happen in this time; it stopped on the way".to_string())),
        Stop::Limit(why) => Some(Halt::Stuck(why)),
    }
}
