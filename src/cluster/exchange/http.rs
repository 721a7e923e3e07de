//! A client of HTTP: requests on a few connections of HTTP/1.1, each of which carries one at a time, or on one connection of HTTP/2,
//! which carries many.

use imbl::Vector;

use crate::algo::wire::h2;
use crate::persistent::keep;
use crate::persistent::{OrdMap, OrdSet};
use crate::sim::id::NodeId;
use crate::sim::time::Time;

use super::Context;
use super::frame::{Frame, Says, Told, Want, Windows};
use super::head;
use super::line::Line;
use super::settings;
use super::tcp::{Conn, Event, Pipes};

/// What a client of one server keeps.
#[derive(Clone, Debug)]
pub struct Http {
    /// The server.
    peer: NodeId,
    /// Its connections.
    pub lines: OrdMap<Conn, Kept>,
    /// Requests that have not ended.
    pub calls: OrdMap<u32, Call>,
    /// Those that wait for a connection.
    pub queue: Vector<u32>,
    next: u32,
}

/// A connection.
#[derive(Clone, Debug)]
pub struct Kept {
    /// What is sent on it.
    pub line: Line,
    /// What is under way on it, by the number of its stream.
    pub busy: OrdMap<u32, u32>,
    /// The next number.
    next_stream: u32,
    /// The other end wants no more on it.
    is_leaving: bool,
    /// This end closes it when nothing is under way on it any more.
    closes: bool,
}

/// A request.
#[derive(Clone, Debug)]
pub struct Call {
    want: Want,
    /// The bytes of its body.
    body: u64,
    /// Whether more of its body comes.
    is_open: bool,
    /// Pieces of its body that came while it waited for a connection.
    pieces: Vector<(u32, bool)>,
    /// Where it is under way.
    pub at: Option<(Conn, u32)>,
    told: Option<Told>,
    /// The bytes of the answer so far.
    pub bytes: u64,
    /// When it was made.
    pub since: Time,
    /// Whether its caller reads the answer.
    reads: bool,
    /// Whether it stood behind others.
    pub stood: bool,
}

/// What a client hears.
#[derive(Clone, Debug)]
pub enum Heard {
    /// A request was answered, with a body of so many bytes, and its caller has read all of it.
    Done(u32, Told, u64),
    /// The head of an answer came, and more is to come.
    Head(u32),
    /// A piece of an answer came.
    Piece(u32),
    /// The server has not begun with it: it may be sent again, whatever it is.
    Untouched(u32),
    /// Nobody knows what became of it.
    Broken(u32),
}

impl Http {
    /// No connection yet.
    pub fn new(peer: NodeId) -> Http {
        Http { peer, lines: OrdMap::new(), calls: OrdMap::new(), queue: Vector::new(), next: 0 }
    }

    /// Opens as many connections as there may be, before anybody asks.
    pub fn warm(&mut self, pipes: &mut Pipes, cx: &mut Context<'_>) {
        let most = if cx.settings().http == settings::Http::Two { 1 } else { cx.settings().connections };
        for _ in self.lines.len()..most as usize {
            self.open(pipes, cx);
        }
    }

    /// Makes a request; its number is returned.
    pub fn ask(&mut self, want: Want, body: u64, pipes: &mut Pipes, cx: &mut Context<'_>) -> u32 {
        self.ask_more(want, (body, false), true, pipes, cx)
    }

    /// The same, where more of its body comes (`is_open`), or where the caller does not read the answer.
    pub fn ask_more(&mut self, want: Want, (body, is_open): (u64, bool), reads: bool, pipes: &mut Pipes, cx: &mut Context<'_>) -> u32 {
        let number = self.next;
        self.next = self.next.wrapping_add(1);
        let pieces = Vector::new();
        let call = Call { want, body, is_open, pieces, at: None, told: None, bytes: 0, since: cx.steady(), reads, stood: false };
        self.calls.insert(number, call);
        self.queue.push_back(number);
        self.assign(pipes, cx);
        number
    }

    /// A further piece of the body of a request.
    pub fn more(&mut self, number: u32, piece: (u32, bool), pipes: &mut Pipes, cx: &mut Context<'_>) {
        let Some(call) = self.calls.get_mut(&number) else { return };
        let Some((conn, stream)) = call.at else { return call.pieces.push_back(piece) };
        if let Some(kept) = self.lines.get_mut(&conn) {
            kept.line.body(conn, stream, piece, pipes, cx);
        }
    }

    /// Gives a request up: HTTP/2 says so on its stream, HTTP/1.1 can only close its connection.
    pub fn cancel(&mut self, number: u32, pipes: &mut Pipes, cx: &mut Context<'_>) {
        let Some(call) = self.calls.remove(&number) else { return };
        keep(&mut self.queue, |waiting| *waiting != number);
        let Some((conn, stream)) = call.at else { return };
        let Some(kept) = self.lines.get_mut(&conn) else { return };
        kept.busy.remove(&stream);
        kept.line.end(conn, stream, pipes, cx);
        match kept.line.version {
            settings::Http::Two => {
                pipes.write(conn, Frame::new(h2::FRAME_HEADER + h2::WORD, 0, Says::Cancel { stream, refused: false }), cx);
            }
            settings::Http::One => {
                self.lines.remove(&conn);
                pipes.abort(conn, cx);
            }
        }
        self.assign(pipes, cx);
    }

    /// Its program is closed and opened again: new requests go on new connections, and those there are end with what is under way on them.
    pub fn renew(&mut self, pipes: &mut Pipes, cx: &mut Context<'_>) {
        for conn in self.lines.keys().copied().collect::<Vec<Conn>>() {
            if let Some(kept) = self.lines.get_mut(&conn) {
                (kept.is_leaving, kept.closes) = (true, true);
            }
            self.close_idle(conn, pipes, cx);
        }
        if cx.settings().preconnect {
            self.open(pipes, cx);
        }
        self.assign(pipes, cx);
    }

    fn close_idle(&mut self, conn: Conn, pipes: &mut Pipes, cx: &mut Context<'_>) {
        if self.lines.get(&conn).is_some_and(|kept| kept.closes && kept.busy.is_empty()) {
            self.lines.remove(&conn);
            pipes.close(conn, cx);
        }
    }

    /// Whether a connection is one of these.
    pub fn has(&self, conn: Conn) -> bool {
        self.lines.contains_key(&conn)
    }

    /// Requests that wait go to connections that are free.
    fn assign(&mut self, pipes: &mut Pipes, cx: &mut Context<'_>) {
        while let Some(number) = self.queue.front().copied() {
            let Some(conn) = self.free(pipes, cx) else { break };
            self.queue.pop_front();
            self.send(number, conn, pipes, cx);
        }
        for number in &self.queue {
            if let Some(call) = self.calls.get_mut(number) {
                call.stood = true;
            }
        }
    }

    /// A connection that can carry one more, perhaps a new one.
    fn free(&mut self, pipes: &mut Pipes, cx: &mut Context<'_>) -> Option<Conn> {
        let (version, streams) = (cx.settings().http, cx.settings().stream_limit as usize);
        let room = if version == settings::Http::Two { streams } else { 1 };
        let fits = |kept: &Kept| !kept.is_leaving && kept.line.version == version && kept.busy.len() < room;
        if let Some((conn, _)) = self.lines.iter().find(|(_, kept)| fits(kept)) {
            return Some(*conn);
        }
        let most = if version == settings::Http::Two { 1 } else { cx.settings().connections as usize };
        let open = self.lines.values().filter(|kept| !kept.is_leaving && kept.line.version == version).count();
        (open < most).then(|| self.open(pipes, cx))
    }

    fn open(&mut self, pipes: &mut Pipes, cx: &mut Context<'_>) -> Conn {
        let (conn, version) = (pipes.open(self.peer, cx), cx.settings().http);
        let line = Line::new(version, cx);
        if version == settings::Http::Two {
            pipes.write(conn, preface(line.mine), cx);
        }
        self.lines.insert(conn, Kept { line, busy: OrdMap::new(), next_stream: 1, is_leaving: false, closes: false });
        conn
    }

    fn send(&mut self, number: u32, conn: Conn, pipes: &mut Pipes, cx: &mut Context<'_>) {
        let (Some(call), Some(kept)) = (self.calls.get_mut(&number), self.lines.get_mut(&conn)) else { return };
        let stream = kept.next_stream;
        // Streams that a client opens have odd numbers (RFC 9113, section 5.1.1).
        kept.next_stream += 2;
        kept.busy.insert(stream, number);
        kept.line.begin(stream, false);
        call.at = Some((conn, stream));
        let usual = cx.settings().request_headers;
        let body = call.body.min(u32::MAX.into()) as u32;
        // As much of the body as may go at once is in the same segment; all of it in HTTP/1.1.
        let now = if kept.line.version == settings::Http::Two { kept.line.take(stream, body) } else { body };
        let head = kept.line.weigh(&head::request(&call.want, usual)) + if now > 0 { kept.line.piece_head() } else { 0 };
        let says = Says::Ask { stream, want: call.want.clone(), end: !call.is_open && now == body };
        let (is_open, pieces) = (call.is_open, std::mem::take(&mut call.pieces));
        pipes.write(conn, Frame::new(head, now.into(), says), cx);
        if now < body {
            kept.line.body(conn, stream, (body - now, !is_open), pipes, cx);
        }
        for piece in pieces {
            kept.line.body(conn, stream, piece, pipes, cx);
        }
    }

    /// The settings have changed.
    pub fn on_settings(&mut self, pipes: &mut Pipes, cx: &mut Context<'_>) {
        for conn in self.lines.keys().copied().collect::<Vec<Conn>>() {
            if let Some(kept) = self.lines.get_mut(&conn) {
                kept.line.on_settings(conn, pipes, cx);
            }
        }
    }

    /// Something happened on one of its connections.
    pub fn on_event(&mut self, event: Event, pipes: &mut Pipes, cx: &mut Context<'_>) -> Vec<Heard> {
        let heard = match event {
            Event::Opened(_) => Vec::new(),
            Event::Gone(conn) => self.gone(conn),
            Event::Came(conn, frame) => {
                let heard = self.came(conn, &frame, pipes, cx);
                self.close_idle(conn, pipes, cx);
                heard
            }
        };
        self.assign(pipes, cx);
        heard
    }

    fn gone(&mut self, conn: Conn) -> Vec<Heard> {
        let Some(kept) = self.lines.remove(&conn) else { return Vec::new() };
        let calls: OrdSet<u32> = kept.busy.values().copied().collect();
        calls.into_iter().filter(|number| self.calls.remove(number).is_some()).map(Heard::Broken).collect()
    }

    fn came(&mut self, conn: Conn, frame: &Frame, pipes: &mut Pipes, cx: &mut Context<'_>) -> Vec<Heard> {
        let Some(kept) = self.lines.get_mut(&conn) else { return Vec::new() };
        match frame.says.clone() {
            Says::Settings(windows) => {
                kept.line.may_send(conn, windows, pipes, cx);
                pipes.write(conn, Frame::settings_ack(), cx);
            }
            Says::Resize(stream) => {
                kept.line.resized(conn, stream, pipes, cx);
                pipes.write(conn, Frame::settings_ack(), cx);
            }
            Says::Credit { stream, bytes } => kept.line.credited(conn, (stream, bytes), pipes, cx),
            Says::Tell { stream, told, end, closes } => {
                kept.is_leaving |= closes;
                let Some(number) = kept.busy.get(&stream).copied() else { return Vec::new() };
                let Some(call) = self.calls.get_mut(&number) else { return Vec::new() };
                call.told = Some(told);
                call.bytes += u64::from(frame.body);
                return if end { self.ended(conn, stream, pipes, cx) } else { vec![Heard::Head(number)] };
            }
            Says::Piece { stream, end } => {
                let number = kept.busy.get(&stream).copied();
                let call = number.and_then(|number| self.calls.get_mut(&number));
                let reads = call.as_ref().is_some_and(|call| call.reads);
                kept.line.came(conn, (stream, frame.body), reads, pipes, cx);
                if let Some(call) = call {
                    call.bytes += u64::from(frame.body);
                }
                let mut heard: Vec<Heard> = number.map(Heard::Piece).into_iter().collect();
                // An answer that its caller does not read is not there for it, however much of it has come.
                if end && reads {
                    heard.extend(self.ended(conn, stream, pipes, cx));
                }
                return heard;
            }
            Says::Cancel { stream, refused } => {
                let Some(number) = kept.busy.remove(&stream) else { return Vec::new() };
                kept.line.end(conn, stream, pipes, cx);
                self.calls.remove(&number);
                return vec![if refused { Heard::Untouched(number) } else { Heard::Broken(number) }];
            }
            Says::GoAway { last } => return self.leaves(conn, last, pipes, cx),
            _ => {}
        }
        Vec::new()
    }

    fn ended(&mut self, conn: Conn, stream: u32, pipes: &mut Pipes, cx: &mut Context<'_>) -> Vec<Heard> {
        let Some(kept) = self.lines.get_mut(&conn) else { return Vec::new() };
        kept.line.end(conn, stream, pipes, cx);
        let number = kept.busy.remove(&stream);
        let call = number.and_then(|number| Some((number, self.calls.remove(&number)?)));
        call.and_then(|(number, call)| Some(Heard::Done(number, call.told?, call.bytes))).into_iter().collect()
    }

    /// The other end goes away: what it has not begun with may go elsewhere, the rest ends here (RFC 9113, section 6.8).
    fn leaves(&mut self, conn: Conn, last: u32, pipes: &mut Pipes, cx: &mut Context<'_>) -> Vec<Heard> {
        let Some(kept) = self.lines.get_mut(&conn) else { return Vec::new() };
        kept.is_leaving = true;
        let fails_all = cx.settings().goaway == settings::GoAway::FailsAll;
        let over: Vec<(u32, u32)> = kept.busy.iter().filter(|(stream, _)| fails_all || **stream > last).map(|(s, n)| (*s, *n)).collect();
        let mut heard = Vec::new();
        for (stream, number) in over {
            kept.busy.remove(&stream);
            kept.line.end(conn, stream, pipes, cx);
            self.calls.remove(&number);
            heard.push(if stream > last { Heard::Untouched(number) } else { Heard::Broken(number) });
        }
        heard
    }
}

/// What a client of HTTP/2 writes first: the preface, its settings, and a wider window of the connection.
fn preface(windows: Windows) -> Frame {
    Frame::new(h2::PREFACE.len() as u64 + windows.bytes(), 0, Says::Preface(windows))
}
