//! Sweeps give what single runs give, whatever the number of threads, and refuse what is wrong all at once.

use clap::Parser as _;

use super::plan::Plan;
use super::{SweepArgs, numbers, run};

#[derive(clap::Parser)]
struct Line {
    #[command(flatten)]
    args: SweepArgs,
}

fn args(line: &[&str]) -> SweepArgs {
    Line::try_parse_from([&["sweep"], line].concat()).unwrap_or_else(|wrong| panic!("{wrong}")).args
}

fn printed(line: &[&str]) -> String {
    let mut out = Vec::new();
    run(&args(line), &mut out).unwrap_or_else(|wrong| panic!("{wrong:#}"));
    String::from_utf8(out).unwrap()
}

fn refused(line: &[&str]) -> String {
    run(&args(line), &mut Vec::new()).expect_err("it is wrong").to_string()
}

const BUSY: [&str; 8] = ["--model", "replicated", "--do", "workload c1 50/s", "--until", "500ms", "--seeds", "6"];

#[test]
fn the_numbers_do_not_depend_on_the_number_of_threads() {
    let line = [&BUSY[..], &["--set", "replication=async,sync", "--measure", "write_ms_mean,acked"]].concat();
    let plan = Plan::of(&args(&line)).unwrap();
    let alone = numbers(&plan, 1).unwrap();
    assert_eq!(numbers(&plan, 5).unwrap(), alone);
    assert_eq!((alone.len(), alone[0].len(), alone[0][0].len()), (2, 2, 6));
    assert!(alone[0][0].iter().zip(&alone[1][0]).all(|(before, after)| before < after), "who waits for followers waits longer: {alone:?}");
}

#[test]
fn a_row_is_what_its_runs_give() {
    let line = [
        &BUSY[..],
        &["--set", "nodes=3,5", "--set", "latency=const(1ms),uniform(8ms, 12ms)", "--seed", "3", "--json", "--measure", "acked"],
    ]
    .concat();
    let object: serde_json::Value = serde_json::from_str(&printed(&line)).unwrap();
    assert_eq!((object["rows"].as_array().map(Vec::len), object["seed"].as_u64()), (Some(4), Some(3)));
    let row = &object["rows"][3];
    assert_eq!(row["settings"], serde_json::json!({ "nodes": "5", "latency": "uniform(8ms, 12ms)" }));
    let single = |seed: u64| {
        let text = format!("--model replicated --set latency=uniform(8ms,12ms) --nodes 5 --do X --until 500ms --seed {seed} --json");
        let words: Vec<String> = text.split(' ').map(|word| word.replace('X', "workload c1 50/s")).collect();
        let cli = crate::lab::cli::Cli::try_parse_from(["splitbrain", "run"].into_iter().map(String::from).chain(words)).unwrap();
        let mut out = Vec::new();
        cli.command.unwrap().run(&mut out).unwrap();
        serde_json::from_slice::<serde_json::Value>(&out).unwrap()["facts"]["acked"].as_f64().unwrap()
    };
    let all: Vec<f64> = (3..9).map(single).collect();
    assert_eq!(row["mean"].as_f64(), Some(all.iter().sum::<f64>() / 6.0));
    assert_eq!(row["max"].as_f64(), all.iter().copied().reduce(f64::max));
    assert!(row["low"].as_f64() < row["mean"].as_f64() && row["mean"].as_f64() < row["high"].as_f64());
}

#[test]
fn what_is_divided_by_nothing_is_no_number() {
    let table = printed(&[&BUSY[..], &["--csv", "--measure", "1/0, 0/0, acked / acked"]].concat());
    let rows: Vec<&str> = table.lines().skip(1).collect();
    assert!(!table.contains("inf") && !table.contains("NaN"), "{table}");
    assert!(rows[0].contains(",0,") && rows[1].contains(",0,") && rows[2].contains(",6,"), "{table}");
}

#[test]
fn conditions_are_measured_as_shares() {
    let line = [
        "--model",
        "replicated",
        "--do",
        "crash n1",
        "--until",
        "2s",
        "--seeds",
        "5",
        "--csv",
        "--measure",
        "leader == 'n2', write_ms_p50",
    ];
    let table = printed(&line);
    let lines: Vec<&str> = table.lines().collect();
    assert_eq!(lines[0], "measure,count,mean,low,high,sd,min,p50,p90,p99,p99.9,max");
    let share: f64 = lines[1].rsplit("n2',5,").next().and_then(|rest| rest.split(',').next()).unwrap().parse().unwrap();
    assert!((0.0..=1.0).contains(&share), "{table}");
    assert_eq!(lines[2], "write_ms_p50,0,,,,,,,,,,", "nobody wrote");
}

#[test]
fn a_table_for_people() {
    let line = ["--model", "quorum", "--set", "w=1,2,3", "--do", "workload c1 50/s write keys x", "--until", "1s", "--seeds", "8"];
    insta::assert_snapshot!(printed(&[&line[..], &["--measure", "write_ms_p50,acked"]].concat()));
}

#[test]
fn on_a_terminal_all_rows_of_a_measure_are_drawn_on_one_scale() {
    let plan = Plan::of(&args(&["--model", "quorum", "--set", "w=1,2,3", "--seeds", "3", "--measure", "acked,write_ms_p50"])).unwrap();
    let whole = [vec![2.0, 2.0, 5.0], vec![3.0, 4.0, 4.0], vec![9.0]];
    let all: Vec<super::Numbers> =
        whole.into_iter().map(|numbers| vec![numbers.clone(), numbers.iter().map(|x| x / 7.0).collect()]).collect();
    let mut out = Vec::new();
    super::report::print(&plan, &all, true, &mut out).unwrap();
    insta::assert_snapshot!(String::from_utf8(out).unwrap());
}

#[test]
fn all_mistakes_are_told_at_once() {
    let told =
        refused(&["--model", "replicated", "--set", "replication=async,synk", "--do", "crsh n1", "--measure", "leeders,leader,acked"]);
    for part in ["did you mean `sync`?", "did you mean `crash`?", "did you mean `leaders`?", "true or false; this is a text"] {
        assert!(told.contains(part), "{part}: {told}");
    }
    assert!(refused(&["--model", "replicated", "--do", "seed 4", "--measure", "acked"]).contains("seeds of its own"));
    assert!(refused(&["--model", "replicated", "--set", "w", "--measure", "acked"]).contains("NAME=VALUE,VALUE"));
    assert!(refused(&["--model", "replicated", "--set", "lease=1s,", "--measure", "acked"]).contains("NAME=VALUE,VALUE"));
    assert!(refused(&["--model", "replicated", "--set", "lease=1s", "--set", "lease=2s", "--measure", "acked"]).contains("twice"));
    assert!(refused(&["--model", "replicated", "--set", "nodes=3,many", "--measure", "acked"]).contains("no whole number"));
    let many = (0..200).map(|n| format!("{n}ms")).collect::<Vec<_>>().join(",");
    let [lease, heartbeat] = [format!("lease={many}"), format!("heartbeat={many}")];
    assert!(refused(&["--model", "replicated", "--set", &lease, "--set", &heartbeat, "--measure", "acked"]).contains("40000 combinations"));
}

#[test]
fn the_first_run_that_fails_is_told() {
    let told =
        refused(&["--model", "replicated", "--set", "replication=async,sync", "--do", "until false", "--seeds", "3", "--measure", "acked"]);
    assert!(told.contains("replication=async, seed 1: ") && told.contains("did not come true"), "{told}");
}
