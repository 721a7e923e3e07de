//! The second page of the help, signs and words: what every shape, message, fact and guarantee of the stage means, from the tables
//! that draw them and judge them.

use std::collections::BTreeSet;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::lab::terms;
use super::{Over, reader};
use crate::cluster::model::Model;
use crate::cluster::registry;
use crate::lesson::terms::Term;
use crate::tui::app::App;
use crate::tui::hits::Hits;
use crate::tui::keys::Key;
use crate::tui::legend::LEGEND;
use crate::tui::screens::lab::Lab;
use crate::tui::theme::Theme;
use crate::tui::widgets::text::{Line, piece, width, wrap_pieces};

/// Opens it.
pub fn open(app: &mut App, _key: Key) {
    app.over = Some(Over::Signs(0));
}

/// Draws it, from line `first` on.
pub fn draw(app: &App, first: u16, area: Rect, buf: &mut Buffer, hits: &mut Hits) {
    let page = |wide: usize| lines(app, wide);
    reader::draw(app, ("Signs and words", &["keys-page", "read-down", "close-reader"]), &page, first, area, buf, hits);
}

fn lines(app: &App, wide: usize) -> Vec<Line> {
    let mut page = Page { theme: &app.theme, wide, lines: Vec::new() };
    page.signs();
    if let Some(lab) = app.lab() {
        let model = registry::model(&lab.run().scenario().model);
        if let Some(model) = model {
            page.messages(model);
        }
        page.terms(lab);
        if let Some(model) = model {
            page.words(model);
        }
    }
    page.lines
}

struct Page<'t> {
    theme: &'t Theme,
    wide: usize,
    lines: Vec<Line>,
}

impl Page<'_> {
    fn heading(&mut self, text: &str) {
        if !self.lines.is_empty() {
            self.lines.push(Line::new());
        }
        self.lines.push(vec![piece(text, self.theme.strong)]);
    }

    /// A sign or word in a column of this width, and what it means behind it.
    fn entry(&mut self, (sign, style): (&str, Style), column: usize, says: &str) {
        let gap = " ".repeat(column.saturating_sub(width(sign)) + 2);
        let line = [piece(sign, style), piece(gap, self.theme.text), piece(says, self.theme.text)];
        self.lines.extend(wrap_pieces(&line, self.wide, column + 2));
    }

    fn signs(&mut self) {
        self.heading("Signs");
        let theme = self.theme;
        let column = LEGEND.iter().map(|entry| width((entry.sign)(theme.glyphs))).max().unwrap_or(0);
        for entry in LEGEND {
            self.entry(((entry.sign)(theme.glyphs), (entry.style)(theme)), column, entry.says);
        }
    }

    /// Every kind of messages of the model on the stage.
    fn messages(&mut self, model: &Model) {
        self.heading("Messages");
        for message in model.messages {
            let sign = message.kind.sign;
            let says = format!("{}: {}", message.kind.word, message.about);
            self.entry((self.theme.glyphs.sign(sign), self.theme.sign(sign)), 1, &says);
        }
    }

    /// What the texts of this step speak of.
    fn terms(&mut self, lab: &Lab) {
        let (terms, mut seen) = (terms::of(lab), BTreeSet::new());
        let texts = lab.walk.step().texts();
        let found = texts.into_iter().flat_map(|text| terms.find(text)).map(|(_, term)| term);
        let found: Vec<&Term> = found.filter(|term| seen.insert(&term.name)).collect();
        if found.is_empty() {
            return;
        }
        self.heading("Words of this step");
        let column = found.iter().map(|term| width(&term.name)).max().unwrap_or(0);
        for term in found {
            self.entry((&term.name, self.theme.key), column, &term.says);
        }
    }

    /// The guarantees and the facts of the model on the stage.
    fn words(&mut self, model: &Model) {
        self.heading("Guarantees");
        let column = model.guarantees.iter().map(|guarantee| width(&guarantee.words())).max().unwrap_or(0);
        for guarantee in model.guarantees {
            self.entry((&guarantee.words(), self.theme.key), column, guarantee.about());
        }
        self.heading("Facts, which goals and conditions speak of");
        let column = model.facts.iter().map(|fact| width(fact.name)).max().unwrap_or(0);
        for fact in model.facts {
            self.entry((fact.name, self.theme.key), column, fact.about);
        }
    }
}
