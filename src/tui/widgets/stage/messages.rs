//! Messages on their wires: a glyph each that nothing hides, and words where there is room.

use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use super::flows::Stream;
use super::layout::Layout;
use super::sheet::{Cell, Sheet};
use super::walls::{Wall, reach};
use super::wire::Wire;
use super::{Hits, Target, View};
use crate::cluster::scene::{Fate, FlightView, Sign, Spark, SparkKind};
use crate::tui::theme::Theme;
use crate::tui::widgets::dots::Point;
use crate::tui::widgets::text::width;

/// A message with its cell.
struct Placed<'a> {
    flight: &'a FlightView,
    x: i32,
    y: i32,
    /// Others that share the cell because nothing near was free.
    more: usize,
}

/// Above this many messages heartbeats and acknowledgements go without words.
const FEW: usize = 8;

/// At most this many messages have words: nobody reads more.
const WORDY: usize = 12;

/// Draws all messages and what just died, and notes where they are.
pub(super) fn draw(sheet: &mut Sheet<'_>, view: &View<'_>, (layout, walls): (&Layout, &[Wall]), streams: &[Stream<'_>], hits: &mut Hits) {
    let View { theme, scene, selected, .. } = *view;
    for spark in &scene.sparks {
        self::spark(sheet, theme, (layout, walls), spark);
    }
    let mut placed: Vec<Placed> = Vec::with_capacity(scene.flights.len());
    for flight in scene.flights.iter().filter(|flight| !streams.iter().any(|stream| stream.holds(flight, selected))) {
        let Some(wire) = layout.wire(flight.from, flight.to) else { continue };
        place(&mut placed, (sheet, view), flight, position(theme, walls, wire, flight).cell());
    }
    let before = hits.messages.len();
    hits.messages.extend(placed.iter().map(|message| (message.flight.id, Rect::new(message.x as u16, message.y as u16, 1, 1))));
    let mut order: Vec<usize> = (0..placed.len()).filter(|&i| speaks(&placed, i) || chosen(selected, placed[i].flight)).collect();
    order.sort_by_key(|&i| (!chosen(selected, placed[i].flight), rank(placed[i].flight.kind.sign)));
    for index in order.into_iter().take(WORDY) {
        if let Some(rect) = words(sheet, view, &placed[index], placed.len()) {
            let hit = &mut hits.messages[before + index].1;
            *hit = hit.union(rect);
        }
    }
}

fn chosen(selected: Option<Target>, flight: &FlightView) -> bool {
    selected == Some(Target::Message(flight.id))
}

/// Whether it has words: of several messages of a kind on the same way only the oldest, and none of the signs of life that
/// will die at a cut.
fn speaks(placed: &[Placed<'_>], index: usize) -> bool {
    let own = placed[index].flight;
    let same = |p: &Placed<'_>| (p.flight.from, p.flight.to, p.flight.kind) == (own.from, own.to, own.kind);
    let dies = own.kind.sign.is_quiet() && own.fate == Fate::Walled;
    !dies && !placed[..index].iter().any(same)
}

/// Where on the screen it is now: at the middle of its wire when nothing shall move, never beyond a wall that stops it.
fn position(theme: &Theme, walls: &[Wall], wire: Wire, flight: &FlightView) -> Point {
    let progress = if flight.progress.is_finite() { flight.progress.clamp(0.0, 1.0) as f32 } else { 0.0 };
    let progress = if theme.motion { progress } else { 0.5 };
    let before_wall = || (reach(walls, wire, flight.from, flight.to) - 1.0 / wire.cells()).max(0.0);
    let limit = if flight.fate == Fate::Walled { before_wall() } else { 1.0 };
    wire.at(progress.min(limit))
}

/// Puts its sign near the wanted cell; where all are taken, it shares the cell of the nearest other message.
fn place<'a>(placed: &mut Vec<Placed<'a>>, (sheet, view): (&mut Sheet<'_>, &View<'_>), flight: &'a FlightView, (x, y): Cell) {
    let style = style(view.theme, flight, chosen(view.selected, flight));
    if let Some((x, y)) = sheet.sign((x, y), view.theme.glyphs.sign(flight.kind.sign), style) {
        placed.push(Placed { flight, x, y, more: 0 });
    } else if let Some(other) = placed.iter_mut().min_by_key(|p| (p.x - x).abs() + 2 * (p.y - y).abs()) {
        other.more += 1;
        let (x, y) = (other.x, other.y);
        placed.push(Placed { flight, x, y, more: 0 });
    }
}

fn style(theme: &Theme, flight: &FlightView, selected: bool) -> Style {
    let style = theme.flight(flight);
    if selected { style.patch(theme.selected) } else { style }
}

/// Who gets words first.
fn rank(sign: Sign) -> u8 {
    match sign {
        Sign::Vote => 0,
        Sign::Request | Sign::Reply => 1,
        Sign::Data => 2,
        Sign::Gossip => 3,
        Sign::Ack => 4,
        Sign::Heartbeat => 5,
    }
}

/// What is written beside a message.
fn wording(theme: &Theme, message: &Placed<'_>, selected: bool) -> String {
    let flight = message.flight;
    let mut text = flight.label.clone();
    if selected {
        text = format!("{} {text}", flight.id);
    }
    match flight.fate {
        Fate::Held => text = format!("{} held {text}", theme.glyphs.paused),
        Fate::Arrives | Fate::Lost | Fate::Walled => {}
    }
    if !theme.motion {
        let tenths = (flight.progress.clamp(0.0, 1.0) * 10.0).floor() as u32;
        text = format!("{text} {}0%", tenths.min(10));
    }
    if message.more > 0 {
        text = format!("+{} {text}", message.more);
    }
    text.trim_end().to_string()
}

/// Writes the words of a message, all of them or what is left of them where there is little room; returns where they stand.
fn words(sheet: &mut Sheet<'_>, view: &View<'_>, message: &Placed<'_>, crowd: usize) -> Option<Rect> {
    let (theme, flight) = (view.theme, message.flight);
    let chosen = chosen(view.selected, flight);
    let quiet = flight.kind.sign.is_quiet() && flight.fate == Fate::Arrives;
    if quiet && crowd > FEW && !chosen {
        return None;
    }
    let text = wording(theme, message, chosen);
    let short = shortened(theme, flight, &text);
    if chosen {
        let style = style(theme, flight, true);
        return [text, short].iter().find_map(|text| sheet.words_over_lines(spots(message, text).chain(away(message, text)), text, style));
    }
    let style = theme.flight(flight).remove_modifier(Modifier::BOLD);
    [text, short].iter().find_map(|text| sheet.words(spots(message, text), text, style))
}

/// What is left of the words where there is no room for all: the fate of a message that is held, else what stands before a comma.
fn shortened(theme: &Theme, flight: &FlightView, text: &str) -> String {
    match flight.fate {
        Fate::Held => format!("{} held", theme.glyphs.paused),
        Fate::Arrives | Fate::Lost | Fate::Walled => text.split(',').next().unwrap_or_default().to_string(),
    }
}

/// Where words may begin: right of the sign, left of it, above or below.
fn spots(message: &Placed<'_>, text: &str) -> impl Iterator<Item = Cell> {
    let (x, y, long) = (message.x, message.y, width(text) as i32);
    let spots = [
        (x + 2, y),
        (x - 1 - long, y),
        (x - long / 2, y - 1),
        (x - long / 2, y + 1),
        (x, y - 1),
        (x, y + 1),
        (x + 1 - long, y - 1),
        (x + 1 - long, y + 1),
    ];
    spots.into_iter()
}

/// Where words may stand that are seen to be of a sign wherever they are, because both are reversed.
fn away(message: &Placed<'_>, text: &str) -> impl Iterator<Item = Cell> {
    let (x, y, long) = (message.x, message.y, width(text) as i32);
    [2, -2, 3, -3, 4, -4].into_iter().flat_map(move |down| [x - long / 2, x, x + 1 - long].map(|x| (x, y + down)))
}

/// What just died, was refused or was a copy: a sign on the spot, and a word. What concerns one node is written on the border of its
/// box.
fn spark(sheet: &mut Sheet<'_>, theme: &Theme, (layout, walls): (&Layout, &[Wall]), spark: &Spark) {
    let (sign, style) = match spark.kind {
        SparkKind::Changed => return,
        SparkKind::Copy => (theme.glyphs.copy, theme.dim),
        SparkKind::Lost | SparkKind::Refused => (theme.glyphs.cross, theme.bad),
    };
    let word = if spark.label.is_empty() && spark.kind == SparkKind::Refused { "refused" } else { &spark.label };
    match layout.wire(spark.from, spark.to) {
        Some(wire) if spark.from != spark.to => on_its_way(sheet, (walls, wire, spark), (sign, word, style)),
        _ => {
            if let Some(place) = layout.place(spark.to) {
                sheet.on_border(place.rect, &format!(" {sign} {word} "), style);
            }
        }
    }
}

fn on_its_way(sheet: &mut Sheet<'_>, (walls, wire, spark): (&[Wall], Wire, &Spark), (sign, word, style): (&str, &str, Style)) {
    let progress = if spark.progress.is_finite() { spark.progress.clamp(0.0, 1.0) as f32 } else { 1.0 };
    let at = wire.at(progress.min(reach(walls, wire, spark.from, spark.to))).cell();
    let Some((x, y)) = sheet.last_sign(at, sign, style) else { return };
    let long = width(word) as i32;
    sheet.words([(x + 2, y), (x - 1 - long, y), (x - long / 2, y + 1), (x - long / 2, y - 1), (x, y + 1), (x, y - 1)], word, style);
}
