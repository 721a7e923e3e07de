//! Files from outside: regular files of a size that their kind can have, and nothing else.
//!
//! A pipe would wait for ever, a device never ends, and a huge file takes all memory before anything is said about it.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

/// What a file is read as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A lesson, or a list of topics.
    Lesson,
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
            Kind::Lesson | Kind::Laws | Kind::Config => 1 << 20,
            Kind::Replay => 16 << 20,
            Kind::History => 64 << 20,
            Kind::Progress => 256 << 20,
        }
    }

    const fn word(self) -> &'static str {
        match self {
            Kind::Lesson => "lesson",
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

    #[cfg(unix)]
    #[test]
    fn devices_are_refused() {
        assert!(matches!(read(Path::new("/dev/zero"), Kind::History), Err(FileError::NotRegular)));
    }
}
