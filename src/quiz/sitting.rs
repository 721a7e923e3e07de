//! What there is to say of a sitting before its first card.

use super::bank::Bank;
use super::plan::{Wish, goals_left_out};
use crate::lesson::Catalogue;
use crate::near::did_you_mean;
use crate::progress::state::LEARNER;
use crate::progress::{Event, State};
use crate::review::Stamp;

/// What a sitting is called.
pub fn title(catalogue: &Catalogue, wish: &Wish) -> String {
    let topic = |word: &str| catalogue.topics.topic(word).map_or_else(|| word.to_string(), |topic| topic.title.clone());
    match (&wish.topic, wish.cram) {
        (Some(word), _) => topic(word),
        (None, true) => "Cram".to_string(),
        (None, false) => "Today".to_string(),
    }
}

/// Why there is nothing to ask; `cram` says how to ask for anything.
pub fn nothing(bank: &Bank, wish: &Wish, cram: &str) -> String {
    match &wish.topic {
        Some(word) => format!("no question is about `{word}`{}", did_you_mean(word, bank.words())),
        None => format!("nothing is due today; open a topic, or {cram}"),
    }
}

/// Refuses a topic or tag that no question is about. Only where no lesson is called so or has such a tag, all have to be read.
pub fn is_about_something(catalogue: &Catalogue, wish: &Wish) -> anyhow::Result<()> {
    let Some(word) = wish.topic.as_ref().filter(|word| !is_written(catalogue, word)) else { return Ok(()) };
    let bank = Bank::of(catalogue);
    anyhow::ensure!(bank.words().any(|known| known == word), "{}", nothing(&bank, wish, ""));
    Ok(())
}

/// Whether a lesson is called so, or a line of one lists it among tags.
fn is_written(catalogue: &Catalogue, word: &str) -> bool {
    let quoted = format!("\"{word}\"");
    let tagged = |line: &str| line.starts_with("tags = ") && line.contains(&quoted);
    catalogue.lessons().any(|id| id == word || catalogue.source(id).is_some_and(|source| source.text().lines().any(tagged)))
}

/// What a sitting leaves out where nothing is kept: goals are asked for again, and nobody knows which were reached.
pub fn leaves_out(bank: &Bank, state: &State, wish: &Wish) -> Option<String> {
    let goals = goals_left_out(bank, state, wish);
    (goals > 0).then(|| format!("{goals} goals are left out: nothing is saved, so nobody knows which you have reached"))
}

/// The number by which the options of a learner are shuffled, and what to keep where it was drawn just now.
pub fn learner(state: &State, now: Stamp) -> (u64, Option<Event>) {
    if let Some(known) = state.learner() {
        return (known, None);
    }
    let drawn = now.0.unsigned_abs();
    (drawn, Some(Event::Setting { name: LEARNER.to_string(), value: drawn.to_string() }))
}
