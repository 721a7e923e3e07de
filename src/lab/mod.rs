//! Everything headless.

pub mod check;
