//! Reads the command language. What a verb takes is said once here; hints come from the table of verbs.

use super::numbers;
use super::print::RESERVED;
use super::tokens::{Token, Tokens, is_key, shifted};
use super::verbs::{VERBS, Verb, verb};
use super::{Command, CommandError, Direction, DiskFate, Drive, Keys, Link, Place, Poke, Vocabulary, Workload};
use crate::check::operation::{Key, Op, Value};
use crate::near::did_you_mean;
use crate::sim::dist::Dist;
use crate::sim::id::{MsgId, NodeId};

/// What most arguments of the parser give.
type Parsed<T> = Result<T, CommandError>;

/// Longest command line, in bytes.
const LENGTH_MAX: usize = 64 * 1024;

impl Command {
    /// Reads one line of the command language. The error points at the word at fault and says what would be right.
    pub fn parse(text: &str) -> Result<Command, CommandError> {
        parse(text, None)
    }

    /// Like [`Command::parse`]; also, every node, zone and setting must be one of this cluster.
    pub fn parse_for(text: &str, vocabulary: &Vocabulary) -> Result<Command, CommandError> {
        parse(text, Some(vocabulary))
    }
}

impl std::str::FromStr for Command {
    type Err = CommandError;

    fn from_str(text: &str) -> Result<Command, CommandError> {
        Command::parse(text)
    }
}

fn parse(text: &str, vocabulary: Option<&Vocabulary>) -> Parsed<Command> {
    if text.len() > LENGTH_MAX {
        let message = format!("a command has at most {LENGTH_MAX} characters");
        return Err(CommandError { offset: 0, length: 0, message });
    }
    let mut tokens = Tokens::new(text);
    let Some(first) = tokens.next()? else {
        let message = "a command is missing, such as `crash n1` or `run 2s`".to_string();
        return Err(CommandError { offset: 0, length: 0, message });
    };
    let client = first.text.parse::<NodeId>().ok().filter(|_| !first.quoted);
    let mut parser = Parser { tokens, verb: verb(&first.text).filter(|v| !v.is_asked()), vocabulary };
    let command = match (client, parser.verb) {
        (Some(node), _) => Command::Poke(parser.ask(&first, node)?),
        (None, Some(_)) if !first.quoted => parser.command(&first)?,
        _ => return Err(unknown_verb(&first)),
    };
    parser.finish()?;
    Ok(command)
}

fn unknown_verb(token: &Token) -> CommandError {
    if let Some(asked) = verb(&token.text).filter(|v| v.is_asked()) {
        return token.error(format!("a client does that: `{}`", asked.example));
    }
    let hint = did_you_mean(&token.text, VERBS.iter().map(|v| v.name));
    token.error(format!("`{}` is no command{hint}", token.text))
}

/// Reads the words after the verb.
struct Parser<'a> {
    tokens: Tokens<'a>,
    /// The verb whose arguments are read: its example goes into errors.
    verb: Option<&'static Verb>,
    vocabulary: Option<&'a Vocabulary>,
}

impl Parser<'_> {
    fn command(&mut self, first: &Token) -> Parsed<Command> {
        let drive = match first.text.as_str() {
            "step" => Drive::Step(self.count()?),
            "run" => Drive::Run(self.arg("a length of time", numbers::span)?),
            "until" => Drive::Until(self.condition()?),
            "seed" => Drive::Seed(self.arg("a whole number", numbers::seed)?),
            _ => return self.poke(first).map(Command::Poke),
        };
        Ok(Command::Drive(drive))
    }

    fn poke(&mut self, first: &Token) -> Parsed<Poke> {
        let poke = match first.text.as_str() {
            "crash" => Poke::Crash(self.place()?, self.disk_fate()?),
            "restart" => Poke::Restart(self.place()?),
            "pause" => Poke::Pause(self.place()?),
            "resume" => Poke::Resume(self.place()?),
            "slow" => Poke::Slow(self.place()?, self.arg("a factor", numbers::factor)?),
            "skew" => Poke::Skew(self.place()?, self.arg("an offset", numbers::offset)?),
            "drift" => Poke::Drift(self.place()?, self.arg("a drift", numbers::ppm)?),
            "fire" => Poke::Fire(self.place()?, self.timer()?),
            "full-disk" => Poke::FullDisk(self.place()?),
            "free-disk" => Poke::FreeDisk(self.place()?),
            "promote" => Poke::Promote(self.place()?),
            "set" => self.set()?,
            "workload" => Poke::Workload(self.client()?, self.workload()?),
            _ => return self.network(first),
        };
        Ok(poke)
    }

    fn network(&mut self, first: &Token) -> Parsed<Poke> {
        let poke = match first.text.as_str() {
            "cut" => self.sides().map(|(left, way, right)| Poke::Cut(left, way, right))?,
            "heal" => self.heal()?,
            "latency" => Poke::Latency(self.link()?, self.dist()?),
            "loss" => Poke::Loss(self.link()?, self.probability()?),
            "duplication" => Poke::Duplication(self.link()?, self.probability()?),
            "reordering" => Poke::Reordering(self.link()?, self.probability()?),
            "bandwidth" => Poke::Bandwidth(self.link()?, self.arg("bytes per second", numbers::bandwidth)?),
            "hold" if self.eat("all")? => Poke::HoldAll,
            "release" if self.eat("all")? => Poke::ReleaseAll,
            "drop" => Poke::Drop(self.message()?),
            "hold" => Poke::Hold(self.message()?),
            "release" => Poke::Release(self.message()?),
            "duplicate" => Poke::Duplicate(self.message()?),
            "deliver" => Poke::Deliver(self.message()?),
            _ => return Err(unknown_verb(first)),
        };
        Ok(poke)
    }

    /// `c1 write x 1`, after the client's name.
    fn ask(&mut self, first: &Token, client: NodeId) -> Parsed<Poke> {
        if !client.is_client() {
            return Err(first.error(format!("{client} is a server; clients ask, as in `c1 write x 1`")));
        }
        self.known(first, client)?;
        let Some(token) = self.tokens.next()? else {
            return Err(self.missing(&format!("what {client} asks: `{client} write x 1` or `{client} read x`")));
        };
        let asked = || VERBS.iter().filter(|v| v.is_asked());
        let Some(verb) = asked().find(|v| token.is(v.name)) else {
            let hint = did_you_mean(&token.text, asked().map(|v| v.name));
            let names: Vec<&str> = asked().map(|v| v.name).collect();
            return Err(token.error(format!("a client can {}, not `{}`{hint}", names.join(", "), token.text)));
        };
        self.verb = Some(verb);
        let op = self.op(verb.name)?;
        Ok(Poke::Ask { client, op, server: self.server()? })
    }

    fn op(&mut self, name: &str) -> Parsed<Op> {
        let key = self.key()?;
        Ok(match name {
            "read" => Op::Read { key },
            "write" => Op::Write { key, value: self.value()? },
            "append" => Op::Append { key, value: self.value()? },
            _ => Op::Cas { key, expected: self.expected()?, value: self.value()? },
        })
    }

    fn server(&mut self) -> Parsed<Option<NodeId>> {
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

    fn key(&mut self) -> Parsed<Key> {
        self.arg("a key", |token| {
            if is_key(&token.text) || token.quoted {
                return Ok(Key::from(token.text.as_str()));
            }
            Err("a key is made of letters, digits, `-`, `_`, `.` and `:`; others go in quotes".to_string())
        })
    }

    fn value(&mut self) -> Parsed<Value> {
        let token = self.peek()?;
        if let Some(token) = token.filter(|t| !t.quoted && RESERVED.contains(&t.text.as_str())) {
            let hint = if token.is("nil") { "`nil` is no value" } else { "a value is missing here" };
            return Err(token.error(format!("{hint}; as a text it goes in quotes: \"{}\"", token.text)));
        }
        self.arg("a value", |token| Ok(read_value(token)))
    }

    fn expected(&mut self) -> Parsed<Option<Value>> {
        if self.eat("nil")? { Ok(None) } else { self.value().map(Some) }
    }

    fn set(&mut self) -> Parsed<Poke> {
        let name = self.take("a setting")?;
        if let Some(vocabulary) = self.vocabulary {
            vocabulary.check_setting(&name.text).map_err(|message| name.error(message))?;
        }
        Ok(Poke::Set(name.text, self.line("a value")?))
    }

    fn timer(&mut self) -> Parsed<String> {
        self.arg("the name of a timer", |token| Ok(token.text.clone()))
    }

    fn condition(&mut self) -> Parsed<String> {
        self.line("a condition")
    }

    /// A quoted text, or everything up to the end as it stands.
    fn line(&mut self, what: &str) -> Parsed<String> {
        if self.peek()?.is_some_and(|t| t.quoted) {
            return self.take(what).map(|t| t.text);
        }
        match self.tokens.rest() {
            (_, "") => Err(self.missing(what)),
            (_, text) => Ok(text.to_string()),
        }
    }

    fn count(&mut self) -> Parsed<u64> {
        if self.peek()?.is_none() { Ok(1) } else { self.arg("a number of events", numbers::count) }
    }

    fn disk_fate(&mut self) -> Parsed<DiskFate> {
        let fates = [("losing", "unsynced", DiskFate::LosesUnsynced), ("wiping", "disk", DiskFate::Wiped)];
        for (how, what, fate) in fates {
            if self.eat(how)? {
                return self.word(what).map(|()| fate);
            }
        }
        Ok(DiskFate::Kept)
    }

    fn workload(&mut self) -> Parsed<Option<Workload>> {
        if self.eat("off")? {
            return Ok(None);
        }
        let rate = self.arg("requests per second", numbers::rate)?;
        let weighted = self.eat("read:write")?;
        let (reads, writes) = if weighted { self.arg("two weights", numbers::weights)? } else { (1, 1) };
        let keys = if self.eat("keys")? { self.keys()? } else { Keys::One("x".into()) };
        Ok(Some(Workload { rate, reads, writes, keys }))
    }

    /// `x`, `uniform(20)`, `zipf(0.99, 50)`: functions may hold a space after the comma.
    fn keys(&mut self) -> Parsed<Keys> {
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

    fn heal(&mut self) -> Parsed<Poke> {
        if self.peek()?.is_none() || self.eat("all")? {
            return Ok(Poke::HealAll);
        }
        self.sides().map(|(left, way, right)| Poke::Heal(left, way, right))
    }

    fn sides(&mut self) -> Parsed<(Vec<Place>, Direction, Vec<Place>)> {
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

    fn link(&mut self) -> Parsed<Link> {
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

    fn direction(&mut self) -> Parsed<Option<Direction>> {
        if self.eat("|")? {
            return Ok(Some(Direction::Both));
        }
        Ok(self.eat("->")?.then_some(Direction::OneWay))
    }

    fn place(&mut self) -> Parsed<Place> {
        let token = self.take("a node or a zone")?;
        let place = read_place(&token).map_err(|message| token.error(message + &self.example()))?;
        match &place {
            Place::Node(node) => self.known(&token, *node)?,
            Place::Zone(zone) => {
                let unknown = self.vocabulary.and_then(|v| v.check_zone(zone).err());
                unknown.map_or(Ok(()), |message| Err(token.error(message)))?;
            }
        }
        Ok(place)
    }

    fn client(&mut self) -> Parsed<NodeId> {
        let token = self.take("a client")?;
        match token.text.parse::<NodeId>() {
            Ok(node) if node.is_client() => self.known(&token, node).map(|()| node),
            _ => Err(token.error(format!("`{}` is no client; clients are c1, c2, ...", token.text))),
        }
    }

    fn known(&self, token: &Token, node: NodeId) -> Parsed<()> {
        let unknown = self.vocabulary.and_then(|v| v.check_node(node).err());
        unknown.map_or(Ok(()), |message| Err(token.error(message)))
    }

    fn message(&mut self) -> Parsed<MsgId> {
        self.arg("the number of a message", numbers::message)
    }

    fn probability(&mut self) -> Parsed<f64> {
        self.arg("a probability", numbers::probability)
    }

    fn dist(&mut self) -> Parsed<Dist> {
        let (start, text) = self.tokens.rest();
        if text.is_empty() {
            return Err(self.missing("a distribution"));
        }
        text.parse::<Dist>().map_err(|bad| shifted(CommandError { offset: bad.offset, length: bad.length, message: bad.message }, start))
    }

    /// Takes the next word and reads it as one argument.
    fn arg<T>(&mut self, what: &str, read: impl FnOnce(&Token) -> Result<T, String>) -> Parsed<T> {
        let token = self.take(what)?;
        read(&token).map_err(|message| token.error(message + &self.example()))
    }

    fn take(&mut self, what: &str) -> Parsed<Token> {
        match self.tokens.next()? {
            None => Err(self.missing(what)),
            Some(token) if token.is("|") || token.is("->") => Err(self.unexpected(&token)),
            Some(token) => Ok(token),
        }
    }

    /// Takes the next word if it is this one.
    fn eat(&mut self, word: &str) -> Parsed<bool> {
        let found = self.peek()?.is_some_and(|t| t.is(word));
        if found {
            self.tokens.next()?;
        }
        Ok(found)
    }

    /// Takes the next word, which must be this one.
    fn word(&mut self, word: &str) -> Parsed<()> {
        let token = self.take(&format!("`{word}`"))?;
        if token.is(word) { Ok(()) } else { Err(token.error(format!("here comes `{word}`, not `{}`", token.text))) }
    }

    fn peek(&self) -> Parsed<Option<Token>> {
        self.tokens.peek()
    }

    fn finish(&mut self) -> Parsed<()> {
        match self.tokens.next()? {
            None => Ok(()),
            Some(token) => Err(self.unexpected(&token)),
        }
    }

    fn unexpected(&self, token: &Token) -> CommandError {
        token.error(format!("`{}` is not expected here{}", token.text, self.example()))
    }

    fn missing(&self, what: &str) -> CommandError {
        let message = format!("{what} is missing here{}", self.example());
        CommandError { offset: self.tokens.end(), length: 0, message }
    }

    fn example(&self) -> String {
        self.verb.map_or_else(String::new, |verb| format!("; right is `{}`", verb.example))
    }
}

fn read_value(token: &Token) -> Value {
    if token.quoted { Value::Text(token.text.as_str().into()) } else { Value::from(token.text.as_str()) }
}

fn read_place(token: &Token) -> Result<Place, String> {
    let text = token.text.as_str();
    let node = text.parse::<NodeId>();
    if let Ok(node) = node {
        return Ok(Place::Node(node));
    }
    let numbered = text.get(1..).is_some_and(|d| text.starts_with(['n', 'c']) && d.bytes().all(|b| b.is_ascii_digit()));
    if is_zone(text) && !numbered && !token.quoted {
        return Ok(Place::Zone(text.to_string()));
    }
    Err(format!("`{text}` is no node or zone"))
}

/// Whether this can be the name of a zone: a lower-case letter, then lower-case letters, digits and `-`; not `all`.
pub fn is_zone(text: &str) -> bool {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    text.starts_with(|c: char| c.is_ascii_lowercase()) && text.chars().all(fits) && text != "all"
}
