//! The lines of the results, each as pieces: the topics at the left, and what there is to know at the right.

use crate::progress::Overview;
use crate::progress::overview::{AHEAD, Calibration, Chapter, Topic};
use crate::progress::state::Mastery;
use crate::review::Day;
use crate::tui::screens::home::sign;
use crate::tui::theme::Theme;
use crate::tui::widgets::numbers::share;
use crate::tui::widgets::text::{Line, piece, truncate, width};

/// How wide the parts of a line are, in cells.
#[derive(Clone, Copy, Debug)]
pub(super) struct Widths {
    /// The names of topics.
    pub(super) names: usize,
    /// A bar.
    pub(super) bar: usize,
}

/// On a screen of 80 columns.
pub(super) const NARROW: Widths = Widths { names: 20, bar: 6 };

/// Where there is more room.
pub(super) const WIDE: Widths = Widths { names: 30, bar: 10 };

/// The days of the week, from Monday.
pub(super) const WEEK: [&str; 7] = ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"];

/// `6 topics   ● 1 known   ◐ 2 learning   ○ 3 new      due: today 4, this week 11`.
pub(super) fn summary(overview: &Overview, theme: &Theme) -> Line {
    let all: usize = overview.chapters.iter().map(|chapter| chapter.topics.len()).sum();
    let mut line = vec![piece(format!("{all} topics"), theme.strong)];
    for (mastery, word) in [(Mastery::Known, "known"), (Mastery::Learning, "learning"), (Mastery::New, "new")] {
        let (sign, style) = sign(theme, mastery);
        line.extend([piece("  ", theme.text), piece(sign, style), piece(format!(" {} {word}", overview.count(mastery)), theme.text)]);
    }
    let (today, week) = (overview.due[0], overview.due_this_week());
    let style = if today > 0 { theme.stale } else { theme.dim };
    line.extend([piece("    due: ", theme.dim), piece(format!("today {today}, this week {week}"), style)]);
    line
}

/// What the shares beside the topics are shares of, above them, once there is one.
pub(super) fn heading(overview: &Overview, theme: &Theme, wide: Widths) -> Line {
    let is_asked = overview.chapters.iter().flat_map(|chapter| &chapter.topics).any(|topic| topic.recall.is_some());
    if is_asked { vec![piece(format!("{}chance to remember", " ".repeat(wide.names + 4)), theme.dim)] } else { Line::new() }
}

/// Every chapter, and below it its topics.
pub(super) fn topics(overview: &Overview, theme: &Theme, wide: Widths) -> Vec<Line> {
    let mut lines = Vec::new();
    for chapter in &overview.chapters {
        lines.push(self::chapter(chapter, theme, wide));
        lines.extend(chapter.topics.iter().map(|topic| self::topic(topic, theme, wide)));
    }
    if overview.not_there_yet > 0 {
        lines.push(vec![piece(format!("{} topics are not there yet", overview.not_there_yet), theme.dim)]);
    }
    lines
}

/// The topic whose line of [`topics`] this is.
pub(super) fn topic_of(overview: &Overview, line: usize) -> Option<&str> {
    let of = |chapter: &'_ Chapter| 1 + chapter.topics.len();
    let mut first = 0;
    for chapter in &overview.chapters {
        if line < first + of(chapter) {
            let topic = line.checked_sub(first + 1)?;
            return chapter.topics.get(topic).map(|topic| topic.id.as_str());
        }
        first += of(chapter);
    }
    None
}

fn chapter(chapter: &Chapter, theme: &Theme, wide: Widths) -> Line {
    let mut line = vec![piece(named(&chapter.title, wide.names + 4, theme), theme.strong)];
    for mastery in [Mastery::Known, Mastery::Learning, Mastery::New] {
        let (sign, style) = sign(theme, mastery);
        line.extend([piece(sign, style), piece(format!("{} ", chapter.count(mastery)), theme.text)]);
    }
    line
}

fn topic(topic: &Topic, theme: &Theme, wide: Widths) -> Line {
    let (sign, style) = sign(theme, topic.mastery);
    let mut line =
        vec![piece("  ", theme.text), piece(sign, style), piece(format!(" {}", named(&topic.title, wide.names, theme)), theme.text)];
    match topic.recall {
        Some(recall) => {
            line.extend(bar(f64::from(recall), theme, wide));
            line.push(piece(format!(" {:>5}", share(f64::from(recall))), theme.text));
        }
        None if topic.steps_done > 0 => line.push(piece("nothing asked yet", theme.dim)),
        None => {}
    }
    if topic.due > 0 {
        line.push(piece(format!("  {} due", topic.due), theme.stale));
    }
    line
}

/// A name in a column of this width, with a blank after it.
fn named(name: &str, room: usize, theme: &Theme) -> String {
    let short = truncate(name, room - 1, theme.glyphs.more);
    let wide = width(&short);
    format!("{short}{}", " ".repeat(room - wide))
}

fn bar(part: f64, theme: &Theme, wide: Widths) -> Line {
    let [full, empty] = theme.glyphs.bar;
    let filled = (part.clamp(0.0, 1.0) * wide.bar as f64).round() as usize;
    vec![piece(full.repeat(filled), theme.text), piece(empty.repeat(wide.bar - filled), theme.edge)]
}

/// How sure, and how often right; the days to come; what was wrong although it was sure.
pub(super) fn facts(overview: &Overview, today: Day, theme: &Theme, wide: Widths) -> Vec<Line> {
    let mut lines = vec![vec![piece("How sure, and how often right", theme.strong)]];
    lines.extend(overview.calibration.iter().map(|line| calibration(line, theme, wide)));
    let (right, asked) = overview.calibration.iter().fold((0, 0), |sum, line| (sum.0 + line.right, sum.1 + line.asked));
    lines.push(calibration(&Calibration { confidence: "all", right, asked }, theme, wide));
    lines.push(Line::new());
    lines.extend(forecast(overview, today, theme));
    if let Some(exam) = &overview.exam {
        lines.push(vec![piece(format!("exam on {exam}: all is asked before it"), theme.text)]);
    }
    if !overview.slippery.is_empty() {
        lines.push(vec![
            piece(format!("slippery  {}: ", overview.slippery.len()), theme.stale),
            piece("v", theme.key),
            piece(if overview.slippery.len() > 1 { " looks at one after the other in the lab" } else { " looks in the lab" }, theme.stale),
        ]);
    }
    lines.extend(sure_and_wrong(overview, theme));
    lines
}

fn calibration(line: &Calibration, theme: &Theme, wide: Widths) -> Line {
    let of = format!("{:>2} of {:<3} ", line.right, line.asked);
    let mut pieces = vec![piece(format!("{:<8} ", line.confidence), theme.text), piece(of, theme.dim)];
    if line.asked > 0 {
        let part = f64::from(line.right) / f64::from(line.asked);
        pieces.extend(bar(part, theme, wide));
        pieces.push(piece(format!(" {:>5}", share(part)), theme.text));
    }
    pieces
}

fn forecast(overview: &Overview, today: Day, theme: &Theme) -> [Line; 3] {
    let day = |ahead: usize| if ahead == 0 { "today" } else { WEEK[today.plus(ahead as u32).weekday() as usize] };
    let days = (0..AHEAD).map(|ahead| piece(format!("{:>1$}", day(ahead), column(ahead)), theme.dim));
    let counts = overview.due.iter().enumerate().map(|(ahead, count)| {
        let style = if *count > 0 { theme.text } else { theme.dim };
        piece(format!("{count:>0$}", column(ahead)), style)
    });
    [vec![piece("Due in the next seven days", theme.strong)], days.collect(), counts.collect()]
}

/// The width of the column of a day.
fn column(ahead: usize) -> usize {
    if ahead == 0 { 5 } else { 4 }
}

fn sure_and_wrong(overview: &Overview, theme: &Theme) -> Vec<Line> {
    let wrong = &overview.sure_and_wrong;
    if wrong.is_empty() {
        return Vec::new();
    }
    let title = vec![piece("sure and wrong  ", theme.strong), piece(format!("{}, asked first", wrong.len()), theme.text)];
    let each = wrong.iter().map(|wrong| vec![piece("  ", theme.text), piece(format!("\"{}\"", wrong.chosen), theme.stale)]);
    std::iter::once(title).chain(each).collect()
}
