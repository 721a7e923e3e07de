//! Who holds which lock, by what clients were told: the oracle for the lock of SET NX PX.
//!
//! A client holds a lock from the moment when it is told OK, and until the time is over that it asked for last, counted from before it
//! asked; or until it begins to give it back ("Distributed Locks with Redis"). What was refused or discarded gives nothing, and gives
//! nothing back; what stands in a transaction counts with its EXEC.

use imbl::Vector;

use crate::algo::redis::{Argv, Reply, Text, is};
use crate::persistent::OrdMap;
use crate::persistent::keep;
use crate::sim::id::{NodeId, RequestId};
use crate::sim::time::{Span, Time};

use super::message::Op;

/// A lock that a client was given.
#[derive(Clone, Debug)]
pub struct Held {
    /// By whom.
    pub client: NodeId,
    /// Its value.
    pub value: Text,
    /// Until when; `None`: until it is given back.
    pub until: Option<Time>,
    /// The request that was answered with OK.
    pub request: RequestId,
}

impl Held {
    fn is_valid(&self, at: Time) -> bool {
        self.until.is_none_or(|until| at < until)
    }
}

/// All locks.
#[derive(Clone, Debug, Default)]
pub struct Locks {
    /// Who holds each, by the key of the lock.
    held: OrdMap<Text, Vector<Held>>,
    /// What a request under way gives back, if it is carried out.
    giving: OrdMap<RequestId, Vector<(Text, Held)>>,
    /// Commands between MULTI and EXEC.
    queued: OrdMap<NodeId, Vector<Argv>>,
    /// How often a lock was given.
    pub given: usize,
    /// How often somebody asked for a lock that another held.
    pub contested: usize,
    /// How often one was given while another client held it.
    pub doubled: usize,
    /// The most clients that ever held one at once.
    pub most: usize,
    /// The first time that one was given twice, in a sentence, with both requests.
    pub broken: Option<(String, Vec<u32>)>,
}

/// Who asks, in which request, from when to when.
#[derive(Clone, Copy, Debug)]
pub struct Asked {
    /// The client.
    pub client: NodeId,
    /// Its request.
    pub request: RequestId,
    /// When it asked.
    pub called: Time,
    /// When it was answered.
    pub now: Time,
}

/// How long something is to be there, or until when.
enum Lasts {
    For(Span),
    Until(Time),
}

impl Lasts {
    fn of(unit: &str, amount: &str) -> Option<Lasts> {
        let number = amount.parse::<i64>().ok()?;
        let ms = |scale: u64| Span::ms(u64::try_from(number).unwrap_or(0).saturating_mul(scale));
        Some(match unit.to_ascii_uppercase().as_str() {
            "PX" | "PEXPIRE" => Lasts::For(ms(1)),
            "EX" | "EXPIRE" => Lasts::For(ms(1000)),
            "PXAT" | "PEXPIREAT" => Lasts::Until(Time::ZERO + ms(1)),
            "EXAT" | "EXPIREAT" => Lasts::Until(Time::ZERO + ms(1000)),
            _ => return None,
        })
    }

    fn end(&self, called: Time) -> Time {
        match self {
            Lasts::For(span) => called + *span,
            Lasts::Until(end) => *end,
        }
    }
}

/// A SET as it stands: key, value, its options, and how long it lasts.
struct Set<'a> {
    key: &'a Text,
    value: &'a Text,
    options: &'a [Text],
}

impl<'a> Set<'a> {
    fn read(argv: &'a Argv) -> Option<Set<'a>> {
        match &**argv {
            [name, key, value, options @ ..] if is(name, "SET") => Some(Set { key, value, options }),
            _ => None,
        }
    }

    fn has(&self, option: &str) -> bool {
        self.options.iter().any(|word| is(word, option))
    }

    fn lasts(&self) -> Option<Lasts> {
        self.options.windows(2).rev().find_map(|two| Lasts::of(&two[0], &two[1]))
    }
}

/// What a command deletes.
enum Deletes<'a> {
    Nothing,
    Keys(&'a [Text]),
    All,
}

fn deletes(argv: &Argv) -> Deletes<'_> {
    match argv.first() {
        Some(name) if is(name, "FLUSHALL") => Deletes::All,
        Some(name) if ["DEL", "UNLINK", "GETDEL"].iter().any(|del| is(name, del)) => Deletes::Keys(&argv[1..]),
        _ => Deletes::Nothing,
    }
}

impl Locks {
    /// A client begins to ask for something: what it gives back is not its own any more.
    pub fn called(&mut self, client: NodeId, request: RequestId, op: &Op, now: Time) {
        match op {
            Op::Unlock(key, value) => self.give_back(client, request, std::slice::from_ref(key), Some(value)),
            Op::Command(argv) => {
                if let Some(set) = Set::read(argv).filter(|set| set.has("NX")) {
                    let others = self.held.get(set.key).into_iter().flatten();
                    self.contested += usize::from(others.filter(|one| one.is_valid(now)).any(|one| one.client != client));
                }
                let all = match self.queued.get(&client) {
                    Some(queued) if argv.first().is_some_and(|name| is(name, "EXEC")) => queued.clone(),
                    // It is not carried out yet.
                    Some(_) => Vector::new(),
                    None => Vector::unit(argv.clone()),
                };
                all.iter().for_each(|argv| self.begin_to_delete(client, request, argv));
            }
            Op::Count(_) | Op::Save(..) => {}
        }
    }

    fn begin_to_delete(&mut self, client: NodeId, request: RequestId, argv: &Argv) {
        match deletes(argv) {
            Deletes::Keys(keys) => self.give_back(client, request, keys, None),
            Deletes::All => {
                let all: Vec<Text> = self.held.keys().cloned().collect();
                self.give_back(client, request, &all, None);
            }
            Deletes::Nothing => {}
        }
    }

    fn give_back(&mut self, client: NodeId, request: RequestId, keys: &[Text], value: Option<&Text>) {
        for key in keys {
            let Some(held) = self.held.get_mut(key) else { continue };
            let gives = |one: &Held| one.client == client && value.is_none_or(|value| one.value == *value);
            let gone: Vector<Held> = held.iter().filter(|one| gives(one)).cloned().collect();
            keep(held, |one| !gives(one));
            self.giving.entry(request).or_default().extend(gone.into_iter().map(|one| (key.clone(), one)));
        }
    }

    /// A request was refused: it gave nothing back.
    pub fn refused(&mut self, client: NodeId, request: RequestId, op: &Op) {
        for (key, one) in self.giving.remove(&request).unwrap_or_default() {
            self.held.entry(key).or_default().push_back(one);
        }
        if matches!(op, Op::Command(argv) if argv.first().is_some_and(|name| is(name, "EXEC") || is(name, "DISCARD"))) {
            self.queued.remove(&client);
        }
    }

    /// Nobody knows what became of a request: it may have given back.
    pub fn unknown(&mut self, client: NodeId, request: RequestId) {
        self.giving.remove(&request);
        self.queued.remove(&client);
    }

    /// A client was answered.
    pub fn told(&mut self, asked: Asked, op: &Op, reply: &Reply) {
        let Op::Command(argv) = op else {
            self.giving.remove(&asked.request);
            return;
        };
        let name = argv.first().map_or("", |name| &**name);
        match (reply, self.queued.get(&asked.client).cloned()) {
            (Reply::Status("QUEUED"), Some(mut queued)) => {
                queued.push_back(argv.clone());
                self.queued.insert(asked.client, queued);
            }
            (Reply::Array(replies), Some(queued)) if is(name, "EXEC") => {
                self.queued.remove(&asked.client);
                self.giving.remove(&asked.request);
                queued.iter().zip(replies).for_each(|(argv, reply)| self.done(asked, argv, reply));
            }
            (_, Some(_)) if is(name, "EXEC") || is(name, "DISCARD") => self.refused(asked.client, asked.request, op),
            _ if is(name, "MULTI") => _ = self.queued.insert(asked.client, Vector::new()),
            _ => {
                self.giving.remove(&asked.request);
                self.done(asked, argv, reply);
            }
        }
    }

    /// A command was carried out.
    fn done(&mut self, asked: Asked, argv: &Argv, reply: &Reply) {
        if let Some(set) = Set::read(argv) {
            let until = set.lasts().map(|lasts| lasts.end(asked.called));
            // With GET the old value is told: nothing was there where NX did its work.
            let was_set = matches!(reply, Reply::Status("OK")) || (set.has("GET") && matches!(reply, Reply::Nil) == set.has("NX"));
            match () {
                () if !was_set => {}
                () if set.has("NX") => self.give(asked, (set.key, set.value), until),
                () => self.keep(asked, set.key, (until, set.has("KEEPTTL")), Some(set.value)),
            }
            return;
        }
        let [name, key, rest @ ..] = &**argv else { return };
        if *reply == Reply::Int(1) {
            let lasts = rest.first().and_then(|amount| Lasts::of(name, amount));
            match lasts {
                Some(lasts) => self.keep(asked, key, (Some(lasts.end(asked.called)), false), None),
                None if is(name, "PERSIST") => self.keep(asked, key, (None, false), None),
                None => {}
            }
        }
    }

    /// A client has a lock.
    fn give(&mut self, asked: Asked, (key, value): (&Text, &Text), until: Option<Time>) {
        let held = self.held.entry(key.clone()).or_default();
        // Who is given it anew has it once.
        keep(held, |one| one.is_valid(asked.now) && one.client != asked.client);
        let one = Held { client: asked.client, value: value.clone(), until, request: asked.request };
        if !one.is_valid(asked.now) {
            return;
        }
        self.given += 1;
        if let Some(other) = held.front() {
            self.doubled += 1;
            let text = format!("At {:.3} s {} was given `{key}`, which {} still held.", asked.now.as_secs(), asked.client, other.client);
            self.broken.get_or_insert((text, vec![other.request.0, asked.request.0]));
        }
        held.push_back(one);
        self.most = self.most.max(held.len());
    }

    /// How long a lock lasts was set anew. Whoever did it, it holds for who has the lock; only the owner knows of it and goes on.
    fn keep(&mut self, asked: Asked, key: &Text, (until, keeps): (Option<Time>, bool), value: Option<&Text>) {
        for one in self.held.get_mut(key).into_iter().flat_map(Vector::iter_mut).filter(|one| one.client == asked.client) {
            if !keeps {
                one.until = until;
            }
            if let Some(value) = value {
                one.value = value.clone();
            }
        }
    }

    /// Who holds each lock now.
    pub fn now(&self, at: Time) -> impl Iterator<Item = (&Text, &Held)> {
        self.held.iter().flat_map(move |(key, all)| all.iter().filter(move |one| one.is_valid(at)).map(move |one| (key, one)))
    }

    /// How many clients hold the lock that most hold.
    pub fn holders(&self, at: Time) -> usize {
        self.held.values().map(|all| all.iter().filter(|one| one.is_valid(at)).count()).max().unwrap_or(0)
    }
}
