//! Requests that are tried again, and storms of them.

use super::*;

fn attempts(run: &Bench) -> usize {
    (1..=4).map(|number| run.given(number, Span::ZERO)).sum()
}

#[test]
fn load_grows_by_the_retries_and_no_more() {
    for (retries, most) in [("0", 1.0), ("2", 3.0)] {
        let run = bench(4, &[("retries", retries), ("try-timeout", "100ms"), ("queue", "40")]).load(450.0).run(Span::s(8)).stop();
        let (attempts, offered) = (attempts(&run) as f64, run.ended().offered as f64);
        assert!(attempts <= most * offered && (retries == "0" || attempts > 1.5 * offered), "{attempts} of {offered}");
    }
}

#[test]
fn the_storm_stays_when_its_cause_has_gone_unless_there_is_a_budget() {
    let storm = |budget| {
        let settings = [("retries", "3"), ("try-timeout", "100ms"), ("timeout", "400ms"), ("queue", "30"), ("retry-budget", budget)];
        let run = bench(4, &settings).load(300.0).run(Span::s(3));
        let run = run.poke(|sim| (1..=4).for_each(|number| sim.slow(app(number), 3.0))).run(Span::s(3));
        let run = run.poke(|sim| (1..=4).for_each(|number| sim.slow(app(number), 1.0))).run(Span::s(10));
        let before = run.ended();
        let run = run.run(Span::s(4));
        (run.ended().good.len() - before.good.len()) as f64 / (run.ended().offered - before.offered) as f64
    };
    let (off, on) = (storm("none"), storm("0.1"));
    assert!(off < 0.3 && on > 0.9, "goodput {off} without a budget, {on} with one");
}

#[test]
fn three_layers_of_three_attempts_are_twenty_seven() {
    let settings = [
        ("database", "on"),
        ("user-retries", "3 attempts"),
        ("retries", "2"),
        ("db-retries", "2"),
        ("timeout", "10s"),
        ("try-timeout", "100ms"),
    ];
    let mut run = bench(4, &settings).poke(|sim| sim.crash(DATABASE, Crash::KeepDisk));
    run.sim.request(USERS, view("anna"), None);
    let run = run.run(Span::s(20));
    let all = run.sim.trace().from(0);
    let queries = all.iter().filter(|entry| matches!(&entry.what, Trace::Lost(leg, _) if leg.to == DATABASE)).count();
    assert_eq!(queries, 27);
    assert_eq!((run.ended().offered, run.ended().failed), (1, 1));
}

#[test]
fn a_retry_waits_as_long_as_it_is_told_and_is_one_request() {
    let mut run = bench(4, &[("retries", "2"), ("retry-delay", "const(100ms)"), ("errors", "1"), ("timeout", "5s")]);
    run.sim.request(USERS, view("anna"), None);
    let early = run.run(Span::ms(150));
    assert_eq!((attempts(&early), early.front().later.len()), (2, 1));
    let run = early.run(Span::s(1));
    assert_eq!((attempts(&run), run.ended().offered, run.ended().failed), (3, 1, 1));
    assert!(run.front().later.is_empty());
}

#[test]
fn retries_that_wait_count_for_the_budget() {
    let settings = [("retries", "5"), ("retry-delay", "const(300ms)"), ("errors", "1"), ("retry-budget", "0.1"), ("timeout", "5s")];
    let run = bench(4, &settings).load(200.0).run(Span::s(3));
    // Three may always be under way, for 300 ms each.
    let again = attempts(&run) - run.ended().offered;
    assert!(again < 60 && run.front().later.len() <= 40, "{again}");
}

/// Bronson et al. 2021: the load that keeps it up is made by the failure itself. It ends when the load goes away, or never began to feed
/// itself.
#[test]
fn a_storm_of_users_outlives_its_cause_until_the_load_goes_or_is_held_back() {
    let storm = |user_retries: &str| {
        let settings = [("timeout", "300ms"), ("try-timeout", "300ms"), ("queue", "60"), ("user-retries", user_retries), ("check", "none")];
        let run = bench(4, &settings).load(300.0).run(Span::s(3));
        let run = run.poke(|sim| (1..=4).for_each(|number| sim.slow(app(number), 4.0))).run(Span::s(4));
        run.poke(|sim| (1..=4).for_each(|number| sim.slow(app(number), 1.0))).run(Span::s(12))
    };
    let share = |run: Bench| {
        let before = run.ended();
        let run = run.run(Span::s(4));
        let ended = run.ended();
        ((ended.good.len() - before.good.len()) as f64 / (ended.offered - before.offered) as f64, run)
    };
    let (stays, run) = share(storm("5 attempts"));
    assert!(stays < 0.6, "{stays}");
    let calmed = run.load(30.0).run(Span::s(4)).load(300.0).run(Span::s(4));
    let (calm, _) = share(calmed);
    assert!(calm > 0.95, "the same load is served when the storm has gone: {calm}");
    let (held, _) = share(storm("5 attempts budget 0.1"));
    assert!(held > 0.95, "{held}");
}
