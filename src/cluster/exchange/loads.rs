//! A client that needs a page: asks for its parts one after the other, or for all of it by one query.

use crate::algo::graphql::{Fetch, Mode, Null, Run};
use crate::persistent::{OrdMap, OrdSet};
use crate::sim::history::Cause;
use crate::sim::id::RequestId;
use crate::sim::protocol::Reply;
use crate::sim::time::Time;

use super::Context;
use super::frame::{Code, Told, Want};
use super::http::Heard;
use super::listener::Tools;
use super::message::{Op, Ret};
use super::note::{Loaded, Note};
use super::settings::{Api, Page};

/// `{"query":""}`.
const QUERY: u64 = 12;
/// The bytes of a request to change a name.
const RENAME: u64 = 30;

/// Its state.
#[derive(Clone, Debug, Default)]
pub struct Loads {
    open: OrdMap<RequestId, Load>,
    /// What each request over HTTP is for.
    calls: OrdMap<u32, (RequestId, Part)>,
    /// Those that were sent a second time.
    again: OrdSet<u32>,
    /// Answers to GET requests.
    cache: OrdMap<String, Cached>,
}

/// An answer that is kept.
#[derive(Clone, Copy, Debug)]
struct Cached {
    until: Time,
    /// The version of the name that can be changed, where it is in it.
    name: Option<u32>,
}

/// A page under way.
#[derive(Clone, Debug)]
struct Load {
    page: Page,
    run: Option<Run>,
    since: Time,
    sum: Loaded,
    broken: Option<String>,
}

/// What a request is for.
#[derive(Clone, Debug)]
enum Part {
    /// A resource, in this round of trips, at this address.
    Resource(Fetch, u32, String),
    Query(String),
    Rename,
}

impl Loads {
    pub(super) fn on_request(&mut self, request: RequestId, op: &Op, tools: &mut Tools<'_>, cx: &mut Context<'_>) {
        if *op == Op::Rename {
            let call = tools.http.ask(Want::Rename, RENAME, tools.pipes, cx);
            self.calls.insert(call, (request, Part::Rename));
            return;
        }
        let (page, wanted) = (cx.settings().query.clone(), cx.settings().query.plan.answer(Null::default()).0);
        let is_rest = cx.settings().api == Api::Rest;
        let run = is_rest.then(|| Run::new(page.plan.clone(), Mode::Resources, []));
        let zero = crate::sim::time::Span::ZERO;
        let query = if is_rest || cx.settings().persisted { 0 } else { QUERY + page.text.len() as u64 };
        cx.note(Note::Loads { request });
        let sum = Loaded {
            request,
            page: page.clone(),
            failing: None,
            requests: 0,
            rounds: 0,
            hits: 0,
            bytes: 0,
            wanted,
            query,
            errors: 0,
            name: None,
            first: zero,
            last: zero,
        };
        self.open.insert(request, Load { page, run, since: cx.steady(), sum, broken: None });
        if is_rest {
            return self.go_on(request, 1, tools, cx);
        }
        self.ask_query(request, tools, cx);
    }

    fn ask_query(&mut self, request: RequestId, tools: &mut Tools<'_>, cx: &mut Context<'_>) {
        let Some(load) = self.open.get_mut(&request) else { return };
        let want = Want::Query(load.page.clone(), cx.settings().persisted);
        let path = want.path();
        if let Some(kept) = cached(&self.cache, &path, cx).filter(|_| cx.settings().persisted) {
            load.sum.hits += 1;
            load.sum.has(kept.name);
            return self.finish(request, cx);
        }
        (load.sum.requests, load.sum.rounds) = (1, 1);
        let call = tools.http.ask(want, load.sum.query, tools.pipes, cx);
        self.calls.insert(call, (request, Part::Query(path)));
    }

    /// Asks for whatever can be asked for now, in a round of trips.
    fn go_on(&mut self, request: RequestId, round: u32, tools: &mut Tools<'_>, cx: &mut Context<'_>) {
        let Some(load) = self.open.get_mut(&request) else { return };
        while let Some(run) = &mut load.run
            && let Some(fetch) = run.take()
        {
            let want = resource(&load.page, &fetch);
            let path = want.path();
            if let Some(kept) = cached(&self.cache, &path, cx) {
                load.sum.hits += 1;
                load.sum.has(kept.name);
                run.done(&fetch);
                continue;
            }
            load.sum.requests += 1;
            load.sum.rounds = load.sum.rounds.max(round);
            let call = tools.http.ask(want, 0, tools.pipes, cx);
            self.calls.insert(call, (request, Part::Resource(fetch, round, path)));
        }
        if load.run.as_ref().is_some_and(Run::is_over) {
            self.finish(request, cx);
        }
    }

    fn finish(&mut self, request: RequestId, cx: &mut Context<'_>) {
        let Some(Load { mut sum, since, broken, .. }) = self.open.remove(&request) else { return };
        sum.last = cx.steady().since(since);
        sum.failing = cx.settings().failing.clone().filter(|_| sum.errors > 0);
        if let Some(why) = broken {
            return cx.reply(request, Reply::Refused(Cause::from(why)));
        }
        cx.reply(request, Reply::Ok(Ret::Page { requests: sum.requests, rounds: sum.rounds, errors: sum.errors }));
        cx.note(Note::Page(Box::new(sum)));
    }

    /// Something about one of its requests.
    pub(super) fn on_heard(&mut self, heard: Heard, tools: &mut Tools<'_>, cx: &mut Context<'_>) {
        match heard {
            Heard::Head(_) | Heard::Piece(_) => {}
            Heard::Done(call, told, bytes) => {
                self.again.remove(&call);
                let Some((request, part)) = self.calls.remove(&call) else { return };
                self.on_done(request, part, (told, bytes), tools, cx);
            }
            Heard::Untouched(call) | Heard::Broken(call) => {
                let Some((request, part)) = self.calls.remove(&call) else { return };
                if matches!(part, Part::Rename) {
                    return cx.reply(request, Reply::Unknown(Cause::from("the connection broke before the answer")));
                }
                if self.again.remove(&call).is_none() {
                    return self.ask_again(request, part, tools, cx);
                }
                self.on_give_up(request, tools, cx);
                cx.reply(request, Reply::Failed(Cause::from("the connection broke")));
            }
        }
    }

    /// Its connection was closed under a request that only reads: it is sent once more, on another one, as browsers do (RFC 9110,
    /// section 9.2.2; RFC 9112, section 9.5: a server may close a connection at any moment, and a request may be on its way then).
    fn ask_again(&mut self, request: RequestId, part: Part, tools: &mut Tools<'_>, cx: &mut Context<'_>) {
        let Some(load) = self.open.get_mut(&request) else { return };
        let (want, body) = match &part {
            Part::Resource(fetch, ..) => (resource(&load.page, fetch), 0),
            _ => (Want::Query(load.page.clone(), cx.settings().persisted), load.sum.query),
        };
        load.sum.requests += 1;
        let call = tools.http.ask(want, body, tools.pipes, cx);
        self.calls.insert(call, (request, part));
        self.again.insert(call);
    }

    fn on_done(&mut self, request: RequestId, part: Part, (told, bytes): (Told, u64), tools: &mut Tools<'_>, cx: &mut Context<'_>) {
        if matches!(part, Part::Rename) {
            if let Told::Not(code) = told {
                return cx.reply(request, Reply::Refused(Cause::from(code.to_string())));
            }
            // What was kept of the address that a POST went to is old (RFC 9111, section 4.4).
            self.cache.remove(&Want::Rename.path());
            return cx.reply(request, Reply::Ok(Ret::Done));
        }
        let Some(load) = self.open.get_mut(&request) else { return };
        load.sum.bytes += bytes;
        if load.sum.first == crate::sim::time::Span::ZERO {
            load.sum.first = cx.steady().since(load.since);
        }
        match (part, told) {
            (Part::Resource(fetch, round, path), told) => {
                let fails = matches!(told, Told::Not(_));
                load.sum.errors += u64::from(fails);
                if let Some(run) = &mut load.run {
                    if fails { run.failed() } else { run.done(&fetch) }
                }
                if let Told::Resource(name) = told {
                    load.sum.has(name);
                    self.keep(path, name, cx);
                }
                self.go_on(request, round + 1, tools, cx);
            }
            (Part::Query(path), Told::Page { errors, name }) => {
                load.sum.errors = errors;
                load.sum.has(name);
                if cx.settings().persisted && errors == 0 {
                    self.keep(path, name, cx);
                }
                self.finish(request, cx);
            }
            (_, Told::Not(Code::Refused(why))) => {
                load.broken = Some(why);
                self.finish(request, cx);
            }
            _ => self.finish(request, cx),
        }
    }

    fn keep(&mut self, path: String, name: Option<u32>, cx: &Context<'_>) {
        if cx.settings().http_cache {
            self.cache.insert(path, Cached { until: cx.steady() + cx.settings().max_age, name });
        }
    }

    /// Nobody waits for the page any more.
    pub(super) fn on_give_up(&mut self, request: RequestId, tools: &mut Tools<'_>, cx: &mut Context<'_>) {
        self.open.remove(&request);
        let calls: Vec<u32> = self.calls.iter().filter(|(_, (of, _))| *of == request).map(|(call, _)| *call).collect();
        for call in calls {
            self.calls.remove(&call);
            self.again.remove(&call);
            tools.http.cancel(call, tools.pipes, cx);
        }
    }
}

fn resource(page: &Page, fetch: &Fetch) -> Want {
    Want::Resource(page.plan.clone(), fetch.node, fetch.keys.first().copied().unwrap_or_default())
}

fn cached(cache: &OrdMap<String, Cached>, path: &str, cx: &Context<'_>) -> Option<Cached> {
    cache.get(path).copied().filter(|kept| cx.settings().http_cache && cx.steady() < kept.until)
}
