//! The one table of actions. Dispatch, key hints, the help screen, the palette, `--print-keys` and the test for keys with two
//! meanings are all made from it.

mod boxes;
mod everywhere;
mod home;
mod lab;
mod network;
mod pages;
mod place;
mod present;
mod quiz;
mod tried;

use std::fmt::Write as _;
use std::sync::OnceLock;

pub use place::{CONTEXTS, Place};

use super::app::App;
use super::keys::Key;

/// One thing that can be done.
pub struct Action {
    /// Its name in the palette and in tests.
    pub id: &'static str,
    /// Where.
    pub place: Place,
    /// Its keys by name, separated by blanks; the first is shown.
    pub keys: &'static str,
    /// A word or two for key hints.
    pub word: &'static str,
    /// What it does, for the help.
    pub about: &'static str,
    /// Whether it can be done now; the error says why not.
    pub can: fn(&App) -> Result<(), String>,
    /// Does it.
    pub run: fn(&mut App, Key),
}

#[expect(clippy::unnecessary_wraps, reason = "one of the answers that `can` gives")]
fn yes(_: &App) -> Result<(), String> {
    Ok(())
}

macro_rules! actions {
    ($($place:ident $id:literal [$keys:literal] $word:literal, $about:literal, $can:expr, $run:expr;)*) => {
        &[$(Action { id: $id, place: Place::$place, keys: $keys, word: $word, about: $about, can: $can, run: $run }),*]
    };
}

use actions;

/// The tables of the rooms, in the order of the help.
static TABLES: [&[Action]; 9] =
    [home::TABLE, lab::TABLE, network::TABLE, quiz::TABLE, present::TABLE, boxes::TABLE, tried::TABLE, pages::TABLE, everywhere::TABLE];

/// Every action, in the order of the help.
pub fn all() -> impl DoubleEndedIterator<Item = &'static Action> {
    TABLES.iter().flat_map(|table| table.iter())
}

/// Other keys for an action than those of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Own {
    /// The action.
    pub id: &'static str,
    /// Its keys; the first is shown.
    pub keys: Vec<Key>,
}

/// The keys that the learner chose.
static CHOSEN: OnceLock<Vec<Own>> = OnceLock::new();

/// Gives actions the keys that the learner chose. Only the first call counts: it comes before anything reads a key.
pub fn choose_keys(keys: Vec<Own>) {
    let _ = CHOSEN.set(keys);
}

impl Action {
    /// The keys: those that the learner chose, or else those of the table.
    pub fn keys(&self) -> impl Iterator<Item = Key> {
        self.keys_with(CHOSEN.get().map_or(&[], Vec::as_slice))
    }

    /// The keys, where these were chosen.
    pub fn keys_with<'o>(&self, chosen: &'o [Own]) -> impl Iterator<Item = Key> + use<'o> {
        let own = chosen.iter().find(|own| own.id == self.id);
        let names = if own.is_some() { "" } else { self.keys };
        own.into_iter().flat_map(|own| own.keys.iter().copied()).chain(names.split(' ').filter_map(|name| name.parse().ok()))
    }

    /// The actions of a key hint, which shows the first key of each: every one of this place with the same word (both arrows for `step`).
    pub fn shown(&self) -> impl Iterator<Item = &'static Action> {
        all().filter(|a| a.place == self.place && a.word == self.word)
    }

    /// Whether its keys are digits that the screen shows, each for the row beside it.
    pub fn counts(&self) -> bool {
        self.keys.contains(' ') && self.keys.split(' ').all(|key| key.parse::<u8>().is_ok())
    }

    /// The key that is shown.
    pub fn first_key(&self) -> Key {
        self.keys().next().unwrap_or(Key::plain(ratatui::crossterm::event::KeyCode::Null))
    }
}

/// The action of a key in this context.
pub fn find(context: &[Place], key: Key) -> Option<&'static Action> {
    context.iter().find_map(|place| all().find(|a| a.place == *place && a.keys().any(|k| k == key)))
}

/// The action with this id.
pub fn by_id(id: &str) -> Option<&'static Action> {
    all().find(|a| a.id == id)
}

/// One line for each action, under the heading of its place.
pub fn print() -> String {
    let mut out = String::new();
    let mut place = None;
    for action in all() {
        if place != Some(action.place) {
            let _ = writeln!(out, "{}{}", if place.is_some() { "\n" } else { "" }, action.place.heading());
            place = Some(action.place);
        }
        let keys: Vec<String> = action.keys().map(|key| key.to_string()).collect();
        let _ = writeln!(out, "  {:<22}  {:<14}  {}", keys.join(" "), action.id, action.about);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_is_a_key() {
        for action in all() {
            for name in action.keys.split(' ') {
                assert!(name.parse::<Key>().is_ok(), "{}: {name}", action.id);
            }
        }
    }

    #[test]
    fn ids_are_unique() {
        let mut known = std::collections::BTreeSet::new();
        all().for_each(|action| assert!(known.insert(action.id), "{}", action.id));
    }

    #[test]
    fn no_key_has_two_meanings_in_one_context() {
        for context in CONTEXTS {
            let mut seen: Vec<(Key, &str)> = Vec::new();
            for action in all().filter(|a| context.contains(&a.place)) {
                for key in action.keys() {
                    let other = seen.iter().find(|(k, _)| *k == key);
                    assert!(other.is_none(), "{key} is {} and {other:?} in {context:?}", action.id);
                    seen.push((key, action.id));
                }
            }
        }
    }

    #[test]
    fn every_place_occurs_in_a_context() {
        for action in all() {
            assert!(CONTEXTS.iter().any(|c| c.contains(&action.place)), "{}", action.id);
        }
    }
}
