//! Series over made-up values.

use super::*;
use crate::cluster::facts::FactKind;
use proptest::prelude::*;

const FACTS: &[&str] = &["lag", "by_name"];

/// Plays events at these times (in ms) after which the values are these, and then waits until `end`; at most `chunk` ms at once.
fn played(events: &[(u64, f64)], end: u64, chunk: u64) -> Series {
    let mut series = Series::new(FACTS);
    let (mut now, mut value) = (0, 0.0);
    for (at, next) in events.iter().copied().chain([(end, f64::NAN)]) {
        let is_event = !next.is_nan();
        while now < at {
            now = (now + chunk).min(at);
            go_on(&mut series, Time(now * 1_000_000), is_event && now == at, value);
        }
        if is_event {
            go_on(&mut series, Time(now * 1_000_000), true, value);
            (value, now) = (next, at);
            series.event(Time(at * 1_000_000));
        }
    }
    series
}

fn go_on(series: &mut Series, t: Time, is_event: bool, value: f64) {
    while let Some(at) = series.due(t, is_event) {
        series.sample(at, &facts(value));
    }
}

fn facts(value: f64) -> [(&'static str, FactValue); 2] {
    [("lag", FactValue::Float(value)), ("by_name", FactValue::Named(vec![("a-1".to_string(), value * 2.0)]))]
}

fn over(how: How, ms: u64) -> Over {
    Over { how, fact: "lag", key: None, span: Span::ms(ms) }
}

#[test]
fn a_while_is_judged_by_its_samples() {
    let series = played(&[(100, 5.0), (200, 1.0), (500, 2.0)], 1_000, 1_000);
    let now = Time(1_000_000_000);
    let answer = |over: &Over| series.answer(over, now, Some(2.0));
    for (how, ms, is) in [
        (How::Max, 2_000, 5.0),
        (How::Max, 600, 2.0),
        (How::Min, 400, 2.0),
        (How::Min, 600, 1.0),
        (How::Min, 5_000, 0.0),
        (How::At, 100, 2.0),
        (How::At, 700, 1.0),
        (How::At, 850, 5.0),
        (How::Mean, 400, 2.0),
    ] {
        assert_eq!(answer(&over(how, ms)), Some(is), "{how:?} of {ms} ms");
    }
    let mean = answer(&over(How::Mean, 1_000)).unwrap();
    assert!((mean - (0.5 + 0.3 + 1.0)).abs() < 0.15, "{mean}");
    let named = Over { key: Some("a-1".into()), fact: "by_name", ..over(How::Max, 1_000) };
    assert_eq!((answer(&named), named.to_string().as_str()), (Some(10.0), "max_over(by_name[\"a-1\"], 1s)"));
}

#[test]
fn what_was_not_there_is_no_answer() {
    let series = played(&[(100, 5.0)], 200, 200);
    let now = Time(200_000_000);
    assert_eq!(series.answer(&over(How::At, 300), now, Some(5.0)), None, "before the start");
    assert_eq!(series.answer(&Over { fact: "other", ..over(How::Max, 100) }, now, None), None, "not one of its facts");
    assert_eq!(Series::new(FACTS).answer(&over(How::Max, 100), Time::ZERO, Some(3.0)), Some(3.0), "only the value of now");
    let mut gone = series;
    gone.event(Time(200_000_000));
    gone.sample(Time(200_000_000), &[("lag", FactValue::Absent("nobody leads".into()))]);
    assert_eq!(gone.answer(&over(How::Max, 50), Time(300_000_000), None), None);
    assert_eq!(gone.answer(&over(How::Max, 250), Time(300_000_000), None), Some(5.0));
    assert_eq!(gone.answer(&over(How::At, 50), Time(300_000_000), None), None);
}

#[test]
fn a_long_run_keeps_a_bounded_past() {
    let events: Vec<(u64, f64)> = (0..400_000).map(|i| (i * 10, (i % 1_000) as f64)).collect();
    let series = played(&events, 4_000_000, 10);
    let now = Time(4_000_000_000_000);
    let pieces: Vec<Piece> = series.pieces("lag", None, now).collect();
    assert!(pieces.len() < SHELF * SHELVES, "{}", pieces.len());
    for pair in pieces.windows(2) {
        assert_eq!(pair[1].to, pair[0].from, "no gap");
    }
    assert_eq!(pieces.last().map(|piece| piece.from), Some(Time::ZERO));
    for piece in &pieces {
        let (length, age) = (piece.to.since(piece.from).0 as f64, now.since(piece.to).0 as f64);
        assert!(length <= 1.2 * EVERY.0 as f64 + age / 10.0, "{length} long, {age} ago");
    }
    assert_eq!(series.answer(&over(How::Max, 20_000), now, Some(0.0)), Some(995.0), "every fifth value is sampled");
    let mean = series.answer(&over(How::Mean, 1_000_000), now, Some(0.0)).unwrap();
    assert!((mean - 499.5).abs() < 10.0, "{mean}");
}

#[test]
fn what_does_not_change_is_one_piece() {
    let same: Vec<(u64, f64)> = (1..1_000).map(|i| (i * 60, 3.0)).collect();
    let (series, now) = (played(&same, 60_000, 60_000), Time(60_000_000_000));
    let pieces: Vec<Piece> = series.pieces("lag", None, now).collect();
    assert_eq!(pieces.len(), 2, "{pieces:?}");
    assert_eq!(series.answer(&over(How::At, 30_000), now, Some(3.0)), Some(3.0));
    assert_eq!(series.answer(&over(How::Mean, 30_000), now, Some(3.0)), Some(3.0));
}

#[test]
fn long_idleness_costs_two_samples() {
    let mut series = Series::new(FACTS);
    let mut samples = 0;
    for t in [5, 3_600_000, 7_200_000] {
        while let Some(at) = series.due(Time(t * 1_000_000), true) {
            series.sample(at, &facts(1.0));
            samples += 1;
        }
        series.event(Time(t * 1_000_000));
    }
    assert!(samples <= 6, "{samples}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// However a run is driven, and wherever it is forked, its series is the same, and holds what happened.
    #[test]
    fn a_series_hangs_on_the_events_alone(steps in proptest::collection::vec((1u64..400, 0f64..100.0), 1..40), chunk in 1u64..50) {
        let mut at = 0;
        let events: Vec<(u64, f64)> = steps.into_iter().map(|(after, value)| { at += after; (at, value) }).collect();
        let (end, now) = (at + 30, Time((at + 30) * 1_000_000));
        let (once, in_chunks) = (played(&events, end, u64::MAX >> 1), played(&events, end, chunk));
        let pieces = |series: &Series| series.pieces("lag", None, now).collect::<Vec<_>>();
        prop_assert_eq!(pieces(&once), pieces(&in_chunks.clone()));
        let greatest = once.answer(&over(How::Max, end), now, events.last().map(|(_, x)| *x)).unwrap();
        let exact = events.iter().map(|(_, x)| *x).fold(0.0, f64::max);
        prop_assert!(greatest <= exact);
        let long = events.windows(2).filter(|pair| pair[1].0 - pair[0].0 >= 100).map(|pair| pair[0].1).fold(0.0, f64::max);
        prop_assert!(greatest >= long, "{greatest} misses {long}");
    }
}

/// Busy for a while, then quiet for a while, at random: a sample that followed the events would see too much of the quiet.
#[test]
fn the_mean_is_that_over_the_time() {
    let mut draw = crate::sim::draw::Draws::new(7).at(crate::sim::draw::Concern::Arrival, 0);
    let (mut at, mut events, mut busy) = (0, Vec::new(), 0);
    for i in 0..40_000 {
        events.push((at, f64::from(i % 2 == 0)));
        let gap = 1 + draw.below(150);
        (at, busy) = (at + gap, busy + if i % 2 == 0 { gap } else { 0 });
    }
    let series = played(&events, at, u64::MAX >> 1);
    let mean = series.answer(&over(How::Mean, at), Time(at * 1_000_000), None).unwrap();
    let exact = busy as f64 / at as f64;
    assert!((mean - exact).abs() < 0.005, "{mean} is not {exact}");
}

#[test]
fn every_series_of_a_model_is_of_a_number() {
    for model in crate::cluster::registry::MODELS {
        for name in model.series {
            let fact = model.facts.iter().find(|doc| doc.name == *name).unwrap_or_else(|| panic!("{} has no fact {name}", model.name));
            assert!(!matches!(fact.kind, FactKind::Bool | FactKind::Text), "{name}");
        }
    }
}
