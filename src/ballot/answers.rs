//! What is answered: the door, the ballot, a vote, and news. Everything else is not there.

use std::convert::Infallible;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::State;
use axum::http::header::{COOKIE, LOCATION, SET_COOKIE};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri};
use axum::middleware::from_fn_with_state;
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use futures_util::stream;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::{Instant, timeout, timeout_at};

use super::code::Code;
use super::devices::{Full, Token};
use super::guard::guard;
use super::page::{self, Page};
use super::poll::Round;
use super::room::{Cast, Room, Tried, View};

/// The longest body of a request, in bytes; a vote has about twenty.
const BODY_MAX: usize = 1_024;
/// How long a body may take.
const BODY_TIME: Duration = Duration::from_secs(5);
/// After this time without news something is sent all the same, so that a phone that is gone is noticed.
const PULSE: Duration = Duration::from_secs(15);
/// How long news come on one connection; a browser connects again by itself.
pub(super) const NEWS_TIME: Duration = Duration::from_secs(120);
/// How soon a browser connects again.
const AGAIN: Duration = Duration::from_millis(500);
/// Under this name a device keeps its token.
const NAME: &str = "splitbrain_vote";
/// Asks for what a page shows without its frame; no form of another site can send it.
const PART: HeaderName = HeaderName::from_static("x-part");

/// One connection: who is there, and what it may see.
#[derive(Clone, Debug)]
pub(super) struct Guest {
    pub(super) room: Room,
    pub(super) from: IpAddr,
    /// Places for those who wait for news.
    pub(super) streams: Arc<Semaphore>,
}

/// All that can be asked for.
pub(super) fn router(guest: Guest) -> Router {
    Router::new()
        .route("/", get(door).post(knock))
        .route("/{code}", get(ballot).post(vote))
        .route("/{code}/news", get(news))
        .fallback(nothing)
        .method_not_allowed_fallback(nothing)
        .layer(from_fn_with_state(guest.clone(), guard))
        .with_state(guest)
}

async fn nothing() -> Page {
    Page::nothing()
}

async fn door() -> Page {
    Page::door(false)
}

/// A code that was typed.
async fn knock(State(guest): State<Guest>, body: Body) -> Response {
    let form = match form(body).await {
        Ok(form) => form,
        Err(page) => return page.into_response(),
    };
    match guest.room.try_code(field(&form, "code").and_then(typed), guest.from) {
        Tried::Right => see(guest.room.code()),
        Tried::Wrong => Page::door(true).into_response(),
        Tried::TooOften => Page::too_often().into_response(),
    }
}

/// The code in a field of a form, where a blank is a plus sign.
fn typed(value: &str) -> Option<Code> {
    value.replace('+', " ").parse().ok()
}

/// The page of a device. One without a token comes back once from this very site before it gets one: a link from elsewhere bears no
/// cookie, and would count a known device twice.
async fn ballot(State(guest): State<Guest>, uri: Uri, headers: HeaderMap) -> Response {
    match enter(&guest, &uri, &headers) {
        Err(page) => page.into_response(),
        Ok(Some(device)) => seen(&guest, device).into_response(),
        Ok(None) if uri.query() != Some("in") => Page::hop(guest.room.code()).into_response(),
        Ok(None) => admit(&guest),
    }
}

fn admit(guest: &Guest) -> Response {
    let Ok(device) = Token::random() else { return Page::unable().into_response() };
    match guest.room.admit(device, guest.from) {
        Ok(()) => {
            let mut response = seen(guest, device).into_response();
            let cookie = format!("{NAME}={device}; HttpOnly; SameSite=Strict; Path=/");
            if let Ok(cookie) = HeaderValue::from_str(&cookie) {
                response.headers_mut().insert(SET_COOKIE, cookie);
            }
            response
        }
        Err(Full::Address) => Page::crowded().into_response(),
        Err(Full::All) => Page::unable().into_response(),
    }
}

fn seen(guest: &Guest, device: Token) -> Page {
    let code = guest.room.code();
    Page::ballot(StatusCode::OK, code, page::main(&guest.room.view(device), code, None))
}

/// A vote. A browser without the script is sent to its page again; the script gets what the page shows.
async fn vote(State(guest): State<Guest>, uri: Uri, headers: HeaderMap, body: Body) -> Response {
    let device = match enter(&guest, &uri, &headers) {
        Ok(Some(device)) => device,
        Ok(None) => return see(guest.room.code()),
        Err(page) => return page.into_response(),
    };
    let form = match form(body).await {
        Ok(form) => form,
        Err(page) => return page.into_response(),
    };
    let number = |name| field(&form, name).and_then(|value| value.parse::<u32>().ok());
    let place = number("choice").and_then(|choice| choice.checked_sub(1)).and_then(|place| usize::try_from(place).ok());
    let (Some(round), Some(option)) = (number("round"), place) else {
        return Page::refused(StatusCode::BAD_REQUEST).into_response();
    };
    let cast = guest.room.cast(device, Round::from(round), option);
    said(&guest, device, cast, headers.contains_key(PART))
}

/// What became of a vote.
fn said(guest: &Guest, device: Token, cast: Cast, as_part: bool) -> Response {
    let status = match cast {
        Cast::Taken => StatusCode::OK,
        Cast::TooOften => StatusCode::TOO_MANY_REQUESTS,
        Cast::Refused(_) => StatusCode::CONFLICT,
    };
    let code = guest.room.code();
    let main = page::main(&guest.room.view(device), code, Some(cast));
    if as_part {
        (status, [(PART, "1")], main).into_response()
    } else if cast == Cast::Taken {
        see(code)
    } else {
        Page::ballot(status, code, main).into_response()
    }
}

/// Sends to the page of the vote.
fn see(code: Code) -> Response {
    let to = HeaderValue::from_str(&format!("/{code}")).ok();
    let mut response = StatusCode::SEE_OTHER.into_response();
    response.headers_mut().extend(to.map(|to| (LOCATION, to)));
    response
}

/// Who comes to `/CODE…`: a device that is known, or one that is not and has the right code.
fn enter(guest: &Guest, uri: &Uri, headers: &HeaderMap) -> Result<Option<Token>, Page> {
    let code = uri.path().split('/').nth(1).and_then(|code| code.parse::<Code>().ok()).ok_or_else(Page::nothing)?;
    let device = device(headers).filter(|&device| guest.room.knows(device));
    if device.is_some() && code == guest.room.code() {
        return Ok(device);
    }
    match guest.room.try_code(Some(code), guest.from) {
        Tried::Right => Ok(device),
        Tried::Wrong => Err(Page::nothing()),
        Tried::TooOften => Err(Page::too_often()),
    }
}

/// The token that a browser brings.
fn device(headers: &HeaderMap) -> Option<Token> {
    let all = headers.get_all(COOKIE).iter().filter_map(|header| header.to_str().ok());
    let mut pairs = all.flat_map(|header| header.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|&(name, _)| name == NAME)?.1.parse().ok()
}

/// The body of a form, if it is short, comes soon and is text.
async fn form(body: Body) -> Result<String, Page> {
    let bytes = match timeout(BODY_TIME, to_bytes(body, BODY_MAX)).await {
        Ok(Ok(bytes)) => bytes,
        Ok(Err(_)) => return Err(Page::refused(StatusCode::PAYLOAD_TOO_LARGE)),
        Err(_) => return Err(Page::refused(StatusCode::REQUEST_TIMEOUT)),
    };
    String::from_utf8(bytes.to_vec()).map_err(|_| Page::refused(StatusCode::BAD_REQUEST))
}

/// A field of a form, if it is there once. No value that counts needs decoding.
fn field<'a>(form: &'a str, name: &str) -> Option<&'a str> {
    let mut values = form.split('&').filter_map(|pair| pair.split_once('=')).filter(|&(key, _)| key == name);
    values.next().filter(|_| values.next().is_none()).map(|(_, value)| value)
}

/// One who waits for news.
struct Waiting {
    guest: Guest,
    device: Token,
    news: watch::Receiver<u64>,
    /// What was sent last.
    shown: Option<View>,
    until: Instant,
    _place: OwnedSemaphorePermit,
}

impl Waiting {
    /// What to send next; `None`: it is time to connect again.
    async fn next(mut self) -> Option<(Result<Event, Infallible>, Waiting)> {
        loop {
            self.news.borrow_and_update();
            let view = self.guest.room.view(self.device);
            if !self.shown.as_ref().is_some_and(|shown| view.is_shown_by(shown)) {
                let event = Event::default().event("main").retry(AGAIN).data(page::main(&view, self.guest.room.code(), None));
                self.shown = Some(view);
                return Some((Ok(event), self));
            }
            let pulse = Instant::now() + PULSE;
            match timeout_at(self.until.min(pulse), self.news.changed()).await {
                Ok(Ok(())) => {}
                Err(_) if pulse < self.until => return Some((Ok(Event::default().comment("")), self)),
                Ok(Err(_)) | Err(_) => return None,
            }
        }
    }
}

/// News of the vote, as server-sent events: first what is so now, then every change.
async fn news(State(guest): State<Guest>, uri: Uri, headers: HeaderMap) -> Response {
    let device = match enter(&guest, &uri, &headers) {
        Ok(Some(device)) => device,
        Ok(None) => return Page::nothing().into_response(),
        Err(page) => return page.into_response(),
    };
    let Ok(place) = guest.streams.clone().try_acquire_owned() else { return Page::unable().into_response() };
    let waiting = Waiting { news: guest.room.news(), device, shown: None, until: Instant::now() + NEWS_TIME, guest, _place: place };
    Sse::new(stream::unfold(waiting, Waiting::next)).into_response()
}

#[cfg(test)]
mod tests {
    use axum::http::header::COOKIE;
    use axum::http::{HeaderMap, HeaderValue};

    use super::{device, field, typed};

    #[test]
    fn a_field_is_read_once_and_as_it_stands() {
        let form = "round=7&choice=2&twice=1&twice=2&empty=";
        assert_eq!((field(form, "round"), field(form, "choice"), field(form, "empty")), (Some("7"), Some("2"), Some("")));
        assert_eq!((field(form, "twice"), field(form, "missing"), field("", "round")), (None, None, None));
        assert!(typed("bd+fgh").is_some() && typed("%42DFGH").is_none());
    }

    #[test]
    fn the_token_is_found_among_other_cookies() {
        let token = "0123456789abcdef0123456789abcdef";
        let found = |cookies: &[&str]| {
            let mut headers = HeaderMap::new();
            for cookie in cookies {
                headers.append(COOKIE, HeaderValue::from_str(cookie).unwrap());
            }
            device(&headers).map(|token| token.to_string())
        };
        let ours = format!("splitbrain_vote={token}");
        assert_eq!(found(&[&format!("a=b; {ours}; c")]).as_deref(), Some(token));
        assert_eq!(found(&["a=b", &ours]).as_deref(), Some(token));
        for wrong in ["", "splitbrain_vote", "splitbrain_vote=", "splitbrain_vote=1", &format!("x{ours}"), &format!("{ours}0")] {
            assert_eq!(found(&[wrong]), None, "{wrong}");
        }
    }
}
