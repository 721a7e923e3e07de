//! What is in a lesson file without reading it as a lesson: the names of its steps and its texts. Mistakes are found when the whole
//! is read.

use toml::de::{DeTable, DeValue};

use super::reader::Notes;
use super::source::Source;

/// The tables of a lesson that hold texts to be found, and the keys of these texts.
const TABLES: [(&str, &[&str]); 2] = [("step", &["text"]), ("quiz", &["text"])];

/// The ids of the steps, in order.
pub fn steps(source: &Source) -> Vec<String> {
    let notes = Notes::new(source.text());
    let document = notes.parse();
    let tables = tables(document.get_ref(), "step");
    tables.map(|table| text(table, "id").unwrap_or_default().to_string()).collect()
}

/// The texts that a learner may remember of it: the answer, and what steps and questions say.
pub fn texts(source: &Source) -> Vec<String> {
    let notes = Notes::new(source.text());
    let document = notes.parse();
    let whole = document.get_ref();
    let answer = text(whole, "answer");
    let inner = TABLES.iter().flat_map(|(name, keys)| tables(whole, name).flat_map(|table| keys.iter().filter_map(|key| text(table, key))));
    answer.into_iter().chain(inner).map(str::to_string).collect()
}

fn text<'t>(table: &'t DeTable<'_>, key: &str) -> Option<&'t str> {
    table.iter().find(|(name, _)| name.get_ref() == key).and_then(|(_, value)| value.get_ref().as_str())
}

fn tables<'t, 'i>(table: &'t DeTable<'i>, key: &str) -> impl Iterator<Item = &'t DeTable<'i>> {
    let list = table.iter().find(|(name, _)| name.get_ref() == key).and_then(|(_, value)| value.get_ref().as_array());
    list.into_iter().flatten().filter_map(|value| if let DeValue::Table(table) = value.get_ref() { Some(table) } else { None })
}

/// Whether a text is meant as a deck and not as a lesson.
pub fn is_deck(source: &Source) -> bool {
    let notes = Notes::new(source.text());
    let document = notes.parse();
    let has = |key: &str| document.get_ref().iter().any(|(known, _)| known.get_ref() == key);
    has("show") && !has("id") && !has("cluster") && !has("step")
}

/// Whether a text is meant as a lesson.
pub fn is_lesson(source: &Source) -> bool {
    let notes = Notes::new(source.text());
    let document = notes.parse();
    ["id", "cluster", "step"].iter().any(|key| document.get_ref().iter().any(|(known, _)| known.get_ref() == *key))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lesson::catalogue;

    #[test]
    fn the_outline_of_every_lesson_is_that_of_the_whole() {
        for id in catalogue().lessons() {
            let source = catalogue().source(id).unwrap();
            let lesson = catalogue().load(&source).unwrap();
            assert_eq!(steps(&source), lesson.steps.iter().map(|step| step.id.clone()).collect::<Vec<_>>(), "{id}");
            let texts = texts(&source);
            assert!(texts.len() > lesson.steps.len() && texts[0].trim() == lesson.answer.trim(), "{id}");
        }
    }
}
