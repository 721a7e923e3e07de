//! Pictures of many members: the circle of hashes, the field of cells.

use crate::sim::id::NodeId;

use super::panel::Level;

/// The circle of hashes. Positions are shares of the circle: 0 is 12 o'clock, clockwise, below 1.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ring {
    /// The owners, in the order of their numbers.
    pub owners: Vec<Owner>,
    /// Where owners begin to own: each owns from the token before it (exclusive) to its own (inclusive). In order of position.
    pub tokens: Vec<Token>,
    /// Keys, in order of position.
    pub keys: Vec<RingKey>,
    /// Arcs that changed their owner last, from and to, clockwise; drawn thick.
    pub moved: Vec<(f64, f64)>,
    /// A few lines for the middle: `4 of 20 keys moved`.
    pub middle: Vec<String>,
    /// Whether it is no circle but a line from 0 to 1, such as that of all keys in their order.
    pub straight: bool,
}

/// One owner on the circle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    /// Which node.
    pub node: NodeId,
    /// Its name.
    pub name: String,
    /// Whether it came with the last change.
    pub changed: bool,
    /// Whether it is down: what it owns is out of reach.
    pub down: bool,
}

/// A place of an owner on the circle.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Token {
    /// Where.
    pub at: f64,
    /// Index into [`Ring::owners`].
    pub owner: usize,
}

/// A key on the circle.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RingKey {
    /// Where.
    pub at: f64,
    /// Whether the last change moved it.
    pub moved: bool,
    /// Index into [`Ring::owners`]: whose it is, where no arc says it.
    pub owner: Option<usize>,
}

/// A field in which each member is a cell, in a fixed order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Grid {
    /// The members, row by row.
    pub members: Vec<Member>,
    /// Members to a row, so that racks are rows; 0: as many as fit.
    pub row: usize,
    /// Below the field: how far it is.
    pub level: Option<Level>,
    /// Words for the states, as this model has them: `just now`, `before`, `not yet`, `suspect`, `dead`.
    pub words: [&'static str; 5],
    /// A line or two about what is selected or most important.
    pub notes: Vec<String>,
}

/// One member of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Member {
    /// Which node.
    pub node: NodeId,
    /// How it is.
    pub state: Heard,
}

/// How a member of a field is, from the calm to the loud.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Heard {
    /// It has not heard: ·.
    Not,
    /// It heard before: ●.
    Had,
    /// It heard just now: ◆.
    Just,
    /// Somebody suspects it: ◇.
    Suspect,
    /// It is dead: ✕.
    Dead,
}

impl Heard {
    /// Every state, with the number of its word in [`Grid::words`].
    pub const ALL: [Heard; 5] = [Heard::Just, Heard::Had, Heard::Not, Heard::Suspect, Heard::Dead];
}
