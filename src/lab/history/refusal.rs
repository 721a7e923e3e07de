//! Why a compare-and-set failed. Jepsen's `:fail` says only that it did not happen: there may have been no leader, or no connection.
//! Where the error says that the value was another one, more is known.

use super::datum::Datum;

/// What Jepsen's tests call it when a compare-and-set finds another value, without blanks, hyphens and capitals. A version that does
/// not match is none of these: the value may have been changed and changed back.
const REFUSALS: [&str; 17] = [
    "precondition",
    "preconditionfailed",
    "failedprecondition",
    "casfailed",
    "casmismatch",
    "cascomparefailed",
    "comparefailed",
    "comparisonfailed",
    "conditionfailed",
    "conditionalcheckfailed",
    "conditionalcheckfailedexception",
    "didnotsucceed",
    "didnotmatch",
    "mismatch",
    "valuemismatch",
    "wrongvalue",
    "notequal",
];

/// Whether an error says that another value was found. An error is a keyword or a text, or begins with one: `[:precondition-failed
/// "..."]`; a text may go on: `"CAS failed: it is 3"`.
pub(super) fn says_why(error: &Datum) -> bool {
    match error {
        Datum::List(parts) => parts.first().is_some_and(says_why),
        Datum::Word(word) => REFUSALS.contains(&plain(word.rsplit('/').next().unwrap_or(word)).as_str()),
        Datum::Text(text) => {
            let said = text.trim_start_matches(':');
            REFUSALS.contains(&plain(said.split([':', ',', '.', '(']).next().unwrap_or(said)).as_str())
        }
        _ => false,
    }
}

fn plain(words: &str) -> String {
    words.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::super::edn::datum;
    use super::*;

    #[test]
    fn only_an_error_about_the_value_says_why() {
        for error in [
            ":precondition-failed",
            ":jepsen.client/cas-failed",
            "\"CAS failed: it is 3\"",
            "[:precondition-failed \"key 3\"]",
            "[:precondition]",
            ":value-mismatch",
            ":did-not-succeed",
            ":CASMismatch",
            "\"ConditionalCheckFailedException\"",
            "\"Compare failed\"",
        ] {
            assert!(says_why(&datum(error).unwrap()), "{error}");
        }
        for error in
            ["nil", ":timeout", "[:temporarily-unavailable \"not a leader\"]", ":not-found", ":version-mismatch", "[]", "7", "\"\""]
        {
            assert!(!says_why(&datum(error).unwrap()), "{error}");
        }
    }
}
