//! The exchange of all that two members know of all members: what news that ride along did not bring, it does (memberlist's push-pull).
//!
//! The partner may be one that is held for dead: only so can two halves that have buried each other come together again (serf's reconnect).

use std::sync::Arc;

use crate::sim::id::NodeId;

use super::belief::{Belief, Claim, State, Update};
use super::member::Member;
use super::message::Body;
use super::{Context, Timer};

impl Member {
    pub(super) fn on_sync_due(&mut self, cx: &mut Context<'_>) {
        if let Some(every) = cx.settings().sync {
            cx.set_timer(every, Timer::Sync);
            self.join(cx);
        }
    }

    /// Exchanges everything with a member drawn at random.
    pub(super) fn join(&mut self, cx: &mut Context<'_>) {
        if cx.settings().sync.is_none() {
            return;
        }
        let to_dead = cx.settings().talk_to_dead;
        let partner = self.view.draw(&mut cx.rng(), |_, belief| belief.is_there() || (to_dead && belief.state == State::Dead));
        if let Some(partner) = partner {
            let all = self.everything();
            self.talk(partner, Body::Sync(all), cx);
        }
    }

    /// All that it believes of others beside the first belief.
    fn everything(&self) -> Arc<[Update]> {
        let of = |(about, belief): &(NodeId, Belief)| {
            let claims = match belief.state {
                State::Suspect => self.accused.get(about).map(|accused| accused.claims().collect()).unwrap_or_default(),
                State::Alive => vec![Claim::Alive],
                State::Dead => vec![Claim::Dead { by: self.me }],
                State::Forgotten => vec![Claim::Unknown],
            };
            let (about, incarnation) = (*about, belief.incarnation);
            claims.into_iter().map(move |claim| Update { about, incarnation, claim })
        };
        self.view.known().iter().map(|(about, belief)| (*about, *belief)).flat_map(|known| of(&known)).collect()
    }

    pub(super) fn on_sync(&mut self, from: NodeId, all: &[Update], cx: &mut Context<'_>) {
        let own = self.everything();
        self.talk(from, Body::Synced(own), cx);
        self.on_synced(from, all, cx);
    }

    pub(super) fn on_synced(&mut self, from: NodeId, all: &[Update], cx: &mut Context<'_>) {
        for update in all {
            self.hear(from, *update, cx);
        }
        // Of whom the other says nothing, it has the first belief: alive. Whoever was forgotten here is a stranger who lives.
        let forgotten = self.view.known().iter().filter(|(_, belief)| belief.state == State::Forgotten).map(|(id, _)| *id);
        let unsaid: Vec<NodeId> = forgotten.filter(|id| *id != from && all.iter().all(|update| update.about != *id)).collect();
        for about in unsaid {
            self.hear(from, Update { about, incarnation: 0, claim: Claim::Alive }, cx);
        }
    }
}
