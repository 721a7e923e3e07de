//! How the servers of a model stand.

use crate::sim::id::NodeId;

use super::figure::{Grid, Ring};
use super::panel::Ladder;
use super::quorum::Replies;
use super::track::Tracks;

/// How the servers stand, and what the largest picture is.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Layout {
    /// Boxes beside and below each other, clients at the sides; zones as frames.
    #[default]
    Places,
    /// From left to right, the way of a request: each a column of nodes from top to bottom. Nodes that stand in none are not drawn; clients stand at the left of all where they are in none.
    Tiers(Vec<Vec<NodeId>>),
    /// The same thing side by side, one column for each server, rows at the same height.
    Columns,
    /// Tracks of cells, such as logs; servers are named at their tracks.
    Tracks(Tracks),
    /// The circle of hashes.
    Ring(Ring),
    /// A member is a cell.
    Grid(Grid),
    /// Who has answered one request, one line for each server.
    Replies(Replies),
    /// Lanes downward, time to the bottom.
    Ladder(Ladder),
}

/// Which of the two pictures of a run is the large one. A step of a lesson, or the learner, may ask for the other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Large {
    /// The moment: the stage.
    #[default]
    Stage,
    /// The time: lanes with messages between them.
    Lanes,
}
