//! Sets.

use super::args::Argv;
use super::reply::Reply;
use super::run::{Answer, Run};
use super::value::{Kind, Set, Value};

fn set(value: Option<&Value>) -> Option<Set> {
    if let Some(Value::Set(set)) = value { Some(set.clone()) } else { None }
}

fn read(run: &mut Run<'_>, key: &str) -> Result<Set, Reply> {
    Ok(run.read_value(key, Kind::Set).map(set)?.unwrap_or_default())
}

fn current(run: &mut Run<'_>, key: &str) -> Result<Set, Reply> {
    Ok(run.value(key, Kind::Set).map(set)?.unwrap_or_default())
}

pub(super) fn sadd(run: &mut Run<'_>, argv: &Argv) -> Answer {
    let mut set = current(run, &argv[1])?;
    let new = argv[2..].iter().filter(|member| set.add(member)).count();
    if new > 0 {
        run.set(&argv[1], Value::Set(set));
    }
    Ok(Reply::count(new))
}

pub(super) fn srem(run: &mut Run<'_>, argv: &Argv) -> Answer {
    let mut set = current(run, &argv[1])?;
    let gone = argv[2..].iter().filter(|member| set.members.remove(member)).count();
    if gone > 0 {
        run.set(&argv[1], Value::Set(set));
    }
    Ok(Reply::count(gone))
}

pub(super) fn smembers(run: &mut Run<'_>, argv: &Argv) -> Answer {
    let set = read(run, &argv[1])?;
    run.touched += set.members.len() as u64;
    Ok(Reply::texts(set.in_order()))
}

pub(super) fn sismember(run: &mut Run<'_>, argv: &Argv) -> Answer {
    Ok(Reply::bit(read(run, &argv[1])?.members.contains(&argv[2])))
}

pub(super) fn scard(run: &mut Run<'_>, argv: &Argv) -> Answer {
    Ok(Reply::count(read(run, &argv[1])?.members.len()))
}
