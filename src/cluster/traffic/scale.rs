//! The autoscaler: every so often it compares how busy the workers were with its target.

use crate::algo::scale::Stabiliser;
use crate::sim::protocol::Cx;

use super::Traffic;
use super::front::Front;
use super::message::Timer;
use super::note::Note;
use super::pool::Part;
use super::words::ScaleBy;

impl Front {
    pub(super) fn on_scale(&mut self, cx: &mut Cx<'_, Traffic>) {
        let Some(scaler) = cx.settings().scaler() else { return };
        cx.set_timer(cx.settings().scale_every, Timer::Scale);
        let (ready, busy) = self.busy(cx);
        if self.deploy.is_some() {
            return;
        }
        let wanted = scaler.wants(ready, busy);
        // Those too that were ordered and have not said yet that they are there.
        let ordered = cx.servers().filter(|id| cx.settings().is_app(*id)).count();
        let have = ordered.saturating_sub(self.pool.there().filter(|backend| backend.part == Part::Drains).count()) as u32;
        let window = cx.settings().scale_down_after.0;
        if have > self.left {
            // Somebody else wanted these: at the start, or by hand since the last look.
            self.stabiliser.settle(cx.steady().0, have, window);
        }
        let wanted = self.stabiliser.settle(cx.steady().0, wanted, window).max(scaler.least);
        self.left = wanted;
        self.scalings = (self.scalings.0 + u32::from(wanted > have), self.scalings.1 + u32::from(wanted < have));
        if wanted != have {
            cx.note(Note::Scales { from: have, to: wanted, busy });
        }
        for _ in have..wanted {
            cx.add_server();
        }
        for _ in wanted..have {
            self.remove_newest(cx);
        }
    }

    /// The autoscaler is turned on: what was before is not its business.
    pub(super) fn begin_to_scale(&mut self, cx: &Cx<'_, Traffic>) {
        let (now, workers) = (cx.steady(), cx.settings().workers);
        for backend in &mut self.pool.backends {
            backend.pass(now, workers);
            (backend.busy, backend.load) = (0, 0);
        }
        (self.scaled, self.left, self.stabiliser) = (now, 0, Stabiliser::default());
    }

    /// How many servers are ready, and the mean share of their workers that was busy since the last look, or the requests that each
    /// worker had. Servers that still start are no capacity.
    fn busy(&mut self, cx: &mut Cx<'_, Traffic>) -> (u32, f64) {
        let (now, workers) = (cx.steady(), cx.settings().workers);
        let by = cx.settings().scale_by;
        let all = now.since(self.scaled).0 * u64::from(workers);
        self.scaled = now;
        let (mut ready, mut busy) = (0, 0);
        for backend in &mut self.pool.backends {
            backend.pass(now, workers);
            let (worked, load) = (std::mem::take(&mut backend.busy), std::mem::take(&mut backend.load));
            let spent = if by == ScaleBy::Busy { worked } else { load };
            if backend.is_serving() {
                (ready, busy) = (ready + 1, busy + spent);
            }
        }
        let share = if ready == 0 || all == 0 { 0.0 } else { busy as f64 / (all as f64 * f64::from(ready)) };
        (ready, share)
    }
}
