//! The arguments of commands: nodes, wires, keys, values, and what to say where one is missing.

use super::numbers;
use super::parse::{Parsed, Parser};
use super::print::RESERVED;
use super::tokens::{Token, is_key, shifted};
use super::{Arg, CommandError, Direction, DiskFate, Keys, Link, Place};
use crate::check::operation::{Key, Value};
use crate::sim::arrivals::Arrivals;
use crate::sim::dist::Dist;
use crate::sim::id::{MsgId, NodeId};

impl Parser<'_> {
    pub(super) fn server(&mut self) -> Parsed<Option<NodeId>> {
        if !self.eat("to")? && !self.eat("from")? {
            return Ok(None);
        }
        let token = self.take("a server")?;
        match token.text.parse::<NodeId>() {
            Ok(node) if !node.is_client() => self.known(&token, node).map(|()| Some(node)),
            Ok(node) => Err(token.error(format!("{node} is a client; servers are n1, n2, ..."))),
            Err(bad) => Err(token.error(bad.to_string())),
        }
    }

    pub(super) fn key(&mut self) -> Parsed<Key> {
        self.arg("a key", |token| {
            if is_key(&token.text) || token.quoted {
                return Ok(Key::from(token.text.as_str()));
            }
            Err("a key is made of letters, digits, `-`, `_`, `.` and `:`; others go in quotes".to_string())
        })
    }

    pub(super) fn value(&mut self) -> Parsed<Value> {
        let token = self.peek()?;
        if let Some(token) = token.filter(|t| !t.quoted && RESERVED.contains(&t.text.as_str())) {
            let hint = if token.is("nil") { "`nil` is no value" } else { "a value is missing here" };
            return Err(token.error(format!("{hint}; as a text it goes in quotes: \"{}\"", token.text)));
        }
        self.arg("a value", |token| Ok(read_value(token)))
    }

    pub(super) fn expected(&mut self) -> Parsed<Option<Value>> {
        if self.eat("nil")? { Ok(None) } else { self.value().map(Some) }
    }

    /// What fills a slot of a form, by the slot's name; a slot that stands for nothing in particular takes any word.
    pub(super) fn slot(&mut self, slot: &str) -> Parsed<Arg> {
        match slot {
            "KEY" => self.key().map(|key| Arg::from(&key)),
            "EXPECTED" => Ok(self.expected()?.map_or(Arg::Nil, Arg::Value)),
            "PLACE" | "SERVER" => self.place().map(Arg::Place),
            "NEW" => self.new_server().map(|node| Arg::Place(Place::Node(node))),
            "SPAN" => self.arg("a length of time", numbers::span).map(Arg::Span),
            "COUNT" => self.arg("a number", numbers::many).map(|n| Arg::Value(Value::Int(n as i64))),
            "DEGREES" => self.arg("a number of degrees", numbers::degrees).map(|n| Arg::Value(Value::Int(n as i64))),
            _ => self.value().map(Arg::Value),
        }
    }

    pub(super) fn timer(&mut self) -> Parsed<String> {
        self.arg("the name of a timer", |token| Ok(token.text.clone()))
    }

    /// The quotes may be single ones, because a shell takes the double ones away.
    pub(super) fn condition(&mut self) -> Parsed<String> {
        let text = self.line("a condition")?;
        let within = text.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\''));
        Ok(within.filter(|inner| !inner.contains('\'')).map_or(text.clone(), |inner| inner.trim().to_string()))
    }

    /// A quoted text, or everything up to the end as it stands.
    pub(super) fn line(&mut self, what: &str) -> Parsed<String> {
        if self.peek()?.is_some_and(|t| t.quoted) {
            return self.take(what).map(|t| t.text);
        }
        match self.tokens.rest() {
            (_, "") => Err(self.missing(what)),
            (_, text) => Ok(text.to_string()),
        }
    }

    pub(super) fn count(&mut self) -> Parsed<u64> {
        if self.peek()?.is_none() { Ok(1) } else { self.arg("a number of events", numbers::count) }
    }

    pub(super) fn disk_fate(&mut self) -> Parsed<DiskFate> {
        let fates = [("losing", "unsynced", DiskFate::LosesUnsynced), ("wiping", "disk", DiskFate::Wiped)];
        for (how, what, fate) in fates {
            if self.eat(how)? {
                return self.word(what).map(|()| fate);
            }
        }
        Ok(DiskFate::Kept)
    }

    /// `x`, `uniform(20)`, `zipf(0.99, 50)`: functions may hold a space after the comma.
    pub(super) fn keys(&mut self) -> Parsed<Keys> {
        let mut token = self.take("keys")?;
        while !token.quoted && token.text.contains('(') && !token.text.ends_with(')') {
            let more = self.take("`)`")?;
            token.text.push_str(&more.text);
            token.end = more.end;
        }
        if token.quoted || is_key(&token.text) {
            return Ok(Keys::One(token.text.as_str().into()));
        }
        numbers::keys(&token.text).map_err(|message| token.error(message))
    }

    pub(super) fn sides(&mut self) -> Parsed<(Vec<Place>, Direction, Vec<Place>)> {
        let mut left = vec![self.place()?];
        let way = loop {
            if let Some(way) = self.direction()? {
                break way;
            }
            if self.peek()?.is_none() {
                return Err(self.missing("`|` or `->` and the other side"));
            }
            left.push(self.place()?);
        };
        let mut right = vec![self.place()?];
        while self.peek()?.is_some() {
            right.push(self.place()?);
        }
        Ok((left, way, right))
    }

    pub(super) fn link(&mut self) -> Parsed<Link> {
        if self.eat("all")? {
            return Ok(Link::All);
        }
        let from = self.place()?;
        match self.direction()? {
            Some(way) => Ok(Link::Between(from, way, self.place()?)),
            None => match self.peek()? {
                Some(token) => Err(token.error(format!("here comes `->` or `|`{}", self.example()))),
                None => Err(self.missing("`->` or `|`")),
            },
        }
    }

    pub(super) fn direction(&mut self) -> Parsed<Option<Direction>> {
        if self.eat("|")? {
            return Ok(Some(Direction::Both));
        }
        Ok(self.eat("->")?.then_some(Direction::OneWay))
    }

    pub(super) fn place(&mut self) -> Parsed<Place> {
        let token = self.take("a node or a zone")?;
        let place = read_place(&token).map_err(|message| token.error(message + &self.example()))?;
        match &place {
            Place::Node(node) => self.known(&token, *node)?,
            Place::Named(zone) => {
                let unknown = self.vocabulary.and_then(|v| v.check_name(zone).err());
                unknown.map_or(Ok(()), |message| Err(token.error(message)))?;
            }
        }
        Ok(place)
    }

    /// A server that is not there yet.
    fn new_server(&mut self) -> Parsed<NodeId> {
        self.arg("the name of a new server", |token| match token.text.parse::<NodeId>() {
            Ok(node) if !node.is_client() => Ok(node),
            _ => Err(format!("`{}` is no name for a server; servers are n1, n2, ...", token.text)),
        })
    }

    pub(super) fn client(&mut self) -> Parsed<NodeId> {
        let token = self.take("a client")?;
        match token.text.parse::<NodeId>() {
            Ok(node) if node.is_client() => self.known(&token, node).map(|()| node),
            _ => Err(token.error(format!("`{}` is no client; clients are c1, c2, ...", token.text))),
        }
    }

    pub(super) fn known(&self, token: &Token, node: NodeId) -> Parsed<()> {
        let unknown = self.vocabulary.and_then(|v| v.check_node(node).err());
        unknown.map_or(Ok(()), |message| Err(token.error(message)))
    }

    pub(super) fn message(&mut self) -> Parsed<MsgId> {
        self.arg("the number of a message", numbers::message)
    }

    pub(super) fn probability(&mut self) -> Parsed<f64> {
        self.arg("a probability", numbers::probability)
    }

    /// `10/s`, `bursts of 50 every 1s`: several words, which end where the next argument begins.
    pub(super) fn arrivals(&mut self) -> Parsed<Arrivals> {
        let (start, text) = self.tokens.ahead();
        if text.is_empty() {
            return Err(self.missing("how requests come"));
        }
        let (arrivals, used) = Arrivals::read(text)
            .map_err(|bad| shifted(CommandError { offset: bad.offset, length: bad.length, message: bad.message }, start))?;
        self.tokens.pass(used);
        Ok(arrivals)
    }

    pub(super) fn dist(&mut self) -> Parsed<Dist> {
        let (start, text) = self.tokens.rest();
        if text.is_empty() {
            return Err(self.missing("a distribution"));
        }
        text.parse::<Dist>().map_err(|bad| shifted(CommandError { offset: bad.offset, length: bad.length, message: bad.message }, start))
    }

    /// Takes the next word and reads it as one argument.
    pub(super) fn arg<T>(&mut self, what: &str, read: impl FnOnce(&Token) -> Result<T, String>) -> Parsed<T> {
        let token = self.take(what)?;
        read(&token).map_err(|message| token.error(message + &self.example()))
    }

    pub(super) fn take(&mut self, what: &str) -> Parsed<Token> {
        match self.tokens.next()? {
            None => Err(self.missing(what)),
            Some(token) if token.is("|") || token.is("->") => Err(self.unexpected(&token)),
            Some(token) => Ok(token),
        }
    }

    /// Takes the next word if it is this one.
    pub(super) fn eat(&mut self, word: &str) -> Parsed<bool> {
        let found = self.peek()?.is_some_and(|t| t.is(word));
        if found {
            self.tokens.next()?;
        }
        Ok(found)
    }

    /// Takes the next word, which must be this one.
    pub(super) fn word(&mut self, word: &str) -> Parsed<()> {
        let token = self.take(&format!("`{word}`"))?;
        if token.is(word) { Ok(()) } else { Err(token.error(format!("here comes `{word}`, not `{}`", token.text))) }
    }

    pub(super) fn peek(&self) -> Parsed<Option<Token>> {
        self.tokens.peek()
    }

    pub(super) fn finish(&mut self) -> Parsed<()> {
        match self.tokens.next()? {
            None => Ok(()),
            Some(token) => Err(self.unexpected(&token)),
        }
    }

    pub(super) fn unexpected(&self, token: &Token) -> CommandError {
        token.error(format!("`{}` is not expected here{}", token.text, self.example()))
    }

    pub(super) fn missing(&self, what: &str) -> CommandError {
        let message = format!("{what} is missing here{}", self.example());
        CommandError { offset: self.tokens.end(), length: 0, message }
    }

    pub(super) fn example(&self) -> String {
        self.verb.map_or_else(String::new, |verb| format!("; right is `{}`", verb.example))
    }
}

fn read_value(token: &Token) -> Value {
    if token.quoted { Value::Text(token.text.as_str().into()) } else { Value::from(token.text.as_str()) }
}

fn read_place(token: &Token) -> Result<Place, String> {
    let text = token.text.as_str();
    if let Ok(node) = text.parse::<NodeId>() {
        return Ok(Place::Node(node));
    }
    if is_zone(text) && !token.quoted {
        return Ok(Place::Named(text.to_string()));
    }
    Err(format!("`{text}` is no node or zone"))
}

/// Whether this can be the name of a zone: a lower-case letter, then lower-case letters, digits and `-`; not `all`, and nothing
/// that reads like a node (`n1`, `c20`, `n0`).
pub fn is_zone(text: &str) -> bool {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let digits = text.strip_prefix(['n', 'c']).unwrap_or_default();
    let numbered = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    text.starts_with(|c: char| c.is_ascii_lowercase()) && text.chars().all(fits) && text != "all" && !numbered
}
