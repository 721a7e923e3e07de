//! What stands on the stage: the picture of the cluster, the panels beside or below it, the knobs.
//!
//! ```text
//! small                 usual                      large
//! ╭───────────────╮     ╭────────────────────╮     ╭───────────────────────────┬────────╮
//! │ picture       │     │ picture            │     │ picture                   │ panel  │
//! │ ─ panel ──────│     │ ─ panel ───────────│     │                           │ ─ panel│
//! │               │     │ ─ panel ───────────│     │ ─ panel ──────────────────│        │
//! ╰───────────────╯     │ knobs              │     │ knobs                     │        │
//!                       ╰────────────────────╯     ╰───────────────────────────┴────────╯
//! ```
//!
//! Where picture and panel have no room together, one of them stands alone.

use ratatui::layout::Rect;

use super::{Front, tiers};
use crate::cluster::scene::{Body, Layout, Scene};
use crate::tui::widgets::panels::{self, Look};

/// How a stage is divided.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Dock {
    /// The picture of the cluster.
    pub(super) picture: Rect,
    /// One line, or nothing.
    pub(super) knobs: Rect,
    /// Panels by their index, with a line for their title.
    pub(super) panels: Vec<(usize, Rect)>,
    /// Panels for which there is no room.
    pub(super) hidden: Vec<usize>,
    /// Whether there is room for the picture or for a panel, but not for both.
    pub(super) crowded: bool,
}

/// Columns of panels at the right, with the line that parts them off: at least, and on a wide stage.
const BESIDE: [u16; 2] = [30, 40];
/// A stage of this width has room for panels at its right.
const WIDE: u16 = 110;
/// Columns of panels beside a round picture, which leaves them free: at least, and at most.
const ROUND_BESIDE: u16 = 26;
const ROUND_BESIDE_MOST: u16 = 44;
/// At most so many panels at once.
const MOST: usize = 3;

/// Divides a stage. `front` is what is to be seen first; `knob` is the one that has the keys.
pub(super) fn dock(area: Rect, look: &Look<'_>, scene: &Scene, front: Front, knob: Option<usize>) -> Dock {
    let knobs = panels::knobs_height(&scene.knobs, area.height, knob).min(area.height);
    let mut rest = Rect { height: area.height - knobs, ..area };
    let mut dock = Dock { knobs: Rect { y: rest.bottom(), height: knobs, ..area }, ..Dock::default() };
    let count = scene.panels.len();
    let first = if let Front::Panel(first) = front { first } else { 0 };
    let order = (0..count).map(|index| (index + first) % count.max(1));
    let mut wanted: Vec<usize> = order.filter(|index| look.axis.is_none() || !scene.panels[*index].body.over_time()).collect();
    dock.hidden = wanted.split_off(wanted.len().min(MOST));
    if let Some(columns) = panels::columns(look, &scene.layout, rest.height)
        && columns + ROUND_BESIDE <= area.width
    {
        beside_round(&mut dock, &mut rest, look, scene, (&mut wanted, columns));
    } else if area.width >= WIDE && !all_fit_below(rest, look, scene, &wanted) {
        beside(&mut dock, &mut rest, look, scene, &mut wanted);
    }
    let named = matches!(front, Front::Panel(_)) && wanted.first() == Some(&first);
    below(&mut dock, &mut rest, look, scene, (&wanted, named));
    dock.crowded = dock.panels.is_empty() && !wanted.is_empty();
    if let (true, Front::Panel(_)) = (dock.crowded, front) {
        dock.hidden.retain(|index| *index != wanted[0]);
        dock.panels.push((wanted[0], std::mem::take(&mut rest)));
    }
    dock.hidden.sort_unstable();
    dock.picture = rest;
    dock
}

/// Lines that a picture needs before anything may stand below it.
fn least(scene: &Scene, height: u16) -> u16 {
    let usual = match &scene.layout {
        Layout::Replies(replies) => replies.lines.len() as u16 + 3,
        Layout::Tracks(tracks) => tracks.tracks.len() as u16 + 2,
        Layout::Tiers(columns) if says_who_was_up(scene) => tiers::least(scene, columns, height),
        Layout::Tiers(columns) => columns.iter().map(|ids| ids.len() as u16 * 3).max().unwrap_or(0).max(6) + 1,
        _ => 7,
    };
    usual.max(height * 2 / 5)
}

/// The same where a panel was asked for: its servers in a line each, where it has such a form.
fn least_beside(scene: &Scene, height: u16) -> u16 {
    match &scene.layout {
        Layout::Tiers(columns) => columns.iter().map(|ids| ids.len() as u16).max().unwrap_or(0) + 1,
        _ => least(scene, height),
    }
}

/// Whether what was up and down is half of the picture: then the other half makes do with little.
fn says_who_was_up(scene: &Scene) -> bool {
    scene.panels.iter().any(|panel| matches!(panel.body, Body::Strips(_)))
}

/// Whether the whole width is enough for all panels, each in full.
fn all_fit_below(rest: Rect, look: &Look<'_>, scene: &Scene, wanted: &[usize]) -> bool {
    let needed = wanted.iter().map(|index| panels::heights(look, &scene.panels[*index].body, rest.width).1.saturating_add(1));
    needed.fold(least(scene, rest.height), u16::saturating_add) <= rest.height
}

/// Panels below each other at the right of a round picture, in their order.
fn beside_round(dock: &mut Dock, rest: &mut Rect, look: &Look<'_>, scene: &Scene, (wanted, columns): (&mut Vec<usize>, u16)) {
    let wide = (rest.width - columns).min(ROUND_BESIDE_MOST);
    put_beside(dock, rest, look, scene, (wanted, 0, wide));
}

/// Panels below each other at the right, the second of the list first: the most important stays below, where it has the whole width.
fn beside(dock: &mut Dock, rest: &mut Rect, look: &Look<'_>, scene: &Scene, wanted: &mut Vec<usize>) {
    let wide = if rest.width >= WIDE + 20 { BESIDE[1] } else { BESIDE[0] };
    put_beside(dock, rest, look, scene, (wanted, 1, wide));
}

/// Panels from a number on, as many as find room, in so many columns at the right.
fn put_beside(dock: &mut Dock, rest: &mut Rect, look: &Look<'_>, scene: &Scene, (wanted, first, wide): (&mut Vec<usize>, usize, u16)) {
    let (mut y, mut placed) = (rest.y, Vec::new());
    for &index in wanted.iter().skip(first) {
        let (least, most) = panels::heights(look, &scene.panels[index].body, wide - 2);
        let left = rest.bottom() - y;
        let height = most.saturating_add(1).min(left);
        if height > least {
            placed.push((index, Rect { x: rest.right() - wide + 2, y, width: wide - 2, height }));
            y += height;
        }
    }
    if !placed.is_empty() {
        rest.width -= wide;
        wanted.retain(|index| !placed.iter().any(|(other, _)| other == index));
        dock.panels.extend(placed);
    }
}

/// Panels below the picture, as long as that keeps what it needs. Where the first is `named` it has its room before all others, and none
/// stands in its place.
fn below(dock: &mut Dock, rest: &mut Rect, look: &Look<'_>, scene: &Scene, (wanted, named): (&[usize], bool)) {
    let mut placed: Vec<(usize, u16)> = Vec::new();
    let mut spare = rest.height.saturating_sub(least(scene, rest.height));
    if let (true, Some(&first)) = (named, wanted.first())
        && !matches!(scene.panels[first].body, Body::Strips(_))
    {
        let least = panels::heights(look, &scene.panels[first].body, rest.width).0;
        if spare <= least {
            spare = rest.height.saturating_sub(least_beside(scene, rest.height));
        }
        if spare <= least {
            dock.hidden.extend(wanted);
            return;
        }
    }
    for &index in wanted {
        let (least, most) = panels::heights(look, &scene.panels[index].body, rest.width);
        let height = most.saturating_add(1).min(spare);
        if height > least {
            placed.push((index, height));
            spare -= height;
        } else if spare > 0 && matches!(scene.panels[index].body, Body::Strips(_)) {
            // Its last line alone, without a title: that of all together.
            placed.push((index, 1));
            dock.hidden.push(index);
            spare -= 1;
        } else {
            dock.hidden.push(index);
        }
    }
    for &(index, height) in placed.iter().rev() {
        rest.height -= height;
        dock.panels.push((index, Rect { y: rest.bottom(), height, ..*rest }));
    }
}
