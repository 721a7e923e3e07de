//! What users asked and got.

use crate::cluster::facts::FactValue;
use crate::cluster::kit::facts::{Fact, float, int, mean, percentile};
use crate::cluster::live::{Live, Percentile};

use super::{Traffic, none, sampled};

/// What users asked and got.
pub(super) static RATES: [Fact<Traffic>; 8] = [
    float("offered_per_s", "Requests that users began, a second, in the last second.", |live| {
        FactValue::Float(live.watched().offered.per_second(live.sim().now()))
    }),
    float("goodput_per_s", "Requests that were answered with a page, a second, in the last second.", |live| {
        FactValue::Float(live.watched().good.per_second(live.sim().now()))
    }),
    float("failed_per_s", "Requests that ended without a page, a second, in the last second.", |live| {
        FactValue::Float(live.watched().bad.per_second(live.sim().now()))
    }),
    float("failed_share", "The share of the requests that ended in the last second without a page, 0 to 1.", |live| {
        let (seen, now) = (live.watched(), live.sim().now());
        let (good, bad) = (seen.good.per_second(now), seen.bad.per_second(now));
        if good + bad > 0.0 { FactValue::Float(bad / (good + bad)) } else { none("no request ended in the last second") }
    }),
    int("offered", "Requests that users began so far.", |live| FactValue::int(live.watched().offered.total() as usize)),
    int("served", "Requests so far that were answered with a page.", |live| FactValue::int(live.watched().good.total() as usize)),
    int("open", "Requests that wait for their answer.", |live| FactValue::int(live.meter().open())),
    int("failed", "Requests so far that ended without a page.", |live| FactValue::int(live.watched().bad.total() as usize)),
];
/// Response times.
pub(super) static TIMES: [Fact<Traffic>; 8] = [
    float("mean_ms", "Mean response time of the pages of the last second.", |live| {
        let response = &live.watched().response;
        sampled(response.mean(), response.count())
    }),
    float("p50_ms", "Half of the pages of the last second took at most this long.", |live| lately(live, 500)),
    float("p95_ms", "95 of 100 pages of the last second took at most this long.", |live| lately(live, 950)),
    float("p99_ms", "99 of 100 pages of the last second took at most this long.", |live| lately(live, 990)),
    float("p999_ms", "999 of 1,000 pages of the last second took at most this long.", |live| lately(live, 999)),
    float("response_ms_mean", "Mean response time of all pages so far.", |live| mean(&live.meter().look_latency)),
    float("response_ms_p50", "Half of all pages so far took at most this long.", |live| {
        percentile(&live.meter().look_latency, Percentile::P50)
    }),
    float("response_ms_p99", "99 of 100 of all pages so far took at most this long.", |live| {
        percentile(&live.meter().look_latency, Percentile::P99)
    }),
];
/// Why requests ended without a page, so far.
pub(super) static CAUSES: [Fact<Traffic>; 5] = [
    int("refused_full", "Requests so far that ended without a page because a queue was full.", |live| cause(live, 0)),
    int("failed_error", "Requests so far that ended with the error of a server.", |live| cause(live, 1)),
    int("failed_late", "Requests so far that the front gave up because a server did not answer in time.", |live| cause(live, 2)),
    int("refused_nobody", "Requests so far that the front refused because it may use no server.", |live| cause(live, 3)),
    int("no_answer", "Requests so far that their users gave up.", |live| cause(live, 4)),
];

fn lately(live: &Live<Traffic>, permille: u64) -> FactValue {
    let response = &live.watched().response;
    match response.permille(permille) {
        Some(span) => FactValue::Sampled { value: span.as_ms(), of: response.count() },
        None => FactValue::Absent(format!("too few: {} pages in the last second", response.count())),
    }
}

fn cause(live: &Live<Traffic>, number: usize) -> FactValue {
    FactValue::int(live.watched().causes[number] as usize)
}
