//! What is known of a learner: the events of the log, folded one by one in the order of the log.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::Serialize;

use crate::review::{Confidence, Day, Exam, Stamp};

use super::event::{Event, Record};
use super::item::{Given, Item};
use super::topic::{Reached, Step, Topic};

/// The setting that holds the number by which a learner's options are shuffled.
pub const LEARNER: &str = "learner";

/// The setting that holds the day of an exam.
pub const EXAM: &str = "exam";

/// How often something was right, of how many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// How often it was right.
    pub right: u32,
    /// How often it was asked.
    pub asked: u32,
}

/// How well a topic is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mastery {
    /// Nothing was done.
    New,
    /// It was begun.
    Learning,
    /// Its lesson was gone through, something of it was asked, everything asked was known last time, and nothing is due.
    Known,
}

/// What is known of a learner.
#[derive(Clone, Debug, Default)]
pub struct State {
    topics: BTreeMap<String, Topic>,
    items: BTreeMap<String, Item>,
    /// For each confidence, the least first.
    calibration: [Tally; 3],
    /// On each day, the topics that were worked on.
    days: BTreeMap<Day, BTreeSet<Arc<str>>>,
    names: BTreeSet<Arc<str>>,
    settings: BTreeMap<String, String>,
    events: usize,
}

impl State {
    /// Takes in one more event, which happened on `day`.
    pub fn fold(&mut self, record: Record, day: Day) {
        self.events += 1;
        let at = record.at;
        match record.event {
            Event::StepSeen { lesson, step } => {
                let topic = self.walked(&lesson, at);
                topic.steps.entry(step.clone()).or_default();
                topic.here = Some(step);
            }
            Event::StepDone { lesson, step } => self.step(&lesson, step, at, day).done = true,
            Event::Predicted { lesson, step, option, right } => self.step(&lesson, step, at, day).predicted(option, right),
            Event::Reached { lesson, step, pokes, helped, shown } => {
                self.step(&lesson, step, at, day).reached(Reached { pokes, helped, shown });
            }
            Event::Finished { lesson } => self.walked(&lesson, at).finished = true,
            Event::Answered(answer) => {
                self.active(day, &answer.topic);
                let item = self.items.entry(answer.item.clone()).or_default();
                item.answered(answer, day);
                count(&mut self.calibration, item.answers.last(), true);
            }
            Event::Regraded { item, grade } => {
                if let Some(item) = self.items.get_mut(&item) {
                    item.regrade(grade);
                }
            }
            Event::Undone { item } => self.undo(&item),
            Event::Setting { name, value } => {
                self.settings.insert(name, value);
            }
            Event::Reset { topic } => self.reset(topic.as_deref()),
        }
    }

    fn walked(&mut self, lesson: &str, at: Stamp) -> &mut Topic {
        if !self.topics.contains_key(lesson) {
            self.topics.insert(lesson.to_string(), Topic::default());
        }
        let topic = self.topics.entry(lesson.to_string()).or_default();
        topic.last = at;
        topic
    }

    fn step(&mut self, lesson: &str, step: String, at: Stamp, day: Day) -> &mut Step {
        self.active(day, lesson);
        self.walked(lesson, at).steps.entry(step).or_default()
    }

    fn active(&mut self, day: Day, topic: &str) {
        let name = self.names.get(topic).cloned().unwrap_or_else(|| Arc::from(topic));
        self.names.insert(Arc::clone(&name));
        self.days.entry(day).or_default().insert(name);
    }

    /// Takes back the last answer to an item; one that was never asked otherwise is as new.
    fn undo(&mut self, name: &str) {
        let Some(item) = self.items.get_mut(name) else { return };
        let undone = item.undo();
        count(&mut self.calibration, undone.as_ref(), false);
        if item.answers.is_empty() {
            self.items.remove(name);
        }
    }

    fn reset(&mut self, topic: Option<&str>) {
        let Some(topic) = topic else {
            let State { settings, events, .. } = std::mem::take(self);
            *self = State { settings, events, ..State::default() };
            return;
        };
        self.topics.remove(topic);
        let calibration = &mut self.calibration;
        self.items.retain(|_, item| {
            let stays = item.topic != topic;
            item.answers.iter().filter(|_| !stays).for_each(|given| count(calibration, Some(given), false));
            stays
        });
    }

    /// How many events were taken in.
    pub fn events(&self) -> usize {
        self.events
    }

    /// How far a lesson was walked.
    pub fn topic(&self, id: &str) -> Option<&Topic> {
        self.topics.get(id)
    }

    /// Every lesson that was begun, by id.
    pub fn topics(&self) -> impl Iterator<Item = (&str, &Topic)> {
        self.topics.iter().map(|(id, topic)| (id.as_str(), topic))
    }

    /// The lesson to go on with: the one that was worked in last, of those that were not gone through.
    pub fn unfinished(&self) -> Option<(&str, &Topic)> {
        self.topics().filter(|(_, topic)| !topic.finished).max_by_key(|(_, topic)| topic.last)
    }

    /// A thing that was asked for.
    pub fn item(&self, name: &str) -> Option<&Item> {
        self.items.get(name)
    }

    /// Every thing that was asked for, by name.
    pub fn items(&self) -> impl Iterator<Item = (&str, &Item)> {
        self.items.iter().map(|(name, item)| (name.as_str(), item))
    }

    /// A setting of the way of learning, where it has a value.
    pub fn setting(&self, name: &str) -> Option<&str> {
        self.settings.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// The number by which the options of this learner are shuffled, once it was drawn.
    pub fn learner(&self) -> Option<u64> {
        self.setting(LEARNER)?.parse().ok()
    }

    /// The exam that everything is to be remembered at, if one is to come.
    pub fn exam(&self, today: Day) -> Option<Exam> {
        self.setting(EXAM)?.parse().ok().filter(|day| *day > today).map(Exam)
    }

    /// Everything with the day on which to ask it again, the longest due first.
    fn plan(&self, today: Day) -> Vec<(Day, &str)> {
        let exam = self.exam(today);
        let mut plan: Vec<_> = self.items().filter_map(|(name, item)| Some((item.due_on(today, exam, name)?, name))).collect();
        plan.sort_unstable();
        plan
    }

    /// The names of the things to ask today, the longest due first.
    pub fn due(&self, today: Day) -> Vec<&str> {
        self.plan(today).into_iter().take_while(|(day, _)| *day <= today).map(|(_, name)| name).collect()
    }

    /// How many things of a topic are to be asked today.
    pub fn due_of(&self, topic: &str, today: Day) -> usize {
        let exam = self.exam(today);
        let of_topic = self.items().filter(|(_, item)| item.topic == topic);
        of_topic.filter(|(name, item)| item.due_on(today, exam, name).is_some_and(|day| day <= today)).count()
    }

    /// How many things are to be asked on each of the next days, today first; what is overdue counts today.
    pub fn forecast<const DAYS: usize>(&self, today: Day) -> [usize; DAYS] {
        let mut days = [0; DAYS];
        for (day, _) in self.plan(today) {
            if let Some(count) = days.get_mut(day.since(today) as usize) {
                *count += 1;
            }
        }
        days
    }

    /// How often the learner was right, for each confidence.
    pub fn calibration(&self) -> [(Confidence, Tally); 3] {
        let mut calibration = Confidence::ALL.map(|confidence| (confidence, Tally::default()));
        for ((_, tally), counted) in calibration.iter_mut().zip(self.calibration) {
            *tally = counted;
        }
        calibration
    }

    /// How many topics were worked on on a day.
    pub fn activity(&self, day: Day) -> usize {
        self.days.get(&day).map_or(0, BTreeSet::len)
    }

    /// On how many days something was done, from one to another, both counted.
    pub fn active_days(&self, from: Day, to: Day) -> usize {
        if from > to { 0 } else { self.days.range(from..=to).count() }
    }

    /// How well a topic is known today.
    pub fn mastery(&self, topic: &str, today: Day) -> Mastery {
        let walked = self.topics.get(topic);
        let exam = self.exam(today);
        let asked: Vec<_> = self.items().filter(|(_, item)| item.topic == topic).collect();
        let stays = |(name, item): &(&str, &Item)| {
            item.memory.is_some_and(|memory| memory.known) && item.due_on(today, exam, name).is_some_and(|day| day > today)
        };
        match walked {
            None if asked.is_empty() => Mastery::New,
            Some(walked) if walked.finished && !asked.is_empty() && asked.iter().all(stays) => Mastery::Known,
            _ => Mastery::Learning,
        }
    }
}

/// Counts an answer for which the learner said how sure it was, or counts it no more.
fn count(calibration: &mut [Tally; 3], given: Option<&Given>, more: bool) {
    let Some((given, confidence)) = given.and_then(|given| Some((given, given.confidence?))) else { return };
    let tally = &mut calibration[confidence as usize];
    let by = |number: u32, counts: bool| if more { number + u32::from(counts) } else { number.saturating_sub(counts.into()) };
    *tally = Tally { right: by(tally.right, given.right), asked: by(tally.asked, true) };
}
