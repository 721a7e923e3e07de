//! ZRANGE: by place, by score, or by member where all scores are the same, from either end.

use super::args::{Argv, SYNTAX, Text, int, is, range};
use super::reply::{Reply, error};
use super::run::{Answer, Run};
use super::score::Score;
use super::sorted::{read, told};
use super::value::Sorted;

/// By what ZRANGE counts.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum By {
    #[default]
    Place,
    Score,
    Lex,
}

/// The options of ZRANGE.
#[derive(Default)]
struct Options {
    by: By,
    from_high: bool,
    with_scores: bool,
    limit: Option<(i64, i64)>,
}

impl Options {
    fn read(argv: &Argv) -> Result<Options, Reply> {
        let (mut options, mut at) = (Options::default(), 4);
        while let Some(word) = argv.get(at) {
            match () {
                () if is(word, "WITHSCORES") => options.with_scores = true,
                () if is(word, "LIMIT") && argv.len() > at + 2 => {
                    options.limit = Some((int(&argv[at + 1])?, int(&argv[at + 2])?));
                    at += 2;
                }
                () if is(word, "REV") && !options.from_high => options.from_high = true,
                () if is(word, "BYLEX") && options.by == By::Place => options.by = By::Lex,
                () if is(word, "BYSCORE") && options.by == By::Place => options.by = By::Score,
                () => return Err(error(SYNTAX)),
            }
            at += 1;
        }
        if options.limit.is_some_and(|(_, most)| most != -1) && options.by == By::Place {
            return Err(error("ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX"));
        }
        if options.with_scores && options.by == By::Lex {
            return Err(error("ERR syntax error, WITHSCORES not supported in combination with BYLEX"));
        }
        Ok(options)
    }

    /// The part that LIMIT leaves.
    fn limited(&self, pairs: impl Iterator<Item = (Score, Text)>) -> Pairs {
        match self.limit {
            None => pairs.collect(),
            Some((skip, _)) if skip < 0 => Vec::new(),
            Some((skip, most)) => pairs.skip(skip as usize).take(usize::try_from(most).unwrap_or(usize::MAX)).collect(),
        }
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
        let score = Score::read_bound(number).ok_or_else(|| error("ERR min or max is not a float"))?;
        Ok(Bound { score, open })
    }

    fn is_above(&self, score: Score) -> bool {
        score < self.score || (!self.open && score == self.score)
    }

    fn is_below(&self, score: Score) -> bool {
        score > self.score || (!self.open && score == self.score)
    }
}

/// A bound of members: `-` and `+` are the ends, `[b` takes b in, `(b` leaves it out.
enum LexBound<'a> {
    Least,
    Most,
    At(&'a str, bool),
}

impl LexBound<'_> {
    fn read(text: &str) -> Result<LexBound<'_>, Reply> {
        match text {
            "-" => Ok(LexBound::Least),
            "+" => Ok(LexBound::Most),
            _ => match (text.strip_prefix('['), text.strip_prefix('(')) {
                (Some(member), _) => Ok(LexBound::At(member, true)),
                (_, Some(member)) => Ok(LexBound::At(member, false)),
                _ => Err(error("ERR min or max not valid string range item")),
            },
        }
    }

    fn is_below(&self, member: &str) -> bool {
        match self {
            LexBound::Least => true,
            LexBound::Most => false,
            LexBound::At(at, closed) => member > *at || (*closed && member == *at),
        }
    }

    fn is_above(&self, member: &str) -> bool {
        match self {
            LexBound::Least => false,
            LexBound::Most => true,
            LexBound::At(at, closed) => member < *at || (*closed && member == *at),
        }
    }
}

type Pairs = Vec<(Score, Text)>;

fn ordered(sorted: &Sorted, from_high: bool) -> Pairs {
    if from_high { sorted.iter().rev().cloned().collect() } else { sorted.iter().cloned().collect() }
}

/// What is asked for, read before the key is looked at.
enum Asked<'a> {
    Places(i64, i64),
    Scores(Bound, Bound),
    Members(LexBound<'a>, LexBound<'a>),
}

impl<'a> Asked<'a> {
    fn read(argv: &'a Argv, options: &Options) -> Result<Asked<'a>, Reply> {
        // From the high end the greater bound comes first.
        let (low, high) = if options.from_high { (&argv[3], &argv[2]) } else { (&argv[2], &argv[3]) };
        Ok(match options.by {
            By::Place => Asked::Places(int(&argv[2])?, int(&argv[3])?),
            By::Score => Asked::Scores(Bound::read(low)?, Bound::read(high)?),
            By::Lex => Asked::Members(LexBound::read(low)?, LexBound::read(high)?),
        })
    }
}

fn found(sorted: &Sorted, asked: &Asked<'_>, options: &Options) -> Pairs {
    let mut all = ordered(sorted, options.from_high);
    match asked {
        Asked::Places(start, stop) => {
            let within = range(*start, *stop, sorted.len());
            within.map_or_else(Vec::new, |(first, last)| all.drain(first..=last).collect())
        }
        Asked::Scores(low, high) => options.limited(all.into_iter().filter(|(score, _)| low.is_below(*score) && high.is_above(*score))),
        Asked::Members(low, high) => by_member(sorted, (low, high), options),
    }
}

/// By member: from the first that is within, as long as they are. Where the scores differ, that is not all that are within.
fn by_member(sorted: &Sorted, (low, high): (&LexBound<'_>, &LexBound<'_>), options: &Options) -> Pairs {
    let (first, last) = (sorted.iter().next(), sorted.iter().next_back());
    let may_be = first.is_some_and(|(_, member)| high.is_above(member)) && last.is_some_and(|(_, member)| low.is_below(member));
    let (enters, stays) = if options.from_high { (high, low) } else { (low, high) };
    let is_past = |bound: &LexBound<'_>, member: &str, upper: bool| if upper { bound.is_above(member) } else { bound.is_below(member) };
    let within: Pairs =
        ordered(sorted, options.from_high).into_iter().skip_while(|(_, member)| !is_past(enters, member, options.from_high)).collect();
    let stays = |(_, member): &(Score, Text)| is_past(stays, member, !options.from_high);
    if !may_be || !within.first().is_some_and(stays) {
        return Vec::new();
    }
    let (skip, most) = options.limit.unwrap_or((0, -1));
    let Ok(skip) = usize::try_from(skip) else { return Vec::new() };
    within.into_iter().skip(skip).take_while(stays).take(usize::try_from(most).unwrap_or(usize::MAX)).collect()
}

pub(super) fn zrange(run: &mut Run<'_>, argv: &Argv) -> Answer {
    let options = Options::read(argv)?;
    let asked = Asked::read(argv, &options)?;
    let pairs = found(&read(run, &argv[1])?, &asked, &options);
    run.touched += pairs.len() as u64;
    let each = pairs.into_iter().flat_map(|(score, member)| {
        let score = options.with_scores.then(|| told(score));
        std::iter::once(Reply::Bulk(member)).chain(score)
    });
    Ok(Reply::Array(each.collect()))
}
