//! The `[[quiz]]` tables.

use std::collections::BTreeSet;

use crate::cluster::Scenario;
use crate::cluster::condition::Condition;
use crate::cluster::facts::FactKind;

use crate::lesson::question::{Fact, Item, Number, Question, QuestionKind, WrongNumber};
use crate::lesson::reader::{Fields, near};
use crate::lesson::schema::Run;

use super::Loader;
use super::parts::Right;

const KINDS: [&str; 6] = ["choice", "several", "number", "order", "recall", "predict"];

impl<'n, 'a> Loader<'n, 'a> {
    pub(super) fn questions(&self, fields: &Fields<'n, 'a>, base: &Scenario) -> Vec<Question> {
        let mut ids = BTreeSet::new();
        let tables = fields.tables("quiz", "a question");
        tables.into_iter().filter_map(|table| self.question(table, base, &mut ids)).collect()
    }

    fn question(&self, mut fields: Fields<'n, 'a>, base: &Scenario, ids: &mut BTreeSet<String>) -> Option<Question> {
        let kind = fields.text("kind", "choice, several, number, order, recall or predict");
        let Some(word) = KINDS.into_iter().find(|k| *k == kind.value) else {
            if !kind.value.is_empty() {
                self.notes.mistake(&kind.at, format!("there is no kind of question `{}`", kind.value), near(&kind.value, KINDS));
            }
            return None;
        };
        fields.rename(&format!("a {word} question"));
        let id = self.id(&fields);
        if !ids.insert(id.clone()) {
            self.notes.mistake(&fields.at, format!("two questions have the id `{id}`"), "");
        }
        let text = fields.text("text", "what is asked").value;
        let run = self.run(&fields, base);
        let step = fields.text_if("step");
        let step = step.and_then(|id| self.step_named(&id));
        let kind = self.question_kind(&fields, word, &run);
        let run = Some(run).filter(|run| !run.script.is_empty() || word == "predict");
        if run.is_none() && fields.get("step").is_none() {
            let help = "`step = \"...\"`, the id of a step, or `do = [...]`";
            self.notes.mistake(&fields.at, format!("a {word} question needs a moment that shows its answer"), help);
        }
        let at = fields.at.clone();
        fields.done();
        Some(Question { id, text, kind: kind?, run, step, at })
    }

    fn question_kind(&self, fields: &Fields<'n, 'a>, word: &str, run: &Run) -> Option<QuestionKind> {
        match word {
            "choice" => Some(QuestionKind::Choice(self.seen_options(fields, run, Right::One))),
            "several" => Some(QuestionKind::Several(self.seen_options(fields, run, Right::Several))),
            "number" => self.number_question(fields, run).map(QuestionKind::Number),
            "order" => Some(QuestionKind::Order(self.items(fields, "items", "the things, in the right order", run))),
            "recall" => Some(QuestionKind::Recall {
                answer: fields.text("answer", "the answer, in Markdown").value,
                points: self.items(fields, "points", "what a good answer names", run),
            }),
            _ => {
                let options = self.options(fields, &run.scenario, Right::One);
                self.right_is_seen(&options);
                let then = self.needed_script(fields, "then", "what happens once an answer is chosen", &run.scenario);
                Some(QuestionKind::Predict { options, then })
            }
        }
    }

    fn seen_options(&self, fields: &Fields<'n, 'a>, run: &Run, right: Right) -> Vec<crate::lesson::schema::Alternative> {
        let options = self.options(fields, &run.scenario, right);
        for see in options.iter().filter_map(|o| o.see.as_ref()).filter(|_| run.script.is_empty()) {
            self.notes.mistake(&see.at, "`see` needs a run to look at", "add `do = [...]` to the question");
        }
        options
    }

    fn number_question(&self, fields: &Fields<'n, 'a>, run: &Run) -> Option<Number> {
        let answer = fields.need("answer", "the right number", fields.number("answer"));
        let unit = fields.text_if("unit").map(|t| t.value);
        let tolerance = fields.number("tolerance").map_or(0.0, |t| t.value.abs());
        let fact = self.fact(fields, run);
        let why = fields.text("why", "why it is this number").value;
        let tables = fields.tables("wrong", "a wrong number");
        let wrong: Vec<_> = tables.into_iter().filter_map(wrong_number).collect();
        let number = Number { answer: answer?.value, unit, tolerance, fact, why, wrong };
        for wrong in number.wrong.iter().filter(|w| number.accepts(w.answer)) {
            self.notes.mistake(&fields.at, format!("{} is given as wrong and as right", wrong.answer), "");
        }
        Some(number)
    }

    /// `fact = "acked_lost"`, `fact = "lag.n2"` or `fact = 'queued["orders-2"]'`: a number that the run gives.
    fn fact(&self, fields: &Fields<'n, 'a>, run: &Run) -> Option<Fact> {
        let text = fields.text_if("fact")?;
        if run.script.is_empty() {
            self.notes.mistake(&text.at, "`fact` needs a run to look at", "add `do = [...]` to the question");
        }
        let (name, key) = Condition::number(&text.value).unwrap_or((&text.value, None));
        let model = self.model(&run.scenario)?;
        let Some(doc) = model.facts.iter().find(|d| d.name == name) else {
            let help = near(name, model.facts.iter().map(|d| d.name));
            self.notes.mistake(&text.at, format!("{} has no fact `{name}`", model.name), help);
            return None;
        };
        match (doc.kind, &key) {
            (FactKind::Named(_), None) => self.note(&text.at, format!("`{name}` is a number for each name; say which: `{name}.n2`")),
            (FactKind::Int | FactKind::Float, None) | (FactKind::Named(_), Some(_)) => {
                Some(Fact { name: name.to_string(), node: key, at: text.at })
            }
            _ => self.note(&text.at, format!("`{}` is not a number", text.value)),
        }
    }

    /// Things to order or points to name: at least two.
    fn items(&self, fields: &Fields<'n, 'a>, key: &'static str, is: &str, run: &Run) -> Vec<Item> {
        let items: Vec<_> = fields.tables(key, "an entry").into_iter().map(|f| self.item(f, run)).collect();
        fields.need(key, is, (!items.is_empty()).then_some(()));
        if items.len() == 1 {
            self.notes.mistake(&items[0].at, format!("`{key}` needs at least two"), "");
        }
        items
    }

    fn item(&self, fields: Fields<'n, 'a>, run: &Run) -> Item {
        let text = fields.text("text", "what it is").value;
        let why = fields.text("why", "why it belongs here").value;
        let see = self.cond_if(&fields, "see", &run.scenario);
        if let Some(see) = see.as_ref().filter(|_| run.script.is_empty()) {
            self.notes.mistake(&see.at, "`see` needs a run to look at", "add `do = [...]` to the question");
        }
        let at = fields.at.clone();
        fields.done();
        Item { text, why, see, at }
    }
}

fn wrong_number(fields: Fields<'_, '_>) -> Option<WrongNumber> {
    let answer = fields.need("answer", "the wrong number", fields.number("answer"));
    let why = fields.text("why", "what is wrong with it").value;
    fields.done();
    Some(WrongNumber { answer: answer?.value, why })
}
