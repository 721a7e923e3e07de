//! What a learner has come to, in numbers: for the screen of results, for the command line, and for other programs.

use serde::Serialize;

use crate::lesson::{Catalogue, sandbox, topics};
use crate::review::Day;

use super::state::{Mastery, State};

/// How many days a forecast looks ahead.
pub const AHEAD: usize = 7;

/// How many days a year of the calendar has: whole weeks.
pub const YEAR: u32 = 53 * 7;

/// What a learner has come to.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Overview {
    /// The chapters that have lessons, in order.
    pub chapters: Vec<Chapter>,
    /// How many topics have no lesson yet.
    pub not_there_yet: usize,
    /// How many questions are due on each of the next days, today first; what is overdue counts today.
    pub due: [usize; AHEAD],
    /// How often the learner was right, for each confidence, the least first.
    pub calibration: Vec<Calibration>,
    /// The answers that were wrong although the learner was sure, and were not put right since.
    pub sure_and_wrong: Vec<SureAndWrong>,
    /// The things that are forgotten again and again, by name.
    pub slippery: Vec<String>,
    /// On how many days of the last year something was done.
    pub active_days: usize,
    /// The day of an exam that is to come.
    pub exam: Option<String>,
}

/// A chapter, and how well its topics are known.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Chapter {
    /// Its title.
    pub title: String,
    /// Its topics that have a lesson, in order.
    pub topics: Vec<Topic>,
}

/// A topic, and how well it is known.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Topic {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// How well it is known.
    pub mastery: Mastery,
    /// How many steps of its lesson were done.
    pub steps_done: usize,
    /// Whether its lesson was gone through.
    pub finished: bool,
    /// How many questions were asked about it.
    pub asked: usize,
    /// How many of them are due today.
    pub due: usize,
    /// The share of what was asked that is remembered today, as the scheduler expects it; what was wrong the last time is not, until it was right again. `None`:
    /// nothing was asked.
    pub recall: Option<f32>,
}

/// How sure, and how often right.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Calibration {
    /// What the learner said: `guess`, `think so`, `sure`.
    pub confidence: &'static str,
    /// How often it was right.
    pub right: u32,
    /// How often it was said.
    pub asked: u32,
}

/// A wrong answer of which the learner was sure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SureAndWrong {
    /// What was asked.
    pub item: String,
    /// The topic.
    pub topic: String,
    /// What was answered.
    pub chosen: String,
}

impl Overview {
    /// What a learner has come to today.
    pub fn new(state: &State, catalogue: &Catalogue, today: Day) -> Overview {
        let all = catalogue.topics.chapters.iter().filter(|chapter| !sandbox::is_chapter(&chapter.id));
        let chapters = all.clone().map(|chapter| self::chapter(state, catalogue, chapter, today));
        let wrong = state.items().filter(|(_, item)| item.sure_and_wrong());
        let wrong = wrong.map(|(name, item)| SureAndWrong { item: name.into(), topic: item.topic.clone(), chosen: item.chosen.clone() });
        let slippery = state.items().filter(|(_, item)| item.memory.is_some_and(|memory| memory.is_slippery()));
        let calibration = state.calibration().map(|(confidence, tally)| Calibration {
            confidence: confidence.word(),
            right: tally.right,
            asked: tally.asked,
        });
        Overview {
            chapters: chapters.filter(|chapter| !chapter.topics.is_empty()).collect(),
            not_there_yet: all.flat_map(|chapter| &chapter.topics).filter(|topic| !catalogue.has(&topic.id)).count(),
            due: state.forecast(today),
            calibration: calibration.into(),
            sure_and_wrong: wrong.collect(),
            slippery: slippery.map(|(name, _)| name.to_string()).collect(),
            active_days: state.active_days(today.minus(YEAR), today),
            exam: state.exam(today).map(|exam| exam.0.to_string()),
        }
    }

    /// How many topics are known as well as this.
    pub fn count(&self, mastery: Mastery) -> usize {
        self.chapters.iter().map(|chapter| chapter.count(mastery)).sum()
    }

    /// How many questions are due on the next days, today among them.
    pub fn due_this_week(&self) -> usize {
        self.due.iter().sum()
    }
}

impl Chapter {
    /// How many of its topics are known as well as this.
    pub fn count(&self, mastery: Mastery) -> usize {
        self.topics.iter().filter(|topic| topic.mastery == mastery).count()
    }
}

fn chapter(state: &State, catalogue: &Catalogue, chapter: &topics::Chapter, today: Day) -> Chapter {
    let there = chapter.topics.iter().filter(|topic| catalogue.has(&topic.id));
    Chapter { title: chapter.title.clone(), topics: there.map(|topic| self::topic(state, topic, today)).collect() }
}

fn topic(state: &State, topic: &topics::Topic, today: Day) -> Topic {
    let walked = state.topic(&topic.id);
    let memories = state.items().filter(|(_, item)| item.topic == topic.id).filter_map(|(_, item)| item.memory);
    let recalls: Vec<f32> = memories.map(|memory| if memory.known { memory.recall(today) } else { 0.0 }).collect();
    Topic {
        id: topic.id.clone(),
        title: topic.title.clone(),
        mastery: state.mastery(&topic.id, today),
        steps_done: walked.map_or(0, super::topic::Topic::done),
        finished: walked.is_some_and(|walked| walked.finished),
        asked: recalls.len(),
        due: state.due_of(&topic.id, today),
        recall: (!recalls.is_empty()).then(|| recalls.iter().sum::<f32>() / recalls.len() as f32),
    }
}
