//! What clusters share: tables of what can be asked and done, facts of clients and wires, settings, and the register.

pub mod apply;
pub mod ask;
pub mod astray;
pub mod breaking;
pub mod facts;
pub mod fsync;
pub mod judged;
pub mod logged;
pub mod moments;
pub mod places;
pub mod reach;
pub mod recent;
pub mod register;
pub mod served;
pub mod settings;
pub mod takes;
pub mod terms;
#[cfg(test)]
pub mod trial;
pub mod tries;
pub mod versions;
