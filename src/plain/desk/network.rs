//! The learner is the network: what can happen next, each with a number.

use super::Desk;
use crate::cluster::ahead::Next;
use crate::cluster::scene::Scene;
use crate::cluster::tell::Names;
use crate::command::{Command, Poke};
use crate::lesson::walk::Walk;
use crate::plain::page::Page;

/// The most choices that are read.
const MOST: usize = 24;

impl Desk {
    /// Takes the messages into the learner's hands and lists what can happen next, or lets them flow again.
    pub(in crate::plain) fn network(&mut self, page: &mut Page, rest: &str) {
        match rest {
            "" | "on" => self.be_network(page),
            "off" => self.leave_network(page),
            other => page.say(format!("Not done: \"{other}\" cannot stand behind network; network off lets messages flow again.")),
        }
    }

    fn be_network(&mut self, page: &mut Page) {
        if self.walk.stage().is_two() {
            return page.say("Not done: here are two designs, and nobody can be two networks.");
        }
        if self.walk.is_locked() {
            return page.say("Say first what will happen: type the number of an answer.");
        }
        if !self.walk.holds_messages() {
            let held = self.moving(page, |walk| walk.poke(&Poke::HoldAll).map_err(|refused| refused.0));
            if held.is_none() {
                return;
            }
            self.undone.clear();
        }
        if !self.network {
            self.network = true;
            how(page);
        }
        self.list_next(page);
    }

    fn leave_network(&mut self, page: &mut Page) {
        self.network = false;
        if self.walk.stage().is_two() || !self.walk.holds_messages() {
            return page.say("Messages flow by themselves already.");
        }
        let waiting = self.run().cluster().ahead().waiting;
        self.poke(page, &Poke::ReleaseInOrder);
        page.say(format!("Time goes on. {waiting} messages waited; they go on in the order of each wire."));
    }

    /// Whether the learner is the network at this moment.
    pub(super) fn is_network(&self) -> bool {
        self.network && self.walk.holds_messages()
    }

    /// Lets nodes go on with what was set going, and says so.
    pub(super) fn follow(&mut self, page: &mut Page) {
        if !self.is_network() {
            return;
        }
        match self.moving(page, |walk: &mut Walk| Ok(walk.follow())) {
            None | Some(0) => {}
            Some(1) => page.say("It goes on: step."),
            Some(many) => page.say(format!("It goes on: step {many}.")),
        }
    }

    /// What can happen next, where the learner is the network. What cannot be chosen is counted.
    pub(super) fn list_next(&mut self, page: &mut Page) {
        if !self.is_network() {
            return;
        }
        let run = self.run();
        let ahead = run.cluster().ahead();
        let mut scene = Scene::default();
        run.cluster().scene(run.at(), &mut scene);
        let all = ahead.choices(run.at(), &Names::on(&scene));
        let (open, behind): (Vec<Next>, Vec<Next>) = all.into_iter().partition(|next| next.refused.is_none());
        let mut heading = "";
        for (number, next) in (1..).zip(open.iter().take(MOST)) {
            if next.heading != heading {
                heading = &next.heading;
                page.say(format!("{}{}:", heading[..1].to_uppercase(), &heading[1..]));
            }
            page.say(format!("{number}. {}: {}, {}", next.command, next.about, next.note));
        }
        let parts = [
            (open.len().saturating_sub(MOST), "more can be chosen; type the command"),
            (behind.len(), "messages wait behind others of their wire"),
        ];
        for (count, what) in parts.iter().filter(|(count, _)| *count > 0) {
            page.say(format!("{count} {what}."));
        }
        ahead.left_out().into_iter().for_each(|left| page.say(format!("Not listed: {left}.")));
        if open.is_empty() {
            page.say("Nothing waits, and nothing comes by itself.");
        }
        self.offers = open.into_iter().take(MOST).map(|next| next.command).collect();
    }

    /// Does one of the numbered choices.
    pub(super) fn offered(&mut self, page: &mut Page, number: usize) {
        match self.offers.get(number.wrapping_sub(1)).cloned() {
            Some(Command::Poke(poke)) => self.poke(page, &poke),
            // A choice that lets time pass wants nothing of whoever holds the desk.
            Some(command) => _ = self.command(page, &command),
            None if !self.offers.is_empty() => page.say(format!("The choices are 1 to {}; network lists them.", self.offers.len())),
            None => page.say("There is nothing to choose by a number here; pokes lists what can be done."),
        }
    }
}

fn how(page: &mut Page) {
    page.say("You are the network: time stands still, and messages wait until you choose. A number lets it happen.");
    page.say(
        "drop, duplicate and delay take the number of a message, such as drop #12. fire, a node and its timer let a timer go off before its time. network off lets messages flow again.",
    );
}
