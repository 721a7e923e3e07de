//! Names in double braces in the texts of a lesson: what is known when it is read is filled in then, the rest where it is shown.
//!
//! `{{detection-timeout}}` is a setting of the cluster at hand, `{{nodes}}` its size, and names of `vary` stand for their value. What
//! can be known only on the screen stays: `{{fact acked}}` is the number of that moment, `{{crash n1}}` are the keys with which *this*
//! program does that, `{{write}}` the key of that verb, and `{{key play}}` the key of a [`Move`].

use std::fmt;
use std::str::FromStr;

use crate::cluster::{Scenario, registry};
use crate::command::verbs::VERBS;
use crate::command::{Command, Poke};
use crate::near::did_you_mean;

use super::question::Fact;

/// A part of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece<'t> {
    /// Words, as they are.
    Words(&'t str),
    /// What stood between double braces, without blanks around it.
    Slot(&'t str),
}

/// The parts of a text. Braces that are never closed are words.
pub fn pieces(text: &str) -> Vec<Piece<'_>> {
    let (mut pieces, mut rest) = (Vec::new(), text);
    while let Some((before, after)) = rest.split_once("{{") {
        let Some((inside, behind)) = after.split_once("}}") else { break };
        if !before.is_empty() {
            pieces.push(Piece::Words(before));
        }
        pieces.push(Piece::Slot(inside.trim()));
        rest = behind;
    }
    if !rest.is_empty() {
        pieces.push(Piece::Words(rest));
    }
    pieces
}

/// The slots of a text that is shown, in order.
pub fn slots(text: &str) -> impl Iterator<Item = &str> {
    pieces(text).into_iter().filter_map(|piece| if let Piece::Slot(slot) = piece { Some(slot) } else { None })
}

/// The text with every slot replaced.
pub fn filled(text: &str, mut by: impl FnMut(&str) -> String) -> String {
    if !text.contains("{{") {
        return text.to_string();
    }
    let one = |piece| match piece {
        Piece::Words(words) => words.to_string(),
        Piece::Slot(slot) => by(slot),
    };
    pieces(text).into_iter().map(one).collect()
}

/// What a slot stands for that only the screen can fill in.
#[derive(Clone, Debug, PartialEq)]
pub enum Slot {
    /// `{{fact acked}}`: its value now.
    Fact(Fact),
    /// `{{key play}}`: the key of something that is done to the program.
    Move(Move),
    /// `{{write}}`: the key of a verb.
    Verb(String),
    /// `{{cut east | west}}`: the keys of a whole poke.
    Poke(Poke),
}

impl Slot {
    /// Reads a slot beside a cluster of this scenario. The error says what would be right.
    pub fn read(slot: &str, scenario: &Scenario) -> Result<Slot, String> {
        let model = registry::model(&scenario.model).ok_or("the model is not known")?;
        if let Some(name) = slot.strip_prefix("fact ") {
            return Fact::read(name.trim(), model).map(Slot::Fact).map_err(|(what, help)| format!("{what}; {help}"));
        }
        if let Some(word) = slot.strip_prefix("key ") {
            let words = || Move::ALL.map(|(word, _)| word).join(", ");
            return word.trim().parse().map(Slot::Move).map_err(|()| format!("there is no key `{word}`; there are {}", words()));
        }
        let own = model.language.calls.iter().map(|call| call.verb.name).chain(model.language.verbs.iter().map(|doc| doc.verb.name));
        if VERBS.iter().map(|verb| verb.name).chain(own).any(|name| name == slot) {
            return Ok(Slot::Verb(slot.to_string()));
        }
        match model.language.parse(slot) {
            Ok(Command::Poke(poke)) => Ok(Slot::Poke(poke)),
            Ok(Command::Drive(_)) => Err(format!("`{slot}` moves the clock; name its key: `{{{{key play}}}}`")),
            Err(error) => {
                let names = model.settings.iter().map(|doc| doc.name).chain(["nodes", "clients", "fact", "key"]);
                Err(format!("`{{{{{slot}}}}}` is no setting and no poke: {}{}", error.message, did_you_mean(slot, names)))
            }
        }
    }
}

/// What a text may name by its key, besides pokes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Move {
    /// Lets time pass, or stops it.
    Play,
    /// Goes on: to the next stop, the next step.
    Next,
    /// Back to the step before.
    Back,
    /// Takes the last poke back.
    Undo,
    /// Starts the step again.
    Restart,
    /// Asks for a hint.
    Hint,
    /// Plays the solution.
    Solution,
    /// Types a command.
    Type,
    /// One event on.
    Step,
    /// To the next thing worth seeing.
    Jump,
    /// Lists what else can be done.
    More,
    /// Plays faster.
    Faster,
    /// Plays slower.
    Slower,
}

impl Move {
    /// Each with its word in texts.
    pub const ALL: [(&'static str, Move); 13] = [
        ("play", Move::Play),
        ("next", Move::Next),
        ("back", Move::Back),
        ("undo", Move::Undo),
        ("restart", Move::Restart),
        ("hint", Move::Hint),
        ("solution", Move::Solution),
        ("type", Move::Type),
        ("step", Move::Step),
        ("jump", Move::Jump),
        ("more", Move::More),
        ("faster", Move::Faster),
        ("slower", Move::Slower),
    ];
}

impl FromStr for Move {
    type Err = ();

    fn from_str(word: &str) -> Result<Move, ()> {
        Move::ALL.iter().find(|(name, _)| *name == word).map(|(_, to)| *to).ok_or(())
    }
}

impl fmt::Display for Move {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = Move::ALL.iter().find(|(_, to)| to == self).map_or("", |(name, _)| name);
        f.write_str(word)
    }
}

/// A value of a setting as a text says it: `150ms` is "150 ms", `const(20ms)` is "20 ms", `uniform(8ms, 12ms)` is "8 ms to 12 ms" and
/// `exp(20ms)` "20 ms on average". Other distributions stand as they are written.
pub fn said(value: &str) -> String {
    let within = |name: &str| value.strip_prefix(name)?.strip_prefix('(')?.strip_suffix(')');
    if let Some(time) = within("const") {
        return said_time(time);
    }
    if let Some(mean) = within("exp") {
        return format!("{} on average", said_time(mean));
    }
    match within("uniform").and_then(|ends| ends.split_once(", ")) {
        Some((low, high)) => format!("{} to {}", said_time(low), said_time(high)),
        None => said_time(value),
    }
}

/// With a blank between a number and its unit.
fn said_time(value: &str) -> String {
    let number = value.len() - value.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.').len();
    let (number, unit) = value.split_at(number);
    let is_unit = !unit.is_empty() && unit.chars().all(char::is_alphabetic);
    if number.is_empty() || !is_unit { value.to_string() } else { format!("{number} {unit}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_falls_into_words_and_slots() {
        use Piece::{Slot, Words};
        assert_eq!(pieces("a {{ cut east | west }} b"), [Words("a "), Slot("cut east | west"), Words(" b")]);
        assert_eq!(pieces("{{x}}{{y}}"), [Slot("x"), Slot("y")]);
        assert_eq!(pieces("open {{ and { more"), [Words("open {{ and { more")]);
        assert_eq!(filled("a {{b}} c", str::to_uppercase), "a B c");
    }

    #[test]
    fn values_are_said_with_a_blank_before_their_unit() {
        let pairs = [
            ("150ms", "150 ms"),
            ("1.5s", "1.5 s"),
            ("3", "3"),
            ("async", "async"),
            ("const(20ms)", "20 ms"),
            ("uniform(8ms, 12ms)", "8 ms to 12 ms"),
            ("exp(1.5s)", "1.5 s on average"),
            ("pareto(1ms, 2)", "pareto(1ms, 2)"),
            ("5/s", "5/s"),
        ];
        for (value, expected) in pairs {
            assert_eq!(said(value), expected);
        }
    }

    #[test]
    fn every_move_has_a_word() {
        for (word, to) in Move::ALL {
            assert_eq!((word.parse(), to.to_string()), (Ok(to), word.to_string()));
        }
    }
}
