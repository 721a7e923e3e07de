//! Ideas that can be asked, under names that outlast the words of the questions.

use std::fmt;

use super::goal;
use crate::lesson::Lesson;
use crate::lesson::drill::{Asks, Drill};
use crate::lesson::question::{About, Question, QuestionKind};

/// One idea that can be asked, in one or several forms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Its name in the whole program: the lesson and the question, `replication-lag/q-drain`.
    pub id: String,
    /// The lesson that it belongs to.
    pub topic: String,
    /// Words by which it is found beside the topic.
    pub tags: Vec<String>,
    /// What is asked.
    pub idea: Idea,
}

/// What an item asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Idea {
    /// One of these questions of the lesson, by index: the cases of one question, and its other forms.
    Questions(Vec<usize>),
    /// What this drill of the lesson makes, by index: another question each time.
    Drill(usize),
    /// The goal of this step of the lesson, by index: it is to be brought about again.
    Goal(usize),
}

/// The name of an idea of a lesson.
pub fn id(lesson: &str, idea: &str) -> String {
    format!("{lesson}/{idea}")
}

/// Everything that a lesson asks, in the order of the file.
pub fn items(lesson: &Lesson) -> Vec<Item> {
    let mut items: Vec<Item> = Vec::new();
    for (index, question) in lesson.questions.iter().enumerate() {
        let name = id(&lesson.id, first_form(lesson, question));
        match items.iter_mut().find(|item| item.id == name) {
            Some(item) => {
                if let Idea::Questions(forms) = &mut item.idea {
                    forms.push(index);
                }
                let new: Vec<String> = question.tags.iter().filter(|tag| !item.tags.contains(tag)).cloned().collect();
                item.tags.extend(new);
            }
            None => {
                items.push(Item { id: name, topic: lesson.id.clone(), tags: question.tags.clone(), idea: Idea::Questions(vec![index]) });
            }
        }
    }
    items.extend(lesson.drills.iter().enumerate().map(|(index, drill)| Item {
        id: id(&lesson.id, &drill.id),
        topic: lesson.id.clone(),
        tags: drill.tags.clone(),
        idea: Idea::Drill(index),
    }));
    items.extend(goal::steps(lesson).map(|index| Item {
        id: goal_id(&lesson.id, &lesson.steps[index].id),
        topic: lesson.id.clone(),
        tags: Vec::new(),
        idea: Idea::Goal(index),
    }));
    items
}

/// The name of the goal of a step: no name of an idea, so that a question may be called as the step is.
fn goal_id(lesson: &str, step: &str) -> String {
    id(lesson, &format!("try/{step}"))
}

/// The id of the question that has the idea first: a form may be one of a form.
fn first_form<'l>(lesson: &'l Lesson, question: &'l Question) -> &'l str {
    let mut first = question;
    while let Some(before) = first.form_of.as_ref().and_then(|id| lesson.questions.iter().find(|q| q.id == *id)) {
        first = before;
    }
    &first.id
}

/// What a form of an idea is called in the log of answers: the question, and the values that it is filled in with.
pub fn form(question: &Question) -> String {
    let given = question.given.iter().map(|(name, value)| format!(" {name}={value}"));
    std::iter::once(question.id.clone()).chain(given).collect()
}

/// About how long it takes to bring a goal about again, in seconds.
pub const GOAL: u32 = 120;

/// About how long it takes to answer a question, in seconds: by its kind, with the reading of the reasons.
pub fn seconds(question: &Question) -> u32 {
    let kind = match &question.kind {
        QuestionKind::Choice(_) => 35,
        QuestionKind::Several(_) | QuestionKind::Number(_) => 45,
        QuestionKind::Predict { .. } | QuestionKind::Order(_) => 50,
        QuestionKind::Recall { .. } => 75,
        QuestionKind::Goal(_) => GOAL,
    };
    kind + if question.about == About::Clinic { 15 } else { 0 }
}

/// The same of a drill.
pub fn drill_seconds(drill: &Drill) -> u32 {
    match drill.cases.first().map(|case| &case.asks) {
        Some(Asks::Clinic(_)) => 120,
        Some(Asks::Diagnose) => 80,
        _ => 50,
    }
}

impl Item {
    /// Whether a word names it, its topic, or one of its tags.
    pub fn is_about(&self, word: &str) -> bool {
        self.topic == word || self.id == word || self.tags.iter().any(|tag| tag.eq_ignore_ascii_case(word))
    }
}

impl fmt::Display for Item {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.id)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::lesson::catalogue;

    fn lag() -> Arc<Lesson> {
        catalogue().open("replication-lag").unwrap().unwrap()
    }

    #[test]
    fn the_cases_of_a_question_are_forms_of_one_idea() {
        let lesson = lag();
        let all = items(&lesson);
        let drain = all.iter().find(|item| item.id == "replication-lag/q-drain").unwrap();
        let Idea::Questions(forms) = &drain.idea else { panic!("it is a question") };
        let forms: Vec<String> = forms.iter().map(|i| form(&lesson.questions[*i])).collect();
        assert_eq!(forms, ["q-drain waiting=20", "q-drain waiting=30", "q-drain waiting=50"]);
        assert!(drain.is_about("replication-lag") && !drain.is_about("quorum"));
    }

    #[test]
    fn another_form_belongs_to_the_idea_of_the_first() {
        let mut lesson = Arc::unwrap_or_clone(lag());
        lesson.questions.iter_mut().for_each(|question| question.form_of = None);
        let first = lesson.questions[0].id.clone();
        let last = lesson.questions.len() - 1;
        lesson.questions[last].form_of = Some(first.clone());
        lesson.questions[last].tags = vec!["queues".into()];
        let all = items(&lesson);
        assert_eq!(all[0].id, id("replication-lag", &first));
        assert_eq!(all[0].idea, Idea::Questions(vec![0, last]));
        assert!(all[0].is_about("Queues"));
        let ids: std::collections::BTreeSet<&str> = all.iter().map(|item| item.id.as_str()).collect();
        assert_eq!(ids.len(), all.len());
    }
}
