//! Reads the command language. What a verb takes is said once here; hints come from the table of verbs.

use super::numbers;
use super::tokens::{Token, Tokens};
use super::verbs::{VERBS, Verb, verb};
use super::{Command, CommandError, Drive, Keys, Poke, Vocabulary, Workload};
use crate::check::operation::Op;
use crate::near::did_you_mean;
use crate::sim::id::NodeId;

/// What most arguments of the parser give.
pub(super) type Parsed<T> = Result<T, CommandError>;

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
pub(super) struct Parser<'a> {
    pub(super) tokens: Tokens<'a>,
    /// The verb whose arguments are read: its example goes into errors.
    pub(super) verb: Option<&'static Verb>,
    pub(super) vocabulary: Option<&'a Vocabulary>,
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

    fn set(&mut self) -> Parsed<Poke> {
        let name = self.take("a setting")?;
        if let Some(vocabulary) = self.vocabulary {
            vocabulary.check_setting(&name.text).map_err(|message| name.error(message))?;
        }
        Ok(Poke::Set(name.text, self.line("a value")?))
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

    fn heal(&mut self) -> Parsed<Poke> {
        if self.peek()?.is_none() || self.eat("all")? {
            return Ok(Poke::HealAll);
        }
        self.sides().map(|(left, way, right)| Poke::Heal(left, way, right))
    }
}
