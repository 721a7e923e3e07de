//! Every mistake is found, at its place, with what would be right.

use proptest::prelude::*;

use super::*;
use crate::lesson::question::QuestionKind;
use crate::lesson::schema::{MarkAt, Origin, StepKind};
use crate::lesson::testing::{changed, example, example_text, read};

/// The mistakes after replacing the first `from` by `to`, without the name of the file.
fn broken(from: &str, to: &str) -> Vec<String> {
    let mistakes = read(&changed(from, to)).expect_err(to).lines();
    mistakes.iter().map(|m| m.trim_start_matches("good.toml:").to_string()).collect()
}

#[test]
fn a_whole_lesson_is_read() {
    let lesson = example();
    assert_eq!((lesson.id.as_str(), lesson.pace), ("two-leaders", Span::ms(40)));
    assert_eq!(lesson.scenario.settings, [("replication".to_string(), "async".to_string()), ("fencing".to_string(), "epochs".to_string())]);
    assert_eq!(lesson.scenario.zones.len(), 2);
    assert_eq!((lesson.corrections[0].see, lesson.corrections[1].notes.as_deref()), (2, None));
    let kinds: Vec<_> = lesson.steps.iter().map(|s| s.kind.word()).collect();
    assert_eq!(kinds, ["say", "predict", "try", "try", "compare", "measure"]);
    assert!(
        matches!(&lesson.steps[0].marks[..], [one, two] if matches!(one.when, MarkAt::After(_)) && matches!(two.when, MarkAt::When(_)))
    );
    let StepKind::Try(goal) = &lesson.steps[2].kind else { panic!("a try step") };
    assert_eq!((goal.solution.pokes(), goal.misses.len()), (1, 1));
    assert_eq!(lesson.start.lines.len(), 1);
    let StepKind::Compare(compare) = &lesson.steps[4].kind else { panic!("a compare step") };
    assert_eq!(compare.b.scenario.settings[1].1, "lease");
    let words: Vec<_> = lesson.questions.iter().map(|q| q.kind.word()).collect();
    assert_eq!(words, ["choice", "several", "number", "number", "number", "order", "recall", "predict"]);
}

#[test]
fn a_try_step_starts_fresh_and_others_go_on() {
    let lesson = example();
    assert_eq!(lesson.steps[0].origin, Origin::Here);
    assert_eq!(lesson.steps[2].origin, Origin::Fresh(lesson.scenario.clone()));
}

#[test]
fn a_number_is_accepted_within_its_tolerance() {
    let lesson = example();
    let QuestionKind::Number(number) = &lesson.questions[2].kind else { panic!("a number question") };
    assert!(number.accepts(1.5) && !number.accepts(1.6));
}

/// One mistake each: what is replaced, by what, and the line that is reported.
const BROKEN: &[(&str, &str, &str)] = &[
    ("title = \"Two", "titel = \"Two", "2:1: a lesson has no key `titel`; did you mean `title`?"),
    ("pace = \"40ms\"", "pace = \"40\"", "7:8: `40` is no length of time; write a number and a unit: 300ms, 1.5s, 20us, 2min, 1h, 30d"),
    ("pace = \"40ms\"", "pace = 40", "7:8: `pace` is a text, in quotes; this is a number"),
    ("chapter = \"replication\"", "chapter = \"replicaton\"", "4:11: there is no chapter `replicaton`; did you mean `replication`?"),
    (
        "after = [\"leader-failure\"]",
        "after = [\"leader-falure\"]",
        "5:10: there is no topic `leader-falure`; did you mean `leader-failure`?",
    ),
    ("after = [\"leader-failure\"]", "after = []", "5:9: `after` is empty; leave it out, or put something in"),
    ("id = \"two-leaders\"", "id = \"Two Leaders\"", "1:6: `Two Leaders` is no id; only lower-case letters, digits and -"),
    ("seed = 7", "model = \"replicatd\"", "there is no model `replicatd`; did you mean `replicated`?"),
    ("seed = 7", "settings = { replicaton = \"async\" }", "replicated has no setting `replicaton`; did you mean `replication`?"),
    (
        "seed = 7",
        "settings = { replication = \"asinc\" }",
        "`replication` takes async, semi-sync, sync or majority, not `asinc`; did you mean `async`?",
    ),
    ("seed = 7", "nodes = 12", "`nodes` is 1 to 9 here, not 12"),
    ("seed = 7", "nodes = \"3\"", "`nodes` is a whole number from 1 to 1000; this is a text"),
    ("seed = 7", "zones = { us = [\"m3\"] }", "`m3` is no node; servers are n1, n2, ... and clients c1, c2, ..."),
    ("scenario = \"two-places\"", "scenario = \"two-plates\"", "there is no scenario `two-plates`; did you mean `two-places`?"),
    ("scenario = \"two-places\"\n", "", "`[cluster]` needs `model`: the kind of cluster"),
    ("variant = \"leased\", holds", "variant = \"leesed\", holds", "there is no variant `leesed`; did you mean `leased`?"),
    ("[variant.leased]", "[variant.unused]\nnodes = 5\n[variant.leased]", "nothing uses the variant `unused`; leave it out"),
    ("\"script parted\"", "\"script prated\"", "there is no script `prated`; did you mean `parted`?"),
    ("parted = [\"cut", "parted = [\"script parted\", \"cut", "the script `parted` uses itself"),
    ("kind = \"wrong\"", "kind = \"worng\"", "`kind` is not `worng`; did you mean `wrong`?"),
    ("{{detection-timeout}}", "{{detection-timout}}", "did you mean `detection-timeout`?"),
    ("{{cut n1 | n2 n3}}", "{{cutt n1 | n2 n3}}", "did you mean `cut`?"),
    ("{{key play}}", "{{key plan}}", "there is no key `plan`; there are play, next, "),
    ("never hears of it**.", "never hears of it**: {{fact acked}}.", "`{{fact acked}}` makes sense only beside a cluster"),
    ("chart = [\"leaders\"]", "chart = [\"leadrs\"]", "replicated has no fact `leadrs`; did you mean `leaders`?"),
    ("chart = [\"leaders\"]", "chart = [\"acked_lost\"]", "`acked_lost` has no series to chart; those that have one: lag_ms_max, "),
    ("show = [\"n1\", ", "show = [\"n7\", ", "there is no node `n7`"),
    (
        "then = [\"cut n1 | n2 n3\", \"run 2s\"]",
        "then = [\"cut n1 | n2 n3\", \"until 'leaders >= 2'\"]",
        "the run would contain its own answer",
    ),
    ("when = \"nodes_up < 3\", say", "say", "`when` and `say` belong together"),
    (
        "right = true, see = \"leaders >= 2\"",
        "right = true, belief = \"m1\", see = \"leaders >= 2\"",
        "the right answer is no misconception",
    ),
    (
        "over = { detection-timeout = [\"300ms\", \"1s\"] }",
        "over = { detection-timeout = [\"300ms\"] }",
        "is a list of 2 to 12 texts or numbers",
    ),
    ("gap[\"epochs, 1s\"]", "gap[\"epochs, 2s\"]", "there is no row `epochs, 2s`"),
    ("fact = \"unavailable_ms\", unit", "unit", "a column shows either a `fact` or a `share`"),
    ("between = [300.0, 700.0]", "between = [700.0, 300.0]", "`between` is two numbers, the lower one first"),
    ("\"run {{servers}}s\"", "\"run {{server}}s\"", "nothing says what `server` stands for here; did you mean `servers`?"),
    ("answer = [2, 4]", "answer = [2, 4, 6]", "a list of answers has one number for each value of `vary`"),
    ("id = \"log\"\n", "", "a say step needs `id`: its name in this lesson"),
    ("kind = \"say\"", "kind = \"sya\"", "`kind` is not `sya`; did you mean `say`?"),
    ("kind = \"order\"", "kind = \"ordr\"", "`kind` is not `ordr`; did you mean `order`?"),
    ("see = \"make-two\"", "see = \"make-tow\"", "there is no step `make-tow`; did you mean `make-two`?"),
    ("{ after = \"500ms\", text", "{ text", "a mark needs either `after` (a time since the step began) or `when` (a condition)"),
    ("right = true, see = \"leaders >= 2\"", "see = \"leaders >= 2\"", "0 options are right; mark exactly one with `right = true`"),
    (
        "right = true, see = \"leaders >= 2\"",
        "right = true",
        "the right answer of a prediction needs `see`: a condition that holds after the run",
    ),
    ("right = true, see = \"leaders >= 2\"", "right = \"yes\"", "`right` is true or false, without quotes; this is a text"),
    ("why = \"n1 does not know that it was replaced.\", ", "", "an option needs `why`: why it is right, or what is wrong with it"),
    ("goal = \"leaders >= 2\"", "gaol = \"leaders >= 2\"", "a try step has no key `gaol`; did you mean `goal`?"),
    ("solution = [\"cut", "solution = [\"cutt", "did you mean `cut`?"),
    ("hints = [\"Look at n1.\", ", "hints = [", "2 hints; three: where to look, which principle, what to do next; or none"),
    ("because = \"n1 never learned of it.\"", "because = \"\"", "`because` is empty"),
    ("misses = [{ do = [\"crash n1\", \"run 2s\"] }]", "misses = [\"crash n1\"]", "a miss is a table: { key = value, ... }"),
    ("ways = [[\"cut n1 ->", "ways = [\"crash n1\", [\"cut n1 ->", "`ways` is a list of lists of commands: [[\"crash n1\", \"run 2s\"]]"),
    (
        "{ name = \"with a lease\", variant = \"leased\"",
        "{ name = \"with a lease\"",
        "the two designs are the same; give one of them other `settings`",
    ),
    ("name = \"with a lease\"", "name = \"without a lease\"", "the two designs have the same name"),
    ("What n1 calls itself.", "What {{fencing}} does.", "`{{fencing}}` would read epochs, and one of the designs here has lease"),
    (
        "if the others wait longer?",
        "if the others wait {{detection-timeout}}?",
        "`{{detection-timeout}}` would read 300 ms, and one of the designs here has 1 s",
    ),
    ("seeds = 3", "seeds = 0", "`seeds` is a whole number from 1 to 200"),
    ("holds = \"acked_lost >= 1\"\n", "", "a claim needs `holds` (true at the end), `never` (true at no moment) or `mean`"),
    ("\"run 1s\"]", "\"run 1s\", \"seed 7\"]", "a script cannot change the seed; set `seed` beside `do` or in [cluster]"),
    ("fact = \"leaders\"", "fact = \"leadrs\"", "replicated has no fact `leadrs`; did you mean `leaders`?"),
    ("fact = \"leaders\"", "fact = \"lag_ms\"", "`lag_ms` is a number for each name; say which: `lag_ms.n2`"),
    ("answer = 1\n", "answer = \"one\"\n", "`answer` is a number, without quotes; this is a text"),
    ("id = \"q-order\"", "id = \"q-number\"", "two questions have the id `q-number`"),
    (
        "step = \"make-two\"\n",
        "",
        "a choice question needs a moment that shows its answer; `step = \"...\"`, the id of a step, or `do = [...]`",
    ),
    (
        "text = \"Three nodes",
        "settings = { fencing = \"off\" }\ntext = \"Three nodes",
        "`settings` needs a fresh cluster; add from = \"fresh\", or use the command `set`",
    ),
    (
        "text = \"Three nodes",
        "from = \"there\"\ntext = \"Three nodes",
        "a step does not start from `there`; `here` goes on from the story so far, `fresh` starts a new cluster",
    ),
    ("goal = \"leaders >= 2\"", "goal = \"leeders >= 2\"", "did you mean `leaders`?"),
    ("goal = \"leaders >= 2\"", "goal = \"lag_ms.n9 > 2\"", "there is no node `n9`; the nodes are n1 to n3"),
    ("kind = \"say\"", "kind = say", "this is not TOML: "),
];

#[test]
fn every_mistake_is_found_where_it_is() {
    for (from, to, expected) in BROKEN {
        let found = broken(from, to);
        assert!(found.iter().any(|line| line.contains(expected)), "{from} -> {to}\nexpected {expected}\nfound {found:#?}");
    }
}

#[test]
fn all_mistakes_are_found_at_once() {
    let text = example_text().replace("title = ", "titel = ").replace("pace = \"40ms\"", "pace = \"40\"").replacen(
        "kind = \"try\"",
        "kind = \"tri\"",
        1,
    );
    let found = read(&text).expect_err("three mistakes and what follows from them").lines();
    for expected in ["no key `titel`", "needs `title`", "no length of time", "`kind` is not `tri`"] {
        assert!(found.iter().any(|line| line.contains(expected)), "{expected}: {found:#?}");
    }
}

#[test]
fn what_is_wrong_with_a_cluster_is_told_at_once() {
    let wrong = "seed = \"x\"\nnodes = 12\nsettings = { fencing = \"soon\", lattency = \"1ms\" }";
    let found = broken("seed = 7", wrong).join("\n");
    for part in ["`seed` is a whole number", "`nodes` is 1 to 9 here, not 12", "`fencing` takes", "no setting `lattency`"] {
        assert!(found.contains(part), "{part}: {found}");
    }
}

#[test]
fn a_chapter_of_the_programs_own_is_not_offered() {
    let found = broken("chapter = \"replication\"", "chapter = \"nowhere\"").join("\n");
    assert!(found.contains("consistency") && !found.contains("sandbox") && !found.contains("blueprint"), "{found}");
}

#[test]
fn the_first_step_is_short() {
    let found = broken("Three nodes", &"word ".repeat(41));
    assert!(found[0].contains("40 are the most; say the rest in a later step"), "{found:?}");
}

#[test]
fn an_empty_file_says_what_is_needed() {
    let found = read("").expect_err("nothing there").lines();
    for key in ["id", "title", "question", "chapter", "sources", "answer", "cluster", "step"] {
        assert!(found.iter().any(|line| line.contains(&format!("needs `{key}`"))), "{key}: {found:#?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]
    /// Cuts, copies and swaps of a good lesson are read or refused, and every mistake can be shown.
    #[test]
    fn no_text_makes_it_panic(cuts in prop::collection::vec((any::<prop::sample::Index>(), 0usize..60, any::<prop::sample::Index>(), 0u8..4), 1..6)) {
        let mut text: Vec<char> = example_text().chars().collect();
        for (at, length, other, how) in cuts {
            if text.is_empty() { break; }
            let start = at.index(text.len());
            let end = (start + length).min(text.len());
            let piece: Vec<char> = text[start..end].to_vec();
            let to = other.index(text.len());
            match how {
                0 => { text.drain(start..end); }
                1 => { text.splice(to..to, piece); }
                2 => { text.splice(start..end, "\"ü = [".chars()); }
                _ => text.swap(start, to),
            }
        }
        let text: String = text.into_iter().collect();
        if let Err(mistakes) = read(&text) {
            prop_assert!(!mistakes.is_empty() && !mistakes.to_string().is_empty());
        }
    }
}

#[test]
fn a_step_shows_only_panels_that_are_there() {
    let bad = changed("text = \"Make two nodes lead.\"", "text = \"Make two nodes lead.\"\npanel = [\"servers\"]");
    let mistakes = read(&bad).expect_err("there is no such panel").lines().join("\n");
    assert!(mistakes.contains("replicated has no panel `servers`"), "{mistakes}");
}
