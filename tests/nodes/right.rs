//! A node that is right for every workload: what must outlive it is kept by the services, and sets and counters are told to everybody
//! again and again.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, BufRead as _, Write as _};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

/// What a node knows. Counters are kept by node, so that hearing one twice does no harm.
#[derive(Default)]
struct Known {
    me: String,
    all: Vec<String>,
    sent: u64,
    waiting: BTreeMap<u64, Sender<Value>>,
    messages: BTreeSet<i64>,
    counters: BTreeMap<String, i64>,
}

#[derive(Clone, Default)]
struct Node(Arc<Mutex<Known>>);

/// How long a service may take.
const PATIENCE: Duration = Duration::from_secs(1);

/// Answers until nobody asks any more.
pub(crate) fn run() -> io::Result<()> {
    let node = Node::default();
    for line in io::stdin().lock().lines() {
        let message: Value = serde_json::from_str(&line?)?;
        let answered = message["body"]["in_reply_to"].as_u64();
        match answered.map(|number| node.known().waiting.remove(&number)) {
            Some(Some(waiting)) => _ = waiting.send(message["body"].clone()),
            Some(None) => {}
            None => node.clone().on_message(message),
        }
    }
    Ok(())
}

impl Node {
    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn send(&self, dest: &Value, body: &Value) {
        let line = json!({"src": self.known().me, "dest": dest, "body": body});
        let mut out = io::stdout().lock();
        let _ = writeln!(out, "{line}").and_then(|()| out.flush());
    }

    /// Asks a service and waits for its answer.
    fn ask(&self, service: &str, mut body: Value) -> Option<Value> {
        let (tell, answer) = channel();
        let mut known = self.known();
        known.sent += 1;
        body["msg_id"] = json!(known.sent);
        let number = known.sent;
        known.waiting.insert(number, tell);
        drop(known);
        self.send(&json!(service), &body);
        answer.recv_timeout(PATIENCE).ok()
    }

    fn on_message(self, message: Value) {
        let kind = message["body"]["type"].as_str().unwrap_or_default().to_string();
        match kind.as_str() {
            "init" => self.begin(&message["body"]),
            "all" => return self.hear(&message["body"]),
            _ => {}
        }
        thread::spawn(move || {
            let body = &message["body"];
            let Some(mut reply) = self.answer(&kind, body) else { return };
            reply["in_reply_to"] = body["msg_id"].clone();
            self.send(&message["src"], &reply);
        });
    }

    fn begin(&self, init: &Value) {
        let mut known = self.known();
        known.me = init["node_id"].as_str().unwrap_or_default().to_string();
        let ids = init["node_ids"].as_array().into_iter().flatten();
        known.all = ids.filter_map(Value::as_str).map(str::to_string).collect();
        drop(known);
        let node = self.clone();
        thread::spawn(move || {
            loop {
                thread::park_timeout(Duration::from_millis(200));
                node.tell();
            }
        });
    }

    /// Tells everybody everything, unless there is nothing.
    fn tell(&self) {
        let known = self.known();
        if known.messages.is_empty() && known.counters.is_empty() {
            return;
        }
        let body = json!({"type": "all", "messages": known.messages, "counters": known.counters});
        let others: Vec<String> = known.all.iter().filter(|id| **id != known.me).cloned().collect();
        drop(known);
        for other in others {
            self.send(&json!(other), &body);
        }
    }

    fn hear(&self, body: &Value) {
        let mut known = self.known();
        known.messages.extend(body["messages"].as_array().into_iter().flatten().filter_map(Value::as_i64));
        for (node, count) in body["counters"].as_object().into_iter().flatten() {
            let own = known.counters.entry(node.clone()).or_default();
            *own = (*own).max(count.as_i64().unwrap_or(0));
        }
    }

    /// `None`: the client learns nothing, because nothing is known for certain.
    fn answer(&self, kind: &str, body: &Value) -> Option<Value> {
        Some(match kind {
            "init" | "topology" => json!({"type": format!("{kind}_ok")}),
            "echo" => json!({"type": "echo_ok", "echo": body["echo"]}),
            "generate" => json!({"type": "generate_ok", "id": self.ask("lin-tso", json!({"type": "ts"}))?["ts"]}),
            "broadcast" => {
                self.known().messages.extend(body["message"].as_i64());
                json!({"type": "broadcast_ok"})
            }
            "add" => {
                let mut known = self.known();
                let me = known.me.clone();
                *known.counters.entry(me).or_default() += body["delta"].as_i64().unwrap_or(0);
                json!({"type": "add_ok"})
            }
            "read" | "write" | "cas" if body.get("key").is_some() => self.ask("lin-kv", body.clone()).map(|mut answer| {
                answer["msg_id"] = Value::Null;
                answer
            })?,
            "read" if !self.known().counters.is_empty() || self.known().messages.is_empty() => {
                let known = self.known();
                json!({"type": "read_ok", "value": known.counters.values().sum::<i64>(), "messages": known.messages})
            }
            "read" => json!({"type": "read_ok", "messages": self.known().messages}),
            "send" => self.append(body)?,
            "poll" => {
                let mut messages = json!({});
                for (key, from) in body["offsets"].as_object().into_iter().flatten() {
                    let log = self.log(key)?;
                    let from = from.as_u64().unwrap_or(0) as usize;
                    messages[key] = log.iter().enumerate().skip(from).map(|(offset, message)| json!([offset, message])).collect();
                }
                json!({"type": "poll_ok", "msgs": messages})
            }
            "commit_offsets" => {
                for (key, offset) in body["offsets"].as_object().into_iter().flatten() {
                    self.ask("lin-kv", json!({"type": "write", "key": format!("committed {key}"), "value": offset}))?;
                }
                json!({"type": "commit_offsets_ok"})
            }
            "list_committed_offsets" => {
                let mut offsets = json!({});
                for key in body["keys"].as_array().into_iter().flatten().filter_map(Value::as_str) {
                    let answer = self.ask("lin-kv", json!({"type": "read", "key": format!("committed {key}")}))?;
                    if answer["type"] == "read_ok" {
                        offsets[key] = answer["value"].clone();
                    }
                }
                json!({"type": "list_committed_offsets_ok", "offsets": offsets})
            }
            other => json!({"type": "error", "code": 10, "text": format!("{other} is not supported")}),
        })
    }

    fn log(&self, key: &str) -> Option<Vec<Value>> {
        let answer = self.ask("lin-kv", json!({"type": "read", "key": format!("log {key}")}))?;
        Some(answer["value"].as_array().cloned().unwrap_or_default())
    }

    /// Appends to a log that all nodes share; who comes second tries again. Where an answer is missing, nobody knows.
    fn append(&self, body: &Value) -> Option<Value> {
        const TRIES: usize = 20;
        let key = body["key"].as_str().unwrap_or_default();
        for _ in 0..TRIES {
            let before = self.log(key)?;
            let mut after = before.clone();
            after.push(body["msg"].clone());
            let cas = json!({"type": "cas", "key": format!("log {key}"), "from": before, "to": after, "create_if_not_exists": true});
            if self.ask("lin-kv", cas)?["type"] == "cas_ok" {
                return Some(json!({"type": "send_ok", "offset": before.len()}));
            }
        }
        Some(json!({"type": "error", "code": 11, "text": "too many at once"}))
    }
}
