//! Conditions over made-up facts.

use super::*;
use crate::cluster::model::SettingKind;
use crate::cluster::series::How;
use crate::sim::time::Span;
use proptest::prelude::*;

const DOCS: [FactDoc; 10] = [
    FactDoc { name: "leaders", kind: FactKind::Int, about: "" },
    FactDoc { name: "acked_lost", kind: FactKind::Int, about: "" },
    FactDoc { name: "lag_ms", kind: FactKind::Float, about: "" },
    FactDoc { name: "quiet", kind: FactKind::Bool, about: "" },
    FactDoc { name: "mode", kind: FactKind::Text, about: "" },
    FactDoc { name: "lag_entries", kind: FactKind::Named(Keys::Nodes), about: "" },
    FactDoc { name: "queued", kind: FactKind::Named(Keys::Any), about: "" },
    FactDoc { name: "ms", kind: FactKind::Named(Keys::These(&["p50", "p99"])), about: "" },
    FactDoc { name: "read_ms_p99", kind: FactKind::Float, about: "" },
    FactDoc { name: "write_ms_p99", kind: FactKind::Float, about: "" },
];

const SETTINGS: [SettingDoc; 4] = [
    setting("style", SettingKind::Word, &["calm", "wild"]),
    setting("patience", SettingKind::Span, &[]),
    setting("limit", SettingKind::Number, &[]),
    setting("try-timeout", SettingKind::Span, &[]),
];

const fn setting(name: &'static str, kind: SettingKind, words: &'static [&'static str]) -> SettingDoc {
    SettingDoc { name, default: "", takes: "something", words, kind, live: true, about: "" }
}

const SERIES: &[&str] = &["lag_ms", "lag_entries", "queued"];

fn read(text: &str) -> Result<Condition, Vec<ConditionError>> {
    Condition::read(text, &Terms { facts: &DOCS, guarantees: &Guarantee::REGISTER, settings: &SETTINGS, series: SERIES, formulas: false })
}

fn facts() -> Facts {
    let mut facts = Facts::default();
    facts.int("leaders", 2);
    facts.int("acked_lost", 0);
    facts.put("lag_ms", FactValue::Float(7.5));
    facts.put("quiet", FactValue::Bool(true));
    facts.put("mode", FactValue::Text("async".to_string()));
    facts.put("lag_entries", FactValue::Named(vec![("n2".to_string(), 3.0), ("n3".to_string(), 0.0)]));
    facts.put("queued", FactValue::Named(vec![("orders-2".to_string(), 4.0)]));
    facts.put("ms", FactValue::Named(vec![("p50".to_string(), f64::NAN), ("p99".to_string(), 9.5)]));
    facts.put("read_ms_p99", FactValue::Absent("3 of the 100 it needs".to_string()));
    facts.put("write_ms_p99", FactValue::Sampled { value: 5.5, of: 120 });
    for (name, value) in [("style", "calm"), ("patience", "200ms"), ("limit", "none"), ("try-timeout", "1500us")] {
        facts.put_setting(name, value.to_string());
    }
    let verdict = |guarantee, holds| Verdict { guarantee, holds, why: String::new(), witness: vec![] };
    let known = [(Guarantee::LINEARIZABLE, Holds::No), (Guarantee::SEQUENTIAL, Holds::Untested), (Guarantee::DURABLE, Holds::Yes)];
    add_verdicts(&mut facts, &known.map(|(guarantee, holds)| verdict(guarantee, holds)));
    facts
}

fn compiled(text: &str) -> Condition {
    read(text).unwrap_or_else(|errors| panic!("{text}: {errors:?}"))
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
        ("linearizable == 'no' && durable == \"yes\"", true),
        ("quiet ? leaders == 2 : leaders == 1", true),
        ("acked_lost / 0 > 1", false),
        ("setting.style == 'calm' && setting.style != \"wild\" && setting.style in ['calm']", true),
        ("setting.patience == 200ms && setting.patience < 1s && setting.patience >= 0.2s", true),
        ("setting.try-timeout < setting.patience && setting.try-timeout==1500us", true),
        ("setting.patience in [100ms, 200ms] && setting.patience > 199ms", true),
        ("setting.limit > 0 || setting.limit <= 0", false),
        ("has(setting.limit) || !has(setting.patience)", false),
        ("!has(setting.limit) && (quiet ? setting.patience : 1s) < 300ms", true),
        ("leaders-acked_lost == 2", true),
        ("quiet", true),
        ("acked_lost / 0 == acked_lost / 0", false),
        ("acked_lost / 0 != 1", false),
        ("acked_lost / 0 != 1 || quiet", true),
        ("leaders / 0 > 1000000 && -leaders / 0 < 0", true),
        ("queued[\"orders-2\"] == 4 && !has(queued['orders-1']) && has(queued[\"orders-2\"])", true),
        ("queued['orders-1'] != 4", false),
        ("queued.exists(q, q.startsWith('orders') && queued[q] > 3)", true),
        ("ms.p99 > 9 && ms.p99 < 10", true),
        ("ms.p50 > 9 || ms.p50 <= 9", false),
        ("lag_entries.map(n, lag_entries[n] + 1) == [4, 1]", true),
        ("lag_entries.map(n, n != 'n2', n) == ['n3']", true),
        ("lag_entries.filter(n, lag_entries[n] > 1) == ['n2']", true),
        ("lag_entries.map(n, lag_entries[n])[1] == 0 && [5, 6][0] == 5", true),
        ("[1, 2][2] == 1 || [1, 2][0.5] == 1", false),
        ("['n1', 'n2'].exists(n, lag_entries[n] == 3)", true),
        ("['n1', 'n2'].all(n, lag_entries[n] == 3)", false),
        ("!['n1', 'n2'].all(n, lag_entries[n] == 4)", true),
        ("['n1', 'n2'].exists_one(n, lag_entries[n] == 3)", false),
        ("size(['n1', 'n2'].filter(n, lag_entries[n] == 3)) >= 0", false),
        ("lag_entries.all(a, lag_entries.all(b, a == b || lag_entries[a] != lag_entries[b]))", true),
        ("quiet ? quiet ? leaders == 2 : false : false", true),
        ("read_ms_p99 > 1 ? true : true", false),
        ("quiet || read_ms_p99 > 1 ? true : false", true),
        ("1 + 2 * 3 - 4 / 2 == 5 && 8 / 2 / 2 == 2 && -2 * -3 == 6", true),
        ("!quiet == false && leaders > 1 == true", true),
        ("size(mode) == 5 && mode.size() == size('\u{e9}tats') && [1, 2].size() == 2", true),
        ("mode.contains('syn') && mode.endsWith(\"c\") && mode + '!' == 'async!'", true),
        ("string(lag_ms) == '7.5' && string(leaders) == \"2\" && string(quiet) == 'true' && double('1.5') == 1.5 && bool('true')", true),
        ("double(mode) == 1 || bool(mode)", false),
        ("'a' < 'b' && mode >= 'async' && 'it\\'s' != \"it's \\\\\"", true),
        ("[1] + [2, 3] == [1, 2, 3] && [] + ['a'] == ['a'] && [[1], []] != [[1]]", true),
        ("linearizable in ['no', 'untested'] && linearizable.startsWith('n')", true),
        ("lag_entries.exists(leaders, leaders == 'n2')", true),
        (".5 < 1e0 && 1E-1 == 0.1 // and this is a comment", true),
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
        ("mode == 'a\\q'", "\\q", "stands for nothing"),
        ("leaders", "leaders", "true or false; this is a number"),
        ("leaders + 1", "leaders + 1", "true or false; this is a number"),
        ("leaders == 'two'", "==", "a number cannot be set against a text"),
        ("acked_lost > 5 && mode > 3", ">", "a text cannot be set against a number"),
        ("leaders && quiet", "leaders", "true or false must stand here"),
        ("mode - 1 > 3", "mode", "a number must stand here"),
        ("lag_entries > 3", ">", "name one"),
        ("lag_entries.m2 > 3", "m2", "is no node"),
        ("lag_entries['x'] > 3", "'x'", "is no node"),
        ("leaders.n2 > 3", "leaders.n2", "a fact with a number for each name"),
        ("linearizable == 'false'", "'false'", "\"yes\", \"no\", \"unknown\" or \"untested\""),
        ("linearizable > 'no'", ">", "no order"),
        ("leaders % 2 == 0", "%", "whole numbers"),
        ("sise(lag_entries) == 2", "sise", "did you mean `size`?"),
        ("leaders == null", "null", "no fact"),
        ("{1: 2} == leaders", "{", "does not belong"),
        ("leaders == 2 and quiet", "and", "written `&&`"),
        ("leaders == 2 & quiet", "&", "both hold is `&&`"),
        ("not quiet", "not", "written `!`"),
        ("quiet quiet", "quiet", "not expected"),
        ("leaders > 10x", "10x", "neither a number nor a length of time"),
        ("leaders > 10s", "10s", "goes only into functions over time"),
        ("leaders > 1e999", "1e999", "too large"),
        ("ms.p98 > 3", "p98", "did you mean `p99`?"),
        ("queued[3] > 3", "3", "queued[\"a name\"]"),
        ("leaders in [1, 'a']", "'a'", "alike"),
        ("mode in [1, 2]", "in", "a text is never in a list"),
        ("linearizable in ['yes', 'nope']", "['yes', 'nope']", "a guarantee is"),
        ("quiet ? 1 : 'a'", "'a'", "must be alike"),
        ("quiet + quiet == 2", "quiet", "a number must stand here"),
        ("mode + 1 == 'a'", "+", "a text cannot be set against a number"),
        ("has(mode)", "mode", "one number of a fact"),
        ("contains(mode, 'a')", "contains", "TEXT.contains(PART)"),
        ("mode.contains(leaders)", "leaders", "a text must stand here"),
        ("size(leaders) == 1", "leaders", "`size` does not work on a number"),
        ("lag_entries.exist(n, lag_entries[n] > 3)", "exist", "did you mean `exists`?"),
        ("lag_entries.exists(true, true)", "true", "not expected"),
        ("lag_entries.all(n, 1)", "1", "true or false must stand here"),
        ("leaders in mode", "in", "wants a list"),
        ("lag_entries.map(n, n)", "lag_entries.map(n, n)", "this is a list"),
        ("leaders.all(n, true)", "all", "a loop goes over"),
        ("lag_entries.all(a, lag_entries.all(b, lag_entries.all(c, true)))", "all", "at most 2 deep"),
    ] {
        let errors = read(text).expect_err(text);
        let bad = &errors[0];
        assert_eq!(&text[bad.offset..bad.offset + bad.length], word, "{text}: {errors:?}");
        assert!(bad.message.contains(part), "{text}: {errors:?}");
    }
    let errors = read("leeders > 1 && lag_m > 2 && mode == 3").expect_err("three");
    assert_eq!(errors.iter().map(|e| e.offset).collect::<Vec<_>>(), [0, 15, 33]);
}

#[test]
fn what_a_condition_speaks_of_is_told() {
    let condition = compiled("leaders >= 2 && lag_entries.n2 > 1 && lag_entries.n1 > 1 && linearizable == 'no' && quiet");
    let now = "leaders = 2, lag_entries.n2 = 3, lag_entries.n1 = none, linearizable = no, quiet = true";
    assert_eq!(condition.explain(&facts()), now);
    assert_eq!(condition.names().collect::<Vec<_>>(), ["leaders", "lag_entries", "linearizable", "quiet"]);
    assert_eq!(condition.nodes().map(|key| key.name.as_str()).collect::<Vec<_>>(), ["n2", "n1"]);
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
        assert!(read(&text).is_err());
    }
    let sums = format!("leaders > {}1", "1 + ".repeat(400));
    let _ = read(&sums);
    assert!(read(&"x".repeat(5000)).is_err());
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
        let errors = read(&text).expect_err(&text);
        assert!(errors[0].message.contains("50000 are the most"), "{errors:?}");
    }
    let all = "lag_entries.all(a, lag_entries.exists(b, lag_entries[a] + lag_entries[b] >= 0 && a != b && leaders > 0))";
    for text in [all, &format!("{doubling}.size() == 1"), "lag_entries.map(n, lag_entries[n]).exists(x, x > 2)"] {
        compiled(text);
    }
}

fn check_any(text: &str) -> Result<(), TestCaseError> {
    match read(text) {
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
        prop_oneof!["leaders|quiet|mode|lag_entries|queued|ms|linearizable|n2|p99|x", "[0-9]{1,20}(u|s|ms|\\.5|e9)?", "'[a-z]{0,2}'|\"n2\"|b'a'|r'\\\\'|null|true",
            ">|>=|==|!=|&&|\\|\\||!|-|\\+|\\*|/|%|\\?|:|in|\\.", "\\(|\\)|\\[|\\]|\\{|\\}|,|size\\(|max_over\\(|at\\(|\\.all\\(|\\.map\\(|has\\(|int\\("], 1..12)) {
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

#[test]
fn every_phrase_of_the_table_is_understood() {
    for phrase in table::PHRASES.iter().flat_map(|(_, phrases)| *phrases) {
        read(phrase.example).unwrap_or_else(|errors| panic!("{}: {errors:?}", phrase.example));
        let is_call = phrase.form.contains('(') && !phrase.form.starts_with('!');
        let (form, name) = (phrase.form, phrase.function());
        assert!(!is_call || phrase.example.contains(&format!("{name}(")), "{form}");
    }
}

#[test]
fn functions_over_time_ask_for_what_they_need() {
    let condition = read("max_over(lag_ms, 10s) < 50 && at(queued['orders-2'], 250ms) > 3 && max_over(lag_ms, 10s) > 5").unwrap();
    let asked: Vec<String> = condition.spans().iter().map(ToString::to_string).collect();
    assert_eq!(asked, ["max_over(lag_ms, 10s)", "at(queued[\"orders-2\"], 250ms)"]);
    assert_eq!(condition.names().collect::<Vec<_>>(), ["lag_ms", "queued"]);
    let mut facts = facts();
    facts.put_over(condition.spans()[0].clone(), Some(20.0));
    assert_eq!(condition.holds(&facts), Ok(false), "what is not known is not there");
    facts.put_over(condition.spans()[1].clone(), Some(4.0));
    assert_eq!(condition.holds(&facts), Ok(true));
    let now = "queued[\"orders-2\"] = 4, max_over(lag_ms, 10s) = 20.0, at(queued[\"orders-2\"], 250ms) = 4.0";
    assert_eq!(condition.explain(&facts), now);
    assert_eq!(condition.spans()[0], Over { how: How::Max, fact: "lag_ms", key: None, span: Span::s(10) });
}

#[test]
fn functions_over_time_want_a_fact_with_a_series_and_a_length_of_time() {
    for (text, word, part) in [
        ("max_over(leaders, 10s) > 1", "leaders", "has no series; those that have one: lag_ms, lag_entries, queued"),
        ("setting.stile == 'calm'", "setting.stile", "did you mean `style`?"),
        ("setting.try-timeot < 1s && quiet", "setting.try-timeot", "did you mean `try-timeout`?"),
        ("setting.style == 'clam'", "'clam'", "did you mean `calm`?"),
        ("setting.style in ['calm', 'mild']", "['calm', 'mild']", "not `mild`"),
        ("setting.patience > 200", ">", "a length of time cannot be set against a number"),
        ("setting.patience == 'calm'", "==", "cannot be set against a text"),
        ("lag_ms > 200ms", "200ms", "or beside a setting"),
        ("200ms + 300ms > 1", "200ms", "a number must stand here"),
        ("setting.patience + 5ms > 1s", "setting.patience", "a number must stand here"),
        ("setting.limit", "setting.limit", "a condition is true or false"),
        ("has(setting.nothing)", "setting.nothing", "is no setting"),
        ("max_over(leeders, 10s) > 1", "leeders", "did you mean `leaders`?"),
        ("max_over(mode, 10s) > 1", "mode", "is no number"),
        ("max_over(lag_entries, 10s) > 1", "lag_entries", "say which, as in `lag_entries.n2`"),
        ("max_over(lag_ms.n2, 10s) > 1", "lag_ms", "has no names"),
        ("max_over(lag_entries.m2, 10s) > 1", "m2", "is no node"),
        ("max_over(lag_ms, 10) > 1", "10", "with its unit"),
        ("max_over(lag_ms, 0s) > 1", "0s", "more than nothing"),
        ("max_over(lag_ms) > 1", "lag_ms)", "`max_over(lag_ms, 10s)`"),
        ("max_over(lag_ms + 1, 10s) > 1", "lag_ms +", "a length of time is missing"),
        ("lag_ms.max_over(10s) > 1", "max_over", "max_over(FACT, SPAN)"),
        ("max_ovr(lag_ms, 10s) > 1", "max_ovr", "did you mean `max_over`?"),
    ] {
        let errors = read(text).expect_err(text);
        let bad = &errors[0];
        assert_eq!(&text[bad.offset..bad.offset + bad.length], word, "{text}: {errors:?}");
        assert!(bad.message.contains(part), "{text}: {errors:?}");
    }
    let none = Terms { facts: &DOCS, guarantees: &[], settings: &[], series: &[], formulas: false };
    assert!(Condition::read("max_over(lag_ms, 1s) > 1", &none).unwrap_err()[0].message.contains("no fact here has one"));
    assert!(Condition::read("linearizable == 'no'", &none).unwrap_err()[0].message.contains("no fact and no guarantee"));
}

#[test]
fn a_loop_over_very_many_names_is_given_up() {
    let mut many = facts();
    many.clear();
    many.put("queued", FactValue::Named((0..1_000).map(|i| (format!("q{i}"), 1.0)).collect()));
    let nested = compiled("queued.all(a, queued.all(b, queued[a] == queued[b]))");
    assert!(nested.holds(&many).unwrap_err().contains("turns of its loops"));
    assert_eq!(compiled("queued.all(a, queued[a] == 1)").holds(&many), Ok(true));
}

#[test]
fn long_chains_are_one_level() {
    let many = |sign: &str, part: &str| vec![part; 200].join(sign);
    for text in [many(" && ", "quiet"), many(" || ", "quiet"), format!("{} > 1", many(" + ", "1")), format!("{} != ''", many("+", "'a'"))] {
        assert_eq!(compiled(&text).holds(&facts()), Ok(true), "{text}");
    }
    for text in [many(" == ", "quiet"), format!("[1]{}.size() == 1", ".filter(x, true)".repeat(100))] {
        let errors = read(&text).expect_err(&text);
        assert!(errors[0].message.contains("too deeply") || errors[0].message.contains("steps"), "{errors:?}");
    }
}

#[test]
fn the_nearer_the_less_is_missing() {
    let far = |text: &str| compiled(text).distance(&facts());
    for held in ["leaders >= 2", "quiet && acked_lost == 0", "leaders == 9 || quiet", "mode == 'async'"] {
        assert!(far(held).abs() < 1e-12, "{held}");
    }
    for (nearer, farther) in [
        ("leaders >= 3", "leaders >= 4"),
        ("leaders > 2", "leaders > 3"),
        ("lag_ms > 8", "lag_ms > 9"),
        ("leaders >= 3", "leaders >= 3 && !quiet"),
        ("leaders >= 9 || lag_ms > 8", "leaders >= 9"),
        ("acked_lost >= 1", "acked_lost >= 1 && mode == 'sync'"),
    ] {
        assert!(0.0 < far(nearer) && far(nearer) < far(farther), "{nearer}: {}, {farther}: {}", far(nearer), far(farther));
    }
    assert!((far("lag_entries.n9 > 3") - 1.0).abs() < 1e-12, "what is not there counts whole");
}

#[test]
fn settings_are_explained_as_they_are_written() {
    let condition = compiled("leaders == 2 && setting.try-timeout < 2ms && setting.try-timeout > 1ms && setting.limit == 3");
    assert_eq!(condition.explain(&facts()), "leaders = 2, setting.try-timeout = 1500us, setting.limit = none");
    assert!(condition.settings().eq(["try-timeout", "limit"]));
}

/// Every setting of every model, as it is unless said otherwise, can be named in a condition that then holds.
#[test]
fn every_setting_of_every_model_can_be_named() {
    for model in registry::MODELS {
        let scenario = Scenario::of(model.name);
        let run = crate::timeline::Timeline::new(scenario.clone()).unwrap_or_else(|bad| panic!("{bad:?}"));
        let now = run.cluster().settings();
        for doc in model.settings {
            let value = &now.iter().find(|(name, _)| *name == doc.name).expect(doc.name).1;
            let test = match doc.kind {
                SettingKind::Number | SettingKind::Span if value == "none" => format!("!has(setting.{})", doc.name),
                SettingKind::Number | SettingKind::Span => format!("setting.{} == {value}", doc.name),
                SettingKind::Word | SettingKind::Text => format!("setting.{} == {value:?}", doc.name),
            };
            let read = Condition::about(&test, &scenario).unwrap_or_else(|bad| panic!("{}: {test}: {bad:?}", model.name));
            assert_eq!(read.holds_in(run.cluster()), Ok(true), "{}: {test}", model.name);
        }
    }
}
