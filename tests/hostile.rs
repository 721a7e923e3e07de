//! Files and command lines that mean harm, or look like it: each ends soon, within bounds, with a sentence that says what is wrong.

#![cfg(unix)]
#![allow(clippy::expect_used, reason = "a test may end on what it did not expect")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// The most seconds that an unoptimized program on a busy machine takes for any of this.
const SECONDS: &str = "120";
/// The most memory, in KiB.
const KIB: &str = "4000000";

fn splitbrain(arguments: &[&str]) -> Output {
    let limited = format!("ulimit -v {KIB}; exec timeout {SECONDS} \"$0\" \"$@\"");
    let mut command = Command::new("sh");
    command.args(["-c", &limited, env!("CARGO_BIN_EXE_splitbrain")]).args(arguments);
    command.stdin(Stdio::null()).output().expect("a shell starts")
}

/// What it says on standard error when it refuses something.
fn refused(arguments: &[&str]) -> String {
    let output = splitbrain(arguments);
    let said = String::from_utf8(output.stderr).expect("the text is UTF-8");
    let shown: String = said.chars().take(2000).collect();
    assert_eq!(output.status.code(), Some(2), "{:?}: {shown}", &arguments[..arguments.len().min(8)]);
    assert!(!said.chars().any(|c| c != '\n' && (c.is_control() || ('\u{202a}'..='\u{202e}').contains(&c))), "{shown}");
    assert!(!said.contains("panicked"), "{shown}");
    said
}

fn cases() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/hostile");
    let mut files: Vec<PathBuf> = fs::read_dir(folder).expect("the cases").map(|e| e.expect("a case").path()).collect();
    files.sort();
    files
}

fn path(file: &Path) -> &str {
    file.to_str().expect("the path is UTF-8")
}

/// A folder of this test's own.
fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("splitbrain-hostile-{name}-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("a folder");
    folder
}

/// A lesson with this in it.
fn lesson(cluster: &str, step: &str) -> String {
    let head = "id = \"lid\"\ntitle = \"T\"\nquestion = \"Q?\"\nchapter = \"replication\"\nsources = [\"s\"]\nanswer = \"A\"\n";
    format!("{head}[cluster]\nmodel = \"replicated\"\n{cluster}\n[[step]]\nkind = \"say\"\nid = \"s\"\ntext = \"hello\"\n{step}\n")
}

/// What `check` says of a lesson with this text.
fn checked(name: &str, text: &str) -> String {
    let folder = folder(name);
    let file = folder.join("lesson.toml");
    fs::write(&file, text).expect("a file");
    let said = refused(&["check", path(&file)]);
    fs::remove_dir_all(folder).expect("the folder goes");
    said
}

#[test]
fn every_case_is_refused_with_its_sentence() {
    for file in cases() {
        let text = fs::read_to_string(&file).expect("text");
        let verb = match file.extension().and_then(|e| e.to_str()) {
            Some("toml") => "check",
            Some("replay") => "replay",
            _ => continue,
        };
        let expected = text.lines().next().and_then(|line| line.strip_prefix("# expects: ")).expect("what is expected");
        let said = refused(&[verb, path(&file)]);
        assert!(said.contains(expected), "{}: {said}", file.display());
    }
}

#[test]
fn nothing_hidden_in_a_history_reaches_the_terminal() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/hostile/history-escapes.json");
    for more in [&[][..], &["--json"]] {
        let output = splitbrain(&[&["history", path(&file)], more].concat());
        let shown = String::from_utf8(output.stdout).expect("text");
        assert!(!shown.is_empty() && !shown.chars().any(|c| c != '\n' && c.is_control()), "{shown}");
    }
}

#[test]
fn a_bad_lesson_never_hurts_another() {
    let lessons = path(Path::new(env!("CARGO_MANIFEST_DIR"))).to_string() + "/tests/hostile";
    let output = splitbrain(&["run", "cap-theorem", "--lessons", &lessons, "--do", "run 1s"]);
    assert_eq!((output.status.code(), String::from_utf8_lossy(&output.stderr).as_ref()), (Some(0), ""));
}

#[test]
fn what_is_no_file_is_not_read() {
    let folder = folder("no-file");
    let pipe = folder.join("pipe.toml");
    assert!(Command::new("mkfifo").arg(&pipe).status().expect("mkfifo").success());
    for file in ["/dev/zero", "/dev/tty", path(&pipe), path(&folder)] {
        for verb in ["replay", "run", "history"] {
            refused(&[verb, file]);
        }
    }
    for file in ["/dev/zero", path(&pipe)] {
        assert!(refused(&["check", file]).contains("no regular file"));
    }
    assert!(refused(&["check", path(&folder)]).contains("pipe.toml: this is no regular file"));
    let huge = folder.join("huge.replay");
    fs::write(&huge, vec![b'['; 100 << 20]).expect("a file");
    assert!(refused(&["replay", path(&huge)]).contains("16 MiB are the most"));
    assert!(refused(&["check", path(&huge)]).contains("1 MiB are the most"));
    fs::remove_dir_all(folder).expect("the folder goes");
}

#[test]
fn of_many_mistakes_fifty_are_shown() {
    let keys: Vec<String> = (0..8000).map(|i| format!("unknown{i} = 1\n")).collect();
    let said = checked("unknown", &(keys.concat() + &lesson("", "")));
    assert_eq!(said.matches("error: ").count(), 50);
    assert!(said.contains("more mistakes; these are the first 50"), "{said}");
    let broken = "= \n".repeat(8000);
    assert!(checked("broken", &broken).contains("this is not TOML"));
    let zones: String = (0..80_000).map(|_| "\"n1\", ").collect();
    assert!(checked("zones", &lesson(&format!("zones = {{ eu = [{zones}] }}"), "")).contains("n1 is in two zones"));
}

#[test]
fn deep_and_long_texts_end_soon() {
    for (name, text) in [
        ("arrays", format!("x = {}", "[".repeat(200_000))),
        ("closed", format!("x = {}{}", "[".repeat(100_000), "]".repeat(100_000))),
        ("tables", format!("x = {}", "{ a = ".repeat(100_000))),
        ("dots", format!("x{} = 1", ".a".repeat(200_000))),
        ("key", format!("{} = 1\n{}", "k".repeat(500_000), lesson("", ""))),
        ("verb", lesson("", &format!("do = [\"{}\"]", "c".repeat(500_000)))),
        ("pokes", lesson("", &format!("do = [{}]", "\"c1 write x 1\", ".repeat(50_000)))),
        ("sets", lesson("", &format!("do = [{} \"x\"]", "\"set lease 1s\", ".repeat(40_000)))),
        ("cuts", lesson("", &format!("do = [{} \"x\"]", "\"cut n1 | n2\", ".repeat(40_000)))),
        ("keys", lesson("", &format!("do = [{} \"x\"]", "\"workload c1 1/s keys zipf(1, 1000)\", ".repeat(20_000)))),
        ("dist", lesson(&format!("settings = {{ latency = \"{}exp(1ms)\" }}", "(".repeat(10_000)), "")),
        ("sum", lesson(&format!("settings = {{ latency = \"exp(1ms){}\" }}", " + exp(1ms)".repeat(10_000)), "")),
        ("condition", lesson("", &format!("do = ['until \"{}\"']", "(".repeat(10_000)))),
        ("markdown", lesson(&format!("nodes = 65535\nseed = {}", "9".repeat(10_000)), "")),
    ] {
        assert!(!checked(name, &text).is_empty());
    }
    let pokes = "poke 1 0s c1 write x 1; ".repeat(4000);
    refused(&["replay", &format!("splitbrain-replay 1; model replicated; {pokes}end 1 0s 0")]);
    refused(&["replay", &format!("splitbrain-replay 1; {}", "x;".repeat(60_000))]);
    let folder = folder("replays");
    let file = folder.join("long.replay");
    for (item, count) in
        [("poke {} 0s heal\n", 65_000), ("check {} 0123456789abcdef\n", 400_000), ("set a{} 1\n", 500_000), ("zone z{}\n", 500_000)]
    {
        let items: String = (1..=count).map(|i| item.replace("{}", &i.to_string())).collect();
        fs::write(&file, format!("splitbrain-replay 1\nmodel replicated\n{items}")).expect("a file");
        refused(&["replay", path(&file)]);
    }
    fs::remove_dir_all(folder).expect("the folder goes");
}

#[test]
fn numbers_out_of_range_are_refused() {
    for command in [
        "run 99999999999999999999s",
        "run -1s",
        "run NaN",
        "step 1000000000000",
        "step -1",
        "skew n1 -1e18s",
        "skew n1 +5124095h",
        "slow n1 1e308x",
        "slow n1 -1x",
        "drift n1 +99999999999ppm",
        "loss all 1.5",
        "loss all NaN",
        "loss all -0.1",
        "bandwidth all 99999999999999999999GB/s",
        "bandwidth all 0B/s",
        "workload c1 1e9/s",
        "workload c1 inf/s",
        "workload c1 1/s keys uniform(1000000)",
        "workload c1 1/s read:write 99999999999:1",
        "latency all const(3651d)",
        "latency all lognormal(1ms, 1e308)",
        "until \"leaders > 1e999\"",
        "\u{1b}[2J",
        "crash n65535",
        "crash \u{202e}n1",
    ] {
        refused(&["run", "--model", "replicated", "--do", command]);
    }
    for (name, value) in [("--nodes", "65535"), ("--clients", "1000000"), ("--seed", "-1"), ("--until", "1e9s"), ("--set", "x\u{9b}=1")] {
        refused(&["run", "--model", "replicated", &format!("{name}={value}")]);
    }
}

#[test]
fn runs_without_end_are_bounded_in_events_and_memory() {
    for (commands, bound) in [
        (&["run 5124095h"][..], "more than 4000000 events happen"),
        (&["step 1000000"; 12], "which is as much work as they can have"),
        (&["set latency const(1h)", "workload c1 5000/s write", "run 24h"], "which is as much memory as a run can have"),
        (&["set latency const(24h)", "set heartbeat 1ms", "run 24h"], "more than 4000000 events happen"),
        (&["hold all", "set heartbeat 1ms", "run 24h"], "more than 4000000 events happen"),
    ] {
        let mut arguments = vec!["run", "--model", "replicated"];
        arguments.extend(commands.iter().flat_map(|command| ["--do", command]));
        let said = refused(&arguments);
        assert!(said.contains(bound), "{commands:?}: {said}");
    }
    let said = refused(&["run", "--model", "replicated", "--until", "5124095h"]);
    assert!(said.contains("which is as much work as they can have"), "{said}");
}
