//! What the widgets look like, and that they stand any size and any scene.

use std::fmt::Write as _;

use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier};

use super::loads;
use super::scenes::{self, c, n};
use super::{Operations, Target, bar, guarantees, inspector, markdown, narration, spacetime, stage};
use crate::check::verdict::{Guarantee, Holds, Verdict};
use crate::cluster::scene::{Fate, Health, Scene, Shape, WallView};
use crate::sim::id::{MsgId, NodeId};
use crate::sim::time::{Span, Time};
use crate::tui::theme::{Depth, Palette, Theme};

pub(crate) fn theme() -> Theme {
    Theme::new(Palette::Dark, Depth::Indexed, false, true)
}

pub(crate) fn buffer(width: u16, height: u16) -> Buffer {
    Buffer::empty(Rect::new(0, 0, width, height))
}

/// The cells of a buffer as text, then their styles as letters with a legend.
pub(crate) fn picture(buf: &Buffer) -> String {
    let mut styles: Vec<String> = vec![style(&Cell::default())];
    let (mut text, mut letters) = (String::new(), String::new());
    for row in buf.content.chunks(buf.area.width.max(1) as usize) {
        let symbols: String = row.iter().map(Cell::symbol).collect();
        text.push_str(symbols.trim_end());
        text.push('\n');
        let mut line = String::new();
        for cell in row {
            let style = style(cell);
            let index = styles.iter().position(|s| *s == style).unwrap_or_else(|| {
                styles.push(style);
                styles.len() - 1
            });
            line.push(if index == 0 { ' ' } else { char::from(b'a' + index as u8 - 1) });
        }
        letters.push_str(line.trim_end());
        letters.push('\n');
    }
    let entry = |(i, s): (usize, &String)| format!("{}: {s}", char::from(b'a' + i as u8 - 1));
    let legend: Vec<String> = styles.iter().enumerate().skip(1).map(entry).collect();
    let legend = legend.join("\n");
    format!("{text}-- styles\n{letters}{legend}")
}

fn style(cell: &Cell) -> String {
    format!("{} on {} {:?}", cell.fg, cell.bg, cell.modifier)
}

pub(super) fn draw_stage(theme: &Theme, scene: &Scene, (width, height): (u16, u16), selected: Option<Target>) -> (Buffer, stage::Hits) {
    let mut buf = buffer(width, height);
    let hits = stage::draw(buf.area, &mut buf, &stage::View { selected, ..stage::View::new(theme, scene) });
    (buf, hits)
}

#[test]
fn the_stage_looks_right_at_every_size() {
    for (name, scene) in scenes::all() {
        for size in [(78, 14), (80, 20), (120, 24), (40, 10)] {
            let (buf, _) = draw_stage(&theme(), &scene, size, None);
            insta::assert_snapshot!(format!("stage-{name}-{}x{}", size.0, size.1), picture(&buf));
        }
    }
}

#[test]
fn layouts_and_panels_look_right_at_every_size() {
    for (name, scene) in loads::all() {
        for size in [(78, 10), (75, 19), (134, 33)] {
            let (buf, _) = draw_stage(&theme(), &scene, size, None);
            insta::assert_snapshot!(format!("stage-{name}-{}x{}", size.0, size.1), picture(&buf));
        }
    }
}

#[test]
fn what_is_selected_stands_out() {
    let (buf, _) = draw_stage(&theme(), &scenes::crash(), (78, 14), Some(Target::Message(MsgId(7))));
    insta::assert_snapshot!("stage-with-a-message-selected", picture(&buf));
    let (buf, _) = draw_stage(&theme(), &scenes::normal(), (78, 14), Some(Target::Node(n(2))));
    insta::assert_snapshot!("stage-with-a-node-selected", picture(&buf));
}

#[test]
fn a_cut_between_zones_runs_between_them() {
    let mut scene = scenes::zones();
    scene.walls = vec![WallView { left: vec![n(1), n(2), c(1)], right: vec![n(3), n(4), n(5)], one_way: false }];
    for width in [78, 150] {
        let (buf, _) = draw_stage(&theme(), &scene, (width, 14), None);
        insta::assert_snapshot!(format!("stage-zones-cut-{width}"), picture(&buf));
    }
}

#[test]
fn without_motion_messages_stand_and_say_how_far_they_are() {
    let still = Theme { motion: false, ..theme() };
    let (buf, _) = draw_stage(&still, &scenes::normal(), (78, 14), None);
    insta::assert_snapshot!(picture(&buf));
}

fn view<'a>(scene: &'a Scene, happenings: &'a [crate::cluster::Happening], operations: &'a Operations) -> spacetime::View<'a> {
    const LEADING: &[NodeId] = &[NodeId::server(0)];
    const POKES: &[Time] = &[Time(800_000_000), Time(1_700_000_000)];
    let (from, to) = spacetime::window(scene.at, scene.at, Span::ms(2400));
    spacetime::View { scene, happenings, operations, leading: LEADING, pokes: POKES, from, to, selected: None, series: &[], lane: 0 }
}

#[test]
fn the_timeline_looks_right() {
    let (scene, happenings, operations) = (scenes::split_brain(), scenes::happenings(), scenes::operations());
    for size in [(78, 11), (60, 6), (30, 3)] {
        let mut buf = buffer(size.0, size.1);
        spacetime::draw(buf.area, &mut buf, &theme(), &view(&scene, &happenings, &operations));
        insta::assert_snapshot!(format!("timeline-{}x{}", size.0, size.1), picture(&buf));
    }
    let mut buf = buffer(60, 1);
    spacetime::scrubber(buf.area, &mut buf, &theme(), (Time(1_300_000_000), scene.at), &[Time(800_000_000)]);
    insta::assert_snapshot!("scrubber", picture(&buf));
}

#[test]
fn the_small_panels_look_right() {
    let mut buf = buffer(44, 11);
    guarantees::draw(buf.area, &mut buf, &theme(), (&scenes::verdicts(), &[]), Some(6));
    insta::assert_snapshot!("guarantees", picture(&buf));
    let mut buf = buffer(60, 1);
    guarantees::line(buf.area, &mut buf, &theme(), &scenes::verdicts());
    insta::assert_snapshot!("guarantees-in-a-line", picture(&buf));
    let mut buf = buffer(50, 8);
    let (happenings, operations) = (scenes::happenings(), scenes::operations());
    narration::draw(buf.area, &mut buf, &theme(), story(&happenings, &operations), Some(Target::Event(18)));
    insta::assert_snapshot!("narration", picture(&buf));
}

#[test]
fn the_inspector_tells_everything() {
    let (scene, happenings, operations, verdicts) = (scenes::crash(), scenes::happenings(), scenes::operations(), scenes::verdicts());
    let facts = inspector::Facts { scene: &scene, happenings: &happenings, operations: &operations, verdicts: &verdicts };
    let targets = [
        Target::Node(n(3)),
        Target::Node(c(1)),
        Target::Node(n(9)),
        Target::Message(MsgId(7)),
        Target::Message(MsgId(2)),
        Target::Wire(n(2), n(3)),
        Target::Operation(1),
        Target::Event(15),
    ];
    let mut page = String::new();
    for target in targets {
        writeln!(page, "== {target:?}").unwrap();
        for line in inspector::lines(&theme(), target, &facts) {
            page += &line.iter().map(|p| p.text.as_str()).collect::<String>();
            page += "\n";
        }
    }
    insta::assert_snapshot!(page);
}

/// Draws every widget in the area.
pub(super) fn draw_all(area: Rect, buf: &mut Buffer, theme: &Theme, scene: &Scene) {
    let (happenings, operations, verdicts) = (scenes::happenings(), scenes::operations(), scenes::verdicts());
    let selected = Some(Target::Message(MsgId(3)));
    let inner = super::panel(area, buf, theme, "Cluster · all of it", true);
    stage::draw(inner, buf, &stage::View { selected, ..stage::View::new(theme, scene) });
    spacetime::draw(area, buf, theme, &spacetime::View { selected, ..view(scene, &happenings, &operations) });
    spacetime::scrubber(area, buf, theme, (Time(1), Time(2)), &[Time(0), Time(9)]);
    guarantees::draw(area, buf, theme, (&verdicts, &[]), Some(0));
    guarantees::line(area, buf, theme, &verdicts);
    narration::draw(area, buf, theme, story(&happenings, &operations), None);
    narration::line(area, buf, theme, story(&happenings, &operations), Span::ms(100));
    bar::draw(area, buf, theme, 0.5, theme.good);
    let lines = markdown::lines(theme, "# a\n\n- b\n  > c\n\n|x|y|\n|-|-|\n|long|longer|", area.width as usize);
    super::lines(area, buf, &lines, 1);
}

#[test]
fn no_size_panics_and_nothing_is_drawn_outside() {
    let (theme, scene) = (theme(), scenes::busy());
    for (width, height) in (0..=60).flat_map(|w| (0..=30).map(move |h| (w, h))) {
        let mut buf = buffer(width + 2, height + 2);
        let area = Rect::new(1, 1, width, height);
        draw_all(area, &mut buf, &theme, &scene);
        for (index, cell) in buf.content.iter().enumerate() {
            let (x, y) = buf.pos_of(index);
            assert!(area.contains((x, y).into()) || *cell == Cell::default(), "{width}x{height}: {cell:?} at {x},{y}");
        }
    }
}

#[test]
fn an_area_that_is_not_in_the_buffer_draws_nothing() {
    let mut buf = buffer(10, 5);
    draw_all(Rect::new(8, 3, 40, 20), &mut buf, &theme(), &scenes::zones());
    draw_all(Rect::new(100, 100, 40, 20), &mut buf, &theme(), &scenes::zones());
    assert!(buf.content.iter().enumerate().all(|(i, cell)| buf.pos_of(i).0 >= 8 || *cell == Cell::default()));
}

#[test]
fn ascii_means_ascii() {
    let theme = Theme::new(Palette::Dark, Depth::Indexed, true, true);
    for (_, scene) in scenes::all() {
        for size in [(78, 14), (120, 40), (30, 8)] {
            let mut buf = buffer(size.0, size.1);
            stage::draw(buf.area, &mut buf, &stage::View::new(&theme, &scene));
            assert!(buf.content.iter().all(|cell| cell.symbol().is_ascii()), "{}", picture(&buf));
            let mut buf = buffer(size.0, size.1);
            draw_all(buf.area, &mut buf, &theme, &scene);
            crate::tui::ascii::plain(&mut buf);
            assert!(buf.content.iter().all(|cell| cell.symbol().is_ascii()), "{}", picture(&buf));
        }
    }
}

#[test]
fn no_colour_means_no_colour() {
    for palette in Palette::ALL {
        let theme = Theme::new(palette, Depth::None, false, true);
        let mut buf = buffer(120, 40);
        let area = buf.area;
        buf.set_style(area, theme.base);
        draw_all(area, &mut buf, &theme, &scenes::split_brain());
        let allowed = Modifier::BOLD | Modifier::REVERSED | Modifier::UNDERLINED | Modifier::ITALIC;
        for cell in &buf.content {
            assert_eq!((cell.fg, cell.bg), (Color::Reset, Color::Reset));
            assert!(allowed.contains(cell.modifier));
        }
    }
}

#[test]
fn sixteen_colours_mean_named_colours() {
    for palette in Palette::ALL {
        let mut buf = buffer(120, 40);
        let area = buf.area;
        draw_all(area, &mut buf, &Theme::new(palette, Depth::Ansi, false, true), &scenes::busy());
        assert!(buf.content.iter().all(|cell| !matches!(cell.fg, Color::Indexed(_) | Color::Rgb(..))));
    }
}

#[test]
fn roles_do_not_move_anything() {
    let mut scene = scenes::normal();
    let (_, before) = draw_stage(&theme(), &scene, (100, 20), None);
    scene.nodes.rotate_left(0);
    for node in &mut scene.nodes {
        (node.shape, node.health, node.epoch) = (Shape::Candidate, Health::Down, None);
        node.rows.clear();
        node.timers.clear();
    }
    scene.clients.iter_mut().for_each(|c| c.asked.clear());
    scene.flights.clear();
    let (_, after) = draw_stage(&theme(), &scene, (100, 20), None);
    assert_eq!(before.nodes, after.nodes);
}

#[test]
fn a_message_stops_at_the_wall() {
    let mut scene = scenes::split_brain();
    scene.flights.truncate(1);
    scene.flights[0].kind = scenes::REPLICATION;
    let column = |scene: &Scene, progress: f64| {
        let mut scene = scene.clone();
        scene.flights[0].progress = progress;
        let (buf, _) = draw_stage(&theme(), &scene, (100, 20), None);
        let at = buf.content.iter().position(|cell| cell.symbol() == theme().glyphs.replication).unwrap();
        buf.pos_of(at).0
    };
    let wall = column(&scene, 1.0);
    assert!(column(&scene, 0.1) < wall && column(&scene, 0.9) == wall);
    scene.flights[0].fate = Fate::Arrives;
    assert!(column(&scene, 1.0) > wall);
}

#[test]
fn a_wall_between_zones_is_straight() {
    let mut scene = scenes::zones();
    let (left, right): (Vec<_>, Vec<_>) = scene.nodes.iter().map(|n| (n.id, n.zone)).partition(|(_, zone)| *zone == Some(0));
    let clients = |inside: bool| scene.clients.iter().filter(move |c| (c.zone == Some(0)) == inside).map(|c| c.id);
    let ids = |nodes: &[(NodeId, Option<usize>)], inside| nodes.iter().map(|n| n.0).chain(clients(inside)).collect();
    scene.walls = vec![WallView { left: ids(&left, true), right: ids(&right, false), one_way: false }];
    scene.flights.clear();
    for size in [(80, 14), (100, 20), (160, 40)] {
        let (buf, _) = draw_stage(&theme(), &scene, size, None);
        let is_wall = |at: &usize| buf.content[*at].symbol() == theme().glyphs.wall;
        let cells: Vec<(u16, u16)> = (0..buf.content.len()).filter(is_wall).map(|at| buf.pos_of(at)).collect();
        let straight = cells.iter().all(|c| c.0 == cells[0].0) || cells.iter().all(|c| c.1 == cells[0].1);
        assert!(cells.len() > 5 && straight, "{size:?}\n{}", picture(&buf));
    }
}

/// A cut of servers alone seems to part no client: whatever the size and however they stand, nothing of it is beyond the servers that it
/// names, across for a wall that lies, and a line more for one that stands.
#[test]
fn a_wall_ends_with_those_that_it_parts() {
    let theme = theme();
    let [across, down] = theme.glyphs.wall_line;
    for (name, scene) in scenes::all() {
        for (left, right) in [(vec![n(1)], vec![n(2)]), (vec![n(1)], vec![n(2), n(3)]), (vec![n(1), n(2)], vec![n(3)])] {
            let named: Vec<NodeId> = left.iter().chain(&right).copied().collect();
            if scene.clients.is_empty() || named.iter().any(|id| scene.nodes.iter().all(|node| node.id != *id)) {
                continue;
            }
            let walls = vec![WallView { left, right, one_way: false }];
            let scene = Scene { walls, flights: Vec::new(), sparks: Vec::new(), ..scene.clone() };
            for size in [(78, 14), (80, 20), (120, 24), (150, 40)] {
                let (buf, hits) = draw_stage(&theme, &scene, size, None);
                let boxes = hits.nodes.iter().filter(|(id, _)| named.contains(id)).map(|(_, rect)| *rect);
                let Some(around) = boxes.reduce(Rect::union) else { continue };
                let may = Rect { y: around.y.saturating_sub(1), height: around.height + 2, ..around };
                let is_wall = |at: &usize| {
                    [across, down].contains(&buf.content[*at].symbol()) && buf.content[*at].fg == theme.dim.fg.unwrap_or_default()
                };
                let beyond = (0..buf.content.len()).filter(is_wall).map(|at| buf.pos_of(at)).find(|(x, y)| !may.contains((*x, *y).into()));
                assert_eq!(beyond, None, "{name} {size:?} {named:?}\n{}", picture(&buf));
            }
        }
    }
}

#[test]
fn the_mouse_finds_what_it_points_at() {
    let (_, hits) = draw_stage(&theme(), &scenes::normal(), (78, 14), None);
    for (id, rect) in &hits.messages {
        assert_eq!(hits.at(rect.x, rect.y), Some(Target::Message(*id)));
    }
    let (id, rect) = hits.nodes[1];
    assert_eq!(hits.at(rect.x, rect.bottom() - 1), Some(Target::Node(id)));
    assert_eq!(hits.at(77, 13), None);
}

#[test]
fn columns_of_the_timeline_are_moments() {
    let (scene, happenings, operations) = (scenes::split_brain(), scenes::happenings(), scenes::operations());
    let mut buf = buffer(78, 11);
    let hits = spacetime::draw(buf.area, &mut buf, &theme(), &view(&scene, &happenings, &operations));
    let times: Vec<Time> = (0..78).filter_map(|x| hits.time_at(x)).collect();
    assert_eq!(times.len(), hits.plot.width as usize);
    assert!(times.is_sorted() && times[0] >= hits.from && times[times.len() - 1] <= hits.to);
    for mark in &hits.marks {
        let found = hits.time_at(mark.rect.x).unwrap();
        assert!(found.0.abs_diff(mark.at.0) <= hits.to.since(hits.from).0 / 70, "{mark:?} {found}");
    }
}

#[test]
fn a_vote_says_what_it_is_where_room_is_scarce() {
    let mut scene = scenes::normal();
    let flight = |id, to| scenes::flight(id, (scenes::n(1), to), 0.5, scenes::VOTE, "vote?, epoch 12345678", Fate::Arrives);
    scene.flights = vec![flight(1, scenes::n(2)), flight(2, scenes::n(3))];
    let (buf, _) = draw_stage(&theme(), &scene, (60, 12), None);
    assert_eq!(picture(&buf).matches("vote?").count(), 2, "{}", picture(&buf));
}

#[test]
fn a_rush_looks_like_a_rush() {
    let (scene, (happenings, operations)) = (scenes::split_brain(), scenes::rush());
    let mut buf = buffer(78, 6);
    spacetime::draw(buf.area, &mut buf, &theme(), &view(&scene, &happenings, &operations));
    insta::assert_snapshot!("timeline-rush", picture(&buf));
    let text = picture(&buf);
    assert!(text.contains(theme().glyphs.leader) && text.contains("messages"), "{text}");
}

#[test]
fn an_empty_run_has_a_timeline() {
    let scene = Scene::default();
    let operations = Operations::default();
    let view = spacetime::View { from: Time(5), to: Time(5), ..view(&scene, &[], &operations) };
    let mut buf = buffer(20, 4);
    let hits = spacetime::draw(buf.area, &mut buf, &theme(), &view);
    assert!(hits.marks.is_empty());
}

#[test]
fn every_broken_guarantee_is_visible_when_space_is_short() {
    let mut buf = buffer(40, 2);
    guarantees::draw(buf.area, &mut buf, &theme(), (&scenes::verdicts(), &[]), None);
    let text = picture(&buf);
    assert!(text.contains("linearizable") && text.contains("durable"), "{text}");
    for width in 12..60 {
        let mut buf = buffer(width, 1);
        guarantees::line(buf.area, &mut buf, &theme(), &scenes::verdicts());
        let text = picture(&buf);
        assert!(text.contains("broken") || text.contains("linearizable"), "{width}: {text}");
    }
    let none: [Verdict; 0] = [];
    guarantees::line(buf.area, &mut buf, &theme(), &none);
}

#[test]
fn what_nothing_has_tested_and_nobody_speaks_of_is_folded() {
    let mut verdicts = scenes::verdicts();
    verdicts.iter_mut().skip(2).for_each(|verdict| verdict.holds = Holds::Untested);
    let spoken_of = [verdicts[5].guarantee];
    let drawn = |about: &[Guarantee], selected| {
        let mut buf = buffer(44, 11);
        let hits = guarantees::draw(buf.area, &mut buf, &theme(), (&verdicts, about), selected);
        (hits.into_iter().map(|(index, _)| index).collect::<Vec<_>>(), picture(&buf))
    };
    let (stand, text) = drawn(&spoken_of, None);
    let judged = |index: &usize| verdicts[*index].holds != Holds::Untested;
    assert!(stand.contains(&5) && stand.iter().all(|index| *index == 5 || judged(index)), "{stand:?}");
    assert_eq!(verdicts[stand[0]].holds, Holds::No, "the broken come first");
    assert!(text.contains(&format!("{} more untested", verdicts.len() - stand.len())), "{text}");
    let (all, text) = drawn(&spoken_of, Some(5));
    assert!(all.contains(&5) && !text.contains("more untested"), "whoever goes through them sees all: {text}");
}

/// A story from the beginning.
fn story<'a>(happenings: &'a [crate::cluster::Happening], operations: &'a Operations) -> narration::Story<'a> {
    narration::Story { happenings, operations, cut: false }
}

#[test]
fn many_that_are_alike_are_told_together_and_turns_alone() {
    let (happenings, operations) = scenes::rush();
    let mut buf = buffer(60, 3);
    narration::draw(buf.area, &mut buf, &theme(), story(&happenings, &operations), None);
    insta::assert_snapshot!("narration-of-a-rush-in-three-lines", picture(&buf));
    let mut buf = buffer(60, 12);
    narration::draw(buf.area, &mut buf, &theme(), story(&happenings, &operations), None);
    let text = picture(&buf);
    assert!(text.contains("n2 leads epoch 2"), "{text}");
    assert!(text.contains("more answers") && text.contains("asks "), "{text}");
    insta::assert_snapshot!("narration-of-a-rush", text);
    // Of what began before the story is not known how many there are.
    let cut = narration::Story { cut: true, ..story(&happenings, &operations) };
    let mut buf = buffer(60, 12);
    narration::draw(buf.area, &mut buf, &theme(), cut, None);
    assert!(picture(&buf).contains("at least ") && !text.contains("at least "), "{}", picture(&buf));
}

#[test]
fn facts_over_time_stand_in_the_columns_of_the_lanes() {
    let scene = loads::traffic();
    let all: Vec<crate::cluster::scene::Series> = scene
        .panels
        .iter()
        .filter_map(|panel| if let crate::cluster::scene::Body::Series(all) = &panel.body { Some(all.clone()) } else { None })
        .flatten()
        .collect();
    let operations = Operations::default();
    for (height, lane) in [(14, 0), (9, 0), (9, 3)] {
        let (from, to) = spacetime::window(scene.at, scene.at, Span::s(9));
        let view = spacetime::View { from, to, series: &all, lane, pokes: &[], ..view(&scene, &[], &operations) };
        let mut buf = buffer(75, height);
        spacetime::draw(buf.area, &mut buf, &theme(), &view);
        insta::assert_snapshot!(format!("timeline-with-series-{height}-{lane}"), picture(&buf));
    }
}

#[test]
fn a_heartbeat_is_seen_to_stand_in_line_on_the_stage_and_on_its_lane() {
    let (scene, operations) = (scenes::busy(), Operations::default());
    let heartbeat = theme().glyphs.heartbeat;
    let (stage, _) = draw_stage(&theme(), &Scene { flights: Vec::new(), ..scene.clone() }, (120, 24), None);
    assert_eq!(picture(&stage).lines().filter(|line| line.contains("inbox") && line.contains(heartbeat)).count(), 2);
    let mut buf = buffer(60, 10);
    spacetime::draw(buf.area, &mut buf, &theme(), &view(&Scene { flights: Vec::new(), ..scene }, &[], &operations));
    insta::assert_snapshot!("timeline-with-lines", picture(&buf));
    assert_eq!(picture(&buf).lines().filter(|line| line.starts_with('n') && line.contains(heartbeat)).count(), 4);
}

#[test]
fn scrolling_brings_every_lane() {
    let (scene, operations) = (scenes::busy(), Operations::default());
    let mut seen = std::collections::BTreeSet::new();
    for lane in 0..9 {
        let mut buf = buffer(60, 4);
        let hits = spacetime::draw(buf.area, &mut buf, &theme(), &spacetime::View { lane, ..view(&scene, &[], &operations) });
        assert_eq!(hits.hidden, 6);
        seen.extend(picture(&buf).lines().take(3).map(|line| line[..2].to_string()));
    }
    assert_eq!(seen.len(), scene.nodes.len() + scene.clients.len(), "{seen:?}");
}

#[test]
fn what_shows_that_a_guarantee_is_broken_is_written_before_all_else_on_its_lane() {
    let guarantee = scenes::verdicts().into_iter().map(|verdict| verdict.guarantee).find(|one| *one != Guarantee::DURABLE).unwrap();
    let (few, many) = ((scenes::happenings(), scenes::operations()), scenes::rush());
    let mut gained = 0;
    for (scene, (happenings, operations)) in [(scenes::split_brain(), few), (scenes::busy(), many)] {
        for (width, index) in (24..90).step_by(3).flat_map(|width| operations.iter().map(move |own| (width, own.id))) {
            let wide = |witness: Vec<u32>| {
                let mut judged = operations.clone();
                judged.judge(&[Verdict { guarantee, holds: Holds::No, why: "it is so".into(), witness }]);
                let mut buf = buffer(width, 7);
                let hits = spacetime::draw(buf.area, &mut buf, &theme(), &view(&scene, &happenings, &judged));
                let own = hits.marks.iter().filter(|mark| mark.target == Target::Operation(index as usize));
                own.map(|mark| mark.rect.width).sum::<u16>()
            };
            let (usual, shown) = (wide(Vec::new()), wide(vec![index]));
            assert!(shown >= usual, "operation {index} at {width}: {shown} columns, {usual} without");
            gained += usize::from(shown > usual);
        }
    }
    assert!(gained > 0, "somewhere another label stood in its place");
}

#[test]
fn labels_on_the_timeline_are_whole_or_a_single_sign() {
    // Calls so close that their words would overlap at some widths.
    let (scene, happenings, operations) = (scenes::split_brain(), scenes::happenings(), scenes::operations());
    for width in 20..90 {
        let mut buf = buffer(width, 7);
        let hits = spacetime::draw(buf.area, &mut buf, &theme(), &view(&scene, &happenings, &operations));
        let labels: Vec<_> = hits.marks.iter().filter(|mark| matches!(mark.target, Target::Operation(_))).collect();
        for (index, mark) in labels.iter().enumerate().filter(|(_, mark)| mark.rect.width > 1) {
            let others = labels[index + 1..].iter().filter(|other| other.rect.width > 1);
            assert!(others.clone().all(|other| !other.rect.intersects(mark.rect)), "{width}: {}", picture(&buf));
        }
    }
}
