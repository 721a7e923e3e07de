//! What the screen and the phones share: the poll, and who came in. The screen puts questions and reads counts; a phone sees no count.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;
use tokio::time::Instant;

use super::code::Code;
use super::devices::{Devices, Full, Token};
use super::doors::Doors;
use super::poll::{Poll, Question, Refused, Round, Stage};

/// A poll that phones take part in. Copies of it are the same room.
#[derive(Clone, Debug)]
pub struct Room {
    hall: Arc<Mutex<Hall>>,
    /// Counts every change that a page may show.
    news: watch::Sender<u64>,
    code: Code,
    start: Instant,
}

/// All that is known, in memory only.
#[derive(Debug, Default)]
struct Hall {
    poll: Poll<Token>,
    devices: Devices,
    doors: Doors,
}

/// What a teacher sees of a vote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tally {
    /// How far the question is.
    pub stage: Stage,
    /// For each round of this question, how many chose each answer.
    pub counts: Vec<Vec<u32>>,
    /// How many have voted in the round that is open or was last.
    pub voted: usize,
    /// Of these, how many at the address where most are: more than a few means one who stuffs the box, or a shared address.
    pub most_at_one_address: usize,
    /// How many devices came in.
    pub devices: usize,
    /// From how many addresses devices were turned away, because one address has four places.
    pub crowded: usize,
}

impl Tally {
    /// How many chose each answer in the round that is open or was last; empty before the first.
    pub fn now(mut self) -> Vec<u32> {
        match self.stage {
            Stage::Open { nth, .. } | Stage::Closed { nth } => self.counts.swap_remove(nth - 1),
            Stage::Idle | Stage::Asked => Vec::new(),
        }
    }
}

/// What one device sees. It holds no count.
#[derive(Clone, Debug)]
pub(super) struct View {
    /// Counts the changes before it: of two views the one with the greater number is the newer one.
    pub(super) at: u64,
    pub(super) stage: Stage,
    pub(super) question: Option<Arc<Question>>,
    /// What the device itself voted for in this round.
    pub(super) mine: Option<usize>,
}

impl View {
    /// Whether a page that shows `other` shows this.
    pub(super) fn is_shown_by(&self, other: &View) -> bool {
        let is_same = match (&self.question, &other.question) {
            (Some(a), Some(b)) => Arc::ptr_eq(a, b),
            (None, None) => true,
            _ => false,
        };
        is_same && self.stage == other.stage && self.mine == other.mine
    }
}

/// What became of a vote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cast {
    Taken,
    /// The device votes too often.
    TooOften,
    Refused(Refused),
}

/// What became of a code that was tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tried {
    Right,
    Wrong,
    /// Too many were tried: nobody looked at it.
    TooOften,
}

impl Room {
    /// A room with nothing asked and nobody in it, whose code nobody can guess.
    pub fn new() -> Result<Room, getrandom::Error> {
        let mut bytes = [0; super::code::LENGTH];
        getrandom::fill(&mut bytes)?;
        Ok(Room { hall: Arc::default(), news: watch::Sender::new(0), code: Code::from_bytes(bytes), start: Instant::now() })
    }

    /// What is typed on a phone to come in.
    pub fn code(&self) -> Code {
        self.code
    }

    /// Puts a question; the one before and its ballots are forgotten. No round is open yet.
    pub fn ask(&self, question: Question) {
        self.change(|hall| hall.poll.ask(question));
    }

    /// Asks nothing any more; the question and its ballots are forgotten.
    pub fn withdraw(&self) {
        self.change(|hall| hall.poll.withdraw());
    }

    /// Opens the next round.
    pub fn open(&self) {
        self.change(|hall| hall.poll.open());
    }

    /// Opens the round of this question with this number, from 1; one that was open before goes on with its votes.
    pub fn open_round(&self, nth: usize) {
        self.change(|hall| hall.poll.open_round(nth));
    }

    /// Closes the round.
    pub fn close(&self) {
        self.change(|hall| hall.poll.close());
    }

    /// Lets any number of devices in from one address: for a class behind one router or a virtual machine's host.
    pub fn share_addresses(&self) {
        self.change(|hall| {
            hall.doors.shared = true;
            hall.devices.share();
        });
    }

    /// What came in so far.
    pub fn tally(&self) -> Tally {
        let hall = self.hall();
        Tally {
            stage: hall.poll.stage(),
            counts: hall.poll.counts(),
            voted: hall.poll.voted(),
            most_at_one_address: hall.devices.most_at_one(hall.poll.voters()),
            devices: hall.devices.len(),
            crowded: hall.devices.crowded(),
        }
    }

    /// What `device` sees now.
    pub(super) fn view(&self, device: Token) -> View {
        // Read before the poll: a page may say that it is older than it is, and never that it is newer.
        let at = *self.news.borrow();
        let poll = &self.hall().poll;
        View { at, stage: poll.stage(), question: poll.question().cloned(), mine: poll.vote_of(&device) }
    }

    /// Is told of every change that a page may show.
    pub(super) fn news(&self) -> watch::Receiver<u64> {
        self.news.subscribe()
    }

    /// Whether any number of devices may come from one address.
    pub(super) fn is_shared(&self) -> bool {
        self.hall().doors.shared
    }

    /// Whether one more request from this address is answered.
    pub(super) fn request(&self, from: IpAddr) -> bool {
        let now = self.now();
        self.hall().doors.request(from, now)
    }

    /// Tries a code; `None` is a text that cannot be one.
    pub(super) fn try_code(&self, code: Option<Code>, from: IpAddr) -> Tried {
        let (now, mut hall) = (self.now(), self.hall());
        if !hall.doors.may_try(from, now) {
            return Tried::TooOften;
        }
        if code == Some(self.code) {
            return Tried::Right;
        }
        hall.doors.was_wrong(from, now);
        Tried::Wrong
    }

    /// Whether this device came in before.
    pub(super) fn knows(&self, device: Token) -> bool {
        self.hall().devices.knows(device)
    }

    /// Lets a device in.
    pub(super) fn admit(&self, device: Token, from: IpAddr) -> Result<(), Full> {
        let (now, mut hall) = (self.now(), self.hall());
        let shared = hall.doors.shared;
        hall.devices.admit(device, from, shared, now)
    }

    /// Takes the vote of a device that came in.
    pub(super) fn cast(&self, device: Token, round: Round, option: usize) -> Cast {
        let now = self.now();
        let mut hall = self.hall();
        if !hall.devices.may_vote(device, now) {
            return Cast::TooOften;
        }
        if let Err(refused) = hall.poll.cast(device, round, option) {
            return Cast::Refused(refused);
        }
        drop(hall);
        self.news.send_modify(|count| *count += 1);
        Cast::Taken
    }

    fn change(&self, act: impl FnOnce(&mut Hall)) {
        act(&mut self.hall());
        self.news.send_modify(|count| *count += 1);
    }

    /// No change is left half done by a panic, so what is there is right even then.
    fn hall(&self) -> MutexGuard<'_, Hall> {
        self.hall.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Milliseconds since the room was opened.
    fn now(&self) -> u64 {
        u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}
