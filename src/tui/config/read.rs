//! From the text of the file to the settings, and to all its mistakes.

use std::ops::Range;

use toml_edit::{Document, Item, Table};

use super::values::{VALUES, Value};
use super::{Config, keys};
use crate::near::did_you_mean;

/// The table of keys.
const KEYS: &str = "keys";

/// Reads the text of the file. A setting with a mistake is as if it were not there; each mistake is a line, `line 3: ...`.
pub fn read(text: &str) -> (Config, Vec<String>) {
    let mut reading = Reading { text, config: Config::default(), mistakes: Vec::new() };
    match Document::parse(text) {
        Ok(document) => reading.table(document.as_table()),
        Err(error) => reading.mistake(error.span(), format!("this is not TOML: {}", error.message())),
    }
    (reading.config, reading.mistakes)
}

struct Reading<'t> {
    text: &'t str,
    config: Config,
    mistakes: Vec<String>,
}

impl Reading<'_> {
    fn mistake(&mut self, at: Option<Range<usize>>, what: impl Into<String>) {
        let before = at.map_or("", |at| self.text.get(..at.start).unwrap_or(self.text));
        let what = crate::harmless::sentence(&what.into());
        self.mistakes.push(format!("line {}: {what}", before.matches('\n').count() + 1));
    }

    fn table(&mut self, table: &Table) {
        for (name, item) in table {
            let at = table.key(name).and_then(toml_edit::Key::span);
            match (VALUES.iter().find(|value| value.name == name), item.as_table()) {
                (Some(value), _) => self.value(value, item, at),
                (None, Some(keys)) if name == KEYS => self.keys(keys),
                (None, _) => {
                    let near = did_you_mean(name, VALUES.iter().map(|value| value.name).chain([KEYS]));
                    self.mistake(at, format!("there is no setting `{name}`{near}"));
                }
            }
        }
    }

    fn value(&mut self, value: &Value, item: &Item, at: Option<Range<usize>>) {
        let word = item.as_str().map(str::to_string).or_else(|| item.as_bool().map(|on| on.to_string()));
        match word.filter(|word| value.words.contains(&word.as_str())) {
            Some(word) => (value.take)(&mut self.config, &word),
            None => self.mistake(at, format!("`{}` is one of {}", value.name, value.words.join(", "))),
        }
    }

    fn keys(&mut self, table: &Table) {
        let mut all = Vec::new();
        for (id, item) in table {
            let at = table.key(id).and_then(toml_edit::Key::span);
            let list = item.as_array().and_then(|list| list.iter().map(toml_edit::Value::as_str).collect::<Option<Vec<&str>>>());
            let names = list.or_else(|| item.as_str().map(|name| vec![name]));
            let own = names.ok_or_else(|| format!("`{id}` is a list of keys: {id} = [\"Enter\", \"F5\"]"));
            match own.and_then(|names| keys::own(id, &names)) {
                Ok(own) => all.push(own),
                Err(what) => self.mistake(at, what),
            }
        }
        let (all, clashes) = keys::without_duplicates(all);
        for clash in clashes {
            self.mistake(table.span(), clash);
        }
        self.config.keys = all;
    }
}
