//! Commands and replies.
