//! What must hold, what must break, and the mistakes that are often made: each by the schedule that shows it.

use std::sync::Arc;

use crate::cluster::kit::settings::Declared as _;
use crate::sim::arrivals::Arrivals;
use crate::sim::dist::Dist;
use crate::sim::draw::Stream;
use crate::sim::faults::Crash;
use crate::sim::history::Kind;
use crate::sim::kernel::{Config, Sim};
use crate::sim::network::{Map, Policy};
use crate::sim::requests::Load;
use crate::sim::time::Time;
use crate::sim::trace::Trace;

use super::message::WORK;
use super::pool::Backend;
use super::settings::{DATABASE, FRONT};
use super::*;

/// A run with so many application servers.
struct Bench {
    sim: Sim<Traffic>,
}

const USERS: NodeId = NodeId::client(0);

fn app(number: u16) -> NodeId {
    NodeId::server(number + 1)
}

fn bench(apps: u16, settings: &[(&str, &str)]) -> Bench {
    bench_of(apps, settings, 1)
}

fn bench_of(apps: u16, changes: &[(&str, &str)], seed: u64) -> Bench {
    let mut settings = Settings::default();
    for (name, text) in changes {
        settings.set(name, text).unwrap();
    }
    let map = Map::single(Dist::Const(Span::us(250)));
    let (policy, disk) = (Policy::default(), Dist::Const(Span::ZERO));
    let config = Config { seed, servers: apps + 2, clients: 1, map, policy, disk, handling: Span::ZERO, keep_trace: true, settings };
    Bench { sim: Sim::new(config) }
}

impl Bench {
    fn load(mut self, rate: f64) -> Bench {
        let pick = |draws: &mut Stream, _| View { visitor: format!("v{}", draws.below(1000)).into() };
        self.sim.set_load(USERS, Some(Load { arrivals: Arrivals::Poisson(rate), pick: Arc::new(pick) }));
        self
    }

    fn run(mut self, span: Span) -> Bench {
        let until = self.sim.now() + span;
        while self.sim.next_at().is_some_and(|at| at <= until) {
            self.sim.step();
        }
        self.sim.wait_until(until);
        self
    }

    /// Lets everything end that is under way.
    fn stop(mut self) -> Bench {
        self.sim.set_load(USERS, None);
        self.run(Span::s(3))
    }

    fn poke(mut self, poke: impl FnOnce(&mut Sim<Traffic>)) -> Bench {
        self.sim.act(1);
        poke(&mut self.sim);
        self
    }

    fn ended(&self) -> Ended {
        let mut ended = Ended::default();
        let mut called = std::collections::BTreeMap::new();
        for record in self.sim.history().from(0) {
            match record.kind {
                Kind::Invoke(_) => drop(called.insert(record.request, record.time)),
                Kind::Ok(()) => ended.good.push(record.time.since(called[&record.request]).as_ms()),
                Kind::Refused(_) => ended.refused += 1,
                Kind::Failed(_) | Kind::Unknown(_) => ended.failed += 1,
            }
        }
        ended.offered = called.len();
        ended
    }

    fn front(&self) -> &Front {
        match self.sim.node(FRONT).state() {
            Some(Traffic::Front(front)) => front,
            _ => panic!("the front is down"),
        }
    }

    fn backend(&self, number: u16) -> &Backend {
        let front = self.front();
        &front.pool.backends[front.pool.find(app(number)).unwrap()]
    }

    /// Requests that the front handed to a server from this time on, whether they reached it or not.
    fn given(&self, number: u16, from: Span) -> usize {
        let to = |entry: &&_| matches!(entry, Trace::Arrived(leg) | Trace::Lost(leg, _) if leg.to == app(number) && leg.kind == WORK);
        let all = self.sim.trace().from(0);
        all.iter().filter(|entry| entry.at >= Time::ZERO + from).filter(|entry| to(&&entry.what)).count()
    }
}

#[derive(Debug, Default)]
struct Ended {
    offered: usize,
    good: Vec<f64>,
    refused: usize,
    failed: usize,
}

impl Ended {
    fn mean(&self) -> f64 {
        self.good.iter().sum::<f64>() / self.good.len() as f64
    }

    fn percentile(&self, share: f64) -> f64 {
        let mut all = self.good.clone();
        all.sort_by(f64::total_cmp);
        all[((all.len() as f64 * share) as usize).min(all.len() - 1)]
    }
}

mod balancing {
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
                let broken = Settings { errors: 1.0, ..sim.settings().clone() };
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
                    run.sim.request(USERS, View { visitor: format!("v{visitor}").into() }, None);
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
                run.sim.request(USERS, View { visitor: "phone".into() }, None);
                run = run.run(Span::ms(20));
            }
            [1, 2, 3, 4].map(|number| run.given(number, Span::ZERO))
        };
        assert_eq!((spread("4"), spread("7")), ([100, 0, 0, 0], [25, 25, 25, 25]));
    }
}

mod health {
    use super::*;

    #[test]
    fn a_dead_server_gets_requests_until_its_checks_notice_and_no_longer() {
        let run = bench(4, &[("check", "1s"), ("check-threshold", "2"), ("check-timeout", "500ms")]).load(100.0).run(Span::s(3));
        let run = run.poke(|sim| sim.crash(app(2), Crash::KeepDisk)).run(Span::s(6));
        let dead = run.given(2, Span::s(3));
        // Out after the second check missed: two intervals and a timeout at most, one interval less at least.
        assert!((25..=65).contains(&dead), "{dead}");
        assert_eq!(run.given(2, Span::ms(3000 + 2 * 1000 + 500)), 0);
        let back = run.poke(|sim| sim.restart(app(2))).run(Span::s(5));
        assert!(back.given(2, Span::s(10)) > 50, "one answer brings it back");
    }

    #[test]
    fn who_answers_checks_and_fails_requests_stays() {
        let run = bench(4, &[("check", "1s")]).poke(|sim| sim.slow(app(3), 50.0)).load(100.0).run(Span::s(10));
        assert!(run.backend(3).healthy && run.ended().failed > 100, "{:?}", run.ended().failed);
    }

    #[test]
    fn a_cut_between_checker_and_healthy_servers_throws_them_out() {
        let cut = |all_unhealthy| {
            let run = bench(2, &[("check", "1s"), ("check-threshold", "1"), ("queue", "4000"), ("all-unhealthy", all_unhealthy)])
                .load(100.0)
                .run(Span::s(2));
            let run = run.poke(|sim| [1, 2].into_iter().for_each(|number| sim.pause(app(number)))).run(Span::s(4));
            run.poke(|sim| [1, 2].into_iter().for_each(|number| sim.resume(app(number))))
        };
        let (fail, all) = (cut("fail"), cut("route-to-all"));
        assert!(fail.front().pool.balancer.usable().is_empty());
        assert_eq!(all.front().pool.balancer.usable(), [0, 1]);
        assert!(fail.ended().refused > 100 && all.ended().refused == 0);
    }

    #[test]
    fn what_was_under_way_is_counted_down_so_that_a_server_that_returns_gets_traffic_again() {
        let run = bench(3, &[("balancing", "least-connections"), ("check", "none")]).load(100.0).run(Span::s(2));
        let run = run.poke(|sim| sim.crash(app(2), Crash::KeepDisk)).run(Span::s(2));
        let run = run.poke(|sim| sim.restart(app(2))).run(Span::s(3));
        assert!(run.given(2, Span::s(5)) > 40, "{}", run.given(2, Span::s(5)));
        let run = run.stop();
        assert!(run.front().pool.backends.iter().all(|backend| backend.open == 0));
    }

    #[test]
    fn a_drained_server_finishes_and_one_that_is_removed_takes_its_requests_along() {
        let out = |drain: bool| {
            let run = bench(3, &[("balancing", "round-robin")]).load(200.0).run(Span::s(2));
            let run = run.poke(|sim| {
                sim.command(FRONT, |state, cx| {
                    let Traffic::Front(front) = state else { return };
                    if drain { front.drain(app(2), cx) } else { front.remove(app(2), cx) }
                });
            });
            let gone = run.given(2, Span::s(2) + Span::ms(1));
            let run = run.stop();
            (gone, run.ended().failed + run.ended().refused, run.front().pool.find(app(2)))
        };
        assert_eq!(out(true), (0, 0, None));
        let (gone, lost, found) = out(false);
        assert!(gone == 0 && lost > 0 && found.is_none(), "{lost}");
    }
}

mod leaving {
    use super::*;
    use crate::cluster::kit::ask::Deed;
    use crate::command::{Command, Poke};

    /// Does what an operator types.
    fn operate(run: Bench, text: &str) -> Bench {
        let Ok(Command::Poke(Poke::Operate(call))) = super::super::MODEL.language.parse(text) else { panic!("{text}") };
        let deed: &Deed<Traffic> = super::super::operator::DEEDS.iter().find(|deed| deed.doc.verb.name == call.verb.name).unwrap();
        run.poke(|sim| (deed.perform)(sim, &call))
    }

    fn taken_out(run: &Bench) -> Vec<Note> {
        let notes = run.sim.trace().from(0).into_iter().filter_map(|entry| match &entry.what {
            Trace::Note(_, note @ Note::TakenOut { .. }) => Some(note.clone()),
            _ => None,
        });
        notes.collect()
    }

    fn busy(more: &[(&str, &str)]) -> Bench {
        let settings = [&[("service", "exp(40ms)"), ("try-timeout", "5s"), ("timeout", "10s")], more].concat();
        bench(4, &settings).load(95.0).run(Span::s(4))
    }

    #[test]
    fn what_dies_with_a_server_is_tried_at_another_where_it_may_be() {
        let died = |retries: &str| {
            let run = operate(busy(&[("retries", retries)]), "remove-server app2").run(Span::s(2));
            match taken_out(&run)[..] {
                [Note::TakenOut { died, .. }] => died,
                ref other => panic!("{other:?}"),
            }
        };
        assert!(died("0") > 0);
        assert_eq!(died("1"), 0);
    }

    #[test]
    fn who_drains_too_long_is_taken_out_with_what_it_has() {
        let run = operate(busy(&[("drain-most", "20ms")]), "drain app2").run(Span::ms(30));
        assert!(matches!(taken_out(&run)[..], [Note::TakenOut { died: 1.., late: 0, .. }]), "{:?}", taken_out(&run));
        let run = operate(busy(&[("drain-most", "60s")]), "drain app2").run(Span::s(5));
        assert!(matches!(taken_out(&run)[..], [Note::TakenOut { died: 0, late: 0, .. }]), "{:?}", taken_out(&run));
    }

    #[test]
    fn who_falls_while_it_drains_is_late_with_what_it_had() {
        let run = operate(busy(&[]), "drain app2").poke(|sim| sim.crash(app(2), Crash::KeepDisk)).run(Span::s(6));
        assert!(matches!(taken_out(&run)[..], [Note::TakenOut { died: 0, late: 1.., .. }]), "{:?}", taken_out(&run));
    }

    /// The word of a server that is new gets lost: it says it again, and the autoscaler does not order one more for it.
    #[test]
    fn a_server_that_joins_says_so_until_it_is_heard() {
        let lost = |sim: &mut Sim<Traffic>| sim.network_mut().change_all(|policy| policy.loss = 1.0);
        let run = operate(bench(2, &[("warm-up", "1s"), ("check", "none")]).poke(lost), "add-server").run(Span::s(3));
        assert_eq!(run.front().pool.there().count(), 2);
        let run = run.poke(|sim| sim.network_mut().change_all(|policy| policy.loss = 0.0)).run(Span::s(2));
        assert_eq!(run.front().pool.balancer.usable().len(), 3);
    }
}

mod retries {
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
        run.sim.request(USERS, View { visitor: "anna".into() }, None);
        let run = run.run(Span::s(20));
        let all = run.sim.trace().from(0);
        let queries = all.iter().filter(|entry| matches!(&entry.what, Trace::Lost(leg, _) if leg.to == DATABASE)).count();
        assert_eq!(queries, 27);
        assert_eq!((run.ended().offered, run.ended().failed), (1, 1));
    }
}

mod overload {
    use super::*;

    #[test]
    fn without_a_limit_work_is_done_for_users_that_have_gone() {
        let run = |queue| {
            let run = bench(1, &[("queue", queue), ("timeout", "500ms"), ("try-timeout", "10s")]).load(150.0).run(Span::s(20));
            let ended = run.ended();
            ended.good.len() as f64 / ended.offered as f64
        };
        let (long, short) = (run("4000"), run("20"));
        // Two of three can be served: with a short line they are, with a long one everybody waits too long.
        assert!(short > 0.6 && long < 0.2, "goodput {short} with a limit, {long} without");
    }

    #[test]
    fn a_timeout_shorter_than_the_work_lets_all_work_be_for_nobody() {
        let run = bench(1, &[("service", "const(1s)"), ("timeout", "100ms")]).load(1.0).run(Span::s(20)).stop();
        assert_eq!(run.ended().good.len(), 0);
        assert!(run.ended().failed > 10);
    }
}

mod servers {
    use super::*;

    fn apps(run: &Bench) -> usize {
        run.sim.server_ids().count() - 2
    }

    #[test]
    fn a_server_that_is_added_gets_its_share_when_it_is_warm() {
        let run = bench(2, &[("warm-up", "2s")]).load(100.0).run(Span::s(2));
        let run = run.poke(|sim| assert!(sim.add_server(0).is_some())).run(Span::s(2)).run(Span::s(3));
        assert_eq!(apps(&run), 3);
        let (cold, warm) = (run.given(3, Span::ZERO) - run.given(3, Span::s(4)), run.given(3, Span::s(4)));
        assert!(cold == 0 && (80..=120).contains(&warm), "{cold} cold, {warm} warm");
    }

    #[test]
    fn an_autoscaler_follows_the_load_late_and_stays_within_its_bounds() {
        let settings = [
            ("autoscale", "on"),
            ("scale-every", "2s"),
            ("warm-up", "4s"),
            ("scale-down-after", "4s"),
            ("servers-least", "2"),
            ("servers-most", "5"),
            ("queue", "20"),
        ];
        let run = bench(2, &settings).load(100.0).run(Span::s(6));
        assert_eq!(apps(&run), 2);
        let calm = run.ended();
        let run = run.load(400.0).run(Span::s(6));
        // It looks after two seconds at most, and what it adds is warm four seconds later: until then there is too little.
        let rush = run.ended();
        assert!(calm.refused == 0 && rush.refused > 500, "{}", rush.refused);
        let run = run.run(Span::s(10));
        assert_eq!(apps(&run), 5, "and not the six that it wants");
        let run = run.load(20.0).run(Span::s(20));
        assert_eq!(apps(&run), 2);
        assert_eq!(run.ended().failed, 0, "what it removes drains first");
    }

    #[test]
    fn servers_that_start_are_no_capacity_and_are_not_added_again() {
        let settings = [("autoscale", "on"), ("scale-every", "1s"), ("warm-up", "30s"), ("busy-target", "50"), ("servers-most", "50")];
        let run = bench(2, &settings).load(190.0).run(Span::s(20));
        assert_eq!(apps(&run), 4, "95 % at two are 48 % at four, however often it looks");
    }

    #[test]
    fn more_servers_do_not_help_where_the_database_is_the_bottleneck() {
        let goodput = |apps| {
            let settings = [("database", "on"), ("db-service", "exp(10ms)"), ("db-workers", "2"), ("db-queue", "20")];
            let run = bench(apps, &settings).load(400.0).run(Span::s(8)).stop();
            run.ended().good.len() as f64 / 8.0
        };
        let (few, many) = (goodput(4), goodput(8));
        assert!((few - 200.0).abs() < 25.0 && (many - 200.0).abs() < 25.0, "{few} {many}");
    }
}

/// Laws of `published.json`, with 95 % intervals of batch means where the run is long enough for them.
mod laws {
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
}

#[test]
fn servers_go_by_their_names_in_every_verb() {
    use crate::command::{Command, Poke};
    let scenario =
        crate::cluster::Scenario { model: "traffic".into(), nodes: None, clients: None, zones: Vec::new(), settings: Vec::new(), seed: 1 };
    let mut live = (MODEL.start)(&scenario).unwrap_or_else(|_| panic!("the defaults start"));
    let poke = |text: &str| match MODEL.language.parse(text) {
        Ok(Command::Poke(poke)) => poke,
        other => panic!("{text}: {other:?}"),
    };
    for text in ["slow app3 2x", "break app3", "mend app3", "drain app2", "remove-server app1", "add-server"] {
        assert_eq!(live.apply(&poke(text)), Ok(()), "{text}");
    }
    let gone: Poke = poke("drain app2");
    assert!(live.apply(&gone).is_err_and(|refused| refused.0.contains("app2")));
    for text in ["drain lb", "drain db", "drain app9", "break n1"] {
        assert!(live.apply(&poke(text)).is_err(), "{text}");
    }
}
