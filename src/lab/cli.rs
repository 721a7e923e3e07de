//! What can be said on the command line.

use std::ffi::OsString;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use clap::{Args, Command, CommandFactory as _, Parser, Subcommand};
use clap_complete::Shell;

use super::history::{self, Judgement};
use super::pictures::Pictures;
use super::{ask, blueprints, check, export, hunt, laws, learnt, manual, models, new_lesson, nodes, present, replay, run, sweep};
use crate::cluster::{Scenario, registry};
use crate::lesson::folder::{self, id_of};
use crate::lesson::survey::Effort;
use crate::lesson::{outline, sandbox};
use crate::progress::{Place, Store, Wall};
use crate::quiz::Wish;
use crate::review::Day;

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

impl Cli {
    /// Reads the words of a command line. Options that stand before a command are its own: `--theme light quiz` is `quiz --theme light`.
    pub fn read(words: impl IntoIterator<Item = OsString>) -> Result<Cli, clap::Error> {
        let mut words: Vec<OsString> = words.into_iter().collect();
        if let Some(at) = command_at(&Cli::command(), &words) {
            let command = words.remove(at);
            words.insert(1, command);
        }
        Cli::try_parse_from(words)
    }
}

/// Where the name of a command stands, if nothing but options comes before it.
fn command_at(known: &Command, words: &[OsString]) -> Option<usize> {
    let mut at = 1;
    loop {
        let word = words.get(at)?.to_str()?;
        let Some(option) = word.strip_prefix("--") else {
            return known.find_subcommand(word).map(|_| at);
        };
        let is_it = |arg: &&clap::Arg| arg.get_long() == Some(option);
        let takes_the_next = known.get_arguments().find(is_it).is_some_and(|arg| arg.get_action().takes_values());
        at += 1 + usize::from(takes_the_next);
    }
}

/// Where the progress and the settings of the learner are kept.
#[derive(Args, Clone, Debug, Default)]
pub struct Kept {
    /// Keep progress and settings in this folder [default: `SPLITBRAIN_DATA`, or as XDG has it]
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
}

impl Kept {
    /// The progress of the learner.
    pub fn store(&self) -> Store {
        Store::of_user(self.data.as_deref())
    }

    /// Where the settings of the learner are; `None`: there is no home folder.
    pub fn config(&self) -> Option<PathBuf> {
        Place::find(self.data.as_deref()).ok().map(|place| place.config())
    }
}

/// Opens the program on the terminal.
#[derive(Args, Clone, Debug, Default)]
pub struct Open {
    /// Open this lesson at once: its id, or a file ending in .toml, which is read again whenever it is saved
    #[arg(value_name = "LESSON")]
    pub lesson: Option<String>,
    /// Add the lessons of a folder, and read them again whenever they are saved
    #[arg(long, value_name = "DIR")]
    pub lessons: Option<PathBuf>,
    /// Start clusters with this seed instead of the lesson's own
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// How the screens look.
    #[command(flatten)]
    pub look: Look,
    /// Where progress is kept.
    #[command(flatten)]
    pub kept: Kept,
    /// Print every key and what it does
    #[arg(long)]
    pub print_keys: bool,
    /// Print the settings that count, as a file of settings
    #[arg(long, conflicts_with = "print_keys")]
    pub print_config: bool,
}

impl Open {
    /// The id of the lesson to be opened, and where lessons come from besides those inside. The id of a lesson has no dot, so that one is a
    /// file.
    pub fn wanted(&self) -> anyhow::Result<(Option<String>, Option<PathBuf>)> {
        let file = self.lesson.as_deref().map(Path::new).filter(|lesson| lesson.extension().is_some_and(|ending| ending == "toml"));
        let Some(file) = file else { return Ok((self.lesson.clone(), self.lessons.clone())) };
        if let Some(folder) = &self.lessons {
            bail!("{} is a file: either name it, or --lessons {} and the id of a lesson in it", file.display(), folder.display());
        }
        let id = id_of(file).with_context(|| file.display().to_string())?;
        if folder::read(file).is_ok_and(|source| outline::is_deck(&source)) {
            bail!("{0} is a deck: `splitbrain present {0}` shows it", file.display());
        }
        Ok((Some(id), Some(file.to_path_buf())))
    }
}

/// What `--theme` takes.
pub const THEMES: [&str; 4] = ["dark", "light", "high-contrast", "colour-blind"];

/// How the screens look.
#[derive(Args, Clone, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own on the command line")]
pub struct Look {
    /// Theme: dark, light, high-contrast or colour-blind [default: as the terminal is]
    #[arg(long, value_name = "NAME")]
    pub theme: Option<String>,
    /// Draw with ASCII characters only [default: where the terminal can no more]
    #[arg(long, conflicts_with = "unicode")]
    pub ascii: bool,
    /// Draw with every sign, whatever the terminal seems to be
    #[arg(long)]
    pub unicode: bool,
    /// Show the same pictures without movement
    #[arg(long)]
    pub no_motion: bool,
    /// Leave the mouse to the terminal
    #[arg(long)]
    pub no_mouse: bool,
    /// Speak in lines of text and draw nothing: for screen readers and pipes [default: with TERM=dumb, or where lines come in and
    /// no terminal shows what goes out]
    #[arg(long)]
    pub plain: bool,
}

/// What needs no screen.
#[derive(Debug, Subcommand)]
pub enum Headless {
    /// Open a cluster without a lesson, to try anything
    Open(SandboxArgs),
    /// Answer questions: ten minutes on what matters now. Without a terminal and --plain they are printed, with their answers
    Quiz(QuizArgs),
    /// Present a lesson or a deck to a class: one thing at a time, for a projector and a presenter's remote
    #[command(after_help = present::KEYS)]
    Present(present::PresentArgs),
    /// Write the questions for Anki, Moodle (GIFT) or as a table (CSV)
    ExportCards(export::ExportArgs),
    /// Run a lesson's cluster, a model or a replay, and print what happened
    Run(run::RunArgs),
    /// Run the same with other values and many seeds, and tabulate what is measured
    Sweep(sweep::SweepArgs),
    /// Measure published results on the clusters: expected against measured
    Laws(laws::LawsArgs),
    /// Look for a break: random faults while clients work, then everything is healed and read
    Hunt(hunt::HuntArgs),
    /// Check lesson files or folders (or the lessons inside), by running everything that they say
    Check(CheckArgs),
    /// Write a small lesson that passes `check`, to start from
    NewLesson(new_lesson::NewLessonArgs),
    /// Judge a history that another tool recorded: every guarantee, and the operations that break it
    #[command(after_help = HISTORY_STATUS)]
    History(history::Options),
    /// Run a replay again and say whether it went the same way
    #[command(after_help = "Exit status: 0 the same, 1 with --check another way, 2 no replay, or without --check another way")]
    Replay(replay::ReplayArgs),
    /// Run your own program as the nodes, in any language: it speaks Maelstrom's protocol on standard input and output
    Nodes(Box<nodes::Args>),
    /// What takes lessons out of the terminal.
    #[command(flatten)]
    Pictures(Pictures),
    /// Print what was learnt and what is due; or move, merge or reset what is kept of it
    Progress(learnt::ProgressArgs),
    /// List the systems that are ready-made, each with the three pokes worth trying first
    Blueprints(blueprints::BlueprintsArgs),
    /// Print what the clusters know: settings, facts, and the command language
    Models(models::ModelsArgs),
    /// Print a file by which a shell completes what is typed: bash, elvish, fish, powershell or zsh
    Completions {
        /// The shell
        #[arg(value_name = "SHELL")]
        shell: Shell,
    },
    /// Print the manual page: `splitbrain man | man -l -`, or one for every command with --out
    Man {
        /// Write a page for every command to this folder
        #[arg(short, long, value_name = "DIR")]
        out: Option<PathBuf>,
        /// Replace pages that are there
        #[arg(long, requires = "out")]
        force: bool,
    },
}

/// Opens a cluster without a lesson, to try anything
#[derive(Args, Clone, Debug, Default)]
#[command(group = clap::ArgGroup::new("which").required(true))]
pub struct SandboxArgs {
    /// The model (`splitbrain models` lists them)
    #[arg(long, value_name = "M", group = "which")]
    pub model: Option<String>,
    /// A system that is ready-made (`splitbrain blueprints` lists them)
    #[arg(long, value_name = "NAME", group = "which", conflicts_with_all = ["set", "nodes", "clients", "seed"])]
    pub blueprint: Option<String>,
    /// What differs from the model.
    #[command(flatten)]
    pub changes: run::Changes,
    /// Where progress is kept.
    #[command(flatten)]
    pub kept: Kept,
    /// How the screens look.
    #[command(flatten)]
    pub look: Look,
}

/// Answers questions: what is due first, then what is new in topics that were begun
#[derive(Args, Clone, Debug, Default)]
pub struct QuizArgs {
    /// Only this topic or tag, due or not
    #[arg(long, value_name = "T")]
    pub topic: Option<String>,
    /// So many questions, in place of ten minutes
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub count: Option<u16>,
    /// Shuffle and draw by this number: the same for everybody who gives it
    #[arg(long, value_name = "S")]
    pub seed: Option<u64>,
    /// Keep nothing
    #[arg(long)]
    pub no_save: bool,
    /// Fit everything before an exam on this day (2027-02-28); `none` takes it back
    #[arg(long, value_name = "DATE", value_parser = exam)]
    pub exam: Option<Exam>,
    /// Anything, due or not, without moving the schedule
    #[arg(long)]
    pub cram: bool,
    /// Add the lessons of a folder
    #[arg(long, value_name = "DIR")]
    pub lessons: Option<PathBuf>,
    /// Where progress is kept.
    #[command(flatten)]
    pub kept: Kept,
    /// How the screens look.
    #[command(flatten)]
    pub look: Look,
}

/// The day of an exam, or that there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exam(pub Option<Day>);

fn exam(text: &str) -> Result<Exam, String> {
    if text == "none" {
        return Ok(Exam(None));
    }
    text.parse().map(|day| Exam(Some(day))).map_err(|bad: crate::review::day::NoDate| bad.to_string())
}

impl QuizArgs {
    /// The progress of the learner; nobody's, where nothing is kept.
    pub fn store(&self) -> Store {
        if self.no_save { Store::in_memory(Wall::system()) } else { self.kept.store() }
    }

    /// What is wanted.
    pub fn wish(&self) -> Wish {
        Wish { topic: self.topic.clone(), count: self.count.map(usize::from), cram: self.cram, after_lesson: false }
    }
}

/// A cluster without a lesson.
#[derive(Clone, Debug, PartialEq)]
pub enum Sandbox {
    /// One of this scenario.
    Scenario(Scenario),
    /// One that is ready-made, by the id under which it is opened.
    Ready(String),
}

impl SandboxArgs {
    /// The cluster that is asked for. Everything that is wrong with it is in the error.
    pub fn sandbox(&self) -> anyhow::Result<Sandbox> {
        match (&self.blueprint, &self.model) {
            (Some(name), _) => Ok(Sandbox::Ready(sandbox::blueprint_id(&blueprints::known(name)?.id))),
            (None, Some(model)) if registry::is_outside(model) => {
                bail!("the servers of {model} are your own programs: `splitbrain nodes --bin PROGRAM --workload W` runs them")
            }
            (None, model) => run::scenario(model.as_deref().unwrap_or_default(), &self.changes).map(Sandbox::Scenario),
        }
    }
}

impl Headless {
    /// Does it, and says with which exit status to end. The error says what is wrong with the input, or that nothing can be
    /// written to `out`.
    pub fn run(self, out: &mut dyn Write) -> anyhow::Result<u8> {
        match self {
            Headless::Open(_) => bail!("a cluster can only be opened on a terminal"),
            Headless::Present(args) => return args.check(out),
            Headless::Pictures(_) => bail!("pictures are made where the screens are known"),
            Headless::Quiz(args) => ask::print(&args, &args.store(), out)?,
            Headless::ExportCards(args) => export::run(&args, out)?,
            Headless::Run(args) => run::run(&args, out)?,
            Headless::Sweep(args) => sweep::run(&args, out)?,
            Headless::Laws(args) => return laws::run(&args, out).map(|passes| u8::from(!passes)),
            Headless::Hunt(args) => return hunt::run(&args, out).map(u8::from),
            Headless::Check(args) => check_lessons(&args, out)?,
            Headless::NewLesson(args) => new_lesson::run(&args, out)?,
            Headless::History(args) => return history::run(&args, out).map(status),
            Headless::Replay(args) => return replay::run(&args, out).map(|same| u8::from(!same)),
            Headless::Nodes(args) => return nodes::run(&args, out),
            Headless::Progress(args) => learnt::run(&args, out)?,
            Headless::Blueprints(args) => blueprints::run(&args, out)?,
            Headless::Models(args) => models::run(&args, out)?,
            Headless::Completions { shell } => manual::completions(shell, out)?,
            Headless::Man { out: folder, force } => manual::run(folder.as_deref(), force, out)?,
        }
        Ok(0)
    }
}

/// Which lessons to check.
#[derive(Args, Clone, Debug)]
pub struct CheckArgs {
    /// Lesson files and folders
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Leave out pairs of pokes and most seeds: for a first look
    #[arg(long)]
    pub quick: bool,
}

/// What the exit status of `history` says.
const HISTORY_STATUS: &str = "Exit status: 0 every guarantee is kept, 1 one is broken, 2 the input is wrong, 3 undecided within the budget";

fn status(judgement: Judgement) -> u8 {
    match judgement {
        Judgement::Kept => 0,
        Judgement::Broken => 1,
        Judgement::Undecided => 3,
    }
}

/// Where something is wrong, all that was found is the error.
fn check_lessons(args: &CheckArgs, out: &mut dyn Write) -> anyhow::Result<()> {
    let mut found = Vec::new();
    let effort = if args.quick { Effort::QUICK } else { Effort::WHOLE };
    if !check::run(&args.paths, effort, &mut found)? {
        bail!(String::from_utf8_lossy(&found).trim_end().to_string());
    }
    out.write_all(&found)?;
    Ok(())
}

/// Whether an error is only that nobody reads the output any more.
pub fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().filter_map(|cause| cause.downcast_ref::<io::Error>()).any(|e| e.kind() == io::ErrorKind::BrokenPipe)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Cli, clap::Error> {
        Cli::read(line.split(' ').map(OsString::from))
    }

    #[test]
    fn a_model_of_somebodys_programs_opens_nothing_without_them() {
        let opened = |model: &str| {
            let Some(Headless::Open(args)) = read(&format!("splitbrain open --model {model}")).unwrap().command else { panic!("{model}") };
            args.sandbox()
        };
        let wrong = opened("processes").unwrap_err().to_string();
        assert!(wrong.contains("splitbrain nodes --bin PROGRAM"), "{wrong}");
        assert!(opened("replicated").is_ok());
    }

    #[test]
    fn options_before_a_command_are_its_own() {
        for line in
            ["splitbrain quiz --theme light --ascii", "splitbrain --theme light --ascii quiz", "splitbrain --theme=light --ascii quiz"]
        {
            let Some(Headless::Quiz(quiz)) = read(line).unwrap().command else { panic!("{line}") };
            assert_eq!((quiz.look.theme.as_deref(), quiz.look.ascii), (Some("light"), true), "{line}");
        }
    }

    #[test]
    fn a_value_that_reads_like_a_command_is_a_value() {
        let cli = read("splitbrain --lessons quiz split-brain").unwrap();
        assert!(cli.command.is_none());
        assert_eq!((cli.open.lessons, cli.open.lesson.as_deref()), (Some(PathBuf::from("quiz")), Some("split-brain")));
    }

    #[test]
    fn an_option_that_a_command_does_not_have_is_refused_in_its_name() {
        let refused = read("splitbrain --theme light models").unwrap_err().to_string();
        assert!(refused.contains("--theme") && refused.contains("models"), "{refused}");
    }
}
