//! A table: one line a card, with what its columns are called in the first.

use super::prose::plain;
use super::{Entry, letter, options};
use crate::lesson::question::QuestionKind;

/// What the columns are called.
const COLUMNS: [&str; 8] = ["id", "topic", "kind", "question", "options", "answer", "why", "tags"];

pub(super) fn cards(entries: &[Entry<'_>]) -> String {
    let rows = entries.iter().map(row);
    written(std::iter::once(COLUMNS.map(str::to_string)).chain(rows), b',')
}

/// Rows as text, quoted where they have to be.
pub(super) fn written<const N: usize>(rows: impl Iterator<Item = [String; N]>, separator: u8) -> String {
    let mut writer = csv::WriterBuilder::new().delimiter(separator).from_writer(Vec::new());
    for row in rows {
        // Nothing fails that is written to memory.
        let _ = writer.write_record(&row);
    }
    writer.into_inner().map_or_else(|_| String::new(), |bytes| String::from_utf8_lossy(&bytes).into_owned())
}

fn row(entry: &Entry<'_>) -> [String; 8] {
    let kind = &entry.question.kind;
    let choices = options(kind).iter().enumerate().map(|(i, option)| format!("{}) {}", letter(i), plain(&option.text)));
    [
        entry.name.clone(),
        entry.lesson.title.clone(),
        kind.word().to_string(),
        plain(&entry.question.text),
        choices.collect::<Vec<_>>().join("; "),
        answer(kind),
        why(kind),
        entry.item.tags.join("; "),
    ]
}

/// What is right.
fn answer(kind: &QuestionKind) -> String {
    match kind {
        QuestionKind::Number(number) => {
            [Some(number.answer.to_string()), number.unit.clone()].into_iter().flatten().collect::<Vec<_>>().join(" ")
        }
        QuestionKind::Order(items) => items.iter().map(|item| plain(&item.text)).collect::<Vec<_>>().join("; "),
        QuestionKind::Recall { answer, follow_up, .. } => {
            let next = follow_up.as_ref().map(|next| format!(" And then: {} {}", plain(&next.asks), plain(&next.answer)));
            plain(answer) + &next.unwrap_or_default()
        }
        _ => {
            let right = options(kind).iter().enumerate().filter(|(_, option)| option.right);
            right.map(|(i, _)| letter(i).to_string()).collect::<Vec<_>>().join("; ")
        }
    }
}

/// Why, for each part.
fn why(kind: &QuestionKind) -> String {
    match kind {
        QuestionKind::Number(number) => plain(&number.why),
        QuestionKind::Order(items) | QuestionKind::Recall { points: items, .. } => {
            items.iter().map(|item| format!("{}: {}", plain(&item.text), plain(&item.why))).collect::<Vec<_>>().join("; ")
        }
        _ => options(kind)
            .iter()
            .enumerate()
            .map(|(i, option)| format!("{}) {}", letter(i), plain(&option.why)))
            .collect::<Vec<_>>()
            .join("; "),
    }
}
