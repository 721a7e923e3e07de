//! Draws what can happen next, and who the messages wait for.

use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout, Rect};

use super::super::draw::part;
use crate::cluster::ahead::{Next, Thing, said};
use crate::cluster::scene::{Fate, Mark, Queue, Scene, Tone};
use crate::sim::id::NodeId;
use crate::tui::app::App;
use crate::tui::hits::{Click, Hits};
use crate::tui::screens::lab::Lab;
use crate::tui::screens::lab::layout::Panel;
use crate::tui::screens::{first_shown, listing};
use crate::tui::theme::Theme;
use crate::tui::widgets::pen::Pen;
use crate::tui::widgets::text::{width, wrap};

/// From this width on a row says all of itself; below, the last lines say the rest of the one that has the cursor.
const WIDE: u16 = 70;

/// So wide are the commands of a narrow list, but for those that do not fit.
const NAMED: usize = 13;

/// The most lines for the rest of a row.
const REST: u16 = 4;

/// A line of the list.
enum Entry<'n> {
    Heading(&'n str),
    Row(usize, &'n Next),
}

/// Draws the list in its panel.
pub fn draw(app: &App, lab: &Lab, (area, narrow): (Rect, bool), buf: &mut Buffer, hits: &mut Hits) {
    if area.is_empty() {
        return;
    }
    let theme = &app.theme;
    hits.add(area, Click::Panel(Panel::Network));
    let inner = part(app, lab, (area, narrow), Panel::Network, &title(app, lab, narrow), buf, hits);
    let all = lab.nexts();
    let Some(cursor) = lab.next_row(&all) else {
        Pen::new(buf, inner).clipped(
            inner.x as i32 + 1,
            inner.y.into(),
            "Nothing waits, and nothing comes by itself.",
            usize::from(inner.width).saturating_sub(2),
            theme.glyphs.more,
            theme.dim,
        );
        return;
    };
    let rest = rest(lab, &all[cursor], inner);
    let [list, foot] = Layout::vertical([Constraint::Fill(1), Constraint::Length(rest.len() as u16)]).areas(inner);
    let entries = entries(&all);
    let at = entries.iter().position(|entry| matches!(entry, Entry::Row(row, _) if *row == cursor)).unwrap_or(0);
    let first = first_shown(at, entries.len(), list.height.into());
    // Where there is little room, a few long commands do not push all words aside.
    let most = if list.width < WIDE { NAMED } else { usize::MAX };
    let wide = all.iter().map(|next| width(&name(next))).filter(|wide| *wide <= most).max().unwrap_or(0);
    let says = all.iter().map(|next| width(&next.about)).max().unwrap_or(0).min(usize::from(list.width) * 2 / 5);
    for (entry, y) in entries[first..].iter().zip(list.top()..list.bottom()) {
        let line = Rect { y, height: 1, ..list };
        match entry {
            Entry::Heading(text) => _ = clipped(buf, theme, line, 1, text, theme.dim),
            Entry::Row(row, next) => {
                draw_row(buf, theme, line, next, (wide, says));
                if *row == cursor {
                    Pen::new(buf, line).select(line, theme);
                    Pen::new(buf, line).put(line.x.into(), y.into(), theme.glyphs.pointer, theme.key);
                }
                hits.add(line, Click::Row(*row));
            }
        }
    }
    for (text, y) in rest.iter().zip(foot.top()..foot.bottom()) {
        clipped(buf, theme, Rect { y, height: 1, ..foot }, 1, text, theme.text);
    }
    listing::more_below(area, entries.len().saturating_sub(first + usize::from(list.height)), buf, theme);
}

/// What stands in the frame: how many messages wait.
fn title(app: &App, lab: &Lab, narrow: bool) -> String {
    let waiting = match lab.picture().ahead.waiting {
        0 => "no message waits".to_string(),
        1 => "1 message waits".to_string(),
        many => format!("{many} messages wait"),
    };
    if narrow { waiting } else { format!("What next? {} {waiting}", app.theme.glyphs.lanes[0]) }
}

/// What a row is called: the command that brings it about, as one says it.
fn name(next: &Next) -> String {
    said(&next.command)
}

fn entries(all: &[Next]) -> Vec<Entry<'_>> {
    let mut entries = Vec::new();
    let mut heading = "";
    for (row, next) in all.iter().enumerate() {
        if next.heading != heading {
            heading = &next.heading;
            entries.push(Entry::Heading(heading));
        }
        entries.push(Entry::Row(row, next));
    }
    entries
}

fn draw_row(buf: &mut Buffer, theme: &Theme, line: Rect, next: &Next, (wide, says): (usize, usize)) {
    let open = next.refused.is_none();
    let (command, text) = if open { (theme.key, theme.text) } else { (theme.dim, theme.dim) };
    clipped(buf, theme, line, 2, &name(next), command);
    let wide = wide.max(width(&name(next)));
    clipped(buf, theme, line, 4 + wide, &next.about, text);
    if line.width >= WIDE {
        clipped(buf, theme, line, 6 + wide + says, &next.note, theme.dim);
    }
}

/// Writes from column `x` of a line on, as much as fits.
fn clipped(buf: &mut Buffer, theme: &Theme, line: Rect, x: usize, text: &str, style: ratatui::style::Style) -> i32 {
    let room = usize::from(line.width).saturating_sub(x);
    Pen::new(buf, line).clipped(line.x as i32 + x as i32, line.y.into(), text, room, theme.glyphs.more, style)
}

/// The rest of what there is to say of a row: why it cannot be chosen, when, and what else can be done with it.
fn rest(lab: &Lab, next: &Next, inner: Rect) -> Vec<String> {
    let mut said = Vec::new();
    if inner.width < WIDE {
        said.push(format!("{}: {}.", next.about, next.note));
    }
    said.extend(next.refused.iter().map(|why| format!("{why}.")));
    if let (Thing::Timer(..), Some(fire)) = (&next.thing, next.thing.pokes().first()) {
        said.push(format!("f does `{fire}`: it goes off now, before its time, as if its clock were fast."));
    }
    said.extend(lab.picture().ahead.left_out().map(|left| format!("Not listed: {left}.")));
    let room = usize::from(inner.width).saturating_sub(2);
    let most = usize::from((inner.height / 3).min(REST));
    let mut lines: Vec<String> = said.iter().flat_map(|text| wrap(text, room)).collect();
    lines.truncate(most);
    lines
}

/// A scene without the messages that wait, and for whom they wait, in the order in which they were sent.
pub fn doors(scene: &Scene) -> (Scene, Vec<(NodeId, Queue)>) {
    let mut doors: Vec<(NodeId, Queue)> = Vec::new();
    for flight in scene.flights.iter().filter(|flight| flight.fate == Fate::Held) {
        let mark = Mark::Message(flight.kind.sign);
        if let Some((_, queue)) = doors.iter_mut().find(|(node, _)| *node == flight.to) {
            queue.push(mark, Tone::Plain);
        } else {
            let mut queue = Queue::default();
            queue.push(mark, Tone::Plain);
            doors.push((flight.to, queue));
        }
    }
    let mut moving = scene.clone();
    moving.flights.retain(|flight| flight.fate != Fate::Held);
    (moving, doors)
}
