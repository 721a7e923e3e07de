//! The facts of an exchange.

use crate::cluster::facts::{FactDoc, FactKind, FactValue, Keys};
use crate::cluster::kit::facts::{self, Fact, fact, float, int, mean};
use crate::cluster::kit::settings::Declared as _;
use crate::cluster::live::Live;
use crate::sim::id::NodeId;
use crate::sim::kernel::Sim;
use crate::sim::time::Span;

use super::listener::{Line, Listener};
use super::note::Loaded;
use super::tcp::Bytes;
use super::watch::{Counts, Reading, Works};
use super::{Exchange, FIRST, name};

type One = Live<Exchange>;

/// All tables, in the order of the documentation.
pub(super) static TABLES: &[&[Fact<Exchange>]] = &[CHAT, LINES, WIRE, PAGE, CALLS, DESIGN, &WIRES];

static WIRES: [Fact<Exchange>; 5] = facts::wires();

/// What became of messages.
static CHAT: &[Fact<Exchange>] = &[
    int("stored", "Messages that the server has stored so far.", |live| FactValue::int(live.watched().chat.stored.len())),
    int("stored_twice", "Messages that it has stored a second time.", |live| FactValue::int(live.watched().chat.stored_twice)),
    fact("shown", FactKind::Named(Keys::Any), "For each client: messages that it has shown, each once. So `shown.c1`.", |live| {
        by_client(live, |live, id| live.watched().chat.seats.get(&id).map_or(0, |seat| seat.shown))
    }),
    int("shown_all", "Messages that clients have shown, each once for each client.", |live| {
        FactValue::int(live.watched().chat.seats.values().map(|seat| seat.shown).sum())
    }),
    fact("missed", FactKind::Named(Keys::Any), "For each client: messages that were stored and will not come to it any more.", |live| {
        by_client(live, |live, id| live.watched().chat.seats.get(&id).map_or(0, |seat| seat.missed.len()))
    }),
    int("missed_all", "Messages that were stored and will not come to a client any more, all clients together.", |live| {
        FactValue::int(live.watched().chat.seats.values().map(|seat| seat.missed.len()).sum())
    }),
    int("unseen", "Messages that were stored, and that a client has neither shown nor missed, all clients together.", |live| {
        FactValue::int(clients(live.sim()).map(|id| live.watched().chat.unseen(id)).sum())
    }),
    int("doubled", "Times that a client has shown a message that it had shown before.", |live| FactValue::int(live.watched().chat.doubled)),
    int("out_of_order", "Times that a client has shown a message after a later one.", |live| {
        FactValue::int(live.watched().chat.out_of_order)
    }),
    float("delay_ms_mean", "The mean time from being stored to being shown, in milliseconds.", |live| mean(&live.watched().chat.delays)),
    float("delay_ms_max", "The longest time from being stored to being shown, in milliseconds.", |live| {
        FactValue::Float(live.watched().chat.longest.as_ms())
    }),
    int("handed", "Messages that were given to a WebSocket whose `send` has returned.", |live| FactValue::int(live.watched().chat.handed)),
    int(
        "handed_lost",
        "Messages that were given to a WebSocket whose `send` has returned, and that are neither stored nor on their way.",
        |live| FactValue::int(live.watched().chat.lost(live.sim())),
    ),
];

/// Lines of listeners.
static LINES: &[Fact<Exchange>] = &[
    int("lines_up", "Clients that believe that their line stands.", |live| FactValue::int(lines(live.sim()).count())),
    int("dead_lines", "Clients that believe that their line stands, while the server does not know it.", |live| {
        let sim = live.sim();
        let known = |conn| matches!(sim.node(FIRST).state(), Some(Exchange::Server(server)) if server.pipes.has(conn));
        FactValue::int(lines(sim).filter(|line| line.conn().is_some_and(|conn| !known(conn))).count())
    }),
    int("lines_lost", "Times that a client noticed that its line was gone.", |live| count(live, |c| c.lines_down)),
    fact("lines_lost_of", FactKind::Named(Keys::Any), "The same for each client. So `lines_lost_of.c1`.", |live| {
        by_client(live, |live, id| live.watched().chat.lines_lost.get(&id).copied().unwrap_or(0))
    }),
    float("noticed_ms", "How long the line had been silent that a client noticed last to be gone, in milliseconds.", |live| {
        let silent = live.watched().chat.silent;
        silent.map_or_else(|| FactValue::Absent("no line was lost".into()), |silent| FactValue::Float(silent.as_ms()))
    }),
    int("handshakes", "Connections that were opened so far.", |live| count(live, |c| c.handshakes)),
    int("handshakes_peak", "The most connections that were opened within 100 ms.", |live| count(live, |c| c.handshakes_peak)),
    int(
        "reconnects_peak",
        "The most connections that were opened within 100 ms, since a client first noticed that its line was gone.",
        |live| count(live, |c| c.reconnects_peak),
    ),
];

/// What went over the wires.
static WIRE: &[Fact<Exchange>] = &[
    int("trips", "Requests of clients that reached a server.", |live| count(live, |c| c.trips)),
    int("empty_trips", "Questions for news that brought nothing.", |live| count(live, |c| c.empty)),
    fact(
        "overhead_bytes_of",
        FactKind::Named(Keys::Any),
        "For each client: those that it sent or received. So `overhead_bytes_of.c1`.",
        |live| by_client(live, |live, id| live.watched().of.get(&id).map_or(0, |bytes| (bytes.heads + bytes.heads_in) as usize)),
    ),
    int("frame_bytes", "Within `overhead_bytes`, those of frames of WebSockets and of events.", |live| bytes(live, |b| b.frames)),
    int("payload_bytes", "Bytes that somebody asked for, each once, in both directions.", |live| bytes(live, |b| b.bodies)),
    int(
        "overhead_bytes",
        "Bytes of heads of HTTP, of frames and of events, each once, in both directions; those of TCP and IP do not count.",
        |live| bytes(live, |b| b.heads),
    ),
    int("again_bytes", "Bytes that were sent again.", |live| bytes(live, |b| b.again)),
    int("tcp_again", "Segments that were sent again.", |live| count(live, |c| c.again)),
    int("held_frames", "Frames that came before their turn and waited for one that was missing.", |live| bytes(live, |b| b.held)),
    int("stalls", "Segments that were missing while frames of other calls waited for them.", |live| count(live, |c| c.stalls)),
    int("stalled_streams", "The most calls that one lost segment held up beside its own.", |live| count(live, |c| c.stalled_streams)),
    int("window_waits", "Connections on which something waits only because a window is used up.", |live| {
        FactValue::int(stopped(live.sim()))
    }),
];

/// Pages.
static PAGE: &[Fact<Exchange>] = &[
    int("pages", "Pages that were loaded so far.", |live| count(live, |c| c.pages)),
    int("requests_last", "Requests of the last page.", |live| page(live, |p| p.requests.into())),
    int("rounds_last", "Rounds of trips of the last page: what could be asked for only when something else was known.", |live| {
        page(live, |p| p.rounds.into())
    }),
    int("cache_hits_last", "Parts of the last page that the client had kept.", |live| page(live, |p| p.hits.into())),
    int("page_bytes_last", "Bytes of bodies that came for the last page.", |live| page(live, |p| p.bytes)),
    int("wanted_bytes_last", "Bytes that it needed: those of the answer to one query.", |live| page(live, |p| p.wanted)),
    int("wasted_bytes_last", "Bytes that came and nobody wanted.", |live| page(live, |p| p.bytes.saturating_sub(p.wanted))),
    int("query_bytes_last", "Bytes of the query of the last page.", |live| page(live, |p| p.query)),
    int("errors_last", "Missing parts of the last page.", |live| page(live, |p| p.errors)),
    float("page_ms_last", "How long the last page took, in milliseconds.", |live| page_ms(live, |p| p.last)),
    float("first_ms_last", "How long the first answer of the last page took, in milliseconds.", |live| page_ms(live, |p| p.first)),
    float("page_ms_mean", "The mean time that a page took.", |live| mean(&live.watched().pages)),
    int("db_queries", "Questions to the database so far.", |live| FactValue::int(live.watched().counts.queries as usize)),
    int("db_queries_last", "Questions to the database for the last query.", |live| read(live, |r| r.queries)),
    int("rows_last", "Rows that the questions to the database for the last query read.", |live| read(live, |r| r.rows)),
    int("depth_last", "How deep the last query was.", |live| read(live, |r| r.depth.into())),
    int("cost_last", "How many objects it asked for: list sizes multiplied.", |live| read(live, |r| r.cost)),
    int("refused_queries", "Queries that were refused because they were too deep or too dear.", |live| count(live, |c| c.too_much)),
    int(
        "null_objects_last",
        "Objects of the last page that are null because a field of theirs that may not be null could not be read.",
        |live| {
            let climbs = live.sim().settings().non_null;
            page(live, |p| if climbs { p.errors } else { 0 })
        },
    ),
    int("renames", "Times that the customer got another name.", |live| count(live, |c| c.renames)),
    int("stale_objects", "Objects of pages that were older than the database.", |live| {
        FactValue::int(live.watched().counts.stale as usize)
    }),
];

/// Calls.
static CALLS: &[Fact<Exchange>] = &[
    int("calls", "Calls that were made so far; tries again do not count.", |live| works(live, |w| w.made)),
    int("done", "Calls that ended well.", |live| works(live, |w| w.done)),
    int("deadline_exceeded", "Calls whose caller stopped waiting at its deadline.", |live| works(live, |w| w.late)),
    int("failed", "Calls that failed otherwise.", |live| works(live, |w| w.failed)),
    int("open", "Asks of clients that have not ended.", |live| FactValue::int(live.meter().open())),
    int("held_up", "Calls that stood behind others for a connection.", |live| works(live, |w| w.stood)),
    int("at_work", "Calls that servers have now, each at each server.", |live| works(live, Works::at_work)),
    int("busy_servers", "Servers that have a call now.", |live| FactValue::int(live.watched().works.doing(live.sim().now()).len())),
    int("retries", "Calls that were tried again.", |live| works(live, |w| w.retries)),
    int("charges", "Charges that were made.", |live| works(live, |w| w.charges)),
    int("charged_twice", "Clicks that were charged more than once.", |live| works(live, |w| w.charged_twice)),
    int("stopped", "Times that a server stopped work because nobody wanted it.", |live| works(live, |w| w.stopped)),
    float("worked_ms", "How long servers had calls, all together, in milliseconds.", |live| {
        FactValue::Float(live.watched().works.worked.values().fold(Span::ZERO, |sum, span| sum + *span).as_ms())
    }),
    float(
        "wasted_ms",
        "Of that, how long nobody wanted the answer: after the deadline of the caller, and the way to the server.",
        |live| FactValue::Float(wasted(live).iter().fold(0.0, |sum, (_, ms)| sum + ms)),
    ),
    fact("wasted_ms_of", FactKind::Named(Keys::Any), "The same for each server. So `wasted_ms_of.stock`.", |live| {
        FactValue::Named(wasted(live))
    }),
    float("call_ms_mean", "The mean time of calls that ended well, in milliseconds.", |live| mean(&live.watched().works.lasts)),
    float("call_ms_max", "The longest time of a call that ended well, in milliseconds.", |live| {
        FactValue::Float(live.watched().works.longest.as_ms())
    }),
    float("call_ms_last", "The time of the call that ended last, however it ended.", |live| {
        let last = live.watched().works.last;
        last.map_or_else(|| FactValue::Absent("no call has ended".into()), |last| FactValue::Float(last.as_ms()))
    }),
    float("first_byte_ms_mean", "The mean time to the first byte of an answer.", |live| mean(&live.watched().works.firsts)),
    facts::nodes_up(),
];

/// The design in words.
static DESIGN: &[Fact<Exchange>] = &[
    fact("style", FactKind::Text, "The setting of this name.", |live| setting(live, "style")),
    fact("resume", FactKind::Text, "The setting of this name.", |live| setting(live, "resume")),
    fact("dedup", FactKind::Text, "The setting of this name.", |live| setting(live, "dedup")),
    fact("acks", FactKind::Text, "The setting of this name.", |live| setting(live, "acks")),
    fact("api", FactKind::Text, "The setting of this name.", |live| setting(live, "api")),
    fact("loader", FactKind::Text, "The setting of this name.", |live| setting(live, "loader")),
    fact("http", FactKind::Text, "The setting of this name.", |live| setting(live, "http")),
    fact("pass_on", FactKind::Text, "The setting `pass-on`.", |live| setting(live, "pass-on")),
    fact("checks", FactKind::Text, "The setting of this name.", |live| setting(live, "checks")),
    fact("idempotency", FactKind::Text, "The setting of this name.", |live| setting(live, "idempotency")),
    int("depth_limit", "The setting `depth-limit`; 0: none.", |live| limit(live.sim().settings().depth_limit)),
    int("cost_limit", "The setting `cost-limit`; 0: none.", |live| limit(live.sim().settings().cost_limit)),
];

fn setting(live: &One, name: &str) -> FactValue {
    FactValue::Text(live.sim().settings().get(name))
}

fn limit(limit: Option<u32>) -> FactValue {
    FactValue::int(limit.unwrap_or(0) as usize)
}

fn count(live: &One, of: impl Fn(&Counts) -> usize) -> FactValue {
    FactValue::int(of(&live.watched().counts))
}

fn bytes(live: &One, of: impl Fn(&Bytes) -> u64) -> FactValue {
    FactValue::int(of(&live.watched().bytes) as usize)
}

fn works(live: &One, of: impl Fn(&Works) -> usize) -> FactValue {
    FactValue::int(of(&live.watched().works))
}

fn page(live: &One, of: impl Fn(&Loaded) -> u64) -> FactValue {
    let page = live.watched().page.as_ref();
    page.map_or_else(|| FactValue::Absent("no page was loaded".into()), |page| FactValue::int(of(page) as usize))
}

fn page_ms(live: &One, of: impl Fn(&Loaded) -> Span) -> FactValue {
    let page = live.watched().page.as_ref();
    page.map_or_else(|| FactValue::Absent("no page was loaded".into()), |page| FactValue::Float(of(page).as_ms()))
}

fn read(live: &One, of: impl Fn(&Reading) -> u64) -> FactValue {
    let read = live.watched().read.as_ref();
    read.map_or_else(|| FactValue::Absent("no query was carried out".into()), |read| FactValue::int(of(read) as usize))
}

/// Every client.
pub(super) fn clients(sim: &Sim<Exchange>) -> impl Iterator<Item = NodeId> + use<> {
    (0..sim.clients()).map(NodeId::client)
}

fn by_client(live: &One, of: impl Fn(&One, NodeId) -> usize) -> FactValue {
    FactValue::Named(clients(live.sim()).map(|id| (id.to_string(), of(live, id) as f64)).collect())
}

/// The listener of a client that runs.
pub(super) fn listener(sim: &Sim<Exchange>, id: NodeId) -> Option<&Listener> {
    match sim.node(id).state() {
        Some(Exchange::Client(client)) => client.listener(),
        _ => None,
    }
}

/// Lines that stand, as far as their clients know.
fn lines(sim: &Sim<Exchange>) -> impl Iterator<Item = &Line> {
    clients(sim).filter_map(|id| Some(&listener(sim, id)?.line)).filter(|line| matches!(line, Line::Up(_)))
}

fn stopped(sim: &Sim<Exchange>) -> usize {
    let of = |id: NodeId| match sim.node(id).state() {
        Some(Exchange::Client(client)) => client.http.lines.values().filter(|kept| kept.line.is_stopped()).count(),
        Some(Exchange::Server(server)) => {
            let asks = server.http.iter().flat_map(|http| http.lines.values()).filter(|kept| kept.line.is_stopped()).count();
            asks + server.desk.lines.values().filter(|served| served.line.is_stopped()).count()
        }
        _ => 0,
    };
    sim.ids().map(of).sum()
}

/// Work for nobody, by the names of servers, in milliseconds.
fn wasted(live: &One) -> Vec<(String, f64)> {
    let sim = live.sim();
    let all = live.watched().works.wasted_by(sim.now());
    let of = |id: NodeId| (name(id, sim.settings().does), all.get(&id).map_or(0.0, |span| span.as_ms()));
    sim.server_ids().map(of).collect()
}

/// The documentation of every fact.
pub(super) static FACTS: [FactDoc; facts::count(TABLES)] = facts::docs(TABLES);
