//! The server of the chat: stores what is said, and tells it to whoever listens.

use crate::algo::wire::{sse, websocket};
use crate::persistent::OrdMap;
use crate::sim::id::NodeId;
use crate::sim::time::Time;

use super::desk::{Desk, To};
use super::frame::{Code, Frame, From, Message, Says, Socket, Told, Want};
use super::listener::{NUMBER, bytes_of};
use super::note::Note;
use super::settings::{Kept, Resume};
use super::tcp::{Conn, Pipes};
use super::{Context, Timer};

/// The most messages that are told of again after a restart: what was stored last may not have been told of.
const RECENT: usize = 100;

/// Messages, and who sent what.
#[derive(Clone, Debug, Default)]
pub struct Log {
    /// By number.
    pub entries: OrdMap<u64, Message>,
    /// The number of the last.
    pub last: u64,
    /// Under which number each message of each writer is.
    pub known: OrdMap<(NodeId, u32), u64>,
}

/// Its state.
#[derive(Clone, Debug)]
pub struct Room {
    /// What is kept in memory only.
    memory: Log,
    /// Lines of listeners.
    pub lines: OrdMap<Conn, Sub>,
    /// Questions that are held: of whom, the last message that it has, and until when.
    held: OrdMap<To, (NodeId, u64, Time)>,
    /// Answers that wait until a message is on the disk.
    answers: Vec<(u64, Writer, u32)>,
    /// The last message that was told of.
    announced: u64,
    /// Where it keeps messages.
    kept: Kept,
}

/// A line.
#[derive(Clone, Debug)]
pub struct Sub {
    /// Whose.
    pub client: NodeId,
    is_socket: bool,
    /// The last message that was written to it.
    told: u64,
}

/// Where it is said that a message is stored.
#[derive(Clone, Copy, Debug)]
enum Writer {
    Request(To),
    Line(Conn),
}

/// What a room works with.
pub(super) struct Tools<'a> {
    pub(super) pipes: &'a mut Pipes,
    pub(super) desk: &'a mut Desk,
}

impl Log {
    /// Stores a message, and drops the oldest beyond `most`, but for those that nobody was told of so far.
    fn store(&mut self, mut message: Message, at: Time, (most, told): (Option<u32>, u64)) -> u64 {
        self.last += 1;
        (message.id, message.at) = (self.last, at);
        self.known.insert((message.from, message.key), self.last);
        self.entries.insert(self.last, message);
        while most.is_some_and(|most| self.entries.len() > most as usize)
            && let Some(oldest) = self.entries.get_min().map(|(id, _)| *id).filter(|id| *id <= told)
        {
            self.entries.remove(&oldest);
        }
        self.last
    }

    /// What came after a message and is not of this client.
    fn after(&self, id: u64, to: u64, client: NodeId) -> Vec<Message> {
        self.entries.range(id + 1..=to.max(id)).map(|(_, message)| message).filter(|message| message.from != client).cloned().collect()
    }
}

impl Room {
    /// Boots with what it kept.
    pub(super) fn boot(cx: &mut Context<'_>) -> Room {
        let kept = cx.settings().kept;
        let (memory, lines, held) = (Log::default(), OrdMap::new(), OrdMap::new());
        let mut room = Room { memory, lines, held, answers: Vec::new(), announced: 0, kept };
        let recent = room.log(cx).entries.len().saturating_sub(RECENT);
        let announced = room.log(cx).entries.iter().nth(recent).map_or(0, |(first, _)| first - 1);
        room.announced = announced;
        room.announce(cx);
        Room::tick(cx);
        room
    }

    /// Its program is closed and opened again: lines are closed, a WebSocket by a frame that says so, questions that were held are answered,
    /// and what waits for the disk is told when it is there.
    pub(super) fn reload(&mut self, code: u16, tools: &mut Tools<'_>, cx: &mut Context<'_>) {
        for to in self.held.keys().copied().collect::<Vec<To>>() {
            tell(to, Vec::new(), tools, cx);
        }
        for (conn, sub) in &self.lines {
            // It ends with the answer to this (RFC 6455, section 7.1), a stream of events at once.
            tools.desk.gone(*conn);
            if sub.is_socket {
                tools.pipes.write(*conn, Frame::close(code, cx.id()), cx);
            } else {
                tools.pipes.close(*conn, cx);
            }
        }
        let answers = self.answers.iter().filter(|(_, writer, _)| matches!(writer, Writer::Request(_))).copied().collect();
        *self = Room { answers, ..Room::boot(cx) };
    }

    /// What is stored.
    pub(super) fn log<'a>(&'a self, cx: &'a Context<'_>) -> &'a Log {
        if self.kept == Kept::Disk { &cx.disk().log } else { &self.memory }
    }

    /// What is stored in memory only; `None`: everything is on the disk.
    pub fn in_memory(&self) -> Option<&Log> {
        (self.kept == Kept::Memory).then_some(&self.memory)
    }

    /// Whether a WebSocket stands on this connection.
    pub fn has_socket(&self, conn: Conn) -> bool {
        self.lines.get(&conn).is_some_and(|sub| sub.is_socket)
    }

    /// Whether it has a line of this client, or holds a question of it.
    pub fn hears(&self, client: NodeId) -> bool {
        self.lines.values().any(|sub| sub.client == client) || self.held.values().any(|(of, ..)| *of == client)
    }

    /// Messages go where the settings say, and those that there are go with them: numbers go on where they were. On a full disk they stay
    /// in memory until there is room.
    fn move_log(&mut self, cx: &mut Context<'_>) {
        match (self.kept, cx.settings().kept) {
            (Kept::Disk, Kept::Memory) => (self.memory, self.kept) = (cx.disk().log.clone(), Kept::Memory),
            (Kept::Memory, Kept::Disk) => {
                let log = self.memory.clone();
                if cx.write(|disk| disk.log = log).is_ok() {
                    (self.memory, self.kept) = (Log::default(), Kept::Disk);
                    cx.sync();
                }
            }
            _ => {}
        }
    }

    /// The last message that nothing can take back.
    fn safe(&self, cx: &Context<'_>) -> u64 {
        match self.kept {
            // What was told of is told, though its way from memory to the disk has not ended.
            Kept::Disk => cx.durable().log.last.max(self.announced),
            Kept::Memory => self.memory.last,
        }
    }

    pub(super) fn on_asked(&mut self, to: To, want: Want, tools: &mut Tools<'_>, cx: &mut Context<'_>) {
        match want {
            Want::Poll { from, hold } => self.on_poll(to, from, hold, tools, cx),
            Want::Listen { from, key } => self.on_listen(to, from, key.as_deref(), tools, cx),
            Want::Say(message) => self.on_say(Writer::Request(to), message, tools, cx),
            _ => tools.desk.answer(to, Told::Done, 0, tools.pipes, cx),
        }
    }

    /// What somebody has that wants to hear from there.
    fn start(&self, from: From, cx: &Context<'_>) -> u64 {
        let last = self.safe(cx);
        match from {
            From::Now => last,
            From::Last(count) => last.saturating_sub(count.into()),
            From::After(id) => id,
        }
    }

    fn on_poll(&mut self, to: To, from: From, hold: bool, tools: &mut Tools<'_>, cx: &mut Context<'_>) {
        let client = to.conn.opener;
        // Who asks by the clock and names nothing sees the newest.
        let from = if !hold && from == From::Now { From::Last(1) } else { from };
        let after = self.start(from, cx);
        cx.note(Note::Joined { client, after });
        let news = self.log(cx).after(after, self.safe(cx), client);
        if news.is_empty() && hold {
            let (hold, due) = (cx.settings().hold, cx.steady() + cx.settings().hold);
            self.held.insert(to, (client, after, due));
            return cx.start_timer(hold, Timer::Hold);
        }
        tell(to, news, tools, cx);
    }

    fn on_listen(&mut self, to: To, from: From, key: Option<&str>, tools: &mut Tools<'_>, cx: &mut Context<'_>) {
        let (client, told) = (to.conn.opener, self.start(from, cx));
        cx.note(Note::Joined { client, after: told });
        let is_socket = key.is_some();
        let welcome = Told::Welcome(key.map(websocket::accept));
        tools.desk.head(to, welcome, false, tools.pipes, cx);
        self.lines.insert(to.conn, Sub { client, is_socket, told });
        self.publish(tools, cx);
    }

    pub(super) fn on_other(&mut self, conn: Conn, says: Says, tools: &mut Tools<'_>, cx: &mut Context<'_>) {
        match says {
            Says::Socket(Socket::Say(message)) => self.on_say(Writer::Line(conn), message, tools, cx),
            // The other end closes the line, or has answered that this one does.
            Says::Socket(Socket::Close(_)) => {
                self.on_gone(conn);
                tools.pipes.close(conn, cx);
            }
            Says::Socket(Socket::Ping) => tools.pipes.write(conn, Frame::socket(Socket::Pong, 0, cx.id()), cx),
            _ => {}
        }
    }

    fn on_say(&mut self, writer: Writer, message: Message, tools: &mut Tools<'_>, cx: &mut Context<'_>) {
        self.move_log(cx);
        let key = message.key;
        let known = self.log(cx).known.get(&(message.from, key)).copied().filter(|_| cx.settings().dedup);
        let (now, keeps) = (cx.clock(), (cx.settings().history, self.announced));
        let id = match (known, self.kept) {
            (Some(id), _) => Some(id),
            (None, Kept::Memory) => Some(self.memory.store(message, now, keeps)),
            (None, Kept::Disk) => cx.write(|disk| disk.log.store(message, now, keeps)).ok(),
        };
        let Some(id) = id else {
            if let Writer::Request(to) = writer {
                tools.desk.answer(to, Told::Not(Code::Unavailable), 0, tools.pipes, cx);
            }
            return;
        };
        self.answers.push((id, writer, key));
        if self.kept == Kept::Disk && self.safe(cx) < id {
            return cx.sync();
        }
        self.publish(tools, cx);
    }

    pub(super) fn on_synced(&mut self, tools: &mut Tools<'_>, cx: &mut Context<'_>) {
        self.publish(tools, cx);
    }

    fn announce(&mut self, cx: &mut Context<'_>) {
        let safe = self.safe(cx);
        let news: Vec<Message> =
            self.log(cx).entries.range(self.announced + 1..=safe.max(self.announced)).map(|(_, m)| m.clone()).collect();
        for message in news {
            cx.note(Note::Stored { message });
        }
        self.announced = self.announced.max(safe);
    }

    /// Tells everybody who listens what is safe and new to it.
    fn publish(&mut self, tools: &mut Tools<'_>, cx: &mut Context<'_>) {
        self.announce(cx);
        let safe = self.safe(cx);
        for (id, writer, key) in self.answers.extract_if(.., |(id, ..)| *id <= safe).collect::<Vec<_>>() {
            match writer {
                Writer::Request(to) => tools.desk.answer(to, Told::Stored(id), NUMBER, tools.pipes, cx),
                Writer::Line(conn) if cx.settings().acks => {
                    tools.pipes.write(conn, Frame::socket(Socket::Stored(key, id), NUMBER, cx.id()), cx);
                }
                Writer::Line(_) => {}
            }
        }
        let lines: Vec<(Conn, Sub)> =
            self.lines.iter().filter(|(_, sub)| sub.told < safe).map(|(conn, sub)| (*conn, sub.clone())).collect();
        for (conn, sub) in lines {
            for message in self.log(cx).after(sub.told, safe, sub.client) {
                tools.pipes.write(conn, written(message, sub.is_socket, cx), cx);
            }
            self.lines.insert(conn, Sub { told: safe, ..sub });
        }
        for (to, (client, after, _)) in self.held.clone() {
            let news = self.log(cx).after(after, safe, client);
            if !news.is_empty() {
                self.held.remove(&to);
                tell(to, news, tools, cx);
            }
        }
    }

    /// Questions that were held for long enough are answered: there is nothing.
    pub(super) fn on_hold(&mut self, tools: &mut Tools<'_>, cx: &mut Context<'_>) {
        let now = cx.steady();
        let over: Vec<To> = self.held.iter().filter(|(_, (.., due))| *due <= now).map(|(to, _)| *to).collect();
        for to in over {
            self.held.remove(&to);
            tell(to, Vec::new(), tools, cx);
        }
        if let Some(due) = self.held.values().map(|(.., due)| *due).min() {
            cx.set_timer(due.since(now), Timer::Hold);
        }
    }

    fn tick(cx: &mut Context<'_>) {
        if let Some(ping) = cx.settings().ping {
            cx.set_timer(ping, Timer::Ping);
        }
    }

    /// Shows on streams of events that they live, and gives up every `WebSocket` that has shown nothing for too long.
    pub(super) fn on_ping(&mut self, tools: &mut Tools<'_>, cx: &mut Context<'_>) {
        let Some(silence) = cx.settings().silence() else { return };
        Room::tick(cx);
        for (conn, sub) in self.lines.clone() {
            let heard = tools.pipes.all.get(&conn).map_or(Time::ZERO, |pipe| pipe.heard);
            if !sub.is_socket {
                tools.pipes.write(conn, Frame::new(sse::COMMENT.len() as u64, 0, Says::Event(sse::COMMENT.to_string(), None)), cx);
            } else if cx.steady().since(heard) > silence {
                self.on_gone(conn);
                tools.desk.gone(conn);
                tools.pipes.abort(conn, cx);
            }
        }
    }

    pub(super) fn on_settings(&mut self, tools: &mut Tools<'_>, cx: &mut Context<'_>) {
        cx.cancel_timer(Timer::Ping);
        Room::tick(cx);
        self.move_log(cx);
        self.publish(tools, cx);
    }

    /// A connection is gone, or a request on it is.
    pub(super) fn on_gone(&mut self, conn: Conn) {
        self.lines.remove(&conn);
        self.held = self.held.iter().filter(|(to, _)| to.conn != conn).map(|(to, held)| (*to, *held)).collect();
    }
}

/// A message as it is written to a line.
fn written(message: Message, is_socket: bool, cx: &Context<'_>) -> Frame {
    if is_socket {
        return Frame::socket(Socket::News(message), bytes_of(cx.settings()), cx.id());
    }
    let id = (cx.settings().resume != Resume::None).then_some(message.id);
    // The text on the wire is as long as the setting says, whatever was typed.
    let text = sse::write(id, &message.text);
    let head = text.len() - message.text.len();
    Frame::new(head as u64, cx.settings().message.into(), Says::Event(text, Some(message)))
}

/// Answers a question for news.
fn tell(to: To, news: Vec<Message>, tools: &mut Tools<'_>, cx: &mut Context<'_>) {
    let number = if cx.settings().resume == Resume::None { 0 } else { NUMBER };
    let body = news.len() as u64 * (u64::from(cx.settings().message) + number);
    tools.desk.answer(to, Told::News(news), body, tools.pipes, cx);
}
