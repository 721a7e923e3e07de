//! A terminal that plays a script: the tests feed keys to the real loop, with a clock of their own, and read the screen.

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::time::Duration;

use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use ratatui::crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers, MouseEvent};
use ratatui::style::{Color, Modifier, Style};
use ratatui::{Frame, Terminal};

use super::clock::Moment;
use super::keys::Key;
use super::terminal::{Input, Screen};

/// One step of a script.
#[derive(Clone, Debug, PartialEq)]
pub enum Cue {
    /// This input arrives.
    Input(Input),
    /// This much real time passes.
    Pass(Duration),
    /// The screen has this size from now on.
    Size(u16, u16),
    /// The screen is kept as it is now, for [`Scripted::kept`].
    Keep,
    /// What follows comes while the work that goes on is not done; until here every work is over before the next cue.
    Meanwhile,
}

/// Somebody who looks at the screen and says what comes next.
type Decide = Box<dyn FnMut(&Buffer) -> Vec<Cue>>;

/// Plays cues; when they run out, Ctrl-C is pressed for ever, unless somebody [stays](Scripted::staying) or [decides](Scripted::driven).
pub struct Scripted {
    now: Moment,
    cues: VecDeque<Cue>,
    terminal: Terminal<TestBackend>,
    /// Whether the cues come while work is going on.
    meanwhile: bool,
    /// Whether nothing comes once the cues run out.
    stays: bool,
    /// Who decides what comes once the cues run out.
    decide: Option<Decide>,
    /// What [`Cue::Keep`] kept, in order.
    pub kept: Vec<Buffer>,
    /// How many frames were drawn.
    pub frames: usize,
    /// How often the process would have been stopped.
    pub stops: usize,
    /// How often the screen was to be drawn whole.
    pub repaints: usize,
    /// What was handed to the clipboard.
    pub copied: Vec<String>,
    /// Whether the mouse is reported, where that was changed.
    pub mouse: Option<bool>,
}

impl Scripted {
    /// A screen of this size that plays these cues.
    pub fn new(width: u16, height: u16, cues: impl IntoIterator<Item = Cue>) -> Scripted {
        let terminal = Terminal::new(TestBackend::new(width, height)).unwrap_or_else(|never| match never {});
        Scripted {
            now: Moment::ZERO,
            cues: cues.into_iter().collect(),
            terminal,
            meanwhile: false,
            stays: false,
            decide: None,
            kept: Vec::new(),
            frames: 0,
            stops: 0,
            repaints: 0,
            copied: Vec::new(),
            mouse: None,
        }
    }

    /// The same, with somebody at it who gives more cues once they run out.
    pub fn staying(self) -> Scripted {
        Scripted { stays: true, ..self }
    }

    /// The same, with somebody at it who is asked what comes next whenever the cues run out, and looks at the screen before. Whoever
    /// gives no cues is asked again.
    pub fn driven(self, decide: impl FnMut(&Buffer) -> Vec<Cue> + 'static) -> Scripted {
        Scripted { decide: Some(Box::new(decide)), ..self }
    }

    /// Takes in what is decided; false where nobody decides.
    fn is_decided(&mut self) -> bool {
        let Some(decide) = &mut self.decide else { return false };
        while self.cues.is_empty() {
            self.cues.extend(decide(self.terminal.backend().buffer()));
        }
        true
    }

    /// Goes on with these cues after the others.
    pub fn add(&mut self, cues: impl IntoIterator<Item = Cue>) {
        self.cues.extend(cues);
    }

    /// Whether cues are left.
    pub fn has_cues(&self) -> bool {
        !self.cues.is_empty()
    }

    /// What is on the screen.
    pub fn buffer(&self) -> &Buffer {
        self.terminal.backend().buffer()
    }
}

/// Keys by name, separated by blanks, as cues: `j Enter Ctrl-c`. Names that are none are typed letter by letter.
pub fn keys(names: &str) -> Vec<Cue> {
    names.split_whitespace().flat_map(keys_of).map(|key| Cue::Input(press(key))).collect()
}

/// A script of words as cues: keys by name, `wait:500` for so many milliseconds, `size:80x24` for another size of the screen, `keep` to
/// keep the screen, `meanwhile` for what comes while work is going on.
pub fn cues(script: &str) -> Vec<Cue> {
    script.split_whitespace().flat_map(|word| cue(word).map_or_else(|| keys(word), |cue| vec![cue])).collect()
}

/// What a word says that is no key.
fn cue(word: &str) -> Option<Cue> {
    match (word, word.split_once(':')) {
        ("keep", _) => Some(Cue::Keep),
        ("meanwhile", _) => Some(Cue::Meanwhile),
        (_, Some(("wait", ms))) => Some(Cue::Pass(Duration::from_millis(ms.parse().ok()?))),
        (_, Some(("size", size))) => {
            size.split_once('x').and_then(|(width, height)| Some(Cue::Size(width.parse().ok()?, height.parse().ok()?)))
        }
        _ => None,
    }
}

fn keys_of(name: &str) -> Vec<Key> {
    match name.parse() {
        Ok(key) => vec![key],
        Err(_) => name.chars().map(|c| Key::plain(KeyCode::Char(c))).collect(),
    }
}

/// A key going down.
pub fn press(key: Key) -> Input {
    Input::Event(Event::Key(KeyEvent::new(key.code, key.modifiers)))
}

/// A mouse report.
pub fn mouse(event: MouseEvent) -> Input {
    Input::Event(Event::Mouse(event))
}

impl Screen for Scripted {
    fn now(&self) -> Moment {
        self.now
    }

    /// Work is waited for, however long it takes, unless the script goes on meanwhile.
    fn patience(&self) -> Duration {
        let meanwhile = self.meanwhile || self.cues.front() == Some(&Cue::Meanwhile);
        if meanwhile { Duration::ZERO } else { Duration::MAX }
    }

    fn wait(&mut self, until: Option<Moment>) -> anyhow::Result<Option<Input>> {
        let limit = until.unwrap_or(Moment::MAX);
        loop {
            match self.cues.pop_front() {
                // Whatever is to happen at once happens before somebody decides.
                None if self.stays || self.decide.is_some() && limit == Moment::ZERO => return Ok(None),
                None if self.is_decided() => {}
                None => return Ok(Some(press(Key { code: KeyCode::Char('c'), modifiers: KeyModifiers::CONTROL }))),
                Some(Cue::Input(input)) => return Ok(Some(input)),
                Some(Cue::Meanwhile) => self.meanwhile = true,
                Some(cue) if limit <= self.now => {
                    self.cues.push_front(cue);
                    return Ok(None);
                }
                Some(Cue::Keep) => self.kept.push(self.buffer().clone()),
                Some(Cue::Size(width, height)) => {
                    self.terminal.backend_mut().resize(width, height);
                    return Ok(Some(Input::Event(Event::Resize(width, height))));
                }
                Some(Cue::Pass(span)) => {
                    let end = self.now.saturating_add(span);
                    self.now = end.min(limit);
                    if self.now < end {
                        self.cues.push_front(Cue::Pass(end.saturating_sub(self.now)));
                        return Ok(None);
                    }
                }
            }
        }
    }

    fn draw(&mut self, paint: &mut dyn FnMut(&mut Frame)) -> anyhow::Result<()> {
        self.frames += 1;
        self.terminal.draw(|frame| paint(frame))?;
        Ok(())
    }

    fn suspend(&mut self) -> anyhow::Result<()> {
        self.stops += 1;
        Ok(())
    }

    fn resume(&mut self) -> anyhow::Result<()> {
        self.repaint()
    }

    fn repaint(&mut self) -> anyhow::Result<()> {
        self.repaints += 1;
        Ok(())
    }

    fn mouse(&mut self, on: bool) -> anyhow::Result<()> {
        self.mouse = Some(on);
        Ok(())
    }

    fn copy(&mut self, text: &str) -> anyhow::Result<()> {
        self.copied.push(text.to_string());
        Ok(())
    }
}

/// The screen as lines of text, without blanks at the ends.
pub fn text(buffer: &Buffer) -> String {
    let mut out = String::new();
    for y in 0..buffer.area.height {
        let line: String = (0..buffer.area.width).map(|x| buffer[(x, y)].symbol()).collect();
        let _ = writeln!(out, "{}", line.trim_end());
    }
    out
}

/// The styles of the screen: one line per row that has any, each run as `from..to style`.
pub fn styles(buffer: &Buffer) -> String {
    let mut out = String::new();
    for y in 0..buffer.area.height {
        let runs = runs(buffer, y);
        if !runs.is_empty() {
            let _ = writeln!(out, "{y:>3}  {}", runs.join("  "));
        }
    }
    out
}

fn runs(buffer: &Buffer, y: u16) -> Vec<String> {
    let style = |x: u16| words(buffer[(x, y)].style());
    let mut runs = Vec::new();
    let mut start = 0;
    for x in 1..=buffer.area.width {
        if x == buffer.area.width || style(x) != style(start) {
            if !style(start).is_empty() {
                runs.push(format!("{start}..{x} {}", style(start)));
            }
            start = x;
        }
    }
    runs
}

fn words(style: Style) -> String {
    let mut words: Vec<String> = Vec::new();
    if let Some(color) = style.fg.filter(|c| *c != Color::Reset) {
        words.push(color.to_string());
    }
    if let Some(color) = style.bg.filter(|c| *c != Color::Reset) {
        words.push(format!("on {color}"));
    }
    if !style.add_modifier.is_empty() {
        words.push(modifiers(style.add_modifier));
    }
    words.join(" ")
}

fn modifiers(modifier: Modifier) -> String {
    modifier.iter_names().map(|(name, _)| name.to_lowercase()).collect::<Vec<_>>().join(" ")
}
