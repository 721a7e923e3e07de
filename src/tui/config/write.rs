//! Setting a value in the file, and nothing else.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use toml_edit::{DocumentMut, Item, value};

use super::values::{VALUES, is_switch, template};
use crate::files::{self, FileError, Kind};

/// Why a setting could not be kept.
#[derive(Debug, thiserror::Error)]
pub enum NotSet {
    /// The file is there, and what is in it is not TOML: it is left as it is.
    #[error("{0} is not TOML, so this is not kept: {1}")]
    NotToml(PathBuf, String),
    /// The file cannot be read or written.
    #[error("{0} cannot be changed, so this is not kept: {1}")]
    File(PathBuf, FileError),
}

/// Gives a setting a value in the file: one of its words. Everything else in the file stays as it is. Where there is no file, one is
/// written in which every setting is documented.
pub fn set(path: &Path, name: &str, word: &str) -> Result<(), NotSet> {
    let failed = |error: FileError| NotSet::File(path.to_path_buf(), error);
    let text = match files::read_text(path, Kind::Config) {
        Ok(text) => text,
        Err(FileError::Unreadable(error)) if error.kind() == io::ErrorKind::NotFound => template(),
        Err(error) => return Err(failed(error)),
    };
    let text = changed(&text, name, word).map_err(|error| NotSet::NotToml(path.to_path_buf(), error))?;
    put(path, &text).map_err(|error| failed(error.into()))
}

/// The text with another value.
pub(super) fn changed(text: &str, name: &str, word: &str) -> Result<String, String> {
    let mut document: DocumentMut = text.parse().map_err(|error: toml_edit::TomlError| error.message().to_string())?;
    let is_switch = VALUES.iter().any(|value| value.name == name && is_switch(value));
    let mut fresh = if is_switch { value(word == "true") } else { value(word) };
    if let (Some(old), Some(new)) = (document.get(name).and_then(Item::as_value), fresh.as_value_mut()) {
        // What stands around it on its line: blanks, a comment.
        *new.decor_mut() = old.decor().clone();
    }
    document[name] = fresh;
    Ok(document.to_string())
}

/// Writes the file whole or not at all. Where it is a link, what it points to is written.
fn put(path: &Path, text: &str) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    let fresh = path.with_extension("toml.new");
    let mut file = File::create(&fresh)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(fresh, path)
}
