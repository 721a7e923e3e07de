//! Works out what came of the branches that are seen, some at a time, beside the loop.

use std::sync::Arc;
use std::time::Duration;

use super::{History, history, history_mut};
use crate::lesson::tried::{OUTCOMES_MAX, Outcome};
use crate::timeline::{Brake, BranchId};
use crate::tui::app::App;
use crate::tui::screens::first_shown;
use crate::tui::work::{Finish, Outcome as Ended, Work};

/// So many rows are worked out at once.
const SLICE: usize = 4;

/// Some outcomes, each with the branch and the fingerprint of its end.
type News = Vec<(BranchId, u64, Outcome)>;

/// The rows that are to be worked out next, by their places: the selected one, then those that are seen.
fn wanted(app: &App, history: &History) -> Vec<usize> {
    let Some(lab) = app.lab().filter(|_| history.trouble.is_none()) else { return Vec::new() };
    let rows = &history.tried.rows;
    let room = usize::from(app.size.1);
    let first = first_shown(history.cursor, rows.len(), room);
    let seen = first..(first + room).min(rows.len());
    let is_open = |row: &usize| lab.outcomes.get(&rows[*row].last).is_none_or(|(of, _)| *of != rows[*row].end.fingerprint);
    let mut wanted: Vec<usize> = seen.filter(is_open).collect();
    wanted.sort_by_key(|row| row.abs_diff(history.cursor));
    wanted.truncate(SLICE);
    wanted
}

/// Whether something is being worked out, or is to be.
pub fn is_busy(app: &App) -> bool {
    history(app).is_some_and(|history| history.slice.is_some() || !wanted(app, history).is_empty())
}

/// Takes in what was worked out, and begins with the next rows. `true`: something is new.
pub fn go_on(app: &mut App, patience: Duration) -> anyhow::Result<bool> {
    let mut news = false;
    loop {
        if !begin(app)? {
            return Ok(news);
        }
        match history_mut(app).and_then(|history| history.slice.as_mut()).map(|work| work.wait(patience)) {
            Some(Ended::Ended(finish)) => {
                if let Some(history) = history_mut(app) {
                    history.slice = None;
                }
                finish(app);
                news = true;
                if patience < Duration::MAX {
                    return Ok(news);
                }
            }
            Some(Ended::Broken) => anyhow::bail!("something broke off that was being worked on"),
            Some(Ended::Open) | None => return Ok(news),
        }
    }
}

/// Begins with the next rows, where nothing is going on. False: there is nothing to do.
fn begin(app: &mut App) -> anyhow::Result<bool> {
    let now = app.now;
    let Some(history) = history(app) else { return Ok(false) };
    if history.slice.is_some() {
        return Ok(true);
    }
    let wanted = wanted(app, history);
    if wanted.is_empty() {
        return Ok(false);
    }
    let (tried, run, asks) = (Arc::clone(&history.tried), Arc::clone(&history.run), Arc::clone(&history.asks));
    let work = move |brake: &Brake| {
        let mut run = run.fork();
        run.set_brake(brake);
        let rows = wanted.iter().filter_map(|row| tried.rows.get(*row));
        let found: News = rows.map(|row| (row.last, row.end.fingerprint, asks.outcome(&run, row))).collect();
        Box::new(move |app: &mut App| take_in(app, found)) as Finish
    };
    let work = Work::start("what came of it", now, work)?;
    if let Some(history) = history_mut(app) {
        history.slice = Some(work);
    }
    Ok(true)
}

fn take_in(app: &mut App, found: News) {
    let Some(lab) = app.lab_mut() else { return };
    if lab.outcomes.len() + found.len() > OUTCOMES_MAX {
        // They are worked out again when they are seen again.
        lab.outcomes.clear();
    }
    lab.outcomes.extend(found.into_iter().map(|(id, of, outcome)| (id, (of, outcome))));
}
