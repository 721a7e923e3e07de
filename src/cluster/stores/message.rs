//! What goes over the wire, what clients ask, and what they are told.

use std::fmt::{self, Display, Formatter};
use std::sync::Arc;

use crate::algo::mvcc::Why;
use crate::check::operation::Key;
use crate::cluster::live::Labelled;
use crate::cluster::scene::{MessageDoc, Sign};
use crate::packs;
use crate::sim::id::NodeId;
use crate::sim::protocol::Wire;

use super::shop::{Shop, Table};
use super::statement::{Statement, Told};

/// What a user asks of the application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Op {
    /// Move money from one customer to another.
    Transfer { amount: u32, from: Key, to: Key },
    /// Sell an item to a customer.
    Order { item: Key, customer: Key },
    /// Show an order.
    Page { order: Key },
    /// Give an item another title.
    Rename { item: Key, title: Key },
    /// Count how often an item was sold.
    Count { item: Key },
    /// Add up all balances; `slowly`: one statement for each.
    Audit { slowly: bool },
    /// A clerk goes off duty, if another one stays.
    Leave { clerk: Key },
    /// Bring all items to the new schema.
    Migrate {},
}

packs!(enum Op {
    0 = Transfer { amount: amount, from: from, to: to },
    1 = Order { item: item, customer: customer },
    2 = Page { order: order },
    3 = Rename { item: item, title: title },
    4 = Count { item: item },
    5 = Audit { slowly: slowly },
    6 = Leave { clerk: clerk },
    7 = Migrate {}
});

impl Op {
    /// Whether it can change anything.
    pub fn changes(&self) -> bool {
        !matches!(self, Op::Page { .. } | Op::Count { .. } | Op::Audit { .. })
    }

    /// What it is about.
    pub(super) fn tables(&self) -> &'static [Table] {
        match self {
            Op::Transfer { .. } | Op::Audit { .. } => &[Table::Accounts],
            Op::Order { .. } => &[Table::Stock, Table::Orders],
            Op::Page { .. } | Op::Rename { .. } => &[Table::Items, Table::Orders],
            Op::Count { .. } => &[Table::Orders],
            Op::Leave { .. } => &[Table::Staff],
            Op::Migrate {} => &[Table::Items],
        }
    }
}

/// What a user was told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ret(pub Key);

packs!(struct Ret { 0 });

/// A transaction: one try of an ask in one shop. A statement that is committed by itself has its own number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tx {
    /// The client that runs it.
    pub client: NodeId,
    /// Its number there.
    pub number: u32,
    /// Which statement, from 1, where each is committed by itself; 0 where all are one transaction.
    pub statement: u32,
}

impl Tx {
    /// The try that it belongs to.
    pub fn unit(self) -> Tx {
        Tx { statement: 0, ..self }
    }
}

/// `c1.3`: the third try of c1.
impl Display for Tx {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.client, self.number)
    }
}

/// Why a statement or a commit did not succeed. Nothing of its transaction is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failed {
    /// The engine aborted it.
    Aborted(Why),
    /// It waited too long for a lock.
    LockTimeout,
    /// The server does not know the transaction: it was aborted before.
    Gone,
    /// No statement came for too long.
    Idle,
    /// The server cannot write.
    DiskFull,
    /// Another shard did not promise.
    NoVote,
    /// The coordinator has said so.
    Told,
    /// It was promised, and the shard did not wait for the decision.
    GaveUp,
}

impl Failed {
    /// In words.
    pub fn why(self) -> &'static str {
        match self {
            Failed::Aborted(Why::Deadlock) => "aborted: deadlock",
            Failed::Aborted(Why::Changed) => "aborted: another transaction changed it first",
            Failed::Aborted(Why::NoOrder) => "aborted: no serial order",
            Failed::Aborted(Why::Conflict) => "aborted: write conflict",
            Failed::LockTimeout => "aborted: waited too long",
            Failed::Gone => "aborted: the server has forgotten the transaction",
            Failed::DiskFull => "aborted: disk full",
            Failed::Idle => "aborted: no statement came for too long",
            Failed::NoVote => "aborted: a shard did not promise",
            Failed::Told => "aborted: the coordinator says so",
            Failed::GaveUp => "aborted: no decision was heard",
        }
    }
}

/// A message on the wire.
#[derive(Clone, Debug)]
pub enum Msg {
    /// Run a statement. `begins`: it may begin its transaction. `alone`: it is committed by itself.
    Run { tx: Tx, begins: bool, alone: bool, statement: Arc<Statement> },
    /// What it came to.
    Ran { tx: Tx, told: Result<Told, Failed> },
    /// Commit; with others, promises first.
    Commit { tx: Tx, others: Arc<[NodeId]> },
    /// It is committed, or nothing of it is left.
    Committed { tx: Tx, done: Result<(), Failed> },
    /// Roll back. Nobody waits for the answer.
    Rollback { tx: Tx },
    /// Promise to commit.
    Prepare { tx: Tx },
    /// It is promised, or not.
    Vote { tx: Tx, yes: bool },
    /// The decision.
    Decide { tx: Tx, commit: bool },
    /// The decision is carried out.
    Done { tx: Tx },
    /// What was decided?
    Ask { tx: Tx },
}

impl Wire for Msg {
    fn kind(&self) -> u8 {
        match self {
            Msg::Run { .. } => 0,
            Msg::Ran { .. } => 1,
            Msg::Commit { .. } | Msg::Rollback { .. } => 2,
            Msg::Committed { .. } => 3,
            Msg::Prepare { .. } => 4,
            Msg::Vote { .. } => 5,
            Msg::Decide { .. } => 6,
            Msg::Done { .. } => 7,
            Msg::Ask { .. } => 8,
        }
    }

    /// A statement with its header, and about as much for each row of an answer.
    fn bytes(&self) -> u64 {
        match self {
            Msg::Run { .. } => 200,
            Msg::Ran { told: Ok(told), .. } => 60 + 80 * told.rows.len() as u64,
            _ => 60,
        }
    }
}

impl Labelled for Msg {
    const KINDS: &'static [MessageDoc] = &[
        MessageDoc::new(Sign::Request, "statement", "an application has a statement of SQL run"),
        MessageDoc::new(Sign::Reply, "result", "what a statement came to: rows, or an error"),
        MessageDoc::new(Sign::Request, "commit or rollback", "an application ends its transaction"),
        MessageDoc::new(Sign::Reply, "end of a transaction", "whether it is committed"),
        MessageDoc::new(Sign::Data, "question for a promise", "two-phase commit, phase one: can you commit?"),
        MessageDoc::new(Sign::Reply, "promise", "yes, and whatever happens it still can; or no"),
        MessageDoc::new(Sign::Data, "decision", "two-phase commit, phase two: commit, or abort"),
        MessageDoc::new(Sign::Reply, "decision carried out", "a server has done what was decided"),
        MessageDoc::new(Sign::Data, "question for the decision", "a server that has promised asks what was decided"),
    ];

    fn label(&self) -> String {
        match self {
            Msg::Run { statement, .. } => statement.short(),
            Msg::Ran { told: Ok(told), .. } if told.changed > 0 => format!("{} changed", told.changed),
            Msg::Ran { told: Ok(told), .. } => format!("{} rows", told.rows.len()),
            Msg::Ran { told: Err(failed), .. } | Msg::Committed { done: Err(failed), .. } => failed.why().to_string(),
            Msg::Commit { .. } => "COMMIT".to_string(),
            Msg::Committed { done: Ok(()), .. } => "committed".to_string(),
            Msg::Rollback { .. } => "ROLLBACK".to_string(),
            Msg::Prepare { .. } => "prepare".to_string(),
            Msg::Vote { yes, .. } => if *yes { "yes" } else { "no" }.to_string(),
            Msg::Decide { commit, .. } => if *commit { "commit" } else { "abort" }.to_string(),
            Msg::Done { .. } => "done".to_string(),
            Msg::Ask { .. } => "decided?".to_string(),
        }
    }
}

impl Statement {
    /// In a word or three, for a message.
    pub fn short(&self) -> String {
        match self {
            Statement::Select(_) => "read".to_string(),
            Statement::Add { id, part, by, .. } => format!("{} {by:+}", part.as_ref().unwrap_or(&id.owner)),
            Statement::Move { amount, .. } => format!("move {amount}"),
            Statement::Set { id, part, number } => format!("{} = {number}", part.as_ref().unwrap_or(&id.owner)),
            Statement::Order { .. } => "new order".to_string(),
            Statement::Line { .. } => "new line".to_string(),
            Statement::Once { .. } => "key".to_string(),
            Statement::Rename { title, .. } => format!("title {title}"),
            Statement::Convert { .. } => "new schema".to_string(),
        }
    }
}

/// The name of a shop with the shard, as its server is called.
pub(super) fn server_name(shop: Shop, shard: usize, shards: usize) -> String {
    if shards == 1 { shop.name().to_string() } else { format!("{}{}", shop.name(), shard + 1) }
}
