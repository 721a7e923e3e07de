//! Merging what two leaders took at the same time (DDIA, chapter 5, "Handling Write Conflicts").
//!
//! A rejoining server hands over what its log *changed*, each write with the value that it left there: a compare-and-set that
//! was refused changed nothing and is no part of a merge, and one that succeeded is not evaluated again on another value. A key
//! is merged as a whole: what a later write of the same log replaced is not in conflict with anybody.

use std::sync::Arc;

use crate::check::operation::{Key, Value};
use crate::sim::id::RequestId;

use super::entry::{Change, Data, Disk, Offer, Written};
use super::message::Note;
use super::server::Context;
use super::settings::MergePolicy;

/// Merges into this leader's log what parted from it. `false`: its disk is full, and not all of it is there.
pub(super) fn merge_offer(offer: &Offer, cx: &mut Context<'_>) -> bool {
    let Offer { fork, writes } = offer;
    let ours = writes_after(cx.disk(), *fork);
    let (mut kept, mut wanted, mut overruled) = (0, 0, Vec::new());
    for key in keys(writes) {
        let of_key = |list: &[Written]| list.iter().filter(|written| written.key == *key).cloned().collect::<Vec<_>>();
        let (theirs, ours) = (of_key(writes), of_key(&ours));
        let new: Vec<Written> = theirs.iter().filter(|written| !cx.disk().seen.contains(written.request.0)).cloned().collect();
        let Some(last) = new.last() else { continue };
        wanted += new.len();
        match parted(&theirs, &ours).map(|ours_last| merge(cx.settings().merge, last, ours_last)) {
            None => kept += take(&new, last, cx),
            Some(Merged::Both(whole)) => kept += take(&new, &whole, cx),
            Some(Merged::Theirs) => {
                overruled.extend(conflicting(&theirs, &ours));
                kept += take(&new, last, cx);
            }
            Some(Merged::Ours) => {
                wanted -= new.len();
                overruled.extend(new.iter().map(|written| written.request));
            }
        }
    }
    cx.note(Note::Merges { kept, overruled: overruled.into() });
    kept == wanted
}

/// What a log changed after an index, in order.
pub(super) fn writes_after(disk: &Disk, index: u64) -> Vec<Written> {
    let mut data = Data::new();
    let mut writes = Vec::new();
    for (at, entry) in (1..).zip(disk.log.iter()) {
        super::entry::apply(&mut data, at, &entry);
        let Some(request) = entry.request().filter(|_| at > index) else { continue };
        let cell = entry.key().and_then(|key| data.get_key_value(key)).filter(|(_, cell)| cell.index == at);
        writes.extend(cell.map(|(key, cell)| Written {
            request,
            key: key.clone(),
            value: cell.value.clone(),
            stamp: cell.stamp,
            beside: cell.beside.clone(),
        }));
    }
    writes
}

/// The keys of some writes, each once, in order.
fn keys(writes: &[Written]) -> std::collections::BTreeSet<&Key> {
    writes.iter().map(|written| &written.key).collect()
}

/// Of this log's writes of a key those that the other log does not have.
fn conflicting<'a>(theirs: &'a [Written], ours: &'a [Written]) -> impl Iterator<Item = RequestId> + 'a {
    ours.iter().map(|written| written.request).filter(|request| !theirs.iter().any(|written| written.request == *request))
}

/// This log's last write of a key, if the other log does not have it: the two logs have parted there.
fn parted<'a>(theirs: &[Written], ours: &'a [Written]) -> Option<&'a Written> {
    ours.last().filter(|last| !theirs.iter().any(|written| written.request == last.request))
}

/// What becomes of a key.
enum Merged {
    /// The leader's value stays.
    Ours,
    /// The rejoining server's value replaces it.
    Theirs,
    /// Both stay, side by side.
    Both(Written),
}

/// Which of two last writes of a key stays. Equal time stamps are decided by the request, so that it does not depend on who
/// rejoins.
fn merge(policy: MergePolicy, theirs: &Written, ours: &Written) -> Merged {
    match policy {
        MergePolicy::LastWriteWins if (ours.stamp, ours.request) > (theirs.stamp, theirs.request) => Merged::Ours,
        MergePolicy::LastWriteWins => Merged::Theirs,
        MergePolicy::KeepBoth => Merged::Both(Written {
            value: both(&ours.value, &theirs.value),
            stamp: ours.stamp.max(theirs.stamp),
            beside: Some(side_by_side(theirs, ours)),
            ..theirs.clone()
        }),
    }
}

/// The other requests whose values stand beside the first's.
fn side_by_side(theirs: &Written, ours: &Written) -> Arc<[RequestId]> {
    let beside = [theirs, ours].into_iter().flat_map(|written| written.beside.iter().flat_map(|list| list.iter().copied()));
    let mut all: Vec<RequestId> = beside.chain([ours.request]).collect();
    all.sort_unstable();
    all.dedup();
    all.into()
}

/// Puts another log's writes of one key into this one, each with what the key is after the merge. How many there was room for.
fn take(writes: &[Written], whole: &Written, cx: &mut Context<'_>) -> usize {
    let whole = Arc::new(whole.clone());
    let mut append = |request| super::replicate::append(Change::Merge(request, Arc::clone(&whole)), Some(whole.stamp), cx);
    writes.iter().filter_map(|written| append(written.request)).count()
}

/// Two values side by side: `7 | 9`. The order does not depend on who merges.
fn both(a: &Value, b: &Value) -> Value {
    let mut texts: Vec<String> = [a, b].iter().flat_map(|v| v.to_string().split(" | ").map(str::to_string).collect::<Vec<_>>()).collect();
    texts.sort();
    texts.dedup();
    Value::Text(Arc::from(texts.join(" | ")))
}

/// The numbers of some requests.
pub(super) fn ids(requests: &[RequestId]) -> impl Iterator<Item = u32> + '_ {
    requests.iter().map(|request| request.0)
}
