//! The mistakes that implementations of Raft have been found to make, each tried by the schedule that shows it.

use super::bench::*;
use super::message::{Append, Msg};
use super::server::Role;
use crate::cluster::Cluster;
use crate::sim::id::NodeId;
use crate::sim::kernel::Flight;

fn asks_for_votes(flight: &Flight<Msg>) -> bool {
    matches!(flight.msg, Msg::RequestVote(_))
}

fn says_yes(flight: &Flight<Msg>) -> bool {
    matches!(flight.msg, Msg::Vote { granted: true, .. })
}

fn carries_entries(flight: &Flight<Msg>) -> bool {
    matches!(&flight.msg, Msg::Append(Append { entries, .. }) if !entries.is_empty())
}

fn confirms(flight: &Flight<Msg>) -> bool {
    matches!(flight.msg, Msg::Appended { matched: Ok(_), .. })
}

fn refuses(flight: &Flight<Msg>) -> bool {
    matches!(flight.msg, Msg::Appended { matched: Err(_), .. })
}

/// What everybody says is on the disk of whoever says it: terms, votes and entries, at every send under slow disks.
#[test]
fn nothing_is_said_that_is_not_on_the_disk() {
    for seed in 0..6 {
        let mut cluster = cluster(5, &[("disk", "uniform(1ms, 30ms)"), ("pre-vote", ["on", "off"][seed as usize % 2])], seed);
        act(&mut *cluster, &["workload c1 20/s read:write 1:2 keys x", "cut n1 n2 | n3 n4 n5"]);
        let mut said = 0;
        for step in 0..3_000 {
            if step % 700 == 699 {
                act(&mut *cluster, &["heal", &format!("cut n{} | n{} n{}", step / 700 + 1, step / 700 + 2, (step / 700 + 4) % 5 + 1)]);
            }
            cluster.step();
            let (sim, now) = (sim(&*cluster), cluster.now());
            for flight in
                sim.flights().filter(|flight| flight.leg.sent == now && !flight.leg.from.is_client() && !flight.leg.to.is_client())
            {
                assert!(is_backed(flight, sim.node(flight.leg.from).store().durable()), "{:?}\n{}", flight.msg, story(&*cluster));
                said += 1;
            }
        }
        assert!(said > 500, "{said}");
    }
}

fn is_backed(flight: &Flight<Msg>, disk: &super::log::Disk) -> bool {
    match &flight.msg {
        Msg::RequestVote(ballot) if ballot.pre => disk.term + 1 >= ballot.term,
        Msg::RequestVote(ballot) => has_voted(disk, ballot.term, flight.leg.from),
        Msg::Vote { ballot, granted: true, term } if !ballot.pre => has_voted(disk, *term, flight.leg.to),
        Msg::Vote { term, .. } | Msg::TimeoutNow { term } => disk.term >= *term,
        Msg::Append(append) => disk.term >= append.term,
        Msg::Appended { term, matched, .. } => disk.term >= *term && matched.is_ok_and(|upto| disk.last() >= upto) | matched.is_err(),
        Msg::Ask { .. } | Msg::Told { .. } => true,
    }
}

/// Whether the vote of a term is on the disk; or a newer term is, after which no vote is given in this one.
fn has_voted(disk: &super::log::Disk, term: u64, candidate: NodeId) -> bool {
    disk.term > term || (disk.term, disk.voted_for) == (term, Some(candidate))
}

/// A loss of power between the vote and its sync: the vote was not told to anybody, so it may be given again.
#[test]
fn a_vote_that_was_lost_with_the_power_was_never_told() {
    let mut cluster = quiet(3, &[("disk", "const(30ms)")]);
    act(&mut *cluster, &["cut n1 | n2", "fire n1 election", "run 45ms", "crash n3 losing unsynced", "restart n3", "heal"]);
    act(&mut *cluster, &["cut n2 | n1", "fire n2 election", "run 200ms"]);
    let leaders = (1..=2).filter(|number| server(&*cluster, *number).is_leader()).count();
    assert!(leaders <= 1 && story(&*cluster).matches("votes for").count() == 2, "{}", story(&*cluster));
}

/// A vote request that comes twice, and one of another candidate of the same term: one vote.
#[test]
fn one_vote_a_term_whatever_comes_twice() {
    let mut cluster = quiet(3, &[]);
    act(&mut *cluster, &["cut n2 | n3", "fire n2 election", "fire n3 election", "run 5ms"]);
    each(&mut *cluster, "duplicate", asks_for_votes);
    act(&mut *cluster, &["run 100ms"]);
    assert_eq!((int(&*cluster, "leaders"), disk(&*cluster, 1).term), (1, 1), "{}", story(&*cluster));
}

/// Five servers, and one voter whose answer comes twice.
#[test]
fn a_vote_is_counted_once_however_often_it_comes() {
    let mut cluster = quiet(5, &[]);
    act(&mut *cluster, &["cut n1 | n3 n4 n5", "fire n1 election", "run 15ms"]);
    assert_eq!(each(&mut *cluster, "duplicate", says_yes).len(), 1);
    act(&mut *cluster, &["run 50ms"]);
    assert!(matches!(server(&*cluster, 1).role, Role::Candidate(_)), "{}", story(&*cluster));
}

/// A vote of an older term comes when its candidate stands in a newer one.
#[test]
fn a_vote_of_an_older_term_counts_for_nothing() {
    let mut cluster = quiet(5, &[]);
    act(&mut *cluster, &["cut n1 | n4 n5", "fire n1 election", "run 15ms"]);
    let held = each(&mut *cluster, "hold", says_yes);
    act(&mut *cluster, &["cut n1 | n2 n3", "fire n1 election", "run 5ms"]);
    again(&mut *cluster, "release", &held);
    act(&mut *cluster, &["heal", "cut n1 | n2 n3 n4 n5"]);
    assert_eq!((held.len(), disk(&*cluster, 1).term), (2, 2));
    again(&mut *cluster, "deliver", &held[..0]);
    act(&mut *cluster, &["run 100ms"]);
    assert!(!server(&*cluster, 1).is_leader(), "{}", story(&*cluster));
}

/// Section 5.4.1: the later term wins before the longer log.
#[test]
fn a_longer_log_of_an_older_term_gets_no_vote() {
    let mut cluster = quiet(3, &[("no-op", "off")]);
    lead_by(&mut *cluster, 1);
    act(&mut *cluster, &["cut n1 c1 | n2 n3 c2", "c1 write x 1 to n1", "c1 write x 2 to n1", "c1 write x 3 to n1", "run 50ms"]);
    lead_by(&mut *cluster, 2);
    act(&mut *cluster, &["c2 write x 9 to n2", "run 100ms", "crash n2", "crash n1", "heal", "restart n1"]);
    assert_eq!((disk(&*cluster, 1).last(), disk(&*cluster, 3).last(), int(&*cluster, "acked")), (3, 1, 1));
    assert!(!is_elected(&mut *cluster, 1), "{}", story(&*cluster));
    lead_by(&mut *cluster, 3);
}

/// Section 8: a new leader does not know what is committed before it has committed an entry of its own.
#[test]
fn a_new_leader_reads_nothing_before_its_first_entry_is_committed() {
    for reads in ["read-index", "lease", "local"] {
        let mut cluster = quiet(3, &[("heartbeat", "10s")]);
        lead_by(&mut *cluster, 1);
        act(&mut *cluster, &[&format!("set reads {reads}")]);
        // n2 and n3 have the write, and do not know that it is committed.
        act(&mut *cluster, &["c1 write x 1 to n1", "run 45ms", "transfer n2"]);
        until(&mut *cluster, |c| server(c, 2).is_leader());
        assert_eq!((int(&*cluster, "acked"), server(&*cluster, 2).commit < disk(&*cluster, 2).last()), (1, true), "{}", story(&*cluster));
        act(&mut *cluster, &["c2 read x from n2", "run 300ms"]);
        assert_eq!((int(&*cluster, "reads_ok"), int(&*cluster, "stale_reads")), (1, 0), "{reads}\n{}", story(&*cluster));
    }
}

/// Dissertation, 6.4: an answer to a heartbeat that was sent before the read came proves nothing about the time after it.
#[test]
fn a_round_that_began_before_the_read_confirms_nothing() {
    let mut cluster = quiet(3, &[("reads", "read-index"), ("step-down", "off")]);
    lead_by(&mut *cluster, 1);
    act(&mut *cluster, &["c1 write x 1 to n1", "run 100ms"]);
    until(&mut *cluster, |c| sim(c).flights().any(confirms));
    let held = each(&mut *cluster, "hold", confirms);
    act(&mut *cluster, &["cut n1 c1 | n2 n3 c2", "run 1ms"]);
    lead_by(&mut *cluster, 2);
    act(&mut *cluster, &["c2 write x 2 to n2", "run 100ms", "heal", "cut n1 | n2 n3", "c1 read x from n1", "run 15ms"]);
    again(&mut *cluster, "deliver", &held);
    act(&mut *cluster, &["run 100ms"]);
    assert!(!held.is_empty());
    assert_eq!((int(&*cluster, "acked"), int(&*cluster, "reads_ok"), int(&*cluster, "stale_reads")), (2, 0, 0), "{}", story(&*cluster));
}

/// Answers are counted by who gave them.
#[test]
fn a_round_is_confirmed_by_servers_and_not_by_messages() {
    let mut cluster = quiet(5, &[("reads", "read-index"), ("step-down", "off"), ("heartbeat", "10s")]);
    lead_by(&mut *cluster, 1);
    act(&mut *cluster, &["run 100ms", "cut n1 | n3 n4 n5", "c1 read x from n1", "run 25ms"]);
    assert_eq!(each(&mut *cluster, "duplicate", confirms).len(), 1, "{}", story(&*cluster));
    act(&mut *cluster, &["run 100ms"]);
    assert_eq!(int(&*cluster, "reads_ok"), 0, "{}", story(&*cluster));
}

/// A leader that is slow to apply answers no read with less than was committed when it came.
#[test]
fn a_read_waits_until_what_is_committed_is_applied() {
    for reads in ["read-index", "lease", "local"] {
        let mut cluster = quiet(3, &[("apply", "const(80ms)"), ("request-timeout", "5s")]);
        lead_by(&mut *cluster, 1);
        act(&mut *cluster, &[&format!("set reads {reads}")]);
        act(&mut *cluster, &["run 200ms", "c1 write x 1 to n1", "c1 write x 2 to n1", "run 50ms"]);
        let behind = server(&*cluster, 1).applied < server(&*cluster, 1).commit;
        act(&mut *cluster, &["c2 read x from n1", "run 1s"]);
        let read = cluster.exchanges().pop().map(|exchange| exchange.outcome.short().to_string());
        assert_eq!((behind, read.as_deref()), (true, Some("2")), "{reads}\n{}", story(&*cluster));
    }
}

/// Section 5.3: only entries that contradict are deleted. An old message that comes late has nothing to say about newer entries.
#[test]
fn an_old_append_that_comes_late_removes_nothing() {
    let mut cluster = quiet(3, &[]);
    lead_by(&mut *cluster, 1);
    act(&mut *cluster, &["run 100ms", "c1 write x 1 to n1", "run 15ms"]);
    let held = each(&mut *cluster, "hold", |flight| carries_entries(flight) && flight.leg.to == n(2));
    let copies = each(&mut *cluster, "duplicate", |flight| held.contains(&flight.leg.id));
    act(&mut *cluster, &["c1 write x 2 to n1", "c1 write x 3 to n1", "run 300ms"]);
    let before = disk(&*cluster, 2).last();
    again(&mut *cluster, "deliver", &held);
    act(&mut *cluster, &["run 50ms"]);
    assert_eq!((held.len(), copies.len(), before, disk(&*cluster, 2).last()), (1, 1, 4, 4), "{}", story(&*cluster));
}

/// Section 5.3: a follower commits up to the last entry of the message, not up to what it happens to have.
#[test]
fn a_heartbeat_commits_no_tail_that_it_does_not_vouch_for() {
    let mut cluster = quiet(3, &[]);
    lead_by(&mut *cluster, 1);
    act(&mut *cluster, &["run 100ms", "cut n1 c1 | n2 n3 c2"]);
    act(&mut *cluster, &["c1 write x 1 to n1", "c1 write x 2 to n1", "c1 write x 3 to n1", "run 50ms"]);
    lead_by(&mut *cluster, 2);
    act(&mut *cluster, &["c2 write x 7 to n2", "c2 write x 8 to n2", "run 200ms", "heal", "run 20ms"]);
    let wrong = |c: &dyn Cluster| (1..=server(c, 1).commit).any(|index| disk(c, 1).get(index) != disk(c, 2).get(index));
    for _ in 0..200 {
        assert!(!wrong(&*cluster), "{}", story(&*cluster));
        cluster.step();
    }
    act(&mut *cluster, &["run 500ms"]);
    assert_eq!((disk(&*cluster, 1).log.all(), int(&*cluster, "discarded")), (disk(&*cluster, 2).log.all(), 3), "{}", story(&*cluster));
}

/// A refusal that comes late is about a log that has grown since.
#[test]
fn a_late_refusal_takes_nothing_back() {
    let mut cluster = quiet(3, &[]);
    lead_by(&mut *cluster, 1);
    act(&mut *cluster, &["run 100ms", "cut n1 | n2", "c1 write x 1 to n1", "c1 write x 2 to n1", "run 100ms", "heal"]);
    until(&mut *cluster, |c| sim(c).flights().any(refuses));
    let held = each(&mut *cluster, "duplicate", refuses);
    let late = each(&mut *cluster, "hold", |flight| refuses(flight) && !held.contains(&flight.leg.id));
    act(&mut *cluster, &["run 200ms"]);
    again(&mut *cluster, "deliver", &late);
    let matched = |c: &dyn Cluster| match &server(c, 1).role {
        Role::Leader(lead) => lead.peers.iter().map(|peer| (peer.matched, peer.next)).collect::<Vec<_>>(),
        _ => Vec::new(),
    };
    assert_eq!((late.len(), matched(&*cluster)), (1, vec![(3, 4); 2]), "{}", story(&*cluster));
}

/// A leader that comes back to office counts nothing that answered its first term.
#[test]
fn an_answer_of_an_earlier_term_in_office_counts_for_nothing() {
    let mut cluster = quiet(5, &[]);
    lead_by(&mut *cluster, 1);
    act(&mut *cluster, &["run 100ms", "cut n1 | n3 n4 n5", "c1 write x 1 to n1", "run 25ms"]);
    let held = each(&mut *cluster, "hold", confirms);
    act(&mut *cluster, &["heal", "cut n1 n2 | n3 n4 n5", "run 1ms"]);
    lead_by(&mut *cluster, 3);
    act(&mut *cluster, &["heal", "run 300ms"]);
    lead_by(&mut *cluster, 1);
    act(&mut *cluster, &["cut n1 | n2 n3 n4 n5", "c1 write x 5 to n1", "run 15ms"]);
    let before = server(&*cluster, 1).commit;
    again(&mut *cluster, "deliver", &held);
    act(&mut *cluster, &["run 50ms"]);
    assert_eq!((!held.is_empty(), server(&*cluster, 1).commit), (true, before), "{}", story(&*cluster));
}

/// Dissertation, 6.4.1: a lease lasts from when the heartbeat was sent, however late the answer comes.
#[test]
fn a_lease_begins_when_the_heartbeat_was_sent() {
    let mut cluster = quiet(3, &[("heartbeat", "1s"), ("lease", "300ms"), ("step-down", "off")]);
    lead_by(&mut *cluster, 1);
    act(&mut *cluster, &["run 200ms", "set reads lease", "fire n1 heartbeat", "run 15ms"]);
    let held = each(&mut *cluster, "hold", confirms);
    act(&mut *cluster, &["run 290ms"]);
    again(&mut *cluster, "deliver", &held);
    act(&mut *cluster, &["run 5ms", "cut n1 | n2 n3", "run 5ms", "c1 read x from n1", "run 100ms"]);
    assert_eq!((held.len(), int(&*cluster, "reads_ok")), (2, 0), "{}", story(&*cluster));
}

/// Dissertation, 6.4.1: who hands over has no lease any more, whenever its successor stands.
#[test]
fn who_told_a_successor_to_stand_has_no_lease_in_this_term() {
    let mut cluster = quiet(3, &[("lease", "10s")]);
    lead_by(&mut *cluster, 1);
    act(&mut *cluster, &["set reads lease", "run 100ms", "c1 read x from n1", "run 25ms", "transfer n2", "run 5ms"]);
    assert_eq!(int(&*cluster, "reads_ok"), 1, "with a lease it answers at once");
    each(&mut *cluster, "hold", |flight| matches!(flight.msg, Msg::TimeoutNow { .. }));
    act(&mut *cluster, &["run 1s", "cut n1 | n2 n3", "run 1ms", "c1 read x from n1", "run 400ms"]);
    assert_eq!(int(&*cluster, "reads_ok"), 1, "{}", story(&*cluster));
}

/// Dissertation, 4.2.3: who hears a leader gives no vote, in whichever way it is asked.
#[test]
fn under_leases_no_vote_is_given_against_a_leader_that_is_heard() {
    for pre_vote in ["on", "off"] {
        let mut cluster = quiet(3, &[("reads", "lease"), ("pre-vote", pre_vote), ("election-timeout", "300ms-400ms")]);
        let old = elect(&mut *cluster);
        act(&mut *cluster, &["run 200ms"]);
        let other = (1..=3).map(n).find(|id| *id != old).expect("three servers");
        act(&mut *cluster, &[&format!("cut {old} -> {other}"), "run 600ms"]);
        assert_eq!((int(&*cluster, "leader_changes"), disk(&*cluster, old.index() as u16 + 1).term), (1, 1), "{}", story(&*cluster));
    }
}

/// Dissertation, 9.6: who only asks promises nothing, and makes nobody promise anything.
#[test]
fn asking_first_changes_no_term_and_no_vote() {
    let mut cluster = quiet(3, &[("pre-vote", "on")]);
    act(&mut *cluster, &["cut n1 | n2 n3", "fire n1 election", "run 50ms", "fire n1 election", "run 50ms", "heal"]);
    let promised = |c: &dyn Cluster| (1..=3).map(|s| (disk(c, s).term, disk(c, s).voted_for)).collect::<Vec<_>>();
    assert_eq!(promised(&*cluster), vec![(0, None); 3], "{}", story(&*cluster));
}

/// A server with a newer term than the leader's answers it, so that the leader learns of the term; else neither ever goes on.
#[test]
fn a_server_of_a_newer_term_is_no_outcast() {
    for more in
        [[("pre-vote", "off"), ("reads", "lease")], [("pre-vote", "on"), ("reads", "lease")], [("pre-vote", "on"), ("reads", "log")]]
    {
        for seed in 0..5 {
            let mut cluster = cluster(3, &more, seed);
            let leader = elect(&mut *cluster);
            let other = (1..=3).map(n).find(|id| *id != leader).expect("three servers");
            let rest: Vec<String> = (1..=3).map(n).filter(|id| *id != other).map(|id| id.to_string()).collect();
            act(&mut *cluster, &["set pre-vote off", &format!("cut {other} | {}", rest.join(" ")), "run 1500ms"]);
            act(&mut *cluster, &["heal", &format!("set pre-vote {}", more[0].1), "run 4s"]);
            assert_eq!((int(&*cluster, "leaders"), int(&*cluster, "lag_entries_max")), (1, 0), "{more:?}\n{}", story(&*cluster));
        }
    }
}

/// A leader that hears of a newer term leads no more, though its disk is full and cannot record it: it would go on to answer reads.
#[test]
fn who_cannot_record_a_newer_term_leads_no_more() {
    let mut cluster = quiet(3, &[("reads", "local"), ("step-down", "off")]);
    lead_by(&mut *cluster, 1);
    act(&mut *cluster, &["run 100ms", "pause n1", "full-disk n1"]);
    lead_by(&mut *cluster, 2);
    act(&mut *cluster, &["run 100ms", "resume n1", "run 50ms", "c2 write x 1 to n2", "run 100ms", "c1 read x from n1", "run 1s"]);
    assert_eq!((int(&*cluster, "leaders"), int(&*cluster, "stale_reads")), (1, 0), "{}", story(&*cluster));
}

/// A leader that is replaced does not know what becomes of what it took: here it is committed by its successor.
#[test]
fn who_steps_down_tells_nobody_that_their_request_failed() {
    let mut cluster = quiet(3, &[]);
    lead_by(&mut *cluster, 1);
    act(&mut *cluster, &["run 100ms", "cut n1 -> n3", "c1 write x 1 to n1", "run 22ms", "cut n2 -> n1"]);
    lead_by(&mut *cluster, 2);
    act(&mut *cluster, &["heal", "run 1s", "c2 read x", "run 300ms"]);
    let told: Vec<String> = cluster.exchanges().iter().map(|exchange| exchange.outcome.short().to_string()).collect();
    assert_eq!((told, broken(&*cluster)), (vec!["timeout".to_string(), "1".to_string()], vec![]), "{}", story(&*cluster));
}

/// A full disk stores neither votes nor entries, so it counts for none; a leader that cannot store refuses before it has sent anything.
#[test]
fn a_full_disk_promises_nothing() {
    let mut cluster = quiet(3, &[]);
    act(&mut *cluster, &["full-disk n2", "full-disk n3"]);
    assert!(!is_elected(&mut *cluster, 1), "{}", story(&*cluster));
    act(&mut *cluster, &["free-disk n2", "free-disk n3"]);
    lead_by(&mut *cluster, 1);
    act(&mut *cluster, &["run 100ms", "full-disk n2", "full-disk n3", "c1 write x 1 to n1", "run 300ms"]);
    assert_eq!(int(&*cluster, "acked"), 0, "{}", story(&*cluster));
    act(&mut *cluster, &["free-disk n2", "free-disk n3", "run 1s", "full-disk n1", "c1 write x 2 to n1", "run 300ms"]);
    assert_eq!((int(&*cluster, "failed"), broken(&*cluster)), (1, vec![]), "{}", story(&*cluster));
    assert!((1..=3).all(|s| disk(&*cluster, s).last() == 2), "{}", story(&*cluster));
}

/// Dissertation, 6.3: what comes twice takes effect once, whoever leads by then, and is answered as the first time.
#[test]
fn a_request_that_comes_twice_takes_effect_once() {
    for (once, seen) in [("on", "2"), ("off", "1")] {
        let mut cluster = quiet(3, &[("once", once), ("retry", "2 attempts after 10ms"), ("request-timeout", "200ms")]);
        lead_by(&mut *cluster, 1);
        // The answer to the first write is lost, another client writes, and the first asks again.
        act(
            &mut *cluster,
            &["run 100ms", "c1 write x 1 to n1", "run 35ms", "cut n1 -> c1", "run 50ms", "c2 write x 2 to n1", "run 60ms", "heal"],
        );
        act(&mut *cluster, &["run 300ms", "c2 read x from n1", "run 100ms"]);
        let read = cluster.exchanges().pop().map(|exchange| exchange.outcome.short().to_string());
        assert_eq!((read.as_deref(), int(&*cluster, "acked")), (Some(seen), 2), "{once}\n{}", story(&*cluster));
    }
}

/// The commit index, what is applied and who was answered are not on the disk: a server learns them again.
#[test]
fn a_server_that_restarts_applies_its_log_again_and_no_more() {
    let mut cluster = quiet(3, &[]);
    lead_by(&mut *cluster, 1);
    act(&mut *cluster, &["run 100ms", "c1 write x 1 to n1", "run 100ms", "c1 cas x 1 2 to n1", "run 100ms", "crash n2", "restart n2"]);
    assert_eq!((server(&*cluster, 2).commit, server(&*cluster, 2).applied), (0, 0));
    act(&mut *cluster, &["run 100ms"]);
    assert_eq!((server(&*cluster, 2).applied, int(&*cluster, "divergent_keys")), (3, 0), "{}", story(&*cluster));
}
