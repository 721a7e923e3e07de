//! `splitbrain quiz` without a terminal: the questions on paper, and behind them what is right and why.

use std::io::Write;

use anyhow::{Context as _, bail};

use super::cli::QuizArgs;
use crate::lesson::catalogue;
use crate::lesson::question::QuestionKind;
use crate::near::did_you_mean;
use crate::progress::{State, Store};
use crate::quiz::export::plain;
use crate::quiz::item::Idea;
use crate::quiz::plan::goals_left_out;
use crate::quiz::{Bank, Card, plan};
use crate::timeline::Brake;

/// The width of a line on paper.
const WIDE: usize = 78;

/// Writes what a sitting would ask, and the answers after it. Nothing is kept, and nothing is moved in the schedule. The error is a
/// topic of which there is no question.
pub fn print(args: &QuizArgs, store: &Store, out: &mut dyn Write) -> anyhow::Result<()> {
    let mut known = catalogue().clone();
    if let Some(folder) = &args.lessons {
        known.add_folder(folder).with_context(|| format!("cannot read the lessons in {}", folder.display()))?;
    }
    let (bank, wish) = (Bank::of(&known), args.wish());
    let (state, learner) = (store.state(), args.seed.unwrap_or_else(|| store.state().learner().unwrap_or_default()));
    let items = plan(&bank, state, store.today(), &wish, learner);
    if let (true, Some(word)) = (items.is_empty(), &wish.topic) {
        bail!("no question is about `{word}`{}", did_you_mean(word, bank.words()));
    }
    let (on_paper, live): (Vec<String>, Vec<String>) = items.into_iter().partition(|item| is_on_paper(&bank, item));
    let cards: Vec<Card> = on_paper.iter().filter_map(|item| card(&bank, item, (learner, state))).collect();
    for (number, card) in (1..).zip(&cards) {
        asked(number, card, out)?;
    }
    if !cards.is_empty() {
        writeln!(out, "Answers\n")?;
    }
    for (number, card) in (1..).zip(&cards) {
        answered(number, card, out)?;
    }
    let left_out = live.len() + goals_left_out(&bank, state, &wish);
    if left_out > 0 {
        let text = format!(
            "{left_out} more need the screen, because they are about a cluster that runs: drills, and goals to bring about. `splitbrain quiz` in a terminal asks them."
        );
        paragraph(&text, "", out)?;
    }
    Ok(())
}

/// Whether an item can be asked on paper: it needs no cluster that runs.
fn is_on_paper(bank: &Bank, item: &str) -> bool {
    bank.item(item).is_some_and(|item| matches!(item.idea, Idea::Questions(_)))
}

fn card(bank: &Bank, item: &str, (learner, state): (u64, &State)) -> Option<Card> {
    bank.card(item, (learner, 0), state, &Brake::bounded())?.ok()
}

fn asked(number: usize, card: &Card, out: &mut dyn Write) -> std::io::Result<()> {
    paragraph(&plain(&card.question.text), &format!("{number}. "), out)?;
    let hint = match &card.question.kind {
        QuestionKind::Several(_) => "several are right",
        QuestionKind::Order(_) => "put in order",
        QuestionKind::Number(number) => number.unit.as_deref().unwrap_or("a number"),
        QuestionKind::Recall { .. } => "in your own words",
        QuestionKind::Choice(_) | QuestionKind::Predict { .. } | QuestionKind::Goal(_) => "",
    };
    if !hint.is_empty() {
        writeln!(out, "   ({hint})")?;
    }
    if !matches!(card.question.kind, QuestionKind::Recall { .. }) {
        for (row, index) in card.shown.iter().enumerate() {
            paragraph(&plain(card.part(*index)), &format!("   {} ", letter(row)), out)?;
        }
    }
    writeln!(out)
}

fn answered(number: usize, card: &Card, out: &mut dyn Write) -> std::io::Result<()> {
    writeln!(out, "{number}.")?;
    match &card.question.kind {
        QuestionKind::Number(right) => {
            let unit = right.unit.as_deref().map_or_else(String::new, |unit| format!(" {unit}"));
            paragraph(&format!("{}{unit}: {}", right.answer, plain(&right.why)), "   ", out)?;
        }
        QuestionKind::Order(items) => {
            for index in 0..items.len() {
                let row = card.shown.iter().position(|shown| *shown == index).unwrap_or(index);
                paragraph(&plain(card.why(index)), &format!("   {} ", letter(row)), out)?;
            }
        }
        QuestionKind::Recall { answer, follow_up, .. } => {
            paragraph(&plain(answer), "   ", out)?;
            if let Some(next) = follow_up {
                paragraph(&plain(&next.asks), "   And then: ", out)?;
                paragraph(&plain(&next.answer), "   ", out)?;
            }
        }
        _ => {
            for (row, index) in card.shown.iter().enumerate() {
                let sign = if card.options()[*index].right { "right" } else { "wrong" };
                paragraph(&format!("{sign}: {}", plain(card.why(*index))), &format!("   {} ", letter(row)), out)?;
            }
        }
    }
    writeln!(out)
}

/// The letter of a row.
fn letter(row: usize) -> char {
    char::from_u32('a' as u32 + row as u32).unwrap_or('?')
}

/// A text in lines that fit on paper, behind what stands before its first one.
fn paragraph(text: &str, before: &str, out: &mut dyn Write) -> std::io::Result<()> {
    let mut line = before.to_string();
    let indent = " ".repeat(before.chars().count());
    for word in text.split_whitespace() {
        if line.chars().count() + word.chars().count() > WIDE && line.trim() != before.trim() {
            writeln!(out, "{}", line.trim_end())?;
            line.clone_from(&indent);
        }
        line.push_str(word);
        line.push(' ');
    }
    writeln!(out, "{}", line.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::progress::Wall;

    fn printed(args: &QuizArgs) -> String {
        let mut out = Vec::new();
        print(args, &Store::in_memory(Wall::stopped()), &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_sitting_is_printed_with_its_answers_and_what_is_left_out() {
        let args = QuizArgs { topic: Some("cap-theorem".into()), count: Some(99), seed: Some(3), no_save: true, ..QuizArgs::default() };
        let text = printed(&args);
        let (asked, answers) = text.split_once("Answers\n").unwrap();
        assert!(asked.starts_with("1. ") && asked.contains("\n   a ") && asked.contains("(in your own words)"), "{text}");
        assert!(answers.contains("right: ") && answers.contains("wrong: "), "{text}");
        assert!(text.ends_with("asks them.\n") && text.contains("more need the screen"), "{text}");
        assert!(text.lines().all(|line| line.chars().count() <= WIDE + 1), "{text}");
        assert_eq!(text, printed(&args), "the same for everybody who gives this number");
    }

    #[test]
    fn the_letters_of_the_answers_are_those_of_the_options() {
        let bank = Bank::of(catalogue());
        let card = card(&bank, "failover-limits/q-silent", (7, &State::default())).unwrap();
        let mut out = Vec::new();
        asked(1, &card, &mut out).unwrap();
        answered(1, &card, &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        let right = card.shown.iter().position(|index| card.options()[*index].right).unwrap();
        assert!(text.contains(&format!("   {} right: ", letter(right))), "{text}");
    }

    #[test]
    fn a_topic_that_is_not_there_is_an_error() {
        let args = QuizArgs { topic: Some("cap-theorm".into()), ..QuizArgs::default() };
        let error = print(&args, &Store::in_memory(Wall::stopped()), &mut Vec::new()).unwrap_err().to_string();
        assert_eq!(error, "no question is about `cap-theorm`; did you mean `cap-theorem`?");
    }
}
