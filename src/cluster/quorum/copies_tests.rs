//! What the facts say of copies: of those that no rule orders, and of those that a read mends.

use super::model::MODEL;
use crate::check::verdict::{Guarantee, Holds};
use crate::cluster::facts::{FactValue, Facts};
use crate::cluster::scene::{Layout, ReplyLine, Scene, Tone};
use crate::cluster::{Cluster, Happening, Scenario, What};
use crate::command::{Command, Drive};

const ARRIVAL: [(&str, &str); 2] = [("versions", "arrival"), ("repair", "off")];

fn run(more: [(&str, &str); 2], commands: &[&str]) -> Box<dyn Cluster> {
    let settings = [[("latency", "const(10ms)"), ("anti-entropy", "none")], more].concat();
    let settings = settings.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
    let scenario = Scenario { model: "quorum".into(), nodes: None, clients: None, zones: Vec::new(), settings, seed: 1 };
    let mut cluster = (MODEL.start)(&scenario).unwrap_or_else(|wrong| panic!("{wrong:?}"));
    for text in commands {
        match MODEL.language.parse(text).unwrap_or_else(|e| panic!("{text}: {e:?}")) {
            Command::Poke(poke) => cluster.apply(&poke).unwrap_or_else(|why| panic!("{text}: {why}")),
            Command::Drive(Drive::Run(span)) => drop(cluster.run_until(cluster.now() + span, 1_000_000)),
            other @ Command::Drive(_) => panic!("{other:?}"),
        }
    }
    cluster
}

fn said(cluster: &dyn Cluster, names: &[&str]) -> Vec<String> {
    let mut facts = Facts::default();
    cluster.facts(&mut facts);
    names.iter().map(|name| facts.get(name).map_or_else(String::new, FactValue::to_string)).collect()
}

/// Of two writes beside each other some copies hold the one and some the other: neither is lost, and no copy is older than either.
#[test]
fn copies_that_nothing_orders_are_neither_lost_nor_behind() {
    let beside = ["latency c1 -> n3 30ms", "latency c2 -> n1 30ms", "c1 write x 8", "c2 write x 9", "run 300ms"];
    let facts = said(&*run(ARRIVAL, &beside), &["divergent_keys", "acked_lost", "overwritten", "behind_max"]);
    assert_eq!(facts, ["1", "0", "1", "0"]);
}

/// Copies that differ may still come together where a line lets nothing through: that is not how it stays.
#[test]
fn copies_apart_are_not_final_while_nothing_can_come_through() {
    let beside = ["latency c1 -> n3 30ms", "latency c2 -> n1 30ms", "c1 write x 8", "c2 write x 9", "run 300ms"];
    let convergent = |more: &[&str]| {
        let verdicts = run(ARRIVAL, &[&beside[..], more].concat()).verdicts();
        verdicts.into_iter().find(|verdict| verdict.guarantee == Guarantee::CONVERGENT).map(|verdict| verdict.holds)
    };
    assert_eq!(convergent(&[]), Some(Holds::No));
    assert_eq!(convergent(&["cut n1 -> n3"]), Some(Holds::Unknown));
    assert_eq!(convergent(&["loss n1 -> n3 100%"]), Some(Holds::Unknown));
    assert_eq!(convergent(&["loss n1 -> n3 50%"]), Some(Holds::No));
}

/// A copy of which all was acknowledged before a write was called is older than it, and alone it is no place where that is kept.
#[test]
fn a_copy_that_is_older_for_certain_is_behind() {
    let missed = ["c1 write x 7", "run 100ms", "cut c1 -> n3", "c1 write x 8", "run 100ms"];
    assert_eq!(said(&*run(ARRIVAL, &missed), &["behind_max", "acked_lost"]), ["1", "0"]);
    let wiped = [&missed[..], &["crash n1 wiping disk", "crash n2 wiping disk"]].concat();
    assert_eq!(said(&*run(ARRIVAL, &wiped), &["behind_max", "acked_lost"]), ["1", "1"]);
}

/// Who is down is as far behind as its disk.
#[test]
fn a_server_that_is_down_can_be_behind() {
    let missed = ["crash n3", "c1 write x 7", "run 100ms"];
    assert_eq!(said(&*run(ARRIVAL, &missed), &["behind_max", "behind"]), ["1", "n1 0, n2 0, n3 1"]);
}

/// A rebuild is told as what it is: the copy of one other server, which may be old too, and no anti-entropy.
#[test]
fn a_rebuild_from_an_old_copy_does_not_claim_to_be_up_to_date() {
    let old = ["c1 write x 7", "run 100ms", "cut c1 -> n2", "c1 write x 8", "run 100ms", "crash n3 wiping disk", "restart n3"];
    let cluster = run([("versions", "clock"), ("repair", "off")], &[&old[..], &["rebuild n3 using n2", "run 100ms"]].concat());
    assert_eq!(said(&*cluster, &["behind", "entropy_repairs"]), ["n1 0, n2 1, n3 1", "1"]);
    let mut all = Vec::new();
    cluster.happenings(crate::sim::time::Time::ZERO, &mut all);
    let note = |happening: Happening| if let What::Note { text, .. } = happening.what { Some(text) } else { None };
    let told: Vec<String> = all.into_iter().filter_map(note).collect();
    assert!(told.iter().any(|line| line.contains("n3 takes 1 key from the copy that it was sent")), "{told:#?}");
    assert!(!told.iter().any(|line| line.contains("anti-entropy") || line.contains("up to date")), "{told:#?}");
}

/// A read that mends before its answer counts what it mends as one that mends after it, and a write counts nothing.
#[test]
fn a_copy_is_mended_before_the_answer_or_after_it() {
    for (repair, mended) in [("off", "0"), ("after", "1"), ("before", "1")] {
        let missed = ["c1 write x 7", "run 100ms", "cut c1 -> n3", "c1 write x 8", "run 100ms", "c2 read x among n1 n3", "run 200ms"];
        let cluster = run([("versions", "clock"), ("repair", repair)], &missed);
        assert_eq!(
            said(&*cluster, &["read_repairs", "acked", "behind_max"]),
            [mended, "2", if mended == "0" { "1" } else { "0" }],
            "{repair}"
        );
    }
}

fn lines(cluster: &dyn Cluster) -> Vec<ReplyLine> {
    let mut scene = Scene::default();
    cluster.scene(cluster.now(), &mut scene);
    let Layout::Replies(replies) = scene.layout else { panic!("no replies") };
    replies.lines
}

/// A server that is no replica shows what it keeps for others, and is never behind.
#[test]
fn a_stranger_shows_its_hint_and_for_whom() {
    let cluster = run([("n", "2"), ("hints", "counted")], &["crash n2", "c1 write x 7", "run 200ms"]);
    let shown = |line: &ReplyLine| line.entries.iter().map(|entry| entry.text.clone()).collect::<Vec<_>>();
    assert_eq!(shown(&lines(&*cluster)[2]), ["7", "for n2"]);
    let quiet = run([("n", "2"), ("hints", "counted")], &["c1 write x 7", "run 200ms"]);
    assert_eq!(shown(&lines(&*quiet)[2]), ["-", ""]);
    assert!(lines(&*quiet)[2].entries.iter().all(|entry| entry.tone == Tone::Plain));
}

/// A server that was down when the question came, or was cut off from it, answers no more: the stage does not wait for it.
#[test]
fn what_died_on_the_way_is_not_on_its_way() {
    let answer = |commands: &[&str]| format!("{:?}", lines(&*run([("repair", "off"), ("reads", "all")], commands))[2].answer);
    let none = |why: &str| format!("None({why:?})");
    assert_eq!(answer(&["crash n3", "c1 write x 7", "run 100ms", "restart n3", "run 1ms"]), none("was down"));
    assert_eq!(answer(&["cut c1 | n3", "c1 write x 7", "run 100ms", "heal", "run 1ms"]), none("was cut"));
    assert_eq!(answer(&["crash n3", "c1 write x 7", "run 100ms", "restart n3", "c1 write x 8", "run 1ms"]), "Waiting");
}

/// Side by side an acknowledged write is kept until somebody who knew it writes; what a node gave a dot twice is lost, and counted.
#[test]
fn what_nobody_who_knew_it_replaced_is_lost_with_its_last_copy() {
    let rule = [("versions", "vector"), ("coordinator", "node")];
    let beside = ["c1 write x 1 to n1", "run 100ms", "c2 write x 2 to n1", "run 100ms", "c2 write x 3 to n1", "run 100ms"];
    let facts = |more: &[&str]| said(&*run(rule, &[&beside[..], more].concat()), &["acked_lost", "siblings_max"]);
    assert_eq!(facts(&[]), ["0", "2"]);
    assert_eq!(facts(&["c1 read x", "run 100ms", "c1 write x 4 to n2", "run 100ms"]), ["0", "1"]);
    let wiped = ["crash n1 wiping disk", "restart n1", "run 100ms"];
    let forgets = [&wiped[..], &["c1 write x 5 to n1", "run 100ms"], &wiped].concat();
    assert_eq!(facts(&forgets)[0], "1", "the dot of the first write was given again, and the copies took the new one for the old");
}
