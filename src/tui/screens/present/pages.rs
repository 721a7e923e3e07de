//! The list of pages, to go to one.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::act;
use crate::present::Page;
use crate::tui::app::App;
use crate::tui::hits::Hits;
use crate::tui::keys::Key;
use crate::tui::screens::listing::{self, Anchor, Row};
use crate::tui::screens::{Over, footer, with_footer};

/// The page above.
pub fn up(app: &mut App, _key: Key) {
    move_by(app, -1);
}

/// The page below.
pub fn down(app: &mut App, _key: Key) {
    move_by(app, 1);
}

fn move_by(app: &mut App, by: isize) {
    let last = app.present.as_ref().map_or(0, |presenting| presenting.show.pages.len() - 1);
    if let Some(Over::Pages(cursor)) = &mut app.over {
        *cursor = cursor.saturating_add_signed(by).min(last);
    }
}

/// Goes to the selected page.
pub fn take(app: &mut App, _key: Key) {
    if let Some(Over::Pages(cursor)) = app.over {
        act::to_page(app, cursor);
    }
}

/// Goes to the page in this row.
pub fn on_row(app: &mut App, row: usize) {
    act::to_page(app, row);
}

/// Draws the box.
pub fn draw(app: &App, cursor: usize, area: Rect, buf: &mut Buffer, hits: &mut Hits) {
    let Some(presenting) = &app.present else { return };
    let [body, foot] = with_footer(area);
    let row = |(number, page): (usize, &Page)| {
        let here = if number == presenting.page { app.theme.glyphs.pointer } else { " " };
        // Steps stand under the page that opens them.
        let indent = if matches!(page, Page::Title { .. }) { "" } else { "  " };
        Row { left: format!("{here} {:>2}  {indent}{}", number + 1, page.title()), style: app.theme.text, ..Row::default() }
    };
    let rows: Vec<Row> = presenting.show.pages.iter().enumerate().map(row).collect();
    let place = listing::place(body, &rows, "Pages", Anchor::Middle);
    listing::draw(place, &rows, cursor, "Pages", buf, &app.theme, hits);
    footer::over(app, &["open-page", "pages-down", "close-pages"], foot, buf, hits);
}
