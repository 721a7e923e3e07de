//! The same scripts, typed at a real server.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use super::Reply;
use super::args::{Text, argv, words};
use super::tests::Cli;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

/// A real server on a port of its own.
pub(crate) struct Real {
    process: Child,
    pub(crate) port: u16,
    /// The port at which other servers of its cluster reach it.
    pub(crate) bus: u16,
    /// Where it keeps what it writes.
    folder: std::path::PathBuf,
}

fn free_port() -> Option<u16> {
    let free = std::net::TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).ok()?;
    Some(free.port())
}

impl Real {
    /// Starts one, where one is installed, in a folder of its own.
    pub(crate) fn start(more: &[&str]) -> Option<Real> {
        let port = free_port()?;
        let folder = std::env::temp_dir().join(format!("splitbrain-redis-{}-{port}", std::process::id()));
        std::fs::create_dir_all(&folder).ok()?;
        let (number, place) = (port.to_string(), folder.display().to_string());
        let options = ["--port", &number, "--save", "", "--appendonly", "no", "--bind", "127.0.0.1", "--dir", &place];
        let started = Command::new("redis-server").args(options).args(more).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        if started.is_err() {
            _ = std::fs::remove_dir_all(&folder);
        }
        Some(Real { process: started.ok()?, port, bus: 0, folder })
    }

    /// Starts one that can be a part of a cluster.
    pub(crate) fn of_cluster() -> Option<Real> {
        let bus = free_port()?;
        let mut real = Real::start(&["--cluster-enabled", "yes", "--cluster-port", &bus.to_string(), "--cluster-node-timeout", "5000"])?;
        real.bus = bus;
        Some(real)
    }

    /// A connection.
    pub(crate) fn open(&self) -> BufReader<TcpStream> {
        BufReader::new(self.connect().expect("it listens"))
    }

    /// The answer to a line, on a connection of its own.
    pub(crate) fn says(&self, line: &str) -> Reply {
        ask(&mut self.open(), &words(line).expect("a line"))
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
        _ = std::fs::remove_dir_all(&self.folder);
    }
}

pub(crate) fn ask(stream: &mut BufReader<TcpStream>, argv: &[Text]) -> Reply {
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
        "+" => Reply::Status(Box::leak(rest.to_string().into_boxed_str())),
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

impl Real {
    /// A new connection to a server without keys.
    fn afresh(&self) -> BufReader<TcpStream> {
        let mut stream = BufReader::new(self.connect().expect("it listens"));
        ask(&mut stream, &argv(&["FLUSHALL"]));
        stream
    }
}

/// It says so where none is installed.
fn real() -> Option<Real> {
    let real = Real::start(&[]);
    if real.is_none() {
        eprintln!("skipped: no redis-server is installed");
    }
    real
}

/// The answer to a line; SUBSCRIBE and its like have one for each channel, of which the first is told.
fn says(stream: &mut BufReader<TcpStream>, line: &str) -> Reply {
    let words = words(line).expect("a line");
    let first = ask(stream, &words);
    let joins = ["SUBSCRIBE", "UNSUBSCRIBE"].iter().any(|name| words[0].eq_ignore_ascii_case(name));
    if joins && matches!(first, Reply::Array(_)) {
        (2..words.len()).for_each(|_| _ = answer(stream));
    }
    first
}

/// Members of a set have no order in Redis 7.0, and names of keys in no release.
fn in_any_order(line: &str, reply: &Reply) -> String {
    let is = |name: &str| line.split(' ').next().is_some_and(|word| word.eq_ignore_ascii_case(name));
    sorted(reply, is("SMEMBERS") || is("KEYS"), is("EXEC") || is("SCAN"))
}

fn sorted(reply: &Reply, here: bool, inside: bool) -> String {
    let all: Vec<Reply> = match reply {
        Reply::Array(all) => all.clone(),
        Reply::Names { some, .. } => some.iter().cloned().map(Reply::Bulk).collect(),
        other => return other.to_string(),
    };
    let mut all: Vec<String> = all.iter().map(|one| sorted(one, inside, inside)).collect();
    if here {
        all.sort();
    }
    format!("{all:?}")
}

#[test]
fn a_real_server_answers_the_same() {
    let Some(real) = real() else { return };
    let mut wrong = Vec::new();
    for script in super::scripts::all() {
        let (mut stream, mut model) = (real.afresh(), Cli::new());
        for (line, expected) in script {
            let (told, ours) = (says(&mut stream, line), model.serve(1, line).reply.expect("an answer"));
            let same = in_any_order(line, &told) == in_any_order(line, &ours);
            let written = told.to_string() == expected || matches!(told, Reply::Array(_));
            if !same || !written {
                wrong.push(format!("{line}: {told}, not {ours}, nor {expected}"));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

/// Lines that could be typed, with letters for what stands in them.
const FORMS: &[&str] = &[
    "set K V",
    "set K V O",
    "set K V O O",
    "set K V T N O",
    "set K V O T N",
    "set K V T N T N",
    "get K",
    "getdel K",
    "strlen K",
    "append K V",
    "mset K V K V",
    "mset K V K",
    "mget K K",
    "incr K",
    "decr K",
    "incrby K N",
    "decrby K N",
    "del K K",
    "unlink K",
    "exists K K",
    "type K",
    "expire K N",
    "expire K N E",
    "expire K N E E",
    "pexpire K N E",
    "expireat K N E",
    "pexpireat K N",
    "ttl K",
    "pttl K",
    "persist K",
    "keys P",
    "dbsize",
    "scan 0 count 1000",
    "scan 0 count 1000 match P",
    "scan 0 count 1000 type Y",
    "scan 0 type Y match P count 1000",
    "scan 0 count 0",
    "scan N P",
    "flushall",
    "lpush K V V",
    "rpush K V",
    "lpop K",
    "lpop K N",
    "rpop K N",
    "rpop K",
    "llen K",
    "lindex K N",
    "lrange K N N",
    "hset K V V",
    "hset K V V V V",
    "hget K V",
    "hgetall K",
    "hdel K V V",
    "hexists K V",
    "hlen K",
    "hincrby K V N",
    "sadd K V V",
    "srem K V",
    "smembers K",
    "sismember K V",
    "scard K",
    "zadd K S V",
    "zadd K Z S V",
    "zadd K Z Z S V S V",
    "zincrby K S V",
    "zrem K V V",
    "zscore K V",
    "zcard K",
    "zrank K V",
    "zrevrank K V",
    "zrange K N N",
    "zrange K N N R",
    "zrange K N N R R",
    "zrange K S S byscore R",
    "zrange K B B byscore R",
    "zrange K S S byscore limit N N",
    "zrange K B B byscore rev limit N N withscores",
    "zrange K N N limit N N",
    "zrange K L L bylex",
    "zrange K L L bylex rev",
    "zrange K L L bylex limit N N",
    "multi",
    "exec",
    "discard",
    "watch K",
    "unwatch",
    "ping",
    "ping V",
    "ping V V",
    "echo V",
    "publish V V",
    "W K",
    "W K V",
    "W K V V",
    "W V V V V",
    "foo V",
    "cluster V",
    "cluster keyslot K",
    "eval \"if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) else return 0 end\" 1 K V",
];

fn of(letter: &str) -> Option<&'static [&'static str]> {
    Some(match letter {
        "K" => &["a", "b", "c", "d"],
        "V" => &["a", "b", "7", "-3", "007", "\"\"", "\"two words\"", "9223372036854775807", "\" 5\"", "1e3", "+1"],
        "N" => &[
            "0",
            "1",
            "-1",
            "2",
            "-2",
            "100000",
            "x",
            "9223372036854775807",
            "-9223372036854775808",
            "1.5",
            "+1",
            "-0",
            "01",
            "\"\"",
            "4611686018427387904",
        ],
        "S" => &["0", "1", "-2.5", "1e3", "inf", "-inf", "x", "nan", "0x1f", "1e400", "\"\""],
        "B" => &["(0", "(1", "(-inf", "+inf", "(", "(x", "\" 1\""],
        "L" => &["-", "+", "[a", "(a", "[b", "(", "b"],
        "O" => &["nx", "XX", "get", "KEEPTTL", "bogus"],
        "T" => &["ex", "PX", "exat", "PXAT"],
        "E" => &["nx", "XX", "gt", "LT", "bogus"],
        "Z" => &["nx", "xx", "gt", "lt", "ch", "incr"],
        "R" => &["rev", "WITHSCORES", "bogus", "limit"],
        "P" => &["*", "a*", "?", "[a-b]", "[^a]", "\\\\a", "nothing", "[", "[a", "[b-a]", "**a", "\"\""],
        "Y" => &["string", "list", "zset", "bogus"],
        "W" => &[
            "get", "incr", "lpush", "lrange", "hset", "sadd", "zadd", "zrange", "expire", "set", "lpop", "hincrby", "del", "multi", "exec",
        ],
        _ => return None,
    })
}

fn any_line() -> impl Strategy<Value = String> {
    let draws = proptest::collection::vec(any::<prop::sample::Index>(), 10);
    (prop::sample::select(FORMS), draws).prop_map(|(form, draws)| {
        // What stands between quotes is one word.
        let (quoted, rest) = form.rfind('"').map_or(("", form), |end| form.split_at(end + 1));
        let picked = rest.split(' ').zip(draws).map(|(word, draw)| of(word).map_or(word, |all| all[draw.index(all.len())]));
        let words = std::iter::once(quoted).filter(|quoted| !quoted.is_empty()).chain(picked);
        words.collect::<Vec<_>>().join(" ")
    })
}

/// Whether a line leaves a key a millisecond or two: the model's clock stands still here, and whether a real server's key is gone when the
/// next line comes is chance.
fn is_over_at_once(line: &str) -> bool {
    let words: Vec<String> = line.split(' ').map(str::to_lowercase).collect();
    let at = if words[0] == "pexpire" { Some(2) } else { words.iter().position(|word| word == "px").map(|at| at + 1) };
    at.and_then(|at| words.get(at)).is_some_and(|left| left == "1" || left == "2")
}

/// Whatever is typed, wrong or right: the same answers, and the same keys in the end.
#[test]
fn a_real_server_answers_the_same_to_anything() {
    let Some(real) = real() else { return };
    let lines = proptest::collection::vec(any_line(), 1..60);
    let mut runner = TestRunner::new(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() });
    let ran = runner.run(&lines, |lines| {
        let (mut stream, mut model) = (real.afresh(), Cli::new());
        #[expect(clippy::disallowed_types, reason = "a real server goes by the clock on the wall")]
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("it is after 1970");
        model.now = now.as_millis() as u64;
        let mut typed = Vec::new();
        for line in lines.iter().map(String::as_str).filter(|line| !is_over_at_once(line)).chain(["discard", "keys *"]) {
            let tells_time = line.starts_with("ttl") || line.starts_with("pttl");
            // Of a time that is left only whether there is any is the same; in a transaction it cannot be told from a number.
            if tells_time && model.server.session(1).is_some_and(|session| session.queued.is_some()) {
                continue;
            }
            typed.push(line);
            let [told, ours] = [says(&mut stream, line), model.serve(1, line).reply.expect("an answer")].map(|reply| match reply {
                Reply::Int(left) if tells_time && left > 0 => "some".to_string(),
                other => in_any_order(line, &other),
            });
            prop_assert_eq!(told, ours, "{:?}", typed);
        }
        Ok(())
    });
    ran.unwrap_or_else(|wrong| panic!("{wrong}"));
}
