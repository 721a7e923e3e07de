//! Deploys: every server is replaced by one of a new version, a few at a time (Kubernetes, Deployment: rolling update with `maxSurge`
//! and `maxUnavailable`, and recreate).

use crate::sim::id::NodeId;
use crate::sim::protocol::Cx;

use super::Traffic;
use super::front::Front;
use super::note::Note;
use super::pool::{Backend, Part};
use super::words::DeployHow;

/// A deploy that is under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Deploy {
    /// How many servers there are to be.
    servers: u32,
    /// How many more than that there may be.
    surge: u32,
    /// How many fewer may serve.
    unavailable: u32,
    /// Servers that were ordered and have not said that they are there.
    ordered: u32,
    drains: bool,
}

/// The servers of a deploy, by how far they are.
#[derive(Clone, Copy, Debug, Default)]
struct Stages {
    old: u32,
    leaving: u32,
    starting: u32,
    fresh: u32,
}

impl Front {
    /// Begins to replace every server.
    pub(super) fn deploy(&mut self, cx: &mut Cx<'_, Traffic>) {
        self.version += 1;
        let (how, batch, drains) = (cx.settings().deploy_how, cx.settings().deploy_batch, cx.settings().deploy_drain);
        // Those that were ordered before and have not come yet are to stay.
        let is_to_come = |id: &NodeId| cx.settings().is_app(*id) && self.pool.find(*id).is_none();
        let ordered = cx.servers().filter(is_to_come).count() as u32;
        let servers = self.pool.there().filter(|backend| backend.part != Part::Drains).count() as u32 + ordered;
        let (surge, unavailable) = match how {
            DeployHow::Surge => (batch, 0),
            DeployHow::InPlace => (0, batch.min(servers)),
            DeployHow::AllAtOnce => (0, servers),
        };
        cx.note(Note::Deploys { version: self.version, servers });
        self.deploy = Some(Deploy { servers, surge, unavailable, ordered, drains });
        self.go_on_with_deploy(cx);
    }

    /// Servers that have an older version than the newest.
    pub fn old(&self) -> u32 {
        self.stages().old + self.pool.there().filter(|backend| self.is_old(backend) && backend.part == Part::Drains).count() as u32
    }

    fn is_old(&self, backend: &Backend) -> bool {
        backend.version < self.version
    }

    fn stages(&self) -> Stages {
        let mut stages = Stages::default();
        for backend in self.pool.there() {
            match backend.part {
                Part::Drains => stages.leaving += 1,
                _ if self.is_old(backend) => stages.old += 1,
                Part::Starts(_) => stages.starting += 1,
                // Whom the checks hold for dead is no capacity yet.
                _ if !backend.healthy => stages.starting += 1,
                _ => stages.fresh += 1,
            }
        }
        stages
    }

    /// By hand there are to be more servers, or fewer, than a deploy found that is under way.
    pub(super) fn wants(&mut self, more: i32) {
        if let Some(deploy) = &mut self.deploy {
            deploy.servers = deploy.servers.saturating_add_signed(more);
            deploy.ordered += more.max(0) as u32;
        }
    }

    /// One that was ordered is there.
    pub(super) fn has_come(&mut self) {
        if let Some(deploy) = &mut self.deploy {
            deploy.ordered = deploy.ordered.saturating_sub(1);
        }
    }

    /// Takes old servers out and orders new ones, as far as the deploy may.
    pub(super) fn go_on_with_deploy(&mut self, cx: &mut Cx<'_, Traffic>) {
        while let Some(deploy) = &mut self.deploy {
            let (deploy_now, version) = (*deploy, self.version);
            let Stages { old, leaving, starting, fresh } = self.stages();
            let new = fresh + starting + deploy_now.ordered;
            let may_leave = old > 0 && old + fresh + deploy_now.unavailable > deploy_now.servers;
            let may_come = new < deploy_now.servers && old + leaving + new < deploy_now.servers + deploy_now.surge;
            if may_leave {
                self.take_oldest(deploy_now.drains, cx);
            } else if may_come {
                self.order(cx);
            } else {
                if old + leaving + starting + deploy_now.ordered == 0 {
                    self.deploy = None;
                    cx.note(Note::Deployed { version });
                }
                return;
            }
        }
    }

    fn order(&mut self, cx: &mut Cx<'_, Traffic>) {
        if let Some(deploy) = &mut self.deploy {
            deploy.ordered += 1;
            cx.add_server();
        }
    }

    /// The first of the old ones leaves. What is under way is not gone on with from within.
    fn take_oldest(&mut self, drains: bool, cx: &mut Cx<'_, Traffic>) {
        let oldest = self.pool.there().find(|backend| self.is_old(backend) && backend.part != Part::Drains).map(|backend| backend.id);
        let under_way = self.deploy.take();
        match oldest {
            Some(id) if drains => self.drain(id, cx),
            Some(id) => self.remove(id, cx),
            None => {}
        }
        self.deploy = under_way;
    }
}
