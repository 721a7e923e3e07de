//! Whether anything but heartbeats happens: a learner is not left watching what says nothing.

use crate::cluster::What;
use crate::sim::time::{Span, Time};

use super::Walk;
use super::part::Part;

/// Seconds of play at 1x with nothing but heartbeats, after which play stops.
const SECONDS: f64 = 2.0;

/// Seconds of play at 1x that something may be ahead, so that play goes on; in virtual time at least [`AHEAD`].
const AHEAD_SECONDS: f64 = 15.0;

/// Long enough for a timer of a cluster to go off, however slowly it is played.
const AHEAD: Span = Span::s(2);

/// As far is looked ahead while a client waits: at last it gives up, and that is seen.
const ANSWER: Span = Span::s(60);

/// So many of the requests that were made last are looked at for one that waits.
const ASKED: usize = 64;

/// So many events ahead are looked at.
const AHEAD_EVENTS: u64 = 20_000;

/// So many of the things that happened last are looked at.
const LATELY: usize = 1024;

/// The most things that one event does which are looked at.
const AT_ONCE: usize = 64;

/// What is known of the stretch of a run that is being watched.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Watched {
    /// When the last thing happened, or play began.
    since: Time,
    /// When the next thing happens, where that was looked up.
    next: Option<Time>,
}

impl Walk {
    /// The learner did something, or play stopped: a new stretch begins.
    pub(super) fn watch_anew(&mut self) {
        self.watched = Watched { since: self.stage().at(), next: None };
    }

    /// Whether nothing but heartbeats has come for two seconds, and nothing else is about to.
    pub(super) fn is_quiet(&mut self) -> bool {
        let Part::One(solo) = &self.part else { return false };
        let (now, until) = (solo.timeline.at(), self.pace().scaled(AHEAD_SECONDS).max(AHEAD));
        if solo.next_stop(Time::END, false).is_some() || self.watched.next.is_some_and(|next| next > now) {
            return false;
        }
        let mut newest = Vec::new();
        solo.timeline.cluster().latest(self.watched.since.min(now), LATELY, &mut newest);
        let news = newest.iter().rev().find(|h| is_news(&h.what));
        let since = news.map_or(self.watched.since, |last| last.at).min(now);
        self.watched = Watched { since, next: None };
        if now.since(since) < self.pace().scaled(SECONDS) {
            return false;
        }
        let waits = solo.timeline.cluster().recent(ASKED).1.iter().any(|own| own.ended.is_none());
        let until = if waits { until.max(ANSWER) } else { until };
        let mut ahead = solo.timeline.fork();
        let last = ahead.events() + AHEAD_EVENTS;
        let mut comes = false;
        let looked = ahead.until_with(until, |cluster| {
            newest.clear();
            cluster.latest(cluster.now(), AT_ONCE, &mut newest);
            comes = cluster.now() > now && newest.iter().any(|h| is_news(&h.what));
            Ok(comes || cluster.events() >= last)
        });
        self.watched.next = Some(ahead.at()).filter(|_| comes);
        looked.is_ok() && !comes
    }
}

/// Whether it says more than that somebody is alive.
fn is_news(what: &What) -> bool {
    match what {
        What::Arrived { kind, .. } | What::Lost { kind, .. } => !kind.sign.is_quiet(),
        What::Poked(_) | What::Called(_) | What::Returned(..) | What::Note { .. } => true,
    }
}
