//! A service behind the gateway. A worker has a call from its start to its answer, also while it waits for the database.
//!
//! `payments` makes payments. One that comes again is known by its key, if the key is stored in the same transaction, and for as long as it
//! is remembered (Helland 2012, "Idempotence Is Not a Medical Condition").

use imbl::Vector;

use crate::check::operation::Key;
use crate::cluster::kit::tries::Tries;
use crate::persistent::{OrdMap, OrdSet};
use crate::sim::id::NodeId;
use crate::sim::time::Time;

use super::message::{Answer, Bad, End, Fail, Msg, Ret, Ticket, What, Work};
use super::note::Note;
use super::words::{Idempotency, Service as Name, Trust};
use super::{Context, DB, Timer};

/// What survives a restart: payments, and tokens that are good no longer.
#[derive(Clone, Debug, Default)]
pub struct Disk {
    /// How often each payment was made.
    pub paid: OrdMap<Key, u32>,
    /// How many were made in all.
    pub payments: usize,
    /// How many were made more than once, and the first of them.
    pub twice: (usize, Option<Key>),
    /// Keys of payments, and since when each is known.
    known: OrdMap<Key, Time>,
    /// Tokens that are good no longer: owner and number.
    pub revoked: OrdSet<(NodeId, u32)>,
}

/// So many of the newest calls are known by their numbers.
const RECENT: usize = 256;

/// Its process.
#[derive(Clone, Debug)]
pub struct Service {
    next: u32,
    /// The newest calls. Gateways come over connections: a copy of what came already is thrown away, as TCP does.
    recent: Vector<(NodeId, u32)>,
    jobs: OrdMap<u32, Doing>,
    /// What the database was asked for, and which time.
    asked: Tries<(u32, u32)>,
    /// Keys in memory, and since when each is known.
    known: OrdMap<Key, Time>,
}

/// What a worker is at.
#[derive(Clone, Debug)]
struct Doing {
    back: Back,
    work: Work,
    /// Whether its key was known when the work began.
    known: bool,
}

/// Who is answered.
#[derive(Clone, Debug)]
enum Back {
    Gateway(NodeId, u32),
    User(Box<Ticket>),
}

impl Service {
    /// Boots with an empty memory.
    pub fn boot(cx: &mut Context<'_>) -> Service {
        Service { next: 0, recent: Vector::new(), jobs: OrdMap::new(), asked: Tries::anew(cx), known: OrdMap::new() }
    }

    /// How many calls it works on.
    pub fn busy(&self) -> usize {
        self.jobs.len()
    }

    pub(super) fn on_call(&mut self, gateway: NodeId, call: u32, work: Work, cx: &mut Context<'_>) {
        if self.recent.contains(&(gateway, call)) {
            return;
        }
        if self.recent.len() >= RECENT {
            self.recent.pop_front();
        }
        self.recent.push_back((gateway, call));
        self.begin(Back::Gateway(gateway, call), work, cx);
    }

    /// Somebody comes past the gateway.
    pub(super) fn on_past(&mut self, ticket: Box<Ticket>, cx: &mut Context<'_>) {
        let is_known = ticket.token.is_some_and(|token| token.lasts(cx.clock()));
        if cx.settings().services_trust == Trust::Token && !is_known {
            return tell(&ticket, End::Badly { bad: Bad::NoToken, unsure: false }, cx);
        }
        cx.note(Note::Past { user: ticket.user, what: ticket.what.clone(), token: ticket.token });
        let work = ticket.payment().map_or(Work::Read, |payment| Work::Pay { key: payment.clone(), payment });
        self.begin(Back::User(ticket), work, cx);
    }

    fn begin(&mut self, back: Back, work: Work, cx: &mut Context<'_>) {
        let Some(name) = Name::at(cx.id()) else { return };
        let number = self.next;
        self.next = self.next.wrapping_add(1);
        let known = matches!(&work, Work::Pay { key, .. } if is_known(cx.disk().known.get(key), cx));
        self.jobs.insert(number, Doing { back, work, known });
        let takes = cx.settings().time_of(name).clone().sample(&mut cx.rng());
        cx.keep_worker();
        cx.work(takes, Timer::Work(number));
    }

    /// The work is done, but for what the database knows.
    pub(super) fn on_done(&mut self, number: u32, cx: &mut Context<'_>) {
        let Some(doing) = self.jobs.get(&number) else { return };
        let (errors, missing) = (cx.settings().errors, cx.settings().missing);
        let is_read = doing.work == Work::Read;
        if errors > 0.0 && cx.rng().chance(errors) {
            self.end(number, Answer::Error, cx);
        } else if is_read && missing > 0.0 && cx.rng().chance(missing) {
            self.end(number, Answer::Missing, cx);
        } else if cx.settings().database {
            self.ask(number, 1, cx);
        } else {
            self.act(number, cx);
        }
    }

    fn ask(&mut self, number: u32, tries: u32, cx: &mut Context<'_>) {
        if tries > 1 {
            cx.note(Note::AsksAgain { tries });
        }
        let patience = cx.settings().db_timeout;
        let call = self.asked.begin((number, tries), patience, cx);
        cx.send(DB, Msg::Query { call });
    }

    /// The database answered.
    pub(super) fn on_found(&mut self, call: u32, ok: bool, cx: &mut Context<'_>) {
        match self.asked.end(call) {
            Some((number, _)) if ok => self.act(number, cx),
            Some(asked) => self.ask_again(asked, cx),
            None => {}
        }
    }

    /// The database did not.
    pub(super) fn on_overdue(&mut self, cx: &mut Context<'_>) {
        for asked in self.asked.overdue(cx) {
            self.ask_again(asked, cx);
        }
    }

    fn ask_again(&mut self, (number, tries): (u32, u32), cx: &mut Context<'_>) {
        if tries <= cx.settings().db_retries { self.ask(number, tries + 1, cx) } else { self.end(number, Answer::Error, cx) }
    }

    /// What was asked takes effect.
    fn act(&mut self, number: u32, cx: &mut Context<'_>) {
        let Some(doing) = self.jobs.get(&number).cloned() else { return };
        let answer = match &doing.work {
            Work::Read => Answer::Done { before: false },
            Work::Pay { payment, key } => self.pay(payment, key, doing.known, cx),
        };
        self.end(number, answer, cx);
    }

    fn pay(&mut self, payment: &Key, key: &Key, was_known: bool, cx: &mut Context<'_>) -> Answer {
        let how = cx.settings().idempotency;
        let before = match how {
            Idempotency::Off => false,
            Idempotency::Transaction => is_known(cx.disk().known.get(key), cx),
            Idempotency::Memory => is_known(self.known.get(key), cx),
            Idempotency::CheckFirst => was_known,
        };
        if before {
            cx.note(Note::Known { payment: payment.clone() });
            return Answer::Done { before };
        }
        let since = cx.clock();
        let stored = matches!(how, Idempotency::Transaction | Idempotency::CheckFirst).then(|| (key.clone(), since));
        let Ok(times) = cx.write(|disk| disk.pay(payment, stored)) else { return Answer::Error };
        self.known.insert(key.clone(), since);
        cx.note(Note::Paid { payment: payment.clone(), times });
        Answer::Done { before }
    }

    /// A worker is free; whoever asked is answered, once what is told is on the disk.
    fn end(&mut self, number: u32, answer: Answer, cx: &mut Context<'_>) {
        let Some(doing) = self.jobs.remove(&number) else { return };
        cx.free_worker();
        let has_paid = doing.work != Work::Read && matches!(answer, Answer::Done { .. });
        let (to, msg) = match doing.back {
            Back::Gateway(gateway, call) => (gateway, Msg::Did { call, answer }),
            Back::User(ticket) => (ticket.user, told(&ticket, end_of(&ticket, answer, cx.id()))),
        };
        if has_paid { cx.send_after_sync(to, msg) } else { cx.send(to, msg) }
    }
}

impl Disk {
    /// Makes a payment, and stores what it will be known by; how often it was made.
    fn pay(&mut self, payment: &Key, key: Option<(Key, Time)>) -> u32 {
        self.payments += 1;
        let times = self.paid.entry(payment.clone()).or_insert(0);
        *times += 1;
        if *times == 2 {
            self.twice = (self.twice.0 + 1, self.twice.1.take().or_else(|| Some(payment.clone())));
        }
        self.known.extend(key);
        *times
    }
}

fn is_known(since: Option<&Time>, cx: &Context<'_>) -> bool {
    since.is_some_and(|since| cx.settings().remember.is_none_or(|span| *since + span > cx.clock()))
}

/// What a user is told who came past the gateway.
fn end_of(ticket: &Ticket, answer: Answer, id: NodeId) -> End {
    let fail = match answer {
        Answer::Done { before } => {
            return End::Well(match &ticket.what {
                What::Pay(_) => Ret::Paid { before },
                What::Order(key) => Ret::Order(key.clone()),
                What::Home | What::Login => Ret::Home { without: 0, old: 0 },
            });
        }
        Answer::Missing => Fail::Missing,
        Answer::Error => Fail::Error,
        Answer::Full => Fail::Full,
    };
    let unsure = fail.is_unsure() && matches!(ticket.what, What::Pay(_));
    let bad = Name::at(id).map_or(Bad::NoRoute, |service| Bad::Of(service, fail));
    End::Badly { bad, unsure }
}

fn told(ticket: &Ticket, end: End) -> Msg {
    Msg::Told { request: ticket.request, attempt: ticket.attempt, end: Box::new(end) }
}

fn tell(ticket: &Ticket, end: End, cx: &mut Context<'_>) {
    cx.send(ticket.user, told(ticket, end));
}

/// There was no room for what came: its sender is told.
pub(super) fn refuse(from: NodeId, msg: Msg, cx: &mut Context<'_>) {
    match msg {
        Msg::Call { call, .. } => cx.send(from, Msg::Did { call, answer: Answer::Full }),
        Msg::Past(ticket) => {
            let end = end_of(&ticket, Answer::Full, cx.id());
            tell(&ticket, end, cx);
        }
        Msg::Query { call } => cx.send(from, Msg::Found { call, ok: false }),
        _ => {}
    }
}

/// The database answers; a broken one says that it cannot.
pub(super) fn find(from: NodeId, call: u32, cx: &mut Context<'_>) {
    let ok = cx.settings().errors < 1.0;
    cx.send(from, Msg::Found { call, ok });
}
