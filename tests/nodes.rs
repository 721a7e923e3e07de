//! Programs as nodes, through the program itself. This test is its own node: called with `--node KIND` it is one, so that nothing but a
//! Rust toolchain is needed.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]
#![cfg(unix)]

mod nodes {
    pub(crate) mod broken;
    pub(crate) mod forgetful;
    pub(crate) mod right;
}
mod pty;

use std::path::Path;
use std::process::{Command, ExitCode, Output, Stdio};
use std::time::Duration;

use pty::Session;

const BIN: &str = env!("CARGO_BIN_EXE_splitbrain");

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().collect();
    if let Some(at) = args.iter().position(|arg| arg == "--node") {
        let done = match args[at + 1].as_str() {
            "forgetful" => nodes::forgetful::run(),
            "right" => nodes::right::run(),
            how => nodes::broken::run(how),
        };
        // Whoever asked is gone.
        return if done.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    }
    let wanted = args.iter().skip(1).find(|arg| !arg.starts_with('-'));
    for (name, test) in TESTS.iter().filter(|(name, _)| wanted.is_none_or(|wanted| name.contains(wanted.as_str()))) {
        eprintln!("test {name} ...");
        test();
    }
    ExitCode::SUCCESS
}

const TESTS: [(&str, fn()); 15] = [
    ("a_node_that_forgets_is_caught_with_its_witness", forgetful_is_caught),
    ("answers_with_an_error_are_answers", errors_are_answers),
    ("without_a_screen_there_is_a_prompt", there_is_a_prompt),
    ("a_node_that_is_right_passes_every_workload", right_passes),
    ("a_recorded_run_runs_again_without_the_program", recorded_runs_again),
    ("nodes_that_end_hang_or_flood_are_told_and_stopped", broken_are_stopped),
    ("lines_that_are_none_are_told_with_the_line", garbage_is_told),
    ("a_node_that_hangs_is_seen_through_faults", hanging_is_seen_through_faults),
    ("what_was_said_is_not_said_again", sentences_are_said_once),
    ("what_cannot_run_says_what_would", what_cannot_run_says_what_would),
    ("no_process_outlives_the_program", nobody_is_left),
    ("wrong_input_is_refused_at_once", wrong_input),
    ("the_screen_shows_them_and_pokes_them", on_the_screen),
    ("a_recording_opens_on_the_screen", recording_on_the_screen),
    ("a_signal_ends_all_of_them", signals_end_all),
];

fn command(node: &str, args: &[&str]) -> Command {
    let mut command = Command::new(BIN);
    let this = std::env::current_exe().unwrap();
    command.args(["nodes", "--bin"]).arg(this).args(["--headless"]).args(args).args(["--", "--node", node]);
    command
}

fn run(node: &str, args: &[&str]) -> (i32, String) {
    told(&command(node, args).stdin(Stdio::null()).output().unwrap())
}

fn told(output: &Output) -> (i32, String) {
    let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    (output.status.code().unwrap_or(-1), text)
}

fn forgetful_is_caught() {
    for args in [
        &["--workload", "lin-kv", "--time-limit", "4", "--rate", "20"][..],
        &["--workload", "lin-kv", "--nodes", "1", "--faults", "kill", "--time-limit", "6", "--rate", "20"],
    ] {
        let (status, text) = run("forgetful", args);
        assert_eq!(status, 1, "{text}");
        let witness: Vec<&str> =
            text.lines().skip_while(|line| !line.starts_with("linearizable")).take_while(|line| !line.starts_with("sequential")).collect();
        assert!(witness[0].contains("BROKEN: ") && witness.len() > 2, "{text}");
        assert!(witness[1..].iter().all(|line| line.contains(" -> ")), "{text}");
    }
}

fn errors_are_answers() {
    let (_, text) = run("forgetful", &["--workload", "lin-kv", "--time-limit", "3", "--rate", "30"]);
    let first = text.lines().next().unwrap();
    assert!(first.contains(" answered with ok, ") && first.contains(" with an error, in "), "{text}");
    assert!(!first.contains("not answered"), "every request was: {text}");
    let numbers: Vec<u32> = first.split([' ', ',']).filter_map(|word| word.parse().ok()).take(3).collect();
    assert_eq!(numbers[0], numbers[1] + numbers[2], "{text}");
}

/// What a run says to these lines, and its status.
fn typed(args: &[&str], lines: &str) -> (i32, String) {
    let this = std::env::current_exe().unwrap();
    let mut command = Command::new(BIN);
    command.args(["nodes", "--plain", "--latency", "10ms", "--bin"]).arg(this).args(args).args(["--", "--node", "forgetful"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), lines.as_bytes()).unwrap();
    told(&child.wait_with_output().unwrap())
}

fn there_is_a_prompt() {
    let lines = "help\nc1 write 0 7\nuntil \"messages >= 2\"\nrun 200ms\nc2 read 0\n\nguarantees\nstate\nstep\nbogus\nrun 3h\ncrash n1\nrun 100ms\nquit\n";
    let (status, text) = typed(&["--workload", "lin-kv"], lines);
    assert_eq!(status, 1, "{text}");
    for words in [
        "> c1 write 0 7",
        "c1 asks: write 0 7",
        "c1 is told: ok",
        "It is so at",
        "c2 is told: nil",
        "BROKEN: ",
        "the programs take no steps",
        "are the most at once",
        "done: crash n1",
        "2 requests, 2 answered with ok, in ",
    ] {
        assert!(text.contains(words), "{words}\n{text}");
    }
    assert!(!text.contains("done: out"), "what programs write is told as messages: {text}");
    // The end of what is typed is the end of the run, and what is wrong with the words is said before any program starts.
    let (status, text) = typed(&["--workload", "lin-kv"], "");
    assert!(status == 3 && text.contains("0 requests"), "{status} {text}");
    wait_until(|| left("forgetful").is_empty());
}

fn right_passes() {
    let faults = |workload: &str| match workload {
        // What it has in memory alone it does not promise to keep.
        "broadcast" | "g-counter" => "pause,cut,drop,delay",
        _ => "kill,pause,cut,drop,delay",
    };
    for workload in ["echo", "unique-ids", "broadcast", "g-counter", "lin-kv", "kafka"] {
        let (status, text) =
            run("right", &["--workload", workload, "--faults", faults(workload), "--time-limit", "7", "--rate", "20", "--timeout", "1s"]);
        assert_eq!(status, 0, "{workload}: {text}");
    }
}

fn recorded_runs_again() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("run.replay");
    let args = ["--workload", "lin-kv", "--faults", "kill,cut", "--time-limit", "4", "--rate", "20", "--save", file.to_str().unwrap()];
    let (status, text) = run("forgetful", &args);
    assert!(status == 1 && text.contains("runs it again"), "{text}");
    let again = Command::new(BIN).args(["replay", "--check"]).arg(&file).output().unwrap();
    let (status, text) = told(&again);
    assert!(status == 0 && text.contains("the same"), "{text}");
    // The file stands in the way of another run, and that is said before it.
    let (status, text) = run("forgetful", &args);
    assert!(status == 2 && text.contains("--force"), "{text}");
}

fn broken_are_stopped() {
    let told = [
        ("dies-at-once", 2, "signal 6"),
        ("never-answers", 2, "has not answered `init` within 1s"),
        ("no-init", 2, "no JSON"),
        ("hangs", 1, "it hangs"),
        ("floods", 1, "a flood"),
        ("ends", 1, "exit status 0"),
        ("half", 1, "and no end of the line for 0.25 s"),
        ("half-init", 2, "It began: hello"),
        ("endless", 1, "without the end of a line"),
        ("slow-end", 2, "exit status 7"),
    ];
    for (node, status, why) in told {
        let limit = "3";
        let (found, text) = run(node, &["--workload", "echo", "--nodes", "2", "--time-limit", limit, "--startup", "1s", "--timeout", "1s"]);
        assert!(found == status && text.contains(why), "{node}: {found} {text}");
        assert!(node != "dies-at-once" || !text.contains("speaks               kept"), "it said nothing: {text}");
        assert!(node != "ends" || text.contains("says: I have had enough"), "{text}");
    }
}

fn garbage_is_told() {
    let (status, text) = run("garbage", &["--workload", "echo", "--nodes", "1", "--time-limit", "3"]);
    let wrong = [
        "no JSON (",
        "this is no JSON",
        "no JSON object",
        "no `body`",
        "signed `n9`",
        "to `nobody`, who is not here; there are n1, c1",
        "answers nothing",
        "answers message 4711 of c1, which it never sent",
        "of type `read_ok`; right is `echo_ok`",
        "no UTF-8 text",
    ];
    for wrong in wrong {
        assert!(text.contains(wrong), "{wrong}: {text}");
    }
    // It goes on all the same.
    assert!(status == 1 && text.contains("runs                 kept") && text.contains("echoed               kept"), "{text}");
    let (_, text) = run("long", &["--workload", "echo", "--nodes", "1", "--time-limit", "2"]);
    assert!(text.contains("bytes, which is too long to be read: 49152 bytes (48 KiB) are the most") && !text.contains("no JSON"), "{text}");
    assert!(text.contains("says: (2000 bytes) yyy"), "the start of what it says: {text}");
}

/// Faults on others are no excuse, and neither is one on it that is over.
fn hanging_is_seen_through_faults() {
    for faults in ["kill,drop,delay", "cut"] {
        let (status, text) = run("hangs-later", &["--workload", "echo", "--faults", faults, "--time-limit", "6", "--timeout", "1s"]);
        assert!(status == 1 && text.contains("it hangs"), "{faults}: {status} {text}");
    }
}

fn sentences_are_said_once() {
    let (_, text) = run("ends", &["--workload", "echo", "--nodes", "1", "--time-limit", "2"]);
    assert_eq!(text.matches("has ended by itself").count(), 1, "{text}");
    let (_, text) = run("same", &["--workload", "unique-ids", "--nodes", "1", "--time-limit", "0.5", "--rate", "1000"]);
    assert!(text.contains("c1 was given 5 twice") && text.contains("times more)"), "{text}");
    assert!(text.contains("1000 requests in a second were to be asked, and "), "{text}");
}

fn what_cannot_run_says_what_would() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    for (text, mode, why) in [
        ("import sys\n", 0o755, "#!/usr/bin/env python3"),
        ("#!/no/such/interpreter\n", 0o755, "that is not there: #!/no/such/interpreter"),
        ("#!/bin/sh\r\n", 0o755, "carriage return"),
        ("#!/bin/sh\n", 0o644, "chmod +x"),
    ] {
        let file = folder.path().join("node");
        std::fs::write(&file, text).unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).unwrap();
        let args = ["nodes", "--workload", "echo", "--headless", "--bin", file.to_str().unwrap()];
        let (status, said) = told(&Command::new(BIN).args(args).output().unwrap());
        assert!(status == 2 && said.contains(why), "{text:?}: {said}");
    }
}

/// The processes that are this test as a node, and children of nobody who cares.
fn left(node: &str) -> Vec<u32> {
    let this = std::env::current_exe().unwrap();
    let all = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = all.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let is_one = |pid: &u32| {
        let line = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        let words: Vec<&[u8]> = line.split(|byte| *byte == 0).collect();
        words.first() == Some(&this.as_os_str().as_encoded_bytes()) && words.contains(&node.as_bytes())
    };
    pids.filter(is_one).collect()
}

fn nobody_is_left() {
    if !Path::new("/proc/self").exists() {
        return;
    }
    let (_, text) = run("children", &["--workload", "echo", "--nodes", "2", "--time-limit", "2", "--faults", "pause"]);
    assert!(text.contains("echoed"), "{text}");
    assert!(left("children").is_empty() && left("never-answers").is_empty(), "{text}");
}

fn signals_end_all() {
    if !Path::new("/proc/self").exists() {
        return;
    }
    for signal in [rustix::process::Signal::TERM, rustix::process::Signal::HUP, rustix::process::Signal::INT] {
        let mut child =
            command("children", &["--workload", "echo", "--nodes", "2", "--time-limit", "60"]).stdout(Stdio::null()).spawn().unwrap();
        wait_until(|| left("children").len() >= 2);
        rustix::process::kill_process(rustix::process::Pid::from_child(&child), signal).unwrap();
        child.wait().unwrap();
        wait_until(|| left("children").is_empty() && left("never-answers").is_empty());
    }
}

fn wait_until(mut holds: impl FnMut() -> bool) {
    for _ in 0..1000 {
        if holds() {
            return;
        }
        std::thread::park_timeout(Duration::from_millis(20));
    }
    panic!("it did not come true");
}

fn wrong_input() {
    let this = std::env::current_exe().unwrap();
    let this = this.to_str().unwrap();
    for (args, why) in [
        (&["--bin", "no-such-program", "--workload", "echo", "--headless"][..], "no-such-program"),
        (&["--bin", "/", "--workload", "echo", "--headless"], "no regular file"),
        (&["--bin", "/etc/hosts", "--workload", "echo", "--headless"], "cannot be started"),
        (&["--bin", this, "--workload", "eco", "--headless"], "echo"),
        (&["--bin", this, "--workload", "echo", "--headless", "--latency", "soon"], "latency"),
        (&["--bin", this, "--workload", "echo", "--headless", "--nodes", "26"], "26"),
        (&["--bin", this, "--workload", "echo", "--headless", "--rate", "0"], "0.1"),
        (&["--bin", this, "--workload", "echo", "--headless", "--faults", "kill,flood"], "flood"),
        (&["--workload", "echo"], "--bin"),
    ] {
        let (status, text) = told(&Command::new(BIN).arg("nodes").args(args).stdin(Stdio::null()).output().unwrap());
        assert!(status == 2 && text.contains(why), "{args:?}: {status} {text}");
    }
}

/// The program on a terminal, with this test as its nodes.
fn on_screen(node: &str, workload: &str) -> Session {
    let this = std::env::current_exe().unwrap();
    Session::start(BIN, &["nodes", "--bin", this.to_str().unwrap(), "--workload", workload, "--", "--node", node])
}

fn on_the_screen() {
    let mut session = on_screen("forgetful", "lin-kv");
    session.until_taken();
    session.until("Your programs");
    session.send(b":c1 write 0 7\r");
    session.until("c1 write 0 7");
    session.send(b":c2 read 0\r");
    session.until("c2 read 0");
    // While something is typed the world stands still.
    session.send(b" ");
    session.until("nil");
    session.send(b":crash n1\r");
    session.until("crash n1");
    session.send(b"u");
    session.until("cannot be taken back");
    session.send(b"\x1b[D\x1b[D\x1b[D\x1b[D");
    session.settle();
    session.send(b":restart n1\r");
    session.until("this part is a recording");
    session.send(b"\x1b");
    session.settle();
    session.send(b"q");
    assert!(session.end().success());
    session.assert_restored();
    wait_until(|| left("forgetful").is_empty());
}

fn recording_on_the_screen() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("run.replay");
    let (_, text) = run("forgetful", &["--workload", "lin-kv", "--time-limit", "3", "--save", file.to_str().unwrap()]);
    assert!(text.contains("runs it again"), "{text}");
    let mut session = Session::start(BIN, &["nodes", "--replay", file.to_str().unwrap()]);
    session.until_taken();
    session.until("Your programs");
    session.send(b":crash n1\r");
    session.until("this part is a recording");
}
