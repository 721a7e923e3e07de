//! What every model must keep, whatever it is: the laws that timeline, lessons, hunts and screens rest on.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::facts::Facts;
use super::kit::settings::shared::SENTENCES;
use super::model::Model;
use super::registry::MODELS;
use super::scene::Scene;
use super::{Cluster, Scenario, Stop};
use crate::check::verdict::{Holds, Verdict};
use crate::cluster::condition::{Condition, Terms};
use crate::command::arbitrary::{is_flood, poke};
use crate::command::{Command, Poke};
use crate::sim::time::{Span, Time};

fn start(model: &Model, seed: u64) -> Box<dyn Cluster> {
    let scenario = Scenario { seed, ..Scenario::of(model.name) };
    (model.start)(&scenario).unwrap_or_else(|wrong| panic!("{}: {wrong:?}", model.name))
}

fn facts(cluster: &dyn Cluster) -> Facts {
    let mut facts = Facts::default();
    cluster.facts(&mut facts);
    facts
}

fn scene(cluster: &dyn Cluster, at: Time) -> Scene {
    let mut scene = Scene::default();
    cluster.scene(at, &mut scene);
    scene
}

/// Everything that is seen from outside.
fn seen(cluster: &dyn Cluster) -> String {
    let facts = facts(cluster);
    let scene = scene(cluster, cluster.now());
    format!("{} {:016x} {facts:?} {:?} {scene:?}", cluster.events(), cluster.fingerprint(), cluster.exchanges())
}

/// Every call of the model by its first client, every verb of its operator, as their examples have them.
fn examples(model: &Model) -> Vec<Poke> {
    let verbs = model.language.all().filter(|verb| !matches!(verb.name, "step" | "run" | "until" | "seed"));
    let read = |text: &str| match model.language.parse(text) {
        Ok(Command::Poke(poke)) => poke,
        other => panic!("{}: `{text}`: {other:?}", model.name),
    };
    verbs
        .map(|verb| read(verb.example))
        .chain(model.pokes.iter().filter_map(|(example, _)| match model.language.parse(example) {
            Ok(Command::Poke(poke)) => Some(poke),
            Ok(Command::Drive(_)) => None,
            Err(wrong) => panic!("{}: `{example}`: {wrong}", model.name),
        }))
        .collect()
}

#[test]
fn names_are_documented_and_used_once() {
    for model in MODELS {
        let mut names = BTreeSet::new();
        let facts = model.facts.iter().map(|doc| (doc.name, doc.about));
        let guarantees = model.guarantees.iter().map(|guarantee| (guarantee.id(), guarantee.about()));
        for (name, about) in facts.chain(guarantees) {
            assert!(names.insert(name), "{}: {name} is a fact or a guarantee twice", model.name);
            assert!(about.ends_with('.') && about.len() > 10, "{}: {name}: `{about}`", model.name);
        }
        let settings: BTreeSet<&str> = model.settings.iter().map(|doc| doc.name).collect();
        assert_eq!(settings.len(), model.settings.len(), "{}: a setting twice", model.name);
        let verbs: Vec<&str> = model.language.all().map(|verb| verb.name).collect();
        assert_eq!(verbs.iter().collect::<BTreeSet<_>>().len(), verbs.len(), "{}: a verb twice: {verbs:?}", model.name);
        assert!(Condition::read(model.healthy, &Terms::of(model)).is_ok(), "{}: {}", model.name, model.healthy);
    }
}

#[test]
fn keys_of_a_model_are_letters_of_its_own() {
    let ours = |letter: char| "wrsadefilotvy".contains(letter);
    for model in MODELS {
        let calls = model.language.calls.iter().map(|call| call.key);
        let keys: Vec<char> = calls.chain(model.language.verbs.iter().map(|own| own.key)).flatten().collect();
        assert!(keys.iter().copied().all(ours), "{}: {keys:?}", model.name);
        assert_eq!(keys.iter().collect::<BTreeSet<_>>().len(), keys.len(), "{}: {keys:?}", model.name);
    }
}

#[test]
fn facts_and_verdicts_stand_in_the_order_of_their_documentation() {
    for model in MODELS {
        let mut cluster = start(model, 3);
        for _ in 0..2 {
            let names: Vec<&str> = facts(cluster.as_ref()).iter().map(|(name, _)| name).collect();
            assert_eq!(names, model.facts.iter().map(|doc| doc.name).collect::<Vec<_>>(), "{}", model.name);
            let judged: Vec<&str> = cluster.verdicts().iter().map(|verdict| verdict.guarantee.id()).collect();
            assert_eq!(judged, model.guarantees.iter().map(|guarantee| guarantee.id()).collect::<Vec<_>>(), "{}", model.name);
            assert_eq!(untold(cluster.as_ref()), Vec::<&str>::new(), "{}: no reason is told", model.name);
            cluster.run_until(Time::ZERO + Span::s(1), 100_000);
        }
    }
}

/// The guarantees that are not kept, and whose verdict does not say why.
fn untold(cluster: &dyn Cluster) -> Vec<&'static str> {
    let silent = |verdict: &&Verdict| verdict.holds != Holds::Yes && verdict.why.is_empty();
    cluster.verdicts().iter().filter(silent).map(|verdict| verdict.guarantee.id()).collect()
}

#[test]
fn settings_read_back_and_refuse_nonsense() {
    for model in MODELS {
        let mut cluster = start(model, 1);
        let values = cluster.settings();
        assert_eq!(values.iter().map(|(name, _)| *name).collect::<Vec<_>>(), model.settings.iter().map(|doc| doc.name).collect::<Vec<_>>());
        for ((name, value), doc) in values.iter().zip(model.settings) {
            assert_eq!(value, doc.default, "{}: {name}", model.name);
            let set = |text: &str| Poke::Set((*name).to_string(), text.to_string());
            assert!(cluster.apply(&set(value)).is_ok(), "{}: set {name} {value}", model.name);
            for wrong in ["", "nonsense", "-1", "99999999999999999999s", "\u{1b}[2J"] {
                let refused = cluster.apply(&set(wrong)).expect_err(wrong);
                assert!(refused.0.len() > 10, "{}: set {name} {wrong}: {refused}", model.name);
            }
        }
    }
}

/// What several models declare with the same name and the same words is one of the settings that they share.
#[test]
fn a_setting_of_several_models_is_declared_once() {
    let all = || MODELS.iter().flat_map(|model| model.settings);
    for doc in all().filter(|doc| all().filter(|other| (other.name, other.about) == (doc.name, doc.about)).count() > 2) {
        assert!(SENTENCES.contains(&doc.about), "`{}` of several models says `{}`", doc.name, doc.about);
    }
    for about in SENTENCES {
        assert!(all().filter(|doc| doc.about == *about).count() > 1, "no two models say `{about}`");
    }
}

#[test]
fn examples_can_be_typed_and_are_done_or_refused_with_a_reason() {
    for model in MODELS {
        let mut cluster = start(model, 5);
        cluster.run_until(Time::ZERO + Span::ms(300), 100_000);
        for poke in examples(model) {
            assert_eq!(model.language.parse(&poke.to_string()), Ok(Command::Poke(poke.clone())), "{}", model.name);
            if let Err(refused) = cluster.fork().apply(&poke) {
                assert!(refused.0.len() > 5, "{}: {poke}: {refused}", model.name);
            }
        }
    }
}

/// Also one that lets several servers come at once. In a release build a message to nobody would be lost without a word; here it is not.
#[test]
fn every_stop_of_every_knob_can_be_set_on_the_way() {
    let some = 20_000;
    for model in MODELS {
        let mut cluster = start(model, 1);
        cluster.run_until(Time::ZERO + Span::ms(500), some);
        for knob in scene(&*cluster, cluster.now()).knobs.iter().filter(|knob| knob.refused.is_none()) {
            for stop in knob.stops.all() {
                let text = knob.poke.replace("{}", stop);
                let Ok(Command::Poke(poke)) = model.language.parse(&text) else { panic!("{}: `{text}`", model.name) };
                let mut turned = cluster.fork();
                assert_eq!(turned.apply(&poke), Ok(()), "{}: {text}", model.name);
                let end = turned.now() + Span::s(3);
                let stopped = turned.run_until(end, some);
                assert!(matches!(stopped, Stop::Reached | Stop::Budget), "{}: {text}: {stopped:?}", model.name);
            }
        }
    }
}

#[test]
fn a_model_without_clients_runs() {
    for model in MODELS {
        let scenario = Scenario { clients: Some(0), ..Scenario::of(model.name) };
        let mut cluster = (model.start)(&scenario).unwrap_or_else(|wrong| panic!("{}: {wrong:?}", model.name));
        cluster.run_until(Time::ZERO + Span::s(1), 100_000);
        let _ = (seen(cluster.as_ref()), cluster.verdicts());
    }
}

fn any_pokes() -> impl Strategy<Value = Vec<(Poke, u64)>> {
    let example = (0..MODELS.len(), any::<prop::sample::Index>());
    let own = example.prop_map(|(model, at)| {
        let all = examples(MODELS[model]);
        all[at.index(all.len())].clone()
    });
    proptest::collection::vec((prop_oneof![poke(), own], 0u64..80), 1..14)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn any_pokes_are_done_or_refused_and_runs_repeat(pokes in any_pokes(), seed in 0u64..1000) {
        for model in MODELS {
            let (mut one, mut two) = (start(model, seed), start(model, seed));
            for (poke, ms) in pokes.iter().filter(|(poke, _)| !is_flood(poke, 500.0)) {
                let before = seen(one.as_ref());
                let done = one.apply(poke);
                if done.is_err() {
                    prop_assert_eq!(&before, &seen(one.as_ref()), "{}: `{}` was refused and changed something", model.name, poke);
                }
                prop_assert_eq!(&done, &two.apply(poke));
                let end = one.now() + Span::ms(*ms);
                let mut fork = one.fork();
                one.run_until(end, 20_000);
                two.run_until(end, 20_000);
                fork.run_until(end, 20_000);
                let shown = seen(one.as_ref());
                prop_assert_eq!(&shown, &seen(two.as_ref()), "{}: the same run twice", model.name);
                prop_assert_eq!(&shown, &seen(fork.as_ref()), "{}: a fork and its origin", model.name);
                prop_assert_eq!(&shown, &seen(one.as_ref()), "{}: looking changes something", model.name);
            }
            prop_assert_eq!(untold(one.as_ref()), Vec::<&str>::new(), "{}: no reason is told", model.name);
        }
    }
}
