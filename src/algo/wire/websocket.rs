//! Frames and the opening handshake of WebSocket (RFC 6455, sections 4.2.2, 5.2 and 5.4).

/// What the server adds to the key of the client before it hashes both (section 1.3).
const GUID: &str = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
/// In the place of a length: it follows in two bytes, or in eight.
const SHORT: u8 = 126;
const LONG: u8 = 127;
/// The most bytes of a control frame (section 5.5).
const CONTROL_MOST: usize = 125;

/// What a frame is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opcode {
    /// A further piece of a message.
    Continuation,
    /// The first piece of a text.
    Text,
    /// The first piece of bytes.
    Binary,
    /// The line is to be closed.
    Close,
    /// Are you there?
    Ping,
    /// I am.
    Pong,
}

impl Opcode {
    const ALL: [(Opcode, u8); 6] =
        [(Opcode::Continuation, 0), (Opcode::Text, 1), (Opcode::Binary, 2), (Opcode::Close, 8), (Opcode::Ping, 9), (Opcode::Pong, 10)];

    fn number(self) -> u8 {
        Opcode::ALL.iter().find(|(code, _)| *code == self).map_or(0, |(_, number)| *number)
    }

    fn of(number: u8) -> Option<Opcode> {
        Opcode::ALL.iter().find(|(_, known)| *known == number).map(|(code, _)| *code)
    }

    /// Whether it is about the line and no part of a message: it may come between the pieces of one.
    pub fn is_control(self) -> bool {
        matches!(self, Opcode::Close | Opcode::Ping | Opcode::Pong)
    }
}

/// One frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// Whether it ends its message.
    pub fin: bool,
    /// What it is.
    pub opcode: Opcode,
    /// What the payload is masked with: frames of a client are, frames of a server never.
    pub mask: Option<[u8; 4]>,
    /// The payload, not masked.
    pub payload: Vec<u8>,
}

/// What is wrong with bytes that should be a frame, or with frames that should be a message. The line has to be closed with 1002.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Bad {
    /// Bits that nobody agreed on.
    #[error("a reserved bit is set")]
    Reserved,
    /// An opcode that means nothing.
    #[error("opcode {0} has no meaning")]
    Opcode(u8),
    /// A control frame in pieces, or of more than 125 bytes.
    #[error("a control frame is whole and of at most 125 bytes")]
    Control,
    /// A length written longer than it need be, or with its first bit set.
    #[error("the length is not written in its shortest form")]
    Length,
    /// A new message begins within another.
    #[error("a message begins before the one before it has ended")]
    Within,
    /// A piece of nothing.
    #[error("a continuation of no message")]
    Nothing,
}

/// The bytes of the header of a frame: 2, 4 or 10 by the length of its payload, and 4 more where it is masked.
pub const fn header(payload: u64, masked: bool) -> u64 {
    let length = match payload {
        0..=125 => 2,
        126..=0xFFFF => 4,
        _ => 10,
    };
    length + if masked { 4 } else { 0 }
}

impl Frame {
    /// Its bytes.
    pub fn encode(&self) -> Vec<u8> {
        let masked = if self.mask.is_some() { 0x80 } else { 0 };
        let mut out = vec![u8::from(self.fin) << 7 | self.opcode.number()];
        match self.payload.len() {
            short @ 0..=125 => out.push(masked | short as u8),
            middle @ 126..=0xFFFF => {
                out.push(masked | SHORT);
                out.extend((middle as u16).to_be_bytes());
            }
            long => {
                out.push(masked | LONG);
                out.extend((long as u64).to_be_bytes());
            }
        }
        out.extend(self.mask.iter().flatten());
        out.extend(self.payload.iter().enumerate().map(|(at, byte)| byte ^ masking(self.mask, at)));
        out
    }

    /// The first frame of these bytes and how many it takes; `None`: more have to come.
    pub fn decode(bytes: &[u8]) -> Result<Option<(Frame, usize)>, Bad> {
        let [first, second, rest @ ..] = bytes else { return Ok(None) };
        if first & 0x70 != 0 {
            return Err(Bad::Reserved);
        }
        let (fin, code) = (first & 0x80 != 0, first & 0x0F);
        let opcode = Opcode::of(code).ok_or(Bad::Opcode(code))?;
        let Some((length, rest)) = length(second & 0x7F, rest)? else { return Ok(None) };
        if opcode.is_control() && (!fin || length > CONTROL_MOST) {
            return Err(Bad::Control);
        }
        let (mask, rest) = match (second & 0x80 != 0, rest.split_first_chunk::<4>()) {
            (false, _) => (None, rest),
            (true, Some((mask, rest))) => (Some(*mask), rest),
            (true, None) => return Ok(None),
        };
        let Some(payload) = rest.get(..length) else { return Ok(None) };
        let payload = payload.iter().enumerate().map(|(at, byte)| byte ^ masking(mask, at)).collect();
        let used = bytes.len() - rest.len() + length;
        Ok(Some((Frame { fin, opcode, mask, payload }, used)))
    }
}

fn masking(mask: Option<[u8; 4]>, at: usize) -> u8 {
    mask.map_or(0, |mask| mask[at % 4])
}

/// The length of a payload by its first 7 bits, and what comes after it.
fn length(short: u8, rest: &[u8]) -> Result<Option<(usize, &[u8])>, Bad> {
    let (length, rest) = match short {
        SHORT => match rest.split_first_chunk::<2>() {
            Some((long, rest)) => (u64::from(u16::from_be_bytes(*long)), rest),
            None => return Ok(None),
        },
        LONG => match rest.split_first_chunk::<8>() {
            Some((long, rest)) => (u64::from_be_bytes(*long), rest),
            None => return Ok(None),
        },
        short => return Ok(Some((usize::from(short), rest))),
    };
    let is_shortest = if short == SHORT { length > 125 } else { length > 0xFFFF && length >> 63 == 0 };
    match usize::try_from(length) {
        Ok(length) if is_shortest => Ok(Some((length, rest))),
        _ => Err(Bad::Length),
    }
}

/// Puts messages together from their pieces. Control frames may come between; another message may not (section 5.4).
#[derive(Clone, Debug, Default)]
pub struct Assembler {
    open: Option<Vec<u8>>,
}

impl Assembler {
    /// Takes in a frame; gives the message that it ends.
    pub fn take(&mut self, frame: &Frame) -> Result<Option<Vec<u8>>, Bad> {
        let mut message = match (frame.opcode, self.open.take()) {
            (code, open) if code.is_control() => {
                self.open = open;
                return Ok(None);
            }
            (Opcode::Continuation, Some(open)) => open,
            (Opcode::Continuation, None) => return Err(Bad::Nothing),
            (_, Some(_)) => return Err(Bad::Within),
            (_, None) => Vec::new(),
        };
        message.extend(&frame.payload);
        if frame.fin {
            return Ok(Some(message));
        }
        self.open = Some(message);
        Ok(None)
    }
}

/// The `Sec-WebSocket-Key` of a client that drew these bytes.
pub fn key(nonce: [u8; 16]) -> String {
    base64(&nonce)
}

/// The `Sec-WebSocket-Accept` with which a server shows that it read the key (section 4.2.2).
pub fn accept(key: &str) -> String {
    base64(&accepted(key))
}

/// The bytes of which that is the Base64.
pub fn accepted(key: &str) -> [u8; 20] {
    let mut hash = sha1_smol::Sha1::new();
    hash.update(key.as_bytes());
    hash.update(GUID.as_bytes());
    hash.digest().bytes()
}

/// RFC 4648, section 4.
fn base64(bytes: &[u8]) -> String {
    let digits = |chunk: &[u8]| {
        let word = chunk.iter().fold(0u32, |word, byte| word << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        let digit = |at: usize| if at <= chunk.len() { ALPHABET[(word >> (18 - 6 * at) & 63) as usize] as char } else { '=' };
        [0, 1, 2, 3].map(digit)
    };
    bytes.chunks(3).flat_map(digits).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn hex(text: &str) -> Vec<u8> {
        (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).expect("hex")).collect()
    }

    fn frame(fin: bool, opcode: Opcode, mask: Option<[u8; 4]>, payload: &[u8]) -> Frame {
        Frame { fin, opcode, mask, payload: payload.to_vec() }
    }

    #[test]
    fn the_handshake_of_section_1_3() {
        assert_eq!(accept("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
        assert_eq!(key(*b"the sample nonce"), "dGhlIHNhbXBsZSBub25jZQ==");
        // RFC 4648, section 10.
        let all = ["", "f", "fo", "foo", "foob", "fooba", "foobar"].map(|text| base64(text.as_bytes()));
        assert_eq!(all, ["", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy"]);
    }

    #[test]
    fn the_examples_of_section_5_7() {
        let mask = Some([0x37, 0xfa, 0x21, 0x3d]);
        let examples = [
            ("810548656c6c6f", frame(true, Opcode::Text, None, b"Hello")),
            ("818537fa213d7f9f4d5158", frame(true, Opcode::Text, mask, b"Hello")),
            ("010348656c", frame(false, Opcode::Text, None, b"Hel")),
            ("80026c6f", frame(true, Opcode::Continuation, None, b"lo")),
            ("890548656c6c6f", frame(true, Opcode::Ping, None, b"Hello")),
            ("8a8537fa213d7f9f4d5158", frame(true, Opcode::Pong, mask, b"Hello")),
        ];
        for (bytes, frame) in examples {
            assert_eq!(frame.encode(), hex(bytes));
            assert_eq!(Frame::decode(&hex(bytes)), Ok(Some((frame, bytes.len() / 2))));
        }
        assert_eq!(frame(true, Opcode::Binary, None, &vec![0; 256]).encode()[..4], hex("827e0100"));
        assert_eq!(frame(true, Opcode::Binary, None, &vec![0; 65536]).encode()[..10], hex("827f0000000000010000"));
    }

    #[test]
    fn what_no_frame_is() {
        let wrong = [
            ("c100", Bad::Reserved),
            ("8300", Bad::Opcode(3)),
            ("0900", Bad::Control),
            ("897e007e", Bad::Control),
            ("827e007d", Bad::Length),
            ("827f000000000000ffff", Bad::Length),
            ("827f8000000000010000", Bad::Length),
        ];
        for (bytes, bad) in wrong {
            assert_eq!(Frame::decode(&hex(bytes)), Err(bad), "{bytes}");
        }
    }

    #[test]
    fn a_ping_may_come_between_pieces_and_another_message_may_not() {
        let mut pieces = Assembler::default();
        assert_eq!(pieces.take(&frame(false, Opcode::Text, None, b"Hel")), Ok(None));
        assert_eq!(pieces.take(&frame(true, Opcode::Ping, None, b"?")), Ok(None));
        assert_eq!(pieces.take(&frame(true, Opcode::Continuation, None, b"lo")), Ok(Some(b"Hello".to_vec())));
        assert_eq!(pieces.take(&frame(true, Opcode::Continuation, None, b"lo")), Err(Bad::Nothing));
        let mut two_senders = Assembler::default();
        assert_eq!(two_senders.take(&frame(false, Opcode::Text, None, b"Hel")), Ok(None));
        assert_eq!(two_senders.take(&frame(true, Opcode::Text, None, b"oops")), Err(Bad::Within));
    }

    proptest! {
        #[test]
        fn frames_read_back_and_headers_are_as_long_as_stated(
            fin: bool, mask in proptest::option::of(any::<[u8; 4]>()), size in prop_oneof![0usize..300, 65_500usize..65_600], byte: u8,
        ) {
            let frame = frame(fin, Opcode::Binary, mask, &vec![byte; size]);
            let bytes = frame.encode();
            prop_assert_eq!(bytes.len() as u64, header(size as u64, mask.is_some()) + size as u64);
            for cut in [0, 1, 3, bytes.len() - 1] {
                prop_assert_eq!(Frame::decode(&bytes[..cut.min(bytes.len() - 1)]), Ok(None));
            }
            prop_assert_eq!(Frame::decode(&bytes), Ok(Some((frame, bytes.len()))));
        }

        #[test]
        fn any_bytes_are_a_frame_or_not(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
            if let Ok(Some((frame, used))) = Frame::decode(&bytes) {
                prop_assert_eq!(&frame.encode()[..], &bytes[..used]);
            }
        }
    }
}
