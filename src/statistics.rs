//! What many numbers come to: mean and interval, percentiles, and how they are spread.

use statrs::distribution::{ContinuousCDF as _, StudentsT};

/// The percentiles that a [`Summary`] has, as parts of 1,000.
const PERMILLE: [usize; 4] = [500, 900, 990, 999];

/// What some numbers come to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Summary {
    /// How many there are; at least 1.
    pub count: usize,
    /// Their mean.
    pub mean: f64,
    /// Half the width of the interval around it in which the true mean lies in 95 of 100 cases (Student's t); none of a single number.
    pub margin: Option<f64>,
    /// The standard deviation of a sample; none of a single number.
    pub sd: Option<f64>,
    /// The least.
    pub min: f64,
    /// The median, then the 90th, 99th and 99.9th percentile: the smallest number that this share of all does not exceed.
    pub percentiles: [f64; PERMILLE.len()],
    /// The greatest.
    pub max: f64,
}

impl Summary {
    /// Of these numbers, in any order; `None` of none.
    pub fn of(numbers: &[f64]) -> Option<Summary> {
        let mut sorted = numbers.to_vec();
        sorted.sort_by(f64::total_cmp);
        let (min, max) = (*sorted.first()?, *sorted.last()?);
        let (count, mean) = (sorted.len(), mean(&sorted)?);
        let sd = deviation(&sorted, mean);
        let margin = sd.map(|sd| student(count - 1) * sd / libm::sqrt(count as f64));
        let percentiles = PERMILLE.map(|permille| sorted[(count * permille).div_ceil(1000).max(1) - 1]);
        Some(Summary { count, mean, margin, sd, min, percentiles, max })
    }
}

/// The mean; `None` of no numbers.
pub fn mean(numbers: &[f64]) -> Option<f64> {
    (!numbers.is_empty()).then(|| numbers.iter().sum::<f64>() / numbers.len() as f64)
}

/// The standard deviation of a sample with this mean; `None` of a single number.
pub fn deviation(numbers: &[f64], mean: f64) -> Option<f64> {
    let squares: f64 = numbers.iter().map(|x| (x - mean) * (x - mean)).sum();
    (numbers.len() > 1).then(|| libm::sqrt(squares / (numbers.len() - 1) as f64))
}

/// How many standard errors around a mean 95 of 100 intervals need, with so many degrees of freedom.
fn student(freedom: usize) -> f64 {
    // Its parameters are right whenever there is a degree of freedom.
    StudentsT::new(0.0, 1.0, freedom as f64).map_or(f64::INFINITY, |t| t.inverse_cdf(0.975))
}

/// How numbers are spread over bins of equal width.
#[derive(Clone, Debug, PartialEq)]
pub struct Histogram {
    /// Where the first bin begins.
    pub from: f64,
    /// How wide each is; more than 0.
    pub width: f64,
    /// How many numbers lie in each. The last one includes its upper end.
    pub bins: Vec<usize>,
}

impl Histogram {
    /// Bins over this range, in which nothing lies yet. Whole numbers that are few have a bin each.
    pub fn over((from, to): (f64, f64), whole: bool, most: usize) -> Histogram {
        let (most, span) = (most.max(1), (to - from).max(0.0));
        if whole && span.is_finite() {
            // Each bin holds the same number of whole numbers.
            let width = ((span + 1.0) / most as f64).ceil().max(1.0);
            return Histogram { from: from - 0.5, width, bins: vec![0; ((span + 1.0) / width).ceil() as usize] };
        }
        let width = if span > 0.0 { span / most as f64 } else { 1.0 };
        Histogram { from, width, bins: vec![0; if span > 0.0 { most } else { 1 }] }
    }

    /// Of these numbers, in at most so many bins; `None` of none.
    pub fn of(numbers: &[f64], most: usize) -> Option<Histogram> {
        let mut histogram = Histogram::over(range(numbers)?, are_whole(numbers), most);
        for x in numbers {
            histogram.add(*x);
        }
        Some(histogram)
    }

    /// Counts a number in.
    pub fn add(&mut self, x: f64) {
        let bin = self.bin_of(x);
        if let Some(count) = self.bins.get_mut(bin) {
            *count += 1;
        }
    }

    /// The bin that a number lies in, or the nearest.
    pub fn bin_of(&self, x: f64) -> usize {
        (((x - self.from) / self.width).max(0.0) as usize).min(self.bins.len().saturating_sub(1))
    }

    /// The lower and the upper end of a bin.
    pub fn ends(&self, bin: usize) -> (f64, f64) {
        (self.from + self.width * bin as f64, self.from + self.width * (bin + 1) as f64)
    }
}

/// The least and the greatest; `None` of none.
pub fn range(numbers: &[f64]) -> Option<(f64, f64)> {
    let ends = numbers.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(least, most), x| (least.min(*x), most.max(*x)));
    (!numbers.is_empty()).then_some(ends)
}

/// Whether none has a fraction.
pub fn are_whole(numbers: &[f64]) -> bool {
    numbers.iter().all(|x| x.fract().abs() < f64::EPSILON)
}

/// A number with so many digits that count, and no more than nine behind the point.
pub fn short(x: f64, digits: i32) -> String {
    let before = if x.abs() >= 1e-12 { libm::floor(libm::log10(x.abs())) as i32 } else { 0 };
    let behind = (digits - 1 - before).clamp(0, 9) as usize;
    let text = format!("{x:.behind$}");
    let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    if text == "-0" { "0".to_string() } else { text.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_summary_is_what_the_books_say() {
        // The interval of 10 numbers: t(0.975, 9) = 2.2622.
        let summary = Summary::of(&[2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0, 3.0, 7.0]).unwrap();
        let near = |a: f64, b: f64| assert!((a - b).abs() < 1e-3, "{a}, not {b}");
        near(summary.mean, 5.0);
        near(summary.sd.unwrap(), 2.1082);
        near(summary.margin.unwrap(), 2.2622 * 2.1082 / libm::sqrt(10.0));
        assert_eq!((summary.min, summary.max, summary.percentiles), (2.0, 9.0, [4.0, 7.0, 9.0, 9.0]));
        assert_eq!(Summary::of(&[]), None);
        let alone = Summary::of(&[3.0]).unwrap();
        assert_eq!((alone.sd, alone.margin, alone.percentiles), (None, None, [3.0; 4]));
    }

    #[test]
    fn whole_numbers_lie_in_the_middle_of_their_bins() {
        let histogram = Histogram::of(&[0.0, 0.0, 1.0, 3.0], 20).unwrap();
        assert_eq!((histogram.bins.clone(), histogram.ends(0)), (vec![2, 1, 0, 1], (-0.5, 0.5)));
        assert_eq!(Histogram::of(&[1.0, 100.0], 10).unwrap().bins, [1, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
        assert_eq!(Histogram::of(&[2.5; 4], 10).unwrap().bins, [4]);
    }

    #[test]
    fn numbers_are_written_with_the_digits_that_count() {
        let written: Vec<String> = [0.0, -0.0, 1234.56, 0.012_345, 20.0, 1e9, -2.5].iter().map(|x| short(*x, 4)).collect();
        assert_eq!(written, ["0", "0", "1235", "0.01235", "20", "1000000000", "-2.5"]);
    }

    proptest! {
        #[test]
        fn every_number_is_in_a_bin(numbers in proptest::collection::vec(-1e6..1e6f64, 1..80), most in 1usize..40, whole: bool) {
            let numbers: Vec<f64> = numbers.into_iter().map(|x| if whole { x.round() } else { x }).collect();
            let histogram = Histogram::of(&numbers, most).unwrap();
            prop_assert_eq!(histogram.bins.iter().sum::<usize>(), numbers.len());
            prop_assert!(histogram.bins.len() <= most);
            for x in &numbers {
                let (from, to) = histogram.ends(histogram.bin_of(*x));
                prop_assert!(from - 1e-6 <= *x && *x <= to + 1e-6, "{x} in {from} to {to}");
            }
        }

        #[test]
        fn a_summary_is_between_its_ends(numbers in proptest::collection::vec(-1e6..1e6f64, 2..80)) {
            let summary = Summary::of(&numbers).unwrap();
            prop_assert!(summary.min <= summary.mean + 1e-6 && summary.mean <= summary.max + 1e-6);
            prop_assert!(summary.percentiles.is_sorted() && summary.min <= summary.percentiles[0] && summary.percentiles[3] <= summary.max);
            prop_assert!(summary.sd.is_some_and(|sd| sd >= 0.0) && summary.margin.is_some_and(|margin| margin >= 0.0));
        }
    }
}
