//! One card in a session: from the question to the grade.

use super::card::Card;
use super::draft::Draft;
use super::judge::{Judged, Reply, judge};
use crate::lesson::question::{About, QuestionKind};
use crate::progress::Answer;
use crate::review::{Confidence, Grade, Outcome};

/// How far a card is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// It waits for an answer.
    Asking,
    /// It is answered, and nothing is shown yet: how sure is the learner?
    Sure,
    /// The points of a good answer are shown: which of them were named?
    Points,
    /// What happens is played.
    Watching,
    /// It is told what is right, and why.
    Told,
}

/// A question of a card that is answered.
#[derive(Clone, Debug)]
pub struct Done {
    /// What was asked.
    pub card: Card,
    /// The answer, and what there is to say of it.
    pub judged: (Reply, Judged),
}

/// One card in a session.
#[derive(Clone, Debug)]
pub struct Turn {
    /// What was asked before of the same run, and answered.
    pub earlier: Vec<Done>,
    /// What is asked.
    pub card: Card,
    /// The answer that is being made.
    pub draft: Draft,
    /// How far it is.
    pub phase: Phase,
    /// How sure the learner is, where that was said.
    pub confidence: Option<Confidence>,
    /// The answer, and what there is to say of it.
    pub judged: Option<(Reply, Judged)>,
    /// The grade that the learner chose in place of the one that follows.
    pub graded: Option<Grade>,
    /// Whether it was asked before in this session.
    pub again: bool,
    /// Whether the answer to what is asked next is shown.
    pub followed: bool,
}

impl Turn {
    /// A card that was just opened. `again`: it was asked before in this session.
    pub fn new(card: Card, again: bool) -> Turn {
        let draft = Draft::of(&card);
        Turn {
            earlier: Vec::new(),
            card,
            draft,
            phase: Phase::Asking,
            confidence: None,
            judged: None,
            graded: None,
            again,
            followed: false,
        }
    }

    /// Whether the learner says afterwards what the answer held.
    fn is_recall(&self) -> bool {
        matches!(self.card.question.kind, QuestionKind::Recall { .. })
    }

    /// What is asked next, while its answer is still kept back.
    pub fn asks_more(&self) -> bool {
        let asks = matches!(&self.card.question.kind, QuestionKind::Recall { follow_up: Some(_), .. });
        self.phase == Phase::Told && asks && !self.followed
    }

    /// The answer is given. Nothing is shown before the learner has said how sure, or passed over that; of a goal that was to be
    /// reached it is plain, and the answer for the log is given at once.
    pub fn answer(&mut self, reply: Reply) -> Option<Answer> {
        if self.phase != Phase::Asking {
            return None;
        }
        if self.is_recall() {
            self.phase = Phase::Sure;
            return None;
        }
        let judged = judge(&self.card, &reply);
        if let Some(next) = self.card.go_on() {
            self.draft = Draft::of(&next);
            let card = std::mem::replace(&mut self.card, next);
            self.earlier.push(Done { card, judged: (reply, judged) });
            return None;
        }
        self.judged = Some((reply, judged));
        self.phase = if self.card.goal().is_some() { Phase::Told } else { Phase::Sure };
        self.told().filter(|_| self.phase == Phase::Told)
    }

    /// The card as it was opened.
    pub fn first(&self) -> Card {
        let Some(done) = self.earlier.first() else { return self.card.clone() };
        done.card.clone()
    }

    /// The learner has said how sure, or passed over it. Gives the answer for the log, unless the points are to be named first.
    pub fn sure(&mut self, confidence: Option<Confidence>) -> Option<Answer> {
        if self.phase != Phase::Sure {
            return None;
        }
        self.confidence = confidence;
        self.phase = match self.card.question.kind {
            QuestionKind::Recall { .. } => Phase::Points,
            _ if self.card.is_played() => Phase::Watching,
            _ => Phase::Told,
        };
        if self.phase == Phase::Points {
            self.draft.cursor = Some(0);
        }
        self.told()
    }

    /// The points that were named are marked. Gives the answer for the log.
    pub fn named(&mut self) -> Option<Answer> {
        if self.phase != Phase::Points {
            return None;
        }
        let reply = Reply::Points(self.draft.marked.clone());
        let judged = judge(&self.card, &reply);
        self.judged = Some((reply, judged));
        self.phase = Phase::Told;
        self.told()
    }

    /// What was played is over. What could have been chosen is shown, whether it was asked for or not.
    pub fn watched(&mut self) {
        if self.phase == Phase::Watching {
            (self.phase, self.draft.listed) = (Phase::Told, true);
        }
    }

    fn told(&self) -> Option<Answer> {
        let judged = self.whole()?;
        Some(Answer {
            item: self.card.item.clone(),
            form: self.card.form.clone(),
            topic: self.card.topic.clone(),
            right: judged.right,
            confidence: self.confidence,
            helped: judged.partly,
            best: judged.best,
            chosen: judged.said.clone(),
            cram: self.again,
        })
    }

    /// Whether the answer is right, once it is told.
    pub fn right(&self) -> Option<bool> {
        let told = matches!(self.phase, Phase::Told);
        self.whole().filter(|_| told).map(|judged| judged.right)
    }

    /// What there is to say of all its questions together: right if each is.
    pub fn whole(&self) -> Option<Judged> {
        let (_, last) = self.judged.as_ref()?;
        let earlier = self.earlier.iter().map(|done| &done.judged.1);
        let all: Vec<&Judged> = earlier.chain([last]).collect();
        let said = all.iter().map(|judged| judged.said.as_str()).collect::<Vec<_>>().join("; ");
        let beliefs = all.iter().flat_map(|judged| judged.beliefs.clone()).collect();
        Some(Judged { right: all.iter().all(|judged| judged.right), said, beliefs, ..last.clone() })
    }

    /// The grade that counts, once an answer is judged.
    pub fn grade(&self) -> Option<Grade> {
        let judged = self.whole()?;
        let follows = Grade::from(Outcome { right: judged.right, helped: judged.partly, confidence: self.confidence, best: judged.best });
        Some(self.graded.unwrap_or(follows))
    }

    /// Whether the learner was sure, and wrong: what most needs to be seen again.
    pub fn is_sure_and_wrong(&self) -> bool {
        self.confidence == Some(Confidence::Sure) && self.whole().is_some_and(|judged| !judged.right)
    }

    /// A heading for the card, which is the `here`-th `of` so many: `Which of these? 2 of 9`.
    pub fn heading(&self, (here, of): (usize, usize)) -> String {
        let again = if self.again { ", again" } else { "" };
        let parts = self.earlier.len() + 1 + self.card.next.len();
        let again = if parts > 1 { format!(", part {} of {parts}{again}", self.earlier.len() + 1) } else { again.to_string() };
        if self.phase == Phase::Told && self.is_sure_and_wrong() {
            return format!("Question {here} of {of}: sure, and not so");
        }
        let kind = match (&self.card.question.kind, self.card.question.about) {
            (QuestionKind::Predict { .. }, _) => "What will happen?",
            (QuestionKind::Goal(_), _) => "At the cluster",
            (_, About::Clinic) => "A bug report",
            (QuestionKind::Several(_), _) => "Which of these?",
            (QuestionKind::Order(_), _) => "In which order?",
            (QuestionKind::Recall { .. }, _) => "In your own words",
            (QuestionKind::Number(_), _) => "How much?",
            (QuestionKind::Choice(_), _) => "Question",
        };
        format!("{kind} {here} of {of}{again}")
    }
}
