//! What the home screen shows of a lesson: how much there is to do, and its cluster as it will be found.

use std::fmt::Write as _;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::lab::Lab;
use crate::cluster::scene::Scene;
use crate::lesson::Lesson;
use crate::tui::theme::Theme;
use crate::tui::widgets::stage;

/// The fewest rows in which a cluster can be recognized.
const LEAST_HEIGHT: u16 = 12;

/// One lesson, from outside.
pub struct Preview {
    /// The lesson's id.
    pub id: String,
    /// How many steps of which kind there are; empty for a lesson that cannot be opened.
    pub todo: String,
    scene: Scene,
    /// A lesson that was only looked at, ready to be gone into.
    lab: Option<Lab>,
}

impl Preview {
    /// A lesson as it is now.
    pub fn of(id: &str, lab: &Lab) -> Preview {
        Preview { id: id.to_string(), todo: todo(lab.walk.lesson()), scene: lab.picture().scene.clone(), lab: None }
    }

    /// A lesson that nobody has gone into yet.
    pub fn holding(id: &str, lab: Lab) -> Preview {
        let seen = Preview::of(id, &lab);
        Preview { lab: Some(lab), ..seen }
    }

    /// The lesson to go into, once.
    pub fn take(&mut self) -> Option<Lab> {
        self.lab.take()
    }

    /// A lesson that cannot be opened: opening it says why.
    pub fn nothing(id: &str) -> Preview {
        Preview { id: id.to_string(), todo: String::new(), scene: Scene::default(), lab: None }
    }

    /// Draws the cluster into what is left below the words, if that is enough.
    pub fn draw(&self, area: Rect, buf: &mut Buffer, theme: &Theme) {
        if area.height >= LEAST_HEIGHT && !self.scene.nodes.is_empty() {
            stage::draw(area, buf, theme, &self.scene, None);
        }
    }
}

/// `12 steps: 3 to watch, 2 to predict, 4 to try, 3 to compare`.
fn todo(lesson: &Lesson) -> String {
    let count = |word: &str| lesson.steps.iter().filter(|step| step.kind.word() == word).count();
    let mut text = format!("{} steps", lesson.steps.len());
    let kinds = [("say", "to watch"), ("predict", "to predict"), ("try", "to try"), ("compare", "to compare")];
    for (kind, what) in kinds.into_iter().filter(|(kind, _)| count(kind) > 0) {
        let sign = if text.contains(':') { "," } else { ":" };
        let _ = write!(text, "{sign} {} {what}", count(kind));
    }
    text
}
