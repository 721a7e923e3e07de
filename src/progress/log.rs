//! The file of events: read from where it was read before, and only ever written at its end.
//!
//! Whoever writes holds the lock, so several programs can use one log: each reads what the others wrote before it writes itself. A
//! last line without its end is what a killed program left: it is put aside before the next line is written. A file that cannot be
//! read, or that is no log, is never written to.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead as _, BufReader, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use super::event::Line;
use super::lock::Lock;
use crate::files::{self, FileError, Kind};

/// How every log begins.
const BEGINS: &[u8] = br#"{"v":"#;

/// The longest line that is read; an event has a few hundred bytes.
const LONGEST: u64 = 1 << 20;

/// Why a log cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// It is there and cannot be read.
    #[error("{0} cannot be read: {1}")]
    Unreadable(PathBuf, io::Error),
    /// It can be read, and is something else.
    #[error("{0} is no log of progress: its first line does not begin with {{\"v\":")]
    NotALog(PathBuf),
    /// There is none.
    #[error("there is no folder that progress is kept in")]
    Nowhere,
    /// Nothing can be written to it.
    #[error("{0} cannot be written: {1}")]
    Unwritable(PathBuf, io::Error),
}

/// What reading a log brings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum News {
    /// Another file lies there: what was read before is no longer so, and everything comes again.
    Anew,
    /// One line.
    Line(Line),
}

/// What a log has beside events.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Findings {
    /// How many lines a later version of the program wrote.
    pub later: usize,
    /// The numbers of the lines, from 1, that are no events.
    pub broken: Vec<usize>,
    /// Whether the last line has no end.
    pub torn: bool,
    /// Where a last line without its end was put.
    pub aside: Option<PathBuf>,
}

/// A log, and how far it was read.
#[derive(Debug)]
pub struct Log {
    path: PathBuf,
    read_to: u64,
    lines: usize,
    /// Which file was read.
    file: Option<Identity>,
    findings: Findings,
}

/// What tells a file from another under the same name.
type Identity = (u64, u64);

#[cfg(unix)]
fn identity(metadata: &fs::Metadata) -> Identity {
    use std::os::unix::fs::MetadataExt as _;
    (metadata.dev(), metadata.ino())
}

#[cfg(not(unix))]
fn identity(_metadata: &fs::Metadata) -> Identity {
    (0, 0)
}

impl Log {
    /// The log in this file, of which nothing is read yet. The file need not be there.
    pub fn at(path: PathBuf) -> Log {
        Log { path, read_to: 0, lines: 0, file: None, findings: Findings::default() }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What was found beside events, in what was read so far.
    pub fn findings(&self) -> &Findings {
        &self.findings
    }

    /// Where a last line without its end was put, if that happened since this was asked last.
    pub fn take_aside(&mut self) -> Option<PathBuf> {
        self.findings.aside.take()
    }

    /// Reads what came since the last time. Where the folder can be written to, nobody writes meanwhile.
    pub fn catch_up(&mut self, take: &mut dyn FnMut(News)) -> Result<(), LogError> {
        let _lock = if self.path.exists() { self.lock().ok() } else { None };
        match File::open(&self.path) {
            Ok(file) => self.read(file, take),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                self.forget(take);
                Ok(())
            }
            Err(error) => Err(self.unreadable(error)),
        }
    }

    /// Reads what others wrote meanwhile, and then writes these lines, each with its end, so that they stay even if the power
    /// fails. Where that cannot be done, the log is as it was before.
    pub fn append(&mut self, lines: &str, take: &mut dyn FnMut(News)) -> Result<(), LogError> {
        let folder = self.path.parent().unwrap_or(Path::new(".")).to_path_buf();
        fs::create_dir_all(&folder).map_err(|error| self.unwritable(error))?;
        let _lock = self.lock().map_err(|error| self.unwritable(error))?;
        let is_new = !self.path.exists();
        let open = OpenOptions::new().read(true).append(true).create(true).open(&self.path);
        let file = open.map_err(|error| if is_new { self.unwritable(error) } else { self.unreadable(error) })?;
        self.read(file.try_clone().map_err(|error| self.unreadable(error))?, take)?;
        self.write(file, lines, take).map_err(|error| self.unwritable(error))?;
        if is_new {
            // That the name of the file stays is a matter of its folder; where folders cannot be synced, it stays anyway.
            let _ = File::open(folder).and_then(|folder| folder.sync_all());
        }
        Ok(())
    }

    /// Puts another text in the place of this log, whole or not at all, and keeps what was there in the file `kept`. Nobody writes
    /// meanwhile. `make` makes the new text of the old one.
    pub fn rewrite(&mut self, kept: &Path, make: impl FnOnce(&str) -> String) -> Result<(), LogError> {
        let folder = self.path.parent().unwrap_or(Path::new(".")).to_path_buf();
        fs::create_dir_all(&folder).map_err(|error| self.unwritable(error))?;
        let _lock = self.lock().map_err(|error| self.unwritable(error))?;
        let old = self.text()?;
        self.put(kept, &old, &make(&old)).map_err(|error| self.unwritable(error))
    }

    /// Everything that the log holds.
    pub fn text(&self) -> Result<String, LogError> {
        match files::read(&self.path, Kind::Progress) {
            Ok(bytes) if bytes.starts_with(&BEGINS[..bytes.len().min(BEGINS.len())]) => Ok(String::from_utf8_lossy(&bytes).into_owned()),
            Ok(_) => Err(LogError::NotALog(self.path.clone())),
            Err(FileError::Unreadable(error)) if error.kind() == io::ErrorKind::NotFound => Ok(String::new()),
            Err(FileError::Unreadable(error)) => Err(self.unreadable(error)),
            Err(other) => Err(self.unreadable(io::Error::other(other))),
        }
    }

    fn put(&self, kept: &Path, old: &str, new: &str) -> io::Result<()> {
        if !old.is_empty() {
            fs::copy(&self.path, kept)?;
            File::open(kept)?.sync_all()?;
        }
        let fresh = self.beside("new");
        written(&fresh, new)?;
        fs::rename(&fresh, &self.path)
    }

    /// A file beside the log: `progress.NAME`.
    pub fn beside(&self, name: &str) -> PathBuf {
        self.path.with_extension(name)
    }

    fn lock(&self) -> io::Result<Lock> {
        Lock::take(&self.beside("lock"))
    }

    fn unreadable(&self, error: io::Error) -> LogError {
        LogError::Unreadable(self.path.clone(), error)
    }

    fn unwritable(&self, error: io::Error) -> LogError {
        LogError::Unwritable(self.path.clone(), error)
    }

    /// Nothing is read yet, and what was read before is no longer so.
    fn forget(&mut self, take: &mut dyn FnMut(News)) {
        if self.read_to > 0 {
            *self = Log::at(std::mem::take(&mut self.path));
            take(News::Anew);
        }
    }

    fn read(&mut self, mut file: File, take: &mut dyn FnMut(News)) -> Result<(), LogError> {
        let metadata = file.metadata().map_err(|error| self.unreadable(error))?;
        if !metadata.is_file() {
            return Err(self.unreadable(io::Error::other("this is no regular file")));
        }
        if metadata.len() < self.read_to || self.file.is_some_and(|known| known != identity(&metadata)) {
            self.forget(take);
        }
        self.file = Some(identity(&metadata));
        file.seek(SeekFrom::Start(self.read_to)).map_err(|error| self.unreadable(error))?;
        self.read_lines(&mut BufReader::with_capacity(1 << 16, file), take)
    }

    fn read_lines(&mut self, from: &mut BufReader<File>, take: &mut dyn FnMut(News)) -> Result<(), LogError> {
        let mut line = Vec::new();
        loop {
            line.clear();
            let read = from.by_ref().take(LONGEST).read_until(b'\n', &mut line).map_err(|error| self.unreadable(error))?;
            let known = line.len().min(BEGINS.len());
            if self.read_to == 0 && line[..known] != BEGINS[..known] {
                return Err(LogError::NotALog(self.path.clone()));
            }
            self.findings.torn = read > 0 && line.last() != Some(&b'\n') && (read as u64) < LONGEST;
            if read == 0 || self.findings.torn {
                return Ok(());
            }
            self.read_to += read as u64;
            self.line(line.trim_ascii(), take);
        }
    }

    fn line(&mut self, line: &[u8], take: &mut dyn FnMut(News)) {
        self.lines += 1;
        let line = Line::read(line);
        match &line {
            Line::Record(_) => {}
            Line::Later => self.findings.later += 1,
            Line::Broken => self.findings.broken.push(self.lines),
        }
        take(News::Line(line));
    }

    /// Writes at the end. What cannot be written whole is taken back.
    fn write(&mut self, mut file: File, lines: &str, take: &mut dyn FnMut(News)) -> io::Result<()> {
        if self.findings.torn {
            self.mend(&mut file, take)?;
        }
        let written = file.write_all(lines.as_bytes()).and_then(|()| file.sync_data());
        if let Err(error) = written {
            // Where that fails too, the next to write finds a torn line.
            let _ = file.set_len(self.read_to);
            return Err(error);
        }
        self.read_to += lines.len() as u64;
        self.lines += lines.matches('\n').count();
        Ok(())
    }

    /// Gives a last line its end where that is all that it lacks, and moves it to a file of its own where it is not. Nobody is still
    /// writing it: this program holds the lock.
    fn mend(&mut self, file: &mut File, take: &mut dyn FnMut(News)) -> io::Result<()> {
        let mut tail = Vec::new();
        file.seek(SeekFrom::Start(self.read_to))?;
        file.read_to_end(&mut tail)?;
        if Line::read(&tail) == Line::Broken {
            self.put_aside(file, tail)?;
        } else {
            file.write_all(b"\n")?;
            self.read_to += tail.len() as u64 + 1;
            self.line(&tail, take);
        }
        self.findings.torn = false;
        Ok(())
    }

    fn put_aside(&mut self, file: &mut File, mut tail: Vec<u8>) -> io::Result<()> {
        let aside = self.beside("torn");
        let mut to = OpenOptions::new().append(true).create(true).open(&aside)?;
        tail.push(b'\n');
        to.write_all(&tail)?;
        to.sync_all()?;
        file.set_len(self.read_to)?;
        self.findings.aside = Some(aside);
        Ok(())
    }
}

/// Writes a file of its own, so that it stays even if the power fails.
fn written(path: &Path, text: &str) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}
