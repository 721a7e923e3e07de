//! Lessons out of the terminal: the same bytes every time, and the same cells in every form.

#![expect(clippy::expect_used, clippy::panic, reason = "a test may end on what it did not expect")]

use std::num::NonZero;
use std::path::Path;

use clap::Parser as _;
use ratatui::buffer::Buffer;
use splitbrain::frames;
use splitbrain::lab::cli::{Cli, Headless};
use splitbrain::lab::pictures::{DiagramArgs, HandoutArgs, Pictures, RecordArgs, ShotArgs};
use splitbrain::lab::run;
use splitbrain::lesson::catalogue;
use splitbrain::outside;

fn pictures(line: &[&str]) -> Pictures {
    let cli = Cli::try_parse_from([&["splitbrain"], line].concat()).unwrap_or_else(|bad| panic!("{bad}"));
    match cli.command {
        Some(Headless::Pictures(what)) => what,
        other => panic!("{other:?}"),
    }
}

fn shot(line: &[&str]) -> ShotArgs {
    match pictures(&[&["shot"], line].concat()) {
        Pictures::Shot(args) => args,
        other => panic!("{other:?}"),
    }
}

fn record(line: &[&str]) -> RecordArgs {
    match pictures(&[&["record", "-o", "x.cast"], line].concat()) {
        Pictures::Record(args) => args,
        other => panic!("{other:?}"),
    }
}

fn handout(line: &[&str]) -> HandoutArgs {
    match pictures(&[&["handout", "-o", "x"], line].concat()) {
        Pictures::Handout(args) => args,
        other => panic!("{other:?}"),
    }
}

fn diagram(line: &[&str]) -> DiagramArgs {
    match pictures(&[&["diagram", "-o", "x.svg"], line].concat()) {
        Pictures::Diagram(args) => args,
        other => panic!("{other:?}"),
    }
}

fn frame(line: &[&str]) -> Buffer {
    outside::picture(&shot(line)).unwrap_or_else(|error| panic!("{line:?}: {error:#}")).0
}

fn refused(line: &[&str]) -> String {
    match outside::picture(&shot(line)) {
        Ok((frame, ..)) => panic!("{line:?} is drawn:\n{}", frames::text(&frame)),
        Err(error) => format!("{error:#}"),
    }
}

#[test]
fn a_command_runs_its_time_past_the_marks_of_the_author() {
    let line = ["failover-limits", "--step", "2", "--do", "press 1"];
    let at = |more: &[&str]| outside::picture(&shot(&[&line, more].concat())).expect("a picture").2;
    assert!(at(&["--do", "run 300ms"]).contains(&at(&["--at", "510ms"])), "{}", at(&["--do", "run 300ms"]));
}

/// What a terminal of this size shows after these outputs of a film.
fn played(cast: &str, (width, height): (u16, u16)) -> String {
    let cells = |n: u16| NonZero::new(n).expect("not 0");
    let mut parser = vt100::Parser::new(cells(height), cells(width), 0);
    for line in cast.lines().skip(1) {
        let (_, kind, text): (f64, String, String) = serde_json::from_str(line).expect("an event");
        if kind == "o" {
            parser.process(text.as_bytes());
        }
    }
    parser.screen().rows(0, width).flat_map(|row| [row.trim_end().to_string(), "\n".to_string()]).collect()
}

fn parsed(text: &str) -> roxmltree::Document<'_> {
    let options = roxmltree::ParsingOptions { allow_dtd: true, ..roxmltree::ParsingOptions::default() };
    roxmltree::Document::parse_with_options(text, options).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn a_moment_is_drawn_as_the_screen_shows_it_and_the_same_every_time() {
    let line = ["failover-limits", "--do", "cut n1 | n2 n3", "--at", "400ms"];
    let (frame, scheme, title) = outside::picture(&shot(&line)).expect("it is drawn");
    let text = frames::text(&frame);
    assert!(text.contains("✓ reached") && text.contains("▸ cut n1 | n2 n3") && text.contains("0.400 s"), "{text}");
    let svg = frames::svg(&frame, &scheme, &title);
    let (again, scheme, title) = outside::picture(&shot(&line)).expect("it is drawn");
    assert_eq!(svg, frames::svg(&again, &scheme, &title));
    let document = parsed(&svg);
    let lines = document.descendants().filter(|node| node.has_tag_name("text"));
    let drawn: Vec<String> = lines.map(|n| n.descendants().filter(roxmltree::Node::is_text).filter_map(|n| n.text()).collect()).collect();
    assert_eq!(drawn.iter().map(|line| line.trim_end()).collect::<Vec<_>>(), text.lines().filter(|l| !l.is_empty()).collect::<Vec<_>>());
}

#[test]
fn keys_actions_and_commands_are_done_in_order() {
    let text = frames::text(&frame(&["failover-limits", "--do", "hint", "--do", "press x", "--size", "100x30"]));
    assert!(text.contains("hint 1 of 3") && text.contains("1  cut"), "{text}");
    let light = frame(&["failover-limits", "--theme", "light", "--ascii", "--step", "2"]);
    let text = frames::text(&light);
    assert!(text.contains("step 2 of 9") && text.replace('\n', "").is_ascii(), "{text}");
}

#[test]
fn what_cannot_be_drawn_is_refused_with_what_would_be_right() {
    for (line, part) in [
        (&["failover-limit"][..], "did you mean `failover-limits`?"),
        (&["failover-limits", "--step", "99"], "1 to 9"),
        (&["failover-limits", "--theme", "pink"], "themes are dark"),
        (&["failover-limits", "--do", "crsh n1"], "did you mean `crash`?"),
        (&["failover-limits", "--do", "crash n9"], "there is no server n9"),
        (&["failover-limits", "--do", "undo"], "nothing was done yet"),
        (&["failover-limits", "--do", "press Foo"], "`Foo` is no key"),
    ] {
        let said = refused(line);
        assert!(said.contains(part), "{line:?}: {said}");
    }
}

#[test]
fn a_prediction_comes_before_the_clock() {
    let lesson = catalogue().open("failover-limits").expect("it is there").expect("it is right");
    let step = lesson.steps.iter().position(|step| step.kind.word() == "predict").expect("it asks for one") + 1;
    let step = step.to_string();
    let said = refused(&["failover-limits", "--step", &step, "--at", "1s"]);
    assert!(said.contains("say first what will happen") && said.contains("press 1"), "{said}");
    frame(&["failover-limits", "--step", &step, "--do", "press 1", "--at", "10ms"]);
}

#[test]
fn a_film_ends_where_a_shot_of_that_moment_is() {
    for line in [
        &["failover-limits", "--do", "cut n1 | n2 n3"][..],
        &["failover-limits", "--size", "80x24", "--do", "run 100ms", "--do", "crash n1"],
    ] {
        let size = if line.contains(&"80x24") { (80, 24) } else { (120, 36) };
        let film = outside::film(&record(&[line, &["--to", "420ms", "--fps", "10"]].concat())).expect("it is recorded").text();
        let again = outside::film(&record(&[line, &["--to", "420ms", "--fps", "10"]].concat())).expect("it is recorded").text();
        assert!(film == again, "the same bytes every time");
        assert_eq!(played(&film, size), frames::text(&frame(&[line, &["--at", "420ms"]].concat())), "{line:?}");
        for mode in ["[?1000h", "[?1002h", "[?1003h", "[?1006h", "[?2004h", "[?1004h", "[6n", "[c", "]11;?", "[?u"] {
            assert!(!film.contains(&format!("u001b{mode}")), "{mode}");
        }
    }
}

#[test]
fn a_film_keeps_to_its_moments() {
    let all = record(&["failover-limits", "--to", "600ms"]);
    let part = record(&["failover-limits", "--from", "500ms", "--to", "600ms", "--format", "v3"]);
    let [all, part] = [all, part].map(|args| outside::film(&args).expect("it is recorded"));
    assert!(part.frames() * 2 < all.frames() && part.frames() > 5, "{} of {}", part.frames(), all.frames());
    assert!(part.text().starts_with("{\"version\": 3"));
    let said = outside::film(&record(&["failover-limits", "--from", "20s", "--to", "10ms"])).expect_err("nothing is left").to_string();
    assert!(said.contains("before --from"), "{said}");
}

/// What comes after the end of a step has no stops worth a look: the film goes on at the pace of the lesson, and is not held at each.
#[test]
fn a_film_beyond_the_end_of_a_step_is_not_held_again_and_again() {
    let step = &["quorum-consensus", "--step", "3", "--do", "press 1", "--fps", "5"][..];
    let seconds = |hold: &str| {
        let text = outside::film(&record(&[step, &["--to", "1s", "--hold", hold]].concat())).expect("a film").text();
        let last = text.lines().last().expect("a line").to_string();
        last.trim_start_matches('[').split(',').next().expect("a time").parse::<f64>().expect("seconds")
    };
    let (held, pace) = (seconds("2s"), seconds("0s"));
    assert!((1.0..=30.0).contains(&(held - pace)), "a few stops of the step are held: {held} s, and {pace} s without");
}

/// The lessons of the tests, one of which is hostile.
fn hostile() -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().expect("a folder");
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lessons/two-leaders.toml")).expect("text");
    let evil = "<script>alert(1)</script> & \\\" ![x](http://evil.example/x.png) [y](javascript:alert) ]]> <!--";
    let text = text.replacen("id = \"two-leaders\"", "id = \"hostile\"", 1);
    let title = text.lines().find(|line| line.starts_with("title")).expect("a title").to_string();
    let text = text.replacen(&title, &format!("title = \"{evil}\""), 1);
    let question = text.lines().find(|line| line.starts_with("question")).expect("a question").to_string();
    let text = text.replacen(&question, &format!("question = \"{evil}\""), 1);
    std::fs::write(folder.path().join("hostile.toml"), text).expect("written");
    let path = folder.path().to_str().expect("text").to_string();
    (folder, path)
}

#[test]
fn a_hostile_lesson_is_text_and_nothing_else() {
    let (_folder, path) = hostile();
    let (cells, scheme, title) = outside::picture(&shot(&["hostile", "--lessons", &path])).expect("it is drawn");
    let svg = frames::svg(&cells, &scheme, &title);
    let page = outside::page("hostile", &handout(&["hostile", "--lessons", &path])).expect("a page");
    let film = outside::film(&record(&["hostile", "--lessons", &path, "--to", "10ms"])).expect("a film").text();
    for line in film.lines().skip(1) {
        serde_json::from_str::<(f64, String, String)>(line).expect("an event");
    }
    for text in [&svg, &page] {
        parsed(text);
        for node in parsed(text).descendants() {
            assert!(!node.is_comment() && !["script", "img", "image", "a"].contains(&node.tag_name().name()), "{node:?}");
            assert!(node.attributes().all(|a| a.name() != "href" && !a.name().starts_with("on")), "{node:?}");
        }
    }
    assert!(page.contains("&lt;script&gt;"), "what it says is there to be read");
}

#[test]
fn every_lesson_gives_a_picture() {
    for id in catalogue().lessons() {
        let (cells, scheme, title) = outside::picture(&shot(&[id, "--size", "100x30"])).unwrap_or_else(|error| panic!("{id}: {error:#}"));
        parsed(&frames::svg(&cells, &scheme, &title));
    }
}

/// One for every kind of step; all of them are made by the long tests.
#[test]
fn lessons_become_pages_that_need_nothing_else() {
    for id in ["failover-limits", "quorum-consensus"] {
        let page = outside::page(id, &handout(&[id])).unwrap_or_else(|error| panic!("{id}: {error:#}"));
        is_whole(id, &page);
        assert!(page == outside::page(id, &handout(&[id])).expect("a page"), "the same bytes every time");
    }
}

#[test]
#[ignore = "long: every lesson is run; `cargo test --release --test outside -- --ignored`"]
fn every_lesson_becomes_a_page() {
    for id in catalogue().lessons() {
        let page = outside::page(id, &handout(&[id])).unwrap_or_else(|error| panic!("{id}: {error:#}"));
        is_whole(id, &page);
    }
}

fn is_whole(id: &str, page: &str) {
    let lesson = catalogue().open(id).expect("it is there").expect("it is right");
    let document = parsed(page);
    let text: String = document.descendants().filter(roxmltree::Node::is_text).filter_map(|n| n.text()).collect();
    let has = |words: &str| assert!(text.contains(words), "{id} does not say: {words}");
    has(&lesson.title);
    lesson.sources.iter().for_each(|source| has(source));
    let count = |tag: &str| document.descendants().filter(|n| n.has_tag_name(tag)).count();
    assert!(count("h2") == lesson.steps.len() + 2 && count("figure") > 0, "{id}");
    for node in document.descendants().filter(roxmltree::Node::is_element) {
        for attribute in node.attributes() {
            let fetched = matches!(attribute.name(), "src" | "data" | "poster") || attribute.name().starts_with("on");
            assert!(!fetched && !attribute.value().contains("url("), "{id}: {attribute:?}");
        }
    }
    assert_eq!(count("script") + count("link") + count("img") + count("iframe"), 0, "{id}");
}

#[test]
fn a_run_is_drawn_as_a_diagram() {
    let args = diagram(&["failover-limits"]);
    let (timeline, name) = run::told(&args.course).expect("it runs");
    let drawing = outside::drawing(&timeline, &name, (None, None), true).expect("it is drawn");
    assert_eq!(drawing, outside::drawing(&timeline, &name, (None, None), true).expect("it is drawn"));
    let document = parsed(&drawing);
    let texts: Vec<&str> = document.descendants().filter(|n| n.has_tag_name("text")).filter_map(|n| n.text()).collect();
    for words in [name.as_str(), "n1", "n2", "n3", "c1", "c2", "leads", "lost", "request"] {
        assert!(texts.contains(&words), "{words}: {texts:?}");
    }
    let said = outside::drawing(&timeline, &name, (Some("3s".parse().expect("a span")), None), true).expect_err("nothing is there");
    assert!(said.to_string().contains("nothing to draw"), "{said}");
}

/// The pictures of the first page, and how each is made.
const README: [(&str, &[&str]); 2] = [
    (
        "assets/two-leaders-dark.svg",
        &["failover-limits", "--do", "cut n1 | n2 n3", "--do", "c1 write x 8", "--at", "420ms", "--size", "120x36"],
    ),
    (
        "assets/two-leaders-light.svg",
        &["failover-limits", "--do", "cut n1 | n2 n3", "--do", "c1 write x 8", "--at", "420ms", "--size", "120x36", "--theme", "light"],
    ),
];

/// `UPDATE=1` draws them anew.
#[test]
fn the_pictures_of_the_first_page_are_what_the_program_shows() {
    let readme = include_str!("../README.md");
    for (path, line) in README {
        assert!(readme.contains(path), "{path} is on no page");
        let (cells, scheme, title) = outside::picture(&shot(line)).expect("it is drawn");
        let drawing = frames::svg(&cells, &scheme, &title);
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(&file, &drawing).expect("written");
        }
        let kept = std::fs::read_to_string(&file).unwrap_or_default();
        assert!(kept == drawing, "{path} is not what the screen shows any more; `UPDATE=1 cargo test --test outside` draws it anew");
    }
}
