//! From the text of a lesson file to a [`Lesson`], or to all its mistakes at once.

mod claim;
mod cluster;
mod drill;
mod given;
mod goal;
mod measure;
mod parts;
mod prose;
mod question;
mod step;
#[cfg(test)]
mod tests;

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};

use crate::cluster::Scenario;
use crate::cluster::model::{Model, PACE};
use crate::sim::bounds::{LONGEST, Spans};
use crate::sim::time::Span;

use super::format;
use super::reader::{At, Fields, Notes, Value, near};
use super::sandbox;
use super::scenarios::{Scenarios, Shared};
use super::schema::{Correction, CorrectionKind, Lesson};
use super::source::{Bytes, Mistakes, Source};
use super::topics::Topics;
use given::Given;

/// What a lesson may refer to.
#[derive(Clone, Copy)]
pub struct Known<'k> {
    /// The clusters.
    pub models: &'k [&'static Model],
    /// The chapters and topics.
    pub topics: &'k Topics,
    /// The scenarios that lie beside the lesson.
    pub scenarios: &'k Scenarios,
}

/// Reads a lesson. Nothing is run but the start of each scenario: that its predictions, goals and claims are true is proved by
/// [`super::prove`].
pub fn load(source: &Source, known: Known<'_>) -> Result<Lesson, Mistakes> {
    read(source, known, &format::LESSON, |loader, fields| loader.lesson(fields, source))
}

/// Reads a list of scenarios.
pub fn load_scenarios(source: &Source, known: Known<'_>) -> Result<Scenarios, Mistakes> {
    #[expect(clippy::redundant_closure_for_method_calls, reason = "the method itself is not general enough in its lifetimes")]
    read(source, known, &format::SCENARIOS, |loader, fields| loader.scenarios(fields))
}

fn read<T>(
    source: &Source,
    known: Known<'_>,
    shape: &'static format::Table,
    as_what: impl for<'n, 'a> FnOnce(&Loader<'n, 'a>, Fields<'n, 'a>) -> T,
) -> Result<T, Mistakes> {
    let notes = Notes::new(source.text());
    let document = notes.parse();
    let mut read = None;
    if notes.count() == 0 {
        let fields = Fields::new(&notes, document.get_ref(), 0..1, shape);
        read = Some(as_what(&Loader::new(&notes, known), fields));
    }
    let mistakes = notes.into_list();
    match read {
        Some(read) if mistakes.is_empty() => Ok(read),
        _ => Err(Mistakes::new(source.clone(), mistakes)),
    }
}

/// The paces that can be watched: from next to standing still to a day in a second.
const PACES: Spans = Spans { least: Span::us(10), most: Span::s(24 * 3600) };

/// How long after its step began a mark can be.
const MARKS: Spans = Spans { least: Span(1), most: LONGEST };

/// The state of reading one file.
struct Loader<'n, 'a> {
    notes: &'n Notes<'a>,
    known: Known<'n>,
    /// Whether the lesson's own scenario had no mistake, so that a mistake of a variant of it is the variant's.
    sound: Cell<bool>,
    /// The index of each step that has an id, and where that id stands.
    ids: Cell<BTreeMap<String, usize>>,
    /// The `[variant.NAME]` tables.
    variants: RefCell<BTreeMap<String, Scenario>>,
    /// The `[script]` lists.
    scripts: RefCell<BTreeMap<String, &'n [Value<'a>]>>,
    /// The variants and scripts that something uses.
    used: RefCell<BTreeSet<(&'static str, String)>>,
    /// What words in double braces stand for where `vary` or `over` give them a value.
    given: RefCell<Given>,
}

impl<'n, 'a> Loader<'n, 'a> {
    fn new(notes: &'n Notes<'a>, known: Known<'n>) -> Self {
        Loader {
            notes,
            known,
            sound: Cell::new(true),
            ids: Cell::default(),
            variants: RefCell::default(),
            scripts: RefCell::default(),
            used: RefCell::default(),
            given: RefCell::default(),
        }
    }

    fn lesson(&self, fields: Fields<'n, 'a>, source: &Source) -> Lesson {
        let id = self.id(&fields);
        let title = fields.text("title").value;
        let question = fields.text("question").value;
        let chapter = self.chapter(&fields);
        let after = self.after(&fields, &id);
        let sources = need_list(&fields, "sources", fields.texts("sources"));
        let pace = self.span(&fields, "pace", PACES).unwrap_or(PACE);
        self.named_scripts(&fields);
        let (scenario, start) = self.cluster(&fields);
        self.named_variants(&fields, &scenario);
        let answer = self.page(&fields, "answer", &scenario);
        let remember = self.prose_if(&fields, "remember", &scenario);
        let steps = self.steps(&fields, &scenario);
        let corrections = self.corrections(&fields);
        let claims = self.claims(&fields, &scenario);
        let questions = self.questions(&fields, &scenario);
        let drills = self.drills(&fields, &scenario, &questions);
        self.all_is_used(&fields);
        fields.done();
        let texts = |list: Vec<At<String>>| list.into_iter().map(|t| t.value).collect();
        let (after, sources) = (texts(after), texts(sources));
        let source = source.clone();
        Lesson {
            id,
            title,
            question,
            chapter,
            after,
            sources,
            pace,
            answer,
            remember,
            corrections,
            scenario,
            start,
            steps,
            claims,
            questions,
            drills,
            source,
        }
    }

    fn scenarios(&self, fields: Fields<'n, 'a>) -> Scenarios {
        let one = |(name, value): (At<String>, &'n Value<'a>)| {
            self.check_id(&name);
            let table = super::reader::table(self.notes, value, &format!("scenario `{}`", name.value), &format::SCENARIO)?;
            table.need("model", table.text_if("model"));
            let scenario = self.changed(&table, &nothing());
            let start = self.script(&table, "start", &scenario);
            table.done();
            Some((name.value, Shared { scenario, start }))
        };
        let list: Vec<_> = fields.named("scenario").into_iter().filter_map(one).collect();
        fields.need("scenario", (!list.is_empty()).then_some(()));
        fields.done();
        Scenarios::new(list)
    }

    /// Reads the `id` of anything that has one.
    fn id(&self, fields: &Fields<'n, 'a>) -> String {
        let id = fields.text("id");
        self.check_id(&id);
        id.value
    }

    fn check_id(&self, id: &At<String>) {
        let right = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if !id.value.chars().all(right) {
            self.notes.mistake(&id.at, format!("`{}` is no id", id.value), "only lower-case letters, digits and -");
        }
    }

    fn chapter(&self, fields: &Fields<'n, 'a>) -> String {
        let chapter = fields.text("chapter");
        let names = self.known.topics.chapters.iter().map(|c| c.id.as_str());
        // The program's own chapters have no room for a lesson, and the lessons in them are its own.
        if !sandbox::is_own_chapter(&chapter.value) {
            self.known_name("chapter", &chapter, names.filter(|name| !sandbox::is_own_chapter(name)));
        }
        chapter.value
    }

    fn after(&self, fields: &Fields<'n, 'a>, id: &str) -> Vec<At<String>> {
        let after = fields.texts("after");
        for topic in &after {
            if topic.value == id {
                self.notes.mistake(&topic.at, "a lesson does not come after itself", "");
            }
            self.known_name("topic", topic, self.known.topics.all().map(|t| t.id.as_str()));
        }
        after
    }

    /// Notes a name that is not among the known ones. An empty name was noted when it was read.
    fn known_name<'s>(&self, what: &str, name: &At<String>, names: impl Iterator<Item = &'s str> + Clone) {
        if !name.value.is_empty() && !names.clone().any(|n| n == name.value) {
            self.notes.mistake(&name.at, format!("there is no {what} `{}`", name.value), near(&name.value, names));
        }
    }

    /// One of a few words.
    fn word<W: Copy>(&self, fields: &Fields<'n, 'a>, key: &'static str, words: &[(&'static str, W)]) -> Option<W> {
        let word = fields.need(key, fields.text_if(key))?;
        let found = words.iter().find(|(name, _)| *name == word.value).map(|(_, w)| *w);
        if found.is_none() && !word.value.is_empty() {
            let names = words.iter().map(|(name, _)| *name);
            self.notes.mistake(&word.at, format!("`{key}` is not `{}`", word.value), near(&word.value, names));
        }
        found
    }

    fn span(&self, fields: &Fields<'n, 'a>, key: &'static str, range: Spans) -> Option<Span> {
        let text = fields.text_if(key)?;
        range.read(&text.value).map_err(|why| self.notes.mistake(&text.at, why, "")).ok()
    }

    fn note<T>(&self, at: &Bytes, message: impl Into<String>) -> Option<T> {
        self.notes.mistake(at, message, "");
        None
    }

    fn corrections(&self, fields: &Fields<'n, 'a>) -> Vec<Correction> {
        fields.tables("correction", &format::CORRECTION).into_iter().filter_map(|f| self.correction(f)).collect()
    }

    fn correction(&self, fields: Fields<'n, 'a>) -> Option<Correction> {
        let [wrong, loose, missing] = format::CORRECTIONS;
        let kinds = [(wrong, CorrectionKind::Wrong), (loose, CorrectionKind::Loose), (missing, CorrectionKind::Missing)];
        let kind = self.word(&fields, "kind", &kinds);
        let notes = fields.text_if("notes").map(|t| t.value);
        if notes.is_none() && kind.is_some_and(|kind| kind != CorrectionKind::Missing) {
            fields.need("notes", None::<()>);
        }
        let right = fields.text("right").value;
        let see = fields.text("see");
        fields.done();
        Some(Correction { kind: kind?, notes, right, see: self.step_named(&see)? })
    }

    /// The index of the step with this id.
    fn step_named(&self, id: &At<String>) -> Option<usize> {
        let ids = self.ids.take();
        let found = ids.get(&id.value).copied();
        if found.is_none() && ids.is_empty() {
            self.notes.mistake(&id.at, format!("there is no step `{}`", id.value), "give the step an `id`");
        } else {
            self.known_name("step", id, ids.keys().map(String::as_str));
        }
        self.ids.set(ids);
        found
    }

    /// Something with a name is used.
    fn uses(&self, what: &'static str, name: &str) {
        self.used.borrow_mut().insert((what, name.to_string()));
    }

    /// A named script or variant that nothing uses is a slip.
    fn all_is_used(&self, fields: &Fields<'n, 'a>) {
        for what in ["variant", "script"] {
            for (name, _) in fields.named(what) {
                if !self.used.borrow().contains(&(what, name.value.clone())) {
                    self.notes.mistake(&name.at, format!("nothing uses the {what} `{}`", name.value), "leave it out");
                }
            }
        }
    }
}

/// The scenario that says nothing.
fn nothing() -> Scenario {
    Scenario { model: String::new(), nodes: None, clients: None, zones: Vec::new(), settings: Vec::new(), seed: 1 }
}

fn need_list(fields: &Fields<'_, '_>, key: &'static str, list: Vec<At<String>>) -> Vec<At<String>> {
    fields.need(key, (!list.is_empty()).then_some(list)).unwrap_or_default()
}
