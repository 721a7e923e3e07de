//! Server-sent events: the text that a server writes and how a client reads it (HTML Standard, section 9.2.6).

/// An event as a client hears it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Event {
    /// Its type; `message` where none is named.
    pub name: String,
    /// What it says.
    pub data: String,
    /// The newest id that was named, by it or before it.
    pub last_id: String,
}

/// Writes an event: a line for the id where it has one, one for each line of the data, and a blank line.
pub fn write(id: Option<u64>, data: &str) -> String {
    let id = id.map_or_else(String::new, |id| format!("id: {id}\n"));
    let data: String = data.split('\n').flat_map(|line| ["data: ", line, "\n"]).collect();
    format!("{id}{data}\n")
}

/// A line that says nothing, so that those between know that the stream lives.
pub const COMMENT: &str = ":\n\n";

/// Reads a stream, in whatever pieces it comes.
#[derive(Clone, Debug, Default)]
pub struct Reader {
    /// A line that has not ended.
    line: String,
    /// Whether a line has just ended with a carriage return: a line feed after it is no line of its own.
    after_return: bool,
    name: String,
    data: String,
    /// The id of the event that is being read: it counts when the event is whole.
    id: String,
    last_id: String,
    retry: Option<u64>,
}

impl Reader {
    /// What a client names when it comes back: the id of the last *whole* event that had one. Empty: none had.
    pub fn last_id(&self) -> &str {
        &self.last_id
    }

    /// How long to wait before coming back, in milliseconds, where the server said so.
    pub fn retry(&self) -> Option<u64> {
        self.retry
    }

    /// A new connection of the same source: what was read by half is forgotten, the last id is not.
    pub fn reconnect(&mut self) {
        let (last_id, retry) = (std::mem::take(&mut self.last_id), self.retry);
        *self = Reader { id: last_id.clone(), last_id, retry, ..Reader::default() };
    }

    /// Reads on; gives the events that became whole.
    pub fn feed(&mut self, text: &str) -> Vec<Event> {
        let mut events = Vec::new();
        for letter in text.chars() {
            let follows = std::mem::take(&mut self.after_return) && letter == '\n';
            match letter {
                '\n' if follows => {}
                '\n' | '\r' => {
                    self.after_return = letter == '\r';
                    let line = std::mem::take(&mut self.line);
                    events.extend(self.take(&line));
                }
                other => self.line.push(other),
            }
        }
        events
    }

    fn take(&mut self, line: &str) -> Option<Event> {
        if line.is_empty() {
            return self.dispatch();
        }
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "event" => self.name = value.to_string(),
            "data" => self.data.extend([value, "\n"]),
            "id" if !value.contains('\0') => self.id = value.to_string(),
            "retry" if !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit()) => self.retry = value.parse().ok().or(self.retry),
            _ => {}
        }
        None
    }

    /// A blank line: what was read since the last is an event, if it has data.
    fn dispatch(&mut self) -> Option<Event> {
        self.last_id.clone_from(&self.id);
        let (name, mut data) = (std::mem::take(&mut self.name), std::mem::take(&mut self.data));
        data.pop()?;
        let name = if name.is_empty() { "message".to_string() } else { name };
        Some(Event { name, data, last_id: self.last_id.clone() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> Vec<(String, String, String)> {
        Reader::default().feed(text).into_iter().map(|event| (event.name, event.data, event.last_id)).collect()
    }

    fn event(name: &str, data: &str, id: &str) -> (String, String, String) {
        (name.to_string(), data.to_string(), id.to_string())
    }

    #[test]
    fn the_examples_of_the_standard() {
        assert_eq!(read("data: YHOO\ndata: +2\ndata: 10\n\n"), [event("message", "YHOO\n+2\n10", "")]);
        let text = ": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n";
        assert_eq!(read(text), [event("message", "first event", "1"), event("message", "second event", "")], "the third has no blank line");
        assert_eq!(read("data\n\ndata\ndata\n\ndata:"), [event("message", "", ""), event("message", "\n", "")]);
        assert_eq!(read("data:test\n\ndata: test\n\n"), [event("message", "test", ""), event("message", "test", "")]);
        assert_eq!(read("event: add\ndata: 73857293\n\n"), [event("add", "73857293", "")]);
    }

    #[test]
    fn an_id_counts_when_its_event_is_whole() {
        let mut reader = Reader::default();
        assert_eq!(reader.feed("id: 7\ndata: a\n\nid: 8\ndata: b\n").len(), 1);
        assert_eq!(reader.last_id(), "7");
        reader.reconnect();
        assert_eq!(reader.feed("data: c\n\n")[0].last_id, "7", "the half event is forgotten");
        reader.feed("retry: 1500\nretry: 1x\nid: \u{0}\n\n");
        assert_eq!((reader.retry(), reader.last_id()), (Some(1500), "7"));
    }

    proptest! {
        #[test]
        fn pieces_do_not_matter(text in "(id: [0-9]{0,2}|data: ?[a-c]{0,3}|event: x|:|)((\r\n|\n|\r)(id: [0-9]{0,2}|data: ?[a-c]{0,3}|event: x|:|)){0,12}", cut in 0usize..60) {
            let cut = cut.min(text.len());
            let mut reader = Reader::default();
            let mut pieces = reader.feed(&text[..cut]);
            pieces.extend(reader.feed(&text[cut..]));
            prop_assert_eq!(pieces, Reader::default().feed(&text));
        }

        #[test]
        fn what_is_written_reads_back(id in proptest::option::of(0u64..1000), data in "[a-z]{0,5}(\n[a-z]{0,5}){0,3}") {
            let events = read(&(write(id, &data) + COMMENT));
            prop_assert_eq!(events, [event("message", &data, &id.map_or_else(String::new, |id| id.to_string()))]);
        }
    }
}
