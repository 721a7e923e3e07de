//! A lesson is read again when its file is saved, through the main loop: what an author sees, and what the learner keeps.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::VecDeque;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use splitbrain::lesson::watch::Watch;
use splitbrain::present::show::{Origin, Plan};
use splitbrain::tui::app::App;
use splitbrain::tui::screens::present::Presented;
use splitbrain::tui::script::{Cue, Scripted, keys, text};
use splitbrain::tui::theme::Theme;
use splitbrain::tui::{Options, event_loop};

/// Something that is written, and what is typed then.
type Part = (Box<dyn FnOnce()>, Vec<Cue>);

/// A folder with one lesson, and what an author does to it.
struct Author {
    folder: tempfile::TempDir,
    parts: VecDeque<Part>,
    /// The text as it will be then.
    text: String,
}

fn seconds(seconds: u64) -> Vec<Cue> {
    vec![Cue::Pass(Duration::from_secs(seconds))]
}

impl Author {
    fn new() -> Author {
        let text = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/lessons/two-leaders.toml")).unwrap();
        Author::of(&text)
    }

    fn of(text: &str) -> Author {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("two-leaders.toml"), text).unwrap();
        Author { folder, parts: VecDeque::new(), text: text.to_string() }
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("two-leaders.toml")
    }

    /// Types these keys, and keeps what is seen once nothing plays any more.
    fn types(self, names: &str) -> Author {
        self.then(|| (), [keys(names), seconds(20), vec![Cue::Keep]].concat())
    }

    fn then(mut self, write: impl FnOnce() + 'static, cues: Vec<Cue>) -> Author {
        self.parts.push_back((Box::new(write), cues));
        self
    }

    /// Does something to the file, and keeps what is seen after a second and a half.
    fn does(self, to_the_file: impl FnOnce(&Path) + 'static) -> Author {
        let file = self.file();
        self.then(move || to_the_file(&file), [vec![Cue::Pass(Duration::from_millis(1500))], vec![Cue::Keep]].concat())
    }

    /// Puts other words in the place of some, and saves.
    fn edits(mut self, from: &str, to: &str) -> Author {
        assert!(self.text.contains(from), "{from}");
        self.text = self.text.replacen(from, to, 1);
        let text = self.text.clone();
        self.does(move |file| fs::write(file, text).unwrap())
    }

    /// What was kept, and how many frames were drawn.
    fn sees(self, open: Option<&str>, lessons: &Path) -> (Vec<String>, usize) {
        let options = Options { lessons: Some(lessons.to_path_buf()), open: open.map(str::to_string), ..Options::default() };
        self.sees_with(&options, lessons)
    }

    /// What a class sees to which the lesson is presented.
    fn presents(self) -> Vec<String> {
        let file = self.file();
        let origin = Origin::named(file.to_str().unwrap(), None).unwrap();
        let show = Arc::new(Plan::open(origin.clone(), &origin.catalogue().unwrap()).unwrap().show());
        let presented = Presented { show, since: 1_000, folder: None };
        let options = Options { lessons: Some(file.clone()), present: Some(presented), ..Options::default() };
        self.sees_with(&options, &file).0
    }

    fn sees_with(self, options: &Options, lessons: &Path) -> (Vec<String>, usize) {
        let deck = options.present.as_ref().and_then(|presented| presented.show.origin.deck.clone());
        let watch = Watch::new(Some(lessons), deck.as_deref()).unwrap();
        let mut app = App::new(options, Theme::default()).unwrap();
        app.watch(watch);
        let mut parts = self.parts;
        let mut screen = Scripted::new(120, 36, []).driven(move |_| match parts.pop_front() {
            Some((write, cues)) => {
                write();
                cues
            }
            None => keys("Ctrl-c"),
        });
        event_loop::run(&mut app, &mut screen).unwrap();
        (screen.kept.iter().map(text).collect(), screen.frames)
    }

    fn screens(self) -> Vec<String> {
        let folder = self.folder.path().to_path_buf();
        let (kept, _) = self.sees(Some("two-leaders"), &folder);
        kept
    }
}

/// What stands right on the screen, without its last two lines: the cluster, what happened, and the timeline.
fn cluster(screen: &str) -> String {
    let lines: Vec<String> = screen.lines().map(|line| line.chars().skip(42).collect()).collect();
    lines[..lines.len() - 2].join("\n")
}

/// These words stand on the screen, or in what stands left on it, where a text may go over several lines.
fn has(screen: &str, words: &[&str]) {
    let flat = |text: String| text.replace(['│', '╯'], " ").split_whitespace().collect::<Vec<_>>().join(" ");
    let left = screen.lines().map(|line| line.chars().take(42).collect::<String>() + "\n").collect();
    let (all, left) = (flat(screen.to_string()), flat(left));
    for part in words {
        assert!(all.contains(part) || left.contains(part), "`{part}` is not on\n{screen}");
    }
}

const SAME: &str = "this is the same moment";
const START: &str = "this is the start of the step";

#[test]
fn other_words_show_at_the_same_moment() {
    let shown =
        Author::new().types("Enter . . , ,").edits("Watch a write travel.", "See how a write travels.").edits("n1 leads. ", "").screens();
    has(&shown[1], &["See how a write travels.", SAME]);
    has(&shown[2], &["Three nodes hold one log. See how a write travels."]);
    let clock = |screen: &str| screen.lines().next().unwrap().to_string();
    assert_eq!(clock(&shown[0]), clock(&shown[1]), "the clock stands still");
    assert_eq!(cluster(&shown[0]), cluster(&shown[2]), "and so does the cluster");
}

#[test]
fn a_longer_script_keeps_the_moment_and_another_past_does_not() {
    let lesson = Author::new().types("Enter");
    let shown = lesson
        .edits(r#"do = ["c1 write x 1", "run 100ms"]"#, r#"do = ["c1 write x 1", "run 100ms", "c1 write x 2", "run 50ms"]"#)
        .edits(r#"do = ["c1 write x 1", "#, r#"do = ["c1 write x 9", "#)
        .screens();
    has(&shown[1], &[SAME]);
    has(&shown[2], &[START]);
}

#[test]
fn answers_stand_and_what_they_are_about_may_change() {
    let author = Author::new().types("G 1");
    let shown = author
        .edits("the others choose.", "the others elect.")
        .edits(r#"text = "nobody""#, r#"text = "nobody at all""#)
        .edits(r#""cut n1 | n2 n3", "run 2s"]"#, r#""cut n1 | n2 n3", "run 3s"]"#)
        .types("Enter")
        .screens();
    has(&shown[1], &[SAME]);
    has(&shown[2], &["nobody at all", SAME]);
    // What was chosen is chosen still: the run is watched, and nothing is asked again.
    has(&shown[4], &["nobody at all"]);
    assert!(!shown[4].contains("press the digit"), "{}", shown[4]);
}

#[test]
fn what_was_tried_and_reached_stands() {
    // A cut, and time until both lead.
    let author = Author::new().types("G G : cut Space n1 Space | Space n2 Space n3 Enter : run Space 2s Enter");
    let shown = author
        .edits("Make two nodes lead at the same time.", "Make two nodes lead.")
        .edits("n1 never learned of it.", "Nobody told n1.")
        .screens();
    has(&shown[0], &["goal reached"]);
    has(&shown[1], &["Make two nodes lead.", "goal reached", SAME]);
    has(&shown[2], &["Nobody told n1.", "goal reached", SAME]);
}

#[test]
fn what_was_left_at_another_step_is_there_when_one_comes_back() {
    let author = Author::new().types("G G : crash Space n2 Enter").types("P").edits("at the same time.", "at one time.").types("G");
    let shown = author.screens();
    has(&shown[0], &["pokes 1"]);
    has(&shown[3], &["Make two nodes lead at one time.", "pokes 1"]);
}

#[test]
fn a_solution_that_is_shown_goes_on_and_another_one_does_not() {
    let author = Author::new().types("G G S Enter").edits("at the same time.", "at one time.");
    let shown = author.edits(r#"solution = ["cut n1 | n2 n3", "run 2s"]"#, r#"solution = ["cut n1 | n2 n3", "run 3s"]"#).screens();
    has(&shown[1], &["the solution", SAME]);
    assert_eq!(cluster(&shown[0]), cluster(&shown[1]));
    has(&shown[2], &[START]);
}

#[test]
fn a_prediction_whose_answer_is_gone_is_to_be_made_again_from_its_start() {
    let author = Author::of(&Author::new().text.replace(r#"then = ["cut n1 | n2 n3", "run 2s"]"#, r#"then = ["run 2s"]"#));
    let shown = author
        .types("G 1")
        .edits(
            r#"  { text = "nobody", why = "n1 does not stop by itself, and the others choose.", see = "leaders == 0" },"#,
            r#"  { text = "all", why = "Only one.", see = "leaders == 3" },
  { text = "none", why = "n1 does.", see = "leaders == 0" },"#,
        )
        .screens();
    has(&shown[1], &["1 all", START]);
    assert_eq!(cluster(&shown[1]).matches("paused").count(), 1);
    assert!(shown[1].contains("Timeline ─ 0.100 s"), "{}", shown[1]);
}

#[test]
fn a_seed_of_ones_own_stays() {
    let shown = Author::new().types(": seed Space 9 Enter").edits("Watch a write travel.", "See how a write travels.").screens();
    has(&shown[0], &["seed 9"]);
    has(&shown[1], &["seed 9", "See how a write travels.", SAME]);
}

#[test]
fn play_goes_on() {
    let slow = Author::of(&Author::new().text.replace("pace = \"20ms\"", "pace = \"5ms\""));
    let shown = slow.then(|| (), keys("Enter")).edits("Watch a write travel.", "See how a write travels.").types("").screens();
    has(&shown[0], &["See how a write travels.", "▶ 1x", SAME]);
    assert_ne!(cluster(&shown[0]), cluster(&shown[1]));
}

#[test]
fn what_lies_on_top_is_not_taken_away() {
    let shown = Author::new().types("?").edits("Watch a write travel.", "See how a write travels.").types("Esc").screens();
    has(&shown[1], &["Esc"]);
    assert!(!shown[1].contains("Three nodes hold one log"), "{}", shown[1]);
    has(&shown[2], &["See how a write travels.", SAME]);
}

#[test]
fn a_comparison_goes_on_where_it_was() {
    let shown = Author::new().types("G G G Enter").edits("with a lease that the leader must renew", "with a lease").screens();
    has(&shown[1], &["The same cut, with a lease.", SAME]);
}

#[test]
fn a_lesson_with_mistakes_leaves_the_old_one_until_they_are_mended() {
    let shown = Author::new()
        .types("Enter")
        .edits("kind = \"say\"", "kind = \"sai\"")
        .edits("kind = \"sai\"", "kind = \"say\"")
        .edits("text = \"Three", "text = Three")
        .types("Esc")
        .edits("text = Three", "text = \"Three")
        .edits("leaders >= 2\", say", "leders >= 2\", say")
        .edits("leders >= 2\", say", "leaders >= 2\", say")
        .screens();
    has(&shown[1], &["This cannot be read yet", "two-leaders.toml:", "sai", "say", "n1"]);
    assert!(!shown[2].contains("cannot be read"), "{}", shown[2]);
    assert_eq!(cluster(&shown[2]), cluster(&shown[0]), "mended: as it was");
    has(&shown[3], &["This cannot be read yet", "two-leaders.toml:"]);
    assert!(!shown[4].contains("cannot be read") && shown[4].contains("Three nodes hold one log"), "{}", shown[4]);
    has(&shown[5], &["Three nodes hold one log", SAME]);
    has(&shown[6], &["leders", "did you mean `leaders`?"]);
    assert!(!shown[7].contains("cannot be read"), "{}", shown[7]);
}

#[test]
fn the_file_that_was_named_is_the_lesson_whatever_lies_beside_it() {
    let author = Author::new();
    for copy in ["a-copy.toml", "z-copy.toml"] {
        fs::write(author.folder.path().join(copy), &author.text).unwrap();
    }
    let file = author.file();
    let (shown, _) = author
        .types("Enter")
        .edits("kind = \"say\"", "kind = \"sai\"")
        .edits("kind = \"sai\"", "kind = \"say\"")
        .edits("Watch a write", "Watch one write")
        .sees(Some("two-leaders"), &file);
    has(&shown[1], &["This cannot be read yet", "two-leaders.toml:", "sai"]);
    assert!(!shown[2].contains("cannot be read"), "{}", shown[2]);
    has(&shown[3], &["Watch one write travel."]);
}

#[test]
fn an_emptied_file_is_not_gone() {
    let text = Author::new().text.replacen("id = \"two-leaders\"", "id = \"leaders-two\"", 1);
    assert!(text.contains("leaders-two"));
    let author = Author::of(&text);
    let (folder, back) = (author.folder.path().to_path_buf(), text.clone());
    let other = text.replacen("leaders-two", "leaders-three", 1);
    let (shown, _) = author
        .types("Enter")
        .does(|file| fs::write(file, "").unwrap())
        .does(move |file| fs::write(file, back).unwrap())
        .does(move |file| fs::write(file, other).unwrap())
        .does(|file| fs::remove_file(file).unwrap())
        .sees(Some("leaders-two"), &folder);
    has(&shown[1], &["two-leaders.toml is empty; this is the lesson as it was last"]);
    assert!(!shown[2].contains("is empty"), "{}", shown[2]);
    has(&shown[3], &["two-leaders.toml has another id now"]);
}

#[test]
fn a_lesson_that_breaks_when_it_is_run_says_so_and_stays_as_it_was() {
    let shown = Author::new().types("Enter").edits("\"c1 write x 1\", \"run 100ms\"", "\"c1 write x 1\", \"crash n9\"").screens();
    has(&shown[1], &["This cannot be read yet", "n9"]);
}

#[test]
fn renaming_deleting_half_written_files_and_many_saves() {
    let whole = Author::new().text;
    let (half, other) = (whole[..whole.len() / 2].to_string(), whole.replace("Watch a write", "Watch one write"));
    let back = whole.clone();
    let shown = Author::new()
        .types("Enter")
        .does(move |file| {
            // As most editors save: a new file takes the place of the old.
            fs::write(file.with_extension("new"), other).unwrap();
            fs::rename(file.with_extension("new"), file).unwrap();
        })
        .does(|file| fs::remove_file(file).unwrap())
        .does(move |file| fs::write(file, back).unwrap())
        .does(move |file| fs::write(file, half).unwrap())
        .does(move |file| {
            for number in 0..50 {
                fs::write(file, whole.replace("Watch a write", &format!("Watch write {number}"))).unwrap();
            }
        })
        .screens();
    has(&shown[1], &["Watch one write travel.", SAME]);
    has(&shown[2], &["Watch one write travel.", "is gone; this is the lesson as it was last"]);
    has(&shown[3], &["Watch a write travel.", SAME]);
    has(&shown[4], &["Watch a write travel."]);
    has(&shown[5], &["Watch write 49 travel."]);
    assert!(!shown[5].contains("cannot be read"), "{}", shown[5]);
}

#[test]
fn a_step_that_is_renamed_or_gone_leads_to_the_one_in_its_place() {
    let author = Author::new().types("G 1");
    let whole = author.text.clone();
    let start = whole.find("[[step]]\nkind = \"predict\"").unwrap();
    let end = start + whole[start..].find("[[step]]\nkind = \"try\"").unwrap();
    let without = [&whole[..start], &whole[end..]].concat();
    let shown = author.edits("id = \"both-ok\"", "id = \"who-leads\"").does(move |file| fs::write(file, without).unwrap()).screens();
    has(&shown[1], &["Who leads two seconds later?", SAME]);
    has(&shown[2], &["Make two nodes lead at the same time.", "the step where you were is gone"]);
}

#[test]
fn a_lesson_that_cannot_be_opened_opens_once_it_is_mended() {
    let whole = Author::new().text;
    let author = Author::of(&whole.replace("kind = \"say\"", "kind = \"sai\""));
    let file = author.file();
    let (shown, _) = author.types("").does(move |file| fs::write(file, whole).unwrap()).sees(Some("two-leaders"), &file);
    has(&shown[0], &["This cannot be read yet", "sai"]);
    has(&shown[1], &["Three nodes hold one log", "step 1 of"]);
}

#[test]
fn the_topics_are_listed_anew_with_the_cursor_where_it_was() {
    let author = Author::new();
    let (folder, other) = (author.folder.path().to_path_buf(), author.text.replace("id = \"two-leaders\"", "id = \"three-leaders\""));
    let author = author.types("/ t w o Space l e a d e r s").does(move |file| {
        fs::write(file.with_file_name("three-leaders.toml"), other.replace("title = \"Two leaders\"", "title = \"Two leaders or three\""))
            .unwrap();
    });
    let (shown, _) = author.types("Enter").sees(None, &folder);
    assert!(!shown[0].contains("Two leaders or three"), "{}", shown[0]);
    has(&shown[1], &["Two leaders or three"]);
    has(&shown[2], &["Three nodes hold one log"]);
}

#[test]
fn a_lesson_left_at_home_is_new_when_one_comes_back() {
    let shown = Author::new()
        .types("Enter q")
        .edits("Watch a write travel.", "See how a write travels.")
        .types(": o p e n Esc")
        .types("Enter")
        .screens();
    has(&shown[3], &["See how a write travels."]);
}

#[test]
fn who_was_the_network_is_it_still_at_the_same_moment() {
    let shown = Author::new()
        .types("G G N Space")
        .edits("Make two nodes lead at the same time.", "Make two nodes lead.")
        .types("Enter")
        .edits("seed = 7", "seed = 8")
        .screens();
    has(&shown[0], &["What next?", "time stands still"]);
    has(&shown[1], &["Make two nodes lead.", "What next?", "time stands still", SAME]);
    assert_eq!(cluster(&shown[0]), cluster(&shown[1]), "every message waits as it did");
    let chosen = |screen: &str| screen.lines().find(|line| line.contains('▸') && line.contains("deliver")).map(str::to_string);
    assert!(chosen(&shown[0]).is_some() && chosen(&shown[0]) == chosen(&shown[1]), "the same is chosen\n{}", shown[1]);
    has(&shown[2], &["What next?", "deliver #1"]);
    has(&shown[3], &[START]);
    assert!(!shown[3].contains("What next?"), "another run has other messages\n{}", shown[3]);
}

#[test]
fn a_class_sees_the_lesson_as_it_is_written_now_on_the_same_page() {
    let shown = Author::new()
        .types("")
        .edits("How can two nodes lead at once?", "How can two lead at once?")
        .types("PageDown PageDown PageDown")
        .edits("n1 says yes before", "n1 has said yes before")
        .presents();
    has(&shown[0], &["How can two nodes lead at once?"]);
    has(&shown[1], &["How can two lead at once?"]);
    has(&shown[2], &["n1 says yes before"]);
    has(&shown[3], &["n1 has said yes before", SAME]);
    let clock = |screen: &str| screen.lines().find(|line| line.contains(" s")).map(str::to_string);
    assert_eq!(clock(&shown[2]), clock(&shown[3]), "the run stands where it stood");
}

#[test]
fn a_lesson_with_mistakes_leaves_the_wall_as_it_was_until_they_are_mended() {
    let shown = Author::new()
        .types("PageDown PageDown")
        .edits("kind = \"say\"", "kind = \"sai\"")
        .types("Esc")
        .types("PageDown")
        .edits("kind = \"sai\"", "kind = \"say\"")
        .edits("title = \"Two leaders\"", "titel = \"Two leaders\"")
        .edits("titel = \"Two leaders\"", "title = \"Two leaders\"")
        .presents();
    has(&shown[1], &["This cannot be read yet", "two-leaders.toml:", "sai"]);
    assert!(!shown[2].contains("cannot be read"), "{}", shown[2]);
    has(&shown[2], &["n1 says yes"]);
    assert!(!shown[3].contains("cannot be read"), "the old one goes on\n{}", shown[3]);
    assert!(!shown[4].contains("cannot be read"), "{}", shown[4]);
    has(&shown[5], &["This cannot be read yet", "titel"]);
    assert!(!shown[6].contains("cannot be read"), "mended: it goes away by itself\n{}", shown[6]);
}

#[test]
fn counts_stand_while_the_question_does_and_a_page_that_is_gone_leads_to_the_one_in_its_place() {
    let shown = Author::new()
        .types("PageDown PageDown N PageDown 1 = 4 Space 2 = 2 PageDown")
        .edits("Watch a write travel.", "See how a write travels.")
        .types("PageDown 1 = 1 PageDown")
        .edits("text = \"nobody\"", "text = \"nobody at all\"")
        .types("PageDown PageDown")
        .does(|file| {
            let text = fs::read_to_string(file).unwrap();
            let start = text.find("[[step]]\nkind = \"predict\"").unwrap();
            let end = start + text[start..].find("[[step]]\nkind = \"try\"").unwrap();
            fs::write(file, [&text[..start], &text[end..]].concat()).unwrap();
        })
        .types("PageDown")
        .presents();
    for (at, words) in shown.iter().enumerate() {
        assert!(!words.contains("cannot be read"), "{at}\n{words}");
    }
    let counts = |screen: &str| screen.lines().any(|line| line.split_whitespace().any(|word| word == "4"));
    assert!(counts(&shown[2]), "the counts of the first round stand\n{}", shown[2]);
    has(&shown[3], &["WHO LEADS TWO SECONDS LATER?", SAME]);
    has(&shown[4], &["nobody at all"]);
    assert!(!counts(&shown[4]), "another question has no counts yet\n{}", shown[4]);
    has(&shown[5], &["the step where you were is gone"]);
    has(&shown[6], &["One way, 1 of 2: cut n1 | n2 n3"]);
}

#[test]
fn who_looks_and_nothing_changes_draws_nothing() {
    let frames = |wait: u64| {
        let author = Author::new().types("").then(|| (), seconds(wait));
        let folder = author.folder.path().to_path_buf();
        author.sees(Some("two-leaders"), &folder).1
    };
    assert_eq!(frames(1), frames(60));
}

#[test]
fn nobody_looks_where_no_folder_was_named() {
    let mut app = App::new(&Options { open: Some("failover-limits".into()), ..Options::default() }, Theme::default()).unwrap();
    event_loop::run(&mut app, &mut Scripted::new(120, 36, seconds(1))).unwrap();
    assert_eq!(app.deadline(), None, "the loop waits for a key, for ever");
}
