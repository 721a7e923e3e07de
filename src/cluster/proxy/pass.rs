//! What a proxy does to a request that it passes on, and to the answer.

use std::sync::Arc;

use crate::algo::http::{CacheControl, Element, Fields, Node, Use, Via};
use crate::check::operation::Key;
use crate::sim::id::NodeId;

use super::Context;
use super::Timer;
use super::hop::{Fetch, Job, Proxy, What, opened};
use super::lines::Errand;
use super::message::{Method, Msg, Request, Response, Sealed};
use super::note::Note;
use super::places::{EDGE, FORWARD, REVERSE, address, is_app, name};
use super::settings::{Adds, ForwardAdds, Header, Retry};
use super::shelf::{CODED, Entry, Moments};

/// A compressed body as a share of the plain one, in hundredths.
const COMPRESSED: u64 = 30;

/// A request as it leaves a proxy.
pub(super) fn outgoing(fetch: &Fetch, cx: &Context<'_>) -> Request {
    let mut request = Request { fields: fetch.request.fields.end_to_end(), ..(*fetch.request).clone() };
    request.fields.append("via", &Via::of(&name(cx.id())).to_string());
    tell_who(&mut request, fetch, cx);
    one_length(&mut request.fields);
    let etag = fetch.kept.as_ref().and_then(|(entry, _)| entry.response.fields.get("etag"));
    if let Some(etag) = etag {
        request.fields.set("if-none-match", &etag);
    }
    request
}

/// The same length several times is told once (RFC 9112, section 6.3).
pub(super) fn one_length(fields: &mut Fields) {
    if let [length, _, ..] = &*fields.list("content-length") {
        fields.set("content-length", length);
    }
}

/// What a proxy says of who connected to it.
fn tell_who(request: &mut Request, fetch: &Fetch, cx: &Context<'_>) {
    let strip = |request: &mut Request| ["x-forwarded-for", "forwarded"].iter().for_each(|name| request.fields.remove(name));
    let settings = cx.settings();
    let header = match (cx.id(), settings.forward_adds, settings.adds) {
        (FORWARD, ForwardAdds::None, _) | (REVERSE | EDGE, _, Adds::None) => return,
        (FORWARD, ForwardAdds::Strip, _) => return strip(request),
        (FORWARD, ForwardAdds::XForwardedFor, _) => Header::XForwardedFor,
        (FORWARD, ForwardAdds::Forwarded, _) => Header::Forwarded,
        _ => settings.header,
    };
    let is_outermost = cx.id() == EDGE || (cx.id() == REVERSE && !settings.edge);
    if settings.adds == Adds::Replace && is_outermost {
        strip(request);
    }
    match header {
        Header::XForwardedFor => request.fields.append("x-forwarded-for", &fetch.peer.to_string()),
        Header::Forwarded => {
            let by = Some(Node::of(address(cx.id(), settings)));
            let proto = if request.url.https { "https" } else { "http" };
            let element = Element { from: Some(Node::of(fetch.peer)), by, host: None, proto: Some(proto.into()) };
            request.fields.append("forwarded", &element.to_string());
        }
    }
}

/// How an answer came to be given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum How {
    Hit,
    Checked,
    Fetched,
    /// The proxy says it by itself.
    Said,
}

impl Proxy {
    /// An answer of the next hop.
    pub(super) fn on_response(&mut self, call: u32, sealed: Sealed<Response>, cx: &mut Context<'_>) {
        let Some(errand) = self.lines.tries.end(call) else { return };
        self.pool.ends(errand.to, cx);
        let Job { back, what, asked, .. } = errand.back;
        match what {
            What::Step(_) => {}
            What::Relay => self.give_later(back.0, Msg::Response { call: back.1, sealed }, cx),
            What::Fetch(fetch) => {
                let at = Moments { asked, answered: cx.steady(), wall: cx.clock() };
                self.fetched(back, &fetch, &sealed.inner, at, cx);
            }
        }
    }

    fn fetched(&mut self, back: (NodeId, u32), fetch: &Fetch, response: &Arc<Response>, at: Moments, cx: &mut Context<'_>) {
        let request = &fetch.request;
        if let (304, Some((entry, _))) = (response.status, &fetch.kept) {
            let renewed = self.shelf.renew(request, entry, response, at, cx);
            cx.note(Note::Checked { url: request.url.clone() });
            return self.give(back, fetch, (*renewed).clone(), How::Checked, cx);
        }
        let response = Arc::new(compressed(request, response, cx));
        if self.shelf.invalidate(request, response.status, cx) {
            cx.note(Note::ThrownAway { url: request.url.clone() });
        }
        if Proxy::keeps(cx) && request.method == Method::Get {
            let kept = self.shelf.take_in(request, &response, at, cx);
            let url = request.url.clone();
            cx.note(kept.map_or_else(|why| Note::NotKept { url: url.clone(), why: why.why() }, |()| Note::Kept { url: url.clone() }));
        }
        self.give(back, fetch, (*response).clone(), How::Fetched, cx);
    }

    /// What is kept is given, fresh or stale.
    pub(super) fn hit(&mut self, back: (NodeId, u32), fetch: &Fetch, entry: &Entry, stale: bool, cx: &mut Context<'_>) {
        let mut response = (*entry.response).clone();
        let age = entry.age(cx.steady());
        response.fields.set("age", &(age / crate::sim::time::Span::s(1).0).to_string());
        let aged = entry.response.fields.has("age");
        cx.note(Note::Hit { request: Arc::clone(&fetch.request), made: response.made, aged, stale });
        self.give(back, fetch, response, How::Hit, cx);
    }

    /// Says something itself.
    pub(super) fn say(&mut self, back: (NodeId, u32), fetch: &Fetch, status: u16, why: &str, cx: &mut Context<'_>) {
        cx.note(Note::Says { url: fetch.request.url.clone(), status, why: why.into() });
        self.give(back, fetch, Response::said(status, why), How::Said, cx);
    }

    fn give(&mut self, (to, call): (NodeId, u32), fetch: &Fetch, mut response: Response, how: How, cx: &mut Context<'_>) {
        let me = name(cx.id());
        if response.status == 200 && fetch.request.fields.has("if-none-match") {
            not_modified(&fetch.request, &mut response);
        }
        response.fields = response.fields.end_to_end();
        response.fields.append("via", &Via::of(&me).to_string());
        if matches!(how, How::Hit | How::Checked) {
            // What it says is of the answer that was kept.
            response.fields.remove("cache-status");
        }
        // RFC 9211; of what it says by itself it says nothing more (section 2).
        let status = match how {
            How::Hit => Some("hit".to_string()),
            How::Checked => Some(format!("fwd={}; fwd-status=304", forwarded(fetch, cx))),
            How::Fetched => Some(format!("fwd={}", forwarded(fetch, cx))),
            How::Said => None,
        };
        if let Some(status) = status {
            response.fields.append("cache-status", &format!("{me}; {status}"));
        }
        let sealed = Sealed::of(fetch.tls.clone(), Arc::new(response));
        self.give_later(to, Msg::Response { call, sealed }, cx);
    }

    /// Gives an answer as fast as a slow client takes it.
    fn give_later(&mut self, to: NodeId, msg: Msg, cx: &mut Context<'_>) {
        let bytes = if let Msg::Response { sealed, .. } = &msg { sealed.inner.page.bytes } else { 0 };
        let takes =
            if cx.id() == REVERSE && cx.settings().buffering { cx.settings().transfer(bytes) } else { crate::sim::time::Span::ZERO };
        if takes == crate::sim::time::Span::ZERO {
            return cx.send(to, msg);
        }
        let number = self.given;
        self.given = self.given.wrapping_add(1);
        self.giving.insert(number, (to, msg));
        cx.set_timer(takes, Timer::Give(number));
    }

    /// The next hop failed: another is asked, or what is stale is given, or the client is told.
    pub(super) fn fails(&mut self, errand: Errand<Job>, status: u16, why: Key, cx: &mut Context<'_>) {
        self.lines.closed(errand.to);
        self.pool.failed(errand.to, cx);
        let Job { what, tried, back, .. } = &errand.back;
        if let What::Fetch(fetch) = what {
            let again = match cx.settings().retry {
                Retry::Never => false,
                Retry::Idempotent => fetch.request.method == Method::Get,
                Retry::All => true,
            };
            if again && is_app(errand.to) && *tried < 1 && self.pool.usable() > 0 {
                cx.note(Note::Retries { url: fetch.request.url.clone(), after: errand.to });
                self.pool.ends(errand.to, cx);
                let (back, fetch, tried, not) = (*back, fetch.clone(), tried + 1, errand.to);
                return self.fetch(back, fetch, tried, Some(not), cx);
            }
        }
        self.gives_up(errand, (status, why), cx);
    }

    pub(super) fn gives_up(&mut self, errand: Errand<Job>, (status, why): (u16, Key), cx: &mut Context<'_>) {
        self.pool.ends(errand.to, cx);
        let Job { what, back, .. } = errand.back;
        match what {
            What::Step(left) => opened(back, left, Some((status, why)), cx),
            // What is inside is read by its two ends only: nothing can be said there.
            What::Relay => cx.send(back.0, Msg::Reset { call: back.1 }),
            What::Fetch(Fetch { kept: Some((entry, Use::AskOrStale)), request, tls, peer }) if cx.settings().serve_stale => {
                let fetch = Fetch { kept: None, request, tls, peer };
                self.hit(back, &fetch, &entry, true, cx);
            }
            What::Fetch(fetch) => self.say(back, &fetch, status, &why, cx),
        }
    }
}

fn forwarded(fetch: &Fetch, cx: &Context<'_>) -> &'static str {
    let anew = fetch.request.fields.get("cache-control").is_some_and(|text| CacheControl::read(&text).no_cache);
    reason(Proxy::keeps(cx), fetch.request.method, fetch.kept.is_some().then_some(anew))
}

/// Why a request was passed on (RFC 9211, section 2.2). `kept`: of what is kept, whether the client wants it confirmed by its origin.
pub(super) fn reason(is_cache: bool, method: Method, kept: Option<bool>) -> &'static str {
    match (method, kept) {
        _ if !is_cache => "bypass",
        (Method::Post, _) => "method",
        (Method::Get, Some(true)) => "request",
        (Method::Get, Some(false)) => "stale",
        (Method::Get, None) => "miss",
    }
}

/// An answer as the reverse proxy passes it on: shorter to those who take it so.
fn compressed(request: &Request, response: &Arc<Response>, cx: &Context<'_>) -> Response {
    let mut response = (**response).clone();
    let may = cx.id() == REVERSE && cx.settings().compression && response.status == 200 && response.page.bytes > 0;
    if !may || response.fields.has("content-encoding") {
        return response;
    }
    response.fields.append("vary", CODED);
    if request.fields.list(CODED).iter().any(|coding| coding.eq_ignore_ascii_case("gzip")) {
        response.fields.set("content-encoding", "gzip");
        // The bytes are others than those of the plain answer (RFC 9110, section 8.8.3.3).
        if let Some(etag) = response.fields.get("etag") {
            response.fields.set("etag", &format!("{WEAK}{}", strong(&etag)));
        }
        response.page.bytes = (response.page.bytes * COMPRESSED).div_ceil(100);
    }
    response
}

/// Whoever has the same answer already is told so (RFC 9111, section 4.3.2). Tags are compared weakly, and `*` is any answer (RFC 9110,
/// section 13.1.2).
pub(super) fn not_modified(request: &Request, response: &mut Response) {
    let Some(etag) = response.fields.get("etag") else { return };
    let known = request.fields.list("if-none-match");
    if known.iter().any(|known| known == "*" || strong(known) == strong(&etag)) {
        (response.status, response.page.bytes) = (304, 0);
    }
}

/// A tag without the sign that it is weak.
pub(super) fn strong(etag: &str) -> &str {
    etag.strip_prefix(WEAK).unwrap_or(etag)
}

/// What a tag begins with that stands for answers which mean the same and need not be the same bytes.
const WEAK: &str = "W/";
