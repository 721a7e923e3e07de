//! Opening lessons: for the lab, and for a look from the home screen.

use std::sync::Arc;

use super::app::App;
use super::screens::lab::Lab;
use super::screens::preview::Preview;
use super::screens::{Over, View};
use super::work::Work;
use crate::lesson::Catalogue;
use crate::lesson::walk::Recalled;
use crate::progress::topic::{Step, Topic};
use crate::timeline::Brake;

/// Opens lessons: everything that it takes, so that it can be done beside the loop.
struct Maker {
    catalogue: Arc<Catalogue>,
    /// Instead of the lesson's own.
    seed: Option<u64>,
    /// What the learner did in it before.
    known: Option<Topic>,
}

impl Maker {
    /// A lesson where the learner left it, or at its first step; or what is wrong with it, in lines.
    fn make(&self, id: &str, brake: &Brake) -> Result<Lab, Vec<String>> {
        let lab = self.marked(id, brake)?;
        let steps: Vec<&str> = lab.walk.lesson().steps.iter().map(|step| step.id.as_str()).collect();
        let here = self.known.as_ref().filter(|known| !known.finished).and_then(|known| known.goes_on_at(&steps));
        match here.unwrap_or(0) {
            0 => Ok(lab),
            here => at(lab, here),
        }
    }

    /// A lesson at any step.
    fn make_at(&self, id: &str, index: usize, brake: &Brake) -> Result<Lab, Vec<String>> {
        at(self.marked(id, brake)?, index)
    }

    /// A lesson at its first step, with what is known of every step.
    fn marked(&self, id: &str, brake: &Brake) -> Result<Lab, Vec<String>> {
        let opened = self.catalogue.open(id).ok_or_else(|| vec![format!("there is no lesson `{id}`")])?;
        let mut lesson = Arc::unwrap_or_clone(opened.map_err(|mistakes| mistakes.lines())?);
        if let Some(seed) = self.seed {
            lesson.scenario.seed = seed;
        }
        let mut lab = Lab::open(lesson, brake).map_err(|mistakes| mistakes.lines())?;
        let ids: Vec<String> = lab.walk.lesson().steps.iter().map(|step| step.id.clone()).collect();
        for (index, id) in ids.iter().enumerate() {
            if let Some(step) = self.known.as_ref().and_then(|known| known.steps.get(id)) {
                lab.walk.recall(index, &recalled(step));
            }
        }
        if self.known.is_some() {
            // The first step as it is known.
            return at(lab, 0);
        }
        Ok(lab)
    }
}

fn at(mut lab: Lab, index: usize) -> Result<Lab, Vec<String>> {
    lab.open_at(index).map_err(|mistakes| mistakes.lines())?;
    Ok(lab)
}

fn recalled(step: &Step) -> Recalled {
    Recalled {
        done: step.done,
        predicted: step.predicted.as_ref().map(|(option, _)| option.clone()),
        reached: step.reached.map(|reached| reached.pokes as usize),
    }
}

impl App {
    /// Looks into a lesson for the home screen.
    pub(super) fn look_into(&mut self, id: String) {
        // The one before goes first: two lessons at once would be twice the memory.
        (self.preview, self.looking) = (None, None);
        let maker = self.maker(&id);
        let wanted = id.clone();
        let work = Work::start("looking into it", self.now, move |brake| {
            let lab = maker.make(&id, brake).ok();
            Box::new(move |app: &mut App| app.preview = Some(Preview { id, lab }))
        });
        match work {
            Ok(work) => self.looking = Some((wanted, work)),
            Err(_) => self.preview = Some(Preview { id: wanted, lab: None }),
        }
    }

    /// Opens the lesson with this id, or goes on where it was left.
    pub(super) fn open_lesson(&mut self, id: &str) {
        let found = self.preview.take_if(|preview| preview.id == id).and_then(|preview| preview.lab);
        if let Some(lab) = found {
            self.labs.entry(id.to_string()).or_insert(lab);
        }
        if self.labs.contains_key(id) {
            return self.show_lab(id);
        }
        let (maker, id) = (self.maker(id), id.to_string());
        self.begin(format!("opening {id}"), move |brake| {
            let lab = maker.make(&id, brake);
            Box::new(move |app: &mut App| match lab {
                Ok(lab) => {
                    app.labs.insert(id.clone(), lab);
                    app.show_lab(&id);
                }
                Err(lines) => app.over = Some(Over::Trouble(lines, 0)),
            })
        });
    }

    fn show_lab(&mut self, id: &str) {
        self.open = id.to_string();
        self.view = View::Lab;
    }

    /// What opens lessons, wherever that is done.
    fn maker(&self, id: &str) -> Maker {
        Maker { catalogue: Arc::clone(&self.catalogue), seed: self.seed, known: self.store.state().topic(id).cloned() }
    }

    /// Starts the lesson on the screen again with another seed, at the same step. `then` is told why not, where it cannot be.
    pub(super) fn reseed(&mut self, seed: u64, then: impl FnOnce(&mut App, Result<(), String>) + Send + 'static) {
        let Some(index) = self.lab().map(|lab| lab.walk.index()) else { return };
        let (maker, id) = (Maker { seed: Some(seed), ..self.maker(&self.open) }, self.open.clone());
        self.begin(format!("starting again with seed {seed}"), move |brake| {
            let lab = maker.make_at(&id, index, brake);
            Box::new(move |app: &mut App| {
                let done = lab.map(|lab| _ = app.labs.insert(id, lab)).map_err(|lines| lines.join("; "));
                then(app, done);
            })
        });
    }
}
