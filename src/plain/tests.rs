//! Every lesson is walked to its end by lines alone; a quiz is answered; whatever is typed is answered and ends.

use std::sync::Arc;
use std::sync::atomic::AtomicI64;

use proptest::prelude::*;

use super::page::only_draws;
use super::words::{Place, WORDS};
use super::*;
use crate::cluster::registry::MODELS;
use crate::command::verbs::VERBS;
use crate::lesson::schema::StepKind;
use crate::lesson::walk::Awaits;
use crate::progress::Wall;
use crate::review::Calendar;

fn wall() -> Wall {
    Wall::by_hand(Arc::new(AtomicI64::new(1_795_600_000_000)), Calendar::of(jiff::tz::TimeZone::UTC))
}

fn plain(options: &Options) -> Plain {
    Plain::new(options, Store::in_memory(wall())).unwrap_or_else(|why| panic!("{why}"))
}

fn opened(lesson: &str) -> Plain {
    plain(&Options { open: Some(lesson.into()), draw: Some(1), ..Options::default() })
}

/// What is said can be read aloud: lines without signs that only draw, without marks of Markdown, without slots.
fn check(lines: &[String], on: &str) {
    for line in lines {
        assert!(!line.trim().is_empty() && !line.contains(['\n', '\u{1b}']), "{on}: {line:?}");
        assert!(!line.contains(only_draws), "{on}: {line}");
        assert!(!line.contains("{{") && !line.contains("**"), "{on}: {line}");
    }
}

/// The lines that walk a lesson to its end from where it is, as somebody would who predicts the right thing and reads the solutions.
fn walk_on(plain: &mut Plain, id: &str) {
    for _ in 0..400 {
        let Room::Lesson(_, desk) = &plain.room else { panic!("{id}: it is open") };
        if desk.is_ended() {
            return;
        }
        let line = match (desk.walk.awaits(), &desk.walk.step().kind) {
            (Awaits::Answer, StepKind::Predict { options, .. }) => {
                format!("{} sure", options.iter().position(|option| option.right).unwrap_or(0) + 1)
            }
            (Awaits::Goal, _) => "solution".to_string(),
            _ => "next".to_string(),
        };
        let said = plain.hear(&line);
        assert!(!said.is_empty(), "{id}: nothing is said to {line}");
        check(&said, id);
    }
    panic!("{id} has no end");
}

/// Every fourth lesson, from one on: they are walked beside each other.
fn walk_a_quarter(first: usize) {
    let all: Vec<&str> = catalogue().lessons().collect();
    assert!(all.len() >= 60, "{}", all.len());
    for id in all.into_iter().skip(first).step_by(4) {
        let mut plain = opened(id);
        check(&plain.greet(), id);
        walk_on(&mut plain, id);
        for line in ["state", "facts all", "guarantees", "settings", "log", "answer", "steps", "explain"] {
            check(&plain.hear(line), id);
        }
    }
}

#[test]
fn every_lesson_is_walked_to_its_end_by_lines_alone() {
    walk_a_quarter(0);
}

#[test]
fn every_lesson_is_walked_to_its_end_by_lines_alone_the_second_quarter() {
    walk_a_quarter(1);
}

#[test]
fn every_lesson_is_walked_to_its_end_by_lines_alone_the_third_quarter() {
    walk_a_quarter(2);
}

#[test]
fn every_lesson_is_walked_to_its_end_by_lines_alone_the_last_quarter() {
    walk_a_quarter(3);
}

#[test]
fn a_quiz_of_every_kind_of_question_is_answered_to_its_end() {
    for topic in ["failover-limits", "cap-theorem", "replication-lag"] {
        let wish = Wish { topic: Some(topic.into()), count: Some(99), ..Wish::default() };
        let mut plain = plain(&Options { quiz: Some(wish), draw: Some(1), ..Options::default() });
        check(&plain.greet(), topic);
        let lines = ["1 sure", "none", "1 2 3 4 guess", "2 1", "list", "next"];
        let mut over = false;
        for line in lines.iter().cycle().take(1200) {
            let said = plain.hear(line);
            check(&said, topic);
            over = plain.place() == Place::Last;
            if over {
                break;
            }
        }
        assert!(over, "{topic} has no end");
        check(&plain.hear("undo"), topic);
    }
}

#[test]
fn no_word_is_also_a_verb_of_a_cluster() {
    let own = MODELS.iter().flat_map(|model| model.language.verbs.iter().map(|own| own.verb.name));
    let verbs: Vec<&str> = VERBS.iter().map(|verb| verb.name).chain(own).collect();
    for word in WORDS {
        assert!(!verbs.contains(&word.name), "{}", word.name);
    }
    for place in Place::ALL {
        let mut names = words::names(place);
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count, "a word means two things in {place:?}");
        assert!(names.contains(&"next") && names.contains(&"help") && names.contains(&"quit"), "{place:?}");
    }
}

#[test]
fn a_run_without_an_end_stops_and_says_so() {
    let mut plain = opened("failover-limits").with_work(20_000);
    plain.hear("go 1");
    let mut room = std::mem::replace(&mut plain.room, Room::Home);
    if let Room::Lesson(_, desk) = &mut room {
        **desk = Desk::new(desk.walk.clone(), Purpose::Lesson, 20_000);
    }
    plain.room = room;
    let before = plain.hear("facts leaders");
    let said = plain.hear("run 3650d").join(" ");
    assert!(said.contains("Stopped: all runs together took more than 20000 events"), "{said}");
    assert_eq!(plain.hear("facts leaders"), before);
}

#[test]
fn what_is_wrong_is_said_with_what_would_be_right() {
    let mut plain = opened("failover-limits");
    for (line, part) in [
        ("crsh n1", "did you mean \"crash\"?"),
        ("crash n9", "at \"n9\": there is no server n9; here are n1, n2, n3"),
        ("statte", "did you mean \"state\"?"),
        ("state n9", "here are n1, n2, n3, c1, c2"),
        ("facts leeders", "did you mean \"leaders\"?"),
        ("settings leese", "did you mean \"lease\"?"),
        ("until \"leaders >\"", "Not done"),
        ("9", "nothing to choose by a number"),
        ("undo", "nothing to undo"),
        ("go 99", "there are"),
        ("next", "not reached yet"),
    ] {
        let said = plain.hear(line).join(" ");
        assert!(said.contains(part), "{line}: {said}");
    }
}

/// Anything that may be typed: words, commands, numbers, and anything at all.
fn line() -> impl Strategy<Value = String> {
    let words: Vec<&'static str> = WORDS.iter().map(|word| word.name).filter(|name| *name != "quit").collect();
    let commands = vec![
        "crash n1",
        "cut n1 | n2 n3",
        "heal",
        "c1 write x 8",
        "c2 read x",
        "run 300ms",
        "step 5",
        "pause n1",
        "seed 3",
        "set lease 90ms",
        "until \"leaders >= 2\"",
        "open failover-limits",
        "open 3",
        "quiz failover-limits",
        "search split brain",
        "go 2",
        "1",
        "2 sure",
        "1 2 3",
        "none",
        "sure",
        "facts leaders",
        "help crash",
        "cut ?",
        "topics replication",
        "",
    ];
    prop_oneof![
        4 => prop::sample::select(words).prop_map(str::to_string),
        4 => prop::sample::select(commands).prop_map(str::to_string),
        1 => "\\PC{0,40}",
        1 => "[a-z0-9 |>\"{}*_#-]{0,30}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn whatever_is_typed_is_answered(lines in prop::collection::vec(line(), 1..30)) {
        let mut plain = plain(&Options { draw: Some(1), ..Options::default() }).with_work(200_000);
        check(&plain.greet(), "home");
        for line in &lines {
            let said = plain.hear(line);
            prop_assert!(!said.is_empty(), "nothing is said to {line:?} at {:?}", plain.place());
            for said in &said {
                prop_assert!(!said.contains(only_draws) && !said.contains('\n'), "{said:?}");
            }
        }
        prop_assert!(plain.leave().join(" ").contains("Goodbye"));
    }

    #[test]
    fn whatever_is_read_has_an_end(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let mut out = Vec::new();
        let options = Options { echo: true, width: Some(40), ..Options::default() };
        run(&options, Store::in_memory(wall()), &mut &bytes[..], &mut out).unwrap();
        prop_assert!(String::from_utf8_lossy(&out).contains("Goodbye"));
    }
}

/// The number of the branch in whose line these words stand.
fn number_of(lines: &[String], words: &str) -> String {
    let line = lines.iter().find(|line| line.contains(words)).unwrap_or_else(|| panic!("{words} is not in {lines:#?}"));
    line.trim_start_matches("Branch ").chars().take_while(char::is_ascii_digit).collect()
}

#[test]
fn what_was_tried_is_listed_named_compared_and_gone_back_to() {
    let lessons = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/lessons");
    let mut plain = plain(&Options { lessons: Some(lessons.into()), open: Some("two-leaders".into()), ..Options::default() });
    let mut hear = |line: &str| {
        let said = plain.hear(line);
        check(&said, line);
        said
    };
    hear("go 3");
    assert!(hear("branches")[0].contains("Nothing was tried"), "nothing is said to be there");
    for line in ["crash n1", "run 1s", "again", "cut n1 | n2 n3", "run 900ms", "heal", "run 300ms", "undo"] {
        hear(line);
    }
    let listed = hear("branches");
    let [crash, cut, healed] = ["crash n1", "cut n1", "heal at"].map(|words| number_of(&listed, words));
    assert_eq!((cut.len(), listed.iter().filter(|line| line.contains("You are here")).count()), (crash.len(), 1), "{listed:#?}");
    let cut_line = listed.iter().find(|line| line.contains("cut n1")).unwrap();
    assert!(cut_line.contains("the goal is reached") && cut_line.contains("2 leaders"), "{cut_line}");
    assert!(hear(&format!("name {crash} only a crash"))[0].contains("\"only a crash\""));
    assert!(hear(&format!("branch {cut} at 400ms")).concat().contains("at 0.400 s"));
    assert!(hear("branch \"only a crash\"").concat().contains("n1"));
    let compared = hear(&format!("compare {crash} {cut}")).join("\n");
    for words in ["no verdict on a design", "Came of it: the goal is reached, 2 leaders", "first difference in an answer or a leader, at"] {
        assert!(compared.contains(words), "{words}\n{compared}");
    }
    assert!(hear(&format!("discard {crash}"))[0].contains("you are on it"));
    assert!(hear(&format!("discard {healed}"))[0].contains("Removed, with 1 poke"));
    assert!(!hear("branches").concat().contains("heal at"));
    assert!(hear("bring-back")[0].contains("is back"));
    assert!(hear("branches").concat().contains("heal at"));
    for wrong in ["branch", "branch 99", "branch x at y", "name", "name 99 x", "compare 1", "compare 1 1", "discard 0", "branch 1 at never"]
    {
        assert!(!hear(wrong).is_empty(), "{wrong}");
    }
}

#[test]
fn q_leaves_wherever_one_is() {
    let mut home = plain(&Options::default());
    assert!(home.hear("q").iter().any(|line| line.starts_with("Goodbye")));
    let quiz = Options { quiz: Some(Wish { topic: Some("consistency".into()), ..Wish::default() }), draw: Some(1), ..Options::default() };
    let mut plain = plain(&quiz);
    for _ in 0..40 {
        let Room::Quiz(sitting) = &plain.room else { panic!("the quiz is open") };
        if sitting.phase() == Some(crate::quiz::Phase::Sure) {
            break;
        }
        plain.hear(if sitting.phase() == Some(crate::quiz::Phase::Asking) { "1" } else { "next" });
    }
    let Room::Quiz(sitting) = &plain.room else { panic!("the quiz is open") };
    assert_eq!(sitting.phase(), Some(crate::quiz::Phase::Sure));
    plain.hear("q");
    assert!(plain.is_over());
}

#[test]
fn a_line_stops_where_a_message_arrives() {
    let mut plain = opened("quorum-consensus");
    plain.hear("go 8");
    plain.hear("c1 write price 22");
    let before = plain.desk().map(|desk| desk.walk.stage().at());
    let said = plain.hear("arrival");
    assert!(said.iter().any(|line| line.starts_with("A message arrives at ")), "{said:?}");
    let Some(desk) = plain.desk() else { panic!("the lesson is open") };
    assert!(Some(desk.walk.stage().at()) > before, "{said:?}");
}
