//! Other ways to a goal: every single poke, now and later, and every pair of them, at the moments that matter.

use crate::cluster::facts::{FactValue, Facts};
use crate::cluster::{Cluster, Stop};
use crate::command::{Command, Poke};
use crate::lesson::ask::Asked;
use crate::lesson::perform::{Unwatched, perform};
use crate::lesson::schema::{Lesson, Script, Step, Try};
use crate::lesson::source::Mistake;
use crate::sim::time::Span;
use crate::timeline::{Brake, Timeline};

use super::FoundWay;
use super::pokes::pokes_of;

/// The least time that a way is given.
const LEAST: Span = Span::s(1);
/// For how many seconds of play a learner who has done something may be expected to watch what comes of it.
const WATCHED: u64 = 8;

/// At how many moments after a poke the author's next one is tried.
const MOMENTS: usize = 5;

/// The most ways of one kind that are named.
const NAMED: usize = 3;

/// A way to a goal.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Way {
    /// What is done.
    pub pokes: Vec<Poke>,
    /// How long after the first poke the second comes; how long after the start one alone comes.
    pub gap: Span,
    /// Which reason is true of it; `None`: none.
    pub reason: Option<usize>,
    /// The whole numbers and flags of the moment at which the goal is reached.
    mark: Vec<(&'static str, FactValue)>,
}

impl Way {
    /// The kinds of its pokes, whatever they are done to.
    fn verbs(&self) -> Vec<String> {
        let mut verbs: Vec<String> = self.pokes.iter().map(verb).collect();
        verbs.sort_unstable();
        verbs
    }
}

/// The kind of a poke, whatever it is done to.
fn verb(poke: &Poke) -> String {
    let text = poke.to_string();
    let mut words = text.split_whitespace();
    // A client stands before the verb, and a setting behind it is a verb of its own.
    match (words.next(), words.next()) {
        (Some(client), Some(verb)) if client.parse::<crate::sim::id::NodeId>().is_ok() => verb.to_string(),
        (Some("set"), Some(setting)) => setting.to_string(),
        (verb, _) => verb.unwrap_or_default().to_string(),
    }
}

/// What is tried after the first poke of a way.
pub(super) struct Tries<'p> {
    /// When.
    pub(super) times: &'p Times,
    /// Which second pokes; none: every poke is tried alone.
    pub(super) seconds: &'p [Poke],
    /// Whether the first poke is tried once more after some time has passed.
    pub(super) later: bool,
}

/// What was tried, and what came of it.
#[derive(Default)]
pub struct Tried {
    /// What reached the goal.
    pub(super) ways: Vec<Way>,
    /// How many runs were to be made.
    pub(super) of: usize,
    /// How many of them were not, for want of work that may be done.
    pub(super) left: usize,
}

/// How long a way is given, and when its second poke may come.
pub(super) struct Times {
    pub(super) whole: Span,
    pub(super) second: Vec<Span>,
}

impl Times {
    /// As the author's own scripts are, but no shorter than what a learner watches at this `pace`.
    pub(super) fn of(goal: &Try, opening: &Timeline, pace: Span) -> Times {
        let lengths =
            super::pokes::scripts(goal).filter(|s| !std::ptr::eq(*s, &raw const goal.start)).filter_map(|script| length(script, opening));
        let longest = lengths.max().unwrap_or(LEAST).max(LEAST);
        let ends = ends(&goal.solution, opening).unwrap_or_default();
        let later = goal.solution.lines.iter().zip(&ends).filter(|(line, _)| matches!(line.command, Command::Poke(_)));
        let mut second: Vec<Span> = later.map(|(_, end)| *end).chain([Span(0), Span(longest.0 / 4)]).collect();
        second.sort_unstable();
        second.dedup();
        second.truncate(3);
        let whole = Span((longest.0 + longest.0 / 2).max(pace.0.saturating_mul(WATCHED)));
        Times { whole, second }
    }
}

/// How long after the opening each command of a script is done.
fn ends(script: &Script, opening: &Timeline) -> Option<Vec<Span>> {
    let mut run = opening.fork();
    let ends = perform(&mut run, script, &mut Unwatched).ok()?;
    Some(ends.into_iter().map(|end| end.at.since(opening.at())).collect())
}

/// A script as a way: its pokes, and how long after the one before each of them comes when it is carried out here. `None` where it cannot be.
pub(super) fn timed(script: &Script, here: &Timeline) -> Option<FoundWay> {
    let ends = ends(script, here)?;
    let mut last = Span(0);
    let mut pokes = Vec::new();
    for (line, end) in script.lines.iter().zip(&ends) {
        if let Command::Poke(poke) = &line.command {
            pokes.push((Span(end.0 - last.0), poke.clone()));
            last = *end;
        }
    }
    Some(FoundWay { pokes })
}

/// When something may come after another poke: as in `times`, and as in the author's own ways.
pub(super) fn moments(goal: &Try, here: &Timeline, times: &Times) -> Vec<Span> {
    let scripts = std::iter::once(&goal.solution).chain(&goal.ways).filter_map(|script| timed(script, here));
    let gaps = scripts.flat_map(|way| way.pokes).map(|(wait, _)| wait);
    let mut all: Vec<Span> = Vec::new();
    for gap in gaps.chain(times.second.iter().copied()) {
        if !all.contains(&gap) {
            all.push(gap);
        }
    }
    all.truncate(MOMENTS);
    all.sort_unstable();
    all
}

fn length(script: &Script, opening: &Timeline) -> Option<Span> {
    ends(script, opening)?.last().copied()
}

/// The ways to a goal whose first poke is this one: alone, at once and later, or with another after it: first one of the same kind.
pub(super) fn beginning_with(goal: &Try, opening: &Timeline, first: &Poke, next: &Tries<'_>) -> Tried {
    let Tries { times, seconds, later } = *next;
    let mut tried = Tried { of: 1 + usize::from(later) + times.second.len() * seconds.len(), ..Tried::default() };
    let mut start = opening.fork();
    if start.poke(first).is_err() {
        return Tried::default();
    }
    let waits = [Span(0), Span(times.whole.0 / 2)];
    for wait in &waits[..=usize::from(later)] {
        let mut alone = opening.fork();
        let is_open = matches!(alone.advance(*wait), Stop::Reached) && alone.poke(first).is_ok();
        if let Some(way) = tried.one(&mut alone, is_open, (goal, times)) {
            tried.ways.push(Way { pokes: vec![first.clone()], gap: *wait, ..way });
            return tried;
        }
    }
    let kind = verb(first);
    let mut order: Vec<&Poke> = seconds.iter().collect();
    order.sort_by_cached_key(|second| verb(second) != kind);
    for after in &times.second {
        let mut middle = start.fork();
        let is_open = matches!(middle.advance(*after), Stop::Reached);
        for second in &order {
            let mut run = middle.fork();
            let can = is_open && run.poke(second).is_ok();
            if let Some(way) = tried.one(&mut run, can, (goal, times)) {
                tried.ways.push(Way { pokes: vec![first.clone(), (*second).clone()], gap: *after, ..way });
            }
        }
    }
    tried
}

impl Tried {
    /// Makes a run, where it can be made and as long as there is work that may be done.
    fn one(&mut self, run: &mut Timeline, can: bool, (goal, times): (&Try, &Times)) -> Option<Way> {
        let is_spent = |run: &Timeline| run.brake().is_pulled();
        let way = if can && !is_spent(run) { reached(goal, run, times.whole) } else { None };
        self.left += usize::from(way.is_none() && is_spent(run));
        way
    }
}

/// Runs on until the goal is reached.
pub(super) fn reached(goal: &Try, run: &mut Timeline, within: Span) -> Option<Way> {
    let mut asked = Asked::new(&goal.goal.whole.test);
    let brake: Brake = run.brake().clone();
    let look = |cluster: &dyn Cluster| {
        let before = asked.work();
        let holds = asked.holds(cluster);
        brake.spend(asked.work() - before);
        holds
    };
    let found = run.until_with(within, look).unwrap_or(false);
    found.then(|| Way { pokes: Vec::new(), gap: Span(0), reason: goal.reason(run.cluster()), mark: mark(run.cluster()) })
}

fn mark(cluster: &dyn Cluster) -> Vec<(&'static str, FactValue)> {
    let mut facts = Facts::default();
    cluster.facts(&mut facts);
    let is_whole = |value: &FactValue| matches!(value, FactValue::Int(_) | FactValue::Bool(_));
    facts.iter().filter(|(_, value)| is_whole(value)).map(|(name, value)| (name, value.clone())).collect()
}

/// The author's own ways: where their pokes are among those of another way, that one is no other.
fn known(goal: &Try, opening: &Timeline) -> Vec<Way> {
    let of = |script: &Script| {
        let mut run = opening.fork();
        let mut reached = crate::lesson::prove::Reached::new(goal);
        perform(&mut run, script, &mut reached).ok()?;
        let (at, reason) = reached.found?;
        run.go(at.events, at.at);
        Some(Way { pokes: pokes_of(script).cloned().collect(), gap: Span(0), reason, mark: mark(run.cluster()) })
    };
    [&goal.solution].into_iter().chain(&goal.ways).filter_map(of).collect()
}

/// The mistakes of a goal that can be reached in ways which the lesson does not know. A way is known when the author gives it, when it
/// does the same kinds of things and comes to the same numbers as one of those, or when a reason with a `when` is true of it.
pub(super) fn unexplained(lesson: &Lesson, step: &Step, goal: &Try, ways: Vec<Way>) -> Vec<Mistake> {
    let brake = Brake::of(super::WORK_MAX);
    let Some(opening) = opening_of(lesson, step, &brake) else { return Vec::new() };
    let fewer = fewer(goal, &ways);
    let known = known(goal, &opening);
    let is_reasoned = |way: &Way| way.reason.is_some_and(|reason| goal.because[reason].when.is_some());
    let has = |way: &Way, known: &Way| known.pokes.iter().all(|poke| way.pokes.contains(poke));
    let is_like = |way: &Way, known: &Way| way.verbs() == known.verbs() && way.mark == known.mark;
    let singles: Vec<Poke> = ways.iter().filter(|way| way.pokes.len() == 1).map(|way| way.pokes[0].clone()).collect();
    let is_spare = |way: &Way| way.pokes.len() > 1 && way.pokes.iter().any(|poke| singles.contains(poke));
    let other = |way: &Way| !is_spare(way) && !is_reasoned(way) && !known.iter().any(|k| has(way, k) || is_like(way, k));
    let mut kinds: Vec<(Vec<String>, Vec<Way>)> = Vec::new();
    for way in ways.into_iter().filter(other) {
        match kinds.iter_mut().find(|(verbs, _)| *verbs == way.verbs()) {
            Some((_, same)) => same.push(way),
            None => kinds.push((way.verbs(), vec![way])),
        }
    }
    let fewer = fewer.into_iter();
    kinds.iter().map(|(_, ways)| told(goal, ways)).chain(fewer).collect()
}

/// The mistake of a goal that a way reaches with fewer pokes than the solution and all `ways`: the fewest that are known would not be so.
fn fewer(goal: &Try, ways: &[Way]) -> Option<Mistake> {
    let known = goal.fewest();
    let least = ways.iter().filter(|way| way.pokes.len() < known).min_by_key(|way| way.pokes.len())?;
    let (count, gap) = (least.pokes.len(), least.gap);
    let found = FoundWay {
        pokes: least.pokes.iter().enumerate().map(|(i, poke)| (if i == 0 && count > 1 { Span(0) } else { gap }, poke.clone())).collect(),
    };
    let message = format!("a way has fewer pokes than the solution and the `ways`, {count} and not {known}: {found}");
    Some(Mistake::new(&goal.goal.whole.at, message, "put it into `ways`: the fewest that are known are told to the learner"))
}

fn opening_of(lesson: &Lesson, step: &Step, brake: &Brake) -> Option<Timeline> {
    let index = lesson.steps.iter().position(|s| s.at == step.at)?;
    let mut story = crate::lesson::story::fresh(lesson, &lesson.scenario, brake).ok()?;
    for before in &lesson.steps[..index] {
        story = crate::lesson::story::after(lesson, before, (&story, brake), &mut Unwatched).ok()?.0;
    }
    crate::lesson::story::opening(lesson, step, &story, brake).ok()
}

/// One mistake for all ways of one kind.
fn told(goal: &Try, ways: &[Way]) -> Mistake {
    let one = |way: &Way| match &way.pokes[..] {
        [poke] if way.gap > Span(0) => format!("`{poke}`, {} after the start", way.gap),
        pokes => pokes.iter().map(|poke| format!("`{poke}`")).collect::<Vec<_>>().join(", then "),
    };
    let mut named: Vec<String> = ways.iter().map(one).collect();
    named.dedup();
    let more = named.len().saturating_sub(NAMED);
    named.truncate(NAMED);
    let more = if more > 0 { format!(", and {more} more like this") } else { String::new() };
    let message = format!("the goal can be reached in another way: {}{more}", named.join("; or "));
    let help = "give it a reason with a `when`, put it into `ways`, or shut it out and make it a miss";
    Mistake::new(&goal.goal.whole.at, message, help)
}
