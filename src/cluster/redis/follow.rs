//! A server as a replica: it takes in the stream of its master, and nothing else changes its keys.

use crate::algo::redis::apply;
use crate::persistent::OrdMap;
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
        if let Some(bus) = &mut self.bus {
            bus.fed = None;
        }
        self.linked = false;
        self.links = OrdMap::new();
        self.keep_config(cx);
        cx.note(Note::Follows { master });
        self.ask_for_stream(cx);
    }

    pub(super) fn ask_for_stream(&mut self, cx: &mut Context<'_>) {
        if let Some(master) = self.follows {
            let number = cx.rng().bits();
            self.asked = Some(number);
            self.say(master, Msg::Sync { replid: self.replid, offset: self.offset, number }, cx);
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
        self.drop_silent(cx);
        match self.follows {
            None => {}
            Some(_) if self.linked => self.send_ack(cx),
            Some(_) => self.ask_for_stream(cx),
        }
    }

    /// Everything: what it had before is gone. It is taken as the answer to what was asked last, and else not.
    pub(super) fn on_full(&mut self, data: &Data, number: u64, cx: &mut Context<'_>) {
        if self.asked.take_if(|asked| *asked == number).is_none() {
            return;
        }
        let Data { keys, done, replid, offset } = data.clone();
        self.spend(None, keys.len(), cx);
        let gone = std::mem::replace(&mut self.server.keys, keys).len();
        self.done = done;
        self.life = cx.rng().bits();
        (self.replid, self.offset, self.before) = (replid, offset, None);
        self.linked = true;
        self.backlog = imbl::Vector::new();
        self.replace_files(cx);
        cx.note(Note::TookAll { keys: self.server.keys.len(), gone });
        self.send_ack(cx);
    }

    /// A part of the stream. What it has already it passes over; where something lacks between, it asks for that.
    pub(super) fn on_stream(&mut self, (replid, from): (u64, u64), records: &[Record], answers: Option<u64>, cx: &mut Context<'_>) {
        let is_next = from <= self.offset;
        if answers.is_some() {
            if self.asked.take_if(|asked| answers == Some(*asked)).is_none() {
                return;
            }
            // The answer to PSYNC says under which id the same history goes on.
            self.replid = replid;
            self.linked = true;
        }
        if replid != self.replid || !self.linked {
            return;
        }
        if !is_next {
            self.linked = false;
            return self.ask_for_stream(cx);
        }
        let around = self.around(true, cx);
        let known = self.offset;
        for record in records.iter().filter(|record| record.end > known) {
            let touched = apply(&mut self.server.keys, &record.argv, around);
            self.spend(None, touched, cx);
            self.offset = record.end;
            record.add_done(&mut self.done);
            self.server.changed_elsewhere(&crate::algo::redis::keys_of(&record.argv).cloned().collect::<Vec<_>>());
            if record.is_message() {
                self.on_publish(&record.argv, cx);
            }
            self.fresh.push(record.clone());
        }
    }
}
