//! The table of words: what can be typed where. It feeds dispatch, help and near names.

use super::desk::{Desk, Wants};
use super::page::Page;
use super::{Plain, home, quiz};
use crate::command::verbs::{SLOTS, VERBS, Verb};
use crate::near::did_you_mean;
use crate::review::Grade;

/// Where the learner is, as far as it matters for what can be typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Among the topics.
    Home,
    /// In a lesson, or in a cluster without one.
    Lesson,
    /// At the end of a lesson.
    End,
    /// At a card of the quiz that waits for an answer, or for how sure.
    Card,
    /// At a card of the quiz that is told.
    Told,
    /// At the cluster of a card, to answer it there.
    Bench,
    /// At the cluster of a card, to see its answer.
    Seen,
    /// After the last card.
    Last,
}

impl Place {
    /// All of them.
    pub const ALL: [Place; 8] = [Place::Home, Place::Lesson, Place::End, Place::Card, Place::Told, Place::Bench, Place::Seen, Place::Last];

    /// What is said before its words in the help.
    const fn title(self) -> &'static str {
        match self {
            Place::Home => "among the topics",
            Place::Lesson => "in a lesson",
            Place::End => "at the end of a lesson",
            Place::Card => "at a question",
            Place::Told => "once a question is answered",
            Place::Bench => "at the cluster of a question",
            Place::Seen => "where an answer is to be seen",
            Place::Last => "after the last question",
        }
    }
}

/// Everywhere.
const ANYWHERE: &[Place] = &Place::ALL;
/// Where there is a cluster.
const DESK: &[Place] = &[Place::Lesson, Place::End, Place::Bench, Place::Seen];
/// Where a lesson is walked.
const LESSON: &[Place] = &[Place::Lesson, Place::End];
/// Where nothing is half answered.
const FREE: &[Place] = &[Place::Home, Place::Lesson, Place::End, Place::Last];
/// At a card.
const CARD: &[Place] = &[Place::Card];
/// At the cluster of a card.
const AWAY: &[Place] = &[Place::Bench, Place::Seen];

/// A word and what it does.
pub struct Word {
    /// The word.
    pub name: &'static str,
    /// What may stand behind it, in capitals; empty: nothing.
    pub takes: &'static str,
    /// Where it can be typed.
    pub places: &'static [Place],
    /// What it does, in a few words.
    pub about: &'static str,
    /// Does it; the text is what stands behind the word.
    pub(super) does: fn(&mut Plain, &str),
}

const fn word(name: &'static str, takes: &'static str, places: &'static [Place], about: &'static str, does: fn(&mut Plain, &str)) -> Word {
    Word { name, takes, places, about, does }
}

fn desk(plain: &mut Plain, does: impl FnOnce(&mut Desk, &mut Page)) {
    plain.at_desk(|desk, page| {
        does(desk, page);
        Wants::Nothing
    });
}

/// What has no word here.
const SCREENS_ONLY: &str = "Three things only the screens have, without --plain: D, how a number of this moment is spread over a thousand other seeds; B, from which moment on a run had to end as it did; F, a search for a way to the goal.";

/// Every word, in the order of the help.
pub static WORDS: &[Word] = &[
    word("next", "", &[Place::Home], "do the first thing of today", |plain, _| home::next(plain)),
    word("next", "", &[Place::Lesson, Place::Bench, Place::Seen], "go on: watch, or the next step", |plain, _| plain.at_desk(Desk::next)),
    word("next", "", &[Place::End], "open the next lesson", |plain, _| home::next_lesson(plain)),
    word("next", "", CARD, "take the answer as it stands, or go on without saying how sure", |plain, _| quiz::next(plain)),
    word("next", "", &[Place::Told, Place::Last], "the next question, or the end", |plain, _| quiz::next(plain)),
    word("topics", "CHAPTER", FREE, "list every topic with its number", home::topics),
    word("search", "WORDS", FREE, "find topics by what they are about", home::search),
    word("open", "NUMBER OR NAME", FREE, "open a lesson", home::open),
    word("review", "", FREE, "answer what is due today", |plain, _| quiz::start_due(plain)),
    word("quiz", "TOPIC", FREE, "answer questions: of a topic, or what is due", quiz::start_about),
    word("cram", "TOPIC", FREE, "answer anything, due or not, without moving the schedule", quiz::cram),
    word("results", "", FREE, "what is known and what is due", |plain, _| home::results(plain)),
    word("play", "", DESK, "let time pass, up to the next stop", |plain, _| desk(plain, Desk::play)),
    word("jump", "", DESK, "go to the next event worth a stop", |plain, _| desk(plain, Desk::jump)),
    word("arrival", "", DESK, "let time pass until the next message arrives", |plain, _| desk(plain, Desk::arrival)),
    word("back", "", DESK, "go back to the stop before this", |plain, _| desk(plain, Desk::back)),
    word("undo", "", DESK, "take the last poke back", |plain, _| desk(plain, Desk::undo)),
    word("redo", "", DESK, "do again what was taken back", |plain, _| desk(plain, Desk::redo)),
    word("again", "", DESK, "start this step again", |plain, _| desk(plain, Desk::again)),
    word("card", "", LESSON, "read this step again", |plain, _| desk(plain, Desk::card)),
    word("pokes", "", DESK, "list what can be done now, with numbers", |plain, _| desk(plain, Desk::list_pokes)),
    word("network", "off", DESK, "be the network: messages wait, and what can happen next is listed with numbers", |plain, rest| {
        desk(plain, |desk, page| desk.network(page, rest));
    }),
    word("goal", "", DESK, "how it is with the goal", |plain, _| desk(plain, Desk::goal)),
    word("hint", "", DESK, "one more hint, of three", |plain, _| desk(plain, Desk::hint)),
    word("solution", "", DESK, "show the solution, command by command", |plain, _| desk(plain, Desk::solution)),
    word("tell", "", LESSON, "just tell me: what will happen, or the answer", |plain, _| desk(plain, Desk::tell)),
    word("answer", "", LESSON, "read the answer of the lesson", |plain, _| desk(plain, Desk::read_answer)),
    word("skip", "", LESSON, "go to the next step as things are", |plain, _| plain.at_desk(Desk::next_step)),
    word("previous", "", LESSON, "go to the step before", |plain, _| desk(plain, Desk::previous_step)),
    word("steps", "", LESSON, "list the steps", |plain, _| desk(plain, |desk, page| desk.steps(page))),
    word("go", "NUMBER", LESSON, "go to a step", |plain, rest| desk(plain, |desk, page| desk.go(page, rest))),
    word("branches", "", DESK, "list what was tried at this step, and what came of it", |plain, _| desk(plain, Desk::branches)),
    word(
        "branch",
        "NUMBER OR NAME",
        DESK,
        "go to the end of a branch of what was tried; at 1.2s behind it: to that time on it",
        |plain, rest| {
            desk(plain, |desk, page| desk.branch(page, rest));
        },
    ),
    word("name", "NUMBER WORDS", DESK, "call a branch by a name; without words: by none", |plain, rest| {
        desk(plain, |desk, page| desk.name_branch(page, rest));
    }),
    word("compare", "NUMBER NUMBER", DESK, "put two branches side by side: their first difference, and both ends", |plain, rest| {
        desk(plain, |desk, page| desk.compare_branches(page, rest));
    }),
    word("discard", "NUMBER", DESK, "take out the poke of this number, with what came after it", |plain, rest| {
        desk(plain, |desk, page| desk.remove_branch(page, rest));
    }),
    word("bring-back", "", DESK, "bring back the branch that was discarded last", |plain, _| desk(plain, Desk::bring_back)),
    word("state", "NAME", DESK, "what is on the stage: all of it, or one node or panel", |plain, rest| {
        desk(plain, |desk, page| desk.state(page, rest));
    }),
    word("log", "", DESK, "what has happened lately", |plain, _| desk(plain, Desk::log)),
    word("facts", "NAME OR all", DESK, "the numbers of this moment", |plain, rest| desk(plain, |desk, page| desk.facts(page, rest))),
    word("guarantees", "NAME", DESK, "what is kept and what is broken", |plain, rest| {
        desk(plain, |desk, page| desk.guarantees(page, rest));
    }),
    word("settings", "NAME", DESK, "the settings of the cluster", |plain, rest| desk(plain, |desk, page| desk.settings(page, rest))),
    word("explain", "WORD", DESK, "what a word means", |plain, rest| desk(plain, |desk, page| desk.explain(page, rest))),
    word("hand-in", "", &[Place::Bench], "hand in what you did", |plain, _| quiz::hand_in(plain)),
    word("card", "", AWAY, "go back to the question", |plain, _| quiz::back_to_the_card(plain)),
    word("card", "", &[Place::Card, Place::Told], "read the question again", |plain, _| quiz::card(plain)),
    word("list", "", CARD, "list what may cure a report, to choose from", |plain, _| quiz::list(plain)),
    word("give-up", "", &[Place::Card, Place::Bench], "give a goal up", |plain, _| quiz::give_up(plain)),
    word("see", "", &[Place::Told], "see the answer at the cluster", |plain, _| quiz::see(plain)),
    word("undo", "", &[Place::Card, Place::Told, Place::Last], "take the last answer back", |plain, _| quiz::undo(plain)),
    word("again", "", &[Place::Told, Place::Last], "grade the answer: not known", |plain, _| quiz::grade(plain, Grade::Again)),
    word("hard", "", &[Place::Told, Place::Last], "grade the answer: known with help", |plain, _| quiz::grade(plain, Grade::Hard)),
    word("good", "", &[Place::Told, Place::Last], "grade the answer: known", |plain, _| quiz::grade(plain, Grade::Good)),
    word("easy", "", &[Place::Told, Place::Last], "grade the answer: known at once", |plain, _| quiz::grade(plain, Grade::Easy)),
    word("home", "", ANYWHERE, "go to the topics", |plain, _| home::home(plain)),
    word("help", "WORD", ANYWHERE, "list what can be typed here, or say what a word does; help commands lists commands", help),
    word("quit", "", ANYWHERE, "leave; everything is saved. q does the same", |plain, _| plain.over = true),
];

/// The word of this name that can be typed there.
pub(super) fn find(place: Place, name: &str) -> Option<&'static Word> {
    // The key that leaves every screen.
    let name = if name == "q" { "quit" } else { name };
    WORDS.iter().find(|word| word.name == name && word.places.contains(&place))
}

/// The names of the words that can be typed there.
pub(super) fn names(place: Place) -> Vec<&'static str> {
    WORDS.iter().filter(|word| word.places.contains(&place)).map(|word| word.name).collect()
}

/// What can be typed here, or what one word does.
pub(super) fn help(plain: &mut Plain, name: &str) {
    let place = plain.place();
    let language = plain.desk().map(|desk| desk.vocabulary().language).unwrap_or_default();
    match name {
        "" => {
            plain.page.say(format!("What can be typed {}:", place.title()));
            for word in WORDS.iter().filter(|word| word.places.contains(&place)) {
                plain.page.say(format!("{}: {}", form(word), word.about));
            }
            if place == Place::Card {
                plain.page.say("Anything else is an answer: a number, several, or words, as the question says.");
            }
            if plain.desk().is_some() {
                plain.page.say("A number chooses. Any other line is a command, such as crash n1; help commands lists them, and a ? behind a command says what can follow.");
                plain.page.say(SCREENS_ONLY);
            }
        }
        "commands" => {
            for verb in language.all() {
                plain.page.say(format!("\"{}\": {}", verb.example, verb.about));
            }
            plain.page.say("help and a word says all its forms.");
        }
        _ => one(plain, name, &language.all().chain(VERBS).collect::<Vec<_>>()),
    }
}

fn one(plain: &mut Plain, name: &str, verbs: &[&'static Verb]) {
    let found: Vec<&Word> = WORDS.iter().filter(|word| word.name == name).collect();
    for word in &found {
        let places: Vec<&str> = word.places.iter().map(|place| place.title()).collect();
        let places = if word.places.len() == Place::ALL.len() { "anywhere".to_string() } else { places.join(", ") };
        plain.page.say(format!("{}: {}. It can be typed {places}.", form(word), word.about));
    }
    let verb = verbs.iter().find(|verb| verb.name == name);
    if let Some(verb) = verb {
        plain.page.say(format!("{}: {}. For example: {}", verb.name, verb.about, verb.example));
        for form in verb.forms {
            plain.page.say(format!("Form: {form}"));
        }
        let used =
            |names: &str| names.split(", ").any(|name| verb.forms.iter().any(|form| form.split(' ').any(|word| word.starts_with(name))));
        for (names, about) in SLOTS.iter().filter(|(names, _)| used(names)) {
            plain.page.say(format!("{names}: {about}"));
        }
    }
    let confidence = quiz::confidence(name).is_some();
    if confidence {
        plain.page.say(format!("{name}: how sure you are of an answer, behind its number or after it; sure, think or guess."));
    }
    if found.is_empty() && verb.is_none() && !confidence {
        let near = did_you_mean(name, WORDS.iter().map(|word| word.name).chain(verbs.iter().map(|verb| verb.name)));
        let end = if near.is_empty() { "; help lists them." } else { " Help lists them all." };
        plain.page.say(format!("\"{name}\" is no word here{near}{end}"));
    }
}

fn form(word: &Word) -> String {
    if word.takes.is_empty() { word.name.to_string() } else { format!("{} {}", word.name, word.takes) }
}
