//! Questions: computed answers are what the run gives.

use crate::cluster::Cluster;
use crate::timeline::Timeline;

use crate::lesson::perform::{FirstTimes, Unwatched, perform};
use crate::lesson::question::{Item, Number, Question, QuestionKind};
use crate::lesson::schema::{Alternative, Cond, Script};

use super::Proof;

impl Proof<'_> {
    pub(super) fn question(&mut self, question: &Question) {
        let Some(run) = &question.run else { return };
        let mut first = FirstTimes::of(awaited(&question.kind));
        let Some(timeline) = self.noted(self.run(run, &mut first)) else { return };
        match &question.kind {
            QuestionKind::Choice(options) | QuestionKind::Several(options) => self.alternatives(options, timeline.cluster()),
            QuestionKind::Number(number) => self.number(number, timeline.cluster()),
            QuestionKind::Order(items) => self.order(items, &first),
            QuestionKind::Predict { options, then } => self.prediction(options, then, timeline),
            QuestionKind::Recall { .. } | QuestionKind::Goal(_) => {}
        }
    }

    fn prediction(&mut self, options: &[Alternative], then: &Script, mut timeline: Timeline) {
        if self.noted(perform(&mut timeline, then, &mut Unwatched)).is_some() {
            self.alternatives(options, timeline.cluster());
        }
    }

    fn number(&mut self, number: &Number, cluster: &dyn Cluster) {
        let Some(fact) = &number.fact else { return };
        match fact.value(cluster) {
            None => self.mistake(&fact.at, format!("the run gives no number for `{fact}`")),
            Some(value) if !number.accepts(value) => {
                let message = format!("the answer is given as {}, but `{fact}` is {value} in the run", number.answer);
                self.mistake(&fact.at, message);
            }
            Some(_) => {}
        }
    }

    /// What is to be seen has to happen in the order of the items.
    fn order(&mut self, items: &[Item], first: &FirstTimes<'_>) {
        let seen: Vec<_> = items.iter().filter_map(|i| i.see.as_ref()).zip(&first.first).collect();
        for (see, when) in &seen {
            if when.is_none() {
                self.mistake(&see.at, format!("`{}` never comes true in the run", see.text));
            }
        }
        for pair in seen.windows(2) {
            if let [(one, Some(first)), (two, Some(second))] = pair
                && second <= first
            {
                let message = format!("`{}` comes true at {}, not after `{}` at {}", two.text, second.at, one.text, first.at);
                self.mistake(&two.at, message);
            }
        }
    }
}

/// The conditions whose first time matters.
fn awaited(kind: &QuestionKind) -> Vec<&Cond> {
    match kind {
        QuestionKind::Order(items) => items.iter().filter_map(|i| i.see.as_ref()).collect(),
        _ => Vec::new(),
    }
}
