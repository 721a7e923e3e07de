//! The services that programs may use, as Maelstrom's `service.clj` has them: `lin-kv`, `seq-kv`, `lww-kv` and `lin-tso`.

use std::sync::Arc;

use imbl::Vector;
use serde_json::{Value as Json, json};

use crate::persistent::OrdMap;
use crate::sim::draw::Stream;
use crate::sim::id::NodeId;

use super::body::{self, Object};
use super::message::{Kind, Msg};
use super::{Context, Disk};

/// A service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    /// A linearizable map.
    LinKv,
    /// A sequentially consistent map: reads may be of the past.
    SeqKv,
    /// A map of which the last write wins, on five copies that agree in the end.
    LwwKv,
    /// A source of numbers that only grow.
    LinTso,
}

const NAMES: [(Service, &str); 4] =
    [(Service::LinKv, "lin-kv"), (Service::SeqKv, "seq-kv"), (Service::LwwKv, "lww-kv"), (Service::LinTso, "lin-tso")];

/// How many states of the past `seq-kv` may still show.
const PAST: usize = 32;

/// How many copies `lww-kv` has.
const COPIES: usize = 5;

/// What a map keeps of a key: its value as JSON, and when it was written by the copy's own count.
type Map = OrdMap<String, (u64, Arc<str>)>;

/// What a service keeps.
#[derive(Clone, Debug, Default)]
pub(super) struct Kept {
    /// The states: of `seq-kv` the newest last, of `lww-kv` one for each copy.
    maps: Vector<Map>,
    /// How far `seq-kv` has come, counted in states, and how far each client of it.
    newest: u64,
    seen: OrdMap<NodeId, u64>,
    /// The next number of `lin-tso`; of the others, what the writes are counted by.
    next: u64,
}

impl Service {
    /// The service of this name.
    pub(super) fn named(name: &str) -> Option<Service> {
        NAMES.iter().find(|(_, known)| *known == name).map(|(service, _)| *service)
    }

    /// What it is called.
    pub(super) fn name(self) -> &'static str {
        NAMES.iter().find(|(known, _)| *known == self).map_or("", |(_, name)| name)
    }

    /// What it keeps at the start.
    pub(super) fn begins(self) -> Kept {
        let copies = if self == Service::LwwKv { COPIES } else { 1 };
        Kept { maps: std::iter::repeat_n(Map::new(), copies).collect(), ..Kept::default() }
    }

    pub(super) fn on_message(self, from: NodeId, msg: &Msg, cx: &mut Context<'_>) {
        let Ok(Json::Object(asked)) = serde_json::from_str(&msg.body) else { return };
        let mut draws = cx.rng();
        let done = cx.write(|disk: &mut Disk| {
            let kept = disk.service.as_mut().map(|(_, kept)| kept)?;
            Some(self.answer(from, &asked, kept, &mut draws))
        });
        let mut answer = match done {
            Ok(Some(answer)) => answer,
            _ => error(11, "the disk of the service is full"),
        };
        if let (Some(id), Json::Object(fields)) = (asked.get("msg_id"), &mut answer) {
            fields.insert("in_reply_to".to_string(), id.clone());
        }
        let label = if let Json::Object(fields) = &answer { body::label(fields) } else { String::new() };
        let (src, said) = (self.name().into(), answer.to_string().into());
        cx.send(from, Msg { src, body: said, label: label.into(), kind: Kind::Told });
    }

    fn answer(self, from: NodeId, asked: &Object, kept: &mut Kept, draws: &mut Stream) -> Json {
        match (self, body::text(asked, "type")) {
            (Service::LinTso, "ts") => {
                kept.next += 1;
                json!({"type": "ts_ok", "ts": kept.next - 1})
            }
            (Service::LinTso, _) => error(10, "lin-tso answers `ts`"),
            (_, "read" | "write" | "cas") if !asked.contains_key("key") => error(12, "a `key` is missing"),
            (Service::LinKv, "read" | "write" | "cas") => kept.at(0, asked),
            (Service::SeqKv, "read" | "write" | "cas") => kept.of_the_past(from, asked, draws),
            (Service::LwwKv, "read" | "write" | "cas") => kept.on_a_copy(asked, draws),
            _ => error(10, "a map answers `read`, `write` and `cas`"),
        }
    }
}

fn error(code: i64, text: &str) -> Json {
    json!({"type": "error", "code": code, "text": text})
}

impl Kept {
    /// Asks one of the maps.
    fn at(&mut self, copy: usize, asked: &Object) -> Json {
        let mut map = self.maps.get(copy).cloned().unwrap_or_default();
        let answer = carry_out(&mut map, &mut self.next, asked);
        if copy < self.maps.len() {
            self.maps.set(copy, map);
        }
        answer
    }

    /// What changes nothing may see a state of the past, but none from before what its client has seen.
    fn of_the_past(&mut self, from: NodeId, asked: &Object, draws: &mut Stream) -> Json {
        let oldest = (self.newest + 1).saturating_sub(self.maps.len() as u64);
        let seen = self.seen.get(&from).copied().unwrap_or(0).max(oldest);
        let at = seen + draws.below(self.newest - seen + 1);
        let place = (at - oldest) as usize;
        let mut then = self.maps.get(place).cloned().unwrap_or_default();
        let before = then.clone();
        let answer = carry_out(&mut then, &mut self.next, asked);
        if then == before {
            self.seen.insert(from, at);
            return answer;
        }
        let mut now = self.maps.last().cloned().unwrap_or_default();
        let answer = carry_out(&mut now, &mut self.next, asked);
        self.newest += 1;
        self.seen.insert(from, self.newest);
        self.maps.push_back(now);
        if self.maps.len() > PAST {
            self.maps.pop_front();
        }
        answer
    }

    /// One copy learns from another, and then any of them is asked.
    fn on_a_copy(&mut self, asked: &Object, draws: &mut Stream) -> Json {
        let mut any = || draws.below(self.maps.len().max(1) as u64) as usize;
        let (source, dest, copy) = (any(), any(), any());
        let (theirs, mut ours) = (self.maps[source].clone(), self.maps[dest].clone());
        for (key, value) in &theirs {
            if ours.get(key).is_none_or(|own| own < value) {
                ours.insert(key.clone(), value.clone());
            }
        }
        self.maps.set(dest, ours);
        self.at(copy, asked)
    }
}

fn carry_out(map: &mut Map, clock: &mut u64, asked: &Object) -> Json {
    let key = asked.get("key").map(Json::to_string).unwrap_or_default();
    let field = |name: &str| asked.get(name).cloned().unwrap_or(Json::Null).to_string();
    let mut write = |map: &mut Map, name: &str| {
        *clock += 1;
        map.insert(key.clone(), (*clock, field(name).into()));
    };
    let creates = asked.get("create_if_not_exists") == Some(&Json::Bool(true));
    let now = map.get(&key).map(|(_, value)| value.clone());
    match (body::text(asked, "type"), now) {
        ("read", Some(value)) => json!({"type": "read_ok", "value": serde_json::from_str::<Json>(&value).unwrap_or(Json::Null)}),
        ("write", _) => {
            write(map, "value");
            json!({"type": "write_ok"})
        }
        ("cas", Some(value)) if *value != *field("from") => error(22, &format!("current value {value} is not {}", field("from"))),
        ("cas", Some(_)) => {
            write(map, "to");
            json!({"type": "cas_ok"})
        }
        ("cas", None) if creates => {
            write(map, "to");
            json!({"type": "cas_ok"})
        }
        _ => error(20, "key does not exist"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::draw::{Concern, Draws};

    fn ask(service: Service, kept: &mut Kept, from: u16, asked: &Json, number: u64) -> Json {
        let Json::Object(asked) = asked else { panic!("an object") };
        service.answer(NodeId::server(from), asked, kept, &mut Draws::new(1).at(Concern::Protocol, number))
    }

    #[test]
    fn a_linearizable_map_answers_as_the_documents_say() {
        let mut kept = Service::LinKv.begins();
        let mut told = |asked: Json| ask(Service::LinKv, &mut kept, 0, &asked, 0);
        assert_eq!(told(json!({"type": "read", "key": "x"}))["code"], 20);
        assert_eq!(told(json!({"type": "cas", "key": "x", "from": 0, "to": 1}))["code"], 20);
        assert_eq!(told(json!({"type": "cas", "key": "x", "from": 0, "to": 1, "create_if_not_exists": true}))["type"], "cas_ok");
        assert_eq!(told(json!({"type": "cas", "key": "x", "from": 0, "to": 2}))["code"], 22);
        assert_eq!(told(json!({"type": "write", "key": "x", "value": [1, {"a": null}]}))["type"], "write_ok");
        assert_eq!(told(json!({"type": "read", "key": "x"}))["value"], json!([1, {"a": null}]));
        assert_eq!(told(json!({"type": "ts"}))["code"], 10);
    }

    #[test]
    fn a_sequential_map_shows_the_past_but_never_what_a_client_has_left_behind() {
        let mut kept = Service::SeqKv.begins();
        let (mut stale, mut last) = (0, 0);
        for n in 1..200 {
            ask(Service::SeqKv, &mut kept, 0, &json!({"type": "write", "key": "x", "value": n}), n);
            let own = ask(Service::SeqKv, &mut kept, 0, &json!({"type": "read", "key": "x"}), n + 1000);
            assert_eq!(own["value"], n, "whoever wrote sees what it wrote");
            let theirs = ask(Service::SeqKv, &mut kept, 1, &json!({"type": "read", "key": "x"}), n + 2000);
            let theirs = theirs["value"].as_u64().unwrap_or(0);
            assert!(theirs >= last, "{theirs} after {last}");
            stale += u64::from(theirs < n);
            last = theirs;
        }
        assert!(stale > 50, "others see the past: {stale}");
    }

    #[test]
    fn numbers_of_the_oracle_grow() {
        let mut kept = Service::LinTso.begins();
        let told: Vec<Json> = (0..3).map(|n| ask(Service::LinTso, &mut kept, 0, &json!({"type": "ts"}), n)["ts"].clone()).collect();
        assert_eq!(told, [0, 1, 2]);
    }
}
