//! Sorted sets.

use super::args::{Argv, SYNTAX, Text, is};
use super::reply::{Reply, error};
use super::run::{Answer, Run};
use super::score::Score;
use super::value::{Kind, Sorted, Value};

const NOT_A_FLOAT: &str = "ERR value is not a valid float";

fn sorted(value: Option<&Value>) -> Option<Sorted> {
    if let Some(Value::Sorted(sorted)) = value { Some(sorted.clone()) } else { None }
}

pub(super) fn read(run: &mut Run<'_>, key: &str) -> Result<Sorted, Reply> {
    Ok(run.read_value(key, Kind::Sorted).map(sorted)?.unwrap_or_default())
}

fn current(run: &mut Run<'_>, key: &str) -> Result<Sorted, Reply> {
    Ok(run.value(key, Kind::Sorted).map(sorted)?.unwrap_or_default())
}

pub(super) fn score(text: &str) -> Result<Score, Reply> {
    Score::read(text).ok_or_else(|| error(NOT_A_FLOAT))
}

/// A score as it is answered.
pub(super) fn told(score: Score) -> Reply {
    Reply::Bulk(score.to_string().into())
}

/// The options of ZADD.
#[expect(clippy::struct_excessive_bools, reason = "each is an option of its own of the command")]
#[derive(Clone, Copy, Default)]
struct Options {
    only_new: bool,
    only_old: bool,
    only_greater: bool,
    only_less: bool,
    changed: bool,
    incr: bool,
}

impl Options {
    /// Reads them, and says where the scores begin.
    fn read(argv: &Argv) -> Result<(Options, usize), Reply> {
        let (mut options, mut at) = (Options::default(), 2);
        while let Some(word) = argv.get(at) {
            match () {
                () if is(word, "NX") => options.only_new = true,
                () if is(word, "XX") => options.only_old = true,
                () if is(word, "GT") => options.only_greater = true,
                () if is(word, "LT") => options.only_less = true,
                () if is(word, "CH") => options.changed = true,
                () if is(word, "INCR") => options.incr = true,
                () => break,
            }
            at += 1;
        }
        let pairs = argv.len() - at;
        match options {
            _ if pairs == 0 || !pairs.is_multiple_of(2) => Err(error(SYNTAX)),
            Options { only_new: true, only_old: true, .. } => Err(error("ERR XX and NX options at the same time are not compatible")),
            Options { only_greater: true, only_less: true, .. }
            | Options { only_new: true, only_greater: true, .. }
            | Options { only_new: true, only_less: true, .. } => {
                Err(error("ERR GT, LT, and/or NX options at the same time are not compatible"))
            }
            Options { incr: true, .. } if pairs > 2 => Err(error("ERR INCR option supports a single increment-element pair")),
            _ => Ok((options, at)),
        }
    }

    /// The score that a member gets; `None`: it stays as it is.
    fn next(self, before: Option<Score>, given: Score) -> Result<Option<Score>, Reply> {
        if (self.only_new && before.is_some()) || (self.only_old && before.is_none()) {
            return Ok(None);
        }
        let Some(old) = before else { return Ok(Some(given)) };
        let sum = if self.incr { Score::new(old.number() + given.number()) } else { Some(given) };
        let next = sum.ok_or_else(|| error("ERR resulting score is not a number (NaN)"))?;
        let stays = (self.only_greater && next <= old) || (self.only_less && next >= old);
        Ok((!stays).then_some(next))
    }
}

pub(super) fn zadd(run: &mut Run<'_>, argv: &Argv) -> Answer {
    let (options, at) = Options::read(argv)?;
    let pairs: Vec<(Score, &Text)> =
        argv[at..].chunks_exact(2).map(|pair| Ok((score(&pair[0])?, &pair[1]))).collect::<Result<_, Reply>>()?;
    let mut sorted = current(run, &argv[1])?;
    let (mut new, mut moved, mut last) = (0, 0, None);
    for (given, member) in pairs {
        let before = sorted.score(member);
        let next = options.next(before, given)?;
        last = next;
        let Some(next) = next else { continue };
        new += usize::from(before.is_none());
        moved += usize::from(before.is_some_and(|before| before != next));
        sorted.set(member, next);
    }
    if new + moved > 0 {
        run.set(&argv[1], Value::Sorted(sorted));
    }
    Ok(match options {
        Options { incr: true, .. } => last.map_or(Reply::Nil, told),
        Options { changed: true, .. } => Reply::count(new + moved),
        _ => Reply::count(new),
    })
}

pub(super) fn zincrby(run: &mut Run<'_>, argv: &Argv) -> Answer {
    let by = score(&argv[2])?;
    let mut sorted = current(run, &argv[1])?;
    let options = Options { incr: true, ..Options::default() };
    let next = options.next(sorted.score(&argv[3]), by)?.unwrap_or(by);
    sorted.set(&argv[3], next);
    run.set(&argv[1], Value::Sorted(sorted));
    Ok(told(next))
}

pub(super) fn zrem(run: &mut Run<'_>, argv: &Argv) -> Answer {
    let mut sorted = current(run, &argv[1])?;
    let gone = argv[2..].iter().filter(|member| sorted.remove(member)).count();
    if gone > 0 {
        run.set(&argv[1], Value::Sorted(sorted));
    }
    Ok(Reply::count(gone))
}

pub(super) fn zscore(run: &mut Run<'_>, argv: &Argv) -> Answer {
    Ok(read(run, &argv[1])?.score(&argv[2]).map_or(Reply::Nil, told))
}

pub(super) fn zcard(run: &mut Run<'_>, argv: &Argv) -> Answer {
    Ok(Reply::count(read(run, &argv[1])?.len()))
}

/// The place of a member from the low end, or from the high one.
fn rank(run: &mut Run<'_>, argv: &Argv, from_high: bool) -> Answer {
    let with_score = match argv.get(3) {
        None => false,
        Some(word) if is(word, "WITHSCORE") => true,
        Some(_) => return Err(error(SYNTAX)),
    };
    let sorted = read(run, &argv[1])?;
    let Some(score) = sorted.score(&argv[2]) else { return Ok(Reply::Nil) };
    let below = sorted.iter().position(|(_, member)| *member == argv[2]).unwrap_or_default();
    let place = Reply::count(if from_high { sorted.len() - 1 - below } else { below });
    Ok(if with_score { Reply::Array(vec![place, told(score)]) } else { place })
}

pub(super) fn zrank(run: &mut Run<'_>, argv: &Argv) -> Answer {
    rank(run, argv, false)
}

pub(super) fn zrevrank(run: &mut Run<'_>, argv: &Argv) -> Answer {
    rank(run, argv, true)
}
