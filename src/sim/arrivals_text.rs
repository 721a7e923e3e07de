//! Arrivals as people write them.

use std::fmt;
use std::ops::RangeInclusive;
use std::str::FromStr;
use std::sync::Arc;

use super::arrivals::Arrivals;
use super::bounds::{DURATIONS, TIMERS};
use super::dist::{BadDist, Dist};
use super::time::Span;
use crate::near::did_you_mean;

/// How each process is written: its form, an example, and what it means.
pub const FORMS: [(&str, &str, &str); 7] = [
    ("RATE", "10/s", "independent of each other, on average so many a second"),
    ("steady RATE", "steady 10/s", "one after the other with equal gaps"),
    ("bursts of N every SPAN", "bursts of 50 every 1s", "so many at once, again and again"),
    ("ramp RATE to RATE over SPAN", "ramp 10/s to 100/s over 10s", "at a rate that changes evenly and then stays"),
    ("wave RATE to RATE every SPAN", "wave 10/s to 100/s every 1d", "at a rate that goes up and down, like that of a day"),
    ("closed N think DIST", "closed 20 think exp(1s)", "so many users who think, ask, and wait for the answer, in turn"),
    ("at SPAN ...", "at 0s 10ms 1.5s", "at these times after the start"),
];

/// A rate that is not zero, in requests a second.
const RATE: RangeInclusive<f64> = 1e-6..=100_000.0;
/// Requests of a burst, and users.
const COUNT: RangeInclusive<u32> = 1..=10_000;
/// The most times of a trace that is typed.
const TIMES_MAX: usize = 1_000;

/// Why a text is no process of arrivals, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct BadArrivals {
    /// Where the mistake is, in bytes from the start of the text.
    pub offset: usize,
    /// How many bytes it covers; 0 at the end of the text.
    pub length: usize,
    /// What is wrong and what would be right.
    pub message: String,
}

impl fmt::Display for Arrivals {
    /// Exact: what is printed reads back as the same process.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Arrivals::Poisson(rate) => write!(f, "{rate}/s"),
            Arrivals::Steady(rate) => write!(f, "steady {rate}/s"),
            Arrivals::Bursts { size, every } => write!(f, "bursts of {size} every {every}"),
            Arrivals::Ramp { from, to, over } => write!(f, "ramp {from}/s to {to}/s over {over}"),
            Arrivals::Wave { low, high, every } => write!(f, "wave {low}/s to {high}/s every {every}"),
            Arrivals::Closed { users, think } => write!(f, "closed {users} think {think}"),
            Arrivals::Trace(times) => {
                f.write_str("at")?;
                times.iter().try_for_each(|time| write!(f, " {time}"))
            }
        }
    }
}

impl FromStr for Arrivals {
    type Err = BadArrivals;

    fn from_str(text: &str) -> Result<Arrivals, BadArrivals> {
        let (arrivals, end) = Arrivals::read(text)?;
        let mut reader = Reader { text, at: end };
        match reader.peek() {
            "" => Ok(arrivals),
            more => Err(reader.wrong(&format!("`{more}` is not expected here, but the end"))),
        }
    }
}

impl Arrivals {
    /// Reads a process from the front of a text, and says how many bytes it took: what follows is for somebody else.
    pub fn read(text: &str) -> Result<(Arrivals, usize), BadArrivals> {
        let mut reader = Reader { text, at: 0 };
        let arrivals = reader.arrivals()?;
        Ok((arrivals, reader.at))
    }
}

struct Reader<'a> {
    text: &'a str,
    /// Behind what was read.
    at: usize,
}

impl<'a> Reader<'a> {
    fn arrivals(&mut self) -> Result<Arrivals, BadArrivals> {
        match self.peek() {
            rate if rate.ends_with("/s") => self.rate(false).map(Arrivals::Poisson),
            "steady" => {
                self.take();
                self.rate(false).map(Arrivals::Steady)
            }
            "bursts" => self.bursts(),
            "ramp" => {
                let (from, to, over) = self.between("over")?;
                Ok(Arrivals::Ramp { from, to, over })
            }
            "wave" => self.wave(),
            "closed" => self.closed(),
            "at" => self.trace(),
            _ => Err(self.unknown()),
        }
    }

    fn bursts(&mut self) -> Result<Arrivals, BadArrivals> {
        let start = self.at;
        self.take();
        self.word("of")?;
        let size = self.count("requests")?;
        self.word("every")?;
        let bursts = Arrivals::Bursts { size, every: self.timer()? };
        if bursts.rate(Span::ZERO).is_some_and(|rate| RATE.contains(&rate)) {
            return Ok(bursts);
        }
        let message = format!("`{bursts}` are more or fewer than {}/s to {}/s on average", RATE.start(), RATE.end());
        Err(BadArrivals { offset: start, length: self.at - start, message })
    }

    /// Two rates, of which one is not zero, and a length of time.
    fn between(&mut self, joined: &str) -> Result<(f64, f64, Span), BadArrivals> {
        self.take();
        let from = self.rate(true)?;
        self.word("to")?;
        let to = self.rate(from > 0.0)?;
        self.word(joined)?;
        Ok((from, to, self.timer()?))
    }

    fn wave(&mut self) -> Result<Arrivals, BadArrivals> {
        let start = self.at;
        let (low, high, every) = self.between("every")?;
        if low > high {
            let message = format!("a wave begins at its lowest rate: write `wave {high}/s to {low}/s every {every}`");
            return Err(BadArrivals { offset: start, length: self.at - start, message });
        }
        Ok(Arrivals::Wave { low, high, every })
    }

    fn closed(&mut self) -> Result<Arrivals, BadArrivals> {
        self.take();
        let users = self.count("users")?;
        self.word("think")?;
        self.peek();
        let (think, used) = Dist::read(&self.text[self.at..]).map_err(|bad| self.of_dist(bad))?;
        self.at += used;
        Ok(Arrivals::Closed { users, think })
    }

    fn of_dist(&self, bad: BadDist) -> BadArrivals {
        BadArrivals { offset: self.at + bad.offset, length: bad.length, message: bad.message }
    }

    fn trace(&mut self) -> Result<Arrivals, BadArrivals> {
        self.take();
        let mut times: Vec<Span> = Vec::new();
        while times.is_empty() || self.peek().parse::<Span>().is_ok() {
            let time = DURATIONS.read(self.peek()).map_err(|why| self.wrong(&why))?;
            if times.last().is_some_and(|last| time < *last) {
                return Err(self.wrong(&format!("`{time}` comes before the time in front of it; the times after the start are in order")));
            }
            if times.len() == TIMES_MAX {
                return Err(self.wrong(&format!("a trace has at most {TIMES_MAX} times")));
            }
            self.take();
            times.push(time);
        }
        Ok(Arrivals::Trace(Arc::from(times)))
    }

    fn rate(&mut self, or_zero: bool) -> Result<f64, BadArrivals> {
        let word = self.peek();
        let digits = word.strip_suffix("/s").filter(|digits| digits.starts_with(|c: char| c.is_ascii_digit() || c == '.'));
        let rate = digits.and_then(|digits| digits.parse().ok()).filter(|rate| RATE.contains(rate) || (or_zero && *rate == 0.0));
        let Some(rate) = rate else {
            let least = if or_zero { "0".to_string() } else { RATE.start().to_string() };
            return Err(self.missing(&format!("a rate such as `10/s`, from {least}/s to {}/s", RATE.end())));
        };
        self.take();
        Ok(rate)
    }

    fn count(&mut self, what: &str) -> Result<u32, BadArrivals> {
        let digits = Some(self.peek()).filter(|word| word.bytes().all(|b| b.is_ascii_digit()));
        let Some(count) = digits.and_then(|digits| digits.parse().ok()).filter(|count| COUNT.contains(count)) else {
            return Err(self.missing(&format!("how many {what}, from {} to {}", COUNT.start(), COUNT.end())));
        };
        self.take();
        Ok(count)
    }

    fn timer(&mut self) -> Result<Span, BadArrivals> {
        let span = TIMERS.read(self.peek()).map_err(|why| self.wrong(&why))?;
        self.take();
        Ok(span)
    }

    fn word(&mut self, wanted: &str) -> Result<(), BadArrivals> {
        if self.peek() != wanted {
            return Err(self.missing(&format!("`{wanted}`")));
        }
        self.take();
        Ok(())
    }

    /// The next word, which is not taken; empty at the end.
    fn peek(&mut self) -> &'a str {
        let rest = &self.text[self.at..];
        let word = rest.trim_start();
        let start = self.at + rest.len() - word.len();
        let length = word.find(char::is_whitespace).unwrap_or(word.len());
        &self.text[start..start + length]
    }

    fn take(&mut self) {
        let word = self.peek();
        let rest = &self.text[self.at..];
        self.at += rest.len() - rest.trim_start().len() + word.len();
    }

    fn wrong(&mut self, message: &str) -> BadArrivals {
        let word = self.peek();
        let rest = &self.text[self.at..];
        let offset = self.at + rest.len() - rest.trim_start().len();
        BadArrivals { offset, length: word.len(), message: message.to_string() }
    }

    /// Something else stands here than `wanted`, or nothing.
    fn missing(&mut self, wanted: &str) -> BadArrivals {
        let word = self.peek();
        if word.is_empty() {
            self.wrong(&format!("here must follow {wanted}"))
        } else {
            self.wrong(&format!("`{word}` is not expected here, but {wanted}"))
        }
    }

    fn unknown(&mut self) -> BadArrivals {
        let examples = FORMS.map(|(_, example, _)| format!("`{example}`")).join(", ");
        let words = FORMS.iter().map(|(form, ..)| form.split(' ').next().unwrap_or_default()).skip(1);
        let near = did_you_mean(self.peek(), words);
        let mut bad = self.missing("how requests come");
        bad.message = format!("{}{near} (such as {examples})", bad.message);
        bad
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::arbitrary::arrivals;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_printed_process_reads_back(arrivals in arrivals()) {
            prop_assert_eq!(arrivals.to_string().parse(), Ok(arrivals.clone()));
            let text = format!("{arrivals} read:write 9:1");
            let (read, used) = Arrivals::read(&text).unwrap();
            prop_assert_eq!((read, &text[used..]), (arrivals, " read:write 9:1"));
        }

        #[test]
        fn any_text_is_read_or_refused_in_place(text in "(steady|bursts|of|ramp|wave|closed|think|at|to|over|every|exp\\(1s\\)|0/s|5/s|7|1s|é| ){0,8}") {
            if let Err(bad) = text.parse::<Arrivals>() {
                prop_assert!(text.get(bad.offset..bad.offset + bad.length).is_some(), "{bad:?}");
            }
        }
    }

    #[test]
    fn every_example_reads() {
        for (form, example, _) in FORMS {
            assert_eq!(example.parse::<Arrivals>().map(|arrivals| arrivals.to_string()), Ok(example.to_string()), "{form}");
        }
    }

    #[test]
    fn mistakes_are_pointed_at() {
        for (text, offset, part) in [
            ("", 0, "how requests come"),
            ("stedy 10/s", 0, "`steady`"),
            ("0/s", 0, "from 0.000001/s"),
            ("steady -1/s", 7, "`10/s`"),
            ("1e9/s", 0, "100000/s"),
            ("bursts 50", 7, "`of`"),
            ("bursts of 0 every 1s", 10, "from 1 to 10000"),
            ("bursts of 5 every 0s", 18, "1ms"),
            ("bursts of 10000 every 1ms", 0, "100000/s"),
            ("ramp 1/s over 1s", 9, "`to`"),
            ("ramp 0/s to 0/s over 1s", 12, "from 0.000001/s"),
            ("wave 9/s to 1/s every 1s", 0, "wave 1/s to 9/s every 1s"),
            ("closed 5 think", 14, "distribution"),
            ("closed 5 think exp(1x)", 19, "length of time"),
            ("at", 2, "length of time"),
            ("at 2s 1s", 6, "in order"),
            ("10/s 11/s", 5, "the end"),
        ] {
            let bad = text.parse::<Arrivals>().unwrap_err();
            assert_eq!(bad.offset, offset, "{text}: {bad}");
            assert!(bad.message.contains(part), "{text}: {bad}");
        }
    }
}
