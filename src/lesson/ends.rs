//! In what two designs differ at the end of a comparison whose clients were told the same: what was promised and what was counted.

use crate::check::verdict::{Holds, Verdict};
use crate::cluster::Cluster;
use crate::cluster::facts::{FactValue, Facts, in_words};

use super::schema::Compare;

/// One thing in which they differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Apart {
    /// What: a guarantee or a fact, in words.
    pub what: String,
    /// How it is on the first side.
    pub a: String,
    /// How it is on the second side.
    pub b: String,
}

/// One side at its end: the cluster, and what was judged of it.
pub type End<'e> = (&'e dyn Cluster, &'e [Verdict]);

/// The guarantees of which one side keeps and the other does not; then the facts that the step speaks of, and all others.
pub fn apart(compare: &Compare, [a, b]: [End<'_>; 2]) -> Vec<Apart> {
    let verdicts = a.1.iter().filter_map(|here| {
        let there = b.1.iter().find(|there| there.guarantee == here.guarantee)?;
        let [own, other] = [here.holds, there.holds].map(|one| holds(one).to_string());
        (own != other).then(|| Apart { what: here.guarantee.words(), a: own, b: other })
    });
    let [facts_a, facts_b] = [a.0, b.0].map(|cluster| {
        let mut facts = Facts::default();
        cluster.facts(&mut facts);
        facts
    });
    let conditions = [&compare.a.holds, &compare.b.holds];
    let spoken_of: Vec<&str> = conditions.into_iter().flatten().flat_map(|condition| condition.test.names()).collect();
    let mut facts: Vec<(bool, Apart)> =
        facts_a.iter().filter_map(|(name, here)| Some((!spoken_of.contains(&name), fact(name, here, facts_b.get(name)?)?))).collect();
    // The sort is stable: within each the order of the documentation stays.
    facts.sort_by_key(|(other, _)| *other);
    verdicts.chain(facts.into_iter().map(|(_, apart)| apart)).collect()
}

const fn holds(holds: Holds) -> &'static str {
    match holds {
        Holds::Yes => "kept",
        Holds::No => "broken",
        Holds::Unknown => "not known",
        Holds::Untested => "untested",
    }
}

/// A fact with its two values, where they differ; of one that has a number for each name the first name at which they do.
fn fact(name: &str, a: &FactValue, b: &FactValue) -> Option<Apart> {
    if let (FactValue::Named(here), FactValue::Named(there)) = (a, b) {
        return here.iter().find_map(|(key, value)| {
            let (_, other) = there.iter().find(|(known, _)| known == key)?;
            differing(&format!("{name}.{key}"), &FactValue::Float(*value), &FactValue::Float(*other))
        });
    }
    // A list of numbers beside none is too long for a line.
    let is_list = |value: &FactValue| matches!(value, FactValue::Named(_));
    if is_list(a) || is_list(b) { None } else { differing(name, a, b) }
}

fn differing(name: &str, a: &FactValue, b: &FactValue) -> Option<Apart> {
    let value = |value: &FactValue| match value {
        FactValue::Absent(_) => "none".to_string(),
        FactValue::Float(number) if number.fract() == 0.0 => format!("{number:.0}"),
        FactValue::Sampled { value, .. } => FactValue::Float(*value).to_string(),
        other => other.to_string(),
    };
    let [a, b] = [value(a), value(b)];
    // What reads the same is no difference to whoever reads it.
    (a != b).then(|| {
        let told = |value: &str| in_words(&format!("{name} = {value}"));
        let words = name.strip_prefix("setting.").unwrap_or(name).replace(['_', '.'], " ");
        let words = ["per s", "ms", "pct"].iter().find_map(|unit| words.strip_suffix(&format!(" {unit}"))).unwrap_or(&words);
        Apart { what: words.to_string(), a: told(&a), b: told(&b) }
    })
}

impl std::fmt::Display for Apart {
    /// `acked lost: A 0, B 2`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: A {}, B {}", self.what, self.a, self.b)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lesson::schema::StepKind;
    use crate::lesson::{catalogue, story};
    use crate::timeline::Brake;

    #[test]
    fn values_are_told_in_words_and_what_reads_the_same_is_left_out() {
        let apart = |a: FactValue, b: FactValue| fact("lag_ms", &a, &b).map(|apart| apart.to_string());
        assert_eq!(apart(FactValue::Float(7.5), FactValue::Float(2.0)).as_deref(), Some("lag: A 7.5 ms, B 2 ms"));
        assert_eq!(apart(FactValue::Float(7.51), FactValue::Float(7.52)), None);
        let named = |x| FactValue::Named(vec![("n1".into(), 3.0), ("n2".into(), x)]);
        assert_eq!(apart(named(1.0), named(4.0)).as_deref(), Some("lag ms n2: A 1 ms, B 4 ms"));
        assert_eq!(apart(FactValue::Absent("no write".into()), named(1.0)), None);
        assert_eq!(apart(FactValue::Absent("no write".into()), FactValue::Int(0)).as_deref(), Some("lag: A none, B 0 ms"));
    }

    /// Each comparison of each lesson ends with something that can be told: a first difference, or what differs at its end.
    #[test]
    fn no_comparison_ends_with_the_same() {
        for lesson in catalogue().lessons().map(|id| catalogue().open(id).unwrap().unwrap_or_else(|mistakes| panic!("{mistakes}"))) {
            for step in &lesson.steps {
                let StepKind::Compare(compare) = &step.kind else { continue };
                let story::SideBySide { pair, .. } = story::side_by_side(&lesson, compare, &Brake::default()).unwrap();
                if pair.divergence().is_some() {
                    continue;
                }
                let (a, b) = (pair.a().cluster(), pair.b().cluster());
                let apart = apart(compare, [(a, &a.verdicts()), (b, &b.verdicts())]);
                println!("{} {}: {}", lesson.id, step.id, apart.iter().take(3).map(Apart::to_string).collect::<Vec<_>>().join("; "));
                assert!(!apart.is_empty(), "{} {}", lesson.id, step.id);
            }
        }
    }
}
