//! What is remembered of a try of an ask in one shop: its statements, what it wrote, and what became of that.

use crate::algo::mvcc::{Reach, Version};
use crate::check::isolation::Read;
use crate::check::operation::Key;
use crate::persistent::{Few, OrdMap, OrdSet};
use crate::sim::id::{NodeId, RequestId};
use crate::sim::time::{Span, Time};

use super::message::{Op, Tx};
use super::shop::{RowId, Shop};

/// A row of a certain server: in tables the rows of items are on every one.
pub(super) type Place = (NodeId, RowId);

/// A statement, as the panel shows it.
#[derive(Clone, Debug)]
pub struct Step {
    /// As it is written.
    pub text: Key,
    /// What it came to, in a word or two.
    pub value: String,
    /// How it went.
    pub state: StepState,
}

/// How a statement went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepState {
    /// Nobody has answered.
    Open,
    /// It is done.
    Done,
    /// It failed, or what it did is undone.
    Failed,
}

/// A try of an ask in one shop.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact about the try")]
pub struct Unit {
    /// The ask.
    pub request: RequestId,
    /// What is asked.
    pub op: Op,
    /// Where.
    pub shop: Shop,
    /// Whether its statements are one transaction.
    pub transaction: bool,
    /// When it began.
    pub began: Time,
    /// How long it took.
    pub took: Option<Span>,
    /// How it ended, and whether well.
    pub ended: Option<(Key, bool)>,
    /// Its statements.
    pub steps: Few<Step>,
    /// How many statements it sent, transaction frames not counted.
    pub statements: usize,
    /// How many times it waited for a server.
    pub trips: usize,
    /// How many rows servers looked at for it.
    pub looked: usize,
    /// How many places it changed.
    pub changed: usize,
    /// The servers that it asked.
    pub servers: OrdSet<NodeId>,
    /// The number of the statement with which it is complete, where it was sent.
    last: Option<u32>,
    /// Whether all that it was to do was done, as far as that is up to it.
    complete: bool,
    /// What it wrote that does not count yet: by server and transaction.
    pending: OrdMap<(NodeId, Tx), Few<RowId>>,
    /// What it wrote that counts, with the entry of the server's log that says so.
    pub installed: Few<(Place, Version<Tx>, u64)>,
    /// How many rows that it wrote came to nothing.
    pub dropped: usize,
    /// What it has looked at, to read or to change it.
    looked_at: Few<Reach<Place>>,
    /// Whether somebody else changed what it looked at while it was under way.
    pub met_change: bool,
    /// Whether a later try was told that this one has done it.
    pub vouched: bool,
    /// Whether its loss is counted.
    pub is_lost: bool,
    /// What it read by plain reads, with the moments.
    pub reads: Few<Read<Place, Tx>>,
    /// What it looked at to change it.
    pub locked: Few<Read<Place, Tx>>,
    /// Whether what it read is in the history.
    pub told: bool,
}

impl Unit {
    /// One that begins.
    pub fn new(request: RequestId, op: Op, shop: Shop, transaction: bool, began: Time) -> Unit {
        Unit {
            request,
            op,
            shop,
            transaction,
            began,
            took: None,
            ended: None,
            steps: Few::new(),
            statements: 0,
            trips: 0,
            looked: 0,
            changed: 0,
            servers: OrdSet::new(),
            last: None,
            complete: false,
            pending: OrdMap::new(),
            installed: Few::new(),
            dropped: 0,
            looked_at: Few::new(),
            met_change: false,
            vouched: false,
            is_lost: false,
            reads: Few::new(),
            locked: Few::new(),
            told: false,
        }
    }

    /// Whether some of what it was to do counts, and the rest never will.
    pub fn is_half_done(&self) -> bool {
        self.ended.is_some() && !self.installed.is_empty() && (!self.complete || self.dropped > 0)
    }

    /// Whether it is done, or may yet be: nothing of it is lost.
    pub fn is_under_way(&self) -> bool {
        self.ended.is_none() || !self.pending.is_empty()
    }

    /// Whether what it wrote at a server in a transaction does not count yet.
    pub fn is_pending(&self, server: NodeId, tx: Tx) -> bool {
        self.pending.contains_key(&(server, tx))
    }

    /// The servers at which something that it wrote does not count yet.
    pub fn pending_at(&self) -> impl Iterator<Item = NodeId> {
        self.pending.keys().map(|(server, _)| *server)
    }

    /// Whether its user was told that it is done.
    pub fn is_promised(&self) -> bool {
        self.vouched || self.ended.as_ref().is_some_and(|(_, good)| *good)
    }

    /// Whether all of it counts.
    pub fn is_done(&self) -> bool {
        self.complete && self.dropped == 0 && !self.installed.is_empty()
    }

    /// Whether it has written anything that counts, or may yet.
    pub fn has_written(&self) -> bool {
        !self.installed.is_empty() || !self.pending.is_empty()
    }

    /// Whether it has written one of these rows.
    pub fn has_changed(&self, reach: &Reach<Place>) -> bool {
        self.installed.iter().any(|(place, ..)| reach.covers(place)) || self.has_open(reach)
    }

    /// Whether it has written one of these rows, and that does not count yet.
    pub fn has_open(&self, reach: &Reach<Place>) -> bool {
        self.pending.iter().any(|((server, _), rows)| rows.iter().any(|row| reach.covers(&(*server, row.clone()))))
    }

    /// Whether it has looked at a row.
    pub fn has_looked_at(&self, place: &Place) -> bool {
        self.looked_at.iter().any(|reach| reach.covers(place))
    }

    /// It looks at rows.
    pub fn looks_at(&mut self, reaches: impl IntoIterator<Item = Reach<Place>>) {
        self.looked_at.extend(reaches);
    }

    /// It sends a statement.
    pub fn sends(&mut self, server: NodeId, text: String, last: bool) {
        self.statements += 1;
        self.trips += 1;
        self.servers.insert(server);
        self.last = if last { Some(self.statements as u32) } else { self.last };
        self.steps.push(Step { text: text.into(), value: String::new(), state: StepState::Open });
    }

    /// It asks for a commit, or rolls back.
    pub fn frames(&mut self, commit: bool) {
        self.trips += usize::from(commit);
        self.complete |= commit;
        let text = if commit { "COMMIT" } else { "ROLLBACK" };
        if self.steps.last().is_none_or(|step| &*step.text != text) {
            let state = if commit { StepState::Open } else { StepState::Done };
            self.steps.push(Step { text: text.into(), value: String::new(), state });
        }
    }

    /// The newest statement went so.
    pub fn heard(&mut self, state: StepState, value: String) {
        if let Some(step) = self.steps.last_mut().filter(|step| step.state == StepState::Open) {
            step.state = state;
            step.value = value;
        }
    }

    /// A server wrote rows for it.
    pub fn wrote(&mut self, server: NodeId, tx: Tx, rows: impl IntoIterator<Item = RowId>) {
        for row in rows {
            self.pending.entry((server, tx)).or_default().push(row);
        }
    }

    /// What a server wrote counts.
    pub fn installs(&mut self, server: NodeId, tx: Tx, wrote: &[(RowId, Version<Tx>)], at: u64) {
        self.pending.remove(&(server, tx));
        self.installed.extend(wrote.iter().map(|(id, version)| ((server, id.clone()), *version, at)));
        self.complete |= self.last == Some(tx.statement) && tx.statement > 0;
    }

    /// What a server wrote comes to nothing.
    pub fn drops(&mut self, server: NodeId, tx: Tx) {
        self.dropped += self.pending.remove(&(server, tx)).map_or(0, |rows| rows.len());
    }

    /// A server is up again with its log up to an entry, and has promised these: whatever else it wrote is lost, and returned.
    pub fn recovers(&mut self, server: NodeId, at: u64, promised: &[Tx]) -> Vec<(Place, Version<Tx>)> {
        let gone: Vec<(NodeId, Tx)> = self.pending.keys().filter(|(node, tx)| *node == server && !promised.contains(tx)).copied().collect();
        for (node, tx) in gone {
            self.drops(node, tx);
        }
        let is_lost = |((node, _), _, entry): &(Place, Version<Tx>, u64)| *node == server && *entry > at;
        let lost: Vec<(Place, Version<Tx>)> =
            self.installed.iter().filter(|one| is_lost(one)).map(|(place, version, _)| (place.clone(), *version)).collect();
        self.installed.retain(|one| !is_lost(one));
        self.dropped += lost.len();
        lost
    }
}

/// A version by the try that wrote it.
pub(super) fn by_unit(version: Version<Tx>) -> Version<Tx> {
    /// More than any statement writes.
    const APART: u32 = 1 << 16;
    let statement = version.writer.map_or(0, |tx| tx.statement);
    Version { writer: version.writer.map(Tx::unit), number: statement * APART + version.number }
}

/// A read at a server.
pub(super) fn at(server: NodeId, read: &Read<RowId, Tx>) -> Read<Place, Tx> {
    let place = |id: &RowId| (server, id.clone());
    let seen = read.seen.iter().map(|(id, version)| (place(id), by_unit(*version))).collect();
    Read { reach: Reach { from: place(&read.reach.from), to: place(&read.reach.to) }, seen }
}
