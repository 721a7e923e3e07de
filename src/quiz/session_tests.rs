//! Sittings from the first card to the last screen.

use super::goal::Brought;
use super::judge::Reply;
use super::session::COMES_BACK_AFTER;
use super::{Phase, Session, testing};
use crate::progress::{Record, State};
use crate::review::{Confidence, Day, Grade, Stamp};
use crate::timeline::Brake;

const TODAY: Day = Day(20_000);

/// A sitting with everything that is known of the learner.
struct Sitting {
    session: Session,
    state: State,
}

impl Sitting {
    fn of(items: &[&str]) -> Sitting {
        Sitting::with(items, false)
    }

    fn with(items: &[&str], cram: bool) -> Sitting {
        let bank = testing::bank(&["failover-limits", "replication-lag"]);
        let items = items.iter().map(ToString::to_string).collect();
        let mut sitting = Sitting { session: Session::new(bank, items, 1, cram), state: State::default() };
        sitting.go_on();
        sitting
    }

    fn go_on(&mut self) -> bool {
        self.take_in();
        self.session.go_on(&self.state, &Brake::bounded())
    }

    /// What happened is taken in, as the log does.
    fn take_in(&mut self) {
        for event in self.session.take_events() {
            self.state.fold(Record::new(Stamp(0), event), TODAY);
        }
    }

    /// Answers a card with options, rightly or not.
    fn answer(&mut self, right: bool, confidence: Option<Confidence>) {
        let turn = self.session.turn_mut().unwrap();
        let option = turn.card.options().iter().position(|option| option.right == right).unwrap();
        turn.answer(Reply::One(option));
        self.session.sure(confidence);
        self.session.turn_mut().unwrap().watched();
        self.take_in();
    }

    fn asked(&self) -> &str {
        &self.session.turn().unwrap().card.item
    }
}

const A: &str = "failover-limits/q-silent";
const B: &str = "failover-limits/q-redis";
const C: &str = "failover-limits/q-timeout";
const D: &str = "replication-lag/q-grow";

#[test]
fn an_answer_is_known_at_once_and_graded_by_how_it_came_about() {
    let mut sitting = Sitting::of(&[A, B]);
    sitting.answer(true, Some(Confidence::Guess));
    assert_eq!(sitting.session.turn().unwrap().grade(), Some(Grade::Hard));
    assert_eq!(sitting.state.item(A).unwrap().answers[0].grade, Grade::Hard);
    assert!(sitting.go_on());
    assert_eq!((sitting.asked(), sitting.session.place()), (B, (2, 2)));
}

#[test]
fn sure_and_wrong_comes_back_in_the_sitting_and_moves_the_schedule_once() {
    let mut sitting = Sitting::of(&[A, B, C, D, "replication-lag/q-sunday"]);
    sitting.answer(false, Some(Confidence::Sure));
    assert!(sitting.session.comes_back());
    for _ in 0..COMES_BACK_AFTER {
        assert!(sitting.go_on());
        sitting.answer(true, None);
    }
    assert!(sitting.go_on());
    assert_eq!(sitting.asked(), A);
    sitting.answer(true, Some(Confidence::Sure));
    let known = sitting.state.item(A).unwrap();
    assert_eq!(known.answers.len(), 2);
    assert!(known.answers[1].cram && !known.memory.unwrap().known);
    sitting.go_on();
    sitting.answer(true, None);
    assert!(!sitting.go_on() && sitting.session.is_over());
    let learnt = sitting.session.learnt(&sitting.state, TODAY);
    assert_eq!(learnt.len(), 5, "each idea once");
    assert!(learnt[0].surprised && learnt[0].mended && learnt[0].right);
    assert_eq!(learnt[0].due, Some(TODAY.plus(1)));
}

#[test]
fn wrong_and_not_sure_does_not_come_back() {
    let mut sitting = Sitting::of(&[A, B]);
    sitting.answer(false, Some(Confidence::Guess));
    assert!(!sitting.session.comes_back());
    assert_eq!(sitting.session.place(), (1, 2));
}

#[test]
fn undo_takes_back_answer_and_return_on_the_last_screen_too() {
    let mut sitting = Sitting::of(&[A, B]);
    sitting.answer(false, Some(Confidence::Sure));
    assert!(sitting.session.undo());
    sitting.take_in();
    assert!(sitting.state.item(A).is_none() && sitting.session.place() == (1, 2));
    assert_eq!(sitting.session.turn().unwrap().phase, Phase::Asking);
    sitting.answer(true, None);
    sitting.go_on();
    assert!(sitting.session.undo(), "from an open card back to the one before");
    sitting.take_in();
    assert_eq!((sitting.asked(), sitting.session.place()), (A, (1, 2)));
    sitting.answer(true, None);
    sitting.go_on();
    sitting.answer(true, None);
    assert!(!sitting.go_on());
    assert!(sitting.session.regrade(Grade::Hard), "on the last screen");
    sitting.take_in();
    assert_eq!(sitting.state.item(B).unwrap().answers[0].grade, Grade::Hard);
    assert!(sitting.session.undo());
    sitting.take_in();
    assert!(sitting.state.item(B).is_none());
    assert_eq!(sitting.asked(), B);
}

#[test]
fn a_card_is_not_left_before_it_is_told() {
    let mut sitting = Sitting::of(&[A, B]);
    assert!(sitting.session.answer().is_err());
    assert!(sitting.go_on());
    assert_eq!(sitting.asked(), A);
    assert!(!sitting.session.regrade(Grade::Easy));
}

#[test]
fn cram_leaves_the_schedule_alone() {
    let mut sitting = Sitting::with(&[A], true);
    sitting.answer(true, None);
    assert!(sitting.state.item(A).unwrap().memory.is_none());
    assert_eq!(sitting.session.learnt(&sitting.state, TODAY)[0].due, None);
}

#[test]
fn recall_is_answered_once_the_points_are_named() {
    let mut sitting = Sitting::of(&["replication-lag/q-eventual"]);
    sitting.session.answer().unwrap();
    sitting.session.sure(Some(Confidence::Think));
    sitting.take_in();
    assert!(sitting.state.item("replication-lag/q-eventual").is_none());
    let turn = sitting.session.turn_mut().unwrap();
    assert_eq!(turn.phase, Phase::Points);
    (0..4).for_each(|row| turn.draft.mark(&turn.card, row));
    sitting.session.named();
    sitting.take_in();
    assert_eq!(sitting.state.item("replication-lag/q-eventual").unwrap().answers[0].grade, Grade::Good);
}

#[test]
fn a_goal_is_graded_at_once_by_what_was_reached() {
    let mut sitting = Sitting::of(&["failover-limits/try/two-leaders", B]);
    let goal = sitting.session.turn().unwrap().card.goal().unwrap().clone();
    let brought = Brought { pokes: Some(goal.solution.pokes()), clauses: vec![true; goal.goal.clauses.len()], ..Brought::default() };
    sitting.session.hand_in(Reply::Brought(brought));
    sitting.take_in();
    let turn = sitting.session.turn().unwrap();
    assert_eq!((turn.phase, turn.right(), turn.grade()), (Phase::Told, Some(true), Some(Grade::Easy)));
    let item = turn.card.item.clone();
    assert_eq!(sitting.state.item(&item).unwrap().answers[0].grade, Grade::Easy);
    assert!(sitting.session.undo());
    sitting.take_in();
    assert!(sitting.state.item(&item).is_none());
    sitting.session.hand_in(Reply::Brought(Brought::default()));
    sitting.take_in();
    assert_eq!(sitting.state.item(&item).unwrap().answers[0].grade, Grade::Again);
}
