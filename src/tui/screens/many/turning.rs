//! The point of no return: the run is repeated from each earlier moment with other draws, and the share that still ends so is told.

use super::super::lab::{Lab, Shares};
use super::{News as AnyNews, Slice};
use crate::check::verdict::{Guarantee, Holds};
use crate::cluster::Cluster;
use crate::cluster::condition::Condition;
use crate::cluster::scene::{Series, Unit};
use crate::lesson::ask::Asked;
use crate::lesson::schema::StepKind;
use crate::sim::time::{Span, Time};
use crate::timeline::{Tail, Timeline};
use crate::tui::app::App;

/// From how many moments, evenly over the run, it is repeated at first.
const MOMENTS: u64 = 12;

/// How many more moments are put where the share jumps most.
const CLOSER: usize = 8;

/// Nearer moments than this are not told apart.
const NEAR: Span = Span::ms(2);

/// With how many seeds each.
const SEEDS: u64 = 40;

/// A jump of a share smaller than this is chance.
pub(super) const JUMP: f64 = 0.25;

/// How a run ended.
#[derive(Clone, Debug)]
pub(super) enum Ending {
    /// A guarantee is broken.
    Broken(Guarantee),
    /// The goal of the step was reached.
    Reached(Box<Condition>),
}

/// One moment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Point {
    /// When.
    pub(super) at: Time,
    /// The share of the runs from there on that end so.
    pub(super) share: f64,
}

/// What is known so far.
pub(super) struct Turning {
    /// How the run ended, in every way that can be told.
    endings: Vec<Ending>,
    /// Which of them is looked at.
    chosen: usize,
    /// When the run ended.
    end: Time,
    /// In order of time.
    points: Vec<Point>,
}

/// A further moment.
pub(super) type News = Point;

impl Turning {
    /// Of the run on the stage. Fails where nothing has ended in any way yet.
    pub(super) fn of(lab: &Lab, run: &Timeline, chosen: usize) -> Result<Turning, String> {
        let verdicts = run.cluster().verdicts();
        let broken = verdicts.iter().filter(|verdict| verdict.holds == Holds::No).map(|verdict| Ending::Broken(verdict.guarantee));
        let mut endings: Vec<Ending> = broken.collect();
        if let (StepKind::Try(goal), true) = (&lab.walk.step().kind, lab.walk.goal_holds()) {
            endings.insert(0, Ending::Reached(Box::new(goal.goal.whole.test.clone())));
        }
        if endings.is_empty() {
            return Err("no guarantee is broken here and no goal is reached".into());
        }
        Ok(Turning { endings, chosen, end: run.at(), points: Vec::new() })
    }

    /// Where the share grows most from one moment to the next; `None` where it does not grow by more than chance.
    pub(super) fn jump(&self) -> Option<usize> {
        let growth = |at: usize| self.points[at + 1].share - self.points[at].share;
        let most = (0..self.points.len().saturating_sub(1)).max_by(|a, b| growth(*a).total_cmp(&growth(*b)))?;
        (growth(most) >= JUMP).then_some(most + 1)
    }

    /// The next moment to be looked at: first evenly over the run, then in the middle of the widest jump.
    fn moment(&self) -> Option<Time> {
        let done = self.points.len() as u64;
        if done <= MOMENTS {
            return Some(Time(self.end.0 / MOMENTS * done));
        }
        let jump = self.jump().filter(|_| self.points.len() <= MOMENTS as usize + CLOSER)?;
        let (before, after) = (self.points[jump - 1].at, self.points[jump].at);
        let apart = after.since(before);
        (apart > NEAR).then(|| before + Span(apart.0 / 2))
    }

    pub(super) fn next(&self) -> Option<Slice> {
        let (at, ending) = (self.moment()?, self.endings.get(self.chosen)?.clone());
        Some(Box::new(move |run| {
            let tail = run.tail_from(at)?;
            let ends = (0..SEEDS).map(|seed| ending.comes(&tail, seed)).collect::<Result<Vec<bool>, String>>()?;
            let share = ends.iter().filter(|ended| **ended).count() as f64 / SEEDS as f64;
            Ok(AnyNews::Turning(Point { at, share }))
        }))
    }

    pub(super) fn take(&mut self, point: News) {
        let place = self.points.partition_point(|known| known.at < point.at);
        self.points.insert(place, point);
    }

    pub(super) fn turn(&mut self, by: isize) {
        self.chosen = (self.chosen as isize + by).rem_euclid(self.endings.len().max(1) as isize) as usize;
        self.points.clear();
    }

    pub(super) fn endings(&self) -> usize {
        self.endings.len()
    }

    pub(super) fn points(&self) -> &[Point] {
        &self.points
    }

    /// What the ending is, in a few words.
    pub(super) fn words(&self) -> String {
        match self.endings.get(self.chosen) {
            Some(Ending::Broken(guarantee)) => format!("{} broken", guarantee.words()),
            Some(Ending::Reached(goal)) => format!("`{goal}` reached"),
            None => String::new(),
        }
    }
}

impl Ending {
    /// Whether the rest of the run comes to it with other draws. What is broken stays broken, so that the end tells it; a goal may hold
    /// for a moment only.
    fn comes(&self, tail: &Tail, seed: u64) -> Result<bool, String> {
        match self {
            Ending::Broken(guarantee) => {
                let verdicts = tail.end_with(seed)?.verdicts();
                Ok(verdicts.iter().any(|verdict| verdict.guarantee == *guarantee && verdict.holds == Holds::No))
            }
            Ending::Reached(goal) => {
                let mut asked = Asked::new(goal);
                tail.comes_to(seed, &mut |cluster: &dyn Cluster| asked.holds(cluster))
            }
        }
    }
}

/// Draws the shares over the timeline of the lab, as far as they are known.
pub(super) fn show(app: &mut App) {
    let Some(super::Many { what: super::What::Turning(turning), run, .. }) = super::many_mut(app).map(|many| &*many) else { return };
    let points = turning.points.iter().map(|point| (point.at, point.share)).collect();
    let series = Series { name: "still ends so".into(), unit: Unit::Share, points, limit: None, loud: false };
    let shares = Shares { pokes: run.pokes().len(), series };
    app.lab_mut().into_iter().for_each(|lab| lab.shares = Some(shares.clone()));
}
