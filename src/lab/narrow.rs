//! Where a lesson does not fit the smallest usual terminal.

use crate::lesson::Lesson;
use crate::lesson::markup;
use crate::lesson::schema::StepKind;
use crate::tui::theme::Theme;
use crate::tui::widgets::markdown;

/// Cells of a line of the question card at 80x24, and the lines above its last one.
const CARD: (usize, usize) = (76, 6);

/// The goals of which not every part is seen at 80x24 beside what is to be done, a line for each.
pub(super) fn cramped(lesson: &Lesson) -> Vec<String> {
    let theme = Theme::default();
    let lines = |text: &str, width: usize| {
        let shown = markup::filled(text, |slot| slot.trim_start_matches("key ").trim_start_matches("fact ").to_string());
        markdown::lines(&theme, &shown, width).iter().filter(|line| line.iter().any(|piece| !piece.text.trim().is_empty())).count()
    };
    let of = |(number, step): (usize, &crate::lesson::schema::Step)| {
        let StepKind::Try(goal) = &step.kind else { return None };
        let task = step.text.trim_end().rsplit_once("\n\n").map_or(&*step.text, |(_, last)| last);
        let clauses: Vec<usize> = goal.goal.clauses.iter().map(|clause| lines(&clause.say, CARD.0 - 2)).collect();
        let (task, parts) = (lines(task, CARD.0), clauses.iter().sum::<usize>());
        (clauses.len() > 1 && task + parts > CARD.1).then(|| {
            format!("step {}: at 80x24 not all {} parts of the goal are seen at once: its last paragraph takes {task} lines, and they take {parts} of {}", number + 1, clauses.len(), CARD.1)
        })
    };
    lesson.steps.iter().enumerate().filter_map(of).collect()
}
