//! Sentences with live marks.
//!
//! ```text
//! ✓ BEGIN
//! ✓ UPDATE anna -30    100 ▸ 70
//! ✕ crash
//! · undone at restart  not yet
//! ```

use super::{Look, Row, blank, left, widest};
use crate::cluster::scene::{Check, Checklist, Tone};
use crate::tui::widgets::text::{Line, piece, wrap_pieces};

/// One line for each sentence, more where it is long.
pub(super) fn rows(look: &Look<'_>, list: &Checklist, (room, height): (usize, usize)) -> Vec<Row> {
    let texts = widest(list.checks.iter().map(|check| check.text.as_str()));
    let values = widest(list.checks.iter().map(|check| check.value.as_str()));
    let in_columns = texts + values + 4 <= room;
    let rows = list.checks.iter().flat_map(|check| {
        let stay = look.stay(&check.text, false);
        wrap_pieces(&line(look, check, in_columns.then_some(texts)), room, 2).into_iter().map(move |line| Row::staying(line, stay))
    });
    super::fitted(rows.collect(), height, look.theme)
}

fn line(look: &Look<'_>, check: &Check, texts: Option<usize>) -> Line {
    let theme = look.theme;
    let (sign, style) = match check.tone {
        Tone::Good => (theme.glyphs.ok, theme.good),
        Tone::Bad => (theme.glyphs.cross, theme.bad),
        Tone::Conflict => (theme.glyphs.conflict, theme.conflict),
        Tone::Stale => (theme.glyphs.stale, theme.stale),
        Tone::Plain | Tone::Quiet => (theme.glyphs.dot, theme.dim),
    };
    let text = if check.tone == Tone::Quiet { theme.dim } else { theme.text };
    let mut line = vec![piece(sign, style), blank(1, theme)];
    match texts.filter(|_| !check.value.is_empty()) {
        Some(wide) => line.extend([left(&check.text, wide, text), blank(2, theme), piece(check.value.clone(), theme.tone(check.tone))]),
        None if check.value.is_empty() => line.push(piece(check.text.clone(), text)),
        None => line.extend([piece(check.text.clone(), text), piece(format!("  {}", check.value), theme.tone(check.tone))]),
    }
    line
}
