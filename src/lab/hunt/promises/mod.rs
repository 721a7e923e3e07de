//! Oracles: per model, design and class of faults, what must hold and what must be breakable, right in theory.
//!
//! Both directions are executed. A row that holds and breaks is a mistake of the cluster or of the judge; a row that breaks and is not
//! broken within its budget is a fault that does nothing, a judge that is blind, or a hunter that does not aim. Each row is a command
//! line: what fails is printed with the command that finds it and the script that it was shrunk to.

mod cache;
mod commit_log;
mod consensus;
mod exchange;
mod fleet;
mod gateway;
mod gossip;
mod limiter;
mod multi_leader;
mod proxy;
mod quorum;
mod redis;
mod replicated;
mod ring;
mod stores;
mod traffic;
mod work_queue;

use super::{Changes, Hunt, HuntArgs, first_break, flown::Flown, prepare, script::Shown, threads};
use crate::command::{Command, Drive, Poke};

/// Whatever a network and a crash can do, with the disk kept.
macro_rules! safe {
    () => {
        "crash,pause,full-disk,cut,one-way,loss,duplicate,reorder,latency,slow,hold"
    };
}
use safe;

/// The rows of a model, and the tests that hunt for both: for what must hold, and for what must break.
macro_rules! promises_of {
    ($model:literal) => {
        const fn row(design: &'static str, promise: &'static str, faults: &'static str, source: &'static str) -> super::Row {
            super::Row { model: $model, design, promise, faults, source }
        }

        #[test]
        fn what_is_promised_holds() {
            super::all(HOLDS, |row| row.must_hold(super::HOLD_RUNS));
        }

        #[test]
        fn what_is_not_promised_breaks() {
            super::all(BREAKS, |row| row.must_break(super::BREAK_RUNS));
        }

        #[test]
        #[ignore = "by hand, with --release: some minutes a row"]
        fn what_is_promised_holds_for_long() {
            super::all(HOLDS, |row| row.must_hold(super::LONG_RUNS));
        }
    };
}
use promises_of;

/// What theory says of a design under faults.
#[derive(Clone, Copy)]
struct Row {
    /// Of which model.
    model: &'static str,
    /// Settings, separated by `; `, and `nodes=5`, `ops=read,write`, `do=workload c1 50/s`.
    design: &'static str,
    /// A guarantee, `recovers`, or a condition that must not come true.
    promise: &'static str,
    /// The classes that a schedule may draw from.
    faults: &'static str,
    /// Where it is said.
    source: &'static str,
}

const SAFE_P: &str = concat!(safe!(), ",power-loss");
const SAFE_P_DRIFT: &str = concat!(safe!(), ",power-loss,drift");
/// Everything but the loss of a disk.
const ASYNC: &str = concat!(safe!(), ",power-loss,skew,drift,timers");
const NET_K_Z_S_DR: &str = "crash,pause,cut,one-way,loss,duplicate,reorder,latency,slow,hold,skew,drift";
/// What causes no failover.
const CALM: &str = "duplicate,reorder,full-disk";

/// What a design says that is no setting.
const OPTIONS: [&str; 3] = ["nodes=", "ops=", "do="];

/// Runs for each row that holds, in the tests: a part that all tables together go through in about a minute on two cores.
const HOLD_RUNS: u64 = 60;
/// At most so many for each row that breaks.
const BREAK_RUNS: u64 = 6_000;
/// By hand, for either.
const LONG_RUNS: u64 = 100_000;

impl Row {
    fn args(&self, runs: u64) -> HuntArgs {
        let option = |name: &str| self.design.split("; ").find_map(|pair| pair.strip_prefix(name));
        let pairs = self.design.split("; ").filter(|pair| !OPTIONS.iter().any(|option| pair.starts_with(option)));
        HuntArgs {
            model: Some(self.model.to_string()),
            changes: Changes {
                set: pairs.map(str::to_string).collect(),
                nodes: option("nodes=").map(|n| n.parse().expect("a number")),
                ..Changes::default()
            },
            ops: option("ops=").map(str::to_string),
            commands: self.design.split("; ").filter_map(|pair| pair.strip_prefix("do=")).map(str::to_string).collect(),
            faults: Some(self.faults.to_string()),
            wanted: Some(self.promise.to_string()),
            runs,
            ..HuntArgs::default()
        }
    }

    fn hunt(&self, args: &HuntArgs) -> Hunt {
        Hunt { stop: true, ..prepare(args).unwrap_or_else(|wrong| panic!("{}: {wrong}", self.name())) }
    }

    /// The command that hunts for it by hand.
    fn name(&self) -> String {
        let settings = self.design.split("; ").map(|pair| match pair.split_once('=') {
            Some((option, value)) if OPTIONS.contains(&format!("{option}=").as_str()) => format!("--{option} '{value}'"),
            _ => format!("--set '{pair}'"),
        });
        let settings: Vec<String> = settings.collect();
        format!(
            "splitbrain hunt --model {} {} --break '{}' --faults {} --runs {LONG_RUNS}   # {}",
            self.model,
            settings.join(" "),
            self.promise,
            self.faults,
            self.source
        )
    }

    /// What is wrong, if it should hold.
    fn must_hold(&self, runs: u64) -> Option<String> {
        let args = self.args(runs);
        let hunt = self.hunt(&args);
        let outcomes = hunt.run(threads(), &mut |_| {});
        let counted = outcomes.iter().filter(|outcome| outcome.met.counts()).count();
        if let Some(stuck) = outcomes.iter().find_map(|outcome| outcome.stuck.as_ref()) {
            return Some(format!("a run came to no end: {stuck}\n{}", self.name()));
        }
        if let Some(script) = first_break(&hunt, &outcomes) {
            let shown = Shown::of(&hunt, &args, script).unwrap_or_else(|wrong| panic!("{wrong}"));
            let why = &shown.script.why;
            return Some(format!("must hold, and is broken: {why}\n{}\n{}", self.name(), shown.command_line));
        }
        let enough = counted * 3 >= outcomes.len();
        (!enough).then(|| format!("{counted} of {} runs could have broken it, which proves little\n{}", outcomes.len(), self.name()))
    }

    /// What is wrong, if it should break.
    fn must_break(&self, runs: u64) -> Option<String> {
        let hunt = self.hunt(&self.args(runs));
        let outcomes = hunt.run(threads(), &mut |_| {});
        let broken = outcomes.iter().any(|outcome| !outcome.broken.is_empty());
        (!broken).then(|| format!("must be breakable, and held in {runs} runs\n{}", self.name()))
    }
}

/// A break that is real and too rare to be drawn: the schedule that shows it, and a design that the same schedule does not break.
struct Rare {
    row: Row,
    /// Pokes, and the time between them.
    schedule: &'static [&'static str],
    /// A design as in a row.
    cure: &'static str,
}

impl Rare {
    /// What is wrong with it.
    fn wrong(&self) -> Option<String> {
        let cured = Row { design: self.cure, ..self.row };
        match (self.breaks(&self.row), self.breaks(&cured)) {
            (true, false) => None,
            (false, _) => Some(format!("must be broken by its schedule, and holds\n{}", self.row.name())),
            (true, true) => Some(format!("must hold, and is broken by the schedule of another design\n{}", cured.name())),
        }
    }

    /// Whether the schedule, healed in the end, breaks the promise of this design.
    fn breaks(&self, row: &Row) -> bool {
        let hunt = row.hunt(&row.args(1));
        let language = hunt.field.model.language;
        let commands: Vec<Command> =
            self.schedule.iter().map(|text| language.parse(text).unwrap_or_else(|wrong| panic!("{text}: {wrong:?}"))).collect();
        let known = |command: &Command| matches!(command, Command::Poke(_) | Command::Drive(Drive::Run(_)));
        assert!(commands.iter().all(known), "a schedule is made of pokes and of time: {}", row.name());
        let ran = hunt.again(hunt.field.seed_of(0), &commands, &Flown::default()).expect("the design exists");
        let done = pokes(&ran.done[..ran.body]);
        assert!(pokes(&commands).starts_with(&done), "a poke of its schedule was refused: {}\n{done:?}", row.name());
        !ran.broken.is_empty()
    }
}

fn pokes(commands: &[Command]) -> Vec<&Poke> {
    commands.iter().filter_map(|command| if let Command::Poke(poke) = command { Some(poke) } else { None }).collect()
}

fn all_rare(rows: &[Rare]) {
    let wrong: Vec<String> = rows.iter().filter_map(Rare::wrong).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

fn all(rows: &[Row], judge: impl Fn(&Row) -> Option<String>) {
    let wrong: Vec<String> = rows.iter().filter_map(judge).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}
