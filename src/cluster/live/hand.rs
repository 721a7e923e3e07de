//! What a cluster lets be done to it, whatever its protocol: the pokes are written once against this, in [`super::apply`].

use crate::cluster::kit::ask::Deed;
use crate::cluster::kit::settings::Declared as _;
use crate::command::{Call, Workload};
use crate::sim::id::NodeId;
use crate::sim::machine::Machine;

use super::{Live, Staged, load, start};

/// Whether something can be done, or why not.
pub(super) type Check<T = ()> = Result<T, String>;

/// What only the protocol knows of a poke.
pub(super) trait Hand {
    /// The simulation.
    fn machine(&self) -> &dyn Machine;
    /// The simulation, to be changed.
    fn machine_mut(&mut self) -> &mut dyn Machine;
    /// What a server is called.
    fn name(&self, id: NodeId) -> String;
    /// The timers of a node that run and have a name.
    fn timers(&self, id: NodeId) -> Vec<&'static str>;
    /// Lets the timer of this name go off.
    fn fire(&mut self, id: NodeId, name: &str);

    /// Everything that an operator can do now with one pick.
    fn offers(&self) -> Vec<Call>;
    /// Whether an operator can do this now.
    fn can_operate(&self, call: &Call) -> Check;
    /// An operator does this.
    fn operate(&mut self, call: &Call);

    /// Whether a setting can be changed to this while the cluster runs.
    fn can_set(&self, name: &str, text: &str) -> Check;
    /// Changes a setting.
    fn set(&mut self, name: &str, text: &str);

    /// Whether clients can ask this.
    fn can_ask(&self, call: &Call) -> Check;
    /// A client asks.
    fn ask(&mut self, client: NodeId, call: &Call, server: Option<NodeId>);

    /// Whether a client can have this workload.
    fn can_load(&self, workload: &Workload) -> Check;
    /// Gives a client a workload, or takes it away.
    fn set_load(&mut self, client: NodeId, workload: Option<&Workload>);
}

impl<P: Staged> Hand for Live<P> {
    fn machine(&self) -> &dyn Machine {
        &self.sim
    }

    fn machine_mut(&mut self) -> &mut dyn Machine {
        &mut self.sim
    }

    fn name(&self, id: NodeId) -> String {
        P::name(&self.sim, id)
    }

    fn timers(&self, id: NodeId) -> Vec<&'static str> {
        self.sim.node(id).timers().iter().filter_map(|running| P::timer(running.timer)).collect()
    }

    fn fire(&mut self, id: NodeId, name: &str) {
        let timer = self.sim.node(id).timers().iter().map(|running| running.timer).find(|timer| P::timer(*timer) == Some(name));
        if let Some(timer) = timer {
            self.sim.fire(id, timer);
        }
    }

    fn offers(&self) -> Vec<Call> {
        let of = |deed: &'static Deed<P>| (deed.offers)(&self.sim).into_iter().map(|args| Call { verb: &deed.doc.verb, form: 0, args });
        P::DEEDS.iter().flat_map(of).collect()
    }

    fn can_operate(&self, call: &Call) -> Check {
        (load::deed::<P>(call)?.can)(&self.sim, call)
    }

    fn operate(&mut self, call: &Call) {
        if let Ok(deed) = load::deed::<P>(call) {
            (deed.perform)(&mut self.sim, call);
        }
    }

    fn can_set(&self, name: &str, text: &str) -> Check {
        self.changed(name, text).map(|_| ())
    }

    fn set(&mut self, name: &str, text: &str) {
        let Ok(settings) = self.changed(name, text) else { return };
        start::adapt(&mut self.sim, &P::speeds(&settings));
        self.sim.change_settings(settings);
        P::furnish(&mut self.sim);
    }

    fn can_ask(&self, call: &Call) -> Check {
        load::op::<P>(call).map(|_| ())
    }

    fn ask(&mut self, client: NodeId, call: &Call, server: Option<NodeId>) {
        if let Ok(op) = load::op::<P>(call) {
            self.sim.request(client, op, server);
        }
    }

    fn can_load(&self, workload: &Workload) -> Check {
        load::load::<P>(workload).map(|_| ())
    }

    fn set_load(&mut self, client: NodeId, workload: Option<&Workload>) {
        self.sim.set_load(client, workload.and_then(|workload| load::load(workload).ok()));
    }
}

impl<P: Staged> Live<P> {
    /// The settings with one of them changed.
    fn changed(&self, name: &str, text: &str) -> Check<P::Settings> {
        let mut settings = self.sim.settings().clone();
        settings.set(name, text)?;
        let is_live = P::Settings::DOCS.iter().any(|doc| doc.name == name && doc.live);
        if !is_live && settings.get(name) != self.sim.settings().get(name) {
            return Err(format!("`{name}` says how the cluster begins; it does not change while it runs"));
        }
        let fits = P::fits(&settings, self.sim.servers(), self.sim.clients());
        fits.and_then(|()| P::may_become(&self.sim, &settings)).map_err(|(name, why)| format!("`{name}`: {why}"))?;
        Ok(settings)
    }
}
