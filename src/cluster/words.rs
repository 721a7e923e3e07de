//! Words that every room uses.

/// There is no such thing, and which there are.
pub fn unknown<'a>(what: &str, text: &str, names: impl Iterator<Item = &'a str> + Clone) -> String {
    let near = crate::near::did_you_mean(text, names.clone());
    if !near.is_empty() {
        return format!("there is no {what} `{text}`{near}");
    }
    format!("there is no {what} `{text}`; there are {}", names.collect::<Vec<_>>().join(", "))
}
