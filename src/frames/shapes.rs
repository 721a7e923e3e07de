//! Characters that are pictures: lines of boxes, blocks and patterns of dots. Fonts draw them with gaps between the cells, or not at
//! all, so a drawing draws them itself: each as what it means, from edge to edge of its cell.

/// The size of a cell in a drawing, in units of the drawing.
pub(super) const CELL: (f64, f64) = (8.0, 17.0);

/// A part of a picture, within a cell.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Part {
    /// A filled rectangle: left, top, width, height.
    Block([f64; 4]),
    /// A filled rectangle that lets some of the background through: the same, and how much of it covers, 0 to 1.
    Shade([f64; 4], f64),
    /// A dot.
    Dot([f64; 2]),
    /// A line from one point to another, and its width.
    Line([f64; 4], f64),
    /// A corner that is round: from the middle of an edge to that of another.
    Round([f64; 4]),
}

/// The width of a light line and of a heavy one.
const LIGHT: f64 = 1.1;
const HEAVY: f64 = 2.4;

/// Half of what lies between the two lines of a double one.
const APART: f64 = 1.5;

/// The picture of a character; `None`: a font draws it.
pub(super) fn parts(symbol: &str) -> Option<Vec<Part>> {
    let mut chars = symbol.chars();
    let (Some(c), None) = (chars.next(), chars.next()) else { return None };
    match c {
        '\u{2580}'..='\u{259f}' => blocks(c),
        '\u{2800}'..='\u{28ff}' => Some(dots(c)),
        '╱' => Some(vec![Part::Line([0.0, CELL.1, CELL.0, 0.0], LIGHT)]),
        '╲' => Some(vec![Part::Line([0.0, 0.0, CELL.0, CELL.1], LIGHT)]),
        '╳' => Some(vec![Part::Line([0.0, CELL.1, CELL.0, 0.0], LIGHT), Part::Line([0.0, 0.0, CELL.0, CELL.1], LIGHT)]),
        '╭' => Some(vec![Part::Round([MIDDLE.0, CELL.1, CELL.0, MIDDLE.1])]),
        '╮' => Some(vec![Part::Round([MIDDLE.0, CELL.1, 0.0, MIDDLE.1])]),
        '╰' => Some(vec![Part::Round([MIDDLE.0, 0.0, CELL.0, MIDDLE.1])]),
        '╯' => Some(vec![Part::Round([MIDDLE.0, 0.0, 0.0, MIDDLE.1])]),
        _ => dashes(c).or_else(|| arms(c)),
    }
}

const MIDDLE: (f64, f64) = (CELL.0 / 2.0, CELL.1 / 2.0);

/// Light dashed lines: how many dashes to a cell.
fn dashes(c: char) -> Option<Vec<Part>> {
    let (count, across, width) = match c {
        '╌' => (2, true, LIGHT),
        '╎' => (2, false, LIGHT),
        '┄' => (3, true, LIGHT),
        '┆' => (3, false, LIGHT),
        '┈' => (4, true, LIGHT),
        '┊' => (4, false, LIGHT),
        _ => return None,
    };
    let length = if across { CELL.0 } else { CELL.1 } / f64::from(count);
    let dash = |n: i32| {
        let (from, to) = (length * (f64::from(n) + 0.2), length * (f64::from(n) + 0.8));
        if across { Part::Line([from, MIDDLE.1, to, MIDDLE.1], width) } else { Part::Line([MIDDLE.0, from, MIDDLE.0, to], width) }
    };
    Some((0..count).map(dash).collect())
}

/// The arm of a box from the middle to an edge.
#[derive(Clone, Copy, PartialEq)]
enum Arm {
    No,
    Light,
    Heavy,
    Double,
}

/// Boxes: the arms to the left, to the right, up and down.
fn arms(c: char) -> Option<Vec<Part>> {
    use Arm::{Double, Heavy, Light, No};
    let [left, right, up, down] = match c {
        '─' => [Light, Light, No, No],
        '━' => [Heavy, Heavy, No, No],
        '│' => [No, No, Light, Light],
        '┃' => [No, No, Heavy, Heavy],
        '┌' => [No, Light, No, Light],
        '┐' => [Light, No, No, Light],
        '└' => [No, Light, Light, No],
        '┘' => [Light, No, Light, No],
        '├' => [No, Light, Light, Light],
        '┤' => [Light, No, Light, Light],
        '┬' => [Light, Light, No, Light],
        '┴' => [Light, Light, Light, No],
        '┼' => [Light, Light, Light, Light],
        '═' => [Double, Double, No, No],
        '║' => [No, No, Double, Double],
        '╔' => [No, Double, No, Double],
        '╗' => [Double, No, No, Double],
        '╚' => [No, Double, Double, No],
        '╝' => [Double, No, Double, No],
        '╴' => [Light, No, No, No],
        '╶' => [No, Light, No, No],
        '╵' => [No, No, Light, No],
        '╷' => [No, No, No, Light],
        '╸' => [Heavy, No, No, No],
        '╺' => [No, Heavy, No, No],
        _ => return None,
    };
    let mut parts = Vec::new();
    for (arm, (dx, dy)) in [(left, (-1.0, 0.0)), (right, (1.0, 0.0)), (up, (0.0, -1.0)), (down, (0.0, 1.0))] {
        let end = (MIDDLE.0 + dx * MIDDLE.0, MIDDLE.1 + dy * MIDDLE.1);
        match arm {
            No => {}
            Light => parts.push(line(MIDDLE, end, LIGHT)),
            Heavy => parts.push(line(MIDDLE, end, HEAVY)),
            Double => {
                for side in [-APART, APART] {
                    // The outer line of a corner goes on to meet the other, and the inner one ends before it.
                    let inner = reach([left, right, up, down], dx, side);
                    let (x, y) = (MIDDLE.0 + dy.abs() * side, MIDDLE.1 + dx.abs() * side);
                    let from = (x + dx * inner, y + dy * inner);
                    parts.push(line(from, (end.0 + dy.abs() * side, end.1 + dx.abs() * side), LIGHT));
                }
            }
        }
    }
    Some(parts)
}

/// A line, from left to right and from the top down, so that it joins the one before it.
fn line(a: (f64, f64), b: (f64, f64), width: f64) -> Part {
    let [from, to] = if (a.0 + a.1) <= (b.0 + b.1) { [a, b] } else { [b, a] };
    Part::Line([from.0, from.1, to.0, to.1], width)
}

/// How far from the middle, outwards, one of the two lines of a double arm begins.
fn reach([left, right, up, down]: [Arm; 4], dx: f64, side: f64) -> f64 {
    // The arms across, on the side of this line and on the other.
    let (before, after) = if dx == 0.0 { (left, right) } else { (up, down) };
    let (near, far) = if side < 0.0 { (before, after) } else { (after, before) };
    match (near == Arm::Double, far == Arm::Double) {
        (true, _) => APART,
        (false, true) => -APART,
        (false, false) => 0.0,
    }
}

/// Blocks: parts of the cell that are filled.
fn blocks(c: char) -> Option<Vec<Part>> {
    let (width, height) = CELL;
    let code = c as u32;
    let block = match code {
        0x2580 => [0.0, 0.0, width, height / 2.0],
        0x2581..=0x2588 => {
            let filled = height * f64::from(code - 0x2580) / 8.0;
            [0.0, height - filled, width, filled]
        }
        0x2589..=0x258f => [0.0, 0.0, width * f64::from(0x2590 - code) / 8.0, height],
        0x2590 => [width / 2.0, 0.0, width / 2.0, height],
        0x2591..=0x2593 => return Some(vec![Part::Shade([0.0, 0.0, width, height], f64::from(code - 0x2590) / 4.0)]),
        _ => return None,
    };
    Some(vec![Part::Block(block)])
}

/// The bits of a pattern of eight dots, by column and line.
const BRAILLE: [[u32; 4]; 2] = [[0, 1, 2, 6], [3, 4, 5, 7]];

fn dots(c: char) -> Vec<Part> {
    let bits = c as u32 - 0x2800;
    let mut parts = Vec::new();
    for (column, rows) in BRAILLE.iter().enumerate() {
        for (row, bit) in rows.iter().enumerate() {
            if bits >> bit & 1 == 1 {
                let at = [CELL.0 * (0.25 + 0.5 * column as f64), CELL.1 * (0.125 + 0.25 * row as f64)];
                parts.push(Part::Dot(at));
            }
        }
    }
    parts
}
