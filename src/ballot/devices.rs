//! The devices that came in: each holds a token that nobody can guess, and is known by nothing else.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use super::doors::{Bucket, VOTES};

/// What a device proves itself with: 128 bits of the system's own randomness.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Token(u128);

impl Token {
    pub(super) fn random() -> Result<Token, getrandom::Error> {
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes)?;
        Ok(Token(u128::from_le_bytes(bytes)))
    }
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token")
    }
}

impl FromStr for Token {
    type Err = ();

    fn from_str(text: &str) -> Result<Token, ()> {
        let is_it = text.len() == 32 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        if is_it { u128::from_str_radix(text, 16).map(Token).map_err(drop) } else { Err(()) }
    }
}

/// The most devices that come in.
pub(super) const DEVICES_MAX: usize = 1_000;
/// The most that come in from one address: a phone, and what its owner finds by clearing cookies or in a private window.
pub(super) const AT_ONE_ADDRESS_MAX: usize = 4;

/// A device that came in.
#[derive(Debug)]
struct Device {
    address: IpAddr,
    votes: Bucket,
}

/// Why a device does not come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Full {
    /// Its address has as many as one address may have.
    Address,
    /// There are as many as there may be.
    All,
}

/// The devices that came in.
#[derive(Debug, Default)]
pub(super) struct Devices {
    known: BTreeMap<Token, Device>,
    at: BTreeMap<IpAddr, usize>,
    /// Addresses from which a device was turned away.
    crowded: BTreeSet<IpAddr>,
}

impl Devices {
    /// Lets a device in that proves itself with `token` from now on. With `shared`, any number comes from one address.
    pub(super) fn admit(&mut self, token: Token, address: IpAddr, shared: bool, now: u64) -> Result<(), Full> {
        if self.known.len() >= DEVICES_MAX {
            return Err(Full::All);
        }
        let at = self.at.entry(address).or_default();
        if *at >= AT_ONE_ADDRESS_MAX && !shared {
            self.crowded.insert(address);
            return Err(Full::Address);
        }
        *at += 1;
        self.known.insert(token, Device { address, votes: Bucket::full(VOTES, now) });
        Ok(())
    }

    /// Whether a device came in with this token.
    pub(super) fn knows(&self, token: Token) -> bool {
        self.known.contains_key(&token)
    }

    /// Whether a device may vote once more now.
    pub(super) fn may_vote(&mut self, token: Token, now: u64) -> bool {
        self.known.get_mut(&token).is_some_and(|device| device.votes.take(VOTES, now))
    }

    /// How many came in.
    pub(super) fn len(&self) -> usize {
        self.known.len()
    }

    /// From how many addresses devices were turned away.
    pub(super) fn crowded(&self) -> usize {
        self.crowded.len()
    }

    /// From now on any number may come from one address: nobody is turned away.
    pub(super) fn share(&mut self) {
        self.crowded.clear();
    }

    /// Of these devices, how many are at the address that most of them are at.
    pub(super) fn most_at_one<'a>(&self, tokens: impl Iterator<Item = &'a Token>) -> usize {
        let mut at: BTreeMap<IpAddr, usize> = BTreeMap::new();
        for device in tokens.filter_map(|token| self.known.get(token)) {
            *at.entry(device.address).or_default() += 1;
        }
        at.into_values().max().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use super::{AT_ONE_ADDRESS_MAX, DEVICES_MAX, Devices, Full, Token};

    fn at(n: u32) -> IpAddr {
        Ipv4Addr::from_bits(0x0a00_0000 + n).into()
    }

    #[test]
    fn a_token_is_read_back_and_nothing_else_is_one() {
        let token = Token::random().unwrap();
        assert_eq!(token.to_string().parse(), Ok(token));
        assert_ne!(Token::random().unwrap(), token);
        let text = "0123456789abcdef0123456789abcdef";
        assert!(text.parse::<Token>().is_ok());
        for wrong in
            ["", "0", &text[1..], &text.to_uppercase(), &format!("+{}", &text[1..]), &format!("{text}0"), "é123456789abcdef0123456789abcde"]
        {
            assert_eq!(wrong.parse::<Token>(), Err(()), "{wrong}");
        }
        assert_eq!(format!("{token:?}"), "Token", "no log and no failed test tells it");
    }

    #[test]
    fn one_address_has_a_few_places_unless_the_class_shares_it() {
        let mut devices = Devices::default();
        for n in 0..AT_ONE_ADDRESS_MAX as u128 {
            assert_eq!(devices.admit(Token(n), at(1), false, 0), Ok(()));
        }
        assert_eq!(devices.admit(Token(100), at(1), false, 0), Err(Full::Address));
        assert!(!devices.knows(Token(100)));
        assert_eq!(devices.admit(Token(101), at(2), false, 0), Ok(()));
        assert_eq!(devices.crowded(), 1);
        assert_eq!(devices.admit(Token(102), at(1), true, 0), Ok(()));
        devices.share();
        assert_eq!((devices.crowded(), devices.len()), (0, AT_ONE_ADDRESS_MAX + 2));
        assert_eq!(devices.most_at_one([Token(0), Token(102), Token(101), Token(77)].iter()), 2);
    }

    #[test]
    fn there_is_a_last_place() {
        let mut devices = Devices::default();
        for n in 0..DEVICES_MAX as u32 {
            assert_eq!(devices.admit(Token(n.into()), at(n), false, 0), Ok(()));
        }
        assert_eq!(devices.admit(Token(u128::MAX), at(70_000), true, 0), Err(Full::All));
    }

    #[test]
    fn a_device_votes_a_few_times_at_once_and_then_at_leisure() {
        let mut devices = Devices::default();
        devices.admit(Token(1), at(1), false, 0).unwrap();
        assert_eq!((0..100).filter(|_| devices.may_vote(Token(1), 0)).count(), 12);
        assert!(devices.may_vote(Token(1), 1_000) && !devices.may_vote(Token(1), 1_000));
        assert!(!devices.may_vote(Token(2), 0), "one that never came in");
    }
}
