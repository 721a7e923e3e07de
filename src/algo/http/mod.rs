//! What proxies read in HTTP messages: header fields, who passed a request on, and what a shared cache may keep and give.
//!
//! Sources: RFC 9110 (HTTP Semantics) sections 5.3, 5.6 and 7.6; RFC 7239 (Forwarded); RFC 9111 (HTTP Caching); RFC 9112 section 6.3
//! (how long a body is). Times are nanoseconds, lengths of time in fields whole seconds, as the RFCs have them.

mod cache;
mod control;
mod fields;
mod forwarded;
mod framing;
#[cfg(test)]
mod tests;
mod via;

pub use cache::{Age, Dates, Invalidates, Meta, Rules, Unstored, Use, Vary, invalidates, lifetime, may_store, may_use};
pub use control::{CacheControl, Unknown};
pub use fields::Fields;
pub use forwarded::{BadForwarded, Element, Name, Node, Port, Trust, forwarded, forwarded_for, x_forwarded_for};
pub use framing::{Framing, body_of_request};
pub use via::Via;
