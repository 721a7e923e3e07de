//! A lesson or a deck in front of a class: what is shown page by page, what is said in which order, what is put to the class and
//! counted, and the line over which a second terminal hears where one is. Knows no screen.

pub mod counts;
pub mod course;
pub mod deck;
#[cfg(unix)]
pub mod hall;
pub mod here;
pub mod notes;
pub mod phones;
pub mod show;
pub mod speech;

pub use counts::{Asked, Counts, Phase, Poll, Round, Vote};
pub use course::{Beat, Deed, Situation};
pub use here::Here;
pub use show::{Page, Show};
