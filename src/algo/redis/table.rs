//! The table of commands.

use super::args::{Argv, Text, is};
use super::run::{Answer, Run};
use super::{generic, hashes, lists, script, sets, sorted, sorted_range, strings};

/// How a command that works on keys does so.
pub(super) type Does = fn(&mut Run<'_>, &Argv) -> Answer;

/// What a command asks of the process, and not of the keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Beyond {
    /// Wait until so many replicas have what this connection wrote, or for so long in milliseconds; 0: for ever.
    Wait {
        /// How many.
        replicas: u64,
        /// How long.
        timeout: u64,
    },
    /// Write a snapshot while everybody waits.
    Save,
    /// Write a snapshot beside the work.
    BgSave,
    /// Write the append-only file anew beside the work.
    BgRewrite,
    /// Say whether this is a master, and of whom.
    Role,
    /// A command about the cluster, whose words are known to be some.
    Cluster(Argv),
    /// Move a key to another server.
    Migrate {
        /// The name of that server.
        to: Text,
        /// The key.
        key: Text,
        /// Whether a key of this name there is replaced.
        replaces: bool,
        /// How long to wait for it, in milliseconds.
        timeout: u64,
    },
}

/// What a command does.
#[derive(Clone, Copy)]
pub(super) enum What {
    /// It reads keys.
    Reads(Does),
    /// It may change keys. `grows`: it needs memory, so that it is refused where there is none.
    Writes { does: Does, grows: bool },
    /// It is about the connection.
    Session(Own),
    /// It is about the process.
    Process(Own),
}

/// A command that is not about keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Own {
    Ping,
    Echo,
    Multi,
    Exec,
    Discard,
    Watch,
    Unwatch,
    Subscribe,
    Unsubscribe,
    Publish,
    Cluster,
    Asking,
    ReadOnly,
    ReadWrite,
    Migrate,
    Wait,
    Save,
    BgSave,
    BgRewrite,
    Role,
}

/// A row of the table.
pub(super) struct Command {
    pub(super) name: &'static str,
    /// How many words it has; if negative, at least so many.
    arity: i32,
    pub(super) what: What,
    /// Which of its words are keys: the first, the last (-1: the last word), and every how manyth. 0: none.
    keys: (usize, i32, usize),
}

impl Command {
    pub(super) fn does(&self) -> Option<Does> {
        match self.what {
            What::Reads(does) | What::Writes { does, .. } => Some(does),
            What::Session(_) | What::Process(_) => None,
        }
    }

    pub(super) fn writes(&self) -> bool {
        matches!(self.what, What::Writes { .. })
    }

    /// Whether it is about a cluster, and refused where there is none.
    pub(super) fn of_cluster(&self) -> bool {
        matches!(self.what, What::Process(Own::Cluster | Own::Migrate) | What::Session(Own::Asking | Own::ReadOnly | Own::ReadWrite))
    }

    /// Whether it can have so many words.
    pub(super) fn takes(&self, words: usize) -> bool {
        let words = i32::try_from(words).unwrap_or(i32::MAX);
        if self.arity < 0 { words >= -self.arity } else { words == self.arity }
    }

    /// The keys among its words.
    fn keys<'a>(&self, argv: &'a Argv) -> impl Iterator<Item = &'a Text> {
        let (first, last, step) = self.keys;
        let end = if last < 0 { argv.len() } else { last as usize + 1 };
        let skip = if first == 0 { argv.len() } else { first };
        argv.iter().take(end).skip(skip).step_by(step.max(1))
    }
}

const NONE: (usize, i32, usize) = (0, 0, 0);
const ONE: (usize, i32, usize) = (1, 1, 1);
const ALL: (usize, i32, usize) = (1, -1, 1);

const fn reads(name: &'static str, arity: i32, does: Does) -> Command {
    Command { name, arity, what: What::Reads(does), keys: ONE }
}

const fn grows(name: &'static str, arity: i32, does: Does) -> Command {
    Command { name, arity, what: What::Writes { does, grows: true }, keys: ONE }
}

const fn shrinks(name: &'static str, arity: i32, does: Does) -> Command {
    Command { name, arity, what: What::Writes { does, grows: false }, keys: ONE }
}

const fn session(name: &'static str, arity: i32, own: Own) -> Command {
    Command { name, arity, what: What::Session(own), keys: NONE }
}

const fn process(name: &'static str, arity: i32, own: Own) -> Command {
    Command { name, arity, what: What::Process(own), keys: NONE }
}

static COMMANDS: &[Command] = &[
    grows("set", -3, strings::set),
    reads("get", 2, strings::get),
    shrinks("getdel", 2, strings::getdel),
    reads("strlen", 2, strings::strlen),
    Command { keys: (1, -1, 2), ..grows("mset", -3, strings::mset) },
    Command { keys: ALL, ..reads("mget", -2, strings::mget) },
    grows("append", 3, strings::append),
    grows("incr", 2, strings::incr),
    grows("decr", 2, strings::decr),
    grows("incrby", 3, strings::incrby),
    grows("decrby", 3, strings::decrby),
    Command { keys: ALL, ..shrinks("del", -2, generic::del) },
    Command { keys: ALL, ..shrinks("unlink", -2, generic::unlink) },
    Command { keys: ALL, ..reads("exists", -2, generic::exists) },
    reads("type", 2, generic::kind),
    shrinks("expire", -3, generic::expire),
    shrinks("pexpire", -3, generic::pexpire),
    shrinks("expireat", -3, generic::expireat),
    shrinks("pexpireat", -3, generic::pexpireat),
    reads("ttl", 2, generic::ttl),
    reads("pttl", 2, generic::pttl),
    shrinks("persist", 2, generic::persist),
    Command { keys: NONE, ..reads("keys", 2, generic::keys) },
    Command { keys: NONE, ..reads("scan", -2, generic::scan) },
    Command { keys: NONE, ..reads("dbsize", 1, generic::dbsize) },
    Command { keys: NONE, ..shrinks("flushall", -1, generic::flushall) },
    Command { keys: NONE, ..reads("debug", -2, generic::debug) },
    grows("lpush", -3, lists::lpush),
    grows("rpush", -3, lists::rpush),
    shrinks("lpop", -2, lists::lpop),
    shrinks("rpop", -2, lists::rpop),
    reads("llen", 2, lists::llen),
    reads("lindex", 3, lists::lindex),
    reads("lrange", 4, lists::lrange),
    grows("hset", -4, hashes::hset),
    reads("hget", 3, hashes::hget),
    reads("hgetall", 2, hashes::hgetall),
    shrinks("hdel", -3, hashes::hdel),
    reads("hexists", 3, hashes::hexists),
    reads("hlen", 2, hashes::hlen),
    grows("hincrby", 4, hashes::hincrby),
    grows("sadd", -3, sets::sadd),
    shrinks("srem", -3, sets::srem),
    reads("smembers", 2, sets::smembers),
    reads("sismember", 3, sets::sismember),
    reads("scard", 2, sets::scard),
    grows("zadd", -4, sorted::zadd),
    grows("zincrby", 4, sorted::zincrby),
    shrinks("zrem", -3, sorted::zrem),
    reads("zscore", 3, sorted::zscore),
    reads("zcard", 2, sorted::zcard),
    reads("zrank", -3, sorted::zrank),
    reads("zrevrank", -3, sorted::zrevrank),
    reads("zrange", -4, sorted_range::zrange),
    Command { keys: (3, 3, 1), ..shrinks("eval", -3, script::eval) },
    session("ping", -1, Own::Ping),
    session("echo", 2, Own::Echo),
    session("multi", 1, Own::Multi),
    session("exec", 1, Own::Exec),
    session("discard", 1, Own::Discard),
    Command { keys: ALL, ..session("watch", -2, Own::Watch) },
    session("unwatch", 1, Own::Unwatch),
    session("subscribe", -2, Own::Subscribe),
    session("unsubscribe", -1, Own::Unsubscribe),
    session("publish", 3, Own::Publish),
    session("asking", 1, Own::Asking),
    session("readonly", 1, Own::ReadOnly),
    session("readwrite", 1, Own::ReadWrite),
    process("cluster", -2, Own::Cluster),
    Command { keys: (3, 3, 1), ..process("migrate", -6, Own::Migrate) },
    process("wait", 3, Own::Wait),
    process("save", 1, Own::Save),
    process("bgsave", -1, Own::BgSave),
    process("bgrewriteaof", 1, Own::BgRewrite),
    process("role", 1, Own::Role),
];

/// The command of this name, in capitals or not.
pub(super) fn command(name: &str) -> Option<&'static Command> {
    COMMANDS.iter().find(|command| is(name, command.name))
}

/// Whether a command can change keys.
pub fn is_write(name: &str) -> bool {
    command(name).is_some_and(Command::writes)
}

/// The keys among the words of a command.
pub fn keys_of(argv: &Argv) -> impl Iterator<Item = &Text> {
    argv.first().and_then(|name| command(name)).into_iter().flat_map(|command| command.keys(argv))
}

/// The names of all commands.
pub fn names() -> impl Iterator<Item = &'static str> {
    COMMANDS.iter().map(|command| command.name)
}
