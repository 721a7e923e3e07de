//! What there is to learn and where its lessons are: those in the program, and those of a folder.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use crate::cluster::Scenario;
use crate::cluster::registry::{EVERY, MODELS};
use crate::harmless;
use crate::near::did_you_mean;

use super::load::{Known, load, load_scenarios};
use super::outline;
use super::reader::Notes;
use super::sandbox;
use super::sandbox::blueprint::{self, Blueprint};
use super::scenarios::{self, Scenarios};
use super::schema::Lesson;
use super::source::{Mistakes, Source};
use super::topics::{Chapter, Topic, Topics};

/// The lessons in the program: path and text of each.
pub(super) static EMBEDDED: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/lessons.rs"));
static TOPICS: &str = include_str!("../../lessons/topics.toml");

/// Chapters, topics and lesson texts. A lesson is read when it is opened; one of the program is read once.
#[derive(Clone, Debug)]
pub struct Catalogue {
    /// What there is to learn, in order.
    pub topics: Topics,
    /// What is wrong with the files of a folder: a line for each mistake. The topics are listed all the same.
    pub complaints: Vec<String>,
    /// The decks that lie among the lessons of a folder, unread.
    pub decks: Vec<Source>,
    files: BTreeMap<String, File>,
    /// The scenarios of each folder.
    scenarios: BTreeMap<String, Source>,
}

#[derive(Clone, Debug)]
enum File {
    Embedded(Embedded),
    Added(Source),
    /// A cluster of this scenario without a lesson.
    Sandbox(Scenario),
    /// A system that is ready-made.
    Blueprint(&'static Blueprint),
}

/// A lesson in the program: its text cannot change, so that whoever opens it shares what was read.
#[derive(Clone, Debug)]
struct Embedded {
    name: &'static str,
    text: &'static str,
    read: Arc<OnceLock<Arc<Lesson>>>,
}

impl Embedded {
    fn new(name: &'static str, text: &'static str) -> Embedded {
        Embedded { name, text, read: Arc::default() }
    }

    fn source(&self) -> Source {
        Source::new(self.name, self.text)
    }
}

impl File {
    fn source(&self) -> Source {
        match self {
            File::Embedded(lesson) => lesson.source(),
            File::Added(source) => source.clone(),
            File::Sandbox(scenario) => sandbox::source(scenario),
            File::Blueprint(ready) => sandbox::ready_made(ready),
        }
    }

    /// Whether there is something in it to be learnt to the end.
    fn is_lesson(&self) -> bool {
        !matches!(self, File::Sandbox(_) | File::Blueprint(_))
    }
}

/// The lessons in the program.
pub fn catalogue() -> &'static Catalogue {
    static CATALOGUE: OnceLock<Catalogue> = OnceLock::new();
    CATALOGUE.get_or_init(Catalogue::embedded)
}

impl Catalogue {
    fn embedded() -> Catalogue {
        let topics = Topics::read(&Source::new("lessons/topics.toml", TOPICS));
        // The tests read the list of topics, so it is right; if it were not, lessons could still be opened by id.
        let mut complaints = topics.as_ref().err().map(Mistakes::lines).unwrap_or_default();
        complaints.extend(blueprint::complaint().map(str::to_string));
        let (shared, lessons): (Vec<_>, Vec<_>) = EMBEDDED.iter().partition(|(name, _)| name.ends_with(scenarios::FILE));
        let files = lessons.into_iter().map(|(name, text)| (stem(name).to_string(), File::Embedded(Embedded::new(name, text))));
        let sandboxes = MODELS.iter().map(|model| (sandbox::id(model.name), File::Sandbox(Scenario::of(model.name))));
        let ready = blueprint::all().iter().map(|ready| (sandbox::blueprint_id(&ready.id), File::Blueprint(ready)));
        let scenarios = shared.into_iter().map(|(name, text)| (folder(name).to_string(), Source::new(name, text)));
        let mut topics = topics.unwrap_or_default();
        topics.append(Topics { chapters: sandbox::chapters(MODELS).into() });
        Catalogue {
            topics,
            complaints,
            decks: Vec::new(),
            files: files.chain(sandboxes).chain(ready).collect(),
            scenarios: scenarios.collect(),
        }
    }

    /// Whether the topic has a lesson.
    pub fn has(&self, id: &str) -> bool {
        self.files.contains_key(id)
    }

    /// The ids of all lessons, in the order of the topics.
    pub fn lessons(&self) -> impl Iterator<Item = &str> {
        let is_lesson = |id: &&str| self.files.get(*id).is_some_and(File::is_lesson);
        self.topics.all().map(|t| t.id.as_str()).filter(is_lesson)
    }

    /// How many lesson files there are.
    pub fn files(&self) -> usize {
        self.files.values().filter(|file| file.is_lesson()).count()
    }

    /// Gives the sandbox of a model another scenario, and returns its id.
    pub fn set_sandbox(&mut self, scenario: Scenario) -> String {
        let id = sandbox::id(&scenario.model);
        self.files.insert(id.clone(), File::Sandbox(scenario));
        id
    }

    /// The text of a lesson; `None` where there is none yet.
    pub fn source(&self, id: &str) -> Option<Source> {
        self.files.get(id).map(File::source)
    }

    /// Whether a lesson is made of the same texts here as in another catalogue: its own, and that of the scenarios beside it.
    pub fn is_same(&self, id: &str, other: &Catalogue) -> bool {
        let texts = |catalogue: &Catalogue| {
            let source = catalogue.source(id)?;
            let beside = catalogue.scenarios.get(folder(source.name())).cloned();
            Some((source, beside))
        };
        texts(self) == texts(other)
    }

    /// What is said where an id names no lesson.
    pub fn unknown(&self, id: &str) -> String {
        if Path::new(id).extension().is_some_and(|ending| ending == "toml") {
            return format!(
                "`{id}` is a file, and the id of a lesson is wanted; --lessons names a file or folder of lessons, and `splitbrain present` shows a deck"
            );
        }
        format!("there is no lesson `{id}`{}", did_you_mean(id, self.lessons()))
    }

    /// The ids of the steps of a lesson, in order; none where there is no lesson yet.
    pub fn steps(&self, id: &str) -> Vec<String> {
        self.source(id).map_or_else(Vec::new, |source| outline::steps(&source))
    }

    /// The texts that a learner may remember of a lesson.
    pub fn texts(&self, id: &str) -> Vec<String> {
        self.source(id).map_or_else(Vec::new, |source| outline::texts(&source))
    }

    /// Reads the lesson of a topic; `None` where there is none yet.
    pub fn open(&self, id: &str) -> Option<Result<Arc<Lesson>, Mistakes>> {
        Some(match self.files.get(id)? {
            File::Embedded(lesson) => self.read(lesson),
            file => self.load(&file.source()).map(Arc::new),
        })
    }

    fn read(&self, embedded: &Embedded) -> Result<Arc<Lesson>, Mistakes> {
        if let Some(lesson) = embedded.read.get() {
            return Ok(Arc::clone(lesson));
        }
        let lesson = Arc::new(self.load(&embedded.source())?);
        Ok(Arc::clone(embedded.read.get_or_init(|| lesson)))
    }

    /// Reads any lesson text, knowing the chapters and topics of this catalogue, and the scenarios beside the lesson.
    pub fn load(&self, source: &Source) -> Result<Lesson, Mistakes> {
        let known = Known { models: &EVERY, topics: &self.topics, scenarios: &Scenarios::default() };
        let beside = self.scenarios.get(folder(source.name()));
        let scenarios = beside.map_or_else(|| Ok(Scenarios::default()), |source| load_scenarios(source, known))?;
        load(source, Known { scenarios: &scenarios, ..known })
    }

    /// Adds a file of scenarios that the lessons beside it can start from.
    pub fn add_scenarios(&mut self, source: Source) {
        self.scenarios.insert(folder(source.name()).to_string(), source);
    }

    /// Adds lessons from elsewhere, without reading more of them than is needed to list them. Lessons whose chapter is not known
    /// come under a chapter called `name`; a lesson for a topic that has one takes its place.
    pub fn add(&mut self, name: &str, topics: Option<&Source>, files: &[Source]) {
        match topics.map(Topics::read) {
            Some(Ok(more)) => self.topics.append(more),
            Some(Err(mistakes)) => self.complaints.extend(mistakes.lines()),
            None => {}
        }
        for file in files {
            let head = Head::read(file);
            self.add_topic(name, &head);
            if let Some(File::Added(other)) = self.files.insert(head.id.clone(), File::Added(file.clone())) {
                self.complaints.push(format!("{}: the id `{}` is that of {} too", file.name(), head.id, other.name()));
            }
        }
    }

    /// Takes the lesson of this file where several have its id.
    pub(super) fn prefer(&mut self, file: &Source) {
        self.files.insert(Head::read(file).id, File::Added(file.clone()));
    }

    /// The id of the lesson that was read from a file of this name, with its text.
    pub fn read_from(&self, name: &str) -> Option<(&str, &Source)> {
        self.files.iter().find_map(|(id, file)| match file {
            File::Added(source) if source.name() == name => Some((id.as_str(), source)),
            _ => None,
        })
    }

    /// Adds the mistakes of every added lesson to the complaints.
    pub(super) fn read_added(&mut self) {
        let added = self.files.values().filter_map(|f| if let File::Added(source) = f { Some(source) } else { None });
        let lines: Vec<String> = added.filter_map(|source| self.load(source).err()).flat_map(|m| m.lines()).collect();
        self.complaints.extend(lines);
    }

    fn add_topic(&mut self, folder: &str, head: &Head) {
        if self.topics.topic(&head.id).is_some() {
            return;
        }
        let chapter = if self.topics.chapters.iter().any(|c| c.id == head.chapter) { head.chapter.as_str() } else { folder };
        let topic =
            Topic { id: head.id.clone(), title: head.title.clone(), question: head.question.clone(), aliases: Vec::new(), opens: false };
        let chapter = Chapter { id: chapter.to_string(), title: folder.to_string(), topics: vec![topic] };
        self.topics.append(Topics { chapters: vec![chapter] });
    }
}

/// The id of the lesson in a file, which may be full of mistakes.
pub(super) fn id_of(source: &Source) -> String {
    Head::read(source).id
}

/// The folder of a file.
fn folder(name: &str) -> &str {
    name.rfind(['/', '\\']).map_or(".", |end| &name[..end])
}

/// The file's name without folder and ending.
fn stem(name: &str) -> &str {
    let file = name.rsplit(['/', '\\']).next().unwrap_or(name);
    file.strip_suffix(".toml").unwrap_or(file)
}

/// What has to be known of a lesson to list it. Mistakes are found when the whole is read.
struct Head {
    id: String,
    title: String,
    question: String,
    chapter: String,
}

impl Head {
    fn read(source: &Source) -> Head {
        let notes = Notes::new(source.text());
        let document = notes.parse();
        let text = |key: &str, otherwise: &str| {
            let value = document.get_ref().iter().find(|(k, _)| k.get_ref() == key);
            harmless::page(value.and_then(|(_, v)| v.get_ref().as_str()).unwrap_or(otherwise)).into_owned()
        };
        let stem = stem(source.name());
        Head { id: text("id", stem), title: text("title", stem), question: text("question", ""), chapter: text("chapter", "") }
    }
}
