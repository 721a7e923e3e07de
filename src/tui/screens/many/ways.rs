//! A way from here to the goal: what can be done, alone and then one thing after another, until something leads there.

use super::super::lab::Lab;
use super::super::lab::course::{self, Course};
use super::{News as AnyNews, Slice};
use crate::lesson::schema::StepKind;
use crate::lesson::survey::{FoundWay, Progress, Search, Sliced};
use crate::timeline::Timeline;
use crate::tui::app::App;

/// What is known so far.
pub(super) struct Ways(Search);

/// What a slice found.
pub(super) type News = Sliced;

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
        Ok(Ways(Search::from(goal, run)))
    }

    pub(super) fn next(&self) -> Option<Slice> {
        let slice = self.0.next()?;
        Some(Box::new(move |run| Ok(AnyNews::Ways(slice.run(run.brake())))))
    }

    pub(super) fn take(&mut self, news: News) {
        self.0.take(news);
    }

    /// How far the search is.
    pub(super) fn progress(&self) -> Progress {
        self.0.progress()
    }

    pub(super) fn found(&self) -> &[FoundWay] {
        self.0.found()
    }

    /// How many pokes the shortest has.
    pub(super) fn shortest(&self) -> Option<usize> {
        self.0.shortest()
    }
}

/// Lets the walk know of the shortest way that was found.
pub(super) fn note(app: &mut App) {
    let Some(super::Many { what: super::What::Ways(ways), .. }) = super::many_mut(app).map(|many| &*many) else { return };
    let Some(pokes) = ways.shortest() else { return };
    app.lab_mut().into_iter().for_each(|lab| lab.walk.note_way(pokes));
}

/// Does what a way says, and plays on.
pub(super) fn play(app: &mut App, way: FoundWay) {
    app.over = None;
    let now = app.now;
    let go = move |course: &mut Course| {
        for (wait, poke) in &way.pokes {
            if wait.0 > 0 {
                course.walk.advance(*wait);
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
