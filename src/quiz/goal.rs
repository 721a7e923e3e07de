//! A goal of a lesson, to be brought about again: on a fresh run of its step, and without the text that says how.

use std::sync::Arc;

use super::card::Card;
use super::judge::{Judged, Mark};
use crate::lesson::Lesson;
use crate::lesson::question::{About, Question, QuestionKind};
use crate::lesson::schema::{Origin, Script, Step, StepKind, Try};
use crate::lesson::story;
use crate::progress::State;

/// With more pokes than so many times the fewest that are known, a goal counts as known with help.
const DETOUR: usize = 2;

/// What is asked, above the parts of the goal.
const ASKED: &str = "Bring this about once more, at the cluster.";

/// How a learner fared with a goal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Brought {
    /// With how many pokes it was reached; `None`: it was not.
    pub pokes: Option<usize>,
    /// How many hints were shown.
    pub hints: usize,
    /// Whether the solution was shown.
    pub shown: bool,
    /// For each clause of the goal, whether it held at the end.
    pub clauses: Vec<bool>,
}

/// The steps of a lesson that have a goal, by index.
pub fn steps(lesson: &Lesson) -> impl Iterator<Item = usize> {
    let has_goal = |step: &Step| matches!(step.kind, StepKind::Try(_));
    (0..lesson.steps.len()).filter(move |index| has_goal(&lesson.steps[*index]))
}

/// Whether the learner has reached the goal of a step in its lesson: only then it can be asked for again.
pub fn was_reached(state: &State, lesson: &str, step: &str) -> bool {
    state.topic(lesson).and_then(|topic| topic.steps.get(step)).is_some_and(|step| step.reached.is_some())
}

/// What is asked: the clauses of the goal, in words.
pub(super) fn card(item: &str, lesson: &Arc<Lesson>, index: usize, learner: u64) -> Option<Card> {
    let step = lesson.steps.get(index)?;
    let StepKind::Try(goal) = &step.kind else { return None };
    let question = Question {
        id: step.id.clone(),
        text: ASKED.to_string(),
        given: Vec::new(),
        about: About::This,
        form_of: None,
        tags: Vec::new(),
        fixed: true,
        kind: QuestionKind::Goal(goal.clone()),
        run: None,
        step: Some(index),
        at: step.at.clone(),
    };
    Some(Card::new(item, step.id.clone(), question, lesson, learner))
}

/// A lesson of one step: the goal of a step, where the step opens. The story before it has happened, and its text is left out.
pub fn lesson_of(lesson: &Lesson, index: usize) -> Option<Lesson> {
    let step = lesson.steps.get(index)?;
    let (scenario, before) = story::way_to(lesson, index);
    let lines = lesson.start.lines.iter().chain(&before.lines).cloned().collect();
    let alone = Step {
        text: ASKED.to_string(),
        notes: None,
        origin: Origin::Fresh(scenario.clone()),
        pace: Some(step.pace.unwrap_or(lesson.pace)),
        marks: Vec::new(),
        ..step.clone()
    };
    let scenario = scenario.clone();
    Some(Lesson { scenario, start: Script { lines }, steps: vec![alone], corrections: Vec::new(), ..lesson.clone() })
}

/// What there is to say of how a learner fared.
pub(super) fn judged(goal: &Try, brought: &Brought) -> Judged {
    let reached = brought.pokes.filter(|_| !brought.shown);
    let fewest = goal.fewest();
    let all_hints = goal.hints.as_ref().is_some_and(|hints| brought.hints >= hints.len());
    let mark = |held: &bool| if reached.is_some() || *held { Mark::Right } else { Mark::Missed };
    Judged {
        right: reached.is_some(),
        partly: reached.is_some_and(|pokes| all_hints || pokes > fewest * DETOUR),
        best: reached.is_some_and(|pokes| pokes <= fewest) && brought.hints == 0,
        marks: brought.clauses.iter().map(mark).collect(),
        why: vec![said(goal, brought)],
        said: said(goal, brought),
        beliefs: Vec::new(),
    }
}

/// How a learner fared, in a sentence.
fn said(goal: &Try, brought: &Brought) -> String {
    let count = |n: usize, word: &str| format!("{n} {word}{}", if n == 1 { "" } else { "s" });
    let help = match brought.hints {
        0 => String::new(),
        hints => format!(", with {}", count(hints, "hint")),
    };
    match brought.pokes {
        _ if brought.shown => "the solution was shown".to_string(),
        None => format!("not reached{help}"),
        Some(pokes) => format!("reached with {}{help}; the fewest known is {}", count(pokes, "poke"), goal.fewest().min(pokes)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lesson::perform::{Unwatched, perform};
    use crate::lesson::walk::Walk;
    use crate::lesson::{catalogue, story};
    use crate::review::{Grade, Outcome};
    use crate::timeline::Brake;

    /// The goal of a lesson opens in the very state of its step, and its solution reaches it from there.
    #[test]
    fn every_goal_opens_as_its_step_does_and_can_be_reached() {
        let mut goals = 0;
        for id in catalogue().lessons() {
            let lesson = catalogue().open(id).unwrap().unwrap();
            for index in steps(&lesson) {
                let brake = Brake::default();
                let mut whole = Walk::start(Arc::clone(&lesson), &brake).unwrap();
                whole.go_to(index).unwrap();
                let alone = lesson_of(&lesson, index).unwrap();
                let walk = Walk::start(Arc::new(alone.clone()), &brake).unwrap();
                assert_eq!(walk.cluster().now(), whole.cluster().now(), "{id} {index}");
                assert_eq!(walk.cluster().events(), whole.cluster().events(), "{id} {index}");
                assert_eq!(walk.cluster().exchanges(), whole.cluster().exchanges(), "{id} {index}");
                let StepKind::Try(goal) = &alone.steps[0].kind else { panic!("it has a goal") };
                let mut run = story::opening(&alone, &alone.steps[0], walk.timeline(), &brake).unwrap();
                assert!(!goal.goal.whole.test.holds_in(run.cluster()).unwrap());
                perform(&mut run, &goal.solution, &mut Unwatched).unwrap();
                goals += 1;
            }
        }
        assert!(goals >= 10, "{goals}");
    }

    #[test]
    fn what_was_reached_and_how_makes_the_grade() {
        let lesson = catalogue().open("failover-limits").unwrap().unwrap();
        let goals = lesson.steps.iter().filter_map(|step| if let StepKind::Try(goal) = &step.kind { Some(goal) } else { None });
        let goal = goals.max_by_key(|goal| goal.fewest()).unwrap();
        let (best, hints) = (goal.fewest(), goal.hints.as_ref().map_or(0, |hints| hints.len()));
        assert!(best >= 2 && hints == 3);
        let grade = |pokes, hints, shown| {
            let brought = Brought { pokes, hints, shown, clauses: vec![true; goal.goal.clauses.len()] };
            let judged = judged(goal, &brought);
            Grade::from(Outcome { right: judged.right, helped: judged.partly, confidence: None, best: judged.best })
        };
        assert_eq!(grade(Some(best), 0, false), Grade::Easy);
        assert_eq!(grade(Some(best), 1, false), Grade::Good);
        assert_eq!(grade(Some(best + 1), 0, false), Grade::Good);
        assert_eq!(grade(Some(best * DETOUR + 1), 0, false), Grade::Hard);
        assert_eq!(grade(Some(best), 3, false), Grade::Hard);
        assert_eq!(grade(None, 0, false), Grade::Again);
        assert_eq!(grade(Some(best), 0, true), Grade::Again);
    }
}
