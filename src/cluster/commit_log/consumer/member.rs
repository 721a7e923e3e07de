//! As a member of its group: joins, takes and gives up partitions, and says that it lives.

use super::super::message::{Join, Msg, Standing};
use super::super::note::Note;
use super::super::record::Part;
use super::super::settings::Assignor;
use super::super::{Context, Timer};
use super::{Consumer, Due, Place};

impl Consumer {
    /// Joins its group. It gives up first what it has, unless only what moves is given up.
    pub(super) fn join(&mut self, cx: &mut Context<'_>) {
        if self.coordinator().is_none() {
            return;
        }
        if self.due == Due::Anew || cx.settings().assignor != Assignor::Cooperative {
            let parts = self.parts.keys().copied().collect();
            self.give_up(parts, cx);
        }
        if self.due == Due::Anew {
            self.had.clear();
        }
        self.due = Due::Nothing;
        self.joins = true;
        self.round += 1;
        self.ask_to_join(cx);
    }

    pub(super) fn ask_to_join(&self, cx: &mut Context<'_>) {
        let owned = self.had.clone();
        self.tell_coordinator(Msg::Join(Join { group: self.group, life: self.life, round: self.round, owned }), cx);
        let again = cx.settings().request_timeout;
        cx.set_timer(again, Timer::Retry);
    }

    pub(super) fn give_up(&mut self, parts: Vec<Part>, cx: &mut Context<'_>) {
        if parts.is_empty() {
            return;
        }
        for part in &parts {
            self.parts.remove(part);
        }
        self.queue.retain(|job| !parts.contains(&job.part));
        cx.note(Note::GaveUp { group: self.group, parts });
    }

    /// No answer to the wish to join.
    pub(in crate::cluster::commit_log) fn on_retry(&mut self, cx: &mut Context<'_>) {
        if self.joins && self.given.is_none() {
            self.ask_to_join(cx);
        }
    }

    /// It is given partitions.
    pub(in crate::cluster::commit_log) fn on_joined(
        &mut self,
        round: u32,
        generation: u32,
        parts: Vec<(Part, Option<u64>)>,
        cx: &mut Context<'_>,
    ) {
        if self.joins && round == self.round {
            self.given = Some((generation, parts));
            self.go_on(cx);
        }
    }

    /// Takes what it was given, and gives up what it has and was not given.
    pub(super) fn take_given(&mut self, cx: &mut Context<'_>) {
        let Some((generation, given)) = self.given.take() else { return };
        self.joins = false;
        self.generation = generation;
        self.send_commit(cx);
        self.had = given.iter().map(|(part, _)| *part).collect();
        let lost: Vec<Part> = self.parts.keys().filter(|own| given.iter().all(|(part, _)| part != *own)).copied().collect();
        // What it gave up only now can be another's in the next round.
        if !lost.is_empty() {
            self.owe(Due::Join);
        }
        self.give_up(lost, cx);
        for (part, mark) in &given {
            self.parts.entry(*part).or_insert(Place { next: *mark, ..Place::default() });
        }
        cx.note(Note::Got { group: self.group, parts: given.into_iter().map(|(part, _)| part).collect(), generation });
    }

    /// Time to tell its coordinator that it lives.
    pub(in crate::cluster::commit_log) fn on_heartbeat(&mut self, cx: &mut Context<'_>) {
        if self.generation > 0 || self.joins {
            self.tell_coordinator(Msg::Alive { group: self.group, life: self.life, generation: self.generation }, cx);
        }
        let every = cx.settings().heartbeat;
        cx.set_timer(every, Timer::Heartbeat);
    }

    /// What the coordinator says to that.
    pub(in crate::cluster::commit_log) fn on_standing(&mut self, generation: u32, standing: Standing, cx: &mut Context<'_>) {
        if self.joins || generation != self.generation {
            if standing == Standing::Unknown && self.joins && self.given.is_none() {
                // The coordinator is another, and has not heard of the wish to join.
                self.ask_to_join(cx);
            }
            return;
        }
        match standing {
            Standing::Fine => {}
            Standing::Rebalance => self.owe(Due::Join),
            Standing::Unknown => self.owe(Due::Anew),
        }
        self.go_on(cx);
    }
}
