//! Which server is what, and what it is called.

use crate::sim::id::NodeId;

use super::record::Group;

/// What a server is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Keeps who leads what.
    Controller,
    /// Keeps logs; numbers from 1.
    Broker(u16),
    /// Reads for a group; numbers from 1.
    Consumer(Group, u16),
}

/// The controller: one server that stands for the quorum which Kafka has there.
pub(super) const CONTROLLER: NodeId = NodeId::server(0);

/// Every server that there is or was.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Roster {
    /// By the number of the server; whether it is still there.
    servers: Vec<(Role, bool)>,
}

/// How many servers of each kind are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Brokers.
    pub brokers: u16,
    /// Consumers of each group.
    pub consumers: [(Group, u16); 2],
}

/// What [`Roster::settle`] changed.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Settled {
    /// So many servers boot.
    pub come: usize,
    /// These go.
    pub gone: Vec<NodeId>,
}

impl Roster {
    /// What a server is for.
    pub fn role(&self, id: NodeId) -> Option<Role> {
        self.servers.get(id.index()).map(|(role, _)| *role)
    }

    /// What a node is called.
    pub fn name(&self, id: NodeId) -> String {
        match self.role(id).filter(|_| !id.is_client()) {
            Some(Role::Controller) => "controller".to_string(),
            Some(Role::Broker(number)) => format!("b{number}"),
            Some(Role::Consumer(group, number)) => format!("{group}{number}"),
            None => id.to_string(),
        }
    }

    /// Those that are there.
    pub fn there(&self) -> impl Iterator<Item = (NodeId, Role)> {
        let all = self.servers.iter().enumerate().filter(|(_, (_, there))| *there);
        all.map(|(index, (role, _))| (NodeId::server(index as u16), *role))
    }

    /// The brokers, in order.
    pub fn brokers(&self) -> impl Iterator<Item = NodeId> {
        self.there().filter(|(_, role)| matches!(role, Role::Broker(_))).map(|(id, _)| id)
    }

    /// The consumers of a group, in order.
    pub fn consumers(&self, group: Group) -> impl Iterator<Item = NodeId> {
        self.there().filter(move |(_, role)| matches!(role, Role::Consumer(of, _) if *of == group)).map(|(id, _)| id)
    }

    /// Brings it in line with what is asked for. Brokers only come; of consumers the last go, and a name is given again.
    pub fn settle(&mut self, wanted: Wanted) -> Settled {
        let before = self.servers.len();
        if before == 0 {
            self.servers.push((Role::Controller, true));
        }
        let brokers = self.brokers().count() as u16;
        self.servers.extend((brokers + 1..=wanted.brokers).map(|number| (Role::Broker(number), true)));
        let mut gone = Vec::new();
        for (group, count) in wanted.consumers {
            let there: Vec<NodeId> = self.consumers(group).collect();
            self.servers.extend((there.len() as u16 + 1..=count).map(|number| (Role::Consumer(group, number), true)));
            gone.extend(there.into_iter().skip(count.into()));
        }
        for id in &gone {
            self.servers[id.index()].1 = false;
        }
        Settled { come: self.servers.len() - before, gone }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn consumers_come_and_the_last_of_them_goes() {
        let wanted = |audit, billing| Wanted { brokers: 2, consumers: [(Group::Audit, audit), (Group::Billing, billing)] };
        let mut roster = Roster::default();
        assert_eq!(roster.settle(wanted(1, 2)), Settled { come: 6, gone: vec![] });
        let names = |roster: &Roster| roster.there().map(|(id, _)| roster.name(id)).collect::<Vec<_>>().join(" ");
        assert_eq!(names(&roster), "controller b1 b2 audit1 billing1 billing2");
        assert_eq!(roster.settle(wanted(2, 1)), Settled { come: 1, gone: vec![NodeId::server(5)] });
        assert_eq!(names(&roster), "controller b1 b2 audit1 billing1 audit2");
        assert_eq!(roster.settle(wanted(2, 2)), Settled { come: 1, gone: vec![] });
        assert_eq!(names(&roster), "controller b1 b2 audit1 billing1 audit2 billing2");
    }
}
