//! The `[[drill]]` tables.

use crate::cluster::Scenario;
use crate::sim::id::NodeId;

use crate::lesson::drill::{Asks, Case, Clinic, Cure, Drill, Outcome, Outcomes};
use crate::lesson::format::{self, Table};
use crate::lesson::question::{Question, WrongOption};
use crate::lesson::reader::Fields;
use crate::lesson::schema::Run;

use super::Loader;
use super::given::{DRILL_THINGS_MAX, Given};
use super::parts::Right;

/// The kinds of drills, and the keys of each.
const KINDS: [(&str, &Table); 3] = [("predict", &format::PREDICT_DRILL), ("diagnose", &format::DIAGNOSE), ("clinic", &format::CLINIC)];

/// The most cases of a drill.
const CASES_MAX: usize = 72;

impl<'n, 'a> Loader<'n, 'a> {
    pub(super) fn drills(&self, fields: &Fields<'n, 'a>, base: &Scenario, questions: &[Question]) -> Vec<Drill> {
        let mut ids: Vec<String> = questions.iter().map(|question| question.id.clone()).collect();
        fields.tables("drill", &format::DRILL).into_iter().filter_map(|table| self.drill(table, base, &mut ids)).collect()
    }

    fn drill(&self, mut fields: Fields<'n, 'a>, base: &Scenario, ids: &mut Vec<String>) -> Option<Drill> {
        let (word, shape) = self.word(&fields, "kind", &KINDS.map(|(word, shape)| (word, (word, shape))))?;
        fields.is(shape);
        let id = self.id(&fields);
        if ids.contains(&id) {
            self.notes.mistake(&fields.at, format!("another question or drill has the id `{id}`"), "");
        }
        ids.push(id.clone());
        let tags = fields.texts("tags").into_iter().map(|tag| tag.value).collect();
        let all = self.combinations_of(&fields, "vary", DRILL_THINGS_MAX);
        if all.len() > CASES_MAX {
            self.notes.mistake(&fields.at, format!("{} cases; {CASES_MAX} are the most", all.len()), "leave some values out");
        }
        let case = |given: &Given| self.with(given, || self.drill_case(&fields, word, given, base));
        let cases: Vec<Case> = all.iter().take(CASES_MAX).filter_map(case).collect();
        let believed = if word == "predict" { self.believed(&fields, base) } else { Vec::new() };
        let at = fields.at.clone();
        fields.done();
        Some(Drill { id, tags, cases, believed, at })
    }

    fn drill_case(&self, fields: &Fields<'n, 'a>, word: &str, given: &Given, base: &Scenario) -> Option<Case> {
        let scenario = self.variant(fields, base);
        let scenario = if given.is_empty() { scenario } else { self.varied(fields, "vary", scenario, given)? };
        let script = self.script(fields, "do", &scenario);
        let text = self.page(fields, "text", &scenario);
        let run = Run { scenario, script };
        let asks = match word {
            "predict" => self.predict_drill(fields, &run.scenario)?,
            "diagnose" => Asks::Diagnose,
            _ => Asks::Clinic(Box::new(self.clinic(fields, &run.scenario)?)),
        };
        Some(Case { given: given.clone(), text, run, asks })
    }

    fn predict_drill(&self, fields: &Fields<'n, 'a>, scenario: &Scenario) -> Option<Asks> {
        let then = self.needed_script(fields, "then", scenario);
        let ways = ["outcomes", "fact", "told"].into_iter().filter(|key| fields.has(key)).count();
        if ways != 1 {
            self.notes.mistake(&fields.at, "a predict drill asks for one of `outcomes`, `fact` and `told`", "give one of them");
        }
        let unit = fields.text_if("unit").map(|unit| unit.value);
        let outcomes = if fields.has("outcomes") {
            let list = fields.tables("outcomes", &format::OUTCOME);
            Outcomes::Listed(list.into_iter().filter_map(|f| self.outcome(f, scenario)).collect())
        } else if let Some(fact) = self.fact(fields, "fact", scenario) {
            Outcomes::Number { fact, unit, because: self.because(fields, scenario) }
        } else {
            Outcomes::Told { client: self.client(fields)?, because: self.because(fields, scenario) }
        };
        Some(Asks::Predict { then, outcomes })
    }

    fn client(&self, fields: &Fields<'n, 'a>) -> Option<NodeId> {
        let name = fields.text_if("told")?;
        name.value.parse().map_err(|bad| self.notes.mistake(&name.at, format!("{bad}"), "such as \"c2\"")).ok()
    }

    fn outcome(&self, fields: Fields<'n, 'a>, scenario: &Scenario) -> Option<Outcome> {
        let text = self.page(&fields, "text", scenario);
        let see = self.cond(&fields, "see", scenario);
        let because = self.because(&fields, scenario);
        fields.done();
        Some(Outcome { text, see: see?, because })
    }

    fn believed(&self, fields: &Fields<'n, 'a>, scenario: &Scenario) -> Vec<WrongOption> {
        let one = |fields: Fields<'n, 'a>| {
            let wrong = WrongOption {
                text: self.page(&fields, "text", scenario),
                why: self.page(&fields, "why", scenario),
                belief: self.belief(&fields),
            };
            fields.done();
            wrong
        };
        fields.tables("believed", &format::BELIEVED).into_iter().map(one).collect()
    }

    fn clinic(&self, fields: &Fields<'n, 'a>, scenario: &Scenario) -> Option<Clinic> {
        let options = self.options(fields, scenario, Right::One);
        let moment = self.cond(fields, "moment", scenario);
        let moment_why = self.page(fields, "moment-why", scenario);
        let cures: Vec<Cure> = fields.tables("cures", &format::CURE).into_iter().map(|f| self.cure(f, scenario)).collect();
        fields.need("cures", (!cures.is_empty()).then_some(()));
        let helped = self.cond(fields, "cured", scenario);
        Some(Clinic { options, moment: moment?, moment_why, cures, cured: helped? })
    }

    fn cure(&self, fields: Fields<'n, 'a>, scenario: &Scenario) -> Cure {
        let text = self.page(&fields, "text", scenario);
        let script = self.needed_script(&fields, "do", scenario);
        let why = self.page(&fields, "why", scenario);
        let at = fields.at.clone();
        fields.done();
        Cure { text, script, why, at }
    }
}
