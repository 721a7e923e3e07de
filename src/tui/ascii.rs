//! The last step for terminals that know no more than ASCII: texts of lessons and clusters may hold other signs.

use ratatui::buffer::Buffer;

/// Signs that texts use, each with what stands for it.
const INSTEAD: [(&str, &str); 33] = [
    ("·", "-"),
    ("…", "."),
    ("→", ">"),
    ("←", "<"),
    ("↑", "^"),
    ("↓", "v"),
    ("–", "-"),
    ("—", "-"),
    ("‘", "'"),
    ("’", "'"),
    ("“", "\""),
    ("”", "\""),
    ("≥", ">"),
    ("≤", "<"),
    ("≠", "!"),
    ("×", "x"),
    ("★", "*"),
    ("✓", "+"),
    ("✕", "x"),
    ("•", "-"),
    ("▸", ">"),
    ("◂", "<"),
    ("◆", "#"),
    ("◇", "%"),
    ("○", "o"),
    ("●", "@"),
    ("╳", "X"),
    ("‖", "\""),
    ("≈", "z"),
    ("━", "="),
    ("─", "-"),
    ("µ", "u"),
    ("\u{a0}", " "),
];

/// Puts ASCII in the place of everything else; a sign that is not known becomes `?`.
pub(super) fn plain(buf: &mut Buffer) {
    for cell in &mut buf.content {
        if !cell.symbol().is_ascii() {
            let known = INSTEAD.iter().find(|(sign, _)| *sign == cell.symbol());
            cell.set_symbol(known.map_or("?", |(_, ascii)| ascii));
        }
    }
}
