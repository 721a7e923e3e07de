//! The learner's own program as the nodes: `splitbrain nodes`. This room is the edge between machine and simulator: it starts processes,
//! reads the machine's clock, hands what they write to the simulator and what they are to read to them. All that it does to the run is a
//! poke, so that the run can be played again without it.
//!
//! No shell, no network, nothing but the program that is named is run. Every line, and how many there are, is bounded; a program that
//! hangs, floods or grows is stopped, and all are killed, with whatever they started, when this process ends.

mod args;
mod clock;
mod crew;
mod desk;
mod drive;
mod faults;
mod group;
mod guard;
mod headless;
mod link;
mod process;
mod reader;

pub use crate::cluster::processes::asks::is_handed;

use crate::cluster::processes::{MODEL, asks};
use crate::command::Poke;
pub use args::Args;
pub use desk::talk;
pub use headless::run;
pub use link::{Link, News, Order};

/// Whether a poke can never be done on a run of this model, because its servers are somebody's programs.
pub fn is_beyond(model: &str, poke: &Poke) -> bool {
    model == MODEL.name && asks::never(poke).is_some()
}
