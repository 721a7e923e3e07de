//! How late an old leader learns that it was replaced: nobody tells it, or the one who does is not believed at once.

use super::message::Note;
use super::server::{Context, Server};

impl Server {
    /// A sign of a newer leader comes. `false`: it leads, and goes on as if it had not come.
    pub(super) fn believes_news(&mut self, cx: &mut Context<'_>) -> bool {
        let late = cx.settings().news;
        if !self.is_leader() || late == crate::sim::time::Span::ZERO {
            return true;
        }
        if self.replaced.is_none() {
            cx.note(Note::LearnsLate { late });
        }
        let since = *self.replaced.get_or_insert(cx.clock());
        cx.clock().since(since) >= late
    }
}
