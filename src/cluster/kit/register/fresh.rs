//! Whether what a read returned may be the newest value: what every write made that could still explain it.

use crate::check::operation::{Key, Op, Value};

use super::nothing;
use crate::persistent::OrdMap;

/// The writes of every key that are not over for good, by what they make.
#[derive(Clone, Debug, Default)]
pub(super) struct Attempts(OrdMap<Key, Made>);

#[derive(Clone, Debug, Default)]
struct Made {
    /// What writes and compare-and-sets set.
    set: OrdMap<Value, Last>,
    /// What appends add.
    appended: OrdMap<Value, Last>,
    /// With more values than this, those that explain nothing any more are dropped.
    limit: usize,
}

/// The writes that make one value.
#[derive(Clone, Copy, Debug, Default)]
struct Last {
    open: u32,
    /// Whether one ended without an answer: it may happen at any time.
    unknown: bool,
    /// The last event at which one was acknowledged.
    acked: u64,
}

/// How a write ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// It took effect, and was acknowledged during this event.
    Acked(u64),
    /// It changed nothing.
    Never,
    /// Nobody knows.
    Unknown,
}

impl Last {
    /// Whether one of them can have come after what was called at this event.
    fn may_follow(&self, call: u64) -> bool {
        self.open > 0 || self.unknown || self.acked >= call
    }
}

impl Attempts {
    /// A client asks for this.
    pub(super) fn call(&mut self, op: &Op) {
        if let Some(last) = self.last(op) {
            last.open += 1;
        }
    }

    /// It ended. Values that only writes acknowledged before the event `floor` made explain no read any more.
    pub(super) fn end(&mut self, op: &Op, how: End, floor: u64) {
        let Some(last) = self.last(op) else { return };
        last.open = last.open.saturating_sub(1);
        match how {
            End::Acked(event) => last.acked = last.acked.max(event),
            End::Unknown => last.unknown = true,
            End::Never => {}
        }
        if let Some(made) = self.0.get_mut(op.key()).filter(|made| made.set.len() + made.appended.len() > made.limit) {
            made.forget(floor);
        }
    }

    /// Whether a write that was not over before the event `since` can have made a value of a key: it sets the value, or
    /// appends its end.
    pub(super) fn explain(&self, key: &Key, value: Option<&Value>, since: u64) -> bool {
        let Some(made) = self.0.get(key) else { return false };
        let value = value.cloned().unwrap_or_else(nothing);
        let sets = made.set.get(&value).is_some_and(|last| last.may_follow(since));
        sets || {
            let text = value.to_string();
            made.appended.iter().any(|(piece, last)| last.may_follow(since) && text.ends_with(&piece.to_string()))
        }
    }

    fn last(&mut self, op: &Op) -> Option<&mut Last> {
        let (value, appends) = match op {
            Op::Read { .. } => return None,
            Op::Write { value, .. } | Op::Cas { value, .. } => (value, false),
            Op::Append { value, .. } => (value, true),
        };
        let made = self.0.entry(op.key().clone()).or_default();
        let values = if appends { &mut made.appended } else { &mut made.set };
        Some(values.entry(value.clone()).or_default())
    }
}

impl Made {
    fn forget(&mut self, floor: u64) {
        for values in [&mut self.set, &mut self.appended] {
            *values = values.iter().filter(|(_, last)| last.may_follow(floor)).map(|(value, last)| (value.clone(), *last)).collect();
        }
        self.limit = 2 * (self.set.len() + self.appended.len()) + FEW;
    }
}

/// So many values of a key are kept without a look at them.
const FEW: usize = 4;
