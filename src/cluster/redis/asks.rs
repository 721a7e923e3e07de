//! What clients can ask: the commands of Redis in its own words, and three things that a client's library does with them.

use crate::algo::redis::{Text, is_write};
use crate::check::operation::Value;
use crate::cluster::kit::ask::{Ask, call, calls};
use crate::command::{Arg, Call, CallDoc};
use crate::sim::time::Span;

use super::message::Op;

/// The forms of a command: as it stands, and at a server by its name.
macro_rules! forms {
    ($way:literal: $($form:literal),+) => {
        &[$(concat!("CLIENT ", $form)),+, $(concat!("CLIENT ", $form, " ", $way, " SERVER")),+]
    };
}

/// A command that no workload draws.
const fn command(name: &'static str, forms: &'static [&'static str], example: &'static str, about: &'static str) -> Ask<Op> {
    Ask { doc: CallDoc { weight: 0, ..call(name, forms, example, about) }, read, drawn: None }
}

const fn look(name: &'static str, forms: &'static [&'static str], example: &'static str, about: &'static str) -> Ask<Op> {
    let ask = command(name, forms, example, about);
    Ask { doc: CallDoc { changes: false, ..ask.doc }, ..ask }
}

/// Every call. The first that changes and the first that only looks are those of random clients.
pub(super) static ASKS: [Ask<Op>; 77] = [
    Ask {
        doc: CallDoc {
            key: Some('w'),
            weight: 50,
            ..call(
                "SET",
                forms!("to": "SET KEY VALUE", "SET KEY VALUE WORDS"),
                "c1 SET lock x NX PX 10000",
                "set a key to a text; NX or XX: only if it is not, or is, there; EX or PX: it expires; KEEPTTL, GET",
            )
        },
        read,
        drawn: Some(|key, request| Op::command(&["SET", &key, &request.0.to_string()])),
    },
    Ask {
        doc: CallDoc {
            key: Some('r'),
            weight: 40,
            changes: false,
            ..call("GET", forms!("from": "GET KEY"), "c1 GET x", "the text of a key")
        },
        read,
        drawn: Some(|key, _| Op::command(&["GET", &key])),
    },
    Ask {
        doc: CallDoc { key: Some('i'), weight: 10, ..call("INCR", forms!("to": "INCR KEY"), "c1 INCR visits", "one more, in one step") },
        read,
        drawn: Some(|key, _| Op::command(&["INCR", &key])),
    },
    command("INCRBY", forms!("to": "INCRBY KEY NUMBER"), "c1 INCRBY visits 5", "so much more"),
    command("DECR", forms!("to": "DECR KEY"), "c1 DECR stock", "one less"),
    command("DECRBY", forms!("to": "DECRBY KEY NUMBER"), "c1 DECRBY stock 2", "so much less"),
    command("APPEND", forms!("to": "APPEND KEY VALUE"), "c1 APPEND log a", "add to the end of a text"),
    command("GETDEL", forms!("to": "GETDEL KEY"), "c1 GETDEL x", "the text of a key, which is deleted"),
    look("STRLEN", forms!("from": "STRLEN KEY"), "c1 STRLEN x", "how many bytes a text has"),
    command("MSET", forms!("to": "MSET KEY VALUE", "MSET KEY VALUE WORDS"), "c1 MSET a 1 b 2", "set several keys in one step"),
    look("MGET", forms!("from": "MGET KEY", "MGET KEY WORDS"), "c1 MGET a b", "the texts of several keys"),
    command("DEL", forms!("to": "DEL KEY", "DEL KEY WORDS"), "c1 DEL x", "delete keys, and give their memory back at once"),
    command(
        "UNLINK",
        forms!("to": "UNLINK KEY", "UNLINK KEY WORDS"),
        "c1 UNLINK x",
        "delete keys; their memory is given back beside the work",
    ),
    look("EXISTS", forms!("from": "EXISTS KEY", "EXISTS KEY WORDS"), "c1 EXISTS x", "how many of these keys are there"),
    look("TYPE", forms!("from": "TYPE KEY"), "c1 TYPE x", "the type of a key"),
    command("EXPIRE", forms!("to": "EXPIRE KEY NUMBER", "EXPIRE KEY NUMBER WORDS"), "c1 EXPIRE x 10", "it expires in so many seconds"),
    command("PEXPIRE", forms!("to": "PEXPIRE KEY NUMBER", "PEXPIRE KEY NUMBER WORDS"), "c1 PEXPIRE x 500", "the same in milliseconds"),
    command(
        "EXPIREAT",
        forms!("to": "EXPIREAT KEY NUMBER", "EXPIREAT KEY NUMBER WORDS"),
        "c1 EXPIREAT x 4102444800",
        "it expires at that second since 1970",
    ),
    command(
        "PEXPIREAT",
        forms!("to": "PEXPIREAT KEY NUMBER", "PEXPIREAT KEY NUMBER WORDS"),
        "c1 PEXPIREAT x 4102444800000",
        "the same in milliseconds",
    ),
    command("PERSIST", forms!("to": "PERSIST KEY"), "c1 PERSIST x", "it does not expire any more"),
    look("TTL", forms!("from": "TTL KEY"), "c1 TTL x", "seconds until it expires; -1: never, -2: it is not there"),
    look("PTTL", forms!("from": "PTTL KEY"), "c1 PTTL x", "the same in milliseconds"),
    look("KEYS", forms!("from": "KEYS PATTERN"), "c1 KEYS *", "all keys that fit a pattern: looks at every key, while all others wait"),
    look(
        "SCAN",
        forms!("from": "SCAN NUMBER", "SCAN NUMBER WORDS"),
        "c1 SCAN 0 MATCH cart:* COUNT 100",
        "some keys, and the cursor with which to go on",
    ),
    look("DBSIZE", forms!("from": "DBSIZE"), "c1 DBSIZE", "how many keys there are"),
    command("FLUSHALL", forms!("to": "FLUSHALL", "FLUSHALL WORDS"), "c1 FLUSHALL", "delete all keys"),
    command(
        "DEBUG",
        forms!("to": "DEBUG WORDS"),
        "c1 DEBUG POPULATE 1000000",
        "have so many keys key:0, key:1, ... at once; nobody else is told",
    ),
    command("LPUSH", forms!("to": "LPUSH KEY WORDS"), "c1 LPUSH jobs a b", "add to the left end of a list"),
    command("RPUSH", forms!("to": "RPUSH KEY WORDS"), "c1 RPUSH jobs a b", "add to the right end of a list"),
    command("LPOP", forms!("to": "LPOP KEY", "LPOP KEY WORDS"), "c1 LPOP jobs", "take from the left end of a list"),
    command("RPOP", forms!("to": "RPOP KEY", "RPOP KEY WORDS"), "c1 RPOP jobs", "take from the right end of a list"),
    look("LRANGE", forms!("from": "LRANGE KEY NUMBER NUMBER"), "c1 LRANGE jobs 0 -1", "a part of a list, by place"),
    look("LLEN", forms!("from": "LLEN KEY"), "c1 LLEN jobs", "how long a list is"),
    look("LINDEX", forms!("from": "LINDEX KEY NUMBER"), "c1 LINDEX jobs 0", "an element of a list, by place"),
    command("HSET", forms!("to": "HSET KEY WORDS"), "c1 HSET user:7 name anna", "set fields of a hash"),
    look("HGET", forms!("from": "HGET KEY FIELD"), "c1 HGET user:7 name", "a field of a hash"),
    look("HGETALL", forms!("from": "HGETALL KEY"), "c1 HGETALL user:7", "all fields of a hash"),
    look("HEXISTS", forms!("from": "HEXISTS KEY FIELD"), "c1 HEXISTS user:7 name", "whether a hash has a field"),
    look("HLEN", forms!("from": "HLEN KEY"), "c1 HLEN user:7", "how many fields a hash has"),
    command("HDEL", forms!("to": "HDEL KEY WORDS"), "c1 HDEL user:7 name", "delete fields of a hash"),
    command("HINCRBY", forms!("to": "HINCRBY KEY FIELD NUMBER"), "c1 HINCRBY user:7 visits 1", "add to a field of a hash"),
    command("SADD", forms!("to": "SADD KEY WORDS"), "c1 SADD tags red blue", "add members to a set"),
    command("SREM", forms!("to": "SREM KEY WORDS"), "c1 SREM tags red", "take members out of a set"),
    look("SMEMBERS", forms!("from": "SMEMBERS KEY"), "c1 SMEMBERS tags", "all members of a set"),
    look("SISMEMBER", forms!("from": "SISMEMBER KEY VALUE"), "c1 SISMEMBER tags red", "whether it is a member of a set"),
    look("SCARD", forms!("from": "SCARD KEY"), "c1 SCARD tags", "how many members a set has"),
    command("ZADD", forms!("to": "ZADD KEY WORDS"), "c1 ZADD board 120 anna", "give members of a sorted set their scores"),
    command("ZINCRBY", forms!("to": "ZINCRBY KEY NUMBER VALUE"), "c1 ZINCRBY board 10 anna", "add to the score of a member"),
    command("ZREM", forms!("to": "ZREM KEY WORDS"), "c1 ZREM board anna", "take members out of a sorted set"),
    look("ZCARD", forms!("from": "ZCARD KEY"), "c1 ZCARD board", "how many members a sorted set has"),
    look(
        "ZRANGE",
        forms!("from": "ZRANGE KEY NUMBER NUMBER", "ZRANGE KEY NUMBER NUMBER WORDS"),
        "c1 ZRANGE board 0 2 REV WITHSCORES",
        "members in the order of their scores",
    ),
    look("ZRANK", forms!("from": "ZRANK KEY VALUE"), "c1 ZRANK board anna", "the place of a member, the lowest first"),
    look("ZREVRANK", forms!("from": "ZREVRANK KEY VALUE"), "c1 ZREVRANK board anna", "the same, the highest first"),
    look("ZSCORE", forms!("from": "ZSCORE KEY VALUE"), "c1 ZSCORE board anna", "the score of a member"),
    command("MULTI", forms!("to": "MULTI"), "c1 MULTI", "what follows waits for EXEC"),
    command("EXEC", forms!("to": "EXEC"), "c1 EXEC", "all of it, with nothing between; nothing is undone where one of it fails"),
    command("DISCARD", forms!("to": "DISCARD"), "c1 DISCARD", "none of it"),
    command("WATCH", forms!("to": "WATCH KEY", "WATCH KEY WORDS"), "c1 WATCH x", "EXEC does nothing if one of these keys changes before"),
    look("UNWATCH", forms!("to": "UNWATCH"), "c1 UNWATCH", "watch nothing any more"),
    look("PUBLISH", forms!("to": "PUBLISH CHANNEL VALUE"), "c1 PUBLISH news hello", "tell all who listen now; how many that were"),
    look("SUBSCRIBE", forms!("to": "SUBSCRIBE CHANNEL", "SUBSCRIBE CHANNEL WORDS"), "c2 SUBSCRIBE news", "listen to a channel"),
    look("UNSUBSCRIBE", forms!("to": "UNSUBSCRIBE", "UNSUBSCRIBE WORDS"), "c2 UNSUBSCRIBE news", "listen no longer: to these, or to any"),
    look(
        "WAIT",
        forms!("to": "WAIT NUMBER NUMBER"),
        "c1 WAIT 1 100",
        "wait until so many replicas have what this client wrote, or so many milliseconds; how many have it",
    ),
    look("PING", forms!("to": "PING", "PING WORDS"), "c1 PING", "a sign of life"),
    look("ECHO", forms!("to": "ECHO VALUE"), "c1 ECHO hello", "the same text back"),
    look("ROLE", forms!("from": "ROLE"), "c1 ROLE from n2", "whether a server is master, and how far it is"),
    look("SAVE", forms!("to": "SAVE"), "c1 SAVE", "write a snapshot, while all others wait"),
    look("BGSAVE", forms!("to": "BGSAVE", "BGSAVE WORDS"), "c1 BGSAVE", "write a snapshot beside the work"),
    look("BGREWRITEAOF", forms!("to": "BGREWRITEAOF"), "c1 BGREWRITEAOF", "write the append-only file anew, beside the work"),
    look(
        "CLUSTER",
        forms!("from": "CLUSTER WORDS"),
        "c1 CLUSTER SLOTS from n2",
        "cluster mode: KEYSLOT, SLOTS, SHARDS, NODES, INFO, MYID, COUNTKEYSINSLOT, GETKEYSINSLOT, SETSLOT, FAILOVER TAKEOVER",
    ),
    look("ASKING", forms!("to": "ASKING"), "c1 ASKING to n2", "cluster mode: the next command may be about a slot that is on its way here"),
    look("READONLY", forms!("to": "READONLY"), "c1 READONLY to n4", "cluster mode: a replica may answer from now on, with old values"),
    look("READWRITE", forms!("to": "READWRITE"), "c1 READWRITE to n4", "cluster mode: no longer"),
    command(
        "MIGRATE",
        forms!("to": "MIGRATE WORDS"),
        "c1 MIGRATE n2 6379 foo 0 100 to n3",
        "cluster mode: move a key to another server: its name, port, key, 0, and how many milliseconds to wait at most",
    ),
    Ask {
        doc: CallDoc {
            weight: 0,
            ..call("count", &["CLIENT count KEY"], "c1 count visits", "read a number, and then store one more of it: two commands")
        },
        read: |call| Ok(Op::Count(text(call, 0))),
        drawn: Some(|key, _| Op::Count(key)),
    },
    Ask {
        doc: CallDoc {
            weight: 0,
            ..call(
                "unlock",
                &["CLIENT unlock KEY VALUE"],
                "c1 unlock lock x",
                "delete a lock if it has this value, by a script, in one step",
            )
        },
        read: |call| Ok(Op::Unlock(text(call, 0), text(call, 1))),
        drawn: None,
    },
    Ask {
        doc: CallDoc {
            weight: 0,
            ..call(
                "save",
                &["CLIENT save THING NUMBER"],
                "c1 save doc 33",
                "write to what a lock guards, with a fencing number; needs `resource` on",
            )
        },
        read: |call| match call.get("NUMBER").and_then(Arg::value) {
            Some(Value::Int(number)) => Ok(Op::Save(text(call, 0), *number)),
            _ => Err(format!("`{call}` takes a whole number")),
        },
        drawn: None,
    },
];

/// Their words.
pub(super) static CALLS: [CallDoc; 77] = calls(&ASKS);

/// The text of a word of a call.
fn text(call: &Call, at: usize) -> Text {
    call.args.get(at).and_then(Arg::key).unwrap_or_else(|| "".into())
}

/// A command as it was typed.
#[expect(clippy::unnecessary_wraps, reason = "a function of the table, of which others fail")]
fn read(call: &Call) -> Result<Op, String> {
    let words = (0..call.args.len()).map(|at| text(call, at));
    Ok(Op::Command(std::iter::once(Text::from(call.verb.name)).chain(words).collect()))
}

/// Whether an operation can change anything.
pub(super) fn changes(op: &Op) -> bool {
    match op {
        Op::Command(argv) => argv.first().is_some_and(|name| is_write(name) || name.eq_ignore_ascii_case("EXEC")),
        Op::Count(_) | Op::Unlock(..) | Op::Save(..) => true,
    }
}

/// How long an operation waits by itself; `None`: for ever.
pub(super) fn waits(op: &Op) -> Option<Span> {
    let Op::Command(argv) = op else { return Some(Span::ZERO) };
    match &**argv {
        [name, _, timeout] if name.eq_ignore_ascii_case("WAIT") => match timeout.parse::<u64>() {
            Ok(0) => None,
            Ok(ms) => Some(Span::ms(ms.min(24 * 3600 * 1000))),
            Err(_) => Some(Span::ZERO),
        },
        _ => Some(Span::ZERO),
    }
}

/// An operation as it is typed.
pub(super) fn asked(op: &Op) -> Call {
    let (name, words): (&str, Vec<Text>) = match op {
        Op::Command(argv) => (argv.first().map_or("", |name| &**name), argv.iter().skip(1).cloned().collect()),
        Op::Count(key) => ("count", vec![key.clone()]),
        Op::Unlock(key, value) => ("unlock", vec![key.clone(), value.clone()]),
        Op::Save(what, number) => ("save", vec![what.clone(), number.to_string().into()]),
    };
    let doc = CALLS.iter().find(|doc| doc.verb.name == name).unwrap_or(&CALLS[0]);
    let blank = |form| Call { verb: &doc.verb, form, args: Vec::new() };
    let fits = |form: &u8| {
        let slots: Vec<&str> = blank(*form).slots().collect();
        if slots.last() == Some(&"WORDS") { words.len() >= slots.len() } else { words.len() == slots.len() }
    };
    let form = doc.own_forms().find(fits).unwrap_or_default();
    let slots: Vec<&str> = blank(form).slots().collect();
    let args = words.iter().enumerate().map(|(at, word)| match slots.get(at) {
        Some(&"KEY") => Arg::from(word),
        _ => Arg::Value(Value::from(&**word)),
    });
    Call { args: args.collect(), ..blank(form) }
}
