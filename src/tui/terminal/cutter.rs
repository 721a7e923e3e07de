//! Cuts the bytes that a terminal sends into whole pieces, however they were split on the way: keys, reports of the mouse,
//! pasted texts, and answers. The grammar is that of ECMA-48, so that an answer nobody knows is still one piece and not keys.

/// One piece, whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// What a key or the mouse sends.
    Key(Vec<u8>),
    /// A pasted text, without its marks.
    Paste(Vec<u8>),
    /// A control string (OSC, DCS, APC, PM, SOS) without its end: only answers come as one.
    Text(Vec<u8>),
    /// A control sequence (CSI), whole: a key, the mouse, or an answer.
    Sequence(Vec<u8>),
}

/// What is held back until more comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Held {
    /// It could be the whole of a key: Escape, or Alt with one of the signs that begin a sequence.
    MaybeKey,
    /// Part of something longer.
    Part,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Ground,
    /// This many bytes of a character are to come.
    Character(u8),
    Escape,
    Sequence,
    /// After `ESC O`: keypad and function keys.
    Single,
    /// This many bytes follow without any grammar: the old report of the mouse, the function keys of a Linux console.
    Raw(u8),
    Text,
    /// After an Escape inside of a control string.
    TextEscape,
    Paste,
}

const ESC: u8 = 0x1b;
const BEL: u8 = 0x07;
const CAN: u8 = 0x18;
const SUB: u8 = 0x1a;
const PASTE_END: &[u8] = b"\x1b[201~";

/// The most bytes of a sequence or a control string that are kept: no key and no answer of use is longer.
const MOST: usize = 4096;
/// The most bytes of a pasted text that are kept.
const MOST_PASTED: usize = 1 << 20;

/// The cutter: put bytes in, take pieces out.
#[derive(Debug, Default)]
pub(super) struct Cutter {
    state: State,
    held: Vec<u8>,
}

impl Cutter {
    /// Takes in bytes and returns the pieces that are whole with them.
    pub(super) fn take(&mut self, bytes: &[u8]) -> Vec<Piece> {
        let mut pieces = Vec::new();
        for byte in bytes {
            self.byte(*byte, &mut pieces);
        }
        pieces
    }

    /// What is held back, if anything.
    pub(super) fn held(&self) -> Option<Held> {
        match self.state {
            State::Ground => None,
            State::Escape => Some(Held::MaybeKey),
            State::Sequence | State::Single | State::Text if self.held.len() == 2 => Some(Held::MaybeKey),
            _ => Some(Held::Part),
        }
    }

    /// Whether nothing is held back but an Escape.
    pub(super) fn is_after_escape(&self) -> bool {
        self.state == State::Escape
    }

    /// Whether what is held back can only be an answer.
    pub(super) fn is_in_answer(&self) -> bool {
        match self.state {
            State::Text | State::TextEscape | State::Sequence => self.held.len() > 2,
            _ => false,
        }
    }

    /// Nothing more came in time: what is held back is what it is by itself. Parts of answers are dropped.
    pub(super) fn give_up(&mut self) -> Option<Piece> {
        let (held, state) = (self.held(), self.state);
        let bytes = self.ground();
        match (held?, state) {
            (Held::MaybeKey, _) => Some(Piece::Key(bytes)),
            (Held::Part, State::Paste) => Some(Piece::Paste(bytes)),
            (Held::Part, _) => None,
        }
    }

    fn ground(&mut self) -> Vec<u8> {
        self.state = State::Ground;
        std::mem::take(&mut self.held)
    }

    /// Begins something with this byte, or goes on with it.
    fn hold(&mut self, byte: u8, state: State) {
        if self.held.len() < MOST {
            self.held.push(byte);
        }
        self.state = state;
    }

    /// Ends a key with this byte.
    fn key(&mut self, byte: u8, to: &mut Vec<Piece>) {
        self.held.push(byte);
        to.push(Piece::Key(self.ground()));
    }

    /// Drops what is held back; the byte is looked at as if it came first.
    fn afresh(&mut self, byte: u8, to: &mut Vec<Piece>) {
        self.ground();
        self.byte(byte, to);
    }

    fn byte(&mut self, byte: u8, to: &mut Vec<Piece>) {
        match self.state {
            State::Ground => self.first(byte, to),
            State::Character(left) => match (byte, left) {
                (0x80..=0xbf, 1) => self.key(byte, to),
                (0x80..=0xbf, _) => self.hold(byte, State::Character(left - 1)),
                _ => self.afresh(byte, to),
            },
            State::Escape => self.second(byte, to),
            State::Sequence => self.in_sequence(byte, to),
            State::Single => match byte {
                b'0'..=b'9' | b';' => self.hold(byte, State::Single),
                0x20..=0x7e => self.key(byte, to),
                _ => {
                    to.extend(self.give_up());
                    self.byte(byte, to);
                }
            },
            State::Raw(1) => self.key(byte, to),
            State::Raw(left) => self.hold(byte, State::Raw(left - 1)),
            State::Text => self.in_text(byte, to),
            State::TextEscape if byte == b'\\' => to.push(Piece::Text(self.ground())),
            State::TextEscape => {
                self.ground();
                self.hold(ESC, State::Escape);
                self.byte(byte, to);
            }
            State::Paste => self.in_paste(byte, to),
        }
    }

    /// The first byte of something, alone or after Escape (Alt).
    fn first(&mut self, byte: u8, to: &mut Vec<Piece>) {
        match byte {
            ESC => self.hold(byte, State::Escape),
            0x00..=0x7f => self.key(byte, to),
            0xc2..=0xdf => self.hold(byte, State::Character(1)),
            0xe0..=0xef => self.hold(byte, State::Character(2)),
            0xf0..=0xf4 => self.hold(byte, State::Character(3)),
            // No character begins so: not UTF-8.
            _ => {
                self.ground();
            }
        }
    }

    /// The byte after Escape.
    fn second(&mut self, byte: u8, to: &mut Vec<Piece>) {
        match byte {
            b'[' => self.hold(byte, State::Sequence),
            b'O' => self.hold(byte, State::Single),
            b']' | b'P' | b'_' | b'^' | b'X' => self.hold(byte, State::Text),
            ESC => {
                to.extend(self.give_up());
                self.hold(ESC, State::Escape);
            }
            _ => self.first(byte, to),
        }
    }

    fn in_sequence(&mut self, byte: u8, to: &mut Vec<Piece>) {
        let begins = self.held.len() == 2;
        match byte {
            b'[' if begins => self.hold(byte, State::Raw(1)),
            b'M' if begins => self.hold(byte, State::Raw(3)),
            b'~' if self.held == b"\x1b[200" => {
                self.ground();
                self.state = State::Paste;
            }
            0x20..=0x3f => self.hold(byte, State::Sequence),
            0x40..=0x7e => {
                self.held.push(byte);
                to.push(Piece::Sequence(self.ground()));
            }
            CAN | SUB => drop(self.ground()),
            _ => self.afresh(byte, to),
        }
    }

    fn in_text(&mut self, byte: u8, to: &mut Vec<Piece>) {
        match byte {
            BEL => to.push(Piece::Text(self.ground())),
            ESC => self.state = State::TextEscape,
            CAN | SUB => drop(self.ground()),
            // No control string holds these: it was cut off.
            0x00..=0x06 | 0x0e..=0x1f => self.afresh(byte, to),
            _ => self.hold(byte, State::Text),
        }
    }

    /// Keeps the beginning of a text that is too long, and always what could be the end mark.
    fn in_paste(&mut self, byte: u8, to: &mut Vec<Piece>) {
        self.held.push(byte);
        if self.held.ends_with(PASTE_END) {
            let mut text = self.ground();
            text.truncate((text.len() - PASTE_END.len()).min(MOST_PASTED));
            to.push(Piece::Paste(text));
        } else if self.held.len() > MOST_PASTED + PASTE_END.len() {
            self.held.remove(MOST_PASTED);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn key(bytes: &[u8]) -> Piece {
        Piece::Key(bytes.to_vec())
    }

    fn sequence(bytes: &[u8]) -> Piece {
        Piece::Sequence(bytes.to_vec())
    }

    /// Pieces as a terminal could send them, each with what it is.
    fn sent() -> Vec<(&'static [u8], Piece)> {
        let text = |bytes: &'static [u8], end: usize| (bytes, Piece::Text(bytes[..bytes.len() - end].to_vec()));
        vec![
            (b"j", key(b"j")),
            (b"\x03", key(b"\x03")),
            ("й".as_bytes(), key("й".as_bytes())),
            ("★".as_bytes(), key("★".as_bytes())),
            ("\u{1f600}".as_bytes(), key("\u{1f600}".as_bytes())),
            (b"\x1bx", key(b"\x1bx")),
            ("\x1bé".as_bytes(), key("\x1bé".as_bytes())),
            (b"\x1b\x7f", key(b"\x1b\x7f")),
            (b"\x1bOP", key(b"\x1bOP")),
            (b"\x1bO5P", key(b"\x1bO5P")),
            (b"\x1b[A", sequence(b"\x1b[A")),
            (b"\x1b[1;5D", sequence(b"\x1b[1;5D")),
            (b"\x1b[[A", key(b"\x1b[[A")),
            (b"\x1b[M !!", key(b"\x1b[M !!")),
            (b"\x1b[<0;10;20M", sequence(b"\x1b[<0;10;20M")),
            (b"\x1b[?64;1;2c", sequence(b"\x1b[?64;1;2c")),
            (b"\x1b[>0;276;0c", sequence(b"\x1b[>0;276;0c")),
            (b"\x1b[2;3R", sequence(b"\x1b[2;3R")),
            (b"\x1b[?2026;1$y", sequence(b"\x1b[?2026;1$y")),
            text(b"\x1b]11;rgb:ffff/ffff/ffff\x1b\\", 2),
            text(b"\x1b]11;rgb:0000/0000/0000\x07", 1),
            text(b"\x1b]4;1;rgb:cd/00/00\x1b\\", 2),
            text(b"\x1bP>|XTerm(390)\x1b\\", 2),
            text(b"\x1b_Gi=31;OK\x1b\\", 2),
            text(b"\x1b^secret\x1b\\", 2),
            (b"\x1b[200~cut n1\r\n:\x1b[A\x1b[201~", Piece::Paste(b"cut n1\r\n:\x1b[A".to_vec())),
        ]
    }

    proptest! {
        /// Whatever comes, in whatever order and split at whatever byte, is cut into the same pieces.
        #[test]
        fn the_pieces_do_not_depend_on_how_they_arrive(
            which in prop::collection::vec(prop::sample::select(sent()), 1..12),
            chunk in 1_usize..40,
        ) {
            let bytes = which.iter().flat_map(|(bytes, _)| bytes.iter().copied()).collect::<Vec<u8>>();
            let mut cutter = Cutter::default();
            let pieces: Vec<Piece> = bytes.chunks(chunk).flat_map(|part| cutter.take(part)).collect();
            prop_assert_eq!(pieces, which.into_iter().map(|(_, piece)| piece).collect::<Vec<_>>());
            prop_assert_eq!(cutter.held(), None);
        }

        /// Nothing is held for ever, and after giving up a key is a key again.
        #[test]
        fn no_bytes_make_it_deaf(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let mut cutter = Cutter::default();
            cutter.take(&bytes);
            cutter.give_up();
            prop_assert_eq!(cutter.held(), None);
            prop_assert_eq!(cutter.take(b"j"), vec![key(b"j")]);
        }

        /// No part of an answer is ever a key, wherever the line falls silent in it.
        #[test]
        fn an_answer_cut_short_is_no_key(which in prop::sample::select(sent()), part in any::<prop::sample::Index>()) {
            let (bytes, piece) = which;
            prop_assume!(matches!(piece, Piece::Text(_)) && bytes.len() > 3);
            let mut cutter = Cutter::default();
            let part = 3 + part.index(bytes.len() - 3);
            prop_assert_eq!(cutter.take(&bytes[..part]), vec![]);
            prop_assert_eq!(cutter.give_up(), None);
        }
    }

    #[test]
    fn escape_alone_is_a_key_once_nothing_follows() {
        let mut cutter = Cutter::default();
        assert_eq!(cutter.take(b"\x1b"), vec![]);
        assert_eq!(cutter.held(), Some(Held::MaybeKey));
        assert_eq!(cutter.give_up(), Some(key(b"\x1b")));
        assert_eq!(cutter.take(b"\x1b\x1b"), vec![key(b"\x1b")]);
        assert_eq!(cutter.give_up(), Some(key(b"\x1b")));
        assert_eq!(cutter.take(b"\x1b]"), vec![]);
        assert_eq!(cutter.give_up(), Some(key(b"\x1b]")));
    }

    #[test]
    fn a_string_that_never_ends_lets_control_c_through() {
        assert_eq!(Cutter::default().take(b"\x1b]11;rgb:\x03"), vec![key(b"\x03")]);
        assert_eq!(Cutter::default().take(b"\x1b]11;rgb:ff\x1b[A"), vec![sequence(b"\x1b[A")]);
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let mut cutter = Cutter::default();
        cutter.take(b"\x1b[200~");
        let long = vec![b'x'; 2 * MOST_PASTED];
        assert_eq!(cutter.take(&long), vec![]);
        let pieces = cutter.take(PASTE_END);
        assert!(matches!(&pieces[..], [Piece::Paste(text)] if text.len() == MOST_PASTED), "{}", pieces.len());
        cutter.take(b"\x1bP");
        cutter.take(&long);
        assert!(cutter.held.len() <= MOST);
        assert!(matches!(&cutter.take(b"\x1b\\")[..], [Piece::Text(_)]));
    }
}
