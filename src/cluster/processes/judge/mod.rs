//! What programs are held to, by workload, as Maelstrom's checkers do it; and what every program is held to.

mod counts;
mod logs;
mod sets;

use crate::check::operation::{self, Operation};
use crate::check::verdict::{Guarantee, GuaranteeDoc, Holds, Verdict, Verdicts};
use crate::check::{BUDGET, check_all};
use crate::cluster::live::Live;
use crate::sim::history::Kind;
use crate::sim::id::NodeId;

use super::op::{Op, Ret};
use super::{Processes, Workload};

const ECHOED: Guarantee =
    Guarantee::new(&GuaranteeDoc { id: "echoed", about: "What a client sends comes back as it was.", of_state: false });
const UNIQUE: Guarantee =
    Guarantee::new(&GuaranteeDoc { id: "unique", about: "No two clients are given the same number.", of_state: false });
const SPREAD: Guarantee = Guarantee::new(&GuaranteeDoc {
    id: "spread",
    about: "Every node shows what was acknowledged as broadcast, each once and nothing else, once all is quiet.",
    of_state: false,
});
const COUNTED: Guarantee = Guarantee::new(&GuaranteeDoc {
    id: "counted",
    about: "Every node shows the sum of what was added, once all is quiet; what nobody knows of may count or not.",
    of_state: false,
});
const NO_LOST_WRITES: Guarantee = Guarantee::new(&GuaranteeDoc {
    id: "no_lost_writes",
    about: "A message with an acknowledged offset is seen, where a later one of its log is.",
    of_state: false,
});
const ONE_OFFSET: Guarantee = Guarantee::new(&GuaranteeDoc {
    id: "one_offset",
    about: "No two messages have one offset of a log, and no message has two.",
    of_state: false,
});
const MONOTONIC: Guarantee = Guarantee::new(&GuaranteeDoc {
    id: "monotonic_offsets",
    about: "The offsets that a client sees of a log grow, and pass over none that is known.",
    of_state: false,
});
const RUNS: Guarantee =
    Guarantee::new(&GuaranteeDoc { id: "runs", about: "Every program answers `init`, and runs until somebody stops it.", of_state: true });
const SPEAKS: Guarantee =
    Guarantee::new(&GuaranteeDoc { id: "speaks", about: "Every line that a program writes is a message of the protocol.", of_state: true });

/// Every guarantee, in the order of the screen.
pub(super) const GUARANTEES: [Guarantee; 15] = [
    ECHOED,
    UNIQUE,
    SPREAD,
    COUNTED,
    Guarantee::LINEARIZABLE,
    Guarantee::SEQUENTIAL,
    Guarantee::READ_YOUR_WRITES,
    Guarantee::MONOTONIC_READS,
    Guarantee::MONOTONIC_WRITES,
    Guarantee::WRITES_FOLLOW_READS,
    NO_LOST_WRITES,
    ONE_OFFSET,
    MONOTONIC,
    RUNS,
    SPEAKS,
];

/// Of the guarantees of a store of registers, those that a history alone decides.
const OF_HISTORY: usize = 6;

/// One thing that a client asked.
pub(super) struct Asked {
    /// Its number.
    pub(super) id: u32,
    /// Who asked.
    pub(super) client: NodeId,
    /// What.
    pub(super) op: Op,
    /// The event at which it was asked.
    pub(super) call: u64,
    /// The event at which it ended, and how; `None` while it is open.
    pub(super) end: Option<(u64, End)>,
    /// Whether all had been quiet for long enough when it was asked.
    pub(super) last: bool,
}

/// Nothing can be said of a node that does not answer: it may have lost everything.
const UNSHOWN: &str = "a last look was not answered: what that node has is not known";

/// How it ended.
pub(super) enum End {
    Ok(Ret),
    Failed,
    Unknown,
}

impl Asked {
    /// What it was answered.
    pub(super) fn told(&self) -> Option<&Ret> {
        if let Some((_, End::Ok(ret))) = &self.end { Some(ret) } else { None }
    }

    /// Whether it was the last look at what a node has, and the node did not show it.
    pub(super) fn is_unshown(&self) -> bool {
        self.last && matches!(self.end, Some((_, End::Failed | End::Unknown)))
    }

    /// Whether it may have happened.
    pub(super) fn may_count(&self) -> bool {
        !matches!(self.end, Some((_, End::Failed)))
    }
}

/// What a judge found.
pub(super) enum Found {
    /// It is broken: how, and by which operations.
    Broken(String, Vec<u32>),
    /// Nothing breaks it.
    Kept,
    /// Nothing could have broken it: why.
    Untested(&'static str),
}

impl Found {
    fn verdict(self, guarantee: Guarantee) -> Verdict {
        let (holds, why, mut witness) = match self {
            Found::Broken(why, witness) => (Holds::No, why, witness),
            Found::Kept => (Holds::Yes, String::new(), Vec::new()),
            Found::Untested(why) => (Holds::Untested, why.to_string(), Vec::new()),
        };
        witness.sort_unstable();
        witness.dedup();
        Verdict { guarantee, holds, why, witness }
    }
}

/// What the run satisfies so far.
pub(super) fn judge(live: &Live<Processes>) -> Verdicts {
    let asked = asked(live);
    let mut verdicts = match live.sim().settings().workload {
        Workload::Echo => vec![sets::echoed(&asked).verdict(ECHOED)],
        Workload::UniqueIds => vec![sets::unique(&asked).verdict(UNIQUE)],
        Workload::Broadcast => vec![sets::spread(&asked).verdict(SPREAD)],
        Workload::GCounter => vec![counts::counted(&asked).verdict(COUNTED)],
        Workload::LinKv => registers(&asked),
        Workload::Kafka => vec![
            logs::no_lost_writes(&asked).verdict(NO_LOST_WRITES),
            logs::one_offset(&asked).verdict(ONE_OFFSET),
            logs::monotonic(&asked).verdict(MONOTONIC),
        ],
    };
    let watch = live.watched();
    let sentence = |text: &Option<std::sync::Arc<str>>| text.as_ref().map(ToString::to_string);
    let began = watch.ready > 0 || watch.gone.is_some() || watch.odd.is_some();
    verdicts.push(Verdict::of_run(RUNS, sentence(&watch.gone).as_ref(), began, "No program has answered yet."));
    // Of a program that ended before it said anything nobody knows how it speaks.
    let spoke = watch.ready > 0 || watch.odd.is_some();
    verdicts.push(Verdict::of_run(SPEAKS, sentence(&watch.odd).as_ref(), spoke, "No program has answered yet."));
    verdicts
}

fn registers(asked: &[Asked]) -> Verdicts {
    let operations: Vec<Operation> = asked.iter().filter_map(operation).collect();
    let name = |session: u32| NodeId::client(session as u16).to_string();
    let mut verdicts = check_all(&operations, None, &name, BUDGET);
    verdicts.truncate(OF_HISTORY);
    verdicts
}

fn operation(asked: &Asked) -> Option<Operation> {
    let Op::Register(op) = &asked.op else { return None };
    let outcome = match (&asked.end, op) {
        (Some((_, End::Ok(Ret::Value(value)))), _) => operation::Outcome::Ok(operation::Ret::Value(value.clone())),
        (Some((_, End::Ok(_))), operation::Op::Cas { .. }) => operation::Outcome::Ok(operation::Ret::Swapped),
        (Some((_, End::Ok(_))), _) => operation::Outcome::Ok(operation::Ret::Done),
        (Some((_, End::Failed)), _) => operation::Outcome::Failed,
        (Some((_, End::Unknown)) | None, _) => operation::Outcome::Unknown,
    };
    let ret = asked.end.as_ref().filter(|(_, end)| !matches!(end, End::Unknown)).map(|(event, _)| *event);
    Some(Operation { id: asked.id, session: asked.client.index() as u32, op: op.clone(), call: asked.call, ret, outcome })
}

/// The history, each request with its end.
fn asked(live: &Live<Processes>) -> Vec<Asked> {
    let last = &live.watched().last;
    let mut all: Vec<Asked> = Vec::new();
    for record in live.sim().history().iter() {
        let end = match &record.kind {
            Kind::Invoke(op) => {
                let last = last.contains(&record.request);
                all.push(Asked { id: record.request.0, client: record.client, op: op.clone(), call: record.event, end: None, last });
                continue;
            }
            Kind::Ok(ret) => End::Ok(ret.clone()),
            Kind::Refused(_) | Kind::Failed(_) => End::Failed,
            Kind::Unknown(_) => End::Unknown,
        };
        // Requests are numbered in the order of their calls.
        if let Some(asked) = all.get_mut(record.request.0 as usize) {
            asked.end = Some((record.event, end));
        }
    }
    all
}
