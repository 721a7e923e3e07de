//! What each read says about the writes: the possible stories behind the value it returned.

use std::collections::BTreeMap;

use crate::check::ground::{Act, Ground, Item, START, ValueId};

/// At most this many stories of a read are considered, the latest first.
const STORIES: usize = 6;

/// At most this many tries to take a text apart.
const TRIES: usize = 4000;

/// A read (or the reading half of a compare-and-set) that can be explained.
pub(super) struct View {
    /// The item that read.
    pub(super) item: u32,
    /// What may have made the value, the latest first; never empty.
    pub(super) stories: Vec<Story>,
    /// Whether there are more stories than were kept: too many, or with writes called only after the read returned.
    pub(super) more: bool,
}

impl View {
    /// Whether it has more than one story.
    pub(super) fn is_unclear(&self) -> bool {
        self.stories.len() > 1 || self.more
    }
}

/// One explanation of a value: these writes of the key, one after the other and nothing between.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Story {
    /// The writes, as items; after the first only appends.
    pub(super) chain: Vec<u32>,
    /// Whether the key was empty before the chain, so that no other write of the key was visible. Otherwise the chain begins
    /// with a write that replaced whatever was there.
    pub(super) exact: bool,
}

/// Every read that some write called before its return (or the empty start) explains, in the order of the history. A read that
/// nothing explains is no matter of sessions: it breaks linearizability and sequential consistency.
pub(super) fn views(ground: &Ground) -> Vec<View> {
    let writers = Writers::new(ground);
    let one = |(index, item): (usize, &Item)| {
        let value = match item.act {
            Act::Read(value) | Act::Swap(value, _) if item.sure => value,
            _ => return None,
        };
        let (stories, more) = writers.stories(index as u32, item, value);
        (!stories.is_empty()).then_some(View { item: index as u32, stories, more })
    };
    ground.items.iter().enumerate().filter_map(one).collect()
}

/// The writes by what they make.
struct Writers<'a> {
    ground: &'a Ground<'a>,
    /// The writes that set a value, by key and value, in the order of their calls.
    setting: BTreeMap<(u32, ValueId), Vec<u32>>,
    /// The appends of each key that has any, by text.
    appending: BTreeMap<u32, Texts>,
}

/// Writes by text, with the lengths that occur.
#[derive(Default)]
struct Texts {
    puts: BTreeMap<String, Vec<u32>>,
    appends: BTreeMap<String, Vec<u32>>,
    put_lengths: Vec<usize>,
    append_lengths: Vec<usize>,
}

impl<'a> Writers<'a> {
    fn new(ground: &'a Ground<'a>) -> Writers<'a> {
        let mut by_call: Vec<u32> = (0..ground.items.len() as u32).collect();
        by_call.sort_by_key(|i| ground.items[*i as usize].start);
        let mut setting: BTreeMap<_, Vec<u32>> = BTreeMap::new();
        let mut appending: BTreeMap<u32, Texts> = BTreeMap::new();
        for index in by_call {
            let item = &ground.items[index as usize];
            match item.act {
                Act::Write(value) | Act::Swap(_, value) => setting.entry((item.key, value)).or_default().push(index),
                Act::Append(text) => appending.entry(item.key).or_default().append(text_of(ground, text), index),
                Act::Read(_) | Act::Keep(_) => {}
            }
        }
        for ((key, value), items) in &setting {
            if let Some(texts) = appending.get_mut(key) {
                texts.puts.insert(text_of(ground, *value), items.clone());
            }
        }
        appending.values_mut().for_each(Texts::measure);
        Writers { ground, setting, appending }
    }

    /// The stories of a value, and whether there are more.
    fn stories(&self, reader: u32, item: &Item, value: ValueId) -> (Vec<Story>, bool) {
        if let Some(texts) = self.appending.get(&item.key) {
            return self.taken_apart(texts, reader, item, value);
        }
        let none = Vec::new();
        let writers = self.setting.get(&(item.key, value)).unwrap_or(&none);
        let called = writers.partition_point(|w| self.ground.items[*w as usize].start < item.end);
        let past = writers[..called].iter().rev().filter(|w| **w != reader);
        let mut stories: Vec<Story> = past.take(STORIES + 1).map(|w| Story { chain: vec![*w], exact: false }).collect();
        if value == START {
            stories.push(Story { chain: Vec::new(), exact: true });
        }
        let later = writers[called..].iter().any(|w| *w != reader);
        let more = later || stories.len() > STORIES;
        stories.truncate(STORIES);
        (stories, more)
    }

    /// The stories of a text that appends made.
    fn taken_apart(&self, texts: &Texts, reader: u32, item: &Item, value: ValueId) -> (Vec<Story>, bool) {
        let text = text_of(self.ground, value);
        let mut apart = Apart { text: &text, texts, reader, chain: Vec::new(), stories: Vec::new(), tries: TRIES };
        apart.begin();
        let (mut stories, tries) = (apart.stories, apart.tries);
        let found = stories.len();
        stories.retain(|s| s.chain.iter().all(|w| self.ground.items[*w as usize].start < item.end));
        let more = tries == 0 || found > STORIES || stories.len() < found;
        stories.truncate(STORIES);
        (stories, more)
    }
}

impl Texts {
    fn append(&mut self, text: String, item: u32) {
        self.appends.entry(text).or_default().push(item);
    }

    fn measure(&mut self) {
        self.append_lengths = lengths(&self.appends);
        self.put_lengths = lengths(&self.puts);
    }
}

fn lengths(texts: &BTreeMap<String, Vec<u32>>) -> Vec<usize> {
    let mut lengths: Vec<usize> = texts.keys().map(String::len).filter(|n| *n > 0).collect();
    lengths.sort_unstable();
    lengths.dedup();
    lengths
}

fn text_of(ground: &Ground, value: ValueId) -> String {
    ground.values.get(value).map_or_else(String::new, ToString::to_string)
}

/// Taking one text apart into writes, each used once.
struct Apart<'a> {
    text: &'a str,
    texts: &'a Texts,
    reader: u32,
    chain: Vec<u32>,
    stories: Vec<Story>,
    tries: usize,
}

impl Apart<'_> {
    fn begin(&mut self) {
        self.go_on(0, true);
        if let Some(items) = self.texts.puts.get("") {
            self.each(items, 0, false);
        }
        for &length in &self.texts.put_lengths {
            if let Some(items) = self.text.get(..length).and_then(|t| self.texts.puts.get(t)) {
                self.each(items, length, false);
            }
        }
    }

    /// Explains the rest of the text from `at` on.
    fn go_on(&mut self, at: usize, exact: bool) {
        if self.tries == 0 || self.stories.len() > STORIES {
            return;
        }
        self.tries -= 1;
        if at == self.text.len() {
            self.stories.push(Story { chain: self.chain.clone(), exact });
            return;
        }
        for &length in &self.texts.append_lengths {
            if let Some(items) = self.text.get(at..at + length).and_then(|t| self.texts.appends.get(t)) {
                self.each(items, at + length, exact);
            }
        }
    }

    fn each(&mut self, items: &[u32], to: usize, exact: bool) {
        for &item in items.iter().rev() {
            if item != self.reader && !self.chain.contains(&item) {
                self.chain.push(item);
                self.go_on(to, exact);
                self.chain.pop();
            }
        }
    }
}
