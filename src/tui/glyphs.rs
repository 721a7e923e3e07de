//! The shapes of the visual language: one set for Unicode terminals, one of plain ASCII.

use crate::cluster::scene::{Health, Shape, Sign};

/// The eight pieces of a box.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Border {
    /// Corners: top left, top right, bottom left, bottom right.
    pub corners: [&'static str; 4],
    /// The top and bottom edge.
    pub across: &'static str,
    /// The left and right edge.
    pub down: &'static str,
}

const fn border(corners: [&'static str; 4], across: &'static str, down: &'static str) -> Border {
    Border { corners, across, down }
}

/// Every shape that the screens draw. All are one cell wide, but for the two dots of a text that was cut off.
#[derive(Debug, PartialEq, Eq)]
pub struct Glyphs {
    /// Whether these are plain ASCII.
    pub ascii: bool,
    /// Leader, primary, owner.
    pub leader: &'static str,
    /// Follower, replica, member.
    pub follower: &'static str,
    /// Candidate, suspect, deciding.
    pub candidate: &'static str,
    /// Crashed; also lost, refused, broken.
    pub cross: &'static str,
    /// Paused; also a held message.
    pub paused: &'static str,
    /// Slow.
    pub slow: &'static str,
    /// A client's request.
    pub request: &'static str,
    /// The answer to one.
    pub reply: &'static str,
    /// Data between servers.
    pub replication: &'static str,
    /// An acknowledgement between servers.
    pub ack: &'static str,
    /// Election and configuration.
    pub vote: &'static str,
    /// I am alive.
    pub heartbeat: &'static str,
    /// Rumours.
    pub gossip: &'static str,
    /// A cut.
    pub wall: &'static str,
    /// Between the crosses of a long cut: lying, standing.
    pub wall_line: [&'static str; 2],
    /// Stale.
    pub stale: &'static str,
    /// Two values that disagree.
    pub conflict: &'static str,
    /// Acknowledged, kept.
    pub ok: &'static str,
    /// Not known.
    pub unknown: &'static str,
    /// The operation returned, on a lane of the timeline.
    pub done: &'static str,
    /// Points at the selected thing.
    pub pointer: &'static str,
    /// Arrows: left, right, up, down.
    pub arrows: [&'static str; 4],
    /// A step done, the present one, one to come.
    pub steps: [&'static str; 3],
    /// A filled and an empty piece of a bar.
    pub bar: [&'static str; 2],
    /// How much was done on a day: nothing, a little, more, a lot.
    pub shades: [&'static str; 4],
    /// Between things in a line.
    pub dot: &'static str,
    /// Where a text was cut off.
    pub more: &'static str,
    /// A bullet of a list.
    pub bullet: &'static str,
    /// At the left of a quotation.
    pub quote: &'static str,
    /// A lane of the timeline: at rest; while leading; while down.
    pub lanes: [&'static str; 3],
    /// Blocks, from little to much: traffic on a lane, a fact over time, the length of a bar.
    pub levels: [&'static str; 8],
    /// The end of a bar that is nearly nothing.
    pub sliver: &'static str,
    /// A limit, high-water mark, decision: what stands beyond it does not count yet. Also work on a ladder.
    pub limit: &'static str,
    /// Not everywhere yet.
    pub open: &'static str,
    /// Work that nobody waits for.
    pub nobody: &'static str,
    /// A message that was recognised as a copy.
    pub copy: &'static str,
    /// The left and the right end of a way: of a knob, of a reply.
    pub ends: [&'static str; 2],
    /// Around a word that can be turned.
    pub turn: [&'static str; 2],
    /// A mark across a line.
    pub tick: &'static str,
    /// Where ways part and meet: left, right, up, down, all four; corners: down and right, down and left, up and right, up and left.
    pub joints: [&'static str; 9],
    /// A slanted stroke: falling, rising.
    pub slants: [&'static str; 2],
    /// A moment on an axis; a poke on an axis; now.
    pub axis: [&'static str; 3],
    /// The box of a leader.
    pub leader_box: Border,
    /// The box of a follower, and of every panel.
    pub follower_box: Border,
    /// The box of a candidate.
    pub candidate_box: Border,
    /// The box of a node that does not work.
    pub down_box: Border,
    /// The border of a zone.
    pub zone_box: Border,
}

/// Box drawing, arrows and geometric shapes.
pub static UNICODE: Glyphs = Glyphs {
    ascii: false,
    leader: "★",
    follower: "○",
    candidate: "◇",
    cross: "✕",
    paused: "‖",
    slow: "≈",
    request: "▸",
    reply: "◂",
    replication: "◆",
    ack: "◇",
    vote: "◇",
    heartbeat: "•",
    gossip: "○",
    wall: "╳",
    wall_line: ["╌", "╎"],
    stale: "~",
    conflict: "≠",
    ok: "✓",
    unknown: "?",
    done: "●",
    pointer: "▸",
    arrows: ["←", "→", "↑", "↓"],
    steps: ["●", "◐", "○"],
    bar: ["━", "╌"],
    dot: "·",
    more: "…",
    bullet: "•",
    quote: "│",
    lanes: ["─", "═", "┄"],
    shades: ["·", "░", "▒", "█"],
    levels: ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"],
    sliver: "▏",
    limit: "┃",
    open: "┊",
    nobody: "▒",
    copy: "≡",
    ends: ["╶", "╴"],
    turn: ["‹", "›"],
    tick: "┼",
    joints: ["├", "┤", "┬", "┴", "┼", "┌", "┐", "└", "┘"],
    slants: ["╲", "╱"],
    axis: ["╵", "▴", "│"],
    leader_box: border(["╔", "╗", "╚", "╝"], "═", "║"),
    follower_box: border(["╭", "╮", "╰", "╯"], "─", "│"),
    candidate_box: border(["┌", "┐", "└", "┘"], "╌", "╎"),
    down_box: border(["┌", "┐", "└", "┘"], "─", "│"),
    zone_box: border(["┌", "┐", "└", "┘"], "┄", "┆"),
};

/// Nothing but ASCII, for terminals and fonts that know no more.
pub static ASCII: Glyphs = Glyphs {
    ascii: true,
    leader: "*",
    follower: "o",
    candidate: "%",
    cross: "x",
    paused: "\"",
    slow: "z",
    request: ">",
    reply: "<",
    replication: "#",
    ack: "%",
    vote: "%",
    heartbeat: "'",
    gossip: "o",
    wall: "X",
    wall_line: ["-", "|"],
    stale: "~",
    conflict: "!",
    ok: "+",
    unknown: "?",
    done: "@",
    pointer: ">",
    arrows: ["<", ">", "^", "v"],
    steps: ["@", "%", "o"],
    bar: ["=", "."],
    dot: ".",
    more: "..",
    bullet: "-",
    quote: "|",
    lanes: ["-", "=", "."],
    shades: [".", "1", "2", "3"],
    levels: ["_", "_", ".", ".", "-", "-", "=", "#"],
    sliver: "|",
    limit: "H",
    open: ":",
    nobody: "&",
    copy: "2",
    ends: ["-", "-"],
    turn: ["<", ">"],
    tick: "+",
    joints: ["+", "+", "+", "+", "+", "+", "+", "+", "+"],
    slants: ["\\", "/"],
    axis: ["'", "^", "|"],
    leader_box: border(["#", "#", "#", "#"], "=", "#"),
    follower_box: border(["+", "+", "+", "+"], "-", "|"),
    candidate_box: border(["+", "+", "+", "+"], "~", ":"),
    down_box: border(["x", "x", "x", "x"], ".", ":"),
    zone_box: border([".", ".", "'", "'"], ".", ":"),
};

impl Glyphs {
    /// The sign of a node.
    pub fn shape(&self, shape: Shape) -> &'static str {
        match shape {
            Shape::Leader => self.leader,
            Shape::Member => self.follower,
            Shape::Candidate => self.candidate,
        }
    }

    /// The shape of ill health; `None` for a node that works.
    pub fn health(&self, health: Health) -> Option<&'static str> {
        match health {
            Health::Up => None,
            Health::Down => Some(self.cross),
            Health::Paused => Some(self.paused),
            Health::Slow(_) => Some(self.slow),
        }
    }

    /// The box of a node. A slow one keeps its box: it still is what it was.
    pub fn node_box(&self, shape: Shape, health: Health) -> &Border {
        match (health, shape) {
            (Health::Down | Health::Paused, _) => &self.down_box,
            (_, Shape::Leader) => &self.leader_box,
            (_, Shape::Member) => &self.follower_box,
            (_, Shape::Candidate) => &self.candidate_box,
        }
    }

    /// The sign of a message.
    pub fn sign(&self, sign: Sign) -> &'static str {
        match sign {
            Sign::Request => self.request,
            Sign::Reply => self.reply,
            Sign::Data => self.replication,
            Sign::Ack => self.ack,
            Sign::Vote => self.vote,
            Sign::Heartbeat => self.heartbeat,
            Sign::Gossip => self.gossip,
        }
    }
}
