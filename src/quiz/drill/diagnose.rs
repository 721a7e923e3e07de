//! Which guarantee is broken in a run, and by which operation: the checkers say it.

use rand::seq::SliceRandom;
use rand_pcg::Pcg64;

use super::{Maker, WRONG_MAX, part, pick, shuffled};
use crate::check::verdict::{Holds, Verdict};
use crate::cluster::told::Exchange;
use crate::lesson::question::{About, QuestionKind};
use crate::lesson::schema::Alternative;
use crate::lesson::schema::Script;
use crate::lesson::source::Mistake;
use crate::quiz::card::Part;

/// The most operations to choose from.
const OPERATIONS_MAX: usize = 6;

impl Maker<'_> {
    /// The two questions; only the first where nothing is broken.
    pub(super) fn diagnose(&self, rng: &mut Pcg64) -> Result<Option<Vec<Part>>, Mistake> {
        let timeline = self.case.play(self.lesson, self.seed, &Script::default(), self.brake)?;
        let verdicts = timeline.cluster().verdicts();
        let broken: Vec<&Verdict> = verdicts.iter().filter(|verdict| verdict.holds == Holds::No && !verdict.witness.is_empty()).collect();
        let broken = pick(&broken, rng).copied();
        let mut kept: Vec<&Verdict> = verdicts.iter().filter(|verdict| matches!(verdict.holds, Holds::Yes | Holds::Untested)).collect();
        kept.shuffle(rng);
        kept.truncate(WRONG_MAX - usize::from(broken.is_some()));
        if kept.is_empty() {
            return Ok(None);
        }
        let mut options: Vec<Alternative> = kept.into_iter().map(|verdict| self.guarantee(verdict, false)).collect();
        options.extend(broken.map(|verdict| self.guarantee(verdict, true)));
        let mut options = shuffled(options, rng);
        options.push(self.nothing(broken));
        let first = part(self.question(&self.case.text, About::This, QuestionKind::Choice(options)));
        let exchanges = timeline.cluster().exchanges();
        // Where everything that was done breaks it, there is nothing to choose.
        let choice = |verdict: &&Verdict| verdict.witness.len() < exchanges.len();
        let second = broken.filter(choice).map(|verdict| self.pointing(verdict, &exchanges));
        Ok(Some(std::iter::once(first).chain(second).collect()))
    }

    fn guarantee(&self, verdict: &Verdict, broken: bool) -> Alternative {
        let why = match verdict.holds {
            Holds::No => verdict.why.clone(),
            Holds::Untested => "Nothing that happened here could have broken it.".to_string(),
            Holds::Yes | Holds::Unknown => format!("It is kept. {}", verdict.guarantee.about()),
        };
        self.option(verdict.guarantee.words(), why, broken)
    }

    fn nothing(&self, broken: Option<&Verdict>) -> Alternative {
        let why = broken.map_or_else(
            || "The checkers find no operation that breaks one of them.".to_string(),
            |verdict| format!("*{}* is broken: {}", verdict.guarantee.words(), verdict.why),
        );
        self.option("none of these", why, broken.is_none())
    }

    /// Which operation breaks it: any of the witness is right.
    fn pointing(&self, verdict: &Verdict, exchanges: &[Exchange]) -> Part {
        let witness = &verdict.witness;
        let among = shown(witness, exchanges.len());
        let option = |id: &u32| {
            let right = witness.contains(id);
            let why = if right { verdict.why.clone() } else { "It fits: without it the guarantee is broken all the same.".to_string() };
            exchanges.get(*id as usize).map(|exchange| self.option(in_words(exchange), why, right))
        };
        let options: Vec<Alternative> = among.iter().filter_map(option).collect();
        let text = format!("*{}* is broken. Point at an operation that breaks it.", verdict.guarantee.words());
        let question = self.question(&text, About::This, QuestionKind::Choice(options));
        Part { operations: among, ..part(question) }
    }
}

/// The operations to choose from, in the order of their calls: those of the witness, and others around them.
fn shown(witness: &[u32], count: usize) -> Vec<u32> {
    let last = witness.last().copied().unwrap_or(0);
    let mut others: Vec<u32> = (0..count as u32).filter(|id| !witness.contains(id)).collect();
    others.sort_by_key(|id| id.abs_diff(last));
    others.truncate(OPERATIONS_MAX.saturating_sub(witness.len()).max(1));
    let mut all: Vec<u32> = witness.iter().copied().chain(others).collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// `c2 read x: 7, called at 0.312 s`.
fn in_words(exchange: &Exchange) -> String {
    let told = exchange.outcome.short();
    let told = if told.is_empty() { "no answer yet" } else { told };
    format!("{}: {told}, called at {}", exchange.asked(), exchange.called.at)
}
