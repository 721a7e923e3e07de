//! Keys by name: `q`, `Ctrl-c`, `Shift-Left`, `Space`. One spelling for the action table, help and scripts.

use std::fmt;
use std::str::FromStr;

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::layouts;

/// A key with its modifiers. Shift is part of a character and kept only for other keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Hash)]
pub struct Key {
    /// Which key.
    pub code: KeyCode,
    /// Control, alt and, except for characters, shift.
    pub modifiers: KeyModifiers,
}

/// Why a text names no key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no key; write a character, or a name such as Enter, Esc, Left, Ctrl-c, Shift-Tab")]
pub struct BadKey(pub String);

/// Names with their codes, as they are read and printed.
const NAMES: [(&str, KeyCode); 17] = [
    ("Space", KeyCode::Char(' ')),
    ("Enter", KeyCode::Enter),
    ("Esc", KeyCode::Esc),
    ("Tab", KeyCode::Tab),
    ("Backspace", KeyCode::Backspace),
    ("Delete", KeyCode::Delete),
    ("Insert", KeyCode::Insert),
    ("Left", KeyCode::Left),
    ("Right", KeyCode::Right),
    ("Up", KeyCode::Up),
    ("Down", KeyCode::Down),
    ("Home", KeyCode::Home),
    ("End", KeyCode::End),
    ("PageUp", KeyCode::PageUp),
    ("PageDown", KeyCode::PageDown),
    ("Null", KeyCode::Null),
    ("Menu", KeyCode::Menu),
];

impl Key {
    /// A character or a named key without modifiers.
    pub const fn plain(code: KeyCode) -> Key {
        Key { code, modifiers: KeyModifiers::NONE }
    }

    /// The character typed, where the key types one.
    pub fn typed(self) -> Option<char> {
        match self.code {
            KeyCode::Char(c) if self.modifiers.is_empty() => Some(c),
            _ => None,
        }
    }

    /// The key of a US keyboard at the same place, for a letter of a layout without Latin letters; else the key itself.
    pub fn by_place(self) -> Key {
        let latin = if let KeyCode::Char(c) = self.code { layouts::by_place(c) } else { None };
        Key { code: latin.map_or(self.code, KeyCode::Char), ..self }
    }

    /// The name on a narrow key hint: arrows as signs where the screen can show them.
    pub fn short(self, ascii: bool) -> String {
        let sign = match self.code {
            KeyCode::Left => "←",
            KeyCode::Right => "→",
            KeyCode::Up => "↑",
            KeyCode::Down => "↓",
            _ => "",
        };
        if ascii || sign.is_empty() { self.to_string() } else { format!("{}{sign}", prefix(self.modifiers)) }
    }
}

impl From<KeyEvent> for Key {
    fn from(event: KeyEvent) -> Key {
        let kept = KeyModifiers::CONTROL | KeyModifiers::ALT | KeyModifiers::SHIFT;
        let mut key = Key { code: event.code, modifiers: event.modifiers & kept };
        if key.code == KeyCode::BackTab {
            key = Key { code: KeyCode::Tab, modifiers: key.modifiers | KeyModifiers::SHIFT };
        }
        if matches!(key.code, KeyCode::Char(_)) {
            key.modifiers -= KeyModifiers::SHIFT;
        }
        key
    }
}

fn prefix(modifiers: KeyModifiers) -> String {
    let names = [(KeyModifiers::CONTROL, "Ctrl-"), (KeyModifiers::ALT, "Alt-"), (KeyModifiers::SHIFT, "Shift-")];
    names.iter().filter(|(m, _)| modifiers.contains(*m)).map(|(_, name)| *name).collect()
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&prefix(self.modifiers))?;
        match (NAMES.iter().find(|(_, code)| *code == self.code), self.code) {
            (Some((name, _)), _) => f.write_str(name),
            (None, KeyCode::Char(c)) => write!(f, "{c}"),
            (None, KeyCode::F(n)) => write!(f, "F{n}"),
            (None, other) => write!(f, "{other:?}"),
        }
    }
}

impl FromStr for Key {
    type Err = BadKey;

    fn from_str(text: &str) -> Result<Key, BadKey> {
        let mut rest = text;
        let mut modifiers = KeyModifiers::NONE;
        for (name, modifier) in [("Ctrl-", KeyModifiers::CONTROL), ("Alt-", KeyModifiers::ALT), ("Shift-", KeyModifiers::SHIFT)] {
            if let Some(after) = rest.strip_prefix(name) {
                (rest, modifiers) = (after, modifiers | modifier);
            }
        }
        let mut chars = rest.chars();
        let code = match (NAMES.iter().find(|(name, _)| *name == rest), chars.next(), chars.next()) {
            (Some((_, code)), ..) => *code,
            (None, Some(c), None) => KeyCode::Char(c),
            (None, Some('F'), Some(_)) => KeyCode::F(rest[1..].parse().map_err(|_| BadKey(text.to_string()))?),
            _ => return Err(BadKey(text.to_string())),
        };
        Ok(Key { code, modifiers })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_read_back() {
        for text in ["q", "?", "Ctrl-c", "Shift-Left", "Shift-Tab", "Space", "Enter", "F1", "-", "é", "Alt-x"] {
            assert_eq!(text.parse::<Key>().map(|k| k.to_string()), Ok(text.to_string()));
        }
        for text in ["", "Entre", "Fx", "Ctrl-", "ab"] {
            assert!(text.parse::<Key>().is_err(), "{text}");
        }
    }

    #[test]
    fn shift_is_part_of_a_character() {
        let event = KeyEvent::new(KeyCode::Char('H'), KeyModifiers::SHIFT);
        assert_eq!(Key::from(event).to_string(), "H");
        assert_eq!(Key::from(KeyEvent::new(KeyCode::BackTab, KeyModifiers::SHIFT)).to_string(), "Shift-Tab");
    }
}
