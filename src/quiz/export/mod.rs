//! Cards for other programs: Anki, Moodle and whatever reads tables. Drills stay here: they are drawn anew each time.

mod anki;
mod gift;
mod prose;
pub use prose::plain;
mod table;
#[cfg(test)]
mod tests;

use super::bank::Bank;
use super::item::{self, Idea, Item};
use crate::lesson::Lesson;
use crate::lesson::question::{Question, QuestionKind};
use crate::lesson::schema::Alternative;

/// What the cards are written for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A text that Anki imports, with a name for each card by which it is found again.
    Anki,
    /// GIFT, which Moodle imports.
    Gift,
    /// A table.
    Csv,
}

impl Format {
    /// Each with its word on the command line.
    pub const ALL: [(&'static str, Format); 3] = [("anki", Format::Anki), ("gift", Format::Gift), ("csv", Format::Csv)];
}

/// One card.
struct Entry<'b> {
    /// Its name in the whole program, the same as long as the lesson's author keeps the names.
    name: String,
    lesson: &'b Lesson,
    item: &'b Item,
    question: &'b Question,
}

/// The questions of a bank as cards, each form of them; those that are about a topic or have a tag, where one is named. How many
/// there are is given too.
pub fn cards(bank: &Bank, format: Format, topic: Option<&str>) -> (String, usize) {
    let entries = entries(bank, topic);
    let text = match format {
        Format::Anki => anki::cards(&entries),
        Format::Gift => gift::cards(&entries),
        Format::Csv => table::cards(&entries),
    };
    (text, entries.len())
}

fn entries<'b>(bank: &'b Bank, topic: Option<&str>) -> Vec<Entry<'b>> {
    let wanted = bank.items().iter().filter(|item| topic.is_none_or(|word| item.is_about(word)));
    let of = |item: &'b Item| {
        let lesson = bank.lesson(&item.topic)?;
        let Idea::Questions(forms) = &item.idea else { return None };
        let entry = move |form: &usize| {
            let question = &lesson.questions[*form];
            Entry { name: item::id(&lesson.id, &item::form(question)), lesson, item, question }
        };
        Some(forms.iter().map(entry))
    };
    wanted.filter_map(of).flatten().collect()
}

/// The options of a question that has some.
fn options(kind: &QuestionKind) -> &[Alternative] {
    match kind {
        QuestionKind::Choice(options) | QuestionKind::Several(options) | QuestionKind::Predict { options, .. } => options,
        QuestionKind::Number(_) | QuestionKind::Order(_) | QuestionKind::Recall { .. } | QuestionKind::Goal(_) => &[],
    }
}

/// The letter of an option.
fn letter(index: usize) -> char {
    char::from_u32('A' as u32 + index as u32).unwrap_or('?')
}
