//! What is shown, page by page; and, for whoever reads it to the speaker, what stands beside it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, anyhow, bail};

use super::{deck, speech};
use crate::files::{self, Kind};
use crate::lesson::source::Source;
use crate::lesson::{Catalogue, Lesson, folder, outline};
use crate::near::did_you_mean;

/// One page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Page {
    /// What comes now, in large letters.
    Title {
        /// The title.
        title: String,
        /// The question that is answered; empty where there is none.
        question: String,
    },
    /// A step of a lesson.
    Step {
        /// The id of the lesson.
        lesson: String,
        /// The index of the step.
        step: usize,
        /// The id of the step.
        id: String,
        /// The title over it.
        title: String,
    },
}

impl Page {
    /// The words over it.
    pub fn title(&self) -> &str {
        match self {
            Page::Title { title, .. } | Page::Step { title, .. } => title,
        }
    }
}

/// Where a show comes from: enough for another process to read it too.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Origin {
    /// A deck, with its whole path.
    pub deck: Option<PathBuf>,
    /// Or a lesson, by its id.
    pub lesson: Option<String>,
    /// A folder of lessons beside those in the program, with its whole path.
    pub lessons: Option<PathBuf>,
}

impl Origin {
    /// What the word on the command line names: a file that ends in `.toml` or is in a folder is a deck, or a lesson if it is one; anything
    /// else is the id of a lesson.
    pub fn named(word: &str, lessons: Option<&Path>) -> anyhow::Result<Origin> {
        let whole = |path: &Path| std::path::absolute(path).with_context(|| path.display().to_string());
        let lessons = lessons.map(whole).transpose()?;
        let path = Path::new(word);
        let is_file = path.extension().is_some_and(|end| end == "toml") || path.components().count() > 1;
        if is_file && folder::read(path).is_ok_and(|source| outline::is_lesson(&source)) {
            if let Some(lessons) = &lessons {
                bail!("{word} is a lesson: either name it, or --lessons {} and the id of a lesson in it", lessons.display());
            }
            let id = folder::id_of(path).with_context(|| word.to_string())?;
            return Ok(Origin { deck: None, lesson: Some(id), lessons: Some(whole(path)?) });
        }
        if is_file {
            return Ok(Origin { deck: Some(whole(path)?), lesson: None, lessons });
        }
        Ok(Origin { deck: None, lesson: Some(word.to_string()), lessons })
    }

    /// The lessons that are known there: those in the program and those of the folder.
    pub fn catalogue(&self) -> anyhow::Result<Catalogue> {
        let mut catalogue = crate::lesson::catalogue().clone();
        if let Some(folder) = &self.lessons {
            catalogue.add_folder(folder).with_context(|| format!("cannot read the lessons in {}", folder.display()))?;
        }
        Ok(catalogue)
    }
}

/// All that is shown. It holds no notes: those are read by whoever shows them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Show {
    /// Its name among those that are running: that of the lesson or of the file of the deck.
    pub name: String,
    /// Where it comes from.
    pub origin: Origin,
    /// The pages, at least one.
    pub pages: Vec<Page>,
}

/// One page with what stands beside it.
#[derive(Clone, Debug)]
pub struct Planned {
    /// The page.
    pub page: Page,
    /// What the deck says to the speaker.
    pub notes: Option<String>,
    /// The lesson that it is of.
    pub lesson: Option<Arc<Lesson>>,
}

/// A whole show with its notes.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Its name.
    pub name: String,
    /// Where it comes from.
    pub origin: Origin,
    /// The pages, at least one.
    pub pages: Vec<Planned>,
}

impl Plan {
    /// Reads a deck or a lesson. The error is everything that is wrong with it.
    pub fn open(origin: Origin, catalogue: &Catalogue) -> anyhow::Result<Plan> {
        match (&origin.deck, &origin.lesson) {
            (Some(path), _) => {
                let text = files::read_text(path, Kind::Deck).with_context(|| path.display().to_string())?;
                let deck = deck::read(&Source::new(&path.to_string_lossy(), &text), catalogue)?;
                let name = path.file_stem().map_or_else(String::new, |stem| crate::harmless::line(&stem.to_string_lossy()).into_owned());
                Ok(Plan { name, pages: deck.pages(), origin })
            }
            (None, Some(id)) => {
                let help =
                    || anyhow!("there is no lesson `{id}` (a deck is a file that ends in .toml){}", did_you_mean(id, catalogue.lessons()));
                let lesson = catalogue.open(id).ok_or_else(help)??;
                Ok(Plan { name: id.clone(), pages: of_lesson(&lesson), origin })
            }
            (None, None) => bail!("nothing is to be presented; name a lesson or a deck"),
        }
    }

    /// The same without the notes.
    pub fn show(&self) -> Show {
        let pages = self.pages.iter().map(|planned| planned.page.clone()).collect();
        Show { name: self.name.clone(), origin: self.origin.clone(), pages }
    }
}

/// Every step of a lesson, behind a page with its title.
fn of_lesson(lesson: &Arc<Lesson>) -> Vec<Planned> {
    let head = Page::Title { title: lesson.title.clone(), question: lesson.question.clone() };
    let head = Planned { page: head, notes: None, lesson: Some(Arc::clone(lesson)) };
    std::iter::once(head).chain((0..lesson.steps.len()).map(|step| of_step(lesson, step, None, None))).collect()
}

/// One step.
pub(super) fn of_step(lesson: &Arc<Lesson>, step: usize, title: Option<&str>, notes: Option<&str>) -> Planned {
    let title = title.map_or_else(|| speech::title(&lesson.steps[step]), str::to_string);
    let page = Page::Step { lesson: lesson.id.clone(), step, id: lesson.steps[step].id.clone(), title };
    Planned { page, notes: notes.map(str::to_string), lesson: Some(Arc::clone(lesson)) }
}
