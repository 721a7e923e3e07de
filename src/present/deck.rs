//! Decks: which lessons and steps a teacher shows, in which order, with titles and notes of the teacher's own.
//!
//! ```toml
//! title = "Replication, the first hour"
//!
//! [[show]]                        # every step of a lesson
//! lesson = "leader-failure"
//!
//! [[show]]                        # some of its steps, behind a page with this title
//! lesson = "failover-limits"
//! title = "What can go wrong?"
//! steps = ["two-leaders", "both-say-ok"]
//!
//! [[show]]                        # one step, under this title
//! lesson = "failover-limits"
//! step = "rejoin"
//! title = "And when they meet again?"
//! notes = "Wait for the question about the client."
//! ```

use std::sync::Arc;

use unicode_width::UnicodeWidthStr;

use super::show::{Page, Planned, of_step};
use super::speech::TITLE;
use crate::lesson::format::{Kind, Table, may, need};
use crate::lesson::reader::{At, Fields, Notes, near};
use crate::lesson::source::{Mistakes, Source};
use crate::lesson::{Catalogue, Lesson};

/// The file.
static DECK: Table = Table {
    what: "a deck",
    keys: &[&[
        need("title", Kind::Text, "what the first page says"),
        may("notes", Kind::Text, "what only the speaker reads at the first page"),
        need("show", Kind::Many(&SHOW), "what is shown, in order"),
    ]],
};

/// One thing of it.
static SHOW: Table = Table {
    what: "a `[[show]]`",
    keys: &[&[
        need("lesson", Kind::Id, "the id of a lesson"),
        may("step", Kind::Id, "one step of it, by its id"),
        may("steps", Kind::Texts, "or some of its steps, in this order; all of them where neither is said"),
        may("title", Kind::Text, "the title over the one step, or of the page before several; the lesson's own unless said"),
        may("notes", Kind::Text, "what only the speaker reads there"),
    ]],
};

/// The most pages of a deck.
const PAGES: usize = 500;

/// A deck that was read.
#[derive(Clone, Debug)]
pub struct Deck {
    /// The title of the whole.
    pub title: String,
    notes: Option<String>,
    shows: Vec<Part>,
}

#[derive(Clone, Debug)]
struct Part {
    lesson: Arc<Lesson>,
    which: Which,
    title: Option<String>,
    notes: Option<String>,
}

#[derive(Clone, Debug)]
enum Which {
    One(usize),
    Several(Vec<usize>),
}

/// Reads a deck; all its mistakes at once, those of the lessons that it names too.
pub fn read(source: &Source, catalogue: &Catalogue) -> Result<Deck, Mistakes> {
    let notes = Notes::new(source.text());
    let document = notes.parse();
    let mut deck = Deck { title: String::new(), notes: None, shows: Vec::new() };
    if notes.count() == 0 {
        let fields = Fields::new(&notes, document.get_ref(), 0..1, &DECK);
        deck.title = title(&fields, true).unwrap_or_default();
        deck.notes = fields.text_if("notes").map(|notes| notes.value);
        let tables = fields.tables("show", &SHOW);
        fields.need("show", (!tables.is_empty()).then_some(()));
        deck.shows = tables.into_iter().filter_map(|table| part(table, catalogue)).collect();
        fields.done();
        let pages = deck.count();
        if pages > PAGES {
            notes.mistake(&(0..1), format!("this deck has {pages} pages; {PAGES} are the most"), "make two decks of it");
        }
    }
    let mistakes = notes.into_list();
    if mistakes.is_empty() { Ok(deck) } else { Err(Mistakes::new(source.clone(), mistakes)) }
}

/// A title that can be read from afar.
fn title(fields: &Fields<'_, '_>, needed: bool) -> Option<String> {
    let found = fields.text_if("title");
    let title = if needed { fields.need("title", found) } else { found }?;
    let wide = title.value.width();
    if wide > TITLE {
        let message = format!("this title is {wide} letters long; {TITLE} are the most that can be read from afar");
        fields.notes().mistake(&title.at, message, "");
    }
    if title.value.contains('\n') {
        fields.notes().mistake(&title.at, "a title is one line", "");
    }
    Some(title.value)
}

fn part(fields: Fields<'_, '_>, catalogue: &Catalogue) -> Option<Part> {
    let id = fields.need("lesson", fields.text_if("lesson"));
    let title = title(&fields, false);
    let notes = fields.text_if("notes").map(|notes| notes.value);
    let (step, steps) = (fields.text_if("step"), fields.texts("steps"));
    if let (Some(step), true) = (&step, fields.has("steps")) {
        fields.notes().mistake(&step.at, "`step` and `steps` are both there", "`step` shows one, `steps` some: leave one of them out");
    }
    let lesson = id.and_then(|id| lesson(&fields, &id, catalogue));
    let which = lesson.as_ref().and_then(|lesson| which(&fields, lesson, step.as_ref(), &steps));
    fields.done();
    Some(Part { lesson: lesson?, which: which?, title, notes })
}

fn lesson(fields: &Fields<'_, '_>, id: &At<String>, catalogue: &Catalogue) -> Option<Arc<Lesson>> {
    match catalogue.open(&id.value) {
        Some(Ok(lesson)) => Some(lesson),
        Some(Err(mistakes)) => {
            let first = mistakes.lines().into_iter().next().unwrap_or_default();
            let message = format!("the lesson `{}` has {} mistakes", id.value, mistakes.len());
            fields.notes().mistake(&id.at, message, format!("the first is {first}"));
            None
        }
        None => {
            fields.notes().mistake(&id.at, format!("there is no lesson `{}`", id.value), near(&id.value, catalogue.lessons()));
            None
        }
    }
}

fn which(fields: &Fields<'_, '_>, lesson: &Lesson, step: Option<&At<String>>, steps: &[At<String>]) -> Option<Which> {
    let index = |id: &At<String>| {
        let found = lesson.step_of(&id.value);
        if found.is_none() {
            let message = format!("the lesson `{}` has no step `{}`", lesson.id, id.value);
            fields.notes().mistake(&id.at, message, near(&id.value, lesson.steps.iter().map(|step| step.id.as_str())));
        }
        found
    };
    match step {
        Some(step) => index(step).map(Which::One),
        None if fields.has("steps") => Some(Which::Several(steps.iter().filter_map(index).collect())),
        None => Some(Which::Several((0..lesson.steps.len()).collect())),
    }
}

impl Deck {
    /// How many pages it has.
    fn count(&self) -> usize {
        let of = |part: &Part| if let Which::Several(steps) = &part.which { steps.len() + 1 } else { 1 };
        1 + self.shows.iter().map(of).sum::<usize>()
    }

    /// The pages with what stands beside them.
    pub(super) fn pages(&self) -> Vec<Planned> {
        let title = Page::Title { title: self.title.clone(), question: String::new() };
        let mut pages = vec![Planned { page: title, notes: self.notes.clone(), lesson: None }];
        for Part { lesson, which, title, notes } in &self.shows {
            match which {
                Which::One(step) => pages.push(of_step(lesson, *step, title.as_deref(), notes.as_deref())),
                Which::Several(steps) => {
                    let title = title.clone().unwrap_or_else(|| lesson.title.clone());
                    let page = Page::Title { title, question: lesson.question.clone() };
                    pages.push(Planned { page, notes: notes.clone(), lesson: Some(Arc::clone(lesson)) });
                    pages.extend(steps.iter().map(|step| of_step(lesson, *step, None, None)));
                }
            }
        }
        pages
    }

    /// What it holds, in a few words: `9 pages of 2 lessons`.
    pub fn summary(&self) -> String {
        let mut lessons: Vec<&str> = self.shows.iter().map(|part| part.lesson.id.as_str()).collect();
        lessons.sort_unstable();
        lessons.dedup();
        format!("{} pages of {} lesson{}", self.count(), lessons.len(), if lessons.len() == 1 { "" } else { "s" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lesson::{catalogue, outline};

    fn read(text: &str) -> Result<Deck, Mistakes> {
        super::read(&Source::new("deck.toml", text), catalogue())
    }

    /// The deck at the top of this file.
    fn example() -> String {
        let page = include_str!("deck.rs");
        let lines = page.lines().skip_while(|line| *line != "//! ```toml").skip(1).take_while(|line| *line != "//! ```");
        lines.flat_map(|line| [line.trim_start_matches("//!").trim_start(), "\n"]).collect()
    }

    #[test]
    fn the_example_is_a_deck() {
        let deck = read(&example()).unwrap_or_else(|mistakes| panic!("{mistakes}"));
        let titles: Vec<String> = deck.pages().iter().map(|planned| planned.page.title().to_string()).collect();
        assert_eq!(titles[0], "Replication, the first hour");
        assert_eq!(
            &titles[titles.len() - 4..],
            ["What can go wrong?", "Limit 1 of 3: make two servers lead at once", "Who is told ok?", "And when they meet again?"]
        );
        assert_eq!(deck.count(), titles.len());
        let last = deck.pages().pop().unwrap();
        assert_eq!(last.notes.as_deref(), Some("Wait for the question about the client."));
        assert!(deck.summary().ends_with("of 2 lessons"), "{}", deck.summary());
    }

    #[test]
    fn every_mistake_is_told_with_its_place_and_what_would_be_right() {
        let text = "titel = \"x\"\n[[show]]\nlesson = \"failover-limit\"\n[[show]]\nlesson = \"failover-limits\"\nstep = \"rejon\"\nsteps = [\"rush\", 3, \"none of them\"]\ntitle = \"a title that nobody in the last row of the room can read\"\n[[show]]\nsteps = []\nlesson = 7\nnots = \"\"\n";
        let lines = read(text).unwrap_err().lines();
        let expected = [
            "deck.toml:1:1: a deck needs `title`: what the first page says",
            "deck.toml:1:1: a deck has no key `titel`; did you mean `title`?",
            "deck.toml:3:10: there is no lesson `failover-limit`; did you mean `failover-limits`?",
            "deck.toml:6:8: `step` and `steps` are both there; `step` shows one, `steps` some: leave one of them out",
            "deck.toml:6:8: the lesson `failover-limits` has no step `rejon`; did you mean `rejoin`?",
            "deck.toml:7:18: an entry of `steps` is a text, in quotes; this is a number",
            "deck.toml:8:9: this title is 56 letters long; 44 are the most that can be read from afar",
            "deck.toml:10:9: `steps` is empty; leave it out, or put something in",
            "deck.toml:11:10: `lesson` is a text, in quotes; this is a number",
            "deck.toml:12:1: a `[[show]]` has no key `nots`; did you mean `notes`?",
        ];
        assert_eq!(lines, expected);
        assert!(read("show = 3\ntitle = \"x\"").unwrap_err().lines()[0].contains("a list"));
        assert!(read("title = \"x\"").unwrap_err().lines()[0].contains("needs `show`"));
        assert!(read("title = ").unwrap_err().lines()[0].contains("not TOML"));
        let many = "[[show]]\nlesson = \"failover-limits\"\n".repeat(60);
        assert!(read(&format!("title = \"x\"\n{many}")).unwrap_err().lines()[0].contains("500 are the most"));
    }

    #[test]
    fn a_deck_is_told_from_a_lesson() {
        let source = |text: &str| Source::new("x.toml", text);
        assert!(outline::is_deck(&source(&example())));
        assert!(!outline::is_deck(&source("id = \"x\"\n[cluster]\nmodel = \"replicated\"")));
        for id in catalogue().lessons() {
            assert!(!outline::is_deck(&catalogue().source(id).unwrap()), "{id}");
        }
    }
}
