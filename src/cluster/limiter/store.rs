//! The store that limiters share: it keeps counts, and where it is asked to, counts and decides in one step.

use crate::sim::id::NodeId;

use super::message::{Msg, Said, Ticket, Want};
use super::note::Note;
use super::table::{Full, Table, is_synced, must_be_synced};
use super::{Context, Key};

/// Its process.
#[derive(Clone, Debug)]
pub struct Store {
    /// What it counts.
    pub table: Table,
    /// Answers that wait until what they tell is on the disk, and for which change.
    unsynced: Vec<(u64, NodeId, Msg)>,
}

impl Store {
    /// Boots with what it kept.
    pub fn boot(cx: &mut Context<'_>) -> Store {
        Store { table: Table::boot(cx), unsynced: Vec::new() }
    }

    pub(super) fn on_count(&mut self, limiter: NodeId, number: u32, (ticket, key): (Ticket, Key), want: Want, cx: &mut Context<'_>) {
        let said = match want {
            Want::Read => Said::Kept(self.table.states.get(&key).cloned()),
            // Whoever decided by other settings than those of now decides once more.
            Want::Write(_, basis) if basis != cx.settings().basis() => return,
            Want::Write(state, _) => self.table.put(&key, state, cx).map_or_else(|Full| Said::Full, |()| Said::Written),
            Want::Take => {
                let rules = cx.settings().whole();
                self.table.ask(&key, &rules, cx).map_or_else(|Full| Said::Full, Said::Decided)
            }
        };
        let takes = matches!(&said, Said::Decided(answer) if answer.is_pass());
        if takes {
            cx.note(Note::Counted { limiter, ticket });
        }
        let is_change = takes || said == Said::Written;
        let counted = Msg::Counted { number, said };
        match must_be_synced(cx).filter(|_| is_change) {
            Some(change) => self.unsynced.push((change, limiter, counted)),
            None => cx.send(limiter, counted),
        }
    }

    pub(super) fn on_synced(&mut self, cx: &mut Context<'_>) {
        for (_, limiter, counted) in self.unsynced.extract_if(.., |(change, ..)| is_synced(*change, cx)).collect::<Vec<_>>() {
            cx.send(limiter, counted);
        }
    }

    pub(super) fn on_settings(&mut self, cx: &mut Context<'_>) {
        self.table.on_settings(cx);
    }
}
