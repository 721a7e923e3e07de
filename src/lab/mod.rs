//! Everything that needs no screen: the command line, runs, replays, and what the program knows of itself.

pub mod ask;
pub mod blueprints;
pub mod check;
pub mod cli;
pub mod export;
pub mod history;
pub mod hunt;
pub mod laws;
pub mod learnt;
pub mod manual;
pub mod models;
mod narrow;
pub mod new_lesson;
pub mod nodes;
mod parallel;
pub mod pictures;
pub mod present;
pub mod progress;
pub mod replay;
pub mod report;
pub mod run;
pub mod sweep;
