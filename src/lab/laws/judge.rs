//! From numbers to a verdict.

use super::law::{Expect, Goal, Statistic, Tolerance};
use crate::statistics::{deviation, mean};

/// How many standard errors the quick form allows beside the tolerance: its trials are few.
pub(super) const QUICK_SIGMAS: f64 = 4.5;

/// What was measured, and whether it is as expected.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Judged {
    /// What was measured; `None` where there was nothing to measure.
    pub(super) measured: Option<f64>,
    /// Its standard error, where it is known.
    pub(super) error: Option<f64>,
    /// From how many numbers.
    pub(super) of: usize,
    /// Whether it is within the tolerance.
    pub(super) pass: bool,
}

/// A measurement, and how far it reaches up and down with so many standard errors.
struct Estimate {
    value: f64,
    low: f64,
    high: f64,
    error: Option<f64>,
}

/// Judges the numbers of several runs. In the quick form [`QUICK_SIGMAS`] are allowed beside the tolerance.
pub(super) fn judge(expect: &Expect, runs: &[&[f64]], quick: bool) -> Judged {
    let sigmas = expect.tolerance.sigmas.max(if quick { QUICK_SIGMAS } else { 0.0 });
    let of = runs.iter().map(|run| run.len()).sum();
    let Some(estimate) = estimate(expect, runs, sigmas) else { return Judged { measured: None, error: None, of, pass: false } };
    let pass = within(expect.goal, expect.tolerance, &estimate);
    Judged { measured: Some(estimate.value), error: estimate.error, of, pass }
}

fn within(goal: Goal, tolerance: Tolerance, estimate: &Estimate) -> bool {
    let expected = goal.number();
    let room = tolerance.absolute + tolerance.relative * expected.abs();
    let (not_above, not_below) = (estimate.low <= expected + room, estimate.high >= expected - room);
    match goal {
        Goal::Near(_) => not_above && not_below,
        Goal::AtLeast(_) => not_below,
        Goal::AtMost(_) => not_above,
    }
}

fn estimate(expect: &Expect, runs: &[&[f64]], sigmas: f64) -> Option<Estimate> {
    let numbers: Vec<f64> = runs.concat();
    if numbers.is_empty() {
        return None;
    }
    let around = |value: f64, error: Option<f64>| {
        let reach = sigmas * error.unwrap_or(0.0);
        Estimate { value, low: value - reach, high: value + reach, error }
    };
    Some(match expect.statistic {
        Statistic::Mean => around(mean(&numbers)?, error_of_mean(runs, &numbers, expect.goal.number())),
        Statistic::Upto(x) => {
            let share = numbers.iter().filter(|number| **number <= x).count() as f64 / numbers.len() as f64;
            around(share, Some(error_of_share(expect.goal.number(), numbers.len())))
        }
        Statistic::Sd => {
            let sd = deviation(&numbers, mean(&numbers)?)?;
            around(sd, Some(sd / libm::sqrt(2.0 * (numbers.len() - 1) as f64)))
        }
        Statistic::Min => around(numbers.iter().copied().reduce(f64::min)?, None),
        Statistic::Max => around(numbers.iter().copied().reduce(f64::max)?, None),
        Statistic::Percentile(share) => {
            let together = together(runs, &numbers);
            percentile(numbers, share, (sigmas, together))
        }
    })
}

/// The standard error of a mean: of what is 0 or 1, as the law has it.
fn error_of_mean(runs: &[&[f64]], numbers: &[f64], expected: f64) -> Option<f64> {
    if numbers.iter().all(|x| *x == 0.0 || (*x - 1.0).abs() < f64::EPSILON) && (0.0..=1.0).contains(&expected) {
        return Some(error_of_share(expected, numbers.len()));
    }
    Some(naive_error(numbers)? * together(runs, numbers))
}

/// What it would be if all numbers were independent.
fn naive_error(numbers: &[f64]) -> Option<f64> {
    Some(deviation(numbers, mean(numbers)?)? / libm::sqrt(numbers.len() as f64))
}

/// From so many runs on their means say how much the numbers of one run hang together. Of fewer runs the means of their parts do.
const RUNS_LEAST: usize = 4;

/// So many parts each.
const PARTS: usize = 10;

/// How many times as great the standard error is because the numbers of a run hang together, such as the waits of a queue: the spread of the means of
/// the runs beside what it would be if they did not (the root of the design effect; Kish 1965). At least 1.
fn together(runs: &[&[f64]], numbers: &[f64]) -> f64 {
    if runs.iter().all(|run| run.len() <= 1) {
        return 1.0;
    }
    let part = |run: &[f64]| if runs.len() < RUNS_LEAST { run.len().div_ceil(PARTS) } else { run.len() };
    let means: Vec<f64> = runs.iter().flat_map(|run| run.chunks(part(run).max(1))).filter_map(mean).collect();
    match (naive_error(&means), naive_error(numbers)) {
        (Some(of_means), Some(naive)) if naive > 0.0 => (of_means / naive).max(1.0),
        _ => 1.0,
    }
}

/// The standard error of a share that the law says is this.
fn error_of_share(share: f64, of: usize) -> f64 {
    libm::sqrt((share * (1.0 - share)).max(0.0) / of as f64)
}

/// By nearest rank; it reaches as far as the ranks that are so many standard errors away.
fn percentile(mut numbers: Vec<f64>, share: f64, (sigmas, together): (f64, f64)) -> Estimate {
    let of = numbers.len() as f64;
    numbers.sort_by(f64::total_cmp);
    let at = |share: f64| {
        let rank = libm::ceil(share.clamp(0.0, 1.0) * of - 1e-9).max(1.0) as usize;
        numbers[rank.min(numbers.len()) - 1]
    };
    let step = libm::sqrt(share * (1.0 - share) / of) * together;
    let error = (at(share + step) - at(share - step)) / 2.0;
    Estimate { value: at(share), low: at(share - sigmas * step), high: at(share + sigmas * step), error: Some(error) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::condition::Quantity;
    use crate::lab::laws::law::Number;

    fn expect(statistic: Statistic, goal: Goal, tolerance: Tolerance) -> Expect {
        let number = Number::Round { quantity: Quantity::of_given("1", &[]).unwrap(), growth: false };
        Expect { what: String::new(), number, statistic, goal, tolerance, published: None }
    }

    const TIGHT: Tolerance = Tolerance { absolute: 0.0, relative: 0.01, sigmas: 0.0 };

    #[test]
    fn a_percentile_is_that_of_the_sorted_numbers() {
        let numbers: Vec<f64> = (1..=1000).rev().map(f64::from).collect();
        let p999 = judge(&expect(Statistic::Percentile(0.999), Goal::Near(999.0), TIGHT), &[&numbers], false);
        assert_eq!((p999.measured, p999.pass, p999.of), (Some(999.0), true, 1000));
        let p50 = expect(Statistic::Percentile(0.5), Goal::Near(520.0), TIGHT);
        assert!(!judge(&p50, &[&numbers], false).pass);
        assert!(judge(&p50, &[&numbers], true).pass, "four sigma of a thousand are sixty ranks");
    }

    #[test]
    fn shares_have_the_error_that_the_law_gives_them() {
        let coin: Vec<f64> = (0..100).map(|n| f64::from(u8::from(n % 2 == 0))).collect();
        let three = Tolerance { sigmas: 3.0, ..Tolerance::default() };
        for (expected, pass) in [(0.5, true), (0.64, true), (0.66, false), (1.0, false), (0.0, false)] {
            assert_eq!(judge(&expect(Statistic::Mean, Goal::Near(expected), three), &[&coin], false).pass, pass, "{expected}");
        }
        let upto = judge(&expect(Statistic::Upto(0.5), Goal::Near(0.5), TIGHT), &[&coin], false);
        assert_eq!((upto.measured, upto.pass), (Some(0.5), true));
    }

    #[test]
    fn the_numbers_of_a_run_hang_together() {
        let runs: Vec<Vec<f64>> = (0..20).map(|run| vec![f64::from(run % 4); 100]).collect();
        let runs: Vec<&[f64]> = runs.iter().map(Vec::as_slice).collect();
        let error = judge(&expect(Statistic::Mean, Goal::Near(1.5), TIGHT), &runs, false).error.unwrap();
        assert!((error - 1.147 / libm::sqrt(20.0)).abs() < 0.01, "{error}");
    }

    #[test]
    fn bounds_bound_one_side_and_nothing_passes_nothing() {
        let numbers = [1.0, 2.0, 9.0];
        assert!(judge(&expect(Statistic::Max, Goal::AtLeast(8.0), TIGHT), &[&numbers], false).pass);
        assert!(judge(&expect(Statistic::Max, Goal::AtMost(9.0), TIGHT), &[&numbers], false).pass);
        assert!(!judge(&expect(Statistic::Min, Goal::AtLeast(2.0), TIGHT), &[&numbers], false).pass);
        assert!(!judge(&expect(Statistic::Mean, Goal::Near(0.0), TIGHT), &[], true).pass);
    }
}
