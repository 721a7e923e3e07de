//! The circle of hashes.
//!
//! ```text
//!         ⢀⣠⠤⠴⠒⠒⠒⠒⠒⠲⠤⢤⣀    n1
//!      ⣠⠴⠋⠉           ⠈⠉⠳⢤⡀
//!   ⢀⡴⠋⠁  ·    ·  ·   ·   ⠉●⣄
//!
//!   ├── n1 ─┼────── n2 ──────┼────── n3 ──────┼━━━━━ n4 ━━━━┼──── n1 ────┤
//!        2        5 keys           5 keys         4 moved        4
//! ```
//!
//! A cell is about twice as high as wide and braille has two dots a column and four a row, so that a dot is about square. 12 o'clock
//! is 0, clockwise.

use std::f64::consts::TAU;

use ratatui::layout::Rect;

use super::{Look, Nodes, marked};
use crate::cluster::scene::{Ring, Token};
use crate::tui::widgets::Target;
use crate::tui::widgets::dots::Dots;
use crate::tui::widgets::pen::Pen;
use crate::tui::widgets::text::width;

/// The smallest radius of a round ring, in dots.
const LEAST: f64 = 14.0;
/// Up to this many keys are seen one by one.
const KEYS: usize = 60;
/// Up to this many tokens have a mark.
const TOKENS: usize = 24;
/// Columns for names at each side.
const NAMES: u16 = 6;

/// Draws it round where there is room, else as one line.
pub(super) fn draw(pen: &mut Pen<'_>, look: &Look<'_>, ring: &Ring) -> Nodes {
    let area = pen.area();
    let radius = f64::from(area.height * 2).min(f64::from(area.width.saturating_sub(2 * NAMES))) - 3.0;
    if radius < LEAST || ring.straight || look.theme.glyphs.ascii { unrolled(pen, look, ring) } else { round(pen, look, ring, radius) }
}

/// The measures of a round ring, in dots.
#[derive(Clone, Copy)]
struct Circle {
    x: f64,
    y: f64,
    radius: f64,
}

impl Circle {
    /// The dot at a share of the circle, `by` dots further out.
    fn dot(&self, share: f64, by: f64) -> (f64, f64) {
        let (sin, cos) = (libm::sin(share * TAU), libm::cos(share * TAU));
        (self.x + (self.radius + by) * sin, self.y - (self.radius + by) * cos)
    }

    /// The cell of it.
    fn cell(&self, share: f64, by: f64) -> (i32, i32) {
        let (x, y) = self.dot(share, by);
        ((x / 2.0).floor() as i32, (y / 4.0).floor() as i32)
    }
}

/// The arcs in order: from, to (clockwise, maybe beyond 1), and the token at the end.
fn arcs(ring: &Ring) -> impl Iterator<Item = (f64, f64, Token)> + '_ {
    let before = ring.tokens.last().map(|token| token.at - 1.0);
    let starts = before.into_iter().chain(ring.tokens.iter().map(|token| token.at));
    starts.zip(&ring.tokens).map(|(from, token)| (from, token.at, *token))
}

fn round(pen: &mut Pen<'_>, look: &Look<'_>, ring: &Ring, radius: f64) -> Nodes {
    let (theme, area) = (look.theme, pen.area());
    let (x, y) = (f64::from(area.x) * 2.0 + f64::from(area.width), f64::from(area.y) * 4.0 + f64::from(area.height) * 2.0);
    let circle = Circle { x, y, radius };
    for (from, to, token) in arcs(ring) {
        let mut dots = Dots::new(area);
        arc(&mut dots, circle, (from, to), 0..=0);
        dots.draw(pen, false, theme.group(token.owner as u8));
    }
    let mut moved = Dots::new(area);
    for (from, to) in &ring.moved {
        arc(&mut moved, circle, (*from, if to < from { to + 1.0 } else { *to }), -2..=2);
    }
    moved.draw(pen, false, theme.data);
    keys(pen, look, ring, circle);
    middle(pen, look, ring, circle);
    tokens(pen, look, ring, circle)
}

fn arc(dots: &mut Dots, circle: Circle, (from, to): (f64, f64), thick: std::ops::RangeInclusive<i32>) {
    let steps = ((to - from).abs() * TAU * circle.radius * 1.5).ceil().clamp(1.0, 4000.0) as u32;
    for step in 0..=steps {
        let share = from + (to - from) * f64::from(step) / f64::from(steps);
        for by in thick.clone() {
            let (x, y) = circle.dot(share, f64::from(by));
            dots.dot(x.round() as i32, y.round() as i32);
        }
    }
}

fn keys(pen: &mut Pen<'_>, look: &Look<'_>, ring: &Ring, circle: Circle) {
    let theme = look.theme;
    if ring.keys.len() > KEYS {
        return;
    }
    for key in &ring.keys {
        let (x, y) = circle.cell(key.at, -6.0);
        let (sign, style) = if key.moved { (theme.glyphs.replication, theme.data) } else { (theme.glyphs.dot, theme.text) };
        pen.put(x, y, sign, style);
    }
}

fn middle(pen: &mut Pen<'_>, look: &Look<'_>, ring: &Ring, circle: Circle) {
    let (x, y) = circle.cell(0.0, -circle.radius);
    let top = y - ring.middle.len() as i32 / 2;
    for (line, y) in ring.middle.iter().zip(top..) {
        let style = if y == top { look.theme.strong } else { look.theme.dim };
        pen.text(x - width(line) as i32 / 2, y, line, style);
    }
}

/// Marks on the circle and names outside of it.
fn tokens(pen: &mut Pen<'_>, look: &Look<'_>, ring: &Ring, circle: Circle) -> Nodes {
    let theme = look.theme;
    let mut nodes = Nodes::new();
    let few = ring.tokens.len() <= TOKENS;
    for token in ring.tokens.iter().filter(|_| few) {
        let Some(owner) = ring.owners.get(token.owner) else { continue };
        let (x, y) = circle.cell(token.at, 0.0);
        pen.put(x, y, theme.glyphs.done, theme.group(token.owner as u8).patch(theme.strong));
        let (nx, ny) = circle.cell(token.at, 7.0);
        let nx = if nx < x { nx + 1 - width(&owner.name) as i32 } else { nx };
        let chosen = look.selected == Some(Target::Node(owner.node));
        let style = marked(theme, theme.text, owner.changed);
        let end = pen.text(nx, ny, &owner.name, if chosen { style.patch(theme.selected) } else { style });
        let seen = Rect::new(nx.max(0) as u16, ny.max(0) as u16, (end - nx).max(0) as u16, 1);
        nodes.push((owner.node, seen.intersection(pen.area())));
    }
    nodes
}

/// One line of arcs with their owners, and below it how many keys lie in each.
fn unrolled(pen: &mut Pen<'_>, look: &Look<'_>, ring: &Ring) -> Nodes {
    let (theme, area) = (look.theme, pen.area());
    let mut nodes = Nodes::new();
    let room = f64::from(area.width.saturating_sub(1));
    let column = |share: f64| i32::from(area.x) + (share.clamp(0.0, 1.0) * room).round() as i32;
    let (y, glyphs) = (i32::from(area.y), theme.glyphs);
    // The arc of the first token begins behind 0: it is drawn in two pieces.
    let pieces = arcs(ring).flat_map(|(from, to, token)| {
        let wraps = from < 0.0;
        [(from.max(0.0), to, token), (from + 1.0, 1.0, token)].into_iter().take(1 + usize::from(wraps))
    });
    for (from, to, token) in pieces {
        let Some(owner) = ring.owners.get(token.owner) else { continue };
        let (left, right) = (column(from), column(to));
        let moved = ring.moved.iter().any(|(a, b)| within((*a, *b), f64::midpoint(from, to)));
        let (line, style) = if moved { (glyphs.bar[0], theme.data) } else { (glyphs.lanes[0], theme.group(token.owner as u8)) };
        (left..=right).for_each(|x| pen.put(x, y, line, style));
        for x in [left, right] {
            pen.put(x, y, glyphs.tick, theme.text);
        }
        let name = format!(" {} ", owner.name);
        let x = (left + right + 1 - width(&name) as i32) / 2;
        if right - left > width(&name) as i32 {
            let chosen = look.selected == Some(Target::Node(owner.node));
            let style = marked(theme, theme.text, owner.changed);
            pen.text(x, y, &name, if chosen { style.patch(theme.selected) } else { style });
        }
        let seen = Rect::new(left.max(0) as u16, area.y, (right - left).max(1) as u16, 1);
        nodes.push((owner.node, seen.intersection(pen.area())));
        counts(pen, look, ring, ((from, to), (left, right)), moved);
    }
    let middle = ring.middle.join("   ");
    pen.clipped(area.x.into(), y + 2, &middle, area.width.into(), glyphs.more, theme.dim);
    nodes
}

/// How many keys lie in an arc, under it.
fn counts(pen: &mut Pen<'_>, look: &Look<'_>, ring: &Ring, ((from, to), (left, right)): ((f64, f64), (i32, i32)), moved: bool) {
    let inside = |at: f64| at >= from && at < to;
    let keys = ring.keys.iter().filter(|key| inside(key.at) && key.moved == moved).count();
    let long = format!("{keys} {}", if moved { "moved" } else { "keys" });
    let room = (right - left - 1).max(0) as usize;
    let text = if width(&long) <= room { long } else { keys.to_string() };
    if width(&text) <= room {
        let x = (left + right + 1 - width(&text) as i32) / 2;
        pen.text(x, i32::from(pen.area().y) + 1, &text, if moved { look.theme.data } else { look.theme.dim });
    }
}

/// Whether a share of the circle lies on an arc, clockwise.
fn within((from, to): (f64, f64), at: f64) -> bool {
    if from <= to { (from..=to).contains(&at) } else { at >= from || at <= to }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arcs_go_around() {
        let tokens = [(0.1, 0), (0.6, 1)].map(|(at, owner)| Token { at, owner });
        let ring = Ring { tokens: tokens.into(), ..Ring::default() };
        let spans: Vec<(f64, f64, usize)> = arcs(&ring).map(|(from, to, token)| (from, to, token.owner)).collect();
        assert_eq!(spans, [(-0.4, 0.1, 0), (0.1, 0.6, 1)]);
        assert!(within((0.9, 0.1), 0.95) && within((0.9, 0.1), 0.05) && !within((0.9, 0.1), 0.5));
    }
}
