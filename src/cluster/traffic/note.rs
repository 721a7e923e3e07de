//! What is worth a sentence.

use crate::cluster::NoteMark;
use crate::cluster::live::{Names, Worded};
use crate::sim::id::NodeId;
use crate::sim::time::Span;

/// What is worth a sentence.
#[derive(Clone, Debug, PartialEq)]
pub enum Note {
    /// A server missed so many checks: the front sends it nothing.
    Out { server: NodeId, missed: u32 },
    /// It answered a check again.
    Back { server: NodeId },
    /// It gets nothing new, and has so many requests to finish.
    Drains { server: NodeId, left: u32 },
    /// It was taken out, and so many requests died with it; so many were not answered in time while it drained. What is being tried at
    /// another server is not among them.
    TakenOut { server: NodeId, died: u32, late: u32 },
    /// A request that had died with it, or was late there while it drained, was tried again and got no page in the end.
    Lost { server: NodeId, late: bool },
    /// It starts, and will be warm after some time.
    Starts { server: NodeId, warm_in: Span },
    /// It is warm: it gets its share, unless its checks hold it for dead.
    Warm { server: NodeId, healthy: bool },
    /// A deploy of this version begins, with so many servers to replace.
    Deploys { version: u32, servers: u32 },
    /// Every server has this version.
    Deployed { version: u32 },
    /// The autoscaler wants so many servers, and has so many; the share of the workers that were busy.
    Scales { from: u32, to: u32, busy: f64 },
}

impl Worded for Note {
    fn mark(&self) -> NoteMark {
        match self {
            Note::Back { .. } | Note::TakenOut { died: 0, late: 0, .. } | Note::Warm { healthy: true, .. } | Note::Deployed { .. } => {
                NoteMark::Applies
            }
            Note::Out { .. } | Note::TakenOut { .. } | Note::Lost { .. } | Note::Warm { .. } => NoteMark::Discards,
            Note::Drains { .. } | Note::Starts { .. } | Note::Deploys { .. } | Note::Scales { .. } => NoteMark::Decides,
        }
    }

    fn text(&self, _: NodeId, name: Names<'_>) -> String {
        match self {
            Note::Out { server, missed } => format!("{} missed {missed} checks in a row: it gets nothing new", name(*server)),
            Note::Back { server } => format!("{} answers its checks again", name(*server)),
            Note::Drains { server, left } => format!("{} gets nothing new and finishes the {left} it has", name(*server)),
            Note::TakenOut { server, died: 0, late: 0 } => format!("{} has finished and is taken out", name(*server)),
            Note::TakenOut { server, died: 0, late } => {
                format!("{} is taken out; it did not answer {late} requests in time", name(*server))
            }
            Note::TakenOut { server, died, .. } => {
                format!("{} is taken out, and {died} request{} with it", name(*server), if *died == 1 { " dies" } else { "s die" })
            }
            Note::Lost { server, late } => {
                let how = if *late { "was late at" } else { "died with" };
                format!("a request that {how} {} got no page from others", name(*server))
            }
            Note::Starts { server, warm_in } => format!("{} starts and is warm in {warm_in}", name(*server)),
            Note::Warm { server, healthy: true } => format!("{} is warm and gets its share", name(*server)),
            Note::Warm { server, .. } => format!("{} should be warm, and does not answer its checks", name(*server)),
            Note::Deploys { version, servers } => format!("a deploy begins: version {version} replaces {servers} servers"),
            Note::Deployed { version } => format!("every server has version {version}"),
            Note::Scales { from, to, busy } => {
                let verb = if to > from { "adds" } else { "removes" };
                let load = match *busy {
                    busy if busy > 1.0 => format!("each worker has {busy:.1} requests"),
                    busy => format!("workers are {:.0} % busy", busy * 100.0),
                };
                format!("{load}: the autoscaler {verb} {}", to.abs_diff(*from))
            }
        }
    }
}
