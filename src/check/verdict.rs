//! What a checker says.

/// What can be promised about a run: what clients see, or what becomes of the data. Each model lists its own.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Guarantee(&'static GuaranteeDoc);

/// What a guarantee is.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct GuaranteeDoc {
    /// The identifier in conditions and JSON: `read_your_writes`.
    pub id: &'static str,
    /// One sentence: who may rely on what.
    pub about: &'static str,
    /// Whether it is judged by what servers hold too, and not by what clients asked and were told alone.
    pub of_state: bool,
}

impl Guarantee {
    /// A guarantee of a model.
    pub const fn new(doc: &'static GuaranteeDoc) -> Guarantee {
        Guarantee(doc)
    }

    /// One order of all operations, in real time (Herlihy & Wing 1990).
    pub const LINEARIZABLE: Guarantee = Guarantee(&GuaranteeDoc {
        id: "linearizable",
        about: "All operations seem to happen one after the other, each between its call and its answer.",
        of_state: false,
    });
    /// One order of all operations, in each client's own order (Lamport 1979).
    pub const SEQUENTIAL: Guarantee = Guarantee(&GuaranteeDoc {
        id: "sequential",
        about: "All operations seem to happen one after the other, those of each client in its own order.",
        of_state: false,
    });
    /// A client sees its own writes (Terry et al. 1994).
    pub const READ_YOUR_WRITES: Guarantee = Guarantee(&GuaranteeDoc {
        id: "read_your_writes",
        about: "A client always sees its own earlier writes, or newer values.",
        of_state: false,
    });
    /// A client never sees time go backward (Terry et al. 1994).
    pub const MONOTONIC_READS: Guarantee =
        Guarantee(&GuaranteeDoc { id: "monotonic_reads", about: "A client never sees an older value after a newer one.", of_state: false });
    /// A client's writes are seen in the order it made them (Terry et al. 1994).
    pub const MONOTONIC_WRITES: Guarantee = Guarantee(&GuaranteeDoc {
        id: "monotonic_writes",
        about: "Everybody sees a client's writes in the order in which it made them.",
        of_state: false,
    });
    /// A write is seen only with what its writer had read before (Terry et al. 1994).
    pub const WRITES_FOLLOW_READS: Guarantee = Guarantee(&GuaranteeDoc {
        id: "writes_follow_reads",
        about: "Whoever sees a write also sees what its writer had read before.",
        of_state: false,
    });
    /// No acknowledged write is lost.
    pub const DURABLE: Guarantee = Guarantee(&GuaranteeDoc { id: "durable", about: "No acknowledged write is lost.", of_state: true });
    /// Once nothing is on its way, all replicas hold the same.
    pub const CONVERGENT: Guarantee =
        Guarantee(&GuaranteeDoc { id: "convergent", about: "Once nothing is on its way, all copies are equal.", of_state: true });

    /// The guarantees of a store of registers, in the order of the screen.
    pub const REGISTER: [Guarantee; 8] = [
        Guarantee::LINEARIZABLE,
        Guarantee::SEQUENTIAL,
        Guarantee::READ_YOUR_WRITES,
        Guarantee::MONOTONIC_READS,
        Guarantee::MONOTONIC_WRITES,
        Guarantee::WRITES_FOLLOW_READS,
        Guarantee::DURABLE,
        Guarantee::CONVERGENT,
    ];

    /// The identifier in conditions and JSON: `read_your_writes`.
    pub const fn id(self) -> &'static str {
        self.0.id
    }

    /// One sentence: who may rely on what.
    pub const fn about(self) -> &'static str {
        self.0.about
    }

    /// What its verdict cannot tell, in one sentence, where there is such a thing.
    pub fn limit(self) -> Option<&'static str> {
        const ANSWERS_ONLY: &str = "Judged by what clients were told: answers alone do not always tell which of two clients wrote first.";
        let of_sessions =
            [Guarantee::READ_YOUR_WRITES, Guarantee::MONOTONIC_READS, Guarantee::MONOTONIC_WRITES, Guarantee::WRITES_FOLLOW_READS];
        of_sessions.contains(&self).then_some(ANSWERS_ONLY)
    }

    /// Whether it is judged by what servers hold too.
    pub const fn of_state(self) -> bool {
        self.0.of_state
    }

    /// The words on the screen: `read your writes`.
    pub fn words(self) -> String {
        self.id().replace('_', " ")
    }
}

impl std::fmt::Debug for Guarantee {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.id())
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
    /// One sentence: why. For `Yes` it may be empty, for no other.
    pub why: String,
    /// The operations that break it, by id, in the order of their calls.
    pub witness: Vec<u32>,
}

impl Verdict {
    /// On a guarantee that is watched while the run goes on: the first break in a sentence, and whether anything has happened that could
    /// have broken it; `untested`: what is said where nothing has.
    pub fn of_run(guarantee: Guarantee, broken: Option<&String>, is_tested: bool, untested: &str) -> Verdict {
        let (holds, why) = match broken {
            Some(why) => (Holds::No, why.clone()),
            None if is_tested => (Holds::Yes, String::new()),
            None => (Holds::Untested, untested.to_string()),
        };
        Verdict { guarantee, holds, why, witness: Vec::new() }
    }
}

/// The verdicts on all guarantees that apply, in the order of the screen.
pub type Verdicts = Vec<Verdict>;
