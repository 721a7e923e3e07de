//! Two branches of one run side by side on the stage: what was done in each, where they differ first, and how both end. The learner's own
//! way waits until this is closed; nothing is done to both.

use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout, Rect};

use super::course::{self, Course};
use super::draw::put_lines;
use super::header::header;
use super::moves;
use super::{Lab, compare};
use crate::lesson::tried::in_words;
use crate::lesson::walk::{Stage, Walk};
use crate::timeline::{BranchId, PokeAt, Timeline};
use crate::tui::app::App;
use crate::tui::hits::Hits;
use crate::tui::keys::Key;
use crate::tui::screens::footer;
use crate::tui::theme::Theme;
use crate::tui::widgets::panel;
use crate::tui::widgets::text::{Line, line_width, piece, wrap_pieces};

/// Two branches on the stage.
pub(in crate::tui) struct Beside {
    /// The learner's own way.
    own: Course,
    /// The branches.
    sides: [Side; 2],
}

/// One of them.
struct Side {
    branch: BranchId,
    /// `"both lead"`, or `branch 3`.
    label: String,
    /// What was done since they parted, with the times.
    done: String,
    /// What came of it.
    outcome: String,
}

impl Beside {
    /// What the two are called.
    pub(super) fn names(&self) -> [&str; 2] {
        self.sides.each_ref().map(|side| side.label.as_str())
    }
}

/// The keys of the last line.
const KEYS: [&str; 7] = ["to-difference", "two-play", "two-back", "two-next", "take-a", "take-b", "leave-two"];

/// Puts two branches side by side, at the later of their ends.
pub fn open(app: &mut App, branches: [BranchId; 2]) {
    let Some(lab) = app.lab_mut() else { return };
    lab.pace.pause();
    let go = move |course: &mut Course| {
        let own = course.clone();
        let two = own.walk.beside(branches).map_err(|why| why.0)?;
        let sides = sides(&own.walk, &two, branches)?;
        course.walk = two;
        course.forget();
        Ok::<Beside, String>(Beside { own, sides })
    };
    course::work(app, "putting two branches side by side", go, |app, done| match done {
        Ok(beside) => {
            app.over = None;
            let Some(lab) = app.lab_mut() else { return };
            lab.selected = None;
            lab.zoom.fit();
            lab.beside = Some(Box::new(beside));
        }
        Err(why) => app.refuse(why),
    });
}

/// What is to be said of both.
fn sides(own: &Walk, two: &Walk, branches: [BranchId; 2]) -> Result<[Side; 2], String> {
    let tried = own.tried().map_err(|why| why.0)?;
    let asks = own.asks();
    let parting = own.timeline().parting(branches).unwrap_or_default();
    let since = parting.iter().flatten().map(|poke| (poke.event - 1, poke.at)).min();
    let Stage::Two(pair) = two.stage() else { return Err("there are no two branches".to_string()) };
    let side = |branch: BranchId, run: &Timeline, first: &Option<PokeAt>| {
        let pokes = run.pokes();
        let own_part = pokes.iter().filter(|poke| first.as_ref().is_some_and(|first| poke.event >= first.event));
        let done: Vec<String> = own_part.map(|poke| format!("{} {}", poke.poke, poke.at)).collect();
        let done = if done.is_empty() { "nothing was done".to_string() } else { done.join(", ") };
        let label = tried.called(branch);
        let end = tried.find(branch.0).map(|(row, _)| tried.rows[row].end.at).unwrap_or_default();
        let outcome = format!("at {end}: {}", in_words(&asks.outcome_since(own.timeline(), branch, since)));
        Side { branch, label, done, outcome }
    };
    Ok([side(branches[0], pair.a(), &parting[0]), side(branches[1], pair.b(), &parting[1])])
}

/// Draws it: the two branches in words, where they differ first, and both sides.
pub fn draw(app: &App, lab: &Lab, area: Rect, buf: &mut Buffer, hits: &mut Hits) {
    let Some(beside) = &lab.beside else { return };
    let theme = &app.theme;
    let lines = lines(lab, beside, theme, usize::from(area.width).saturating_sub(4));
    let card = (lines.len() as u16 + 2).clamp(3, (area.height * 3 / 10).max(4));
    let parts = [Constraint::Length(1), Constraint::Length(card), Constraint::Length(1), Constraint::Fill(1), Constraint::Length(1)];
    let [head, question, difference, sides, foot] = Layout::vertical(parts).areas(area);
    header(app, lab, head, buf);
    let inner = panel(question, buf, theme, "Two branches of one run", false);
    put_lines(&lines, Rect { x: inner.x + 1, width: inner.width.saturating_sub(2), ..inner }, buf);
    compare::draw_difference(app, lab, difference, buf);
    compare::sides(app, lab, sides, buf, hits);
    footer::draw(app, &KEYS, foot, buf, hits);
}

fn lines(lab: &Lab, beside: &Beside, theme: &Theme, room: usize) -> Vec<Line> {
    let parted = lab.walk.parted().unwrap_or_default();
    let mut lines = Vec::new();
    for (letter, side) in ["A", "B"].into_iter().zip(&beside.sides) {
        let start = vec![piece(format!("{letter}  {}  ", side.label), theme.strong)];
        let left = room.saturating_sub(line_width(&start));
        let done = wrap_pieces(&[piece(side.done.clone(), theme.text)], left.max(8), 0);
        let more = if done.len() > 1 { theme.glyphs.more } else { "" };
        let first = done.into_iter().next().unwrap_or_default();
        lines.push(start.into_iter().chain(first).chain([piece(more, theme.dim)]).collect());
        let came = vec![piece(format!("   {} {}", theme.glyphs.arrows[1], side.outcome), theme.dim)];
        lines.push(wrap_pieces(&came, room, 3).into_iter().next().unwrap_or_default());
    }
    let words = format!("One run up to {parted}. The pokes differ then: no verdict on a design.");
    lines.extend(wrap_pieces(&[piece(words, theme.dim)], room, 0));
    lines
}

/// Whether two branches are on the stage.
pub fn can(app: &App) -> Result<(), String> {
    match app.lab() {
        Some(lab) if lab.beside.is_some() => Ok(()),
        _ => Err("no two branches are side by side".into()),
    }
}

/// Goes to the moment at which they differ first.
pub fn to_difference(app: &mut App, _key: Key) {
    let first = app.lab().and_then(|lab| if let Stage::Two(pair) = lab.walk.stage() { pair.divergence().map(|d| d.at) } else { None });
    match first {
        Some(at) => moves::moving(app, "to the first difference", "", move |walk| walk.seek(at)),
        None => app.refuse("clients were told the same, and the same servers came to lead"),
    }
}

/// Goes to the first branch, at its end.
pub fn take_a(app: &mut App, _key: Key) {
    take(app, 0);
}

/// Goes to the second branch, at its end.
pub fn take_b(app: &mut App, _key: Key) {
    take(app, 1);
}

fn take(app: &mut App, side: usize) {
    let Some(branch) =
        app.lab().and_then(|lab| lab.beside.as_ref()).map(|beside| (beside.sides[side].branch, beside.names()[side].to_string()))
    else {
        return;
    };
    close(app);
    let (branch, label) = branch;
    let go = move |course: &mut Course| {
        let (events, at) = (u64::MAX, crate::sim::time::Time::END);
        course.walk.visit(branch, (events, at));
        Ok::<(), std::convert::Infallible>(())
    };
    course::work(app, "to that branch", go, move |app, _| app.say(label));
}

/// Back to the learner's own way.
pub fn leave(app: &mut App, _key: Key) {
    close(app);
}

fn close(app: &mut App) {
    let Some(lab) = app.lab_mut() else { return };
    lab.pace.pause();
    if let Some(beside) = lab.beside.take() {
        lab.selected = None;
        lab.take(beside.own);
    }
}
