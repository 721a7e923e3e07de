//! What the projected screen tells whoever shows the notes: where it is, and nothing else. Read strictly: whatever else comes over the line is
//! not believed.

use serde::{Deserialize, Serialize};

use super::counts::Counts;
use super::course::Beat;
use super::show::Origin;

/// The form of these messages.
const VERSION: u32 = 3;

/// The longest line, in bytes.
pub const LONGEST: usize = 16 << 10;

/// The most characters of a text that is told.
const WORDS: usize = 1000;

/// The most pages that anything can have.
const PAGES: usize = 10_000;

/// Where a presentation is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Here {
    version: u32,
    /// Its name.
    pub name: String,
    /// What is presented.
    pub origin: Origin,
    /// When it began, in milliseconds since 1970.
    pub since: i64,
    /// The page, from 0, and how many there are.
    pub page: (usize, usize),
    /// How often what is presented was read again, because it was written.
    pub readings: u32,
    /// What of the page is shown.
    pub beat: Beat,
    /// The mark of the author at which play stopped last, from 0.
    pub mark: Option<usize>,
    /// Whether the screen is black.
    pub black: bool,
    /// What is said on it.
    pub says: String,
    /// What going on brings.
    pub next: String,
    /// How many chose each answer, before the talk and after it, as far as they are counted.
    pub counts: [Option<Counts>; 2],
    /// What came in from elsewhere in the round that is open.
    pub polled: Option<Counts>,
    /// What is typed of it.
    pub typed: String,
}

/// Why a line is not believed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotHere {
    /// It is longer than any that is sent.
    #[error("a line is too long")]
    TooLong,
    /// It is something else.
    #[error("a line says something else: {0}")]
    Other(String),
    /// It comes from another version of this program.
    #[error("the presentation runs in another version of this program")]
    Version,
}

impl Here {
    /// At the first page.
    pub fn start(name: &str, origin: Origin, since: i64, pages: usize) -> Here {
        Here {
            version: VERSION,
            name: name.into(),
            origin,
            since,
            page: (0, pages),
            readings: 0,
            beat: Beat::default(),
            mark: None,
            black: false,
            says: String::new(),
            next: String::new(),
            counts: [None, None],
            polled: None,
            typed: String::new(),
        }
    }

    /// As one line, with its end.
    pub fn line(&self) -> String {
        // Only a path that is no text cannot be written; then nothing is told.
        let short = |text: &str| text.chars().take(WORDS).collect::<String>();
        let told = Here { says: short(&self.says), next: short(&self.next), typed: short(&self.typed), ..self.clone() };
        let mut line = serde_json::to_string(&told).unwrap_or_default();
        line.push('\n');
        line
    }

    /// Reads a line without its end.
    pub fn read(line: &[u8]) -> Result<Here, NotHere> {
        if line.len() > LONGEST {
            return Err(NotHere::TooLong);
        }
        let here: Here = serde_json::from_slice(line).map_err(|error| NotHere::Other(error.to_string()))?;
        if here.version != VERSION {
            return Err(NotHere::Version);
        }
        let (page, pages) = here.page;
        if pages > PAGES || page >= pages {
            return Err(NotHere::Other(format!("page {page} of {pages}")));
        }
        let [name, says, next, typed] =
            [&here.name, &here.says, &here.next, &here.typed].map(|text| crate::harmless::line(text).into_owned());
        Ok(Here { name, says, next, typed, ..here })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::present::Phase;
    use proptest::prelude::*;

    fn here() -> Here {
        let origin = Origin { deck: Some("/decks/a b.toml".into()), ..Origin::default() };
        Here {
            page: (2, 5),
            beat: Beat::Vote(Phase::Again),
            mark: Some(1),
            black: true,
            says: "Both are told ok.".into(),
            next: "why".into(),
            counts: [Some(Counts::new(vec![12, 20])), None],
            polled: Some(Counts::new(vec![1, 0])),
            typed: "1=4".into(),
            ..Here::start("a b", origin, 1_700_000_000_000, 5)
        }
    }

    #[test]
    fn what_is_told_reads_back() {
        let line = here().line();
        assert_eq!(Here::read(line.trim_end().as_bytes()), Ok(here()), "{line}");
        assert_eq!(line.matches('\n').count(), 1);
    }

    #[test]
    fn whatever_else_comes_is_not_believed() {
        let line = here().line();
        let changed = |from: &str, to: &str| {
            assert!(line.contains(from), "{line}");
            Here::read(line.trim_end().replace(from, to).as_bytes()).unwrap_err()
        };
        assert_eq!(changed("\"version\":3", "\"version\":2"), NotHere::Version);
        for (from, to) in
            [("[2,5]", "[5,5]"), ("[2,5]", "[2,99999999]"), ("\"black\":true", "\"black\":true,\"run\":\"ls\""), ("true", "7")]
        {
            assert!(matches!(changed(from, to), NotHere::Other(_)), "{to}");
        }
        assert_eq!(Here::read(&vec![b' '; LONGEST + 1]), Err(NotHere::TooLong));
        assert!(Here::read(b"\xff\xfe{}").is_err() && Here::read(b"").is_err());
        let nested = "[".repeat(5000);
        assert!(Here::read(nested.as_bytes()).is_err());
    }

    proptest! {
        #[test]
        fn no_bytes_break_it(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            prop_assert!(Here::read(&bytes).is_err());
        }
    }
}
