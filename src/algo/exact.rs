//! Published formulas and experiments by name: what laws are stated with, and measured against.

mod draw;
mod formulas;
#[cfg(test)]
mod tests;

use rand::Rng;

/// A function of numbers.
pub struct Exact {
    /// Its name: `erlang_c`.
    pub name: &'static str,
    /// What it takes, in order.
    pub takes: &'static [&'static str],
    /// One sentence: what it gives, and whose result it is.
    pub about: &'static str,
    /// How it is worked out.
    pub how: How,
}

/// How a function is worked out. It gives `None` where it is not defined, or where the numbers are so large that it would take too long.
#[derive(Clone, Copy)]
pub enum How {
    /// From its numbers alone.
    Formula(fn(&[f64]) -> Option<f64>),
    /// From its numbers and chance: each time another result.
    Drawn(fn(&[f64], &mut dyn Rng) -> Option<f64>),
}

impl Exact {
    /// The function with this name.
    pub fn named(name: &str) -> Option<&'static Exact> {
        FUNCTIONS.iter().find(|function| function.name == name)
    }

    /// `erlang_c(c, a)`
    pub fn form(&self) -> String {
        format!("{}({})", self.name, self.takes.join(", "))
    }

    /// Whether chance plays a part.
    pub fn is_drawn(&self) -> bool {
        matches!(self.how, How::Drawn(_))
    }

    /// Its value. Formulas draw nothing.
    pub fn value(&self, numbers: &[f64], draws: &mut dyn Rng) -> Option<f64> {
        let value = match self.how {
            _ if numbers.len() != self.takes.len() => None,
            How::Formula(of) => of(numbers),
            How::Drawn(of) => of(numbers, draws),
        };
        value.filter(|x| x.is_finite())
    }
}

const fn formula(name: &'static str, takes: &'static [&'static str], about: &'static str, of: fn(&[f64]) -> Option<f64>) -> Exact {
    Exact { name, takes, about, how: How::Formula(of) }
}

/// Every function.
pub static FUNCTIONS: &[Exact] = &[
    formula("power", &["x", "y"], "x to the y.", |n| Some(libm::pow(n[0], n[1]))),
    formula("exp", &["x"], "e to the x.", |n| Some(libm::exp(n[0]))),
    formula("ln", &["x"], "The natural logarithm.", |n| (n[0] > 0.0).then(|| libm::log(n[0]))),
    formula("log2", &["x"], "The logarithm to the base 2.", |n| (n[0] > 0.0).then(|| libm::log2(n[0]))),
    formula("sqrt", &["x"], "The square root.", |n| (n[0] >= 0.0).then(|| libm::sqrt(n[0]))),
    formula("floor", &["x"], "The greatest whole number that is not above x.", |n| Some(libm::floor(n[0]))),
    formula("least", &["x", "y"], "The smaller of two numbers.", |n| Some(n[0].min(n[1]))),
    formula("greatest", &["x", "y"], "The greater of two numbers.", |n| Some(n[0].max(n[1]))),
    formula("choose", &["n", "k"], "In how many ways k of n things can be picked.", |n| formulas::choose(n[0], n[1])),
    formula(
        "at_least",
        &["k", "n", "p"],
        "The probability that at least k of n independent things happen, each with probability p (binomial).",
        |n| formulas::at_least(n[0], n[1], n[2]),
    ),
    formula(
        "harmonic",
        &["k", "n"],
        "1/k + ... + 1/n: the mean of the (n-k+1)-th of n exponential times of mean 1 (order statistics).",
        |n| formulas::harmonic(n[0], n[1]),
    ),
    formula("erlang_c", &["c", "a"], "The probability that a request waits, of c workers that are offered a (Erlang 1917; M/M/c).", |n| {
        formulas::erlang_c(n[0], n[1])
    }),
    formula(
        "in_turn",
        &["n", "load"],
        "The mean response time, in service times, of n servers that get Poisson requests in turn: GI/M/1 with Erlang arrivals.",
        |n| formulas::in_turn(n[0], n[1]),
    ),
    formula(
        "choices",
        &["d", "load"],
        "The same of very many servers, where each request goes to the shortest of d queues drawn at random (Mitzenmacher 2001).",
        |n| formulas::choices(n[0], n[1]),
    ),
    formula(
        "usl",
        &["n", "contention", "coherency"],
        "How many times as much n processors do as one (Gunther's universal scalability law; Amdahl 1967 where coherency is 0).",
        |n| formulas::usl(n[0], n[1], n[2]),
    ),
    formula(
        "phi",
        &["t", "mean", "sd"],
        "The suspicion after t without a heartbeat, where the times between them are normal (Hayashibara et al. 2004).",
        |n| formulas::phi(n[0], n[1], n[2]),
    ),
    formula("phi_after", &["phi", "mean", "sd"], "After how long without a heartbeat that suspicion is reached.", |n| {
        formulas::phi_after(n[0], n[1], n[2])
    }),
    formula(
        "split",
        &["n", "s", "l"],
        "The probability that an election is split: s of n servers live, waits uniform, latency l of their range (Ongaro 2014).",
        |n| formulas::split(n[0], n[1], n[2]),
    ),
    formula(
        "ws_accept",
        &["at"],
        "A byte, from 1 to 20, of the answer of a WebSocket server to the key dGhlIHNhbXBsZSBub25jZQ== (RFC 6455, section 1.3).",
        |n| formulas::ws_accept(n[0]),
    ),
    formula(
        "jump",
        &["key", "buckets"],
        "The bucket of a key under jump consistent hash (Lamping and Veach 2014). The key is a whole number up to 2^53, or 18446744073709551615; the buckets are 1 to 2147483647.",
        |n| formulas::jump(n[0], n[1]),
    ),
    Exact {
        name: "balls_in_bins",
        takes: &["n", "d"],
        about: "The fullest of n bins, where each of n balls goes to the emptiest of d bins drawn with replacement (Azar et al. 1994).",
        how: How::Drawn(draw::balls_in_bins),
    },
];
