//! What users asked and got: rates and response times of the last second, and counts so far.

use crate::cluster::facts::FactValue;
use crate::cluster::live::{Live, Staged};
use crate::persistent::OrdMap;
use crate::sim::history::{Kind, Record};
use crate::sim::id::RequestId;
use crate::sim::time::{Span, Time};

use super::facts::{Fact, float, int};
use super::recent::{Rate, Recent};

/// What is remembered of it.
#[derive(Clone, Debug, Default)]
pub struct Served {
    /// Requests that users began.
    pub offered: Rate,
    /// Requests that were answered: the goodput.
    pub good: Rate,
    /// Requests that ended in another way.
    pub bad: Rate,
    /// Response times of those that were answered.
    pub response: Recent,
    called: OrdMap<RequestId, Time>,
}

/// A cluster that remembers what its users asked and got.
pub trait Serves: Staged {
    /// Where.
    fn served(watch: &Self::Watch) -> &Served;
}

impl Served {
    /// Takes in a line of the history. How long a request took, where one ended.
    pub fn record<Op, Ret>(&mut self, record: &Record<Op, Ret>) -> Option<Span> {
        let Record { request, time, .. } = *record;
        if let Kind::Invoke(_) = record.kind {
            self.offered.add(time);
            self.called.insert(request, time);
            return None;
        }
        let took = time.since(self.called.remove(&request).unwrap_or(time));
        if let Kind::Ok(_) = record.kind {
            self.good.add(time);
            self.response.add(time, took);
        } else {
            self.bad.add(time);
        }
        Some(took)
    }
}

/// A length with its count; none of none.
pub fn sampled(span: Option<Span>, of: u64) -> FactValue {
    span.map_or_else(|| FactValue::Absent("nothing to measure".into()), |span| FactValue::Sampled { value: span.as_ms(), of })
}

/// A percentile of the last second, in thousandths.
pub fn lately(recent: &Recent, permille: u64) -> FactValue {
    match recent.permille(permille) {
        Some(span) => FactValue::Sampled { value: span.as_ms(), of: recent.count() },
        None => FactValue::Absent(format!("too few: {} in the last second", recent.count())),
    }
}

fn seen<P: Serves>(live: &Live<P>) -> &Served {
    P::served(live.watched())
}

fn a_second<P: Serves>(live: &Live<P>, rate: impl Fn(&Served) -> &Rate) -> FactValue {
    FactValue::Float(rate(seen(live)).per_second(live.sim().now()))
}

/// How much users ask and get.
pub const fn rates<P: Serves>() -> [Fact<P>; 8] {
    [
        float("offered_per_s", "Requests that users began, a second, in the last second.", |live| a_second(live, |s| &s.offered)),
        float("goodput_per_s", "Requests that were answered well, a second, in the last second.", |live| a_second(live, |s| &s.good)),
        float("failed_per_s", "Requests that ended without a good answer, a second, in the last second.", |live| {
            a_second(live, |s| &s.bad)
        }),
        float("failed_share", "The share of the requests that ended in the last second without a good answer, 0 to 1.", |live| {
            let now = live.sim().now();
            let (good, bad) = (seen(live).good.per_second(now), seen(live).bad.per_second(now));
            if good + bad > 0.0 {
                FactValue::Float(bad / (good + bad))
            } else {
                FactValue::Absent("no request ended in the last second".into())
            }
        }),
        int("offered", "Requests that users began so far.", |live| FactValue::int(seen(live).offered.total() as usize)),
        int("served", "Requests so far that were answered well.", |live| FactValue::int(seen(live).good.total() as usize)),
        int("open", "Requests that wait for their answer.", |live| FactValue::int(live.meter().open())),
        int("failed", "Requests so far that ended without a good answer.", |live| FactValue::int(seen(live).bad.total() as usize)),
    ]
}

/// How long they wait for it.
pub const fn times<P: Serves>() -> [Fact<P>; 5] {
    [
        float("mean_ms", "Mean response time of the good answers of the last second.", |live| {
            sampled(seen(live).response.mean(), seen(live).response.count())
        }),
        float("p50_ms", "Half of the good answers of the last second took at most this long.", |live| lately(&seen(live).response, 500)),
        float("p95_ms", "95 of 100 good answers of the last second took at most this long.", |live| lately(&seen(live).response, 950)),
        float("p99_ms", "99 of 100 good answers of the last second took at most this long.", |live| lately(&seen(live).response, 990)),
        float("p999_ms", "999 of 1,000 good answers of the last second took at most this long.", |live| lately(&seen(live).response, 999)),
    ]
}
