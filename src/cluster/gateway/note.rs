//! What is worth a sentence.

use crate::check::operation::Key;
use crate::cluster::NoteMark;
use crate::cluster::live::{Names, Worded};
use crate::sim::id::NodeId;
use crate::sim::time::{Span, Time};

use super::lane::Phase;
use super::message::{Bad, End, Fail, Token, What};
use super::words::{Path, Service};

/// What a node did.
#[derive(Clone, Debug, PartialEq)]
pub enum Note {
    /// The gateway calls a service, for a request that came at this time by its monotonic clock.
    Called { service: Service, attempt: u32, came: Time, user: NodeId, token: Option<Token> },
    /// A call has ended.
    Returned { service: Service, failed: Option<Fail> },
    /// The gateway does not wait for a call any more. `late`: it had its time.
    GivenUp { service: Service, late: bool },
    /// A retry waits; with it so many retries wait or are under way beside so many calls.
    Rests { service: Service, attempts: u32, wait: Span, retries: u32, calls: u32 },
    /// A retry would be one too many.
    OverBudget { service: Service },
    /// A call is not made: breaker or bulkhead keep it away.
    Kept { service: Service, fail: Fail },
    /// A breaker has another state.
    Turned { service: Service, phase: Phase },
    /// The gateway answers a request with this token.
    Answered { path: Path, took: Span, token: Option<Token>, end: End },
    /// The gateway asks whether a token is good.
    Checks { user: NodeId },
    /// The gateway remembers that a token was good.
    Believes { user: NodeId },
    /// `auth` made a token.
    Issued { token: Token },
    /// A token is good no longer.
    Revoked { token: Token },
    /// A payment is made.
    Paid { payment: Key, times: u32 },
    /// A payment is known: it is not made again.
    Known { payment: Key },
    /// A service does something that came past the gateway.
    Past { user: NodeId, what: What, token: Option<Token> },
    /// A service asks the database again.
    AsksAgain { tries: u32 },
}

impl Note {
    /// Whether a learner would want to stop here.
    pub fn is_noteworthy(&self) -> bool {
        match self {
            Note::Called { .. } | Note::Returned { failed: None, .. } | Note::Checks { .. } | Note::Believes { .. } => false,
            Note::Answered { end, .. } => !matches!(end, End::Well(ret) if !ret.is_partial()),
            Note::Paid { times, .. } => *times > 1,
            _ => true,
        }
    }
}

impl Worded for Note {
    fn mark(&self) -> NoteMark {
        match self {
            Note::Turned { phase: Phase::Open, .. } | Note::OverBudget { .. } | Note::Answered { end: End::Badly { .. }, .. } => {
                NoteMark::Refuses
            }
            Note::Turned { .. } => NoteMark::Decides,
            Note::Revoked { .. } | Note::GivenUp { late: true, .. } => NoteMark::Discards,
            Note::Paid { .. } => NoteMark::Applies,
            _ => NoteMark::Small,
        }
    }

    fn text(&self, who: NodeId, name: Names<'_>) -> String {
        let who = name(who);
        match self {
            Note::Called { service, attempt: 1, .. } => format!("{who} calls {}", service.name()),
            Note::Called { service, attempt, .. } => format!("{who} calls {}, try {attempt}", service.name()),
            Note::Returned { service, failed: None } => format!("{who} has the answer of {}", service.name()),
            Note::Returned { service, failed: Some(fail) } => format!("{who} has called {} for nothing: {}", service.name(), fail.says()),
            Note::GivenUp { service, late: true } => format!("{who} gives up a call to {}: the request's time is over", service.name()),
            Note::GivenUp { service, .. } => format!("{who} needs a call to {} no longer", service.name()),
            Note::Rests { service, wait, .. } => format!("{who} will try {} again in {wait}", service.name()),
            Note::OverBudget { service } => format!("{who} does not try {} again: its retries are used up", service.name()),
            Note::Kept { service, fail } => format!("{who} does not call {}: {}", service.name(), fail.says()),
            Note::Turned { service, phase } => format!("the breaker before {} is {}", service.name(), phase.says()),
            Note::Answered { path, end, .. } => answered(&who, *path, end),
            Note::Checks { user } => format!("{who} asks auth about the token of {user}"),
            Note::Believes { user } => format!("{who} remembers that the token of {user} was good"),
            Note::Issued { token } => format!("{who} makes a token for {}", token.owner),
            Note::Revoked { token } => format!("the token of {} is good no longer", token.owner),
            Note::Paid { payment, times: 1 } => format!("{who} makes payment {payment}"),
            Note::Paid { payment, times } => format!("{who} makes payment {payment} once more: {times} times in all"),
            Note::Known { payment } => format!("{who} knows payment {payment} and does not make it again"),
            Note::Past { user, what, token: None } => format!("{who} does `{what}` for {user}, who came past the gateway without a token"),
            Note::Past { user, what, .. } => format!("{who} does `{what}` for {user}, who came past the gateway"),
            Note::AsksAgain { tries } => format!("{who} asks the database again, try {tries}"),
        }
    }
}

fn answered(who: &str, path: Path, end: &End) -> String {
    match end {
        End::Well(ret) => format!("{who} answers {}: {ret}", path.name()),
        End::Badly { bad: Bad::Of(service, Fail::Open), .. } => {
            format!("{who} fails {} at once: the breaker before {} is open", path.name(), service.name())
        }
        End::Badly { bad, .. } => format!("{who} fails {}: {}", path.name(), bad.says()),
    }
}
