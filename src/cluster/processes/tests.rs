//! Programs in the simulator alone: what they would write is handed in here.

use std::sync::Arc;

use serde_json::{Value as Json, json};

use super::{MODEL, Processes, asks};
use crate::check::verdict::Holds;
use crate::cluster::live::Live;
use crate::cluster::{Cluster, Scenario};
use crate::command::{Command, Poke};
use crate::sim::id::NodeId;
use crate::sim::time::Span;
use crate::timeline::{Replay, Timeline};

fn scenario(settings: &[(&str, &str)]) -> Scenario {
    let settings = settings.iter().map(|(name, value)| ((*name).to_string(), (*value).to_string())).collect();
    Scenario { settings, ..Scenario::of(MODEL.name) }
}

/// A run whose programs are played by a function: for each line that a node reads, the lines that it writes.
struct Played<F> {
    run: Timeline,
    program: F,
    given: Vec<u64>,
}

impl<F: FnMut(NodeId, &Json) -> Vec<Json>> Played<F> {
    fn new(settings: &[(&str, &str)], program: F) -> Played<F> {
        let run = Timeline::new(scenario(settings)).unwrap();
        let servers = live(&run).sim().servers();
        let mut played = Played { run, program, given: vec![0; servers.into()] };
        played.answer();
        played
    }

    fn poke(&mut self, command: &str) {
        let Ok(Command::Poke(poke)) = MODEL.language.parse(command) else { panic!("{command}") };
        self.run.poke(&poke).unwrap_or_else(|why| panic!("{command}: {why}"));
        self.answer();
    }

    /// Lets so much time pass; programs answer at once.
    fn pass(&mut self, ms: u64) {
        let end = self.run.at() + Span::ms(ms);
        while self.run.next_at().is_some_and(|next| next <= end) {
            self.run.try_step().unwrap();
            self.answer();
        }
        self.run.run_to(end);
        self.answer();
    }

    fn answer(&mut self) {
        for at in 0..self.given.len() {
            let id = NodeId::server(at as u16);
            let Some(program) = live(&self.run).sim().node(id).state().and_then(Processes::program) else {
                self.given[at] = 0;
                continue;
            };
            let lines: Vec<Arc<str>> = program.since(self.given[at]).cloned().collect();
            self.given[at] = program.given();
            for line in lines {
                let line: Json = serde_json::from_str(&line).unwrap();
                for said in (self.program)(id, &line) {
                    self.run.poke(&out(id, &said.to_string())).unwrap();
                }
            }
        }
    }

    fn holds(&self, id: &str) -> (Holds, String, usize) {
        let verdict = live(&self.run).verdicts().into_iter().find(|v| v.guarantee.id() == id);
        verdict.map_or_else(|| panic!("{id}"), |v| (v.holds, v.why, v.witness.len()))
    }
}

fn live(run: &Timeline) -> &Live<Processes> {
    run.cluster().as_any().downcast_ref().unwrap()
}

fn out(id: NodeId, line: &str) -> Poke {
    asks::handed("out", id, line).unwrap()
}

/// An answer to a message.
fn reply(line: &Json, body: &Json) -> Json {
    let mut body = body.clone();
    body["in_reply_to"] = line["body"]["msg_id"].clone();
    json!({"src": line["dest"], "dest": line["src"], "body": body})
}

/// Acknowledges everything with these fields.
fn acknowledges(fields: Json) -> impl FnMut(NodeId, &Json) -> Vec<Json> {
    move |_, line| {
        let mut body = fields.clone();
        body["type"] = json!(format!("{}_ok", line["body"]["type"].as_str().unwrap()));
        vec![reply(line, &body)]
    }
}

#[test]
fn programs_are_told_who_they_are_and_whom_they_stand_by() {
    let mut heard: Vec<Json> = Vec::new();
    let mut played = Played::new(&[("workload", "broadcast"), ("programs", "5")], |_, line| {
        heard.push(line.clone());
        vec![reply(line, &json!({"type": format!("{}_ok", line["body"]["type"].as_str().unwrap())}))]
    });
    played.pass(10);
    assert_eq!(live(&played.run).watched().ready, 5);
    drop(played);
    let of = |kind: &str| heard.iter().filter(|line| line["body"]["type"] == kind).cloned().collect::<Vec<_>>();
    assert_eq!(of("init")[1]["body"], json!({"type": "init", "msg_id": 1, "node_id": "n2", "node_ids": ["n1", "n2", "n3", "n4", "n5"]}));
    let topology = &of("topology")[0]["body"]["topology"];
    assert_eq!(topology["n1"], json!(["n4", "n2"]));
    assert_eq!(topology["n5"], json!(["n2", "n4"]));
}

#[test]
fn every_workload_asks_in_the_words_of_the_documents() {
    let asked = [
        ("echo", "c1 echo hello", json!({"type": "echo", "echo": "hello", "msg_id": 1})),
        ("unique-ids", "c1 generate", json!({"type": "generate", "msg_id": 1})),
        ("broadcast", "c1 broadcast 7", json!({"type": "broadcast", "message": 7, "msg_id": 1})),
        ("broadcast", "c1 messages", json!({"type": "read", "msg_id": 1})),
        ("g-counter", "c1 add 3", json!({"type": "add", "delta": 3, "msg_id": 1})),
        ("g-counter", "c1 total", json!({"type": "read", "msg_id": 1})),
        ("lin-kv", "c1 read 0", json!({"type": "read", "key": 0, "msg_id": 1})),
        ("lin-kv", "c1 write x 7", json!({"type": "write", "key": "x", "value": 7, "msg_id": 1})),
        ("lin-kv", "c1 cas 0 7 8", json!({"type": "cas", "key": 0, "from": 7, "to": 8, "msg_id": 1})),
        ("kafka", "c1 send 0 7", json!({"type": "send", "key": "0", "msg": 7, "msg_id": 1})),
        ("kafka", "c1 poll", json!({"type": "poll", "offsets": {"0": 0, "1": 0, "2": 0, "3": 0}, "msg_id": 1})),
        ("kafka", "c1 assign", json!({"type": "list_committed_offsets", "keys": ["0", "1", "2", "3"], "msg_id": 1})),
    ];
    for (workload, command, body) in asked {
        let mut heard = Vec::new();
        let mut played = Played::new(&[("workload", workload)], |_, line: &Json| {
            heard.push(line["body"].clone());
            Vec::new()
        });
        played.poke(command);
        played.pass(100);
        drop(played);
        assert!(heard.contains(&body), "{command}: {heard:?}");
    }
}

#[test]
fn a_poll_is_committed_and_the_next_goes_on_behind_it() {
    let mut heard = Vec::new();
    let mut played = Played::new(&[("workload", "kafka")], |_, line: &Json| {
        heard.push(line["body"].clone());
        let body = match line["body"]["type"].as_str().unwrap() {
            "poll" => json!({"type": "poll_ok", "msgs": {"0": [[0, 7], [1, 8]]}}),
            "list_committed_offsets" => json!({"type": "list_committed_offsets_ok", "offsets": {"0": 0}}),
            kind => json!({"type": format!("{kind}_ok")}),
        };
        vec![reply(line, &body)]
    });
    for command in ["c1 poll", "c1 poll", "c1 assign", "c1 poll"] {
        played.poke(command);
        played.pass(200);
    }
    drop(played);
    let from: Vec<&Json> = heard.iter().filter(|body| body["type"] == "poll").map(|body| &body["offsets"]["0"]).collect();
    assert_eq!(from, [&json!(0), &json!(2), &json!(1)]);
    assert!(heard.iter().any(|body| body["type"] == "commit_offsets" && body["offsets"] == json!({"0": 1})));
}

#[test]
fn errors_end_requests_as_they_are_definite_or_not() {
    for (code, outcome) in [(11, "refused"), (22, "refused"), (13, "timeout"), (0, "timeout"), (1234, "timeout")] {
        let mut played = Played::new(&[("workload", "lin-kv")], move |_, line| {
            let body = if line["body"]["type"] == "init" {
                json!({"type": "init_ok"})
            } else {
                json!({"type": "error", "code": code, "text": "why"})
            };
            vec![reply(line, &body)]
        });
        played.poke("c1 write 0 7");
        played.pass(100);
        let exchange = live(&played.run).exchanges().pop().unwrap();
        assert!(!exchange.outcome.is_ok(), "{code}");
        let refused = matches!(exchange.outcome, crate::cluster::told::Outcome::Refused(_));
        assert_eq!(refused, outcome == "refused", "{code}");
    }
}

#[test]
fn each_judge_catches_what_it_is_for() {
    let caught = |workload: &str, fields: Json, commands: &[&str], id: &str, why: &str| {
        let mut played = Played::new(&[("workload", workload), ("settle", "1s")], acknowledges(fields));
        for command in commands {
            played.poke(command);
            played.pass(1500);
        }
        let (holds, told, witness) = played.holds(id);
        assert!(holds == Holds::No && told.contains(why) && witness > 0, "{workload}: {holds:?} {told}");
    };
    caught("echo", json!({"echo": "other"}), &["c1 echo hello"], "echoed", "`other` came back");
    caught("unique-ids", json!({"id": "one"}), &["c1 generate", "c2 generate"], "unique", "both given one");
    caught("broadcast", json!({"messages": []}), &["c1 broadcast 7", "c2 messages"], "spread", "7: acknowledged, and missing");
    caught("broadcast", json!({"messages": [7, 7]}), &["c1 broadcast 7", "c2 messages"], "spread", "7 twice");
    caught("broadcast", json!({"messages": [8]}), &["c1 broadcast 7", "c2 messages"], "spread", "8, which nobody");
    caught("g-counter", json!({"value": 0}), &["c1 add 5", "c2 total"], "counted", "less than was acknowledged");
    caught("g-counter", json!({"value": 6}), &["c1 add 5", "c2 total"], "counted", "no more than 5");
    caught("lin-kv", json!({"value": 1}), &["c1 write 0 1", "c1 write 0 2", "c2 read 0"], "linearizable", "");
    caught("kafka", json!({"offset": 3}), &["c1 send 0 7", "c2 send 0 8"], "one_offset", "offset 3 holds both 7 and 8");
    let stuck = json!({"offset": 1, "msgs": {"0": [[0, 5], [2, 9]]}});
    caught("kafka", stuck.clone(), &["c1 send 0 7", "c2 poll"], "no_lost_writes", "lost write: 7 was acknowledged at offset 1 of log 0");
    caught("kafka", stuck.clone(), &["c1 send 0 7", "c2 poll"], "monotonic_offsets", "internal poll skip");
    caught("kafka", stuck, &["c2 poll", "c2 poll"], "monotonic_offsets", "external nonmonotonic poll");
}

#[test]
fn what_is_not_final_is_not_held_against_anybody() {
    // Nobody has waited, and a cut is in force.
    let mut played = Played::new(&[("workload", "broadcast"), ("settle", "1s")], acknowledges(json!({"messages": []})));
    played.poke("c1 broadcast 7");
    played.pass(100);
    played.poke("c2 messages");
    played.pass(100);
    played.poke("cut n1 | n2 n3");
    played.pass(5000);
    played.poke("c2 messages");
    played.pass(100);
    assert_eq!(played.holds("spread").0, Holds::Untested);
    played.poke("heal");
    played.pass(900);
    played.poke("c2 messages");
    played.pass(1200);
    assert_eq!(played.holds("spread").0, Holds::Untested);
    played.poke("c2 messages");
    played.pass(100);
    assert_eq!(played.holds("spread").0, Holds::No);
}

#[test]
fn a_node_that_shows_nothing_is_not_called_right() {
    let mut right = acknowledges(json!({"messages": [7]}));
    let settings = [("workload", "broadcast"), ("settle", "1s"), ("request-timeout", "500ms")];
    let mut played = Played::new(&settings, move |id, line: &Json| {
        let is_mute = id == NodeId::server(2) && line["body"]["type"] == "read";
        if is_mute { Vec::new() } else { right(id, line) }
    });
    played.poke("c1 broadcast 7");
    played.pass(1500);
    played.poke("c2 messages from n1");
    played.pass(100);
    assert_eq!(played.holds("spread").0, Holds::Yes);
    played.poke("c2 messages from n3");
    played.pass(1000);
    assert_eq!(played.holds("spread").0, Holds::Untested);
}

#[test]
fn a_service_comes_into_being_when_it_is_asked_and_outlives_a_crash() {
    let mut heard: Vec<Json> = Vec::new();
    let mut played = Played::new(&[("workload", "echo")], |id, line: &Json| {
        heard.push(line.clone());
        let kind = line["body"]["type"].as_str().unwrap();
        match kind {
            "init" => vec![reply(line, &json!({"type": "init_ok"}))],
            "echo" => {
                let ask = |body: Json| json!({"src": id.to_string(), "dest": "lin-kv", "body": body});
                vec![
                    ask(json!({"type": "read", "key": "x", "msg_id": 8})),
                    ask(json!({"type": "write", "key": "x", "value": 1, "msg_id": 9})),
                ]
            }
            _ => Vec::new(),
        }
    });
    played.poke("c1 echo a");
    played.pass(100);
    assert_eq!(live(&played.run).sim().servers(), 4);
    played.poke("crash lin-kv");
    played.poke("restart lin-kv");
    played.poke("c2 echo b to n2");
    played.pass(100);
    drop(played);
    let told: Vec<&Json> = heard.iter().filter(|line| line["src"] == "lin-kv").map(|line| &line["body"]).collect();
    assert_eq!(told[0], &json!({"type": "error", "code": 20, "text": "key does not exist", "in_reply_to": 8}));
    assert_eq!(told[2], &json!({"type": "read_ok", "value": 1, "in_reply_to": 8}));
}

#[test]
fn lines_of_the_worst_kind_never_harm_the_run() {
    let mut played = Played::new(&[("workload", "lin-kv")], |_, line: &Json| match line["body"]["type"].as_str() {
        Some("init") => vec![reply(line, &json!({"type": "init_ok"}))],
        _ => Vec::new(),
    });
    let lines = [
        "",
        "{",
        "null",
        "[]",
        "{\"src\":1}",
        "{\"src\":\"n1\",\"dest\":\"c1\",\"body\":{}}",
        "\u{1b}[2J",
        "{\"src\":\"n1\",\"dest\":\"c99\",\"body\":{\"type\":\"x\"}}",
        "{\"src\":\"n1\",\"dest\":\"n1\",\"body\":{\"type\":\"x\"}}",
        "{\"src\":\"n1\",\"dest\":\"c1\",\"body\":{\"type\":\"x\",\"in_reply_to\":1e999}}",
        "{\"src\":\"n1\",\"dest\":\"c1\",\"body\":{\"type\":\"x\",\"in_reply_to\":-1}}",
        "{\"src\":\"n1\",\"dest\":\"lin-tso\",\"body\":{\"type\":\"ts\",\"msg_id\":{}}}",
        "{\"src\":\"n1\",\"dest\":\"c0\",\"body\":{\"type\":\"init_ok\"}}",
    ];
    for line in lines.iter().copied().map(str::to_string).chain([format!("{}1", "[".repeat(5000))]) {
        played.run.poke(&out(NodeId::server(0), &line)).unwrap();
        played.pass(50);
    }
    assert!(played.holds("speaks").0 == Holds::No && played.run.cluster().verdicts().len() > 2);
    assert_eq!(live(&played.run).watched().odd_lines, 12);
}

#[test]
fn a_run_of_programs_is_a_run_like_any_other() {
    let mut played = Played::new(&[("workload", "lin-kv"), ("latency", "exp(10ms)")], acknowledges(json!({"value": 3})));
    played.poke("workload c1 20/s read:write 1:1 keys uniform(2)");
    played.pass(1000);
    played.poke("crash n1");
    played.pass(500);
    played.poke("restart n1");
    played.pass(500);
    played.run.poke(&asks::handed("err", NodeId::server(0), "a \"quoted\" word; and # more").unwrap()).unwrap();
    played.run.poke(&asks::handed("gone", NodeId::server(0), "has ended by itself").unwrap()).unwrap();
    played.pass(100);
    assert!(!live(&played.run).sim().node(NodeId::server(0)).is_up());
    let replay = played.run.replay();
    let read: Replay = replay.to_string().parse().unwrap();
    assert_eq!(read, replay);
    let again = Timeline::from_replay(&read).unwrap();
    assert_eq!(again.cluster().fingerprint(), played.run.cluster().fingerprint());
    // And one that only takes in what was done elsewhere comes to the same, and goes no further.
    let mut other = Timeline::new(played.run.scenario().clone()).unwrap();
    other.take_in(&replay.pokes, replay.end.at).unwrap();
    assert_eq!(other.cluster().fingerprint(), played.run.cluster().fingerprint());
    other.advance(Span::s(10));
    assert_eq!(other.events(), played.run.events());
    assert!(other.step().is_none() && other.next_noteworthy().is_none());
    assert!(other.poke(&Poke::HealAll).is_err());
    other.seek(crate::sim::time::Time::ZERO);
    assert!(other.step().is_some());
    other.advance(Span::s(10));
    assert_eq!(other.cluster().fingerprint(), played.run.cluster().fingerprint());
}
