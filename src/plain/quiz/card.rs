//! A card in lines.

use crate::lesson::markup;
use crate::lesson::question::{FollowUp, QuestionKind};
use crate::plain::page::{Page, sentence};
use crate::quiz::turn::Done;
use crate::quiz::{Card, Mark, Phase, Reply, Turn, staged};
use crate::review::{Confidence, Grade};

/// A text of a lesson without the slots that only a cluster can fill in.
pub(super) fn plain(text: &str) -> String {
    markup::filled(text, |slot| format!("`{}`", slot.trim_start_matches("key ").trim_start_matches("fact ")))
}

/// The same in one line.
pub(super) fn one_line(text: &str) -> String {
    sentence(&plain(text))
}

/// What is asked, and what there is to choose from.
pub(super) fn asked(page: &mut Page, turn: &Turn, place: (usize, usize)) {
    page.say(format!("{}.", turn.heading(place)).replace("?.", "?"));
    if let Some(first) = turn.earlier.first() {
        page.markdown(&plain(&first.card.question.text));
        for done in &turn.earlier {
            chosen(page, done);
        }
    }
    page.markdown(&plain(&turn.card.question.text));
    if let Some(goal) = turn.card.goal() {
        for clause in &goal.goal.clauses {
            page.say(format!("Goal: {}", one_line(&clause.say)));
        }
    }
    if !matches!(turn.card.question.kind, QuestionKind::Recall { .. }) || turn.phase != Phase::Asking {
        rows(page, turn);
    }
}

fn chosen(page: &mut Page, done: &Done) {
    for (row, index) in done.card.shown.iter().enumerate().filter(|(_, index)| done.judged.0 == Reply::One(**index)) {
        page.say(format!("You said {}: {}", row + 1, one_line(done.card.part(*index))));
    }
}

fn rows(page: &mut Page, turn: &Turn) {
    for (row, index) in turn.draft.rows(&turn.card).iter().enumerate() {
        page.say(format!("{}. {}", row + 1, one_line(turn.card.part(*index))));
    }
}

/// What can be typed now.
pub(super) fn how(page: &mut Page, turn: &Turn) {
    let sure = "sure, think or guess behind it if you like";
    page.say(match (turn.phase, &turn.card.question.kind) {
        (Phase::Asking, QuestionKind::Goal(_)) => "Type next for the cluster where the step began, or give-up.".to_string(),
        (Phase::Asking, _) if turn.draft.is_by_hand(&turn.card) => {
            "Type next for the cluster before the run, or list for what may help; a cure from the list counts as help.".to_string()
        }
        (Phase::Asking, QuestionKind::Several(_)) => format!("Several are right: type their numbers, such as 1 3; {sure}."),
        (Phase::Asking, QuestionKind::Order(_)) => format!("Type the numbers in their order, such as 2 1 3; {sure}."),
        (Phase::Asking, QuestionKind::Number(number)) => {
            let unit = number.unit.as_ref().map_or_else(String::new, |unit| format!(", in {unit}"));
            format!("Type a number{unit}; {sure}.")
        }
        (Phase::Asking, QuestionKind::Recall { .. }) => "Type your answer in your own words, or next for what belongs to it.".to_string(),
        (Phase::Asking, _) => format!("Type the number of your answer; {sure}."),
        (Phase::Sure, _) => "How sure? Type sure, think or guess; next passes over it.".to_string(),
        (Phase::Points, _) => "Which of these did you name? Type their numbers, or none.".to_string(),
        (Phase::Watching, _) => String::new(),
        (Phase::Told, _) if turn.asks_more() => "Type your answer in your own words, or next for what belongs to it.".to_string(),
        (Phase::Told, _) => {
            let see = if staged::can_be_seen(&turn.card) { " see shows it at the cluster." } else { "" };
            format!("Type next to go on.{see}")
        }
    });
}

/// The points of a good answer.
pub(super) fn points(page: &mut Page, turn: &Turn) {
    if let QuestionKind::Recall { answer, .. } = &turn.card.question.kind {
        page.named("A good answer:", &plain(answer));
    }
    rows(page, turn);
    how(page, turn);
}

/// What is right, and why.
pub(super) fn told(page: &mut Page, turn: &Turn, comes_back: bool) {
    if turn.is_sure_and_wrong() {
        page.say("You were sure, and it is not so. What it rests on is worth a second look.");
    }
    for done in &turn.earlier {
        page.markdown(&plain(&done.card.question.text));
        marked(page, &done.card, &done.card.shown, &done.judged.1.marks);
    }
    if let Some((Reply::Cured(tried), _)) = &turn.judged {
        let all: Vec<String> = tried.pokes.iter().map(ToString::to_string).collect();
        page.say(format!("You did: {}", all.join("; ")));
    }
    let Some((_, judged)) = &turn.judged else { return };
    if turn.card.goal().is_some() || matches!(turn.judged, Some((Reply::Cured(_), _))) {
        for why in &judged.why {
            page.say(format!("{}: {}", verdict(judged.right, judged.partly), one_line(why)));
        }
    }
    marked(page, &turn.card, turn.draft.rows(&turn.card), &judged.marks);
    whole(page, turn);
    if turn.is_sure_and_wrong() && comes_back {
        page.say("Sure and wrong: it comes back in this session.");
    }
    if let Some(grade) = turn.grade() {
        let others: Vec<&str> = Grade::ALL.into_iter().filter(|other| *other != grade).map(Grade::word).collect();
        page.say(format!("Graded: {}; {} change it.", grade.word(), others.join(", ")));
    }
}

fn verdict(right: bool, partly: bool) -> &'static str {
    match (right, partly) {
        (true, false) => "Right",
        (true, true) => "Right, in good part",
        (false, _) => "Not so",
    }
}

/// The rows that were chosen or should have been, each with its reason.
fn marked(page: &mut Page, card: &Card, rows: &[usize], marks: &[Mark]) {
    let is_point = matches!(card.question.kind, QuestionKind::Recall { .. });
    let in_order = matches!(card.question.kind, QuestionKind::Order(_));
    let several = matches!(card.question.kind, QuestionKind::Several(_));
    for (row, index) in rows.iter().enumerate() {
        let word = match marks.get(*index).copied().unwrap_or(Mark::Left) {
            Mark::Left => continue,
            Mark::Right if is_point => "Named",
            Mark::Missed if is_point => "Not named",
            Mark::Right if in_order => "At its place",
            Mark::Wrong if in_order => "Not at its place",
            Mark::Right => "Right",
            Mark::Wrong => "Not so",
            Mark::Missed if several => "This is right too",
            Mark::Missed => "Right is",
        };
        page.say(format!("{word}: {}. {}", row + 1, one_line(card.part(*index))));
        page.markdown(&plain(card.why(*index)));
    }
}

/// What is said of the whole answer: a number, an order, what comes next.
fn whole(page: &mut Page, turn: &Turn) {
    let Some((_, judged)) = &turn.judged else { return };
    match &turn.card.question.kind {
        QuestionKind::Number(number) => {
            let unit = number.unit.as_deref().map_or_else(String::new, |unit| format!(" {unit}"));
            let (right, wrong) = judged.why.split_last().map_or((None, &[][..]), |(last, wrong)| (Some(last), wrong));
            if judged.right {
                page.say(format!("Right: {}{unit}.", number.answer));
            } else {
                page.say(format!("You said {}{unit}; it is {}{unit}.", judged.said, number.answer));
                for why in wrong {
                    page.markdown(&plain(why));
                }
            }
            if let Some(why) = right {
                page.markdown(&plain(why));
            }
        }
        QuestionKind::Order(items) if !judged.right => {
            page.say("In this order:");
            for (place, item) in (1..).zip(items) {
                page.say(format!("{place}. {}", one_line(&item.text)));
            }
        }
        QuestionKind::Recall { follow_up: Some(next), .. } => follow_up(page, turn, next),
        _ => {}
    }
}

/// The answer to what was asked next, and how to go on.
pub(super) fn followed(page: &mut Page, turn: &Turn) {
    if let QuestionKind::Recall { follow_up: Some(next), .. } = &turn.card.question.kind {
        follow_up(page, turn, next);
    }
    how(page, turn);
}

/// What is asked next; its answer once that was asked for.
fn follow_up(page: &mut Page, turn: &Turn, next: &FollowUp) {
    if turn.followed {
        page.named("To that:", &plain(&next.answer));
    } else {
        page.named("And then:", &plain(&next.asks));
    }
}

/// How sure, by the word that is typed.
pub(in crate::plain) fn confidence(word: &str) -> Option<Confidence> {
    match word {
        "guess" | "g" => Some(Confidence::Guess),
        "think" | "think so" | "t" => Some(Confidence::Think),
        "sure" | "s" => Some(Confidence::Sure),
        _ => None,
    }
}
