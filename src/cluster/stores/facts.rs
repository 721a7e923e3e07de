//! The facts of the two shops; most are told of each, as `sum.tables` and `sum.documents`.

use crate::check::isolation::Phenomenon;
use crate::cluster::facts::{FactDoc, FactKind, FactValue, Keys};
use crate::cluster::kit::facts::{self, Fact, fact, int};
use crate::cluster::kit::settings::Declared as _;
use crate::cluster::live::Live;

use super::server::{Server, Session};
use super::shop::Shop;
use super::unit::Unit;
use super::watch::{Counts, Half};
use super::{Stores, state};
use crate::persistent::OrdSet;

type One = Live<Stores>;

/// All tables, in the order of the documentation.
pub(super) static TABLES: &[&[Fact<Stores>]] = &[COST, LAST, SHOP, RUN, NOW, WRONG, DESIGN, &WIRES];

static WIRES: [Fact<Stores>; 5] = facts::wires();

const EACH: FactKind = FactKind::Named(Keys::Any);

/// What it costs.
static COST: &[Fact<Stores>] = &[
    fact("statements", EACH, "For each shop: statements that the application sent, BEGIN and COMMIT not counted.", |live| {
        count(live, |counts| counts.statements)
    }),
    fact("trips", EACH, "For each shop: how often the application waited for a server: once a statement, and once a commit.", |live| {
        count(live, |counts| counts.trips)
    }),
    fact("reads", EACH, "For each shop: rows or documents that servers looked at.", |live| count(live, |counts| counts.looked)),
];

/// The newest ask.
static LAST: &[Fact<Stores>] = &[
    fact("last_statements", EACH, "For each shop: the statements of the newest ask.", |live| last(live, |unit| unit.statements)),
    fact("last_trips", EACH, "For each shop: how often the newest ask waited for a server.", |live| last(live, |unit| unit.trips)),
    fact("last_reads", EACH, "For each shop: rows or documents that were looked at for the newest ask.", |live| {
        last(live, |unit| unit.looked)
    }),
    fact("last_changed", EACH, "For each shop: rows or documents that the newest ask changed.", |live| last(live, |unit| unit.changed)),
    fact("last_shards", EACH, "For each shop: the servers that the newest ask touched.", |live| last(live, |unit| unit.servers.len())),
    fact("last_ms", EACH, "For each shop: how long the newest ask of those that have ended took, or takes, in milliseconds.", |live| {
        let now = live.sim().now();
        last_of(live, |unit| unit.took.unwrap_or_else(|| now.since(unit.began)).as_ms())
    }),
];

/// What the shops hold. What is decided and not carried out on every shard counts as carried out.
static SHOP: &[Fact<Stores>] = &[
    fact("sum", EACH, "For each shop: the sum of all balances, as far as they are committed. It is 150 at the start.", |live| {
        each(live, |live, shop| state::sum(live.sim(), shop) as f64)
    }),
    fact("sum_read", EACH, "For each shop where an audit has ended: the sum that the last one saw.", |live| {
        FactValue::Named(Shop::ALL.iter().filter_map(|shop| Some((shop.name().to_string(), half(live, *shop).audited? as f64))).collect())
    }),
    fact("sold", EACH, "For each shop: how many lines were ordered since the start.", |live| {
        each(live, |live, shop| state::sold(live.sim(), shop) as f64)
    }),
    fact("left_in_stock", EACH, "For each shop: how many there are left of all items.", |live| {
        each(live, |live, shop| state::left_in_stock(live.sim(), shop) as f64)
    }),
    fact("oversold", EACH, "For each shop: how many more were sold of an item than there were.", |live| {
        each(live, |live, shop| state::oversold(live.sim(), shop) as f64)
    }),
    fact("on_duty", EACH, "For each shop: how many clerks are on duty.", |live| {
        each(live, |live, shop| state::on_duty(live.sim(), shop) as f64)
    }),
    fact("copies", EACH, "For each shop: how often titles of items are written down, the items' own included.", |live| {
        each(live, |live, shop| state::copies(live.sim(), shop).all as f64)
    }),
    fact("copies_off", EACH, "For each shop: how many of these differ from the title of the item.", |live| {
        each(live, |live, shop| state::copies(live.sim(), shop).off as f64)
    }),
    fact("old_shapes", EACH, "For each shop: items that have the old schema.", |live| {
        each(live, |live, shop| state::schemas(live.sim(), shop).0 as f64)
    }),
    fact(
        "prices_off",
        EACH,
        "For each shop: items whose price is another than at the start, by the schema that they say they have.",
        |live| each(live, |live, shop| state::schemas(live.sim(), shop).1 as f64),
    ),
];

/// How asks ended.
static RUN: &[Fact<Stores>] = &[
    fact("commits", EACH, "For each shop: transactions, and statements by themselves, that changed something, by server.", |live| {
        count(live, |counts| counts.commits)
    }),
    fact("aborts", EACH, "For each shop: transactions that a server aborted.", |live| count(live, |counts| counts.aborts)),
    fact("aborts_changed", EACH, "For each shop: of these, because another transaction had changed the row first.", |live| {
        count(live, |counts| counts.changed)
    }),
    fact("aborts_no_order", EACH, "For each shop: of these, because they might have been in no serial order.", |live| {
        count(live, |counts| counts.no_order)
    }),
    fact("deadlocks", EACH, "For each shop: of these, because each waited for the other.", |live| count(live, |counts| counts.deadlocks)),
    fact("waits", EACH, "For each shop: statements that had to wait for a lock.", |live| count(live, |counts| counts.waits)),
    fact("half_done", EACH, "For each shop: the most asks so far that were done in part, with nobody to go on.", |live| {
        count(live, |counts| counts.half)
    }),
    fact("twice", EACH, "For each shop: asks that took effect more than once.", |live| count(live, |counts| counts.twice)),
    fact("lost", EACH, "For each shop: acknowledged asks whose effect was lost.", |live| count(live, |counts| counts.lost)),
    fact("dirty_reads", EACH, "For each shop: reads of a version that was not committed.", |live| count(live, |counts| counts.dirty)),
];

/// What is under way.
static NOW: &[Fact<Stores>] = &[
    fact("open_transactions", EACH, "For each shop: transactions that have not ended, by server.", |live| {
        at_servers(live, |server| server.rows.open().count())
    }),
    fact("waiting", EACH, "For each shop: statements that wait for a lock now.", |live| {
        at_servers(live, |server| server.rows.waiting().count())
    }),
    fact("locked", EACH, "For each shop: rows that are locked against changes now.", |live| {
        at_servers(live, |server| server.rows.locked().count())
    }),
    fact(
        "in_doubt",
        EACH,
        "For each shop: transactions that a server has promised to commit, and of which it does not know the end.",
        |live| at_servers(live, |server| server.sessions.values().filter(|session| matches!(session, Session::Promised(_))).count()),
    ),
    int("open", "Asks of clients that have not ended.", |live| FactValue::int(live.meter().open())),
    facts::nodes_up(),
];

/// What no order of the asks explains.
static WRONG: &[Fact<Stores>] = &[
    fact(
        "anomalies",
        EACH,
        "For each shop: how many kinds of anomalies there have been among asks that came close to one another.",
        |live| each(live, |live, shop| found(live, shop).len() as f64),
    ),
    fact("dirty_writes", EACH, "For each shop: 1 where two asks overwrote each other's writes, else 0.", |live| {
        has(live, Phenomenon::DirtyWrite)
    }),
    fact("lost_updates", EACH, "For each shop: 1 where an ask overwrote a change that it had not seen, else 0.", |live| {
        has(live, Phenomenon::LostUpdate)
    }),
    fact("read_skews", EACH, "For each shop: 1 where an ask saw a part of what another did and not the rest, else 0.", |live| {
        has(live, Phenomenon::ReadSkew)
    }),
    fact("write_skews", EACH, "For each shop: 1 where each of several asks changed what another had read, else 0.", |live| {
        each(live, |live, shop| {
            let skews = [Phenomenon::WriteSkew, Phenomenon::Phantom];
            let found = found(live, shop);
            f64::from(u8::from(skews.iter().any(|skew| found.contains(skew))))
        })
    }),
];

/// The design in words.
static DESIGN: &[Fact<Stores>] = &[
    fact("isolation", FactKind::Text, "The setting of this name.", |live| setting(live, "isolation")),
    fact("layout", FactKind::Text, "The setting `documents`: embedded or referenced.", |live| setting(live, "documents")),
    fact("update", FactKind::Text, "The setting of this name.", |live| setting(live, "update")),
    fact("commit", FactKind::Text, "The setting of this name.", |live| setting(live, "commit")),
    int("shards", "The setting of this name.", |live| FactValue::int(live.sim().settings().shards as usize)),
];

pub(super) fn half(live: &One, shop: Shop) -> &Half {
    live.watched().half(shop)
}

/// The kinds of anomalies so far.
fn found(live: &One, shop: Shop) -> OrdSet<Phenomenon> {
    half(live, shop).anomalies()
}

fn has(live: &One, what: Phenomenon) -> FactValue {
    each(live, |live, shop| f64::from(u8::from(found(live, shop).contains(&what))))
}

fn each(live: &One, of: impl Fn(&One, Shop) -> f64) -> FactValue {
    FactValue::Named(Shop::ALL.iter().map(|shop| (shop.name().to_string(), of(live, *shop))).collect())
}

fn count(live: &One, of: impl Fn(&Counts) -> usize) -> FactValue {
    each(live, |live, shop| of(&half(live, shop).counts) as f64)
}

fn last(live: &One, of: impl Fn(&Unit) -> usize) -> FactValue {
    last_of(live, |unit| of(unit) as f64)
}

fn last_of(live: &One, of: impl Fn(&Unit) -> f64) -> FactValue {
    each(live, |live, shop| {
        let half = half(live, shop);
        half.newest.and_then(|newest| half.units.get(&newest)).map_or(0.0, |unit| of(unit))
    })
}

fn at_servers(live: &One, of: impl Fn(&Server) -> usize) -> FactValue {
    each(live, |live, shop| {
        let running = state::servers(live.sim(), shop).filter_map(|id| state::process(live.sim(), id));
        running.map(&of).sum::<usize>() as f64
    })
}

fn setting(live: &One, name: &str) -> FactValue {
    FactValue::Text(live.sim().settings().get(name))
}

/// The documentation of every fact.
pub(super) static FACTS: [FactDoc; facts::count(TABLES)] = facts::docs(TABLES);
