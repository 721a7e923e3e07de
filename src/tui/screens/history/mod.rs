//! Everything that was tried at a step, as a tree with what came of it: any point of any branch can be gone back to, named, put beside another
//! or removed. What came of a branch is worked out beside the loop, for the rows that are seen.

mod draw;
mod fill;
mod keys;

use std::collections::BTreeMap;
use std::sync::Arc;

use tui_input::Input as Line;

use super::Over;
use crate::cluster::Refused;
use crate::lesson::tried::{Asks, Outcome, Row, Tried};
use crate::timeline::{BranchId, Timeline};
use crate::tui::actions::Place;
use crate::tui::app::App;
use crate::tui::keys::Key;
use crate::tui::work::Work;

pub use draw::draw;
pub use fill::{go_on, is_busy};
pub use keys::{
    beside, bring_back, can_bring_back, can_compare, can_name, can_remove, down, first, last, later, mark, name, name_here, named, on_row,
    page_down, page_up, remove, sooner, take, unnamed, up,
};

/// What came of the branches of a lab, by their last pokes, each with the fingerprint of the end that it is of.
pub type Known = BTreeMap<BranchId, (u64, Outcome)>;

/// What was tried, as it was when this was opened or last changed.
pub struct History {
    tried: Arc<Tried>,
    /// A run with all branches, to look at their ends.
    run: Arc<Timeline>,
    asks: Arc<Asks>,
    /// The selected row.
    cursor: usize,
    /// The selected point of that row.
    point: usize,
    /// The branches that were marked to be put side by side, at most two.
    marked: Vec<BranchId>,
    /// The name that is being typed.
    naming: Option<Line>,
    /// The rows that are being worked out.
    slice: Option<Work>,
    /// Why it went no further.
    trouble: Option<String>,
}

impl std::fmt::Debug for History {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "History, row {} of {}", self.cursor, self.tried.rows.len())
    }
}

impl History {
    /// Of the lab on the screen; the row on which one is, is selected.
    fn of(app: &App) -> Result<History, Refused> {
        let lab = app.lab().ok_or_else(|| Refused("open a lesson first".to_string()))?;
        let tried = Arc::new(lab.walk.tried()?);
        let (run, asks) = (Arc::new(lab.run().fork()), Arc::new(lab.walk.asks()));
        let cursor = tried.here;
        let mut history = History { tried, run, asks, cursor, point: 0, marked: Vec::new(), naming: None, slice: None, trouble: None };
        history.go_to_the_end();
        Ok(history)
    }

    fn row(&self) -> Option<&Row> {
        self.tried.rows.get(self.cursor)
    }

    /// The last point of the selected row, which shows what came of it.
    fn go_to_the_end(&mut self) {
        self.point = self.row().map_or(0, |row| row.points().len().saturating_sub(1));
    }

    fn move_to(&mut self, row: usize) {
        self.cursor = row.min(self.tried.rows.len().saturating_sub(1));
        self.go_to_the_end();
    }

    /// The places whose keys apply.
    pub(super) fn context(&self) -> &'static [Place] {
        if self.naming.is_some() { &[Place::Naming, Place::Always] } else { &[Place::History, Place::Always] }
    }

    /// The line in which a name is typed.
    pub(super) fn line_mut(&mut self) -> Option<&mut Line> {
        self.naming.as_mut()
    }

    /// The selected point, as a line to copy: what was done there.
    pub(in crate::tui) fn told(&self) -> Option<String> {
        let row = self.row()?;
        match row.points().get(self.point)?.what {
            crate::lesson::tried::What::Poke(_, poke) => Some(poke.poke.to_string()),
            _ => row.pokes.last().map(|(_, poke)| poke.poke.to_string()),
        }
    }
}

/// Whether there is a tree to be seen.
pub fn can_open(app: &App) -> Result<(), String> {
    match app.lab() {
        Some(lab) => lab.walk.keeps_tree().map_err(|why| why.0),
        None => Err("open a lesson first".into()),
    }
}

/// Opens it, with the present branch selected.
pub fn open(app: &mut App, _key: Key) {
    if let Some(lab) = app.lab_mut() {
        lab.pace.pause();
    }
    match History::of(app) {
        Ok(history) => app.over = Some(Over::History(Box::new(history))),
        Err(why) => app.refuse(why.0),
    }
}

/// The tree has changed: reads it again, with the row of this branch selected where it is there.
fn read_again(app: &mut App, select: Option<BranchId>) {
    let Ok(mut new) = History::of(app) else { return };
    let Some(old) = history_mut(app) else { return };
    let marked = old.marked.iter().copied().filter(|id| new.tried.find(id.0).is_some()).collect();
    let there = select.and_then(|id| new.tried.find(id.0)).map(|(row, _)| row);
    new.move_to(there.unwrap_or(old.cursor));
    *old = History { marked, ..new };
}

fn history_mut(app: &mut App) -> Option<&mut History> {
    if let Some(Over::History(history)) = &mut app.over { Some(history) } else { None }
}

fn history(app: &App) -> Option<&History> {
    if let Some(Over::History(history)) = &app.over { Some(history) } else { None }
}
