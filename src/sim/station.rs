//! What a node is to the messages that reach it: a queueing station with workers, a line of limited length, and an order of service.
//! Kleinrock, *Queueing Systems* (1975), volume 1, sections 1.2 and 2.1 for the words.

use super::dist::Dist;
use super::time::Span;

/// A station in Kendall's terms: `workers` servers and room for `queue` that wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Station {
    /// How many messages it handles at the same time: 1 to [`WORKERS_MAX`].
    pub workers: u32,
    /// How many may wait beside those that are handled: 0 to [`QUEUE_MAX`]; others overflow.
    pub queue: u32,
    /// Which of those that wait is next.
    pub discipline: Discipline,
}

/// The most workers of a node.
pub const WORKERS_MAX: u32 = 10_000;
/// The most messages that may wait at a node.
pub const QUEUE_MAX: u32 = 100_000;
/// The most that wait at a node unless its protocol says otherwise.
pub const QUEUE: u32 = 4096;

/// The order of service. Nobody who is served is interrupted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Discipline {
    /// Who came first: FIFO.
    FirstCome,
    /// Who came last: LIFO.
    LastCome,
    /// The highest [`Service::priority`], and of equals who came first.
    Priority,
}

impl Default for Station {
    /// One worker, first come first served.
    fn default() -> Self {
        Station { workers: 1, queue: QUEUE, discipline: Discipline::FirstCome }
    }
}

impl Station {
    /// The station within the bounds of the kernel.
    pub(super) fn bounded(self) -> Station {
        Station { workers: self.workers.clamp(1, WORKERS_MAX), queue: self.queue.min(QUEUE_MAX), ..self }
    }
}

/// What one message asks of a station.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Service<'a> {
    /// How long a worker is busy with it, at normal speed.
    pub takes: Takes<'a>,
    /// The higher, the sooner, where the discipline is [`Discipline::Priority`].
    pub priority: u8,
}

/// How long a worker is busy with a message.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Takes<'a> {
    /// The handling time of the cluster: see [`super::kernel::Config::handling`]. Nothing for a client.
    Handling,
    /// Exactly this long.
    Exactly(Span),
    /// Drawn by the kernel for each message: a concern of its own, so that it changes no other draw.
    Drawn(&'a Dist),
    /// It needs no worker and does not wait: it is handled beside the line as soon as the process runs.
    Aside,
}

impl Service<'_> {
    /// The handling time of the cluster, no priority.
    pub const HANDLING: Service<'static> = Service { takes: Takes::Handling, priority: 0 };
    /// Beside the line.
    pub const ASIDE: Service<'static> = Service { takes: Takes::Aside, priority: 0 };
}

/// What happened at a station so far, and what is there now. Messages only: timers that wait for a worker are not counted.
///
/// `arrived = waiting + serving + done + rejected + lost`. `line_area` is the area under the curve of the number that wait, so that
/// `line_area / waited = 1` in a run that begins and ends with an empty line: Little's law as an identity (Little 1961).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Queueing {
    /// How many workers there are.
    pub workers: u32,
    /// How many messages wait.
    pub waiting: u32,
    /// How many are being handled.
    pub serving: u32,
    /// How many workers are kept by the protocol beside: see [`super::protocol::Cx::keep_worker`].
    pub kept: u32,
    /// How many came.
    pub arrived: u64,
    /// How many were handled to the end.
    pub done: u64,
    /// How many found neither a worker nor room.
    pub rejected: u64,
    /// How many waited or were being handled when the node died.
    pub lost: u64,
    /// The most that ever waited.
    pub most_waiting: u32,
    /// How long workers were taken, all of them together: at most `workers` times what passed. A worker of a paused process stays taken.
    pub busy: Span,
    /// The area under the curve of the number that wait, in nanoseconds.
    pub line_area: u128,
    /// How long those that left the line had waited, all together, in nanoseconds.
    pub waited: u128,
}
