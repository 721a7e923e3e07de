//! What the facts remember: deaths and how they were noticed, who holds whom for dead, and how far rumours are.

use crate::check::membership::{self, Crashed, Told};
use crate::check::operation::Key;
use crate::check::verdict::Verdicts;
use crate::cluster::live::Moments;
use crate::persistent::OrdMap;
use crate::sim::id::NodeId;
use crate::sim::kernel::Sim;
use crate::sim::time::{Span, Time};

use super::Gossip;
use super::belief::{Belief, State};
use super::member::member;
use super::message::{Body, Msg};
use super::note::Note;

/// What happened so far.
#[derive(Clone, Debug, Default)]
pub struct Watch {
    /// Rumours by number.
    pub rumours: OrdMap<u32, Spread>,
    /// The newest crash of each member.
    pub deaths: OrdMap<NodeId, Death>,
    /// The member that crashed last.
    pub last_death: Option<NodeId>,
    /// By how many members that run each is held for dead, or was until they forgot it, where any do.
    pub holders: OrdMap<NodeId, u32>,
    /// The same of those that suspect it.
    pub suspecters: OrdMap<NodeId, u32>,
    /// Since when a member (the first) holds another for dead, or did until it forgot it.
    buried: OrdMap<(NodeId, NodeId), Time>,
    /// On whose word a member (the first) declared another dead.
    pub witnesses: OrdMap<(NodeId, NodeId), Vec<NodeId>>,
    /// How many observations each member has made that another does not answer.
    pub accusations: OrdMap<NodeId, u64>,
    pub counts: Counts,
    /// The first member that was declared dead and ran, with who declared it.
    pub first_false: Option<(NodeId, NodeId)>,
    /// Of whom something bad was said last.
    pub subject: Option<NodeId>,
    /// How many members run.
    pub running: u32,
    /// When something was done by hand last.
    last_deed: Time,
}

/// Counts.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counts {
    /// A member began to suspect another by its own observation.
    pub suspected: u64,
    /// A member was declared dead by another.
    pub declared: u64,
    /// One that ran was.
    pub false_positives: u64,
    /// A member objected.
    pub refuted: u64,
    /// A member came back to life in the eyes of another that had taken it for dead, and had not run since.
    pub ghosts: u64,
    /// Deaths that every member that ran had noticed.
    pub noticed: usize,
}

/// A crash, and when it was noticed.
#[derive(Clone, Copy, Debug, Default)]
pub struct Death {
    /// When it was.
    pub at: Time,
    /// The first member that observed it, and when.
    pub first: Option<(NodeId, Time)>,
    /// When a second one did.
    pub second: Option<Time>,
    /// When a member declared it first.
    pub declared: Option<Time>,
    /// When every member that ran held it for dead.
    pub everywhere: Option<Time>,
}

/// How far a rumour is.
#[derive(Clone, Debug)]
pub struct Spread {
    /// What it says.
    pub word: Key,
    /// When it was started.
    pub started: Time,
    /// When a member heard it last for the first time.
    pub heard: Time,
    /// Members that run and know it.
    pub informed: u32,
    /// Those that tell it.
    pub hot: u32,
}

/// Whether a member does anything.
pub(super) fn runs(sim: &Sim<Gossip>, id: NodeId) -> bool {
    sim.node(id).is_up() && !sim.node(id).is_paused()
}

/// The members that do something.
pub(super) fn running(sim: &Sim<Gossip>) -> impl Iterator<Item = (NodeId, &super::member::Member)> {
    sim.server_ids().filter(|id| !sim.node(*id).is_paused()).filter_map(|id| Some((id, member(sim, id)?)))
}

fn add(counts: &mut OrdMap<NodeId, u32>, id: NodeId) {
    *counts.entry(id).or_insert(0) += 1;
}

fn take(counts: &mut OrdMap<NodeId, u32>, id: NodeId) {
    match counts.get_mut(&id) {
        Some(count) if *count > 1 => *count -= 1,
        _ => drop(counts.remove(&id)),
    }
}

impl Watch {
    /// A member noted something.
    pub(super) fn see(&mut self, (at, who): (Time, NodeId), note: &Note, sim: &Sim<Gossip>) {
        match note {
            Note::Observes { about, first, .. } => self.observed((at, who), *about, *first),
            Note::Declares { about, witnesses, .. } => {
                self.witnesses.insert((who, *about), witnesses.clone());
                self.declared((at, who), *about, sim);
            }
            Note::Believes { about, was, is, .. } => self.believed((at, who), *about, (*was, *is), sim),
            Note::Refutes { .. } => self.counts.refuted += 1,
            Note::Buried { .. } => {}
            Note::Starts { rumour, word } => {
                let spread = Spread { word: word.clone(), started: at, heard: at, informed: 1, hot: 1 };
                self.rumours.insert(*rumour, spread);
            }
            Note::Hears { rumour, .. } => {
                if let Some(spread) = self.rumours.get_mut(rumour) {
                    (spread.informed, spread.hot, spread.heard) = (spread.informed + 1, spread.hot + 1, at);
                }
            }
            Note::Rests { rumour, .. } => {
                if let Some(spread) = self.rumours.get_mut(rumour) {
                    spread.hot = spread.hot.saturating_sub(1);
                }
            }
        }
    }

    fn observed(&mut self, (at, who): (Time, NodeId), about: NodeId, first: bool) {
        *self.accusations.entry(who).or_insert(0) += 1;
        self.subject = Some(about);
        if first {
            self.counts.suspected += 1;
            add(&mut self.suspecters, about);
        }
        let Some(death) = self.deaths.get_mut(&about) else { return };
        match death.first {
            None => death.first = Some((who, at)),
            Some((by, _)) if by != who => death.second = death.second.or(Some(at)),
            Some(_) => {}
        }
    }

    fn declared(&mut self, (at, who): (Time, NodeId), about: NodeId, sim: &Sim<Gossip>) {
        self.counts.declared += 1;
        self.subject = Some(about);
        take(&mut self.suspecters, about);
        add(&mut self.holders, about);
        self.buried.insert((who, about), at);
        if sim.node(about).is_up() {
            self.counts.false_positives += 1;
            self.first_false = self.first_false.or(Some((who, about)));
        }
        if let Some(death) = self.deaths.get_mut(&about) {
            death.declared = death.declared.or(Some(at));
        }
        self.count_holders(at, about);
    }

    fn believed(&mut self, (at, who): (Time, NodeId), about: NodeId, (was, is): (Belief, Belief), sim: &Sim<Gossip>) {
        match was.state {
            State::Suspect => take(&mut self.suspecters, about),
            State::Dead | State::Forgotten => take(&mut self.holders, about),
            State::Alive => {}
        }
        match is.state {
            State::Suspect => add(&mut self.suspecters, about),
            State::Dead | State::Forgotten => add(&mut self.holders, about),
            State::Alive => self.counts.ghosts += u64::from(was.is_gone() && !sim.node(about).is_up() && !self.has_run(about, who)),
        }
        if is.is_gone() && was.is_there() {
            self.buried.insert((who, about), at);
        }
        if is.state != State::Alive {
            self.subject = Some(about);
        }
        self.count_holders(at, about);
    }

    /// Whether a member that is down has run since another one took it for dead: then what is heard of it may be true, and only late.
    fn has_run(&self, about: NodeId, who: NodeId) -> bool {
        let crashed = self.deaths.get(&about).map(|death| death.at);
        self.buried.get(&(who, about)).zip(crashed).is_some_and(|(buried, crashed)| *buried < crashed)
    }

    /// Notes when everybody holds a member for dead that crashed.
    fn count_holders(&mut self, at: Time, about: NodeId) {
        let all = self.holders.get(&about).is_some_and(|holders| *holders >= self.running);
        if let Some(death) = self.deaths.get_mut(&about)
            && all
            && death.everywhere.is_none()
        {
            death.everywhere = Some(at);
            self.counts.noticed += 1;
        }
    }

    /// Something was done by hand, which may concern all: everything that is counted is counted anew.
    pub(super) fn look_around(&mut self, sim: &Sim<Gossip>) {
        let now = sim.now();
        self.last_deed = now;
        for id in sim.server_ids() {
            match (sim.node(id).is_up(), self.deaths.contains_key(&id)) {
                (false, false) => {
                    self.deaths.insert(id, Death { at: now, ..Death::default() });
                    self.last_death = Some(id);
                }
                (true, true) => drop(self.deaths.remove(&id)),
                _ => {}
            }
        }
        self.count_beliefs(sim);
        self.count_rumours(sim);
        let down: Vec<NodeId> = self.deaths.keys().copied().collect();
        for id in down {
            self.count_holders(now, id);
        }
    }

    fn count_beliefs(&mut self, sim: &Sim<Gossip>) {
        (self.holders, self.suspecters, self.running) = (OrdMap::new(), OrdMap::new(), 0);
        for (_, member) in running(sim) {
            self.running += 1;
            for (about, belief) in member.view.known() {
                match belief.state {
                    State::Suspect => add(&mut self.suspecters, *about),
                    State::Dead | State::Forgotten => add(&mut self.holders, *about),
                    State::Alive => {}
                }
            }
        }
    }

    fn count_rumours(&mut self, sim: &Sim<Gossip>) {
        let numbers: Vec<u32> = self.rumours.keys().copied().collect();
        for number in numbers {
            let known = || running(sim).filter_map(|(_, member)| member.rumours.known().get(&number));
            let (informed, hot) = (known().count() as u32, known().filter(|known| known.is_hot).count() as u32);
            if let Some(spread) = self.rumours.get_mut(&number) {
                (spread.informed, spread.hot) = (informed, hot);
            }
        }
    }

    /// The rumour that was started last.
    pub(super) fn newest(&self) -> Option<(u32, &Spread)> {
        self.rumours.get_max().map(|(number, spread)| (*number, spread))
    }

    /// How the member that crashed last was noticed.
    pub(super) fn newest_death(&self) -> Option<&Death> {
        self.deaths.get(&self.last_death?)
    }

    /// What the run satisfies so far, in the order of the model.
    pub(super) fn judge(&self, sim: &Sim<Gossip>) -> Verdicts {
        let unaware = |id: NodeId| running(sim).filter(move |(_, member)| member.view.of(id).is_there());
        let crashed = |id: &NodeId| Crashed { name: id.to_string(), unaware: unaware(*id).map(|(who, _)| who.to_string()).collect() };
        let down: Vec<Crashed> = self.deaths.keys().map(crashed).collect();
        let is_overdue = sim.now().since(self.last_deed) >= <Gossip as Moments>::patience(sim.settings());
        let first = self.first_false.map(|(who, whom)| (who.to_string(), whom.to_string()));
        let told: Vec<Told> = self.rumours.iter().map(|(number, spread)| told(*number, spread, sim)).collect();
        vec![
            membership::complete(&down, self.counts.noticed, is_overdue),
            membership::accurate(first, self.counts.suspected),
            membership::informed(&told),
        ]
    }
}

fn told(number: u32, spread: &Spread, sim: &Sim<Gossip>) -> Told {
    let missing = running(sim).filter(|(_, member)| !member.rumours.known().contains_key(&number));
    let missing: Vec<String> = missing.map(|(id, _)| id.to_string()).collect();
    let carries = |msg: &Msg| match msg {
        Msg::Talk(talk) => match &talk.body {
            Body::Push(all) | Body::Exchange(all) | Body::Answer(all) => all.iter().any(|rumour| rumour.number == number),
            _ => false,
        },
        _ => false,
    };
    let on_its_way = || sim.flights().any(|flight| carries(&flight.msg));
    let waits = || sim.server_ids().any(|id| sim.node(id).inbox().any(carries));
    let asleep = || {
        sim.server_ids()
            .filter_map(|id| member(sim, id))
            .any(|member| member.rumours.known().get(&number).is_some_and(|known| known.is_hot))
    };
    Told {
        word: spread.word.to_string(),
        is_told: spread.hot > 0 || (!missing.is_empty() && (on_its_way() || waits() || asleep())),
        missing,
    }
}

impl Spread {
    /// Rounds of this length from the start until it was heard last, begun ones counted.
    pub(super) fn rounds(&self, round: Span) -> u64 {
        self.heard.since(self.started).0.div_ceil(round.0.max(1))
    }
}
