//! The picture, as far as it is the same for every cluster.

use std::collections::BTreeSet;

use crate::cluster::scene::{
    ClientView, Fate, FlightView, Health, Layout, LinkView, Mark, NodeView, Queue, Row, Scene, Spark, SparkKind, TimerView, Tone, WallView,
};
use crate::cluster::told::Outcome;
use crate::cluster::{JUST, NoteMark};
use crate::command::Bandwidth;
use crate::sim::dist::Dist;
use crate::sim::history::Kind;
use crate::sim::id::NodeId;
use crate::sim::kernel::Flight;
use crate::sim::network::Policy;
use crate::sim::protocol::Wire;
use crate::sim::time::Time;
use crate::sim::trace::{Death, Entry, Trace};

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
        self.links(out);
        out.flights.extend(self.sim.flights().map(|flight| self.flight(flight, at)));
        out.flights.sort_by_key(|flight| flight.id);
        out.walls.extend(self.sim.network().walls().iter().map(|wall| WallView {
            left: wall.left.iter().copied().collect(),
            right: wall.right.iter().copied().collect(),
            one_way: wall.one_way,
        }));
        self.recent(at, out);
        P::panels(self, at, out);
        leave_out(out);
    }

    fn zone(&self, id: NodeId) -> Option<usize> {
        let map = self.sim.network().map();
        (!map.names.is_empty()).then(|| map.zone(id))
    }

    fn server(&self, id: NodeId, at: Time) -> NodeView {
        let node = self.sim.node(id);
        let health = match node {
            _ if !node.is_up() => Health::Down,
            _ if node.is_paused() => Health::Paused,
            _ if (node.slowness() - 1.0).abs() > 1e-9 => Health::Slow(node.slowness()),
            _ => Health::Up,
        };
        let timers = node.timers().iter().filter_map(|running| {
            let name = P::timer(running.timer)?;
            let (gone, all) = (at.since(running.set).0 as f64, running.due.since(running.set).0.max(1) as f64);
            Some(TimerView { name, fraction: (gone / all).min(1.0), left: running.due.since(at) })
        });
        let (name, zone, timers) = (P::name(&self.sim, id), self.zone(id), timers.collect());
        let mut inbox = Queue::default();
        node.inbox().for_each(|msg| inbox.push(Mark::Message(P::Msg::on_stage(msg.kind()).sign), Tone::Plain));
        let mut view = NodeView { name, zone, health, timers, inbox, ..NodeView::new(id) };
        P::picture(self, id, &mut view);
        if node.store().is_full() {
            view.rows.insert(0, Row { label: "disk".into(), value: "full".into(), tone: Tone::Bad });
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
                let call = P::asked(op);
                (client.asked, client.brief) = (call.to_string(), call.brief());
            }
            if let Some(record) = asked.ended.and_then(|line| history.get(line)) {
                let outcome: Outcome = happen::outcome::<P>(&record.kind);
                client.tone = if outcome.is_ok() { Tone::Good } else { Tone::Bad };
                client.told = outcome.short().to_string();
            }
        }
    }

    fn links(&self, out: &mut Scene) {
        let servers: Vec<NodeId> = self.sim.server_ids().collect();
        let network = self.sim.network();
        for (i, a) in servers.iter().enumerate() {
            for b in &servers[i + 1..] {
                if servers.len() <= FULL_MESH_MAX || self.is_special(*a, *b) {
                    out.links.push(self.link(*a, *b));
                }
            }
        }
        for client in &out.clients {
            let talks = |server: NodeId| client.server == Some(server) || network.is_cut(client.id, server);
            out.links.extend(servers.iter().filter(|s| talks(**s)).map(|s| self.link(*s, client.id)));
        }
    }

    /// Whether a wire is cut or set apart, one way or the other.
    fn is_special(&self, a: NodeId, b: NodeId) -> bool {
        let network = self.sim.network();
        [(a, b), (b, a)].into_iter().any(|(from, to)| network.is_cut(from, to) || is_unusual(network.policy(from, to)))
    }

    fn link(&self, a: NodeId, b: NodeId) -> LinkView {
        let network = self.sim.network();
        let note = [network.policy(a, b), network.policy(b, a)].map(unusual).into_iter().find(|note| !note.is_empty());
        LinkView { a, b, cut_ab: network.is_cut(a, b), cut_ba: network.is_cut(b, a), note: note.unwrap_or_default() }
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
            if let Some(view) = out.nodes.iter_mut().find(|view| view.id == touched) {
                view.changed = true;
            }
        }
        out.sparks.extend(self.lately.at(at).filter_map(|entry| spark::<P>(entry, at)));
    }
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
        Trace::Lost(leg, death) => {
            let (kind, progress) = match death {
                Death::Cut => (SparkKind::Lost, 0.5),
                Death::Repeated => (SparkKind::Copy, 1.0),
                _ => (SparkKind::Lost, 0.85),
            };
            // A wall says why; what died there is to be named.
            let label = if *death == Death::Cut { P::Msg::on_stage(leg.kind).word } else { death.why() };
            Some(Spark { kind, age, from: leg.from, to: leg.to, progress, label: label.to_string() })
        }
        Trace::Note(who, note) => {
            let (kind, label) = match note.mark() {
                NoteMark::Leads => (SparkKind::Changed, "leads"),
                NoteMark::Follows => (SparkKind::Changed, "follows"),
                NoteMark::Refuses => (SparkKind::Refused, "refused"),
                _ => return None,
            };
            Some(Spark { kind, age, from: *who, to: *who, progress: 0.0, label: label.to_string() })
        }
    }
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
