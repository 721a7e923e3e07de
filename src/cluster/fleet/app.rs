//! The application server: it does what users ask, with the rows and carts of the databases.
//!
//! An addition that must be on `k` databases beside the first is written to all and counts when `k + 1` have it on their disks; a cart
//! is then read from so many databases that one of them has it (Gifford 1979). Without that, one database is asked, and the next when
//! it does not answer.

use std::collections::BTreeSet;

use crate::check::operation::Key;
use crate::cluster::kit::tries::Tries;
use crate::persistent::OrdMap;
use crate::sim::id::{NodeId, RequestId};
use crate::sim::protocol::Cx;

use super::Fleet;
use super::health::Health;
use super::inventory::Tier;
use super::message::{Answer, CartId, How, Line, Msg, Note, Op, Ret};
use super::settings::Carts;
use super::shelf::{self, Row};

/// An application server.
#[derive(Clone, Debug)]
pub struct App {
    /// Whom it believes to live.
    pub health: Health,
    /// Carts in its memory.
    pub memory: shelf::Carts,
    tries: Tries<Job>,
}

/// Who waits for an answer.
#[derive(Clone, Copy, Debug)]
pub(super) enum Asker {
    /// A front, by its number of the request.
    Front(NodeId, u32),
    /// A user who went around the fronts.
    User(NodeId, RequestId),
}

/// What an application server does for somebody.
#[derive(Clone, Debug)]
struct Job {
    asker: Asker,
    need: Need,
    /// The databases that it asked.
    tried: Vec<NodeId>,
}

/// What it wants of the databases.
#[derive(Clone, Debug)]
enum Need {
    /// A row; these have it damaged.
    Row(Key, u32, Vec<NodeId>),
    /// A line of a cart is to be kept; these have it, and these have no room.
    Keep(CartId, Line, BTreeSet<NodeId>, BTreeSet<NodeId>),
    /// A cart; these have said what they have, and it is this.
    Cart(CartId, BTreeSet<NodeId>, OrdMap<RequestId, Key>),
}

/// What a garbled request puts into a cart.
pub(super) const GARBAGE: &str = "\u{fffd}\u{fffd}\u{fffd}";
/// What an intruder looks at.
const SECRET: &str = "book";

impl App {
    pub(super) fn boot(cx: &mut Cx<'_, Fleet>) -> App {
        let tries = Tries::anew(cx);
        App { health: Health::boot(cx), memory: shelf::Carts::new(), tries }
    }

    /// The work on a request is done.
    pub(super) fn on_work(&mut self, asker: Asker, request: RequestId, (op, cart): (Op, CartId), cx: &mut Cx<'_, Fleet>) {
        match op {
            Op::View { item } => self.view(asker, item, cx),
            Op::Intrude => self.view(asker, SECRET.into(), cx),
            Op::Add { item } => self.keep(asker, cart, Line { request, item }, cx),
            Op::Garbled if cx.settings().validation => answer(asker, Answer::Bad(How::Garbled), cx),
            Op::Garbled => self.keep(asker, cart, Line { request, item: GARBAGE.into() }, cx),
            Op::Checkout => self.check_out(asker, cart, cx),
            Op::Poison => {
                cx.note(Note::Poisoned);
                cx.die();
            }
        }
    }

    fn view(&mut self, asker: Asker, item: Key, cx: &mut Cx<'_, Fleet>) {
        let row = shelf::row_of(&item, cx.settings().rows);
        self.ask(Job { asker, need: Need::Row(item, row, Vec::new()), tried: Vec::new() }, How::Nobody, cx);
    }

    fn keep(&mut self, asker: Asker, cart: CartId, line: Line, cx: &mut Cx<'_, Fleet>) {
        if cx.settings().carts == Carts::Memory {
            self.memory.entry(cart).or_default().insert(line.request, line.item);
            return answer(asker, Answer::Good(Ret::Added(cart.number)), cx);
        }
        let need = Need::Keep(cart, line, BTreeSet::new(), BTreeSet::new());
        self.ask(Job { asker, need, tried: Vec::new() }, How::Nobody, cx);
    }

    fn check_out(&mut self, asker: Asker, cart: CartId, cx: &mut Cx<'_, Fleet>) {
        if cx.settings().carts == Carts::Memory {
            let lines = self.memory.get(&cart).cloned().unwrap_or_default();
            return answer(asker, bill(cart, &lines), cx);
        }
        let need = Need::Cart(cart, BTreeSet::new(), OrdMap::new());
        self.ask(Job { asker, need, tried: Vec::new() }, How::Nobody, cx);
    }

    /// Asks the databases that are next; where there are none, it is over.
    fn ask(&mut self, mut job: Job, otherwise: How, cx: &mut Cx<'_, Fleet>) {
        let enough = job.enough(cx);
        let next = match job.is_for_many(cx) {
            true if self.health.living(|_| true).count() < enough => return answer(job.asker, Answer::Bad(How::TooFew), cx),
            true => cx.settings().inventory().of(Tier::Db).filter(|id| !job.tried.contains(id)).collect(),
            false => self.health.living(|id| !job.tried.contains(&id)).take(1).collect::<Vec<_>>(),
        };
        if next.is_empty() {
            return answer(job.asker, Answer::Bad(otherwise), cx);
        }
        job.tried.extend(&next);
        let (need, patience) = (job.need.clone(), cx.settings().db_timeout);
        let call = self.tries.begin(job, patience, cx);
        for database in next {
            cx.send(database, need.question(call));
        }
    }

    /// A database says what is in a row. A good copy mends the damaged ones.
    pub(super) fn on_row(&mut self, from: NodeId, call: u32, found: Option<Row>, cx: &mut Cx<'_, Fleet>) {
        let Some(mut job) = self.tries.end(call) else { return };
        let Need::Row(item, row, damaged) = &mut job.need else { return };
        let Some(good) = found else {
            damaged.push(from);
            return self.ask(job, How::Damaged, cx);
        };
        for other in damaged.iter() {
            cx.send(*other, Msg::Mend { row: *row, good });
        }
        answer(job.asker, Answer::Good(Ret::Page { item: item.clone(), row: *row, price: good.price }), cx);
    }

    /// A database has kept a line, or has no room.
    pub(super) fn on_saved(&mut self, from: NodeId, call: u32, is_kept: bool, cx: &mut Cx<'_, Fleet>) {
        let Some(job) = self.tries.get_mut(call) else { return };
        let enough = job.enough(cx);
        let Need::Keep(cart, _, kept, full) = &mut job.need else { return };
        if is_kept {
            kept.insert(from)
        } else {
            full.insert(from)
        };
        let result = match (kept.len(), full.len()) {
            (kept, _) if kept >= enough => Answer::Good(Ret::Added(cart.number)),
            (kept, full) if kept + full < job.tried.len() => return,
            (0, _) => Answer::Bad(How::DiskFull),
            _ => Answer::Bad(How::FewCopies),
        };
        self.finish(call, result, cx);
    }

    /// A database says what it has of a cart.
    pub(super) fn on_lines(&mut self, from: NodeId, call: u32, lines: OrdMap<RequestId, Key>, cx: &mut Cx<'_, Fleet>) {
        let Some(job) = self.tries.get_mut(call) else { return };
        let enough = job.enough(cx);
        let Need::Cart(cart, heard, known) = &mut job.need else { return };
        heard.insert(from);
        known.extend(lines);
        if heard.len() >= enough {
            let bill = bill(*cart, known);
            self.finish(call, bill, cx);
        }
    }

    fn finish(&mut self, call: u32, result: Answer, cx: &mut Cx<'_, Fleet>) {
        if let Some(job) = self.tries.end(call) {
            answer(job.asker, result, cx);
        }
    }

    /// The databases did not answer in time. Where one is enough the next may.
    pub(super) fn on_overdue(&mut self, cx: &mut Cx<'_, Fleet>) {
        for job in self.tries.overdue(cx) {
            match job.is_for_many(cx) {
                true => answer(job.asker, Answer::Bad(How::FewCopies), cx),
                false if cx.settings().retries => self.ask(job, How::Late, cx),
                false => answer(job.asker, Answer::Bad(How::Late), cx),
            }
        }
    }
}

impl Job {
    /// Whether several databases are asked at once.
    fn is_for_many(&self, cx: &Cx<'_, Fleet>) -> bool {
        cx.settings().carts == Carts::Sync && !matches!(self.need, Need::Row(..))
    }

    /// How many answers are enough.
    fn enough(&self, cx: &Cx<'_, Fleet>) -> usize {
        match self.need {
            _ if !self.is_for_many(cx) => 1,
            Need::Keep(..) => cx.settings().copies() + 1,
            Need::Row(..) | Need::Cart(..) => cx.settings().readers(),
        }
    }
}

impl Need {
    fn question(&self, call: u32) -> Msg {
        match self {
            Need::Row(_, row, _) => Msg::Row { call, row: *row },
            Need::Keep(cart, line, ..) => Msg::Save { call, cart: *cart, line: line.clone() },
            Need::Cart(cart, ..) => Msg::Read { call, cart: *cart },
        }
    }
}

fn bill(cart: CartId, lines: &OrdMap<RequestId, Key>) -> Answer {
    let line = |(request, item): (&RequestId, &Key)| Line { request: *request, item: item.clone() };
    Answer::Good(Ret::Bill(cart.number, lines.iter().map(line).collect()))
}

/// Tells whoever waits.
pub(super) fn answer(asker: Asker, answer: Answer, cx: &mut Cx<'_, Fleet>) {
    match asker {
        Asker::Front(front, call) => cx.send(front, Msg::Done { call, answer }),
        Asker::User(user, request) => cx.send(user, Msg::Told { request, answer }),
    }
}
