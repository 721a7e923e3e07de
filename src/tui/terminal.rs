//! The live terminal: raw mode, alternate screen, mouse and paste on the way in; everything as it was on the way out,
//! whichever way that is (quit, panic, SIGTERM, SIGHUP, SIGINT, Ctrl-Z).
//!
//! Two threads block, one on the keyboard and one on signals, and put what they get on one channel; the loop blocks on that
//! channel. So nothing ticks, every signal is handled between two frames, and a terminal that vanished cannot trap the loop.

use std::io::{self, BufWriter, IsTerminal, Stdout, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::Duration;

use anyhow::{Context, bail};
use ratatui::backend::CrosstermBackend;
use ratatui::crossterm::event::{DisableBracketedPaste, DisableMouseCapture, EnableBracketedPaste, EnableMouseCapture};
use ratatui::crossterm::terminal::{
    BeginSynchronizedUpdate, Clear, ClearType, EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen,
};
use ratatui::crossterm::{cursor, event, execute, queue, terminal};
use ratatui::layout::Rect;
use ratatui::{Frame, Terminal, TerminalOptions, Viewport};

use super::clock::{Clock, Moment};

/// What comes in.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// A key, the mouse, a paste or a new size.
    Event(event::Event),
    /// A signal of the operating system, by number.
    Signal(i32),
    /// The keyboard cannot be read any more.
    Lost(String),
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

    /// Reports the mouse, or not.
    fn mouse(&mut self, on: bool) -> anyhow::Result<()>;
}

/// A key is answered within this, whatever is going on.
const PATIENCE: Duration = Duration::from_millis(20);

/// Whether the terminal is ours now; the panic hook and every way out look here.
static TAKEN: AtomicBool = AtomicBool::new(false);

/// The terminal of the process.
pub struct Live {
    clock: Clock,
    inputs: Receiver<Input>,
    terminal: Terminal<CrosstermBackend<BufWriter<Stdout>>>,
    /// The whole of it.
    area: Rect,
    mouse: bool,
}

impl Live {
    /// Takes the terminal. Fails with words for the user when there is none.
    pub fn open(clock: Clock, mouse: bool) -> anyhow::Result<Live> {
        is_there()?;
        let (sender, inputs) = mpsc::channel();
        signals::listen(&sender).context("cannot listen for signals")?;
        restore_on_panic();
        take(mouse).context("cannot set up the terminal")?;
        let guard = Guard;
        let (terminal, area) = blank()?;
        listen_to_keys(sender);
        std::mem::forget(guard);
        Ok(Live { clock, inputs, terminal, area, mouse })
    }
}

/// Fails with words for the user when there is no terminal to draw on.
pub fn is_there() -> anyhow::Result<()> {
    if io::stdout().is_terminal() {
        return Ok(());
    }
    bail!("this needs a terminal to draw on, and standard output is none; `splitbrain run` works without one")
}

/// Restores when setting up fails halfway.
struct Guard;

impl Drop for Guard {
    fn drop(&mut self) {
        give_back();
    }
}

impl Live {
    /// Takes a new size in: the signal comes here, and crossterm's event, which it may not yet have listened for.
    fn fitted(&mut self, input: Option<Input>) -> anyhow::Result<Option<Input>> {
        let resized = match &input {
            Some(Input::Signal(signal)) => signals::meaning(*signal) == signals::Meaning::Resized,
            Some(Input::Event(event)) => matches!(event, event::Event::Resize(..)),
            _ => false,
        };
        if !resized {
            return Ok(input);
        }
        let (width, height) = terminal::size()?;
        if self.area != Rect::new(0, 0, width, height) {
            execute!(self.terminal.backend_mut(), Clear(ClearType::All))?;
            (self.terminal, self.area) = blank()?;
        }
        Ok(Some(Input::Event(event::Event::Resize(width, height))))
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
        let input = match until {
            None => Some(self.inputs.recv().context("the keyboard is gone")?),
            Some(until) => match self.inputs.recv_timeout(until.saturating_sub(self.clock.now())) {
                Ok(input) => Some(input),
                Err(RecvTimeoutError::Timeout) => None,
                Err(RecvTimeoutError::Disconnected) => bail!("the keyboard is gone"),
            },
        };
        self.fitted(input)
    }

    fn draw(&mut self, paint: &mut dyn FnMut(&mut Frame)) -> anyhow::Result<()> {
        queue!(self.terminal.backend_mut(), BeginSynchronizedUpdate)?;
        self.terminal.draw(|frame| paint(frame))?;
        execute!(self.terminal.backend_mut(), EndSynchronizedUpdate)?;
        Ok(())
    }

    fn suspend(&mut self) -> anyhow::Result<()> {
        give_back();
        signals::stop().context("cannot stop the process")?;
        self.resume()
    }

    fn resume(&mut self) -> anyhow::Result<()> {
        take(self.mouse)?;
        // A new one knows nothing of what was on the screen, so that the next frame is drawn whole. (Clearing the old one would
        // ask the terminal for its cursor, and the answer would be read as keys.)
        (self.terminal, self.area) = blank()?;
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
}

/// A terminal of the present size that knows nothing of what is on the screen. Its size is fixed: asking for it at every frame
/// costs more than drawing one, and a new size is reported.
fn blank() -> io::Result<(Terminal<CrosstermBackend<BufWriter<Stdout>>>, Rect)> {
    let (width, height) = terminal::size()?;
    let area = Rect::new(0, 0, width, height);
    let backend = CrosstermBackend::new(BufWriter::with_capacity(16 * 1024, io::stdout()));
    Ok((Terminal::with_options(backend, TerminalOptions { viewport: Viewport::Fixed(area) })?, area))
}

fn take(mouse: bool) -> io::Result<()> {
    TAKEN.store(true, Ordering::SeqCst);
    terminal::enable_raw_mode()?;
    let mut out = io::stdout();
    queue!(out, EnterAlternateScreen, Clear(ClearType::All), cursor::Hide, EnableBracketedPaste)?;
    if mouse {
        queue!(out, EnableMouseCapture)?;
    }
    out.flush()
}

/// Leaves nothing of ours behind. Errors are passed over: the terminal may be gone, and there is nobody left to tell.
fn give_back() {
    if !TAKEN.swap(false, Ordering::SeqCst) {
        return;
    }
    let mut out = io::stdout();
    // The mouse goes off before raw mode ends, so that no report of it is echoed.
    let _ = execute!(out, EndSynchronizedUpdate, DisableMouseCapture, DisableBracketedPaste, LeaveAlternateScreen, cursor::Show);
    let _ = terminal::disable_raw_mode();
}

fn restore_on_panic() {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        give_back();
        before(info);
    }));
}

fn listen_to_keys(to: Sender<Input>) {
    thread::spawn(move || {
        loop {
            let input = match event::read() {
                Ok(event) => Input::Event(event),
                Err(error) => Input::Lost(error.to_string()),
            };
            let over = matches!(input, Input::Lost(_));
            if to.send(input).is_err() || over {
                return;
            }
        }
    });
}

/// Signals on Unix.
#[cfg(unix)]
pub(super) mod signals {
    use std::io;
    use std::sync::mpsc::Sender;
    use std::thread;

    use signal_hook::consts::{SIGCONT, SIGHUP, SIGINT, SIGTERM, SIGTSTP, SIGWINCH};
    use signal_hook::iterator::Signals;
    use signal_hook::low_level::emulate_default_handler;

    use super::Input;

    /// What the loop does about a signal.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub(in crate::tui) enum Meaning {
        /// End, as the signal would have it.
        End,
        /// Stop until continued.
        Stop,
        /// Continued by somebody: draw everything again.
        Continued,
        /// The terminal has another size.
        Resized,
    }

    /// What this signal asks for.
    pub(in crate::tui) fn meaning(signal: i32) -> Meaning {
        match signal {
            SIGTSTP => Meaning::Stop,
            SIGCONT => Meaning::Continued,
            SIGWINCH => Meaning::Resized,
            _ => Meaning::End,
        }
    }

    pub(super) fn listen(to: &Sender<Input>) -> io::Result<()> {
        let mut signals = Signals::new([SIGTERM, SIGHUP, SIGINT, SIGTSTP, SIGCONT, SIGWINCH])?;
        let to = to.clone();
        thread::spawn(move || {
            for signal in signals.forever() {
                if to.send(Input::Signal(signal)).is_err() {
                    return;
                }
            }
        });
        Ok(())
    }

    /// Stops the process as Ctrl-Z does, and returns when it is continued.
    pub(super) fn stop() -> io::Result<()> {
        emulate_default_handler(SIGTSTP)
    }

    /// Ends the process as the signal would have done, so that whoever waits for it sees why.
    pub(in crate::tui) fn die(signal: i32) -> io::Result<()> {
        emulate_default_handler(signal)
    }
}

/// Elsewhere there is only Ctrl-C, which arrives as a key.
#[cfg(not(unix))]
pub(super) mod signals {
    use std::io;
    use std::sync::mpsc::Sender;

    use super::Input;

    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub(in crate::tui) enum Meaning {
        End,
        Stop,
        Continued,
        Resized,
    }

    pub(in crate::tui) fn meaning(_signal: i32) -> Meaning {
        Meaning::End
    }

    pub(super) fn listen(_to: &Sender<Input>) -> io::Result<()> {
        Ok(())
    }

    pub(super) fn stop() -> io::Result<()> {
        Ok(())
    }

    pub(in crate::tui) fn die(_signal: i32) -> io::Result<()> {
        Ok(())
    }
}
