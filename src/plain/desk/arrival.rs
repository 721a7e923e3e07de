//! Up to the arrival of the next message, to do something while others are still on their way.

use super::{Desk, here};
use crate::cluster::scene::Sign;
use crate::cluster::tell::Names;
use crate::cluster::{Cluster, What};
use crate::lesson::walk::{Moved, Stage, Walk};
use crate::plain::log;
use crate::plain::page::Page;

/// So many events are passed over in search of an arrival.
const EVENTS: usize = 20_000;

impl Desk {
    /// Lets time pass until a message arrives or dies, of those that are no heartbeats.
    pub(in crate::plain) fn arrival(&mut self, page: &mut Page) {
        if self.is_network() {
            return page.say("Not done: messages wait for you while you are the network. Choose a number, or type network off.");
        }
        let before = here(&self.walk);
        let Some(moved) = self.moving(page, |walk| Ok(to_an_arrival(walk))) else { return };
        self.undone.clear();
        for sentence in ended(&self.walk) {
            page.say(sentence);
        }
        self.went(page, before, &moved);
    }
}

fn to_an_arrival(walk: &mut Walk) -> Moved {
    let mut moved = Moved { moved: false, halt: None };
    for _ in 0..EVENTS {
        let one = walk.step_on();
        moved = Moved { moved: moved.moved || one.moved, halt: one.halt };
        if moved.halt.is_some() || !one.moved || !ended(walk).is_empty() {
            break;
        }
    }
    moved
}

/// The messages whose way ended with the last event, a sentence each.
fn ended(walk: &Walk) -> Vec<String> {
    match walk.stage() {
        Stage::One(run) => of_one(run.cluster()),
        Stage::Two(pair) => [pair.a().cluster(), pair.b().cluster()].into_iter().flat_map(of_one).collect(),
    }
}

fn of_one(cluster: &dyn Cluster) -> Vec<String> {
    let mut lately = Vec::new();
    cluster.happenings(cluster.now(), &mut lately);
    let names = Names::on(&log::scene(cluster));
    let last = lately.iter().filter(|happened| happened.event == cluster.events());
    let told = last.filter_map(|happened| match &happened.what {
        What::Arrived { from, to, kind, .. } if kind.sign != Sign::Heartbeat => {
            Some(format!("A message arrives at {}: {} from {}.", names.of(*to), kind.word, names.of(*from)))
        }
        What::Lost { from, to, kind, why, .. } if kind.sign != Sign::Heartbeat => {
            Some(format!("A message never reaches {}: {} from {}, {why}.", names.of(*to), kind.word, names.of(*from)))
        }
        _ => None,
    });
    told.collect()
}
