//! A server of HTTP: what was asked, and what is told.

use imbl::OrdMap;

use crate::algo::wire::h2;

use super::Context;
use super::frame::{Frame, Says, Told, Want};
use super::head;
use super::line::{Line, Windows};
use super::settings::Http;
use super::tcp::{Conn, Pipes};

/// Where an answer goes: a connection and a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct To {
    /// The connection.
    pub conn: Conn,
    /// The stream on it.
    pub stream: u32,
}

/// What a server keeps of its connections.
#[derive(Clone, Debug, Default)]
pub struct Desk {
    /// By connection.
    pub lines: OrdMap<Conn, Served>,
}

/// A connection of a client.
#[derive(Clone, Debug)]
pub struct Served {
    /// What is sent on it.
    pub line: Line,
    /// The greatest stream that was begun with.
    last: u32,
    /// No more are taken.
    is_leaving: bool,
}

impl Served {
    fn new(line: Line) -> Served {
        Served { line, last: 0, is_leaving: false }
    }
}

/// What a server hears.
#[derive(Clone, Debug)]
pub enum Asked {
    /// A request; whether it is whole.
    Asks(To, Want, bool),
    /// A piece of its body, perhaps the last.
    Piece(To, u32, bool),
    /// It is not wanted any more.
    Cancels(To),
    /// Something that is not HTTP any more.
    Other(Conn, Says),
}

impl Desk {
    /// A frame came from a client.
    pub fn on_frame(&mut self, conn: Conn, frame: Frame, pipes: &mut Pipes, cx: &mut Context<'_>) -> Option<Asked> {
        let served = self.lines.entry(conn).or_insert_with(|| Served::new(Line::new(Http::One, Windows::now(cx))));
        match frame.says {
            Says::Preface(windows) => {
                *served = Served::new(Line::new(Http::Two, windows));
                None
            }
            Says::Ask { stream, .. } if served.is_leaving => {
                refuse(conn, stream, served.line.version, pipes, cx);
                None
            }
            Says::Ask { stream, want, end } => {
                served.last = stream;
                served.line.begin(stream);
                Some(Asked::Asks(To { conn, stream }, want, end))
            }
            Says::Piece { stream, end } => {
                served.line.came(conn, (stream, frame.body), true, pipes, cx);
                Some(Asked::Piece(To { conn, stream }, frame.body, end))
            }
            Says::Credit { stream, bytes } => {
                served.line.credited(conn, (stream, bytes), pipes, cx);
                None
            }
            Says::Cancel { stream, .. } => {
                served.line.end(stream);
                Some(Asked::Cancels(To { conn, stream }))
            }
            says => Some(Asked::Other(conn, says)),
        }
    }

    /// A connection is gone; the streams that were open on it.
    pub fn gone(&mut self, conn: Conn) -> Vec<To> {
        let served = self.lines.remove(&conn);
        served.iter().flat_map(|served| served.line.streams.keys()).map(|stream| To { conn, stream: *stream }).collect()
    }

    /// Whether somebody still waits for this answer.
    pub fn is_open(&self, to: To) -> bool {
        self.lines.get(&to.conn).is_some_and(|served| served.line.streams.contains_key(&to.stream))
    }

    /// Answers, with a body of so many bytes.
    pub fn answer(&mut self, to: To, told: Told, body: u64, pipes: &mut Pipes, cx: &mut Context<'_>) {
        self.head(to, told, body == 0, pipes, cx);
        if body > 0 {
            self.body(to, (body.min(u32::MAX.into()) as u32, true), pipes, cx);
        }
    }

    /// The head of an answer. A body follows unless it is the `end`.
    pub fn head(&mut self, to: To, told: Told, end: bool, pipes: &mut Pipes, cx: &mut Context<'_>) {
        let Some(served) = self.lines.get_mut(&to.conn).filter(|served| served.line.streams.contains_key(&to.stream)) else { return };
        let head = served.line.weigh(&head::answer(&told, cx.settings().response_headers));
        pipes.write(to.conn, Frame::new(head, 0, Says::Tell { stream: to.stream, told, end }), cx);
        if end {
            served.line.end(to.stream);
        }
    }

    /// A piece of the body of an answer.
    pub fn body(&mut self, to: To, piece: (u32, bool), pipes: &mut Pipes, cx: &mut Context<'_>) {
        if let Some(served) = self.lines.get_mut(&to.conn) {
            served.line.body(to.conn, to.stream, piece, pipes, cx);
        }
    }

    /// Gives a request up that was begun with.
    pub fn cancel(&mut self, to: To, pipes: &mut Pipes, cx: &mut Context<'_>) {
        if let Some(served) = self.lines.get_mut(&to.conn).filter(|served| served.line.streams.contains_key(&to.stream)) {
            served.line.end(to.stream);
            let frame = Frame::new(h2::FRAME_HEADER + h2::WORD, 0, Says::Cancel { stream: to.stream, refused: false });
            pipes.write(to.conn, frame, cx);
        }
    }

    /// Takes nothing more on the connections there are, and says which requests it began with.
    pub fn go_away(&mut self, pipes: &mut Pipes, cx: &mut Context<'_>) {
        for (conn, served) in self.lines.clone() {
            if served.line.version == Http::Two && !served.is_leaving {
                pipes.write(conn, Frame::new(h2::FRAME_HEADER + h2::GOAWAY, 0, Says::GoAway { last: served.last }), cx);
            }
            if let Some(served) = self.lines.get_mut(&conn) {
                served.is_leaving = served.line.version == Http::Two;
            }
        }
    }
}

/// The request is not begun with: HTTP/2 says so, and it may be sent again; HTTP/1.1 has no word for it.
fn refuse(conn: Conn, stream: u32, version: Http, pipes: &mut Pipes, cx: &mut Context<'_>) {
    match version {
        Http::Two => {
            pipes.write(conn, Frame::new(h2::FRAME_HEADER + h2::WORD, 0, Says::Cancel { stream, refused: true }), cx);
        }
        Http::One => pipes.close(conn, cx),
    }
}
