//! Strings and counters.

use super::args::{Argv, SYNTAX, Text, int, integer, is};
use super::entry::Entry;
use super::generic::Deadline;
use super::reply::{Reply, error};
use super::run::{Answer, Run};
use super::value::{Kind, Value};

fn text(value: Option<&Value>) -> Option<Text> {
    if let Some(Value::String(text)) = value { Some(text.clone()) } else { None }
}

/// The text of a key, for a command that only reads.
fn read(run: &mut Run<'_>, key: &str) -> Result<Option<Text>, Reply> {
    run.read_value(key, Kind::String).map(text)
}

/// The same for one that changes it.
fn current(run: &mut Run<'_>, key: &str) -> Result<Option<Text>, Reply> {
    run.value(key, Kind::String).map(text)
}

pub(super) fn get(run: &mut Run<'_>, argv: &Argv) -> Answer {
    read(run, &argv[1]).map(Reply::maybe)
}

pub(super) fn strlen(run: &mut Run<'_>, argv: &Argv) -> Answer {
    read(run, &argv[1]).map(|text| Reply::count(text.map_or(0, |text| text.len())))
}

pub(super) fn getdel(run: &mut Run<'_>, argv: &Argv) -> Answer {
    let text = read(run, &argv[1])?;
    if run.delete(&argv[1]).is_some() {
        run.pass_on(&["DEL", &argv[1]]);
    }
    Ok(Reply::maybe(text))
}

/// The options of SET.
#[expect(clippy::struct_excessive_bools, reason = "each is an option of its own of the command")]
#[derive(Default)]
struct Options {
    only_new: bool,
    only_old: bool,
    get: bool,
    keep: bool,
    deadline: Option<Deadline>,
}

impl Options {
    fn read(argv: &Argv, now: u64) -> Result<Options, Reply> {
        let mut options = Options::default();
        // The same unit may come again, and the last counts; what it is is read when all words are known to be options.
        let mut timed: Option<(&Text, &Text)> = None;
        let mut words = argv[3..].iter();
        while let Some(word) = words.next() {
            match () {
                () if is(word, "NX") && !options.only_old => options.only_new = true,
                () if is(word, "XX") && !options.only_new => options.only_old = true,
                () if is(word, "GET") => options.get = true,
                () if is(word, "KEEPTTL") && timed.is_none() => options.keep = true,
                () if Deadline::is_option(word) && !options.keep && timed.is_none_or(|(unit, _)| is(word, unit)) => {
                    timed = Some((word, words.next().ok_or_else(|| error(SYNTAX))?));
                }
                () => return Err(error(SYNTAX)),
            }
        }
        options.deadline = timed.map(|(unit, amount)| Deadline::read(unit, amount, now, "set")).transpose()?;
        Ok(options)
    }
}

pub(super) fn set(run: &mut Run<'_>, argv: &Argv) -> Answer {
    let (key, now) = (&argv[1], run.around.now);
    let options = Options::read(argv, now)?;
    let before = if options.get { current(run, key)? } else { None };
    let told = |done: bool| match () {
        () if options.get => Reply::maybe(before.clone()),
        () if done => Reply::OK,
        () => Reply::Nil,
    };
    let there = run.entry(key).map(|entry| entry.expires);
    if (options.only_new && there.is_some()) || (options.only_old && there.is_none()) {
        return Ok(told(false));
    }
    let kept = there.flatten().filter(|_| options.keep);
    let expires = options.deadline.as_ref().map_or(kept, |deadline| Some(deadline.at));
    let entry = Entry { expires, ..Entry::new(Value::String(argv[2].clone()), now) };
    pass_on_set(run, argv, &options);
    run.put(key, entry);
    Ok(told(true))
}

/// A SET is passed on as what it did: without its conditions, and with the moment at which the key expires.
fn pass_on_set(run: &mut Run<'_>, argv: &Argv, options: &Options) {
    let mut words: Vec<&str> = vec!["SET", &argv[1], &argv[2]];
    let timed = options.deadline.as_ref().map(|deadline| deadline.passed_on(run.around.passes_lengths));
    if let Some((unit, amount)) = &timed {
        words.extend([*unit, amount.as_str()]);
    }
    if options.keep {
        words.push("KEEPTTL");
    }
    run.pass_on(&words);
}

pub(super) fn mset(run: &mut Run<'_>, argv: &Argv) -> Answer {
    if argv.len().is_multiple_of(2) {
        return Err(error("ERR wrong number of arguments for 'mset' command"));
    }
    let now = run.around.now;
    for pair in argv[1..].chunks_exact(2) {
        run.put(&pair[0], Entry::new(Value::String(pair[1].clone()), now));
    }
    Ok(Reply::OK)
}

#[expect(clippy::unnecessary_wraps, reason = "a function of the table, of which others fail")]
pub(super) fn mget(run: &mut Run<'_>, argv: &Argv) -> Answer {
    // A key of another type is answered as if it were not there.
    Ok(Reply::Array(argv[1..].iter().map(|key| Reply::maybe(read(run, key).unwrap_or(None))).collect()))
}

pub(super) fn append(run: &mut Run<'_>, argv: &Argv) -> Answer {
    let before = current(run, &argv[1])?.unwrap_or_else(|| "".into());
    let text = Text::from(format!("{before}{}", argv[2]));
    let length = text.len();
    run.set_text(&argv[1], text);
    Ok(Reply::count(length))
}

fn add(run: &mut Run<'_>, key: &Text, by: i64) -> Answer {
    let before = current(run, key)?.map_or(Ok(0), |text| int(&text))?;
    let sum = before.checked_add(by).ok_or_else(|| error("ERR increment or decrement would overflow"))?;
    run.set_text(key, sum.to_string().into());
    Ok(Reply::Int(sum))
}

pub(super) fn incr(run: &mut Run<'_>, argv: &Argv) -> Answer {
    add(run, &argv[1], 1)
}

pub(super) fn decr(run: &mut Run<'_>, argv: &Argv) -> Answer {
    add(run, &argv[1], -1)
}

pub(super) fn incrby(run: &mut Run<'_>, argv: &Argv) -> Answer {
    add(run, &argv[1], int(&argv[2])?)
}

pub(super) fn decrby(run: &mut Run<'_>, argv: &Argv) -> Answer {
    let by = int(&argv[2])?.checked_neg().ok_or_else(|| error("ERR decrement would overflow"))?;
    add(run, &argv[1], by)
}

impl Run<'_> {
    /// Gives a key a text, which may be empty; when it expires stays as it is.
    fn set_text(&mut self, key: &Text, text: Text) {
        let (now, expires) = (self.around.now, self.entry(key).and_then(|entry| entry.expires));
        self.put(key, Entry { expires, ..Entry::new(Value::String(text), now) });
    }
}

/// The number that a text is, for hashes too.
pub(super) fn number(text: &str, not: &str) -> Result<i64, Reply> {
    integer(text).ok_or_else(|| error(not))
}
