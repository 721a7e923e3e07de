use super::*;
use crate::check::operation::{Op, Outcome, Ret, Value};

fn options() -> Options {
    Options { file: PathBuf::new(), model: None, failed_cas: FailedCas::Failed, initial: None, budget: BUDGET, json: false }
}

fn parsed(text: &str) -> Result<History, Vec<Mistake>> {
    parse(text.as_bytes(), &options())
}

pub(super) fn read(text: &str) -> History {
    parsed(text).unwrap_or_else(|bad| panic!("{bad:?}\n{text}"))
}

fn wrong(text: &str) -> String {
    let bad = parsed(text).unwrap_err();
    bad.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

fn judged(text: &str, json: bool) -> String {
    let dir = std::env::temp_dir().join(format!("splitbrain-history-{}-{}", std::process::id(), text.len()));
    std::fs::write(&dir, text).unwrap();
    let mut out = Vec::new();
    let result = run(&Options { file: dir.clone(), json, ..options() }, &mut out);
    std::fs::remove_file(&dir).unwrap();
    result.unwrap();
    String::from_utf8(out).unwrap()
}

const LOG: &str = "\u{feff}INFO  jepsen.core - Worker 0 starting\r
INFO  jepsen.util - 0\t:invoke\t:read\tnil\r
INFO  jepsen.util - 1\t:invoke\t:write\t3\r
INFO  jepsen.util - :nemesis\t:info\t:start\tnil\r
WARN  jepsen.core - Process 7 crashed\r
java.net.SocketTimeoutException: Read timed out\r
\tat clojure.lang.AFn.run(AFn.java:22)\r
\r
INFO  jepsen.util - 0\t:ok\t:read\tnil\r
INFO  jepsen.util - 1\t:ok\t:write\t3\r
INFO  jepsen.util - 0\t:invoke\t:cas\t[3 4]\r
INFO  jepsen.util - 0\t:fail\t:cas\t[3 4]\r
INFO  jepsen.util - 1\t:invoke\t:cas\t[3 5]\r
INFO  jepsen.util - 1\t:info\t:cas\t:timed-out\r
INFO  jepsen.util - 1 :invoke :read nil\r
INFO  jepsen.util - 1 :fail :read :timed-out\r
INFO  jepsen.util - 2\t:invoke\t:write\t1\r
";

#[test]
fn a_jepsen_log_is_read_among_other_lines() {
    let history = read(LOG);
    assert_eq!(history.model, Model::Register);
    assert_eq!(history.names, ["process 0", "process 1", "process 2"]);
    let outcomes: Vec<_> = history.operations.iter().map(|o| (o.call, o.ret, o.outcome.clone())).collect();
    let expected = [
        (1, Some(3), Outcome::Ok(Ret::Value(None))),
        (2, Some(4), Outcome::Ok(Ret::Done)),
        (5, Some(6), Outcome::Failed),
        (7, None, Outcome::Unknown),
        (9, Some(10), Outcome::Failed),
        (11, None, Outcome::Unknown),
    ];
    assert_eq!(outcomes, expected);
    let lines: Vec<usize> = history.places.iter().map(|p| p.line).collect();
    assert_eq!(lines, [2, 3, 9, 10, 11, 12, 13, 14, 15, 16, 17]);
}

#[test]
fn edn_and_json_say_the_same() {
    let edn = "; a comment\n{:process 0, :type :invoke, :f :put, :key \"x\", :value \"a \\\"b\\\"\"}\n\
        {:index 1 :time 12.5 :type :info :process :nemesis :f :kill :value {\"n1\" :killed}}\n\
        {:value nil, :f :put :type :ok :process 0 :key \"x\"}\n\
        #jepsen.history.Op{:process 3, :type :invoke, :f :get, :key \"x\", :value nil, :time 3}\n\
        {:process 3, :type :ok, :f :get, :key \"x\", :value \"a \\\"b\\\"\"}\n";
    let json = "\n{\"process\": 0, \"type\": \"invoke\", \"f\": \"put\", \"key\": \"x\", \"value\": \"a \\\"b\\\"\"}\n\
        {\"process\": \"nemesis\", \"type\": \"info\", \"f\": \"kill\", \"value\": {\"n1\": 1}}\n\
        {\"process\": 0, \"type\": \"ok\", \"f\": \"put\", \"key\": \"x\"}\n\
        {\"process\": 3, \"type\": \":invoke\", \"f\": \":get\", \"key\": \"x\", \"value\": null, \"time\": 3}\n\
        {\"process\": 3, \"type\": \"ok\", \"f\": \"get\", \"key\": \"x\", \"value\": \"a \\\"b\\\"\"}\n";
    assert_eq!(read(edn).operations, read(json).operations);
    assert_eq!(read(edn).operations[0].op, Op::Write { key: "x".into(), value: Value::from("a \"b\"") });
    let registers = "{:process 0 :type :invoke :f :cas :value [nil 2]}\n{:process 0 :type :ok :f :cas :value [nil 2]}\n";
    let as_json = "{\"process\":0,\"type\":\"invoke\",\"f\":\"cas\",\"value\":[null,2]}\n{\"process\":0,\"type\":\"ok\",\"f\":\"cas\"}\n";
    assert_eq!(read(registers).operations, read(as_json).operations);
}

#[test]
fn an_untouched_key_is_empty_or_nil() {
    let history = |seen: &str| {
        format!(
            "{{:process 0, :type :invoke, :f :get, :key \"x\", :value nil}}\n{{:process 0, :type :ok, :f :get, :key \"x\", :value {seen}}}\n"
        )
    };
    for seen in ["nil", "\"\""] {
        assert!(judged(&history(seen), true).starts_with("{\"linearizable\":true"), "{seen}");
    }
}

#[test]
fn every_bad_line_is_named_with_what_would_be_right() {
    let text = "INFO  jepsen.util - 0\t:invoke\t:raed\tnil
INFO  jepsen.util - 1\t:invoke\t:write
INFO  jepsen.util - x\t:invoke\t:write\t1
INFO  jepsen.util - 2\t:ok\t:write\t1
INFO  jepsen.util - 3\t:invoke\t:cas\t[1 2 3]
INFO  jepsen.util - 4\t:invoke\t:read\tnil
INFO  jepsen.util - 4\t:invoke\t:read\tnil
INFO  jepsen.util - 4\t:ok\t:write\t1
INFO  jepsen.util - 5\t:invoke\t:append\t1
INFO  jepsen.util - 6\t:done\t:read\t1
nonsense
INFO  jepsen.util - 7\t:invoke\t:write\t[1
";
    let expected = "line 1, column 21: `:raed` is no function (did you mean `read`?); there are read, write, cas, get, put, append
line 2, column 21: the line ends early; an operation has process, type, function and value, like `0 :invoke :read nil`
line 3, column 21: `x` is no process; a process is a number, as in 3
line 4, column 21: process 2 waits for nothing; an invoke must come before
line 5, column 21: `cas` needs the expected and the new value, like [1 2], not `[1 2 3]`
line 7, column 21: process 4 still waits for its operation of line 6; it must be ok, fail or info first
line 8, column 21: `write` ends what line 7 called as `read`
line 9, column 21: `append` is of the kv model, and line 4 has `write` of the register model; a file has one
line 10, column 21: `:done` is no type; there are invoke, ok, fail, info
line 12, column 21: the text ends before the `]` of this `[`";
    assert_eq!(wrong(text), expected);
    assert!(wrong("").starts_with("line 1, column 1: no operations in this file"));
    assert!(wrong("{:process 0, :type :invoke, :f :get, :value nil}").ends_with("`get` needs a key"));
    assert!(wrong("{:process 0, :type :invoke :f :put :key \"x\" :value \"a}").ends_with("this text has no closing quote"));
    assert!(wrong("{:process 0, :type :invoke :f :read} x").contains("`x` is no operation"));
    assert!(wrong("{\"process\": 0,}").contains("no JSON object"));
    assert!(wrong("[{\"process\": 0}]").contains("`type` is missing"));
    assert!(wrong("{:process 0, :type :invoke, :f :put, :key 1, :value nil}").ends_with("`put` needs a number or a text, not `nil`"));
}

/// What is wrong with a call or a return is said once, whatever follows from it.
#[test]
fn one_mistake_is_one_mistake() {
    let good = ["[0 :invoke :write 1]", "[0 :ok :write 1]", "[0 :invoke :read nil]", "[0 :ok :read 1]"];
    let calls =
        ["[0 :invoke :wriet 1]", "[0 :invoke :cas 1]", "[0 :invok :write 1]", "[0 :invoke :write", "[0 :write :invoke 1]", "{:process 0"];
    let returns = ["[0 :ok :wriet 1]", "[0 :okk :write 1]", "[0 :ok :cas [1 2]]", "[0 :ok"];
    let cases = calls.iter().flat_map(|bad| [(0, bad), (2, bad)]).chain(returns.iter().flat_map(|bad| [(1, bad), (3, bad)]));
    for (at, bad) in cases {
        let mut lines = good.map(String::from).to_vec();
        lines[at] = (*bad).into();
        let found = parsed(&lines.join("\n")).unwrap_err();
        assert_eq!(found.len(), 1, "{lines:?}: {found:?}");
        assert_eq!(found[0].place.line, at + 1, "{lines:?}: {found:?}");
    }
}

#[test]
fn many_mistakes_are_counted_and_fifty_are_shown() {
    let text = "[0 :ok :read 1]\n".repeat(8_000);
    let told = listed(Path::new("f"), &parsed(&text).unwrap_err());
    assert_eq!(told.lines().count(), 1 + LISTED + 1);
    assert!(told.ends_with("... 8000 mistakes in all"), "{}", told.lines().last().unwrap());
}

#[test]
fn entries_out_of_order_are_a_warning() {
    let entry = |index: i64, kind: &str| format!("{{:index {index} :process 0 :type :{kind} :f :read :value nil}}\n");
    let text = [entry(0, "invoke"), entry(3, "ok"), entry(1, "invoke"), entry(2, "ok")].concat();
    let warning = "line 3: index 1 comes after index 3 (and 1 more like it); the history is judged in the order of the file";
    assert_eq!(read(&text).warnings, [warning]);
    assert!(judged(&text, false).lines().nth(1).unwrap().ends_with(warning));
    assert_eq!(read(&[entry(4, "invoke"), entry(5, "ok")].concat()).warnings, [""; 0]);
}

#[test]
fn keys_and_values_are_told_apart() {
    let text = "[0 :invoke :write [1 7]] [0 :ok :write [1 7]] [1 :invoke :cas [1 [7 8]]] [1 :ok :cas [1 [7 8]]]\n\
        [2 :invoke :write [3 nil]] [2 :ok :write [3 nil]] [0 :invoke :read [1 nil]] [0 :ok :read [1 7]]";
    let report = judged(text, false);
    for part in [
        "process 0 read 1 = 7 after 1 = 8 had been acknowledged",
        "lines 1:47-1:74  process 1: cas 1 = 7 to 8, ok",
        "process 0: read 1 = 7",
    ] {
        assert!(report.contains(part), "{part}: {report}");
    }
}

#[test]
fn a_model_that_does_not_fit_is_an_error() {
    let bad = parse(LOG.as_bytes(), &Options { model: Some(Model::Kv), ..options() }).unwrap_err();
    assert_eq!(bad[0].message, "`read` is of the register model, and --model says kv");
    assert!(parse(LOG.as_bytes(), &Options { model: Some(Model::Register), ..options() }).is_ok());
    assert!(parse(&[b'{', 0xff, b'\n'], &options()).unwrap_err()[0].message.contains("UTF-8"));
}

#[test]
fn the_report_spells_out_the_witness() {
    let text = "INFO  jepsen.util - 0\t:invoke\t:write\t7
INFO  jepsen.util - 0\t:ok\t:write\t7
INFO  jepsen.util - 1\t:invoke\t:read\tnil
INFO  jepsen.util - 1\t:ok\t:read\tnil
";
    let report = judged(text, false);
    let expected = "2 operations by 2 processes on a register

✕ linearizable         no: process 1 read nothing after 7 had been acknowledged
    lines 1-2        process 0: write 7, ok
    lines 3-4        process 1: read saw nil

· sequential           untested: nothing to judge yet
";
    assert!(report.starts_with(expected), "{report}");
    let json: serde_json::Value = serde_json::from_str(&judged(text, true)).unwrap();
    assert_eq!(json["linearizable"], false);
    assert_eq!(json["sequential"], true);
    assert_eq!(json["untested"][0], "sequential");
    assert_eq!(json["convergent"], serde_json::Value::Null);
    assert_eq!(json["operations"], 2);
    assert_eq!(json["witness"]["linearizable"][1]["line"], 3);
}

/// Each of these is a history of one operation with the outcome beside it.
#[test]
fn lines_are_read_however_they_are_written() {
    let done = Outcome::Ok(Ret::Done);
    let cases = [
        ("INFO  jepsen.util - 0\t:invoke\t:write\t1\r\nINFO  jepsen.util - 0\t:ok\t:write\t1 \t \r\n\r\n", &done),
        ("INFO  jepsen.util - 0 :invoke :write 1\nINFO  jepsen.util - 0, :ok, :write, 1", &done),
        (
            "2024-05-01 12:00:00,123{GMT}\tINFO\t[jepsen worker 0] jepsen.util: 0\t:invoke\t:write\t1\n\
             2024-05-01 12:00:00,124{GMT}\tINFO\t[jepsen worker nemesis] jepsen.util: :nemesis\t:info\t:start\t[:isolated {\"n1\" #{\"n2\"}}]\n\
             2024-05-01 12:00:01,123{GMT}\tINFO\t[jepsen worker 0] jepsen.util: 0\t:ok\t:write\t1\n",
            &done,
        ),
        (
            "{:process 0 :type :invoke :f :write :value 1 :time 3 :index 0}\n{:process 0, :type :ok, :f :write, :value 1, :node \"n1\"}",
            &done,
        ),
        ("[{:process 0 :type :invoke :f :write :value 1}\n {:process 0, :type :ok, :f :write, :value 1}]", &done),
        ("[\n{:process 0 :type :invoke :f :write :value 1},\n{:process 0, :type :ok, :f :write, :value 1}\n]\n", &done),
        ("{:process 0 :type :invoke :f :write :key nil :value 1}\n{:process 0 :type :ok :f :write :key nil :value 1}", &done),
        (
            "{\"process\":0,\"type\":\"invoke\",\"f\":\"write\",\"value\":1,\"time\":7}\r\n{\"process\":0,\"type\":\"ok\",\"f\":\"write\"}",
            &done,
        ),
        ("INFO jepsen.util - 0 :invoke :write 1\nINFO jepsen.util - 0 :info :write java.io.IOException: reset [by peer", &Outcome::Unknown),
        ("INFO jepsen.util - 0 :invoke :write 1\nINFO jepsen.util - 0\t:info\t:write\t1\t:timed-out", &Outcome::Unknown),
        ("INFO jepsen.util - 0 :invoke :cas [1 2]\nINFO jepsen.util - 0 :fail :cas java.net.ConnectException: refused", &Outcome::Failed),
        (
            "{:process 0 :type :invoke :f :write :value 1}\n{:process 0 :type :info :f :write :value :timed-out :error [:http 500]}",
            &Outcome::Unknown,
        ),
        (
            "{:process 0 :type :invoke :f :read :value [7 nil]}\n{:process 0 :type :ok :f :read :value [7 5]}",
            &Outcome::Ok(Ret::Value(Some(Value::Int(5)))),
        ),
        (
            "{:process 0 :type :invoke :f :cas :value [7 [1 2]]}\n{:process 0 :type :fail :f :cas :value [7 [1 2]] :error :cas-failed}",
            &Outcome::Ok(Ret::NotSwapped),
        ),
    ];
    for (text, outcome) in cases {
        let history = read(text);
        assert_eq!(history.operations.len(), 1, "{text}");
        assert_eq!(&history.operations[0].outcome, outcome, "{text}");
        let key = if text.contains("[7") { "7" } else { "register" };
        assert_eq!(&**history.operations[0].op.key(), key, "{text}");
    }
}

proptest::proptest! {
    /// Whatever the bytes, there is a history or a list of bad lines.
    #[test]
    fn no_input_breaks_the_parser(text in "(INFO  jepsen.util - |\\{:process |\\{\"process\":|:invoke|:f |:value|\"|\\\\|[\\[\\]{}#; \t\n0-9a-z:,é]){0,60}") {
        if let Err(bad) = parsed(&text) {
            proptest::prop_assert!(!bad.is_empty());
        }
    }
}
