//! What holds for every scene, however odd.

use proptest::prelude::*;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::tests::{buffer, draw_all, draw_stage, picture, theme};
use super::text::width;
use super::{Operations, Target, loads, scenes, spacetime};
use crate::check::operation::{Op, Value};
use crate::cluster::kit::register;
use crate::cluster::scene::{Fate, FlightKind, FlightView, Scene, Spark, SparkKind, Tone, WallView};
use crate::cluster::told::{Exchange, Outcome, Stamp};
use crate::cluster::{Happening, NoteMark, What};
use crate::command::{DiskFate, Place, Poke};
use crate::sim::id::{MsgId, NodeId};
use crate::sim::time::{Span, Time};
use crate::tui::theme::{Depth, Palette, Theme};

prop_compose! {
    fn any_id()(client in any::<bool>(), index in 0u16..6) -> NodeId {
        if client { NodeId::client(index) } else { NodeId::server(index) }
    }
}

fn any_kind() -> impl Strategy<Value = FlightKind> {
    prop::sample::select(&scenes::KINDS[..])
}

fn any_progress() -> impl Strategy<Value = f64> {
    prop_oneof![0.0..=1.0, Just(f64::NAN), Just(f64::INFINITY), -2.0..3.0]
}

fn any_flight() -> impl Strategy<Value = FlightView> {
    let fate = prop::sample::select(vec![Fate::Arrives, Fate::Lost, Fate::Held, Fate::Walled]);
    let parts = (0u64..1000, any_id(), any_id(), any_progress(), any_kind(), "[a-z日 =]{0,20}", fate);
    parts.prop_map(|(id, from, to, progress, kind, label, fate)| scenes::flight(id, (from, to), progress, kind, &label, fate))
}

fn any_wall() -> impl Strategy<Value = WallView> {
    let side = || prop::collection::vec(any_id(), 0..4);
    (side(), side(), any::<bool>()).prop_map(|(left, right, one_way)| WallView { left, right, one_way })
}

fn any_spark() -> impl Strategy<Value = Spark> {
    let kind = prop::sample::select(vec![SparkKind::Lost, SparkKind::Refused, SparkKind::Changed]);
    let parts = (kind, any_id(), any_id(), any_progress(), "[a-z]{0,9}");
    parts.prop_map(|(kind, from, to, progress, label)| Spark { kind, age: Span::ZERO, from, to, progress, label })
}

/// Parts of these scenes, put together anyhow.
fn any_of(scenes: Vec<(&'static str, Scene)>) -> impl Strategy<Value = Scene> {
    let base = prop::sample::select(scenes);
    let flights = prop::collection::vec(any_flight(), 0..12);
    let walls = prop::collection::vec(any_wall(), 0..3);
    let sparks = prop::collection::vec(any_spark(), 0..3);
    let looks = (prop::sample::select(vec![Tone::Stale, Tone::Bad, Tone::Plain]), any::<bool>(), 0usize..6, prop::option::of(0usize..9));
    (base, flights, walls, sparks, looks).prop_map(|((_, mut scene), flights, walls, sparks, (tone, changed, keep, zone))| {
        scene.nodes.truncate(keep);
        for node in &mut scene.nodes {
            node.changed = changed;
            node.zone = zone;
            node.rows.iter_mut().for_each(|row| row.tone = tone);
        }
        Scene { flights, walls, sparks, ..scene }
    })
}

/// Parts of all hand-made scenes.
fn any_scene() -> impl Strategy<Value = Scene> {
    any_of(scenes::all().into_iter().chain(loads::all()).collect())
}

/// A run of this many milliseconds: what clients asked and were told, turns, faults and messages, at any time.
const RUN: u64 = 4000;

prop_compose! {
    fn any_run()(
        asks in prop::collection::vec((0u16..3, any::<bool>(), 0i64..20_000, 0..RUN, 1u64..900), 0..40),
        others in prop::collection::vec((0..RUN, 0u16..3, 0u8..8), 0..60),
    ) -> (Vec<Happening>, Operations) {
        let at = |ms: u64| Time(ms * 1_000_000);
        let mut all: Vec<(u64, What)> = Vec::new();
        let mut exchanges = Vec::new();
        for (index, (client, writes, value, ms, takes)) in asks.into_iter().enumerate() {
            let op = if writes { Op::Write { key: "x".into(), value: Value::Int(value) } } else { Op::Read { key: "x".into() } };
            let told = if writes { "ok".to_string() } else { value.to_string() };
            let stamp = |ms: u64| Stamp { event: ms, at: at(ms) };
            let (id, client, call) = (index as u32, NodeId::client(client), register::asked(&op));
            let ended = (ms + takes < RUN).then(|| stamp(ms + takes));
            let outcome = if ended.is_some() { Outcome::Ok(told.clone()) } else { Outcome::Open };
            exchanges.push(Exchange { id, client, call, called: stamp(ms), ended, outcome });
            all.push((ms, What::Called(index)));
            all.extend(ended.map(|_| (ms + takes, What::Returned(index, told))));
        }
        all.extend(others.into_iter().map(|(ms, node, which)| (ms, happens(NodeId::server(node), which, at(ms / 2)))));
        all.sort_by_key(|(ms, _)| *ms);
        let happenings = (1..).zip(all).map(|(event, (ms, what))| Happening { event, at: at(ms), what });
        (happenings.collect(), exchanges.into())
    }
}

/// One of the things that can happen to a server.
fn happens(node: NodeId, which: u8, sent: Time) -> What {
    let does = |mark| What::Note { node, text: "n2 does something".into(), mark };
    match which {
        0 => does(NoteMark::Leads),
        1 => does(NoteMark::Applies),
        2 => does(NoteMark::Decides),
        3 => What::Poked(Poke::Crash(Place::Node(node), DiskFate::Kept)),
        4 => What::Poked(Poke::Restart(Place::Node(node))),
        5 => What::Lost { id: MsgId(900), from: node, to: scenes::n(1), sent, kind: scenes::REPLICATION, why: "cut" },
        _ => What::Arrived { id: MsgId(901), from: node, to: scenes::n(3), sent, kind: scenes::HEARTBEAT },
    }
}

fn any_target() -> impl Strategy<Value = Target> {
    prop_oneof![
        (0u64..12).prop_map(|id| Target::Message(MsgId(id))),
        any_id().prop_map(Target::Node),
        (any_id(), any_id()).prop_map(|(a, b)| Target::Wire(a, b)),
    ]
}

/// The text of a line of the screen; a wide character has a blank cell behind it.
fn line(buf: &Buffer, row: Rect) -> String {
    let mut text = String::new();
    let mut x = row.left();
    while x < row.right() {
        text += buf[(x, row.y)].symbol();
        x += (width(buf[(x, row.y)].symbol()) as u16).max(1);
    }
    text
}

/// The labels of an axis with their columns: what stands between signs or two blanks and has a digit.
fn times(axis: &str) -> Vec<(u16, String)> {
    let signs = [theme().glyphs.axis, theme().glyphs.lanes].concat();
    let cells: Vec<char> = axis.chars().map(|c| if signs.contains(&c.to_string().as_str()) { '|' } else { c }).collect();
    let text: String = cells.iter().collect::<String>().replace("  ", "||");
    let mut column = 0;
    let mut found = Vec::new();
    for part in text.split('|') {
        if part.contains(|c: char| c.is_ascii_digit()) {
            found.push((column, part.trim().to_string()));
        }
        column += part.chars().count() as u16 + 1;
    }
    found
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn no_scene_panics(scene in any_scene(), w in 0u16..140, h in 0u16..50, motion in any::<bool>(), ascii in any::<bool>()) {
        let theme = Theme::new(Palette::Light, Depth::True, ascii, motion);
        let mut buf = buffer(w, h);
        draw_all(buf.area, &mut buf, &theme, &scene);
    }

    #[test]
    fn the_words_of_a_message_are_whole(scene in any_scene(), w in 20u16..140, h in 6u16..50, selected in prop::option::of(any_target())) {
        let (buf, hits) = draw_stage(&theme(), &scene, (w, h), selected);
        for (id, rect) in hits.messages.iter().filter(|(_, rect)| rect.width > 1) {
            let lines: Vec<String> = rect.rows().map(|row| line(&buf, row)).collect();
            let words = |flight: &FlightView| match flight.fate {
                Fate::Held => vec!["held".to_string()],
                _ => vec![flight.label.trim_end().to_string(), flight.label.split(',').next().unwrap_or_default().trim_end().to_string()],
            };
            let mut own = scene.flights.iter().filter(|flight| flight.id == *id).flat_map(words);
            let sampled = scene.flows.iter().filter_map(|flow| flow.sample.as_ref()).any(|sample| sample.id == *id);
            // Where there is no room for a picture, messages are listed, and what is cut off says so.
            let says_so = |line: &String| line.contains(theme().glyphs.more);
            prop_assert!(sampled || own.any(|words| lines.iter().any(|line| line.contains(&words) || says_so(line))), "{} at {}:\n{}", id, rect, picture(&buf));
        }
    }

    #[test]
    fn labels_on_the_timeline_are_whole_and_times_are_true(
        (happenings, operations) in any_run(), pokes in prop::collection::vec(0..RUN, 0..9),
        (w, h) in (12u16..150, 2u16..16), now in 1..RUN, span in 10u64..9000, event in 0u64..60,
    ) {
        let scene = Scene { at: Time(now * 1_000_000), ..scenes::normal() };
        let (from, to) = spacetime::window(scene.at, Time(RUN * 1_000_000), Span::ms(span));
        let seen: Vec<Happening> = happenings.into_iter().filter(|h| h.at >= from && h.at <= to).collect();
        let pokes: Vec<Time> = pokes.into_iter().map(|ms| Time(ms * 1_000_000)).collect();
        let selected = Some(Target::Event(event));
        let view = spacetime::View {
            scene: &scene, happenings: &seen, operations: &operations, leading: &[], pokes: &pokes, from, to, selected, series: &[], lane: 0,
        };
        let mut buf = buffer(w, h);
        let hits = spacetime::draw(buf.area, &mut buf, &theme(), &view);
        for mark in hits.marks.iter().filter(|mark| mark.rect.width > 1) {
            let Target::Operation(index) = mark.target else { continue };
            let exchange = operations.get(index).unwrap();
            let text = line(&buf, mark.rect);
            let told = if let Outcome::Ok(told) = &exchange.outcome { format!("{}{told}", theme().glyphs.done) } else { String::new() };
            prop_assert!([exchange.call.brief(), told].contains(&text), "{text} of {exchange:?}\n{}", picture(&buf));
        }
        let axis = line(&buf, Rect { y: h - 1, height: 1, ..hits.plot });
        for (column, label) in times(&axis) {
            let seconds = label.trim_end_matches(" s").parse::<f64>();
            prop_assert!(label.ends_with(" s") && seconds.is_ok(), "{label} in {axis}\n{}", picture(&buf));
            let apart = libm::fabs(seconds.unwrap() * 1e9 - hits.time_at(hits.plot.x + column).unwrap().0 as f64);
            prop_assert!(apart <= 7.0 * to.since(from).0 as f64 / f64::from(hits.plot.width), "{label} in {axis}");
        }
        // Lanes without a line are counted.
        let (lanes, lines) = (scene.nodes.len() + scene.clients.len(), usize::from(h) - 1);
        let name = Rect { x: 0, y: h - 1, width: hits.plot.x, height: 1 };
        let counted = lines >= lanes || line(&buf, name).contains(&format!("+{}", lanes - lines));
        prop_assert!(counted && hits.hidden == lanes.saturating_sub(lines), "{}", picture(&buf));
        let poked = pokes.iter().filter(|at| **at >= from && **at <= to).count();
        prop_assert!(poked == 0 || axis.contains(theme().glyphs.axis[1]), "{axis}");
    }

    #[test]
    fn no_message_hides_another(scene in any_of(scenes::all()), w in 60u16..140, h in 14u16..50) {
        let (buf, hits) = draw_stage(&theme(), &scene, (w, h), None);
        for (id, rect) in &hits.messages {
            let shapes = scene.flights.iter().filter(|f| f.id == *id).map(|f| theme().glyphs.sign(f.kind.sign)).collect::<Vec<_>>();
            let seen = rect.positions().any(|at| shapes.contains(&buf[at].symbol()));
            prop_assert!(seen, "{} at {}:\n{}", id, rect, picture(&buf));
        }
        let placed = |id: NodeId| scene.nodes.iter().any(|n| n.id == id) || scene.clients.iter().any(|c| c.id == id);
        // More than three on one way are a flow.
        let alike = |f: &FlightView| scene.flights.iter().filter(|g| (g.from, g.to) == (f.from, f.to)).count();
        let expected = scene.flights.iter().filter(|f| placed(f.from) && placed(f.to) && alike(f) <= 3).count();
        prop_assert!(hits.messages.len() >= expected);
    }
}
