//! An answer that is being made.

use std::collections::BTreeSet;

use crate::lesson::question::QuestionKind;

use super::card::Card;
use super::judge::Reply;
use super::number::{self, NoNumber};

/// An answer that is being made. Rows are places on the screen, from the top.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Draft {
    /// The row that the keys act on; none until one was pointed at.
    pub cursor: Option<usize>,
    /// The options that are marked, or the points that were named, by index.
    pub marked: BTreeSet<usize>,
    /// The things in their order so far, by index.
    pub order: Vec<usize>,
    /// What was typed.
    pub typed: String,
    /// Whether the learner has asked for the list of cures, in place of finding one at the cluster.
    pub listed: bool,
}

/// Why a draft is no answer yet.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotYet {
    /// Nothing was chosen.
    #[error("press the digit of your answer, or choose it with the arrows")]
    Choose,
    /// Nothing was marked.
    #[error("mark at least one with its digit or Space")]
    Mark,
    /// Something is to be done at the cluster.
    #[error("Enter opens the cluster, where it is done")]
    ByHand,
    /// The number cannot be read.
    #[error(transparent)]
    Number(#[from] NoNumber),
}

impl Draft {
    /// For a card that was just opened.
    pub fn of(card: &Card) -> Draft {
        let order = if matches!(card.question.kind, QuestionKind::Order(_)) { card.shown.clone() } else { Vec::new() };
        Draft { order, ..Draft::default() }
    }

    /// The rows on the screen, by index.
    pub fn rows<'d>(&'d self, card: &'d Card) -> &'d [usize] {
        match self.order.as_slice() {
            _ if self.is_by_hand(card) => &[],
            [] => &card.shown,
            order => order,
        }
    }

    /// Whether the answer is something that is done at the cluster.
    pub fn is_by_hand(&self, card: &Card) -> bool {
        card.is_done_by_hand() && !self.listed
    }

    /// Points at another row.
    pub fn point(&mut self, card: &Card, by: isize) {
        let last = self.rows(card).len().saturating_sub(1);
        let first = if by < 0 { last } else { 0 };
        self.cursor = Some(self.cursor.map_or(first, |row| row.saturating_add_signed(by).min(last)));
    }

    /// Marks the thing in a row, or marks it no more.
    pub fn mark(&mut self, card: &Card, row: usize) {
        let Some(index) = self.rows(card).get(row).copied() else { return };
        self.cursor = Some(row);
        if !self.marked.remove(&index) {
            self.marked.insert(index);
        }
    }

    /// Moves the thing in the row of the cursor, and the cursor with it.
    pub fn shift(&mut self, by: isize) {
        let row = self.cursor.unwrap_or(0);
        let to = row.saturating_add_signed(by).min(self.order.len().saturating_sub(1));
        if row < self.order.len() {
            let moved = self.order.remove(row);
            self.order.insert(to, moved);
        }
        self.cursor = Some(to);
    }

    /// A row was named: picks the thing there up, or puts the one that is picked up there.
    pub fn put(&mut self, row: usize) {
        match self.cursor.take() {
            Some(from) if from != row && from < self.order.len() && row < self.order.len() => {
                let moved = self.order.remove(from);
                self.order.insert(row, moved);
            }
            Some(_) => {}
            None => self.cursor = Some(row),
        }
    }

    /// The answer, as soon as it is one.
    pub fn reply(&self, card: &Card) -> Result<Reply, NotYet> {
        match &card.question.kind {
            _ if self.is_by_hand(card) => Err(NotYet::ByHand),
            QuestionKind::Goal(_) => Err(NotYet::ByHand),
            QuestionKind::Choice(_) | QuestionKind::Predict { .. } => {
                let index = self.cursor.and_then(|row| card.shown.get(row)).ok_or(NotYet::Choose)?;
                Ok(Reply::One(*index))
            }
            QuestionKind::Several(_) if self.marked.is_empty() => Err(NotYet::Mark),
            QuestionKind::Several(_) => Ok(Reply::Several(self.marked.clone())),
            QuestionKind::Number(asked) => Ok(Reply::Number(number::read(&self.typed, asked)?)),
            QuestionKind::Order(_) => Ok(Reply::Order(self.order.clone())),
            QuestionKind::Recall { .. } => Ok(Reply::Points(self.marked.clone())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quiz::testing::{card, set};

    #[test]
    fn nothing_chosen_is_no_answer_yet() {
        for (lesson, question) in [("failover-limits", "q-silent"), ("failover-limits", "q-fencing"), ("failover-limits", "q-lost")] {
            let card = card(lesson, question);
            assert!(Draft::of(&card).reply(&card).is_err(), "{question}");
        }
    }

    #[test]
    fn a_row_of_the_screen_is_the_option_shown_there() {
        let card = card("failover-limits", "q-silent");
        let mut draft = Draft::of(&card);
        draft.point(&card, 1);
        draft.point(&card, 1);
        assert_eq!(draft.reply(&card), Ok(Reply::One(card.shown[1])));
        draft.point(&card, -9);
        assert_eq!(draft.reply(&card), Ok(Reply::One(card.shown[0])));
    }

    #[test]
    fn marks_come_and_go() {
        let card = card("failover-limits", "q-fencing");
        let mut draft = Draft::of(&card);
        (0..3).for_each(|row| draft.mark(&card, row));
        draft.mark(&card, 1);
        draft.mark(&card, 99);
        assert_eq!(draft.reply(&card), Ok(Reply::Several(set([card.shown[0], card.shown[2]]))));
    }

    #[test]
    fn things_are_moved_or_picked_up_and_put() {
        let card = card("cap-theorem", "q-order");
        let mut moved = Draft::of(&card);
        assert!(!moved.order.is_sorted(), "it is not shown as it has to be");
        moved.cursor = Some(3);
        moved.shift(-1);
        assert_eq!((moved.cursor, moved.order[2]), (Some(2), card.shown[3]));
        let mut put = Draft::of(&card);
        for place in 0..4 {
            let from = put.order.iter().position(|index| *index == place).unwrap();
            put.put(from);
            put.put(place);
            assert_eq!(put.cursor, None);
        }
        assert_eq!(put.reply(&card), Ok(Reply::Order(vec![0, 1, 2, 3])));
    }
}
