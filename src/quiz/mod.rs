//! Asking: what can be asked, in which form, how an answer is judged, and what to ask in one sitting. No screen in it.
//!
//! An [`Item`] is one idea; it is asked in one of its forms, as a [`Card`]: a question of a lesson, one that a scenario makes anew
//! each time, or a goal to bring about again. A [`Reply`] is judged by [`judge`], with a mark for every part. A [`Session`] goes through what [`plan`] chose, and
//! hands out the events that [`crate::progress`] keeps.

pub mod bank;
pub mod card;
pub mod draft;
pub mod drill;
pub mod export;
pub mod goal;
pub mod item;
pub mod judge;
pub mod number;
pub mod plan;
pub mod session;
#[cfg(test)]
mod session_tests;
pub mod shuffle;
pub mod sitting;
pub mod staged;
#[cfg(test)]
pub(crate) mod testing;
pub mod turn;

pub use bank::Bank;
pub use card::{Card, Stage};
pub use draft::Draft;
pub use item::{Idea, Item};
pub use judge::{Judged, Mark, Reply, judge};
pub use plan::{AFTER_LESSON, Wish, plan};
pub use session::Session;
pub use turn::{Phase, Turn};
