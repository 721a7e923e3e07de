//! What a learner can do at once: go on, answer what is due, begin something new.

use super::state::{Mastery, State};
use super::topic;
use crate::lesson::{Catalogue, sandbox};
use crate::review::Day;

/// About how many seconds a question takes.
const SECONDS: usize = 40;

/// What can be done at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Today {
    /// Go on with a lesson: its id, its title, and where it was left.
    Continue(String, String, String),
    /// Answer what is due: how many questions.
    Due(usize),
    /// Begin a lesson: its id and title. The flag says that it is the very first.
    Next(String, String, bool),
    /// Open a system that is ready-made.
    Blueprints,
    /// Open a cluster without a task.
    Play,
}

impl Today {
    /// What a learner can do today, in order.
    pub fn of(catalogue: &Catalogue, state: &State, today: Day) -> Vec<Today> {
        let lessons = || catalogue.topics.all().filter(|topic| catalogue.has(&topic.id) && !sandbox::is_id(&topic.id));
        let is_new = |id: &str| state.mastery(id, today) == Mastery::New;
        let left = state.unfinished().and_then(|(id, walked)| Some((lessons().find(|topic| topic.id == id)?, walked)));
        let go_on = left.map(|(topic, walked)| Today::Continue(topic.id.clone(), topic.title.clone(), place(catalogue, &topic.id, walked)));
        let due = Some(state.due(today).len()).filter(|count| *count > 0).map(Today::Due);
        let new = lessons().find(|topic| is_new(&topic.id));
        let first = lessons().all(|topic| is_new(&topic.id));
        let opening = lessons().find(|topic| first && topic.opens);
        let next = opening.or(new).map(|topic| Today::Next(topic.id.clone(), topic.title.clone(), first));
        go_on.into_iter().chain(due).chain(next).chain([Today::Blueprints, Today::Play]).collect()
    }

    /// The word before it.
    pub fn word(&self) -> &'static str {
        match self {
            Today::Continue(..) => "Continue",
            Today::Due(_) => "Due",
            Today::Next(.., true) => "Start",
            Today::Next(.., false) => "Next",
            Today::Blueprints => "Blueprints",
            Today::Play => "Open play",
        }
    }

    /// What it is.
    pub fn text(&self) -> String {
        match self {
            Today::Continue(_, title, place) => format!("{title}, {place}"),
            Today::Due(count) => format!("{}, about {}", counted(*count, "question"), counted((count * SECONDS).div_ceil(60), "minute")),
            Today::Next(_, title, _) => title.clone(),
            Today::Blueprints => "Redis, Kafka, Dynamo ... ready-made".to_string(),
            Today::Play => "any cluster, no task".to_string(),
        }
    }

    /// The lesson that it opens.
    pub fn lesson(&self) -> Option<&str> {
        match self {
            Today::Continue(id, ..) | Today::Next(id, ..) => Some(id),
            Today::Due(_) | Today::Blueprints | Today::Play => None,
        }
    }
}

/// `1 question`, `4 questions`.
pub fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// How far a lesson was walked: `step 5 of 12`, or `done`.
pub fn place(catalogue: &Catalogue, id: &str, walked: &topic::Topic) -> String {
    if walked.finished {
        return "done".to_string();
    }
    let steps = catalogue.steps(id);
    let names: Vec<&str> = steps.iter().map(AsRef::as_ref).collect();
    walked.goes_on_at(&names).map_or_else(|| "begun".to_string(), |here| format!("step {} of {}", here + 1, steps.len()))
}

/// When something is asked again, in words: `today`, `tomorrow`, `in 3 days`, or the date.
pub fn when(due: Day, today: Day) -> String {
    match due.since(today) {
        0 => "today".to_string(),
        1 => "tomorrow".to_string(),
        days @ 2..=30 => format!("in {days} days"),
        _ => due.to_string(),
    }
}
