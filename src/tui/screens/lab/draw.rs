//! Draws the lab.

use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout, Rect};

use super::header::{self, header};
use super::layout::{Areas, Panel, layout};
use super::picture::Picture;
use super::{Lab, card, compare, keys};
use crate::cluster::scene::{Body, Large, Scene, Series};
use crate::sim::id::NodeId;
use crate::sim::time::{Span, Time};
use crate::tui::app::App;
use crate::tui::hits::{Click, Hits};
use crate::tui::theme::Theme;
use crate::tui::widgets::pen::Pen;
use crate::tui::widgets::text::{Line, width, wrap_pieces};
use crate::tui::widgets::{guarantees, inspector, narration, panel, spacetime, stage};

/// A timeline of no more lines than this has no facts over its lanes.
const LEAST_TIMELINE: u16 = 8;

/// Real seconds at 1x in which the signs of a flow go one cell.
const CELL: f64 = 0.1;

/// Real seconds at 1x in which one sentence is read.
const READ: f64 = 1.0;

/// What the border takes of the width beside the title of a panel.
pub const TITLE_MARGIN: usize = 6;

/// Draws everything.
pub fn draw(app: &App, area: Rect, buf: &mut Buffer, hits: &mut Hits) {
    let Some(lab) = app.lab() else { return };
    if lab.walk.stage().is_two() {
        return compare::draw(app, lab, area, buf, hits);
    }
    let areas = areas(lab, area);
    header(app, lab, areas.header, buf);
    draw_question(app, lab, (areas.question, areas.narrow), buf, hits);
    draw_stage(app, lab, &areas, buf, hits);
    if areas.narrow {
        scrubber(app, lab, areas.stage, buf, hits);
    }
    draw_log(app, lab, &areas, buf, hits);
    draw_guarantees(app, lab, (areas.guarantees, areas.narrow), buf, hits);
    super::network::draw(app, lab, (areas.network, areas.narrow), buf, hits);
    draw_timeline(app, lab, (areas.timeline, areas.narrow), buf, hits);
    keys::draw(app, lab, areas.footer, buf, hits);
}

fn areas(lab: &Lab, area: Rect) -> Areas {
    let scene = &lab.picture().scene;
    let over = spacetime::series_height(&series(scene), u16::MAX);
    let lanes = scene.nodes.len() + scene.clients.len() + usize::from(over);
    let areas = layout(area, lanes, lab.picture().verdicts.len(), lab.focus, lab.walk.reads_a_table());
    let areas = if lab.is_network() { areas.with_network(lab.focus) } else { areas };
    let lanes_are_large = (scene.large == Large::Lanes) != lab.swapped;
    if lanes_are_large && !areas.narrow { Areas { stage: areas.timeline, timeline: areas.stage, ..areas } } else { areas }
}

/// Draws only the stage and the timeline below it; of two designs both sides. For pictures beside a text.
pub fn figure(app: &App, area: Rect, buf: &mut Buffer) {
    let Some(lab) = app.lab() else { return };
    let hits = &mut Hits::default();
    if lab.walk.stage().is_two() {
        return compare::sides(app, lab, area, buf, hits);
    }
    let scene = &lab.picture().scene;
    let over = spacetime::series_height(&series(scene), u16::MAX);
    let wanted = (scene.nodes.len() + scene.clients.len()) as u16 * 2 + over + 2;
    let diagram = wanted.clamp(5, area.height * 2 / 5);
    let [stage, timeline] = Layout::vertical([Constraint::Fill(1), Constraint::Length(diagram)]).areas(area);
    draw_stage(app, lab, &Areas { stage, timeline, ..Areas::default() }, buf, hits);
    let title = format!("Timeline {} {}", app.theme.glyphs.lanes[0], lab.walk.stage().at());
    self::diagram(app, lab, lab.picture(), ((timeline, false), &title), buf, hits);
}

/// Where the stage lies on a screen of this size, for boxes on top of it; `None` where there are two.
pub fn stage_area(app: &App, area: Rect) -> Option<Rect> {
    let lab = app.lab().filter(|lab| !lab.walk.stage().is_two())?;
    Some(areas(lab, area).stage)
}

/// Draws a panel of the lab and returns its inside. In the narrow layout it is one of several tabs, which are named beside its title.
pub(super) fn part(
    app: &App,
    lab: &Lab,
    (area, narrow): (Rect, bool),
    which: Panel,
    title: &str,
    buf: &mut Buffer,
    hits: &mut Hits,
) -> Rect {
    let inner = panel(area, buf, &app.theme, title, lab.focus == which);
    if narrow {
        tabs(app, lab, (area, area.x as i32 + 4 + width(title) as i32), buf, hits);
    }
    inner
}

/// The names of all tabs at the right of the upper border, from column `after` on; where not all fit, the one that Tab leads to.
fn tabs(app: &App, lab: &Lab, (area, after): (Rect, i32), buf: &mut Buffer, hits: &mut Hits) {
    let theme = &app.theme;
    let mut pen = Pen::new(buf, area);
    let (right, y) = (area.right() as i32 - 2, area.y);
    let all = Panel::among(lab.is_network());
    let wide: usize = all.iter().map(|tab| width(tab.tab()) + 3).sum();
    let mut x = right - wide as i32;
    if x < after {
        let next = format!(" Tab: {} ", lab.focus.next(all).tab());
        let x = right + 1 - width(&next) as i32;
        if x > after {
            pen.text(x, y.into(), &next, theme.dim);
        }
        return;
    }
    for (i, tab) in all.iter().copied().enumerate() {
        let style = if tab == lab.focus { theme.text.patch(theme.selected) } else { theme.dim };
        let name = format!(" {} ", tab.tab());
        hits.add(Rect { x: x as u16, y, width: width(&name) as u16, height: 1 }, Click::Panel(tab));
        x = pen.text(x, y.into(), &name, style);
        if i + 1 < all.len() {
            x = pen.text(x, y.into(), theme.glyphs.quote, theme.edge);
        }
    }
}

fn indented(area: Rect) -> Rect {
    Rect { x: area.x + 1, width: area.width.saturating_sub(2), ..area }
}

/// Draws the card; its last line says what to press.
pub fn draw_question(app: &App, lab: &Lab, (area, narrow): (Rect, bool), buf: &mut Buffer, hits: &mut Hits) {
    if area.is_empty() {
        return;
    }
    let theme = &app.theme;
    hits.add(area, Click::Panel(Panel::Question));
    let (title, style) = card::heading(lab, theme);
    let inner = indented(part(app, lab, (area, narrow), Panel::Question, &title, buf, hits));
    let mut pen = Pen::new(buf, area);
    let mut x = area.x as i32 + 2;
    if let Some(style) = style {
        x = pen.clipped(x, area.y.into(), &title, usize::from(area.width).saturating_sub(4), theme.glyphs.more, style);
    } else {
        x += width(&title) as i32;
    }
    if lab.goal.holds {
        pen.text(x + 1, area.y.into(), &format!(" {} goal reached ", theme.glyphs.ok), theme.good.patch(theme.strong));
    }
    let text = Rect { height: inner.height.saturating_sub(1), ..inner };
    let asked = header::says_question(lab, app.size.0);
    let card = card::made(lab, theme, (text.width.into(), text.height.into()), asked);
    let most = card.lines.len().saturating_sub(text.height.into());
    lab.most_scroll.set(most as u16);
    lab.tells_first.set(card.short);
    let seen = |first: usize| match &card.explained {
        Some(lines) => first.min(lines.start).max(lines.end.saturating_sub(text.height.into())),
        None => first,
    };
    let first = seen(lab.first_line().into());
    put_lines(&card.lines[first..], text, buf);
    for (line, y) in (first..card.lines.len()).zip(text.top()..text.bottom()) {
        if let Some(answer) = card.answer_at(line) {
            hits.add(Rect { y, height: 1, ..text }, Click::Answer(answer));
        }
    }
    let mut pen = Pen::new(buf, inner);
    let y = inner.bottom() as i32 - 1;
    let hidden = [(theme.glyphs.arrows[2], first), (theme.glyphs.arrows[3], most.saturating_sub(first))];
    let more: Vec<String> = hidden.iter().filter(|(_, lines)| *lines > 0).map(|(sign, lines)| format!(" {sign} {lines}")).collect();
    let more = more.concat();
    let room = usize::from(inner.width).saturating_sub(width(&more));
    let mut x = inner.x as i32;
    for part in card::last_line(lab, theme, card.short, room) {
        let left = room.saturating_sub((x - inner.x as i32) as usize);
        x = pen.clipped(x, y, &part.text, left, theme.glyphs.more, part.style);
    }
    pen.text(inner.right() as i32 - width(&more) as i32, y, &more, theme.dim);
}

/// Draws styled lines from the top.
pub fn put_lines(lines: &[Line], area: Rect, buf: &mut Buffer) {
    let mut pen = Pen::new(buf, area);
    for (line, y) in lines.iter().zip(area.top()..area.bottom()) {
        let mut x = area.x as i32;
        for part in line {
            x = pen.text(x, y.into(), &part.text, part.style);
        }
    }
}

fn draw_stage(app: &App, lab: &Lab, areas: &Areas, buf: &mut Buffer, hits: &mut Hits) {
    let area = areas.stage;
    let caption = &lab.picture().scene.caption;
    let long = format!("Cluster {} {caption}", app.theme.glyphs.lanes[0]);
    let title = if width(&long) + TITLE_MARGIN > usize::from(area.width) { caption.clone() } else { long };
    let timeline = areas.timeline.height > LEAST_TIMELINE;
    stage_panel(app, lab, (lab.picture(), timeline), (area, &title), buf, hits);
}

/// Draws one stage in its panel; `timeline`: what has a time axis is drawn over the timeline.
pub fn stage_panel(
    app: &App,
    lab: &Lab,
    (picture, timeline): (&Picture, bool),
    (area, title): (Rect, &str),
    buf: &mut Buffer,
    hits: &mut Hits,
) {
    let theme = &app.theme;
    hits.add(area, Click::Panel(Panel::Stage));
    let inner = panel(area, buf, theme, title, lab.focus == Panel::Stage);
    let (selected, knob, front, cell) = (lab.selected, lab.knob, lab.front(), lab.pace.span(CELL));
    let show = &lab.walk.step().view.show;
    let parted = lab.is_network().then(|| super::network::doors(&picture.scene));
    let (scene, doors) = parted.as_ref().map_or((&picture.scene, &[][..]), |(scene, doors)| (scene, doors.as_slice()));
    let view = stage::View { selected, show, knob, front, timeline, cell, doors, ..stage::View::new(theme, scene) };
    let drawn = stage::draw(inner, buf, &view);
    lab.crowded.set(drawn.crowded);
    hits.stage(drawn);
    if let Some(words) = skipped(app, lab) {
        let x = inner.right() as i32 - width(&words) as i32 - 1;
        Pen::new(buf, area).text(x, inner.bottom() as i32, &words, theme.key);
    }
}

/// That time in which nothing happened was left out.
fn skipped(app: &App, lab: &Lab) -> Option<String> {
    let sign = if app.theme.glyphs.ascii { ">>" } else { "»" };
    let long = |span: Span| match span.as_secs() {
        seconds if seconds >= 60.0 => Time(span.0).clock(0),
        seconds if seconds >= 10.0 => format!("{seconds:.0} s"),
        _ => format!("{} ms", span.0 / Span::ms(1).0),
    };
    lab.pace.skipped().map(|span| format!(" {sign} {} skipped: nothing happened ", long(span)))
}

/// The run in one line on the lower border of a stage: where there is no diagram, the clock is still seen and can be dragged.
pub fn scrubber(app: &App, lab: &Lab, stage: Rect, buf: &mut Buffer, hits: &mut Hits) {
    let line = Rect { x: stage.x + 2, y: stage.bottom().saturating_sub(1), width: stage.width.saturating_sub(4), height: 1 };
    if stage.height < 3 || line.is_empty() {
        return;
    }
    let now = lab.walk.stage().at();
    hits.diagram(spacetime::scrubber(line, buf, &app.theme, (now, lab.picture().seen), &lab.picture().pokes));
    let mode = || format!(" {} ", if lab.pace.playing() { "playing" } else { standing(lab) });
    Pen::new(buf, line).text(line.x.into(), line.y.into(), &skipped(app, lab).unwrap_or_else(mode), app.theme.text);
}

fn draw_log(app: &App, lab: &Lab, areas: &Areas, buf: &mut Buffer, hits: &mut Hits) {
    let (theme, picture, area) = (&app.theme, lab.picture(), areas.log);
    if area.is_empty() {
        return;
    }
    if area.height == 1 {
        let line = Rect { x: area.x + 2, width: area.width.saturating_sub(4), ..area };
        return narration::line(line, buf, theme, picture.to_tell(), lab.pace.span(READ));
    }
    hits.add(area, Click::Panel(Panel::Log));
    let inner = part(app, lab, (area, areas.narrow), Panel::Log, Panel::Log.title(), buf, hits);
    for (event, row) in narration::draw(inner, buf, theme, picture.to_tell(), lab.selected) {
        hits.add(row, Click::Thing(crate::tui::widgets::Target::Event(event)));
    }
}

/// The guarantees, or what is selected.
fn draw_guarantees(app: &App, lab: &Lab, (area, narrow): (Rect, bool), buf: &mut Buffer, hits: &mut Hits) {
    if area.is_empty() {
        return;
    }
    let (theme, picture) = (&app.theme, lab.picture());
    hits.add(area, Click::Panel(Panel::Guarantees));
    let focused = lab.focus == Panel::Guarantees;
    if let Some(target) = lab.selected.filter(|_| !focused) {
        let inner = indented(part(app, lab, (area, narrow), Panel::Guarantees, "Selected", buf, hits));
        let facts = inspector::Facts {
            scene: &picture.scene,
            happenings: picture.happenings(),
            operations: picture.operations(),
            verdicts: &picture.verdicts,
        };
        let lines = inspector::lines(theme, target, &facts);
        let lines: Vec<Line> = lines.iter().flat_map(|l| wrap_pieces(l, inner.width.into(), 2)).collect();
        return put_lines(&lines, inner, buf);
    }
    let title = match picture.judged_before() {
        Some(at) => format!("Guarantees up to {at}"),
        None => Panel::Guarantees.title().to_string(),
    };
    let inner = indented(part(app, lab, (area, narrow), Panel::Guarantees, &title, buf, hits));
    for (row, place) in guarantees::draw(inner, buf, theme, (&picture.verdicts, &lab.about()), focused.then_some(lab.row)) {
        hits.add(place, Click::Row(row));
    }
}

fn draw_timeline(app: &App, lab: &Lab, (area, narrow): (Rect, bool), buf: &mut Buffer, hits: &mut Hits) {
    if !area.is_empty() {
        diagram(app, lab, lab.picture(), ((area, narrow), &format!("Timeline {}", clock(app, lab))), buf, hits);
    }
}

/// Draws one space-time diagram in its panel.
pub fn diagram(app: &App, lab: &Lab, picture: &Picture, ((area, narrow), title): ((Rect, bool), &str), buf: &mut Buffer, hits: &mut Hits) {
    let theme = &app.theme;
    hits.add(area, Click::Panel(Panel::Timeline));
    let inner = part(app, lab, (area, narrow), Panel::Timeline, title, buf, hits);
    let (from, to) = lab.window(picture);
    let mut series = if area.height > LEAST_TIMELINE { series(&picture.scene) } else { Vec::new() };
    let shares = lab.shares.as_ref().filter(|shares| shares.pokes == lab.run().pokes().len() && area.height > LEAST_TIMELINE);
    series.extend(shares.map(|shares| shares.series.clone()));
    hits.diagram(lanes(theme, lab, picture, (from, to), &series, inner, buf));
}

/// Draws the lanes of a run between two times, with these facts over them.
pub fn lanes(
    theme: &Theme,
    lab: &Lab,
    picture: &Picture,
    (from, to): (Time, Time),
    series: &[Series],
    area: Rect,
    buf: &mut Buffer,
) -> spacetime::Hits {
    let leading = leading(&picture.scene, picture.story(), from);
    let view = spacetime::View {
        scene: &picture.scene,
        happenings: picture.between(from, to),
        operations: picture.operations(),
        leading: &leading,
        pokes: &picture.pokes,
        from,
        to,
        selected: lab.selected,
        series,
        lane: lab.lane,
    };
    let drawn = spacetime::draw(area, buf, theme, &view);
    lab.hidden_lanes.set(drawn.hidden);
    drawn
}

/// The facts over time that stand over the lanes.
fn series(scene: &Scene) -> Vec<Series> {
    let all = scene.panels.iter().filter_map(|panel| if let Body::Series(all) = &panel.body { Some(all) } else { None });
    all.flatten().cloned().collect()
}

/// Who led at this moment: by the last note before it, or the first after it, or else who leads now.
pub fn leading(scene: &Scene, happenings: &[crate::cluster::Happening], from: Time) -> Vec<NodeId> {
    use crate::cluster::scene::Sign;
    use crate::cluster::{NoteMark, What};
    let role = |what: &What, id: NodeId| match what {
        What::Note { node, mark: NoteMark::Leads, .. } if *node == id => Some(true),
        What::Note { node, mark: NoteMark::Follows, .. } if *node == id => Some(false),
        _ => None,
    };
    let beats = |what: &What, id: NodeId, before: Time| match what {
        What::Arrived { from, sent, kind, .. } | What::Lost { from, sent, kind, .. } => {
            kind.sign == Sign::Heartbeat && *from == id && *sent < before
        }
        _ => false,
    };
    let led = |id: NodeId| {
        let before = happenings.iter().rev().filter(|h| h.at <= from).find_map(|h| role(&h.what, id));
        // Who leads from now on did not before. Who follows from now on may have followed another: only leaders send heartbeats.
        let after = || {
            let turn = happenings.iter().filter(|h| h.at > from).find_map(|h| role(&h.what, id).map(|leads| (h.at, leads)));
            turn.map(|(at, leads)| !leads && happenings.iter().any(|h| beats(&h.what, id, at)))
        };
        let now = || scene.nodes.iter().any(|n| n.id == id && n.shape == crate::cluster::scene::Shape::Leader);
        before.or_else(after).unwrap_or_else(now)
    };
    scene.nodes.iter().map(|n| n.id).filter(|id| led(*id)).collect()
}

/// How it is that time does not go on.
fn standing(lab: &Lab) -> &'static str {
    if lab.is_network() { "time stands still: you are the network" } else { "paused" }
}

/// The virtual clock, whether it runs, and how fast.
pub fn clock(app: &App, lab: &Lab) -> String {
    let theme = &app.theme;
    let dash = theme.glyphs.lanes[0];
    if lab.is_network() {
        return format!("{dash} {} {dash} {}", lab.walk.stage().at(), standing(lab));
    }
    let (play, pause) = if theme.glyphs.ascii { (">", "paused") } else { ("▶", "paused") };
    let state = if lab.pace.playing() { play } else { pause };
    let rate = lab.pace.per_second;
    format!("{dash} {} {dash} {state} {} ({rate} a second)", lab.walk.stage().at(), lab.pace.words())
}
