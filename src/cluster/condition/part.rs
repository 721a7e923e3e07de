//! A part of a condition while it is read: what it does, gives and costs.

use std::ops::Range;

use super::cost::Cost;
use super::types::Type;
use super::value::{Node, Value};

/// A part that was understood.
pub(super) struct Part {
    pub node: Node,
    pub gives: Type,
    pub cost: Cost,
    /// Where it stands.
    pub at: Range<usize>,
    /// How many nodes are above each other.
    pub height: u16,
}

impl Part {
    /// A part without parts.
    pub(super) fn leaf(node: Node, gives: Type, cost: Cost, at: Range<usize>) -> Part {
        Part { node, gives, cost, at, height: 1 }
    }

    /// In the place of something that is wrong: it fits everything, so that nothing else is called wrong because of it.
    pub(super) fn wrong(at: Range<usize>) -> Part {
        Part::leaf(Node::Value(Value::Bool(false)), Type::ANY, Cost::one(1), at)
    }

    /// The text that is written here, if it is one.
    pub(super) fn literal(&self) -> Option<&str> {
        if let Node::Value(Value::Text(text)) = &self.node { Some(text) } else { None }
    }

    pub(super) fn is_fact(&self) -> bool {
        matches!(self.node, Node::Fact(_))
    }
}

/// The height of a node above parts of these heights.
pub(super) fn above(heights: &[u16]) -> u16 {
    heights.iter().copied().max().unwrap_or(0).saturating_add(1)
}

/// From the start of one to the end of the other.
pub(super) fn from_to(first: &Range<usize>, last: &Range<usize>) -> Range<usize> {
    first.start..last.end
}
