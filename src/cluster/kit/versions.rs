//! Versions, as histories and logs keep them.

use crate::algo::version::{Context, Dot, VersionVector};
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

impl Pack for Context<NodeId> {
    fn pack(&self, out: &mut Packer) {
        self.upto().pack(out);
        self.unseen().collect::<Vec<_>>().pack(out);
        self.beyond().collect::<Vec<_>>().pack(out);
    }

    fn unpack(from: &mut Unpacker<'_>) -> Self {
        let upto = VersionVector::unpack(from);
        let mut seen = Context::from(upto).but(Vec::<Dot<NodeId>>::unpack(from));
        for dot in Vec::<Dot<NodeId>>::unpack(from) {
            seen.see_alone(dot);
        }
        seen
    }
}
