//! Consistent hashing: a circle of hashes with the tokens of nodes on it (Karger et al., STOC 1997, section 4; virtual nodes and
//! preference lists as in Dynamo, `DeCandia` et al., SOSP 2007, sections 4.2 and 4.3).

use super::{next_round, together};

/// The whole circle.
const CIRCLE: f64 = 18_446_744_073_709_551_616.0;

/// A place on the circle that a node owns up to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Token {
    /// Where.
    pub at: u64,
    /// Whose.
    pub node: u16,
}

/// The place of a node's token of this number, on the circle with this seed. Equal names have equal places.
pub fn token(seed: u64, node: u16, number: u32) -> Token {
    Token { at: together(together(seed, u64::from(node)), u64::from(number)), node }
}

/// The circle. A key belongs to the first token clockwise from its place, that place included.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ring {
    tokens: Vec<Token>,
    /// For each equal part of the circle, the number of the first token in it or after it: tokens lie evenly, so the search is short.
    parts: Vec<u32>,
    /// How far a place is shifted for the number of its part.
    shift: u32,
}

impl Ring {
    /// A circle with these tokens. Where two are at one place, the one of the lower number owns it.
    pub fn new(tokens: impl IntoIterator<Item = Token>) -> Ring {
        let mut tokens: Vec<Token> = tokens.into_iter().collect();
        tokens.sort_unstable();
        let bits = (tokens.len().max(2) as u64).ilog2();
        let mut ring = Ring { tokens, parts: Vec::new(), shift: 64 - bits };
        ring.parts = (0..=1_u64 << bits).map(|part| ring.before(part)).collect();
        ring
    }

    /// How many tokens lie before a part.
    fn before(&self, part: u64) -> u32 {
        self.tokens.partition_point(|token| token.at >> self.shift < part) as u32
    }

    /// The tokens in order.
    pub fn tokens(&self) -> &[Token] {
        &self.tokens
    }

    /// The number of the token that owns a place; `None` without tokens.
    pub fn find(&self, place: u64) -> Option<usize> {
        let part = (place >> self.shift) as usize;
        let (first, end) = (*self.parts.get(part)? as usize, *self.parts.get(part + 1)? as usize);
        let at = first + self.tokens[first..end].partition_point(|token| token.at < place);
        if self.tokens.is_empty() { None } else { Some(at % self.tokens.len()) }
    }

    /// The node that owns a place; `None` without tokens.
    pub fn owner(&self, place: u64) -> Option<u16> {
        self.find(place).map(|at| self.tokens[at].node)
    }

    /// The nodes of the tokens clockwise from a place, once around: a node comes as often as it has tokens.
    pub fn walk(&self, place: u64) -> impl Iterator<Item = u16> + '_ {
        let first = self.find(place).unwrap_or(0);
        self.tokens[first..].iter().chain(&self.tokens[..first]).map(|token| token.node)
    }

    /// The share of the circle that each node owns, of the nodes that have tokens, in order.
    pub fn shares(&self) -> Vec<(u16, f64)> {
        let mut owned: Vec<(u16, f64)> =
            self.arcs().map(|(from, token)| (token.node, token.at.wrapping_sub(from) as f64 / CIRCLE)).collect();
        // Where all tokens are at one place, the first has the whole circle.
        if let (Some(first), Some(last)) = (self.tokens.first(), self.tokens.last())
            && first.at == last.at
        {
            owned[0].1 = 1.0;
        }
        owned.sort_by_key(|(node, _)| *node);
        owned.into_iter().fold(Vec::new(), |mut all: Vec<(u16, f64)>, (node, share)| {
            match all.last_mut() {
                Some((last, sum)) if *last == node => *sum += share,
                _ => all.push((node, share)),
            }
            all
        })
    }

    /// The arcs, each from the place of the token before it (exclusive) to its own (inclusive), with its token.
    pub fn arcs(&self) -> impl Iterator<Item = (u64, Token)> + '_ {
        let last = self.tokens.last().map(|token| token.at);
        last.into_iter().chain(self.tokens.iter().map(|token| token.at)).zip(self.tokens.iter().copied())
    }

    /// The arcs that two circles cut each other into, each with its end and its owners in both.
    pub fn against<'a>(&'a self, other: &'a Ring) -> impl Iterator<Item = (u64, u16, u16)> + 'a {
        let mut ends: Vec<u64> = self.tokens.iter().chain(&other.tokens).map(|token| token.at).collect();
        ends.sort_unstable();
        ends.dedup();
        ends.into_iter().filter_map(|end| Some((end, self.owner(end)?, other.owner(end)?)))
    }
}

/// The first token at or after a place in a plain sorted list: what the parts of [`Ring`] make short.
pub fn find_plainly(tokens: &[Token], place: u64) -> usize {
    next_round(tokens, |token| token.at < place)
}
