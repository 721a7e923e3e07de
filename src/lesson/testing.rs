//! The lesson of `lessons/FORMAT.md`, which the tests read, break, walk and prove.

use std::cell::RefCell;
use std::collections::BTreeSet;

use super::schema::Lesson;
use super::source::{Mistakes, Source};

/// The whole lesson at the end of the page.
pub(super) fn example_text() -> &'static str {
    let page = include_str!("../../lessons/FORMAT.md");
    let block = page.rsplit("```toml\n").next().and_then(|rest| rest.split("```").next());
    block.expect("the page ends with a whole lesson")
}

/// Any text as a lesson that knows the models, chapters and topics of the program.
pub(super) fn read(text: &str) -> Result<Lesson, Mistakes> {
    super::catalogue().load(&Source::new("good.toml", text))
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

thread_local! {
    static ASKED: RefCell<BTreeSet<&'static str>> = RefCell::default();
}

/// Notes that a reader asked a table for this key.
pub(super) fn asked(key: &'static str) {
    ASKED.with_borrow_mut(|keys| _ = keys.insert(key));
}

/// The keys that are asked for while something is read.
pub(super) fn keys_asked(read: impl FnOnce()) -> BTreeSet<&'static str> {
    ASKED.take();
    read();
    ASKED.take()
}
