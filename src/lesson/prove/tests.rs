//! A lesson that says what is so is proved; each thing that is not so is found, at its place, in words.

use super::prove;
use crate::lesson::testing::{changed, example, read};

/// What the proof says after a change that still reads.
fn disproved(from: &str, to: &str) -> Vec<String> {
    let lesson = read(&changed(from, to)).unwrap_or_else(|mistakes| panic!("{mistakes}"));
    prove(&lesson).expect_err(to).lines()
}

#[test]
fn the_example_is_so() {
    prove(&example()).unwrap_or_else(|mistakes| panic!("{mistakes}"));
}

/// What is changed, into what, and what has to be found.
const UNTRUE: &[(&str, &str, &str)] = &[
    (
        "right = true, see = \"leaders >= 2\"",
        "right = true, see = \"leaders >= 3\"",
        "this answer is marked right, but `leaders >= 3` does not hold at the end: leaders = 2",
    ),
    (
        "see = \"leaders == 0\"",
        "see = \"leaders >= 1\"",
        "this answer is not marked right, but `leaders >= 1` holds at the end: leaders = 2",
    ),
    ("when = \"acked >= 1\"", "when = \"acked >= 5\"", "the mark `acked >= 5` is never reached; at the end acked = 1"),
    ("after = \"500ms\"", "after = \"5s\"", "the step ends after 1s, before this mark"),
    ("goal = \"leaders >= 2\"", "goal = \"leaders >= 1\"", "the goal holds already at the start: leaders = 1"),
    (
        "solution = [\"cut n1 | n2 n3\", \"run 2s\"]",
        "solution = [\"run 2s\"]",
        "the solution does not reach `leaders >= 2`; at the end leaders = 1",
    ),
    ("solution = [\"cut n1 | n2 n3\", \"run 2s\"]", "solution = [\"cut n1 | n2 n3\", \"run 2s\", \"heal\"]", "before `heal`; leave it out"),
    (
        "misses = [{ do = [\"crash n1\", \"run 2s\"] }]",
        "misses = [{ do = [\"cut n1 | n2 n3\", \"run 2s\", \"heal\", \"run 2s\"] }]",
        "this near miss reaches `leaders >= 2` at",
    ),
    ("when = \"nodes_up < 3\", say", "when = \"nodes_up < 2\", say", "`nodes_up < 2` does not come true in this near miss: nodes_up = 2"),
    (
        "when = \"nodes_up < 3\", say",
        "when = \"nodes_up <= 3\", say",
        "`nodes_up <= 3` holds already at the start, so it recognises nothing",
    ),
    ("when = \"nodes_up < 3\", say", "when = \"leaders >= 2\", say", "it would be told as a miss"),
    ("when = \"acked >= 1 && leaders == 1\"", "when = \"acked >= 9\"", "no `because` is true of this run where it reaches the goal"),
    (
        "{ when = \"acked >= 1 && leaders == 1\"",
        "{ when = \"acked >= 9\", text = \"Nine.\" },\n  { when = \"acked >= 1\"",
        "neither the solution nor one of the `ways` comes to this reason",
    ),
    ("\"c1 write x 1\", \"run 2s\"]]", "\"run 2s\"]]", "the solution does not reach `acked_lost >= 1 && nodes_up == 3`"),
    ("{{cut n1 | n2 n3}}", "{{restart n2}}", "`{{restart n2}}` cannot be done at this step: "),
    ("pace = \"200ms\"\noptions", "options", "the learner would watch for 50 s without a stop; 15 s are the most"),
    ("gap[\"epochs, 1s\"] > 2.0", "gap[\"epochs, 1s\"] > 9.0", "is not so: gap: epochs, 300ms "),
    ("led['lease, 1s'] == 100.0", "gap falls", "`gap falls` is not so: gap: "),
    ("share = [0.8, 1.0]", "share = [0.1, 0.8]", "it holds in 5 of 5 seeds, which is not 0.1 to 0.8"),
    ("between = [300.0, 700.0]", "between = [0.0, 1.0]", "the mean of `unavailable_ms` over 5 runs is "),
    ("do = [\"c1 write x 1\", \"run 1s\"]", "do = [\"c1 write x 1\", \"crash n9\", \"run 1s\"]", "`crash n9` is refused: "),
    (
        "holds = \"leaders == 1\" }",
        "holds = \"leaders == 2\" }",
        "this is what is said of \"with a lease\", but `leaders == 2` does not hold at the end: leaders = 1",
    ),
    (
        "variant = \"leased\", holds = \"leaders == 1\"",
        "settings = { request-timeout = \"600ms\" }, holds = \"leaders == 2\"",
        "both designs end with the same facts, so there is nothing to compare",
    ),
    (
        "holds = \"acked_lost >= 1\"",
        "holds = \"acked_lost >= 7\"",
        "fails with seed 7 (5 of 5 seeds): `acked_lost >= 7` does not hold: acked_lost = 1",
    ),
    ("holds = \"acked_lost >= 1\"", "never = \"leaders >= 2\"", "`leaders >= 2` came true at "),
    ("show = [\"n1\", ", "show = [\"nobody\", ", "no node and no row is called `nobody` at any moment of this step"),
    ("answer = 1\n", "answer = 2\n", "the answer is given as 2, but `leaders` is 1 in the run"),
    ("timeout.\", see = \"leaders >= 2\"", "timeout.\", see = \"leaders >= 3\"", "`leaders >= 3` never comes true in the run"),
    ("see = \"leaders == 1 && epoch >= 2\"", "see = \"leaders == 1\"", "not after `leaders >= 2` at "),
    (
        "right = true, see = \"leaders == 1\"",
        "right = true, see = \"leaders == 3\"",
        "this answer is marked right, but `leaders == 3` does not hold",
    ),
    ("until \\\"leaders == 1\\\"", "until \\\"leaders == 3\\\"", "did not come true within 10min of virtual time: leaders = 1"),
];

#[test]
fn what_is_not_so_is_found() {
    for (from, to, expected) in UNTRUE {
        let found = disproved(from, to);
        assert!(found.iter().any(|line| line.contains(expected)), "{to}\nexpected {expected}\nfound {found:#?}");
    }
}

#[test]
fn all_that_is_not_so_is_found_at_once() {
    let text = changed("goal = \"leaders >= 2\"", "goal = \"leaders >= 1\"").replace("answer = 1\n", "answer = 2\n");
    let lesson = read(&text).unwrap_or_else(|mistakes| panic!("{mistakes}"));
    let found = prove(&lesson).expect_err("two untruths").lines();
    assert_eq!(found.len(), 2, "{found:#?}");
    assert!(found[0].starts_with("good.toml:") && found[0].contains("the goal holds already"), "{found:#?}");
}

#[test]
fn asking_again_and_again_gives_what_asking_once_gives() {
    use crate::command::Command;
    let lesson = example();
    for text in ["linearizable == \"no\"", "durable == \"no\"", "read_your_writes == \"yes\" && leaders == 2"] {
        let test = crate::cluster::condition::Condition::compile(
            text,
            crate::cluster::registry::MODELS[0].facts,
            crate::cluster::registry::MODELS[0].guarantees,
        )
        .expect(text);
        let mut asked = crate::lesson::ask::Asked::new(&test);
        let mut timeline = crate::lesson::story::fresh(&lesson, &lesson.scenario, &crate::timeline::Brake::default()).expect("it starts");
        for line in &lesson.claims[0].run.script.lines {
            if let Command::Poke(poke) = &line.command {
                timeline.poke(poke).expect("it is taken");
            }
            for _ in 0..60 {
                timeline.step();
                assert_eq!(asked.holds(timeline.cluster()), test.holds_in(timeline.cluster()), "{text} at {}", timeline.at());
            }
        }
    }
}

#[test]
fn a_broken_step_does_not_hide_later_ones() {
    let text = changed("\"c1 write x 1\", \"run 1s\"", "\"crash n9\", \"run 1s\"").replace("answer = 1\n", "answer = 2\n");
    let lesson = read(&text).unwrap_or_else(|mistakes| panic!("{mistakes}"));
    let found = prove(&lesson).expect_err("a refusal and an untruth").lines();
    assert!(found.iter().any(|l| l.contains("crash n9")) && found.iter().any(|l| l.contains("given as 2")), "{found:#?}");
}
