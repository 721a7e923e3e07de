//! The one table of actions. Dispatch, key hints, the help screen, the palette, `--print-keys` and the test for keys with two
//! meanings are all made from it.

use std::fmt::Write as _;

use super::app::{self, App};
use super::keys::Key;
use super::screens::{help, home};

/// Where an action applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// Wherever keys are read, even while typing.
    Always,
    /// Wherever no text is typed.
    Anywhere,
    /// On the home screen.
    Home,
    /// In the search line of the home screen.
    Search,
    /// In the help.
    Help,
}

impl Place {
    /// The heading in the help.
    pub fn heading(self) -> &'static str {
        match self {
            Place::Always => "Always",
            Place::Anywhere => "Everywhere but while typing",
            Place::Home => "Home",
            Place::Search => "Search",
            Place::Help => "Help",
        }
    }
}

/// The combinations of places that occur; keys are unique within each.
pub const CONTEXTS: [&[Place]; 3] = [
    &[Place::Home, Place::Anywhere, Place::Always],
    &[Place::Search, Place::Always],
    &[Place::Help, Place::Always],
];

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

fn yes(_: &App) -> Result<(), String> {
    Ok(())
}

macro_rules! actions {
    ($($place:ident $id:literal [$keys:literal] $word:literal, $about:literal, $can:expr, $run:expr;)*) => {
        &[$(Action { id: $id, place: Place::$place, keys: $keys, word: $word, about: $about, can: $can, run: $run }),*]
    };
}

/// Every action, in the order of the help.
pub static ACTIONS: &[Action] = actions![
    Home "open"         ["Enter Right l"]  "open",      "open the topic, or unfold the chapter",      home::can_open, home::open;
    Home "up"           ["Up k"]           "choose",    "the topic above",                            yes, home::up;
    Home "down"         ["Down j"]         "choose",    "the topic below",                            yes, home::down;
    Home "page-up"      ["PageUp"]         "page",      "ten topics up",                              yes, home::page_up;
    Home "page-down"    ["PageDown"]       "page",      "ten topics down",                            yes, home::page_down;
    Home "first"        ["Home g"]         "first",     "the first topic",                            yes, home::first;
    Home "last"         ["End G"]          "last",      "the last topic",                             yes, home::last;
    Home "search"       ["/"]              "search",    "find a topic by a word of it",               yes, home::search;
    Home "leave"        ["q Esc"]          "quit",      "leave the program",                          yes, app::quit;
    Search "found"      ["Enter"]          "open",      "open the topic found",                       home::can_open, home::open;
    Search "found-up"   ["Up"]             "choose",    "the topic above",                            yes, home::up;
    Search "found-down" ["Down"]           "choose",    "the topic below",                            yes, home::down;
    Search "no-search"  ["Esc"]            "all topics", "back to all topics",                        yes, home::end_search;
    Help "help-up"      ["Up k"]           "scroll",    "scroll up",                                  yes, help::up;
    Help "help-down"    ["Down j Space"]   "scroll",    "scroll down",                                yes, help::down;
    Help "close-help"   ["Esc q ? Enter"]  "close",     "back to where you were",                     yes, app::close;
    Anywhere "help"     ["? F1"]           "all keys",  "show every key",                             yes, help::open;
    Always "quit"       ["Ctrl-c"]         "quit",      "leave the program",                          yes, app::quit;
    Always "suspend"    ["Ctrl-z"]         "stop",      "stop the program; the shell's `fg` goes on", yes, app::suspend;
];

impl Action {
    /// The keys.
    pub fn keys(&self) -> impl Iterator<Item = Key> {
        self.keys.split(' ').filter_map(|name| name.parse().ok())
    }

    /// The keys in a key hint: the first one of every action of this place with the same word (both arrows for `step`).
    pub fn shown_keys(&self) -> impl Iterator<Item = Key> {
        ACTIONS.iter().filter(|a| a.place == self.place && a.word == self.word).map(Action::first_key)
    }

    /// The key that is shown.
    pub fn first_key(&self) -> Key {
        self.keys().next().unwrap_or(Key::plain(ratatui::crossterm::event::KeyCode::Null))
    }
}

/// The action of a key in this context.
pub fn find(context: &[Place], key: Key) -> Option<&'static Action> {
    context.iter().find_map(|place| ACTIONS.iter().find(|a| a.place == *place && a.keys().any(|k| k == key)))
}

/// The action with this id.
pub fn by_id(id: &str) -> Option<&'static Action> {
    ACTIONS.iter().find(|a| a.id == id)
}

/// One line for each action, under the heading of its place.
pub fn print() -> String {
    let mut out = String::new();
    let mut place = None;
    for action in ACTIONS {
        if place != Some(action.place) {
            let _ = writeln!(out, "{}{}", if place.is_some() { "\n" } else { "" }, action.place.heading());
            place = Some(action.place);
        }
        let _ = writeln!(out, "  {:<22}  {:<14}  {}", action.keys, action.id, action.about);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_is_a_key() {
        for action in ACTIONS {
            for name in action.keys.split(' ') {
                assert!(name.parse::<Key>().is_ok(), "{}: {name}", action.id);
            }
        }
    }

    #[test]
    fn ids_are_unique() {
        for (i, action) in ACTIONS.iter().enumerate() {
            assert!(ACTIONS[..i].iter().all(|a| a.id != action.id), "{}", action.id);
        }
    }

    #[test]
    fn no_key_has_two_meanings_in_one_context() {
        for context in CONTEXTS {
            let mut seen: Vec<(Key, &str)> = Vec::new();
            for action in ACTIONS.iter().filter(|a| context.contains(&a.place)) {
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
        for action in ACTIONS {
            assert!(CONTEXTS.iter().any(|c| c.contains(&action.place)), "{}", action.id);
        }
    }
}
