//! Versions, as histories and logs keep them.

use crate::algo::version::{Dot, VersionVector};
use crate::packs;
use crate::sim::id::NodeId;
use crate::sim::pack::{Pack, Packer, Unpacker};

packs!(struct Dot<NodeId> { actor, counter });

impl Pack for VersionVector<NodeId> {
    fn pack(&self, out: &mut Packer) {
        self.iter().map(|(actor, counter)| Dot { actor, counter }).collect::<Vec<_>>().pack(out);
    }

    fn unpack(from: &mut Unpacker<'_>) -> Self {
        Vec::<Dot<NodeId>>::unpack(from).into_iter().collect()
    }
}
