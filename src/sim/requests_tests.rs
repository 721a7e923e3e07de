//! Requests from call to end: outcomes, patience, further attempts, clients that die.

use super::dist::Dist;
use super::faults::Crash;
use super::history::{Cause, Kind};
use super::id::{NodeId, RequestId};
use super::kernel::{Config, Sim};
use super::network::{Map, Policy};
use super::protocol::{Cx, Protocol, Reply, Wire};
use super::requests::Open;
use super::retry::Retry;
use super::time::{Span, Time};

/// A server that answers every request at once with its number, or says no while its disk is full; and a client that asks it.
#[derive(Clone)]
struct Echo;

#[derive(Clone, Copy, Debug, PartialEq)]
struct Ask {
    changes: bool,
}

crate::packs!(struct Ask { changes });

#[derive(Clone)]
enum Msg {
    Ask(RequestId),
    Told(RequestId, bool),
}

#[derive(Clone, Debug, PartialEq)]
struct Gave(RequestId, bool);

impl Wire for Msg {}

impl Protocol for Echo {
    type Settings = Retry;
    type Msg = Msg;
    type Timer = ();
    type Disk = u32;
    type Op = Ask;
    type Ret = u32;
    type Note = Gave;

    fn boot(_: NodeId, _: &mut Cx<'_, Self>) -> Self {
        Echo
    }

    fn on_message(&mut self, from: NodeId, msg: Msg, cx: &mut Cx<'_, Self>) {
        match msg {
            Msg::Ask(request) => {
                let done = cx.write(|count| *count += 1).is_ok();
                cx.send(from, Msg::Told(request, done));
            }
            Msg::Told(request, true) => cx.reply(request, Reply::Ok(request.0)),
            Msg::Told(request, false) => cx.reply(request, Reply::Refused("the disk is full".into())),
        }
    }

    fn on_timer(&mut self, (): (), _: &mut Cx<'_, Self>) {}

    fn on_request(&mut self, request: RequestId, _: Ask, server: Option<NodeId>, cx: &mut Cx<'_, Self>) {
        assert!(cx.open(request).is_some_and(|open| open.sends == 0 && open.named == server));
        let server = server.unwrap_or(cx.near()[0]);
        cx.ask(request, server, Msg::Ask(request));
        assert!(cx.open(request).is_some_and(|open| open.sends == 1 && open.asked == Some(server)));
    }

    fn patience(_: &Retry, _: &Ask) -> Option<Span> {
        Some(Span::ms(100))
    }

    fn changes(op: &Ask) -> bool {
        op.changes
    }

    fn retry(settings: &Retry, _: &Ask) -> Retry {
        *settings
    }

    fn on_give_up(&mut self, request: RequestId, attempt: &Open<Ask>, cx: &mut Cx<'_, Self>) {
        assert_eq!(attempt.asked, Some(NodeId::server(0)));
        cx.note(Gave(request, cx.open(request).is_some()));
    }
}

const N1: NodeId = NodeId::server(0);
const C1: NodeId = NodeId::client(0);
const WRITE: Ask = Ask { changes: true };
const READ: Ask = Ask { changes: false };

fn sim(retry: &str) -> Sim<Echo> {
    Sim::new(Config {
        seed: 5,
        servers: 1,
        clients: 1,
        map: Map::single(Dist::Const(Span::ms(10))),
        policy: Policy::default(),
        disk: Dist::Const(Span::ZERO),
        handling: Span::ZERO,
        keep_trace: true,
        settings: retry.parse().unwrap(),
    })
}

fn run(sim: &mut Sim<Echo>, until: Time) {
    while sim.next_at().is_some_and(|at| at <= until) {
        sim.step();
    }
    sim.wait_until(until);
}

fn ms(n: u64) -> Time {
    Time::ZERO + Span::ms(n)
}

/// How every request ended, in the order of the ends, and when.
fn ends(sim: &Sim<Echo>) -> Vec<(u64, Kind<Ask, u32>)> {
    let ended = sim.history().all().into_iter().filter(|record| !matches!(record.kind, Kind::Invoke(_)));
    ended.map(|record| (record.time.0 / 1_000_000, record.kind.clone())).collect()
}

#[test]
fn every_request_ends_once_in_one_of_four_ways() {
    let mut sim = sim("never");
    sim.request(C1, WRITE, None);
    run(&mut sim, ms(50));
    sim.set_disk_full(N1, true);
    sim.request(C1, WRITE, Some(N1));
    run(&mut sim, ms(100));
    sim.crash(N1, Crash::KeepDisk);
    sim.request(C1, READ, None);
    sim.request(C1, WRITE, None);
    run(&mut sim, ms(150));
    assert_eq!((sim.open_requests(C1), sim.open(RequestId(3)).map(|open| open.called)), (2, Some(ms(100))));
    run(&mut sim, ms(1000));
    let no = Cause::NoAnswer;
    let expected =
        [(20, Kind::Ok(0)), (70, Kind::Refused("the disk is full".into())), (200, Kind::Failed(no.clone())), (200, Kind::Unknown(no))];
    assert_eq!(ends(&sim), expected);
    assert_eq!((sim.open_requests(C1), sim.retries(), sim.next_at()), (0, 0, None));
}

#[test]
fn an_answer_that_comes_too_late_changes_nothing() {
    let mut sim = sim("never");
    sim.network_mut().change(N1, C1, |policy| policy.latency = Some(std::sync::Arc::new(Dist::Const(Span::ms(500)))));
    sim.request(C1, WRITE, None);
    run(&mut sim, ms(1000));
    assert_eq!(ends(&sim), [(100, Kind::Unknown(Cause::NoAnswer))]);
}

#[test]
fn attempts_are_one_request_and_wait_as_the_policy_says() {
    let mut sim = sim("3 attempts after 40ms x2");
    sim.crash(N1, Crash::KeepDisk);
    sim.request(C1, READ, None);
    run(&mut sim, ms(1000));
    // Three times 100 ms of patience, 40 and 80 ms of rest.
    assert_eq!(ends(&sim), [(420, Kind::Failed(Cause::NoAnswer))]);
    assert_eq!((sim.history().len(), sim.retries()), (2, 2));
    let notes: Vec<bool> = sim
        .trace()
        .all()
        .into_iter()
        .filter_map(|entry| match &entry.what {
            crate::sim::trace::Trace::Note(_, Gave(_, goes_on)) => Some(*goes_on),
            _ => None,
        })
        .collect();
    assert_eq!(notes, [true, true, false]);
}

#[test]
fn a_later_attempt_can_succeed() {
    let mut sim = sim("3 attempts after 40ms");
    sim.crash(N1, Crash::KeepDisk);
    sim.request(C1, WRITE, None);
    run(&mut sim, ms(120));
    sim.restart(N1);
    run(&mut sim, ms(1000));
    assert_eq!((ends(&sim), sim.retries()), (vec![(160, Kind::Ok(0))], 1));
}

#[test]
fn what_an_earlier_attempt_may_have_done_is_not_denied() {
    let mut sim = sim("2 attempts also-refused");
    sim.network_mut().change(N1, C1, |policy| policy.loss = 1.0);
    sim.request(C1, WRITE, None);
    run(&mut sim, ms(90));
    assert_eq!(*sim.node(N1).store().current(), 1, "it took effect");
    sim.network_mut().change(N1, C1, |policy| policy.loss = 0.0);
    sim.set_disk_full(N1, true);
    run(&mut sim, ms(1000));
    assert_eq!(ends(&sim), [(120, Kind::Unknown("the disk is full".into()))]);
}

#[test]
fn refusals_are_tried_again_only_where_the_policy_says_so() {
    for (retry, ended, retries) in [("3 attempts after 10ms", 20, 0), ("3 attempts after 10ms also-refused", 80, 2)] {
        let mut sim = sim(retry);
        sim.set_disk_full(N1, true);
        sim.request(C1, WRITE, None);
        run(&mut sim, ms(1000));
        assert_eq!((ends(&sim), sim.retries()), (vec![(ended, Kind::Refused("the disk is full".into()))], retries));
    }
}

#[test]
fn a_budget_bounds_further_attempts() {
    let mut sim = sim("10 attempts budget 0.1");
    sim.crash(N1, Crash::KeepDisk);
    for i in 0..200 {
        sim.request(C1, READ, None);
        run(&mut sim, ms(5 * i));
    }
    run(&mut sim, ms(10_000));
    assert_eq!(ends(&sim).len(), 200);
    assert!((10..=30).contains(&sim.retries()), "{}", sim.retries());
}

#[test]
fn a_client_that_dies_ends_its_requests() {
    let mut sim = sim("3 attempts after 40ms");
    sim.request(C1, READ, None);
    sim.request(C1, WRITE, None);
    run(&mut sim, ms(5));
    sim.crash(C1, Crash::KeepDisk);
    let died = Cause::ClientDied;
    assert_eq!(ends(&sim), [(5, Kind::Failed(died.clone())), (5, Kind::Unknown(died))]);
    run(&mut sim, ms(1000));
    assert_eq!((ends(&sim).len(), sim.open_requests(C1)), (2, 0));
}

#[test]
fn a_paused_client_gives_up_when_it_goes_on() {
    let mut sim = sim("never");
    sim.crash(N1, Crash::KeepDisk);
    sim.request(C1, READ, None);
    sim.pause(C1);
    run(&mut sim, ms(500));
    assert_eq!(ends(&sim), []);
    sim.resume(C1);
    run(&mut sim, ms(600));
    assert_eq!(ends(&sim), [(500, Kind::Failed(Cause::NoAnswer))]);
}
