//! What clients asked and what they were told, in the types of Jepsen's histories, ordered by event number.

use std::borrow::Cow;
use std::fmt;

use super::id::{NodeId, RequestId};
use super::pack::{Near, Pack, Packer, Unpacker, mixed_up};
use super::time::Time;
use crate::packs;

/// One line of the history. `event` orders lines; several may share a `time`.
#[derive(Clone, Debug, PartialEq)]
pub struct Record<Op, Ret> {
    /// The number of the simulator event during which this was recorded.
    pub event: u64,
    /// Virtual time of that event.
    pub time: Time,
    /// Which request; the invocation and its completion carry the same number.
    pub request: RequestId,
    /// The client that asked: the session of the session guarantees.
    pub client: NodeId,
    /// What happened.
    pub kind: Kind<Op, Ret>,
}

/// The call of a request, or how it ended. Jepsen calls them `invoke`, `ok`, `fail` (refused and failed) and `info`.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind<Op, Ret> {
    /// The client called the operation.
    Invoke(Op),
    /// The client was told that it took effect, and the result.
    Ok(Ret),
    /// The client was told no: it did not, and will not, take effect.
    Refused(Cause),
    /// It did not, and will not, take effect, and nobody said no: a question that nobody answered.
    Failed(Cause),
    /// The client does not know: it may take effect at any later time or never.
    Unknown(Cause),
}

/// Why a request did not end well.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    /// No answer came in time.
    NoAnswer,
    /// The client died while it waited.
    ClientDied,
    /// What a server or the protocol says, in a learner's words.
    Said(Cow<'static, str>),
}

impl<Op: Pack, Ret: Pack> Pack for Record<Op, Ret> {
    fn pack(&self, out: &mut Packer) {
        out.near(Near::Event, self.event);
        self.time.pack(out);
        self.request.pack(out);
        self.client.pack(out);
        self.kind.pack(out);
    }

    fn unpack(from: &mut Unpacker<'_>) -> Self {
        let event = from.near(Near::Event);
        Record { event, time: Pack::unpack(from), request: Pack::unpack(from), client: Pack::unpack(from), kind: Pack::unpack(from) }
    }
}

impl<Op: Pack, Ret: Pack> Pack for Kind<Op, Ret> {
    fn pack(&self, out: &mut Packer) {
        let (number, cause) = match self {
            Kind::Invoke(op) => {
                out.byte(0);
                return op.pack(out);
            }
            Kind::Ok(ret) => {
                out.byte(1);
                return ret.pack(out);
            }
            Kind::Refused(cause) => (2, cause),
            Kind::Failed(cause) => (3, cause),
            Kind::Unknown(cause) => (4, cause),
        };
        out.byte(number);
        cause.pack(out);
    }

    fn unpack(from: &mut Unpacker<'_>) -> Self {
        match from.byte() {
            0 => Kind::Invoke(Op::unpack(from)),
            1 => Kind::Ok(Ret::unpack(from)),
            2 => Kind::Refused(Cause::unpack(from)),
            3 => Kind::Failed(Cause::unpack(from)),
            4 => Kind::Unknown(Cause::unpack(from)),
            _ => mixed_up(),
        }
    }
}

packs!(enum Cause { 0 = NoAnswer {}, 1 = ClientDied {}, 2 = Said { 0: why } });

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Cause::NoAnswer => "no answer in time",
            Cause::ClientDied => "the client died",
            Cause::Said(why) => why,
        })
    }
}

impl From<&'static str> for Cause {
    fn from(why: &'static str) -> Cause {
        Cause::Said(why.into())
    }
}

impl From<String> for Cause {
    fn from(why: String) -> Cause {
        Cause::Said(why.into())
    }
}
