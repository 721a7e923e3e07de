//! What is put to a learner: an item in one of its forms.

use std::sync::Arc;

use super::drill::cure::Remedies;
use super::shuffle;
use crate::lesson::Lesson;
use crate::lesson::question::{Question, QuestionKind};
use crate::lesson::schema::{Alternative, Try};

/// An item in one of its forms, as one learner is asked it.
#[derive(Clone, Debug)]
pub struct Card {
    /// The name of the item.
    pub item: String,
    /// The lesson that it belongs to.
    pub topic: String,
    /// The name of the form.
    pub form: String,
    /// What is asked.
    pub question: Question,
    /// Options and things to be put in order, by index, in the order in which this learner always sees them.
    pub shown: Vec<usize>,
    /// What the options point at on the lanes, by operation; empty where they point at nothing.
    pub operations: Vec<u32>,
    /// The report that a cure is asked for; `None` where none is.
    pub remedies: Option<Arc<Remedies>>,
    /// What is asked next of the same run.
    pub next: Vec<Part>,
    /// Whether its run is on the stage.
    pub stage: Stage,
    /// The lesson.
    pub lesson: Arc<Lesson>,
}

/// One of the questions of a card.
#[derive(Clone, Debug)]
pub struct Part {
    /// What is asked.
    pub question: Question,
    /// What the options point at, by operation.
    pub operations: Vec<u32>,
    /// The report that a cure is asked for.
    pub remedies: Option<Arc<Remedies>>,
}

/// What stands on the stage while a card is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Nothing.
    Bare,
    /// The cluster before what is asked for happens.
    Before,
    /// The whole run, to be looked through.
    Whole,
}

impl Card {
    /// A question as this learner sees it.
    pub fn new(item: &str, form: String, question: Question, lesson: &Arc<Lesson>, learner: u64) -> Card {
        let count = parts(&question.kind);
        let shown = match &question.kind {
            QuestionKind::Order(_) => shuffle::disorder(learner, item, count),
            QuestionKind::Recall { .. } | QuestionKind::Number(_) | QuestionKind::Goal(_) => (0..count).collect(),
            _ if question.fixed => (0..count).collect(),
            _ => shuffle::order(learner, item, count),
        };
        let stage = if matches!(question.kind, QuestionKind::Predict { .. }) { Stage::Before } else { Stage::Bare };
        Card {
            item: item.to_string(),
            topic: lesson.id.clone(),
            form,
            question,
            shown,
            operations: Vec::new(),
            remedies: None,
            next: Vec::new(),
            stage,
            lesson: Arc::clone(lesson),
        }
    }

    /// What a drill asks: one question after the other of the same run.
    pub(super) fn of_drill(item: &str, form: String, parts: Vec<Part>, lesson: &Arc<Lesson>, learner: u64) -> Option<Card> {
        let mut parts = parts.into_iter();
        let first = parts.next()?;
        let card = Card::new(item, form, first.question, lesson, learner);
        let stage = if card.stage == Stage::Bare { Stage::Whole } else { card.stage };
        Some(Card { operations: first.operations, remedies: first.remedies, next: parts.collect(), stage, ..card })
    }

    /// The same card with what is asked next; `None` after the last.
    pub(super) fn go_on(&self) -> Option<Card> {
        let (part, rest) = self.next.split_first()?;
        let shown = (0..parts(&part.question.kind)).collect();
        let Part { question, operations, remedies } = part.clone();
        Some(Card { question, shown, operations, remedies, next: rest.to_vec(), ..self.clone() })
    }

    /// What is asked, in a sentence: of a goal what is to be brought about.
    pub fn asked(&self) -> String {
        let clauses = self.goal().map(|goal| goal.goal.clauses.iter().map(|clause| clause.say.as_str()).collect::<Vec<_>>().join("; "));
        clauses.map_or_else(|| self.question.text.clone(), |all| format!("Bring about: {all}"))
    }

    /// The options to choose from, by index; none where there is nothing to choose.
    pub fn options(&self) -> &[Alternative] {
        match &self.question.kind {
            QuestionKind::Choice(options) | QuestionKind::Several(options) | QuestionKind::Predict { options, .. } => options,
            QuestionKind::Number(_) | QuestionKind::Order(_) | QuestionKind::Recall { .. } | QuestionKind::Goal(_) => &[],
        }
    }

    /// The text of an option, of a thing to be put in order, or of a point.
    pub fn part(&self, index: usize) -> &str {
        match &self.question.kind {
            QuestionKind::Order(items) | QuestionKind::Recall { points: items, .. } => items.get(index).map_or("", |item| &item.text),
            _ => self.options().get(index).map_or("", |option| &option.text),
        }
    }

    /// What is said of it afterwards.
    pub fn why(&self, index: usize) -> &str {
        match &self.question.kind {
            QuestionKind::Order(items) | QuestionKind::Recall { points: items, .. } => items.get(index).map_or("", |item| &item.why),
            _ => self.options().get(index).map_or("", |option| &option.why),
        }
    }

    /// Whether what is asked for happens in a run that can be watched.
    pub fn is_played(&self) -> bool {
        matches!(self.question.kind, QuestionKind::Predict { .. }) || self.remedies.is_some()
    }

    /// The goal that is to be brought about.
    pub fn goal(&self) -> Option<&Try> {
        if let QuestionKind::Goal(goal) = &self.question.kind { Some(goal) } else { None }
    }

    /// Whether it is answered by doing something to a cluster.
    pub fn is_done_by_hand(&self) -> bool {
        self.goal().is_some() || self.remedies.is_some()
    }
}

/// How many options, things or points there are.
fn parts(kind: &QuestionKind) -> usize {
    match kind {
        QuestionKind::Choice(options) | QuestionKind::Several(options) | QuestionKind::Predict { options, .. } => options.len(),
        QuestionKind::Order(items) | QuestionKind::Recall { points: items, .. } => items.len(),
        QuestionKind::Number(_) | QuestionKind::Goal(_) => 0,
    }
}
