//! What a checker says.

/// What can be promised about a history. The order is the order on the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Guarantee {
    /// One order of all operations, in real time (Herlihy & Wing 1990).
    Linearizable,
    /// One order of all operations, in each client's own order (Lamport 1979).
    Sequential,
    /// A client sees its own writes (Terry et al. 1994).
    ReadYourWrites,
    /// A client never sees time go backward (Terry et al. 1994).
    MonotonicReads,
    /// A client's writes are seen in the order it made them (Terry et al. 1994).
    MonotonicWrites,
    /// A write is seen only with what its writer had read before (Terry et al. 1994).
    WritesFollowReads,
    /// No acknowledged write is lost.
    Durable,
    /// Once nothing is on its way, all replicas hold the same.
    Convergent,
}

impl Guarantee {
    /// Every guarantee, in the order of the screen.
    pub const ALL: [Guarantee; 8] = [
        Guarantee::Linearizable,
        Guarantee::Sequential,
        Guarantee::ReadYourWrites,
        Guarantee::MonotonicReads,
        Guarantee::MonotonicWrites,
        Guarantee::WritesFollowReads,
        Guarantee::Durable,
        Guarantee::Convergent,
    ];

    /// The identifier in conditions and JSON: `read_your_writes`.
    pub const fn id(self) -> &'static str {
        match self {
            Guarantee::Linearizable => "linearizable",
            Guarantee::Sequential => "sequential",
            Guarantee::ReadYourWrites => "read_your_writes",
            Guarantee::MonotonicReads => "monotonic_reads",
            Guarantee::MonotonicWrites => "monotonic_writes",
            Guarantee::WritesFollowReads => "writes_follow_reads",
            Guarantee::Durable => "durable",
            Guarantee::Convergent => "convergent",
        }
    }

    /// The words on the screen: `read your writes`.
    pub fn words(self) -> String {
        self.id().replace('_', " ")
    }
}

/// Whether a guarantee held so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    /// It held in everything recorded so far.
    Yes,
    /// It did not; the witness shows where.
    No,
    /// It could not be decided, or cannot be yet; the reason says why. Never a guess.
    Unknown,
    /// Nothing has happened so far that could have broken it: neither kept nor broken.
    Untested,
}

/// The verdict on one guarantee.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Which guarantee.
    pub guarantee: Guarantee,
    /// Whether it held.
    pub holds: Holds,
    /// One sentence: why. For `Yes` it may be empty.
    pub why: String,
    /// The operations that break it, by id, in the order of their calls.
    pub witness: Vec<u32>,
}

/// The verdicts on all guarantees that apply, in the order of the screen.
pub type Verdicts = Vec<Verdict>;
