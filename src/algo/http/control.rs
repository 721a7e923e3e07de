//! `Cache-Control` (RFC 9111, section 5.2).

use super::fields::{members, unquoted};

/// What a greater number of seconds is taken for (RFC 9111, section 1.2.2).
const FOR_EVER: u64 = 1 << 31;

/// The directives of one message. A length that cannot be read counts as 0: the answer is stale (RFC 9111, section 4.2.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a directive of its own")]
pub struct CacheControl {
    /// Nobody keeps it.
    pub no_store: bool,
    /// It may be kept, and not be used before its origin was asked. With field names it is taken for the same without.
    pub no_cache: bool,
    /// A cache that several users share does not keep it.
    pub private: bool,
    /// Any cache may keep it, though it would not otherwise.
    pub public: bool,
    /// It is fresh for so many seconds.
    pub max_age: Option<u64>,
    /// The same for caches that several users share.
    pub s_maxage: Option<u64>,
    /// Once stale it is not used before its origin was asked, whatever happens.
    pub must_revalidate: bool,
    /// The same for caches that several users share.
    pub proxy_revalidate: bool,
    /// Of a request: it takes a stale answer, of any age or of so many seconds beyond its lifetime.
    pub max_stale: Option<Option<u64>>,
    /// Of a request: it wants an answer that is still fresh in so many seconds.
    pub min_fresh: Option<u64>,
    /// Of a request: it wants no answer but a stored one.
    pub only_if_cached: bool,
}

/// A directive that there is not, or whose number is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no directive of an answer; there are public, private, no-store, no-cache, max-age=60, s-maxage=60, must-revalidate and proxy-revalidate"
)]
pub struct Unknown(pub String);

impl CacheControl {
    /// Reads it as a cache does: what it does not know it passes over, and the first of several lengths counts.
    pub fn read(text: &str) -> CacheControl {
        let mut control = CacheControl::default();
        for directive in members(text) {
            let (name, value) = directive.split_once('=').map_or((directive, None), |(name, value)| (name, Some(value)));
            control.take(&name.trim().to_ascii_lowercase(), value.map(str::trim));
        }
        control
    }

    fn take(&mut self, name: &str, value: Option<&str>) {
        let seconds = || value.and_then(seconds).unwrap_or(0);
        match name {
            "no-store" => self.no_store = true,
            "no-cache" => self.no_cache = true,
            "private" => self.private = true,
            "public" => self.public = true,
            "max-age" => _ = self.max_age.get_or_insert_with(seconds),
            "s-maxage" => _ = self.s_maxage.get_or_insert_with(seconds),
            "must-revalidate" => self.must_revalidate = true,
            "proxy-revalidate" => self.proxy_revalidate = true,
            "max-stale" => self.max_stale = Some(value.map(|_| seconds())),
            "min-fresh" => self.min_fresh = Some(seconds()),
            "only-if-cached" => self.only_if_cached = true,
            _ => {}
        }
    }

    /// Whether an answer may be written like this: every directive is known, and lengths are whole seconds.
    pub fn check(text: &str) -> Result<(), Unknown> {
        let is_known = |directive: &str| match directive.split_once('=') {
            Some(("max-age" | "s-maxage", value)) => seconds(value).is_some(),
            Some(_) => false,
            None => ["public", "private", "no-store", "no-cache", "must-revalidate", "proxy-revalidate"].contains(&directive),
        };
        match members(text).find(|directive| !is_known(directive)) {
            Some(unknown) => Err(Unknown(unknown.to_string())),
            None if members(text).next().is_none() => Err(Unknown(text.to_string())),
            None => Ok(()),
        }
    }
}

/// Whole seconds, plain or in quotes.
pub(super) fn seconds(text: &str) -> Option<u64> {
    let digits = unquoted(text).filter(|text| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()))?;
    Some(digits.parse().unwrap_or(FOR_EVER).min(FOR_EVER))
}
