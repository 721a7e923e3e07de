//! Messages on their wires: a glyph each that nothing hides, and words where there is room.

use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use super::flows::Stream;
use super::layout::Layout;
use super::taken::{GLYPH, THING, Taken, WALL, WORDS};
use super::walls::{Wall, reach};
use super::wire::Wire;
use super::{Hits, Target, View};
use crate::cluster::scene::{Fate, FlightView, Sign, Spark, SparkKind};
use crate::tui::theme::Theme;
use crate::tui::widgets::dots::Point;
use crate::tui::widgets::pen::Pen;
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
pub(super) fn draw(
    pen: &mut Pen<'_>,
    view: &View<'_>,
    (layout, walls, taken): (&Layout, &[Wall], &mut Taken),
    streams: &[Stream<'_>],
    hits: &mut Hits,
) {
    let View { theme, scene, selected, .. } = *view;
    for spark in &scene.sparks {
        self::spark(pen, theme, (layout, walls), spark, taken);
    }
    let mut placed: Vec<Placed> = Vec::with_capacity(scene.flights.len());
    for flight in scene.flights.iter().filter(|flight| !streams.iter().any(|stream| stream.holds(flight, selected))) {
        let Some(wire) = layout.wire(flight.from, flight.to) else { continue };
        place(&mut placed, taken, flight, position(theme, walls, wire, flight).cell());
    }
    let before = hits.messages.len();
    for message in &placed {
        glyph(pen, theme, message, chosen(selected, message.flight));
        hits.messages.push((message.flight.id, Rect::new(message.x as u16, message.y as u16, 1, 1)));
    }
    let mut order: Vec<usize> = (0..placed.len()).filter(|&i| speaks(&placed, i) || chosen(selected, placed[i].flight)).collect();
    order.sort_by_key(|&i| (!chosen(selected, placed[i].flight), rank(placed[i].flight.kind.sign)));
    for index in order.into_iter().take(WORDY) {
        words(pen, theme, &placed[index], taken, selected, placed.len(), &mut hits.messages[before + index].1);
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

/// Finds a cell near the wanted one, or shares the cell of another message.
fn place<'a>(placed: &mut Vec<Placed<'a>>, taken: &mut Taken, flight: &'a FlightView, (x, y): (i32, i32)) {
    let area = taken.area;
    let (x, y) = (x.clamp(area.x as i32, area.right() as i32 - 1), y.clamp(area.y as i32, area.bottom() as i32 - 1));
    let spot = taken.near((x, y), THING | GLYPH | WALL | WORDS).or_else(|| taken.near((x, y), GLYPH));
    let (x, y) = spot.unwrap_or_else(|| {
        if let Some(other) = placed.iter_mut().rev().find(|p| (p.x, p.y) == (x, y)) {
            other.more += 1;
        }
        (x, y)
    });
    taken.mark_run(x, y, 1, GLYPH);
    placed.push(Placed { flight, x, y, more: 0 });
}

fn shape(theme: &Theme, flight: &FlightView) -> &'static str {
    theme.glyphs.sign(flight.kind.sign)
}

fn glyph(pen: &mut Pen<'_>, theme: &Theme, message: &Placed<'_>, selected: bool) {
    pen.put(message.x, message.y, shape(theme, message.flight), style(theme, message.flight, selected));
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

fn words(
    pen: &mut Pen<'_>,
    theme: &Theme,
    message: &Placed<'_>,
    taken: &mut Taken,
    selected: Option<Target>,
    crowd: usize,
    hit: &mut Rect,
) {
    let chosen = chosen(selected, message.flight);
    let quiet = message.flight.kind.sign.is_quiet() && message.flight.fate == Fate::Arrives;
    if quiet && crowd > FEW && !chosen {
        return;
    }
    let text = wording(theme, message, chosen);
    let short = shortened(theme, message.flight, &text);
    let full = spot(taken, message, &text, THING | WALL).map(|s| (s, text.as_str()));
    // A selected message says all that it is even where it covers something.
    let covering = || if chosen { spot(taken, message, &text, 0).map(|s| (s, text.as_str())) } else { None };
    let brief = || spot(taken, message, &short, THING | WALL).map(|s| (s, short.as_str()));
    if let Some(((x, y), text)) = full.or_else(covering).or_else(brief).filter(|(_, text)| !text.is_empty()) {
        let style = if chosen { style(theme, message.flight, true) } else { theme.flight(message.flight).remove_modifier(Modifier::BOLD) };
        pen.text(x, y, text, style);
        taken.mark_run(x - 1, y, width(text) + 2, WORDS);
        *hit = hit.union(Rect::new(x as u16, y as u16, width(text) as u16, 1));
    }
}

/// What is left of the words where there is no room for all: the fate of a message that is held, else what stands before a comma.
fn shortened(theme: &Theme, flight: &FlightView, text: &str) -> String {
    match flight.fate {
        Fate::Held => format!("{} held", theme.glyphs.paused),
        Fate::Arrives | Fate::Lost | Fate::Walled => text.split(',').next().unwrap_or_default().to_string(),
    }
}

/// A free run of cells for the words: right, left, above or below.
fn spot(taken: &Taken, message: &Placed<'_>, text: &str, things: u8) -> Option<(i32, i32)> {
    let long = width(text);
    let (x, y, l) = (message.x, message.y, long as i32);
    let beside = [
        (x + 2, y),
        (x - 1 - l, y),
        (x - l / 2, y - 1),
        (x - l / 2, y + 1),
        (x, y - 1),
        (x, y + 1),
        (x + 1 - l, y - 1),
        (x + 1 - l, y + 1),
    ];
    beside.into_iter().find(|&(x, y)| taken.free(x, y, long, things | GLYPH | WORDS))
}

/// What just died, was refused or was a copy: a sign on the spot, and a word. What concerns one node is written on the border of its
/// box.
fn spark(pen: &mut Pen<'_>, theme: &Theme, (layout, walls): (&Layout, &[Wall]), spark: &Spark, taken: &mut Taken) {
    let (sign, style) = match spark.kind {
        SparkKind::Changed => return,
        SparkKind::Copy => (theme.glyphs.copy, theme.dim),
        SparkKind::Lost | SparkKind::Refused => (theme.glyphs.cross, theme.bad),
    };
    let word = if spark.label.is_empty() && spark.kind == SparkKind::Refused { "refused" } else { &spark.label };
    match layout.wire(spark.from, spark.to) {
        Some(wire) if spark.from != spark.to => on_its_way(pen, (walls, wire, spark), (sign, word, style), taken),
        _ => at_a_node(pen, layout, spark, &format!(" {sign} {word} "), style),
    }
}

fn on_its_way(
    pen: &mut Pen<'_>,
    (walls, wire, spark): (&[Wall], Wire, &Spark),
    (sign, word, style): (&str, &str, Style),
    taken: &mut Taken,
) {
    let progress = if spark.progress.is_finite() { spark.progress.clamp(0.0, 1.0) as f32 } else { 1.0 };
    let (x, y) = wire.at(progress.min(reach(walls, wire, spark.from, spark.to))).cell();
    let (x, y) = taken.near((x, y), THING | GLYPH).unwrap_or((x, y));
    pen.put(x, y, sign, style);
    taken.mark_run(x, y, 1, GLYPH);
    let long = width(word);
    let l = long as i32;
    let beside = [(x + 2, y), (x - 1 - l, y), (x - l / 2, y + 1), (x - l / 2, y - 1), (x, y + 1), (x, y - 1)];
    if let Some((x, y)) = beside.into_iter().find(|&(x, y)| taken.free(x, y, long, THING | GLYPH | WORDS | WALL)) {
        pen.text(x, y, word, style);
        taken.mark_run(x - 1, y, long + 2, WORDS);
    }
}

fn at_a_node(pen: &mut Pen<'_>, layout: &Layout, spark: &Spark, text: &str, style: Style) {
    if let Some(place) = layout.place(spark.to) {
        let line = Rect { y: place.rect.bottom().saturating_sub(1), height: 1, ..place.rect };
        pen.inside(line).text(line.x as i32 + 1, line.y as i32, text, style);
    }
}
