//! Steps that a step lists, for the learner to choose from.

use super::card::{Card, Form};
use super::told::told;
use super::{Lab, learn};
use crate::lesson::schema::StepKind;
use crate::lesson::walk::{Progress, Walk};
use crate::tui::app::App;
use crate::tui::widgets::markdown::unmarked;

impl Lab {
    /// Whether this step lists those that follow.
    pub(super) fn lists(&self) -> bool {
        matches!(self.walk.step().kind, StepKind::Say { lists: true, .. })
    }

    /// The steps that can be chosen from at this one, by index.
    pub(super) fn listed(&self) -> std::ops::Range<usize> {
        match self.walk.step().kind {
            StepKind::Say { .. } => self.walk.lesson().listed_at(self.walk.index()),
            _ => 0..0,
        }
    }

    /// Whether the lesson asks nothing of the learner.
    pub(super) fn is_told(&self) -> bool {
        self.walk.lesson().steps.iter().all(|step| matches!(step.kind, StepKind::Say { .. }))
    }
}

impl Card<'_> {
    /// The steps to choose from: by their names, and where there is room with what each is about.
    pub(super) fn listed(&mut self, lab: &Lab, form: Form) {
        let theme = self.theme;
        let progress = lab.walk.progress();
        for (number, index) in lab.listed().enumerate() {
            let (name, rest) = lab.walk.lesson().steps[index].listed();
            let style = if lab.option == Some(number) { theme.strong.patch(theme.selected) } else { theme.strong };
            if number == 0 || form == Form::Whole {
                self.gap();
            }
            let from = self.lines.len();
            let done = if progress[index] == Progress::Done { format!(" {}", theme.glyphs.ok) } else { String::new() };
            self.sign(&(number + 1).to_string(), theme.key, &format!("{}{done}", unmarked(&told(lab, name))), style);
            if form == Form::Whole && !rest.is_empty() {
                self.hanging(" ", &told(lab, rest));
            }
            self.is_answer(number, from);
        }
    }
}

/// Opens one of the steps that are listed.
pub(super) fn open(app: &mut App, number: usize) {
    let Some(lab) = app.lab() else { return };
    let listed = lab.listed();
    let count = listed.len();
    match listed.clone().nth(number) {
        Some(index) => learn::open_step(app, "", move |walk: &mut Walk| walk.go_to(index).map(|()| true), |_| ()),
        None => app.refuse(format!("there are {count} to choose from: 1 to {count}")),
    }
}
