//! Drills of the lessons in the program: each question has one right option and no two that are the same.

use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

use super::card;
use super::cure::{Effect, POKES_MAX, Remedies, Untried};
use crate::cluster::registry::MODELS;
use crate::command::Command;
use crate::lesson::drill::{Asks, Drill};
use crate::lesson::perform::{FirstTimes, perform};
use crate::lesson::question::{Question, QuestionKind};
use crate::lesson::schema::Script;
use crate::lesson::{Lesson, catalogue, story};
use crate::quiz::card::Card;
use crate::quiz::{Mark, Reply, Stage, judge};
use crate::timeline::Brake;

/// How many questions are drawn of each drill.
const DRAWN: u64 = 4;

/// Every drill with its lesson, read once.
fn drills() -> &'static [(Arc<Lesson>, Drill)] {
    static DRILLS: OnceLock<Vec<(Arc<Lesson>, Drill)>> = OnceLock::new();
    DRILLS.get_or_init(|| {
        let known = catalogue();
        let lessons = known.lessons().map(|id| known.open(id).unwrap().unwrap_or_else(|wrong| panic!("{wrong}")));
        lessons.flat_map(|lesson| lesson.drills.clone().into_iter().map(move |drill| (Arc::clone(&lesson), drill))).collect()
    })
}

/// A draw of a drill, made anew.
fn made(lesson: &Arc<Lesson>, drill: &Drill, draw: u64) -> Card {
    let name = format!("{}/{}", lesson.id, drill.id);
    card(&name, lesson, drill, 1, draw, &Brake::default()).unwrap_or_else(|why| panic!("{name}: {why}"))
}

/// A draw of a drill. The first draws of each are made once for all tests.
fn drawn(lesson: &Arc<Lesson>, drill: &Drill, draw: u64) -> Card {
    static FIRST: OnceLock<Vec<[OnceLock<Card>; DRAWN as usize]>> = OnceLock::new();
    let first = FIRST.get_or_init(|| drills().iter().map(|_| Default::default()).collect());
    let place = drills().iter().position(|(its, other)| its.id == lesson.id && other.id == drill.id);
    match place.and_then(|place| first[place].get(draw as usize)) {
        Some(kept) => kept.get_or_init(|| made(lesson, drill, draw)).clone(),
        None => made(lesson, drill, draw),
    }
}

/// Options are distinct and explained, and one is right; of operations one or more.
fn is_sound(name: &str, question: &Question, operations: bool) {
    let (QuestionKind::Choice(options) | QuestionKind::Predict { options, .. }) = &question.kind else { panic!("{name} is no choice") };
    let texts: BTreeSet<&str> = options.iter().map(|option| option.text.as_str()).collect();
    assert_eq!(texts.len(), options.len(), "{name}: {texts:?}");
    assert!(options.iter().all(|option| !option.text.is_empty() && !option.why.is_empty()), "{name}: {options:#?}");
    let right = options.iter().filter(|option| option.right).count();
    assert!(right == 1 || operations && right >= 1, "{name}: {right} are right");
    assert!((2..=8).contains(&options.len()), "{name}: {} options", options.len());
}

fn parts_are_sound(card: &Card) {
    let mut next = Some(card.clone());
    while let Some(part) = next {
        is_sound(&format!("{} {}", part.form, part.question.text), &part.question, !part.operations.is_empty());
        next = part.go_on();
    }
}

#[test]
fn every_model_has_something_to_predict() {
    let drills = drills();
    let known = catalogue();
    let lessons: Vec<Arc<Lesson>> = known.lessons().filter_map(|id| known.open(id)?.ok()).collect();
    for model in MODELS.iter().filter(|model| lessons.iter().any(|lesson| lesson.scenario.model == model.name)) {
        let of_it = drills.iter().filter(|(lesson, drill)| {
            let asks = |asks: &Asks| matches!(asks, Asks::Predict { .. });
            lesson.scenario.model == model.name && drill.cases.iter().any(|case| asks(&case.asks))
        });
        assert!(of_it.count() >= 1, "{}", model.name);
    }
}

#[test]
fn each_question_has_one_right_option_and_no_two_alike() {
    for (lesson, drill) in drills() {
        for draw in 0..DRAWN {
            parts_are_sound(&drawn(lesson, drill, draw));
        }
    }
}

/// What is right is what comes of the very run that is then played, and a wrong option is so where it says.
#[test]
fn what_is_right_is_what_happens() {
    for (lesson, drill) in drills() {
        let card = drawn(lesson, drill, 7);
        let QuestionKind::Predict { options, .. } = &card.question.kind else { continue };
        let (brake, run) = (Brake::default(), card.question.run.clone().unwrap());
        let case = drill.cases.iter().find(|case| case.given == card.question.given).unwrap();
        let shown = case.outcome(lesson, run.scenario.seed, &brake).unwrap().unwrap();
        let right = options.iter().find(|option| option.right).unwrap();
        assert_eq!((&right.text, &right.why), (&shown.text, &shown.why), "{}", card.form);
        for wrong in options.iter().filter(|option| option.why.starts_with("So it would be if")) {
            let elsewhere = drill.cases.iter().filter_map(|other| other.outcome(lesson, run.scenario.seed, &brake).unwrap());
            assert!(elsewhere.map(|shown| shown.text).any(|text| text == wrong.text), "{}: {}", card.form, wrong.text);
        }
    }
}

#[test]
fn a_draw_makes_the_same_card_and_another_draw_another() {
    for (lesson, drill) in drills() {
        let forms: BTreeSet<String> = (0..DRAWN).map(|draw| drawn(lesson, drill, draw).form).collect();
        assert!(forms.len() as u64 >= DRAWN - 1, "{forms:?}");
        let (one, again) = (drawn(lesson, drill, 3), made(lesson, drill, 3));
        let texts = |card: &Card| card.options().iter().map(|option| option.text.clone()).collect::<Vec<_>>();
        assert_eq!((one.form.clone(), texts(&one)), (again.form.clone(), texts(&again)));
    }
}

#[test]
fn pointing_at_any_operation_of_the_witness_is_right() {
    let mut pointed = 0;
    for (lesson, drill) in drills() {
        for draw in 0..DRAWN {
            let card = drawn(lesson, drill, draw);
            let Some(second) = card.go_on().filter(|second| !second.operations.is_empty()) else { continue };
            assert_eq!(second.operations.len(), second.options().len());
            for (index, option) in second.options().iter().enumerate() {
                let judged = judge(&second, &Reply::One(index));
                assert_eq!(judged.right, option.right);
                assert!(!judged.right || judged.marks.iter().all(|mark| matches!(mark, Mark::Right | Mark::Left)));
            }
            pointed += 1;
        }
    }
    assert!(pointed >= 3, "{pointed}");
}

#[test]
fn a_clinic_tries_its_cures_on_the_run_of_the_report() {
    let mut clinics = 0;
    for (lesson, drill) in drills() {
        let card = drawn(lesson, drill, 1);
        let Some(cures) = card.go_on().and_then(|second| second.go_on()) else { continue };
        let remedies = cures.remedies.clone().unwrap();
        assert_eq!((card.stage, remedies.scripts().count()), (Stage::Whole, cures.options().len()));
        let case = drill.cases.iter().find(|case| case.given == card.question.given).unwrap();
        let Asks::Clinic(clinic) = &case.asks else { panic!("only a clinic has three parts") };
        let seed = card.question.run.as_ref().unwrap().scenario.seed;
        let helps = |script: &Script| {
            let run = case.play(lesson, seed, script, &Brake::default()).unwrap();
            clinic.cured.test.holds_in(run.cluster()).unwrap()
        };
        let first = remedies.scripts().position(helps);
        assert_eq!(first, cures.options().iter().position(|option| option.right), "{}", card.form);
        clinics += 1;
    }
    assert!(clinics >= 2, "{clinics}");
}

#[test]
fn the_moment_of_a_clinic_is_the_one_at_which_it_came_to_be() {
    let mut clinics = 0;
    for (lesson, drill) in drills() {
        let card = drawn(lesson, drill, 1);
        let Some(when) = card.go_on().filter(|second| second.go_on().is_some()) else { continue };
        let case = drill.cases.iter().find(|case| case.given == card.question.given).unwrap();
        let Asks::Clinic(clinic) = &case.asks else { panic!("only a clinic has three parts") };
        let seed = card.question.run.as_ref().unwrap().scenario.seed;
        let mut first = FirstTimes::of([&clinic.moment]);
        let mut timeline = story::fresh(lesson, &case.scenario(seed), &Brake::default()).unwrap();
        perform(&mut timeline, &case.run.script, &mut first).unwrap();
        let moment = first.first[0].unwrap();
        let right: Vec<&str> = when.options().iter().filter(|option| option.right).map(|option| option.text.as_str()).collect();
        assert!(right.len() == 1 && right[0].starts_with(&format!("{}: ", moment.at)), "{}: {right:?}, {}", card.form, moment.at);
        clinics += 1;
    }
    assert!(clinics >= 2, "{clinics}");
}

/// The report of a drill, with the lesson of it.
fn report(name: &str) -> (Arc<Lesson>, Arc<Remedies>) {
    let (lesson, drill) = drills().iter().find(|(lesson, drill)| format!("{}/{}", lesson.id, drill.id) == name).unwrap();
    let last = drawn(lesson, drill, 1).go_on().and_then(|second| second.go_on()).unwrap();
    (Arc::clone(lesson), last.remedies.unwrap())
}

/// What a cure that is typed does to a report.
fn attempt((lesson, remedies): &(Arc<Lesson>, Arc<Remedies>), pokes: &[&str]) -> Result<Effect, Untried> {
    let language = crate::cluster::registry::language(&lesson.scenario.model);
    let poke = |text: &&str| match language.parse(text) {
        Ok(Command::Poke(poke)) => poke,
        other => panic!("{text}: {other:?}"),
    };
    remedies.attempt(lesson, pokes.iter().map(poke).collect(), &Brake::default()).map(|tried| tried.effect)
}

#[test]
fn every_listed_cure_does_by_hand_what_the_list_says() {
    for (lesson, drill) in drills() {
        let Some(cures) = drawn(lesson, drill, 1).go_on().and_then(|second| second.go_on()) else { continue };
        let remedies = cures.remedies.clone().unwrap();
        let smallest = cures.options().iter().position(|option| option.right).unwrap();
        for (index, script) in remedies.scripts().enumerate() {
            let pokes = script.lines.iter().map(|line| if let Command::Poke(poke) = &line.command { poke.clone() } else { panic!() });
            let effect = remedies.attempt(lesson, pokes.collect(), &Brake::default()).unwrap().effect;
            match effect {
                Effect::Listed(at) => assert_eq!((at, index), (smallest, smallest), "{}", cures.form),
                Effect::Dear(at) => assert!(at == index && index > smallest, "{}", cures.form),
                Effect::Remains(now) => assert!(index != smallest && !now.is_empty(), "{}", cures.form),
                other => panic!("{} {index}: {other:?}", cures.form),
            }
        }
    }
}

#[test]
fn a_cure_of_ones_own_counts_if_it_helps_breaks_nothing_and_is_small() {
    let address = report("failover-limits/d-address");
    assert_eq!(attempt(&address, &["set failover manual"]), Ok(Effect::Helps));
    assert!(matches!(attempt(&address, &["set fencing off"]), Ok(Effect::Remains(now)) if now.contains("acked_lost")));
    let more = ["set replication majority", "set detection-timeout 400ms"];
    assert!(matches!(attempt(&address, &more), Ok(Effect::Spare(poke)) if poke.to_string() == more[1]));
    assert_eq!(attempt(&address, &[]), Err(Untried::Nothing));
    assert!(matches!(attempt(&address, &["crash n1"]), Err(Untried::NoCure(_))));
    assert!(matches!(attempt(&address, &["set fencing off"; POKES_MAX + 1]), Err(Untried::TooMuch(9))));
}

#[test]
fn a_cure_after_which_clients_get_fewer_answers_breaks_something() {
    // No write is ever told ok, and the run waits for one.
    let effect = attempt(&report("quorum-consensus/d-price"), &["set request-timeout 1ms"]);
    assert!(matches!(&effect, Ok(Effect::Halts(why)) if why.contains("acked")), "{effect:?}");
    // Nothing that was told ok is lost where nobody is told ok.
    let effect = attempt(&report("failover-limits/d-address"), &["set request-timeout 1ms"]);
    assert!(matches!(&effect, Ok(Effect::Breaks(what)) if what.contains("good answers")), "{effect:?}");
}

#[test]
fn a_drill_without_a_difference_says_so() {
    let (lesson, mut drill) = drills().iter().find(|(_, drill)| matches!(drill.cases[0].asks, Asks::Predict { .. })).cloned().unwrap();
    drill.cases.truncate(1);
    drill.believed.clear();
    let error = card("x/y", &lesson, &drill, 1, 1, &Brake::default()).unwrap_err();
    assert!(error.contains("gave nothing to ask"), "{error}");
}

/// A thousand questions of each model, drill after drill. Takes minutes where it is not optimised:
/// `cargo test --profile bench --lib a_thousand -- --ignored`.
#[test]
#[ignore = "takes minutes in a debug build"]
fn a_thousand_questions_of_each_model_are_sound() {
    let drills = drills();
    for model in MODELS {
        let of_it: Vec<_> = drills
            .iter()
            .filter(|(lesson, drill)| lesson.scenario.model == model.name && matches!(drill.cases[0].asks, Asks::Predict { .. }))
            .collect();
        let mut forms = BTreeSet::new();
        for draw in 0..1000 {
            let (lesson, drill) = of_it[draw as usize % of_it.len()];
            let card = drawn(lesson, drill, draw);
            parts_are_sound(&card);
            forms.insert(card.form);
        }
        println!("{}: {} questions, {} of them different", model.name, 1000, forms.len());
        assert!(forms.len() > 950, "{}: {} forms", model.name, forms.len());
    }
}
