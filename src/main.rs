//! The command line.

use std::io::{self, IsTerminal as _, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context as _;
use splitbrain::lab::cli::{Cli, Exam, Headless, Look, Open, QuizArgs, Sandbox, is_broken_pipe};
use splitbrain::lab::nodes;
use splitbrain::lab::present::PresentArgs;
use splitbrain::progress::state::EXAM;
use splitbrain::progress::{Event, Place, Store, Wall};
use splitbrain::tui::screens::present::Presented;
use splitbrain::tui::screens::present::notes::NotesOf;
use splitbrain::tui::theme::Signs;
use splitbrain::tui::{self, actions, config, look};
use splitbrain::{harmless, plain};

/// The exit status for anything wrong in the input.
const WRONG: u8 = 2;

fn main() -> ExitCode {
    let cli = match Cli::read(std::env::args_os()) {
        Ok(cli) => cli,
        Err(usage) => {
            let text = usage.render().to_string();
            let mut to: Box<dyn Write> = if usage.use_stderr() { Box::new(io::stderr()) } else { Box::new(io::stdout()) };
            // There is nobody to tell when that fails.
            let _ = to.write_all(harmless::page(&text).as_bytes());
            return ExitCode::from(u8::try_from(usage.exit_code()).unwrap_or(WRONG));
        }
    };
    match run(cli) {
        Ok(status) => ExitCode::from(status),
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "{}", harmless::page(&format!("{error:#}")));
            ExitCode::from(WRONG)
        }
    }
}

/// Does what was asked for, and says with which exit status to end.
fn run(cli: Cli) -> anyhow::Result<u8> {
    if cli.command.is_none() && !cli.open.print_keys && !cli.open.print_config {
        let (lesson, lessons) = cli.open.wanted()?;
        let Open { seed, look, kept, .. } = cli.open;
        if is_plain(&look) {
            let options = plain::Options { open: lesson, lessons, seed, ..plain_options(&look, kept.config().as_deref())? };
            return speak(&options, kept.store());
        }
        let options = options(look, kept.config());
        return tui::run(&tui::Options { open: lesson, lessons, seed, ..options }, kept.store()).map(|()| 0);
    }
    if let Some(Headless::Open(sandbox)) = cli.command {
        let (opened, store) = (sandbox.sandbox()?, sandbox.kept.store());
        if is_plain(&sandbox.look) {
            let options = plain_options(&sandbox.look, sandbox.kept.config().as_deref())?;
            let options = match opened {
                Sandbox::Scenario(scenario) => plain::Options { sandbox: Some(scenario), ..options },
                Sandbox::Ready(id) => plain::Options { open: Some(id), ..options },
            };
            return speak(&options, store);
        }
        let options = options(sandbox.look, sandbox.kept.config());
        let options = match opened {
            Sandbox::Scenario(scenario) => tui::Options { sandbox: Some(scenario), ..options },
            Sandbox::Ready(id) => tui::Options { open: Some(id), ..options },
        };
        return tui::run(&options, store).map(|()| 0);
    }
    if let Some(Headless::Present(args)) = &cli.command
        && !args.check
    {
        return present(args);
    }
    let seen = io::stdin().is_terminal() && io::stdout().is_terminal();
    if let Some(Headless::Quiz(quiz)) = &cli.command
        && (seen || quiz.look.plain)
    {
        return open_quiz(quiz.clone());
    }
    if let Some(Headless::Nodes(nodes)) = &cli.command
        && (nodes.replay.is_some() && !nodes.look.plain || seen && !nodes.headless && !is_plain(&nodes.look))
    {
        return watch_nodes(nodes);
    }
    if let Some(Headless::Nodes(nodes)) = &cli.command
        && !nodes.headless
        && (nodes.look.plain || seen)
    {
        let mut out = plain::Wrapping::new(harmless::Net::new(io::BufWriter::new(io::stdout().lock())), width_of_lines());
        let status = nodes::talk(nodes, !io::stdin().is_terminal(), &mut io::stdin().lock(), &mut out)?;
        out.flush()?;
        return Ok(status);
    }
    let mut out = harmless::Net::new(io::BufWriter::new(io::stdout().lock()));
    let status = match cli.command {
        Some(Headless::Pictures(what)) => splitbrain::outside::run(&what, &mut out).map(|()| 0)?,
        Some(command) => command.run(&mut out)?,
        None if cli.open.print_config => print_config(&cli.open, &mut out)?,
        None => print_keys(cli.open, &mut out)?,
    };
    out.flush()?;
    Ok(status)
}

/// Whether everything is said in lines: because that is asked for, or because there is nothing to draw on and nobody says how to draw.
fn is_plain(look: &Look) -> bool {
    look.plain || !(look.ascii || look.unicode) && plain::by_itself()
}

/// The characters of a line of text, where a terminal shows it.
fn width_of_lines() -> Option<usize> {
    io::stdout().is_terminal().then(|| crossterm::terminal::size().map_or(plain::WIDTH, |(columns, _)| columns.into()))
}

/// What holds for every way into the linear text.
fn plain_options(look: &Look, path: Option<&Path>) -> anyhow::Result<plain::Options> {
    look.theme.as_deref().map_or(Ok(()), |name| look::named(name).map(|_| ()))?;
    let mistakes = path.map_or_else(Vec::new, |path| config::load(path).1);
    Ok(plain::Options { mistakes, width: width_of_lines(), echo: !io::stdin().is_terminal(), ..plain::Options::default() })
}

/// Reads lines and says what there is to say to each.
fn speak(options: &plain::Options, store: Store) -> anyhow::Result<u8> {
    if io::stdin().is_terminal() && !io::stdout().is_terminal() {
        // There is nobody to tell when that fails.
        let _ = writeln!(io::stderr(), "Standard output is no terminal: the text goes there line by line. Type quit to leave.");
    }
    let mut out = harmless::Net::new(io::BufWriter::new(io::stdout().lock()));
    plain::run(options, store, &mut io::stdin().lock(), &mut out).map(|()| 0)
}

/// Opens the quiz.
fn open_quiz(args: QuizArgs) -> anyhow::Result<u8> {
    let mut store = args.store();
    if let Some(Exam(Some(day))) = args.exam {
        anyhow::ensure!(day >= store.today(), "no exam is on {day}: today is {}", store.today());
    }
    let day = args.exam.map(|Exam(day)| day.map_or_else(String::new, |day| day.to_string()));
    store.record_all(day.map(|value| Event::Setting { name: EXAM.to_string(), value }));
    let wish = args.wish();
    if is_plain(&args.look) {
        let options = plain_options(&args.look, args.kept.config().as_deref())?;
        return speak(&plain::Options { quiz: Some(wish), draw: args.seed, lessons: args.lessons, ..options }, store);
    }
    let options = options(args.look, args.kept.config());
    tui::run(&tui::Options { quiz: Some(wish), draw: args.seed, lessons: args.lessons, ..options }, store).map(|()| 0)
}

/// Runs somebody's program as the nodes on the screen, or opens a run of it that was recorded.
fn watch_nodes(args: &nodes::Args) -> anyhow::Result<u8> {
    tui::terminal::is_there()?;
    let link = match args.recording()? {
        Some(replay) => nodes::Link::recorded(replay),
        None => nodes::Link::start(args)?,
    };
    let options = options(args.look.clone(), args.kept.config());
    let kept = tui::run_nodes(&tui::Options { sandbox: Some(link.scenario.clone()), ..options }, args.kept.store(), link)?;
    if let Some(path) = &args.save {
        splitbrain::files::put(path, kept.as_bytes(), args.force).with_context(|| path.display().to_string())?;
    }
    Ok(0)
}

/// Presents to a class, or shows the notes of what is presented. Nothing is kept of it.
fn present(args: &PresentArgs) -> anyhow::Result<u8> {
    let place = Place::find(args.kept.data.as_deref()).map(|place| place.running());
    let wall = Wall::system();
    let options = options(args.look.clone(), args.kept.config());
    let options = if args.notes {
        let of = NotesOf { folder: place?, name: args.what.clone(), wall: wall.clone() };
        tui::Options { notes: Some(of), ..options }
    } else {
        let show = Arc::new(args.plan()?.show());
        let lessons = show.origin.lessons.clone();
        let presented = Presented { show, since: wall.now().0, folder: place.ok() };
        tui::Options { present: Some(presented), vote: args.vote.wish(), lessons, seed: args.seed, ..options }
    };
    tui::run(&options, Store::in_memory(wall)).map(|()| 0)
}

/// Prints every key, as the learner has chosen them.
fn print_keys(open: Open, out: &mut dyn Write) -> anyhow::Result<u8> {
    let _ = options(open.look, open.kept.config());
    out.write_all(tui::print_keys().as_bytes())?;
    Ok(0)
}

/// Prints the settings that count, and where they are kept. What is wrong with them is said, and the settings are as if it were not there.
fn print_config(open: &Open, out: &mut dyn Write) -> anyhow::Result<u8> {
    let path = open.kept.config();
    let (config, mistakes) = path.as_deref().map_or_else(Default::default, config::load);
    if let Some(path) = path {
        writeln!(out, "# {}{}", path.display(), if path.exists() { "" } else { ", which is not there yet" })?;
    }
    for mistake in &mistakes {
        writeln!(out, "# {mistake}")?;
    }
    out.write_all(config::print(&config).as_bytes())?;
    Ok(u8::from(!mistakes.is_empty()))
}

/// How the screens look: as the command line says, or else as the settings of the learner do. The learner's keys count from here on.
fn options(look: Look, path: Option<PathBuf>) -> tui::Options {
    let (config, mistakes) = path.as_deref().map_or_else(Default::default, config::load);
    actions::choose_keys(config.keys);
    tui::Options {
        theme: look.theme.or(config.theme.map(|theme| theme.name().to_string())),
        signs: match (look.ascii, look.unicode) {
            (true, _) => Some(Signs::Ascii),
            (_, true) => Some(Signs::Unicode),
            _ => config.signs,
        },
        motion: config.motion && !look.no_motion,
        mouse: config.mouse && !look.no_mouse,
        colour: std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()),
        config: path,
        mistakes,
        ..tui::Options::default()
    }
}
