//! What clients asked and what they were told, in Jepsen's four types, ordered by event number.

use super::id::{NodeId, RequestId};
use super::time::Time;

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

/// Jepsen's four types.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind<Op, Ret> {
    /// The client sent the request.
    Invoke(Op),
    /// The client was told that it took effect, and the result.
    Ok(Ret),
    /// The client was told that it did not, and will not, take effect.
    Fail(Cause),
    /// The client does not know (a timeout): it may take effect at any later time or never.
    Info(Cause),
}

/// Why a request failed or stayed unknown, in a learner's words.
pub type Cause = std::borrow::Cow<'static, str>;
