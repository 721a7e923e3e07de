//! An answer by numbers, with how sure the learner is.

use crate::review::Confidence;

/// What was answered.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Answer {
    /// The numbers, in the order in which they were typed; at most so many as anything is ever chosen from.
    pub(super) numbers: Vec<usize>,
    /// How sure, where that was said.
    pub(super) confidence: Option<Confidence>,
}

/// The most numbers of one answer.
const MOST: usize = 64;

impl Answer {
    /// Reads `2`, `2 sure`, `1 3 4 guess`; `None` where it is something else.
    pub(super) fn read(text: &str) -> Option<Answer> {
        let (text, confidence) = parted(text);
        let words = text.split([' ', ',']).filter(|word| !word.is_empty() && *word != "and");
        let numbers: Vec<usize> = words.map(|word| word.trim_end_matches('.').parse().ok()).collect::<Option<_>>()?;
        (!numbers.is_empty() && numbers.len() <= MOST).then_some(Answer { numbers, confidence })
    }
}

/// A text without the word for how sure at its end, and that.
pub(super) fn parted(text: &str) -> (&str, Option<Confidence>) {
    let text = text.trim();
    let words: [(&str, Confidence); 4] =
        [("think so", Confidence::Think), ("think", Confidence::Think), ("sure", Confidence::Sure), ("guess", Confidence::Guess)];
    let found = words.into_iter().find_map(|(word, confidence)| {
        let before = text.strip_suffix(word)?;
        (before.is_empty() || before.ends_with([' ', ','])).then_some((before, confidence))
    });
    found.map_or((text, None), |(before, confidence)| (before.trim_end_matches([' ', ',']), Some(confidence)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_how_sure() {
        let read = |text| Answer::read(text).map(|answer| (answer.numbers, answer.confidence));
        assert_eq!(read("2"), Some((vec![2], None)));
        assert_eq!(read("2 sure"), Some((vec![2], Some(Confidence::Sure))));
        assert_eq!(read("1, 3 and 4, think so"), Some((vec![1, 3, 4], Some(Confidence::Think))));
        assert_eq!((read("sure"), read(""), read("2x"), read("c1 write x 8")), (None, None, None, None));
        assert_eq!(parted("for sure"), ("for", Some(Confidence::Sure)));
        assert_eq!(parted("unsure"), ("unsure", None));
    }
}
