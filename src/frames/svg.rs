//! Cells as a drawing (SVG) that looks like the terminal in every browser: text stays text and stands in its cells whatever the font,
//! boxes and blocks are drawn. It stands alone: no script, no style sheet, nothing from elsewhere.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use ratatui::buffer::{Buffer, Cell};
use ratatui::style::Modifier;

use super::colours::{Rgb, Scheme};
use super::seen;
use super::shapes::{CELL, Part, parts};

/// The space around the cells.
const MARGIN: f64 = 10.0;

/// Where letters stand in their cell, from its top.
const BASELINE: f64 = 13.0;

/// The height of letters for which common fonts are as wide as a cell.
const FONT_SIZE: f64 = 13.3;

/// Fonts with the signs of the screens come first.
const FONTS: &str =
    "'DejaVu Sans Mono','Cascadia Mono','JetBrains Mono',Menlo,Consolas,'Liberation Mono','Noto Sans Mono',ui-monospace,monospace";

/// The cells as a drawing. `title` says what it shows, to those who do not see it.
pub fn svg(buffer: &Buffer, scheme: &Scheme, title: &str) -> String {
    let (columns, rows) = (f64::from(buffer.area.width), f64::from(buffer.area.height));
    let (width, height) = (number(columns * CELL.0 + 2.0 * MARGIN), number(rows * CELL.1 + 2.0 * MARGIN));
    let ground = ground_of(buffer, scheme);
    let mut drawing = Drawing { scheme, ground, strokes: Strokes::default(), out: String::new() };
    let head = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" \
         font-family=\"{FONTS}\" font-size=\"{}\" fill=\"{}\">",
        number(FONT_SIZE),
        hex(scheme.text),
    );
    let _ = writeln!(drawing.out, "{head}\n<title>{}</title>", escaped(title));
    let _ = writeln!(drawing.out, "<rect width=\"100%\" height=\"100%\" rx=\"6\" fill=\"{}\"/>", hex(ground));
    let _ = writeln!(drawing.out, "<g transform=\"translate({0} {0})\" xml:space=\"preserve\">", number(MARGIN));
    let lines: Vec<Vec<(u16, u16, &Cell)>> = (0..buffer.area.height).map(|row| seen(buffer, buffer.area.y + row).collect()).collect();
    // What is drawn later covers what was drawn before.
    for (row, cells) in lines.iter().enumerate() {
        drawing.below(cells, row as f64 * CELL.1);
    }
    std::mem::take(&mut drawing.strokes).draw(&mut drawing.out);
    for (row, cells) in lines.iter().enumerate() {
        drawing.letters(cells, row as f64 * CELL.1);
    }
    drawing.out.push_str("</g>\n</svg>\n");
    drawing.out
}

/// The background that most cells have: what lies around them has it too.
fn ground_of(buffer: &Buffer, scheme: &Scheme) -> Rgb {
    let mut counts = BTreeMap::new();
    for cell in &buffer.content {
        *counts.entry(scheme.rgb(cell.bg).unwrap_or(scheme.ground)).or_insert(0) += 1;
    }
    counts.into_iter().max_by_key(|(_, count)| *count).map_or(scheme.ground, |(colour, _)| colour)
}

struct Drawing<'s> {
    scheme: &'s Scheme,
    ground: Rgb,
    strokes: Strokes,
    out: String,
}

/// Cells side by side that are drawn at once.
struct Run {
    from: u16,
    /// How many columns.
    wide: u16,
    text: String,
    look: Look,
    /// Whether the font's own widths may not count: each sign stands in its cell.
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq)]
struct Look {
    text: Rgb,
    ground: Rgb,
    modifier: Modifier,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    /// Nothing is seen.
    Blank,
    /// Letters: their distances are those of the cells.
    Letters,
    /// One sign, in the middle of its cells.
    Sign,
    /// A picture that is drawn; the text is there to be copied and read out.
    Picture,
}

impl Drawing<'_> {
    /// Backgrounds and pictures of a line.
    fn below(&mut self, cells: &[(u16, u16, &Cell)], top: f64) {
        self.grounds(cells, top);
        for (x, _, cell) in cells {
            self.picture(*x, top, cell);
        }
    }

    /// The text of a line, without the blanks at its end.
    fn letters(&mut self, cells: &[(u16, u16, &Cell)], top: f64) {
        let is_seen = |(_, _, cell): &(u16, u16, &Cell)| cell.symbol() != " " || has_line(cell.modifier);
        let Some(last) = cells.iter().rposition(is_seen) else { return };
        let _ = write!(self.out, "<text style=\"white-space:pre\" y=\"{}\">", number(top + BASELINE));
        for run in self.runs(&cells[..=last]) {
            self.span(&run);
        }
        self.out.push_str("</text>\n");
    }

    fn look(&self, cell: &Cell) -> Look {
        let (text, ground) = self.scheme.seen((cell.fg, cell.bg), cell.modifier);
        Look { text, ground, modifier: cell.modifier & SHOWN }
    }

    /// The backgrounds that differ from that of the whole.
    fn grounds(&mut self, cells: &[(u16, u16, &Cell)], top: f64) {
        let mut open: Option<(u16, u16, Rgb)> = None;
        for (x, wide, cell) in cells {
            let ground = self.look(cell).ground;
            match &mut open {
                Some((_, end, colour)) if *colour == ground => *end = x + wide,
                _ => {
                    self.ground(open, top);
                    open = Some((*x, x + wide, ground));
                }
            }
        }
        self.ground(open, top);
    }

    fn ground(&mut self, open: Option<(u16, u16, Rgb)>, top: f64) {
        let Some((from, end, colour)) = open.filter(|(_, _, colour)| *colour != self.ground) else { return };
        let (x, width) = (number(f64::from(from) * CELL.0), number(f64::from(end - from) * CELL.0));
        let (y, height, fill) = (number(top), number(CELL.1), hex(colour));
        let _ = writeln!(self.out, "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" fill=\"{fill}\"/>");
    }

    /// What stands side by side and looks alike is one run. Between words of a run is one blank: more of them, and those at an end, are
    /// runs of their own, because browsers do not agree on how wide they are.
    fn runs(&self, cells: &[(u16, u16, &Cell)]) -> Vec<Run> {
        let mut runs: Vec<Run> = Vec::new();
        for &(x, wide, cell) in cells {
            let (symbol, look) = (cell.symbol(), self.look(cell));
            let kind = match symbol {
                " " if !has_line(look.modifier) => Kind::Blank,
                _ if parts(symbol).is_some() => Kind::Picture,
                _ if symbol.is_ascii() => Kind::Letters,
                _ => Kind::Sign,
            };
            if let [.., words, blank] = runs.as_mut_slice()
                && kind == Kind::Letters
                && (words.kind, words.look) == (kind, look)
                && (blank.kind, blank.wide) == (Kind::Blank, 1)
            {
                words.text.push(' ');
                words.text.push_str(symbol);
                words.wide += wide + 1;
                runs.pop();
                continue;
            }
            let joins = |run: &&mut Run| run.kind == kind && kind != Kind::Sign && (kind == Kind::Blank || run.look == look);
            match runs.last_mut().filter(joins) {
                Some(run) => {
                    run.text.push_str(symbol);
                    run.wide += wide;
                }
                None => runs.push(Run { from: x, wide, text: symbol.to_string(), look, kind }),
            }
        }
        runs
    }

    fn span(&mut self, run: &Run) {
        if run.kind == Kind::Blank {
            // With a place of its own it does not move the sign before it.
            let _ = write!(self.out, "<tspan x=\"{}\">{}</tspan>", number(f64::from(run.from) * CELL.0), run.text);
            return;
        }
        let (left, wide) = (f64::from(run.from) * CELL.0, f64::from(run.wide) * CELL.0);
        let at = if run.kind == Kind::Sign { left + wide / 2.0 } else { left };
        let _ = write!(self.out, "<tspan x=\"{}\"", number(at));
        match run.kind {
            Kind::Letters if run.wide > 1 => _ = write!(self.out, " textLength=\"{}\"", number(wide)),
            Kind::Letters | Kind::Blank => {}
            Kind::Sign => self.out.push_str(" text-anchor=\"middle\""),
            Kind::Picture => _ = write!(self.out, " textLength=\"{}\" fill-opacity=\"0\"", number(wide)),
        }
        if run.kind != Kind::Picture && run.look.text != self.scheme.text && !run.text.trim().is_empty() {
            let _ = write!(self.out, " fill=\"{}\"", hex(run.look.text));
        }
        let lines = [(Modifier::UNDERLINED, "underline"), (Modifier::CROSSED_OUT, "line-through")];
        let lines: Vec<&str> = lines.iter().filter(|(flag, _)| run.look.modifier.contains(*flag)).map(|(_, word)| *word).collect();
        if !lines.is_empty() {
            let _ = write!(self.out, " text-decoration=\"{}\"", lines.join(" "));
        }
        for (flag, word) in [
            (Modifier::BOLD, " font-weight=\"bold\""),
            (Modifier::ITALIC, " font-style=\"italic\""),
            (Modifier::HIDDEN, " visibility=\"hidden\""),
        ] {
            if run.look.modifier.contains(flag) {
                self.out.push_str(word);
            }
        }
        let _ = write!(self.out, ">{}</tspan>", escaped(&run.text));
    }

    fn picture(&mut self, x: u16, top: f64, cell: &Cell) {
        let Some(parts) = parts(cell.symbol()).filter(|_| !cell.modifier.contains(Modifier::HIDDEN)) else { return };
        let (left, ink) = (f64::from(x) * CELL.0, self.look(cell).text);
        for part in parts {
            match part {
                Part::Block([x, y, width, height]) => self.block([left + x, top + y, width, height], ink, 1.0),
                Part::Shade([x, y, width, height], share) => self.block([left + x, top + y, width, height], ink, share),
                Part::Dot([x, y]) => self.strokes.dot(ink, [left + x, top + y]),
                Part::Line([ax, ay, bx, by], width) => self.strokes.line((ink, width), [left + ax, top + ay, left + bx, top + by]),
                Part::Round([ax, ay, bx, by]) => self.strokes.round(ink, [left + ax, top + ay, left + bx, top + by]),
            }
        }
    }

    fn block(&mut self, place: [f64; 4], ink: Rgb, share: f64) {
        let [x, y, width, height] = place.map(number);
        let opacity = if share < 1.0 { format!(" fill-opacity=\"{}\"", number(share)) } else { String::new() };
        let _ = writeln!(self.out, "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" fill=\"{}\"{opacity}/>", hex(ink));
    }
}

/// The lines of a drawing, those of a colour and a width as one path: there are thousands of them.
#[derive(Default)]
struct Strokes {
    paths: BTreeMap<(Rgb, Pen), String>,
    /// The line that the next one may go on, in hundredths, with its path.
    open: Option<((Rgb, Pen), [i64; 4])>,
}

/// What lines are drawn with: their width in hundredths, and whether their ends are round.
type Pen = (i64, bool);

/// The width of the lines of round corners.
const ROUND: f64 = 1.1;

/// The width of a dot.
const DOT: f64 = 2.0;

impl Strokes {
    fn line(&mut self, (ink, width): (Rgb, f64), place: [f64; 4]) {
        let key = (ink, (hundredths(width), false));
        let [ax, ay, bx, by] = place.map(hundredths);
        if let Some((open, line)) = &mut self.open {
            let goes_on = *open == key && ay == by && [line[1], line[3]] == [ay, ay] && ax == line[2];
            if goes_on {
                line[2] = bx;
                return;
            }
        }
        self.close();
        self.open = Some((key, [ax, ay, bx, by]));
    }

    fn close(&mut self) {
        let Some((key, line)) = self.open.take() else { return };
        let path = self.paths.entry(key).or_default();
        let [ax, ay, bx, by] = line.map(written);
        let _ = match (line[0] == line[2], line[1] == line[3]) {
            (_, true) => write!(path, "M{ax} {ay}H{bx}"),
            (true, false) => write!(path, "M{ax} {ay}V{by}"),
            (false, false) => write!(path, "M{ax} {ay}L{bx} {by}"),
        };
    }

    /// A corner: both ends lie in the middle of an edge.
    fn round(&mut self, ink: Rgb, place: [f64; 4]) {
        self.close();
        let [ax, ay, bx, by] = place.map(number);
        let path = self.paths.entry((ink, (hundredths(ROUND), false))).or_default();
        let _ = write!(path, "M{ax} {ay}Q{ax} {by} {bx} {by}");
    }

    fn dot(&mut self, ink: Rgb, place: [f64; 2]) {
        self.close();
        let [x, y] = place.map(number);
        let path = self.paths.entry((ink, (hundredths(DOT), true))).or_default();
        let _ = write!(path, "M{x} {y}h0");
    }

    fn draw(mut self, out: &mut String) {
        self.close();
        for ((ink, (width, round)), path) in &self.paths {
            let (width, cap) = (written(*width), if *round { " stroke-linecap=\"round\"" } else { "" });
            let _ = writeln!(out, "<path fill=\"none\" stroke=\"{}\" stroke-width=\"{width}\"{cap} d=\"{path}\"/>", hex(*ink));
        }
    }
}

/// What of a look a run of text says itself; the rest is in its colours.
const SHOWN: Modifier =
    Modifier::BOLD.union(Modifier::ITALIC).union(Modifier::UNDERLINED).union(Modifier::CROSSED_OUT).union(Modifier::HIDDEN);

/// Whether a blank is seen all the same.
fn has_line(modifier: Modifier) -> bool {
    modifier.intersects(Modifier::UNDERLINED | Modifier::CROSSED_OUT)
}

fn hex([red, green, blue]: Rgb) -> String {
    format!("#{red:02x}{green:02x}{blue:02x}")
}

/// A length in hundredths.
fn hundredths(length: f64) -> i64 {
    (length * 100.0).round() as i64
}

/// A length with at most two decimals, the same on every machine.
fn number(length: f64) -> String {
    written(hundredths(length))
}

fn written(hundredths: i64) -> String {
    let sign = if hundredths < 0 { "-" } else { "" };
    let text = format!("{sign}{}.{:02}", hundredths.abs() / 100, hundredths.abs() % 100);
    text.trim_end_matches('0').trim_end_matches('.').to_string()
}

/// A text as XML and HTML write it, in an element or an attribute. What XML cannot hold is a question mark.
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\t' | '\n' => out.push(c),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}
