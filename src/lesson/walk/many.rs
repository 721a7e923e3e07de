//! Steps that take more than one run: tables, and predictions of chance.

use std::sync::Arc;

use crate::lesson::measure::{Measure, Table};
use crate::lesson::perform::Position;
use crate::lesson::schema::StepKind;
use crate::lesson::source::{Mistake, Mistakes};
use crate::lesson::{story, tabulate};

use super::Walk;
use super::part::Solo;
use crate::timeline::Timeline;

/// With how many seeds a prediction of chance is run.
pub(super) const CHANCES: u64 = 20;

impl Walk {
    fn measure_step(&self) -> Option<&Measure> {
        if let StepKind::Measure(step) = &self.step().kind { Some(step) } else { None }
    }

    /// Runs what a measure step measures. The step is done then.
    pub fn measure(&mut self) -> Result<(), Mistakes> {
        let Some(step) = self.measure_step() else { return Ok(()) };
        if self.trail[self.index].table.is_none() {
            let table = tabulate::table(&self.lesson, step, &self.brake);
            let table = table.map_err(|mistake| Mistakes::new(self.lesson.source.clone(), vec![mistake]))?;
            self.trail[self.index].table = Some(Arc::new(table));
        }
        self.trail[self.index].done = true;
        Ok(())
    }

    /// The measured table of this step, once it was measured.
    pub fn table(&self) -> Option<&Table> {
        self.trail[self.index].table.as_deref()
    }

    /// Puts one run of the table on the stage.
    pub fn show_row(&mut self, row: usize) -> Result<(), Mistakes> {
        let lesson = Arc::clone(&self.lesson);
        let StepKind::Measure(measure) = &lesson.steps[self.index].kind else { return Ok(()) };
        let brake = self.brake.clone();
        let Some(solo) = self.part.solo_mut() else { return Ok(()) };
        solo.show_row(&lesson, measure, row, &brake).map_err(|mistake| Mistakes::new(lesson.source.clone(), vec![mistake]))?;
        solo.picked = true;
        Ok(())
    }

    /// Whether there is a measured table and nobody has picked one of its runs, or played the one that is on the stage.
    pub fn reads_a_table(&self) -> bool {
        self.table().is_some() && self.part.solo().is_some_and(|solo| !solo.picked && Position::of(&solo.timeline) == solo.opened_at())
    }

    /// Puts another run in the place of the one on the stage. Nothing of it counts as done by the learner until the learner pokes it.
    pub fn put(&mut self, run: Timeline) {
        let brake = self.brake.clone();
        if let Some(solo) = self.part.solo_mut() {
            *solo = Solo::of_another(run);
            self.part.set_brake(&brake);
        }
    }

    /// The values of a prediction of chance in runs with [`CHANCES`] seeds, once it was made, from the smallest.
    pub fn spread(&self) -> Option<&[f64]> {
        self.trail[self.index].spread.as_deref().map(Vec::as_slice)
    }

    pub(super) fn spread_of(&self) -> Result<Option<Arc<Vec<f64>>>, Mistake> {
        let StepKind::Predict { chance: Some(fact), .. } = &self.step().kind else { return Ok(None) };
        let mut values = Vec::new();
        for seed in 0..CHANCES {
            let timeline = story::with_seed(&self.lesson, self.index, seed, &self.brake)?;
            values.extend(fact.value(timeline.cluster()));
        }
        values.sort_by(f64::total_cmp);
        Ok(Some(Arc::new(values)))
    }
}
