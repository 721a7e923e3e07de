//! Reads a condition in one pass: from its words to a tree whose every name is known and whose every type is right.
//!
//! Precedence climbing. A mistake in names or types is noted and reading goes on; a mistake in the spelling ends it.

use std::ops::Range;

use super::cost::Cost;
use super::part::{Part, from_to};
use super::tokens::{Token, What, tokens, unexpected};
use super::types::Type;
use super::value::{Node, Value};
use super::{ConditionError, Mention, Terms};
use crate::cluster::model::SettingDoc;
use crate::cluster::series::Over;

/// Most brackets, signs and conditionals inside each other: the parser is recursive.
const DEPTH_MAX: usize = 24;
/// Most nodes above each other: what walks the tree is recursive.
const HEIGHT_MAX: u16 = 64;

/// What was read; the mistakes are with the parser.
pub(super) type Parsed = Result<Part, Stop>;

/// The spelling is wrong, so that what comes after cannot be understood. The mistake is noted already.
pub(super) struct Stop;

/// Reads a condition from its start to its end.
pub(super) struct Parser<'a> {
    pub text: &'a str,
    pub terms: &'a Terms<'a>,
    pub mentions: Vec<Mention>,
    pub overs: Vec<Over>,
    pub settings: Vec<SettingDoc>,
    pub errors: Vec<ConditionError>,
    /// Variables of the loops around.
    pub scope: Vec<Variable>,
    tokens: Vec<Token>,
    next: usize,
    depth: usize,
}

/// What the whole has to give.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// True or false.
    Truth,
    /// A number, or true or false, which count as 1 and 0.
    Number,
}

impl Wanted {
    fn is_met_by(self, gives: Type) -> bool {
        gives.fits(Type::BOOL) || self == Wanted::Number && gives.fits(Type::NUMBER)
    }

    const fn words(self) -> &'static str {
        match self {
            Wanted::Truth => "a condition is true or false",
            Wanted::Number => "what is measured is a number, or true or false",
        }
    }
}

/// The variable of a loop.
pub(super) struct Variable {
    pub name: String,
    pub gives: Type,
    pub cost: Cost,
}

impl<'a> Parser<'a> {
    pub(super) fn new(text: &'a str, terms: &'a Terms<'a>) -> Parser<'a> {
        let (mentions, overs, settings, errors, scope) = (Vec::new(), Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Parser { text, terms, mentions, overs, settings, errors, scope, tokens: tokens(text), next: 0, depth: 0 }
    }

    /// The whole: it must be what is wanted.
    pub(super) fn whole(&mut self, wanted: Wanted) -> Parsed {
        let whole = self.expression()?;
        if self.token().what != What::End {
            return Err(self.unexpected());
        }
        if self.errors.is_empty() && !wanted.is_met_by(whole.gives) {
            self.wrong(&(0..self.text.len()), format!("{}; this is {}", wanted.words(), whole.gives.words()));
        }
        Ok(whole)
    }

    /// Anything, a conditional included.
    pub(super) fn expression(&mut self) -> Parsed {
        let test = self.binary(0)?;
        if self.eat("?").is_none() {
            return Ok(test);
        }
        self.deeper(|parser| {
            let yes = parser.expression()?;
            parser.need(":")?;
            let no = parser.expression()?;
            parser.choice(test, yes, no)
        })
    }

    /// Parts with signs between them that bind at least so much.
    fn binary(&mut self, least: u8) -> Parsed {
        let mut left = self.unary()?;
        while let Some((sign, level)) = self.operator().filter(|(_, level)| *level >= least) {
            let at = self.advance();
            let right = self.binary(level + 1)?;
            left = self.joined(left, sign, &at, right)?;
        }
        Ok(left)
    }

    /// The sign between two parts that comes next, and how much it binds.
    fn operator(&self) -> Option<(&'static str, u8)> {
        let sign = if self.word() == Some("in") { "in" } else { self.sign()? };
        let level = match sign {
            "||" => 0,
            "&&" => 1,
            "==" | "!=" | "<" | "<=" | ">" | ">=" | "in" => 2,
            "+" | "-" => 3,
            "*" | "/" | "%" => 4,
            _ => return None,
        };
        Some((sign, level))
    }

    fn unary(&mut self) -> Parsed {
        let Some(sign) = self.sign().filter(|sign| matches!(*sign, "!" | "-")) else { return self.postfix() };
        let at = self.advance();
        let part = self.deeper(Parser::unary)?;
        self.signed(sign, &at, part)
    }

    /// A part with what hangs on it: `.n2`, `["n2"]`, `.all(...)`.
    fn postfix(&mut self) -> Parsed {
        let mut part = self.primary()?;
        loop {
            if self.eat("[").is_some() {
                let place = self.deeper(Parser::expression)?;
                let end = self.need("]")?;
                part = self.index(part, place, &end)?;
            } else if self.eat(".").is_some() {
                let (name, at) = self.name()?;
                part = match self.eat("(") {
                    Some(_) => self.deeper(|parser| parser.method(part, &name, &at))?,
                    None => self.select(part, &name, &at)?,
                };
            } else {
                return Ok(part);
            }
        }
    }

    fn primary(&mut self) -> Parsed {
        let Token { what, at } = self.token().clone();
        match what {
            What::Number(x) => Ok(self.literal(Value::Number(x), Type::NUMBER, 1)),
            What::Text(text) => {
                let size = text.len() as u64;
                Ok(self.literal(Value::Text(text.into()), Type::TEXT, size))
            }
            What::Name => self.named(),
            What::Span(span) => Ok(self.literal(Value::Number(span.0 as f64), Type::SPAN, 1)),
            What::Sign("(") => {
                self.advance();
                let inside = self.deeper(Parser::expression)?;
                let end = self.need(")")?;
                Ok(Part { at: from_to(&at, &end), ..inside })
            }
            What::Sign("[") => {
                self.advance();
                self.deeper(|parser| parser.list(&at))
            }
            _ => Err(self.unexpected()),
        }
    }

    fn literal(&mut self, value: Value<'static>, gives: Type, size: u64) -> Part {
        let at = self.advance();
        Part::leaf(Node::Value(value), gives, Cost::one(size), at)
    }

    /// A word: `true`, a name, a call.
    fn named(&mut self) -> Parsed {
        let (name, at) = (self.word().unwrap_or_default().to_string(), self.token().at.clone());
        match name.as_str() {
            "true" | "false" => Ok(self.literal(Value::Bool(name == "true"), Type::BOOL, 1)),
            "in" => Err(self.unexpected()),
            "setting" if self.is_before_a_dot() => self.setting(),
            _ => {
                self.advance();
                match self.eat("(") {
                    Some(_) => self.deeper(|parser| parser.function(&name, &at)),
                    None => Ok(self.variable(&name, &at).unwrap_or_else(|| self.term(&name, &at))),
                }
            }
        }
    }

    /// Parts up to a closing sign, with commas between them; and where that sign stands.
    pub(super) fn parts(&mut self, closing: &'static str) -> Result<(Vec<Part>, Range<usize>), Stop> {
        let mut parts = Vec::new();
        loop {
            if let Some(end) = self.eat(closing) {
                return Ok((parts, end));
            }
            if !parts.is_empty() {
                self.need(",")?;
                if let Some(end) = self.eat(closing) {
                    return Ok((parts, end));
                }
            }
            parts.push(self.expression()?);
        }
    }

    /// A node above these parts. An error where the tree grows too high.
    pub(super) fn node(&mut self, part: Part) -> Parsed {
        if part.height <= HEIGHT_MAX {
            return Ok(part);
        }
        self.wrong(&part.at, format!("this is nested too deeply; {HEIGHT_MAX} levels are the most"));
        Err(Stop)
    }

    /// Reads something that is inside of something.
    pub(super) fn deeper(&mut self, read: impl FnOnce(&mut Parser<'a>) -> Parsed) -> Parsed {
        if self.depth == DEPTH_MAX {
            let at = self.token().at.clone();
            self.wrong(&at, format!("a condition has at most {DEPTH_MAX} levels of brackets and signs"));
            return Err(Stop);
        }
        self.depth += 1;
        let part = read(self);
        self.depth -= 1;
        part
    }

    pub(super) fn token(&self) -> &Token {
        &self.tokens[self.next]
    }

    /// The letters of the word that comes next.
    pub(super) fn word(&self) -> Option<&'a str> {
        (self.token().what == What::Name).then(|| &self.text[self.token().at.clone()])
    }

    /// Whether the token after this one is a dot.
    fn is_before_a_dot(&self) -> bool {
        self.tokens.get(self.next + 1).is_some_and(|token| token.what == What::Sign("."))
    }

    fn sign(&self) -> Option<&'static str> {
        if let What::Sign(sign) = self.token().what { Some(sign) } else { None }
    }

    /// Goes on to the next token, never beyond the last; where this one stands.
    pub(super) fn advance(&mut self) -> Range<usize> {
        let at = self.token().at.clone();
        self.next = (self.next + 1).min(self.tokens.len() - 1);
        at
    }

    /// Takes a sign if it comes next.
    pub(super) fn eat(&mut self, sign: &str) -> Option<Range<usize>> {
        (self.sign() == Some(sign)).then(|| self.advance())
    }

    pub(super) fn need(&mut self, sign: &str) -> Result<Range<usize>, Stop> {
        self.eat(sign).ok_or_else(|| self.unexpected())
    }

    /// A word that is a name, and where it stands.
    pub(super) fn name(&mut self) -> Result<(String, Range<usize>), Stop> {
        match self.word() {
            Some(word) if !matches!(word, "true" | "false" | "in") => Ok((word.to_string(), self.advance())),
            _ => Err(self.unexpected()),
        }
    }

    /// Notes that the next token cannot stand where it does.
    pub(super) fn unexpected(&mut self) -> Stop {
        let Token { what, at } = self.token().clone();
        let word = &self.text[at.clone()];
        let message = match what {
            What::End => "here the condition ends too early: a value is missing, or a closing bracket".to_string(),
            What::Bad(why) => why,
            _ => other_spelling(word).map_or_else(|| unexpected(word), |sign| format!("`{word}` is written `{sign}` here")),
        };
        self.wrong(&at, message);
        Stop
    }

    /// Notes a mistake at this place.
    pub(super) fn wrong(&mut self, at: &Range<usize>, message: impl Into<String>) {
        self.errors.push(ConditionError { offset: at.start, length: at.len(), message: message.into() });
    }

    /// Notes a mistake, and gives a part that fits everything in its place.
    pub(super) fn wrong_part(&mut self, at: &Range<usize>, message: impl Into<String>) -> Part {
        self.wrong(at, message);
        Part::wrong(at.clone())
    }
}

/// The sign for a word that other languages use.
pub(super) fn other_spelling(word: &str) -> Option<&'static str> {
    Some(match word {
        "and" => "&&",
        "or" => "||",
        "not" => "!",
        "is" => "==",
        _ => return None,
    })
}
