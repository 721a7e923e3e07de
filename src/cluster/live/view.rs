//! The picture, as far as it is the same for every cluster.

use std::collections::BTreeSet;

use crate::cluster::scene::{
    ClientView, Fate, FlightView, Health, Layout, LinkView, Mark, NodeView, Row, Scene, Spark, SparkKind, TimerView, Tone, WallView,
};
use crate::cluster::told::Outcome;
use crate::cluster::{JUST, NoteMark};
use crate::command::{Bandwidth, Call};
use crate::sim::dist::Dist;
use crate::sim::history::Kind;
use crate::sim::id::NodeId;
use crate::sim::kernel::Flight;
use crate::sim::network::{Network, Policy};
use crate::sim::protocol::Wire;
use crate::sim::time::{Span, Time};
use crate::sim::trace::{Death, Entry, Leg, Trace};

use super::{Captioned as _, Labelled as _, Live, Staged, Worded as _, happen};

/// With more servers than this, only wires that are cut or set apart are drawn.
const FULL_MESH_MAX: usize = 7;

impl<P: Staged> Live<P> {
    pub(super) fn fill(&self, at: Time, out: &mut Scene) {
        out.clear();
        out.at = at;
        out.caption = self.sim.settings().caption();
        out.zones.extend(self.sim.network().map().names.iter().cloned());
        for id in self.sim.ids() {
            if id.is_client() { out.clients.push(self.client(id)) } else { out.nodes.push(self.server(id, at)) }
        }
        out.former.extend(self.sim.gone().filter(|id| !id.is_client()).map(|id| (id, P::name(&self.sim, id))));
        self.told(out);
        out.flights.extend(self.sim.flights().map(|flight| self.flight(flight, at)));
        wire(self.sim.network(), out);
        self.recent(at, out);
        P::panels(self, at, out);
        leave_out(out);
    }

    fn zone(&self, id: NodeId) -> Option<usize> {
        zone(self.sim.network(), id)
    }

    fn server(&self, id: NodeId, at: Time) -> NodeView {
        let node = self.sim.node(id);
        let health = health(node.is_up(), node.is_paused(), node.slowness());
        let mut view = NodeView { name: P::name(&self.sim, id), zone: self.zone(id), health, ..NodeView::new(id) };
        for running in node.timers() {
            if let Some(name) = P::timer(running.timer) {
                view.timers.push(timer(name, (running.set, running.due), at));
            }
        }
        node.inbox().for_each(|msg| view.inbox.push(Mark::Message(P::Msg::on_stage(msg.kind()).sign), Tone::Plain));
        P::picture(self, id, &mut view);
        if node.store().is_full() {
            full(&mut view);
        }
        view
    }

    fn client(&self, id: NodeId) -> ClientView {
        let node = self.sim.node(id);
        let (zone, waiting, server) = (self.zone(id), self.sim.open_requests(id), node.state().and_then(P::server_of));
        ClientView { zone, waiting, server, ..ClientView::new(id) }
    }

    /// The last thing that each client asked, and what it was told.
    fn told(&self, out: &mut Scene) {
        let history = self.sim.history();
        for client in &mut out.clients {
            let Some(asked) = self.latest.of(client.id) else { continue };
            if let Some(Kind::Invoke(op)) = history.get(asked.called).as_deref().map(|record| &record.kind) {
                says(client, &P::asked(op));
            }
            if let Some(record) = asked.ended.and_then(|line| history.get(line)) {
                hears(client, &happen::outcome::<P>(&record.kind));
            }
        }
    }

    fn flight(&self, flight: &Flight<P::Msg>, at: Time) -> FlightView {
        let leg = flight.leg;
        let fate = match flight {
            _ if flight.is_held() => Fate::Held,
            _ if self.sim.network().is_cut(leg.from, leg.to) => Fate::Walled,
            _ if flight.lost => Fate::Lost,
            _ => Fate::Arrives,
        };
        FlightView {
            id: leg.id,
            from: leg.from,
            to: leg.to,
            progress: flight.progress(at),
            kind: P::Msg::on_stage(leg.kind),
            label: flight.msg.label(),
            fate,
            sent: leg.sent,
            due: flight.due,
        }
    }

    /// Marks what just happened.
    fn recent(&self, at: Time, out: &mut Scene) {
        let last = self.sim.events();
        for entry in self.sim.trace().tail_while(|entry| entry.event == last && at.since(entry.at) <= JUST) {
            let touched = match &entry.what {
                Trace::Arrived(leg) => leg.to,
                Trace::Note(node, _) | Trace::Fault(node, _) => *node,
                Trace::Lost(..) => continue,
            };
            mark(out, touched);
        }
        out.sparks.extend(self.lately.at(at).filter_map(|entry| spark::<P>(entry, at)));
    }
}

fn zone(network: &Network, id: NodeId) -> Option<usize> {
    let map = network.map();
    (!map.names.is_empty()).then(|| map.zone(id))
}

fn health(up: bool, paused: bool, slowness: f64) -> Health {
    match () {
        () if !up => Health::Down,
        () if paused => Health::Paused,
        () if (slowness - 1.0).abs() > 1e-9 => Health::Slow(slowness),
        () => Health::Up,
    }
}

/// A timer that was set then and goes off then.
fn timer(name: &'static str, (set, due): (Time, Time), at: Time) -> TimerView {
    let (gone, all) = (at.since(set).0 as f64, due.since(set).0.max(1) as f64);
    TimerView { name, fraction: (gone / all).min(1.0), left: due.since(at) }
}

fn full(view: &mut NodeView) {
    view.rows.insert(0, Row { label: "disk".into(), value: "full".into(), tone: Tone::Bad });
}

fn says(client: &mut ClientView, call: &Call) {
    (client.asked, client.brief) = (call.to_string(), call.brief());
}

fn hears(client: &mut ClientView, outcome: &Outcome) {
    client.tone = if outcome.is_ok() { Tone::Good } else { Tone::Bad };
    client.told = outcome.short().to_string();
}

fn mark(out: &mut Scene, touched: NodeId) {
    if let Some(view) = out.nodes.iter_mut().find(|view| view.id == touched) {
        view.changed = true;
    }
}

/// The wires between the nodes of a picture, the cuts, and what is on its way in the order in which it was sent.
fn wire(network: &Network, out: &mut Scene) {
    let Scene { nodes, clients, links, .. } = out;
    for (i, a) in nodes.iter().enumerate() {
        for b in &nodes[i + 1..] {
            if nodes.len() <= FULL_MESH_MAX || is_special(network, a.id, b.id) {
                links.push(link(network, a.id, b.id));
            }
        }
    }
    for client in clients {
        let talks = |server: &&NodeView| client.server == Some(server.id) || network.is_cut(client.id, server.id);
        links.extend(nodes.iter().filter(talks).map(|server| link(network, server.id, client.id)));
    }
    out.flights.sort_by_key(|flight| flight.id);
    out.walls.extend(network.walls().iter().map(|wall| WallView {
        left: wall.left.iter().copied().collect(),
        right: wall.right.iter().copied().collect(),
        one_way: wall.one_way,
    }));
}

/// Whether a wire is cut or set apart, one way or the other.
fn is_special(network: &Network, a: NodeId, b: NodeId) -> bool {
    [(a, b), (b, a)].into_iter().any(|(from, to)| network.is_cut(from, to) || is_unusual(network.policy(from, to)))
}

fn link(network: &Network, a: NodeId, b: NodeId) -> LinkView {
    let note = [network.policy(a, b), network.policy(b, a)].map(unusual).into_iter().find(|note| !note.is_empty());
    LinkView { a, b, cut_ab: network.is_cut(a, b), cut_ba: network.is_cut(b, a), note: note.unwrap_or_default() }
}

/// A server without a place on the way of a request, such as a tier that is switched off, is not in the picture.
fn leave_out(out: &mut Scene) {
    let Layout::Tiers(columns) = &out.layout else { return };
    let placed: BTreeSet<NodeId> = columns.iter().flatten().copied().collect();
    let off = out.nodes.extract_if(.., |node| !placed.contains(&node.id));
    out.former.extend(off.map(|node| (node.id, node.name)));
    out.links.retain(|link| [link.a, link.b].iter().all(|id| id.is_client() || placed.contains(id)));
}

fn spark<P: Staged>(entry: &Entry<P::Note>, at: Time) -> Option<Spark> {
    let age = at.since(entry.at);
    match &entry.what {
        Trace::Arrived(_) | Trace::Fault(..) => None,
        Trace::Lost(leg, death) => Some(died(leg, *death, P::Msg::on_stage(leg.kind).word, age)),
        Trace::Note(who, note) => noted(*who, note.mark(), age),
    }
}

fn died(leg: &Leg, death: Death, word: &str, age: Span) -> Spark {
    let (kind, progress) = match death {
        Death::Cut => (SparkKind::Lost, 0.5),
        Death::Repeated => (SparkKind::Copy, 1.0),
        _ => (SparkKind::Lost, 0.85),
    };
    // A wall says why; what died there is to be named.
    let label = if death == Death::Cut { word } else { death.why() };
    Spark { kind, age, from: leg.from, to: leg.to, progress, label: label.to_string() }
}

fn noted(who: NodeId, mark: NoteMark, age: Span) -> Option<Spark> {
    let (kind, label) = match mark {
        NoteMark::Leads => (SparkKind::Changed, "leads"),
        NoteMark::Follows => (SparkKind::Changed, "follows"),
        NoteMark::Refuses => (SparkKind::Refused, "refused"),
        _ => return None,
    };
    Some(Spark { kind, age, from: who, to: who, progress: 0.0, label: label.to_string() })
}

/// Whether there is something to say of a wire.
fn is_unusual(policy: &Policy) -> bool {
    policy.loss > 0.0 || policy.duplication > 0.0 || policy.reordering > 0.0 || policy.bandwidth.is_some() || policy.latency.is_some()
}

/// What is unusual about a wire, in a word or two.
fn unusual(policy: &Policy) -> String {
    if !is_unusual(policy) {
        return String::new();
    }
    let mut words = Vec::new();
    for (what, p) in [("loss", policy.loss), ("twice", policy.duplication), ("overtaken", policy.reordering)] {
        if p > 0.0 {
            words.push(format!("{what} {:.0}%", p * 100.0));
        }
    }
    if policy.bandwidth.is_some() {
        words.push(Bandwidth(policy.bandwidth).to_string());
    }
    if let Some(latency) = &policy.latency {
        words.push(if let Dist::Const(always) = &**latency { always.to_string() } else { latency.to_string() });
    }
    words.join(" ")
}
