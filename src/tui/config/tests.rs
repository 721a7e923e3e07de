//! The file: what it says, what is wrong with it, and what stays when a value is set.

use proptest::prelude::*;

use super::values::VALUES;
use super::write::changed;
use super::{Config, load, print, read, set, template};
use crate::tui::theme::{Palette, Signs};

#[test]
fn the_template_says_what_is_so_unless_said_and_documents_everything() {
    assert_eq!(read(&template()), (Config::default(), vec![]));
    for value in &VALUES {
        assert!(template().contains(value.about) && value.words.iter().all(|word| template().contains(word)));
    }
}

#[test]
fn what_the_file_says_counts() {
    let text =
        "theme = \"light\"\nsigns = \"ascii\"\nmotion = false\nmouse = \"false\"\n[keys]\nplay = [\"F5\", \"Space\"]\nhint = \"F6\"\n";
    let (config, mistakes) = read(text);
    assert_eq!(mistakes, Vec::<String>::new());
    assert_eq!((config.theme, config.signs, config.motion, config.mouse), (Some(Palette::Light), Some(Signs::Ascii), false, false));
    let keys: Vec<_> = config.keys.iter().map(|own| (own.id, own.keys.iter().map(ToString::to_string).collect::<Vec<_>>())).collect();
    assert_eq!(keys, [("play", vec!["F5".to_string(), "Space".to_string()]), ("hint", vec!["F6".to_string()])]);
}

#[test]
fn mistakes_are_reported_and_the_rest_counts() {
    for (text, mistake) in [
        ("theme = \"pink\"\n", "line 1: `theme` is one of auto, dark, light, high-contrast, colour-blind"),
        ("\ntheem = \"dark\"\n", "line 2: there is no setting `theem`; did you mean `theme`?"),
        ("motion = 3\n", "line 1: `motion` is one of true, false"),
        ("motion = \n", "line 1: this is not TOML: "),
        ("keys = 3\n", "line 1: there is no setting `keys`"),
        ("[keys]\nplai = [\"F5\"]\n", "line 2: there is no action `plai`; did you mean `play`?"),
        ("[keys]\nplay = [\"Entre\"]\n", "line 2: `play`: `Entre` is no key"),
        ("[keys]\nplay = []\n", "line 2: `play` needs a key"),
        ("[keys]\nplay = 5\n", "line 2: `play` is a list of keys: play = [\"Enter\", \"F5\"]"),
        ("[keys]\nquit = [\"x\"]\n", "line 2: `quit` cannot have the key `x`: it is done where text is typed, and `x` types itself"),
        ("[keys]\noption = [\"F5\"]\n", "line 2: `option` keeps its keys: they are the digits that the screen shows beside its rows"),
        ("[keys]\nplay = [\"u\"]\n", "`u` would be both `play` and `undo` (Lab); what this file says of them is left out"),
    ] {
        let (config, mistakes) = read(text);
        assert!(mistakes.iter().any(|line| line.contains(mistake)), "{text}: {mistakes:#?}");
        assert_eq!(config, Config::default(), "{text}");
    }
    let (config, mistakes) = read("theme = \"pink\"\nmouse = false\n[keys]\nplay = [\"F5\"]\n");
    assert_eq!((mistakes.len(), config.mouse, config.keys.len()), (1, false, 1));
}

#[test]
fn two_actions_may_change_their_keys() {
    let (config, mistakes) = read("[keys]\nhint = [\"S\"]\nsolution = [\"H\"]\n");
    assert_eq!((config.keys.len(), mistakes), (2, vec![]));
}

#[test]
fn setting_a_value_leaves_everything_else_as_it_is() {
    let text = "# mine\ntheme = \"dark\"   # at night\n\n# no mouse here\nmouse = false\n[keys]\nplay = [\"F5\"] # one hand\n";
    assert_eq!(changed(text, "theme", "light"), Ok(text.replace("\"dark\"", "\"light\"")));
    assert_eq!(changed(text, "mouse", "true"), Ok(text.replace("false", "true")));
    let more = changed(text, "signs", "ascii").unwrap();
    assert!(text.lines().all(|line| more.lines().any(|other| other == line)), "{more}");
    assert_eq!(read(&more).0.signs, Some(Signs::Ascii));
}

#[test]
fn a_file_is_written_where_there_is_none_and_never_over_what_cannot_be_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("deep/config.toml");
    assert_eq!(load(&path), (Config::default(), vec![]));
    set(&path, "theme", "light").unwrap();
    assert_eq!(std::fs::read_to_string(&path).unwrap(), template().replace("theme = \"auto\"", "theme = \"light\""));
    assert_eq!(load(&path).0.theme, Some(Palette::Light));
    std::fs::write(&path, "theme = ").unwrap();
    assert!(set(&path, "theme", "dark").unwrap_err().to_string().contains("is not TOML, so this is not kept"));
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "theme = ");
    std::fs::write(&path, b"\xff\xff").unwrap();
    assert!(set(&path, "theme", "dark").is_err() && load(&path).1.len() == 1);
    assert_eq!(std::fs::read(&path).unwrap(), b"\xff\xff");
}

#[cfg(unix)]
#[test]
fn a_link_stays_a_link() {
    let folder = tempfile::tempdir().unwrap();
    let (real, link) = (folder.path().join("dotfiles.toml"), folder.path().join("config.toml"));
    std::fs::write(&real, "# mine\n").unwrap();
    std::os::unix::fs::symlink(&real, &link).unwrap();
    set(&link, "mouse", "false").unwrap();
    assert!(link.is_symlink());
    assert_eq!(std::fs::read_to_string(&real).unwrap(), "mouse = false\n# mine\n");
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused_without_a_panic(text in "[a-z =\"\\[\\]{}#\n.,0-9]{0,80}") {
        let _ = read(&text);
    }

    #[test]
    fn every_value_that_is_set_is_read_back(which in 0usize..VALUES.len(), word in 0usize..8) {
        let value = &VALUES[which];
        let word = value.words[word % value.words.len()];
        let text = changed(&template(), value.name, word).unwrap();
        let (config, mistakes) = read(&text);
        let mut expected = Config::default();
        (value.take)(&mut expected, word);
        prop_assert_eq!((config, mistakes), (expected, vec![]));
    }
}

#[test]
fn what_is_printed_reads_as_the_same() {
    let text = "theme = \"light\"\nmotion = false\n[keys]\nplay = [\"F5\", \"Ctrl-x\"]\n";
    let (config, mistakes) = read(text);
    assert_eq!(mistakes, Vec::<String>::new());
    for config in [Config::default(), config] {
        assert_eq!(read(&print(&config)), (config, Vec::new()));
    }
}
