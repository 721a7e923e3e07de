//! What is made from the description of the format is as it would be made now, and every key of it is read.

use std::path::Path;

use super::{json, page};
use crate::lesson::testing::{example_text, keys_asked, read, scenarios_text};

/// Each table of the page by the name of its marker, with the groups of keys that it lists.
fn tables() -> Vec<(&'static str, &'static super::Table, &'static [usize])> {
    vec![
        ("lesson", &super::LESSON, &[0]),
        ("correction", &super::CORRECTION, &[0]),
        ("cluster", &super::CLUSTER, &[0, 1, 2]),
        ("step", &super::SAY, &[0, 3, 4]),
        ("say", &super::SAY, &[1, 2]),
        ("mark", &super::MARK, &[0]),
        ("predict", &super::PREDICT, &[1, 2]),
        ("option", &super::OPTION, &[0]),
        ("try", &super::TRY, &[1]),
        ("clause", &super::CLAUSE, &[0]),
        ("miss", &super::MISS, &[0]),
        ("because", &super::BECAUSE, &[0]),
        ("compare", &super::COMPARE, &[1]),
        ("design", &super::DESIGN, &[0]),
        ("measure", &super::MEASURE, &[1]),
        ("column", &super::COLUMN, &[0]),
        ("claim", &super::CLAIM, &[0]),
        ("mean", &super::MEAN, &[0]),
        ("quiz", &super::QUIZ, &[0, 1]),
        ("choice", &super::CHOICE, &[1]),
        ("several", &super::SEVERAL, &[1]),
        ("number", &super::NUMBER, &[1]),
        ("wrong", &super::WRONG_NUMBER, &[0]),
        ("order", &super::ORDER, &[1]),
        ("recall", &super::RECALL, &[1]),
        ("predict question", &super::PREDICT_QUIZ, &[1]),
        ("item", &super::ITEM, &[0]),
        ("drill", &super::DRILL, &[0, 1]),
        ("predict drill", &super::PREDICT_DRILL, &[1]),
        ("outcome", &super::OUTCOME, &[0]),
        ("believed", &super::BELIEVED, &[0]),
        ("clinic", &super::CLINIC, &[1]),
        ("cure", &super::CURE, &[0]),
    ]
}

/// The page with every table made anew.
fn remade(page: &str) -> String {
    let mut out = page.to_string();
    for (name, table, groups) in tables() {
        let marker = format!("<!-- keys of: {name} -->\n");
        let start = out.find(&marker).unwrap_or_else(|| panic!("the page has no marker for {name}")) + marker.len();
        let end = if out[start..].starts_with('\n') { start } else { out[start..].find("\n\n").map_or(out.len(), |end| start + end + 1) };
        out.replace_range(start..end, &page::rows(table, groups));
    }
    out
}

/// Compares a file of the repository with what it should hold. With `UPDATE=1` it is written.
fn is_up_to_date(path: &str, expected: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&file, expected).unwrap();
    }
    let found = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(found == expected, "{path} is not as the format is described; run the tests with UPDATE=1 and look at the difference");
}

#[test]
fn the_page_for_teachers_lists_every_key() {
    is_up_to_date("lessons/FORMAT.md", &remade(include_str!("../../../lessons/FORMAT.md")));
}

#[test]
fn the_schema_for_editors_is_that_of_the_format() {
    let text = serde_json::to_string_pretty(&json::schema()).unwrap();
    is_up_to_date("assets/lesson.schema.json", &format!("{text}\n"));
}

#[test]
fn every_key_is_read_and_nothing_else() {
    let asked = keys_asked(|| {
        read(example_text()).unwrap_or_else(|mistakes| panic!("{mistakes}"));
        drop(crate::lesson::testing::scenarios());
    });
    let groups = [&super::DIAGNOSE, &super::LESSON, &super::CLUSTER, &super::SCENARIOS, &super::SCENARIO, &super::VARIANT];
    let described = tables().into_iter().map(|(_, table, _)| table).chain(groups);
    for table in described.filter(|table| !std::ptr::eq(*table, &raw const super::QUIZ) && !std::ptr::eq(*table, &raw const super::DRILL)) {
        // The kind is read before it is known which of them it is.
        for key in table.all().filter(|key| key.name != "kind" || std::ptr::eq(table, &raw const super::CORRECTION)) {
            assert!(asked.contains(&(table.what, key.name)), "nobody reads `{}` of {}", key.name, table.what);
        }
    }
    assert!(!scenarios_text().is_empty());
}
