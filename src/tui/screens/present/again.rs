//! Lessons were written while they are presented: the show goes on at the same page and says what stands in them now. What was counted
//! stands as long as the question does.

use std::sync::Arc;

use super::{Presenting, asked, show};
use crate::lesson::Catalogue;
use crate::lesson::walk::Arrived;
use crate::present::show::Plan;
use crate::present::{Asked, Beat, Page, Show};
use crate::tui::app::App;
use crate::tui::screens::Over;

/// What a page is, whatever its place: its lesson and step, nothing for a page with a title; and the how manieth such page it is.
type Key = (Option<(String, String)>, usize);

/// What each page is.
fn keys(show: &Show) -> Vec<Key> {
    let mut keys: Vec<Key> = Vec::new();
    for page in &show.pages {
        let what = match page {
            Page::Title { .. } => None,
            Page::Step { lesson, id, .. } => Some((lesson.clone(), id.clone())),
        };
        let before = keys.iter().filter(|(other, _)| *other == what).count();
        keys.push((what, before));
    }
    keys
}

/// There are other lessons than those that `old` knows: shows the same pages of them. Where they cannot be read, what is wrong is told and
/// the show goes on as it was.
pub(in crate::tui) fn read(app: &mut App, old: &Catalogue) {
    let Some(presenting) = &mut app.present else { return };
    let new = match Plan::open(presenting.show.origin.clone(), &app.catalogue) {
        Ok(plan) => plan.show(),
        Err(why) => {
            app.over = Some(Over::Mistakes(format!("{why:#}").lines().map(str::to_string).collect(), 0));
            return;
        }
    };
    let (before, after) = (keys(&presenting.show), keys(&new));
    let to = |page: usize| after.iter().position(|key| Some(key) == before.get(page));
    presenting.votes = std::mem::take(&mut presenting.votes).into_iter().filter_map(|(page, vote)| Some((to(page)?, vote))).collect();
    presenting.decided = presenting.decided.iter().filter_map(|page| to(*page)).collect();
    presenting.left.carry(&new, to, |lesson| old.is_same(lesson, &app.catalogue));
    presenting.fresh.take_if(|(lesson, _)| !old.is_same(lesson, &app.catalogue));
    presenting.page = to(presenting.page).unwrap_or(presenting.page).min(new.pages.len() - 1);
    presenting.show = Arc::new(new);
    presenting.readings += 1;
    app.mended();
}

/// What the class is asked at the step on the wall.
pub(in crate::tui) fn question(app: &App) -> Option<Asked> {
    app.present.as_ref().and_then(|_| asked(app))
}

/// The step on the wall is that of the lesson as it is now. `before`: what the class was asked there.
pub(in crate::tui) fn carried(app: &mut App, arrived: Arrived, before: Option<&Asked>) {
    let Some((lesson, at)) = app.lab().map(|lab| (lab.walk.lesson().id.clone(), lab.walk.index())) else { return };
    let now = question(app);
    let Some(presenting) = &mut app.present else { return };
    if let Some(page) = presenting.page_of(&lesson, at) {
        presenting.page = page;
    }
    let other = now.as_ref() != before;
    if other && presenting.votes.remove(&presenting.page).is_some() {
        presenting.poll.iter_mut().for_each(|poll| poll.forget());
    }
    if other || arrived != Arrived::SameMoment {
        show(app, Beat::default());
        if let Some(presenting) = &mut app.present {
            (presenting.tried, presenting.one_run) = (None, false);
        }
    }
}

impl Presenting {
    /// The page of a step, the nearest to the one that is shown.
    fn page_of(&self, lesson: &str, at: usize) -> Option<usize> {
        let is_it = |page: &Page| matches!(page, Page::Step { lesson: of, step, .. } if of == lesson && *step == at);
        let pages = (0..self.show.pages.len()).filter(|page| is_it(&self.show.pages[*page]));
        pages.min_by_key(|page| page.abs_diff(self.page))
    }
}
