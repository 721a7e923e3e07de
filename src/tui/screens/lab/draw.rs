//! Draws the lab.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::Lab;
use super::layout::{Areas, Panel, layout};
use crate::tui::app::{App, Click, Hits};
use crate::tui::screens::footer;
use crate::tui::widgets::{panel, stage};

/// Draws everything.
pub fn draw(app: &App, area: Rect, buf: &mut Buffer, hits: &mut Hits) {
    let Some(lab) = app.lab() else { return };
    let scene = &lab.picture.scene;
    let areas = layout(area, scene.nodes.len() + scene.clients.len(), lab.picture.verdicts.len(), lab.focus);
    draw_stage(app, lab, &areas, buf, hits);
    footer::draw(app, &["play", "forward", "crash", "cut", "write", "read", "help"], areas.footer, buf, hits);
}

fn draw_stage(app: &App, lab: &Lab, areas: &Areas, buf: &mut Buffer, hits: &mut Hits) {
    let theme = &app.theme;
    hits.add(areas.stage, Click::Panel(Panel::Stage));
    let title = format!("Cluster {} {}", theme.glyphs.dot, lab.picture.scene.caption);
    let inner = panel(areas.stage, buf, theme, &title, lab.focus == Panel::Stage);
    let found = stage::draw(inner, buf, theme, &lab.picture.scene, lab.selected);
    hits.stage(found);
}
