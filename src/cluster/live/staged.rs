//! What a cluster must say of itself, beside its protocol, to be put on the stage.

use crate::check::verdict::Verdicts;
use crate::cluster::NoteMark;
use crate::cluster::kit::ask::{Ask, Deed};
use crate::cluster::kit::facts::Fact;
use crate::cluster::kit::settings::Declared;
use crate::cluster::model::Model;
use crate::cluster::moment::Moment;
use crate::cluster::scene::{FlightKind, NodeView, Scene};
use crate::command::{Call, Poke};
use crate::sim::dist::Dist;
use crate::sim::history::Record;
use crate::sim::id::{NodeId, RequestId};
use crate::sim::kernel::Sim;
use crate::sim::log::Since;
use crate::sim::protocol::Protocol;
use crate::sim::time::{Span, Time};
use crate::sim::trace::Entry;

use super::{Live, Meter, Upheld};

/// What a protocol must say of itself to be put on the stage.
pub trait Staged: Protocol<Settings: Declared> + 'static {
    /// What the facts need to remember beside the state.
    type Watch: Watch<Self>;
    /// What must hold after every event.
    type Invariants: Upheld<Self>;

    /// Its documentation.
    fn model() -> &'static Model;
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
    /// The settings in a few words.
    fn caption(settings: &Self::Settings) -> String;
    /// Latency within a zone and between zones, handling and disk times.
    fn speeds(settings: &Self::Settings) -> Speeds;

    /// What clients can ask, in the order of [`Model::language`].
    fn asks() -> &'static [Ask<Self::Op>];
    /// An operation in the words of the command language.
    fn asked(op: &Self::Op) -> Call;
    /// Whether an operation that can change something did, from what its client was told.
    fn changed(ret: &Self::Ret) -> bool {
        let _ = ret;
        true
    }
    /// What a client was told, in a word or two.
    fn told(ret: &Self::Ret) -> String;
    /// What an operator can do, in the order of [`Model::language`].
    fn deeds() -> &'static [Deed<Self>] {
        &[]
    }

    /// Whether a poke is nobody's doing, but what comes in from outside: it is recorded, and not told as a deed.
    fn is_input(poke: &Poke) -> bool {
        let _ = poke;
        false
    }

    /// The kind of a message by its number in the trace.
    fn kind(number: u8) -> FlightKind;
    /// What a message says, short.
    fn label(msg: &Self::Msg) -> String;
    /// One sentence for a note, and how it shows on the lane.
    fn note(note: &Self::Note, node: NodeId) -> (String, NoteMark);
    /// The same where names hang on the run.
    fn noted(sim: &Sim<Self>, note: &Self::Note, node: NodeId) -> (String, NoteMark) {
        let _ = sim;
        Self::note(note, node)
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
    /// What the protocol is in the middle of now.
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
    /// The tables of facts, in the order of the documentation.
    fn facts() -> &'static [&'static [Fact<Self>]];
    /// What the run satisfies so far, in the order of [`Model::guarantees`].
    fn judge(live: &Live<Self>) -> Verdicts;
}

/// What the facts of a model need to remember beside the state. It costs as much as an event changed, never as much as the run is long.
pub trait Watch<P: Staged>: Clone + Default + Send + Sync {
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

/// How fast things are.
pub struct Speeds {
    /// One-way latency within a zone.
    pub near: Dist,
    /// One-way latency between zones.
    pub far: Dist,
    /// How long a server takes for one message.
    pub handling: Span,
    /// How long a sync takes.
    pub disk: Dist,
}

impl Speeds {
    /// Of latencies within and between zones, of a message's handling and of a sync.
    pub fn of(near: &Dist, far: &Dist, handling: Span, disk: &Dist) -> Speeds {
        Speeds { near: near.clone(), far: far.clone(), handling, disk: disk.clone() }
    }
}
