//! The answers to CLUSTER: who has which slots, as this server sees it.

use crate::algo::redis::{Argv, Reply, SLOTS, error, int, is, slot};
use crate::sim::id::NodeId;

use super::Context;
use super::bus::Bus;
use super::node::Node;
use super::route::PORT;
use super::slots::written;

pub(super) const WRONG_ACTION: &str = "ERR Invalid CLUSTER SETSLOT action or number of arguments. Try CLUSTER HELP";

/// The slot of a word.
pub(super) fn slot_of(word: &str) -> Result<u16, Reply> {
    let number = int(word).ok().and_then(|number| u16::try_from(number).ok()).filter(|number| *number < SLOTS);
    number.ok_or_else(|| error("ERR Invalid or out of range slot"))
}

fn text(text: impl Into<String>) -> Reply {
    Reply::Bulk(text.into().into())
}

fn number(number: impl Into<i64>) -> Reply {
    Reply::Int(number.into())
}

impl Node {
    /// CLUSTER and its words.
    pub(super) fn cluster_command(&mut self, argv: &Argv, cx: &mut Context<'_>) -> Reply {
        let word = |name: &str| is(&argv[1], name);
        match () {
            () if word("SETSLOT") => self.set_slot(argv, cx).unwrap_or_else(|wrong| wrong),
            () if word("FAILOVER") => self.failover_command(argv, cx),
            () => self.tell_cluster(argv, cx.id()).unwrap_or_else(|wrong| wrong),
        }
    }

    fn failover_command(&mut self, argv: &Argv, cx: &mut Context<'_>) -> Reply {
        match &argv[2..] {
            [] => {}
            [word] if is(word, "TAKEOVER") || is(word, "FORCE") => {}
            _ => return error("ERR syntax error"),
        }
        if self.is_master() {
            return error("ERR You should send CLUSTER FAILOVER to a replica");
        }
        if argv.len() != 3 || !is(&argv[2], "TAKEOVER") {
            return error("ERR of CLUSTER FAILOVER there is TAKEOVER here, which asks nobody");
        }
        self.take_over_at_once(cx);
        Reply::OK
    }

    fn tell_cluster(&self, argv: &Argv, me: NodeId) -> Result<Reply, Reply> {
        let Some(bus) = &self.bus else { return Err(error("ERR This instance has cluster support disabled")) };
        let word = |name: &str| is(&argv[1], name);
        Ok(match () {
            () if word("KEYSLOT") => number(slot(&argv[2])),
            () if word("MYID") => text(me.to_string()),
            () if word("COUNTKEYSINSLOT") => {
                let at = int(&argv[2])?;
                let at = u16::try_from(at).ok().filter(|at| *at < SLOTS).ok_or_else(|| error("ERR Invalid slot"))?;
                Reply::count(self.keys_in(at).count())
            }
            () if word("GETKEYSINSLOT") => {
                let (at, most) = (int(&argv[2])?, int(&argv[3])?);
                let wrong = || error("ERR Invalid slot or number of keys");
                let at = u16::try_from(at).ok().filter(|at| *at < SLOTS).ok_or_else(wrong)?;
                let most = usize::try_from(most).map_err(|_| wrong())?;
                Reply::texts(self.keys_in(at).take(most).cloned())
            }
            () if word("INFO") => text(info(bus, me)),
            () if word("NODES") => text(nodes(bus, me)),
            () if word("SLOTS") => Reply::Array(bus.conf.slots.ranges().map(|range| of_range(bus, range)).collect()),
            () if word("SHARDS") => Reply::Array(bus.conf.slots.owners().iter().map(|id| shard(bus, *id)).collect()),
            () => {
                slot_of(&argv[2])?;
                return Err(error(format!("ERR Slot {} is already busy", argv[2])));
            }
        })
    }
}

/// Who follows a primary.
fn replicas(bus: &Bus, of: NodeId) -> impl Iterator<Item = NodeId> {
    bus.conf.members.iter().filter(move |(_, member)| member.follows == Some(of)).map(|(id, _)| *id)
}

fn info(bus: &Bus, me: NodeId) -> String {
    let owners = bus.conf.slots.owners();
    let slots = |which: &dyn Fn(&NodeId) -> bool| -> u32 { owners.iter().filter(|id| which(id)).map(|id| bus.conf.slots.count(*id)).sum() };
    let failed = slots(&|id| bus.failed.contains_key(id));
    let doubted = slots(&|id| bus.doubts.contains(id) && !bus.failed.contains_key(id));
    let all = slots(&|_| true);
    let lines = [
        format!("cluster_state:{}", if bus.is_ok { "ok" } else { "fail" }),
        format!("cluster_slots_assigned:{all}"),
        format!("cluster_slots_ok:{}", all - failed - doubted),
        format!("cluster_slots_pfail:{doubted}"),
        format!("cluster_slots_fail:{failed}"),
        format!("cluster_known_nodes:{}", bus.conf.members.len()),
        format!("cluster_size:{}", owners.len()),
        format!("cluster_current_epoch:{}", bus.conf.current),
        format!("cluster_my_epoch:{}", bus.conf.epoch(bus.conf.members.get(&me).and_then(|member| member.follows).unwrap_or(me))),
    ];
    lines.join("\n")
}

fn nodes(bus: &Bus, me: NodeId) -> String {
    let line = |(id, member): (&NodeId, &super::bus::Member)| {
        let (role, whom) = member.follows.map_or(("master", "-".to_string()), |whom| ("slave", whom.to_string()));
        let mut flags = if *id == me { format!("myself,{role}") } else { role.to_string() };
        if bus.failed.contains_key(id) {
            flags.push_str(",fail");
        } else if bus.doubts.contains(id) {
            flags.push_str(",fail?");
        }
        let epoch = bus.conf.epoch(member.follows.unwrap_or(*id));
        let link = if bus.doubts.contains(id) { "disconnected" } else { "connected" };
        let mut told = format!("{id} {id}:{PORT} {flags} {whom} {epoch} {link}");
        let slots = written(&bus.conf.slots.of(*id));
        if !slots.is_empty() {
            told.extend([" ", &slots]);
        }
        if *id == me {
            told.extend(bus.conf.migrating.iter().map(|(at, to)| format!(" [{at}->-{to}]")));
            told.extend(bus.conf.importing.iter().map(|(at, from)| format!(" [{at}-<-{from}]")));
        }
        told
    };
    bus.conf.members.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn of_range(bus: &Bus, (start, end, owner): (u16, u16, NodeId)) -> Reply {
    let server = |id: NodeId| Reply::Array(vec![text(id.to_string()), Reply::Int(6379), text(id.to_string())]);
    let servers = [owner].into_iter().chain(replicas(bus, owner)).map(server);
    Reply::Array([number(start), number(end)].into_iter().chain(servers).collect())
}

fn shard(bus: &Bus, owner: NodeId) -> Reply {
    let ranges = bus.conf.slots.of(owner).into_iter().flat_map(|(start, end)| [number(start), number(end)]).collect();
    let server = |id: NodeId| {
        let role = if id == owner { "master" } else { "replica" };
        let health = if bus.failed.contains_key(&id) { "fail" } else { "online" };
        Reply::Array(["id", &id.to_string(), "role", role, "health", health].map(text).to_vec())
    };
    let servers = [owner].into_iter().chain(replicas(bus, owner)).map(server).collect();
    Reply::Array(vec![text("slots"), Reply::Array(ranges), text("nodes"), Reply::Array(servers)])
}
