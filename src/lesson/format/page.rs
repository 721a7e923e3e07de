//! The tables of keys in `lessons/FORMAT.md`.

use super::Table;

/// The lines for a table: those of the group of keys with this number, or all.
pub(crate) fn rows(table: &Table, groups: &[usize]) -> String {
    let keys = groups.iter().flat_map(|group| table.keys[*group]);
    let row = |key: &super::Key| {
        let needed = if key.needed { "needed" } else { "" };
        format!("| `{}` | {needed} | {} |\n", key.name, key.about)
    };
    format!("| key | | what |\n|---|---|---|\n{}", keys.map(row).collect::<String>())
}
