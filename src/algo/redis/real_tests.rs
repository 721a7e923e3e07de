//! The same scripts, typed at a real server.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use super::Reply;
use super::args::{Text, argv, words};
use super::scripts::SCRIPTS;

/// A real server on a port of its own.
struct Real {
    process: Child,
    port: u16,
}

impl Real {
    /// Starts one, where one is installed.
    fn start() -> Option<Real> {
        let free = std::net::TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).ok()?;
        let port = free.port();
        let options = ["--port", &port.to_string(), "--save", "", "--appendonly", "no", "--bind", "127.0.0.1"];
        let process = Command::new("redis-server").args(options).stdout(Stdio::null()).stderr(Stdio::null()).spawn().ok()?;
        Some(Real { process, port })
    }

    fn connect(&self) -> Option<TcpStream> {
        // It takes a moment until it listens.
        (0..100_000).find_map(|_| TcpStream::connect(("127.0.0.1", self.port)).ok())
    }
}

impl Drop for Real {
    fn drop(&mut self) {
        _ = self.process.kill();
        _ = self.process.wait();
    }
}

fn ask(stream: &mut BufReader<TcpStream>, argv: &[Text]) -> Reply {
    let mut text = format!("*{}\r\n", argv.len());
    for word in argv {
        text.extend(["$", &word.len().to_string(), "\r\n", &**word, "\r\n"]);
    }
    stream.get_mut().write_all(text.as_bytes()).expect("it listens");
    answer(stream)
}

/// Reads an answer in RESP2.
fn answer(stream: &mut BufReader<TcpStream>) -> Reply {
    let mut line = String::new();
    stream.read_line(&mut line).expect("it answers");
    let (kind, rest) = line.trim_end_matches("\r\n").split_at(1);
    let number = || rest.parse::<i64>().expect("a number");
    match kind {
        "+" => Reply::Status(match rest {
            "OK" => "OK",
            "PONG" => "PONG",
            "QUEUED" => "QUEUED",
            other => super::value::value_kinds().find(|kind| *kind == other).unwrap_or("none"),
        }),
        "-" => super::error(rest),
        ":" => Reply::Int(number()),
        "$" | "*" if number() < 0 => Reply::Nil,
        "$" => {
            let mut bytes = vec![0; number() as usize + 2];
            stream.read_exact(&mut bytes).expect("the text");
            bytes.truncate(bytes.len() - 2);
            Reply::Bulk(String::from_utf8(bytes).expect("text").into())
        }
        "*" => Reply::Array((0..number()).map(|_| answer(stream)).collect()),
        other => panic!("{other}"),
    }
}

/// It says so where none is installed.
#[test]
fn a_real_server_answers_the_same() {
    let Some(real) = Real::start() else {
        eprintln!("skipped: no redis-server is installed");
        return;
    };
    for script in SCRIPTS {
        let mut stream = BufReader::new(real.connect().expect("it listens"));
        ask(&mut stream, &argv(&["FLUSHALL"]));
        for (line, expected) in *script {
            assert_eq!(ask(&mut stream, &words(line).expect("a line")).to_string(), *expected, "{line}");
        }
    }
}
