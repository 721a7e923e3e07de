//! The autoscaler: every so often it compares how busy the workers were with its target.

use crate::sim::protocol::Cx;

use super::Traffic;
use super::front::Front;
use super::message::{Note, Timer};
use super::pool::Part;
use super::settings::is_app;

impl Front {
    pub(super) fn on_scale(&mut self, cx: &mut Cx<'_, Traffic>) {
        let Some(scaler) = cx.settings().scaler() else { return };
        cx.set_timer(cx.settings().scale_every, Timer::Scale);
        let (ready, busy) = self.busy(cx);
        let wanted = scaler.wants(ready, busy);
        let window = cx.settings().scale_down_after.0;
        let wanted = self.stabiliser.settle(cx.clock().0, wanted, window).max(scaler.least);
        // Those too that were ordered and have not said yet that they are there.
        let ordered = cx.servers().filter(|id| is_app(*id)).count();
        let have = ordered.saturating_sub(self.pool.there().filter(|backend| backend.part == Part::Drains).count()) as u32;
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

    /// How many servers are ready, and the mean share of their workers that was busy since the last look. Servers that still
    /// start are no capacity.
    fn busy(&mut self, cx: &mut Cx<'_, Traffic>) -> (u32, f64) {
        let (now, workers) = (cx.clock(), cx.settings().workers);
        let all = now.since(self.scaled).0 * u64::from(workers);
        self.scaled = now;
        let (mut ready, mut busy) = (0, 0);
        for backend in &mut self.pool.backends {
            backend.pass(now, workers);
            let spent = std::mem::take(&mut backend.busy);
            if backend.is_serving() {
                (ready, busy) = (ready + 1, busy + spent);
            }
        }
        let share = if ready == 0 || all == 0 { 0.0 } else { busy as f64 / (all as f64 * f64::from(ready)) };
        (ready, share)
    }
}
