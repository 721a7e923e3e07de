//! What is done in a law: commands, and what chance decides.

use toml::de::DeValue;

use super::{Loader, ROUND};
use crate::cluster::Scenario;
use crate::cluster::condition::{Condition, ConditionError};
use crate::command::{Command, Drive, Poke, Vocabulary};
use crate::lab::laws::format;
use crate::lab::laws::law::{Deed, Lines};
use crate::lesson::markup;
use crate::lesson::reader::{At, Fields, Value, table, text};
use crate::lesson::schema::Line;
use crate::sim::dist::Dist;

/// The most commands of a list.
const DEEDS_MAX: usize = 1000;

impl<'n, 'a> Loader<'n, 'a, '_> {
    /// A list of commands and of what is done by chance.
    pub(super) fn deeds(&self, fields: &Fields<'n, 'a>, key: &'static str, about: (&Scenario, &Vocabulary)) -> Vec<Deed> {
        let items = fields.list(key);
        if items.len() > DEEDS_MAX {
            self.notes.mistake(&fields.at, format!("{} commands; {DEEDS_MAX} are the most", items.len()), "");
        }
        items.iter().take(DEEDS_MAX).filter_map(|item| self.deed(item, about)).collect()
    }

    fn deed(&self, item: &'n Value<'a>, about: (&Scenario, &Vocabulary)) -> Option<Deed> {
        if matches!(item.get_ref(), DeValue::Table(_)) {
            let fields = table(self.notes, item, format::DEED.what, &format::DEED)?;
            let deed = self.by_chance(&fields, about);
            fields.done();
            return deed;
        }
        let text = self.filled(text(self.notes, item, "a command")?);
        if !text.value.contains(&slot()) {
            return self.line(&text, about).map(|line| Deed::Line(Box::new(line)));
        }
        let first = At { value: of_round(&text.value, 1), at: text.at.clone() };
        self.line(&first, about).map(|line| Deed::OfRound(Box::new(Lines::new(text.value, line))))
    }

    fn by_chance(&self, fields: &Fields<'n, 'a>, about: (&Scenario, &Vocabulary)) -> Option<Deed> {
        let (then, other) = (self.deeds(fields, "do", about), self.deeds(fields, "else", about));
        let kinds: Vec<&str> = ["chance", "pick", "try", "wait"].into_iter().filter(|key| fields.has(key)).collect();
        match kinds[..] {
            ["chance"] => {
                let chance = self.formula_if(fields, "chance")?;
                if !(0.0..=1.0).contains(&chance) {
                    return self.mistake(&fields.at, format!("a chance is from 0 to 1, not {chance}"), "");
                }
                Some(Deed::Chance(chance, then, other))
            }
            ["pick"] => {
                let most = then.len();
                let pick = self.formula_if(fields, "pick")?;
                let fits = (0.0..=most as f64).contains(&pick) && pick.fract().abs() < 1e-9;
                if fits {
                    Some(Deed::Pick(pick as usize, then))
                } else {
                    self.mistake(&fields.at, format!("`pick` is how many of these {most}, not {pick}"), "")
                }
            }
            ["try"] => Some(Deed::Try(fields.list("try").iter().filter_map(|item| self.poke(item, about)).collect())),
            ["wait"] => {
                let text = self.filled(fields.text_if("wait")?);
                text.value.parse::<Dist>().map(Deed::Wait).map_err(|bad| self.notes.mistake(&text.at, bad.to_string(), "")).ok()
            }
            _ => self.mistake(&fields.at, "what is done by chance has one of `chance`, `pick`, `try` and `wait`", ""),
        }
    }

    /// A command that does something, and can be refused.
    fn poke(&self, item: &'n Value<'a>, about: (&Scenario, &Vocabulary)) -> Option<Poke> {
        let text = self.filled(text(self.notes, item, "a command")?);
        match self.line(&text, about)?.command {
            Command::Poke(poke) => Some(poke),
            Command::Drive(_) => self.mistake(&text.at, "this cannot be refused", "write it beside `try`"),
        }
    }

    fn line(&self, text: &At<String>, about: (&Scenario, &Vocabulary)) -> Option<Line> {
        let at = text.at.clone();
        let note = |bad: Bad| self.notes.mistake(&self.notes.within(text, bad.0, bad.1), bad.2, "");
        read_line(&text.value, about).map_err(|all| all.into_iter().for_each(note)).ok().map(|line| Line { at, ..line })
    }
}

/// A mistake in a command: where, how much of it, and what.
type Bad = (usize, usize, String);

/// Reads one command about a cluster.
pub(in crate::lab::laws) fn read_line(text: &str, (scenario, names): (&Scenario, &Vocabulary)) -> Result<Line, Vec<Bad>> {
    let command = names.parse(text).map_err(|bad| vec![(bad.offset, bad.length, bad.message)])?;
    let until = match &command {
        Command::Drive(Drive::Seed(_)) => {
            return Err(vec![(0, text.len(), "a law has seeds of its own; `seed` says which is the first".to_string())]);
        }
        Command::Drive(Drive::Until(condition)) => {
            let start = text.find(condition.as_str()).unwrap_or(0);
            let bad = |bad: ConditionError| (start + bad.offset, bad.length, bad.message);
            Some(Condition::about(condition, scenario).map_err(|all| all.into_iter().map(bad).collect::<Vec<Bad>>())?)
        }
        _ => None,
    };
    Ok(Line { command, until, at: 0..text.len() })
}

fn slot() -> String {
    format!("{{{{{ROUND}}}}}")
}

/// A command with the number of its round.
pub(in crate::lab::laws) fn of_round(text: &str, round: u64) -> String {
    markup::filled(text, |_| round.to_string())
}
