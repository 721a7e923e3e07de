//! What a cache that several users share may keep and give (RFC 9111).

use super::control::seconds;
use super::{CacheControl, Fields};

/// Nanoseconds in a second.
const SECOND: u64 = 1_000_000_000;
/// Answers that may be kept without being told for how long, if they say anything that a cache can go by (RFC 9110, section 15.1).
const HEURISTIC: [u16; 10] = [200, 203, 204, 300, 301, 308, 404, 410, 414, 501];
/// Methods that change nothing (RFC 9110, section 9.2.1).
const SAFE: [&str; 4] = ["GET", "HEAD", "OPTIONS", "TRACE"];

/// The rules, or one of the mistakes that caches have been found to make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a rule of its own")]
pub struct Rules {
    /// `Vary` is heeded (section 4.1).
    pub vary: bool,
    /// `private` is heeded (section 5.2.2.7).
    pub private: bool,
    /// The answer to a request with `Authorization` is kept only where the answer allows it (section 3.5).
    pub authorization: bool,
    /// The `Age` that an answer comes with is counted (section 4.2.3).
    pub age_before: bool,
    /// `Expires` is compared with the `Date` of the same answer, and not with one's own clock (section 4.2.1).
    pub date: bool,
    /// A 304 makes what is kept fresh again (section 4.3.4).
    pub renews: bool,
    /// An answer that sets a cookie is kept, as section 7.3 allows. Many caches do not.
    pub cookies: bool,
    /// When an unsafe request throws away what is kept (section 4.4).
    pub invalidates: Invalidates,
}

/// When an unsafe request throws away what is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Invalidates {
    /// When it is not answered with an error.
    Done,
    /// Whatever it is answered.
    Always,
    /// Not at all.
    Never,
}

impl Rules {
    /// Those of RFC 9111.
    pub const RFC: Rules = Rules {
        vary: true,
        private: true,
        authorization: true,
        age_before: true,
        date: true,
        renews: true,
        cookies: true,
        invalidates: Invalidates::Done,
    };
}

/// Of an answer what a cache goes by.
#[derive(Clone, Copy, Debug)]
pub struct Meta<'a> {
    /// Its status.
    pub status: u16,
    /// Its fields.
    pub fields: &'a Fields,
    /// What its dates say.
    pub dates: Dates,
}

/// The dates of an answer, in nanoseconds since a day that all share.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Dates {
    /// `Date`: when it was made, by its origin's clock.
    pub date: Option<u64>,
    /// `Expires`.
    pub expires: Option<u64>,
}

/// Why an answer is not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unstored {
    /// The request changes something.
    Method,
    /// `no-store`, of either.
    NoStore,
    /// `private`.
    Private,
    /// The request had `Authorization`, and the answer does not allow it.
    Authorization,
    /// It sets a cookie.
    Cookie,
    /// Nothing says that it may be kept.
    Silent,
    /// Its status: a part, a word on what is kept already, or an error of a server.
    Status,
    /// `Vary: *`.
    VaryAll,
}

impl Unstored {
    /// In a few words.
    pub fn why(self) -> &'static str {
        match self {
            Unstored::Method => "only answers to GET are kept",
            Unstored::NoStore => "no-store",
            Unstored::Private => "private",
            Unstored::Authorization => "the request had Authorization",
            Unstored::Cookie => "it sets a cookie",
            Unstored::Silent => "nothing says for how long",
            Unstored::Status => "its status",
            Unstored::VaryAll => "Vary: *",
        }
    }
}

/// Whether a cache that several users share may keep an answer (section 3).
pub fn may_store(method: &str, request: &Fields, answer: Meta<'_>, rules: &Rules) -> Result<(), Unstored> {
    let asked = control(request);
    let said = control(answer.fields);
    let allows = said.public || said.s_maxage.is_some() || said.must_revalidate;
    let is_told = said.public || said.max_age.is_some() || said.s_maxage.is_some() || answer.dates.expires.is_some() || said.no_cache;
    let has_validator = answer.fields.has("etag") && HEURISTIC.contains(&answer.status);
    let reasons = [
        (method != "GET", Unstored::Method),
        (asked.no_store || said.no_store, Unstored::NoStore),
        (said.private && rules.private, Unstored::Private),
        (request.has("authorization") && !allows && rules.authorization, Unstored::Authorization),
        (answer.fields.has("set-cookie") && !rules.cookies, Unstored::Cookie),
        (answer.status >= 500 || answer.status == 206 || answer.status == 304, Unstored::Status),
        (!is_told && !has_validator, Unstored::Silent),
        (rules.vary && answer.fields.list("vary").iter().any(|field| field == "*"), Unstored::VaryAll),
    ];
    reasons.into_iter().find(|(is, _)| *is).map_or(Ok(()), |(_, why)| Err(why))
}

/// For how long an answer is fresh in a cache that several users share, in nanoseconds (section 4.2.1). One that does not say is stale at
/// once: nothing is guessed. `now`: what the cache's clock says when the answer comes, for a cache that goes by that by mistake.
pub fn lifetime(answer: Meta<'_>, now: u64, rules: &Rules) -> u64 {
    let said = control(answer.fields);
    if let Some(seconds) = said.s_maxage.or(said.max_age) {
        return seconds.saturating_mul(SECOND);
    }
    let from = if rules.date { answer.dates.date.unwrap_or(now) } else { now };
    answer.dates.expires.map_or(0, |expires| expires.saturating_sub(from))
}

/// How old an answer is, as far as a cache can know (section 4.2.3). All in nanoseconds; those of the cache by one clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Age {
    /// When the cache had what is older than itself: the greater of what the clocks and what the caches before say.
    initial: u64,
    /// When the answer came, by the clock that the cache measures time by.
    answered: u64,
}

impl Age {
    /// Of an answer that was asked for and came at these moments. `wall`: what the cache's time of day was when it came.
    pub fn of(answer: Meta<'_>, (asked, answered): (u64, u64), wall: u64, rules: &Rules) -> Age {
        let apparent = answer.dates.date.map_or(0, |date| wall.saturating_sub(date));
        let before = if rules.age_before { age_field(answer.fields) } else { 0 };
        let corrected = before.saturating_add(answered.saturating_sub(asked));
        let initial = if rules.age_before { apparent.max(corrected) } else { 0 };
        Age { initial, answered }
    }

    /// Now.
    pub fn at(self, now: u64) -> u64 {
        self.initial.saturating_add(now.saturating_sub(self.answered))
    }

    /// Now, as the `Age` field has it: whole seconds.
    pub fn seconds(self, now: u64) -> u64 {
        self.at(now) / SECOND
    }
}

/// What `Age` says, in nanoseconds; 0 where it says nothing that can be read.
fn age_field(fields: &Fields) -> u64 {
    let first = fields.list("age").into_iter().next();
    first.as_deref().and_then(seconds).unwrap_or(0).saturating_mul(SECOND)
}

/// What may be done with an answer that is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// It is given.
    Fresh,
    /// Its origin is asked first. Where that cannot be reached it may be given stale (section 4.2.4).
    AskOrStale,
    /// Its origin is asked first, and it is not given unless that says so.
    Ask,
}

/// What may be done with an answer that is kept, of this age and lifetime (section 4).
pub fn may_use(request: &Fields, answer: &Fields, age: u64, lifetime: u64) -> Use {
    let (asked, said) = (control(request), control(answer));
    let left = lifetime.saturating_sub(age);
    let wanted = asked.min_fresh.unwrap_or(0).saturating_mul(SECOND);
    let is_young = asked.max_age.is_none_or(|most| age <= most.saturating_mul(SECOND));
    let is_strict = said.must_revalidate || said.proxy_revalidate || said.s_maxage.is_some() || said.no_cache;
    match () {
        () if said.no_cache || asked.no_cache => Use::Ask,
        // What is as old as its lifetime is stale.
        () if age < lifetime && is_young && left >= wanted => Use::Fresh,
        () if is_strict => Use::Ask,
        () if takes_stale(&asked, age.saturating_sub(lifetime)) => Use::Fresh,
        () => Use::AskOrStale,
    }
}

fn takes_stale(asked: &CacheControl, over: u64) -> bool {
    match asked.max_stale {
        None => false,
        Some(None) => true,
        Some(Some(most)) => over <= most.saturating_mul(SECOND),
    }
}

/// Of a request, the fields that the answer to it hangs on (section 4.1).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Vary(Vec<(String, Option<String>)>);

impl Vary {
    /// Of a request and its answer.
    pub fn of(request: &Fields, answer: &Fields, rules: &Rules) -> Vary {
        let mut names: Vec<String> = answer.list("vary").iter().map(|name| name.to_ascii_lowercase()).collect();
        names.sort();
        names.dedup();
        let names = if rules.vary { names } else { Vec::new() };
        Vary(names.into_iter().map(|name| (name.clone(), value(request, &name))).collect())
    }

    /// Whether another request has the same.
    pub fn matches(&self, request: &Fields) -> bool {
        self.0.iter().all(|(name, before)| *before == value(request, name))
    }
}

/// A field without what means nothing: lists in lower case, one blank between members.
fn value(request: &Fields, name: &str) -> Option<String> {
    request.has(name).then(|| request.list(name).join(", ").to_ascii_lowercase())
}

/// Whether a request and its answer throw away what is kept of its target (section 4.4).
pub fn invalidates(method: &str, status: u16, rules: &Rules) -> bool {
    let is_done = match rules.invalidates {
        Invalidates::Done => (200..400).contains(&status),
        Invalidates::Always => true,
        Invalidates::Never => false,
    };
    !SAFE.contains(&method) && is_done
}

fn control(fields: &Fields) -> CacheControl {
    fields.get("cache-control").map(|text| CacheControl::read(&text)).unwrap_or_default()
}
