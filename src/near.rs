//! Near names, for messages that say what a mistyped word may have meant.

/// A longer word was never meant to be a name.
const LENGTH_MAX: usize = 64;

/// The candidate most like `word`, if one is near enough to be what was meant.
pub fn near<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let length = word.chars().count();
    if length > LENGTH_MAX {
        return None;
    }
    let limit = 1 + length / 4;
    candidates
        .into_iter()
        .map(|candidate| (distance(word, candidate), candidate))
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// `; did you mean `crash`?`, or nothing where no candidate is near.
pub fn did_you_mean<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> String {
    near(word, candidates).map_or_else(String::new, |name| format!("; did you mean `{name}`?"))
}

/// The number of edits; a candidate that continues a word of two letters or more is as near as one edit.
fn distance(word: &str, candidate: &str) -> usize {
    if word.len() >= 2 && candidate.starts_with(word) {
        return 1;
    }
    strsim::damerau_levenshtein(&word.to_lowercase(), &candidate.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_near_names_are_suggested() {
        let names = ["crash", "cut", "restart"];
        assert_eq!(near("crsh", names), Some("crash"));
        assert_eq!(near("CRASH", names), Some("crash"));
        assert_eq!(near("rest", names), Some("restart"));
        assert_eq!(near("banana", names), None);
        assert_eq!(did_you_mean("cutt", names), "; did you mean `cut`?");
        assert_eq!(did_you_mean("banana", names), "");
        assert_eq!(near(&"crash".repeat(1000), names), None);
    }
}
