//! What a recorded history satisfies, each verdict with its witness.

pub mod operation;
pub mod verdict;
