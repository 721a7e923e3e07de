//! The kernel: virtual time, an event queue, random draws, links, disks, clocks, faults and client requests.
//! It knows no protocol.

#[cfg(test)]
pub(crate) mod arbitrary;
pub mod arrivals;
pub mod arrivals_text;
pub mod bits;
pub mod bounds;
mod calls;
mod carry;
pub mod clock;
pub mod coming;
mod copies;
pub mod disk;
pub mod dist;
pub mod draw;
mod effects;
pub mod failures;
#[cfg(test)]
mod failures_tests;
pub mod faults;
pub mod history;
pub mod id;
pub mod kernel;
pub mod line;
mod ln;
mod load;
#[cfg(test)]
mod load_tests;
pub mod log;
pub mod machine;
pub mod members;
#[cfg(test)]
mod members_tests;
mod messages;
pub mod network;
pub mod node;
pub mod pack;
pub mod packed;
pub mod protocol;
pub mod queue;
pub mod request_set;
pub mod requests;
#[cfg(test)]
mod requests_tests;
pub mod retry;
mod sample;
mod serve;
pub mod station;
#[cfg(test)]
mod station_tests;
pub mod table;
#[cfg(test)]
mod testing;
pub mod time;
pub mod trace;
mod weight;
mod wires;
