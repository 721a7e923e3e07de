//! The commands that make a key what it is: how it goes to another server.

use super::args::{Argv, Text};
use super::entry::Entry;
use super::value::Value;

/// The commands, in order. None of them hangs on what time it is.
pub fn rebuild(key: &Text, entry: &Entry) -> Vec<Argv> {
    let words: Vec<Text> = match &entry.value {
        Value::String(text) => vec![text.clone()],
        Value::List(list) => list.iter().cloned().collect(),
        Value::Hash(hash) => hash.iter().flat_map(|(field, value)| [field.clone(), value.clone()]).collect(),
        Value::Set(set) => set.members.iter().map(|(member, ())| member.clone()).collect(),
        Value::Sorted(sorted) => sorted.iter().flat_map(|(score, member)| [score.to_string().into(), member.clone()]).collect(),
    };
    let name = match &entry.value {
        Value::String(_) => "SET",
        Value::List(_) => "RPUSH",
        Value::Hash(_) => "HSET",
        Value::Set(_) => "SADD",
        Value::Sorted(_) => "ZADD",
    };
    let whole = [Text::from(name), key.clone()].into_iter().chain(words).collect();
    let expires = entry.expires.map(|at| super::args::argv(&["PEXPIREAT", key, &at.to_string()]));
    std::iter::once(whole).chain(expires).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::algo::redis::{Around, Expiry, Keyspace, Server, apply, words};

    #[test]
    fn every_type_is_made_again() {
        let (mut server, mut copy) = (Server::default(), Keyspace::default());
        let around = Around { now: 1000, expiry: Expiry::Deletes, passes_lengths: false };
        let lines = [
            "SET s \"two words\" PX 5000",
            "RPUSH l a b a",
            "HSET h f 1 g 2",
            "SADD t 3 x 1",
            "SADD n 30 4",
            "ZADD z 1.5 a inf b -2 c",
            "EXPIRE l 9",
        ];
        for line in lines {
            let told = server.serve(1, &words(line).expect("a line").into(), around, &|_| None).reply;
            assert!(told.is_some_and(|reply| reply.error().is_none()), "{line}");
        }
        for (key, entry) in server.keys.iter() {
            for argv in rebuild(key, entry) {
                apply(&mut copy, &argv, Around { now: 900_000, expiry: Expiry::Ignores, passes_lengths: false });
            }
        }
        assert!(copy.same_data(&server.keys));
    }
}
