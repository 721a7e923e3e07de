//! Texts of a lesson as they are said now: words of this room and facts of this moment in place of what stands in double braces.

use crate::cluster::facts::rounded;
use crate::cluster::registry;
use crate::command::verbs;
use crate::lesson::markup::{self, Move, Slot};
use crate::timeline::Timeline;

/// What texts say of the key that opens the line for commands, and what is said where every line is one.
const TYPING: [(&str, &str); 11] = [
    ("ype {{key type}} and ", "ype "),
    ("ype {{key type}}: ", "ype: "),
    ("ype {{key type}}, ", "ype "),
    ("With {{key type}} you type ", "You can type "),
    (" ({{key type}} types)", ""),
    ("{{key type}} types ", "You can type "),
    ("{{key type}} lets you type ", "You can type "),
    ("{{key type}} takes commands", "You can type commands"),
    ("{{key type}}, then ", ""),
    (" after {{key type}}", ""),
    ("{{key type}} `", "`"),
];

/// The text as it is said now, beside this run.
pub(super) fn told(run: &Timeline, text: &str) -> String {
    let text = TYPING.iter().fold(text.to_string(), |text, (key, words)| text.replace(key, words));
    markup::filled(&text, |slot| match Slot::read(slot, run.scenario()) {
        Ok(Slot::Fact(fact)) => {
            fact.value(run.cluster()).map_or_else(|| "a number that is not there yet".to_string(), |value| rounded(&value.to_string()))
        }
        Ok(Slot::Move(to)) => format!("\"{}\"", word_of(to)),
        Ok(Slot::Verb(verb)) => format!("\"{}\"", typed(run, &verb)),
        Ok(Slot::Poke(poke)) => format!("\"{poke}\""),
        // The loader has read the same slot.
        Err(_) => slot.to_string(),
    })
}

/// The word that does it here.
pub(super) const fn word_of(to: Move) -> &'static str {
    match to {
        Move::Play | Move::Faster | Move::Slower => "play",
        Move::Next => "next",
        Move::Back => "previous",
        Move::Undo => "undo",
        Move::Restart => "again",
        Move::Hint => "hint",
        Move::Solution => "solution",
        Move::Type => "help",
        Move::Step => "step",
        Move::Jump => "jump",
        Move::More => "pokes",
    }
}

/// How a verb is typed: what clients ask with a client before it.
fn typed(run: &Timeline, verb: &str) -> String {
    let language = registry::language(&run.scenario().model);
    match language.call(verb) {
        Some(call) => call.verb.example.to_string(),
        None if verbs::verb(verb).is_some() => verb.to_string(),
        None => language.own(verb).map_or(verb, |own| own.verb.example).to_string(),
    }
}
