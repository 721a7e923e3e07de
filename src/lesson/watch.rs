//! Whether lesson files were written since they were read. An editor may write a file in pieces, delete it and write it anew, or rename
//! another over it: what is new counts once two looks in a row see the same.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::folder;
use crate::files::{self, Stamp};

/// So many looks in a row may see something else each time; then it counts all the same.
const MOVING_MAX: u32 = 12;

/// A folder of lessons, or one lesson file, and a deck of them, that are looked at again and again.
#[derive(Debug)]
pub struct Watch {
    place: Option<(PathBuf, bool)>,
    deck: Option<PathBuf>,
    /// How the files were when they were read.
    read: BTreeMap<PathBuf, Option<Stamp>>,
    /// How they were at the last look.
    seen: BTreeMap<PathBuf, Option<Stamp>>,
    /// How many looks in a row saw something that the look before had not.
    moving: u32,
}

/// What a look has seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// Everything is as it was read.
    Same,
    /// Something changes; the next look will tell.
    Moving,
    /// Something is new, and now counts as read.
    New,
}

impl Watch {
    /// What is to be read after this from a folder or a file of lessons, and from a deck; `None` where there is neither.
    pub fn new(place: Option<&Path>, deck: Option<&Path>) -> Option<Watch> {
        let is_any = place.is_some() || deck.is_some();
        let place = place.map(|place| (place.to_path_buf(), place.is_file()));
        let mut watch = Watch { place, deck: deck.map(Path::to_path_buf), read: BTreeMap::new(), seen: BTreeMap::new(), moving: 0 };
        watch.read = watch.stamps();
        watch.seen = watch.read.clone();
        is_any.then_some(watch)
    }

    /// Where the lessons are that are looked at.
    pub fn place(&self) -> Option<&Path> {
        self.place.as_ref().map(|(place, _)| place.as_path())
    }

    fn stamps(&self) -> BTreeMap<PathBuf, Option<Stamp>> {
        let mut stamps = self.place.as_ref().map(|(place, is_file)| folder::stamps(place, *is_file)).unwrap_or_default();
        stamps.extend(self.deck.iter().map(|deck| (deck.clone(), files::stamp(deck))));
        stamps
    }

    /// Looks whether anything was written.
    pub fn look(&mut self) -> Look {
        let now = self.stamps();
        if now == self.read {
            (self.seen, self.moving) = (now, 0);
            return Look::Same;
        }
        if now != self.seen && self.moving < MOVING_MAX {
            self.moving += 1;
            self.seen = now;
            return Look::Moving;
        }
        (self.seen, self.moving) = (now.clone(), 0);
        self.read = now;
        Look::New
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn what_is_new_counts_once_it_is_at_rest() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.toml");
        let mut watch = Watch::new(Some(folder.path()), None).unwrap();
        assert_eq!(watch.look(), Look::Same);
        let mut looks = |text: Option<&str>| {
            match text {
                Some(text) => fs::write(&file, text).unwrap(),
                None => fs::remove_file(&file).unwrap(),
            }
            [watch.look(), watch.look(), watch.look()]
        };
        let once = [Look::Moving, Look::New, Look::Same];
        assert_eq!(looks(Some("a")), once);
        assert_eq!(looks(Some("ab")), once);
        assert_eq!(looks(None), once);
        fs::create_dir(folder.path().join("inner")).unwrap();
        assert_eq!(watch.look(), Look::Same, "an empty folder has no lessons");
        fs::write(folder.path().join("inner/b.toml"), "b").unwrap();
        assert_eq!(watch.look(), Look::Moving);
        fs::remove_file(folder.path().join("inner/b.toml")).unwrap();
        assert_eq!(watch.look(), Look::Same, "what came and went is nothing");
        fs::remove_dir_all(folder.path()).unwrap();
        assert_eq!([watch.look(), watch.look(), watch.look()], [Look::Same; 3], "no lesson was there that could be gone");
    }

    #[test]
    fn a_deck_is_looked_at_alone_and_beside_lessons() {
        let folder = tempfile::tempdir().unwrap();
        let (lessons, deck) = (folder.path().join("lessons"), folder.path().join("deck.toml"));
        fs::create_dir(&lessons).unwrap();
        fs::write(&deck, "a").unwrap();
        for place in [None, Some(lessons.as_path())] {
            let mut watch = Watch::new(place, Some(&deck)).unwrap();
            assert_eq!((watch.look(), watch.place()), (Look::Same, place));
            fs::write(&deck, format!("b{place:?}")).unwrap();
            assert_eq!([watch.look(), watch.look(), watch.look()], [Look::Moving, Look::New, Look::Same], "{place:?}");
        }
        assert!(Watch::new(None, None).is_none());
    }

    #[test]
    fn a_file_that_never_rests_counts_at_last() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.toml");
        fs::write(&file, "").unwrap();
        let mut watch = Watch::new(Some(&file), None).unwrap();
        let looks: Vec<Look> = (1..=40)
            .map(|length| {
                fs::write(&file, "x".repeat(length)).unwrap();
                watch.look()
            })
            .collect();
        assert!(looks.contains(&Look::New), "{looks:?}");
    }

    #[test]
    fn a_file_of_the_same_length_in_its_place_is_another() {
        let folder = tempfile::tempdir().unwrap();
        let (file, new) = (folder.path().join("a.toml"), folder.path().join("a.toml.new"));
        fs::write(&file, "one").unwrap();
        let mut watch = Watch::new(Some(&file), None).unwrap();
        fs::write(&new, "two").unwrap();
        fs::rename(&new, &file).unwrap();
        assert_eq!([watch.look(), watch.look()], [Look::Moving, Look::New]);
    }
}
