//! What every request passes, whatever it asks for, and what every answer says.

use axum::extract::{Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HOST, HeaderName, ORIGIN, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
    X_FRAME_OPTIONS,
};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::answers::Guest;
use super::page::Page;

/// Refuses what does not come from a page of this server, and puts the headers on every answer.
pub(super) async fn guard(State(guest): State<Guest>, request: Request, next: Next) -> Response {
    let mut response = match refusal(&guest, &request) {
        Some(page) => page.into_response(),
        None => next.run(request).await,
    };
    strict(response.headers_mut());
    response
}

fn refusal(guest: &Guest, request: &Request) -> Option<Page> {
    if !guest.room.request(guest.from) {
        return Some(Page::too_often());
    }
    let headers = request.headers();
    let Some(host) = only(headers, HOST).filter(|host| is_an_address(host)) else {
        return Some(Page::refused(StatusCode::MISDIRECTED_REQUEST));
    };
    if request.method() != Method::POST {
        return None;
    }
    if headers.contains_key(ORIGIN) && !only(headers, ORIGIN).is_some_and(|origin| is_from(origin, host)) {
        return Some(Page::refused(StatusCode::FORBIDDEN));
    }
    let is_form =
        |kind: &str| kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded"));
    (!only(headers, CONTENT_TYPE).is_some_and(is_form)).then(|| Page::refused(StatusCode::UNSUPPORTED_MEDIA_TYPE))
}

/// The one header of this name; `None`: there is none, or there are several, or it is no text.
fn only(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    let mut all = headers.get_all(name).iter();
    all.next().filter(|_| all.next().is_none())?.to_str().ok()
}

/// Whether a host is an address and not a name. A foreign page can give its own name this machine's address (DNS rebinding); it
/// cannot make a browser believe that its name is an address.
fn is_an_address(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if !port.is_empty() && port.len() <= 5 && port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    match name.strip_prefix('[').and_then(|name| name.strip_suffix(']')) {
        Some(name) => name.parse::<std::net::Ipv6Addr>().is_ok(),
        None => name == "localhost" || name.parse::<std::net::Ipv4Addr>().is_ok(),
    }
}

/// Whether an origin is the site at `host`; a tunnel may have made it https.
fn is_from(origin: &str, host: &str) -> bool {
    origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://")) == Some(host)
}

fn strict(headers: &mut HeaderMap) {
    let says = [
        (CACHE_CONTROL, "no-store"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (X_FRAME_OPTIONS, "DENY"),
        // With `no-referrer` browsers hide the origin of a form from its own site.
        (REFERRER_POLICY, "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        (HeaderName::from_static("permissions-policy"), "camera=(), microphone=(), geolocation=()"),
    ];
    for (name, value) in says {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.entry(CONTENT_SECURITY_POLICY).or_insert(HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"));
}

#[cfg(test)]
mod tests {
    use super::{is_an_address, is_from};

    #[test]
    fn a_host_is_an_address() {
        for host in ["192.168.1.20:8460", "10.0.0.1", "localhost:8460", "localhost", "[::1]:8460", "[fd00::1]"] {
            assert!(is_an_address(host), "{host}");
        }
        for host in [
            "",
            "evil.example",
            "evil.example:8460",
            "192.168.1.20.evil.example:8460",
            "localhost.evil.example",
            "192.168.1.20:",
            "192.168.1.20:http",
            ":8460",
            "::1",
            "[evil]:80",
            "192.168.1:8460",
            "1.2.3.4:999999",
        ] {
            assert!(!is_an_address(host), "{host}");
        }
    }

    #[test]
    fn a_post_comes_from_the_page_itself() {
        let host = "192.168.1.20:8460";
        assert!(is_from("http://192.168.1.20:8460", host) && is_from("https://192.168.1.20:8460", host));
        for origin in [
            "null",
            "",
            "http://192.168.1.20",
            "http://192.168.1.20:8461",
            "http://evil.example",
            "ftp://192.168.1.20:8460",
            "192.168.1.20:8460",
        ] {
            assert!(!is_from(origin, host), "{origin}");
        }
    }
}
