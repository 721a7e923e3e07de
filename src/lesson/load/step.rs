//! The `[[step]]` tables.

use crate::cluster::Scenario;

use crate::lesson::reader::{At, Fields, near};
use crate::lesson::schema::{Compare, Mark, MarkAt, Origin, Script, Side, Step, StepKind, Try};

use super::parts::Right;
use super::{Loader, MARKS};

/// The most words of instruction on the first step, so that the first screen needs no scrolling.
const FIRST_WORDS: usize = 40;

const KINDS: [&str; 4] = ["say", "predict", "try", "compare"];

impl<'n, 'a> Loader<'n, 'a> {
    pub(super) fn steps(&self, fields: &Fields<'n, 'a>, base: &Scenario) -> Vec<Step> {
        let tables = fields.tables("step", "a step");
        fields.need("step", "what learners walk through", (!tables.is_empty()).then_some(()));
        let mut story = base.clone();
        let mut steps = Vec::new();
        for (index, table) in tables.into_iter().enumerate() {
            if index == 0 {
                self.first_is_short(&table);
            }
            if let Some(id) = table.text_if("id") {
                self.new_id(&id, index);
            }
            if let Some(step) = self.step(table, base, &story) {
                if let (Origin::Fresh(scenario), StepKind::Say { .. } | StepKind::Predict { .. }) = (&step.origin, &step.kind) {
                    story = scenario.clone();
                }
                steps.push(step);
            }
        }
        steps
    }

    fn first_is_short(&self, fields: &Fields<'n, 'a>) {
        let Some(text) = fields.get("text").filter(|v| v.get_ref().is_str()) else { return };
        let words = text.get_ref().as_str().map_or(0, |t| t.split_whitespace().count());
        if words > FIRST_WORDS {
            let message = format!("the first step has {words} words; {FIRST_WORDS} are the most");
            self.notes.mistake(&text.span(), message, "say the rest in a later step");
        }
    }

    fn new_id(&self, id: &At<String>, index: usize) {
        self.check_id(id);
        let mut ids = self.ids.take();
        if ids.insert(id.value.clone(), index).is_some() {
            self.notes.mistake(&id.at, format!("two steps have the id `{}`", id.value), "");
        }
        self.ids.set(ids);
    }

    fn step(&self, mut fields: Fields<'n, 'a>, base: &Scenario, story: &Scenario) -> Option<Step> {
        let kind = fields.text("kind", "say, predict, try or compare");
        let Some(word) = KINDS.into_iter().find(|k| *k == kind.value) else {
            if !kind.value.is_empty() {
                self.notes.mistake(&kind.at, format!("there is no kind of step `{}`", kind.value), near(&kind.value, KINDS));
            }
            return None;
        };
        fields.rename(&format!("a {word} step"));
        let id = fields.text_if("id").map(|t| t.value);
        let text = fields.text("text", "what the learner reads").value;
        let notes = fields.text_if("notes").map(|t| t.value);
        let origin = self.origin(&fields, word, base);
        let scenario = if let Origin::Fresh(scenario) = &origin { scenario } else { story };
        let marks = self.marks(&fields, word, scenario);
        let at = fields.at.clone();
        let kind = match word {
            "say" => Some(StepKind::Say { script: self.script(&fields, "do", scenario) }),
            "predict" => Some(self.predict(&fields, scenario)),
            "try" => self.try_step(&fields, scenario),
            _ => self.compare(&fields, scenario),
        };
        fields.done();
        Some(Step { id, text, notes, origin, marks, kind: kind?, at })
    }

    /// `from`, and the keys of a variant, which need a fresh cluster.
    fn origin(&self, fields: &Fields<'n, 'a>, word: &str, base: &Scenario) -> Origin {
        if word == "compare" {
            return Origin::Fresh(base.clone());
        }
        let from = fields.text_if("from");
        if let Some(from) = from.as_ref().filter(|f| !["here", "fresh"].contains(&f.value.as_str())) {
            let help = "`here` goes on from the story so far, `fresh` starts a new cluster";
            self.notes.mistake(&from.at, format!("a step does not start from `{}`", from.value), help);
        }
        let fresh = from.map_or(word == "try", |f| f.value == "fresh");
        if fresh {
            return Origin::Fresh(self.variant(fields, base));
        }
        for key in ["settings", "nodes", "clients", "model", "zones", "seed"] {
            if let Some(value) = fields.get(key) {
                let help = "add from = \"fresh\", or use the command `set`";
                self.notes.mistake(&value.span(), format!("`{key}` needs a fresh cluster"), help);
            }
        }
        Origin::Here
    }

    fn marks(&self, fields: &Fields<'n, 'a>, word: &str, scenario: &Scenario) -> Vec<Mark> {
        if !["say", "predict"].contains(&word) {
            return Vec::new();
        }
        fields.tables("marks", "a mark").into_iter().filter_map(|f| self.mark(f, scenario)).collect()
    }

    fn mark(&self, fields: Fields<'n, 'a>, scenario: &Scenario) -> Option<Mark> {
        let after = self.span(&fields, "after", MARKS).map(MarkAt::After);
        let when = self.cond_if(&fields, "when", scenario).map(MarkAt::When);
        if fields.get("after").is_some() == fields.get("when").is_some() {
            let message = "a mark needs either `after` (a time since the step began) or `when` (a condition)";
            self.notes.mistake(&fields.at, message, "");
        }
        let text = fields.text_if("text").map(|t| t.value);
        let at = fields.at.clone();
        fields.done();
        Some(Mark { when: after.or(when)?, text, at })
    }

    fn predict(&self, fields: &Fields<'n, 'a>, scenario: &Scenario) -> StepKind {
        let options = self.options(fields, scenario, Right::One);
        self.right_is_seen(&options);
        StepKind::Predict { options, then: self.needed_script(fields, "then", "what happens once an answer is chosen", scenario) }
    }

    pub(super) fn needed_script(&self, fields: &Fields<'n, 'a>, key: &'static str, is: &str, scenario: &Scenario) -> Script {
        let script = self.script(fields, key, scenario);
        fields.need(key, is, (!script.is_empty()).then_some(()));
        script
    }

    fn try_step(&self, fields: &Fields<'n, 'a>, scenario: &Scenario) -> Option<StepKind> {
        fields.need("id", "its name in this lesson", fields.text_if("id"));
        let goal = self.cond(fields, "goal", "the condition to be brought about", scenario);
        let hints = self.hints(fields);
        let start = self.script(fields, "start", scenario);
        let solution = self.needed_script(fields, "solution", "commands that reach the goal", scenario);
        let misses = self.scripts(fields, "misses", scenario);
        let because = fields.text("because", "why the solution works").value;
        Some(StepKind::Try(Box::new(Try { goal: goal?, hints, start, solution, misses, because })))
    }

    fn hints(&self, fields: &Fields<'n, 'a>) -> Option<[String; 3]> {
        let list = fields.get("hints")?;
        let hints: Vec<String> = fields.texts("hints").into_iter().map(|t| t.value).collect();
        let count = hints.len();
        let three: Result<[String; 3], _> = hints.try_into();
        if three.is_err() {
            let help = "three: where to look, which principle, what to do next; or none";
            self.notes.mistake(&list.span(), format!("{count} hints"), help);
        }
        three.ok()
    }

    fn compare(&self, fields: &Fields<'n, 'a>, base: &Scenario) -> Option<StepKind> {
        let a = self.side(fields, "a", base);
        let b = self.side(fields, "b", base);
        let script = self.common_script(fields, a.as_ref(), b.as_ref());
        let look = fields.text_if("look").map(|t| t.value);
        let because = fields.text("because", "why the two differ").value;
        let (a, b) = (a?, b?);
        if a.scenario == b.scenario {
            self.notes.mistake(&b.at, "the two designs are the same", "give one of them other `settings`");
        }
        if a.name == b.name {
            self.notes.mistake(&b.at, "the two designs have the same name", "");
        }
        Some(StepKind::Compare(Box::new(Compare { a, b, script, look, because })))
    }

    /// The commands that both designs get; their conditions have to make sense on both.
    fn common_script(&self, fields: &Fields<'n, 'a>, a: Option<&Side>, b: Option<&Side>) -> Script {
        let is = "the pokes that both get";
        match (a, b) {
            (Some(a), Some(b)) if a.scenario.model != b.scenario.model => {
                self.script(fields, "do", &b.scenario);
                self.needed_script(fields, "do", is, &a.scenario)
            }
            (Some(side), _) | (_, Some(side)) => self.needed_script(fields, "do", is, &side.scenario),
            (None, None) => Script::default(),
        }
    }

    fn side(&self, fields: &Fields<'n, 'a>, key: &'static str, base: &Scenario) -> Option<Side> {
        let table = fields.need(key, "one of the two designs", fields.table(key, &format!("design `{key}`")))?;
        let name = table.text("name", "its name on the screen").value;
        let scenario = self.variant(&table, base);
        if let Some(seed) = table.get("seed") {
            self.notes.mistake(&seed.span(), "both designs run with the same seed", "set it in [cluster]");
        }
        let holds = self.cond_if(&table, "holds", &scenario);
        let at = table.at.clone();
        table.done();
        Some(Side { name, scenario, holds, at })
    }
}
