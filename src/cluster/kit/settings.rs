//! Settings, each declared once: name, what it takes, default, and a sentence. All else follows from the declaration: the field, reading
//! and printing, the documentation, the words for completion.
//!
//! `settings!` declares the settings of a model, `words!` a setting that is one of several words; [`Takes`] says what others take.

use std::marker::PhantomData;
use std::sync::Arc;

use crate::cluster::model::{SettingDoc, SettingKind};
use crate::near::did_you_mean;
use crate::sim::bounds::{DURATIONS, LONGEST, Spans, TIMERS};
use crate::sim::dist::Dist;
use crate::sim::retry::{BadRetry, Retry};
use crate::sim::time::Span;

/// Settings that were declared with `settings!`.
pub trait Declared: Clone + Default {
    /// The documentation of every setting.
    const DOCS: &'static [SettingDoc];

    /// Changes one setting. The error says what would be right.
    fn set(&mut self, name: &str, text: &str) -> Result<(), String>;

    /// The value of one setting, as text that [`Declared::set`] takes; empty for one that there is not.
    fn get(&self, name: &str) -> String;
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

/// A text that is put together while the program is compiled.
#[derive(Clone, Copy)]
pub struct Text {
    bytes: [u8; Text::ROOM],
    length: usize,
}

impl Text {
    /// The most bytes; a longer text is no program.
    const ROOM: usize = 200;
    /// No text yet.
    pub const EMPTY: Text = Text { bytes: [0; Text::ROOM], length: 0 };

    const fn and_byte(mut self, byte: u8) -> Text {
        self.bytes[self.length] = byte;
        self.length += 1;
        self
    }

    /// Goes on with this.
    pub const fn and(mut self, text: &str) -> Text {
        let (bytes, mut at) = (text.as_bytes(), 0);
        while at < bytes.len() {
            self = self.and_byte(bytes[at]);
            at += 1;
        }
        self
    }

    /// Goes on with a number.
    pub const fn and_number(self, number: u32) -> Text {
        let before = if number >= 10 { self.and_number(number / 10) } else { self };
        before.and_byte(b'0' + (number % 10) as u8)
    }

    /// Goes on with words: `a, b or c`.
    pub const fn and_words(mut self, words: &[&str]) -> Text {
        let mut at = 0;
        while at < words.len() {
            self = match at {
                0 => self,
                _ if at + 1 == words.len() => self.and(" or "),
                _ => self.and(", "),
            };
            self = self.and(words[at]);
            at += 1;
        }
        self
    }

    /// Goes on with the name of a field as the name of its setting: `retry-delay` for `retry_delay`.
    pub const fn and_field(mut self, field: &str) -> Text {
        let (bytes, mut at) = (field.as_bytes(), 0);
        while at < bytes.len() {
            self = self.and_byte(if bytes[at] == b'_' { b'-' } else { bytes[at] });
            at += 1;
        }
        self
    }

    /// The whole text.
    pub const fn as_str(&self) -> &str {
        match std::str::from_utf8(self.bytes.split_at(self.length).0) {
            Ok(text) => text,
            Err(_) => "",
        }
    }
}

/// Declares a setting that is one of several words.
macro_rules! words {
    ($(#[$doc:meta])* $vis:vis enum $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        $vis enum $name { $($(#[$vdoc])* $variant),+ }

        impl $name {
            const TEXT: &'static $crate::cluster::kit::settings::Text =
                &$crate::cluster::kit::settings::Text::EMPTY.and_words(<Self as $crate::cluster::kit::settings::Takes>::WORDS);
        }

        impl $crate::cluster::kit::settings::Takes for $name {
            type Value = $name;
            const TAKES: &'static str = Self::TEXT.as_str();
            const WORDS: &'static [&'static str] = &[$($word),+];

            fn read(text: &str) -> Result<Self, String> {
                match text { $($word => Ok(Self::$variant),)+ _ => Err(String::new()) }
            }

            fn write(value: &Self) -> String {
                match value { $(Self::$variant => $word),+ }.to_string()
            }
        }
    };
}

/// Declares the settings of a model: for each its field, what it takes, its default, and a sentence. The name in scenarios is that of the
/// field with hyphens.
macro_rules! settings {
    ($(#[$doc:meta])* $vis:vis struct $name:ident { $($field:ident: $takes:ty = $default:literal, $about:literal;)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Debug)]
        $vis struct $name {
            $(#[doc = $about] $vis $field: <$takes as $crate::cluster::kit::settings::Takes>::Value,)+
        }

        impl Default for $name {
            fn default() -> Self {
                $name { $($field: $crate::cluster::kit::settings::usual::<$takes>(stringify!($field), $default),)+ }
            }
        }

        impl $crate::cluster::kit::settings::Declared for $name {
            const DOCS: &'static [$crate::cluster::model::SettingDoc] = &[$({
                const NAME: &$crate::cluster::kit::settings::Text =
                    &$crate::cluster::kit::settings::Text::EMPTY.and_field(stringify!($field));
                $crate::cluster::kit::settings::doc::<$takes>(NAME.as_str(), $default, $about)
            }),+];

            fn set(&mut self, name: &str, text: &str) -> Result<(), String> {
                let mut docs = Self::DOCS.iter();
                $(if let Some(doc) = docs.next() && doc.name == name {
                    self.$field = $crate::cluster::kit::settings::read::<$takes>(doc, text)?;
                    return Ok(());
                })+
                Err($crate::cluster::words::unknown("setting", name, Self::DOCS.iter().map(|doc| doc.name)))
            }

            fn get(&self, name: &str) -> String {
                let mut docs = Self::DOCS.iter();
                $(if docs.next().is_some_and(|doc| doc.name == name) {
                    return <$takes as $crate::cluster::kit::settings::Takes>::write(&self.$field);
                })+
                String::new()
            }
        }
    };
}

pub(crate) use {settings, words};

/// The documentation of a setting.
pub const fn doc<T: Takes>(name: &'static str, default: &'static str, about: &'static str) -> SettingDoc {
    SettingDoc { name, default, takes: T::TAKES, words: T::WORDS, kind: T::KIND, live: T::LIVE, about }
}

/// Reads a setting; the error says what would be right.
pub fn read<T: Takes>(doc: &SettingDoc, text: &str) -> Result<T::Value, String> {
    T::read(text.trim()).map_err(|more| {
        let near = did_you_mean(text, doc.words.iter().copied());
        let more = if more.is_empty() { more } else { format!("; {more}") };
        format!("`{}` takes {}, not `{text}`{near}{more}", doc.name, doc.takes)
    })
}

/// The value of a setting unless said otherwise.
#[expect(clippy::panic, reason = "a default that its own setting does not take is a mistake of the program, and every test finds it")]
pub fn usual<T: Takes>(name: &str, default: &str) -> T::Value {
    T::read(default).unwrap_or_else(|more| panic!("the default of {name} is {}, not {default}: {more}", T::TAKES))
}

#[cfg(test)]
mod tests {
    use super::*;

    words! {
        /// How.
        enum How { Slow = "slow", VeryFast = "very-fast", Not = "not" }
    }

    settings! {
        /// Some settings.
        struct Some {
            how: How = "very-fast", "How it is done.";
            wait_for: Timer = "5ms", "How long it waits.";
            delay: Length = "0s", "How long it is late.";
            work: Times = "exp(20ms)", "How long it takes.";
            between: Range = "150ms-300ms", "How long it takes at least and at most.";
            most: Count<1, 1000> = "40", "How many.";
            limit: OrNone<Count<2, 9>> = "none", "How many at most.";
            loss: Share = "0.5", "How much is lost.";
            log: Switch = "off", "Whether it is written down.";
            again: Attempts = "3 attempts after 1ms", "Whether it is done again.";
        }
    }

    #[test]
    fn a_declaration_says_everything() {
        let takes: Vec<(&str, &str)> = Some::DOCS.iter().map(|doc| (doc.name, doc.takes)).collect();
        let (timer, length) = (format!("{TIMERS}"), format!("{DURATIONS}"));
        assert_eq!(takes[..3], [("how", "slow, very-fast or not"), ("wait-for", timer.as_str()), ("delay", length.as_str())]);
        assert_eq!(takes[5..7], [("most", "a whole number from 1 to 1000"), ("limit", "none, or a whole number from 2 to 9")]);
        assert_eq!(Some::DOCS[0].words, ["slow", "very-fast", "not"]);
    }

    #[test]
    fn what_is_printed_reads_back_and_nonsense_is_refused() {
        let mut settings = Some::default();
        for doc in Some::DOCS {
            let text = settings.get(doc.name);
            assert_eq!((settings.set(doc.name, &text), settings.get(doc.name)), (Ok(()), text), "{}", doc.name);
            for wrong in ["nonsense", "", "-1ms", "1e3s", "3651d", "-1", "+3", "1001", "1.5", "nan", "2ms-1ms", "1ms-2ms-3ms"] {
                let said = settings.set(doc.name, wrong).expect_err(doc.name);
                assert!(said.contains(doc.takes) && said.contains(wrong), "{said}");
            }
            doc.words.iter().for_each(|word| assert_eq!(settings.set(doc.name, word), Ok(())));
        }
        assert_eq!((settings.set("limit", "9"), settings.limit), (Ok(()), Option::Some(9)));
        assert_eq!((settings.set("wait-for", "999us").is_err(), settings.set("delay", "999us")), (true, Ok(())));
        assert!(settings.set("how", "very-fats").is_err_and(|said| said.contains("did you mean `very-fast`?")));
        assert!(settings.set("wait_for", "1s").is_err_and(|said| said.contains("`wait-for`")));
    }
}
