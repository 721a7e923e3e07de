//! Settings, each declared once: name, what it takes, default, and a sentence. All else follows from the declaration: the field, reading
//! and printing, the documentation, the words for completion.
//!
//! `settings!` declares the settings of a model, `words!` a setting that is one of several words; [`Takes`] says what others take.
//! What several models have alike is in [`shared`]: they name it and its default, and its sentence is said there.

mod declare;
pub mod shared;
mod speeds;
#[cfg(test)]
mod tests;
mod text;

use std::marker::PhantomData;
use std::ops::Deref;
use std::sync::Arc;

use crate::cluster::model::{SettingDoc, SettingKind};
use crate::near::did_you_mean;
use crate::sim::bounds::{DURATIONS, LONGEST, Spans, TIMERS};
use crate::sim::dist::Dist;
use crate::sim::retry::{BadRetry, Retry};
use crate::sim::time::Span;

pub(crate) use declare::{about, settings, words};
pub use shared::Shared;
pub use speeds::Speeds;
pub use text::Text;

/// Settings that were declared with `settings!`.
pub trait Declared: Clone + Default {
    /// The documentation of every setting.
    const DOCS: &'static [SettingDoc];

    /// Changes one setting. The error says what would be right.
    fn set(&mut self, name: &str, text: &str) -> Result<(), String>;

    /// The value of one setting, as text that [`Declared::set`] takes; empty for one that there is not.
    fn get(&self, name: &str) -> String;

    /// How fast things are by them.
    fn speeds(&self) -> Speeds;
}

/// Settings with what follows from them. Those that are declared stand within, and are read through [`Deref`].
pub trait Derives: Clone + Default + Deref<Target: Declared> {
    /// Those that are declared, to change one.
    fn declared(&mut self) -> &mut Self::Target;

    /// One was changed: what follows from them is found anew.
    fn follow(&mut self) {}
}

impl<S: Derives> Declared for S {
    const DOCS: &'static [SettingDoc] = <S::Target as Declared>::DOCS;

    fn set(&mut self, name: &str, text: &str) -> Result<(), String> {
        self.declared().set(name, text)?;
        self.follow();
        Ok(())
    }

    fn get(&self, name: &str) -> String {
        (**self).get(name)
    }

    fn speeds(&self) -> Speeds {
        (**self).speeds()
    }
}

/// What a setting takes, and what is kept of it.
pub trait Takes {
    /// What is kept.
    type Value: Clone;
    /// In words: `on or off`.
    const TAKES: &'static str;
    /// The words that are right, where only certain words are.
    const WORDS: &'static [&'static str] = &[];
    /// Whether it can change while the cluster runs.
    const LIVE: bool = true;
    /// What it is in a condition.
    const KIND: SettingKind = SettingKind::of(Self::WORDS);

    /// Reads it. The error says more than [`Takes::TAKES`], or nothing.
    fn read(text: &str) -> Result<Self::Value, String>;
    /// Prints it: reading gives the same again.
    fn write(value: &Self::Value) -> String;
    /// What it says of how fast things are; most say nothing.
    fn pace(value: &Self::Value, speeds: &mut Speeds) {
        let _ = (value, speeds);
    }
}

/// A length of time of at least a millisecond, for what happens again and again.
pub enum Timer {}
/// A length of time, from nothing on.
pub enum Length {}
/// A distribution of lengths of time.
pub enum Times {}
/// The shortest and the longest of lengths of time of at least a millisecond.
pub enum Range {}
/// A whole number.
pub struct Count<const LEAST: u32, const MOST: u32>;
/// A share, 0 to 1.
pub enum Share {}
/// `on` or `off`.
pub enum Switch {}
/// Whether and when a client tries again.
pub enum Attempts {}
/// `none`, or something else.
pub struct OrNone<T>(PhantomData<T>);
/// What says how the cluster begins, and stays as it is.
pub struct AtStart<T>(PhantomData<T>);

/// The longest time that anything is set to, in days.
const DAYS: u32 = (LONGEST.0 / Span::s(24 * 3600).0) as u32;
const FROM_1MS: &Text = &Text::EMPTY.and("a length of time from 1ms to ").and_number(DAYS).and("d");
const FROM_0: &Text = &Text::EMPTY.and("a length of time up to ").and_number(DAYS).and("d");
const FROM_TO: &Text = &Text::EMPTY.and("two lengths of time, such as 150ms-300ms, from 1ms to ").and_number(DAYS).and("d");
const SPREAD: &Text = &Text::EMPTY.and("a distribution of lengths of time up to ").and_number(DAYS).and("d");

fn span(text: &str, bounds: Spans) -> Result<Span, String> {
    bounds.read(text).map_err(|_| String::new())
}

impl Takes for Timer {
    type Value = Span;
    const TAKES: &'static str = FROM_1MS.as_str();
    const KIND: SettingKind = SettingKind::Span;

    fn read(text: &str) -> Result<Span, String> {
        span(text, TIMERS)
    }

    fn write(value: &Span) -> String {
        value.to_string()
    }
}

impl Takes for Length {
    type Value = Span;
    const TAKES: &'static str = FROM_0.as_str();
    const KIND: SettingKind = SettingKind::Span;

    fn read(text: &str) -> Result<Span, String> {
        span(text, DURATIONS)
    }

    fn write(value: &Span) -> String {
        value.to_string()
    }
}

impl Takes for Times {
    type Value = Arc<Dist>;
    const TAKES: &'static str = SPREAD.as_str();

    fn read(text: &str) -> Result<Arc<Dist>, String> {
        text.parse().map(Arc::new).map_err(|bad: crate::sim::dist::BadDist| bad.message)
    }

    fn write(value: &Arc<Dist>) -> String {
        value.to_string()
    }
}

impl Takes for Range {
    type Value = (Span, Span);
    const TAKES: &'static str = FROM_TO.as_str();

    fn read(text: &str) -> Result<(Span, Span), String> {
        let (low, high) = text.split_once('-').ok_or_else(String::new)?;
        let (low, high) = (span(low.trim(), TIMERS)?, span(high.trim(), TIMERS)?);
        if low <= high { Ok((low, high)) } else { Err("the first is the shorter one".to_string()) }
    }

    fn write((low, high): &(Span, Span)) -> String {
        format!("{low}-{high}")
    }
}

impl<T: Takes> Takes for AtStart<T> {
    type Value = T::Value;
    const TAKES: &'static str = T::TAKES;
    const WORDS: &'static [&'static str] = T::WORDS;
    const LIVE: bool = false;
    const KIND: SettingKind = T::KIND;

    fn read(text: &str) -> Result<T::Value, String> {
        T::read(text)
    }

    fn write(value: &T::Value) -> String {
        T::write(value)
    }

    fn pace(value: &T::Value, speeds: &mut Speeds) {
        T::pace(value, speeds);
    }
}

impl<const LEAST: u32, const MOST: u32> Count<LEAST, MOST> {
    const TEXT: &'static Text = &Text::EMPTY.and("a whole number from ").and_number(LEAST).and(" to ").and_number(MOST);
}

impl<const LEAST: u32, const MOST: u32> Takes for Count<LEAST, MOST> {
    type Value = u32;
    const TAKES: &'static str = Self::TEXT.as_str();
    const KIND: SettingKind = SettingKind::Number;

    fn read(text: &str) -> Result<u32, String> {
        let digits = text.bytes().all(|b| b.is_ascii_digit());
        text.parse().ok().filter(|n| digits && (LEAST..=MOST).contains(n)).ok_or_else(String::new)
    }

    fn write(value: &u32) -> String {
        value.to_string()
    }
}

impl Takes for Share {
    type Value = f64;
    const TAKES: &'static str = "a share from 0 to 1";
    const KIND: SettingKind = SettingKind::Number;

    fn read(text: &str) -> Result<f64, String> {
        let plain = text.starts_with(|c: char| c.is_ascii_digit());
        text.parse().ok().filter(|share| plain && (0.0..=1.0).contains(share)).ok_or_else(String::new)
    }

    fn write(value: &f64) -> String {
        value.to_string()
    }
}

impl Takes for Switch {
    type Value = bool;
    const TAKES: &'static str = "on or off";
    const WORDS: &'static [&'static str] = &["on", "off"];

    fn read(text: &str) -> Result<bool, String> {
        match text {
            "on" => Ok(true),
            "off" => Ok(false),
            _ => Err(String::new()),
        }
    }

    fn write(value: &bool) -> String {
        Self::WORDS[usize::from(!value)].to_string()
    }
}

impl Takes for Attempts {
    type Value = Retry;
    const TAKES: &'static str = "never, or a policy such as 3 attempts after 100ms x2";

    fn read(text: &str) -> Result<Retry, String> {
        text.parse().map_err(|bad: BadRetry| bad.to_string())
    }

    fn write(value: &Retry) -> String {
        value.to_string()
    }
}

impl<T: Takes> OrNone<T> {
    const TEXT: &'static Text = &Text::EMPTY.and("none, or ").and(T::TAKES);
}

impl<T: Takes> Takes for OrNone<T> {
    type Value = Option<T::Value>;
    const TAKES: &'static str = Self::TEXT.as_str();
    const KIND: SettingKind = T::KIND;

    fn read(text: &str) -> Result<Option<T::Value>, String> {
        if text == "none" { Ok(None) } else { T::read(text).map(Some) }
    }

    fn write(value: &Option<T::Value>) -> String {
        value.as_ref().map_or_else(|| "none".to_string(), T::write)
    }
}

/// The documentation of a setting.
pub const fn doc<T: Takes>(name: &'static str, default: &'static str, about: &'static str) -> SettingDoc {
    SettingDoc { name, default, takes: T::TAKES, words: T::WORDS, kind: T::KIND, live: T::LIVE, about }
}

/// Reads a setting; the error says what would be right.
pub fn read<T: Takes>(doc: &SettingDoc, text: &str) -> Result<T::Value, String> {
    T::read(text.trim()).map_err(|more| not_taken(doc, text, &more))
}

#[cold]
fn not_taken(doc: &SettingDoc, text: &str, more: &str) -> String {
    let near = did_you_mean(text, doc.words.iter().copied());
    let more = if more.is_empty() { String::new() } else { format!("; {more}") };
    format!("`{}` takes {}, not `{text}`{near}{more}", doc.name, doc.takes)
}

/// The value of a setting unless said otherwise.
pub fn usual<T: Takes>(name: &str, default: &str) -> T::Value {
    T::read(default).unwrap_or_else(|more| bad_default(name, default, T::TAKES, &more))
}

#[expect(clippy::panic, reason = "a default that its own setting does not take is a mistake of the program, and every test finds it")]
#[cold]
fn bad_default(name: &str, default: &str, takes: &str, more: &str) -> ! {
    panic!("the default of {name} is {takes}, not {default}: {more}")
}
