//! Lists.

use imbl::Vector;

use super::args::{Argv, Text, int, range};
use super::reply::{Reply, error};
use super::run::{Answer, Run};
use super::value::{Kind, Value};

fn list(value: Option<&Value>) -> Option<Vector<Text>> {
    if let Some(Value::List(texts)) = value { Some(texts.clone()) } else { None }
}

fn read(run: &mut Run<'_>, key: &str) -> Result<Option<Vector<Text>>, Reply> {
    run.read_value(key, Kind::List).map(list)
}

/// Which end of a list.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Left,
    Right,
}

fn push(run: &mut Run<'_>, argv: &Argv, end: End) -> Answer {
    let mut list = run.value(&argv[1], Kind::List).map(list)?.unwrap_or_default();
    for text in &argv[2..] {
        if end == End::Left { list.push_front(text.clone()) } else { list.push_back(text.clone()) }
    }
    let length = list.len();
    run.set(&argv[1], Value::List(list));
    Ok(Reply::count(length))
}

pub(super) fn lpush(run: &mut Run<'_>, argv: &Argv) -> Answer {
    push(run, argv, End::Left)
}

pub(super) fn rpush(run: &mut Run<'_>, argv: &Argv) -> Answer {
    push(run, argv, End::Right)
}

fn pop(run: &mut Run<'_>, argv: &Argv, end: End) -> Answer {
    if argv.len() > 3 {
        return Err(error(format!("ERR wrong number of arguments for '{}' command", argv[0].to_ascii_lowercase())));
    }
    let several = argv.get(2).map(|count| {
        let count = int(count).ok().and_then(|count| usize::try_from(count).ok());
        count.ok_or_else(|| error("ERR value is out of range, must be positive"))
    });
    let several = several.transpose()?;
    let Some(mut list) = run.value(&argv[1], Kind::List).map(list)? else { return Ok(Reply::Nil) };
    let mut taken = Vec::new();
    while taken.len() < several.unwrap_or(1)
        && let Some(text) = if end == End::Left { list.pop_front() } else { list.pop_back() }
    {
        taken.push(text);
    }
    run.touched += taken.len() as u64;
    if !taken.is_empty() {
        run.set(&argv[1], Value::List(list));
    }
    Ok(if several.is_some() { Reply::texts(taken) } else { Reply::maybe(taken.pop()) })
}

pub(super) fn lpop(run: &mut Run<'_>, argv: &Argv) -> Answer {
    pop(run, argv, End::Left)
}

pub(super) fn rpop(run: &mut Run<'_>, argv: &Argv) -> Answer {
    pop(run, argv, End::Right)
}

pub(super) fn llen(run: &mut Run<'_>, argv: &Argv) -> Answer {
    Ok(Reply::count(read(run, &argv[1])?.map_or(0, |list| list.len())))
}

pub(super) fn lindex(run: &mut Run<'_>, argv: &Argv) -> Answer {
    let Some(list) = read(run, &argv[1])? else { return Ok(Reply::Nil) };
    let at = int(&argv[2])?;
    let place = range(at, at, list.len()).map(|(first, _)| first).filter(|_| at.unsigned_abs() <= list.len() as u64);
    Ok(Reply::maybe(place.and_then(|place| list.get(place).cloned())))
}

pub(super) fn lrange(run: &mut Run<'_>, argv: &Argv) -> Answer {
    let (start, stop) = (int(&argv[2])?, int(&argv[3])?);
    let Some(texts) = read(run, &argv[1])? else { return Ok(Reply::Array(Vec::new())) };
    let Some((from, to)) = range(start, stop, texts.len()) else { return Ok(Reply::Array(Vec::new())) };
    let count = to - from + 1;
    run.touched += count as u64;
    Ok(Reply::texts(texts.iter().skip(from).take(count).cloned()))
}
