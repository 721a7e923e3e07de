//! What can come next in a command: the palette's completion, from the table of verbs.

use std::collections::BTreeSet;

use super::Vocabulary;
use super::language::{REST, is_slot};
use super::tokens::{Token, Tokens};
use super::verbs::Verb;
use crate::near::near;
use crate::sim::arrivals_text as arrivals;
use crate::sim::dist;
use crate::sim::id::NodeId;
use crate::sim::time::Span;

/// A word that can stand at the end of what was typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completion {
    /// The word.
    pub text: String,
    /// Where it goes, in bytes from the start of the text: it takes the place of everything from there on.
    pub start: usize,
    /// A few words: what the verb does, what the message says, what the setting takes.
    pub about: String,
}

impl Completion {
    /// The text with the word in its place, and a space for the next one.
    pub fn applied(&self, text: &str) -> String {
        format!("{}{} ", text.get(..self.start).unwrap_or(text), self.text)
    }
}

/// The longest text that is completed, in bytes: what was pasted is not, so that typing never waits.
const LENGTH_MAX: usize = 4096;

/// The words that can stand at the end of `text`: those that go on from its last word, or else the one nearest to it.
/// In the order of the table of verbs and of the cluster; empty when anything can be typed, or nothing.
pub fn complete(text: &str, vocabulary: &Vocabulary) -> Vec<Completion> {
    if text.len() > LENGTH_MAX {
        return Vec::new();
    }
    if text.trim_start().starts_with("until ") {
        return condition(text, vocabulary);
    }
    let Some((typed, last)) = split(text) else { return Vec::new() };
    let (partial, start) = last.map_or((String::new(), text.len()), |token| (token.text, token.start));
    let mut offers = Offers { start, found: Vec::new() };
    for verb in vocabulary.language.all() {
        for form in verb.forms {
            for slot in spelled(form).iter().flat_map(|slots| reached(slots, verb, &typed)) {
                offers.slot(slot, verb, form, &typed, vocabulary);
            }
        }
    }
    offers.fitting(&partial)
}

/// The words of a form. What takes several words stands there in each way in which it can be spelled.
fn spelled(form: &'static str) -> Vec<Vec<&'static str>> {
    let words = |text: &'static str| text.split(' ').collect::<Vec<_>>();
    let Some((before, after)) = form.split_once("ARRIVALS") else { return vec![words(form)] };
    let ways = arrivals::FORMS.iter().map(|(way, ..)| [words(before.trim_end()), words(way), words(after.trim_start())].concat());
    ways.map(|way| way.into_iter().filter(|word| !word.is_empty()).collect()).collect()
}

/// The finished words, and the one that is still being typed.
fn split(text: &str) -> Option<(Vec<Token>, Option<Token>)> {
    let mut tokens = Tokens::new(text);
    let mut typed = Vec::new();
    loop {
        let (start, rest) = tokens.clone().ahead();
        match tokens.next() {
            Ok(Some(token)) => typed.push(token),
            Ok(None) => break,
            // A text in quotes that are not closed yet is still being typed.
            Err(_) if rest.starts_with('"') => {
                let open = Token { start, end: text.len(), text: rest.to_string(), quoted: true };
                return Some((typed, Some(open)));
            }
            Err(_) => return None,
        }
    }
    let open = typed.last().is_some_and(|token| token.end == text.len());
    let last = if open { typed.pop() } else { None };
    Some((typed, last))
}

/// The slots of a form that can come after the words typed.
fn reached<'a>(slots: &[&'a str], verb: &Verb, typed: &[Token]) -> Vec<&'a str> {
    let mut places = BTreeSet::from([0]);
    for token in typed {
        let mut next = BTreeSet::new();
        for place in places {
            let Some(slot) = slots.get(place) else { continue };
            if if *slot == verb.name { token.is(slot) } else { takes(slot, token) } {
                next.insert(place + 1);
                next.extend(matches!(*slot, "PLACES" | "..." | REST).then_some(place));
            }
        }
        // Nothing more need come where more of the same can.
        let passed: Vec<usize> = next.iter().filter(|place| slots.get(**place) == Some(&"...")).map(|place| place + 1).collect();
        next.extend(passed);
        places = next;
    }
    places.into_iter().filter_map(|place| slots.get(place).copied()).collect()
}

/// Whether a finished word can fill a slot.
fn takes(slot: &str, token: &Token) -> bool {
    let arrow = token.is("|") || token.is("->");
    match slot {
        "CLIENT" => token.text.parse::<NodeId>().is_ok_and(NodeId::is_client),
        "PLACE" | "PLACES" | "MESSAGE" => !arrow && !token.is("all"),
        "..." => token.text.parse::<Span>().is_ok(),
        // Else it would be any word that begins another way to say when requests come.
        "RATE" => token.text.ends_with("/s"),
        _ if is_slot(slot) => !arrow,
        _ => token.is(slot),
    }
}

/// Collects words, each once.
struct Offers {
    start: usize,
    found: Vec<Completion>,
}

impl Offers {
    fn add(&mut self, text: impl Into<String>, about: impl Into<String>) {
        let text = text.into();
        if !self.found.iter().any(|known| known.text == text) {
            self.found.push(Completion { text, start: self.start, about: about.into() });
        }
    }

    fn slot(&mut self, slot: &str, verb: &Verb, form: &str, typed: &[Token], vocabulary: &Vocabulary) {
        let unused = |name: &String| !typed.iter().any(|token| token.text == *name);
        match slot {
            // A verb may be spelled in capitals, as slots are.
            _ if slot == verb.name => self.add(slot, verb.about),
            "PLACE" | "PLACES" => self.places(vocabulary, unused),
            "SERVER" => self.nodes(&vocabulary.nodes, "server", unused),
            "NEW" => self.add(NodeId::server(vocabulary.nodes.len() as u16).to_string(), "the next server"),
            "CLIENT" => self.nodes(&vocabulary.clients, "client", unused),
            "MESSAGE" => vocabulary.messages.iter().for_each(|(id, label)| self.add(id.to_string(), label)),
            "TIMER" => self.timers(vocabulary, typed),
            "SETTING" => vocabulary.settings.iter().for_each(|s| self.add(&s.name, &s.about)),
            "VALUE" if verb.name == "set" => self.setting_words(vocabulary, typed),
            "KEY" => self.keys(vocabulary),
            "DIST" => dist::examples().for_each(|example| self.add(example, "how long messages take")),
            "CALLS" => self.calls(vocabulary),
            "KEYS" => {
                self.add("zipf(0.99)", "some keys much more often");
                self.add("uniform(20)", "all keys equally often");
                self.keys(vocabulary);
            }
            _ if is_slot(slot) => {
                let offers = vocabulary.language.call(verb.name).map(|call| call.offers).filter(|(of, _)| *of == slot);
                let own = offers.map_or(&[][..], |(_, texts)| texts);
                examples(slot).iter().chain(own).for_each(|(text, about)| self.add(*text, *about));
            }
            "..." => {}
            _ => self.add(slot, arrivals_about(slot, form).unwrap_or(form)),
        }
    }

    fn places(&mut self, vocabulary: &Vocabulary, unused: impl Fn(&String) -> bool + Copy) {
        self.nodes(&vocabulary.nodes, "server", unused);
        self.nodes(&vocabulary.clients, "client", unused);
        vocabulary.names.iter().filter(|name| unused(name)).for_each(|name| self.add(name, "server"));
        vocabulary.zones.iter().filter(|zone| unused(zone)).for_each(|zone| self.add(zone, "every node of this zone"));
    }

    fn nodes(&mut self, nodes: &[NodeId], about: &str, unused: impl Fn(&String) -> bool) {
        nodes.iter().map(NodeId::to_string).filter(unused).for_each(|node| self.add(node, about));
    }

    /// Of the node typed before.
    fn timers(&mut self, vocabulary: &Vocabulary, typed: &[Token]) {
        let node = typed.last().and_then(|token| token.text.parse::<NodeId>().ok());
        let of_node = vocabulary.timers.iter().filter(|(id, _)| node.is_none_or(|node| node == *id));
        of_node.flat_map(|(_, names)| names).for_each(|name| self.add(name, "timer"));
    }

    /// Of the setting typed before.
    fn setting_words(&mut self, vocabulary: &Vocabulary, typed: &[Token]) {
        let name = typed.last().map_or("", |token| token.text.as_str());
        for setting in vocabulary.settings.iter().filter(|setting| setting.name == name) {
            setting.words.iter().for_each(|word| self.add(word, &setting.takes));
        }
    }

    fn calls(&mut self, vocabulary: &Vocabulary) {
        let calls = vocabulary.language.calls;
        if let [first, second, ..] = calls {
            self.add(format!("{}:{}", first.verb.name, second.verb.name), "either, as often as the weights say");
        }
        for call in calls {
            self.add(call.verb.name, call.verb.about);
        }
    }

    fn keys(&mut self, vocabulary: &Vocabulary) {
        vocabulary.keys.iter().for_each(|key| self.add(key, "key"));
    }

    fn fitting(mut self, partial: &str) -> Vec<Completion> {
        if partial.starts_with('"') {
            // In a statement capitals and small letters are the same, and a near one would be another statement.
            let goes_on = |c: &Completion| c.text.get(..partial.len()).is_some_and(|start| start.eq_ignore_ascii_case(partial));
            self.found.retain(goes_on);
            return self.found;
        }
        let nearest = near(partial, self.found.iter().map(|c| c.text.as_str())).map(str::to_string);
        let any = self.found.iter().any(|c| c.text.starts_with(partial));
        self.found.retain(|c| if any { c.text.starts_with(partial) } else { Some(&c.text) == nearest.as_ref() });
        self.found
    }
}

/// What the first word of a process of arrivals means.
fn arrivals_about(word: &str, form: &str) -> Option<&'static str> {
    let begins = |way: &str| way.split(' ').next() == Some(word);
    arrivals::FORMS.iter().find(|(way, ..)| form.contains("ARRIVALS") && begins(way)).map(|(.., about)| *about)
}

/// Words to start from where any number of the right form can stand.
fn examples(slot: &str) -> &'static [(&'static str, &'static str)] {
    match slot {
        "FACTOR" => &[("10x", "ten times as slow"), ("1x", "normal")],
        "OFFSET" => &[("+3s", "ahead"), ("-3s", "behind")],
        "PPM" => &[("+200ppm", "fast"), ("-200ppm", "slow")],
        "PROBABILITY" => &[("0", "never"), ("0.1", "one in ten"), ("0.5", "every other"), ("1", "always")],
        "BANDWIDTH" => &[("1MB/s", "bytes per second"), ("unlimited", "no limit")],
        "RATE" => &[("10/s", "requests per second, on average"), ("100/s", "requests per second, on average")],
        "N" => &[("20", "how many")],
        "WEIGHTS" => &[("9:1", "mostly the first"), ("1:1", "half and half"), ("0:1", "only the second")],
        "SPAN" => &[("100ms", "virtual time"), ("1s", "virtual time"), ("10s", "virtual time")],
        "EXPECTED" => &[("nil", "nothing is there")],
        _ => &[],
    }
}

/// What stands before the name of a setting in a condition.
const SETTING: &str = "setting.";

/// The settings, where the name of one is begun at the end of a condition: `setting.try-`.
fn settings(text: &str, vocabulary: &Vocabulary) -> Option<Vec<Completion>> {
    let in_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    let begun = text.rfind(|c| !in_name(c)).map_or(0, |at| at + text[at..].chars().next().map_or(1, char::len_utf8));
    let word = text[begun..].strip_prefix(SETTING)?;
    let mut offers = Offers { start: begun + SETTING.len(), found: Vec::new() };
    for (name, about) in &vocabulary.facts {
        name.strip_prefix(SETTING).into_iter().for_each(|name| offers.add(name, about));
    }
    Some(offers.fitting(word))
}

/// Facts and guarantees, in place of the name at the end.
fn condition(text: &str, vocabulary: &Vocabulary) -> Vec<Completion> {
    if let Some(offers) = settings(text, vocabulary) {
        return offers;
    }
    let in_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let start = text.rfind(|c| !in_name(c)).map_or(0, |at| at + text[at..].chars().next().map_or(1, char::len_utf8));
    let mut offers = Offers { start, found: Vec::new() };
    let (before, word) = text.split_at(start);
    let after_value = before.strip_suffix('.').is_some_and(|value| value.ends_with(|c| in_name(c) || matches!(c, ']' | ')' | '"' | '\'')));
    if after_value {
        offers.nodes(&vocabulary.nodes, "the number of this server", |_| true);
    }
    for (name, about) in vocabulary.facts.iter().filter(|(name, _)| !name.starts_with(SETTING)) {
        let method = name.strip_prefix('.');
        if method.is_some() == after_value {
            offers.add(method.unwrap_or(name), about);
        }
    }
    if !after_value && vocabulary.facts.iter().any(|(name, _)| name.starts_with(SETTING)) {
        offers.add(SETTING, "a setting as it is now, by its name");
    }
    offers.fitting(word)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::SettingName;
    use crate::command::arbitrary::LANGUAGE;
    use crate::sim::id::MsgId;
    use proptest::prelude::*;

    fn vocabulary() -> Vocabulary {
        Vocabulary {
            language: LANGUAGE,
            names: Vec::new(),
            nodes: (0..3).map(NodeId::server).collect(),
            clients: vec![NodeId::client(0)],
            zones: vec!["eu".to_string()],
            settings: vec![SettingName {
                name: "replication".to_string(),
                words: vec!["async".to_string(), "sync".to_string()],
                ..SettingName::default()
            }],
            timers: (0..2).map(|n| (NodeId::server(n), vec!["election".to_string()])).collect(),
            messages: vec![(MsgId(12), "append x=1".to_string())],
            keys: vec!["x".to_string()],
            facts: [("leaders", "nodes that lead"), ("max_over", "the greatest"), (".exists", "some"), ("setting.try-timeout", "how long")]
                .map(|(name, about)| (name.to_string(), about.to_string()))
                .to_vec(),
        }
    }

    fn words(text: &str) -> Vec<String> {
        complete(text, &vocabulary()).into_iter().map(|c| c.text).collect()
    }

    #[test]
    fn the_next_word_is_offered() {
        for (text, offered) in [
            ("cr", "crash"),
            ("crsh", "crash"),
            ("crash ", "n1 n2 n3 c1 eu"),
            ("crash n", "n1 n2 n3"),
            ("crash n1 ", "losing wiping"),
            ("crash n1 losing ", "unsynced"),
            ("cut n1 ", "n2 n3 c1 eu | ->"),
            ("cut n1 | ", "n2 n3 c1 eu"),
            ("cut n1 | n2 ", "n3 c1 eu"),
            ("drop ", "#12"),
            ("hold ", "#12 all"),
            ("latency n1 ", "-> |"),
            ("latency all e", "exp(20ms)"),
            ("fire n2 ", "election"),
            ("fire n3 ", ""),
            ("set ", "replication"),
            ("set replication a", "async"),
            ("c1 ", "write read cas append sql"),
            ("c1 read ", "x"),
            ("c1 read x ", "from"),
            ("c1 read x from ", "n1 n2 n3"),
            ("workload c1 ", "10/s 100/s steady bursts ramp wave closed at off"),
            ("workload c1 bursts of 50 ", "every"),
            ("workload c1 ramp 10/s to 100/s ", "over"),
            ("workload c1 closed 20 think e", "exp(20ms)"),
            ("workload c1 at 10ms w", "write:read write"),
            ("until lea", "leaders"),
            ("until \"x > 1 && ", "leaders max_over setting."),
            ("until setting.", "try-timeout"),
            ("until \"x > 1 && setting.try-t", "try-timeout"),
            ("until ma", "max_over"),
            ("until lag.", "n1 n2 n3 exists"),
            ("until lag.e", "exists"),
            ("run 1", "100ms 1s 10s"),
            ("bogus n1 ", ""),
            ("crash \"n", ""),
        ] {
            assert_eq!(words(text).join(" "), offered, "{text}");
        }
        let statements = words("c1 sql ");
        let is_whole = |text: &String| LANGUAGE.parse(&format!("c1 sql {text}")).is_ok();
        assert!(statements.len() >= 5 && statements.iter().filter(|word| *word != "STATEMENT").all(is_whole), "{statements:?}");
        for begun in ["\"UPD", "\"upd", "\"UPDATE "] {
            let going_on = words(&format!("c1 sql {begun}"));
            assert!(!going_on.is_empty() && going_on.iter().all(|text| text.starts_with("\"UPDATE ")), "{begun}: {going_on:?}");
        }
        assert!(words("c1 sql \"nothing like it").is_empty());
        let whole = &complete("c1 sql \"upd", &vocabulary())[0].applied("c1 sql \"upd");
        assert!(LANGUAGE.parse(whole).is_ok(), "{whole}");
        assert!(words("").len() >= 20);
        let crash = &complete("cr", &vocabulary())[0];
        assert_eq!((crash.applied("cr").as_str(), crash.about.is_empty()), ("crash ", false));
        assert_eq!(complete("drop #", &vocabulary())[0].about, "append x=1");
        assert_eq!(complete("until \"lea", &vocabulary())[0].applied("until \"lea"), "until \"leaders ");
    }

    #[test]
    fn every_form_can_be_reached_by_completion() {
        let forms = LANGUAGE.all().flat_map(|verb| verb.forms);
        for form in forms.flat_map(|form| spelled(form)).map(|words| words.join(" ").replace(" ...", "")) {
            let mut text = String::new();
            for slot in form.split(' ') {
                let offers = complete(&text, &vocabulary());
                let word = if slot == "CLIENT" { "c1" } else { slot };
                let offer = offers.iter().find(|c| c.text == word);
                let free = ["VALUE", "COUNT", "NUMBER"].contains(&slot);
                let word = offer.or(offers.first().filter(|_| is_slot(slot)));
                assert!(word.is_some() || free, "{form}: nothing for {slot} after `{text}`");
                text.push_str(word.map_or("7", |c| &c.text));
                text.push_str(if slot == "CONDITION" { " > 1" } else { " " });
            }
            assert!(LANGUAGE.parse(&text).is_ok(), "{form}: {text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_can_be_completed(text in "(until |crash |cut n1 |c1 )?\\PC{0,20}") {
            for completion in complete(&text, &vocabulary()) {
                prop_assert!(completion.applied(&text).contains(&completion.text));
            }
        }
    }
}
