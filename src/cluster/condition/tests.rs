//! Conditions over made-up facts.

use super::*;
use proptest::prelude::*;

const DOCS: [FactDoc; 8] = [
    FactDoc { name: "leaders", kind: FactKind::Int, about: "" },
    FactDoc { name: "acked_lost", kind: FactKind::Int, about: "" },
    FactDoc { name: "lag_ms", kind: FactKind::Float, about: "" },
    FactDoc { name: "quiet", kind: FactKind::Bool, about: "" },
    FactDoc { name: "mode", kind: FactKind::Text, about: "" },
    FactDoc { name: "lag_entries", kind: FactKind::PerNode, about: "" },
    FactDoc { name: "read_ms_p99", kind: FactKind::Float, about: "" },
    FactDoc { name: "write_ms_p99", kind: FactKind::Float, about: "" },
];

fn facts() -> Facts {
    let mut facts = Facts::default();
    facts.int("leaders", 2);
    facts.int("acked_lost", 0);
    facts.put("lag_ms", FactValue::Float(7.5));
    facts.put("quiet", FactValue::Bool(true));
    facts.put("mode", FactValue::Text("async".to_string()));
    facts.put("lag_entries", FactValue::PerNode(vec![("n2".to_string(), 3.0), ("n3".to_string(), 0.0)]));
    facts.put("read_ms_p99", FactValue::Absent("3 of the 100 it needs".to_string()));
    facts.put("write_ms_p99", FactValue::Sampled { value: 5.5, of: 120 });
    let verdict = |guarantee, holds| Verdict { guarantee, holds, why: String::new(), witness: vec![] };
    let known = [
        (Guarantee::LINEARIZABLE, Holds::No),
        (Guarantee::SEQUENTIAL, Holds::Untested),
        (Guarantee::DURABLE, Holds::Yes),
        (Guarantee::CONVERGENT, Holds::Unknown),
    ];
    add_verdicts(&mut facts, &known.map(|(guarantee, holds)| verdict(guarantee, holds)));
    facts
}

fn compiled(text: &str) -> Condition {
    Condition::compile(text, &DOCS, &Guarantee::REGISTER).unwrap_or_else(|errors| panic!("{text}: {errors:?}"))
}

#[test]
fn conditions_hold_or_not() {
    for (text, holds) in [
        ("leaders >= 2", true),
        ("leaders >= 2.0", true),
        ("leaders == 2 && leaders == 2.0 && leaders != 3", true),
        ("lag_ms > 7", true),
        ("lag_ms > 7.5", false),
        ("lag_ms / leaders > 3 && lag_ms - 1 < 7", true),
        ("-lag_ms < -7", true),
        ("quiet && !(acked_lost > 0)", true),
        ("mode == 'async' || mode.startsWith('semi')", true),
        ("lag_entries.n2 >= 3", true),
        ("lag_entries[\"n2\"] == 3", true),
        ("lag_entries.n1 >= 0", false),
        ("lag_entries.n1 >= 0 || leaders == 2", true),
        ("has(lag_entries.n1)", false),
        ("'n2' in lag_entries", true),
        ("lag_entries.exists(n, lag_entries[n] >= 3)", true),
        ("lag_entries.all(n, lag_entries[n] >= 3)", false),
        ("lag_entries.exists_one(n, lag_entries[n] >= 3)", true),
        ("size(lag_entries) + 1 == 3", true),
        ("leaders in [1, 2]", true),
        ("linearizable == 'no' && durable == \"yes\" && convergent == 'unknown'", true),
        ("quiet ? leaders == 2 : leaders == 1", true),
        ("acked_lost / 0 > 1", false),
        ("quiet", true),
        ("read_ms_p99 > 1", false),
        ("!(read_ms_p99 > 1)", false),
        ("read_ms_p99 > 1 || quiet", true),
        ("quiet && read_ms_p99 < 1", false),
        ("write_ms_p99 > 5 && write_ms_p99 < 6", true),
        ("sequential == 'untested' && sequential != 'yes' && sequential != 'no'", true),
    ] {
        assert_eq!(compiled(text).holds(&facts()), Ok(holds), "{text}");
    }
}

#[test]
fn mistakes_are_pointed_at_all_at_once() {
    for (text, word, part) in [
        ("", "", "a condition is missing"),
        ("leeders >= 2", "leeders", "did you mean `leaders`?"),
        ("é >= 2", "é", "not expected"),
        ("mode == 'é' && leeders > 1", "leeders", "did you mean `leaders`?"),
        ("leaders = 2", "=", "equal is `==`"),
        ("leaders >=", "", "ends too early"),
        ("(leaders >= 2", "", "ends too early"),
        ("mode == 'async", "'", "closing quote"),
        ("leaders", "leaders", "true or false; this is a number"),
        ("leaders + 1", "leaders + 1", "true or false; this is a number"),
        ("leaders == 'two'", "==", "a number cannot be set against a text"),
        ("acked_lost > 5 && mode > 3", ">", "a text cannot be set against a number"),
        ("leaders && quiet", "leaders", "true or false must stand here"),
        ("mode - 1 > 3", "mode", "a number must stand here"),
        ("lag_entries > 3", ">", "name one"),
        ("lag_entries.m2 > 3", ".", "is no node"),
        ("lag_entries['x'] > 3", "'x'", "is no node"),
        ("leaders.n2 > 3", ".", "a fact for each node"),
        ("linearizable == 'false'", "'false'", "\"yes\", \"no\", \"unknown\" or \"untested\""),
        ("linearizable > 'no'", ">", "no order"),
        ("leaders % 2 == 0", "%", "whole numbers"),
        ("sise(lag_entries) == 2", "(", "did you mean `size`?"),
        ("leaders == null", "null", "no fact"),
        ("{1: 2} == leaders", "{", "does not belong"),
        ("leaders in mode", "in", "wants a list"),
        ("lag_entries.map(n, n)", "lag_entries.map(n, n)", "gives a list"),
        ("leaders.all(n, true)", "(", "a loop goes over"),
        ("lag_entries.all(a, lag_entries.all(b, lag_entries.all(c, true)))", "(", "at most 2 deep"),
    ] {
        let errors = Condition::compile(text, &DOCS, &Guarantee::REGISTER).expect_err(text);
        let bad = &errors[0];
        assert_eq!(&text[bad.offset..bad.offset + bad.length], word, "{text}: {errors:?}");
        assert!(bad.message.contains(part), "{text}: {errors:?}");
    }
    let errors = Condition::compile("leeders > 1 && lag_m > 2 && mode == 3", &DOCS, &Guarantee::REGISTER).expect_err("three");
    assert_eq!(errors.iter().map(|e| e.offset).collect::<Vec<_>>(), [0, 15, 33]);
}

#[test]
fn what_a_condition_speaks_of_is_told() {
    let condition = compiled("leaders >= 2 && lag_entries.n2 > 1 && lag_entries.n1 > 1 && linearizable == 'no' && quiet");
    let now = "leaders = 2, lag_entries.n2 = 3, lag_entries.n1 = none, linearizable = no, quiet = true";
    assert_eq!(condition.explain(&facts()), now);
    assert_eq!(condition.names().collect::<Vec<_>>(), ["leaders", "lag_entries", "linearizable", "quiet"]);
    assert_eq!(condition.nodes().collect::<Vec<_>>(), ["n2", "n1"]);
    assert!(condition.needs_verdicts());
    assert!(!compiled("leaders >= 2").needs_verdicts());
    assert_eq!(compiled("quiet").explain(&Facts::default()), "quiet = ?");
    assert!(compiled("quiet").holds(&Facts::default()).is_err());
    let spread = "read_ms_p99 = none: 3 of the 100 it needs, write_ms_p99 = 5.5 (of 120)";
    assert_eq!(compiled("read_ms_p99 > 1 || write_ms_p99 > 1").explain(&facts()), spread);
}

#[test]
fn deep_and_long_texts_are_refused() {
    for text in ["(".repeat(2000), "!".repeat(2000), "-".repeat(500), "a.".repeat(1000), "quiet ? ".repeat(200)] {
        assert!(Condition::compile(&text, &DOCS, &Guarantee::REGISTER).is_err());
    }
    let sums = format!("leaders > {}1", "1 + ".repeat(400));
    let _ = Condition::compile(&sums, &DOCS, &Guarantee::REGISTER);
    assert!(Condition::compile(&"x".repeat(5000), &DOCS, &Guarantee::REGISTER).is_err());
}

#[test]
fn a_condition_that_would_stall_a_run_is_refused() {
    let list = format!("[{}]", vec!["1"; 400].join(","));
    let doubling = "[1].map(a, [a + a, a + a].map(b, [b, b, b, b, b, b, b, b]))";
    for text in [
        format!("{list}.all(a, {list}.all(b, a + b > 0))"),
        format!("{list}.map(a, {list}).size() > 1"),
        format!("{list}.filter(a, a > 0).map(a, [a, a, a, a]).map(a, [a, a, a, a]).map(a, a + a + a + a).size() > 1"),
    ] {
        let errors = Condition::compile(&text, &DOCS, &Guarantee::REGISTER).expect_err(&text);
        assert!(errors[0].message.contains("50000 are the most"), "{errors:?}");
    }
    let all = "lag_entries.all(a, lag_entries.exists(b, lag_entries[a] + lag_entries[b] >= 0 && a != b && leaders > 0))";
    for text in [all, &format!("{doubling}.size() == 1"), "lag_entries.map(n, lag_entries[n]).exists(x, x > 2)"] {
        compiled(text);
    }
}

fn check_any(text: &str) -> Result<(), TestCaseError> {
    match Condition::compile(text, &DOCS, &Guarantee::REGISTER) {
        Ok(condition) => {
            let _ = condition.holds(&facts());
            prop_assert!(!condition.explain(&facts()).contains('?'));
        }
        Err(errors) => {
            for bad in errors {
                prop_assert!(text.get(bad.offset..bad.offset + bad.length).is_some(), "{:?} in {:?}", bad, text);
            }
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_text_is_read_or_refused_in_place(text in "\\PC{0,30}") {
        check_any(&text)?;
    }

    #[test]
    fn any_words_are_read_or_refused_in_place(words in proptest::collection::vec(
        prop_oneof!["leaders|quiet|mode|lag_entries|linearizable|n2|x", "[0-9]{1,20}(u|\\.5|e9)?", "'[a-z]{0,2}'|\"n2\"|b'a'|r'\\\\'|null|true",
            ">|>=|==|!=|&&|\\|\\||!|-|\\+|\\*|/|%|\\?|:|in|\\.", "\\(|\\)|\\[|\\]|\\{|\\}|,|size\\(|\\.all\\(|\\.map\\(|has\\(|int\\("], 1..12)) {
        check_any(&words.join(" "))?;
        check_any(&words.concat())?;
    }
}

#[test]
fn a_node_that_is_not_there_is_pointed_at_wherever_it_stands() {
    let scenario = Scenario { model: "replicated".into(), nodes: Some(9), clients: None, zones: Vec::new(), settings: Vec::new(), seed: 1 };
    assert!(Condition::about("lag_entries.n9 > 1", &scenario).is_ok());
    let three = Scenario { nodes: Some(3), ..scenario };
    let text = "lag_entries.n40 > 1 && lag_entries.n4 > 1";
    let found = Condition::about(text, &three).unwrap_err();
    let pointed: Vec<&str> = found.iter().map(|error| &text[error.offset..error.offset + error.length]).collect();
    assert_eq!((pointed, found[1].offset), (vec!["n40", "n4"], text.rfind("n4").unwrap()));
}
