//! The lesson of `lessons/FORMAT.md`, which the tests read, break, walk and prove.

use std::cell::RefCell;
use std::collections::BTreeSet;

use crate::cluster::registry::MODELS;

use super::load::{Known, load, load_scenarios};
use super::scenarios::Scenarios;
use super::schema::Lesson;
use super::source::{Mistakes, Source};

/// The whole lesson at the end of the page.
pub(super) fn example_text() -> &'static str {
    block(0)
}

/// The scenarios that it starts from, in the block before it.
pub(super) fn scenarios_text() -> &'static str {
    block(1)
}

/// A block of TOML of the page, counted from the end.
fn block(from_end: usize) -> &'static str {
    let page = include_str!("../../lessons/FORMAT.md");
    let block = page.rsplit("```toml\n").nth(from_end).and_then(|rest| rest.split("```").next());
    block.expect("the page ends with a whole lesson")
}

/// The scenarios of the page, read.
pub(super) fn scenarios() -> Scenarios {
    let known = Known { models: MODELS, topics: &super::catalogue().topics, scenarios: &Scenarios::default() };
    load_scenarios(&Source::new("scenarios.toml", scenarios_text()), known).unwrap_or_else(|mistakes| panic!("{mistakes}"))
}

/// Any text as a lesson that knows the models, chapters and topics of the program, and the scenarios of the page.
pub(super) fn read(text: &str) -> Result<Lesson, Mistakes> {
    let known = Known { models: MODELS, topics: &super::catalogue().topics, scenarios: &scenarios() };
    load(&Source::new("good.toml", text), known)
}

/// The whole lesson, read.
pub(super) fn example() -> Lesson {
    read(example_text()).unwrap_or_else(|mistakes| panic!("{mistakes}"))
}

/// The lesson with the first `from` replaced.
pub(super) fn changed(from: &str, to: &str) -> String {
    assert!(example_text().contains(from), "`{from}` is not in the example");
    example_text().replacen(from, to, 1)
}

/// A key by the table that it was asked of.
type AskedKey = (&'static str, &'static str);

thread_local! {
    static ASKED: RefCell<BTreeSet<AskedKey>> = RefCell::default();
}

/// Notes that a table was asked for this key.
pub(super) fn asked(table: &'static str, key: &'static str) {
    ASKED.with_borrow_mut(|keys| _ = keys.insert((table, key)));
}

/// The keys that are asked for while something is read.
pub(super) fn keys_asked(read: impl FnOnce()) -> BTreeSet<AskedKey> {
    ASKED.take();
    read();
    ASKED.take()
}
