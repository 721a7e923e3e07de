//! Where a hunt takes place: a scenario, and what is done to it before.

use crate::cluster::model::Model;
use crate::cluster::{Cluster, Scenario};
use crate::command::Command;
use crate::lesson::perform::{Unwatched, perform};
use crate::lesson::schema::{Line, Script};
use crate::timeline::{Replay, Timeline};

/// The start of every run.
#[derive(Clone)]
pub(in crate::lab) struct Field {
    /// The cluster.
    pub(in crate::lab) model: &'static Model,
    /// How it is set up.
    pub(in crate::lab) scenario: Scenario,
    /// What is done to it at the start of every run, as part of where it comes from: the `start` of a lesson.
    pub(in crate::lab) start: Vec<Line>,
    /// What is done next, and shown in what is printed: the story of a lesson.
    pub(in crate::lab) story: Vec<Line>,
    /// The run that is gone on with, with a seed of its own.
    pub(in crate::lab) replay: Option<Replay>,
}

impl Field {
    /// Starts with this seed, unless it is a replay. The error says what cannot be done.
    pub(super) fn open(&self, seed: u64) -> Result<Timeline, String> {
        let mut timeline = match &self.replay {
            Some(replay) => Timeline::from_replay(replay).map_err(|wrong| wrong.to_string())?,
            None => Timeline::new(self.with_seed(seed)).map_err(|wrong| {
                let messages: Vec<String> = wrong.into_iter().map(|bad| bad.message).collect();
                messages.join("\n")
            })?,
        };
        for lines in [&self.start, &self.story] {
            let script = Script { lines: lines.clone() };
            perform(&mut timeline, &script, &mut Unwatched).map_err(|mistake| mistake.message)?;
        }
        Ok(timeline)
    }

    /// The same without the means to rewind.
    pub(super) fn cluster(&self, seed: u64) -> Result<Box<dyn Cluster>, String> {
        if self.replay.is_none() && self.start.is_empty() && self.story.is_empty() {
            return (self.model.start)(&self.with_seed(seed)).map_err(|wrong| format!("{wrong:?}"));
        }
        self.open(seed).map(|timeline| timeline.cluster().fork())
    }

    pub(super) fn with_seed(&self, seed: u64) -> Scenario {
        Scenario { seed, ..self.scenario.clone() }
    }

    /// The seed of a run: counted up from the scenario's.
    pub(super) fn seed_of(&self, run: u64) -> u64 {
        self.scenario.seed.wrapping_add(run)
    }

    /// What was done before a run begins.
    pub(super) fn before(&self) -> Vec<Command> {
        let replayed = self.replay.iter().flat_map(|replay| &replay.pokes).map(|at| Command::Poke(at.poke.clone()));
        let lines = self.start.iter().chain(&self.story).map(|line| line.command.clone());
        replayed.chain(lines).collect()
    }
}
