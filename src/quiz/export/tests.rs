//! What is written is what the other programs read.

use super::{Format, cards};
use crate::lesson::catalogue;
use crate::quiz::Bank;
use crate::quiz::testing::bank;

fn lag() -> Bank {
    bank(&["replication-lag", "failover-limits", "cap-theorem"])
}

fn rows(text: &str, separator: u8) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().delimiter(separator).has_headers(false).comment(None).from_reader(text.as_bytes());
    reader.records().map(|row| row.unwrap().iter().map(str::to_string).collect()).collect()
}

#[test]
fn a_table_reads_as_it_was_meant() {
    let (text, count) = cards(&lag(), Format::Csv, None);
    let rows = rows(&text, b',');
    assert_eq!(rows.len(), count + 1);
    assert_eq!(rows[0], ["id", "topic", "kind", "question", "options", "answer", "why", "tags"]);
    let drain = rows.iter().find(|row| row[0] == "replication-lag/q-drain waiting=20").unwrap();
    assert_eq!((drain[2].as_str(), drain[5].as_str()), ("number", "2 seconds"));
    let address = rows.iter().find(|row| row[0] == "failover-limits/q-address").unwrap();
    assert!(address[3].contains("\"Last night, after your short network trouble"), "quotes and commas survive: {}", address[3]);
}

#[test]
fn anki_finds_each_card_again() {
    let (text, count) = cards(&lag(), Format::Anki, None);
    let (head, body): (Vec<&str>, Vec<&str>) = text.lines().partition(|line| line.starts_with('#'));
    assert!(head.contains(&"#guid column:1") && head.contains(&"#separator:Semicolon") && head.contains(&"#html:true"), "{head:?}");
    let rows = rows(&body.join("\n"), b';');
    assert_eq!(rows.len(), count);
    let names: std::collections::BTreeSet<&str> = rows.iter().map(|row| row[0].as_str()).collect();
    assert_eq!(names.len(), count, "no two cards have one name");
    for row in &rows {
        assert_eq!(row.len(), 4, "{row:?}");
        assert!(!row[1].is_empty() && !row[2].is_empty() && !row[1].contains('\n') && !row[1].contains('\t'), "{row:?}");
    }
    let fencing = rows.iter().find(|row| row[0] == "splitbrain:failover-limits/q-fencing").unwrap();
    assert!(fencing[1].contains("<i>ok</i>") && fencing[2].contains("✓ A.") && fencing[2].contains("✕ B."), "{fencing:?}");
}

#[test]
fn signs_of_gift_are_escaped() {
    let (text, count) = cards(&lag(), Format::Gift, None);
    assert_eq!(text.matches("::[html]").count(), count);
    assert!(text.contains("$CATEGORY: splitbrain/Replication lag"));
    assert!(text.contains("::replication-lag/q-drain waiting\\=20::"), "{text}");
    // Outside of a question's own lines every sign is escaped: braces open and close one question each.
    let open = |c: char| text.match_indices(c).filter(|(at, _)| !text[..*at].ends_with('\\')).count();
    assert_eq!((open('{'), open('}')), (count, count));
    assert!(text.contains("=%100%2:0.1#"), "a number has its tolerance");
    assert!(text.contains("~%33.33333%"), "three right ones share the whole");
    assert!(text.contains(" -> 1\n"));
}

#[test]
fn a_topic_or_tag_can_be_named() {
    let all = Bank::of(catalogue());
    let (_, of_lag) = cards(&all, Format::Csv, Some("replication-lag"));
    let (_, whole) = cards(&all, Format::Csv, None);
    assert!(of_lag > 3 && of_lag < whole);
    assert_eq!(cards(&all, Format::Csv, Some("no-such")).1, 0);
}
