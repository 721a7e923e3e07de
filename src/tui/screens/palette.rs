//! The palette: any command of the command language or any action by name, with completion; a refusal is shown in place.

use std::collections::VecDeque;

use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout, Rect};
use tui_input::Input as Line;

use super::lab::Lab;
use super::listing::{self, Row};
use super::{Over, footer};
use crate::cluster::registry;
use crate::command::{Command, CommandError, Completion, Vocabulary, caret, complete};
use crate::near::did_you_mean;
use crate::tui::actions::{self, Action};
use crate::tui::app::App;
use crate::tui::hits::Hits;
use crate::tui::keys::Key;
use crate::tui::widgets::panel;
use crate::tui::widgets::pen::Pen;
use crate::tui::widgets::text::wrap;
use crate::tui::{look, theme};

/// A line being typed, and what it could become.
#[derive(Debug, Default)]
pub struct Palette {
    /// What was typed.
    pub line: Line,
    offers: Vec<Offer>,
    /// The selected offer; `None`: what was typed counts.
    cursor: Option<usize>,
    /// Why the last line was refused, and where in it.
    refused: Option<Refusal>,
}

#[derive(Clone, Debug)]
struct Offer {
    word: String,
    about: String,
    line: String,
}

#[derive(Clone, Debug)]
struct Refusal {
    why: String,
    /// Carets under the word at fault.
    carets: String,
}

impl Palette {
    /// The selected offer, or what was typed.
    pub(super) fn chosen(&self) -> &str {
        let offer = self.cursor.and_then(|at| self.offers.get(at));
        offer.map_or(self.line.value(), |offer| &offer.line)
    }
}

/// Lines that were pasted and are still to be done.
#[derive(Debug, Default)]
pub struct Pasted {
    lines: VecDeque<String>,
    /// How many there were.
    count: usize,
}

impl Pasted {
    /// Whether any is to come.
    pub fn is_pending(&self) -> bool {
        !self.lines.is_empty()
    }
}

/// The most offers shown.
const MOST: usize = 10;

/// Opens the palette.
pub fn open(app: &mut App, _key: Key) {
    open_with(app, "");
}

/// Opens the palette with the beginning of a command.
pub fn open_with(app: &mut App, text: &str) {
    if let Some(lab) = app.lab_mut() {
        lab.pace.pause();
    }
    app.over = Some(Over::Palette(Palette { line: text.into(), ..Palette::default() }));
    edited(app);
}

/// The line changed: offers what can follow.
pub fn edited(app: &mut App) {
    let Some(Over::Palette(palette)) = &app.over else { return };
    let offers = offers(app, palette.line.value());
    if let Some(Over::Palette(palette)) = &mut app.over {
        (palette.offers, palette.cursor, palette.refused) = (offers, None, None);
    }
}

fn offers(app: &App, text: &str) -> Vec<Offer> {
    let command = |c: Completion| Offer { line: c.applied(text), word: c.text, about: c.about };
    let commands = app.lab().map_or_else(Vec::new, |lab| complete(text, &vocabulary(lab)));
    let named = possible(app).filter(|a| !text.trim().is_empty() && a.id.starts_with(text.trim_start()));
    let action = |a: &Action| Offer { line: a.id.to_string(), word: a.id.to_string(), about: format!("{}  ({})", a.about, a.first_key()) };
    let theme = |p: &theme::Palette| format!("theme {}", p.name());
    let themes = theme::Palette::ALL.into_iter().filter(|p| !text.is_empty() && theme(p).starts_with(text));
    let dress = |p: theme::Palette| Offer { line: theme(&p), word: theme(&p), about: "how everything looks".into() };
    let name = "name ";
    let naming = (app.lab().is_some() && text.len() > 1 && name.starts_with(text)).then(|| Offer {
        line: name.into(),
        word: "name".into(),
        about: "give the branch that you are on a name: name \"both lead\"".into(),
    });
    let mut all: Vec<Offer> = commands.into_iter().map(command).chain(named.map(action)).chain(themes.map(dress)).chain(naming).collect();
    all.truncate(40);
    all
}

/// The actions of the screen below, which the palette can do by name.
fn possible(app: &App) -> impl Iterator<Item = &'static Action> {
    let places = app.context_below();
    actions::all().filter(|a| places.contains(&a.place) && a.id != "palette")
}

/// The names of the cluster on the screen.
pub(in crate::tui) fn vocabulary(lab: &Lab) -> Vocabulary {
    let model = registry::model(&lab.run().scenario().model);
    model.map(|model| crate::cluster::vocabulary::vocabulary(lab.run().cluster(), model)).unwrap_or_default()
}

fn with(app: &mut App, change: impl FnOnce(&mut Palette)) {
    if let Some(Over::Palette(palette)) = &mut app.over {
        change(palette);
    }
}

/// The offer above, or back to what was typed.
pub fn up(app: &mut App, _key: Key) {
    with(app, |p| p.cursor = p.cursor.and_then(|c| c.checked_sub(1)));
}

/// The offer below.
pub fn down(app: &mut App, _key: Key) {
    with(app, |p| {
        let last = p.offers.len().checked_sub(1);
        p.cursor = last.map(|last| p.cursor.map_or(0, |c| (c + 1).min(last)));
    });
}

/// Puts the selected offer, or the first, into the line.
pub fn fill(app: &mut App, _key: Key) {
    with(app, |p| {
        if let Some(offer) = p.offers.get(p.cursor.unwrap_or(0)) {
            p.line = Line::new(offer.line.clone());
        }
    });
    edited(app);
}

/// Takes an offer by its row.
pub fn on_row(app: &mut App, row: usize) {
    with(app, |p| p.cursor = Some(row));
    app.act("fill");
}

/// Does what the line says. A selected offer goes into the line first.
pub fn enter(app: &mut App, key: Key) {
    let Some(Over::Palette(palette)) = &app.over else { return };
    if palette.cursor.is_some() {
        return fill(app, key);
    }
    let text = palette.line.value().trim().to_string();
    submit(app, &text, |app, done| match done {
        Ok(()) => app.over = None,
        Err(refusal) => with(app, |p| p.refused = Some(refusal)),
    });
}

impl Refusal {
    fn plain(why: String) -> Refusal {
        Refusal { why, carets: String::new() }
    }
}

/// Does an action by its name, or a command, and tells `then` when a command is done, or why it cannot be.
fn submit(app: &mut App, text: &str, then: impl FnOnce(&mut App, Result<(), Refusal>) + Send + 'static) {
    let named = possible(app).find(|a| a.id == text);
    if let Some(action) = named {
        then(app, Ok(()));
        return app.perform(action, action.first_key());
    }
    match command(app, text) {
        Ok(None) => then(app, Ok(())),
        Ok(Some(command)) => super::lab::pokes::command(app, &command, |app, done| then(app, done.map_err(Refusal::plain))),
        Err(refusal) => then(app, Err(refusal)),
    }
}

/// Does what a line says, as if it had been typed. Work that it begins may go on; the error says why the line is nothing that can be
/// done, and where in it.
pub(in crate::tui) fn perform(app: &mut App, text: &str) -> anyhow::Result<()> {
    app.over = None;
    let refused = std::sync::Arc::new(std::sync::Mutex::new(None));
    let tell = std::sync::Arc::clone(&refused);
    submit(app, text, move |app, done| {
        if let Err(Refusal { why, .. }) = &done {
            app.refuse(why.clone());
        }
        if let (Err(refusal), Ok(mut told)) = (done, tell.lock()) {
            *told = Some(refusal);
        }
    });
    let at_once = refused.lock().ok().and_then(|mut told| told.take());
    match at_once {
        Some(refusal) if !refusal.carets.is_empty() => anyhow::bail!("{text}\n{}\n{}", refusal.carets, refusal.why),
        Some(refusal) => anyhow::bail!(refusal.why),
        None => Ok(()),
    }
}

/// The command that a text is; `None` for one about how everything looks, or about a branch, which is done.
fn command(app: &mut App, text: &str) -> Result<Option<Command>, Refusal> {
    let plain = Refusal::plain;
    if let Some(name) = text.strip_prefix("name ") {
        return super::history::name_here(app, unquoted(name)).map(|()| None).map_err(plain);
    }
    if let Some(name) = text.strip_prefix("theme ") {
        let palette = look::named(name.trim()).map_err(|e| plain(e.to_string()))?;
        super::settings::set_theme(app, palette);
        return Ok(None);
    }
    let Some(lab) = app.lab() else {
        let near = did_you_mean(text, possible(app).map(|a| a.id));
        return Err(plain(format!("`{text}` is nothing that can be done here{near}; open a topic to poke a cluster")));
    };
    let command = vocabulary(lab).parse(text);
    command.map(Some).map_err(|e| Refusal { carets: carets(&e, text), why: e.message })
}

/// A name without the quotes that may stand around it.
fn unquoted(name: &str) -> &str {
    let name = name.trim();
    name.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(name)
}

/// Pasted lines are done one by one, each as if it had been typed.
pub fn paste_lines(app: &mut App, lines: Vec<String>) {
    app.over = None;
    app.pasted = Pasted { count: lines.len(), lines: lines.into() };
}

/// Does the next pasted line. The first that is refused ends it, and is shown with the reason.
pub fn next_line(app: &mut App) {
    let Some(line) = app.pasted.lines.pop_front() else { return };
    let (number, count) = (app.pasted.count - app.pasted.lines.len(), app.pasted.count);
    app.changed();
    let text = line.trim().to_string();
    submit(app, &text, move |app, done| match done {
        Ok(()) if number == count => app.say(format!("all {count} lines are done")),
        Ok(()) => {}
        Err(refusal) => {
            app.pasted = Pasted::default();
            app.notice = None;
            open_with(app, &line);
            let why = format!("line {number} of {count}: {}", refusal.why);
            with(app, |p| p.refused = Some(Refusal { why, ..refusal }));
        }
    });
}

/// Forgets the lines that are to come.
pub fn stop_lines(app: &mut App) {
    let Pasted { lines, count } = std::mem::take(&mut app.pasted);
    app.refuse(format!("stopped before line {} of {count}", count - lines.len() + 1));
}

fn carets(error: &CommandError, text: &str) -> String {
    caret(text, error.offset, error.length, "").lines().nth(1).unwrap_or_default().to_string()
}

/// Draws it at the top.
pub fn draw(app: &App, palette: &Palette, area: Rect, buf: &mut Buffer, hits: &mut Hits) {
    let theme = &app.theme;
    let [body, foot] = super::with_footer(area);
    let wide = body.width.min(90);
    let below = match &palette.refused {
        Some(refusal) => 1 + reasons(refusal, wide.saturating_sub(2)).len() as u16,
        None => palette.offers.len().min(MOST) as u16,
    };
    let place = Rect { x: body.x + (body.width - wide) / 2, width: wide, height: (below + 3).min(body.height), ..body };
    Pen::new(buf, place).clear(place);
    buf.set_style(place, theme.base);
    let inner = panel(place, buf, theme, "Do anything", true);
    let [line, rest] = Layout::vertical([Constraint::Length(1), Constraint::Fill(1)]).areas(inner);
    super::draw_line(&palette.line, ":", line, buf, theme, hits);
    match &palette.refused {
        Some(refusal) => draw_refusal(app, refusal, rest, buf),
        None => draw_offers(app, palette, (place, rest), buf, hits),
    }
    footer::over(app, &["enter", "fill", "offer-down", "close-palette"], foot, buf, hits);
}

/// The place in the line is underlined, and the reason stands below.
fn draw_refusal(app: &App, refusal: &Refusal, area: Rect, buf: &mut Buffer) {
    let theme = &app.theme;
    let mut pen = Pen::new(buf, area);
    let (x, y) = (area.x as i32 + 3, area.y as i32);
    pen.text(x, y, &refusal.carets, theme.bad);
    pen.put(x - 2, y + 1, theme.glyphs.cross, theme.bad);
    for (line, y) in reasons(refusal, area.width).iter().zip(y + 1..) {
        pen.text(x, y, line, theme.text);
    }
}

/// The reason of a refusal in lines, whole, for a place of this width.
fn reasons(refusal: &Refusal, wide: u16) -> Vec<String> {
    wrap(&refusal.why, usize::from(wide).saturating_sub(4).max(1))
}

fn draw_offers(app: &App, palette: &Palette, (place, area): (Rect, Rect), buf: &mut Buffer, hits: &mut Hits) {
    let theme = &app.theme;
    let row = |o: &Offer| Row { left: o.word.clone(), right: o.about.clone(), style: theme.strong, ..Row::default() };
    let rows: Vec<Row> = palette.offers.iter().map(row).collect();
    let more = listing::list(area, &rows, palette.cursor.unwrap_or(usize::MAX), buf, theme, hits);
    listing::more_below(place, more, buf, theme);
}
