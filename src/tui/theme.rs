//! Colours and shapes: the visual language of every screen.
//!
//! Named ANSI colours come first, so that the picture follows the terminal's own scheme. No meaning rests on colour
//! alone: without colours every thing still has its shape and its word.

use ratatui::buffer::Buffer;
use ratatui::style::{Color, Modifier, Style};

mod colours;
#[cfg(test)]
mod contrast_tests;

use super::glyphs::{ASCII, Glyphs, UNICODE};
use crate::check::verdict::Holds;
use crate::cluster::scene::{Fate, FlightView, Health, Shape, Sign, Tone};
use colours::{Colours, rich};

/// The palettes to choose from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Palette {
    /// For dark backgrounds.
    #[default]
    Dark,
    /// For light backgrounds.
    Light,
    /// White on black, bright colours, nothing dim.
    HighContrast,
    /// Kept is blue and broken is orange, for eyes that do not tell green from red.
    ColourBlind,
}

impl Palette {
    /// Every palette, in the order of the settings.
    pub const ALL: [Palette; 4] = [Palette::Dark, Palette::Light, Palette::HighContrast, Palette::ColourBlind];

    /// The word in settings and on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Palette::Dark => "dark",
            Palette::Light => "light",
            Palette::HighContrast => "high-contrast",
            Palette::ColourBlind => "colour-blind",
        }
    }

    /// The palette of this name; `color-blind` is understood too.
    pub fn named(name: &str) -> Option<Palette> {
        let name = if name == "color-blind" { "colour-blind" } else { name };
        Palette::ALL.into_iter().find(|p| p.name() == name)
    }
}

/// The signs to draw with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signs {
    /// Nothing but ASCII.
    Ascii,
    /// All of them.
    Unicode,
}

/// How many colours the terminal has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Depth {
    /// None (`NO_COLOR`): bold, reversed and underlined only.
    None,
    /// The sixteen named ones.
    #[default]
    Ansi,
    /// 256.
    Indexed,
    /// 24 bits.
    True,
}

/// What everything looks like. Made once from the settings and passed to every widget.
#[derive(Clone, Debug, PartialEq)]
pub struct Theme {
    /// Where the colours came from.
    pub palette: Palette,
    /// How many colours there are.
    pub depth: Depth,
    /// The shapes.
    pub glyphs: &'static Glyphs,
    /// Whether messages move between one event and the next.
    pub motion: bool,
    /// Whether it is for a wall: everything strong, nothing faint.
    pub projector: bool,
    /// What the whole screen is filled with first.
    pub base: Style,
    /// Ordinary text.
    pub text: Style,
    /// Text that can wait: labels, hints, what is past.
    pub dim: Style,
    /// Text that matters: headings, what is asked.
    pub strong: Style,
    /// Borders of panels.
    pub border: Style,
    /// The border of the panel that has the keyboard.
    pub focus: Style,
    /// Wires and lanes, behind everything.
    pub edge: Style,
    /// Leader, primary, owner.
    pub leader: Style,
    /// Follower, replica, member.
    pub follower: Style,
    /// Candidate, suspect, deciding.
    pub candidate: Style,
    /// Down, paused.
    pub down: Style,
    /// Clients and what they ask.
    pub client: Style,
    /// Data between servers, and replies to clients.
    pub data: Style,
    /// Heartbeats and acknowledgements: there all the time.
    pub quiet: Style,
    /// Lost, refused, broken, cut.
    pub bad: Style,
    /// Older than it should be.
    pub stale: Style,
    /// Two values that disagree.
    pub conflict: Style,
    /// Acknowledged, kept.
    pub good: Style,
    /// A key to press.
    pub key: Style,
    /// What is selected. Patch it over another style.
    pub selected: Style,
    /// What changed at the last event. Patch it over another style.
    pub changed: Style,
}

const fn grey(colour: Option<Color>) -> Style {
    Style { fg: colour, ..Style::new() }
}

impl Theme {
    /// The theme for these settings. `ascii` draws with ASCII only; without `motion` messages stand at the middle of their wires.
    pub fn new(palette: Palette, depth: Depth, ascii: bool, motion: bool) -> Theme {
        let colours = Colours::of(palette, depth);
        let mut theme = Theme::coloured(&colours);
        if palette == Palette::HighContrast {
            theme.base = Style::new().fg(Color::White).bg(Color::Black);
        }
        if depth == Depth::None {
            theme.fade();
        }
        Theme { palette, depth, glyphs: if ascii { &ASCII } else { &UNICODE }, motion, ..theme }
    }

    /// The same theme with a background of its own: for one that was asked for, whatever the background of the terminal is.
    pub fn painted(self) -> Theme {
        let (text, ground) = match self.palette {
            _ if self.depth == Depth::None => return self,
            Palette::HighContrast => return self,
            Palette::Light => (rich(self.depth, 234, Color::Black), rich(self.depth, 231, Color::White)),
            Palette::Dark | Palette::ColourBlind => (rich(self.depth, 252, Color::White), rich(self.depth, 233, Color::Black)),
        };
        Theme { base: Style::new().fg(text).bg(ground), ..self }
    }

    /// The same for a projector: a background of its own, colours far from it, and nothing faint.
    pub fn for_projector(self) -> Theme {
        let Theme { palette, depth, glyphs, motion, .. } = self;
        let light = palette == Palette::Light;
        let (text, ground) = if light { (16, 231) } else { (231, 16) };
        let named = if light { [Color::Black, Color::White] } else { [Color::White, Color::Black] };
        let mut theme = Theme::coloured(&Colours::for_projector(palette, depth));
        theme.base = Style::new().fg(rich(depth, text, named[0])).bg(rich(depth, ground, named[1]));
        let Theme { text, dim, strong, down, quiet, leader, follower, candidate, client, data, bad, stale, conflict, good, key, .. } =
            &mut theme;
        for style in [text, dim, strong, down, quiet, leader, follower, candidate, client, data, bad, stale, conflict, good, key] {
            *style = style.add_modifier(Modifier::BOLD);
        }
        if depth == Depth::None {
            theme.fade();
        }
        Theme { palette, depth, glyphs, motion, projector: true, ..theme }
    }

    /// For a projector if the theme before was.
    pub fn after(self, before: &Theme) -> Theme {
        if before.projector { self.for_projector() } else { self }
    }

    /// Black and white, whatever the theme is, for what a camera reads; `None` without colours.
    pub fn ink_and_paper(&self) -> Option<(Color, Color)> {
        (self.depth != Depth::None).then(|| (rich(self.depth, 16, Color::Black), rich(self.depth, 231, Color::White)))
    }

    /// Gives everything without a colour of its own the one of the background's text. Call it on a finished picture.
    pub fn ground(&self, buf: &mut Buffer) {
        let Some(text) = self.base.fg else { return };
        for cell in buf.content.iter_mut().filter(|cell| cell.fg == Color::Reset) {
            cell.fg = text;
        }
    }

    fn coloured(c: &Colours) -> Theme {
        let plain = Style::new();
        Theme {
            palette: Palette::Dark,
            depth: Depth::Ansi,
            glyphs: &UNICODE,
            motion: true,
            projector: false,
            base: plain,
            text: plain,
            dim: grey(c.dim),
            strong: plain.add_modifier(Modifier::BOLD),
            border: grey(c.border),
            focus: plain.fg(c.cyan),
            edge: grey(c.edge),
            leader: plain.fg(c.yellow).add_modifier(Modifier::BOLD),
            follower: plain.fg(c.blue),
            candidate: plain.fg(c.magenta),
            down: grey(c.dim),
            client: plain.fg(c.cyan),
            data: plain.fg(c.yellow),
            quiet: grey(c.dim),
            bad: plain.fg(c.red),
            stale: plain.fg(c.yellow),
            conflict: plain.fg(c.orange).add_modifier(Modifier::BOLD),
            good: plain.fg(c.green),
            key: plain.fg(c.cyan).add_modifier(Modifier::BOLD),
            selected: plain.add_modifier(Modifier::REVERSED),
            changed: plain.add_modifier(Modifier::REVERSED),
        }
    }

    /// Takes every colour away and leaves bold, reversed and underlined to tell things apart.
    fn fade(&mut self) {
        let Theme { base, text, dim, strong, border, focus, edge, leader, follower, candidate, down, client, .. } = self;
        for style in [base, text, dim, strong, border, focus, edge, leader, follower, candidate, down, client] {
            *style = colourless(*style);
        }
        let Theme { data, quiet, bad, stale, conflict, good, key, selected, changed, .. } = self;
        for style in [data, quiet, bad, stale, conflict, good, key, selected, changed] {
            *style = colourless(*style);
        }
        self.focus = self.focus.add_modifier(Modifier::BOLD);
        self.bad = self.bad.add_modifier(Modifier::BOLD);
        self.stale = self.stale.add_modifier(Modifier::UNDERLINED);
        self.conflict = self.conflict.add_modifier(Modifier::UNDERLINED);
    }

    /// The colour of a node: its health first, then its shape.
    pub fn node(&self, shape: Shape, health: Health) -> Style {
        match (health, shape) {
            (Health::Down | Health::Paused, _) => self.down,
            (_, Shape::Leader) => self.leader,
            (_, Shape::Member) => self.follower,
            (_, Shape::Candidate) => self.candidate,
        }
    }

    /// The colour of a value.
    pub fn tone(&self, tone: Tone) -> Style {
        match tone {
            Tone::Plain => self.text,
            Tone::Quiet => self.dim,
            Tone::Stale => self.stale,
            Tone::Conflict => self.conflict,
            Tone::Good => self.good,
            Tone::Bad => self.bad,
        }
    }

    /// The colour of one of several owners, keys, terms, streams: four in turn, then the same four bold. Always beside a letter or a number.
    pub fn group(&self, number: u8) -> Style {
        let colour = [self.follower, self.candidate, self.client, self.text][usize::from(number % 4)];
        if (number / 4).is_multiple_of(2) { colour.remove_modifier(Modifier::BOLD) } else { colour.add_modifier(Modifier::BOLD) }
    }

    /// The shape before a value; `None` for a plain one.
    pub fn tone_glyph(&self, tone: Tone) -> Option<&'static str> {
        match tone {
            Tone::Plain | Tone::Quiet => None,
            Tone::Stale => Some(self.glyphs.stale),
            Tone::Conflict => Some(self.glyphs.conflict),
            Tone::Good => Some(self.glyphs.ok),
            Tone::Bad => Some(self.glyphs.cross),
        }
    }

    /// The colour of a message by its sign, at rest.
    pub fn sign(&self, sign: Sign) -> Style {
        match sign {
            Sign::Request | Sign::Reply => self.client,
            Sign::Data => self.data,
            Sign::Vote => self.candidate,
            Sign::Gossip => self.follower,
            Sign::Ack | Sign::Heartbeat => self.quiet,
        }
    }

    /// The colour of a message on its way: bright while it moves, dim when it will be lost, in the colour of loss when a cut stands in its way.
    pub fn flight(&self, flight: &FlightView) -> Style {
        match flight.fate {
            Fate::Arrives if flight.kind.sign == Sign::Heartbeat => self.strong,
            Fate::Arrives => self.sign(flight.kind.sign).add_modifier(Modifier::BOLD),
            Fate::Held => self.sign(flight.kind.sign),
            Fate::Walled => self.bad.add_modifier(Modifier::BOLD),
            Fate::Lost => self.dim,
        }
    }

    /// The shape and the colour of a verdict.
    pub fn verdict(&self, holds: Holds) -> (&'static str, Style) {
        match holds {
            Holds::Yes => (self.glyphs.ok, self.good),
            Holds::No => (self.glyphs.cross, self.bad),
            Holds::Unknown => (self.glyphs.unknown, self.dim),
            Holds::Untested => (self.glyphs.dot, self.dim),
        }
    }
}

fn colourless(style: Style) -> Style {
    Style { fg: None, bg: None, ..style }
}

impl Default for Theme {
    /// Dark, sixteen colours, Unicode, moving.
    fn default() -> Theme {
        Theme::new(Palette::Dark, Depth::Ansi, false, true)
    }
}
