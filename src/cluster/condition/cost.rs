//! How much work a condition is, at most, before it is ever evaluated: loops in loops over long lists would stall a run.

/// The most steps that one look at a condition may take. Two loops over all nodes inside each other take a tenth of it.
pub(super) const STEPS_MAX: u64 = 50_000;
/// Names of a usual fact. One with more is looked at only as far as [`STEPS_MAX`] turns of all loops go.
const NAMES: u64 = 16;
/// Letters of the name of a node.
const NAME: u64 = 3;
/// Letters of a word that a fact can be, and of a number as a text.
const WORD: u64 = 32;

/// An upper bound of what an expression costs and gives.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cost {
    /// Steps of the evaluation.
    pub steps: u64,
    /// Elements that a loop goes over.
    count: u64,
    /// Letters, and elements with those inside them.
    size: u64,
}

impl Cost {
    /// A literal or a variable of this size.
    pub(super) const fn one(size: u64) -> Cost {
        Cost { steps: 1, count: size, size }
    }

    /// A fact: a word, a number, or numbers by names.
    pub(super) const fn fact() -> Cost {
        Cost { steps: 1, count: NAMES, size: WORD }
    }

    /// All of these, one after the other.
    pub(super) fn sum(parts: &[Cost]) -> Cost {
        let add = |of: fn(&Cost) -> u64| parts.iter().map(of).fold(0, u64::saturating_add);
        Cost { steps: add(|part| part.steps).saturating_add(1), count: add(|part| part.count), size: add(|part| part.size) }
    }

    /// A list of these.
    pub(super) fn list(parts: &[Cost]) -> Cost {
        let all = Cost::sum(parts);
        let count = parts.len() as u64;
        Cost { steps: all.steps, count, size: all.size.saturating_add(count) }
    }

    /// Something small worked out of these, which are looked at whole.
    pub(super) fn small(parts: &[Cost]) -> Cost {
        Cost::whole(parts).giving(1)
    }

    /// A text made of these.
    pub(super) fn text(parts: &[Cost]) -> Cost {
        let all = Cost::whole(parts);
        all.giving(all.size.max(WORD))
    }

    /// These looked at whole, and put together.
    pub(super) fn whole(parts: &[Cost]) -> Cost {
        let all = Cost::sum(parts);
        Cost { steps: all.steps.saturating_add(all.size), ..all }
    }

    fn giving(self, size: u64) -> Cost {
        Cost { count: size, size, ..self }
    }

    /// What a variable of a loop over this costs. A fact's names are short.
    pub(super) fn item(self, is_fact: bool) -> Cost {
        Cost::one(if is_fact { NAME } else { self.size.checked_div(self.count).unwrap_or(0).max(1) })
    }

    /// A loop over this that does `turn` each time and gathers so much of it.
    pub(super) fn looped(self, turn: Cost, gathers: bool) -> Cost {
        let gathered = if gathers { turn.size.saturating_add(1) } else { 0 };
        let turns = self.count.saturating_mul(turn.steps.saturating_add(gathered).saturating_add(2));
        let steps = self.steps.saturating_add(turns).saturating_add(1);
        let (count, size) = if gathers { (self.count, self.count.saturating_mul(gathered)) } else { (1, 1) };
        Cost { steps, count, size }
    }
}
