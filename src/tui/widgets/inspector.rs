//! One selected thing in detail.

use super::operations::THEN_LOST;
use super::text::{Line, piece};
use super::{Operations, Target, words};
use crate::check::verdict::{Holds, Verdict};
use crate::cluster::scene::{ClientView, Fate, FlightView, Health, LinkView, NodeView, Scene};
use crate::cluster::told::{Exchange, Outcome};
use crate::cluster::{Happening, What};
use crate::sim::time::Time;
use crate::tui::theme::Theme;

/// What the inspector can look at.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// The picture.
    pub scene: &'a Scene,
    /// What happened, in order.
    pub happenings: &'a [Happening],
    /// The client operations.
    pub operations: &'a Operations,
    /// What is known of the guarantees.
    pub verdicts: &'a [Verdict],
}

/// Everything known about `target`, as lines to wrap ([`super::text::wrap_pieces`]) and draw. Never empty: what is gone says so.
pub fn lines(theme: &Theme, target: Target, facts: &Facts<'_>) -> Vec<Line> {
    let page = Page { theme, lines: Vec::new() };
    match target {
        Target::Node(id) => page.node_or_client(facts, |n| n.id == id, |c| c.id == id, &id.to_string()),
        Target::Message(id) => match facts.scene.flights.iter().find(|f| f.id == id) {
            Some(flight) => page.flight(flight, facts.scene.at),
            None => page.past_message(facts, target),
        },
        Target::Wire(a, b) => {
            let same = |l: &&LinkView| (l.a, l.b) == (a, b) || (l.a, l.b) == (b, a);
            page.wire(facts, facts.scene.links.iter().find(same), &format!("{a} {} {b}", theme.glyphs.lanes[0]))
        }
        Target::Operation(index) => match facts.operations.get(index) {
            Some(operation) => page.operation(operation, facts),
            None if facts.operations.is_past(index) => page.gone("This operation is too long ago to be shown."),
            None => page.gone("This operation has not been called yet."),
        },
        Target::Event(event) => page.event(facts, event),
        Target::Moment(at) => page.gone(&format!("{at}")),
    }
}

struct Page<'t> {
    theme: &'t Theme,
    lines: Vec<Line>,
}

impl Page<'_> {
    fn gone(mut self, text: &str) -> Vec<Line> {
        self.lines.push(vec![piece(text, self.theme.dim)]);
        self.lines
    }

    fn title(&mut self, glyph: &str, style: ratatui::style::Style, text: &str) {
        self.lines.push(vec![piece(format!("{glyph} "), style), piece(text, self.theme.strong)]);
    }

    /// A label and its value.
    fn row(&mut self, label: &str, value: impl Into<String>, style: ratatui::style::Style) {
        let label = format!("{label:<10} ");
        self.lines.push(vec![piece(label, self.theme.dim), piece(value, style)]);
    }

    /// A command that acts on it.
    fn hint(&mut self, command: &str, what: &str) {
        let theme = self.theme;
        self.lines.push(vec![piece(format!(":{command}"), theme.key), piece(format!("  {what}"), theme.dim)]);
    }

    fn node_or_client(
        self,
        facts: &Facts<'_>,
        node: impl Fn(&NodeView) -> bool,
        client: impl Fn(&ClientView) -> bool,
        name: &str,
    ) -> Vec<Line> {
        if let Some(found) = facts.scene.nodes.iter().find(|n| node(n)) {
            return self.node(found, facts.scene);
        }
        match facts.scene.clients.iter().find(|c| client(c)) {
            Some(found) => self.client(found, facts),
            None => self.gone(&format!("There is no {name} here.")),
        }
    }

    fn node(mut self, node: &NodeView, scene: &Scene) -> Vec<Line> {
        let theme = self.theme;
        let epoch = node.epoch.map(|e| format!(", epoch {e}")).unwrap_or_default();
        let style = theme.node(node.shape, node.health);
        self.title(theme.glyphs.shape(node.shape), style, &format!("{} {}{epoch}", node.name, node.word));
        if let Some(glyph) = theme.glyphs.health(node.health) {
            let word = health(node.health);
            self.lines.push(vec![piece(format!("{glyph} {word}"), theme.bad)]);
        }
        for row in &node.rows {
            let mark = theme.tone_glyph(row.tone).map(|g| format!(" {g}")).unwrap_or_default();
            self.row(&row.label, format!("{}{mark}", row.value), theme.tone(row.tone));
        }
        for timer in &node.timers {
            let done = (timer.fraction.clamp(0.0, 1.0) * 100.0).round();
            self.row(timer.name, format!("goes off in {:.1} ms ({done}%)", timer.left.as_ms()), theme.candidate);
        }
        let coming = scene.flights.iter().filter(|f| f.to == node.id).count();
        self.row("inbox", format!("{} waiting, {coming} on the way", node.inbox.len()), theme.text);
        if let Some(zone) = node.zone.and_then(|z| scene.zones.get(z)) {
            self.row("zone", zone.as_str(), theme.text);
        }
        self.lines
    }

    fn client(mut self, client: &ClientView, facts: &Facts<'_>) -> Vec<Line> {
        let theme = self.theme;
        self.title(theme.glyphs.request, theme.client, &format!("{} client", client.name));
        if let Some(server) = client.server {
            self.row("talks to", server.to_string(), theme.text);
        }
        self.row("waiting", client.waiting.to_string(), theme.text);
        let own = facts.operations.iter().filter(|o| o.client == client.id);
        for operation in own.rev().take(12) {
            let (glyph, style, told) = outcome(theme, operation, facts);
            let text = format!("{}  {glyph} {told}", operation.call);
            self.lines.push(vec![piece(text, style)]);
        }
        self.lines
    }

    fn flight(mut self, flight: &FlightView, now: Time) -> Vec<Line> {
        let theme = self.theme;
        let kind = flight.kind.word;
        self.title(theme.glyphs.sign(flight.kind.sign), theme.sign(flight.kind.sign), &format!("{} {kind}", flight.id));
        self.row("says", flight.label.as_str(), theme.text);
        self.row("from", format!("{} {} {}", flight.from, theme.glyphs.arrows[1], flight.to), theme.text);
        self.row("sent", flight.sent.to_string(), theme.text);
        let left = flight.due.since(now).as_ms();
        let (fate, style) = match flight.fate {
            Fate::Arrives => (format!("arrives at {}, in {left:.1} ms", flight.due), theme.text),
            Fate::Lost => (format!("will be lost in {left:.1} ms"), theme.bad),
            Fate::Held => ("held where it is".to_string(), theme.stale),
            Fate::Walled => ("stopped by the cut".to_string(), theme.bad),
        };
        self.row("fate", fate, style);
        let held = flight.fate == Fate::Held;
        let (word, what) = if held { ("release", "let it go on") } else { ("hold", "stop it where it is") };
        self.hint(&format!("{word} {}", flight.id), what);
        self.hint(&format!("drop {}", flight.id), "lose it");
        self.hint(&format!("deliver {}", flight.id), "let it arrive now");
        self.hint(&format!("duplicate {}", flight.id), "send it twice");
        self.lines
    }

    fn past_message(mut self, facts: &Facts<'_>, target: Target) -> Vec<Line> {
        let theme = self.theme;
        for happening in facts.happenings.iter().rev() {
            let (id, from, to, sent, kind, fate) = match happening.what {
                What::Arrived { id, from, to, sent, kind } => (id, from, to, sent, kind, ("arrived", theme.good)),
                What::Lost { id, from, to, sent, kind, why } => (id, from, to, sent, kind, (why, theme.bad)),
                _ => continue,
            };
            if Target::Message(id) == target {
                self.title(theme.glyphs.sign(kind.sign), theme.sign(kind.sign), &format!("{id} {}", kind.word));
                self.row("from", format!("{from} {} {to}", theme.glyphs.arrows[1]), theme.text);
                self.row("sent", sent.to_string(), theme.text);
                self.row("fate", format!("{} at {}, after {:.1} ms", fate.0, happening.at, happening.at.since(sent).as_ms()), fate.1);
                return self.lines;
            }
        }
        self.gone("This message is not on its way now.")
    }

    fn wire(mut self, facts: &Facts<'_>, link: Option<&LinkView>, name: &str) -> Vec<Line> {
        let theme = self.theme;
        let Some(link) = link else { return self.gone("There is no such wire here.") };
        self.title(theme.glyphs.lanes[0], theme.dim, name);
        for (cut, from, to) in [(link.cut_ab, link.a, link.b), (link.cut_ba, link.b, link.a)] {
            let (words, style) = if cut { ("cut", theme.bad) } else { ("open", theme.good) };
            self.row(&format!("{from} {} {to}", theme.glyphs.arrows[1]), words, style);
        }
        if !link.note.is_empty() {
            self.row("setting", link.note.as_str(), theme.stale);
        }
        let ends = [link.a, link.b];
        let on_it = facts.scene.flights.iter().filter(|f| ends.contains(&f.from) && ends.contains(&f.to)).count();
        self.row("messages", on_it.to_string(), theme.text);
        self.lines
    }

    fn operation(mut self, operation: &Exchange, facts: &Facts<'_>) -> Vec<Line> {
        let theme = self.theme;
        let (glyph, style, told) = outcome(theme, operation, facts);
        self.title(theme.glyphs.request, theme.client, &format!("{} {}", operation.client, operation.call));
        self.row("told", format!("{glyph} {told}"), style);
        if let Outcome::Refused(why) | Outcome::Failed(why) | Outcome::Unknown(why) = &operation.outcome {
            self.row("because", why.to_string(), theme.text);
        }
        let ret = operation.ended.map_or("still open".to_string(), |ended| format!("event {}", ended.event));
        self.row("called", format!("event {}", operation.called.event), theme.text);
        self.row("returned", ret, theme.text);
        for verdict in facts.verdicts.iter().filter(|v| v.holds == Holds::No && v.witness.contains(&operation.id)) {
            let text = format!("{} {}: {}", theme.glyphs.cross, verdict.guarantee.words(), verdict.why);
            self.lines.push(vec![piece(text, theme.bad)]);
        }
        self.lines
    }

    fn event(mut self, facts: &Facts<'_>, event: u64) -> Vec<Line> {
        let theme = self.theme;
        let here: Vec<&Happening> = facts.happenings.iter().filter(|h| h.event == event).collect();
        let Some(first) = here.first() else { return self.gone(&format!("Nothing to tell about event {event}.")) };
        self.title(theme.glyphs.pointer, theme.key, &format!("event {event} at {}", first.at));
        for happening in here {
            if let Some(sentence) = super::narration::sentence(theme, &happening.what, facts.operations) {
                self.lines.push(vec![piece(format!("{} ", sentence.glyph), sentence.style), piece(sentence.text, theme.text)]);
            } else if let What::Arrived { id, from, to, kind, .. } = happening.what {
                let text = format!("{} {id} from {from} arrives at {to}", kind.word);
                self.lines.push(vec![piece(format!("{} ", theme.glyphs.sign(kind.sign)), theme.sign(kind.sign)), piece(text, theme.text)]);
            }
        }
        self.lines
    }
}

fn health(health: Health) -> String {
    match health {
        Health::Up => "up".to_string(),
        Health::Down => "down".to_string(),
        Health::Paused => "paused".to_string(),
        Health::Slow(times) => format!("slow {times}x"),
    }
}

/// How an operation ended: a sign, its style, and the word.
fn outcome<'a>(theme: &Theme, operation: &'a Exchange, facts: &Facts<'_>) -> (&'static str, ratatui::style::Style, &'a str) {
    if facts.operations.is_lost(operation.id as usize) {
        return (theme.glyphs.cross, theme.bad, THEN_LOST);
    }
    let (glyph, style) = match operation.outcome {
        Outcome::Ok(_) => (theme.glyphs.ok, theme.good),
        Outcome::Refused(_) | Outcome::Failed(_) => (theme.glyphs.cross, theme.bad),
        Outcome::Unknown(_) | Outcome::Open => (theme.glyphs.unknown, theme.stale),
    };
    (glyph, style, words::outcome(&operation.outcome))
}
