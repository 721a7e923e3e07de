//! The mistakes that queues of this kind have been found to make, each by the schedule that shows it.

use std::sync::Arc;

use super::bench::{Bench, acknowledging, exact, worker};
use super::broker::Broker;
use super::message::Note;
use super::settings::{Acknowledge, Durable, Failure, Idempotent, Move, Order, Settings};
use super::{BROKER, DATABASE};
use crate::check::verdict::Holds;
use crate::sim::dist::Dist;
use crate::sim::faults::Crash;
use crate::sim::time::Span;

use Holds::{No, Untested, Yes};

/// `worker1` has `o-17` and sleeps past its lease; `worker2` gets it.
fn overtaken(settings: Settings) -> Bench {
    let mut bench = Bench::new(settings, 2);
    bench.send("o-17 in anna");
    bench.until(|_, note| matches!(note, Note::Began { .. }));
    bench.pause(worker(1));
    bench.until(|_, note| matches!(note, Note::Handed { job, .. } if job.attempt == 2));
    bench
}

#[test]
fn an_old_holder_neither_settles_nor_extends() {
    let mut bench = overtaken(Settings { renew: Some(Span::s(3)), ..exact() });
    bench.resume(worker(1));
    bench.until(|_, note| matches!(note, Note::Outdated { .. }));
    assert_eq!(bench.queue().in_flight(), 1, "worker2 still has it\n{}", bench.story());
    bench.run(Span::s(10));
    assert_eq!((bench.queue().size(), bench.times("o-17")), (0, (2, 2)), "{}", bench.story());
    assert_eq!(bench.judged(), [No, Yes, No, Untested, Untested]);
}

#[test]
fn what_was_acknowledged_does_not_come_back() {
    let mut bench = Bench::new(exact(), 2);
    bench.send("o-17");
    bench.run(Span::s(60));
    assert_eq!((bench.times("o-17"), bench.watch.counts.handed), ((1, 1), 1), "{}", bench.story());
    assert_eq!(bench.queue().next_end(), None);
}

#[test]
fn a_renewal_counts_from_when_it_comes() {
    let long = Settings { work: Arc::new(Dist::Const(Span::s(12))), renew: Some(Span::s(2)), ..exact() };
    let mut bench = Bench::new(long, 2);
    bench.send("o-17");
    bench.until(|_, note| matches!(note, Note::Began { .. }));
    for _ in 0..20 {
        bench.run(Span::ms(500));
        let left = bench.queue().next_end().expect("a lease").since(bench.sim.now());
        assert!(left <= Span::s(5), "{left}");
    }
    bench.run(Span::s(20));
    assert_eq!((bench.times("o-17"), bench.watch.counts.handed), ((1, 1), 1), "{}", bench.story());
}

#[test]
fn leases_outlive_the_broker() {
    for how in [Crash::KeepDisk, Crash::LoseUnsynced] {
        let mut bench = Bench::new(Settings { order: Order::Group, ..exact() }, 2);
        bench.send("paid in anna");
        bench.until(|_, note| matches!(note, Note::Began { .. }));
        bench.crash(BROKER, how);
        bench.crash(worker(1), Crash::KeepDisk);
        bench.restart(BROKER);
        bench.send("sent in anna");
        bench.run(Span::s(2));
        assert_eq!(bench.watch.counts.handed, 1, "the group is locked still\n{}", bench.story());
        bench.run(Span::s(20));
        assert_eq!((bench.times("paid"), bench.times("sent")), ((1, 1), (1, 1)), "{}", bench.story());
        assert_eq!(bench.judged(), [Yes, Yes, Yes, Yes, Yes]);
    }
}

#[test]
fn an_attempt_counts_when_it_is_handed_out() {
    let mut bench = Bench::new(Settings { attempts: Some(3), failure: Failure::Crash, ..exact() }, 2);
    bench.send("poison-1");
    bench.run(Span::s(60));
    assert_eq!((bench.watch.counts.handed, bench.queue().dead.len()), (3, 1), "{}", bench.story());
    assert_eq!(bench.queue().dead.values().next().map(|dead| dead.attempts), Some(3));
    assert_eq!(bench.judged(), [Yes, Yes, Untested, Untested, Untested]);
}

#[test]
fn what_is_given_back_waits_at_its_old_place() {
    let mut bench = Bench::new(Settings { retry_delay: Span::ms(100), attempts: Some(2), ..exact() }, 1);
    for key in ["poison-1", "o-2", "o-3"] {
        bench.send(key);
    }
    bench.run(Span::s(20));
    let begun: Vec<String> = bench.notes().into_iter().filter(|(_, text)| text.contains("begins")).map(|(_, text)| text).collect();
    assert_eq!(begun, ["n3 begins poison-1", "n3 begins o-2", "n3 begins poison-1", "n3 begins o-3"], "{}", bench.story());
}

#[test]
fn a_producer_is_told_after_the_sync() {
    for (durable, kept) in [(Durable::Synced, true), (Durable::Lazy, false)] {
        let mut bench = Bench::new(Settings { durable, delay: Span::s(1), ..exact() }, 1);
        bench.send("o-17");
        while bench.watch.counts.accepted == 0 {
            assert!(bench.step());
        }
        bench.crash(BROKER, Crash::LoseUnsynced);
        bench.restart(BROKER);
        bench.run(Span::s(20));
        let wanted = if kept { [Untested, Yes, Untested] } else { [Yes, No, No] };
        assert_eq!(bench.judged()[..3], wanted, "{durable:?}\n{}", bench.story());
    }
}

#[test]
fn a_queue_in_memory_dies_with_its_broker() {
    for (durable, lost) in [(Durable::Off, 1), (Durable::Lazy, 0), (Durable::Synced, 0)] {
        let mut bench = Bench::new(Settings { durable, delay: Span::s(1), ..exact() }, 1);
        bench.send("o-17");
        bench.run(Span::ms(100));
        bench.crash(BROKER, Crash::KeepDisk);
        assert_eq!(bench.watch.lost.len(), lost, "{durable:?}");
        bench.restart(BROKER);
        bench.run(Span::s(10));
        assert_eq!(bench.watch.lost.len(), lost, "{durable:?}\n{}", bench.story());
    }
}

#[test]
fn a_dead_letter_is_moved_in_one_step() {
    for (dead_letters, parked) in [(Move::OneStep, 1), (Move::TwoSteps, 0)] {
        let mut bench = Bench::new(Settings { dead_letters, attempts: Some(1), disk: Arc::new(Dist::Const(Span::ms(5))), ..exact() }, 1);
        bench.send("poison-1");
        bench.until(|_, note| matches!(note, Note::Spent { .. }));
        while bench.sim.node(BROKER).store().has_unsynced() {
            assert!(bench.step());
            if dead_letters == Move::TwoSteps && bench.sim.node(BROKER).store().durable().queue.size() == 0 {
                break;
            }
        }
        bench.crash(BROKER, Crash::LoseUnsynced);
        bench.restart(BROKER);
        bench.run(Span::s(1));
        assert_eq!((bench.queue().dead.len(), bench.watch.lost.len()), (parked, 1 - parked), "{}", bench.story());
    }
}

#[test]
fn a_full_disk_stores_no_acknowledgement() {
    let mut bench = Bench::new(exact(), 1);
    bench.send("o-17");
    bench.until(|_, note| matches!(note, Note::Began { .. }));
    bench.act(|sim| sim.set_disk_full(BROKER, true));
    bench.run(Span::s(3));
    assert_eq!(bench.queue().in_flight(), 1, "{}", bench.story());
    bench.act(|sim| sim.set_disk_full(BROKER, false));
    bench.run(Span::s(10));
    assert_eq!((bench.times("o-17"), bench.queue().size()), ((2, 2), 0), "{}", bench.story());
}

#[test]
fn a_worker_has_no_more_than_it_asked_for() {
    let mut bench = Bench::new(Settings { prefetch: 3, work: Arc::new(Dist::Const(Span::ms(300))), ..exact() }, 2);
    for n in 0..40 {
        bench.send(&format!("o-{n}"));
    }
    for round in 0..200 {
        match round % 20 {
            5 => bench.cut(BROKER, worker(1)),
            9 => bench.heal(),
            _ => {}
        }
        for _ in 0..20 {
            bench.step();
            assert!((1..=2).all(|n| bench.worker(n).held.len() <= 3), "{}", bench.story());
        }
    }
    bench.run(Span::s(60));
    assert_eq!((bench.queue().size(), bench.watch.counts.took_effect), (0, 40), "{}", bench.story());
}

#[test]
fn the_window_for_doubles_is_not_restarted_by_a_double() {
    let mut bench = Bench::new(Settings { dedup: Some(Span::s(2)), work: Arc::new(Dist::Const(Span::ms(1))), ..exact() }, 1);
    for _ in 0..5 {
        bench.send("o-17");
        bench.run(Span::ms(900));
    }
    assert_eq!(bench.times("o-17"), (2, 2), "at 0 s and after 2 s\n{}", bench.story());
}

#[test]
fn the_oldest_stays_the_oldest_when_it_comes_back() {
    let mut bench = Bench::new(exact(), 1);
    bench.send("poison-1");
    bench.run(Span::s(20));
    assert!(bench.watch.counts.handed > 10);
    let (_, oldest) = bench.queue().live().next().expect("it is there still");
    assert!(oldest.since.as_secs() < 0.1, "{}", bench.story());
}

#[test]
fn who_waits_for_the_confirmation_works_at_most_once() {
    for (acknowledge, times) in [(Acknowledge::Before, 2), (Acknowledge::Confirmed, 1)] {
        let mut bench = Bench::new(acknowledging(acknowledge), 2);
        bench.send("o-17");
        bench.until(|_, note| matches!(note, Note::Handed { .. }));
        // The acknowledgement of the first hand-out dies, and with it the reason to begin.
        bench.run(Span::ms(15));
        bench.cut(BROKER, worker(1));
        bench.run(Span::ms(15));
        bench.heal();
        bench.run(Span::s(20));
        assert_eq!(bench.times("o-17").0, times, "{acknowledge:?}\n{}", bench.story());
    }
}

#[test]
fn without_acknowledgement_nothing_is_done_twice_and_something_is_lost() {
    for acknowledge in [Acknowledge::None, Acknowledge::Before, Acknowledge::Confirmed] {
        let mut bench = Bench::new(acknowledging(acknowledge), 2);
        bench.send("o-17");
        bench.until(|_, note| matches!(note, Note::Began { .. }));
        bench.run(Span::ms(100));
        bench.crash(worker(1), Crash::KeepDisk);
        bench.run(Span::s(20));
        assert_eq!(bench.judged()[..3], [Yes, No, No], "{acknowledge:?}\n{}", bench.story());
    }
}

/// What is done twice, and how often it takes effect under each way to recognise it.
#[test]
fn only_a_key_in_the_transaction_of_its_effect_makes_it_once() {
    let ways = [Idempotent::Off, Idempotent::Memory, Idempotent::Delivery, Idempotent::Transaction];
    for (idempotent, effects) in ways.into_iter().zip([2, 2, 2, 1]) {
        let mut bench = overtaken(Settings { idempotent, ..exact() });
        bench.resume(worker(1));
        bench.run(Span::s(20));
        assert_eq!(bench.times("o-17"), (2, effects), "{idempotent:?}\n{}", bench.story());
    }
    // Apart is good until the database dies in between.
    let mut bench = Bench::new(Settings { idempotent: Idempotent::Apart, ..exact() }, 1);
    bench.send("o-17");
    bench.until(|_, note| matches!(note, Note::Effect { .. }));
    while bench.sim.node(DATABASE).store().durable().ledger.effects.is_empty() {
        assert!(bench.step());
    }
    bench.crash(DATABASE, Crash::LoseUnsynced);
    bench.restart(DATABASE);
    bench.run(Span::s(20));
    assert_eq!(bench.times("o-17"), (2, 2), "{}", bench.story());
}

#[test]
fn a_key_that_is_forgotten_too_early_lets_it_happen_again() {
    for (remember, effects) in [(Span::s(60), 1), (Span::s(1), 2)] {
        let mut bench = Bench::new(Settings { idempotent: Idempotent::Transaction, remember: Some(remember), ..exact() }, 1);
        bench.send("o-17");
        bench.until(|_, note| matches!(note, Note::Effect { .. }));
        bench.cut(BROKER, worker(1));
        bench.run(Span::s(1));
        bench.heal();
        bench.run(Span::s(20));
        assert_eq!(bench.times("o-17"), (2, effects), "{}", bench.story());
    }
}

/// Whoever was overtaken writes after its successor, unless the database looks at receipts.
#[test]
fn a_fence_keeps_the_order_of_a_group() {
    for (fencing, in_group) in [(false, No), (true, Yes)] {
        let mut bench = overtaken(Settings { order: Order::Group, fencing, ..exact() });
        bench.send("sent in anna");
        bench.run(Span::s(4));
        bench.resume(worker(1));
        bench.run(Span::s(10));
        assert_eq!(bench.judged()[4], in_group, "{}", bench.story());
    }
}

#[test]
fn competing_workers_of_unequal_speed_break_fifo_and_not_a_group() {
    for (order, in_order) in [(Order::Fifo, No), (Order::Group, Yes)] {
        let mut bench = Bench::new(Settings { order, ..exact() }, 2);
        bench.act(|sim| sim.slow(worker(1), 3.0));
        bench.send("paid in anna");
        bench.run(Span::ms(50));
        bench.send("sent in anna");
        bench.run(Span::s(20));
        assert_eq!(bench.judged()[4], in_order, "{order:?}\n{}", bench.story());
    }
}

#[test]
fn dead_letters_go_back_when_an_operator_says_so() {
    let mut bench = Bench::new(Settings { attempts: Some(1), failing: 1.0, ..exact() }, 1);
    bench.send("o-17");
    bench.run(Span::s(5));
    assert_eq!(bench.queue().dead.len(), 1);
    bench.set(|settings| settings.failing = 0.0);
    bench.broker(Broker::redrive);
    bench.run(Span::s(5));
    assert_eq!((bench.queue().dead.len(), bench.times("o-17")), (0, (1, 1)), "{}", bench.story());
}

#[test]
fn what_an_operator_throws_away_is_not_lost() {
    let mut bench = Bench::new(exact(), 1);
    for key in ["o-1", "o-2", "o-3"] {
        bench.send(key);
    }
    bench.run(Span::ms(200));
    bench.broker(Broker::purge);
    bench.run(Span::s(10));
    assert_eq!((bench.watch.counts.took_effect, bench.watch.lost.len(), bench.judged()[1]), (1, 0, Yes), "{}", bench.story());
}

#[test]
fn the_urgent_go_first_and_the_others_starve() {
    let mut bench = Bench::new(Settings { priority: true, ..exact() }, 1);
    bench.send("o-1");
    bench.run(Span::ms(500));
    bench.send("o-2");
    for n in 0..10 {
        bench.send(&format!("urgent-{n}"));
        bench.run(Span::ms(800));
    }
    assert_eq!(bench.times("o-2"), (0, 0), "{}", bench.story());
    bench.run(Span::s(20));
    assert_eq!(bench.times("o-2"), (1, 1));
}

#[test]
fn a_delay_hides_a_new_message_and_a_limit_refuses_it() {
    let mut bench = Bench::new(Settings { delay: Span::s(3), limit: Some(2), ..exact() }, 1);
    for key in ["o-1", "o-2", "o-3"] {
        bench.send(key);
    }
    bench.run(Span::s(2));
    assert_eq!((bench.queue().delayed(), bench.watch.counts.accepted, bench.watch.counts.handed), (2, 2, 0));
    bench.run(Span::s(10));
    assert_eq!(bench.watch.counts.took_effect, 2, "{}", bench.story());
}

/// A send that nobody confirms may never have arrived; sending again makes it sure, and double.
#[test]
fn a_send_is_sure_only_once_it_is_confirmed() {
    let mut bench = Bench::new(Settings { confirms: false, ..exact() }, 1);
    bench.cut(crate::sim::id::NodeId::client(0), BROKER);
    bench.send("o-17");
    bench.run(Span::s(2));
    assert_eq!((bench.watch.lost.len(), bench.judged()[1]), (1, No));
    for (dedup, times) in [(None, 2), (Some(Span::s(300)), 1)] {
        let mut bench = Bench::new(Settings { dedup, resend: "4 attempts".parse().expect("a policy"), ..exact() }, 1);
        bench.send("o-17");
        bench.until(|_, note| matches!(note, Note::Accepted { .. }));
        bench.act(|sim| sim.network_mut().cut([BROKER].into(), [crate::sim::id::NodeId::client(0)].into(), true));
        bench.run(Span::ms(300));
        bench.heal();
        bench.run(Span::s(10));
        assert_eq!((bench.times("o-17"), bench.watch.counts.accepted), ((times, times), 1), "{}", bench.story());
    }
}

#[test]
fn a_lease_that_ends_on_a_full_disk_is_looked_at_again_and_not_for_ever() {
    let mut bench = Bench::new(exact(), 1);
    bench.send("o-17");
    bench.until(|_, note| matches!(note, Note::Began { .. }));
    bench.crash(worker(1), Crash::KeepDisk);
    bench.act(|sim| sim.set_disk_full(BROKER, true));
    let before = bench.sim.events();
    bench.run(Span::s(30));
    assert!(bench.sim.events() - before < 200, "{} events", bench.sim.events() - before);
    bench.act(|sim| sim.set_disk_full(BROKER, false));
    bench.restart(worker(1));
    bench.run(Span::s(5));
    assert_eq!(bench.times("o-17"), (1, 1), "{}", bench.story());
}
