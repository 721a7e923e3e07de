//! Members as cells, in a fixed order.
//!
//! ```text
//! ····◆·······●··········◆··············●·●······●·●●····◆···●●●◆●●·◆···◆●
//! ··●····●··◆●◆···✕···●··◆●··●·····●·············◆●·····●·◆···◆···●···◆···
//! heard of it ━━━━━━━╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌ 206 of 997
//! ◆ 96 just now   ● 110 before   · 791 not yet   ◇ 1 suspect   ✕ 2 dead
//! ```

use ratatui::layout::Rect;
use ratatui::style::Style;

use super::{Look, Nodes, gauge, put_line};
use crate::cluster::scene::{Grid, Heard, Member};
use crate::tui::theme::Theme;
use crate::tui::widgets::Target;
use crate::tui::widgets::numbers;
use crate::tui::widgets::pen::Pen;
use crate::tui::widgets::text::{Line, piece};

/// Up to this many members have their names beside their signs.
const NAMED: usize = 60;
/// Columns of a member with its name.
const NAME: u16 = 8;

/// How the members lie in an area.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Field {
    /// Cells in a row.
    row: usize,
    /// Members that a cell stands for.
    per: usize,
    /// Columns of a cell.
    wide: u16,
}

fn field(grid: &Grid, width: u16, height: u16) -> Field {
    let members = grid.members.len();
    let named = usize::from(width / NAME).max(1);
    if members <= NAMED && members.div_ceil(named) <= usize::from(height) {
        return Field { row: named, per: 1, wide: NAME };
    }
    let most = usize::from(width).max(1);
    let row = if grid.row == 0 { most } else { grid.row };
    // Rows stay racks: a cell stands for neighbours in a row, and only then for the same place of several rows.
    let per = row.div_ceil(most).max(1);
    let cells = row.div_ceil(per).max(1);
    let rows = members.div_ceil(per).div_ceil(cells);
    let squeeze = rows.div_ceil(usize::from(height).max(1)).max(1);
    if squeeze == 1 {
        Field { row: cells, per, wide: 1 }
    } else {
        Field { row: most, per: members.div_ceil(most * usize::from(height).max(1)).max(1), wide: 1 }
    }
}

/// The fewest lines, and all.
pub(super) fn heights(grid: &Grid, width: u16) -> (usize, usize) {
    let field = field(grid, width, u16::MAX);
    let rows = grid.members.len().div_ceil(field.per).div_ceil(field.row);
    (3, rows + below(grid))
}

fn below(grid: &Grid) -> usize {
    1 + usize::from(grid.level.is_some()) + grid.notes.len()
}

/// Draws the field, and below it how far it is, what the signs mean, and what is said of the most important.
pub(super) fn draw(pen: &mut Pen<'_>, look: &Look<'_>, grid: &Grid) -> Nodes {
    let area = pen.area();
    let under = (below(grid) as u16).min(area.height.saturating_sub(1) / 2);
    let top = Rect { height: area.height - under, ..area };
    let field = field(grid, top.width, top.height);
    let mut nodes = Nodes::new();
    for (index, members) in grid.members.chunks(field.per).enumerate() {
        let (x, y) = ((index % field.row) as u16 * field.wide, (index / field.row) as u16);
        if y >= top.height {
            break;
        }
        let rect = Rect { x: top.x + x, y: top.y + y, width: field.wide, height: 1 };
        member(&mut pen.inside(rect), look, members, &mut nodes);
    }
    let lines = lines(look.theme, grid, field.per, area.width);
    for (line, y) in lines.iter().zip(top.bottom()..area.bottom()) {
        put_line(pen, look.theme, Rect { y, height: 1, ..area }, line);
    }
    nodes
}

/// One cell: of several members the worst is seen.
fn member(pen: &mut Pen<'_>, look: &Look<'_>, members: &[Member], nodes: &mut Nodes) {
    let area = pen.area();
    let Some(worst) = members.iter().max_by_key(|member| member.state) else { return };
    let chosen = members.iter().any(|member| look.selected == Some(Target::Node(member.node)));
    let (sign, style) = drawn(look.theme, worst.state);
    let style = if chosen { style.patch(look.theme.selected) } else { style };
    let mut x = i32::from(area.x);
    if area.width > 1 {
        x = pen.text(x, area.y.into(), &worst.node.to_string(), look.theme.text) + 1;
    }
    pen.put(x, area.y.into(), sign, style);
    nodes.push((worst.node, area));
}

fn drawn(theme: &Theme, state: Heard) -> (&'static str, Style) {
    let glyphs = theme.glyphs;
    match state {
        Heard::Not => (glyphs.dot, theme.edge),
        Heard::Had => (glyphs.done, theme.data),
        Heard::Just => (glyphs.replication, theme.data.patch(theme.strong)),
        Heard::Suspect => (glyphs.candidate, theme.candidate.patch(theme.changed)),
        Heard::Dead => (glyphs.cross, theme.down),
    }
}

/// What stands below the field.
fn lines(theme: &Theme, grid: &Grid, per: usize, width: u16) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    if let Some(level) = &grid.level {
        let mut line = vec![piece(format!("{} ", level.name), theme.dim)];
        line.extend(gauge::filled(theme, level, usize::from(width / 2).clamp(6, 40)));
        lines.push(line);
    }
    lines.push(legend(theme, grid, per));
    lines.extend(grid.notes.iter().map(|note| vec![piece(note.clone(), theme.text)]));
    lines
}

/// How many are in each state. States in which nobody is are left out, but not the first three.
fn legend(theme: &Theme, grid: &Grid, per: usize) -> Line {
    let mut line = Line::new();
    for (state, word) in Heard::ALL.into_iter().zip(grid.words) {
        let count = grid.members.iter().filter(|member| member.state == state).count();
        let always = matches!(state, Heard::Just | Heard::Had | Heard::Not);
        if !word.is_empty() && (count > 0 || always) {
            let (sign, style) = drawn(theme, state);
            line.push(piece(sign, style));
            line.push(piece(format!(" {} {word}   ", numbers::count(count as u64)), theme.dim));
        }
    }
    if per > 1 {
        line.push(piece(format!("each cell {per} members, the worst is seen"), theme.dim));
    }
    line
}
