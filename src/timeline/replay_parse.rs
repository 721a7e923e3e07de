//! Reading the text form of a replay: every mistake with its place, all at once.

use std::str::FromStr;

use super::replay::{Check, End, REPLAY_VERSION, Replay};
use super::tree::{POKES_MAX, PokeAt};
use crate::cluster::Scenario;
use crate::cluster::budget::RUN_EVENTS_MAX;
use crate::cluster::registry::language;
use crate::command::{Command, CommandError, Poke, is_zone};
use crate::harmless::sentence;
use crate::near::did_you_mean;
use crate::sim::id::NodeId;
use crate::sim::time::{Span, Time};

/// The highest number of an event that a replay may name.
pub const REPLAY_EVENTS_MAX: u64 = RUN_EVENTS_MAX;

/// So many mistakes are listed; a text with more is probably no replay at all.
const MISTAKES_MAX: usize = 50;

/// More settings than any model has.
const SETTINGS_MAX: usize = 256;

/// More zones than any cluster has.
const ZONES_MAX: usize = 64;

/// A mistake in the text of a replay.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {message}")]
pub struct BadReplay {
    /// The line, from 1.
    pub line: usize,
    /// The character in the line, from 1.
    pub column: usize,
    /// What is wrong and what would be right.
    pub message: String,
}

impl Replay {
    /// Reads the text form, one item a line or several separated by `; `.
    pub fn parse(text: &str) -> Result<Replay, Vec<BadReplay>> {
        let mut draft = Draft::default();
        for item in items(text) {
            if draft.mistakes.len() >= MISTAKES_MAX {
                break;
            }
            draft.line = item.line;
            if let Err((offset, message)) = draft.read(item.text) {
                let column = item.before.chars().count() + item.text[..floor(item.text, offset)].chars().count() + 1;
                draft.mistakes.push(BadReplay { line: item.line, column, message: sentence(&message) });
            }
        }
        draft.finish()
    }
}

impl FromStr for Replay {
    type Err = Vec<BadReplay>;

    fn from_str(text: &str) -> Result<Replay, Vec<BadReplay>> {
        Replay::parse(text)
    }
}

/// One item of the text, and what stands before it in its line.
struct Item<'a> {
    line: usize,
    before: &'a str,
    text: &'a str,
}

fn items(text: &str) -> impl Iterator<Item = Item<'_>> {
    text.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with('#')).flat_map(|(i, line)| {
        split(line).into_iter().filter_map(move |(start, end)| {
            let part = &line[start..end];
            let start = start + part.len() - part.trim_start().len();
            let text = part.trim();
            (!text.is_empty()).then_some(Item { line: i + 1, before: &line[..start], text })
        })
    })
}

/// The stretches of a line between semicolons outside quotes.
fn split(line: &str) -> Vec<(usize, usize)> {
    let (mut out, mut start, mut quoted, mut escaped) = (Vec::new(), 0, false, false);
    for (at, c) in line.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            ';' if !quoted => {
                out.push((start, at));
                start = at + 1;
            }
            _ => {}
        }
    }
    out.push((start, line.len()));
    out
}

fn floor(text: &str, offset: usize) -> usize {
    (0..=offset.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

/// What is wrong in an item: the offset of the word in bytes, and what would be right.
type Mistake = (usize, String);

const FORMS: [(&str, &str); 10] = [
    ("splitbrain-replay", "splitbrain-replay 2"),
    ("model", "model replicated"),
    ("nodes", "nodes 3"),
    ("clients", "clients 2"),
    ("zone", "zone eu n1 n2 c1"),
    ("set", "set replication async"),
    ("seed", "seed 7"),
    ("poke", "poke 41 300ms crash n1"),
    ("check", "check 1024 5f0c2b9d6a1e4478"),
    ("end", "end 1730 2.31s 09ab6c5d4e3f2211"),
];

/// The items that may stand several times.
const MANY: [&str; 4] = ["zone", "set", "poke", "check"];

/// What was read so far.
#[derive(Default)]
struct Draft {
    line: usize,
    /// The first words of the items that stood there, right or wrong.
    stood: Vec<&'static str>,
    model: Option<String>,
    nodes: Option<u16>,
    clients: Option<u16>,
    zones: Vec<(String, Vec<NodeId>)>,
    settings: Vec<(String, String)>,
    seed: Option<u64>,
    pokes: Vec<PokeAt>,
    checks: Vec<Check>,
    end: Option<End>,
    mistakes: Vec<BadReplay>,
    version: u64,
}

impl Draft {
    fn read(&mut self, item: &str) -> Result<(), Mistake> {
        let words = Words::new(item);
        if self.stood.is_empty() && words.first() != FORMS[0].0 {
            self.stood.push("");
            self.mistakes.push(BadReplay { line: self.line, column: 1, message: format!("a replay starts with `{}`", FORMS[0].1) });
        }
        let Some((word, form)) = FORMS.iter().find(|(name, _)| *name == words.first()) else {
            return Err((0, unknown(words.first())));
        };
        if self.stood.contains(word) && !MANY.contains(word) {
            return Err((0, format!("`{word}` stands twice; once is enough")));
        }
        if self.stood.contains(&"end") {
            return Err((0, "nothing stands after the `end`".to_string()));
        }
        if !self.stood.contains(word) {
            self.stood.push(word);
        }
        match *word {
            "splitbrain-replay" => version(&words).map(|version| self.version = version),
            "model" => self.model(&words),
            "nodes" => words.last_number(1).map(|n| self.nodes = Some(n)),
            "clients" => words.last_number(1).map(|n| self.clients = Some(n)),
            "seed" => words.last_number(1).map(|n| self.seed = Some(n)),
            "zone" => self.zone(&words),
            "set" => self.set(item),
            "poke" => self.poke(&words),
            "check" => self.check(&words),
            "end" => self.end(&words),
            _ => Err((0, format!("write `{form}`"))),
        }
    }

    fn model(&mut self, words: &Words) -> Result<(), Mistake> {
        let name = words.one(1)?;
        if !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_') {
            return Err((words.offset(1), "a model is one word of letters, digits and -, such as `replicated`".to_string()));
        }
        self.model = Some(name.to_string());
        Ok(())
    }

    fn zone(&mut self, words: &Words) -> Result<(), Mistake> {
        if self.zones.len() == ZONES_MAX {
            return Err((0, format!("a run has at most {ZONES_MAX} zones")));
        }
        let name = words.get(1)?;
        if !is_zone(name) {
            return Err((
                words.offset(1),
                format!("`{name}` is no name for a zone; it is made of lower-case letters, digits and `-`, and reads like no node"),
            ));
        }
        let node = |i: usize| words.get(i)?.parse().map_err(|e| (words.offset(i), format!("{e}")));
        let nodes = (2..words.len()).map(node).collect::<Result<Vec<NodeId>, Mistake>>()?;
        self.zones.push((name.to_string(), nodes));
        Ok(())
    }

    fn set(&mut self, item: &str) -> Result<(), Mistake> {
        if self.settings.len() == SETTINGS_MAX {
            return Err((0, format!("a run has at most {SETTINGS_MAX} settings")));
        }
        match poke(item, 0, self.model.as_deref())? {
            Poke::Set(name, _) if self.settings.iter().any(|(n, _)| *n == name) => Err((0, format!("`{name}` is set twice"))),
            Poke::Set(name, value) => {
                self.settings.push((name, value));
                Ok(())
            }
            _ => Err((0, format!("write `{}`", form("set")))),
        }
    }

    fn poke(&mut self, words: &Words) -> Result<(), Mistake> {
        let (event, at) = (words.event(1)?, words.time(2)?);
        let poke = poke(words.item, words.offset_of_rest(3)?, self.model.as_deref())?;
        if let Some(last) = self.pokes.last() {
            if event <= last.event {
                return Err((words.offset(1), format!("events go up: the poke before became event {}", last.event)));
            }
            if at < last.at {
                return Err((words.offset(2), format!("time does not go back: the poke before was at {}", Span(last.at.0))));
            }
        }
        if self.pokes.len() >= POKES_MAX {
            return Err((0, format!("a run holds at most {POKES_MAX} pokes")));
        }
        self.pokes.push(PokeAt { event, at, poke });
        Ok(())
    }

    fn check(&mut self, words: &Words) -> Result<(), Mistake> {
        let check = Check { event: words.event(1)?, fingerprint: words.fingerprint(2)? };
        if let Some(last) = self.checks.last().filter(|last| check.event <= last.event) {
            return Err((words.offset(1), format!("events go up: the check before is of event {}", last.event)));
        }
        self.checks.push(check);
        Ok(())
    }

    fn end(&mut self, words: &Words) -> Result<(), Mistake> {
        let poke = self.pokes.last().map_or((0, Time::ZERO), |p| (p.event, p.at));
        let event = poke.0.max(self.checks.last().map_or(0, |c| c.event));
        let end = End { event: words.number(1)?, at: words.time(2)?, fingerprint: words.fingerprint(3)? };
        if end.event < event || end.event > REPLAY_EVENTS_MAX {
            return Err((words.offset(1), format!("the last event is between {event}, which stands before, and {REPLAY_EVENTS_MAX}")));
        }
        if end.at < poke.1 {
            return Err((words.offset(2), format!("the end is at the last poke or later: {}", Span(poke.1.0))));
        }
        self.end = Some(end);
        Ok(())
    }

    fn finish(mut self) -> Result<Replay, Vec<BadReplay>> {
        for (name, form) in [FORMS[0], FORMS[1], FORMS[9]] {
            if !self.stood.contains(&name) && (name != FORMS[0].0 || self.stood.is_empty()) {
                self.mistakes.push(BadReplay { line: self.line.max(1), column: 1, message: format!("an item is missing: `{form}`") });
            }
        }
        match (self.model, self.end) {
            (Some(model), Some(end)) if self.mistakes.is_empty() => Ok(Replay {
                version: self.version,
                scenario: Scenario {
                    model,
                    nodes: self.nodes,
                    clients: self.clients,
                    zones: self.zones,
                    settings: self.settings,
                    seed: self.seed.unwrap_or_default(),
                },
                pokes: self.pokes,
                checks: self.checks,
                end,
            }),
            _ => Err(self.mistakes),
        }
    }
}

fn version(words: &Words) -> Result<u64, Mistake> {
    let version = words.last_number(1)?;
    if (1..=REPLAY_VERSION).contains(&version) {
        return Ok(version);
    }
    Err((words.offset(1), format!("this program reads versions 1 to {REPLAY_VERSION} of replays; a newer program may read this one")))
}

/// The poke that `item` holds from `offset` on.
fn poke(item: &str, offset: usize, model: Option<&str>) -> Result<Poke, Mistake> {
    match model.map(language).unwrap_or_default().parse(&item[offset..]) {
        Ok(Command::Poke(poke)) => Ok(poke),
        Ok(Command::Drive(drive)) => Err((offset, format!("`{drive}` moves the clock; a replay holds pokes only"))),
        Err(CommandError { offset: at, message, .. }) => Err((offset + at, message)),
    }
}

fn form(name: &str) -> &'static str {
    FORMS.iter().find(|(n, _)| *n == name).map_or("", |(_, form)| form)
}

fn unknown(word: &str) -> String {
    let names = FORMS.map(|(name, _)| name);
    format!("`{}` is no item of a replay{}", short(word), did_you_mean(word, names))
}

fn short(word: &str) -> String {
    if word.chars().count() <= 30 { word.to_string() } else { word.chars().take(30).chain(['…']).collect() }
}

/// The words of an item, with their places.
struct Words<'a> {
    item: &'a str,
    words: Vec<&'a str>,
}

impl<'a> Words<'a> {
    fn new(item: &'a str) -> Words<'a> {
        Words { item, words: item.split_whitespace().collect() }
    }

    fn len(&self) -> usize {
        self.words.len()
    }

    fn first(&self) -> &'a str {
        self.words.first().copied().unwrap_or("")
    }

    /// Where word `i` starts; the end of the item when there is none.
    fn offset(&self, i: usize) -> usize {
        self.words.get(i).map_or(self.item.len(), |w| w.as_ptr() as usize - self.item.as_ptr() as usize)
    }

    fn offset_of_rest(&self, i: usize) -> Result<usize, Mistake> {
        self.get(i).map(|_| self.offset(i))
    }

    fn get(&self, i: usize) -> Result<&'a str, Mistake> {
        let missing = || (self.item.len(), format!("something is missing; write `{}`", form(self.first())));
        self.words.get(i).copied().ok_or_else(missing)
    }

    /// Word `i`, which is the last.
    fn one(&self, i: usize) -> Result<&'a str, Mistake> {
        match self.words.get(i + 1) {
            Some(_) => Err((self.offset(i + 1), format!("nothing stands here; write `{}`", form(self.first())))),
            None => self.get(i),
        }
    }

    fn number<T: FromStr>(&self, i: usize) -> Result<T, Mistake> {
        let word = self.get(i)?;
        let plain = word.bytes().all(|b| b.is_ascii_digit());
        let number = plain.then(|| word.parse().ok()).flatten();
        number
            .ok_or_else(|| (self.offset(i), format!("`{}` is no whole number, or too large; write `{}`", short(word), form(self.first()))))
    }

    /// Word `i`, which is the last, as a number.
    fn last_number<T: FromStr>(&self, i: usize) -> Result<T, Mistake> {
        self.one(i)?;
        self.number(i)
    }

    fn event(&self, i: usize) -> Result<u64, Mistake> {
        match self.number(i)? {
            n @ 1..=REPLAY_EVENTS_MAX => Ok(n),
            n => Err((self.offset(i), format!("the number of an event is from 1 to {REPLAY_EVENTS_MAX}, not {n}"))),
        }
    }

    fn time(&self, i: usize) -> Result<Time, Mistake> {
        let span: Span = self.get(i)?.parse().map_err(|e| (self.offset(i), format!("{e}")))?;
        Ok(Time(span.0))
    }

    fn fingerprint(&self, i: usize) -> Result<u64, Mistake> {
        let word = self.one(i)?;
        let hex = word.len() == 16 && word.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        let number = hex.then(|| u64::from_str_radix(word, 16).ok()).flatten();
        number.ok_or_else(|| (self.offset(i), format!("`{}` is no fingerprint: 16 digits 0 to 9 and a to f", short(word))))
    }
}
