//! The group under commands, as learners and lessons use it.

use crate::cluster::scene::{Body, Heard, Layout, Scene};
use crate::cluster::told::Exchange;
use crate::cluster::{Cluster, Scenario};

use super::MODEL;
use super::bench::*;
use super::message::Body as Said;

fn scene(live: &dyn Cluster) -> Scene {
    let mut scene = Scene::default();
    live.scene(live.now(), &mut scene);
    scene
}

#[test]
fn clients_start_rumours_and_ask_who_is_alive() {
    let mut live = group(8, &["sync none"]);
    act(
        &mut live,
        &["c1 rumour fire to n3", "run 2s", "c2 rumour fire to n3", "crash n5", "run 40s", "c1 members from n2", "c2 members", "run 1s"],
    );
    let told: Vec<(String, String)> =
        live.exchanges().iter().map(|exchange: &Exchange| (exchange.asked(), exchange.outcome.short().to_string())).collect();
    let short: Vec<(&str, &str)> = told.iter().map(|(asked, told)| (asked.as_str(), told.as_str())).collect();
    let all =
        [("c1 rumour fire", "ok"), ("c2 rumour fire", "known"), ("c1 members", "7 alive, dead n5"), ("c2 members", "7 alive, dead n5")];
    assert_eq!(short, all);
    assert_eq!((count(&live, "informed"), count(&live, "uninformed"), count(&live, "rumours")), (7, 0, 1));
}

#[test]
fn a_member_keeps_only_so_many_rumours() {
    let mut live = group(3, &["detector none", "sync none"]);
    for number in 0..=super::rumour::RUMOURS_MAX {
        act(&mut live, &[&format!("c1 rumour w{number}"), "run 100ms"]);
    }
    let last = live.exchanges().pop().expect("it was asked");
    assert_eq!(last.outcome.short(), "refused");
    assert_eq!(count(&live, "rumours"), super::rumour::RUMOURS_MAX as u64);
}

#[test]
fn who_accuses_whom_is_told() {
    let mut live = group(8, &["detector heartbeat", "silence 3s", "witnesses 2"]);
    act(&mut live, &["run 5s", "cut n5 -> n2", "run 6s"]);
    let mut facts = crate::cluster::facts::Facts::default();
    live.facts(&mut facts);
    assert_eq!(facts.get("accused_by").map(ToString::to_string), Some("n2: n5".to_string()));
    assert_eq!((count(&live, "witnesses.n5"), count(&live, "accusations.n3")), (1, 0));
    assert!(count(&live, "accusations.n2") >= 1);
    let scene = scene(&live);
    let Some(Body::Table(table)) = scene.panels.first().map(|panel| &panel.body) else { panic!("{:?}", scene.panels) };
    let row = |at: usize| table.rows[at].entries.iter().map(|entry| entry.text.clone()).collect::<Vec<_>>();
    assert_eq!((table.rows.len(), table.headings[1].as_str()), (8, "says n5 is"));
    assert!(row(0)[0] == "n2" && row(0)[1].starts_with("suspect") && row(0)[2] == "n2" && table.rows[0].marked, "{:?}", row(0));
    assert!(row(1)[0] == "n5" && row(1)[1].starts_with("alive, incarnation") && row(2)[0] == "n1", "{:?}", row(1));
}

/// Who was the witness is seen when it is over, too.
#[test]
fn on_whose_word_a_member_is_dead_is_seen() {
    let mut live = group(6, &["detector heartbeat", "silence 3s", "suspicion 0s", "refute off"]);
    act(&mut live, &["run 5s", "cut n5 -> n2", "run 6s"]);
    let scene = scene(&live);
    let Some(Body::Table(table)) = scene.panels.first().map(|panel| &panel.body) else { panic!("{:?}", scene.panels) };
    let row = table.rows.iter().find(|row| row.node == Some(n(2))).expect("a row of n2");
    assert_eq!(row.entries.iter().map(|entry| entry.text.as_str()).collect::<Vec<_>>()[..3], ["n2", "dead", "n2"]);
}

/// In a large group the table is of those who have something to say.
#[test]
fn who_accuses_is_seen_among_many() {
    let mut live = group(40, &["detector heartbeat", "silence 3s", "witnesses 2", "period 500ms"]);
    act(&mut live, &["run 5s", "cut n5 -> n30", "run 4s"]);
    let scene = scene(&live);
    let Some(Body::Table(table)) = scene.panels.first().map(|panel| &panel.body) else { panic!("{:?}", scene.panels) };
    assert_eq!((table.rows[0].node, table.rows[0].marked, table.rows[1].node), (Some(n(30)), true, Some(n(5))));
    assert!(table.rows.len() <= 12 && table.rows[2..].iter().all(|row| !row.marked));
}

#[test]
fn a_crash_is_noticed_step_by_step() {
    let mut live = group(8, &["phase together", "latency const(10ms)", "handling 0s"]);
    act(&mut live, &["run 3s", "crash n8", "run 60s"]);
    let [first, declared, last] = ["first_detection_ms", "declared_ms", "last_detection_ms"].map(|name| fact(&live, name));
    assert!(first <= 3000.0 && (declared - first - 3000.0).abs() < 1100.0 && last >= declared, "{first} {declared} {last}");
    assert_eq!((count(&live, "false_positives"), count(&live, "declared") >= 1), (0, true));
}

#[test]
fn a_few_are_boxes_and_many_are_cells() {
    let mut few = group(8, &[]);
    act(&mut few, &["c1 rumour fire", "run 20s"]);
    let drawn = scene(&few);
    assert!(matches!(drawn.layout, Layout::Places) && drawn.nodes[7].rows.iter().any(|row| row.label == "fire"));
    let mut many = group(300, &["handling 0s", "phase together", "latency const(10ms)"]);
    act(&mut many, &["run 500ms", "c1 rumour fire", "crash n7", "run 7s"]);
    let Layout::Grid(grid) = scene(&many).layout else { panic!("no grid") };
    let of = |state: Heard| grid.members.iter().filter(|member| member.state == state).count();
    assert_eq!((grid.members.len(), grid.members[6].state), (300, Heard::Dead));
    assert_eq!(of(Heard::Had) + of(Heard::Just), count(&many, "informed") as usize);
    assert!(of(Heard::Just) > 0 && of(Heard::Had) > 0);
    assert!(grid.level.is_some_and(|level| level.says.contains("of 299")));
}

/// SWIM: the load does not grow with the group; heartbeats from all to all do.
#[test]
fn pings_cost_the_same_in_every_group_and_heartbeats_do_not() {
    let load = |members: u16, design: &[&str]| {
        let mut live = group(members, &[&["sync none", "handling 0s"], design].concat());
        act(&mut live, &["run 30s"]);
        fact(&live, "messages_per_member")
    };
    for members in [8, 60] {
        assert!((load(members, &[]) - 2.0).abs() < 0.1);
        assert!((load(members, &["detector heartbeat"]) - f64::from(members - 1)).abs() < 1.0 + f64::from(members) / 50.0);
    }
}

#[test]
fn a_thousand_members_notice_a_death() {
    let mut live = group(1000, &["handling 0s", "suspicion 1s", "sync none"]);
    act(&mut live, &["run 1s", "crash n500", "run 30s"]);
    assert_eq!(count(&live, "held_dead.n500"), 999);
    assert!(fact(&live, "last_detection_ms") < 30_000.0);
    assert!(fact(&live, "messages_per_member") < 2.1);
}

#[test]
fn what_does_not_fit_is_refused() {
    let wrong = |nodes: u16, name: &str, value: &str| {
        let settings = vec![(name.to_string(), value.to_string())];
        let scenario = Scenario { nodes: Some(nodes), settings, ..Scenario::of("gossip") };
        (MODEL.start)(&scenario).err().map(|all| all[0].message.clone()).unwrap_or_default()
    };
    assert!(wrong(65, "detector", "phi").contains("64 members at most"));
    assert_eq!(wrong(64, "detector", "phi"), "");
    assert!(wrong(8, "ping-timeout", "1s").contains("within its period of 1s"));
}

#[test]
fn a_member_of_one_and_a_pair_run() {
    for members in 1..=2 {
        for design in [&[][..], &["detector heartbeat"], &["spreading push-pull", "stop 1"]] {
            let mut live = group(members, design);
            act(&mut live, &["c1 rumour x", "run 30s"]);
            assert_eq!(count(&live, "uninformed"), 0);
        }
    }
}

#[test]
fn a_detector_can_be_changed_while_it_runs() {
    let mut live = group(5, &["suspicion 1s"]);
    act(&mut live, &["run 5s", "set detector heartbeat", "run 20s", "set detector phi", "run 20s", "set detector swim", "run 20s"]);
    assert_eq!(count(&live, "suspicions"), 0);
    act(&mut live, &["set detector heartbeat", "crash n2", "run 20s"]);
    assert_eq!(count(&live, "held_dead.n2"), 4);
}

#[test]
fn messages_say_what_they_are() {
    let mut live = group(4, &["detector none", "sync none"]);
    say(&mut live, (2, 1), &[suspect(4, 0, 2, 1), dead(3, 0)], Said::Heartbeat);
    with(&mut live, 1, |member, cx| member.talk(n(4), Said::Ping(3), cx));
    let label = scene(&live).flights.pop().expect("a message").label;
    assert!(label.starts_with("ping, ") && label.contains("n4 suspect"), "{label}");
}

/// What counts as news goes by what a member knew when its round began (Demers 1987; the paper does not say it).
#[test]
fn two_calls_that_bring_the_same_news_in_a_round_are_both_of_use() {
    let mut live = group(4, &["detector none", "sync none", "stop 2", "phase together", "latency const(10ms)", "handling 0s"]);
    act(&mut live, &["run 500ms"]);
    let rumour = super::rumour::Rumour { number: 7, word: "x".into(), origin: n(1) };
    let mut useful = |from: u16| {
        say(&mut live, (from, 4), &[], Said::Push([rumour.clone()].into()));
        let drawn = scene(&live);
        let told = drawn.flights.iter().max_by_key(|flight| flight.id).expect("an answer").label.clone();
        if from == 2 {
            act(&mut live, &["run 1s"]);
        }
        told
    };
    assert_eq!([useful(1), useful(2), useful(3)], ["new", "new", "knew it"]);
}

/// A round that was of use sets the counter back (Demers 1987; the paper does not say it).
#[test]
fn a_useful_round_forgives_the_useless_ones_before_it() {
    let mut live = group(4, &["detector none", "sync none", "stop 2", "phase together", "latency const(10ms)", "handling 0s"]);
    act(&mut live, &["c1 rumour x to n1", "run 100ms", "cut n1 | n2 n3 n4"]);
    let number = *state(&live, 1).rumours.known().keys().next().expect("a rumour");
    let mut hot = Vec::new();
    for is_news in [false, true, false, false] {
        say(&mut live, (2, 1), &[], Said::Feedback(vec![(number, is_news)]));
        act(&mut live, &["run 1s"]);
        hot.push(state(&live, 1).rumours.known()[&number].is_hot);
    }
    assert_eq!(hot, [true, true, true, false]);
}
