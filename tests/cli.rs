//! The command line from outside: exit status, what goes where, and what helps.

#![allow(clippy::expect_used, reason = "a test may end on what it did not expect")]

use std::io::{Read, Write};
use std::process::{Command, Output, Stdio};

use splitbrain::tui::theme::Palette;

fn splitbrain(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_splitbrain"));
    command.args(arguments).env("COLUMNS", "100").env("NO_COLOR", "1").stdin(Stdio::null());
    command
}

fn run(arguments: &[&str]) -> Output {
    splitbrain(arguments).output().expect("the program starts")
}

/// What was printed by a run that went well.
fn printed(arguments: &[&str]) -> String {
    let output = run(arguments);
    let complaint = String::from_utf8_lossy(&output.stderr).to_string();
    assert_eq!((output.status.code(), complaint.as_str()), (Some(0), ""), "{arguments:?}");
    String::from_utf8(output.stdout).expect("text")
}

/// The message of a run that was refused.
fn refused(arguments: &[&str]) -> String {
    let output = run(arguments);
    assert_eq!(output.status.code(), Some(2), "{arguments:?}");
    assert!(output.stdout.is_empty(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stdout));
    String::from_utf8(output.stderr).expect("text")
}

#[test]
fn help_says_what_there_is() {
    for arguments in [
        vec!["--help"],
        vec!["run", "--help"],
        vec!["sweep", "--help"],
        vec!["laws", "--help"],
        vec!["hunt", "--help"],
        vec!["replay", "--help"],
        vec!["history", "--help"],
        vec!["models", "--help"],
        vec!["nodes", "--help"],
    ] {
        insta::with_settings!({ snapshot_suffix => arguments.join(" ").replace("--", "").replace(' ', "-") }, {
            insta::assert_snapshot!("help", printed(&arguments));
        });
    }
}

#[test]
fn wrong_input_is_status_2_and_says_what_would_be_right() {
    for (arguments, part) in [
        (vec!["run"], "LESSON|FILE"),
        (vec!["run", "--model", "replicaded"], "there is no model `replicaded`"),
        (vec!["run", "no-such-lesson"], "no file and no lesson"),
        (vec!["run", "--model", "x", "--until", "3"], "300ms"),
        (vec!["run", "--model", "x", "lesson"], "cannot be used with"),
        (vec!["sweep", "--measure", "acked"], "LESSON|FILE"),
        (vec!["sweep", "--model", "replicated"], "--measure <FACT,...>"),
        (vec!["sweep", "--model", "replicated", "--measure", "acked", "--seeds", "0"], "1..=1000000"),
        (vec!["laws", "mm2"], "did you mean `mm1`?"),
        (vec!["laws", "--file", "/no/such/file"], "/no/such/file"),
        (vec!["laws", "--format", "--json"], "cannot be used with"),
        (vec!["hunt"], "LESSON|FILE"),
        (vec!["hunt", "--model", "replicaded"], "there is no model `replicaded`"),
        (vec!["hunt", "--model", "replicated", "--faults", "crsh"], "did you mean `crash`?"),
        (vec!["hunt", "--model", "replicated", "--break", "linearisable"], "did you mean `linearizable`?"),
        (vec!["hunt", "--model", "replicated", "--break", "leeders > 1"], "did you mean `leaders`?"),
        (vec!["hunt", "--model", "replicated", "--ops", "reed"], "did you mean `read`?"),
        (vec!["hunt", "--model", "replicated", "--runs", "0"], "1.."),
        (vec!["models", "nothing"], "there is no model `nothing`"),
        (vec!["replay", "nothing"], "a replay starts with"),
        (vec!["replay", "splitbrain-replay 1; model x; sed 7"], "line 1, column"),
        (vec!["history", "/no/such/file"], "cannot read /no/such/file"),
        (vec!["check", "/no/such/file"], "/no/such/file"),
        (vec!["--no-such-thing"], "unexpected argument"),
        (vec!["--theme", "pink"], "themes are dark, light"),
    ] {
        let message = refused(&arguments);
        assert!(message.contains(part), "{arguments:?}: {message}");
    }
}

#[test]
fn all_wrong_commands_are_shown_at_once_each_with_a_caret() {
    insta::assert_snapshot!(refused(&["run", "nowhere", "--do", "crsh n1", "--do", "run 1s", "--do", "loss n1 -> n2 3"]), @r"
    `nowhere` is no file and no lesson
    --do:
    crsh n1
    ^^^^
    `crsh` is no command; did you mean `crash`?
    --do:
    loss n1 -> n2 3
                  ^
    `3` is no probability from 0 to 1, or 0% to 100%; right is `loss n1 -> n2 0.2`
    ");
}

#[test]
fn the_exit_status_of_a_history_is_its_verdict() {
    let history = "[0 :invoke :write 1] [0 :ok :write 1] [1 :invoke :cas [1 2]] [1 :fail :cas [1 2]] [0 :invoke :read nil] [0 :ok :read 1]";
    let undecided = "[0 :invoke :write 1] [0 :ok :write 1] [1 :invoke :write 1] [1 :ok :write 1] [0 :invoke :read nil] [0 :ok :read 1]";
    for (arguments, input, status) in [
        (&["history", "-"][..], history, 0),
        (&["history", "-", "--failed-cas", "refused"], history, 1),
        (&["history", "-", "--initial", "word"], history, 2),
        (&["history", "-"], "", 2),
        (&["history", "-", "--budget", "1"], undecided, 3),
    ] {
        let mut child =
            splitbrain(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts");
        // Where the arguments are wrong, the program ends without reading.
        let _ = child.stdin.take().expect("piped").write_all(input.as_bytes());
        let output = child.wait_with_output().expect("it ends");
        assert_eq!(output.status.code(), Some(status), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(output.stdout.is_empty(), status == 2, "{arguments:?}");
    }
}

#[test]
fn a_closed_pipe_is_no_mistake() {
    let mut child = splitbrain(&["models"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts");
    drop(child.stdout.take());
    let mut complaint = String::new();
    child.stderr.take().expect("piped").read_to_string(&mut complaint).expect("text");
    assert_eq!((child.wait().expect("it ends").code(), complaint.as_str()), (Some(0), ""));
}

/// Status 0: nothing broke; 1: something did. The same bytes every time.
#[test]
fn a_hunt_says_what_broke() {
    let stale =
        ["hunt", "--model", "replicated", "--set", "replication=majority", "--set", "reads=any", "--faults", "none", "--runs", "60"];
    let broke = run(&stale);
    let page = String::from_utf8_lossy(&broke.stdout).to_string();
    assert_eq!((broke.status.code(), broke.stderr.len()), (Some(1), 0), "{page}");
    for part in
        ["read your writes was broken in", "runs that could have broken it", "splitbrain run --model", "splitbrain replay '", "[[claim]]"]
    {
        assert!(page.contains(part), "{part}: {page}");
    }
    assert_eq!(run(&stale).stdout, broke.stdout);
    let json: serde_json::Value = serde_json::from_slice(&run(&[&stale[..], &["--json"]].concat()).stdout).expect("JSON");
    assert_eq!((&json["runs"], &json["first"]["promise"]), (&60.into(), &"read_your_writes".into()));
    let quiet = printed(&["hunt", "--model", "replicated", "--faults", "duplicate", "--break", "durable", "--runs", "40"]);
    assert!(quiet.contains("durable held in"), "{quiet}");
}

#[test]
fn the_program_needs_a_terminal() {
    assert!(refused(&[]).contains("terminal"));
}

/// Events as they stand in a log: a lesson that was gone through, and a question that was known.
const LEARNT: &str = r#"{"v":1,"at":1790000000000,"event":{"step-done":{"lesson":"replication-lag","step":"queue"}}}
{"v":1,"at":1790000000001,"event":{"finished":{"lesson":"replication-lag"}}}
{"v":1,"at":1790000000002,"event":{"answered":{"item":"replication-lag/q","topic":"replication-lag","right":true,"confidence":"sure"}}}
"#;

#[test]
fn progress_is_shown_moved_merged_and_reset() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = |name: &str| folder.path().join(name).to_str().expect("text").to_string();
    let (data, here, there) = (file("data"), file("here.jsonl"), file("there.jsonl"));
    let of_learner = ["progress", "--data", data.as_str()];
    let progress = |arguments: &[&'static str]| [&of_learner[..], arguments].concat();
    let with = |what: &'static str, file: &str| printed(&[&of_learner[..], &[what, file]].concat());
    let without = |what: &'static str, file: &str| refused(&[&of_learner[..], &[what, file]].concat());
    assert!(printed(&progress(&[])).starts_with("0 topics known, 0 learning, "));
    std::fs::write(&here, LEARNT).expect("written");
    assert_eq!(with("merge", &here), format!("Your progress now holds what is in {here}: 3 events.\n"));
    let shown = printed(&progress(&[]));
    assert!(shown.contains("Replication lag") && shown.contains("gone through, 1 asked") && shown.contains("sure     1 of 1"), "{shown}");
    let json: serde_json::Value = serde_json::from_str(&printed(&progress(&["--json"]))).expect("JSON");
    assert_eq!(json["calibration"][2], serde_json::json!({ "confidence": "sure", "right": 1, "asked": 1 }));
    assert!(with("export", &there).starts_with("3 events are written to "));
    assert_eq!(std::fs::read_to_string(&there).expect("text"), LEARNT);
    assert_eq!(printed(&progress(&["export", "-"])), LEARNT);
    assert_eq!(printed(&["progress", "export", "-", "--data", data.as_str()]), LEARNT, "the folder may stand last");
    assert!(without("export", &there).contains("cannot write"), "it is there already");
    assert!(refused(&progress(&["reset"])).contains("say --yes"));
    assert!(refused(&progress(&["reset", "replication-lug", "--yes"])).contains("did you mean `replication-lag`?"));
    let forgotten = printed(&progress(&["reset", "replication-lag", "--yes"]));
    assert!(forgotten.contains("What it was before is kept in "), "{forgotten}");
    assert!(!printed(&progress(&[])).contains("Replication lag"));
    assert!(with("import", &there).contains("3 events. What it was before is kept in "));
    assert!(printed(&progress(&[])).contains("Replication lag"));
    std::fs::write(&here, "no event\n").expect("written");
    assert!(without("merge", &here).contains("line 1 is no event"));
}

#[test]
fn a_run_is_kept_and_compared() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = |name: &str| folder.path().join(name).to_str().expect("text").to_string();
    let (kept, broken) = (file("a.replay"), file("b.replay"));
    let saving = ["run", "failover-limits", "--do", "cut n1 | n2 n3", "--until", "500ms", "--save", &kept];
    printed(&saving);
    assert!(refused(&saving).contains("--force replaces it"));
    printed(&[&saving[..], &["--force"]].concat());
    let same = printed(&["replay", "--check", &kept]);
    assert!(same.starts_with(&format!("{kept}: the same, ")), "{same}");
    let text = std::fs::read_to_string(&kept).expect("text");
    let end = text.lines().last().and_then(|line| line.rsplit(' ').next()).expect("a fingerprint").to_string();
    std::fs::write(&broken, text.replace(&end, "0000000000000000")).expect("written");
    let output = run(&["replay", "--check", &kept, &broken]);
    let page = String::from_utf8_lossy(&output.stdout).to_string();
    assert_eq!((output.status.code(), output.stderr.len()), (Some(1), 0), "{page}");
    assert!(page.contains("the same") && page.contains("the run went another way"), "{page}");
    assert!(refused(&["replay", "--check", "nothing", "neither"]).contains("`neither` is no file"));
    assert!(refused(&["replay", &kept, &kept]).contains("say --check"));
}

#[test]
fn files_that_are_there_are_left_as_they_are() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = |name: &str| folder.path().join(name).to_str().expect("text").to_string();
    let (svg, pages) = (file("a.svg"), file("pages"));
    let shot = ["shot", "failover-limits", "--size", "80x24", "-o", &svg];
    printed(&shot);
    std::fs::write(&svg, "mine").expect("written");
    assert!(refused(&shot).contains("it is there already"));
    assert_eq!(std::fs::read_to_string(&svg).expect("text"), "mine");
    printed(&[&shot[..], &["--force"]].concat());
    assert!(printed(&["shot", "failover-limits", "--size", "80x24"]).contains("step 1 of"));
    assert!(refused(&["shot", "failover-limits", "-o", "a.png"]).contains(".svg, .txt or .ansi"));
    assert!(refused(&["shot", "failover-limits", "--size", "10x10"]).contains("120x36"));
    assert!(refused(&["record", "failover-limits"]).contains("--out"));
    assert!(refused(&["handout", "failover-limit", "gosip-protocol", "-o", &pages]).contains("did you mean `gossip-protocol`?"));
    assert!(refused(&["diagram", "failover-limits", "-o", "a.txt"]).contains(".svg"));
}

#[test]
fn shells_and_manuals_know_every_command() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let text = printed(&["completions", shell]);
        assert!(text.contains("handout") && text.contains("--print-keys") | text.contains("print-keys"), "{shell}");
        let offers = !matches!(shell, "elvish" | "powershell");
        for word in ["colour-blind", "work-queue", "failover-limits"] {
            assert!(!offers || text.contains(word), "{shell} offers no {word}");
        }
    }
    // Wherever a lesson can stand it is offered: the program itself, four commands for pictures, present, run, diagram, and quiz --topic.
    let places = |shell: &str| printed(&["completions", shell]).lines().filter(|line| line.contains("failover-limits")).count();
    for shell in ["bash", "zsh", "fish"] {
        assert!(places(shell) >= 8, "{shell}: {}", places(shell));
    }
    let fish = printed(&["completions", "fish"]);
    for command in ["present", "run", "diagram", "shot"] {
        let when = format!("using_subcommand {command}\" -a");
        assert!(fish.lines().any(|line| line.contains(&when) && line.contains("failover-limits")), "fish: {command}");
    }
    assert_eq!(splitbrain::lab::cli::THEMES, Palette::ALL.map(Palette::name));
    let page = printed(&["man"]);
    assert!(page.contains(".TH splitbrain 1 \"\" \"splitbrain ") && page.contains("export\\-cards"), "{page}");
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().to_str().expect("text");
    assert!(printed(&["man", "--out", path]).contains("pages are written"));
    assert!(std::fs::read_to_string(folder.path().join("splitbrain-shot.1")).expect("text").contains(".TH splitbrain-shot 1"));
    assert!(refused(&["man", "--out", path]).contains("--force replaces them"));
    let config = printed(&["--print-config", "--data", path]);
    assert!(config.contains("theme = \"auto\"") && config.contains("which is not there yet"), "{config}");
}

#[test]
fn an_exam_whose_day_is_over_is_refused_and_nothing_is_kept_of_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_splitbrain"));
    command.args(["quiz", "--exam", "2020-01-01", "--plain", "--data"]).arg(folder.path()).stdin(std::process::Stdio::null());
    let done = command.output().expect("it runs");
    let why = String::from_utf8_lossy(&done.stderr).into_owned();
    assert!(!done.status.success() && why.contains("no exam is on 2020-01-01"), "{why}");
    let kept = std::fs::read_to_string(folder.path().join("progress.jsonl")).unwrap_or_default();
    assert!(!kept.contains("exam"), "{kept}");
}

/// A CP design, and what is done to it.
fn cp<'a>(more: &[&'a str], does: &[&'a str]) -> Vec<&'a str> {
    let settings = ["replication=majority", "fencing=lease", "follower-reads=refuse", "latency=const(10ms)"];
    let settings = settings.into_iter().flat_map(|setting| ["--set", setting]);
    let does = does.iter().flat_map(|line| ["--do", *line]);
    ["run", "--model", "replicated"].into_iter().chain(settings).chain(more.iter().copied()).chain(does).collect()
}

/// Each of these broke a promise once. They were written for runs that went another way: a timer that does not run fires nothing.
#[test]
fn lines_that_once_broke_a_promise_run_to_their_end_and_keep_it() {
    let lost_power = [
        "cut n1 -> n3",
        "run 39.5ms",
        "c1 write x 8",
        "run 20.7ms",
        "crash n2 losing unsynced",
        "run 30ms",
        "crash n1",
        "heal",
        "restart n2",
        "until \"leaders==1\"",
        "restart n1",
        "run 1s",
        "c2 read x",
        "run 100ms",
    ];
    assert!(printed(&cp(&[], &lost_power)).contains("acked_lost          0"));
    let two_leaders = [
        "cut n1 | n2 n3",
        "cut n2 | n3",
        "run 1100ms",
        "heal",
        "run 1ms",
        "fire n2 detection",
        "run 25ms",
        "cut n2 -> n3",
        "fire n2 detection",
        "run 15ms",
        "heal",
        "fire n3 detection",
        "run 25ms",
        "cut n3 -> n1",
        "fire n3 detection",
        "run 15ms",
        "cut n3 -> n2",
        "until \"leaders >= 2\"",
        "run 60ms",
        "c1 write x 8 to n2",
        "run 80ms",
        "c2 read x from n2",
        "run 50ms",
        "heal",
        "run 2s",
        "c2 read x",
        "run 200ms",
    ];
    for seed in ["3", "4", "5", "6", "7", "8"] {
        let lines = cp(&["--set", "rejoin=discard", "--seed", seed], &two_leaders);
        let (output, said) = (run(&lines), |bytes: &[u8]| String::from_utf8_lossy(bytes).to_string());
        let (told, report) = (said(&output.stderr), said(&output.stdout));
        assert!(told.contains("fire n2 detection: this timer does not run now"), "{told}");
        let never = told.contains("`until \"leaders >= 2\"` did not come true") && output.status.code() == Some(2);
        assert!(never || report.contains("acked_lost          0"), "{told}\n{report}");
    }
    let typed_wrong = refused(&cp(&[], &["fire n2 detectoin"]));
    assert!(typed_wrong.contains("no timer `detectoin` of n2 runs"), "{typed_wrong}");
}
