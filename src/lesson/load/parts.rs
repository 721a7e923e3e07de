//! The parts that several tables share: commands, conditions, answers to choose from.

use toml::de::DeValue;

use crate::cluster::Scenario;
use crate::cluster::condition::{Condition, ConditionError};
use crate::command::{Command, Drive};

use crate::lesson::reader::{At, Fields, Value, text};
use crate::lesson::schema::{Alternative, Cond, Line, Script};

use super::Loader;

impl<'n, 'a> Loader<'n, 'a> {
    /// A list of commands.
    pub(super) fn script(&self, fields: &Fields<'n, 'a>, key: &'static str, scenario: &Scenario) -> Script {
        self.lines(fields.list(key), scenario)
    }

    /// A list of lists of commands.
    pub(super) fn scripts(&self, fields: &Fields<'n, 'a>, key: &'static str, scenario: &Scenario) -> Vec<Script> {
        let script = |value: &'n Value<'a>| match value.get_ref() {
            DeValue::Array(items) => Some(self.lines(items, scenario)),
            _ => self.note(&value.span(), format!("`{key}` is a list of lists of commands: [[\"crash n1\", \"run 2s\"]]")),
        };
        fields.list(key).iter().filter_map(script).collect()
    }

    fn lines(&self, items: &[Value<'a>], scenario: &Scenario) -> Script {
        let lines = items.iter().filter_map(|v| text(self.notes, v, "a command")).filter_map(|t| self.line(&t, scenario));
        Script { lines: lines.collect() }
    }

    fn line(&self, text: &At<String>, scenario: &Scenario) -> Option<Line> {
        let language = self.model(scenario).map(|model| model.language).unwrap_or_default();
        let command = match language.parse(&text.value) {
            Ok(command) => command,
            Err(error) => {
                self.notes.mistake(&self.notes.within(text, error.offset, error.length), error.message, "");
                return None;
            }
        };
        let until = match &command {
            Command::Drive(Drive::Until(condition)) => Some(self.until(text, condition, scenario)?),
            Command::Drive(Drive::Seed(_)) => {
                self.notes.mistake(&text.at, "a script cannot change the seed", "set `seed` beside `do` or in [cluster]");
                return None;
            }
            _ => None,
        };
        Some(Line { command, until, at: text.at.clone() })
    }

    /// The condition of `until "..."`, with its mistakes inside the command.
    fn until(&self, text: &At<String>, condition: &str, scenario: &Scenario) -> Option<Condition> {
        let start = text.value.find(condition).unwrap_or(0);
        self.compile(text, condition, start, scenario)
    }

    fn compile(&self, text: &At<String>, condition: &str, start: usize, scenario: &Scenario) -> Option<Condition> {
        self.model(scenario)?;
        let note = |error: ConditionError| {
            self.notes.mistake(&self.notes.within(text, start + error.offset, error.length), error.message, "");
        };
        Condition::about(condition, scenario).map_err(|errors| errors.into_iter().for_each(note)).ok()
    }

    /// A condition that may be missing.
    pub(super) fn cond_if(&self, fields: &Fields<'n, 'a>, key: &'static str, scenario: &Scenario) -> Option<Cond> {
        let written = fields.text_if(key)?;
        let test = self.compile(&written, &written.value, 0, scenario)?;
        Some(Cond { text: written.value, test, at: written.at })
    }

    /// A condition that has to be there.
    pub(super) fn cond(&self, fields: &Fields<'n, 'a>, key: &'static str, is: &str, scenario: &Scenario) -> Option<Cond> {
        fields.need(key, is, self.cond_if(fields, key, scenario))
    }

    /// `options`: at least two, each explained, as many right ones as allowed.
    pub(super) fn options(&self, fields: &Fields<'n, 'a>, scenario: &Scenario, right: Right) -> Vec<Alternative> {
        let tables = fields.tables("options", "an option");
        let options: Vec<_> = tables.into_iter().map(|f| self.option(f, scenario)).collect();
        fields.need("options", "the answers to choose from", (!options.is_empty()).then_some(()));
        let count = options.iter().filter(|o| o.right).count();
        let list = fields.get("options").map_or(fields.at.clone(), toml::Spanned::span);
        if let Some(message) = right.wrong_with(count, options.len()) {
            self.notes.mistake(&list, message, "");
        }
        options
    }

    fn option(&self, fields: Fields<'n, 'a>, scenario: &Scenario) -> Alternative {
        let text = fields.text("text", "the answer").value;
        let why = fields.text("why", "why it is right, or what is wrong with it").value;
        let right = fields.flag("right");
        let see = self.cond_if(&fields, "see", scenario);
        let at = fields.at.clone();
        fields.done();
        Alternative { text, why, right, see, at }
    }

    /// Predictions are checked against the simulator, so the right option says what to look for.
    pub(super) fn right_is_seen(&self, options: &[Alternative]) {
        for option in options.iter().filter(|o| o.right && o.see.is_none()) {
            let message = "the right answer of a prediction needs `see`: a condition that holds after the run";
            self.notes.mistake(&option.at, message, "");
        }
    }
}

/// How many options may be right.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Right {
    One,
    Several,
}

impl Right {
    fn wrong_with(self, right: usize, all: usize) -> Option<String> {
        match self {
            _ if all == 0 => None,
            _ if all < 2 => Some("one option leaves nothing to choose; give at least two".to_string()),
            Right::One if right != 1 => Some(format!("{right} options are right; mark exactly one with `right = true`")),
            Right::Several if right < 2 => Some(format!("{right} options are right; mark two or more, or use kind = \"choice\"")),
            Right::Several if right == all => Some("every option is right; one at least has to be wrong".to_string()),
            _ => None,
        }
    }
}
