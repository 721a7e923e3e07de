//! The lab: a question, a cluster to poke, and what the run says.

pub mod draw;
pub mod layout;
pub mod moves;
pub mod pace;
pub mod pick;
pub mod picture;
pub mod select;

use layout::Panel;
use pace::{Moved, Pace};
use picture::Picture;

use super::super::clock::Moment;
use crate::command::{Command, Drive, Poke};
use crate::timeline::{Poked, Timeline};
use crate::tui::app::App;
use crate::tui::widgets::Target;

/// One learner in one lesson.
pub struct Lab {
    run: Timeline,
    pub(in crate::tui) pace: Pace,
    pub(in crate::tui) picture: Picture,
    pub(in crate::tui) focus: Panel,
    pub(in crate::tui) selected: Option<Target>,
    /// The first line shown of the question.
    pub(in crate::tui) scroll: u16,
    /// The selected row of the guarantees or of what happened.
    pub(in crate::tui) row: usize,
    /// Operations that are marked, by index: the witness of a broken guarantee.
    pub(in crate::tui) marked: Vec<usize>,
}

impl Lab {
    /// The run on the screen.
    pub fn run(&self) -> &Timeline {
        &self.run
    }

    /// The run on the screen, to be moved or poked.
    pub fn run_mut(&mut self) -> &mut Timeline {
        &mut self.run
    }

    /// Whether the clock may move.
    pub(in crate::tui) fn may_move(&self) -> Result<(), String> {
        Ok(())
    }

    /// Whether the cluster may be poked.
    pub(in crate::tui) fn may_poke(&self) -> Result<(), String> {
        self.may_move()
    }

    /// The run is somewhere else: brings the picture up to it.
    pub(in crate::tui) fn moved(&mut self) {
        self.picture.refresh(&self.run, self.pace.per_second);
    }

    /// When the next frame is due.
    pub(in crate::tui) fn deadline(&self, motion: bool) -> Option<Moment> {
        self.pace.deadline(&self.run, motion)
    }

    /// Real time went on. Says whether the screen changed.
    pub(in crate::tui) fn advance(&mut self, now: Moment) -> bool {
        let quiet = self.picture.scene.flights.is_empty();
        match self.pace.advance(now, &self.run, quiet) {
            Moved::No => return false,
            Moved::By(span) | Moved::Skip(span) => {
                self.run.advance(span);
            }
        }
        self.moved();
        true
    }
}

/// Pokes the cluster at the moment shown; what becomes of it is said on the screen.
pub(in crate::tui) fn poke(app: &mut App, poke: &Poke) {
    let Some(lab) = app.lab_mut() else { return };
    let outcome = lab.may_poke().and_then(|()| lab.run_mut().poke(poke).map_err(|why| why.0));
    lab.moved();
    match outcome {
        Ok(Poked::Recorded) => app.say(poke.to_string()),
        Ok(Poked::Branched) => app.say(format!("{poke}   (a new branch; b shows what was tried before)")),
        Ok(Poked::Reentered) => app.say(format!("{poke}   (as before: the same future)")),
        Err(why) => app.refuse(why),
    }
}

/// Does a command of the command language. The error says why not, for the palette.
pub(in crate::tui) fn command(app: &mut App, command: &Command) -> Result<(), String> {
    match command {
        Command::Poke(one) => {
            app.lab().map_or(Ok(()), Lab::may_poke)?;
            let refused = app.lab().and_then(|lab| lab.run().cluster().fork().apply(one).err());
            refused.map_or(Ok(()), |why| Err(why.0))?;
            poke(app, one);
            Ok(())
        }
        Command::Drive(drive) => {
            let Some(lab) = app.lab_mut() else { return Ok(()) };
            lab.may_move()?;
            let done = lab.drive(drive);
            lab.moved();
            done
        }
    }
}
