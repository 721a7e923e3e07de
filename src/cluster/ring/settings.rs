//! What the cluster can be told.

use crate::cluster::kit::fsync::Fsync;
use crate::cluster::kit::settings::shared::{Disk, Handling, Latency, RequestTimeout, RetryPolicy, ZoneLatency};
use crate::cluster::kit::settings::{AtStart, Count, OrNone, Switch, Timer, Times, settings, words};
use crate::cluster::live::Captioned;

words! {
    /// Which rule says who keeps a key.
    pub enum Scheme {
        /// By ranges of keys.
        Range = "range",
        /// By the hash modulo the number of nodes.
        ModN = "mod-n",
        /// By the next token on a circle of hashes.
        Ring = "ring",
        /// By the highest weight of a node for the key.
        Rendezvous = "rendezvous",
        /// By jump hash.
        Jump = "jump",
        /// By Maglev's lookup table.
        Maglev = "maglev",
    }
}
words! {
    /// How the copies of a key are counted.
    pub enum ReplicasBy {
        /// Each on another node.
        Node = "node",
        /// By tokens: two may be on one node.
        Token = "token",
    }
}
words! {
    /// What keys there are at the start.
    pub enum Data {
        /// `k0`, `k1`, ...: those that workloads draw.
        Numbered = "numbered",
        /// Orders by day and number.
        Orders = "orders",
        /// Orders by customer, day and number.
        Customers = "customers",
    }
}
words! {
    /// Which part of a key says where it lies.
    pub enum ShardBy {
        /// All of it.
        Key = "key",
        /// What stands before its first `:`.
        Prefix = "prefix",
    }
}
words! {
    /// How a partition moves.
    pub enum Moving {
        /// Copy, follow the writes, stop for a moment, switch, delete.
        Fenced = "fenced",
        /// Copy, then switch; writes during the copy are not followed.
        CopyThenFlip = "copy-then-flip",
        /// Switch, then copy.
        FlipThenCopy = "flip-then-copy",
    }
}
words! {
    /// What a request meets whose key is between two owners.
    pub enum Meanwhile {
        /// It waits for the switch.
        Wait = "wait",
        /// It is refused.
        Refuse = "refuse",
    }
}
words! {
    /// What a node does with a request for a key of another.
    pub enum Misrouted {
        /// It tells the client the newest map.
        Redirect = "redirect",
        /// It passes the request on.
        Forward = "forward",
        /// It refuses.
        Refuse = "refuse",
        /// It answers with what it has.
        Serve = "serve",
    }
}
words! {
    /// Which copy a read asks.
    pub enum Reads {
        /// The owner's.
        Primary = "primary",
        /// Any, drawn at random.
        Any = "any",
    }
}
words! {
    /// Who must have a write before its client is told ok.
    pub enum Acks {
        /// Every copy.
        All = "all",
        /// The owner.
        Primary = "primary",
    }
}
words! {
    /// Where the index of values lies.
    pub enum Index {
        /// Each node indexes its own keys.
        Local = "local",
        /// Each value has an owner.
        Global = "global",
    }
}
words! {
    /// When a global index has a write.
    pub enum IndexWrites {
        /// Before the write's client is told ok.
        Together = "together",
        /// Some time after, unless the node dies first.
        Later = "later",
    }
}

settings! {
    /// The settings of partitioned data.
    pub struct Settings {
        scheme: Scheme = "ring", "The rule that says which node keeps a key: ranges of keys, hash modulo nodes, a circle of hashes with tokens, highest weight, jump hash, or Maglev's table. A change of it moves keys.";
        tokens: Count<1, 1000> = "4", "How many tokens a node has on the ring, unless `tokens` or `place` says otherwise for it.";
        replicas: Count<1, 5> = "1", "How many copies of a key there are: on its owner and on the next nodes.";
        replicas_by: ReplicasBy = "node", "Whether the copies are on different nodes, or on the next tokens, of which two may be one node's.";
        bound: OrNone<Count<101, 1000>> = "none", "At most how many percent of the mean of keys a node is given when a map is made; keys without room go on to the next node, and the map lists them.";
        shard_by: ShardBy = "key", "Which part of a key decides where it lies: all of it, or what stands before its first `:`.";
        data: AtStart<Data> = "numbered", "What the keys at the start are: k0, k1, ...; orders by day, as 11-20:0001; or orders by customer, as anna:11-20:0001.";
        keys: AtStart<Count<0, 100_000>> = "40", "How many keys there are at the start.";
        moving: Moving = "fenced", "How keys move while they are served: copy, follow, stop, switch; copy and switch without following; or switch first and copy then.";
        meanwhile: Meanwhile = "wait", "What becomes of a request whose key is between two owners: it waits for the switch, or is refused.";
        misrouted: Misrouted = "redirect", "What a node does with a request for a key of another: it tells the client the newest map, passes the request on, refuses, or answers with what it has.";
        map_refresh: OrNone<Timer> = "none", "How often a client asks a node for the newest map; else it learns of it when it is sent on, or gets no answer.";
        batch: Count<1, 10_000> = "20", "How many keys a message of a move carries at most; the next goes out when it is acknowledged.";
        move_retry: Timer = "100ms", "How long a node waits before it says again what was not acknowledged.";
        row_bytes: Count<1, 1_000_000> = "1000", "How many bytes a key with its value has on the wire.";
        index: Index = "local", "Where the index of values lies that `find` uses: with the keys, so that all nodes are asked; or by value, so that one is.";
        index_writes: IndexWrites = "together", "Whether a global index has a write before its client is told ok, or some time after.";
        partial: Switch = "off", "Whether a query of several nodes answers with what came in time, instead of failing.";
        reads: Reads = "primary", "Whether a read asks the owner of its key, or any of the copies.";
        acks: Acks = "all", "Who must have a write on its disk before the client is told ok: every copy, or the owner alone.";
        answer_latency: OrNone<Times> = "none", "How long a node's part of a query takes back; `none`: as any message.";
        latency: Latency = "uniform(8ms, 12ms)";
        zone_latency: ZoneLatency = "const(40ms)";
        handling: Handling = "0s";
        fsync: Fsync = "always", "Whether what a node promises is on its disk first, or within a second.";
        disk: Disk = "const(1ms)";
        retry: RetryPolicy = "never";
        request_timeout: RequestTimeout = "500ms";
    }
}

impl Captioned for Settings {
    fn caption(&self) -> String {
        let mut words = vec![match self.scheme {
            Scheme::Range => "key ranges".to_string(),
            Scheme::ModN => "hash mod N".to_string(),
            Scheme::Ring => format!("ring · {} a node", counted(self.tokens as usize, "token", "tokens")),
            Scheme::Rendezvous => "rendezvous".to_string(),
            Scheme::Jump => "jump hash".to_string(),
            Scheme::Maglev => "Maglev's table".to_string(),
        }];
        words.extend((self.shard_by == ShardBy::Prefix).then(|| "by prefix".to_string()));
        words.extend((self.replicas > 1).then(|| format!("{} copies", self.replicas)));
        words.extend(self.bound.map(|percent| format!("at most {percent} % of the mean")));
        words.extend(match self.moving {
            Moving::Fenced => None,
            Moving::CopyThenFlip => Some("moves do not follow writes".to_string()),
            Moving::FlipThenCopy => Some("moves switch first".to_string()),
        });
        words.join(" · ")
    }
}

/// `1 key`, `2 keys`.
pub(super) fn counted(n: usize, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}
