//! Two designs under the same pokes, side by side, with the first thing that differs.
//!
//! ```text
//! header
//! ╭ question ─────────────────────────────────╮
//! ╰───────────────────────────────────────────╯
//! first difference
//! ╭ A: with fencing ───╮╭ B: without ─────────╮
//! │ stage              ││ stage               │
//! ╰────────────────────╯╰─────────────────────╯
//!   what clients were told, on each side
//!   guarantees            guarantees
//! ╭ timeline ──────────╮╭ timeline ───────────╮
//! ╰────────────────────╯╰─────────────────────╯
//! keys
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::Style;

use super::draw::{TITLE_MARGIN, clock, diagram, draw_question, scrubber, stage_panel};
use super::header::header;
use super::layout::TALL;
use super::{Lab, beside, card, keys};
use crate::cluster::scene::{Health, NodeView};
use crate::cluster::told::Outcome;
use crate::cluster::{Happening, What};
use crate::lesson::ends::{self, Apart};
use crate::lesson::schema::StepKind;
use crate::lesson::walk::Stage;
use crate::timeline::pair::{Divergence, Pair};
use crate::tui::app::App;
use crate::tui::hits::Hits;
use crate::tui::widgets::operations::THEN_LOST;
use crate::tui::widgets::pen::Pen;
use crate::tui::widgets::text::{truncate, width};
use crate::tui::widgets::{Operations, guarantees, narration, words};

/// Draws everything.
pub fn draw(app: &App, lab: &Lab, area: Rect, buf: &mut Buffer, hits: &mut Hits) {
    if lab.beside.is_some() {
        return beside::draw(app, lab, area, buf, hits);
    }
    let StepKind::Compare(compare) = &lab.walk.step().kind else { return };
    // Two borders and the line that says what to press; never so high that the stages have no room.
    let needed = card::compare_height(lab, &app.theme, compare, usize::from(area.width).saturating_sub(4)) as u16 + 3;
    let card = needed.clamp(3, (area.height * 3 / 10).max(3));
    let parts = [Constraint::Length(1), Constraint::Length(card), Constraint::Length(1), Constraint::Fill(1), Constraint::Length(1)];
    let [head, question, difference, sides, foot] = Layout::vertical(parts).areas(area);
    header(app, lab, head, buf);
    draw_question(app, lab, (question, false), buf, hits);
    draw_difference(app, lab, difference, buf);
    self::sides(app, lab, sides, buf, hits);
    keys::draw(app, lab, foot, buf, hits);
}

/// Draws both sides: stages, what clients were told, guarantees, timelines.
pub fn sides(app: &App, lab: &Lab, area: Rect, buf: &mut Buffer, hits: &mut Hits) {
    let halves: [Rect; 2] = Layout::horizontal([Constraint::Fill(1), Constraint::Fill(1)]).areas(area);
    for (side, half) in halves.into_iter().enumerate() {
        draw_side(app, lab, side, half, buf, hits);
    }
}

fn draw_side(app: &App, lab: &Lab, side: usize, area: Rect, buf: &mut Buffer, hits: &mut Hits) {
    let Some(names) = names(lab) else { return };
    let (picture, name) = (&lab.pictures[side], names[side]);
    let lanes = picture.scene.nodes.len() + picture.scene.clients.len();
    let apart = if area.height >= TALL { 2 } else { 1 };
    let diagram_height = if area.height >= 20 { (lanes as u16 * apart + 3).min(area.height / 3) } else { 0 };
    let parts = [Constraint::Fill(1), Constraint::Length(1), Constraint::Length(1), Constraint::Length(diagram_height)];
    let [stage, told, verdicts, timeline] = Layout::vertical(parts).areas(area);
    let title = title(app, lab, side, name, area.width);
    stage_panel(app, lab, (picture, diagram_height > 8), (stage, &title), buf, hits);
    let line = Rect { x: verdicts.x + 2, width: verdicts.width.saturating_sub(3), ..verdicts };
    guarantees::line(line, buf, &app.theme, &picture.verdicts);
    if !timeline.is_empty() {
        let title = if side == 0 { format!("Timeline {}", clock(app, lab)) } else { "Timeline".to_string() };
        diagram(app, lab, picture, ((timeline, false), &title), buf, hits);
    } else if side == 0 {
        scrubber(app, lab, stage, buf, hits);
    }
    draw_told(app, picture.operations(), Rect { x: told.x + 2, width: told.width.saturating_sub(3), ..told }, buf);
}

/// What the two sides are called.
fn names(lab: &Lab) -> Option<[&str; 2]> {
    match (&lab.beside, &lab.walk.step().kind) {
        (Some(beside), _) => Some(beside.names()),
        (None, StepKind::Compare(compare)) => Some([&compare.a.name, &compare.b.name]),
        _ => None,
    }
}

/// What each client asked and was told on one side, the newest last; where not all fits, the newest.
fn draw_told(app: &App, operations: &Operations, area: Rect, buf: &mut Buffer) {
    let theme = &app.theme;
    let said: Vec<(String, &str, Style)> = operations
        .iter()
        .filter(|exchange| exchange.ended.is_some())
        .map(|exchange| {
            let (sign, style) = match exchange.outcome {
                _ if operations.is_lost(exchange.id as usize) => (theme.glyphs.cross, theme.bad),
                Outcome::Ok(_) => (theme.glyphs.ok, theme.good),
                Outcome::Refused(_) | Outcome::Failed(_) => (theme.glyphs.cross, theme.bad),
                Outcome::Unknown(_) | Outcome::Open => (theme.glyphs.unknown, theme.stale),
            };
            let told = if operations.is_lost(exchange.id as usize) { THEN_LOST } else { words::outcome(&exchange.outcome) };
            let call = exchange.call.to_string();
            (format!("{} {}: {told}", operations.names().of(exchange.client), call.trim_end_matches(':')), sign, style)
        })
        .collect();
    let wide = |(words, _, _): &(String, &str, Style)| width(words) + 2 + 3;
    let mut room = usize::from(area.width);
    let fitting = said.iter().rev().take_while(|one| room.checked_sub(wide(one)).inspect(|left| room = *left).is_some()).count();
    let mut pen = Pen::new(buf, area);
    let mut x = area.x as i32;
    for (words, sign, style) in &said[said.len() - fitting..] {
        pen.text(x, area.y.into(), sign, *style);
        x = pen.text(x + 2, area.y.into(), words, *style) + 3;
    }
}

/// The name of a side, and those of its settings that the other side does not have.
fn title(app: &App, lab: &Lab, side: usize, name: &str, room: u16) -> String {
    let [own, other] = [side, 1 - side].map(|i| lab.pictures[i].scene.caption.as_str());
    let differing: Vec<&str> = own.split(BETWEEN).filter(|part| *part != name && !other.split(BETWEEN).any(|o| o == *part)).collect();
    let short = format!("{}: {name}", ["A", "B"][side]);
    let long = format!("{short} {} {}", app.theme.glyphs.lanes[0], differing.join(BETWEEN));
    if differing.is_empty() || width(&long) + TITLE_MARGIN > usize::from(room) { short } else { long }
}

/// What stands between the settings of a caption.
const BETWEEN: &str = " · ";

/// The first moment at which the two differ, and in what.
pub(super) fn draw_difference(app: &App, lab: &Lab, area: Rect, buf: &mut Buffer) {
    let theme = &app.theme;
    let Stage::Two(pair) = lab.walk.stage() else { return };
    let mut pen = Pen::new(buf, area);
    let (x, y) = (area.x as i32 + 2, area.y as i32);
    let room = usize::from(area.width).saturating_sub(4);
    if lab.walk.is_off_the_story() {
        let words = format!("{}   your own run: what differs here is no verdict on the designs", pair.at());
        pen.clipped(x, y, &words, room, theme.glyphs.more, theme.dim);
        return;
    }
    // What lies ahead was found out already, but it is not to be told yet.
    let Some(first) = pair.divergence().filter(|d| d.at <= pair.at()) else {
        let at_the_end = !lab.walk.lies_ahead() && pair.divergence().is_none();
        let (words, style) = match at_the_end.then(|| ends(lab, pair, room)).flatten() {
            Some(words) => (words, theme.conflict),
            None => (format!("{}   {}", pair.at(), same(lab)), theme.dim),
        };
        pen.clipped(x, y, &words, room, theme.glyphs.more, style);
        return;
    };
    let told = pair.told_apart();
    // What a side did later is no part of the first difference, and may not have been known when it was found.
    let words = |happening: &Option<Happening>, side: usize| {
        let sentence = |h: &Happening| sentence(app, &h.what, lab.pictures[side].operations());
        happening.as_ref().filter(|h| told.is_some() || h.at == first.at).map_or_else(|| missing(pair, first), sentence)
    };
    let first = told.unwrap_or(first);
    let [a, b] = [words(&first.a, 0), words(&first.b, 1)];
    let start = if told.is_some() { format!("told apart at {}", first.at) } else { format!("first difference at {}", first.at) };
    let fits = |start: &str| width(start) + width(&a) + width(&b) + BESIDE <= room;
    let start = if fits(&start) { start } else { format!("they differ at {}", first.at) };
    let left = room.saturating_sub(width(&start) + BESIDE);
    // The longer one gives way.
    let most = |own: &str, other: &str| if width(own) > left / 2 { left - width(other).min(left / 2) } else { left / 2 };
    let [a, b] = [truncate(&a, most(&a, &b), theme.glyphs.more), truncate(&b, most(&b, &a), theme.glyphs.more)];
    pen.clipped(x, y, &format!("{start}:  A  {a}   B  {b}"), room, theme.glyphs.more, theme.conflict);
}

/// What is said where clients were told the same and the same servers came to lead: which servers are something else on each side now.
fn same(lab: &Lab) -> String {
    let [a, b] = &lab.pictures;
    let other = |view: &NodeView| b.scene.nodes.iter().find(|other| other.id == view.id);
    let apart: Vec<String> = (a.scene.nodes.iter())
        .filter_map(|view| Some((view, is(view), is(other(view)?))))
        .filter(|(_, a, b)| a != b)
        .map(|(view, a, b)| format!("{} {a} | {b}", view.name))
        .collect();
    if apart.is_empty() {
        return "clients and roles are the same so far".to_string();
    }
    format!("clients were told the same so far; now {}", apart.join(", "))
}

/// What a server is at the moment.
fn is(view: &NodeView) -> &'static str {
    match view.health {
        Health::Down => "down",
        Health::Paused => "paused",
        Health::Up | Health::Slow(_) => view.word,
    }
}

/// What is told of what is not known any more.
fn unknown(what: &What) -> String {
    if let What::Returned(_, told) = what { format!("a client is told: {told}") } else { "something else".into() }
}

/// What is said of the side to which nothing happened at the first difference.
fn missing(pair: &Pair, first: &Divergence) -> String {
    match pair.told_the_same() {
        Some(later) => format!("the same {} later", later.since(first.at).told()),
        None => "nothing yet".into(),
    }
}

/// In what the two differ at the end, where no client was told anything else: as much of it as there is room for.
fn ends(lab: &Lab, pair: &Pair, room: usize) -> Option<String> {
    let StepKind::Compare(compare) = &lab.walk.step().kind else { return None };
    let sides = [(pair.a().cluster(), &*lab.pictures[0].verdicts), (pair.b().cluster(), &*lab.pictures[1].verdicts)];
    let apart: Vec<String> = ends::apart(compare, sides).iter().map(Apart::to_string).collect();
    let told = |start: &str, of: usize| format!("{start}:  {}", apart[..of].join("   "));
    let long = format!("{}   clients were told the same; at the end", pair.at());
    let forms = (1..=apart.len()).rev().map(|of| told(&long, of)).chain([told("told the same; at the end", apart.len().min(1))]);
    let forms: Vec<String> = if apart.is_empty() { Vec::new() } else { forms.collect() };
    forms.iter().find(|form| width(form) <= room).or(forms.last()).cloned()
}

/// What stands around the words of the two sides, in cells.
const BESIDE: usize = ":  A  ".len() + "   B  ".len();

/// What happened, in a sentence; also for messages and heartbeats, which go without saying elsewhere.
fn sentence(app: &App, what: &What, operations: &Operations) -> String {
    let name = |id| operations.names().of(id);
    match what {
        What::Arrived { from, to, kind, .. } => format!("{}'s {} reaches {}", name(*from), kind.word, name(*to)),
        What::Lost { from, to, kind, why, .. } => format!("{}'s {} to {} is lost: {why}", name(*from), kind.word, name(*to)),
        other => narration::sentence(&app.theme, other, operations).map_or_else(|| unknown(other), |s| s.text),
    }
}
