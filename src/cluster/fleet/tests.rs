//! What must hold and what must be breakable, each by the schedule that shows it.

use proptest::prelude::*;

use crate::check::verdict::Holds;
use crate::cluster::facts::FactValue;
use crate::cluster::kit::trial::Trial;
use crate::sim::time::Span;

use super::MODEL;
use super::message::euros;
use super::shelf::{price_of, row_of};

const SOON: Span = Span::ms(100);

const fn hours(n: u64) -> Span {
    minutes(60 * n)
}

const fn minutes(n: u64) -> Span {
    Span::s(60 * n)
}

fn shop(settings: &[(&str, &str)], does: &[&str]) -> Trial {
    Trial::new(&MODEL, settings, does)
}

fn price(item: &str) -> String {
    euros(price_of(row_of(&item.into(), 20)))
}

/// Puts a book into the cart, and lets so much time pass.
fn added(settings: &[(&str, &str)], wait: Span) -> Trial {
    let mut run = shop(settings, &[]);
    assert_eq!(run.ask("c1 add book", wait), "added");
    run
}

#[test]
fn a_page_comes_with_its_price_and_by_the_way_that_is_shown() {
    let mut run = shop(&[], &[]);
    assert_eq!(run.text("path"), "front1 app1 db1");
    assert_eq!([run.ask("c1 view book", SOON), run.ask("c1 view pen", SOON)], [price("book"), price("pen")]);
    assert_eq!([run.ask("c1 add book", SOON), run.ask("c1 add pen", SOON), run.ask("c1 checkout", SOON)], ["added", "added", "2 items"]);
    assert_eq!(run.ask("c1 checkout", SOON), "0 items", "a new cart began");
}

mod outages {
    use super::*;

    #[test]
    fn a_spare_takes_over_and_one_try_more_is_all_that_is_seen() {
        let mut run = added(&[], SOON);
        run.act("crash app1");
        assert_eq!(run.ask("c1 checkout", Span::s(1)), "1 item");
        assert_eq!((run.fact("availability"), run.fact("unanswered"), run.text("path")), (1.0, 0.0, "front1 app2 db1".into()));
    }

    /// Interval times threshold, and the time that the last check is waited for.
    #[test]
    fn without_retries_one_failure_is_an_outage_until_the_checks_tell() {
        for (at, server) in [(3, "app1"), (5, "app1"), (9, "app1"), (3, "db1"), (9, "db1")] {
            let mut run = shop(&[("retries", "off"), ("db", "2")], &[]);
            run.run(Span::s(at));
            run.act(&format!("crash {server}"));
            run.run(Span::s(60));
            let outage = run.fact("longest_outage_s");
            assert!(outage > 10.0 && outage <= 20.5 && run.fact("up") > 0.5, "{server} at {at}: {outage}");
        }
    }

    #[test]
    fn nobody_replaces_two_of_a_tier_at_once_nor_both_in_one_rack_nor_a_front_alone() {
        let down = |settings: &[(&str, &str)], does: &[&str]| {
            let mut run = shop(settings, does);
            run.run(Span::s(120));
            run.fact("up") < 0.5
        };
        assert!(down(&[], &["crash app1", "crash app2"]) && down(&[], &["crash front1"]) && down(&[], &["crash db1"]));
        let two = [("front", "2"), ("db", "2"), ("address", "shared")];
        assert!(down(&[("racks", "1"), two[0], two[1], two[2]], &["crash r1"]) && !down(&two, &["crash r1"]));
        assert!(down(&[], &["cut front1 | app1 app2"]), "those who are cut off are as good as dead");
        assert!(!down(&two, &["crash db1"]) && !down(&two, &["pause app1"]) && !down(&two, &["slow app1 10x"]));
        assert!(!down(&two, &["cut front1 | app1"]) && !down(&two, &["crash front1 losing unsynced"]));
    }

    #[test]
    fn a_second_front_is_of_use_when_users_get_to_it() {
        let crashed = |address| {
            let mut run = shop(&[("front", "2"), ("address", address)], &[]);
            run.run(Span::s(15));
            run.act("crash front1");
            run
        };
        let mut by_hand = crashed("by-hand");
        assert_eq!((by_hand.ask("c1 view book", Span::s(60)), by_hand.fact("up")), ("no answer in time".into(), 0.0));
        by_hand.act("send-users front2");
        assert_eq!((by_hand.ask("c1 view book", SOON), by_hand.fact("up")), (price("book"), 1.0));
        let mut dns = crashed("dns");
        assert_eq!((dns.ask("c1 view book", Span::s(3)), dns.fact("outages")), (price("book"), 0.0));
        let mut shared = crashed("shared");
        assert_eq!(shared.ask("c1 view book", Span::s(30)), "no answer in time", "nobody has noticed");
        assert_eq!((shared.ask("c1 view book", SOON), shared.text("path")), (price("book"), "front2 app1 db1".into()));
        shared.act("restart front1");
        shared.run(SOON);
        assert_eq!(shared.text("path"), "front1 app1 db1", "the first has the address again");
        assert!(shared.tries("send-users front2").is_err());
    }

    #[test]
    fn a_crew_comes_for_what_was_crashed_by_hand() {
        let mut run = shop(&[("app", "1"), ("mttr", "const(8h)"), ("target", "0.99"), ("check", "10min")], &["crash app1"]);
        assert_eq!((run.fact("in_repair"), run.fact("up")), (1.0, 0.0));
        run.run(hours(720));
        assert!((run.fact("down_min") - 480.0).abs() < 11.0, "until the front has noticed that it is back");
        assert_eq!((run.fact("outages"), run.fact("crashes")), (1.0, 1.0));
        assert!((run.fact("availability") - (1.0 - 8.0 / 720.0)).abs() < 3e-4);
        assert_eq!((run.holds("available"), run.fact("allowed_min")), (Holds::No, 432.0));
    }

    #[test]
    fn too_few_at_work_is_down_and_the_front_says_so() {
        let mut run = shop(&[("app", "3"), ("needed", "2")], &["crash app1"]);
        assert_eq!((run.fact("up"), run.fact("single_points")), (1.0, 4.0), "each of the other two, the front and the database");
        run.act("crash app2");
        assert!(run.is("up", 0.0));
        run.run(Span::s(30));
        assert_eq!(run.ask("c1 view book", SOON), "too few servers live");
    }
}

mod single_points {
    use super::*;

    fn designs() -> impl Strategy<Value = Vec<(&'static str, String)>> {
        let counts = (1u32..=2, 1u32..=3, 1u32..=3);
        let words = (0usize..3, 0usize..3, any::<bool>(), any::<bool>(), 0u32..=2);
        (counts, words).prop_map(|((front, app, db), (address, carts, checks, retries, copies))| {
            vec![
                ("front", front.to_string()),
                ("app", app.to_string()),
                ("db", db.to_string()),
                ("address", ["by-hand", "dns", "shared"][address].into()),
                ("carts", ["memory", "async", "sync"][carts].into()),
                ("check", if checks { "1s" } else { "none" }.into()),
                ("retries", if retries { "on" } else { "off" }.into()),
                ("copies", copies.to_string()),
            ]
        })
    }

    /// What users get when one server is taken away and everybody has had time to notice.
    fn all_answered(settings: &[(&str, &str)], without: &str) -> bool {
        let mut run = shop(settings, &[&format!("crash {without}")]);
        run.run(Span::s(5));
        let told = ["c1 view book", "c1 add book", "c1 checkout"].map(|ask| run.ask(ask, Span::s(3)));
        told[0] == price("book") && told[1] == "added" && told[2].contains("item")
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(10))]

        /// Those that are named are those whose crash stops something: found by trying, not from a list.
        #[test]
        fn are_found_by_taking_each_server_away(design in designs()) {
            let settings: Vec<(&str, &str)> = design.iter().map(|(name, value)| (*name, value.as_str())).collect();
            let run = shop(&settings, &[]);
            let FactValue::Named(servers) = run.value("server_up") else { panic!("by name") };
            let found: Vec<String> = servers.into_iter().map(|(name, _)| name).filter(|name| !all_answered(&settings, name)).collect();
            let order = |name: &String| run.text("single_point_names").split(' ').position(|named| named == name);
            let mut found = found;
            found.sort_by_key(order);
            prop_assert_eq!(run.text("single_point_names"), found.join(" "), "{:?}", settings);
        }
    }

    #[test]
    fn there_are_none_when_every_tier_has_a_spare_and_somebody_who_switches() {
        let run = shop(&[("front", "2"), ("address", "shared"), ("db", "3"), ("carts", "sync")], &[]);
        assert!(run.is("single_points", 0.0));
        let run = shop(&[("front", "2"), ("db", "3"), ("carts", "sync")], &[]);
        assert_eq!(run.text("single_point_names"), "front1", "nobody sends users to front2");
        let run = shop(&[("db", "2"), ("carts", "sync")], &[]);
        assert_eq!(run.text("single_point_names"), "front1 db1 db2", "two copies of each addition, and two places for them");
    }
}

mod carts {
    use super::*;

    #[test]
    fn in_memory_they_die_with_their_server() {
        let mut run = added(&[("carts", "memory")], SOON);
        assert_eq!(run.holds("carts_kept"), Holds::Untested);
        run.all(&["pause app1", "resume app1", "slow app1 5x"]);
        assert!(run.is("carts_lost", 0.0));
        run.act("crash app1");
        assert_eq!((run.fact("carts_lost"), run.holds("carts_kept"), run.fact("up")), (1.0, Holds::No, 1.0));
        assert_eq!(run.verdict("carts_kept").witness, [0]);
    }

    #[test]
    fn copied_later_they_are_missed_where_the_owner_dies_first() {
        let shop = [("db", "2")];
        let mut run = added(&shop, Span::ms(20));
        run.act("crash db1");
        assert_eq!((run.fact("carts_missing"), run.fact("carts_lost"), run.holds("carts_kept")), (1.0, 0.0, Holds::Unknown));
        assert_eq!(run.ask("c1 checkout", Span::s(1)), "0 items", "the shop is up, and the book is not in the cart");
        assert_eq!((run.holds("carts_kept"), run.fact("bills_short")), (Holds::No, 1.0));
        let mut run = added(&shop, SOON);
        run.act("crash db1 wiping disk");
        assert_eq!((run.ask("c1 checkout", Span::s(1)), run.holds("carts_kept")), ("1 item".into(), Holds::Yes));
        let mut run = added(&shop, Span::ms(20));
        run.act("crash db1 wiping disk");
        assert_eq!((run.fact("carts_lost"), run.holds("carts_kept")), (1.0, Holds::No));
    }

    #[test]
    fn on_k_more_disks_first_they_survive_k_losses_of_any_kind() {
        for (db, copies) in [("2", "1"), ("3", "1"), ("3", "2"), ("5", "2")] {
            let k: usize = copies.parse().unwrap();
            for how in ["", " losing unsynced", " wiping disk"] {
                let mut run = added(&[("db", db), ("copies", copies), ("carts", "sync")], Span::ms(12));
                for number in 1..=k {
                    run.act(&format!("crash db{number}{how}"));
                }
                assert!(run.is("carts_lost", 0.0), "{db} {copies}{how}");
                for number in 1..=k {
                    run.act(&format!("restart db{number}"));
                }
                assert_eq!(run.ask("c1 checkout", Span::s(60)), "1 item", "{db} {copies}{how}");
                assert_eq!(run.holds("carts_kept"), Holds::Yes);
            }
        }
    }

    #[test]
    fn and_k_plus_one_wipes_are_too_many() {
        let mut run = shop(&[("db", "3"), ("carts", "sync")], &["cut app1 app2 | db3"]);
        assert_eq!(run.ask("c1 add book", SOON), "added");
        run.all(&["heal", "crash db1 wiping disk", "crash db2 wiping disk"]);
        assert_eq!((run.fact("carts_lost"), run.holds("carts_kept")), (1.0, Holds::No));
        let mut one_rack = shop(&[("db", "2"), ("carts", "sync"), ("racks", "1")], &[]);
        assert_eq!(one_rack.ask("c1 add book", SOON), "added");
        one_rack.act("crash r1 wiping disk");
        assert_eq!(one_rack.holds("carts_kept"), Holds::No, "all copies stood in one rack");
    }

    #[test]
    fn what_cannot_be_kept_often_enough_is_not_acknowledged() {
        let mut run = shop(&[("db", "2"), ("carts", "sync")], &["full-disk db2"]);
        assert_eq!(run.ask("c1 add book", Span::s(1)), "too few databases answered");
        run.act("full-disk db1");
        assert_eq!(run.ask("c1 add book", Span::s(1)), "the disk is full");
        run.all(&["free-disk db1", "free-disk db2", "crash db2"]);
        run.run(Span::s(30));
        assert_eq!((run.ask("c1 add book", SOON), run.ask("c1 checkout", SOON)), ("too few servers live".into(), "1 item".into()));
        assert_eq!((run.fact("carts_added"), run.fact("carts_lost")), (0.0, 0.0), "db1 has what nobody was told of");
    }

    #[test]
    fn a_database_that_comes_back_serves_when_it_has_what_it_missed() {
        let mut run = shop(&[("db", "2"), ("loses", "disk")], &["crash db1"]);
        assert_eq!(run.ask("c1 add book", Span::s(1)), "added");
        run.act("restart db1");
        run.run(SOON);
        run.act("crash db2 wiping disk");
        assert_eq!(run.ask("c1 checkout", Span::s(1)), "1 item");
        run.act("crash db1 wiping disk");
        run.all(&["restart db1", "restart db2"]);
        run.run(Span::s(60));
        assert_eq!((run.ask("c1 view book", SOON), run.fact("up")), (price("book"), 1.0), "prices come from the backup");
    }
}

mod answers {
    use super::*;

    #[test]
    fn a_rotten_row_is_a_wrong_price_from_a_service_that_is_up() {
        let mut run = shop(&[], &["rot db1 book"]);
        assert_ne!(run.ask("c1 view book", SOON), price("book"));
        assert_eq!((run.fact("wrong"), run.fact("rotten"), run.holds("correct")), (1.0, 1.0, Holds::No));
        assert_eq!((run.fact("availability"), run.fact("availability_requests")), (1.0, 1.0));
        assert_eq!(run.verdict("correct").witness, [0]);
    }

    #[test]
    fn a_checksum_makes_an_error_of_it_and_a_second_copy_an_answer() {
        let mut alone = shop(&[("checksums", "on")], &["rot db1 book"]);
        assert_eq!(alone.ask("c1 view book", SOON), "the row is damaged");
        assert_eq!((alone.holds("correct"), alone.fact("availability_requests")), (Holds::Yes, 0.0));
        let mut pair = shop(&[("checksums", "on"), ("db", "2")], &["rot db1 book"]);
        assert_eq!(pair.ask("c1 view book", SOON), price("book"));
        assert_eq!((pair.fact("rotten"), pair.fact("wrong"), pair.fact("rotted")), (0.0, 0.0, 1.0), "db1 is mended");
        pair.all(&["rot db1 book", "rot db2 book"]);
        assert_eq!(pair.ask("c1 view book", SOON), "the row is damaged", "no good copy is left");
    }

    #[test]
    fn disks_rot_by_themselves() {
        let mut run = shop(&[("rot", "exp(4h)"), ("check", "none")], &["workload c1 0.02/s view keys uniform(20)"]);
        run.run(hours(36));
        assert!((3.0..18.0).contains(&run.fact("rotted")) && run.fact("wrong") > 20.0 && run.fact("up") > 0.5);
    }

    #[test]
    fn nonsense_is_accepted_unless_it_is_looked_for() {
        let mut run = shop(&[("checksums", "on"), ("auth", "on")], &[]);
        assert_eq!((run.ask("c1 garble", SOON), run.ask("c1 checkout", SOON)), ("added".into(), "1 item".into()));
        assert_eq!((run.fact("garbled_accepted"), run.fact("wrong"), run.holds("correct")), (1.0, 1.0, Holds::No));
        let mut run = shop(&[("validation", "on")], &[]);
        assert_eq!(run.ask("c1 garble", SOON), "the request makes no sense");
        assert_eq!((run.fact("garbled"), run.fact("garbled_accepted"), run.holds("correct")), (1.0, 0.0, Holds::Yes));
        assert!(run.is("asked", 0.0), "to refuse it is no outage");
    }

    #[test]
    fn an_intruder_gets_in_without_a_check_around_it_and_by_a_clock_that_is_late() {
        let told = |settings: &[(&str, &str)], does: &[&str], ask: &str| {
            let mut run = shop(settings, &[]);
            run.run(hours(3));
            run.all(does);
            let told = run.ask(ask, SOON);
            (told, run.holds("authentic"))
        };
        let on = [("auth", "on"), ("validation", "on"), ("checksums", "on")];
        assert_eq!(told(&on, &[], "c1 intrude"), ("no valid token".into(), Holds::Yes));
        assert_eq!(told(&on, &["skew front1 -30min"], "c1 intrude"), ("no valid token".into(), Holds::Yes));
        for (settings, does, ask) in
            [(&on[1..], &[][..], "c1 intrude"), (&on[..], &["skew front1 -2h"][..], "c1 intrude"), (&on[..], &[][..], "c1 intrude to n2")]
        {
            assert_eq!(told(settings, does, ask), (price("book"), Holds::No), "{ask} {does:?}");
        }
    }

    #[test]
    fn the_same_request_fells_the_spare_too() {
        let mut run = shop(&[], &["c1 poison"]);
        run.run(Span::s(1));
        assert_eq!((run.fact("working.app"), run.fact("up"), run.fact("in_repair")), (0.0, 0.0, 2.0));
        let mut run = shop(&[("retries", "off")], &["c1 poison"]);
        run.run(Span::s(1));
        assert!(run.is("working.app", 1.0));
    }

    /// SRE book, chapter 22: a full line answers everybody too late.
    #[test]
    fn under_ten_times_the_load_shedding_keeps_what_can_be_kept() {
        let overloaded = |shed| {
            let settings = [("app", "1"), ("workers", "1"), ("work", "const(50ms)"), ("shed", shed), ("try-timeout", "1min")];
            let mut run = shop(&settings, &["workload c1 200/s view"]);
            run.run(Span::s(30));
            run
        };
        let (without, with) = (overloaded("off"), overloaded("on"));
        assert!(without.is("goodput_per_s", 0.0));
        assert!((with.fact("goodput_per_s") - 20.0).abs() < 3.0, "{}", with.fact("goodput_per_s"));
        assert!(with.fact("page_ms_p99") < 1100.0 && with.fact("failed_by.silence") < 1.0);
        assert!(without.is("up", 1.0), "by the clock it is there");
    }
}

/// A month of failures costs little: with checks every 30 seconds, and a page a minute, less than a million events.
#[test]
fn a_tenth_of_a_month_passes() {
    let mut run = shop(&[("mttf", "exp(100h)"), ("check", "30s"), ("app", "1")], &["workload c1 0.01/s view"]);
    run.run(hours(72));
    assert!(run.cluster.events() < 100_000, "{}", run.cluster.events());
}

/// Who comes whenever they like sees averages over time: PASTA (Wolff 1982).
#[test]
fn over_time_and_over_requests_is_the_same_where_arrivals_do_not_care() {
    let settings = [("mttf", "exp(10h)"), ("mttr", "exp(2h)"), ("fails", "app"), ("check", "none"), ("app", "1")];
    let mut run = shop(&settings, &["workload c1 0.005/s view"]);
    run.run(hours(720));
    let (time, requests) = (run.fact("availability"), run.fact("availability_requests"));
    assert!(time < 0.95 && (time - requests).abs() < 0.02, "{time} {requests}");
}

/// What happens by day happens to more requests.
#[test]
fn an_hour_at_the_peak_is_more_than_an_hour() {
    let mut run = shop(&[("check", "none"), ("app", "1"), ("mttr", "const(1h)")], &["workload c1 wave 0/s to 0.2/s every 1d view"]);
    run.run(minutes(690));
    run.act("crash app1");
    run.run(minutes(750));
    let (time, requests) = (1.0 - run.fact("availability"), 1.0 - run.fact("availability_requests"));
    assert!((time - 1.0 / 24.0).abs() < 1e-6 && (requests / time - 2.0).abs() < 0.25, "{time} {requests}");
}

/// Servers that are bought take their place, and those that are sold leave it.
#[test]
fn servers_are_bought_and_sold_while_it_runs() {
    let mut run = shop(&[], &["set app 1", "set front 2", "set db 2", "set app 2"]);
    run.run(Span::s(1));
    assert!(run.is("servers", 6.0));
    assert_eq!((run.ask("c1 add book", SOON), run.fact("working.db")), ("added".into(), 2.0));
    run.all(&["set db 1", "crash app2"]);
    assert!(run.tries("crash db2").is_err() && run.tries("crash app3").is_err());
    assert_eq!(run.ask("c1 checkout", Span::s(1)), "1 item");
    run.run(hours(1));
    assert!((run.fact("server_hours") - 5.0).abs() < 0.01, "{}", run.fact("server_hours"));
}
