//! The statements of the application, and how each reads in either shop.

use crate::algo::mvcc::Reach;
use crate::check::operation::Key;

use super::shop::{Part, Record, RowId, Shop, Table};

/// What a statement looks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Select {
    /// These rows.
    Rows(Vec<RowId>),
    /// An order with its customer, lines and items, joined.
    Page(Key),
    /// How often an item was sold.
    Sold(Key),
    /// The orders that hold a copy of an item's title.
    Copies(Key),
    /// The sum of all balances.
    Sum,
    /// The clerks.
    Staff,
}

/// A statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Statement {
    /// Reads.
    Select(Select),
    /// Adds to a number, where the result is not below nothing if it is guarded.
    Add { id: RowId, part: Option<Key>, by: i64, guarded: bool },
    /// Takes from one part of a document and gives to another.
    Move { id: RowId, from: Key, to: Key, amount: i64 },
    /// Sets a number.
    Set { id: RowId, part: Option<Key>, number: i64 },
    /// Inserts an order under the next number. In tables its lines are other statements.
    Order { customer: Key, parts: Vec<Part> },
    /// Inserts a line, with the price that the item has.
    Line { order: Key, item: Key },
    /// Inserts a key, unless it is there.
    Once { key: Key },
    /// Changes the title of an item, or the copy of it in an order.
    Rename { id: RowId, item: Key, title: Key },
    /// Brings items to the new schema; `checked`: only those of the old one.
    Convert { items: Reach<RowId>, checked: bool },
}

/// What a statement came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// The rows that it read.
    pub rows: Vec<(RowId, Record)>,
    /// How many rows it changed.
    pub changed: u32,
    /// How many it looked at.
    pub looked: u32,
    /// The name of an order that it made.
    pub made: Option<Key>,
}

impl Statement {
    /// Whether it can change anything.
    pub fn changes(&self) -> bool {
        !matches!(self, Statement::Select(_))
    }

    /// As the programmer of a shop writes it.
    pub fn text(&self, shop: Shop) -> String {
        match shop {
            Shop::Tables => self.sql(),
            Shop::Documents => self.query(),
        }
    }

    fn sql(&self) -> String {
        match self {
            Statement::Select(select) => select.sql(),
            Statement::Add { id, by, guarded, .. } => {
                let (column, name) = (column(id.table), &id.owner);
                let (sign, size) = (if *by < 0 { '-' } else { '+' }, by.abs());
                let guard = if *guarded { format!(" AND {column} >= {size}") } else { String::new() };
                format!("UPDATE {} SET {column} = {column} {sign} {size} WHERE id = '{name}'{guard}", id.table.name())
            }
            Statement::Set { id, number, .. } => {
                format!("UPDATE {} SET {} = {number} WHERE id = '{}'", id.table.name(), column(id.table), id.owner)
            }
            Statement::Order { customer, .. } => format!("INSERT INTO orders (customer) VALUES ('{customer}') RETURNING id"),
            Statement::Line { order, item } => format!("INSERT INTO lines SELECT '{order}', id, price FROM items WHERE id = '{item}'"),
            Statement::Once { key } => format!("INSERT INTO requests VALUES ('{key}') ON CONFLICT DO NOTHING"),
            Statement::Rename { item, title, .. } => format!("UPDATE items SET title = '{title}' WHERE id = '{item}'"),
            Statement::Convert { checked, .. } => {
                let rule = if *checked { " WHERE shape = 1" } else { "" };
                format!("UPDATE items SET price = price * 100, shape = 2{rule}")
            }
            // Rows hold one number each.
            Statement::Move { .. } => self.query(),
        }
    }

    fn query(&self) -> String {
        match self {
            Statement::Select(select) => select.query(),
            Statement::Add { id, part, by, guarded } => {
                let (field, least) = (field(id.table, part.as_ref()), by.abs());
                let guard = if *guarded { format!(", {field}: {{$gte: {least}}}") } else { String::new() };
                format!("{}.updateOne({{_id: '{}'{guard}}}, {{$inc: {{{field}: {by}}}}})", id.table.name(), id.owner)
            }
            Statement::Move { id, from, to, amount } => {
                let guard = format!("{from}: {{$gte: {amount}}}");
                format!("accounts.updateOne({{_id: '{}', {guard}}}, {{$inc: {{{from}: -{amount}, {to}: {amount}}}}})", id.owner)
            }
            Statement::Set { id, part, number } => {
                let field = field(id.table, part.as_ref());
                format!("{}.updateOne({{_id: '{}'}}, {{$set: {{{field}: {number}}}}})", id.table.name(), id.owner)
            }
            Statement::Order { customer, parts } => {
                let lines: Vec<String> = parts.iter().map(in_document).collect();
                format!("orders.insertOne({{customer: '{customer}', lines: [{}]}})", lines.join(", "))
            }
            Statement::Line { order, item } => format!("orders.updateOne({{_id: '{order}'}}, {{$push: {{lines: '{item}'}}}})"),
            Statement::Once { key } => format!("requests.insertOne({{_id: '{key}'}})"),
            Statement::Rename { id, item, title } if id.table == Table::Items => {
                format!("items.updateOne({{_id: '{item}'}}, {{$set: {{title: '{title}'}}}})")
            }
            Statement::Rename { id, item, title } => {
                format!("orders.updateOne({{_id: '{}', 'lines.item': '{item}'}}, {{$set: {{'lines.$.title': '{title}'}}}})", id.owner)
            }
            Statement::Convert { items, checked } => {
                let rule = if *checked { ", shape: 1" } else { "" };
                format!("items.updateOne({{_id: '{}'{rule}}}, {{$mul: {{price: 100}}, $set: {{shape: 2}}}})", items.from.owner)
            }
        }
    }
}

/// What the number of a row is called.
fn column(table: Table) -> &'static str {
    match table {
        Table::Accounts => "balance",
        Table::Stock => "stock",
        Table::Staff => "on_duty",
        _ => "price",
    }
}

fn field(table: Table, part: Option<&Key>) -> String {
    part.map_or_else(|| column(table).to_string(), ToString::to_string)
}

fn in_document(part: &Part) -> String {
    let title = if part.text.is_empty() { String::new() } else { format!(", title: '{}'", part.text) };
    format!("{{item: '{}'{title}, price: {}}}", part.id, part.number)
}

impl Select {
    fn sql(&self) -> String {
        match self {
            Select::Rows(ids) => {
                let table = ids.first().map_or(Table::Items, |id| id.table);
                format!("SELECT * FROM {} WHERE id IN ({})", table.name(), names(ids))
            }
            Select::Page(order) => format!(
                "SELECT * FROM orders o JOIN customers c ON c.id = o.customer JOIN lines l ON l.order = o.id JOIN items i ON i.id = l.item WHERE o.id = '{order}'"
            ),
            Select::Sold(item) => format!("SELECT count(*) FROM lines WHERE item = '{item}'"),
            Select::Copies(item) => format!("SELECT id FROM orders WHERE item = '{item}'"),
            Select::Sum => "SELECT sum(balance) FROM accounts".to_string(),
            Select::Staff => "SELECT * FROM staff".to_string(),
        }
    }

    fn query(&self) -> String {
        match self {
            Select::Rows(ids) => {
                let table = ids.first().map_or(Table::Items, |id| id.table);
                format!("{}.find({{_id: {{$in: [{}]}}}})", table.name(), names(ids))
            }
            Select::Page(order) => format!("orders.find({{_id: '{order}'}})"),
            Select::Sold(item) => format!("orders.countDocuments({{'lines.item': '{item}'}})"),
            Select::Copies(item) => format!("orders.find({{'lines.item': '{item}'}}, {{_id: 1}})"),
            Select::Sum => "accounts.aggregate([{$group: {_id: null, sum: {$sum: '$balance'}}}])".to_string(),
            Select::Staff => "staff.find({})".to_string(),
        }
    }
}

fn names(ids: &[RowId]) -> String {
    ids.iter().map(|id| format!("'{}'", id.owner)).collect::<Vec<_>>().join(", ")
}
