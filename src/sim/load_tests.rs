//! Streams of requests in the kernel.

use super::faults::Crash;
use super::history::Kind;
use super::kernel::Sim;
use super::testing::{C1, N1, Shop, jobs, ms, run, run_out, shop};
use super::time::{Span, Time};

fn calls(sim: &Sim<Shop>) -> Vec<Time> {
    sim.history().all().into_iter().filter(|record| matches!(record.kind, Kind::Invoke(_))).map(|record| record.time).collect()
}

#[test]
fn a_closed_load_thinks_or_waits_and_nothing_else() {
    let mut sim = shop(2, "exp(20ms)", 3);
    sim.set_load(C1, Some(jobs("closed 7 think exp(50ms)")));
    while sim.now() < ms(5_000) {
        sim.step();
        assert_eq!(sim.thinking(C1) + sim.open_requests(C1), 7);
    }
    sim.crash(N1, Crash::KeepDisk);
    run(&mut sim, ms(20_000));
    assert_eq!((sim.thinking(C1), sim.open_requests(C1)), (0, 7), "without an answer nobody asks again");
}

/// The response time law of a closed system: N = X (R + Z), here over a long run.
#[test]
fn a_closed_load_obeys_the_response_time_law() {
    let mut sim = shop(1, "exp(20ms)", 3);
    sim.set_load(C1, Some(jobs("closed 5 think exp(100ms)")));
    run(&mut sim, ms(400_000));
    let mut called = std::collections::BTreeMap::new();
    let (mut done, mut spent) = (0.0, 0.0);
    for record in sim.history().all() {
        if matches!(record.kind, Kind::Invoke(_)) {
            called.insert(record.request, record.time);
        } else {
            done += 1.0;
            spent += record.time.since(called[&record.request]).as_secs();
        }
    }
    let users = done / 400.0 * (spent / done + 0.1);
    assert!((users - 5.0).abs() < 0.1, "{users}");
}

#[test]
fn users_whose_requests_are_given_up_think_again() {
    let mut sim = shop(1, "const(1ms)", 3);
    let mut settings = sim.settings().clone();
    settings.patience = Some(Span::ms(100));
    sim.change_settings(settings);
    sim.crash(N1, Crash::KeepDisk);
    sim.set_load(C1, Some(jobs("closed 3 think const(0s)")));
    run(&mut sim, ms(1_000));
    assert_eq!(calls(&sim).len(), 3 * 10);
}

#[test]
fn a_load_can_be_changed_and_stopped() {
    let mut sim = shop(1, "const(0s)", 3);
    sim.set_load(C1, Some(jobs("steady 10/s")));
    run(&mut sim, ms(1_050));
    sim.set_load(C1, Some(jobs("at 5ms 5ms 200ms")));
    run(&mut sim, ms(2_000));
    sim.set_load(C1, Some(jobs("closed 4 think const(100ms)")));
    run(&mut sim, ms(2_150));
    let late: Vec<u64> = calls(&sim).into_iter().skip(9).map(|at| at.0 / 1_000_000).collect();
    assert_eq!(late, [1000, 1055, 1055, 1250, 2100, 2100, 2100, 2100]);
    assert!(sim.load(C1).is_some_and(|(load, since)| load.arrivals.users() == 4 && since == ms(2_000)));
    sim.set_load(C1, None);
    run_out(&mut sim);
    assert_eq!((calls(&sim).len(), sim.next_at(), sim.thinking(C1)), (17, None, 0));
}

#[test]
fn a_client_that_does_not_run_asks_nothing() {
    for load in ["steady 10/s", "closed 1 think const(99999us)"] {
        let mut sim = shop(1, "const(0s)", 3);
        sim.set_load(C1, Some(jobs(load)));
        run(&mut sim, ms(510));
        sim.crash(C1, Crash::KeepDisk);
        run(&mut sim, ms(1_010));
        sim.restart(C1);
        run(&mut sim, ms(1_510));
        assert_eq!(calls(&sim).len(), 10, "{load}");
    }
}

#[test]
fn equal_seeds_make_equal_streams() {
    let of = |seed| {
        let mut sim = shop(1, "exp(1ms)", seed);
        sim.set_load(C1, Some(jobs("wave 0/s to 100/s every 1s")));
        run(&mut sim, ms(3_000));
        (calls(&sim), sim.fingerprint())
    };
    assert_eq!(of(1), of(1));
    assert_ne!(of(1), of(2));
}
