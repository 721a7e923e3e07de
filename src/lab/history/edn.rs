//! EDN, as far as histories use it: one map a line, `{:process 0, :type :invoke, :f :put, :key "x", :value "y"}`.

use super::datum::{Datum, Fields, Line, line_of};

/// Nested deeper than this is no history.
const DEEP: usize = 16;

/// Reads a line; `None` for a comment or the nemesis. The maps may be the items of one vector.
pub(super) fn line(text: &str) -> Result<Option<Line>, String> {
    let text = text.trim_matches(blank);
    let text = text.strip_prefix('[').unwrap_or(text).trim_start_matches(blank);
    if text.starts_with(';') || text.is_empty() || text == "]" {
        return Ok(None);
    }
    let mut reader = Reader { rest: text };
    let fields = reader.tagged_map()?;
    match reader.rest.trim_start_matches(blank) {
        rest if rest.is_empty() || rest.starts_with(';') || rest == "]" => line_of(&fields),
        rest => Err(format!("`{}` follows the map; one map a line, please", cut(rest))),
    }
}

/// One datum, the whole text: what stands after the function in a log line.
pub(super) fn datum(text: &str) -> Result<Datum, String> {
    let mut reader = Reader { rest: text };
    let datum = reader.datum(0)?;
    match reader.rest.trim_matches(blank) {
        "" => Ok(datum),
        rest => Err(format!("`{}` follows the value `{datum}`", cut(rest))),
    }
}

/// Commas are blanks in EDN.
fn blank(c: char) -> bool {
    c.is_whitespace() || c == ','
}

fn cut(text: &str) -> String {
    if text.chars().count() > 30 { text.chars().take(27).collect::<String>() + "..." } else { text.to_string() }
}

/// What is left of a line.
struct Reader<'a> {
    rest: &'a str,
}

impl Reader<'_> {
    /// A map, perhaps behind a tag: `#jepsen.history.Op{...}`.
    fn tagged_map(&mut self) -> Result<Fields, String> {
        if let Some(tagged) = self.rest.strip_prefix('#') {
            self.rest = tagged.trim_start_matches(|c: char| c != '{');
        }
        match self.rest.strip_prefix('{') {
            Some(rest) => self.rest = rest,
            None => {
                return Err(format!("`{}` is no map; a line is like {{:process 0, :type :invoke, :f :read, :value nil}}", cut(self.rest)));
            }
        }
        let mut fields = Fields::new();
        while !self.closes('}')? {
            let name = self.datum(1)?;
            let Some(name) = name.name().map(str::to_string) else {
                return Err(format!("`{name}` stands where a keyword such as :process was expected"));
            };
            if self.closes('}')? {
                return Err(format!("`:{name}` has no value"));
            }
            let value = self.datum(1)?;
            if fields.iter().any(|(known, _)| *known == name) {
                return Err(format!("`:{name}` stands twice"));
            }
            fields.push((name, value));
        }
        Ok(fields)
    }

    /// Whether the closing bracket comes next; takes it.
    fn closes(&mut self, bracket: char) -> Result<bool, String> {
        self.rest = self.rest.trim_start_matches(blank);
        if self.rest.is_empty() {
            return Err(format!("the line ends before its closing `{bracket}`"));
        }
        if let Some(rest) = self.rest.strip_prefix(bracket) {
            self.rest = rest;
            return Ok(true);
        }
        Ok(false)
    }

    fn datum(&mut self, depth: usize) -> Result<Datum, String> {
        self.rest = self.rest.trim_start_matches(blank);
        let mut chars = self.rest.chars();
        let first = chars.next();
        match first {
            None => Err("the line ends where a value was expected".into()),
            Some(_) if depth > DEEP => Err("brackets are nested too deep".into()),
            Some('"') => self.text(),
            Some(open @ ('[' | '(')) => self.list(if open == '[' { ']' } else { ')' }, depth),
            Some('{') => self.other_map(depth),
            Some('#') => self.tagged(depth),
            Some(close @ (']' | ')' | '}')) => Err(format!("`{close}` closes nothing")),
            Some(_) => Ok(self.atom()),
        }
    }

    fn list(&mut self, close: char, depth: usize) -> Result<Datum, String> {
        self.rest = &self.rest[1..];
        let mut items = Vec::new();
        while !self.closes(close)? {
            items.push(self.datum(depth + 1)?);
        }
        Ok(Datum::List(items))
    }

    /// A map inside the map: it is read and says nothing.
    fn other_map(&mut self, depth: usize) -> Result<Datum, String> {
        self.rest = &self.rest[1..];
        while !self.closes('}')? {
            self.datum(depth + 1)?;
        }
        Ok(Datum::Other("{...}".into()))
    }

    /// A tag and what it stands before: a set, a date.
    fn tagged(&mut self, depth: usize) -> Result<Datum, String> {
        self.rest = self.rest[1..].trim_start_matches(|c: char| !blank(c) && !"{[(\"".contains(c));
        self.datum(depth + 1)?;
        Ok(Datum::Other("#...".into()))
    }

    fn atom(&mut self) -> Datum {
        let end = self.rest.find(|c: char| blank(c) || "\"[](){};".contains(c)).unwrap_or(self.rest.len());
        // A stray character such as `;` is an atom of its own, so that reading goes on.
        let end = if end == 0 { self.rest.chars().next().map_or(0, char::len_utf8) } else { end };
        let (atom, rest) = self.rest.split_at(end);
        self.rest = rest;
        match atom {
            "nil" => Datum::Nil,
            _ => match (atom.strip_prefix(':'), atom.trim_end_matches('N').parse()) {
                (Some(name), _) if !name.is_empty() => Datum::Word(name.to_string()),
                (_, Ok(number)) => Datum::Int(number),
                _ => Datum::Other(atom.to_string()),
            },
        }
    }

    fn text(&mut self) -> Result<Datum, String> {
        let mut text = String::new();
        let mut chars = self.rest[1..].char_indices();
        while let Some((at, c)) = chars.next() {
            match c {
                '"' => {
                    self.rest = &self.rest[at + 2..];
                    return Ok(Datum::Text(text));
                }
                '\\' => text.push(escaped(&mut chars)?),
                c => text.push(c),
            }
        }
        Err("a text has no closing quote".into())
    }
}

/// The character behind a backslash.
fn escaped(chars: &mut std::str::CharIndices) -> Result<char, String> {
    match chars.next().map(|(_, c)| c) {
        Some('n') => Ok('\n'),
        Some('t') => Ok('\t'),
        Some('r') => Ok('\r'),
        Some(c @ ('"' | '\\')) => Ok(c),
        Some('u') => {
            let digits: String = chars.by_ref().take(4).map(|(_, c)| c).collect();
            let code = u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32);
            code.ok_or_else(|| format!("`\\u{digits}` is no character"))
        }
        Some(c) => Err(format!("`\\{c}` is no escape; there are \\n \\t \\r \\\" \\\\ and \\uXXXX")),
        None => Err("a text has no closing quote".into()),
    }
}
