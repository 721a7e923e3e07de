//! Users: all that one client stands for. They know which way their requests go, and keep what their visitors bring along.

use crate::check::operation::Key;
use crate::persistent::OrdMap;
use crate::sim::history::Cause;
use crate::sim::id::{NodeId, RequestId};
use crate::sim::protocol::{Cx, Reply};

use super::message::{Answer, Cookie, How, Msg, Visit};
use super::roster::FRONT;
use super::{Settings, Traffic};

/// All that one client stands for.
#[derive(Clone, Debug, Default)]
pub struct Users {
    /// By visitor, where there is something to know.
    known: OrdMap<Key, Known>,
    /// How often a visitor had a session, and was given a new one because nobody knew it.
    pub lost: u64,
    /// How often a visitor was told something older than before.
    pub stale: u64,
}

/// What a visitor has been told.
#[derive(Clone, Copy, Debug)]
struct Known {
    cookie: Cookie,
    /// The newest version of what the database has of it.
    version: u32,
}

impl Users {
    pub(super) fn ask(&self, request: RequestId, visit: Visit, cx: &mut Cx<'_, Traffic>) {
        let Visit { visitor, order } = visit;
        let cookie = self.known.get(&visitor).map_or(Cookie::NONE, |known| known.cookie);
        let (user, door) = (cx.id(), door(cx));
        cx.ask(request, door, Msg::Ask { request, visitor, order, user, back: user, cookie });
    }

    /// An answer, or a part of one: whoever still waits for it says that it came.
    pub(super) fn on_told(&mut self, from: NodeId, answer: Answer, cx: &mut Cx<'_, Traffic>) {
        let Some(open) = cx.open(answer.request) else { return };
        let Visit { visitor, order } = open.op.clone();
        if answer.left > 0 {
            return cx.send(from, Msg::More(answer));
        }
        if answer.how == How::Served {
            self.learn(visitor, &answer);
        }
        let reply = reply(answer.how, order, cx.settings());
        cx.reply(answer.request, reply);
    }

    fn learn(&mut self, visitor: Key, answer: &Answer) {
        let Answer { cookie, lost, version, .. } = *answer;
        if cookie == Cookie::NONE && version == 0 {
            return;
        }
        let known = self.known.entry(visitor).or_insert(Known { cookie, version });
        let had = known.cookie.session;
        // Of several requests under way at once the first answer counts, and a session is lost once.
        let is_lost = lost != 0 && lost == had;
        if is_lost || had == 0 {
            known.cookie = cookie;
        }
        self.lost += u64::from(is_lost);
        self.stale += u64::from(version != 0 && version < known.version);
        known.version = known.version.max(version);
    }
}

/// Where requests of a user go first: to the cache in its zone, to the link, or to the front.
fn door(cx: &Cx<'_, Traffic>) -> NodeId {
    let roster = cx.settings().roster();
    let near = |edges: &[NodeId]| cx.near().iter().copied().find(|id| edges.contains(id));
    let edge = if roster.edges().is_empty() { None } else { near(roster.edges()) };
    edge.or(roster.link()).unwrap_or(FRONT)
}

/// Nobody knows whether an order was carried out that was perhaps tried before, or is being tried.
fn reply(how: How, order: bool, settings: &Settings) -> Reply<()> {
    let cause = Cause::from(how.says());
    let tries_once = settings.retries == 0 && settings.db_retries == 0;
    match how {
        How::Served => Reply::Ok(()),
        How::Full | How::Nobody if !order || tries_once => Reply::Refused(cause),
        _ if order => Reply::Unknown(cause),
        _ => Reply::Failed(cause),
    }
}
