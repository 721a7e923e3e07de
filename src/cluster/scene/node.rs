//! Servers and clients.

use crate::sim::id::NodeId;
use crate::sim::time::Span;

use super::queue::{Queue, Station};

/// The look of a node. What it means, its model's word says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Shape {
    /// Leader, primary, owner: ★, double border.
    Leader,
    /// Follower, replica, member, any server: ○, rounded border.
    #[default]
    Member,
    /// Candidate, suspect, deciding: ◇, dashed border.
    Candidate,
}

/// Whether a node works.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Health {
    /// It works.
    #[default]
    Up,
    /// It crashed.
    Down,
    /// Its process is stopped.
    Paused,
    /// It works this many times slower.
    Slow(f64),
}

impl Health {
    /// Whether it does anything at all.
    pub fn works(self) -> bool {
        matches!(self, Health::Up | Health::Slow(_))
    }
}

/// How a value is to be seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    /// As it should be.
    #[default]
    Plain,
    /// It can wait: labels, what is past.
    Quiet,
    /// Older than the newest acknowledged value; near a limit.
    Stale,
    /// Differs from another copy in a way that no order of writes explains.
    Conflict,
    /// Acknowledged; kept.
    Good,
    /// Wrong, refused, lost, over a limit.
    Bad,
}

/// One server.
#[derive(Clone, Debug, PartialEq)]
pub struct NodeView {
    /// Which.
    pub id: NodeId,
    /// Its name in this model: `n2`, `lb`, `app3`, `broker`.
    pub name: String,
    /// Index into [`Scene::zones`](super::Scene::zones).
    pub zone: Option<usize>,
    /// Its look.
    pub shape: Shape,
    /// What it is in this model: `leader`, `replica`, `broker`, `8 workers`. A few words.
    pub word: &'static str,
    /// Epoch or term, where there is one.
    pub epoch: Option<u64>,
    /// Up, down, paused, slow.
    pub health: Health,
    /// A small table: the most important first. The stage shows as many as fit.
    pub rows: Vec<Row>,
    /// Timers that run: the most important first.
    pub timers: Vec<TimerView>,
    /// What arrived and is not handled yet, by kind, the one whose turn is first at the head.
    pub inbox: Queue,
    /// Workers and the line before them, where a model wants them seen.
    pub station: Option<Station>,
    /// Whether it changed at the last event.
    pub changed: bool,
}

impl NodeView {
    /// A server that works, has nothing, and is called by its number.
    pub fn new(id: NodeId) -> NodeView {
        NodeView {
            id,
            name: id.to_string(),
            zone: None,
            shape: Shape::Member,
            word: "server",
            epoch: None,
            health: Health::Up,
            rows: Vec::new(),
            timers: Vec::new(),
            inbox: Queue::default(),
            station: None,
            changed: false,
        }
    }
}

/// One entry of a node's table, such as `x 7` or `log 12` or `lag 2`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row {
    /// What: a key, or a word such as `log`. A step of a lesson keeps a row visible by this word.
    pub label: String,
    /// Its value, as text.
    pub value: String,
    /// How it is to be seen.
    pub tone: Tone,
}

impl Row {
    /// A row of a table.
    pub fn new(label: impl Into<String>, value: impl Into<String>, tone: Tone) -> Row {
        Row { label: label.into(), value: value.into(), tone }
    }
}

/// A timer that fills up.
#[derive(Clone, Debug, PartialEq)]
pub struct TimerView {
    /// The name that `fire n2 NAME` takes.
    pub name: &'static str,
    /// 0 when just set, 1 when it goes off.
    pub fraction: f64,
    /// Virtual time left.
    pub left: Span,
}

/// One client, or a crowd of users that one client stands for.
#[derive(Clone, Debug, PartialEq)]
pub struct ClientView {
    /// Which.
    pub id: NodeId,
    /// Its name in this model: `c1`, `users`, `producer`.
    pub name: String,
    /// Index into [`Scene::zones`](super::Scene::zones).
    pub zone: Option<usize>,
    /// The last thing it asked, short: `write x 7`; empty before the first.
    pub asked: String,
    /// The same in a few letters: `w7`.
    pub brief: String,
    /// What it was told: `ok`, `7`, `refused`, `timeout`; empty while it waits.
    pub told: String,
    /// How to see what it was told.
    pub tone: Tone,
    /// Requests without an answer yet.
    pub waiting: usize,
    /// The server that its requests go to now, where that is fixed.
    pub server: Option<NodeId>,
    /// What is worth a line of its own, such as `840/s` or `✕ 80/s 9.5 %` (without the sign: the tone has it).
    pub rows: Vec<Row>,
}

impl ClientView {
    /// A client that has asked nothing yet and is called by its number.
    pub fn new(id: NodeId) -> ClientView {
        ClientView {
            id,
            name: id.to_string(),
            zone: None,
            asked: String::new(),
            brief: String::new(),
            told: String::new(),
            tone: Tone::Plain,
            waiting: 0,
            server: None,
            rows: Vec::new(),
        }
    }
}
