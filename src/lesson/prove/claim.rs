//! Claims: what the answer says holds in every seed, in a share of them, or in the mean.

use crate::lesson::perform::FirstTimes;
use crate::lesson::schema::{Claim, Interval};
use crate::lesson::source::{Bytes, Mistake};
use crate::lesson::tabulate;

use super::{Proof, explain};

/// What a claim's run with one seed has shown.
struct Shown {
    /// The value of the fact whose mean is claimed.
    value: Option<f64>,
    /// Why it fails, and where that condition stands.
    fails: Option<(Bytes, String)>,
}

impl Proof<'_> {
    /// Runs a claim with each of its seeds. Every seed that fails is counted, the first is shown.
    pub(super) fn claim(&mut self, claim: &Claim) {
        let (mut failed, mut values) = (Vec::new(), Vec::new());
        for offset in 0..claim.seeds {
            let shown = self.shown(claim, offset);
            let Some(shown) = self.noted(shown) else { return };
            values.extend(shown.value);
            failed.extend(shown.fails.map(|(at, why)| (claim.run.scenario.seed.wrapping_add(offset), at, why)));
        }
        match &claim.share {
            Some(share) => self.share(claim, share, failed.len()),
            None => {
                if let Some((seed, at, why)) = failed.first() {
                    let message = format!("`{}` fails with seed {seed} ({} of {} seeds): {why}", claim.says, failed.len(), claim.seeds);
                    self.mistake(at, message);
                }
            }
        }
        self.mean(claim, &values);
    }

    fn share(&mut self, claim: &Claim, share: &Interval, failed: usize) {
        let held = claim.seeds as usize - failed;
        if !share.holds(held as f64 / claim.seeds as f64) {
            let message = format!("`{}`: it holds in {held} of {} seeds, which is not {share}", claim.says, claim.seeds);
            self.mistake(&share.at, message);
        }
    }

    fn mean(&mut self, claim: &Claim, values: &[f64]) {
        let Some(mean) = &claim.mean else { return };
        if values.is_empty() {
            return self.mistake(&mean.fact.at, format!("no run gives a number for `{}`", mean.fact));
        }
        let found = values.iter().sum::<f64>() / values.len() as f64;
        if !mean.between.holds(found) {
            let message = format!(
                "`{}`: the mean of `{}` over {} runs is {found:.3}, which is not {}",
                claim.says,
                mean.fact,
                values.len(),
                mean.between
            );
            self.mistake(&mean.between.at, message);
        }
    }

    /// Runs a claim with one seed.
    fn shown(&self, claim: &Claim, offset: u64) -> Result<Shown, Mistake> {
        let mut never = FirstTimes::of(&claim.never);
        let timeline = tabulate::run(self.lesson, &claim.run, offset, &self.brake, &mut never)?;
        let value = claim.mean.as_ref().and_then(|mean| mean.fact.value(timeline.cluster()));
        if let (Some(condition), Some(Some(first))) = (&claim.never, never.first.first()) {
            let fails = Some((condition.at.clone(), format!("`{}` came true at {}", condition.text, first.at)));
            return Ok(Shown { value, fails });
        }
        let Some(holds) = &claim.holds else { return Ok(Shown { value, fails: None }) };
        let held = holds.test.holds_in(timeline.cluster()).map_err(|message| Mistake::new(&holds.at, message, ""))?;
        let why = || (holds.at.clone(), format!("`{}` does not hold: {}", holds.text, explain(holds, timeline.cluster())));
        Ok(Shown { value, fails: (!held).then(why) })
    }
}
