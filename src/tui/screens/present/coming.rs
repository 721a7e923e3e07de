//! What is said now and what going on would do, in words: for whoever reads the notes.

use super::{said, situation};
use crate::lesson::walk::in_words;
use crate::present::{Beat, Deed, Page, Phase};
use crate::tui::app::App;

/// What is said on the wall, and what the next key brings.
pub(super) fn words(app: &App) -> (String, String) {
    let Some(presenting) = &app.present else { return Default::default() };
    let pages = &presenting.show.pages;
    let page = pages.get(presenting.page + 1).map_or("the end".to_string(), |page| format!("the next page: {}", page.title()));
    let Some(lab) = app.lab() else {
        let Page::Title { question, .. } = presenting.shown() else { return Default::default() };
        return (question.clone(), page);
    };
    let title = presenting.shown().title();
    let next = match presenting.beat.on(&situation(app)) {
        Deed::Show(beat @ (Beat::Tell(_) | Beat::Why(_))) => said::now(lab, title, beat).words(),
        Deed::Show(Beat::Vote(Phase::Alone)) => "the question, each alone".into(),
        Deed::Show(Beat::Vote(Phase::Discuss)) => "they talk".into(),
        Deed::Show(Beat::Vote(Phase::Again)) => "the question again".into(),
        Deed::Show(Beat::Vote(Phase::Both)) => "both counts, side by side".into(),
        Deed::Show(Beat::Run) | Deed::Play => "it plays to the next stop".into(),
        Deed::Answer => "it happens: the run decides".into(),
        Deed::Skip => "at once to the next stop".into(),
        Deed::Solve => "one way is shown, command by command".into(),
        Deed::Command => next_command(lab),
        Deed::Measure => "it is measured".into(),
        Deed::NextPage => page,
        Deed::Stop(_) | Deed::PageBefore => String::new(),
    };
    (said::now(lab, title, presenting.beat).words(), next)
}

/// The command of the solution that is carried out next.
fn next_command(lab: &crate::tui::screens::lab::Lab) -> String {
    let next = lab.walk.solution().and_then(|(lines, done)| lines.get(done).map(|line| in_words(&line.command)));
    next.map_or_else(String::new, |command| format!("the command {command}"))
}
