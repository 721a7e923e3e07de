//! What clusters share: tables of what can be asked and done, facts of clients and wires, settings, and the register.

pub mod ask;
pub mod facts;
pub mod fsync;
pub mod logged;
pub mod places;
pub mod reach;
pub mod recent;
pub mod register;
pub mod settings;
#[cfg(test)]
pub mod trial;
pub mod tries;
