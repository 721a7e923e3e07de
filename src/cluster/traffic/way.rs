//! The way between users and front: caches near users, and the link. Also how a page is cut into parts where a sender must wait for
//! acknowledgements (RFC 9293, section 3.8: no more than a window is on its way).

use crate::algo::hash::fnv1a;
use crate::persistent::OrdMap;
use crate::sim::id::NodeId;
use crate::sim::protocol::Cx;

use super::Traffic;
use super::message::{Answer, Cookie, How, Msg};
use super::roster::FRONT;

/// What a cache has seen since it started: versions by key. How often what it has seen is still there, and good, is its hit rate.
#[derive(Clone, Debug, Default)]
pub struct Kept(OrdMap<u32, u32>);

impl Kept {
    /// The version under a key, if it is a hit.
    pub(super) fn look(&self, key: u32, rate: f64, cx: &mut Cx<'_, Traffic>) -> Option<u32> {
        let kept = self.0.get(&key).copied();
        kept.filter(|_| rate > 0.0 && cx.rng().chance(rate))
    }

    pub(super) fn fill(&mut self, key: u32, version: u32) {
        self.0.insert(key, version);
    }

    pub(super) fn forget(&mut self, key: u32) {
        self.0.remove(&key);
    }

    /// How many keys it has seen.
    pub fn len(&self) -> usize {
        self.0.len()
    }
}

/// A visitor as a number.
pub(super) fn number_of(visitor: &str) -> u32 {
    fnv1a(visitor.as_bytes()) as u32
}

/// The number of bytes that may be on their way unacknowledged.
fn part(bytes: u32, cx: &Cx<'_, Traffic>) -> u32 {
    cx.settings().window.map_or(bytes, |window| bytes.min(window))
}

/// Sends the next part of an answer of which so many bytes are left. A cache takes all of it at once: it has connections that are open
/// and warm.
pub(super) fn send_part(answer: Answer, to: NodeId, cx: &mut Cx<'_, Traffic>) {
    let bytes = if answer.back == answer.user || cx.id() == answer.back { part(answer.left, cx) } else { answer.left };
    cx.send(to, Msg::Told(Answer { bytes, left: answer.left - bytes, ..answer }));
}

/// A cache near users.
#[derive(Clone, Debug, Default)]
pub struct Edge {
    /// What it has.
    pub kept: Kept,
}

impl Edge {
    pub(super) fn on_message(&mut self, msg: Msg, cx: &mut Cx<'_, Traffic>) {
        match msg {
            Msg::Ask { request, visitor, order, user, cookie, .. } => {
                let (who, back) = (number_of(&visitor), cx.id());
                let rate = if order { 0.0 } else { cx.settings().edge.unwrap_or_default() };
                match self.kept.look(who, rate, cx) {
                    Some(version) => {
                        let left = cx.settings().wire_page();
                        let (how, cookie) = (How::Served, Cookie::NONE);
                        send_part(Answer { request, user, back, how, bytes: 0, left, cookie, lost: 0, version, who }, user, cx);
                    }
                    None => cx.send(beyond(cx), Msg::Ask { request, visitor, order, user, back, cookie }),
                }
            }
            Msg::Told(answer) => {
                if answer.how == How::Served {
                    self.kept.fill(answer.who, answer.version);
                }
                let left = answer.bytes + answer.left;
                send_part(Answer { left, ..answer }, answer.user, cx);
            }
            Msg::More(answer) => send_part(answer, answer.user, cx),
            _ => {}
        }
    }
}

/// Whom a cache asks.
fn beyond(cx: &Cx<'_, Traffic>) -> NodeId {
    cx.settings().roster().link().unwrap_or(FRONT)
}

/// A link passes on what comes: to the front at once, to users when it has sent what came before.
pub(super) fn pass_on(msg: Msg, cx: &mut Cx<'_, Traffic>) {
    match msg {
        Msg::Ask { .. } | Msg::More(_) => cx.send(FRONT, msg),
        Msg::Told(answer) => cx.send(answer.back, Msg::Told(answer)),
        _ => {}
    }
}
