//! The application servers. The kernel's stations do the work: a handler runs when a worker is done. What a page needs beside is asked
//! for then: the session of its visitor, and what the database has.

use crate::cluster::kit::tries::Tries;
use crate::persistent::OrdMap;
use crate::sim::draw::mix;
use crate::sim::id::NodeId;
use crate::sim::protocol::Cx;
use crate::sim::time::{Span, Time};

use super::Traffic;
use super::message::{How, Msg, Timer};
use super::peers::Peers;
use super::roster::FRONT;
use super::store::Memory;
use super::words::{CheckAsks, Reads, Sessions};

/// An application server.
#[derive(Clone, Debug, Default)]
pub struct Server {
    /// What it asked others for, by the number of its call there.
    tries: Tries<Asked>,
    /// Pages that wait for that.
    pages: OrdMap<u32, Page>,
    next_page: u32,
    /// Sessions that it holds itself.
    pub memory: Memory,
    peers: Peers,
    /// How many reads it has sent, so that replicas take turns.
    turn: u32,
}

/// How often a server says that it is there.
const JOIN_EVERY: Span = Span::ms(500);

/// A request that waits for others.
#[derive(Clone, Copy, Debug)]
struct Page {
    /// The front's number of it.
    call: u32,
    who: u32,
    order: bool,
    session: u32,
    version: u32,
    /// How many answers are missing.
    left: u32,
}

/// A question to somebody else.
#[derive(Clone, Copy, Debug)]
struct Asked {
    page: u32,
    want: Want,
    attempt: u32,
}

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Want {
    Session,
    Cached {
        key: u32,
    },
    Read {
        key: u32,
        shard: u32,
        fill: bool,
    },
    Write {
        key: u32,
        shard: u32,
    },
    /// That the database answers: a check of this round does.
    Check {
        round: u32,
    },
}

impl Server {
    /// A server that joins a cluster that runs says so to the front.
    pub(super) fn boot(cx: &mut Cx<'_, Traffic>) -> Server {
        if cx.clock() > Time::ZERO {
            Server::join(cx);
        }
        Server { tries: Tries::of_this_life(cx), ..Server::default() }
    }

    /// Tells the front that it is there, until the front has heard it.
    pub(super) fn join(cx: &mut Cx<'_, Traffic>) {
        cx.send(FRONT, Msg::Joins);
        cx.set_timer(JOIN_EVERY, Timer::Join);
    }

    pub(super) fn on_message(&mut self, from: NodeId, msg: &Msg, cx: &mut Cx<'_, Traffic>) {
        match *msg {
            Msg::Work { call, who, order } => self.on_work(call, who, order, cx),
            Msg::Done { call, how, session, version, .. } => self.on_done(call, how, session, version, cx),
            Msg::Word { servers } => self.peers.on_word(from, servers, cx),
            Msg::Stall { .. } => {
                self.peers.has_stood(Span::ZERO);
                self.peers.stand(cx);
            }
            Msg::Check { round } => self.on_check(from, round, cx),
            Msg::Joined => cx.cancel_timer(Timer::Join),
            _ => {}
        }
    }

    /// The front's number of the request that a question to somebody else is for.
    pub(super) fn call_of(&self, call: u32) -> Option<u32> {
        self.tries.get(call).and_then(|asked| self.pages.get(&asked.page)).map(|page| page.call)
    }

    /// There was no place in the line for what it has to stand still: it is owed as before.
    pub(super) fn put_back(&mut self, msg: &Msg) {
        if let Msg::Stall { takes } = msg {
            self.peers.has_stood(*takes);
        }
    }

    /// A worker is done with a request: it is answered, or others are asked.
    fn on_work(&mut self, call: u32, who: u32, order: bool, cx: &mut Cx<'_, Traffic>) {
        self.peers.stand(cx);
        let errors = cx.settings().errors;
        if errors > 0.0 && cx.rng().chance(errors) {
            return fail(call, How::Error, cx);
        }
        self.peers.tell(cx);
        let mut page = Page { call, who, order, session: 0, version: 0, left: 0 };
        match cx.settings().sessions {
            Sessions::None => self.fetch(page, cx),
            Sessions::Local => {
                page.session = self.memory.look(who, cx);
                self.fetch(page, cx);
            }
            Sessions::Shared => self.ask_all(page, &[Want::Session], cx),
        }
    }

    /// Asks the database for all that a page needs.
    fn fetch(&mut self, page: Page, cx: &mut Cx<'_, Traffic>) {
        if !cx.settings().database {
            return done(&page, cx);
        }
        let wants = wants(&page, cx);
        self.ask_all(page, &wants, cx);
    }

    fn ask_all(&mut self, page: Page, wants: &[Want], cx: &mut Cx<'_, Traffic>) {
        let number = self.next_page;
        self.next_page = number.wrapping_add(1);
        self.pages.insert(number, Page { left: wants.len() as u32, ..page });
        for want in wants {
            self.ask(Asked { page: number, want: *want, attempt: 1 }, cx);
        }
    }

    fn ask(&mut self, asked: Asked, cx: &mut Cx<'_, Traffic>) {
        let patience = cx.settings().try_timeout;
        let call = self.tries.begin(asked, patience, cx);
        let (to, msg) = match asked.want {
            Want::Session => {
                let who = self.pages.get(&asked.page).map_or(0, |page| page.who);
                (cx.settings().roster().store(), Msg::Recall { call, who })
            }
            Want::Cached { key } => (cx.settings().roster().cache(), Msg::Look { call, key }),
            Want::Read { key, shard, .. } => (Some(self.reader(shard, cx)), Msg::Query { call, key, order: false }),
            Want::Write { key, shard } => (leader(shard, cx), Msg::Query { call, key, order: true }),
            Want::Check { .. } => (leader(0, cx), Msg::Query { call, key: 0, order: false }),
        };
        match to {
            Some(to) => cx.send(to, msg),
            None => self.on_done(call, How::Error, 0, 0, cx),
        }
    }

    /// Who is asked for a read: leader and replicas in turn, or some of them.
    fn reader(&mut self, shard: u32, cx: &Cx<'_, Traffic>) -> NodeId {
        let copies = cx.settings().roster().copies(shard);
        let all = match cx.settings().reads {
            Reads::Replicas if copies.len() > 1 => &copies[1..],
            Reads::All => copies,
            Reads::Leader | Reads::Replicas => &copies[..1],
        };
        self.turn = self.turn.wrapping_add(1);
        all[self.turn as usize % all.len()]
    }

    /// Somebody answered.
    fn on_done(&mut self, call: u32, how: How, session: u32, version: u32, cx: &mut Cx<'_, Traffic>) {
        let Some(asked) = self.tries.end(call) else { return };
        match (how, asked.want) {
            (How::Served, Want::Check { round }) => cx.send(FRONT, Msg::Fine { round }),
            (_, Want::Check { .. }) => {}
            (How::Served, _) => self.has(asked, session, version, cx),
            _ => self.try_again(asked, how, cx),
        }
    }

    /// A page has more of what it needs.
    fn has(&mut self, asked: Asked, session: u32, version: u32, cx: &mut Cx<'_, Traffic>) {
        let Some(page) = self.pages.get_mut(&asked.page) else { return };
        page.left -= 1;
        page.session = page.session.max(session);
        let cache = cx.settings().roster().cache();
        match asked.want {
            Want::Read { key, .. } | Want::Write { key, .. } | Want::Cached { key } if key == page.who => {
                page.version = page.version.max(version);
            }
            _ => {}
        }
        match (asked.want, cache) {
            (Want::Read { key, fill: true, .. }, Some(cache)) => cx.send(cache, Msg::Fill { key, version }),
            (Want::Write { key, .. }, Some(cache)) => cx.send(cache, Msg::Forget { key }),
            _ => {}
        }
        let page = *page;
        if page.left > 0 {
            return;
        }
        self.pages.remove(&asked.page);
        match asked.want {
            Want::Session => self.fetch(page, cx),
            _ => done(&page, cx),
        }
    }

    /// Others did not answer some calls in time.
    pub(super) fn on_overdue(&mut self, cx: &mut Cx<'_, Traffic>) {
        for asked in self.tries.overdue(cx) {
            self.try_again(asked, How::Late, cx);
        }
    }

    /// What is not in the cache, or not to be had from it, is read from the database.
    fn try_again(&mut self, asked: Asked, how: How, cx: &mut Cx<'_, Traffic>) {
        if !self.pages.contains_key(&asked.page) {
            return;
        }
        if let Want::Cached { key } = asked.want {
            let want = Want::Read { key, shard: shard_of(key, cx), fill: true };
            self.ask(Asked { want, attempt: 1, ..asked }, cx);
        } else if asked.attempt <= cx.settings().db_retries {
            self.ask(Asked { attempt: asked.attempt + 1, ..asked }, cx);
        } else if let Some(page) = self.pages.remove(&asked.page) {
            fail(page.call, how, cx);
        }
    }

    /// The front checks: the process answers, or the database has to.
    fn on_check(&mut self, from: NodeId, round: u32, cx: &mut Cx<'_, Traffic>) {
        let deep = cx.settings().check_asks == CheckAsks::Database && cx.settings().database;
        if deep {
            self.ask(Asked { page: u32::MAX, want: Want::Check { round }, attempt: 1 }, cx);
        } else {
            cx.send(from, Msg::Fine { round });
        }
    }
}

/// What a page needs of the database: one write for an order, its queries for a view.
fn wants(page: &Page, cx: &mut Cx<'_, Traffic>) -> Vec<Want> {
    let settings = cx.settings();
    let (scatter, queries, cached) = (settings.scatter, settings.queries, settings.roster().cache().is_some());
    if page.order {
        return vec![Want::Write { key: page.who, shard: shard_of(page.who, cx) }];
    }
    if scatter > 0.0 && cx.rng().chance(scatter) {
        let shards = cx.settings().roster().shards();
        return (0..shards).map(|shard| Want::Read { key: page.who, shard, fill: false }).collect();
    }
    let key = |number: u32| if number == 0 { page.who } else { mix(u64::from(page.who) << 32 | u64::from(number)) as u32 };
    let want = |key| if cached { Want::Cached { key } } else { Want::Read { key, shard: shard_of(key, cx), fill: false } };
    (0..queries).map(key).map(want).collect()
}

/// By the hash of the key: keys that are numbered in a pattern are spread all the same.
fn shard_of(key: u32, cx: &Cx<'_, Traffic>) -> u32 {
    (mix(key.into()) % u64::from(cx.settings().roster().shards())) as u32
}

fn leader(shard: u32, cx: &Cx<'_, Traffic>) -> Option<NodeId> {
    cx.settings().roster().copies(shard).first().copied()
}

/// A page is ready.
fn done(page: &Page, cx: &mut Cx<'_, Traffic>) {
    let bytes = cx.settings().wire_page();
    let Page { call, session, version, .. } = *page;
    cx.send(FRONT, Msg::Done { call, how: How::Served, bytes, session, version });
}

/// There is no page.
fn fail(call: u32, how: How, cx: &mut Cx<'_, Traffic>) {
    cx.send(FRONT, Msg::Done { call, how, bytes: 0, session: 0, version: 0 });
}

/// A queue is full: who came is told so, and a check is not answered.
pub(super) fn refuse(from: NodeId, msg: &Msg, cx: &mut Cx<'_, Traffic>) {
    if let Msg::Work { call, .. } | Msg::Query { call, .. } | Msg::Look { call, .. } | Msg::Recall { call, .. } = msg {
        cx.send(from, Msg::Done { call: *call, how: How::Full, bytes: 0, session: 0, version: 0 });
    }
}
