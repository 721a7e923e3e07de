//! What is expected in a law.

use toml::de::DeValue;

use super::{Loader, names};
use crate::cluster::condition::Quantity;
use crate::lab::laws::format;
use crate::lab::laws::law::{Expect, Goal, Number, OF_ALGORITHM, OF_OPERATION, OF_ROUND, Statistic, System, Tolerance};
use crate::lesson::reader::{At, Fields, Value, near, number};

/// The words for statistics, for messages.
const STATISTICS: &str = "\"mean\", \"sd\", \"min\", \"max\", or a percentile such as \"p99.9\"";

impl<'n, 'a> Loader<'n, 'a, '_> {
    /// Everything that is expected. Without a system, which had mistakes, only what does not hang on it is read.
    pub(super) fn expects(&self, fields: &Fields<'n, 'a>, system: Option<&System>) -> Vec<Expect> {
        let tables = fields.tables("expect", &format::EXPECT);
        fields.need("expect", (!tables.is_empty()).then_some(()));
        tables.into_iter().flat_map(|table| self.expect(table, system)).collect()
    }

    fn expect(&self, fields: Fields<'n, 'a>, system: Option<&System>) -> Vec<Expect> {
        let what = self.filled(fields.text("what")).value;
        let tolerance = self.tolerance(&fields);
        let published = self.formula_if(&fields, "published");
        let goals = self.goals(&fields);
        let mut all = Vec::new();
        for (statistic, goal) in goals {
            let number = system.and_then(|system| self.number(&fields, system));
            let what = if let Statistic::Upto(x) = statistic { format!("{what}, share up to {x}") } else { what.clone() };
            all.extend(number.map(|number| Expect { what, number, statistic, goal, tolerance, published }));
        }
        fields.get("number");
        fields.get("operations");
        fields.get("growth");
        fields.done();
        all
    }

    fn number(&self, fields: &Fields<'n, 'a>, system: &System) -> Option<Number> {
        let text = fields.text_if("number").map(|text| self.filled(text));
        let growth = fields.flag("growth");
        match (system, fields.text_if("operations")) {
            (System::Cluster(script), Some(verb)) => {
                let calls = script.vocabulary.language.calls;
                let known = calls.iter().find(|call| call.verb.name == verb.value);
                let Some(call) = known else {
                    let help = near(&verb.value, calls.iter().map(|call| call.verb.name));
                    return self.mistake(&verb.at, format!("clients of {} ask no `{}`", script.scenario.model, verb.value), help);
                };
                let text = text.unwrap_or_else(|| At { value: "ms".to_string(), at: verb.at });
                let quantity = self.quantity(&text, |text| Quantity::of_given(text, &OF_OPERATION))?;
                Some(Number::Operations { verb: call.verb.name, quantity })
            }
            (System::Cluster(script), None) => {
                let Some(text) = text else {
                    return self.mistake(&fields.at, "what is expected needs `number` or `operations`", names(&OF_ROUND));
                };
                let quantity = self.quantity(&text, |text| Quantity::about(text, &script.scenario, &OF_ROUND))?;
                Some(Number::Round { quantity, growth })
            }
            (System::Algorithm(..), Some(verb)) => self.mistake(&verb.at, "an algorithm has no operations", "leave it out"),
            (System::Algorithm(..), None) => {
                let text = text.unwrap_or_else(|| At { value: "result".to_string(), at: fields.at.clone() });
                let quantity = self.quantity(&text, |text| Quantity::of_given(text, &OF_ALGORITHM))?;
                Some(Number::Round { quantity, growth })
            }
        }
    }

    /// What is looked at, and what it has to be: one, or several points of the distribution function.
    fn goals(&self, fields: &Fields<'n, 'a>) -> Vec<(Statistic, Goal)> {
        let keys = ["expected", "least", "most", "points"];
        let given: Vec<&'static str> = keys.into_iter().filter(|key| fields.has(key)).collect();
        if given.len() != 1 {
            self.notes.mistake(&fields.at, "what is expected has one of `expected`, `least`, `most` and `points`", "");
            return Vec::new();
        }
        let statistic = fields.text_if("statistic");
        if given[0] == "points" {
            if let Some(text) = statistic {
                self.notes.mistake(&text.at, "points have no statistic", "leave it out");
            }
            return fields.list("points").iter().filter_map(|pair| self.point(pair)).collect();
        }
        let statistic = statistic.map_or(Some(Statistic::Mean), |text| self.statistic(&text));
        let goal = self.formula_if(fields, given[0]).map(match given[0] {
            "least" => Goal::AtLeast,
            "most" => Goal::AtMost,
            _ => Goal::Near,
        });
        statistic.zip(goal).into_iter().collect()
    }

    fn statistic(&self, text: &At<String>) -> Option<Statistic> {
        let percentile = |text: &str| text.strip_prefix('p')?.parse::<f64>().ok().filter(|p| *p > 0.0 && *p < 100.0);
        match text.value.as_str() {
            "mean" => Some(Statistic::Mean),
            "sd" => Some(Statistic::Sd),
            "min" => Some(Statistic::Min),
            "max" => Some(Statistic::Max),
            other => match percentile(other) {
                Some(percent) => Some(Statistic::Percentile(percent / 100.0)),
                None => self.mistake(&text.at, format!("`{other}` is no statistic"), STATISTICS),
            },
        }
    }

    /// `[5, 0.63]`
    fn point(&self, pair: &'n Value<'a>) -> Option<(Statistic, Goal)> {
        let numbers: Vec<f64> = match pair.get_ref() {
            DeValue::Array(items) => items.iter().filter_map(|item| self.formula(item, "a part of a point")).collect(),
            _ => Vec::new(),
        };
        match numbers[..] {
            [x, share] if (0.0..=1.0).contains(&share) => Some((Statistic::Upto(x), Goal::Near(share))),
            _ => self.mistake(&pair.span(), "a point is two numbers, the second a share from 0 to 1", "such as [5.0, 0.63]"),
        }
    }

    fn tolerance(&self, fields: &Fields<'n, 'a>) -> Tolerance {
        let Some(value) = fields.need("tolerance", fields.get("tolerance")) else { return Tolerance::default() };
        if let Some(absolute) = number(value).filter(|x| *x >= 0.0) {
            return Tolerance { absolute, ..Tolerance::default() };
        }
        let text = value.get_ref().as_str().map(|text| self.filled(At { value: text.to_string(), at: value.span() }));
        let read = text.as_ref().and_then(|text| tolerance(&text.value));
        if read.is_none() {
            self.notes.mistake(&value.span(), "this is no tolerance", "a number, \"2%\", \"3 sigma\", \"exact\", or a sum of these");
        }
        read.unwrap_or_default()
    }
}

/// Rounding of sums in binary is no deviation.
const ROUNDING: f64 = 1e-9;

/// `2% + 3 sigma`
fn tolerance(text: &str) -> Option<Tolerance> {
    let mut sum = Tolerance::default();
    for part in text.split('+').map(str::trim) {
        let number = |text: &str| text.trim().parse::<f64>().ok().filter(|x| x.is_finite() && *x >= 0.0);
        if part == "exact" {
            sum.relative += ROUNDING;
        } else if let Some(percent) = part.strip_suffix('%') {
            sum.relative += number(percent)? / 100.0;
        } else if let Some(sigmas) = part.strip_suffix("sigma") {
            sum.sigmas += number(sigmas)?;
        } else {
            sum.absolute += number(part)?;
        }
    }
    Some(sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tolerances_are_sums() {
        let of = |absolute, relative, sigmas| Some(Tolerance { absolute, relative, sigmas });
        assert_eq!(tolerance("2%"), of(0.0, 0.02, 0.0));
        assert_eq!(tolerance("0.5 + 2% + 3 sigma"), of(0.5, 0.02, 3.0));
        assert_eq!(tolerance("exact"), of(0.0, ROUNDING, 0.0));
        for wrong in ["", "two", "-1%", "3 sigmas", "nan", "1 +"] {
            assert_eq!(tolerance(wrong), None, "{wrong}");
        }
    }
}
