//! One sitting: card after card, with what comes back in it, undo, and what was learnt at its end.

use std::collections::VecDeque;

use super::bank::Bank;
use super::draft::NotYet;
use super::judge::Reply;
use super::turn::{Phase, Turn};
use crate::progress::{Answer, Event, State};
use crate::review::{Confidence, Day, Grade};
use crate::timeline::Brake;

/// After how many other cards one comes back to which the learner was sure and wrong.
pub(super) const COMES_BACK_AFTER: usize = 3;

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

    /// Leaves the card at hand, once it is told, and opens the next. False where none is left. What a drill makes is run under this
    /// brake; one that makes nothing is passed over.
    pub fn go_on(&mut self, state: &State, brake: &Brake) -> bool {
        if self.turn.as_ref().is_some_and(|turn| turn.phase != Phase::Told) {
            return true;
        }
        self.past.extend(self.turn.take());
        while let Some(next) = self.ahead.pop_front() {
            let asked = self.past.iter().filter(|turn| turn.card.item == next.item).count();
            if let Some(Ok(card)) = self.bank.card(&next.item, (self.learner, asked), state, brake) {
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
        self.hand_in(reply);
        Ok(())
    }

    /// Takes what was done at the cluster as the answer of the card at hand.
    pub fn hand_in(&mut self, reply: Reply) {
        let answer = self.turn.as_mut().and_then(|turn| turn.answer(reply));
        self.note(answer);
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
            asked: turn.first().asked(),
            right,
            mended: false,
            surprised: turn.is_sure_and_wrong(),
            due,
            slippery: known.and_then(|known| known.memory).is_some_and(|memory| memory.is_slippery()),
        }
    }
}
