//! Functions over time: `max_over(lag_ms_max, 10s)`, `at(lag.n2, 5s)`.

use std::ops::Range;

use super::Kind;
use super::cost::Cost;
use super::parse::{Parsed, Parser, Stop};
use super::part::{Part, from_to};
use super::tokens::What;
use super::types::Type;
use super::value::Node;
use crate::cluster::facts::FactKind;
use crate::cluster::series::{How, Over};
use crate::sim::time::Span;

impl Parser<'_> {
    /// From after the opening bracket on.
    pub(super) fn over_time(&mut self, how: How, at: &Range<usize>) -> Parsed {
        let (name, name_at) = self.name()?;
        let Some((fact, Kind::Fact(kind))) = self.known(&name) else {
            let part = self.unknown(&name, &name_at);
            return self.skip_call(part);
        };
        let key = self.one_name(fact, kind)?;
        let whole = from_to(&name_at, &self.token().at.clone());
        self.check_series(fact, kind, key.is_some(), &name_at);
        if self.eat(",").is_none() {
            let word = &self.text[at.clone()];
            self.wrong(&whole, format!("a length of time is missing, as in `{word}({name}, 10s)`"));
            return Err(Stop);
        }
        let span = self.span()?;
        let end = self.need(")")?;
        let which = self.asked(Over { how, fact, key: key.map(Into::into), span });
        Ok(Part::leaf(Node::Over(which), Type::NUMBER, Cost::one(1), from_to(at, &end)))
    }

    /// The name after a fact with a number for each.
    fn one_name(&mut self, fact: &'static str, kind: FactKind) -> Result<Option<String>, Stop> {
        let which = self.mention(fact, Kind::Fact(kind));
        let (name, at) = if self.eat(".").is_some() {
            self.name()?
        } else if self.eat("[").is_some() {
            let What::Text(name) = self.token().what.clone() else { return Err(self.unexpected()) };
            let at = self.advance();
            self.need("]")?;
            (name, at)
        } else {
            return Ok(None);
        };
        self.key(which, &name, &at);
        Ok(Some(name))
    }

    fn check_series(&mut self, fact: &str, kind: FactKind, has_key: bool, at: &Range<usize>) {
        let message = match kind {
            FactKind::Bool | FactKind::Text => format!("`{fact}` is no number, so it has no series"),
            FactKind::Named(_) if !has_key => format!("`{fact}` is a number for each name; say which, as in `{fact}.n2`"),
            FactKind::Int | FactKind::Float if has_key => format!("`{fact}` is one number and has no names"),
            _ if !self.terms.series.contains(&fact) => format!("`{fact}` has no series; {}", self.with_series()),
            _ => return,
        };
        self.wrong(at, message);
    }

    fn with_series(&self) -> String {
        if self.terms.series.is_empty() {
            "no fact here has one".to_string()
        } else {
            format!("those that have one: {}", self.terms.series.join(", "))
        }
    }

    /// A length of time that is not nothing.
    fn span(&mut self) -> Result<Span, Stop> {
        match self.token().what {
            What::Span(span) if span > Span::ZERO => {
                self.advance();
                return Ok(span);
            }
            What::Span(_) | What::Number(_) => {}
            _ => return Err(self.unexpected()),
        }
        let at = self.advance();
        self.wrong(&at, "a length of time goes here, with its unit and more than nothing: 10s, 250ms");
        Ok(Span::s(1))
    }

    /// Which of those that the condition asks for it is, a new one if need be.
    fn asked(&mut self, over: Over) -> usize {
        if let Some(which) = self.overs.iter().position(|known| *known == over) {
            return which;
        }
        self.overs.push(over);
        self.overs.len() - 1
    }
}
