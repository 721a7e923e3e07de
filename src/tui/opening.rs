//! Opening lessons: for the lab, and for a look from the home screen.

use std::sync::Arc;

use super::app::App;
use super::screens::View;
use super::screens::lab::Lab;
use super::screens::preview::Preview;
use super::work::Work;
use crate::progress::walked::Opening;
use crate::timeline::Brake;

/// The lab of a lesson where the learner left it; or what is wrong with the lesson, in lines.
fn lab(opening: &Opening, id: &str, brake: &Brake) -> Result<Lab, Vec<String>> {
    opening.walk(id, brake).map(Lab::of)
}

impl App {
    /// Looks into a lesson for the home screen.
    pub(super) fn look_into(&mut self, id: String) {
        // The one before goes first: two lessons at once would be twice the memory.
        (self.preview, self.looking) = (None, None);
        let opening = self.opening(&id);
        let wanted = id.clone();
        let work = Work::start("looking into it", self.now, move |brake| {
            let lab = lab(&opening, &id, brake).ok();
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
        let (opening, id) = (self.opening(id), id.to_string());
        self.begin(format!("opening {id}"), move |brake| {
            let lab = lab(&opening, &id, brake);
            Box::new(move |app: &mut App| match lab {
                Ok(lab) => {
                    app.labs.insert(id.clone(), lab);
                    app.show_lab(&id);
                    app.mended();
                }
                Err(lines) => app.broken(id, lines),
            })
        });
    }

    fn show_lab(&mut self, id: &str) {
        self.open = id.to_string();
        self.view = View::Lab;
    }

    /// What opens lessons, wherever that is done.
    pub(super) fn opening(&self, id: &str) -> Opening {
        // On a wall nothing counts that somebody did before.
        let known = self.store.state().topic(id).filter(|_| self.present.is_none()).cloned();
        Opening { catalogue: Arc::clone(&self.catalogue), seed: self.seed, known }
    }

    /// Starts the lesson on the screen again with another seed, at the same step. `then` is told why not, where it cannot be.
    pub(super) fn reseed(&mut self, seed: u64, then: impl FnOnce(&mut App, Result<(), String>) + Send + 'static) {
        let Some((index, purpose)) = self.lab().map(|lab| (lab.walk.index(), lab.purpose)) else { return };
        let (opening, id) = (Opening { seed: Some(seed), ..self.opening(&self.open) }, self.open.clone());
        self.begin(format!("starting again with seed {seed}"), move |brake| {
            let lab = opening.walk_at(&id, index, brake).map(|walk| Lab::of(walk).open_for(purpose).with_seed(seed));
            Box::new(move |app: &mut App| {
                let done = lab.map(|lab| _ = app.labs.insert(id, lab)).map_err(|lines| lines.join("; "));
                then(app, done);
            })
        });
    }
}
