//! A cure of the learner's own, tried on the run of a report: does it help, does it break nothing else, and is nothing of it too much?

use std::collections::BTreeSet;

use crate::check::verdict::Holds;
use crate::cluster::Cluster;
use crate::command::{Command, Poke};
use crate::lesson::Lesson;
use crate::lesson::drill::{Case, Clinic};
use crate::lesson::schema::{Line, Script};
use crate::lesson::source::Mistake;
use crate::timeline::{Brake, Timeline};

/// The most pokes of a cure: each of them is left out once, to see whether it is needed.
pub const POKES_MAX: usize = 8;

/// A report, and what may cure it.
#[derive(Clone, Debug)]
pub struct Remedies {
    /// The run of the report.
    pub(in crate::quiz) case: Case,
    /// Its seed.
    pub(in crate::quiz) seed: u64,
    /// What may cure it, and how that is seen.
    pub(in crate::quiz) clinic: Clinic,
}

/// What a cure did.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// The symptom is still there; the facts that say so.
    Remains(String),
    /// The run of the report does not come to its end; why.
    Halts(String),
    /// The symptom is gone, but something is broken that was not; what.
    Breaks(String),
    /// It helps, and would without this poke.
    Spare(Poke),
    /// It is one that the author lists at a higher price than another that helps; its index.
    Dear(usize),
    /// It is the smallest of those that the author lists; its index.
    Listed(usize),
    /// It helps, breaks nothing else, and nothing of it can be left out.
    Helps,
}

/// A cure that was tried.
#[derive(Clone, Debug, PartialEq)]
pub struct Tried {
    /// What was done before the run.
    pub pokes: Vec<Poke>,
    /// What it did.
    pub effect: Effect,
}

/// Why a cure cannot be tried.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Untried {
    /// Nothing was done.
    #[error("nothing is changed yet: change a setting, or do something to the cluster")]
    Nothing,
    /// Something was done that is neither a setting nor an operator's.
    #[error("no cure: `{0}`; only settings and what operators do are (u undoes it)")]
    NoCure(Poke),
    /// Too much was done.
    #[error("a small cure is asked for: {POKES_MAX} pokes are the most, these are {0}; u takes one back")]
    TooMuch(usize),
    /// The run does not begin, or does not end.
    #[error("the run cannot be tried with this: {0}")]
    Broken(String),
}

/// A run of the report, after some cure.
struct Run {
    timeline: Timeline,
    cured: bool,
}

impl Remedies {
    /// The report, in a user's words.
    pub fn text(&self) -> &str {
        &self.case.text
    }

    /// What each listed cure does before the run, from the smallest price to the greatest.
    pub fn scripts(&self) -> impl Iterator<Item = &Script> {
        self.clinic.cures.iter().map(|cure| &cure.script)
    }

    /// Tries a cure on the run of the report.
    pub fn attempt(&self, lesson: &Lesson, pokes: Vec<Poke>, brake: &Brake) -> Result<Tried, Untried> {
        match pokes.len() {
            0 => return Err(Untried::Nothing),
            many if many > POKES_MAX => return Err(Untried::TooMuch(many)),
            _ => {}
        }
        if let Some(other) = pokes.iter().find(|poke| !matches!(poke, Poke::Set(..) | Poke::Operate(_))) {
            return Err(Untried::NoCure(other.clone()));
        }
        let effect = self.effect(lesson, &pokes, brake).map_err(|mistake| Untried::Broken(mistake.message))?;
        Ok(Tried { pokes, effect })
    }

    fn effect(&self, lesson: &Lesson, pokes: &[Poke], brake: &Brake) -> Result<Effect, Mistake> {
        let run = match self.run(lesson, &script_of(pokes), brake) {
            Ok(run) => run,
            Err(mistake) => return Ok(Effect::Halts(mistake.message)),
        };
        if !run.cured {
            let test = &self.clinic.cured.test;
            return Ok(Effect::Remains(test.explain(&test.look(run.timeline.cluster()))));
        }
        let smallest = self.smallest(lesson, brake)?;
        let reported = self.run(lesson, &Script::default(), brake)?;
        let known = smallest.as_ref().map(|(_, run)| run.timeline.cluster());
        if let Some(what) = broken(run.timeline.cluster(), reported.timeline.cluster(), known) {
            return Ok(Effect::Breaks(what));
        }
        if let Some(index) = self.clinic.cures.iter().position(|cure| is_the_same(&cure.script, pokes)) {
            let first = smallest.is_some_and(|(first, _)| first == index);
            return Ok(if first { Effect::Listed(index) } else { Effect::Dear(index) });
        }
        Ok(self.spare(lesson, pokes, brake).map_or(Effect::Helps, Effect::Spare))
    }

    fn run(&self, lesson: &Lesson, first: &Script, brake: &Brake) -> Result<Run, Mistake> {
        let timeline = self.case.play(lesson, self.seed, first, brake)?;
        let cured = self.clinic.cured.test.holds_in(timeline.cluster()).unwrap_or(false);
        Ok(Run { timeline, cured })
    }

    /// The first of the listed cures that helps, with its run.
    fn smallest(&self, lesson: &Lesson, brake: &Brake) -> Result<Option<(usize, Run)>, Mistake> {
        for (index, script) in self.scripts().enumerate() {
            let run = self.run(lesson, script, brake)?;
            if run.cured {
                return Ok(Some((index, run)));
            }
        }
        Ok(None)
    }

    /// A poke without which the others help as well.
    fn spare(&self, lesson: &Lesson, pokes: &[Poke], brake: &Brake) -> Option<Poke> {
        let rest = |spare: usize| -> Vec<Poke> {
            pokes.iter().enumerate().filter(|(index, _)| *index != spare).map(|(_, poke)| poke.clone()).collect()
        };
        // Where the others cannot be done without it, it is needed.
        let helps = |index: &usize| self.run(lesson, &script_of(&rest(*index)), brake).is_ok_and(|run| run.cured);
        (0..pokes.len()).filter(|_| pokes.len() > 1).find(helps).map(|index| pokes[index].clone())
    }
}

/// What a cure breaks that neither the report nor the smallest known cure does: a guarantee, or answers that clients get no more.
fn broken(cured: &dyn Cluster, reported: &dyn Cluster, known: Option<&dyn Cluster>) -> Option<String> {
    let names = |cluster: &dyn Cluster| -> BTreeSet<String> {
        let verdicts = cluster.verdicts();
        verdicts.iter().filter(|verdict| verdict.holds == Holds::No).map(|verdict| verdict.guarantee.words()).collect()
    };
    let before: BTreeSet<String> = std::iter::once(reported).chain(known).flat_map(names).collect();
    if let Some(guarantee) = names(cured).into_iter().find(|name| !before.contains(name)) {
        return Some(format!("now *{guarantee}* is broken, which was kept"));
    }
    let answered = |cluster: &dyn Cluster| cluster.exchanges().iter().filter(|exchange| exchange.outcome.is_ok()).count();
    let least = std::iter::once(reported).chain(known).map(answered).min().unwrap_or(0);
    let now = answered(cured);
    (now < least).then(|| format!("clients get {now} good answers now, and could have {least}"))
}

/// Whether a script does the same as these pokes, in whatever order.
fn is_the_same(script: &Script, pokes: &[Poke]) -> bool {
    let listed: Vec<&Poke> =
        script.lines.iter().filter_map(|line| if let Command::Poke(poke) = &line.command { Some(poke) } else { None }).collect();
    listed.len() == pokes.len() && listed.len() == script.lines.len() && pokes.iter().all(|poke| listed.contains(&poke))
}

/// Pokes, one after the other at once.
pub fn script_of(pokes: &[Poke]) -> Script {
    let line = |poke: &Poke| Line { command: Command::Poke(poke.clone()), until: None, at: 0..0 };
    Script { lines: pokes.iter().map(line).collect() }
}
