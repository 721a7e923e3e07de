//! What lies where on the screen, for the mouse.

use ratatui::layout::{Position, Rect};

use super::screens::lab::layout::Panel;
use super::widgets::{Target, spacetime, stage};
use crate::sim::time::Time;

/// What lies where on the screen, from the last frame: drawing says it, the mouse is looked up in it.
#[derive(Clone, Debug, Default)]
pub struct Hits {
    places: Vec<(Rect, Click)>,
    stages: Vec<stage::Hits>,
    diagrams: Vec<spacetime::Hits>,
    /// Where the text cursor stands.
    pub cursor: Option<Position>,
}

/// What a click means.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Click {
    /// This action, by id.
    Act(&'static str),
    /// The key with this letter.
    Press(char),
    /// This row of a list.
    Row(usize),
    /// This answer of a question.
    Answer(usize),
    /// This thing of the cluster or its run.
    Thing(Target),
    /// This moment of the run.
    Time(Time),
    /// This thing and the moment at which it is to be seen.
    Moment(Target, Time),
    /// This knob of the stage.
    Knob(usize),
    /// This part of the lab, somewhere.
    Panel(Panel),
    /// Words that are no button.
    Nothing,
}

impl Hits {
    /// Says that `target` lies at `area`. Later ones lie on top.
    pub fn add(&mut self, area: Rect, target: Click) {
        self.places.push((area, target));
    }

    /// Adds what a stage drew.
    pub fn stage(&mut self, found: stage::Hits) {
        self.stages.push(found);
    }

    /// Adds what a space-time diagram drew.
    pub fn diagram(&mut self, found: spacetime::Hits) {
        self.diagrams.push(found);
    }

    /// The moment of a diagram at this cell.
    pub fn time_at(&self, column: u16, row: u16) -> Option<Time> {
        let here = Position::new(column, row);
        self.diagrams.iter().filter(|d| d.plot.contains(here)).find_map(|d| d.time_at(column))
    }

    /// What lies at this cell, topmost.
    pub fn at(&self, column: u16, row: u16) -> Option<Click> {
        let here = Position::new(column, row);
        let knob = || self.stages.iter().flat_map(|s| &s.knobs).find(|(_, area)| area.contains(here)).map(|(index, _)| Click::Knob(*index));
        let thing = || self.stages.iter().find_map(|s| s.at(column, row)).map(Click::Thing);
        let mark = || self.diagrams.iter().find_map(|d| d.at(column, row)).map(|m| Click::Moment(m.target, m.at));
        let time = || self.time_at(column, row).map(Click::Time);
        knob()
            .or_else(thing)
            .or_else(mark)
            .or_else(time)
            .or_else(|| self.places.iter().rev().find(|(area, _)| area.contains(here)).map(|(_, click)| *click))
    }
}
