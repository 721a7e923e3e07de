//! A node for `--workload lin-kv` in fifty lines: it acknowledges what it keeps only in its own memory, and tells nobody.

use std::collections::BTreeMap;
use std::io::{self, BufRead as _, Write as _};

use serde_json::{Value, json};

/// Answers until nobody asks any more.
pub(crate) fn run() -> io::Result<()> {
    let mut store: BTreeMap<String, Value> = BTreeMap::new();
    for line in io::stdin().lock().lines() {
        let request: Value = serde_json::from_str(&line?)?;
        let body = &request["body"];
        let key = body["key"].to_string();
        let mut reply = match body["type"].as_str().unwrap_or_default() {
            "init" => json!({"type": "init_ok"}),
            "read" => match store.get(&key) {
                Some(value) => json!({"type": "read_ok", "value": value}),
                None => json!({"type": "error", "code": 20, "text": "key does not exist"}),
            },
            "write" => {
                store.insert(key, body["value"].clone());
                json!({"type": "write_ok"})
            }
            "cas" => match store.get_mut(&key) {
                None => json!({"type": "error", "code": 20, "text": "key does not exist"}),
                Some(value) if *value != body["from"] => json!({"type": "error", "code": 22, "text": "another value"}),
                Some(value) => {
                    *value = body["to"].clone();
                    json!({"type": "cas_ok"})
                }
            },
            other => json!({"type": "error", "code": 10, "text": format!("{other} is not supported")}),
        };
        reply["in_reply_to"] = body["msg_id"].clone();
        let answer = json!({"src": request["dest"], "dest": request["src"], "body": reply});
        let mut out = io::stdout().lock();
        writeln!(out, "{answer}")?;
        out.flush()?;
    }
    Ok(())
}
