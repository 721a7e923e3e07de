use super::*;
use crate::check::operation::{Op, Outcome, Ret, Value};

fn read(text: &str) -> History {
    parse(text.as_bytes(), None).unwrap()
}

fn wrong(text: &str) -> String {
    let bad = parse(text.as_bytes(), None).unwrap_err();
    bad.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

fn judged(text: &str, json: bool) -> String {
    let dir = std::env::temp_dir().join(format!("splitbrain-history-{}-{}", std::process::id(), text.len()));
    std::fs::write(&dir, text).unwrap();
    let mut out = Vec::new();
    let result = run(&dir, None, json, &mut out);
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
        (2, Some(9), Outcome::Ok(Ret::Value(None))),
        (3, Some(10), Outcome::Ok(Ret::Done)),
        (11, Some(12), Outcome::Ok(Ret::NotSwapped)),
        (13, None, Outcome::Unknown),
        (15, None, Outcome::Unknown),
        (17, None, Outcome::Unknown),
    ];
    assert_eq!(outcomes, expected);
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
    assert_eq!(read(edn), read(json));
    assert_eq!(read(edn).operations[0].op, Op::Write { key: "x".into(), value: Value::from("a \"b\"") });
    let registers = "{:process 0 :type :invoke :f :cas :value [nil 2]}\n{:process 0 :type :ok :f :cas :value [nil 2]}\n";
    let as_json = "{\"process\":0,\"type\":\"invoke\",\"f\":\"cas\",\"value\":[null,2]}\n{\"process\":0,\"type\":\"ok\",\"f\":\"cas\"}\n";
    assert_eq!(read(registers), read(as_json));
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
    let expected = "line 1: `:raed` is no function (did you mean `read`?); there are read, write, cas, get, put, append
line 2: the line ends early; an operation has process, type, function and value, like `0 :invoke :read nil`
line 3: `x` is no process; a process is a number, as in 3
line 4: process 2 waits for nothing; an invoke must come before
line 5: `cas` needs the expected and the new value, like [1 2], not `[1 2 3]`
line 7: process 4 still waits for its operation of line 6; it must be ok, fail or info first
line 8: `write` ends what line 6 called as `read`
line 9: `append` is of the kv model, and line 4 has `write` of the register model; a file has one
line 10: `:done` is no type; there are invoke, ok, fail, info
line 11: this is no line of a log; an operation is like `INFO  jepsen.util - 0 :invoke :read nil`
line 12: the line ends before its closing `]`";
    assert_eq!(wrong(text), expected);
    assert!(wrong("").starts_with("line 1: no operations in this file"));
    assert!(wrong("{:process 0, :type :invoke, :f :get, :value nil}").ends_with("`get` needs a key"));
    assert!(wrong("{:process 0, :type :invoke :f :put :key \"x\" :value \"a}").ends_with("a text has no closing quote"));
    assert!(wrong("{:process 0, :type :invoke :f :read} x").contains("one map a line"));
    assert!(wrong("{\"process\": 0,}").contains("no JSON object"));
    assert!(wrong("[{\"process\": 0}]").contains("one object a line"));
    assert!(wrong("{:process 0, :type :invoke, :f :write, :value nil}").ends_with("`write` needs a number or a text, not `nil`"));
}

#[test]
fn a_model_that_does_not_fit_is_an_error() {
    let bad = parse(LOG.as_bytes(), Some(Model::Kv)).unwrap_err();
    assert_eq!(bad[0].message, "`read` is of the register model, and --model says kv");
    assert!(parse(LOG.as_bytes(), Some(Model::Register)).is_ok());
    assert!(parse(&[b'{', 0xff, b'\n'], None).unwrap_err()[0].message.contains("UTF-8"));
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
            "{:process 0 :type :invoke :f :cas :value [7 [1 2]]}\n{:process 0 :type :fail :f :cas :value [7 [1 2]]}",
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
        if let Err(bad) = parse(text.as_bytes(), None) {
            proptest::prop_assert!(!bad.is_empty());
        }
    }
}
