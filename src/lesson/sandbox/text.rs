//! Writing the text of a lesson.

/// A text of TOML: its escapes are those of JSON.
pub(super) fn text(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// A list of texts.
pub(super) fn texts<T: ToString>(all: &[T]) -> String {
    let all: Vec<String> = all.iter().map(|one| text(&one.to_string())).collect();
    format!("[{}]", all.join(", "))
}

/// What stands between the braces of a table: each name with its value.
pub(super) fn pairs<'n>(all: impl Iterator<Item = (&'n String, String)>) -> String {
    all.map(|(name, value)| format!("{name} = {value}")).collect::<Vec<_>>().join(", ")
}
