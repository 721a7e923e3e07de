//! A vote from phones: one small page on the local network, for as long as a class is asked something.
//!
//! [`poll`] are the rules, without any web. [`room`] is what the screen and the phones share: the screen asks, opens, closes and
//! counts; a phone sees the question and its own vote, and no count. [`server`] serves the page, in a thread of its own; nothing is
//! served unless somebody asks for it, and nothing is written to any disk.
//!
//! Who may vote: whoever reads the [`code`] from the projector, in the same network. A device is known by a random token that its
//! browser keeps, and one address has room for a few of them, so that one phone does not become a crowd.

mod addresses;
mod answers;
#[cfg(test)]
pub(crate) mod client;
pub mod code;
mod devices;
mod doors;
mod guard;
mod page;
pub mod poll;
pub mod qr;
pub mod room;
mod seats;
pub mod server;

pub use addresses::NoPlace;
