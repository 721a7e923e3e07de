//! Drills: runs that are drawn anew each time they are asked, so that they never run out. What happens in one is not written down:
//! the simulator says it.

use crate::cluster::told::Outcome as Ended;
use crate::cluster::{Cluster, Scenario};
use crate::sim::id::NodeId;
use crate::timeline::{Brake, Timeline};

use super::goal::Because;
use super::perform::{Unwatched, perform};
use super::question::{Fact, WrongOption};
use super::schema::{Alternative, Cond, Lesson, Run, Script};
use super::source::{Bytes, Mistake};
use super::story;

/// One drill.
#[derive(Clone, Debug)]
pub struct Drill {
    /// Its name, unique among drills and questions of the lesson.
    pub id: String,
    /// Words by which it is found beside its topic.
    pub tags: Vec<String>,
    /// One for each combination of its values; at least one.
    pub cases: Vec<Case>,
    /// What people believe would happen, and does not in any case.
    pub believed: Vec<WrongOption>,
    /// Where it stands.
    pub at: Bytes,
}

/// A drill with its values filled in.
#[derive(Clone, Debug)]
pub struct Case {
    /// The values by name.
    pub given: Vec<(String, String)>,
    /// What is asked or told, in Markdown.
    pub text: String,
    /// What has happened before anything is asked.
    pub run: Run,
    /// What is asked.
    pub asks: Asks,
}

/// What a drill asks.
#[derive(Clone, Debug)]
pub enum Asks {
    /// What will happen?
    Predict {
        /// What happens once it is said.
        then: Script,
        /// What there is to be seen at the end.
        outcomes: Outcomes,
    },
    /// Which guarantee is broken, and by which operation?
    Diagnose,
    /// A bug report: what is it, when did it happen, and what is the smallest cure?
    Clinic(Box<Clinic>),
}

/// What there is to be seen at the end of a run.
#[derive(Clone, Debug)]
pub enum Outcomes {
    /// One of these.
    Listed(Vec<Outcome>),
    /// The value of a fact.
    Number {
        /// The fact.
        fact: Fact,
        /// What it counts.
        unit: Option<String>,
        /// Why, for the runs that each reason is true of.
        because: Vec<Because>,
    },
    /// What this client was told last.
    Told {
        /// The client.
        client: NodeId,
        /// Why, for the runs that each reason is true of.
        because: Vec<Because>,
    },
}

/// One thing that can come of a run.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// What.
    pub text: String,
    /// The condition that holds at the end of the runs that it comes of.
    pub see: Cond,
    /// Why, for the runs that each reason is true of.
    pub because: Vec<Because>,
}

/// A bug report.
#[derive(Clone, Debug)]
pub struct Clinic {
    /// What it can be; one is right.
    pub options: Vec<Alternative>,
    /// The condition that holds from the moment on at which it happened.
    pub moment: Cond,
    /// Why that is the moment.
    pub moment_why: String,
    /// What may help, from the smallest to the greatest price.
    pub cures: Vec<Cure>,
    /// The condition that holds at the end of a run that is cured.
    pub cured: Cond,
}

/// Something that may cure.
#[derive(Clone, Debug)]
pub struct Cure {
    /// What it is.
    pub text: String,
    /// What is done before the run begins.
    pub script: Script,
    /// What it does, and its price.
    pub why: String,
    /// Where it stands.
    pub at: Bytes,
}

/// What came of a run, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// What.
    pub text: String,
    /// Why; empty where no reason is true of this run.
    pub why: String,
}

impl Case {
    /// The cluster of this case with a seed.
    pub fn scenario(&self, seed: u64) -> Scenario {
        Scenario { seed, ..self.run.scenario.clone() }
    }

    /// The run of this case with a seed, after something is done to it first.
    pub fn play(&self, lesson: &Lesson, seed: u64, first: &Script, brake: &Brake) -> Result<Timeline, Mistake> {
        let mut timeline = story::fresh(lesson, &self.scenario(seed), brake)?;
        perform(&mut timeline, first, &mut Unwatched)?;
        perform(&mut timeline, &self.run.script, &mut Unwatched)?;
        if let Asks::Predict { then, .. } = &self.asks {
            perform(&mut timeline, then, &mut Unwatched)?;
        }
        Ok(timeline)
    }

    /// What comes of this case with a seed. `None` where it is not one thing alone, or there is nothing to ask.
    pub fn outcome(&self, lesson: &Lesson, seed: u64, brake: &Brake) -> Result<Option<Shown>, Mistake> {
        let Asks::Predict { outcomes, .. } = &self.asks else { return Ok(None) };
        let timeline = self.play(lesson, seed, &Script::default(), brake)?;
        Ok(outcomes.shown(timeline.cluster()))
    }

    /// The names of the values in which two cases differ.
    pub fn differs<'c>(&'c self, other: &'c Case) -> impl Iterator<Item = &'c (String, String)> {
        self.given.iter().zip(&other.given).filter(|(one, other)| one != other).map(|(_, other)| other)
    }
}

impl Outcomes {
    /// What is to be seen in a cluster at the end of a run. `None` where none of the listed is, or several are.
    pub fn shown(&self, cluster: &dyn Cluster) -> Option<Shown> {
        match self {
            Outcomes::Listed(list) => {
                let mut held = list.iter().filter(|outcome| holds(&outcome.see, cluster));
                let one = held.next().filter(|_| held.next().is_none())?;
                Some(Shown { text: one.text.clone(), why: reason(&one.because, cluster) })
            }
            Outcomes::Number { fact, unit, because } => {
                let unit = unit.as_deref().map_or_else(String::new, |unit| format!(" {unit}"));
                let text = format!("{}{unit}", fact.value(cluster)?);
                Some(Shown { text, why: reason(because, cluster) })
            }
            Outcomes::Told { client, because } => {
                let exchanges = cluster.exchanges();
                let last = exchanges.iter().rev().find(|exchange| exchange.client == *client)?;
                Some(Shown { text: told(&last.outcome)?, why: reason(because, cluster) })
            }
        }
    }

    /// The reasons.
    pub fn because(&self) -> Vec<&Because> {
        match self {
            Outcomes::Listed(list) => list.iter().flat_map(|outcome| &outcome.because).collect(),
            Outcomes::Number { because, .. } | Outcomes::Told { because, .. } => because.iter().collect(),
        }
    }
}

/// What a client was told, in words. `None` while it waits.
fn told(ended: &Ended) -> Option<String> {
    match ended {
        Ended::Open => None,
        Ended::Ok(told) => Some(told.clone()),
        Ended::Refused(_) => Some("it is refused".to_string()),
        Ended::Failed(_) | Ended::Unknown(_) => Some("no answer in time".to_string()),
    }
}

/// The first reason that is true of a run.
fn reason(because: &[Because], cluster: &dyn Cluster) -> String {
    let holds = |because: &&Because| because.when.as_ref().is_none_or(|when| holds(when, cluster));
    because.iter().find(holds).map_or_else(String::new, |because| because.text.clone())
}

/// Whether a condition holds; one that cannot be told does not.
fn holds(condition: &Cond, cluster: &dyn Cluster) -> bool {
    condition.test.holds_in(cluster).unwrap_or(false)
}
