//! What the application does for an ask: which statements, one after the other, and what it makes of their answers.
//!
//! A script is run from its start after every answer: statements that were answered give their answers, and the first that was not is
//! the one to run next.

use std::sync::Arc;

use crate::check::operation::Key;

use super::message::Op;
use super::settings::{Documents, Migration, Settings, Update};
use super::shop::{CLERKS, CUSTOMERS, ITEMS, Part, Record, RowId, Shop, Table, balance, customer, item, line, shard_of};
use super::statement::{Select, Statement, Told};

/// What comes next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// This statement, on this shard of the shop.
    Run(usize, Statement),
    /// Nothing more: the ask is carried out, and this is its answer.
    Finish(String),
    /// Nothing more: it cannot be carried out, and this is why.
    Refuse(String),
}

/// What a script hangs on, as it was when the ask came.
#[derive(Clone, Debug)]
pub struct Plan {
    /// What is asked.
    pub op: Op,
    /// Of which shop.
    pub shop: Shop,
    /// The settings.
    pub settings: Arc<Settings>,
    /// The key under which it is carried out once.
    pub key: Option<Key>,
}

/// The answers so far.
struct Tape<'a> {
    told: &'a [Told],
    at: usize,
}

impl<'a> Tape<'a> {
    /// The answer to a statement, or that it is the next to run.
    fn run(&mut self, shard: usize, statement: Statement) -> Result<&'a Told, Next> {
        let told = self.told.get(self.at).ok_or(Next::Run(shard, statement))?;
        self.at += 1;
        Ok(told)
    }
}

type End = Result<String, Next>;

/// The answer to an ask whose key is known.
pub(super) const DONE_BEFORE: &str = "done before";

impl Plan {
    /// What comes after these answers.
    pub fn next(&self, told: &[Told]) -> Next {
        match self.follow(&mut Tape { told, at: 0 }) {
            Ok(answer) => Next::Finish(answer),
            Err(next) => next,
        }
    }

    /// Whether this is the last statement, if it succeeds.
    pub fn is_last(&self, told: &[Told], statement: &Statement) -> bool {
        let done = Told { changed: 1, made: Some("-".into()), ..Told::default() };
        let all: Vec<Told> = told.iter().cloned().chain([done]).collect();
        statement.changes() && matches!(self.next(&all), Next::Finish(_))
    }

    fn follow(&self, tape: &mut Tape<'_>) -> End {
        self.check_names()?;
        if let Some(key) = &self.key {
            let home = self.home();
            let id = Statement::Once { key: format!("{}-{key}", home.owner).into() };
            if tape.run(self.shard(&home), id)?.changed == 0 {
                return Ok(DONE_BEFORE.to_string());
            }
        }
        match &self.op {
            Op::Transfer { amount, from, to } => self.transfer(i64::from(*amount), (from, to), tape),
            Op::Order { item, customer } => self.order(item, customer, tape),
            Op::Page { order } => self.page(order, tape),
            Op::Rename { item, title } => self.rename(item, title, tape),
            Op::Count { item } => self.count(item, tape),
            Op::Audit { slowly } => self.audit(*slowly, tape),
            Op::Leave { clerk } => self.leave(clerk, tape),
            Op::Migrate {} => self.migrate(tape),
        }
    }

    /// The row that an ask is most about: its key is stored beside it.
    fn home(&self) -> RowId {
        match &self.op {
            Op::Transfer { from, .. } => RowId::of(Table::Accounts, from),
            Op::Order { customer, .. } => RowId::of(Table::Accounts, customer),
            Op::Rename { item, .. } => RowId::of(Table::Items, item),
            _ => RowId::of(Table::Staff, CLERKS[0]),
        }
    }

    fn check_names(&self) -> Result<(), Next> {
        let unknown =
            |what: &str, name: &Key, all: &[&str]| Err(Next::Refuse(format!("there is no {what} {name}; there are {}", all.join(", "))));
        let is_customer = |name: &Key| {
            let all = &CUSTOMERS[..self.settings.customers as usize];
            if customer(name, &self.settings).is_some() { Ok(()) } else { unknown("customer", name, all) }
        };
        let is_item = |name: &Key| if item(name).is_some() { Ok(()) } else { unknown("item", name, &ITEMS.map(|(name, ..)| name)) };
        match &self.op {
            Op::Transfer { from, to, .. } if from == to => Err(Next::Refuse(format!("{from} cannot give to {to}"))),
            Op::Transfer { from, to, .. } => is_customer(from).and_then(|()| is_customer(to)),
            Op::Order { item, customer } => is_item(item).and_then(|()| is_customer(customer)),
            Op::Rename { item, .. } | Op::Count { item } => is_item(item),
            Op::Leave { clerk } if !CLERKS.contains(&&**clerk) => unknown("clerk", clerk, &CLERKS),
            _ => Ok(()),
        }
    }

    fn shard(&self, id: &RowId) -> usize {
        shard_of(id, &self.settings)
    }

    fn shards(&self) -> std::ops::Range<usize> {
        0..self.settings.shards as usize
    }

    fn reads_first(&self) -> bool {
        self.settings.update == Update::ReadFirst
    }

    fn transfer(&self, amount: i64, (from, to): (&Key, &Key), tape: &mut Tape<'_>) -> End {
        let ((giver, part), (taker, other)) = (balance(from, self.shop, &self.settings), balance(to, self.shop, &self.settings));
        let short = || Next::Refuse(format!("{from} has less than {amount}"));
        if self.reads_first() {
            return self.transfer_as_read(amount, [(giver, part), (taker, other)], tape, short);
        }
        if part.is_some() {
            let both = Statement::Move { id: giver.clone(), from: from.clone(), to: to.clone(), amount };
            let told = tape.run(self.shard(&giver), both)?;
            return if told.changed == 0 { Err(short()) } else { Ok("moved".to_string()) };
        }
        if tape.run(self.shard(&giver), Statement::Add { id: giver.clone(), part, by: -amount, guarded: true })?.changed == 0 {
            return Err(short());
        }
        tape.run(self.shard(&taker), Statement::Add { id: taker.clone(), part: other, by: amount, guarded: false })?;
        Ok("moved".to_string())
    }

    /// Reads both, works out what they become, and writes that.
    fn transfer_as_read(&self, amount: i64, both: [(RowId, Option<Key>); 2], tape: &mut Tape<'_>, short: impl Fn() -> Next) -> End {
        let [(giver, part), (taker, other)] = both;
        let has = self.number(&giver, part.as_ref(), tape)?;
        let had = self.number(&taker, other.as_ref(), tape)?;
        if has < amount {
            return Err(short());
        }
        tape.run(self.shard(&giver), Statement::Set { id: giver.clone(), part, number: has - amount })?;
        tape.run(self.shard(&taker), Statement::Set { id: taker.clone(), part: other, number: had + amount })?;
        Ok("moved".to_string())
    }

    fn number(&self, id: &RowId, part: Option<&Key>, tape: &mut Tape<'_>) -> Result<i64, Next> {
        let told = tape.run(self.shard(id), Statement::Select(Select::Rows(vec![id.clone()])))?;
        let found = told.rows.first().and_then(|(_, record)| record.number_of(part));
        found.ok_or_else(|| Next::Refuse(format!("there is no {id}")))
    }

    fn order(&self, item: &Key, customer: &Key, tape: &mut Tape<'_>) -> End {
        let parts = if self.shop == Shop::Documents { vec![self.part(item, tape)?] } else { Vec::new() };
        self.take_one(item, tape)?;
        let at = self.shard(&RowId::of(Table::Accounts, customer));
        let told = tape.run(at, Statement::Order { customer: customer.clone(), parts })?;
        let order = told.made.clone().unwrap_or_default();
        if self.shop == Shop::Tables {
            tape.run(at, Statement::Line { order: order.clone(), item: item.clone() })?;
        }
        Ok(format!("ordered {order}"))
    }

    fn take_one(&self, item: &Key, tape: &mut Tape<'_>) -> Result<(), Next> {
        let id = RowId::of(Table::Stock, item);
        let out = || Next::Refuse(format!("{item} is sold out"));
        let shard = self.shard(&id);
        if self.reads_first() {
            let left = self.number(&id, None, tape)?;
            if left < 1 {
                return Err(out());
            }
            tape.run(shard, Statement::Set { id, part: None, number: left - 1 })?;
            return Ok(());
        }
        let told = tape.run(shard, Statement::Add { id, part: None, by: -1, guarded: true })?;
        if told.changed == 0 { Err(out()) } else { Ok(()) }
    }

    /// The line of a new order: what it says of the item is read first.
    fn part(&self, item: &Key, tape: &mut Tape<'_>) -> Result<Part, Next> {
        let id = RowId::of(Table::Items, item);
        let told = tape.run(self.shard(&id), Statement::Select(Select::Rows(vec![id])))?;
        let (title, price) = self.read_item(told.rows.first().map(|(_, record)| record), item)?;
        Ok(line(item, &title, price, &self.settings))
    }

    /// The title and price, in whole coins, of an item whose schema the application can read.
    fn read_item(&self, record: Option<&Record>, item: &Key) -> Result<(Key, i64), Next> {
        let Some(record) = record else { return Err(Next::Refuse(format!("there is no item {item}"))) };
        if !self.settings.reads_shape(record.shape) {
            return Err(Next::Refuse(format!("{item} has shape {}, which the application cannot read", record.shape)));
        }
        Ok((record.text.clone(), if record.shape == 1 { record.number } else { record.number / 100 }))
    }

    fn page(&self, order: &Key, tape: &mut Tape<'_>) -> End {
        let id = RowId::of(Table::Orders, order);
        let told = tape.run(self.shard(&id), Statement::Select(Select::Page(order.clone())))?;
        let Some((_, head)) = told.rows.iter().find(|(id, _)| id.table == Table::Orders) else {
            return Err(Next::Refuse(format!("there is no order {order}")));
        };
        let lines: Vec<(Key, Key, i64)> = if self.shop == Shop::Tables {
            self.joined(told)?
        } else if self.settings.documents == Documents::Embedded {
            head.parts.iter().map(|part| (part.id.clone(), part.text.clone(), part.number)).collect()
        } else {
            self.looked_up(head, tape)?
        };
        let shown: Vec<String> = lines.iter().map(|(_, title, price)| format!("{title} {price}")).collect();
        Ok(format!("{}: {}", head.text, shown.join(", ")))
    }

    /// The lines of a join, each with the title of its item.
    fn joined(&self, told: &Told) -> Result<Vec<(Key, Key, i64)>, Next> {
        let item = |name: &Key| told.rows.iter().find(|(id, _)| id.table == Table::Items && id.owner == *name).map(|(_, record)| record);
        let lines = told.rows.iter().filter(|(id, _)| id.table == Table::Lines);
        let titled = |(_, line): &(RowId, Record)| Ok((line.text.clone(), self.read_item(item(&line.text), &line.text)?.0, line.number));
        lines.map(titled).collect()
    }

    /// The lines of a document that only refers to its customer and items: they are read one after the other.
    fn looked_up(&self, head: &Record, tape: &mut Tape<'_>) -> Result<Vec<(Key, Key, i64)>, Next> {
        let customer = RowId::of(Table::Customers, &head.text);
        tape.run(self.shard(&customer), Statement::Select(Select::Rows(vec![customer])))?;
        let mut wanted: Vec<RowId> = head.parts.iter().map(|part| RowId::of(Table::Items, &part.id)).collect();
        wanted.sort();
        wanted.dedup();
        let mut items = Vec::new();
        for shard in self.shards() {
            let here: Vec<RowId> = wanted.iter().filter(|id| self.shard(id) == shard).cloned().collect();
            if !here.is_empty() {
                items.extend(tape.run(shard, Statement::Select(Select::Rows(here)))?.rows.iter());
            }
        }
        let found = |name: &Key| items.iter().find(|(id, _)| id.owner == *name).map(|(_, record)| record);
        head.parts.iter().map(|part| Ok((part.id.clone(), self.read_item(found(&part.id), &part.id)?.0, part.number))).collect()
    }

    fn rename(&self, item: &Key, title: &Key, tape: &mut Tape<'_>) -> End {
        let id = RowId::of(Table::Items, item);
        let rename = |id: RowId| Statement::Rename { id, item: item.clone(), title: title.clone() };
        let mut places = 0;
        let homes = if self.shop == Shop::Tables { self.shards() } else { self.shard(&id)..self.shard(&id) + 1 };
        for shard in homes {
            places += tape.run(shard, rename(id.clone()))?.changed;
        }
        if self.shop == Shop::Documents && self.settings.documents == Documents::Embedded {
            for shard in self.shards() {
                let copies = &tape.run(shard, Statement::Select(Select::Copies(item.clone())))?.rows;
                for (order, _) in copies {
                    places += tape.run(shard, rename(order.clone()))?.changed;
                }
            }
        }
        let s = if places == 1 { "" } else { "s" };
        Ok(format!("renamed in {places} place{s}"))
    }

    fn count(&self, item: &Key, tape: &mut Tape<'_>) -> End {
        let mut sold = 0;
        for shard in self.shards() {
            let told = tape.run(shard, Statement::Select(Select::Sold(item.clone())))?;
            sold += told.rows.iter().map(|(_, record)| times(record, item)).sum::<usize>();
        }
        Ok(format!("{sold} sold"))
    }

    fn audit(&self, slowly: bool, tape: &mut Tape<'_>) -> End {
        let mut sum = 0;
        if slowly {
            for name in &CUSTOMERS[..self.settings.customers as usize] {
                let (id, part) = balance(&Key::from(*name), self.shop, &self.settings);
                sum += self.number(&id, part.as_ref(), tape)?;
            }
        } else {
            for shard in self.shards() {
                let told = tape.run(shard, Statement::Select(Select::Sum))?;
                sum += told.rows.iter().map(|(_, record)| worth(record)).sum::<i64>();
            }
        }
        Ok(format!("sum {sum}"))
    }

    fn leave(&self, clerk: &Key, tape: &mut Tape<'_>) -> End {
        let id = RowId::of(Table::Staff, clerk);
        let staff = &tape.run(self.shard(&id), Statement::Select(Select::Staff))?.rows;
        let on_duty = |id: &RowId| staff.iter().any(|(other, record)| other == id && record.number > 0);
        if !on_duty(&id) {
            return Err(Next::Refuse(format!("{clerk} is not on duty")));
        }
        if staff.iter().filter(|(_, record)| record.number > 0).count() < 2 {
            return Err(Next::Refuse("nobody else is on duty".to_string()));
        }
        tape.run(self.shard(&id), Statement::Set { id, part: None, number: 0 })?;
        Ok("left".to_string())
    }

    fn migrate(&self, tape: &mut Tape<'_>) -> End {
        let checked = self.settings.migration == Migration::Checked;
        let mut changed = 0;
        if self.shop == Shop::Tables {
            for shard in self.shards() {
                changed += tape.run(shard, Statement::Convert { items: Table::Items.all(), checked })?.changed;
            }
        } else {
            for (name, ..) in ITEMS {
                let id = RowId::of(Table::Items, name);
                changed += tape.run(self.shard(&id), Statement::Convert { items: crate::algo::mvcc::Reach::one(id), checked })?.changed;
            }
        }
        Ok(format!("{changed} changed"))
    }
}

/// How often a line, or the lines of a document, are of an item.
pub(super) fn times(record: &Record, item: &Key) -> usize {
    if record.parts.is_empty() {
        return usize::from(record.text == *item);
    }
    record.parts.iter().filter(|part| part.id == *item).count()
}

/// What a row or document of balances adds up to.
pub(super) fn worth(record: &Record) -> i64 {
    record.number + record.parts.iter().map(|part| part.number).sum::<i64>()
}
