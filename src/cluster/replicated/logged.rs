//! The log, as the kit follows it.

use std::sync::Arc;

use crate::check::operation::{Key, Value};
use crate::cluster::kit::logged::{Ledger, Logged};
use crate::persistent::OrdMap;
use crate::sim::id::{NodeId, RequestId};
use crate::sim::kernel::Sim;
use crate::sim::packed::Packed;

use super::Replicated;
use super::entry::{Data, Disk, Entry};
use super::message::Msg;
use super::server::{Role, Server};
use super::settings::{Settings, Shipping};
use super::watch::Watch;

impl Replicated {
    fn server(&self) -> Option<&Server> {
        match self {
            Replicated::Server(server) => Some(server),
            Replicated::Client(_) => None,
        }
    }

    fn data(&self) -> Option<&Data> {
        self.server().map(|server| &server.data)
    }
}

impl Logged for Replicated {
    type Entry = Arc<Entry>;

    fn log(disk: &Disk) -> &Packed<Arc<Entry>> {
        &disk.log
    }

    fn has(disk: &Disk, request: u32) -> bool {
        disk.seen.contains(request)
    }

    fn kept(disk: &Disk) -> impl Iterator<Item = RequestId> {
        disk.offers.iter().flat_map(|offer| offer.writes.iter()).map(|written| written.request)
    }

    fn carried(msg: &Msg) -> impl Iterator<Item = RequestId> {
        msg.carried()
    }

    fn sends_places(settings: &Settings) -> bool {
        settings.shipping == Shipping::Log
    }

    fn request(entry: &Arc<Entry>) -> Option<RequestId> {
        entry.request()
    }

    fn key(entry: &Arc<Entry>) -> Option<&Key> {
        entry.key()
    }

    fn term(entry: &Arc<Entry>) -> u64 {
        entry.epoch
    }

    fn applied(&self) -> u64 {
        self.server().map_or(0, |server| server.applied)
    }

    fn leads(&self) -> bool {
        self.server().is_some_and(Server::is_leader)
    }

    fn has_stopped(&self) -> bool {
        self.server().is_some_and(|server| matches!(server.role, Role::Stranded))
    }

    fn value(&self, key: &Key) -> Option<&Value> {
        self.data()?.get(key).map(|cell| &cell.value)
    }

    fn keys(&self) -> impl Iterator<Item = &Key> {
        self.data().into_iter().flat_map(OrdMap::keys)
    }

    fn rows(&self) -> Vec<(Key, Value)> {
        let tables = self.server().into_iter().flat_map(|server| server.sql.tables());
        let named = tables.flat_map(|(name, table)| table.named().into_iter().map(move |(key, row)| (name, table, key, row)));
        named.map(|(name, table, key, row)| (format!("{name} {key}").into(), Value::from(table.rest(row).as_str()))).collect()
    }

    fn leaders(sim: &Sim<Self>) -> Vec<NodeId> {
        super::facts::leaders(sim)
    }

    fn ledger(watch: &Watch) -> &Ledger<Arc<Entry>> {
        &watch.ledger
    }
}
