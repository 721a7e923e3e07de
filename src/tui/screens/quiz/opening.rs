//! The time before the first question: beside the loop lessons are read, what to ask is chosen and the first card is drawn, while the
//! screen says how far it is and can be left.

use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use tui_input::Input as Line;

use super::{Quiz, act};
use crate::quiz::{Bank, Session, Wish, plan, sitting};
use crate::tui::app::App;
use crate::tui::screens::View;
use crate::tui::widgets::pen::Pen;
use crate::tui::widgets::text::width;
use crate::tui::widgets::{bar, panel};

/// What the first question of a quiz is waited for with.
pub(super) struct Opening {
    /// The screen on which it was begun, to go back to.
    from: View,
    /// How many lessons were read.
    read: Arc<AtomicUsize>,
    /// How many there are.
    of: usize,
}

impl App {
    /// The number by which the options of this learner are shuffled: drawn once, and kept.
    fn learner(&mut self) -> u64 {
        let (learner, drawn) = sitting::learner(self.store.state(), self.store.now());
        self.record_all(drawn);
        learner
    }

    /// Starts a quiz: its screen is there at once. Says why not where there is nothing to ask.
    pub(in crate::tui) fn start_quiz(&mut self, wish: Wish) {
        let learner = self.draw.unwrap_or_else(|| self.learner());
        let (catalogue, state, today) = (Arc::clone(&self.catalogue), self.store.state().clone(), self.store.today());
        let from = if self.view == View::Quiz { View::Home } else { self.view };
        let opening = Opening { from, read: Arc::default(), of: catalogue.lessons().count() };
        let read = Arc::clone(&opening.read);
        self.quiz = Some(Quiz {
            session: Session::new(Bank::default(), Vec::new(), learner, wish.cram),
            title: sitting::title(&self.catalogue, &wish),
            line: Line::default(),
            scroll: 0,
            most_scroll: Cell::new(0),
            away: false,
            staged: false,
            today,
            opening: Some(opening),
        });
        self.view = View::Quiz;
        self.begin("choosing what to ask", move |brake| {
            let bank = Bank::read(&catalogue, &read, brake);
            let items = plan(&bank, &state, today, &wish, learner);
            Box::new(move |app: &mut App| chosen(app, bank, items, (&wish, learner)))
        });
        if self.work.is_none() {
            stopped(self);
        }
    }
}

/// It is known what to ask.
fn chosen(app: &mut App, bank: Bank, items: Vec<String>, (wish, learner): (&Wish, u64)) {
    if items.is_empty() {
        stopped(app);
        return app.refuse(sitting::nothing(&bank, wish, "cram with m"));
    }
    let unknown = app.store.log().is_none();
    if let Some(why) = sitting::leaves_out(&bank, app.store.state(), wish).filter(|_| unknown) {
        app.mention(why);
    }
    // What was typed before the first question could be read is no answer to it.
    app.held.clear();
    if let Some(quiz) = &mut app.quiz {
        quiz.session = Session::new(bank, items, learner, wish.cram);
        act::go_on(app);
    }
}

/// Work was stopped: a quiz whose first question is not there yet is left, to where it was begun.
pub(in crate::tui) fn stopped(app: &mut App) {
    if let Some(opening) = app.quiz.as_mut().and_then(|quiz| quiz.opening.take()) {
        app.quiz = None;
        app.view = opening.from;
    }
}

/// Draws how far it is.
pub(super) fn draw(app: &App, opening: &Opening, area: Rect, buf: &mut Buffer) {
    let theme = &app.theme;
    let wide = area.width.min(super::draw::MEASURE);
    let place = Rect { x: area.x + (area.width - wide) / 2, y: area.y + area.height / 6, width: wide, height: area.height.min(5) };
    let inner = panel(place, buf, theme, "Getting ready", true);
    let text = Rect { x: inner.x + 1, width: inner.width.saturating_sub(2), ..inner };
    let (read, of) = (opening.read.load(Ordering::Relaxed).min(opening.of), opening.of);
    let far = format!("lesson {} of {of}", (read + 1).min(of));
    let long = format!("Reading what there is to ask: {far}");
    let says = match read < of {
        false => FIRST.to_string(),
        true if width(&long) <= usize::from(text.width) => long,
        true => far,
    };
    let mut pen = Pen::new(buf, text);
    pen.clipped(text.x.into(), text.y.into(), &says, text.width.into(), theme.glyphs.more, theme.text);
    let share = read as f64 / of.max(1) as f64;
    pen.clipped(text.x.into(), text.y as i32 + 2, LEAVES, text.width.into(), theme.glyphs.more, theme.dim);
    if text.height > 1 {
        bar::draw(Rect { y: text.y + 1, height: 1, ..text }, buf, theme, share, theme.key);
    }
}

/// What can be done meanwhile.
const LEAVES: &str = "Esc leaves; nothing was asked yet.";

/// What is said once all lessons are read.
const FIRST: &str = "Drawing the first question";
