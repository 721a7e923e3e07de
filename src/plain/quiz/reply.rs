//! What a line does at a card that waits for an answer.

use std::collections::BTreeSet;

use super::{bench, card, decided, go_on, sitting};
use crate::lesson::question::QuestionKind;
use crate::plain::answer::{Answer, parted};
use crate::plain::{Plain, home};
use crate::quiz::{Phase, Turn};
use crate::review::Confidence;

/// Takes what there is as it stands, or goes on.
pub(in crate::plain) fn next(plain: &mut Plain) {
    match sitting(plain).and_then(|sitting| sitting.phase()) {
        None => home::home(plain),
        Some(Phase::Told) if asks_more(plain) => follow_up(plain),
        Some(Phase::Told) => go_on(plain),
        Some(Phase::Sure) => sure(plain, None),
        Some(Phase::Points) => named(plain),
        Some(Phase::Watching) => decided(plain),
        Some(Phase::Asking) => {
            let turn = sitting(plain).and_then(|sitting| sitting.turn().cloned());
            match turn {
                Some(turn) if turn.draft.is_by_hand(&turn.card) => bench(plain),
                Some(turn) if is_recall(&turn) => answer(plain, None),
                Some(turn) => card::how(&mut plain.page, &turn),
                None => {}
            }
        }
    }
}

/// Whether something is asked that goes on from an answer, and is not answered yet.
fn asks_more(plain: &mut Plain) -> bool {
    sitting(plain).and_then(|sitting| sitting.turn()).is_some_and(Turn::asks_more)
}

/// Shows the answer to what was asked next.
fn follow_up(plain: &mut Plain) {
    let turn = sitting(plain).and_then(|sitting| sitting.session.turn_mut()).map(|turn| {
        turn.followed = true;
        turn.clone()
    });
    if let Some(turn) = turn {
        card::followed(&mut plain.page, &turn);
    }
}

fn is_recall(turn: &Turn) -> bool {
    matches!(turn.card.question.kind, QuestionKind::Recall { .. })
}

/// A line at a card: an answer, how sure, or which points were named.
pub(in crate::plain) fn reply(plain: &mut Plain, line: &str) {
    match sitting(plain).and_then(|sitting| sitting.phase()) {
        Some(Phase::Asking) => asking(plain, line),
        Some(Phase::Sure) => match card::confidence(line) {
            Some(confidence) => sure(plain, Some(confidence)),
            None => plain.page.say(format!("\"{line}\" does not say how sure: type sure, think or guess; next passes over it.")),
        },
        Some(Phase::Points) => points(plain, line),
        Some(Phase::Told) if asks_more(plain) => follow_up(plain),
        Some(Phase::Watching | Phase::Told) | None => plain.page.say("Type next to go on."),
    }
}

fn asking(plain: &mut Plain, line: &str) {
    let Some(turn) = sitting(plain).and_then(|sitting| sitting.session.turn_mut()) else { return };
    let (text, confidence) = parted(line);
    let taken = match &turn.card.question.kind {
        QuestionKind::Recall { .. } => return answer(plain, None),
        _ if turn.draft.is_by_hand(&turn.card) => Err("this is done at the cluster: type next to go there".to_string()),
        QuestionKind::Number(_) => {
            turn.draft.typed = text.to_string();
            Ok(())
        }
        kind => {
            let several = matches!(kind, QuestionKind::Several(_));
            let order = matches!(kind, QuestionKind::Order(_));
            rows_of(turn, if text.is_empty() { line } else { text }).and_then(|rows| draft(turn, &rows, (several, order)))
        }
    };
    match taken {
        Ok(()) => answer(plain, confidence),
        Err(why) => plain.page.say(format!("Not done: {why}")),
    }
}

/// The rows that a line names, from 0.
fn rows_of(turn: &Turn, text: &str) -> Result<Vec<usize>, String> {
    let count = turn.draft.rows(&turn.card).len();
    let Some(answer) = Answer::read(text) else {
        return Err(format!("\"{text}\" is no number of an answer: there are 1 to {count}; help lists the words"));
    };
    match answer.numbers.iter().find(|number| !(1..=count).contains(*number)) {
        Some(number) => Err(format!("there is no {number}: there are 1 to {count}")),
        None => Ok(answer.numbers.iter().map(|number| number - 1).collect()),
    }
}

/// Makes the draft what the rows say.
fn draft(turn: &mut Turn, rows: &[usize], (several, order): (bool, bool)) -> Result<(), String> {
    let shown: Vec<usize> = turn.draft.rows(&turn.card).to_vec();
    let distinct: BTreeSet<usize> = rows.iter().copied().collect();
    if distinct.len() < rows.len() {
        return Err("each number once".to_string());
    }
    match (several, order, rows) {
        (true, _, _) => turn.draft.marked = rows.iter().map(|row| shown[*row]).collect(),
        (_, true, _) if rows.len() < shown.len() => return Err(format!("all {} are to be put in order", shown.len())),
        (_, true, _) => turn.draft.order = rows.iter().map(|row| shown[*row]).collect(),
        (_, _, [row]) => turn.draft.cursor = Some(*row),
        _ => return Err("one number is enough: one answer is right".to_string()),
    }
    Ok(())
}

/// Takes the answer as it stands, and how sure where that was said too.
fn answer(plain: &mut Plain, confidence: Option<Confidence>) {
    let Some(sitting) = sitting(plain) else { return };
    if let Err(missing) = sitting.session.answer() {
        return plain.page.say(format!("Not done: {missing}"));
    }
    match (sitting.phase(), confidence) {
        (Some(Phase::Sure), Some(confidence)) => sure(plain, Some(confidence)),
        _ => decided(plain),
    }
}

fn sure(plain: &mut Plain, confidence: Option<Confidence>) {
    if let Some(sitting) = sitting(plain) {
        sitting.session.sure(confidence);
    }
    decided(plain);
}

fn points(plain: &mut Plain, line: &str) {
    let Some(turn) = sitting(plain).and_then(|sitting| sitting.session.turn_mut()) else { return };
    if line != "none" {
        match rows_of(turn, line) {
            Ok(rows) => {
                let shown: Vec<usize> = turn.draft.rows(&turn.card).to_vec();
                turn.draft.marked = rows.iter().map(|row| shown[*row]).collect();
            }
            Err(why) => return plain.page.say(format!("Not done: {why}; none is an answer too")),
        }
    }
    named(plain);
}

fn named(plain: &mut Plain) {
    if let Some(sitting) = sitting(plain) {
        sitting.session.named();
    }
    decided(plain);
}
