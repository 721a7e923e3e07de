//! GIFT, which Moodle imports (Moodle documentation, "GIFT format").

use std::fmt::Write as _;

use super::prose::html;
use super::{Entry, options};
use crate::lesson::question::{Item, Number, QuestionKind};
use crate::lesson::schema::Alternative;

pub(super) fn cards(entries: &[Entry<'_>]) -> String {
    let (mut out, mut topic) = (String::new(), "");
    for entry in entries {
        if topic != entry.lesson.id {
            topic = &entry.lesson.id;
            let _ = writeln!(out, "$CATEGORY: splitbrain/{}\n", entry.lesson.title.replace('/', "//"));
        }
        let _ = writeln!(out, "::{}::[html]{} {{", escaped(&entry.name), text(&entry.question.text));
        answers(&entry.question.kind, &mut out);
        out.push_str("}\n\n");
    }
    out
}

fn answers(kind: &QuestionKind, out: &mut String) {
    match kind {
        QuestionKind::Choice(options) | QuestionKind::Predict { options, .. } => one_of(options, out),
        QuestionKind::Several(_) => several(options(kind), out),
        QuestionKind::Number(number) => counted(number, out),
        QuestionKind::Order(items) => order(items, out),
        // An essay: a person grades it.
        QuestionKind::Recall { answer, follow_up, .. } => {
            let next = follow_up.as_ref().map(|next| format!(" <b>And then\\:</b> {} {}", text(&next.asks), text(&next.answer)));
            let _ = writeln!(out, "####{}{}", text(answer), next.unwrap_or_default());
        }
        // What is done at a cluster is no card: [`super::cards`] leaves it out.
        QuestionKind::Goal(_) => {}
    }
}

fn one_of(options: &[Alternative], out: &mut String) {
    for option in options {
        let sign = if option.right { '=' } else { '~' };
        let _ = writeln!(out, "{sign}{}#{}", text(&option.text), text(&option.why));
    }
}

/// All right ones together are the whole; each wrong one takes all away.
fn several(options: &[Alternative], out: &mut String) {
    let right = options.iter().filter(|option| option.right).count();
    for option in options {
        let share = if option.right { share(right) } else { "-100".to_string() };
        let _ = writeln!(out, "~%{share}%{}#{}", text(&option.text), text(&option.why));
    }
}

/// A share of 100 as Moodle knows it: with five decimals where it is not whole.
fn share(of: usize) -> String {
    let share = 100.0 / of.max(1) as f64;
    if share.fract() == 0.0 { format!("{share}") } else { format!("{share:.5}") }
}

fn counted(number: &Number, out: &mut String) {
    let _ = writeln!(out, "#");
    let _ = writeln!(out, "=%100%{}:{}#{}", number.answer, number.tolerance, text(&number.why));
    for wrong in &number.wrong {
        let _ = writeln!(out, "=%0%{}:{}#{}", wrong.answer, 0, text(&wrong.why));
    }
}

/// Each thing is matched with its place.
fn order(items: &[Item], out: &mut String) {
    for (index, item) in items.iter().enumerate() {
        let _ = writeln!(out, "={} -> {}", text(&item.text), index + 1);
    }
}

fn text(markdown: &str) -> String {
    escaped(&html(markdown))
}

/// Text that is no sign of GIFT.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        if matches!(c, '\\' | '~' | '=' | '#' | '{' | '}' | ':') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}
