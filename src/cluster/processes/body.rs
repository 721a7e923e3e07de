//! Bodies of messages: making them, reading them, and saying them in a few letters.

use serde_json::{Map, Value as Json, json};

use crate::check::operation::Value;

/// A JSON object.
pub(super) type Object = Map<String, Json>;

/// A line that a program wrote.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Line {
    /// Who it says that it is from.
    pub(super) src: String,
    /// Whom it is for.
    pub(super) dest: String,
    /// What it says.
    pub(super) body: Object,
}

impl Line {
    /// Reads a line. The error says what is wrong with it, as the end of a sentence.
    pub(super) fn read(line: &str) -> Result<Line, String> {
        let read: Json = serde_json::from_str(line).map_err(|wrong| format!("which is no JSON ({wrong})"))?;
        let Json::Object(mut all) = read else { return Err("which is no JSON object".to_string()) };
        let mut name = |key: &str| match all.remove(key) {
            Some(Json::String(name)) => Ok(name),
            Some(_) => Err(format!("whose `{key}` is no text")),
            None => Err(format!("which has no `{key}`")),
        };
        let (src, dest) = (name("src")?, name("dest")?);
        let Some(Json::Object(body)) = all.remove("body") else { return Err("which has no `body` that is an object".to_string()) };
        if !matches!(body.get("type"), Some(Json::String(_))) {
            return Err("whose body has no `type`".to_string());
        }
        Ok(Line { src, dest, body })
    }
}

/// The line that a program reads.
pub(super) fn line(src: &str, dest: &str, body: &str) -> String {
    format!("{{\"src\":{},\"dest\":{},\"body\":{body}}}", Json::from(src), Json::from(dest))
}

/// A field that is a text.
pub(super) fn text<'b>(body: &'b Object, key: &str) -> &'b str {
    body.get(key).and_then(Json::as_str).unwrap_or_default()
}

/// A field that is a whole number.
pub(super) fn number(body: &Object, key: &str) -> Option<i64> {
    body.get(key).and_then(Json::as_i64)
}

/// A value as JSON.
pub(super) fn of_value(value: &Value) -> Json {
    match value {
        Value::Int(n) => json!(n),
        Value::Text(text) => json!(&**text),
    }
}

/// A key as programs get it: whole numbers as numbers.
pub(super) fn of_key(key: &str) -> Json {
    of_value(&Value::from(key))
}

/// A value of JSON; `None` for null. What is neither a whole number nor a text is kept as it is written.
pub(super) fn value(json: &Json) -> Option<Value> {
    match json {
        Json::Null => None,
        Json::String(text) => Some(Value::Text(text.as_str().into())),
        Json::Number(n) => Some(n.as_i64().map_or_else(|| Value::Text(n.to_string().into()), Value::Int)),
        other => Some(Value::Text(other.to_string().into())),
    }
}

/// The fields that are said with the type of a body, the first first.
const SAID: [&str; 12] = ["key", "from", "to", "value", "message", "delta", "echo", "msg", "offset", "id", "code", "ts"];

/// The most letters of what is said.
const SAID_MAX: usize = 24;

/// What a body says, short: its type, and what is small in it.
pub(super) fn label(body: &Object) -> String {
    let small = |json: &Json| match json {
        Json::String(text) => Some(text.clone()),
        Json::Number(_) | Json::Bool(_) | Json::Null => Some(json.to_string()),
        Json::Array(_) | Json::Object(_) => None,
    };
    let mut said = text(body, "type").to_string();
    for word in SAID.iter().filter_map(|key| body.get(*key)).filter_map(small) {
        if said.chars().count() + word.chars().count() < SAID_MAX {
            said.push(' ');
            said.push_str(&word);
        }
    }
    crate::harmless::line(&said.chars().take(SAID_MAX).collect::<String>()).into_owned()
}

/// A definite error: what was asked did not and will not happen. Others leave it open.
pub(super) fn is_definite(code: i64) -> bool {
    const DEFINITE: [i64; 9] = [1, 10, 11, 12, 14, 20, 21, 22, 30];
    DEFINITE.contains(&code)
}

/// Maelstrom's name of an error.
pub(super) fn error(code: i64) -> String {
    match code {
        0 => "timeout",
        1 => "node not found",
        10 => "not supported",
        11 => "temporarily unavailable",
        12 => "malformed request",
        13 => "crash",
        14 => "abort",
        20 => "key does not exist",
        21 => "key already exists",
        22 => "precondition failed",
        30 => "transaction conflict",
        _ => return format!("error {code}"),
    }
    .to_string()
}
