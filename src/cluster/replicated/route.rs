//! Where a client sends a read (DDIA, chapter 5, reading your own writes and monotonic reads).

use crate::algo::balance::{modulo, rendezvous};
use crate::algo::hash::fnv1a;
use crate::sim::id::NodeId;

use super::client::Client;
use super::server::Context;
use super::settings::{Reads, Sticky};
use super::statements::Op;

/// Whether a key begins with the name of the client, or of the first device of its user.
fn is_own(op: &Op, cx: &Context<'_>) -> bool {
    let me = cx.id();
    let names = [me, cx.settings().users.first(me)];
    op.key().is_some_and(|key| names.iter().any(|id| key.starts_with(&id.to_string())))
}

impl Client {
    /// Which server a read goes to.
    pub(super) fn route(&mut self, op: &Op, cx: &mut Context<'_>) -> NodeId {
        self.forgive(cx.clock());
        match cx.settings().reads {
            Reads::Leader => self.leader,
            Reads::Sticky => self.sticky(cx),
            Reads::Nearest => self.nearest(cx),
            Reads::OwnFromLeader if is_own(op, cx) => self.leader,
            Reads::LeaderWindow if self.has_just_written(cx) => self.leader,
            Reads::Any | Reads::OwnFromLeader | Reads::LeaderWindow | Reads::MaxLag | Reads::WaitForPosition => self.any_follower(cx),
        }
    }

    fn has_just_written(&self, cx: &Context<'_>) -> bool {
        self.memo.wrote.is_some_and(|last| cx.clock().since(last) < cx.settings().window)
    }

    /// Every server but the leader that it need not avoid.
    fn followers(&self, cx: &Context<'_>) -> Vec<NodeId> {
        cx.servers().filter(|id| *id != self.leader && !self.is_avoided(*id)).collect()
    }

    pub(super) fn any_follower(&self, cx: &mut Context<'_>) -> NodeId {
        let all = self.followers(cx);
        if all.is_empty() {
            return self.leader;
        }
        all[cx.rng().below(all.len() as u64) as usize]
    }

    /// Always the same server for a user; another one while that does not answer.
    fn sticky(&self, cx: &Context<'_>) -> NodeId {
        let user = cx.settings().users.first(cx.id());
        let choose = match cx.settings().sticky {
            Sticky::Number => return self.by_number(user, cx),
            Sticky::Modulo => modulo,
            Sticky::Rendezvous => rendezvous,
        };
        let usable: Vec<usize> = self.followers(cx).into_iter().map(NodeId::index).collect();
        choose(&usable, fnv1a(user.to_string().as_bytes())).map_or(self.leader, |number| NodeId::server(number as u16))
    }

    fn by_number(&self, user: NodeId, cx: &Context<'_>) -> NodeId {
        let n = cx.server_count();
        let mut order = (1..=n).map(|i| NodeId::server(((user.index() + i) % n) as u16));
        order.find(|id| !self.is_avoided(*id)).unwrap_or(self.leader)
    }

    fn nearest(&self, cx: &Context<'_>) -> NodeId {
        cx.near().iter().copied().find(|id| !self.is_avoided(*id)).unwrap_or(self.leader)
    }
}
