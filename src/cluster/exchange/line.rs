//! One end of a connection that speaks HTTP: the streams on it, what may be sent of each, and what has to be given back.
//! RFC 9112 (HTTP/1.1: one answer after the other) and RFC 9113 (HTTP/2: streams and windows).

use imbl::Vector;

use crate::algo::wire::h2::{FRAME_HEADER, MAX_FRAME, Window};
use crate::algo::wire::hpack::Encoder;

use super::Context;
use super::frame::{Frame, Says, Told, Windows};
use super::head::{Headers, packed, plain, trailer};
use super::settings::{Credit, Http};
use super::tcp::{Conn, Pipes};
use crate::persistent::OrdMap;

/// One end.
#[derive(Clone, Debug)]
pub struct Line {
    /// How it speaks.
    pub version: Http,
    /// Whether this end answers: a stream is over when its answer is written.
    pub serves: bool,
    encoder: Encoder,
    /// What may be sent on the whole connection.
    pub send: Window,
    /// What this end lets the other send.
    pub mine: Windows,
    /// What the other end lets this one send on a stream that begins.
    theirs: u32,
    /// The streams that this end sends a body on, or may.
    pub streams: OrdMap<u32, Stream>,
    /// The stream whose turn it was last.
    turn: u32,
    /// What was read of the whole connection and is not given back so far.
    unread: u32,
    /// What was not given back, and never will be: the mistake to be shown.
    forgotten: u64,
}

/// What one end keeps of a stream.
#[derive(Clone, Debug)]
pub struct Stream {
    /// What may be sent on it.
    pub send: Window,
    /// Pieces that wait: their bytes, and whether nothing comes after.
    waiting: Vector<(u32, bool)>,
    /// What was read of it and is not given back so far.
    unread: u32,
    /// What came on it, and nobody has read.
    held: u32,
    /// Whether this end answers a call of gRPC on it.
    pub is_grpc: bool,
    /// What is told at the end of that.
    trailer: Option<Told>,
}

impl Line {
    /// A new one.
    pub fn new(version: Http, cx: &Context<'_>) -> Line {
        Line {
            version,
            serves: false,
            encoder: Encoder::default(),
            send: Window::new(Windows::USUAL.connection),
            mine: cx.settings().windows(),
            theirs: Windows::USUAL.stream,
            streams: OrdMap::new(),
            turn: 0,
            unread: 0,
            forgotten: 0,
        }
    }

    /// The other end says how much may be under way to it: at once on every stream, and on the connection by an update.
    pub fn may_send(&mut self, conn: Conn, windows: Windows, pipes: &mut Pipes, cx: &mut Context<'_>) {
        let more = windows.connection.saturating_sub(Windows::USUAL.connection);
        // More than a window can be is no value of the setting.
        _ = (more > 0).then(|| self.send.give(more));
        self.resized(conn, windows.stream, pipes, cx);
    }

    /// `SETTINGS_INITIAL_WINDOW_SIZE` of the other end: it changes every stream that there is, and not the connection (section 6.9.2).
    pub fn resized(&mut self, conn: Conn, stream: u32, pipes: &mut Pipes, cx: &mut Context<'_>) {
        let before = std::mem::replace(&mut self.theirs, stream);
        let all: Vec<u32> = self.streams.keys().copied().collect();
        for number in all {
            _ = self.streams.get_mut(&number).map(|known| known.send.adjust(before, stream));
        }
        self.pump(conn, pipes, cx);
    }

    /// The settings have changed: the other end is told. The window of a connection can only be made wider (section 6.9).
    pub fn on_settings(&mut self, conn: Conn, pipes: &mut Pipes, cx: &mut Context<'_>) {
        let (now, before) = (cx.settings().windows(), self.mine);
        if self.version == Http::One {
            return;
        }
        if now.stream != before.stream {
            pipes.write(conn, Frame::resize(now.stream), cx);
        }
        if now.connection > before.connection {
            pipes.write(conn, Frame::credit(0, now.connection - before.connection), cx);
        }
        self.mine = Windows { stream: now.stream, connection: now.connection.max(before.connection) };
        // What was too little to give back may be enough now.
        self.give_back(conn, 0, 0, pipes, cx);
        for stream in self.streams.keys().copied().collect::<Vec<u32>>() {
            self.give_back(conn, stream, 0, pipes, cx);
        }
    }

    /// The bytes of a head.
    pub fn weigh(&mut self, headers: &Headers) -> u64 {
        match self.version {
            Http::One => plain(headers) as u64,
            Http::Two => packed(headers, &mut self.encoder) as u64,
        }
    }

    /// What every piece of a body has before it.
    pub fn piece_head(&self) -> u64 {
        if self.version == Http::Two { FRAME_HEADER } else { 0 }
    }

    /// A stream begins.
    pub fn begin(&mut self, stream: u32, is_grpc: bool) {
        let send = Window::new(self.theirs);
        self.streams.insert(stream, Stream { send, waiting: Vector::new(), unread: 0, held: 0, is_grpc, trailer: None });
    }

    /// A stream ends: whatever waits on it is not sent, and what came on it and nobody read counts on the connection no more
    /// (section 5.1), unless that is the mistake to be shown.
    pub fn end(&mut self, conn: Conn, stream: u32, pipes: &mut Pipes, cx: &mut Context<'_>) {
        let Some(Stream { held, .. }) = self.streams.remove(&stream) else { return };
        self.let_go(conn, held, pipes, cx);
    }

    /// Bytes that nobody will read.
    fn let_go(&mut self, conn: Conn, bytes: u32, pipes: &mut Pipes, cx: &mut Context<'_>) {
        if cx.settings().credit == Credit::ForgetsCancelled {
            self.forgotten += u64::from(bytes);
        } else {
            self.give_back(conn, 0, bytes, pipes, cx);
        }
    }

    /// What an answer of gRPC tells at its end.
    pub fn ends_with(&mut self, stream: u32, told: &Told) {
        if let Some(known) = self.streams.get_mut(&stream).filter(|known| known.is_grpc) {
            known.trailer = Some(told.clone());
        }
    }

    /// How many bytes wait for a window.
    pub fn waiting(&self) -> u64 {
        self.streams.values().flat_map(|stream| stream.waiting.iter()).map(|(bytes, _)| u64::from(*bytes)).sum()
    }

    /// Whether something waits only because a window is used up.
    pub fn is_stopped(&self) -> bool {
        self.version == Http::Two && self.waiting() > 0
    }

    /// Sends a piece of a body, in frames, as far as the windows allow; the rest waits.
    pub fn body(&mut self, conn: Conn, stream: u32, (bytes, end): (u32, bool), pipes: &mut Pipes, cx: &mut Context<'_>) {
        if let Some(known) = self.streams.get_mut(&stream) {
            known.waiting.push_back((bytes, end));
        }
        self.pump(conn, pipes, cx);
    }

    /// Sends what the windows allow: a frame of each stream in turn. The last has the trailers of an answer of gRPC behind it, in the
    /// same segment.
    pub fn pump(&mut self, conn: Conn, pipes: &mut Pipes, cx: &mut Context<'_>) {
        while let Some(stream) = self.next() {
            self.turn = stream;
            let Some(known) = self.streams.get_mut(&stream) else { return };
            let Some((bytes, end)) = known.waiting.pop_front() else { return };
            let now = self.take(stream, bytes);
            let Some(known) = self.streams.get_mut(&stream) else { return };
            if now < bytes {
                known.waiting.push_front((bytes - now, end));
            }
            let end = end && now == bytes;
            let trailer = known.trailer.as_ref().filter(|_| end).map(trailer);
            let head = self.piece_head() + trailer.map_or(0, |trailer| self.weigh(&vec![trailer]));
            pipes.write(conn, Frame::new(head, now.into(), Says::Piece { stream, end }), cx);
            if end && self.serves {
                self.end(conn, stream, pipes, cx);
            }
        }
    }

    /// Takes as much of the windows as one frame of a body of so many bytes may use now.
    pub fn take(&mut self, stream: u32, bytes: u32) -> u32 {
        let Some(known) = self.streams.get_mut(&stream) else { return 0 };
        if self.version == Http::One {
            return bytes.min(MAX_FRAME);
        }
        let now = bytes.min(MAX_FRAME).min(known.send.room()).min(self.send.room());
        // There is room for it: it was measured.
        _ = (known.send.take(now), self.send.take(now));
        now
    }

    /// The stream after the last that has something to send and may.
    fn next(&self) -> Option<u32> {
        let may = |(stream, known): (&u32, &Stream)| {
            let (bytes, _) = known.waiting.front()?;
            let is_open = *bytes == 0 || self.version == Http::One || known.send.room().min(self.send.room()) > 0;
            is_open.then_some(*stream)
        };
        self.streams.range(self.turn + 1..).find_map(may).or_else(|| self.streams.range(..=self.turn).find_map(may))
    }

    /// A window was given back. An update that breaks the rules ends nothing here: both ends are ours, and the invariants look at it.
    pub fn credited(&mut self, conn: Conn, (stream, bytes): (u32, u32), pipes: &mut Pipes, cx: &mut Context<'_>) {
        let window = if stream == 0 { Some(&mut self.send) } else { self.streams.get_mut(&stream).map(|known| &mut known.send) };
        _ = window.map(|window| window.give(bytes));
        self.pump(conn, pipes, cx);
    }

    /// What the other end may not send although nothing is under way, beyond its window: what was read and is not given back so far,
    /// what nobody has read, and what was forgotten.
    pub fn kept(&self) -> u64 {
        u64::from(self.unread) + self.forgotten + self.streams.values().map(|stream| u64::from(stream.held)).sum::<u64>()
    }

    /// A piece came. It is given back when it `is_read`; of a stream that was given up, on the connection all the same (section 5.1),
    /// unless that is the mistake to be shown.
    pub fn came(&mut self, conn: Conn, (stream, bytes): (u32, u32), is_read: bool, pipes: &mut Pipes, cx: &mut Context<'_>) {
        if self.version == Http::One || bytes == 0 {
            return;
        }
        match self.streams.get_mut(&stream) {
            None => self.let_go(conn, bytes, pipes, cx),
            Some(known) if !is_read && cx.settings().credit != Credit::OnArrival => known.held += bytes,
            Some(_) => self.give_back(conn, stream, bytes, pipes, cx),
        }
    }

    /// Gives back in portions of half a window, as most implementations do. Half of the window that the sender was told of: with half of
    /// a larger one it might wait for ever.
    fn give_back(&mut self, conn: Conn, stream: u32, bytes: u32, pipes: &mut Pipes, cx: &mut Context<'_>) {
        self.unread += bytes;
        if self.unread > 0 && self.unread >= self.mine.connection.div_ceil(2) {
            pipes.write(conn, Frame::credit(0, std::mem::take(&mut self.unread)), cx);
        }
        let Some(known) = self.streams.get_mut(&stream) else { return };
        known.unread += bytes;
        if known.unread > 0 && known.unread >= self.mine.stream.div_ceil(2) {
            pipes.write(conn, Frame::credit(stream, std::mem::take(&mut known.unread)), cx);
        }
    }
}
