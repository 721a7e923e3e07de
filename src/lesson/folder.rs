//! Reads a teacher's folder of lessons.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::catalogue::{self, Catalogue};
use super::outline;
use super::scenarios;
use super::source::{Mistakes, Source};
use crate::files::{self, FileError, Kind, Stamp};

/// How deep folders are followed.
const DEEPEST: usize = 8;
/// The most lesson files of one folder and the folders in it.
const FILES_MAX: usize = 1000;
/// The most bytes of all of them together, more or less one file.
const BYTES_MAX: usize = 16 << 20;

impl Catalogue {
    /// Adds the lessons of a folder and of the folders in it, as `--lessons DIR` does. A `topics.toml` there adds chapters. Where it is a
    /// lesson file, that and the lessons beside it are added, that one in place of others with its id, and mistakes are looked for in it.
    ///
    /// Fails only when the folder or the file itself cannot be read; what is wrong with single files is in [`Catalogue::complaints`].
    pub fn add_folder(&mut self, folder: &Path) -> io::Result<()> {
        if !folder.is_dir() {
            return self.add_file(folder);
        }
        self.list_folder(folder)?;
        self.read_added();
        Ok(())
    }

    fn add_file(&mut self, file: &Path) -> io::Result<()> {
        let source = read(file).map_err(|error| match error {
            FileError::Unreadable(error) => error,
            other => io::Error::other(other),
        })?;
        if !is_lesson(file) || is_scenarios(file) {
            return Err(io::Error::other("a lesson is a file ending in .toml, and neither topics.toml nor scenarios.toml"));
        }
        self.add_beside(file)?;
        self.prefer(&source);
        let mistakes = self.load(&source).err();
        self.complaints.extend(mistakes.iter().flat_map(Mistakes::lines));
        Ok(())
    }

    /// The same, but the lessons are only listed and their mistakes not looked for. Gives the files.
    pub fn list_folder(&mut self, folder: &Path) -> io::Result<Vec<Source>> {
        let topics = self.topics_of(folder);
        self.list(folder, DEEPEST, topics.as_ref())
    }

    /// Adds what lies beside a lesson file (lessons, and a `topics.toml` here or one folder up), so that the file may refer to it.
    pub fn add_beside(&mut self, file: &Path) -> io::Result<()> {
        let folder = beside(file);
        let topics = self.topics_of(folder).or_else(|| self.topics_of(&folder.join("..")));
        self.list(folder, 0, topics.as_ref()).map(|_| ())
    }

    fn list(&mut self, folder: &Path, depth: usize, topics: Option<&Source>) -> io::Result<Vec<Source>> {
        let mut search = Search::default();
        search.folder(folder, depth)?;
        self.complaints.append(&mut search.complaints);
        let (shared, lessons): (Vec<_>, Vec<_>) = search.files.iter().cloned().partition(|path| is_scenarios(path));
        for source in self.read_all(&shared) {
            self.add_scenarios(source);
        }
        let (decks, files): (Vec<_>, Vec<_>) = self.read_all(&lessons).into_iter().partition(outline::is_deck);
        self.decks.extend(decks);
        self.add(&folder_name(folder), topics, &files);
        Ok(files)
    }

    /// Reads file after file, as long as they are not too much together.
    fn read_all(&mut self, paths: &[PathBuf]) -> Vec<Source> {
        let (mut files, mut bytes) = (Vec::new(), 0);
        for path in paths {
            if bytes > BYTES_MAX {
                let message =
                    format!("the lessons before are more than {} MiB together, so this and the others are not read", BYTES_MAX >> 20);
                self.complaints.push(complaint(path, message));
                break;
            }
            files.extend(self.kept(path, read(path)).inspect(|source| bytes += source.text().len()));
        }
        files
    }

    /// The list of topics of a folder; `None` where there is none.
    fn topics_of(&mut self, folder: &Path) -> Option<Source> {
        let path = folder.join("topics.toml");
        match read(&path) {
            Err(FileError::Unreadable(error)) if error.kind() == io::ErrorKind::NotFound => None,
            read => self.kept(&path, read),
        }
    }

    /// What was read; a complaint where nothing was.
    fn kept(&mut self, path: &Path, read: Result<Source, FileError>) -> Option<Source> {
        read.map_err(|error| self.complaints.push(complaint(path, &error))).ok()
    }
}

/// The id of the lesson in a file that may be full of mistakes.
pub fn id_of(path: &Path) -> Result<String, FileError> {
    read(path).map(|source| catalogue::id_of(&source))
}

/// Every file that [`Catalogue::add_folder`] reads of a folder, or of a lesson file, with what can be seen of it from outside.
pub fn stamps(place: &Path, is_file: bool) -> BTreeMap<PathBuf, Option<Stamp>> {
    let (folder, depth) = if is_file { (beside(place), 0) } else { (place, DEEPEST) };
    let mut search = Search::default();
    // A folder that cannot be read has no files.
    let _ = search.folder(folder, depth);
    let topics = [folder.join("topics.toml"), folder.join("..").join("topics.toml")];
    let files = search.files.into_iter().chain(topics).chain(is_file.then(|| place.to_path_buf()));
    files.map(|path| (path.clone(), files::stamp(&path))).collect()
}

/// The folder in which a file lies.
fn beside(file: &Path) -> &Path {
    file.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Reads one lesson file.
pub fn read(path: &Path) -> Result<Source, FileError> {
    let name = path.strip_prefix(".").unwrap_or(path);
    Ok(Source::new(&name.to_string_lossy(), &files::read_text(path, Kind::Lesson)?))
}

fn complaint(path: &Path, what: impl std::fmt::Display) -> String {
    crate::harmless::line(&format!("{}: {what}", path.display())).into_owned()
}

/// Looks for lesson files, in the order of their paths.
#[derive(Default)]
struct Search {
    files: Vec<PathBuf>,
    complaints: Vec<String>,
    /// Whether there are more files than are read.
    full: bool,
    /// The folders that were looked into, as they are without links.
    seen: BTreeSet<PathBuf>,
}

impl Search {
    /// A folder and the folders in it, down to `depth`. Links to folders that were looked into already lead nowhere.
    fn folder(&mut self, folder: &Path, depth: usize) -> io::Result<()> {
        if !self.seen.insert(folder.canonicalize()?) {
            return Ok(());
        }
        let mut entries: Vec<PathBuf> = fs::read_dir(folder)?.map(|e| e.map(|e| e.path())).collect::<io::Result<_>>()?;
        entries.sort();
        for path in entries {
            if path.is_dir() {
                self.inner(&path, depth);
            } else if is_lesson(&path) {
                self.file(path);
            }
        }
        Ok(())
    }

    /// A folder that cannot be read is named, and the others are read all the same.
    fn inner(&mut self, folder: &Path, depth: usize) {
        let Some(depth) = depth.checked_sub(1) else { return };
        if let Err(error) = self.folder(folder, depth) {
            self.complaints.push(complaint(folder, error));
        }
    }

    fn file(&mut self, path: PathBuf) {
        if self.files.len() == FILES_MAX && !self.full {
            let message = format!("{FILES_MAX} lesson files are read, and this one and those after it are not");
            self.complaints.push(complaint(&path, message));
            self.full = true;
        }
        if !self.full {
            self.files.push(path);
        }
    }
}

fn is_lesson(path: &Path) -> bool {
    path.extension().is_some_and(|e| e == "toml") && path.file_name().is_some_and(|n| n != "topics.toml")
}

fn is_scenarios(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name == scenarios::FILE)
}

fn folder_name(folder: &Path) -> String {
    let full = folder.canonicalize().unwrap_or_else(|_| folder.to_path_buf());
    full.file_name().map_or_else(|| "lessons".to_string(), |n| crate::harmless::line(&n.to_string_lossy()).into_owned())
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn links_in_a_circle_end_and_what_cannot_be_read_is_named() {
        let root = std::env::temp_dir().join(format!("splitbrain-folder-{}", std::process::id()));
        let inner = root.join("inner");
        fs::create_dir_all(&inner).unwrap();
        fs::write(inner.join("one.toml"), "id = \"one\"\n").unwrap();
        fs::write(root.join("long.toml"), vec![b'#'; Kind::Lesson.most() as usize + 1]).unwrap();
        fs::write(root.join("odd.toml"), b"\xff").unwrap();
        symlink(&root, inner.join("round")).unwrap();
        symlink(&inner, root.join("twice")).unwrap();
        symlink("/dev/zero", root.join("endless.toml")).unwrap();
        symlink("/no/such/file", root.join("gone.toml")).unwrap();
        let mut catalogue = super::super::catalogue().clone();
        let files = catalogue.list_folder(&root).unwrap();
        assert_eq!(files.len(), 1, "{:?}", catalogue.complaints);
        let said =
            ["endless.toml: this is no regular file", "gone.toml: No such file", "long.toml: this is too long", "odd.toml: line 1 is"];
        assert_eq!(catalogue.complaints.len(), said.len(), "{:?}", catalogue.complaints);
        for (complaint, part) in catalogue.complaints.iter().zip(said) {
            assert!(complaint.contains(part), "{complaint}");
        }
        fs::remove_dir_all(&root).unwrap();
        let mut search = Search::default();
        search.inner(&root, 1);
        assert!(search.complaints[0].contains("No such file"), "{:?}", search.complaints);
    }
}
