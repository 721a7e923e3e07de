//! A client: it asks the application that it is given to, and keeps its places in the traces.

use crate::persistent::OrdMap;
use crate::sim::id::{NodeId, RequestId};
use crate::sim::protocol::Reply;
use crate::sim::time::Span;

use super::message::{Answer, Msg};
use super::request::Request;
use super::settings::Settings;
use super::{CACHE, Context, is_app};

/// The process.
#[derive(Clone, Debug, Default)]
pub struct Client {
    /// Where each trace goes on.
    places: OrdMap<u32, u64>,
    /// Which application it asks, unless it is told otherwise.
    pub app: Option<NodeId>,
}

/// The application of a client: the first asks the first, and so on round.
fn app_of(client: NodeId, cx: &Context<'_>) -> NodeId {
    let first = CACHE.index() as u16 + 1;
    let apps = (cx.server_count() as u16).saturating_sub(first).max(1);
    NodeId::server(first + client.index() as u16 % apps)
}

/// How long a client waits for the answer to a request: for a trace as long as for each of its reads alone.
pub(super) fn patience(settings: &Settings, op: &Request) -> Span {
    let reads = if let Request::Play { count, .. } = op { *count } else { 1 };
    (settings.request_timeout + settings.pace).scaled(f64::from(reads))
}

impl Client {
    pub(super) fn on_request(&mut self, request: RequestId, what: Request, server: Option<NodeId>, cx: &mut Context<'_>) {
        let app = server.unwrap_or_else(|| app_of(cx.id(), cx));
        if !is_app(app) {
            return cx.reply(request, Reply::Refused("clients ask applications: app1, app2, ...".into()));
        }
        self.app = Some(app);
        let from = match &what {
            Request::Play { tape, count } => {
                let place = self.places.entry(*tape).or_default();
                let from = *place;
                *place += u64::from(*count);
                from
            }
            _ => 0,
        };
        cx.ask(request, app, Msg::Ask { request, what, from });
    }
}

/// The application answered.
pub(super) fn on_message(msg: Msg, cx: &mut Context<'_>) {
    let Msg::Told { request, answer } = msg else { return };
    cx.reply(
        request,
        match answer {
            Answer::Done(done) => Reply::Ok(done),
            Answer::Refused(why) => Reply::Refused(why.into()),
            Answer::Unknown(why) => Reply::Unknown(why.into()),
        },
    );
}
