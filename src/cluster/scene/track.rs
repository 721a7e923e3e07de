//! Things that have a place in a row: log entries, offsets, slots, messages and who holds them.

use crate::sim::id::NodeId;

use super::node::{Shape, Tone};
use super::panel::Entry;

/// Tracks below each other; the same place in each stands at the same column.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tracks {
    /// Whether the numbers of the places stand above.
    pub numbered: bool,
    /// Headings of the columns at the right, one for each of [`Track::entries`].
    pub headings: Vec<String>,
    /// From top to bottom.
    pub tracks: Vec<Track>,
    /// What signs and letters mean, one after the other. Those that find no room are left out from the end.
    pub legend: Vec<String>,
    /// Which cells are seen where there is no room for all.
    pub from: Side,
}

/// An end of a track.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Side {
    /// Where it begins: of an order of going, who goes next. How many cells are not seen is said beside them.
    Start,
    /// Where it ends: of a log, what came last.
    #[default]
    End,
}

/// One row of cells.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Track {
    /// The node that it belongs to, where there is one.
    pub node: Option<NodeId>,
    /// Its name: `p0`, `s1`, `ready`, `c2 holds`.
    pub name: String,
    /// The look of its owner, where that says something.
    pub shape: Option<Shape>,
    /// A few words beside the name: `term 3`, `b1`.
    pub word: String,
    /// The place of the first cell.
    pub first: u64,
    /// The cells, from the first on.
    pub cells: Vec<Cell>,
    /// How many follow that are not even named here.
    pub more: u64,
    /// Lines between cells.
    pub edges: Vec<Edge>,
    /// Marks under cells.
    pub cursors: Vec<Cursor>,
    /// Columns at the right.
    pub entries: Vec<Entry>,
    /// A few words at the end.
    pub note: String,
}

/// One cell.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Cell {
    /// Short: `x1`, `3 x6`, `a`. Empty: nothing is there.
    pub text: String,
    /// How it is to be seen.
    pub tone: Tone,
    /// Whose it is (owner, key, term, stream), as a number: equal ones look alike. Only together with its letter or number in the text.
    pub group: Option<u8>,
    /// Whether it changed at the last event.
    pub changed: bool,
}

impl Cell {
    /// A plain cell.
    pub fn new(text: impl Into<String>, tone: Tone) -> Cell {
        Cell { text: text.into(), tone, group: None, changed: false }
    }
}

/// A line before the cell with this place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Edge {
    /// The place that it stands before.
    pub before: u64,
    /// What it says.
    pub kind: Boundary,
}

/// What a line between cells says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Boundary {
    /// The limit, high-water mark, commit mark: ┃. What stands beyond it does not count yet.
    Limit,
    /// Not everywhere yet: ┊.
    Open,
}

/// A mark under a cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// The place that it stands under.
    pub at: u64,
    /// One or two letters: `A`.
    pub name: String,
}
