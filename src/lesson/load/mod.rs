//! From the text of a lesson file to a [`Lesson`], or to all its mistakes at once.

mod cluster;
mod parts;
mod question;
mod step;
#[cfg(test)]
mod tests;

use std::cell::Cell;
use std::collections::BTreeMap;

use crate::cluster::Scenario;
use crate::cluster::model::Model;
use crate::sim::bounds::{LONGEST, Spans};
use crate::sim::time::Span;

use super::reader::{At, Fields, Notes, near};
use super::schema::{Claim, Correction, Lesson, Run};
use super::source::{Bytes, Mistakes, Source};
use super::topics::Topics;

/// What a lesson may refer to.
#[derive(Clone, Copy)]
pub struct Known<'k> {
    /// The clusters.
    pub models: &'k [&'static Model],
    /// The chapters and topics.
    pub topics: &'k Topics,
}

/// Reads a lesson. Nothing is run but the start of each scenario: that its predictions, goals and claims are true is proved by
/// [`super::prove`].
pub fn load(source: &Source, known: Known<'_>) -> Result<Lesson, Mistakes> {
    let notes = Notes::new(source.text());
    let document = notes.parse();
    let mut lesson = None;
    if notes.count() == 0 {
        let fields = Fields::new(&notes, document.get_ref(), 0..1, "a lesson");
        let loader = Loader { notes: &notes, known, sound: Cell::new(true), ids: Cell::default() };
        lesson = Some(loader.lesson(fields, source));
    }
    let mistakes = notes.into_list();
    match lesson {
        Some(lesson) if mistakes.is_empty() => Ok(lesson),
        _ => Err(Mistakes::new(source.clone(), mistakes)),
    }
}

/// The pace of a lesson that states none: a message of 25 ms crosses the stage in half a second.
const PACE: Span = Span::ms(50);

/// The paces that can be watched: from next to standing still to an hour in a second.
const PACES: Spans = Spans { least: Span::us(10), most: Span::s(24 * 3600) };

/// How long after its step began a mark can be.
const MARKS: Spans = Spans { least: Span(1), most: LONGEST };

/// The state of reading one lesson.
struct Loader<'n, 'a> {
    notes: &'n Notes<'a>,
    known: Known<'n>,
    /// Whether the lesson's own scenario had no mistake, so that a mistake of a variant of it is the variant's.
    sound: Cell<bool>,
    /// The index of each step that has an id, and where that id stands.
    ids: Cell<BTreeMap<String, usize>>,
}

impl<'n, 'a> Loader<'n, 'a> {
    fn lesson(&self, fields: Fields<'n, 'a>, source: &Source) -> Lesson {
        let id = self.id(&fields);
        let title = fields.text("title", "a short name").value;
        let question = fields.text("question", "what the learner can answer afterwards").value;
        let chapter = self.chapter(&fields);
        let after = self.after(&fields, &id);
        let sources = need_list(&fields, "sources", "what the answer rests on", fields.texts("sources"));
        let pace = self.span(&fields, "pace", PACES).unwrap_or(PACE);
        let answer = fields.text("answer", "the answer, in Markdown").value;
        let (scenario, start) = self.cluster(&fields);
        let steps = self.steps(&fields, &scenario);
        let corrections = self.corrections(&fields);
        let claims = self.claims(&fields, &scenario);
        let questions = self.questions(&fields, &scenario);
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
            corrections,
            scenario,
            start,
            steps,
            claims,
            questions,
            source,
        }
    }

    /// Reads the `id` of anything that has one.
    fn id(&self, fields: &Fields<'n, 'a>) -> String {
        let id = fields.text("id", "its name: lower-case letters, digits and -");
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
        let chapter = fields.text("chapter", "the id of its chapter");
        let names = self.known.topics.chapters.iter().map(|c| c.id.as_str());
        self.known_name("chapter", &chapter, names);
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

    fn span(&self, fields: &Fields<'n, 'a>, key: &'static str, range: Spans) -> Option<Span> {
        let text = fields.text_if(key)?;
        range.read(&text.value).map_err(|why| self.notes.mistake(&text.at, why, "")).ok()
    }

    fn note<T>(&self, at: &Bytes, message: String) -> Option<T> {
        self.notes.mistake(at, message, "");
        None
    }

    fn corrections(&self, fields: &Fields<'n, 'a>) -> Vec<Correction> {
        fields.tables("correction", "a correction").into_iter().filter_map(|f| self.correction(f)).collect()
    }

    fn correction(&self, fields: Fields<'n, 'a>) -> Option<Correction> {
        let notes = fields.text("notes", "what the notes say, in short").value;
        let right = fields.text("right", "what is right").value;
        let see = fields.text("see", "the id of the step where it can be seen");
        fields.done();
        Some(Correction { notes, right, see: self.step_named(&see)? })
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

    fn claims(&self, fields: &Fields<'n, 'a>, base: &Scenario) -> Vec<Claim> {
        fields.tables("claim", "a claim").into_iter().map(|f| self.claim(f, base)).collect()
    }

    fn claim(&self, fields: Fields<'n, 'a>, base: &Scenario) -> Claim {
        let says = fields.text("says", "the sentence that the run confirms").value;
        let run = self.run(&fields, base);
        let holds = self.cond_if(&fields, "holds", &run.scenario);
        let never = self.cond_if(&fields, "never", &run.scenario);
        if fields.get("holds").is_none() && fields.get("never").is_none() {
            let message = "a claim needs `holds` (true at the end) or `never` (true at no moment)";
            self.notes.mistake(&fields.at, message, "");
        }
        let seeds = fields.whole("seeds", 1, 1000).unwrap_or(1);
        let at = fields.at.clone();
        fields.done();
        Claim { says, run, holds, never, seeds, at }
    }

    /// The scenario and the `do` of a claim or a question.
    fn run(&self, fields: &Fields<'n, 'a>, base: &Scenario) -> Run {
        let scenario = self.variant(fields, base);
        let script = self.script(fields, "do", &scenario);
        Run { scenario, script }
    }
}

fn need_list(fields: &Fields<'_, '_>, key: &'static str, is: &str, list: Vec<At<String>>) -> Vec<At<String>> {
    fields.need(key, is, (!list.is_empty()).then_some(list)).unwrap_or_default()
}
