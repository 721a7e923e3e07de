//! Which servers there are beside those that serve pages, and what each is called.

use crate::sim::id::NodeId;

/// What a server is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// A cache in a zone of users.
    Edge {
        /// The zone.
        zone: u8,
    },
    /// The way to the users.
    Link,
    /// The balancer.
    Front,
    /// An application server, by its number from 1.
    App(u16),
    /// Keeps sessions for all application servers.
    Store,
    /// A cache before the database.
    Cache,
    /// A part of the database.
    Db {
        /// Which part of the data, from 0.
        shard: u8,
        /// 0 for the leader, then the replicas.
        copy: u8,
    },
}

/// The front.
pub(super) const FRONT: NodeId = NodeId::server(0);
/// The leader of the first part of the database. It is there always, and nobody asks it while `database` is off.
pub(super) const DATABASE: NodeId = NodeId::server(1);
/// How many servers are there always and are no application servers.
pub(super) const OTHERS: usize = 2;

const LEADER: Role = Role::Db { shard: 0, copy: 0 };

impl Role {
    fn name(self) -> String {
        match self {
            Role::Edge { zone: 0 } => "edge".into(),
            Role::Edge { zone } => format!("edge{}", u16::from(zone) + 1),
            Role::Link => "link".into(),
            Role::Front => "lb".into(),
            Role::App(number) => format!("app{number}"),
            Role::Store => "sessions".into(),
            Role::Cache => "cache".into(),
            Role::Db { shard, copy } => {
                let number = if shard == 0 { String::new() } else { (shard + 1).to_string() };
                let replica = if copy == 0 { String::new() } else { format!("-r{copy}") };
                format!("db{number}{replica}")
            }
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Machine {
    role: Role,
    there: bool,
}

/// Every server that there was when the settings last asked for one that serves no pages. Whoever came later serves pages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Roster {
    machines: Vec<Machine>,
    /// How many of them are application servers.
    apps: u16,
    edges: Vec<NodeId>,
    link: Option<NodeId>,
    store: Option<NodeId>,
    cache: Option<NodeId>,
    /// By shard: the leader, then its replicas.
    shards: Vec<Vec<NodeId>>,
}

/// What [`Roster::settle`] changed.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Settled {
    /// Roles of the servers that have to boot, in the order of their numbers.
    pub bought: Vec<Role>,
    /// Servers that have to go.
    pub sold: Vec<NodeId>,
}

impl Roster {
    /// What a server is for.
    pub fn role(&self, id: NodeId) -> Role {
        match (self.machines.get(id.index()), id) {
            (Some(machine), _) => machine.role,
            (None, FRONT) => Role::Front,
            (None, DATABASE) => LEADER,
            (None, _) if self.machines.is_empty() => Role::App((id.index() + 1 - OTHERS) as u16),
            (None, _) => Role::App(self.apps + (id.index() - self.machines.len()) as u16 + 1),
        }
    }

    /// Whether this is an application server.
    pub fn is_app(&self, id: NodeId) -> bool {
        !id.is_client() && matches!(self.role(id), Role::App(_))
    }

    /// What a node is called.
    pub fn name(&self, id: NodeId) -> String {
        if id.is_client() { id.to_string() } else { self.role(id).name() }
    }

    /// Whether there are, or were, others than the front, one database and those that serve pages.
    pub fn has_extras(&self) -> bool {
        !self.machines.is_empty()
    }

    /// The caches near users.
    pub fn edges(&self) -> &[NodeId] {
        &self.edges
    }

    /// The way to the users, where it is limited.
    pub fn link(&self) -> Option<NodeId> {
        self.link
    }

    /// The store of sessions.
    pub fn store(&self) -> Option<NodeId> {
        self.store
    }

    /// The cache before the database.
    pub fn cache(&self) -> Option<NodeId> {
        self.cache
    }

    /// How many parts the data is in.
    pub fn shards(&self) -> u32 {
        self.shards.len().max(1) as u32
    }

    /// The leader of a part of the data and then its replicas.
    pub fn copies(&self, shard: u32) -> &[NodeId] {
        self.shards.get(shard as usize).map_or(&[DATABASE], Vec::as_slice)
    }

    /// Buys what is wanted and not there, and sells what is there and not wanted. `servers` is how many there have been.
    pub fn settle(&mut self, wanted: &[Role], servers: u16) -> Settled {
        let is_extra = |machine: &&Machine| !matches!(machine.role, Role::App(_) | Role::Front | LEADER);
        let have: Vec<Role> = self.machines.iter().filter(is_extra).filter(|machine| machine.there).map(|machine| machine.role).collect();
        let bought: Vec<Role> = wanted.iter().copied().filter(|role| !have.contains(role)).collect();
        let unwanted = have.iter().any(|role| !wanted.contains(role));
        if bought.is_empty() && !unwanted {
            return Settled::default();
        }
        self.know(servers);
        self.machines.extend(bought.iter().map(|role| Machine { role: *role, there: true }));
        let mut sold = Vec::new();
        for (index, machine) in (0..).zip(&mut self.machines) {
            if is_extra(&&*machine) && machine.there && !wanted.contains(&machine.role) {
                machine.there = false;
                sold.push(NodeId::server(index));
            }
        }
        self.look_up();
        Settled { bought, sold }
    }

    /// Writes down the roles of all servers that there have been.
    fn know(&mut self, servers: u16) {
        let fresh: Vec<Machine> = (self.machines.len()..servers.into())
            .map(|index| Machine { role: self.role(NodeId::server(index as u16)), there: true })
            .collect();
        self.machines.extend(fresh);
        self.apps = self.machines.iter().filter(|machine| matches!(machine.role, Role::App(_))).count() as u16;
    }

    fn look_up(&mut self) {
        let there = |role: &dyn Fn(Role) -> bool| -> Vec<NodeId> {
            let all = (0..).zip(&self.machines).filter(|(_, machine)| machine.there && role(machine.role));
            all.map(|(index, _)| NodeId::server(index)).collect()
        };
        let edges = there(&|role| matches!(role, Role::Edge { .. }));
        let one = |wanted: Role| there(&|role| role == wanted).first().copied();
        let (link, store, cache) = (one(Role::Link), one(Role::Store), one(Role::Cache));
        let leaders = there(&|role| matches!(role, Role::Db { copy: 0, .. })).len() as u8;
        let shard = |number: u8| {
            let mut copies = there(&|role| matches!(role, Role::Db { shard, .. } if shard == number));
            copies.sort_by_key(|id| self.role(*id));
            copies
        };
        let shards = (0..leaders).map(shard).collect();
        (self.edges, self.link, self.store, self.cache, self.shards) = (edges, link, store, cache, shards);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(roster: &Roster, servers: u16) -> String {
        (0..servers).map(|index| roster.name(NodeId::server(index))).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn without_extras_all_beside_two_serve_pages() {
        assert_eq!(names(&Roster::default(), 5), "lb db app1 app2 app3");
        assert_eq!((Roster::default().shards(), Roster::default().copies(0)), (1, &[DATABASE][..]));
    }

    #[test]
    fn extras_come_behind_and_servers_go_on_with_their_numbers() {
        let mut roster = Roster::default();
        let wanted = [Role::Link, Role::Db { shard: 1, copy: 0 }, Role::Db { shard: 0, copy: 1 }];
        assert_eq!(roster.settle(&wanted, 4).bought, wanted);
        assert_eq!(names(&roster, 9), "lb db app1 app2 link db2 db-r1 app3 app4");
        assert_eq!(roster.copies(0), [DATABASE, NodeId::server(6)]);
        assert_eq!((roster.copies(1), roster.shards()), (&[NodeId::server(5)][..], 2));
        let settled = roster.settle(&[Role::Cache, Role::Link], 8);
        assert_eq!((settled.bought, settled.sold), (vec![Role::Cache], vec![NodeId::server(5), NodeId::server(6)]));
        assert_eq!(names(&roster, 10), "lb db app1 app2 link db2 db-r1 app3 cache app4");
        assert_eq!((roster.cache(), roster.link(), roster.shards()), (Some(NodeId::server(8)), Some(NodeId::server(4)), 1));
        assert_eq!(roster.settle(&[Role::Cache, Role::Link], 10), Settled::default());
    }
}
