//! Versions, as histories and logs keep them.

use crate::algo::version::{Context, Dot, VersionVector};
use crate::sim::id::NodeId;
use crate::sim::pack::{Pack, Packer, Unpacker};

impl Pack for Dot<NodeId> {
    fn pack(&self, out: &mut Packer) {
        self.actor.pack(out);
        out.count(self.actor.index(), self.counter);
    }

    fn unpack(from: &mut Unpacker<'_>) -> Self {
        let actor = NodeId::unpack(from);
        Dot { actor, counter: from.count(actor.index()) }
    }
}

impl Pack for VersionVector<NodeId> {
    fn pack(&self, out: &mut Packer) {
        self.iter().count().pack(out);
        self.iter().for_each(|(actor, counter)| Dot { actor, counter }.pack(out));
    }

    fn unpack(from: &mut Unpacker<'_>) -> Self {
        (0..usize::unpack(from)).map(|_| Dot::unpack(from)).collect()
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
