//! What a leader makes of a request, by what it has itself and nobody else: the answer, and the change of a row.

use std::sync::Arc;

use crate::algo::crdt::AddWins;
use crate::algo::version::Dot;
use crate::check::operation::{Key, Op, Ret, Value};
use crate::cluster::kit::register::{evaluate, nothing};
use crate::sim::id::NodeId;

use super::change::{Context, What};
use super::disk::Disk;
use super::request::Request;
use super::row::{Row, items_of, set_of};
use super::settings::{Policy, Replaces, Settings};

/// A change that is not stamped yet.
#[derive(Debug)]
pub(super) struct Draft {
    /// The row.
    pub key: Key,
    /// What becomes of it.
    pub what: What,
    /// The row that it answers.
    pub answers: Option<Key>,
    /// The table and number of a new row.
    pub inserted: Option<(Key, u64)>,
}

/// An answer: the result, and the word for it where there is a better one than for the result.
#[derive(Debug)]
pub(super) struct Verdict {
    /// The result.
    pub ret: Ret,
    /// The word for it.
    pub word: Option<&'static str>,
    /// What changes.
    pub draft: Option<Draft>,
}

impl Verdict {
    fn plain(ret: Ret, draft: Option<Draft>) -> Verdict {
        Verdict { ret, word: None, draft }
    }

    fn no(word: &'static str) -> Verdict {
        Verdict { ret: Ret::NotSwapped, word: Some(word), draft: None }
    }
}

/// A leader that decides.
pub(super) struct Desk<'a> {
    /// Who.
    pub me: NodeId,
    /// What it has.
    pub disk: &'a Disk,
    /// How it is set.
    pub settings: &'a Settings,
    /// What the client has seen of the row.
    pub seen: &'a Context,
}

impl Desk<'_> {
    /// What becomes of a request. The error says why it is refused.
    pub(super) fn decide(&self, request: &Request) -> Result<Verdict, String> {
        let key = request.key();
        let row = self.disk.row(key);
        match request {
            Request::Plain(op) => Ok(self.plain(op, &row)),
            Request::Book(op) => Ok(match self.plain(op, &row) {
                Verdict { ret: Ret::NotSwapped, .. } => Verdict::no("taken"),
                booked => booked,
            }),
            Request::Comment(op, on) => self.comment(op, on.as_ref(), &row),
            Request::Insert { table, value } => Ok(self.insert(table, value)),
            Request::Buy(key) => match self.number(key, &row)? {
                ..=0 => Ok(Verdict::no("sold out")),
                _ => Ok(Verdict { ret: Ret::Swapped, word: None, draft: Some(self.count(key, &row, -1)?) }),
            },
            Request::Add(key, amount) => Ok(Verdict::plain(Ret::Done, Some(self.count(key, &row, *amount)?))),
            Request::Include(key, item) => Ok(Verdict::plain(Ret::Done, Some(self.items(key, &row, item, true)))),
            Request::Exclude(key, item) => Ok(Verdict::plain(Ret::Done, Some(self.items(key, &row, item, false)))),
        }
    }

    fn plain(&self, op: &Op, row: &Row) -> Verdict {
        let (ret, value) = evaluate(op, row.value(self.settings.rule()).as_ref());
        let blind = matches!(op, Op::Write { .. });
        let draft = value.map(|value| self.write(op.key(), row, Some(value).filter(|value| *value != nothing()), blind));
        Verdict::plain(ret, draft)
    }

    /// A write of a row whole. Of one that did not look at the row first, what it takes the place of is a matter of the settings.
    fn write(&self, key: &Key, row: &Row, value: Option<Value>, blind: bool) -> Draft {
        let context = if blind && self.settings.replaces == Replaces::Seen { self.seen.clone() } else { row.context() };
        let value = value.map(|value| row.base_of(value));
        Draft { key: key.clone(), what: What::Write { value, context }, answers: None, inserted: None }
    }

    fn comment(&self, op: &Op, on: Option<&Key>, row: &Row) -> Result<Verdict, String> {
        if let Some(missing) = on.filter(|on| self.disk.value(on, self.settings.rule()).is_none()) {
            return Err(format!("there is no {missing} to answer here"));
        }
        let mut verdict = self.plain(op, row);
        if let Some(draft) = &mut verdict.draft {
            draft.answers = on.cloned();
        }
        Ok(verdict)
    }

    /// A new row. Its key is the leader's next, which it believes to be free.
    fn insert(&self, table: &Key, value: &Value) -> Verdict {
        let number = self.disk.next_key(table, self.me.index() as u64 + 1, self.settings);
        let key: Key = numbered(table, number);
        let draft = Draft { inserted: Some((table.clone(), number)), ..self.write(&key, &self.disk.row(&key), Some(value.clone()), false) };
        Verdict::plain(Ret::Value(Some(Value::Int(number as i64))), Some(draft))
    }

    /// The number that a row holds; nothing counts as 0.
    fn number(&self, key: &Key, row: &Row) -> Result<i64, String> {
        match row.value(self.settings.rule()) {
            None => Ok(0),
            Some(Value::Int(number)) => Ok(number),
            Some(text @ Value::Text(_)) => Err(format!("{key} is {text}, which is no number")),
        }
    }

    fn count(&self, key: &Key, row: &Row, amount: i64) -> Result<Draft, String> {
        let number = self.number(key, row)?;
        if self.settings.policy == Policy::Crdt {
            let what = What::Count(row.counter.plus(self.me, amount));
            return Ok(Draft { key: key.clone(), what, answers: None, inserted: None });
        }
        Ok(self.write(key, row, Some(Value::Int(number.saturating_add(amount))), false))
    }

    fn items(&self, key: &Key, row: &Row, item: &Value, put_in: bool) -> Draft {
        if self.settings.policy == Policy::Crdt {
            let what = What::Items(if put_in { AddWins::with(item.clone(), self.next()) } else { row.items.without(item) });
            return Draft { key: key.clone(), what, answers: None, inserted: None };
        }
        let mut items = row.value(self.settings.rule()).map_or_else(Vec::new, |value| items_of(&value));
        items.retain(|other| other != item);
        items.extend(put_in.then(|| item.clone()));
        self.write(key, row, Some(set_of(items.into_iter())), false)
    }

    /// The dot of its next change.
    pub(super) fn next(&self) -> Dot<NodeId> {
        Dot { actor: self.me, counter: self.disk.seen.counter(self.me) + 1 }
    }
}

/// The row of a table with this automatic key: `orders:7001`.
pub(super) fn numbered(table: &Key, number: u64) -> Key {
    Arc::from(format!("{table}:{number}"))
}
