//! Below a picture that has no place for them: who asked what, and which cuts are in force.

use ratatui::layout::Rect;

use super::{Hits, Target, View, clients, list};
use crate::cluster::tell::Names;
use crate::tui::widgets::pen::Pen;
use crate::tui::widgets::text::line_width;

/// Cells between two clients.
const GAP: u16 = 4;

/// Draws clients beside each other in the last lines of the pen's area that nothing else uses, then cuts.
pub(super) fn draw(pen: &mut Pen<'_>, view: &View<'_>, hits: &mut Hits) {
    let (theme, area) = (view.theme, pen.area());
    let mut lines = free_lines(pen).into_iter();
    let Some(mut y) = lines.next() else { return };
    let mut x = area.x;
    for client in &view.scene.clients {
        let mut line = clients::one_line(theme, client, area.width.into());
        let wide = (line_width(&line) as u16).min(area.width);
        if x > area.x && x + wide > area.right() {
            let Some(next) = lines.next() else { return };
            (x, y) = (area.x, next);
        }
        if view.selected == Some(Target::Node(client.id)) {
            line[0].style = line[0].style.patch(theme.selected);
        }
        let place = Rect { x, y, width: wide, height: 1 };
        crate::tui::widgets::panels::put_line(pen, theme, place, &line);
        hits.nodes.push((client.id, place));
        x = x.saturating_add(wide + GAP);
    }
    let names = Names::on(view.scene);
    for (wall, y) in view.scene.walls.iter().zip(lines) {
        pen.text(area.x.into(), y.into(), &list::cut(theme, wall, &names), theme.bad);
    }
}

/// Blank lines at the bottom, from the first that leaves one blank line above it.
fn free_lines(pen: &Pen<'_>) -> Vec<u16> {
    let area = pen.area();
    let blank = |y: &u16| (area.left()..area.right()).all(|x| pen.symbol(x.into(), (*y).into()) == " ");
    let mut free: Vec<u16> = (area.top()..area.bottom()).rev().take_while(blank).collect();
    free.reverse();
    free.into_iter().skip(1).collect()
}
