//! A lab whose lesson was read again, because its file was written.

use super::Lab;
use crate::lesson::walk::Arrived;
use crate::tui::clock::Moment;

impl Lab {
    /// Looks as another lab does that it takes the place of: what is selected and how far it is scrolled stays as far as it is still there,
    /// and play goes on where the moment is the same.
    pub(in crate::tui) fn look_like(&mut self, before: Lab, arrived: Arrived, now: Moment) {
        (self.purpose, self.seed) = (before.purpose, before.seed);
        (self.swapped, self.lane) = (before.swapped, before.lane);
        let per_second = self.pace.per_second;
        self.pace = before.pace;
        self.pace.per_second = per_second;
        if arrived == Arrived::OtherStep {
            return self.pace.pause();
        }
        self.focus = before.focus;
        self.option = before.option.filter(|option| *option < self.options());
        self.chosen_front = before.chosen_front.map(|(_, front)| (self.walk.index(), front));
        if arrived == Arrived::StepStart || before.own.is_some() {
            return self.pace.pause();
        }
        // Where messages wait at the same moment, whoever was the network is it still.
        self.network = before.network;
        let same_marks = before.walk.step().marks.len() == self.walk.step().marks.len();
        self.mark = before.mark.filter(|_| same_marks);
        self.answered = before.answered.filter(|_| self.goal.miss == before.answered);
        (self.scroll, self.row, self.selected, self.knob, self.zoom) =
            (before.scroll, before.row, before.selected, before.knob, before.zoom);
        if self.pace.playing() {
            self.pace.resume(now);
        }
    }
}
