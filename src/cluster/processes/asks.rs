//! What clients can ask, by workload, and what the edge hands in.

use crate::check::operation::{self, Key, Value};
use crate::cluster::kit::ask::{Ask, Deed, call, calls, server_of, verb, verbs};
use crate::command::{Arg, Call, CallDoc, DiskFate, Place, Poke, VerbDoc};
use crate::sim::id::{NodeId, RequestId};
use crate::sim::kernel::Sim;

use super::op::Op;
use super::{Processes, heard};

/// The setting that decides what is asked.
const WORKLOAD: &str = "workload";

const fn of(workload: &'static str, key: char, doc: CallDoc) -> CallDoc {
    CallDoc { key: Some(key), within: Some((WORKLOAD, workload)), ..doc }
}

/// Every call.
pub(super) static ASKS: [Ask<Op>; 13] = [
    Ask {
        doc: of(
            "echo",
            'e',
            call("echo", &["CLIENT echo VALUE", "CLIENT echo VALUE to SERVER"], "c1 echo hello to n2", "send this, which is to come back"),
        ),
        read: |call| Ok(Op::Echo(value(call)?)),
        drawn: Some(|_, request| Op::Echo(Value::Text(format!("please echo {}", request.0).into()))),
    },
    Ask {
        doc: of(
            "unique-ids",
            'i',
            reads(call(
                "generate",
                &["CLIENT generate", "CLIENT generate from SERVER"],
                "c1 generate from n2",
                "ask for a number that nobody else gets",
            )),
        ),
        read: |_| Ok(Op::Generate),
        drawn: Some(|_, _| Op::Generate),
    },
    Ask {
        doc: of(
            "broadcast",
            't',
            call(
                "broadcast",
                &["CLIENT broadcast VALUE", "CLIENT broadcast VALUE to SERVER"],
                "c1 broadcast 7 to n2",
                "tell a node what is to reach all of them",
            ),
        ),
        read: |call| Ok(Op::Broadcast(value(call)?)),
        drawn: Some(|_, request| Op::Broadcast(fresh(request))),
    },
    Ask {
        doc: of(
            "broadcast",
            'l',
            reads(call(
                "messages",
                &["CLIENT messages", "CLIENT messages from SERVER"],
                "c1 messages from n2",
                "ask a node for everything that was broadcast",
            )),
        ),
        read: |_| Ok(Op::Messages),
        drawn: Some(|_, _| Op::Messages),
    },
    Ask {
        doc: of("g-counter", 'a', call("add", &["CLIENT add VALUE", "CLIENT add VALUE to SERVER"], "c1 add 5 to n2", "add to the counter")),
        read: |call| match value(call)? {
            Value::Int(delta) if delta >= 0 => Ok(Op::Add(delta)),
            other => Err(format!("a counter that only grows takes whole numbers from 0, not `{other}`")),
        },
        drawn: Some(|_, request| Op::Add(i64::from(request.0 % 5))),
    },
    Ask {
        doc: of(
            "g-counter",
            'l',
            reads(call("total", &["CLIENT total", "CLIENT total from SERVER"], "c1 total from n2", "ask a node what the counter shows")),
        ),
        read: |_| Ok(Op::Total),
        drawn: Some(|_, _| Op::Total),
    },
    Ask {
        doc: of("lin-kv", 'r', reads(call("read", &["CLIENT read KEY", "CLIENT read KEY from SERVER"], "c1 read 0 from n2", "read a key"))),
        read: |call| Ok(Op::Register(operation::Op::Read { key: key(call)? })),
        drawn: Some(|key, _| Op::Register(operation::Op::Read { key: plain(&key) })),
    },
    Ask {
        doc: of(
            "lin-kv",
            'w',
            call("write", &["CLIENT write KEY VALUE", "CLIENT write KEY VALUE to SERVER"], "c1 write 0 7 to n2", "write a key"),
        ),
        read: |call| Ok(Op::Register(operation::Op::Write { key: key(call)?, value: value(call)? })),
        drawn: Some(|key, request| Op::Register(operation::Op::Write { key: plain(&key), value: fresh(request) })),
    },
    Ask {
        doc: of(
            "lin-kv",
            's',
            call(
                "cas",
                &["CLIENT cas KEY EXPECTED VALUE", "CLIENT cas KEY EXPECTED VALUE to SERVER"],
                "c1 cas 0 7 8 to n2",
                "write a key only if it holds what is expected",
            ),
        ),
        read: |call| {
            let expected = call.get("EXPECTED").and_then(Arg::value).cloned();
            Ok(Op::Register(operation::Op::Cas { key: key(call)?, expected, value: value(call)? }))
        },
        // What was written lately: some of them find it.
        drawn: Some(|key, request| {
            let expected = Some(fresh(RequestId(request.0.saturating_sub(1 + request.0 % 4))));
            Op::Register(operation::Op::Cas { key: plain(&key), expected, value: fresh(request) })
        }),
    },
    Ask {
        doc: of(
            "kafka",
            's',
            call("send", &["CLIENT send KEY VALUE", "CLIENT send KEY VALUE to SERVER"], "c1 send 0 7 to n2", "append a message to a log"),
        ),
        read: |call| Ok(Op::Send(key(call)?, value(call)?)),
        drawn: Some(|key, request| Op::Send(plain(&key), fresh(request))),
    },
    Ask {
        doc: of(
            "kafka",
            'l',
            reads(call(
                "poll",
                &["CLIENT poll", "CLIENT poll from SERVER"],
                "c1 poll from n2",
                "ask what is in the logs from where the client is, and commit it",
            )),
        ),
        read: |_| Ok(Op::Poll { all: false }),
        drawn: Some(|_, _| Op::Poll { all: false }),
    },
    Ask {
        doc: of(
            "kafka",
            'o',
            reads(call(
                "poll-all",
                &["CLIENT poll-all", "CLIENT poll-all from SERVER"],
                "c1 poll-all from n2",
                "ask what is in the logs from their start, and commit nothing",
            )),
        ),
        read: |_| Ok(Op::Poll { all: true }),
        drawn: None,
    },
    Ask {
        doc: of(
            "kafka",
            'a',
            reads(call(
                "assign",
                &["CLIENT assign", "CLIENT assign from SERVER"],
                "c1 assign from n2",
                "go back to the offsets that were committed",
            )),
        ),
        read: |_| Ok(Op::Assign),
        drawn: Some(|_, _| Op::Assign),
    },
];

/// Their words.
pub(super) static CALLS: [CallDoc; 13] = calls(&ASKS);

const fn reads(doc: CallDoc) -> CallDoc {
    CallDoc { changes: false, ..doc }
}

/// An operation as it is typed.
pub(super) fn asked(op: &Op) -> Call {
    let words = |name: &str, args: Vec<Arg>| {
        let verb = CALLS.iter().find(|call| call.verb.name == name).map_or(&CALLS[0].verb, |call| &call.verb);
        Call::new(verb, args)
    };
    match op {
        Op::Echo(value) => words("echo", vec![Arg::Value(value.clone())]),
        Op::Generate => words("generate", Vec::new()),
        Op::Broadcast(value) => words("broadcast", vec![Arg::Value(value.clone())]),
        Op::Messages => words("messages", Vec::new()),
        Op::Add(delta) => words("add", vec![Arg::Value(Value::Int(*delta))]),
        Op::Total => words("total", Vec::new()),
        Op::Register(operation::Op::Read { key }) => words("read", vec![Arg::from(key)]),
        Op::Register(operation::Op::Write { key, value } | operation::Op::Append { key, value }) => {
            words("write", vec![Arg::from(key), Arg::Value(value.clone())])
        }
        Op::Register(operation::Op::Cas { key, expected, value }) => {
            let expected = expected.clone().map_or(Arg::Nil, Arg::Value);
            words("cas", vec![Arg::from(key), expected, Arg::Value(value.clone())])
        }
        Op::Send(key, value) => words("send", vec![Arg::from(key), Arg::Value(value.clone())]),
        Op::Poll { all } => words(if *all { "poll-all" } else { "poll" }, Vec::new()),
        Op::Assign => words("assign", Vec::new()),
    }
}

fn value(call: &Call) -> Result<Value, String> {
    call.get("VALUE").and_then(Arg::value).cloned().ok_or_else(|| format!("`{call}` says no value"))
}

fn key(call: &Call) -> Result<Key, String> {
    call.get("KEY").and_then(Arg::key).ok_or_else(|| format!("`{call}` says no key"))
}

/// A key of a workload as Maelstrom has them: `0` for `k0`.
fn plain(key: &Key) -> Key {
    key.strip_prefix('k').filter(|rest| !rest.is_empty()).map_or_else(|| key.clone(), Key::from)
}

/// A value that nobody else writes.
fn fresh(request: RequestId) -> Value {
    Value::Int(i64::from(request.0))
}

/// What the edge hands in. Nobody else does it: it is offered nowhere.
pub(super) static DEEDS: [Deed<Processes>; 4] = [
    Deed {
        doc: verb("out", &["out SERVER LINE"], r#"out n1 "a line of JSON""#, "a line that the program of a node wrote"),
        can: runs,
        perform: |sim, call| with(sim, call, heard::out),
        offers: |_| Vec::new(),
    },
    Deed {
        doc: verb(
            "odd",
            &["odd SERVER WHAT"],
            r#"odd n1 "that is no UTF-8 text""#,
            "a line that the program of a node wrote and nobody could read",
        ),
        can: runs,
        perform: |sim, call| with(sim, call, heard::odd),
        offers: |_| Vec::new(),
    },
    Deed {
        doc: verb("err", &["err SERVER TEXT"], r#"err n1 "some words""#, "what the program of a node said beside its messages"),
        can: runs,
        perform: |sim, call| with(sim, call, heard::err),
        offers: |_| Vec::new(),
    },
    Deed {
        doc: verb("gone", &["gone SERVER WHY"], r#"gone n1 "has ended""#, "the program of a node is gone, and not by a poke"),
        can: runs,
        perform: |sim, call| with(sim, call, heard::gone),
        offers: |_| Vec::new(),
    },
];

/// Their words.
pub(super) static VERBS: [VerbDoc; 4] = verbs(&DEEDS);

fn runs(sim: &Sim<Processes>, call: &Call) -> Result<(), String> {
    let id = server_of(sim, call)?;
    match sim.node(id).state() {
        Some(Processes::Program(_)) if sim.node(id).is_paused() => Err(format!("{id} is paused")),
        Some(Processes::Program(_)) => Ok(()),
        Some(_) => Err(format!("{} is a service, and no program of yours", heard::name(sim, id))),
        None => Err(format!("{id} is down")),
    }
}

fn with(sim: &mut Sim<Processes>, call: &Call, deed: fn(&mut Sim<Processes>, NodeId, &str)) {
    let Ok(id) = server_of(sim, call) else { return };
    // The one that is no server.
    let text = call.args.iter().find_map(Arg::value).map(Value::to_string).unwrap_or_default();
    deed(sim, id, &text);
}

/// What the edge hands in of a node, as a poke: by the verb of this name.
pub fn handed(verb: &str, id: NodeId, text: &str) -> Option<Poke> {
    let doc = VERBS.iter().find(|doc| doc.verb.name == verb)?;
    let args = vec![Arg::Place(Place::Node(id)), Arg::Value(Value::Text(text.into()))];
    Some(Poke::Operate(Call::new(&doc.verb, args)))
}

/// Whether a poke is one that only the edge hands in.
pub fn is_handed(poke: &Poke) -> bool {
    matches!(poke, Poke::Operate(call) if VERBS.iter().any(|doc| doc.verb.name == call.verb.name))
}

/// Why a poke can never be done to programs, and what can instead. `None`: nothing speaks against it.
pub fn never(poke: &Poke) -> Option<&'static str> {
    match poke {
        poke if is_handed(poke) => Some("only your program says that"),
        Poke::Slow(..) => Some("a process cannot be slowed down from outside; pause it, or set the latency of its wires"),
        Poke::Skew(..) | Poke::Drift(..) => Some("your programs read the machine's clock, which nobody sets here"),
        Poke::FullDisk(_) | Poke::FreeDisk(_) => Some("your programs use the machine's disk, which nobody fills here"),
        Poke::Crash(_, DiskFate::LosesUnsynced | DiskFate::Wiped) => {
            Some("your programs use the machine's disk, and nobody touches your files; `crash n1` kills the process")
        }
        _ => None,
    }
}
