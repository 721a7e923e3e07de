//! Commands and replies: those of the examples of the Redis documentation (redis.io/docs/latest/commands), and the errors of its sources.

use proptest::prelude::*;

use super::args::{Argv, argv, words};
use super::run::{Around, Expiry, apply};
use super::scripts::SCRIPTS;
use super::serve::{Served, Server};
use super::{Keyspace, Reply, names};

/// A moment at which every test begins, in milliseconds.
const NOW: u64 = 1_700_000_000_000;

/// A server that takes lines as `redis-cli` does.
pub(super) struct Cli {
    pub(super) server: Server,
    pub(super) now: u64,
}

impl Cli {
    pub(super) fn new() -> Cli {
        Cli { server: Server::default(), now: NOW }
    }

    fn around(&self) -> Around {
        Around { now: self.now, expiry: Expiry::Deletes, passes_lengths: false }
    }

    pub(super) fn serve(&mut self, client: u32, line: &str) -> Served {
        let argv: Argv = words(line).expect("a line").into();
        let around = self.around();
        self.server.serve(client, &argv, around, &|_| None)
    }

    pub(super) fn says(&mut self, client: u32, line: &str) -> String {
        self.serve(client, line).reply.map_or_else(|| "waits".to_string(), |reply| reply.to_string())
    }

    /// Each line by the first connection, with its answer.
    fn script(&mut self, lines: &[(&str, &str)]) {
        let told: Vec<(&str, String)> = lines.iter().map(|(line, _)| (*line, self.says(1, line))).collect();
        let wrong: Vec<_> = told.iter().zip(lines).filter(|((_, told), (_, answer))| told != answer).collect();
        assert!(wrong.is_empty(), "what was told, and what is right: {wrong:#?}");
    }

    /// What a line is passed on as.
    fn stream(&mut self, line: &str) -> Vec<String> {
        self.serve(1, line).stream.iter().map(|argv| super::line(argv)).collect()
    }
}

#[test]
fn replies_are_those_of_the_documentation() {
    for script in super::scripts::all() {
        Cli::new().script(&script);
    }
}

/// Every command stands in some script, or is one that asks for more than keys.
#[test]
fn every_command_is_in_a_script() {
    let elsewhere = ["debug", "wait", "save", "bgsave", "bgrewriteaof", "role", "migrate", "pexpire", "expireat", "pexpireat"];
    let has = |name: &str| {
        SCRIPTS
            .iter()
            .flat_map(|script| script.iter())
            .any(|(line, _)| line.split(' ').next().is_some_and(|word| word.eq_ignore_ascii_case(name)))
    };
    let missing: Vec<&str> = names().filter(|name| !elsewhere.contains(name) && !has(name)).collect();
    assert_eq!(missing, Vec::<&str>::new());
}

#[test]
fn keys_expire_when_somebody_comes_across_them() {
    let mut cli = Cli::new();
    cli.script(&[("SET x 1 PX 100", "OK"), ("PTTL x", "(integer) 100")]);
    cli.now += 99;
    cli.script(&[("GET x", "\"1\""), ("TTL x", "(integer) 0"), ("KEYS *", "1) \"x\"")]);
    cli.now += 1;
    assert_eq!((cli.server.keys.len(), cli.server.keys.dead(cli.now)), (1, 1), "it still takes memory");
    assert_eq!(cli.says(1, "KEYS *"), "(empty array)");
    assert_eq!(cli.says(1, "SCAN 0"), "1) \"0\" 2) (empty array)");
    assert_eq!(cli.stream("GET x"), ["DEL x"]);
    assert_eq!(cli.server.keys.len(), 0);
    assert_eq!(cli.stream("GET x"), Vec::<String>::new());
}

#[test]
fn a_replica_hides_what_has_expired_and_deletes_nothing() {
    let mut cli = Cli::new();
    cli.script(&[("SET x 1 PX 100", "OK"), ("SET y 1 PX 100", "OK")]);
    let mut replica = Server::of(cli.server.keys.clone());
    let around = Around { now: NOW + 200, expiry: Expiry::Hides, passes_lengths: false };
    let served = replica.serve(1, &argv(&["GET", "x"]), around, &|_| None);
    assert_eq!((served.reply, served.stream.len(), replica.keys.len()), (Some(Reply::Nil), 0, 2));
    // What its master did before it had expired there is done, whatever the clock of the replica says.
    let from_master = Around { expiry: Expiry::Ignores, ..around };
    apply(&mut replica.keys, &argv(&["INCR", "x"]), from_master);
    assert_eq!(replica.keys.peek("x").map(|entry| entry.value.brief()).as_deref(), Some("2"));
}

#[test]
fn what_is_passed_on_hangs_on_no_clock() {
    let mut cli = Cli::new();
    let at = |ms: u64| format!("PXAT {}", NOW + ms);
    assert_eq!(cli.stream("SET x 1 NX EX 10"), [format!("SET x 1 {}", at(10_000))]);
    assert_eq!(cli.stream("SET x 2 NX EX 10"), Vec::<String>::new(), "it did nothing");
    assert_eq!(cli.stream("EXPIRE x 20"), [format!("PEXPIREAT x {}", NOW + 20_000)]);
    assert_eq!(cli.stream("SET x 3 XX KEEPTTL GET"), ["SET x 3 KEEPTTL"]);
    assert_eq!(cli.stream("EXPIRE x -1"), ["DEL x"]);
    assert_eq!(cli.stream("INCR n"), ["INCR n"]);
    assert_eq!(cli.stream("GETDEL n"), ["DEL n"]);
    assert_eq!(cli.stream("HDEL nothing f"), Vec::<String>::new());
    cli.script(&[("SET lock me", "OK"), ("MULTI", "OK"), ("SET a 1", "QUEUED"), ("GET a", "QUEUED"), ("INCR a", "QUEUED")]);
    assert_eq!(cli.stream("EXEC"), ["MULTI", "SET a 1", "INCR a", "EXEC"]);
    let script = format!("EVAL '{}' 1 lock me", super::COMPARE_AND_DELETE);
    assert_eq!(cli.stream(&script), ["DEL lock"]);
    assert_eq!(cli.stream("DEBUG POPULATE 10"), Vec::<String>::new(), "nobody is told");
}

#[test]
fn lengths_that_are_passed_on_begin_anew() {
    let mut cli = Cli::new();
    let around = Around { passes_lengths: true, ..cli.around() };
    let served = cli.server.serve(1, &argv(&["SET", "x", "1", "PX", "100"]), around, &|_| None);
    assert_eq!(super::line(&served.stream[0]), "SET x 1 PX 100");
}

#[test]
fn a_transaction_is_spoiled_by_another_connection_and_by_expiry() {
    let mut cli = Cli::new();
    cli.script(&[("SET x 1", "OK"), ("WATCH x", "OK"), ("MULTI", "OK"), ("INCR x", "QUEUED")]);
    assert_eq!(cli.says(2, "SET x 5"), "OK");
    cli.script(&[
        ("EXEC", "(nil)"),
        ("GET x", "\"5\""),
        ("PEXPIRE x 100", "(integer) 1"),
        ("WATCH x", "OK"),
        ("MULTI", "OK"),
        ("SET y 1", "QUEUED"),
    ]);
    cli.now += 100;
    cli.script(&[("EXEC", "(nil)"), ("EXISTS y", "(integer) 0")]);
}

#[test]
fn only_those_hear_who_listen_now() {
    let mut cli = Cli::new();
    assert_eq!(cli.says(2, "SUBSCRIBE news"), "1) \"subscribe\" 2) \"news\" 3) (integer) 1");
    let served = cli.serve(1, "PUBLISH news hello");
    assert_eq!(served.reply, Some(Reply::Int(1)));
    let heard: Vec<(u32, String)> = served.heard.iter().map(|(client, reply)| (*client, reply.to_string())).collect();
    assert_eq!(heard, [(2, "1) \"message\" 2) \"news\" 3) \"hello\"".to_string())]);
    cli.server.hang_up(2);
    assert_eq!(cli.says(1, "PUBLISH news hello"), "(integer) 0");
}

#[test]
fn writes_are_refused_as_the_server_says() {
    let mut cli = Cli::new();
    let around = cli.around();
    let full = |grows: bool| grows.then(|| super::error("OOM command not allowed when used memory > 'maxmemory'."));
    let mut says =
        |line: &str| cli.server.serve(1, &words(line).expect("a line").into(), around, &full).reply.map(|reply| reply.to_string());
    assert_eq!(says("SET x 1").as_deref(), Some("(error) OOM command not allowed when used memory > 'maxmemory'."));
    assert_eq!(says("DEL x").as_deref(), Some("(integer) 0"));
    assert_eq!(says("GET x").as_deref(), Some("(nil)"));
}

/// A million keys take neither memory nor time, and are there.
#[test]
fn populated_keys_are_keys() {
    let mut cli = Cli::new();
    cli.script(&[
        ("SET key:7 mine", "OK"),
        ("DEBUG POPULATE 1000000", "OK"),
        ("DBSIZE", "(integer) 1000000"),
        ("GET key:7", "\"mine\""),
        ("GET key:999999", "\"value:999999\""),
        ("GET key:1000000", "(nil)"),
        ("DEL key:5 key:5", "(integer) 1"),
        ("DBSIZE", "(integer) 999999"),
        ("KEYS cart:*", "(empty array)"),
        ("SET cart:1 x", "OK"),
        ("KEYS cart:*", "1) \"cart:1\""),
        ("KEYS key:5", "(empty array)"),
        ("KEYS key:6", "1) \"key:6\""),
    ]);
    let all = cli.serve(1, "KEYS *");
    assert_eq!((all.touched, all.reply.map(|reply| reply.to_string().ends_with("... (1000000 in all)"))), (1_000_000, Some(true)));
    assert_eq!(cli.serve(1, "SCAN 0 COUNT 100").touched, 99, "cart:1, and key:0 to key:98 but for key:5");
    assert!(cli.server.keys.is_sound());
}

fn any_line() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        Just("a"),
        Just("b"),
        Just("c"),
        Just("1"),
        Just("-1"),
        Just("5"),
        Just("x"),
        Just("NX"),
        Just("PX"),
        Just("100"),
        Just("REV")
    ];
    let name = (0..names().count()).prop_map(|n| names().nth(n).unwrap_or("get"));
    (name, proptest::collection::vec(word, 0..5)).prop_map(|(name, words)| format!("{name} {}", words.join(" ")))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Whatever is asked: no command breaks a server, its parts stay in step, and who does what was passed on has the same.
    #[test]
    fn what_is_passed_on_gives_the_same(lines in proptest::collection::vec((any_line(), 1u32..3, 0u64..60), 1..40)) {
        let (mut cli, mut copy) = (Cli::new(), Keyspace::default());
        for (line, client, wait) in lines.iter().filter(|(line, ..)| !line.starts_with("debug")) {
            cli.now += wait;
            let served = cli.serve(*client, line);
            prop_assert!(served.reply.is_some() != served.beyond.is_some(), "{}", line);
            let around = Around { now: cli.now + 1000, expiry: Expiry::Ignores, passes_lengths: false };
            served.stream.iter().for_each(|argv| _ = apply(&mut copy, argv, around));
            prop_assert!(cli.server.keys.is_sound() && copy.is_sound(), "{}", line);
            prop_assert!(copy.same_data(&cli.server.keys), "{}: {:?}", line, served.stream);
        }
    }
}
