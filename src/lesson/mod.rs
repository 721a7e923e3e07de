//! Lessons as data: the format, reading it with all its mistakes, the lessons in the program, a learner's walk through one, and
//! the proof that what a lesson says is what the simulator does.

pub mod about;
pub mod ask;
pub mod catalogue;
#[cfg(test)]
mod catalogue_tests;
pub mod drill;
pub mod ends;
pub mod folder;
pub mod format;
pub mod goal;
pub mod load;
pub mod markup;
pub mod measure;
pub mod outline;
pub mod perform;
pub mod prove;
pub mod question;
pub(crate) mod reader;
pub mod sandbox;
pub mod scenarios;
pub mod schema;
pub mod search;
pub mod source;
pub mod story;
pub mod survey;
pub mod tabulate;
pub mod terms;
#[cfg(test)]
mod testing;
pub mod topics;
pub mod tried;
pub mod walk;
pub mod watch;

pub use catalogue::{Catalogue, catalogue};
pub use schema::Lesson;
