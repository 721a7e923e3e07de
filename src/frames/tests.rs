//! Whether every form of a picture shows what the cells hold, by readers that nobody here wrote.

use std::num::NonZero;
use std::time::Duration;

use proptest::prelude::*;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};

use super::*;

fn terminal(buffer: &Buffer) -> vt100::Parser {
    let cells = |n: u16| NonZero::new(n).unwrap();
    vt100::Parser::new(cells(buffer.area.height), cells(buffer.area.width), 0)
}

/// A colour as the emulator tells it.
fn told(colour: Color) -> vt100::Color {
    match colour {
        Color::Reset => vt100::Color::Default,
        Color::Indexed(index) => vt100::Color::Idx(index),
        Color::Rgb(r, g, b) => vt100::Color::Rgb(r, g, b),
        named => {
            const NAMED: [Color; 16] = [
                Color::Black,
                Color::Red,
                Color::Green,
                Color::Yellow,
                Color::Blue,
                Color::Magenta,
                Color::Cyan,
                Color::Gray,
                Color::DarkGray,
                Color::LightRed,
                Color::LightGreen,
                Color::LightYellow,
                Color::LightBlue,
                Color::LightMagenta,
                Color::LightCyan,
                Color::White,
            ];
            vt100::Color::Idx(NAMED.iter().position(|known| *known == named).unwrap() as u8)
        }
    }
}

/// Whether a terminal shows these cells, with their colours.
fn same(buffer: &Buffer, screen: &vt100::Screen) -> Result<(), String> {
    for row in 0..buffer.area.height {
        for (x, _, cell) in seen(buffer, row) {
            let shown = screen.cell(row, x).ok_or("no cell")?;
            let symbol = if shown.contents().is_empty() { " " } else { shown.contents() };
            let has = |flag| cell.modifier.contains(flag);
            let looks = [shown.bold(), shown.dim(), shown.italic(), shown.underline(), shown.inverse()];
            let wanted =
                [has(Modifier::BOLD), has(Modifier::DIM), has(Modifier::ITALIC), has(Modifier::UNDERLINED), has(Modifier::REVERSED)];
            let found = (symbol, shown.fgcolor(), shown.bgcolor(), looks);
            let expected = (cell.symbol(), told(cell.fg), told(cell.bg), wanted);
            if found != expected {
                return Err(format!("line {row}, column {x}: {found:?} in place of {expected:?}"));
            }
        }
    }
    Ok(())
}

/// The text of each line of a drawing.
fn lines_of(svg: &str) -> Vec<(String, String)> {
    let document = roxmltree::Document::parse(svg).unwrap_or_else(|error| panic!("{error}: {svg}"));
    let texts = document.descendants().filter(|node| node.has_tag_name("text"));
    let whole = |node: roxmltree::Node| node.descendants().filter(roxmltree::Node::is_text).filter_map(|n| n.text()).collect::<String>();
    texts.map(|node| (node.attribute("y").unwrap_or_default().to_string(), whole(node))).collect()
}

const SYMBOLS: [&str; 22] =
    ["a", "<", "&", "\"", " ", " ", "─", "╔", "╮", "┆", "▄", "▒", "⠑", "★", "日", "é", "e\u{301}", "Z", "╳", "━", "║", "┼"];
const COLOURS: [Color; 6] = [Color::Reset, Color::Red, Color::LightCyan, Color::White, Color::Indexed(208), Color::Rgb(1, 2, 3)];

fn frame(width: u16, height: u16, cells: &[(usize, usize, usize, u16)]) -> Buffer {
    let mut buffer = Buffer::empty(Rect::new(0, 0, width, height));
    let flags = Modifier::BOLD | Modifier::DIM | Modifier::ITALIC | Modifier::UNDERLINED | Modifier::REVERSED;
    // The terminal that is asked knows one intensity at a time: bold or dim.
    let shown = |bits: u16| {
        let all = Modifier::from_bits_truncate(bits) & flags;
        if all.contains(Modifier::BOLD) { all - Modifier::DIM } else { all }
    };
    for (index, (symbol, fg, bg, bits)) in cells.iter().enumerate().take(usize::from(width) * usize::from(height)) {
        let (x, y) = (index as u16 % width, index as u16 / width);
        let style = Style::new().fg(COLOURS[fg % COLOURS.len()]).bg(COLOURS[bg % COLOURS.len()]).add_modifier(shown(*bits));
        buffer.set_stringn(x, y, SYMBOLS[symbol % SYMBOLS.len()], usize::from(width - x), style);
    }
    buffer
}

fn cells() -> impl Strategy<Value = Vec<(usize, usize, usize, u16)>> {
    proptest::collection::vec((0usize..22, 0usize..6, 0usize..6, 0u16..512), 96)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_terminal_shows_the_same_cells(cells in cells()) {
        let buffer = frame(16, 6, &cells);
        let mut parser = terminal(&buffer);
        parser.process(ansi(&buffer).trim_end_matches('\n').replace('\n', "\r\n").as_bytes());
        prop_assert_eq!(same(&buffer, parser.screen()), Ok(()));
    }

    #[test]
    fn a_film_ends_with_its_last_frame(first in cells(), second in cells(), third in cells()) {
        let frames = [frame(16, 6, &first), frame(16, 6, &second), frame(16, 6, &third)];
        let mut cast = Cast::new(Version::V2, "x", Scheme::DARK);
        let mut parser = terminal(&frames[0]);
        for (n, one) in frames.iter().enumerate() {
            cast.frame(Duration::from_millis(100 * n as u64), one);
        }
        for (_, output) in outputs(&cast.text()) {
            parser.process(output.as_bytes());
        }
        prop_assert_eq!(same(&frames[2], parser.screen()), Ok(()));
    }

    #[test]
    fn a_drawing_holds_the_same_text(cells in cells()) {
        let buffer = frame(16, 6, &cells);
        let drawn = lines_of(&svg(&buffer, &Scheme::LIGHT, "<a> & \"b\""));
        let drawn: Vec<&str> = drawn.iter().map(|(_, line)| line.trim_end()).collect();
        let plain = text(&buffer);
        let expected: Vec<&str> = plain.lines().collect();
        // A line of blanks has no text, unless they are underlined.
        let drawn: Vec<&str> = drawn.into_iter().filter(|line| !line.is_empty()).collect();
        let expected: Vec<&str> = expected.into_iter().filter(|line| !line.is_empty()).collect();
        prop_assert_eq!(drawn, expected);
    }
}

/// The outputs of a film, each with its moment as it is written.
fn outputs(cast: &str) -> Vec<(f64, String)> {
    let event = |line: &str| serde_json::from_str::<(f64, String, String)>(line).unwrap();
    cast.lines().skip(1).map(event).filter(|(_, kind, _)| kind == "o").map(|(at, _, text)| (at, text)).collect()
}

#[test]
fn a_film_says_its_times_as_its_version_does() {
    let [a, b] = ["a", "b"].map(|text| {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 4, 1));
        buffer.set_string(0, 0, text, Style::new());
        buffer
    });
    let times = |version| {
        let mut cast = Cast::new(version, "t\u{e9} \u{1f600}", Scheme::DARK);
        for (ms, frame) in [(0, &a), (1500, &b), (1500, &b), (2250, &a)] {
            cast.frame(Duration::from_millis(ms), frame);
        }
        let text = cast.text();
        let head: serde_json::Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
        assert_eq!(head["title"], "t\u{e9} \u{1f600}");
        assert!(text.is_ascii());
        outputs(&text).iter().map(|(at, _)| *at).collect::<Vec<f64>>()
    };
    assert_eq!(times(Version::V2), [0.0, 1.5, 2.25], "what shows nothing new is no event");
    assert_eq!(times(Version::V3), [0.0, 1.5, 0.75]);
}

#[test]
fn colours_are_those_of_the_theme_and_reversed_ones_change_places() {
    let scheme = Scheme::DARK;
    assert_eq!(scheme.rgb(Color::Indexed(208)), Some([255, 135, 0]));
    assert_eq!(scheme.rgb(Color::Indexed(233)), Some([18, 18, 18]));
    assert_eq!(scheme.seen((Color::Reset, Color::Reset), Modifier::REVERSED), (scheme.ground, scheme.text));
    let mut buffer = Buffer::empty(Rect::new(0, 0, 3, 1));
    buffer.set_string(
        0,
        0,
        "x",
        Style::new().fg(Color::Rgb(1, 2, 3)).add_modifier(Modifier::REVERSED | Modifier::BOLD | Modifier::UNDERLINED),
    );
    let drawing = svg(&buffer, &scheme, "");
    for part in ["<rect x=\"0\" y=\"0\" width=\"8\" height=\"17\" fill=\"#010203\"/>", "fill=\"#121212\"", "bold", "underline"] {
        assert!(drawing.contains(part), "{part}: {drawing}");
    }
}

#[test]
fn lines_of_boxes_join() {
    let mut buffer = Buffer::empty(Rect::new(0, 0, 4, 1));
    buffer.set_string(0, 0, "────", Style::new());
    let drawing = svg(&buffer, &Scheme::DARK, "");
    assert!(drawing.contains("d=\"M0 8.5H32\""), "{drawing}");
}
