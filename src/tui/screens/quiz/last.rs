//! The last screen of a quiz: what was learnt, and what comes when.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::{Quiz, card};
use crate::progress::today::{counted, when};
use crate::quiz::session::Learnt;
use crate::tui::app::App;
use crate::tui::hits::Hits;
use crate::tui::screens::lab::draw::put_lines;
use crate::tui::theme::Theme;
use crate::tui::widgets::panel;
use crate::tui::widgets::pen::Pen;
use crate::tui::widgets::text::{Line, piece, truncate, width};

/// The widest that it is set, borders included.
const MEASURE: u16 = 100;

/// The most days that are counted out in the outlook.
const DAYS: usize = 7;

/// Draws it.
pub(super) fn draw(app: &App, quiz: &Quiz, area: Rect, buf: &mut Buffer, _hits: &mut Hits) {
    let theme = &app.theme;
    let wide = area.width.min(MEASURE);
    let lines = lines(app, quiz, usize::from(wide.saturating_sub(4)));
    let high = (lines.len() as u16 + 2).min(area.height);
    let place = Rect { x: area.x + (area.width - wide) / 2, width: wide, height: high, ..area };
    let inner = panel(place, buf, theme, &format!("Done: {}", quiz.title), true);
    let text = Rect { x: inner.x + 1, width: inner.width.saturating_sub(2), ..inner };
    let most = lines.len().saturating_sub(text.height.into());
    quiz.most_scroll.set(most as u16);
    let first = usize::from(quiz.scroll).min(most);
    put_lines(&lines[first..], text, buf);
    if most > first {
        let more = format!(" {} {} ", theme.glyphs.arrows[3], counted(most - first, "more line"));
        Pen::new(buf, place).text(place.x as i32 + 2, place.bottom() as i32 - 1, &more, theme.dim);
    }
}

fn lines(app: &App, quiz: &Quiz, width: usize) -> Vec<Line> {
    let theme = &app.theme;
    let learnt = quiz.session.learnt(app.store.state(), quiz.today);
    let right = learnt.iter().filter(|one| one.right && !one.mended).count();
    let said = if learnt.is_empty() { "Nothing was answered.".to_string() } else { format!("Right at once: {right} of {}", learnt.len()) };
    let mut lines = vec![vec![piece(said, theme.strong)]];
    for group in GROUPS {
        let of_it: Vec<&Learnt> = learnt.iter().filter(|one| (group.holds)(one)).collect();
        if !of_it.is_empty() {
            lines.extend([Line::new(), vec![piece(group.title, theme.strong)]]);
            lines.extend(of_it.into_iter().flat_map(|one| of_one(theme, (quiz, app.store.log().is_some()), one, width)));
        }
    }
    if app.store.log().is_some() && !quiz.session.is_cram() {
        lines.extend([Line::new(), outlook(app, quiz)]);
    }
    lines
}

/// Items that belong together on the last screen.
struct Group {
    title: &'static str,
    holds: fn(&Learnt) -> bool,
}

/// What most needs to be seen comes first.
const GROUPS: [Group; 3] = [
    Group { title: "You were sure, and it is not so", holds: |one| one.surprised },
    Group { title: "To look at again", holds: |one| !one.surprised && !one.right },
    Group { title: "You know", holds: |one| !one.surprised && one.right },
];

fn of_one(theme: &Theme, (quiz, keeps): (&Quiz, bool), one: &Learnt, room: usize) -> Vec<Line> {
    let (sign, style) = match one {
        Learnt { right: true, .. } => (theme.glyphs.ok, theme.good),
        Learnt { right: false, .. } => (theme.glyphs.cross, theme.bad),
    };
    let due = one.due.filter(|_| keeps).map_or_else(String::new, |due| when(due, quiz.today));
    let text = truncate(&card::first_line(&one.asked), room.saturating_sub(width(&due) + 4), theme.glyphs.more);
    let gap = room.saturating_sub(width(&text) + width(&due) + 2);
    let mut line = vec![piece(format!("{sign} "), style), piece(text, theme.text)];
    line.extend([piece(" ".repeat(gap), theme.text), piece(due, theme.dim)]);
    let slippery = one
        .slippery
        .then(|| vec![piece("  slippery: ", theme.stale), piece("v", theme.key), piece(" looks at it in the lab", theme.stale)]);
    std::iter::once(line).chain(slippery).collect()
}

/// What of this sitting is forgotten again and again, in the order of the screen.
pub(super) fn slippery(app: &App, quiz: &Quiz) -> Vec<String> {
    let learnt = quiz.session.learnt(app.store.state(), quiz.today);
    learnt.into_iter().filter(|one| one.slippery).map(|one| one.item).collect()
}

/// How much is due on the next days.
fn outlook(app: &App, quiz: &Quiz) -> Line {
    let theme = &app.theme;
    let days = app.store.state().forecast::<DAYS>(quiz.today);
    let week: usize = days.iter().sum();
    let text = format!("today {}, tomorrow {}, in the next {DAYS} days {week}", days[0], days[1]);
    vec![piece("Due: ", theme.strong), piece(text, theme.text)]
}
