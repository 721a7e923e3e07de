//! From bytes to input: pieces, what they mean, and what is held back until it is clear whether more comes.

use std::collections::VecDeque;
use std::time::Duration;

use super::Input;
use super::cutter::{Cutter, Held};
use super::decode::{Heard, decode};
use super::questions::{Open, Questions};
use crate::tui::clock::Moment;

/// How long after an Escape more belongs to it: on most lines what is sent together arrives together.
const ESCAPE: Duration = Duration::from_millis(50);
/// The same while an answer is expected: those come from far and in parts.
const ANSWER: Duration = Duration::from_millis(600);
/// How long a sequence may stay unfinished.
const PART: Duration = Duration::from_secs(2);

/// Listens to the terminal.
#[derive(Debug)]
pub(super) struct Listener {
    cutter: Cutter,
    /// When the last bytes came.
    last: Moment,
    open: Open,
    heard: VecDeque<Input>,
}

impl Listener {
    /// A listener for a terminal that was asked these questions at this moment.
    pub(super) fn new(questions: Questions, now: Moment) -> Listener {
        Listener { cutter: Cutter::default(), last: now, open: Open::asked(questions, now), heard: VecDeque::new() }
    }

    /// Takes in what came at this moment.
    pub(super) fn take(&mut self, bytes: &[u8], now: Moment) {
        self.give_up(now);
        // No answer that was asked for goes on like this: the Escape was a key.
        let is_answer = matches!(bytes.first(), Some(b'[' | b']'));
        if self.cutter.is_after_escape() && !is_answer && now.saturating_sub(self.last) >= ESCAPE {
            self.let_go(now);
        }
        self.last = now;
        let pieces = self.cutter.take(bytes);
        for heard in pieces.into_iter().filter_map(decode) {
            self.hear(heard, now);
        }
        if self.cutter.is_in_answer() {
            self.open.alive(now);
        }
    }

    fn hear(&mut self, heard: Heard, now: Moment) {
        match heard {
            Heard::Event(event) => self.heard.push_back(Input::Event(event)),
            answer => self.heard.extend(self.open.hear(&answer, now).map(Input::Answer)),
        }
    }

    /// The next input, if there is one at this moment.
    pub(super) fn next(&mut self, now: Moment) -> Option<Input> {
        self.give_up(now);
        self.heard.pop_front()
    }

    /// When what is held back is no longer waited for.
    pub(super) fn deadline(&self) -> Option<Moment> {
        let span = match self.cutter.held()? {
            Held::MaybeKey if self.open.expects(self.last) => ANSWER,
            Held::MaybeKey => ESCAPE,
            Held::Part => PART,
        };
        Some(self.last + span)
    }

    fn give_up(&mut self, now: Moment) {
        if self.deadline().is_some_and(|deadline| deadline <= now) {
            self.let_go(now);
        }
    }

    /// Takes what is held back for what it is by itself.
    fn let_go(&mut self, now: Moment) {
        if let Some(heard) = self.cutter.give_up().and_then(decode) {
            self.hear(heard, now);
        }
    }

    /// Until when answers are waited for on the way out; `None`: none is on its way.
    pub(super) fn patience(&self) -> Option<Moment> {
        self.open.patience()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use ratatui::crossterm::event::Event;

    use super::super::questions::Answer;
    use super::*;
    use crate::tui::keys::Key;

    const BOTH: Questions = Questions { background: true, width: true };
    const ANSWERS: &str = "\x1b]11;rgb:ffff/ffff/ffff\x1b\\\x1b[2;3R\x1b[?64;1;2c";

    fn ms(ms: u64) -> Moment {
        Moment::from_millis(ms)
    }

    fn words(input: Input) -> String {
        match input {
            Input::Event(Event::Key(key)) => Key::from(key).to_string(),
            Input::Answer(Answer::Background(_)) => "background".into(),
            Input::Answer(Answer::WideSigns) => "wide".into(),
            other => format!("{other:?}"),
        }
    }

    /// What is heard by the end of these bytes, each at its moment.
    fn heard(questions: Questions, sent: &[(u64, &[u8])]) -> Vec<String> {
        let mut listener = Listener::new(questions, Moment::ZERO);
        for (at, bytes) in sent {
            listener.take(bytes, ms(*at));
        }
        std::iter::from_fn(|| listener.next(Moment::MAX)).map(words).collect()
    }

    proptest! {
        /// An answer is heard however late it comes, whatever pauses split it, and is never a key.
        #[test]
        fn answers_are_heard_late_and_in_parts(
            late in prop::sample::select(vec![0_u64, 40, 120, 1_000, 30_000]),
            cuts in prop::collection::btree_set(1..ANSWERS.len(), 0..40),
            pause in 1_u64..50,
        ) {
            let mut listener = Listener::new(BOTH, Moment::ZERO);
            let mut at = late;
            let mut from = 0;
            for to in cuts.into_iter().chain([ANSWERS.len()]) {
                listener.take(&ANSWERS.as_bytes()[from..to], ms(at));
                (from, at) = (to, at + pause);
            }
            let all: Vec<String> = std::iter::from_fn(|| listener.next(ms(at))).map(words).collect();
            prop_assert_eq!(all, ["background", "wide"]);
            prop_assert_eq!(listener.patience(), None);
        }
    }

    #[test]
    fn while_an_answer_is_expected_its_parts_may_be_far_apart() {
        let bytes: Vec<[u8; 1]> = ANSWERS.bytes().map(|byte| [byte]).collect();
        let sent: Vec<(u64, &[u8])> = bytes.iter().zip(0..).map(|(byte, i)| (1_000 + 500 * i, &byte[..])).collect();
        assert_eq!(heard(BOTH, &sent), ["background", "wide"]);
    }

    #[test]
    fn escape_is_a_key_after_a_moment() {
        assert_eq!(heard(Questions::default(), &[(0, b"\x1b"), (60, b"x")]), ["Esc", "x"]);
        assert_eq!(heard(Questions::default(), &[(0, b"\x1b"), (20, b"x")]), ["Alt-x"]);
        assert_eq!(heard(BOTH, &[(0, b"\x1b"), (60, b"x")]), ["Esc", "x"], "while an answer is expected, too");
        assert_eq!(heard(BOTH, &[(0, b"\x1b"), (60, b"\x1b"), (90, b"x")]), ["Esc", "Alt-x"]);
        let mut listener = Listener::new(Questions::default(), Moment::ZERO);
        listener.take(b"\x1b", ms(7));
        assert_eq!(listener.next(ms(8)), None);
        assert_eq!(listener.deadline(), Some(ms(57)));
        assert!(listener.next(ms(57)).is_some());
        assert_eq!(listener.deadline(), None);
    }

    #[test]
    fn keys_before_between_and_after_answers_stay_keys() {
        let all = heard(BOTH, &[(0, b"jk\x1b]11;rgb:0/0/0\x07l"), (10, b"\x1b[A\x1b[2;2Rh\x1b[?6cq")]);
        assert_eq!(all, ["j", "k", "background", "l", "Up", "h", "q"]);
    }

    #[test]
    fn what_was_not_asked_is_not_told() {
        assert_eq!(heard(Questions::default(), &[(0, ANSWERS.as_bytes())]), Vec::<String>::new());
        let twice = [ANSWERS, ANSWERS].concat();
        assert_eq!(heard(BOTH, &[(0, twice.as_bytes())]), ["background", "wide"]);
    }

    #[test]
    fn the_way_out_waits_for_what_was_asked() {
        let mut listener = Listener::new(BOTH, ms(100));
        assert_eq!(listener.patience(), Some(ms(1600)));
        listener.take(b"\x1b]11;rg", ms(1_000));
        assert_eq!(listener.patience(), Some(ms(2_500)));
        assert_eq!(Listener::new(Questions::default(), ms(100)).patience(), None);
    }
}
