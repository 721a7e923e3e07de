//! Laws of `published.json`, with 95 % intervals of batch means where the run is long enough for them.

use super::*;

/// Response times in milliseconds from the second second on, without the four ways of 0.25 ms.
fn responses(apps: u16, settings: &[(&str, &str)], rate: f64, seconds: u64) -> Vec<f64> {
    let all = [settings, &[("queue", "4000"), ("timeout", "60s"), ("try-timeout", "60s"), ("check", "none")]].concat();
    let run = bench_of(apps, &all, 5).load(rate).run(Span::s(seconds)).stop();
    let good = run.ended().good;
    good.iter().skip(rate as usize).map(|ms| ms - 1.0).collect()
}

/// The mean, and half of a 95 % interval by 20 batches.
fn batches(all: &[f64]) -> (f64, f64) {
    let means: Vec<f64> = all.chunks_exact(all.len() / 20).map(|batch| batch.iter().sum::<f64>() / batch.len() as f64).collect();
    let n = means.len() as f64;
    let mean = means.iter().sum::<f64>() / n;
    let variance = means.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / (n - 1.0);
    (mean, 2.09 * libm::sqrt(variance / n))
}

#[test]
fn one_worker_is_m_m_1() {
    let all = responses(1, &[("service", "exp(10ms)")], 50.0, 200);
    let (mean, half) = batches(&all);
    assert!((mean - 20.0).abs() < half.max(0.6), "mean {mean} ± {half}, theory 20");
    let mut sorted = all;
    sorted.sort_by(f64::total_cmp);
    let p90 = sorted[sorted.len() * 9 / 10];
    assert!((p90 / 46.05 - 1.0).abs() < 0.1, "p90 {p90}, theory 46.05");
}

#[test]
fn many_workers_are_m_m_c() {
    // Erlang C of 4 workers at 0.8: 0.5964, so that one waits 0.7455 service times on average.
    let (mean, half) = batches(&responses(1, &[("service", "exp(10ms)"), ("workers", "4")], 320.0, 60));
    assert!((mean - 17.455).abs() < half.max(0.9), "mean {mean} ± {half}, theory 17.455");
}

#[test]
fn a_service_of_constant_length_halves_the_waiting() {
    // M/D/1, from Pollaczek and Khinchine: r / (2 (1 - r)) service times of waiting.
    let (mean, half) = batches(&responses(1, &[("service", "const(10ms)")], 80.0, 120));
    assert!((mean - 30.0).abs() < half.max(2.0), "mean {mean} ± {half}, theory 30");
}

#[test]
fn little_is_an_identity() {
    let run = bench(3, &[("balancing", "random")]).load(240.0).run(Span::s(20)).stop();
    for number in 1..=3 {
        let line = run.sim.queueing(app(number));
        assert_eq!((line.waiting, line.serving), (0, 0));
        assert_eq!(line.line_area, line.waited);
        assert_eq!(line.arrived, line.done + line.rejected);
    }
}
