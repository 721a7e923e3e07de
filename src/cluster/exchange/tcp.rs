//! Connections: bytes arrive in the order in which they were written, or not at all. What is lost is sent again, and whatever came
//! after it waits. After RFC 9293 (connections), RFC 6298 (timers) and RFC 5681 (three equal acknowledgements).
//!
//! A segment carries one frame whole and is as large as it; windows and congestion of TCP are left out.

use std::collections::BTreeSet;

use imbl::Vector;

use crate::persistent::OrdMap;
use crate::sim::id::NodeId;
use crate::sim::time::{Span, Time};

use super::frame::{Frame, Says};
use super::message::{Msg, Segment, What};
use super::note::Note;
use super::{Context, Timer};

/// A connection: who opened it, and the number that it has there. No number is used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Conn {
    /// Who opened it.
    pub opener: NodeId,
    /// Its number there.
    pub port: u32,
}

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
    state: State,
    /// Written before the connection stood.
    waiting: Vector<Frame>,
    /// Sent and not acknowledged, in order: the first has number `acked`.
    pub out: Vector<Frame>,
    acked: u32,
    equal: u8,
    /// What was out when a loss was noticed: until all of it is acknowledged, each further gap is filled at once (RFC 6582).
    recover: Option<u32>,
    /// The number that is read next.
    next_in: u32,
    /// What came before its turn.
    pub held: OrdMap<u32, Frame>,
    /// How long it waits for an acknowledgement, as things are.
    rto: Span,
    /// How long a round trip takes, smoothed, and how much that varies (RFC 6298, section 2); `None`: none was measured yet.
    trip: Option<(Span, Span)>,
    /// The frame that is measured, and when it was sent.
    timed: Option<(u32, Time)>,
    due: Option<Time>,
    /// Since when nothing was acknowledged of what is out.
    since: Time,
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

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// The first segment is out.
    Opening,
    /// The first words of TLS are out.
    Greeting,
    /// It stands.
    Open,
}

/// What happened on the connections of a node.
#[derive(Clone, Debug)]
pub enum Event {
    /// One that this node opened stands.
    Opened(Conn),
    /// A frame came, in its turn.
    Came(Conn, Frame),
    /// One is gone: closed by the other end, reset, or given up.
    Gone(Conn),
}

/// All connections of a node.
#[derive(Clone, Debug)]
pub struct Pipes {
    /// By their names.
    pub all: OrdMap<Conn, Pipe>,
    next_port: u32,
    /// What was sent and came so far.
    pub bytes: Bytes,
}

/// Bytes and segments; they only grow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bytes {
    /// Heads of frames, once each.
    pub heads: u64,
    /// What frames were for, once each.
    pub bodies: u64,
    /// Bytes of frames that were sent again.
    pub again: u64,
    /// Frames that were sent again.
    pub segments_again: u64,
    /// Frames that came before their turn.
    pub held: u64,
    /// Heads of events and of frames of a `WebSocket`, within `heads`.
    pub frames: u64,
    /// Heads of frames that came, once each.
    pub heads_in: u64,
}

impl Bytes {
    /// Adds what a node sent between two looks. One that counts from nothing again was started anew.
    pub fn grow(&mut self, before: Bytes, now: Bytes) {
        let more = |of: fn(&mut Bytes) -> &mut u64, sum: &mut Bytes| {
            let (mut before, mut now) = (before, now);
            let (before, now) = (*of(&mut before), *of(&mut now));
            *of(sum) += if now >= before { now - before } else { now };
        };
        let all: [fn(&mut Bytes) -> &mut u64; 7] = [
            |b| &mut b.heads,
            |b| &mut b.bodies,
            |b| &mut b.again,
            |b| &mut b.segments_again,
            |b| &mut b.held,
            |b| &mut b.frames,
            |b| &mut b.heads_in,
        ];
        for of in all {
            more(of, self);
        }
    }
}

impl Pipes {
    /// None yet. The first number is drawn: those of an earlier life are not used again.
    pub fn boot(cx: &mut Context<'_>) -> Pipes {
        let next_port = cx.rng().bits() as u32;
        Pipes { all: OrdMap::new(), next_port, bytes: Bytes::default() }
    }

    /// Opens a connection.
    pub fn open(&mut self, peer: NodeId, cx: &mut Context<'_>) -> Conn {
        let conn = Conn { opener: cx.id(), port: self.next_port };
        self.next_port = self.next_port.wrapping_add(1);
        self.all.insert(conn, Pipe::new(peer, State::Opening, cx));
        cx.send(peer, Msg::Segment(Segment { conn, what: What::Syn }));
        self.wake(cx);
        conn
    }

    /// Whether a connection is known here.
    pub fn has(&self, conn: Conn) -> bool {
        self.all.contains_key(&conn)
    }

    /// Whether this end has written on a connection that nothing more comes.
    pub fn is_closing(&self, conn: Conn) -> bool {
        self.all.get(&conn).is_some_and(|pipe| pipe.unread().any(|frame| frame.says == Says::Fin))
    }

    /// Writes a frame. On a connection that is gone it is lost without a word.
    pub fn write(&mut self, conn: Conn, frame: Frame, cx: &mut Context<'_>) {
        let Some(pipe) = self.all.get_mut(&conn) else { return };
        if pipe.state == State::Open {
            pipe.push(conn, frame, &mut self.bytes, cx);
        } else {
            pipe.waiting.push_back(frame);
        }
        self.wake(cx);
    }

    /// Writes that nothing more comes, and forgets the connection when that is acknowledged.
    pub fn close(&mut self, conn: Conn, cx: &mut Context<'_>) {
        self.write(conn, Frame::new(0, 0, Says::Fin), cx);
    }

    /// Forgets a connection, and says so once.
    pub fn abort(&mut self, conn: Conn, cx: &mut Context<'_>) {
        if let Some(pipe) = self.all.remove(&conn) {
            cx.send(pipe.peer, Msg::Segment(Segment { conn, what: What::Reset }));
        }
    }

    /// A segment came.
    pub fn on_segment(&mut self, from: NodeId, segment: Segment, cx: &mut Context<'_>) -> Vec<Event> {
        let Segment { conn, what } = segment;
        if what == What::Syn && !self.has(conn) {
            self.all.insert(conn, Pipe::new(from, State::Open, cx));
        }
        let Some(pipe) = self.all.get_mut(&conn) else {
            if what != What::Reset {
                cx.send(from, Msg::Segment(Segment { conn, what: What::Reset }));
            }
            return Vec::new();
        };
        pipe.heard = cx.steady();
        let events = match what {
            What::Syn => {
                cx.send(from, Msg::Segment(Segment { conn, what: What::SynAck }));
                Vec::new()
            }
            What::SynAck => pipe.stands(conn, &mut self.bytes, cx),
            What::Ack(next) => pipe.acknowledged(conn, next, &mut self.bytes, cx),
            What::Data(number, frame) => pipe.came(conn, number, frame, &mut self.bytes, cx),
            What::Reset => vec![Event::Gone(conn)],
        };
        self.settle(&events, cx);
        events
    }

    /// Sends again what is due, and gives up what nobody acknowledged for too long.
    pub fn on_timer(&mut self, cx: &mut Context<'_>) -> Vec<Event> {
        let now = cx.steady();
        let due: Vec<Conn> = self.all.iter().filter(|(_, pipe)| pipe.due.is_some_and(|due| due <= now)).map(|(conn, _)| *conn).collect();
        let mut events = Vec::new();
        for conn in due {
            if let Some(pipe) = self.all.get_mut(&conn) {
                events.extend(pipe.overdue(conn, &mut self.bytes, cx));
            }
        }
        self.settle(&events, cx);
        events
    }

    fn settle(&mut self, events: &[Event], cx: &mut Context<'_>) {
        for event in events {
            if let Event::Gone(conn) = event {
                self.all.remove(conn);
            }
        }
        self.wake(cx);
    }

    fn wake(&self, cx: &mut Context<'_>) {
        match self.all.values().filter_map(|pipe| pipe.due).min() {
            Some(due) => cx.set_timer(due.since(cx.steady()), Timer::Tcp),
            None => cx.cancel_timer(Timer::Tcp),
        }
    }
}

impl Pipe {
    fn new(peer: NodeId, state: State, cx: &Context<'_>) -> Pipe {
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
            trip: None,
            timed: None,
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

    fn push(&mut self, conn: Conn, frame: Frame, bytes: &mut Bytes, cx: &mut Context<'_>) {
        let number = self.acked + self.out.len() as u32;
        if self.out.is_empty() {
            (self.since, self.rto) = (cx.steady(), self.rto.max(cx.settings().rto));
            self.due = Some(cx.steady() + self.rto);
        }
        self.timed = self.timed.or(Some((number, cx.steady())));
        bytes.heads += u64::from(frame.head);
        bytes.frames += if matches!(frame.says, Says::Event(..) | Says::Socket(_)) { u64::from(frame.head) } else { 0 };
        bytes.bodies += u64::from(frame.body);
        self.tally.written += 1;
        self.out.push_back(frame.clone());
        cx.send(self.peer, Msg::Segment(Segment { conn, what: What::Data(number, frame) }));
    }

    /// The other end has answered.
    fn stands(&mut self, conn: Conn, bytes: &mut Bytes, cx: &mut Context<'_>) -> Vec<Event> {
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

    fn opened(&mut self, conn: Conn, bytes: &mut Bytes, cx: &mut Context<'_>) -> Vec<Event> {
        self.state = State::Open;
        for frame in std::mem::take(&mut self.waiting) {
            self.push(conn, frame, bytes, cx);
        }
        vec![Event::Opened(conn)]
    }

    fn acknowledged(&mut self, conn: Conn, next: u32, bytes: &mut Bytes, cx: &mut Context<'_>) -> Vec<Event> {
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
        self.since = cx.steady();
        self.measure(next, cx);
        self.due = (!self.out.is_empty()).then_some(cx.steady() + self.rto);
        match self.recover {
            Some(recover) if next < recover => self.again(conn, bytes, cx),
            _ => self.recover = None,
        }
        if gone { vec![Event::Gone(conn)] } else { Vec::new() }
    }

    /// A frame that was sent once is acknowledged: that was a round trip. Where only what was sent again is, nothing is known, and the wait
    /// stays as long as it has become (RFC 6298, sections 2 and 3).
    fn measure(&mut self, next: u32, cx: &Context<'_>) {
        let Some((_, sent)) = self.timed.take_if(|(number, _)| *number < next) else { return };
        let took = cx.steady().since(sent);
        let (smooth, varies) = match self.trip {
            None => (took, Span(took.0 / 2)),
            Some((smooth, varies)) => {
                let apart = smooth.0.abs_diff(took.0);
                (Span(smooth.0 / 8 * 7 + took.0 / 8), Span(varies.0 / 4 * 3 + apart / 4))
            }
        };
        self.trip = Some((smooth, varies));
        self.rto = Span(smooth.0 + 4 * varies.0).max(cx.settings().rto).min(RTO_MOST);
    }

    /// The first that nobody acknowledged is sent again.
    fn again(&mut self, conn: Conn, bytes: &mut Bytes, cx: &mut Context<'_>) {
        let Some(frame) = self.out.front().cloned() else { return };
        bytes.again += frame.bytes();
        bytes.segments_again += 1;
        // Whose acknowledgement comes then, of the first or of this one, nobody can tell (Karn and Partridge, 1987).
        self.timed = None;
        self.recover = self.recover.or(Some(self.acked + self.out.len() as u32));
        cx.note(Note::Again { to: self.peer, behind: self.out.len() - 1 });
        cx.send(self.peer, Msg::Segment(Segment { conn, what: What::Data(self.acked, frame) }));
    }

    fn overdue(&mut self, conn: Conn, bytes: &mut Bytes, cx: &mut Context<'_>) -> Vec<Event> {
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

    fn came(&mut self, conn: Conn, number: u32, frame: Frame, bytes: &mut Bytes, cx: &mut Context<'_>) -> Vec<Event> {
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
    fn fills(&self, missing: &Frame, cx: &mut Context<'_>) {
        let (lost, held) = (missing.says.stream(), self.held.values().filter_map(|frame| frame.says.stream()));
        let others: BTreeSet<u32> = held.filter(|stream| Some(*stream) != lost).collect();
        if !others.is_empty() {
            cx.note(Note::Stalled { from: self.peer, streams: others.len() });
        }
    }

    fn read(&mut self, conn: Conn, frame: Frame, bytes: &mut Bytes, cx: &mut Context<'_>) -> Vec<Event> {
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
