//! The cluster on a wall: no panels but those that the step names, no knobs unless they are turned, at most four loud things; and its lanes.

use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout, Rect};

use crate::cluster::scene::{FlightView, Large, Scene, Sign};
use crate::lesson::schema::{StepKind, View};
use crate::lesson::walk::Stage;
use crate::tui::screens::lab::picture::Picture;
use crate::tui::screens::lab::{Lab, card, draw as lab_draw};
use crate::tui::theme::Theme;
use crate::tui::widgets::pen::Pen;
use crate::tui::widgets::stage;
use crate::tui::widgets::stage::Front;

/// At most so many things are loud at once.
pub(super) const LOUD: usize = 4;

/// The title of the panel with the charts of a step.
const CHART: &str = "chart";

/// Real seconds at 1x in which the signs of a flow go one cell.
const CELL: f64 = 0.1;

/// The scene as it is shown from afar.
pub(super) fn calm(scene: &Scene, view: &View, knobs: bool) -> Scene {
    let mut scene = scene.clone();
    scene.panels.retain(|panel| panel.title == CHART || view.panels.contains(&panel.title));
    if !knobs {
        scene.knobs.clear();
    }
    let mut left = LOUD;
    let mut may = || {
        let may = left > 0;
        left = left.saturating_sub(1);
        may
    };
    for spark in scene.sparks.iter_mut().rev() {
        if !may() {
            spark.label.clear();
        }
    }
    let mut order: Vec<usize> = (0..scene.flights.len()).filter(|at| speaks(&scene.flights[*at])).collect();
    order.sort_by_key(|at| rank(&scene.flights[*at]));
    let spoken: Vec<usize> = order.into_iter().take_while(|_| may()).collect();
    for (at, flight) in scene.flights.iter_mut().enumerate() {
        if !spoken.contains(&at) {
            flight.label.clear();
        }
    }
    for node in &mut scene.nodes {
        node.changed = node.changed && may();
    }
    scene
}

/// Whether a message has words: signs of life have none.
fn speaks(flight: &FlightView) -> bool {
    !flight.kind.sign.is_quiet() && !flight.label.is_empty()
}

fn rank(flight: &FlightView) -> u8 {
    match flight.kind.sign {
        Sign::Request | Sign::Reply => 0,
        Sign::Vote => 1,
        Sign::Data => 2,
        Sign::Gossip | Sign::Ack | Sign::Heartbeat => 3,
    }
}

/// Draws the cluster, or both of a comparison, or, where it is `measured`, the table.
pub(super) fn draw(theme: &Theme, lab: &Lab, measured: bool, area: Rect, buf: &mut Buffer) {
    match (&lab.walk.step().kind, lab.walk.stage()) {
        (StepKind::Measure(measure), _) if measured => {
            if let Some(table) = lab.walk.table() {
                let wide = usize::from(area.width).min(96);
                lab_draw::put_lines(&card::table(theme, measure, table, wide), area, buf);
            }
        }
        (_, Stage::One(_)) => one(theme, lab, lab.picture(), area, buf),
        (kind, Stage::Two(_)) => {
            let StepKind::Compare(compare) = kind else { return };
            for ((side, half), name) in halves(area).into_iter().enumerate().zip([&compare.a.name, &compare.b.name]) {
                let [head, below] = Layout::vertical([Constraint::Length(1), Constraint::Fill(1)]).areas(half);
                let mut pen = Pen::new(buf, head);
                let letter = ["A", "B"][side];
                let room = usize::from(head.width);
                pen.clipped(
                    head.x.into(),
                    head.y.into(),
                    &format!("{letter}  {}", name.to_uppercase()),
                    room,
                    theme.glyphs.more,
                    theme.key,
                );
                one(theme, lab, &lab.pictures[side], below, buf);
            }
        }
    }
}

/// Two halves with a gap between them.
fn halves(area: Rect) -> [Rect; 2] {
    let [left, _, right] =
        Layout::horizontal([Constraint::Fill(1), Constraint::Length(3.min(area.width)), Constraint::Fill(1)]).areas(area);
    [left, right]
}

fn one(theme: &Theme, lab: &Lab, picture: &Picture, area: Rect, buf: &mut Buffer) {
    let view = &lab.walk.step().view;
    let scene = calm(&picture.scene, view, lab.knob.is_some());
    let front = if scene.panels.is_empty() { Front::Picture } else { Front::Panel(0) };
    let (selected, knob, show, cell) = (lab.selected, lab.knob, &view.show, lab.pace.span(CELL));
    let view = stage::View { selected, show, knob, front, cell, ..stage::View::new(theme, &scene) };
    stage::draw(area, buf, &view);
}

/// How many lines the lanes of the run want; of two, of the one with more.
pub(super) fn lanes_height(lab: &Lab) -> u16 {
    let of = |picture: &Picture| (picture.scene.nodes.len() + picture.scene.clients.len()) as u16;
    let both = &lab.pictures[..if lab.walk.stage().is_two() { 2 } else { 1 }];
    both.iter().map(of).max().unwrap_or(0).saturating_add(1)
}

/// Whether what happens is seen on the lanes rather than in the picture.
pub(super) fn lanes_are_large(lab: &Lab) -> bool {
    lab.picture().scene.large == Large::Lanes
}

/// Draws the lanes of the run, or of both.
pub(super) fn lanes(theme: &Theme, lab: &Lab, area: Rect, buf: &mut Buffer) {
    if lab.walk.stage().is_two() {
        for (picture, half) in lab.pictures.iter().zip(halves(area)) {
            lanes_of(theme, lab, picture, half, buf);
        }
    } else {
        lanes_of(theme, lab, lab.picture(), area, buf);
    }
}

fn lanes_of(theme: &Theme, lab: &Lab, picture: &Picture, area: Rect, buf: &mut Buffer) {
    lab_draw::lanes(theme, lab, picture, lab.window(picture), &[], area, buf);
}
