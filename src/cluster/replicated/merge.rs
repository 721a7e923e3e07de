//! Merging what two leaders took at the same time (DDIA, chapter 5, "Handling Write Conflicts").

use std::sync::Arc;

use crate::check::operation::{Op, Value};
use crate::sim::id::RequestId;

use super::entry::{Change, Entry};
use super::message::Note;
use super::server::{Context, Role, Server};
use super::settings::MergePolicy;

impl Server {
    /// A rejoining node hands over entries that parted from this leader's log after `fork`.
    pub(super) fn on_offer(&mut self, fork: u64, entries: &[Entry], cx: &mut Context<'_>) {
        if !matches!(self.role, Role::Leader(_)) {
            return;
        }
        let (mut kept, mut overruled) = (0, Vec::new());
        for entry in entries {
            let Some(request) = entry.request().filter(|r| !cx.disk().seen.contains_key(&r.0)) else { continue };
            match self.merged(entry, fork, cx) {
                Some(change) => {
                    kept += 1;
                    super::replicate::append(change, Some(entry.stamp), cx);
                    self.catch_up(cx);
                }
                None => overruled.push(request),
            }
        }
        cx.note(Note::Merges { kept, overruled: overruled.into() });
        self.replicate(cx);
    }

    /// What an entry becomes in this log; `None` when a newer write overrules it.
    fn merged(&self, entry: &Entry, fork: u64, cx: &Context<'_>) -> Option<Change> {
        let (request, key) = (entry.request()?, entry.key()?.clone());
        let ours = self.data.get(&key).filter(|cell| cell.index > fork);
        let Some(ours) = ours else { return Some(entry.change.clone()) };
        match cx.settings().merge {
            MergePolicy::LastWriteWins if ours.stamp >= entry.stamp => None,
            MergePolicy::LastWriteWins => Some(entry.change.clone()),
            MergePolicy::KeepBoth => {
                let theirs = written(&entry.change)?;
                Some(Change::Merge(request, key, both(&ours.value, theirs)))
            }
        }
    }
}

/// The value that a change writes, or would append.
fn written(change: &Change) -> Option<&Value> {
    match change {
        Change::Do(_, Op::Write { value, .. } | Op::Cas { value, .. } | Op::Append { value, .. }) | Change::Merge(_, _, value) => {
            Some(value)
        }
        Change::Do(_, Op::Read { .. }) | Change::Start => None,
    }
}

/// Two values side by side: `7 | 9`. The order does not depend on who merges.
fn both(a: &Value, b: &Value) -> Value {
    let mut texts: Vec<String> = [a, b].iter().flat_map(|v| v.to_string().split(" | ").map(str::to_string).collect::<Vec<_>>()).collect();
    texts.sort();
    texts.dedup();
    Value::Text(Arc::from(texts.join(" | ")))
}

/// The requests among these that were acknowledged; used by the facts.
pub(super) fn ids(requests: &[RequestId]) -> impl Iterator<Item = u32> + '_ {
    requests.iter().map(|request| request.0)
}
