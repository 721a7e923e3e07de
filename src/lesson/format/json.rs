//! The format as a JSON Schema, by which an editor completes keys and underlines mistakes.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use serde_json::{Map, Value, json};

use super::{Kind, LESSON, Table};

/// The schema of a lesson file (draft 7, which the editors know).
pub fn schema() -> Value {
    let mut tables = BTreeMap::new();
    define(&LESSON, &mut tables);
    let mut root = object(&LESSON);
    root.insert("$schema".to_string(), json!("http://json-schema.org/draft-07/schema#"));
    root.insert("title".to_string(), json!("A lesson of splitbrain"));
    root.insert("definitions".to_string(), json!(tables));
    Value::Object(root)
}

/// Collects the definitions of all tables below one.
fn define(table: &'static Table, into: &mut BTreeMap<String, Value>) {
    for key in table.all() {
        for below in below(key.kind) {
            for table in kinds_of(below) {
                if let Entry::Vacant(place) = into.entry(name(table)) {
                    place.insert(Value::Object(object(table)));
                    define(table, into);
                }
            }
        }
    }
}

/// The tables that a kind of value is made of.
fn below(kind: Kind) -> Vec<&'static Table> {
    match kind {
        Kind::One(table) | Kind::Many(table) | Kind::Named(table) => vec![table],
        Kind::Either(one, other) => [below(*one), below(*other)].concat(),
        _ => Vec::new(),
    }
}

/// A step, a question and a drill are of one of several kinds.
fn kinds_of(table: &'static Table) -> Vec<&'static Table> {
    if std::ptr::eq(table, &raw const super::STEP) {
        return vec![table, &super::SAY, &super::PREDICT, &super::TRY, &super::COMPARE, &super::MEASURE];
    }
    if std::ptr::eq(table, &raw const super::QUIZ) {
        return vec![table, &super::CHOICE, &super::SEVERAL, &super::NUMBER, &super::ORDER, &super::RECALL, &super::PREDICT_QUIZ];
    }
    if std::ptr::eq(table, &raw const super::DRILL) {
        return vec![table, &super::PREDICT_DRILL, &super::DIAGNOSE, &super::CLINIC];
    }
    vec![table]
}

fn name(table: &Table) -> String {
    table.what.trim_matches('`').replace(' ', "-")
}

fn object(table: &'static Table) -> Map<String, Value> {
    let kinds = kinds_of(table);
    if let [_, kinds @ ..] = &kinds[..]
        && !kinds.is_empty()
    {
        let refs: Vec<Value> = kinds.iter().map(|t| reference(t)).collect();
        return Map::from_iter([("oneOf".to_string(), json!(refs))]);
    }
    let properties: Map<String, Value> = table.all().map(|key| (key.name.to_string(), property(table, key))).collect();
    let required: Vec<&str> = table.all().filter(|key| key.needed).map(|key| key.name).collect();
    let mut object = Map::new();
    object.insert("type".to_string(), json!("object"));
    object.insert("additionalProperties".to_string(), json!(false));
    object.insert("properties".to_string(), Value::Object(properties));
    if !required.is_empty() {
        object.insert("required".to_string(), json!(required));
    }
    object
}

fn property(table: &Table, key: &super::Key) -> Value {
    let mut value = match key.kind {
        // Each kind of step has its own word, so that an editor knows which keys belong to it.
        Kind::Word(words) if key.name == "kind" => {
            let is_its = |word: &&&str| ["step", "question", "drill"].iter().any(|of| table.what == format!("a {word} {of}"));
            let mine: Vec<&&str> = words.iter().filter(is_its).collect();
            if mine.is_empty() { of(key.kind) } else { json!({ "const": mine[0] }) }
        }
        kind => of(kind),
    };
    if let Some(object) = value.as_object_mut() {
        object.insert("description".to_string(), json!(key.about.replace('`', "")));
    }
    value
}

fn reference(table: &Table) -> Value {
    json!({ "$ref": format!("#/definitions/{}", name(table)) })
}

fn of(kind: Kind) -> Value {
    let text = || json!({ "type": "string" });
    let list = |items: Value| json!({ "type": "array", "items": items });
    let named = |values: Value| json!({ "type": "object", "additionalProperties": values });
    let scalar = || json!({ "type": ["string", "number", "boolean"] });
    match kind {
        Kind::Text | Kind::Prose | Kind::Condition | Kind::Fact => text(),
        Kind::Id => json!({ "type": "string", "pattern": "^[a-z0-9-]+$" }),
        Kind::Length => json!({ "type": "string", "pattern": "^[0-9.]+ *(ns|us|ms|s|min|h|d)$" }),
        Kind::Script | Kind::Texts => list(text()),
        Kind::Scripts => list(list(text())),
        Kind::Interval => json!({ "type": "array", "items": { "type": "number" }, "minItems": 2, "maxItems": 2 }),
        Kind::Word(words) => json!({ "enum": words }),
        Kind::Whole(least, most) => json!({ "type": "integer", "minimum": least, "maximum": most }),
        Kind::Number => json!({ "type": "number" }),
        Kind::Flag => json!({ "type": "boolean" }),
        // An array where the reference is one of its siblings would lose its description in this draft.
        Kind::One(table) => json!({ "allOf": [reference(table)] }),
        Kind::Many(table) => list(reference(table)),
        Kind::Named(table) => named(reference(table)),
        Kind::NamedScripts | Kind::Zones => named(list(text())),
        Kind::Settings => named(scalar()),
        Kind::Values => named(list(scalar())),
        Kind::Scalars => list(scalar()),
        Kind::Either(one, other) => json!({ "anyOf": [of(*one), of(*other)] }),
    }
}
