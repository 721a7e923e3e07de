//! The keys of a try step: its goal, what comes near, and why it works.

use crate::cluster::Scenario;
use crate::cluster::condition::Condition;

use crate::lesson::format;
use crate::lesson::goal::{Because, Clause, Goal, Miss, Told};
use crate::lesson::reader::{At, Fields};
use crate::lesson::schema::{Cond, StepKind, Try};

use super::Loader;

impl<'n, 'a> Loader<'n, 'a> {
    pub(super) fn try_step(&self, fields: &Fields<'n, 'a>, scenario: &Scenario) -> Option<StepKind> {
        let goal = self.goal(fields, scenario);
        let hints = self.hints(fields, scenario);
        let start = self.script(fields, "start", scenario);
        let solution = self.needed_script(fields, "solution", scenario);
        let ways = self.scripts(fields, "ways", scenario);
        let misses = fields.tables("misses", &format::MISS).into_iter().map(|f| self.miss(f, scenario)).collect();
        let because = self.because(fields, scenario);
        Some(StepKind::Try(Box::new(Try { goal: goal?, hints, start, solution, ways, misses, because })))
    }

    /// The goal: a condition, or a list of clauses.
    fn goal(&self, fields: &Fields<'n, 'a>, scenario: &Scenario) -> Option<Goal> {
        let clauses: Vec<Clause> = if fields.is_list("goal") {
            fields.tables("goal", &format::CLAUSE).into_iter().filter_map(|f| self.clause(f, scenario)).collect()
        } else {
            self.parts_of(&fields.need("goal", fields.text_if("goal"))?, scenario)
        };
        let at = fields.get("goal")?.span();
        let texts: Vec<String> =
            clauses.iter().map(|c| if clauses.len() > 1 { grouped(&c.that.text) } else { c.that.text.clone() }).collect();
        let joined = texts.join(" && ");
        let test = Condition::about(&joined, scenario).ok().filter(|_| !clauses.is_empty())?;
        Some(Goal { whole: Cond { text: joined, test, at }, clauses })
    }

    /// A goal that is one condition: each part that is joined by `&&` is a clause, told by the sentence of its first fact.
    fn parts_of(&self, written: &At<String>, scenario: &Scenario) -> Vec<Clause> {
        let Some(whole) = self.condition(written.clone(), scenario) else { return Vec::new() };
        let part = |part: &str| {
            let test = Condition::about(part, scenario).ok()?;
            let that = Cond { text: part.to_string(), test, at: written.at.clone() };
            Some(Clause { say: self.sentence(&that, scenario), that })
        };
        let parts: Option<Vec<Clause>> = conjuncts(&whole.text).into_iter().map(part).collect();
        parts.unwrap_or_else(|| vec![Clause { say: self.sentence(&whole, scenario), that: whole }])
    }

    /// What a condition asks for, where the lesson does not say it: the sentence of its first fact, and the condition itself.
    fn sentence(&self, that: &Cond, scenario: &Scenario) -> String {
        let docs = self.model(scenario).map_or(&[][..], |model| model.facts);
        let about = that.test.names().find_map(|name| docs.iter().find(|doc| doc.name == name)).map(|doc| doc.about);
        about.map_or_else(|| format!("`{}`", that.text), |about| format!("`{}` ({})", that.text, about.trim_end_matches('.')))
    }

    fn clause(&self, fields: Fields<'n, 'a>, scenario: &Scenario) -> Option<Clause> {
        let that = self.cond(&fields, "that", scenario);
        let say = self.prose_if(&fields, "say", scenario);
        fields.done();
        let that = that?;
        Some(Clause { say: say.unwrap_or_else(|| self.sentence(&that, scenario)), that })
    }

    fn hints(&self, fields: &Fields<'n, 'a>, scenario: &Scenario) -> Option<[String; 3]> {
        let list = fields.get("hints")?;
        let hints: Vec<String> = fields.texts("hints").into_iter().map(|t| self.card(&t, scenario)).collect();
        let count = hints.len();
        let three: Result<[String; 3], _> = hints.try_into();
        if three.is_err() {
            let help = "three: where to look, which principle, what to do next; or none";
            self.notes.mistake(&list.span(), format!("{count} hints"), help);
        }
        three.ok()
    }

    fn miss(&self, fields: Fields<'n, 'a>, scenario: &Scenario) -> Miss {
        let script = self.needed_script(&fields, "do", scenario);
        let when = self.cond_if(&fields, "when", scenario);
        let say = self.prose_if(&fields, "say", scenario);
        let ends = fields.flag("ends");
        if fields.has("when") != fields.has("say") {
            self.notes.mistake(&fields.at, "`when` and `say` belong together", "say what is to be told, and when it is true");
        }
        if ends && !fields.has("when") {
            self.notes.mistake(&fields.at, "`ends` needs `when`: the condition that ends it", "");
        }
        let at = fields.at.clone();
        fields.done();
        Miss { script, told: when.zip(say).map(|(when, say)| Told { when, say }), ends, at }
    }

    /// The reasons: a text, or a list of them.
    pub(super) fn because(&self, fields: &Fields<'n, 'a>, scenario: &Scenario) -> Vec<Because> {
        if !fields.is_list("because") {
            let text = fields.text("because");
            return vec![Because { when: None, text: self.card(&text, scenario), at: text.at }];
        }
        let reasons: Vec<Because> = fields.tables("because", &format::BECAUSE).into_iter().map(|f| self.reason(f, scenario)).collect();
        let before_last = reasons.len().saturating_sub(1);
        for early in reasons.iter().take(before_last).filter(|reason| reason.when.is_none()) {
            self.notes.mistake(&early.at, "no reason after this one would ever be told", "give it a `when`, or put it last");
        }
        reasons
    }

    fn reason(&self, fields: Fields<'n, 'a>, scenario: &Scenario) -> Because {
        let when = self.cond_if(&fields, "when", scenario);
        let text = self.prose(&fields, "text", scenario);
        let at = fields.at.clone();
        fields.done();
        Because { when, text, at }
    }
}

/// A condition that can stand beside others.
fn grouped(text: &str) -> String {
    if text.contains("||") { format!("({text})") } else { text.to_string() }
}

/// The parts that `&&` joins, outside of brackets and quotes; all of it where `||` joins it.
fn conjuncts(text: &str) -> Vec<&str> {
    let (mut parts, mut start, mut depth, mut quote) = (Vec::new(), 0, 0u32, None);
    let bytes = text.as_bytes();
    for (i, byte) in bytes.iter().enumerate() {
        match (quote, byte) {
            (Some(open), _) => quote = Some(open).filter(|open| open != byte),
            (None, b'"' | b'\'') => quote = Some(*byte),
            (None, b'(' | b'[') => depth += 1,
            (None, b')' | b']') => depth = depth.saturating_sub(1),
            (None, b'|') if depth == 0 && bytes.get(i + 1) == Some(&b'|') => return vec![text.trim()],
            (None, b'&') if depth == 0 && bytes.get(i + 1) == Some(&b'&') => {
                parts.push(text[start..i].trim());
                start = i + 2;
            }
            _ => {}
        }
    }
    parts.push(text[start..].trim());
    parts
}

#[cfg(test)]
mod tests {
    use super::conjuncts;

    #[test]
    fn a_condition_falls_apart_where_both_have_to_hold() {
        assert_eq!(conjuncts("a >= 1 && b == 'x && y' && (c || d && e)"), ["a >= 1", "b == 'x && y'", "(c || d && e)"]);
        assert_eq!(conjuncts("a && b || c"), ["a && b || c"]);
        assert_eq!(conjuncts("leaders >= 2"), ["leaders >= 2"]);
    }
}
