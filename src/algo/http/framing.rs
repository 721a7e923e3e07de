//! How long the body of a request is (RFC 9112, section 6.3). Two that read this differently take different messages out of one stream.

use super::Fields;

/// How a body ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// There is none.
    Empty,
    /// After so many bytes.
    Length(u64),
    /// With the last chunk.
    Chunked,
    /// Nobody can say, or two fields say different things: the request is refused, and its connection closed.
    Bad,
}

/// How the body of a request ends. Both fields at once are the mark of a request that is smuggled past somebody, and are refused.
pub fn body_of_request(fields: &Fields) -> Framing {
    let (codings, lengths) = (fields.list("transfer-encoding"), fields.list("content-length"));
    match (codings.last(), lengths.first()) {
        (None, None) => Framing::Empty,
        (Some(last), None) if last.eq_ignore_ascii_case("chunked") => Framing::Chunked,
        // The same length several times is one length.
        (None, Some(first)) if lengths.iter().all(|length| length == first) => length(first),
        _ => Framing::Bad,
    }
}

fn length(text: &str) -> Framing {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| is_number).map_or(Framing::Bad, Framing::Length)
}
