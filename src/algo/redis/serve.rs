//! A server: keys, and what it keeps of each connection.

use imbl::OrdMap;

use super::args::{Argv, Text, argv, int, is};
use super::keyspace::Keyspace;
use super::reply::{Reply, error};
use super::run::{Around, Did, Expiry, run};
use super::session::Session;
use super::slot;
use super::table::{Beyond, Command, Own, What, command};

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
    /// What connections hear beside: which, and what.
    pub heard: Vec<(u32, Reply)>,
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

impl Server {
    /// A server with these keys, and without connections.
    pub fn of(keys: Keyspace) -> Server {
        Server { keys, sessions: OrdMap::new() }
    }

    /// What is kept of a connection.
    pub fn session(&self, client: u32) -> Option<&Session> {
        self.sessions.get(&client)
    }

    /// A connection is gone.
    pub fn hang_up(&mut self, client: u32) {
        self.sessions.remove(&client);
    }

    /// Who listens to a channel.
    pub fn listeners(&self, channel: &str) -> impl Iterator<Item = u32> {
        self.sessions.iter().filter(move |(_, session)| session.channels.contains(channel)).map(|(client, _)| *client)
    }

    /// Carries out one command of a connection. `refuses` says why the server takes no writes, or none that need memory.
    pub fn serve(&mut self, client: u32, argv: &Argv, around: Around, refuses: Refusal<'_>) -> Served {
        let found = match self.check(client, argv, refuses) {
            Ok(found) => found,
            Err(reply) => {
                if let Some(session) = self.sessions.get_mut(&client).filter(|session| session.queued.is_some()) {
                    session.is_wrong = true;
                }
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
        let served = self.carry_out(client, found, argv, around);
        if self.sessions.get(&client).is_some_and(Session::is_idle) {
            self.sessions.remove(&client);
        }
        served
    }

    /// The command of these words, where it may be carried out.
    fn check(&self, client: u32, argv: &Argv, refuses: Refusal<'_>) -> Result<&'static Command, Reply> {
        let name = argv.first().map_or("", |name| &**name);
        let found = command(name).ok_or_else(|| unknown(name, argv))?;
        if !found.takes(argv.len()) {
            return Err(error(format!("ERR wrong number of arguments for '{}' command", found.name)));
        }
        let session = self.sessions.get(&client);
        if session.is_some_and(|session| !session.channels.is_empty()) && !may_listen(found) {
            let name = found.name;
            return Err(error(format!(
                "ERR Can't execute '{name}': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context"
            )));
        }
        if session.is_some_and(|session| session.queued.is_some()) && matches!(found.what, What::Process(_) | What::Session(Own::Subscribe))
        {
            return Err(error("ERR Command not allowed inside a transaction"));
        }
        let why_not = if let What::Writes { grows, .. } = found.what { refuses(grows) } else { None };
        why_not.map_or(Ok(found), Err)
    }

    fn carry_out(&mut self, client: u32, found: &Command, argv: &Argv, around: Around) -> Served {
        match found.what {
            What::Reads(does) | What::Writes { does, .. } => {
                let did = run(&mut self.keys, argv, does, around);
                self.spoil(client, &did.changed);
                let mut served = Served { reply: did.reply.clone(), stream: did.stream.clone(), ..Served::default() };
                served.took(&did);
                served
            }
            What::Session(Own::Exec) => self.exec(client, around),
            What::Session(Own::Publish) => self.publish(argv),
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
            Own::Subscribe => {
                session.channels.insert(argv[1].clone());
                Ok(channel("subscribe", &argv[1], session))
            }
            Own::Unsubscribe => {
                let name = argv.get(1).cloned().or_else(|| session.channels.get_min().cloned()).unwrap_or_else(|| "".into());
                session.channels.remove(&name);
                Ok(channel("unsubscribe", &name, session))
            }
            Own::Ping => Ok(argv.get(1).map_or(Reply::Status("PONG"), |text| Reply::Bulk(text.clone()))),
            Own::Echo => Ok(Reply::Bulk(argv[1].clone())),
            Own::Cluster => cluster(argv),
            _ => Err(error("ERR not a command of a connection")),
        }
    }

    /// All commands of a transaction, with nothing between them. One that fails stops none of the others.
    fn exec(&mut self, client: u32, around: Around) -> Served {
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
            let one = self.carry_out(client, found, argv, around);
            replies.extend(one.reply);
            whole.stream.extend(one.stream);
            whole.heard.extend(one.heard);
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

    fn publish(&mut self, argv: &Argv) -> Served {
        let to: Vec<u32> = self.listeners(&argv[1]).collect();
        let said = Reply::texts(["message".into(), argv[1].clone(), argv[2].clone()]);
        let count = Reply::count(to.len());
        Served { heard: to.into_iter().map(|client| (client, said.clone())).collect(), ..Served::told(count) }
    }
}

fn may_listen(found: &Command) -> bool {
    matches!(found.what, What::Session(Own::Subscribe | Own::Unsubscribe | Own::Ping))
}

fn channel(what: &str, name: &Text, session: &Session) -> Reply {
    Reply::Array(vec![Reply::Bulk(what.into()), Reply::Bulk(name.clone()), Reply::count(session.channels.len())])
}

fn unknown(name: &str, argv: &Argv) -> Reply {
    let mut text = format!("ERR unknown command '{name}', with args beginning with: ");
    for word in argv.iter().skip(1) {
        text.extend(["'", &**word, "' "]);
    }
    error(text)
}

/// CLUSTER KEYSLOT.
fn cluster(argv: &Argv) -> Result<Reply, Reply> {
    match &argv[1..] {
        [word, key] if is(word, "KEYSLOT") => Ok(Reply::Int(i64::from(slot::slot(key)))),
        _ => Err(error(format!("ERR unknown subcommand '{}'. Try CLUSTER HELP.", argv[1]))),
    }
}

fn beyond(own: Own, argv: &Argv) -> Result<Beyond, Reply> {
    Ok(match own {
        Own::Save => Beyond::Save,
        Own::BgSave => Beyond::BgSave,
        Own::BgRewrite => Beyond::BgRewrite,
        Own::Wait => {
            let (replicas, timeout) = (int(&argv[1])?, int(&argv[2]).map_err(|_| error("ERR timeout is not an integer or out of range"))?);
            let timeout = u64::try_from(timeout).map_err(|_| error("ERR timeout is negative"))?;
            Beyond::Wait { replicas: u64::try_from(replicas).map_err(|_| error(super::args::NOT_AN_INTEGER))?, timeout }
        }
        _ => Beyond::Role,
    })
}
