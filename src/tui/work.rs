//! Work that may take long. It is done beside the loop, on a copy of what it changes: the screen answers meanwhile, and stopping
//! the work leaves everything as it was.

use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use ratatui::crossterm::event::Event;

use super::actions;
use super::app::App;
use super::clock::Moment;
use super::hits::Click;
use super::keys::Key;
use super::screens::history;
use super::screens::many;
use super::screens::palette::Pasted;
use super::screens::quiz;
use crate::timeline::{Brake, Reached};

/// Puts the outcome of some work where it belongs.
pub type Finish = Box<dyn FnOnce(&mut App) + Send>;

/// Some work: it looks whether it is to stop, and brings its outcome.
type Job = Box<dyn FnOnce(&Brake) -> Finish + Send>;

/// Work that takes longer than this gets a mark on the screen.
pub const SHORT: Duration = Duration::from_millis(150);

/// How often the loop looks at the work that is going on.
pub(super) const TICK: Duration = Duration::from_millis(10);

/// The most keys that wait for the end of some work.
const HELD_MAX: usize = 64;

/// The id of the action that stops the work that is going on.
pub const STOP: &str = "stop";

/// As much as the main thread of a program usually has: work is not to fail for being done elsewhere.
const STACK: usize = 8 << 20;

/// Some work that is going on. When this is dropped, the work ends soon and its outcome with it.
#[derive(Debug)]
pub struct Work {
    /// What it is, in a few words.
    pub what: String,
    /// When it began.
    pub since: Moment,
    /// When the screen last said how far it is.
    marked: Moment,
    brake: Brake,
    outcome: Receiver<Finish>,
    /// Whether its outcome was taken: what it worked on goes on, under the same brake.
    ended: bool,
}

/// How it is with some work.
pub enum Outcome {
    /// It is going on.
    Open,
    /// It ended.
    Ended(Finish),
    /// It broke off without an outcome: it panicked, and the panic was reported.
    Broken,
}

impl Work {
    /// Starts on something. Fails where the operating system has no thread left.
    pub fn start(what: impl Into<String>, since: Moment, work: impl FnOnce(&Brake) -> Finish + Send + 'static) -> std::io::Result<Work> {
        Work::start_this(what.into(), since, Box::new(work))
    }

    /// The same, once for all kinds of work.
    fn start_this(what: String, since: Moment, work: Job) -> std::io::Result<Work> {
        let brake = Brake::default();
        let (tell, outcome) = mpsc::sync_channel(1);
        let theirs = brake.clone();
        thread::Builder::new().name("work".into()).stack_size(STACK).spawn(move || {
            let finish = work(&theirs);
            // Nobody listens to work that was stopped.
            let _ = tell.send(finish);
        })?;
        Ok(Work { what, since, marked: since, brake, outcome, ended: false })
    }

    /// Waits for its end, at most so long.
    pub fn wait(&mut self, patience: Duration) -> Outcome {
        match self.outcome.recv_timeout(patience) {
            Ok(finish) => {
                self.ended = true;
                Outcome::Ended(finish)
            }
            Err(RecvTimeoutError::Timeout) => Outcome::Open,
            Err(RecvTimeoutError::Disconnected) => Outcome::Broken,
        }
    }

    /// Whether the screen is to say again how far it is; that it will is taken for granted.
    pub fn is_mark_due(&mut self, now: Moment) -> bool {
        let due = now.saturating_sub(self.marked) >= SHORT;
        if due {
            self.marked = now;
        }
        due
    }

    /// How far it is.
    pub fn reached(&self) -> Reached {
        self.brake.reached()
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        if !self.ended {
            self.brake.pull();
        }
    }
}

impl App {
    /// Starts on something that may take long; `what` says it in a few words. The keys wait until it ends or is stopped.
    pub(super) fn begin(&mut self, what: impl Into<String>, work: impl FnOnce(&Brake) -> Finish + Send + 'static) {
        match Work::start(what, self.now, work) {
            Ok(work) => self.work = Some(work),
            Err(why) => self.refuse(format!("this cannot be done now: {why}")),
        }
    }

    /// Waits for the work that is going on, at most so long, and takes its outcome in.
    pub(super) fn settle(&mut self, now: Moment, patience: Duration) -> anyhow::Result<()> {
        while let Some(work) = &mut self.work {
            match work.wait(patience) {
                Outcome::Open => {
                    if work.is_mark_due(now) {
                        self.changed();
                    }
                    return Ok(());
                }
                outcome => {
                    self.work = None;
                    self.take_outcome(outcome)?;
                }
            }
        }
        if many::go_on(self, patience)? | history::go_on(self, patience)? {
            self.changed();
        }
        self.settle_look(patience)?;
        if let Some((_, work)) = &mut self.looking {
            match work.wait(patience) {
                Outcome::Open => {}
                outcome => {
                    self.looking = None;
                    self.take_outcome(outcome)?;
                }
            }
        }
        Ok(())
    }

    fn take_outcome(&mut self, outcome: Outcome) -> anyhow::Result<()> {
        match outcome {
            Outcome::Ended(finish) => finish(self),
            Outcome::Broken => anyhow::bail!("something broke off that was being worked on"),
            Outcome::Open => {}
        }
        self.changed();
        Ok(())
    }

    /// The work that is going on, once it takes long enough for a mark.
    pub(super) fn long_work(&self) -> Option<&Work> {
        self.work.as_ref().filter(|work| self.now.saturating_sub(work.since) >= SHORT)
    }

    /// While something is worked on, only what stops it, leaves or repaints is heard at once. Other keys wait for its end; the
    /// mouse is not heard, because what lies below it may be gone by then.
    pub(super) fn hold(&mut self, event: Event) -> Option<Event> {
        if self.work.is_none() {
            return Some(event);
        }
        match event {
            Event::Key(key) if actions::find(self.context(), Key::from(key).by_place()).is_none() => self.hold_back(event),
            Event::Paste(_) => self.hold_back(event),
            Event::Mouse(mouse) if self.hits.at(mouse.column, mouse.row) != Some(Click::Act(STOP)) => {}
            _ => return Some(event),
        }
        None
    }

    fn hold_back(&mut self, event: Event) {
        if self.held.len() < HELD_MAX {
            self.held.push_back(event);
        }
    }

    /// What waited for the end of the work that was going on.
    pub(super) fn next_held(&mut self) -> Option<Event> {
        if self.work.is_some() { None } else { self.held.pop_front() }
    }

    /// Stops the work that is going on: everything is as it was before. False when there is none.
    pub(super) fn stop_work(&mut self) -> bool {
        let Some(work) = self.work.take() else { return false };
        self.held.clear();
        self.pasted = Pasted::default();
        if let Some(lab) = self.lab_mut() {
            lab.pace.pause();
        }
        quiz::stopped(self);
        self.say(format!("stopped: {}; everything is as it was before", work.what));
        self.changed();
        true
    }
}

/// Stops the work that is going on.
pub(super) fn stop(app: &mut App, _key: Key) {
    app.stop_work();
}

#[cfg(test)]
mod tests;
