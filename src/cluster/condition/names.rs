//! Names in a condition: facts, guarantees, variables of loops, and the names within a fact.

use std::ops::Range;

use super::cost::Cost;
use super::parse::{Parsed, Parser, other_spelling};
use super::part::{Part, above, from_to};
use super::types::Type;
use super::value::{Node, Value};
use super::{Key, Kind, Mention};
use crate::check::verdict::Guarantee;
use crate::cluster::facts::{FactKind, Keys};
use crate::near::did_you_mean;
use crate::sim::id::NodeId;

impl Parser<'_> {
    /// The variable of a loop around.
    pub(super) fn variable(&self, name: &str, at: &Range<usize>) -> Option<Part> {
        let which = self.scope.iter().rposition(|variable| variable.name == name)?;
        let variable = &self.scope[which];
        Some(Part::leaf(Node::Variable(which), variable.gives, variable.cost, at.clone()))
    }

    /// A fact or a guarantee.
    pub(super) fn term(&mut self, name: &str, at: &Range<usize>) -> Part {
        match self.known(name) {
            Some((name, what)) => {
                let which = self.mention(name, what);
                self.mentions[which].is_whole = true;
                Part::leaf(Node::Fact(which), gives(what), Cost::fact(), at.clone())
            }
            None => self.unknown(name, at),
        }
    }

    pub(super) fn known(&self, name: &str) -> Option<(&'static str, Kind)> {
        let fact = self.terms.facts.iter().find(|doc| doc.name == name);
        let guarantee = || self.terms.guarantees.iter().copied().find(|guarantee| guarantee.id() == name);
        fact.map(|doc| (doc.name, Kind::Fact(doc.kind))).or_else(|| guarantee().map(|guarantee| (guarantee.id(), Kind::Verdict(guarantee))))
    }

    /// Which of the mentions it is, a new one if need be.
    pub(super) fn mention(&mut self, name: &'static str, what: Kind) -> usize {
        if let Some(which) = self.mentions.iter().position(|mention| mention.name == name) {
            return which;
        }
        self.mentions.push(Mention { name, what, is_whole: false, keys: Vec::new() });
        self.mentions.len() - 1
    }

    pub(super) fn unknown(&mut self, name: &str, at: &Range<usize>) -> Part {
        let message = match (name, other_spelling(name)) {
            ("null", _) => "no fact is ever `null`; whether a value is there says `has(FACT.NAME)`".to_string(),
            (_, Some(sign)) => format!("`{name}` is written `{sign}` here"),
            _ => {
                let facts = self.terms.facts.iter().map(|doc| doc.name);
                let guarantees = self.terms.guarantees.iter().copied().map(Guarantee::id);
                format!("`{name}` is no fact and no guarantee{}", did_you_mean(name, facts.chain(guarantees)))
            }
        };
        self.wrong_part(at, message)
    }

    /// `lag.n2`.
    pub(super) fn select(&mut self, of: Part, name: &str, at: &Range<usize>) -> Parsed {
        if !of.gives.fits(Type::NAMED) {
            let at = from_to(&of.at, at);
            return Ok(self.wrong_part(&at, format!("`.{name}` goes after a fact with a number for each name, not {}", of.gives.words())));
        }
        let key = Part::leaf(Node::Value(Value::Text(name.to_string().into())), Type::TEXT, Cost::one(name.len() as u64), at.clone());
        self.by_name(of, key, at)
    }

    /// `lag["orders-2"]`, `lag[x]`; of a list, the element at a place, from 0.
    pub(super) fn index(&mut self, of: Part, place: Part, end: &Range<usize>) -> Parsed {
        if of.gives.is_list() {
            self.must(&place, Type::NUMBER);
            let gives = of.gives.item().unwrap_or(Type::ANY);
            return self.number_at(of, place, gives, end);
        }
        if !of.gives.fits(Type::NAMED) {
            let at = from_to(&of.at, end);
            return Ok(self.wrong_part(&at, format!("`[...]` goes after a fact with a number for each name, not {}", of.gives.words())));
        }
        if !place.gives.fits(Type::TEXT) {
            let one = self.one_of(&of);
            self.wrong(&place.at, format!("a name goes here, a text, as in `{one}`"));
        }
        self.by_name(of, place, end)
    }

    fn by_name(&mut self, of: Part, key: Part, end: &Range<usize>) -> Parsed {
        if let (Node::Fact(which), Some(name)) = (&of.node, key.literal()) {
            self.key(*which, name, &key.at);
        }
        self.number_at(of, key, Type::NUMBER, end)
    }

    fn number_at(&mut self, of: Part, place: Part, gives: Type, end: &Range<usize>) -> Parsed {
        let cost = if of.is_fact() { Cost::small(&[of.cost, place.cost]) } else { Cost::whole(&[of.cost, place.cost]) };
        let (at, height) = (from_to(&of.at, end), above(&[of.height, place.height]));
        self.node(Part { node: Node::Index(Box::new([of.node, place.node])), gives, cost, at, height })
    }

    /// Notes which number of a fact is meant, and whether its name can be right.
    pub(super) fn key(&mut self, which: usize, name: &str, at: &Range<usize>) {
        if let Kind::Fact(FactKind::Named(keys)) = self.mentions[which].what {
            self.check_key(keys, name, at);
        }
        let keys = &mut self.mentions[which].keys;
        if !keys.iter().any(|key| key.name == name) {
            keys.push(Key { name: name.to_string(), at: at.clone() });
        }
    }

    fn check_key(&mut self, keys: Keys, name: &str, at: &Range<usize>) {
        match keys {
            Keys::Nodes => {
                if let Err(bad) = name.parse::<NodeId>() {
                    self.wrong(at, bad.to_string());
                }
            }
            Keys::These(known) if !known.contains(&name) => {
                let hint = did_you_mean(name, known.iter().copied());
                self.wrong(at, format!("there is no `{name}` here{hint} (known: {})", known.join(", ")));
            }
            Keys::These(_) | Keys::Any => {}
        }
    }

    /// How one number of this part is written, for messages: `lag.n2`.
    pub(super) fn one_of(&self, part: &Part) -> String {
        let mention = if let Node::Fact(which) = part.node { self.mentions.get(which) } else { None };
        match mention.map(|mention| (mention.name, mention.what)) {
            Some((name, Kind::Fact(FactKind::Named(Keys::These([first, ..]))))) => format!("{name}.{first}"),
            Some((name, Kind::Fact(FactKind::Named(Keys::Any)))) => format!("{name}[\"a name\"]"),
            Some((name, _)) => format!("{name}.n2"),
            None => "FACT.NAME".to_string(),
        }
    }
}

const fn gives(what: Kind) -> Type {
    match what {
        Kind::Verdict(_) => Type::VERDICT,
        Kind::Fact(FactKind::Int | FactKind::Float) => Type::NUMBER,
        Kind::Fact(FactKind::Bool) => Type::BOOL,
        Kind::Fact(FactKind::Text) => Type::TEXT,
        Kind::Fact(FactKind::Named(_)) => Type::NAMED,
    }
}
