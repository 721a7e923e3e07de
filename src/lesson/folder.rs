//! Reads a teacher's folder of lessons.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::catalogue::Catalogue;
use super::source::Source;

/// How deep folders are followed, so that a link in a circle ends.
const DEEPEST: usize = 8;

impl Catalogue {
    /// Adds the lessons of a folder and of the folders in it, as `--lessons DIR` does. A `topics.toml` there adds chapters.
    ///
    /// Fails only when the folder itself cannot be read; what is wrong with single files is in [`Catalogue::complaints`].
    pub fn add_folder(&mut self, folder: &Path) -> io::Result<()> {
        self.list_folder(folder)?;
        self.read_added();
        Ok(())
    }

    /// The same, but the lessons are only listed and their mistakes not looked for. Gives the files.
    pub fn list_folder(&mut self, folder: &Path) -> io::Result<Vec<Source>> {
        self.list(folder, DEEPEST, read_topics(folder).as_ref())
    }

    /// Adds what lies beside a lesson file (lessons, and a `topics.toml` here or one folder up), so that the file may refer to it.
    pub fn add_beside(&mut self, file: &Path) -> io::Result<()> {
        let folder = file.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let topics = read_topics(folder).or_else(|| read_topics(&folder.join("..")));
        self.list(folder, 0, topics.as_ref()).map(|_| ())
    }

    fn list(&mut self, folder: &Path, depth: usize, topics: Option<&Source>) -> io::Result<Vec<Source>> {
        let mut paths = Vec::new();
        lesson_files(folder, depth, &mut paths)?;
        let files = self.read_all(&paths);
        self.add(&folder_name(folder), topics, &files);
        Ok(files)
    }

    fn read_all(&mut self, paths: &[PathBuf]) -> Vec<Source> {
        let mut files = Vec::new();
        for path in paths {
            match read(path) {
                Ok(source) => files.push(source),
                Err(error) => self.complaints.push(format!("{}: {error}", path.display())),
            }
        }
        files
    }
}

/// Reads one lesson file.
pub fn read(path: &Path) -> io::Result<Source> {
    Ok(Source::new(&path.to_string_lossy(), &fs::read_to_string(path)?))
}

/// The lesson files of a folder and of the folders in it, down to `depth`, in the order of their paths.
fn lesson_files(folder: &Path, depth: usize, into: &mut Vec<PathBuf>) -> io::Result<()> {
    let mut entries: Vec<PathBuf> = fs::read_dir(folder)?.map(|e| e.map(|e| e.path())).collect::<io::Result<_>>()?;
    entries.sort();
    for path in entries {
        if path.is_dir() {
            if depth > 0 {
                lesson_files(&path, depth - 1, into)?;
            }
        } else if path.extension().is_some_and(|e| e == "toml") && path.file_name().is_some_and(|n| n != "topics.toml") {
            into.push(path);
        }
    }
    Ok(())
}

fn read_topics(folder: &Path) -> Option<Source> {
    read(&folder.join("topics.toml")).ok()
}

fn folder_name(folder: &Path) -> String {
    let full = folder.canonicalize().unwrap_or_else(|_| folder.to_path_buf());
    full.file_name().map_or_else(|| "lessons".to_string(), |n| n.to_string_lossy().to_string())
}
