//! The pages: what a site or the shop says to a request.

use std::net::IpAddr;

use crate::algo::http::{CacheControl, Dates, Fields, Rules, lifetime};
use crate::check::operation::Key;
use crate::sim::time::Span;

use super::Context;
use super::message::{Method, Page, Request, Response};
use super::note::Note;
use super::places::{BANK, is_app, is_of_office, name};
use super::settings::{Posts, Says, VaryBy};
use super::shelf::user;
use super::sight::believed;

/// The body of an answer that shows no page.
const SHORT: u64 = 200;

/// What is done by a request that may change something. `false`: it cannot be done, for the disk is full.
pub(super) fn carry_out(request: &std::sync::Arc<Request>, cx: &mut Context<'_>) -> bool {
    if cx.id() == BANK && user(&request.fields).is_none() {
        return true;
    }
    let path = request.url.path.clone();
    if !is_app(cx.id()) && cx.write(|disk| *disk.editions.entry(path).or_default() += 1).is_err() {
        return false;
    }
    cx.note(Note::Effect { request: request.clone() });
    if !is_app(cx.id()) {
        cx.sync();
    }
    true
}

/// The answer to a request that came from this address.
pub(super) fn made(request: &std::sync::Arc<Request>, peer: IpAddr, number: u32, cx: &mut Context<'_>) -> Response {
    let believed = believed(request, peer, cx.settings());
    if is_app(cx.id()) {
        cx.note(Note::Believes { address: believed, request: request.clone() });
    }
    let (status, page) = page(request, believed, cx);
    let mut response = Response { status, fields: Fields::new(), dates: Dates::default(), page, made: Some((cx.id(), number)) };
    if status == 401 {
        // It has to say how one shows who one is (RFC 9110, section 15.5.2).
        response.fields.set("www-authenticate", "Basic");
    }
    if status == 200 && request.method == Method::Get {
        header(request, &mut response, cx);
    }
    let fresh_for = Span(lifetime(response.meta(), 0, &Rules::RFC));
    cx.note(Note::Made { number, fresh_for, bytes: response.page.bytes });
    response
}

/// What is shown, and about whom.
fn page(request: &Request, believed: IpAddr, cx: &Context<'_>) -> (u16, Page) {
    let (me, user, path) = (name(cx.id()), user(&request.fields), &*request.url.path);
    let short = |what: String| Page { what: what.into(), owner: None, language: None, bytes: SHORT };
    let whole =
        |what: String, owner: Option<Key>| Page { what: what.into(), owner, language: None, bytes: cx.settings().page_bytes.into() };
    if cx.id() == BANK && user.is_none() {
        return (401, short("no authorization".into()));
    }
    if request.method == Method::Post {
        return match cx.settings().posts {
            Posts::Refused => (403, short("it takes no POST".into())),
            Posts::Accepted if is_app(cx.id()) => (200, short("order taken".into())),
            Posts::Accepted => (200, short(format!("{me} v{} published", edition(path, cx)))),
        };
    }
    match (is_app(cx.id()), path) {
        (false, _) if cx.id() == BANK => (200, whole(format!("{}'s account", user.as_deref().unwrap_or("nobody")), user)),
        (false, _) => (200, Page { language: language(request, cx), ..whole(format!("{me} v{}", edition(path, cx)), None) }),
        (true, "/cart") => (200, whole(format!("{}'s cart", user.as_deref().unwrap_or("nobody")), user)),
        (true, "/admin") if is_of_office(believed, cx.settings()) => (200, whole("admin page".into(), None)),
        (true, "/admin") => (403, short(format!("{believed} is not of the office"))),
        (true, _) => (200, Page { language: language(request, cx), ..whole(format!("shop v{}", cx.disk().release + 1), None) }),
    }
}

fn edition(path: &str, cx: &Context<'_>) -> u32 {
    cx.disk().editions.get(path).copied().unwrap_or_default() + 1
}

/// The language that a page is shown in, where its site has it in several.
fn language(request: &Request, cx: &Context<'_>) -> Option<Key> {
    let wanted = request.fields.list("accept-language").into_iter().next();
    (cx.settings().vary == VaryBy::Language).then(|| wanted.unwrap_or_else(|| "en".into()).into())
}

/// What the answer says of itself, to whoever keeps it. A client that has the same already is told so, and shown nothing.
fn header(request: &Request, response: &mut Response, cx: &Context<'_>) {
    let settings = cx.settings();
    let control = match (is_app(cx.id()), &*request.url.path) {
        (true, "/cart") => settings.cart_control.clone(),
        (true, "/admin") => Some("no-store".into()),
        (true, _) => settings.shop_control.clone(),
        _ if cx.id() == BANK => settings.bank_control.clone(),
        _ => settings.news_control.clone(),
    };
    response.dates.date = Some(cx.clock().0);
    if let Some(control) = control {
        lives(&control, response, cx);
    }
    match settings.vary {
        VaryBy::None => {}
        VaryBy::Language => response.fields.set("vary", "accept-language"),
        VaryBy::Cookie => response.fields.set("vary", "cookie"),
    }
    let page = &response.page;
    let etag = format!("\"{}{}\"", page.what, page.language.as_deref().map(|language| format!(" {language}")).unwrap_or_default());
    response.fields.set("etag", &etag);
    let gets_cookie = settings.set_cookie && is_app(cx.id()) && user(&request.fields).is_none() && *request.url.path != *"/admin";
    if gets_cookie {
        response.fields.set("set-cookie", &format!("session={}", request.ticket.client));
    }
    super::pass::not_modified(request, response);
}

/// For how long it is fresh: as the site's Cache-Control says, or by a date in place of `max-age`.
fn lives(control: &str, response: &mut Response, cx: &Context<'_>) {
    let seconds = CacheControl::read(control).max_age;
    let (Says::Expires, Some(seconds)) = (cx.settings().lifetime, seconds) else {
        return response.fields.set("cache-control", control);
    };
    let rest: Vec<&str> = control.split(',').map(str::trim).filter(|directive| !directive.starts_with("max-age")).collect();
    if !rest.is_empty() {
        response.fields.set("cache-control", &rest.join(", "));
    }
    response.dates.expires = Some(cx.clock().0.saturating_add(seconds.saturating_mul(Span::s(1).0)));
}
