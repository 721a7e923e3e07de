//! A sheet to draw on: SVG elements with their lengths written alike on every machine.

use std::fmt::Write as _;

use crate::frames::escaped;

/// The inks. On white each stands out as text does.
pub(super) mod ink {
    pub(in crate::outside) const TEXT: &str = "#1c1c1c";
    pub(in crate::outside) const DIM: &str = "#5f5f5f";
    pub(in crate::outside) const LANE: &str = "#9a9a9a";
    pub(in crate::outside) const GRID: &str = "#e3e3e3";
    pub(in crate::outside) const CLIENT: &str = "#005f87";
    pub(in crate::outside) const DATA: &str = "#8a5a00";
    pub(in crate::outside) const VOTE: &str = "#7b1fa2";
    pub(in crate::outside) const GOSSIP: &str = "#1f5fbf";
    pub(in crate::outside) const QUIET: &str = "#8a8a8a";
    pub(in crate::outside) const BAD: &str = "#b71c1c";
    pub(in crate::outside) const GOOD: &str = "#1b6e20";
    pub(in crate::outside) const DOUBT: &str = "#8a5a00";
}

/// How a line looks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stroke {
    pub(super) ink: &'static str,
    pub(super) width: f64,
    /// Lengths of dashes and gaps; empty: none.
    pub(super) dash: &'static str,
}

impl Stroke {
    pub(super) const fn new(ink: &'static str, width: f64) -> Stroke {
        Stroke { ink, width, dash: "" }
    }

    pub(super) const fn dashed(self, dash: &'static str) -> Stroke {
        Stroke { dash, ..self }
    }
}

/// Where a text stands by its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

/// What was drawn so far.
#[derive(Debug, Default)]
pub(super) struct Canvas {
    out: String,
}

impl Canvas {
    pub(super) fn line(&mut self, (ax, ay): (f64, f64), (bx, by): (f64, f64), stroke: Stroke) {
        let [ax, ay, bx, by] = [ax, ay, bx, by].map(number);
        let _ = write!(self.out, "<path d=\"M{ax} {ay}L{bx} {by}\" stroke=\"{}\" stroke-width=\"{}\"", stroke.ink, number(stroke.width));
        if !stroke.dash.is_empty() {
            let _ = write!(self.out, " stroke-dasharray=\"{}\"", stroke.dash);
        }
        self.out.push_str("/>\n");
    }

    /// A filled outline through these points.
    pub(super) fn shape(&mut self, points: &[(f64, f64)], ink: &str) {
        let points: Vec<String> = points.iter().map(|(x, y)| format!("{},{}", number(*x), number(*y))).collect();
        let _ = writeln!(self.out, "<polygon points=\"{}\" fill=\"{ink}\"/>", points.join(" "));
    }

    /// A box with round corners; `dash` as in [`Stroke`]. `about` is shown where something points at it.
    pub(super) fn bar(&mut self, [x, y, width, height]: [f64; 4], (fill, edge, dash): (&str, &str, &str), about: &str) {
        let [x, y, width, height] = [x, y, width, height].map(number);
        let dash = if dash.is_empty() { String::new() } else { format!(" stroke-dasharray=\"{dash}\"") };
        let _ = writeln!(
            self.out,
            "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" rx=\"3\" fill=\"{fill}\" stroke=\"{edge}\"{dash}><title>{}</title></rect>",
            escaped(about)
        );
    }

    /// A cross.
    pub(super) fn cross(&mut self, (x, y): (f64, f64), size: f64, ink: &'static str) {
        self.line((x - size, y - size), (x + size, y + size), Stroke::new(ink, 1.8));
        self.line((x - size, y + size), (x + size, y - size), Stroke::new(ink, 1.8));
    }

    pub(super) fn text(&mut self, (x, y): (f64, f64), words: &str, (size, ink, bold): (f64, &str, bool), anchor: Anchor) {
        let anchor = match anchor {
            Anchor::Start => "",
            Anchor::Middle => " text-anchor=\"middle\"",
            Anchor::End => " text-anchor=\"end\"",
        };
        let bold = if bold { " font-weight=\"bold\"" } else { "" };
        let _ = writeln!(
            self.out,
            "<text x=\"{}\" y=\"{}\" font-size=\"{}\" fill=\"{ink}\"{anchor}{bold}>{}</text>",
            number(x),
            number(y),
            number(size),
            escaped(words)
        );
    }

    /// A text on paper of its own, so that it reads well where lines pass.
    pub(super) fn label(&mut self, (x, y): (f64, f64), words: &str, (size, ink, bold): (f64, &str, bool)) {
        let [left, top, width, height] = [x - 1.0, y - size * 0.85, wide(words, size) + 2.0, size * 1.1].map(number);
        let _ = writeln!(
            self.out,
            "<rect x=\"{left}\" y=\"{top}\" width=\"{width}\" height=\"{height}\" fill=\"#ffffff\" fill-opacity=\"0.8\"/>"
        );
        self.text((x, y), words, (size, ink, bold), Anchor::Start);
    }

    /// The whole drawing.
    pub(super) fn finish(self, (width, height): (f64, f64), title: &str) -> String {
        let [width, height] = [width, height].map(number);
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" \
             font-family=\"system-ui,'Segoe UI',Helvetica,Arial,'DejaVu Sans',sans-serif\">\n<title>{}</title>\n\
             <rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n{}</svg>\n",
            escaped(title),
            self.out
        )
    }
}

/// How wide a text is about, at this size.
pub(super) fn wide(words: &str, size: f64) -> f64 {
    crate::tui::widgets::text::width(words) as f64 * size * 0.56
}

/// A length with at most one decimal.
fn number(length: f64) -> String {
    let tenths = (length * 10.0).round() as i64;
    let sign = if tenths < 0 { "-" } else { "" };
    let (whole, rest) = (tenths.abs() / 10, tenths.abs() % 10);
    if rest == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{rest}") }
}
