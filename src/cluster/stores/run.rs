//! A statement at a server: which rows it reads and changes.

use crate::algo::mvcc::{Engine, Reach, Seen, Step, Version};
use crate::check::isolation::Read;
use crate::check::operation::Key;

use super::message::Tx;
use super::script::times;
use super::shop::{Part, Record, RowId, Table};
use super::statement::{Select, Statement, Told};

/// The rows of a server.
pub(super) type Rows = Engine<RowId, Record, Tx>;

/// What a statement did.
#[derive(Clone, Debug, Default)]
pub(super) struct Ran {
    /// What its client is told.
    pub told: Told,
    /// What it read, and of which versions.
    pub reads: Vec<Read<RowId, Tx>>,
    /// What it looked at to change it.
    pub locked: Vec<Read<RowId, Tx>>,
    /// What it wrote.
    pub wrote: Vec<(RowId, Version<Tx>, Option<Record>)>,
}

/// Runs statements of one transaction.
struct Runner<'a> {
    rows: &'a mut Rows,
    tx: Tx,
    ran: Ran,
}

/// What stops a statement: it waits, or its transaction is aborted.
enum Stop {
    Waits(Vec<Tx>),
    Aborted(crate::algo::mvcc::Why),
}

type Going<X> = Result<X, Stop>;

/// Runs a statement. `next_order`: the number that a new order gets.
pub(super) fn run(rows: &mut Rows, tx: Tx, statement: &Statement, index: bool, next_order: u32) -> Step<Ran, Tx> {
    let mut runner = Runner { rows, tx, ran: Ran::default() };
    match runner.run(statement, index, next_order) {
        Ok(()) => Step::Done(runner.ran),
        Err(Stop::Waits(holders)) => Step::Waits(holders),
        Err(Stop::Aborted(why)) => Step::Aborted(why),
    }
}

fn going<X>(step: Step<X, Tx>) -> Going<X> {
    match step {
        Step::Done(x) => Ok(x),
        Step::Waits(holders) => Err(Stop::Waits(holders)),
        Step::Aborted(why) => Err(Stop::Aborted(why)),
    }
}

impl Runner<'_> {
    fn run(&mut self, statement: &Statement, index: bool, next_order: u32) -> Going<()> {
        match statement {
            Statement::Select(select) => self.select(select, index),
            Statement::Add { id, part, by, guarded } => self.change(id, |record| {
                let number = record.number_of(part.as_ref())? + by;
                (!guarded || number >= 0).then(|| record.with_number(part.as_ref(), number))
            }),
            Statement::Move { id, from, to, amount } => self.change(id, |record| {
                let (has, had) = (record.number_of(Some(from))?, record.number_of(Some(to))?);
                (has >= *amount).then(|| record.with_number(Some(from), has - amount).with_number(Some(to), had + amount))
            }),
            Statement::Set { id, part, number } => self.change(id, |record| Some(record.with_number(part.as_ref(), *number))),
            Statement::Rename { id, item, title } => self.change(id, |record| Some(renamed(id, record, item, title))),
            Statement::Order { customer, parts } => self.order(customer, parts, next_order),
            Statement::Line { order, item } => self.line(order, item),
            Statement::Once { key } => {
                let id = RowId::of(Table::Requests, key);
                if self.lock(&id)?.value.is_none() {
                    self.put(id, Record::row("", 0));
                }
                Ok(())
            }
            Statement::Convert { items, checked } => self.convert(items, *checked),
        }
    }

    fn read(&mut self, reach: &Reach<RowId>) -> Going<Vec<(RowId, Record)>> {
        let seen = going(self.rows.read(self.tx, reach))?;
        self.ran.reads.push(read_of(reach.clone(), &seen));
        Ok(seen.into_iter().filter_map(|(id, seen)| Some((id, seen.value?))).collect())
    }

    fn lock(&mut self, id: &RowId) -> Going<Seen<Record, Tx>> {
        let seen = going(self.rows.lock(self.tx, id))?;
        self.ran.locked.push(read_of(Reach::one(id.clone()), &[(id.clone(), seen.clone())]));
        self.ran.told.looked += u32::from(seen.value.is_some());
        Ok(seen)
    }

    fn put(&mut self, id: RowId, record: Record) {
        if let Some(version) = self.rows.put(self.tx, id.clone(), Some(record.clone())) {
            self.ran.told.changed += 1;
            self.ran.wrote.push((id, version, Some(record)));
        }
    }

    /// Changes a row, if it is there and the rule of the statement holds.
    fn change(&mut self, id: &RowId, to: impl FnOnce(&Record) -> Option<Record>) -> Going<()> {
        if let Some(record) = self.lock(id)?.value.as_ref().and_then(to) {
            self.put(id.clone(), record);
        }
        Ok(())
    }

    fn select(&mut self, select: &Select, index: bool) -> Going<()> {
        let (rows, looked) = match select {
            Select::Rows(ids) => {
                let mut rows = Vec::new();
                for id in ids {
                    rows.extend(self.read(&Reach::one(id.clone()))?);
                }
                all(rows)
            }
            Select::Page(order) => all(self.page(order)?),
            Select::Sold(item) => {
                // Orders hold their lines where lines are no rows.
                let lines = self.read(&Table::Lines.all())?;
                let rows = if lines.is_empty() { self.read(&Table::Orders.all())? } else { lines };
                found(rows, item, index)
            }
            Select::Copies(item) => found(self.read(&Table::Orders.all())?, item, index),
            Select::Sum => all(self.read(&Table::Accounts.all())?),
            Select::Staff => all(self.read(&Table::Staff.all())?),
        };
        self.ran.told.rows = rows;
        self.ran.told.looked = looked;
        Ok(())
    }

    /// An order, its customer, its lines, and the item of each line: a nested loop join. A document has its lines within.
    fn page(&mut self, order: &Key) -> Going<Vec<(RowId, Record)>> {
        let mut rows = self.read(&Reach::one(RowId::of(Table::Orders, order)))?;
        let Some((_, head)) = rows.first().cloned().filter(|(_, head)| head.parts.is_empty()) else { return Ok(rows) };
        rows.extend(self.read(&Reach::one(RowId::of(Table::Customers, &head.text)))?);
        let lines = self.read(&RowId::lines_of(order))?;
        for (_, line) in &lines {
            rows.extend(self.read(&Reach::one(RowId::of(Table::Items, &line.text)))?);
        }
        rows.extend(lines);
        Ok(rows)
    }

    fn order(&mut self, customer: &Key, parts: &[Part], number: u32) -> Going<()> {
        let name: Key = format!("{customer}-{number}").into();
        let id = RowId::of(Table::Orders, &name);
        self.lock(&id)?;
        self.put(id, Record { parts: parts.into(), ..Record::row(customer, 0) });
        self.ran.told.made = Some(name);
        Ok(())
    }

    fn line(&mut self, order: &Key, item: &Key) -> Going<()> {
        let items = self.read(&Reach::one(RowId::of(Table::Items, item)))?;
        let price = items.first().map_or(0, |(_, record)| if record.shape == 1 { record.number } else { record.number / 100 });
        let id = RowId { table: Table::Lines, owner: order.clone(), part: 1 };
        self.lock(&id)?;
        self.ran.told.looked += items.len() as u32;
        self.put(id, Record::row(item, price));
        Ok(())
    }

    fn convert(&mut self, items: &Reach<RowId>, checked: bool) -> Going<()> {
        let rows = self.read(items)?;
        for (id, _) in &rows {
            self.lock(id)?;
        }
        for (id, _) in rows {
            self.change(&id, |record| {
                let is_old = record.shape == 1 || !checked;
                is_old.then(|| Record { shape: 2, number: record.number * 100, ..record.clone() })
            })?;
        }
        Ok(())
    }
}

fn read_of(reach: Reach<RowId>, seen: &[(RowId, Seen<Record, Tx>)]) -> Read<RowId, Tx> {
    Read { reach, seen: seen.iter().filter_map(|(id, seen)| Some((id.clone(), seen.version?))).collect() }
}

fn renamed(id: &RowId, record: &Record, item: &Key, title: &Key) -> Record {
    if id.table == Table::Items {
        return Record { text: title.clone(), ..record.clone() };
    }
    let changed = |part: &Part| if part.id == *item { Part { text: title.clone(), ..part.clone() } } else { part.clone() };
    Record { parts: record.parts.iter().map(changed).collect(), ..record.clone() }
}

type Rowset = (Vec<(RowId, Record)>, u32);

/// All of these were looked at.
fn all(rows: Vec<(RowId, Record)>) -> Rowset {
    let looked = rows.len() as u32;
    (rows, looked)
}

/// Those that are about an item. Without an index all were looked at.
fn found(rows: Vec<(RowId, Record)>, item: &Key, index: bool) -> Rowset {
    let looked = rows.len() as u32;
    let matching: Vec<(RowId, Record)> = rows.into_iter().filter(|(_, record)| times(record, item) > 0).collect();
    let looked = if index { matching.len() as u32 } else { looked };
    (matching, looked)
}
