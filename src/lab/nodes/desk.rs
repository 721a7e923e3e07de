//! A run of programs in lines of text, for somebody who types: time stands still while one types, and passes by the machine's clock where
//! a line says so.

use std::io::{BufRead, Write};
use std::time::Duration;

use anyhow::{Context as _, anyhow};

use crate::cluster::condition::Condition;
use crate::cluster::registry;
use crate::cluster::{Choice, Cluster as _};
use crate::command::{Command, Drive as Clock};
use crate::harmless;
use crate::plain::{self, Heard};
use crate::sim::time::{Span, Time};

use super::args::Args;
use super::drive::Drive;
use super::{faults, guard, headless};

/// How long Enter lets time pass.
const PASS: Span = Span::s(1);

/// The longest that one line lets time pass.
const LONGEST: Span = Span::s(600);

/// How long a condition is waited for.
const UNTIL: Span = Span::s(60);

/// The most pokes that are listed.
const LISTED: usize = 40;

/// What stands under `help`.
const HELP: [&str; 9] = [
    "Enter, or run 2s: time passes by the machine's clock, and the programs go on.",
    "until \"messages >= 100\": time passes until that is so, for a minute at most.",
    "c1 read 0, workload c1 5/s, crash n1, cut n1 | n2 n3, heal: any command of this cluster. It is done now; what comes of it needs time.",
    "pokes: what can be done now, as commands.",
    "state, state n1: what is on the stage.",
    "guarantees: what is kept and what is broken so far.",
    "help: this.",
    "quit: the programs end, and the verdicts are told.",
    "Nothing can be undone: your processes cannot be taken back.",
];

/// Starts the programs and does what is typed until there is no more, then says what came of it. The exit status: 0 kept, 1 broken, 2 the
/// program cannot be run, 3 undecided.
pub fn talk(args: &Args, echo: bool, input: &mut dyn BufRead, out: &mut dyn Write) -> anyhow::Result<u8> {
    anyhow::ensure!(args.replay.is_none(), "a run that was saved is opened on the screen; `splitbrain replay FILE` tells it in lines");
    args.can_save()?;
    guard::watch(true).context("cannot listen for signals")?;
    let workload = args.workload.context("--workload says what clients ask")?;
    let drive = Drive::start(args.scenario(true)?, args.program()?).map_err(|why| anyhow!(why))?;
    let mut desk = Desk { drive, told: (0, Time::ZERO) };
    let startup = Duration::from_nanos(desk.drive.live().sim().settings().startup.0) + Duration::from_secs(1);
    desk.drive.go_on(startup, |drive| drive.is_ready() || drive.live().watched().has_gone());
    desk.drive.freeze(true);
    let ready = desk.drive.is_ready();
    if ready {
        let name = clap::ValueEnum::to_possible_value(&workload).map(|value| value.get_name().to_string()).unwrap_or_default();
        writeln!(
            out,
            "Your program runs as {} nodes and is asked what {name} asks. Time is the machine's; it stands still while you type.",
            args.nodes
        )?;
        writeln!(
            out,
            "A command, such as c1 {}, is done now; Enter lets a second pass. help lists more, quit ends it.",
            example(workload)
        )?;
        let asking = args.rate.map(|rate| args.asking(rate, desk.drive.way())).unwrap_or_default();
        asking
            .iter()
            .filter_map(|command| faults::poke(command))
            .try_for_each(|poke| desk.drive.poke(&poke))
            .map_err(|why| anyhow!(why))?;
        desk.lines(echo, input, out)?;
    }
    headless::conclude(&mut desk.drive, None, args, out)?;
    Ok(if ready { headless::judgement(&desk.drive) } else { headless::status::WRONG })
}

/// What a client can ask first.
fn example(workload: super::args::Asks) -> &'static str {
    use super::args::Asks;
    match workload {
        Asks::Echo => "echo hello",
        Asks::UniqueIds => "generate",
        Asks::Broadcast => "broadcast 7",
        Asks::GCounter => "add 3",
        Asks::LinKv => "write 0 7",
        Asks::Kafka => "send 0 7",
    }
}

/// A run that is talked about.
struct Desk {
    drive: Drive,
    /// What happened up to this event and time was told.
    told: (u64, Time),
}

impl Desk {
    /// Reads lines until there are no more.
    fn lines(&mut self, echo: bool, input: &mut dyn BufRead, out: &mut dyn Write) -> anyhow::Result<()> {
        self.happened(out)?;
        loop {
            write!(out, "\n{}", plain::PROMPT)?;
            out.flush()?;
            let line = plain::hear(input)?;
            if let (Heard::Text(text), true) = (&line, echo) {
                write!(out, "{}", harmless::line(text))?;
            }
            if echo || line == Heard::End {
                writeln!(out)?;
            }
            match line {
                Heard::End => break,
                Heard::TooLong => writeln!(out, "This line is too long: {} bytes are the most.", plain::LINE_MAX)?,
                Heard::Text(text) if matches!(text.as_str(), "quit" | "exit" | "q") => break,
                Heard::Text(text) => self.line(&text, out)?,
            }
            if let Some(why) = self.drive.stuck() {
                writeln!(out, "It cannot go on: {why}.")?;
                break;
            }
            if self.drive.is_deserted() {
                writeln!(out, "No program runs any more; restart, such as restart n1, starts one.")?;
            }
        }
        Ok(writeln!(out)?)
    }

    fn line(&mut self, text: &str, out: &mut dyn Write) -> anyhow::Result<()> {
        let (word, rest) = text.split_once(' ').map_or((text, ""), |(word, rest)| (word, rest.trim()));
        match word {
            "" => self.pass(PASS, None, out),
            "help" | "?" => HELP.iter().try_for_each(|line| Ok(writeln!(out, "{line}")?)),
            "pokes" => self.pokes(out),
            "state" => self.state(rest, out),
            "guarantees" => headless::guarantees(&self.drive, &[], out),
            _ => self.command(text, out),
        }
    }

    fn command(&mut self, text: &str, out: &mut dyn Write) -> anyhow::Result<()> {
        match registry::language(&self.drive.run().scenario().model).parse(text) {
            Err(wrong) => {
                writeln!(out, "Not done:")?;
                Ok(wrong.render(text).lines().try_for_each(|line| writeln!(out, "  {line}"))?)
            }
            Ok(Command::Poke(poke)) => match self.drive.poke(&poke) {
                Ok(()) => self.happened(out),
                Err(why) => Ok(writeln!(out, "Not done: {}.", harmless::line(&why))?),
            },
            Ok(Command::Drive(Clock::Run(span))) if span > LONGEST => Ok(writeln!(out, "Not done: {LONGEST} are the most at once.")?),
            Ok(Command::Drive(Clock::Run(span))) => self.pass(span, None, out),
            Ok(Command::Drive(Clock::Until(text))) => match Condition::about(&text, self.drive.run().scenario()) {
                Ok(condition) => self.pass(UNTIL, Some(&condition), out),
                Err(wrong) => {
                    let all: Vec<String> = wrong.into_iter().map(|wrong| wrong.message).collect();
                    Ok(writeln!(out, "Not done: {}", harmless::line(&all.join("; ")))?)
                }
            },
            Ok(Command::Drive(Clock::Step(_))) => {
                Ok(writeln!(out, "Not done: the programs take no steps, time is the machine's; run 100ms lets so much pass.")?)
            }
            Ok(Command::Drive(Clock::Seed(_))) => {
                Ok(writeln!(out, "Not done: your processes cannot be taken back; leave, and start again with --seed.")?)
            }
        }
    }

    /// Lets time pass, or until a condition holds.
    fn pass(&mut self, by: Span, until: Option<&Condition>, out: &mut dyn Write) -> anyhow::Result<()> {
        let holds = |drive: &Drive| until.is_some_and(|condition| condition.holds_in(drive.live()).unwrap_or(false));
        let mut held = holds(&self.drive);
        self.drive.freeze(false);
        self.drive.go_on(Duration::from_nanos(by.0), |drive| {
            held = held || holds(drive);
            held || drive.is_deserted()
        });
        self.drive.freeze(true);
        self.happened(out)?;
        let at = self.drive.run().at();
        match until {
            Some(_) if held => writeln!(out, "It is so at {at}.")?,
            Some(_) => writeln!(out, "It is not so at {at}.")?,
            None => writeln!(out, "It is {at}.")?,
        }
        Ok(())
    }

    /// What happened since that was told last.
    fn happened(&mut self, out: &mut dyn Write) -> anyhow::Result<()> {
        let run = self.drive.run();
        let said = plain::happened(run.cluster(), self.told.0, self.told.1);
        self.told = (run.events(), run.at());
        Ok(said.iter().try_for_each(|line| writeln!(out, "{}", harmless::line(line)))?)
    }

    fn state(&self, name: &str, out: &mut dyn Write) -> anyhow::Result<()> {
        let said = plain::state(self.drive.run().cluster(), name).unwrap_or_else(|why| vec![why]);
        Ok(said.iter().try_for_each(|line| writeln!(out, "{}", harmless::line(line)))?)
    }

    fn pokes(&self, out: &mut dyn Write) -> anyhow::Result<()> {
        let open: Vec<Choice> = self.drive.live().enabled().into_iter().filter(|choice| choice.refused.is_none()).collect();
        for choice in open.iter().take(LISTED) {
            writeln!(out, "{}", harmless::line(&choice.poke.to_string()))?;
        }
        if open.len() > LISTED {
            writeln!(out, "and {} more", open.len() - LISTED)?;
        }
        Ok(())
    }
}
