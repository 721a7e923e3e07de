//! One sitting: card after card, with what comes back in it, undo, and what was learnt at its end.

use std::collections::VecDeque;

use super::bank::Bank;
use super::draft::NotYet;
use super::turn::{Phase, Turn};
use crate::progress::{Answer, Event, State};
use crate::review::{Confidence, Day, Grade};
use crate::timeline::Brake;

/// After how many other cards one comes back to which the learner was sure and wrong.
const COMES_BACK_AFTER: usize = 3;

/// One card that is to come.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Ahead {
    item: String,
    /// Whether it was asked before in this sitting.
    again: bool,
}

/// One sitting.
#[derive(Clone, Debug)]
pub struct Session {
    bank: Bank,
    learner: u64,
    /// Whether answers leave the schedule alone.
    cram: bool,
    ahead: VecDeque<Ahead>,
    turn: Option<Turn>,
    /// What was gone through, oldest first.
    past: Vec<Turn>,
    events: Vec<Event>,
}

/// What came of one item in a sitting.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own that the last screen tells")]
pub struct Learnt {
    /// The item.
    pub item: String,
    /// The lesson that it belongs to.
    pub topic: String,
    /// What was asked, in Markdown.
    pub asked: String,
    /// Whether it was right in the end.
    pub right: bool,
    /// Whether it was wrong before, and right when it came back.
    pub mended: bool,
    /// Whether the learner was sure, and wrong, at first.
    pub surprised: bool,
    /// The day on which it is asked again; `None`: it has none.
    pub due: Option<Day>,
    /// Whether it was forgotten again and again.
    pub slippery: bool,
}

impl Session {
    /// A sitting with these items. `learner` is the number by which options are shuffled; with `cram` no answer moves the schedule.
    pub fn new(bank: Bank, items: Vec<String>, learner: u64, cram: bool) -> Session {
        let ahead = items.into_iter().map(|item| Ahead { item, again: false }).collect();
        Session { bank, learner, cram, ahead, turn: None, past: Vec::new(), events: Vec::new() }
    }

    /// The card at hand; `None` before the first and after the last.
    pub fn turn(&self) -> Option<&Turn> {
        self.turn.as_ref()
    }

    /// The card at hand, to be answered.
    pub fn turn_mut(&mut self) -> Option<&mut Turn> {
        self.turn.as_mut()
    }

    /// What can be asked.
    pub fn bank(&self) -> &Bank {
        &self.bank
    }

    /// Whether answers leave the schedule alone.
    pub fn is_cram(&self) -> bool {
        self.cram
    }

    /// Whether nothing is left to ask.
    pub fn is_over(&self) -> bool {
        self.turn.is_none() && self.ahead.is_empty()
    }

    /// The number of the card at hand, from 1, and of how many.
    pub fn place(&self) -> (usize, usize) {
        let here = self.past.len() + usize::from(self.turn.is_some());
        (here, here + self.ahead.len())
    }

    /// Whether the card at hand comes back later in this sitting.
    pub fn comes_back(&self) -> bool {
        self.turn.as_ref().is_some_and(|turn| self.ahead.iter().any(|next| next.again && next.item == turn.card.item))
    }

    /// What happened since this was asked last, for the log.
    pub fn take_events(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.events)
    }

    /// Leaves the card at hand, once it is told, and opens the next. False where none is left.
    pub fn go_on(&mut self, state: &State) -> bool {
        if self.turn.as_ref().is_some_and(|turn| turn.phase != Phase::Told) {
            return true;
        }
        self.past.extend(self.turn.take());
        while let Some(next) = self.ahead.pop_front() {
            let brake = Brake::bounded();
            let asked = self.past.iter().filter(|turn| turn.card.item == next.item).count();
            if let Some(Ok(card)) = self.bank.card(&next.item, (self.learner, asked), state, &brake) {
                self.turn = Some(Turn::new(card, next.again));
                return true;
            }
        }
        false
    }

    /// Takes the draft of the card at hand as its answer. The error says what is missing.
    pub fn answer(&mut self) -> Result<(), NotYet> {
        let Some(turn) = &mut self.turn else { return Ok(()) };
        let reply = turn.draft.reply(&turn.card)?;
        turn.answer(reply);
        Ok(())
    }

    /// The learner has said how sure, or passed over it.
    pub fn sure(&mut self, confidence: Option<Confidence>) {
        let answer = self.turn.as_mut().and_then(|turn| turn.sure(confidence));
        self.note(answer);
    }

    /// The points that were named are marked.
    pub fn named(&mut self) {
        let answer = self.turn.as_mut().and_then(Turn::named);
        self.note(answer);
    }

    /// An answer is given: it goes to the log at once. Who was sure and wrong is asked again in this sitting.
    fn note(&mut self, answer: Option<Answer>) {
        let Some(answer) = answer else { return };
        if self.turn.as_ref().is_some_and(|turn| turn.is_sure_and_wrong() && !turn.again) {
            let back = Ahead { item: answer.item.clone(), again: true };
            self.ahead.insert(COMES_BACK_AFTER.min(self.ahead.len()), back);
        }
        let cram = answer.cram || self.cram;
        self.events.push(Event::Answered(Answer { cram, ..answer }));
    }

    /// The turn whose grade can be chosen: the card at hand once it is told, or after the last card the last one.
    fn graded(&mut self) -> Option<&mut Turn> {
        match &mut self.turn {
            Some(turn) => Some(turn).filter(|turn| turn.phase == Phase::Told),
            None => self.past.last_mut(),
        }
    }

    /// Gives the card at hand, or after the last card the last one, another grade. False while it is not told.
    pub fn regrade(&mut self, grade: Grade) -> bool {
        let Some(turn) = self.graded() else { return false };
        turn.graded = Some(grade);
        let item = turn.card.item.clone();
        self.events.push(Event::Regraded { item, grade });
        true
    }

    /// Whether there is an answer to take back.
    pub fn can_undo(&self) -> bool {
        self.turn.as_ref().is_some_and(|turn| !turn.earlier.is_empty() || turn.phase != Phase::Asking) || !self.past.is_empty()
    }

    /// Takes the last answer back: its card is asked again, as if it had not been answered. Works on the last screen too.
    pub fn undo(&mut self) -> bool {
        match &mut self.turn {
            Some(turn) if turn.phase != Phase::Asking || !turn.earlier.is_empty() => {
                let recorded = !matches!(turn.phase, Phase::Asking | Phase::Sure | Phase::Points);
                let anew = Turn::new(turn.first(), turn.again);
                let item = turn.card.item.clone();
                *turn = anew;
                self.take_back(&item, recorded);
                true
            }
            _ => self.undo_past(),
        }
    }

    fn undo_past(&mut self) -> bool {
        let Some(before) = self.past.pop() else { return false };
        if let Some(turn) = self.turn.take() {
            self.ahead.push_front(Ahead { item: turn.card.item, again: turn.again });
        }
        let (item, again) = (before.card.item.clone(), before.again);
        self.turn = Some(Turn::new(before.first(), again));
        self.take_back(&item, true);
        true
    }

    /// The answer to an item does not count: neither in the log nor for coming back.
    fn take_back(&mut self, item: &str, recorded: bool) {
        if recorded {
            self.events.push(Event::Undone { item: item.to_string() });
        }
        let again = self.turn.as_ref().is_some_and(|turn| turn.again);
        if !again {
            self.ahead.retain(|next| !(next.again && next.item == item));
        }
    }

    /// What came of every item that was answered, in the order in which they were asked first. `state` is what is known of the learner now.
    pub fn learnt(&self, state: &State, today: Day) -> Vec<Learnt> {
        let mut all: Vec<Learnt> = Vec::new();
        let answered = self.past.iter().chain(self.turn.iter().filter(|turn| turn.phase == Phase::Told));
        for turn in answered {
            let Some(judged) = turn.whole() else { continue };
            match all.iter_mut().find(|known| known.item == turn.card.item) {
                Some(known) => {
                    known.mended = judged.right && !known.right;
                    known.right = judged.right;
                }
                None => all.push(self.first_learnt(turn, judged.right, state, today)),
            }
        }
        all
    }

    fn first_learnt(&self, turn: &Turn, right: bool, state: &State, today: Day) -> Learnt {
        let item = &turn.card.item;
        let known = state.item(item);
        let due = known.and_then(|known| known.due_on(today, state.exam(today), item)).filter(|_| !self.cram);
        Learnt {
            item: item.clone(),
            topic: turn.card.topic.clone(),
            asked: turn.first().question.text,
            right,
            mended: false,
            surprised: turn.is_sure_and_wrong(),
            due,
            slippery: known.and_then(|known| known.memory).is_some_and(|memory| memory.is_slippery()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::progress::Record;
    use crate::quiz::judge::Reply;
    use crate::quiz::testing;
    use crate::review::Stamp;

    const TODAY: Day = Day(20_000);

    /// A sitting with everything that is known of the learner.
    struct Sitting {
        session: Session,
        state: State,
    }

    impl Sitting {
        fn of(items: &[&str]) -> Sitting {
            let bank = testing::bank(&["failover-limits", "replication-lag"]);
            let items = items.iter().map(ToString::to_string).collect();
            let mut sitting = Sitting { session: Session::new(bank, items, 1, false), state: State::default() };
            sitting.go_on();
            sitting
        }

        fn go_on(&mut self) -> bool {
            self.take_in();
            self.session.go_on(&self.state)
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
        let mut sitting = Sitting::of(&[A]);
        sitting.session.cram = true;
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
}
