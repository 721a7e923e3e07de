//! One run, and all the others: how a number is spread over other seeds, from which moment on a run had to end as it did, and which pokes lead to
//! the goal from here. Each fills while it is looked at, slice by slice beside the loop.

mod draw;
mod rows;
mod spread;
mod turning;
mod ways;

use std::sync::Arc;

use super::Over;
use crate::timeline::{Brake, Timeline};
use crate::tui::app::App;
use crate::tui::keys::Key;
use crate::tui::work::{Finish, Outcome, Work};

pub use draw::draw;
pub use rows::{back, can_return, can_turn, down, enter, next, on_row, previous, up};
use spread::Spread;
use turning::Turning;
use ways::Ways;

/// What is looked at beside one run.
pub struct Many {
    /// The run as it was when this was opened, up to the moment on the clock.
    run: Arc<Timeline>,
    what: What,
    /// The selected row.
    cursor: usize,
    /// The slice that is being worked on.
    slice: Option<Work>,
    /// Why it went no further.
    trouble: Option<String>,
}

/// The three questions.
enum What {
    Spread(Spread),
    Turning(Turning),
    Ways(Box<Ways>),
}

/// What a slice brings.
enum News {
    Spread(spread::News),
    Turning(turning::News),
    Ways(ways::News),
}

/// A slice: work that can be done elsewhere.
type Slice = Box<dyn FnOnce(&Timeline) -> Result<News, String> + Send>;

impl std::fmt::Debug for Many {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Many, row {}", self.cursor)
    }
}

impl Many {
    fn of(run: &Timeline, what: What) -> Many {
        Many { run: Arc::new(run.fork()), what, cursor: 0, slice: None, trouble: None }
    }

    /// The next slice; `None`: all is done.
    fn next(&self) -> Option<Slice> {
        match &self.what {
            _ if self.trouble.is_some() => None,
            What::Spread(spread) => spread.next(),
            What::Turning(turning) => turning.next(),
            What::Ways(ways) => ways.next(),
        }
    }

    fn take(&mut self, news: Result<News, String>) {
        match (news, &mut self.what) {
            (Ok(News::Spread(news)), What::Spread(spread)) => spread.take(news),
            (Ok(News::Turning(news)), What::Turning(turning)) => turning.take(news),
            (Ok(News::Ways(news)), What::Ways(ways)) => ways.take(news),
            (Err(why), _) => self.trouble = Some(why),
            (Ok(_), _) => {}
        }
    }

    /// The selected row, as a line to copy.
    pub fn told(&self) -> Option<String> {
        draw::told(self)
    }

    fn rows(&self) -> usize {
        match &self.what {
            What::Spread(spread) => spread.bins(),
            What::Turning(turning) => turning.points().len(),
            What::Ways(ways) => ways.found().len(),
        }
    }
}

/// The lab on the screen has one run, that may be looked at.
fn one_run(app: &App) -> Result<&Timeline, String> {
    let lab = app.lab().ok_or("open a lesson first")?;
    lab.may_move()?;
    if lab.walk.stage().is_two() { Err("two designs are on the stage: this is about one run".into()) } else { Ok(lab.run()) }
}

/// Whether there is a run to look beside.
pub fn can_look(app: &App) -> Result<(), String> {
    one_run(app).map(|_| ())
}

/// Opens how the numbers of this moment are spread over other seeds.
pub fn spread(app: &mut App, _key: Key) {
    open(app, |lab, run| Spread::of(lab, run).map(What::Spread));
}

/// Opens from which moment on the run had to end as it did.
pub fn turning(app: &mut App, _key: Key) {
    open(app, |lab, run| Turning::of(lab, run, 0).map(What::Turning));
}

/// Opens the search for a way from here to the goal.
pub fn ways(app: &mut App, _key: Key) {
    open(app, |lab, run| Ways::of(lab, run).map(|ways| What::Ways(Box::new(ways))));
}

fn open(app: &mut App, what: impl FnOnce(&super::lab::Lab, &Timeline) -> Result<What, String>) {
    let opened = one_run(app).map(Timeline::fork).and_then(|run| {
        let lab = app.lab().ok_or("open a lesson first")?;
        Ok((what(lab, &run)?, run))
    });
    if let Some(lab) = app.lab_mut() {
        lab.pace.pause();
    }
    match opened {
        Ok((what, run)) => app.over = Some(Over::Many(Box::new(Many::of(&run, what)))),
        Err(why) => app.refuse(why),
    }
}

fn many_mut(app: &mut App) -> Option<&mut Many> {
    if let Some(Over::Many(many)) = &mut app.over { Some(many) } else { None }
}

/// Whether a slice is being worked on, or the next is to begin.
pub fn is_busy(app: &App) -> bool {
    matches!(&app.over, Some(Over::Many(many)) if many.slice.is_some() || many.next().is_some())
}

/// Takes in what was found, and begins with the next slice. `true`: something is new.
pub fn go_on(app: &mut App, patience: std::time::Duration) -> anyhow::Result<bool> {
    let now = app.now;
    let mut news = false;
    loop {
        let Some(many) = many_mut(app) else { return Ok(news) };
        if many.slice.is_none() {
            let Some(slice) = many.next() else { return Ok(news) };
            let run = Arc::clone(&many.run);
            let work = move |brake: &Brake| {
                let mut run = run.fork();
                run.set_brake(brake);
                let found = slice(&run);
                Box::new(move |app: &mut App| {
                    if let Some(many) = many_mut(app) {
                        many.take(found);
                    }
                }) as Finish
            };
            many.slice = Some(Work::start("other runs", now, work)?);
        }
        match many.slice.as_mut().map(|work| work.wait(patience)) {
            Some(Outcome::Ended(finish)) => {
                many.slice = None;
                finish(app);
                turning::show(app);
                ways::note(app);
                news = true;
                if patience < std::time::Duration::MAX {
                    return Ok(news);
                }
            }
            Some(Outcome::Broken) => anyhow::bail!("something broke off that was being worked on"),
            Some(Outcome::Open) | None => return Ok(news),
        }
    }
}
