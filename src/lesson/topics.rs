//! Chapters and topics: what there is to learn, in order. `lessons/topics.toml` lists them.

use std::collections::BTreeSet;

use super::format;
use super::reader::{Fields, Notes};
use super::source::{Mistakes, Source};

/// Every chapter, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Topics {
    /// The chapters.
    pub chapters: Vec<Chapter>,
}

/// Topics that belong together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chapter {
    /// Its name in lesson files: `replication`.
    pub id: String,
    /// Its name on the screen.
    pub title: String,
    /// Its topics, in the order in which to learn them.
    pub topics: Vec<Topic>,
}

/// One thing to learn. It has a lesson, or will have one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Topic {
    /// Its name everywhere; the id of its lesson.
    pub id: String,
    /// A short name.
    pub title: String,
    /// The question, in short.
    pub question: String,
    /// Other names for it, by which it is found.
    pub aliases: Vec<String>,
    /// Whether who has learnt nothing yet is offered this one first.
    pub opens: bool,
}

impl Topics {
    /// Reads a `topics.toml`; all its mistakes at once.
    pub fn read(source: &Source) -> Result<Topics, Mistakes> {
        let notes = Notes::new(source.text());
        let document = notes.parse();
        let mut chapters = Vec::new();
        if notes.count() == 0 {
            let fields = Fields::new(&notes, document.get_ref(), 0..1, &format::TOPICS);
            let mut ids = BTreeSet::new();
            chapters = fields.tables("chapter", &format::CHAPTER).into_iter().map(|f| chapter(f, &mut ids)).collect();
            fields.done();
        }
        let mistakes = notes.into_list();
        if mistakes.is_empty() { Ok(Topics { chapters }) } else { Err(Mistakes::new(source.clone(), mistakes)) }
    }

    /// Every topic, in order.
    pub fn all(&self) -> impl Iterator<Item = &Topic> + Clone {
        self.chapters.iter().flat_map(|c| &c.topics)
    }

    /// The topic with this id.
    pub fn topic(&self, id: &str) -> Option<&Topic> {
        self.all().find(|t| t.id == id)
    }

    /// Adds the chapters of another list at the end; topics that are there already stay where they are.
    pub fn append(&mut self, more: Topics) {
        for mut chapter in more.chapters {
            chapter.topics.retain(|t| self.topic(&t.id).is_none());
            match self.chapters.iter_mut().find(|c| c.id == chapter.id) {
                Some(known) => known.topics.extend(chapter.topics),
                None => self.chapters.push(chapter),
            }
        }
    }
}

fn chapter(fields: Fields<'_, '_>, ids: &mut BTreeSet<String>) -> Chapter {
    let id = new_id(&fields, "chapter", ids);
    let title = fields.text("title").value;
    let topics: Vec<_> = fields.tables("topics", &format::TOPIC).into_iter().map(|f| topic(f, ids)).collect();
    fields.need("topics", (!topics.is_empty()).then_some(()));
    fields.done();
    Chapter { id, title, topics }
}

fn topic(fields: Fields<'_, '_>, ids: &mut BTreeSet<String>) -> Topic {
    let id = new_id(&fields, "topic", ids);
    let title = fields.text("title").value;
    let question = fields.text("question").value;
    let aliases = fields.texts("aliases").into_iter().map(|text| text.value).collect();
    let opens = fields.flag("opens");
    fields.done();
    Topic { id, title, question, aliases, opens }
}

/// A chapter and a topic may share a name (`scalability`), two of a kind may not.
fn new_id(fields: &Fields<'_, '_>, kind: &str, ids: &mut BTreeSet<String>) -> String {
    let id = fields.text("id");
    if !ids.insert(format!("{kind} {}", id.value)) {
        fields.notes().mistake(&id.at, format!("two {kind}s have the id `{}`", id.value), "");
    }
    id.value
}
