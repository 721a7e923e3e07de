//! What was tried, as lines: the branches with what came of them, and what can be done with them by their numbers.

use super::{Desk, pokes};
use crate::lesson::tried::{Outcome, Row, Tried, capital, in_words};
use crate::lesson::walk::{Stage, Walk};
use crate::plain::log;
use crate::plain::page::Page;
use crate::plain::state;
use crate::sim::time::{Span, Time};
use crate::timeline::{Brake, BranchId};

/// The most branches that are listed: the newest.
const MOST: usize = 30;

impl Desk {
    /// What was tried at this step; what there is none of is said.
    fn tree(&self, page: &mut Page) -> Option<Tried> {
        match self.walk.tried() {
            Ok(tried) => Some(tried),
            Err(why) => {
                page.say(format!("Not done: {why}"));
                None
            }
        }
    }

    /// Every branch, and what came of it.
    pub(in crate::plain) fn branches(&mut self, page: &mut Page) {
        let Some(tried) = self.tree(page) else { return };
        if tried.own == 0 {
            return page.say("Nothing was tried at this step yet: type a command, such as those of pokes.");
        }
        let brake = Brake::of(self.work);
        let asks = self.walk.asks();
        let mut run = self.walk.timeline().fork();
        run.set_brake(&brake);
        let mut listed: Vec<usize> = (0..tried.rows.len()).collect();
        listed.sort_by_key(|row| std::cmp::Reverse(tried.rows[*row].number()));
        listed.truncate(MOST);
        listed.sort_unstable();
        for row in &listed {
            let outcome = asks.outcome(&run, &tried.rows[*row]);
            let known = (!brake.is_pulled()).then_some(&outcome);
            page.say(line(&tried, *row, known));
        }
        let more = tried.rows.len() - listed.len();
        if more > 0 {
            page.say(format!("{more} older ones are not listed; their numbers work too."));
        }
        page.say("branch and a number goes there; name, compare and discard take numbers too.");
    }

    /// The branch of a number or a name. What is wrong with it is said.
    fn found(page: &mut Page, tried: &Tried, text: &str) -> Option<BranchId> {
        let name = text.trim_matches('"');
        let by_number = text.parse().ok().and_then(|number| tried.find(number)).map(|(_, branch)| branch);
        let found = by_number.or_else(|| tried.named(name).map(|row| tried.rows[row].last));
        if found.is_none() {
            page.say(format!("\"{text}\" is no branch; branches lists them with their numbers"));
        }
        found
    }

    /// Goes to a branch: to its end, or to a time on it.
    pub(in crate::plain) fn branch(&mut self, page: &mut Page, rest: &str) {
        let Some(tried) = self.tree(page) else { return };
        let (which, time) = rest.split_once(" at ").map_or((rest, None), |(which, time)| (which, Some(time.trim())));
        let Some(branch) = Self::found(page, &tried, which.trim()) else { return };
        let to = match time.map(str::parse::<Span>) {
            None => None,
            Some(Ok(span)) => Some(Time::ZERO + span),
            Some(Err(why)) => return page.say(format!("Not done: {why}")),
        };
        let go = |walk: &mut Walk| {
            let there = match to {
                None => walk.visit(branch, (u64::MAX, Time::END)),
                Some(to) => walk.visit_time(branch, to),
            };
            if there { Ok(()) } else { Err("it cannot be gone there now".to_string()) }
        };
        if self.moving(page, go).is_some() {
            self.forget();
            page.say(format!("{} at {}.", capital(&tried.called(branch)), self.walk.stage().at()));
            page.say(state::summary(self.walk.cluster()));
            self.stands(page);
        }
    }

    /// Calls a branch by a name.
    pub(in crate::plain) fn name_branch(&mut self, page: &mut Page, rest: &str) {
        let Some(tried) = self.tree(page) else { return };
        let (which, name) = rest.split_once(' ').unwrap_or((rest, ""));
        let Some(branch) = Self::found(page, &tried, which) else { return };
        match self.walk.name_branch(branch, name.trim().trim_matches('"')) {
            Ok(Some(name)) => page.say(format!("It is called \"{name}\" now.")),
            Ok(None) => page.say("It has no name now."),
            Err(why) => page.say(format!("Not done: {why}")),
        }
    }

    /// Puts two branches side by side.
    pub(in crate::plain) fn compare_branches(&mut self, page: &mut Page, rest: &str) {
        let Some(tried) = self.tree(page) else { return };
        let words: Vec<&str> = rest.split_whitespace().collect();
        let [a, b] = words[..] else { return page.say("compare takes the numbers of two branches, such as compare 2 3") };
        let (Some(a), Some(b)) = (Self::found(page, &tried, a), Self::found(page, &tried, b)) else { return };
        let brake = Brake::of(self.work);
        let mut own = self.walk.clone();
        own.set_brake(&brake);
        let two = own.beside([a, b]);
        if brake.is_pulled() {
            return page.say(format!("Stopped: {}.", brake.why()));
        }
        match two {
            Ok(two) => self.side_by_side(page, &two, &[tried.called(a), tried.called(b)], [a, b]),
            Err(why) => page.say(format!("Not done: {why}")),
        }
    }

    fn side_by_side(&self, page: &mut Page, two: &Walk, names: &[String; 2], branches: [BranchId; 2]) {
        let Stage::Two(pair) = two.stage() else { return };
        let parting = self.walk.timeline().parting(branches).unwrap_or_default();
        let since = parting.iter().flatten().map(|poke| (poke.event - 1, poke.at)).min();
        let parted = two.parted().unwrap_or_default();
        page.say(format!("One run up to {parted}. What was done then differs, so this is no verdict on a design."));
        let asks = self.walk.asks();
        for ((name, branch), first) in names.iter().zip(branches).zip(&parting) {
            let mut run = self.walk.timeline().fork();
            run.visit_end(branch);
            let own = run.pokes().into_iter().filter(|poke| first.as_ref().is_some_and(|first| poke.event >= first.event));
            let done: Vec<String> = own.map(|poke| format!("{} at {}", poke.poke, poke.at)).collect();
            let done = if done.is_empty() { "nothing was done".to_string() } else { done.join(", then ") };
            page.say(format!(
                "{}: {done}. Came of it: {}.",
                capital(name),
                in_words(&asks.outcome_since(self.walk.timeline(), branch, since))
            ));
        }
        let [a, b] = names.each_ref().map(String::as_str);
        match pair.divergence() {
            Some(first) => log::difference(two, first, [a, b]).iter().for_each(|line| page.say(line)),
            None => page.say("Clients were told the same, and the same servers came to lead, as far as they were seen."),
        }
        for (name, run) in [(a, pair.a()), (b, pair.b())] {
            page.say(format!("{} at {}: {}", capital(name), run.at(), state::summary(run.cluster())));
        }
    }

    /// Removes a branch with what came after it.
    pub(in crate::plain) fn remove_branch(&mut self, page: &mut Page, rest: &str) {
        let Some(tried) = self.tree(page) else { return };
        let Some(branch) = Self::found(page, &tried, rest.trim()) else { return };
        match self.walk.remove_branch(branch) {
            Ok(count) => page.say(format!("Removed, with {}. bring-back brings it back.", pokes(count))),
            Err(why) => page.say(format!("Not done: {why}")),
        }
    }

    /// Brings back what was removed last.
    pub(in crate::plain) fn bring_back(&mut self, page: &mut Page) {
        match self.walk.bring_back() {
            Ok(branch) => page.say(format!("Branch {} is back.", branch.0)),
            Err(why) => page.say(format!("Not done: {why}")),
        }
    }
}

/// `Branch 4, from branch 1, called "both lead": cut n1 | n2 n3 at 0.300 s. Came of it: 2 leaders. You are here.`
fn line(tried: &Tried, index: usize, outcome: Option<&Outcome>) -> String {
    let row = &tried.rows[index];
    let from = match row.parent {
        Some(parent) if tried.rows[parent].number() > 0 => format!(", after branch {}", tried.rows[parent].number()),
        _ => String::new(),
    };
    let name = row.name.as_ref().map_or_else(String::new, |name| format!(", called \"{name}\""));
    let start = if row.number() == 0 { "The start".to_string() } else { format!("Branch {}{from}{name}", row.number()) };
    let lesson = if row.given && row.number() > 0 { " The lesson did it." } else { "" };
    let opens = row.opens.map_or_else(String::new, |(_, at)| format!(" The step opens at {at}."));
    let came = match outcome {
        _ if row.number() == 0 || row.given => String::new(),
        Some(outcome) => format!(" Came of it by {}: {}.", row.end.at, in_words(outcome)),
        None => " What came of it takes too long to work out.".to_string(),
    };
    let here = if index == tried.here { format!(" You are here, at {}.", tried.now) } else { String::new() };
    format!("{start}{}.{lesson}{came}{opens}{here}", done(row))
}

/// `: (2) cut n1 | n2 n3 at 0.300 s, then c2 write x 9 at 0.800 s`
fn done(row: &Row) -> String {
    let one = |(i, (id, poke)): (usize, &(BranchId, crate::timeline::PokeAt))| {
        let number = if i + 1 < row.pokes.len() { format!("({}) ", id.0) } else { String::new() };
        format!("{number}{} at {}", poke.poke, poke.at)
    };
    let all: Vec<String> = row.pokes.iter().enumerate().map(one).collect();
    if all.is_empty() { String::new() } else { format!(": {}", all.join(", then ")) }
}
