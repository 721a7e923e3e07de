//! Lines of things that wait.
//!
//! ```text
//! n1  at work [▸] ▸▸▸•▸▸◆▸▸▸╌╌╌╌╌╌╌╌╌╌ 10 of 20   oldest 180 ms   • is 4th
//! n2  at work [▸] ▸▸▸•▸▸◆▸▸▸▸▸▸▸▸▸▸▸▸▸ 20 of 20 full   ✕ 14/s refused
//! ```
//!
//! The head is at the left and the limit at the right, so that a queue reads like a gauge.

use ratatui::style::Style;

use super::{Look, Row, bar, blank, left, marked, right, widest};
use crate::cluster::scene::{Mark, Queue, Run, Station, Tone};
use crate::tui::theme::Theme;
use crate::tui::widgets::numbers;
use crate::tui::widgets::text::{Line, Piece, piece, width};

/// Cells of a strip: in a narrow panel, in a usual one, in a wide one.
const CELLS: [usize; 3] = [10, 20, 40];

/// One line for each queue, their strips below each other.
pub(super) fn rows(look: &Look<'_>, queues: &[Queue], (room, height): (usize, usize)) -> Vec<Row> {
    let theme = look.theme;
    let names = widest(queues.iter().map(|q| q.name.as_str()));
    let hands = queues.iter().map(hands).max().unwrap_or(0);
    let cells = CELLS[usize::from(room >= 56) + usize::from(room >= 110)].min(room);
    let counts = widest(queues.iter().map(says).collect::<Vec<_>>().iter().map(String::as_str));
    let row = |queue: &Queue| {
        let mut line: Line = Vec::new();
        if names > 0 {
            line.extend([left(&queue.name, names, theme.text), blank(1, theme)]);
        }
        if hands > 0 {
            line.extend(at_work(theme, queue, hands));
        }
        line.extend(strip(theme, queue, cells));
        line.extend([blank(1, theme), count(theme, queue, counts)]);
        line.extend(words(theme, queue, cells));
        Row::staying(line, look.stay(&queue.name, false))
    };
    super::fitted(queues.iter().map(row).collect(), height, theme)
}

fn hands(queue: &Queue) -> usize {
    queue.at_work.iter().map(|run| run.count as usize).sum()
}

/// What is worked on, in brackets, in the width of the most workers.
fn at_work(theme: &Theme, queue: &Queue, hands: usize) -> Line {
    let shown = hands.min(CELLS[0]);
    if queue.at_work.is_empty() {
        return vec![blank("at work [] ".len() + shown, theme)];
    }
    let mut line = vec![piece("at work [", theme.dim)];
    let busy = signs(theme, &queue.at_work, 1).take(shown).collect::<Vec<_>>();
    let spare = shown - busy.len();
    line.extend(busy);
    line.extend([piece(theme.glyphs.dot.repeat(spare), theme.edge), piece("] ", theme.dim)]);
    line
}

/// One sign for each cell of `per` things.
fn signs<'a>(theme: &'a Theme, runs: &'a [Run], per: u32) -> impl Iterator<Item = Piece> + 'a {
    let all: u32 = runs.iter().fold(0, |sum, run| sum.saturating_add(run.count));
    let totals = totals(runs);
    let cells = all.div_ceil(per.max(1));
    (0..cells).map(move |cell| sign(theme, loudest(runs, &totals, cell * per, per)))
}

/// How many there are of each mark.
fn totals(runs: &[Run]) -> Vec<(Mark, u32)> {
    let mut totals: Vec<(Mark, u32)> = Vec::new();
    for run in runs {
        match totals.iter_mut().find(|(mark, _)| *mark == run.mark) {
            Some((_, count)) => *count = count.saturating_add(run.count),
            None => totals.push((run.mark, run.count)),
        }
    }
    totals
}

/// What stands for several neighbours: what is marked before what is plain, the rare before the common.
fn loudest(runs: &[Run], totals: &[(Mark, u32)], from: u32, per: u32) -> Run {
    let mut start = 0u32;
    let mut found: Option<(bool, u32, Run)> = None;
    for run in runs {
        let end = start.saturating_add(run.count);
        if end > from && start < from.saturating_add(per) {
            let all = totals.iter().find(|(mark, _)| *mark == run.mark).map_or(0, |(_, count)| *count);
            let rank = (run.tone == Tone::Plain, all, *run);
            if found.is_none_or(|best| (rank.0, rank.1) < (best.0, best.1)) {
                found = Some(rank);
            }
        }
        start = end;
    }
    found.map_or(Run::new(Mark::Letter(' '), 1), |(.., run)| run)
}

fn sign(theme: &Theme, run: Run) -> Piece {
    let (text, style) = match run.mark {
        Mark::Message(sign) => (theme.glyphs.sign(sign).to_string(), theme.sign(sign)),
        Mark::Letter(c) => (c.to_string(), theme.text),
    };
    piece(text, if run.tone == Tone::Plain { style } else { theme.tone(run.tone) })
}

/// How many things a cell stands for.
fn per_cell(queue: &Queue, cells: usize) -> u32 {
    let cells = cells.max(1) as u32;
    match queue.limit {
        Some(limit) => limit.max(queue.len()).div_ceil(cells).max(1),
        None => numbers::step(f64::from(queue.len().div_ceil(cells).max(1))) as u32,
    }
}

/// The strip itself, always `cells` wide.
pub(super) fn strip(theme: &Theme, queue: &Queue, cells: usize) -> Line {
    let mut line: Line = signs(theme, &queue.waiting, per_cell(queue, cells)).take(cells).collect();
    let length = queue.limit.map_or(cells, |limit| (limit.div_ceil(per_cell(queue, cells)) as usize).min(cells));
    let used = line.len();
    line.push(piece(theme.glyphs.bar[1].repeat(length.saturating_sub(used)), theme.edge));
    line.push(blank(cells - length.max(used), theme));
    line
}

/// What waits in at most so many cells and nothing more: where it is longer, the rarest of its neighbours stands for several.
pub(in crate::tui::widgets) fn short(theme: &Theme, queue: &Queue, cells: usize) -> Line {
    signs(theme, &queue.waiting, per_cell(queue, cells)).take(cells).collect()
}

/// `10 of 20`, `3`.
fn says(queue: &Queue) -> String {
    let waiting = numbers::count(queue.len().into());
    match queue.limit {
        Some(limit) => format!("{waiting} of {}", numbers::count(limit.into())),
        None => waiting,
    }
}

fn count(theme: &Theme, queue: &Queue, cells: usize) -> Piece {
    let style: Style = if queue.is_full() { theme.stale } else { theme.text };
    right(&says(queue), cells, marked(theme, style, queue.changed))
}

/// Full, refused, the oldest, what a cell stands for, and the words of the model.
fn words(theme: &Theme, queue: &Queue, cells: usize) -> Line {
    let mut line = Line::new();
    if queue.is_full() {
        line.push(piece(" full", theme.stale));
    }
    if queue.refused > 0.0 {
        line.push(piece(format!("   {} {} refused", theme.glyphs.cross, numbers::rate(queue.refused)), theme.bad));
    }
    let oldest = queue.oldest.map(|oldest| format!("   oldest {}", numbers::span(oldest)));
    line.extend(oldest.map(|text| piece(text, theme.dim)));
    if !queue.note.is_empty() {
        line.push(piece(format!("   {}", queue.note), theme.dim));
    }
    let per = per_cell(queue, cells);
    if per > 1 {
        line.push(piece(format!("   each sign up to {per}"), theme.dim));
    }
    line
}

/// The line and the workers of a station in two lines, for the inside of a box: `queue ▸▸╌╌  2/40` and `busy ━━╌╌ 70 %`. A strip without
/// its name says nothing, so where there is room for one of them it is the name.
pub(in crate::tui::widgets) fn station(theme: &Theme, station: &Station, room: usize) -> [Line; 2] {
    let says = match station.queue.limit {
        Some(limit) => format!("{}/{limit}", station.queue.len()),
        None => station.queue.len().to_string(),
    };
    let (load, busy) = load(station);
    let numbers = width(&says).max(width(&busy)).max(5);
    let is_named = room > numbers + NAME;
    let left = room.saturating_sub(numbers + 1 + if is_named { NAME } else { 0 });
    let has_strip = !is_named || left >= STRIP_MIN;
    let style = if station.queue.is_full() { theme.stale } else { theme.text };
    let hot = if load > HOT { theme.stale } else { theme.text };
    let line = |name: &str, strip: Line, number: Piece| {
        let name = piece(if is_named { format!("{name:NAME$}") } else { String::new() }, theme.dim);
        let strip = if has_strip { strip } else { vec![blank(left, theme)] };
        [name].into_iter().chain(strip).chain([blank(1, theme), number]).collect()
    };
    let queue = right(&says, numbers, marked(theme, style, station.queue.is_full()));
    [line("queue", strip(theme, &station.queue, left), queue), line("busy", bar(theme, left, load, hot).into(), right(&busy, numbers, hot))]
}

/// The columns of the name of a strip.
const NAME: usize = 6;

/// The fewest cells that are a strip.
const STRIP_MIN: usize = 3;

/// Above this share a worker has no time to spare.
const HOT: f64 = 0.9;

/// How busy it is, and that in words: measured, or as many workers as are busy now.
fn load(station: &Station) -> (f64, String) {
    match station.load {
        Some(load) => (load, format!("{:.0} %", load * 100.0)),
        None => (f64::from(station.busy) / f64::from(station.workers.max(1)), format!("{}/{}", station.busy, station.workers)),
    }
}

/// The same in one line, for a node that is a line: `▸▸╌╌╌ 2/40 ━━━╌╌ 70 %`; only the numbers where there is no room for strips.
pub(in crate::tui::widgets) fn station_line(theme: &Theme, station: &Station, room: usize) -> Line {
    let [queue, work] = self::station(theme, station, (room.saturating_sub(1) / 2).min(16));
    if room >= 24 {
        return queue.into_iter().chain([blank(1, theme)]).chain(work).collect();
    }
    let number = |line: Line| line.into_iter().last().map(|last| piece(format!("{} ", last.text.trim_start()), last.style));
    [queue, work].into_iter().filter_map(number).collect()
}
