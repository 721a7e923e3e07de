//! Reads TOML tables strictly: every mistake is noted with its place, and reading goes on.

use std::cell::RefCell;
use std::collections::BTreeSet;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::source::{Bytes, Mistake};
use crate::harmless;

/// What is read and what was wrong so far.
pub(super) struct Notes<'a> {
    text: &'a str,
    list: RefCell<Vec<Mistake>>,
}

/// Something read, with its place.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct At<T> {
    pub(super) value: T,
    pub(super) at: Bytes,
}

pub(super) type Value<'i> = Spanned<DeValue<'i>>;

impl<'a> Notes<'a> {
    pub(super) fn new(text: &'a str) -> Notes<'a> {
        Notes { text, list: RefCell::default() }
    }

    pub(super) fn mistake(&self, at: &Bytes, message: impl Into<String>, help: impl Into<String>) {
        self.list.borrow_mut().push(Mistake::new(at, message, help));
    }

    pub(super) fn count(&self) -> usize {
        self.list.borrow().len()
    }

    pub(super) fn into_list(self) -> Vec<Mistake> {
        self.list.into_inner()
    }

    /// The place of `offset..offset + length` inside a text that stands at `at` with its quotes. The whole text where escapes
    /// or line ends make the bytes differ.
    pub(super) fn within(&self, text: &At<String>, offset: usize, length: usize) -> Bytes {
        let raw = self.text.get(text.at.clone()).unwrap_or_default();
        match raw.find(text.value.as_str()) {
            Some(quote) if !text.value.is_empty() => {
                let start = text.at.start + quote + offset.min(text.value.len());
                start..(start + length.max(1)).min(text.at.end)
            }
            _ => text.at.clone(),
        }
    }

    /// Parses a whole document. What cannot be read is noted; what can is given.
    pub(super) fn parse(&self) -> Spanned<DeTable<'a>> {
        let (table, errors) = DeTable::parse_recoverable(self.text);
        for error in errors {
            let at = error.span().unwrap_or(0..1);
            self.mistake(&at, format!("this is not TOML: {}", error.message()), "");
        }
        table
    }
}

/// What a mistyped name may have meant, or what there is to choose from.
pub(super) fn near<'n>(word: &str, names: impl IntoIterator<Item = &'n str>) -> String {
    let names: BTreeSet<&str> = names.into_iter().collect();
    match crate::near::near(word, names.iter().copied()) {
        Some(name) => format!("did you mean `{name}`?"),
        None if names.is_empty() => "there is none yet".to_string(),
        None if names.len() > MOST_NAMES => String::new(),
        None => format!("there are {}", names.into_iter().collect::<Vec<_>>().join(", ")),
    }
}

/// The most names that are worth listing in a message.
const MOST_NAMES: usize = 30;

/// One table being read. Keys that nobody asked for are reported by [`Fields::done`].
pub(super) struct Fields<'n, 'a> {
    notes: &'n Notes<'a>,
    table: &'n DeTable<'a>,
    /// Its header or braces.
    pub(super) at: Bytes,
    /// What the table is, for messages: `a try step`.
    what: String,
    asked: RefCell<Vec<&'static str>>,
}

impl<'n, 'a> Fields<'n, 'a> {
    pub(super) fn new(notes: &'n Notes<'a>, table: &'n DeTable<'a>, at: Bytes, what: &str) -> Self {
        Fields { notes, table, at, what: what.to_string(), asked: RefCell::default() }
    }

    pub(super) fn notes(&self) -> &'n Notes<'a> {
        self.notes
    }

    /// Says more exactly what the table is, once its kind is known.
    pub(super) fn rename(&mut self, what: &str) {
        self.what = what.to_string();
    }

    pub(super) fn get(&self, key: &'static str) -> Option<&'n Value<'a>> {
        self.asked.borrow_mut().push(key);
        #[cfg(test)]
        super::testing::asked(key);
        self.table.iter().find(|(k, _)| k.get_ref() == key).map(|(_, v)| v)
    }

    /// Every key with its place and value, in the order of the file.
    pub(super) fn entries(&self) -> Vec<(At<String>, &'n Value<'a>)> {
        let mut all: Vec<_> = self.table.iter().map(|(k, v)| (At { value: k.get_ref().to_string(), at: k.span() }, v)).collect();
        all.sort_by_key(|(k, _)| k.at.start);
        all
    }

    pub(super) fn need<T>(&self, key: &'static str, is: &str, found: Option<T>) -> Option<T> {
        if found.is_none() && self.get(key).is_none() {
            self.notes.mistake(&self.at, format!("{} needs `{key}`: {is}", self.what), "");
        }
        found
    }

    /// A text that may be missing but not empty.
    pub(super) fn text_if(&self, key: &'static str) -> Option<At<String>> {
        text(self.notes, self.get(key)?, &format!("`{key}`"))
    }

    /// A text that has to be there; empty, and reported, if it is not.
    pub(super) fn text(&self, key: &'static str, is: &str) -> At<String> {
        self.need(key, is, self.text_if(key)).unwrap_or_default()
    }

    /// A list of texts, each not empty; a list that is there has at least one.
    pub(super) fn texts(&self, key: &'static str) -> Vec<At<String>> {
        let items = self.list(key);
        items.iter().filter_map(|v| text(self.notes, v, &format!("an entry of `{key}`"))).collect()
    }

    /// A list that may be missing but not empty.
    pub(super) fn list(&self, key: &'static str) -> &'n [Value<'a>] {
        let Some(value) = self.get(key) else { return &[] };
        let DeValue::Array(items) = value.get_ref() else {
            self.notes.mistake(&value.span(), format!("`{key}` is a list, in [ ]"), found(value));
            return &[];
        };
        if items.is_empty() {
            self.notes.mistake(&value.span(), format!("`{key}` is empty"), "leave it out, or put something in");
        }
        items
    }

    /// A list of tables, each as [`Fields`] named `what`.
    pub(super) fn tables(&self, key: &'static str, what: &str) -> Vec<Fields<'n, 'a>> {
        self.list(key).iter().filter_map(|v| table(self.notes, v, what)).collect()
    }

    pub(super) fn table(&self, key: &'static str, what: &str) -> Option<Fields<'n, 'a>> {
        table(self.notes, self.get(key)?, what)
    }

    pub(super) fn flag(&self, key: &'static str) -> bool {
        let Some(value) = self.get(key) else { return false };
        value.get_ref().as_bool().unwrap_or_else(|| {
            self.notes.mistake(&value.span(), format!("`{key}` is true or false, without quotes"), found(value));
            false
        })
    }

    /// A whole number between bounds.
    pub(super) fn whole(&self, key: &'static str, least: u64, most: u64) -> Option<u64> {
        let value = self.get(key)?;
        let number = value.get_ref().as_integer().and_then(|n| u64::from_str_radix(n.as_str(), n.radix()).ok());
        let fits = number.filter(|n| (least..=most).contains(n));
        if fits.is_none() {
            let help = if number.is_some() { String::new() } else { found(value) };
            self.notes.mistake(&value.span(), format!("`{key}` is a whole number from {least} to {most}"), help);
        }
        fits
    }

    /// Any number.
    pub(super) fn number(&self, key: &'static str) -> Option<At<f64>> {
        let value = self.get(key)?;
        let parsed = match value.get_ref() {
            DeValue::Integer(n) => n.as_str().parse::<f64>().ok(),
            DeValue::Float(x) => x.as_str().parse::<f64>().ok().filter(|x| x.is_finite()),
            _ => None,
        };
        if parsed.is_none() {
            self.notes.mistake(&value.span(), format!("`{key}` is a number, without quotes"), found(value));
        }
        parsed.map(|number| At { value: number, at: value.span() })
    }

    /// Reports every key that nobody asked for.
    pub(super) fn done(self) {
        let asked = self.asked.borrow();
        for (key, _) in self.entries() {
            if !asked.contains(&key.value.as_str()) {
                let message = format!("{} has no key `{}`", self.what, key.value);
                self.notes.mistake(&key.at, message, near(&key.value, asked.iter().copied()));
            }
        }
    }
}

/// A text that is not empty, harmless wherever it is shown. In commands and conditions what was hidden reads as what it stands for.
pub(super) fn text(notes: &Notes<'_>, value: &Value<'_>, what: &str) -> Option<At<String>> {
    let Some(read) = value.get_ref().as_str() else {
        notes.mistake(&value.span(), format!("{what} is a text, in quotes"), found(value));
        return None;
    };
    if read.trim().is_empty() {
        notes.mistake(&value.span(), format!("{what} is empty"), "");
    }
    Some(At { value: harmless::page(read).into_owned(), at: value.span() })
}

fn table<'n, 'a>(notes: &'n Notes<'a>, value: &'n Value<'a>, what: &str) -> Option<Fields<'n, 'a>> {
    if let DeValue::Table(table) = value.get_ref() {
        return Some(Fields::new(notes, table, value.span(), what));
    }
    notes.mistake(&value.span(), format!("{what} is a table: {{ key = value, ... }}"), found(value));
    None
}

/// What stands there instead.
fn found(value: &Value<'_>) -> String {
    let kind = match value.get_ref() {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) | DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    };
    format!("this is {kind}")
}
