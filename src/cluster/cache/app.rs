//! An application: it answers reads from its own cache, the shared one, or the database, and fills what it missed.

use imbl::Vector;

use crate::algo::eviction::Asked;
use crate::check::operation::{Key, Op};
use crate::cluster::kit::tries::Tries;
use crate::persistent::OrdMap;
use crate::sim::id::{NodeId, RequestId};
use crate::sim::time::Span;

use super::message::{Answer, Msg, Token};
use super::note::Note;
use super::play::Play;
use super::put::Write;
use super::request::{Done, Request, Row, Source};
use super::settings::{Guard, Pattern, Settings, SingleFlight};
use super::shelf::{Ageing, Found, Shelf};
use super::{CACHE, Context, DATABASE, Timer, wake};

/// Whom a read is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum For {
    /// A client's request.
    Client(NodeId, RequestId),
    /// A trace that is played.
    Play(RequestId),
}

/// What an application waits for.
#[derive(Clone, Debug)]
pub(super) enum Job {
    /// The cache's answer to a look. `forgotten`: as of a load.
    Look { key: Key, asked: Asked, who: For, forgotten: bool },
    /// The row of a load.
    Load(Load),
    /// The end of a step of a write.
    Write(Write),
}

/// A load.
#[derive(Clone, Debug)]
pub(super) struct Load {
    /// Of which key.
    pub key: Key,
    /// Who waits for it.
    pub waiting: Vector<For>,
    /// The right to fill the shared cache.
    pub token: Option<Token>,
    /// Whether the application's own cache may not have it: it deleted the key in between.
    pub forgotten: bool,
    /// What is known of the future.
    pub asked: Asked,
}

/// The process.
#[derive(Clone, Debug)]
pub struct App {
    /// Its own cache.
    pub shelf: Shelf,
    /// What it did.
    pub counts: Counts,
    pub(super) calls: Tries<Job>,
    /// The load of each key that others can wait for.
    joinable: OrdMap<Key, u32>,
    /// How many loads of each key it has under way.
    pub loading: OrdMap<Key, u32>,
    /// The key of its last load.
    pub last_load: Option<Key>,
    /// The traces that it plays.
    pub(super) plays: OrdMap<RequestId, Play>,
}

/// Counts of this life.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Reads that were answered, and those of them that a cache had.
    pub answered: u64,
    pub hits: u64,
    /// Loads, for whoever missed or to make an entry young again.
    pub loads: u64,
    /// Reads that wait for a load of another.
    pub joined: u64,
    /// Loads that were refused, because too many are under way.
    pub refused: u64,
    /// Deletes and updates of the cache that were not confirmed.
    pub unconfirmed: u64,
    /// Reads of traces for titles that are asked for only once.
    pub scanned: u64,
}

impl App {
    pub(super) fn boot(cx: &mut Context<'_>) -> App {
        let calls = Tries::anew(cx);
        let shelf = Shelf::new(cx.settings().policy, cx.settings().local_slots);
        App {
            shelf,
            counts: Counts::default(),
            calls,
            joinable: OrdMap::new(),
            loading: OrdMap::new(),
            last_load: None,
            plays: OrdMap::new(),
        }
    }

    pub(super) fn on_message(&mut self, from: NodeId, msg: Msg, cx: &mut Context<'_>) {
        match msg {
            Msg::Ask { request, what, from: place } => self.on_ask(from, request, what, place, cx),
            Msg::Found { call, row, source, fill, .. } => self.on_found(call, &row, source, fill, cx),
            Msg::Missed { call, fill, .. } => self.on_missed(call, fill, cx),
            Msg::Row { call, row } => self.on_row(call, &row, cx),
            Msg::Refused { call, why } | Msg::Failed { call, why } => self.on_refused(call, why, cx),
            Msg::Gone { call } | Msg::Stored { call } => self.on_step(call, None, cx),
            Msg::Written { call, row } => self.on_step(call, Some(row), cx),
            Msg::Lost { call } => self.on_lost(call, cx),
            Msg::Delete { key, version, .. } => self.forget(&key, version, cx),
            _ => {}
        }
        self.wake(cx);
    }

    pub(super) fn on_timer(&mut self, timer: Timer, cx: &mut Context<'_>) {
        match timer {
            Timer::Overdue => self.overdue(cx),
            Timer::Next(request) => self.play_on(request, cx),
            Timer::Expiry => self.shelf.fire(cx.clock(), None),
            Timer::Flush | Timer::Log => {}
        }
        self.wake(cx);
    }

    pub(super) fn on_clock(&mut self, cx: &mut Context<'_>) {
        self.shelf.expire(cx.clock(), None);
        self.wake(cx);
    }

    /// A cache that is not asked any more keeps nothing: nobody would tell it of a write.
    pub(super) fn on_settings(&mut self, cx: &mut Context<'_>) {
        self.shelf.rearrange(cx.settings().policy, cx.settings().local_slots);
        if !cx.settings().has_local() {
            self.shelf.clear();
            cx.cancel_timer(Timer::Expiry);
        }
        self.wake(cx);
    }

    /// Sets the timer for the next entry of its own that is over.
    fn wake(&self, cx: &mut Context<'_>) {
        if cx.settings().has_local() {
            wake(Timer::Expiry, self.shelf.wait(cx.clock(), None), cx);
        }
    }

    fn on_ask(&mut self, client: NodeId, request: RequestId, what: Request, place: u64, cx: &mut Context<'_>) {
        let asked = Asked { draw: cx.rng().unit(), again: None };
        match what {
            Request::Key(Op::Read { key }) => self.get(&key, asked, For::Client(client, request), cx),
            Request::Play { tape, count } => self.play(client, request, (tape, count, place), cx),
            Request::Key(op) => self.put((client, request), &op, cx),
            Request::Import(op) => self.import((client, request), &op, cx),
            Request::Invalidate(key) => self.invalidate((client, request), key, cx),
        }
    }

    /// A read: from the application's own cache, where there is one, or from the shared one, or from the database.
    pub(super) fn get(&mut self, key: &Key, asked: Asked, who: For, cx: &mut Context<'_>) {
        if cx.settings().has_local()
            && let Found::Hit { row, .. } = self.shelf.look(key, asked, cx.clock(), &Ageing::default())
        {
            return self.answer(who, &row, Source::Hit, cx);
        }
        if !cx.settings().has_shared() {
            return self.load(key, Some(who), None, asked, cx);
        }
        let load = cx.settings().works().cache_reads();
        let patience = if load { cx.settings().db_timeout + cx.settings().cache_timeout } else { wait_for_cache(cx.settings()) };
        let call = self.calls.begin(Job::Look { key: key.clone(), asked, who, forgotten: false }, patience, cx);
        cx.send(CACHE, Msg::Look { call, key: key.clone(), asked, load });
    }

    /// The shared cache has it. `fill`: it is to be loaded anew, beside.
    fn on_found(&mut self, call: u32, row: &Row, source: Source, fill: Option<Token>, cx: &mut Context<'_>) {
        let Some(Job::Look { key, asked, who, forgotten }) = self.take(call, |job| matches!(job, Job::Look { .. })) else { return };
        if cx.settings().has_local() && !forgotten {
            self.keep(&key, row.clone(), asked, cx);
        }
        if let Some(token) = fill {
            self.load(&key, None, Some(token), asked, cx);
        }
        self.answer(who, row, source, cx);
    }

    fn on_missed(&mut self, call: u32, fill: Token, cx: &mut Context<'_>) {
        let Some(Job::Look { key, asked, who, .. }) = self.take(call, |job| matches!(job, Job::Look { .. })) else { return };
        self.load(&key, Some(who), Some(fill), asked, cx);
    }

    /// Loads a key for somebody, or waits for a load that is under way.
    fn load(&mut self, key: &Key, who: Option<For>, token: Option<Token>, asked: Asked, cx: &mut Context<'_>) {
        if let Some(load) = self.join(key, token, cx.settings()) {
            load.waiting.extend(who);
            self.counts.joined += 1;
            return;
        }
        let under_way: u32 = self.loading.values().sum();
        if cx.settings().load_limit.is_some_and(|limit| under_way >= limit) {
            return self.refuse_load(key, who, token, cx);
        }
        self.counts.loads += 1;
        let load = Load { key: key.clone(), waiting: who.into_iter().collect(), token, forgotten: false, asked };
        let call = self.calls.begin(Job::Load(load), cx.settings().db_timeout, cx);
        self.joinable.insert(key.clone(), call);
        self.last_load = Some(key.clone());
        *self.loading.entry(key.clone()).or_default() += 1;
        cx.send(DATABASE, Msg::Read { call, key: key.clone() });
    }

    /// The load of a key that is under way, where one is enough. Under leases only one that goes with the same right: after a delete
    /// nobody waits for what was read before it.
    fn join(&mut self, key: &Key, token: Option<Token>, settings: &Settings) -> Option<&mut Load> {
        if settings.single_flight != SingleFlight::Node {
            return None;
        }
        let call = *self.joinable.get(key)?;
        let leased = settings.guard == Guard::Lease;
        match self.calls.get_mut(call) {
            Some(Job::Load(load)) if !leased || load.token == token => Some(load),
            _ => None,
        }
    }

    fn refuse_load(&mut self, key: &Key, who: Option<For>, token: Option<Token>, cx: &mut Context<'_>) {
        self.counts.refused += 1;
        give_back(key, token, cx);
        if let Some(who) = who {
            self.fail(who, "too many loads are under way", cx);
        }
    }

    /// The database has answered: whoever waits has the row, and so have the caches.
    fn on_row(&mut self, call: u32, row: &Row, cx: &mut Context<'_>) {
        let Some(Job::Load(load)) = self.take(call, |job| matches!(job, Job::Load(_))) else { return };
        self.load_over(&load.key);
        if cx.settings().has_local() && !load.forgotten {
            self.keep(&load.key, row.clone(), load.asked, cx);
        }
        if let Some(token) = load.token {
            cx.send(CACHE, Msg::Fill { key: load.key, row: row.clone(), token, asked: load.asked });
        }
        for who in load.waiting {
            self.answer(who, row, Source::Miss, cx);
        }
    }

    /// Puts a row into its own cache. Of two that overtake each other the older one stays out, where versions guard it; before a
    /// write-back cache has written a row, its version says nothing.
    fn keep(&mut self, key: &Key, row: Row, asked: Asked, cx: &mut Context<'_>) {
        let compares = cx.settings().guard == Guard::Version && cx.settings().works() != Pattern::WriteBack;
        if compares && !self.shelf.is_newest(key, &row) {
            return;
        }
        let lives = cx.settings().local_ttl;
        self.shelf.store(key, row, lives, asked, cx.clock());
    }

    /// Its own cache gives a key up, and so do the looks and loads under way, where anything guards it. `version`: that of the write that
    /// the database has.
    pub(super) fn forget(&mut self, key: &Key, version: Option<u64>, cx: &mut Context<'_>) {
        self.shelf.delete(key);
        if cx.settings().guard == Guard::None {
            return;
        }
        if let Some(version) = version.filter(|_| cx.settings().guard == Guard::Version) {
            self.shelf.told_of(key, version);
        }
        self.joinable.remove(key);
        self.calls.change_all(|job| match job {
            Job::Look { key: looked, forgotten, .. } => *forgotten |= looked == key,
            Job::Load(load) => load.forgotten |= load.key == *key,
            Job::Write(_) => {}
        });
    }

    fn load_over(&mut self, key: &Key) {
        match self.loading.get_mut(key) {
            Some(count) if *count > 1 => *count -= 1,
            _ => drop(self.loading.remove(key)),
        }
        if self.joinable.get(key).is_some_and(|call| self.calls.get(*call).is_none()) {
            self.joinable.remove(key);
        }
    }

    fn not_loaded(&mut self, load: Load, why: &'static str, cx: &mut Context<'_>) {
        self.load_over(&load.key);
        give_back(&load.key, load.token, cx);
        for who in load.waiting {
            self.fail(who, why, cx);
        }
    }

    /// Ends a call that waits for such an answer.
    pub(super) fn take(&mut self, call: u32, fits: impl Fn(&Job) -> bool) -> Option<Job> {
        self.calls.get(call).filter(|job| fits(job))?;
        self.calls.end(call)
    }

    /// The cache or the database does not do it.
    fn on_refused(&mut self, call: u32, why: &'static str, cx: &mut Context<'_>) {
        match self.calls.end(call) {
            Some(Job::Look { who, .. }) => self.fail(who, why, cx),
            Some(Job::Load(load)) => self.not_loaded(load, why, cx),
            Some(Job::Write(mut write)) => write.told(Answer::Refused(why), cx),
            None => {}
        }
    }

    fn overdue(&mut self, cx: &mut Context<'_>) {
        for job in self.calls.overdue(cx) {
            match job {
                Job::Look { who, .. } if cx.settings().works().cache_reads() => self.fail(who, "no answer from the cache", cx),
                Job::Look { key, asked, who, .. } => {
                    cx.note(Note::WithoutCache { key: key.clone() });
                    self.load(&key, Some(who), None, asked, cx);
                }
                Job::Load(load) => self.not_loaded(load, "no answer from the database", cx),
                Job::Write(write) => self.step_overdue(write, cx),
            }
        }
    }

    /// A read has its answer.
    fn answer(&mut self, who: For, row: &Row, source: Source, cx: &mut Context<'_>) {
        self.counts.answered += 1;
        self.counts.hits += u64::from(source == Source::Hit);
        match who {
            For::Client(client, request) => cx.send(client, Msg::Told { request, answer: Answer::Done(Done::read(row, source)) }),
            For::Play(request) => self.played(request, source == Source::Hit, cx),
        }
    }

    /// A read has none.
    fn fail(&mut self, who: For, why: &'static str, cx: &mut Context<'_>) {
        match who {
            For::Client(client, request) => cx.send(client, Msg::Told { request, answer: Answer::Refused(why) }),
            For::Play(request) => self.played(request, false, cx),
        }
    }

    /// Whether something that it waits for may yet change a copy of a key.
    pub fn is_at(&self, key: &Key) -> bool {
        let is = |job: &Job| match job {
            Job::Look { .. } => false,
            Job::Load(load) => load.key == *key,
            Job::Write(write) => write.key == *key,
        };
        self.calls.all().any(is)
    }
}

/// Who waits for another's load waits as long as that may take.
fn wait_for_cache(settings: &Settings) -> Span {
    match settings.single_flight {
        SingleFlight::Shared => settings.cache_timeout + settings.db_timeout,
        SingleFlight::Off | SingleFlight::Node => settings.cache_timeout,
    }
}

/// The key will not be filled: the right to do so goes back.
fn give_back(key: &Key, token: Option<Token>, cx: &mut Context<'_>) {
    if let Some(token) = token {
        cx.send(CACHE, Msg::Unfilled { key: key.clone(), token });
    }
}
