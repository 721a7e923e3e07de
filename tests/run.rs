//! `splitbrain run` and `splitbrain replay` from outside: the same runs as on the screen.

#![allow(clippy::expect_used, reason = "a test may end on what it did not expect")]

use std::process::{Command, Output, Stdio};

use serde_json::Value;
use splitbrain::cluster::Scenario;
use splitbrain::command::{Command as Line, Drive};
use splitbrain::timeline::Timeline;

fn splitbrain(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_splitbrain"));
    command.args(arguments).stdin(Stdio::null()).output().expect("the program starts")
}

fn printed(arguments: &[&str]) -> String {
    let output = splitbrain(arguments);
    let complaint = String::from_utf8_lossy(&output.stderr).to_string();
    assert_eq!((output.status.code(), complaint.as_str()), (Some(0), ""), "{arguments:?}");
    String::from_utf8(output.stdout).expect("text")
}

fn refused(arguments: &[&str]) -> String {
    let output = splitbrain(arguments);
    assert_eq!(output.status.code(), Some(2), "{arguments:?}");
    String::from_utf8(output.stderr).expect("text")
}

fn json(arguments: &[&str]) -> Value {
    serde_json::from_str(&printed(&[arguments, &["--json"]].concat())).expect("JSON")
}

const POKES: [&str; 5] = ["run 100ms", "c1 write x 1", "cut n1 | n2 n3", "run 2s", "c1 read x from n1"];

/// `run --model replicated` with these commands.
fn with_pokes<'a>(more: &[&'a str]) -> Vec<&'a str> {
    let mut arguments = vec!["run", "--model", "replicated"];
    arguments.extend(POKES.iter().flat_map(|poke| ["--do", poke]));
    arguments.extend(more);
    arguments
}

/// The same on a timeline, by single events where the clock is driven.
fn on_a_timeline(seed: u64) -> Timeline {
    let scenario = Scenario { model: "replicated".into(), nodes: None, clients: None, zones: vec![], settings: vec![], seed };
    let mut timeline = Timeline::new(scenario).expect("the defaults are right");
    for poke in POKES {
        match splitbrain::cluster::replicated::MODEL.language.parse(poke).expect("right") {
            Line::Poke(poke) => drop(timeline.poke(&poke).expect("possible")),
            Line::Drive(Drive::Run(span)) => {
                let end = timeline.at() + span;
                while timeline.next_at().is_some_and(|at| at <= end) {
                    timeline.step();
                }
                timeline.run_to(end);
            }
            Line::Drive(_) => unreachable!("only runs"),
        }
    }
    timeline
}

#[test]
fn a_run_is_one_json_object() {
    let run = json(&with_pokes(&["--until", "4s"]));
    assert_eq!(run["time_ns"], 4_000_000_000_u64);
    assert!(run["events"].as_u64().is_some_and(|events| events > 10));
    assert_eq!(run["fingerprint"].as_str().map(str::len), Some(16));
    assert!(run["facts"]["leaders"].is_u64(), "{run}");
    assert!(run["verdicts"].as_object().is_some_and(|v| v.contains_key("linearizable")), "{run}");
    assert!(run["settings"].as_object().is_some_and(|s| s.contains_key("replication")), "{run}");
}

#[test]
fn headless_and_stepwise_runs_have_one_fingerprint() {
    let timeline = on_a_timeline(7);
    let run = json(&with_pokes(&["--seed", "7"]));
    assert_eq!(run["fingerprint"], format!("{:016x}", timeline.cluster().fingerprint()));
    assert_eq!(run["events"], timeline.cluster().events());
    assert_eq!(run["time_ns"], timeline.at().0);
    assert_ne!(run["fingerprint"], json(&with_pokes(&["--seed", "8"]))["fingerprint"]);
}

#[test]
fn a_replay_runs_again_from_a_line_or_a_file() {
    let timeline = on_a_timeline(7);
    let replay = timeline.replay();
    let file = std::env::temp_dir().join(format!("splitbrain-{}.replay", std::process::id()));
    std::fs::write(&file, replay.to_string()).expect("a file can be written");
    let path = file.to_str().expect("text");
    let fingerprint = format!("{:016x}", timeline.cluster().fingerprint());
    for arguments in [vec!["replay", &replay.one_line()], vec!["replay", path], vec!["run", path]] {
        assert_eq!(json(&arguments)["fingerprint"], fingerprint, "{arguments:?}");
    }
    let further = json(&["run", path, "--do", "heal", "--until", "3s"]);
    assert_eq!(further["time_ns"], 3_000_000_000_u64);
    assert!(refused(&["run", path, "--seed", "9"]).contains("a replay has its own"));
    std::fs::remove_file(&file).expect("it is there");
    let other = replay.one_line().replace(&fingerprint, "0123456789abcdef");
    assert!(refused(&["replay", &other]).contains("went another way"));
}

#[test]
fn the_page_tells_what_happened() {
    let page = printed(&with_pokes(&[]));
    for part in ["> cut n1 | n2 n3", "c1 write x 1", "Facts", "leaders", "Guarantees", "linearizable", "2.100 s", "fingerprint"] {
        assert!(page.contains(part), "{part}: {page}");
    }
}

#[test]
fn conditions_drive_a_run() {
    let run = json(&["run", "--model", "replicated", "--do", "cut n1 | n2 n3", "--do", "until \"leaders >= 2\""]);
    assert_eq!(run["facts"]["leaders"], 2);
    let again = json(&["run", "--model", "replicated", "--do", "run 1s", "--do", "seed 5", "--until", "1s"]);
    assert_eq!(again, json(&["run", "--model", "replicated", "--seed", "5", "--until", "1s"]));
}

#[test]
fn what_the_cluster_cannot_take_is_status_2() {
    for (arguments, part) in [
        (vec!["--set", "replicaton=sync"], "did you mean `replication`"),
        (vec!["--set", "replication=fast"], "replication"),
        (vec!["--set", "replication"], "NAME=VALUE"),
        (vec!["--nodes", "0"], "nodes"),
        (vec!["--do", "crash n9"], "no server n9; here are n1, n2, n3"),
        (vec!["--do", "c9 read x"], "no client c9"),
        (vec!["--do", "drop #99"], "#99"),
        (vec!["--do", "restart n1"], "n1"),
        (vec!["--do", "fire n1 nothing"], "nothing"),
        (vec!["--do", "until leeders > 1"], "did you mean `leaders`?"),
        (vec!["--do", "until false"], "did not come true"),
        (vec!["--do", "run 2s", "--until", "1s"], "already"),
        (vec!["--do", "until 'lag_ms.n9 > 1'"], "there is no node `n9`; the nodes are n1 to n3"),
    ] {
        let message = refused(&[vec!["run", "--model", "replicated"], arguments.clone()].concat());
        assert!(message.contains(part), "{arguments:?}: {message}");
    }
}

#[test]
fn every_setting_and_fact_of_a_model_is_printed() {
    let page = printed(&["models", "replicated"]);
    let value: Value = serde_json::from_str(&printed(&["models", "replicated", "--json"])).expect("JSON");
    let model = &value["models"][0];
    for list in ["settings", "facts"] {
        let entries = model[list].as_array().expect("a list");
        assert!(entries.len() >= 8, "{list}");
        for entry in entries {
            assert!(page.contains(entry["name"].as_str().expect("a name")), "{entry}");
            assert!(!entry["about"].as_str().expect("a text").is_empty(), "{entry}");
        }
    }
}
