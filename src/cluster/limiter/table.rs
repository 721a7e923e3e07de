//! What a node counts: in memory, and where the settings say so on its disk as well.

use crate::algo::limit::{Answer, Queue, Rules, State};
use crate::check::operation::Key;
use crate::persistent::OrdMap;
use crate::sim::time::{Span, Time};

use super::message::Ticket;
use super::note::Note;
use super::settings::{Basis, Clock, Kept, Settings};
use super::{Context, Timer};

/// How long the operating system keeps a write in memory at most.
const WRITE_BACK: Span = Span::s(1);

/// What survives a restart.
#[derive(Clone, Debug, Default)]
pub struct Disk {
    states: OrdMap<Key, State>,
    queues: OrdMap<Key, Queue<Waiting>>,
    /// What they count by: whoever finds another on its disk starts anew.
    basis: Option<Basis>,
    /// The number of the last change.
    change: u64,
}

/// A request that waits in a leaky queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// Which.
    pub ticket: Ticket,
    /// Since when, by the limiter's clock.
    pub since: u64,
}

/// The counters of a node.
#[derive(Clone, Debug)]
pub struct Table {
    /// By key.
    pub states: OrdMap<Key, State>,
    /// By key, where requests wait.
    pub queues: OrdMap<Key, Queue<Waiting>>,
    /// The key that was counted last.
    pub last: Option<Key>,
    basis: Basis,
    kept: Kept,
}

/// It cannot be written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Full;

impl Table {
    /// Boots from the disk, or empty where counts are in memory only.
    pub fn boot(cx: &mut Context<'_>) -> Table {
        let (kept, basis) = (cx.settings().kept, cx.settings().basis());
        let counts = kept != Kept::Memory && cx.disk().basis == Some(basis);
        let Disk { states, queues, .. } = if counts { cx.disk().clone() } else { Disk::default() };
        let queues: OrdMap<Key, Queue<Waiting>> = queues.into_iter().map(|(key, queue)| (key, queue.emptied())).collect();
        if !cx.is_first_boot() && states.is_empty() && queues.is_empty() {
            cx.note(Note::Forgot);
        }
        Table { states, queues, last: None, basis, kept }
    }

    /// Whether one more request of this key may pass. Nothing changes where it cannot be written down.
    pub fn ask(&mut self, key: &Key, rules: &Rules, cx: &mut Context<'_>) -> Result<Answer, Full> {
        let now = clock(cx);
        let mut state = self.states.get(key).cloned().unwrap_or_else(|| State::new(now, rules));
        let answer = state.ask(now, rules);
        self.put(key, state, cx)?;
        Ok(answer)
    }

    /// Keeps this of a key.
    pub fn put(&mut self, key: &Key, state: State, cx: &mut Context<'_>) -> Result<(), Full> {
        write(cx, |disk| drop(disk.states.insert(key.clone(), state.clone())))?;
        self.last = Some(key.clone());
        self.states.insert(key.clone(), state);
        Ok(())
    }

    /// The queue of a key.
    pub fn queue(&self, key: &Key) -> Queue<Waiting> {
        self.queues.get(key).cloned().unwrap_or_default()
    }

    /// Keeps a queue. Only when the next may leave is worth the disk: who waits is gone with the process.
    pub fn put_queue(&mut self, key: &Key, queue: Queue<Waiting>, cx: &mut Context<'_>) -> Result<(), Full> {
        write(cx, |disk| drop(disk.queues.insert(key.clone(), queue.clone())))?;
        self.last = Some(key.clone());
        self.queues.insert(key.clone(), queue);
        Ok(())
    }

    /// Whether it counts by these settings: a node that was paused when they changed may not have heard of them yet.
    pub fn counts_by(&self, settings: &Settings) -> bool {
        self.basis == settings.basis()
    }

    /// Starts anew when the settings count by something else. Requests that waited are returned.
    pub fn on_settings(&mut self, cx: &mut Context<'_>) -> Vec<(Key, Waiting)> {
        let (kept, basis) = (cx.settings().kept, cx.settings().basis());
        let is_kept_anew = std::mem::replace(&mut self.kept, kept) != kept;
        if self.basis == basis {
            if is_kept_anew {
                self.write_all(cx);
            }
            return Vec::new();
        }
        let queues = std::mem::take(&mut self.queues);
        *self = Table { states: OrdMap::new(), queues: OrdMap::new(), last: None, basis, kept };
        self.write_all(cx);
        let waited = |(key, queue): (Key, Queue<Waiting>)| queue.iter().map(|waiting| (key.clone(), waiting.clone())).collect::<Vec<_>>();
        queues.into_iter().flat_map(waited).collect()
    }

    /// Writes down all that is counted. A full disk stays as it is: what it has counts again if the process dies before there is room,
    /// where it was counted by the settings of then.
    fn write_all(&self, cx: &mut Context<'_>) {
        _ = write(cx, |disk| (disk.states, disk.queues) = (self.states.clone(), self.queues.clone()));
    }
}

/// Writes where counts are kept on the disk.
fn write(cx: &mut Context<'_>, change: impl FnOnce(&mut Disk)) -> Result<(), Full> {
    let kept = cx.settings().kept;
    if kept == Kept::Memory {
        return Ok(());
    }
    let basis = Some(cx.settings().basis());
    let written = cx.write(|disk| {
        if disk.basis != basis {
            *disk = Disk { basis, change: disk.change, ..Disk::default() };
        }
        change(disk);
        disk.change += 1;
    });
    match kept {
        Kept::Synced => cx.sync(),
        _ => cx.start_timer(WRITE_BACK, Timer::Flush),
    }
    written.map_err(|_| Full)
}

/// The number of the change that must be on the disk before what was just counted may pass; `None`: nothing must.
pub(super) fn must_be_synced(cx: &Context<'_>) -> Option<u64> {
    (cx.settings().kept == Kept::Synced).then(|| cx.disk().change)
}

/// Whether a change is on the disk.
pub(super) fn is_synced(change: u64, cx: &Context<'_>) -> bool {
    cx.durable().change >= change
}

/// The time that limits go by, in nanoseconds.
pub(super) fn clock(cx: &Context<'_>) -> u64 {
    let Time(now) = match cx.settings().clock {
        Clock::Monotonic => cx.steady(),
        Clock::Wall => cx.clock(),
    };
    now
}
