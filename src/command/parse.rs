//! Reads the command language. What a verb takes is said once here; hints come from the table of verbs.

use super::language::{REST, inner, is_slot};
use super::numbers;
use super::tokens::{Token, Tokens};
use super::verbs::{VERBS, Verb, verb};
use super::{Arg, Call, CallDoc, Command, CommandError, Drive, Language, Poke, Vocabulary, Workload};
use crate::near::did_you_mean;
use crate::sim::id::NodeId;

/// What most arguments of the parser give.
pub(super) type Parsed<T> = Result<T, CommandError>;

/// Longest command line, in bytes.
const LENGTH_MAX: usize = 64 * 1024;

impl Language {
    /// Reads one line of the command language with the calls and verbs of a model. The error points at the word at fault and says
    /// what would be right.
    pub fn parse(&self, text: &str) -> Result<Command, CommandError> {
        parse(text, *self, None)
    }
}

impl Vocabulary {
    /// Like [`Language::parse`]; also, every node, name and setting must be one of this cluster.
    pub fn parse(&self, text: &str) -> Result<Command, CommandError> {
        parse(text, self.language, Some(self))
    }
}

fn parse(text: &str, language: Language, vocabulary: Option<&Vocabulary>) -> Parsed<Command> {
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
    let own = language.own(&first.text).map(|own| &own.verb);
    let mut parser = Parser { tokens, verb: verb(&first.text).or(own), language, vocabulary };
    let command = match (client, parser.verb) {
        (Some(node), _) => Command::Poke(parser.ask(&first, node)?),
        (None, Some(_)) if first.quoted => return Err(parser.unknown_verb(&first)),
        (None, Some(verb)) if own == Some(verb) => Command::Poke(Poke::Operate(parser.call(verb)?)),
        (None, Some(_)) => parser.command(&first)?,
        (None, None) => return Err(parser.unknown_verb(&first)),
    };
    parser.finish()?;
    Ok(command)
}

/// Reads the words after the verb.
pub(super) struct Parser<'a> {
    pub(super) tokens: Tokens<'a>,
    /// The verb whose arguments are read: its example goes into errors.
    pub(super) verb: Option<&'static Verb>,
    pub(super) language: Language,
    pub(super) vocabulary: Option<&'a Vocabulary>,
}

impl Parser<'_> {
    fn unknown_verb(&self, token: &Token) -> CommandError {
        if let Some(asked) = self.language.call(&token.text) {
            return token.error(format!("a client does that: `{}`", asked.verb.example));
        }
        let own = self.language.verbs.iter().map(|own| own.verb.name);
        let hint = did_you_mean(&token.text, VERBS.iter().map(|v| v.name).chain(own));
        token.error(format!("`{}` is no command{hint}", token.text))
    }

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
            "release" if self.eat("all")? => {
                if self.eat("in")? {
                    self.word("order").map(|()| Poke::ReleaseInOrder)?
                } else {
                    Poke::ReleaseAll
                }
            }
            "drop" => Poke::Drop(self.message()?),
            "hold" => Poke::Hold(self.message()?),
            "release" => Poke::Release(self.message()?),
            "duplicate" => Poke::Duplicate(self.message()?),
            "deliver" => Poke::Deliver(self.message()?),
            "delay" => Poke::Delay(self.message()?, self.arg("a length of time", numbers::span)?),
            _ => return Err(self.unknown_verb(first)),
        };
        Ok(poke)
    }

    /// `c1 write x 1`, after the client's name.
    fn ask(&mut self, first: &Token, client: NodeId) -> Parsed<Poke> {
        let calls = self.language.calls;
        let example = calls.first().map_or("", |call| call.verb.example);
        if !client.is_client() {
            return Err(first.error(format!("{client} is a server; clients ask, as in `{example}`")));
        }
        self.known(first, client)?;
        let Some(token) = self.tokens.next()? else {
            return Err(self.missing(&format!("what {client} asks, as in `{example}`,")));
        };
        let spelled = |call: &&CallDoc| !token.quoted && token.text.eq_ignore_ascii_case(call.verb.name);
        let Some(call) = calls.iter().find(|call| token.is(call.verb.name)).or_else(|| calls.iter().find(spelled)) else {
            let names = || calls.iter().map(|call| call.verb.name);
            let hint = did_you_mean(&token.text, names());
            return Err(token.error(format!("a client can {}, not `{}`{hint}", names().collect::<Vec<_>>().join(", "), token.text)));
        };
        self.verb = Some(&call.verb);
        let asked = self.call(&call.verb)?;
        let server = if call.names_server() { self.server()? } else { None };
        Ok(Poke::Ask { client, call: asked, server })
    }

    /// The words after a verb of the model, in whichever of its forms fits.
    fn call(&mut self, verb: &'static Verb) -> Parsed<Call> {
        let mut forms: Vec<(u8, Vec<&'static str>)> = (0..).zip(verb.forms).map(|(number, form)| (number, inner(form).collect())).collect();
        let mut args = Vec::new();
        let mut place = 0;
        loop {
            let next = self.peek()?.filter(|token| !matches!(token.text.as_str(), "to" | "from") || token.quoted);
            let exact = next.as_ref().and_then(|token| forms.iter().find_map(|(_, words)| words.get(place).filter(|word| token.is(word))));
            let ends = forms.iter().find(|(_, words)| words.len() == place).map(|(number, _)| *number);
            let wanted = exact.or_else(|| forms.iter().find_map(|(_, words)| words.get(place))).copied();
            match (wanted, ends) {
                (None, _) => return Ok(Call { verb, form: ends.unwrap_or_default(), args }),
                (Some(_), Some(form)) if next.is_none() => return Ok(Call { verb, form, args }),
                (Some(REST), _) => self.rest(&mut args)?,
                (Some(word), _) if is_slot(word) => args.push(self.slot(word)?),
                (Some(word), _) => self.word(word)?,
            }
            forms.retain(|(_, words)| words.get(place).copied() == wanted);
            place += 1;
        }
    }

    /// Words up to the end, or up to the server that is asked.
    fn rest(&mut self, args: &mut Vec<Arg>) -> Parsed<()> {
        args.push(self.slot(REST)?);
        while self.peek()?.is_some_and(|token| !token.is("to") && !token.is("from")) {
            args.push(self.slot(REST)?);
        }
        Ok(())
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
        let arrivals = self.arrivals()?;
        let mix = if self.peek()?.is_some_and(|token| !token.is("keys")) { self.mix()? } else { Vec::new() };
        let keys = if self.eat("keys")? { Some(self.keys()?) } else { None };
        Ok(Some(Workload { arrivals, mix, keys }))
    }

    /// `read:write 9:1`; a call alone needs no weight.
    fn mix(&mut self) -> Parsed<Vec<(&'static Verb, u32)>> {
        let language = self.language;
        let verbs = self.arg("what is asked", |token| {
            let known = |name: &str| language.call(name).map(|call| &call.verb).ok_or_else(|| no_call(name, language));
            token.text.split(':').map(known).collect::<Result<Vec<_>, String>>()
        })?;
        if verbs.len() == 1 && self.peek()?.is_none_or(|token| token.is("keys")) {
            return Ok(verbs.into_iter().map(|verb| (verb, 1)).collect());
        }
        let weights = self.arg("how often each is asked", |token| numbers::weights(token, verbs.len()))?;
        Ok(verbs.into_iter().zip(weights).collect())
    }

    fn heal(&mut self) -> Parsed<Poke> {
        if self.peek()?.is_none() || self.eat("all")? {
            return Ok(Poke::HealAll);
        }
        self.sides().map(|(left, way, right)| Poke::Heal(left, way, right))
    }
}

fn no_call(name: &str, language: Language) -> String {
    let names = || language.calls.iter().map(|call| call.verb.name);
    let hint = did_you_mean(name, names());
    format!("`{name}` is nothing that a client asks here{hint}; it can ask {}", names().collect::<Vec<_>>().join(", "))
}
