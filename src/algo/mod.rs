//! Algorithms that clusters are built of: pure, without a simulator, a clock or a draw of their own, and tested against published
//! vectors. Whatever they need to know is handed to them.

pub mod assign;
pub mod balance;
pub mod breaker;
pub mod budget;
pub mod crdt;
pub mod eviction;
pub mod exact;
pub mod graphql;
pub mod hash;
pub mod http;
pub mod limit;
pub mod merkle;
pub mod murmur;
pub mod mvcc;
pub mod partition;
pub mod phi;
pub mod preference;
pub mod redis;
pub mod scale;
pub mod sql;
pub mod trace;
pub mod turn;
pub mod version;
pub mod wire;
pub mod zipf;
