//! The real loop, fed with keys and a clock of its own; the screen is compared with its styles.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::time::Duration;

use ratatui::buffer::Buffer;
use ratatui::crossterm::event::{KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use splitbrain::cluster::registry;
use splitbrain::tui::app::App;
use splitbrain::tui::script::{Cue, Scripted, keys, styles, text};
use splitbrain::tui::theme::Theme;
use splitbrain::tui::{Options, event_loop};

/// The lessons of the tests, opened at once.
fn options() -> Options {
    let lessons = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/lessons");
    Options { lessons: Some(lessons.into()), open: Some("two-leaders".into()), ..Options::default() }
}

/// Plays a script of words: keys by name, `wait:500` for so many milliseconds, `keep` to keep the screen.
fn cues(script: &str) -> Vec<Cue> {
    script
        .split_whitespace()
        .flat_map(|word| match word.split_once(':') {
            Some(("wait", ms)) => vec![Cue::Pass(Duration::from_millis(ms.parse().unwrap()))],
            Some(("size", size)) => {
                let (width, height) = size.split_once('x').unwrap();
                vec![Cue::Size(width.parse().unwrap(), height.parse().unwrap())]
            }
            _ if word == "keep" => vec![Cue::Keep],
            _ => keys(word),
        })
        .collect()
}

fn play_with(options: &Options, (width, height): (u16, u16), script: &str) -> Scripted {
    let mut app = App::new(options, Theme::default()).unwrap();
    let mut screen = Scripted::new(width, height, cues(script));
    event_loop::run(&mut app, &mut screen).unwrap();
    screen
}

/// The screens kept by a script in the lab.
fn play(size: (u16, u16), script: &str) -> Vec<Buffer> {
    play_with(&options(), size, script).kept
}

fn home(size: (u16, u16), script: &str) -> Vec<Buffer> {
    let options = Options { open: None, ..options() };
    play_with(&options, size, script).kept
}

fn one(mut kept: Vec<Buffer>) -> Buffer {
    assert_eq!(kept.len(), 1);
    kept.remove(0)
}

fn with_styles(buffer: &Buffer) -> String {
    format!("{}\n{}", text(buffer), styles(buffer))
}

#[test]
fn home_shows_chapters_and_what_is_ready() {
    insta::assert_snapshot!(with_styles(&one(home((100, 24), "keep"))));
}

#[test]
fn home_finds_topics_by_their_words() {
    insta::assert_snapshot!(text(&one(home((80, 24), "/ l e a d e r keep"))));
}

#[test]
fn a_topic_that_is_found_opens_its_lesson() {
    let screen = text(&one(home((80, 24), "/ w e b s o c k e t Enter keep")));
    assert!(screen.contains("WebSockets") && screen.contains("step 1 of"), "{screen}");
}

#[test]
fn a_blueprint_is_three_keys_away_and_offers_what_is_worth_trying() {
    let kept = play_with(&Options::default(), (120, 36), "Down Enter keep Down Enter keep").kept;
    let [home, opened] = &kept[..] else { panic!("two screens") };
    assert!(text(home).contains("PostgreSQL with two standbys") && text(home).contains("Kafka with three brokers"), "{}", text(home));
    assert!(text(home).contains("Blueprints"), "{}", text(home));
    assert!(text(opened).contains("Read from a standby at once") && text(opened).contains("Press a digit"), "{}", text(opened));
}

#[test]
fn a_poke_of_a_blueprint_plays_up_to_what_is_promised() {
    let options = Options { open: Some("blueprint-redis".into()), ..Options::default() };
    let kept = play_with(&options, (120, 36), "keep 1 keep Enter wait:60000 keep 3 keep 9 keep").kept;
    let shown: Vec<String> = kept.iter().map(text).collect();
    assert!(shown[0].contains("1 Lose a write that was told OK") && shown[0].contains("3 Wait for the replica"), "{}", shown[0]);
    assert!(shown[1].contains("The replica misses a write") && shown[1].contains("Enter: watch what happens"), "{}", shown[1]);
    assert!(shown[2].contains("it never had the write"), "{}", shown[2]);
    assert!(shown[3].contains("The client says WAIT"), "{}", shown[3]);
    assert!(shown[4].contains("there are 3 to choose from: 1 to 3"), "{}", shown[4]);
}

/// With little room the names are left.
#[test]
fn a_small_screen_lists_the_pokes_of_every_blueprint() {
    for ready in splitbrain::lesson::sandbox::blueprint::all() {
        let options = Options { open: Some(format!("blueprint-{}", ready.id)), ..Options::default() };
        let screen = text(&one(play_with(&options, (80, 24), "keep").kept));
        for poke in &ready.pokes {
            assert!(screen.contains(&poke.name), "{}: {}\n{screen}", ready.id, poke.name);
        }
    }
}

#[test]
fn the_lesson_is_two_keys_away() {
    let screen = text(&one(home((120, 36), "Enter keep")));
    assert!(screen.contains("step 1 of"), "{screen}");
}

#[test]
fn a_hint_is_in_sight_below_a_miss() {
    for size in [(80, 24), (120, 36)] {
        let shown = text(&one(play(size, "G G : c r a s h Space n 1 Enter Space wait:60000 H H H keep")));
        assert!(shown.contains("hint 3 of 3") && shown.contains("cut"), "{shown}");
    }
}

#[test]
fn a_newcomer_gets_to_two_leaders_with_the_keys_on_the_screen() {
    let newcomer = Options { open: None, lessons: None, ..options() };
    let kept = play_with(&newcomer, (80, 24), "keep Enter keep x keep 1 Space wait:60000 keep").kept;
    let shown: Vec<String> = kept.iter().map(text).collect();
    assert!(shown[0].contains("Enter opens it"), "{}", shown[0]);
    assert!(shown[1].contains("x cut") && shown[1].contains("Space play"), "{}", shown[1]);
    assert!(shown[2].contains("1  cut"), "{}", shown[2]);
    assert!(shown[3].matches('★').count() >= 2 && shown[3].contains("✓ goal reached"), "{}", shown[3]);
}

#[test]
fn the_lab_at_the_start() {
    insta::assert_snapshot!(with_styles(&one(play((120, 36), "keep"))));
}

#[test]
fn the_lab_at_80_by_24() {
    insta::assert_snapshot!(with_styles(&one(play((80, 24), "keep"))));
}

#[test]
fn play_stops_at_the_mark_of_the_author() {
    let screen = text(&one(play((120, 36), "Space wait:4000 keep")));
    assert!(screen.contains("n1 says yes before"), "{screen}");
    assert!(screen.contains("paused"));
}

#[test]
fn the_clock_stands_still_until_an_answer_is_chosen() {
    let kept = play((120, 36), "G keep Space wait:500 keep");
    assert!(text(&kept[1]).contains("say first what will happen"), "{}", text(&kept[1]));
    let same = |line: &&str| line.contains("Timeline");
    assert_eq!(text(&kept[0]).lines().find(same), text(&kept[1]).lines().find(same));
}

#[test]
fn a_prediction_is_compared_with_what_happened() {
    let screen = one(play((120, 36), "G 1 wait:200 Enter keep"));
    insta::assert_snapshot!(with_styles(&screen));
}

#[test]
fn two_leaders_by_hand() {
    let screen = one(play((120, 36), "G G x 1 Space wait:60000 keep"));
    assert!(text(&screen).contains("reached"), "{}", text(&screen));
    insta::assert_snapshot!(with_styles(&screen));
}

#[test]
fn stepping_back_and_forward_shows_the_same_picture() {
    let kept = play((120, 36), "G G x 1 Space wait:60000 keep Left Left Left Right Right Right keep");
    assert_eq!(with_styles(&kept[0]), with_styles(&kept[1]));
}

#[test]
fn undo_takes_the_poke_back() {
    let kept = play((120, 36), "G G keep x 1 u keep");
    assert!(text(&kept[1]).contains("undone: cut n1 | n2 n3"), "{}", text(&kept[1]));
    assert!(!text(&kept[1]).contains("pokes  1"));
}

#[test]
fn the_box_of_a_poke_says_what_is_not_possible() {
    let screen = text(&one(play((120, 36), "G G c 1 c keep")));
    assert!(screen.contains("restart n1"), "{screen}");
}

#[test]
fn the_palette_completes_and_says_why_it_refuses() {
    let kept = play((120, 36), "G G : c r keep a s h Space n 9 Enter keep");
    assert!(text(&kept[0]).contains("crash"), "{}", text(&kept[0]));
    assert!(text(&kept[1]).contains("there is no server n9"), "{}", text(&kept[1]));
}

#[test]
fn the_palette_does_any_command_and_any_action() {
    let kept = play((120, 36), "G G : c r a s h Space n 1 Enter keep : q u i t Enter keep");
    assert!(text(&kept[0]).contains("crash n1"), "{}", text(&kept[0]));
    assert_eq!(kept.len(), 1, "the program has ended");
}

#[test]
fn help_is_made_from_the_actions() {
    insta::assert_snapshot!(text(&one(play((100, 60), "? keep"))));
}

#[test]
fn two_designs_side_by_side() {
    let screen = one(play((120, 36), "C Enter wait:100 Enter Enter Enter keep"));
    insta::assert_snapshot!(with_styles(&screen));
}

#[test]
fn only_the_newest_hint_is_shown_and_the_task_stays() {
    for size in [(80, 24), (120, 36)] {
        let kept = play(size, "G G H keep H keep H H keep");
        let shown: Vec<String> = kept.iter().map(text).collect();
        assert!(shown[0].contains("hint 1 of 3") && shown[0].contains("Make two nodes lead"), "{}", shown[0]);
        assert!(shown[1].contains("hint 2 of 3") && shown[1].contains("Make two nodes lead"), "{}", shown[1]);
        assert!(!shown[1].contains("hint 1 of 3"), "{}", shown[1]);
        assert!(shown[2].contains("that was the last hint") && shown[2].contains("S solution"), "{}", shown[2]);
    }
}

/// Where a checklist does not fit, what does not hold yet comes first, and it says how many parts more there are.
#[test]
fn a_checklist_that_does_not_fit_is_shown_in_part() {
    let folder = tempfile::tempdir().unwrap();
    let lesson = include_str!("lessons/two-leaders.toml");
    let long = "Make two nodes lead at the same time. ".repeat(8);
    let parts = ["leaders >= 1", "nodes_up == 3", "leaders >= 2", "leaders != 3", "leaders != 4"];
    let clauses: Vec<String> = parts.iter().map(|that| format!("{{ that = \"{that}\", say = \"part {that}\" }}")).collect();
    let goal = "goal = [{ that = \"leaders >= 2\", say = \"two nodes lead\" }]";
    assert!(lesson.contains(goal), "the lesson has this goal");
    let lesson = lesson.replace(goal, &format!("goal = [{}]", clauses.join(", ")));
    let lesson = lesson.replace("text = \"Make two nodes lead at the same time.\"", &format!("text = \"{}\"", long.trim()));
    std::fs::write(folder.path().join("two-leaders.toml"), lesson).unwrap();
    let options = Options { lessons: Some(folder.path().into()), ..options() };
    let shown = text(&one(play_with(&options, (80, 24), "G G keep").kept));
    assert!(shown.contains("part leaders >= 2") && shown.contains("more") && shown.contains("of 5 parts hold"), "{shown}");
}

#[test]
fn the_solution_is_shown_command_by_command_and_is_not_the_learners() {
    let kept = play((120, 36), "G G S keep Enter keep Enter wait:100 Enter keep R keep");
    let shown: Vec<String> = kept.iter().map(text).collect();
    assert!(shown[0].contains("▸ cut n1 | n2 n3") && shown[0].contains("· let 2s pass"), "{}", shown[0]);
    assert!(!shown[0].contains("You: cut"), "it is seen before it happens: {}", shown[0]);
    assert!(shown[1].contains("✓ cut n1 | n2 n3") && shown[1].contains("▸ let 2s pass"), "{}", shown[1]);
    assert!(shown[2].contains("✓ let 2s pass") && shown[2].contains("n1 never learned of it"), "{}", shown[2]);
    assert!(shown[3].contains("pokes  0") && !shown[3].contains("reached"), "{}", shown[3]);
}

#[test]
fn the_answer_can_be_read() {
    let kept = play((100, 30), "A keep Esc G E keep");
    assert_eq!(text(&kept[0]), text(&kept[1]));
    insta::assert_snapshot!(text(&kept[0]));
}

#[test]
fn just_tell_me_answers_the_step_that_asks() {
    let screen = text(&one(play((120, 36), "G A wait:200 Enter keep")));
    assert!(screen.contains("✓ It is: n1 and another") && !screen.contains("Answer"), "{screen}");
}

#[test]
fn a_notice_stands_above_the_keys_and_a_refusal_is_no_broken_guarantee() {
    let screen = one(play((120, 36), "G G Enter keep"));
    let shown = text(&screen);
    let lines: Vec<&str> = shown.lines().collect();
    assert!(lines[34].contains("· the goal is not reached yet"), "{shown}");
    assert!(lines[35].contains("c crash") && lines[35].contains("? all keys"), "{shown}");
}

#[test]
fn undo_is_offered_as_soon_as_there_is_something_to_undo() {
    let kept = play((80, 24), "G G keep x 1 keep");
    let last = |b: &Buffer| text(b).lines().last().map(str::to_string).unwrap_or_default();
    assert!(!last(&kept[0]).contains("u undo") && last(&kept[1]).contains("u undo"), "{} {}", last(&kept[0]), last(&kept[1]));
}

#[test]
fn a_remote_goes_on_and_back_from_mark_to_mark() {
    let kept = play(
        (120, 36),
        "PageDown wait:60000 keep PageUp keep PageUp keep PageDown wait:60000 PageDown wait:60000 PageDown keep PageUp keep",
    );
    let shown: Vec<String> = kept.iter().map(text).collect();
    assert!(shown[0].contains("n1 says yes before"), "{}", shown[0]);
    assert!(shown[1].contains("Timeline ─ 0.000 s") && shown[1].contains("step 1 of 4"), "{}", shown[1]);
    assert!(shown[2].contains("this is the first step"), "{}", shown[2]);
    assert!(shown[3].contains("step 2 of 4") && shown[4].contains("step 1 of 4"), "{}", shown[3]);
}

#[test]
fn escape_at_home_stays() {
    let screen = text(&one(home((80, 24), "Esc keep")));
    assert!(screen.contains("q leaves the program"), "{screen}");
}

#[test]
fn answers_can_be_clicked() {
    let mut app = App::new(&options(), Theme::default()).unwrap();
    let script = [cues("G keep"), vec![down(10, 6)], cues("keep")].concat();
    let mut screen = Scripted::new(120, 36, script);
    event_loop::run(&mut app, &mut screen).unwrap();
    let row = text(&screen.kept[0]).lines().position(|line| line.contains("2 n1 and another"));
    assert_eq!(row, Some(6), "{}", text(&screen.kept[0]));
    assert!(text(&screen.kept[1]).contains("2 ▸ n1 and another"), "{}", text(&screen.kept[1]));
}

#[test]
fn nothing_but_heartbeats_stops_play_and_says_so() {
    let screen = text(&one(play((120, 36), "G G Space wait:60000 keep")));
    assert!(screen.contains("nothing new is about to come") && screen.contains("paused"), "{screen}");
}

#[test]
fn a_comparison_poked_off_its_script_gives_no_verdict() {
    let kept = play((120, 36), "C Enter wait:100 c 1 keep Enter wait:60000 keep u keep");
    let shown: Vec<String> = kept.iter().map(text).collect();
    assert!(shown[0].contains("Your own run") && !shown[1].contains("Why they differ"), "{}\n{}", shown[0], shown[1]);
    assert!(!shown[2].contains("Your own run"), "{}", shown[2]);
}

/// Through the whole lesson, wrong where something is to be predicted.
const THROUGH: &str = "G 1 wait:200 Enter G x 1 Space wait:60000 G Enter wait:100 Enter Enter Enter Enter";

#[test]
fn a_lesson_ends_with_what_was_believed_and_what_was_brought_about() {
    let kept = play((120, 36), &format!("{THROUGH} keep r keep Esc Enter P keep"));
    let shown: Vec<String> = kept.iter().map(text).collect();
    for part in ["Done: Two leaders", "0 of 1", "✕ \"nobody\"", "✓ two nodes lead (1 poke)", "Remember: Whoever is cut off", "Esc  home"]
    {
        assert!(shown[0].contains(part), "{part}: {}", shown[0]);
    }
    assert!(shown[1].contains("Sources") && shown[2].contains("step 4 of 4"), "{}", shown[2]);
    insta::assert_snapshot!(with_styles(&kept[0]));
}

#[test]
fn what_is_selected_is_what_the_keys_act_on() {
    let kept = play((120, 36), "G G Tab c keep Esc Tab Down x keep u Down Down w keep");
    let shown: Vec<String> = kept.iter().map(text).collect();
    assert!(shown[0].contains("You: crash n1"), "{}", shown[0]);
    assert!(shown[1].contains("You: cut n2 | n1 n3"), "{}", shown[1]);
    assert!(shown[2].contains("c1 asks: write x 1") || shown[2].contains("c1 write x 1"), "{}", shown[2]);
}

#[test]
fn a_right_click_opens_what_can_be_done_to_a_thing_grouped_by_things() {
    let mut app = App::new(&options(), Theme::default()).unwrap();
    let mut screen = Scripted::new(120, 36, [cues("G G wait:50"), vec![pressed(MouseButton::Right, 60, 11)], cues("keep")].concat());
    event_loop::run(&mut app, &mut screen).unwrap();
    let shown = text(&screen.kept[0]);
    let rows: Vec<&str> = shown.lines().filter_map(|line| line.split_once("1  n1")).map(|(_, rest)| rest).collect();
    assert!(shown.contains("More to do") && rows.len() == 1, "{shown}");
    assert!(shown.contains("network"), "{shown}");
}

#[test]
fn an_ok_that_was_not_kept_says_so() {
    let script = ["cut n1 c1 | n2 n3 c2", "c1 write x 1", "run 2s", "heal", "run 2s"].map(typed).concat();
    let kept = play((120, 36), &format!("G G {script} keep Tab Down Down Down keep"));
    assert!(text(&kept[0]).contains("✕ ok, lost"), "{}", text(&kept[0]));
    assert!(text(&kept[1]).contains("ok, then lost"), "{}", text(&kept[1]));
}

#[test]
fn a_broken_guarantee_comes_first_and_its_sentence_is_whole() {
    for size in [(80, 24), (120, 36)] {
        let screen = text(&one(play(size, &format!("G G {} g keep", broken()))));
        let row = |part: &str| screen.lines().position(|line| line.contains(part));
        assert!(row("✕ linearizable").is_some() && row("✕ linearizable") < row("✕ read your writes"), "{screen}");
        assert!(screen.contains("All operations seem to happen"), "the selected one is explained: {screen}");
    }
}

#[test]
fn the_help_has_a_second_page_with_signs_and_words() {
    let kept = play((100, 120), "Space wait:4000 ? Tab keep Tab keep Esc keep");
    let shown: Vec<String> = kept.iter().map(text).collect();
    for part in [
        "★",
        "leads, or owns",
        "replication: the leader sends entries of its log",
        "read your writes",
        "A client always sees its own",
        "acked_lost",
    ] {
        assert!(shown[0].contains(part), "{part}: {}", shown[0]);
    }
    assert!(shown[1].contains("All keys") && shown[2].contains("step 1 of 4"), "{}", shown[1]);
}

/// A goal that can be reached no more says so, and how it comes within reach again.
#[test]
fn a_goal_that_is_out_of_reach_says_so_and_the_way_back() {
    let options = Options { lessons: None, open: Some("reliability".into()), ..options() };
    let two = ["set checksums on", "set validation on"].map(typed).concat();
    for size in [(80, 24), (120, 36)] {
        let kept = play_with(&options, size, &format!("G G G G {two} Space wait:60000 keep R keep")).kept;
        let [out, again] = [0, 1].map(|i| text(&kept[i]).replace(['│', '\n'], " ").split_whitespace().collect::<Vec<_>>().join(" "));
        assert!(out.contains("Out of reach"), "{out}");
        // Beside the stage the lines of the card are mixed with its own.
        assert!(size.0 > 80 || out.contains("R starts again") || out.contains("goes back to before"), "{out}");
        assert!(!again.contains("Out of reach"), "{again}");
    }
}

/// Whatever the model: every kind of messages, every guarantee and every fact is explained.
#[test]
fn signs_and_words_are_those_of_the_model_on_the_stage() {
    for model in registry::MODELS.iter().filter(|model| !registry::is_outside(model.name)) {
        let options = Options { open: Some(splitbrain::lesson::sandbox::id(model.name)), ..Options::default() };
        let page = text(&one(play_with(&options, (200, 300), "? Tab keep").kept));
        // A sentence may be wrapped, inside a frame.
        let page = page.replace(['│', '\n'], " ").split_whitespace().collect::<Vec<_>>().join(" ");
        let messages = model.messages.iter().map(|message| format!("{}: {}", message.kind.word, message.about));
        let facts = model.facts.iter().map(|fact| fact.name.to_string());
        let guarantees = model.guarantees.iter().map(|guarantee| guarantee.words());
        for words in messages.chain(facts).chain(guarantees) {
            assert!(page.contains(&words), "{}: `{words}` is not on\n{page}", model.name);
        }
        assert!(!model.messages.is_empty() && model.messages.iter().all(|message| !message.about.is_empty()), "{}", model.name);
    }
}

#[test]
fn a_step_has_its_chart_over_the_timeline() {
    let screen = text(&one(play((120, 36), "Space wait:4000 keep")));
    assert!(screen.lines().any(|line| line.contains("lag entries max")), "{screen}");
}

/// A button of the mouse goes down here.
fn pressed(button: MouseButton, column: u16, row: u16) -> Cue {
    let kind = MouseEventKind::Down(button);
    Cue::Input(splitbrain::tui::script::mouse(MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE }))
}

#[test]
fn what_is_selected_is_looked_at_closely() {
    insta::assert_snapshot!(text(&one(play((120, 36), "Tab keep"))));
}

/// Types a command into the palette.
fn typed(command: &str) -> String {
    let keys: Vec<String> = command.chars().map(|c| if c == ' ' { "Space".into() } else { c.to_string() }).collect();
    format!(" : {} Enter", keys.join(" "))
}

fn broken() -> String {
    ["cut n1 | n2 n3", "run 2s", "c2 write x 2 to n3", "run 100ms", "c2 read x from n1", "run 100ms", "run 1s"].map(typed).concat()
}

#[test]
fn enter_on_a_broken_guarantee_goes_to_the_moment() {
    let kept = play((120, 36), &format!("G G {} keep g Enter keep Esc Esc keep", broken()));
    assert!(text(&kept[0]).contains("0.847 s"), "{}", text(&kept[0]));
    let shown = text(&kept[1]);
    assert!(shown.contains("linearizable: ") && shown.contains("Timeline ─ 0.847 s"), "{shown}");
    insta::assert_snapshot!(with_styles(&kept[1]));
}

#[test]
fn a_client_writes_and_reads_by_key() {
    let kept = play((120, 36), "G G w keep 1 Right Right r keep");
    assert!(text(&kept[0]).contains("1  c1 write x 1") && text(&kept[0]).contains("2  c2 write x 1"), "{}", text(&kept[0]));
    assert!(text(&kept[1]).contains("c1 read x from n2"), "{}", text(&kept[1]));
}

#[test]
fn branches_are_kept_and_can_be_gone_back_to() {
    let script = format!("G G {} Home {} b keep Up Enter keep", typed("crash n1"), typed("crash n2"));
    let kept = play((120, 36), &script);
    let shown = text(&kept[0]);
    assert!(shown.contains("What was tried") && shown.contains("crash n1") && shown.contains("crash n2"), "{shown}");
    assert!(text(&kept[1]).contains("n1") && !text(&kept[1]).contains("What was tried"));
}

#[test]
fn another_seed_starts_the_step_again() {
    let screen = text(&one(play((120, 36), &format!("G {} keep", typed("seed 9")))));
    assert!(screen.contains("seed 9   step 2 of 4"), "{screen}");
}

#[test]
fn settings_change_what_is_seen_at_once() {
    let kept = play((100, 30), "T keep Enter Down Enter keep");
    assert!(text(&kept[0]).contains("dark") && text(&kept[0]).contains("all signs"), "{}", text(&kept[0]));
    assert!(text(&kept[1]).contains("light") && text(&kept[1]).is_ascii(), "{}", text(&kept[1]));
}

#[test]
fn a_lesson_is_gone_on_with_where_it_was_left() {
    let kept = play((120, 36), "G q keep Enter keep");
    assert!(text(&kept[0]).contains("step 2 of 4"), "{}", text(&kept[0]));
}

fn down(column: u16, row: u16) -> Cue {
    pressed(MouseButton::Left, column, row)
}

#[test]
fn the_mouse_selects_and_scrubs() {
    let script = [cues("G G x 1 Space wait:60000"), vec![down(60, 9)], cues("keep"), vec![down(70, 30)], cues("keep")].concat();
    let mut app = App::new(&options(), Theme::default()).unwrap();
    let mut screen = Scripted::new(120, 36, script);
    event_loop::run(&mut app, &mut screen).unwrap();
    let [selected, scrubbed] = &screen.kept[..] else { panic!("two screens are kept") };
    assert!(text(selected).contains("n1 leader, epoch 1"), "{}", text(selected));
    let clock = |b: &Buffer| text(b).lines().find(|l| l.contains("Timeline")).map(str::to_string);
    assert_ne!(clock(selected), clock(scrubbed));
}

#[test]
fn without_motion_a_frame_is_drawn_for_every_event_only() {
    let still = Theme::new(splitbrain::tui::theme::Palette::Dark, splitbrain::tui::theme::Depth::Ansi, false, false);
    let mut app = App::new(&options(), still).unwrap();
    let mut screen = Scripted::new(120, 36, cues("G G Space wait:2000"));
    event_loop::run(&mut app, &mut screen).unwrap();
    assert!(screen.frames < 25, "{} frames in two seconds", screen.frames);
}

#[test]
fn a_lesson_opens_at_the_pace_of_its_first_step() {
    let options = Options { lessons: None, open: Some("leaderless-replication".into()), ..options() };
    let screen = text(&one(play_with(&options, (120, 36), "keep").kept));
    assert!(screen.contains("(60ms a second)"), "{screen}");
}

#[test]
fn a_paused_screen_draws_nothing() {
    let idle = play_with(&options(), (120, 36), "wait:60000");
    assert_eq!(idle.frames, 1);
}

#[test]
fn playing_draws_thirty_frames_a_second() {
    let playing =
        play_with(&options(), (120, 36), &format!("G G {} Space wait:2000 Space", typed("workload c1 100/s read:write 1:1 keys x")));
    assert!((55..=65).contains(&playing.frames), "{} frames in two seconds", playing.frames);
}

#[test]
fn a_bad_lesson_is_shown_in_the_screen() {
    let options = Options { open: Some("not-a-lesson".into()), ..options() };
    let screen = text(&one(play_with(&options, (80, 24), "keep").kept));
    assert!(screen.contains("there is no lesson `not-a-lesson`"), "{screen}");
}

/// Keys that lead to every screen and every box.
const EVERYWHERE: [&str; 19] = [
    "",
    "G",
    "G 1 wait:500",
    "G G",
    "G G x 1 Space wait:20000",
    "C Enter wait:3000",
    "Tab",
    "Tab Tab",
    "Tab Tab Tab",
    "Tab Tab Tab Tab",
    "G G c",
    ": c",
    "?",
    "A",
    THROUGH,
    "? Tab",
    "G G m",
    "G G S Enter",
    "G G H Enter",
];

#[test]
fn every_screen_at_every_size() {
    let sizes = (1..=45).step_by(4).chain([50, 60, 79, 80, 99, 100, 120, 200, 300]);
    for start in EVERYWHERE.iter().chain(&["b", "T", "q", "q /"]) {
        let script: String = sizes
            .clone()
            .flat_map(|w| {
                let heights = (1..=27).step_by(2).chain([36, 60, 100]);
                heights.map(move |h| format!(" size:{w}x{h}"))
            })
            .collect();
        play((80, 24), &format!("{start}{script}"));
    }
}

mod random {
    use super::*;
    use proptest::prelude::*;
    use splitbrain::tui::actions;
    use splitbrain::tui::keys::Key;
    use splitbrain::tui::script::{mouse, press};

    fn key() -> impl Strategy<Value = Cue> {
        let names: Vec<&str> =
            actions::all().filter(|a| a.place != splitbrain::tui::actions::Place::Always).flat_map(|a| a.keys.split(' ')).collect();
        prop::sample::select(names).prop_map(|name| Cue::Input(press(name.parse::<Key>().unwrap())))
    }

    fn click() -> impl Strategy<Value = Cue> {
        let kinds = prop::sample::select(vec![
            MouseEventKind::Down(MouseButton::Left),
            MouseEventKind::Down(MouseButton::Right),
            MouseEventKind::Drag(MouseButton::Left),
            MouseEventKind::ScrollDown,
            MouseEventKind::ScrollUp,
        ]);
        (kinds, 0u16..120, 0u16..36)
            .prop_map(|(kind, column, row)| Cue::Input(mouse(MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE })))
    }

    fn anything() -> impl Strategy<Value = Cue> {
        prop_oneof![
            6 => key(),
            2 => click(),
            2 => (0u64..2000).prop_map(|ms| Cue::Pass(Duration::from_millis(ms))),
            1 => (1u16..150, 1u16..50).prop_map(|(w, h)| Cue::Size(w, h)),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]
        #[test]
        fn nothing_that_is_pressed_or_clicked_panics(cues in prop::collection::vec(anything(), 1..120)) {
            let mut app = App::new(&options(), Theme::default()).unwrap();
            let mut screen = Scripted::new(120, 36, cues);
            event_loop::run(&mut app, &mut screen).unwrap();
        }
    }
}
