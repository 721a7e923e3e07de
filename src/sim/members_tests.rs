//! Nodes that join and leave, settings of one node.

use super::id::NodeId;
use super::station::Discipline;
use super::testing::{C1, Job, N1, jobs, ms, run, shop};
use super::time::Span;

#[test]
fn a_number_is_never_given_twice() {
    let mut sim = shop(1, "const(1ms)", 1);
    let n3 = sim.add_server(0).unwrap();
    sim.remove(n3);
    let n4 = sim.add_server(0).unwrap();
    assert_eq!((n3, n4), (NodeId::server(2), NodeId::server(3)));
    assert_eq!(sim.server_ids().collect::<Vec<_>>(), [0, 1, 3].map(NodeId::server));
    assert!(sim.has(n4) && !sim.has(n3) && sim.is_gone(n3) && sim.has(C1));
    sim.restart(n3);
    assert!(!sim.node(n3).is_up() && sim.node(n4).is_up());
    sim.command(N1, |_, cx| {
        assert_eq!((cx.servers().count(), cx.server_count(), cx.near().len()), (3, 3, 3));
    });
}

#[test]
fn the_others_are_what_they_were() {
    let mut sim = shop(1, "const(1ms)", 1);
    sim.set_load(C1, Some(jobs("steady 100/s")));
    run(&mut sim, ms(505));
    let before = sim.node(C1).state().is_some();
    sim.add_server(0);
    let c2 = sim.add_client(0).unwrap();
    assert_eq!((before, c2), (true, NodeId::client(1)));
    sim.request(c2, Job(0), None);
    run(&mut sim, ms(1_000));
    assert_eq!((sim.queueing(N1).arrived, sim.open_requests(c2)), (101, 0));
}

#[test]
fn who_leaves_takes_its_work_along() {
    let mut sim = shop(1, "const(10ms)", 1);
    (0..3).for_each(|_| _ = sim.request(C1, Job(0), None));
    run(&mut sim, ms(1));
    sim.remove(N1);
    sim.request(C1, Job(0), None);
    run(&mut sim, ms(100));
    assert_eq!((sim.open_requests(C1), sim.queueing(N1).lost, sim.next_at()), (4, 3, None));
    sim.remove(C1);
    assert_eq!((sim.open_requests(C1), sim.history().len()), (0, 8));
}

#[test]
fn a_node_can_have_settings_of_its_own() {
    let mut sim = shop(1, "const(10ms)", 1);
    let mut own = sim.settings().clone();
    own.station.workers = 4;
    sim.change_settings_of(N1, Some(own));
    let mut all = sim.settings().clone();
    all.station.discipline = Discipline::LastCome;
    sim.change_settings(all);
    assert_eq!((sim.line(N1).station().workers, sim.line(NodeId::server(1)).station().workers), (4, 1));
    (0..4).for_each(|_| _ = sim.request(C1, Job(0), None));
    run(&mut sim, ms(10));
    assert_eq!((sim.queueing(N1).done, sim.queueing(N1).busy), (4, Span::ms(40)));
    sim.change_settings_of(N1, None);
    assert_eq!((sim.line(N1).station().workers, sim.line(N1).station().discipline), (1, Discipline::LastCome));
}
