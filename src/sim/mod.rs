//! The kernel: virtual time, an event queue, random draws, links, disks, clocks, faults and client requests.
//! It knows no protocol.

pub mod dist;
pub mod history;
pub mod id;
pub mod time;
