//! The short code that lets a phone in: it is on the projector, so whoever reads it is in the room.

use std::fmt;
use std::str::FromStr;

/// Sixteen letters that no two people read differently, even from the last row, and that spell no word.
const LETTERS: [char; 16] = ['B', 'D', 'F', 'G', 'H', 'J', 'K', 'M', 'N', 'P', 'R', 'T', 'V', 'W', 'X', 'Z'];

/// How long a code is: one of 16^5, about a million. [`super::doors`] lets nobody try more than a few.
pub const LENGTH: usize = 5;

/// A code of [`LENGTH`] letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Code([u8; LENGTH]);

impl Code {
    /// The code that these bytes choose: each letter by the low four bits of one.
    pub fn from_bytes(bytes: [u8; LENGTH]) -> Code {
        Code(bytes.map(|byte| byte & 0xf))
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|&place| write!(f, "{}", LETTERS[usize::from(place)]))
    }
}

/// A text that cannot be a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a code is five letters")]
pub struct NoCode;

impl FromStr for Code {
    type Err = NoCode;

    /// Reads a code as a person types it: in small or capital letters, with blanks around it or in it.
    fn from_str(text: &str) -> Result<Code, NoCode> {
        let mut places = text.chars().filter(|c| !c.is_whitespace()).map(|c| {
            let place = LETTERS.iter().position(|letter| letter.eq_ignore_ascii_case(&c));
            place.and_then(|place| u8::try_from(place).ok()).ok_or(NoCode)
        });
        let mut code = [0; LENGTH];
        for letter in &mut code {
            *letter = places.next().ok_or(NoCode)??;
        }
        if places.next().is_some() { Err(NoCode) } else { Ok(Code(code)) }
    }
}

#[cfg(test)]
mod tests {
    use super::{Code, LENGTH, LETTERS, NoCode};

    #[test]
    fn a_code_is_read_as_it_is_shown_and_as_it_is_typed() {
        for byte in 0..=255 {
            let code = Code::from_bytes([byte, 1, 2, 3, byte]);
            let shown = code.to_string();
            assert_eq!((shown.len(), shown.parse()), (LENGTH, Ok(code)));
            assert_eq!(format!(" {} {}", &shown[..2].to_lowercase(), &shown[2..]).parse(), Ok(code));
        }
        for wrong in ["", "BDFG", "BDFGHJ", "BDFG1", "BDFGO", "bdfgé", "../..", "favicon.ico", "BDFG\u{130}"] {
            assert_eq!(wrong.parse::<Code>(), Err(NoCode), "{wrong}");
        }
    }

    #[test]
    fn no_letter_looks_like_another_or_makes_a_word() {
        assert!(LETTERS.is_sorted() && !LETTERS.iter().any(|letter| "AEIOUYLQSC".contains(*letter)));
    }
}
