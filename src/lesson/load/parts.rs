//! The parts that several tables share: commands, conditions, answers to choose from.

use toml::de::DeValue;

use crate::cluster::Scenario;
use crate::cluster::condition::{Condition, ConditionError};
use crate::command::{Command, Drive};

use crate::lesson::format;
use crate::lesson::reader::{At, Fields, Value, text};
use crate::lesson::schema::{Alternative, Cond, Line, Script};

use super::Loader;

/// The most commands of one script, with those of the scripts that it uses.
const LINES_MAX: usize = 1000;

impl<'n, 'a> Loader<'n, 'a> {
    /// Reads the `[script]` lists, so that they can be used by name.
    pub(super) fn named_scripts(&self, fields: &Fields<'n, 'a>) {
        for (name, value) in fields.named("script") {
            self.check_id(&name);
            match value.get_ref() {
                DeValue::Array(items) => _ = self.scripts.borrow_mut().insert(name.value, items),
                _ => self.notes.mistake(&value.span(), format!("script `{}` is a list of commands", name.value), "in [ ]"),
            }
        }
    }

    /// A list of commands.
    pub(super) fn script(&self, fields: &Fields<'n, 'a>, key: &'static str, scenario: &Scenario) -> Script {
        self.commands(fields.list(key), scenario)
    }

    /// A list of commands that has to be there.
    pub(super) fn needed_script(&self, fields: &Fields<'n, 'a>, key: &'static str, scenario: &Scenario) -> Script {
        let script = self.script(fields, key, scenario);
        fields.need(key, (!script.is_empty()).then_some(()));
        script
    }

    /// A list of lists of commands.
    pub(super) fn scripts(&self, fields: &Fields<'n, 'a>, key: &'static str, scenario: &Scenario) -> Vec<Script> {
        let script = |value: &'n Value<'a>| match value.get_ref() {
            DeValue::Array(items) => Some(self.commands(items, scenario)),
            _ => self.note(&value.span(), format!("`{key}` is a list of lists of commands: [[\"crash n1\", \"run 2s\"]]")),
        };
        fields.list(key).iter().filter_map(script).collect()
    }

    fn commands(&self, items: &'n [Value<'a>], scenario: &Scenario) -> Script {
        let mut lines = Vec::new();
        self.add_lines(items, scenario, &mut Vec::new(), &mut lines);
        Script { lines }
    }

    /// Adds the commands of a list, those of named scripts among them; `inside` are the names of the scripts that are being read.
    fn add_lines(&self, items: &'n [Value<'a>], scenario: &Scenario, inside: &mut Vec<String>, lines: &mut Vec<Line>) {
        for text in items.iter().filter_map(|v| text(self.notes, v, "a command")) {
            match text.value.strip_prefix("script ") {
                Some(name) => self.add_named(&At { value: name.trim().to_string(), at: text.at }, scenario, inside, lines),
                None => lines.extend(self.line(text, scenario)),
            }
            if lines.len() > LINES_MAX {
                lines.truncate(LINES_MAX);
                self.notes.mistake(&(0..1), format!("a script with more than {LINES_MAX} commands"), "");
                return;
            }
        }
    }

    fn add_named(&self, name: &At<String>, scenario: &Scenario, inside: &mut Vec<String>, lines: &mut Vec<Line>) {
        let name = self.filled(name.clone());
        let items = {
            let scripts = self.scripts.borrow();
            self.known_name("script", &name, scripts.keys().map(String::as_str));
            scripts.get(&name.value).copied()
        };
        self.uses("script", &name.value);
        if inside.contains(&name.value) {
            self.notes.mistake(&name.at, format!("the script `{}` uses itself", name.value), "");
            return;
        }
        inside.push(name.value);
        if let Some(items) = items {
            self.add_lines(items, scenario, inside, lines);
        }
        inside.pop();
    }

    fn line(&self, text: At<String>, scenario: &Scenario) -> Option<Line> {
        let text = &self.filled(text);
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
        self.condition(fields.text_if(key)?, scenario)
    }

    /// A condition that has to be there.
    pub(super) fn cond(&self, fields: &Fields<'n, 'a>, key: &'static str, scenario: &Scenario) -> Option<Cond> {
        fields.need(key, self.cond_if(fields, key, scenario))
    }

    /// A condition as it was written.
    pub(super) fn condition(&self, written: At<String>, scenario: &Scenario) -> Option<Cond> {
        let written = self.filled(written);
        let test = self.compile(&written, &written.value, 0, scenario)?;
        Some(Cond { text: written.value, test, at: written.at })
    }

    /// `options`: at least two, each explained, as many right ones as allowed.
    pub(super) fn options(&self, fields: &Fields<'n, 'a>, scenario: &Scenario, right: Right) -> Vec<Alternative> {
        let tables = fields.tables("options", &format::OPTION);
        let options: Vec<_> = tables.into_iter().map(|f| self.option(f, scenario)).collect();
        fields.need("options", (!options.is_empty()).then_some(()));
        let count = options.iter().filter(|o| o.right).count();
        let list = fields.get("options").map_or(fields.at.clone(), toml::Spanned::span);
        if let Some(message) = right.wrong_with(count, options.len()) {
            self.notes.mistake(&list, message, "");
        }
        options
    }

    fn option(&self, fields: Fields<'n, 'a>, scenario: &Scenario) -> Alternative {
        let text = self.prose(&fields, "text", scenario);
        let why = self.prose(&fields, "why", scenario);
        let right = fields.flag("right");
        let see = self.cond_if(&fields, "see", scenario);
        let belief = self.belief(&fields);
        if let (Some(_), true) = (&belief, right) {
            self.notes.mistake(&fields.at, "the right answer is no misconception", "leave `belief` out");
        }
        let at = fields.at.clone();
        fields.done();
        Alternative { text, why, right, see, belief, at }
    }

    /// The misconception that a wrong answer stands for.
    pub(super) fn belief(&self, fields: &Fields<'n, 'a>) -> Option<String> {
        let belief = fields.text_if("belief")?;
        self.check_id(&belief);
        Some(belief.value)
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
