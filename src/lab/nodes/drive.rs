//! The run and its processes, driven by the machine's clock: events happen when their time has come, what a program has written counts
//! when it is heard, and what a program is to read is handed to it at once.

use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::Duration;

use crate::cluster::Scenario;
use crate::cluster::live::Live;
use crate::cluster::processes::{Processes, asks, is_excused};
use crate::command::{Place, Poke};
use crate::sim::dist::Dist;
use crate::sim::id::NodeId;
use crate::sim::time::Span;
use crate::timeline::{PokeAt, Timeline};

use super::clock::Clock;
use super::crew::{Crew, Owes, State};
use super::process::{Heard, Program, Whose};

/// The longest that a line can be as it is recorded, in bytes: a replay is read back.
const RECORDED_MAX: usize = 60 << 10;

/// So many lines may wait to be heard; who writes more waits.
const HEARD_MAX: usize = 4096;

/// The longest that nobody looks at the clock.
const LOOK: Duration = Duration::from_millis(5);

/// A longer gap than this is a stall of this process, and no time of the run.
const STALL: Duration = Duration::from_millis(250);

/// How often processes are looked at.
const CHECK: Duration = Duration::from_millis(100);

/// A run with its processes.
pub(super) struct Drive {
    run: Timeline,
    crew: Crew,
    heard: Receiver<Heard>,
    /// Kept, so that the channel never closes.
    _tell: SyncSender<Heard>,
    /// What was heard of nodes that are paused.
    held: Vec<Heard>,
    clock: Clock,
    /// When the run was last brought up to the clock.
    looked: Duration,
    checked: Duration,
    /// How much faster or slower than the machine's clock the run goes.
    speed: f64,
    frozen: bool,
    /// What was done since it was taken last.
    done: Vec<PokeAt>,
    /// Why the run cannot go on.
    stuck: Option<String>,
}

impl Drive {
    /// Starts the run and its processes. The error says what cannot be started.
    pub(super) fn start(scenario: Scenario, program: Program) -> Result<Drive, String> {
        let sentence = |bad: Vec<crate::cluster::BadScenario>| bad.into_iter().map(|bad| bad.message).collect::<Vec<_>>().join("; ");
        let run = Timeline::new(scenario).map_err(sentence)?;
        let (tell, heard) = sync_channel(HEARD_MAX);
        let nodes: Vec<NodeId> = live(&run).sim().server_ids().collect();
        let startup = Duration::from_nanos(live(&run).sim().settings().startup.0);
        let crew = Crew::new(program, nodes.into_iter(), startup, tell.clone());
        let clock = Clock::start();
        let now = clock.now();
        let mut drive = Drive {
            run,
            crew,
            heard,
            _tell: tell,
            held: Vec::new(),
            clock,
            looked: now,
            checked: now,
            speed: 1.0,
            frozen: false,
            done: Vec::new(),
            stuck: None,
        };
        for at in 0..drive.crew.seats.len() {
            drive.crew.follow(at, State::Up).map_err(|why| format!("the program {why}"))?;
        }
        drive.follow();
        Ok(drive)
    }

    /// The run.
    pub(super) fn run(&self) -> &Timeline {
        &self.run
    }

    /// The cluster.
    pub(super) fn live(&self) -> &Live<Processes> {
        live(&self.run)
    }

    /// What was done since this was asked last.
    pub(super) fn take_done(&mut self) -> Vec<PokeAt> {
        std::mem::take(&mut self.done)
    }

    /// Why the run cannot go on.
    pub(super) fn stuck(&self) -> Option<&str> {
        self.stuck.as_deref()
    }

    /// Whether every program has answered `init`.
    pub(super) fn is_ready(&self) -> bool {
        self.live().watched().ready >= self.crew.seats.len()
    }

    /// Whether no process runs.
    pub(super) fn is_deserted(&self) -> bool {
        self.crew.is_empty()
    }

    /// How long a message takes on the way to a node and its answer on the way back, on the average, as far as the setting says.
    pub(super) fn way(&self) -> Duration {
        let one = match *self.live().sim().settings().latency {
            Dist::Const(at) | Dist::Exp(at) | Dist::Normal(at, _) | Dist::LogNormal(at, _) => at.0,
            Dist::Uniform(low, high) => u64::midpoint(low.0, high.0),
            Dist::Pareto(..) | Dist::Mix(_) | Dist::Sum(_) => 0,
        };
        Duration::from_nanos(one.saturating_mul(2))
    }

    /// Whether a program is silent that should not be.
    pub(super) fn is_suspected(&self) -> bool {
        self.crew.is_suspected()
    }

    /// Ends all processes.
    pub(super) fn dismiss(&mut self) {
        self.crew.dismiss();
    }

    /// Faster or slower than the machine's clock.
    pub(super) fn set_speed(&mut self, speed: f64) {
        self.catch_up();
        self.speed = speed;
    }

    /// Lets time stand still, or go on.
    pub(super) fn freeze(&mut self, frozen: bool) {
        if self.frozen != frozen {
            self.catch_up();
            self.frozen = frozen;
            self.crew.freeze(frozen);
            self.follow();
        }
    }

    /// Does something to the run now. The error says why not.
    pub(super) fn poke(&mut self, poke: &Poke) -> Result<(), String> {
        if let Some(why) = &self.stuck {
            return Err(why.clone());
        }
        if let Some(why) = asks::never(poke) {
            return Err(why.to_string());
        }
        self.catch_up();
        self.carry_out(poke)
    }

    fn carry_out(&mut self, poke: &Poke) -> Result<(), String> {
        self.run.poke(poke).map_err(|refused| refused.0)?;
        self.done.push(PokeAt { event: self.run.events(), at: self.run.at(), poke: poke.clone() });
        self.follow();
        Ok(())
    }

    /// Goes on for this much real time, or until `enough` says so.
    pub(super) fn go_on(&mut self, by: Duration, mut enough: impl FnMut(&Drive) -> bool) {
        let end = self.clock.now() + by;
        while self.stuck.is_none() && !enough(self) {
            let now = self.clock.now();
            if now >= end {
                return;
            }
            self.catch_up();
            match self.heard.recv_timeout(self.patience().min(end.saturating_sub(now))) {
                Ok(heard) => {
                    self.catch_up();
                    self.hear(heard);
                    // What has come with it.
                    while let Ok(heard) = self.heard.try_recv() {
                        self.hear(heard);
                    }
                }
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {}
            }
            self.look_after();
        }
    }

    /// How long nothing has to be done unless something is heard.
    fn patience(&self) -> Duration {
        let Some(next) = self.run.next_at().filter(|_| !self.frozen) else { return LOOK };
        let wait = next.since(self.run.at()).0 as f64 / self.speed;
        Duration::from_nanos(wait.min(LOOK.as_nanos() as f64) as u64).max(Duration::from_micros(50))
    }

    /// Lets happen what has had its time.
    fn catch_up(&mut self) {
        let now = self.clock.now();
        let passed = now.saturating_sub(self.looked);
        self.looked = now;
        if self.frozen || self.stuck.is_some() {
            return;
        }
        let passed = if passed > STALL { LOOK } else { passed };
        let until = self.run.at() + Span((passed.as_nanos() as f64 * self.speed) as u64);
        while self.run.next_at().is_some_and(|next| next <= until) {
            if let Err(why) = self.run.try_step() {
                self.stuck = Some(why);
                return;
            }
            self.follow();
        }
        self.run.run_to(until);
    }

    /// Brings the processes in line with their nodes, and hands them what they are to read.
    fn follow(&mut self) {
        for at in 0..self.crew.seats.len() {
            if let Err(why) = self.follow_one(at) {
                self.gone(at, &why);
            }
        }
    }

    fn follow_one(&mut self, at: usize) -> Result<(), String> {
        let node = self.crew.seats[at].node;
        let state = self.state(node);
        let goes_on = self.crew.follow(at, state)?;
        if let Some(program) = live(&self.run).sim().node(node).state().and_then(Processes::program) {
            let known = self.crew.given(at);
            self.crew.give(at, program.since(known))?;
        }
        if goes_on {
            self.hear_what_was_held();
        }
        Ok(())
    }

    fn state(&self, node: NodeId) -> State {
        let node = live(&self.run).sim().node(node);
        match (node.is_up(), node.is_paused()) {
            (false, _) => State::Down,
            (true, true) => State::Paused,
            (true, false) => State::Up,
        }
    }

    /// The process of a node is of no use any more: the node is down, and that is said.
    fn gone(&mut self, at: usize, why: &str) {
        let node = self.crew.seats[at].node;
        if self.state(node) == State::Paused {
            // The dead are not paused.
            let _ = self.run_poke(&Poke::Resume(Place::Node(node)));
        }
        self.hand_in("gone", node, why);
        // Where the run can take nothing more, it is at least not left alone.
        if self.state(node) == State::Down {
            let _ = self.crew.follow(at, State::Down);
        }
    }

    fn run_poke(&mut self, poke: &Poke) -> Result<(), String> {
        self.run.poke(poke).map_err(|refused| refused.0)?;
        self.done.push(PokeAt { event: self.run.events(), at: self.run.at(), poke: poke.clone() });
        Ok(())
    }

    fn hand_in(&mut self, verb: &str, node: NodeId, text: &str) {
        let Some(mut poke) = asks::handed(verb, node, text) else { return };
        if poke.to_string().len() > RECORDED_MAX {
            let what =
                format!("of {} bytes, which is too long to be recorded: with its escapes {RECORDED_MAX} bytes are the most", text.len());
            let Some(short) = asks::handed("odd", node, &what) else { return };
            poke = short;
        }
        if let Err(why) = self.run_poke(&poke) {
            self.stuck.get_or_insert(why);
        }
        self.follow();
    }

    fn hear_what_was_held(&mut self) {
        for heard in std::mem::take(&mut self.held) {
            self.hear(heard);
        }
    }

    fn hear(&mut self, heard: Heard) {
        let (Heard::Line(whose, _) | Heard::NoLine(whose, _) | Heard::Endless(whose, _) | Heard::Says(whose, _) | Heard::Closed(whose)) =
            &heard;
        let whose: Whose = *whose;
        // What a process wrote that was killed meanwhile is lost with it.
        if !self.crew.is_current(whose) || self.stuck.is_some() {
            return;
        }
        let (at, node) = (whose.0, self.crew.seats[whose.0].node);
        if self.frozen || self.state(node) != State::Up {
            // It is stopped: no more than its pipe holds can come.
            self.held.push(heard);
            return;
        }
        let now = self.clock.now();
        match heard {
            Heard::Line(_, line) => match self.crew.count(at, now) {
                Ok(()) => self.hand_in("out", node, &line),
                Err(why) => self.gone(at, &why),
            },
            Heard::NoLine(_, wrong) => match self.crew.count(at, now) {
                Ok(()) => self.hand_in("odd", node, &wrong),
                Err(why) => self.gone(at, &why),
            },
            Heard::Endless(_, bytes) => {
                let why = format!(
                    "wrote {bytes} bytes without the end of a line, which is a flood, so it was killed; a message ends with a newline"
                );
                self.gone(at, &why);
            }
            Heard::Says(_, text) => {
                if self.crew.hears(at, now) {
                    self.hand_in("err", node, &text);
                }
            }
            Heard::Closed(_) => {
                self.crew.closes(at, now);
                self.see_the_end(at, now);
            }
        }
    }

    /// Looks whether a process has ended that has closed its output, and now and then whether one hangs or grows.
    fn look_after(&mut self) {
        let now = self.clock.now();
        if self.crew.is_closing() {
            (0..self.crew.seats.len()).for_each(|at| self.see_the_end(at, now));
        }
        let passed = now.saturating_sub(self.checked);
        if passed < CHECK || self.frozen {
            return;
        }
        self.checked = now;
        // A stall of this process is nobody else's silence.
        let passed = passed.min(CHECK * 2);
        for at in 0..self.crew.seats.len() {
            let owes = self.owes(self.crew.seats[at].node);
            if let Some(why) = self.crew.trouble(at, (now, passed), owes) {
                self.gone(at, &why);
            }
        }
    }

    /// How a process ended that has closed its output, once that is known.
    fn see_the_end(&mut self, at: usize, now: Duration) {
        if let Some(why) = self.crew.end_of(at, now) {
            self.gone(at, &why);
        }
    }

    fn owes(&self, node: NodeId) -> Owes {
        let live = self.live();
        match live.watched().is_asked(node) {
            false => Owes::Nothing,
            true if is_excused(live.sim(), node) => Owes::Excused,
            true => Owes::Answers,
        }
    }
}

fn live(run: &Timeline) -> &Live<Processes> {
    // The only model that is started here.
    let live = run.cluster().as_any().downcast_ref::<Live<Processes>>();
    live.unwrap_or_else(|| unreachable!("a run of processes"))
}
