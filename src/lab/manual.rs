//! `splitbrain completions` and `splitbrain man`: what shells and readers of manuals know of the command line, made from its own words.

use std::fs;
use std::io::Write;
use std::path::Path;

use anyhow::{Context as _, bail};
use clap::CommandFactory as _;
use clap_complete::Shell;
use clap_mangen::Man;

use super::cli::Cli;
use crate::files;

/// The name that is typed.
const NAME: &str = "splitbrain";

/// Prints a file by which this shell completes.
pub fn completions(shell: Shell, out: &mut dyn Write) -> anyhow::Result<()> {
    // Written to memory first: the generator ends the program when its output is closed.
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), NAME, &mut text);
    Ok(out.write_all(&text)?)
}

/// Prints the manual page of the program, or writes one for every command to a folder.
pub fn run(folder: Option<&Path>, force: bool, out: &mut dyn Write) -> anyhow::Result<()> {
    let Some(folder) = folder else { return Ok(Man::new(Cli::command()).render(out)?) };
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
    Ok((file, text))
}
