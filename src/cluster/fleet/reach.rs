//! Where a request that is made now would go, and which server nothing can replace: asked of the state itself, and of nobody's opinion.

use crate::cluster::kit::reach::can_talk;
use crate::sim::id::NodeId;
use crate::sim::kernel::Sim;

use super::Fleet;
use super::health::Health;
use super::inventory::Tier;
use super::settings::{Address, Carts};

/// The way of a request: a front, an application server, a database.
pub(super) type Path = [NodeId; 3];

fn tier(sim: &Sim<Fleet>, tier: Tier) -> impl Iterator<Item = NodeId> {
    sim.settings().inventory().of(tier).filter(|id| sim.has(*id))
}

/// Whether a server runs, and answers: a database serves when it has what it should have.
pub(super) fn works(sim: &Sim<Fleet>, id: NodeId) -> bool {
    let node = sim.node(id);
    !node.is_paused() && node.state().is_some_and(|state| !matches!(state, Fleet::Db(db) if !db.serves()))
}

/// How many servers of a tier work.
pub(super) fn working(sim: &Sim<Fleet>, of: Tier) -> usize {
    tier(sim, of).filter(|id| works(sim, *id)).count()
}

/// The way of a page that somebody asks for now; `None`: nobody gets one.
pub(super) fn path(sim: &Sim<Fleet>) -> Option<Path> {
    if working(sim, Tier::App) < sim.settings().needed as usize {
        return None;
    }
    let mut users = sim.ids().filter(|id| id.is_client());
    let found = users.find_map(|user| from_user(sim, user));
    // Without users, it is what one would find who asks the first front.
    let first = tier(sim, Tier::Front).next().filter(|_| sim.clients() == 0);
    found.or_else(|| first.and_then(|front| from_front(sim, front)))
}

fn from_user(sim: &Sim<Fleet>, user: NodeId) -> Option<Path> {
    let Some(Fleet::Users(users)) = sim.node(user).state() else { return None };
    let all = tier(sim, Tier::Front).filter(|_| sim.settings().address == Address::Dns);
    let mut asked = std::iter::once(users.front).chain(all.filter(|front| *front != users.front));
    asked.find_map(|front| (sim.has(front) && can_talk(sim, user, front)).then(|| from_front(sim, front)).flatten())
}

fn from_front(sim: &Sim<Fleet>, front: NodeId) -> Option<Path> {
    let Some(Fleet::Front(state)) = sim.node(front).state().filter(|_| works(sim, front)) else { return None };
    let living = believed(sim, &state.health, Tier::App);
    if living.len() < sim.settings().needed as usize {
        return None;
    }
    living.into_iter().find_map(|app| can_talk(sim, front, app).then(|| from_app(sim, front, app)).flatten())
}

fn from_app(sim: &Sim<Fleet>, front: NodeId, app: NodeId) -> Option<Path> {
    let Some(Fleet::App(state)) = sim.node(app).state().filter(|_| works(sim, app)) else { return None };
    let mut living = believed(sim, &state.health, Tier::Db).into_iter();
    living.find(|db| works(sim, *db) && can_talk(sim, app, *db)).map(|db| [front, app, db])
}

/// Whom a server would ask, one after the other, as long as somebody waits: without retries only the first, or the first that share the
/// work.
fn believed(sim: &Sim<Fleet>, health: &Health, of: Tier) -> Vec<NodeId> {
    let settings = sim.settings();
    let living = health.living(|id| settings.inventory().tier(id) == Some(of));
    let shared = if of == Tier::App { settings.needed as usize } else { 1 };
    living.take(settings.tries(of).max(shared)).collect()
}

/// The servers whose loss, of one alone, nobody replaces, however long one waits for checks: some request is then answered no more.
/// `None` while that is so already.
pub(super) fn single_points(sim: &Sim<Fleet>) -> Option<Vec<NodeId>> {
    stands(sim, None).then(|| sim.settings().inventory().all().filter(|id| sim.has(*id) && !stands(sim, Some(*id))).collect())
}

/// Whether pages, additions and checkouts are answered without this server, once everybody has noticed.
fn stands(sim: &Sim<Fleet>, without: Option<NodeId>) -> bool {
    let settings = sim.settings();
    // Whoever checks gets to all of them, and whoever does not to as many as it tries.
    let left = |of: Tier, shared: usize| -> Vec<NodeId> {
        let most = if settings.check.is_some() { usize::MAX } else { settings.tries(of).max(shared) };
        tier(sim, of).take(most).filter(|id| Some(*id) != without && works(sim, *id)).collect()
    };
    let (apps, dbs) = (left(Tier::App, settings.needed as usize), left(Tier::Db, 1));
    let kept = match settings.carts {
        Carts::Sync => (settings.copies() + 1).max(settings.readers()),
        Carts::Memory | Carts::Async => 1,
    };
    // All databases are asked at once where several must answer.
    let all: Vec<NodeId> = tier(sim, Tier::Db).filter(|id| Some(*id) != without && works(sim, *id)).collect();
    let reached = |a: NodeId, all: &[NodeId]| all.iter().filter(|b| can_talk(sim, a, **b)).count();
    let serves = |app: &NodeId| reached(*app, &dbs) >= 1 && reached(*app, &all) >= kept;
    let fronts = open_fronts(sim, without);
    apps.len() >= settings.needed as usize && fronts.iter().any(|front| apps.iter().any(|app| can_talk(sim, *front, *app) && serves(app)))
}

/// The fronts that users get to without this server.
fn open_fronts(sim: &Sim<Fleet>, without: Option<NodeId>) -> Vec<NodeId> {
    let settings = sim.settings();
    let switches = match settings.address {
        Address::ByHand => false,
        Address::Dns => true,
        Address::Shared => settings.check.is_some(),
    };
    let asked = |front: NodeId| {
        let mut users = sim.ids().filter(|id| id.is_client());
        users.any(|user| {
            let is_home = matches!(sim.node(user).state(), Some(Fleet::Users(users)) if users.front == front);
            (switches || is_home) && can_talk(sim, user, front)
        })
    };
    tier(sim, Tier::Front).filter(|id| Some(*id) != without && works(sim, *id) && asked(*id)).collect()
}
