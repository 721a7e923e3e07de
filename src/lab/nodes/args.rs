//! What can be said of a run of programs on the command line.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, anyhow, bail};
use clap::ValueEnum;

use crate::cluster::Scenario;
use crate::cluster::kit::settings::Takes as _;
use crate::cluster::processes::{self, Workload};
use crate::files::{self, Kind};
use crate::sim::id::NodeId;
use crate::timeline::Replay;

use super::faults::Fault;
use super::process::Program;

/// Run your own program as the nodes of a cluster: it speaks Maelstrom's protocol, lines of JSON on standard input and output
#[derive(clap::Args, Clone, Debug)]
#[command(after_help = EXAMPLE)]
pub struct Args {
    /// The program; what stands after `--` is said to it
    #[arg(long, value_name = "PROGRAM", required_unless_present = "replay")]
    pub bin: Option<PathBuf>,
    /// What clients ask, and what the program is held to
    #[arg(long, value_enum, value_name = "W", required_unless_present = "replay")]
    pub workload: Option<Asks>,
    /// How many nodes run it, each asked by a client of its own
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u16).range(1..=25))]
    pub nodes: u16,
    /// How much all clients ask in a second [default: nothing by itself on the screen, 10 without]
    #[arg(long, value_name = "R", value_parser = rate)]
    pub rate: Option<f64>,
    /// For how many seconds, where nobody watches or types; such as 0.5
    #[arg(long, value_name = "SECONDS", default_value_t = 10.0, value_parser = seconds)]
    pub time_limit: f64,
    /// How long a message takes, such as 50ms or exp(20ms) [default: 100ms on the screen, 10ms without]
    #[arg(long, value_name = "TIME")]
    pub latency: Option<String>,
    /// How long a client waits for an answer
    #[arg(long, value_name = "TIME", default_value = "2s")]
    pub timeout: String,
    /// How long a program may take to answer `init`
    #[arg(long, value_name = "TIME", default_value = "10s")]
    pub startup: String,
    /// What goes wrong meanwhile, where nobody watches: any of them, with commas between
    #[arg(long, value_enum, value_name = "KINDS", value_delimiter = ',')]
    pub faults: Vec<Fault>,
    /// By what clients and faults are drawn; programs do as they do
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
    /// Without the screen: clients ask, faults happen, and the verdicts are printed
    #[arg(long)]
    pub headless: bool,
    /// Write the run to this file: `splitbrain replay FILE` runs it again without the program
    #[arg(long, value_name = "FILE")]
    pub save: Option<PathBuf>,
    /// Replace a file that is there
    #[arg(long, requires = "save")]
    pub force: bool,
    /// Open a run that was saved, on the screen and without the program; `splitbrain replay FILE` tells it in lines
    #[arg(long, value_name = "FILE", conflicts_with_all = ["bin", "workload", "headless", "save", "faults"])]
    pub replay: Option<PathBuf>,
    /// Where progress is kept.
    #[command(flatten)]
    pub kept: crate::lab::cli::Kept,
    /// How the screens look.
    #[command(flatten)]
    pub look: crate::lab::cli::Look,
    /// What is said to the program
    #[arg(last = true, value_name = "ARGS")]
    pub args: Vec<OsString>,
}

/// The workloads, as they are named on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Asks {
    /// What is sent comes back
    Echo,
    /// Each client asks for numbers that nobody else gets
    UniqueIds,
    /// What one node is told reaches all
    Broadcast,
    /// A counter that only grows
    GCounter,
    /// A linearizable map of registers
    LinKv,
    /// Logs of messages with offsets
    Kafka,
}

impl Asks {
    /// The workload of the model.
    pub(super) fn workload(self) -> Workload {
        match self {
            Asks::Echo => Workload::Echo,
            Asks::UniqueIds => Workload::UniqueIds,
            Asks::Broadcast => Workload::Broadcast,
            Asks::GCounter => Workload::GCounter,
            Asks::LinKv => Workload::LinKv,
            Asks::Kafka => Workload::Kafka,
        }
    }
}

fn rate(text: &str) -> Result<f64, String> {
    let rate: f64 = text.parse().map_err(|_| "this is a number of requests in a second".to_string())?;
    if (0.1..=1000.0).contains(&rate) { Ok(rate) } else { Err("it is between 0.1 and 1000".to_string()) }
}

fn seconds(text: &str) -> Result<f64, String> {
    let seconds: f64 = text.parse().map_err(|_| "this is a number of seconds, such as 10 or 0.5".to_string())?;
    if (0.1..=600.0).contains(&seconds) { Ok(seconds) } else { Err("it is between 0.1 and 600".to_string()) }
}

/// The registers and logs that clients use.
pub(super) const KEYS: u32 = 4;

/// The least time between an answer and the next question of a client, in milliseconds.
const THINK_MIN: f64 = 0.1;

/// What the exit status says, and a program to begin with.
const EXAMPLE: &str = r#"Exit status without the screen: 0 every guarantee is kept, 1 one is broken, 2 the input is wrong or no program answers `init`, 3 undecided.

A program for `--workload echo`, in Python (`--bin ./echo.py`, with the right to be run):

  #!/usr/bin/env python3
  import json, sys
  for line in sys.stdin:
      request = json.loads(line)
      body = request["body"]
      reply = {"type": body["type"] + "_ok", "in_reply_to": body["msg_id"]}
      if "echo" in body:
          reply["echo"] = body["echo"]
      print(json.dumps({"src": request["dest"], "dest": request["src"], "body": reply}), flush=True)

Every message is one line of up to 48 KiB that ends with a newline, and is flushed. Messages, errors and the services lin-kv, seq-kv, lww-kv and lin-tso are those of Maelstrom (github.com/jepsen-io/maelstrom, doc/).
On the screen c crashes a node, x cuts, z pauses, m lists more, and : takes any command, such as `c1 echo hello` or
`workload c1 5/s`; with --rate clients ask by themselves. With --plain there is a prompt for the same commands instead of the screen:
Enter or `run 2s` lets time pass, `help` lists more, `quit` tells the verdicts. The run is recorded: it can be looked at again, but your processes cannot be taken back."#;

impl Args {
    /// Whether the run can be written where it is to be; better said before it than after.
    pub(super) fn can_save(&self) -> anyhow::Result<()> {
        match &self.save {
            Some(path) if !self.force && path.symlink_metadata().is_ok() => {
                bail!("{} is there already, and stays as it is; --force replaces it", path.display())
            }
            _ => Ok(()),
        }
    }

    /// The program. The error says what is wrong with it.
    pub(super) fn program(&self) -> anyhow::Result<Program> {
        let bin = self.bin.as_ref().context("--bin names the program")?;
        // A name without a folder is a file here, and nothing that is looked for elsewhere.
        let bin = if bin.components().count() == 1 { Path::new(".").join(bin) } else { bin.clone() };
        let meta = std::fs::metadata(&bin).with_context(|| format!("the program {} cannot be run", bin.display()))?;
        if !meta.is_file() {
            bail!("{} is no program: it is no regular file", bin.display());
        }
        Ok(Program { bin, args: self.args.clone() })
    }

    /// What clients are told to ask again and again, each one thing at a time, as commands. `way`: how long a message takes to a node and
    /// an answer back, which is time in which a client asks nothing.
    pub(super) fn asking(&self, rate: f64, way: Duration) -> Vec<String> {
        let mix = match self.workload.map(Asks::workload) {
            None | Some(Workload::Echo) => "echo 1".to_string(),
            Some(Workload::UniqueIds) => "generate 1".to_string(),
            Some(Workload::Broadcast) => "broadcast:messages 1:1".to_string(),
            Some(Workload::GCounter) => "add:total 1:1".to_string(),
            Some(Workload::LinKv) => format!("read:write:cas 2:2:1 keys uniform({KEYS})"),
            Some(Workload::Kafka) => format!("send:poll:assign 8:8:1 keys uniform({KEYS})"),
        };
        let think = (f64::from(self.nodes) / rate * 1000.0 - way.as_secs_f64() * 1000.0).max(THINK_MIN);
        let clients = (0..self.nodes).map(NodeId::client);
        clients.map(|client| format!("workload {client} closed 1 think exp({think:.1}ms) {mix}")).collect()
    }

    /// What is started. `screen`: for somebody who watches.
    pub(super) fn scenario(&self, screen: bool) -> anyhow::Result<Scenario> {
        let workload = self.workload.context("--workload says what clients ask")?.workload();
        let name = self.bin.as_deref().and_then(Path::file_name).map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let name: String = name.chars().filter(|c| !crate::harmless::is_hidden(*c) && !c.is_control()).take(40).collect();
        let latency = match &self.latency {
            Some(latency) if latency.contains('(') => latency.clone(),
            Some(latency) => format!("const({latency})"),
            None if screen => "const(100ms)".to_string(),
            None => "const(10ms)".to_string(),
        };
        let settings = [
            ("workload", Workload::write(&workload)),
            ("program", if name.is_empty() { "a program".to_string() } else { name }),
            ("programs", self.nodes.to_string()),
            ("request-timeout", self.timeout.clone()),
            ("startup", self.startup.clone()),
            ("latency", latency),
        ];
        let settings = settings.into_iter().map(|(name, value)| (name.to_string(), value)).collect();
        Ok(Scenario { clients: Some(self.nodes), settings, seed: self.seed, ..Scenario::of(processes::MODEL.name) })
    }

    /// The recording that is to be opened.
    pub fn recording(&self) -> anyhow::Result<Option<Replay>> {
        let Some(path) = &self.replay else { return Ok(None) };
        let text = files::read_text(path, Kind::Replay).with_context(|| format!("cannot read {}", path.display()))?;
        let replay = Replay::parse(&text).map_err(|wrong| {
            let lines: Vec<String> = wrong.iter().take(5).map(|wrong| format!("  {}", crate::harmless::line(&wrong.to_string()))).collect();
            anyhow!("{} is no replay:\n{}", path.display(), lines.join("\n"))
        })?;
        if replay.scenario.model != processes::MODEL.name {
            bail!("{} is no run of programs but of the model {}; `splitbrain replay` runs it", path.display(), replay.scenario.model);
        }
        Ok(Some(replay))
    }
}
