//! What drawing costs: the stage and the space-time diagram of a running cluster with a cut, into a buffer.

use divan::Bencher;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use splitbrain::cluster::scene::Scene;
use splitbrain::cluster::scene::{Fate, FlightKind, FlightView, NodeView};
use splitbrain::cluster::{Cluster, Scenario, registry};
use splitbrain::command::{Command, Poke};
use splitbrain::sim::id::{MsgId, NodeId};
use splitbrain::sim::time::{Span, Time};
use splitbrain::timeline::Timeline;
use splitbrain::tui::screens::lab::picture::Picture;
use splitbrain::tui::theme::{Depth, Palette, Theme};
use splitbrain::tui::widgets::{Operations, narration, spacetime, stage};

fn main() {
    divan::main();
}

/// A cluster of `nodes` with traffic from two clients, half a second after a cut.
fn running(nodes: u16) -> Result<Box<dyn Cluster>, String> {
    let model = registry::model("replicated").ok_or("no such model")?;
    let scenario =
        Scenario { model: model.name.to_string(), nodes: Some(nodes), clients: None, zones: Vec::new(), settings: Vec::new(), seed: 7 };
    let mut cluster = (model.start)(&scenario).map_err(|bad| format!("{bad:?}"))?;
    let mut pokes: Vec<Poke> = Vec::new();
    for text in ["workload c1 200/s read:write 1:1 keys x", "workload c2 200/s read:write 1:1 keys x", "cut n1 | n2 n3"] {
        match splitbrain::cluster::replicated::MODEL.language.parse(text) {
            Ok(Command::Poke(poke)) => pokes.push(poke),
            other => return Err(format!("{other:?}")),
        }
    }
    for poke in pokes {
        cluster.run_until(cluster.now() + Span::s(1), 1_000_000);
        cluster.apply(&poke).map_err(|refused| refused.to_string())?;
    }
    cluster.run_until(cluster.now() + Span::ms(500), 1_000_000);
    Ok(cluster)
}

fn scene_of(cluster: &dyn Cluster) -> Scene {
    let mut scene = Scene::default();
    cluster.scene(cluster.now(), &mut scene);
    scene
}

/// At most 100 us.
#[divan::bench(args = [3, 9])]
fn scene(bencher: Bencher<'_, '_>, nodes: u16) {
    let Ok(cluster) = running(nodes) else { return };
    let mut scene = Scene::default();
    bencher.bench_local(|| cluster.scene(cluster.now(), &mut scene));
}

#[divan::bench(args = [(3, 78, 20), (3, 118, 34), (9, 118, 34), (3, 198, 58)])]
fn draw_stage(bencher: Bencher<'_, '_>, (nodes, width, height): (u16, u16, u16)) {
    let Ok(cluster) = running(nodes) else { return };
    let scene = scene_of(&*cluster);
    let theme = Theme::new(Palette::Dark, Depth::Indexed, false, true);
    let mut buf = Buffer::empty(Rect::new(0, 0, width, height));
    bencher.bench_local(|| {
        buf.reset();
        stage::draw(buf.area, &mut buf, &stage::View::new(&theme, &scene))
    });
}

#[divan::bench(args = [(78, 10), (118, 20)])]
fn draw_spacetime(bencher: Bencher<'_, '_>, (width, height): (u16, u16)) {
    let Ok(cluster) = running(3) else { return };
    let scene = scene_of(&*cluster);
    let (from, to) = spacetime::window(scene.at, scene.at, Span::s(1));
    let mut happenings = Vec::new();
    cluster.happenings(from, &mut happenings);
    let operations = Operations::from(cluster.exchanges());
    let theme = Theme::new(Palette::Dark, Depth::Indexed, false, true);
    let view = spacetime::View {
        scene: &scene,
        happenings: &happenings,
        operations: &operations,
        leading: &[],
        pokes: &[Time(1_000_000_000)],
        from,
        to,
        selected: None,
        series: &[],
        lane: 0,
    };
    let mut buf = Buffer::empty(Rect::new(0, 0, width, height));
    bencher.bench_local(|| {
        buf.reset();
        spacetime::draw(buf.area, &mut buf, &theme, &view)
    });
}

/// So many servers, each with a message to the next.
fn many(nodes: u16) -> Scene {
    let flight = |i: u16| FlightView {
        id: MsgId(i.into()),
        from: NodeId::server(i),
        to: NodeId::server((i + 1) % nodes),
        progress: 0.5,
        kind: FlightKind::REQUEST,
        label: "append x=9".into(),
        fate: Fate::Arrives,
        sent: Time::ZERO,
        due: Time(1_000_000),
    };
    let nodes_of = (0..nodes).map(|i| NodeView::new(NodeId::server(i)));
    Scene { nodes: nodes_of.collect(), flights: (0..nodes).map(flight).collect(), ..Scene::default() }
}

/// At most 2 ms.
#[divan::bench(args = [(1000, 75, 19), (1000, 134, 33)])]
fn draw_many_nodes(bencher: Bencher<'_, '_>, (nodes, width, height): (u16, u16, u16)) {
    let scene = many(nodes);
    let theme = Theme::new(Palette::Dark, Depth::Indexed, false, true);
    let mut buf = Buffer::empty(Rect::new(0, 0, width, height));
    bencher.bench_local(|| {
        buf.reset();
        stage::draw(buf.area, &mut buf, &stage::View::new(&theme, &scene))
    });
}

/// A run with so many operations; `None` where it cannot be made.
fn long(operations: u64) -> Option<Timeline> {
    let scenario = Scenario { model: "replicated".into(), nodes: None, clients: None, zones: Vec::new(), settings: Vec::new(), seed: 7 };
    let mut run = Timeline::new(scenario).ok()?;
    let language = registry::language("replicated");
    for client in ["c1", "c2"] {
        let Ok(Command::Poke(poke)) = language.parse(&format!("workload {client} 200/s read:write 1:1 keys x")) else { return None };
        run.poke(&poke).ok()?;
    }
    run.advance(Span::s(operations / 400));
    Some(run)
}

/// Everything that a frame costs while it plays, where so much lies behind: what is known is brought up to date, then drawn. At most
/// 2 ms.
#[divan::bench(args = [1_000, 100_000])]
fn frame_after(bencher: Bencher<'_, '_>, operations: u64) {
    let Some(mut run) = long(operations) else { return };
    let theme = Theme::new(Palette::Dark, Depth::Indexed, false, true);
    let mut picture = Picture::default();
    picture.refresh(&run, Span::ms(100), true);
    let mut buf = Buffer::empty(Rect::new(0, 0, 120, 36));
    let [left, right] = [Rect::new(0, 0, 75, 19), Rect::new(0, 19, 75, 11)];
    bencher.bench_local(|| {
        run.advance(Span::ms(3));
        picture.refresh(&run, Span::ms(100), true);
        buf.reset();
        stage::draw(left, &mut buf, &stage::View::new(&theme, &picture.scene));
        let (from, to) = spacetime::window(picture.scene.at, picture.seen, Span::s(2));
        let view = spacetime::View {
            scene: &picture.scene,
            happenings: picture.between(from, to),
            operations: picture.operations(),
            leading: &[],
            pokes: &picture.pokes,
            from,
            to,
            selected: None,
            series: &[],
            lane: 0,
        };
        spacetime::draw(right, &mut buf, &theme, &view);
        narration::draw(Rect::new(76, 0, 44, 8), &mut buf, &theme, picture.to_tell(), None)
    });
}
