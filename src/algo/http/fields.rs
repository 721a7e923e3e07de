//! Header fields: names without case, values as lists.

use std::sync::Arc;

/// Fields that concern one connection only, whatever `Connection` names (RFC 9110, section 7.6.1).
const HOP_BY_HOP: [&str; 7] = ["connection", "proxy-connection", "keep-alive", "te", "transfer-encoding", "upgrade", "proxy-authorization"];

/// Header fields in their order. A name may stand there more than once: the values are one list then (RFC 9110, section 5.3).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fields(Vec<(Arc<str>, Arc<str>)>);

impl Fields {
    /// None.
    pub fn new() -> Fields {
        Fields::default()
    }

    /// Every field, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (&**name, &**value))
    }

    /// The values of all fields of this name, in one list; `None`: there is none.
    pub fn get(&self, name: &str) -> Option<String> {
        let values: Vec<&str> = self.iter().filter(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value).collect();
        (!values.is_empty()).then(|| values.join(", "))
    }

    /// Whether there is one of this name.
    pub fn has(&self, name: &str) -> bool {
        self.iter().any(|(known, _)| known.eq_ignore_ascii_case(name))
    }

    /// The values of the fields of this name, each by itself: a quote that never ends in one does not reach into the next.
    pub fn lines(&self, name: &str) -> impl Iterator<Item = &str> {
        self.iter().filter(move |(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// The members of the list that the fields of this name make.
    pub fn list(&self, name: &str) -> Vec<String> {
        self.lines(name).flat_map(members).map(str::to_string).collect()
    }

    /// Takes the fields of this name away and puts one in their place.
    pub fn set(&mut self, name: &str, value: &str) {
        self.remove(name);
        self.push(name, value);
    }

    /// One more field at the end.
    pub fn push(&mut self, name: &str, value: &str) {
        self.0.push((name.into(), value.into()));
    }

    /// One more member at the end of the list of this name; in a field of its own where a quote before it has no end and would swallow it.
    pub fn append(&mut self, name: &str, member: &str) {
        if self.lines(name).any(is_open) {
            return self.push(name, member);
        }
        let list = self.get(name).map_or_else(|| member.to_string(), |before| format!("{before}, {member}"));
        self.set(name, &list);
    }

    /// Takes the fields of this name away.
    pub fn remove(&mut self, name: &str) {
        self.0.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
    }

    /// What a proxy may pass on: all but the fields of this connection and those that `Connection` names.
    pub fn end_to_end(&self) -> Fields {
        let named = self.list("connection");
        let is_hop = |name: &str| {
            HOP_BY_HOP.iter().any(|hop| name.eq_ignore_ascii_case(hop)) || named.iter().any(|hop| name.eq_ignore_ascii_case(hop))
        };
        Fields(self.0.iter().filter(|(name, _)| !is_hop(name)).cloned().collect())
    }

    /// How many bytes they take: `name: value` and the end of the line.
    pub fn bytes(&self) -> u64 {
        self.iter().map(|(name, value)| (name.len() + value.len() + 4) as u64).sum()
    }
}

/// The members of a list. Commas in quotes part nothing, and empty members count for nothing (RFC 9110, section 5.6.1).
pub(super) fn members(text: &str) -> impl Iterator<Item = &str> {
    parts(text, ',').map(str::trim).filter(|part| !part.is_empty())
}

/// The parts of a text between these signs outside quotes.
pub(super) fn parts(text: &str, sign: char) -> impl Iterator<Item = &str> {
    let (mut quoted, mut escaped) = (false, false);
    text.split(move |c: char| {
        let parts = c == sign && !quoted;
        (quoted, escaped) = match c {
            _ if escaped => (quoted, false),
            '\\' => (quoted, quoted),
            '"' => (!quoted, false),
            _ => (quoted, false),
        };
        parts
    })
}

/// Whether a quote begins in a text that does not end in it.
fn is_open(text: &str) -> bool {
    let (mut quoted, mut escaped) = (false, false);
    for c in text.chars() {
        (quoted, escaped) = match c {
            _ if escaped => (quoted, false),
            '\\' => (quoted, quoted),
            '"' => (!quoted, false),
            _ => (quoted, false),
        };
    }
    quoted
}

/// A token or a quoted string as the text that it stands for; `None`: it is neither (RFC 9110, sections 5.6.2 and 5.6.4).
pub(super) fn unquoted(text: &str) -> Option<String> {
    let Some(rest) = text.strip_prefix('"') else { return is_token(text).then(|| text.to_string()) };
    let (mut out, mut chars) = (String::new(), rest.chars());
    loop {
        match chars.next()? {
            '"' => return chars.next().is_none().then_some(out),
            '\\' => out.push(chars.next()?),
            c => out.push(c),
        }
    }
}

/// A text as a token, or in quotes where it is none.
pub(super) fn quoted(text: &str) -> String {
    if is_token(text) {
        return text.to_string();
    }
    let escaped: String = text.chars().flat_map(|c| matches!(c, '"' | '\\').then_some('\\').into_iter().chain([c])).collect();
    format!("\"{escaped}\"")
}

/// Whether it is a token.
pub(super) fn is_token(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c))
}
