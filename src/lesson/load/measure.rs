//! The keys of a measure step.

use crate::cluster::Scenario;
use crate::cluster::condition::{Condition, ConditionError};
use crate::cluster::facts::{FactDoc, FactKind, Keys};

use crate::lesson::format;
use crate::lesson::measure::{Across, Column, Measure, Row, Rule, intern, row_name};
use crate::lesson::reader::{At, Fields};
use crate::lesson::schema::{Cond, Run, StepKind};

use super::Loader;
use super::given::Given;

/// The most lines of a table.
const ROWS_MAX: usize = 24;

/// The most columns of it.
const COLUMNS_MAX: usize = 5;

/// A design whose runs are measured.
struct Design<'n, 'a> {
    name: Option<String>,
    fields: Option<Fields<'n, 'a>>,
}

impl<'n, 'a> Loader<'n, 'a> {
    /// `scenario`: that of the step, of which its texts speak.
    pub(super) fn measure(&self, fields: &Fields<'n, 'a>, base: &Scenario, scenario: &Scenario) -> StepKind {
        let combinations = self.combinations(fields, "over");
        let over: Vec<String> = fields.named("over").into_iter().map(|(name, _)| name.value).collect();
        fields.need("over", (!over.is_empty()).then_some(()));
        let designs = self.designs(fields);
        let mut rows = Vec::new();
        for design in &designs {
            for given in combinations.iter().take(ROWS_MAX) {
                rows.extend(self.with(given, || self.row(fields, design, given, base)));
            }
        }
        designs.into_iter().filter_map(|d| d.fields).for_each(Fields::done);
        let most = combinations.len().max(rows.len());
        if most > ROWS_MAX {
            self.notes.mistake(&fields.at, format!("a table of {most} runs; {ROWS_MAX} are the most"), "");
        }
        let columns = self.columns(fields, scenario);
        let seeds = fields.whole("seeds", 1, 200).unwrap_or(1);
        let holds = self.across(fields, &columns, &rows);
        let look = self.prose_if(fields, "look", scenario);
        let because = self.prose(fields, "because", scenario);
        self.speaks_of_all(fields, scenario, &rows.iter().map(|row| &row.run.scenario).collect::<Vec<_>>());
        StepKind::Measure(Box::new(Measure { over, rows, columns, seeds, holds, look, because }))
    }

    /// The two designs, or none in particular.
    fn designs(&self, fields: &Fields<'n, 'a>) -> Vec<Design<'n, 'a>> {
        if fields.has("a") != fields.has("b") {
            self.notes.mistake(&fields.at, "one design alone is no comparison", "give both `a` and `b`, or neither");
        }
        let design = |key| {
            let table = fields.table(key, &format::RUN_DESIGN)?;
            Some(Design { name: Some(table.text("name").value), fields: Some(table) })
        };
        let both: Vec<Design<'n, 'a>> = ["a", "b"].into_iter().filter_map(design).collect();
        if both.is_empty() { vec![Design { name: None, fields: None }] } else { both }
    }

    fn row(&self, fields: &Fields<'n, 'a>, design: &Design<'n, 'a>, given: &Given, base: &Scenario) -> Option<Row> {
        let mut scenario = self.variant(fields, base);
        if let Some(own) = &design.fields {
            scenario = self.variant(own, &scenario);
        }
        let scenario = self.varied(fields, "over", scenario, given)?;
        let script = match &design.fields {
            Some(own) if own.has("do") => self.script(own, "do", &scenario),
            _ => self.needed_script(fields, "do", &scenario),
        };
        let shares = self.shares(fields, &scenario);
        let values = given.iter().map(|(_, value)| value.clone());
        let label = design.name.clone().into_iter().chain(values).collect::<Vec<_>>().join(", ");
        Some(Row { label, run: Run { scenario, script }, shares })
    }

    /// The scenario of a row or a case: what is varied and is part of a scenario is set.
    pub(super) fn varied(&self, fields: &Fields<'n, 'a>, key: &'static str, mut scenario: Scenario, given: &Given) -> Option<Scenario> {
        let at = fields.get(key)?.span();
        let before = self.notes.count();
        for (name, value) in given {
            let value = At { value: value.clone(), at: at.clone() };
            match name.as_str() {
                "variant" => scenario = self.named_variant(value)?,
                "model" => {
                    self.known_name("model", &value, self.known.models.iter().map(|m| m.name));
                    scenario = Scenario { model: value.value, settings: Vec::new(), ..scenario };
                }
                "nodes" => scenario.nodes = Some(self.count(&value)?),
                "clients" => scenario.clients = Some(self.count(&value)?),
                "seed" => scenario.seed = u64::from(self.count(&value)?),
                _ => self.vary_setting(&mut scenario, name, value),
            }
        }
        if self.notes.count() == before {
            self.try_start(fields, &scenario, &vec![(String::new(), at.clone())]);
        }
        Some(scenario)
    }

    fn count(&self, value: &At<String>) -> Option<u16> {
        value.value.parse().map_err(|_| self.notes.mistake(&value.at, format!("`{}` is no whole number up to 65535", value.value), "")).ok()
    }

    /// A name that is a setting is set; any other is a word for the scripts.
    fn vary_setting(&self, scenario: &mut Scenario, name: &str, value: At<String>) {
        let is_setting = self.model(scenario).is_some_and(|m| m.settings.iter().any(|doc| doc.name == name));
        if is_setting {
            self.set(scenario, &At { value: name.to_string(), at: value.at }, value.value);
        }
    }

    fn columns(&self, fields: &Fields<'n, 'a>, base: &Scenario) -> Vec<Column> {
        let tables = fields.tables("columns", &format::COLUMN);
        let mut columns: Vec<Column> = tables.into_iter().map(|f| self.column(f, base)).collect();
        fields.need("columns", (!columns.is_empty()).then_some(()));
        if columns.len() > COLUMNS_MAX {
            self.notes.mistake(&fields.at, format!("{} columns; {COLUMNS_MAX} are the most", columns.len()), "");
        }
        if let (false, Some(first)) = (columns.iter().any(|c| c.bar), columns.first_mut()) {
            first.bar = true;
        }
        columns
    }

    fn column(&self, fields: Fields<'n, 'a>, base: &Scenario) -> Column {
        let name = fields.text("name");
        let right = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if !name.value.chars().all(right) || name.value.starts_with(|c: char| c.is_ascii_digit()) {
            self.notes.mistake(&name.at, format!("`{}` is no name of a column", name.value), "letters, digits and _");
        }
        let fact = self.fact(&fields, "fact", base);
        if fields.has("fact") == fields.has("share") {
            self.notes.mistake(&fields.at, "a column shows either a `fact` or a `share`", "");
        }
        fields.get("share");
        let unit = fields.text_if("unit").map(|t| t.value);
        let unit = unit.or_else(|| fields.has("share").then(|| "%".to_string()));
        let bar = fields.flag("bar");
        fields.done();
        Column { name: name.value, fact, unit, bar }
    }

    /// The condition of every `share` column, for one row.
    fn shares(&self, fields: &Fields<'n, 'a>, scenario: &Scenario) -> Vec<Option<Cond>> {
        fields.tables("columns", &format::COLUMN).iter().map(|column| self.cond_if(column, "share", scenario)).collect()
    }

    /// What has to be so across the rows.
    fn across(&self, fields: &Fields<'n, 'a>, columns: &[Column], rows: &[Row]) -> Vec<Across> {
        let texts = if fields.is_list("holds") { fields.texts("holds") } else { fields.text_if("holds").into_iter().collect() };
        fields.need("holds", (!texts.is_empty()).then_some(()));
        texts.into_iter().filter_map(|text| self.rule(text, columns, rows)).collect()
    }

    fn rule(&self, text: At<String>, columns: &[Column], rows: &[Row]) -> Option<Across> {
        let words: Vec<&str> = text.value.split_whitespace().collect();
        let column = |name: &str| columns.iter().position(|c| c.name == name);
        let rule = match words[..] {
            [name, "rises"] => column(name).map(Rule::Rises),
            [name, "falls"] => column(name).map(Rule::Falls),
            _ => self.across_condition(&text, columns, rows).map(Rule::Holds),
        };
        if let ([name, "rises" | "falls"], None) = (&words[..], &rule) {
            self.known_name("column", &At { value: (*name).to_string(), at: text.at.clone() }, columns.iter().map(|c| c.name.as_str()));
        }
        Some(Across { text: text.value, rule: rule?, at: text.at })
    }

    /// The text with every row in brackets in place of its name: `lag["5/s"]` is `lag.n2` where that is the second row, for to a condition
    /// the rows of a table are what nodes are.
    fn by_row(&self, text: &At<String>, rows: &[Row]) -> Option<String> {
        let mut parts = text.value.split('[');
        let mut plain = parts.next().unwrap_or_default().to_string();
        for part in parts {
            let (name, rest) = part.split_once(']').unwrap_or((part, ""));
            let name = At { value: name.trim_matches(['"', '\'']).to_string(), at: text.at.clone() };
            self.known_name("row", &name, rows.iter().map(|row| row.label.as_str()));
            let index = rows.iter().position(|row| row.label == name.value)?;
            plain = format!("{plain}.{}{rest}", row_name(index));
        }
        Some(plain)
    }

    /// A condition whose names are columns, each a number for every row.
    fn across_condition(&self, text: &At<String>, columns: &[Column], rows: &[Row]) -> Option<Condition> {
        let doc = |c: &Column| FactDoc { name: intern(&c.name), kind: FactKind::Named(Keys::Any), about: "" };
        let docs: Vec<FactDoc> = columns.iter().map(doc).collect();
        let plain = self.by_row(text, rows)?;
        let note = |error: ConditionError| self.notes.mistake(&text.at, error.message, "");
        Condition::compile(&plain, &docs, &[]).map_err(|errors| errors.into_iter().for_each(note)).ok()
    }
}
