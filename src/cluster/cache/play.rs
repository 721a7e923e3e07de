//! Traces that an application plays: one read after the other, for one request of a client.

use std::sync::Arc;

use crate::algo::eviction::{Asked, again};
use crate::algo::trace::Title;
use crate::algo::zipf::Zipf;
use crate::check::operation::{Key, Ret};
use crate::sim::id::{NodeId, RequestId};
use crate::sim::time::Span;

use super::app::{App, For};
use super::message::{Answer, Msg};
use super::request::{Done, Tape, tape_of};
use super::{Context, Timer};

/// A trace that is being played.
#[derive(Clone, Debug)]
pub(super) struct Play {
    client: NodeId,
    /// What it asks for.
    pub keys: Arc<[Key]>,
    /// Whether each is asked for only once by its trace.
    once: Arc<[bool]>,
    /// For each the number of the next request for the same key.
    again: Arc<[Option<u64>]>,
    /// The number of the one under way.
    pub at: usize,
    /// How many have hit.
    pub hits: u32,
}

/// The keys of a part of a trace, each with whether the trace asks for it only once.
fn keys(client: NodeId, (tape, count, place): (u32, u32, u64), cx: &mut Context<'_>) -> Vec<(Key, bool)> {
    let places = place..place + u64::from(count);
    match tape_of(tape).0 {
        Tape::Typed => {
            let typed = Arc::clone(&cx.settings().tape);
            places.filter_map(|at| typed.get((at % typed.len() as u64) as usize).cloned()).map(|key| (key, false)).collect()
        }
        Tape::Drawn(trace) => {
            let (titles, looped) = (cx.settings().titles, u64::from(cx.settings().loop_titles));
            let zipf = Zipf::new(cx.settings().skew.unwrap_or_default(), titles);
            let title = |at| match trace.title(at, &zipf, looped, cx.rng().unit()) {
                Title::Known(number) => (format!("k{number}").into(), false),
                Title::Once(number) => (format!("{client}-{number}").into(), true),
            };
            places.map(title).collect()
        }
    }
}

impl App {
    /// Begins to play a part of a trace.
    pub(super) fn play(&mut self, client: NodeId, request: RequestId, part: (u32, u32, u64), cx: &mut Context<'_>) {
        let (keys, once): (Vec<Key>, Vec<bool>) = keys(client, part, cx).into_iter().unzip();
        let again = again(&keys).into();
        self.plays.insert(request, Play { client, keys: keys.into(), once: once.into(), again, at: 0, hits: 0 });
        self.play_on(request, cx);
    }

    /// Asks for the next key, or tells how it was.
    pub(super) fn play_on(&mut self, request: RequestId, cx: &mut Context<'_>) {
        let Some(play) = self.plays.get(&request) else { return };
        let Some(key) = play.keys.get(play.at).cloned() else { return self.end_play(request, cx) };
        let asked = Asked { draw: cx.rng().unit(), again: play.again.get(play.at).copied().flatten() };
        self.counts.scanned += u64::from(play.once.get(play.at) == Some(&true));
        self.get(&key, asked, For::Play(request), cx);
    }

    /// A key of a trace was answered. The next one follows in an event of its own, so that no handler runs without bound.
    pub(super) fn played(&mut self, request: RequestId, hit: bool, cx: &mut Context<'_>) {
        let Some(play) = self.plays.get_mut(&request) else { return };
        play.at += 1;
        play.hits += u32::from(hit);
        let is_over = play.at == play.keys.len();
        let at_once = cx.settings().pace == Span::ZERO && !cx.settings().has_local();
        if is_over || at_once {
            return self.play_on(request, cx);
        }
        let pace = cx.settings().pace;
        cx.set_timer(pace, Timer::Next(request));
    }

    fn end_play(&mut self, request: RequestId, cx: &mut Context<'_>) {
        let Some(play) = self.plays.remove(&request) else { return };
        let played = Some((play.hits, play.keys.len() as u32));
        let done = Done { ret: Ret::Done, wrote: None, source: None, played };
        cx.send(play.client, Msg::Told { request, answer: Answer::Done(done) });
    }
}
