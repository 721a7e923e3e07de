//! A server: keys, and what it keeps of each connection.

use super::args::{Argv, Text, argv, int, is};
use super::keyspace::Keyspace;
use super::nodes;
use super::reply::{Reply, error};
use super::run::{Around, Did, Expiry, run};
use super::session::Session;
use super::table::{Beyond, Command, Own, What, command, keys_of};
use crate::persistent::OrdMap;

/// Its state. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Server {
    /// All keys.
    pub keys: Keyspace,
    sessions: OrdMap<u32, Session>,
}

/// What became of a command.
#[derive(Clone, Debug, Default)]
pub struct Served {
    /// The answer; `None`: the process has to see to it, as [`Served::beyond`] says.
    pub reply: Option<Reply>,
    /// What is to be done elsewhere, in order; where several belong together, between MULTI and EXEC.
    pub stream: Vec<Argv>,
    /// Whether the command itself changed keys.
    pub changed: bool,
    /// How many elements were looked at: each takes its time.
    pub touched: u64,
    /// How many keys that were asked for were there, and were not.
    pub hits: (u64, u64),
    /// How many keys were found to have expired, and were deleted.
    pub expired: u64,
    /// What only the process can do.
    pub beyond: Option<Beyond>,
    /// What only the process can do of a transaction: in which place of the answer, and what.
    pub within: Vec<(usize, Beyond)>,
    /// What connections hear beside: which, and what.
    pub heard: Vec<(u32, Reply)>,
    /// Each PUBLISH: whoever listens at another server hears of it too.
    pub published: Vec<Argv>,
}

impl Served {
    fn told(reply: Reply) -> Served {
        Served { reply: Some(reply), ..Served::default() }
    }

    fn took(&mut self, did: &Did) {
        // What expired was not changed by the command.
        self.changed |= did.changed.len() as u64 > did.expired;
        self.touched += did.touched;
        self.hits.0 += did.hits.0;
        self.hits.1 += did.hits.1;
        self.expired += did.expired;
    }
}

/// Why a write is refused, as things are at the server.
pub type Refusal<'a> = &'a dyn Fn(bool) -> Option<Reply>;

/// What a command, or a transaction, asks of a server of a cluster.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the protocol")]
pub struct Asked<'a> {
    /// Its keys.
    pub keys: &'a [Text],
    /// Whether it can change any.
    pub writes: bool,
    /// Whether the client said ASKING before.
    pub asking: bool,
    /// Whether the client said READONLY: old values will do.
    pub reads_old: bool,
    /// Whether it moves keys to another server.
    pub moves: bool,
}

/// Why a server of a cluster, which has these keys, does not serve a command: what it answers.
pub type Route<'a> = &'a dyn Fn(&Asked<'_>, &Keyspace) -> Option<Reply>;

/// What decides whether a command is carried out.
#[derive(Clone, Copy)]
pub struct Gate<'a> {
    /// Why the server takes no writes, or none that need memory.
    pub refuses: Refusal<'a>,
    /// In cluster mode: who serves which keys.
    pub routes: Option<Route<'a>>,
}

impl Server {
    /// A server with these keys, and without connections.
    pub fn of(keys: Keyspace) -> Server {
        Server { keys, sessions: OrdMap::new() }
    }

    /// What is kept of a connection.
    pub fn session(&self, client: u32) -> Option<&Session> {
        self.sessions.get(&client)
    }

    /// A client said ASKING: its next command may be about a slot that is on its way here.
    pub fn asks(&mut self, client: u32) {
        self.sessions.entry(client).or_default().asking = true;
    }

    /// A connection is gone.
    pub fn hang_up(&mut self, client: u32) {
        self.sessions.remove(&client);
    }

    /// Who listens to a channel.
    pub fn listeners(&self, channel: &str) -> impl Iterator<Item = u32> {
        self.sessions.iter().filter(move |(_, session)| session.channels.contains(channel)).map(|(client, _)| *client)
    }

    /// Carries out one command of a connection, at a server that is no part of a cluster. `refuses` says why it takes no writes, or
    /// none that need memory.
    pub fn serve(&mut self, client: u32, argv: &Argv, around: Around, refuses: Refusal<'_>) -> Served {
        self.serve_behind(client, argv, around, Gate { refuses, routes: None })
    }

    /// Carries out one command of a connection, where it may be.
    pub fn serve_behind(&mut self, client: u32, argv: &Argv, around: Around, gate: Gate<'_>) -> Served {
        let found = match self.check(client, argv, gate) {
            Ok(found) => found,
            Err(reply) => {
                self.refused(client, argv);
                return Served::told(reply);
            }
        };
        let at_once = matches!(found.what, What::Session(Own::Multi | Own::Exec | Own::Discard | Own::Watch));
        if let Some(queued) = self.sessions.get_mut(&client).and_then(|session| session.queued.as_mut())
            && !at_once
        {
            queued.push_back(argv.clone());
            return Served::told(Reply::Status("QUEUED"));
        }
        let served = self.carry_out(client, found, argv, (around, gate.routes.is_some()));
        if let Some(session) = self.sessions.get_mut(&client) {
            // It counts for one command, or for one transaction.
            session.asking &= matches!(found.what, What::Session(Own::Asking)) || session.queued.is_some();
            if session.is_idle() {
                self.sessions.remove(&client);
            }
        }
        served
    }

    /// A command was refused: it spoils the transaction that it was to be a part of, or to end.
    fn refused(&mut self, client: u32, argv: &Argv) {
        let Some(session) = self.sessions.get_mut(&client) else { return };
        session.asking &= session.queued.is_some();
        if argv.first().is_some_and(|name| is(name, "EXEC")) {
            session.end();
        } else if session.queued.is_some() {
            session.is_wrong = true;
        }
    }

    /// The command of these words, where it may be carried out. In the order of `processCommand`.
    fn check(&self, client: u32, argv: &Argv, gate: Gate<'_>) -> Result<&'static Command, Reply> {
        let name = argv.first().map_or("", |name| &**name);
        let found = command(name).ok_or_else(|| unknown(name, argv))?;
        let is_exec = matches!(found.what, What::Session(Own::Exec));
        if !found.takes(argv.len()) {
            let begin = if is_exec { "EXECABORT Transaction discarded because of: " } else { "ERR " };
            return Err(error(format!("{begin}wrong number of arguments for '{}' command", found.name)));
        }
        if found.of_cluster() {
            nodes::check(argv)?;
        }
        let session = self.sessions.get(&client);
        let queued = session.and_then(|session| session.queued.as_ref());
        if queued.is_some() && matches!(found.what, What::Process(Own::Save)) {
            return Err(error("ERR Command not allowed inside a transaction"));
        }
        if let Some(routes) = gate.routes {
            self.route(session, found, argv, routes)?;
        }
        if let Some(why) = refusal(found, queued.filter(|_| is_exec), gate.refuses) {
            let aborts = why.error().filter(|_| is_exec).map(|text| error(format!("EXECABORT Transaction discarded because of: {text}")));
            return Err(aborts.unwrap_or(why));
        }
        if session.is_some_and(|session| !session.channels.is_empty()) && !may_listen(found) {
            let name = found.name;
            return Err(error(format!(
                "ERR Can't execute '{name}': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context"
            )));
        }
        Ok(found)
    }

    /// Whether a server of a cluster serves a command; EXEC is asked for all that it would do.
    fn route(&self, session: Option<&Session>, found: &Command, argv: &Argv, routes: Route<'_>) -> Result<(), Reply> {
        let queued = session.and_then(|session| session.queued.as_ref());
        let (mut keys, mut writes): (Vec<Text>, bool) = (Vec::new(), found.writes());
        match queued.filter(|_| matches!(found.what, What::Session(Own::Exec))) {
            None => keys.extend(keys_of(argv).cloned()),
            Some(queued) => {
                for one in queued {
                    keys.extend(keys_of(one).cloned());
                    writes |= command(&one[0]).is_some_and(Command::writes);
                }
            }
        }
        let asked = Asked {
            keys: &keys,
            writes,
            asking: session.is_some_and(|session| session.asking),
            reads_old: session.is_some_and(|session| session.reads_old),
            moves: matches!(found.what, What::Process(Own::Migrate)),
        };
        if keys.is_empty() { Ok(()) } else { routes(&asked, &self.keys).map_or(Ok(()), Err) }
    }

    /// `is_cluster`: whether the server is a part of one.
    fn carry_out(&mut self, client: u32, found: &Command, argv: &Argv, (around, is_cluster): (Around, bool)) -> Served {
        match found.what {
            _ if found.of_cluster() && !is_cluster => Served::told(error("ERR This instance has cluster support disabled")),
            What::Reads(does) | What::Writes { does, .. } => {
                let did = run(&mut self.keys, argv, does, around);
                self.spoil(client, &did.changed);
                let mut served = Served { reply: did.reply.clone(), stream: did.stream.clone(), ..Served::default() };
                served.took(&did);
                served
            }
            What::Session(Own::Exec) => self.exec(client, (around, is_cluster)),
            What::Session(Own::Publish) => self.publish(argv),
            What::Session(Own::Subscribe | Own::Unsubscribe) => self.channels(client, argv),
            What::Session(own) => Served::told(self.session_command(client, own, argv, around).unwrap_or_else(|error| error)),
            What::Process(own) => match beyond(own, argv) {
                Ok(beyond) => Served { beyond: Some(beyond), ..Served::default() },
                Err(error) => Served::told(error),
            },
        }
    }

    /// Keys changed: who watches one of them has watched in vain.
    fn spoil(&mut self, by: u32, changed: &[Text]) {
        if changed.is_empty() {
            return;
        }
        let watch = |session: &Session| session.watched.iter().any(|(key, _)| changed.contains(key));
        let spoiled: Vec<u32> = self.sessions.iter().filter(|(id, session)| **id != by && watch(session)).map(|(id, _)| *id).collect();
        for id in spoiled.into_iter().chain([by]) {
            if let Some(session) = self.sessions.get_mut(&id).filter(|session| watch(session)) {
                session.is_dirty = true;
            }
        }
    }

    /// Keys changed that no connection of this server changed.
    pub fn changed_elsewhere(&mut self, changed: &[Text]) {
        self.spoil(u32::MAX, changed);
    }

    fn session_command(&mut self, client: u32, own: Own, argv: &Argv, around: Around) -> Result<Reply, Reply> {
        let session = self.sessions.entry(client).or_default();
        match own {
            Own::Multi if session.queued.is_some() => Err(error("ERR MULTI calls can not be nested")),
            Own::Multi => {
                session.queued = Some(imbl::Vector::new());
                Ok(Reply::OK)
            }
            Own::Discard if session.queued.is_none() => Err(error("ERR DISCARD without MULTI")),
            Own::Discard => {
                session.end();
                Ok(Reply::OK)
            }
            Own::Watch if session.queued.is_some() => Err(error("ERR WATCH inside MULTI is not allowed")),
            Own::Watch => {
                let over = |key: &Text| self.keys.peek(key).is_some_and(|entry| entry.is_over(around.now));
                session.watched.extend(argv[1..].iter().map(|key| (key.clone(), over(key))));
                Ok(Reply::OK)
            }
            Own::Unwatch => {
                session.unwatch();
                Ok(Reply::OK)
            }
            Own::Ping if argv.len() > 2 => Err(error("ERR wrong number of arguments for 'ping' command")),
            Own::Ping if !session.channels.is_empty() => {
                Ok(Reply::texts(["pong".into(), argv.get(1).cloned().unwrap_or_else(|| "".into())]))
            }
            Own::Ping => Ok(argv.get(1).map_or(Reply::Status("PONG"), |text| Reply::Bulk(text.clone()))),
            Own::Echo => Ok(Reply::Bulk(argv[1].clone())),
            Own::Asking => {
                session.asking = true;
                Ok(Reply::OK)
            }
            Own::ReadOnly | Own::ReadWrite => {
                session.reads_old = own == Own::ReadOnly;
                Ok(Reply::OK)
            }
            _ => Err(error("ERR not a command of a connection")),
        }
    }

    /// All commands of a transaction, with nothing between them. One that fails stops none of the others.
    fn exec(&mut self, client: u32, (around, is_cluster): (Around, bool)) -> Served {
        let session = self.sessions.entry(client).or_default();
        let Some(queued) = session.queued.take() else { return Served::told(error("ERR EXEC without MULTI")) };
        let now_over = |(key, was_over): &(Text, bool)| !was_over && self.keys.peek(key).is_some_and(|entry| entry.is_over(around.now));
        let is_dirty = session.is_dirty || (around.expiry != Expiry::Ignores && session.watched.iter().any(now_over));
        let is_wrong = session.is_wrong;
        session.end();
        if is_wrong {
            return Served::told(error("EXECABORT Transaction discarded because of previous errors."));
        }
        if is_dirty {
            return Served::told(Reply::Nil);
        }
        let (mut whole, mut replies) = (Served::default(), Vec::new());
        for argv in &queued {
            let Some(found) = command(&argv[0]) else { continue };
            let one = self.carry_out(client, found, argv, (around, is_cluster));
            if let Some(beyond) = one.beyond {
                whole.within.push((replies.len(), beyond));
            }
            replies.push(one.reply.unwrap_or(Reply::Nil));
            whole.stream.extend(one.stream);
            whole.heard.extend(one.heard);
            whole.published.extend(one.published);
            whole.changed |= one.changed;
            whole.touched += one.touched;
            whole.expired += one.expired;
            whole.hits = (whole.hits.0 + one.hits.0, whole.hits.1 + one.hits.1);
        }
        if whole.stream.len() > 1 {
            whole.stream.insert(0, argv(&["MULTI"]));
            whole.stream.push(argv(&["EXEC"]));
        }
        whole.reply = Some(Reply::Array(replies));
        whole
    }

    /// SUBSCRIBE and UNSUBSCRIBE: one answer for each channel, of which the first is that of the command.
    fn channels(&mut self, client: u32, argv: &Argv) -> Served {
        let session = self.sessions.entry(client).or_default();
        let joins = is(&argv[0], "SUBSCRIBE");
        let named: Vec<Text> = if argv.len() > 1 { argv[1..].to_vec() } else { session.channels.iter().cloned().collect() };
        let mut told = Vec::new();
        for name in &named {
            if joins {
                _ = session.channels.insert(name.clone());
            } else {
                _ = session.channels.remove(name);
            }
            let what = if joins { "subscribe" } else { "unsubscribe" };
            told.push(channel(what, Reply::Bulk(name.clone()), session));
        }
        if told.is_empty() {
            told.push(channel("unsubscribe", Reply::Nil, session));
        }
        let first = told.remove(0);
        Served { heard: told.into_iter().map(|reply| (client, reply)).collect(), ..Served::told(first) }
    }

    fn publish(&mut self, argv: &Argv) -> Served {
        let heard = self.hear(argv);
        let count = Reply::count(heard.len());
        Served { heard, published: vec![argv.clone()], ..Served::told(count) }
    }

    /// What those who listen here hear of a PUBLISH.
    pub fn hear(&self, argv: &Argv) -> Vec<(u32, Reply)> {
        let [_, channel, text] = &**argv else { return Vec::new() };
        let said = Reply::texts(["message".into(), channel.clone(), text.clone()]);
        self.listeners(channel).map(|client| (client, said.clone())).collect()
    }
}

fn may_listen(found: &Command) -> bool {
    matches!(found.what, What::Session(Own::Subscribe | Own::Unsubscribe | Own::Ping))
}

fn channel(what: &str, name: Reply, session: &Session) -> Reply {
    Reply::Array(vec![Reply::Bulk(what.into()), name, Reply::count(session.channels.len())])
}

/// Why a write is refused; EXEC is asked for all that it would do.
fn refusal(found: &Command, queued: Option<&imbl::Vector<Argv>>, refuses: Refusal<'_>) -> Option<Reply> {
    let grows = |command: &Command| if let What::Writes { grows, .. } = command.what { Some(grows) } else { None };
    let of_all = queued.into_iter().flatten().filter_map(|argv| grows(command(&argv[0])?));
    let needs = of_all.chain(grows(found)).reduce(|a, b| a || b)?;
    refuses(needs)
}

/// How much of unknown words is repeated, in bytes.
const REPEATED: usize = 128;

/// The beginning of a text, of so many bytes at most.
fn cut(text: &str, most: usize) -> &str {
    let end = (0..=most.min(text.len())).rev().find(|end| text.is_char_boundary(*end));
    &text[..end.unwrap_or(0)]
}

fn unknown(name: &str, argv: &Argv) -> Reply {
    let mut words = String::new();
    for word in argv.iter().skip(1) {
        if words.len() >= REPEATED {
            break;
        }
        words.extend(["'", cut(word, REPEATED - words.len()), "' "]);
    }
    let text = format!("ERR unknown command '{}', with args beginning with: {words}", cut(name, REPEATED));
    error(text.replace(['\r', '\n'], " "))
}

fn beyond(own: Own, argv: &Argv) -> Result<Beyond, Reply> {
    Ok(match own {
        Own::Save => Beyond::Save,
        Own::BgSave if argv.len() > 2 || argv.get(1).is_some_and(|word| !is(word, "SCHEDULE")) => return Err(error("ERR syntax error")),
        Own::BgSave => Beyond::BgSave,
        Own::BgRewrite => Beyond::BgRewrite,
        Own::Cluster => Beyond::Cluster(argv.clone()),
        Own::Migrate => nodes::migrate(argv)?,
        Own::Wait => {
            let (replicas, timeout) = (int(&argv[1])?, int(&argv[2]).map_err(|_| error("ERR timeout is not an integer or out of range"))?);
            let timeout = u64::try_from(timeout).map_err(|_| error("ERR timeout is negative"))?;
            // Fewer than none is none.
            Beyond::Wait { replicas: u64::try_from(replicas).unwrap_or(0), timeout }
        }
        _ => Beyond::Role,
    })
}
