//! Servers that are taken out.

use super::super::MODEL;
use super::*;
use crate::cluster::kit::ask::Deed;
use crate::cluster::kit::trial::Trial;
use crate::command::{Command, Poke};

/// Does what an operator types.
fn operate(run: Bench, text: &str) -> Bench {
    let Ok(Command::Poke(Poke::Operate(call))) = MODEL.language.parse(text) else { panic!("{text}") };
    let deed: &Deed<Traffic> = super::super::operator::DEEDS.iter().find(|deed| deed.doc.verb.name == call.verb.name).unwrap();
    run.poke(|sim| (deed.perform)(sim, &call))
}

fn taken_out(run: &Bench) -> Vec<Note> {
    let notes = run.sim.trace().from(0).into_iter().filter_map(|entry| match &entry.what {
        Trace::Note(_, note @ Note::TakenOut { .. }) => Some(note.clone()),
        _ => None,
    });
    notes.collect()
}

fn busy(more: &[(&str, &str)]) -> Bench {
    let settings = [&[("service", "exp(40ms)"), ("try-timeout", "5s"), ("timeout", "10s")], more].concat();
    bench(4, &settings).load(95.0).run(Span::s(4))
}

#[test]
fn what_dies_with_a_server_is_tried_at_another_where_it_may_be() {
    let died = |retries: &str| {
        let run = operate(busy(&[("retries", retries)]), "remove-server app2").run(Span::s(2));
        match taken_out(&run)[..] {
            [Note::TakenOut { died, .. }] => died,
            ref other => panic!("{other:?}"),
        }
    };
    assert!(died("0") > 0);
    assert_eq!(died("1"), 0);
}

#[test]
fn who_drains_too_long_is_taken_out_with_what_it_has() {
    let run = operate(busy(&[("drain-most", "20ms")]), "drain app2").run(Span::ms(30));
    assert!(matches!(taken_out(&run)[..], [Note::TakenOut { died: 1.., late: 0, .. }]), "{:?}", taken_out(&run));
    let run = operate(busy(&[("drain-most", "60s")]), "drain app2").run(Span::s(5));
    assert!(matches!(taken_out(&run)[..], [Note::TakenOut { died: 0, late: 0, .. }]), "{:?}", taken_out(&run));
}

#[test]
fn who_falls_while_it_drains_is_late_with_what_it_had() {
    let run = operate(busy(&[]), "drain app2").poke(|sim| sim.crash(app(2), Crash::KeepDisk)).run(Span::s(6));
    assert!(matches!(taken_out(&run)[..], [Note::TakenOut { died: 0, late: 1.., .. }]), "{:?}", taken_out(&run));
}

/// The word of a server that is new gets lost: it says it again, and the autoscaler does not order one more for it.
#[test]
fn a_server_that_joins_says_so_until_it_is_heard() {
    let lost = |sim: &mut Sim<Traffic>| sim.network_mut().change_all(|policy| policy.loss = 1.0);
    let run = operate(bench(2, &[("warm-up", "1s"), ("check", "none")]).poke(lost), "add-server").run(Span::s(3));
    assert_eq!(run.front().pool.there().count(), 2);
    let run = run.poke(|sim| sim.network_mut().change_all(|policy| policy.loss = 0.0)).run(Span::s(2));
    assert_eq!(run.front().pool.balancer.usable().len(), 3);
}

/// What died with a server and is tried again after a while is lost if that comes to nothing, though the server is gone by then.
#[test]
fn what_is_tried_again_later_is_lost_when_it_gets_no_page_in_the_end() {
    let settings = [("retries", "1"), ("retry-delay", "const(300ms)")];
    let fall = |sim: &mut Sim<Traffic>| [1, 3, 4].into_iter().for_each(|n| sim.crash(app(n), Crash::KeepDisk));
    let run = operate(busy(&settings), "remove-server app2").poke(fall).run(Span::s(12));
    assert!(matches!(taken_out(&run)[..], [Note::TakenOut { died: 0, .. }]), "{:?}", taken_out(&run));
    let lost = run.sim.trace().from(0).iter().filter(|entry| matches!(entry.what, Trace::Note(_, Note::Lost { late: false, .. }))).count();
    assert!(lost > 0);
    let mut shop =
        Trial::new(&MODEL, &[&settings[..], &[("service", "const(2s)"), ("timeout", "4s"), ("try-timeout", "4s")]].concat(), &[]);
    shop.follow(&["c1 view a", "run 100ms"]);
    let at_work = (1..=4).find(|n| shop.fact(&format!("given_total.app{n}")) > 0.0).unwrap();
    shop.act(&format!("remove-server app{at_work}"));
    assert!(shop.is("dropped", 0.0));
    (1..=4).filter(|n| *n != at_work).for_each(|n| shop.act(&format!("crash app{n}")));
    shop.run(Span::s(10));
    assert!(shop.is("dropped", 1.0), "{}", shop.fact("dropped"));
}
