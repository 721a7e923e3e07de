//! A server as a replica: it takes in the stream of its master, and nothing else changes its keys.

use imbl::OrdMap;

use crate::algo::redis::apply;
use crate::sim::id::NodeId;

use super::message::{Data, Msg, Record};
use super::node::Node;
use super::note::Note;
use super::{Context, Timer};

impl Node {
    /// Follows a master, from where it is if they have a history in common.
    pub(super) fn follow(&mut self, master: NodeId, cx: &mut Context<'_>) {
        if master == cx.id() || self.follows == Some(master) {
            return;
        }
        if self.is_master() {
            self.unblock(cx);
            self.forget_sessions(cx);
            for client in cx.clients() {
                self.say(client, Msg::Closed, cx);
            }
        }
        self.follows = Some(master);
        self.linked = false;
        self.links = OrdMap::new();
        self.keep_config(cx);
        cx.note(Note::Follows { master });
        self.ask_for_stream(cx);
    }

    pub(super) fn ask_for_stream(&mut self, cx: &mut Context<'_>) {
        if let Some(master) = self.follows {
            self.say(master, Msg::Sync { replid: self.replid, offset: self.offset }, cx);
        }
    }

    pub(super) fn send_ack(&mut self, cx: &mut Context<'_>) {
        if let Some(master) = self.follows.filter(|_| self.linked) {
            self.say(master, Msg::Ack { replid: self.replid, offset: self.offset }, cx);
        }
    }

    /// Once in a while: a replica says how far it is, or asks again where nobody answered.
    pub(super) fn on_cron(&mut self, cx: &mut Context<'_>) {
        cx.set_timer(cx.settings().ack_every, Timer::Cron);
        match self.follows {
            None => {}
            Some(_) if self.linked => self.send_ack(cx),
            Some(_) => self.ask_for_stream(cx),
        }
    }

    /// Everything: what it had before is gone.
    pub(super) fn on_full(&mut self, data: &Data, cx: &mut Context<'_>) {
        let Data { keys, done, replid, offset } = data.clone();
        self.spend(None, keys.len(), cx);
        self.server.keys = keys;
        self.done = done;
        self.life = cx.rng().bits();
        (self.replid, self.offset, self.before) = (replid, offset, None);
        self.linked = true;
        self.backlog = imbl::Vector::new();
        self.replace_files(cx);
        cx.note(Note::TookAll { keys: self.server.keys.len() });
        self.send_ack(cx);
    }

    /// A part of the stream. What it has already it passes over; where something lacks between, it asks for that.
    pub(super) fn on_stream(&mut self, replid: u64, from: u64, records: &[Record], cx: &mut Context<'_>) {
        let is_next = from <= self.offset;
        if replid != self.replid {
            // The answer to PSYNC says under which id the same history goes on.
            if !is_next || self.linked || from != self.offset {
                return;
            }
            self.replid = replid;
        }
        if !is_next {
            // It has asked already where it is not linked, and asks again after a while.
            if std::mem::take(&mut self.linked) {
                self.ask_for_stream(cx);
            }
            return;
        }
        self.linked = true;
        let around = self.around(true, cx);
        let known = self.offset;
        for record in records.iter().filter(|record| record.end > known) {
            let touched = apply(&mut self.server.keys, &record.argv, around);
            self.spend(None, touched, cx);
            self.offset = record.end;
            self.done.extend(record.request);
            self.server.changed_elsewhere(&crate::algo::redis::keys_of(&record.argv).cloned().collect::<Vec<_>>());
            self.fresh.push(record.clone());
        }
    }
}
