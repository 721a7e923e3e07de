//! The screens without a terminal: a lesson is opened, driven by commands and keys and by a clock of its own, and drawn whenever asked.
//! The same deeds give the same cells.

use std::time::Duration;

use anyhow::{anyhow, bail};
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use ratatui::crossterm::event::{Event, KeyEvent};
use ratatui::layout::Rect;
use ratatui::{Terminal, Viewport};

use super::app::{App, Notice};
use super::clock::Moment;
use super::keys::Key;
use super::screens::lab::Lab;
use super::screens::lab::course::Course;
use super::screens::{Over, View, palette};
use super::theme::Theme;
use super::{Options, event_loop};
use crate::command::{Command, Drive};
use crate::lesson::walk::{Halt, Walk};
use crate::sim::time::{Span, Time};

/// More stops than lie on any way to a moment.
const STOPS_MAX: usize = 10_000;

/// A program that nobody sees.
pub struct Offscreen {
    app: App,
    now: Moment,
    size: (u16, u16),
}

impl Offscreen {
    /// Opens the lesson or the cluster that the options name, with nothing known of a learner. The error says what is wrong with it.
    pub fn open(options: &Options, theme: Theme, size: (u16, u16)) -> anyhow::Result<Offscreen> {
        let mut off = Offscreen { app: App::new(options, theme)?, now: Moment::ZERO, size };
        if let Some(id) = options.open.as_deref().filter(|id| !off.app.catalogue.has(id)) {
            bail!(off.app.catalogue.unknown(id));
        }
        // What is wrong with other lessons of a folder is no matter here.
        off.app.notice = None;
        off.settle()?;
        off.trouble()?;
        Ok(off)
    }

    /// The cells as they are now.
    pub fn frame(&mut self) -> anyhow::Result<Buffer> {
        let area = Rect::new(0, 0, self.size.0, self.size.1);
        let options = ratatui::TerminalOptions { viewport: Viewport::Fixed(area) };
        let mut terminal = Terminal::with_options(TestBackend::new(area.width, area.height), options)?;
        terminal.draw(|frame| self.app.draw(frame))?;
        Ok(terminal.backend().buffer().clone())
    }

    /// Only the cluster and its timeline, in so many columns and lines.
    pub fn figure(&mut self, (width, height): (u16, u16)) -> Buffer {
        let area = Rect::new(0, 0, width, height);
        let mut buffer = Buffer::empty(area);
        self.app.size = (width, height);
        buffer.set_style(area, self.app.theme.base);
        super::screens::lab::draw::figure(&self.app, area, &mut buffer);
        self.app.theme.ground(&mut buffer);
        buffer
    }

    /// The lab on the screen.
    pub fn lab(&self) -> anyhow::Result<&Lab> {
        self.app.lab().ok_or_else(|| anyhow!("no lesson is open"))
    }

    /// The learner's way through the lesson.
    pub fn walk(&self) -> anyhow::Result<&Walk> {
        Ok(&self.lab()?.walk)
    }

    /// A text of the lesson as it is shown now.
    pub fn told(&self, text: &str) -> anyhow::Result<String> {
        Ok(self.lab()?.told(text))
    }

    /// Real time on the clock of this program.
    pub fn now(&self) -> Moment {
        self.now
    }

    /// The virtual time of the cluster.
    pub fn at(&self) -> anyhow::Result<Time> {
        Ok(self.walk()?.stage().at())
    }

    /// Whether play is on.
    pub fn is_playing(&self) -> bool {
        self.app.lab().is_some_and(|lab| lab.pace.playing())
    }

    /// Opens a step, counted from 0.
    pub fn open_step(&mut self, step: usize) -> anyhow::Result<()> {
        let steps = self.walk()?.lesson().steps.len();
        if step >= steps {
            bail!("this lesson has {steps} steps: 1 to {steps}");
        }
        let lab = self.app.lab_mut().ok_or_else(|| anyhow!("no lesson is open"))?;
        lab.open_at(step).map_err(|mistakes| anyhow!("{mistakes}"))?;
        self.settle()
    }

    /// Does what a line says: a command of the command language, an action by its name, or `press` and keys.
    pub fn perform(&mut self, line: &str) -> anyhow::Result<()> {
        let line = line.trim();
        self.app.notice = None;
        if let Some(keys) = line.strip_prefix("press ") {
            for name in keys.split_whitespace() {
                let key: Key = name.parse().map_err(|_| anyhow!("`{name}` is no key; keys are such as Enter, x, Ctrl-l, PageDown"))?;
                self.press(key)?;
            }
        } else if let Some(Drive::Run(_)) = self.drive(line) {
            // The whole of it: nobody is there to go on at a mark of the lesson on the way.
            let to = self.target(line)?;
            self.go_to(to)?;
        } else {
            palette::perform(&mut self.app, line)?;
            self.settle()?;
        }
        self.trouble()?;
        match &self.app.notice {
            Some(Notice::Refused(why)) => bail!("{why}"),
            _ => Ok(()),
        }
    }

    fn press(&mut self, key: Key) -> anyhow::Result<()> {
        let event = Event::Key(KeyEvent::new(key.code, key.modifiers));
        // What a key means depends on what the last frame showed.
        self.frame()?;
        event_loop::hear(&mut self.app, event);
        self.settle()
    }

    /// The command that a line is, if it is one that moves the clock.
    pub fn drive(&self, line: &str) -> Option<Drive> {
        let lab = self.app.lab()?;
        match palette::vocabulary(lab).parse(line.trim()).ok()? {
            Command::Drive(drive) => Some(drive),
            Command::Poke(_) => None,
        }
    }

    /// The virtual time to which a command leads that moves the clock, without going there.
    pub fn target(&self, line: &str) -> anyhow::Result<Time> {
        let lab = self.lab()?;
        let command = palette::vocabulary(lab).parse(line.trim()).map_err(|bad| anyhow!(bad.render(line)))?;
        may_move(lab)?;
        let mut walk = lab.walk.clone();
        let until = match &command {
            Command::Drive(Drive::Until(text)) => Some(
                crate::cluster::condition::Condition::about(text, lab.run().scenario())
                    .map_err(|all| anyhow!(all.into_iter().map(|e| e.message).collect::<Vec<_>>().join("; ")))?,
            ),
            Command::Drive(Drive::Run(span)) => return Ok(lab.walk.stage().at() + *span),
            _ => None,
        };
        walk.command(&command, until.as_ref()).map_err(|why| anyhow!(why))?;
        Ok(walk.stage().at())
    }

    /// Goes to a moment of virtual time: what would stop play on the way does not.
    pub fn go_to(&mut self, at: Time) -> anyhow::Result<()> {
        let lab = self.app.lab_mut().ok_or_else(|| anyhow!("no lesson is open"))?;
        may_move(lab)?;
        lab.pace.pause();
        let mut course: Course = lab.course();
        let mut halt = None;
        let mut stops = 0;
        while course.walk.stage().at() != at {
            stops += 1;
            if stops > STOPS_MAX {
                bail!("play stops {STOPS_MAX} times on the way");
            }
            let before = course.walk.stage().at();
            let moved = course.walk.seek(at);
            if let Some(Halt::Stuck(why)) = moved.halt {
                bail!("the run stops at {}: {why}", course.walk.stage().at());
            }
            halt = moved.halt;
            if !moved.moved && course.walk.stage().at() == before && halt.is_none() {
                bail!("the run cannot go on from {before}");
            }
        }
        course.refresh(lab.pace.per_second, false);
        lab.take(course);
        match halt {
            Some(halt) => lab.halted(&halt),
            None => lab.go_on_from_here(),
        }
        self.settle()
    }

    /// Starts to play.
    pub fn play(&mut self) -> anyhow::Result<()> {
        let now = self.now;
        let lab = self.app.lab_mut().ok_or_else(|| anyhow!("no lesson is open"))?;
        may_move(lab)?;
        if !lab.pace.playing() {
            lab.go_on_from_here();
            lab.pace.play(now);
        }
        self.app.changed();
        Ok(())
    }

    /// Stops play.
    pub fn pause(&mut self) -> anyhow::Result<()> {
        if let Some(lab) = self.app.lab_mut() {
            lab.pace.pause();
        }
        self.settle()
    }

    /// Plays so many times faster than the lesson does by itself.
    pub fn set_speed(&mut self, factor: f64) {
        if let Some(lab) = self.app.lab_mut() {
            lab.pace.per_second = lab.walk.pace().scaled(factor);
        }
    }

    /// The virtual time of one second of real time.
    pub fn per_second(&self) -> Span {
        self.app.lab().map_or(Span::ZERO, |lab| lab.pace.span(1.0))
    }

    /// Real time goes by, as it does in front of a terminal.
    pub fn pass(&mut self, span: Duration) -> anyhow::Result<()> {
        let end = self.now + span;
        while let Some(due) = self.app.deadline().filter(|due| *due <= end) {
            self.now = self.now.max(due);
            self.app.advance(self.now);
            self.settle()?;
        }
        self.now = end;
        self.app.advance(end);
        self.settle()
    }

    /// The same, but not beyond a moment of virtual time: a wait that play skips may be longer than what is left. Says whether it is there.
    pub fn pass_up_to(&mut self, span: Duration, to: Time) -> anyhow::Result<bool> {
        let before: Course = self.lab()?.course();
        self.pass(span)?;
        if self.at()? < to {
            return Ok(false);
        }
        if self.at()? > to {
            // What lies beyond was not seen.
            if let Some(lab) = self.app.lab_mut() {
                lab.take(before);
            }
            self.go_to(to)?;
        }
        Ok(true)
    }

    /// Goes on to the next stop of the step: whatever plays, to its next mark or its end. Says why it stopped there.
    pub fn to_stop(&mut self) -> anyhow::Result<Option<Halt>> {
        const LONG: Span = Span::s(3600);
        let lab = self.app.lab_mut().ok_or_else(|| anyhow!("no lesson is open"))?;
        lab.pace.pause();
        lab.go_on_from_here();
        let mut course = lab.course();
        let moved = course.walk.advance(LONG);
        course.refresh(lab.pace.per_second, false);
        lab.take(course);
        if let Some(halt) = &moved.halt {
            lab.halted(halt);
        }
        self.settle()?;
        Ok(moved.halt)
    }

    /// Changes the way through the lesson, and takes in what came of it.
    pub fn change<T>(&mut self, change: impl FnOnce(&mut Walk) -> anyhow::Result<T>) -> anyhow::Result<T> {
        let lab = self.app.lab_mut().ok_or_else(|| anyhow!("no lesson is open"))?;
        let mut course = lab.course();
        let done = change(&mut course.walk)?;
        course.forget();
        course.refresh(lab.pace.per_second, false);
        lab.take(course);
        self.settle()?;
        Ok(done)
    }

    /// Waits for all work, and for what is due at once.
    fn settle(&mut self) -> anyhow::Result<()> {
        loop {
            self.app.settle(self.now, Duration::MAX)?;
            self.app.take_effects();
            if self.app.view == View::Home || self.app.deadline().is_none_or(|due| due > self.now) {
                return Ok(());
            }
            self.app.advance(self.now);
            if self.app.work.is_none() {
                return Ok(());
            }
        }
    }

    /// What is wrong with a lesson is said, not drawn.
    fn trouble(&self) -> anyhow::Result<()> {
        match &self.app.over {
            Some(Over::Trouble(lines, _)) => bail!(lines.join("\n")),
            _ => Ok(()),
        }
    }
}

/// Whether time may move: a question that waits for an answer says how one is given here.
fn may_move(lab: &Lab) -> anyhow::Result<()> {
    lab.may_move().map_err(|why| anyhow!("{why}; here with `--do \"press 1\"`"))
}
