//! One history, written in every notation that is read: whatever the notation, the same operations come out.

use proptest::prelude::*;

use super::tests::read;

/// What is done, with values that every notation can write.
#[derive(Clone, Debug)]
enum Does {
    Read(Cell),
    Write(Cell),
    Cas(Cell, Cell),
}

/// A value of a register.
#[derive(Clone, Debug, PartialEq)]
enum Cell {
    Nil,
    Int(i64),
    Bool(bool),
    Half(i32),
    Text(String),
}

impl Cell {
    /// As EDN and Jepsen's lines have it.
    fn edn(&self) -> String {
        match self {
            Cell::Nil => "nil".into(),
            other => other.json(),
        }
    }

    fn json(&self) -> String {
        match self {
            Cell::Nil => "null".into(),
            Cell::Int(n) => n.to_string(),
            Cell::Bool(truth) => truth.to_string(),
            Cell::Half(n) => format!("{n}.5"),
            Cell::Text(text) => serde_json::to_string(text).unwrap(),
        }
    }
}

/// One line of a history: process, type, function and value.
#[derive(Clone, Debug)]
struct Line {
    process: usize,
    kind: &'static str,
    does: Does,
}

impl Line {
    fn function(&self) -> &'static str {
        match self.does {
            Does::Read(_) => "read",
            Does::Write(_) => "write",
            Does::Cas(..) => "cas",
        }
    }

    fn value(&self, spelled: fn(&Cell) -> String, comma: &str) -> String {
        match &self.does {
            Does::Read(_) if self.kind != "ok" => spelled(&Cell::Nil),
            Does::Read(cell) | Does::Write(cell) => spelled(cell),
            Does::Cas(old, new) => format!("[{}{comma}{}]", spelled(old), spelled(new)),
        }
    }

    fn log(&self) -> String {
        format!("INFO  jepsen.util - {}\t:{}\t:{}\t{}", self.process, self.kind, self.function(), self.value(Cell::edn, " "))
    }

    fn vector(&self) -> String {
        format!("[{} :{} :{} {}]", self.process, self.kind, self.function(), self.value(Cell::edn, " "))
    }

    /// A map, with what stands between its fields.
    fn fields(&self, between: &str) -> String {
        let fields = [
            format!(":process {}", self.process),
            format!(":type :{}", self.kind),
            format!(":f :{}", self.function()),
            format!(":value {}", self.value(Cell::edn, " ")),
        ];
        format!("{{{}}}", fields.join(between))
    }

    fn map(&self) -> String {
        self.fields(", ")
    }

    fn json(&self) -> String {
        let value = self.value(Cell::json, ",");
        format!("{{\"process\":{},\"type\":\"{}\",\"f\":\"{}\",\"value\":{value}}}", self.process, self.kind, self.function())
    }

    fn pretty_map(&self) -> String {
        self.fields(",\n    ")
    }

    fn pretty_json(&self) -> String {
        let parsed: serde_json::Value = serde_json::from_str(&self.json()).unwrap();
        serde_json::to_string_pretty(&parsed).unwrap()
    }
}

/// All notations of a history, each with its name.
fn notations(lines: &[Line]) -> Vec<(&'static str, String)> {
    let each = |one: fn(&Line) -> String, between: &str| lines.iter().map(one).collect::<Vec<_>>().join(between);
    vec![
        ("lines of a log", each(Line::log, "\n")),
        ("a log with a prelude", format!("\nlein test jepsen.core-test\n{}\n", each(Line::log, "\r\n"))),
        ("vectors, one a line", each(Line::vector, "\n")),
        ("a vector of vectors", format!("[{}]", each(Line::vector, " "))),
        ("maps, one a line", each(Line::map, "\n")),
        ("maps in parentheses", format!("({})", each(Line::map, "\n "))),
        ("maps over several lines", format!("[{}]", each(Line::pretty_map, "\n "))),
        ("JSON, one a line", each(Line::json, "\n")),
        ("a JSON array in one line", format!("[{}]", each(Line::json, ","))),
        ("a JSON array over many lines", format!("[\n{}\n]\n", each(Line::pretty_json, ",\n"))),
    ]
}

/// What a register can be set to.
fn something() -> impl Strategy<Value = Cell> {
    prop_oneof![
        any::<i64>().prop_map(Cell::Int),
        (-3i64..4).prop_map(Cell::Int),
        any::<bool>().prop_map(Cell::Bool),
        (0..100).prop_map(Cell::Half),
        "[a-z :\\[\\]{}\"\\\\é,;#0-9]{0,8}".prop_map(Cell::Text),
    ]
}

fn cell() -> impl Strategy<Value = Cell> {
    prop_oneof![1 => Just(Cell::Nil), 5 => something()]
}

fn does() -> impl Strategy<Value = Does> {
    prop_oneof![
        cell().prop_map(Does::Read),
        something().prop_map(Does::Write),
        (cell(), something()).prop_map(|(old, new)| Does::Cas(old, new)),
    ]
}

/// Lines of three clients at a time. A client whose operation ended in doubt goes on as another process.
fn lines() -> impl Strategy<Value = Vec<Line>> {
    prop::collection::vec((0usize..3, does(), prop_oneof![4 => Just("ok"), 1 => Just("fail"), 1 => Just("info")]), 1..40).prop_map(|rows| {
        let mut open: [Option<Does>; 3] = [const { None }; 3];
        let mut process = [0, 1, 2];
        let mut lines = Vec::new();
        for (client, does, end) in rows {
            let (kind, does) = match open[client].take() {
                None => {
                    open[client] = Some(does.clone());
                    ("invoke", does)
                }
                Some(called) => (end, called),
            };
            lines.push(Line { process: process[client], kind, does });
            if kind == "info" {
                process[client] += 3;
            }
        }
        lines
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn every_notation_says_the_same(lines in lines()) {
        let mut said = notations(&lines).into_iter().map(|(name, text)| (name, read(&text)));
        let (first, expected) = said.next().unwrap();
        prop_assert_eq!(expected.operations.len(), lines.iter().filter(|l| l.kind == "invoke").count());
        for (name, history) in said {
            prop_assert_eq!(&expected.operations, &history.operations, "{} and {}", first, name);
            prop_assert_eq!(&expected.names, &history.names, "{} and {}", first, name);
        }
    }
}
