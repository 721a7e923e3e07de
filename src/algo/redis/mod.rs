//! A Redis server without its network and its files: commands on data types, replies and errors word for word.
//!
//! [`Server::serve`] is one command of one connection: it reads, runs and answers it, and says what goes to the append-only file and to
//! replicas in its place. Time, role and chance are handed in. After the documentation of Redis 7.2 (commands, transactions, EXPIRE,
//! key eviction, cluster specification) and its sources where these say nothing.
//!
//! What needs a process around it (WAIT, SAVE, ROLE, ...) is handed back as [`Beyond`].

mod args;
mod entry;
mod evict;
mod generic;
mod glob;
mod hashes;
mod keyspace;
mod lists;
mod nodes;
mod ordered;
mod pool;
mod populated;
#[cfg(test)]
pub(crate) mod real_tests;
mod rebuild;
mod reply;
mod run;
mod scan;
mod score;
mod script;
#[cfg(test)]
mod scripts;
mod serve;
mod session;
mod sets;
mod slot;
mod sorted;
mod sorted_range;
mod strings;
mod table;
#[cfg(test)]
mod tests;
mod value;

pub use args::{Argv, Text, argv, int, is, line, words};
pub use entry::Entry;
pub use evict::{Policy, Victim, make_room};
pub use keyspace::Keyspace;
pub use rebuild::rebuild;
pub use reply::{Reply, error};
pub use run::{Around, Expiry, apply};
pub use script::COMPARE_AND_DELETE;
pub use serve::{Asked, Gate, Refusal, Route, Served, Server};
pub use session::Session;
pub use slot::{SLOTS, crc16, slot};
pub use table::{Beyond, is_write, keys_of, names};
pub use value::{Kind, Value};
