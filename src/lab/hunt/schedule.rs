//! Draws a schedule while it runs: clients at work, and faults, some at random times and some at moments that the protocol names.

use std::collections::{BTreeMap, VecDeque};

use rand::RngExt;
use rand::seq::{IndexedRandom, SliceRandom};
use rand_pcg::Pcg64;

use super::draw;
use super::exposure::{Exposure, Met};
use super::fault::Class;
use super::stage::Stage;
use super::strike::{Aim, Strike};
use super::tail;
use super::work::Work;
use crate::cluster::moment::{Moment, On, UNSYNCED};
use crate::command::{CallDoc, Poke};
use crate::sim::time::{Span, Time};

/// How often a run aims. The others draw every time at random, and find what nobody thought of naming.
const AIMED: f64 = 0.75;
/// How often a fault of an aimed run waits for a moment.
const WAITS: f64 = 0.8;
/// How often it waits for a moment at which just this fault takes something away.
const FITS: f64 = 0.8;
/// How often clients look soon after a fault that struck at its moment, or soon after it has ended, and how many looks more there are.
const LOOKS: f64 = 0.6;
const LOOKS_MORE: f64 = 0.6;
const LOOKS_MAX: u32 = 4;
/// The most faults of a run.
const FAULTS_MAX: u32 = 8;
/// A cluster's patience in units: the unit is about as long as a node waits before it acts by itself.
const UNITS: u64 = 12;
/// A run is over after this many units, whatever is still to come.
const LONGEST: u64 = 12;

/// A fault that is still to come.
#[derive(Clone, Copy, Debug)]
struct Planned {
    class: Class,
    trigger: Trigger,
    /// How long it lasts, where it can end.
    lasts: Span,
}

#[derive(Clone, Copy, Debug)]
enum Trigger {
    /// So long after the fault before.
    After(Span),
    /// So long after a moment began for the so-manieth time since the fault before.
    At { name: &'static str, count: u32, delay: Span },
}

/// What is due at a time.
enum Due {
    Ask(usize),
    Poke(Poke),
    Strike(Planned, Option<Moment>),
    GiveUp(u32),
    Stop,
}

/// A schedule in the making.
pub(super) struct Schedule<'s, 'h> {
    stage: &'s mut Stage<'h>,
    rng: Pcg64,
    agenda: BTreeMap<(Time, u32), Due>,
    numbered: u32,
    unit: Span,
    planned: VecDeque<Planned>,
    /// The fault that waits for its moment, and its number.
    armed: Option<(Planned, u32)>,
    left: u32,
    before: Vec<Moment>,
    moments: Vec<Moment>,
    work: Work,
    wiped: bool,
    exposure: Exposure,
}

/// Runs a schedule drawn from these classes on the stage and says what it met.
pub(super) fn run(
    stage: &mut Stage<'_>,
    (classes, calls): (&[Class], &[&'static CallDoc]),
    names: &[(&'static str, On)],
    rng: Pcg64,
) -> Exposure {
    let unit = Span((stage.cluster.patience().0 / UNITS).max(Span::ms(1).0));
    let scene = tail::scene(stage.cluster.as_ref());
    let settings = stage.cluster.settings();
    let calls: Vec<&'static CallDoc> = calls.iter().copied().filter(|call| call.fits(&settings)).collect();
    let mut schedule = Schedule {
        work: Work::new(scene.clients.iter().map(|client| client.id).collect(), &calls),
        stage,
        rng,
        agenda: BTreeMap::new(),
        numbered: 0,
        unit,
        planned: VecDeque::new(),
        armed: None,
        left: 0,
        before: Vec::new(),
        moments: Vec::new(),
        wiped: false,
        exposure: Exposure::new(!classes.is_empty()),
    };
    schedule.plan(classes, names);
    schedule.play();
    let mut exposure = schedule.exposure;
    exposure.look_back(stage);
    exposure
}

impl Schedule<'_, '_> {
    /// Draws what is to come: the pace of the clients, the faults and what they wait for.
    fn plan(&mut self, classes: &[Class], names: &[(&'static str, On)]) {
        self.work.plan(self.unit, &mut self.rng);
        for client in 0..self.work.clients() {
            let first = self.work.gap(&mut self.rng);
            self.put(first, Due::Ask(client));
        }
        let classes = self.some_of(classes);
        let names: Vec<(&'static str, On)> = names.iter().copied().chain([(UNSYNCED, On::Disk)]).collect();
        let aimed = self.rng.random_bool(AIMED);
        let faults = if classes.is_empty() { 0 } else { draw::count(&mut self.rng, 0.8, FAULTS_MAX) };
        for _ in 0..faults {
            let Some(class) = classes.choose(&mut self.rng).copied() else { break };
            let trigger =
                if aimed && self.rng.random_bool(WAITS) { self.at_moment(class, &names) } else { Trigger::After(self.some_time()) };
            let lasts = self.some_length();
            self.planned.push_back(Planned { class, trigger, lasts });
        }
        self.put(Span(self.unit.0 * LONGEST), Due::Stop);
        self.arm();
    }

    /// A few of the classes: a schedule of all of them seldom does the one thing twice that breaks something.
    fn some_of(&mut self, classes: &[Class]) -> Vec<Class> {
        let most = match self.rng.random_range(0..20) {
            0..3 => classes.len(),
            3..6 => 1,
            _ => draw::count(&mut self.rng, 0.5, 3) as usize + 1,
        };
        let mut classes = classes.to_vec();
        classes.shuffle(&mut self.rng);
        classes.truncate(most);
        classes
    }

    /// Half of the faults pass before anybody acts upon them, half last until somebody has.
    fn some_length(&mut self) -> Span {
        let (low, high) = if self.rng.random_bool(0.5) { (Span(self.unit.0 / 200), self.unit) } else { (self.unit, Span(self.unit.0 * 6)) };
        draw::span(&mut self.rng, low, high)
    }

    fn some_time(&mut self) -> Span {
        draw::span(&mut self.rng, Span(self.unit.0 / 100), Span(self.unit.0 * 2))
    }

    /// Most faults strike in the moment itself, some a little later.
    fn at_moment(&mut self, class: Class, names: &[(&'static str, On)]) -> Trigger {
        let fitting: Vec<&'static str> = names.iter().filter(|(_, on)| class.takes() == Some(*on)).map(|(name, _)| *name).collect();
        let all: Vec<&'static str> = names.iter().map(|(name, _)| *name).collect();
        let from = if !fitting.is_empty() && self.rng.random_bool(FITS) { fitting } else { all };
        let name = from.choose(&mut self.rng).copied().unwrap_or(UNSYNCED);
        let delay = match self.rng.random_range(0..10) {
            0..=3 => Span::ZERO,
            4..=7 => draw::span(&mut self.rng, Span(self.unit.0 / 3000), Span(self.unit.0 / 10)),
            _ => self.some_time(),
        };
        Trigger::At { name, count: draw::count(&mut self.rng, 0.4, 5), delay }
    }

    fn put(&mut self, after: Span, due: Due) {
        self.numbered += 1;
        self.agenda.insert((self.stage.cluster.now() + after, self.numbered), due);
    }

    /// Makes the next fault ready; after the last one, the run soon ends.
    fn arm(&mut self) {
        let Some(next) = self.planned.pop_front() else {
            let rest = draw::span(&mut self.rng, Span(self.unit.0 / 4), Span(self.unit.0 * 3));
            return self.put(rest, Due::Stop);
        };
        match next.trigger {
            Trigger::After(span) => self.put(span, Due::Strike(next, None)),
            Trigger::At { count, .. } => {
                self.put(Span(self.unit.0 * 2), Due::GiveUp(self.numbered + 1));
                self.armed = Some((next, self.numbered));
                self.left = count;
                self.stage.cluster.moments(&mut self.before);
            }
        }
    }

    fn play(&mut self) {
        while let Some((&(at, number), _)) = self.agenda.first_key_value() {
            if !self.reach(at) {
                if self.stage.is_over() {
                    return;
                }
                continue;
            }
            match self.agenda.remove(&(at, number)) {
                Some(Due::Ask(client)) => self.ask(client),
                Some(Due::Poke(poke)) => _ = self.stage.poke(&poke),
                Some(Due::Strike(planned, moment)) => self.strike(planned, moment),
                Some(Due::GiveUp(number)) => self.give_up(number),
                Some(Due::Stop) | None => return,
            }
        }
    }

    /// Lets time pass until `at`. `false`: a moment that was waited for began before, or the run is over.
    fn reach(&mut self, at: Time) -> bool {
        let Some((planned, _)) = self.armed else {
            self.stage.run_until(at);
            return !self.stage.is_over();
        };
        let Trigger::At { name, delay, .. } = planned.trigger else { return true };
        while self.stage.cluster.next_at().is_some_and(|next| next <= at) {
            if !self.stage.step() {
                return false;
            }
            if let Some(moment) = self.begun(name) {
                self.armed = None;
                self.stage.run_until(self.stage.cluster.now());
                self.put(delay, Due::Strike(planned, Some(moment)));
                return false;
            }
        }
        self.stage.run_until(at);
        !self.stage.is_over()
    }

    /// The moment of this name that has begun with the last event, if it is the one that is waited for.
    fn begun(&mut self, name: &'static str) -> Option<Moment> {
        self.stage.cluster.moments(&mut self.moments);
        let begun = self.moments.iter().find(|moment| moment.name == name && !self.before.contains(moment)).copied();
        std::mem::swap(&mut self.before, &mut self.moments);
        let moment = begun?;
        self.left -= 1;
        (self.left == 0).then_some(moment)
    }

    fn give_up(&mut self, number: u32) {
        if let Some((planned, _)) = self.armed.take_if(|(_, armed)| *armed == number) {
            self.strike(planned, None);
        }
    }

    fn strike(&mut self, planned: Planned, moment: Option<Moment>) {
        if planned.class != Class::Wipe || !std::mem::replace(&mut self.wiped, true) {
            let scene = tail::scene(self.stage.cluster.as_ref());
            let mut aim = Aim { cluster: self.stage.cluster.as_ref(), scene: &scene, moment, unit: self.unit, rng: &mut self.rng };
            let Strike { now, later } = aim.strike(planned.class);
            for poke in now {
                let met = Met::now(&poke, self.stage.cluster.as_ref());
                if self.stage.poke(&poke) {
                    self.exposure.add(planned.class, &met);
                }
            }
            for poke in later {
                self.put(planned.lasts, Due::Poke(poke));
            }
            for from in [Span::ZERO, planned.lasts] {
                if moment.is_some() && self.rng.random_bool(LOOKS) {
                    self.look_around(from);
                }
            }
        }
        self.arm();
    }

    /// Clients look one after the other: what went wrong for a moment only, nobody sees who does not look just then.
    fn look_around(&mut self, from: Span) {
        let mut after = from;
        for poke in self.work.looks(draw::count(&mut self.rng, LOOKS_MORE, LOOKS_MAX), &mut self.rng) {
            after = after + draw::span(&mut self.rng, Span(self.unit.0 / 300), Span(self.unit.0 / 3));
            self.put(after, Due::Poke(poke));
        }
    }

    fn ask(&mut self, client: usize) {
        let doors = self.stage.cluster.open_to();
        for (after, poke) in self.work.ask(client, &doors, self.unit, &mut self.rng) {
            if after == Span::ZERO {
                self.stage.poke(&poke);
            } else {
                self.put(after, Due::Poke(poke));
            }
        }
        if self.work.goes_on() {
            let gap = self.work.gap(&mut self.rng);
            self.put(gap, Due::Ask(client));
        }
    }
}
