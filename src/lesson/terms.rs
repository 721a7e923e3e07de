//! The words of the field, each explained in a sentence: `assets/terms.toml`, and what a model says of its facts, settings and guarantees.

use std::ops::Range;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::cluster::model::Model;

/// The sentences.
static TEXT: &str = include_str!("../../assets/terms.toml");

/// Every term, in the order of the file. A test reads it; a file with a mistake would leave the words unexplained and harm nothing else.
static TERMS: LazyLock<Vec<Term>> = LazyLock::new(|| toml::from_str(TEXT).map_or_else(|_| Vec::new(), |file: File| file.term));

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    term: Vec<Term>,
}

/// A word and what it means.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Term {
    /// The word, or several.
    pub name: String,
    /// Its other forms and names.
    #[serde(default)]
    also: Vec<String>,
    /// One sentence.
    pub says: String,
}

impl Term {
    fn of(name: &str, says: &str) -> Term {
        Term { name: name.to_string(), also: Vec::new(), says: says.to_string() }
    }

    fn forms(&self) -> impl Iterator<Item = &str> {
        self.also.iter().chain([&self.name]).map(String::as_str)
    }
}

/// The terms that can stand in the texts of one lesson.
#[derive(Clone, Debug, Default)]
pub struct Terms {
    known: Vec<Term>,
}

impl Terms {
    /// Those of the field, and of this model its facts, settings and guarantees by their names. What a model says comes first.
    pub fn of(model: Option<&Model>) -> Terms {
        let facts = model.into_iter().flat_map(|model| model.facts).map(|fact| Term::of(fact.name, fact.about));
        let settings = model.into_iter().flat_map(|model| model.settings).map(|setting| Term::of(setting.name, setting.about));
        let guarantees = model.into_iter().flat_map(|model| model.guarantees.iter());
        let guarantees = guarantees.map(|guarantee| Term::of(&guarantee.words(), guarantee.about()));
        let mut known: Vec<Term> = guarantees.chain(facts).collect();
        let own: Vec<Term> = settings.filter(|setting| known.iter().all(|term| term.name != setting.name)).collect();
        known.extend(own);
        let field = TERMS.iter().filter(|term| known.iter().all(|own| own.name != term.name)).cloned().collect::<Vec<_>>();
        known.extend(field);
        Terms { known }
    }

    /// Where which terms stand in a text, in order. Of forms that overlap the longer counts, and only whole words do; a single capital
    /// is a term only as a capital.
    pub fn find(&self, text: &str) -> Vec<(Range<usize>, &Term)> {
        let lower = text.to_ascii_lowercase();
        let mut found: Vec<(Range<usize>, &Term)> = Vec::new();
        for term in &self.known {
            for form in term.forms() {
                let (text, form) = if form.len() == 1 { (text, form.to_string()) } else { (lower.as_str(), form.to_ascii_lowercase()) };
                let places = text.match_indices(&form).map(|(at, _)| at..at + form.len()).filter(|place| is_whole(text, place));
                found.extend(places.map(|place| (place, term)));
            }
        }
        found.sort_by_key(|(place, _)| (place.start, usize::MAX - place.end));
        found.dedup_by(|later, kept| later.0.start < kept.0.end);
        found
    }
}

/// Whether a place in a text is not part of a longer word or name.
fn is_whole(text: &str, place: &Range<usize>) -> bool {
    let is_letter = |c: char| c.is_alphanumeric() || c == '_';
    // `read-repair` and `w=2` hold a word; the first letter of `n1` or of `-5` does not.
    let before = text[..place.start].chars().next_back().is_some_and(|c| is_letter(c) || c == '-');
    let after = text[place.end..].chars().next().is_some_and(|c| is_letter(c) || c == '-');
    !before && !after
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::registry::MODELS;
    use std::collections::BTreeSet;

    fn names<'t>(terms: &'t Terms, text: &str) -> Vec<&'t str> {
        terms.find(text).into_iter().map(|(_, term)| term.name.as_str()).collect()
    }

    #[test]
    fn the_file_is_read_and_every_form_stands_once() {
        let file: File = toml::from_str(TEXT).unwrap();
        assert_eq!(file.term, *TERMS);
        let mut forms = BTreeSet::new();
        for term in &file.term {
            for form in term.forms() {
                assert!(forms.insert(form.to_ascii_lowercase()), "{form} stands twice");
            }
            assert!(term.says.ends_with('.') && term.says.split(' ').count() <= 32, "{}: {}", term.name, term.says);
        }
        let sorted: BTreeSet<String> = file.term.iter().map(|term| term.name.to_lowercase()).collect();
        assert!(file.term.iter().map(|term| term.name.to_lowercase()).eq(sorted), "the terms are not in order");
    }

    #[test]
    fn whole_words_count_and_the_longer_before_the_shorter() {
        let terms = Terms::of(None);
        assert_eq!(names(&terms, "The followers lag; a follower's log"), ["follower", "lag", "follower", "log"]);
        assert_eq!(names(&terms, "A version vector, and versions."), ["version vector", "version"]);
        assert_eq!(names(&terms, "logically, a catalogue, n1 and w-1"), [""; 0]);
        assert_eq!(names(&terms, "With W replies and w replies"), ["W"]);
        assert_eq!(names(&terms, "Ein Überblick: split-brain …"), ["split brain"]);
    }

    #[test]
    fn a_model_explains_its_own_names() {
        for model in MODELS {
            let terms = Terms::of(Some(model));
            for fact in model.facts {
                let text = format!("now {} is 3", fact.name);
                assert_eq!(terms.find(&text)[0].1.says, fact.about, "{}", fact.name);
            }
        }
    }

    /// A word that no lesson uses is explained to nobody.
    #[test]
    fn every_term_stands_in_a_lesson() {
        let (terms, catalogue) = (Terms::of(None), crate::lesson::catalogue::catalogue());
        let mut found = BTreeSet::new();
        for id in catalogue.lessons() {
            let lesson = catalogue.open(id).unwrap().unwrap();
            let texts = lesson.steps.iter().flat_map(|step| step.texts()).chain([lesson.question.as_str()]);
            found.extend(texts.flat_map(|text| terms.find(text)).map(|(_, term)| term.name.clone()));
        }
        let unused: Vec<&str> = TERMS.iter().map(|term| term.name.as_str()).filter(|name| !found.contains(*name)).collect();
        assert!(unused.is_empty(), "{unused:?}");
    }
}
