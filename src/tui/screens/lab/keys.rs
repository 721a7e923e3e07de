//! The keys that matter at this step, for the last line of the screen.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::layout::Panel;
use super::told::named;
use super::{Lab, Purpose, outside};
use crate::check::verdict::Holds;
use crate::cluster::ahead::Thing;
use crate::lesson::schema::StepKind;
use crate::tui::app::App;
use crate::tui::hits::Hits;
use crate::tui::screens::footer::{self, Hint};
use crate::tui::widgets::Target;

/// Draws them.
pub fn draw(app: &App, lab: &Lab, area: Rect, buf: &mut Buffer, hits: &mut Hits) {
    footer::draw_keys(app, &hints(app, lab), area, buf, hits);
}

/// The keys of this moment, the most important first; the last leads to all of them.
fn hints(app: &App, lab: &Lab) -> Vec<Hint> {
    let all = if lab.knob.is_some() {
        ["knob-down", "knob-more", "knob-play", "knob-undo", "knobs-done"].into_iter().filter_map(|id| Hint::named(app, id, "")).collect()
    } else if lab.is_network() {
        of_network(app, lab)
    } else if matches!(lab.focus, Panel::Question | Panel::Stage) {
        of_step(app, lab)
    } else {
        of_panel(app, lab)
    };
    let mut hints: Vec<Hint> = Vec::new();
    for hint in all {
        if !hints.iter().any(|known| known.is_same(&hint)) {
            hints.push(hint);
        }
    }
    hints.truncate(footer::MOST - 1);
    hints.extend(Hint::named(app, "help", ""));
    hints
}

/// The keys of whoever is the network.
fn of_network(app: &App, lab: &Lab) -> Vec<Hint> {
    let ids: &[(&str, &str)] = match lab.focus {
        Panel::Network => match lab.chosen_thing() {
            Some(Thing::Message(_)) => {
                &[("net-take", "deliver"), ("net-drop", ""), ("net-duplicate", ""), ("net-delay", ""), ("net-pass", ""), ("net-leave", "")]
            }
            Some(Thing::Timer(..)) => {
                &[("net-take", "until then"), ("net-fire", ""), ("net-pass", ""), ("net-undo", ""), ("net-leave", "")]
            }
            _ => &[("net-take", "until then"), ("net-pass", ""), ("net-undo", ""), ("net-leave", "")],
        },
        Panel::Question if lab.reads_before_the_list() => {
            &[("net-take", "what can happen"), ("net-pass", ""), ("net-hint", ""), ("net-next-step", ""), ("net-leave", "")]
        }
        Panel::Question => &[("net-next-step", ""), ("net-hint", ""), ("net-back-out", "list"), ("net-leave", "")],
        Panel::Stage if matches!(lab.selected, Some(Target::Message(_))) => {
            &[("net-down", ""), ("net-take", "deliver"), ("net-drop", ""), ("net-back-out", "list"), ("net-leave", "")]
        }
        _ => &[("net-down", ""), ("net-next-panel", ""), ("net-back-out", "list"), ("net-leave", "")],
    };
    ids.iter().filter_map(|(id, word)| Hint::named(app, id, word)).collect()
}

/// The keys of the part of the screen that has the keyboard.
fn of_panel(app: &App, lab: &Lab) -> Vec<Hint> {
    let broken = lab.picture().verdicts.get(lab.row).is_some_and(|verdict| verdict.holds == Holds::No);
    let own: &[(&str, &str)] = match lab.focus {
        Panel::Guarantees if !broken => &[("lab-down", "")],
        Panel::Guarantees => &[("go-on", "go to what broke it"), ("lab-down", "")],
        Panel::Log => &[("go-on", "go to that moment"), ("lab-down", "")],
        Panel::Timeline => &[("forward", ""), ("next", ""), ("to-start", "")],
        Panel::Stage | Panel::Question | Panel::Network => &[],
    };
    let rest = [("play", play(lab)), ("next-panel", ""), ("back-out", "")];
    own.iter().chain(&rest).filter_map(|(id, word)| Hint::named(app, id, word)).collect()
}

fn play(lab: &Lab) -> &'static str {
    if lab.pace.playing() { "pause" } else { "play" }
}

/// The keys of the step: those that its text names first.
fn of_step(app: &App, lab: &Lab) -> Vec<Hint> {
    let hint = |id: &str, word: &str| Hint::named(app, id, word);
    let undo = hint("undo", "").filter(Hint::is_possible);
    let named = named(lab, &lab.walk.step().text).into_iter().filter_map(|(id, letter)| match letter {
        Some(letter) => Hint::own(app).into_iter().find(|hint| hint.presses() == Some(letter)),
        None => hint(id, ""),
    });
    let go_on = hint("go-on", lab.next().word());
    let play_word = play(lab);
    let play = hint("play", play_word);
    let pokes = || [hint("crash", ""), hint("cut", "")].into_iter().flatten().chain(Hint::own(app));
    if outside::is_shown(app) {
        return outside::KEYS.iter().filter_map(|(id, word)| hint(id, if *id == "play" { play_word } else { word })).collect();
    }
    match &lab.walk.step().kind {
        StepKind::Say { .. } if lab.purpose == Purpose::Bench => {
            let rest = [hint("knobs", ""), hint("palette", "any setting"), hint("more", ""), hint("back-out", "card")];
            go_on.into_iter().chain(undo).chain(rest.into_iter().flatten()).collect()
        }
        StepKind::Predict { .. } if lab.walk.is_locked() => {
            ["option", "lab-down", "just-tell", "back-out"].into_iter().filter_map(|id| hint(id, "")).collect()
        }
        StepKind::Try(_) if lab.answered.is_some() => {
            let rest = [hint("hint", ""), hint("restart", "again"), hint("solution", "")];
            undo.into_iter().chain(go_on).chain(rest.into_iter().flatten()).collect()
        }
        StepKind::Try(_) if lab.walk.is_showing() => {
            [go_on, play, hint("back", ""), hint("restart", "now you")].into_iter().flatten().collect()
        }
        StepKind::Try(goal) if !lab.goal.holds => {
            // After the last hint comes the solution.
            let help = if goal.hints.as_ref().is_none_or(|hints| lab.walk.hints().len() == hints.len()) { "solution" } else { "hint" };
            named.chain(play).chain(undo).chain(hint(help, "")).chain(pokes()).collect()
        }
        _ => {
            let rest = [hint("forward", ""), hint("next", ""), hint("back-out", ""), hint("guarantees", "")];
            let asked = Some(lab).filter(|lab| lab.is_told()).into_iter().flat_map(|_| pokes());
            let listed = Some(lab).filter(|lab| !lab.listed().is_empty()).and_then(|_| hint("option", "try one"));
            let go_on = go_on.into_iter().filter(|_| !lab.lists() || lab.option.is_some());
            listed.into_iter().chain(go_on).chain(play).chain(undo).chain(named).chain(asked).chain(rest.into_iter().flatten()).collect()
        }
    }
}
