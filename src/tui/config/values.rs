//! The one table of settings: reading, the documentation in the file, and the settings screen are made from it.

use std::fmt::Write as _;

use super::Config;
use crate::tui::theme::{Palette, Signs};

/// One setting that is a word.
pub struct Value {
    /// Its name in the file.
    pub name: &'static str,
    /// What it does, for the file.
    pub about: &'static str,
    /// Its values; the first is what it has unless said.
    pub words: &'static [&'static str],
    /// Takes a value, which is one of the words.
    pub(super) take: fn(&mut Config, &str),
}

/// The values of a setting that is on or off.
const ON: &[&str] = &["true", "false"];

/// Every setting that is a word.
pub(super) static VALUES: [Value; 4] = [
    Value {
        name: "theme",
        about: "The colours. `auto` is dark or light, as the terminal is.",
        words: &["auto", "dark", "light", "high-contrast", "colour-blind"],
        take: |config, word| config.theme = Palette::named(word),
    },
    Value {
        name: "signs",
        about: "What is drawn with. `auto` is every sign, where the terminal can show them.",
        words: &["auto", "unicode", "ascii"],
        take: |config, word| {
            config.signs = match word {
                "unicode" => Some(Signs::Unicode),
                "ascii" => Some(Signs::Ascii),
                _ => None,
            }
        },
    },
    Value {
        name: "motion",
        about: "Whether messages move. Without, the same pictures stand still.",
        words: ON,
        take: |config, word| config.motion = word == "true",
    },
    Value {
        name: "mouse",
        about: "Whether the mouse is used. Without, it is the terminal's, to select text.",
        words: ON,
        take: |config, word| config.mouse = word == "true",
    },
];

/// Whether the words are truth values, which are written without quotes.
pub(super) fn is_switch(value: &Value) -> bool {
    value.words == ON
}

/// A file with every setting as it is unless said, each documented.
pub fn template() -> String {
    let mut text = String::from("# How splitbrain looks, and which keys do what. The options of the command line overrule this file.\n");
    for value in &VALUES {
        let quote = if is_switch(value) { "" } else { "\"" };
        let words: Vec<String> = value.words.iter().map(|word| format!("{quote}{word}{quote}")).collect();
        let _ = write!(text, "\n# {}\n# One of {}\n{} = {}\n", value.about, words.join(", "), value.name, words[0]);
    }
    text + KEYS
}

/// The settings as they count, as such a file.
pub fn print(config: &Config) -> String {
    let mut text = String::new();
    for value in &VALUES {
        let word = |word: &&&str| {
            let mut other = config.clone();
            (value.take)(&mut other, word);
            other == *config
        };
        let quote = if is_switch(value) { "" } else { "\"" };
        let word = value.words.iter().find(word).copied().unwrap_or(value.words[0]);
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{} = {quote}{word}{quote}", value.name);
    }
    text.push_str("\n[keys]\n");
    for own in &config.keys {
        let keys: Vec<String> = own.keys.iter().map(|key| toml_edit::Value::from(key.to_string()).to_string()).collect();
        let _ = writeln!(text, "{} = [{}]", own.id, keys.join(", "));
    }
    text
}

/// The documentation of the keys.
const KEYS: &str = r#"
# Other keys for actions, by the name of the action. `splitbrain --print-keys` lists the actions and their keys.
# A key is a character or a name, such as "Enter", "Esc", "Left", "F5", "Ctrl-x", "Alt-x" or "Shift-Tab".
[keys]
# play = ["Space", "F5"]
"#;
