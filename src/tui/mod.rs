//! The screens: application state, actions, the loop, the terminal. Screens read the cluster's face and never a protocol.

pub mod actions;
pub mod app;
mod ascii;
pub mod clock;
pub mod config;
pub mod event_loop;
pub mod glyphs;
pub mod hits;
mod input;
mod keeping;
pub mod keys;
mod layouts;
pub mod legend;
pub mod look;
pub mod offscreen;
mod opening;
mod reload;
pub mod screens;
pub mod script;
pub mod terminal;
pub mod theme;
pub mod widgets;
pub mod work;

use std::path::PathBuf;

use std::time::Duration;

use app::App;
use clock::Clock;
use event_loop::Ended;
use screens::lab::outside::{self, Outside};
use screens::present::Presented;
use screens::present::notes::NotesOf;
use terminal::signals;
use terminal::{Live, Screen as _};
use theme::Signs;

use crate::cluster::Scenario;
use crate::lab::nodes::Link;
use crate::lesson::watch::Watch;
use crate::progress::Store;
use crate::quiz::Wish;

/// What the command line says about the screens.
#[derive(Clone, Debug)]
pub struct Options {
    /// A theme by name; `None`: dark or light, as the terminal is.
    pub theme: Option<String>,
    /// The signs to draw with; `None`: all, where the terminal can.
    pub signs: Option<Signs>,
    /// Show the same frames without movement.
    pub motion: bool,
    /// Take reports of the mouse.
    pub mouse: bool,
    /// Colours may be used (`NO_COLOR` is not set).
    pub colour: bool,
    /// Where the settings are kept that are changed on the screen.
    pub config: Option<PathBuf>,
    /// What is wrong with the settings that are kept: a line for each mistake.
    pub mistakes: Vec<String>,
    /// A folder of lessons beside those inside, or a lesson file.
    pub lessons: Option<PathBuf>,
    /// The id of a lesson to open at once.
    pub open: Option<String>,
    /// A cluster to open at once without a lesson.
    pub sandbox: Option<Scenario>,
    /// The seed for labs, instead of the lesson's own.
    pub seed: Option<u64>,
    /// What is presented to a class, instead of everything else.
    pub present: Option<Presented>,
    /// Where the class votes on it from phones, if it does.
    pub vote: Option<crate::ballot::server::Wish>,
    /// The notes of a presentation, instead of everything else.
    pub notes: Option<NotesOf>,
    /// A quiz to start at once.
    pub quiz: Option<Wish>,
    /// The number by which the quiz shuffles, instead of the learner's own.
    pub draw: Option<u64>,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            theme: None,
            signs: None,
            motion: true,
            mouse: true,
            colour: true,
            config: None,
            mistakes: Vec::new(),
            lessons: None,
            open: None,
            sandbox: None,
            seed: None,
            present: None,
            vote: None,
            notes: None,
            quiz: None,
            draw: None,
        }
    }
}

/// How long a program that a signal ends waits for answers of the terminal that are still on their way.
const HASTE: Duration = Duration::from_millis(500);

/// Takes the terminal and runs until the user leaves, and keeps in `store` what is learnt meanwhile. Gives the terminal back whatever
/// happens.
pub fn run(options: &Options, store: Store) -> anyhow::Result<()> {
    run_with(options, store, None).map(|_| ())
}

/// The same with the learner's own programs, or a recording of them, in the sandbox that is opened. Gives back the run as a replay.
pub fn run_nodes(options: &Options, store: Store, link: Link) -> anyhow::Result<String> {
    run_with(options, store, Some(link)).map(Option::unwrap_or_default)
}

fn run_with(options: &Options, store: Store, link: Option<Link>) -> anyhow::Result<Option<String>> {
    let clock = Clock::new();
    if let Some(name) = &options.theme {
        look::named(name)?;
    }
    terminal::is_there()?;
    let deck = options.present.as_ref().and_then(|presented| presented.show.origin.deck.as_deref());
    let watch = Watch::new(options.lessons.as_deref(), deck);
    let theme = look::theme(options)?;
    let theme = if options.present.is_some() { theme.for_projector() } else { theme };
    let mut app = App::with(options, theme, store)?;
    if let Some(watch) = watch {
        app.watch(watch);
    }
    app.outside = link.map(Outside::new);
    if let Some(why) = look::plain_notice(options) {
        app.mention(why);
    }
    let mut screen = Live::open(clock, options.mouse)?;
    screen.ask(look::questions(&app))?;
    app.advance(screen.now());
    let ended = event_loop::run(&mut app, &mut screen).or_else(hung_up);
    screen.leave(if matches!(ended, Ok(Ended::Quit)) { Duration::MAX } else { HASTE });
    drop(screen);
    if let Ended::Signal(signal) = ended? {
        signals::die(signal)?;
    }
    Ok(outside::replay(&app))
}

/// What fails because the terminal is gone, ends as its signal has it: there is nobody to tell.
fn hung_up(error: anyhow::Error) -> anyhow::Result<Ended> {
    match signals::HANG_UP.filter(|_| terminal::is_gone()) {
        Some(signal) => Ok(Ended::Signal(signal)),
        None => Err(error),
    }
}

/// Every action with its keys, one a line, as `--print-keys` shows them.
pub fn print_keys() -> String {
    actions::print()
}
