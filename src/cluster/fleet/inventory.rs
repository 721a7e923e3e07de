//! Which servers there are: what each is for, and where it stands.

use crate::sim::id::NodeId;

/// What a server is for. Requests go from the first tier to the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tier {
    /// It takes requests in, and hands each to an application server.
    Front,
    /// It does the work.
    App,
    /// It keeps rows and carts.
    Db,
}

impl Tier {
    /// Every tier, in the order of a request.
    pub const ALL: [Tier; 3] = [Tier::Front, Tier::App, Tier::Db];

    /// What servers of it are called, with their number behind.
    pub const fn name(self) -> &'static str {
        match self {
            Tier::Front => "front",
            Tier::App => "app",
            Tier::Db => "db",
        }
    }
}

/// The names of the racks, each a zone. Users are somewhere else.
pub(super) const RACKS: [&str; 3] = ["r1", "r2", "r3"];
/// The name of the zone of the users, which is the first.
pub(super) const OUTSIDE: &str = "users";

/// A server that was bought, and is there or was sold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Machine {
    tier: Tier,
    /// From 1.
    rank: u32,
    there: bool,
}

/// Every server that was ever bought: the one at index `i` is server number `i`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inventory(Vec<Machine>);

impl Inventory {
    /// Buys and sells until there are so many of each tier. What is sold is what was bought last.
    pub fn settle(&mut self, wanted: [u32; 3]) {
        for (tier, wanted) in Tier::ALL.into_iter().zip(wanted) {
            let have = self.of(tier).count() as u32;
            for rank in have + 1..=wanted {
                self.0.push(Machine { tier, rank, there: true });
            }
            let sold = |machine: &&mut Machine| machine.there && machine.tier == tier && machine.rank > wanted;
            self.0.iter_mut().filter(sold).for_each(|machine| machine.there = false);
        }
    }

    /// Whether nothing was bought yet.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many were ever bought.
    pub fn len(&self) -> u16 {
        self.0.len() as u16
    }

    fn machine(&self, id: NodeId) -> Option<&Machine> {
        self.0.get(id.index()).filter(|_| !id.is_client())
    }

    /// What a server is for.
    pub fn tier(&self, id: NodeId) -> Option<Tier> {
        self.machine(id).map(|machine| machine.tier)
    }

    /// Whether it was bought and not sold.
    pub fn has(&self, id: NodeId) -> bool {
        self.machine(id).is_some_and(|machine| machine.there)
    }

    /// The servers of a tier that are there, in the order of their names.
    pub fn of(&self, tier: Tier) -> impl Iterator<Item = NodeId> {
        let of_it = move |(_, machine): &(u16, &Machine)| machine.there && machine.tier == tier;
        (0..).zip(&self.0).filter(of_it).map(|(index, _)| NodeId::server(index))
    }

    /// All servers that are there, tier by tier.
    pub fn all(&self) -> impl Iterator<Item = NodeId> {
        Tier::ALL.into_iter().flat_map(|tier| self.of(tier))
    }

    /// What a node is called: `front1`, `app2`, `c1`.
    pub fn name(&self, id: NodeId) -> String {
        self.machine(id).map_or_else(|| id.to_string(), |machine| format!("{}{}", machine.tier.name(), machine.rank))
    }

    /// The rack of a server, an index into [`RACKS`]: those of a tier stand in so many racks by turns.
    pub fn rack(&self, id: NodeId, racks: u32) -> usize {
        self.machine(id).map_or(0, |machine| ((machine.rank - 1) % racks.max(1)) as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_by_role_and_numbers_are_never_given_twice() {
        let mut all = Inventory::default();
        all.settle([1, 2, 1]);
        let names = |all: &Inventory| all.all().map(|id| format!("{id} {}", all.name(id))).collect::<Vec<_>>();
        assert_eq!(names(&all), ["n1 front1", "n2 app1", "n3 app2", "n4 db1"]);
        all.settle([1, 1, 2]);
        assert_eq!(names(&all), ["n1 front1", "n2 app1", "n4 db1", "n5 db2"]);
        all.settle([1, 2, 2]);
        assert_eq!(names(&all), ["n1 front1", "n2 app1", "n6 app2", "n4 db1", "n5 db2"]);
        assert_eq!((all.has(NodeId::server(2)), all.tier(NodeId::server(2)), all.len()), (false, Some(Tier::App), 6));
    }

    #[test]
    fn the_servers_of_a_tier_stand_in_the_racks_by_turns() {
        let mut all = Inventory::default();
        all.settle([1, 3, 1]);
        let racks = |racks| all.of(Tier::App).map(|id| all.rack(id, racks)).collect::<Vec<_>>();
        assert_eq!((racks(1), racks(2), racks(3)), (vec![0, 0, 0], vec![0, 1, 0], vec![0, 1, 2]));
    }
}
