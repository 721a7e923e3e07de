//! What a cluster must say of itself, beside its protocol, to be put on the stage.

use crate::check::verdict::Verdicts;
use crate::cluster::NoteMark;
use crate::cluster::kit::ask::{Ask, Deed};
use crate::cluster::kit::facts::Fact;
use crate::cluster::kit::settings::{Declared, Speeds};
use crate::cluster::model::Model;
use crate::cluster::moment::Moment;
use crate::cluster::scene::{FlightKind, MessageDoc, NodeView, Scene};
use crate::command::{Call, Poke};
use crate::sim::history::Record;
use crate::sim::id::{NodeId, RequestId};
use crate::sim::kernel::Sim;
use crate::sim::log::Since;
use crate::sim::protocol::{Protocol, Wire};
use crate::sim::time::{Span, Time};
use crate::sim::trace::Entry;

use super::{Live, Meter, Upheld};

/// Settings in a few words.
pub trait Captioned {
    /// The settings in a few words, for the top of the stage.
    fn caption(&self) -> String;
}

/// What a message is on the stage.
pub trait Labelled: Wire {
    /// The kinds of messages, by their numbers in the trace.
    const KINDS: &'static [MessageDoc];

    /// What it says, short. What comes before a comma can stand alone where room is scarce.
    fn label(&self) -> String;

    /// The kind with this number.
    fn on_stage(number: u8) -> FlightKind {
        Self::KINDS[usize::from(number) % Self::KINDS.len()].kind
    }
}

/// How nodes are called.
pub type Names<'a> = &'a dyn Fn(NodeId) -> String;

/// What a note is on the stage.
pub trait Worded {
    /// How it shows on the lane of the node that took it.
    fn mark(&self) -> NoteMark;
    /// One sentence: what and why. `who` took it; names hang on the run.
    fn text(&self, who: NodeId, name: Names<'_>) -> String;
}

/// What a protocol is in the middle of, for those who look for the moment at which a fault does the most harm.
pub trait Moments: Protocol {
    /// What it is in the middle of now.
    fn moments(sim: &Sim<Self>, out: &mut Vec<Moment>) {
        let _ = (sim, out);
    }
    /// How long after the last fault until everything must be in order again.
    fn patience(settings: &Self::Settings) -> Span;
    /// The servers that a client may sensibly ask by name, from the newest to the oldest.
    fn open_to(sim: &Sim<Self>) -> Vec<NodeId> {
        let _ = sim;
        Vec::new()
    }
}

/// What a protocol must say of itself to be put on the stage.
pub trait Staged: Protocol<Settings: Declared + Captioned, Msg: Labelled, Note: Worded> + Moments + 'static {
    /// What the facts need to remember beside the state.
    type Watch: Watch<Self>;
    /// What must hold after every event.
    type Invariants: Upheld<Self>;
    /// Its documentation.
    const MODEL: &'static Model;
    /// What clients can ask, in the order of [`Model::language`].
    const ASKS: &'static [Ask<Self::Op>];
    /// What an operator can do, in the order of [`Model::language`].
    const DEEDS: &'static [Deed<Self>] = &[];
    /// The tables of facts, in the order of the documentation.
    const FACTS: &'static [&'static [Fact<Self>]];

    /// Whether they can be those of a cluster of so many servers and clients. Else the name of a setting, and what would be right.
    fn fits(settings: &Self::Settings, servers: u16, clients: u16) -> Result<(), (&'static str, String)> {
        let _ = (settings, servers, clients);
        Ok(())
    }
    /// Whether a cluster that runs can go over to these settings as it stands. Else the name of a setting, and what has to be done first.
    fn may_become(sim: &Sim<Self>, settings: &Self::Settings) -> Result<(), (&'static str, String)> {
        let _ = (sim, settings);
        Ok(())
    }
    /// The zones of so many servers and clients where a scenario names none; without any, all are in one place.
    fn usual_zones(settings: &Self::Settings, servers: u16, clients: u16) -> Vec<(String, Vec<NodeId>)> {
        let _ = (settings, servers, clients);
        Vec::new()
    }
    /// Before the start: how many servers the settings ask for; `None`: as many as the scenario says.
    fn lay_out(settings: &mut Self::Settings) -> Option<u16> {
        let _ = settings;
        None
    }
    /// Brings the cluster in line with its settings, at the start and after each change of one: servers that come and go, where they
    /// stand, how they fail.
    fn furnish(sim: &mut Sim<Self>) {
        let _ = sim;
    }
    /// Servers are back, or have room again: what could not be done without them is done.
    fn on_return(sim: &mut Sim<Self>) {
        let _ = sim;
    }
    /// Latency within a zone and between zones, handling and disk times.
    fn speeds(settings: &Self::Settings) -> Speeds {
        settings.speeds()
    }

    /// An operation in the words of the command language.
    fn asked(op: &Self::Op) -> Call;
    /// Whether an operation that can change something did, from what its client was told.
    fn changed(ret: &Self::Ret) -> bool {
        let _ = ret;
        true
    }
    /// What a client was told, in a word or two.
    fn told(ret: &Self::Ret) -> String;

    /// Whether a poke is nobody's doing, but what comes in from outside: it is recorded, and not told as a deed.
    fn is_input(poke: &Poke) -> bool {
        let _ = poke;
        false
    }

    /// The name of a timer; `None` for one that is not shown.
    fn timer(timer: Self::Timer) -> Option<&'static str>;
    /// The name of a server in commands and on the stage: its number, or a word such as `lb`.
    fn name(sim: &Sim<Self>, id: NodeId) -> String {
        let _ = sim;
        id.to_string()
    }
    /// The role, rows and epoch of a server that is drawn.
    fn picture(live: &Live<Self>, node: NodeId, view: &mut NodeView);
    /// What stands on the stage beside servers, clients and messages.
    fn panels(live: &Live<Self>, at: Time, out: &mut Scene) {
        let _ = (live, at, out);
    }
    /// The server that a client's next request goes to.
    fn server_of(client: &Self) -> Option<NodeId> {
        let _ = client;
        None
    }

    /// Whether a request that changes something can be carried out now.
    fn is_serving(live: &Live<Self>) -> bool;
    /// What the run satisfies so far, in the order of [`Model::guarantees`].
    fn judge(live: &Live<Self>) -> Verdicts;
}

/// What the facts of a model need to remember beside the state. It costs as much as an event changed, never as much as the run is long.
pub trait Watch<P: Staged>: Clone + Default + Send + Sync {
    /// What a checkpoint of a busy run holds alone of the model's own lists and maps, in bytes: the ways to what is written until the next
    /// one. Beyond what every model has; `cargo test --test memory` counts every byte.
    const WAYS: u64 = 0;

    /// The same of this one, where that hangs on what happens.
    fn kept_bytes(&self) -> u64 {
        Self::WAYS
    }

    /// An event is over.
    fn follow(&mut self, seen: &Seen<'_, P>);
}

/// What one event brought.
pub struct Seen<'a, P: Staged> {
    /// The state after it.
    pub sim: &'a Sim<P>,
    /// The counts, this event included.
    pub meter: &'a Meter,
    /// The lines that it added to the history.
    pub records: Since<'a, Record<P::Op, P::Ret>>,
    /// The lines that it added to the trace.
    pub trace: Since<'a, Entry<P::Note>>,
    /// The requests that ended.
    pub ended: &'a [RequestId],
    /// The only node whose state can have changed; `None`: any.
    pub touched: Option<NodeId>,
}
