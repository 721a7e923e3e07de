//! Whoever is the network of any model can choose anything, and the same choices give the same run.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::sample::Index;

use super::ahead::{Ahead, CHOICES_MAX, COMING_MAX, Next};
use super::registry::MODELS;
use super::scene::Scene;
use super::tell::Names;
use super::{Cluster, Scenario};
use crate::command::{Command, Drive, Poke};
use crate::sim::time::Span;
use crate::timeline::{Replay, Timeline};

fn poke(run: &Timeline, text: &str) -> Poke {
    match super::registry::language(&run.scenario().model).parse(text) {
        Ok(Command::Poke(poke)) => poke,
        other => panic!("{text}: {other:?}"),
    }
}

fn started(model: &str, seed: u64) -> Timeline {
    let mut run = Timeline::new(Scenario { seed, ..Scenario::of(model) }).unwrap();
    run.advance(Span::ms(50));
    run
}

fn names(cluster: &dyn Cluster) -> Names {
    let mut scene = Scene::default();
    cluster.scene(cluster.now(), &mut scene);
    Names::on(&scene)
}

fn choices(run: &Timeline) -> Vec<Next> {
    run.cluster().ahead().choices(run.at(), &names(run.cluster()))
}

fn carry_out(run: &mut Timeline, command: &Command) {
    match command {
        Command::Poke(poke) => _ = run.poke(poke).unwrap_or_else(|why| panic!("{poke}: {why}")),
        Command::Drive(Drive::Step(1)) => _ = run.try_step().unwrap(),
        Command::Drive(Drive::Run(span)) => _ = run.advance(*span),
        Command::Drive(drive) => panic!("no choice is {drive}"),
    }
}

/// Every second choice is one of the list; the others are what can be done beside it.
fn choose(run: &mut Timeline, index: Index, beside: bool) {
    let all: Vec<Next> = choices(run).into_iter().filter(|next| next.refused.is_none()).collect();
    let texts: BTreeSet<String> = all.iter().map(|next| format!("{} {} {}", next.command, next.about, next.note)).collect();
    assert_eq!(texts.len(), all.len(), "no two read alike: {all:#?}");
    if all.is_empty() {
        return;
    }
    let next = index.get(&all);
    let parsed = super::registry::language(&run.scenario().model).parse(&next.command.to_string());
    assert_eq!(parsed.as_ref(), Ok(&next.command), "it is a command of the language");
    match next.thing.pokes().first().filter(|_| beside) {
        Some(poke) => carry_out(run, &Command::Poke(poke.clone())),
        None => carry_out(run, &next.command),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4))]

    #[test]
    fn fifty_choices_in_every_model_are_replayed_to_the_same_end(
        seed in 1u64..1000,
        chosen in proptest::collection::vec((any::<Index>(), prop::bool::weighted(0.3)), 50),
    ) {
        for model in MODELS {
            let mut run = started(model.name, seed);
            run.poke(&Poke::HoldAll).unwrap();
            for (index, beside) in &chosen {
                choose(&mut run, *index, *beside);
            }
            let end = (run.events(), run.at(), run.cluster().fingerprint());
            let replay = Replay::parse(&run.replay().to_string()).unwrap();
            let mut again = Timeline::from_replay(&replay).unwrap();
            again.seek_event(end.0);
            prop_assert_eq!((again.events(), again.cluster().fingerprint()), (end.0, end.2), "{}", model.name);
            run.poke(&Poke::ReleaseInOrder).unwrap();
            prop_assert_eq!(run.cluster().ahead(), Ahead::default());
            run.advance(Span::ms(100));
        }
    }
}

#[test]
fn a_wire_that_keeps_its_order_offers_the_first_and_keeps_it_when_messages_flow_again() {
    let mut run = started("replicated", 1);
    run.poke(&poke(&run, "latency all exp(20ms)")).unwrap();
    run.poke(&Poke::HoldAll).unwrap();
    run.advance(Span::ms(400));
    let ahead = run.cluster().ahead();
    let long = ahead.wires.iter().find(|wire| wire.messages.len() >= 3).unwrap();
    assert!(long.ordered);
    let sent: Vec<_> = long.messages.iter().map(|message| message.id).collect();
    let open = |run: &Timeline| {
        let open = choices(run).into_iter().filter(|next| next.refused.is_none()).map(|next| next.command);
        open.filter(|command| sent.iter().any(|id| *command == Command::Poke(Poke::Deliver(*id)))).count()
    };
    assert_eq!(open(&run), 1, "only the first");
    run.poke(&poke(&run, &format!("reordering {} -> {} 0.5", long.from, long.to))).unwrap();
    assert_eq!(open(&run), sent.len(), "where they may overtake, any");
    run.poke(&poke(&run, &format!("reordering {} -> {} 0", long.from, long.to))).unwrap();
    run.poke(&Poke::ReleaseInOrder).unwrap();
    let released = run.at();
    run.advance(Span::s(1));
    let arrived: Vec<_> = run
        .happenings(released)
        .filter_map(|happened| match happened.what {
            super::What::Arrived { id, .. } => Some(id).filter(|id| sent.contains(id)),
            _ => None,
        })
        .collect();
    assert_eq!(arrived, sent);
}

#[test]
fn a_message_that_is_delayed_goes_on_by_itself_and_holds_up_those_behind_it() {
    let mut run = started("replicated", 1);
    run.poke(&Poke::HoldAll).unwrap();
    run.advance(Span::ms(400));
    let first = run.cluster().ahead().wires.iter().find(|wire| wire.messages.len() >= 2).unwrap().clone();
    let id = first.messages[0].id;
    run.poke(&poke(&run, &format!("delay {id} 200ms"))).unwrap();
    let due = run.at() + Span::ms(200);
    let after = run.cluster().ahead();
    let wire = after.wires.iter().find(|wire| (wire.from, wire.to) == (first.from, first.to)).unwrap();
    assert_eq!(wire.messages[0].due, Some(due));
    assert_eq!(after.messages, run.cluster().ahead().waiting + 1);
    let behind = choices(&run).into_iter().find(|next| next.command == Command::Poke(Poke::Deliver(first.messages[1].id))).unwrap();
    assert!(behind.refused.unwrap().contains("waits behind"));
    run.advance(Span::ms(199));
    let here = |run: &Timeline| run.cluster().ahead().wires.iter().flat_map(|wire| wire.messages.clone()).any(|message| message.id == id);
    assert!(here(&run));
    run.advance(Span::ms(1));
    assert!(!here(&run), "it has arrived");
}

#[test]
fn thousands_of_messages_that_wait_stay_a_short_list() {
    let mut run = started("replicated", 1);
    run.poke(&poke(&run, "reordering all 0.5")).unwrap();
    run.poke(&Poke::HoldAll).unwrap();
    run.poke(&poke(&run, "workload c1 1000/s read:write 1:1 keys uniform(20)")).unwrap();
    run.advance(Span::s(8));
    let ahead = run.cluster().ahead();
    assert!(ahead.messages > 2000, "{}", ahead.messages);
    assert!(ahead.coming.len() <= COMING_MAX);
    let all = choices(&run);
    assert!(all.len() <= CHOICES_MAX + COMING_MAX && all.len() < 300, "{}", all.len());
    assert!(ahead.left_out().unwrap().contains("more messages"), "{:?}", ahead.left_out());
    // What waits counts as memory, of which a run can have no more than [`super::budget::RUN_BYTES_MAX`].
    let held = run.cluster().bytes();
    run.advance(Span::s(8));
    let more = run.cluster().ahead().messages - ahead.messages;
    assert!(run.cluster().bytes() - held > 50 * more as u64, "{more} messages more take {} bytes", run.cluster().bytes() - held);
}
