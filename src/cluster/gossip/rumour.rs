//! Rumours: pushed, pulled or both, until everybody knows, or nobody tells them any more (Demers et al., PODC 1987, section 1.4).
//!
//! Two rules that the paper does not spell out, and without which its tables come out differently. What is told in a round, and what
//! counts as news in it, goes by what a member knew when the round began: two calls that bring the same news to one member are both of
//! use. And a round that was of use sets the counter of useless ones back to 0.

use std::sync::Arc;

use crate::check::operation::Key;
use crate::persistent::OrdMap;
use crate::sim::id::NodeId;
use crate::sim::time::Time;

use super::member::Member;
use super::message::{Body, Ret};
use super::note::Note;
use super::settings::{Losing, Settings, Spreading};
use super::{Context, Timer};

/// The most rumours that a member keeps.
pub(super) const RUMOURS_MAX: usize = 64;

/// Something that is to reach all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rumour {
    /// Two rumours with the same word are two rumours.
    pub number: u32,
    /// What it says.
    pub word: Key,
    /// The member that was told first.
    pub origin: NodeId,
}

/// What a member knows of a rumour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Known {
    /// The rumour.
    pub rumour: Rumour,
    /// In which of its rounds the member heard it.
    pub heard: u64,
    /// The same by its clock.
    pub at: Time,
    /// Whether it tells it.
    pub is_hot: bool,
    /// How often it has told it.
    pub told: u32,
    /// Rounds one after the other that were of no use.
    useless: u32,
    /// What came of the calls of this round.
    round: Came,
}

/// What came of the calls of a round.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Came {
    /// There were none, or nothing is known of them.
    #[default]
    Nothing,
    /// Whoever was called knew it.
    Useless,
    /// It was news for one of them.
    Useful,
}

/// The rumours that a member has heard.
#[derive(Clone, Debug, Default)]
pub(super) struct Rumours {
    known: OrdMap<u32, Known>,
    /// How many rounds have begun.
    rounds: u64,
}

impl Rumours {
    /// All of them, by number.
    pub(super) fn known(&self) -> &OrdMap<u32, Known> {
        &self.known
    }

    /// Those that are told in this round: it knew them when the round began.
    fn told(&mut self) -> Arc<[Rumour]> {
        let rounds = self.rounds;
        let numbers: Vec<u32> = self.known.iter().filter(|(_, known)| known.is_hot && known.heard < rounds).map(|(n, _)| *n).collect();
        let told = numbers.iter().filter_map(|number| {
            let known = self.known.get_mut(number)?;
            known.told += 1;
            Some(known.rumour.clone())
        });
        told.collect()
    }

    /// Whether there is anything to tell.
    fn is_anything_told(&self) -> bool {
        self.known.values().any(|known| known.is_hot && known.heard < self.rounds)
    }

    /// Whether a rumour is news in this round.
    fn is_news(&self, number: u32) -> bool {
        self.known.get(&number).is_none_or(|known| known.heard == self.rounds)
    }

    fn note(&mut self, number: u32, came: Came) {
        if let Some(known) = self.known.get_mut(&number)
            && known.round != Came::Useful
        {
            known.round = came;
        }
    }
}

impl Member {
    /// A client tells it something that is to reach all.
    pub(super) fn start_rumour(&mut self, number: u32, word: Key, cx: &mut Context<'_>) -> Result<Ret, &'static str> {
        if self.rumours.known.values().any(|known| known.rumour.word == word) {
            return Ok(Ret::Known);
        }
        if self.rumours.known.len() >= RUMOURS_MAX {
            return Err("it has heard as many rumours as it can keep");
        }
        cx.note(Note::Starts { rumour: number, word: word.clone() });
        self.learn(Rumour { number, word, origin: self.me }, cx.clock());
        Ok(Ret::Started)
    }

    fn learn(&mut self, rumour: Rumour, at: Time) {
        let heard = self.rumours.rounds;
        let known = Known { rumour, heard, at, is_hot: true, told: 0, useless: 0, round: Came::Nothing };
        self.rumours.known.insert(known.rumour.number, known);
    }

    /// A round begins: what came of the last one is counted, and others are called.
    pub(super) fn on_round(&mut self, cx: &mut Context<'_>) {
        cx.set_timer(cx.settings().round, Timer::Round);
        self.count_round(cx);
        self.rumours.rounds += 1;
        let spreading = cx.settings().spreading;
        if spreading == Spreading::Push && !self.rumours.is_anything_told() {
            return;
        }
        for called in self.drawn(cx.settings().fan_out, |_, belief| belief.is_there(), cx) {
            let body = match spreading {
                Spreading::Push => Body::Push(self.tell(cx)),
                Spreading::Pull => Body::Pull,
                Spreading::PushPull => Body::Exchange(self.tell(cx)),
            };
            self.talk(called, body, cx);
        }
    }

    /// What it tells in one call. Without feedback, it takes every call for useless.
    fn tell(&mut self, cx: &mut Context<'_>) -> Arc<[Rumour]> {
        let told = self.rumours.told();
        if cx.settings().stop.is_some() && !cx.settings().feedback {
            told.iter().for_each(|rumour| self.rumours.note(rumour.number, Came::Useless));
        }
        told
    }

    /// Loses interest in what was of no use for long enough.
    fn count_round(&mut self, cx: &mut Context<'_>) {
        let Some(k) = cx.settings().stop else { return };
        let numbers: Vec<u32> = self.rumours.known.keys().copied().collect();
        for number in numbers {
            let Some(known) = self.rumours.known.get_mut(&number) else { continue };
            let came = std::mem::take(&mut known.round);
            if !known.is_hot || came == Came::Nothing {
                continue;
            }
            known.useless = if came == Came::Useful { 0 } else { known.useless + 1 };
            let is_over = match cx.settings().losing {
                Losing::Counter => known.useless >= k,
                Losing::Coin => came == Came::Useless && cx.rng().chance(1.0 / f64::from(k)),
            };
            if is_over {
                known.is_hot = false;
                cx.note(Note::Rests { rumour: number, word: known.rumour.word.clone() });
            }
        }
    }

    /// A member says something about rumours.
    pub(super) fn on_rumours(&mut self, from: NodeId, body: Body, cx: &mut Context<'_>) {
        match body {
            Body::Push(told) | Body::Answer(told) => self.on_told(from, &told, cx),
            Body::Pull => self.answer_call(from, cx),
            Body::Exchange(told) => {
                self.answer_call(from, cx);
                self.on_told(from, &told, cx);
            }
            Body::Feedback(all) => {
                for (number, is_news) in all {
                    self.rumours.note(number, if is_news { Came::Useful } else { Came::Useless });
                }
            }
            _ => {}
        }
    }

    /// Tells what it told when the round began. Who has nothing to tell does not answer.
    fn answer_call(&mut self, from: NodeId, cx: &mut Context<'_>) {
        if self.rumours.is_anything_told() {
            let told = self.tell(cx);
            self.talk(from, Body::Answer(told), cx);
        }
    }

    fn on_told(&mut self, from: NodeId, told: &[Rumour], cx: &mut Context<'_>) {
        let news: Vec<(u32, bool)> = told.iter().map(|rumour| (rumour.number, self.rumours.is_news(rumour.number))).collect();
        for rumour in told {
            if !self.rumours.known.contains_key(&rumour.number) {
                cx.note(Note::Hears { rumour: rumour.number, word: rumour.word.clone(), from });
                self.learn(rumour.clone(), cx.clock());
            }
        }
        if wants_feedback(cx.settings()) && !news.is_empty() {
            self.talk(from, Body::Feedback(news), cx);
        }
    }
}

/// Whether whoever tells wants to know whether it was news.
fn wants_feedback(settings: &Settings) -> bool {
    settings.stop.is_some() && settings.feedback
}
