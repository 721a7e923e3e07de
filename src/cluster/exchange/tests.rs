//! The cluster under commands, as learners and lessons use it.
