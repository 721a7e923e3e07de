//! Sentinel: finds out that a master is down, makes a replica the master, and tells everybody.
//!
//! One server stands for the majority of several: what they agree on among themselves is not shown here.

use crate::persistent::OrdMap;
use crate::sim::id::NodeId;
use crate::sim::time::{Span, Time};

use super::message::{Info, Msg};
use super::note::Note;
use super::settings::Failover;
use super::{Context, Timer};

/// A failover that is not done after so many times `down-after` begins anew.
const FAILOVER: f64 = 3.0;

/// What it knows of a server.
#[derive(Clone, Copy, Debug)]
pub struct Seen {
    /// When it answered last.
    pub at: Time,
    /// What it said.
    pub info: Info,
}

/// Its process.
#[derive(Clone, Debug)]
pub struct Sentinel {
    /// Who is master.
    pub master: NodeId,
    /// The number of the failover that made it so.
    pub epoch: u64,
    /// What it knows of each server.
    pub seen: OrdMap<NodeId, Seen>,
    /// When it began to look.
    began: Time,
    /// Whom it makes master, and since when.
    pub chosen: Option<(NodeId, Time)>,
    /// Whether it has said that the master is down.
    pub suspects: bool,
    /// How often it looks, as the setting was when it looked last.
    every: Span,
}

impl Sentinel {
    /// Boots with what it wrote down.
    pub fn boot(cx: &mut Context<'_>) -> Sentinel {
        let (master, epoch) = cx.disk().master.unwrap_or((NodeId::server(0), 0));
        cx.set_timer(cx.settings().ping_every, Timer::Look);
        Sentinel { master, epoch, seen: OrdMap::new(), began: cx.steady(), chosen: None, suspects: false, every: cx.settings().ping_every }
    }

    /// Settings were changed: what it waits for may be too long.
    pub(super) fn on_settings(&mut self, cx: &mut Context<'_>) {
        if self.every != cx.settings().ping_every {
            self.every = cx.settings().ping_every;
            cx.set_timer(self.every, Timer::Look);
        }
    }

    /// It is time to look at everybody.
    pub(super) fn on_look(&mut self, cx: &mut Context<'_>) {
        self.every = cx.settings().ping_every;
        cx.set_timer(self.every, Timer::Look);
        for server in (0..cx.settings().redises()).map(NodeId::server) {
            cx.send(server, Msg::Ping);
        }
        let silent = self.silence(self.master, cx);
        if silent <= cx.settings().down_after {
            self.suspects = false;
            return;
        }
        if !self.suspects {
            self.suspects = true;
            cx.note(Note::Suspects { master: self.master, silent });
        }
        let late = |(_, since): &(NodeId, Time)| cx.steady().since(*since) > cx.settings().down_after.scaled(FAILOVER);
        if cx.settings().failover == Failover::Auto && self.chosen.as_ref().is_none_or(late) {
            self.choose(cx);
        }
    }

    /// For how long it has not heard of a server.
    fn silence(&self, server: NodeId, cx: &Context<'_>) -> Span {
        cx.steady().since(self.seen.get(&server).map_or(self.began, |seen| seen.at))
    }

    /// The replica that has most of the stream, of those that it hears.
    fn choose(&mut self, cx: &mut Context<'_>) {
        let hears = |id: &NodeId| self.silence(*id, cx) <= cx.settings().down_after;
        let replicas = self.seen.iter().filter(|(id, seen)| **id != self.master && seen.info.follows.is_some() && hears(id));
        let best = replicas.max_by_key(|(id, seen)| (seen.info.offset, std::cmp::Reverse(**id))).map(|(id, _)| *id);
        let Some(replica) = best else {
            if self.chosen.take().is_some() {
                cx.note(Note::NobodyLeft { master: self.master });
            }
            return;
        };
        self.chosen = Some((replica, cx.steady()));
        cx.note(Note::Chooses { replica });
        cx.send(replica, Msg::Promote);
    }

    pub(super) fn on_pong(&mut self, from: NodeId, info: Info, cx: &mut Context<'_>) {
        self.seen.insert(from, Seen { at: cx.steady(), info });
        match self.chosen {
            Some((chosen, _)) if chosen == from && info.follows.is_none() => self.appoint(from, cx),
            Some((chosen, _)) if chosen == from => cx.send(from, Msg::Promote),
            // Who was away follows the master of now; and a master that its configuration calls a replica leads.
            _ if from != self.master && info.follows != Some(self.master) => cx.send_after_sync(from, Msg::Follow(self.master)),
            _ if from == self.master && info.follows.is_some() => cx.send_after_sync(from, Msg::Promote),
            _ => {}
        }
    }

    /// Somebody is master from here on: everybody hears of it once it is written down, so that no crash makes it forget what others know.
    pub(super) fn appoint(&mut self, master: NodeId, cx: &mut Context<'_>) {
        self.master = master;
        self.epoch += 1;
        self.chosen = None;
        self.suspects = false;
        let known = (master, self.epoch);
        // Without room it would know no better than before after a restart, and learn it from nobody.
        if cx.write(|disk| disk.master = Some(known)).is_ok() {
            cx.sync();
        }
        self.seen.insert(master, Seen { at: cx.steady(), info: Info { follows: None, offset: 0 } });
        cx.note(Note::Appoints { master, epoch: self.epoch });
        for client in cx.clients() {
            cx.send_after_sync(client, Msg::Master { node: master, epoch: self.epoch });
        }
        for server in (0..cx.settings().redises()).map(NodeId::server).filter(|id| *id != master) {
            cx.send_after_sync(server, Msg::Follow(master));
        }
    }

    /// A client asks who is master: it is told what is sure to stay.
    pub(super) fn on_which(&self, client: NodeId, cx: &mut Context<'_>) {
        cx.send_after_sync(client, Msg::Master { node: self.master, epoch: self.epoch });
    }
}
