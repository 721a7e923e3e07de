//! What can be said on the command line.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use super::{models, replay, run};

/// Read the question, poke the cluster, know the answer: distributed systems, live in your terminal.
#[derive(Debug, Parser)]
#[command(name = "splitbrain", version, args_conflicts_with_subcommands = true, max_term_width = 100)]
pub struct Cli {
    /// What to do instead of opening the program.
    #[command(subcommand)]
    pub command: Option<Headless>,
    /// How to open the program.
    #[command(flatten)]
    pub open: Open,
}

/// Opens the program on the terminal.
#[derive(Args, Clone, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own on the command line")]
pub struct Open {
    /// Open this lesson at once
    #[arg(value_name = "LESSON")]
    pub lesson: Option<String>,
    /// Add the lessons of a folder
    #[arg(long, value_name = "DIR")]
    pub lessons: Option<PathBuf>,
    /// Start clusters with this seed instead of the lesson's own
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// Theme: dark, light, high-contrast or colour-blind [default: as the terminal is]
    #[arg(long, value_name = "NAME")]
    pub theme: Option<String>,
    /// Draw with ASCII characters only
    #[arg(long)]
    pub ascii: bool,
    /// Show the same pictures without movement
    #[arg(long)]
    pub no_motion: bool,
    /// Leave the mouse to the terminal
    #[arg(long)]
    pub no_mouse: bool,
    /// Print every key and what it does
    #[arg(long)]
    pub print_keys: bool,
}

/// What needs no screen.
#[derive(Debug, Subcommand)]
pub enum Headless {
    /// Run a lesson's cluster, a model or a replay, and print what happened
    Run(run::RunArgs),
    /// Run a replay again and say whether it went the same way
    Replay(replay::ReplayArgs),
    /// Print what the clusters know: settings, facts, and the command language
    Models(models::ModelsArgs),
}

impl Headless {
    /// Does it. False: what is wrong is in the output. The error says what is wrong with the input, or that nothing can be
    /// written to `out`.
    pub fn run(self, out: &mut dyn Write) -> anyhow::Result<bool> {
        match self {
            Headless::Run(args) => run::run(&args, out),
            Headless::Replay(args) => replay::run(&args, out),
            Headless::Models(args) => models::run(&args, out),
        }
        .map(|()| true)
    }
}

/// Whether an error is only that nobody reads the output any more.
pub fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().filter_map(|cause| cause.downcast_ref::<io::Error>()).any(|e| e.kind() == io::ErrorKind::BrokenPipe)
}
