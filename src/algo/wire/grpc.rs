//! What gRPC puts into HTTP/2 (grpc/grpc, doc/PROTOCOL-HTTP2.md): the prefix of a message and the timeout of a call.

use std::fmt;

/// The bytes before each message: whether it is compressed, and its length.
pub const PREFIX: u64 = 5;

/// The prefix of a message.
pub fn prefix(is_compressed: bool, length: u32) -> [u8; 5] {
    let [a, b, c, d] = length.to_be_bytes();
    [u8::from(is_compressed), a, b, c, d]
}

/// What a prefix says: whether the message is compressed, and its length. `None`: no prefix.
pub fn read_prefix(bytes: [u8; 5]) -> Option<(bool, u32)> {
    let [flag, length @ ..] = bytes;
    (flag <= 1).then_some((flag == 1, u32::from_be_bytes(length)))
}

/// How long a call may yet take, as the header `grpc-timeout` says it: at most eight digits and a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeout {
    value: u32,
    unit: usize,
}

/// The units from small to large, in nanoseconds.
const UNITS: [(char, u64); 6] =
    [('n', 1), ('u', 1_000), ('m', 1_000_000), ('S', 1_000_000_000), ('M', 60_000_000_000), ('H', 3_600_000_000_000)];
/// Eight digits.
const MOST: u64 = 99_999_999;

impl Timeout {
    /// So many nanoseconds, in the smallest unit that they fit into. A part of a unit counts as nothing: who is told less time stops
    /// earlier, and never later.
    pub fn of(ns: u64) -> Timeout {
        let fits = UNITS.iter().position(|(_, unit)| ns / unit <= MOST).unwrap_or(UNITS.len() - 1);
        Timeout { value: (ns / UNITS[fits].1).min(MOST) as u32, unit: fits }
    }

    /// In nanoseconds.
    pub fn ns(self) -> u64 {
        u64::from(self.value) * UNITS[self.unit].1
    }

    /// Reads it.
    pub fn read(text: &str) -> Option<Timeout> {
        let (digits, letter) = text.split_at_checked(text.len().checked_sub(1)?)?;
        let is_number = (1..=8).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
        let unit = UNITS.iter().position(|(known, _)| letter.starts_with(*known))?;
        Some(Timeout { value: digits.parse().ok().filter(|_| is_number)?, unit })
    }
}

impl fmt::Display for Timeout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.value, UNITS[self.unit].0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_prefix_is_a_flag_and_four_bytes() {
        assert_eq!(prefix(false, 7), [0, 0, 0, 0, 7]);
        assert_eq!(prefix(true, 0x0102_0304), [1, 1, 2, 3, 4]);
        assert_eq!(read_prefix([1, 1, 2, 3, 4]), Some((true, 0x0102_0304)));
        assert_eq!(read_prefix([2, 0, 0, 0, 0]), None);
        assert_eq!(prefix(false, 0).len() as u64, PREFIX);
    }

    #[test]
    fn timeouts_have_at_most_eight_digits() {
        let texts = [(0, "0n"), (99_999_999, "99999999n"), (100_000_000, "100000u"), (1_000_000_000, "1000000u"), (u64::MAX, "5124095H")];
        for (ns, text) in texts {
            assert_eq!(Timeout::of(ns).to_string(), text);
        }
        assert_eq!(Timeout::read("1S").map(Timeout::ns), Some(1_000_000_000));
        assert!(["", "S", "1", "123456789m", "-1m", "1x", "1.5S", "é"].into_iter().all(|wrong| Timeout::read(wrong).is_none()));
    }

    proptest! {
        #[test]
        fn a_timeout_is_never_longer_than_it_was(ns: u64) {
            let timeout = Timeout::of(ns);
            prop_assert!(timeout.ns() <= ns && ns - timeout.ns() <= ns / 1_000_000);
            prop_assert_eq!(Timeout::read(&timeout.to_string()), Some(timeout));
        }
    }
}
