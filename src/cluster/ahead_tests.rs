//! Whoever is the network of any model can choose anything, and the same choices give the same run.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::sample::Index;

use super::ahead::{Ahead, CHOICES_MAX, COMING_MAX, Comes, Coming, Next};
use super::registry::MODELS;
use super::scene::Scene;
use super::tell::Names;
use super::{Cluster, Scenario, Stop, What};
use crate::command::{Command, Drive, Poke};
use crate::sim::id::MsgId;
use crate::sim::time::{Span, Time};
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
        Command::Drive(Drive::Step(steps)) => (0..*steps).for_each(|_| _ = run.try_step().unwrap()),
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
            What::Arrived { id, .. } => Some(id).filter(|id| sent.contains(id)),
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

/// What stands in the list for a choice, where there is room for all of it.
fn line(next: &Next) -> String {
    format!("{} | {} | {} | {}", next.heading, next.command, next.about, next.note)
}

fn on_wires(cluster: &dyn Cluster) -> BTreeSet<MsgId> {
    cluster.ahead().wires.iter().flat_map(|wire| &wire.messages).map(|message| message.id).collect()
}

/// What comes by itself first, and how much of the same comes at the same moment.
fn first(cluster: &dyn Cluster) -> Option<(Coming, usize)> {
    let coming = cluster.ahead().coming;
    let first = coming.first()?.clone();
    let same = coming.iter().filter(|other| (other.at, &other.what) == (first.at, &first.what)).count();
    Some((first, same))
}

/// How often something is to come at a moment.
fn left(cluster: &dyn Cluster, (at, what): (Time, &Comes)) -> usize {
    cluster.ahead().coming.iter().filter(|other| (other.at, &other.what) == (at, what)).count()
}

/// Carries out a choice on a snapshot and looks whether that happened which it names, and nothing else.
fn happens(start: &dyn Cluster, next: &Next) {
    let mut cluster = start.fork();
    match &next.command {
        Command::Poke(poke @ Poke::Deliver(id)) => {
            let before = on_wires(start);
            cluster.apply(poke).unwrap();
            assert_eq!((cluster.events(), cluster.now()), (start.events() + 1, start.now()), "one event, and no time passes");
            let (after, newest) = (on_wires(&*cluster), before.last().copied());
            assert!(!after.contains(id), "{id} is on its way no more");
            let mut happened = Vec::new();
            cluster.happenings(start.now(), &mut happened);
            let ended = |what: &What| matches!(what, What::Arrived { id: other, .. } | What::Lost { id: other, .. } if other == id);
            assert!(happened.iter().any(|happened| happened.event == cluster.events() && ended(&happened.what)), "{id} arrived or died");
            let others = |ids: &BTreeSet<MsgId>| ids.iter().filter(|other| *other != id && Some(**other) <= newest).count();
            assert!(others(&after) >= others(&before), "every other message waits as before");
        }
        Command::Drive(Drive::Step(steps)) => {
            let (what, same) = first(start).unwrap();
            assert_eq!(what.steps, *steps);
            // What is carried out before it comes to nothing: the same is still the first to come.
            for _ in 1..*steps {
                cluster.step().unwrap();
                assert_eq!(first(&*cluster).map(|(first, _)| first.what), Some(what.what.clone()));
            }
            cluster.step().unwrap();
            assert_eq!((cluster.events(), cluster.now()), (start.events() + steps, what.at));
            assert_eq!(left(&*cluster, (what.at, &what.what)), same - 1, "{:?}", what.what);
        }
        Command::Drive(Drive::Run(span)) => passes(start, next, start.now() + *span),
        other => panic!("no choice is {other:?}"),
    }
}

/// Time that runs to a moment brings all that is due then and was not taken back by what came before.
fn passes(start: &dyn Cluster, next: &Next, until: Time) {
    let due: Vec<Comes> = start.ahead().coming.iter().filter(|coming| coming.at == until).map(|coming| coming.what.clone()).collect();
    assert!(!due.is_empty(), "{}", line(next));
    let mut stepped = start.fork();
    let mut done = Vec::new();
    while stepped.next_at().is_some_and(|at| at <= until) {
        let (before, first) = (stepped.fork(), first(&*stepped));
        stepped.step().unwrap();
        let Some((first, _)) = first.filter(|(first, _)| first.steps == 1) else { continue };
        if first.at == until {
            done.push(first.what);
        } else {
            let gone = due.iter().filter(|what| left(&*before, (until, what)) > left(&*stepped, (until, what)));
            done.extend(gone.cloned());
        }
    }
    for what in &due {
        assert!(done.contains(what), "{what:?} neither came at {until} nor was taken back: {}", line(next));
    }
    let mut ran = start.fork();
    assert_eq!(ran.run_until(until, u64::MAX), Stop::Reached);
    assert_eq!((ran.now(), ran.events(), ran.fingerprint()), (until, stepped.events(), stepped.fingerprint()));
}

/// Looks at everything that can be chosen at a moment.
fn each_is_told_apart(run: &Timeline) {
    let all = choices(run);
    let model = &run.scenario().model;
    let texts: BTreeSet<String> = all.iter().map(line).collect();
    assert_eq!(texts.len(), all.len(), "{model}: no two read alike: {:#?}", all.iter().map(line).collect::<Vec<_>>());
    let commands: BTreeSet<String> = all.iter().map(|next| next.command.to_string()).collect();
    assert_eq!(commands.len(), all.len(), "{model}: no two do the same: {:#?}", all.iter().map(line).collect::<Vec<_>>());
    for next in &all {
        let parsed = super::registry::language(model).parse(&next.command.to_string());
        assert_eq!(parsed.as_ref(), Ok(&next.command), "{model}: it is a command of the language");
    }
    // Of a long list every few.
    let open: Vec<&Next> = all.iter().filter(|next| next.refused.is_none()).collect();
    open.iter().step_by(1 + open.len() / 8).for_each(|next| happens(run.cluster(), next));
}

/// What is done to the cluster by a choice stands in the run, in its replay and in the tree.
fn is_kept(run: &Timeline, next: &Next) {
    let Command::Poke(poke) = &next.command else { return };
    assert_eq!(run.pokes().last().map(|last| &last.poke), Some(poke));
    let replay = Replay::parse(&run.replay().to_string()).unwrap();
    assert_eq!(replay.pokes.last().map(|last| &last.poke), Some(poke));
    let here = run.branches().into_iter().find(|branch| branch.id == run.branch_here()).unwrap();
    assert_eq!(here.poke.as_ref().map(|done| &done.poke), Some(poke));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2))]

    #[test]
    fn at_every_moment_of_every_model_all_choices_are_told_apart_and_each_does_what_it_says(
        seed in 1u64..1000,
        chosen in proptest::collection::vec(any::<Index>(), 8),
    ) {
        for model in MODELS {
            let mut run = started(model.name, seed);
            run.poke(&Poke::HoldAll).unwrap();
            for index in &chosen {
                each_is_told_apart(&run);
                let open: Vec<Next> = choices(&run).into_iter().filter(|next| next.refused.is_none()).collect();
                if open.is_empty() {
                    break;
                }
                let next = index.get(&open);
                carry_out(&mut run, &next.command);
                is_kept(&run, next);
            }
        }
    }
}

#[test]
fn two_things_of_one_moment_are_one_choice_that_names_both() {
    let mut run = Timeline::new(Scenario::of("redis")).unwrap();
    run.poke(&Poke::HoldAll).unwrap();
    let all = choices(&run);
    let both = all.iter().find(|next| next.about == "n1's ack timer, then n2's ack timer").unwrap_or_else(|| panic!("{all:#?}"));
    assert_eq!(both.command.to_string(), "run 1s");
    assert_eq!(all.iter().filter(|next| next.command == both.command).count(), 1);
}

#[test]
fn a_message_keeps_the_time_at_which_it_was_sent_however_long_it_waited() {
    let mut run = started("replicated", 1);
    run.poke(&Poke::HoldAll).unwrap();
    run.advance(Span::ms(400));
    let wire = run.cluster().ahead().wires.into_iter().find(|wire| !wire.messages.is_empty()).unwrap();
    let (id, sent) = (wire.messages[0].id, wire.messages[0].sent);
    run.poke(&Poke::ReleaseInOrder).unwrap();
    let mut scene = Scene::default();
    run.cluster().scene(run.at(), &mut scene);
    let flight = scene.flights.iter().find(|flight| flight.id == id).unwrap();
    assert_eq!(flight.sent, sent);
    assert!((0.0..1.0).contains(&flight.progress), "it goes on from where it stood: {}", flight.progress);
    let released = run.at();
    run.advance(Span::s(1));
    let told = run.happenings(released).find_map(|happened| match happened.what {
        What::Arrived { id: other, sent, .. } | What::Lost { id: other, sent, .. } if other == id => Some(sent),
        _ => None,
    });
    assert_eq!(told, Some(sent));
}
