//! What the cluster does.

use crate::check::verdict::Holds;
use crate::cluster::kit::trial::Trial;
use crate::sim::time::Span;

use super::bench::*;

const SCHEMES: [&str; 6] = ["range", "mod-n", "ring", "rendezvous", "jump", "maglev"];

/// A second is enough for any request.
const SECOND: Span = Span::s(1);

#[test]
fn every_rule_serves_every_key() {
    for scheme in SCHEMES {
        let mut run = trial(&[("scheme", scheme), ("replicas", "2")], &[]);
        assert_eq!(run.ask("c1 get k7", SECOND), "carl", "{scheme}");
        assert_eq!(run.ask("c1 put k7 new", SECOND), "ok", "{scheme}");
        assert_eq!(run.ask("c2 get k7", SECOND), "new", "{scheme}");
        assert_eq!(run.ask("c2 delete k7", SECOND), "ok", "{scheme}");
        assert_eq!(run.ask("c1 get k7", SECOND), "nil", "{scheme}");
        assert_eq!(run.ask("c1 scan k1", SECOND), "11 keys", "{scheme}: k1 and k10 to k19");
        assert_eq!(run.ask("c1 scan k1 k11", SECOND), "2 keys", "{scheme}: k1 and k10");
        assert_eq!(run.ask("c1 find anna", SECOND), "8 keys", "{scheme}");
        assert_eq!((run.holds("linearizable"), run.holds("durable")), (Holds::Yes, Holds::Yes), "{scheme}");
        assert!(run.is("misrouted", 0.0) && run.is("copies_min", 2.0) && run.is("unsettled", 0.0), "{scheme}");
    }
}

/// A node comes, with clients that know nothing of it, and goes again: nothing is lost, nothing is missed, and what moves is what the rule
/// says.
#[test]
fn nodes_come_and_go_while_keys_are_served() {
    for scheme in SCHEMES {
        for replicas in ["1", "2"] {
            let settings = [("scheme", scheme), ("replicas", replicas), ("tokens", "32"), ("keys", "200"), ("batch", "5")];
            let mut run = trial(
                &settings,
                &["workload c1 60/s put:get:scan 3:6:1 keys uniform(200)", "workload c2 60/s put:get 1:1 keys uniform(200)"],
            );
            run.run(Span::ms(300));
            run.act("add n5");
            settle(&mut run);
            let moved = run.fact("moved_share");
            match scheme {
                "mod-n" => assert!((0.7..0.9).contains(&moved), "{moved}"),
                "range" => assert!((0.08..0.2).contains(&moved), "{moved}"),
                "maglev" => assert!((0.1..0.35).contains(&moved), "{moved}"),
                _ => assert!((0.08..0.35).contains(&moved) && run.is("moved_old", 0.0), "{scheme}: {moved}"),
            }
            run.run(Span::ms(300));
            run.act("remove n2");
            settle(&mut run);
            run.all(&["workload c1 off", "workload c2 off"]);
            run.run(SECOND);
            let name = format!("{scheme} with {replicas}");
            assert!(run.is("keys.n5", run.fact("keys.n5")) && run.is("acked_lost", 0.0) && run.is("missed_reads", 0.0), "{name}");
            assert!(run.is("double_owned", 0.0) && run.is("failed", 0.0) && run.is("unknown", 0.0) && run.is("refused", 0.0), "{name}");
            for promise in ["linearizable", "durable", "single_owner", "complete"] {
                assert_eq!(run.holds(promise), Holds::Yes, "{name}: {promise}: {:?}", run.verdict(promise));
            }
            assert_eq!(held(&run), 0, "{name}: nothing is kept without need");
        }
    }
}

/// Rows beyond those that the map wants.
fn held(run: &Trial) -> usize {
    use super::Ring;
    use crate::cluster::live::Live;
    let live = run.cluster.as_any().downcast_ref::<Live<Ring>>().expect("it is partitioned data");
    let sim = live.sim();
    let map = super::look::newest(sim).expect("there is a map");
    sim.server_ids().map(|id| super::look::disk(sim, id).rows.keys().filter(|key| !map.homes(key).contains(&id)).count()).sum()
}
