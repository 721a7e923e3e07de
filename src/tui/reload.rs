//! Reading lessons again when their files are written, so that an author sees at once what a change does.
//!
//! The files are looked at about once a second, beside the loop, and only where lessons come from outside. What is new is taken in when
//! nothing else is going on: the lesson on the screen goes on at the same place, a version with mistakes leaves it as it is.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::app::App;
use super::clock::Moment;
use super::screens::lab::Lab;
use super::screens::present::{self, Presenting};
use super::screens::{Over, View, results};
use super::work::{Finish, Outcome, TICK, Work};
use crate::lesson::walk::Arrived;
use crate::lesson::watch::{Look, Watch};
use crate::lesson::{Catalogue, catalogue};
use crate::progress::walked::Opening;

/// From look to look, while nothing changes.
const PERIOD: Duration = Duration::from_millis(700);

/// From look to look, while something does.
const SOON: Duration = Duration::from_millis(120);

/// The most mistakes of a lesson that are shown while it is written.
const SHOWN: usize = 12;

/// What is known of the files that lessons come from.
#[derive(Debug, Default)]
pub(super) struct Reload {
    watching: Option<Watching>,
    /// Lessons that were opened from texts that are old now, by id.
    stale: BTreeSet<String>,
    /// A lesson that was to be opened and has mistakes.
    wanted: Option<String>,
    /// What is wrong besides lessons, such as settings: a line each.
    besides: Vec<String>,
}

#[derive(Debug)]
struct Watching {
    /// `None` while somebody looks.
    watch: Option<Watch>,
    /// When the next look is due.
    due: Moment,
    looking: Option<Work>,
}

/// What the files of a place say now, or why they cannot be read.
type Read = Result<Catalogue, String>;

/// Everything there is to learn, with the lessons of a place.
fn read(place: Option<&Path>) -> Read {
    let mut all = catalogue().clone();
    if let Some(place) = place {
        all.add_folder(place).map_err(|error| format!("cannot read the lessons in {}: {error}", place.display()))?;
    }
    Ok(all)
}

impl App {
    /// Reads the lessons again whenever their files are written; the look that is given was taken before they were read.
    pub fn watch(&mut self, watch: Watch) {
        let due = self.now + PERIOD;
        self.reload.watching = Some(Watching { watch: Some(watch), due, looking: None });
    }

    /// Keeps what is wrong besides lessons, which reading these again does not mend.
    pub(super) fn besides(&mut self, lines: &[String]) {
        self.reload.besides = lines.to_vec();
    }

    /// When files are to be looked at, or what is new to be taken in; `None`: never.
    pub(super) fn reload_deadline(&self) -> Option<Moment> {
        if self.is_outdated() {
            return Some(Moment::ZERO);
        }
        let watching = self.reload.watching.as_ref()?;
        match watching.looking {
            Some(_) => Some(self.now + TICK),
            // The questions of a quiz were drawn from the lessons as they are.
            None => Some(watching.due).filter(|_| self.view != View::Quiz),
        }
    }

    /// Whether the lesson on the screen is to be read again now: not while something lies on top that speaks of it.
    fn is_outdated(&self) -> bool {
        let free = matches!(self.over, None | Some(Over::Mistakes(..))) && self.work.is_none() && !self.pasted.is_pending();
        let shown = self.view == View::Lab || self.present.as_ref().is_some_and(Presenting::is_step);
        free && shown && self.reload.stale.contains(&self.open)
    }

    /// Real time went on.
    pub(super) fn reload(&mut self) {
        if self.is_outdated() {
            self.read_again();
        }
        let (now, may) = (self.now, self.view != View::Quiz);
        let Some(watching) = &mut self.reload.watching else { return };
        if watching.looking.is_some() || watching.due > now || !may {
            return;
        }
        let Some(mut watch) = watching.watch.take() else { return };
        let look = move |_: &_| -> Finish {
            let look = watch.look();
            let read = (look == Look::New).then(|| read(watch.place()));
            Box::new(move |app: &mut App| app.looked(watch, look, read))
        };
        // Where the system has no thread left, nobody looks any more.
        watching.looking = Work::start("looking at the lessons", now, look).ok();
    }

    /// Waits for a look that is going on, at most so long.
    pub(super) fn settle_look(&mut self, patience: Duration) -> anyhow::Result<()> {
        let Some(watching) = &mut self.reload.watching else { return Ok(()) };
        let Some(work) = &mut watching.looking else { return Ok(()) };
        match work.wait(patience) {
            Outcome::Open => {}
            Outcome::Ended(finish) => {
                watching.looking = None;
                finish(self);
            }
            Outcome::Broken => anyhow::bail!("something broke off that looked at the lessons"),
        }
        Ok(())
    }

    fn looked(&mut self, watch: Watch, look: Look, read: Option<Read>) {
        if let Some(watching) = &mut self.reload.watching {
            watching.watch = Some(watch);
            watching.due = self.now + if look == Look::Moving { SOON } else { PERIOD };
        }
        match read {
            Some(Ok(new)) => self.take_in(new),
            Some(Err(why)) => self.refuse(why),
            None => return,
        }
        self.changed();
    }

    /// What there is to learn is another now.
    fn take_in(&mut self, mut new: Catalogue) {
        new.complaints.extend(self.reload.besides.iter().cloned());
        let old = std::mem::replace(&mut self.catalogue, Arc::new(new));
        let is_new = |id: &str| !old.is_same(id, &self.catalogue);
        self.reload.stale.extend(self.labs.keys().filter(|id| is_new(id)).cloned());
        self.preview.take_if(|preview| is_new(&preview.id));
        self.looking.take_if(|(id, _)| is_new(id));
        present::again::read(self, &old);
        self.home.list_anew(&self.catalogue);
        self.learn();
        results::bring_up(self);
        let wanted = self.reload.wanted.take_if(|_| self.view == View::Home && matches!(self.over, Some(Over::Mistakes(..))));
        match wanted {
            Some(id) => self.open_lesson(&id),
            None if self.view == View::Home => self.complain(),
            None => {}
        }
    }

    /// Reads the lesson on the screen again, and goes on in it at the same place.
    fn read_again(&mut self) {
        let id = self.open.clone();
        self.reload.stale.remove(&id);
        self.changed();
        let Some(lab) = self.labs.get(&id) else { return };
        let walk = lab.own.as_ref().unwrap_or(&lab.walk).clone();
        let opening = Opening { seed: lab.seed.or(self.seed), ..self.opening(&id) };
        let name = walk.lesson().source.name();
        let what = match opening.catalogue.read_from(name) {
            Some((other, text)) if other != id => Some(if text.text().trim().is_empty() { "is empty" } else { "has another id now" }),
            None if !opening.catalogue.has(&id) => Some("is gone"),
            _ => None,
        };
        if let Some(what) = what {
            return self.refuse(format!("{name} {what}; this is the lesson as it was last"));
        }
        self.begin(format!("reading {id} again"), move |brake| {
            let carried = opening.lesson(&id).and_then(|lesson| walk.carry(lesson, brake).map_err(|mistakes| mistakes.lines()));
            let lab = carried.map(|(walk, arrived)| (Lab::of(walk), arrived));
            Box::new(move |app: &mut App| match lab {
                Ok((lab, arrived)) => app.show_again(&id, lab, arrived),
                Err(lines) => app.broken(id, lines),
            })
        });
    }

    fn show_again(&mut self, id: &str, mut lab: Lab, arrived: Arrived) {
        let asked = present::again::question(self);
        if let Some(before) = self.labs.remove(id) {
            lab.look_like(before, arrived, self.now);
        }
        self.labs.insert(id.to_string(), lab);
        present::again::carried(self, arrived, asked.as_ref());
        self.mended();
        self.say(match arrived {
            Arrived::SameMoment => "the lesson was read again; this is the same moment",
            Arrived::StepStart => "the lesson was read again; its run is another now, so this is the start of the step",
            Arrived::OtherStep => "the lesson was read again; the step where you were is gone, and this stands in its place",
        });
    }

    /// A lesson cannot be opened: shows its mistakes.
    pub(super) fn broken(&mut self, id: String, mut lines: Vec<String>) {
        if self.reload.watching.is_none() {
            self.over = Some(Over::Trouble(lines, 0));
            return;
        }
        if let Some(more) = lines.len().checked_sub(SHOWN + 1) {
            lines.truncate(SHOWN);
            lines.push(format!("and {} more", more + 1));
        }
        self.over = Some(Over::Mistakes(lines, 0));
        self.reload.wanted = Some(id);
    }

    /// What was shown of the mistakes of a lesson is so no more.
    pub(super) fn mended(&mut self) {
        self.over.take_if(|over| matches!(over, Over::Mistakes(..)));
        self.reload.wanted = None;
    }
}
