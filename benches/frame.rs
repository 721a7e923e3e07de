//! What drawing costs: the stage and the space-time diagram of a running cluster with a cut, into a buffer.

use divan::Bencher;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use splitbrain::cluster::scene::Scene;
use splitbrain::cluster::{Cluster, Scenario, registry};
use splitbrain::command::{Command, Poke};
use splitbrain::sim::time::{Span, Time};
use splitbrain::tui::theme::{Depth, Palette, Theme};
use splitbrain::tui::widgets::{Operations, spacetime, stage};

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
    };
    let mut buf = Buffer::empty(Rect::new(0, 0, width, height));
    bencher.bench_local(|| {
        buf.reset();
        spacetime::draw(buf.area, &mut buf, &theme, &view)
    });
}
