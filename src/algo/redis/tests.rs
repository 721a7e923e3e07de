//! Commands and replies: those of the examples of the Redis documentation (redis.io/docs/latest/commands), and the errors of its sources.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use proptest::prelude::*;

use super::args::{Argv, Text, argv, words};
use super::run::{Around, Expiry, apply};
use super::serve::{Served, Server};
use super::{Keyspace, Reply, names};

/// A moment at which every test begins, in milliseconds.
const NOW: u64 = 1_700_000_000_000;

/// A server that takes lines as `redis-cli` does.
struct Cli {
    server: Server,
    now: u64,
}

impl Cli {
    fn new() -> Cli {
        Cli { server: Server::default(), now: NOW }
    }

    fn around(&self) -> Around {
        Around { now: self.now, expiry: Expiry::Deletes, passes_lengths: false }
    }

    fn serve(&mut self, client: u32, line: &str) -> Served {
        let argv: Argv = words(line).expect("a line").into();
        let around = self.around();
        self.server.serve(client, &argv, around, &|_| None)
    }

    fn says(&mut self, client: u32, line: &str) -> String {
        self.serve(client, line).reply.map_or_else(|| "waits".to_string(), |reply| reply.to_string())
    }

    /// Each line by the first connection, with its answer.
    fn script(&mut self, lines: &[(&str, &str)]) {
        for (line, answer) in lines {
            assert_eq!(self.says(1, line), *answer, "{line}");
        }
    }

    /// What a line is passed on as.
    fn stream(&mut self, line: &str) -> Vec<String> {
        self.serve(1, line).stream.iter().map(|argv| super::line(argv)).collect()
    }
}

const WRONG_TYPE: &str = "(error) WRONGTYPE Operation against a key holding the wrong kind of value";
const NOT_INTEGER: &str = "(error) ERR value is not an integer or out of range";
const SYNTAX: &str = "(error) ERR syntax error";

/// Scripts whose answers hang on no clock: a real server must give the same.
static SCRIPTS: &[&[(&str, &str)]] = &[
    &[
        ("SET mykey Hello", "OK"),
        ("GET mykey", "\"Hello\""),
        ("GET nonexisting", "(nil)"),
        ("SET anotherkey \"will expire in a minute\" EX 60", "OK"),
        ("TTL anotherkey", "(integer) 60"),
        ("SET anotherkey x KEEPTTL", "OK"),
        ("TTL anotherkey", "(integer) 60"),
        ("SET anotherkey x", "OK"),
        ("TTL anotherkey", "(integer) -1"),
        ("SET lock a NX PX 10000", "OK"),
        ("SET lock b NX PX 10000", "(nil)"),
        ("GET lock", "\"a\""),
        ("SET lock c XX", "OK"),
        ("SET nokey c XX", "(nil)"),
        ("SET lock d GET", "\"c\""),
        ("SET fresh d GET", "(nil)"),
        ("SET lock e NX GET", "\"d\""),
        ("SET lock", "(error) ERR wrong number of arguments for 'set' command"),
        ("SET lock x NX XX", SYNTAX),
        ("SET lock x EX", SYNTAX),
        ("SET lock x EX abc", NOT_INTEGER),
        ("SET lock x EX 0", "(error) ERR invalid expire time in 'set' command"),
        ("SET lock x PX -5", "(error) ERR invalid expire time in 'set' command"),
        ("SET lock x EX 10 PX 10", SYNTAX),
        ("SET lock x KEEPTTL EX 10", SYNTAX),
        ("SET lock x BOGUS", SYNTAX),
        ("GETDEL lock", "\"d\""),
        ("GET lock", "(nil)"),
        ("APPEND mykey \" World\"", "(integer) 11"),
        ("STRLEN mykey", "(integer) 11"),
        ("STRLEN nonexisting", "(integer) 0"),
        ("MSET key1 Hello key2 World", "OK"),
        ("MGET key1 key2 nonexisting", "1) \"Hello\" 2) \"World\" 3) (nil)"),
        ("MSET a 1 b", "(error) ERR wrong number of arguments for 'mset' command"),
    ],
    &[
        ("SET mykey 10", "OK"),
        ("INCR mykey", "(integer) 11"),
        ("INCRBY mykey 5", "(integer) 16"),
        ("DECR mykey", "(integer) 15"),
        ("DECRBY mykey 3", "(integer) 12"),
        ("INCR fresh", "(integer) 1"),
        ("SET mykey 234293482390480948029348230948", "OK"),
        ("DECR mykey", NOT_INTEGER),
        ("SET mykey 9223372036854775807", "OK"),
        ("INCR mykey", "(error) ERR increment or decrement would overflow"),
        ("DECRBY mykey -9223372036854775808", "(error) ERR decrement would overflow"),
        ("INCRBY mykey x", NOT_INTEGER),
        ("SET word abc", "OK"),
        ("INCR word", NOT_INTEGER),
        ("INCR", "(error) ERR wrong number of arguments for 'incr' command"),
        ("foo bar baz", "(error) ERR unknown command 'foo', with args beginning with: 'bar' 'baz' "),
        ("FOO", "(error) ERR unknown command 'FOO', with args beginning with: "),
    ],
    &[
        ("SET mykey Hello", "OK"),
        ("EXPIRE mykey 10", "(integer) 1"),
        ("TTL mykey", "(integer) 10"),
        ("SET mykey \"Hello World\"", "OK"),
        ("TTL mykey", "(integer) -1"),
        ("EXPIRE mykey 10 XX", "(integer) 0"),
        ("TTL mykey", "(integer) -1"),
        ("EXPIRE mykey 10 NX", "(integer) 1"),
        ("TTL mykey", "(integer) 10"),
        ("EXPIRE mykey 5 GT", "(integer) 0"),
        ("EXPIRE mykey 5 LT", "(integer) 1"),
        ("EXPIRE mykey 10 NX GT", "(error) ERR NX and XX, GT or LT options at the same time are not compatible"),
        ("EXPIRE mykey 10 GT LT", "(error) ERR GT and LT options at the same time are not compatible"),
        ("EXPIRE mykey 10 BOGUS", "(error) ERR Unsupported option BOGUS"),
        ("EXPIRE mykey x", NOT_INTEGER),
        ("EXPIRE mykey 9223372036854775807", "(error) ERR invalid expire time in 'expire' command"),
        ("PERSIST mykey", "(integer) 1"),
        ("PERSIST mykey", "(integer) 0"),
        ("PTTL mykey", "(integer) -1"),
        ("TTL nonexisting", "(integer) -2"),
        ("EXPIRE nonexisting 10", "(integer) 0"),
        ("EXPIRE mykey -1", "(integer) 1"),
        ("EXISTS mykey", "(integer) 0"),
    ],
    &[
        ("SET key1 Hello", "OK"),
        ("SET key2 World", "OK"),
        ("DEL key1 key2 key3", "(integer) 2"),
        ("SET key1 Hello", "OK"),
        ("EXISTS key1", "(integer) 1"),
        ("EXISTS nosuchkey", "(integer) 0"),
        ("SET key2 World", "OK"),
        ("EXISTS key1 key2 key1", "(integer) 3"),
        ("UNLINK key1", "(integer) 1"),
        ("LPUSH key3 value", "(integer) 1"),
        ("SADD key4 value", "(integer) 1"),
        ("HSET key5 f v", "(integer) 1"),
        ("ZADD key6 1 m", "(integer) 1"),
        ("TYPE key2", "string"),
        ("TYPE key3", "list"),
        ("TYPE key4", "set"),
        ("TYPE key5", "hash"),
        ("TYPE key6", "zset"),
        ("TYPE nothing", "none"),
        ("DBSIZE", "(integer) 5"),
        ("KEYS key2", "1) \"key2\""),
        ("KEYS nothing*", "(empty array)"),
        ("SCAN 0 MATCH nothing* COUNT 100", "1) \"0\" 2) (empty array)"),
        ("SCAN 0 MATCH key2 COUNT 100", "1) \"0\" 2) [1) \"key2\"]"),
        ("SCAN abc", "(error) ERR invalid cursor"),
        ("SCAN 0 COUNT 0", SYNTAX),
        ("SCAN 0 COUNT", SYNTAX),
        ("GET key3", WRONG_TYPE),
        ("INCR key3", WRONG_TYPE),
        ("LPUSH key2 a", WRONG_TYPE),
        ("HGET key2 f", WRONG_TYPE),
        ("SADD key2 a", WRONG_TYPE),
        ("ZADD key2 1 a", WRONG_TYPE),
        ("SET key3 x GET", WRONG_TYPE),
        ("MGET key2 key3", "1) \"World\" 2) (nil)"),
        ("FLUSHALL", "OK"),
        ("DBSIZE", "(integer) 0"),
    ],
    &[
        ("LPUSH mylist world", "(integer) 1"),
        ("LPUSH mylist hello", "(integer) 2"),
        ("LRANGE mylist 0 -1", "1) \"hello\" 2) \"world\""),
        ("RPUSH mylist one two three", "(integer) 5"),
        ("LRANGE mylist -3 2", "1) \"one\""),
        ("LRANGE mylist 5 10", "(empty array)"),
        ("LRANGE mylist a 10", NOT_INTEGER),
        ("LPOP mylist", "\"hello\""),
        ("LPOP mylist 2", "1) \"world\" 2) \"one\""),
        ("LPOP mylist 0", "(empty array)"),
        ("LPOP mylist -1", "(error) ERR value is out of range, must be positive"),
        ("RPOP mylist", "\"three\""),
        ("LINDEX mylist 0", "\"two\""),
        ("LINDEX mylist -1", "\"two\""),
        ("LINDEX mylist 3", "(nil)"),
        ("LLEN mylist", "(integer) 1"),
        ("RPOP mylist 5", "1) \"two\""),
        ("EXISTS mylist", "(integer) 0"),
        ("LPOP mylist", "(nil)"),
        ("LPOP mylist 2", "(nil)"),
        ("LLEN mylist", "(integer) 0"),
    ],
    &[
        ("HSET myhash field1 Hello", "(integer) 1"),
        ("HGET myhash field1", "\"Hello\""),
        ("HSET myhash field2 Hi field3 World", "(integer) 2"),
        ("HSET myhash field1 again", "(integer) 0"),
        ("HGETALL myhash", "1) \"field1\" 2) \"again\" 3) \"field2\" 4) \"Hi\" 5) \"field3\" 6) \"World\""),
        ("HSET myhash field4", "(error) ERR wrong number of arguments for 'hset' command"),
        ("HSET myhash f v g", "(error) ERR wrong number of arguments for 'hset' command"),
        ("HLEN myhash", "(integer) 3"),
        ("HDEL myhash field1 nofield", "(integer) 1"),
        ("HEXISTS myhash field1", "(integer) 0"),
        ("HGET myhash field1", "(nil)"),
        ("HINCRBY myhash count 1", "(integer) 1"),
        ("HINCRBY myhash count -10", "(integer) -9"),
        ("HINCRBY myhash field2 1", "(error) ERR hash value is not an integer"),
        ("HINCRBY myhash count x", NOT_INTEGER),
        ("HDEL myhash field2 field3 count", "(integer) 3"),
        ("EXISTS myhash", "(integer) 0"),
        ("HGETALL myhash", "(empty array)"),
    ],
    &[
        ("SADD myset Hello", "(integer) 1"),
        ("SADD myset World", "(integer) 1"),
        ("SADD myset World", "(integer) 0"),
        ("SMEMBERS myset", "1) \"Hello\" 2) \"World\""),
        ("SISMEMBER myset Hello", "(integer) 1"),
        ("SISMEMBER myset two", "(integer) 0"),
        ("SCARD myset", "(integer) 2"),
        ("SREM myset Hello nobody", "(integer) 1"),
        ("SREM myset World", "(integer) 1"),
        ("EXISTS myset", "(integer) 0"),
        ("SADD numbers 30 4 100", "(integer) 3"),
        ("SMEMBERS numbers", "1) \"4\" 2) \"30\" 3) \"100\""),
        ("SADD numbers word", "(integer) 1"),
        ("SMEMBERS numbers", "1) \"4\" 2) \"30\" 3) \"100\" 4) \"word\""),
        ("SADD numbers 7", "(integer) 1"),
        ("SMEMBERS numbers", "1) \"4\" 2) \"30\" 3) \"100\" 4) \"word\" 5) \"7\""),
    ],
    &[
        ("ZADD myzset 1 one", "(integer) 1"),
        ("ZADD myzset 1 uno", "(integer) 1"),
        ("ZADD myzset 2 two 3 three", "(integer) 2"),
        ("ZRANGE myzset 0 -1 WITHSCORES", "1) \"one\" 2) \"1\" 3) \"uno\" 4) \"1\" 5) \"two\" 6) \"2\" 7) \"three\" 8) \"3\""),
        ("ZRANGE myzset 0 1 REV", "1) \"three\" 2) \"two\""),
        ("ZRANGE myzset (1 +inf BYSCORE LIMIT 1 1", "1) \"three\""),
        ("ZRANGE myzset +inf -inf BYSCORE REV", "1) \"three\" 2) \"two\" 3) \"uno\" 4) \"one\""),
        ("ZRANGE myzset 0 1 LIMIT 0 1", "(error) ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX"),
        ("ZRANGE myzset a b BYSCORE", "(error) ERR min or max is not a float"),
        ("ZRANGE myzset a b", NOT_INTEGER),
        ("ZINCRBY myzset 2 one", "\"3\""),
        ("ZINCRBY myzset 0.5 one", "\"3.5\""),
        ("ZSCORE myzset one", "\"3.5\""),
        ("ZSCORE myzset nobody", "(nil)"),
        ("ZRANK myzset three", "(integer) 2"),
        ("ZREVRANK myzset three", "(integer) 1"),
        ("ZRANK myzset nobody", "(nil)"),
        ("ZCARD myzset", "(integer) 4"),
        ("ZADD myzset NX 9 one 9 four", "(integer) 1"),
        ("ZADD myzset XX CH 9 one 9 five", "(integer) 1"),
        ("ZADD myzset GT CH 1 one", "(integer) 0"),
        ("ZADD myzset INCR 1 one", "\"10\""),
        ("ZADD myzset NX INCR 1 one", "(nil)"),
        ("ZADD myzset NX XX 1 one", "(error) ERR XX and NX options at the same time are not compatible"),
        ("ZADD myzset GT LT 1 one", "(error) ERR GT, LT, and/or NX options at the same time are not compatible"),
        ("ZADD myzset INCR 1 one 2 two", "(error) ERR INCR option supports a single increment-element pair"),
        ("ZADD myzset x one", "(error) ERR value is not a valid float"),
        ("ZADD myzset 1 one 2", SYNTAX),
        ("ZADD myzset inf big", "(integer) 1"),
        ("ZINCRBY myzset -inf big", "(error) ERR resulting score is not a number (NaN)"),
        ("ZREM myzset one uno two three four big", "(integer) 6"),
        ("EXISTS myzset", "(integer) 0"),
    ],
    &[
        ("MULTI", "OK"),
        ("INCR foo", "QUEUED"),
        ("INCR bar", "QUEUED"),
        ("EXEC", "1) (integer) 1 2) (integer) 1"),
        ("EXEC", "(error) ERR EXEC without MULTI"),
        ("DISCARD", "(error) ERR DISCARD without MULTI"),
        ("MULTI", "OK"),
        ("MULTI", "(error) ERR MULTI calls can not be nested"),
        ("WATCH foo", "(error) ERR WATCH inside MULTI is not allowed"),
        ("SET a abc", "QUEUED"),
        ("LPOP a", "QUEUED"),
        ("SET b 1", "QUEUED"),
        ("EXEC", "1) OK 2) (error) WRONGTYPE Operation against a key holding the wrong kind of value 3) OK"),
        ("GET b", "\"1\""),
        ("MULTI", "OK"),
        ("INCR a b c", "(error) ERR wrong number of arguments for 'incr' command"),
        ("SET b 2", "QUEUED"),
        ("EXEC", "(error) EXECABORT Transaction discarded because of previous errors."),
        ("GET b", "\"1\""),
        ("MULTI", "OK"),
        ("SET b 3", "QUEUED"),
        ("DISCARD", "OK"),
        ("GET b", "\"1\""),
        ("WATCH b", "OK"),
        ("SET b 4", "OK"),
        ("MULTI", "OK"),
        ("SET b 5", "QUEUED"),
        ("EXEC", "(nil)"),
        ("GET b", "\"4\""),
        ("WATCH b", "OK"),
        ("UNWATCH", "OK"),
        ("SET b 6", "OK"),
        ("MULTI", "OK"),
        ("EXEC", "(empty array)"),
        ("MULTI", "OK"),
        ("SAVE", "(error) ERR Command not allowed inside a transaction"),
        ("DISCARD", "OK"),
    ],
    &[
        ("PING", "PONG"),
        ("PING hello", "\"hello\""),
        ("ECHO hello", "\"hello\""),
        ("CLUSTER KEYSLOT foo", "(integer) 12182"),
        ("CLUSTER KEYSLOT foo{hash_tag}", "(integer) 2515"),
        ("SET lock mine", "OK"),
        ("EVAL 'if redis.call(\"get\",KEYS[1]) == ARGV[1] then return redis.call(\"del\",KEYS[1]) else return 0 end' 1 lock other", "(integer) 0"),
        ("EVAL 'if redis.call(\"get\",KEYS[1]) == ARGV[1] then return redis.call(\"del\",KEYS[1]) else return 0 end' 1 lock mine", "(integer) 1"),
        ("EXISTS lock", "(integer) 0"),
        ("PUBLISH nobody hello", "(integer) 0"),
        ("SUBSCRIBE news", "1) \"subscribe\" 2) \"news\" 3) (integer) 1"),
        (
            "GET lock",
            "(error) ERR Can't execute 'get': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context",
        ),
        ("UNSUBSCRIBE news", "1) \"unsubscribe\" 2) \"news\" 3) (integer) 0"),
    ],
];

#[test]
fn replies_are_those_of_the_documentation() {
    SCRIPTS.iter().for_each(|script| Cli::new().script(script));
}

/// Every command stands in some script, or is one that asks for more than keys.
#[test]
fn every_command_is_in_a_script() {
    let elsewhere = ["debug", "wait", "save", "bgsave", "bgrewriteaof", "role", "pexpire", "expireat", "pexpireat"];
    let has = |name: &str| SCRIPTS.iter().flat_map(|script| script.iter()).any(|(line, _)| line.split(' ').next().is_some_and(|word| word.eq_ignore_ascii_case(name)));
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
    cli.script(&[("EXEC", "(nil)"), ("GET x", "\"5\""), ("PEXPIRE x 100", "(integer) 1"), ("WATCH x", "OK"), ("MULTI", "OK"), ("SET y 1", "QUEUED")]);
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
    let mut says = |line: &str| cli.server.serve(1, &words(line).expect("a line").into(), around, &full).reply.map(|reply| reply.to_string());
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
    assert_eq!(cli.serve(1, "SCAN 0 COUNT 100").touched, 100);
    assert!(cli.server.keys.is_sound());
}

fn any_line() -> impl Strategy<Value = String> {
    let word = prop_oneof![Just("a"), Just("b"), Just("c"), Just("1"), Just("-1"), Just("5"), Just("x"), Just("NX"), Just("PX"), Just("100"), Just("REV")];
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
    let words: String = argv.iter().map(|word| format!("${}\r\n{word}\r\n", word.len())).collect();
    let text = format!("*{}\r\n{words}", argv.len());
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
        "$" if number() < 0 => Reply::Nil,
        "$" => {
            let mut bytes = vec![0; number() as usize + 2];
            stream.read_exact(&mut bytes).expect("the text");
            bytes.truncate(bytes.len() - 2);
            Reply::Bulk(String::from_utf8(bytes).expect("text").into())
        }
        "*" if number() < 0 => Reply::Nil,
        "*" => Reply::Array((0..number()).map(|_| answer(stream)).collect()),
        other => panic!("{other}"),
    }
}

/// The same scripts, typed at a real server. It says so where none is installed.
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
