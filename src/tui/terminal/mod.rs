//! The live terminal: raw mode, alternate screen, mouse, paste and focus on the way in; everything as it was on the way out,
//! whichever way that is (quit, panic, SIGTERM, SIGHUP, SIGINT, SIGQUIT, Ctrl-Z).
//!
//! Two threads block, one on the keyboard and one on signals, and put what they get on one channel; the loop blocks on that
//! channel. So nothing ticks, every signal is handled between two frames, and a terminal that vanished cannot trap the loop.

mod cutter;
mod decode;
mod listener;
mod out;
mod questions;
mod reader;
pub(super) mod signals;

use std::io::{self, BufWriter, IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::Duration;

use anyhow::{Context, bail};
use ratatui::backend::CrosstermBackend;
use ratatui::crossterm::clipboard::CopyToClipboard;
use ratatui::crossterm::event::{
    DisableBracketedPaste, DisableFocusChange, DisableMouseCapture, EnableBracketedPaste, EnableFocusChange, EnableMouseCapture,
};
use ratatui::crossterm::terminal::{
    BeginSynchronizedUpdate, Clear, ClearType, EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen,
};
use ratatui::crossterm::{cursor, event, execute, queue, terminal};
use ratatui::layout::Rect;
use ratatui::{Frame, Terminal, TerminalOptions, Viewport};

use super::clock::{Clock, Moment};
use listener::Listener;
use out::Out;
pub use questions::{Answer, Questions};

/// What comes in.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// A key, the mouse, a paste, the focus or a new size.
    Event(event::Event),
    /// The terminal answers what it was asked.
    Answer(Answer),
    /// A signal of the operating system, by number.
    Signal(i32),
    /// The keyboard cannot be read any more.
    Lost(String),
}

/// What the threads put on the channel.
enum Arrival {
    /// What the terminal sent, cut anywhere.
    #[cfg_attr(not(unix), expect(dead_code, reason = "there the system reads events"))]
    Bytes(Vec<u8>),
    Input(Input),
}

/// What the loop runs on: the live terminal, or a script in the tests.
pub trait Screen {
    /// Real time since the start.
    fn now(&self) -> Moment;

    /// Waits for input, at most until `until`; for ever when that is `None`. A moment that is over means: do not wait.
    fn wait(&mut self, until: Option<Moment>) -> anyhow::Result<Option<Input>>;

    /// How long the loop may wait for work before it looks at the input again.
    fn patience(&self) -> Duration;

    /// Shows a frame.
    fn draw(&mut self, paint: &mut dyn FnMut(&mut Frame)) -> anyhow::Result<()>;

    /// Gives the terminal back, stops the process, and takes the terminal again when it goes on.
    fn suspend(&mut self) -> anyhow::Result<()>;

    /// Takes the terminal again after something else may have used it.
    fn resume(&mut self) -> anyhow::Result<()>;

    /// Forgets what is on the screen: the next frame is drawn whole.
    fn repaint(&mut self) -> anyhow::Result<()>;

    /// Reports the mouse, or not.
    fn mouse(&mut self, on: bool) -> anyhow::Result<()>;

    /// Hands a text to the terminal's clipboard (OSC 52). Whether it takes it is never said.
    fn copy(&mut self, text: &str) -> anyhow::Result<()>;
}

/// A key is answered within this, whatever is going on.
const PATIENCE: Duration = Duration::from_millis(20);

/// Whether the terminal is ours now; the panic hook and every way out look here.
static TAKEN: AtomicBool = AtomicBool::new(false);

/// The terminal of the process.
pub struct Live {
    clock: Clock,
    arrivals: Receiver<Arrival>,
    listener: Listener,
    terminal: Terminal<CrosstermBackend<BufWriter<Out>>>,
    /// The whole of it.
    area: Rect,
    /// Whether something else may be on the screen.
    stale: bool,
    mouse: bool,
}

impl Live {
    /// Takes the terminal. Fails with words for the user when there is none.
    pub fn open(clock: Clock, mouse: bool) -> anyhow::Result<Live> {
        is_there()?;
        let (sender, arrivals) = mpsc::channel();
        signals::listen(&sender).context("cannot listen for signals")?;
        restore_on_panic();
        take(mouse).context("cannot set up the terminal")?;
        let guard = Guard;
        let (terminal, area) = blank()?;
        reader::listen(sender);
        std::mem::forget(guard);
        let listener = Listener::new(Questions::default(), clock.now());
        Ok(Live { clock, arrivals, listener, terminal, area, stale: false, mouse })
    }

    /// Asks the terminal something and does not wait: answers come as [`Input::Answer`], if they come.
    pub fn ask(&mut self, questions: Questions) -> anyhow::Result<()> {
        execute!(self.terminal.backend_mut(), questions)?;
        self.listener = Listener::new(questions, self.clock.now());
        Ok(())
    }
}

/// Fails with words for the user when there is no terminal to draw on and to read keys from.
pub fn is_there() -> anyhow::Result<()> {
    let missing = match (io::stdin().is_terminal(), io::stdout().is_terminal()) {
        (true, true) => return Ok(()),
        (_, false) => "a terminal to draw on, and standard output is none",
        (false, true) => "a terminal to read keys from, and standard input is none",
    };
    bail!("this needs {missing}; `splitbrain --plain` speaks in lines of text, and `splitbrain run` works without a terminal")
}

/// Whether the terminal has gone since.
pub(super) fn is_gone() -> bool {
    out::is_gone() || !io::stdout().is_terminal()
}

/// The terminal is gone, whether or not a signal says so.
fn hung_up(why: &io::Error) -> Input {
    signals::HANG_UP.map_or_else(|| Input::Lost(why.to_string()), Input::Signal)
}

/// Restores when setting up fails halfway.
struct Guard;

impl Drop for Guard {
    fn drop(&mut self) {
        give_back();
    }
}

impl Live {
    /// Takes a new size in: the signal comes here, and elsewhere crossterm's event.
    fn fitted(&mut self, input: Input) -> anyhow::Result<Input> {
        let resized = match &input {
            Input::Signal(signal) => signals::meaning(*signal) == signals::Meaning::Resized,
            Input::Event(event) => matches!(event, event::Event::Resize(..)),
            _ => false,
        };
        if !resized {
            return Ok(input);
        }
        if self.area != whole() {
            self.repaint()?;
        }
        Ok(Input::Event(event::Event::Resize(self.area.width, self.area.height)))
    }

    /// The next thing on the channel, at most until `until`.
    fn arrival(&mut self, until: Option<Moment>) -> anyhow::Result<Option<Arrival>> {
        let Some(until) = until else { return Ok(Some(self.arrivals.recv().context("the keyboard is gone")?)) };
        match self.arrivals.recv_timeout(until.saturating_sub(self.clock.now())) {
            Ok(arrival) => Ok(Some(arrival)),
            Err(RecvTimeoutError::Timeout) => Ok(None),
            Err(RecvTimeoutError::Disconnected) => bail!("the keyboard is gone"),
        }
    }

    /// Gives the terminal back. Answers that are still on their way are waited for as long as is sensible, and at most for `most`:
    /// the shell would read them.
    pub fn leave(&mut self, most: Duration) {
        if TAKEN.load(Ordering::SeqCst) {
            uncover();
            if !out::is_gone() {
                self.drain(self.clock.now().saturating_add(most));
            }
            cook();
        }
    }

    fn drain(&mut self, end: Moment) {
        while let Some(until) = self.listener.patience().map(|until| until.min(end)).filter(|until| *until > self.clock.now()) {
            match self.arrival(Some(until)) {
                Ok(Some(Arrival::Bytes(bytes))) => self.listener.take(&bytes, self.clock.now()),
                Ok(Some(Arrival::Input(Input::Signal(signal)))) if signals::meaning(signal) == signals::Meaning::End => return,
                Ok(_) => {}
                Err(_) => return,
            }
        }
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        give_back();
    }
}

impl Screen for Live {
    fn now(&self) -> Moment {
        self.clock.now()
    }

    fn patience(&self) -> Duration {
        PATIENCE
    }

    fn wait(&mut self, until: Option<Moment>) -> anyhow::Result<Option<Input>> {
        loop {
            if out::is_gone() {
                return Ok(Some(hung_up(&io::ErrorKind::BrokenPipe.into())));
            }
            if let Some(input) = self.listener.next(self.clock.now()) {
                return Ok(Some(input));
            }
            let limit = [until, self.listener.deadline()].into_iter().flatten().min();
            match self.arrival(limit)? {
                Some(Arrival::Bytes(bytes)) => self.listener.take(&bytes, self.clock.now()),
                Some(Arrival::Input(input)) => return Ok(Some(self.fitted(input)?)),
                None if until.is_some_and(|until| until <= self.clock.now()) => return Ok(None),
                None => {}
            }
        }
    }

    fn draw(&mut self, paint: &mut dyn FnMut(&mut Frame)) -> anyhow::Result<()> {
        queue!(self.terminal.backend_mut(), BeginSynchronizedUpdate)?;
        if std::mem::take(&mut self.stale) {
            queue!(self.terminal.backend_mut(), Clear(ClearType::All))?;
        }
        self.terminal.draw(|frame| paint(frame))?;
        execute!(self.terminal.backend_mut(), EndSynchronizedUpdate)?;
        Ok(())
    }

    fn suspend(&mut self) -> anyhow::Result<()> {
        self.leave(Duration::MAX);
        signals::stop().context("cannot stop the process")?;
        self.resume()
    }

    fn resume(&mut self) -> anyhow::Result<()> {
        // Who stopped us with SIGSTOP left the modes of the shell behind: then they are set anew and not thought to be there. Otherwise raw
        // mode is never left on the way, or what is typed at that moment would be echoed.
        if signals::is_cooked() {
            let _ = terminal::disable_raw_mode();
        }
        take(self.mouse)?;
        self.repaint()
    }

    fn repaint(&mut self) -> anyhow::Result<()> {
        // A new one knows nothing of what was on the screen. (Clearing the old one would ask the terminal for its cursor.)
        (self.terminal, self.area) = blank()?;
        self.stale = true;
        Ok(())
    }

    fn mouse(&mut self, on: bool) -> anyhow::Result<()> {
        self.mouse = on;
        let out = self.terminal.backend_mut();
        if on {
            execute!(out, EnableMouseCapture)?;
        } else {
            execute!(out, DisableMouseCapture)?;
        }
        Ok(())
    }

    fn copy(&mut self, text: &str) -> anyhow::Result<()> {
        execute!(self.terminal.backend_mut(), CopyToClipboard::to_clipboard_from(text))?;
        Ok(())
    }
}

/// The greatest width and height that are drawn, in cells: more than any screen has, and little enough to be kept in memory
/// whatever a terminal says of itself.
const GREATEST: (u16, u16) = (1000, 300);
/// The size of a terminal that does not say it, as of old.
const USUAL: (u16, u16) = (80, 24);

/// The part of the terminal that is drawn on: the whole of it, within reason.
fn whole() -> Rect {
    #[cfg(unix)]
    let size = terminal::window_size().map(|size| (size.columns, size.rows));
    #[cfg(not(unix))]
    let size = terminal::size();
    let (width, height) = sensible(size.unwrap_or(USUAL));
    Rect::new(0, 0, width, height)
}

/// A size to draw at: terminals on a serial line say 0x0.
fn sensible((width, height): (u16, u16)) -> (u16, u16) {
    let side = |said: u16, usual: u16, greatest: u16| if said == 0 { usual } else { said.min(greatest) };
    (side(width, USUAL.0, GREATEST.0), side(height, USUAL.1, GREATEST.1))
}

/// A terminal of the present size that knows nothing of what is on the screen. Its size is fixed: asking for it at every frame
/// costs more than drawing one, and a new size is reported.
fn blank() -> io::Result<(Terminal<CrosstermBackend<BufWriter<Out>>>, Rect)> {
    let area = whole();
    let backend = CrosstermBackend::new(BufWriter::with_capacity(16 * 1024, Out::new()));
    Ok((Terminal::with_options(backend, TerminalOptions { viewport: Viewport::Fixed(area) })?, area))
}

fn take(mouse: bool) -> io::Result<()> {
    TAKEN.store(true, Ordering::SeqCst);
    terminal::enable_raw_mode()?;
    let mut out = Out::new();
    queue!(out, EnterAlternateScreen, Clear(ClearType::All), cursor::Hide, EnableBracketedPaste, EnableFocusChange)?;
    if mouse {
        queue!(out, EnableMouseCapture)?;
    }
    out.flush()
}

/// Leaves nothing of ours behind. Errors are passed over: the terminal may be gone, and there is nobody left to tell.
fn give_back() {
    if TAKEN.load(Ordering::SeqCst) {
        uncover();
        cook();
    }
}

/// Shows what was on the screen before. The mouse goes off before raw mode ends, so that no report of it is echoed.
fn uncover() {
    let _ = execute!(
        Out::new(),
        EndSynchronizedUpdate,
        DisableMouseCapture,
        DisableFocusChange,
        DisableBracketedPaste,
        LeaveAlternateScreen,
        cursor::Show
    );
}

/// Ends raw mode.
fn cook() {
    let _ = terminal::disable_raw_mode();
    TAKEN.store(false, Ordering::SeqCst);
}

fn restore_on_panic() {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        give_back();
        before(info);
    }));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_sensible_whatever_is_said() {
        assert_eq!(sensible((80, 24)), (80, 24));
        assert_eq!(sensible((1, 1)), (1, 1));
        assert_eq!(sensible((0, 0)), USUAL);
        assert_eq!(sensible((0, 50)), (USUAL.0, 50));
        assert_eq!(sensible((u16::MAX, u16::MAX)), GREATEST);
    }
}
