//! The learner's own programs as the servers: the lab follows a run that is driven beside it by the machine's clock, and hands on what
//! the learner does to it. The past can be looked at like any other; nothing can be done in it.

use ratatui::crossterm::event::KeyCode;

use super::pace::Tick;
use super::{Lab, course};
use crate::command::Poke;
use crate::lab::nodes::{self, Link, News, Order};
use crate::lesson::sandbox;
use crate::sim::time::Time;
use crate::timeline::PokeAt;
use crate::tui::app::{self, App};
use crate::tui::clock::Moment;
use crate::tui::keys::Key;
use crate::tui::screens::View;
use crate::tui::work::TICK;

/// Why a run of programs is not run again.
pub(super) const ONCE: &str =
    "your processes cannot be taken back, so there is this run and no other; leave and start again for another one";

/// A run that is driven elsewhere, as far as it is known here.
pub struct Outside {
    link: Link,
    /// The lab that follows it.
    id: String,
    /// What was done and is not on the stage yet.
    pending: Vec<PokeAt>,
    /// How far it has come.
    reached: Time,
    /// What the driver was told last: whether time goes on, and how fast.
    told: (bool, f64),
    /// How much the learner has done of which nothing was heard yet.
    asked: usize,
    /// Whether the lab has begun to follow.
    follows: bool,
}

impl Outside {
    /// Of a run whose sandbox is opened.
    pub fn new(link: Link) -> Outside {
        let id = sandbox::id(&link.scenario.model);
        Outside { link, id, pending: Vec::new(), reached: Time::ZERO, told: (false, 1.0), asked: 0, follows: false }
    }

    /// Takes in what is new. The last thing to be said of it.
    fn listen(&mut self) -> Option<String> {
        let mut said = None;
        for news in self.link.news() {
            match news {
                News::Done(poke) => {
                    self.asked = self.asked.saturating_sub(usize::from(!nodes::is_handed(&poke.poke)));
                    self.pending.push(poke);
                }
                News::Reached(at) => self.reached = at,
                News::Refused(why) => {
                    self.asked = self.asked.saturating_sub(1);
                    said = Some(why);
                }
                News::Said(why) | News::Stuck(why) => said = Some(why),
            }
        }
        said
    }

    /// Tells the driver whether time goes on, and how fast.
    fn tell(&mut self, plays: bool, speed: f64) {
        if self.told.0 != plays {
            self.link.ask(Order::Play(plays));
        }
        if (self.told.1 - speed).abs() > f64::EPSILON {
            self.link.ask(Order::Speed(speed));
        }
        self.told = (plays, speed);
    }
}

/// Whether the lab on the screen is the one that follows programs.
pub(super) fn is_shown(app: &App) -> bool {
    app.view == View::Lab && app.outside.as_ref().is_some_and(|outside| outside.id == app.open)
}

/// Whether programs go on behind the lab on the screen, be anything on its way or not.
pub(super) fn goes_on(app: &App) -> bool {
    is_shown(app) && app.outside.as_ref().is_some_and(|outside| outside.link.is_live())
}

/// When there is something to be looked at beside the frames of the lab.
pub(in crate::tui) fn deadline(app: &App) -> Option<Moment> {
    let outside = app.outside.as_ref()?;
    let waits = is_shown(app) && (!outside.follows || outside.asked > 0);
    waits.then(|| app.now + TICK)
}

/// Real time went on: shows what the programs did meanwhile. `false`: the lab plays by itself, because it is another one, or in the past.
pub(super) fn follow(app: &mut App) -> bool {
    let shown = is_shown(app);
    let Some(outside) = &mut app.outside else { return false };
    let said = outside.listen();
    if !shown {
        outside.tell(false, 1.0);
        return false;
    }
    if let Some(why) = said {
        app.refuse(why);
        app.changed();
    }
    if app.work.is_some() {
        return true;
    }
    let now = app.now;
    let Some(lab) = app.labs.get_mut(&app.open) else { return true };
    let Some(outside) = &mut app.outside else { return false };
    if !std::mem::replace(&mut outside.follows, true) {
        return begin(app);
    }
    let (past, live) = (lab.run().in_past(), outside.link.is_live());
    outside.tell(lab.pace.playing() && !past, lab.pace.speed());
    if past {
        return false;
    }
    if !live && lab.pace.playing() {
        lab.pace.pause();
        app.say("the recording ends here");
        app.changed();
        return true;
    }
    let at = lab.run().at();
    let is_due = lab.pace.advance(now, (at, None, at), false) != Tick::No;
    if outside.pending.is_empty() && !(is_due && outside.reached > at) {
        return true;
    }
    catch_up(app, false);
    true
}

/// The lab has been opened: it is filled with what is known, and what goes on goes on.
fn begin(app: &mut App) -> bool {
    let now = app.now;
    let live = app.outside.as_ref().is_some_and(|outside| outside.link.is_live());
    if live && let Some(lab) = app.lab_mut() {
        lab.pace.play(now);
    }
    catch_up(app, !live);
    true
}

/// Brings the lab up to what is known; `rewinds`: and goes back to the start.
fn catch_up(app: &mut App, rewinds: bool) {
    let Some(outside) = &mut app.outside else { return };
    let (pokes, until) = (std::mem::take(&mut outside.pending), outside.reached);
    let go = move |course: &mut course::Course| {
        course.walk.take_in(&pokes, until)?;
        if rewinds {
            course.walk.seek(Time::ZERO);
        }
        Ok::<(), String>(())
    };
    course::work(app, "following your programs", go, |app, done| {
        if let Err(why) = done {
            app.refuse(why);
        }
    });
}

/// Hands what the learner does on to whoever drives the run. `false`: it is done here, as to any run; in the past it is refused.
pub(super) fn hand_on(app: &mut App, poke: &Poke) -> bool {
    let now_is_shown = is_shown(app) && app.lab().is_some_and(|lab| !lab.run().in_past());
    let Some(outside) = app.outside.as_mut().filter(|outside| now_is_shown && outside.link.is_live()) else { return false };
    outside.asked += 1;
    outside.link.ask(Order::Poke(poke.clone()));
    app.say(poke.to_string());
    true
}

/// There is no way back to a run of programs from elsewhere: whoever leaves it leaves the program. `false`: another lab is shown.
pub(super) fn leaves(app: &mut App, key: Key) -> bool {
    let shown = is_shown(app);
    match key.code {
        _ if !shown => {}
        KeyCode::Esc => app.refuse("q leaves, and ends your programs"),
        _ => app::quit(app, key),
    }
    shown
}

/// The keys that matter where programs are the servers, each with a word where its own does not say it.
pub(super) const KEYS: [(&str, &str); 7] =
    [("play", ""), ("palette", "any command"), ("crash", ""), ("cut", ""), ("pause-node", ""), ("back", "the past"), ("home", "leave")];

/// Whether an action makes sense for a run that happens once.
pub(in crate::tui) fn allows(app: &App, id: &str) -> Result<(), String> {
    const NEVER: [&str; 7] = ["undo", "knob-undo", "restart", "branches", "spread", "turning", "find-way"];
    let starts = id == "play" && !app.outside.as_ref().is_some_and(|outside| outside.link.is_live());
    match id {
        _ if !is_shown(app) => Ok(()),
        _ if NEVER.contains(&id) => Err(ONCE.to_string()),
        // At the end of a recording there is nothing to play; before it there is.
        _ if starts && app.lab().is_some_and(|lab| !lab.run().in_past()) => {
            Err("the recording ends here; Home goes to its start".to_string())
        }
        _ => Ok(()),
    }
}

/// The run of the programs as a replay, where there was one.
pub(in crate::tui) fn replay(app: &App) -> Option<String> {
    let outside = app.outside.as_ref()?;
    app.labs.get(&outside.id).map(|lab: &Lab| lab.run().replay().to_string())
}
