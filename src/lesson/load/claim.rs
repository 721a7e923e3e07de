//! The `[[claim]]` tables.

use crate::cluster::Scenario;

use crate::lesson::format;
use crate::lesson::reader::Fields;
use crate::lesson::schema::{Claim, Interval, Mean, Run};

use super::Loader;

impl<'n, 'a> Loader<'n, 'a> {
    pub(super) fn claims(&self, fields: &Fields<'n, 'a>, base: &Scenario) -> Vec<Claim> {
        fields.tables("claim", &format::CLAIM).into_iter().map(|f| self.claim(f, base)).collect()
    }

    fn claim(&self, fields: Fields<'n, 'a>, base: &Scenario) -> Claim {
        let run = self.run(&fields, base);
        let says = self.page(&fields, "says", &run.scenario);
        let holds = self.cond_if(&fields, "holds", &run.scenario);
        let never = self.cond_if(&fields, "never", &run.scenario);
        let mean = self.mean(&fields, &run.scenario);
        if !["holds", "never", "mean"].into_iter().any(|key| fields.has(key)) {
            let message = "a claim needs `holds` (true at the end), `never` (true at no moment) or `mean` (of a fact over the seeds)";
            self.notes.mistake(&fields.at, message, "");
        }
        let seeds = fields.whole("seeds", 1, 1000);
        let share = self.share(&fields);
        if (share.is_some() || mean.is_some()) && seeds.is_none_or(|n| n < 2) {
            self.notes.mistake(&fields.at, "a share or a mean needs several seeds", "add `seeds = 100`");
        }
        let at = fields.at.clone();
        fields.done();
        Claim { says, run, holds, never, seeds: seeds.unwrap_or(1), share, mean, at }
    }

    fn share(&self, fields: &Fields<'n, 'a>) -> Option<Interval> {
        let share = fields.interval("share")?;
        if share.from < 0.0 || share.to > 1.0 {
            self.notes.mistake(&share.at, "a share lies between 0 and 1", "such as [0.4, 0.6]");
        }
        if !fields.has("holds") {
            self.notes.mistake(&share.at, "`share` is the share of the seeds in which `holds` is true", "add `holds`");
        }
        Some(share)
    }

    fn mean(&self, fields: &Fields<'n, 'a>, scenario: &Scenario) -> Option<Mean> {
        let table = fields.table("mean", &format::MEAN)?;
        let fact = self.fact(&table, "fact", scenario);
        table.need("fact", fact.as_ref());
        let between = table.need("between", table.interval("between"));
        table.done();
        Some(Mean { fact: fact?, between: between? })
    }

    /// The scenario and the `do` of a claim or a question.
    pub(super) fn run(&self, fields: &Fields<'n, 'a>, base: &Scenario) -> Run {
        let scenario = self.variant(fields, base);
        let script = self.script(fields, "do", &scenario);
        Run { scenario, script }
    }
}
