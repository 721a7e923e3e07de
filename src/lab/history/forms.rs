//! A history as forms, one operation each, in whatever lists they stand: `{...} {...}`, `[{...} {...}]`, `({...})`. EDN and JSON
//! differ in how a form is read.

use serde_json::Value as Json;

use super::datum::Datum;
use super::edn::{Reader, Unreadable};
use super::entry::{Found, entry_of};
use super::number::number;

/// The two notations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Notation {
    Edn,
    Json,
}

/// The entries from a byte on. What cannot be read is reported where it is, and reading goes on at the next line that begins a form.
pub(super) fn entries(text: &str, from: usize, notation: Notation) -> Vec<Found> {
    let mut forms = Forms { reader: Reader::new(text, from), notation, open: Vec::new(), broken: false, read_again: 0 };
    let mut found = Vec::new();
    while let Some((at, form)) = forms.next() {
        match form {
            Ok(form) => match entry_of(form) {
                Ok(None) => {}
                Ok(Some(entry)) => found.push((at, Ok(entry))),
                Err(bad) => found.push((at, Err(bad))),
            },
            Err(wrong) => {
                found.push((wrong.at, Err(wrong.into())));
                forms.go_on_after(at);
            }
        }
    }
    found
}

struct Forms<'a> {
    reader: Reader<'a>,
    notation: Notation,
    /// The lists that are open: what closes them, and where they were opened.
    open: Vec<(char, usize)>,
    /// Whether something could not be read, so that brackets need not match any more.
    broken: bool,
    /// How many bytes were read once more after something could not be read.
    read_again: usize,
}

impl Forms<'_> {
    /// The next form and where it begins.
    fn next(&mut self) -> Option<(usize, Result<Datum, Unreadable>)> {
        loop {
            let start = self.reader.at;
            if let Err(wrong) = self.skip() {
                return Some((start, Err(wrong)));
            }
            let at = self.reader.at;
            let Some(c) = self.reader.peek() else { return self.end() };
            match c {
                '[' | '(' if self.is_list() => {
                    self.open.push((if c == '[' { ']' } else { ')' }, at));
                    self.reader.at += 1;
                }
                ']' | ')' => {
                    self.reader.at += 1;
                    if self.open.pop().is_none_or(|(close, _)| close != c) && !self.broken {
                        return Some((at, Err(Unreadable { at, message: format!("`{c}` closes nothing") })));
                    }
                }
                // A tag says what a form is; an operation is known by its fields.
                '#' if self.notation == Notation::Edn && self.reader.rest()[1..].starts_with(char::is_alphabetic) => {
                    self.reader.at += self.reader.rest().find(['{', '[', '(', ' ', '\n']).unwrap_or(1);
                }
                _ => return Some((at, self.form())),
            }
        }
    }

    fn skip(&mut self) -> Result<(), Unreadable> {
        match self.notation {
            Notation::Edn => self.reader.skip(0),
            Notation::Json => {
                let rest = self.reader.rest();
                let blanks = |c: char| c.is_ascii_whitespace() || c == ',';
                self.reader.at += rest.len() - rest.trim_start_matches(blanks).len();
                Ok(())
            }
        }
    }

    /// Whether the bracket that comes next opens a list of operations rather than one that is written as a vector.
    fn is_list(&self) -> bool {
        let mut inside = Forms {
            reader: self.reader.moved_to(self.reader.at + 1),
            notation: self.notation,
            open: Vec::new(),
            broken: true,
            read_again: 0,
        };
        inside.skip().is_err() || inside.reader.peek().is_none_or(|c| "{[(#])".contains(c))
    }

    fn form(&mut self) -> Result<Datum, Unreadable> {
        match self.notation {
            Notation::Edn => self.reader.datum(0),
            Notation::Json => json(&mut self.reader),
        }
    }

    /// At the end every list must be closed.
    fn end(&mut self) -> Option<(usize, Result<Datum, Unreadable>)> {
        let (close, at) = self.open.drain(..).next().filter(|_| !self.broken)?;
        self.broken = true;
        let end = self.reader.at;
        Some((end, Err(Unreadable { at, message: format!("the text ends before the `{close}` of this list") })))
    }

    /// Goes to the next line that begins a form, after the byte where something began that could not be read. When as much was read
    /// again as there is to read, it goes on behind what was read instead.
    fn go_on_after(&mut self, at: usize) {
        self.broken = true;
        let stopped = self.reader.at.max(at);
        let whole = self.reader.moved_to(0).rest();
        let again = self.read_again + stopped - at;
        let from = if again > whole.len() { stopped } else { at };
        self.read_again = if from == at { again } else { self.read_again };
        let lines = whole[from..].split_inclusive('\n').scan(from, |next, line| {
            let start = *next;
            *next += line.len();
            Some((start, line))
        });
        let begins = |line: &str| line.trim_start_matches([' ', '\t', ',']).starts_with(['{', '[', '(']);
        let next = lines.skip(1).find(|(_, line)| begins(line)).map(|(start, _)| start);
        self.reader.at = next.unwrap_or(whole.len());
    }
}

/// The JSON value that comes next.
fn json(reader: &mut Reader) -> Result<Datum, Unreadable> {
    let mut values = serde_json::Deserializer::from_str(reader.rest()).into_iter::<Json>();
    match values.next() {
        Some(Ok(value)) => {
            reader.at += values.byte_offset();
            Ok(from_json(value))
        }
        Some(Err(error)) => {
            let line = reader.rest().split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum::<usize>();
            let text = reader.moved_to(0).rest();
            let at = reader.at + (line + error.column().saturating_sub(1)).min(reader.rest().len());
            reader.at = (at..text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(text.len());
            let message = error.to_string();
            let message = message.rsplit_once(" at line ").map_or(message.as_str(), |(what, _)| what);
            Err(Unreadable { at, message: format!("this is no JSON object: {message}") })
        }
        None => Err(Unreadable { at: reader.at, message: "the text ends where a JSON object was expected".into() }),
    }
}

fn from_json(value: Json) -> Datum {
    match value {
        Json::Null => Datum::Nil,
        Json::Bool(truth) => Datum::Bool(truth),
        Json::Number(n) => number(&n.to_string()).unwrap_or_else(|| Datum::Number(n.to_string())),
        Json::String(text) => Datum::Text(text),
        Json::Array(items) => Datum::List(items.into_iter().map(from_json).collect()),
        Json::Object(map) => Datum::Map(map.into_iter().map(|(name, value)| (Datum::Text(name), from_json(value))).collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// However often something cannot be read, the whole is read through about twice at most.
    #[test]
    fn reading_takes_time_in_proportion_to_the_text() {
        for (line, notation) in [
            ("{:process 0 :value \"\n", Notation::Edn),
            ("{:process 0 :value [1 2\n", Notation::Edn),
            ("[#_ #_\n", Notation::Edn),
            ("{:a #_\n", Notation::Edn),
            ("{:a #<\n", Notation::Edn),
            ("{:a #\"\n", Notation::Edn),
            ("{:a ^\n", Notation::Edn),
            ("{:a (\"b\" \"\n", Notation::Edn),
            ("{\"a\": [1,\n", Notation::Json),
            ("{\"a\": \"\n", Notation::Json),
        ] {
            let text = line.repeat(2_000);
            let mut forms = Forms { reader: Reader::new(&text, 0), notation, open: Vec::new(), broken: false, read_again: 0 };
            let mut read = 0;
            while let Some((at, form)) = forms.next() {
                read += forms.reader.at - at;
                if form.is_err() {
                    forms.go_on_after(at);
                }
            }
            assert!(read <= 2 * text.len(), "{line}: {read} of {}", text.len());
        }
    }

    #[test]
    fn nothing_nests_without_end() {
        for (text, notation) in
            [("^", Notation::Edn), ("#_", Notation::Edn), ("#a ", Notation::Edn), ("[{", Notation::Edn), ("{\"a\":[", Notation::Json)]
        {
            let text = format!("{{:a {}", text.repeat(300_000));
            assert!(entries(&text, 0, notation).iter().all(|(_, entry)| entry.is_err()), "{notation:?}");
        }
    }
}
