//! How everything looks, changed while one watches.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::listing::{self, Anchor, Row};
use super::{Over, footer};
use crate::progress::Event;
use crate::tui::app::{App, Effect};
use crate::tui::config;
use crate::tui::hits::Hits;
use crate::tui::keys::Key;
use crate::tui::theme::{Palette, Theme};

/// One setting: its name on the screen and in the file, its value in words and in the file, and what changing it by one does.
struct Setting {
    name: &'static str,
    kept: &'static str,
    word: fn(&App) -> &'static str,
    value: fn(&App) -> String,
    change: fn(&mut App, isize),
}

static SETTINGS: [Setting; 4] = [
    Setting {
        name: "theme",
        kept: "theme",
        word: |app| app.theme.palette.name(),
        value: |app| app.theme.palette.name().into(),
        change: change_theme,
    },
    Setting {
        name: "drawn with",
        kept: "signs",
        word: |app| if app.theme.glyphs.ascii { "ascii" } else { "unicode" },
        value: |app| if app.theme.glyphs.ascii { "ASCII" } else { "all signs" }.into(),
        change: change_signs,
    },
    Setting {
        name: "messages",
        kept: "motion",
        word: |app| truth(app.theme.motion),
        value: |app| if app.theme.motion { "move" } else { "stand still" }.into(),
        change: change_motion,
    },
    Setting {
        name: "mouse",
        kept: "mouse",
        word: |app| truth(app.mouse),
        value: |app| if app.mouse { "on" } else { "off" }.into(),
        change: change_mouse,
    },
];

const fn truth(on: bool) -> &'static str {
    if on { "true" } else { "false" }
}

/// The same background as before: the terminal's, or one of its own.
fn dress(app: &mut App, ascii: bool, motion: bool) {
    let Theme { palette, depth, base, .. } = app.theme;
    app.theme = Theme { base, ..Theme::new(palette, depth, ascii, motion) }.after(&app.theme);
}

/// Takes the theme of this name.
pub fn set_theme(app: &mut App, palette: Palette) {
    let Theme { depth, glyphs, motion, .. } = app.theme;
    app.theme = Theme::new(palette, depth, glyphs.ascii, motion).painted().after(&app.theme);
    app.listens.background = false;
}

fn change_theme(app: &mut App, by: isize) {
    let all = Palette::ALL;
    let at = all.iter().position(|p| *p == app.theme.palette).unwrap_or(0);
    let next = (at as isize + by).rem_euclid(all.len() as isize) as usize;
    set_theme(app, all[next]);
}

fn change_signs(app: &mut App, _by: isize) {
    dress(app, !app.theme.glyphs.ascii, app.theme.motion);
    app.listens.width = false;
}

fn change_motion(app: &mut App, _by: isize) {
    dress(app, app.theme.glyphs.ascii, !app.theme.motion);
}

fn change_mouse(app: &mut App, _by: isize) {
    app.mouse = !app.mouse;
    app.let_go = false;
    app.ask(Effect::Mouse(app.mouse));
}

/// Whether there is a mouse to let go of.
pub fn can_let_go(app: &App) -> Result<(), String> {
    if app.mouse { Ok(()) } else { Err("the mouse is the terminal's: it is off in the settings".into()) }
}

/// Leaves the mouse to the terminal, so that it selects text; once more: takes it again.
pub fn let_go(app: &mut App, _key: Key) {
    app.let_go = !app.let_go;
    app.ask(Effect::Mouse(!app.let_go));
}

/// Opens the settings.
pub fn open(app: &mut App, _key: Key) {
    app.over = Some(Over::Settings(0));
}

/// The setting above.
pub fn up(app: &mut App, _key: Key) {
    move_by(app, -1);
}

/// The setting below.
pub fn down(app: &mut App, _key: Key) {
    move_by(app, 1);
}

fn move_by(app: &mut App, by: isize) {
    if let Some(Over::Settings(cursor)) = &mut app.over {
        *cursor = cursor.saturating_add_signed(by).min(SETTINGS.len() - 1);
    }
}

/// The next value.
pub fn next(app: &mut App, _key: Key) {
    change(app, 1);
}

/// The value before.
pub fn previous(app: &mut App, _key: Key) {
    change(app, -1);
}

fn change(app: &mut App, by: isize) {
    if let Some(Over::Settings(cursor)) = app.over {
        let setting = &SETTINGS[cursor];
        (setting.change)(app, by);
        keep(app, setting);
    }
}

/// Writes a setting down, so that it is so the next time, and that it was changed. Where that is not possible it is so for this time, and
/// the screen says why.
fn keep(app: &mut App, setting: &Setting) {
    app.record_all([Event::Setting { name: format!("screen.{}", setting.kept), value: (setting.word)(app).to_string() }]);
    let Some(path) = app.config.clone() else { return };
    if let Err(why) = config::set(&path, setting.kept, (setting.word)(app)) {
        app.refuse(why.to_string());
    }
}

/// A row was clicked.
pub fn on_row(app: &mut App, row: usize) {
    if row < SETTINGS.len() {
        app.over = Some(Over::Settings(row));
        change(app, 1);
    }
}

/// Draws the box.
pub fn draw(app: &App, cursor: usize, area: Rect, buf: &mut Buffer, hits: &mut Hits) {
    let [body, foot] = super::with_footer(area);
    let row = |s: &Setting| Row { left: s.name.into(), right: (s.value)(app), style: app.theme.text, ..Row::default() };
    let rows: Vec<Row> = SETTINGS.iter().map(row).collect();
    let place = listing::place(body, &rows, "Settings", Anchor::Middle);
    listing::draw(place, &rows, cursor, "Settings", buf, &app.theme, hits);
    footer::over(app, &["next-value", "setting-down", "close-settings"], foot, buf, hits);
}
