//! The `[[quiz]]` tables.

use std::collections::BTreeSet;

use crate::cluster::Scenario;

use crate::lesson::format::{self, Table};
use crate::lesson::question::{About, Fact, FollowUp, Item, Number, Question, QuestionKind, WrongNumber};
use crate::lesson::reader::{At, Fields, number};
use crate::lesson::schema::{Alternative, Run};

use super::Loader;
use super::given::Given;
use super::parts::Right;

/// What a question can be about.
const ABOUT: [(&str, About); 3] = [("this", About::This), ("other", About::Other), ("clinic", About::Clinic)];

/// The kinds of questions, and the keys of each.
const KINDS: [(&str, &Table); 6] = [
    ("choice", &format::CHOICE),
    ("several", &format::SEVERAL),
    ("number", &format::NUMBER),
    ("order", &format::ORDER),
    ("recall", &format::RECALL),
    ("predict", &format::PREDICT_QUIZ),
];

impl<'n, 'a> Loader<'n, 'a> {
    /// Every question; one with `vary` once for each of its values.
    pub(super) fn questions(&self, fields: &Fields<'n, 'a>, base: &Scenario) -> Vec<Question> {
        let mut ids = BTreeSet::new();
        let tables = fields.tables("quiz", &format::QUIZ);
        tables.into_iter().flat_map(|table| self.cases(table, base, &mut ids)).collect()
    }

    fn cases(&self, mut fields: Fields<'n, 'a>, base: &Scenario, ids: &mut BTreeSet<String>) -> Vec<Question> {
        let Some((word, shape)) = self.word(&fields, "kind", &KINDS.map(|(word, shape)| (word, (word, shape)))) else {
            return Vec::new();
        };
        fields.is(shape);
        let id = self.id(&fields);
        let form_of = self.form_of(&fields, ids);
        if !ids.insert(id.clone()) {
            self.notes.mistake(&fields.at, format!("two questions have the id `{id}`"), "");
        }
        let all = self.combinations(&fields, "vary");
        let tags: Vec<String> = fields.texts("tags").into_iter().map(|tag| tag.value).collect();
        let case = |(case, given): (usize, &Given)| self.with(given, || self.question(&fields, word, &id, (case, given), base));
        let mut questions: Vec<Question> = all.iter().enumerate().filter_map(case).collect();
        for question in &mut questions {
            (question.form_of, question.tags) = (form_of.clone(), tags.clone());
        }
        fields.done();
        questions
    }

    /// The question before this one whose idea it asks in another form.
    fn form_of(&self, fields: &Fields<'n, 'a>, before: &BTreeSet<String>) -> Option<String> {
        let first = fields.text_if("form-of")?;
        self.known_name("question before this one", &first, before.iter().map(String::as_str));
        Some(first.value)
    }

    fn question(&self, fields: &Fields<'n, 'a>, word: &str, id: &str, (case, given): (usize, &Given), base: &Scenario) -> Option<Question> {
        let about = fields.has("about").then(|| self.word(fields, "about", &ABOUT)).flatten().unwrap_or_default();
        let run = self.run(fields, base);
        let text = self.page(fields, "text", &run.scenario);
        let step = fields.text_if("step");
        let step = step.and_then(|id| self.step_named(&id));
        let kind = self.question_kind(fields, word, case, &run);
        let run = Some(run).filter(|run| !run.script.is_empty() || word == "predict");
        if run.is_none() && !fields.has("step") {
            let help = "`step = \"...\"`, the id of a step, or `do = [...]`";
            self.notes.mistake(&fields.at, format!("a {word} question needs a moment that shows its answer"), help);
        }
        let fixed = matches!(word, "choice" | "several" | "predict") && fields.flag("fixed");
        let at = fields.at.clone();
        let (id, given) = (id.to_string(), given.clone());
        Some(Question { id, text, given, about, form_of: None, tags: Vec::new(), fixed, kind: kind?, run, step, at })
    }

    fn question_kind(&self, fields: &Fields<'n, 'a>, word: &str, case: usize, run: &Run) -> Option<QuestionKind> {
        match word {
            "choice" => Some(QuestionKind::Choice(self.seen_options(fields, run, Right::One))),
            "several" => Some(QuestionKind::Several(self.seen_options(fields, run, Right::Several))),
            "number" => self.number_question(fields, case, run).map(QuestionKind::Number),
            "order" => Some(QuestionKind::Order(self.items(fields, "items", run))),
            "recall" => Some(QuestionKind::Recall {
                answer: self.page(fields, "answer", &run.scenario),
                points: self.items(fields, "points", run),
                follow_up: self.follow_up(fields, &run.scenario),
            }),
            _ => {
                let options = self.options(fields, &run.scenario, Right::One);
                self.right_is_seen(&options);
                let then = self.needed_script(fields, "then", &run.scenario);
                self.waits_for_no_answer(&then, &options);
                Some(QuestionKind::Predict { options, then })
            }
        }
    }

    /// What is asked next: a question that has its answer, as every other has.
    fn follow_up(&self, fields: &Fields<'n, 'a>, scenario: &Scenario) -> Option<FollowUp> {
        let asks = self.page_if(fields, "follow-up", scenario);
        let answer = self.page_if(fields, "follow-up-answer", scenario);
        match (&asks, &answer) {
            (Some(_), None) => self.notes.mistake(&fields.at, "`follow-up` asks something that nothing answers", "add `follow-up-answer`"),
            (None, Some(_)) => self.notes.mistake(&fields.at, "`follow-up-answer` answers no question", "add `follow-up`"),
            _ => {}
        }
        Some(FollowUp { asks: asks?, answer: answer? })
    }

    fn seen_options(&self, fields: &Fields<'n, 'a>, run: &Run, right: Right) -> Vec<Alternative> {
        let options = self.options(fields, &run.scenario, right);
        for see in options.iter().filter_map(|o| o.see.as_ref()).filter(|_| run.script.is_empty()) {
            self.notes.mistake(&see.at, "`see` needs a run to look at", "add `do = [...]` to the question");
        }
        options
    }

    fn number_question(&self, fields: &Fields<'n, 'a>, case: usize, run: &Run) -> Option<Number> {
        let answer = fields.need("answer", self.case_number(fields, case));
        let unit = fields.text_if("unit").map(|t| t.value);
        let tolerance = fields.number("tolerance").map_or(0.0, |t| t.value.abs());
        let fact = self.fact(fields, "fact", &run.scenario);
        if let (Some(fact), true) = (&fact, run.script.is_empty()) {
            self.notes.mistake(&fact.at, "`fact` needs a run to look at", "add `do = [...]` to the question");
        }
        let why = self.page(fields, "why", &run.scenario);
        let tables = fields.tables("wrong", &format::WRONG_NUMBER);
        let wrong: Vec<_> = tables.into_iter().filter_map(|f| self.wrong_number(f, case, &run.scenario)).collect();
        let number = Number { answer: answer?, unit, tolerance, fact, why, wrong };
        for wrong in number.wrong.iter().filter(|w| number.accepts(w.answer)) {
            self.notes.mistake(&fields.at, format!("{} is given as wrong and as right", wrong.answer), "");
        }
        Some(number)
    }

    /// `answer`: one number, or one for each value of `vary`.
    fn case_number(&self, fields: &Fields<'n, 'a>, case: usize) -> Option<f64> {
        if !fields.is_list("answer") {
            return fields.number("answer").map(|n| n.value);
        }
        let numbers: Vec<f64> = fields.list("answer").iter().filter_map(number).collect();
        if numbers.len() != self.combinations(fields, "vary").len() {
            let at = fields.get("answer")?.span();
            self.notes.mistake(&at, "a list of answers has one number for each value of `vary`", "");
        }
        numbers.get(case).copied()
    }

    fn wrong_number(&self, fields: Fields<'n, 'a>, case: usize, scenario: &Scenario) -> Option<WrongNumber> {
        let numbers: Vec<f64> = if fields.is_list("answer") {
            fields.list("answer").iter().filter_map(number).collect()
        } else {
            fields.number("answer").map(|n| n.value).into_iter().collect()
        };
        let answer = fields.need("answer", numbers.get(case).or(numbers.first()).copied());
        let why = self.page(&fields, "why", scenario);
        let belief = self.belief(&fields);
        fields.done();
        Some(WrongNumber { answer: answer?, why, belief })
    }

    /// `fact = "acked_lost"` or `fact = "lag.n2"`: a number that a run gives.
    pub(super) fn fact(&self, fields: &Fields<'n, 'a>, key: &'static str, scenario: &Scenario) -> Option<Fact> {
        self.fact_named(&fields.text_if(key)?, scenario)
    }

    /// The fact with this name.
    pub(super) fn fact_named(&self, text: &At<String>, scenario: &Scenario) -> Option<Fact> {
        let model = self.model(scenario)?;
        match Fact::read(&text.value, model) {
            Ok(fact) => Some(Fact { at: text.at.clone(), ..fact }),
            Err((message, help)) => {
                self.notes.mistake(&text.at, message, help);
                None
            }
        }
    }

    /// Things to order or points to name: at least two.
    fn items(&self, fields: &Fields<'n, 'a>, key: &'static str, run: &Run) -> Vec<Item> {
        let items: Vec<_> = fields.tables(key, &format::ITEM).into_iter().map(|f| self.item(f, run)).collect();
        fields.need(key, (!items.is_empty()).then_some(()));
        if items.len() == 1 {
            self.notes.mistake(&items[0].at, format!("`{key}` needs at least two"), "");
        }
        items
    }

    fn item(&self, fields: Fields<'n, 'a>, run: &Run) -> Item {
        let text = self.page(&fields, "text", &run.scenario);
        let why = self.page(&fields, "why", &run.scenario);
        let see = self.cond_if(&fields, "see", &run.scenario);
        if let Some(see) = see.as_ref().filter(|_| run.script.is_empty()) {
            self.notes.mistake(&see.at, "`see` needs a run to look at", "add `do = [...]` to the question");
        }
        let at = fields.at.clone();
        fields.done();
        Item { text, why, see, at }
    }
}
