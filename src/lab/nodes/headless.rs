//! A run that nobody watches: clients ask, faults happen, everything is healed, and each node is looked at once more. Then the verdicts.

use std::collections::BTreeMap;
use std::io::Write;
use std::time::Duration;

use anyhow::{Context as _, anyhow};

use crate::check::verdict::{Holds, Verdict};
use crate::cluster::Cluster as _;
use crate::cluster::processes::Workload;
use crate::cluster::told::{Exchange, Outcome};
use crate::files;
use crate::harmless;
use crate::sim::history::Cause;
use crate::sim::id::NodeId;
use crate::sim::time::Time;

use super::args::{Args, KEYS};
use super::crew::SILENCE;
use super::drive::Drive;
use super::faults::{self, Fault, Planned, poke};
use super::guard;

/// What a run came to, as an exit status.
pub(super) mod status {
    pub(in crate::lab::nodes) const KEPT: u8 = 0;
    pub(in crate::lab::nodes) const BROKEN: u8 = 1;
    pub(in crate::lab::nodes) const WRONG: u8 = 2;
    pub(in crate::lab::nodes) const UNDECIDED: u8 = 3;
}

/// How long after the last change the last look comes, beyond what the setting `settle` says.
const MORE: Duration = Duration::from_millis(200);

/// How much all clients ask in a second.
const RATE: f64 = 10.0;

/// Runs the program and prints what came of it. The exit status: 0 kept, 1 broken, 2 the program cannot be run, 3 undecided.
pub fn run(args: &Args, out: &mut dyn Write) -> anyhow::Result<u8> {
    args.can_save()?;
    guard::watch(true).context("cannot listen for signals")?;
    let workload = args.workload.context("--workload says what clients ask")?.workload();
    let mut drive = Drive::start(args.scenario(false)?, args.program()?).map_err(|why| anyhow!(why))?;
    let startup = drive.live().sim().settings().startup;
    drive.go_on(Duration::from_nanos(startup.0) + Duration::from_secs(1), |drive| drive.is_ready() || drive.live().watched().has_gone());
    let ready = drive.is_ready();
    let mut slow = None;
    if ready {
        let length = Duration::from_secs_f64(args.time_limit);
        let latency = drive.live().sim().settings().latency.to_string();
        let rate = args.rate.unwrap_or(RATE);
        args.asking(rate, drive.way()).iter().for_each(|command| do_it(&mut drive, command));
        endure(&mut drive, faults::plan(&args.faults, args.nodes, &latency, args.seed, length), length);
        // Whoever has nobody to ask asks less.
        if !drive.live().watched().has_gone() {
            slow = too_slow(rate, drive.live().exchanges().len(), args);
        }
        last_look(&mut drive, args, workload);
    }
    conclude(&mut drive, slow, args, out)?;
    Ok(if ready { judgement(&drive) } else { status::WRONG })
}

/// Ends the programs, says what came of the run, and writes it where that was asked for.
pub(super) fn conclude(drive: &mut Drive, slow: Option<String>, args: &Args, out: &mut dyn Write) -> anyhow::Result<()> {
    drive.dismiss();
    report(drive, slow, out)?;
    if let Some(path) = &args.save {
        let text = drive.run().replay().to_string();
        files::put(path, text.as_bytes(), args.force).with_context(|| path.display().to_string())?;
        writeln!(
            out,
            "\nThe run is in {}; `splitbrain replay {0}` runs it again, without the program.",
            harmless::line(&path.display().to_string())
        )?;
    }
    Ok(())
}

/// That clients asked less than they were to, and why; nothing where it is no more than chance.
fn too_slow(rate: f64, asked: usize, args: &Args) -> Option<String> {
    let (wanted, asked) = (rate * args.time_limit, asked as f64);
    // What comes at random comes so much less often now and then.
    let chance = (wanted * 0.1).max(3.0 * libm::sqrt(wanted));
    (asked + chance < wanted).then(|| {
        format!(
            "{} requests in a second were to be asked, and {} were: a client waits for its answer, or for --timeout, before it asks again. \
             More --nodes or a shorter --latency make more.",
            short(rate),
            short(asked / args.time_limit),
        )
    })
}

/// A number to a tenth, and whole where it is.
fn short(number: f64) -> String {
    let text = format!("{number:.1}");
    text.strip_suffix(".0").map(str::to_string).unwrap_or(text)
}

fn do_it(drive: &mut Drive, command: &str) {
    // What a dead node refuses is said by its verdict.
    if let Some(poke) = poke(command) {
        let _ = drive.poke(&poke);
    }
}

/// Lets time pass, and everything go wrong that is planned.
fn endure(drive: &mut Drive, plan: Vec<Planned>, length: Duration) {
    let mut passed = Duration::ZERO;
    for planned in plan {
        drive.go_on(planned.at.saturating_sub(passed), Drive::is_deserted);
        passed = planned.at;
        for poke in &planned.pokes {
            let _ = drive.poke(poke);
        }
    }
    drive.go_on(length.saturating_sub(passed), Drive::is_deserted);
}

/// Stops the clients, heals everything, waits, and asks every node for what it has.
fn last_look(drive: &mut Drive, args: &Args, workload: Workload) {
    (0..args.nodes).for_each(|client| do_it(drive, &format!("workload {} off", NodeId::client(client))));
    do_it(drive, "heal");
    if args.faults.contains(&Fault::Drop) {
        do_it(drive, "loss all 0");
    }
    for node in (0..args.nodes).map(NodeId::server) {
        do_it(drive, &format!("resume {node}"));
    }
    let quiet = |drive: &Drive| (0..args.nodes).all(|client| drive.live().sim().open_requests(NodeId::client(client)) == 0);
    let (timeout, settle) = (drive.live().sim().settings().request_timeout, drive.live().sim().settings().settle);
    let timeout = Duration::from_nanos(timeout.0) + MORE;
    drive.go_on(timeout, quiet);
    drive.go_on(Duration::from_nanos(settle.0) + MORE, Drive::is_deserted);
    for n in 0..args.nodes {
        let (client, node) = (NodeId::client(n), NodeId::server(n));
        let looks: Vec<String> = match workload {
            Workload::Echo => vec![format!("{client} echo last to {node}")],
            Workload::UniqueIds => vec![format!("{client} generate from {node}")],
            Workload::Broadcast => vec![format!("{client} messages from {node}")],
            Workload::GCounter => vec![format!("{client} total from {node}")],
            Workload::LinKv => (0..KEYS).map(|key| format!("{client} read {key} from {node}")).collect(),
            Workload::Kafka => vec![format!("{client} poll-all from {node}")],
        };
        for look in &looks {
            do_it(drive, look);
        }
    }
    drive.go_on(timeout, quiet);
    // Who has not written anything yet may hang: that is known only when it has been silent for long enough.
    drive.go_on(SILENCE + MORE, |drive| !drive.is_suspected());
}

/// The exit status of a run whose programs were ready.
pub(super) fn judgement(drive: &Drive) -> u8 {
    let verdicts = drive.live().verdicts();
    let is_open = |verdict: &Verdict| verdict.holds == Holds::Unknown;
    match verdicts.first() {
        _ if verdicts.iter().any(|verdict| verdict.holds == Holds::No) => status::BROKEN,
        Some(first) if first.holds == Holds::Yes && !verdicts.iter().any(is_open) => status::KEPT,
        _ => status::UNDECIDED,
    }
}

/// The most sentences about what happened.
const TOLD_MAX: usize = 40;

/// So many of the last lines on standard error are told.
const SAYS_MAX: usize = 6;

fn report(drive: &Drive, slow: Option<String>, out: &mut dyn Write) -> anyhow::Result<()> {
    let live = drive.live();
    let exchanges = live.exchanges();
    let sim = live.sim();
    writeln!(
        out,
        "{}, in {:.1} s of the machine's time; {} messages, {} lines recorded.",
        counted(&exchanges),
        sim.now().as_secs(),
        sim.sent().messages,
        drive.run().pokes_done(),
    )?;
    if let Some(slow) = slow {
        writeln!(out, "{slow}")?;
    }
    if let Some(why) = drive.stuck() {
        writeln!(out, "The run ended early: {why}.")?;
    }
    let [told, says] = super::link::remarks(drive.run().cluster());
    remarks(&told, &says, out)?;
    writeln!(out)?;
    guarantees(drive, &told, out)
}

/// Every guarantee with what came of it. `told`: the sentences that stand above.
pub(super) fn guarantees(drive: &Drive, told: &[(Time, String)], out: &mut dyn Write) -> anyhow::Result<()> {
    let live = drive.live();
    let (verdicts, exchanges) = (live.verdicts(), live.exchanges());
    for (at, verdict) in verdicts.iter().enumerate() {
        let same = verdicts[..at]
            .iter()
            .find(|other| other.holds == Holds::No && (&other.why, &other.witness) == (&verdict.why, &verdict.witness));
        let said = told.iter().find(|(_, text)| *text == verdict.why).map(|(at, _)| *at);
        match (verdict.holds, same, said) {
            (Holds::No, Some(other), _) => writeln!(out, "{:<20} BROKEN: as {}", verdict.guarantee.words(), other.guarantee.words())?,
            (Holds::No, _, Some(at)) => writeln!(out, "{:<20} BROKEN: see {:.3} s above", verdict.guarantee.words(), at.as_secs())?,
            _ => tell(verdict, &exchanges, out)?,
        }
    }
    Ok(())
}

/// How many requests there were, and how they were answered: `122 requests, 99 answered with ok, 23 with an error`.
fn counted(exchanges: &[Exchange]) -> String {
    let [mut ok, mut error, mut none] = [0_usize; 3];
    for exchange in exchanges {
        match &exchange.outcome {
            Outcome::Ok(_) => ok += 1,
            Outcome::Open
            | Outcome::Failed(Cause::NoAnswer | Cause::ClientDied)
            | Outcome::Unknown(Cause::NoAnswer | Cause::ClientDied) => none += 1,
            Outcome::Refused(_) | Outcome::Failed(_) | Outcome::Unknown(_) => error += 1,
        }
    }
    let requests = match exchanges.len() {
        1 => "1 request".to_string(),
        many => format!("{many} requests"),
    };
    let parts = [(error, "with an error"), (none, "not answered")];
    let parts: Vec<String> = parts.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!(", {count} {what}")).collect();
    format!("{requests}, {ok} answered with ok{}", parts.concat())
}

/// What was done, and what programs did that they should not, each sentence once; then what they said last beside their messages.
fn remarks(told: &[(Time, String)], says: &[(Time, String)], out: &mut dyn Write) -> anyhow::Result<()> {
    let mut once: Vec<(Time, &str, usize)> = Vec::new();
    let mut known: BTreeMap<&str, usize> = BTreeMap::new();
    for (at, text) in told {
        match known.get(text.as_str()) {
            // A poke that is done twice is two pokes.
            Some(place) if text.ends_with(|c: char| !c.is_alphanumeric()) => once[*place].2 += 1,
            _ => {
                known.insert(text, once.len());
                once.push((*at, text, 1));
            }
        }
    }
    for (at, text, times) in once.iter().take(TOLD_MAX) {
        let more = if *times > 1 { format!("   (and {} times more)", times - 1) } else { String::new() };
        writeln!(out, "  {:>7.3} s  {}{more}", at.as_secs(), harmless::line(text))?;
    }
    if once.len() > TOLD_MAX {
        writeln!(out, "  ... and {} more", once.len() - TOLD_MAX)?;
    }
    if !says.is_empty() {
        writeln!(out, "The last of {} lines on standard error:", says.len())?;
    }
    let groups: Vec<&[(Time, String)]> = says.chunk_by(|(_, a), (_, b)| a == b).collect();
    for group in &groups[groups.len().saturating_sub(SAYS_MAX)..] {
        let [(at, text), more @ ..] = group else { continue };
        let more = if more.is_empty() { String::new() } else { format!("   (and {} times more)", more.len()) };
        writeln!(out, "  {:>7.3} s  {}{more}", at.as_secs(), harmless::line(text))?;
    }
    Ok(())
}

/// The most operations of a witness.
const WITNESS_MAX: usize = 12;

fn tell(verdict: &Verdict, exchanges: &[Exchange], out: &mut dyn Write) -> anyhow::Result<()> {
    let word = match verdict.holds {
        Holds::Yes => "kept",
        Holds::No => "BROKEN",
        Holds::Unknown => "undecided",
        Holds::Untested => "untested",
    };
    let why = if verdict.why.is_empty() { String::new() } else { format!(": {}", harmless::line(&verdict.why)) };
    writeln!(out, "{:<20} {word}{why}", verdict.guarantee.words())?;
    for id in verdict.witness.iter().take(WITNESS_MAX) {
        let Some(exchange) = exchanges.get(*id as usize) else { continue };
        let told = format!("{} {} -> {}", exchange.client, exchange.call, exchange.outcome.short());
        let ended = exchange.ended.map_or_else(|| "open".to_string(), |ended| format!("{:.3} s", ended.at.as_secs()));
        writeln!(out, "    {:>7.3} s - {ended:<9}  {}", exchange.called.at.as_secs(), harmless::line(&told))?;
    }
    Ok(())
}
