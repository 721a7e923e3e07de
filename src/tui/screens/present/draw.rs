//! Draws a page.
//!
//! ```text
//!    TITLE                                                     0.41 s
//!
//!    One sentence, at most sixty cells a line.
//!
//!       the cluster, as large as it gets
//!
//!    its lanes; or the answers to a question, and who chose which
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Color, Style};

use super::big::Title;
use super::tally::{self, Tally};
use super::{Presenting, beside, phase, said, stage};
use crate::lesson::schema::{Step, StepKind};
use crate::present::{Beat, Page, Phase, speech};
use crate::tui::app::App;
use crate::tui::hits::Hits;
use crate::tui::screens::footer;
use crate::tui::screens::lab::Lab;
use crate::tui::screens::lab::draw::put_lines;
use crate::tui::theme::Theme;
use crate::tui::widgets::markdown::unmarked;
use crate::tui::widgets::pen::Pen;
use crate::tui::widgets::text::{self, Line, Piece, line_width, piece, width, wrap};

/// From this height on the titles of pages are large, and things stand apart.
const TALL: u16 = 34;

/// Below this height everything that only parts things is left out.
const LOW: u16 = 18;

/// The least lines of a stage; with fewer it has what is below it too.
const STAGE: u16 = 7;

/// Beside the code for phones, a cluster has this width or is left out.
const NARROW: u16 = 60;

/// Draws everything.
pub fn draw(app: &App, area: Rect, buf: &mut Buffer, hits: &mut Hits) {
    let Some(presenting) = &app.present else { return };
    let theme = &app.theme;
    if presenting.black {
        buf.set_style(area, Style::new().fg(Color::Black).bg(Color::Black));
        return;
    }
    match (presenting.shown(), app.lab()) {
        (Page::Title { title, question }, _) => {
            let inner = beside::title(theme, presenting, inside(area), buf);
            title_page(theme, title, question, inner, buf);
        }
        (Page::Step { title, .. }, Some(lab)) => step(theme, (presenting, lab), title, area, buf),
        (Page::Step { .. }, None) => {}
    }
    let last = Rect { y: area.bottom().saturating_sub(1), height: 1, ..area };
    if tells_how(presenting, area) {
        if app.notice.is_some() && app.long_work().is_none() {
            // The line above says how the question stands.
            return footer::notice(app, last, buf);
        }
        let how = if presenting.poll.is_some() { HOW[1] } else { HOW[0] };
        let inner = inside(area);
        Pen::new(buf, last).clipped(inner.x.into(), last.y.into(), how, inner.width.into(), theme.glyphs.more, theme.text);
    }
    footer::draw_keys(app, &[], last, buf, hits);
}

/// How counts are typed; and where they come from phones, too.
const HOW: [&str; 2] = ["Count hands: type 1=12 2=20, then Enter", "Phones vote. Hands instead: type 1=12 2=20, then Enter"];

/// Whether the last line says how counts are typed.
fn tells_how(presenting: &Presenting, area: Rect) -> bool {
    area.height >= LOW && presenting.is_counting()
}

/// Without the margins.
fn inside(area: Rect) -> Rect {
    let (across, down) = (if area.width >= 60 { 3 } else { 1 }, u16::from(area.height >= LOW));
    let width = area.width.saturating_sub(2 * across);
    Rect { x: area.x + across, y: area.y + down, width, height: area.height.saturating_sub(down) }
}

/// What comes now, in the middle.
fn title_page(theme: &Theme, title: &str, question: &str, area: Rect, buf: &mut Buffer) {
    let title = Title::fitting(theme, title, (area.width, area.height.saturating_sub(6).max(1)));
    let below = area.height.saturating_sub(title.height() + 3);
    let large = Title::several(theme, &[question.to_string()], (area.width.min(QUARTER), below));
    if let Some([large]) = large.as_deref().filter(|_| area.height >= HUGE.1 && !question.is_empty()) {
        let top = area.y + area.height.saturating_sub(title.height() + 3 + large.height()) / 2;
        let from = |y: u16| Rect { y, height: area.bottom().saturating_sub(y), ..area };
        title.draw(from(top), buf, theme.key, true);
        return large.draw(from(top + title.height() + 3), buf, theme.strong, true);
    }
    let lines = if question.is_empty() { Vec::new() } else { wrap(question, usize::from(area.width).min(speech::LINE)) };
    let gap = if lines.is_empty() { 0 } else { 3 };
    let whole = title.height() + gap + lines.len() as u16;
    let top = area.y + area.height.saturating_sub(whole) / 2;
    title.draw(Rect { y: top, height: area.bottom().saturating_sub(top), ..area }, buf, theme.strong, true);
    let mut pen = Pen::new(buf, area);
    for (line, y) in lines.iter().zip(top.saturating_add(title.height() + gap)..) {
        let x = area.x + area.width.saturating_sub(width(line) as u16) / 2;
        pen.text(x.into(), y.into(), line, theme.strong);
    }
}

/// A step of a lesson.
fn step(theme: &Theme, (presenting, lab): (&Presenting, &Lab), title: &str, area: Rect, buf: &mut Buffer) {
    let mut inner = inside(area);
    inner.height -= u16::from(tells_how(presenting, area));
    let tall = area.height >= TALL;
    let room = (inner.width.saturating_sub(12), if tall { 4 } else { 1 });
    let head = Title::fitting(theme, title, room);
    let huge = area.width >= HUGE.0 && area.height > HUGE.1;
    let gap = u16::from(area.height >= LOW) + 2 * u16::from(huge);
    let [top, _, body] =
        Layout::vertical([Constraint::Length(head.height().min(inner.height)), Constraint::Length(gap), Constraint::Fill(1)]).areas(inner);
    head.draw(Rect { width: head.width().min(top.width), ..top }, buf, theme.strong, false);
    if !presenting.shows_table(lab) && !is_only_words(lab) {
        clock(theme, lab, (top, head.width()), buf);
    }
    if is_only_words(lab) {
        return words(theme, (presenting, lab), title, body, buf);
    }
    let (body, place) = beside::question(theme, presenting, body, buf);
    let sentence = Sentence::of(theme, (presenting, lab), title, Rect { width: body.width, ..inner });
    let below = below(theme, (presenting, lab), place, body.width.into(), tall);
    let gap = gap.min(1);
    let gaps = 2 * gap;
    let most = sentence.most.min(body.height / 2).max(u16::from(body.height > 0));
    let left = body.height.saturating_sub(most + gaps);
    let under = match &below {
        // The answers are what the page is about: the cluster makes way for them.
        Below::Answers(lines) => (lines.len() as u16).min(left),
        Below::Lanes(lines) => Some((*lines).min(left / 2)).filter(|under| left >= STAGE + under).unwrap_or(0),
        Below::ManyLanes => left.saturating_sub(STAGE),
    };
    let stage = if body.width < NARROW && body.width < inner.width { 0 } else { left.saturating_sub(under) };
    let parts = [most, gap, stage, gap, under].map(Constraint::Length);
    let [words, _, stage, _, under] = Layout::vertical(parts).areas(body);
    sentence.draw(theme, words, buf);
    if stage.height > 2 {
        stage::draw(theme, lab, presenting.shows_table(lab), stage, buf);
    }
    match below {
        Below::Answers(lines) => put_lines(&lines, under, buf),
        Below::Lanes(_) | Below::ManyLanes => stage::lanes(theme, lab, under, buf),
    }
}

/// From this size on what is said is large too.
const HUGE: (u16, u16) = (150, 54);

/// The most lines that large letters of a sentence take.
const MOST_LARGE: u16 = 14;

/// What is said now, and the most lines that anything takes that is said on the page.
struct Sentence {
    large: Option<Title>,
    lines: Vec<Line>,
    most: u16,
}

impl Sentence {
    fn of(theme: &Theme, (presenting, lab): (&Presenting, &Lab), title: &str, inner: Rect) -> Sentence {
        let (now, all) = (said::now(lab, title, presenting.beat), said::all(lab, title));
        let lines = now.lines(theme, inner.width.into());
        let height = |said: &said::Said| said.lines(theme, inner.width.into()).len();
        let most = all.iter().map(height).max().unwrap_or(0).clamp(2, 4).max(lines.len()) as u16;
        let mut sentence = Sentence { large: None, lines, most };
        if inner.width + 6 < HUGE.0 || inner.height < HUGE.1 {
            return sentence;
        }
        let large = |said: &said::Said| {
            let one = Title::several(theme, &[said.words()], (inner.width.min(QUARTER), MOST_LARGE))?;
            one.into_iter().next()
        };
        let heights: Option<Vec<u16>> = all.iter().map(|said| Some(large(said)?.height())).collect();
        if let (Some(heights), Some(now)) = (heights, large(&now)) {
            let most = heights.into_iter().max().unwrap_or(0).max(now.height());
            sentence = Sentence { large: Some(now), most, ..sentence };
        }
        sentence
    }

    fn draw(&self, theme: &Theme, area: Rect, buf: &mut Buffer) {
        match &self.large {
            Some(large) => large.draw(area, buf, theme.strong, false),
            None => put_lines(&self.lines, area, buf),
        }
    }
}

/// The columns of sixty large letters: no line of prose is longer.
const QUARTER: u16 = 4 * speech::LINE as u16;

/// The virtual time, at the right of the title where both have room.
fn clock(theme: &Theme, lab: &Lab, (top, used): (Rect, u16), buf: &mut Buffer) {
    let now = lab.walk.stage().at().to_string();
    let x = top.right().saturating_sub(width(&now) as u16);
    if top.height > 0 && x > top.x.saturating_add(used + 1) {
        Pen::new(buf, top).text(x.into(), top.y.into(), &now, theme.strong);
    }
}

/// Whether a page has nothing to be seen but what is said: the last one of a lesson, where nothing happens any more.
fn is_only_words(lab: &Lab) -> bool {
    let Step { kind, view, text, .. } = lab.walk.step();
    let silent = matches!(kind, StepKind::Say { script, lists: false } if script.is_empty());
    silent && lab.walk.is_last() && view.panels.is_empty() && view.chart.is_empty() && speech::parts(text).len() > 1
}

/// Everything that was said so far, apart; where it is more than there is room for, the newest.
fn words(theme: &Theme, (presenting, lab): (&Presenting, &Lab), title: &str, area: Rect, buf: &mut Buffer) {
    let tells = said::tells(lab, title);
    let shown = if let Beat::Tell(part) = presenting.beat { part + 1 } else { tells.len() };
    let plain: Vec<String> = tells.iter().map(said::Said::words).collect();
    let columns = area.width.min(QUARTER);
    if let Some(large) = Title::several(theme, &plain, (columns, area.height)).filter(|_| area.height + 10 >= HUGE.1) {
        let mut y = area.y;
        for text in large.iter().take(shown) {
            text.draw(Rect { y, height: area.bottom().saturating_sub(y), ..area }, buf, theme.strong, false);
            y = y.saturating_add(text.height() + super::big::APART);
        }
        return;
    }
    let blocks: Vec<Vec<Line>> = tells.iter().take(shown).map(|said| said.lines(theme, area.width.into())).collect();
    let all: Vec<Vec<Line>> = tells.iter().map(|said| said.lines(theme, area.width.into())).collect();
    let height = |blocks: &[Vec<Line>]| blocks.iter().map(|block| block.len() + 1).sum::<usize>();
    let room = usize::from(area.height) + 1;
    let first = (0..blocks.len()).find(|first| height(&blocks[*first..]) <= room).unwrap_or(blocks.len().saturating_sub(1));
    // What is to come has its place already, so that nothing jumps.
    let free = room.saturating_sub(height(&all)) as u16 / 3;
    let mut y = area.y.saturating_add(free);
    for block in &blocks[first..] {
        put_lines(block, Rect { y, height: area.bottom().saturating_sub(y), ..area }, buf);
        y = y.saturating_add(block.len() as u16 + 1);
    }
}

/// What stands below the cluster.
enum Below {
    /// So many lanes.
    Lanes(u16),
    /// Lanes that are the picture.
    ManyLanes,
    /// The answers to a question.
    Answers(Vec<Line>),
}

/// `place` says where one votes, if that is said here.
fn below(theme: &Theme, (presenting, lab): (&Presenting, &Lab), place: Vec<String>, width: usize, tall: bool) -> Below {
    if presenting.shows_table(lab) {
        return Below::Lanes(0);
    }
    let StepKind::Predict { options, .. } = &lab.walk.step().kind else { return lanes(lab, tall) };
    let voting = phase(presenting.beat);
    let told = matches!(presenting.beat, Beat::Why(_));
    let vote = presenting.vote();
    if voting.is_none() && !(told && vote.is_some_and(crate::present::Vote::is_counted)) {
        return lanes(lab, tall);
    }
    let texts: Vec<String> = options.iter().map(|option| unmarked(&lab.told(&option.text))).collect();
    let vote = vote.filter(|_| told || voting == Some(Phase::Both));
    let right = options.iter().position(|option| option.right).filter(|_| told);
    let blocks = Tally { theme, options: &texts, vote, right, width }.lines();
    let mut lines: Vec<Line> = Vec::new();
    for block in blocks {
        lines.extend(block);
        if tall {
            lines.push(Line::new());
        }
    }
    let below = voting.map(|phase| state(theme, (presenting, place), phase, width)).unwrap_or_default();
    if !tall && !below.is_empty() {
        lines.push(Line::new());
    }
    lines.extend(below);
    Below::Answers(lines)
}

fn lanes(lab: &Lab, tall: bool) -> Below {
    let lines = stage::lanes_height(lab);
    if stage::lanes_are_large(lab) {
        Below::ManyLanes
    } else {
        Below::Lanes(if tall { lines.saturating_mul(2).saturating_sub(1) } else { lines })
    }
}

/// At the end of the only line, or below it where there is no room.
fn add(lines: &mut Vec<Line>, more: Piece, width: usize) {
    match lines.first_mut() {
        Some(line) if line_width(line) + 3 + text::width(&more.text) <= width => line.extend([piece("   ", more.style), more]),
        _ => lines.push(vec![more]),
    }
}

/// How far the question is: what the class does now, and how many have voted.
fn state(theme: &Theme, (presenting, place): (&Presenting, Vec<String>), phase: Phase, width: usize) -> Vec<Line> {
    let says = match phase {
        Phase::Alone => "Alone: think, and choose one.",
        Phase::Discuss => "Talk: convince whoever chose another.",
        Phase::Again => "Again: choose once more.",
        Phase::Both => "",
    };
    let mut lines = vec![vec![piece(says, theme.key)]];
    let typed = presenting.line.value();
    let voted = presenting.polled.as_ref().map(|counts| tally::votes(counts.total()));
    if phase == Phase::Both {
        let totals = presenting.vote().map(tally::totals).unwrap_or_default();
        let go = "Enter lets it run";
        let gap = width.saturating_sub(totals.len() + go.len()).max(3);
        lines = vec![vec![piece(totals, theme.strong), piece(" ".repeat(gap), theme.text), piece(go, theme.key)]];
    } else if !typed.is_empty() {
        add(&mut lines, piece(format!("votes {}", tally::covered(theme, typed)), theme.strong), width);
    } else if let Some(voted) = voted {
        add(&mut lines, piece(format!("{voted} so far"), theme.strong), width);
    }
    lines.extend(place.into_iter().map(|line| vec![piece(line, theme.strong)]));
    if let Some(notice) = presenting.noticed.as_ref().filter(|_| phase.round().is_some()) {
        lines.extend(wrap(notice, width.min(speech::LINE)).into_iter().map(|line| vec![piece(line, theme.stale)]));
    }
    let wrong = presenting.wrong.join("; ");
    if !wrong.is_empty() {
        let words = wrap(&wrong, width.min(speech::LINE).saturating_sub(2).max(1));
        lines.extend(words.into_iter().map(|line| vec![piece(format!("{} ", theme.glyphs.cross), theme.bad), piece(line, theme.bad)]));
    }
    lines
}
