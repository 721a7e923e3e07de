//! JSON lines: `{"process": 0, "type": "invoke", "f": "put", "key": "x", "value": "y"}`.

use serde_json::Value as Json;

use super::datum::{Datum, Fields, Line, line_of};

/// Reads a line; `None` for the nemesis.
pub(super) fn line(text: &str) -> Result<Option<Line>, String> {
    match serde_json::from_str(text) {
        Ok(Json::Object(map)) => {
            let fields: Fields = map.into_iter().map(|(name, value)| (name, datum(&value))).collect();
            line_of(&fields)
        }
        Ok(_) => {
            Err("this is no object; one object a line, like {\"process\": 0, \"type\": \"invoke\", \"f\": \"read\", \"value\": null}"
                .into())
        }
        Err(error) => Err(format!("this is no JSON object: {error}")),
    }
}

fn datum(value: &Json) -> Datum {
    match value {
        Json::Null => Datum::Nil,
        Json::Number(n) => n.as_i64().map_or_else(|| Datum::Other(n.to_string()), Datum::Int),
        Json::String(text) => Datum::Text(text.clone()),
        Json::Array(items) => Datum::List(items.iter().map(datum).collect()),
        other => Datum::Other(other.to_string()),
    }
}
