//! Changes that are sent once, without a number (`shipping blind`): what writing to several places looks like without a log (DDIA,
//! chapter 11, dual writes). What is lost on the way is never missed, and what overtakes is applied first.
//!
//! A follower puts each change at the end of its own log, so that it survives a restart like any other. Those entries have no place
//! in the leader's log; the disk remembers where they begin. Once a log is shipped again they give way to it.

use std::sync::Arc;

use crate::cluster::kit::fsync::recorded;
use crate::sim::id::NodeId;

use super::entry::{Disk, Entry};
use super::message::{Msg, Note};
use super::replicate::Append;
use super::server::{Context, Server};
use super::settings::Fencing;

impl Server {
    /// A change arrives: it is put in, whatever came before. An answer is sent only where a lease needs one, and vouches for nothing.
    pub(super) fn take_blindly(&mut self, leader: NodeId, append: &Append, cx: &mut Context<'_>) {
        let news: Vec<_> = append.entries.iter().filter(|entry| is_new(entry, cx.disk())).cloned().collect();
        if !news.is_empty() {
            if cx.write(|disk| push_blindly(disk, news)).is_err() {
                return self.say_full(cx);
            }
            recorded(cx);
        }
        if cx.settings().fencing == Fencing::Lease {
            cx.send(leader, Msg::Ack { epoch: append.epoch, upto: 0, sent: append.sent });
        }
        self.catch_up(cx);
    }

    /// The leader ships its log: what came blindly gives way to it. `false`: it could not be written.
    pub(super) fn drop_blind(&mut self, leader: NodeId, cx: &mut Context<'_>) -> bool {
        let Some(after) = cx.disk().blind_after else { return true };
        let dropped = (cx.disk().last() - after) as usize;
        if cx.write(|disk| disk.part(after, None)).is_err() {
            self.say_full(cx);
            return false;
        }
        recorded(cx);
        self.rebuild(cx);
        self.commit = self.commit.min(after);
        cx.note(Note::Matches { leader, dropped });
        true
    }
}

/// Whether a change is not in the log yet.
fn is_new(entry: &Entry, disk: &Disk) -> bool {
    entry.request().is_none_or(|request| !disk.seen.contains(request.0))
}

fn push_blindly(disk: &mut Disk, news: Vec<Arc<Entry>>) {
    disk.blind_after.get_or_insert(disk.log.len() as u64);
    for entry in news {
        disk.push(entry);
    }
}

/// Who takes office makes what came to it blindly entries of its own epoch: nobody else's log has them in these places. `false`: its
/// disk is full.
pub(super) fn own(epoch: u64, cx: &mut Context<'_>) -> bool {
    let Some(after) = cx.disk().blind_after else { return true };
    let owned: Vec<_> = cx.disk().log.iter_from(after as usize).map(|entry| Arc::new(Entry { epoch, ..Entry::clone(&entry) })).collect();
    cx.write(|disk| {
        let redo = disk.redo.clone();
        disk.part(after, None);
        for entry in owned {
            disk.push(entry);
        }
        // The same entries stand in the same places: what was run for them was run.
        disk.redo = redo;
    })
    .is_ok()
}
