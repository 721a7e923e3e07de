//! How it is with a goal: its parts, what missed and why, hints, the solution.

use super::{Desk, pokes};
use crate::cluster::facts::rounded;
use crate::lesson::schema::{StepKind, Try};
use crate::lesson::walk::in_words;
use crate::plain::page::Page;

impl Desk {
    pub(super) fn try_step(&self) -> Option<&Try> {
        if let StepKind::Try(step) = &self.walk.step().kind { Some(step) } else { None }
    }

    /// The parts of the goal: all of them, or those that changed since they were said last.
    pub(in crate::plain) fn goal_lines(&mut self, page: &mut Page, all: bool) {
        let lines = self.parts();
        for (index, line) in lines.iter().enumerate() {
            if all || self.goal.get(index) != Some(line) {
                page.say(line);
            }
        }
        self.goal = lines;
    }

    fn parts(&self) -> Vec<String> {
        let Some(step) = self.try_step() else { return Vec::new() };
        let broken = self.walk.broken_clause();
        let (holds, now) = (self.walk.clauses(), self.walk.clauses_now());
        let part = |(index, clause): (usize, &crate::lesson::goal::Clause)| {
            let said = self.one_line(&clause.say);
            let now = now.get(index).map(|now| rounded(now)).unwrap_or_default();
            let state = match holds.get(index) {
                Some(true) => "Yes.".to_string(),
                _ if broken == Some(index) => "No more: that cannot be mended.".to_string(),
                _ => format!("Not yet{}.", missing(&clause.that.text, &now)),
            };
            format!("Goal: {}. {state}", said.trim_end_matches('.'))
        };
        step.goal.clauses.iter().enumerate().map(part).collect()
    }

    /// The goal is reached: with how many pokes, and why it works.
    pub(super) fn reached(&self, page: &mut Page) {
        if self.walk.is_showing() {
            page.say("The goal is reached. This was the solution, and counts as nobody's.");
        } else {
            let best = self.walk.best_known().unwrap_or_default();
            let fewest = if self.walk.pokes() > best { format!("; the fewest known is {best}") } else { String::new() };
            page.say(format!("The goal is reached, with {}{fewest}.", pokes(self.walk.pokes())));
        }
        self.why(page);
    }

    pub(super) fn why(&self, page: &mut Page) {
        if let Some(reason) = self.walk.reason() {
            page.named("Why:", &self.told(reason));
        }
    }

    /// What the run has come to that misses the goal, where that was not answered yet.
    pub(super) fn miss(&mut self, page: &mut Page) {
        let miss = self.walk.miss();
        if miss == self.missed {
            return;
        }
        self.missed = miss;
        let said = miss.and_then(|miss| self.try_step()?.misses.get(miss)?.told.as_ref()).map(|told| self.told(&told.say));
        let Some(said) = said else { return };
        page.named("This cannot do it:", &said);
        let done = self.run().pokes_done();
        if let Some(last) = self.run().pokes().get(done.wrapping_sub(1)).filter(|_| self.walk.pokes() > 0) {
            page.say(format!("undo takes back: {}", last.poke));
        }
        self.out_of_reach(page);
    }

    /// That the goal can be reached no more from here, and how it comes within reach again.
    pub(super) fn out_of_reach(&self, page: &mut Page) {
        if self.walk.goal_holds() || !self.walk.is_out_of_reach() {
            return;
        }
        page.say(match self.walk.way_back() {
            Some((1, poke)) => format!("The goal is out of reach from here. undo goes back to before {poke}"),
            Some((count, poke)) => format!("The goal is out of reach from here. undo, {count} times, goes back to before {poke}"),
            None => "The goal is out of reach from here. again starts the step again.".to_string(),
        });
    }

    /// One more hint.
    pub(in crate::plain) fn hint(&mut self, page: &mut Page) {
        let Some(step) = self.try_step() else { return page.say("Hints are there where a goal is to be reached.") };
        let Some(of) = step.hints.as_ref().map(|hints| hints.len()) else { return page.say("There are no hints for this goal.") };
        match self.walk.hint() {
            Some((number, hint)) => page.named(&format!("Hint {number} of {of}:"), &self.told(&hint)),
            None => page.say("That was the last hint; solution shows the solution."),
        }
    }

    /// Starts the step again with the solution ahead.
    pub(in crate::plain) fn solution(&mut self, page: &mut Page) {
        if self.try_step().is_none() {
            return page.say("A solution is there where a goal is to be reached.");
        }
        if self.moving(page, |walk| walk.show_solution(0).map_err(|mistakes| mistakes.lines().join("; "))).is_none() {
            return;
        }
        self.forget();
        let lines: Vec<String> =
            self.walk.solution().map_or_else(Vec::new, |(lines, _)| lines.iter().map(|l| in_words(&l.command)).collect());
        page.say(format!("The step starts again, and this solves it, in {} commands. None of them counts as yours.", lines.len()));
        for (number, line) in (1..).zip(lines) {
            page.say(format!("Command {number}: {line}"));
        }
        self.ask(page);
    }
}

/// What is, and what is needed: `: leaders is 1, needs at least 2`.
fn missing(condition: &str, now: &str) -> String {
    let words: Vec<&str> = condition.split_whitespace().collect();
    let now = now.split(", ").map(spoken).collect::<Vec<_>>().join(", ");
    match (words.as_slice(), now.is_empty()) {
        (_, true) => String::new(),
        ([_, operator, value], false) => match operator_in_words(operator) {
            Some(word) => format!(": {now}, needs {word}{}", value.trim_matches('\'')),
            None => format!(": {now}"),
        },
        _ => format!(": {now}"),
    }
}

/// `setting.try-timeout = 2s` as it is said: `try-timeout is 2s`; a text that is empty is none.
fn spoken(fact: &str) -> String {
    let Some((name, value)) = fact.split_once(" =") else { return fact.to_string() };
    let name = name.strip_prefix("setting.").unwrap_or(name).replace('_', " ");
    let value = value.trim();
    format!("{name} is {}", if matches!(value, "" | "''") { "none" } else { value })
}

fn operator_in_words(operator: &str) -> Option<&'static str> {
    Some(match operator {
        ">=" => "at least ",
        "<=" => "at most ",
        ">" => "more than ",
        "<" => "less than ",
        "==" => "",
        "!=" => "anything but ",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_said_in_words() {
        assert_eq!(missing("leaders >= 2", "leaders = 1"), ": leaders is 1, needs at least 2");
        assert_eq!(missing("durable == 'no'", "durable = untested"), ": durable is untested, needs no");
        assert_eq!(missing("a == 1 && b < 2", "a = 0, b = 3"), ": a is 0, b is 3");
        assert_eq!(missing("leader != 'n1'", "leader = "), ": leader is none, needs anything but n1");
        assert_eq!(missing("setting.brokers == 5 && x", "setting.brokers = 3, rows_found = 2"), ": brokers is 3, rows found is 2");
        assert_eq!(missing("f(x) > 2", ""), "");
    }
}
