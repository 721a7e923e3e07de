//! A counter that only grows.

use std::collections::BTreeSet;

use super::super::op::{Op, Ret};
use super::{Asked, Found, UNSHOWN};

/// So many sums are told apart; of more unknown additions only the least and the greatest.
const SUMS_MAX: usize = 4096;

/// Every last look shows the sum of what was added, and no look shows more than was ever asked for.
pub(super) fn counted(asked: &[Asked]) -> Found {
    let adds = || {
        asked.iter().filter_map(|one| match one.op {
            Op::Add(delta) if one.may_count() => Some((one, i128::from(delta))),
            _ => None,
        })
    };
    let mut looked = false;
    for look in asked {
        let Some(Ret::Total(shown)) = look.told() else { continue };
        let (shown, ended) = (i128::from(*shown), look.end.as_ref().map_or(u64::MAX, |(event, _)| *event));
        let most: i128 = adds().filter(|(one, _)| one.call < ended).map(|(_, delta)| delta).sum();
        if shown > most || shown < 0 {
            let why = format!("{} was shown {shown}, and no more than {most} had been added", look.client);
            return Found::Broken(why, vec![look.id]);
        }
        if !look.last {
            continue;
        }
        looked = true;
        let before: Vec<(&Asked, i128)> = adds().filter(|(one, _)| one.call < look.call).collect();
        let sure: i128 = before.iter().filter(|(one, _)| one.told().is_some()).map(|(_, delta)| delta).sum();
        let open = before.iter().filter(|(one, _)| one.told().is_none()).map(|(_, delta)| *delta);
        if !sums(sure, open).contains(shown) {
            let (less, ids) = if shown < sure { (true, witness(&before)) } else { (false, Vec::new()) };
            let what = if less { "less than was acknowledged" } else { "no sum of what may have been added" };
            let why = format!("{} was shown {shown} when all had been quiet, and {sure} had been acknowledged: {what}", look.client);
            return Found::Broken(why, ids.into_iter().chain([look.id]).collect());
        }
    }
    match (adds().next().is_none(), looked) {
        (true, _) => Found::Untested("nothing was added yet"),
        _ if asked.iter().any(|one| matches!(one.op, Op::Total) && one.is_unshown()) => Found::Untested(UNSHOWN),
        (_, false) => Found::Untested("nobody has looked yet when all had been quiet for `settle`"),
        _ => Found::Kept,
    }
}

/// The last additions that were acknowledged.
fn witness(adds: &[(&Asked, i128)]) -> Vec<u32> {
    const SHOWN: usize = 4;
    adds.iter().rev().filter(|(one, delta)| one.told().is_some() && *delta > 0).take(SHOWN).map(|(one, _)| one.id).collect()
}

/// The sums that there can be.
enum Sums {
    These(BTreeSet<i128>),
    Between(i128, i128),
}

fn sums(sure: i128, open: impl Iterator<Item = i128>) -> Sums {
    let open: Vec<i128> = open.collect();
    let mut sums = BTreeSet::from([sure]);
    for delta in &open {
        let more: Vec<i128> = sums.iter().map(|sum| sum + delta).collect();
        sums.extend(more);
        if sums.len() > SUMS_MAX {
            return Sums::Between(sure, sure + open.iter().sum::<i128>());
        }
    }
    Sums::These(sums)
}

impl Sums {
    fn contains(&self, sum: i128) -> bool {
        match self {
            Sums::These(all) => all.contains(&sum),
            Sums::Between(least, most) => (*least..=*most).contains(&sum),
        }
    }
}
