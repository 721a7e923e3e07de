//! What a server does with what has arrived.

use crate::algo::redis::{Argv, Asked, Beyond, Gate, Keyspace, Reply, Served, error, keys_of, make_room};
use crate::sim::id::{NodeId, RequestId};
use crate::sim::time::Span;

use super::message::{Info, Msg, Record, Ret, resp};
use super::node::{Job, Node, wall};
use super::note::Note;
use super::route::route;
use super::settings::Aof;
use super::{Context, Timer};

const READ_ONLY: &str = "READONLY You can't write against a read only replica.";
const OUT_OF_MEMORY: &str = "OOM command not allowed when used memory > 'maxmemory'.";
const TOO_FEW: &str = "NOREPLICAS Not enough good replicas to write.";
const LOG_FAILED: &str = "MISCONF Errors writing to the AOF file: No space left on device";
const SNAPSHOT_FAILED: &str = "MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to disk. Commands that may modify the data set are disabled, because this instance is configured to report errors during writes if RDB snapshotting fails (stop-writes-on-bgsave-error option). Please check the Redis logs for details about the RDB error.";

/// How many keys that expire a master looks at in one go.
const LOOKS: u64 = 20;
/// It goes on at once while more than one in so many of them had expired, so often at most.
const ENOUGH: u64 = 4;
const ROUNDS: u32 = 16;

/// The number of a connection.
pub(super) fn connection(client: NodeId) -> u32 {
    u32::from(client.code())
}

impl Node {
    pub(super) fn carry_out(&mut self, from: NodeId, msg: Msg, cx: &mut Context<'_>) {
        match msg {
            Msg::Do { request, argv, asking } => {
                if asking {
                    self.server.asks(connection(from));
                }
                return self.serve(from, request, &argv, cx);
            }
            Msg::Sync { replid, offset, number } => self.on_sync(from, (replid, offset), Some(number), cx),
            Msg::Ack { replid, offset } => self.on_ack(from, replid, offset, cx),
            Msg::Full { data, number } if self.follows == Some(from) => self.on_full(&data, number, cx),
            Msg::Stream { replid, from: start, records, answers } if self.follows == Some(from) => {
                self.on_stream((replid, start), &records, answers, cx);
            }
            Msg::Unlinked if self.follows == Some(from) => {
                self.linked = false;
                self.ask_for_stream(cx);
            }
            Msg::GetAck if self.follows == Some(from) => self.send_ack(cx),
            Msg::Ping => self.say(from, Msg::Pong(Info { follows: self.follows, offset: self.offset }), cx),
            Msg::Publish(argv) => self.on_publish(&argv, cx),
            Msg::Beat(beat) => self.on_beat(from, &beat, cx),
            Msg::Failed(whom) => self.on_failed(whom, cx),
            Msg::Ballot { of, epoch, claimed } => self.on_ballot(from, (of, epoch, claimed), cx),
            Msg::Vote { epoch } => self.on_vote(from, epoch, cx),
            Msg::Restore(restore) => self.on_restore(from, &restore, cx),
            Msg::Restored { number, wrong } => self.on_restored(number, wrong, cx),
            Msg::TakeSlot(slot) => self.on_take_slot(from, slot, cx),
            Msg::TookSlot(slot) => self.on_took_slot(from, slot, cx),
            Msg::Which => {
                if let Some(bus) = &self.bus {
                    let map = bus.conf.slots.clone();
                    self.say(from, Msg::Map(map), cx);
                }
            }
            Msg::Promote => self.promote(cx),
            Msg::Follow(master) => self.follow(master, cx),
            _ => {}
        }
        self.spend(None, 0, cx);
    }

    /// A command of a client.
    fn serve(&mut self, client: NodeId, request: RequestId, argv: &Argv, cx: &mut Context<'_>) {
        self.counts.commands += 1;
        let is_short_of_memory = self.make_room(cx).is_err();
        let refusal = self.refusal(is_short_of_memory, cx);
        let around = self.around(false, cx);
        let (bus, me) = (&self.bus, (cx.id(), self.follows));
        let routes = |asked: &Asked<'_>, keys: &Keyspace| bus.as_ref().and_then(|bus| route(bus, me, around.now, asked, keys));
        let gate = Gate { refuses: &|grows| refusal(grows), routes: if bus.is_some() { Some(&routes) } else { None } };
        let served = self.server.serve_behind(connection(client), argv, around, gate);
        let slot = self.slot_asked(argv, &served);
        self.spend(Some(argv), served.touched, cx);
        self.counts.hits += served.hits.0;
        self.counts.misses += served.hits.1;
        self.counts.expired += served.expired;
        self.record(&served, request);
        if served.changed {
            self.wrote.insert(client, self.offset);
        }
        self.tell_listeners(&served.heard, cx);
        for argv in &served.published {
            self.pass_on(argv, cx);
        }
        let mut served = served;
        for (place, beyond) in std::mem::take(&mut served.within) {
            let told = self.within(client, &beyond, cx);
            if let Some(Reply::Array(all)) = &mut served.reply {
                all[place] = told;
            }
        }
        match (served.reply, served.beyond) {
            (Some(reply), _) => self.tell_of(client, request, (reply, served.changed, slot), cx),
            (None, Some(beyond)) => self.go_beyond(client, request, beyond, cx),
            (None, None) => {}
        }
        self.look_for_expired_later(cx);
    }

    /// Those who listen here hear something.
    fn tell_listeners(&mut self, heard: &[(u32, Reply)], cx: &mut Context<'_>) {
        for (connection, said) in heard {
            if let Some(listener) = cx.clients().find(|id| super::execute::connection(*id) == *connection) {
                self.say(listener, Msg::Heard(said.clone()), cx);
            }
        }
    }

    /// A PUBLISH goes on to where others listen: in a cluster to every server, else from the master with the stream. That of a replica
    /// is heard there alone.
    fn pass_on(&mut self, argv: &Argv, cx: &mut Context<'_>) {
        if self.bus.is_some() {
            self.broadcast(&Msg::Publish(argv.clone()), cx);
        } else if self.is_master() {
            self.push(argv.clone(), None);
        }
    }

    /// A PUBLISH from elsewhere.
    pub(super) fn on_publish(&mut self, argv: &Argv, cx: &mut Context<'_>) {
        let heard = self.server.hear(argv);
        self.tell_listeners(&heard, cx);
    }

    /// A master with keys that expire looks for them after a while.
    pub(super) fn look_for_expired_later(&self, cx: &mut Context<'_>) {
        if self.server.keys.volatile() > 0 && self.is_master() && cx.settings().active_expiry {
            cx.start_timer(EXPIRE_EVERY, Timer::Expire);
        }
    }

    /// What changed goes into the stream.
    fn record(&mut self, served: &Served, request: RequestId) {
        // A replica that deletes by itself tells nobody: its stream is its master's.
        let last = if self.is_master() { served.stream.len() } else { 0 };
        for (n, argv) in served.stream.iter().take(last).enumerate() {
            let own = served.changed && n + 1 == last;
            self.push(argv.clone(), own.then_some(request));
        }
        if served.changed {
            self.done.insert(request);
        }
    }

    /// One more command for the log and the replicas.
    pub(super) fn push(&mut self, argv: Argv, request: Option<RequestId>) {
        self.offset += resp(&argv);
        self.fresh.push(Record { argv, end: self.offset, request, brings: None });
    }

    pub(super) fn tell(&mut self, client: NodeId, request: RequestId, reply: Reply, changed: bool, cx: &mut Context<'_>) {
        self.tell_of(client, request, (reply, changed, None), cx);
    }

    /// The same, with the slot that it was about.
    fn tell_of(&mut self, client: NodeId, request: RequestId, (reply, changed, slot): (Reply, bool, Option<u16>), cx: &mut Context<'_>) {
        let ret = Ret { reply, changed, by: (cx.id(), self.life), slot };
        self.say(client, Msg::Told { request, ret }, cx);
    }

    /// The slot that a command was about, in a cluster.
    fn slot_asked(&self, argv: &Argv, served: &Served) -> Option<u16> {
        self.bus.as_ref()?;
        let mut all = std::iter::once(argv).chain(&served.stream).flat_map(keys_of);
        all.next().map(|key| crate::algo::redis::slot(key))
    }

    /// Why writes are refused as things are: for all, or for those that need memory.
    fn refusal(&self, is_short_of_memory: bool, cx: &Context<'_>) -> impl Fn(bool) -> Option<Reply> + use<> {
        let settings = cx.settings();
        let all = match () {
            () if !self.is_master() => Some(READ_ONLY),
            () if self.files.log_failed && settings.aof != Aof::Off => Some(LOG_FAILED),
            () if self.files.snapshot_failed && settings.save.is_some() => Some(SNAPSHOT_FAILED),
            () if self.good_replicas(cx) < settings.min_replicas as usize => Some(TOO_FEW),
            () => None,
        };
        move |grows| all.or((grows && is_short_of_memory).then_some(OUT_OF_MEMORY)).map(error)
    }

    /// Before each command: keys go where memory is short. `Err`: none may, or all that may are gone.
    fn make_room(&mut self, cx: &mut Context<'_>) -> Result<(), ()> {
        let settings = cx.settings();
        let (Some(most), true) = (settings.maxmemory, self.is_master()) else { return Ok(()) };
        let policy = (settings.policy, settings.samples as usize);
        let mut draws = cx.rng();
        let made = make_room(&mut self.server.keys, policy, u64::from(most), || draws.unit());
        let (gone, is_enough) = match made {
            Ok(gone) => (gone, Ok(())),
            Err(gone) => (gone, Err(())),
        };
        let names: Vec<_> = gone.iter().map(|victim| victim.key.clone()).collect();
        self.server.changed_elsewhere(&names);
        for victim in gone {
            self.counts.evicted += 1;
            let rank = (victim.newer * MILLION).checked_div(victim.others).unwrap_or(0);
            cx.note(Note::Evicted { key: victim.key.clone(), idle: wall(cx).saturating_sub(victim.used), rank });
            self.push(crate::algo::redis::argv(&["DEL", &victim.key]), None);
        }
        is_enough
    }

    /// What only a process can do of a transaction: it waits for nothing.
    fn within(&mut self, client: NodeId, beyond: &Beyond, cx: &mut Context<'_>) -> Reply {
        match beyond {
            Beyond::Wait { .. } => Reply::count(self.having(self.wrote.get(&client).copied().unwrap_or(0)) as usize),
            Beyond::BgSave => match self.begin_snapshot(cx) {
                Reply::Status(_) => Reply::Status("Background saving scheduled"),
                other => other,
            },
            Beyond::BgRewrite => match self.begin_rewrite(cx) {
                Reply::Status(_) => Reply::Status("Background append only file rewriting scheduled"),
                other => other,
            },
            Beyond::Role => self.tell_role(),
            Beyond::Cluster(argv) => self.cluster_command(argv, cx),
            Beyond::Save | Beyond::Migrate { .. } => error("ERR Command not allowed inside a transaction"),
        }
    }

    /// What only a process can do.
    fn go_beyond(&mut self, client: NodeId, request: RequestId, beyond: Beyond, cx: &mut Context<'_>) {
        let reply = match beyond {
            Beyond::Wait { replicas, timeout } => return self.wait_for(client, request, (replicas, timeout), cx),
            Beyond::Cluster(argv) => self.cluster_command(&argv, cx),
            Beyond::Migrate { to, key, replaces, timeout } => {
                let to = to.parse().ok().filter(|to: &NodeId| cx.settings().others(cx.id()).any(|id| id == *to));
                let asked = Some((client, request));
                let done = to.map_or_else(
                    || Some(error("IOERR error or timeout connecting to the client")),
                    |to| self.migrate(asked, (to, &key), (replaces, Span::ms(timeout)), cx),
                );
                match done {
                    Some(reply) => reply,
                    None => return,
                }
            }
            Beyond::Save => self.save_now(cx),
            Beyond::BgSave => self.begin_snapshot(cx),
            Beyond::BgRewrite => self.begin_rewrite(cx),
            Beyond::Role => self.tell_role(),
        };
        self.tell(client, request, reply, false, cx);
    }

    fn tell_role(&self) -> Reply {
        let offset = Reply::Int(i64::try_from(self.offset).unwrap_or(i64::MAX));
        let text = |text: String| Reply::Bulk(text.into());
        match self.follows {
            None => {
                let replica =
                    |(id, link): (&NodeId, &super::lead::Link)| Reply::texts([id.to_string().into(), link.acked.to_string().into()]);
                Reply::Array(vec![text("master".into()), offset, Reply::Array(self.links.iter().map(replica).collect())])
            }
            Some(master) => {
                let state = if self.linked { "connected" } else { "connect" };
                Reply::Array(vec![text("slave".into()), text(master.to_string()), text(state.into()), offset])
            }
        }
    }

    /// The timer of a master that looks for keys that have expired.
    pub(super) fn on_expire(&mut self, cx: &mut Context<'_>) {
        if self.is_master() && cx.settings().active_expiry {
            self.on_job(Job::Expire, cx);
        }
    }

    pub(super) fn look_for_expired(&mut self, cx: &mut Context<'_>) {
        let now = wall(cx);
        for _ in 0..ROUNDS {
            let mut draws = cx.rng();
            let mut found: Vec<_> = Vec::new();
            for _ in 0..LOOKS {
                if let Some((key, entry)) = self.server.keys.pick(true, draws.unit())
                    && entry.is_over(now)
                {
                    found.push(key.clone());
                    let key = key.clone();
                    self.server.keys.remove(&key);
                }
            }
            self.spend(None, LOOKS, cx);
            self.counts.expired += found.len() as u64;
            self.server.changed_elsewhere(&found);
            let enough = found.len() as u64 * ENOUGH <= LOOKS;
            for key in found {
                cx.note(Note::Expired { key: key.clone() });
                self.push(crate::algo::redis::argv(&["DEL", &key]), None);
            }
            if enough {
                break;
            }
        }
        if self.server.keys.volatile() > 0 {
            cx.start_timer(EXPIRE_EVERY, Timer::Expire);
        }
    }
}

/// In how many parts a rank is told.
const MILLION: usize = 1_000_000;

/// How often a master looks: `hz 10`.
const EXPIRE_EVERY: Span = Span::ms(100);
