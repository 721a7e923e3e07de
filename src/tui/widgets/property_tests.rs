//! What holds for every scene, however odd.

use proptest::prelude::*;

use super::tests::{buffer, draw_all, draw_stage, picture, theme};
use super::{loads, scenes};
use crate::cluster::scene::{Fate, FlightKind, FlightView, Scene, Spark, SparkKind, Tone, WallView};
use crate::sim::id::NodeId;
use crate::sim::time::Span;
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

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn no_scene_panics(scene in any_scene(), w in 0u16..140, h in 0u16..50, motion in any::<bool>(), ascii in any::<bool>()) {
        let theme = Theme::new(Palette::Light, Depth::True, ascii, motion);
        let mut buf = buffer(w, h);
        draw_all(buf.area, &mut buf, &theme, &scene);
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
