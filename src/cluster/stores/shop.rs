//! The shop: what there is at the start, how rows and documents are named, and on which shard they stand.

use std::fmt::{self, Display, Formatter};
use std::sync::Arc;

use crate::algo::mvcc::Reach;
use crate::check::operation::Key;
use crate::packs;

use super::settings::{Balances, Documents, Settings};

/// The same shop twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Shop {
    /// Rows in tables.
    Tables,
    /// Documents.
    Documents,
}

packs!(enum Shop { 0 = Tables {}, 1 = Documents {} });

impl Shop {
    /// Both.
    pub const ALL: [Shop; 2] = [Shop::Tables, Shop::Documents];

    /// `tables`, `documents`.
    pub fn name(self) -> &'static str {
        match self {
            Shop::Tables => "tables",
            Shop::Documents => "documents",
        }
    }
}

/// A table, or a collection of documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Table {
    /// What each customer has to spend.
    Accounts,
    /// The customers.
    Customers,
    /// The orders.
    Orders,
    /// The lines of orders, where they are rows.
    Lines,
    /// What the shop sells: title and price.
    Items,
    /// How many of each it has.
    Stock,
    /// The clerks, and who is on duty.
    Staff,
    /// Asks that were carried out, by their keys.
    Requests,
}

impl Table {
    /// As it is called in statements.
    pub fn name(self) -> &'static str {
        match self {
            Table::Accounts => "accounts",
            Table::Customers => "customers",
            Table::Orders => "orders",
            Table::Lines => "lines",
            Table::Items => "items",
            Table::Stock => "stock",
            Table::Staff => "staff",
            Table::Requests => "requests",
        }
    }

    /// All of its rows.
    pub fn all(self) -> Reach<RowId> {
        Reach { from: RowId::of(self, ""), to: RowId { table: self, owner: "\u{10ffff}".into(), part: u32::MAX } }
    }
}

/// The name of a row or document.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RowId {
    /// Of which table or collection.
    pub table: Table,
    /// Whose it is: `anna`, `book`; of an order and its lines `anna-1`.
    pub owner: Key,
    /// Of a line: which, from 1. 0 otherwise.
    pub part: u32,
}

impl RowId {
    /// A row with a name of its own.
    pub fn of(table: Table, owner: &str) -> RowId {
        RowId { table, owner: owner.into(), part: 0 }
    }

    /// The lines of an order.
    pub fn lines_of(order: &Key) -> Reach<RowId> {
        let line = |part| RowId { table: Table::Lines, owner: order.clone(), part };
        Reach { from: line(1), to: line(u32::MAX) }
    }
}

impl Display for RowId {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.table.name(), self.owner)?;
        if self.part > 0 { write!(f, "/{}", self.part) } else { Ok(()) }
    }
}

/// A part of a document: a line of an order, or one of several balances.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Which item, or whose balance.
    pub id: Key,
    /// The copy of the item's title; empty where it is referenced.
    pub text: Key,
    /// The price in the order, or the balance.
    pub number: i64,
}

/// A row or document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// A title, the customer of an order, the item of a line.
    pub text: Key,
    /// A balance, a price, how many, or whether somebody is on duty.
    pub number: i64,
    /// Of an item: by which schema it was written. 1: prices in whole coins; 2: in cents.
    pub shape: u32,
    /// What it holds together, where it is a document.
    pub parts: Arc<[Part]>,
}

impl Record {
    /// A row without parts.
    pub fn row(text: &str, number: i64) -> Record {
        Record { text: text.into(), number, shape: 1, parts: Arc::from([]) }
    }

    /// Its number, or that of one of its parts.
    pub fn number_of(&self, part: Option<&Key>) -> Option<i64> {
        part.map_or(Some(self.number), |id| self.parts.iter().find(|part| part.id == *id).map(|part| part.number))
    }

    /// The same with another number, its own or that of one of its parts.
    pub fn with_number(&self, part: Option<&Key>, number: i64) -> Record {
        let Some(id) = part else { return Record { number, ..self.clone() } };
        let changed = |part: &Part| if part.id == *id { Part { number, ..part.clone() } } else { part.clone() };
        Record { parts: self.parts.iter().map(changed).collect(), ..self.clone() }
    }
}

/// What there is of each item: its name, title and price.
pub(super) const ITEMS: [(&str, &str, i64); 3] = [("book", "Dune", 12), ("pen", "Pen", 2), ("mug", "Mug", 8)];
/// The clerks.
pub(super) const CLERKS: [&str; 2] = ["tom", "uma"];
/// What the first customers have; all others have nothing.
const BALANCES: [i64; 2] = [100, 50];
/// The sum of all balances.
pub(super) const SUM: i64 = BALANCES[0] + BALANCES[1];
/// The document that holds all balances, where one does.
const TOGETHER: &str = "all";

/// The customers, in the order in which they stand on the shards.
pub(super) const CUSTOMERS: [&str; 26] = [
    "anna", "bob", "carl", "dora", "eve", "frank", "gina", "hugo", "iris", "jack", "kate", "luis", "mary", "nils", "olga", "paul", "quin",
    "rosa", "sara", "tim", "una", "vera", "will", "xena", "yann", "zoe",
];

/// The number of a customer, from 0.
pub(super) fn customer(name: &str, settings: &Settings) -> Option<usize> {
    CUSTOMERS.iter().take(settings.customers as usize).position(|known| *known == name)
}

/// The number of an item, from 0.
pub(super) fn item(name: &str) -> Option<usize> {
    ITEMS.iter().position(|(known, ..)| *known == name)
}

/// The shard, from 0, on which a row stands. What stands with a customer stands where the customer does; rows of items are on every
/// shard, documents of items on one.
pub(super) fn shard_of(id: &RowId, settings: &Settings) -> usize {
    let owner = id.owner.split('-').next().unwrap_or_default();
    let number = match id.table {
        Table::Items | Table::Stock => item(owner),
        Table::Staff => None,
        _ => CUSTOMERS.iter().position(|known| *known == owner),
    };
    number.unwrap_or(0) % settings.shards as usize
}

/// Where the balance of a customer stands, and in which part of that document.
pub(super) fn balance(name: &Key, shop: Shop, settings: &Settings) -> (RowId, Option<Key>) {
    let together = shop == Shop::Documents && settings.balances == Balances::Together;
    if together { (RowId::of(Table::Accounts, TOGETHER), Some(name.clone())) } else { (RowId::of(Table::Accounts, name), None) }
}

/// The lines of an order that was there at the start.
pub(super) fn old_lines(settings: &Settings) -> impl Iterator<Item = (&'static str, &'static str, i64)> + use<> {
    ITEMS.into_iter().cycle().take(settings.lines as usize)
}

/// The names of the orders that were there at the start, each with its customer.
pub(super) fn old_orders(settings: &Settings) -> impl Iterator<Item = (Key, &'static str)> + use<> {
    let customers = settings.customers as usize;
    (0..settings.orders as usize).map(move |n| (format!("{}-{}", CUSTOMERS[n % customers], n + 1).into(), CUSTOMERS[n % customers]))
}

/// Everything that a shard holds at the start.
pub(super) fn start(shop: Shop, shard: usize, settings: &Settings) -> Vec<(RowId, Record)> {
    let all = everything(shop, settings);
    let is_everywhere = |id: &RowId| shop == Shop::Tables && id.table == Table::Items;
    all.into_iter().filter(|(id, _)| is_everywhere(id) || shard_of(id, settings) == shard).collect()
}

fn everything(shop: Shop, settings: &Settings) -> Vec<(RowId, Record)> {
    let mut all = Vec::new();
    for (number, name) in CUSTOMERS.iter().take(settings.customers as usize).enumerate() {
        all.push((RowId::of(Table::Customers, name), Record::row(name, 0)));
        let balance = BALANCES.get(number).copied().unwrap_or(0);
        all.push((RowId::of(Table::Accounts, name), Record::row("", balance)));
    }
    if shop == Shop::Documents && settings.balances == Balances::Together {
        put_together(&mut all);
    }
    for (name, title, price) in ITEMS {
        all.push((RowId::of(Table::Items, name), Record::row(title, price)));
        all.push((RowId::of(Table::Stock, name), Record::row("", settings.stock.into())));
    }
    all.extend(CLERKS.map(|name| (RowId::of(Table::Staff, name), Record::row("", 1))));
    all.extend(old_orders(settings).flat_map(|(order, customer)| order_rows(&order, customer, shop, settings)));
    all
}

fn put_together(all: &mut Vec<(RowId, Record)>) {
    let is_account = |(id, _): &mut (RowId, Record)| id.table == Table::Accounts;
    let accounts: Vec<(RowId, Record)> = all.extract_if(.., is_account).collect();
    let part = |(id, record): &(RowId, Record)| Part { id: id.owner.clone(), text: "".into(), number: record.number };
    let parts = accounts.iter().map(part).collect();
    all.push((RowId::of(Table::Accounts, TOGETHER), Record { parts, ..Record::row("", 0) }));
}

fn order_rows(order: &Key, customer: &str, shop: Shop, settings: &Settings) -> Vec<(RowId, Record)> {
    let id = RowId::of(Table::Orders, order);
    if shop == Shop::Documents {
        let parts = old_lines(settings).map(|(item, title, price)| line(item, title, price, settings)).collect();
        return vec![(id, Record { parts, ..Record::row(customer, 0) })];
    }
    let line = |(part, (item, _, price)): (u32, (&str, &str, i64))| {
        (RowId { table: Table::Lines, owner: order.clone(), part }, Record::row(item, price))
    };
    let lines = (1..).zip(old_lines(settings)).map(line);
    std::iter::once((id, Record::row(customer, 0))).chain(lines).collect()
}

/// A line within a document, with the title where documents embed what they show.
pub(super) fn line(item: &str, title: &str, price: i64, settings: &Settings) -> Part {
    let text = if settings.documents == Documents::Embedded { title } else { "" };
    Part { id: item.into(), text: text.into(), number: price }
}
