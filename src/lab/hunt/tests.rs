use std::collections::BTreeSet;

use clap::Parser as _;
use rand::RngExt;

use super::script::Shown;
use super::strike::Aim;
use super::*;
use crate::cluster::registry::MODELS;
use crate::command::{Command, Drive, Poke};
use crate::lab::cli::{Cli, Headless};
use crate::lab::run::RunArgs;
use crate::lesson::catalogue;
use crate::lesson::prove::prove;
use crate::lesson::source::Source;
use crate::sim::time::Span;
use crate::timeline::{Replay, Timeline};

/// The words of a shell command: bare, or in single quotes.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quoted) = (Vec::new(), String::new(), false);
    for c in line.chars().chain([' ']) {
        match c {
            '\'' => quoted = !quoted,
            ' ' if !quoted => words.extend(Some(std::mem::take(&mut word)).filter(|word| !word.is_empty())),
            c => word.push(c),
        }
    }
    words
}

fn parsed(line: &str) -> Headless {
    Cli::try_parse_from(words(line)).unwrap_or_else(|wrong| panic!("{line}: {wrong}")).command.expect("a command")
}

fn args(line: &str) -> HuntArgs {
    let Headless::Hunt(args) = parsed(&format!("splitbrain hunt {line}")) else { panic!("{line} hunts") };
    args
}

/// The first break that a hunt finds, in every form.
fn found(line: &str) -> (Hunt, Shown) {
    let args = args(line);
    let hunt = Hunt { stop: true, ..prepare(&args).unwrap_or_else(|wrong| panic!("{line}: {wrong}")) };
    let outcomes = hunt.run(threads(), &mut |_| {});
    let script = first_break(&hunt, &outcomes).unwrap_or_else(|| panic!("{line} finds nothing"));
    let shown = Shown::of(&hunt, &args, script).unwrap_or_else(|wrong| panic!("{line}: {wrong}"));
    (hunt, shown)
}

fn json_of(command: Headless) -> serde_json::Value {
    let mut page = Vec::new();
    command.run(&mut page).unwrap_or_else(|wrong| panic!("{wrong:#}"));
    serde_json::from_slice(&page).expect("JSON")
}

/// A lesson that says nothing but this.
fn lesson_with(snippet: &str) -> String {
    let head = "id = \"found\"\ntitle = \"t\"\nquestion = \"q\"\nchapter = \"replication\"\nsources = [\"s\"]\nanswer = \"a\"\n";
    let step = "\n[[step]]\nkind = \"say\"\nid = \"s\"\ntext = \"x\"\n";
    format!("{head}\n{snippet}{step}")
}

/// Everything that is printed does it again: the command line, the replay, and the claim in a lesson that `check` accepts.
#[test]
fn what_is_printed_breaks_it_again() {
    for line in [
        "--model replicated --set replication=majority --set reads=any --faults none --break linearizable",
        "--model replicated --set election=alone --faults cut,crash --break durable",
        "--model replicated --set fencing=off --faults hold,cut --break 'leaders >= 2 && acked > 1'",
        "--model replicated --set failover=manual --faults crash,wipe",
        "--model replicated --nodes 5 --clients 3 --set replication=semi-sync --faults cut,crash --break durable --seed 40",
    ] {
        let (_, shown) = found(line);
        let Headless::Run(run) = parsed(&shown.command_line) else { panic!("{} runs", shown.command_line) };
        let again = json_of(Headless::Run(RunArgs { json: true, ..run }));
        let promise = shown.script.promise.id();
        if again["verdicts"].get(promise).is_some() {
            assert_eq!(again["verdicts"][promise], false, "{}", shown.command_line);
        }
        let text = shown.replay.one_line();
        let replayed = Timeline::from_replay(&Replay::parse(&text).expect("it reads back")).expect("it goes the same way");
        assert_eq!(again["fingerprint"], format!("{:016x}", replayed.cluster().fingerprint()), "{line}");
        let source = Source::new("found.toml", &lesson_with(&shown.lesson));
        let lesson = catalogue().load(&source).unwrap_or_else(|mistakes| panic!("{mistakes}"));
        prove(&lesson).unwrap_or_else(|mistakes| panic!("{line}\n{mistakes}"));
        assert_eq!(lesson.claims.len(), 1);
    }
}

/// A lesson brings its settings, zones and start; its story comes before the script; a replay is gone on with.
#[test]
fn lessons_and_replays_are_hunted_too() {
    for line in ["cap-theorem --faults cut --break linearizable", "failover-limits --story --faults crash,cut --break durable"] {
        let (hunt, shown) = found(line);
        let story = hunt.field.story.len();
        assert!(story == 0 || line.contains("--story"), "{line}");
        assert_eq!(shown.commands.len(), story + shown.script.commands.len());
        let Headless::Run(run) = parsed(&shown.command_line) else { panic!("{} runs", shown.command_line) };
        let again = json_of(Headless::Run(RunArgs { json: true, ..run }));
        assert_eq!(again["verdicts"][shown.script.promise.id()], false, "{}", shown.command_line);
    }
    let (_, shown) = found("--model replicated --set replication=majority --set reads=any --faults none --break linearizable");
    let file = std::env::temp_dir().join(format!("splitbrain-hunt-{}.replay", std::process::id()));
    std::fs::write(&file, shown.replay.to_string()).expect("a file can be written");
    let (_, further) = found(&format!("{} --faults cut --break linearizable", file.display()));
    assert!(further.script.commands.is_empty(), "it is broken already");
    std::fs::remove_file(&file).expect("it is there");
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let args = args("--model replicated --faults crash,cut,hold,power-loss --runs 60 --seed 5");
    for stop in [false, true] {
        let hunt = Hunt { stop, ..prepare(&args).expect("right") };
        let alone = hunt.run(1, &mut |_| {});
        assert!(alone.iter().map(|outcome| outcome.run).eq(0..alone.len() as u64));
        assert!(stop || alone.len() == 60);
        for threads in [2, 7] {
            assert_eq!(hunt.run(threads, &mut |_| {}), alone, "{threads} threads");
        }
    }
}

/// A run that a report names can be had alone, and what is done first is part of every run.
#[test]
fn one_run_is_picked_by_its_number() {
    let line = "--model traffic --do 'workload c1 20/s' --faults crash,pause --seed 3";
    let all = prepare(&args(&format!("{line} --runs 5"))).expect("right").run(2, &mut |_| {});
    for outcome in &all {
        let alone = prepare(&args(&format!("{line} --run {}", outcome.run))).expect("right").run(2, &mut |_| {});
        assert_eq!(alone, std::slice::from_ref(outcome));
    }
    assert!(all.iter().any(|outcome| outcome.met.acknowledged > 100), "the workload asks: {all:?}");
    let both = Cli::try_parse_from(words(&format!("splitbrain hunt {line} --runs 5 --run 1")));
    assert!(both.is_err(), "one or many");
}

/// What is left of a break is what it takes: nothing can be left out.
#[test]
fn the_script_is_short() {
    let (hunt, shown) =
        found("--model replicated --set replication=majority --set reads=any --faults crash,cut,pause --break read-your-writes");
    let commands = &shown.script.commands;
    let pokes = commands.iter().filter(|command| matches!(command, Command::Poke(_))).count();
    assert!(pokes <= 3, "a write and a read are enough: {:?}", shown.commands);
    for left_out in 0..commands.len() {
        let mut fewer = commands.clone();
        fewer.remove(left_out);
        let ran = hunt.exactly(shown.script.seed, &fewer, &flown::Flown::default()).expect("it starts");
        assert!(ran.broken.is_empty(), "without `{}`", commands[left_out]);
    }
}

/// Runs in which nothing happens are told apart.
#[test]
fn void_runs_do_not_count() {
    let counted = |line: &str| {
        let hunt = prepare(&args(line)).expect("right");
        hunt.run(threads(), &mut |_| {}).iter().filter(|outcome| outcome.met.counts()).count()
    };
    assert_eq!(counted("--model replicated --faults none --runs 20 --seed 2"), 20, "work alone is enough where no fault was asked for");
    let nobody_waits = "--model replicated --set request-timeout=1ms --faults crash,cut,hold --runs 20";
    assert_eq!(counted(nobody_waits), 0, "nothing is acknowledged");
    let some = counted("--model replicated --faults crash --runs 60");
    assert!((15..60).contains(&some), "{some}");
}

/// Every class does what its word says and nothing else, and something ends it.
#[test]
fn each_class_strikes_with_its_own_pokes() {
    let hunt = prepare(&args("--model replicated --runs 1")).expect("right");
    for class in Class::ALL.into_iter().chain([Class::Verb("promote")]) {
        let mut seen = BTreeSet::new();
        for run in 0..60 {
            let mut timeline = hunt.field.open(run).expect("it starts");
            let mut rng = draw::draws(9, run);
            timeline.poke(&"c1 write x 1".parse_poke()).expect("possible");
            timeline.advance(Span::ms(rng.random_range(1..80)));
            let scene = tail::scene(timeline.cluster());
            let mut aim = Aim { cluster: timeline.cluster(), scene: &scene, moment: None, unit: Span::ms(300), rng: &mut rng };
            let strike = aim.strike(class);
            for poke in &strike.now {
                assert!(timeline.cluster().fork().apply(poke).is_ok(), "{class}: {poke}");
                seen.insert(first_word(poke));
            }
            let mut cluster = timeline.cluster().fork();
            strike
                .now
                .iter()
                .chain(&strike.later)
                .for_each(|poke| cluster.apply(poke).unwrap_or_else(|why| panic!("{class}: {poke}: {why}")));
        }
        let expected: &[&str] = match class {
            Class::Crash | Class::PowerLoss | Class::Wipe => &["crash"],
            Class::Pause => &["pause"],
            Class::Cut | Class::OneWay => &["cut"],
            Class::Loss => &["loss"],
            Class::Duplicate => &["duplicate", "duplication"],
            Class::Reorder => &["reordering"],
            Class::Hold => &["deliver", "drop", "hold"],
            Class::Slow => &["slow"],
            Class::Drift => &["drift"],
            Class::Skew => &["skew"],
            Class::FullDisk => &["full-disk"],
            Class::Latency => &["latency"],
            Class::Timers => &["fire"],
            Class::Verb(name) => &[name],
        };
        assert!(seen.iter().eq(expected), "{class}: {seen:?}");
    }
}

fn first_word(poke: &Poke) -> String {
    poke.to_string().split(' ').next().unwrap_or_default().to_string()
}

trait ParsePoke {
    fn parse_poke(&self) -> Poke;
}

impl ParsePoke for str {
    fn parse_poke(&self) -> Poke {
        match crate::cluster::replicated::MODEL.language.parse(self) {
            Ok(Command::Poke(poke)) => poke,
            other => panic!("{self}: {other:?}"),
        }
    }
}

/// Settings with which all of a model's moments occur.
const VARIED: &[(&str, &[&str])] = &[
    (
        "replicated",
        &[
            "--set replication=majority --set fencing=lease",
            "--set rejoin=merge --set election=alone",
            "--set fencing=epochs --set candidate=random",
        ],
    ),
    ("quorum", &["--set hints=kept --set repair=after --set anti-entropy=200ms"]),
    (
        "traffic",
        &[
            "--set service=exp(300ms) --set check=200ms --set check-timeout=50ms --set check-threshold=2 --set warm-up=1s --set retries=2 \
           --set autoscale=on --set scale-every=500ms --set scale-down-after=1s --set timeout=5s",
            "--set warm-up=1s --set database=on --set replicas=1 --do 'workload c1 60/s view:order 1:1 keys uniform(20)' \
             --faults crash,deploy",
        ],
    ),
    ("multi-leader", &["--set policy=siblings --set dependencies=on --set latency=exp(20ms)"]),
    ("fleet", &["--set db=2 --set check=200ms --set check-timeout=50ms --set copy-delay=100ms"]),
    ("consensus", &["", "--set no-op=off --set reads=read-index --faults crash,cut,timers,transfer"]),
    (
        "limiter",
        &[
            "",
            "--set algorithm=leaky-queue",
            "--nodes 5 --set counters=shared --set kept=lazy",
            "--nodes 5 --set counters=shared --set step=two-steps",
        ],
    ),
    (
        "gateway",
        &[
            "--set workers=2 --set timeout=1s --set try-timeout=200ms --set retries=2 --set breaker=on --set breaker-least=2 --set breaker-open=300ms \
             --set auth=introspection",
        ],
    ),
    (
        "proxy",
        &[
            "--set work=const(100ms) --do 'workload c4 50/s get:post 1:1 keys shop' --faults crash,cut,deploy,drain",
            "--set connections=kept",
        ],
    ),
    (
        "stores",
        &[
            "",
            "--set isolation=serializable --set update=read-first --set retry=aborted",
            "--set shards=3 --set customers=3 --set document-transactions=on --set fsync=lazy",
            "--set shards=2 --set commit=one-by-one --set documents=referenced --set balances=together --set request-key=on --set retry=always",
        ],
    ),
    ("ring", &["--set scheme=mod-n --set keys=20 --set batch=2 --set replicas=2 --faults crash,cut,add,remove"]),
    (
        "cache",
        &[
            "--set on-write=update --set latency=exp(5ms)",
            "--set pattern=write-back --set flush=200ms --set latency=exp(5ms) --set slots=2",
        ],
    ),
    ("work-queue", &["--set visibility=1s --set work=exp(1s)", "--set attempts=1 --set failing=0.5 --set dead-letters=two-steps"]),
    (
        "redis",
        &[
            "--set mode=cluster --set node-timeout=400ms --set ping-every=50ms --set ack-every=100ms --set request-timeout=500ms",
            "--set mode=cluster --set replicas=0 --set move-every=20ms --set node-timeout=400ms --set ping-every=200ms --faults crash,cut,move",
            "--set aof=everysec --set disk=const(1500ms) --set save=100ms --set rewrite=3 --set element-time=1ms --set down-after=300ms \
             --set latency=exp(5ms) --faults crash,cut",
            "--set aof=always --set disk=const(50ms) --set down-after=300ms --set latency=exp(5ms) --faults crash,cut,pause",
        ],
    ),
    ("commit-log", &["--set work=const(50ms) --set replica-lag=300ms"]),
    ("exchange", &["--set show=50ms --set style=sse", "--set does=calls --set http=2 --set deadline=100ms --set work=exp(100ms)"]),
];

/// A name that never occurs would be waited for in vain.
#[test]
fn every_moment_that_a_model_names_occurs() {
    for model in MODELS {
        let mut missing: BTreeSet<&str> = model.moments.iter().map(|(name, _)| *name).collect();
        let varied = VARIED.iter().find(|(name, _)| *name == model.name).map_or(&[""][..], |(_, lines)| lines);
        for line in varied {
            let faults = if line.contains("--faults") { "" } else { "--faults crash,cut,timers" };
            let hunt = prepare(&args(&format!("--model {} {line} {faults} --runs 40", model.name))).expect("right");
            for run in 0..40 {
                if !missing.is_empty() {
                    strike_out(&mut missing, &hunt, run);
                }
            }
        }
        assert!(missing.is_empty(), "{}: {missing:?}", model.name);
    }
}

/// Strikes out the moments that occur in a run.
fn strike_out(missing: &mut BTreeSet<&str>, hunt: &Hunt, run: u64) {
    let ran = hunt.one(run);
    let mut cluster = hunt.field.cluster(hunt.field.seed_of(run)).expect("it starts");
    let mut moments = Vec::new();
    for command in &ran.done {
        match command {
            Command::Poke(poke) => cluster.apply(poke).expect("it was possible before"),
            Command::Drive(Drive::Run(span)) => {
                let end = cluster.now() + *span;
                while cluster.next_at().is_some_and(|at| at <= end) {
                    cluster.step();
                    cluster.moments(&mut moments);
                    for moment in &moments {
                        missing.remove(moment.name);
                    }
                }
                cluster.run_until(end, u64::MAX);
            }
            Command::Drive(_) => panic!("only runs"),
        }
    }
}

#[test]
fn names_that_are_wrong_are_all_said_at_once() {
    let wrong = |line: &str| prepare(&args(line)).map(|_| ()).expect_err(line).to_string();
    let both = wrong("--model replicated --faults crsh,cut --break linearisable");
    assert!(both.contains("did you mean `crash`?") && both.contains("did you mean `linearizable`?"), "{both}");
    assert!(wrong("--model replicated --break 'leeders > 1'").contains("did you mean `leaders`?"));
    assert!(wrong("--model replicaded --faults volcano").contains("volcano"));
    assert!(wrong("--model replicated --set replication=fast").contains("replication"));
}
