//! Frames and windows of HTTP/2 (RFC 9113, sections 3.4, 4.1, 5.1.1, 6.5.2 and 6.9).

/// What a client sends first.
pub const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// The bytes before the payload of each frame.
pub const FRAME_HEADER: u64 = 9;
/// The longest payload unless the receiver allows more.
pub const MAX_FRAME: u32 = 16_384;
/// The window of a stream and of a connection at the start.
pub const WINDOW: u32 = 65_535;
/// The greatest window.
pub const WINDOW_MOST: i64 = (1 << 31) - 1;
/// The payload of `WINDOW_UPDATE` and of `RST_STREAM`.
pub const WORD: u64 = 4;
/// The payload of `GOAWAY` without further data.
pub const GOAWAY: u64 = 8;
/// The payload of one entry of `SETTINGS`.
pub const SETTING: u64 = 6;

/// The bits of the number of a stream.
const STREAM: u32 = 0x7FFF_FFFF;

/// What a frame is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A piece of a body.
    Data,
    /// Headers.
    Headers,
    /// A stream is given up.
    RstStream,
    /// What the sender asks of its peer.
    Settings,
    /// Is the connection alive?
    Ping,
    /// No new streams, please.
    GoAway,
    /// More may come.
    WindowUpdate,
    /// Another one, by its number.
    Other(u8),
}

impl Kind {
    const ALL: [(Kind, u8); 7] = [
        (Kind::Data, 0),
        (Kind::Headers, 1),
        (Kind::RstStream, 3),
        (Kind::Settings, 4),
        (Kind::Ping, 6),
        (Kind::GoAway, 7),
        (Kind::WindowUpdate, 8),
    ];

    fn number(self) -> u8 {
        match self {
            Kind::Other(number) => number,
            known => Kind::ALL.iter().find(|(kind, _)| *kind == known).map_or(0, |(_, number)| *number),
        }
    }

    fn of(number: u8) -> Kind {
        Kind::ALL.iter().find(|(_, known)| *known == number).map_or(Kind::Other(number), |(kind, _)| *kind)
    }
}

/// The header of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// The length of its payload, below 2^24.
    pub length: u32,
    /// What it is.
    pub kind: Kind,
    /// Its flags.
    pub flags: u8,
    /// Its stream, below 2^31; 0: the connection.
    pub stream: u32,
}

impl Head {
    /// Its bytes.
    pub fn encode(&self) -> [u8; 9] {
        let mut bytes = [0; 9];
        bytes[..3].copy_from_slice(&self.length.to_be_bytes()[1..]);
        (bytes[3], bytes[4]) = (self.kind.number(), self.flags);
        bytes[5..].copy_from_slice(&(self.stream & STREAM).to_be_bytes());
        bytes
    }

    /// Reads it. The reserved bit is ignored.
    pub fn decode(bytes: [u8; 9]) -> Head {
        let number = |from: &[u8]| from.iter().fold(0u32, |sum, byte| sum << 8 | u32::from(*byte));
        Head { length: number(&bytes[..3]), kind: Kind::of(bytes[3]), flags: bytes[4], stream: number(&bytes[5..]) & STREAM }
    }
}

/// How much may still be sent, on a stream or a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window(i64);

/// Somebody broke the rules of flow control: `FLOW_CONTROL_ERROR`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// More came than may.
    #[error("more was sent than the window allows")]
    Overrun,
    /// A window of 2^31 bytes or more.
    #[error("a window is at most 2^31-1 bytes")]
    TooLarge,
    /// An update by nothing.
    #[error("a window update of 0 is an error")]
    Nothing,
}

impl Window {
    /// A window of so many bytes.
    pub fn new(bytes: u32) -> Window {
        Window(i64::from(bytes).min(WINDOW_MOST))
    }

    /// The bytes that may be sent now.
    pub fn room(self) -> u32 {
        self.0.clamp(0, WINDOW_MOST) as u32
    }

    /// Its value: below 0 after a setting made it smaller than what is under way.
    pub fn value(self) -> i64 {
        self.0
    }

    /// So many bytes of `DATA` are sent, or came.
    pub fn take(&mut self, bytes: u32) -> Result<(), Broken> {
        if i64::from(bytes) > self.0.max(0) {
            return Err(Broken::Overrun);
        }
        self.0 -= i64::from(bytes);
        Ok(())
    }

    /// `WINDOW_UPDATE`.
    pub fn give(&mut self, bytes: u32) -> Result<(), Broken> {
        match self.0 + i64::from(bytes) {
            _ if bytes == 0 => Err(Broken::Nothing),
            sum if sum > WINDOW_MOST => Err(Broken::TooLarge),
            sum => {
                self.0 = sum;
                Ok(())
            }
        }
    }

    /// `SETTINGS_INITIAL_WINDOW_SIZE` changed from one value to another: of streams only, never of the connection (section 6.9.2).
    pub fn adjust(&mut self, from: u32, to: u32) -> Result<(), Broken> {
        match self.0 + i64::from(to) - i64::from(from) {
            sum if sum > WINDOW_MOST => Err(Broken::TooLarge),
            sum => {
                self.0 = sum;
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_head_is_nine_bytes() {
        let head = Head { length: 16_384, kind: Kind::Data, flags: 1, stream: 5 };
        assert_eq!(head.encode(), [0, 0x40, 0, 0, 1, 0, 0, 0, 5]);
        assert_eq!(head.encode().len() as u64, FRAME_HEADER);
        assert_eq!(PREFACE.len(), 24);
        // RFC 9113, section 4.1: the reserved bit is ignored.
        assert_eq!(Head::decode([0, 0, 4, 8, 0, 0x80, 0, 0, 1]), Head { length: 4, kind: Kind::WindowUpdate, flags: 0, stream: 1 });
    }

    #[test]
    fn the_example_of_section_6_9_2() {
        // 60 KB are sent, then the client sets 16 KB: the window is -44 KB.
        let kb = 1024;
        let mut window = Window::new(64 * kb);
        assert_eq!(window.take(60 * kb), Ok(()));
        assert_eq!(window.adjust(64 * kb, 16 * kb), Ok(()));
        assert_eq!((window.value(), window.room()), (-44 * i64::from(kb), 0));
        assert_eq!(window.take(1), Err(Broken::Overrun));
        assert_eq!((window.give(45 * kb), window.room()), (Ok(()), kb));
    }

    #[test]
    fn no_window_is_too_large_and_no_update_is_nothing() {
        let mut window = Window::new(WINDOW);
        assert_eq!(window.give(0), Err(Broken::Nothing));
        assert_eq!(window.give(u32::MAX >> 1), Err(Broken::TooLarge));
        assert_eq!(window.adjust(0, u32::MAX >> 1), Err(Broken::TooLarge));
        assert_eq!(window, Window::new(WINDOW), "what is refused changes nothing");
    }

    proptest! {
        #[test]
        fn heads_read_back(length in 0u32..1 << 24, kind: u8, flags: u8, stream in 0u32..1 << 31) {
            let head = Head { length, kind: Kind::of(kind), flags, stream };
            prop_assert_eq!(Head::decode(head.encode()), head);
        }

        #[test]
        fn window_and_bytes_under_way_add_up(steps in proptest::collection::vec((0u32..40_000, 0u32..40_000), 0..60)) {
            let (mut window, mut under_way) = (Window::new(WINDOW), 0u32);
            for (send, credit) in steps {
                if window.take(send).is_ok() {
                    under_way += send;
                }
                let credit = credit.min(under_way);
                if credit > 0 {
                    prop_assert_eq!(window.give(credit), Ok(()));
                    under_way -= credit;
                }
                prop_assert_eq!(window.value() + i64::from(under_way), i64::from(WINDOW));
            }
        }
    }
}
