//! Where reads go, who counts as one reader, and what readers are shown.

use crate::cluster::kit::settings::{Takes, words};
use crate::sim::id::NodeId;

words! {
    /// Where clients read.
    pub enum Reads {
        /// From the leader.
        Leader = "leader",
        /// From any follower, another at random each time.
        Any = "any",
        /// From the nearest server.
        Nearest = "nearest",
        /// From always the same server, chosen by the user.
        Sticky = "sticky",
        /// Keys that begin with the name of the client, or of its user's first device (`c1.bio`), from the leader, others from any follower.
        OwnFromLeader = "own-from-leader",
        /// From the leader for a while after a write of one's own, else from any follower.
        LeaderWindow = "leader-window",
        /// From any follower that is not too far behind, as far as it can tell.
        MaxLag = "max-lag",
        /// From any follower that has applied the log up to what the client last wrote or saw.
        WaitForPosition = "wait-for-position",
    }
}

words! {
    /// How a user's own server is chosen.
    pub enum Sticky {
        /// By the number of its first device: the next server after that, whether or not it leads.
        Number = "number",
        /// By a hash of the user, modulo the number of followers that answer.
        Modulo = "modulo",
        /// By a hash of the user with each follower, the greatest first: who comes or goes moves no other user.
        Rendezvous = "rendezvous",
    }
}

words! {
    /// What names a position in the log.
    pub enum Position {
        /// The epoch of its leader and the index of the entry.
        EpochIndex = "epoch-index",
        /// The index alone: after a failover another entry may stand there.
        Index = "index",
    }
}

words! {
    /// Where it is remembered what a user wrote and saw.
    pub enum Memory {
        /// In each device.
        Device = "device",
        /// With the account, which all devices of a user ask and tell.
        Account = "account",
    }
}

words! {
    /// When a leader shows a write to readers.
    pub enum Visible {
        /// Once it is in the leader's log.
        AtOnce = "at-once",
        /// Once it may be acknowledged.
        Confirmed = "confirmed",
    }
}

/// Which clients are devices of one user. Every other client is a user of its own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Users(Vec<Vec<NodeId>>);

impl Users {
    /// The first device of the user to whom a client belongs: it stands for the user.
    pub fn first(&self, client: NodeId) -> NodeId {
        self.devices(client).map_or(client, |devices| devices[0])
    }

    /// What a user is called: by all devices, `c1+c3`.
    pub fn name(&self, client: NodeId) -> String {
        self.devices(client).map_or_else(|| client.to_string(), joined)
    }

    /// A device that is none of so many clients.
    pub(super) fn stranger(&self, clients: u16) -> Option<NodeId> {
        self.0.iter().flatten().find(|id| id.index() >= clients.into()).copied()
    }

    fn devices(&self, client: NodeId) -> Option<&[NodeId]> {
        self.0.iter().find(|devices| devices.contains(&client)).map(Vec::as_slice)
    }
}

fn joined(devices: &[NodeId]) -> String {
    devices.iter().map(NodeId::to_string).collect::<Vec<_>>().join("+")
}

impl Takes for Users {
    type Value = Users;
    const TAKES: &'static str = "none, or users by their devices, such as c1+c3 c2+c4";
    const WORDS: &'static [&'static str] = &["none"];
    const KIND: crate::cluster::model::SettingKind = crate::cluster::model::SettingKind::Text;

    fn read(text: &str) -> Result<Users, String> {
        if text == "none" {
            return Ok(Users::default());
        }
        let mut users = Vec::new();
        let mut seen = Vec::new();
        for user in text.split_whitespace() {
            let devices: Option<Vec<NodeId>> = user.split('+').map(|word| word.parse().ok().filter(|id: &NodeId| id.is_client())).collect();
            let devices = devices.filter(|devices| devices.len() >= 2).ok_or_else(String::new)?;
            for device in &devices {
                if seen.contains(device) {
                    return Err(format!("{device} stands there twice"));
                }
                seen.push(*device);
            }
            users.push(devices);
        }
        if users.is_empty() { Err(String::new()) } else { Ok(Users(users)) }
    }

    fn write(value: &Users) -> String {
        match &value.0[..] {
            [] => "none".to_string(),
            users => users.iter().map(|devices| joined(devices)).collect::<Vec<_>>().join(" "),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_of_a_user_are_one_and_every_other_client_is_itself() {
        let users = Users::read("c3+c1 c2+c4").unwrap();
        let firsts: Vec<String> = (0..5).map(|n| users.first(NodeId::client(n)).to_string()).collect();
        assert_eq!(firsts, ["c3", "c2", "c3", "c2", "c5"]);
        assert_eq!((users.name(NodeId::client(0)), users.name(NodeId::client(4))), ("c3+c1".into(), "c5".into()));
        assert_eq!((users.stranger(4), users.stranger(3)), (None, Some(NodeId::client(3))));
        assert_eq!((Users::write(&users), Users::write(&Users::default())), ("c3+c1 c2+c4".into(), "none".into()));
    }

    #[test]
    fn users_that_make_no_sense_are_refused() {
        for wrong in ["", "c1", "c1+", "c1+n2", "c1 c2", "c1+c2 c2+c3", "c1+c1", "none c1+c2"] {
            assert!(Users::read(wrong).is_err(), "{wrong}");
        }
        assert_eq!(Users::read("c1+c2 c2+c3"), Err("c2 stands there twice".into()));
    }
}
