//! Stations against queueing theory, and under every fault.

use super::faults::Crash;
use super::history::Kind;
use super::kernel::Sim;
use super::station::{Discipline, Queueing, Station};
use super::testing::{C1, Job, Msg, N1, Settings, Shop, jobs, ms, run, run_out, shop, shop_of};
use super::time::{Span, Time};

/// The promises of a station that hold whatever happens.
fn check(sim: &Sim<Shop>) -> Queueing {
    let q = sim.queueing(N1);
    let node = sim.node(N1);
    assert_eq!(q.arrived, u64::from(q.waiting + q.serving) + q.done + q.rejected + q.lost, "{q:?}");
    assert!(q.serving + q.kept <= q.workers, "{q:?}");
    assert!(q.busy.0 <= sim.now().0 * u64::from(q.workers), "{q:?}");
    assert!(q.waiting <= q.most_waiting && q.most_waiting <= sim.line(N1).station().queue, "{q:?}");
    assert!(q.waiting == 0 || q.serving + q.kept == q.workers || node.is_paused(), "work conserving: {q:?}");
    assert_eq!(q.waiting as usize, sim.line(N1).waiting().count());
    assert_eq!(q.serving as usize, sim.line(N1).workers().flatten().count());
    assert_eq!(sim.line(N1).workers().count(), q.workers as usize);
    q
}

fn checked(sim: &mut Sim<Shop>, until: Time) -> Queueing {
    while sim.next_at().is_some_and(|at| at <= until) {
        sim.step();
        check(sim);
    }
    sim.wait_until(until);
    check(sim)
}

/// The probability that one has to wait at `workers` servers under `load` (in servers): Erlang C, from the recursion of Erlang B.
fn erlang_c(workers: u32, load: f64) -> f64 {
    let b = erlang_b(workers, load);
    let c = f64::from(workers);
    c * b / (c - load * (1.0 - b))
}

fn erlang_b(workers: u32, load: f64) -> f64 {
    (1..=workers).fold(1.0, |b, c| load * b / (f64::from(c) + load * b))
}

/// Runs a queue until about so many came and all are served, and returns its mean wait in mean service times.
fn mean_wait(workers: u32, service: &str, rho: f64, came: f64) -> f64 {
    let mut sim = shop(workers, service, 11);
    let rate = rho * f64::from(workers) * 1000.0;
    sim.set_load(C1, Some(jobs(&format!("{rate}/s"))));
    run(&mut sim, Time::ZERO + Span::from_ns_f64(came / rate * 1e9));
    sim.set_load(C1, None);
    run_out(&mut sim);
    let q = check(&sim);
    assert_eq!(q.line_area, q.waited, "Little's law, exactly: the run begins and ends empty");
    assert!((q.arrived as f64 / came - 1.0).abs() < 4.0 / libm::sqrt(came));
    // Every job is busy for its service time and for no other: the utilisation is what the load says.
    let busy = q.busy.as_secs() / sim.now().as_secs() / f64::from(workers);
    assert!((busy / rho - 1.0).abs() < 0.03, "{busy} of {rho}");
    q.waited as f64 / 1e6 / q.done as f64
}

/// Mean waits as in published tables (unit of time: one mean service). The tolerance is three standard deviations of the estimate,
/// for M/M/1 by Daley's formula (1968): n times its variance tends to rho (2 + 5 rho - 4 rho^2 + rho^3) / (1 - rho)^4.
#[test]
fn waits_are_those_of_m_m_c() {
    let n = 60_000.0;
    let sd = |rho: f64| libm::sqrt(rho * (2.0 + 5.0 * rho - 4.0 * rho * rho + rho * rho * rho) / n) / (1.0 - rho) / (1.0 - rho);
    for rho in [0.5, 0.8] {
        let wait = mean_wait(1, "exp(1ms)", rho, n);
        let expected = rho / (1.0 - rho);
        assert!((wait - expected).abs() < 3.0 * sd(rho), "{wait} against {expected}");
    }
    for (workers, rho, expected) in [(2, 0.8, 1.777_778), (5, 0.8, 0.554_113), (10, 0.8, 0.204_59)] {
        let theory = erlang_c(workers, rho * f64::from(workers)) / (f64::from(workers) * (1.0 - rho));
        assert!((theory - expected).abs() < 1e-5, "the formula gives the published value: {theory}");
        let wait = mean_wait(workers, "exp(1ms)", rho, n);
        assert!((wait - expected).abs() < 3.0 * sd(rho) / f64::from(workers), "{workers}: {wait} against {expected}");
    }
}

/// M/D/1 waits half as long as M/M/1 (Pollaczek and Khinchine).
#[test]
fn waits_are_those_of_m_g_1() {
    let wait = mean_wait(1, "const(1ms)", 0.8, 60_000.0);
    assert!((wait - 2.0).abs() < 0.15, "{wait}");
}

/// Without room to wait, Erlang's loss formula says how many are turned away.
#[test]
fn losses_are_those_of_erlang_b() {
    let station = Station { workers: 4, queue: 0, discipline: Discipline::FirstCome };
    let service = "exp(1ms)".parse().unwrap();
    let mut sim = shop_of(Settings { station, service, keep: None, patience: None }, 3);
    sim.set_load(C1, Some(jobs("3000/s")));
    run(&mut sim, ms(10_000));
    let q = check(&sim);
    let (lost, expected) = (q.rejected as f64 / q.arrived as f64, erlang_b(4, 3.0));
    assert!((lost - expected).abs() < 0.012, "{lost} against {expected}");
    let refused = sim.history().all().into_iter().filter(|record| matches!(record.kind, Kind::Refused(_))).count();
    assert_eq!(refused as u64, q.rejected, "each was told");
}

fn handled(sim: &Sim<Shop>) -> &[u32] {
    sim.node(N1).state().map_or(&[], |shop| &shop.handled)
}

#[test]
fn the_discipline_is_the_order_of_service() {
    for (discipline, order) in
        [(Discipline::FirstCome, [0, 1, 2, 3, 4]), (Discipline::LastCome, [0, 4, 3, 2, 1]), (Discipline::Priority, [0, 3, 4, 1, 2])]
    {
        let station = Station { workers: 1, queue: 10, discipline };
        let settings = Settings { station, service: "const(10ms)".parse().unwrap(), keep: None, patience: None };
        let mut sim = shop_of(settings, 1);
        for priority in [0, 1, 1, 2, 2] {
            sim.request(C1, Job(priority), None);
            let soon = sim.now() + Span::us(1);
            checked(&mut sim, soon);
        }
        checked(&mut sim, ms(100));
        assert_eq!(handled(&sim), order, "{discipline:?}");
    }
}

#[test]
fn at_most_so_many_wait_and_the_rest_is_told() {
    let station = Station { workers: 2, queue: 3, discipline: Discipline::FirstCome };
    let mut sim = shop_of(Settings { station, service: "const(10ms)".parse().unwrap(), keep: None, patience: None }, 1);
    (0..8).for_each(|_| _ = sim.request(C1, Job(0), None));
    let q = checked(&mut sim, ms(1));
    assert_eq!((q.serving, q.waiting, q.rejected), (2, 3, 3));
    let q = checked(&mut sim, ms(100));
    assert_eq!((q.done, q.busy, q.line_area), (5, Span::ms(50), 40_000_000));
    assert_eq!(q.waited, q.line_area);
}

#[test]
fn a_slow_node_takes_longer_also_with_what_it_is_busy_with() {
    let mut sim = shop(1, "const(10ms)", 1);
    sim.request(C1, Job(0), None);
    sim.request(C1, Job(0), None);
    checked(&mut sim, ms(4));
    sim.slow(N1, 10.0);
    checked(&mut sim, ms(63));
    assert_eq!(handled(&sim).len(), 0);
    checked(&mut sim, ms(64));
    assert_eq!(handled(&sim).len(), 1, "4 ms were done, 6 took ten times as long");
    sim.slow(N1, 1.0);
    checked(&mut sim, ms(74));
    assert_eq!(handled(&sim).len(), 2);
}

#[test]
fn a_pause_stops_the_work_and_what_is_left_comes_after() {
    let mut sim = shop(1, "const(10ms)", 1);
    sim.request(C1, Job(0), None);
    sim.request(C1, Job(0), None);
    checked(&mut sim, ms(4));
    sim.pause(N1);
    let q = checked(&mut sim, ms(1000));
    assert_eq!((q.serving, q.waiting, handled(&sim).len()), (1, 1, 0));
    sim.slow(N1, 2.0);
    sim.resume(N1);
    checked(&mut sim, ms(1011));
    assert_eq!(handled(&sim).len(), 0);
    checked(&mut sim, ms(1012));
    assert_eq!(handled(&sim).len(), 1, "6 ms were left, at half the speed");
    let q = checked(&mut sim, ms(2000));
    assert_eq!((handled(&sim).len(), q.waited), (2, 1_012_000_000));
}

#[test]
fn a_crash_loses_what_is_there_and_a_restart_begins_empty() {
    let mut sim = shop(2, "const(10ms)", 1);
    (0..5).for_each(|_| _ = sim.request(C1, Job(0), None));
    checked(&mut sim, ms(4));
    sim.crash(N1, Crash::KeepDisk);
    let q = check(&sim);
    assert_eq!((q.lost, q.serving, q.waiting, sim.next_at()), (5, 0, 0, None));
    sim.restart(N1);
    sim.request(C1, Job(0), None);
    let q = checked(&mut sim, ms(100));
    assert_eq!((q.done, q.arrived, handled(&sim).len()), (1, 6, 1));
    assert_eq!(q.busy, Span::ms(18));
}

#[test]
fn a_worker_that_is_kept_serves_nobody() {
    let station = Station { workers: 2, queue: 10, discipline: Discipline::FirstCome };
    let settings = Settings { station, service: "const(10ms)".parse().unwrap(), keep: Some(Span::ms(100)), patience: None };
    let mut sim = shop_of(settings, 1);
    (0..4).for_each(|_| _ = sim.request(C1, Job(0), None));
    let q = checked(&mut sim, ms(50));
    assert_eq!((q.done, q.kept, q.waiting), (2, 2, 2));
    let q = checked(&mut sim, ms(500));
    assert_eq!((q.done, q.kept, q.busy), (4, 0, Span::ms(440)));
}

#[test]
fn what_is_handled_beside_the_line_waits_for_no_worker() {
    let mut sim = shop(1, "const(10ms)", 1);
    sim.request(C1, Job(0), None);
    checked(&mut sim, ms(1));
    sim.command(C1, |_, cx| cx.send(N1, Msg::Probe));
    let q = checked(&mut sim, ms(2));
    assert_eq!((q.done, q.serving), (1, 1));
}

#[test]
fn more_workers_begin_at_once_and_fewer_finish_what_they_have() {
    let mut sim = shop(1, "const(10ms)", 1);
    (0..6).for_each(|_| _ = sim.request(C1, Job(0), None));
    checked(&mut sim, ms(1));
    let mut settings = sim.settings().clone();
    settings.station.workers = 3;
    sim.change_settings(settings.clone());
    assert_eq!(check(&sim).serving, 3);
    settings.station.workers = 1;
    sim.change_settings(settings);
    run(&mut sim, ms(11));
    assert_eq!((handled(&sim).len(), sim.queueing(N1).serving), (3, 1));
    run(&mut sim, ms(100));
    assert_eq!(sim.queueing(N1).done, 6);
}

/// Two designs under one seed draw the same service times for the same messages.
#[test]
fn service_times_are_a_concern_of_their_own() {
    let busy = |workers| {
        let mut sim = shop(workers, "exp(1ms)", 4);
        sim.set_load(C1, Some(jobs("steady 500/s")));
        run(&mut sim, ms(1_000));
        sim.set_load(C1, None);
        run_out(&mut sim);
        let q = check(&sim);
        (q.done, q.busy)
    };
    assert_eq!(busy(1), busy(7));
}
