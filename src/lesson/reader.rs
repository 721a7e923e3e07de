//! Reads TOML tables strictly: every mistake is noted with its place, and reading goes on.

use std::cell::RefCell;
use std::collections::BTreeSet;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::format::Table;
use super::schema::Interval;
use super::source::{Bytes, Mistake};
use crate::harmless;

/// What is read and what was wrong so far.
pub(crate) struct Notes<'a> {
    text: &'a str,
    list: RefCell<Vec<Mistake>>,
}

/// Something read, with its place.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct At<T> {
    pub(crate) value: T,
    pub(crate) at: Bytes,
}

pub(crate) type Value<'i> = Spanned<DeValue<'i>>;

impl<'a> Notes<'a> {
    pub(crate) fn new(text: &'a str) -> Notes<'a> {
        Notes { text, list: RefCell::default() }
    }

    pub(crate) fn mistake(&self, at: &Bytes, message: impl Into<String>, help: impl Into<String>) {
        self.list.borrow_mut().push(Mistake::new(at, message, help));
    }

    pub(crate) fn count(&self) -> usize {
        self.list.borrow().len()
    }

    pub(crate) fn into_list(self) -> Vec<Mistake> {
        self.list.into_inner()
    }

    /// The place of `offset..offset + length` inside a text that stands at `at` with its quotes. The whole text where escapes
    /// or line ends make the bytes differ.
    pub(crate) fn within(&self, text: &At<String>, offset: usize, length: usize) -> Bytes {
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
    pub(crate) fn parse(&self) -> Spanned<DeTable<'a>> {
        let (table, errors) = DeTable::parse_recoverable(self.text);
        for error in errors {
            let at = error.span().unwrap_or(0..1);
            self.mistake(&at, format!("this is not TOML: {}", error.message()), "");
        }
        table
    }
}

/// What a mistyped name may have meant, or what there is to choose from.
pub(crate) fn near<'n>(word: &str, names: impl IntoIterator<Item = &'n str>) -> String {
    let names: BTreeSet<&str> = names.into_iter().collect();
    match crate::near::near(word, names.iter().copied()) {
        Some(name) => format!("did you mean `{name}`?"),
        None if names.is_empty() => "there is none yet".to_string(),
        None if names.len() > MOST_NAMES => format!("there are {}, and none is like it", names.len()),
        None => format!("there are {}", names.into_iter().collect::<Vec<_>>().join(", ")),
    }
}

/// The most names that are worth listing in a message.
const MOST_NAMES: usize = 30;

/// One table being read, by its description. Keys that it does not have are reported by [`Fields::done`].
pub(crate) struct Fields<'n, 'a> {
    notes: &'n Notes<'a>,
    table: &'n DeTable<'a>,
    /// Its header or braces.
    pub(crate) at: Bytes,
    /// What it is and which keys it has.
    shape: &'static Table,
}

impl<'n, 'a> Fields<'n, 'a> {
    pub(crate) fn new(notes: &'n Notes<'a>, table: &'n DeTable<'a>, at: Bytes, shape: &'static Table) -> Self {
        Fields { notes, table, at, shape }
    }

    pub(crate) fn notes(&self) -> &'n Notes<'a> {
        self.notes
    }

    /// Says more exactly what the table is, once its kind is known.
    pub(crate) fn is(&mut self, shape: &'static Table) {
        self.shape = shape;
    }

    pub(crate) fn get(&self, key: &'static str) -> Option<&'n Value<'a>> {
        assert!(self.shape.key(key).is_some(), "{} is described without `{key}`", self.shape.what);
        #[cfg(test)]
        super::testing::asked(self.shape.what, key);
        self.table.iter().find(|(k, _)| k.get_ref() == key).map(|(_, v)| v)
    }

    /// Whether a key is there.
    pub(crate) fn has(&self, key: &'static str) -> bool {
        self.get(key).is_some()
    }

    /// What was found; a mistake is noted where the key is not there at all.
    pub(crate) fn need<T>(&self, key: &'static str, found: Option<T>) -> Option<T> {
        if found.is_none() && !self.has(key) {
            let about = self.shape.key(key).map_or("", |key| key.about);
            self.notes.mistake(&self.at, format!("{} needs `{key}`: {about}", self.shape.what), "");
        }
        found
    }

    /// A text that may be missing but not empty.
    pub(crate) fn text_if(&self, key: &'static str) -> Option<At<String>> {
        text(self.notes, self.get(key)?, &format!("`{key}`"))
    }

    /// A text that has to be there; empty, and reported, if it is not.
    pub(crate) fn text(&self, key: &'static str) -> At<String> {
        self.need(key, self.text_if(key)).unwrap_or_default()
    }

    /// A list of texts, each not empty; a list that is there has at least one.
    pub(crate) fn texts(&self, key: &'static str) -> Vec<At<String>> {
        let items = self.list(key);
        items.iter().filter_map(|v| text(self.notes, v, &format!("an entry of `{key}`"))).collect()
    }

    /// A list that may be missing but not empty.
    pub(crate) fn list(&self, key: &'static str) -> &'n [Value<'a>] {
        let Some(value) = self.get(key) else { return &[] };
        let DeValue::Array(items) = value.get_ref() else {
            self.notes.mistake(&value.span(), format!("`{key}` is a list, in [ ]"), found(value));
            return &[];
        };
        if items.is_empty() {
            let is_needed = self.shape.key(key).is_some_and(|key| key.needed);
            let cure = if is_needed { "put something in" } else { "leave it out, or put something in" };
            self.notes.mistake(&value.span(), format!("`{key}` is empty"), cure);
        }
        items
    }

    /// A list of tables of one kind.
    pub(crate) fn tables(&self, key: &'static str, shape: &'static Table) -> Vec<Fields<'n, 'a>> {
        self.list(key).iter().filter_map(|v| table(self.notes, v, shape.what, shape)).collect()
    }

    /// A table.
    pub(crate) fn table(&self, key: &'static str, shape: &'static Table) -> Option<Fields<'n, 'a>> {
        table(self.notes, self.get(key)?, &format!("`{key}`"), shape)
    }

    /// Whether a list stands there rather than a text.
    pub(crate) fn is_list(&self, key: &'static str) -> bool {
        self.get(key).is_some_and(|v| matches!(v.get_ref(), DeValue::Array(_)))
    }

    /// What stands in a table of names: each name with its value, in the order of the file.
    pub(crate) fn named(&self, key: &'static str) -> Vec<(At<String>, &'n Value<'a>)> {
        let Some(value) = self.get(key) else { return Vec::new() };
        let DeValue::Table(table) = value.get_ref() else {
            self.notes.mistake(&value.span(), format!("`{key}` is a table: {{ name = value, ... }}"), found(value));
            return Vec::new();
        };
        entries(table)
    }

    pub(crate) fn flag(&self, key: &'static str) -> bool {
        let Some(value) = self.get(key) else { return false };
        value.get_ref().as_bool().unwrap_or_else(|| {
            self.notes.mistake(&value.span(), format!("`{key}` is true or false, without quotes"), found(value));
            false
        })
    }

    /// A whole number between bounds.
    pub(crate) fn whole(&self, key: &'static str, least: u64, most: u64) -> Option<u64> {
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
    pub(crate) fn number(&self, key: &'static str) -> Option<At<f64>> {
        let value = self.get(key)?;
        let parsed = number(value);
        if parsed.is_none() {
            self.notes.mistake(&value.span(), format!("`{key}` is a number, without quotes"), found(value));
        }
        parsed.map(|number| At { value: number, at: value.span() })
    }

    /// Two numbers, the lower one first.
    pub(crate) fn interval(&self, key: &'static str) -> Option<Interval> {
        let value = self.get(key)?;
        let ends: Vec<f64> = self.list(key).iter().filter_map(number).collect();
        match ends[..] {
            [from, to] if from <= to => Some(Interval { from, to, at: value.span() }),
            _ => {
                self.notes.mistake(&value.span(), format!("`{key}` is two numbers, the lower one first: [0.9, 1.0]"), "");
                None
            }
        }
    }

    /// Every key with its value, in the order of the file, of a table that may have any.
    pub(crate) fn all(&self) -> Vec<(At<String>, &'n Value<'a>)> {
        entries(self.table)
    }

    /// Reports every key that the table does not have.
    pub(crate) fn done(self) {
        for (key, _) in entries(self.table) {
            if self.shape.key(&key.value).is_none() {
                let message = format!("{} has no key `{}`", self.shape.what, key.value);
                self.notes.mistake(&key.at, message, near(&key.value, self.shape.all().map(|key| key.name)));
            }
        }
    }
}

/// Every key with its place and value, in the order of the file.
fn entries<'n, 'a>(table: &'n DeTable<'a>) -> Vec<(At<String>, &'n Value<'a>)> {
    let mut all: Vec<_> = table.iter().map(|(k, v)| (At { value: k.get_ref().to_string(), at: k.span() }, v)).collect();
    all.sort_by_key(|(k, _)| k.at.start);
    all
}

/// A number, whole or not.
pub(crate) fn number(value: &Value<'_>) -> Option<f64> {
    match value.get_ref() {
        DeValue::Integer(n) => n.as_str().parse::<f64>().ok(),
        DeValue::Float(x) => x.as_str().parse::<f64>().ok().filter(|x| x.is_finite()),
        _ => None,
    }
}

/// A text, a number, or true or false, as it is written.
pub(crate) fn scalar(value: &Value<'_>) -> Option<String> {
    match value.get_ref() {
        DeValue::String(text) => Some(harmless::page(text).into_owned()),
        DeValue::Integer(n) => Some(n.to_string()),
        DeValue::Float(x) => Some(x.to_string()),
        DeValue::Boolean(b) => Some(b.to_string()),
        _ => None,
    }
}

/// A text that is not empty, harmless wherever it is shown. In commands and conditions what was hidden reads as what it stands for.
pub(crate) fn text(notes: &Notes<'_>, value: &Value<'_>, what: &str) -> Option<At<String>> {
    let Some(read) = value.get_ref().as_str() else {
        notes.mistake(&value.span(), format!("{what} is a text, in quotes"), found(value));
        return None;
    };
    if read.trim().is_empty() {
        notes.mistake(&value.span(), format!("{what} is empty"), "");
    }
    Some(At { value: harmless::page(read).into_owned(), at: value.span() })
}

/// A table of this shape.
pub(crate) fn table<'n, 'a>(notes: &'n Notes<'a>, value: &'n Value<'a>, what: &str, shape: &'static Table) -> Option<Fields<'n, 'a>> {
    if let DeValue::Table(table) = value.get_ref() {
        return Some(Fields::new(notes, table, value.span(), shape));
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
