//! The latency distributions of the command language.

use std::fmt;
use std::ops::RangeInclusive;
use std::str::FromStr;

use super::bounds::DURATIONS;
use super::time::Span;
use crate::near::did_you_mean;

/// A distribution of lengths of time. Means and minima are in nanoseconds of virtual time.
#[derive(Clone, Debug, PartialEq)]
pub enum Dist {
    /// Always the same: `const(5ms)`.
    Const(Span),
    /// Equally likely between two bounds: `uniform(1ms, 10ms)`.
    Uniform(Span, Span),
    /// Exponential with this mean: `exp(20ms)`.
    Exp(Span),
    /// Normal with mean and standard deviation, cut off below at zero: `normal(20ms, 5ms)`.
    Normal(Span, Span),
    /// Log-normal with this median and this sigma of the logarithm: `lognormal(20ms, 0.5)`.
    LogNormal(Span, f64),
    /// Pareto with minimum (scale) and shape alpha: `pareto(1.05ms, 1.51)`.
    Pareto(Span, f64),
    /// One of several, by weight; weights are positive and need not add to one: `mix(0.38 pareto(1.05ms, 1.51), 0.62 exp(5.46ms))`.
    Mix(Vec<(f64, Dist)>),
    /// The sum of independent draws: `const(75ms) + exp(5ms)`.
    Sum(Vec<Dist>),
}

/// Most levels of `mix` and parentheses inside each other.
const DEPTH_MAX: usize = 8;
/// Longest text of a distribution, in bytes.
const LENGTH_MAX: usize = 4096;
/// The sigma of a `lognormal`: with 10, one draw in a hundred is ten thousand million times the median.
const SIGMA: RangeInclusive<f64> = 0.0..=10.0;
/// The alpha of a `pareto`.
const ALPHA: RangeInclusive<f64> = 0.01..=1000.0;
/// A weight in a `mix`.
const WEIGHT: RangeInclusive<f64> = 1e-9..=1e9;
/// The functions, with an example of each.
const FUNCTIONS: [(&str, &str); 7] = [
    ("const", "const(5ms)"),
    ("uniform", "uniform(1ms, 10ms)"),
    ("exp", "exp(20ms)"),
    ("normal", "normal(20ms, 5ms)"),
    ("lognormal", "lognormal(20ms, 0.5)"),
    ("pareto", "pareto(1.05ms, 1.51)"),
    ("mix", "mix(0.4 const(1ms), 0.6 exp(5ms))"),
];

impl Dist {
    /// So many times as long, draw for draw.
    pub fn scaled(&self, factor: f64) -> Dist {
        let all = |parts: &[Dist]| parts.iter().map(|part| part.scaled(factor)).collect();
        match self {
            Dist::Const(at) => Dist::Const(at.scaled(factor)),
            Dist::Uniform(low, high) => Dist::Uniform(low.scaled(factor), high.scaled(factor)),
            Dist::Exp(mean) => Dist::Exp(mean.scaled(factor)),
            Dist::Normal(mean, deviation) => Dist::Normal(mean.scaled(factor), deviation.scaled(factor)),
            Dist::LogNormal(median, sigma) => Dist::LogNormal(median.scaled(factor), *sigma),
            Dist::Pareto(least, alpha) => Dist::Pareto(least.scaled(factor), *alpha),
            Dist::Mix(parts) => Dist::Mix(parts.iter().map(|(weight, part)| (*weight, part.scaled(factor))).collect()),
            Dist::Sum(parts) => Dist::Sum(all(parts)),
        }
    }
}

/// An example of each kind of distribution.
pub fn examples() -> impl Iterator<Item = &'static str> {
    FUNCTIONS.iter().map(|(_, example)| *example)
}

/// Why a text is no distribution, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct BadDist {
    /// Where the mistake is, in bytes from the start of the text.
    pub offset: usize,
    /// How many bytes it covers; 0 at the end of the text.
    pub length: usize,
    /// What is wrong and what would be right.
    pub message: String,
}

impl fmt::Display for Dist {
    /// Exact: what is printed reads back as the same distribution.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Dist::Const(at) => write!(f, "const({at})"),
            Dist::Uniform(low, high) => write!(f, "uniform({low}, {high})"),
            Dist::Exp(mean) => write!(f, "exp({mean})"),
            Dist::Normal(mean, deviation) => write!(f, "normal({mean}, {deviation})"),
            Dist::LogNormal(median, sigma) => write!(f, "lognormal({median}, {sigma})"),
            Dist::Pareto(minimum, alpha) => write!(f, "pareto({minimum}, {alpha})"),
            Dist::Mix(parts) => print_mix(parts, f),
            Dist::Sum(terms) => print_sum(terms, f),
        }
    }
}

fn print_mix(parts: &[(f64, Dist)], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_str("mix(")?;
    for (i, (weight, dist)) in parts.iter().enumerate() {
        let comma = if i > 0 { ", " } else { "" };
        write!(f, "{comma}{weight} {dist}")?;
    }
    f.write_str(")")
}

fn print_sum(terms: &[Dist], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    for (i, term) in terms.iter().enumerate() {
        let plus = if i > 0 { " + " } else { "" };
        match term {
            Dist::Sum(_) => write!(f, "{plus}({term})")?,
            _ => write!(f, "{plus}{term}")?,
        }
    }
    Ok(())
}

impl FromStr for Dist {
    type Err = BadDist;

    /// Reads `exp(20ms)`, sums of terms, and a bare length of time as a constant. Bounds are ordered, and every number is in its range.
    fn from_str(text: &str) -> Result<Dist, BadDist> {
        if text.len() > LENGTH_MAX {
            let message = format!("a distribution has at most {LENGTH_MAX} characters");
            return Err(BadDist { offset: 0, length: text.len(), message });
        }
        let (dist, at) = Dist::read(text)?;
        let mut reader = Reader { text, at };
        match reader.peek() {
            None => Ok(dist),
            Some(_) => Err(reader.unexpected("`+` and another distribution, or the end")),
        }
    }
}

impl Dist {
    /// Reads a distribution from the front of a text, and says how many bytes it took: what follows is for somebody else.
    pub fn read(text: &str) -> Result<(Dist, usize), BadDist> {
        let mut reader = Reader { text, at: 0 };
        let dist = reader.sum(DEPTH_MAX)?;
        Ok((dist, text[..reader.at].trim_end().len()))
    }
}

/// A recursive-descent reader; recursion is bounded by [`DEPTH_MAX`].
struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn sum(&mut self, depth: usize) -> Result<Dist, BadDist> {
        let mut terms = vec![self.term(depth)?];
        while self.eat('+') {
            terms.push(self.term(depth)?);
        }
        match terms.pop() {
            Some(only) if terms.is_empty() => Ok(only),
            last => {
                terms.extend(last);
                Ok(Dist::Sum(terms))
            }
        }
    }

    fn term(&mut self, depth: usize) -> Result<Dist, BadDist> {
        let start = self.skip_space();
        let Some(depth) = depth.checked_sub(1) else {
            return Err(self.wrong(start, format!("distributions nest at most {DEPTH_MAX} deep")));
        };
        if self.eat('(') {
            let sum = self.sum(depth)?;
            self.need(')')?;
            return Ok(sum);
        }
        if self.peek().is_some_and(|c| c.is_ascii_digit()) {
            return self.span().map(Dist::Const);
        }
        let name = self.word();
        match FUNCTIONS.iter().find(|(known, _)| *known == name) {
            Some((_, example)) => self.call(name, example, depth),
            None => Err(self.unknown(start, name)),
        }
    }

    fn call(&mut self, name: &str, example: &str, depth: usize) -> Result<Dist, BadDist> {
        if !self.eat('(') {
            return Err(self.unexpected(&format!("`(`, as in `{example}`")));
        }
        let dist = match name {
            "const" => Dist::Const(self.span()?),
            "exp" => Dist::Exp(self.span()?),
            "uniform" => self.uniform()?,
            "normal" => Dist::Normal(self.first_span(example)?, self.span()?),
            "lognormal" => Dist::LogNormal(self.first_span(example)?, self.number("sigma", SIGMA)?),
            "pareto" => Dist::Pareto(self.first_span(example)?, self.number("alpha", ALPHA)?),
            _ => Dist::Mix(self.parts(depth)?),
        };
        self.need(')')?;
        Ok(dist)
    }

    fn uniform(&mut self) -> Result<Dist, BadDist> {
        let low = self.first_span("uniform(1ms, 10ms)")?;
        let start = self.skip_space();
        let high = self.span()?;
        if low > high {
            return Err(self.wrong(start, format!("the upper bound {high} is below the lower bound {low}")));
        }
        Ok(Dist::Uniform(low, high))
    }

    fn parts(&mut self, depth: usize) -> Result<Vec<(f64, Dist)>, BadDist> {
        let mut parts = Vec::new();
        loop {
            let weight = self.number("the weight", WEIGHT)?;
            parts.push((weight, self.sum(depth)?));
            if !self.eat(',') {
                return Ok(parts);
            }
        }
    }

    /// A span and the comma after it.
    fn first_span(&mut self, example: &str) -> Result<Span, BadDist> {
        let span = self.span()?;
        if self.eat(',') {
            return Ok(span);
        }
        Err(self.unexpected(&format!("`,` and a second value, as in `{example}`")))
    }

    fn span(&mut self) -> Result<Span, BadDist> {
        let start = self.skip_space();
        let word = self.word();
        if word.is_empty() {
            return Err(self.unexpected("a length of time such as `20ms`"));
        }
        DURATIONS.read(word).map_err(|why| self.wrong(start, why))
    }

    fn number(&mut self, what: &str, range: RangeInclusive<f64>) -> Result<f64, BadDist> {
        let start = self.skip_space();
        let word = self.word();
        match word.parse::<f64>() {
            Ok(x) if word.starts_with(|c: char| c.is_ascii_digit() || c == '.') && range.contains(&x) => Ok(x),
            Ok(_) => Err(self.wrong(start, format!("{what} must be a number from {} to {}", range.start(), range.end()))),
            Err(_) if word.is_empty() => Err(self.unexpected(&format!("a number: {what}"))),
            Err(_) => Err(self.wrong(start, format!("`{word}` is no number; {what} is one, such as 0.5"))),
        }
    }

    /// Letters, digits, points and signs up to the next space or punctuation; may be empty.
    fn word(&mut self) -> &'a str {
        let start = self.skip_space();
        let rest = &self.text[start..];
        let end = rest.find(|c: char| c.is_whitespace() || "(),+|\"".contains(c)).unwrap_or(rest.len());
        self.at = start + end;
        &rest[..end]
    }

    fn skip_space(&mut self) -> usize {
        let rest = &self.text[self.at..];
        self.at += rest.len() - rest.trim_start().len();
        self.at
    }

    fn peek(&mut self) -> Option<char> {
        let start = self.skip_space();
        self.text[start..].chars().next()
    }

    fn eat(&mut self, wanted: char) -> bool {
        let found = self.peek() == Some(wanted);
        if found {
            self.at += wanted.len_utf8();
        }
        found
    }

    fn need(&mut self, wanted: char) -> Result<(), BadDist> {
        if self.eat(wanted) { Ok(()) } else { Err(self.unexpected(&format!("`{wanted}`"))) }
    }

    fn unknown(&mut self, start: usize, name: &str) -> BadDist {
        if name.is_empty() {
            return self.unexpected("a distribution such as `exp(20ms)`");
        }
        let names: Vec<&str> = FUNCTIONS.iter().map(|(name, _)| *name).collect();
        let hint = did_you_mean(name, names.iter().copied());
        self.wrong(start, format!("`{name}` is no distribution{hint} (known: {})", names.join(", ")))
    }

    /// What stands here is wrong; `wanted` would be right.
    fn unexpected(&mut self, wanted: &str) -> BadDist {
        let offset = self.skip_space();
        match self.peek() {
            None => BadDist { offset, length: 0, message: format!("here must follow {wanted}") },
            Some(c) => BadDist { offset, length: c.len_utf8(), message: format!("`{c}` is not expected here, but {wanted}") },
        }
    }

    /// What was read from `start` on is wrong.
    fn wrong(&self, start: usize, message: String) -> BadDist {
        BadDist { offset: start, length: self.at - start, message }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::arbitrary::dist;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_printed_distribution_reads_back(dist in dist()) {
            prop_assert_eq!(dist.to_string().parse(), Ok(dist));
        }

        #[test]
        fn any_text_is_read_or_refused_in_place(text in "[(),+ 0-9a-z.é]{0,40}") {
            if let Err(bad) = text.parse::<Dist>() {
                prop_assert!(text.get(bad.offset..bad.offset + bad.length).is_some(), "{bad:?}");
            }
        }
    }

    #[test]
    fn distributions_read_as_people_write_them() {
        for text in [
            "const(5ms)",
            "mix(0.38 pareto(1.05ms, 1.51), 0.62 exp(5.46ms))",
            "const(75ms) + exp(5ms)",
            "(const(1ms) + exp(2ms)) + normal(20ms, 5ms)",
            "lognormal(20ms, 0.5)",
        ] {
            assert_eq!(text.parse::<Dist>().map(|d| d.to_string()), Ok(text.to_string()));
        }
        assert_eq!("20ms".parse(), Ok(Dist::Const(Span::ms(20))));
    }

    #[test]
    fn mistakes_are_pointed_at() {
        for (text, offset, part) in [
            ("", 0, "a distribution such as"),
            ("expp(20ms)", 0, "did you mean `exp`"),
            ("exp(20)", 4, "no length of time"),
            ("exp(20ms", 8, "`)`"),
            ("exp 20ms", 4, "`(`, as in `exp(20ms)`"),
            ("uniform(5ms, 1ms)", 13, "below the lower bound"),
            ("uniform(5ms)", 11, "a second value"),
            ("pareto(1ms, 0)", 12, "from 0.01 to 1000"),
            ("pareto(1ms, inf)", 12, "from 0.01 to 1000"),
            ("lognormal(1ms, nan)", 15, "from 0 to 10"),
            ("mix(0 exp(1ms))", 4, "from 0.000000001 to 1000000000"),
            ("mix(-1 exp(1ms))", 4, "from 0.000000001 to 1000000000"),
            ("exp(3651d)", 4, "up to 3650d"),
            ("exp(1ms) exp(1ms)", 9, "`+`"),
            ("((((((((exp(1ms)))))))))", 8, "nest at most 8"),
        ] {
            let bad = text.parse::<Dist>().unwrap_err();
            assert_eq!(bad.offset, offset, "{text}: {bad}");
            assert!(bad.message.contains(part), "{text}: {bad}");
        }
    }
}
