//! What a lock guards: something outside, which may look at the numbers that its users come with (Kleppmann 2016, "How to do distributed
//! locking": fencing tokens).

use crate::algo::redis::Text;
use crate::sim::id::{NodeId, RequestId};

use super::Context;
use super::disk::Guarded;
use super::message::Msg;
use super::note::Note;

/// Its process. All it knows is on its disk.
#[derive(Clone, Copy, Debug, Default)]
pub struct Resource;

impl Resource {
    /// Somebody writes, with a number.
    pub(super) fn on_use(client: NodeId, request: RequestId, what: Text, number: i64, cx: &mut Context<'_>) {
        let highest = cx.disk().guarded.get(&what).map(|kept| kept.highest);
        if let Some((highest, _)) = highest.filter(|(highest, _)| number < *highest && cx.settings().fencing) {
            cx.note(Note::TooOld { what, number, client });
            return cx.send(client, Msg::Used { request, older_than: Some(highest) });
        }
        let stale = highest.is_some_and(|(highest, whose)| number < highest || (number == highest && whose != client));
        let highest = highest.filter(|(highest, _)| number <= *highest).unwrap_or((number, client));
        let kept = Guarded { highest, saved: (number, client) };
        let key = what.clone();
        if cx.write(|disk| disk.guarded.insert(key, kept)).is_err() {
            // Nothing is written, and nobody is told that it is.
            return;
        }
        cx.note(Note::Guarded { what, number, client, stale });
        cx.sync();
        cx.send_after_sync(client, Msg::Used { request, older_than: None });
    }
}
