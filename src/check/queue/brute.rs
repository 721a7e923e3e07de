//! Random small queues, and the obvious slow answers that the judges are held against: the definitions, pair by pair.

use proptest::prelude::*;

use super::*;

/// One message in numbers: group, sends (call, length, told), hands, dropped, how often done, and where it is.
type Row = (u8, Vec<(u64, u64, bool)>, u8, bool, u8, u8);

fn rows() -> impl Strategy<Value = (Vec<Row>, Vec<usize>)> {
    let sends = prop::collection::vec((0u64..40, 1u64..12, prop::bool::weighted(0.8)), 1..3);
    let row = (0u8..3, sends, 0u8..3, any::<bool>(), 0u8..4, 0u8..6);
    prop::collection::vec(row, 1..6).prop_flat_map(|rows| {
        let count = rows.len();
        (Just(rows), prop::collection::vec(0..count, 0..9))
    })
}

/// `effects` says whose effect came next.
fn messages(rows: Vec<Row>, effects: &[usize]) -> Vec<Message> {
    let mut id = 0;
    let mut made = Vec::new();
    for (n, (group, sends, hands, dropped, done, place)) in rows.into_iter().enumerate() {
        let mut sends: Vec<(u64, u64, bool)> = sends;
        sends.sort_unstable();
        let send = |(call, length, told): (u64, u64, bool)| {
            id += 1;
            Send { id, call: call * 2, accepted: told.then_some((call + length) * 2 + 1) }
        };
        let place = [Place::Held, Place::Parked, Place::Removed, Place::Gone, Place::Gone, Place::Gone][usize::from(place)];
        let at = |whose: &(usize, &usize)| (*whose.1 == n).then_some(whose.0 as u64);
        made.push(Message {
            key: format!("m{n}").as_str().into(),
            group: (group > 0).then(|| format!("g{group}").as_str().into()),
            sends: sends.into_iter().map(send).collect(),
            handed: (0..u64::from(hands)).collect(),
            dropped,
            done: (0..u64::from(done) % 3).map(|n| (n * 7 + u64::from(done), n as u32)).collect(),
            effects: effects.iter().enumerate().filter_map(|whose| at(&whose)).collect(),
            place,
        });
    }
    made
}

fn worker(n: u32) -> String {
    format!("worker{}", n + 1)
}

/// Whether `a` was sent before `b`: some producer knew of it before any had sent the other.
fn sent_before(a: &Message, b: &Message) -> bool {
    let known: Vec<u64> = a.sends.iter().filter_map(|s| s.accepted).collect();
    known.iter().any(|at| b.sends.iter().all(|s| *at < s.call))
}

/// Whether `b` took effect in spite of `a`, which was sent before it.
fn is_out_of_order(a: &Message, b: &Message) -> bool {
    let missed = !(a.place == Place::Removed && a.effects.is_empty());
    let unready = |effect: &u64| a.effects.iter().all(|at| at > effect) || a.effects.iter().any(|at| at > effect);
    missed && sent_before(a, b) && b.effects.iter().any(unready)
}

fn pairs(messages: &[Message], same: fn(&Message, &Message) -> bool) -> Vec<(&Message, &Message)> {
    let all = messages.iter().flat_map(|a| messages.iter().map(move |b| (a, b)));
    all.filter(|(a, b)| a.key != b.key && same(a, b)).collect()
}

fn same_group(a: &Message, b: &Message) -> bool {
    a.group.is_some() && a.group == b.group
}

fn ids(messages: &[&Message]) -> Vec<u32> {
    let mut ids: Vec<u32> = messages.iter().flat_map(|m| m.sends.iter().map(|s| s.id)).collect();
    ids.sort_unstable();
    ids
}

fn is_order(judged: &Judged, pairs: &[(&Message, &Message)]) -> Result<(), TestCaseError> {
    let broken: Vec<_> = pairs.iter().filter(|(a, b)| is_out_of_order(a, b)).collect();
    let due = |a: &Message| !(a.place == Place::Removed && a.effects.is_empty());
    let tested = pairs.iter().any(|(a, b)| due(a) && sent_before(a, b) && !b.effects.is_empty());
    match judged.holds {
        Holds::No => prop_assert!(broken.iter().any(|(a, b)| ids(&[a, b]) == judged.witness), "{judged:?} is no witness"),
        Holds::Yes => prop_assert!(broken.is_empty() && tested),
        Holds::Untested => prop_assert!(broken.is_empty() && !tested),
        Holds::Unknown => prop_assert!(false, "a queue is always decided"),
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]

    #[test]
    fn order_is_what_brute_force_says((rows, effects) in rows()) {
        let messages = messages(rows, &effects);
        is_order(&in_order(&messages), &pairs(&messages, |_, _| true))?;
        is_order(&in_group_order(&messages), &pairs(&messages, same_group))?;
    }

    #[test]
    fn once_is_what_brute_force_says((rows, effects) in rows()) {
        let messages = messages(rows, &effects);
        let twice: Vec<&Message> = messages.iter().filter(|m| m.done.len() >= 2).collect();
        let lost: Vec<&Message> = messages.iter().filter(|m| {
            m.sends.iter().any(|s| s.accepted.is_some()) && m.effects.is_empty() && m.place == Place::Gone
        }).collect();
        let doubled: Vec<&Message> = messages.iter().filter(|m| m.effects.len() >= 2).collect();
        let wrong = [&doubled[..], &lost].concat();
        for (judged, broken) in [
            (at_most_once(&messages, &worker), twice),
            (at_least_once(&messages), lost),
            (effect_once(&messages), wrong),
        ] {
            prop_assert_eq!(judged.holds == Holds::No, !broken.is_empty());
            if judged.holds == Holds::No {
                let shown = broken.iter().find(|m| ids(&[m]) == judged.witness);
                prop_assert!(shown.is_some_and(|m| judged.why.starts_with(&*m.key)), "{:?}", judged);
            } else {
                prop_assert!(judged.witness.is_empty() && judged.why.is_empty() == (judged.holds == Holds::Yes));
            }
        }
    }
}

/// A message that was accepted and done, and nothing else.
fn plain(key: &str, call: u64) -> Message {
    let send = Send { id: call as u32, call, accepted: Some(call + 1) };
    let (handed, done) = (vec![call + 2], vec![(call + 3, 0)]);
    Message { key: key.into(), group: None, sends: vec![send], handed, dropped: false, done, effects: vec![call], place: Place::Gone }
}

#[test]
fn nothing_is_judged_that_was_not_tested() {
    let one = [plain("a", 1)];
    let all = |m: &[Message]| [at_most_once(m, &worker), at_least_once(m), effect_once(m), in_order(m), in_group_order(m)].map(|j| j.holds);
    assert_eq!(all(&[]), [Holds::Untested; 5]);
    assert_eq!(all(&one), [Holds::Untested, Holds::Yes, Holds::Untested, Holds::Untested, Holds::Untested]);
    let waiting = [Message { done: vec![], effects: vec![], place: Place::Held, ..plain("a", 1) }];
    assert_eq!(all(&waiting), [Holds::Untested; 5]);
    let redelivered = [Message { handed: vec![3, 4], ..plain("a", 1) }, plain("b", 10)];
    assert_eq!(all(&redelivered), [Holds::Yes, Holds::Yes, Holds::Yes, Holds::Yes, Holds::Untested]);
}

#[test]
fn each_break_is_told_with_its_message() {
    let twice = Message { done: vec![(3, 0), (9, 1)], effects: vec![3, 9], ..plain("o-17", 1) };
    assert_eq!(at_most_once(std::slice::from_ref(&twice), &worker).why, "o-17 was done twice, by worker1 and by worker2");
    assert_eq!(effect_once(std::slice::from_ref(&twice)).why, "o-17 took effect twice");
    let lost = Message { done: vec![], effects: vec![], ..plain("o-18", 20) };
    let told = at_least_once(&[twice, lost.clone()]);
    assert_eq!((told.why.as_str(), told.witness), ("o-18 was accepted, was never done, and nobody has it any more", vec![20]));
    let parked = Message { place: Place::Parked, ..lost.clone() };
    assert_eq!(at_least_once(std::slice::from_ref(&parked)).holds, Holds::Yes);
    assert_eq!(
        in_order(&[parked, plain("o-19", 30)]).why,
        "o-18 was sent before o-19, which took effect; o-18 stands among the dead letters"
    );
    let removed = Message { place: Place::Removed, ..lost };
    assert_eq!(in_order(&[removed, plain("o-19", 30)]).holds, Holds::Untested);
    let late = Message { effects: vec![10, 40], ..plain("o-20", 10) };
    let told = in_order(&[late, plain("o-21", 30)]);
    assert_eq!((told.why.as_str(), told.witness), ("o-20 was sent before o-21 and took effect again after it", vec![10, 30]));
}
