//! The table of verbs: it feeds hints in errors, completion, help and `splitbrain models`.

/// What a verb acts on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// Servers and clients themselves.
    Nodes,
    /// The wires between them.
    Network,
    /// Single messages in flight.
    Messages,
    /// What clients ask.
    Clients,
    /// The virtual clock, or the whole run.
    Clock,
}

impl Group {
    /// A heading for help.
    pub const fn title(self) -> &'static str {
        match self {
            Group::Nodes => "Nodes",
            Group::Network => "Network",
            Group::Messages => "Messages",
            Group::Clients => "Clients",
            Group::Clock => "Clock",
        }
    }
}

/// One verb of the command language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verb {
    /// The word: `crash`.
    pub name: &'static str,
    /// What it acts on.
    pub group: Group,
    /// Every form: words as they are typed, and slots in capitals, as [`crate::command::complete`] fills them.
    pub forms: &'static [&'static str],
    /// A whole command.
    pub example: &'static str,
    /// What it does, in a few words.
    pub about: &'static str,
}

impl Verb {
    /// Whether a client's name comes before it: `c1 write x 1`.
    pub fn is_asked(&self) -> bool {
        self.forms.first().is_some_and(|form| form.starts_with("CLIENT "))
    }
}

/// The verb of this name that every cluster has.
pub fn verb(name: &str) -> Option<&'static Verb> {
    VERBS.iter().find(|verb| verb.name == name)
}

/// What the words in capitals in [`Verb::forms`] stand for.
pub static SLOTS: &[(&str, &str)] = &[
    ("PLACE", "a server n1, n2, ..., a client c1, c2, ..., or every node of a zone by its name; PLACES: one or more"),
    ("SERVER, CLIENT", "n1, n2, ...; c1, c2, ..."),
    ("NEW", "the next server that is not there yet: n4 where there are n1 to n3"),
    ("MESSAGE", "the number of a message in flight: #12"),
    ("SPAN", "a length of virtual time: 300ms, 1.5s, 20us, 2min, 1h, 30d"),
    (
        "DIST",
        "const(5ms), uniform(1ms, 10ms), exp(20ms), normal(20ms, 5ms), lognormal(20ms, 0.5), pareto(1ms, 1.5), mix(0.4 exp(1ms), 0.6 exp(9ms)), a SPAN, or a sum: const(75ms) + exp(5ms)",
    ),
    ("PROBABILITY", "0 to 1, or 0% to 100%"),
    ("BANDWIDTH", "1MB/s, 500kB/s, or unlimited"),
    ("FACTOR", "10x; 1x is normal"),
    ("OFFSET, PPM", "+3s, -20ms; +200ppm"),
    ("KEY, VALUE", "words; a text with spaces goes in quotes: \"a b\"; EXPECTED may be nil"),
    ("WORDS", "one or more words, up to the end or up to the server that is asked"),
    ("STATEMENT", "a text in quotes: \"UPDATE books SET stock = 0 WHERE id = 2\"; texts within it in single ones"),
    (
        "ARRIVALS",
        "10/s (independent of each other), steady 10/s, bursts of 50 every 1s, ramp 10/s to 100/s over 10s, wave 10/s to 100/s every 1d, closed 20 think exp(1s) (users who wait for their answers), at 0s 10ms 1.5s",
    ),
    (
        "CALLS, WEIGHTS, KEYS",
        "what is asked, such as read:write; how often each, such as 9:1; a key, uniform(20), zipf(0.99) or zipf(0.99, 50)",
    ),
    ("CONDITION", "\"leaders >= 2 && linearizable == 'no'\"; the lists of conditions above have all of it"),
];

impl Verb {
    /// A verb with its forms.
    pub const fn new(name: &'static str, group: Group, forms: &'static [&'static str], example: &'static str, about: &'static str) -> Verb {
        Verb { name, group, forms, example, about }
    }
}

/// The verbs that every cluster has, in the order of help.
pub static VERBS: &[Verb] = &[
    Verb::new(
        "crash",
        Group::Nodes,
        &["crash PLACE", "crash PLACE losing unsynced", "crash PLACE wiping disk"],
        "crash n1",
        "stop a process; its disk survives, loses what was not synced, or is wiped",
    ),
    Verb::new("restart", Group::Nodes, &["restart PLACE"], "restart n1", "start a crashed node again from its disk"),
    Verb::new("pause", Group::Nodes, &["pause PLACE"], "pause n1", "stop a process for a while; messages wait for it"),
    Verb::new("resume", Group::Nodes, &["resume PLACE"], "resume n1", "let a paused node go on"),
    Verb::new("slow", Group::Nodes, &["slow PLACE FACTOR"], "slow n2 10x", "make all a node does take longer; 1x is normal"),
    Verb::new("skew", Group::Nodes, &["skew PLACE OFFSET"], "skew n2 +3s", "set a node's clock off by this much"),
    Verb::new("drift", Group::Nodes, &["drift PLACE PPM"], "drift n2 +200ppm", "let a node's clock run fast or slow"),
    Verb::new("fire", Group::Nodes, &["fire PLACE TIMER"], "fire n2 election", "let a timer of a node go off now"),
    Verb::new("full-disk", Group::Nodes, &["full-disk PLACE"], "full-disk n1", "let writes to a node's disk fail"),
    Verb::new("free-disk", Group::Nodes, &["free-disk PLACE"], "free-disk n1", "let writes to a node's disk work again"),
    Verb::new("set", Group::Nodes, &["set SETTING VALUE"], "set latency const(5ms)", "change a setting while the cluster runs"),
    Verb::new(
        "cut",
        Group::Network,
        &["cut PLACES | PLACES", "cut PLACES -> PLACES"],
        "cut n1 n2 | n3",
        "let nothing pass between two sides, or from one to the other",
    ),
    Verb::new(
        "heal",
        Group::Network,
        &["heal", "heal PLACES | PLACES", "heal PLACES -> PLACES"],
        "heal",
        "end every cut, or the cuts between these",
    ),
    Verb::new(
        "latency",
        Group::Network,
        &["latency PLACE -> PLACE DIST", "latency PLACE | PLACE DIST", "latency all DIST"],
        "latency n1 -> n2 exp(20ms)",
        "set how long messages take",
    ),
    Verb::new(
        "loss",
        Group::Network,
        &["loss PLACE -> PLACE PROBABILITY", "loss PLACE | PLACE PROBABILITY", "loss all PROBABILITY"],
        "loss n1 -> n2 0.2",
        "lose messages with this probability; nobody sends them again but the cluster itself",
    ),
    Verb::new(
        "duplication",
        Group::Network,
        &["duplication PLACE -> PLACE PROBABILITY", "duplication PLACE | PLACE PROBABILITY", "duplication all PROBABILITY"],
        "duplication n1 -> n2 0.1",
        "send messages twice with this probability; to and from clients only one copy counts",
    ),
    Verb::new(
        "reordering",
        Group::Network,
        &["reordering PLACE -> PLACE PROBABILITY", "reordering PLACE | PLACE PROBABILITY", "reordering all PROBABILITY"],
        "reordering n1 -> n2 0.1",
        "let later messages overtake with this probability; else a wire keeps their order",
    ),
    Verb::new(
        "bandwidth",
        Group::Network,
        &["bandwidth PLACE -> PLACE BANDWIDTH", "bandwidth PLACE | PLACE BANDWIDTH", "bandwidth all BANDWIDTH"],
        "bandwidth n1 -> n2 1MB/s",
        "set how much a wire carries, or `unlimited`",
    ),
    Verb::new("drop", Group::Messages, &["drop MESSAGE"], "drop #12", "let a message die on the wire"),
    Verb::new("hold", Group::Messages, &["hold MESSAGE", "hold all"], "hold #12", "stop a message, or all, where they are"),
    Verb::new(
        "release",
        Group::Messages,
        &["release MESSAGE", "release all", "release all in order"],
        "release #12",
        "let a held message, or all, go on",
    ),
    Verb::new("duplicate", Group::Messages, &["duplicate MESSAGE"], "duplicate #12", "send a message once more"),
    Verb::new("deliver", Group::Messages, &["deliver MESSAGE"], "deliver #12", "let a message arrive now"),
    Verb::new(
        "delay",
        Group::Messages,
        &["delay MESSAGE SPAN"],
        "delay #12 200ms",
        "let a message come so much later; one that is held goes on",
    ),
    Verb::new(
        "workload",
        Group::Clients,
        &[
            "workload CLIENT ARRIVALS",
            "workload CLIENT ARRIVALS CALLS WEIGHTS",
            "workload CLIENT ARRIVALS CALLS WEIGHTS keys KEYS",
            "workload CLIENT ARRIVALS keys KEYS",
            "workload CLIENT off",
        ],
        "workload c1 10/s keys zipf(0.99)",
        "let a client ask again and again at random",
    ),
    Verb::new("step", Group::Clock, &["step", "step COUNT"], "step", "carry out the next event, or so many"),
    Verb::new("run", Group::Clock, &["run SPAN"], "run 2s", "let this much virtual time pass"),
    Verb::new("until", Group::Clock, &["until CONDITION"], "until \"leaders >= 2\"", "run until a condition over facts holds"),
    Verb::new("seed", Group::Clock, &["seed NUMBER"], "seed 7", "start again with another seed"),
];
