//! What is said now: a sentence or two.

use crate::lesson::schema::StepKind;
use crate::lesson::walk::{Prediction, in_words};
use crate::present::{Beat, speech};
use crate::tui::screens::lab::Lab;
use crate::tui::theme::Theme;
use crate::tui::widgets::markdown;
use crate::tui::widgets::text::Line;

/// A sentence with a sign before it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Said {
    sign: Sign,
    text: String,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Sign {
    #[default]
    None,
    /// It is so, or was reached.
    Ok,
    /// Not yet.
    Open,
}

impl Said {
    fn plain(text: impl Into<String>) -> Said {
        Said { sign: Sign::None, text: text.into() }
    }

    /// Its words alone.
    pub(super) fn words(&self) -> String {
        markdown::unmarked(&self.text)
    }

    /// As lines of at most so many cells, and never more than sixty.
    pub(super) fn lines(&self, theme: &Theme, width: usize) -> Vec<Line> {
        let width = width.min(speech::LINE);
        match self.sign {
            Sign::None => markdown::lines(theme, &self.text, width),
            Sign::Ok => markdown::hanging(theme, (theme.glyphs.ok, theme.good), &self.text, width),
            Sign::Open => markdown::hanging(theme, (theme.glyphs.dot, theme.stale), &self.text, width),
        }
    }
}

/// Whether playing is possible now.
pub(super) fn plays(lab: &Lab) -> bool {
    lab.may_move().is_ok()
}

/// The text of the step in parts.
pub(super) fn tells(lab: &Lab, title: &str) -> Vec<Said> {
    speech::parts_under(title, &lab.told(&lab.walk.step().text)).into_iter().map(Said::plain).collect()
}

/// What is said when the step is over, in parts; nothing before that.
pub(super) fn whys(lab: &Lab) -> Vec<Said> {
    let walk = &lab.walk;
    let reasons = |text: &str| speech::parts(&lab.told(text)).into_iter().map(Said::plain).collect::<Vec<_>>();
    match &walk.step().kind {
        StepKind::Predict { options, .. } => {
            let shown = walk.prediction().is_some_and(|Prediction { shown, .. }| shown) && !walk.is_off_the_story();
            let Some(right) = options.iter().find(|option| option.right).filter(|_| shown) else { return Vec::new() };
            let answer = Said { sign: Sign::Ok, text: format!("**{}**", lab.told(&right.text).replace("**", "")) };
            std::iter::once(answer).chain(reasons(&right.why)).collect()
        }
        StepKind::Try(_) if lab.goal.holds => walk.reason().map(reasons).unwrap_or_default(),
        StepKind::Compare(compare) if walk.is_as_said() => reasons(&compare.because),
        StepKind::Measure(measure) if walk.table().is_some() => reasons(&measure.because),
        StepKind::Say { .. } | StepKind::Try(_) | StepKind::Compare(_) | StepKind::Measure(_) => Vec::new(),
    }
}

/// What is said at this beat.
pub(super) fn now(lab: &Lab, title: &str, beat: Beat) -> Said {
    let tells = tells(lab, title);
    let last = || tells.last().cloned().unwrap_or_default();
    match beat {
        Beat::Tell(part) => tells.get(part).cloned().unwrap_or_else(last),
        Beat::Vote(_) => last(),
        Beat::Run => running(lab).unwrap_or_else(|| if is_question(lab) { Said::default() } else { last() }),
        Beat::Why(part) => whys(lab).get(part).cloned().unwrap_or_default(),
    }
}

fn is_question(lab: &Lab) -> bool {
    matches!(lab.walk.step().kind, StepKind::Predict { .. })
}

/// What is said of the moment.
fn running(lab: &Lab) -> Option<Said> {
    let marks = &lab.walk.step().marks;
    // At the end of the run the last mark still says what was seen.
    let is_over = !lab.pace.playing() && !lab.walk.is_locked() && !lab.walk.lies_ahead() && !lab.walk.is_off_the_story();
    let mark = lab.mark.and_then(|mark| marks.get(mark)).or_else(|| marks.last().filter(|_| is_over));
    if let Some(text) = mark.and_then(|mark| mark.text.as_deref()) {
        return Some(Said::plain(lab.told(text)));
    }
    let StepKind::Try(goal) = &lab.walk.step().kind else { return None };
    if lab.goal.holds {
        let clauses: Vec<String> = goal.goal.clauses.iter().map(|clause| lab.told(&clause.say)).collect();
        return Some(Said { sign: Sign::Ok, text: format!("Reached: {}.", clauses.join("; ")) });
    }
    if let Some(miss) = lab.answered.and_then(|miss| goal.misses.get(miss)?.told.as_ref()) {
        return Some(Said { sign: Sign::Open, text: lab.told(&miss.say) });
    }
    if let Some((lines, done)) = lab.walk.solution() {
        let next = lines.get(done.min(lines.len().saturating_sub(1)))?;
        return Some(Said::plain(format!("One way, {} of {}: `{}`", done.min(lines.len() - 1) + 1, lines.len(), in_words(&next.command))));
    }
    let hints = lab.walk.hints();
    hints.last().map(|hint| Said::plain(format!("Hint {} of 3: {}", hints.len(), lab.told(hint))))
}

/// Everything that is said on this page and is known by now, so that it has its room from the start and nothing jumps.
pub(super) fn all(lab: &Lab, title: &str) -> Vec<Said> {
    let marks = lab.walk.step().marks.iter().filter_map(|mark| mark.text.as_deref());
    let all = tells(lab, title).into_iter().chain(whys(lab)).chain(marks.map(|text| Said::plain(lab.told(text))));
    all.collect()
}
