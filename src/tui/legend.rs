//! What every sign of the screens means, beside the sign and the style that draw it.

use ratatui::style::Style;

use super::glyphs::Glyphs;
use super::theme::Theme;

/// One sign.
pub struct Entry {
    /// The sign, as the screens take it.
    pub sign: fn(&Glyphs) -> &'static str,
    /// Its style.
    pub style: fn(&Theme) -> Style,
    /// What it means.
    pub says: &'static str,
}

const fn entry(sign: fn(&Glyphs) -> &'static str, style: fn(&Theme) -> Style, says: &'static str) -> Entry {
    Entry { sign, style, says }
}

/// Every sign, in the order of the page: nodes, their health, messages, values, guarantees, the timeline.
pub static LEGEND: &[Entry] = &[
    entry(|g| g.leader, |t| t.leader, "leads, or owns; its box has a double border"),
    entry(|g| g.follower, |t| t.follower, "follows, or is a member; its box has a round border"),
    entry(|g| g.candidate, |t| t.candidate, "suspects, asks for votes or decides; its box has a dashed border"),
    entry(|g| g.cross, |t| t.bad, "down, lost, refused, or a broken guarantee"),
    entry(|g| g.paused, |t| t.stale, "paused: its process stands still, and messages to it wait"),
    entry(|g| g.slow, |t| t.stale, "slow: it takes more time for everything"),
    entry(|g| g.wall, |t| t.bad, "a cut: no message passes"),
    entry(|g| g.ok, |t| t.good, "told ok, or a guarantee that was kept so far"),
    entry(|g| g.unknown, |t| t.dim, "not known: nobody can tell yet"),
    entry(|g| g.dot, |t| t.stale, "not yet, or nothing has tested it"),
    entry(|g| g.stale, |t| t.stale, "older than the newest acknowledged value"),
    entry(|g| g.conflict, |t| t.conflict, "copies that differ in a way that no order of writes explains"),
    entry(|g| g.limit, |t| t.strong, "a limit: what stands beyond it does not count yet"),
    entry(|g| g.open, |t| t.dim, "not on all copies yet"),
    entry(|g| g.copy, |t| t.dim, "a message that came twice and was recognised"),
    entry(|g| g.nobody, |t| t.bad, "work that nobody waits for"),
    entry(|g| g.bar[0], |t| t.text, "the filled part of a bar: a timer, a load, a share"),
    entry(|g| g.lanes[1], |t| t.leader, "on the timeline: it leads"),
    entry(|g| g.lanes[2], |t| t.down, "on the timeline: it is down or paused"),
    entry(|g| g.done, |t| t.good, "on the timeline: a client is told something"),
    entry(|g| g.axis[1], |t| t.key, "on the timeline: you did something"),
    entry(|g| g.axis[2], |t| t.key, "on the timeline: now"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::scene::{Health, Shape};
    use crate::tui::glyphs::{ASCII, UNICODE};

    #[test]
    fn every_shape_and_every_ill_health_is_explained() {
        for glyphs in [&UNICODE, &ASCII] {
            let signs: Vec<&str> = LEGEND.iter().map(|entry| (entry.sign)(glyphs)).collect();
            for shape in [Shape::Leader, Shape::Member, Shape::Candidate] {
                assert!(signs.contains(&glyphs.shape(shape)), "{shape:?}");
            }
            for health in [Health::Down, Health::Paused, Health::Slow(2.0)] {
                assert!(glyphs.health(health).is_some_and(|sign| signs.contains(&sign)), "{health:?}");
            }
        }
    }

    #[test]
    fn no_sign_is_explained_twice() {
        let signs: Vec<&str> = LEGEND.iter().map(|entry| (entry.sign)(&UNICODE)).collect();
        assert!(signs.iter().enumerate().all(|(i, sign)| !signs[..i].contains(sign)), "{signs:?}");
    }
}
