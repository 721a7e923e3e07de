//! Whether and when a client tries again: a policy that a model can offer as a setting.

use std::fmt;
use std::str::FromStr;

use super::bounds::DURATIONS;
use super::draw::Stream;
use super::time::Span;

/// When a request that got no answer, or a no, is tried again.
///
/// Exponential backoff with jitter as in Brooker, "Exponential Backoff and Jitter" (AWS Architecture Blog, 2015); the budget is a
/// token bucket as in gRPC's retry throttling (proposal A6): it starts full, every request adds `budget` tokens, every further
/// attempt takes one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Retry {
    /// Attempts in all, the first included: 1 to [`ATTEMPTS_MAX`].
    pub attempts: u32,
    /// How long the client waits before the second attempt.
    pub backoff: Span,
    /// How many times longer each further wait is: 1 to [`FACTOR_MAX`].
    pub factor: f64,
    /// The longest wait.
    pub most: Span,
    /// The share of a wait that is drawn, 0 to 1: 0 waits exactly, 1 waits anything from nothing to all of it ("full jitter").
    pub jitter: f64,
    /// Whether a request that was refused is tried again too.
    pub refusals: bool,
    /// Further attempts per request that a client may make in the long run, 0 to 10; `None`: as many as `attempts` allows.
    pub budget: Option<f64>,
}

/// The most attempts.
pub const ATTEMPTS_MAX: u32 = 100;
/// The most that one wait may be longer than the one before.
pub const FACTOR_MAX: f64 = 10.0;
/// The most tokens in a bucket of a budget: so many further attempts are allowed after a calm.
pub const BUCKET: f64 = 10.0;
/// The greatest budget.
const BUDGET_MAX: f64 = 10.0;

impl Retry {
    /// One attempt and no other.
    pub const NEVER: Retry =
        Retry { attempts: 1, backoff: Span::ZERO, factor: 1.0, most: super::bounds::LONGEST, jitter: 0.0, refusals: false, budget: None };

    /// How long to wait after so many attempts, the first included.
    pub fn wait(&self, attempts: u32, draws: &mut Stream) -> Span {
        let growth = libm::pow(self.factor, f64::from(attempts.saturating_sub(1)));
        let whole = self.backoff.scaled(growth).min(self.most);
        whole.scaled(1.0 - self.jitter * draws.unit())
    }
}

impl fmt::Display for Retry {
    /// Exact: what is printed reads back as the same policy.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.attempts <= 1 {
            return f.write_str("never");
        }
        write!(f, "{} attempts", self.attempts)?;
        if self.backoff > Span::ZERO {
            write!(f, " after {}", self.backoff)?;
        }
        if self.factor > 1.0 {
            write!(f, " x{}", self.factor)?;
        }
        if self.most < Retry::NEVER.most {
            write!(f, " most {}", self.most)?;
        }
        if self.jitter > 0.0 {
            write!(f, " jitter {}", self.jitter)?;
        }
        if let Some(budget) = self.budget {
            write!(f, " budget {budget}")?;
        }
        f.write_str(if self.refusals { " also-refused" } else { "" })
    }
}

/// Why a text is no policy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}; write `never`, or a policy such as `3 attempts after 100ms x2 most 10s jitter 1 budget 0.1 also-refused`")]
pub struct BadRetry(String);

impl FromStr for Retry {
    type Err = BadRetry;

    fn from_str(text: &str) -> Result<Retry, BadRetry> {
        let mut words = text.split_whitespace();
        let first = words.next().unwrap_or_default();
        if first == "never" && words.next().is_none() {
            return Ok(Retry::NEVER);
        }
        let attempts = first.parse().ok().filter(|n| (2..=ATTEMPTS_MAX).contains(n) && words.next() == Some("attempts"));
        let attempts = attempts.ok_or_else(|| BadRetry(format!("`{text}` does not begin with 2 to {ATTEMPTS_MAX} attempts")))?;
        let mut retry = Retry { attempts, ..Retry::NEVER };
        while let Some(word) = words.next() {
            retry.read(word, &mut words).map_err(BadRetry)?;
        }
        Ok(retry)
    }
}

impl Retry {
    fn read<'a>(&mut self, word: &str, rest: &mut impl Iterator<Item = &'a str>) -> Result<(), String> {
        let mut next = || rest.next().ok_or_else(|| format!("something is missing after `{word}`"));
        match word {
            "after" => self.backoff = DURATIONS.read(next()?)?,
            "most" => self.most = DURATIONS.read(next()?)?,
            "jitter" => self.jitter = number(word, next()?, 0.0, 1.0)?,
            "budget" => self.budget = Some(number(word, next()?, 0.0, BUDGET_MAX)?),
            "also-refused" => self.refusals = true,
            _ => match word.strip_prefix('x') {
                Some(factor) => self.factor = number("x", factor, 1.0, FACTOR_MAX)?,
                None => return Err(format!("a policy has no `{word}`")),
            },
        }
        Ok(())
    }
}

fn number(what: &str, text: &str, least: f64, most: f64) -> Result<f64, String> {
    let wrong = || format!("`{what}` takes a number from {least} to {most}, not `{text}`");
    let digits = text.starts_with(|c: char| c.is_ascii_digit() || c == '.');
    text.parse().ok().filter(|x| digits && (least..=most).contains(x)).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::draw::{Concern, Draws};
    use proptest::prelude::*;

    fn arb() -> impl Strategy<Value = Retry> {
        let waits = (0..=300_000_000_000_000_000_u64, 1.0..=FACTOR_MAX, 0..=300_000_000_000_000_000_u64, 0.0..=1.0);
        (1..=ATTEMPTS_MAX, waits, any::<bool>(), proptest::option::of(0.0..=BUDGET_MAX)).prop_map(
            |(attempts, (backoff, factor, most, jitter), refusals, budget)| match attempts {
                1 => Retry::NEVER,
                _ => Retry { attempts, backoff: Span(backoff), factor, most: Span(most), jitter, refusals, budget },
            },
        )
    }

    proptest! {
        #[test]
        fn a_printed_policy_reads_back(retry in arb()) {
            prop_assert_eq!(retry.to_string().parse(), Ok(retry));
        }

        #[test]
        fn no_wait_is_longer_than_the_longest(retry in arb(), attempts in 1..=ATTEMPTS_MAX, number in 0..1000_u64) {
            let wait = retry.wait(attempts, &mut Draws::new(1).at(Concern::Retry, number));
            prop_assert!(wait <= retry.most);
        }
    }

    #[test]
    fn waits_grow_and_are_spread() {
        let draws = Draws::new(1);
        let retry: Retry = "5 attempts after 100ms x2 most 500ms".parse().unwrap();
        let waits = [1, 2, 3, 4].map(|attempts| retry.wait(attempts, &mut draws.at(Concern::Retry, 0)));
        assert_eq!(waits, [100, 200, 400, 500].map(Span::ms));
        let full = Retry { jitter: 1.0, ..retry };
        let mean: f64 = (0..4000).map(|n| full.wait(1, &mut draws.at(Concern::Retry, n)).as_ms()).sum::<f64>() / 4000.0;
        assert!((mean - 50.0).abs() < 2.0, "{mean}");
    }

    #[test]
    fn what_is_no_policy_is_refused_with_what_would_be_right() {
        for text in [
            "",
            "1 attempts",
            "3",
            "101 attempts",
            "never mind",
            "3 attempts twice",
            "3 attempts x0.5",
            "3 attempts jitter",
            "3 attempts jitter nan",
        ] {
            let bad = text.parse::<Retry>().unwrap_err().to_string();
            assert!(bad.contains("3 attempts after 100ms"), "{bad}");
        }
    }
}
