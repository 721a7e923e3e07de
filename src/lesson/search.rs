//! Finding topics by what people type: words of titles, questions, answers and steps, other names for the same thing, and all of
//! them with a letter amiss.

use std::collections::BTreeSet;

use super::catalogue::Catalogue;

/// The fewest letters of a word that may have one amiss; shorter ones would find everything.
const LONG: usize = 4;

/// What an exact word is better by than one with a letter amiss: more than all kinds of places.
const AMISS: usize = PLACES;

/// How many kinds of places there are: names, questions, texts.
const PLACES: usize = 3;

/// Every topic with its words.
#[derive(Clone, Debug)]
pub struct Index {
    topics: Vec<Topic>,
}

#[derive(Clone, Debug)]
struct Topic {
    /// Whether it has a lesson.
    ready: bool,
    /// The words of its names, of its question, and of its texts.
    words: [BTreeSet<String>; PLACES],
}

impl Index {
    /// The words of every topic of a catalogue, in its order.
    pub fn new(catalogue: &Catalogue) -> Index {
        let chapters = catalogue.topics.chapters.iter();
        let topics = chapters.flat_map(|chapter| chapter.topics.iter().map(move |topic| (chapter, topic)));
        let topics = topics.map(|(chapter, topic)| {
            let names = topic.aliases.iter().chain([&topic.id, &topic.title, &chapter.title]);
            let texts = catalogue.texts(&topic.id);
            let words = [words(names), words([&topic.question]), words(&texts)];
            Topic { ready: catalogue.has(&topic.id), words }
        });
        Index { topics: topics.collect() }
    }

    /// The topics that have all the words of a text, by their numbers in the catalogue: those with a lesson first, then those that
    /// have the words in their names, then in their questions, then in their texts.
    pub fn find(&self, text: &str) -> Vec<usize> {
        let wanted: Vec<String> = split(text).collect();
        let rank = |topic: &Topic| wanted.iter().map(|word| topic.rank(word)).sum::<Option<usize>>();
        let mut found: Vec<_> = self.topics.iter().enumerate().filter_map(|(i, topic)| Some((!topic.ready, rank(topic)?, i))).collect();
        found.sort_unstable();
        found.into_iter().map(|(_, _, i)| i).collect()
    }
}

impl Topic {
    /// How well it has a word, 0 being best.
    fn rank(&self, wanted: &str) -> Option<usize> {
        let exact =
            self.words.iter().position(|words| words.range(wanted.to_string()..).next().is_some_and(|word| word.starts_with(wanted)));
        let amiss = || self.words.iter().position(|words| words.iter().any(|word| is_nearly(wanted, word))).map(|place| place + AMISS);
        exact.or_else(amiss)
    }
}

/// Whether a word, or its beginning, is what was typed but for one letter: another, one more, one less, or two that changed places.
fn is_nearly(typed: &str, word: &str) -> bool {
    let length = typed.chars().count();
    if length < LONG || word.chars().count() + 1 < length {
        return false;
    }
    let beginning = |length: usize| word.char_indices().nth(length).map_or(word, |(end, _)| &word[..end]);
    [length - 1, length, length + 1].into_iter().any(|length| strsim::osa_distance(typed, beginning(length)) <= 1)
}

fn words<T: AsRef<str>>(texts: impl IntoIterator<Item = T>) -> BTreeSet<String> {
    texts.into_iter().flat_map(|text| split(text.as_ref()).collect::<Vec<_>>()).collect()
}

fn split(text: &str) -> impl Iterator<Item = String> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_lowercase)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lesson::catalogue;

    fn found(text: &str) -> Vec<&'static str> {
        let all: Vec<_> = catalogue().topics.all().collect();
        Index::new(catalogue()).find(text).into_iter().map(|i| all[i].id.as_str()).collect()
    }

    #[test]
    fn topics_are_found_by_what_people_type() {
        for (text, id) in [
            ("split brain", "failover-limits"),
            ("fencing", "failover-limits"),
            ("exactly once", "message-queue"),
            ("master slave", "leader-based-replication"),
            ("primary", "leader-based-replication"),
            ("raft", "leader-failure"),
            ("Replication LAG", "replication-lag"),
            ("quorm", "quorum-consensus"),
            ("replicatoin lag", "replication-lag"),
            ("stonith", "failover-limits"),
        ] {
            assert!(found(text).contains(&id), "{text}: {:?}", found(text));
        }
        assert_eq!(found("split brain")[0], "failover-limits");
        assert_eq!(found("quorum")[0], "quorum-consensus");
        assert_eq!(found("xyzzy"), Vec::<&str>::new());
        assert_eq!(found("").len(), catalogue().topics.all().count());
    }

    #[test]
    fn one_letter_may_be_amiss_in_a_longer_word() {
        assert!(is_nearly("falover", "failover") && is_nearly("failoverr", "failover") && is_nearly("fialover", "failover"));
        assert!(is_nearly("falov", "failover"), "while it is being typed");
        assert!(!is_nearly("cat", "cap") && !is_nearly("favlover", "failures"));
    }
}
