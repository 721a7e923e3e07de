//! The numbers of operations: how long each took, and how old what a read returned was.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::cluster::condition::Quantity;
use crate::cluster::facts::{FactValue, Facts};
use crate::cluster::told::{Exchange, Outcome, Stamp};
use crate::command::Arg;

/// All operations of a run.
pub(super) struct Operations {
    all: Vec<Exchange>,
    /// The acknowledged writes of each key, in the order of their calls.
    writes: BTreeMap<String, Vec<Write>>,
}

struct Write {
    value: String,
    called: Stamp,
    acked: Stamp,
}

impl Operations {
    pub(super) fn of(all: Vec<Exchange>) -> Operations {
        let mut writes: BTreeMap<String, Vec<Write>> = BTreeMap::new();
        for exchange in &all {
            let (key, value) = (key(exchange), exchange.call.get("VALUE").and_then(Arg::value));
            if let (Some(key), Some(value), Some(acked), true) = (key, value, exchange.ended, exchange.outcome.is_ok()) {
                writes.entry(key).or_default().push(Write { value: value.to_string(), called: exchange.called, acked });
            }
        }
        Operations { all, writes }
    }

    /// The number of each ended operation with this verb, among those with these indices.
    pub(super) fn numbers(&self, verb: &str, quantity: &Quantity, which: Range<usize>, out: &mut Vec<f64>) -> Result<(), String> {
        let asks_age = quantity.names().any(|name| name == "behind");
        let mut facts = Facts::default();
        for exchange in self.all.get(which).unwrap_or_default().iter().filter(|exchange| exchange.call.verb.name == verb) {
            let Some(ended) = exchange.ended else { continue };
            let ok = exchange.outcome.is_ok();
            let not_there = || FactValue::Absent("it did not take effect".to_string());
            facts.clear();
            facts.put("ms", if ok { FactValue::Float(ended.at.since(exchange.called.at).as_ms()) } else { not_there() });
            facts.put("ok", FactValue::Bool(ok));
            facts.put("behind", asks_age.then(|| self.behind(exchange)).flatten().map_or_else(not_there, FactValue::int));
            out.extend(quantity.value_given(&facts)?);
        }
        Ok(())
    }

    /// How many writes of its key were acknowledged before a read was called, and called after the one that it returned was acknowledged.
    fn behind(&self, read: &Exchange) -> Option<usize> {
        let Outcome::Ok(told) = &read.outcome else { return None };
        let writes = self.writes.get(&key(read)?)?;
        // What it returned: the newest with this value that it can have seen.
        let seen = writes.iter().rev().find(|write| write.value == *told && read.ended.is_none_or(|ended| write.called < ended));
        let newer = |write: &&Write| write.acked < read.called && seen.is_none_or(|seen| write.called > seen.acked);
        // Calls are in order, so what was called before what was seen is no newer.
        Some(writes.iter().rev().take_while(|write| seen.is_none_or(|seen| write.called > seen.acked)).filter(newer).count())
    }
}

fn key(exchange: &Exchange) -> Option<String> {
    Some(exchange.call.get("KEY")?.key()?.to_string())
}
