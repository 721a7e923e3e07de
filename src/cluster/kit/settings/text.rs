//! Texts that are put together while the program is compiled.

/// A text that is put together while the program is compiled.
#[derive(Clone, Copy)]
pub struct Text {
    bytes: [u8; Text::ROOM],
    length: usize,
}

impl Text {
    /// The most bytes; a longer text is no program.
    const ROOM: usize = 200;
    /// No text yet.
    pub const EMPTY: Text = Text { bytes: [0; Text::ROOM], length: 0 };

    const fn and_byte(mut self, byte: u8) -> Text {
        self.bytes[self.length] = byte;
        self.length += 1;
        self
    }

    /// Goes on with this.
    pub const fn and(mut self, text: &str) -> Text {
        let (bytes, mut at) = (text.as_bytes(), 0);
        while at < bytes.len() {
            self = self.and_byte(bytes[at]);
            at += 1;
        }
        self
    }

    /// Goes on with a number.
    pub const fn and_number(self, number: u32) -> Text {
        let before = if number >= 10 { self.and_number(number / 10) } else { self };
        before.and_byte(b'0' + (number % 10) as u8)
    }

    /// Goes on with words: `a, b or c`.
    pub const fn and_words(mut self, words: &[&str]) -> Text {
        let mut at = 0;
        while at < words.len() {
            self = match at {
                0 => self,
                _ if at + 1 == words.len() => self.and(" or "),
                _ => self.and(", "),
            };
            self = self.and(words[at]);
            at += 1;
        }
        self
    }

    /// Goes on with the name of a field as the name of its setting: `retry-delay` for `retry_delay`.
    pub const fn and_field(mut self, field: &str) -> Text {
        let (bytes, mut at) = (field.as_bytes(), 0);
        while at < bytes.len() {
            self = self.and_byte(if bytes[at] == b'_' { b'-' } else { bytes[at] });
            at += 1;
        }
        self
    }

    /// The whole text.
    pub const fn as_str(&self) -> &str {
        match std::str::from_utf8(self.bytes.split_at(self.length).0) {
            Ok(text) => text,
            Err(_) => "",
        }
    }
}
