//! The language as a whole: it reads back what it prints, and never panics.

use super::arbitrary::{LANGUAGE, command};
use super::*;
use proptest::prelude::*;

fn refused(text: &str) -> CommandError {
    LANGUAGE.parse(text).expect_err(text)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1024))]

    #[test]
    fn a_printed_command_reads_back(command in command()) {
        let text = command.to_string();
        prop_assert_eq!(text.lines().count(), 1, "{}", text);
        prop_assert_eq!(LANGUAGE.parse(&text), Ok(command), "{}", text);
    }

    #[test]
    fn any_text_is_read_or_refused_in_place(text in "\\PC{0,40}") {
        stays_in_place(&text)?;
    }

    #[test]
    fn a_damaged_command_is_read_or_refused_in_place(
        command in command(),
        at in any::<prop::sample::Index>(),
        cut in 0usize..6,
        put in "[ |>\"#a-z0-9(),.+-]{0,4}",
    ) {
        let chars: Vec<char> = command.to_string().chars().collect();
        let at = at.index(chars.len() + 1);
        let damaged: String = chars.iter().take(at).copied().chain(put.chars()).chain(chars.iter().skip(at + cut).copied()).collect();
        stays_in_place(&damaged)?;
    }
}

fn stays_in_place(text: &str) -> Result<(), TestCaseError> {
    match LANGUAGE.parse(text) {
        Ok(command) => prop_assert_eq!(LANGUAGE.parse(&command.to_string()), Ok(command)),
        Err(bad) => {
            prop_assert!(text.get(bad.offset..bad.offset + bad.length).is_some(), "{:?} in {:?}", bad, text);
            prop_assert_eq!(bad.render(text).is_empty(), false);
        }
    }
    Ok(())
}

#[test]
fn every_line_of_the_design_reads_and_prints_as_it_stands() {
    let lines = r#"
        crash n1|crash n1 losing unsynced|crash n1 wiping disk|restart n1|pause n1|resume n1|cut n1 -> n3|heal|heal n1 -> n3
        slow n2 10x|latency n1 -> n2 exp(20ms)|loss n1 -> n2 0.2|bandwidth n1 -> n2 1MB/s|drop #12|hold #12|release #12
        duplicate #12|deliver #12|hold all|release all|skew n2 +3s|skew n2 -20ms|fire n2 election|full-disk n1
        set replication async|c1 write x 1|c1 read x from n2|c2 cas x 1 2|c2 cas x nil 2|c1 append x a
        workload c1 10/s read:write 9:1 keys zipf(0.99)|workload c1 off|step|step 5|run 2s|until "leaders >= 2"|seed 7
        latency all const(75ms) + exp(5ms)|c1 write x "a b"|drift eu +200ppm|bandwidth all unlimited"#;
    let lines = lines.split(['|', '\n']).map(str::trim).chain(["cut n1 n2 | n3", "heal eu | us-1", "latency n1 | n2 exp(1ms)"]);
    for line in lines.filter(|line| !line.is_empty()) {
        assert_eq!(LANGUAGE.parse(line).map(|c| c.to_string()), Ok(line.to_string()));
    }
}

#[test]
fn every_verb_of_the_table_reads_its_example() {
    for verb in LANGUAGE.all() {
        let read = LANGUAGE.parse(verb.example).map(|c| c.to_string());
        assert_eq!(read, Ok(verb.example.to_string()));
        assert!(verb.forms.iter().all(|form| form.split(' ').any(|word| word == verb.name)), "{}", verb.name);
    }
}

#[test]
fn every_word_in_capitals_is_explained() {
    let explained: String = verbs::SLOTS.iter().flat_map(|(names, about)| [*names, " ", *about, " "]).collect();
    let unexplained = ["TIMER", "SETTING", "COUNT", "NUMBER"];
    for word in LANGUAGE.all().flat_map(|verb| verb.forms).flat_map(|form| form.split(' ')) {
        let slot = word.bytes().all(|b| b.is_ascii_uppercase());
        assert!(!slot || unexplained.contains(&word) || explained.contains(word), "{word}");
    }
}

#[test]
fn other_spellings_are_understood() {
    for (text, meant) in [
        ("  cut n1->n2  ", "cut n1 -> n2"),
        ("loss all 20%", "loss all 0.2"),
        ("latency all 20ms", "latency all const(20ms)"),
        ("bandwidth all 1.5MB/s", "bandwidth all 1500kB/s"),
        ("workload c1 5/s keys   zipf(1,7)", "workload c1 5/s keys zipf(1, 7)"),
        ("workload c1 5/s write", "workload c1 5/s write 1"),
        ("until leaders >= 2", "until \"leaders >= 2\""),
        ("until 'leaders >= 2'", "until \"leaders >= 2\""),
        ("c1 write x 007", "c1 write x 007"),
        ("c1 write x 1 from n2", "c1 write x 1 to n2"),
        ("set sync n1 n2 ", "set sync n1 n2"),
        ("heal all", "heal"),
    ] {
        assert_eq!(LANGUAGE.parse(text).map(|c| c.to_string()), Ok(meant.to_string()));
    }
}

#[test]
fn mistakes_are_pointed_at() {
    for (text, word, part) in [
        ("crsh n1", "crsh", "did you mean `crash`?"),
        ("crash", "", "a node or a zone is missing here; right is `crash n1`"),
        ("crash n0", "n0", "no node or zone"),
        ("crash N1", "N1", "no node or zone"),
        ("crash n1 loosing unsynced", "loosing", "not expected"),
        ("crash n1 losing everything", "everything", "here comes `unsynced`"),
        ("cut n1 n2", "", "`|` or `->` and the other side"),
        ("cut n1 |", "", "a node or a zone is missing"),
        ("loss n1 n2 0.2", "n2", "here comes `->` or `|`"),
        ("loss n1 -> n2 1.5", "1.5", "probability from 0 to 1"),
        ("loss n1 -> n2 nan", "nan", "probability"),
        ("latency n1 -> n2 expo(20ms)", "expo", "did you mean `exp`?"),
        ("latency n1 -> n2", "", "a distribution is missing"),
        ("slow n1 0x", "0x", "factor"),
        ("slow n1 infx", "infx", "factor"),
        ("bandwidth all 0B/s", "0B/s", "bandwidth"),
        ("bandwidth all 0.5B/s", "0.5B/s", "bandwidth"),
        ("drop 12", "12", "messages are #1"),
        ("skew n1 99999999h", "99999999h", "offset"),
        ("drift n1 1000000ppm", "1000000ppm", "drift"),
        ("write x 1", "write", "a client does that: `c1 write x 1`"),
        ("n1 write x 1", "n1", "is a server"),
        ("c1 wriet x 1", "wriet", "did you mean `write`?"),
        ("c1", "", "what c1 asks"),
        ("c1 write x", "", "a value is missing"),
        ("c1 write x to n1", "to", "a value is missing"),
        ("c1 write x nil", "nil", "`nil` is no value"),
        ("c1 write x| 1", "|", "not expected"),
        ("c1 write x=1", "x=1", "a key is made of"),
        ("c1 read x from c2", "c2", "is a client"),
        ("workload n1 5/s", "n1", "no client"),
        ("workload c1 5", "5", "how requests come (such as `10/s`"),
        ("workload c1", "", "how requests come is missing"),
        ("workload c1 stedy 5/s", "stedy", "did you mean `steady`?"),
        ("workload c1 closed 5 think exp(1x) read", "1x", "length of time"),
        ("workload c1 at 1s 2s raed", "raed", "did you mean `read`?"),
        ("workload c1 5/s read:write 0:0", "0:0", "weights"),
        ("workload c1 5/s read:write 1:2:3", "1:2:3", "weights"),
        ("workload c1 5/s raed", "raed", "did you mean `read`?"),
        ("promote", "", "a node or a zone is missing here; right is `promote n2`"),
        ("workload c1 5/s keys zipf(0.99", "", "`)` is missing"),
        ("step 0", "0", "from 1"),
        ("run 2", "2", "300ms"),
        ("until", "", "a condition is missing"),
        ("seed -1", "-1", "whole number"),
        ("", "", "a command is missing"),
        ("\"crash\" n1", "\"crash\"", "no command"),
    ] {
        let bad = refused(text);
        let found = if bad.length == 0 { "" } else { &text[bad.offset..bad.offset + bad.length] };
        assert!(found == word && bad.message.contains(part), "{text}: {bad:?}");
    }
}

#[test]
fn names_of_a_cluster_are_checked_where_they_are_known() {
    let vocabulary = Vocabulary {
        nodes: (0..3).map(NodeId::server).collect(),
        clients: vec![NodeId::client(0)],
        language: LANGUAGE,
        zones: vec!["eu".to_string()],
        settings: vec![SettingName { name: "replication".to_string(), ..SettingName::default() }],
        ..Vocabulary::default()
    };
    for (text, part) in [
        ("crash n4", "no server n4; here are n1, n2, n3"),
        ("c2 read x", "no client c2; here are c1"),
        ("c1 read x from n7", "no server n7"),
        ("crash ue", "did you mean `eu`?"),
        ("set replicaton async", "did you mean `replication`?"),
    ] {
        let bad = vocabulary.parse(text).expect_err(text);
        assert!(bad.message.contains(part), "{bad}");
    }
    for text in ["crash n3", "crash eu", "c1 read x from n3", "set replication async"] {
        assert!(vocabulary.parse(text).is_ok(), "{text}");
    }
}

#[test]
fn what_was_pasted_by_mistake_is_refused_at_once() {
    for text in ["x".repeat(1 << 20), "n1 ".repeat(1 << 19), "cut ".to_string() + &"n1 ".repeat(20_000) + "| n2", "\"".repeat(60_000)] {
        assert!(complete(&text, &Vocabulary::default()).is_empty());
        let read = Vocabulary::default().parse(&text);
        let bad = read.expect_err("there is nothing there");
        assert!(bad.render(&text).chars().count() < 2000, "{}", bad.render(&text));
    }
}
