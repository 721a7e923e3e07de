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
use ratatui::style::Style;

use super::{Look, Nodes, marked};
use crate::cluster::scene::{Owner, Ring, RingKey, Token};
use crate::tui::widgets::Target;
use crate::tui::widgets::dots::Dots;
use crate::tui::widgets::pen::Pen;
use crate::tui::widgets::text::{width, wrap};

/// The smallest radius of a round ring, in dots: keys have to stand apart.
const LEAST: f64 = 15.0;
/// Dots from the circle to the keys inside of it, and to what the middle says.
const INSIDE: [f64; 2] = [6.0, 9.0];
/// Up to this many tokens have a mark.
const TOKENS: usize = 24;
/// Columns for names at each side.
const NAMES: u16 = 6;

/// The columns that a round ring of so many lines takes, with its names; `None`: it would be too small.
pub(super) fn columns(height: u16) -> Option<u16> {
    (radius(height, u16::MAX) >= LEAST).then_some(2 * height + 2 * NAMES)
}

/// Below this radius, in dots, a round ring leaves no line free for what stands at the foot of a picture.
const ROOMY: f64 = 22.0;

/// Whether a round ring would leave no room for cuts.
pub(super) fn is_tight(area: Rect) -> bool {
    radius(area.height, area.width) < ROOMY
}

/// The radius that there is room for, in dots.
fn radius(height: u16, width: u16) -> f64 {
    f64::from(height * 2).min(f64::from(width.saturating_sub(2 * NAMES))) - 3.0
}

/// Draws it round where there is room, else as one line.
pub(super) fn draw(pen: &mut Pen<'_>, look: &Look<'_>, ring: &Ring) -> Nodes {
    let area = pen.area();
    let radius = radius(area.height, area.width);
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
    if ring.tokens.is_empty() {
        let mut dots = Dots::new(area);
        arc(&mut dots, circle, (0.0, 1.0), 0..=0);
        dots.draw(pen, false, theme.edge);
    }
    for (from, to, token) in arcs(ring) {
        let mut dots = Dots::new(area);
        arc(&mut dots, circle, (from, to), 0..=0);
        dots.draw(pen, false, whose(look, ring, token.owner));
    }
    let mut moved = Dots::new(area);
    let lit = lit(&ring.moved, (TAU * radius).ceil() as usize);
    for (at, _) in lit.iter().enumerate().filter(|(_, lit)| **lit) {
        let share = |at: usize| at as f64 / lit.len() as f64;
        arc(&mut moved, circle, (share(at), share(at + 1)), -2..=2);
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
        // In half dots, so that a thick arc has no holes.
        for by in 2 * thick.start()..=2 * thick.end() {
            let (x, y) = circle.dot(share, f64::from(by) / 2.0);
            dots.dot(x.round() as i32, y.round() as i32);
        }
    }
}

/// Which of so many equal pieces of the circle are lit where these arcs moved: as much of it as moved. An arc that is longer than a piece is
/// lit where it lies; of arcs that are shorter, one piece stands for the sum of several.
fn lit(moved: &[(f64, f64)], pieces: usize) -> Vec<bool> {
    let mut shares = vec![0.0; pieces];
    for (from, to) in moved {
        let to = if to < from { to + 1.0 } else { *to };
        let (from, to) = (from * pieces as f64, to * pieces as f64);
        for piece in from.floor() as usize..=to.floor() as usize {
            let covered = to.min((piece + 1) as f64) - from.max(piece as f64);
            shares[piece % pieces] += covered.max(0.0);
        }
    }
    let most = (0..pieces).max_by(|a, b| shares[*a].total_cmp(&shares[*b]));
    let mut turn = InTurn::default();
    let mut lit: Vec<bool> = shares.iter().map(|share| turn.next(*share)).collect();
    // However little moved, it is seen.
    if let Some(most) = most.filter(|most| shares[*most] > 0.0 && !lit.contains(&true)) {
        lit[most] = true;
    }
    lit
}

/// Says yes as often as a share, place after place, adds up to.
#[derive(Default)]
struct InTurn(f64);

impl InTurn {
    fn next(&mut self, share: f64) -> bool {
        self.0 += share;
        let is_due = self.0 >= 0.5;
        self.0 -= f64::from(u8::from(is_due));
        is_due
    }
}

/// The keys; of several in one cell the owner is that of most of them, and as many cells are marked as moved as keys moved.
fn keys(pen: &mut Pen<'_>, look: &Look<'_>, ring: &Ring, circle: Circle) {
    let mut cells: Vec<((i32, i32), Vec<&RingKey>)> = Vec::new();
    for key in &ring.keys {
        let cell = circle.cell(key.at, -INSIDE[0]);
        match cells.last_mut() {
            Some((last, keys)) if *last == cell => keys.push(key),
            _ => cells.push((cell, vec![key])),
        }
    }
    let mut turn = InTurn::default();
    for ((x, y), keys) in cells {
        let is_moved = turn.next(keys.iter().filter(|key| key.moved).count() as f64 / keys.len() as f64);
        let Some(key) = most(&keys, is_moved) else { continue };
        let (sign, style) = mark(look, ring, &RingKey { moved: is_moved, ..*key });
        pen.put_char(x, y, sign, style);
    }
}

/// A key of the owner of most of these, of those that moved or not where there are such.
fn most<'k>(keys: &[&'k RingKey], moved: bool) -> Option<&'k RingKey> {
    let of_kind: Vec<&RingKey> = keys.iter().copied().filter(|key| key.moved == moved).collect();
    let keys = if of_kind.is_empty() { keys } else { &of_kind };
    let count = |owner: Option<usize>| keys.iter().filter(|key| key.owner == owner).count();
    keys.iter().copied().max_by_key(|key| count(key.owner))
}

/// How a key looks. Where no arc says whose it is, the last digit of its owner's name does.
fn mark(look: &Look<'_>, ring: &Ring, key: &RingKey) -> (char, Style) {
    let (theme, first) = (look.theme, |sign: &str| sign.chars().next().unwrap_or('.'));
    let owner = key.owner.and_then(|owner| Some((owner, ring.owners.get(owner)?))).filter(|_| ring.tokens.is_empty());
    match owner.and_then(|(number, owner)| Some((number, owner.name.chars().last()?))) {
        Some((_, digit)) if key.moved => (digit, theme.data.patch(theme.changed)),
        Some((number, digit)) => (digit, whose(look, ring, number)),
        None if key.moved => (first(theme.glyphs.replication), theme.data),
        None => (first(theme.glyphs.dot), theme.text),
    }
}

/// What the middle says, all of it or nothing: half of it would say something else.
fn middle(pen: &mut Pen<'_>, look: &Look<'_>, ring: &Ring, circle: Circle) {
    let (x, y) = circle.cell(0.0, -circle.radius);
    let inside = (circle.radius - INSIDE[1]).max(0.0);
    let (columns, rows) = (inside as usize, (inside / 2.0) as usize);
    if ring.middle.iter().any(|line| line.split(' ').any(|word| width(word) > columns)) {
        return;
    }
    let parts = |(at, line): (usize, &String)| wrap(line, columns).into_iter().map(move |part| (at == 0, part));
    let lines: Vec<(bool, String)> = ring.middle.iter().enumerate().flat_map(parts).collect();
    if lines.len() > rows {
        return;
    }
    let top = y - lines.len() as i32 / 2;
    for ((is_first, line), y) in lines.iter().zip(top..) {
        let style = if *is_first { look.theme.strong } else { look.theme.dim };
        pen.text(x - width(line) as i32 / 2, y, line, style);
    }
}

/// The colour of an owner; that of the dead is the same for all.
fn whose(look: &Look<'_>, ring: &Ring, owner: usize) -> Style {
    let is_down = ring.owners.get(owner).is_some_and(|owner| owner.down);
    if is_down { look.theme.down } else { look.theme.group(owner as u8) }
}

/// The name of an owner, with the sign of the dead.
fn label(look: &Look<'_>, owner: &Owner) -> String {
    if owner.down { format!("{} {}", look.theme.glyphs.cross, owner.name) } else { owner.name.clone() }
}

/// Marks on the circle and names outside of it.
fn tokens(pen: &mut Pen<'_>, look: &Look<'_>, ring: &Ring, circle: Circle) -> Nodes {
    let theme = look.theme;
    let mut nodes = Nodes::new();
    let few = ring.tokens.len() <= TOKENS;
    for token in ring.tokens.iter().filter(|_| few) {
        let Some(owner) = ring.owners.get(token.owner) else { continue };
        let (x, y) = circle.cell(token.at, 0.0);
        pen.put(x, y, theme.glyphs.done, whose(look, ring, token.owner).patch(theme.strong));
        let name = label(look, owner);
        let wide = width(&name) as i32;
        let place = |out: f64| {
            let (nx, ny) = circle.cell(token.at, out);
            (if (nx < x) == (out > 0.0) { nx + 1 - wide } else { nx }, ny)
        };
        let rows = i32::from(pen.area().top())..i32::from(pen.area().bottom());
        let is_free = |pen: &Pen<'_>, (nx, ny): (i32, i32)| {
            rows.contains(&ny) && !(nx - 1..=nx + wide).any(|x| pen.symbol(x, ny).chars().any(char::is_alphanumeric))
        };
        // Inside, where there is no room outside. A name that would touch another there too is left out: the colour of the arc says it.
        let Some((nx, ny)) = [7.0, -7.0].map(place).into_iter().find(|at| is_free(pen, *at)) else { continue };
        let chosen = look.selected == Some(Target::Node(owner.node));
        let style = marked(theme, if owner.down { theme.down } else { theme.text }, owner.changed);
        let end = pen.text(nx, ny, &name, if chosen { style.patch(theme.selected) } else { style });
        let seen = Rect::new(nx.max(0) as u16, ny.max(0) as u16, (end - nx).max(0) as u16, 1);
        nodes.push((owner.node, seen.intersection(pen.area())));
    }
    nodes
}

/// Lines of an unrolled ring: its keys, its arcs, how many lie in each, and what the middle says.
const UNROLLED: u16 = 4;

/// One line of arcs with their owners, above it the keys, and below it how many lie in each.
fn unrolled(pen: &mut Pen<'_>, look: &Look<'_>, ring: &Ring) -> Nodes {
    let (theme, area) = (look.theme, pen.area());
    let mut nodes = Nodes::new();
    let room = f64::from(area.width.saturating_sub(1));
    let column = |share: f64| i32::from(area.x) + (share.clamp(0.0, 1.0) * room).round() as i32;
    let glyphs = theme.glyphs;
    // Where there is room, it stands in the middle of it.
    let y = i32::from(area.y) + i32::from(area.height.saturating_sub(UNROLLED) / 2) + i32::from(area.height >= UNROLLED);
    if area.height >= UNROLLED && (ring.straight || ring.keys.len() < usize::from(area.width) / 2 || ring.tokens.is_empty()) {
        for key in &ring.keys {
            let (sign, style) = mark(look, ring, key);
            pen.put_char(column(key.at), y - 1, sign, style);
        }
    }
    if ring.tokens.is_empty() {
        (column(0.0)..=column(1.0)).for_each(|x| pen.put(x, y, glyphs.lanes[0], theme.edge));
    }
    // The arc of the first token begins behind 0: it is drawn in two pieces.
    let pieces = arcs(ring).flat_map(|(from, to, token)| {
        let wraps = from < 0.0;
        [(from.max(0.0), to, token), (from + 1.0, 1.0, token)].into_iter().take(1 + usize::from(wraps))
    });
    for (from, to, token) in pieces {
        let Some(owner) = ring.owners.get(token.owner) else { continue };
        let (left, right) = (column(from), column(to));
        let moved = ring.moved.iter().any(|(a, b)| within((*a, *b), f64::midpoint(from, to)));
        let (line, style) = if moved {
            (glyphs.bar[0], theme.data)
        } else {
            (glyphs.lanes[if owner.down { 2 } else { 0 }], whose(look, ring, token.owner))
        };
        (left..=right).for_each(|x| pen.put(x, y, line, style));
        for x in [left, right] {
            pen.put(x, y, glyphs.tick, theme.text);
        }
        let name = format!(" {} ", label(look, owner));
        let x = (left + right + 1 - width(&name) as i32) / 2;
        if right - left > width(&name) as i32 {
            let chosen = look.selected == Some(Target::Node(owner.node));
            let style = marked(theme, if owner.down { theme.down } else { theme.text }, owner.changed);
            pen.text(x, y, &name, if chosen { style.patch(theme.selected) } else { style });
        }
        let seen = Rect::new(left.max(0) as u16, y.max(0) as u16, (right - left).max(1) as u16, 1);
        nodes.push((owner.node, seen.intersection(pen.area())));
        counts(pen, look, ring, ((from, to), (left, right)), (moved, y + 1));
    }
    let middle = ring.middle.join("   ");
    pen.clipped(area.x.into(), y + 2, &middle, area.width.into(), glyphs.more, theme.dim);
    nodes
}

/// How many keys lie in an arc, under it.
fn counts(pen: &mut Pen<'_>, look: &Look<'_>, ring: &Ring, ((from, to), (left, right)): ((f64, f64), (i32, i32)), (moved, y): (bool, i32)) {
    let inside = |at: f64| at >= from && at < to;
    let keys = ring.keys.iter().filter(|key| inside(key.at) && (key.moved || !moved)).count();
    let long = format!("{keys} {}", if moved { "moved" } else { "keys" });
    let room = (right - left - 1).max(0) as usize;
    let text = if width(&long) <= room { long } else { keys.to_string() };
    if width(&text) <= room {
        let x = (left + right + 1 - width(&text) as i32) / 2;
        pen.text(x, y, &text, if moved { look.theme.data } else { look.theme.dim });
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

    /// Of the circle as much is lit as moved, however small the arcs are.
    #[test]
    fn as_much_is_lit_as_moved() {
        let count = |moved: &[(f64, f64)]| lit(moved, 100).into_iter().filter(|lit| *lit).count();
        assert_eq!(count(&[]), 0);
        assert_eq!(count(&[(0.2, 0.5)]), 30);
        assert_eq!(count(&[(0.9, 0.1)]), 20, "across 0");
        assert_eq!(count(&[(0.42, 0.4201)]), 1, "however little it is");
        let fine: Vec<(f64, f64)> = (0..1_000).map(|at| (f64::from(at) / 1_000.0, (f64::from(at) + 0.3) / 1_000.0)).collect();
        assert_eq!(count(&fine), 30);
        assert_eq!(count(&[(0.0, 1.0)]), 100);
    }
}
