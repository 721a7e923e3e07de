//! Commands on keys of any type: expiry, deletion, and lists of names.
#![expect(clippy::unnecessary_wraps, reason = "the functions of one table, of which others fail")]

use super::args::{Argv, SYNTAX, Text, int, integer, is};
use super::entry::Entry;
use super::glob;
use super::reply::{Reply, error};
use super::run::{Answer, Run};
use super::{populated, scan};

/// When a key is to expire.
pub(super) struct Deadline {
    /// In milliseconds by the clock on the wall.
    pub(super) at: u64,
    /// How long from now, in milliseconds.
    length: i64,
}

impl Deadline {
    pub(super) fn is_option(word: &str) -> bool {
        ["EX", "PX", "EXAT", "PXAT"].iter().any(|option| is(word, option))
    }

    /// Reads `EX 10` and the like of a command.
    pub(super) fn read(unit: &str, amount: &str, now: u64, command: &str) -> Result<Deadline, Reply> {
        let number = int(amount)?;
        let deadline = Deadline::of(unit, number, now, command)?;
        if number > 0 { Ok(deadline) } else { Err(invalid(command)) }
    }

    /// The moment that is so far away, or at this number.
    fn of(unit: &str, number: i64, now: u64, command: &str) -> Result<Deadline, Reply> {
        let in_seconds = is(unit, "EX") || is(unit, "EXAT");
        let from_now = is(unit, "EX") || is(unit, "PX");
        let base = if from_now { i64::try_from(now).unwrap_or(i64::MAX) } else { 0 };
        let ms = number.checked_mul(if in_seconds { 1000 } else { 1 }).and_then(|ms| ms.checked_add(base));
        let ms = ms.ok_or_else(|| invalid(command))?;
        let length = ms.saturating_sub(i64::try_from(now).unwrap_or(i64::MAX));
        // A moment before the clock began is over, whenever it was.
        Ok(Deadline { at: u64::try_from(ms).unwrap_or(0), length })
    }

    /// The option that passes it on.
    pub(super) fn passed_on(&self, lengths: bool) -> (&'static str, String) {
        if lengths { ("PX", self.length.max(1).to_string()) } else { ("PXAT", self.at.to_string()) }
    }
}

fn invalid(command: &str) -> Reply {
    error(format!("ERR invalid expire time in '{command}' command"))
}

/// On what EXPIRE and its like make their work hang.
#[expect(clippy::struct_excessive_bools, reason = "each is an option of its own of the command")]
#[derive(Default)]
struct Condition {
    only_none: bool,
    only_some: bool,
    only_later: bool,
    only_sooner: bool,
}

impl Condition {
    fn read(words: &[Text]) -> Result<Condition, Reply> {
        let mut condition = Condition::default();
        for word in words {
            match () {
                () if is(word, "NX") => condition.only_none = true,
                () if is(word, "XX") => condition.only_some = true,
                () if is(word, "GT") => condition.only_later = true,
                () if is(word, "LT") => condition.only_sooner = true,
                () => return Err(error(format!("ERR Unsupported option {word}"))),
            }
        }
        match () {
            () if condition.only_none && (condition.only_some || condition.only_later || condition.only_sooner) => {
                Err(error("ERR NX and XX, GT or LT options at the same time are not compatible"))
            }
            () if condition.only_later && condition.only_sooner => Err(error("ERR GT and LT options at the same time are not compatible")),
            () => Ok(condition),
        }
    }

    /// A key that never expires counts as one that expires after all others.
    fn holds(&self, now: Option<u64>, then: u64) -> bool {
        !(self.only_none && now.is_some()
            || self.only_some && now.is_none()
            || self.only_later && now.is_none_or(|now| then <= now)
            || self.only_sooner && now.is_some_and(|now| then >= now))
    }
}

fn expire_by(run: &mut Run<'_>, argv: &Argv, unit: &str, command: &str) -> Answer {
    let (key, now) = (&argv[1], run.around.now);
    let condition = Condition::read(&argv[3..])?;
    let number = int(&argv[2])?;
    let deadline = Deadline::of(unit, number, now, command)?;
    let Some(entry) = run.entry(key).cloned() else { return Ok(Reply::Int(0)) };
    if !condition.holds(entry.expires, deadline.at) {
        return Ok(Reply::Int(0));
    }
    // Who repeats what was decided elsewhere keeps the key: its deletion comes by itself.
    if deadline.at <= now && run.around.expiry != super::run::Expiry::Ignores {
        run.pass_on(&["DEL", key]);
        run.delete(key);
        return Ok(Reply::Int(1));
    }
    if run.around.passes_lengths {
        run.pass_on(&["PEXPIRE", key, &deadline.length.to_string()]);
    } else {
        run.pass_on(&["PEXPIREAT", key, &deadline.at.to_string()]);
    }
    run.put(key, Entry { expires: Some(deadline.at), ..entry });
    Ok(Reply::Int(1))
}

pub(super) fn expire(run: &mut Run<'_>, argv: &Argv) -> Answer {
    expire_by(run, argv, "EX", "expire")
}

pub(super) fn pexpire(run: &mut Run<'_>, argv: &Argv) -> Answer {
    expire_by(run, argv, "PX", "pexpire")
}

pub(super) fn expireat(run: &mut Run<'_>, argv: &Argv) -> Answer {
    expire_by(run, argv, "EXAT", "expireat")
}

pub(super) fn pexpireat(run: &mut Run<'_>, argv: &Argv) -> Answer {
    expire_by(run, argv, "PXAT", "pexpireat")
}

/// What is left of a key's time, in milliseconds; -1: it does not expire, -2: it is not there.
fn left(run: &mut Run<'_>, key: &str) -> i64 {
    let now = run.around.now;
    match run.look(key).map(|entry| entry.expires) {
        None => -2,
        Some(None) => -1,
        Some(Some(end)) => i64::try_from(end.saturating_sub(now)).unwrap_or(i64::MAX),
    }
}

pub(super) fn ttl(run: &mut Run<'_>, argv: &Argv) -> Answer {
    let ms = left(run, &argv[1]);
    Ok(Reply::Int(if ms < 0 { ms } else { (ms + 500) / 1000 }))
}

pub(super) fn pttl(run: &mut Run<'_>, argv: &Argv) -> Answer {
    Ok(Reply::Int(left(run, &argv[1])))
}

pub(super) fn persist(run: &mut Run<'_>, argv: &Argv) -> Answer {
    match run.entry(&argv[1]).filter(|entry| entry.expires.is_some()).cloned() {
        None => Ok(Reply::Int(0)),
        Some(entry) => {
            run.put(&argv[1], Entry { expires: None, ..entry });
            Ok(Reply::Int(1))
        }
    }
}

/// Deletes keys. `at_once`: whoever asks waits until the memory of each element is given back.
fn delete(run: &mut Run<'_>, argv: &Argv, at_once: bool) -> Answer {
    let mut count = 0;
    for key in &argv[1..] {
        if let Some(gone) = run.delete(key) {
            count += 1;
            run.touched += if at_once { gone.value.elements() as u64 } else { 1 };
        }
    }
    Ok(Reply::Int(count))
}

pub(super) fn del(run: &mut Run<'_>, argv: &Argv) -> Answer {
    delete(run, argv, true)
}

pub(super) fn unlink(run: &mut Run<'_>, argv: &Argv) -> Answer {
    delete(run, argv, false)
}

pub(super) fn exists(run: &mut Run<'_>, argv: &Argv) -> Answer {
    Ok(Reply::count(argv[1..].iter().filter(|key| run.look(key).is_some()).count()))
}

pub(super) fn kind(run: &mut Run<'_>, argv: &Argv) -> Answer {
    Ok(Reply::Status(run.look(&argv[1]).map_or("none", |entry| entry.value.kind().word())))
}

pub(super) fn dbsize(run: &mut Run<'_>, _: &Argv) -> Answer {
    Ok(Reply::Int(i64::try_from(run.keys.len()).unwrap_or(i64::MAX)))
}

pub(super) fn flushall(run: &mut Run<'_>, argv: &Argv) -> Answer {
    let at_once = match &argv[1..] {
        [] => true,
        [word] if is(word, "SYNC") => true,
        [word] if is(word, "ASYNC") => false,
        _ => return Err(error(SYNTAX)),
    };
    run.touched += if at_once { run.keys.len() } else { 1 };
    let all: Vec<Text> = run.keys.iter().map(|(key, _)| key.clone()).collect();
    run.changed.extend(all);
    run.keys.clear();
    run.pass_on(&["FLUSHALL"]);
    Ok(Reply::OK)
}

/// Every key is looked at, whatever the pattern.
pub(super) fn keys(run: &mut Run<'_>, argv: &Argv) -> Answer {
    let (pattern, now) = (&argv[1], run.around.now);
    run.touched += run.keys.len();
    let is_there = |entry: &Entry| run.around.expiry == super::run::Expiry::Ignores || !entry.is_over(now);
    let fitting = run.keys.iter().filter(|(key, entry)| is_there(entry) && glob::fits(pattern, key)).map(|(key, _)| key.clone());
    let mut some: Vec<Text> = fitting.collect();
    let (counted, count) = run.keys.populated.fitting(pattern, Reply::NAMED);
    let all = some.len() as u64 + count;
    some.extend(counted);
    some.truncate(Reply::NAMED);
    Ok(Reply::Names { some, all })
}

/// A cursor as `strtoul` reads it: none at all is 0, and a minus counts from the other end.
fn cursor(text: &str) -> Option<u64> {
    let (is_negative, digits) = text.strip_prefix('-').map_or((false, text.strip_prefix('+').unwrap_or(text)), |rest| (true, rest));
    let number = match digits {
        "" if text.is_empty() => 0,
        _ if digits.bytes().all(|byte| byte.is_ascii_digit()) => digits.parse::<u64>().ok()?,
        _ => return None,
    };
    Some(if is_negative { number.wrapping_neg() } else { number })
}

/// The options of SCAN.
struct Scan {
    cursor: u64,
    pattern: Option<Text>,
    count: usize,
    kind: Option<Text>,
}

impl Scan {
    fn read(argv: &Argv) -> Result<Scan, Reply> {
        let cursor = cursor(&argv[1]).ok_or_else(|| error("ERR invalid cursor"))?;
        let mut scan = Scan { cursor, pattern: None, count: 10, kind: None };
        for pair in argv[2..].chunks(2) {
            let [option, value] = pair else { return Err(error(SYNTAX)) };
            match () {
                () if is(option, "MATCH") => scan.pattern = Some(value.clone()),
                () if is(option, "TYPE") => scan.kind = Some(value.clone()),
                () if is(option, "COUNT") => {
                    let count = int(value)?;
                    scan.count = usize::try_from(count).ok().filter(|count| *count > 0).ok_or_else(|| error(SYNTAX))?;
                }
                () => return Err(error(SYNTAX)),
            }
        }
        Ok(scan)
    }
}

pub(super) fn scan(run: &mut Run<'_>, argv: &Argv) -> Answer {
    let Scan { cursor, pattern, count, kind } = Scan::read(argv)?;
    let part = scan::scan(run.keys, cursor, count.min(100_000));
    run.touched += part.keys.len() as u64;
    let now = run.around.now;
    let fits = |key: &Text| pattern.as_ref().is_none_or(|pattern| glob::fits(pattern, key));
    let is_there = |key: &Text| run.keys.peek(key).is_none_or(|entry| !entry.is_over(now));
    let is_kind = |key: &Text| {
        let found = run.keys.peek(key).map_or("string", |entry| entry.value.kind().word());
        kind.as_ref().is_none_or(|kind| is(kind, found))
    };
    let keys = part.keys.into_iter().filter(|key| fits(key) && is_there(key) && is_kind(key));
    Ok(Reply::Array(vec![Reply::Bulk(part.cursor.to_string().into()), Reply::texts(keys)]))
}

/// DEBUG POPULATE: not passed on, as in Redis.
pub(super) fn debug(run: &mut Run<'_>, argv: &Argv) -> Answer {
    if !is(&argv[1], "POPULATE") || argv.len() != 3 {
        return Err(error(format!("ERR unknown subcommand or wrong number of arguments for '{}'. Try DEBUG HELP.", argv[1])));
    }
    let count = integer(&argv[2]).and_then(|count| u64::try_from(count).ok());
    let count = count.ok_or_else(|| error("ERR value is out of range, must be positive"))?;
    if count > populated::MOST {
        return Err(error(format!("ERR value is out of range, must be between 0 and {}", populated::MOST)));
    }
    run.keys.populate(count);
    Ok(Reply::OK)
}
