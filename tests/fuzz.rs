//! Every parser against texts that are almost right: it never panics, says of each mistake where it is, says no more than can be read, and
//! reads back what it prints. `PROPTEST_CASES=20000 cargo test --test fuzz` tries more.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "fuzz/mutate.rs"]
mod mutate;

use std::fs;
use std::path::Path;
use std::sync::OnceLock;

use mutate::damaged_one;
use proptest::prelude::*;
use splitbrain::cluster::Scenario;
use splitbrain::cluster::condition::{Condition, table};
use splitbrain::cluster::registry::MODELS;
use splitbrain::lab::history::{self, FailedCas};
use splitbrain::lesson::schema::{Lesson, Script, StepKind};
use splitbrain::lesson::source::{Mistakes, SHOWN, Source};
use splitbrain::lesson::topics::Topics;
use splitbrain::lesson::{Catalogue, catalogue};
use splitbrain::present::{Counts, deck};
use splitbrain::progress::event::{Line, Record};
use splitbrain::progress::{Place, Store, Wall, merge};
use splitbrain::timeline::Replay;
use splitbrain::tui::config;

/// So many cases, or as many as the environment asks for. What is found becomes a test of its own, so no file of seeds is kept.
fn cases(few: u32) -> ProptestConfig {
    let asked = ProptestConfig::default();
    let cases = if std::env::var_os("PROPTEST_CASES").is_some() { asked.cases } else { few };
    ProptestConfig { cases, failure_persistence: None, max_shrink_iters: 2000, ..asked }
}

fn here(path: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The texts of the files of a folder and of those in it, by their endings.
fn texts(folder: &str, endings: &[&str]) -> Vec<String> {
    let mut folders = vec![here(folder)];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        let mut entries: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        entries.sort();
        folders.extend(entries.iter().filter(|path| path.is_dir()).cloned());
        files.extend(entries.into_iter().filter(|path| path.extension().is_some_and(|e| endings.iter().any(|ending| e == *ending))));
    }
    files.iter().map(|path| String::from_utf8_lossy(&fs::read(path).unwrap()).into_owned()).collect()
}

/// A corpus that is made once.
macro_rules! corpus {
    ($name:ident, $make:expr) => {
        fn $name() -> &'static [String] {
            static ALL: OnceLock<Vec<String>> = OnceLock::new();
            ALL.get_or_init(|| {
                let all: Vec<String> = $make;
                assert!(!all.is_empty());
                all
            })
        }
    };
}

corpus!(
    lessons,
    [texts("lessons", &["toml"]), texts("tests/lessons", &["toml"]), texts("tests/hostile", &["toml"]), whole_lessons()].concat()
);
corpus!(steps, lessons().iter().flat_map(|lesson| pieces(lesson)).collect());
corpus!(commands, read_lessons().flat_map(|lesson| scripts(&lesson)).chain(examples()).collect());
corpus!(conditions, read_lessons().flat_map(|lesson| conditions_of(&lesson)).chain(phrases()).collect());
corpus!(replays, [texts("tests/golden", &["replay"]), texts("tests/hostile", &["replay"]), lines_of_replays()].concat());
corpus!(
    histories,
    texts("tests/histories", &["edn", "json", "jsonl", "log", "txt"]).into_iter().filter(|text| text.len() < 8000).collect()
);
corpus!(configs, vec![config::template(), KEYS.to_string()]);
corpus!(decks, vec![DECK.to_string(), DECK.replace("failover-limits", "gossip-protocol")]);
corpus!(logs, LOG.iter().map(|line| format!("{line}\n")).chain([LOG.join("\n") + "\n"]).collect());

/// The lessons that FORMAT.md shows.
fn whole_lessons() -> Vec<String> {
    let page = fs::read_to_string(here("lessons/FORMAT.md")).unwrap();
    page.split("```toml\n").skip(1).filter_map(|block| block.split("```").next()).map(str::to_string).collect()
}

/// The head of a lesson with each of its other tables alone: small lessons, of which many can be read.
fn pieces(lesson: &str) -> Vec<String> {
    let parts: Vec<&str> = lesson.split("\n[[").collect();
    parts[1..].iter().map(|part| format!("{}\n[[{part}\n", parts[0])).collect()
}

fn read_lessons() -> impl Iterator<Item = std::sync::Arc<Lesson>> {
    catalogue().lessons().filter_map(|id| catalogue().open(id)?.ok())
}

fn scripts(lesson: &Lesson) -> Vec<String> {
    let of = |step: &StepKind| -> Vec<Script> {
        match step {
            StepKind::Say { script, .. } | StepKind::Predict { then: script, .. } => vec![script.clone()],
            StepKind::Try(goal) => [vec![goal.start.clone(), goal.solution.clone()], goal.ways.clone()].concat(),
            StepKind::Compare(compare) => vec![compare.script.clone()],
            StepKind::Measure(_) => Vec::new(),
        }
    };
    let steps = lesson.steps.iter().flat_map(|step| of(&step.kind));
    steps.flat_map(|script| script.lines).map(|line| line.command.to_string()).collect()
}

/// What the models say can be typed.
fn examples() -> Vec<String> {
    let calls = MODELS.iter().flat_map(|model| model.language.calls.iter().map(|call| call.verb.example));
    let own = MODELS.iter().flat_map(|model| model.language.verbs.iter().map(|own| own.verb.example));
    calls.chain(own).chain(splitbrain::command::verbs::VERBS.iter().map(|verb| verb.example)).map(str::to_string).collect()
}

fn conditions_of(lesson: &Lesson) -> Vec<String> {
    let claims = lesson.claims.iter().flat_map(|claim| claim.holds.iter().chain(&claim.never)).map(|cond| cond.text.clone());
    let goals =
        lesson.steps.iter().filter_map(|step| if let StepKind::Try(goal) = &step.kind { Some(goal.goal.whole.text.clone()) } else { None });
    claims.chain(goals).collect()
}

/// Everything that a condition can be made of.
fn phrases() -> Vec<String> {
    table::PHRASES.iter().flat_map(|(_, phrases)| *phrases).map(|phrase| phrase.example.to_string()).collect()
}

/// Each replay as one line, as it is pasted.
fn lines_of_replays() -> Vec<String> {
    texts("tests/golden", &["replay"]).iter().filter_map(|text| Some(text.parse::<Replay>().ok()?.one_line())).collect()
}

const KEYS: &str =
    "theme = \"light\"\nsigns = \"ascii\"\nmotion = false\nmouse = \"false\"\n[keys]\nplay = [\"F5\", \"Space\"]\nhint = \"F6\"\n";

const DECK: &str = "title = \"The first hour\"\nnotes = \"Begin with the map.\"\n\n[[show]]\nlesson = \"leader-failure\"\n\n[[show]]\nlesson = \"failover-limits\"\ntitle = \"What can go wrong?\"\nsteps = [\"two-leaders\", \"both-say-ok\"]\nnotes = \"Slowly.\"\n\n[[show]]\nlesson = \"failover-limits\"\nstep = \"rejoin\"\ntitle = \"And when they meet again?\"\n";

const LOG: &[&str] = &[
    r#"{"v":1,"at":1764137000000,"event":{"step-seen":{"lesson":"replication-lag","step":"queue"}}}"#,
    r#"{"v":1,"at":1764137000100,"event":{"step-done":{"lesson":"replication-lag","step":"queue"}}}"#,
    r#"{"v":1,"at":1764137000200,"event":{"predicted":{"lesson":"failover-limits","step":"who-leads","option":"nobody","right":false}}}"#,
    r#"{"v":1,"at":1764137000300,"event":{"reached":{"lesson":"failover-limits","step":"two","pokes":2,"helped":true,"shown":false}}}"#,
    r#"{"v":1,"at":1764137000400,"event":{"finished":{"lesson":"replication-lag"}}}"#,
    r#"{"v":1,"at":1764137000500,"event":{"answered":{"item":"replication-lag/q1","topic":"replication-lag","right":true,"confidence":"sure"}}}"#,
    r#"{"v":1,"at":1764137900000,"event":{"answered":{"item":"replication-lag/q1","form":"q1","topic":"replication-lag","right":false,"chosen":"x"}}}"#,
    r#"{"v":1,"at":1764138000000,"event":{"regraded":{"item":"replication-lag/q1","grade":"hard"}}}"#,
    r#"{"v":1,"at":1764139000000,"event":{"undone":{"item":"replication-lag/q1"}}}"#,
    r#"{"v":1,"at":1764139000001,"event":{"setting":{"name":"exam","value":"2027-02-28"}}}"#,
    r#"{"v":1,"at":1764139000002,"event":{"setting":{"name":"learner","value":"18446744073709551615"}}}"#,
    r#"{"v":1,"at":1764139000003,"event":{"reset":{"topic":"replication-lag"}}}"#,
    r#"{"v":1,"at":1764139000004,"event":{"reset":{"topic":null}}}"#,
    r#"{"v":2,"at":1764139000005,"event":{"dreamt":{"of":"sheep"}}}"#,
];

/// A mistake says where it is, within the text, and all of them together no more than can be read.
fn in_place(text: &str, mistakes: &Mistakes) -> Result<(), TestCaseError> {
    prop_assert!(!mistakes.is_empty());
    for mistake in mistakes.iter() {
        prop_assert!(mistake.at.start <= mistake.at.end && mistake.at.start <= text.len(), "{mistake:?} in {} bytes", text.len());
        prop_assert!(!mistake.message.trim().is_empty());
    }
    readable(&mistakes.lines())?;
    prop_assert!(mistakes.lines().len() <= SHOWN + 1);
    readable(&mistakes.to_string().lines().map(str::to_string).collect::<Vec<_>>())
}

/// Nothing is said that does not end, or that a terminal would obey.
fn readable(lines: &[String]) -> Result<(), TestCaseError> {
    let long = lines.iter().map(String::len).max().unwrap_or(0);
    prop_assert!(long < 4000, "a line of {long} bytes: {}...", lines.concat().chars().take(200).collect::<String>());
    let said = lines.concat();
    prop_assert!(!said.chars().any(|c| c.is_control() || ('\u{202a}'..='\u{202e}').contains(&c)), "{said:?}");
    Ok(())
}

proptest! {
    #![proptest_config(cases(40))]

    #[test]
    fn lessons_are_read_or_refused_in_place(text in damaged_one(lessons())) {
        if let Err(mistakes) = catalogue().load(&Source::new("lesson.toml", &text)) {
            in_place(&text, &mistakes)?;
        }
    }

    #[test]
    fn scenarios_and_topics_are_read_or_refused_in_place(text in damaged_one(lessons()), lesson in 0usize..100) {
        if let Err(mistakes) = Topics::read(&Source::new("topics.toml", &text)) {
            in_place(&text, &mistakes)?;
        }
        let mut known: Catalogue = catalogue().clone();
        known.add_scenarios(Source::new("course/scenarios.toml", &text));
        let all = whole_lessons();
        let lesson = &all[lesson % all.len()];
        if let Err(mistakes) = known.load(&Source::new("course/lesson.toml", lesson)) {
            readable(&mistakes.lines())?;
        }
        known.add("course", Some(&Source::new("topics.toml", &text)), &[Source::new("course/lesson.toml", &text)]);
        readable(&known.complaints)?;
    }
}

proptest! {
    #![proptest_config(cases(250))]

    #[test]
    fn small_lessons_are_read_or_refused_in_place(text in damaged_one(steps())) {
        if let Err(mistakes) = catalogue().load(&Source::new("lesson.toml", &text)) {
            in_place(&text, &mistakes)?;
        }
    }

    #[test]
    fn decks_are_read_or_refused_in_place(text in damaged_one(decks())) {
        match deck::read(&Source::new("deck.toml", &text), catalogue()) {
            Ok(deck) => prop_assert!(!deck.title.contains('\n'), "{}", deck.title),
            Err(mistakes) => in_place(&text, &mistakes)?,
        }
    }

    #[test]
    fn counts_of_votes_read_back_or_are_refused_without_telling_them(text in "[0-9=, ;a-z\u{202e}]{0,30}", options in 0usize..12) {
        match Counts::read(&text, options) {
            Ok(Some(counts)) => prop_assert_eq!(Counts::read(&counts.typed(), options), Ok(Some(counts.clone())), "{}", counts.typed()),
            Ok(None) => prop_assert!(!text.contains(|c: char| c.is_alphanumeric())),
            Err(wrong) => {
                prop_assert!(!wrong.is_empty());
                readable(&wrong)?;
            }
        }
    }

    #[test]
    fn histories_are_read_or_refused_in_place(text in damaged_one(histories()), cut in any::<prop::sample::Index>(), tears in any::<bool>()) {
        let options = history::Options {
            file: "x".into(), model: None, failed_cas: FailedCas::default(), initial: None, budget: 10_000, json: false,
        };
        let mut bytes = text.into_bytes();
        if tears && !bytes.is_empty() {
            // Anywhere, also within a character.
            bytes.truncate(cut.index(bytes.len()));
        }
        let lines = String::from_utf8_lossy(&bytes).lines().count();
        match history::parse(&bytes, &options) {
            Ok(history) => {
                prop_assert!(history.operations.len() <= history.places.len() && history.places.len() <= bytes.len());
                prop_assert!(history.places.iter().all(|place| place.line <= lines.max(1)));
            }
            Err(mistakes) => {
                prop_assert!(!mistakes.is_empty());
                for mistake in &mistakes {
                    // What is missing at the end stands behind the last line.
                    prop_assert!((1..=lines + 1).contains(&mistake.place.line), "{mistake:?} in {lines} lines");
                }
                readable(&mistakes.iter().map(|mistake| splitbrain::harmless::line(&mistake.to_string()).into_owned()).collect::<Vec<_>>())?;
            }
        }
    }

    #[test]
    fn replays_read_back_or_are_refused_in_place(text in damaged_one(replays())) {
        match text.parse::<Replay>() {
            Ok(replay) => {
                let (lines, line) = (replay.to_string(), replay.one_line());
                prop_assert_eq!(lines.parse::<Replay>(), Ok(replay.clone()), "{}", lines);
                prop_assert_eq!(line.parse::<Replay>(), Ok(replay), "{}", line);
            }
            Err(mistakes) => {
                let lines: Vec<&str> = text.lines().collect();
                prop_assert!(!mistakes.is_empty() && mistakes.len() <= 60);
                for mistake in &mistakes {
                    let length = lines.get(mistake.line.saturating_sub(1)).map_or(0, |line| line.chars().count());
                    prop_assert!((1..=lines.len() + 1).contains(&mistake.line) && (1..=length + 1).contains(&mistake.column), "{mistake:?}");
                }
                readable(&mistakes.iter().map(ToString::to_string).collect::<Vec<_>>())?;
            }
        }
    }

    #[test]
    fn settings_read_back_and_mistakes_say_their_line(text in damaged_one(configs())) {
        let (read, mistakes) = config::read(&text);
        let lines = text.lines().count().max(1);
        for mistake in &mistakes {
            let line = mistake.strip_prefix("line ").and_then(|rest| rest.split_once(':')).and_then(|(line, _)| line.parse::<usize>().ok());
            prop_assert!(line.is_some_and(|line| (1..=lines + 1).contains(&line)), "{mistake}");
        }
        readable(&mistakes)?;
        prop_assert_eq!(config::read(&config::print(&read)), (read, Vec::new()));
    }

    #[test]
    fn logs_of_progress_are_read_line_by_line_and_nothing_in_them_is_lost(text in damaged_one(logs()), other in damaged_one(logs())) {
        for line in text.lines() {
            if let Line::Record(record) = Line::read(line.as_bytes()) {
                let printed = record.line();
                prop_assert_eq!(Line::read(printed.trim_end().as_bytes()), Line::Record(record));
            }
        }
        let merged = merge::merge(&text, &other);
        let known = |text: &str, line: &str| text.lines().any(|other| other == line);
        for line in text.lines().chain(other.lines()).filter(|line| !line.trim().is_empty()) {
            prop_assert!(known(&merged, line), "{line}");
        }
        prop_assert_eq!(merge::merge(&merged, &other), merged.clone(), "twice is once");
    }
}

proptest! {
    #![proptest_config(cases(60))]

    #[test]
    fn whatever_lies_in_the_place_of_a_log_opens_and_stays(text in damaged_one(logs())) {
        let folder = tempfile::tempdir().unwrap();
        let place = Place::in_folder(folder.path().to_path_buf());
        fs::create_dir_all(place.log().parent().unwrap()).unwrap();
        fs::write(place.log(), &text).unwrap();
        let mut store = Store::open(&place, Wall::stopped());
        let (today, events) = (store.today(), store.state().events());
        store.state().due(today);
        store.state().forecast::<30>(today);
        prop_assert!(events <= text.lines().count());
        let record = Record::new(store.now(), splitbrain::progress::Event::Finished { lesson: "x".into() });
        store.record(record.event);
        let after = fs::read_to_string(place.log()).unwrap();
        // What was whole is there still; a line that was cut off lies beside it.
        let whole = text.rfind('\n').map_or("", |end| &text[..=end]);
        prop_assert!(after.starts_with(whole), "{after:?}");
    }
}

proptest! {
    #![proptest_config(cases(1500))]

    #[test]
    fn commands_read_back_or_are_refused_in_place(text in damaged_one(commands()), model in 0usize..100) {
        let language = MODELS[model % MODELS.len()].language;
        match language.parse(&text) {
            Ok(command) => {
                let printed = command.to_string();
                prop_assert_eq!(language.parse(&printed), Ok(command), "{}", printed);
            }
            Err(bad) => {
                prop_assert!(text.get(bad.offset..bad.offset + bad.length).is_some(), "{bad:?}");
                prop_assert!(!bad.message.is_empty());
                readable(&bad.render(&text).lines().map(str::to_string).collect::<Vec<_>>())?;
            }
        }
    }

    #[test]
    fn conditions_are_read_or_refused_in_place(text in damaged_one(conditions()), model in 0usize..100) {
        match Condition::about(&text, &Scenario::of(MODELS[model % MODELS.len()].name)) {
            Ok(condition) => prop_assert!(condition.steps() > 0 && condition.text() == text),
            Err(mistakes) => {
                prop_assert!(!mistakes.is_empty());
                for mistake in &mistakes {
                    prop_assert!(text.get(mistake.offset..mistake.offset + mistake.length).is_some(), "{mistake:?}");
                    prop_assert!(!mistake.message.is_empty());
                }
            }
        }
    }
}

/// The longest that each parser takes, of one piece again and again: it ends, and says no more than can be read.
#[test]
fn the_same_again_and_again_ends() {
    for piece in [
        "[",
        "{",
        "(",
        "[[",
        "\"",
        "'",
        "\\",
        "!",
        "-",
        "#",
        "a.",
        "[a]\n",
        "[[step]]\n",
        "x = [",
        "{{",
        "{{fact ",
        "(a",
        "a&&",
        "a?",
        "n1 ",
        "\u{1f600}",
    ] {
        let text = piece.repeat(64 * 1024 / piece.len());
        let said = |mistakes: Option<Mistakes>| mistakes.map_or(0, |mistakes| mistakes.to_string().len());
        let lesson = said(catalogue().load(&Source::new("lesson.toml", &text)).err());
        let in_a_text = format!(
            "id = \"a\"\n[cluster]\nmodel = \"quorum\"\n[[step]]\nkind = \"say\"\nid = \"s\"\ntext = '''{text}'''\ndo = ['''{text}''']\n"
        );
        let quoted = said(catalogue().load(&Source::new("lesson.toml", &in_a_text)).err());
        assert!(lesson < 400_000 && quoted < 400_000, "{piece:?}: {lesson}, {quoted}");
        let (_, mistakes) = config::read(&text);
        assert!(mistakes.concat().len() < 400_000, "{piece:?}: settings");
        let replay = text.parse::<Replay>().err().map_or(0, |all| all.iter().map(|m| m.message.len()).sum::<usize>());
        assert!(replay < 400_000, "{piece:?}: {replay}");
        let half = &text[..(32 * 1024..=text.len()).find(|byte| text.is_char_boundary(*byte)).unwrap()];
        for model in MODELS {
            if let Err(bad) = model.language.parse(half) {
                assert!(bad.render(half).len() < 8000, "{piece:?}");
            }
        }
        for length in [2000, 2048, 2049] {
            let short: String = text.chars().take(length).collect();
            let said = Condition::about(&short, &Scenario::of("replicated")).err().unwrap_or_default();
            assert!(said.iter().map(|mistake| mistake.message.len()).sum::<usize>() < 400_000, "{piece:?}");
        }
        let options = history::Options {
            file: "x".into(),
            model: None,
            failed_cas: FailedCas::default(),
            initial: None,
            budget: 10_000,
            json: false,
        };
        let history = history::parse(text.as_bytes(), &options).err().unwrap_or_default();
        assert!(history.len() <= text.len());
    }
}
