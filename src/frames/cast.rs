//! Many frames as a film of a terminal: an asciicast, as asciinema records and plays it. It writes and moves the cursor and nothing
//! else: it asks the terminal nothing and leaves its modes alone, but for hiding the cursor.

use std::fmt::Write as _;
use std::time::Duration;

use ratatui::buffer::Buffer;

use super::ansi::{PLAIN, change, look};
use super::colours::Scheme;
use super::seen;

/// The versions of the form.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Version {
    /// The moment of every event, from the start.
    #[default]
    V2,
    /// The time since the event before.
    V3,
}

/// A film that is being made.
#[derive(Clone, Debug)]
pub struct Cast {
    version: Version,
    title: String,
    scheme: Scheme,
    last: Option<Buffer>,
    events: Vec<(Duration, Kind, String)>,
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    Output,
    Marker,
    Resize,
}

impl Cast {
    /// A film without frames yet.
    pub fn new(version: Version, title: &str, scheme: Scheme) -> Cast {
        Cast { version, title: title.to_string(), scheme, last: None, events: Vec::new() }
    }

    /// Adds a frame. Frames come in order; one that shows what the one before shows adds nothing.
    pub fn frame(&mut self, at: Duration, frame: &Buffer) {
        let text = match &self.last {
            Some(last) if last.area == frame.area => difference(last, frame),
            Some(_) => {
                self.events.push((at, Kind::Resize, format!("{}x{}", frame.area.width, frame.area.height)));
                whole(frame)
            }
            None => whole(frame),
        };
        if !text.is_empty() {
            self.events.push((at, Kind::Output, text));
        }
        self.last = Some(frame.clone());
    }

    /// Marks a moment with a few words, to jump to.
    pub fn marker(&mut self, at: Duration, words: &str) {
        self.events.push((at, Kind::Marker, words.to_string()));
    }

    /// Shows the last frame until then.
    pub fn hold(&mut self, until: Duration) {
        self.events.push((until, Kind::Output, String::new()));
    }

    /// How many frames changed something.
    pub fn frames(&self) -> usize {
        self.events.iter().filter(|(_, kind, text)| matches!(kind, Kind::Output) && !text.is_empty()).count()
    }

    /// The text of the file.
    pub fn text(&self) -> String {
        let mut out = self.head();
        let mut before = Duration::ZERO;
        for (at, kind, text) in &self.events {
            let shown = match self.version {
                Version::V2 => *at,
                Version::V3 => at.saturating_sub(before),
            };
            before = *at;
            let code = match kind {
                Kind::Output => "o",
                Kind::Marker => "m",
                Kind::Resize => "r",
            };
            // Writing to a String cannot fail.
            let _ = writeln!(out, "[{}.{:06}, \"{code}\", {}]", shown.as_secs(), shown.subsec_micros(), quoted(text));
        }
        out
    }

    fn head(&self) -> String {
        let size = self.last.as_ref().map_or((80, 24), |frame| (frame.area.width, frame.area.height));
        let hex = |[r, g, b]: [u8; 3]| format!("#{r:02x}{g:02x}{b:02x}");
        let named: Vec<String> = self.scheme.named.iter().map(|colour| hex(*colour)).collect();
        let theme = format!(
            "{{\"fg\": \"{}\", \"bg\": \"{}\", \"palette\": \"{}\"}}",
            hex(self.scheme.text),
            hex(self.scheme.ground),
            named.join(":")
        );
        let title = quoted(&self.title);
        match self.version {
            Version::V2 => format!(
                "{{\"version\": 2, \"width\": {}, \"height\": {}, \"title\": {title}, \"env\": {{\"TERM\": \"xterm-256color\"}}, \"theme\": {theme}}}\n",
                size.0, size.1
            ),
            Version::V3 => format!(
                "{{\"version\": 3, \"term\": {{\"cols\": {}, \"rows\": {}, \"type\": \"xterm-256color\", \"theme\": {theme}}}, \"title\": {title}}}\n",
                size.0, size.1
            ),
        }
    }
}

/// A text as JSON writes it, in ASCII.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            ' '..='~' => out.push(c),
            c => c.encode_utf16(&mut [0; 2]).iter().for_each(|unit| _ = write!(out, "\\u{unit:04x}")),
        }
    }
    out.push('"');
    out
}

/// Draws everything on a terminal of which nothing is known.
fn whole(frame: &Buffer) -> String {
    let mut out = String::from("\x1b[0m\x1b[?25l\x1b[2J\x1b[H");
    let blank = Buffer::empty(frame.area);
    out.push_str(&difference(&blank, frame));
    out
}

/// Draws the cells that differ. What a wide sign covered or covers is drawn with it.
fn difference(last: &Buffer, frame: &Buffer) -> String {
    let mut out = String::new();
    let mut now = PLAIN;
    for row in 0..frame.area.height {
        let before: Vec<_> = seen(last, last.area.y + row).collect();
        let mut cursor = None;
        for (x, wide, cell) in seen(frame, frame.area.y + row) {
            let same = before.binary_search_by_key(&x, |(column, _, _)| *column).is_ok_and(|i| before[i].1 == wide && before[i].2 == cell);
            if same {
                continue;
            }
            if cursor != Some(x) {
                let _ = write!(out, "\x1b[{};{}H", row + 1, x + 1);
            }
            change(&mut out, &mut now, look(cell));
            out.push_str(cell.symbol());
            // After the last column terminals disagree about where the cursor is, and so they do after signs of other widths.
            cursor = cell.symbol().is_ascii().then_some(x + wide);
        }
    }
    change(&mut out, &mut now, PLAIN);
    out
}
