//! Presentations: the real loop fed with the keys of a remote, decks with mistakes, votes, and notes in a second terminal.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicI64;
use std::sync::{Arc, Mutex};

use ratatui::buffer::Buffer;
use splitbrain::lesson::schema::StepKind;
use splitbrain::lesson::{Lesson, catalogue};
use splitbrain::present::show::{Origin, Plan};
use splitbrain::present::{Asked, Counts, Poll, Round};
use splitbrain::progress::{Store, Wall};
use splitbrain::review::Calendar;
use splitbrain::tui::app::App;
use splitbrain::tui::screens::present::Presented;
use splitbrain::tui::screens::present::notes::NotesOf;
use splitbrain::tui::script::{Scripted, cues, styles, text};
use splitbrain::tui::theme::{Depth, Palette, Theme};
use splitbrain::tui::{Options, event_loop};

fn plan(lesson: &str) -> Plan {
    Plan::open(Origin { lesson: Some(lesson.into()), ..Origin::default() }, catalogue()).unwrap()
}

fn presented(plan: &Plan, folder: Option<&Path>) -> Options {
    let presented = Presented { show: Arc::new(plan.show()), since: 1_000, folder: folder.map(Path::to_path_buf) };
    Options { present: Some(presented), ..Options::default() }
}

fn theme(palette: Palette) -> Theme {
    Theme::new(palette, Depth::Indexed, false, true).for_projector()
}

fn play_with(options: &Options, theme: Theme, size: (u16, u16), script: &str) -> Vec<Buffer> {
    let mut app = App::new(options, theme).unwrap();
    play_on(&mut app, size, script)
}

fn play_on(app: &mut App, (width, height): (u16, u16), script: &str) -> Vec<Buffer> {
    let mut screen = Scripted::new(width, height, cues(script));
    event_loop::run(app, &mut screen).unwrap();
    screen.kept
}

fn play(size: (u16, u16), script: &str) -> Vec<String> {
    play_with(&presented(&plan("failover-limits"), None), theme(Palette::Dark), size, script).iter().map(text).collect()
}

fn with_styles(buffer: &Buffer) -> String {
    format!("{}\n{}", text(buffer), styles(buffer))
}

/// To the question of the third page, and into it.
const TO_THE_QUESTION: &str = "PageDown N PageDown PageDown";

#[test]
fn the_first_page_says_what_it_is_about() {
    let options = presented(&plan("failover-limits"), None);
    for (name, size) in [("title_80x24", (80, 24)), ("title_120x36", (120, 36))] {
        let kept = play_with(&options, theme(Palette::Dark), size, "keep");
        insta::assert_snapshot!(name, with_styles(&kept[0]));
    }
}

#[test]
fn a_page_is_title_sentence_cluster_and_lanes() {
    let options = presented(&plan("failover-limits"), None);
    for (name, size, palette) in [("page_80x24", (80, 24), Palette::Dark), ("page_120x36", (120, 36), Palette::Light)] {
        let kept = play_with(
            &options,
            theme(palette),
            size,
            "PageDown N PageDown PageDown PageDown PageDown PageDown PageDown wait:60000 PageDown wait:60000 keep",
        );
        insta::assert_snapshot!(name, with_styles(&kept[0]));
    }
}

#[test]
fn votes_are_covered_until_they_were_counted_twice() {
    let script = format!(
        "{TO_THE_QUESTION} keep 1 = 1 2 Space 2 = 2 0 Space 3 = 5 keep PageDown keep PageDown 1 = 3 , 2 = 3 3 Space 3 = 1 keep Enter keep"
    );
    let options = presented(&plan("failover-limits"), None);
    for (name, size) in [("vote_80x24", (80, 24)), ("vote_120x36", (120, 36))] {
        let kept = play_with(&options, theme(Palette::Dark), size, &script);
        let shown: Vec<String> = kept.iter().map(text).collect();
        assert!(shown[0].contains("Alone: think") && shown[0].contains("both of them"), "{}", shown[0]);
        assert!(shown[1].contains("votes 1=•• 2=•• 3=••"), "{}", shown[1]);
        assert!(shown[2].contains("Talk:") && !shown[2].contains("12"), "{}", shown[2]);
        assert!(shown[3].contains("Again:") && shown[3].contains("votes 1=••,2=•• 3=••"), "{}", shown[3]);
        assert!(!shown[..4].concat().contains("37 votes") && !shown[..4].concat().contains("then  "), "nothing is seen before");
        assert!(shown[4].contains("37 votes, talk, 37 votes") && shown[4].contains("Enter lets it run"), "{}", shown[4]);
        insta::assert_snapshot!(name, with_styles(&kept[4]));
    }
}

#[test]
fn what_is_wrong_with_counts_is_said() {
    let shown = play(
        (120, 36),
        &format!(
            "{TO_THE_QUESTION} 1 = 2 Space 4 = 7 Space 9 Enter keep Backspace Backspace Backspace Backspace Backspace Backspace keep Enter keep"
        ),
    );
    assert!(shown[0].contains("the answers are 1 to 3") && shown[0].contains("write 1=12") && shown[0].contains("Alone"), "{}", shown[0]);
    assert!(!shown[1].contains("the answers are"), "{}", shown[1]);
    assert!(shown[2].contains("Talk:"), "{}", shown[2]);
}

#[test]
fn then_the_run_decides() {
    let all = format!(
        "{TO_THE_QUESTION} 1 = 1 Enter Enter 2 = 1 Enter Enter wait:60000 keep PageDown wait:60000 PageDown wait:60000 PageDown wait:60000 keep PageDown keep PageDown keep"
    );
    let shown = play((120, 36), &all);
    assert!(shown[0].contains("Heartbeats die at the cut"), "{}", shown[0]);
    assert!(shown[1].contains("Both are told ok"), "{}", shown[1]);
    let why = shown[2..].iter().find(|page| page.contains("✓ both of them")).unwrap_or_else(|| panic!("{}", shown[2]));
    assert!(why.contains("1 vote, talk, 1 vote") || why.contains("first"), "{why}");
}

/// A whole lesson from `PageDown` alone: every step comes, in order, and every sentence that it says.
#[test]
fn a_remote_leads_through_the_whole_lesson() {
    let lesson = catalogue().open("failover-limits").unwrap().unwrap();
    let plan = plan("failover-limits");
    let options = presented(&plan, None);
    let mut app = App::new(&options, theme(Palette::Dark)).unwrap();
    let mut shown: Vec<String> = Vec::new();
    for _ in 0..150 {
        shown.extend(play_some(&mut app, "PageDown wait:120000 keep"));
        if shown.last().unwrap().contains("this was the last page") {
            break;
        }
    }
    let all = squeezed(&shown.join("\n"));
    assert!(shown.last().unwrap().contains("this was the last page"), "{}", shown.last().unwrap());
    for part in expected(&lesson) {
        assert!(all.contains(&squeezed(&part)), "{part}");
    }
}

/// Plays a part of a script and leaves the program as it is.
fn play_some(app: &mut App, script: &str) -> Vec<String> {
    play_on(app, (120, 36), script).iter().map(text).collect()
}

/// Without blanks and signs that the screen adds.
fn squeezed(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).collect::<String>().to_lowercase()
}

/// Words that have to be seen of each step.
fn expected(lesson: &Lesson) -> Vec<String> {
    let of = |step: &splitbrain::lesson::schema::Step| match &step.kind {
        StepKind::Predict { options, .. } => {
            let right = options.iter().find(|option| option.right).unwrap();
            vec![right.text.clone(), right.why.split(". ").next().unwrap().replace("**", "")]
        }
        StepKind::Try(goal) => vec![goal.goal.clauses[0].say.clone()],
        StepKind::Compare(compare) => vec![compare.a.name.clone(), "so c1 reads 7 after 9 was acknowledged".into()],
        StepKind::Measure(_) => vec!["patience has its price".into(), "300ms".into()],
        StepKind::Say { .. } => vec!["Three limits, three cures".into()],
    };
    let marks = lesson.steps.iter().flat_map(|step| &step.marks).filter_map(|mark| mark.text.clone());
    lesson.steps.iter().flat_map(of).chain(marks).map(|text| text.replace(['*', '`'], "")).collect()
}

#[test]
fn back_goes_back_mark_by_mark_and_on_goes_on_again() {
    let run = format!(
        "{TO_THE_QUESTION} PageDown PageDown PageDown wait:60000 keep PageDown wait:60000 keep PageUp keep PageDown wait:60000 keep"
    );
    let shown = play((120, 36), &run);
    assert!(shown[0].contains("Heartbeats die") && shown[1].contains("Two of three have voted"), "{}{}", shown[0], shown[1]);
    assert!(shown[2].contains("Heartbeats die"), "{}", shown[2]);
    assert_eq!(shown[1], shown[3], "the same mark is the same picture");
    let shown = play((120, 36), "PageDown PageUp keep N N PageUp keep");
    assert!(shown[0].contains("What can go wrong when a follower"), "{}", shown[0]);
    assert!(shown[1].to_lowercase().contains("two servers") || shown[1].contains("leads"), "{}", shown[1]);
}

#[test]
fn the_page_before_is_as_it_was_left_and_its_counts_stand() {
    let script = format!(
        "{TO_THE_QUESTION} 1 = 2 Enter Enter 2 = 4 Enter Enter wait:60000 PageDown wait:60000 PageDown wait:60000 PageDown wait:60000 PageDown PageDown keep PageDown keep PageUp keep"
    );
    let shown = play((120, 36), &script);
    assert!(shown[0].contains("Each leader puts the write") && shown[0].contains("then  "), "{}", shown[0]);
    assert!(shown[1].contains("The cut heals"), "{}", shown[1]);
    assert_eq!(shown[0], shown[2], "back one mark is where one was");
    let unseen = play((120, 36), "Tab Down Down Down Enter PageUp keep");
    assert!(unseen[0].contains("Once more, slowly"), "of a page that was not shown nothing is told: {}", unseen[0]);
}

#[test]
fn no_key_tells_the_answer_before_the_class_was_asked() {
    let shown = play((120, 36), "PageDown N keep 3 keep Right keep : r u n Space 1 s Enter keep Esc PageDown PageDown 3 keep");
    for page in &shown[1..4] {
        assert!(page.contains("first the class is asked; Enter goes on"), "{page}");
        assert!(!page.contains("press the digit") && !page.contains("Both are told"), "{page}");
    }
    assert!(shown[4].contains("votes 3") || shown[4].contains("Alone"), "{}", shown[4]);
}

#[test]
fn keys_that_would_lose_counts_wait_while_they_are_typed() {
    for key in ["q", "R", "N", "P", "Home"] {
        let shown =
            play((120, 36), &format!("{TO_THE_QUESTION} keep 1 = 4 {key} keep PageUp PageDown keep Backspace Backspace Backspace keep"));
        assert!(shown[0].contains("type 1=12 2=20, then Enter"), "it is told how: {}", shown[0]);
        assert_eq!(shown.len(), 4, "{key} leaves nothing");
        assert!(shown[1].contains("counts are being typed") && shown[1].contains("votes 1=••"), "{key}: {}", shown[1]);
        assert!(shown[2].contains("votes 1=••"), "what was typed is there again: {}", shown[2]);
        assert!(!shown[3].contains("votes 1"), "{}", shown[3]);
    }
}

#[test]
fn black_is_black_and_the_next_key_only_shows_everything_again() {
    for key in [".", "b"] {
        let kept = play_with(
            &presented(&plan("failover-limits"), None),
            theme(Palette::Light),
            (80, 24),
            &format!("PageDown keep {key} keep PageDown keep {key} keep {key} keep Esc keep"),
        );
        assert!(text(&kept[1]).trim().is_empty(), "{}", text(&kept[1]));
        assert!(kept[1].content.iter().all(|cell| cell.bg == ratatui::style::Color::Black), "all of it");
        assert_eq!(kept[0], kept[2]);
        assert_eq!(kept[1], kept[3]);
        assert_eq!((&kept[0], &kept[0]), (&kept[4], &kept[5]), "and Esc leaves nothing");
    }
}

#[test]
fn f5_starts_again_as_if_nothing_had_been_shown() {
    let once = format!("keep {TO_THE_QUESTION} keep 1 = 9 Enter Enter 1 = 9 Enter Enter wait:60000 F5 keep {TO_THE_QUESTION} keep");
    let shown = play((120, 36), &once);
    assert_eq!((&shown[0], &shown[1]), (&shown[2], &shown[3]));
}

#[test]
fn home_begins_the_page_again_and_digits_go_to_its_marks() {
    let run = format!("{TO_THE_QUESTION} PageDown PageDown PageDown wait:60000 3 keep 1 keep Home keep 2 keep 9 keep");
    let shown = play((120, 36), &run);
    assert!(shown[0].contains("Both are told ok") && shown[1].contains("Heartbeats die"), "{}{}", shown[0], shown[1]);
    assert!(shown[2].contains("East and west are cut apart") || shown[2].contains("Once more"), "{}", shown[2]);
    assert!(shown[3].contains("Two of three have voted"), "{}", shown[3]);
    assert!(shown[4].contains("3 marks"), "{}", shown[4]);
}

#[test]
fn all_pages_are_listed() {
    let shown = play((80, 24), "Tab keep Down Down Enter keep");
    assert!(shown[0].contains("Who is told ok?") && shown[0].contains("When failover goes wrong"), "{}", shown[0]);
    assert!(shown[1].contains("WHO IS TOLD OK?"), "{}", shown[1]);
}

#[test]
fn the_cluster_can_be_poked_as_in_the_lab() {
    let shown = play((120, 36), "PageDown x keep 1 PageDown PageDown keep wait:60000 keep PageDown keep");
    assert!(shown[0].contains("Cut the network"), "{}", shown[0]);
    assert!(shown.iter().any(|page| page.contains("Reached: two servers lead")), "{}", shown[2]);
    let palette = play((120, 36), "PageDown : c r a s h Space n 1 Enter keep");
    assert!(palette[0].contains("down"), "{}", palette[0]);
}

/// Every line of prose is short, whatever the size; and nothing panics.
#[test]
fn any_size_can_be_presented() {
    let options = presented(&plan("failover-limits"), None);
    let sizes = [
        (1, 1),
        (40, 10),
        (45, 12),
        (60, 16),
        (79, 23),
        (80, 24),
        (100, 20),
        (120, 36),
        (132, 43),
        (200, 60),
        (300, 100),
        (40, 100),
        (300, 10),
    ];
    let all = sizes.map(|(width, height)| format!("size:{width}x{height} keep")).join(" ");
    let script = format!(
        "{all} PageDown {all} N PageDown PageDown {all} 1 = 5 Enter Enter 1 = 3 Enter {all} Enter wait:60000 {all} 3 PageDown wait:60000 PageDown {all} N N N {all} PageDown PageDown wait:60000 PageDown wait:60000 {all} N N {all} PageDown PageDown wait:60000 {all} N N {all} Tab {all}"
    );
    for palette in [Palette::Dark, Palette::Light] {
        for ascii in [false, true] {
            let theme = Theme::new(palette, Depth::Ansi, ascii, false).for_projector();
            let kept = play_with(&options, theme, (80, 24), &script);
            assert_eq!(kept.len(), sizes.len() * 12, "{}", kept.len());
            assert!(!ascii || kept.iter().all(|screen| text(screen).is_ascii()));
        }
    }
}

/// Nothing is faint: no cell has a colour that is only there to be quiet.
#[test]
fn nothing_on_the_wall_is_faint() {
    let script = format!("PageDown keep PageDown keep {TO_THE_QUESTION} keep 1 = 5 Enter Enter 1 = 3 Enter keep Enter wait:60000 keep");
    for (palette, ground) in [(Palette::Dark, 16), (Palette::Light, 231)] {
        for screen in play_with(&presented(&plan("failover-limits"), None), theme(palette), (120, 36), &script) {
            for cell in screen.content.iter().filter(|cell| cell.symbol() != " ") {
                assert!(!cell.modifier.contains(ratatui::style::Modifier::DIM));
                assert_eq!(cell.bg, ratatui::style::Color::Indexed(ground), "{}", cell.symbol());
                assert!(!matches!(cell.fg, ratatui::style::Color::Gray | ratatui::style::Color::DarkGray), "{}", cell.symbol());
            }
        }
    }
}

/// A poll that somebody else holds.
#[derive(Clone, Default)]
struct Phones(Arc<Mutex<(Vec<String>, Vec<u32>)>>);

impl Poll for Phones {
    fn open(&mut self, asked: &Asked, round: Round) {
        let mut phones = self.0.lock().unwrap();
        phones.0.push(format!("{} {:?}: {}", asked.step, round, asked.options.join(" | ")));
        phones.1 = vec![0; asked.options.len()];
    }

    fn close(&mut self) {
        self.0.lock().unwrap().0.push("closed".into());
    }

    fn forget(&mut self) {
        self.0.lock().unwrap().0.push("forgotten".into());
    }

    fn votes(&self) -> Counts {
        Counts::new(self.0.lock().unwrap().1.clone())
    }

    fn place(&self) -> Vec<String> {
        vec!["Vote at http://10.0.0.7:8000, code 4711".into()]
    }
}

#[test]
fn votes_may_come_from_elsewhere() {
    let phones = Phones::default();
    let mut app = App::new(&presented(&plan("failover-limits"), None), theme(Palette::Dark)).unwrap();
    app.take_votes_from(Box::new(phones.clone()));
    let first = play_some(&mut app, &format!("{TO_THE_QUESTION} keep"));
    assert!(first[0].contains("code 4711") && first[0].contains("0 votes so far"), "{}", first[0]);
    phones.0.lock().unwrap().1 = vec![4, 6, 2];
    let shown = play_some(&mut app, "wait:400 keep Enter keep Enter keep");
    assert!(shown[0].contains("12 votes so far") && shown[1].contains("Talk:") && !shown[1].contains("4711"), "{}{}", shown[0], shown[1]);
    assert!(shown[2].contains("0 votes so far"), "{}", shown[2]);
    phones.0.lock().unwrap().1 = vec![1, 1, 9];
    let both = play_some(&mut app, "wait:400 Enter keep Enter keep");
    assert!(both[0].contains("12 votes, talk, 11 votes"), "{}", both[0]);
    let heard = phones.0.lock().unwrap().0.clone();
    assert_eq!(heard.len(), 4, "{heard:?}");
    assert!(heard[0].starts_with("both-say-ok First: only c2") && heard[2].starts_with("both-say-ok Second"), "{heard:?}");
}

fn deck(folder: &Path) -> PathBuf {
    let path = folder.join("hour.toml");
    let deck = "title = \"The first hour\"\nnotes = \"SECRET of the first page\"\n[[show]]\nlesson = \"failover-limits\"\nsteps = [\"two-leaders\", \"both-say-ok\"]\nnotes = \"SECRET of the part\"\n[[show]]\nlesson = \"failover-limits\"\nstep = \"rejoin\"\ntitle = \"And when they meet?\"\nnotes = \"SECRET of the step\"\n";
    std::fs::write(&path, deck).unwrap();
    path
}

/// Two programs: what is on the wall, and what only the speaker sees.
#[test]
fn the_notes_follow_live_and_are_never_on_the_wall() {
    let home = tempfile::tempdir().unwrap();
    let origin = Origin { deck: Some(deck(home.path())), ..Origin::default() };
    let plan = Plan::open(origin, catalogue()).unwrap();
    let folder = home.path().join("run");
    let clock = Arc::new(AtomicI64::new(61_000));
    let wall = Wall::by_hand(Arc::clone(&clock), Calendar::of(jiff::tz::TimeZone::UTC));
    let of = NotesOf { folder: folder.clone(), name: None, wall };
    let notes_options = Options { notes: Some(of), ..Options::default() };
    let mut notes = App::with(&notes_options, Theme::default(), Store::in_memory(Wall::stopped())).unwrap();
    let read = |notes: &mut App| play_on(notes, (80, 24), "wait:4000 keep").iter().map(text).collect::<Vec<_>>().concat();
    let waits = read(&mut notes);
    assert!(waits.contains("Nothing is presented now") && waits.contains("splitbrain present"), "{waits}");

    let mut wall = App::new(&presented(&plan, Some(&folder)), theme(Palette::Dark)).unwrap();
    let mut walls = play_some(&mut wall, "keep");
    let told = read(&mut notes);
    assert!(told.contains("SECRET of the first page") && told.contains("page 1 of 5") && told.contains("for 1 min 00 s"), "{told}");
    assert!(told.contains("Next: When failover goes wrong") && told.contains("00:01"), "{told}");
    walls.extend(play_some(&mut wall, "PageDown keep"));
    assert!(read(&mut notes).contains("SECRET of the part"));
    walls.extend(play_some(&mut wall, "PageDown keep N PageDown PageDown 1 = 4 1 keep"));
    let told = read(&mut notes);
    assert!(told.contains("1=41   typed; Enter takes them") && told.contains("Enter: they talk"), "{told}");
    assert!(!walls.concat().contains("1=4"), "on the wall it is covered");
    walls.extend(play_some(&mut wall, "Backspace Backspace Backspace Backspace PageDown PageDown"));
    let told = read(&mut notes);
    assert!(told.contains("Type them at the presentation: 1=12 2=20") && told.contains("Enter: it happens"), "{told}");
    walls.extend(play_some(&mut wall, "PageDown wait:60000 keep"));
    let told = read(&mut notes);
    assert!(told.contains("On the wall") && told.contains("Enter: it plays"), "{told}");
    assert!(told.contains("Answers") && told.contains("mark 1 of 3") && told.contains("right"), "{told}");
    insta::assert_snapshot!("notes_80x24", told);
    walls.extend(play_some(&mut wall, ". keep . N keep"));
    let told = read(&mut notes);
    assert!(told.contains("SECRET of the step") && told.contains("And when they meet?") && told.contains("last page"), "{told}");
    assert!(walls.len() == 7 && walls.iter().all(|shown| !shown.contains("SECRET")), "no note is on the wall");
    drop(wall);
    // The notes hear of it by a socket, in their own time.
    let is_over = |told: &String| told.contains("Nothing is presented now") || told.contains("The presentation is over");
    let hear = |_| {
        std::thread::park_timeout(std::time::Duration::from_millis(20));
        read(&mut notes)
    };
    assert!((0..200).map(hear).any(|told| is_over(&told)), "the presentation is over");
}

#[test]
fn a_presentation_goes_on_where_nobody_can_be_told() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("x".repeat(120));
    let kept = play_with(&presented(&plan("failover-limits"), Some(&folder)), theme(Palette::Dark), (100, 30), "keep PageDown keep");
    assert!(text(&kept[0]).contains("no notes can be shown"), "{}", text(&kept[0]));
    assert!(!text(&kept[1]).contains("no notes"), "{}", text(&kept[1]));
}
