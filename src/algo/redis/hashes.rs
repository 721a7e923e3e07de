//! Hashes.

use super::args::{Argv, Text, int};
use super::ordered::Ordered;
use super::reply::{Reply, error};
use super::run::{Answer, Run};
use super::strings::number;
use super::value::{Kind, Value};

type Hash = Ordered<Text>;

fn hash(value: Option<&Value>) -> Option<Hash> {
    if let Some(Value::Hash(hash)) = value { Some(hash.clone()) } else { None }
}

fn read(run: &mut Run<'_>, key: &str) -> Result<Hash, Reply> {
    Ok(run.read_value(key, Kind::Hash).map(hash)?.unwrap_or_default())
}

fn current(run: &mut Run<'_>, key: &str) -> Result<Hash, Reply> {
    Ok(run.value(key, Kind::Hash).map(hash)?.unwrap_or_default())
}

pub(super) fn hset(run: &mut Run<'_>, argv: &Argv) -> Answer {
    if !argv.len().is_multiple_of(2) {
        return Err(error("ERR wrong number of arguments for 'hset' command"));
    }
    let mut hash = current(run, &argv[1])?;
    let new = argv[2..].chunks_exact(2).filter(|pair| hash.insert(&pair[0], pair[1].clone())).count();
    run.set(&argv[1], Value::Hash(hash));
    Ok(Reply::count(new))
}

pub(super) fn hget(run: &mut Run<'_>, argv: &Argv) -> Answer {
    Ok(Reply::maybe(read(run, &argv[1])?.get(&argv[2]).cloned()))
}

pub(super) fn hgetall(run: &mut Run<'_>, argv: &Argv) -> Answer {
    let hash = read(run, &argv[1])?;
    run.touched += hash.len() as u64;
    Ok(Reply::texts(hash.iter().flat_map(|(field, value)| [field.clone(), value.clone()])))
}

pub(super) fn hdel(run: &mut Run<'_>, argv: &Argv) -> Answer {
    let mut hash = current(run, &argv[1])?;
    let gone = argv[2..].iter().filter(|field| hash.remove(field)).count();
    if gone > 0 {
        run.set(&argv[1], Value::Hash(hash));
    }
    Ok(Reply::count(gone))
}

pub(super) fn hexists(run: &mut Run<'_>, argv: &Argv) -> Answer {
    Ok(Reply::bit(read(run, &argv[1])?.contains(&argv[2])))
}

pub(super) fn hlen(run: &mut Run<'_>, argv: &Argv) -> Answer {
    Ok(Reply::count(read(run, &argv[1])?.len()))
}

pub(super) fn hincrby(run: &mut Run<'_>, argv: &Argv) -> Answer {
    let by = int(&argv[3])?;
    let mut hash = current(run, &argv[1])?;
    let before = hash.get(&argv[2]).map_or(Ok(0), |text| number(text, "ERR hash value is not an integer"))?;
    let sum = before.checked_add(by).ok_or_else(|| error("ERR increment or decrement would overflow"))?;
    hash.insert(&argv[2], sum.to_string().into());
    run.set(&argv[1], Value::Hash(hash));
    Ok(Reply::Int(sum))
}
