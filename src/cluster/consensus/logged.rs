//! The log, as the kit follows it.

use std::sync::Arc;

use crate::check::operation::{Key, Value};
use crate::cluster::kit::logged::{Ledger, Logged};
use crate::sim::id::{NodeId, RequestId};
use crate::sim::kernel::Sim;
use crate::sim::packed::Packed;

use super::Consensus;
use super::log::{Disk, Entry};
use super::message::Msg;
use super::server::Server;
use super::watch::Watch;

impl Consensus {
    fn server(&self) -> Option<&Server> {
        match self {
            Consensus::Server(server) => Some(server),
            Consensus::Client(_) => None,
        }
    }
}

impl Logged for Consensus {
    type Entry = Arc<Entry>;

    fn log(disk: &Disk) -> &Packed<Arc<Entry>> {
        &disk.log
    }

    fn has(disk: &Disk, request: u32) -> bool {
        disk.seen.contains(request)
    }

    fn carried(msg: &Msg) -> impl Iterator<Item = RequestId> {
        msg.carried()
    }

    fn request(entry: &Arc<Entry>) -> Option<RequestId> {
        entry.request().map(|(request, _)| request)
    }

    fn key(entry: &Arc<Entry>) -> Option<&Key> {
        entry.key()
    }

    fn term(entry: &Arc<Entry>) -> u64 {
        entry.term
    }

    fn applied(&self) -> u64 {
        self.server().map_or(0, |server| server.applied)
    }

    fn leads(&self) -> bool {
        self.server().is_some_and(Server::is_leader)
    }

    fn value(&self, key: &Key) -> Option<&Value> {
        self.server()?.machine.data.get(key).map(|cell| &cell.value)
    }

    fn keys(&self) -> impl Iterator<Item = &Key> {
        self.server().into_iter().flat_map(|server| server.machine.data.keys())
    }

    fn leaders(sim: &Sim<Self>) -> Vec<NodeId> {
        super::look::leaders(sim)
    }

    fn ledger(watch: &Watch) -> &Ledger<Arc<Entry>> {
        &watch.ledger
    }
}
