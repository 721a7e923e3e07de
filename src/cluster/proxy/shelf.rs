//! What a proxy keeps: answers by what was asked, with the rules of RFC 9111.

use std::sync::Arc;

use imbl::Vector;

use crate::algo::http::{Age, Fields, Rules, Unstored, Use, Vary, invalidates, lifetime, may_store, may_use};
use crate::check::operation::Key;
use crate::persistent::keep;
use crate::persistent::{Few, OrdMap};
use crate::sim::time::Time;

use super::Context;
use super::message::{Request, Response, Url};
use super::pass::strong;
use super::settings::CacheRules;

/// What answers differ by that a proxy has compressed.
pub(super) const CODED: &str = "accept-encoding";
/// The most answers that a cache keeps: the oldest makes room.
pub(super) const ROOM: usize = 256;

/// A cache.
#[derive(Clone, Debug, Default)]
pub struct Shelf {
    /// By what was asked: one for each way in which the answers differ.
    entries: OrdMap<Key, Few<Entry>>,
    /// What is kept, the oldest first.
    order: Vector<Key>,
}

/// An answer that is kept.
#[derive(Clone, Debug)]
pub struct Entry {
    /// What was asked.
    pub url: Url,
    vary: Vary,
    /// The answer.
    pub response: Arc<Response>,
    age: Age,
    /// For how long it is fresh, in nanoseconds.
    pub lifetime: u64,
    /// Whom it was made for, as far as the cache can see: whose session it was asked with, or begins.
    pub first: Key,
}

impl Entry {
    /// How old it is.
    pub fn age(&self, now: Time) -> u64 {
        self.age.at(now.0)
    }
}

/// When an answer was asked for and came, by the cache's own clocks.
#[derive(Clone, Copy, Debug)]
pub struct Moments {
    /// Asked.
    pub asked: Time,
    /// Came.
    pub answered: Time,
    /// Came, by the time of day.
    pub wall: Time,
}

impl Shelf {
    /// What is kept of a request that reads, and what may be done with it.
    pub fn find(&self, request: &Request, cx: &Context<'_>) -> Option<(Entry, Use)> {
        let entries = self.entries.get(&key(&request.url, cx))?;
        // Of several the newest (section 4).
        let entry = entries.iter().rev().find(|entry| entry.vary.matches(&request.fields))?;
        let may = may_use(&request.fields, &entry.response.fields, entry.age(cx.steady()), entry.lifetime);
        Some((entry.clone(), may))
    }

    /// Takes in an answer, or says why not.
    pub fn take_in(&mut self, request: &Request, response: &Arc<Response>, at: Moments, cx: &Context<'_>) -> Result<(), Unstored> {
        let rules = cx.settings().rules();
        may_store(request.method.word(), &request.fields, response.meta(), &rules)?;
        self.put(request, entry(request, response, at, rules), cx);
        Ok(())
    }

    /// An origin says that what is kept is good. What is to be given is returned: it is as new as the origin's word.
    pub fn renew(&mut self, request: &Request, kept: &Entry, said: &Response, at: Moments, cx: &Context<'_>) -> Arc<Response> {
        let rules = cx.settings().rules();
        let mut response = Response { made: said.made, dates: said.dates, ..(*kept.response).clone() };
        let kept_etag = kept.response.fields.get("etag").unwrap_or_default();
        // What this proxy made of the answer stays so: its coding, the weaker tag of that, and that others get another.
        let is_same = |name: &str, value: &str| name == "etag" && strong(value) == strong(&kept_etag);
        for (name, value) in said.fields.iter().filter(|(name, _)| ["cache-control", "age", "etag", "vary"].contains(name)) {
            if !is_same(name, value) {
                response.fields.set(name, value);
            }
        }
        let varies = |fields: &Fields| fields.list("vary").iter().any(|name| name.eq_ignore_ascii_case(CODED));
        if varies(&kept.response.fields) && !varies(&response.fields) {
            response.fields.append("vary", CODED);
        }
        if !said.fields.has("age") {
            response.fields.remove("age");
        }
        let response = Arc::new(response);
        if rules.renews {
            let first = kept.first.clone();
            self.put(request, Entry { first, ..entry(request, &response, at, rules) }, cx);
        }
        response
    }

    fn put(&mut self, request: &Request, entry: Entry, cx: &Context<'_>) {
        let key = key(&request.url, cx);
        let same = |known: &Entry| known.vary.matches(&request.fields);
        let entries = self.entries.entry(key.clone()).or_default();
        entries.retain(|known| !same(known));
        entries.push(entry);
        keep(&mut self.order, |known| *known != key);
        self.order.push_back(key);
        while self.len() > ROOM {
            let Some(oldest) = self.order.pop_front() else { break };
            self.entries.remove(&oldest);
        }
    }

    /// A request that may change something was answered: what is kept of its target goes, where the rules say so.
    pub fn invalidate(&mut self, request: &Request, status: u16, cx: &Context<'_>) -> bool {
        let key = key(&request.url, cx);
        let goes = invalidates(request.method.word(), status, &cx.settings().rules());
        goes && self.entries.remove(&key).is_some()
    }

    /// How many answers it keeps.
    pub fn len(&self) -> usize {
        self.entries.values().map(|few| few.len()).sum()
    }

    /// Every answer.
    pub fn iter(&self) -> impl Iterator<Item = &Entry> {
        self.entries.values().flatten()
    }
}

fn entry(request: &Request, response: &Arc<Response>, at: Moments, rules: Rules) -> Entry {
    Entry {
        url: request.url.clone(),
        vary: Vary::of(&request.fields, &response.fields, &rules),
        response: Arc::clone(response),
        age: Age::of(response.meta(), (at.asked.0, at.answered.0), at.wall.0, &rules),
        lifetime: lifetime(response.meta(), at.wall.0, &rules),
        first: user(&request.fields).or_else(|| session(&response.fields)).unwrap_or_else(|| "anybody".into()),
    }
}

/// What a cache keeps it by.
fn key(url: &Url, cx: &Context<'_>) -> Key {
    if cx.settings().cache_rules == CacheRules::NoHost { url.path.clone() } else { url.to_string().into() }
}

/// Whose session an answer begins.
fn session(fields: &Fields) -> Option<Key> {
    fields.get("set-cookie").and_then(|cookie| cookie.strip_prefix("session=").map(Key::from))
}

/// Whom a request says that it is from.
pub(super) fn user(fields: &Fields) -> Option<Key> {
    let cookie = fields.get("cookie").and_then(|cookie| cookie.strip_prefix("session=").map(Key::from));
    cookie.or_else(|| fields.get("authorization").map(Key::from))
}
