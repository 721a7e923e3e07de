//! What the home screen shows of a lesson: how much there is to do, and its cluster as it was left or will be found.

use std::fmt::Write as _;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::lab::Lab;
use crate::lesson::Lesson;
use crate::tui::theme::Theme;
use crate::tui::widgets::stage;

/// The fewest rows in which a cluster can be recognized.
const LEAST_HEIGHT: u16 = 12;

/// A lesson that the home screen looked into and nobody has gone into yet.
pub struct Preview {
    /// Its id.
    pub id: String,
    /// `None`: it cannot be opened, and opening it says why.
    pub lab: Option<Lab>,
}

/// Draws the cluster of a lesson into what is left below the words, if that is enough.
pub fn draw(lab: &Lab, area: Rect, buf: &mut Buffer, theme: &Theme) {
    if area.height >= LEAST_HEIGHT {
        stage::draw(area, buf, &stage::View::new(theme, &lab.picture().scene));
    }
}

/// `Try first: Crash the leader, ...` where the first step lists the others; else `12 steps: 3 to watch, 2 to predict, 4 to try, 3 to compare`.
pub fn todo(lesson: &Lesson) -> String {
    let listed = lesson.listed_at(0);
    if !listed.is_empty() {
        let names: Vec<&str> = lesson.steps[listed].iter().map(|step| step.listed().0).collect();
        return format!("Worth trying first: {}", names.join("; "));
    }
    let count = |word: &str| lesson.steps.iter().filter(|step| step.kind.word() == word).count();
    let mut text = format!("{} steps", lesson.steps.len());
    let kinds = [("say", "to watch"), ("predict", "to predict"), ("try", "to try"), ("compare", "to compare"), ("measure", "to measure")];
    for (kind, what) in kinds.into_iter().filter(|(kind, _)| count(kind) > 0) {
        let sign = if text.contains(':') { "," } else { ":" };
        let _ = write!(text, "{sign} {} {what}", count(kind));
    }
    text
}
