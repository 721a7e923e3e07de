//! What a learner did, kept for ever: an append-only log of events, and the state that they add up to.
//!
//! [`Store`] is what the screens and commands use: it is opened at the edge (`tui::run`, `lab`) and handed down. [`Event`] is what can
//! be recorded, [`State`] what is known from it, [`log`] the file, [`place`] where it lies.

pub mod event;
pub mod item;
mod lock;
pub mod log;
pub mod merge;
pub mod overview;
pub mod place;
pub mod state;
pub mod store;
pub mod today;
pub mod topic;
pub mod walked;
pub mod wall;

pub use event::{Answer, Event, Record};
pub use overview::Overview;
pub use place::Place;
pub use state::State;
pub use store::Store;
pub use wall::Wall;

#[cfg(test)]
mod state_tests;
#[cfg(test)]
mod store_tests;
