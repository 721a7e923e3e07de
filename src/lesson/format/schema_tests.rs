//! Every lesson that comes with the program is one by its schema: what an editor underlines is a mistake.

use serde_json::Value;

use super::json::schema;

/// What does not fit, by a reading of the parts of JSON Schema that [`schema`] is made of.
fn misfits(root: &Value, rule: &Value, value: &Value, place: &str, out: &mut Vec<String>) {
    let fits = |rule: &Value| {
        let mut below = Vec::new();
        misfits(root, rule, value, place, &mut below);
        below.is_empty()
    };
    for (word, wanted) in rule.as_object().expect("a rule is an object") {
        let is_kept = match (word.as_str(), wanted) {
            ("$ref", Value::String(name)) => {
                let rule = root.pointer(name.trim_start_matches('#')).unwrap_or_else(|| panic!("no {name}"));
                return misfits(root, rule, value, place, out);
            }
            ("oneOf", Value::Array(rules)) => rules.iter().filter(|rule| fits(rule)).count() == 1,
            ("anyOf", Value::Array(rules)) => rules.iter().any(fits),
            ("allOf", Value::Array(rules)) => rules.iter().all(fits),
            ("type", Value::String(name)) => is_a(value, name),
            ("type", Value::Array(names)) => names.iter().any(|name| is_a(value, name.as_str().unwrap_or_default())),
            ("enum", Value::Array(values)) => values.contains(value),
            ("const", only) => only == value,
            ("required", Value::Array(keys)) => keys.iter().all(|key| value.get(key.as_str().unwrap_or_default()).is_some()),
            ("minimum", least) => value.as_f64() >= least.as_f64(),
            ("maximum", most) => value.as_f64() <= most.as_f64(),
            ("minItems", least) => value.as_array().map(Vec::len) >= least.as_u64().map(|n| n as usize),
            ("maxItems", most) => value.as_array().map(Vec::len) <= most.as_u64().map(|n| n as usize),
            ("items", rule) => {
                for (i, item) in value.as_array().into_iter().flatten().enumerate() {
                    misfits(root, rule, item, &format!("{place}[{i}]"), out);
                }
                true
            }
            ("additionalProperties", other) => {
                let known = rule.get("properties");
                for (key, below) in value.as_object().into_iter().flatten() {
                    match known.and_then(|known| known.get(key)).or_else(|| other.is_object().then_some(other)) {
                        Some(rule) => misfits(root, rule, below, &format!("{place}.{key}"), out),
                        None => out.push(format!("{place}: `{key}` is not known")),
                    }
                }
                true
            }
            ("pattern", Value::String(_)) => value.is_string(),
            ("properties" | "definitions" | "description" | "title" | "$schema", _) => true,
            (word, _) => panic!("the schema has `{word}`, which this does not know"),
        };
        if !is_kept {
            out.push(format!("{place}: `{word}` is not kept"));
        }
    }
}

fn is_a(value: &Value, name: &str) -> bool {
    match name {
        "string" => value.is_string(),
        "number" => value.is_number(),
        "integer" => value.is_i64() || value.is_u64(),
        "boolean" => value.is_boolean(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => panic!("no type is called {name}"),
    }
}

#[test]
fn every_lesson_is_one_by_the_schema() {
    let (root, mut wrong, mut count) = (schema(), Vec::new(), 0);
    for (path, text) in crate::lesson::catalogue::EMBEDDED.iter().filter(|(_, text)| text.contains("[[step]]")) {
        let value: Value = toml::from_str(text).expect("a shipped lesson is TOML");
        misfits(&root, &root, &value, path, &mut wrong);
        count += 1;
    }
    assert!(count >= 60, "{count}");
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn what_no_lesson_has_is_refused() {
    let root = schema();
    for bad in ["titel = \"x\"", "[[drill]]\nkind = \"clinic\"\noptionz = []", "[[step]]\nkind = \"say\"\nsolution = []"] {
        let mut wrong = Vec::new();
        misfits(&root, &root, &toml::from_str(bad).expect("TOML"), "x", &mut wrong);
        assert!(wrong.iter().any(|line| !line.contains("required")), "{bad}: {wrong:?}");
    }
}
