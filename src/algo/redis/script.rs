//! The one script that this server runs: the deletion of a lock by its owner.

use super::args::{Argv, int};
use super::reply::{Reply, error};
use super::run::{Answer, Run};
use super::strings;

/// As on the page "Distributed Locks with Redis": a lock is removed only by who holds it.
pub const COMPARE_AND_DELETE: &str = "if redis.call(\"get\",KEYS[1]) == ARGV[1] then return redis.call(\"del\",KEYS[1]) else return 0 end";

/// EVAL. What the script changed is passed on, and not the script.
pub(super) fn eval(run: &mut Run<'_>, argv: &Argv) -> Answer {
    let is_same = argv[1].split_whitespace().eq(COMPARE_AND_DELETE.split_whitespace());
    if !is_same || int(&argv[2])? != 1 || argv.len() != 5 {
        return Err(error("ERR the only script here is the compare-and-delete of a lock, with one key and one value"));
    }
    let get = super::args::argv(&["GET", &argv[3]]);
    let held = strings::get(run, &get)?;
    if held != Reply::Bulk(argv[4].clone()) {
        return Ok(Reply::Int(0));
    }
    run.pass_on(&["DEL", &argv[3]]);
    run.delete(&argv[3]);
    Ok(Reply::Int(1))
}
