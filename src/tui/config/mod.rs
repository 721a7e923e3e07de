//! `config.toml`: how the screens look and which keys do what. The command line overrules it.
//!
//! A mistake in it is reported with its line, and the value that it has unless said is used. The settings screen writes to it and
//! leaves everything else as it is, comments among it.

mod keys;
mod read;
mod values;
mod write;

#[cfg(test)]
mod tests;

use std::io;
use std::path::Path;

use super::actions::Own;
use super::theme::{Palette, Signs};
use crate::files::{self, FileError, Kind};

pub use read::read;
pub use values::{Value, print, template};
pub use write::{NotSet, set};

/// What the file says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// The theme; `None`: dark or light, as the terminal is.
    pub theme: Option<Palette>,
    /// The signs to draw with; `None`: all, where the terminal can.
    pub signs: Option<Signs>,
    /// Show movement.
    pub motion: bool,
    /// Take reports of the mouse.
    pub mouse: bool,
    /// Actions that have other keys.
    pub keys: Vec<Own>,
}

impl Default for Config {
    fn default() -> Config {
        Config { theme: None, signs: None, motion: true, mouse: true, keys: Vec::new() }
    }
}

/// Reads the file, if it is there. What is wrong with it is a line for each mistake.
pub fn load(path: &Path) -> (Config, Vec<String>) {
    match files::read_text(path, Kind::Config) {
        Ok(text) => {
            let (config, mistakes) = read(&text);
            let named = mistakes.into_iter().map(|mistake| format!("{}: {mistake}", path.display()));
            (config, named.collect())
        }
        Err(FileError::Unreadable(error)) if error.kind() == io::ErrorKind::NotFound => (Config::default(), Vec::new()),
        Err(error) => (Config::default(), vec![format!("{}: {error}; every setting is as if it were not there", path.display())]),
    }
}
