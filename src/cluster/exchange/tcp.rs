//! Connections: bytes arrive in the order in which they were written, or not at all. What is lost is sent again, and whatever came
//! after it waits. After RFC 9293 (connections), RFC 6298 (timers) and RFC 5681 (three equal acknowledgements).
//!
//! A segment carries one frame whole and is as large as it; windows and congestion of TCP are left out.

mod pipe;

use imbl::OrdMap;

use crate::sim::id::NodeId;

use super::frame::{Frame, Says};
use super::message::{Msg, Segment, What};
use super::{Context, Timer};

pub(super) use pipe::Pipe;
use pipe::State;

/// A connection: who opened it, and the number that it has there. No number is used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Conn {
    /// Who opened it.
    pub opener: NodeId,
    /// Its number there.
    pub port: u32,
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
