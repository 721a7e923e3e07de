//! What a line does at a desk.

use super::stops::TO_THE_STOP;
use super::{Desk, Purpose, Wants, here, pokes};
use crate::cluster::condition::Condition;
use crate::cluster::registry;
use crate::cluster::vocabulary::vocabulary;
use crate::command::{Command, Drive, Poke, Vocabulary};
use crate::lesson::measure::{Column, Measure, Table};
use crate::lesson::schema::StepKind;
use crate::lesson::walk::{Awaits, Moved, Progress, Walk};
use crate::near::did_you_mean;
use crate::plain::answer::Answer;
use crate::plain::page::Page;
use crate::timeline::Brake;

impl Desk {
    /// Does something to the walk under a bound: where it fails, or takes too much, everything is as it was.
    pub(super) fn moving<T>(&mut self, page: &mut Page, go: impl FnOnce(&mut Walk) -> Result<T, String>) -> Option<T> {
        let brake = Brake::of(self.work);
        let mut ahead = self.walk.clone();
        ahead.set_brake(&brake);
        let done = go(&mut ahead);
        match done {
            _ if brake.is_pulled() => {
                page.say(format!("Stopped: {}. Everything is as it was before.", brake.why()));
                None
            }
            Err(why) => {
                page.say(format!("Not done: {why}"));
                None
            }
            Ok(done) => {
                self.walk = ahead;
                Some(done)
            }
        }
    }

    /// Nothing counts that was said of the run before.
    pub(super) fn forget(&mut self) {
        self.asked.clear();
        self.goal.clear();
        self.undone.clear();
        self.offers.clear();
        self.missed = None;
        self.holds = self.walk.goal_holds();
    }

    /// Goes on: what that is depends on what the step waits for.
    pub(in crate::plain) fn next(&mut self, page: &mut Page) -> Wants {
        match self.walk.awaits() {
            Awaits::Watching => self.play(page),
            Awaits::Answer => page.say("Type the number of your answer first; tell tells it."),
            Awaits::Goal if self.purpose == Purpose::Bench => page.say("Not reached yet: hint gives a hint, give-up gives it up."),
            Awaits::Goal => page.say("The goal is not reached yet: hint gives a hint, skip goes on without it."),
            Awaits::Command => self.command_of_the_solution(page),
            Awaits::Measuring => self.run_all(page),
            Awaits::Nothing => return self.next_step(page),
        }
        Wants::Nothing
    }

    /// The next step, or the end.
    pub(in crate::plain) fn next_step(&mut self, page: &mut Page) -> Wants {
        match (self.walk.is_last(), self.purpose) {
            (false, _) => self.opens(page, |walk| walk.next_step().map(|_| ())),
            (true, Purpose::Lesson) => {
                // The last step counts as read only when one goes on from it.
                if self.moving(page, |walk| walk.next_step().map_err(|mistakes| mistakes.lines().join("; "))).is_some() {
                    self.end(page);
                }
            }
            (true, Purpose::Seen) => return Wants::Card,
            (true, Purpose::Bench) => return Wants::HandIn,
        }
        Wants::Nothing
    }

    /// Opens a step and reads its card.
    fn opens(&mut self, page: &mut Page, go: impl FnOnce(&mut Walk) -> Result<(), crate::lesson::source::Mistakes>) {
        if self.moving(page, |walk| go(walk).map_err(|mistakes| mistakes.lines().join("; "))).is_some() {
            (self.sure, self.ended, self.network) = (false, false, false);
            self.card(page);
        }
    }

    /// The step before.
    pub(in crate::plain) fn previous_step(&mut self, page: &mut Page) {
        if self.walk.index() == 0 {
            return page.say("This is the first step.");
        }
        self.opens(page, |walk| walk.previous_step().map(|_| ()));
    }

    /// Any step, by its number.
    pub(in crate::plain) fn go(&mut self, page: &mut Page, number: &str) {
        let steps = self.walk.lesson().steps.len();
        match number.parse::<usize>() {
            Ok(number) if (1..=steps).contains(&number) => self.opens(page, |walk| walk.go_to(number - 1)),
            _ => page.say(format!("\"{number}\" is no step: there are {steps}, such as go 1")),
        }
    }

    /// The step again, from its start.
    pub(in crate::plain) fn again(&mut self, page: &mut Page) {
        self.opens(page, Walk::restart);
    }

    /// Every step, and how far it is.
    pub(in crate::plain) fn steps(&self, page: &mut Page) {
        for ((number, step), progress) in (1..).zip(&self.walk.lesson().steps).zip(self.walk.progress()) {
            let state = match progress {
                Progress::New => "new",
                Progress::Seen => "seen",
                Progress::Done => "done",
            };
            let here = if number == self.walk.index() + 1 { ", you are here" } else { "" };
            page.say(format!("{number}. {} {}, {state}{here}", super::heading(&step.kind), step.id.replace('-', " ")));
        }
    }

    /// Back to the stop before this, or to the step before.
    pub(in crate::plain) fn back(&mut self, page: &mut Page) {
        match self.moving(page, |walk| Ok(walk.back_to_stop())) {
            Some(Some(_)) => {
                self.undone.clear();
                page.say("Back.");
                self.stands(page);
            }
            Some(None) => self.previous_step(page),
            None => {}
        }
    }

    /// To the next thing worth seeing.
    pub(in crate::plain) fn jump(&mut self, page: &mut Page) {
        let before = here(&self.walk);
        if let Some(moved) = self.moving(page, |walk| Ok(walk.next_noteworthy())) {
            self.undone.clear();
            self.went(page, before, &moved);
        }
    }

    /// Takes the last poke back.
    pub(in crate::plain) fn undo(&mut self, page: &mut Page) {
        let undone =
            self.moving(page, |walk| walk.undo().ok_or_else(|| "nothing was done at this step, so there is nothing to undo".to_string()));
        if let Some(poke) = undone {
            page.say(format!("Taken back: {poke}"));
            self.undone.push(poke);
            self.stands(page);
            self.list_next(page);
        }
    }

    /// Does again what was taken back last.
    pub(in crate::plain) fn redo(&mut self, page: &mut Page) {
        let Some(poke) = self.undone.pop() else { return page.say("Nothing was taken back just now.") };
        let rest = std::mem::take(&mut self.undone);
        self.poke(page, &poke);
        self.undone = rest;
    }

    /// Pokes the cluster, or both.
    pub(in crate::plain) fn poke(&mut self, page: &mut Page, poke: &Poke) {
        let before = here(&self.walk);
        if self.moving(page, |walk| walk.poke(poke).map_err(|refused| refused.0)).is_some() {
            self.undone.clear();
            self.follow(page);
            self.went(page, before, &Moved { moved: true, halt: None });
            self.list_next(page);
        }
    }

    /// The names of the cluster on the stage.
    pub(in crate::plain) fn vocabulary(&self) -> Vocabulary {
        let model = registry::model(&self.run().scenario().model);
        model.map(|model| vocabulary(self.run().cluster(), model)).unwrap_or_default()
    }

    /// A line of the command language.
    pub(in crate::plain) fn command(&mut self, page: &mut Page, command: &Command) -> Wants {
        match command {
            Command::Poke(poke) => self.poke(page, poke),
            Command::Drive(Drive::Seed(seed)) => return Wants::Seed(*seed),
            Command::Drive(drive) => {
                let condition = match drive {
                    Drive::Until(text) => match Condition::about(text, self.run().scenario()) {
                        Ok(condition) => Some(condition),
                        Err(all) => {
                            let all: Vec<String> = all.into_iter().map(|error| error.message).collect();
                            page.say(format!("Not done: {}", all.join("; ")));
                            return Wants::Nothing;
                        }
                    },
                    _ => None,
                };
                let before = here(&self.walk);
                if let Some(moved) = self.moving(page, |walk| walk.command(command, condition.as_ref())) {
                    self.undone.clear();
                    self.follow(page);
                    self.went(page, before, &moved);
                    self.list_next(page);
                }
            }
        }
        Wants::Nothing
    }

    fn command_of_the_solution(&mut self, page: &mut Page) {
        let before = here(&self.walk);
        let Some(Some(_)) = self.moving(page, |walk| Ok(walk.solution_next())) else { return };
        self.log_since(page, before);
        let over = self.walk.solution().is_none_or(|(lines, done)| done >= lines.len());
        self.stands(page);
        if over && !self.walk.goal_holds() {
            page.say("The goal was reached on the way. It does not hold any more.");
        }
        if over {
            page.say("Now you: again starts the step again.");
        }
    }

    /// What can be done now, each with a number.
    pub(in crate::plain) fn list_pokes(&mut self, page: &mut Page) {
        const MOST: usize = 40;
        if self.walk.is_locked() {
            return page.say("Say first what will happen: type the number of an answer.");
        }
        let can: Vec<Poke> =
            self.run().cluster().enabled().into_iter().filter(|choice| choice.refused.is_none()).map(|choice| choice.poke).collect();
        let more = can.len().saturating_sub(MOST);
        self.offers = can.into_iter().take(MOST).map(Command::Poke).collect();
        let language = registry::language(&self.run().scenario().model);
        let asked = language.calls.iter().map(|call| &call.verb).chain(language.verbs.iter().map(|own| &own.verb));
        for verb in asked.take(MOST) {
            page.say(format!("\"{}\": {}", verb.example, verb.about));
        }
        for (number, poke) in (1..).zip(&self.offers) {
            page.say(format!("{number}. {poke}"));
        }
        let more = if more > 0 { format!(" {more} more can be done.") } else { String::new() };
        page.say(format!("Type a number or a command.{more} help commands lists every command."));
    }

    /// A number: an answer, a row, or something that was offered.
    pub(in crate::plain) fn answer(&mut self, page: &mut Page, answer: &Answer) {
        let [number] = answer.numbers[..] else { return page.say("One number is enough.") };
        match &self.walk.step().kind {
            StepKind::Predict { options, .. } => {
                let count = options.len();
                if !(1..=count).contains(&number) {
                    return page.say(format!("There are {count} answers: 1 to {count}."));
                }
                self.choose(page, number - 1, answer);
            }
            StepKind::Measure(_) if self.walk.table().is_some() => self.show_row(page, number),
            _ => self.offered(page, number),
        }
    }

    fn choose(&mut self, page: &mut Page, option: usize, answer: &Answer) {
        if let Some(prediction) = self.walk.prediction() {
            if !prediction.shown {
                return page.say(format!(
                    "You have answered {}, and the first answer stands. Type next to watch what happens.",
                    prediction.chosen + 1
                ));
            }
            if self.moving(page, |walk| Ok(walk.show_option(option))) == Some(true) {
                page.say("This is the moment that shows it.");
                let StepKind::Predict { options, .. } = &self.walk.step().kind else { return };
                if let Some(option) = options.get(option) {
                    page.say(format!("{}.", self.one_line(&option.text)));
                    page.markdown(&self.told(&option.why));
                }
                self.stands(page);
            }
            return;
        }
        if self.moving(page, |walk| walk.choose(option)).is_some() {
            self.sure = answer.confidence == Some(crate::review::Confidence::Sure);
            page.say(format!("Your answer is {}. Now it happens.", option + 1));
            self.play(page);
        }
    }

    /// Has the right answer of a prediction told.
    pub(in crate::plain) fn tell(&mut self, page: &mut Page) {
        if !self.walk.is_locked() {
            return self.read_answer(page);
        }
        if self.moving(page, Walk::tell_option).is_some() {
            page.say("Then watch.");
            self.play(page);
        }
    }

    /// What is measured.
    pub(super) fn measure(&self, page: &mut Page, measure: &Measure) {
        if let Some(look) = &measure.look {
            page.markdown(&self.told(look));
        }
        match self.walk.table() {
            None => {
                let runs = measure.rows.len() as u64 * measure.seeds;
                let rows: Vec<&str> = measure.rows.iter().map(|row| row.label.as_str()).collect();
                page.say(format!("{runs} runs: {}.", rows.join("; ")));
            }
            Some(table) => self.table(page, measure, table),
        }
    }

    fn run_all(&mut self, page: &mut Page) {
        let mut ahead = self.walk.clone();
        // What lessons measure was run when they were checked: it ends.
        ahead.set_brake(&Brake::default());
        match ahead.measure() {
            Ok(()) => self.walk = ahead,
            Err(mistakes) => return page.say(format!("Not done: {}", mistakes.lines().join("; "))),
        }
        if let (StepKind::Measure(measure), Some(table)) = (&self.walk.step().kind, self.walk.table()) {
            self.table(page, measure, table);
        }
        self.ask(page);
    }

    fn table(&self, page: &mut Page, measure: &Measure, table: &Table) {
        for ((number, row), cells) in (1..).zip(&measure.rows).zip(&table.rows) {
            let cell = |(column, cell): (&Column, &crate::lesson::measure::Cell)| {
                let heading = column.heading();
                let unit = column.unit.as_deref().filter(|unit| *unit != heading).map_or_else(String::new, |unit| format!(" {unit}"));
                format!("{heading} {}{unit}", cell.shown(column))
            };
            let cells: Vec<String> = measure.columns.iter().zip(cells).map(cell).collect();
            page.say(format!("{number}. {}: {}.", varied(&measure.over, &row.label), cells.join(", ")));
        }
        if measure.seeds > 1 {
            page.say(format!("Each number is the mean of {} runs; in brackets how far they lie apart.", measure.seeds));
        }
        page.markdown(&self.told(&measure.because));
        page.say("A number puts the run of that row on the stage.");
    }

    fn show_row(&mut self, page: &mut Page, number: usize) {
        let rows = self.walk.table().map_or(0, |table| table.rows.len());
        if !(1..=rows).contains(&number) {
            return page.say(format!("There are {rows} rows: 1 to {rows}."));
        }
        if self.moving(page, |walk| walk.show_row(number - 1).map_err(|mistakes| mistakes.lines().join("; "))).is_some() {
            let before = here(&self.walk);
            page.say(format!("The run of row {number}:"));
            if let Some(moved) = self.moving(page, |walk| Ok(walk.advance(TO_THE_STOP))) {
                self.went(page, before, &moved);
            }
        }
    }

    /// How it is with the goal, whole.
    pub(in crate::plain) fn goal(&mut self, page: &mut Page) {
        if self.try_step().is_none() {
            return page.say("This step has no goal.");
        }
        self.goal_lines(page, true);
        let best = self.walk.best_known().unwrap_or_default();
        page.say(format!("{} so far; the fewest known is {best}.", pokes(self.walk.pokes())));
        self.out_of_reach(page);
    }

    /// What a line that nothing knows may have meant.
    pub(in crate::plain) fn near(&self, word: &str, words: &[&str]) -> String {
        let vocabulary = self.vocabulary();
        let verbs: Vec<&str> = vocabulary.language.all().map(|verb| verb.name).collect();
        did_you_mean(word, words.iter().copied().chain(verbs))
    }
}

/// What is varied with its values in a row of a table: `style polling, rate 0.1/s`.
fn varied(over: &[String], label: &str) -> String {
    let values: Vec<&str> = label.split(", ").collect();
    if values.len() != over.len() {
        return format!("{} {label}", over.join(", "));
    }
    over.iter().zip(values).map(|(name, value)| format!("{name} {value}")).collect::<Vec<_>>().join(", ")
}
