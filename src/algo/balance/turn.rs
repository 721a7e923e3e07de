//! Rules that go round.

use super::Target;

/// Where a round robin stands: at the server that was picked last, and not at a place in a list that changes.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Turn {
    /// The number after the server picked last.
    next: usize,
}

impl Turn {
    /// The first usable server from `next` on, round the end.
    pub(super) fn next(&mut self, usable: &[usize]) -> Option<usize> {
        let after = usable.partition_point(|number| *number < self.next);
        let picked = *usable.get(after).or_else(|| usable.first())?;
        self.next = picked + 1;
        Some(picked)
    }
}

/// Smooth weighted round robin: everybody earns its weight, the richest is picked and pays what all earned.
pub(super) fn smooth(targets: &mut [Target], usable: &[usize]) -> Option<usize> {
    let (mut total, mut richest) = (0, None::<usize>);
    for number in usable {
        let target = &mut targets[*number];
        target.credit += i64::from(target.weight);
        total += i64::from(target.weight);
        let credit = target.credit;
        if richest.is_none_or(|best| credit > targets[best].credit) {
            richest = Some(*number);
        }
    }
    targets[richest?].credit -= total;
    richest
}
