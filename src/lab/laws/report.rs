//! What is printed of laws: a table for people, or one object.

use std::io::Write;

use serde_json::{Value, json};

use super::judge::{Judged, QUICK_SIGMAS};
use super::law::{Expect, Goal, Tolerance};
use super::{LawsArgs, Measured};
use crate::harmless;

/// Prints one or the other: the table as it grows, the object at the end.
pub(super) struct Report<'o> {
    args: &'o LawsArgs,
    out: &'o mut dyn Write,
    /// The law of the last case.
    law: Option<String>,
    cases: usize,
    passed: usize,
    /// The rows of the object.
    rows: Vec<Value>,
}

impl<'o> Report<'o> {
    pub(super) fn new(args: &'o LawsArgs, out: &'o mut dyn Write) -> Report<'o> {
        Report { args, out, law: None, cases: 0, passed: 0, rows: Vec::new() }
    }

    /// Adds the next case: a line for each number, under its law.
    pub(super) fn add(&mut self, one: &Measured) -> anyhow::Result<()> {
        self.cases += 1;
        self.passed += usize::from(one.passes());
        if self.args.json {
            self.rows.extend(case_json(one));
            return Ok(());
        }
        if self.law.as_ref() != Some(&one.law.id) {
            let gap = if self.law.is_some() { "\n" } else { "" };
            writeln!(self.out, "{gap}{}: {}", one.law.id, harmless::line(&one.law.title))?;
            writeln!(self.out, "  {}", harmless::line(&one.law.source))?;
            self.law = Some(one.law.id.clone());
        }
        print_case(one, self.out)?;
        Ok(self.out.flush()?)
    }

    /// Says how many pass; whether all do.
    pub(super) fn end(self) -> anyhow::Result<bool> {
        let pass = self.passed == self.cases;
        if self.args.json {
            let object = json!({ "quick": self.args.quick, "pass": pass, "laws": self.rows });
            writeln!(self.out, "{}", harmless::json_pretty(&object))?;
            return Ok(pass);
        }
        let summary = format!("{} of {} cases pass", self.passed, self.cases);
        let few = format!("; with few trials, {QUICK_SIGMAS} standard errors are allowed beside each tolerance");
        writeln!(self.out, "\n{summary}{}", if self.args.quick { few.as_str() } else { "" })?;
        Ok(pass)
    }
}

fn print_case(one: &Measured, out: &mut dyn Write) -> anyhow::Result<()> {
    let trials = if one.trials == 1 { "1 trial".to_string() } else { format!("{} trials", one.trials) };
    writeln!(
        out,
        "  {}{trials}",
        if one.case.label.is_empty() { String::new() } else { format!("{}: ", harmless::line(&one.case.label)) }
    )?;
    match &one.judged {
        Err(why) => writeln!(out, "    FAIL  {}", harmless::line(why))?,
        Ok(all) => {
            for (expect, judged) in one.case.expects.iter().zip(all) {
                writeln!(out, "    {}", row(expect, judged))?;
            }
        }
    }
    Ok(())
}

/// `pass  mean response time, ms     expected 50.5     measured 50.41 ± 0.2      within 1%`
fn row(expect: &Expect, judged: &Judged) -> String {
    let word = if judged.pass { "pass" } else { "FAIL" };
    let goal = match expect.goal {
        Goal::Near(x) => format!("expected {}", short(x)),
        Goal::AtLeast(x) => format!("at least {}", short(x)),
        Goal::AtMost(x) => format!("at most {}", short(x)),
    };
    let measured = match (judged.measured, judged.error) {
        (None, _) => "nothing was measured".to_string(),
        (Some(x), Some(error)) if error > 0.0 => format!("measured {} ± {}", short(x), short(error)),
        (Some(x), _) => format!("measured {}", short(x)),
    };
    let published = expect.published.map(|x| format!("; published {}", short(x))).unwrap_or_default();
    format!("{word}  {:40}  {goal:18}  {measured:28}  {}{published}", harmless::line(&expect.what), words(expect.tolerance))
}

/// `within 2% + 3 sigma`
fn words(tolerance: Tolerance) -> String {
    let Tolerance { absolute, relative, sigmas } = tolerance;
    let parts = [
        (absolute > 0.0).then(|| short(absolute)),
        (relative > 1e-6).then(|| format!("{}%", short(relative * 100.0))),
        (sigmas > 0.0).then(|| format!("{} sigma", short(sigmas))),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    if parts.is_empty() { "exact".to_string() } else { format!("within {}", parts.join(" + ")) }
}

/// A number with five digits that count.
fn short(x: f64) -> String {
    crate::statistics::short(x, 5)
}

/// A row for each number with `id`, `title`, `source`, `case`, `what`, `expected`, `goal` (near, least or most), `published`, `measured`,
/// `error`, `tolerance`, `trials`, `count` and `pass`; a case that did not run has `failed` in place of numbers.
fn case_json(one: &Measured) -> Vec<Value> {
    let about = json!({ "id": one.law.id, "title": one.law.title, "source": one.law.source, "case": one.case.label, "trials": one.trials });
    let with = |more: Value| {
        let mut row = about.clone();
        row.as_object_mut().into_iter().for_each(|row| row.extend(more.as_object().cloned().unwrap_or_default()));
        row
    };
    match &one.judged {
        Err(why) => vec![with(json!({ "failed": why, "pass": false }))],
        Ok(all) => one.case.expects.iter().zip(all).map(|(expect, judged)| with(number_json(expect, judged))).collect(),
    }
}

fn number_json(expect: &Expect, judged: &Judged) -> Value {
    let goal = match expect.goal {
        Goal::Near(_) => "near",
        Goal::AtLeast(_) => "least",
        Goal::AtMost(_) => "most",
    };
    json!({
        "what": expect.what,
        "goal": goal,
        "expected": expect.goal.number(),
        "published": expect.published,
        "measured": judged.measured,
        "error": judged.error,
        "count": judged.of,
        "tolerance": words(expect.tolerance),
        "pass": judged.pass,
    })
}
