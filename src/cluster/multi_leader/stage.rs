//! Several leaders on the stage.

use crate::check::operation::{Op, Replicas, Ret};
use crate::check::verdict::Verdicts;
use crate::cluster::kit::ask::{Ask, Deed};
use crate::cluster::kit::facts::Fact;
use crate::cluster::kit::register::{Answer, Register, Registers};
use crate::cluster::live::{Live, Staged};
use crate::cluster::model::Model;
use crate::cluster::scene::{NodeView, Scene};
use crate::command::Call;
use crate::sim::id::NodeId;
use crate::sim::time::Time;

use super::message::Done;
use super::model::MODEL;
use super::request::Request;
use super::settings::Settings;
use super::watch::Watch;
use super::{MultiLeader, Timer};

/// The data centres of a cluster of which nobody has said where its servers stand.
const CENTRES: [&str; 4] = ["us", "eu", "asia", "africa"];

impl Staged for MultiLeader {
    type Watch = Watch;
    type Invariants = super::invariants::Invariants;
    const MODEL: &'static Model = &MODEL;
    const ASKS: &'static [Ask<Request>] = &super::asks::ASKS;
    const DEEDS: &'static [Deed<Self>] = &super::operator::DEEDS;
    const FACTS: &'static [&'static [Fact<Self>]] = super::facts::TABLES;

    fn fits(settings: &Settings, servers: u16, _: u16) -> Result<(), (&'static str, String)> {
        settings.fits(servers)
    }

    /// Each server in a data centre of its own, and the clients in turn.
    fn usual_zones(_: &Settings, servers: u16, clients: u16) -> Vec<(String, Vec<NodeId>)> {
        let users = |centre: u16| (0..clients).filter(move |client| client % servers.max(1) == centre).map(NodeId::client);
        let centre = |(index, name): (u16, &&str)| (name.to_string(), [NodeId::server(index)].into_iter().chain(users(index)).collect());
        (0..servers).zip(&CENTRES).map(centre).collect()
    }

    fn asked(request: &Request) -> Call {
        super::asks::asked(request)
    }

    fn changed(done: &Done) -> bool {
        done.ret != Ret::NotSwapped
    }

    fn told(done: &Done) -> String {
        done.told()
    }

    fn timer(timer: Timer) -> Option<&'static str> {
        match timer {
            Timer::Resend(_) => Some("resend"),
            Timer::Ship => Some("ship"),
            Timer::Flush => None,
        }
    }

    fn server_of(client: &Self) -> Option<NodeId> {
        if let MultiLeader::Client(client) = client { Some(client.leader) } else { None }
    }

    fn is_serving(live: &Live<Self>) -> bool {
        live.watched().serving
    }

    fn picture(live: &Live<Self>, node: NodeId, view: &mut NodeView) {
        super::picture::draw(live, node, view);
    }

    fn panels(live: &Live<Self>, _: Time, out: &mut Scene) {
        super::picture::streams_panel(live, out);
        super::picture::knobs(live, out);
    }

    fn judge(live: &Live<Self>) -> Verdicts {
        super::judge::judge(live)
    }
}

impl Registers for MultiLeader {
    fn op(request: &Request) -> Option<&Op> {
        request.register()
    }

    fn answer(done: &Done) -> Answer<'_> {
        Answer { ret: &done.ret, wrote: done.wrote, beside: &done.beside }
    }

    fn register(watch: &Watch) -> &Register {
        &watch.register
    }

    fn replicas(live: &Live<Self>) -> Replicas {
        super::judge::replicas(live)
    }
}
