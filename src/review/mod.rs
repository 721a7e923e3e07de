//! When to ask again: the days of a learner, how well something was known, what is remembered of it, and an exam that it has to be
//! remembered at. Pure: nothing here reads a clock or a file.

pub mod day;
pub mod exam;
mod fsrs;
pub mod grade;
pub mod memory;

pub use day::{Calendar, Day, Stamp};
pub use exam::Exam;
pub use grade::{Confidence, Grade, Outcome};
pub use memory::Memory;
