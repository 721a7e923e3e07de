//! What the controller knows and everybody learns: who leads which partition, in which epoch, and who is in sync.

use std::sync::Arc;

use crate::persistent::OrdMap;
use crate::sim::id::NodeId;

use super::record::Part;

/// A life of a broker: another number after each restart.
pub(super) type Life = u64;

/// One partition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seats {
    /// Who has it, the first of them to be preferred as leader.
    pub replicas: Vec<NodeId>,
    /// Who leads it.
    pub leader: Option<NodeId>,
    /// The epoch of that leader: grows at every election.
    pub epoch: u32,
    /// The in-sync set.
    pub isr: Vec<NodeId>,
    /// Who left that set with every committed record, and so may lead (KIP-966).
    pub elr: Vec<NodeId>,
    /// Who led last.
    pub last_leader: NodeId,
    /// Grows at every change of this partition (KIP-497, partition epoch).
    pub version: u32,
}

/// All of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Meta {
    /// Grows at every change.
    pub version: u64,
    /// Every partition.
    pub parts: OrdMap<Part, Arc<Seats>>,
    /// The brokers that the controller takes for alive, each with its life.
    pub alive: OrdMap<NodeId, Life>,
    /// The newest life of every broker that it ever heard of.
    pub known: OrdMap<NodeId, Life>,
}

/// Shared between all that know it.
pub(super) type Shared = Arc<Meta>;

impl Meta {
    /// Who leads a partition.
    pub fn leader(&self, part: Part) -> Option<NodeId> {
        self.parts.get(&part).and_then(|seats| seats.leader)
    }

    /// The partitions of the topic, in order.
    pub fn topic(&self) -> impl Iterator<Item = (Part, &Arc<Seats>)> {
        self.parts.iter().filter(|(part, _)| part.is_topic()).map(|(part, seats)| (*part, seats))
    }

    /// How many there are.
    pub fn partitions(&self) -> u32 {
        self.topic().count() as u32
    }
}

/// By what the controller decides.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    /// Whether those that left the in-sync set with every committed record may lead.
    pub elr: bool,
    /// Whether those that lack records may lead.
    pub unclean: bool,
    /// How many must be in sync for a write.
    pub min_insync: usize,
}

/// How somebody was elected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Election {
    /// Who.
    pub leader: NodeId,
    /// Whether it has every committed record, as far as the controller can know.
    pub clean: bool,
}

impl Seats {
    /// New seats: all replicas that live are in sync, and the first of them leads.
    pub fn new(replicas: Vec<NodeId>, alive: &OrdMap<NodeId, Life>) -> Option<Seats> {
        let isr: Vec<NodeId> = replicas.iter().filter(|id| alive.contains_key(*id)).copied().collect();
        let first = *isr.first()?;
        Some(Seats { replicas, leader: Some(first), epoch: 1, isr, elr: Vec::new(), last_leader: first, version: 1 })
    }

    /// Another in-sync set. Who leaves it while fewer than `min.insync.replicas` stay has every committed record, because nothing is
    /// committed meanwhile.
    pub fn set_isr(&mut self, isr: Vec<NodeId>, rules: Rules) {
        if rules.elr {
            if isr.len() >= rules.min_insync.min(self.replicas.len()) {
                self.elr.clear();
            } else {
                let left = self.isr.iter().filter(|id| !isr.contains(id) && !self.elr.contains(id)).copied().collect::<Vec<_>>();
                self.elr.extend(left);
                self.elr.retain(|id| !isr.contains(id));
            }
        }
        self.isr = isr;
        self.version += 1;
    }

    /// The rules were changed: where enough are in sync now, or nothing stands still below the minimum any more, what is committed from now
    /// on is not with those that left the set (KIP-966: the list is emptied when the minimum changes).
    pub fn revise(&mut self, rules: Rules) {
        let enough = self.isr.len() >= rules.min_insync.min(self.replicas.len());
        if !self.elr.is_empty() && (enough || !rules.elr && !self.isr.is_empty()) {
            self.elr.clear();
            self.version += 1;
        }
    }

    /// A broker is taken for dead. Without [`Rules::elr`] the last member of the in-sync set stays in it.
    pub fn fence(&mut self, broker: NodeId, rules: Rules) {
        let rest: Vec<NodeId> = self.isr.iter().filter(|id| **id != broker).copied().collect();
        if self.isr.contains(&broker) && (!rest.is_empty() || rules.elr) {
            self.set_isr(rest, rules);
        }
        if self.leader == Some(broker) {
            self.leader = None;
            self.version += 1;
        }
    }

    /// A broker may have lost records that it had: it is no longer relied on.
    pub fn distrust(&mut self, broker: NodeId) {
        let before = (self.isr.len(), self.elr.len());
        self.isr.retain(|id| *id != broker);
        self.elr.retain(|id| *id != broker);
        self.version += u32::from(before != (self.isr.len(), self.elr.len()));
    }

    /// Elects somebody where nobody leads.
    pub fn elect(&mut self, alive: &OrdMap<NodeId, Life>, rules: Rules) -> Option<Election> {
        if self.leader.is_some() {
            return None;
        }
        let first = |among: &[NodeId]| self.replicas.iter().find(|id| among.contains(id) && alive.contains_key(*id)).copied();
        let trusted = first(&self.isr).or_else(|| first(&self.elr));
        // With nobody left to rely on, whoever led last had everything, and may have lost some of it since: Kafka counts that as unclean
        // (`PartitionChangeBuilder.electAnyLeader`).
        let last = || first(&[self.last_leader]).filter(|_| rules.elr && self.isr.is_empty() && self.elr.is_empty());
        let any = || first(&self.replicas).filter(|_| rules.unclean);
        let leader = trusted.or_else(last).or_else(any)?;
        self.seat(leader);
        Some(Election { leader, clean: trusted.is_some() })
    }

    /// Somebody leads from now on, in a new epoch. One that was not in sync is alone in the set; after one that could not be relied on
    /// nobody is eligible that was, because its log goes another way (Kafka's `PartitionChangeBuilder.maybeUpdateRecordElr`).
    pub fn seat(&mut self, leader: NodeId) {
        if !self.isr.contains(&leader) && !self.elr.contains(&leader) {
            self.elr.clear();
        }
        if !self.isr.contains(&leader) {
            self.isr = vec![leader];
        }
        self.elr.retain(|id| *id != leader);
        self.leader = Some(leader);
        self.last_leader = leader;
        self.epoch += 1;
        self.version += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(list: &[u16]) -> Vec<NodeId> {
        list.iter().map(|n| NodeId::server(*n)).collect()
    }

    fn alive(list: &[u16]) -> OrdMap<NodeId, Life> {
        ids(list).into_iter().map(|id| (id, Life::default())).collect()
    }

    const CLASSIC: Rules = Rules { elr: false, unclean: false, min_insync: 2 };
    const ELR: Rules = Rules { elr: true, ..CLASSIC };

    fn after(fenced: &[u16], rules: Rules) -> Seats {
        let mut seats = Seats::new(ids(&[1, 2, 3]), &alive(&[1, 2, 3])).expect("replicas");
        let up = [1, 2, 3];
        for (n, id) in fenced.iter().enumerate() {
            seats.fence(NodeId::server(*id), rules);
            let left: Vec<u16> = up.iter().copied().filter(|id| !fenced[..=n].contains(id)).collect();
            seats.elect(&alive(&left), rules);
        }
        seats
    }

    #[test]
    fn the_last_in_sync_stays_and_leads_again() {
        let mut seats = after(&[1, 2, 3], CLASSIC);
        assert_eq!((seats.leader, &seats.isr), (None, &ids(&[3])));
        assert_eq!(seats.elect(&alive(&[1, 2]), CLASSIC), None);
        let unclean = Rules { unclean: true, ..CLASSIC };
        assert_eq!(seats.clone().elect(&alive(&[2]), unclean), Some(Election { leader: NodeId::server(2), clean: false }));
        assert_eq!(seats.elect(&alive(&[3]), CLASSIC), Some(Election { leader: NodeId::server(3), clean: true }));
        assert_eq!((seats.epoch, seats.isr), (4, ids(&[3])));
    }

    /// The example of KIP-966: who leaves while the set is below the minimum may lead.
    #[test]
    fn who_left_with_everything_may_lead() {
        let mut seats = after(&[1, 2, 3], ELR);
        assert_eq!((&seats.isr, &seats.elr), (&ids(&[]), &ids(&[2, 3])));
        assert_eq!(seats.clone().elect(&alive(&[1]), ELR), None, "it left while two were in sync");
        seats.distrust(NodeId::server(3));
        assert_eq!(seats.clone().elect(&alive(&[3]), ELR), None, "2 may come back with everything");
        assert_eq!(seats.clone().elect(&alive(&[2, 3]), ELR), Some(Election { leader: NodeId::server(2), clean: true }));
        seats.distrust(NodeId::server(2));
        assert_eq!(seats.elect(&alive(&[1, 2, 3]), ELR), Some(Election { leader: NodeId::server(3), clean: false }), "it led last");
    }

    #[test]
    fn who_was_eligible_is_so_no_more_once_others_commit() {
        let one = Rules { min_insync: 1, unclean: true, ..ELR };
        let mut seats = after(&[1, 2, 3], one);
        assert_eq!((&seats.isr, &seats.elr), (&ids(&[]), &ids(&[3])));
        assert_eq!(seats.elect(&alive(&[1]), one), Some(Election { leader: NodeId::server(1), clean: false }));
        assert_eq!((&seats.isr, &seats.elr), (&ids(&[1]), &ids(&[])), "3 does not have what 1 writes");
        let mut seats = after(&[1, 2], ELR);
        assert_eq!((&seats.isr, &seats.elr), (&ids(&[3]), &ids(&[2])));
        seats.revise(ELR);
        assert_eq!(seats.elr, ids(&[2]), "nothing is committed meanwhile");
        for rules in [Rules { min_insync: 1, ..ELR }, CLASSIC] {
            let mut changed = seats.clone();
            changed.revise(rules);
            assert_eq!((changed.elr, changed.version), (ids(&[]), seats.version + 1), "3 commits alone from now on");
        }
    }

    #[test]
    fn a_full_set_needs_nobody_else() {
        let mut seats = after(&[1, 2], ELR);
        assert_eq!((&seats.isr, &seats.elr), (&ids(&[3]), &ids(&[2])));
        seats.set_isr(ids(&[3, 1]), ELR);
        assert_eq!(seats.elr, ids(&[]));
    }
}
