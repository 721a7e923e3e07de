//! What the home screen says of the learner: what to do today, and a mark for every topic. It is made anew when something was learnt
//! or another day begins, not for every frame.

use crate::lesson::{Catalogue, sandbox};
use crate::progress::state::{Mastery, State};
use crate::progress::topic;
use crate::review::Day;

use super::Topic;

/// About how many seconds a question takes.
const SECONDS: usize = 40;

/// What can be done at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Today {
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
    /// The word before it.
    pub(super) fn word(&self) -> &'static str {
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
    pub(super) fn text(&self) -> String {
        match self {
            Today::Continue(_, title, place) => format!("{title}, {place}"),
            Today::Due(count) => format!("{}, about {}", counted(*count, "question"), counted((count * SECONDS).div_ceil(60), "minute")),
            Today::Next(_, title, _) => title.clone(),
            Today::Blueprints => "Redis, Kafka, a Dynamo, ... ready-made".to_string(),
            Today::Play => "any cluster, no task".to_string(),
        }
    }

    /// The lesson that it opens.
    pub(super) fn lesson(&self) -> Option<&str> {
        match self {
            Today::Continue(id, ..) | Today::Next(id, ..) => Some(id),
            Today::Due(_) | Today::Blueprints | Today::Play => None,
        }
    }
}

/// `1 question`, `4 questions`.
pub(super) fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// What is known of a topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    /// How well it is known.
    pub(super) mastery: Mastery,
    /// How many questions of it are due.
    pub(super) due: usize,
    /// How far its lesson was walked, in a few words.
    pub(super) place: String,
}

/// What is known of the learner.
#[derive(Clone, Debug, Default)]
pub(super) struct Known {
    /// From which state it was made.
    made: Option<(usize, Day)>,
    /// What can be done at once, in order.
    pub(super) today: Vec<Today>,
    /// A mark for every topic.
    pub(super) marks: Vec<Mark>,
}

impl Known {
    /// Whether something was learnt, or another day began, since it was made.
    pub(super) fn is_old(&self, state: &State, today: Day) -> bool {
        self.made != Some((state.events(), today))
    }

    /// What is known now.
    pub(super) fn new(topics: &[Topic], catalogue: &Catalogue, state: &State, today: Day) -> Known {
        let mark = |topic: &Topic| Mark {
            mastery: state.mastery(&topic.id, today),
            due: state.due_of(&topic.id, today),
            place: state.topic(&topic.id).map_or_else(String::new, |walked| place(catalogue, &topic.id, walked)),
        };
        let marks: Vec<Mark> = topics.iter().map(mark).collect();
        let lessons = || topics.iter().zip(&marks).filter(|(topic, _)| topic.ready && !sandbox::is_id(&topic.id));
        let left = state.unfinished().map(|(id, _)| id);
        let go_on = lessons().find(|(topic, _)| Some(topic.id.as_str()) == left);
        let go_on = go_on.map(|(topic, mark)| Today::Continue(topic.id.clone(), topic.title.clone(), mark.place.clone()));
        let due = Some(state.due(today).len()).filter(|count| *count > 0).map(Today::Due);
        let new = lessons().find(|(_, mark)| mark.mastery == Mastery::New);
        let first = lessons().all(|(_, mark)| mark.mastery == Mastery::New);
        let opening = lessons().find(|(topic, _)| first && catalogue.topics.topic(&topic.id).is_some_and(|topic| topic.opens));
        let next = opening.or(new).map(|(topic, _)| Today::Next(topic.id.clone(), topic.title.clone(), first));
        let today_rows = go_on.into_iter().chain(due).chain(next).chain([Today::Blueprints, Today::Play]);
        Known { made: Some((state.events(), today)), today: today_rows.collect(), marks }
    }
}

/// `step 5 of 12`, or `done`.
fn place(catalogue: &Catalogue, id: &str, walked: &topic::Topic) -> String {
    if walked.finished {
        return "done".to_string();
    }
    let steps = catalogue.steps(id);
    let names: Vec<&str> = steps.iter().map(AsRef::as_ref).collect();
    walked.goes_on_at(&names).map_or_else(|| "begun".to_string(), |here| format!("step {} of {}", here + 1, steps.len()))
}
