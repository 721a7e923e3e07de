//! A client: a PC in the office behind the forward proxy, or somebody outside.

use std::net::IpAddr;
use std::sync::Arc;

use crate::algo::http::Fields;
use crate::check::operation::Key;
use crate::sim::history::Cause;
use crate::sim::id::{NodeId, RequestId};
use crate::sim::protocol::Reply;

use super::Context;
use super::lines::{Errand, Lines, Stepped, sealed};
use super::message::{Method, Op, Request, Response, Ret, Sealed, Ticket};
use super::note::Note;
use super::places::{self, BANK, FORWARD, SHOP, inside, is_in_office, name, outside, resolve};
use super::settings::{Down, OwnCa, Settings};

/// Its process.
#[derive(Clone, Debug)]
pub struct Client {
    /// Requests under way.
    pub lines: Lines<Asking>,
    /// How many requests it has made.
    made: u32,
    /// The session that the shop gave it, where it gave one.
    pub session: Option<Key>,
}

/// A request that it waits for.
#[derive(Clone, Debug)]
pub struct Asking {
    exchange: RequestId,
    op: Op,
}

impl Client {
    pub(super) fn boot(cx: &mut Context<'_>) -> Client {
        // Numbers of an earlier life are not used again.
        let made = if cx.is_first_boot() { 0 } else { (cx.rng().bits() >> 33) as u32 };
        Client { lines: Lines::boot(cx), made, session: None }
    }

    pub(super) fn on_request(&mut self, exchange: RequestId, op: Op, cx: &mut Context<'_>) {
        let asking = Asking { exchange, op };
        let in_office = is_in_office(cx.id(), cx.clients().count(), cx.settings());
        let direct = !in_office || asking.op.direct;
        if in_office && direct && cx.settings().firewall {
            return cx.reply(exchange, refused("the office's firewall lets nothing out but forward"));
        }
        self.send(asking, direct, cx);
    }

    fn send(&mut self, asking: Asking, direct: bool, cx: &mut Context<'_>) {
        let url = asking.op.url.clone();
        let to = if direct { resolve(&url.host, usize::from(server_count(cx)), cx.settings()) } else { Some(FORWARD) };
        let Some(to) = to else {
            return cx.reply(asking.exchange, refused(&format!("{} leads nowhere", url.host)));
        };
        let tls = url.https.then(|| url.host.clone());
        let request = self.request(&asking.op, direct, cx);
        cx.note(Note::Asks { ticket: request.ticket.clone(), to_shop: is_shop(&url.host, cx.settings()) });
        let steps = self.lines.steps(to, tls.as_ref().filter(|_| !direct), tls.as_ref(), cx);
        let patience = if direct { cx.settings().request_timeout } else { cx.settings().proxy_timeout };
        let exchange = asking.exchange;
        self.lines.begin(Errand { to, steps, load: Some(sealed(tls.as_ref(), request)), back: asking }, patience, Some(exchange), cx);
    }

    fn request(&mut self, op: &Op, direct: bool, cx: &Context<'_>) -> Request {
        let call = self.made;
        self.made = self.made.wrapping_add(1);
        let mut fields = Fields::new();
        fields.push("accept-encoding", "gzip");
        fields.push("accept-language", "en");
        if let Some(session) = self.session(cx).filter(|_| is_shop(&op.url.host, cx.settings())) {
            fields.push("cookie", &format!("session={session}"));
        }
        if resolve(&op.url.host, places::FIRST_APP, cx.settings()) == Some(BANK) {
            fields.push("authorization", &name(cx.id()));
        }
        if op.method == Method::Post {
            fields.push("content-length", "100");
        }
        if let Some(with) = &op.with {
            fields.set(&with.field, &with.value);
        }
        let named: Arc<[String]> = fields.list("connection").into();
        let poses = op.with.as_ref().is_some_and(|with| ["cookie", "authorization"].contains(&with.field.as_ref()));
        let in_office = is_in_office(cx.id(), cx.clients().count(), cx.settings());
        let ticket = Ticket { client: cx.id(), call, https: op.url.https, in_office, direct, poses, named };
        Request { method: op.method, url: op.url.clone(), fields, ticket }
    }

    /// Its session at the shop: its own from the start, unless the shop gives them out.
    fn session(&self, cx: &Context<'_>) -> Option<Key> {
        self.session.clone().or_else(|| (!cx.settings().set_cookie).then(|| name(cx.id()).into()))
    }

    pub(super) fn on_opened(&mut self, (call, left): (u32, usize), refused_by: Option<(u16, Key)>, cx: &mut Context<'_>) {
        let is_forged = |errand: &Errand<Asking>| errand.to == FORWARD && errand.back.op.url.https;
        if cx.settings().own_ca == OwnCa::Untrusted && self.lines.tries.get(call).is_some_and(is_forged) {
            let ended = self.lines.tries.end(call);
            return ended.into_iter().for_each(|errand| cx.reply(errand.back.exchange, refused("certificate not trusted")));
        }
        if let Stepped::Refused(errand, status, why) = self.lines.on_opened(call, left, refused_by, cx) {
            self.told(&errand, &Response::said(status, why), cx);
        }
    }

    pub(super) fn on_response(&mut self, call: u32, response: &Sealed<Response>, cx: &mut Context<'_>) {
        if let Some(errand) = self.lines.tries.end(call) {
            self.told(&errand, &response.inner, cx);
        }
    }

    fn told(&mut self, errand: &Errand<Asking>, response: &Response, cx: &mut Context<'_>) {
        let Some(request) = errand.load.as_ref().map(|sealed| Arc::clone(&sealed.inner)) else { return };
        let given = response.fields.get("set-cookie");
        if let Some(session) = given.as_deref().and_then(|cookie| cookie.strip_prefix("session=")) {
            self.session = Some(session.into());
        }
        let shop = is_shop(&request.url.host, cx.settings());
        cx.note(Note::Got { request, response: Arc::new(response.clone()), shop });
        let exchange = errand.back.exchange;
        if [200, 304].contains(&response.status) {
            let (status, what) = (response.status, response.page.what.clone());
            return cx.reply(exchange, Reply::Ok(Ret { status, what, hit: response.is_hit() }));
        }
        let cause = Cause::from(format!("{}, {}", response.status, response.page.what));
        let may_have_worked = errand.back.op.method == Method::Post && [502, 504].contains(&response.status);
        cx.reply(exchange, if may_have_worked { Reply::Unknown(cause) } else { Reply::Refused(cause) });
    }

    pub(super) fn on_reset(&mut self, from: NodeId, call: u32, cx: &mut Context<'_>) {
        self.lines.closed(from);
        if let Some(errand) = self.lines.tries.end(call) {
            Client::failed(&errand.back, &format!("{} closed the connection", name(from)), cx);
        }
    }

    /// The proxy did not answer, or nobody did.
    pub(super) fn on_overdue(&mut self, cx: &mut Context<'_>) {
        for errand in self.lines.tries.overdue(cx) {
            self.lines.closed(errand.to);
            // What may have had its effect is not sent again.
            let is_safe = errand.back.op.method == Method::Get;
            let may_go = errand.to == FORWARD && is_safe && cx.settings().proxy_down == Down::Open && !cx.settings().firewall;
            if may_go {
                cx.note(Note::GoesPast { url: errand.back.op.url.clone() });
                self.send(errand.back, true, cx);
            } else {
                Client::failed(&errand.back, &format!("{} did not answer", name(errand.to)), cx);
            }
        }
    }

    fn failed(asking: &Asking, why: &str, cx: &mut Context<'_>) {
        cx.note(Note::Unanswered { shop: is_shop(&asking.op.url.host, cx.settings()) });
        let cause = Cause::from(why.to_string());
        let reply = if asking.op.method == Method::Post { Reply::Unknown(cause) } else { Reply::Failed(cause) };
        cx.reply(asking.exchange, reply);
    }

    /// The time of an exchange is over.
    pub(super) fn on_give_up(&mut self, exchange: RequestId, cx: &mut Context<'_>) {
        for errand in self.lines.tries.drop_if(|errand| errand.back.exchange == exchange) {
            cx.note(Note::Unanswered { shop: is_shop(&errand.back.op.url.host, cx.settings()) });
        }
    }
}

fn refused(why: &str) -> Reply<Ret> {
    Reply::Refused(Cause::from(why.to_string()))
}

/// Whether a host is the shop, by its name or that of one of its backends.
pub(super) fn is_shop(host: &str, settings: &Settings) -> bool {
    let apps = |host: &str| host.strip_prefix("app").is_some_and(|number| number.parse::<u8>().is_ok());
    host == SHOP || apps(host) || [places::REVERSE, places::EDGE].iter().any(|id| places::address(*id, settings).to_string() == host)
}

/// How many servers there ever were: their numbers.
fn server_count(cx: &Context<'_>) -> u16 {
    cx.servers().last().map_or(0, |id| id.index() as u16 + 1)
}

/// The address that a request of a client comes from: that of the office, or its own way out.
pub(super) fn address(client: NodeId, to: NodeId, request: Option<&Arc<Request>>, cx: &Context<'_>) -> IpAddr {
    let in_office = request.map_or(to == FORWARD, |request| request.ticket.in_office);
    if in_office && to == FORWARD { inside(client, cx.settings()) } else { outside(client, cx.settings()) }
}
