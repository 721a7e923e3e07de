//! Reads the text of a query (section 2).

use std::fmt;

/// The longest text.
const TEXT_MOST: usize = 4_000;
/// The deepest nesting.
const DEPTH_MOST: u32 = 30;
/// The greatest number as an argument.
const NUMBER_MOST: u32 = 1_000_000;

/// A query: the fields of its root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    /// In order.
    pub fields: Vec<Field>,
}

/// A field that is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// What it is called in the answer, where that is not its name.
    pub alias: Option<String>,
    /// Its name in the schema.
    pub name: String,
    /// Its arguments.
    pub arguments: Vec<(String, Literal)>,
    /// What is wanted of it; empty for a plain value.
    pub fields: Vec<Field>,
}

impl Field {
    /// What it is called in the answer.
    pub fn key(&self) -> &str {
        self.alias.as_deref().unwrap_or(&self.name)
    }
}

/// A value of an argument.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Literal {
    /// A whole number.
    Number(u32),
    /// A text.
    Text(String),
}

/// What is wrong with a query: where, in bytes from its start, and what would be right.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message} (at {at})")]
pub struct BadQuery {
    /// Where.
    pub at: usize,
    /// What.
    pub message: String,
}

impl Query {
    /// Reads a query: `{ customer { name orders(first: 3) { total } } }`.
    pub fn read(text: &str) -> Result<Query, BadQuery> {
        let mut reader = Reader { text, at: 0 };
        if text.len() > TEXT_MOST {
            return Err(reader.wrong(format!("a query has at most {TEXT_MOST} bytes here")));
        }
        if reader.word() == Some("query") {
            reader.name("query")?;
            if reader.word().is_some() {
                reader.name("the query")?;
            }
        }
        let fields = reader.selection(1)?;
        reader.skip();
        match reader.rest().chars().next() {
            None => Ok(Query { fields }),
            Some(more) => Err(reader.wrong(format!("the query has ended before `{more}`"))),
        }
    }
}

impl fmt::Display for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_all(&self.fields, f)
    }
}

fn write_all(fields: &[Field], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_str("{ ")?;
    for field in fields {
        write!(f, "{field} ")?;
    }
    f.write_str("}")
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(alias) = &self.alias {
            write!(f, "{alias}: ")?;
        }
        f.write_str(&self.name)?;
        let arguments: Vec<String> = self.arguments.iter().map(|(name, value)| format!("{name}: {value}")).collect();
        if !arguments.is_empty() {
            write!(f, "({})", arguments.join(", "))?;
        }
        if self.fields.is_empty() {
            return Ok(());
        }
        f.write_str(" ")?;
        write_all(&self.fields, f)
    }
}

impl fmt::Display for Literal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Literal::Number(number) => write!(f, "{number}"),
            Literal::Text(text) => write!(f, "\"{text}\""),
        }
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn wrong(&self, message: impl Into<String>) -> BadQuery {
        BadQuery { at: self.at, message: message.into() }
    }

    /// What means nothing: blanks, commas and comments.
    fn skip(&mut self) {
        loop {
            let rest = self.rest();
            let blank = rest.len() - rest.trim_start_matches([' ', '\t', '\n', '\r', ',', '\u{feff}']).len();
            let comment = if rest.starts_with('#') { rest.find('\n').unwrap_or(rest.len()) } else { 0 };
            if blank + comment == 0 {
                return;
            }
            self.at += blank.max(comment);
        }
    }

    fn eat(&mut self, sign: char) -> bool {
        self.skip();
        let is_there = self.rest().starts_with(sign);
        self.at += if is_there { sign.len_utf8() } else { 0 };
        is_there
    }

    fn must(&mut self, sign: char, before: &str) -> Result<(), BadQuery> {
        if self.eat(sign) {
            return Ok(());
        }
        Err(self.wrong(format!("a `{sign}` is missing {before}")))
    }

    /// The name that comes next, which stays there.
    fn word(&mut self) -> Option<&'a str> {
        self.skip();
        let rest = self.rest();
        let length = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
        Some(&rest[..length]).filter(|word| !word.is_empty() && !word.starts_with(|c: char| c.is_ascii_digit()))
    }

    fn name(&mut self, what: &str) -> Result<String, BadQuery> {
        let word = self.word().ok_or_else(|| self.wrong(format!("the name of {what} is missing")))?;
        self.at += word.len();
        Ok(word.to_string())
    }

    fn selection(&mut self, depth: u32) -> Result<Vec<Field>, BadQuery> {
        self.must('{', "before the fields")?;
        if depth > DEPTH_MOST {
            return Err(self.wrong(format!("a query nests at most {DEPTH_MOST} deep here")));
        }
        let mut fields = Vec::new();
        while !self.eat('}') {
            if self.rest().starts_with("...") {
                return Err(self.wrong("fragments are not known here: write the fields out"));
            }
            fields.push(self.field(depth)?);
        }
        if fields.is_empty() {
            return Err(self.wrong("braces name at least one field"));
        }
        Ok(fields)
    }

    fn field(&mut self, depth: u32) -> Result<Field, BadQuery> {
        let first = self.name("a field, or `}`,")?;
        let (alias, name) = if self.eat(':') { (Some(first), self.name("a field after its alias")?) } else { (None, first) };
        let arguments = if self.eat('(') { self.arguments()? } else { Vec::new() };
        self.skip();
        let fields = if self.rest().starts_with('{') { self.selection(depth + 1)? } else { Vec::new() };
        Ok(Field { alias, name, arguments, fields })
    }

    fn arguments(&mut self) -> Result<Vec<(String, Literal)>, BadQuery> {
        let mut all = Vec::new();
        while !self.eat(')') {
            let name = self.name("an argument, or `)`,")?;
            if all.iter().any(|(before, _)| *before == name) {
                return Err(self.wrong(format!("the argument `{name}` stands twice; each is given once")));
            }
            self.must(':', "after the name of an argument")?;
            all.push((name, self.literal()?));
        }
        if all.is_empty() {
            return Err(self.wrong("brackets name at least one argument"));
        }
        Ok(all)
    }

    fn literal(&mut self) -> Result<Literal, BadQuery> {
        if self.eat('"') {
            let rest = self.rest();
            let length = rest.find(['"', '\\', '\n']).filter(|at| rest[*at..].starts_with('"'));
            let length = length.ok_or_else(|| self.wrong("a text ends with `\"` in its line, and has no `\\` here"))?;
            self.at += length + 1;
            return Ok(Literal::Text(rest[..length].to_string()));
        }
        let rest = self.rest();
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let number = rest[..digits].parse().ok().filter(|number| *number <= NUMBER_MOST);
        let number = number.ok_or_else(|| self.wrong(format!("a value is a whole number up to {NUMBER_MOST}, or a text in quotes")))?;
        self.at += digits;
        Ok(Literal::Number(number))
    }
}
