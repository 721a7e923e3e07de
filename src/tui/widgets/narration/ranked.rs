//! Which sentences are told where there is room for a few: many that are alike as one, and none that is loud is lost among usual ones.

use crate::cluster::tell::{Entry, Rank};
use crate::tui::widgets::text::Line;

/// At most so many sentences are loud at once: nobody sees more.
const LOUD: usize = 7;

/// An entry that is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Index {
    /// Its place among all.
    pub(super) entry: usize,
    /// Whether it is one of too many that would be loud.
    pub(super) quiet: bool,
    /// How many happenings between it and the next that is shown are not told.
    pub(super) left_out: usize,
}

/// The entries for so many lines, newest first, each with the lines that `block` makes of it. Half of the lines are for the newest,
/// whatever they say; the others for the newest that are never left out, and what is left over for the newest again.
pub(super) fn fitted(entries: &[Entry<'_>], lines: usize, block: impl Fn(Index) -> Vec<Line>) -> Vec<(usize, Vec<Line>)> {
    let height = |entry: usize| block(Index { entry, quiet: false, left_out: 0 }).len();
    let mut chosen: Vec<usize> = Vec::new();
    let mut left = lines;
    let mut take = |chosen: &mut Vec<usize>, entry: usize, least: usize| {
        let tall = if chosen.contains(&entry) { return true } else { height(entry) };
        // Half a sentence says nothing, except of the newest.
        let fits = tall + least <= left || (chosen.is_empty() && lines > 0);
        if fits {
            left = left.saturating_sub(tall);
            chosen.push(entry);
        }
        fits
    };
    let all = || 0..entries.len().min(lines);
    let _ = all().all(|entry| take(&mut chosen, entry, lines / 2));
    let kept = (0..entries.len()).filter(|entry| entries[*entry].rank > Rank::Usual).take(lines);
    let _ = { kept }.all(|entry| take(&mut chosen, entry, 0));
    let _ = all().all(|entry| take(&mut chosen, entry, 0));
    chosen.sort_unstable();
    let loud = chosen.iter().scan(0, |loud, entry| {
        *loud += usize::from(entries[*entry].rank > Rank::Usual);
        Some(*loud > LOUD)
    });
    let quiet: Vec<bool> = loud.collect();
    let shown = chosen.iter().enumerate().map(|(at, &entry)| {
        let newer = if at == 0 { None } else { chosen.get(at - 1) };
        let left_out = newer.map_or(0, |newer| entries[newer + 1..entry].iter().map(Entry::count).sum());
        let whole = block(Index { entry, quiet: quiet[at], left_out });
        // What says how much was left out is itself left out where it would need a line.
        let short = whole.len() > height(entry);
        (entry, if short { block(Index { entry, quiet: quiet[at], left_out: 0 }) } else { whole })
    });
    shown.collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::cluster::tell::{self, entries};
    use crate::cluster::{Happening, NoteMark, What};
    use crate::command::Poke;
    use crate::sim::id::{MsgId, NodeId};
    use crate::sim::time::Time;
    use crate::tui::widgets::scenes;
    use crate::tui::widgets::text::piece;

    fn happening((event, which): (u64, u8)) -> Happening {
        let node = NodeId::server(0);
        let does = |mark| What::Note { node, text: "n1 does something".into(), mark };
        let what = match which {
            0 => does(NoteMark::Leads),
            1 => What::Poked(Poke::HealAll),
            2 => What::Lost { id: MsgId(event), from: node, to: scenes::n(2), sent: Time(event), kind: scenes::REPLICATION, why: "cut" },
            _ => does(NoteMark::Applies),
        };
        Happening { event, at: Time(event), what }
    }

    proptest! {
        #[test]
        fn nothing_loud_is_left_out_for_something_usual(kinds in prop::collection::vec(0u8..40, 1..200), lines in 1usize..14) {
            let happenings: Vec<Happening> = (1..).zip(kinds).map(happening).collect();
            let entries = entries(&happenings, false, |_| None);
            let shown = fitted(&entries, lines, |index| vec![vec![piece(index.entry.to_string(), ratatui::style::Style::new())]]);
            prop_assert_eq!(shown.len(), lines.min(entries.len()));
            prop_assert!(shown.is_sorted_by_key(|(entry, _)| *entry) && shown[0].0 == 0);
            let shows = |entry: usize| shown.iter().any(|(other, _)| *other == entry);
            // Of the usual ones only the newest stand where one that is never left out does not.
            let missing = (0..entries.len()).find(|entry| entries[*entry].rank > Rank::Usual && !shows(*entry));
            if let Some(missing) = missing {
                let usual = shown.iter().filter(|(entry, _)| entries[*entry].rank == Rank::Usual).count();
                prop_assert!(usual <= lines.div_ceil(2), "{missing} of {entries:?}");
            }
            // Everything that happened is in one entry or another.
            let told: usize = entries.iter().map(Entry::count).sum();
            let all = happenings.iter().filter(|happening| tell::voice(&happening.what).is_some()).count();
            prop_assert_eq!(told, all);
        }
    }
}
