//! Carries out the commands of a script on a timeline. Walks and proofs both do it here, so that a learner sees what was proved.

use crate::cluster::condition::Condition;
use crate::cluster::{Cluster, Stop};
use crate::command::{Command, Drive};
use crate::sim::time::{Span, Time};
use crate::timeline::pair::Pair;
use crate::timeline::{Brake, NOTHING_LEFT, RUN_BUDGET, Timeline};

use super::ask::Asked;
use super::schema::{Cond, Line, Script};
use super::source::Mistake;

/// The longest that an `until` command waits, in virtual time: forty days.
pub const UNTIL_LIMIT: Span = Span::s(40 * 24 * 3600);
/// The longest where more than [`UNTIL_EVENTS`] happen meanwhile.
const UNTIL_LIMIT_BUSY: Span = Span::s(600);
/// So many events are waited for in any case.
const UNTIL_EVENTS: u64 = 20_000;

/// How long an `until` has waited in vain, for a sentence, where so much time has passed.
pub fn waited(passed: Span) -> Span {
    if passed >= UNTIL_LIMIT { UNTIL_LIMIT } else { UNTIL_LIMIT_BUSY }
}

/// Whether an `until` that began at a place has waited long enough.
pub fn has_waited(began: Position, cluster: &dyn Cluster) -> bool {
    let passed = cluster.now().since(began.at);
    passed >= UNTIL_LIMIT || (passed >= UNTIL_LIMIT_BUSY && cluster.events() - began.events >= UNTIL_EVENTS)
}

/// A place on a timeline: after an event, with the clock at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The time on the clock.
    pub at: Time,
    /// How many events are behind it.
    pub events: u64,
}

impl Position {
    /// Where a timeline is now.
    pub fn of(timeline: &Timeline) -> Position {
        Position::in_cluster(timeline.cluster())
    }

    fn in_cluster(cluster: &dyn Cluster) -> Position {
        Position { at: cluster.now(), events: cluster.events() }
    }
}

/// What is asked after every event while a script is carried out. An error ends it.
pub trait Watch {
    /// Looks at the cluster: at the start, and after every event and every poke.
    fn look(&mut self, cluster: &dyn Cluster) -> Result<(), String>;

    /// The work of all looks so far, in events.
    fn work(&self) -> u64 {
        0
    }

    /// Whether there is nothing to look at.
    fn idle(&self) -> bool {
        false
    }
}

/// Looks at nothing, which is faster.
pub struct Unwatched;

impl Watch for Unwatched {
    fn look(&mut self, _: &dyn Cluster) -> Result<(), String> {
        Ok(())
    }

    fn idle(&self) -> bool {
        true
    }
}

/// Notes when each of some conditions held for the first time.
pub struct FirstTimes<'c> {
    conditions: Vec<Asked<'c>>,
    /// For each condition the first position at which it held.
    pub first: Vec<Option<Position>>,
}

impl<'c> FirstTimes<'c> {
    /// Of these conditions.
    pub fn of(conditions: impl IntoIterator<Item = &'c Cond>) -> FirstTimes<'c> {
        let conditions: Vec<_> = conditions.into_iter().map(|c| Asked::new(&c.test)).collect();
        FirstTimes { first: vec![None; conditions.len()], conditions }
    }
}

impl Watch for FirstTimes<'_> {
    fn look(&mut self, cluster: &dyn Cluster) -> Result<(), String> {
        for (condition, first) in self.conditions.iter_mut().zip(&mut self.first) {
            if first.is_none() && condition.holds(cluster)? {
                *first = Some(Position::in_cluster(cluster));
            }
        }
        Ok(())
    }

    fn work(&self) -> u64 {
        self.conditions.iter().map(Asked::work).sum()
    }

    fn idle(&self) -> bool {
        self.conditions.is_empty()
    }
}

/// Carries out a script and gives the position after each command. The mistake is at the command that could not be carried out.
pub fn perform(timeline: &mut Timeline, script: &Script, watch: &mut dyn Watch) -> Result<Vec<Position>, Mistake> {
    let before = timeline.set_scripted(true);
    let done = perform_lines(timeline, script, watch);
    timeline.set_scripted(before);
    done
}

fn perform_lines(timeline: &mut Timeline, script: &Script, watch: &mut dyn Watch) -> Result<Vec<Position>, Mistake> {
    if let Some(first) = script.lines.first() {
        look(watch, timeline).map_err(|message| Mistake::new(&first.at, message, ""))?;
    }
    let one = |line: &Line| {
        perform_line(timeline, line, watch).map_err(|message| Mistake::new(&line.at, message, ""))?;
        Ok(Position::of(timeline))
    };
    script.lines.iter().map(one).collect()
}

/// Carries out one command.
pub fn perform_line(timeline: &mut Timeline, line: &Line, watch: &mut dyn Watch) -> Result<(), String> {
    match &line.command {
        Command::Poke(poke) => {
            timeline.poke(poke).map_err(|refused| format!("`{}` is refused: {refused}", line.command))?;
            look(watch, timeline)
        }
        Command::Drive(Drive::Run(span)) if watch.idle() => reached(timeline.advance(*span)),
        Command::Drive(Drive::Run(span)) => watched_run(timeline, *span, watch),
        Command::Drive(Drive::Step(count)) => (0..*count).try_for_each(|_| {
            timeline.try_step()?;
            look(watch, timeline)
        }),
        Command::Drive(Drive::Until(_)) => until(timeline, line, watch),
        Command::Drive(Drive::Seed(_)) => Err("a script cannot change the seed".to_string()),
    }
}

fn reached(stop: Stop) -> Result<(), String> {
    match stop {
        Stop::Reached => Ok(()),
        Stop::Budget => Err(format!("more than {RUN_BUDGET} events happen in this time; run for less")),
        Stop::Limit(why) => Err(why),
    }
}

fn watched_run(timeline: &mut Timeline, span: Span, watch: &mut dyn Watch) -> Result<(), String> {
    let brake = timeline.brake().clone();
    let look = |cluster: &dyn Cluster| charged(watch, cluster, &brake).map(|()| false);
    timeline.until_with(span, look).map(|_| ())
}

fn look(watch: &mut dyn Watch, timeline: &Timeline) -> Result<(), String> {
    charged(watch, timeline.cluster(), timeline.brake())
}

/// A look, whose work counts like events.
fn charged(watch: &mut dyn Watch, cluster: &dyn Cluster, brake: &Brake) -> Result<(), String> {
    let before = watch.work();
    let looked = watch.look(cluster);
    brake.spend(watch.work() - before);
    looked
}

/// Whether a condition holds; the work counts like events.
fn asked(condition: &mut Asked<'_>, cluster: &dyn Cluster, brake: &Brake) -> Result<bool, String> {
    let before = condition.work();
    let holds = condition.holds(cluster);
    brake.spend(condition.work() - before);
    holds
}

fn until(timeline: &mut Timeline, line: &Line, watch: &mut dyn Watch) -> Result<(), String> {
    let condition = line.until.as_ref().ok_or("the condition was not read")?;
    let mut awaited = Asked::new(condition);
    let (brake, began) = (timeline.brake().clone(), Position::of(timeline));
    let mut came = false;
    let look = |cluster: &dyn Cluster| {
        charged(watch, cluster, &brake)?;
        came = asked(&mut awaited, cluster, &brake)?;
        Ok(came || has_waited(began, cluster))
    };
    timeline.until_with(UNTIL_LIMIT, look)?;
    if came {
        return Ok(());
    }
    let now = condition.explain(&condition.look(timeline.cluster()));
    Err(format!("`{}` did not come true within {} of virtual time: {now}", line.command, waited(timeline.at().since(began.at))))
}

/// Carries out a script on two designs. A poke that only one of them refuses is done to the other; `until` looks at the first.
pub fn perform_on_both(pair: &mut Pair, script: &Script) -> Result<(), Mistake> {
    let one = |line: &Line| both_line(pair, line).map_err(|message| Mistake::new(&line.at, message, ""));
    script.lines.iter().try_for_each(one)
}

fn both_line(pair: &mut Pair, line: &Line) -> Result<(), String> {
    match &line.command {
        Command::Poke(poke) => {
            let done = pair.poke(poke);
            match done.refusals() {
                [Some(refused), Some(_)] => Err(format!("`{}` is refused by both: {refused}", line.command)),
                _ => Ok(()),
            }
        }
        Command::Drive(Drive::Run(span)) => reached(pair.advance(*span)),
        Command::Drive(Drive::Step(count)) => {
            (0..*count).try_for_each(|_| pair.try_step().map_err(|why| why.unwrap_or_else(|| NOTHING_LEFT.to_string())))
        }
        Command::Drive(Drive::Until(_)) => {
            let condition = line.until.as_ref().ok_or("the condition was not read")?;
            let began = pair.at();
            if pair_until(pair, condition)? {
                return Ok(());
            }
            Err(format!("`{}` did not come true within {} of virtual time", line.command, waited(pair.at().since(began))))
        }
        Command::Drive(Drive::Seed(_)) => Err("a script cannot change the seed".to_string()),
    }
}

/// Plays both until a condition holds on the first. `Ok(false)`: it did not while [`has_waited`] says no.
pub fn pair_until(pair: &mut Pair, condition: &Condition) -> Result<bool, String> {
    let began = Position::of(pair.a());
    let mut awaited = Asked::new(condition);
    let brake = pair.a().brake().clone();
    while !has_waited(began, pair.a().cluster()) {
        if asked(&mut awaited, pair.a().cluster(), &brake)? {
            return Ok(true);
        }
        if let Err(why) = pair.try_step() {
            return why.map_or_else(|| asked(&mut awaited, pair.a().cluster(), &brake), Err);
        }
    }
    asked(&mut awaited, pair.a().cluster(), &brake)
}
