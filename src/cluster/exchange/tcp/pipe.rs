//! One end of a connection: what is out and what came before its turn.

use imbl::{OrdMap, Vector};
use std::collections::BTreeSet;

use crate::sim::id::NodeId;
use crate::sim::time::{Span, Time};

use super::super::Context;
use super::super::frame::{Frame, Says};
use super::super::message::{Msg, Segment, What};
use super::super::note::Note;
use super::{Bytes, Conn, Event};

/// Equal acknowledgements after which a segment is taken for lost.
const EQUAL: u8 = 3;
/// The longest wait before a segment is sent again (RFC 6298, section 2.5, asks for 60 s or more; Linux has 120 s).
const RTO_MOST: Span = Span::s(120);
/// The first words of TLS 1.3 of a browser and of a server with its certificates (RFC 8446, section 2), in bytes, roughly.
const CLIENT_HELLO: u64 = 517;
const SERVER_HELLO: u64 = 3_000;

/// One end of a connection.
#[derive(Clone, Debug)]
pub struct Pipe {
    /// The other end.
    pub peer: NodeId,
    pub(super) state: State,
    /// Written before the connection stood.
    pub(super) waiting: Vector<Frame>,
    /// Sent and not acknowledged, in order: the first has number `acked`.
    pub out: Vector<Frame>,
    pub(super) acked: u32,
    pub(super) equal: u8,
    /// What was out when a loss was noticed: until all of it is acknowledged, each further gap is filled at once (RFC 6582).
    pub(super) recover: Option<u32>,
    /// The number that is read next.
    pub(super) next_in: u32,
    /// What came before its turn.
    pub held: OrdMap<u32, Frame>,
    pub(super) rto: Span,
    pub(super) due: Option<Time>,
    /// Since when nothing was acknowledged of what is out.
    pub(super) since: Time,
    /// When something came last.
    pub heard: Time,
    /// What this end has counted.
    pub tally: Tally,
}

/// What an end of a connection has sent and read, in frames: for the invariants.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Frames that were written.
    pub written: u64,
    /// Frames that came for the first time.
    pub first: u64,
    /// Frames that were given to the reader, in order.
    pub read: u64,
}

/// How far a connection is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// The first segment is out.
    Opening,
    /// The first words of TLS are out.
    Greeting,
    /// It stands.
    Open,
}

impl Pipe {
    pub(super) fn new(peer: NodeId, state: State, cx: &Context<'_>) -> Pipe {
        let (now, rto) = (cx.steady(), cx.settings().rto);
        let due = (state == State::Opening).then_some(now + rto);
        Pipe {
            peer,
            state,
            waiting: Vector::new(),
            out: Vector::new(),
            acked: 0,
            equal: 0,
            recover: None,
            next_in: 0,
            held: OrdMap::new(),
            rto,
            due,
            since: now,
            heard: now,
            tally: Tally::default(),
        }
    }

    /// Whether something is out that nobody acknowledged.
    pub fn is_waiting(&self) -> bool {
        !self.out.is_empty() || !self.waiting.is_empty()
    }

    /// The number of the frame that is read next.
    pub fn next(&self) -> u32 {
        self.next_in
    }

    /// What is out, each with its number.
    pub fn numbered(&self) -> impl Iterator<Item = (u32, &Frame)> {
        (self.acked..).zip(self.out.iter())
    }

    /// What was written and not acknowledged.
    pub fn unread(&self) -> impl Iterator<Item = &Frame> {
        self.out.iter().chain(self.waiting.iter())
    }

    pub(super) fn push(&mut self, conn: Conn, frame: Frame, bytes: &mut Bytes, cx: &mut Context<'_>) {
        let number = self.acked + self.out.len() as u32;
        if self.out.is_empty() {
            (self.since, self.rto) = (cx.steady(), cx.settings().rto);
            self.due = Some(cx.steady() + self.rto);
        }
        bytes.heads += u64::from(frame.head);
        bytes.frames += if matches!(frame.says, Says::Event(..) | Says::Socket(_)) { u64::from(frame.head) } else { 0 };
        bytes.bodies += u64::from(frame.body);
        self.tally.written += 1;
        self.out.push_back(frame.clone());
        cx.send(self.peer, Msg::Segment(Segment { conn, what: What::Data(number, frame) }));
    }

    /// The other end has answered.
    pub(super) fn stands(&mut self, conn: Conn, bytes: &mut Bytes, cx: &mut Context<'_>) -> Vec<Event> {
        if self.state != State::Opening {
            return Vec::new();
        }
        self.due = None;
        if cx.settings().tls {
            self.state = State::Greeting;
            self.push(conn, Frame::new(CLIENT_HELLO, 0, Says::Hello), bytes, cx);
            return Vec::new();
        }
        self.opened(conn, bytes, cx)
    }

    pub(super) fn opened(&mut self, conn: Conn, bytes: &mut Bytes, cx: &mut Context<'_>) -> Vec<Event> {
        self.state = State::Open;
        for frame in std::mem::take(&mut self.waiting) {
            self.push(conn, frame, bytes, cx);
        }
        vec![Event::Opened(conn)]
    }

    pub(super) fn acknowledged(&mut self, conn: Conn, next: u32, bytes: &mut Bytes, cx: &mut Context<'_>) -> Vec<Event> {
        let news = next.saturating_sub(self.acked) as usize;
        if news == 0 {
            self.equal = if self.out.is_empty() || next < self.acked { 0 } else { self.equal.saturating_add(1) };
            if self.equal == EQUAL {
                self.again(conn, bytes, cx);
            }
            return Vec::new();
        }
        let gone = self.out.iter().take(news).any(|frame| frame.says == Says::Fin);
        self.out = self.out.skip(news.min(self.out.len()));
        (self.acked, self.equal) = (next, 0);
        (self.since, self.rto) = (cx.steady(), cx.settings().rto);
        self.due = (!self.out.is_empty()).then_some(cx.steady() + self.rto);
        match self.recover {
            Some(recover) if next < recover => self.again(conn, bytes, cx),
            _ => self.recover = None,
        }
        if gone { vec![Event::Gone(conn)] } else { Vec::new() }
    }

    /// The first that nobody acknowledged is sent again.
    pub(super) fn again(&mut self, conn: Conn, bytes: &mut Bytes, cx: &mut Context<'_>) {
        let Some(frame) = self.out.front().cloned() else { return };
        bytes.again += frame.bytes();
        bytes.segments_again += 1;
        self.recover = self.recover.or(Some(self.acked + self.out.len() as u32));
        cx.note(Note::Again { to: self.peer, behind: self.out.len() - 1 });
        cx.send(self.peer, Msg::Segment(Segment { conn, what: What::Data(self.acked, frame) }));
    }

    pub(super) fn overdue(&mut self, conn: Conn, bytes: &mut Bytes, cx: &mut Context<'_>) -> Vec<Event> {
        let patience = if self.state == State::Open { cx.settings().give_up } else { cx.settings().connect_timeout };
        if cx.steady().since(self.since) >= patience {
            cx.note(Note::GivesUp { to: self.peer });
            return vec![Event::Gone(conn)];
        }
        if self.state == State::Opening {
            cx.send(self.peer, Msg::Segment(Segment { conn, what: What::Syn }));
        } else {
            self.again(conn, bytes, cx);
        }
        self.rto = (self.rto + self.rto).min(RTO_MOST);
        let left = (self.since + patience).since(cx.steady());
        self.due = Some(cx.steady() + self.rto.min(left));
        Vec::new()
    }

    pub(super) fn came(&mut self, conn: Conn, number: u32, frame: Frame, bytes: &mut Bytes, cx: &mut Context<'_>) -> Vec<Event> {
        let is_first = number >= self.next_in && !self.held.contains_key(&number);
        if is_first {
            self.tally.first += 1;
            bytes.held += u64::from(number > self.next_in);
            bytes.heads_in += u64::from(frame.head);
            if number == self.next_in {
                self.fills(&frame, cx);
            }
            self.held.insert(number, frame);
        }
        let mut events = Vec::new();
        while let Some(frame) = self.held.remove(&self.next_in) {
            self.next_in += 1;
            self.tally.read += 1;
            events.extend(self.read(conn, frame, bytes, cx));
        }
        // The acknowledgement goes first, so that what is read cannot overtake it.
        cx.send(self.peer, Msg::Segment(Segment { conn, what: What::Ack(self.next_in) }));
        events
    }

    /// The frame that was missing is here: those that waited for it may be of other streams.
    pub(super) fn fills(&self, missing: &Frame, cx: &mut Context<'_>) {
        let (lost, held) = (missing.says.stream(), self.held.values().filter_map(|frame| frame.says.stream()));
        let others: BTreeSet<u32> = held.filter(|stream| Some(*stream) != lost).collect();
        if !others.is_empty() {
            cx.note(Note::Stalled { from: self.peer, streams: others.len() });
        }
    }

    pub(super) fn read(&mut self, conn: Conn, frame: Frame, bytes: &mut Bytes, cx: &mut Context<'_>) -> Vec<Event> {
        match frame.says {
            Says::Hello if conn.opener == cx.id() => self.opened(conn, bytes, cx),
            Says::Hello => {
                self.push(conn, Frame::new(SERVER_HELLO, 0, Says::Hello), bytes, cx);
                Vec::new()
            }
            Says::Fin => vec![Event::Gone(conn)],
            _ => vec![Event::Came(conn, frame)],
        }
    }

    /// Whether what it counted adds up: what came first was read, in order, or is held.
    pub fn adds_up(&self) -> bool {
        self.tally.first == self.tally.read + self.held.len() as u64
            && self.tally.read == u64::from(self.next_in)
            && self.tally.written == u64::from(self.acked) + self.out.len() as u64
            && self.held.keys().all(|number| *number > self.next_in)
    }
}
