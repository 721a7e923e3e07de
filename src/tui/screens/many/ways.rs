//! A way from here to the goal: every poke that can be done, alone and then with each other, until one leads there.

use std::sync::Arc;

use super::super::lab::Lab;
use super::super::lab::course::{self, Course};
use super::{News as AnyNews, Slice};
use crate::lesson::schema::StepKind;
use crate::lesson::survey::{FoundWay, Search};
use crate::timeline::Timeline;
use crate::tui::app::App;

/// What is known so far.
pub(super) struct Ways {
    search: Arc<Search>,
    /// How many slices were done: first every poke alone, then each as the first of two.
    done: usize,
    /// The shortest first.
    found: Vec<FoundWay>,
}

/// What a slice found.
pub(super) type News = Vec<FoundWay>;

impl Ways {
    /// From the moment on the stage. Fails where there is no goal, or it holds already.
    pub(super) fn of(lab: &Lab, run: &Timeline) -> Result<Ways, String> {
        let StepKind::Try(goal) = &lab.walk.step().kind else { return Err("there is no goal at this step to find a way to".into()) };
        if lab.walk.goal_holds() {
            return Err("the goal holds here".into());
        }
        if lab.walk.is_out_of_reach() {
            return Err("from here the goal can be reached no more; u takes a poke back".into());
        }
        Ok(Ways { search: Arc::new(Search::from(goal, run)), done: 0, found: Vec::new() })
    }

    pub(super) fn next(&self) -> Option<Slice> {
        let (at, (singles, all)) = (self.done, self.progress_ends());
        // What two pokes do is of no interest where one does it.
        if at >= all || (at >= singles && !self.found.is_empty()) {
            return None;
        }
        let search = Arc::clone(&self.search);
        Some(Box::new(move |run| Ok(AnyNews::Ways(search.slice(run, at % singles.max(1), at >= singles)))))
    }

    fn progress_ends(&self) -> (usize, usize) {
        let singles = self.search.beginnings();
        (singles, 2 * singles)
    }

    pub(super) fn take(&mut self, news: News) {
        self.done += 1;
        self.found.extend(news);
    }

    /// How many beginnings were tried, of how many, and whether two pokes are tried.
    pub(super) fn progress(&self) -> (usize, usize, bool) {
        let (singles, _) = self.progress_ends();
        if self.done > singles { (self.done - singles, singles, true) } else { (self.done, singles, false) }
    }

    pub(super) fn found(&self) -> &[FoundWay] {
        &self.found
    }

    /// How many pokes the shortest has.
    pub(super) fn shortest(&self) -> Option<usize> {
        self.found.iter().map(|way| way.pokes.len()).min()
    }
}

/// Does what a way says, and plays on.
pub(super) fn play(app: &mut App, way: FoundWay) {
    app.over = None;
    let now = app.now;
    let go = move |course: &mut Course| {
        for (index, poke) in way.pokes.iter().enumerate() {
            if index > 0 {
                course.walk.advance(way.gap);
            }
            course.walk.poke(poke).map_err(|why| why.0)?;
        }
        Ok::<(), String>(())
    };
    course::work(app, "doing it", go, move |app, done| match done {
        Ok(()) => app.lab_mut().into_iter().for_each(|lab| lab.pace.play(now)),
        Err(why) => app.refuse(why),
    });
}
