//! Entries of a log are applied one after the other, and each takes its time; where that is nothing, at once.

use std::sync::Arc;

use crate::sim::dist::Dist;
use crate::sim::protocol::{Cx, Protocol};
use crate::sim::time::Span;

/// A protocol whose servers apply entries.
pub trait Applies: Protocol {
    /// The timer of the entry that is being applied.
    const APPLY: Self::Timer;

    /// How long an entry takes.
    fn takes(settings: &Self::Settings) -> &Arc<Dist>;
}

/// How long the next entry takes, drawn anew for each; `None`: no time at all.
pub fn takes<P: Applies>(cx: &mut Cx<'_, P>) -> Option<Span> {
    let dist = Arc::clone(P::takes(cx.settings()));
    (dist.mean() != Some(Span::ZERO)).then(|| dist.sample(&mut cx.rng()))
}

/// Whether a server is applying an entry.
#[derive(Clone, Copy, Debug, Default)]
pub struct Applying(bool);

impl Applying {
    /// Whether it may apply another one.
    pub fn is_idle(self) -> bool {
        !self.0
    }

    /// Begins with an entry, which takes so long; the timer goes off when it is done.
    pub fn begin<P: Applies>(&mut self, takes: Span, cx: &mut Cx<'_, P>) {
        self.0 = true;
        cx.work(takes, P::APPLY);
    }

    /// The entry is applied.
    pub fn end(&mut self) {
        self.0 = false;
    }
}
