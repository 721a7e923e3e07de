//! What users asked and got.

use crate::cluster::facts::FactValue;
use crate::cluster::kit::facts::{Fact, float, int, mean, percentile};
use crate::cluster::kit::served::{self, Served, Serves};
use crate::cluster::live::{Live, Percentile};

use super::super::watch::Watch;
use super::Traffic;

impl Serves for Traffic {
    fn served(watch: &Watch) -> &Served {
        &watch.served
    }
}

/// What users asked and got.
pub(super) static RATES: [Fact<Traffic>; 8] = served::rates();
/// Response times of the last second.
pub(super) static TIMES: [Fact<Traffic>; 5] = served::times();
/// Response times so far.
pub(super) static SO_FAR: [Fact<Traffic>; 3] = [
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

fn cause(live: &Live<Traffic>, number: usize) -> FactValue {
    FactValue::int(live.watched().causes[number] as usize)
}
