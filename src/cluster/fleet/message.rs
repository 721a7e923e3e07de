//! What goes over the wire, what users ask and are told, and what is worth a sentence.

use std::sync::Arc;

use imbl::Vector;

use crate::check::operation::Key;
use crate::cluster::NoteMark;
use crate::cluster::live::Labelled;
use crate::cluster::live::{Names, Worded};
use crate::cluster::scene::{MessageDoc, Sign};
use crate::packs;
use crate::persistent::OrdMap;
use crate::sim::history::Cause;
use crate::sim::id::{NodeId, RequestId};
use crate::sim::protocol::{Reply, Wire};

use super::shelf::{Carts, Row};

/// What users ask.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Op {
    /// The page of a product, with its price.
    View {
        /// Which product.
        item: Key,
    },
    /// Put a product into the cart.
    Add {
        /// Which product.
        item: Key,
    },
    /// Buy what is in the cart; a new cart begins.
    Checkout,
    /// A request that makes no sense: validation recognises it, and nothing else does.
    Garbled,
    /// A page, with a token that ended an hour ago.
    Intrude,
    /// A request that the program dies of.
    Poison,
}

packs!(enum Op { 0 = View { item: item }, 1 = Add { item: item }, 2 = Checkout {}, 3 = Garbled {}, 4 = Intrude {}, 5 = Poison {} });

impl Op {
    /// Whether it is something that the shop is for.
    pub fn is_proper(&self) -> bool {
        matches!(self, Op::View { .. } | Op::Add { .. } | Op::Checkout)
    }

    /// Whether it can change anything.
    pub fn changes(&self) -> bool {
        matches!(self, Op::Add { .. } | Op::Checkout | Op::Garbled)
    }
}

/// What users are told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ret {
    /// The page of a product.
    Page {
        /// Which product.
        item: Key,
        /// Its row.
        row: u32,
        /// Its price, in cents.
        price: u32,
    },
    /// It is in this cart of the user.
    Added(u32),
    /// What was bought with this cart, in the order in which it was put in.
    Bill(u32, Arc<[Line]>),
}

packs!(enum Ret { 0 = Page { item: item, row: row, price: price }, 1 = Added { 0: cart }, 2 = Bill { 0: cart, 1: lines } });
packs!(struct Line { request, item });

impl Ret {
    /// In a word or two.
    pub fn told(&self) -> String {
        match self {
            Ret::Page { price, .. } => euros(*price),
            Ret::Added(_) => "added".into(),
            Ret::Bill(_, lines) if lines.len() == 1 => "1 item".into(),
            Ret::Bill(_, lines) => format!("{} items", lines.len()),
        }
    }
}

/// A price as it is printed.
pub(super) fn euros(cents: u32) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}

/// One thing in a cart: the request that put it there is what it is known by, so that it is in the cart once however often it is asked.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Line {
    /// Which request.
    pub request: RequestId,
    /// What.
    pub item: Key,
}

/// A cart: of a user, the first, second, ...
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CartId {
    /// Whose.
    pub user: NodeId,
    /// From 0.
    pub number: u32,
}

/// How a request ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Well, as far as the server knows.
    Good(Ret),
    /// Not well.
    Bad(How),
}

/// How a request ends that does not end well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// It has no valid token.
    NoToken,
    /// It makes no sense.
    Garbled,
    /// The application server has no room for it.
    Busy,
    /// A disk is full.
    DiskFull,
    /// Fewer application servers live than are needed.
    TooFew,
    /// No server of the next tier is believed to live.
    Nobody,
    /// The row is damaged, and no other copy is good.
    Damaged,
    /// No server of the next tier answered in time.
    Late,
    /// It could not be written, or read, in as many places as it must be.
    FewCopies,
}

impl How {
    /// Every bad end, in the order of the facts, with the words for it.
    pub const ALL: [(How, &'static str); 9] = [
        (How::NoToken, "no valid token"),
        (How::Garbled, "the request makes no sense"),
        (How::Busy, "the server is busy"),
        (How::DiskFull, "the disk is full"),
        (How::TooFew, "too few servers live"),
        (How::Nobody, "no server lives"),
        (How::Damaged, "the row is damaged"),
        (How::Late, "a server did not answer in time"),
        (How::FewCopies, "too few databases answered"),
    ];

    /// The words for it.
    pub fn says(self) -> &'static str {
        How::ALL.iter().find(|(how, _)| *how == self).map_or("", |(_, says)| says)
    }
}

impl Answer {
    /// The end of the request at its user; `changes`: whether what was asked can change something.
    pub fn reply(self, changes: bool) -> Reply<Ret> {
        let how = match self {
            Answer::Good(ret) => return Reply::Ok(ret),
            Answer::Bad(how) => how,
        };
        let cause = Cause::from(how.says());
        match how {
            How::NoToken | How::Garbled | How::Busy | How::DiskFull | How::TooFew | How::Nobody => Reply::Refused(cause),
            How::Late | How::FewCopies if changes => Reply::Unknown(cause),
            How::Late | How::FewCopies | How::Damaged => Reply::Failed(cause),
        }
    }
}

/// A message.
#[derive(Clone, Debug)]
pub enum Msg {
    /// A user asks. `until`: when its token ends, in nanoseconds by everybody's clock.
    Ask { request: RequestId, op: Op, cart: CartId, until: i64 },
    /// It is answered.
    Told { request: RequestId, answer: Answer },
    /// A front hands a request to an application server.
    Work { call: u32, request: RequestId, op: Op, cart: CartId },
    /// The answer.
    Done { call: u32, answer: Answer },
    /// An application server asks a database for a row.
    Row { call: u32, row: u32 },
    /// It; `None`: it is damaged.
    Price { call: u32, found: Option<Row> },
    /// A row is mended from another copy.
    Mend { row: u32, good: Row },
    /// A line of a cart is to be kept.
    Save { call: u32, cart: CartId, line: Line },
    /// Whether it is.
    Saved { call: u32, kept: bool },
    /// What is in a cart?
    Read { call: u32, cart: CartId },
    /// This.
    Lines { call: u32, lines: OrdMap<RequestId, Key> },
    /// A database copies to another what was saved.
    Copy { lines: Arc<[(CartId, Line)]> },
    /// A database that starts wants what it missed.
    Want,
    /// Here it is. `whole`: the sender has all that it should have.
    Here { rows: Vector<Row>, carts: Carts, whole: bool },
    /// Do you live?
    Check { round: u32 },
    /// Yes.
    Alive { round: u32 },
    /// A front has the address now.
    Mine,
    /// The shop has set the price in a row.
    Set { row: u32, set: Row },
}

/// The number of a check; its answer has the next.
const CHECK: u8 = 14;

/// Whether messages of this kind are there all the time: checks, their answers, and claims of the address.
pub(super) fn is_quiet(kind: u8) -> bool {
    (CHECK..=CHECK + 2).contains(&kind)
}

impl Wire for Msg {
    fn kind(&self) -> u8 {
        match self {
            Msg::Ask { .. } => 0,
            Msg::Told { .. } => 1,
            Msg::Work { .. } => 2,
            Msg::Done { .. } => 3,
            Msg::Row { .. } => 4,
            Msg::Price { .. } => 5,
            Msg::Mend { .. } => 6,
            Msg::Save { .. } => 7,
            Msg::Saved { .. } => 8,
            Msg::Read { .. } => 9,
            Msg::Lines { .. } => 10,
            Msg::Copy { .. } => 11,
            Msg::Want => 12,
            Msg::Here { .. } => 13,
            Msg::Check { .. } => CHECK,
            Msg::Alive { .. } => CHECK + 1,
            Msg::Mine => CHECK + 2,
            Msg::Set { .. } => CHECK + 3,
        }
    }
}

impl Labelled for Msg {
    const KINDS: &'static [MessageDoc] = &[
        MessageDoc::new(Sign::Request, "request", "a user asks"),
        MessageDoc::new(Sign::Reply, "answer", "the user is answered"),
        MessageDoc::new(Sign::Request, "work", "a front hands a request to an application server"),
        MessageDoc::new(Sign::Reply, "result", "the application server answers"),
        MessageDoc::new(Sign::Request, "query", "an application server asks a database for a row"),
        MessageDoc::new(Sign::Reply, "row", "the row, or that it is damaged"),
        MessageDoc::new(Sign::Data, "repair of a row", "a damaged row is mended from another copy"),
        MessageDoc::new(Sign::Data, "addition", "a line of a cart is to be kept"),
        MessageDoc::new(Sign::Ack, "acknowledgement", "whether it is kept"),
        MessageDoc::new(Sign::Request, "question for a cart", "what is in a cart?"),
        MessageDoc::new(Sign::Reply, "cart", "what is in it"),
        MessageDoc::new(Sign::Data, "copy", "a database copies to another what was saved"),
        MessageDoc::new(Sign::Vote, "question for what was missed", "a database that starts asks for what it missed"),
        MessageDoc::new(Sign::Data, "what was missed", "that, from another database"),
        MessageDoc::new(Sign::Heartbeat, "check", "do you live?"),
        MessageDoc::new(Sign::Heartbeat, "sign of life", "yes, I do"),
        MessageDoc::new(Sign::Vote, "claim of the address", "a front takes over the address of the shop"),
        MessageDoc::new(Sign::Data, "new price", "the shop sets the price in a row"),
    ];

    fn label(&self) -> String {
        match self {
            Msg::Ask { op, .. } | Msg::Work { op, .. } => op_label(op),
            Msg::Told { answer, .. } | Msg::Done { answer, .. } => match answer {
                Answer::Good(ret) => ret.told(),
                Answer::Bad(how) => how.says().into(),
            },
            Msg::Row { row, .. } => format!("row {row}"),
            Msg::Price { found: Some(row), .. } | Msg::Mend { good: row, .. } | Msg::Set { set: row, .. } => euros(row.price),
            Msg::Price { found: None, .. } => "damaged".into(),
            Msg::Save { line, .. } => format!("add {}", line.item),
            Msg::Saved { kept: true, .. } => "kept".into(),
            Msg::Saved { kept: false, .. } => "disk full".into(),
            Msg::Read { .. } => "cart?".into(),
            Msg::Lines { lines, .. } => format!("{} in it", lines.len()),
            Msg::Copy { lines } => format!("{} added", lines.len()),
            Msg::Want => "what did I miss?".into(),
            Msg::Here { .. } => "everything".into(),
            Msg::Check { .. } => "check".into(),
            Msg::Alive { .. } => "alive".into(),
            Msg::Mine => "ask me".into(),
        }
    }
}

fn op_label(op: &Op) -> String {
    match op {
        Op::View { item } => format!("view {item}"),
        Op::Add { item } => format!("add {item}"),
        Op::Checkout => "checkout".into(),
        Op::Garbled => "garbled".into(),
        Op::Intrude => "no valid token".into(),
        Op::Poison => "poison".into(),
    }
}

/// The timers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timer {
    /// The oldest call has waited long enough.
    Tries,
    /// Check the servers of the next tier.
    Check,
    /// Whoever has not answered by now has missed the check.
    Missed,
    /// A database copies what was saved.
    Copy,
    /// A database asks again for what it missed, or goes on without.
    Missing,
    /// A row rots.
    Rot,
    /// A database asks another for what it missed.
    Compare,
}

/// What is worth a sentence.
#[derive(Clone, Debug, PartialEq)]
pub enum Note {
    /// A server missed so many checks.
    Out { server: NodeId, missed: u32 },
    /// It answered a check again.
    Back { server: NodeId },
    /// A front took the address over.
    Takes,
    /// The program dies of a request.
    Poisoned,
    /// A row rotted.
    Rotted { row: u32 },
    /// A database found a damaged row.
    Damaged { row: u32 },
    /// It was mended.
    Mended { row: u32 },
    /// The shop set a price, in cents.
    Priced { row: u32, price: u32 },
    /// A database starts and has yet to learn what it missed.
    Behind,
    /// It knows, and serves.
    Ready,
    /// The others do not have all that it lost: prices come from the backup.
    Backup,
    /// A request without a valid token was refused.
    Refused,
}

impl Note {
    /// Whether a learner would want to stop there.
    pub fn is_noteworthy(&self) -> bool {
        !matches!(self, Note::Ready | Note::Behind)
    }
}

impl Worded for Note {
    fn mark(&self) -> NoteMark {
        match self {
            Note::Takes => NoteMark::Leads,
            Note::Back { .. } | Note::Priced { .. } | Note::Mended { .. } | Note::Ready => NoteMark::Applies,
            Note::Damaged { .. } | Note::Behind => NoteMark::Decides,
            Note::Out { .. } | Note::Poisoned | Note::Rotted { .. } | Note::Backup => NoteMark::Discards,
            Note::Refused => NoteMark::Refuses,
        }
    }

    fn text(&self, who: NodeId, name: Names<'_>) -> String {
        let me = name(who);
        match self {
            Note::Out { server, missed } => {
                let server = name(*server);
                format!("{server} missed {missed} checks of {me} in a row: {me} sends it nothing")
            }
            Note::Back { server } => format!("{} answers {me} again", name(*server)),
            Note::Takes => format!("{me} takes the shared address: users ask it"),
            Note::Poisoned => format!("{me} dies of a request"),
            Note::Rotted { row } => format!("row {row} rots on {me}: a bit of its price is another"),
            Note::Damaged { row } => format!("{me} finds that row {row} is not as it was written"),
            Note::Priced { row, price } => format!("the shop tells {me} that row {row} costs {}", euros(*price)),
            Note::Mended { row } => format!("row {row} of {me} is mended from another copy"),
            Note::Behind => format!("{me} starts and asks the others what it missed"),
            Note::Ready => format!("{me} has what it missed, and serves"),
            Note::Backup => format!("the others do not have all that {me} lost: its prices come from the backup"),
            Note::Refused => format!("{me} refuses a request without a valid token"),
        }
    }
}
