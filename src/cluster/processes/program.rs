//! A server whose program is outside: what it is to read, and what is known of it.

use std::sync::Arc;

use imbl::Vector;
use serde_json::json;

use crate::sim::id::NodeId;

use super::{Context, Timer, body};

/// So many of the newest lines are kept for whoever hands them to the program.
const KEPT: usize = 16_384;

/// Who sends `init` and `topology`.
pub(super) const TESTER: &str = "c0";

/// The number of `init`.
pub(super) const INIT: i64 = 1;

/// The number of `topology`.
const TOPOLOGY: i64 = 2;

/// A server whose program is outside.
#[derive(Clone, Debug)]
pub struct Program {
    /// The newest lines that it is to read.
    lines: Vector<Arc<str>>,
    /// How many there have been in this life.
    given: u64,
    /// How many it has written in this life.
    pub(super) written: u64,
    /// Whether it has answered `init`.
    pub(super) ready: bool,
    /// The last that it has said beside its messages.
    pub(super) says: Option<Arc<str>>,
}

impl Program {
    pub(super) fn boot(cx: &mut Context<'_>) -> Program {
        let ids: Vec<String> = programs(cx.settings().programs).map(|id| id.to_string()).collect();
        let me = cx.id().to_string();
        let mut program = Program { lines: Vector::new(), given: 0, written: 0, ready: false, says: None };
        let init = json!({"type": "init", "msg_id": INIT, "node_id": me, "node_ids": ids});
        program.give(TESTER, &me, &init.to_string());
        cx.set_timer(cx.settings().startup, Timer::Startup);
        program
    }

    /// One more line to read.
    pub(super) fn give(&mut self, src: &str, dest: &str, said: &str) {
        self.lines.push_back(body::line(src, dest, said).into());
        self.given += 1;
        if self.lines.len() > KEPT {
            self.lines.pop_front();
        }
    }

    /// The neighbours of each node, once all can be told: two rows and columns, as near to a square as can be.
    pub(super) fn give_topology(&mut self, me: NodeId, count: u32) {
        let side = (1..=count).find(|side| side * side >= count).unwrap_or(1);
        let beside = |at: u32| {
            let (row, column) = (at / side, at % side);
            let around = [(row + 1, column), (row.wrapping_sub(1), column), (row, column + 1), (row, column.wrapping_sub(1))];
            let there = around.into_iter().filter(move |(r, c)| *r <= count && *c < side).map(move |(r, c)| r * side + c);
            there.filter(|other| *other < count).map(|other| NodeId::server(other as u16).to_string()).collect::<Vec<_>>()
        };
        let all: body::Object = (0..count).map(|at| (NodeId::server(at as u16).to_string(), json!(beside(at)))).collect();
        let topology = json!({"type": "topology", "msg_id": TOPOLOGY, "topology": all});
        self.give(TESTER, &me.to_string(), &topology.to_string());
    }

    /// How many lines the program was to read in this life.
    pub fn given(&self) -> u64 {
        self.given
    }

    /// Whether the program has answered `init`.
    pub fn is_ready(&self) -> bool {
        self.ready
    }

    /// The lines that it is to read after the first so many.
    pub fn since(&self, known: u64) -> impl Iterator<Item = &Arc<str>> {
        let new = self.given.saturating_sub(known) as usize;
        self.lines.iter().skip(self.lines.len().saturating_sub(new))
    }
}

/// The servers that run the program.
pub(super) fn programs(count: u32) -> impl Iterator<Item = NodeId> {
    (0..count as u16).map(NodeId::server)
}
