//! Every key that works here, made from the table of actions.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::{Over, footer};
use crate::tui::actions::{self, Place};
use crate::tui::app::App;
use crate::tui::hits::Hits;
use crate::tui::keys::Key;
use crate::tui::screens::lab::Lab;
use crate::tui::widgets::panel;
use crate::tui::widgets::pen::Pen;
use crate::tui::widgets::text::width;

/// Opens the help.
pub fn open(app: &mut App, _key: Key) {
    app.over = Some(Over::Help(0));
}

/// Scrolls up.
pub fn up(app: &mut App, _key: Key) {
    scroll(app, -1);
}

/// Scrolls down.
pub fn down(app: &mut App, _key: Key) {
    scroll(app, 1);
}

fn scroll(app: &mut App, by: i16) {
    if let Some(Over::Help(first)) = &mut app.over {
        *first = first.saturating_add_signed(by);
    }
}

/// More keys than these stand in a row on the keyboard.
const MOST_KEYS: usize = 4;

enum Row {
    Heading(&'static str),
    Key { keys: String, about: &'static str },
    Empty,
}

fn rows(app: &App) -> Vec<Row> {
    let mut rows = Vec::new();
    for place in app.context_below().iter().filter(|p| **p != Place::Help) {
        if !rows.is_empty() {
            rows.push(Row::Empty);
        }
        rows.push(Row::Heading(place.heading()));
        rows.extend(actions::all().filter(|a| a.place == *place).flat_map(|action| {
            if [footer::ASK, footer::ASK_ON_A_WALL].contains(&action.id) {
                return own(app);
            }
            let keys: Vec<String> = action.keys().map(|k| k.short(app.theme.glyphs.ascii)).collect();
            let keys = match keys.as_slice() {
                [first, .., last] if keys.len() > MOST_KEYS => format!("{first} to {last}"),
                _ => keys.join("  "),
            };
            vec![Row::Key { keys, about: action.about }]
        }));
    }
    rows
}

/// The keys of the model on the stage: what its clients ask and its operators do.
fn own(app: &App) -> Vec<Row> {
    let language = app.lab().map(Lab::language).unwrap_or_default();
    let settings = app.lab().map(|lab| lab.run().start().settings()).unwrap_or_default();
    let calls = language.calls.iter().filter(|call| call.fits(&settings)).map(|call| (call.key, call.verb.about));
    let keyed = calls.chain(language.verbs.iter().map(|own| (own.key, own.verb.about)));
    keyed.filter_map(|(key, about)| Some(Row::Key { keys: key?.to_string(), about })).collect()
}

/// Draws it over the whole screen, from line `first` on.
pub fn draw(app: &App, first: u16, area: Rect, buf: &mut Buffer, hits: &mut Hits) {
    let theme = &app.theme;
    let [body, foot] = super::with_footer(area);
    Pen::new(buf, area).clear(area);
    let inner = panel(body, buf, theme, "All keys", true);
    let rows = rows(app);
    let most = rows.len().saturating_sub(inner.height.into());
    let first = usize::from(first).min(most);
    let keys = rows.iter().map(|r| if let Row::Key { keys, .. } = r { width(keys) } else { 0 }).max().unwrap_or(0);
    let mut pen = Pen::new(buf, inner);
    for (row, y) in rows[first..].iter().zip(inner.top()..inner.bottom()) {
        draw_row(app, row, keys, inner.x.into(), y.into(), &mut pen);
    }
    if most > 0 {
        let place = format!(" {} more lines below ", most - first);
        pen = Pen::new(buf, body);
        pen.text(body.x as i32 + 2, body.bottom() as i32 - 1, &place, theme.dim);
    }
    footer::draw(app, &["signs-page", "help-down", "close-help"], foot, buf, hits);
}

fn draw_row(app: &App, row: &Row, keys_width: usize, x: i32, y: i32, pen: &mut Pen) {
    let theme = &app.theme;
    match row {
        Row::Empty => {}
        Row::Heading(heading) => {
            pen.text(x + 1, y, heading, theme.strong);
        }
        Row::Key { keys, about } => {
            pen.text(x + 3, y, keys, theme.key);
            let at = x + 5 + keys_width as i32;
            let room = (pen.area().right() as i32 - at).max(0) as usize;
            pen.clipped(at, y, about, room, theme.glyphs.more, theme.text);
        }
    }
}
