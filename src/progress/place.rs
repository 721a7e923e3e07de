//! Where the progress and the settings of a learner lie.

use std::path::{Path, PathBuf};

use etcetera::base_strategy::{BaseStrategy as _, choose_base_strategy};

/// Names the folder to use in place of the usual ones.
pub const VARIABLE: &str = "SPLITBRAIN_DATA";

/// The folder of this program among those of others.
const NAME: &str = "splitbrain";

/// The folders of a learner's files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    data: PathBuf,
    config: PathBuf,
}

/// There is no home folder, and no other folder was named.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no home folder to keep progress in; name a folder with --data or {VARIABLE}")]
pub struct Homeless;

impl Place {
    /// The folder that was named on the command line; or else the one that the environment names; or else `splitbrain` in the data
    /// and configuration folders of the XDG base directory specification.
    pub fn find(named: Option<&Path>) -> Result<Place, Homeless> {
        let variable = std::env::var_os(VARIABLE).filter(|folder| !folder.is_empty()).map(PathBuf::from);
        if let Some(folder) = named.map(Path::to_path_buf).or(variable) {
            return Ok(Place::in_folder(folder));
        }
        let usual = choose_base_strategy().map_err(|_| Homeless)?;
        Ok(Place { data: usual.data_dir().join(NAME), config: usual.config_dir().join(NAME) })
    }

    /// Everything in one folder.
    pub fn in_folder(folder: PathBuf) -> Place {
        Place { config: folder.clone(), data: folder }
    }

    /// Where sockets of programs that run lie: in the folder that the environment names for it, or else beside the progress.
    pub fn running(&self) -> PathBuf {
        let named = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from).filter(|folder| folder.is_absolute());
        named.map_or_else(|| self.data.join("running"), |folder| folder.join(NAME))
    }

    /// The log of progress.
    pub fn log(&self) -> PathBuf {
        self.data.join("progress.jsonl")
    }

    /// The settings.
    pub fn config(&self) -> PathBuf {
        self.config.join("config.toml")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_named_folder_holds_everything() {
        let place = Place::find(Some(Path::new("/tmp/x"))).unwrap();
        assert_eq!(place.log(), Path::new("/tmp/x/progress.jsonl"));
        assert_eq!(place.config(), Path::new("/tmp/x/config.toml"));
    }
}
