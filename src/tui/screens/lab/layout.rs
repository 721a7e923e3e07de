//! Where the parts of the lab lie.
//!
//! ```text
//! wide (100x24 and up)                       narrow: the stage first, the rest is one panel with tabs
//! header                                     header
//! ╭ question ───╮╭ stage ──────────────╮     ╭ stage ──────────────────────────╮
//! │             ││                     │     │                                 │
//! │             │╰─────────────────────╯     ╰─────────────────────────────────╯
//! │             │╭ what happened ──────╮     what happened, one line
//! ╰─────────────╯╰─────────────────────╯     ╭ question · guarantees · time · log ╮
//! ╭ guarantees ─╮╭ timeline ───────────╮     │                                    │
//! ╰─────────────╯╰─────────────────────╯     ╰────────────────────────────────────╯
//! keys                                       keys
//! ```

use ratatui::layout::{Constraint, Layout, Rect};

/// A part of the lab that can have the keyboard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Panel {
    /// The step: what is asked, told, to be done.
    Question,
    /// The cluster.
    Stage,
    /// The guarantees so far, or what is selected.
    Guarantees,
    /// The space-time diagram.
    Timeline,
    /// What happened, in sentences.
    Log,
    /// What can happen next, where the learner is the network.
    Network,
}

impl Panel {
    /// Every panel, in the order of the Tab key.
    pub const ALL: [Panel; 5] = [Panel::Question, Panel::Stage, Panel::Guarantees, Panel::Timeline, Panel::Log];

    /// The same where the learner is the network.
    const WITH_NETWORK: [Panel; 6] = [Panel::Network, Panel::Question, Panel::Stage, Panel::Guarantees, Panel::Timeline, Panel::Log];

    /// The panels that are there, in the order of the Tab key.
    pub fn among(network: bool) -> &'static [Panel] {
        if network { &Panel::WITH_NETWORK } else { &Panel::ALL }
    }

    /// The one of these that Tab goes to.
    pub fn next(self, all: &[Panel]) -> Panel {
        let at = all.iter().position(|p| *p == self).unwrap_or(0);
        all[(at + 1) % all.len()]
    }

    /// Its name among the tabs.
    pub fn tab(self) -> &'static str {
        match self {
            Panel::Question => "card",
            Panel::Stage => "cluster",
            Panel::Guarantees => "guarantees",
            Panel::Timeline => "timeline",
            Panel::Log => "log",
            Panel::Network => "next",
        }
    }

    /// Its title.
    pub fn title(self) -> &'static str {
        match self {
            Panel::Question => "Question",
            Panel::Stage => "Cluster",
            Panel::Guarantees => "Guarantees so far",
            Panel::Timeline => "Timeline",
            Panel::Log => "What happened",
            Panel::Network => "What can happen next",
        }
    }
}

/// The areas of the lab; a part that is not shown has an empty one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Areas {
    /// Title, seed, steps.
    pub header: Rect,
    /// The step.
    pub question: Rect,
    /// The cluster.
    pub stage: Rect,
    /// The guarantees.
    pub guarantees: Rect,
    /// The space-time diagram.
    pub timeline: Rect,
    /// What happened: a panel, or one line in the narrow layout.
    pub log: Rect,
    /// What can happen next.
    pub network: Rect,
    /// Key hints.
    pub footer: Rect,
    /// Whether all but the stage is one panel with tabs.
    pub narrow: bool,
}

/// The least lines of the stage of a small screen.
const STAGE_MIN: u16 = 7;

/// Lays out `area` for a space-time diagram of `lanes` lanes and this many `guarantees`, with the keyboard in `focus`. `reading`: what the
/// card says matters more than the stage.
pub fn layout(area: Rect, lanes: usize, guarantees: usize, focus: Panel, reading: bool) -> Areas {
    let [header, body, footer] = Layout::vertical([Constraint::Length(1), Constraint::Fill(1), Constraint::Length(1)]).areas(area);
    let base = Areas { header, footer, ..Areas::default() };
    let reading = reading && focus == Panel::Question;
    if area.width >= 100 && area.height >= 24 { wide(body, lanes, guarantees, reading, base) } else { narrow(body, focus, reading, base) }
}

/// The least and the most lines of the card where the learner is the network.
const CARD: (u16, u16) = (7, 13);

impl Areas {
    /// The same with what can happen next: on a large screen below the card, in the place of the guarantees unless these have the keyboard,
    /// or something is looked at closely.
    #[must_use]
    pub fn with_network(self, focus: Panel) -> Areas {
        if self.narrow {
            return self;
        }
        let left = self.question.union(self.guarantees);
        let card = (left.height / 3).clamp(CARD.0, CARD.1);
        let parts = [Constraint::Length(card), Constraint::Fill(1)];
        let [question, below] = Layout::vertical(parts).areas(left);
        let (network, guarantees) = match focus {
            Panel::Guarantees | Panel::Stage => (Rect::default(), below),
            _ => (below, Rect::default()),
        };
        Areas { question, guarantees, network, ..self }
    }
}

/// From this height on the lanes of the diagram stand apart, and more of what happened is seen.
pub const TALL: u16 = 45;

/// What the card of a large screen has of its width, in per cent, and at least and at most in cells; and the same while it is read.
const CARD_WIDTH: [(u16, u16, u16); 2] = [(36, 38, 64), (60, 60, 84)];

fn wide(body: Rect, lanes: usize, guarantees: usize, reading: bool, base: Areas) -> Areas {
    let (share, least, most) = CARD_WIDTH[usize::from(reading)];
    let left_width = (body.width * share / 100).clamp(least, most);
    let [left, right] = Layout::horizontal([Constraint::Length(left_width), Constraint::Fill(1)]).areas(body);
    let (each, log) = if body.height >= TALL { (2, 10) } else { (1, 5) };
    let diagram = (lanes as u16 * each + 3).clamp(5, body.height / 3);
    let below = (guarantees.max(4) as u16 + 2).clamp(diagram, body.height / 3);
    let [question, guarantees] = Layout::vertical([Constraint::Fill(1), Constraint::Length(below)]).areas(left);
    let parts = [Constraint::Fill(1), Constraint::Length(log), Constraint::Length(diagram)];
    let [stage, log, timeline] = Layout::vertical(parts).areas(right);
    Areas { question, stage, guarantees, timeline, log, ..base }
}

fn narrow(body: Rect, focus: Panel, reading: bool, base: Areas) -> Areas {
    let share = (body.height * 45 / 100).clamp(3, 14);
    let panel = if reading { body.height.saturating_sub(STAGE_MIN).max(share) } else { share };
    let line = u16::from(body.height >= 12);
    let [stage, log, tab] = Layout::vertical([Constraint::Fill(1), Constraint::Length(line), Constraint::Length(panel)]).areas(body);
    let mut areas = Areas { stage, log, narrow: true, ..base };
    match focus {
        Panel::Question => areas.question = tab,
        // What is selected on the stage is looked at in the place of the guarantees.
        Panel::Stage | Panel::Guarantees => areas.guarantees = tab,
        Panel::Timeline => areas.timeline = tab,
        Panel::Network => areas.network = tab,
        Panel::Log => {
            areas.log = tab;
            areas.stage.height += line;
        }
    }
    areas
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn parts_never_overlap(width in 1u16..300, height in 1u16..100, lanes in 0usize..20, guarantees in 0usize..9, panel in 0usize..6, reading: bool, network: bool) {
            let area = Rect::new(0, 0, width, height);
            let focus = Panel::among(network)[panel % Panel::among(network).len()];
            let a = layout(area, lanes, guarantees, focus, reading);
            let a = if network { a.with_network(focus) } else { a };
            let parts = [a.header, a.question, a.stage, a.guarantees, a.timeline, a.log, a.network, a.footer];
            for (i, part) in parts.iter().enumerate() {
                prop_assert!(part.is_empty() || part.intersection(area) == *part);
                for other in &parts[i + 1..] {
                    prop_assert!(part.intersection(*other).is_empty(), "{part:?} {other:?}");
                }
            }
        }
    }

    #[test]
    fn the_stage_is_the_largest_part() {
        for (width, height) in [(80, 24), (120, 36), (200, 60), (40, 10)] {
            let a = layout(Rect::new(0, 0, width, height), 5, 6, Panel::Question, false);
            for part in [a.question, a.guarantees, a.timeline, a.log] {
                assert!(a.stage.area() > part.area(), "{width}x{height}: {a:?}");
            }
        }
    }

    #[test]
    fn a_card_that_is_read_has_most_of_a_small_screen() {
        let a = layout(Rect::new(0, 0, 80, 24), 5, 6, Panel::Question, true);
        assert!(a.question.height >= 14 && a.stage.height >= 6, "{a:?}");
        let wide = |reading| layout(Rect::new(0, 0, 120, 36), 5, 6, Panel::Question, reading).question.width;
        assert!(wide(true) > 70 && wide(false) < 50, "a table has room for its bars");
        let other = layout(Rect::new(0, 0, 80, 24), 5, 6, Panel::Timeline, true);
        assert!(other.stage.height > other.timeline.height, "{other:?}");
    }
}
