//! What happened as entries to be told: many that are alike as one.

use super::{Likeness, Names, Rank, Voice, likeness, voice};
use crate::cluster::Happening;
use crate::cluster::told::Exchange;

/// So many sentences that are alike are told one by one; of more the newest, and how many there are.
const ALIKE: usize = 3;

/// So far back sentences are looked at.
const FAR: usize = 4096;

/// What can be told in one sentence.
#[derive(Clone, Debug)]
pub struct Entry<'a> {
    /// What happened; of many the newest.
    pub happening: &'a Happening,
    /// How much it matters.
    pub rank: Rank,
    /// That so many more were like it, where it stands for those.
    pub many: Option<Many>,
}

/// Many that are alike.
#[derive(Clone, Debug)]
pub struct Many {
    /// What they have in common.
    pub like: Likeness,
    /// How many of them there are.
    pub count: usize,
    /// There may be more, further back than was looked at.
    pub at_least: bool,
}

/// What there is to tell, newest first. Between two sentences that stand alone, many that are alike are one. `exchange` finds what calls
/// and returns point at. `cut`: something happened before these that is not told here.
pub fn entries<'a, 'e>(happenings: &'a [Happening], cut: bool, exchange: impl Fn(usize) -> Option<&'e Exchange>) -> Vec<Entry<'a>> {
    let mut all = Vec::new();
    let mut stretch: Vec<(Entry<'a>, Likeness)> = Vec::new();
    for happening in happenings.iter().rev().take(FAR) {
        let Some(rank) = voice(&happening.what).map(Voice::rank) else { continue };
        let entry = Entry { happening, rank, many: None };
        match likeness(&happening.what, &exchange) {
            Some(like) => stretch.push((entry, like)),
            None if rank < Rank::Loud => {}
            None => {
                grouped(std::mem::take(&mut stretch), false, &mut all);
                all.push(entry);
            }
        }
    }
    grouped(stretch, cut || happenings.len() > FAR, &mut all);
    all
}

/// The entries of a stretch in which nothing stands alone. `cut`: it may begin further back.
fn grouped<'a>(stretch: Vec<(Entry<'a>, Likeness)>, cut: bool, out: &mut Vec<Entry<'a>>) {
    let mut counts: Vec<(Likeness, usize)> = Vec::new();
    for (_, like) in &stretch {
        match counts.iter_mut().find(|(other, _)| other == like) {
            Some((_, count)) => *count += 1,
            None => counts.push((like.clone(), 1)),
        }
    }
    for (entry, like) in stretch {
        let Some((_, count)) = counts.iter_mut().find(|(other, count)| *other == like && *count > 0) else { continue };
        out.push(entry.clone());
        if *count > ALIKE {
            out.push(Entry { many: Some(Many { like, count: *count - 1, at_least: cut }), ..entry });
            *count = 0;
        }
    }
}

impl Many {
    /// The sentence for them, after one was told: `c1 asks 24 more: read`.
    pub fn sentence(&self, names: &Names) -> String {
        let least = if self.at_least { "at least " } else { "" };
        self.like.more(&format!("{least}{}", self.count), names)
    }
}

impl Entry<'_> {
    /// How many happenings it stands for.
    pub fn count(&self) -> usize {
        self.many.as_ref().map_or(1, |many| many.count)
    }
}
