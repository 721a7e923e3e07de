//! Files from outside: regular files of a size that their kind can have, and nothing else.
//!
//! A pipe would wait for ever, a device never ends, and a huge file takes all memory before anything is said about it.

use std::fs::{self, File};
use std::io::{self, Read, Write as _};
use std::path::Path;

/// What a file is read as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A lesson, or a list of topics.
    Lesson,
    /// What a teacher presents.
    Deck,
    /// A file of laws.
    Laws,
    /// A replay.
    Replay,
    /// A recorded history.
    History,
    /// A log of progress.
    Progress,
    /// Settings.
    Config,
}

impl Kind {
    /// The most bytes that it can have.
    pub const fn most(self) -> u64 {
        match self {
            Kind::Lesson | Kind::Deck | Kind::Laws | Kind::Config => 1 << 20,
            Kind::Replay => 16 << 20,
            Kind::History => 64 << 20,
            Kind::Progress => 256 << 20,
        }
    }

    const fn word(self) -> &'static str {
        match self {
            Kind::Lesson => "lesson",
            Kind::Deck => "deck",
            Kind::Laws => "file of laws",
            Kind::Replay => "replay",
            Kind::History => "history",
            Kind::Progress => "log of progress",
            Kind::Config => "file of settings",
        }
    }
}

/// Why a file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// It cannot be read.
    #[error(transparent)]
    Unreadable(#[from] io::Error),
    /// It is a folder, a pipe, a device or a socket.
    #[error("this is no regular file")]
    NotRegular,
    /// It is longer than its kind can be.
    #[error("this is too long for a {}: {} MiB are the most", .0.word(), .0.most() >> 20)]
    TooLong(Kind),
    /// It is no text.
    #[error("line {0} is not UTF-8 text")]
    NotText(usize),
}

/// The bytes of a regular file.
pub fn read(path: &Path, kind: Kind) -> Result<Vec<u8>, FileError> {
    if !fs::metadata(path)?.is_file() {
        return Err(FileError::NotRegular);
    }
    read_from(File::open(path)?, kind)
}

/// The text of a regular file.
pub fn read_text(path: &Path, kind: Kind) -> Result<String, FileError> {
    text(read(path, kind)?)
}

/// When a file was written.
#[expect(clippy::disallowed_types, reason = "it is only compared with itself; no result depends on it")]
type Written = std::time::SystemTime;

/// What can be seen of a file without reading it: another stamp means that it may have been written, or replaced by another file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stamp {
    modified: Option<Written>,
    bytes: u64,
    number: u64,
}

/// The stamp of a file; `None` where there is none, or none that may be seen.
pub fn stamp(path: &Path) -> Option<Stamp> {
    let about = fs::metadata(path).ok()?;
    Some(Stamp { modified: about.modified().ok(), bytes: about.len(), number: number(&about) })
}

/// The number under which the system keeps a file: a file that takes the place of another has its own.
#[cfg(unix)]
fn number(about: &fs::Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(about)
}

#[cfg(not(unix))]
fn number(_: &fs::Metadata) -> u64 {
    0
}

/// Why a file is not written.
#[derive(Debug, thiserror::Error)]
pub enum NotWritten {
    /// It is there already.
    #[error("it is there already, and stays as it is; --force replaces it")]
    IsThere,
    /// It cannot be.
    #[error("it cannot be written: {0}")]
    Unwritable(#[from] io::Error),
}

/// Writes a file whole or not at all. One that is there is left as it is, unless it is to be replaced.
pub fn put(path: &Path, bytes: &[u8], replace: bool) -> Result<(), NotWritten> {
    if !replace && path.symlink_metadata().is_ok() {
        return Err(NotWritten::IsThere);
    }
    // Where it is a link, what it points to is written.
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    let mut name = path.file_name().ok_or_else(|| io::Error::from(io::ErrorKind::InvalidFilename))?.to_os_string();
    name.push(format!(".{}.new", std::process::id()));
    let fresh = path.with_file_name(name);
    let written = fill(&fresh, bytes).and_then(|()| if replace { fs::rename(&fresh, &path) } else { fs::hard_link(&fresh, &path) });
    let moved = match written {
        // Where there are no links, nobody can be kept from coming in between.
        Err(error)
            if !replace && matches!(error.kind(), io::ErrorKind::Unsupported | io::ErrorKind::PermissionDenied) && fresh.exists() =>
        {
            fs::rename(&fresh, &path)
        }
        written => written,
    };
    // After a rename it is gone already.
    let _ = fs::remove_file(&fresh);
    moved.map_err(|error| if error.kind() == io::ErrorKind::AlreadyExists { NotWritten::IsThere } else { error.into() })
}

fn fill(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Everything that a stream gives, such as standard input.
pub fn read_from(from: impl Read, kind: Kind) -> Result<Vec<u8>, FileError> {
    let mut bytes = Vec::new();
    from.take(kind.most() + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > kind.most() { Err(FileError::TooLong(kind)) } else { Ok(bytes) }
}

/// The text that a stream gives.
pub fn read_text_from(from: impl Read, kind: Kind) -> Result<String, FileError> {
    text(read_from(from, kind)?)
}

fn text(bytes: Vec<u8>) -> Result<String, FileError> {
    String::from_utf8(bytes).map_err(|bad| {
        let before = String::from_utf8_lossy(&bad.as_bytes()[..bad.utf8_error().valid_up_to()]);
        FileError::NotText(before.matches('\n').count() + 1)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_regular_files_of_their_size_are_read() {
        let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
        assert!(read_text(&manifest, Kind::Lesson).unwrap().starts_with("[package]"));
        assert!(matches!(read(Path::new(env!("CARGO_MANIFEST_DIR")), Kind::Lesson), Err(FileError::NotRegular)));
        assert!(matches!(read(Path::new("/no/such/file"), Kind::Lesson), Err(FileError::Unreadable(_))));
        let whole = io::repeat(b'x').take(Kind::Lesson.most());
        assert_eq!(read_from(whole, Kind::Lesson).map(|bytes| bytes.len() as u64).ok(), Some(Kind::Lesson.most()));
        let endless = read_from(io::repeat(0), Kind::Lesson).unwrap_err();
        assert_eq!(endless.to_string(), "this is too long for a lesson: 1 MiB are the most");
        assert_eq!(read_text_from(&b"a\nb\xff"[..], Kind::History).unwrap_err().to_string(), "line 2 is not UTF-8 text");
    }

    #[test]
    fn a_file_is_written_whole_and_never_over_another_unasked() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.svg");
        put(&path, b"one", false).unwrap();
        assert!(matches!(put(&path, b"two", false), Err(NotWritten::IsThere)));
        assert_eq!(fs::read(&path).unwrap(), b"one");
        put(&path, b"two", true).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
        assert!(matches!(put(&folder.path().join("no/where"), b"", false), Err(NotWritten::Unwritable(_))));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing else is left behind");
    }

    #[cfg(unix)]
    #[test]
    fn devices_are_refused() {
        assert!(matches!(read(Path::new("/dev/zero"), Kind::History), Err(FileError::NotRegular)));
    }
}
