//! ZRANGE: by place or by score, from either end.

use super::args::{Argv, SYNTAX, Text, int, is, range};
use super::reply::{Reply, error};
use super::run::{Answer, Run};
use super::score::Score;
use super::sorted::{read, told};
use super::value::Sorted;

/// The options of ZRANGE.
#[derive(Default)]
struct Options {
    by_score: bool,
    from_high: bool,
    with_scores: bool,
    limit: Option<(i64, i64)>,
}

impl Options {
    fn read(argv: &Argv) -> Result<Options, Reply> {
        let (mut options, mut at) = (Options::default(), 4);
        while let Some(word) = argv.get(at) {
            match () {
                () if is(word, "BYSCORE") => options.by_score = true,
                () if is(word, "REV") => options.from_high = true,
                () if is(word, "WITHSCORES") => options.with_scores = true,
                () if is(word, "LIMIT") && argv.len() > at + 2 => {
                    options.limit = Some((int(&argv[at + 1])?, int(&argv[at + 2])?));
                    at += 2;
                }
                () => return Err(error(SYNTAX)),
            }
            at += 1;
        }
        if options.limit.is_some() && !options.by_score {
            return Err(error("ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX"));
        }
        Ok(options)
    }
}

/// A bound of scores; `(1` leaves 1 out.
struct Bound {
    score: Score,
    open: bool,
}

impl Bound {
    fn read(text: &str) -> Result<Bound, Reply> {
        let (open, number) = text.strip_prefix('(').map_or((false, text), |rest| (true, rest));
        let score = Score::read(number).ok_or_else(|| error("ERR min or max is not a float"))?;
        Ok(Bound { score, open })
    }

    fn is_above(&self, score: Score) -> bool {
        score < self.score || (!self.open && score == self.score)
    }

    fn is_below(&self, score: Score) -> bool {
        score > self.score || (!self.open && score == self.score)
    }
}

type Pairs = Vec<(Score, Text)>;

fn ordered(sorted: &Sorted, from_high: bool) -> Pairs {
    if from_high { sorted.iter().rev().cloned().collect() } else { sorted.iter().cloned().collect() }
}

fn by_place(sorted: &Sorted, argv: &Argv, options: &Options) -> Result<Pairs, Reply> {
    let (start, stop) = (int(&argv[2])?, int(&argv[3])?);
    let Some((first, last)) = range(start, stop, sorted.len()) else { return Ok(Vec::new()) };
    Ok(ordered(sorted, options.from_high).drain(first..=last).collect())
}

fn by_score(sorted: &Sorted, argv: &Argv, options: &Options) -> Result<Pairs, Reply> {
    // From the high end the greater bound comes first.
    let (low, high) = if options.from_high { (&argv[3], &argv[2]) } else { (&argv[2], &argv[3]) };
    let (low, high) = (Bound::read(low)?, Bound::read(high)?);
    let within = ordered(sorted, options.from_high).into_iter().filter(|(score, _)| low.is_below(*score) && high.is_above(*score));
    Ok(match options.limit {
        None => within.collect(),
        Some((skip, _)) if skip < 0 => Vec::new(),
        Some((skip, most)) => within.skip(skip as usize).take(usize::try_from(most).unwrap_or(usize::MAX)).collect(),
    })
}

pub(super) fn zrange(run: &mut Run<'_>, argv: &Argv) -> Answer {
    let options = Options::read(argv)?;
    let sorted = read(run, &argv[1])?;
    let pairs = if options.by_score { by_score(&sorted, argv, &options)? } else { by_place(&sorted, argv, &options)? };
    run.touched += pairs.len() as u64;
    let each = pairs.into_iter().flat_map(|(score, member)| {
        let score = options.with_scores.then(|| told(score));
        std::iter::once(Reply::Bulk(member)).chain(score)
    });
    Ok(Reply::Array(each.collect()))
}
