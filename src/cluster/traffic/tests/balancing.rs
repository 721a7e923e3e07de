//! Whom the front picks.

use super::*;

#[test]
fn equal_servers_get_equal_shares_in_turn() {
    let run = bench(3, &[]).load(200.0).run(Span::s(5));
    let given = [1, 2, 3].map(|number| run.given(number, Span::ZERO));
    assert!(given.iter().max().unwrap() - given.iter().min().unwrap() <= 1, "{given:?}");
}

#[test]
fn in_turn_a_slow_server_drowns_though_there_is_room() {
    let slow = |balancing| {
        let run = bench(4, &[("queue", "40"), ("balancing", balancing), ("weights", "2 2 1 2")]);
        run.poke(|sim| sim.slow(app(3), 2.0)).load(300.0).run(Span::s(20)).stop().ended()
    };
    let [in_turn, weighted, least] = ["round-robin", "weighted", "least-connections"].map(slow);
    // Half as fast as its share asks for: a third of its quarter is refused.
    let share = in_turn.refused as f64 / in_turn.offered as f64;
    assert!((share - 0.25 / 3.0).abs() < 0.02, "{share}");
    assert_eq!((weighted.refused, least.refused), (0, 0));
    assert!(in_turn.percentile(0.99) > 3.0 * least.percentile(0.99), "{} {}", in_turn.percentile(0.99), least.percentile(0.99));
}

#[test]
fn a_server_that_fails_fast_draws_all() {
    let failed = |balancing| {
        let run = bench(4, &[("balancing", balancing)]);
        let run = run.poke(|sim| {
            let broken = sim.settings().broken();
            sim.change_settings_of(app(3), Some(broken));
        });
        let ended = run.load(300.0).run(Span::s(8)).stop().ended();
        ended.failed as f64 / ended.offered as f64
    };
    let (in_turn, least) = (failed("round-robin"), failed("least-connections"));
    assert!((in_turn - 0.25).abs() < 0.02 && least > 0.4, "{in_turn} {least}");
}

#[test]
fn old_news_make_a_herd_of_least_connections_and_hardly_of_two_choices() {
    let mean = |balancing, news| {
        let run = bench(10, &[("balancing", balancing), ("news", news), ("queue", "4000"), ("timeout", "60s"), ("try-timeout", "60s")]);
        run.load(900.0).run(Span::s(15)).stop().ended().mean()
    };
    let (fresh, old) = (mean("least-connections", "0s"), mean("least-connections", "100ms"));
    let (two_fresh, two_old) = (mean("two-choices", "0s"), mean("two-choices", "100ms"));
    assert!(fresh < two_fresh && two_fresh < two_old && two_old < old / 2.0, "{fresh} {two_fresh} {two_old} {old}");
}

#[test]
fn a_visitor_stays_until_the_servers_change() {
    for (balancing, moved) in [("hash", 0.75), ("rendezvous", 0.25)] {
        let mut run = bench(4, &[("balancing", balancing)]);
        let ask = |mut run: Bench| {
            for visitor in 0..400 {
                run.sim.request(USERS, view(&format!("v{visitor}")), None);
                run = run.run(Span::ms(1));
            }
            run.run(Span::s(1))
        };
        let places = |run: &Bench, from: usize| -> Vec<NodeId> {
            let all = run.sim.trace().from(0);
            let legs = all.iter().filter_map(|entry| match &entry.what {
                Trace::Arrived(leg) if leg.kind == WORK => Some(leg.to),
                _ => None,
            });
            legs.skip(from).collect()
        };
        run = ask(ask(run));
        assert_eq!(places(&run, 0)[..400], places(&run, 400));
        run = ask(run.poke(|sim| {
            sim.command(FRONT, |state, cx| {
                if let Traffic::Front(front) = state {
                    front.drain(app(4), cx);
                }
            });
        }));
        let after = places(&run, 800);
        let share = places(&run, 0).iter().zip(&after).filter(|(before, after)| before != after).count() as f64 / 400.0;
        assert!((share - moved).abs() < 0.06, "{balancing}: {share}");
    }
}

#[test]
fn at_layer_4_one_connection_is_one_server() {
    let spread = |layer| {
        let mut run = bench(4, &[("layer", layer)]);
        for _ in 0..100 {
            run.sim.request(USERS, view("phone"), None);
            run = run.run(Span::ms(20));
        }
        [1, 2, 3, 4].map(|number| run.given(number, Span::ZERO))
    };
    assert_eq!((spread("4"), spread("7")), ([100, 0, 0, 0], [25, 25, 25, 25]));
}
