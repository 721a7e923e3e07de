//! The facts of registers.

use crate::cluster::facts::FactValue;
use crate::cluster::kit::facts::{Fact, float, int, mean, percentile};
use crate::cluster::live::{Live, Percentile};

use super::{Register, Registers};

fn register<P: Registers>(live: &Live<P>) -> &Register {
    P::register(live.watched())
}

/// How writes and reads ended, and what waits.
pub const fn operations<P: Registers>() -> [Fact<P>; 8] {
    [
        int("acked", "Writes that were acknowledged. A compare-and-set that found another value than it expected is no write.", |live| {
            FactValue::int(live.meter().changes.ok)
        }),
        int("failed", "Writes that failed for certain.", |live| FactValue::int(live.meter().changes.failed)),
        int("unknown", "Writes whose client got no answer in time: they may have happened or not.", |live| {
            FactValue::int(live.meter().changes.unknown)
        }),
        int("unswapped", "Compare-and-sets that were answered: the value was another than expected, and nothing changed.", |live| {
            FactValue::int(live.meter().unchanged)
        }),
        int("reads_ok", "Reads that were answered.", |live| FactValue::int(live.meter().looks.ok)),
        int("reads_failed", "Reads that were refused or got no answer.", |live| FactValue::int(live.meter().looks.failed)),
        int("refused", "Requests, reads and writes, that a server refused.", |live| FactValue::int(live.meter().refused)),
        int("open", "Requests that wait for their answer.", |live| FactValue::int(live.meter().open())),
    ]
}

/// What reads returned that was too old.
pub const fn staleness<P: Registers>() -> [Fact<P>; 2] {
    [
        int(
            "stale_reads",
            "Reads that returned something older than a write that was acknowledged before the read was called, where no other write can have made what they returned.",
            |live| FactValue::int(register(live).stale_reads),
        ),
        float("staleness_max_ms", "Of all stale reads: how long at most the newest write had been acknowledged; 0 without any.", |live| {
            FactValue::Float(register(live).staleness_max.as_ms())
        }),
    ]
}

/// How long writes and reads took.
pub const fn latencies<P: Registers>() -> [Fact<P>; 6] {
    [
        float("write_ms_mean", "Mean time from call to acknowledgement of writes.", |live| mean(&live.meter().change_latency)),
        float("write_ms_p50", "Median time from call to acknowledgement of writes; none with fewer than 2.", |live| {
            percentile(&live.meter().change_latency, Percentile::P50)
        }),
        float("write_ms_p99", "99th percentile of the time from call to acknowledgement of writes; none with fewer than 100.", |live| {
            percentile(&live.meter().change_latency, Percentile::P99)
        }),
        float("read_ms_mean", "Mean time from call to answer of reads.", |live| mean(&live.meter().look_latency)),
        float("read_ms_p50", "Median time from call to answer of reads; none with fewer than 2.", |live| {
            percentile(&live.meter().look_latency, Percentile::P50)
        }),
        float("read_ms_p99", "99th percentile of the time from call to answer of reads; none with fewer than 100.", |live| {
            percentile(&live.meter().look_latency, Percentile::P99)
        }),
    ]
}
