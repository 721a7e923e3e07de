//! A server of HTTP: what was asked, and what is told.

use crate::algo::wire::h2;

use super::Context;
use super::frame::{Frame, Says, Told, Want};
use super::head;
use super::line::Line;
use super::settings::Http;
use super::tcp::{Conn, Pipes};
use crate::persistent::OrdMap;

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
    /// Whether some of them are of a program that was closed.
    is_closing: bool,
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
    /// Its program was closed: it is closed when nothing is open on it any more.
    closes: bool,
    /// Requests whose body is not whole: the server begins with them when it is.
    parts: OrdMap<u32, Want>,
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

impl Served {
    fn new(cx: &Context<'_>) -> Served {
        let mut line = Line::new(Http::One, cx);
        line.serves = true;
        Served { line, last: 0, is_leaving: false, closes: false, parts: OrdMap::new() }
    }

    fn end(&mut self, conn: Conn, stream: u32, pipes: &mut Pipes, cx: &mut Context<'_>) {
        self.line.end(conn, stream, pipes, cx);
        self.parts.remove(&stream);
    }
}

impl Desk {
    /// A frame came from a client.
    pub fn on_frame(&mut self, conn: Conn, frame: Frame, pipes: &mut Pipes, cx: &mut Context<'_>) -> Option<Asked> {
        // What was on its way when this end closed the connection: nobody begins with it.
        if matches!(frame.says, Says::Ask { .. } | Says::Preface(_)) && pipes.is_closing(conn) {
            return None;
        }
        let served = self.lines.entry(conn).or_insert_with(|| Served::new(cx));
        match frame.says {
            Says::Preface(windows) => {
                served.line.version = Http::Two;
                // Its own settings, and the acknowledgement of those of the client (RFC 9113, section 3.4).
                let (mine, ack) = (served.line.mine, Frame::settings_ack().bytes());
                pipes.write(conn, Frame::new(mine.bytes() + ack, 0, Says::Settings(mine)), cx);
                served.line.may_send(conn, windows, pipes, cx);
                None
            }
            Says::Resize(stream) => {
                served.line.resized(conn, stream, pipes, cx);
                pipes.write(conn, Frame::settings_ack(), cx);
                None
            }
            Says::SettingsAck => None,
            Says::Ask { stream, .. } if served.is_leaving => {
                // Its body counts on the connection all the same.
                served.line.came(conn, (stream, frame.body), true, pipes, cx);
                refuse(conn, stream, served.line.version, pipes, cx);
                None
            }
            Says::Ask { stream, want, end } => {
                served.last = stream;
                let is_grpc = served.line.version == Http::Two && matches!(want, Want::Call(_));
                served.line.begin(stream, is_grpc);
                served.line.came(conn, (stream, frame.body), true, pipes, cx);
                if end || want.streams_up() {
                    return Some(Asked::Asks(To { conn, stream }, want, end));
                }
                served.parts.insert(stream, want);
                None
            }
            Says::Piece { stream, end } => {
                served.line.came(conn, (stream, frame.body), true, pipes, cx);
                let to = To { conn, stream };
                match (served.parts.contains_key(&stream), end) {
                    (false, _) => Some(Asked::Piece(to, frame.body, end)),
                    (true, false) => None,
                    (true, true) => served.parts.remove(&stream).map(|want| Asked::Asks(to, want, true)),
                }
            }
            Says::Credit { stream, bytes } => {
                served.line.credited(conn, (stream, bytes), pipes, cx);
                None
            }
            Says::Cancel { stream, .. } => {
                served.end(conn, stream, pipes, cx);
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
        let is_grpc = served.line.streams.get(&to.stream).is_some_and(|stream| stream.is_grpc);
        let mut headers = head::answer(&told, is_grpc, end, cx.settings().response_headers);
        let closes = served.closes && served.line.version == Http::One;
        headers.extend(closes.then(|| ("connection", "close".to_string())));
        let head = served.line.weigh(&headers);
        served.line.ends_with(to.stream, &told);
        pipes.write(to.conn, Frame::new(head, 0, Says::Tell { stream: to.stream, told, end, closes }), cx);
        if end {
            served.end(to.conn, to.stream, pipes, cx);
        }
    }

    /// The settings have changed.
    pub fn on_settings(&mut self, pipes: &mut Pipes, cx: &mut Context<'_>) {
        for conn in self.lines.keys().copied().collect::<Vec<Conn>>() {
            if let Some(served) = self.lines.get_mut(&conn) {
                served.line.on_settings(conn, pipes, cx);
            }
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
            served.end(to.conn, to.stream, pipes, cx);
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

impl Desk {
    /// The program of the server is closed: everybody who is connected is told, and each connection ends with what was begun on it.
    pub fn close(&mut self, pipes: &mut Pipes, cx: &mut Context<'_>) {
        self.go_away(pipes, cx);
        for conn in self.lines.keys().copied().collect::<Vec<Conn>>() {
            _ = self.lines.get_mut(&conn).map(|served| (served.is_leaving, served.closes) = (true, true));
        }
        // Those on which nobody has asked so far.
        for conn in pipes.all.keys().filter(|conn| conn.opener != cx.id() && !self.lines.contains_key(conn)).copied().collect::<Vec<Conn>>()
        {
            pipes.close(conn, cx);
        }
        self.is_closing = true;
        self.sweep(pipes, cx);
    }

    /// Whether a connection is one of a program that was closed.
    pub fn is_of_before(&self, conn: Conn) -> bool {
        self.lines.get(&conn).is_some_and(|served| served.closes)
    }

    /// Closes the connections of a program that was closed on which nothing is open any more.
    pub fn sweep(&mut self, pipes: &mut Pipes, cx: &mut Context<'_>) {
        if !self.is_closing {
            return;
        }
        let idle = |served: &Served| served.closes && served.line.streams.is_empty() && served.parts.is_empty();
        for conn in self.lines.iter().filter(|(_, served)| idle(served)).map(|(conn, _)| *conn).collect::<Vec<Conn>>() {
            self.lines.remove(&conn);
            pipes.close(conn, cx);
        }
        self.is_closing = self.lines.values().any(|served| served.closes);
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
