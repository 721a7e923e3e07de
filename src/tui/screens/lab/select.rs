//! Which thing is selected: it is marked everywhere, and looked at closely in the place of the guarantees.

use super::course::{self, Course};
use super::layout::Panel;
use super::{Lab, moves};
use crate::check::verdict::Guarantee;
use crate::cluster::{Cluster, What};
use crate::lesson::sandbox;
use crate::lesson::walk::Moved;
use crate::tui::app::App;
use crate::tui::keys::Key;
use crate::tui::widgets::{Target, guarantees};

impl Lab {
    /// Everything that can be selected now: nodes, clients, messages.
    fn selectable(&self) -> Vec<Target> {
        let scene = &self.picture().scene;
        let nodes = scene.nodes.iter().map(|n| Target::Node(n.id));
        let clients = scene.clients.iter().map(|c| Target::Node(c.id));
        let messages = scene.flights.iter().map(|f| Target::Message(f.id));
        nodes.chain(clients).chain(messages).collect()
    }

    fn select_by(&mut self, by: isize) {
        let all = self.selectable();
        let now = self.selected.and_then(|s| all.iter().position(|t| *t == s));
        let next = match now {
            Some(at) => at.saturating_add_signed(by).min(all.len().saturating_sub(1)),
            None => 0,
        };
        self.selected = all.get(next).copied();
    }
}

impl Lab {
    /// The guarantees that the step at hand is about; of a cluster without a task all.
    pub(super) fn about(&self) -> Vec<Guarantee> {
        let (is_free, step) = (sandbox::is_chapter(&self.walk.lesson().chapter), self.walk.step());
        let all = self.picture().verdicts.iter().map(|verdict| verdict.guarantee);
        all.filter(|guarantee| is_free || step.is_about(*guarantee)).collect()
    }

    /// Moves among the options of a prediction.
    fn point_at_option(&mut self, by: isize) {
        let last = self.options().saturating_sub(1);
        self.option = Some(self.option.map_or(0, |at| at.saturating_add_signed(by).min(last)));
    }

    /// Moves among the guarantees as they stand below each other.
    fn select_guarantee(&mut self, by: isize) {
        let order = guarantees::order(&self.picture().verdicts, &self.about());
        let Some(last) = order.len().checked_sub(1) else { return };
        let now = order.iter().position(|index| *index == self.row).unwrap_or(0);
        self.row = order[now.saturating_add_signed(by).min(last)];
    }

    /// Moves among the sentences of what happened, from the newest on.
    fn select_event(&mut self, by: isize) {
        let events: Vec<u64> =
            self.picture().happenings().iter().filter(|h| !matches!(h.what, What::Arrived { .. })).map(|h| h.event).collect();
        let Some(last) = events.len().checked_sub(1) else { return };
        let now = events.iter().position(|e| self.selected == Some(Target::Event(*e)));
        let next = now.map_or(last, |at| at.saturating_add_signed(by).min(last));
        self.selected = Some(Target::Event(events[next]));
    }
}

/// Gives the keyboard to the next part of the screen.
pub fn next_panel(app: &mut App, _key: Key) {
    turn(app, 1);
}

/// Gives the keyboard to the part of the screen before.
pub fn previous_panel(app: &mut App, _key: Key) {
    turn(app, -1);
}

fn turn(app: &mut App, by: isize) {
    let Some(lab) = app.lab_mut() else { return };
    let all = Panel::among(lab.is_network());
    let at = all.iter().position(|p| *p == lab.focus).unwrap_or(0) as isize;
    focus(lab, all[(at + by).rem_euclid(all.len() as isize) as usize]);
}

/// Gives the keyboard to a part of the screen.
pub fn focus(lab: &mut Lab, panel: Panel) {
    lab.focus = panel;
    lab.row = guarantees::order(&lab.picture().verdicts, &lab.about()).first().copied().unwrap_or(0);
    if panel == Panel::Stage && lab.selected.is_none() {
        lab.select_by(0);
    }
}

/// A part of the screen was clicked where there is nothing in particular.
pub fn click_panel(app: &mut App, panel: Panel) {
    if let Some(lab) = app.lab_mut() {
        lab.selected = None;
        focus(lab, panel);
    }
}

/// Gives the keyboard to the guarantees.
pub fn guarantees(app: &mut App, _key: Key) {
    let Some(lab) = app.lab_mut() else { return };
    lab.selected = None;
    focus(lab, Panel::Guarantees);
    let broken = lab.picture().verdicts.iter().position(|v| v.holds == crate::check::verdict::Holds::No);
    lab.row = broken.unwrap_or(lab.row);
}

/// Up in the part that has the keyboard.
pub fn up(app: &mut App, _key: Key) {
    by(app, -1);
}

/// Down in the part that has the keyboard.
pub fn down(app: &mut App, _key: Key) {
    by(app, 1);
}

/// Up or down in the part that has the keyboard.
pub fn by(app: &mut App, by: isize) {
    let Some(lab) = app.lab_mut() else { return };
    match lab.focus {
        Panel::Timeline => app.act(if by < 0 { "previous" } else { "next" }),
        Panel::Question if lab.walk.is_locked() || lab.lists() => lab.point_at_option(by),
        Panel::Question if lab.reads_before_the_list() && lab.most_scroll.get() == 0 => lab.focus = Panel::Network,
        Panel::Question => (lab.term, lab.scroll) = (None, lab.first_line().saturating_add_signed(by as i16)),
        Panel::Stage => lab.select_by(by),
        Panel::Guarantees => lab.select_guarantee(by),
        Panel::Log => lab.select_event(by),
        Panel::Network => lab.point_at_next(by),
    }
}

/// Selects what was clicked; once more lets go of it.
pub fn click(app: &mut App, target: Target) {
    let Some(lab) = app.lab_mut() else { return };
    if let Target::Event(event) = target {
        return go_to_event(app, event);
    }
    (lab.selected, lab.focus) = if lab.selected == Some(target) { (None, Panel::Question) } else { (Some(target), Panel::Stage) };
}

/// Selects a thing.
pub fn select(app: &mut App, target: Target) {
    if let Some(lab) = app.lab_mut() {
        lab.selected = Some(target);
    }
}

/// A guarantee was clicked: selects it, and goes to what broke it when it is clicked again.
pub fn click_guarantee(app: &mut App, row: usize) {
    let Some(lab) = app.lab_mut() else { return };
    let again = lab.focus == Panel::Guarantees && lab.row == row;
    focus(lab, Panel::Guarantees);
    lab.row = row;
    if again {
        go_to_break(app);
    }
}

/// Goes to the moment of an event.
pub fn go_to_event(app: &mut App, event: u64) {
    match moves::can_move(app) {
        Ok(()) => moves::moving(app, "to that moment", "", move |walk| walk.seek_event(event)),
        Err(why) => app.refuse(why),
    }
}

/// Goes to the moment of the selected sentence of what happened.
pub fn go_to_row(app: &mut App) {
    let Some(lab) = app.lab() else { return };
    if let Some(Target::Event(event)) = lab.selected {
        go_to_event(app, event);
    }
}

/// The last event at which one of these operations was called or returned.
fn last_event_of(cluster: &dyn Cluster, operations: &[usize]) -> Option<u64> {
    let exchanges = cluster.exchanges();
    let about = operations.iter().filter_map(|index| exchanges.get(*index));
    about.map(|exchange| exchange.ended.unwrap_or(exchange.called).event).max()
}

/// Goes to the moment that broke the selected guarantee and selects an operation that shows it; once more: the next one.
pub fn go_to_break(app: &mut App) {
    if let Err(why) = moves::can_move(app) {
        return app.refuse(why);
    }
    let Some(lab) = app.lab_mut() else { return };
    let Some(verdict) = lab.picture().verdicts.get(lab.row).cloned() else { return };
    let words = verdict.guarantee.words();
    // The id of an operation is its index.
    let witness: Vec<usize> = verdict.witness.iter().map(|id| *id as usize).collect();
    if witness.is_empty() {
        let why = if verdict.why.is_empty() { "it held so far" } else { &verdict.why };
        return app.refuse(format!("{words}: {why}"));
    }
    let before = witness.iter().position(|i| lab.selected == Some(Target::Operation(*i)));
    let next = witness[before.map_or(witness.len() - 1, |at| (at + 1) % witness.len())];
    lab.pace.pause();
    lab.mark = None;
    let go = move |course: &mut Course| {
        let moment = last_event_of(course.walk.cluster(), &witness).ok_or("that moment is not kept any more")?;
        Ok(course.walk.seek_event(moment))
    };
    course::work(app, "to what broke it", go, move |app, moved: Result<Moved, &str>| match moved {
        Err(why) => app.refuse(why),
        Ok(moved) => {
            moves::went(app, moved, "");
            select(app, Target::Operation(next));
            app.say(format!("{words}: {}", verdict.why));
        }
    });
}
