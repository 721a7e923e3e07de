//! What facts and judges remember.

mod chat;
mod work;

use imbl::Vector;

use crate::cluster::live::{self, Seen, Spread};
use crate::persistent::OrdMap;
use crate::sim::id::{NodeId, RequestId};
use crate::sim::time::{Span, Time};
use crate::sim::trace::{Entry, Leg, Trace};

pub(super) use chat::Chat;
pub(super) use work::{ROUNDING, Working, Works};

use super::message::SYN;
use super::note::{Loaded, Note};
use super::settings::Does;
use super::tcp::Bytes;
use super::{Exchange, FIRST};

/// Within this, connections that are opened count as opened at once.
const AT_ONCE: Span = Span::ms(100);
/// The most rows that are remembered for the ladder.
const RUNGS: usize = 40;

/// Remembered beside the state.
#[derive(Clone, Debug, Default)]
pub struct Watch {
    /// Counts over the run so far.
    pub counts: Counts,
    /// Messages of a chat.
    pub chat: Chat,
    /// Calls.
    pub works: Works,
    /// What was sent, by node as it counted last, and in all.
    sent: OrdMap<NodeId, Bytes>,
    /// In all.
    pub bytes: Bytes,
    /// Of each client.
    pub of: OrdMap<NodeId, Bytes>,
    /// When connections were opened of late.
    opened: Vector<Time>,
    /// The last page.
    pub page: Option<Loaded>,
    /// What the server read for the last query.
    pub read: Option<Reading>,
    /// How long pages took.
    pub pages: Spread,
    /// Pages under way: how often the name had been changed when they began.
    loads: OrdMap<(NodeId, RequestId), u32>,
    /// What went over the wires of late.
    pub rungs: Vector<Going>,
}

/// What the server read for a query.
#[derive(Clone, Copy, Debug)]
pub struct Reading {
    /// Questions to the database.
    pub queries: u64,
    /// Rows that these read.
    pub rows: u64,
    /// How deep the query is.
    pub depth: u32,
    /// How many objects it asks for.
    pub cost: u64,
}

/// Something that went over a wire.
#[derive(Clone, Debug)]
pub struct Going {
    /// When it was sent.
    pub sent: Time,
    /// When it arrived; a lost one, when it died.
    pub at: Time,
    /// From whom.
    pub from: NodeId,
    /// To whom.
    pub to: NodeId,
    /// Its kind.
    pub kind: u8,
    /// Whether it was lost.
    pub lost: bool,
    /// What each node did then: see [`Works::doing`].
    pub doing: Vec<Working>,
}

/// Counts that only grow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Requests that reached a server from a client.
    pub trips: usize,
    /// Trips that brought nothing.
    pub empty: usize,
    /// Connections that were opened.
    pub handshakes: usize,
    /// The most of them within 100 ms.
    pub handshakes_peak: usize,
    /// The same since a client first noticed that its line was gone.
    pub reconnects_peak: usize,
    /// Segments that were sent again.
    pub again: usize,
    /// Missing segments for which frames of other streams waited.
    pub stalls: usize,
    /// The most streams that waited for one.
    pub stalled_streams: usize,
    /// Lines that clients noticed to be gone.
    pub lines_down: usize,
    /// Pages that are there.
    pub pages: usize,
    /// Questions to the database.
    pub queries: u64,
    /// Rows that these read.
    pub rows: u64,
    /// Objects of pages that were older than the database.
    pub stale: u64,
    /// Times that the customer got another name.
    pub renames: usize,
    /// Pages that would show it if they were older than the database.
    pub renamed_pages: usize,
    /// Segments that were sent again while other calls were under way beside the one that they were of.
    pub again_beside: usize,
    /// Queries that were refused.
    pub too_much: usize,
    /// Queries that asked the database more than once for a place.
    pub unbatched: usize,
    /// The most rows of one query.
    pub rows_most: u64,
}

/// How often the customer got another name so far.
fn renames(seen: &Seen<'_, Exchange>) -> u32 {
    seen.sim.node(FIRST).store().current().renames
}

impl live::Watch<Exchange> for Watch {
    fn follow(&mut self, seen: &Seen<'_, Exchange>) {
        self.weigh(seen);
        let last = NodeId::server(seen.sim.servers().saturating_sub(1));
        if seen.sim.settings().does == Does::Calls && seen.touched.is_none_or(|id| id == last) {
            self.works.effects(&seen.sim.node(last).store().current().effects);
        }
        for entry in seen.trace {
            match &entry.what {
                Trace::Arrived(leg) => self.arrived(entry.at, leg, false),
                Trace::Lost(leg, _) => self.arrived(entry.at, leg, true),
                Trace::Note(who, note) => self.note(seen, entry, *who, note),
                Trace::Fault(..) => {}
            }
        }
    }
}

impl Watch {
    /// What a node sent since it was looked at. One that was started again begins at nothing.
    fn weigh(&mut self, seen: &Seen<'_, Exchange>) {
        let all: Vec<NodeId> = match seen.touched {
            Some(id) => vec![id],
            None => seen.sim.ids().collect(),
        };
        for id in all {
            let now = match seen.sim.node(id).state() {
                Some(Exchange::Client(client)) => client.pipes.bytes,
                Some(Exchange::Server(server)) => server.pipes.bytes,
                _ => Bytes::default(),
            };
            if !seen.sim.node(id).is_up() {
                self.works.died(seen.sim.now(), id);
            }
            let before = self.sent.insert(id, now).unwrap_or_default();
            self.bytes.grow(before, now);
            if id.is_client() {
                self.of.entry(id).or_default().grow(before, now);
            }
        }
    }

    fn arrived(&mut self, at: Time, leg: &Leg, lost: bool) {
        let Leg { from, to, sent, kind, .. } = *leg;
        let is_ask = super::message::is_request(kind);
        self.counts.trips += usize::from(is_ask && from.is_client() && !lost);
        if kind == SYN && !lost {
            self.handshake(at);
        }
        if super::message::is_beside(kind) && !lost {
            return;
        }
        if self.rungs.len() >= RUNGS {
            self.rungs.pop_front();
        }
        self.rungs.push_back(Going { sent, at, from, to, kind, lost, doing: self.works.doing(at) });
    }

    fn handshake(&mut self, at: Time) {
        self.counts.handshakes += 1;
        self.opened.push_back(at);
        while self.opened.front().is_some_and(|first| at.since(*first) > AT_ONCE) {
            self.opened.pop_front();
        }
        self.counts.handshakes_peak = self.counts.handshakes_peak.max(self.opened.len());
        if self.counts.lines_down > 0 {
            self.counts.reconnects_peak = self.counts.reconnects_peak.max(self.opened.len());
        }
    }

    fn note(&mut self, seen: &Seen<'_, Exchange>, entry: &Entry<Note>, who: NodeId, note: &Note) {
        let counts = &mut self.counts;
        match note {
            Note::Again { .. } => {
                counts.again += 1;
                counts.again_beside += usize::from(self.works.open.len() > 1);
            }
            Note::Stalled { streams, .. } => {
                counts.stalls += 1;
                counts.stalled_streams = counts.stalled_streams.max(*streams);
            }
            Note::Empty => counts.empty += 1,
            Note::LineDown { .. } | Note::LineClosed { .. } => {
                counts.lines_down += 1;
                *self.chat.lines_lost.entry(who).or_default() += 1;
                if let Note::LineDown { silent } = note {
                    self.chat.silent = Some(*silent);
                }
            }
            Note::Loads { request } => {
                self.loads.insert((who, *request), renames(seen));
            }
            Note::Page(page) => {
                counts.pages += 1;
                let before = self.loads.remove(&(who, page.request)).unwrap_or(0);
                if let (Some(name), 1..) = (page.name, before) {
                    counts.renamed_pages += 1;
                    counts.stale += u64::from(name < before);
                }
                self.pages.add(page.last);
                self.page = Some(Loaded::clone(page));
            }
            Note::Read { queries, most, rows, depth, cost } => {
                counts.rows += rows;
                counts.unbatched += usize::from(*most > 1);
                counts.rows_most = counts.rows_most.max(*rows);
                self.read = Some(Reading { queries: *queries, rows: *rows, depth: *depth, cost: *cost });
            }
            Note::Asks => counts.queries += 1,
            Note::Renamed => counts.renames += 1,
            Note::TooMuch { .. } => counts.too_much += 1,
            Note::Stored { .. } | Note::Shown { .. } | Note::Dropped { .. } | Note::Joined { .. } | Note::Handed { .. } => {
                self.chat.note(seen.sim, entry.at, who, note);
            }
            _ => self.works.note(entry.at, who, note),
        }
    }
}
