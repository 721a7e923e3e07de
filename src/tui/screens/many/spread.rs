//! How every number of this moment is spread over other seeds.

use super::super::lab::Lab;
use super::super::lab::course::{self, Course};
use super::{News as AnyNews, Slice};
use crate::cluster::Cluster;
use crate::cluster::facts::{FactDoc, FactKind, Facts};
use crate::cluster::registry;
use crate::lesson::tried;
use crate::statistics::{Histogram, Summary, are_whole, range};
use crate::timeline::Timeline;
use crate::tui::app::App;

/// How many other seeds there are.
const SEEDS: u64 = 1000;

/// How many are run in one slice.
const SLICE: u64 = 10;

/// The most rows.
const BINS: usize = 12;

/// The numbers of many seeds.
pub(super) struct Spread {
    /// What can be looked at: what the step asks about first.
    measures: Vec<&'static FactDoc>,
    /// Which of them is.
    chosen: usize,
    /// The numbers of this run.
    own: Vec<Option<f64>>,
    /// The seed of this run; the others count up from it.
    seed: u64,
    /// Of each other seed so far, in order, the number of each measure.
    others: Vec<Vec<Option<f64>>>,
}

/// The numbers of further seeds.
pub(super) type News = Vec<Vec<Option<f64>>>;

impl Spread {
    /// Of the moment on the stage. Fails where the model has no numbers.
    pub(super) fn of(lab: &Lab, run: &Timeline) -> Result<Spread, String> {
        let model = registry::model(&run.scenario().model).ok_or("this cluster tells no numbers")?;
        let is_number = |doc: &&FactDoc| matches!(doc.kind, FactKind::Int | FactKind::Float);
        let mut measures: Vec<&'static FactDoc> = model.facts.iter().filter(is_number).collect();
        let asked = asked_about(lab, model.series);
        measures.sort_by_key(|doc| asked.iter().position(|name| name == doc.name).unwrap_or(asked.len()));
        let own = numbers(&measures, run.cluster());
        Ok(Spread { measures, chosen: 0, own, seed: run.scenario().seed, others: Vec::new() })
    }

    pub(super) fn next(&self) -> Option<Slice> {
        let done = self.others.len() as u64;
        let seeds = done..(done + SLICE).min(SEEDS);
        if seeds.is_empty() {
            return None;
        }
        let (measures, first) = (self.measures.clone(), self.seed);
        Some(Box::new(move |run| {
            let one = |by: u64| run.with_seed(first.wrapping_add(by + 1)).map(|other| numbers(&measures, other.cluster()));
            seeds.map(one).collect::<Result<News, String>>().map(AnyNews::Spread)
        }))
    }

    pub(super) fn take(&mut self, news: News) {
        self.others.extend(news);
    }

    pub(super) fn turn(&mut self, by: isize) {
        self.chosen = (self.chosen as isize + by).rem_euclid(self.measures.len().max(1) as isize) as usize;
    }

    pub(super) fn measures(&self) -> usize {
        self.measures.len()
    }

    /// What is looked at.
    pub(super) fn measure(&self) -> Option<&'static FactDoc> {
        self.measures.get(self.chosen).copied()
    }

    /// How many seeds were run, and how many will be.
    pub(super) fn progress(&self) -> (usize, usize) {
        (self.others.len(), SEEDS as usize)
    }

    /// The number of this run.
    pub(super) fn own(&self) -> Option<f64> {
        self.own.get(self.chosen).copied().flatten()
    }

    /// The number of each other seed that has one.
    fn numbers(&self) -> impl Iterator<Item = (u64, f64)> {
        let numbers = self.others.iter().map(|all| all.get(self.chosen).copied().flatten());
        (1..).zip(numbers).filter_map(|(by, number)| Some((self.seed.wrapping_add(by), number?)))
    }

    /// How many of the other seeds so far have the number.
    pub(super) fn with(&self) -> usize {
        self.numbers().count()
    }

    /// What they come to.
    pub(super) fn summary(&self) -> Option<Summary> {
        Summary::of(&self.numbers().map(|(_, x)| x).collect::<Vec<_>>())
    }

    /// How they are spread, this run's own number included in the scale but not in the count.
    pub(super) fn histogram(&self) -> Option<Histogram> {
        let others: Vec<f64> = self.numbers().map(|(_, x)| x).collect();
        let all: Vec<f64> = others.iter().copied().chain(self.own()).collect();
        let mut histogram = Histogram::over(range(&all)?, are_whole(&all), BINS);
        for x in others {
            histogram.add(x);
        }
        Some(histogram)
    }

    pub(super) fn bins(&self) -> usize {
        self.histogram().map_or(0, |histogram| histogram.bins.len())
    }

    /// The first seed behind a bar.
    pub(super) fn seed_behind(&self, bin: usize) -> Option<u64> {
        let histogram = self.histogram()?;
        self.numbers().find(|(_, x)| histogram.bin_of(*x) == bin).map(|(seed, _)| seed)
    }
}

/// The names of the facts that a step asks about, those that it names first before those that are worth a chart.
fn asked_about(lab: &Lab, series: &[&str]) -> Vec<String> {
    let mut names = tried::asked_about(lab.walk.step());
    names.extend(series.iter().map(|name| (*name).to_string()));
    names
}

fn numbers(measures: &[&'static FactDoc], cluster: &dyn Cluster) -> Vec<Option<f64>> {
    let mut facts = Facts::default();
    cluster.facts(&mut facts);
    measures.iter().map(|doc| facts.get(doc.name).and_then(|value| value.number(None)).filter(|x| x.is_finite())).collect()
}

/// Puts the run of another seed on the stage, at the same moment. The learner's own is kept.
pub(super) fn put_on_stage(app: &mut App, seed: u64) {
    app.over = None;
    let go = move |course: &mut Course| {
        let own = course.walk.clone();
        let other = course.walk.timeline().with_seed(seed)?;
        course.walk.put(other);
        course.forget();
        Ok(own)
    };
    course::work(app, "putting that run on the stage", go, move |app, done: Result<_, String>| match done {
        Ok(own) => {
            if let Some(lab) = app.lab_mut() {
                lab.own.get_or_insert(own);
            }
            app.say(format!("this is the run with seed {seed}; D, then o: back to yours"));
        }
        Err(why) => app.refuse(why),
    });
}

#[cfg(test)]
mod tests {
    use super::Spread;
    use crate::cluster::registry;
    use crate::tui::theme::Theme;

    #[test]
    fn runs_without_the_number_are_told_and_the_bars_come_to_the_others() {
        let model = registry::model("replicated").expect("it is registered");
        let measures: Vec<_> = model.facts.iter().filter(|doc| doc.name == "lag_ms_max").collect();
        let others = (0..1000_u32).map(|i| vec![(i % 5 < 3).then(|| f64::from(i))]).collect();
        let mut spread = Spread { measures, chosen: 0, own: vec![None], seed: 1, others };
        let said = |spread: &Spread| {
            let page = super::super::draw::of_spread(&Theme::default(), spread);
            page.above.iter().flatten().map(|piece| piece.text.clone() + " ").collect::<String>()
        };
        assert!(said(&spread).contains("600 have this number, 400 have none"), "{}", said(&spread));
        assert_eq!(spread.histogram().map(|histogram| histogram.bins.iter().sum()), Some(600));
        spread.others.retain(|all| all[0].is_some());
        assert!(!said(&spread).contains("have none"), "{}", said(&spread));
    }
}
