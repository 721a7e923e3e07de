//! What is known and what is due: mastery of every topic, how sure and how often right, the days to come, and a year of days.
//! No score, and no row of days to keep: that something was done on 54 days is a fact and not a duty.

mod calendar;
mod draw;
mod rows;

use crate::progress::Overview;
use crate::tui::app::App;
use crate::tui::keys::Key;
use crate::tui::screens::{View, quiz};

pub use draw::draw;

/// The state of the screen.
#[derive(Debug)]
pub struct Results {
    overview: Overview,
    /// The first line shown of the topics.
    first: usize,
}

/// Opens the screen.
pub fn open(app: &mut App, _key: Key) {
    let overview = Overview::new(app.store.state(), &app.catalogue, app.store.today());
    app.results = Some(Results { overview, first: 0 });
    app.view = View::Results;
}

/// What there is to learn is another now.
pub(in crate::tui) fn bring_up(app: &mut App) {
    if let Some(results) = &mut app.results {
        results.overview = Overview::new(app.store.state(), &app.catalogue, app.store.today());
    }
}

/// Back to the topics.
pub fn close(app: &mut App, _key: Key) {
    app.results = None;
    app.view = View::Home;
}

/// One line up.
pub fn up(app: &mut App, _key: Key) {
    scroll(app, -1);
}

/// One line down.
pub fn down(app: &mut App, _key: Key) {
    scroll(app, 1);
}

/// Whether something is forgotten again and again.
pub fn can_see_slippery(app: &App) -> Result<(), String> {
    let slippery = app.results.as_ref().is_some_and(|results| !results.overview.slippery.is_empty());
    if slippery { Ok(()) } else { Err("nothing is forgotten again and again".into()) }
}

/// Opens the lab where such a thing can be seen: each time the next one.
pub fn see_slippery(app: &mut App, _key: Key) {
    let all = app.results.as_ref().map(|results| results.overview.slippery.clone()).unwrap_or_default();
    quiz::see_next(app, &all);
}

/// A topic was clicked: its lesson opens.
pub fn on_row(app: &mut App, row: usize) {
    let topic = app.results.as_ref().and_then(|results| rows::topic_of(&results.overview, row).map(str::to_string));
    if let Some(id) = topic {
        app.results = None;
        app.open_lesson(&id);
    }
}

fn scroll(app: &mut App, by: isize) {
    let most = usize::from(app.most_scroll.get());
    if let Some(results) = &mut app.results {
        results.first = results.first.saturating_add_signed(by).min(most);
    }
}
