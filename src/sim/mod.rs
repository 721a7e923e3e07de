//! The kernel: virtual time, an event queue, random draws, links, disks, clocks, faults and client requests.
//! It knows no protocol.

#[cfg(test)]
pub(crate) mod arbitrary;
pub mod bits;
pub mod bounds;
mod calls;
mod carry;
pub mod clock;
mod copies;
pub mod disk;
pub mod dist;
pub mod draw;
mod effects;
pub mod faults;
pub mod history;
pub mod id;
pub mod kernel;
mod ln;
pub mod log;
pub mod network;
pub mod node;
pub mod protocol;
pub mod queue;
pub mod requests;
#[cfg(test)]
mod requests_tests;
pub mod retry;
mod sample;
pub mod time;
pub mod trace;
mod weight;
