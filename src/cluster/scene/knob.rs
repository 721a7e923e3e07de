//! Settings that are worth turning, on the stage.

/// A setting with a place on the stage. Turning it is a poke like any other.
#[derive(Clone, Debug, PartialEq)]
pub struct Knob {
    /// What it is called here: `W`, `load`, `repair`.
    pub name: String,
    /// Where it stands.
    pub value: String,
    /// Where it can stand.
    pub stops: Stops,
    /// The poke that turns it, with `{}` in the place of the value: `set w {}`.
    pub poke: String,
    /// Why it cannot be turned now; `None`: it can.
    pub refused: Option<String>,
}

impl Knob {
    /// A knob for the setting of this name.
    pub fn setting(name: &str, value: impl Into<String>, stops: Stops) -> Knob {
        Knob { name: name.to_string(), value: value.into(), stops, poke: format!("set {name} {{}}"), refused: None }
    }

    /// The stop that it stands at; `None` between two.
    pub fn at(&self) -> Option<usize> {
        self.stops.all().iter().position(|stop| *stop == self.value)
    }

    /// The value after the present one, or before it; `None` at the end of a range. Words go around.
    pub fn turned(&self, forward: bool) -> Option<&str> {
        let (all, at) = (self.stops.all(), self.at());
        let next = match (&self.stops, at, forward) {
            (_, None, _) => 0,
            (Stops::Words(_), Some(at), true) => (at + 1) % all.len(),
            (Stops::Words(_), Some(at), false) => (at + all.len() - 1) % all.len(),
            (Stops::Range(_), Some(at), true) => at + 1,
            (Stops::Range(_), Some(at), false) => at.checked_sub(1)?,
        };
        all.get(next).map(String::as_str)
    }

    /// The whole poke for a value, as it is typed.
    pub fn typed(&self, value: &str) -> String {
        self.poke.replace("{}", value)
    }
}

/// The values of a knob, as they are typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stops {
    /// From little to much.
    Range(Vec<String>),
    /// In no order.
    Words(Vec<String>),
}

impl Stops {
    /// All of them.
    pub fn all(&self) -> &[String] {
        match self {
            Stops::Range(all) | Stops::Words(all) => all,
        }
    }

    /// Whole numbers from the least to the most.
    pub fn numbers(range: std::ops::RangeInclusive<u32>) -> Stops {
        Stops::Range(range.map(|n| n.to_string()).collect())
    }

    /// Values in order, as they are typed.
    pub fn range(all: &[&str]) -> Stops {
        Stops::Range(all.iter().map(ToString::to_string).collect())
    }

    /// Words.
    pub fn words(all: &[&str]) -> Stops {
        Stops::Words(all.iter().map(ToString::to_string).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_ends_and_words_go_around() {
        let knob = |value: &str, stops| Knob::setting("w", value, stops);
        let range = || Stops::numbers(1..=3);
        assert_eq!(knob("2", range()).turned(true), Some("3"));
        assert_eq!((knob("3", range()).turned(true), knob("1", range()).turned(false)), (None, None));
        let words = || Stops::words(&["on", "off"]);
        assert_eq!((knob("off", words()).turned(true), knob("on", words()).turned(false)), (Some("on"), Some("off")));
        assert_eq!(knob("9", range()).turned(false), Some("1"), "between two stops it goes to the first");
        assert_eq!(knob("2", range()).typed("3"), "set w 3");
    }
}
