//! Other ways are found and named; a lesson that knows them is left alone; predictions are tried with other seeds.

use super::{Effort, Search, jobs, judged};
use crate::lesson::schema::{Lesson, StepKind, Try};
use crate::lesson::story;
use crate::lesson::testing::{changed, example, read};
use crate::timeline::{Brake, Timeline};

fn surveyed(text: &str, effort: Effort) -> Vec<String> {
    let lesson = read(text).unwrap_or_else(|mistakes| panic!("{mistakes}"));
    let jobs = jobs(&lesson, effort).expect("the story runs");
    let found = jobs.iter().map(super::Job::run).collect();
    judged(&lesson, found).map_or_else(|mistakes| mistakes.lines(), |_| Vec::new())
}

#[test]
fn every_other_single_poke_is_found_and_named() {
    let text = changed("goal = \"leaders >= 2\"", "goal = \"nodes_up == 3 && failovers >= 1\"");
    let ways =
        "ways = [[\"fire n2 detection\", \"run 1s\"], [\"promote n2\", \"run 1s\"]]\nmisses = [{ do = [\"crash n1\", \"run 2s\"] }]\n";
    assert!(text.contains(ways), "the example gives its other ways");
    let text = text.replacen(ways, "", 1);
    let found = surveyed(&text, Effort::QUICK);
    assert!(found.iter().any(|line| line.contains("another way") && line.contains("`fire n2 ")), "{found:#?}");
    let told = text.replacen("because = \"n1 never learned of it.\"", "because = [{ when = \"failovers >= 1\", text = \"Silence.\" }]", 1);
    assert_eq!(surveyed(&told, Effort::QUICK), Vec::<String>::new());
}

#[test]
fn pairs_are_tried_too() {
    let text = changed("goal = \"leaders >= 2\"", "goal = \"nodes_up == 1\"");
    let text = text.replacen("solution = [\"cut n1 | n2 n3\", \"run 2s\"]", "solution = [\"crash n1\", \"crash n2\"]", 1);
    let text = text.replacen("misses = [{ do = [\"crash n1\", \"run 2s\"] }]\n", "", 1);
    // A quiet cluster, so that the many runs are short.
    let text = text.replacen("seed = 7", "seed = 7\nsettings = { heartbeat = \"20s\", detection-timeout = \"50s\" }", 1);
    let found = surveyed(&text, Effort { seeds: 1, pairs: true, stops: false });
    assert!(found.iter().any(|line| line.contains("`pause n1`, then `pause n2`")), "{found:#?}");
    assert!(
        !found.iter().any(|line| line.contains("another way: `crash n1`, then `crash n3`;")),
        "the same kind with the same numbers: {found:#?}"
    );
}

/// Every stop of every knob is tried once: numbers too, which no list of words has.
#[test]
fn the_stops_of_knobs_are_tried() {
    let ring = crate::timeline::Timeline::new(crate::cluster::Scenario::of("ring")).expect("it starts");
    let stops: Vec<String> = super::pokes::stops(&ring).iter().map(ToString::to_string).collect();
    for stop in ["set replicas 3", "set tokens 64", "set scheme mod-n"] {
        assert!(stops.iter().any(|other| other == stop), "{stop}: {stops:?}");
    }
    assert!(!stops.iter().any(|stop| stop == "set replicas 1"), "there it stands: {stops:?}");
}

/// What `check` does without the pairs, which take too long here.
#[test]
#[ignore = "by hand: some minutes"]
fn the_lessons_know_what_knobs_and_waiting_do() {
    let catalogue = crate::lesson::catalogue();
    let only = std::env::var("LESSONS").unwrap_or_default();
    let asked = |id: &str| only.is_empty() || only.split(',').any(|name| name == id);
    let mut wrong = Vec::new();
    for id in catalogue.lessons().filter(|id| asked(id)) {
        let lesson = catalogue.open(id).expect("it is listed").unwrap_or_else(|mistakes| panic!("{mistakes}"));
        let found: Vec<_> =
            jobs(&lesson, Effort { seeds: 0, pairs: false, stops: true }).expect("it runs").iter().map(super::Job::run).collect();
        let said = judged(&lesson, found).map_or_else(|mistakes| mistakes.lines(), |_| Vec::new());
        println!("{id}: {said:#?}");
        wrong.extend(said);
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// What was not tried is said: how much of how much.
#[test]
fn what_the_budget_leaves_out_is_counted() {
    let lesson = example();
    let jobs = jobs(&lesson, Effort { seeds: 1, pairs: true, stops: false }).expect("the story runs");
    let left = |work: u64| {
        let found: Vec<super::Found> = jobs.iter().map(|job| job.within(work)).collect();
        let tried =
            found.iter().filter_map(|found| if let super::Found::Ways(_, tried) = found { Some((tried.left, tried.of)) } else { None });
        let (left, of) = tried.fold((0, 0), |(left, of), (more, all)| (left + more, of + all));
        assert!(left <= of);
        (left, of, judged(&lesson, found).unwrap_or_default())
    };
    let (few, of, said) = left(2_000);
    assert!(few > 0 && said.iter().any(|line| line.contains("were not tried")), "{few} of {of}: {said:?}");
    assert!(left(20_000).0 < few);
}

#[test]
fn an_answer_that_hangs_on_the_seed_is_found_unless_it_is_called_chance() {
    let options = "text = \"n1 and another\", why = \"n1 does not know that it was replaced.\", right = true, see = \"leaders >= 2\"";
    let chancy = "text = \"n1 and another\", why = \"n1 does not know that it was replaced.\", right = true, see = \"leader == 'n1 n2'\"";
    let text = changed(options, chancy);
    let lesson = read(&text).unwrap_or_else(|mistakes| panic!("{mistakes}"));
    let right = crate::lesson::prove::prove(&lesson).is_ok();
    let text = if right { text } else { text.replacen("'n1 n2'", "'n1 n3'", 1) };
    let found = surveyed(&text, Effort { seeds: 20, pairs: false, stops: false });
    assert!(found.iter().any(|line| line.contains("this answer is right in only ")), "{found:#?}");
    let said = text.replacen("then = [\"cut n1", "chance = \"leaders\"\nthen = [\"cut n1", 1);
    assert!(!surveyed(&said, Effort { seeds: 20, pairs: false, stops: false }).iter().any(|line| line.contains("right in only")));
}

#[test]
fn jobs_give_the_same_in_any_order() {
    let lesson = example();
    let jobs = jobs(&lesson, Effort::QUICK).expect("the story runs");
    let forward: Vec<_> = jobs.iter().map(super::Job::run).collect();
    let mut backward: Vec<_> = jobs.iter().rev().map(super::Job::run).collect();
    backward.reverse();
    let lines = |found| judged(&lesson, found).map_or_else(|m| m.lines(), |_| Vec::new());
    assert_eq!(lines(forward), lines(backward));
}

/// The goal of a step and where it begins.
fn opened(lesson: &Lesson, index: usize) -> (&Try, Timeline) {
    let StepKind::Try(goal) = &lesson.steps[index].kind else { panic!("a goal") };
    let brake = Brake::default();
    let mut run = story::fresh(lesson, &lesson.scenario, &brake).unwrap_or_else(|bad| panic!("{bad:?}"));
    for step in &lesson.steps[..index] {
        run = story::after(lesson, step, (&run, &brake), &mut crate::lesson::perform::Unwatched).unwrap_or_else(|bad| panic!("{bad:?}")).0;
    }
    (goal, story::opening(lesson, &lesson.steps[index], &run, &brake).unwrap_or_else(|bad| panic!("{bad:?}")))
}

/// A search from the opening of the step with the goal of a changed lesson, to its end.
fn searched(text: &str, budget: u64) -> Search {
    let lesson = read(text).unwrap_or_else(|mistakes| panic!("{mistakes}"));
    let index = lesson.steps.iter().position(|step| matches!(step.kind, StepKind::Try(_))).expect("a goal");
    let (goal, opening) = opened(&lesson, index);
    let brake = Brake::default();
    let mut search = Search::within(goal, &opening, budget);
    while let Some(slice) = search.next() {
        search.take(slice.run(&brake));
    }
    search
}

/// A quiet cluster, so that the many runs are short, and a goal that wants every server down.
fn all_down() -> String {
    let text = changed("goal = \"leaders >= 2\"", "goal = \"nodes_up == 0\"");
    let text = text.replacen("solution = [\"cut n1 | n2 n3\", \"run 2s\"]", "solution = [\"crash n1\", \"crash n2\", \"crash n3\"]", 1);
    text.replacen("seed = 7", "seed = 7\nsettings = { heartbeat = \"20s\", detection-timeout = \"50s\" }", 1)
}

#[test]
fn a_way_of_three_pokes_is_found() {
    let search = searched(&all_down(), 40_000_000);
    assert_eq!(search.shortest(), Some(3), "{:?}", search.progress());
    let found: Vec<String> = search.found().iter().map(ToString::to_string).collect();
    assert!(found.iter().any(|way| way == "crash n1, then crash n2, then crash n3"), "{found:#?}");
    // What is done at the same moment in another order looks the same before its last poke, and is gone on with once.
    let begins = |order: &str| found.iter().any(|way| way.starts_with(order) && way.contains("after"));
    assert!(!(begins("crash n2, then crash n1, then") && begins("crash n1, then crash n2, then")), "{found:#?}");
}

/// A goal that nothing reaches.
fn in_vain() -> String {
    all_down().replacen("goal = \"nodes_up == 0\"", "goal = \"nodes_up == 0 && nodes_up == 3\"", 1)
}

#[test]
fn a_way_is_found_that_no_script_of_the_author_is() {
    let scripts = ["solution = [\"crash n1\", \"crash n2\", \"crash n3\"]", "solution = [\"crash n1\", \"run 1s\"]"];
    let search = searched(&all_down().replacen(scripts[0], scripts[1], 1), 40_000_000);
    assert_eq!(search.shortest(), Some(3), "{:?}", search.progress());
}

/// The solution of every goal is a way from where its step begins, and the first thing that is tried.
#[test]
fn the_solution_of_a_lesson_is_found_at_once() {
    let catalogue = crate::lesson::catalogue();
    let lesson = catalogue.open("quorum-consensus").expect("it is listed").unwrap_or_else(|mistakes| panic!("{mistakes}"));
    let index = lesson.steps.iter().position(|step| step.id == "new-then-old").expect("the step");
    let (goal, opening) = opened(&lesson, index);
    let mut search = Search::from(goal, &opening);
    let first = search.next().expect("it begins").run(&Brake::default());
    search.take(first);
    assert_eq!(search.shortest(), Some(3), "{:?}", search.progress());
    let way = search.found()[0].to_string();
    assert!(way.starts_with("c1 write price 22, then after ") && way.contains("c2 read price among n1 n2"), "{way}");
}

#[test]
fn a_search_ends_with_its_budget_or_with_nothing_left() {
    let search = searched(&in_vain(), 30_000);
    let progress = search.progress();
    assert!(search.found().is_empty() && search.next().is_none(), "{progress:?}");
    assert!(progress.left_out == 0 || progress.events >= 30_000 || progress.runs >= progress.runs_most, "{progress:?}");
    assert!(progress.whole >= 1 && progress.runs > 1_000, "{progress:?}");
}

#[test]
fn a_search_stays_within_its_budget() {
    let search = searched(&in_vain(), 100);
    let progress = search.progress();
    assert!(search.found().is_empty() && progress.events >= 100, "{progress:?}");
    assert!(search.next().is_none());
}

#[test]
fn a_way_with_fewer_pokes_than_the_lesson_knows_is_a_mistake() {
    let text = changed("goal = \"leaders >= 2\"", "goal = \"nodes_up == 2\"");
    let long = text.replacen("solution = [\"cut n1 | n2 n3\", \"run 2s\"]", "solution = [\"cut n1 | n2 n3\", \"crash n1\"]", 1);
    let ways = "ways = [[\"fire n2 detection\", \"run 1s\"], [\"promote n2\", \"run 1s\"]]\n";
    assert!(long.contains(ways), "the example gives its other ways");
    let long = long.replacen(ways, "", 1);
    let told = |found: &[String]| found.iter().any(|line| line.contains("fewer pokes than") && line.contains("1 and not 2: crash n1"));
    assert!(told(&surveyed(&long, Effort::QUICK)), "{:#?}", surveyed(&long, Effort::QUICK));
    let known = long.replacen("misses = [", "ways = [[\"crash n1\"]]\nmisses = [", 1);
    assert!(!told(&surveyed(&known, Effort::QUICK)));
}
