//! Texts of a lesson as they are shown: keys of this program and facts of this moment in place of what stands in double braces.

use super::{Lab, pick};
use crate::cluster::facts::rounded;
use crate::command::Poke;
use crate::lesson::markup::{self, Move, Slot};
use crate::lesson::question::Fact;
use crate::tui::actions;
use crate::tui::screens::footer;

/// The text as it is shown now.
pub(super) fn told(lab: &Lab, text: &str) -> String {
    markup::filled(text, |slot| match Slot::read(slot, lab.run().scenario()) {
        Ok(Slot::Fact(fact)) => value(lab, &fact),
        Ok(Slot::Move(to)) => key_of(action_of(to)),
        Ok(Slot::Verb(verb)) => by_verb(lab, &verb),
        Ok(Slot::Poke(poke)) => keys_of(lab, &poke),
        // The loader has read the same slot.
        Err(_) => slot.to_string(),
    })
}

/// The actions that a text names by their keys, in its order; of the keys of the model on the stage the letter too.
pub(super) fn named(lab: &Lab, text: &str) -> Vec<(&'static str, Option<char>)> {
    let action = |slot| match Slot::read(slot, lab.run().scenario()).ok()? {
        Slot::Fact(_) => None,
        Slot::Move(to) => Some((action_of(to), None)),
        Slot::Verb(verb) => action_of_verb(lab, &verb),
        Slot::Poke(poke) => match &poke {
            Poke::Ask { call, .. } | Poke::Operate(call) => action_of_verb(lab, call.verb.name),
            _ => pick::action_of(&poke).map(|id| (id, None)),
        },
    };
    markup::slots(text).filter_map(action).collect()
}

/// Whether a text changes while the cluster runs.
pub(super) fn is_live(text: &str) -> bool {
    markup::slots(text).any(|slot| slot.starts_with("fact "))
}

fn value(lab: &Lab, fact: &Fact) -> String {
    fact.value(lab.run().cluster()).map_or_else(|| "?".to_string(), |value| rounded(&value.to_string()))
}

/// The action that a text means.
const fn action_of(to: Move) -> &'static str {
    match to {
        Move::Play => "play",
        Move::Next => "go-on",
        Move::Back => "previous-step",
        Move::Undo => "undo",
        Move::Restart => "restart",
        Move::Hint => "hint",
        Move::Solution => "solution",
        Move::Type => "palette",
        Move::Step => "forward",
        Move::Jump => "next",
        Move::More => "more",
        Move::Faster => "faster",
        Move::Slower => "slower",
    }
}

/// The key of what does, or asks for more to do, what a verb says.
fn by_verb(lab: &Lab, verb: &str) -> String {
    match action_of_verb(lab, verb) {
        Some((_, Some(letter))) => format!("`{letter}`"),
        Some((id, None)) => key_of(id),
        None => typed(verb),
    }
}

/// The action that does what a verb says, with its letter where it is one of the keys of the model.
fn action_of_verb(lab: &Lab, verb: &str) -> Option<(&'static str, Option<char>)> {
    let language = lab.language();
    let asked = language.calls.iter().find(|call| call.verb.name == verb).and_then(|call| call.key);
    let own = language.verbs.iter().find(|own| own.verb.name == verb).and_then(|own| own.key);
    if let Some(letter) = asked.or(own) {
        return Some((footer::ASK, Some(letter)));
    }
    let id = match verb {
        "restart" => "crash",
        "pause" | "resume" => "pause-node",
        other => other,
    };
    actions::by_id(id).map(|action| (action.id, None))
}

fn key_of(id: &str) -> String {
    actions::by_id(id).map_or_else(String::new, |action| format!("`{}`", action.first_key()))
}

/// The key of the palette and what is typed there.
fn typed(command: &str) -> String {
    format!("{} `{command}`", key_of("palette"))
}

/// The keys with which a poke is done now.
fn keys_of(lab: &Lab, poke: &Poke) -> String {
    match pick::keys_of(lab, poke) {
        Some(keys) => keys.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(" "),
        None => typed(&poke.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_move_has_a_key() {
        for (word, to) in Move::ALL {
            assert!(actions::by_id(action_of(to)).is_some(), "{word}");
        }
    }
}
