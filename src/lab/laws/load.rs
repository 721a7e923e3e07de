//! From the text of a file to its laws, or to all its mistakes at once.

mod deed;
mod expect;
mod scenario;

use std::collections::BTreeSet;

use super::format;
use super::law::{Case, Deed, Expect, Law, Script, System};
use crate::algo::exact::{self, Exact};
use crate::cluster::condition::{ConditionError, Quantity};
use crate::cluster::facts::{FactDoc, Facts};
use crate::cluster::model::Model;
use crate::lesson::markup;
use crate::lesson::reader::{At, Fields, Notes, Value, near, number, scalar};
use crate::lesson::source::{Bytes, Mistakes, Source};

pub(super) use deed::{of_round, read_line};

/// Values by name.
type Given = Vec<(String, String)>;

/// What the quick form does of `trials`, unless said: this part of them, and at least so many, as fewer say little of their own error.
const QUICK: u64 = 100;
const QUICK_LEAST: u64 = 10;

/// Reads a file of laws, about these models.
pub(super) fn load(source: &Source, models: &[&'static Model]) -> Result<Vec<Law>, Mistakes> {
    let notes = Notes::new(source.text());
    let document = notes.parse();
    let mut laws = Vec::new();
    if notes.count() == 0 {
        let fields = Fields::new(&notes, document.get_ref(), 0..1, &format::FILE);
        let loader = Loader { notes: &notes, models, given: Given::new() };
        laws = loader.laws(&fields);
        fields.done();
    }
    let mistakes = notes.into_list();
    if mistakes.is_empty() { Ok(laws) } else { Err(Mistakes::new(source.clone(), mistakes)) }
}

/// The state of reading one law for one case.
struct Loader<'n, 'a, 'm> {
    notes: &'n Notes<'a>,
    models: &'m [&'static Model],
    /// What words in double braces stand for.
    given: Given,
}

impl<'n, 'a> Loader<'n, 'a, '_> {
    fn laws(&self, fields: &Fields<'n, 'a>) -> Vec<Law> {
        let tables = fields.tables("law", &format::LAW);
        fields.need("law", (!tables.is_empty()).then_some(()));
        let mut ids = BTreeSet::new();
        let mut laws = Vec::new();
        for table in tables {
            let id = table.text("id");
            if !id.value.is_empty() && !ids.insert(id.value.clone()) {
                self.notes.mistake(&id.at, format!("there is a law `{}` already", id.value), "");
            }
            laws.push(self.law(table, id));
        }
        laws
    }

    fn law(&self, fields: Fields<'n, 'a>, id: At<String>) -> Law {
        let right = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if !id.value.chars().all(right) {
            self.notes.mistake(&id.at, format!("`{}` is no id", id.value), "lower-case letters, digits and `-`");
        }
        let (title, source) = (fields.text("title").value, fields.text("source").value);
        let all = self.cases(&fields);
        let cases = all.into_iter().filter_map(|given| Loader { given, ..*self }.case(&fields)).collect();
        fields.done();
        Law { id: id.value, title, source, cases }
    }

    /// The values of each case; one without values where there are none.
    fn cases(&self, fields: &Fields<'n, 'a>) -> Vec<Given> {
        let tables = fields.tables("cases", &format::CASE);
        let all = tables.iter().map(|table| table.all().into_iter().filter_map(|(name, value)| self.value(name, value)).collect());
        let all: Vec<Given> = all.collect();
        if all.is_empty() { vec![Given::new()] } else { all }
    }

    fn value(&self, name: At<String>, value: &Value<'a>) -> Option<(String, String)> {
        let text = scalar(value);
        if text.is_none() {
            self.notes.mistake(&value.span(), format!("`{}` is a text, a number, or true or false", name.value), "");
        }
        Some((name.value, text?))
    }

    fn case(&self, fields: &Fields<'n, 'a>) -> Option<Case> {
        let mut system = match (fields.has("model"), fields.has("algorithm")) {
            (true, false) => self.cluster(fields).map(|script| System::Cluster(Box::new(script))),
            (false, true) => self.algorithm(fields),
            _ => {
                self.notes.mistake(&fields.at, "a law is measured on a cluster or by an algorithm", "give either `model` or `algorithm`");
                None
            }
        };
        let trials = fields.whole("trials", 1, format::TRIALS_MAX).unwrap_or(1);
        let quick = fields.whole("quick", 1, format::TRIALS_MAX).unwrap_or((trials / QUICK).max(QUICK_LEAST)).min(trials);
        let rounds = fields.whole("rounds", 1, format::ROUNDS_MAX).unwrap_or(1);
        let seed = fields.whole("seed", 0, i64::MAX as u64).unwrap_or(1);
        let expects = self.expects(fields, system.as_ref());
        if let Some(System::Cluster(script)) = &mut system {
            script.series = series(script, &expects);
        }
        let label = self.given.iter().map(|(name, value)| format!("{name} {value}")).collect::<Vec<_>>().join(", ");
        Some(Case { label, system: system?, trials: [trials, quick], rounds, seed, expects })
    }

    fn algorithm(&self, fields: &Fields<'n, 'a>) -> Option<System> {
        for key in ["nodes", "clients", "zones", "settings", "start", "do"] {
            if let Some(value) = fields.get(key) {
                self.notes.mistake(&value.span(), format!("an algorithm has no `{key}`"), "leave it out");
            }
        }
        let name = fields.text_if("algorithm")?;
        let name = self.filled(name);
        let Some(exact) = Exact::named(&name.value) else {
            let help = near(&name.value, exact::FUNCTIONS.iter().map(|function| function.name));
            self.notes.mistake(&name.at, format!("there is no algorithm `{}`", name.value), help);
            return None;
        };
        let numbers: Vec<f64> = fields.list("with").iter().filter_map(|value| self.formula(value, "an entry of `with`")).collect();
        if numbers.len() != exact.takes.len() {
            self.notes.mistake(&name.at, format!("`{}` takes {} numbers", exact.name, exact.takes.len()), format!("`{}`", exact.form()));
        }
        Some(System::Algorithm(exact, numbers))
    }

    /// A text with the value of every name in double braces; `{{round}}` stays.
    fn filled(&self, text: At<String>) -> At<String> {
        let mut unknown = Vec::new();
        let value = markup::filled(&text.value, |name| {
            let value = self.given.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone());
            value.unwrap_or_else(|| {
                unknown.extend((name != ROUND).then(|| name.to_string()));
                format!("{{{{{name}}}}}")
            })
        });
        for name in unknown {
            let help = near(&name, self.given.iter().map(|(known, _)| known.as_str()).chain([ROUND]));
            self.notes.mistake(&text.at, format!("nothing says what `{name}` stands for here"), help);
        }
        At { value, at: text.at }
    }

    /// A number, or a text that is a formula.
    fn formula(&self, value: &Value<'a>, what: &str) -> Option<f64> {
        if let Some(x) = number(value) {
            return Some(x);
        }
        let Some(text) = value.get_ref().as_str() else {
            self.notes.mistake(&value.span(), format!("{what} is a number, or a formula in quotes"), "such as \"1 / (1 - 0.8)\"");
            return None;
        };
        let text = self.filled(At { value: text.to_string(), at: value.span() });
        let quantity = self.quantity(&text, |text| Quantity::of_given(text, &[]))?;
        let x = quantity.value_given(&Facts::default()).ok().flatten();
        if x.is_none() {
            self.notes.mistake(&text.at, format!("`{}` has no value", text.value), "");
        }
        x
    }

    /// A number by key that may be missing.
    fn formula_if(&self, fields: &Fields<'n, 'a>, key: &'static str) -> Option<f64> {
        self.formula(fields.get(key)?, &format!("`{key}`"))
    }

    fn quantity(&self, text: &At<String>, read: impl FnOnce(&str) -> Result<Quantity, Vec<ConditionError>>) -> Option<Quantity> {
        let note = |error: ConditionError| {
            self.notes.mistake(&self.notes.within(text, error.offset, error.length), error.message, "");
        };
        read(&text.value).map_err(|errors| errors.into_iter().for_each(note)).ok()
    }

    fn mistake<T>(&self, at: &Bytes, message: impl Into<String>, help: impl Into<String>) -> Option<T> {
        self.notes.mistake(at, message, help);
        None
    }
}

/// The facts whose past commands and numbers ask for.
fn series(script: &Script, expects: &[Expect]) -> Vec<&'static str> {
    let mut all: Vec<&'static str> = script.start.iter().chain(&script.deeds).flat_map(Deed::series).collect();
    all.extend(expects.iter().flat_map(|expect| expect.number.quantity().spans()).map(|over| over.fact));
    all
}

/// The name of the number of the round.
pub(super) const ROUND: &str = "round";

/// The names that a number may speak of besides facts.
fn names(docs: &[FactDoc]) -> String {
    docs.iter().map(|doc| format!("`{}`", doc.name)).collect::<Vec<_>>().join(", ")
}
