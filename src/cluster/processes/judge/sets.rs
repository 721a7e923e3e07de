//! Echoes, numbers of one's own, and what is told to all.

use std::collections::{BTreeMap, BTreeSet};

use crate::check::operation::Value;

use super::super::op::{Op, Ret};
use super::{Asked, Found, UNSHOWN};

/// What comes back is what was sent.
pub(super) fn echoed(asked: &[Asked]) -> Found {
    let mut answered = asked.iter().filter_map(|one| match (&one.op, one.told()) {
        (Op::Echo(sent), Some(Ret::Echoed(back))) => Some((one, sent, back)),
        _ => None,
    });
    let mut any = false;
    let wrong = answered.find(|(_, sent, back)| {
        any = true;
        sent != back
    });
    match wrong {
        Some((one, sent, back)) => Found::Broken(format!("{} sent `{sent}`, and `{back}` came back", one.client), vec![one.id]),
        None if any => Found::Kept,
        None => Found::Untested("no echo has come back yet"),
    }
}

/// No number is given twice.
pub(super) fn unique(asked: &[Asked]) -> Found {
    let mut given: BTreeMap<&Value, &Asked> = BTreeMap::new();
    for one in asked {
        let Some(Ret::Id(id)) = one.told() else { continue };
        if let Some(first) = given.insert(id, one) {
            let who = if first.client == one.client {
                format!("{} was given {id} twice", one.client)
            } else {
                format!("{} and {} were both given {id}", first.client, one.client)
            };
            return Found::Broken(who, vec![first.id, one.id]);
        }
    }
    if given.len() > 1 { Found::Kept } else { Found::Untested("no two numbers were given yet") }
}

/// So many operations that are lost are enough to see it.
const SHOWN: usize = 4;

/// Every last look at a node shows all that was acknowledged; no look shows anything twice, or what nobody has sent.
pub(super) fn spread(asked: &[Asked]) -> Found {
    let mut sent: BTreeMap<&Value, &Asked> = BTreeMap::new();
    for one in asked.iter().filter(|one| one.may_count()) {
        if let Op::Broadcast(value) = &one.op {
            sent.entry(value).or_insert(one);
        }
    }
    let mut looked = false;
    for look in asked {
        let Some(Ret::Messages(shown)) = look.told() else { continue };
        if let Some(broken) = strange(look, shown, &sent) {
            return broken;
        }
        if !look.last {
            continue;
        }
        looked = true;
        let lost = sent.iter().filter(|(value, one)| one.told().is_some() && one.call < look.call && !shown.contains(value));
        let lost: Vec<(&Value, u32)> = lost.map(|(value, one)| (*value, one.id)).collect();
        if let Some((first, _)) = lost.first() {
            let others = match lost.len() {
                1 => String::new(),
                2 => " and another".to_string(),
                many => format!(" and {} others", many - 1),
            };
            let why = format!("{first}{others}: acknowledged, and missing from what {} was shown when all had been quiet", look.client);
            return Found::Broken(why, lost.iter().take(SHOWN).map(|(_, id)| *id).chain([look.id]).collect());
        }
    }
    match (sent.is_empty(), looked) {
        (true, _) => Found::Untested("nothing was broadcast yet"),
        _ if asked.iter().any(|one| matches!(one.op, Op::Messages) && one.is_unshown()) => Found::Untested(UNSHOWN),
        (_, false) => Found::Untested("nobody has looked yet when all had been quiet for `settle`"),
        _ => Found::Kept,
    }
}

/// What is wrong with a look whenever it comes.
fn strange(look: &Asked, shown: &[Value], sent: &BTreeMap<&Value, &Asked>) -> Option<Found> {
    let ended = look.end.as_ref().map_or(u64::MAX, |(event, _)| *event);
    let mut seen: BTreeSet<&Value> = BTreeSet::new();
    for value in shown {
        let known = sent.get(value).filter(|one| one.call < ended);
        if known.is_none() {
            return Some(Found::Broken(format!("{} was shown {value}, which nobody had broadcast", look.client), vec![look.id]));
        }
        if !seen.insert(value) {
            let ids = known.map(|one| one.id).into_iter().chain([look.id]).collect();
            return Some(Found::Broken(format!("{} was shown {value} twice in one answer", look.client), ids));
        }
    }
    None
}
