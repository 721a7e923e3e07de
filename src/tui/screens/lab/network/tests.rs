//! The real loop, fed with keys, while the learner is the network.

use crate::cluster::Scenario;
use crate::tui::app::App;
use crate::tui::script::{Scripted, cues, styles, text};
use crate::tui::theme::Theme;
use crate::tui::{Options, event_loop};

fn lesson(id: &str) -> Options {
    Options { open: Some(id.into()), ..Options::default() }
}

fn cluster(model: &str) -> Options {
    Options { sandbox: Some(Scenario::of(model)), ..Options::default() }
}

/// The screens that a script keeps, as text, and the application at its end.
fn play_with(options: &Options, (width, height): (u16, u16), script: &str) -> (Vec<String>, App) {
    let mut app = App::new(options, Theme::default()).unwrap();
    let mut screen = Scripted::new(width, height, cues(script));
    event_loop::run(&mut app, &mut screen).unwrap();
    (screen.kept.iter().map(|kept| format!("{}\n{}", text(kept), styles(kept))).collect(), app)
}

fn play(size: (u16, u16), script: &str) -> Vec<String> {
    play_with(&lesson("failover-limits"), size, script).0
}

/// From the start of the lesson to two leaders: time passes until n2 is a candidate, its question is delivered to n3, the answer to n2.
const TWO_LEADERS: &str = "N Space Space Space Home Down Down Down Down Down Down Down Enter Home Down Down Down Down Enter";

#[test]
fn two_leaders_are_reached_by_deliveries_alone() {
    let (kept, app) = play_with(&lesson("failover-limits"), (120, 36), &format!("{TWO_LEADERS} keep"));
    assert!(kept[0].contains("goal reached"), "{}", kept[0]);
    let lab = app.lab().unwrap();
    let done: Vec<String> = lab.run().pokes().iter().map(|poke| poke.poke.to_string()).skip(1).collect();
    assert_eq!(done, ["hold all", "deliver #24", "deliver #25"]);
    assert!(lab.goal.holds && lab.walk.goal_holds());
    insta::assert_snapshot!("two_leaders_by_deliveries", kept[0]);
}

#[test]
fn the_list_at_80_by_24() {
    let kept = play((80, 24), "N Space Space Space Home keep Tab keep N keep");
    insta::assert_snapshot!("network_80x24", kept[0]);
    assert!(kept[1].contains("two servers lead"), "Tab leads to the card: {}", kept[1]);
    assert!(kept[2].contains("the 8 messages that waited go on") && !kept[2].contains("messages wait "), "{}", kept[2]);
}

#[test]
fn a_step_in_which_the_learner_is_the_network_opens_on_its_task() {
    for (size, by) in [((80, 24), "Enter"), ((80, 24), "Down"), ((120, 36), "Enter")] {
        let (kept, app) = play_with(&lesson("strong-consistency"), size, &format!("G G G G G keep {by} keep"));
        assert!(app.lab().unwrap().is_network(), "{}", kept[0]);
        assert!(kept[0].contains("two servers") && kept[0].contains("Enter: choose what happens next"), "{}", kept[0]);
        assert!(kept[1].contains("messages wait") && kept[1].contains("deliver #"), "{by} leads to the list: {}", kept[1]);
    }
}

#[test]
fn spans_of_the_list_are_rounded_and_what_is_done_is_exact() {
    let digits =
        |text: &str| text.split(|c: char| !(c.is_ascii_digit() || c == '.')).filter_map(|n| n.split_once('.').map(|n| n.1.len())).max();
    let (kept, app) = play_with(&lesson("failover-limits"), (120, 36), "N Space End keep Y keep");
    let screen = kept[0].split("-- styles").next().unwrap();
    let rows: String = screen.lines().filter(|line| line.contains(" run ")).collect();
    assert!(!rows.is_empty() && digits(&rows).unwrap_or(0) <= 3, "{}", kept[0]);
    let command = app.lab().unwrap().chosen_command().unwrap();
    assert!(command.starts_with("run ") && digits(&command).unwrap_or(0) > 3, "{command}");
}

#[test]
fn every_choice_is_a_command_that_is_told_with_what_came_of_it() {
    let kept = play((120, 36), "N Space Space Space Home Down Down Down Down Down Down Down Enter keep u keep");
    assert!(kept[0].contains("deliver #24, then step; n3 sends #25 yes, log 2 to n2"), "{}", kept[0]);
    assert!(kept[1].contains("undone: deliver #24"), "{}", kept[1]);
    let kept = play((120, 36), "N d keep D keep l 2 0 m s Enter keep End f keep");
    assert!(kept[0].contains("drop #17; #17 is lost: dropped"), "{}", kept[0]);
    assert!(kept[1].contains("duplicate #18; n1 sends #19 heartbeat to n3"), "{}", kept[1]);
    assert!(kept[2].contains("goes on and arrives at") || kept[2].contains("delay #18 20ms"), "{}", kept[2]);
    assert!(kept[3].contains("fire n3 detection, then step"), "{}", kept[3]);
}

#[test]
fn what_cannot_be_says_why() {
    let kept = play((120, 36), "N Space Space Down Down keep Enter keep f keep Esc keep");
    assert!(kept[1].contains("waits behind #17: from n1 to n2 messages keep their order"), "{}", kept[1]);
    assert!(kept[2].contains("only a timer that has a name goes off"), "{}", kept[2]);
    assert!(kept[3].contains("N lets the messages flow again"), "{}", kept[3]);
    let two = play_with(&lesson("failover-limits"), (120, 36), "C N keep").0;
    assert!(two[0].contains("nobody can be two networks"), "{}", two[0]);
    let locked = play((120, 36), "G N keep");
    assert!(locked[0].contains("say first what will happen"), "{}", locked[0]);
}

#[test]
fn keys_act_on_what_is_selected_and_on_nothing_that_is_elsewhere() {
    for size in [(80, 24), (120, 36)] {
        let (kept, app) = play_with(&lesson("failover-limits"), size, "N Tab Tab keep Enter keep d keep Esc Tab d keep Esc d keep");
        let keys = |screen: &str| screen.lines().nth(usize::from(size.1) - 1).unwrap_or_default().to_string();
        assert!(!keys(&kept[0]).contains("deliver"), "a server is selected: {}", kept[0]);
        for screen in &kept[1..3] {
            assert!(screen.contains("this is no message; Esc leads back to the list"), "{screen}");
        }
        assert!(kept[3].contains("Esc leads back to the list of what can happen next"), "the card has the keyboard: {}", kept[3]);
        let done: Vec<String> = app.lab().unwrap().run().pokes().iter().map(|poke| poke.poke.to_string()).skip(1).collect();
        assert_eq!(done, ["hold all", "drop #17"], "only the list drops: {}", kept[4]);
    }
}

#[test]
fn time_stands_still_until_something_is_chosen() {
    let (kept, app) = play_with(&lesson("failover-limits"), (120, 36), "N keep wait:5000 keep");
    assert!(kept[1].contains("0.210 s") && kept[1].contains("time stands still"), "{}", kept[1]);
    assert_eq!(app.lab().unwrap().run().at().to_string(), "0.210 s");
}

#[test]
fn the_mode_is_left_behind_when_one_goes_back_before_it_and_comes_again() {
    let kept = play((120, 36), "N Left keep Right keep");
    assert!(!kept[0].contains("What next?") && kept[1].contains("What next?"), "{}\n{}", kept[0], kept[1]);
}

#[test]
fn every_part_of_it_at_every_size() {
    let sizes = (1..=45).step_by(11).chain([60, 79, 80, 99, 100, 120, 200]);
    let all: String = sizes.flat_map(|w| [1, 5, 9, 10, 15, 24, 36, 60].map(|h| format!(" size:{w}x{h}"))).collect();
    for start in ["N Space Space Space", "N Tab", "N Tab Tab", "N g", "N End", "N m", "N l"] {
        play((80, 24), &format!("{start}{all}"));
    }
}

#[test]
fn every_model_can_be_taken_into_the_hands() {
    for model in crate::cluster::registry::MODELS {
        let script = "wait:300 N Enter Space Space Down Enter d Space Down Down D Enter Space keep N keep";
        let (kept, app) = play_with(&cluster(model.name), (100, 30), script);
        assert!(kept[0].contains("What next?"), "{}: {}", model.name, kept[0]);
        assert!(!app.lab().unwrap().run().cluster().ahead().holds, "{}", model.name);
    }
}
