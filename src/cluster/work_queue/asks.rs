//! What clients can ask and operators can do, in the words of the command language.

use crate::check::operation::{Key, Value};
use crate::cluster::kit::ask::{Ask, Deed, call, calls, verb, verbs};
use crate::command::{Arg, Call, CallDoc, VerbDoc};
use crate::sim::kernel::Sim;

use super::message::Op;
use super::queue::Queue;
use super::{BROKER, Broker, Context, WorkQueue, watch};

/// The forms of `send`, in the order of [`form_of`]. `VALUE` is the business key, which is another for every message; `KEY` is the group.
const SEND: &[&str] = &["CLIENT send", "CLIENT send VALUE", "CLIENT send in KEY", "CLIENT send VALUE in KEY", "CLIENT send VALUE urgent"];

/// The form of a message that goes before others.
const URGENT: u8 = 4;

/// What clients ask.
pub(super) static ASKS: [Ask<Op>; 2] = [
    Ask {
        doc: CallDoc {
            key: Some('s'),
            weight: 90,
            ..call(
                "send",
                SEND,
                "c1 send o-17",
                "put a message into the queue: its name makes it this message and no other (without one the client makes one), and order is kept within a group",
            )
        },
        read: |call| {
            let word = |slot| call.get(slot).and_then(Arg::key);
            Ok(Op::Send { key: word("VALUE"), group: word("KEY"), urgent: call.form == URGENT })
        },
        drawn: Some(|group: Key, _| Op::Send { key: None, group: Some(group), urgent: false }),
    },
    Ask {
        doc: CallDoc {
            changes: false,
            weight: 10,
            ..call("count", &["CLIENT count"], "c1 count", "ask the broker how many messages are ready, in flight and dead")
        },
        read: |_| Ok(Op::Count),
        drawn: None,
    },
];

/// Their words.
pub(super) static CALLS: [CallDoc; 2] = calls(&ASKS);

/// An operation as it is typed.
pub(super) fn asked(op: &Op) -> Call {
    match op {
        Op::Count => Call::new(&CALLS[1].verb, Vec::new()),
        Op::Send { key, group, urgent } => {
            let name = key.iter().map(|key| Arg::from(Value::from(&**key)));
            let args = name.chain(group.iter().map(Arg::from)).collect();
            Call { verb: &CALLS[0].verb, form: form_of(key.is_some(), group.is_some(), *urgent), args }
        }
    }
}

fn form_of(key: bool, group: bool, urgent: bool) -> u8 {
    match (key, group) {
        (true, false) if urgent => URGENT,
        (false, false) => 0,
        (true, false) => 1,
        (false, true) => 2,
        (true, true) => 3,
    }
}

/// What operators do.
pub(super) static DEEDS: [Deed<WorkQueue>; 2] = [
    Deed {
        doc: VerbDoc {
            key: Some('d'),
            ..verb("redrive", &["redrive"], "redrive", "send the dead letters back into the queue, as if they were new")
        },
        can: |sim, _| broker(sim).and_then(|queue| if queue.dead.is_empty() { Err("there are no dead letters".into()) } else { Ok(()) }),
        perform: |sim, _| command(sim, Broker::redrive),
        offers: |_| vec![Vec::new()],
    },
    Deed {
        doc: verb("purge", &["purge"], "purge", "throw away every message that no worker has"),
        can: |sim, _| {
            let idle = broker(sim)?.size() - broker(sim)?.in_flight();
            if idle == 0 { Err("no message waits".into()) } else { Ok(()) }
        },
        perform: |sim, _| command(sim, Broker::purge),
        offers: |_| vec![Vec::new()],
    },
];

/// Their words.
pub(super) static VERBS: [VerbDoc; 2] = verbs(&DEEDS);

/// The queue, if its broker can be told anything.
fn broker(sim: &Sim<WorkQueue>) -> Result<&Queue, String> {
    let node = sim.node(BROKER);
    match watch::queue(sim) {
        _ if !node.is_up() => Err("the broker is down; restart it first".into()),
        _ if node.is_paused() => Err("the broker is paused; resume it first".into()),
        queue => queue.ok_or_else(|| "the broker has no queue".into()),
    }
}

fn command(sim: &mut Sim<WorkQueue>, deed: impl FnOnce(&mut Broker, &mut Context<'_>)) {
    sim.command(BROKER, |state, cx| {
        if let WorkQueue::Broker(broker) = state {
            deed(broker, cx);
        }
    });
}
