//! What waits, and who works on it.

use crate::sim::time::Span;

use super::message::Sign;
use super::node::Tone;

/// What one thing in a line is, to the eye.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// A message, by its sign: a heartbeat is seen to stand in line.
    Message(Sign),
    /// A letter that stands for a key, a service, a sender.
    Letter(char),
}

/// Neighbours in a line that look alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    /// What they are.
    pub mark: Mark,
    /// How many.
    pub count: u32,
    /// How they are to be seen.
    pub tone: Tone,
}

impl Run {
    /// So many of a kind.
    pub const fn new(mark: Mark, count: u32) -> Run {
        Run { mark, count, tone: Tone::Plain }
    }
}

/// A line of things that wait, the head first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Queue {
    /// What it is called: `ready`, `n1`, `dead`; empty where its place says it.
    pub name: String,
    /// What is worked on, in the order of the workers.
    pub at_work: Vec<Run>,
    /// What waits, from the head.
    pub waiting: Vec<Run>,
    /// How many may wait; `None`: any number.
    pub limit: Option<u32>,
    /// How long the oldest has waited.
    pub oldest: Option<Span>,
    /// How many a second are turned away.
    pub refused: f64,
    /// A few words more: `• is 4th`.
    pub note: String,
    /// Whether it changed at the last event.
    pub changed: bool,
}

impl Queue {
    /// How many wait.
    pub fn len(&self) -> u32 {
        self.waiting.iter().map(|run| run.count).sum()
    }

    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.waiting.iter().all(|run| run.count == 0)
    }

    /// Whether no more may wait.
    pub fn is_full(&self) -> bool {
        self.limit.is_some_and(|limit| self.len() >= limit)
    }

    /// Adds one to the end, joined to its neighbour where they look alike.
    pub fn push(&mut self, mark: Mark, tone: Tone) {
        match self.waiting.last_mut() {
            Some(last) if last.mark == mark && last.tone == tone => last.count += 1,
            _ => self.waiting.push(Run { mark, count: 1, tone }),
        }
    }
}

/// Workers and the line before them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Station {
    /// How many workers there are.
    pub workers: u32,
    /// How many of them are busy.
    pub busy: u32,
    /// The share of the last second that they were busy, 0 to 1; `None` where it is not measured.
    pub load: Option<f64>,
    /// What waits.
    pub queue: Queue,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_that_look_alike_are_one_run() {
        let mut queue = Queue { limit: Some(4), ..Queue::default() };
        for sign in [Sign::Request, Sign::Request, Sign::Heartbeat, Sign::Request] {
            assert!(!queue.is_full());
            queue.push(Mark::Message(sign), Tone::Plain);
        }
        assert_eq!(queue.waiting.iter().map(|run| run.count).collect::<Vec<_>>(), [2, 1, 1]);
        assert_eq!((queue.len(), queue.is_full()), (4, true));
    }
}
