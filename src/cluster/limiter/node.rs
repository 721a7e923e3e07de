//! A limiter: decides for each request whether it passes, waits or is refused, by its own counters or by those of the shared store.

use crate::algo::limit::{Answer, Flow, Quota, Rules, State};
use crate::cluster::kit::tries::Tries;
use crate::persistent::OrdSet;
use crate::sim::id::NodeId;
use crate::sim::time::Span;

use super::message::{Msg, Said, Ticket, Told, Want};
use super::note::Note;
use super::settings::{By, Counters, Down, Step};
use super::table::{Full, Table, Waiting, clock, is_synced, must_be_synced};
use super::{Context, FIRST, Key, SERVICE, STORE, Timer};

/// Of shorter windows not every end is an event.
const TICK: Span = Span::ms(100);

/// Its process.
#[derive(Clone, Debug)]
pub struct Limiter {
    /// What it counts itself.
    pub table: Table,
    /// Keys whose requests wait here.
    waiting: OrdSet<Key>,
    /// What the store was asked.
    asking: Tries<Asking>,
    /// What was counted and passes once that is on the disk: the number of the change.
    unsynced: Vec<(u64, Ticket, Key)>,
    /// What became of requests in this life.
    pub counts: Counts,
}

/// What became of requests: every one is somewhere.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// They came.
    pub seen: u64,
    /// They passed.
    pub passed: u64,
    /// They were refused.
    pub refused: u64,
}

/// A question to the store.
#[derive(Clone, Debug)]
struct Asking {
    ticket: Ticket,
    key: Key,
    want: Want,
    /// What its caller is told once that is written, in the second of two steps.
    decided: Option<Answer>,
    /// How often the store may yet be asked.
    left: u32,
}

impl Limiter {
    /// Boots with what it kept.
    pub fn boot(cx: &mut Context<'_>) -> Limiter {
        let asking = Tries::anew(cx);
        Limiter::tick(cx);
        Limiter { table: Table::boot(cx), waiting: OrdSet::new(), asking, unsynced: Vec::new(), counts: Counts::default() }
    }

    /// Waits for the end of this window; where there are none, for as long.
    pub(super) fn tick(cx: &mut Context<'_>) {
        let window = cx.settings().window.0;
        let every = window * TICK.0.div_ceil(window);
        let (timer, other) = if cx.settings().has_windows() { (Timer::Edge, Timer::Tick) } else { (Timer::Tick, Timer::Edge) };
        cx.cancel_timer(other);
        cx.set_timer(Span(every - clock(cx) % every), timer);
    }

    /// How many requests are neither passed nor refused.
    pub fn held(&self) -> u64 {
        u64::from(self.asking.len()) + (self.unsynced.len() + self.queued()) as u64
    }

    /// How many wait in leaky queues.
    pub fn queued(&self) -> usize {
        self.waiting.iter().filter_map(|key| self.table.queues.get(key)).map(crate::algo::limit::Queue::len).sum()
    }

    pub(super) fn on_ask(&mut self, ticket: Ticket, cx: &mut Context<'_>) {
        self.counts.seen += 1;
        self.judge(ticket, cx);
    }

    /// Whether a request may pass, wherever that is counted.
    fn judge(&mut self, ticket: Ticket, cx: &mut Context<'_>) {
        let key = key_of(&ticket, cx.settings().by);
        if cx.settings().counters == Counters::Shared {
            return self.begin(ticket, key, cx);
        }
        if cx.settings().queues() {
            return self.line_up(ticket, key, cx);
        }
        match self.table.ask(&key, &rules(cx), cx) {
            Ok(Answer::Pass) => self.counted(ticket, key, cx),
            Ok(Answer::Refuse { after }) => self.refuse(ticket, key, after, cx),
            Err(Full) => self.blind(ticket, key, cx),
        }
    }

    /// It was counted: it passes, or does so once that is on the disk.
    fn counted(&mut self, ticket: Ticket, key: Key, cx: &mut Context<'_>) {
        let Some(change) = must_be_synced(cx) else { return self.pass(ticket, key, Span::ZERO, cx) };
        cx.note(Note::Counted { limiter: cx.id(), ticket: ticket.clone() });
        self.unsynced.push((change, ticket, key));
    }

    pub(super) fn on_synced(&mut self, cx: &mut Context<'_>) {
        for (_, ticket, key) in self.unsynced.extract_if(.., |(change, ..)| is_synced(*change, cx)).collect::<Vec<_>>() {
            self.pass(ticket, key, Span::ZERO, cx);
        }
    }

    fn pass(&mut self, ticket: Ticket, key: Key, waited: Span, cx: &mut Context<'_>) {
        self.counts.passed += 1;
        cx.note(Note::Passed { ticket: ticket.clone(), key, waited, blind: false });
        cx.send(SERVICE, Msg::Work(ticket));
    }

    fn refuse(&mut self, ticket: Ticket, key: Key, after: u64, cx: &mut Context<'_>) {
        self.counts.refused += 1;
        let after = Span(after);
        cx.send(ticket.caller, Msg::Told { call: ticket.call, told: Told::TooMany(after) });
        cx.note(Note::Refused { ticket, key, after });
    }

    /// It cannot be counted: open or closed.
    fn blind(&mut self, ticket: Ticket, key: Key, cx: &mut Context<'_>) {
        match cx.settings().store_down {
            Down::Open => {
                self.counts.passed += 1;
                cx.note(Note::Passed { ticket: ticket.clone(), key, waited: Span::ZERO, blind: true });
                cx.send(SERVICE, Msg::Work(ticket));
            }
            Down::Closed => {
                self.counts.refused += 1;
                cx.send(ticket.caller, Msg::Told { call: ticket.call, told: Told::CannotCount });
                cx.note(Note::Closed { ticket, key });
            }
        }
    }

    /// The service is done with a request.
    pub(super) fn on_done(ticket: &Ticket, served: bool, cx: &mut Context<'_>) {
        let told = if served { Told::Served } else { Told::Overloaded };
        cx.send(ticket.caller, Msg::Told { call: ticket.call, told });
    }
}

/// With counters in the shared store.
impl Limiter {
    fn begin(&mut self, ticket: Ticket, key: Key, cx: &mut Context<'_>) {
        let want = if cx.settings().step == Step::Atomic { Want::Take } else { Want::Read };
        let left = cx.settings().store_retries;
        self.ask_store(Asking { ticket, key, want, decided: None, left }, cx);
    }

    fn ask_store(&mut self, asking: Asking, cx: &mut Context<'_>) {
        let Asking { ticket, key, want, .. } = asking.clone();
        let number = self.asking.begin(asking, cx.settings().store_timeout, cx);
        cx.send(STORE, Msg::Count { number, ticket, key, want });
    }

    pub(super) fn on_counted(&mut self, number: u32, said: Said, cx: &mut Context<'_>) {
        let Some(Asking { ticket, key, decided, .. }) = self.asking.end(number) else { return };
        match (said, decided) {
            (Said::Decided(answer), _) | (Said::Written, Some(answer)) => self.answer(answer, ticket, key, cx),
            (Said::Kept(state), _) => self.decide(state, (ticket, key), cx),
            (Said::Full | Said::Written, decided) => self.uncounted(decided, ticket, key, cx),
        }
    }

    /// The second step: by what was read, whoever else has read the same. What counts is written before anybody hears of it.
    fn decide(&mut self, state: Option<State>, (ticket, key): (Ticket, Key), cx: &mut Context<'_>) {
        let (rules, now) = (cx.settings().whole(), clock(cx));
        let mut state = state.unwrap_or_else(|| State::new(now, &rules));
        let answer = state.ask(now, &rules);
        if !answer.is_pass() && !rules.quota.counts_refused {
            return self.answer(answer, ticket, key, cx);
        }
        if answer.is_pass() {
            cx.note(Note::Counted { limiter: cx.id(), ticket: ticket.clone() });
        }
        let (want, left) = (Want::Write(state, cx.settings().basis()), cx.settings().store_retries);
        self.ask_store(Asking { ticket, key, want, decided: Some(answer), left }, cx);
    }

    fn answer(&mut self, answer: Answer, ticket: Ticket, key: Key, cx: &mut Context<'_>) {
        match answer {
            Answer::Pass => self.pass(ticket, key, Span::ZERO, cx),
            Answer::Refuse { after } => self.refuse(ticket, key, after, cx),
        }
    }

    /// It could not be written, or nobody says so: what was refused stays so.
    fn uncounted(&mut self, decided: Option<Answer>, ticket: Ticket, key: Key, cx: &mut Context<'_>) {
        match decided {
            Some(Answer::Refuse { after }) => self.refuse(ticket, key, after, cx),
            Some(Answer::Pass) | None => self.blind(ticket, key, cx),
        }
    }

    /// The store did not answer in time.
    pub(super) fn on_overdue(&mut self, cx: &mut Context<'_>) {
        for asking in self.asking.overdue(cx) {
            match asking.left.checked_sub(1) {
                Some(left) => {
                    cx.note(Note::AskedAgain { key: asking.key.clone() });
                    self.ask_store(Asking { left, ..asking }, cx);
                }
                None => self.uncounted(asking.decided, asking.ticket, asking.key, cx),
            }
        }
    }

    /// What was read, or decided by that, was counted by other settings than those of now.
    fn begin_anew(&mut self, cx: &mut Context<'_>) {
        for asking in self.asking.drop_if(|asking| asking.want != Want::Take) {
            self.judge(asking.ticket, cx);
        }
    }
}

/// With a queue.
impl Limiter {
    fn line_up(&mut self, ticket: Ticket, key: Key, cx: &mut Context<'_>) {
        self.let_out(cx);
        let (rules, now) = (rules(cx), clock(cx));
        let mut queue = self.table.queue(&key);
        let waiting = Waiting { ticket: ticket.clone(), since: now };
        let answer = queue.ask(waiting, now, spacing(&rules), rules.burst);
        if self.table.put_queue(&key, queue, cx) == Err(Full) {
            return self.blind(ticket, key, cx);
        }
        match answer {
            Some(Answer::Pass) => self.counted(ticket, key, cx),
            Some(Answer::Refuse { after }) => self.refuse(ticket, key, after, cx),
            None => {
                self.waiting.insert(key.clone());
                cx.note(Note::Waits { ticket, key });
                self.wake(cx);
            }
        }
    }

    /// A request may leave a queue, or the timer says so too early.
    pub(super) fn on_release(&mut self, cx: &mut Context<'_>) {
        self.let_out(cx);
        self.wake(cx);
    }

    /// Of each queue at most one: the next is due later.
    fn let_out(&mut self, cx: &mut Context<'_>) {
        let (flow, now) = (spacing(&rules(cx)), clock(cx));
        for key in self.waiting.clone() {
            let mut queue = self.table.queue(&key);
            let Some(Waiting { ticket, since }) = queue.let_out(now, flow) else { continue };
            if queue.is_empty() {
                self.waiting.remove(&key);
            }
            if self.table.put_queue(&key, queue.clone(), cx) == Err(Full) {
                // It has left, and only the disk does not know when.
                self.table.queues.insert(key.clone(), queue);
                self.blind(ticket, key, cx);
            } else {
                self.out(ticket, key, Span(now.saturating_sub(since)), cx);
            }
        }
    }

    fn out(&mut self, ticket: Ticket, key: Key, waited: Span, cx: &mut Context<'_>) {
        if must_be_synced(cx).is_some() { self.counted(ticket, key, cx) } else { self.pass(ticket, key, waited, cx) }
    }

    /// Sets the timer to the next exit of any queue.
    fn wake(&mut self, cx: &mut Context<'_>) {
        let (flow, now) = (spacing(&rules(cx)), clock(cx));
        let waits = self.waiting.iter().filter_map(|key| self.table.queues.get(key)?.wait(now, flow));
        match waits.min() {
            Some(wait) => cx.set_timer(Span(wait), Timer::Release),
            None => cx.cancel_timer(Timer::Release),
        }
    }

    /// What reached a paused process before other settings did is handled after they changed.
    pub(super) fn heed(&mut self, cx: &mut Context<'_>) {
        if !self.table.counts_by(cx.settings()) {
            self.on_settings(cx);
        }
    }

    /// Whoever waits by other rules than those of now is refused: there is no such queue any more.
    pub(super) fn on_settings(&mut self, cx: &mut Context<'_>) {
        Limiter::tick(cx);
        let is_anew = !self.table.counts_by(cx.settings());
        let waited = self.table.on_settings(cx);
        if !waited.is_empty() {
            self.waiting = OrdSet::new();
            cx.cancel_timer(Timer::Release);
        }
        for (key, Waiting { ticket, .. }) in waited {
            self.refuse(ticket, key, 1, cx);
        }
        if is_anew {
            self.begin_anew(cx);
        }
    }

    /// The clock was set: exits are due at other moments.
    pub(super) fn on_clock(&mut self, cx: &mut Context<'_>) {
        Limiter::tick(cx);
        self.on_release(cx);
    }
}

/// The limit of this limiter.
fn rules(cx: &Context<'_>) -> Rules {
    cx.settings().rules(cx.id().index() - FIRST, cx.server_count() - FIRST)
}

/// A queue lets one out at a time.
fn spacing(rules: &Rules) -> Flow {
    Flow::of(Quota::new(rules.quota.limit, rules.quota.window), 1)
}

/// What a request counts for.
pub(super) fn key_of(ticket: &Ticket, by: By) -> Key {
    match by {
        By::User => ticket.user.clone(),
        By::Address => address(ticket.caller),
        By::All => "all".into(),
    }
}

/// The address of a client.
pub(super) fn address(caller: NodeId) -> Key {
    caller.to_string().into()
}
