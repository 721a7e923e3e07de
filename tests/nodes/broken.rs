//! Nodes that do what no node should.

use std::io::{self, BufRead as _, Write as _};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

/// Answers `init`, then goes wrong in this way.
pub(crate) fn run(how: &str) -> io::Result<()> {
    let mut lines = io::stdin().lock().lines();
    match how {
        "dies-at-once" => std::process::abort(),
        "never-answers" => return forever(),
        "no-init" => {
            println!("hello, here I am");
            return forever();
        }
        "half-init" => {
            print!("hello");
            io::stdout().flush()?;
            return forever();
        }
        // Its output is closed long before it ends.
        "slow-end" => {
            use std::os::unix::process::CommandExt as _;
            return Err(std::process::Command::new("/bin/sh").args(["-c", "exec >&-; sleep 0.4; exit 7"]).exec());
        }
        _ => {}
    }
    let init: Value = serde_json::from_str(&lines.next().transpose()?.unwrap_or_default())?;
    let me = init["body"]["node_id"].as_str().unwrap_or_default().to_string();
    say(&me, "c0", &json!({"type": "init_ok", "in_reply_to": 1}))?;
    let Some(first) = lines.next().transpose()? else { return Ok(()) };
    let request: Value = serde_json::from_str(&first)?;
    match how {
        "hangs" => forever(),
        // One of several; the others go on.
        "hangs-later" if me == "n1" => forever(),
        "hangs-later" => {
            answer(&me, &request)?;
            for line in lines {
                answer(&me, &serde_json::from_str(&line?)?)?;
            }
            Ok(())
        }
        "same" => {
            for line in std::iter::once(Ok(first)).chain(lines) {
                let request: Value = serde_json::from_str(&line?)?;
                eprintln!("again");
                let reply = json!({"type": "generate_ok", "id": 5, "in_reply_to": request["body"]["msg_id"]});
                say(&me, request["src"].as_str().unwrap_or_default(), &reply)?;
            }
            Ok(())
        }
        "half" => {
            print!("{{\"src\": \"{me}\", \"dest\": \"c1\", ");
            io::stdout().flush()?;
            forever()
        }
        "endless" => loop {
            io::stdout().lock().write_all(&[b'x'; 4096])?;
        },
        "floods" => loop {
            say(&me, "n1", &json!({"type": "flood"}))?;
        },
        "ends" => {
            eprintln!("I have had enough");
            Ok(())
        }
        "long" => {
            eprintln!("{}", "y".repeat(2000));
            let text = "x".repeat(100_000);
            say(&me, "c1", &json!({"type": "echo_ok", "echo": text}))?;
            answer(&me, &request)?;
            forever()
        }
        "children" => {
            // Whatever it starts is killed with it.
            std::process::Command::new(std::env::current_exe()?)
                .args(["--node", "never-answers"])
                .stdin(std::process::Stdio::null())
                .spawn()?;
            answer(&me, &request)?;
            forever()
        }
        _ => {
            println!("this is no JSON");
            println!("[1, 2]");
            println!("{{\"src\": \"{me}\", \"dest\": \"c1\"}}");
            say("n9", "c1", &json!({"type": "echo_ok"}))?;
            say(&me, "nobody", &json!({"type": "echo_ok"}))?;
            say(&me, "c1", &json!({"type": "echo_ok"}))?;
            say(&me, "c1", &json!({"type": "echo_ok", "in_reply_to": 4711}))?;
            say(&me, request["src"].as_str().unwrap_or_default(), &json!({"type": "read_ok", "in_reply_to": request["body"]["msg_id"]}))?;
            io::stdout().lock().write_all(b"\xff\xfe\n")?;
            for line in lines {
                answer(&me, &serde_json::from_str(&line?)?)?;
            }
            Ok(())
        }
    }
}

fn answer(me: &str, request: &Value) -> io::Result<()> {
    let reply = json!({"type": "echo_ok", "echo": request["body"]["echo"], "in_reply_to": request["body"]["msg_id"]});
    say(me, request["src"].as_str().unwrap_or_default(), &reply)
}

fn say(me: &str, dest: &str, body: &Value) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{}", json!({"src": me, "dest": dest, "body": body}))?;
    out.flush()
}

fn forever() -> io::Result<()> {
    loop {
        thread::park_timeout(Duration::from_secs(3600));
    }
}
