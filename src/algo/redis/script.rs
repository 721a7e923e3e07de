//! The one script that this server runs: the deletion of a lock by its owner.

use super::args::{Argv, int};
use super::reply::{Reply, error};
use super::run::{Answer, Run};
use super::strings;

/// As on the page "Distributed Locks with Redis": a lock is removed only by who holds it.
pub const COMPARE_AND_DELETE: &str = "if redis.call(\"get\",KEYS[1]) == ARGV[1] then return redis.call(\"del\",KEYS[1]) else return 0 end";

/// EVAL. What the script changed is passed on, and not the script.
pub(super) fn eval(run: &mut Run<'_>, argv: &Argv) -> Answer {
    let keys = int(&argv[2])?;
    let (keys, words) = match usize::try_from(keys) {
        Err(_) => return Err(error("ERR Number of keys can't be negative")),
        Ok(keys) if keys > argv.len() - 3 => return Err(error("ERR Number of keys can't be greater than number of args")),
        Ok(keys) => (keys, argv.len() - 3 - keys),
    };
    let is_same = tokens(&argv[1]) == tokens(COMPARE_AND_DELETE);
    if !is_same || keys != 1 || words != 1 {
        return Err(error("ERR the only script here is the compare-and-delete of a lock, with one key and one value"));
    }
    let get = super::args::argv(&["GET", &argv[3]]);
    // The server names a script by the SHA-1 of its text.
    let failed = |why: &str| error(format!("{why} script: {}, on @user_script:1.", sha1_smol::Sha1::from(&*argv[1]).digest()));
    let held = strings::get(run, &get).map_err(|reply| reply.error().map_or_else(|| reply.clone(), failed))?;
    if held != Reply::Bulk(argv[4].clone()) {
        return Ok(Reply::Int(0));
    }
    run.pass_on(&["DEL", &argv[3]]);
    run.delete(&argv[3]);
    Ok(Reply::Int(1))
}

/// The words and signs of a script, whatever is between them and by whichever quotes its texts are bounded.
fn tokens(text: &str) -> Vec<&str> {
    let mut rest = text.trim_start();
    let mut all = Vec::new();
    while let Some(first) = rest.chars().next() {
        let of_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let end = if of_word(first) { rest.find(|c| !of_word(c)).unwrap_or(rest.len()) } else { first.len_utf8() };
        let (token, after) = rest.split_at(end);
        all.push(if token == "'" { "\"" } else { token });
        rest = after.trim_start();
    }
    all
}
