//! One end of a connection that speaks HTTP: the streams on it, what may be sent of each, and what has to be given back.
//! RFC 9112 (HTTP/1.1: one answer after the other) and RFC 9113 (HTTP/2: streams and windows).

use imbl::{OrdMap, Vector};

use crate::algo::wire::h2::{FRAME_HEADER, MAX_FRAME, WINDOW, Window};
use crate::algo::wire::hpack::Encoder;

use super::Context;
use super::frame::{Frame, Says};
use super::head::{Headers, packed, plain};
use super::settings::{Credit, Http};
use super::tcp::{Conn, Pipes};

/// The windows with which a connection begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Windows {
    /// Of the whole connection.
    pub connection: u32,
    /// Of each stream.
    pub stream: u32,
}

impl Windows {
    /// Those of a connection that is opened now.
    pub fn now(cx: &Context<'_>) -> Windows {
        Windows { connection: cx.settings().connection_window, stream: cx.settings().stream_window }
    }

    /// The bytes by which the window of the connection is more than it is without a word: an update says so.
    pub fn extra(self) -> u32 {
        self.connection.saturating_sub(WINDOW)
    }
}

/// One end.
#[derive(Clone, Debug)]
pub struct Line {
    /// How it speaks.
    pub version: Http,
    encoder: Encoder,
    /// What may be sent on the whole connection.
    pub send: Window,
    /// The windows of the connection and of each stream on it at the start, as the client said when it opened it.
    pub windows: Windows,
    /// The streams that this end sends a body on, or may.
    pub streams: OrdMap<u32, Stream>,
    /// The stream whose turn it was last.
    turn: u32,
    /// What came on the whole connection and was not given back.
    pub unread: u32,
}

/// What one end keeps of a stream.
#[derive(Clone, Debug)]
pub struct Stream {
    /// What may be sent on it.
    pub send: Window,
    /// Pieces that wait: their bytes, and whether nothing comes after.
    waiting: Vector<(u32, bool)>,
    /// What came on it and was not given back.
    unread: u32,
}

impl Line {
    /// A new one.
    pub fn new(version: Http, windows: Windows) -> Line {
        Line {
            version,
            encoder: Encoder::default(),
            send: Window::new(windows.connection),
            windows,
            streams: OrdMap::new(),
            turn: 0,
            unread: 0,
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
    pub fn begin(&mut self, stream: u32) {
        let send = Window::new(self.windows.stream);
        self.streams.insert(stream, Stream { send, waiting: Vector::new(), unread: 0 });
    }

    /// A stream ends: whatever waits on it is not sent.
    pub fn end(&mut self, stream: u32) {
        self.streams.remove(&stream);
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

    /// Sends what the windows allow: a frame of each stream in turn.
    pub fn pump(&mut self, conn: Conn, pipes: &mut Pipes, cx: &mut Context<'_>) {
        while let Some(stream) = self.next() {
            self.turn = stream;
            let (version, head, room) = (self.version, self.piece_head(), self.send.room());
            let Some(known) = self.streams.get_mut(&stream) else { return };
            let Some((bytes, end)) = known.waiting.pop_front() else { return };
            let most = if version == Http::Two { known.send.room().min(room).min(MAX_FRAME) } else { MAX_FRAME };
            let now = bytes.min(most);
            if now < bytes {
                known.waiting.push_front((bytes - now, end));
            }
            if version == Http::Two {
                // There is room for it: it was measured above.
                _ = (known.send.take(now), self.send.take(now));
            }
            pipes.write(conn, Frame::new(head, now.into(), Says::Piece { stream, end: end && now == bytes }), cx);
        }
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

    /// A piece came. It is given back when it `is_read`; of a stream that was given up, on the connection all the same (section 5.1),
    /// unless that is the mistake to be shown.
    pub fn came(&mut self, conn: Conn, (stream, bytes): (u32, u32), is_read: bool, pipes: &mut Pipes, cx: &mut Context<'_>) {
        if self.version == Http::One || bytes == 0 {
            return;
        }
        let credit = cx.settings().credit;
        let is_known = self.streams.contains_key(&stream);
        if !is_known && credit == Credit::ForgetsCancelled {
            return;
        }
        if is_known && !is_read && credit != Credit::OnArrival {
            return;
        }
        self.give_back(conn, stream, bytes, pipes, cx);
    }

    /// Gives back in portions of half a window, as most implementations do.
    fn give_back(&mut self, conn: Conn, stream: u32, bytes: u32, pipes: &mut Pipes, cx: &mut Context<'_>) {
        self.unread += bytes;
        if self.unread >= self.windows.connection.div_ceil(2) {
            pipes.write(conn, Frame::credit(0, std::mem::take(&mut self.unread)), cx);
        }
        let Some(known) = self.streams.get_mut(&stream) else { return };
        known.unread += bytes;
        if known.unread >= self.windows.stream.div_ceil(2) {
            pipes.write(conn, Frame::credit(stream, std::mem::take(&mut known.unread)), cx);
        }
    }
}
