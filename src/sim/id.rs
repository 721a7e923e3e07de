//! Who is who: servers `n1`, `n2`, ... and clients `c1`, `c2`, ...; messages `#12`; requests.

use std::fmt;
use std::str::FromStr;

/// A server or a client of the cluster. Both are nodes on the same network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(u16);

const CLIENT: u16 = 0x8000;

impl NodeId {
    /// The server with this index from 0: `server(0)` is `n1`.
    pub const fn server(index: u16) -> NodeId {
        NodeId(index & !CLIENT)
    }

    /// The client with this index from 0: `client(0)` is `c1`.
    pub const fn client(index: u16) -> NodeId {
        NodeId(index | CLIENT)
    }

    /// Whether this is a client.
    pub const fn is_client(self) -> bool {
        self.0 & CLIENT != 0
    }

    /// The index from 0 among servers or among clients.
    pub const fn index(self) -> usize {
        (self.0 & !CLIENT) as usize
    }

    /// One number for both kinds, for fingerprints and keys.
    pub const fn code(self) -> u16 {
        self.0
    }
}

impl fmt::Display for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", if self.is_client() { 'c' } else { 'n' }, self.index() + 1)
    }
}

/// Why a text names no node.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no node; servers are n1, n2, ... and clients c1, c2, ...")]
pub struct BadNode(pub String);

impl FromStr for NodeId {
    type Err = BadNode;

    fn from_str(text: &str) -> Result<NodeId, BadNode> {
        let bad = || BadNode(text.to_string());
        let digits = text.get(1..).filter(|d| !d.starts_with('0') && d.bytes().all(|b| b.is_ascii_digit())).ok_or_else(bad)?;
        let number: u16 = digits.parse().map_err(|_| bad())?;
        if number == 0 || number > CLIENT {
            return Err(bad());
        }
        match text.as_bytes().first() {
            Some(b'n') => Ok(NodeId::server(number - 1)),
            Some(b'c') => Ok(NodeId::client(number - 1)),
            _ => Err(bad()),
        }
    }
}

/// A message on the wire. Two equal messages are two things; a duplicate gets a number of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MsgId(pub u64);

impl fmt::Display for MsgId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}", self.0)
    }
}

/// One client request, from invocation to outcome. Numbered from 0 in the order of invocation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestId(pub u32);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back() {
        for text in ["n1", "n12", "c1", "c300"] {
            assert_eq!(text.parse::<NodeId>().map(|n| n.to_string()), Ok(text.to_string()));
        }
        for text in ["", "n", "n0", "x1", "n01", "n-1", "1", "n99999", "é1"] {
            assert!(text.parse::<NodeId>().is_err(), "{text}");
        }
    }
}
