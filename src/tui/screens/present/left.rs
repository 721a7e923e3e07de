//! Pages as they were left, so that going back one mark from the start of the next finds them so.

use std::collections::BTreeMap;

use super::{Presenting, show};
use crate::present::{Beat, Page, Show};
use crate::tui::app::App;
use crate::tui::screens::lab::Lab;

/// At most so many are kept: each holds its whole run.
const MOST: usize = 8;

/// The pages that were left, by their place.
#[derive(Default)]
pub(super) struct Left(BTreeMap<usize, AsLeft>);

/// A page as it was left.
struct AsLeft {
    beat: Beat,
    tried: Option<usize>,
    one_run: bool,
    lab: Lab,
}

impl Left {
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// The show has other pages: `to` says where each is now. Those of lessons that are others now are not kept.
    pub(super) fn carry(&mut self, new: &Show, to: impl Fn(usize) -> Option<usize>, is_same: impl Fn(&str) -> bool) {
        let stands = |page: &usize| matches!(&new.pages[*page], Page::Step { lesson, .. } if is_same(lesson));
        let left = std::mem::take(&mut self.0).into_iter().filter_map(|(page, left)| Some((to(page).filter(stands)?, left)));
        self.0 = left.collect();
    }
}

/// Keeps the page that is shown as it is; another one takes its place on the screen.
pub(super) fn keep(app: &mut App) {
    let lab = if app.lab().is_some() { app.labs.remove(&app.open) } else { None };
    let (Some(presenting), Some(mut lab)) = (&mut app.present, lab) else { return };
    lab.pace.pause();
    let Presenting { page, beat, tried, one_run, .. } = *presenting;
    let left = &mut presenting.left.0;
    left.insert(page, AsLeft { beat, tried, one_run, lab });
    // The one farthest from here goes.
    let farthest = left.keys().copied().max_by_key(|other| other.abs_diff(page));
    if let Some(farthest) = farthest.filter(|_| left.len() > MOST) {
        left.remove(&farthest);
    }
}

/// Shows a page as it was left; false where it was not, or is not kept any more.
pub(super) fn is_shown_again(app: &mut App, page: usize) -> bool {
    let Some(presenting) = &mut app.present else { return false };
    let Page::Step { lesson, .. } = presenting.show.pages[page].clone() else { return false };
    let Some(AsLeft { beat, tried, one_run, lab }) = presenting.left.0.remove(&page) else { return false };
    show(app, Beat::default());
    app.labs.clear();
    app.labs.insert(lesson.clone(), lab);
    app.open = lesson;
    if let Some(presenting) = &mut app.present {
        presenting.page = page;
    }
    show(app, beat);
    if let Some(presenting) = &mut app.present {
        (presenting.tried, presenting.one_run) = (tried, one_run);
    }
    true
}
