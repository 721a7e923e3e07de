//! The backends as the reverse proxy knows them: who gets requests, who finishes what it has, who is being replaced.

use imbl::Vector;

use crate::algo::balance::{Balancer, Target};
use crate::sim::id::NodeId;
use crate::sim::time::{Span, Time};

use super::message::Msg;
use super::note::Note;
use super::places::{self, FIRST_APP, is_app};
use super::settings::Deploy;
use super::{Context, Timer};

/// How often the proxy looks after backends that are out.
const LOOK: Span = Span::ms(50);

/// Its view. All of it is lost with the process.
#[derive(Clone, Debug, Default)]
pub struct Pool {
    balancer: Balancer,
    /// By number.
    parts: Vector<Part>,
}

/// What a backend does for the proxy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// It gets requests.
    Serves,
    /// It failed, and gets none until then.
    Out(Time),
    /// It gets none, and finishes those that it has; after that it is replaced, or rests.
    Drains {
        /// Whether it is replaced.
        replaced: bool,
    },
    /// It gets none until somebody deploys it, or the proxy starts again: it is told so while it runs only, as `HAProxy` by its socket.
    Rests,
    /// It was told to be replaced by this order, and is told again then.
    Starts {
        /// The number of the order.
        order: u32,
        /// When it is told again.
        again: Time,
    },
}

impl Pool {
    /// All that are there.
    pub fn boot(cx: &Context<'_>) -> Pool {
        let mut pool = Pool::default();
        for _ in cx.servers().filter(|id| is_app(*id)) {
            pool.balancer.add(Target::new(1));
            pool.parts.push_back(Part::Serves);
        }
        pool
    }

    /// What a backend does.
    pub fn part(&self, app: NodeId) -> Option<Part> {
        self.parts.get(app.index().checked_sub(FIRST_APP)?).copied()
    }

    /// How many requests a backend has.
    pub fn load(&self, app: NodeId) -> u32 {
        app.index().checked_sub(FIRST_APP).and_then(|at| self.balancer.targets().get(at)).map_or(0, |target| target.load)
    }

    /// How many get requests.
    pub fn usable(&self) -> usize {
        self.balancer.usable().len()
    }

    /// The backend for a request with this key, but not this one if there is another.
    pub fn pick(&mut self, key: u64, not: Option<NodeId>, cx: &mut Context<'_>) -> Option<NodeId> {
        let policy = cx.settings().policy();
        let not = not.and_then(|id| id.index().checked_sub(FIRST_APP));
        let picked = self.balancer.pick(policy, key, not, &mut cx.rng())?;
        Some(NodeId::server((FIRST_APP + picked) as u16))
    }

    /// A backend has one request more.
    pub fn begins(&mut self, app: NodeId) {
        self.change(app, |load| load + 1);
    }

    /// A backend has one request fewer.
    pub fn ends(&mut self, app: NodeId, cx: &mut Context<'_>) {
        self.change(app, |load| load.saturating_sub(1));
        if let Some(Part::Drains { replaced }) = self.part(app)
            && self.load(app) == 0
        {
            self.drained(app, replaced, cx);
        }
    }

    fn change(&mut self, app: NodeId, change: impl FnOnce(u32) -> u32) {
        if let Some(target) = app.index().checked_sub(FIRST_APP).and_then(|at| self.balancer.target_mut(at)) {
            target.load = change(target.load);
        }
    }

    fn set(&mut self, app: NodeId, part: Part, cx: &mut Context<'_>) {
        let Some(at) = app.index().checked_sub(FIRST_APP) else { return };
        if let Some(known) = self.parts.get_mut(at) {
            *known = part;
            self.balancer.set_usable(at, part == Part::Serves);
            cx.start_timer(LOOK, Timer::Look);
        }
    }

    /// A backend failed.
    pub fn failed(&mut self, app: NodeId, cx: &mut Context<'_>) {
        if matches!(self.part(app), Some(Part::Serves | Part::Out(_))) {
            let until = cx.steady() + cx.settings().fail_timeout;
            self.set(app, Part::Out(until), cx);
            cx.note(Note::LeftOut { app });
        }
    }

    /// An operator takes a backend out: for good, or to be replaced.
    pub fn take_out(&mut self, app: NodeId, replaced: bool, cx: &mut Context<'_>) {
        if replaced && cx.settings().deploy == Deploy::Kill {
            return self.stop(app, cx);
        }
        cx.note(Note::Drains { app });
        self.set(app, Part::Drains { replaced }, cx);
        if self.load(app) == 0 {
            self.drained(app, replaced, cx);
        }
    }

    fn drained(&mut self, app: NodeId, replaced: bool, cx: &mut Context<'_>) {
        if replaced { self.stop(app, cx) } else { self.set(app, Part::Rests, cx) }
    }

    fn stop(&mut self, app: NodeId, cx: &mut Context<'_>) {
        let order = (cx.rng().bits() >> 32) as u32;
        self.order(app, order, cx);
    }

    fn order(&mut self, app: NodeId, order: u32, cx: &mut Context<'_>) {
        let again = cx.steady() + cx.settings().start_time + cx.settings().try_timeout;
        self.set(app, Part::Starts { order, again }, cx);
        cx.send(app, Msg::Stop { order });
    }

    /// A backend says that it has started.
    pub fn up(&mut self, app: NodeId, done: Option<u32>, cx: &mut Context<'_>) {
        match self.part(app) {
            // It came back by itself, and is not replaced yet.
            Some(Part::Starts { order, .. }) if done != Some(order) => self.order(app, order, cx),
            Some(Part::Starts { .. } | Part::Out(_)) => {
                self.set(app, Part::Serves, cx);
                cx.note(Note::TakenIn { app });
            }
            // It came back by itself while it was to finish: it has nothing left.
            Some(Part::Drains { replaced: true }) => self.stop(app, cx),
            _ => {}
        }
    }

    /// Looks after those that are out.
    pub fn look(&mut self, cx: &mut Context<'_>) {
        let now = cx.steady();
        for at in 0..self.parts.len() {
            let app = NodeId::server((FIRST_APP + at) as u16);
            match self.parts[at] {
                Part::Out(until) if until <= now => {
                    self.set(app, Part::Serves, cx);
                    cx.note(Note::TakenIn { app });
                }
                Part::Starts { order, again } if again <= now => self.order(app, order, cx),
                Part::Out(_) | Part::Starts { .. } => cx.start_timer(LOOK, Timer::Look),
                Part::Serves | Part::Drains { .. } | Part::Rests => {}
            }
        }
    }
}

impl Part {
    /// In a word or two; nothing for one that serves.
    pub fn word(self) -> Option<&'static str> {
        match self {
            Part::Serves => None,
            Part::Out(_) => Some("left out"),
            Part::Drains { .. } => Some("drains"),
            Part::Rests => Some("rests"),
            Part::Starts { .. } => Some("starts"),
        }
    }
}

/// The backends among so many servers.
pub(super) fn apps(servers: u16) -> impl Iterator<Item = NodeId> {
    (0..servers).map(NodeId::server).filter(|id| places::is_app(*id))
}
