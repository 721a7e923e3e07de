//! The one script that this server runs: the deletion of a lock by its owner.

use super::args::{Argv, int};
use super::reply::{Reply, error};
use super::run::{Answer, Run};
use super::strings;

/// As on the page "Distributed Locks with Redis": a lock is removed only by who holds it.
pub const COMPARE_AND_DELETE: &str = "if redis.call(\"get\",KEYS[1]) == ARGV[1] then return redis.call(\"del\",KEYS[1]) else return 0 end";

/// The SHA-1 of that text, which is its name.
const SHA1: &str = "b70c2384248f88e6b75b9f89241a180f856ad852";

/// EVAL. What the script changed is passed on, and not the script.
pub(super) fn eval(run: &mut Run<'_>, argv: &Argv) -> Answer {
    let keys = int(&argv[2])?;
    let (keys, words) = match usize::try_from(keys) {
        Err(_) => return Err(error("ERR Number of keys can't be negative")),
        Ok(keys) if keys > argv.len() - 3 => return Err(error("ERR Number of keys can't be greater than number of args")),
        Ok(keys) => (keys, argv.len() - 3 - keys),
    };
    let is_same = argv[1].split_whitespace().eq(COMPARE_AND_DELETE.split_whitespace());
    if !is_same || keys != 1 || words != 1 {
        return Err(error("ERR the only script here is the compare-and-delete of a lock, with one key and one value"));
    }
    let get = super::args::argv(&["GET", &argv[3]]);
    // The server names the script by its SHA-1; there is only the one here.
    let failed = |why: &str| error(format!("{why} script: {SHA1}, on @user_script:1."));
    let held = strings::get(run, &get).map_err(|reply| reply.error().map_or_else(|| reply.clone(), failed))?;
    if held != Reply::Bulk(argv[4].clone()) {
        return Ok(Reply::Int(0));
    }
    run.pass_on(&["DEL", &argv[3]]);
    run.delete(&argv[3]);
    Ok(Reply::Int(1))
}
