//! What can happen next where whoever looks is the network: `hold all` is in force, so that messages wait until they are chosen.
//!
//! The network is asynchronous: a message takes as long as one likes, it may be lost or come twice. What a wire keeps in order stays in
//! order. Nodes are not asynchronous: their timers go off when they are due, by the one clock of the run, which stands still meanwhile and
//! goes on only to what comes next by itself.

use std::collections::BTreeSet;

use super::scene::FlightKind;
use super::tell::Names;
use crate::command::{Command, Drive, Place, Poke};
use crate::sim::id::{MsgId, NodeId};
use crate::sim::time::{Span, Time};

/// What can happen next.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ahead {
    /// Whether messages wait until they are chosen. Where they do not, nothing else is told.
    pub holds: bool,
    /// What is on each wire, by receiver and then by sender.
    pub wires: Vec<WireAhead>,
    /// How many messages are on their way.
    pub messages: usize,
    /// How many of them wait until they are chosen.
    pub waiting: usize,
    /// What comes by itself, the soonest first; at most [`COMING_MAX`].
    pub coming: Vec<Coming>,
    /// How many things more come by themselves.
    pub more: usize,
}

/// The most things that are told of those that come by themselves.
pub const COMING_MAX: usize = 60;

/// The most messages that are told of those on one wire.
pub const WIRE_MAX: usize = 20;

/// The most choices.
pub const CHOICES_MAX: usize = 600;

/// How many messages of an ordered wire are told of those that wait behind the first.
const BEHIND: usize = 2;

/// What is on one wire.
#[derive(Clone, Debug, PartialEq)]
pub struct WireAhead {
    /// Sender.
    pub from: NodeId,
    /// Receiver.
    pub to: NodeId,
    /// Whether it keeps messages in the order in which they were sent.
    pub ordered: bool,
    /// What becomes of a message that arrives now, where it does not reach its receiver: `a cut stops it`.
    pub dies: Option<&'static str>,
    /// The messages, the one that was sent first before the others; at most [`WIRE_MAX`].
    pub messages: Vec<MessageAhead>,
    /// How many more there are.
    pub more: usize,
}

/// A message on its way.
#[derive(Clone, Debug, PartialEq)]
pub struct MessageAhead {
    /// Its number.
    pub id: MsgId,
    /// What it is for.
    pub kind: FlightKind,
    /// What it says, short.
    pub label: String,
    /// When it was sent.
    pub sent: Time,
    /// When its way ends by itself; `None`: it waits.
    pub due: Option<Time>,
    /// Whether it is lost on its way, where it goes on by itself.
    pub lost: bool,
}

/// Something that comes by itself.
#[derive(Clone, Debug, PartialEq)]
pub struct Coming {
    /// When.
    pub at: Time,
    /// It is the last of so many events that are carried out from now on; what comes to nothing is counted.
    pub steps: u64,
    /// What.
    pub what: Comes,
}

/// What comes by itself.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Comes {
    /// A timer that has a name goes off.
    Timer(NodeId, &'static str),
    /// A timer of a node that has no name, so that nobody can fire it.
    Unnamed(NodeId),
    /// A node goes on with what it is busy with.
    Works(NodeId),
    /// A node's disk has what was written.
    Synced(NodeId),
    /// A client asks, because its workload says so.
    Asks(NodeId),
    /// A client has waited long enough.
    Waited(NodeId),
    /// Nobody but chance does it: a server fails or is repaired.
    Fault(NodeId),
    /// The same of a zone, by its name.
    ZoneFault(String),
    /// A message that waits no more arrives.
    Arrives(MsgId),
    /// A message that waits no more is lost on its way.
    Dies(MsgId),
}

/// One thing that can happen next.
#[derive(Clone, Debug, PartialEq)]
pub struct Next {
    /// What it is about, which stays the same while other things come and go.
    pub thing: Thing,
    /// What heads it: those with the same heading stand together.
    pub heading: String,
    /// The command that brings it about.
    pub command: Command,
    /// What it is: `heartbeat from n1`.
    pub about: String,
    /// When, and its place among others.
    pub note: String,
    /// Why it cannot be chosen now; `None`: it can.
    pub refused: Option<String>,
}

/// What a choice is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Thing {
    /// A message.
    Message(MsgId),
    /// A timer.
    Timer(NodeId, &'static str),
    /// Something else that comes by itself.
    Other(Comes),
}

impl Thing {
    /// The commands that act on it beside the one that it is chosen by: `drop`, `duplicate`; for a timer, to let it go off at once.
    pub fn pokes(&self) -> Vec<Poke> {
        match self {
            Thing::Message(id) => vec![Poke::Drop(*id), Poke::Duplicate(*id)],
            Thing::Timer(node, name) => vec![Poke::Fire(Place::Node(*node), (*name).to_string())],
            Thing::Other(_) => Vec::new(),
        }
    }
}

impl Ahead {
    /// Everything that can happen next at a moment, in groups: what arrives at each node, then what comes by itself.
    pub fn choices(&self, now: Time, names: &Names) -> Vec<Next> {
        let mut all: Vec<Next> = self.wires.iter().flat_map(|wire| wire.choices(names)).take(CHOICES_MAX).collect();
        all.extend(self.moments().iter().map(|moment| moment.choice(now, names)));
        all
    }

    /// What comes by itself, in parts that can be chosen: what is next, then all that comes at one moment. Time that runs up to a moment
    /// brings everything of it, so that two things of one moment are one choice.
    fn moments(&self) -> Vec<Moment<'_>> {
        // Of what reads alike only the soonest is a choice: the others come after it.
        let mut told = BTreeSet::new();
        let mut moments: Vec<Moment<'_>> = Vec::new();
        for (before, coming) in self.coming.iter().enumerate().filter(|(_, coming)| told.insert(&coming.what)) {
            match moments.last_mut().filter(|moment| moment.before > 0 && moment.at() == coming.at) {
                Some(moment) => moment.things.push(coming),
                None => moments.push(Moment { before, things: vec![coming] }),
            }
        }
        moments
    }

    /// The command that brings what comes next by itself, and nothing after it; `None` where nothing comes.
    pub fn next_by_itself(&self) -> Option<Command> {
        self.coming.first().map(|coming| Command::Drive(Drive::Step(coming.steps)))
    }

    /// What is left out of the choices, in words; nothing where all are there.
    pub fn left_out(&self) -> Option<String> {
        let messages: usize = self.wires.iter().map(WireAhead::hidden).sum();
        let parts = [(messages, "more messages"), (self.more, "more things come by themselves")];
        let said: Vec<String> = parts.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")).collect();
        (!said.is_empty()).then(|| said.join(", "))
    }
}

impl WireAhead {
    fn shown(&self) -> usize {
        if self.ordered { 1 + BEHIND } else { WIRE_MAX }
    }

    /// How many of its messages are no choice.
    fn hidden(&self) -> usize {
        self.more + self.messages.len().saturating_sub(self.shown())
    }

    fn choices(&self, names: &Names) -> impl Iterator<Item = Next> {
        let (from, to) = (names.of(self.from), names.of(self.to));
        let all = self.messages.len() + self.more;
        let first = self.messages.first().map(|first| first.id);
        self.messages.iter().take(self.shown()).enumerate().map(move |(place, message)| {
            let place = if all > 1 { format!(", {} of {all} on its wire", place + 1) } else { String::new() };
            let end = if message.lost { "is lost" } else { "arrives" };
            let goes = message.due.map_or_else(String::new, |due| format!(", goes on and {end} at {due}"));
            let dies = self.dies.map_or_else(String::new, |dies| format!("; {dies}"));
            Next {
                thing: Thing::Message(message.id),
                heading: format!("to {to}"),
                command: Command::Poke(Poke::Deliver(message.id)),
                about: format!("{} from {from}", message.says()),
                note: format!("sent at {}{place}{goes}{dies}", message.sent),
                refused: self.refused(message, first, (&from, &to)),
            }
        })
    }

    fn refused(&self, message: &MessageAhead, first: Option<MsgId>, (from, to): (&str, &str)) -> Option<String> {
        let first = first.filter(|first| self.ordered && *first != message.id)?;
        Some(format!(
            "{} waits behind {first}: from {from} to {to} messages keep their order (`reordering {} -> {} 0.5` ends that)",
            message.id, self.from, self.to
        ))
    }
}

impl MessageAhead {
    /// What it is and what it says, in a word or two.
    pub fn says(&self) -> &str {
        if self.label.is_empty() { self.kind.word } else { &self.label }
    }
}

/// What one choice brings of all that comes by itself: what is next, or what comes at one later moment.
struct Moment<'a> {
    /// How many things come before it.
    before: usize,
    /// What comes then, in order; never empty.
    things: Vec<&'a Coming>,
}

/// So many things of one moment are told by name.
const TOLD: usize = 2;

impl Moment<'_> {
    fn at(&self) -> Time {
        self.things[0].at
    }

    fn choice(&self, now: Time, names: &Names) -> Next {
        let first = self.things[0];
        let span = self.at().since(now);
        let command = if self.before == 0 { Drive::Step(first.steps) } else { Drive::Run(span) };
        let others = match self.before {
            0 => String::new(),
            1 => ", after 1 other thing".to_string(),
            many => format!(", after {many} other things"),
        };
        let thing = match &first.what {
            Comes::Timer(node, name) => Thing::Timer(*node, name),
            other => Thing::Other(other.clone()),
        };
        Next {
            thing,
            heading: "by itself, as time passes".to_string(),
            command: Command::Drive(command),
            about: self.about(names),
            note: format!("due at {}, in {}{others}", self.at(), rounded(span)),
            refused: None,
        }
    }

    fn about(&self, names: &Names) -> String {
        let told: Vec<String> = self.things.iter().take(TOLD).map(|coming| coming.what.words(names)).collect();
        let more = self.things.len() - told.len();
        let more = if more > 0 { format!(", then {more} more") } else { String::new() };
        format!("{}{more}", told.join(", then "))
    }
}

impl Comes {
    fn words(&self, names: &Names) -> String {
        match self {
            Comes::Timer(node, name) => format!("{}'s {name} timer", names.of(*node)),
            Comes::Unnamed(node) => format!("{}'s own timer", names.of(*node)),
            Comes::Works(node) => format!("{} works on", names.of(*node)),
            Comes::Synced(node) => format!("{}'s disk is done", names.of(*node)),
            Comes::Asks(client) => format!("{} asks again", names.of(*client)),
            Comes::Waited(client) => format!("{} waited enough", names.of(*client)),
            Comes::Fault(node) => format!("{}: fault or repair", names.of(*node)),
            Comes::ZoneFault(zone) => format!("{zone}: fault or repair"),
            Comes::Arrives(id) => format!("{id} arrives"),
            Comes::Dies(id) => format!("{id} is lost on its way"),
        }
    }
}

/// A command as one says it: how long it lets time pass is rounded, though it is carried out exactly.
pub fn said(command: &Command) -> String {
    match command {
        Command::Drive(Drive::Run(span)) => Command::Drive(Drive::Run(rounded(*span))).to_string(),
        exact => exact.to_string(),
    }
}

/// A length of time as one reads it: to a hundredth of a millisecond.
fn rounded(span: Span) -> Span {
    const UNIT: u64 = 10_000;
    if span.0 < UNIT { span } else { Span(span.0 / UNIT * UNIT) }
}
