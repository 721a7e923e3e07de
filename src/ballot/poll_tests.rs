use std::collections::BTreeMap;

use proptest::prelude::*;

use super::{Poll, Question, Refused, Round, Stage};

fn question(options: usize) -> Question {
    Question { text: "Who is told ok?".to_string(), options: (0..options).map(|n| format!("answer {n}")).collect() }
}

fn open(poll: &Poll<u8>) -> Round {
    match poll.stage() {
        Stage::Open { round, .. } => round,
        other => panic!("no round is open: {other:?}"),
    }
}

#[test]
fn a_vote_can_be_changed_until_the_round_closes() {
    let mut poll = Poll::default();
    assert_eq!((poll.stage(), poll.cast(1, 1.into(), 0)), (Stage::Idle, Err(Refused::Closed)));
    poll.open();
    assert_eq!(poll.stage(), Stage::Idle, "nothing was asked that could be voted on");
    poll.ask(question(3));
    assert_eq!((poll.stage(), poll.cast(1, 1.into(), 0)), (Stage::Asked, Err(Refused::Closed)));
    poll.open();
    let first = open(&poll);
    assert_eq!(poll.cast(1, first, 0), Ok(()));
    assert_eq!(poll.cast(1, first, 2), Ok(()));
    assert_eq!(poll.cast(2, first, 3), Err(Refused::NoSuchOption));
    assert_eq!((poll.vote_of(&1), poll.vote_of(&2), poll.voted()), (Some(2), None, 1));
    poll.close();
    assert_eq!((poll.stage(), poll.cast(1, first, 0)), (Stage::Closed { nth: 1 }, Err(Refused::Closed)));
    poll.open();
    assert_eq!(poll.cast(1, first, 0), Err(Refused::Past), "a page of the first round does not vote in the second");
    assert_eq!(poll.vote_of(&1), None, "every round begins without votes");
    assert_eq!(poll.cast(2, open(&poll), 1), Ok(()));
    assert_eq!(poll.counts(), [[0, 0, 1], [0, 1, 0]]);
}

#[test]
fn a_page_of_an_earlier_question_does_not_vote_on_this_one() {
    let mut poll = Poll::default();
    poll.ask(question(2));
    poll.open();
    let old = open(&poll);
    poll.ask(question(2));
    poll.open();
    assert_ne!(open(&poll), old);
    assert_eq!(poll.cast(1, old, 0), Err(Refused::Past));
    assert_eq!(poll.counts(), [[0, 0]]);
    poll.withdraw();
    assert_eq!((poll.stage(), poll.voted(), poll.question()), (Stage::Idle, 0, None));
}

#[derive(Clone, Debug)]
enum Act {
    Ask(usize),
    Withdraw,
    Open,
    Reopen(usize),
    Close,
    /// By whom, how many rounds too early, and for what.
    Cast(u8, u32, usize),
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        1 => (1..5_usize).prop_map(Act::Ask),
        1 => Just(Act::Withdraw),
        3 => Just(Act::Open),
        2 => (1..4_usize).prop_map(Act::Reopen),
        2 => Just(Act::Close),
        20 => (0..6_u8, prop_oneof![4 => Just(0_u32), 1 => 1..4_u32], 0..5_usize).prop_map(|(who, early, what)| Act::Cast(who, early, what)),
    ]
}

/// The same rules, written as a list of everything that was taken: the last vote of each voter in each round counts.
#[derive(Default)]
struct Book {
    options: Option<usize>,
    opened: u32,
    /// The one that is open or was last.
    now: u32,
    open: bool,
    /// The rounds of the question that is asked.
    rounds: Vec<u32>,
    taken: Vec<(u32, u8, usize)>,
}

impl Book {
    fn act(&mut self, act: &Act) -> Option<bool> {
        match *act {
            Act::Ask(options) => (self.options, self.open, self.rounds) = (Some(options), false, Vec::new()),
            Act::Withdraw => (self.options, self.open, self.rounds) = (None, false, Vec::new()),
            Act::Open if self.options.is_some() && !self.open => {
                self.opened += 1;
                self.rounds.push(self.opened);
                (self.now, self.open) = (self.opened, true);
            }
            Act::Reopen(nth) if self.options.is_some() => {
                while self.rounds.len() < nth {
                    self.opened += 1;
                    self.rounds.push(self.opened);
                }
                (self.now, self.open) = (self.rounds[nth - 1], true);
            }
            Act::Open | Act::Reopen(_) => {}
            Act::Close => self.open = false,
            Act::Cast(who, early, what) => {
                let is_taken = self.open && early == 0 && self.options.is_some_and(|options| what < options);
                if is_taken {
                    self.taken.push((self.now, who, what));
                }
                return Some(is_taken);
            }
        }
        None
    }

    fn counts(&self) -> Vec<Vec<u32>> {
        let count = |round: &u32| {
            let last: BTreeMap<u8, usize> = self.taken.iter().filter(|vote| vote.0 == *round).map(|vote| (vote.1, vote.2)).collect();
            (0..self.options.unwrap_or(0)).map(|option| last.values().filter(|&&chosen| chosen == option).count() as u32).collect()
        };
        self.rounds.iter().map(count).collect()
    }
}

proptest! {
    #[test]
    fn counts_are_the_last_votes_of_each_voter_and_round(acts in prop::collection::vec(act(), 1..120)) {
        let (mut poll, mut book) = (Poll::default(), Book::default());
        for act in &acts {
            let expected = book.act(act);
            let happened = match *act {
                Act::Ask(options) => { poll.ask(question(options)); None }
                Act::Withdraw => { poll.withdraw(); None }
                Act::Open => { poll.open(); None }
                Act::Reopen(nth) => { poll.open_round(nth); None }
                Act::Close => { poll.close(); None }
                Act::Cast(who, early, what) => {
                    Some(poll.cast(who, Round::from(book.now.wrapping_sub(early)), what).is_ok())
                }
            };
            prop_assert_eq!(happened, expected);
            prop_assert_eq!(poll.counts(), book.counts());
            let at = book.rounds.iter().position(|round| *round == book.now);
            let now: u32 = at.map_or(0, |at| poll.counts()[at].iter().sum());
            prop_assert_eq!(poll.voted(), now as usize);
        }
    }
}
