//! What is known of the run: facts, guarantees, settings, words.

use super::Desk;
use crate::check::verdict::{Holds, Verdict};
use crate::cluster::facts::Facts;
use crate::cluster::model::Model;
use crate::cluster::registry;
use crate::lesson::terms::Terms;
use crate::near::did_you_mean;
use crate::plain::log::{self, Moment};
use crate::plain::page::Page;
use crate::plain::state;
use crate::timeline::Timeline;

impl Desk {
    /// What is on the stage.
    pub(in crate::plain) fn state(&self, page: &mut Page, name: &str) {
        for (side, run) in self.sides() {
            match state::lines(run.cluster(), name) {
                Ok(lines) => lines.iter().for_each(|line| page.say(format!("{side}{line}"))),
                Err(why) => return page.say(why),
            }
        }
    }

    /// The newest of what happened in the whole run.
    pub(in crate::plain) fn log(&mut self, page: &mut Page) {
        self.log_since(page, Moment::START);
        if log::since(&self.walk, Moment::START, self.names()).is_empty() {
            page.say("Nothing has happened yet.");
        }
    }

    /// The facts: those that are not nothing, all, or one with what it means.
    pub(in crate::plain) fn facts(&self, page: &mut Page, name: &str) {
        let Some(model) = self.model() else { return };
        if !name.is_empty() && name != "all" && !model.facts.iter().any(|fact| fact.name == name) {
            let near = did_you_mean(name, model.facts.iter().map(|fact| fact.name));
            return page.say(format!("\"{name}\" is no fact{near}; facts all lists them"));
        }
        for (side, run) in self.sides() {
            let mut facts = Facts::default();
            run.cluster().facts(&mut facts);
            let wanted = facts.iter().filter(|(known, value)| match name {
                "" => !value.is_nothing(),
                "all" => true,
                _ => *known == name,
            });
            wanted.for_each(|(known, value)| page.say(format!("{side}{known} is {value}")));
            let left_out = facts.iter().filter(|(_, value)| name.is_empty() && value.is_nothing()).count();
            if left_out > 0 {
                page.say(format!("{side}{left_out} more are 0 or have no value; facts all lists them."));
            }
        }
        if let Some(fact) = model.facts.iter().find(|fact| fact.name == name) {
            page.say(fact.about);
        }
    }

    /// The guarantees: those that are broken first, or one with what it means.
    pub(in crate::plain) fn guarantees(&self, page: &mut Page, name: &str) {
        for (side, run) in self.sides() {
            let mut verdicts = run.cluster().verdicts();
            let is_it = |verdict: &Verdict| name.is_empty() || verdict.guarantee.id() == name || verdict.guarantee.words() == name;
            if !verdicts.iter().any(is_it) {
                let words: Vec<String> = verdicts.iter().map(|verdict| verdict.guarantee.words()).collect();
                let near = did_you_mean(name, words.iter().map(String::as_str));
                return page.say(format!("\"{name}\" is no guarantee here{near}; here are {}", words.join(", ")));
            }
            verdicts.sort_by_key(|verdict| verdict.holds != Holds::No);
            for verdict in verdicts.iter().filter(|verdict| is_it(verdict)) {
                page.say(format!("{side}{}: {}", verdict.guarantee.words(), judged(verdict)));
                if !name.is_empty() {
                    page.say(verdict.guarantee.about());
                    witness(page, run, verdict);
                }
            }
        }
    }

    /// The settings of the cluster, or one with what it means.
    pub(in crate::plain) fn settings(&self, page: &mut Page, name: &str) {
        let Some(model) = self.model() else { return };
        if !name.is_empty() && !model.settings.iter().any(|setting| setting.name == name) {
            let near = did_you_mean(name, model.settings.iter().map(|setting| setting.name));
            return page.say(format!("\"{name}\" is no setting{near}"));
        }
        for (side, run) in self.sides() {
            for (known, value) in run.cluster().settings().iter().filter(|(known, _)| name.is_empty() || *known == name) {
                page.say(format!("{side}{known} is {value}"));
            }
        }
        match model.settings.iter().find(|setting| setting.name == name) {
            Some(setting) => {
                let live =
                    if setting.live { format!("set {name} VALUE changes it.") } else { "It cannot change while this runs.".to_string() };
                page.say(format!("{} It takes {}. {live}", setting.about, setting.takes));
            }
            None => page.say("settings NAME says what one means; set NAME VALUE changes it."),
        }
    }

    /// What a word means; without one, which words of the card can be asked for.
    pub(in crate::plain) fn explain(&self, page: &mut Page, word: &str) {
        let terms = Terms::of(self.model());
        if word.is_empty() {
            let texts = self.walk.step().texts();
            let mut names: Vec<String> = texts.iter().flat_map(|text| terms.find(text)).map(|(_, term)| term.name.clone()).collect();
            names.sort();
            names.dedup();
            let all = if names.is_empty() { "none of this step".to_string() } else { names.join(", ") };
            return page.say(format!("Words that can be explained: {all}. Type explain and a word."));
        }
        match terms.find(word).first() {
            Some((_, term)) => page.say(format!("{}: {}", term.name, term.says)),
            None => page.say(format!("\"{word}\" is not among the words that are explained; explain lists those of this step.")),
        }
    }

    fn model(&self) -> Option<&'static Model> {
        registry::model(&self.run().scenario().model)
    }
}

fn judged(verdict: &Verdict) -> String {
    let word = match verdict.holds {
        Holds::Yes => "kept so far",
        Holds::No => "broken",
        Holds::Unknown => "not known",
        Holds::Untested => "untested",
    };
    if verdict.why.is_empty() { format!("{word}.") } else { format!("{word}: {}.", verdict.why) }
}

/// The operations that break it.
fn witness(page: &mut Page, run: &Timeline, verdict: &Verdict) {
    let exchanges = run.cluster().exchanges();
    for exchange in verdict.witness.iter().filter_map(|id| exchanges.get(*id as usize)) {
        let told = exchange.outcome.short();
        page.say(format!("{}: {}", exchange.asked(), if told.is_empty() { "no answer" } else { told }));
    }
}
