//! A text that Anki imports (Anki manual, "Text Files"): lines of fields, with what they are said in the first lines. The first field
//! is a name that stays, so that importing again brings cards up to date and keeps what is known of them.

use std::fmt::Write as _;

use super::prose::{escaped, html};
use super::table::written;
use super::{Entry, letter, options};
use crate::lesson::question::{Number, QuestionKind};

/// What Anki has to know. A semicolon goes through every terminal; a tab may not.
const HEAD: &str =
    "#separator:Semicolon\n#html:true\n#notetype:Basic\n#deck:splitbrain\n#columns:guid;Front;Back;Tags\n#guid column:1\n#tags column:4\n";

pub(super) fn cards(entries: &[Entry<'_>]) -> String {
    let row = |entry: &Entry<'_>| [format!("splitbrain:{}", entry.name), front(entry), back(entry), tags(entry)];
    format!("{HEAD}{}", written(entries.iter().map(row), b';'))
}

fn front(entry: &Entry<'_>) -> String {
    let kind = &entry.question.kind;
    let mut front = html(&entry.question.text);
    let rows: Vec<String> = match kind {
        QuestionKind::Order(items) => sorted(items.iter().map(|item| html(&item.text)).collect()),
        _ => options(kind).iter().map(|option| html(&option.text)).collect(),
    };
    for (index, row) in rows.iter().enumerate() {
        front.push_str(if index == 0 { "<br><br>" } else { "<br>" });
        let _ = write!(front, "{}. {row}", letter(index));
    }
    front
}

/// Things to be put in order are not shown in order.
fn sorted(mut rows: Vec<String>) -> Vec<String> {
    let right = rows.clone();
    rows.sort();
    if rows == right {
        rows.reverse();
    }
    rows
}

fn back(entry: &Entry<'_>) -> String {
    let item = |text: &str, why: &str| format!("<li>{}: {}</li>", html(text), html(why));
    match &entry.question.kind {
        QuestionKind::Number(number) => counted(number),
        QuestionKind::Order(items) => format!("<ol>{}</ol>", items.iter().map(|i| item(&i.text, &i.why)).collect::<String>()),
        QuestionKind::Recall { answer, points, follow_up } => {
            let points: String = points.iter().map(|p| item(&p.text, &p.why)).collect();
            let next = follow_up.as_ref().map(|next| format!("<b>And then:</b> {}<br>{}", html(&next.asks), html(&next.answer)));
            format!("{}<ul>{points}</ul>{}", html(answer), next.unwrap_or_default())
        }
        kind => {
            let sign = |right: bool| if right { "✓" } else { "✕" };
            let line = |(i, option): (usize, &crate::lesson::schema::Alternative)| {
                format!("{} {}. {}", sign(option.right), letter(i), html(&option.why))
            };
            options(kind).iter().enumerate().map(line).collect::<Vec<_>>().join("<br>")
        }
    }
}

fn counted(number: &Number) -> String {
    let unit = number.unit.as_deref().map_or_else(String::new, |unit| format!(" {}", escaped(unit)));
    let wrong = number.wrong.iter().map(|wrong| format!("<br>✕ {}{unit}: {}", wrong.answer, html(&wrong.why)));
    format!("<b>{}{unit}</b><br>{}{}", number.answer, html(&number.why), wrong.collect::<String>())
}

/// Tags have no blanks.
fn tags(entry: &Entry<'_>) -> String {
    let all = std::iter::once(&entry.lesson.id).chain(&entry.item.tags);
    all.map(|tag| tag.replace(' ', "-")).collect::<Vec<_>>().join(" ")
}
