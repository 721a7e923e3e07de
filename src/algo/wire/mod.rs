//! What protocols put on the wire, to the byte: frames of WebSocket and HTTP/2, header blocks of HPACK, the prefix and the timeout of
//! gRPC, and the text of server-sent events. Each is tested against the examples of its own document,
//! and frames and headers against encoders that others wrote.

pub mod grpc;
pub mod h2;
#[cfg(test)]
mod held_tests;
pub mod hpack;
pub mod sse;
pub mod websocket;
