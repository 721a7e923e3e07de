//! How HTTP/2 writes headers (RFC 7541): what was written before on a connection is named by its number. Without Huffman codes, and
//! every header may be remembered.

use imbl::Vector;

/// Appendix A.
const STATIC: [(&str, &str); 61] = [
    (":authority", ""),
    (":method", "GET"),
    (":method", "POST"),
    (":path", "/"),
    (":path", "/index.html"),
    (":scheme", "http"),
    (":scheme", "https"),
    (":status", "200"),
    (":status", "204"),
    (":status", "206"),
    (":status", "304"),
    (":status", "400"),
    (":status", "404"),
    (":status", "500"),
    ("accept-charset", ""),
    ("accept-encoding", "gzip, deflate"),
    ("accept-language", ""),
    ("accept-ranges", ""),
    ("accept", ""),
    ("access-control-allow-origin", ""),
    ("age", ""),
    ("allow", ""),
    ("authorization", ""),
    ("cache-control", ""),
    ("content-disposition", ""),
    ("content-encoding", ""),
    ("content-language", ""),
    ("content-length", ""),
    ("content-location", ""),
    ("content-range", ""),
    ("content-type", ""),
    ("cookie", ""),
    ("date", ""),
    ("etag", ""),
    ("expect", ""),
    ("expires", ""),
    ("from", ""),
    ("host", ""),
    ("if-match", ""),
    ("if-modified-since", ""),
    ("if-none-match", ""),
    ("if-range", ""),
    ("if-unmodified-since", ""),
    ("last-modified", ""),
    ("link", ""),
    ("location", ""),
    ("max-forwards", ""),
    ("proxy-authenticate", ""),
    ("proxy-authorization", ""),
    ("range", ""),
    ("referer", ""),
    ("refresh", ""),
    ("retry-after", ""),
    ("server", ""),
    ("set-cookie", ""),
    ("strict-transport-security", ""),
    ("transfer-encoding", ""),
    ("user-agent", ""),
    ("vary", ""),
    ("via", ""),
    ("www-authenticate", ""),
];
/// The most bytes that a table remembers unless said otherwise.
const SIZE: usize = 4096;
/// What an entry counts beside its name and value (section 4.1).
const ENTRY: usize = 32;

/// What the headers of one direction of a connection were so far. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Encoder {
    /// The newest first.
    known: Vector<(String, String)>,
    size: usize,
    most: usize,
}

impl Default for Encoder {
    fn default() -> Self {
        Encoder::with_room(SIZE)
    }
}

impl Encoder {
    /// A table of so many bytes.
    pub fn with_room(most: usize) -> Encoder {
        Encoder { known: Vector::new(), size: 0, most }
    }

    /// The bytes that the table counts.
    pub fn size(&self) -> usize {
        self.size
    }

    /// Writes headers, in order.
    pub fn encode(&mut self, headers: &[(&str, &str)]) -> Vec<u8> {
        let mut out = Vec::new();
        for (name, value) in headers {
            self.encode_one(name, value, &mut out);
        }
        out
    }

    fn encode_one(&mut self, name: &str, value: &str, out: &mut Vec<u8>) {
        if let Some(index) = self.place(|known| known == (name, value)) {
            return integer(index, 7, 0x80, out);
        }
        if let Some(index) = self.place(|known| known.0 == name) {
            integer(index, 6, 0x40, out);
        } else {
            out.push(0x40);
            text(name, out);
        }
        text(value, out);
        self.remember(name, value);
    }

    /// The number of the first entry that this is true of, from 1.
    fn place(&self, is_it: impl Fn((&str, &str)) -> bool) -> Option<usize> {
        let known = self.known.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        STATIC.iter().copied().chain(known).position(is_it).map(|at| at + 1)
    }

    fn remember(&mut self, name: &str, value: &str) {
        self.size += name.len() + value.len() + ENTRY;
        self.known.push_front((name.to_string(), value.to_string()));
        while self.size > self.most
            && let Some((name, value)) = self.known.pop_back()
        {
            self.size -= name.len() + value.len() + ENTRY;
        }
    }
}

/// A number in so many bits of its first byte, and as many bytes more as it needs (section 5.1).
fn integer(number: usize, bits: u32, pattern: u8, out: &mut Vec<u8>) {
    let most = (1usize << bits) - 1;
    if number < most {
        return out.push(pattern | number as u8);
    }
    out.push(pattern | most as u8);
    let mut rest = number - most;
    while rest >= 128 {
        out.push(0x80 | (rest & 0x7F) as u8);
        rest >>= 7;
    }
    out.push(rest as u8);
}

/// A text with its length before it (section 5.2).
fn text(text: &str, out: &mut Vec<u8>) {
    integer(text.len(), 7, 0, out);
    out.extend(text.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat()
    }

    #[test]
    fn numbers_of_appendix_c_1() {
        for (number, bits, bytes) in [(10, 5, "0a"), (1337, 5, "1f9a0a"), (42, 8, "2a")] {
            let mut out = Vec::new();
            integer(number, bits, 0, &mut out);
            assert_eq!(hex(&out), bytes);
        }
    }

    #[test]
    fn requests_of_appendix_c_3() {
        let mut encoder = Encoder::default();
        let base = [(":method", "GET"), (":scheme", "http"), (":path", "/"), (":authority", "www.example.com")];
        assert_eq!(hex(&encoder.encode(&base)), "828684410f7777772e6578616d706c652e636f6d");
        assert_eq!(encoder.size(), 57);
        let second = [&base[..], &[("cache-control", "no-cache")]].concat();
        assert_eq!(hex(&encoder.encode(&second)), "828684be58086e6f2d6361636865");
        assert_eq!(encoder.size(), 110);
        let third = [
            (":method", "GET"),
            (":scheme", "https"),
            (":path", "/index.html"),
            (":authority", "www.example.com"),
            ("custom-key", "custom-value"),
        ];
        assert_eq!(hex(&encoder.encode(&third)), "828785bf400a637573746f6d2d6b65790c637573746f6d2d76616c7565");
        assert_eq!(encoder.size(), 164);
    }

    #[test]
    fn responses_of_appendix_c_5() {
        let mut encoder = Encoder::with_room(256);
        let headers =
            |status, date| [(":status", status), ("cache-control", "private"), ("date", date), ("location", "https://www.example.com")];
        let first = encoder.encode(&headers("302", "Mon, 21 Oct 2013 20:13:21 GMT"));
        assert_eq!(
            hex(&first),
            "4803333032580770726976617465611d4d6f6e2c203231204f637420323031332032303a31333a323120474d546e1768747470733a2f2f7777772e6578616d706c652e636f6d"
        );
        assert_eq!(encoder.size(), 222);
        assert_eq!(hex(&encoder.encode(&headers("307", "Mon, 21 Oct 2013 20:13:21 GMT"))), "4803333037c1c0bf");
        assert_eq!(encoder.size(), 222);
    }
}
