//! EDN, the notation of Clojure: a reader of forms that knows where it is.
//!
//! It also reads what Clojure prints beyond the standard: metadata, regular expressions, octal escapes, `#<...>`.

use super::datum::Datum;
use super::number::number;

/// Nested deeper than this is no history.
const DEEP: usize = 100;

/// What cannot be read, and where.
#[derive(Debug)]
pub(super) struct Unreadable {
    /// The byte at which it is.
    pub(super) at: usize,
    /// What is wrong.
    pub(super) message: String,
}

/// A place in a text.
pub(super) struct Reader<'a> {
    text: &'a str,
    pub(super) at: usize,
}

impl<'a> Reader<'a> {
    /// At a byte of a text.
    pub(super) fn new(text: &'a str, at: usize) -> Reader<'a> {
        Reader { text, at }
    }

    /// Another reader of the same text.
    pub(super) fn moved_to(&self, at: usize) -> Reader<'a> {
        Reader { text: self.text, at }
    }

    /// What is left.
    pub(super) fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    /// The next character.
    pub(super) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    /// Takes a text if it comes next.
    pub(super) fn takes(&mut self, text: &str) -> bool {
        let found = self.rest().starts_with(text);
        self.at += if found { text.len() } else { 0 };
        found
    }

    /// Passes over blanks, comments, metadata, and the forms that `#_` takes away.
    pub(super) fn skip(&mut self, depth: usize) -> Result<(), Unreadable> {
        // What is skipped is nested in what is read.
        if depth > DEEP {
            return Err(self.wrong("brackets are nested too deep"));
        }
        let mut discards = 0;
        loop {
            self.blanks();
            if self.takes("#_") {
                discards += 1;
            } else if self.takes("^") {
                self.datum(depth + 1)?;
            } else if discards == 0 {
                return Ok(());
            } else {
                self.form(depth + 1)?;
                discards -= 1;
            }
        }
    }

    fn blanks(&mut self) {
        loop {
            self.at = self.text.len() - self.rest().trim_start_matches(blank).len();
            if self.peek() != Some(';') {
                return;
            }
            self.at += self.rest().find('\n').unwrap_or(self.rest().len());
        }
    }

    /// The next form.
    pub(super) fn datum(&mut self, depth: usize) -> Result<Datum, Unreadable> {
        self.skip(depth)?;
        self.form(depth)
    }

    /// The form that begins here.
    fn form(&mut self, depth: usize) -> Result<Datum, Unreadable> {
        match self.peek() {
            None => Err(self.wrong("the text ends where a value was expected")),
            Some(_) if depth > DEEP => Err(self.wrong("brackets are nested too deep")),
            Some('"') => self.string().map(Datum::Text),
            Some('[') => self.items("[", ']', depth).map(Datum::List),
            Some('(') => self.items("(", ')', depth).map(Datum::List),
            Some('{') => self.map(depth),
            Some('#') => self.hash(depth),
            Some(close @ (']' | ')' | '}')) => Err(self.wrong(&format!("`{close}` closes nothing"))),
            Some(_) => Ok(atom(self.word())),
        }
    }

    fn wrong(&self, message: &str) -> Unreadable {
        Unreadable { at: self.at, message: message.into() }
    }

    /// What is wrong with something that begins here and was looked through to the end of the text.
    fn endless(&mut self, message: &str) -> Unreadable {
        let wrong = self.wrong(message);
        self.at = self.text.len();
        wrong
    }

    /// The forms between two brackets.
    fn items(&mut self, open: &str, close: char, depth: usize) -> Result<Vec<Datum>, Unreadable> {
        let start = self.at;
        self.at += open.len();
        let mut items = Vec::new();
        loop {
            self.skip(depth)?;
            match self.peek() {
                Some(c) if c == close => break,
                Some(_) => items.push(self.form(depth + 1)?),
                None => return Err(Unreadable { at: start, message: format!("the text ends before the `{close}` of this `{open}`") }),
            }
        }
        self.at += close.len_utf8();
        Ok(items)
    }

    fn map(&mut self, depth: usize) -> Result<Datum, Unreadable> {
        let start = self.at;
        let mut items = self.items("{", '}', depth)?.into_iter();
        let mut entries = Vec::with_capacity(items.len() / 2);
        while let Some(key) = items.next() {
            match items.next() {
                Some(value) => entries.push((key, value)),
                None => return Err(Unreadable { at: start, message: format!("`{key}` has no value") }),
            }
        }
        Ok(Datum::Map(entries))
    }

    /// What begins with `#`: a set, a regular expression, a number that is none, or a tag and its form.
    fn hash(&mut self, depth: usize) -> Result<Datum, Unreadable> {
        let rest = &self.rest()[1..];
        match rest.chars().next() {
            Some('{') => self.items("#{", '}', depth).map(Datum::Set),
            Some('"') => {
                self.at += 1;
                self.pattern()
            }
            Some('<') => self.object(),
            Some('#') => Ok(Datum::Number(self.word().into())),
            Some('\'') => Ok(Datum::Other(self.word().into())),
            _ => {
                self.at += 1;
                let tag = self.word().to_string();
                Ok(Datum::Tagged(tag, Box::new(self.datum(depth + 1)?)))
            }
        }
    }

    /// A regular expression: its backslashes are its own.
    fn pattern(&mut self) -> Result<Datum, Unreadable> {
        let mut escaped = false;
        let inside = &self.rest()[1..];
        let end = inside.find(|c| {
            let ends = c == '"' && !escaped;
            escaped = c == '\\' && !escaped;
            ends
        });
        let end = end.ok_or_else(|| self.endless("this regular expression has no closing quote"))?;
        let pattern = format!("#\"{}\"", &inside[..end]);
        self.at += end + 2;
        Ok(Datum::Other(pattern))
    }

    /// An object that Clojure could print but not read: `#<Exception java.io.IOException: reset>`.
    fn object(&mut self) -> Result<Datum, Unreadable> {
        let mut open = 0usize;
        let rest = self.rest();
        let end = rest.char_indices().find(|(_, c)| {
            match c {
                '<' => open += 1,
                '>' => open -= 1,
                _ => {}
            }
            *c == '>' && open == 0
        });
        let (end, _) = end.ok_or_else(|| self.endless("the text ends before the `>` of this `#<`"))?;
        self.at += end + 1;
        Ok(Datum::Other(rest[..=end].into()))
    }

    /// The characters up to the next blank or bracket. A backslash takes the next one along, whatever it is.
    fn word(&mut self) -> &'a str {
        let rest = self.rest();
        let taken = if rest.starts_with('\\') { rest.chars().take(2).map(char::len_utf8).sum() } else { 0 };
        let after = &rest[taken..];
        let end = taken + after.find(|c: char| blank(c) || "\"[](){};".contains(c)).unwrap_or(after.len());
        self.at += end;
        &rest[..end]
    }

    fn string(&mut self) -> Result<String, Unreadable> {
        let start = self.at;
        self.at += 1;
        let mut text = String::new();
        loop {
            let rest = self.rest();
            let Some(plain) = rest.find(['"', '\\']) else {
                self.at = start;
                return Err(self.endless("this text has no closing quote"));
            };
            text.push_str(&rest[..plain]);
            self.at += plain + 1;
            if rest[plain..].starts_with('"') {
                return Ok(text);
            }
            text.push(self.escaped()?);
        }
    }

    /// The character behind a backslash.
    fn escaped(&mut self) -> Result<char, Unreadable> {
        let at = self.at - 1;
        let Some(kind) = self.peek() else { return Err(Unreadable { at, message: "the text ends within an escape".into() }) };
        self.at += kind.len_utf8();
        let found = match kind {
            'n' => Some('\n'),
            't' => Some('\t'),
            'r' => Some('\r'),
            'b' => Some('\u{8}'),
            'f' => Some('\u{c}'),
            '"' | '\\' | '\'' | '/' => Some(kind),
            'u' => self.unicode(),
            '0'..='7' => {
                self.at -= 1;
                self.octal()
            }
            _ => None,
        };
        found.ok_or_else(|| {
            let written = &self.text[at..self.at];
            let message = format!("`{written}` is no escape; there are \\n \\t \\r \\b \\f \\\" \\\\, \\u and four hexadecimal digits, and octal ones up to \\377");
            Unreadable { at, message }
        })
    }

    /// Four hexadecimal digits, twice for the two halves of a character beyond them.
    fn unicode(&mut self) -> Option<char> {
        let first = self.four_digits()?;
        if !(0xd800..0xdc00).contains(&first) {
            return char::from_u32(u32::from(first));
        }
        let second = if self.takes("\\u") { self.four_digits()? } else { return None };
        char::decode_utf16([first, second]).next()?.ok()
    }

    fn four_digits(&mut self) -> Option<u16> {
        let digits = self.rest().get(..4).filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit()))?;
        self.at += 4;
        u16::from_str_radix(digits, 16).ok()
    }

    /// Up to three octal digits.
    fn octal(&mut self) -> Option<char> {
        let digits = self.rest().bytes().take(3).take_while(|b| (b'0'..=b'7').contains(b)).count();
        let code = u8::from_str_radix(&self.rest()[..digits], 8).ok();
        self.at += digits;
        code.map(char::from)
    }
}

/// One form, the whole text.
pub(super) fn datum(text: &str) -> Result<Datum, String> {
    let mut reader = Reader::new(text, 0);
    let whole = reader.datum(0).and_then(|datum| reader.skip(0).map(|()| datum)).map_err(|wrong| wrong.message)?;
    if reader.rest().is_empty() { Ok(whole) } else { Err(format!("`{}` follows `{whole}`", cut(reader.rest()))) }
}

/// Commas are blanks in EDN.
fn blank(c: char) -> bool {
    c.is_whitespace() || c == ','
}

fn atom(word: &str) -> Datum {
    match word {
        "nil" => Datum::Nil,
        "true" => Datum::Bool(true),
        "false" => Datum::Bool(false),
        _ => match word.strip_prefix(':').filter(|name| !name.is_empty()) {
            Some(name) => Datum::Word(name.into()),
            None => number(word).unwrap_or_else(|| Datum::Other(word.into())),
        },
    }
}

/// The beginning of a text, for a message.
pub(super) fn cut(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default().trim_end();
    if line.chars().count() > 30 { line.chars().take(27).collect::<String>() + "..." } else { line.to_string() }
}
