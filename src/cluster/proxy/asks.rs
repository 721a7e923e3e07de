//! What clients can ask and operators can do, in the words of the command language.

use crate::check::operation::{Key, Value};
use crate::cluster::kit::ask::{Ask, Deed, call, calls, verb, verbs};
use crate::command::{Arg, Call, CallDoc, Place, VerbDoc};
use crate::sim::id::NodeId;
use crate::sim::kernel::Sim;

use super::hop::Proxy;
use super::message::{Method, Op, Url, With};
use super::note::Note;
use super::places::{REVERSE, is_app, is_proxy, name};
use super::pool::Part;
use super::settings::Deploy;
use super::{Context, Proxied};

/// The forms, in the order of [`form`].
const GET: &[&str] =
    &["CLIENT get URL", "CLIENT get URL direct", "CLIENT get URL with FIELD VALUE", "CLIENT get URL with FIELD VALUE direct"];
const POST: &[&str] =
    &["CLIENT post URL", "CLIENT post URL direct", "CLIENT post URL with FIELD VALUE", "CLIENT post URL with FIELD VALUE direct"];
/// The first form with a field.
const WITH: u8 = 2;

/// URLs that can be typed, for completion.
const OFFERS: &[(&str, &str)] = &[
    ("http://news/", "a page that all may share"),
    ("https://news/", "the same by TLS"),
    ("http://video/", "another site"),
    ("https://bank/account", "a page about who asks, with Authorization"),
    ("http://shop/", "the shop's front page"),
    ("http://shop/cart", "a page about who asks, by a cookie"),
    ("http://shop/admin", "a page for the office only"),
    ("http://192.0.2.21/", "video by its address"),
    ("http://app1/admin", "past the shop's proxy"),
];

/// Every call.
pub(super) static ASKS: [Ask<Op>; 2] = [
    Ask {
        doc: CallDoc {
            key: Some('a'),
            changes: false,
            weight: 80,
            offers: ("URL", OFFERS),
            ..call(
                "get",
                GET,
                "c1 get http://news/",
                "ask for a page: by the forward proxy, or past it, perhaps with a field of the header written by hand",
            )
        },
        read: |call| read(Method::Get, call),
        drawn: Some(|host, _| drawn(Method::Get, &host)),
    },
    Ask {
        doc: CallDoc {
            key: Some('s'),
            weight: 20,
            offers: ("URL", &[("http://shop/order", "an order"), ("http://news/", "the next edition of the page")]),
            ..call("post", POST, "c1 post http://shop/order", "have something done: an order at the shop, or the next edition of a page")
        },
        read: |call| read(Method::Post, call),
        drawn: Some(|host, _| drawn(Method::Post, &host)),
    },
];

/// Their words.
pub(super) static CALLS: [CallDoc; 2] = calls(&ASKS);

/// Pages by the names that a workload may have for them; every other name is a page of the news.
const PAGES: [(&str, &str, &str); 7] = [
    ("news", "news", "/"),
    ("video", "video", "/"),
    ("bank", "bank", "/account"),
    ("shop", "shop", "/"),
    ("cart", "shop", "/cart"),
    ("admin", "shop", "/admin"),
    ("order", "shop", "/order"),
];

/// What a workload asks. Orders are what it posts where nothing else is named.
fn drawn(method: Method, key: &Key) -> Op {
    let posts = method == Method::Post && ["shop", "cart", "admin"].contains(&&**key);
    let name = if posts { "order" } else { key };
    let known = PAGES.iter().find(|(known, ..)| *known == name);
    let (host, path) = known.map_or_else(|| ("news", format!("/{key}")), |(_, host, path)| (*host, (*path).to_string()));
    Op { method, url: Url { https: false, host: host.into(), path: path.into() }, with: None, direct: false }
}

fn text(call: &Call, slot: &str) -> String {
    call.get(slot).and_then(Arg::value).map(Value::to_string).unwrap_or_default()
}

fn read(method: Method, call: &Call) -> Result<Op, String> {
    let url = Url::read(&text(call, "URL"))?;
    let with =
        (call.form >= WITH).then(|| With { field: text(call, "FIELD").to_ascii_lowercase().into(), value: text(call, "VALUE").into() });
    let is_name = |name: &str| !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    match &with {
        Some(with) if !is_name(&with.field) => Err(format!("`{}` is no field of a header; right is x-forwarded-for or cookie", with.field)),
        Some(with) if with.value.len() > 200 || with.value.chars().any(char::is_control) => {
            Err(format!("the value of `{}` is a text of at most 200 characters", with.field))
        }
        _ => Ok(Op { method, url, with, direct: call.form % 2 == 1 }),
    }
}

/// An operation as it is typed.
pub(super) fn asked(op: &Op) -> Call {
    let url = Value::Text(op.url.to_string().into());
    let with = op.with.iter().flat_map(|with| [Value::from(&*with.field), Value::from(&*with.value)]);
    let form = u8::from(op.direct) + if op.with.is_some() { WITH } else { 0 };
    let args = std::iter::once(url).chain(with).map(Arg::Value).collect();
    Call { verb: &CALLS[usize::from(op.method == Method::Post)].verb, form, args }
}

/// What operators do.
pub(super) static DEEDS: [Deed<Proxied>; 3] = [
    Deed {
        doc: verb("deploy", &["deploy SERVER"], "deploy app1", "replace a backend by one of the next release, as `deploy` says"),
        can: |sim, call| backend(sim, call).and_then(|app| takes_orders(sim, app, false)),
        perform: |sim, call| take_out(sim, call, true),
        offers: apps,
    },
    Deed {
        doc: verb(
            "drain",
            &["drain SERVER"],
            "drain app1",
            "send a backend nothing new, until somebody deploys it or the reverse proxy starts again",
        ),
        can: |sim, call| backend(sim, call).and_then(|app| takes_orders(sim, app, true)),
        perform: |sim, call| take_out(sim, call, false),
        offers: apps,
    },
    Deed {
        doc: verb("purge", &["purge SERVER"], "purge forward", "throw away all that a proxy keeps"),
        can: |sim, call| match proxy(sim, call)?.shelf.len() {
            0 => Err("it keeps nothing".into()),
            _ => Ok(()),
        },
        perform: |sim, call| {
            let Some(id) = named(sim, call) else { return };
            command(sim, id, |proxy, cx| {
                cx.note(Note::Purged { entries: proxy.shelf.len() });
                proxy.shelf = super::shelf::Shelf::default();
            });
        },
        offers: |sim| sim.server_ids().filter(|id| is_proxy(*id)).map(|id| vec![Arg::Place(Place::Node(id))]).collect(),
    },
];

/// Their words.
pub(super) static VERBS: [VerbDoc; 3] = verbs(&DEEDS);

/// The server that a call names, by its number or as it is called.
fn named(sim: &Sim<Proxied>, call: &Call) -> Option<NodeId> {
    match call.get("SERVER").and_then(Arg::place)? {
        Place::Node(id) => Some(*id).filter(|id| sim.has(*id)),
        Place::Named(text) => sim.server_ids().find(|id| name(*id) == *text),
    }
}

fn apps(sim: &Sim<Proxied>) -> Vec<Vec<Arg>> {
    sim.server_ids().filter(|id| is_app(*id)).map(|id| vec![Arg::Place(Place::Node(id))]).collect()
}

fn backend(sim: &Sim<Proxied>, call: &Call) -> Result<NodeId, String> {
    named(sim, call).filter(|id| is_app(*id)).ok_or_else(|| format!("`{call}` names no backend such as app1"))
}

fn takes_orders(sim: &Sim<Proxied>, app: NodeId, drains: bool) -> Result<(), String> {
    let reverse = running(sim, REVERSE)?;
    match reverse.pool.part(app) {
        Some(Part::Starts { .. }) => Err(format!("{} is being replaced already", name(app))),
        Some(Part::Drains { .. }) => Err(format!("{} drains already", name(app))),
        Some(Part::Rests) if drains => Err(format!("{} rests already", name(app))),
        // Who kills does not ask; who drains does so for the sake of the clients.
        Some(Part::Serves) if reverse.pool.usable() == 1 && (drains || sim.settings().deploy == Deploy::Drain) => {
            Err(format!("nobody but {} serves now; wait until another does", name(app)))
        }
        Some(_) => Ok(()),
        None => Err(format!("{} is no backend here", name(app))),
    }
}

fn proxy<'a>(sim: &'a Sim<Proxied>, call: &Call) -> Result<&'a Proxy, String> {
    let id = named(sim, call).filter(|id| is_proxy(*id)).ok_or_else(|| format!("`{call}` names no proxy: forward, reverse or edge"))?;
    running(sim, id)
}

/// A proxy that can be told something.
fn running(sim: &Sim<Proxied>, id: NodeId) -> Result<&Proxy, String> {
    match sim.node(id).state() {
        _ if sim.node(id).is_paused() => Err(format!("{} is paused; resume it first", name(id))),
        Some(Proxied::Proxy(proxy)) => Ok(proxy),
        _ => Err(format!("{} is down; restart it first", name(id))),
    }
}

fn take_out(sim: &mut Sim<Proxied>, call: &Call, replaced: bool) {
    let Ok(app) = backend(sim, call) else { return };
    command(sim, REVERSE, |proxy, cx| proxy.pool.take_out(app, replaced, cx));
}

fn command(sim: &mut Sim<Proxied>, id: NodeId, deed: impl FnOnce(&mut Proxy, &mut Context<'_>)) {
    sim.command(id, |state, cx| {
        if let Proxied::Proxy(proxy) = state {
            deed(proxy, cx);
        }
    });
}
