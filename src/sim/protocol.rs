//! What a protocol is to the kernel: a pure state machine whose handlers collect effects in a context.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::clock::Clock;
use super::disk::{DiskFull, Store};
use super::dist::Dist;
use super::draw::{Concern, Stream};
use super::history::Cause;
use super::id::{NodeId, RequestId};
use super::pack::Pack;
use super::requests::{Open, Requests};
use super::retry::Retry;
use super::station::{Service, Station};
use super::time::{Span, Time};
use super::wires::Wires;

/// A protocol: the state machine of one node, server or client.
pub trait Protocol: Clone + Sized + Send + Sync {
    /// What its nodes can be told at the start, and by `set` while they run.
    type Settings: Clone + Send + Sync;
    /// What goes over the wire.
    type Msg: Clone + Wire + Send + Sync;
    /// The timers a node can have; setting one that runs already sets it anew.
    type Timer: Copy + Eq + Send + Sync;
    /// What survives a restart. Cheap to clone (use persistent structures): every sync keeps a copy.
    type Disk: Clone + Default + Send + Sync;
    /// What clients ask. The history keeps it for ever, so it should be [`packs!`](crate::packs).
    type Op: Pack;
    /// What clients are told. The history keeps it too.
    type Ret: Pack;
    /// What is worth a sentence.
    type Note: Clone + Send + Sync;

    /// Whether servers too talk to each other over connections: a copy of a message that arrived goes no further.
    const CONNECTED: bool = false;

    /// First boot and every restart. Volatile state is what this returns; durable state is [`Cx::disk`].
    fn boot(id: NodeId, cx: &mut Cx<'_, Self>) -> Self;

    /// A message arrived.
    fn on_message(&mut self, from: NodeId, msg: Self::Msg, cx: &mut Cx<'_, Self>);

    /// A timer went off.
    fn on_timer(&mut self, timer: Self::Timer, cx: &mut Cx<'_, Self>);

    /// A client (this node) is asked to do something, at a certain server where `server` says so. Every attempt of a request calls
    /// it: [`Cx::open`] says which this is.
    fn on_request(&mut self, request: RequestId, op: Self::Op, server: Option<NodeId>, cx: &mut Cx<'_, Self>);

    /// How long a client waits for the answer to one attempt, by its own clock; `None`: for ever. Then the kernel ends the attempt,
    /// and the request where [`Protocol::retry`] allows no other: as unknown where the operation [`Protocol::changes`] something.
    fn patience(settings: &Self::Settings, op: &Self::Op) -> Option<Span> {
        let _ = (settings, op);
        None
    }

    /// Whether an operation can change anything: one that nobody answered may then yet do so.
    fn changes(op: &Self::Op) -> bool {
        let _ = op;
        true
    }

    /// Whether and when a client tries again. All attempts are one request.
    fn retry(settings: &Self::Settings, op: &Self::Op) -> Retry {
        let _ = (settings, op);
        Retry::NEVER
    }

    /// A client (this node) got no answer to an attempt in time. The request has ended unless [`Cx::open`] still knows it.
    fn on_give_up(&mut self, request: RequestId, attempt: &Open<Self::Op>, cx: &mut Cx<'_, Self>) {
        let _ = (request, attempt, cx);
    }

    /// How long a message of this kind takes where that is a setting of its own; `None`: by the distance of the zones. A wire whose
    /// latency was set by hand keeps it.
    fn travel<'a>(settings: &'a Self::Settings, msg: &Self::Msg) -> Option<&'a Dist> {
        let _ = (settings, msg);
        None
    }

    /// The workers of a node, and the line before them. Asked at every boot and change of settings.
    fn station(settings: &Self::Settings, id: NodeId) -> Station {
        let _ = (settings, id);
        Station::default()
    }

    /// What a message asks of the station that it reaches. A function of these three and nothing else.
    fn service<'a>(msg: &Self::Msg, settings: &'a Self::Settings, id: NodeId) -> Service<'a> {
        let _ = (msg, settings, id);
        Service::HANDLING
    }

    /// A message found neither a worker nor room in the line of this node, and is lost. A chance to say so to its sender: takes no time.
    fn on_overflow(&mut self, from: NodeId, msg: Self::Msg, cx: &mut Cx<'_, Self>) {
        let _ = (from, msg, cx);
    }

    /// Whether a learner would want to stop at this note.
    fn is_noteworthy(note: &Self::Note) -> bool {
        let _ = note;
        true
    }

    /// Whether the death of a message of this kind is too common to stop at, like that of a heartbeat.
    fn is_quiet(kind: u8) -> bool {
        let _ = kind;
        false
    }

    /// A sync ended: [`Cx::durable`] has grown.
    fn on_synced(&mut self, cx: &mut Cx<'_, Self>) {
        let _ = cx;
    }

    /// The node's clock was set, or runs at another speed: whatever goes by the time of day may have to be looked at again.
    fn on_clock(&mut self, cx: &mut Cx<'_, Self>) {
        let _ = cx;
    }

    /// A setting was changed while the cluster runs.
    fn on_settings(&mut self, cx: &mut Cx<'_, Self>) {
        let _ = cx;
    }
}

/// What the kernel must know of a message.
pub trait Wire {
    /// A small number for its kind, kept in the trace.
    fn kind(&self) -> u8 {
        0
    }

    /// Its size on the wire in bytes, for links with a bandwidth and for accounting.
    fn bytes(&self) -> u64 {
        100
    }
}

/// Something a handler wants done. Applied by the kernel after the handler returned.
pub(super) enum Effect<P: Protocol> {
    Send(NodeId, P::Msg),
    SendAfterSync(NodeId, P::Msg),
    Sync,
    SyncTaking(Span),
    SetTimer(Span, P::Timer),
    StartTimer(Span, P::Timer),
    Work(Span, P::Timer),
    Cancel(P::Timer),
    KeepWorker,
    AddServer,
    Die,
    RemoveServer(NodeId),
    FreeWorker,
    Reply(RequestId, Reply<P::Ret>),
    Note(P::Note),
}

/// How a request ends, as far as its last attempt tells.
#[derive(Clone, Debug, PartialEq)]
pub enum Reply<Ret> {
    /// It took effect.
    Ok(Ret),
    /// A server said no: it did not take effect and will not.
    Refused(Cause),
    /// It did not take effect and will not, and nobody said no.
    Failed(Cause),
    /// Nobody knows.
    Unknown(Cause),
}

/// What a handler sees and what it wants done.
pub struct Cx<'a, P: Protocol> {
    pub(super) id: NodeId,
    pub(super) local: Time,
    pub(super) clock: &'a Clock,
    pub(super) settings: &'a P::Settings,
    pub(super) store: &'a mut Store<P::Disk>,
    pub(super) drawn: &'a mut u64,
    pub(super) wires: &'a mut Wires<P>,
    pub(super) requests: &'a mut Requests<P>,
    pub(super) gone: &'a Arc<BTreeSet<NodeId>>,
    pub(super) first_boot: bool,
    pub(super) effects: &'a mut Vec<Effect<P>>,
}

impl<P: Protocol> Cx<'_, P> {
    /// Who this is.
    pub fn id(&self) -> NodeId {
        self.id
    }

    /// Whether this is the node's first life: it boots into a new cluster.
    pub fn is_first_boot(&self) -> bool {
        self.first_boot
    }

    /// What the node's own clock shows: perhaps skewed, perhaps drifting.
    pub fn clock(&self) -> Time {
        self.local
    }

    /// What the node's monotonic clock shows: perhaps drifting, never set, and going on while the process is down.
    pub fn steady(&self) -> Time {
        self.clock.steady(self.wires.now)
    }

    /// The settings of now.
    pub fn settings(&self) -> &P::Settings {
        self.settings
    }

    /// Every server of the cluster that has not left, in order.
    pub fn servers(&self) -> impl Iterator<Item = NodeId> + use<P> {
        let gone = self.gone.clone();
        (0..self.wires.servers).map(NodeId::server).filter(move |id| !gone.contains(id))
    }

    /// How many servers there are.
    pub fn server_count(&self) -> usize {
        usize::from(self.wires.servers) - self.gone.range(..NodeId::client(0)).count()
    }

    /// Every client of the cluster that has not left, in order.
    pub fn clients(&self) -> impl Iterator<Item = NodeId> + use<P> {
        let gone = self.gone.clone();
        (0..self.wires.clients).map(NodeId::client).filter(move |id| !gone.contains(id))
    }

    /// The servers from near to far by the map, as seen from here.
    pub fn near(&self) -> &[NodeId] {
        self.wires.network.near(self.id)
    }

    /// A request that has not ended.
    pub fn open(&self, request: RequestId) -> Option<&Open<P::Op>> {
        self.requests.open.get(&request)
    }

    /// Sends the message that carries an open request to a server, and notes there whom it was sent to.
    pub fn ask(&mut self, request: RequestId, server: NodeId, msg: P::Msg) {
        if let Some(open) = self.requests.open.get_mut(&request) {
            open.asked = Some(server);
            open.sends += 1;
        }
        self.send(server, msg);
    }

    /// Fresh randomness of this node's own.
    pub fn rng(&mut self) -> Stream {
        *self.drawn += 1;
        self.wires.draws.of_node(Concern::Protocol, self.id.code(), *self.drawn)
    }

    /// Made in its place in the buffer, because a copy of what was just written stalls the processor.
    #[inline]
    fn want(&mut self, effect: impl FnOnce() -> Effect<P>) {
        self.effects.extend(std::iter::once_with(effect));
    }

    /// Sends a message now.
    #[inline]
    pub fn send(&mut self, to: NodeId, msg: P::Msg) {
        if self.effects.is_empty() {
            // Nothing that was wanted before is still to be done, so this is its turn.
            return self.wires.send(self.settings, self.id, to, msg);
        }
        self.want(|| Effect::Send(to, msg));
    }

    /// Sends a message once everything written to the disk so far is synced.
    pub fn send_after_sync(&mut self, to: NodeId, msg: P::Msg) {
        self.want(|| Effect::SendAfterSync(to, msg));
    }

    /// Starts to sync what was written so far.
    pub fn sync(&mut self) {
        self.want(|| Effect::Sync);
    }

    /// The same, where this write takes another time than the disk's usual one, on a node of normal speed.
    pub fn sync_taking(&mut self, takes: Span) {
        self.want(|| Effect::SyncTaking(takes));
    }

    /// Sets a timer by the node's own clock.
    pub fn set_timer(&mut self, after: Span, timer: P::Timer) {
        self.want(|| Effect::SetTimer(after, timer));
    }

    /// Sets a timer by the node's own clock, unless it runs already.
    pub fn start_timer(&mut self, after: Span, timer: P::Timer) {
        self.want(|| Effect::StartTimer(after, timer));
    }

    /// Work that takes this long on a node of normal speed; `timer` goes off when it is done.
    pub fn work(&mut self, takes: Span, timer: P::Timer) {
        self.want(|| Effect::Work(takes, timer));
    }

    /// Takes a timer back; nothing happens when it does not run.
    pub fn cancel_timer(&mut self, timer: P::Timer) {
        self.want(|| Effect::Cancel(timer));
    }

    /// Has one more server booted, in the zone of this node: as an operator does by [`super::kernel::Sim::add_server`].
    pub fn add_server(&mut self) {
        self.want(|| Effect::AddServer);
    }

    /// Has a server taken away with its disk. A node cannot take itself away.
    pub fn remove_server(&mut self, id: NodeId) {
        self.want(|| Effect::RemoveServer(id));
    }

    /// The process dies of what it just did, as of a bug: nothing that it wants after this is done. Its disk is kept.
    pub fn die(&mut self) {
        self.want(|| Effect::Die);
    }

    /// Keeps the worker that handles this message: it stays taken until [`Cx::free_worker`], as a thread does that waits for another
    /// server.
    pub fn keep_worker(&mut self) {
        self.want(|| Effect::KeepWorker);
    }

    /// Lets one of the workers go that were kept.
    pub fn free_worker(&mut self) {
        self.want(|| Effect::FreeWorker);
    }

    /// Ends an attempt of a client's request, and the request unless it is tried again. Only the first end of a request counts.
    pub fn reply(&mut self, request: RequestId, reply: Reply<P::Ret>) {
        self.want(|| Effect::Reply(request, reply));
    }

    /// Notes something worth a sentence.
    pub fn note(&mut self, note: P::Note) {
        self.want(|| Effect::Note(note));
    }

    /// What is on the disk, unsynced writes included.
    pub fn disk(&self) -> &P::Disk {
        self.store.current()
    }

    /// What would survive a loss of power now.
    pub fn durable(&self) -> &P::Disk {
        self.store.durable()
    }

    /// Writes to the disk. Not synced yet. Fails, and changes nothing, when the disk is full.
    pub fn write<T>(&mut self, change: impl FnOnce(&mut P::Disk) -> T) -> Result<T, DiskFull> {
        self.store.write(change)
    }
}
