//! Its work on records, and its commits.

use super::super::message::{Msg, Standing};
use super::super::note::Note;
use super::super::settings::Commit;
use super::super::{Context, Timer};
use super::{Consumer, Due, Unconfirmed};

impl Consumer {
    /// Takes as many records as it may, and begins.
    pub(super) fn take(&mut self, cx: &mut Context<'_>) {
        if self.queue.is_empty() || self.due != Due::Nothing {
            return;
        }
        let most = (cx.settings().poll as usize).min(self.queue.len());
        self.batch = self.queue.drain(..most).collect();
        self.marks = self.batch.iter().map(|job| (job.part, job.next)).collect();
        match cx.settings().commit {
            Commit::Before => self.commit(cx),
            Commit::Confirmed => {
                self.commit(cx);
                self.holds = true;
                return;
            }
            Commit::After | Commit::Last => {}
        }
        self.work(cx);
    }

    /// Begins as many records as it works on at once.
    pub(super) fn work(&mut self, cx: &mut Context<'_>) {
        let threads = cx.settings().threads as usize;
        if self.hands.len() < threads {
            self.hands.resize(threads, None);
        }
        for slot in 0..threads {
            if self.hands[slot].is_none()
                && let Some(job) = self.batch.pop_front()
            {
                self.hands[slot] = Some(job);
                let work = cx.settings().work.clone();
                let takes = work.sample(&mut cx.rng());
                cx.work(takes, Timer::Work(slot as u8));
            }
        }
    }

    /// The work on a record is done.
    pub(in crate::cluster::commit_log) fn on_work(&mut self, slot: u8, cx: &mut Context<'_>) {
        let Some(job) = self.hands.get_mut(usize::from(slot)).and_then(Option::take) else { return };
        if let Some(request) = job.record.request() {
            let key = job.record.key().cloned();
            cx.note(Note::Processed { group: self.group, part: job.part, offset: job.offset, request, key });
        }
        self.work(cx);
        if !self.is_busy() {
            if matches!(cx.settings().commit, Commit::After | Commit::Last) {
                self.commit(cx);
            }
            self.go_on(cx);
        }
    }

    /// Commits where the batch ends.
    pub(super) fn commit(&mut self, cx: &mut Context<'_>) {
        let back = u64::from(cx.settings().commit == Commit::Last);
        let marks = std::mem::take(&mut self.marks);
        let mut all = self.unconfirmed.take().map(|before| before.marks).unwrap_or_default();
        all.extend(marks.into_iter().map(|(part, next)| (part, next - back.min(next))));
        if all.is_empty() {
            return;
        }
        self.calls += 1;
        self.unconfirmed = Some(Unconfirmed { call: self.calls, marks: all });
        self.send_commit(cx);
    }

    pub(super) fn send_commit(&self, cx: &mut Context<'_>) {
        // A member that waits for its partitions commits in the generation that it gets (KIP-429).
        let Some(Unconfirmed { call, marks }) = self.unconfirmed.as_ref().filter(|_| !self.joins) else { return };
        let marks = marks.iter().map(|(part, next)| (*part, *next)).collect();
        let msg = Msg::Commit { group: self.group, life: self.life, generation: self.generation, call: *call, marks };
        self.tell_coordinator(msg, cx);
        let again = cx.settings().request_timeout;
        cx.set_timer(again, Timer::Commit);
    }

    /// Nobody has confirmed the commit: once more, but not when others wait for what it has.
    pub(in crate::cluster::commit_log) fn on_no_confirmation(&mut self, cx: &mut Context<'_>) {
        if self.due == Due::Nothing {
            return self.send_commit(cx);
        }
        self.unconfirmed = None;
        self.let_go(cx);
    }

    /// The coordinator has the places, or does not take them.
    pub(in crate::cluster::commit_log) fn on_committed(&mut self, call: u32, standing: Standing, cx: &mut Context<'_>) {
        if self.unconfirmed.as_ref().is_none_or(|unconfirmed| unconfirmed.call != call) {
            return;
        }
        self.unconfirmed = None;
        if standing == Standing::Fine {
            if std::mem::take(&mut self.holds) {
                self.work(cx);
            }
            return self.go_on(cx);
        }
        self.owe(Due::Anew);
        self.let_go(cx);
    }

    /// What waited for a confirmation is not begun: it is another's.
    pub(super) fn let_go(&mut self, cx: &mut Context<'_>) {
        if std::mem::take(&mut self.holds) {
            self.batch.clear();
        }
        self.go_on(cx);
    }
}
