//! Values of the five data types. Cheap to clone.

use imbl::Vector;

use super::args::{Text, integer};
use super::ordered::Ordered;
use super::score::Score;
use crate::persistent::{OrdMap, OrdSet};

/// What a key holds. Collections are never empty.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A text, perhaps a number.
    String(Text),
    /// Texts in a row.
    List(Vector<Text>),
    /// Fields and their values.
    Hash(Ordered<Text>),
    /// Members, each once.
    Set(Set),
    /// Members in the order of their scores.
    Sorted(Sorted),
}

/// The type of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A text.
    String,
    /// Texts in a row.
    List,
    /// Fields and their values.
    Hash,
    /// Members, each once.
    Set,
    /// Members in the order of their scores.
    Sorted,
}

impl Kind {
    /// Its name, as TYPE says it.
    pub fn word(self) -> &'static str {
        match self {
            Kind::String => "string",
            Kind::List => "list",
            Kind::Hash => "hash",
            Kind::Set => "set",
            Kind::Sorted => "zset",
        }
    }
}

impl Value {
    /// Its type.
    pub fn kind(&self) -> Kind {
        match self {
            Value::String(_) => Kind::String,
            Value::List(_) => Kind::List,
            Value::Hash(_) => Kind::Hash,
            Value::Set(_) => Kind::Set,
            Value::Sorted(_) => Kind::Sorted,
        }
    }

    /// How many elements a collection has; 1 for a text. Deleting it takes so long.
    pub fn elements(&self) -> usize {
        match self {
            Value::String(_) => 1,
            Value::List(list) => list.len(),
            Value::Hash(hash) => hash.len(),
            Value::Set(set) => set.members.len(),
            Value::Sorted(sorted) => sorted.len(),
        }
    }

    /// Whether nothing is left in it: its key goes with it.
    pub fn is_empty(&self) -> bool {
        self.elements() == 0
    }

    /// The bytes of what it holds, with what each element costs beside.
    pub fn bytes(&self) -> u64 {
        const EACH: u64 = 16;
        let held = match self {
            Value::String(text) => return text.len() as u64,
            Value::List(list) => list.iter().map(|text| text.len() as u64).sum(),
            Value::Hash(hash) => hash.bytes,
            Value::Set(set) => set.members.bytes,
            Value::Sorted(sorted) => sorted.bytes,
        };
        held + EACH * self.elements() as u64
    }

    /// A few words for a picture: the text, or how many elements.
    pub fn brief(&self) -> String {
        match self {
            Value::String(text) => text.to_string(),
            other => format!("{} of {}", other.kind().word(), other.elements()),
        }
    }
}

/// A set. One of whole numbers only is kept in their order, as an intset is; any other in the order in which its members came.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Set {
    /// Its members.
    pub members: Ordered<()>,
    /// Whether some member is, or was, no whole number.
    has_texts: bool,
}

impl Set {
    /// Adds a member. Whether it is new.
    pub fn add(&mut self, member: &Text) -> bool {
        if self.members.contains(member) {
            return false;
        }
        let number = integer(member);
        if number.is_none() && !self.has_texts {
            self.members.sort_by(|a, b| integer(a).cmp(&integer(b)));
            self.has_texts = true;
        }
        self.members.insert(member, ())
    }

    /// The members, in order.
    pub fn in_order(&self) -> Vec<Text> {
        let mut all: Vec<Text> = self.members.iter().map(|(member, ())| member.clone()).collect();
        if !self.has_texts {
            all.sort_by_key(|member| integer(member));
        }
        all
    }
}

/// A sorted set.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sorted {
    scores: OrdMap<Text, Score>,
    order: OrdSet<(Score, Text)>,
    /// The bytes of its members.
    pub bytes: u64,
}

impl Sorted {
    /// How many members it has.
    pub fn len(&self) -> usize {
        self.scores.len()
    }

    /// The score of a member.
    pub fn score(&self, member: &str) -> Option<Score> {
        self.scores.get(member).copied()
    }

    /// Gives a member a score.
    pub fn set(&mut self, member: &Text, score: Score) {
        match self.scores.insert(member.clone(), score) {
            Some(before) => _ = self.order.remove(&(before, member.clone())),
            None => self.bytes += member.len() as u64,
        }
        self.order.insert((score, member.clone()));
    }

    /// Takes a member out. Whether it was there.
    pub fn remove(&mut self, member: &Text) -> bool {
        let Some(score) = self.scores.remove(member) else { return false };
        self.order.remove(&(score, member.clone()));
        self.bytes -= member.len() as u64;
        true
    }

    /// Members with their scores, the lowest first; those of equal scores in the order of their bytes.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &(Score, Text)> {
        self.order.iter()
    }
}
