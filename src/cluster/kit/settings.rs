//! Settings, each declared once: name, what it takes, default, and a sentence. All else follows from the declaration: the field, reading
//! and printing, the documentation, the words for completion.
//!
//! `settings!` declares the settings of a model, `words!` a setting that is one of several words; [`Takes`] says what others take.
//! What several models have alike is in [`shared`]: they name it and its default, and its sentence is said there.

pub mod shared;
mod speeds;
mod text;
mod values;

use crate::cluster::model::SettingDoc;
use crate::near::did_you_mean;

pub use shared::Shared;
pub use speeds::Speeds;
pub use text::Text;
pub use values::{AtStart, Attempts, Count, Length, OrNone, Range, Share, Switch, Timer, Times};

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

    /// Reads it. The error says more than [`Takes::TAKES`], or nothing.
    fn read(text: &str) -> Result<Self::Value, String>;
    /// Prints it: reading gives the same again.
    fn write(value: &Self::Value) -> String;
    /// What it says of how fast things are; most say nothing.
    fn pace(value: &Self::Value, speeds: &mut Speeds) {
        let _ = (value, speeds);
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

/// Declares the settings of a model: for each its field, what it takes, its default, and a sentence. One of [`shared`] has its sentence;
/// another said here comes before it. The name in scenarios is that of the field with hyphens.
macro_rules! settings {
    ($(#[$doc:meta])* $vis:vis struct $name:ident { $($field:ident: $takes:ty = $default:literal $(, $about:literal)?;)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Debug)]
        $vis struct $name {
            $(#[doc = concat!($($about, " ",)? "Takes a `", stringify!($takes), "`.")] $vis $field: <$takes as $crate::cluster::kit::settings::Takes>::Value,)+
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
                $crate::cluster::kit::settings::doc::<$takes>(NAME.as_str(), $default, $crate::cluster::kit::settings::about!($takes $(, $about)?))
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

            fn speeds(&self) -> $crate::cluster::kit::settings::Speeds {
                let mut speeds = $crate::cluster::kit::settings::Speeds::default();
                $(<$takes as $crate::cluster::kit::settings::Takes>::pace(&self.$field, &mut speeds);)+
                speeds
            }
        }
    };
}

/// The sentence of a setting: its own, or that of a shared one.
macro_rules! about {
    ($takes:ty) => {
        <$takes as $crate::cluster::kit::settings::Shared>::ABOUT
    };
    ($takes:ty, $about:literal) => {
        $about
    };
}

pub(crate) use {about, settings, words};

/// The documentation of a setting.
pub const fn doc<T: Takes>(name: &'static str, default: &'static str, about: &'static str) -> SettingDoc {
    SettingDoc { name, default, takes: T::TAKES, words: T::WORDS, live: T::LIVE, about }
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
mod tests;
