//! One run of a law: its rounds, and the numbers that they give.

use std::ops::Range;

use rand::seq::SliceRandom as _;

use super::law::{Case, Deed, Expect, Number, Script, System};
use super::operations::Operations;
use crate::algo::exact::Exact;
use crate::cluster::budget::RUN_EVENTS_MAX;
use crate::cluster::facts::{FactValue, Facts};
use crate::cluster::{Scenario, Stop};
use crate::lesson::perform::{Unwatched, perform_line};
use crate::lesson::schema::Line;
use crate::sim::draw::{Concern, Draws, Stream, mix};
use crate::timeline::{Brake, Timeline};

/// The numbers for each [`Expect`] of a case.
pub(super) type Numbers = Vec<Vec<f64>>;

/// Does some rounds of a case in one run, the one with this number.
pub(super) fn run(case: &Case, number: u64, rounds: u64) -> Result<Numbers, String> {
    let seed = case.seed.wrapping_add(number);
    // Other draws than those of the cluster with the same seed.
    let draws = Draws::new(mix(seed));
    let found = match &case.system {
        System::Cluster(script) => Run::start(script, seed, &draws).and_then(|run| run.rounds(&case.expects, rounds)),
        System::Algorithm(exact, numbers) => worked_out(exact, numbers, &case.expects, (&draws, rounds)),
    };
    found.map_err(|why| format!("seed {seed}: {why}"))
}

fn worked_out(exact: &Exact, with: &[f64], expects: &[Expect], (draws, rounds): (&Draws, u64)) -> Result<Numbers, String> {
    let mut numbers = vec![Vec::new(); expects.len()];
    for round in 0..rounds {
        let result = exact.value(with, &mut draws.at(Concern::Protocol, round)).ok_or_else(|| no_value(exact, with))?;
        let mut facts = Facts::default();
        facts.put("result", FactValue::Float(result));
        for (expect, numbers) in expects.iter().zip(&mut numbers) {
            if let Number::Round { quantity, .. } = &expect.number {
                numbers.extend(quantity.value_given(&facts)?);
            }
        }
    }
    Ok(numbers)
}

/// `jump(3.5, 7)` has no value.
fn no_value(exact: &Exact, with: &[f64]) -> String {
    let numbers: Vec<String> = with.iter().map(f64::to_string).collect();
    format!(
        "{}({}) has no value: it is not defined for these numbers, or they are too large. {}",
        exact.name,
        numbers.join(", "),
        exact.about
    )
}

/// A run that goes on.
struct Run<'l> {
    script: &'l Script,
    timeline: Timeline,
    draws: &'l Draws,
}

impl<'l> Run<'l> {
    fn start(script: &'l Script, seed: u64, draws: &'l Draws) -> Result<Run<'l>, String> {
        let scenario = Scenario { seed, ..script.scenario.clone() };
        let started = Timeline::new(scenario).map_err(|bad| bad.into_iter().map(|bad| bad.message).collect::<Vec<_>>().join("; "));
        let mut timeline = started?;
        timeline.only_forward(&script.series);
        timeline.set_brake(&Brake::of(RUN_EVENTS_MAX));
        let mut run = Run { script, timeline, draws };
        run.all(&script.start, (0, &mut draws.at(Concern::Pick, 0)))?;
        Ok(run)
    }

    fn rounds(mut self, expects: &[Expect], rounds: u64) -> Result<Numbers, String> {
        let first = self.asked();
        let mut numbers = vec![Vec::new(); expects.len()];
        for round in 1..=rounds {
            self.round(round, expects, &mut numbers)?;
        }
        let last = self.asked();
        self.of_operations(expects, first..last, &mut numbers)?;
        Ok(numbers)
    }

    /// How many requests were made so far.
    fn asked(&self) -> usize {
        let (first, newest) = self.timeline.cluster().recent(1);
        first + newest.len()
    }

    fn round(&mut self, round: u64, expects: &[Expect], numbers: &mut Numbers) -> Result<(), String> {
        let began = self.timeline.at();
        let before: Vec<Option<f64>> = expects.iter().map(|expect| self.before(expect, round)).collect::<Result<_, _>>()?;
        self.all(&self.script.deeds, (round, &mut self.draws.at(Concern::Pick, round)))?;
        let elapsed = self.timeline.at().since(began).as_ms();
        for ((expect, numbers), before) in expects.iter().zip(numbers).zip(before) {
            let Number::Round { quantity, growth } = &expect.number else { continue };
            let now = quantity.value(self.timeline.cluster(), |facts| of_this(facts, round, elapsed))?;
            numbers.extend(if *growth { now.zip(before).map(|(now, before)| now - before) } else { now });
        }
        Ok(())
    }

    /// What a number that grows is at the beginning of a round.
    fn before(&self, expect: &Expect, round: u64) -> Result<Option<f64>, String> {
        match &expect.number {
            Number::Round { quantity, growth: true } => quantity.value(self.timeline.cluster(), |facts| of_this(facts, round, 0.0)),
            _ => Ok(None),
        }
    }

    /// The numbers of the operations with these indices.
    fn of_operations(&self, expects: &[Expect], which: Range<usize>, numbers: &mut Numbers) -> Result<(), String> {
        if !expects.iter().any(|expect| matches!(expect.number, Number::Operations { .. })) {
            return Ok(());
        }
        let operations = Operations::of(self.timeline.cluster().exchanges());
        for (expect, numbers) in expects.iter().zip(numbers) {
            if let Number::Operations { verb, quantity } = &expect.number {
                operations.numbers(verb, quantity, which.clone(), numbers)?;
            }
        }
        Ok(())
    }

    fn all(&mut self, deeds: &[Deed], (round, draws): (u64, &mut Stream)) -> Result<(), String> {
        deeds.iter().try_for_each(|deed| self.one(deed, (round, draws)))
    }

    fn one(&mut self, deed: &Deed, (round, draws): (u64, &mut Stream)) -> Result<(), String> {
        match deed {
            Deed::Line(line) => self.line(line),
            Deed::OfRound(lines) => {
                let line = lines.of(round, (&self.script.scenario, &self.script.vocabulary))?;
                self.line(&line)
            }
            Deed::Chance(chance, then, other) => {
                let deeds = if draws.chance(*chance) { then } else { other };
                self.all(deeds, (round, draws))
            }
            Deed::Pick(count, of) => {
                let mut which: Vec<usize> = (0..of.len()).collect();
                which.shuffle(draws);
                which.truncate(*count);
                which.sort_unstable();
                which.into_iter().try_for_each(|index| self.one(&of[index], (round, draws)))
            }
            Deed::Try(pokes) => {
                for poke in pokes {
                    // What is refused changes nothing.
                    let _ = self.timeline.poke(poke);
                }
                Ok(())
            }
            Deed::Wait(dist) => match self.timeline.advance(dist.sample(draws)) {
                Stop::Reached => Ok(()),
                Stop::Budget => Err("too much happens in one wait".to_string()),
                Stop::Limit(why) => Err(why),
            },
        }
    }

    fn line(&mut self, line: &Line) -> Result<(), String> {
        perform_line(&mut self.timeline, line, &mut Unwatched)
    }
}

fn of_this(facts: &mut Facts, round: u64, elapsed: f64) {
    facts.put("elapsed_ms", FactValue::Float(elapsed));
    facts.put("round", FactValue::int(round as usize));
}
