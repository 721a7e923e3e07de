//! `splitbrain completions` and `splitbrain man`: what shells and readers of manuals know of the command line, made from its own words.

use std::fs;
use std::io::Write;
use std::path::Path;

use anyhow::{Context as _, bail};
use clap::builder::PossibleValuesParser;
use clap::{Arg, Command, CommandFactory as _, ValueHint};
use clap_complete::Shell;
use clap_mangen::Man;

use super::cli::{Cli, THEMES};
use crate::cluster::registry::MODELS;
use crate::files;
use crate::lesson::catalogue;
use crate::lesson::sandbox::blueprint;

/// The name that is typed.
const NAME: &str = "splitbrain";

/// Prints a file by which this shell completes.
pub fn completions(shell: Shell, out: &mut dyn Write) -> anyhow::Result<()> {
    // Written to memory first: the generator ends the program when its output is closed.
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut offering(Cli::command()), NAME, &mut text);
    out.write_all(&text)?;
    if shell == Shell::Fish {
        writeln!(out, "{}", fish_lessons())?;
    }
    Ok(())
}

/// What the generator leaves out for fish: the lessons where one stands without an option before it.
fn fish_lessons() -> String {
    let command = Cli::command();
    let names = |command: &Command| command.get_positionals().any(|arg| is_lesson(value_name(arg)));
    let line = |when: &str| {
        let lessons = catalogue().lessons().collect::<Vec<_>>().join(" ");
        format!("complete -c {NAME} -n \"__fish_{NAME}_{when}\" -a \"{lessons}\"")
    };
    let root = names(&command).then(|| line("needs_command"));
    let subs = command.get_subcommands().filter(|sub| names(sub)).map(|sub| line(&format!("using_subcommand {}", sub.get_name())));
    root.into_iter().chain(subs).collect::<Vec<_>>().join("\n")
}

/// What an argument takes, as the help calls it.
fn value_name(arg: &Arg) -> &str {
    arg.get_value_names().and_then(|names| names.first()).map(clap::builder::Str::as_str).unwrap_or_default()
}

/// Whether what is called so can be the id of a lesson.
fn is_lesson(takes: &str) -> bool {
    takes.split('|').any(|one| one == "LESSON")
}

/// The command line with the words that can stand in it, for shells to offer. It reads none: what is wrong is refused in other places, with
/// what was probably meant.
fn offering(command: Command) -> Command {
    command.mut_args(offered).mut_subcommands(offering)
}

fn offered(arg: Arg) -> Arg {
    let takes = value_name(&arg).to_string();
    let words: Vec<&'static str> = match (arg.get_id().as_str(), takes.as_str()) {
        ("theme", _) => THEMES.to_vec(),
        ("blueprint", _) => blueprint::all().iter().map(|ready| ready.id.as_str()).collect(),
        ("model", "M") => MODELS.iter().map(|model| model.name).collect(),
        ("topic", "T") => catalogue().lessons().collect(),
        (_, takes) if is_lesson(takes) => catalogue().lessons().collect(),
        (_, "DIR") => return arg.value_hint(ValueHint::DirPath),
        (_, "FILE" | "PATH") => return arg.value_hint(ValueHint::AnyPath),
        _ => return arg,
    };
    arg.value_parser(PossibleValuesParser::new(words))
}

/// Prints the manual page of the program, or writes one for every command to a folder.
pub fn run(folder: Option<&Path>, force: bool, out: &mut dyn Write) -> anyhow::Result<()> {
    let Some(folder) = folder else { return Ok(out.write_all(&page(Cli::command(), NAME.to_string())?.1)?) };
    let pages = pages()?;
    let there: Vec<String> = pages
        .iter()
        .map(|(name, _)| folder.join(name))
        .filter(|path| path.exists() && !force)
        .map(|path| path.display().to_string())
        .collect();
    if !there.is_empty() {
        bail!("already there, and left as they are; --force replaces them:\n{}", there.join("\n"));
    }
    fs::create_dir_all(folder).with_context(|| format!("--out {}", folder.display()))?;
    for (name, page) in &pages {
        let path = folder.join(name);
        files::put(&path, page, force).with_context(|| path.display().to_string())?;
    }
    writeln!(out, "{} pages are written to {}.", pages.len(), folder.display())?;
    Ok(())
}

/// The pages with the names of their files.
fn pages() -> anyhow::Result<Vec<(String, Vec<u8>)>> {
    let mut command = Cli::command();
    command.build();
    let mut pages = vec![page(command.clone(), NAME.to_string())?];
    for sub in command.get_subcommands().filter(|sub| !sub.is_hide_set() && sub.get_name() != "help") {
        let name = format!("{NAME}-{}", sub.get_name());
        pages.push(page(sub.clone(), name)?);
    }
    Ok(pages)
}

fn page(command: clap::Command, name: String) -> anyhow::Result<(String, Vec<u8>)> {
    let file = format!("{name}.1");
    // The words of clap live as long as the program; there is a page for each command, once.
    let title: &'static str = Box::leak(name.into_boxed_str());
    let mut text = Vec::new();
    Man::new(command.name(title)).render(&mut text)?;
    // The generator leaves out a date that there is not, so that readers take the version for it.
    let text = String::from_utf8_lossy(&text).replacen(&format!(".TH {title} 1  "), &format!(".TH {title} 1 \"\" "), 1);
    Ok((file, text.into_bytes()))
}
