//! Texts that are almost right: real ones, cut, doubled, mixed and filled with what parsers stumble over.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

/// One damage to a text. Places are shares of the text, so that a smaller text is damaged alike.
#[derive(Clone, Debug)]
enum Damage {
    /// Takes out so many characters.
    Cut(Index, usize),
    /// Puts something in.
    Put(Index, String),
    /// Puts something in the place of a word.
    Replace(Index, String),
    /// Says a stretch several times.
    Repeat(Index, usize, usize),
    /// Swaps two lines.
    Swap(Index, Index),
    /// Takes out a line.
    Drop(Index),
    /// Ends the text.
    End(Index),
    /// Goes on with another text from there on.
    Graft(Index, Index, Index),
}

/// What is put in: what means something in one of the formats, the ends of numbers, and characters of every width.
const SPITE: &[&str] = &[
    "\"",
    "'",
    "\"\"\"",
    "'''",
    "[",
    "]",
    "[[",
    "]]",
    "{",
    "}",
    "{{",
    "}}",
    "(",
    ")",
    "<",
    ">",
    "|",
    "||",
    "&&",
    "!",
    "=",
    "==",
    "->",
    "#",
    "\\",
    ",",
    ";",
    ":",
    ".",
    "-",
    "--",
    "_",
    "*",
    "/",
    "%",
    "@",
    "$",
    "`",
    "\n",
    "\r\n",
    "\t",
    "\0",
    " ",
    "0",
    "-0",
    "1e999",
    "-1e999",
    "NaN",
    "inf",
    "18446744073709551616",
    "9223372036854775808",
    "-9223372036854775809",
    "4294967296",
    "0.1e-400",
    "0x10",
    "1_000",
    "3650d",
    "3651d",
    "1ns",
    "99999999999s",
    "n0",
    "n1",
    "n65536",
    "c1",
    "c99999",
    "#18446744073709551615",
    "true",
    "nil",
    "null",
    "run 1s",
    "until \"leaders >= 2\"",
    "leaders",
    "acked_lost.n1",
    "lag_entries.all(x, x)",
    "max_over(lag_ms_max, 10s)",
    "in [1, 2]",
    "? 1 : 2",
    "e\u{301}",
    "\u{202e}",
    "\u{1b}[2J",
    "\u{feff}",
    "\u{1f600}",
    "\u{10ffff}",
    "ß",
    "id = \"x\"",
    "kind = \"say\"",
    "[cluster]",
    "[[step]]",
    ":invoke",
    ":ok",
    "{:process 0}",
    "{\"v\":2}",
    "{{fact acked}}",
    "{{crash n1}}",
    "{{{{",
    "step = 7",
    "text = \"\"\"",
];

fn spite() -> BoxedStrategy<String> {
    prop_oneof![4 => select(SPITE).prop_map(str::to_string), 1 => "\\PC{0,6}", 1 => (select(SPITE), 2usize..200).prop_map(|(s, n)| s.repeat(n))].boxed()
}

fn damage() -> BoxedStrategy<Damage> {
    let at = any::<Index>;
    prop_oneof![
        (at(), 1usize..40).prop_map(|(at, count)| Damage::Cut(at, count)),
        (at(), spite()).prop_map(|(at, put)| Damage::Put(at, put)),
        (at(), spite()).prop_map(|(at, put)| Damage::Replace(at, put)),
        (at(), 1usize..60, 2usize..50).prop_map(|(at, count, times)| Damage::Repeat(at, count, times)),
        (at(), at()).prop_map(|(one, two)| Damage::Swap(one, two)),
        at().prop_map(Damage::Drop),
        at().prop_map(Damage::End),
        (at(), at(), at()).prop_map(|(at, other, from)| Damage::Graft(at, other, from)),
    ]
    .boxed()
}

/// A place between two characters.
fn place(text: &str, at: Index) -> usize {
    let byte = at.index(text.len() + 1);
    (0..=byte).rev().find(|byte| text.is_char_boundary(*byte)).unwrap_or(0)
}

/// The byte so many characters on.
fn on(text: &str, from: usize, count: usize) -> usize {
    text[from..].char_indices().nth(count).map_or(text.len(), |(byte, _)| from + byte)
}

fn damaged(text: &str, damage: &Damage, all: &[String]) -> String {
    let lines = || text.lines().map(str::to_string).collect::<Vec<String>>();
    match damage {
        Damage::Cut(at, count) => {
            let from = place(text, *at);
            [&text[..from], &text[on(text, from, *count)..]].concat()
        }
        Damage::Put(at, put) => {
            let from = place(text, *at);
            [&text[..from], put, &text[from..]].concat()
        }
        Damage::Replace(at, put) => {
            let from = place(text, *at);
            let is_word = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
            let start = text[..from].rfind(|c| !is_word(c)).map_or(0, |byte| on(text, byte, 1));
            let end = text[from..].find(|c| !is_word(c)).map_or(text.len(), |byte| from + byte);
            [&text[..start], put, &text[end..]].concat()
        }
        Damage::Repeat(at, count, times) => {
            let from = place(text, *at);
            let to = on(text, from, *count);
            [&text[..from], &text[from..to].repeat(*times), &text[to..]].concat()
        }
        Damage::Swap(one, two) => {
            let mut lines = lines();
            if !lines.is_empty() {
                let (one, two) = (one.index(lines.len()), two.index(lines.len()));
                lines.swap(one, two);
            }
            lines.join("\n") + "\n"
        }
        Damage::Drop(at) => {
            let mut lines = lines();
            if !lines.is_empty() {
                lines.remove(at.index(lines.len()));
            }
            lines.join("\n") + "\n"
        }
        Damage::End(at) => text[..place(text, *at)].to_string(),
        Damage::Graft(at, other, from) => {
            let other = &all[other.index(all.len())];
            [&text[..place(text, *at)], &other[place(other, *from)..]].concat()
        }
    }
}

/// One of these texts with up to six damages, or a text of nothing but what parsers stumble over.
pub(crate) fn damaged_one(all: &'static [String]) -> BoxedStrategy<String> {
    let one = (any::<Index>(), vec(damage(), 0..6)).prop_map(move |(which, damages)| {
        damages.iter().fold(all[which.index(all.len())].clone(), |text, damage| damaged(&text, damage, all))
    });
    prop_oneof![12 => one, 2 => vec(spite(), 0..30).prop_map(|parts| parts.concat()), 1 => "\\PC{0,80}"].boxed()
}
