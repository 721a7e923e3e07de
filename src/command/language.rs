//! What one model adds to the language: the calls of its clients and the verbs of its operators, as tables of forms.
//!
//! A form is read, completed and printed from its words alone: small ones stand as they are, those in capitals are slots.

use std::fmt::{self, Display, Formatter};

use super::print;
use super::verbs::{VERBS, Verb};
use super::{Command, Place, Poke};
use crate::check::operation::{Key, Value};
use crate::sim::time::Span;

/// The calls and verbs of a model, beside the verbs that every cluster has.
#[derive(Clone, Copy, Debug, Default)]
pub struct Language {
    /// What clients ask: every form starts with `CLIENT`.
    pub calls: &'static [CallDoc],
    /// What an operator does.
    pub verbs: &'static [VerbDoc],
}

/// One thing that clients of a model can ask.
#[derive(Clone, Copy, Debug)]
pub struct CallDoc {
    /// Its word, forms (`CLIENT write KEY VALUE`, and `... to SERVER` where a server can be named), example and meaning.
    pub verb: Verb,
    /// The key of the keyboard that offers it.
    pub key: Option<char>,
    /// Whether it can change anything.
    pub changes: bool,
    /// How often random clients ask it, relative to the others; 0: never.
    pub weight: u32,
    /// Whether random clients use a key that nothing else touches, with values that end in a comma: what is appended stays apart.
    pub apart: bool,
    /// More examples, that random clients ask like that of the verb.
    pub also: &'static [&'static str],
    /// Whether this is asked to see whether a cluster takes changes again: one that no rule of the model refuses. Without any it is the
    /// first that changes something.
    pub probe: bool,
    /// The name of a slot, and texts that can fill it, each with a few words, for completion. Where there are none: no name.
    pub offers: (&'static str, &'static [(&'static str, &'static str)]),
}

/// One thing that an operator of a model can do.
#[derive(Clone, Copy, Debug)]
pub struct VerbDoc {
    /// Its word, forms, example and meaning.
    pub verb: Verb,
    /// The key of the keyboard that offers it.
    pub key: Option<char>,
}

impl CallDoc {
    /// The numbers of its forms, those that only name a server as well left out.
    pub fn own_forms(&self) -> impl Iterator<Item = u8> + use<> {
        (0..).zip(self.verb.forms).filter(|(_, form)| tail(form).is_none()).map(|(number, _)| number)
    }

    /// A call with everything filled in: keys and values by these, the rest as the example has it.
    pub fn filled(&'static self, form: u8, key: &Key, fresh: &Value, expected: Option<&Value>) -> Call {
        self.filled_as(self.verb.example, form, key, fresh, expected)
    }

    /// The same with the rest from another example.
    pub fn filled_as(&'static self, example: &str, form: u8, key: &Key, fresh: &Value, expected: Option<&Value>) -> Call {
        let alone = Language { calls: std::slice::from_ref(self), verbs: &[] };
        let example = match alone.parse(example) {
            Ok(Command::Poke(Poke::Ask { call, .. })) => call.args,
            _ => Vec::new(),
        };
        let blank = Call { verb: &self.verb, form, args: Vec::new() };
        let args = blank.slots().enumerate().flat_map(|(at, slot)| match slot {
            "KEY" => vec![Arg::from(key)],
            "VALUE" => vec![Arg::Value(fresh.clone())],
            "EXPECTED" => vec![expected.map_or(Arg::Nil, |value| Arg::Value(value.clone()))],
            REST if at < example.len() => example[at..].to_vec(),
            _ => vec![example.get(at).cloned().unwrap_or_else(|| Arg::Value(fresh.clone()))],
        });
        Call { args: args.collect(), ..blank }
    }

    /// Whether one of its forms names the server that is asked.
    pub fn names_server(&self) -> bool {
        self.verb.forms.iter().any(|form| tail(form).is_some())
    }
}

impl Language {
    /// The call of this name.
    pub fn call(&self, name: &str) -> Option<&'static CallDoc> {
        self.calls.iter().find(|call| call.verb.name == name)
    }

    /// The verb of this name that the model adds.
    pub fn own(&self, name: &str) -> Option<&'static VerbDoc> {
        self.verbs.iter().find(|own| own.verb.name == name)
    }

    /// Every verb: those of all clusters, those of the model's operators, and its calls.
    pub fn all(&self) -> impl Iterator<Item = &'static Verb> + use<> {
        VERBS.iter().chain(self.verbs.iter().map(|own| &own.verb)).chain(self.calls.iter().map(|call| &call.verb))
    }
}

/// A word of a call, as it was typed.
#[derive(Clone, Debug, PartialEq)]
pub enum Arg {
    /// `nil`: nothing is there.
    Nil,
    /// A key, a value, a number or any other word.
    Value(Value),
    /// A node or a zone.
    Place(Place),
    /// A length of time.
    Span(Span),
}

impl Arg {
    /// The text of a key.
    pub fn key(&self) -> Option<Key> {
        match self {
            Arg::Value(Value::Text(text)) => Some(text.clone()),
            Arg::Value(Value::Int(n)) => Some(n.to_string().into()),
            _ => None,
        }
    }

    /// The value; `None` for `nil` and for what is none.
    pub fn value(&self) -> Option<&Value> {
        if let Arg::Value(value) = self { Some(value) } else { None }
    }

    /// The place.
    pub fn place(&self) -> Option<&Place> {
        if let Arg::Place(place) = self { Some(place) } else { None }
    }
}

impl From<&Key> for Arg {
    fn from(key: &Key) -> Arg {
        Arg::Value(Value::Text(key.clone()))
    }
}

impl From<Value> for Arg {
    fn from(value: Value) -> Arg {
        Arg::Value(value)
    }
}

/// A verb of a model with its words: `write x 7`, `promote n2`.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// Which.
    pub verb: &'static Verb,
    /// Which of its forms.
    pub form: u8,
    /// What fills its slots, in order; where the last stands for several words, each of them. The client before it and the server behind
    /// it are not among them.
    pub args: Vec<Arg>,
}

impl Call {
    /// Whether a verb has the form of this call.
    pub fn has_a_form_of(&self, verb: &Verb) -> bool {
        let at = usize::from(self.form);
        verb.forms.get(at).is_some_and(|form| self.verb.forms.get(at) == Some(form))
    }

    /// A call in the first form of a verb.
    pub fn new(verb: &'static Verb, args: Vec<Arg>) -> Call {
        Call { verb, form: 0, args }
    }

    /// Its form, word by word.
    pub fn words(&self) -> impl Iterator<Item = &'static str> + use<> {
        inner(self.verb.forms.get(usize::from(self.form)).copied().unwrap_or_default())
    }

    /// In a few letters, for a narrow place: the first of its word, and its value if it has one: `w7`, `r`. A command of another system,
    /// written in capitals, keeps its name: `GET`.
    pub fn brief(&self) -> String {
        if self.verb.name.starts_with(char::is_uppercase) {
            return self.verb.name.to_string();
        }
        let value = self.get("VALUE").and_then(Arg::value).map(Value::to_string).unwrap_or_default();
        format!("{}{value}", &self.verb.name[..self.verb.name.chars().next().map_or(0, char::len_utf8)])
    }

    /// The slots of its form.
    pub fn slots(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.words().filter(|word| is_slot(word))
    }

    /// The slots of its form with what fills them.
    pub fn filled(&self) -> impl Iterator<Item = (&'static str, &Arg)> {
        self.slots().zip(&self.args)
    }

    /// The same, to be changed.
    pub fn filled_mut(&mut self) -> impl Iterator<Item = (&'static str, &mut Arg)> {
        self.slots().zip(&mut self.args)
    }

    /// What fills the first slot of this name: the key of a call by `KEY`.
    pub fn get(&self, slot: &str) -> Option<&Arg> {
        self.filled().find(|(name, _)| *name == slot).map(|(_, arg)| arg)
    }
}

impl Display for Call {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(self.verb.name)?;
        let mut args = self.args.iter();
        for word in self.words() {
            f.write_str(" ")?;
            match args.as_slice().first() {
                Some(_) if word == REST => {
                    for (at, arg) in args.by_ref().enumerate() {
                        f.write_str(if at > 0 { " " } else { "" })?;
                        print::arg(f, word, arg)?;
                    }
                }
                Some(arg) if is_slot(word) => {
                    print::arg(f, word, arg)?;
                    args.next();
                }
                _ => f.write_str(word)?,
            }
        }
        Ok(())
    }
}

/// The slot of any number of words, the last of its form.
pub(super) const REST: &str = "WORDS";

/// Whether a word of a form is a slot.
pub(super) fn is_slot(word: &str) -> bool {
    word.bytes().all(|b| b.is_ascii_uppercase())
}

/// The words of a form after the client and the verb, without the server at its end.
pub(super) fn inner(form: &'static str) -> impl Iterator<Item = &'static str> {
    let form = tail(form).map_or(form, |word| form.trim_end_matches("SERVER").trim_end().trim_end_matches(word).trim_end());
    let form = form.strip_prefix("CLIENT ").unwrap_or(form);
    form.split(' ').skip(1)
}

/// The word before the server that ends a form: `to` or `from`.
pub(super) fn tail(form: &str) -> Option<&'static str> {
    ["to", "from"].into_iter().find(|word| form.strip_suffix(" SERVER").is_some_and(|rest| rest.ends_with(&format!(" {word}"))))
}
