//! Traces: which title is asked for next, as shops, crawlers and fashions have it.

use super::zipf::Zipf;

/// Of a round of a crawler's trace so many requests are a reader's, drawn by Zipf.
pub const READ: u64 = 1200;
/// Then so many titles are each asked for once.
pub const CRAWLED: u64 = 300;
/// So many requests a fashion lasts.
pub const FASHION: u64 = 2000;
/// How far the ranks move at every change of fashion, in thousandths of the titles.
const SHIFT: u64 = 309;

/// A trace by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trace {
    /// Titles by Zipf, the same all the time.
    Steady,
    /// [`READ`] of the steady ones, then [`CRAWLED`] that nobody asks for again, and so on.
    Crawler,
    /// Only titles that nobody asks for again.
    Scan,
    /// The first so many titles, one after the other, again and again.
    Loop,
    /// Titles by Zipf; every [`FASHION`] requests others are the bestsellers.
    Fashion,
}

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Title {
    /// One of the titles that are asked for again and again, from 0.
    Known(u64),
    /// One that is asked for only once, by its number.
    Once(u64),
}

impl Trace {
    /// The title at a place of the trace, from 0. `draw` is drawn evenly from 0 to 1; `looped` is the length of the loop.
    pub fn title(self, at: u64, zipf: &Zipf, looped: u64, draw: f64) -> Title {
        let titles = zipf.ranks() as u64;
        match self {
            Trace::Crawler if at % (READ + CRAWLED) >= READ => Title::Once(at),
            Trace::Steady | Trace::Crawler => Title::Known(zipf.rank(draw) as u64),
            Trace::Scan => Title::Once(at),
            Trace::Loop => Title::Known(at % looped.max(1)),
            Trace::Fashion => {
                let moved = at / FASHION * (titles * SHIFT / 1000);
                Title::Known((zipf.rank(draw) as u64 + moved) % titles)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn titles(trace: Trace, count: u64) -> Vec<Title> {
        let zipf = Zipf::new(1.0, 1000);
        let draw = |at: u64| (crate::algo::hash::scatter(at) >> 11) as f64 / (1_u64 << 53) as f64;
        (0..count).map(|at| trace.title(at, &zipf, 120, draw(at))).collect()
    }

    #[test]
    fn a_loop_comes_round_and_a_scan_does_not() {
        let looped = titles(Trace::Loop, 240);
        assert_eq!((looped[0], looped[119], looped[120]), (Title::Known(0), Title::Known(119), Title::Known(0)));
        let scan = titles(Trace::Scan, 1000);
        assert_eq!(scan.iter().collect::<std::collections::BTreeSet<_>>().len(), 1000);
    }

    #[test]
    fn a_fifth_of_a_crawlers_trace_is_asked_once() {
        let once = titles(Trace::Crawler, 15_000).into_iter().filter(|title| matches!(title, Title::Once(_))).count();
        assert_eq!(once, 3000);
    }

    #[test]
    fn a_fashion_passes() {
        let all = titles(Trace::Fashion, 20_000);
        let top = |part: &[Title]| {
            let count = |title: u64| part.iter().filter(|asked| **asked == Title::Known(title)).count();
            (0..1000).max_by_key(|title| count(*title))
        };
        let tops: std::collections::BTreeSet<_> = all.chunks(2000).map(top).collect();
        assert_eq!((tops.len(), top(&all[..2000])), (10, Some(0)));
    }
}
