//! Keys of one's own, and why some cannot be had.

use std::collections::BTreeSet;

use crate::tui::actions::{self, Action, CONTEXTS, Own, Place};
use crate::tui::keys::Key;

/// Reads the keys of an action. The error says what is wrong with them.
pub(super) fn own(id: &str, names: &[&str]) -> Result<Own, String> {
    let Some(action) = actions::by_id(id) else {
        let near = crate::near::did_you_mean(id, actions::all().map(|action| action.id));
        return Err(format!("there is no action `{id}`{near}"));
    };
    if names.is_empty() {
        return Err(format!("`{id}` needs a key"));
    }
    if action.counts() {
        return Err(format!("`{id}` keeps its keys: they are the digits that the screen shows beside its rows"));
    }
    let keys: Result<Vec<Key>, _> = names.iter().map(|name| name.parse::<Key>()).collect();
    let keys = keys.map_err(|bad| format!("`{id}`: {bad}"))?;
    match keys.iter().find(|key| key.typed().is_some() && types(action.place)) {
        Some(key) => Err(format!("`{id}` cannot have the key `{key}`: it is done where text is typed, and `{key}` types itself")),
        None => Ok(Own { id: action.id, keys }),
    }
}

/// Whether text is typed where actions of this place apply.
fn types(place: Place) -> bool {
    matches!(place, Place::Always | Place::Search | Place::Palette)
}

/// Takes out what gives a key two meanings, and says so by the names of both.
pub(super) fn without_duplicates(mut all: Vec<Own>) -> (Vec<Own>, Vec<String>) {
    let mut mistakes = BTreeSet::new();
    loop {
        let clashes = clashes(&all);
        let (before, mine) = (all.len(), |action: &Action, all: &[Own]| all.iter().any(|own| own.id == action.id));
        let refused: BTreeSet<&str> =
            clashes.iter().flat_map(|(_, one, two)| [one, two]).filter(|action| mine(action, &all)).map(|action| action.id).collect();
        mistakes.extend(clashes.iter().map(|(key, one, two)| {
            format!(
                "`{key}` would be both `{}` and `{}` ({}); what this file says of them is left out",
                one.id,
                two.id,
                one.place.heading()
            )
        }));
        all.retain(|own| !refused.contains(own.id));
        if all.len() == before {
            return (all, mistakes.into_iter().collect());
        }
    }
}

/// Every key that has two meanings in one context.
fn clashes(all: &[Own]) -> Vec<(Key, &'static Action, &'static Action)> {
    let mut clashes = Vec::new();
    for context in CONTEXTS {
        let mut seen: Vec<(Key, &'static Action)> = Vec::new();
        for action in actions::all().filter(|action| context.contains(&action.place)) {
            for key in action.keys_with(all) {
                if let Some((_, other)) = seen.iter().find(|(known, other)| *known == key && other.id != action.id) {
                    clashes.push((key, *other, action));
                }
                seen.push((key, action));
            }
        }
    }
    clashes
}
