//! The past of a run, as far as screens show it. It is large, so copies of a picture share it, and a picture that is a copy only notes
//! what is to be changed: nothing is copied from frame to frame.

use std::ops::Range;

use crate::cluster::tell::Names;
use crate::cluster::told::{Exchange, Told};
use crate::cluster::{Cluster, Happening};
use crate::sim::time::Time;
use crate::tui::widgets::Operations;

/// The most happenings that are kept of it: as many as no screen has room for, and little to keep.
pub(super) const MOST_HAPPENINGS: usize = 16_384;

/// When there would be more, so many go at once that the others move seldom.
const SPARE: usize = MOST_HAPPENINGS / 4;

/// Fewer happenings than this before the present may leave a screen empty that has more to show.
pub(super) const FEW: usize = 1024;

/// The most operations that are kept for what happened to point into.
pub(super) const MOST_OPERATIONS: usize = 4096;

/// What happened, and what clients asked and were told.
#[derive(Clone, Debug, Default)]
pub(super) struct Past {
    /// The newest client operations.
    pub(super) operations: Operations,
    /// What happened lately and, after a rewind, what was seen to happen next; oldest first.
    pub(super) story: Vec<Happening>,
    /// Something happened before the story that it does not tell.
    pub(super) cut: bool,
}

/// What is to be changed of a past.
#[derive(Clone, Debug)]
pub(super) struct News {
    asked: Asked,
    names: Names,
    edit: Edit,
}

/// How the operations are brought up to date.
#[derive(Clone, Debug)]
enum Asked {
    /// By what further lines of the history tell.
    More(Vec<Told>),
    /// By collecting them anew.
    Anew((usize, Vec<Exchange>)),
}

/// How the story is brought up to date.
#[derive(Clone, Debug)]
struct Edit {
    before: Vec<Happening>,
    /// What stays of it.
    keep: Range<usize>,
    /// It does not begin where the run does.
    cut: bool,
    after: Vec<Happening>,
}

impl Past {
    /// What this cluster tells that is not known here. `known`: how many lines of its history are. The story need not go back beyond
    /// `since`.
    pub(super) fn news(&self, cluster: &dyn Cluster, names: Names, known: Option<usize>, since: Time) -> News {
        News { asked: asked(cluster, known), names, edit: self.edit(cluster, since) }
    }

    /// Takes it in.
    pub(super) fn hear(&mut self, News { asked, names, edit }: News) {
        match asked {
            Asked::More(told) => self.operations.hear(told, MOST_OPERATIONS),
            Asked::Anew(all) => self.operations = Operations::new(all),
        }
        self.operations.call(names);
        self.story.truncate(edit.keep.end);
        self.cut = edit.cut;
        drop(self.story.splice(..edit.keep.start, edit.before));
        self.story.extend(edit.after);
    }

    /// What happened since it was looked last is added; after a rewind what is known to come is kept.
    fn edit(&self, cluster: &dyn Cluster, since: Time) -> Edit {
        let now = cluster.events();
        let mut edit = Edit { before: Vec::new(), keep: 0..self.story.len(), cut: self.cut, after: Vec::new() };
        if self.story.last().is_none_or(|last| last.event <= now) {
            let from = self.story.last().map_or(since, |last| since.max(last.at));
            edit.keep.end = self.story.partition_point(|h| h.at < from);
            cluster.latest(from, MOST_HAPPENINGS, &mut edit.after);
            edit.keep.start = self.first_kept(edit.keep.end, edit.after.len(), since);
            edit.cut |= edit.keep.start > 0 || (self.story.is_empty() && from > Time::ZERO);
        } else if self.story.first().is_some_and(|first| first.at > since && first.event > 1) && self.told_by(now) < FEW {
            // Gone back to where the story begins: what came before it is told again, and what is to come is kept if it joins on.
            let told = self.told_by(now);
            let to_come = if told > 0 { MOST_HAPPENINGS / 2 } else { 0 };
            edit.keep = told..self.story.len().min(told + to_come);
            cluster.latest(since, MOST_HAPPENINGS / 2, &mut edit.before);
            edit.cut = since > Time::ZERO || edit.before.len() == MOST_HAPPENINGS / 2;
        }
        edit
    }

    /// The first of the `known` that stays when so many more come.
    fn first_kept(&self, known: usize, more: usize, since: Time) -> usize {
        if more == MOST_HAPPENINGS {
            // Where not all of it could be told, what is older does not join on.
            return known;
        }
        let old = self.story[..known].partition_point(|h| h.at < since);
        match known + more {
            all if all > MOST_HAPPENINGS => old.max(all - MOST_HAPPENINGS + SPARE).min(known),
            _ if old > SPARE => old,
            _ => 0,
        }
    }

    /// How many of the story happened up to this event.
    pub(super) fn told_by(&self, event: u64) -> usize {
        self.story.partition_point(|h| h.event <= event)
    }
}

fn asked(cluster: &dyn Cluster, known: Option<usize>) -> Asked {
    match known {
        Some(known) if (known..=known + MOST_OPERATIONS).contains(&cluster.history_len()) => Asked::More(cluster.told_since(known)),
        _ => Asked::Anew(cluster.recent(MOST_OPERATIONS)),
    }
}
