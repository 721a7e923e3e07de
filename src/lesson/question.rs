//! Quiz items.

use crate::cluster::Cluster;
use crate::cluster::condition::Condition;
use crate::cluster::facts::{FactKind, Facts};
use crate::cluster::model::Model;

use super::schema::{Alternative, Cond, Run, Try};
use super::source::Bytes;

/// One quiz item.
#[derive(Clone, Debug)]
pub struct Question {
    /// Its name, unique in the lesson: answers are kept under it.
    pub id: String,
    /// What is asked, in Markdown.
    pub text: String,
    /// The values with which this case of it was filled in, by name: a question with `vary` stands in the list once for each.
    pub given: Vec<(String, String)>,
    /// What it is about.
    pub about: About,
    /// The id of the question whose idea it asks in another form.
    pub form_of: Option<String>,
    /// Words by which it is found beside its topic.
    pub tags: Vec<String>,
    /// Whether its options keep the order of the file.
    pub fixed: bool,
    /// How it is answered.
    pub kind: QuestionKind,
    /// The run that the answer can be seen in: what happens before the question is put, on a fresh cluster.
    pub run: Option<Run>,
    /// The index of the step where the answer can be seen. A question without a run has one.
    pub step: Option<usize>,
    /// Where it stands.
    pub at: Bytes,
}

/// What a question is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum About {
    /// The system of the steps.
    #[default]
    This,
    /// Another system.
    Other,
    /// A bug report in a user's words.
    Clinic,
}

/// The kinds of questions.
#[derive(Clone, Debug)]
pub enum QuestionKind {
    /// One of several answers is right.
    Choice(Vec<Alternative>),
    /// Two or more of several answers are right, and one or more wrong.
    Several(Vec<Alternative>),
    /// A number is asked for.
    Number(Number),
    /// Things are to be put in order. They are listed in the right order here, and shuffled when shown.
    Order(Vec<Item>),
    /// The learner answers in words and compares with the points.
    Recall {
        /// The answer, in Markdown.
        answer: String,
        /// What a good answer names.
        points: Vec<Item>,
        /// What is asked next, with its answer.
        follow_up: Option<FollowUp>,
    },
    /// What will happen next, in a run.
    Predict {
        /// One of them is right.
        options: Vec<Alternative>,
        /// What happens once one is chosen, after the question's run.
        then: super::schema::Script,
    },
    /// A goal is to be brought about at the cluster. Every `try` step asks for one; no question of a file does.
    Goal(Box<Try>),
}

impl QuestionKind {
    /// The word for it in lesson files.
    pub const fn word(&self) -> &'static str {
        match self {
            QuestionKind::Choice(_) => "choice",
            QuestionKind::Several(_) => "several",
            QuestionKind::Number(_) => "number",
            QuestionKind::Order(_) => "order",
            QuestionKind::Recall { .. } => "recall",
            QuestionKind::Predict { .. } => "predict",
            QuestionKind::Goal(_) => "goal",
        }
    }
}

/// A question that goes on where an answer ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FollowUp {
    /// What is asked, in Markdown.
    pub asks: String,
    /// What is to be said to it, in Markdown.
    pub answer: String,
}

/// A number asked for.
#[derive(Clone, Debug)]
pub struct Number {
    /// The right number.
    pub answer: f64,
    /// What it counts: `writes`, `ms`.
    pub unit: Option<String>,
    /// How far off an answer may be and still count as right.
    pub tolerance: f64,
    /// The fact that has this value at the end of the run: `acked_lost`, `lag.n2`.
    pub fact: Option<Fact>,
    /// Why it is this number.
    pub why: String,
    /// Wrong answers that people give, each with what is wrong with it.
    pub wrong: Vec<WrongNumber>,
}

impl Number {
    /// Whether an answer counts as right.
    pub fn accepts(&self, answer: f64) -> bool {
        (answer - self.answer).abs() <= self.tolerance
    }
}

/// The name of a fact, and of a node where it has a number for each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// The fact.
    pub name: String,
    /// The node, for facts that have a number for each.
    pub node: Option<String>,
    /// Where it stands.
    pub at: Bytes,
}

impl Fact {
    /// Reads `acked_lost`, `lag_entries.n2` or `lag["orders-2"]`. The error says what is wrong, and what would be right.
    pub fn read(text: &str, model: &Model) -> Result<Fact, (String, String)> {
        let (name, part) = Condition::number(text).unwrap_or((text, None));
        let Some(doc) = model.facts.iter().find(|doc| doc.name == name) else {
            let known = crate::near::near(name, model.facts.iter().map(|d| d.name));
            let list = || format!("`splitbrain models {}` lists them", model.name);
            let help = known.map_or_else(list, |known| format!("did you mean `{known}`?"));
            return Err((format!("{} has no fact `{name}`", model.name), help));
        };
        match (doc.kind, &part) {
            (FactKind::Named(_), None) => Err((format!("`{name}` is a number for each name; say which: `{name}.n2`"), String::new())),
            (FactKind::Int | FactKind::Float, None) | (FactKind::Named(_), Some(_)) => {
                Ok(Fact { name: name.to_string(), node: part, at: 0..0 })
            }
            _ => Err((format!("`{text}` is not a number"), String::new())),
        }
    }

    /// Its value in a cluster, where it has one now.
    pub fn value(&self, cluster: &dyn Cluster) -> Option<f64> {
        let mut facts = Facts::default();
        cluster.facts(&mut facts);
        facts.get(&self.name)?.number(self.node.as_deref())
    }
}

impl std::fmt::Display for Fact {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.name)?;
        self.node.as_ref().map_or(Ok(()), |node| write!(f, ".{node}"))
    }
}

/// A wrong number and what is wrong with it.
#[derive(Clone, Debug, PartialEq)]
pub struct WrongNumber {
    /// The number.
    pub answer: f64,
    /// What is wrong with it.
    pub why: String,
    /// The misconception that it stands for.
    pub belief: Option<String>,
}

/// A wrong answer in words, and what is wrong with it.
#[derive(Clone, Debug, PartialEq)]
pub struct WrongOption {
    /// The answer.
    pub text: String,
    /// What is wrong with it.
    pub why: String,
    /// The misconception that it stands for.
    pub belief: Option<String>,
}

/// One thing to be put in order, or one point of a good answer.
#[derive(Clone, Debug)]
pub struct Item {
    /// What.
    pub text: String,
    /// Why it stands there, or why it belongs.
    pub why: String,
    /// For an order: a condition that holds for the first time when this happens.
    pub see: Option<Cond>,
    /// Where it stands.
    pub at: Bytes,
}
