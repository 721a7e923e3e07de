use std::sync::Arc;

use super::plan::{Step, error};
use super::*;
use proptest::prelude::*;

fn plan(text: &str) -> Plan {
    Plan::of(&Query::read(text).unwrap_or_else(|bad| panic!("{text}: {bad}"))).unwrap_or_else(|bad| panic!("{text}: {bad}"))
}

/// Queries and rows of a database.
fn reads(text: &str, mode: Mode) -> (u64, u64) {
    let mut run = Run::new(Arc::new(plan(text)), mode, []);
    let (mut queries, mut rows) = (0, 0);
    while let Some(fetch) = run.take() {
        (queries, rows) = (queries + 1, rows + fetch.rows);
        run.done(&fetch);
    }
    assert!(run.is_over());
    (queries, rows)
}

#[test]
fn a_query_reads_as_it_is_written() {
    let text = "{ customer(id: 7) { name a: orders(first: 3) { total } } }";
    assert_eq!(Query::read(text).map(|query| query.to_string()), Ok(text.to_string()));
    let loose = "query home {customer(id:7){name,a:orders(first:3){total}}} # a comment";
    assert_eq!(Query::read(loose), Query::read(text));
}

#[test]
fn what_is_wrong_is_said() {
    let said = |text: &str| match Query::read(text) {
        Ok(query) => Plan::of(&query).expect_err(text).to_string(),
        Err(bad) => bad.to_string(),
    };
    for (text, says) in [
        ("", "a `{` is missing before the fields (at 0)"),
        ("{ }", "braces name at least one field"),
        ("{ customer { name }", "the name of a field, or `}`, is missing"),
        ("{ customer { name } } x", "the query has ended before `x`"),
        ("{ customer { nam } }", "Customer has no field `nam`; it has id, name,"),
        ("{ customer { nam } }", "orders; did you mean `name`?"),
        ("{ customer }", "`customer` leads to a Customer; say what of it: `customer { id name email phone }`"),
        ("{ customer { name { x } } }", "`name` is a plain value"),
        ("{ customer(first: 3) { name } }", "`customer` takes `id`"),
        ("{ orders(first: 0) { total } }", "`orders` takes `first`, a number from 1 to 1000"),
        ("{ orders(first: -1) { total } }", "a value is a whole number"),
        ("{ orders(first: 3) { book(id: 1) { title } } }", "`book` takes no arguments"),
        ("{ customer { name name } }", "`name` stands twice here; GraphQL would make one of them"),
        ("{ orders(first: 3, first: 5) { total } }", "the argument `first` stands twice"),
        ("{ customer { ...f } }", "fragments are not known here"),
        ("{ customer(id: \"x) { name } }", "a text ends with `\"`"),
    ] {
        assert!(said(text).contains(says), "{text}: {}", said(text));
    }
    let deep = "{ customer { orders ".repeat(40);
    assert!(said(&deep).contains("nests at most 30 deep"));
}

#[test]
fn one_and_n_queries_or_two() {
    for n in [1, 5, 20, 100] {
        let text = format!("{{ orders(first: {n}) {{ customer {{ name }} }} }}");
        assert_eq!(reads(&text, Mode::Plain), (1 + n, 2 * n), "{n}");
        assert_eq!(reads(&text, Mode::Batched), (2, 2 * n), "{n}");
    }
}

#[test]
fn a_level_more_is_a_query_more_or_n_times_as_many() {
    let text = "{ books(first: 4) { reviews(first: 4) { customer { orders(first: 4) { total } } } } }";
    assert_eq!(reads(text, Mode::Plain).0, 1 + 4 + 16 + 16);
    assert_eq!(reads(text, Mode::Batched).0, 4);
}

#[test]
fn a_loader_asks_for_nothing_twice_in_one_request() {
    // All orders of a customer are of that customer.
    let text = "{ customer { orders(first: 5) { customer { name } } } }";
    assert_eq!(reads(text, Mode::Plain), (1 + 1 + 5, 1 + 5 + 5));
    assert_eq!(reads(text, Mode::Batched), (2, 6));
    let known = Run::new(Arc::new(plan(text)), Mode::Batched, [(Type::Customer, 1)]).take().expect("the orders");
    assert!(!known.by_id && known.keys == [1], "what was known before is not read at all");
}

#[test]
fn resources_are_asked_one_by_one_and_no_address_twice() {
    let text = "{ customer { name orders(first: 3) { total book { title } } } }";
    assert_eq!(reads(text, Mode::Resources).0, 1 + 1 + 3);
    assert_eq!(reads("{ customer { orders(first: 5) { customer { name } } } }", Mode::Resources).0, 2);
}

#[test]
fn depth_is_bounded_and_width_is_not() {
    let wide: Vec<String> = (0..10).map(|n| format!("a{n}: orders(first: 100) {{ book {{ reviews(first: 100) {{ stars }} }} }}")).collect();
    let wide = plan(&format!("{{ {} }}", wide.join(" ")));
    assert_eq!((wide.depth(), wide.cost()), (4, 10 * (100 + 100 + 10_000)));
    assert_eq!(plan("{ customer { name } }").depth(), 2);
    assert_eq!(plan("{ customer { orders { book { author { name } } } } }").cost(), 1 + 10 + 10 + 10);
}

/// The answer as JSON, with values of the length that the schema states; what failed in it is added to `errors`.
fn render(plan: &Plan, number: usize, null: Null<'_>, path: &[Step], errors: &mut Vec<String>) -> Option<String> {
    let node = &plan.nodes[number];
    let (mut fields, mut is_null) = (Vec::new(), false);
    let to = |key: &str| [path, &[Step::Key(key.to_string())]].concat();
    for (key, scalar) in &node.scalars {
        let fails = null.field == Some(scalar.name);
        if fails {
            errors.push(error(scalar.name, &to(key)));
            is_null |= null.climbs;
        }
        fields.push(format!("\"{key}\":{}", if fails { "null".to_string() } else { "1".repeat(scalar.bytes as usize) }));
    }
    for child in &node.children {
        let (inner, field) = (&plan.nodes[*child], plan.nodes[*child].field.expect("a field"));
        let fails = null.field == Some(field.name);
        if fails {
            errors.push(error(field.name, &to(&inner.key)));
            is_null |= null.climbs;
        }
        let mut one = |path: &[Step]| render(plan, *child, null, path, errors).unwrap_or("null".into());
        let value = match (fails, field.many) {
            (true, _) => "null".to_string(),
            (false, true) => {
                let all = (0..inner.first).map(|place| one(&[&to(&inner.key)[..], &[Step::Place(place)]].concat()));
                format!("[{}]", all.collect::<Vec<String>>().join(","))
            }
            (false, false) => one(&to(&inner.key)),
        };
        fields.push(format!("\"{}\":{value}", inner.key));
    }
    (!is_null).then(|| format!("{{{}}}", fields.join(",")))
}

#[test]
fn an_answer_is_as_long_as_its_json() {
    let text = "{ customer { name t: email orders(first: 12) { total b: book { title reviews(first: 2) { text } } } } }";
    let plan = plan(text);
    for (field, climbs, errors) in
        [(None, false, 0), (Some("reviews"), false, 12), (Some("reviews"), true, 12), (Some("email"), false, 1), (Some("text"), true, 24)]
    {
        let null = Null { field, climbs };
        let mut all = Vec::new();
        let data = render(&plan, 0, null, &[], &mut all).unwrap_or("null".into());
        assert_eq!(all.len(), errors, "{field:?}");
        let list = all.join(",");
        let text = if errors == 0 { format!("{{\"data\":{data}}}") } else { format!("{{\"data\":{data},\"errors\":[{list}]}}") };
        let parsed: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        assert!(parsed.is_object());
        assert_eq!(plan.answer(null), (text.len() as u64, errors as u64), "{field:?}");
    }
}

/// GraphQL, section 7.1.2: the path of an error goes from the root, by response keys and places in lists from 0.
#[test]
fn an_error_says_where_it_is() {
    let path = [Step::Key("customer".into()), Step::Key("orders".into()), Step::Place(10), Step::Key("b".into())];
    assert_eq!(error("book", &path), r#"{"message":"book is not available","path":["customer","orders",10,"b"]}"#);
}

#[test]
fn a_resource_brings_what_nobody_asked_for() {
    let few = plan("{ customer { name email } }");
    let all: Vec<&str> = Type::Customer.scalars().iter().map(|scalar| scalar.name).collect();
    let all = plan(&format!("{{ customer {{ {} }} }}", all.join(" ")));
    assert_eq!(few.resource(1), all.resource(1));
    let wrap = "{\"data\":{\"customer\":}}".len() as u64;
    assert_eq!(all.answer(Null::default()).0, all.resource(1) + wrap, "who wants all saves nothing");
    assert!(few.answer(Null::default()).0 * 4 < few.resource(1));
}

proptest! {
    #[test]
    fn reading_never_panics_and_reads_back(text in "[{}() a-c:,\"#0-9\n]{0,60}") {
        if let Ok(query) = Query::read(&text) {
            prop_assert_eq!(Query::read(&query.to_string()), Ok(query));
        }
    }

    #[test]
    fn a_batched_query_reads_once_for_each_place(a in 1u32..30, b in 1u32..30) {
        let text = format!("{{ books(first: {a}) {{ title reviews(first: {b}) {{ customer {{ name }} }} author {{ name }} }} }}");
        let (queries, rows) = reads(&text, Mode::Batched);
        prop_assert_eq!(queries, 4);
        prop_assert!(rows <= plan(&text).cost());
        prop_assert_eq!(reads(&text, Mode::Plain), (u64::from(1 + 2 * a + a * b), plan(&text).cost()));
    }
}
