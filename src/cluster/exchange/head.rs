//! Headers of requests and answers, and what they weigh as the text of HTTP/1.1 or as a header block of HTTP/2.

use crate::algo::wire::grpc::Timeout;
use crate::algo::wire::h2;
use crate::algo::wire::hpack::Encoder;
use crate::sim::time::Time;

use super::frame::{Left, Told, Want};

/// Headers, in order.
pub(super) type Headers = Vec<(&'static str, String)>;

/// A line of text ends with two bytes, and so do a header block and its first line.
const LINE_END: usize = 2;
/// `: ` between a name and its value.
const COLON: usize = 2;
/// The type of what gRPC carries.
const GRPC: &str = "application/grpc";

/// The headers of a request. What every browser sends besides is as long as makes an HTTP/1.1 head of `usual` bytes of the shortest path.
pub(super) fn request(want: &Want, usual: u32) -> Headers {
    let is_call = matches!(want, Want::Call(_));
    let gets = matches!(want, Want::Poll { .. } | Want::Listen { .. } | Want::Resource(..) | Want::Query(_, true));
    let mut all = vec![
        (":method", if gets { "GET" } else { "POST" }.to_string()),
        (":scheme", "http".to_string()),
        (":path", want.path()),
        (":authority", "shop.example".to_string()),
    ];
    if is_call {
        all.extend([("content-type", GRPC.to_string()), ("te", "trailers".to_string())]);
    }
    if let Want::Listen { key: Some(key), .. } = want {
        all.extend([
            ("upgrade", "websocket".to_string()),
            ("connection", "Upgrade".to_string()),
            ("sec-websocket-version", "13".to_string()),
        ]);
        all.push(("sec-websocket-key", key.clone()));
    }
    if let Want::Call(work) = want {
        all.extend(work.left.map(|left| ("grpc-timeout", timeout(left))));
        all.extend(work.key.map(|(client, number)| ("idempotency-key", format!("{client}-{number}"))));
    }
    let shortest = plain(&all) - want.path().len() + 1;
    pad(&mut all, "cookie", shortest, usual);
    all
}

fn timeout(left: Left) -> String {
    match left {
        Left::Span(span) => Timeout::of(span.0).to_string(),
        Left::Until(Time(ns)) => format!("@{ns}"),
    }
}

/// The headers of an answer. That of gRPC names its type; one without a body (`end`) has its status at once, as nothing comes after it.
pub(super) fn answer(told: &Told, is_grpc: bool, end: bool, usual: u32) -> Headers {
    let mut all =
        vec![(":status", told.status().to_string()), ("server", "shop".to_string()), ("date", "Thu, 26 Nov 2026 12:00:00 GMT".to_string())];
    if is_grpc {
        all.push(("content-type", GRPC.to_string()));
        all.extend(end.then(|| trailer(told)));
    }
    if let Told::Welcome(Some(accept)) = told {
        all.extend([("upgrade", "websocket".to_string()), ("connection", "Upgrade".to_string())]);
        all.push(("sec-websocket-accept", accept.clone()));
    }
    let shortest = plain(&all);
    pad(&mut all, "content-security-policy", shortest, usual);
    all
}

/// What ends an answer of gRPC.
pub(super) fn trailer(told: &Told) -> (&'static str, String) {
    ("grpc-status", told.grpc_status().to_string())
}

/// The words that stand beside a status (RFC 9110, section 15).
fn reason(status: &str) -> &'static str {
    match status {
        "101" => "Switching Protocols",
        "400" => "Bad Request",
        "500" => "Internal Server Error",
        _ => "OK",
    }
}

/// What else is said every time.
fn pad(all: &mut Headers, name: &'static str, so_far: usize, usual: u32) {
    let spare = (usual as usize).saturating_sub(so_far);
    let least = name.len() + COLON + LINE_END;
    if spare > least {
        all.push((name, "x".repeat(spare - least)));
    }
}

/// The bytes of a head as text (RFC 9112, section 2.1): a first line of method, path and version, or of version and status.
pub(super) fn plain(headers: &[(&'static str, String)]) -> usize {
    let one = |(name, value): &(&str, String)| match *name {
        ":method" => value.len() + " ".len() + " HTTP/1.1".len() + LINE_END,
        ":status" => "HTTP/1.1 ".len() + value.len() + " ".len() + reason(value).len() + LINE_END,
        ":path" => value.len(),
        ":scheme" => 0,
        ":authority" => "host".len() + COLON + value.len() + LINE_END,
        name => name.len() + COLON + value.len() + LINE_END,
    };
    headers.iter().map(one).sum::<usize>() + LINE_END
}

/// The bytes of a `HEADERS` frame on a connection that has seen what this encoder wrote.
pub(super) fn packed(headers: &[(&'static str, String)], encoder: &mut Encoder) -> usize {
    let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    h2::FRAME_HEADER as usize + encoder.encode(&headers).len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::exchange::frame::{Code, From};

    #[test]
    fn heads_are_as_long_as_the_setting_says() {
        let poll = Want::Poll { from: From::Now, hold: false };
        // The setting is for a path of one letter.
        assert_eq!(plain(&request(&poll, 400)), 400 - 1 + "/messages".len());
        let answer = |told: &Told, usual| answer(told, false, false, usual);
        assert_eq!(plain(&answer(&Told::Done, 200)), 200);
        assert_eq!(
            plain(&answer(&Told::Not(Code::Broken), 0)),
            "HTTP/1.1 500 Internal Server Error\r\nserver: shop\r\ndate: Thu, 26 Nov 2026 12:00:00 GMT\r\n\r\n".len()
        );
        let accept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
        let text = format!(
            "HTTP/1.1 101 Switching Protocols\r\nserver: shop\r\ndate: Thu, 26 Nov 2026 12:00:00 GMT\r\nupgrade: websocket\r\n\
             connection: Upgrade\r\nsec-websocket-accept: {accept}\r\n\r\n"
        );
        assert_eq!(plain(&answer(&Told::Welcome(Some(accept.to_string())), 0)), text.len());
        assert_eq!(plain(&answer(&Told::Done, 0)), "HTTP/1.1 200 OK\r\nserver: shop\r\ndate: Thu, 26 Nov 2026 12:00:00 GMT\r\n\r\n".len());
    }

    #[test]
    fn an_answer_of_grpc_says_its_status_at_its_end() {
        let status = |told: &Told, end| answer(told, true, end, 0).into_iter().find(|(name, _)| *name == "grpc-status");
        // PROTOCOL-HTTP2.md: Response-Headers, messages and Trailers, or Trailers-Only.
        assert_eq!(status(&Told::Done, false), None);
        assert_eq!(status(&Told::Not(Code::DeadlineExceeded), true), Some(("grpc-status", "4".to_string())));
        assert_eq!(trailer(&Told::Done), ("grpc-status", "0".to_string()));
    }

    #[test]
    fn the_second_time_a_head_is_a_few_bytes() {
        let poll = Want::Poll { from: From::Now, hold: false };
        let mut encoder = Encoder::default();
        let first = packed(&request(&poll, 400), &mut encoder);
        assert!((350..=400).contains(&first), "{first}");
        // A number for each of five headers.
        assert_eq!(packed(&request(&poll, 400), &mut encoder), h2::FRAME_HEADER as usize + 5);
    }
}
