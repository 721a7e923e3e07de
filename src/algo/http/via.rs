//! `Via`: which proxies a message passed (RFC 9110, section 7.6.3).

use std::fmt;

use super::fields::members;

/// One proxy that a message passed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Via {
    /// The protocol by which the message came to it: `1.1`, or `HTTP/1.1` in full.
    pub protocol: String,
    /// The proxy: a host with or without a port, or any name.
    pub by: String,
}

impl Via {
    /// A proxy that was spoken to in HTTP/1.1.
    pub fn of(by: &str) -> Via {
        Via { protocol: "1.1".to_string(), by: by.to_string() }
    }

    /// Reads the list, the first proxy first. Comments are passed over, and so is what is no entry.
    pub fn read(text: &str) -> Vec<Via> {
        let entry = |text: &str| {
            let mut words = text.split_ascii_whitespace();
            Some(Via { protocol: words.next()?.to_string(), by: words.next().filter(|by| !by.starts_with('('))?.to_string() })
        };
        members(text).filter_map(entry).collect()
    }

    /// Whether a message passed this proxy: if it is this proxy that asks, the message goes in a circle.
    pub fn passed(text: &str, by: &str) -> bool {
        Via::read(text).iter().any(|via| via.by.eq_ignore_ascii_case(by))
    }
}

impl fmt::Display for Via {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.protocol, self.by)
    }
}
