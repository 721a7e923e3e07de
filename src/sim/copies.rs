//! Copies of one message on a connection. Between a client and a server runs a connection, and a connection hands each message
//! over once, however often the network delivers it: without that, a request that was refused for certain could be carried out
//! later by a copy that came late. Between servers a copy is a message like any other.

use std::collections::BTreeMap;

use super::id::MsgId;

/// The messages of connections of which there are copies; each family lives until its last member has ended.
#[derive(Clone, Debug, Default)]
pub(super) struct Copies {
    /// The first message of the family of each member that is still on its way.
    family_of: BTreeMap<MsgId, MsgId>,
    families: BTreeMap<MsgId, Family>,
}

#[derive(Clone, Debug)]
struct Family {
    on_their_way: u32,
    handed_over: bool,
}

impl Copies {
    /// `copy` says the same as `of`, which is on its way.
    pub(super) fn add(&mut self, of: MsgId, copy: MsgId) {
        let first = *self.family_of.entry(of).or_insert(of);
        self.family_of.insert(copy, first);
        let family = self.families.entry(first).or_insert(Family { on_their_way: 1, handed_over: false });
        family.on_their_way += 1;
    }

    /// A message arrived. Whether it is to be handed over: no copy of it was before.
    #[inline]
    pub(super) fn arrive(&mut self, id: MsgId) -> bool {
        self.families.is_empty() || self.end(id, true)
    }

    /// A message died on its way.
    #[inline]
    pub(super) fn die(&mut self, id: MsgId) {
        if !self.families.is_empty() {
            self.end(id, false);
        }
    }

    fn end(&mut self, id: MsgId, arrived: bool) -> bool {
        let Some(first) = self.family_of.remove(&id) else { return true };
        let Some(family) = self.families.get_mut(&first) else { return true };
        let is_first = arrived && !family.handed_over;
        family.handed_over |= arrived;
        family.on_their_way -= 1;
        if family.on_their_way == 0 {
            self.families.remove(&first);
        }
        is_first
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_of_a_family_is_handed_over_and_nothing_is_kept_for_ever() {
        let [a, b, c, other] = [1, 2, 3, 9].map(MsgId);
        let mut copies = Copies::default();
        assert!(copies.arrive(other));
        copies.add(a, b);
        copies.add(b, c);
        copies.die(b);
        assert!(copies.arrive(c) && copies.arrive(other) && !copies.arrive(a));
        assert!(copies.family_of.is_empty() && copies.families.is_empty());
        copies.add(a, b);
        assert!(copies.arrive(a) && !copies.arrive(b));
    }
}
