//! The answers to one request, as its coordinator collects them.

use crate::check::operation::Key;
use crate::sim::id::NodeId;
use crate::sim::time::Time;

use super::cell::{Cell, Context};
use super::request::Request;
use super::settings::{Hints, Settings, Versions};

/// What a coordinator waits for.
#[derive(Clone, Debug)]
pub enum Stage {
    /// The versions that R replicas have, so that a write can be given a higher one; and what its client has seen.
    Version(Context),
    /// That W replicas store this.
    Write(Cell),
    /// The copies of R replicas.
    Read,
    /// That W replicas have what a read is about to return.
    WriteBack(Cell),
}

/// Who answered: a node, and the replica that it stands in for.
pub(super) type From = (NodeId, Option<NodeId>);

/// What an answer says.
#[derive(Clone, Debug)]
pub enum Said {
    /// This is the copy that it has; `None`: it has none.
    Copy(Option<Cell>),
    /// It is stored.
    Stored,
    /// There is no room for it.
    Full,
}

/// How a replica, or its stand-in, has answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reply {
    /// Not yet.
    Waiting,
    /// It did what it was asked for.
    Yes,
    /// It cannot.
    Full,
}

/// One node that was asked.
#[derive(Clone, Copy, Debug)]
pub struct Asked {
    /// Who was asked.
    pub node: NodeId,
    /// The replica whose place it takes: itself, unless it stands in.
    pub home: NodeId,
    /// What it said.
    pub reply: Reply,
    /// When, by the coordinator's clock.
    pub at: Option<Time>,
}

impl Asked {
    /// A node that was just asked in the place of a replica.
    pub fn new(node: NodeId, home: NodeId) -> Asked {
        Asked { node, home, reply: Reply::Waiting, at: None }
    }
}

/// The state of one request.
#[derive(Clone, Debug)]
pub struct Gather {
    /// Who wants to know; the coordinator itself where a client coordinates.
    pub client: NodeId,
    /// What was asked.
    pub ask: Request,
    /// What it waits for.
    pub stage: Stage,
    /// When this stage began, by the coordinator's clock.
    pub began: Time,
    /// Who was asked in this stage, in order.
    pub asked: Vec<Asked>,
    /// The copies that replicas answered with in this stage, in the order of their coming; `None`: it has none.
    pub found: Vec<(NodeId, Option<Cell>)>,
    /// Whether the client was told: what comes after that is late.
    pub told: bool,
    /// The node whose answer was the last that was needed, and when it came.
    pub decided: Option<(NodeId, Time)>,
}

impl Gather {
    /// A request that nobody was asked about yet.
    pub fn new(client: NodeId, ask: Request, stage: Stage) -> Gather {
        Gather { client, ask, stage, began: Time::ZERO, asked: Vec::new(), found: Vec::new(), told: false, decided: None }
    }

    /// The key.
    pub fn key(&self) -> &Key {
        self.ask.key()
    }

    /// Whether answers are stored writes, not copies.
    pub fn stores(&self) -> bool {
        matches!(self.stage, Stage::Write(_) | Stage::WriteBack(_))
    }

    /// How many answers it needs.
    pub fn needed(&self, settings: &Settings) -> usize {
        (if self.stores() { settings.w } else { settings.r }) as usize
    }

    /// The places of the preference list that have answered: a replica and who stands in for it are one.
    pub fn answers(&self, settings: &Settings) -> usize {
        let counts_stand_ins = settings.hints == Hints::Counted;
        let counts = |asked: &&Asked| asked.reply == Reply::Yes && (counts_stand_ins || asked.node == asked.home);
        let mut homes: Vec<NodeId> = self.asked.iter().filter(counts).map(|asked| asked.home).collect();
        homes.sort_unstable();
        homes.dedup();
        homes.len()
    }

    /// Whether a replica did what it was asked for.
    pub fn has_answered(&self, home: NodeId) -> bool {
        self.asked.iter().any(|asked| (asked.node, asked.home, asked.reply) == (home, home, Reply::Yes))
    }

    /// How many of those asked said that they have no room.
    pub fn full(&self) -> usize {
        self.asked.iter().filter(|asked| asked.reply == Reply::Full).count()
    }

    /// Whether somebody who was asked has not answered.
    pub fn waits(&self) -> bool {
        self.asked.iter().any(|asked| asked.reply == Reply::Waiting)
    }

    /// Takes an answer in that fits the stage. `false` when it does not, or nobody waits for it.
    pub fn take(&mut self, from: From, said: &Said, now: Time) -> bool {
        let (reply, stores) = match said {
            Said::Copy(_) => (Reply::Yes, false),
            Said::Stored => (Reply::Yes, true),
            Said::Full => (Reply::Full, true),
        };
        if self.stores() != stores || !self.note(from, reply, now) {
            return false;
        }
        if let Said::Copy(cell) = said {
            self.found.push((from.0, cell.clone()));
        }
        true
    }

    /// Notes an answer. `false` when this node was not asked, or has answered before: a copy of a message counts once.
    fn note(&mut self, (from, stands_for): From, reply: Reply, now: Time) -> bool {
        let home = stands_for.unwrap_or(from);
        let waits = |asked: &&mut Asked| (asked.node, asked.home, asked.reply) == (from, home, Reply::Waiting);
        let Some(asked) = self.asked.iter_mut().find(waits) else { return false };
        (asked.reply, asked.at) = (reply, Some(now));
        true
    }

    /// The replicas that have not done what they were asked for, and for which nobody stands in.
    pub fn missing(&self, settings: &Settings) -> Vec<NodeId> {
        let is_settled = |home: NodeId| {
            self.asked
                .iter()
                .any(|asked| asked.home == home && if asked.node == home { asked.reply == Reply::Yes } else { asked.reply != Reply::Full })
        };
        if settings.hints == Hints::Off {
            return Vec::new();
        }
        self.asked.iter().filter(|asked| asked.node == asked.home).map(|asked| asked.home).filter(|home| !is_settled(*home)).collect()
    }

    /// The newest copy among those that came; `None` when nobody has any.
    pub fn newest(&self, rule: Versions) -> Option<Cell> {
        newest(&self.found, rule)
    }

    /// The newest before the last answer came.
    pub fn before_last(&self, rule: Versions) -> Option<Cell> {
        newest(&self.found[..self.found.len().saturating_sub(1)], rule)
    }

    /// Those that answered with less than this.
    pub fn behind(&self, newest: &Cell, rule: Versions) -> Vec<NodeId> {
        let is_behind = |cell: &Option<Cell>| !cell.as_ref().is_some_and(|cell| cell.covers(newest, rule));
        self.found.iter().filter(|(_, cell)| is_behind(cell)).map(|(node, _)| *node).collect()
    }
}

fn newest(found: &[(NodeId, Option<Cell>)], rule: Versions) -> Option<Cell> {
    let copies = found.iter().filter_map(|(_, cell)| cell.as_ref());
    if rule == Versions::Arrival {
        return copies.take(1).next().cloned();
    }
    copies.fold(None, |newest: Option<Cell>, cell| match newest {
        Some(newest) => Some(newest.taking(cell, rule).unwrap_or(newest)),
        None => Some(cell.clone()),
    })
}
