//! What panels look like, and that they stay in their place.

use proptest::prelude::*;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::{Axis, Look, fixtures, heights};
use crate::cluster::scene::{Body, Entry, Panel, Queue, Table, TableRow, Tone};
use crate::sim::time::{Span, Time};
use crate::tui::theme::{Depth, Palette, Theme};
use crate::tui::widgets::Target;
use crate::tui::widgets::pen::Pen;
use crate::tui::widgets::scenes::n;
use crate::tui::widgets::tests::{buffer, picture, theme};

fn look(theme: &Theme) -> Look<'_> {
    Look { theme, selected: Some(Target::Node(n(2))), show: &[], axis: None, now: Time::ZERO + Span::ms(6200) }
}

fn now(body: &Body) -> Time {
    // A month of ups and downs needs the end of the month.
    if matches!(body, Body::Strips(_)) { Time::ZERO + Span::s(720 * 3600) } else { Time::ZERO + Span::ms(6200) }
}

fn draw(theme: &Theme, body: &Body, area: Rect, buf: &mut Buffer) {
    let look = Look { now: now(body), ..look(theme) };
    super::draw(&mut Pen::new(buf, area), &look, body);
}

#[test]
fn panels_look_right_at_every_size() {
    for (name, body) in fixtures::all() {
        for (width, height) in [(75, 17), (134, 20), (36, 6)] {
            let theme = theme();
            let (_, most) = heights(&look(&theme), &body, width);
            let mut buf = buffer(width, height.min(most.max(1)));
            draw(&theme, &body, buf.area, &mut buf);
            insta::assert_snapshot!(format!("{name}-{width}"), picture(&buf));
        }
    }
}

fn drawn(body: &Body, (width, height): (u16, u16), show: &[String]) -> String {
    let (theme, mut buf) = (theme(), buffer(width, height));
    let area = buf.area;
    super::draw(&mut Pen::new(&mut buf, area), &Look { show, ..look(&theme) }, body);
    picture(&buf).lines().take(height.into()).collect::<Vec<_>>().join("\n")
}

/// Of rows that do not fit those that the step is about stay, in their order, and the headings with them.
#[test]
fn rows_that_are_asked_for_stay_in_sight() {
    let row = |name: &str| TableRow { entries: vec![Entry::new(name, Tone::Plain), Entry::new("1", Tone::Plain)], ..TableRow::default() };
    let headings = vec!["hop".to_string(), "sees".to_string()];
    let rows: Vec<TableRow> = ["forward", "news", "video", "bank", "app1"].map(row).into();
    let table = Body::Table(Table { headings, rows, more: 0 });
    let plain = drawn(&table, (40, 4), &[]);
    assert!(plain.contains("forward") && plain.contains("+3 more") && !plain.contains("app1"), "{plain}");
    let shown = drawn(&table, (40, 4), &["app1".to_string(), "video".to_string()]);
    let order = ["hop", "video", "app1", "+3 more"].map(|word| shown.find(word));
    assert!(order.iter().all(Option::is_some) && order.is_sorted(), "{shown}");
    let one = drawn(&table, (40, 3), &["app1".to_string(), "video".to_string()]);
    assert!(one.contains("app1") && !one.contains("video"), "of two for which there is no room the first that is named: {one}");
    let queues = Body::Queues(["a", "b", "c", "d"].map(|name| Queue { name: name.into(), ..Queue::default() }).into());
    let shown = drawn(&queues, (40, 2), &["d".to_string()]);
    assert!(shown.starts_with('d') && shown.contains("+3 more"), "{shown}");
}

/// Of a list that is read from the right the end is seen, and the columns after it.
#[test]
fn a_list_read_from_the_right_leaves_out_its_start() {
    let list = Entry::from_right("cookie c4; 10.0.0.1, 198.51.100.4, 192.0.2.1", Tone::Plain);
    let entries = vec![Entry::new("app1", Tone::Plain), list, Entry::new("the page", Tone::Quiet)];
    let table = Body::Table(Table { headings: Vec::new(), rows: vec![TableRow { entries, ..TableRow::default() }], more: 0 });
    let wide = drawn(&table, (80, 1), &[]);
    assert!(wide.contains("cookie c4; 10.0.0.1, 198.51.100.4, 192.0.2.1  the page"), "{wide}");
    let narrow = drawn(&table, (48, 1), &[]);
    assert!(narrow.contains("… 198.51.100.4, 192.0.2.1  the page"), "{narrow}");
    let least = drawn(&table, (36, 1), &[]);
    assert!(least.contains("… 192.0.2.1  the page"), "{least}");
}

/// The last strip is of all together: it stays whatever there is room for.
#[test]
fn of_strips_that_do_not_fit_the_last_is_seen() {
    for (height, seen) in [
        (1, &["service"][..]),
        (2, &["+3 more", "service"]),
        (3, &["app1", "+2 more", "service"]),
        (4, &["app1", "app2", "db1", "service"]),
    ] {
        let mut buf = buffer(60, height);
        let area = buf.area;
        draw(&theme(), &fixtures::strips(), area, &mut buf);
        let lines = picture(&buf);
        assert!(lines.lines().zip(seen).all(|(line, name)| line.contains(name)), "{height}: {lines}");
    }
}

#[test]
fn in_ascii_without_colours_panels_can_still_be_read() {
    let theme = Theme::new(Palette::Dark, Depth::None, true, true);
    for (name, body) in fixtures::all() {
        let mut buf = buffer(75, 17);
        draw(&theme, &body, buf.area, &mut buf);
        crate::tui::ascii::plain(&mut buf);
        assert!(buf.content.iter().all(|cell| cell.symbol().is_ascii()), "{name}");
        insta::assert_snapshot!(format!("{name}-ascii"), picture(&buf));
    }
}

#[test]
fn knobs_look_right() {
    for (name, chosen, width) in [("all", None, 75), ("chosen", Some(0), 100), ("refused", Some(3), 100), ("small", Some(2), 30)] {
        let mut buf = buffer(width, 1);
        let area = buf.area;
        let hits = super::draw_knobs(&mut Pen::new(&mut buf, area), &theme(), &fixtures::knobs(), chosen);
        assert!(hits.iter().all(|(_, rect)| rect.intersection(area) == *rect), "{hits:?}");
        insta::assert_snapshot!(format!("knobs-{name}"), picture(&buf));
    }
}

#[test]
fn a_series_takes_the_columns_of_the_timeline() {
    let theme = theme();
    let (from, to) = (Time::ZERO, Time::ZERO + Span::s(9));
    let look = Look { axis: Some(Axis { left: 12, width: 54, from, to }), ..look(&theme) };
    let mut buf = buffer(75, 5);
    let area = buf.area;
    super::draw(&mut Pen::new(&mut buf, area), &look, &fixtures::series());
    insta::assert_snapshot!("series-over-a-timeline", picture(&buf));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn no_panel_draws_outside_its_area(
        which in prop::sample::select(fixtures::all()), (x, y) in (0u16..5, 0u16..5), (w, h) in (0u16..140, 0u16..40), ascii in any::<bool>(),
    ) {
        let theme = Theme::new(Palette::Light, Depth::True, ascii, false);
        let mut buf = buffer(x + w + 4, y + h + 4);
        let area = Rect::new(x, y, w, h);
        let look = Look { now: now(&which.1), ..look(&theme) };
        let panel = Panel::new(which.0, which.1);
        let nodes = super::titled(&mut Pen::new(&mut buf, area), &look, &panel);
        for (at, cell) in buf.area.positions().zip(&buf.content) {
            prop_assert!(area.contains(at) || cell.symbol() == " ", "{} at {at} outside {area}:\n{}", panel.title, picture(&buf));
        }
        prop_assert!(nodes.iter().all(|(_, rect)| rect.intersection(area) == *rect), "{nodes:?}");
    }

    #[test]
    fn knobs_stay_in_their_line(w in 0u16..90, chosen in prop::option::of(0usize..6)) {
        let mut buf = buffer(w, 2);
        let line = Rect { height: buf.area.height.min(1), ..buf.area };
        super::draw_knobs(&mut Pen::new(&mut buf, line), &theme(), &fixtures::knobs(), chosen);
        prop_assert!(buf.content[usize::from(w)..].iter().all(|cell| cell.symbol() == " "));
    }
}
