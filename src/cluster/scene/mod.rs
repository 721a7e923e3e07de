//! What is on the stage: plain data that clusters fill and screens draw.
//!
//! A model says with [`Layout`] how its servers stand, fills its nodes (a name, a shape, a word, rows, a [`Station`]), and adds up to
//! three [`Panel`]s and the [`Knob`]s worth turning. Screens find the places, the sizes and the colours: nothing here knows of cells
//! on a terminal.

mod figure;
mod knob;
mod layout;
mod message;
mod node;
mod panel;
mod queue;
mod quorum;
mod track;

pub use figure::{Grid, Heard, Member, Owner, Ring, RingKey, Token};
pub use knob::{Knob, Stops};
pub use layout::{Large, Layout};
pub use message::{Fate, FlightKind, FlightView, FlowView, LinkView, MessageDoc, Sample, Sign, Spark, SparkKind, WallView};
pub use node::{ClientView, Health, NodeView, Row, Shape, TimerView, Tone};
pub use panel::{
    Bar, Body, Bucket, Check, Checklist, Entry, Fullest, Gauge, Histogram, Ladder, Level, Panel, Part, PartKind, Pass, Rung, Series, State,
    Stretch, StripLine, Strips, Table, TableRow, Unit, Work,
};
pub use queue::{Mark, Queue, Run, Station};
pub use quorum::{Answer, Replies, ReplyLine};
pub use track::{Boundary, Cell, Cursor, Edge, Side, Track, Tracks};

use crate::sim::id::NodeId;
use crate::sim::time::Time;

/// A picture of the cluster at one moment. Fill it with [`Scene::clear`] first; vectors are reused between frames.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scene {
    /// The moment shown; at or after the cluster's last event.
    pub at: Time,
    /// Settings in a few words: `async · failover after 300 ms · no fencing`.
    pub caption: String,
    /// How the servers stand.
    pub layout: Layout,
    /// Which picture is the large one.
    pub large: Large,
    /// Zones (data centres, regions) in the order they are laid out; empty when there is only one place.
    pub zones: Vec<String>,
    /// Servers, in the order of their numbers.
    pub nodes: Vec<NodeView>,
    /// Clients, in the order of their numbers.
    pub clients: Vec<ClientView>,
    /// Servers that are not in the picture, because they left or are switched off, and what they are called.
    pub former: Vec<(NodeId, String)>,
    /// Wires worth drawing (who talks to whom); pairs once, lower node first.
    pub links: Vec<LinkView>,
    /// Messages on their way, in the order of their numbers.
    pub flights: Vec<FlightView>,
    /// Ways with so many messages that a rate says more; their messages need not stand in [`Scene::flights`].
    pub flows: Vec<FlowView>,
    /// Cuts in force.
    pub walls: Vec<WallView>,
    /// Message, loss and deaths of the last moment: what just happened, newest last.
    pub sparks: Vec<Spark>,
    /// Pictures beside or below the stage, the most important first. At most three are shown at once.
    pub panels: Vec<Panel>,
    /// Settings that can be turned here.
    pub knobs: Vec<Knob>,
    /// Guarantees by id that nothing can put to the test with the settings of this scenario: they are not listed.
    pub moot: Vec<&'static str>,
}

impl Scene {
    /// Empties the scene and keeps its memory.
    pub fn clear(&mut self) {
        self.caption.clear();
        self.moot.clear();
        self.layout = Layout::default();
        self.large = Large::default();
        self.zones.clear();
        self.nodes.clear();
        self.clients.clear();
        self.former.clear();
        self.links.clear();
        self.flights.clear();
        self.flows.clear();
        self.walls.clear();
        self.sparks.clear();
        self.panels.clear();
        self.knobs.clear();
    }
}
