//! What the speaker reads: the notes of a page, what is right and why, and what comes next. All of it comes from the deck and the lesson,
//! never over the line.

use super::show::{Page, Plan, Planned};
use super::speech;
use crate::lesson::markup;
use crate::lesson::schema::{Script, Step, StepKind};

/// Something to read under a heading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// The heading.
    pub heading: &'static str,
    /// Markdown, a paragraph each.
    pub lines: Vec<String>,
}

/// Everything for a page.
pub fn of(planned: &Planned) -> Vec<Section> {
    let mut all = Vec::new();
    let mut add = |heading, lines: Vec<String>| {
        if !lines.is_empty() {
            all.push(Section { heading, lines: lines.iter().map(|line| said(line)).collect() });
        }
    };
    let step = step(planned);
    add("Notes", planned.notes.iter().cloned().chain(step.and_then(|step| step.notes.clone())).collect());
    match step {
        Some(step) => of_step(step, &mut add),
        None => add("Question", planned.lesson.iter().map(|lesson| lesson.question.clone()).collect()),
    }
    all
}

/// The step that a page shows.
fn step(planned: &Planned) -> Option<&Step> {
    let Page::Step { step, .. } = planned.page else { return None };
    planned.lesson.as_ref()?.steps.get(step)
}

fn of_step(step: &Step, add: &mut impl FnMut(&'static str, Vec<String>)) {
    match &step.kind {
        StepKind::Say { .. } => {}
        StepKind::Predict { options, .. } => {
            let answer = |(i, option): (usize, &crate::lesson::schema::Alternative)| {
                let sign = if option.right { "  **right**" } else { "" };
                [format!("**{}** {}{sign}", i + 1, option.text), format!("> {}", option.why)]
            };
            add("Answers", options.iter().enumerate().flat_map(answer).collect());
        }
        StepKind::Try(goal) => {
            add("Goal", goal.goal.clauses.iter().map(|clause| clause.say.clone()).collect());
            add("One way", commands(&goal.solution));
            add("Why", goal.because.iter().map(|because| because.text.clone()).collect());
            add("Hints", goal.hints.iter().flatten().cloned().collect());
            add("Near misses", goal.misses.iter().filter_map(|miss| Some(miss.told.as_ref()?.say.clone())).collect());
        }
        StepKind::Compare(compare) => {
            add("Look at", compare.look.iter().cloned().collect());
            add("Why", vec![compare.because.clone()]);
        }
        StepKind::Measure(measure) => {
            add("Look at", measure.look.iter().cloned().collect());
            add("Why", vec![measure.because.clone()]);
        }
    }
}

fn commands(script: &Script) -> Vec<String> {
    let words = script.lines.iter().map(|line| format!("`{}`", line.command));
    Some(words.collect::<Vec<_>>().join(", then ")).filter(|all| !all.is_empty()).into_iter().collect()
}

/// The marks of a page, a sentence each; one without words has none.
pub fn marks(planned: &Planned) -> Vec<String> {
    let marks = step(planned).map_or(&[][..], |step| &step.marks);
    marks.iter().map(|mark| mark.text.as_deref().map_or_else(String::new, said)).collect()
}

/// A text as a speaker reads it: commands and keys by their names.
fn said(text: &str) -> String {
    let filled = markup::filled(text, |slot| match slot.strip_prefix("fact ") {
        Some(fact) => format!("(`{fact}` then)"),
        None => format!("`{}`", slot.strip_prefix("key ").unwrap_or(slot)),
    });
    speech::parts(&filled).join("  \n")
}

impl Plan {
    /// What comes after a page: its title.
    pub fn next_title(&self, page: usize) -> Option<&str> {
        self.pages.get(page + 1).map(|planned| planned.page.title())
    }

    /// Where a page is in its lesson: `failover-limits, rejoin`.
    pub fn place(&self, page: usize) -> String {
        let Some(planned) = self.pages.get(page) else { return String::new() };
        let lesson = planned.lesson.as_ref().map_or("", |lesson| lesson.id.as_str());
        step(planned).map_or_else(|| lesson.to_string(), |step| format!("{lesson}, {}", step.id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lesson::catalogue;
    use crate::present::show::Origin;

    fn plan() -> Plan {
        Plan::open(Origin { lesson: Some("failover-limits".into()), ..Origin::default() }, catalogue()).unwrap()
    }

    fn text(sections: &[Section]) -> String {
        let lines = |section: &Section| [section.heading.to_string(), section.lines.join("\n")].join("\n");
        sections.iter().map(lines).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn the_speaker_knows_what_is_right_and_why() {
        let plan = plan();
        let predict = text(&of(&plan.pages[2]));
        assert!(predict.contains("**3** both of them  **right**\n> Each leader puts the write"), "{predict}");
        let goal = text(&of(&plan.pages[1]));
        assert!(goal.contains("Let the class choose") && goal.contains("`cut east | west`, then `until \"leaders >= 2\"`"), "{goal}");
        assert_eq!(plan.next_title(1), Some("Who is told ok?"));
        assert_eq!(plan.place(2), "failover-limits, both-say-ok");
        assert_eq!(marks(&plan.pages[2]).len(), 3);
    }

    #[test]
    fn no_slot_is_left_in_any_lesson() {
        for id in catalogue().lessons() {
            let plan = Plan::open(Origin { lesson: Some(id.into()), ..Origin::default() }, catalogue()).unwrap();
            for planned in &plan.pages {
                let text = text(&of(planned)) + &marks(planned).concat();
                assert!(!text.contains("{{"), "{id}: {text}");
            }
            assert_eq!(plan.next_title(plan.pages.len() - 1), None);
        }
    }
}
