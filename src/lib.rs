//! splitbrain: read the question, poke the cluster, know the answer.
//!
//! The rooms, from the ground up; each may use only those above it in this list:
//! [`sim`] a deterministic simulator that knows no protocol; [`check`] what a recorded history satisfies;
//! [`command`] the one language of pokes; [`algo`] pure algorithms that clusters are built of; [`cluster`] the mini-clusters and their common face;
//! [`timeline`] seek, branches and replays; [`lesson`] lessons as data; [`review`] when to ask again; [`progress`] what a learner did;
//! [`present`] a lesson in front of a class; [`lab`] everything headless; [`plain`] the whole product as linear text; [`tui`] the screens; [`outside`] what takes them out of the
//! terminal. Beside them, for every room: [`near`] finds near names for mistyped words, [`harmless`] shows what hides in texts from outside,
//! [`files`] reads what is a file and not too long, [`frames`] draws cells without a terminal, [`persistent`] does what persistent lists
//! cannot be asked for, [`statistics`] says what many numbers come to, and [`ballot`] takes votes from phones.

pub mod algo;
pub mod ballot;
pub mod check;
pub mod cluster;
pub mod command;
pub mod files;
pub mod frames;
pub mod harmless;
pub mod lab;
pub mod lesson;
pub mod near;
pub mod outside;
pub mod persistent;
pub mod plain;
pub mod present;
pub mod progress;
pub mod quiz;
pub mod review;
pub mod sim;
pub mod statistics;
pub mod timeline;
pub mod tui;
