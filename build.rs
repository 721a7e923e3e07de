//! Embeds every lesson: writes a list of (path, text) of `lessons/**/*.toml` in the order of their paths.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").ok_or(io::ErrorKind::NotFound)?);
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or(io::ErrorKind::NotFound)?);
    let mut files = Vec::new();
    lessons(&root.join("lessons"), &mut files)?;
    files.sort();
    let mut list = String::from("&[\n");
    for file in &files {
        let name = file.strip_prefix(&root).unwrap_or(file).to_string_lossy().replace('\\', "/");
        // Writing to a String cannot fail.
        let _ = writeln!(list, "    ({name:?}, include_str!({:?})),", file.to_string_lossy());
    }
    list.push(']');
    fs::write(out.join("lessons.rs"), list)
}

/// Collects the lesson files below a folder, and asks to be run again when one comes or goes.
fn lessons(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    println!("cargo::rerun-if-changed={}", folder.display());
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            lessons(&path, files)?;
        } else if path.extension().is_some_and(|e| e == "toml") && path.file_name().is_some_and(|n| n != "topics.toml") {
            files.push(path);
        }
    }
    Ok(())
}
